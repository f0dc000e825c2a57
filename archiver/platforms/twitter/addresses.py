"""The addresses of X's posts, in every shape since 2006, its embeds' frames and its short links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from archiver import addresses
from archiver.model import PostRef, ShortLink
from archiver.patterns import pattern
from archiver.platforms.twitter.ids import id_prefixes, snowflake_at

NAME = "twitter"
_ONION = "twitter3e4tixl4xyajtrzo62zg5vztmjuricljdp2c5kshju4avyoid.onion"
HOSTS = frozenset({"twitter.com", "x.com", _ONION})
# Hosts that show the same paths: readers without an account, and those that only add a preview.
_MIRRORS = frozenset({"xcancel.com", "fxtwitter.com", "fixupx.com", "vxtwitter.com", "fixvx.com", "twittpr.com"})
_SUBDOMAIN = pattern("www|m|mobile|[a-z]{2}")  # two letters: a language, as in links of 2012
_PATH = pattern(
    r"^/(?:#!/)?(?:(?:i/(?:web/)?|@?(?P<handle>[A-Za-z0-9_]{1,15})/)?status(?:es)?|i/videos(?:/tweet)?|i/cards/tfw/v1)/"
    r"(?P<id>[0-9]{1,20})(?![0-9])"
)
_ID = pattern(r"[1-9][0-9]{1,19}")
_FRAMED_ID = pattern(r"(?:^|[?&#])(?:id|tweet_?id)=([0-9]{1,20})(?![0-9A-Za-z])", re.IGNORECASE)
_FRAME = pattern(r"^/(?:embed/|widgets/tweet(?!_button|-button|_mention|_hashtag))", re.IGNORECASE)
_MEDIA_PATH = pattern(r"/(?:photo|video)/[0-9]{1,2}/?$")
_SHORT_CODE = pattern(r"^/([A-Za-z0-9]{4,20})/?$")
_WAYBACK = pattern(r"^/web/[0-9]{4,14}(?:[a-z]{2}_)?/(https?):/{1,2}(.+)$")


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


_KEPT_HOSTS = ("twitter.com", "mobile.twitter.com", "x.com")  # each is listed apart; `www.` is left out by every archive's keys


def kept_under(ref: PostRef) -> tuple[str, ...]:
    """The beginnings of the addresses that a web archive may hold a post under, the likeliest first."""
    by_handle = [f"{host}/{ref.handle}/status/{ref.post_id}" for host in _KEPT_HOSTS if ref.handle]
    return (*by_handle, f"twitter.com/i/status/{ref.post_id}", f"twitter.com/i/web/status/{ref.post_id}")


def search(handle: str, start: datetime, end: datetime) -> tuple[str, ...]:
    """The beginnings of the addresses of an account's posts made between two times; none for days before ids held a time."""
    last = snowflake_at(end)
    if last <= snowflake_at(datetime.min.replace(tzinfo=UTC)):
        return ()
    prefixes = id_prefixes(snowflake_at(start), last)
    return tuple(f"{host}/{handle}/status/{prefix}" for host in _KEPT_HOSTS for prefix in prefixes)


def short_link(url: str) -> ShortLink | None:
    """`pic.twitter.com/X`, `pic.x.com/X` and `t.co/X` as the t.co address to resolve; None for any other address."""
    lower = url.lower()
    parts = _split(url) if "t.co" in lower or "pic." in lower else None
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
