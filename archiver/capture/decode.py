"""The body of an exchange as it is to be read: the content encoding taken off, under a cap."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace

from archiver.errors import CaptureError
from archiver.model import Exchange

MAX_DECODED_BYTES = 64 * 1024 * 1024
MAX_FOLLOWED_BYTES = 256 * 1024 * 1024

_PIECE = 1024 * 1024
_STEP = 64 * 1024
_MEMBER = b"\x1f\x8b\x08"  # how a gzip member begins (RFC 1952, 2.3)
_KNOWN = frozenset({"gzip", "x-gzip", "deflate"})


def decoded(exchange: Exchange, max_bytes: int = MAX_DECODED_BYTES) -> Exchange:
    """The exchange with its body decoded; what is archived is never this one.

    Raises CaptureError for a coding that is not known, more than one, a broken or cut stream, or more than `max_bytes`.
    """
    if exchange.unread:
        raise CaptureError("too-large", f"{exchange.url}: {exchange.size} bytes are more than are read")
    coding = _coding(exchange.header("Content-Encoding"))
    if coding == "identity" or not exchange.body:
        return exchange
    if coding not in _KNOWN:
        raise CaptureError("unknown-coding", f"{exchange.url}: Content-Encoding {coding!r} cannot be read")
    stream, pieces, room = _Stream(coding), list[bytes](), max_bytes
    try:
        for at in range(0, len(exchange.body), _STEP):
            for piece in stream.feed(exchange.body[at : at + _STEP]):
                pieces.append(piece)
                room -= len(piece)
                if room < 0:
                    raise CaptureError("too-large", f"{exchange.url}: decodes to more than {max_bytes} bytes")
    except zlib.error as error:
        raise CaptureError("broken-coding", f"{exchange.url}: {error}") from None
    if not stream.ended:
        raise CaptureError("cut-coding", f"{exchange.url}: the {coding} stream ends early")
    return replace(exchange, body=b"".join(pieces))


class Followed:
    """Follows a body while it is received, to know whether its compression comes to its own end.

    One that decodes to more than `max_bytes` is not followed to its end, and neither is one that is no such stream: both fail
    when they are read.
    """

    def __init__(self, content_encoding: str | None, max_bytes: int = MAX_FOLLOWED_BYTES) -> None:
        coding = _coding(content_encoding)
        self._stream = _Stream(coding) if coding in _KNOWN else None
        self._room = max_bytes

    def feed(self, data: bytes) -> None:
        if self._stream is None:
            return
        try:
            for piece in self._stream.feed(data):
                self._room -= len(piece)
                if self._room < 0:
                    self._stream = None
                    return
        except zlib.error:
            self._stream = None

    @property
    def ends_early(self) -> bool:
        """True where it has begun and stops before its end."""
        return self._stream is not None and self._stream.begun and not self._stream.ended


class _Stream:
    """A coding taken off piece by piece. What comes after its end is passed over, as browsers do."""

    def __init__(self, coding: str) -> None:
        self._gzip = coding != "deflate"
        self._decoder: zlib._Decompress | None = None
        self._rest = b""
        self._members = 0
        self.begun = False

    @property
    def ended(self) -> bool:
        """True at the end of the stream; and not where what may be the beginning of another member follows."""
        return bool(self._members) and self._decoder is None and not (self._rest and _MEMBER.startswith(self._rest))

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What the next bytes decode to, at most 1 MiB at once. Raises zlib.error."""
        self.begun = self.begun or bool(data)
        self._rest += data
        while self._rest:
            self._decoder = self._decoder or self._begun()
            if self._decoder is None:
                return
            piece = self._decoder.decompress(self._rest, _PIECE)
            while piece:
                yield piece
                piece = b"" if self._decoder.eof else self._decoder.decompress(self._decoder.unconsumed_tail, _PIECE)
            self._rest = b""
            if self._decoder.eof:
                self._rest, self._decoder = self._decoder.unused_data, None
                self._members += 1

    def _begun(self) -> zlib._Decompress | None:
        """A decoder for what begins here; None where nothing does, or where more bytes must come to tell."""
        if self._gzip:  # several members may follow one another (RFC 1952, 2.2)
            return None if self._members and not self._rest.startswith(_MEMBER) else zlib.decompressobj(31)
        if self._members or len(self._rest) < 2:
            return None
        # Some servers mean by `deflate` the bare stream, without zlib's head (RFC 1950, 2.2).
        headed = self._rest[0] & 0x0F == 8 and int.from_bytes(self._rest[:2], "big") % 31 == 0
        return zlib.decompressobj(15 if headed else -15)


def _coding(content_encoding: str | None) -> str:
    return (content_encoding or "identity").strip().lower() or "identity"
