"""HTTP Live Streaming (RFC 8216): which files make up the best picture and sound that a playlist offers."""

from __future__ import annotations

from dataclasses import dataclass

import m3u8

from archiver.errors import CaptureError
from archiver.model import Exchange


@dataclass(frozen=True, slots=True)
class Playlist:
    """What a playlist names: other playlists (the best variant and its sound), and files, each once and in order."""

    playlists: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def read(exchange: Exchange) -> Playlist:
    """What the playlist names, as whole addresses. `exchange` is decoded. Raises CaptureError for what is no playlist."""
    text = exchange.body.decode("utf-8", "replace")
    if not text.lstrip("\ufeff").startswith("#EXTM3U"):
        raise CaptureError("no-playlist", f"{exchange.url}: is no HLS playlist")
    try:
        read = m3u8.loads(text, uri=exchange.url)
        return Playlist(_chosen(read), _files(read)) if read.is_variant else Playlist(files=_files(read))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:  # what the library lets through
        raise CaptureError("broken-playlist", f"{exchange.url}: cannot be read as an HLS playlist: {error}") from None


def _chosen(read: m3u8.M3U8) -> tuple[str, ...]:
    """The variant with the most pixels, then the most bits a second, and the sound that belongs to it (section 4.3.4)."""

    def rank(variant: m3u8.Playlist) -> tuple[int, int]:
        width, height = variant.stream_info.resolution or (0, 0)
        return int(width) * int(height), int(variant.stream_info.bandwidth or 0)

    best = max(read.playlists, key=rank)
    sounds = [one for one in read.media if one.type == "AUDIO" and one.group_id == best.stream_info.audio and one.uri]
    sounds.sort(key=lambda one: one.default != "YES")
    return tuple(dict.fromkeys([best.absolute_uri, *(one.absolute_uri for one in sounds[:1])]))


def _files(read: m3u8.M3U8) -> tuple[str, ...]:
    """What begins each part, what unlocks it, and its segments."""
    found = [one.absolute_uri for one in read.segment_map if one.uri]
    found += [key.absolute_uri for key in read.keys if key is not None and key.uri]
    found += [segment.absolute_uri for segment in read.segments if segment.uri]
    return tuple(dict.fromkeys(found))
