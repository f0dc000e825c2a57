"""Spotify: what its player shows. Found only, so far. An id is `KIND/ID`, as in its addresses and, with colons, its URIs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs

from archiver import addresses
from archiver.model import Marks, Platform, PostRef

NAME = "spotify"
_THING = r"(?P<kind>track|album|playlist|episode|show|artist)[/:](?P<id>[A-Za-z0-9]{22})(?![A-Za-z0-9])"
_PATH = rf"/(?:intl-[A-Za-z-]{{2,10}}/)?(?:embed(?:-podcast|-legacy)?/)?(?:user/[^/]{{1,100}}/)?{_THING}"
_URI = rf"spotify:(?:user:[^:/]{{1,100}}:)?{_THING}"


def permalink(url: str) -> PostRef | None:
    """The track, album, playlist, episode, show or artist an address or a `spotify:` URI names; None for any other address."""
    if "spotify" not in url.lower():
        return None
    if url.startswith("spotify:"):
        return _ref(re.match(_URI, url))
    parts = addresses.split(url)
    if parts is None:
        return None
    host, path, query, _ = parts
    if host == "embed.spotify.com":
        inner = parse_qs(query).get("uri", [""])[0]
        return _ref(re.match(_URI, inner) or re.match(_PATH, path))
    return _ref(re.match(_PATH, path)) if host in {"open.spotify.com", "play.spotify.com"} else None


def canonical_url(ref: PostRef) -> str:
    """Its page on open.spotify.com."""
    return f"https://open.spotify.com/{ref.post_id}"


def from_id(text: str, parameters: Mapping[str, str]) -> PostRef | None:
    """What a URI names, or an id whose kind stands beside it."""
    if text.startswith("spotify:"):
        return permalink(text)
    kind = parameters.get("type") or parameters.get("kind") or ""
    return _ref(re.fullmatch(_THING, f"{kind}/{text}") or re.fullmatch(_THING, text))


def _ref(found: re.Match[str] | None) -> PostRef | None:
    return PostRef(NAME, f"{found['kind']}/{found['id']}") if found else None


PLATFORM = Platform(
    name=NAME,
    permalink=permalink,
    canonical_url=canonical_url,
    from_id=from_id,
    hosts=frozenset({"spotify"}),
    paths=("album", "artist", "embed", "episode", "playlist", "track"),
    marks=Marks(
        ids=frozenset({"data-spotify-uri", "data-spotify-id"}),
        tags={"spotify-audio": "src"},
        shortcodes=frozenset({"spotify"}),
        words=frozenset({"spotify"}),
    ),
)
