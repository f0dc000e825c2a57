"""TikTok: videos and photo posts, which share one kind of number. Found only, so far. A post's id is its number."""

from __future__ import annotations

import re
from collections.abc import Mapping

from archiver import addresses
from archiver.model import Marks, Platform, PostRef

NAME = "tiktok"
HOSTS = frozenset({"tiktok.com", "m.tiktok.com", "us.tiktok.com", "tiktokv.com", "m.tiktokv.com", "vxtiktok.com", "tnktok.com"})
_PATH = (
    r"/(?:@(?P<user>[\w.-]{0,64})/(?:video|photo)|(?:i18n/)?share/video|embed(?:/v[0-9])?|player/v[0-9]|v|video)"
    r"/(?P<id>[0-9]{8,20})(?![\w-])"
)
_USER_NAMES = ("user", "username", "handle", "account", "author")


def permalink(url: str) -> PostRef | None:
    """The post an address names, an embed's frame included; None for any other address."""
    if "tktok" not in url and "tiktok" not in url.lower():
        return None
    parts = addresses.split(url)
    if parts is None or parts[0].removeprefix("www.") not in HOSTS:
        return None
    found = re.match(_PATH, parts[1])
    return PostRef(NAME, found["id"], found["user"] or None) if found else None


def canonical_url(ref: PostRef) -> str:
    """The post under its author's name; where that is not known, the embed's own frame, which asks for none."""
    if ref.handle:
        return f"https://www.tiktok.com/@{ref.handle}/video/{ref.post_id}"
    return f"https://www.tiktok.com/embed/v2/{ref.post_id}"


def from_id(text: str, parameters: Mapping[str, str]) -> PostRef | None:
    """The post of a number as its ids are: they hold a time, and so have many digits."""
    if not re.fullmatch("[0-9]{15,20}", text):
        return None
    user = next((parameters[name].lstrip("@") for name in _USER_NAMES if parameters.get(name)), "")
    return PostRef(NAME, text, user if re.fullmatch(r"[\w.-]{1,64}", user) else None)


PLATFORM = Platform(
    name=NAME,
    permalink=permalink,
    canonical_url=canonical_url,
    from_id=from_id,
    hosts=frozenset({"tiktok", "tiktokv", "tnktok", "vxtiktok"}),
    paths=("embed", "video", r"@\w"),
    marks=Marks(
        classes=frozenset({"tiktok-embed"}),
        ids=frozenset({"data-tiktok-id", "data-tiktok-video-id", "data-tiktok-video"}),
        tags={"amp-tiktok": "data-src", "lite-tiktok": "videoid"},
        shortcodes=frozenset({"tiktok", "tik-tok", "tik_tok"}),
        words=frozenset({"tiktok"}),
    ),
)
