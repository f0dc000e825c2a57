"""YouTube: videos, shorts and streams. Found only, so far. A video's id is eleven characters; their case matters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs

from archiver import addresses
from archiver.model import Marks, Platform, PostRef

NAME = "youtube"
HOSTS = frozenset(
    {"youtube.com", "m.youtube.com", "music.youtube.com", "gaming.youtube.com", "youtube-nocookie.com", "youtubekids.com"}
    | {"youtubeeducation.com", "youtube.googleapis.com", "yewtu.be", "piped.video"}
)
# A playlist's and a channel's player stand where a video's id would, and have eleven letters too.
_ID = r"(?!videoseries|live_stream)(?P<id>[A-Za-z0-9_-]{11})(?![A-Za-z0-9_-])"
# Authors botch what stands before the id; players and readers see which video is meant.
_PATH = rf"/(?:embed|v|e|vi|shorts|live|watch)/(?:/|shorts/|v=|\")?{_ID}"
_BY_QUERY = r"/(?:watch|watch_popup|embed(?:/watch)?|apiplayer|swf/l\.swf)?/?"


def permalink(url: str) -> PostRef | None:
    """The video an address names, a player's included; None for playlists, channels and any other address."""
    text = url.lower()
    if "youtu" not in text and "invidious." not in text and "yewtu.be" not in text and "piped.video" not in text:
        return None
    parts = addresses.split(url)
    if parts is None:
        return None
    host, path, query, fragment = parts
    host = host.removeprefix("www.")
    if host == "youtu.be":
        return _ref(re.match(f"/{_ID}", path))
    if host not in HOSTS and not host.startswith("invidious."):
        return None
    found = re.match(_PATH, path)
    if found or not re.fullmatch(_BY_QUERY, path):
        return _ref(found)
    asked = parse_qs(query)
    given = asked.get("v") or asked.get("video_id") or parse_qs(fragment.lstrip("!")).get("v") or [""]
    return _ref(re.match(_ID, given[0]))


def canonical_url(ref: PostRef) -> str:
    """The video's page, which shows shorts and streams too."""
    return f"https://www.youtube.com/watch?v={ref.post_id}"


def from_id(text: str, _: Mapping[str, str]) -> PostRef | None:
    """The video of a bare id; players' parameters may follow it."""
    return _ref(re.fullmatch(rf"{_ID}(?:[?&].{{0,500}})?", text))


def _ref(found: re.Match[str] | None) -> PostRef | None:
    return PostRef(NAME, found["id"]) if found else None


PLATFORM = Platform(
    name=NAME,
    permalink=permalink,
    canonical_url=canonical_url,
    from_id=from_id,
    hosts=frozenset({"invidious", "piped", "yewtu", "youtu", "youtube", "youtube-nocookie", "youtubeeducation"}),
    paths=("e/", "embed", "live/", "shorts", "v/", "watch", r"youtu\.be"),
    marks=Marks(
        classes=frozenset({"lyme"}),
        ids=frozenset(
            {"data-youtube-id", "data-youtubeid", "data-youtube-video-id", "data-youtube-videoid", "data-youtube-video"}
            | {
                "data-youtube-embed",
                "data-yt",
                "data-yt-embed",
                "data-yt-video",
                "data-youtube",
                "data-yt-id",
                "data-ytid",
                "data-yt-video-id",
                "youtube-id",
                "youtubeid",
            }
        ),
        tags={
            "lite-youtube": "videoid",
            "amp-youtube": "data-videoid",
            "youtube-video": "src",
            "google-youtube": "video-id",
            "youtube-embed": "video-id",
        },
        shortcodes=frozenset(
            {"youtube", "yt", "youtube-lite", "youtube_lite", "lite-youtube", "youtubelite", "youtube_simple"}
        ),
        words=frozenset({"youtube"}),
    ),
)
