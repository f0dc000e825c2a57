"""Threads: posts on threads.com and threads.net. Found only, so far. A post's id is its short code."""

from __future__ import annotations

import re
from collections.abc import Mapping

from archiver import addresses
from archiver.model import Marks, Platform, PostRef

NAME = "threads"
_PATH = r"/(?:@(?P<user>[A-Za-z0-9_.]{1,30})/post|t)/(?P<code>[A-Za-z0-9_-]{5,64})(?![A-Za-z0-9_-])"
_USER_NAMES = ("user", "username", "handle", "account", "author")


def permalink(url: str) -> PostRef | None:
    """The post an address names, an embed's frame included; None for any other address."""
    if "threads." not in url.lower():
        return None
    parts = addresses.split(url)
    if parts is None or parts[0].removeprefix("www.") not in {"threads.com", "threads.net"}:
        return None
    found = re.match(_PATH, parts[1])
    return PostRef(NAME, found["code"], found["user"]) if found else None


def canonical_url(ref: PostRef) -> str:
    """The post under its author's name, or by its code alone where the author is not known."""
    return (
        f"https://www.threads.com/@{ref.handle}/post/{ref.post_id}"
        if ref.handle
        else f"https://www.threads.com/t/{ref.post_id}"
    )


def from_id(text: str, parameters: Mapping[str, str]) -> PostRef | None:
    """The post of a bare short code."""
    if not re.fullmatch("[A-Za-z0-9_-]{5,64}", text):
        return None
    user = next((parameters[name].lstrip("@") for name in _USER_NAMES if parameters.get(name)), "")
    return PostRef(NAME, text, user if re.fullmatch("[A-Za-z0-9_.]{1,30}", user) else None)


PLATFORM = Platform(
    name=NAME,
    permalink=permalink,
    canonical_url=canonical_url,
    from_id=from_id,
    hosts=frozenset({"threads"}),
    paths=("post", r"@\w"),
    marks=Marks(
        classes=frozenset({"text-post-media"}),
        shortcodes=frozenset({"threads", "threads_post"}),
        words=frozenset({"threads"}),
    ),
)
