"""The media of X's posts: at which addresses the whole of each lies, from best to least.

https://developer.x.com/en/docs/x-api/v1/data-dictionary/object-model/entities has the fields; the sizes are those that
pbs.twimg.com serves.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from archiver.model import Purpose, Wanted
from archiver.platforms.twitter.fields import dict_of, dicts_of, original_address, text_of

_SIZES = ("orig", "4096x4096", "large")
_STORED = ("jpg", "png")  # webp is made on the way out, never stored: its original is one of these, as where none is named


def wanted(media: list[dict[str, Any]]) -> tuple[list[Wanted], list[str]]:
    """Each photo at original size and as shown, each video as its best file with its poster; and what has no address."""
    found: list[Wanted] = []
    missing: list[str] = []
    for one in media:
        kind, alt = one.get("type"), text_of(one.get("ext_alt_text")) or None
        shown = original_address(one.get("media_url_https") or one.get("media_url"))
        if kind == "photo" and shown:
            found += photo(shown, alt)
        elif kind in ("video", "animated_gif"):
            videos = video(dicts_of(dict_of(one.get("video_info")).get("variants")), alt)
            if not videos:
                missing.append(f"video: no mp4 and no playlist among the variants of {shown or 'an unnamed video'}")
            found += videos
            if shown:
                found.append(Wanted(Purpose.POSTER, shown, alt))
        else:
            missing.append(f"media: of a kind not known, {text_of(kind) or 'unnamed'}")
    return found, missing


def photo(shown: str, alt: str | None = None) -> list[Wanted]:
    """A photo at its original size, and as pages show it."""
    sizes = _photo_sizes(shown)
    return [Wanted(Purpose.PHOTO, sizes[0], alt, sizes[1:]), Wanted(Purpose.PHOTO_SHOWN, shown, alt)]


def video(variants: list[dict[str, Any]], alt: str | None = None) -> list[Wanted]:
    """The mp4 with the most bits a second, the lesser ones behind it; the HLS playlist where there is no mp4."""
    files: list[tuple[float, str]] = []
    playlists: list[str] = []
    for variant in variants:
        url, kind = (
            original_address(variant.get("url") or variant.get("src")),
            variant.get("content_type") or variant.get("type"),
        )
        if kind == "video/mp4" and url:
            files.append((_rate(variant, url), url))
        elif kind == "application/x-mpegURL" and url:
            playlists.append(url)
    if files:
        files.sort(key=lambda file: -file[0])
        addresses = [one for _, url in files for one in dict.fromkeys((url, url.partition("?")[0]))]
        return [Wanted(Purpose.VIDEO, addresses[0], alt, tuple(addresses[1:]))]
    return [Wanted(Purpose.PLAYLIST, playlists[0], alt, tuple(playlists[1:]))] if playlists else []


def _rate(variant: dict[str, Any], url: str) -> float:
    """Bits a second; where no variant tells them, the number of its pixels puts them in the same order."""
    bitrate = variant.get("bitrate", variant.get("bit_rate"))
    if isinstance(bitrate, int | float):
        return float(bitrate)
    size = re.search(r"/([0-9]{2,5})x([0-9]{2,5})/", url)
    return float(size[1]) * float(size[2]) / 1e9 if size else 0.0  # never above one whose bits are told


def _photo_sizes(shown: str) -> tuple[str, ...]:
    """The addresses of a photo from the largest down. A stored format asked for as another answers 404."""
    parts = urlsplit(shown)
    path = re.sub(r":(?:orig|large|medium|small|thumb)$", "", parts.path)
    if not path.startswith("/media/"):
        return (shown,)  # a card's or a video's picture has no other sizes
    stem, dot, suffix = path.rpartition(".")
    extension = suffix if dot else parse_qs(parts.query).get("format", [""])[0]
    base = f"https://{parts.netloc}{stem if dot else path}?format="
    stored = (extension,) if extension not in ("", "webp") else _STORED
    sizes = [f"{base}{kind}&name={size}" for size in _SIZES for kind in stored]
    return tuple(dict.fromkeys((*sizes, shown)))
