"""SoundCloud: tracks and sets. Found only, so far.

An id is the path of the page, `USER/TRACK` or `USER/sets/SET`, with the secret of a private one behind it; or, as players
name it, `tracks/NUMBER` or `playlists/NUMBER`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, quote

from archiver import addresses
from archiver.model import Marks, Platform, PostRef

NAME = "soundcloud"
_NO_USER = (
    r"(?!(?:discover|stream|charts|upload|pages|search|tags|mobile|you|settings|login|signin|signup|jobs|imprint|pro|stations|player"
    r"|tracks|playlists|users|groups|connect|people|community-guidelines|terms-of-use|oembed|popular|go|share|notifications)/)"
)
_NO_TRACK = r"(?!(?:tracks|albums|sets|reposts|likes|followers|following|popular-tracks|comments|toptracks|spotlight)/?$)"
_SLUG = r"[A-Za-z0-9_-]{1,255}"
_PAGE = rf"/(?P<id>{_NO_USER}(?P<user>{_SLUG})/{_NO_TRACK}(?:sets/)?{_SLUG}(?:/s-[A-Za-z0-9]{{3,40}})?)/?"
_API = r"/(?P<kind>tracks|playlists)/(?:soundcloud:(?:tracks|playlists):)?(?P<number>[0-9]{1,20})(?![\w-])"
_HOSTS = frozenset({"soundcloud.com", "m.soundcloud.com"})


def permalink(url: str) -> PostRef | None:
    """The track or set an address names, a player's included; None for users and any other address."""
    if "soundcloud" not in url.lower():
        return None
    parts = addresses.split(url)
    if parts is None:
        return None
    host, path, query, _ = parts
    host = host.removeprefix("www.")
    if host == "w.soundcloud.com":
        inner = parse_qs(query).get("url", [""])[0] if path.rstrip("/") == "/player" else ""
        return None if "w.soundcloud.com" in inner else permalink(inner)
    if host in {"api.soundcloud.com", "api-v2.soundcloud.com"}:
        numbered = re.match(_API, path)
        return PostRef(NAME, f"{numbered['kind']}/{numbered['number']}") if numbered else None
    found = re.fullmatch(_PAGE, path) if host in _HOSTS else None
    return PostRef(NAME, found["id"], found["user"]) if found else None


def canonical_url(ref: PostRef) -> str:
    """The page; for a number the player, since a browser can open nothing else by it."""
    if not re.fullmatch("(?:tracks|playlists)/[0-9]{1,20}", ref.post_id):
        return f"https://soundcloud.com/{ref.post_id}"
    return "https://w.soundcloud.com/player/?url=" + quote(f"https://api.soundcloud.com/{ref.post_id}", safe="")


def from_id(text: str, parameters: Mapping[str, str]) -> PostRef | None:
    """The track of a bare number, or the set where the parameters say that it is one."""
    if not re.fullmatch("[0-9]{4,20}", text):
        return None
    kind = "playlists" if parameters.get("type") in {"playlist", "playlists", "set"} else "tracks"
    return PostRef(NAME, f"{kind}/{text}")


PLATFORM = Platform(
    name=NAME,
    permalink=permalink,
    canonical_url=canonical_url,
    from_id=from_id,
    hosts=frozenset({"soundcloud"}),
    paths=("playlist", "track", r"soundcloud\.com", r"[mw]\.soundcloud\.com", r"www\.soundcloud\.com"),
    marks=Marks(
        ids=frozenset({"data-soundcloud-id", "data-soundcloud-track-id", "data-soundcloud-track", "data-soundcloud"}),
        tags={"amp-soundcloud": "data-trackid"},
        shortcodes=frozenset({"soundcloud"}),
        words=frozenset({"soundcloud"}),
    ),
)
