"""WARC files → the pages in them, one after another: nothing but the page at hand is in memory.

Records are told apart here and not by warcio, which takes several times as long, trusts every length, and tells only standard
error what it stumbles over. Most of a collection is pictures and scripts: of those only the heads are looked at.
"""

from __future__ import annotations

import re
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from archiver.articles.coding import decoded, without_chunks
from archiver.articles.page import KINDS, MHTML, UNNAMED, Page, Readable, kind_and_charset
from archiver.errors import SourceError

MOST_RATIO = 200  # what HTML compresses to at its best is a tenth of that
FREE_BYTES = 50 * 1000 * 1000  # so much may come of anything
_HEAD_BYTES = 1024 * 1024
_STEP = 64 * 1024
_UNPACKED_AT_ONCE = 256 * 1024
_LOOKS_LIKE_A_PAGE = (b"<!doctype html", b"<html", b"<head", b"<?xml")

_LINE_ENDS = re.compile(rb"[\r\n]*+")
_LINE = re.compile(rb"\n")
_BLANK = re.compile(rb"\n\r?\n")
_VERSION = re.compile(rb"WARC/\d{1,3}\.\d{1,3}[ \t]{0,99}\r?\n")
_LENGTH = re.compile(rb"\d{1,19}")
_TIME = re.compile(rb"\d{8,14}")
_STATUS = re.compile(rb"HTTP/[\d.]{1,9}[ \t]{1,9}(\d{1,9})", re.IGNORECASE)


def pages(file: Readable, name: str, max_bytes: int, most_bytes: int | None = None) -> Iterator[Page | SourceError]:
    """Every page in a WARC or ARC file, in its order; in between, what could not be read, each as the error it is.

    A page is a response of 200 or a resource that is HTML, Markdown or MHTML, or that looks like HTML where nobody says what it
    is. A file that breaks off or unpacks to far more than it is (in all no more than `most_bytes`) ends with an error; what was
    read before it counts. After a record that is longer than it says, reading goes on with the next gzip member: within one
    nobody knows where the next record begins, for a page may hold what looks like one.
    """
    stream, number, lost = _Stream(file, most_bytes), 0, False
    while True:
        try:
            if lost and not stream.to_next_member():
                return
            stream.pass_over(stream.left)
            record = _next_record(stream)
            if record is None:
                break
            number, lost = number + 1, False
            found = _page(record, stream, name, max_bytes)
        except _NotARecord:
            detail = f"record {number} is not as long as it says" if number else "it does not begin with a record"
            yield SourceError(f"{name}: cannot be read as WARC from there on: {detail}")
            if lost or not number:
                return
            lost = True
        except (OSError, EOFError, ValueError, zlib.error) as error:
            yield SourceError(f"{name}: cannot be read as WARC any further, near record {number}: {_words(error)}")
            return
        else:
            if found is not None:
                yield found
    if number == 0:
        yield SourceError(f"{name}: there is no record in it")


class _NotARecord(Exception):
    """What stands where a record should begin."""


@dataclass(frozen=True, slots=True)
class _Record:
    """What a record's head says. The names of `fields` are in lower case."""

    kind: bytes
    url: str
    date: datetime | None
    fields: dict[bytes, bytes]


class _Stream:
    """What a file holds, unpacked where it is gzip, and how much of a record's block is `left`.

    Bytes are taken or passed over; only what is asked for is held, and a little that was read ahead.
    """

    def __init__(self, file: Readable, most_bytes: int | None) -> None:
        self._file = file
        self._most = most_bytes
        self._packed = file.read(_STEP)
        self._packed_count = len(self._packed)
        self._decoder = zlib.decompressobj(31) if self._packed.startswith(b"\x1f\x8b") else None
        self._members: deque[int] = deque()  # where those begin that were read ahead
        self._piece = b""
        self._at = self._end = 0  # the place in `_piece`, and where in all that was unpacked `_piece` ends
        self._trouble: Exception | None = None
        self._begun, self._begun_packed = 0, 0
        self.left = 0

    def begin(self, length: int) -> None:
        """A record's block begins, and has so many bytes."""
        self.left = length
        self._begun, self._begun_packed = self._place(), self._packed_count
        while self._members and self._members[0] <= self._begun:
            self._members.popleft()

    def begins_with(self, start: bytes) -> bool:
        """True where that comes next."""
        while len(self._piece) - self._at < len(start) and self._grow():
            pass
        return self._piece.startswith(start, self._at)

    def pass_line_ends(self) -> bool:
        """Pass over the line ends between records; False at the end of the file. Raises ValueError for too many."""
        passed = 0
        while True:
            found = _LINE_ENDS.match(self._piece, self._at)
            passed += found.end() - self._at if found else 0
            self._at = found.end() if found else self._at
            if passed > _HEAD_BYTES:
                raise ValueError(f"a head of more than {_HEAD_BYTES} bytes")
            if self._at < len(self._piece):
                return True
            if not self._grow():
                return False

    def up_to(self, end: re.Pattern[bytes], most: int) -> bytes | None:
        """All up to `end`, and with it; None where the next `most` bytes do not have it. Raises EOFError."""
        while True:
            found = end.search(self._piece, self._at, self._at + most)
            if found:
                taken, self._at = self._piece[self._at : found.end()], found.end()
                return taken
            if len(self._piece) - self._at >= most:
                return None
            if not self._grow():
                raise EOFError("the file ends within a record")

    def take(self, count: int) -> bytes:
        """The next so many bytes of the block. Raises EOFError."""
        pieces = []
        while count:
            piece = self._piece[self._at : self._at + count]
            pieces.append(piece)
            count -= len(piece)
            self.pass_over(len(piece))
            if count and not self._grow():
                raise EOFError("the file ends within a record")
        return b"".join(pieces)

    def pass_over(self, count: int) -> None:
        """Leave out so many bytes of the block. Raises EOFError."""
        self.left -= count
        while count > len(self._piece) - self._at:
            count -= len(self._piece) - self._at
            self._at = len(self._piece)
            if not self._grow():
                raise EOFError("the file ends within a record")
        self._at += count

    def to_next_member(self) -> bool:
        """Pass over the rest of the gzip member; False where it is the last, or there are none."""
        here = self._place()
        while not (self._members and self._members[-1] > here):
            self._at = len(self._piece)
            if not self._grow():
                return False
        while self._members[0] <= here:
            self._members.popleft()
        self._at += self._members[0] - self._place()
        return True

    def _place(self) -> int:
        return self._end - len(self._piece) + self._at

    def _grow(self) -> bool:
        """Read on, behind what is left of the piece; False at the end. Raises ValueError where it unpacks to far too much."""
        if self._trouble is not None:
            raise self._trouble
        pieces, size = [self._piece[self._at :]] if self._at < len(self._piece) else [], 0
        while size < _STEP:  # not one by one, for members may be as small as a byte
            try:
                piece = self._unpacked()
            except (OSError, EOFError, zlib.error) as error:
                if not size:
                    raise
                self._trouble = error  # what came before it counts
                break
            if not piece:
                break
            pieces.append(piece)
            size += len(piece)
        self._piece, self._at = b"".join(pieces), 0
        if self._end - self._begun > FREE_BYTES + MOST_RATIO * (self._packed_count - self._begun_packed):
            raise ValueError(f"a record that unpacks to more than {MOST_RATIO} times its size")
        if self._most is not None and self._end > self._most:
            raise ValueError(f"it unpacks to more than {MOST_RATIO} times its size")
        return size > 0

    def _unpacked(self) -> bytes:
        """The next bytes; none at the end. Raises EOFError where a gzip member breaks off."""
        piece = b""
        while not piece:
            packed = self._packed or self._read()
            if self._decoder is None:
                piece, self._packed = packed, b""
                break
            if self._decoder.eof:
                while packed and not (packed := packed.lstrip(b"\x00")):  # some fill up blocks
                    packed = self._read()
                if not packed:
                    break
                self._decoder = zlib.decompressobj(31)
                if not (self._members and self._members[-1] == self._end):
                    self._members.append(self._end)
            piece = self._decoder.decompress(packed, _UNPACKED_AT_ONCE)
            self._packed = self._decoder.unconsumed_tail or self._decoder.unused_data
            if not (piece or packed or self._decoder.eof):
                raise EOFError("the file ends within a record")
        self._end += len(piece)
        return piece

    def _read(self) -> bytes:
        data = self._file.read(_STEP)
        self._packed_count += len(data)
        return data


def _next_record(stream: _Stream) -> _Record | None:
    """The record that begins here; None at the end of the file. Raises _NotARecord, EOFError, ValueError."""
    if not stream.pass_line_ends():
        return None
    if not stream.begins_with(b"WARC/"):
        return _arc_record(stream)
    head = stream.up_to(_BLANK, _HEAD_BYTES)
    if head is None:
        raise ValueError(f"a head of more than {_HEAD_BYTES} bytes")
    if not _VERSION.match(head):
        raise _NotARecord
    fields = _fields(head)
    length = fields.get(b"content-length", b"")
    if not _LENGTH.fullmatch(length):
        raise ValueError(f"its length is {_words(length.decode('latin-1')) or 'not given'}")
    stream.begin(int(length))
    url = fields.get(b"warc-target-uri", b"").decode("utf-8", "replace").removeprefix("<").removesuffix(">")
    return _Record(fields.get(b"warc-type", b"").lower(), url, _date(fields.get(b"warc-date", b"")), fields)


def _arc_record(stream: _Stream) -> _Record:
    """A record of the format before WARC: one line with address, host, time, type and length; version 2 has more in between."""
    line = stream.up_to(_LINE, _STEP)
    for parts in ((line or b"").rsplit(None, 9), (line or b"").rsplit(None, 4)):  # the address of version 1 may hold spaces
        if len(parts) > 4 and b":" in parts[0] and _TIME.fullmatch(parts[2]) and _LENGTH.fullmatch(parts[-1]):
            stream.begin(int(parts[-1]))
            is_answer = parts[0].lower().startswith((b"http:", b"https:"))
            kind = b"response" if is_answer else b"resource"
            date = _date(parts[2][:8] + b"T" + parts[2][8:14])
            return _Record(kind, parts[0].decode("utf-8", "replace"), date, {b"content-type": parts[3]})
    raise _NotARecord


def _page(record: _Record, stream: _Stream, name: str, max_bytes: int) -> Page | SourceError | None:
    """The page in a record; None where it holds none, and an error for a page that cannot be read. Raises EOFError."""
    if record.kind not in (b"response", b"resource"):
        return None
    try:
        fields = _http_fields(record, stream) if record.kind == b"response" else record.fields
        if fields is None:
            return None
        kind, charset = kind_and_charset(fields.get(b"content-type", b"").decode("latin-1"))
        if kind not in KINDS and kind not in MHTML and (kind not in UNNAMED or stream.left > max_bytes):
            return None  # no page is that large where nobody says that it is one
        data = _body(record, stream, fields, max_bytes)
    except SourceError as error:
        return SourceError(f"{name}#{record.url}: {error}")
    if kind in UNNAMED:
        if not data.lstrip()[:100].lower().startswith(_LOOKS_LIKE_A_PAGE):
            return None
        kind = "text/html"
    return Page(record.url, record.date, kind, charset, data)


def _http_fields(record: _Record, stream: _Stream) -> dict[bytes, bytes] | None:
    """The header of an answer of 200, read up to its blank line; None for every other. Raises SourceError, EOFError."""
    if not record.url.lower().startswith("http") and not record.fields.get(b"content-type", b"").startswith(
        b"application/http"
    ):
        return None  # an answer of DNS
    head = stream.up_to(_BLANK, min(stream.left, _HEAD_BYTES))
    if head is None:
        if stream.left > _HEAD_BYTES:
            raise SourceError(f"a head of more than {_HEAD_BYTES} bytes")
        return None
    stream.left -= len(head)
    status = _STATUS.match(head)
    return _fields(head) if status and int(status[1]) == 200 else None


def _body(record: _Record, stream: _Stream, http: dict[bytes, bytes], max_bytes: int) -> bytes:
    """The rest of the block without its codings. Raises SourceError for what is too large or cannot be read, EOFError."""
    if stream.left > 2 * max_bytes + _STEP:  # chunks of a byte each are not to be had, but small ones are
        limit = f"{max_bytes / 1e6:.1f} MB"
        raise SourceError(f"is larger than the {limit} an article may have; --max-article-bytes raises that")
    body = stream.take(stream.left)
    if record.kind != b"response":
        return body
    if b"chunked" in http.get(b"transfer-encoding", b"").lower():
        body = without_chunks(body)
    coding = http.get(b"content-encoding", b"").decode("latin-1")
    data, whole = decoded(body, coding, max_bytes)
    if not whole and b"warc-truncated" not in record.fields:
        raise SourceError(f"its {coding} stream ends early")
    return data


def _fields(head: bytes) -> dict[bytes, bytes]:
    """The first value of each field, by its name in lower case."""
    fields: dict[bytes, bytes] = {}
    for line in head.split(b"\n"):
        name, _, value = line.partition(b":")
        fields.setdefault(name.strip().lower(), value.strip())
    return fields


def _date(text: bytes) -> datetime | None:
    """A WARC-Date, or ARC's fourteen digits; UTC, as the standards have it, where no zone is named."""
    try:
        found = datetime.fromisoformat(text.decode("ascii"))
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _words(error: object) -> str:
    """An error on one line, and not endless."""
    return " ".join(str(error).split())[:200] or type(error).__name__
