"""WARC files as a stand-in web: ours, or those that wget, warcio, browsertrix or another tool wrote.

Each file is read through once for what it holds and where; bodies are read when they are asked for.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed

from archiver.errors import CaptureError, UsageError
from archiver.model import Answer

_BROKEN = (ArchiveLoadFailed, EOFError, OSError, ValueError, KeyError)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a response or a revisit lies."""

    path: Path
    offset: int
    id: str
    url: str
    date: str
    digest: str | None
    revisit: bool


class Warc:
    """The newest answer to each GET in some WARC files. Raises UsageError for one that cannot be read as WARC."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._newest: dict[str, _Place] = {}
        self._bodies: dict[str, _Place] = {}  # by payload digest, for revisits
        for path in paths:
            self._index(path)
        if not self._newest:
            raise UsageError(f"--fixtures {', '.join(map(str, paths))}: no response to a GET in it; is it a WARC file?")

    def _index(self, path: Path) -> None:
        for place in _places(path):
            if urlsplit(place.url).scheme not in ("http", "https"):
                continue
            if place.digest and not place.revisit:
                self._bodies.setdefault(place.digest, place)
            held = self._newest.get(place.url)
            if held is None or place.date >= held.date:
                self._newest[place.url] = place

    def addresses(self) -> Iterable[tuple[str, str]]:
        """Every (method, address) that has an answer."""
        return (("GET", url) for url in self._newest)

    def answer(self, method: str, url: str) -> Answer | None:
        """The newest answer for an address as it is written; None where there is none.

        Raises CaptureError where the record cannot be read.
        """
        place = self._newest.get(url) if method == "GET" else None
        if place is None:
            return None
        status, reason, headers, body, truncated = _read(place)
        if place.revisit:
            original = self._bodies.get(place.digest or "")
            if original is None:
                return None  # the body lies in another file
            _, _, _, body, truncated = _read(original)
        headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
        headers.append(("Content-Length", str(len(body))))
        return Answer(status, reason, tuple(headers), body, f"{place.path.name} {place.id} {place.date}", truncated)


def _places(path: Path) -> list[_Place]:
    """Every answer to a GET in a file. A request stands before or after its response; either may name the other."""
    places: list[_Place] = []
    not_get: set[str | None] = set()
    pairs: dict[str, str | None] = {}
    try:
        with path.open("rb") as file:
            records = ArchiveIterator(file)
            for record in records:
                fields = record.rec_headers
                if record.http_headers is None:
                    continue
                if record.rec_type == "request" and record.http_headers.protocol != "GET":
                    not_get |= {fields.get_header("WARC-Record-ID"), fields.get_header("WARC-Concurrent-To")}
                elif record.rec_type in ("response", "revisit"):
                    place = _place(path, records.get_record_offset(), record)
                    places.append(place)
                    pairs[place.id] = fields.get_header("WARC-Concurrent-To")
    except _BROKEN as error:
        raise UsageError(f"--fixtures {path}: cannot be read as WARC: {error}") from None
    return [place for place in places if place.id not in not_get and (pairs[place.id] or "") not in not_get]


def _place(path: Path, offset: int, record: Any) -> _Place:
    fields = record.rec_headers
    return _Place(
        path,
        offset,
        fields.get_header("WARC-Record-ID") or "",
        _bare(fields.get_header("WARC-Target-URI") or ""),
        fields.get_header("WARC-Date") or "",
        fields.get_header("WARC-Payload-Digest"),
        record.rec_type == "revisit",
    )


def _read(place: _Place) -> tuple[int, str, list[tuple[str, str]], bytes, str | None]:
    try:
        with place.path.open("rb") as file:
            file.seek(place.offset)
            return _parts(next(iter(ArchiveIterator(file))))
    except (*_BROKEN, StopIteration) as error:
        where = f"{place.path.name}: record at offset {place.offset}"
        raise CaptureError("broken-stand-in", f"{where} cannot be read: {error}") from None


def _parts(record: Any) -> tuple[int, str, list[tuple[str, str]], bytes, str | None]:
    """Status, reason, headers, body without its transfer encoding, and how it was cut short if it was."""
    http = record.http_headers
    headers = [(name, _one_line(value)) for name, value in http.headers]
    body = record.raw_stream.read()
    if (http.get_header("Transfer-Encoding") or "").strip().lower() == "chunked":
        body = ChunkedDataReader(io.BytesIO(body)).read()
        headers = [(name if name.lower() != "transfer-encoding" else f"X-Archive-Orig-{name}", v) for name, v in headers]
    status, _, reason = http.statusline.partition(" ")
    truncated = record.rec_headers.get_header("WARC-Truncated")
    return int(status), _one_line(reason), headers, body, None if record.rec_type == "revisit" else truncated


def _one_line(value: str) -> str:
    """A header value that can be sent on: folds undone, only what Latin-1 can hold."""
    joined = " ".join(value.split("\r\n")).replace("\x00", "")
    return " ".join(joined.splitlines()).encode("utf-8", "surrogateescape").decode("latin-1")


def _bare(uri: str) -> str:
    """The target without the angle brackets that wget writes around it, and without its fragment."""
    return uri.strip().removeprefix("<").removesuffix(">").partition("#")[0]
