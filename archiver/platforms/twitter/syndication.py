"""The syndication answer that X's embed widget reads: a post with its author, media and quoted post, or a tombstone."""

from __future__ import annotations

import html
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from archiver.model import Availability, Exchange, Failure, Post, PostRef, Purpose, Reading, Wanted
from archiver.platforms.twitter.addresses import NAME, canonical_url
from archiver.platforms.twitter.ids import syndication_token

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


EMPTY = "the syndication answer was an empty object, as for a refused token or an age gate"


def address(ref: PostRef) -> str:
    """Where the embed widget asks for a post."""
    return f"https://cdn.syndication.twimg.com/tweet-result?id={ref.post_id}&token={syndication_token(ref.post_id)}"


def read(ref: PostRef, exchange: Exchange | None) -> Reading:
    """What this answer alone says of a post."""
    if exchange is None:
        return Reading(Availability.NOT_CHECKED, "the syndication endpoint gave no answer")
    if exchange.status == 404:
        return Reading(Availability.UNKNOWN_GONE, "the syndication endpoint answered 404")
    if exchange.status == 429:
        return _trouble(Availability.RATE_LIMITED, "rate-limited", "the syndication endpoint answered 429")
    if exchange.status != 200:
        rule = f"the syndication endpoint answered {exchange.status}"
        return _trouble(Availability.ENDPOINT_ERROR, f"http-{exchange.status}", rule)
    tweet = json_object(exchange)
    if tweet is None:
        return _trouble(Availability.ENDPOINT_ERROR, "not-json", "the syndication answer is no JSON object")
    if not tweet:
        return _trouble(Availability.ENDPOINT_ERROR, "empty-answer", EMPTY)
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
    sentence = " ".join(text_of(_dict(_dict(tweet.get("tombstone")).get("text")).get("text")).split())
    if not sentence:
        return Reading(Availability.UNKNOWN_GONE, "an empty tombstone: gone, or shown to some only")
    for phrase, availability in _TOMBSTONES:
        if phrase in sentence.lower():
            return Reading(availability, f"the tombstone says: {sentence}")
    return Reading(Availability.UNKNOWN_GONE, f"the tombstone says: {sentence}")


def _post(tweet: dict[str, Any], depth: int = 0) -> Post:
    ref = PostRef(NAME, text_of(tweet.get("id_str")))
    user = _dict(tweet.get("user"))
    wanted, missing = _media(tweet)
    avatar = text_of(user.get("profile_image_url_https"))
    if avatar:
        wanted.append(Wanted(Purpose.AVATAR, avatar))
    if not user:
        missing.append("author: the answer does not name one")
    quoted = _dict(tweet.get("quoted_tweet"))
    return Post(
        ref=ref,
        url=canonical_url(ref),
        text=html.unescape(text_of(tweet.get("text"))),
        author=text_of(user.get("name")) or None,
        handle=text_of(user.get("screen_name")) or None,
        author_id=text_of(user.get("id_str")) or None,
        posted=_iso_time(tweet.get("created_at")),
        lang=text_of(tweet.get("lang")) or None,
        cut="note_tweet" in tweet,
        wanted=tuple(wanted),
        missing=tuple(missing),
        quoted=_post(quoted, depth + 1) if depth < 3 and text_of(quoted.get("id_str")).isdigit() else None,
    )


def _media(tweet: dict[str, Any]) -> tuple[list[Wanted], list[str]]:
    """Each photo at original size and as shown, each video as its best mp4 with its poster; and what has no address."""
    wanted: list[Wanted] = []
    missing: list[str] = []
    for media in (_dict(entry) for entry in _list(tweet.get("mediaDetails"))):
        shown, alt = text_of(media.get("media_url_https")), text_of(media.get("ext_alt_text")) or None
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
            missing.append(f"media: of a kind not known, {text_of(media.get('type')) or 'unnamed'}")
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
        url, bitrate = text_of(variant.get("url")), variant.get("bitrate")
        if variant.get("content_type") != "video/mp4" or not url:
            continue
        rate = float(bitrate) if isinstance(bitrate, int | float) else 0.0
        if best is None or rate > best[0]:
            best = (rate, url)
    return best[1] if best else None


def json_object(exchange: Exchange) -> dict[str, Any] | None:
    """The JSON object that an answer is; None where it is none."""
    try:
        answer = json.loads(exchange.body)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _iso_time(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text_of(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def text_of(value: object) -> str:
    """A text of some JSON; empty where it is none."""
    return value if isinstance(value, str) else ""


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
