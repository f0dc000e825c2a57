"""Reading our own records back, by where they lie."""

from __future__ import annotations

import hashlib
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import ArchiveDamaged
from archiver.warc.stub import TARGET


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as it was read: its named fields in order, and its block."""

    fields: tuple[tuple[str, str], ...]
    block: bytes

    def field(self, name: str) -> str | None:
        """The first field of that name; None where there is none."""
        return next((value for key, value in self.fields if key == name), None)


def stored_bytes(path: Path, offset: int, length: int) -> bytes:
    """The bytes of one gzip member as they lie in the file; fewer where the file ends early. Raises OSError."""
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(length)


def record(path: Path, offset: int, length: int, sha256: str) -> Stored:
    """The record at `offset`, checked against the digest of its stored bytes. Raises ArchiveDamaged where they differ."""
    try:
        data = stored_bytes(path, offset, length)
    except FileNotFoundError:
        raise ArchiveDamaged(f"{path.name}: the file is missing") from None
    if len(data) != length or hashlib.sha256(data).hexdigest() != sha256:
        raise ArchiveDamaged(f"{path.name}: the record at offset {offset} {_not_it(data)}")
    return parse(data)


def opening(path: Path, offset: int, length: int, sha256: str, most: int = 1024 * 1024) -> Stored:
    """The record at `offset` with the beginning of its block, at most so many bytes; all of its stored bytes are checked.

    Raises ArchiveDamaged where they are not what was written.
    """
    digest, unpacker, unpacked, left = hashlib.sha256(), zlib.decompressobj(31), b"", length
    try:
        with path.open("rb") as file:
            file.seek(offset)
            while left and (piece := file.read(min(left, most))):
                left -= len(piece)
                digest.update(piece)
                if len(unpacked) < most:
                    unpacked += unpacker.decompress(piece, most - len(unpacked))
    except FileNotFoundError:
        raise ArchiveDamaged(f"{path.name}: the file is missing") from None
    if left or digest.hexdigest() != sha256:
        raise ArchiveDamaged(f"{path.name}: the record at offset {offset} is not what was written")
    return _stored(unpacked)


def parse(data: bytes) -> Stored:
    """One gzip member as a record. Raises ValueError where it is none."""
    try:
        unpacked = zlib.decompress(data, 31)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    return _stored(unpacked)


def _not_it(data: bytes) -> str:
    """What to say of other bytes than those that were written."""
    try:
        withheld = (parse(data).field("WARC-Target-URI") or "").startswith(TARGET)
    except ValueError:
        withheld = False
    return "is withheld: this is a copy that was made for handing over" if withheld else "is not what was written"


def _stored(unpacked: bytes) -> Stored:
    head, _, rest = unpacked.partition(b"\r\n\r\n")
    lines = head.decode("utf-8").split("\r\n")
    fields = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines[1:]))
    length = next((int(value) for name, value in fields if name == "Content-Length"), 0)
    return Stored(fields, rest[:length])


def http_parts(block: bytes) -> tuple[bytes, tuple[tuple[str, str], ...], bytes]:
    """The head of an HTTP message with its blank line, its headers, and its body. Lines may end in LF alone, and a header may
    go on on a line that begins with white space (RFC 9112, 2.2 and 5.2)."""
    blank = re.search(rb"\n\r?\n", block)
    end = blank.end() if blank else len(block)
    unfolded = re.sub(r"\r?\n[ \t]+", " ", block[:end].decode("latin-1"))
    lines = [line.rstrip("\r") for line in unfolded.split("\n")[1:] if line.rstrip("\r")]
    return block[:end], tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines)), block[end:]
