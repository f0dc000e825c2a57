"""What is a secret is sent where the user wants it sent, and kept nowhere: every byte that comes out is searched."""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import sqlite3
import zlib
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from archiver import pipeline
from archiver.capture.recorder import cookie_jar
from archiver.capture.secrets import redacted_request, redacted_response, redacted_url, redacted_words
from archiver.cli.progress import Shown
from archiver.errors import UsageError
from archiver.model import Outcome
from archiver.settings import Settings
from tests.conftest import ARTICLE, FIRST, SECOND, Cli
from tests.servers import Pieces, fetch, path_of, serving
from tests.test_same_web import live

NAMES = [
    "cookie", "session", "password", "token", "amz", "api-key", "proxy", "location", "set-cookie", "missing", "refused", "bad-url",
    "timemap",
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
            "--timemap", f"http://u:{canary['timemap']}@archive.example/map/", "--proxy", f"http://user:{canary['proxy']}@127.0.0.1:{server.port}",
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
        # What signs addresses: CloudFront, Google, Azure, Akamai, OAuth; what only says until when stays.
        ("https://a.example/?Expires=1&Signature=a~b&Key-Pair-Id=K&Policy=x", "https://a.example/?Expires=1&Signature=redacted(3)&Key-Pair-Id=redacted(1)&Policy=redacted(1)"),
        ("https://a.example/?GoogleAccessId=a&Expires=1&Signature=b", "https://a.example/?GoogleAccessId=redacted(1)&Expires=1&Signature=redacted(1)"),
        ("https://a.example/?sv=2020&se=1&sp=r&sig=abc", "https://a.example/?sv=2020&se=1&sp=r&sig=redacted(3)"),
        ("https://a.example/?oauth_token=a&oauth_signature=b", "https://a.example/?oauth_token=redacted(1)&oauth_signature=redacted(1)"),
        ("https://a.example/?hmac=a&hdntl=b&__token__=c", "https://a.example/?hmac=redacted(1)&hdntl=redacted(1)&__token__=redacted(1)"),
        ("https://a.example/?user_token=a&x-signature=b&apikey=c&session_key=d", "https://a.example/?user_token=redacted(1)&x-signature=redacted(1)&apikey=redacted(1)&session_key=redacted(1)"),
        ("https://a.example/?token[]=a&sort_key=b", "https://a.example/?token[]=redacted(1)&sort_key=b"),
        # Wherever in an address they are.
        ("https://a.example/#access_token=abc&state=1", "https://a.example/#access_token=redacted(3)&state=1"),
        ("https://a.example/x;jsessionid=abc?b=1", "https://a.example/x;jsessionid=redacted(3)?b=1"),
        ("https://a.example/?x=1;token=abc", "https://a.example/?x=1;token=redacted(3)"),
        ("https://a.example/?x=1&amp;token=abc", "https://a.example/?x=1&amp;token=redacted(3)"),
        ("https://a.example/?url=https%3A%2F%2Fb.example%2F%3Ftoken%3Dabc", "https://a.example/?url=https%3A%2F%2Fb.example%2F%3Ftoken%3Dredacted(3)"),
        ("https://a.example/?url=https%3A%2F%2Fu%3Ap%40b.example", "https://a.example/?url=https%3A%2F%2Fb.example"),
        ("https://a.example/?url=https%3A%2F%2Fb.example%2F%3Fc%3D1", "https://a.example/?url=https%3A%2F%2Fb.example%2F%3Fc%3D1"),
        ("https://web.archive.org/web/2020id_/https://u:p@b.example/?token=abc", "https://web.archive.org/web/2020id_/https://b.example/?token=redacted(3)"),
        ("https://web.archive.org/web/2020id_/https://cdn.syndication.twimg.com/tweet-result?id=1&token=abc", "https://web.archive.org/web/2020id_/https://cdn.syndication.twimg.com/tweet-result?id=1&token=abc"),
        ("https://medium.example/@name/x", "https://medium.example/@name/x"),
        # And in what is no address that can be asked for.
        ("https://[::1?token=abc", "https://[::1?token=redacted(3)"),
        ("ftp://u:p@a.example/?sig=abc", "ftp://a.example/?sig=redacted(3)"),
        ("https://me:pass/word@a.example/x", "https://a.example/x"),
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


def test_what_comes_beside_head_and_payload_is_without_the_session_too(tmp_path: Path) -> None:
    path = tmp_path / "cookies.txt"
    path.write_text("# Netscape HTTP Cookie File\na.example\tFALSE\t/\tFALSE\t0\tname\tvalue\n")
    raw = (
        b"HTTP/1.1 103 Early Hints\r\nSet-Cookie: a=canary-1\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nX-Csrf-Token: canary-2\r\nLink: </a?token=canary-3>; rel=next, <https://b.example/?sig=canary-4>\r\n"
        b"Refresh: 5; url=https://u:canary-5@a.example/x\r\nContent-Location: //u:canary-6@a.example/\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nSet-Cookie: b=canary-7\r\n\r\n"
    )
    with serving(lambda _: [raw]) as server:
        with_session = fetch("http://a.example/", server.port, cookies=cookie_jar(path))
        without = fetch("http://a.example/", server.port)
    assert "canary" not in str((with_session.response_head, with_session.framing))
    assert str((without.response_head, without.framing)).count("canary") == 7
    assert b"</a?token=redacted(8)>; rel=next, <https://b.example/?sig=redacted(8)>" in with_session.response_head
    assert {"Set-Cookie", "X-Csrf-Token", "token", "sig", "user name"} <= set(with_session.redacted)


def test_a_session_at_a_short_link_stays_out_of_the_evidence(tmp_path: Path, web: Path) -> None:
    """Where a short link leads is evidence; what a session's redirect carries is not."""
    cookies = tmp_path / "cookies.txt"
    cookies.write_text("# Netscape HTTP Cookie File\nt.co\tFALSE\t/\tTRUE\t0\tname\tcanary-cookie\n")
    for name in ("t.co-ncfDTgE1ER.http", "t.co-vDMk37H5B4.http", "t.co-SAPdczGoiG.http"):
        text = (web / name).read_text("utf-8")
        (web / name).write_text(re.sub(r"(?m)^(Location: \S+)$", r"\1?token=canary-location", text), "utf-8")
    archive, log = tmp_path / "out" / "a", tmp_path / "out" / "run.log"
    settings = Settings(archive=archive, pace_seconds=0, web_archives=False, cookies=cookies)
    log.parent.mkdir()
    with live(web) as (transport, server), Shown(quiet=True, log=log) as shown:
        events = list(pipeline.save([str(ARTICLE)], settings, transport, watch=shown.activity))
        for event in events:
            shown.event(event)
        assert b"canary-cookie" in b"".join(server.requests)
    outcomes = [event for event in events if isinstance(event, Outcome)]
    assert [one.post_id for one in outcomes] == [FIRST, SECOND]
    assert b"canary" not in everything(tmp_path / "out") + repr(outcomes).encode()


def test_two_addresses_that_differ_in_a_secret_are_two(cli: Cli, tmp_path: Path) -> None:
    """Without their secrets they look alike: neither stands for the other, in this run or the next."""
    page = (
        b'<html><title>An article</title><article><p>Words.</p><img src="/i.png?key=one"><img src="/i.png?key=two"></article>'
    )

    def script(head: bytes) -> Pieces:
        path = path_of(head)
        body, kind = (page, "text/html") if path == "/page" else (path.encode(), "image/png")
        return [f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body]

    with serving(script) as server:
        place = f"127.0.0.1:{server.port}"
        for _ in range(2):
            assert (
                cli("save", "--archive", tmp_path / "a", "--pace", "0", "--allow-private", place, f"http://{place}/page").status
                == 0
            )
    connection = sqlite3.connect(tmp_path / "a" / "archive.db")
    sql = "SELECT count(DISTINCT c.payload_sha256) FROM article_media AS m JOIN captures AS c ON c.id = m.capture"
    assert connection.execute(sql).fetchall() == [(2,)]
    connection.close()


@pytest.mark.parametrize(
    ("location", "sent"),
    [("/inner", True), ("http://{place}/inner", True), ("http://localhost:{port}/inner", False), ("http://127.0.0.1:{other}/inner", False)],
)  # fmt: skip
def test_credentials_stay_within_their_origin(cli: Cli, tmp_path: Path, location: str, sent: bool) -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<p>Hi!"
    with serving(lambda _: [page]) as other:

        def script(head: bytes) -> Pieces:
            if path_of(head) != "/page":
                return [page]
            names = {"place": f"127.0.0.1:{server.port}", "port": server.port, "other": other.port}
            return [f"HTTP/1.1 302 Found\r\nLocation: {location.format(**names)}\r\nContent-Length: 0\r\n\r\n".encode()]

        with serving(script) as server:
            allowed = [
                option
                for host in ("127.0.0.1", "localhost")
                for port in (server.port, other.port)
                for option in ("--allow-private", f"{host}:{port}")
            ]
            url = f"http://me:canary-password@127.0.0.1:{server.port}/page"
            result = cli("save", "--archive", tmp_path / "a", "--pace", "0", *allowed, url)
            asked = {path_of(head): b"Authorization" in head for head in (*server.requests, *other.requests)}
    assert (result.status, asked["/page"], asked["/inner"], asked["/robots.txt"]) == (0, True, sent, False), result.err
    assert b"canary" not in everything(tmp_path / "a") + (result.out + result.err).encode()


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
