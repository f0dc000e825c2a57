"""LinkedIn: posts. Found only, so far. An id is `KIND:NUMBER`, the end of the post's URN: one post has an id of each kind."""

from __future__ import annotations

import re
from collections.abc import Mapping

from archiver import addresses
from archiver.model import Marks, Platform, PostRef

NAME = "linkedin"
_HOST = r"(?:[a-z]{1,3}\.)?linkedin\.com"
_THING = r"(?P<kind>activity|share|ugcPost)[:-](?P<number>[0-9]{10,25})(?![0-9])"
_URN = rf"urn:li:{_THING}"
_UPDATE = rf"/(?:embed/)?feed/update/{_URN}"
_POST = rf"/posts/(?P<slug>[^/]{{0,400}}?)-?{_THING}"


def permalink(url: str) -> PostRef | None:
    """The post an address names, an embed's frame included; None for any other address."""
    if "linkedin." not in url.lower():
        return None
    parts = addresses.split(url)
    if parts is None or not re.fullmatch(_HOST, parts[0].removeprefix("www.")):
        return None
    return _ref(re.match(_UPDATE, parts[1]) or re.match(_POST, parts[1]))


def canonical_url(ref: PostRef) -> str:
    """The post in the feed's viewer, which needs no slug."""
    return f"https://www.linkedin.com/feed/update/urn:li:{ref.post_id}/"


def from_id(text: str, _: Mapping[str, str]) -> PostRef | None:
    """The post of a URN, whole or only its end."""
    return _ref(re.fullmatch(_URN, text) or re.fullmatch(_THING, text))


def _ref(found: re.Match[str] | None) -> PostRef | None:
    if found is None:
        return None
    user, mark, _ = (found.groupdict().get("slug") or "").partition("_")  # /posts/USER_words-of-the-post-activity-…
    return PostRef(NAME, f"{found['kind']}:{found['number']}", user if mark and user else None)


PLATFORM = Platform(
    name=NAME,
    permalink=permalink,
    canonical_url=canonical_url,
    from_id=from_id,
    hosts=frozenset({"linkedin"}),
    paths=("embed", "feed/update", "post"),
    marks=Marks(
        ids=frozenset({"data-linkedin-urn", "data-activity-urn"}),
        shortcodes=frozenset({"linkedin"}),
        words=frozenset({"linkedin"}),
    ),
)
