"""A folder of stand-ins that people read, diff and write by hand: one `.http` file an exchange.

    # What this stands in for. Lines that start with # come first and are for people.
    GET https://pbs.twimg.com/media/EfXk.jpg
    Body: photo.jpg

    HTTP/1.1 200 OK
    Content-Type: image/jpeg

    (the body, to the end of the file; or the file that `Body:` names)

The format is documented in docs/fixtures.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from archiver.errors import UsageError
from archiver.model import Answer

SUFFIX = ".http"
_REQUEST = re.compile(r"^(GET|HEAD|POST) (https?://[\x21-\x7e]{1,4000})$")
_STATUS = re.compile(r"^HTTP/1\.[01] ([1-5][0-9]{2})(?: ([\x20-\x7e]*))?$")
_HEADER = re.compile(r"^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}):([^\x00-\x08\x0a-\x1f\x7f]*)$")
_LENGTHS = ("content-length", "transfer-encoding")


@dataclass(frozen=True, slots=True)
class _StandIn:
    path: Path
    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | Path


class Folder:
    """Every `.http` file below a folder. Raises UsageError for one that is broken, naming the file and the line."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._answers: dict[tuple[str, str], _StandIn] = {}
        for path in sorted(root.rglob("*" + SUFFIX)):
            key, stand_in = _read(path)
            if key in self._answers:
                raise UsageError(f"{path}: line 1: {self._answers[key].path} already stands in for {' '.join(key)}")
            self._answers[key] = stand_in
        if not self._answers:
            raise UsageError(f"--fixtures {root}: there is no {SUFFIX} file in this folder")

    def addresses(self) -> Iterable[tuple[str, str]]:
        """Every (method, address) that has a stand-in."""
        return self._answers

    def answer(self, method: str, url: str) -> Answer | None:
        """The stand-in for an address as it is written; None where there is none."""
        found = self._answers.get((method, url))
        if found is None:
            return None
        body = found.body if isinstance(found.body, bytes) else found.body.read_bytes()
        headers = found.headers
        if not any(name.lower() in _LENGTHS for name, _ in headers):
            headers += (("Content-Length", str(len(body))),)
        return Answer(found.status, found.reason, headers, body, found.path.relative_to(self._root).as_posix())


def _read(path: Path) -> tuple[tuple[str, str], _StandIn]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    lines = _Lines(path, data)
    line = lines.next()
    while line.startswith("#"):
        line = lines.next()
    request = _REQUEST.match(line) or lines.fail("a request is wanted here, like: GET https://example.org/page")
    body_name = None
    while line := lines.next():
        name, value = lines.header(line)
        if name.lower() != "body":
            lines.fail(f"only Body: may stand below the request, not {name}:")
        body_name = value
    line = lines.next()
    status = _STATUS.match(line) or lines.fail("a status line is wanted here, like: HTTP/1.1 200 OK")
    headers: list[tuple[str, str]] = []
    while line := lines.next(end_is_blank=True):
        headers.append(lines.header(line))
    body: bytes | Path = lines.rest()
    if body_name is not None:
        if body:
            lines.fail(f"a body stands here, and Body: names {body_name} as well")
        body = path.parent / body_name
        if Path(body_name).name != body_name or not body.is_file():
            raise UsageError(f"{path}: Body: {body_name}: no such file beside it")
    url = request[2].partition("#")[0]
    return (request[1], url), _StandIn(path, int(status[1]), status[2] or "", tuple(headers), body)


class _Lines:
    """The lines of a stand-in's head, counted, so that what is wrong can be named."""

    def __init__(self, path: Path, data: bytes) -> None:
        self._path, self._data, self._at, self._number = path, data, 0, 0

    def next(self, *, end_is_blank: bool = False) -> str:
        if self._at >= len(self._data):
            if end_is_blank:
                return ""
            self._number += 1
            self.fail("the file ends too soon")
        self._number += 1
        end = self._data.find(b"\n", self._at)
        end = len(self._data) if end < 0 else end
        line = self._data[self._at : end].removesuffix(b"\r")
        self._at = end + 1
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            self.fail("is not UTF-8")

    def header(self, line: str) -> tuple[str, str]:
        found = _HEADER.match(line) or self.fail("a header is wanted here, like: Content-Type: text/html")
        try:
            found[2].encode("latin-1")
        except UnicodeEncodeError:
            self.fail("a header holds Latin-1 only; percent-encode the rest")
        return found[1], found[2].strip(" \t")

    def rest(self) -> bytes:
        return self._data[self._at :]

    def fail(self, what: str) -> NoReturn:
        raise UsageError(f"{self._path}: line {self._number}: {what}")
