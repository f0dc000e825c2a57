"""Flickr: photos and videos. Found only, so far. An id is the photo's number, which short addresses hold in base 58."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs

from archiver import addresses
from archiver.model import Marks, Platform, PostRef

NAME = "flickr"
HOSTS = frozenset({"flickr.com", "m.flickr.com", "secure.flickr.com"})
_PATH = r"/photos/(?!tags/|search/|upload/)(?P<user>[\w@.-]{1,60})/(?P<id>[0-9]{4,20})(?![\w-])"
_FRAME = r"/photos/(?:(?P<user>[\w@.-]{1,60})/)?(?P<id>[0-9]{4,20})(?![\w-])"
# https://www.flickr.com/services/api/misc.urls.html
_BASE_58 = "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"


def permalink(url: str) -> PostRef | None:
    """The photo an address names, an embed's frame included; None for albums, streams and any other address."""
    if "flickr." not in url.lower() and "flic.kr" not in url.lower():
        return None
    parts = addresses.split(url)
    if parts is None:
        return None
    host, path, query, _ = parts
    host = host.removeprefix("www.")
    if host == "flic.kr":
        short = re.fullmatch(rf"/p/([{_BASE_58}]{{3,14}})/?", path)
        return PostRef(NAME, str(_number(short[1]))) if short else None
    if host == "embedr.flickr.com":
        return _ref(re.match(_FRAME, path))
    if host not in HOSTS:
        return None
    if path == "/photo.gne" or path.endswith(".swf"):  # a Flash player, and what it is told
        given = parse_qs(query).get("photo_id" if path.endswith(".swf") else "id", [""])[0]
        return PostRef(NAME, given) if re.fullmatch("[0-9]{4,20}", given) else None
    return _ref(re.match(_PATH, path))


def canonical_url(ref: PostRef) -> str:
    """The photo's page, or the address that leads there where its owner is not known."""
    if ref.handle:
        return f"https://www.flickr.com/photos/{ref.handle}/{ref.post_id}/"
    return f"https://www.flickr.com/photo.gne?id={ref.post_id}"


def from_id(text: str, _: Mapping[str, str]) -> PostRef | None:
    """The photo of a bare number."""
    return PostRef(NAME, text) if re.fullmatch("[0-9]{8,20}", text) else None


def _number(short: str) -> int:
    number = 0
    for digit in short:
        number = number * 58 + _BASE_58.index(digit)
    return number


def _ref(found: re.Match[str] | None) -> PostRef | None:
    return PostRef(NAME, found["id"], found["user"]) if found else None


PLATFORM = Platform(
    name=NAME,
    permalink=permalink,
    canonical_url=canonical_url,
    from_id=from_id,
    hosts=frozenset({"flic", "flickr"}),
    paths=("photo",),
    marks=Marks(
        ids=frozenset({"data-flickr-id", "data-flickr-photo-id"}),
        shortcodes=frozenset({"flickr", "flickr_photo"}),
        words=frozenset({"flickr"}),
    ),
)
