"""Mastodon: posts on any host, told by the path alone. Found only, so far.

A post's id is `HOST/DIGITS`, for each instance numbers the posts it knows, its own and others', by itself. The path's
shapes are those of https://docs.joinmastodon.org/methods/statuses/ and of its web client.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from archiver import addresses
from archiver.model import Marks, Platform, PostRef

NAME = "mastodon"
# Fewer digits may be anybody's page number; Mastodon's ids hold a time and have 17 or 18 digits.
_PATH = (
    r"/(?:web/|deck/)?(?:@(?P<at>[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}(?:@[A-Za-z0-9.-]{3,253})?)/"
    r"|(?:users/(?P<user>[A-Za-z0-9_][A-Za-z0-9_.-]{0,63})/)?statuses/)(?P<id>[0-9]{10,20})"
    r"(?:/(?:embed|card|reblogs|favourites|quotes|activity|replies|likes|media/[0-9]{1,2}))?/?"
)
_HOST = r"(?:[\w-]{1,63}\.){1,10}[^\W\d_][\w-]{1,62}"
# Sites whose addresses have a user with an at sign in them, and are no instance.
_ELSEWHERE = (
    r"(?:.*\.)?(?:truthsocial|threads|tiktok|medium|youtube|twitter|x|facebook|instagram|substack|odysee|rumble|flickr|t)"
    r"\.(?:com|net|me)"
)
_HOST_NAMES = ("instance", "host", "server", "domain", "site", "0")
_USER_NAMES = ("user", "username", "account", "handle", "author")


def permalink(url: str) -> PostRef | None:
    """The post that an address of Mastodon's shape names, whatever its host; None for any other address."""
    if ("@" not in url and "statuses" not in url and "%40" not in url) or not re.search("[0-9]{10}", url):
        return None
    parts = addresses.split(url)
    if parts is None:
        return None
    host, path, _, _ = parts
    found = re.fullmatch(_PATH, path)
    if found is None or not _is_instance(host):
        return None
    return PostRef(NAME, f"{host}/{found['id']}", found["at"] or found["user"])


def canonical_url(ref: PostRef) -> str:
    """The post at its instance; one whose author is not known is shown by the web client's own address."""
    host, _, number = ref.post_id.partition("/")
    return f"https://{host}/@{ref.handle}/{number}" if ref.handle else f"https://{host}/web/statuses/{number}"


def from_id(text: str, parameters: Mapping[str, str]) -> PostRef | None:
    """The post of a number, where its instance stands beside it, or of `USER@INSTANCE/NUMBER`."""
    if "@" in text:
        user, _, rest = text.lstrip("@").partition("@")
        host, _, number = rest.partition("/")
        return from_id(number, {"instance": host, "user": user}) if user and number else None
    given = next((parameters[name] for name in _HOST_NAMES if parameters.get(name)), "")
    parts = addresses.split(given)
    if parts is None or not re.fullmatch("[0-9]{10,20}", text) or not _is_instance(parts[0]):
        return None
    user = next((parameters[name].lstrip("@") for name in _USER_NAMES if parameters.get(name)), "")
    return PostRef(NAME, f"{parts[0]}/{text}", user if re.fullmatch("[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}", user) else None)


def _is_instance(host: str) -> bool:
    return re.fullmatch(_HOST, host) is not None and re.fullmatch(_ELSEWHERE, host) is None


PLATFORM = Platform(
    name=NAME,
    permalink=permalink,
    canonical_url=canonical_url,
    from_id=from_id,
    paths=("statuses", "users/", "web/", r"@\w"),
    marks=Marks(
        classes=frozenset({"mastodon-embed"}),
        shortcodes=frozenset({"mastodon", "stoot", "toot", "fediverse"}),
        words=frozenset({"mastodon"}),
    ),
)
