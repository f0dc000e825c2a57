"""Taking the transfer and content coding off a captured body, under a cap."""

from __future__ import annotations

import importlib
import re
import zlib
from collections.abc import Callable

from archiver.errors import SourceError

_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]{0,9}(?:;[^\r\n]{0,1000})?\r?\n")
_STEP = 64 * 1024


def without_chunks(body: bytes) -> bytes:
    """The body with its chunks joined. Many tools join them and leave the header: what is not chunked is given as it is, and
    what follows a broken chunk is left out."""
    joined: list[bytes] = []
    at = 0
    while found := _SIZE.match(body, at):
        size = int(found[1], 16)
        if not size:
            return b"".join(joined)
        joined.append(body[found.end() : found.end() + size])
        at = found.end() + size
        at += 2 if body.startswith(b"\r\n", at) else 1 if body.startswith(b"\n", at) else 0
    return b"".join(joined) if joined else body


def decoded(body: bytes, coding: str, max_bytes: int) -> tuple[bytes, bool]:
    """The body without its content coding, at most `max_bytes` and one byte of it; and whether the stream came to its end.

    A body that is not in the coding it names was decoded by the tool that saved it. Raises SourceError for a coding that is not
    known, for more than one, and for a stream that is broken.
    """
    coding = coding.strip().lower()
    if coding in ("", "identity", "none") or not body:
        return body, True
    decoder = _DECODERS.get(coding)
    if decoder is None:
        raise SourceError(f"Content-Encoding {coding[:100]!r} cannot be read")
    return decoder(body, max_bytes + 1)


def _gzip(body: bytes, most: int) -> tuple[bytes, bool]:
    return _inflate(body, most, 31) if body.startswith(b"\x1f\x8b") else (body, True)


def _deflate(body: bytes, most: int) -> tuple[bytes, bool]:
    try:
        return _inflate(body, most, 15)
    except SourceError:
        return _inflate(body, most, -15)  # what some servers mean by it


def _inflate(body: bytes, most: int, window: int) -> tuple[bytes, bool]:
    decoder = zlib.decompressobj(window)
    try:
        data = decoder.decompress(body, most)
    except zlib.error as error:
        raise SourceError(f"its content coding is broken: {error}") from None
    return data, decoder.eof or len(data) >= most


def _brotli(body: bytes, most: int) -> tuple[bytes, bool]:
    try:
        brotli = importlib.import_module("brotli")
        decoder = brotli.Decompressor()
        decoder.process(b"", output_buffer_limit=0)
    except (ImportError, TypeError):
        # Versions that cannot be told where to stop make 1 GB of 800 bytes.
        raise SourceError("Content-Encoding br cannot be read: that needs the package brotli, 1.2 or newer") from None
    pieces, size = [], 0
    try:
        piece = decoder.process(body, output_buffer_limit=_STEP)
        while True:
            pieces.append(piece)
            size += len(piece)
            if size >= most or decoder.is_finished() or decoder.can_accept_more_data():
                break
            piece = decoder.process(b"", output_buffer_limit=_STEP)
    except brotli.error as error:
        raise SourceError(f"its content coding is broken: {error}") from None
    return b"".join(pieces)[:most], decoder.is_finished() or size >= most


def _zstd(body: bytes, most: int) -> tuple[bytes, bool]:
    try:
        zstandard = importlib.import_module("zstandard")
    except ImportError:
        raise SourceError("Content-Encoding zstd cannot be read: that needs the package zstandard") from None
    decoder = zstandard.ZstdDecompressor(max_window_size=8 * 1024 * 1024)
    pieces, size = [], 0
    try:
        with decoder.stream_reader(body, read_across_frames=True) as reader:
            while size < most and (piece := reader.read(_STEP)):
                pieces.append(piece)
                size += len(piece)
    except zstandard.ZstdError as error:
        raise SourceError(f"its content coding is broken: {error}") from None
    return b"".join(pieces)[:most], True


_DECODERS: dict[str, Callable[[bytes, int], tuple[bytes, bool]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
