"""What is a secret is sent where the user wants it sent, and kept nowhere: every byte that comes out is searched."""

from __future__ import annotations

import base64
import gzip
import io
import json
import sqlite3
import zlib
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from archiver.capture.recorder import cookie_jar
from archiver.capture.secrets import redacted_request, redacted_response, redacted_url, redacted_words
from archiver.errors import UsageError
from tests.conftest import Cli
from tests.servers import Pieces, fetch, path_of, serving

NAMES = [
    "cookie", "session", "password", "token", "amz", "api-key", "proxy", "location", "set-cookie", "missing", "refused", "bad-url",
]  # fmt: skip
CANARIES = {name: f"canary-{name}-7f3a" for name in NAMES}


def everything(root: Path) -> bytes:
    """Every byte of every file, and of what is compressed in it."""
    found = io.BytesIO()
    for path in root.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            found.write(path.name.encode() + data)
            while data[:2] == b"\x1f\x8b":
                member = zlib.decompressobj(31)
                unpacked = member.decompress(data)
                found.write(unpacked)
                for part in unpacked.split(b"\r\n\r\n"):
                    if part[:2] == b"\x1f\x8b":
                        found.write(gzip.decompress(part))
                data = member.unused_data
    return found.getvalue()


def test_twelve_canaries(cli: Cli, tmp_path: Path) -> None:
    canary = CANARIES
    cookies = tmp_path / "cookies.txt"
    cookies.write_text(
        "# Netscape HTTP Cookie File\n"
        f".news.example\tTRUE\t/\tFALSE\t4102444800\tlogin\t{canary['cookie']}\n"
        f"news.example\tFALSE\t/\tFALSE\t0\tsession\t{canary['session']}\n"
        "other.example\tFALSE\t/\tFALSE\t0\tother\tnot-sent\n"
    )
    page = gzip.compress(b"<html><title>An article</title><p>Words.</html>")

    def proxy(head: bytes) -> Pieces:
        path = path_of(head)
        if "/page" in path and "signed" not in path:
            location = f"/signed/page?X-Goog-Signature={canary['location']}&page=2"
            headers = f"Location: {location}\r\nSet-Cookie: fresh={canary['set-cookie']}; Path=/\r\nContent-Length: 0\r\n"
            return [f"HTTP/1.1 302 Found\r\n{headers}\r\n".encode()]
        if "/signed" in path:
            headers = f"Content-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: {len(page)}\r\n"
            return [f"HTTP/1.1 200 OK\r\n{headers}\r\n".encode() + page]
        return [b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"]

    archive, log = tmp_path / "out" / "archive", tmp_path / "out" / "run.log"
    archive.mkdir(parents=True)
    query = f"id=7&token={canary['token']}&X-Amz-Signature={canary['amz']}&api_key={canary['api-key']}"
    with serving(proxy) as server:
        result = cli(
            "save", "--archive", archive, "--log", log, "--pace", "0", "--cookies", cookies,
            "--proxy", f"http://user:{canary['proxy']}@127.0.0.1:{server.port}",
            f"http://me:{canary['password']}@news.example/page?{query}",
            f"http://news.example/missing?client_secret={canary['missing']}",
            f"http://127.0.0.1/?sig={canary['refused']}",
            f"http://a..b/?jwt={canary['bad-url']}",
        )  # fmt: skip
        sent = b"".join(server.requests)
    assert result.status == 1, result.err
    assert "An article" in result.out
    # What was to be sent, was.
    for name in ("cookie", "session", "token", "amz", "api-key", "location", "missing"):
        assert canary[name].encode() in sent, name
    for user, name in (("me", "password"), ("user", "proxy")):
        assert base64.b64encode(f"{user}:{canary[name]}".encode()) in sent
    assert b"not-sent" not in sent
    assert canary["set-cookie"].encode() not in sent  # nothing is added to the user's cookies
    # And nothing of it came out, anywhere.
    shown = cli("show", "--json", "--archive", archive)
    out = everything(tmp_path / "out") + "".join((result.out, result.err, shown.out, shown.err)).encode()
    for name, secret in canary.items():
        for form in (secret.encode(), *(base64.b64encode(f"{user}:{secret}".encode()) for user in ("me", "user"))):
            assert form not in out, name
    assert b"An article" in out  # the search does see what is compressed
    connection = sqlite3.connect(archive / "archive.db")
    redacted = {row[0]: row[1] for row in connection.execute("SELECT url, redacted FROM captures")}
    connection.close()
    assert redacted["http://news.example/page?id=7&token=redacted(17)&X-Amz-Signature=redacted(15)&api_key=redacted(19)"] == (
        "Proxy-Authorization, Authorization, Cookie, token, X-Amz-Signature, api_key, Set-Cookie, X-Goog-Signature, user name"
    )


def test_the_request_record_says_what_was_redacted(cli: Cli, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    with serving(lambda _: [b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"]) as server:
        url = f"http://127.0.0.1:{server.port}/x?token=abc"
        cli("save", "--archive", archive, "--pace", "0", "--allow-private", f"127.0.0.1:{server.port}", url)
    (segment,) = (archive / "warc").glob("archiver-*")
    with segment.open("rb") as file:
        found = [
            (record.rec_headers.get_header("Archiver-Redacted"), record.http_headers.protocol, record.http_headers.statusline)
            for record in ArchiveIterator(file)
            if record.rec_type == "request"
        ]
    assert [entry[0] for entry in found] == [None, "token"]  # robots.txt first
    assert "token=redacted(3)" in " ".join(found[1])


def test_what_was_kept_without_its_secret_is_found_again_with_it(cli: Cli, tmp_path: Path) -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<p>Hi!"
    with serving(lambda _: [page]) as server:
        url = f"http://127.0.0.1:{server.port}/x?token=abc"
        options = ("--pace", "0", "--robots", "--allow-private", f"127.0.0.1:{server.port}")
        assert cli("save", "--archive", tmp_path / "a", *options, url).status == 0
    assert cli("save", "--offline", "--archive", tmp_path / "b", "--fixtures", tmp_path / "a" / "warc", url).status == 0
    found = cli("find", "--archive", tmp_path / "a", url)
    assert (found.status, "abc" in found.out + found.err) == (0, False)
    assert b"robots: obey" in everything(tmp_path / "a")


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://a.example/?token=abc", "https://a.example/?token=redacted(3)"),
        ("https://a.example/?a=1&Access_Token=abc&b=2", "https://a.example/?a=1&Access_Token=redacted(3)&b=2"),
        ("https://a.example/?%74oken=abc", "https://a.example/?%74oken=redacted(3)"),
        ("https://u:p@a.example/", "https://a.example/"),
        ("https://u@a.example:8443/x", "https://a.example:8443/x"),
        ("https://a.example/?token=", "https://a.example/?token="),
        ("https://a.example/?author=abc&tokens=3&keyword=x", "https://a.example/?author=abc&tokens=3&keyword=x"),
        ("https://a.example/?token=redacted(3)", "https://a.example/?token=redacted(3)"),
        ("https://a.example/token=abc", "https://a.example/token=abc"),
        ("https://cdn.syndication.twimg.com/tweet-result?id=1&token=abc", "https://cdn.syndication.twimg.com/tweet-result?id=1&token=abc"),
        ("https://[::1", "https://[::1"),
        ("page.html", "page.html"),
    ],
)  # fmt: skip
def test_addresses_without_their_secrets(url: str, kept: str) -> None:
    assert redacted_url(url)[0] == kept
    assert redacted_url(kept)[0] == kept


@pytest.mark.parametrize(
    "header",
    ["Cookie", "COOKIE", "Authorization", "Proxy-Authorization", "X-Csrf-Token", "x-guest-token", "X-Api-Key", "X-Auth-Token"],
)
def test_a_requests_head_without_its_secrets(header: str) -> None:
    head = f"GET / HTTP/1.1\r\nHost: a.example\r\n{header}: canary\r\nAccept: */*\r\n\r\n".encode()
    kept, names = redacted_request(head, "https://a.example/")
    assert kept == f"GET / HTTP/1.1\r\nHost: a.example\r\n{header}: redacted(6)\r\nAccept: */*\r\n\r\n".encode()
    assert names == (header,)


def test_an_answer_keeps_its_cookies_where_no_secret_was_sent() -> None:
    raw = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nContent-Length: 0\r\n\r\n"
    with serving(lambda _: [raw]) as server:
        exchange = fetch("http://a.example/", server.port)
    assert exchange.response_head == raw
    assert redacted_response(raw) == (raw.replace(b"a=1", b"redacted(3)"), ("Set-Cookie",))


def test_cookies_go_to_their_own_host_only(tmp_path: Path) -> None:
    path = tmp_path / "cookies.txt"
    path.write_text(
        "# Netscape HTTP Cookie File\na.example\tFALSE\t/\tFALSE\t0\tname\tvalue\nb.example\tFALSE\t/\tTRUE\t0\tn\tv\n"
    )
    raw = b"HTTP/1.1 200 OK\r\nSet-Cookie: theirs=1\r\nContent-Length: 0\r\n\r\n"
    with serving(lambda _: [raw]) as server:
        for url in ("http://a.example/", "http://b.example/", "http://sub.a.example/", "http://a.example/again"):
            fetch(url, server.port, cookies=cookie_jar(path))
        cookies = [[line for line in head.split(b"\r\n") if line.startswith(b"Cookie")] for head in server.requests]
    assert cookies == [[b"Cookie: name=value"], [], [], [b"Cookie: name=value"]]


def test_no_cookie_of_a_server_is_sent_back() -> None:
    raw = b"HTTP/1.1 200 OK\r\nSet-Cookie: theirs=1\r\nContent-Length: 0\r\n\r\n"
    from tests.servers import recorder

    with serving(lambda _: [raw]) as server, recorder(["a.example"], server.port) as asking:
        asking.fetch("http://a.example/1")
        asking.fetch("http://a.example/2")
        assert b"ookie" not in b"".join(server.requests)


@pytest.mark.parametrize("content", [None, "not cookies", b"\xff\xfe\x00binary"])
def test_a_cookie_file_that_is_none(cli: Cli, tmp_path: Path, content: str | bytes | None) -> None:
    path = tmp_path / "cookies.txt"
    if content is not None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(UsageError, match="--cookies"):
        cookie_jar(path)
    result = cli("save", "--offline", "--archive", tmp_path / "a", "--cookies", path, "https://a.example/")
    assert (result.status, str(path) in result.err) == (2, True)


@pytest.mark.parametrize(
    "proxy", ["", "socks5://127.0.0.1:1", "https://127.0.0.1", "127.0.0.1:3128", "http://", "http://a/b", "http://u:canary@"]
)
def test_a_proxy_that_is_none(cli: Cli, tmp_path: Path, proxy: str) -> None:
    result = cli("save", "--archive", tmp_path / "a", "--proxy", proxy or "x", "https://a.example/")
    assert result.status == 2
    assert "--proxy" in result.err
    assert "canary" not in result.err


def test_words_without_secrets() -> None:
    words = "archiver save --proxy http://u:p@proxy:1 https://a.example/?token=abc 'http://b/?sig=x'"
    assert (
        redacted_words(words)
        == "archiver save --proxy http://proxy:1 https://a.example/?token=redacted(3) 'http://b/?sig=redacted(1)'"
    )


def test_the_call_is_on_record_without_its_secrets(cli: Cli, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setattr(sys, "argv", ["archiver", "save", "https://a.example/?token=canary"])
    cli("save", "--offline", "--archive", archive, "https://a.example/?token=canary")
    connection = sqlite3.connect(archive / "archive.db")
    ((command,),) = connection.execute("SELECT command FROM runs").fetchall()
    connection.close()
    assert command == "archiver save https://a.example/?token=redacted(6)"
    assert "canary" not in json.dumps(command)
