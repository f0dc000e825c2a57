"""Telegram: posts of public channels and groups. Found only, so far.

A post's id is `CHANNEL/NUMBER`, as its widget's attribute has it (https://core.telegram.org/widgets/post), and
`c/CHAT/NUMBER` in private ones (https://core.telegram.org/api/links#message-links).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from archiver import addresses
from archiver.model import Marks, Platform, PostRef

NAME = "telegram"
HOSTS = frozenset({"t.me", "telegram.me", "telegram.dog"})
# First parts of paths that do something else.
_NO_CHANNEL = frozenset(
    {"joinchat", "addstickers", "addemoji", "addlist", "addtheme", "share", "socks", "proxy", "setlanguage", "login"}
    | {"confirmphone", "invoice", "giftcode", "boost", "contact", "startapp", "call"}
)
_CHANNEL = r"(?P<channel>[A-Za-z][A-Za-z0-9_]{3,31})"
_NUMBER = r"(?:[0-9]{1,12}/)?(?P<number>[0-9]{1,12})/?"  # in a group with topics, the topic's number comes first
_PATH = rf"/(?:s/)?{_CHANNEL}/{_NUMBER}"
_PRIVATE = rf"/c/(?P<chat>[0-9]{{3,16}})/{_NUMBER}"
_CHANNEL_NAMES = ("channel", "chat", "user", "username", "group", "handle", "author", "0")


def permalink(url: str) -> PostRef | None:
    """The post an address names, an embed's frame included; None for any other address."""
    if "t.me" not in url.lower() and "telegram." not in url.lower():
        return None
    parts = addresses.split(url)
    if parts is None:
        return None
    host, path, _, _ = parts
    host = host.removeprefix("www.")
    if host.endswith(".t.me"):  # CHANNEL.t.me/NUMBER
        host, path = "t.me", "/" + host.removesuffix(".t.me") + path
    if host not in HOSTS:
        return None
    private = re.fullmatch(_PRIVATE, path)
    if private:
        return PostRef(NAME, f"c/{private['chat']}/{private['number']}")
    return _ref(re.fullmatch(_PATH, path))


def canonical_url(ref: PostRef) -> str:
    """The post on t.me."""
    return f"https://t.me/{ref.post_id}"


def from_id(text: str, parameters: Mapping[str, str]) -> PostRef | None:
    """The post of `CHANNEL/NUMBER`, or of a number whose channel stands beside it."""
    if text.isdigit():
        text = next((parameters[name].lstrip("@") for name in _CHANNEL_NAMES if parameters.get(name)), "") + "/" + text
    return _ref(re.fullmatch(f"{_CHANNEL}/(?P<number>[0-9]{{1,12}})", text.split("?", 1)[0]))


def _ref(found: re.Match[str] | None) -> PostRef | None:
    if found is None or found["channel"].lower() in _NO_CHANNEL:
        return None
    return PostRef(NAME, f"{found['channel']}/{found['number']}", found["channel"])


PLATFORM = Platform(
    name=NAME,
    permalink=permalink,
    canonical_url=canonical_url,
    from_id=from_id,
    hosts=frozenset({"t", "telegram"}),
    paths=(r"t\.me", r"telegram\.me"),
    marks=Marks(
        classes=frozenset({"tgme_widget_message"}),
        ids=frozenset({"data-telegram-post"}),
        shortcodes=frozenset({"telegram", "tg", "telegram_post", "telegram-post"}),
        words=frozenset({"telegram"}),
    ),
)
