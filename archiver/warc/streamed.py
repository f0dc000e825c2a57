"""A response that is too large for memory: its block goes to its segment while it is received, once, and its head comes last.

A WARC record begins with what is known only at its end: digests and length. So room is left for the head, as deflate blocks
that are stored and not compressed (RFC 1951, 3.2.4): those have a length that is known beforehand, and what of the room is not
needed is filled with empty ones. The member's checksum is put together from that of the head and that of the block.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from archiver.warc.record import base32_sha1

_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # RFC 1952, 2.3: no name, no time, unknown system
_LARGEST_BLOCK = 65_535
_EMPTY_BLOCK = b"\x00\x00\x00\xff\xff"
_LAST_BLOCK = b"\x01\x00\x00\xff\xff"
_POLYNOMIAL = 0xEDB88320


class StreamedMember:
    """A gzip member at the end of a file. `room` is the most that the record's head will take, in bytes, below 65,535.

    `size` counts the payload, which is what `write` is given; `http_head` stands before it in the block.
    """

    def __init__(self, path: Path, room: int, http_head: bytes) -> None:
        self._path = path
        self._file = path.open("r+b")
        self._offset = self._file.seek(0, os.SEEK_END)
        self._room = len(_EMPTY_BLOCK) * (room // len(_EMPTY_BLOCK) + 2)
        self._block_sha1 = hashlib.sha1(http_head, usedforsecurity=False)
        self._payload_sha1 = hashlib.sha1(usedforsecurity=False)
        self._payload_sha256 = hashlib.sha256()
        self._head_bytes = len(http_head)
        self._crc = 0
        self.size = 0
        self._file.write(_GZIP_HEAD + _EMPTY_BLOCK * (self._room // len(_EMPTY_BLOCK)))
        self._store(http_head)

    def write(self, data: bytes) -> None:
        """The next piece of the payload. Raises OSError."""
        self.size += len(data)
        for digest in (self._block_sha1, self._payload_sha1, self._payload_sha256):
            digest.update(data)
        self._store(data)

    @property
    def payload_digest(self) -> str:
        return base32_sha1(self._payload_sha1)

    @property
    def payload_sha256(self) -> str:
        return self._payload_sha256.hexdigest()

    def finish(self, head: Callable[[str, str], bytes]) -> tuple[int, str]:
        """Write the record's head, made from the block's digest and its length in digits, and wait for the disk.

        The member's length and the SHA-256 of its bytes, read back from the file. Raises OSError.
        """
        length = self._head_bytes + self.size
        self._store(b"\r\n\r\n")
        for zeros in range(len(_EMPTY_BLOCK)):  # so that empty blocks fill the rest of the room
            made = head(base32_sha1(self._block_sha1), "0" * zeros + str(length))
            filling = self._room - len(_EMPTY_BLOCK) - len(made)
            if filling % len(_EMPTY_BLOCK) == 0:
                break
        if filling < 0:
            raise ValueError("the room for a record's head was too small")
        crc = _combined(zlib.crc32(made), self._crc, length + 4)
        self._file.write(_LAST_BLOCK + struct.pack("<II", crc, (len(made) + length + 4) & 0xFFFFFFFF))
        member_length = self._file.tell() - self._offset
        self._file.seek(self._offset + len(_GZIP_HEAD))
        self._file.write(_stored(made) + _EMPTY_BLOCK * (filling // len(_EMPTY_BLOCK)))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.seek(self._offset)
        sha256 = hashlib.sha256()
        while piece := self._file.read(1024 * 1024):
            sha256.update(piece)
        self._file.close()
        return member_length, sha256.hexdigest()

    def close(self) -> None:
        """Leave it as it is: finished, or for the next run to find. What the disk refused is refused silently once more."""
        with suppress(OSError):
            self._file.close()

    def _store(self, data: bytes) -> None:
        self._crc = zlib.crc32(data, self._crc)
        for at in range(0, len(data), _LARGEST_BLOCK):
            self._file.write(_stored(data[at : at + _LARGEST_BLOCK]))


def _stored(data: bytes) -> bytes:
    return struct.pack("<BHH", 0, len(data), len(data) ^ 0xFFFF) + data


def _combined(first: int, second: int, length: int) -> int:
    """The CRC-32 of two pieces after one another, from the CRC-32 of each and the length of the second: the first is carried on
    over as many zero bytes, a multiplication by x to the 8·length in GF(2)[x] modulo the polynomial."""
    carried, square, exponent = first, 1 << 30, 8 * length  # in the reflected order 1 << 30 is x
    while exponent:
        if exponent & 1:
            carried = _product(carried, square)
        square = _product(square, square)
        exponent >>= 1
    return carried ^ second


def _product(a: int, b: int) -> int:
    product = 0
    for bit in range(31, -1, -1):
        if a >> bit & 1:
            product ^= b
        b = b >> 1 ^ (_POLYNOMIAL if b & 1 else 0)
    return product
