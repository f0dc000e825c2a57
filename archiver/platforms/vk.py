"""VK: posts on walls, videos and clips. Found only, so far.

Ids are written as VK writes attachments (https://dev.vk.com/en/reference/objects/post), the kind left out for a post:
`OWNER_POST`, `videoOWNER_ID`, `clipOWNER_ID`. A negative owner is a community.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs

from archiver import addresses
from archiver.model import Marks, Platform, PostRef

NAME = "vk"
HOSTS = frozenset({"vk.com", "m.vk.com", "vk.ru", "m.vk.ru", "new.vk.com", "vkontakte.ru", "vkvideo.ru", "m.vkvideo.ru"})
_NAMED = r"(?P<kind>wall|video|clip)(?P<owner>-?[1-9][0-9]{0,14})_(?P<id>[0-9]{1,14})(?![0-9]|_[0-9])"
_OWNER_NAMES = ("data-owner-id", "owner", "owner_id", "owner-id", "oid")


def permalink(url: str) -> PostRef | None:
    """The post, video or clip an address names, a player's included; None for any other address."""
    if "vk" not in url.lower():
        return None
    parts = addresses.split(url)
    if parts is None or parts[0].removeprefix("www.") not in HOSTS:
        return None
    _, path, query, _ = parts
    found = re.match(r"/(?:[\w.]{1,64}/|playlist/[0-9_-]{1,32}/)?" + _NAMED, path)
    if found or not query:
        return _ref(found)
    given = {name: values[0] for name, values in parse_qs(query).items()}
    if path.rstrip("/") == "/video_ext.php":
        return _ref(re.fullmatch(_NAMED, f"video{given.get('oid', '')}_{given.get('id', '')}"))
    if path.rstrip("/") == "/widget_post.php":
        return _ref(re.fullmatch(_NAMED, f"wall{given.get('owner_id', '')}_{given.get('post_id', '')}"))
    # An overlay: of a post in `w`, of a video in `z`, above any page.
    return _ref(re.match(_NAMED, given.get("w", "")) or re.match(_NAMED, given.get("z", "")))


def canonical_url(ref: PostRef) -> str:
    """The post, video or clip on vk.com."""
    return f"https://vk.com/{'' if ref.post_id[:1].isalpha() else 'wall'}{ref.post_id}"


def from_id(text: str, parameters: Mapping[str, str]) -> PostRef | None:
    """The post of `OWNER_POST`, or of a number whose owner stands beside it."""
    if text.isdigit():
        text = next((parameters[name] for name in _OWNER_NAMES if parameters.get(name)), "") + "_" + text
    return _ref(re.fullmatch(_NAMED, text) or re.fullmatch(_NAMED, "wall" + text))


def _ref(found: re.Match[str] | None) -> PostRef | None:
    if found is None:
        return None
    kind = "" if found["kind"] == "wall" else found["kind"]
    return PostRef(NAME, f"{kind}{found['owner']}_{found['id']}")


PLATFORM = Platform(
    name=NAME,
    permalink=permalink,
    canonical_url=canonical_url,
    from_id=from_id,
    hosts=frozenset({"vk", "vkontakte", "vkvideo"}),
    paths=("video", r"wall-?\d"),
    marks=Marks(
        tags={"amp-vk": "data-post-id"},
        shortcodes=frozenset({"vk", "vkontakte"}),
        words=frozenset({"vk", "vkontakte"}),
    ),
)
