"""Streamable: videos. Found only, so far. A video's id is the word in its address, the same on its page and in its player
(https://streamable-support.zendesk.com/hc/en-us/articles/35415672400916-API-Documentation)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from archiver import addresses
from archiver.model import Marks, Platform, PostRef

NAME = "streamable"
_ID = r"(?P<id>[a-z0-9]{3,10})"
_PATH = rf"/(?:(?P<player>[eos])/)?{_ID}(?:/[A-Za-z0-9]{{0,40}})?/?"
# Pages of the site itself, whose addresses look like a video's.
_SITE = """
    about account api blog brand careers clipper contact copyright dashboard discover dmca documents download enterprise faq
    features forgot help home jobs legal login logout mobile plans press pricing privacy pro recover register search settings
    signup support team teams terms tools upload videos
"""
_PAGES = frozenset(_SITE.split())


def permalink(url: str) -> PostRef | None:
    """The video an address names, a player's included; None for any other address."""
    if "streamable" not in url.lower():
        return None
    parts = addresses.split(url)
    if parts is None or parts[0].removeprefix("www.") != "streamable.com":
        return None
    found = re.fullmatch(_PATH, parts[1])
    if found is None or (not found["player"] and found["id"] in _PAGES):
        return None
    return PostRef(NAME, found["id"])


def canonical_url(ref: PostRef) -> str:
    """The video's page."""
    return f"https://streamable.com/{ref.post_id}"


def from_id(text: str, _: Mapping[str, str]) -> PostRef | None:
    """The video of a bare id."""
    return PostRef(NAME, text) if re.fullmatch(_ID, text) and text not in _PAGES else None


PLATFORM = Platform(
    name=NAME,
    permalink=permalink,
    canonical_url=canonical_url,
    from_id=from_id,
    hosts=frozenset({"streamable"}),
    paths=(r"streamable\.com", r"www\.streamable\.com"),
    marks=Marks(
        classes=frozenset({"streamable-embed"}),
        ids=frozenset({"data-streamable-id"}),
        shortcodes=frozenset({"streamable"}),
        words=frozenset({"streamable"}),
    ),
)
