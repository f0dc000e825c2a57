"""Truth Social: Mastodon's shapes on one host. Found only, so far. A post's id is its number."""

from __future__ import annotations

import re
from collections.abc import Mapping

from archiver import addresses
from archiver.model import Marks, Platform, PostRef

NAME = "truthsocial"
_PATH = (
    r"/(?:@(?P<at>[A-Za-z0-9_]{1,64})/(?:posts/|statuses/)?|users/(?P<user>[A-Za-z0-9_]{1,64})/statuses/"
    r"|(?:web/)?statuses/|posts/|group/[\w-]{1,200}/posts/)(?P<id>[0-9]{8,20})(?![\w-])"
)
_USER_NAMES = ("user", "username", "handle", "account", "author")


def permalink(url: str) -> PostRef | None:
    """The post an address names, an embed's frame included; None for any other address."""
    if "truthsocial" not in url.lower():
        return None
    parts = addresses.split(url)
    if parts is None or parts[0].removeprefix("www.") != "truthsocial.com":
        return None
    found = re.match(_PATH, parts[1])
    return PostRef(NAME, found["id"], found["at"] or found["user"]) if found else None


def canonical_url(ref: PostRef) -> str:
    """The post under its author's name, or by its number alone where the author is not known."""
    return (
        f"https://truthsocial.com/@{ref.handle}/{ref.post_id}" if ref.handle else f"https://truthsocial.com/posts/{ref.post_id}"
    )


def from_id(text: str, parameters: Mapping[str, str]) -> PostRef | None:
    """The post of a number as its ids are: they hold a time, and so have many digits."""
    if not re.fullmatch("[0-9]{15,20}", text):
        return None
    user = next((parameters[name].lstrip("@") for name in _USER_NAMES if parameters.get(name)), "")
    return PostRef(NAME, text, user if re.fullmatch("[A-Za-z0-9_]{1,64}", user) else None)


PLATFORM = Platform(
    name=NAME,
    permalink=permalink,
    canonical_url=canonical_url,
    from_id=from_id,
    hosts=frozenset({"truthsocial"}),
    paths=("post", r"@\w"),
    marks=Marks(
        classes=frozenset({"truthsocial-embed"}),
        shortcodes=frozenset({"truthsocial", "truth"}),
        words=frozenset({"truthsocial", "truth-social"}),
    ),
)
