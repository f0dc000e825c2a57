"""Dailymotion: videos. Found only, so far. A video's id is the `x…` or `k…` of its address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs

from archiver import addresses
from archiver.model import Marks, Platform, PostRef

NAME = "dailymotion"
HOSTS = frozenset({"dailymotion.com", "geo.dailymotion.com", "touch.dailymotion.com", "m.dailymotion.com"})
_ID = r"(?P<id>[xk][A-Za-z0-9]{4,24})(?![A-Za-z0-9])"
_PATH = rf"/(?:(?:embed|swf|crawler|[a-z]{{2}})/)?(?:video|swf)/{_ID}"
_PLAYER = r"/(?:player|embed/video|video)(?:/[A-Za-z0-9]{1,20})?(?:\.html|\.js)?/?"


def permalink(url: str) -> PostRef | None:
    """The video an address names, a player's included; None for playlists, channels and any other address."""
    if "dailymotion" not in url.lower() and "dai.ly" not in url.lower():
        return None
    parts = addresses.split(url)
    if parts is None:
        return None
    host, path, query, _ = parts
    host = host.removeprefix("www.")
    if host == "dai.ly":
        return _ref(re.match(f"/{_ID}", path))
    if host not in HOSTS:
        return None
    if re.fullmatch(_PLAYER, path) and "video=" in query:
        return _ref(re.match(_ID, parse_qs(query).get("video", [""])[0]))
    return _ref(re.match(_PATH, path))


def canonical_url(ref: PostRef) -> str:
    """The video's page."""
    return f"https://www.dailymotion.com/video/{ref.post_id}"


def from_id(text: str, _: Mapping[str, str]) -> PostRef | None:
    """The video of a bare id."""
    return _ref(re.fullmatch(_ID, text))


def _ref(found: re.Match[str] | None) -> PostRef | None:
    return PostRef(NAME, found["id"]) if found else None


PLATFORM = Platform(
    name=NAME,
    permalink=permalink,
    canonical_url=canonical_url,
    from_id=from_id,
    hosts=frozenset({"dai", "dailymotion"}),
    paths=("embed", "player", "video", r"dai\.ly"),
    marks=Marks(
        ids=frozenset({"data-dailymotion-id", "data-dailymotion-video-id", "data-dailymotion"}),
        tags={"amp-dailymotion": "data-videoid", "dailymotion-video": "src"},
        shortcodes=frozenset({"dailymotion"}),
        words=frozenset({"dailymotion"}),
    ),
)
