"""The body of an exchange as it is to be read: the content encoding taken off, under a cap."""

from __future__ import annotations

import zlib
from dataclasses import replace

from archiver.errors import CaptureError
from archiver.model import Exchange

_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


def decoded(exchange: Exchange, max_bytes: int = 64 * 1024 * 1024) -> Exchange:
    """The exchange with its body decoded; what is archived is never this one.

    Raises CaptureError for a coding that is not known, more than one, a broken or cut stream, or more than `max_bytes`.
    """
    coding = (exchange.header("Content-Encoding") or "identity").strip().lower()
    if coding in ("", "identity") or not exchange.body:
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
