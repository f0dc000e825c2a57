"""Vimeo: videos. Found only, so far.

A video's id is its number; where the address has the hash that opens an unlisted video, `NUMBER/HASH`
(https://developer.vimeo.com/api/oembed/videos).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs

from archiver import addresses
from archiver.model import Marks, Platform, PostRef

NAME = "vimeo"
_NUMBER = r"(?P<id>[1-9][0-9]{0,12})(?![\w-])"
_PAGE = (
    r"/(?:channels/[\w-]{1,100}/|groups/[\w-]{1,100}/videos/|(?:album|showcase)/[0-9]{1,12}/video/|ondemand/[\w-]{1,100}/"
    rf"|manage/videos/|videos?/|m/)?{_NUMBER}(?:/(?P<hash>[0-9a-f]{{6,20}})(?![\w-]))?"
)
_PLAYER = rf"/video/{_NUMBER}"
_FLASH = r"/moogaloop\w{0,20}\.swf$"


def permalink(url: str) -> PostRef | None:
    """The video an address names, a player's included; None for any other address."""
    if "vimeo" not in url.lower():
        return None
    parts = addresses.split(url)
    if parts is None:
        return None
    host, path, query, _ = parts
    host = host.removeprefix("www.")
    if host == "player.vimeo.com":
        found = re.match(_PLAYER, path)
        return _ref(found["id"], parse_qs(query).get("h", [""])[0]) if found else None
    if host in {"vimeo.com", "assets.vimeo.com"} and re.search(_FLASH, path):
        found = re.match(f"{_NUMBER}$", parse_qs(query).get("clip_id", [""])[0])
        return _ref(found["id"], "") if found else None
    found = re.match(_PAGE, path) if host in {"vimeo.com", "m.vimeo.com"} else None
    return _ref(found["id"], found["hash"] or parse_qs(query).get("h", [""])[0]) if found else None


def canonical_url(ref: PostRef) -> str:
    """The video's page."""
    return f"https://vimeo.com/{ref.post_id}"


def from_id(text: str, parameters: Mapping[str, str]) -> PostRef | None:
    """The video of a bare number, and of the hash that may stand beside it."""
    return _ref(text, parameters.get("h") or parameters.get("hash") or "") if re.fullmatch("[1-9][0-9]{4,12}", text) else None


def _ref(number: str, key: str) -> PostRef:
    return PostRef(NAME, f"{number}/{key}" if re.fullmatch("[0-9a-f]{6,20}", key) else number)


PLATFORM = Platform(
    name=NAME,
    permalink=permalink,
    canonical_url=canonical_url,
    from_id=from_id,
    hosts=frozenset({"vimeo"}),
    paths=("moogaloop", "video", r"\d{6}"),
    marks=Marks(
        ids=frozenset({"data-vimeo-id", "data-vimeo-video-id", "data-vimeo"}),
        tags={"amp-vimeo": "data-videoid", "lite-vimeo": "videoid", "vimeo-video": "src"},
        shortcodes=frozenset({"vimeo", "vimeo_simple", "vimeo-simple"}),
        words=frozenset({"vimeo"}),
    ),
)
