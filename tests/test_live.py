"""The live side: the guard, and the same job over a real socket on loopback. The resolver and the connect call are replaced;
no name is resolved and no address beyond loopback is ever connected to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import httpx
import pytest
from warcio.archiveiterator import ArchiveIterator

from archiver import pipeline
from archiver.capture.live import LiveTransport
from archiver.model import Origin, Outcome
from archiver.settings import Settings
from archiver.standins import open_web
from tests.conftest import HTML_ARTICLE, WEB, Cli
from tests.servers import PUBLIC, Dialled, door


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


def guarded(port: int) -> LiveTransport:
    opened, _ = door({host: [PUBLIC] for host in HOSTS}, Dialled(port))
    return LiveTransport(opened)


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


HOSTS = ["cdn.syndication.twimg.com", "publish.x.com", "pbs.twimg.com", "video.twimg.com", "t.co"]


def test_the_same_job_over_sockets_is_live_and_says_so(cli: Cli, archive: Path, server: int) -> None:
    transport = guarded(server)
    events = list(pipeline.save([str(HTML_ARTICLE)], Settings(archive=archive, pace_seconds=0), PlainText(transport)))
    (outcome,) = [event for event in events if isinstance(event, Outcome)]
    assert (outcome.state.value, outcome.origin.value, outcome.claim.value) == ("saved", "live", "match")
    assert {capture.origin for capture in outcome.captures} == {Origin.LIVE}
    offline = cli("save", "--json", "--offline", "--archive", archive.parent / "offline", "--fixtures", WEB, HTML_ARTICLE)
    assert [one.payload_digest for one in outcome.captures] == [one["payload_digest"] for one in offline.lines[0]["captures"]]
    (segment,) = (archive / "warc").glob("archiver-*")
    with segment.open("rb") as file:
        fields = [
            record.rec_headers for record in ArchiveIterator(file, check_digests="raise") if record.rec_type == "response"
        ]
    assert {one.get_header("Archiver-Origin") for one in fields} == {"live"}
    assert {one.get_header("WARC-IP-Address") for one in fields} == {PUBLIC}
    assert cli("verify", "--archive", archive).status == 0
    # What was received live serves offline, as what it now is: a stand-in.
    again = cli(
        "save", "--json", "--offline", "--archive", archive.parent / "again", "--fixtures", archive / "warc", HTML_ARTICLE
    )
    assert [(line["state"], line["origin"]) for line in again.lines] == [("saved", "stand-in")]


def test_what_was_received_live_never_rests_on_a_stand_in(cli: Cli, archive: Path, server: int) -> None:
    """The same payloads are kept from stand-ins already: the live run receives them anew, and refers to none of them."""
    assert cli("save", "--offline", "--archive", archive, "--fixtures", WEB, HTML_ARTICLE).status == 0
    transport = guarded(server)
    list(pipeline.save([str(HTML_ARTICLE)], Settings(archive=archive, pace_seconds=0), PlainText(transport)))
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
