"""X, formerly Twitter: its addresses, its ids, and the two public answers about a post.

Asked without an account, in this order: the syndication answer that the embed widget reads, and publish.x.com's oEmbed
(https://developer.x.com/en/docs/x-for-websites/oembed-api). What is gone is told by the shape of those answers; see `read`.
"""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from archiver import addresses
from archiver.model import (
    Availability,
    Exchange,
    Failure,
    Marks,
    Platform,
    Post,
    PostRef,
    Purpose,
    Reading,
    ShortLink,
    Wanted,
)

NAME = "twitter"
_ONION = "twitter3e4tixl4xyajtrzo62zg5vztmjuricljdp2c5kshju4avyoid.onion"
HOSTS = frozenset({"twitter.com", "x.com", _ONION})
# Hosts that show the same paths: readers without an account, and those that only add a preview.
_MIRRORS = frozenset({"xcancel.com", "fxtwitter.com", "fixupx.com", "vxtwitter.com", "fixvx.com", "twittpr.com"})
_SUBDOMAIN = re.compile("www|m|mobile|[a-z]{2}")  # two letters: a language, as in links of 2012
_PATH = re.compile(
    r"^/(?:#!/)?(?:(?:i/(?:web/)?|@?(?P<handle>[A-Za-z0-9_]{1,15})/)?status(?:es)?|i/videos(?:/tweet)?|i/cards/tfw/v1)/"
    r"(?P<id>[0-9]{1,20})(?![0-9])"
)
_ID = re.compile(r"[1-9][0-9]{1,19}")
_FRAMED_ID = re.compile(r"(?:^|[?&#])(?:id|tweet_?id)=([0-9]{1,20})(?![0-9A-Za-z])", re.IGNORECASE)
_FRAME = re.compile(r"^/(?:embed/|widgets/tweet(?!_button|-button|_mention|_hashtag))", re.IGNORECASE)
_MEDIA_PATH = re.compile(r"/(?:photo|video)/[0-9]{1,2}/?$")
_SHORT_CODE = re.compile(r"^/([A-Za-z0-9]{4,20})/?$")
_WAYBACK = re.compile(r"^/web/[0-9]{4,14}(?:[a-z]{2}_)?/(https?):/{1,2}(.+)$")

_SNOWFLAKE_EPOCH_MS = 1288834974657
_FIRST_SNOWFLAKE = 29700859247  # ids before it were handed out one after another and hold no time


# Addresses ------------------------------------------------------------------------------------------------------------


def permalink(url: str) -> PostRef | None:
    """The post an address points to, in any of the shapes in use since 2006; None for every other address."""
    if not _may_be_ours(url.lower()):
        return None
    parts = _split(url)
    if parts is None:
        return None
    host, path, query, fragment = parts
    if host == "web.archive.org":
        inner = _WAYBACK.match(path)
        return permalink(f"{inner[1]}://{inner[2]}") if inner else None
    if _shows_by_id(host, path):
        framed = _FRAMED_ID.search(query) or _FRAMED_ID.search(fragment)
        return PostRef(NAME, framed[1]) if framed else None
    if host == "farside.link":  # it leads to some instance of Nitter
        host, path = "nitter.", path.removeprefix("/nitter")
    if host not in HOSTS and not _is_mirror(host):
        return None
    found = _PATH.match(path) or (_PATH.match("/" + fragment.lstrip("!/")) if fragment.startswith("!") else None)
    return PostRef(NAME, found["id"], found["handle"]) if found else None


def _may_be_ours(text: str) -> bool:
    """False where no host of ours stands in it: most addresses of a page end here, and this is cheap."""
    return (
        "twit" in text
        or "x.com" in text
        or "nitter." in text
        or "fixvx.com" in text
        or "xcancel.com" in text
        or "twimg.com" in text
        or "web.archive.org" in text
        or "farside.link" in text
    )


def _shows_by_id(host: str, path: str) -> bool:
    """True for the frames of embeds and the answer behind them, which name the post in a parameter."""
    if host in {"platform.twitter.com", "platform.x.com"}:
        return _FRAME.match(path) is not None
    return host in {"cdn.syndication.twimg.com", "syndication.twitter.com"} and path in {"/tweet-result", "/tweet"}


def _is_mirror(host: str) -> bool:
    return host.startswith("nitter.") or host in _MIRRORS or host.partition(".")[2] in _MIRRORS


def canonical_url(ref: PostRef) -> str:
    """The address that holds whatever the author's handle is today: handles change, ids do not."""
    return f"https://x.com/i/status/{ref.post_id}"


def short_link(url: str) -> ShortLink | None:
    """`pic.twitter.com/X`, `pic.x.com/X` and `t.co/X` as the t.co address to resolve; None for any other address."""
    parts = _split(url)
    if parts is None:
        return None
    host, path, _, _ = parts
    code = _SHORT_CODE.match(path)
    if code is None or host not in {"t.co", "pic.twitter.com", "pic.x.com"}:
        return None
    return ShortLink(f"https://t.co/{code[1]}", media=host != "t.co")


def names_media(url: str) -> bool:
    """True for an address of a photo or video inside a post: it names the post that owns the media."""
    parts = _split(url)
    return parts is not None and _MEDIA_PATH.search(parts[1]) is not None


def _split(url: str) -> tuple[str, str, str, str] | None:
    parts = addresses.split(url)
    if parts is None:
        return None
    label, _, host = parts[0].partition(".")
    return (host, *parts[1:]) if host in HOSTS and _SUBDOMAIN.fullmatch(label) else parts


def from_id(text: str, _: Mapping[str, str]) -> PostRef | None:
    """The post of a bare id, as attributes and short-codes hold it."""
    return PostRef(NAME, text) if _ID.fullmatch(text) else None


# Ids ------------------------------------------------------------------------------------------------------------------


def snowflake_time(snowflake: int) -> datetime | None:
    """When an id was made, UTC to the millisecond; None for ids from before ids held a time (November 2010)."""
    if snowflake < _FIRST_SNOWFLAKE:
        return None
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    try:
        return epoch + timedelta(milliseconds=(snowflake >> 22) + _SNOWFLAKE_EPOCH_MS)
    except OverflowError:
        return None


def posted(ref: PostRef) -> datetime | None:
    """When the post was made, read from its id alone."""
    return snowflake_time(int(ref.post_id))


def syndication_token(post_id: str) -> str:
    """The token that the embed widget sends: the id's digits as a JavaScript engine writes (id / 1e15 * pi) in base 36,
    without its zeros and its point."""
    return re.sub(r"0+|\.", "", _in_base_36(float(int(post_id)) / 1e15 * math.pi))


def _in_base_36(value: float) -> str:
    """`Number.prototype.toString(36)`: just enough digits to tell the number from its neighbours, the last one rounded."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    whole, fraction = int(value), value - int(value)
    gap = max((math.nextafter(value, math.inf) - value) / 2, math.nextafter(0.0, 1.0))
    places: list[int] = []
    while fraction >= gap:
        fraction *= 36
        gap *= 36
        places.append(int(fraction))
        fraction -= places[-1]
        if (fraction > 0.5 or (fraction == 0.5 and places[-1] % 2)) and fraction + gap > 1:
            while places and places[-1] == 35:
                places.pop()
            if places:
                places[-1] += 1
            else:
                whole += 1
            break
    head = ""
    while True:
        whole, digit = divmod(whole, 36)
        head = digits[digit] + head
        if not whole:
            break
    return head + ("." + "".join(digits[place] for place in places) if places else "")


# Asking ---------------------------------------------------------------------------------------------------------------


def plan(ref: PostRef) -> Mapping[Purpose, str]:
    """What to ask for, first things first."""
    token = syndication_token(ref.post_id)
    oembed_of = f"https://twitter.com/i/status/{ref.post_id}"
    return {
        Purpose.SYNDICATION: f"https://cdn.syndication.twimg.com/tweet-result?id={ref.post_id}&token={token}",
        Purpose.OEMBED: "https://publish.x.com/oembed?"
        + urlencode({"url": oembed_of, "omit_script": "1", "dnt": "1"}, quote_via=quote, safe=""),
    }


# Reading --------------------------------------------------------------------------------------------------------------

# What a tombstone's sentence means. A sentence not in the list means no more than that the post is not shown.
_TOMBSTONES = (
    ("deleted by the post author", Availability.DELETED_BY_AUTHOR),
    ("deleted by the tweet author", Availability.DELETED_BY_AUTHOR),
    ("violated the", Availability.REMOVED_BY_PLATFORM),
    ("suspended account", Availability.ACCOUNT_SUSPENDED),
    ("no longer exists", Availability.ACCOUNT_DEACTIVATED),
    ("limits who can view", Availability.PROTECTED),
    ("withheld", Availability.WITHHELD),
    ("age-restricted", Availability.AGE_GATED),
)


def read(ref: PostRef, answers: Mapping[Purpose, Exchange]) -> Reading:
    """What the answers say together. A 404 or a tombstone is an answer; "deleted" is never said on one answer alone."""
    syndication = _read_syndication(ref, answers.get(Purpose.SYNDICATION))
    if syndication.post is not None:
        return syndication
    oembed = answers.get(Purpose.OEMBED)
    words = _read_oembed(ref, oembed)
    if words is not None:
        rule = f"{syndication.rule}; but oEmbed still shows its words"
        missing = ("media: oEmbed does not name them",)
        post = Post(words.ref, words.url, words.text, words.author, words.handle, posted=words.posted, missing=missing)
        return Reading(Availability.LIVE_PARTIAL, rule, post, Purpose.OEMBED)
    if oembed is None or oembed.status not in (403, 404):
        return _without_second(syndication, "no second answer says the same")
    rule = f"{syndication.rule}; oEmbed answered {oembed.status}"
    if oembed.status == 403:  # there is something that it may not show
        return _without_second(syndication, "oEmbed answered 403")
    if syndication.rule == _EMPTY:
        return Reading(Availability.UNKNOWN_GONE, rule)
    return Reading(syndication.availability, rule, failures=syndication.failures)


def _without_second(first: Reading, why: str) -> Reading:
    """What one answer alone may say: gone perhaps, deleted never."""
    if first.availability is Availability.DELETED_BY_AUTHOR:
        return Reading(Availability.UNKNOWN_GONE, f"{first.rule}; {why}")
    return first


_EMPTY = "the syndication answer was an empty object, as for a refused token or an age gate"


def _read_syndication(ref: PostRef, exchange: Exchange | None) -> Reading:
    if exchange is None:
        return Reading(Availability.NOT_CHECKED, "the syndication endpoint gave no answer")
    if exchange.status == 404:
        return Reading(Availability.UNKNOWN_GONE, "the syndication endpoint answered 404")
    if exchange.status == 429:
        return _trouble(Availability.RATE_LIMITED, "rate-limited", "the syndication endpoint answered 429")
    if exchange.status != 200:
        rule = f"the syndication endpoint answered {exchange.status}"
        return _trouble(Availability.ENDPOINT_ERROR, f"http-{exchange.status}", rule)
    tweet = _json(exchange)
    if tweet is None:
        return _trouble(Availability.ENDPOINT_ERROR, "not-json", "the syndication answer is no JSON object")
    if not tweet:
        return _trouble(Availability.ENDPOINT_ERROR, "empty-answer", _EMPTY)
    kind = tweet.get("__typename")
    if kind in ("TweetTombstone", "TweetUnavailable"):
        return _read_tombstone(tweet)
    if tweet.get("id_str") != ref.post_id:
        rule = f"the syndication answer is about post {tweet.get('id_str')}, not {ref.post_id}"
        return _trouble(Availability.ENDPOINT_ERROR, "wrong-post", rule)
    post = _post(tweet)
    if post.handle is None:
        rule = "the syndication answer holds the post without its author"
        return Reading(Availability.LIVE_PARTIAL, rule, post, Purpose.SYNDICATION)
    return Reading(Availability.LIVE, "the syndication answer holds the post", post, Purpose.SYNDICATION)


def _trouble(availability: Availability, reason: str, rule: str) -> Reading:
    return Reading(availability, rule, failures=(Failure("read", reason, rule),))


def _read_tombstone(tweet: dict[str, Any]) -> Reading:
    sentence = " ".join(_text(_dict(_dict(tweet.get("tombstone")).get("text")).get("text")).split())
    if not sentence:
        return Reading(Availability.UNKNOWN_GONE, "an empty tombstone: gone, or shown to some only")
    for phrase, availability in _TOMBSTONES:
        if phrase in sentence.lower():
            return Reading(availability, f"the tombstone says: {sentence}")
    return Reading(Availability.UNKNOWN_GONE, f"the tombstone says: {sentence}")


def _post(tweet: dict[str, Any], depth: int = 0) -> Post:
    ref = PostRef(NAME, _text(tweet.get("id_str")))
    user = _dict(tweet.get("user"))
    wanted, missing = _media(tweet)
    avatar = _text(user.get("profile_image_url_https"))
    if avatar:
        wanted.append(Wanted(Purpose.AVATAR, avatar))
    if not user:
        missing.append("author: the answer does not name one")
    quoted = _dict(tweet.get("quoted_tweet"))
    return Post(
        ref=ref,
        url=canonical_url(ref),
        text=html.unescape(_text(tweet.get("text"))),
        author=_text(user.get("name")) or None,
        handle=_text(user.get("screen_name")) or None,
        author_id=_text(user.get("id_str")) or None,
        posted=_iso_time(tweet.get("created_at")),
        lang=_text(tweet.get("lang")) or None,
        cut="note_tweet" in tweet,
        wanted=tuple(wanted),
        missing=tuple(missing),
        quoted=_post(quoted, depth + 1) if depth < 3 and _text(quoted.get("id_str")).isdigit() else None,
    )


def _media(tweet: dict[str, Any]) -> tuple[list[Wanted], list[str]]:
    """Each photo at original size and as shown, each video as its best mp4 with its poster; and what has no address."""
    wanted: list[Wanted] = []
    missing: list[str] = []
    for media in (_dict(entry) for entry in _list(tweet.get("mediaDetails"))):
        shown, alt = _text(media.get("media_url_https")), _text(media.get("ext_alt_text")) or None
        if media.get("type") == "photo" and shown:
            sizes = _photo_sizes(shown)
            wanted.append(Wanted(Purpose.PHOTO, sizes[0], alt, sizes[1:]))
            wanted.append(Wanted(Purpose.PHOTO_SHOWN, shown, alt))
        elif media.get("type") in ("video", "animated_gif"):
            video = _best_mp4(_list(_dict(media.get("video_info")).get("variants")))
            if video is None:
                missing.append(f"video: no mp4 among the variants of {shown or 'an unnamed video'}")
            else:
                wanted.append(Wanted(Purpose.VIDEO, video, alt))
            if shown:
                wanted.append(Wanted(Purpose.POSTER, shown, alt))
        else:
            missing.append(f"media: of a kind not known, {_text(media.get('type')) or 'unnamed'}")
    return wanted, missing


def _photo_sizes(shown: str) -> tuple[str, ...]:
    """The addresses of a photo from the largest down. A stored format asked for as another answers 404."""
    parts = urlsplit(shown)
    stem, dot, suffix = parts.path.rpartition(".")
    asked = parse_qs(parts.query)
    extension = suffix if dot and "/" not in suffix else asked.get("format", [""])[0]
    if not extension:
        return (shown,)
    name = stem if dot and "/" not in suffix else parts.path
    base = f"{parts.scheme}://{parts.netloc}{name}?format={extension}&name="
    return (f"{base}orig", f"{base}4096x4096", f"{base}large", shown)


def _best_mp4(variants: list[Any]) -> str | None:
    best: tuple[float, str] | None = None
    for variant in (_dict(entry) for entry in variants):
        url, bitrate = _text(variant.get("url")), variant.get("bitrate")
        if variant.get("content_type") != "video/mp4" or not url:
            continue
        rate = float(bitrate) if isinstance(bitrate, int | float) else 0.0
        if best is None or rate > best[0]:
            best = (rate, url)
    return best[1] if best else None


def _read_oembed(ref: PostRef, exchange: Exchange | None) -> Post | None:
    answer = _json(exchange) if exchange is not None and exchange.status == 200 else None
    if answer is None:
        return None
    from bs4 import BeautifulSoup  # only here: the finder of Markdown articles must not pay for it

    soup = BeautifulSoup(_text(answer.get("html")), "html.parser")
    links = [str(link.get("href") or "") for link in soup.find_all("a")]
    named = next((found for found in (permalink(link) for link in reversed(links)) if found), None)
    paragraph = soup.find("p")
    if named is None or named.post_id != ref.post_id or paragraph is None:
        return None
    handle = urlsplit(_text(answer.get("author_url"))).path.strip("/") or named.handle
    return Post(
        ref=ref,
        url=canonical_url(ref),
        text=paragraph.get_text(),
        author=_text(answer.get("author_name")) or None,
        handle=handle,
        posted=None,
    )


def _json(exchange: Exchange) -> dict[str, Any] | None:
    try:
        answer = json.loads(exchange.body)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _iso_time(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_text(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


PLATFORM = Platform(
    name=NAME,
    permalink=permalink,
    canonical_url=canonical_url,
    from_id=from_id,
    marks=Marks(
        classes=frozenset({"twitter-tweet", "twitter-video"}),
        ids=frozenset({"data-tweet-id", "data-tweetid", "tweet-id", "tweetid", "data-tweet"}),
        tags={"amp-twitter": "data-tweetid", "twitter-widget": "data-tweet-id"},
        shortcodes=frozenset({"tweet", "twitter", "x", "twitter_simple", "x_simple"}),
        words=frozenset({"twitter", "tweet"}),
    ),
    short_link=short_link,
    posted=posted,
    names_media=names_media,
    plan=plan,
    read=read,
)
