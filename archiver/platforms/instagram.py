"""Instagram: posts, reels and videos, which share one kind of short code. Found only, so far. A post's id is its code."""

from __future__ import annotations

import re
from collections.abc import Mapping

from archiver import addresses
from archiver.model import Marks, Platform, PostRef

NAME = "instagram"
HOSTS = frozenset({"instagram.com", "m.instagram.com", "instagr.am", "ddinstagram.com", "kkinstagram.com"})
# /share/p/CODE has a code of its own kind, which only leads to the post; /reels/audio/ID is a piece of music.
_PATH = (
    r"/(?:(?!share/|explore/|stories/|accounts/)(?P<user>[A-Za-z0-9_.]{1,30})/)?"
    r"(?:p|reels?|tv)/(?!audio(?![A-Za-z0-9_-]))(?P<code>[A-Za-z0-9_-]{5,64})(?![A-Za-z0-9_-])"
)


def permalink(url: str) -> PostRef | None:
    """The post an address names, an embed's frame included; None for any other address."""
    if "instagr" not in url.lower():
        return None
    parts = addresses.split(url)
    if parts is None or parts[0].removeprefix("www.") not in HOSTS:
        return None
    found = re.match(_PATH, parts[1])
    return PostRef(NAME, found["code"], found["user"]) if found else None


def canonical_url(ref: PostRef) -> str:
    """The one address that holds for a post, a reel and a video alike."""
    return f"https://www.instagram.com/p/{ref.post_id}/"


def from_id(text: str, _: Mapping[str, str]) -> PostRef | None:
    """The post of a bare short code."""
    return PostRef(NAME, text) if re.fullmatch("[A-Za-z0-9_-]{5,64}", text) else None


PLATFORM = Platform(
    name=NAME,
    permalink=permalink,
    canonical_url=canonical_url,
    from_id=from_id,
    hosts=frozenset({"ddinstagram", "instagr", "instagram", "kkinstagram"}),
    paths=("p/", "reel", "tv/"),
    marks=Marks(
        classes=frozenset({"instagram-media"}),
        tags={"amp-instagram": "data-shortcode"},
        shortcodes=frozenset({"instagram", "instagram_simple", "insta", "ig"}),
        words=frozenset({"instagram"}),
    ),
)
