"""What was on the wire is in the WARC, byte for byte: odd but acceptable answers from real servers, plain and over TLS; and what
was cut short never passes for whole."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import socket
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest
from warcio.archiveiterator import ArchiveIterator

from archiver.archive import open_for_writing
from archiver.capture.decode import decoded
from archiver.capture.live import LiveTransport
from archiver.capture.recorder import Recorder
from archiver.capture.wire import Limits
from archiver.errors import CaptureError
from archiver.model import Exchange, Purpose
from archiver.standins import open_web
from tests.conftest import RUN
from tests.servers import LIMITS, PUBLIC, Authority, Dialled, Pieces, door, fetch, path_of, recorder, serving

OK = b"HTTP/1.1 200 OK\r\n"
TEXT = OK + b"Content-Type: text/plain\r\n"
WORDS = b"words that are compressed " * 20
ZIPPED = gzip.compress(WORDS, mtime=0)
DEFLATED = zlib.compress(WORDS)


@dataclass(frozen=True)
class Odd:
    """An answer as a server sends it, in pieces, and the payload that it stands for. `extra`: what comes after its end."""

    pieces: Pieces
    payload: bytes = b"body"
    extra: bytes = b""

    @property
    def sent(self) -> bytes:
        return b"".join(piece for piece in self.pieces if isinstance(piece, bytes)) + self.extra


def whole(raw: bytes, payload: bytes = b"body", extra: bytes = b"") -> Odd:
    return Odd([raw], payload, extra)


def byte_by_byte(raw: bytes, payload: bytes = b"body") -> Odd:
    return Odd([raw[at : at + 1] for at in range(len(raw))], payload)


CHUNKED = TEXT + b"Transfer-Encoding: chunked\r\n\r\n"
ODD: dict[str, Odd] = {
    "plain": whole(TEXT + b"Content-Length: 4\r\n\r\nbody"),
    "order-and-case": whole(OK + b"x-LAST: 1\r\nCONTENT-length: 4\r\nETag: a\r\ncontent-TYPE: text/plain\r\n\r\nbody"),
    "no-space-after-colon": whole(OK + b"Content-Length:4\r\nX:y\r\n\r\nbody"),
    "many-spaces": whole(OK + b"Content-Length:    4   \r\nX-Odd:  a   b  \r\n\r\nbody"),
    "tabs": whole(OK + b"Content-Length:\t4\t\r\nX-Odd:\ta\tb\r\n\r\nbody"),
    "folded": whole(OK + b"X-Odd: one\r\n  two\r\n\tthree\r\nContent-Length: 4\r\n\r\nbody"),
    "twice-the-same-header": whole(OK + b"Vary: a\r\nContent-Length: 4\r\nVary: b\r\nVary: a\r\n\r\nbody"),
    "lf-only": whole(b"HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 4\n\nbody"),
    "lf-and-crlf": whole(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\nContent-Length: 4\r\n\nbody"),
    "lf-only-folded": whole(b"HTTP/1.1 200 OK\nX-Odd: one\n two\nContent-Length: 4\n\nbody"),
    "eight-bit-header": whole(OK + b"X-Odd: caf\xe9 \xc3\xa9 \xff\r\nContent-Length: 4\r\n\r\nbody"),
    "control-in-header": whole(OK + b"X-Odd: a\x01b\x7fc\r\nContent-Length: 4\r\n\r\nbody"),
    "empty-header": whole(OK + b"X-Odd:\r\nX-Odder: \r\nContent-Length: 4\r\n\r\nbody"),
    "status-999": whole(b"HTTP/1.1 999 No Such Thing\r\nContent-Length: 4\r\n\r\nbody"),
    "no-reason": whole(b"HTTP/1.1 200\r\nContent-Length: 4\r\n\r\nbody"),
    "empty-reason": whole(b"HTTP/1.1 200 \r\nContent-Length: 4\r\n\r\nbody"),
    "eight-bit-reason": whole(b"HTTP/1.1 200 D'accord, \xe9t\xe9\r\nContent-Length: 4\r\n\r\nbody"),
    "http-1.0": whole(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nto the end", b"to the end"),
    "until-closed": whole(OK + b"Connection: close\r\n\r\nto the end", b"to the end"),
    "no-headers": whole(b"HTTP/1.1 200 OK\r\n\r\nto the end", b"to the end"),
    "no-body": whole(OK + b"Content-Length: 0\r\n\r\n", b""),
    "leading-zeros": whole(OK + b"Content-Length: 0004\r\n\r\nbody"),
    "the-same-length-twice": whole(OK + b"Content-Length: 4\r\nContent-Length: 4\r\n\r\nbody"),
    "204": whole(b"HTTP/1.1 204 No Content\r\nX: y\r\n\r\n", b""),
    "304": whole(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\nETag: a\r\n\r\n", b""),
    "301": whole(b"HTTP/1.1 301 Moved\r\nLocation: /elsewhere\r\nContent-Length: 4\r\n\r\nbody"),
    "404": whole(b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nbody"),
    "503": whole(b"HTTP/1.1 503 Later\r\nRetry-After: 5\r\nContent-Length: 4\r\n\r\nbody"),
    "cookies": whole(OK + b"Set-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\nContent-Length: 4\r\n\r\nbody"),
    "chunked": whole(CHUNKED + b"4\r\nbody\r\n0\r\n\r\n"),
    "chunks": whole(CHUNKED + b"1\r\nb\r\n2\r\nod\r\n01\r\ny\r\n000\r\n\r\n"),
    "chunk-in-capitals": whole(CHUNKED + b"0A\r\n" + b"x" * 10 + b"\r\nB\r\n" + b"y" * 11 + b"\r\n0\r\n\r\n", b"x" * 10 + b"y" * 11),
    "chunk-extensions": whole(CHUNKED + b'4;name="a value";other\r\nbody\r\n0;last=1\r\n\r\n'),
    "chunk-with-spaces": whole(CHUNKED + b"4 \t\r\nbody\r\n0  \r\n\r\n"),
    "chunk-that-holds-line-ends": whole(CHUNKED + b"8\r\n\r\n0\r\n\r\n\n\r\n0\r\n\r\n", b"\r\n0\r\n\r\n\n"),
    "trailers": whole(CHUNKED + b"4\r\nbody\r\n0\r\nX-Digest: abc\r\nServer-Timing: a;dur=1\r\n\r\n"),
    "lf-trailers": whole(CHUNKED + b"4\r\nbody\r\n0\r\nX-Digest: abc\n\n"),
    "chunked-in-odd-case": whole(OK + b"TRANSFER-encoding: Chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"),
    "length-and-chunks": whole(OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"),
    "gzip": whole(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(ZIPPED) + ZIPPED, ZIPPED),
    "gzip-in-chunks": whole(
        OK + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(ZIPPED) + ZIPPED + b"\r\n0\r\n\r\n", ZIPPED
    ),
    "gzip-in-members": whole(OK + b"Content-Encoding: gzip\r\n\r\n" + ZIPPED * 3, ZIPPED * 3),
    "gzip-and-junk": whole(OK + b"Content-Encoding: gzip\r\n\r\n" + ZIPPED + b"junk", ZIPPED + b"junk"),
    "a-coding-nobody-asked-for": whole(OK + b"Content-Encoding: br\r\nContent-Length: 4\r\n\r\n\x0b\x01\x80a", b"\x0b\x01\x80a"),
    "early-hints": whole(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + TEXT + b"Content-Length: 4\r\n\r\nbody"),
    "three-interim-heads": whole(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102\r\n\r\nHTTP/1.1 103 Hints\nX:  y\n\n" + TEXT + b"Content-Length: 4\r\n\r\nbody"
    ),
    "interim-and-chunks": whole(b"HTTP/1.1 100 Continue\r\n\r\n" + CHUNKED + b"4\r\nbody\r\n0\r\nX: y\r\n\r\n"),
    "more-than-it-said": whole(TEXT + b"Content-Length: 4\r\n\r\nbody", extra=b" and more"),
    "more-after-chunks": whole(CHUNKED + b"4\r\nbody\r\n0\r\n\r\n", extra=b"HTTP/1.1 200 OK\r\n\r\nforged"),
    "every-byte": whole(OK + b"Content-Length: 256\r\n\r\n" + bytes(range(256)), bytes(range(256))),
    "body-like-a-head": whole(OK + b"Content-Length: 8\r\n\r\n\r\n\r\nx: y", b"\r\n\r\nx: y"),
    "long-header": whole(OK + b"X-Long: " + b"a" * 90_000 + b"\r\nContent-Length: 4\r\n\r\nbody"),
    "byte-by-byte": byte_by_byte(TEXT + b"Content-Length: 4\r\n\r\nbody"),
    "chunks-byte-by-byte": byte_by_byte(CHUNKED + b"3\r\nbod\r\n1;x\r\ny\r\n0\r\nX: y\r\n\r\n"),
    "in-two-halves": Odd([b"HTTP/1.1 103 Hi\r\n", 0.02, b"\r\nHTTP/1.1 200 OK\r", 0.02, b"\nContent-Length: 4\r\n\r\nbo", 0.02, b"dy"]),
}  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """All of ODD, fetched and written: the records by address, and the archive's root."""

    scheme: str
    root: Path
    exchanges: dict[str, Exchange]
    records: dict[tuple[str, str], tuple[dict[str, str], bytes]]
    requests: list[bytes]


@pytest.fixture(scope="module", params=["http", "https"])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    root = tmp_path_factory.mktemp(request.param) / "archive"
    authority = Authority()
    tls = authority.server("odd.example") if request.param == "https" else None

    def script(head: bytes) -> Pieces:
        odd = ODD[path_of(head)[1:]]
        return [*odd.pieces[:-1], odd.pieces[-1] + odd.extra] if isinstance(odd.pieces[-1], bytes) else odd.pieces

    exchanges: dict[str, Exchange] = {}
    with (
        serving(script, tls, closes=True) as server,
        recorder(["odd.example"], server.port, trusted=authority.client()) as asking,
        open_for_writing(root, user_agent="a test") as archive,
    ):
        archive.begin_run(RUN)
        for name in ODD:
            exchange = asking.fetch(f"{request.param}://odd.example/{name}")
            exchanges[name] = archive.keep(exchange, Purpose.ARTICLE).exchange
        archive.end_run(0)
        requests = server.requests
    return Kept(request.param, root, exchanges, dict(_records(root)), requests)


def _records(root: Path) -> Iterator[tuple[tuple[str, str], tuple[dict[str, str], bytes]]]:
    for path in (root / "warc").iterdir():
        with path.open("rb") as file:
            for record in ArchiveIterator(file, no_record_parse=True):
                fields = record.rec_headers
                kind, url = record.rec_type, fields.get_header("WARC-Target-URI") or ""
                yield (kind, url.rpartition("/")[2]), (dict(fields.headers), record.raw_stream.read())


def as_received(kept: Kept, name: str) -> bytes:
    """The bytes on the wire, made again from the WARC alone."""
    fields, block = kept.records.get(("response", name)) or kept.records["revisit", name]
    end = re.search(rb"\n\r?\n", block)
    assert end is not None
    payload: bytes
    head, payload = re.sub(rb"(?m)^X-Archive-Orig-", b"", block[: end.end()]), block[end.end() :]
    if fields["WARC-Type"] == "revisit":
        wanted = fields["WARC-Payload-Digest"]
        original: bytes = next(
            block
            for (kind, _), (other, block) in kept.records.items()
            if kind == "response" and other["WARC-Payload-Digest"] == wanted
        )
        payload = re.split(rb"\n\r?\n", original, maxsplit=1)[1]
    if ("metadata", name) not in kept.records:
        return bytes(head + payload)
    framing = json.loads(kept.records["metadata", name][1])
    assert framing["complete"]
    received = "".join(framing["interim"]).encode("latin-1") + head
    for line in framing["chunks"]:
        size = int(line.partition(";")[0], 16)
        received += line.encode("latin-1") + (payload[:size] + b"\r\n" if size else b"")
        payload = payload[size:]
    return bytes(received + payload + (framing["trailer"] + framing["left_over"]).encode("latin-1"))


@pytest.mark.parametrize("name", ODD)
def test_the_warc_holds_what_was_received(kept: Kept, name: str) -> None:
    assert as_received(kept, name) == ODD[name].sent


@pytest.mark.parametrize("name", ODD)
def test_the_payload_is_without_transfer_encoding_and_with_content_encoding(kept: Kept, name: str) -> None:
    exchange, digest = kept.exchanges[name], hashlib.sha1(ODD[name].payload, usedforsecurity=False).digest()
    assert (exchange.body, exchange.truncated) == (ODD[name].payload, None)
    fields, _ = kept.records.get(("response", name)) or kept.records["revisit", name]
    assert fields["WARC-Payload-Digest"] == f"sha1:{base64.b32encode(digest).decode()}"
    assert "WARC-Truncated" not in fields or fields["WARC-Type"] == "revisit"


def test_a_length_beside_chunks_is_called_ambiguous(kept: Kept) -> None:
    framings = {name: json.loads(kept.records["metadata", name][1]) for name in ODD if ("metadata", name) in kept.records}
    assert len(framings) > 10
    assert [name for name, framing in framings.items() if framing["ambiguous"]] == ["length-and-chunks"]


def test_the_warc_holds_what_was_sent(kept: Kept) -> None:
    sent = [kept.records["request", name][1] for name in ODD]
    assert sent == kept.requests


def test_where_it_came_from_is_kept(kept: Kept) -> None:
    for name in ODD:
        fields, _ = kept.records.get(("response", name)) or kept.records["revisit", name]
        assert fields["WARC-IP-Address"] == PUBLIC
        assert ("WARC-Cipher-Suite" in fields) == (kept.scheme == "https")
    exchange = kept.exchanges["plain"]
    if kept.scheme == "http":
        assert exchange.tls is None
        return
    assert exchange.tls is not None
    assert exchange.tls.protocol == "tls/1.3"
    fields, _ = kept.records["response", "plain"]
    assert fields["WARC-Cipher-Suite"] == exchange.tls.cipher
    assert fields["Archiver-Certificate-Digest"] == f"sha256:{exchange.tls.certificate_sha256}"


def test_other_tools_read_it(kept: Kept) -> None:
    paths = [str(path) for path in (kept.root / "warc").iterdir()]
    done = subprocess.run([sys.executable, "-m", "warcio.cli", "check", *paths], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_it_serves_as_stand_ins(kept: Kept) -> None:
    web = open_web(kept.root / "warc")
    for name, odd in ODD.items():
        answer = web.answer("GET", f"{kept.scheme}://odd.example/{name}")
        assert answer is not None, name
        assert (answer.body, answer.status) == (odd.payload, kept.exchanges[name].status), name


def test_the_leaf_certificate_is_the_servers_own() -> None:
    authority = Authority()
    context = authority.server("odd.example")
    with serving(lambda _: [ODD["plain"].sent], context) as server:
        exchange = fetch("https://odd.example/", server.port, trusted=authority.client())
        client = authority.client()
        with (
            socket.create_connection(("127.0.0.1", server.port)) as raw,
            client.wrap_socket(raw, server_hostname="odd.example") as tls,
        ):
            seen = tls.getpeercert(binary_form=True)
    assert exchange.tls is not None
    assert exchange.tls.certificate_sha256 == hashlib.sha256(seen or b"").hexdigest()


# A connection with bytes left over is never used again ------------------------------------------------------------------


@pytest.mark.parametrize("name", ["more-than-it-said", "more-after-chunks"])
def test_bytes_left_over_are_never_the_next_answer(name: str) -> None:
    answers = iter([ODD[name].sent, TEXT + b"Content-Length: 4\r\n\r\ntrue"])
    with serving(lambda _: [next(answers)]) as server, recorder(["odd.example"], server.port) as asking:
        first, second = (asking.fetch(f"http://odd.example/{number}") for number in (1, 2))
        assert (first.body, second.body) == (b"body", b"true")
        assert server.connections == 2


def test_a_clean_connection_is_used_again() -> None:
    with serving(lambda _: [ODD["chunked"].sent]) as server, recorder(["odd.example"], server.port) as asking:
        for number in range(3):
            assert asking.fetch(f"http://odd.example/{number}").body == b"body"
        assert server.connections == 1


def test_a_host_has_one_connection_whatever_the_port() -> None:
    """Another origin of the same host is asked when the connection to the first is closed."""
    with serving(lambda _: [ODD["plain"].sent]) as server:
        dialled = Dialled(server.port)
        opened, _ = door({"odd.example": [PUBLIC]}, dialled)
        asking = Recorder(LiveTransport(opened, LIMITS), user_agent="a test", max_body_bytes=1000)
        for port in (80, 80, 443, 443, 80):
            assert asking.fetch(f"http://odd.example:{port}/").body == b"body"
            assert dialled.open == 1
        asking.close()
        assert (dialled.connected, dialled.open) == ([(PUBLIC, 80), (PUBLIC, 443), (PUBLIC, 80)], 0)


# Cut short --------------------------------------------------------------------------------------------------------------

CUT = [
    ("short-length", TEXT + b"Content-Length: 10\r\n\r\nbody", b"body", "disconnect"),
    ("no-body-at-all", TEXT + b"Content-Length: 10\r\n\r\n", b"", "disconnect"),
    ("cut-chunk", CHUNKED + b"8\r\nbody", b"body", "disconnect"),
    ("no-last-chunk", CHUNKED + b"4\r\nbody\r\n", b"body", "disconnect"),
    ("cut-in-trailer", CHUNKED + b"4\r\nbody\r\n0\r\nX: y\r\n", b"body", "disconnect"),
    ("broken-chunk", CHUNKED + b"4\r\nbody\r\nzz\r\n", b"body", "disconnect"),
    ("cut-gzip", OK + b"Content-Encoding: gzip\r\n\r\n" + ZIPPED[:-9], ZIPPED[:-9], "unspecified"),
    (
        "cut-gzip-with-length",
        OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % (len(ZIPPED) - 9) + ZIPPED[:-9],
        ZIPPED[:-9],
        "unspecified",
    ),
    (
        "cut-between-gzip-members",
        OK + b"Content-Encoding: gzip\r\n\r\n" + ZIPPED + ZIPPED[:2],
        ZIPPED + ZIPPED[:2],
        "unspecified",
    ),
    ("cut-in-a-gzip-member", OK + b"Content-Encoding: gzip\r\n\r\n" + ZIPPED + ZIPPED[:9], ZIPPED + ZIPPED[:9], "unspecified"),
    ("cut-deflate", OK + b"Content-Encoding: deflate\r\n\r\n" + DEFLATED[:-5], DEFLATED[:-5], "unspecified"),
    ("cut-bare-deflate", OK + b"Content-Encoding: deflate\r\n\r\n" + DEFLATED[2:-9], DEFLATED[2:-9], "unspecified"),
    ("too-long", TEXT + b"Content-Length: 3000\r\n\r\n" + b"x" * 3000, b"x" * 1000, "length"),
    ("endless-chunks", CHUNKED + b"400\r\n" + b"x" * 1024 + b"\r\n400\r\n" + b"x" * 1024, b"x" * 1000, "length"),
]


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
@pytest.mark.parametrize(("raw", "body", "truncated"), [case[1:] for case in CUT], ids=[case[0] for case in CUT])
def test_what_is_cut_short_is_kept_and_says_so(archive: Path, raw: bytes, body: bytes, truncated: str, tls: bool) -> None:
    authority = Authority()
    with serving(lambda _: [raw], authority.server("odd.example") if tls else None, closes=True) as server:
        scheme = "https" if tls else "http"
        exchange = fetch(f"{scheme}://odd.example/", server.port, trusted=authority.client(), max_body_bytes=1000)
    assert (exchange.body, exchange.truncated) == (body, truncated)
    with open_for_writing(archive, user_agent="a test") as opened:
        opened.begin_run(RUN)
        opened.keep(exchange, Purpose.ARTICLE)
        assert opened.held("http://odd.example/", Purpose.ARTICLE, stand_ins=False) is None
    (response,) = [fields for (kind, _), (fields, _) in _records(archive) if kind == "response"]
    assert response["WARC-Truncated"] == truncated


@pytest.mark.parametrize("cut", range(len(CHUNKED), len(CHUNKED) + 20))
def test_no_cut_of_a_chunked_answer_passes_for_whole(cut: int) -> None:
    raw = CHUNKED + b"4\r\nbody\r\n2\r\n..\r\n0\r\n\r\n"
    with serving(lambda _: [raw[:cut]], closes=True) as server:
        assert fetch("http://odd.example/", server.port).truncated == "disconnect"


def test_an_end_without_a_goodbye_is_a_cut() -> None:
    """Over TLS a body without a length is whole only if the server says good-bye; anybody on the way can hang up."""
    authority = Authority()
    listening = socket.create_server(("127.0.0.1", 0))

    def hang_up() -> None:
        raw, _ = listening.accept()
        secured = authority.server("odd.example").wrap_socket(raw, server_side=True)
        secured.recv(65536)
        secured.sendall(b"HTTP/1.1 200 OK\r\n\r\nbody")
        socket.socket.shutdown(secured, socket.SHUT_WR)
        secured.close()

    threading.Thread(target=hang_up, daemon=True).start()
    exchange = fetch("https://odd.example/", listening.getsockname()[1], trusted=authority.client())
    listening.close()
    assert (exchange.body, exchange.truncated) == (b"body", "disconnect")


def test_a_reset_is_a_cut() -> None:
    listening = socket.create_server(("127.0.0.1", 0))

    def reset() -> None:
        raw, _ = listening.accept()
        raw.recv(65536)
        raw.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbody")
        raw.recv(1)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raw.close()

    threading.Thread(target=reset, daemon=True).start()
    exchange = fetch("http://odd.example/", listening.getsockname()[1], limits=Limits(0.5, 5.0, 0))
    listening.close()
    assert exchange.body == b"body"
    assert exchange.truncated in ("disconnect", "time")


SLOW = Limits(timeout_seconds=0.2, deadline_seconds=0.6, min_bytes_per_second=0)


def drip(data: bytes, seconds: float) -> Pieces:
    return [piece for at in range(len(data)) for piece in (data[at : at + 1], seconds)]


def test_a_body_that_drips_ends_with_its_deadline() -> None:
    raw: Pieces = [TEXT + b"Content-Length: 1000\r\n\r\n", *drip(b"x" * 100, 0.05)]
    with serving(lambda _: raw) as server:
        exchange = fetch("http://odd.example/", server.port, limits=SLOW)
    assert exchange.truncated == "time"
    assert 0 < len(exchange.body) < 100


def test_a_body_slower_than_the_least_rate_is_cut() -> None:
    raw: Pieces = [TEXT + b"Content-Length: 1000\r\n\r\n", *drip(b"x" * 100, 0.05)]
    limits = Limits(timeout_seconds=0.3, deadline_seconds=60.0, min_bytes_per_second=1_000)
    with serving(lambda _: raw) as server:
        exchange = fetch("http://odd.example/", server.port, limits=limits)
    assert (exchange.truncated, len(exchange.body) < 100) == ("time", True)


@pytest.mark.parametrize(
    ("pieces", "limits"),
    [
        ([1.0], SLOW),  # silence
        (drip(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 50, 0.05), SLOW),  # a head that drips
        (drip(b"HTTP/1.1 103 Hi\r\n\r\n" * 10, 0.01), Limits(0.2, 0.3, 0)),  # interim heads without end
    ],
)
def test_a_head_that_never_comes_is_a_timeout(pieces: Pieces, limits: Limits) -> None:
    with serving(lambda _: pieces) as server, pytest.raises(CaptureError) as raised:
        fetch("http://odd.example/", server.port, limits=limits)
    assert raised.value.reason == "timeout"


REFUSED = [
    b"",
    b"garbage\r\n\r\n",
    b"<html>HTTP/0.9</html>",
    b"HTTP/1.1 200 OK\r\nBad Header\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody",
    b"HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\nbody",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 000 Zero\r\n\r\n",
    b"HTTP/2 200\r\n\r\n",
    OK + b"X: " + b"a" * 300_000 + b"\r\n\r\n",
    b"HTTP/1.1 103 Hi\r\n\r\n" * 20_000 + OK + b"\r\n",
    b"HTTP/1.1 103 Hi\r\n\r\n",
]


@pytest.mark.parametrize("raw", REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_http_is_refused_with_its_reason(raw: bytes) -> None:
    with serving(lambda _: [raw], closes=True) as server, pytest.raises(CaptureError) as raised:
        fetch("http://odd.example/", server.port)
    assert raised.value.reason in ("no-http", "no-connection")


# Compression -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("coding", "body", "reason"),
    [
        ("gzip", gzip.compress(bytes(200 * 1024 * 1024), 9), "too-large"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"x")), "unknown-coding"),
        (", ".join(["gzip"] * 500), b"x", "unknown-coding"),
        ("br", b"x", "unknown-coding"),
        ("zstd", b"x", "unknown-coding"),
        ("gzip", b"not gzip", "broken-coding"),
    ],
    ids=["bomb", "twice", "500 times", "br", "zstd", "broken"],
)
def test_a_body_is_decoded_under_a_cap(coding: str, body: bytes, reason: str) -> None:
    raw = OK + f"Content-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    with serving(lambda _: [raw]) as server:
        exchange = fetch("http://odd.example/", server.port)
    assert (exchange.body, exchange.truncated) == (body, None)  # kept as it came
    with pytest.raises(CaptureError) as raised:
        decoded(exchange)
    assert raised.value.reason == reason


@pytest.mark.parametrize(
    ("coding", "body", "words"),
    [
        ("gzip", ZIPPED, WORDS),
        ("X-GZIP", ZIPPED, WORDS),
        ("gzip", ZIPPED + ZIPPED, WORDS + WORDS),
        ("gzip", ZIPPED + b"junk", WORDS),
        ("gzip", ZIPPED + bytes(100), WORDS),
        ("gzip", gzip.compress(bytes(3_000_000)) + ZIPPED, bytes(3_000_000) + WORDS),
        ("deflate", DEFLATED, WORDS),
        ("deflate", DEFLATED[2:-4], WORDS),  # without zlib's head
        ("deflate", DEFLATED + b"junk", WORDS),
        ("identity", WORDS, WORDS),
        ("", WORDS, WORDS),
    ],
    ids=range(11),
)
@pytest.mark.parametrize("pieces", [1, 2, 1000])
def test_a_body_is_read_whole_however_it_comes(coding: str, body: bytes, words: bytes, pieces: int) -> None:
    step = -(-len(body) // pieces)
    raw = OK + f"Content-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with serving(lambda _: [raw, *(body[at : at + step] for at in range(0, len(body), step))]) as server:
        exchange = fetch("http://odd.example/", server.port)
    assert exchange.truncated is None
    assert decoded(exchange).body == words


# The contract with httpcore -----------------------------------------------------------------------------------------------


class Scripted(httpcore.NetworkStream):
    def __init__(self) -> None:
        self.calls: list[str] = []
        self.answers = [
            b"HTTP/1.1 103 Hi\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\n",
            b"ab",
            OK + b"Content-Length: 1\r\n\r\nc",
        ]

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.calls.append("read")
        return self.answers.pop(0)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if buffer:
            self.calls.append("write")

    def close(self) -> None:
        self.calls.append("close")

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable" and self.calls[-1] != info:
            self.calls.append(info)
        return None


class ToScripted(httpcore.NetworkBackend):
    def __init__(self) -> None:
        self.stream = Scripted()
        self.hosts: list[tuple[str, int]] = []

    def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.NetworkStream:
        self.hosts.append((host, port))
        return self.stream


def test_httpcore_still_speaks_through_the_stream_it_is_given() -> None:
    """What the recorder rests on: a connection that the pool makes connects through our backend and reads and writes through our
    stream alone, one answer after another, and asks the stream whether it is readable to know whether it has expired."""

    backend = ToScripted()
    pool = httpcore.ConnectionPool(http2=False, network_backend=backend)
    connection = pool.create_connection(httpcore.Origin(b"http", b"odd.example", 80))
    bodies = []
    for _ in range(2):
        answer = connection.handle_request(httpcore.Request("GET", "http://odd.example/", headers={"Host": "odd.example"}))
        bodies.append(answer.read())
        answer.close()
        assert connection.is_available()
        assert not connection.has_expired()
    connection.close()
    assert connection.is_closed()
    assert bodies == [b"ab", b"c"]
    assert backend.hosts == [("odd.example", 80)]
    assert backend.stream.calls == ["write", "read", "read", "is_readable", "write", "read", "is_readable", "close"]


def test_httpx_still_hands_on_what_a_transport_gives() -> None:
    """What the recorder rests on: an address keeps its path as it is written, a response gives the pieces of its stream as they
    are, coded or not, and tells two kinds of trouble apart; a request sends what it was given, in its order."""

    class Trouble(httpx.SyncByteStream):
        def __init__(self, *pieces: bytes | Exception) -> None:
            self.pieces = pieces
            self.closed = 0

        def __iter__(self) -> Iterator[bytes]:
            for piece in self.pieces:
                if isinstance(piece, Exception):
                    raise piece
                yield piece

        def close(self) -> None:
            self.closed += 1

    url = httpx.URL("https://bücher.example:444/x/../A%2fb//c;d?f=%7E&g=a+b&h=")
    assert (url.raw_host, url.port, url.raw_path) == (b"xn--bcher-kva.example", 444, b"/A%2fb//c;d?f=%7E&g=a+b&h=")
    headers = [("B", "1"), ("a", "2"), ("B", "3")]
    request = httpx.Request("GET", "https://a.example/", headers=headers)
    assert request.headers.raw == [(b"Host", b"a.example"), (b"B", b"1"), (b"a", b"2"), (b"B", b"3")]
    stream = Trouble(ZIPPED[:5], ZIPPED[5:])
    response = httpx.Response(200, headers=[("Content-Encoding", "gzip"), ("X", "1"), ("X", "2")], stream=stream)
    assert list(response.iter_raw()) == [ZIPPED[:5], ZIPPED[5:]]
    assert response.headers.raw == [(b"Content-Encoding", b"gzip"), (b"X", b"1"), (b"X", b"2")]
    response.close()
    assert stream.closed == 1
    assert not issubclass(httpx.TimeoutException, httpx.NetworkError)
    assert issubclass(httpx.RemoteProtocolError, httpx.TransportError)
    for trouble in (httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x")):
        with pytest.raises(type(trouble)):
            list(httpx.Response(200, stream=Trouble(b"a", trouble)).iter_raw())


def test_a_server_that_hung_up_in_between_is_asked_once_more() -> None:
    with serving(lambda _: [ODD["plain"].sent], closes=True) as server, recorder(["odd.example"], server.port) as asking:
        for number in range(5):
            assert asking.fetch(f"http://odd.example/{number}").body == b"body"
        assert [path_of(head) for head in server.requests] == [f"/{number}" for number in range(5)]
