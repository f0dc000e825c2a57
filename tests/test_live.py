"""The live side: the guard, and the same job over a real socket on loopback. The resolver and the connect call are replaced;
no name is resolved and no address beyond loopback is ever connected to."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import httpcore
import httpx
import pytest
from warcio.archiveiterator import ArchiveIterator

from archiver import pipeline
from archiver.capture.guard import GuardedBackend, refusal
from archiver.capture.live import LiveTransport
from archiver.capture.recorder import Recorder
from archiver.errors import CaptureError
from archiver.model import Exchange, Origin, Outcome
from archiver.settings import Settings
from archiver.standins import open_web
from tests.conftest import HTML_ARTICLE, WEB, Cli

PUBLIC = "93.184.215.14"

FORBIDDEN = [
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "169.254.170.2",
    "100.64.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16", "198.18.0.1", "224.0.0.1", "255.255.255.255", "192.88.99.1",
    "192.0.2.1", "198.51.100.1", "203.0.113.1", "240.0.0.1",
    "::1", "::", "::ffff:127.0.0.1", "::ffff:7f00:1", "::127.0.0.1", "::ffff:0:7f00:1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1",
    "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:80ff:fffe", "fe80::1", "fe80::1%lo", "fec0::1", "fd00:ec2::254", "ff02::1",
    "::5efe:7f00:1", "2606:4700::5efe:7f00:1", "2001:db8::1", "3fff::1", "5f00::1", "100::1", "localhost", "",
]  # fmt: skip


@pytest.mark.parametrize("address", FORBIDDEN)
def test_addresses_that_are_refused(address: str) -> None:
    assert refusal(address)


@pytest.mark.parametrize(
    "address", [PUBLIC, "1.1.1.1", "151.101.1.140", "::ffff:1.1.1.1", "2606:4700:4700::1111", "2a04:4e42::396"]
)
def test_addresses_that_are_allowed(address: str) -> None:
    assert refusal(address) is None


class Recording(httpcore.NetworkBackend):
    """Writes down where a connection would have gone, and goes to a port on loopback, or nowhere."""

    def __init__(self, port: int | None = None) -> None:
        self.port = port
        self.connected: list[tuple[str, int]] = []

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        self.connected.append((host, port))
        if self.port is None:
            raise httpcore.ConnectError("this test connects to nothing")
        return httpcore.SyncBackend().connect_tcp("127.0.0.1", self.port, timeout)


def guarded(answers: dict[str, list[str]], connect: Recording) -> tuple[LiveTransport, list[str]]:
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        if host not in answers:
            raise socket.gaierror(-2, "Name or service not known")
        return answers[host]

    return LiveTransport(GuardedBackend(resolver, connect)), asked


def fetch(transport: httpx.BaseTransport, url: str, **limits: Any) -> Exchange:
    settings = {"timeout_seconds": 5.0, "deadline_seconds": 5.0, "max_body_bytes": 1_000_000} | limits
    recorder = Recorder(transport, user_agent="a test", **settings)
    try:
        return recorder.fetch(url)
    finally:
        recorder.close()


@pytest.mark.parametrize(
    ("url", "addresses"),
    [
        ("http://inside.example/", ["10.0.0.1"]),
        ("https://inside.example/", ["::1"]),
        ("http://mixed.example/", [PUBLIC, "127.0.0.1"]),  # one bad address refuses all
        ("http://none.example/", []),
        ("http://port.example:22/", [PUBLIC]),
        ("http://port.example:6379/", [PUBLIC]),
        ("http://unknown.example/", None),
        ("http://127.0.0.1/", ["127.0.0.1"]),
        ("http://2130706433/", ["127.0.0.1"]),
        ("http://[::1]/", ["::1"]),
        ("http://good.example@127.0.0.1/", ["127.0.0.1"]),
        ("ftp://files.example/", [PUBLIC]),
        ("file:///etc/passwd", [PUBLIC]),
        ("http:///nowhere", [PUBLIC]),
        ("http://a..b/", [PUBLIC]),
        (f"http://{'a' * 300}/", [PUBLIC]),
        ("http://crlf.example/\r\nX: y", [PUBLIC]),
    ],
)
def test_no_connection_is_made_where_none_is_allowed(url: str, addresses: list[str] | None) -> None:
    connect = Recording()
    host = httpx.URL(url).host if "\r" not in url and "a..b" not in url and len(url) < 300 else ""
    transport, _ = guarded({host: addresses} if addresses is not None else {}, connect)
    with pytest.raises(CaptureError):
        fetch(transport, url)
    assert connect.connected == []


def test_a_name_is_resolved_once_and_connected_to_where_it_was_checked() -> None:
    connect = Recording()
    transport, asked = guarded({"good.example": [PUBLIC, "1.1.1.1"]}, connect)
    with pytest.raises(CaptureError, match="connects to nothing"):
        fetch(transport, "https://good.example/")
    assert asked == ["good.example"]
    assert connect.connected == [(PUBLIC, 443), ("1.1.1.1", 443)]


def test_the_environments_proxy_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    connect = Recording()
    transport, asked = guarded({"good.example": [PUBLIC]}, connect)
    with pytest.raises(CaptureError):
        fetch(transport, "http://good.example/")
    assert (asked, connect.connected) == (["good.example"], [(PUBLIC, 80)])


class _Web(BaseHTTPRequestHandler):
    """The bundled stand-in web behind a real socket, whatever the Host header says."""

    protocol_version = "HTTP/1.1"
    raw: ClassVar[dict[str, bytes]] = {}
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        url = f"http://{self.headers['Host']}{self.path}"
        self.asked.append(url)
        if url in self.raw:
            self.wfile.write(self.raw[url])
            self.close_connection = True
            return
        answer = open_web(WEB).answer("GET", url.replace("http://", "https://", 1))
        body = answer.body if answer else b"nothing\n"
        self.send_response(answer.status if answer else 404)
        for name, value in answer.headers if answer else ():
            if name != "Content-Length":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on standard error."""


@pytest.fixture
def server() -> Iterator[int]:
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _Web)
    httpd.daemon_threads = True
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    _Web.asked.clear()
    _Web.raw.clear()
    yield httpd.server_port
    httpd.shutdown()
    thread.join()
    httpd.server_close()


class PlainText(httpx.BaseTransport):
    """The live transport, with https asked for as http: the test server has no certificate for the platforms' names."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url.copy_with(scheme="http")
        return self._inner.handle_request(
            httpx.Request(request.method, url, headers=request.headers, extensions=request.extensions)
        )

    def close(self) -> None:
        self._inner.close()


HOSTS = ["cdn.syndication.twimg.com", "publish.x.com", "pbs.twimg.com", "video.twimg.com", "t.co", "odd.example"]


def test_the_same_job_over_sockets_is_live_and_says_so(cli: Cli, archive: Path, server: int) -> None:
    transport, _ = guarded({host: [PUBLIC] for host in HOSTS}, Recording(server))
    events = list(pipeline.save([str(HTML_ARTICLE)], Settings(archive=archive), PlainText(transport)))
    (outcome,) = [event for event in events if isinstance(event, Outcome)]
    assert (outcome.state.value, outcome.origin.value, outcome.claim.value) == ("saved", "live", "match")
    assert {capture.origin for capture in outcome.captures} == {Origin.LIVE}
    offline = cli("save", "--json", "--offline", "--archive", archive.parent / "offline", "--fixtures", WEB, HTML_ARTICLE)
    assert [one.payload_digest for one in outcome.captures] == [one["payload_digest"] for one in offline.lines[0]["captures"]]
    (segment,) = (archive / "warc").iterdir()
    with segment.open("rb") as file:
        fields = [
            record.rec_headers for record in ArchiveIterator(file, check_digests="raise") if record.rec_type == "response"
        ]
    assert {one.get_header("Archiver-Origin") for one in fields} == {"live"}
    assert {one.get_header("WARC-IP-Address") for one in fields} == {"127.0.0.1"}
    assert cli("verify", "--archive", archive).status == 0
    # What was received live serves offline, as what it now is: a stand-in.
    again = cli(
        "save", "--json", "--offline", "--archive", archive.parent / "again", "--fixtures", archive / "warc", HTML_ARTICLE
    )
    assert [(line["state"], line["origin"]) for line in again.lines] == [("saved", "stand-in")]


def test_what_was_received_live_never_rests_on_a_stand_in(cli: Cli, archive: Path, server: int) -> None:
    """The same payloads are kept from stand-ins already: the live run receives them anew, and refers to none of them."""
    assert cli("save", "--offline", "--archive", archive, "--fixtures", WEB, HTML_ARTICLE).status == 0
    transport, _ = guarded({host: [PUBLIC] for host in HOSTS}, Recording(server))
    list(pipeline.save([str(HTML_ARTICLE)], Settings(archive=archive), PlainText(transport)))
    stand_ins, live = set(), []
    for segment in (archive / "warc").iterdir():
        with segment.open("rb") as file:
            for record in ArchiveIterator(file):
                if segment.name.startswith("stand-in-"):
                    stand_ins.add(record.rec_headers.get_header("WARC-Record-ID"))
                elif record.rec_type in ("response", "revisit"):
                    live.append(record.rec_headers)
    assert len(live) == 11
    assert {fields.get_header("WARC-Refers-To") for fields in live} - {None}  # one payload came twice in the live run itself
    assert stand_ins.isdisjoint({fields.get_header("WARC-Refers-To") for fields in live})


ODD = "http://odd.example/"


@pytest.mark.parametrize(
    ("raw", "status", "body", "truncated"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody", 200, b"body", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nbody", 200, b"body", "disconnect"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n", 200, b"body", None),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n", 200, b"body", "disconnect"),
        (b"HTTP/1.0 200 OK\r\n\r\nto the end", 200, b"to the end", None),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b"", None),
        (b"HTTP/1.1 301 Moved\r\nLocation: http://inside.example/\r\nContent-Length: 0\r\n\r\n", 301, b"", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"x" * 2000, 200, b"x" * 1000, "length"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"words", mtime=0),
            200,
            gzip.compress(b"words", mtime=0),
            None,
        ),
    ],
)
def test_answers_as_they_come(server: int, raw: bytes, status: int, body: bytes, truncated: str | None) -> None:
    _Web.raw[ODD] = raw
    transport, _ = guarded({"odd.example": [PUBLIC]}, Recording(server))
    exchange = fetch(transport, ODD, max_body_bytes=1000)
    assert (exchange.status, exchange.body, exchange.truncated, exchange.origin) == (status, body, truncated, Origin.LIVE)
    assert exchange.request_head.startswith(b"GET / HTTP/1.1\r\nHost: odd.example\r\n")
    assert _Web.asked == [ODD]  # no redirect is followed


@pytest.mark.parametrize("raw", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nBad Header\r\n\r\n"])
def test_answers_that_are_none(server: int, raw: bytes) -> None:
    _Web.raw[ODD] = raw
    transport, _ = guarded({"odd.example": [PUBLIC]}, Recording(server))
    with pytest.raises(CaptureError):
        fetch(transport, ODD)
