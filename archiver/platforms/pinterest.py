"""Pinterest: pins, on a host for each country. Found only, so far. A pin's id is its number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs

from archiver import addresses
from archiver.model import Marks, Platform, PostRef

NAME = "pinterest"
_HOST = r"(?:(?:www|m|[a-z]{2})\.)?pinterest\.(?:com|[a-z]{2}|com?\.[a-z]{2})"
_ID = r"(?P<id>[0-9]{3,25}|A[A-Za-z0-9_-]{20,100})"  # the long ones are advertisements' and guests'
_PATH = rf"/pin/(?:[^/]{{1,300}}--)?{_ID}(?![\w-])"


def permalink(url: str) -> PostRef | None:
    """The pin an address names, an embed's frame included; None for boards, the pin button and any other address."""
    if "pinterest." not in url.lower():
        return None
    parts = addresses.split(url)
    if parts is None:
        return None
    host, path, query, _ = parts
    if host == "assets.pinterest.com":
        given = parse_qs(query).get("id", [""])[0] if path == "/ext/embed.html" else ""
        return _ref(re.fullmatch(_ID, given))
    return _ref(re.match(_PATH, path)) if re.fullmatch(_HOST, host) else None


def canonical_url(ref: PostRef) -> str:
    """The pin's page."""
    return f"https://www.pinterest.com/pin/{ref.post_id}/"


def from_id(text: str, _: Mapping[str, str]) -> PostRef | None:
    """The pin of a bare number."""
    return PostRef(NAME, text) if re.fullmatch("[0-9]{8,25}", text) else None


def _ref(found: re.Match[str] | None) -> PostRef | None:
    return PostRef(NAME, found["id"]) if found else None


PLATFORM = Platform(
    name=NAME,
    permalink=permalink,
    canonical_url=canonical_url,
    from_id=from_id,
    hosts=frozenset({"pin", "pinterest"}),
    paths=("pin/",),
    marks=Marks(
        tags={"amp-pinterest": "data-url"},
        shortcodes=frozenset({"pinterest", "pin"}),
        words=frozenset({"pinterest"}),
    ),
)
