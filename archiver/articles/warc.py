"""WARC files → the pages in them, one after another: nothing but the page at hand is in memory.

warcio finds the records. What it trusts is bounded here: lines, heads and what a gzip member unpacks to.
"""

from __future__ import annotations

import contextlib
import gzip
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO, Any, cast

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import DecompressingBufferedReader

from archiver.articles.coding import decoded, without_chunks
from archiver.articles.page import KINDS, MHTML, UNNAMED, Page, Readable, kind_and_charset
from archiver.errors import SourceError

MOST_RATIO = 200  # what HTML compresses to at its best is a tenth of that
FREE_BYTES = 50 * 1000 * 1000  # so much may come of anything
_HEAD_BYTES = 1024 * 1024
_STEP = 64 * 1024
_LOOKS_LIKE_A_PAGE = (b"<!doctype html", b"<html", b"<head", b"<?xml")


def pages(file: Readable, name: str, max_bytes: int, most_bytes: int | None = None) -> Iterator[Page | SourceError]:
    """Every page in a WARC file, in its order; in between, what could not be read, each as the error it is.

    A page is a response of 200 or a resource that is HTML, Markdown or MHTML, or that looks like HTML where nobody says what it
    is. A file that breaks off or unpacks to far more than it is (in all no more than `most_bytes`) ends with an error; what was
    read before it counts.
    """
    source = _Counted(file)
    # Unpacked here, for warcio takes only files of which each record is a gzip member, and whole blocks of them at once.
    stream = io.BufferedReader(gzip.GzipFile(fileobj=cast(IO[bytes], source)), _STEP) if source.is_gzip else source
    records = ArchiveIterator(stream, no_record_parse=True, arc2warc=True)
    records.reader = reader = _Bounded(stream, source, most_bytes)
    complaints = io.StringIO()
    record = None
    while True:
        try:
            with contextlib.redirect_stderr(complaints):  # warcio writes there what is no error to it
                before, record = record, next(records, None)
                if getattr(getattr(before, "raw_stream", None), "limit", 0) > 0:
                    raise EOFError("the file ends within a record")
                if record is not None:
                    reader.begin()
                found = _page(record, max_bytes) if record is not None else None
        except _Unreadable as error:
            yield SourceError(f"{name}#{error.url}: {error}")
            continue
        except Exception as error:  # warcio meets hostile bytes with nearly any of them
            yield SourceError(f"{name}: cannot be read as WARC any further, near record {reader.records}: {_words(error)}")
            return
        if complaints.getvalue():
            complaints.seek(0)
            complaints.truncate()
            yield SourceError(f"{name}: record {reader.records - 1} is not as long as it says; what it holds may not be whole")
        if record is None:
            break
        if found is not None:
            yield found
    if reader.records == 0:
        yield SourceError(f"{name}: there is no record in it")


class _Unreadable(Exception):
    """One capture that cannot be read; the next one may be."""

    def __init__(self, url: str, detail: str) -> None:
        super().__init__(detail)
        self.url = url


class _Counted:
    """A file that knows how much was read from it, and whether it is gzip."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._head = file.read(2)
        self.is_gzip = self._head == b"\x1f\x8b"
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        data, self._head = self._head or self._file.read(size), b""
        self.count += len(data)
        return data

    def tell(self) -> int:
        return self.count


class _Bounded(DecompressingBufferedReader):  # type: ignore[misc] # warcio has no types
    """warcio's reader, which takes no endless line and no endless record."""

    def __init__(self, stream: Any, source: _Counted, most_bytes: int | None) -> None:
        super().__init__(stream, block_size=_STEP, decomp_type=None)
        self._source = source
        self._most = most_bytes
        self._lines = self._given = self._in_all = self._from = 0
        self.records = 0

    def begin(self) -> None:
        """The next record begins."""
        self.records += 1
        self._given, self._from = 0, self._source.count

    def read(self, length: int | None = None) -> bytes:
        data: bytes = super().read(_STEP if length is None else min(length, _STEP))
        self._lines = 0
        return self._counted(data)

    def readline(self, length: int | None = None) -> bytes:
        line: bytes = super().readline(_HEAD_BYTES if length is None else min(length, _HEAD_BYTES))
        self._lines += len(line)
        if self._lines > _HEAD_BYTES:
            raise ValueError(f"a head of more than {_HEAD_BYTES} bytes")
        return self._counted(line)

    def _counted(self, data: bytes) -> bytes:
        self._given += len(data)
        self._in_all += len(data)
        if self._given > FREE_BYTES + MOST_RATIO * (self._source.count - self._from):
            raise ValueError(f"a record that unpacks to more than {MOST_RATIO} times its size")
        if self._most is not None and self._in_all > self._most:
            raise ValueError(f"it unpacks to more than {MOST_RATIO} times its size")
        return data


def _page(record: Any, max_bytes: int) -> Page | None:
    """The page in a record; None where it holds none. Raises _Unreadable for a page that cannot be read."""
    if record.rec_type not in ("response", "resource"):
        return None
    fields = record.rec_headers
    url = (fields.get_header("WARC-Target-URI") or "").strip().removeprefix("<").removesuffix(">")
    content_type, coding, chunked = fields.get_header("Content-Type") or "", "", False
    if record.rec_type == "response":
        if not content_type.lower().startswith("application/http") and not url.startswith("http"):
            return None  # an answer of DNS
        status, headers = _http_head(record.raw_stream)
        if status != 200:
            return None
        content_type, coding = headers.get("content-type", ""), headers.get("content-encoding", "")
        chunked = "chunked" in headers.get("transfer-encoding", "").lower()
    kind, charset = kind_and_charset(content_type)
    if kind not in KINDS and kind not in MHTML and kind not in UNNAMED:
        return None
    body = _body(record, max_bytes)
    if body is None:
        limit = f"{max_bytes / 1e6:.1f} MB"
        raise _Unreadable(url, f"is larger than the {limit} an article may have; --max-article-bytes raises that")
    data = _readable(url, without_chunks(body) if chunked else body, coding, max_bytes, fields)
    if kind in UNNAMED:
        if not data.lstrip()[:100].lower().startswith(_LOOKS_LIKE_A_PAGE):
            return None
        kind = "text/html"
    return Page(url, _date(fields.get_header("WARC-Date")), kind, charset, data)


def _http_head(stream: Any) -> tuple[int, dict[str, str]]:
    """The status and the first value of each header, read up to the blank line."""
    parts = stream.readline().decode("latin-1").split(None, 2)
    headers: dict[str, str] = {}
    while line := stream.readline().decode("latin-1").rstrip("\r\n"):
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    is_http = len(parts) > 1 and parts[0].upper().startswith("HTTP/") and parts[1].isdecimal()
    return int(parts[1][:9]) if is_http else 0, headers


def _body(record: Any, max_bytes: int) -> bytes | None:
    """The rest of the record's block; None where it is larger than any article may be."""
    most = 2 * max_bytes + _STEP  # chunks of a byte each are not to be had, but small ones are
    pieces, size = [], 0
    while piece := record.raw_stream.read(_STEP):
        pieces.append(piece)
        size += len(piece)
        if size > most:
            return None
    if getattr(record.raw_stream, "limit", 0) > 0:
        raise EOFError("the file ends within a record")
    return b"".join(pieces)


def _readable(url: str, body: bytes, coding: str, max_bytes: int, fields: Any) -> bytes:
    try:
        data, whole = decoded(body, coding, max_bytes)
    except SourceError as error:
        raise _Unreadable(url, str(error)) from None
    if not whole and not fields.get_header("WARC-Truncated"):
        raise _Unreadable(url, f"its {coding} stream ends early")
    return data


def _date(text: str | None) -> datetime | None:
    """A WARC-Date; UTC, as the standard has it, where no zone is named."""
    try:
        found = datetime.fromisoformat((text or "").strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _words(error: Exception) -> str:
    """An error on one line, and not endless."""
    return " ".join(str(error).split())[:200] or type(error).__name__
