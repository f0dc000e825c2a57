"""What stands in an export in the place of a record that is withheld: a WARC record that says so, of exactly the same length.

So all that lies behind it stays where the index says, and every other digest holds.
"""

from __future__ import annotations

import base64
import hashlib
import struct
import uuid
import zlib
from collections.abc import Iterator
from math import ceil

TARGET = "urn:withheld:"
CONTENT_TYPE = "text/plain"

_SAYS = "A {type} record was here. It is withheld; its length and its digest are in archive.db.\r\n"
_STORED = 65_535  # the most that a stored block of deflate holds, and an extra field of gzip
_LENGTH_AND_COMPLEMENT = struct.Struct("<BHH")


def stub(record_id: str, type_: str, moment: str, length: int) -> Iterator[bytes]:
    """The gzip member that stands for a record, in pieces; the same each time for the same arguments.

    It is filled up to `length` with an extra field of gzip (RFC 1952, 2.3.1.1), which readers pass over, and where that is not
    enough with spaces behind the words. Raises ValueError where `length` is too short for any record.
    """
    padding = 0 if length <= _STORED else (length - 4096) * _STORED // (_STORED + 5)
    for head, says in ((_head, _SAYS.format(type=type_).encode()), (_bare_head, b"")):
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        begun = head(record_id, moment, says, padding) + says
        packed = packer.compress(begun) + packer.flush(zlib.Z_FULL_FLUSH)
        spare = length - (10 + len(packed) + padding + 5 * ceil(padding / _STORED) + 9 + 8)
        if spare >= 0:
            return _member(begun, packed, padding, spare)
    raise ValueError(f"{record_id}: {length} bytes are too few for a record that stands for it")


def _head(record_id: str, moment: str, says: bytes, padding: int) -> bytes:
    digest = hashlib.sha1(says, usedforsecurity=False)
    for piece in _spaces(padding):
        digest.update(piece)
    own = uuid.uuid5(uuid.NAMESPACE_URL, f"{record_id} {moment}")
    fields = {
        "WARC-Type": "metadata",
        "WARC-Record-ID": f"<urn:uuid:{own}>",
        "WARC-Date": moment,
        "WARC-Target-URI": f"{TARGET}{record_id}",
        "WARC-Refers-To": f"<{record_id}>",
        "Archiver-Origin": "local",
        "WARC-Block-Digest": f"sha1:{base64.b32encode(digest.digest()).decode()}",
        "Content-Type": CONTENT_TYPE,
        "Content-Length": str(len(says) + padding),
    }
    return _lines(fields)


def _bare_head(record_id: str, moment: str, says: bytes, padding: int) -> bytes:
    """Where there is room for no more: what a WARC record has to have."""
    own = uuid.uuid5(uuid.NAMESPACE_URL, f"{record_id} {moment}")
    length = str(len(says) + padding)
    return _lines(
        {"WARC-Type": "metadata", "WARC-Record-ID": f"<urn:uuid:{own}>", "WARC-Date": moment, "Content-Length": length}
    )


def _lines(fields: dict[str, str]) -> bytes:
    return ("WARC/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n").encode()


def _member(begun: bytes, packed: bytes, padding: int, spare: int) -> Iterator[bytes]:
    """The member in pieces: gzip's header, what is packed, the padding as stored blocks, the record's end, gzip's trailer."""
    flags = 0 if spare == 0 else 0x10 if spare == 1 else 0x04
    yield b"\x1f\x8b\x08" + bytes([flags]) + b"\x00\x00\x00\x00\x02\xff"
    if spare == 1:
        yield b"\x00"  # a comment without words: an extra field takes two bytes at least
    elif spare:
        yield struct.pack("<H", spare - 2) + bytes(spare - 2)
    yield packed
    crc, end = zlib.crc32(begun), b"\r\n\r\n"
    for piece in _spaces(padding):
        crc = zlib.crc32(piece, crc)
        yield _stored(piece, last=False)
    yield _stored(end, last=True)
    size = len(begun) + padding + len(end)
    yield struct.pack("<II", zlib.crc32(end, crc), size & 0xFFFFFFFF)


def _spaces(count: int) -> Iterator[bytes]:
    for _ in range(count // _STORED):
        yield b" " * _STORED
    if count % _STORED:
        yield b" " * (count % _STORED)


def _stored(data: bytes, *, last: bool) -> bytes:
    return _LENGTH_AND_COMPLEMENT.pack(last, len(data), len(data) ^ 0xFFFF) + data
