"""The body of an exchange as it is to be read: the content encoding taken off, under a cap."""

from __future__ import annotations

import zlib
from dataclasses import replace

from archiver.errors import CaptureError
from archiver.model import Exchange

MAX_DECODED_BYTES = 64 * 1024 * 1024

_PIECE = 1024 * 1024
_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


def decoded(exchange: Exchange, max_bytes: int = MAX_DECODED_BYTES) -> Exchange:
    """The exchange with its body decoded; what is archived is never this one.

    Raises CaptureError for a coding that is not known, more than one, a broken or cut stream, or more than `max_bytes`.
    """
    if exchange.unread:
        raise CaptureError("too-large", f"{exchange.url}: {exchange.size} bytes are more than are read")
    coding = _coding(exchange.header("Content-Encoding"))
    if coding == "identity" or not exchange.body:
        return exchange
    if coding not in _WINDOWS:
        raise CaptureError("unknown-coding", f"{exchange.url}: Content-Encoding {coding!r} cannot be read")
    decoder = zlib.decompressobj(_WINDOWS[coding])
    try:
        body = decoder.decompress(exchange.body, max_bytes)
    except zlib.error as error:
        raise CaptureError("broken-coding", f"{exchange.url}: {error}") from None
    if decoder.unconsumed_tail:
        raise CaptureError("too-large", f"{exchange.url}: decodes to more than {max_bytes} bytes")
    if not decoder.eof:
        raise CaptureError("cut-coding", f"{exchange.url}: the {coding} stream ends early")
    return replace(exchange, body=body)


def ends_early(content_encoding: str | None, body: bytes | bytearray, max_bytes: int = MAX_DECODED_BYTES) -> bool:
    """True where a compressed body stops before its own end. One that decodes to more than `max_bytes` is not read to its end,
    and neither is one that is no such stream: both fail when they are read."""
    window = _WINDOWS.get(_coding(content_encoding))
    if window is None or not body:
        return False
    decoder, room = zlib.decompressobj(window), max_bytes
    try:
        data = decoder.decompress(body, _PIECE)
        while decoder.unconsumed_tail and room > 0:
            room -= len(data)
            data = decoder.decompress(decoder.unconsumed_tail, _PIECE)
    except zlib.error:
        return False
    return not decoder.eof and room > 0


def _coding(content_encoding: str | None) -> str:
    return (content_encoding or "identity").strip().lower() or "identity"
