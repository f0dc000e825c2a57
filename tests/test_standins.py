"""Stand-ins: the folder that people write, and WARC files that other tools wrote."""

from __future__ import annotations

import io
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archiver.errors import UsageError
from archiver.standins import open_web
from tests.conftest import ARTICLE, FIRST, WEB, Cli

GOOD = "GET https://example.org/\n\nHTTP/1.1 200 OK\nContent-Type: text/plain\n\nbody\n"


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("", 1, "ends too soon"),
        ("# only a comment\n", 2, "ends too soon"),
        ("PUT https://example.org/\n", 1, "a request is wanted"),
        ("GET example.org\n", 1, "a request is wanted"),
        ("GET https://example.org/ü\n", 1, "a request is wanted"),
        ("GET https://example.org/\n", 2, "ends too soon"),
        ("GET https://example.org/\nnonsense\n", 2, "a header is wanted"),
        ("GET https://example.org/\nCookie: x\n\n", 2, "only Body: may stand"),
        ("GET https://example.org/\n\nHTTP/2 200\n\n", 3, "a status line is wanted"),
        ("GET https://example.org/\n\nHTTP/1.1 999 No\n\n", 3, "a status line is wanted"),
        ("GET https://example.org/\n\nHTTP/1.1 200 OK\nno colon\n\n", 4, "a header is wanted"),
        ("GET https://example.org/\n\nHTTP/1.1 200 OK\nX: Привет\n\n", 4, "Latin-1 only"),
        ("GET https://example.org/\n\nHTTP/1.1 200 OK\nX: a\x00b\n\n", 4, "a header is wanted"),
        ("GET https://example.org/\nBody: x.jpg\n\nHTTP/1.1 200 OK\n\nbody as well", 5, "and Body: names"),
        ("GET https://example.org/\nBody: missing.jpg\n\nHTTP/1.1 200 OK\n\n", None, "no such file beside it"),
        ("GET https://example.org/\nBody: ../secret\n\nHTTP/1.1 200 OK\n\n", None, "no such file beside it"),
    ],
)
def test_a_broken_stand_in_is_named_with_its_line(
    cli: Cli, archive: Path, tmp_path: Path, text: str, line: int | None, what: str
) -> None:
    folder = tmp_path / "web"
    folder.mkdir()
    (folder / "broken.http").write_bytes(text.encode())
    result = cli("save", "--offline", "--archive", archive, "--fixtures", folder, ARTICLE)
    assert result.status == 2
    assert result.err.count("\n") == 1
    assert str(folder / "broken.http") in result.err
    assert what in result.err
    assert line is None or f": line {line}: " in result.err
    assert not archive.exists()  # nothing was begun


def test_two_stand_ins_for_one_address_are_refused(tmp_path: Path) -> None:
    for name in ("a.http", "b.http"):
        (tmp_path / name).write_text(GOOD)
    with pytest.raises(UsageError, match="already stands in"):
        open_web(tmp_path)


@pytest.mark.parametrize("name", ["nothing-here", "empty", "file.zip", "text.warc.gz", "cut.warc.gz"])
def test_fixtures_that_are_none(cli: Cli, tmp_path: Path, saved: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.zip").write_bytes(b"PK")
    (tmp_path / "text.warc.gz").write_text("this is no WARC")
    whole = next((saved / "warc").glob("stand-in-*")).read_bytes()
    (tmp_path / "cut.warc.gz").write_bytes(whole[:300])
    result = cli("save", "--offline", "--archive", tmp_path / "other", "--fixtures", tmp_path / name, ARTICLE)
    assert (result.status, result.err.count("\n")) == (2, 1)
    assert f"--fixtures {tmp_path / name}" in result.err


def test_lookup_is_exact_then_by_query_in_another_order(tmp_path: Path) -> None:
    (tmp_path / "a.http").write_text(GOOD.replace("https://example.org/", "https://example.org/p?a=1&b=%41"))
    web = open_web(tmp_path)
    assert web.answer("GET", "https://example.org/p?a=1&b=%41#fragment") is not None
    assert web.answer("GET", "https://EXAMPLE.org/p?b=A&a=1") is not None
    assert web.answer("GET", "https://example.org/p?a=1") is None
    assert web.answer("GET", "https://example.org/P?a=1&b=%41") is None  # paths are told apart by case
    assert web.answer("HEAD", "https://example.org/p?a=1&b=%41") is None


def as_warc(path: Path, *, compressed: bool, chunked: bool) -> Path:
    """The bundled web as a WARC file that warcio wrote: another program's records, dates and digests."""
    web = open_web(WEB)
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=compressed)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "a test"}))
        for stand_in in sorted(WEB.glob("*.http")):
            url = next(line[4:] for line in stand_in.read_text("utf-8").splitlines() if line.startswith("GET "))
            answer = web.answer("GET", url)
            assert answer is not None
            headers, body = [pair for pair in answer.headers if pair[0] != "Content-Length"], answer.body
            if chunked:
                half = len(body) // 2
                parts = [part for part in (body[:half], body[half:]) if part]
                body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
                headers.append(("Transfer-Encoding", "chunked"))
            http = StatusAndHeaders(f"{answer.status} {answer.reason}", headers, protocol="HTTP/1.1")
            response = writer.create_warc_record(url, "response", payload=io.BytesIO(body), http_headers=http)
            asked = StatusAndHeaders("GET / HTTP/1.1", [("Host", "x")], is_http_request=True)
            writer.write_request_response_pair(writer.create_warc_record(url, "request", http_headers=asked), response)
    return path


@pytest.mark.parametrize(("name", "chunked"), [("web.warc.gz", False), ("web.warc", False), ("chunked.warc.gz", True)])
def test_a_warc_that_warcio_wrote_serves_as_the_web(
    cli: Cli, archive: Path, tmp_path: Path, name: str, *, chunked: bool
) -> None:
    warc = as_warc(tmp_path / name, compressed=name.endswith(".gz"), chunked=chunked)
    result = cli("save", "--json", "--offline", "--archive", archive, "--fixtures", warc, ARTICLE)
    assert result.status == 0, result.err
    assert [line["state"] for line in result.lines] == ["saved", "gone"]
    assert result.lines[0]["post_id"] == FIRST
    digests = [capture["payload_digest"] for capture in result.lines[0]["captures"]]
    plain = cli("save", "--json", "--offline", "--archive", tmp_path / "plain", "--fixtures", WEB, ARTICLE)
    assert digests == [capture["payload_digest"] for capture in plain.lines[0]["captures"]]
    assert cli("verify", "--archive", archive).status == 0


def posts(cli: Cli, archive: Path) -> list[Any]:
    lines = cli("show", "--json", "--archive", archive).lines
    same = ("post_id", "url", "state", "availability", "claim", "origin", "text", "reason")
    return [
        [line[name] for name in same] + [(one["url"], one["status"], one["payload_digest"]) for one in line["captures"]]
        for line in lines
    ]


def test_what_save_wrote_serves_as_the_web_again(cli: Cli, saved: Path, tmp_path: Path) -> None:
    (stand_ins,) = (saved / "warc").glob("stand-in-*")
    for number, fixtures in enumerate((stand_ins, saved / "warc")):
        again = tmp_path / f"again-{number}"
        assert cli("save", "--offline", "--archive", again, "--fixtures", fixtures, ARTICLE).status == 0
        assert posts(cli, again) == posts(cli, saved)


def test_posts_answer_no_get(tmp_path: Path) -> None:
    """An answer to a POST, whichever of the two records comes first, stands in for no GET."""
    path = tmp_path / "post.warc.gz"
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for url, method in (("https://example.org/a", "POST"), ("https://example.org/b", "GET")):
            http = StatusAndHeaders("200 OK", [("Content-Type", "text/plain")], protocol="HTTP/1.1")
            response = writer.create_warc_record(url, "response", payload=io.BytesIO(b"x"), http_headers=http)
            asked = StatusAndHeaders(f"{method} / HTTP/1.1", [("Host", "x")], is_http_request=True)
            writer.write_request_response_pair(writer.create_warc_record(url, "request", http_headers=asked), response)
    web = open_web(path)
    assert web.answer("GET", "https://example.org/a") is None
    assert web.answer("GET", "https://example.org/b") is not None


class _Handler(BaseHTTPRequestHandler):
    answers: ClassVar[dict[str, tuple[int, str, bytes]]] = {}

    def do_GET(self) -> None:
        status, kind, body = self.answers.get(self.path, (404, "text/plain", b"nothing"))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on standard error."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield httpd
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def test_a_warc_that_wget_wrote_serves_as_the_web(cli: Cli, archive: Path, tmp_path: Path, server: ThreadingHTTPServer) -> None:
    wget = shutil.which("wget")
    if wget is None:
        pytest.skip("wget is not installed")
    origin = f"http://127.0.0.1:{server.server_port}"
    page = (ARTICLE.parent / "walkouts.html").read_bytes()
    _Handler.answers = {"/article.html": (200, "text/html; charset=utf-8", page)}
    command = [
        wget,
        "-q",
        "--no-proxy",
        "--warc-file",
        str(tmp_path / "wget"),
        "-O",
        "-",
        f"{origin}/article.html",
        f"{origin}/none",
    ]
    subprocess.run(command, capture_output=True, timeout=60)
    result = cli(
        "save", "--json", "--offline", "--archive", archive,
        "--fixtures", tmp_path / "wget.warc.gz", "--fixtures", WEB,
        f"{origin}/article.html", f"{origin}/none",
    )  # fmt: skip
    assert (result.status, [line["state"] for line in result.lines]) == (1, ["saved"])
    assert f"{origin}/none is 404" in result.err
    assert result.lines[0]["post_id"] == FIRST
