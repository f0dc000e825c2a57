"""Servers that mean harm, H1 to H16 of the design's list: each answer is kept, kept and said to be cut, or refused with its
reason; what else the run was asked for is done, in bounded memory."""

from __future__ import annotations

import gzip
import sqlite3
import sys
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from archiver import pipeline
from archiver.capture.guard import Door
from archiver.capture.live import LiveTransport
from archiver.capture.wire import Limits
from archiver.pipeline import ArticleRead, Problem
from archiver.settings import Settings
from tests.conftest import Cli
from tests.servers import PUBLIC, Authority, Dialled, Pieces, path_of, serving

resource = pytest.importorskip("resource")  # Windows counts memory otherwise

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
PAGE = b"<html><title>A page</title><p>Words without a post.</html>"
PACKED = gzip.compress(PAGE * 100)
MOST_BYTES = 2_000_000


def zeros(packed_bytes: int) -> bytes:
    """A gzip stream of about so many bytes, a thousand times as long when it is unpacked."""
    packer, mebibyte, made = zlib.compressobj(9, zlib.DEFLATED, 31), bytes(1 << 20), b""
    while len(made) < packed_bytes:
        made += packer.compress(mebibyte)
    return made + packer.flush()


def coded(coding: str, body: bytes) -> bytes:
    return OK + f"Content-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def drip(data: bytes, seconds: float) -> Pieces:
    return [piece for at in range(len(data)) for piece in (data[at : at + 1], seconds)]


def redirect(location: bytes) -> bytes:
    return b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True)
class Case:
    """What is sent, and what is to be on record: the status and the cut of a capture, or why there is none. `read` where it is
    an article all the same; `words` of what the user is told where it is not."""

    pieces: Pieces
    status: int | None = None
    truncated: str | None = None
    reason: str | None = None
    read: bool = False
    words: str = ""


CASES = {
    "H1 a bomb of 1 GB": Case([coded("gzip", zeros(1_000_000))], 200, words="decodes to more than"),
    "H2 a coding that was not asked for, br": Case([coded("br", b"\xcf\xff\xff\x7f\xf8" * 100)], 200, words="'br' cannot be read"),
    "H3 a coding that was not asked for, zstd": Case([coded("zstd", b"\x28\xb5\x2f\xfd" * 100)], 200, words="'zstd' cannot be read"),
    "H4 packed twice": Case([coded("gzip, gzip", gzip.compress(zeros(100_000)))], 200, words="cannot be read"),
    "H4 packed 500 times": Case([coded(", ".join(["gzip"] * 500), b"x")], 200, words="cannot be read"),
    "H5 chunks without end": Case([OK + b"Transfer-Encoding: chunked\r\n\r\n", *[b"40000\r\n" + b"x" * 0x40000 + b"\r\n"] * 40],
                                  200, "length", words="cut short (length)"),
    "H6 a body that drips": Case([OK + b"Content-Length: 1000\r\n\r\n", *drip(b"x" * 100, 0.05)], 200, "time", words="cut short (time)"),
    "H6 a head that drips": Case(drip(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50, 0.02), reason="timeout", words="slower than"),
    "H7 silence": Case([3.0], reason="timeout", words="timed out"),
    "H8 a header without end": Case([OK + b"X: " + b"a" * 400_000], reason="no-http"),
    "H8 a header of 90 kB": Case([OK + b"X: " + b"a" * 90_000 + b"\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE], 200, read=True),
    "H9 early hints without end": Case([b"HTTP/1.1 103 Early Hints\r\n\r\n" * 200_000], reason="no-http", words="bytes of heads"),
    "H10 a redirect to itself": Case([redirect(b"/H10%20a%20redirect%20to%20itself")], 302, words="is 302"),
    "H10 a redirect to a file": Case([redirect(b"file:///etc/passwd")], 302, words="not an http(s) address"),
    "H10 a redirect with a control": Case([redirect(b"https://news.example/a\x01b")], 302, words="non-printable"),
    "H11 a short length": Case([OK + b"Content-Length: 1000\r\n\r\n" + PAGE], 200, "disconnect", words="cut short (disconnect)"),
    "H11 a cut chunk": Case([OK + b"Transfer-Encoding: chunked\r\n\r\nff\r\n" + PAGE], 200, "disconnect", words="cut short (disconnect)"),
    "H12 a cut gzip": Case([coded("gzip", PACKED[:-20])], 200, "unspecified", words="cut short (unspecified)"),
    "H13 junk after gzip": Case([coded("gzip", PACKED + b"junk")], 200, read=True),
    "H13 junk after much gzip": Case([coded("gzip", gzip.compress(PAGE * 40_000) + b"junk")], 200, read=True),
    "H13 status 999": Case([b"HTTP/1.1 999 No\r\nContent-Length: 4\r\n\r\nbody"], 999, words="is 999"),
    "H14 two lengths": Case([OK + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nbody."], reason="no-http", words="Content-Length"),
    "H14 a negative length": Case([OK + b"Content-Length: -4\r\n\r\nbody"], reason="no-http", words="Content-Length"),
    "H14 a NUL in a header": Case([OK + b"X: a\x00b\r\n\r\n"], reason="no-http", words="illegal"),
    "H14 a space before the colon": Case([OK + b"X : y\r\n\r\n"], reason="no-http", words="illegal"),
    "H14 HTTP/0.9": Case([PAGE], reason="no-http"),
    "H14 status 000": Case([b"HTTP/1.1 000 Zero\r\n\r\n"], reason="no-http"),
    "H14 garbage": Case([b"\x16\x03\x01\x00garbage\r\n\r\n"], reason="no-http"),
    "H15 a length and chunks": Case([OK + b"Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(PAGE) + PAGE + b"\r\n0\r\n\r\n"],
                                    200, read=True),
    "H16 a line end in an address": Case([redirect(b"https://news.example/a%0d%0aX:%20y")], 302, words="is 404"),
}  # fmt: skip


@dataclass(frozen=True)
class Ran:
    root: Path
    told: dict[str, str]
    read: set[str]
    memory: int


def address(name: str) -> str:
    return "https://news.example/" + name.replace(" ", "%20")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """All of them in one run, and after them an article that means no harm."""
    root, authority = tmp_path_factory.mktemp("hostile") / "archive", Authority()

    def script(head: bytes) -> Pieces:
        name = path_of(head)[1:].replace("%20", " ")
        if name in CASES:
            return CASES[name].pieces
        if name == "good":
            return [OK + b"Content-Length: %d\r\n\r\n" % len(PAGE) + PAGE]
        return [b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"]

    limits = Limits(timeout_seconds=1.0, deadline_seconds=60.0, min_bytes_per_second=1_000)
    with serving(script, authority.server("news.example"), closes=True) as server:
        transport = LiveTransport(Door((), lambda *_: [PUBLIC], Dialled(server.port)), limits, trusted=authority.client())
        settings = Settings(archive=root, pace_seconds=0, tries=1, max_body_bytes=MOST_BYTES)
        before = most_memory()
        events = list(pipeline.save([*map(address, CASES), address("good")], settings, transport))
        memory = most_memory() - before
    told = {event.source: event.message for event in events if isinstance(event, Problem)}
    read = {event.article.source for event in events if isinstance(event, ArticleRead)}
    return Ran(root, told, read, memory)


def most_memory() -> int:
    """The most that this process ever had, in bytes."""
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * (1 if sys.platform == "darwin" else 1024)


def rows(ran: Ran, sql: str, url: str) -> Iterable[tuple[object, ...]]:
    connection = sqlite3.connect(ran.root / "archive.db")
    found = connection.execute(sql, [url]).fetchall()
    connection.close()
    return found


@pytest.mark.parametrize("name", CASES)
def test_it_ends_as_it_should(ran: Ran, name: str) -> None:
    case, url = CASES[name], address(name)
    captured = [(case.status, case.truncated)] if case.status else []
    assert set(rows(ran, "SELECT status, truncated FROM captures WHERE url = ?", url)) == set(captured)
    unanswered = [(case.reason,)] if case.reason else []
    assert rows(ran, "SELECT reason FROM unanswered WHERE url = ?", url) == unanswered
    assert (url in ran.read) == case.read
    assert (url in ran.told) == (not case.read)
    assert case.words in ran.told.get(url, "")


def test_the_others_are_done_in_bounded_memory(cli: Cli, ran: Ran) -> None:
    assert address("good") in ran.read
    assert {name.partition(" ")[0] for name in CASES} == {f"H{number}" for number in range(1, 17)}
    assert ran.memory < 256 * 1024 * 1024
    assert cli("verify", "--archive", ran.root).status == 0
