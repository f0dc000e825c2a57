"""Twitch: recordings and clips. Found only, so far. An id is `videos/NUMBER` or `clip/SLUG`. A live channel is no post."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs

from archiver import addresses
from archiver.model import Marks, Platform, PostRef

NAME = "twitch"
_SLUG = r"(?P<slug>(?!(?:embed|create|edit)(?![\w-]))[A-Za-z0-9_-]{4,120})(?![\w-])"
_NUMBER = r"v?(?P<number>[0-9]{5,14})(?![\w-])"
_VIDEO = rf"/(?:videos|(?P<user>\w{{2,30}})/(?:v|video|videos))/{_NUMBER}"
_CLIP = rf"/(?:(?P<user>\w{{2,30}})/)?clip/{_SLUG}"


def permalink(url: str) -> PostRef | None:
    """The recording or clip an address names, a player's included; None for channels and any other address."""
    if "twitch." not in url.lower():
        return None
    parts = addresses.split(url)
    if parts is None:
        return None
    host, path, query, _ = parts
    host = host.removeprefix("www.")
    given = {name: values[0] for name, values in parse_qs(query).items()} if query else {}
    if host == "clips.twitch.tv":
        return _ref(re.fullmatch(_SLUG, given.get("clip", "")) if path.rstrip("/") == "/embed" else re.match(f"/{_SLUG}", path))
    if host == "player.twitch.tv":
        return _ref(re.fullmatch(_NUMBER, given.get("video", "")))
    if host not in {"twitch.tv", "m.twitch.tv", "go.twitch.tv"}:
        return None
    return _ref(re.match(_VIDEO, path) or re.match(_CLIP, path))


def canonical_url(ref: PostRef) -> str:
    """The page of the recording or the clip."""
    kind, _, rest = ref.post_id.partition("/")
    return f"https://clips.twitch.tv/{rest}" if kind == "clip" else f"https://www.twitch.tv/videos/{rest}"


def from_id(text: str, _: Mapping[str, str]) -> PostRef | None:
    """The recording of a number, or the clip of a slug, which begins with a capital."""
    return _ref(re.fullmatch(_NUMBER, text) or re.fullmatch("(?P<slug>[A-Z][A-Za-z0-9_-]{9,119})", text))


def _ref(found: re.Match[str] | None) -> PostRef | None:
    if found is None:
        return None
    given = found.groupdict()
    post_id = f"videos/{given['number']}" if given.get("number") else f"clip/{given['slug']}"
    return PostRef(NAME, post_id, given.get("user"))


PLATFORM = Platform(
    name=NAME,
    permalink=permalink,
    canonical_url=canonical_url,
    from_id=from_id,
    hosts=frozenset({"twitch"}),
    paths=("clip", "video", r"clips\.twitch\.tv", r"player\.twitch\.tv"),
    marks=Marks(
        ids=frozenset({"data-twitch-id", "data-twitch-video", "data-twitch-clip"}),
        tags={"twitch-video": "src"},
        shortcodes=frozenset({"twitch", "twitch_clip", "twitch-clip"}),
        words=frozenset({"twitch"}),
    ),
)
