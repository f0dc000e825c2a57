"""Sources: which files are read, what is in their containers, how their bytes become text, and what they say of themselves."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import quopri
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import archiver
from archiver import articles
from archiver.articles import mhtml
from archiver.errors import SourceError, UsageError
from archiver.limits import MAX_ARTICLE_BYTES
from archiver.model import Article, ArticleFacts, Format
from tests.conftest import PROJECT, Cli

PAGE = (
    '<!doctype html><html><head><meta charset="utf-8"><title>{title}</title></head><body>\n'
    '<blockquote class="twitter-tweet"><p>Words</p>&mdash; H (@HannaLiubakova) '
    '<a href="https://twitter.com/HannaLiubakova/status/{id}">August 14, 2020</a></blockquote>\n</body></html>\n'
)
FIRST, SECOND = "1294237906668703747", "1294198495910473733"


def page(title: str = "Title", post: str = FIRST) -> bytes:
    return PAGE.format(title=title, id=post).encode()


def read(source: str | Path, max_bytes: int = MAX_ARTICLE_BYTES) -> tuple[list[Article], list[str]]:
    """The articles of a source, and what was told of those that could not be read."""
    told: list[str] = []
    found = list(articles.read(str(source), max_bytes, lambda error: told.append(str(error))))
    return found, told


# WARC files, written as bytes so that they can lie ------------------------------------------------------------------------


def record(
    kind: str,
    url: str,
    block: bytes,
    content_type: str,
    date: str = "2020-08-15T10:00:00Z",
    length: int | str | None = None,
    more: str = "",
) -> bytes:
    head = (
        f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: {date}\r\n{more}"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{zlib.crc32(block + url.encode()):012d}>\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(block) if length is None else length}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def response(
    url: str,
    body: bytes,
    *,
    kind: str | None = "text/html; charset=utf-8",
    status: str = "200 OK",
    headers: str = "",
    date: str = "2020-08-15T10:00:00Z",
    length: int | str | None = None,
    more: str = "",
) -> bytes:
    typed = f"Content-Type: {kind}\r\n" if kind else ""
    block = f"HTTP/1.1 {status}\r\n{typed}{headers}\r\n".encode() + body
    return record("response", url, block, "application/http; msgtype=response", date, length, more)


def warc_file(path: Path, *records: bytes) -> Path:
    path.write_bytes(b"".join(map(gzip.compress, records) if path.name.endswith(".gz") else records))
    return path


def chunked(body: bytes, size: int = 100) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces) + b"0\r\n\r\n"


A, B, C = "https://news.example/a", "https://news.example/b", "https://news.example/c"


@pytest.mark.parametrize("name", ["c.warc", "c.warc.gz", "C.WARC.GZ"])
def test_each_page_of_a_warc_is_an_article(tmp_path: Path, name: str) -> None:
    source = warc_file(
        tmp_path / name,
        record("warcinfo", "urn:x", b"software: x\r\n", "application/warc-fields"),
        record("request", A, b"GET /a HTTP/1.1\r\nHost: news.example\r\n\r\n", "application/http; msgtype=request"),
        response(A, page("A")),
        response("https://news.example/a.png", b"\x89PNG\x00", kind="image/png"),
        response("https://news.example/gone", page("gone"), status="404 Not Found"),
        response("https://news.example/moved", b"", status="301 Moved Permanently", headers=f"Location: {A}\r\n"),
        response(B, page("B", SECOND), kind="application/xhtml+xml", date="2020-08-15T12:00:00.5+02:00"),
        response("https://news.example/feed", b'{"html": "<html>"}', kind="application/json"),
        response(C, b"# Heading\n\nText\n", kind="text/markdown; charset=utf-8"),
    )
    found, told = read(source)
    assert told == []
    assert [one.source for one in found] == [f"{source}#{url}" for url in (A, B, C)]
    assert [one.url for one in found] == [A, B, C]
    assert [one.format for one in found] == [Format.HTML, Format.HTML, Format.MARKDOWN]
    assert [one.captured for one in found] == [
        datetime(2020, 8, 15, 10, tzinfo=UTC),
        datetime(2020, 8, 15, 10, 0, 0, 500_000, tzinfo=UTC),
        datetime(2020, 8, 15, 10, tzinfo=UTC),
    ]
    assert found[0].data == page("A")
    assert [articles.facts(one).title for one in found] == ["A", "B", "Heading"]
    assert articles.facts(found[0]).url == A


def test_warcio_writes_what_is_read(tmp_path: Path) -> None:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    path = tmp_path / "written.warc.gz"
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        writer.write_record(writer.create_warcinfo_record("written.warc.gz", {"software": "test"}))
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        one = writer.create_warc_record(A, "response", payload=io.BytesIO(page()), http_headers=headers)
        writer.write_record(one)
        writer.write_record(writer.create_revisit_record(A, "sha1:X", A, "2020-01-01T00:00:00Z", http_headers=headers))
    found, told = read(path)
    assert ([one.data for one in found], told) == ([page()], [])


def deflate_raw(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def brotli(data: bytes) -> bytes:
    packed = pytest.importorskip("brotli").compress(data)
    assert isinstance(packed, bytes)
    return packed


def zstd(data: bytes) -> bytes:
    packed = pytest.importorskip("zstandard").compress(data)
    assert isinstance(packed, bytes)
    return packed


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ("Transfer-Encoding: chunked\r\n", chunked),
        ("Transfer-Encoding: Chunked\r\n", lambda body: body),
        ("Content-Encoding: gzip\r\n", gzip.compress),
        ("Content-Encoding: GZIP\r\nTransfer-Encoding: chunked\r\n", lambda body: chunked(gzip.compress(body))),
        ("Content-Encoding: gzip\r\n", lambda body: body),
        ("Content-Encoding: deflate\r\n", zlib.compress),
        ("Content-Encoding: deflate\r\n", deflate_raw),
        ("Content-Encoding: identity\r\n", lambda body: body),
        ("Content-Encoding: br\r\n", brotli),
        ("Content-Encoding: zstd\r\n", zstd),
    ],
    ids=[
        "chunked",
        "no longer chunked",
        "gzip",
        "chunked gzip",
        "no longer gzip",
        "zlib",
        "raw deflate",
        "identity",
        "br",
        "zstd",
    ],
)
def test_codings_are_taken_off(tmp_path: Path, headers: str, code: Callable[[bytes], bytes]) -> None:
    source = warc_file(tmp_path / "c.warc.gz", response(A, code(page()), headers=headers))
    found, told = read(source)
    assert ([one.data for one in found], told) == ([page()], [])


@pytest.mark.parametrize(
    ("headers", "body", "says"),
    [
        ("Content-Encoding: gzip, gzip\r\n", gzip.compress(gzip.compress(page())), "'gzip, gzip' cannot be read"),
        ("Content-Encoding: x-made-up\r\n", page(), "'x-made-up' cannot be read"),
        ("Content-Encoding: gzip\r\n", gzip.compress(page())[:60], "its gzip stream ends early"),
        ("Content-Encoding: gzip\r\n", b"\x1f\x8b\x08\x00" + b"\xff" * 60, "its content coding is broken"),
        ("Content-Encoding: deflate\r\n", b"\xff" * 60, "its content coding is broken"),
        ("Content-Encoding: gzip\r\n", gzip.compress(b" " * 40_000_000), "larger than the 16.8 MB"),
        ("Content-Encoding: deflate\r\n", zlib.compress(b" " * 40_000_000), "larger than the 16.8 MB"),
        ("", b"x" * 40_000_000, "larger than the 16.8 MB"),
        ("", b"", "is empty"),
        ("", b"\x00\x01\x02" * 100, "is binary"),
    ],
)
def test_one_page_that_cannot_be_read_among_others(tmp_path: Path, headers: str, body: bytes, says: str) -> None:
    source = warc_file(
        tmp_path / "c.warc.gz", response(A, page("A")), response(B, body, headers=headers), response(C, page("C"))
    )
    found, told = read(source)
    assert [one.url for one in found] == [A, C]
    assert len(told) == 1
    assert told[0].startswith(f"{source}#{B}: ")
    assert says in told[0]
    with pytest.raises(SourceError, match=r"news\.example/b"):
        list(articles.read(str(source), MAX_ARTICLE_BYTES))


@pytest.mark.parametrize(("coding", "module", "bomb"), [("br", "brotli", brotli), ("zstd", "zstandard", zstd)])
def test_codings_of_other_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, coding: str, module: str, bomb: Callable[[bytes], bytes]
) -> None:
    packed = bomb(b" " * 100_000_000)
    headers = f"Content-Encoding: {coding}\r\n"
    assert "larger than" in read(warc_file(tmp_path / "bomb.warc", response(A, packed, headers=headers)))[1][0]
    broken = warc_file(tmp_path / "broken.warc", response(A, b"\xff" * 100, headers=headers))
    assert "its content coding is broken" in read(broken)[1][0]
    monkeypatch.setitem(sys.modules, module, None)
    assert f"that needs the package {module}" in read(tmp_path / "bomb.warc")[1][0]


def test_a_page_without_a_type_is_looked_at(tmp_path: Path) -> None:
    source = warc_file(
        tmp_path / "c.warc",
        response(A, page("A"), kind=None),
        response(B, b"\n <HTML>" + page("B"), kind="application/octet-stream"),
        response(C, b"\x00\x01", kind=None),
    )
    found, told = read(source)
    assert ([one.url for one in found], told) == ([A, B], [])


def test_resources_are_pages_too(tmp_path: Path) -> None:
    source = warc_file(
        tmp_path / "c.warc.gz",
        record("resource", "urn:sha256:abc", page("A"), "text/html"),
        record("resource", "file:///home/x/b.md", b"# B\n", "text/markdown"),
        record("resource", "<" + C + ">", page("C"), "text/html"),
        record("resource", "urn:sha256:def", MHTML, "multipart/related"),
        record("metadata", A, page(), "text/html"),
        record("conversion", A, page(), "text/html"),
    )
    found, told = read(source)
    assert told == []
    assert [(one.source.partition("#")[2], one.url) for one in found] == [
        ("urn:sha256:abc", None), ("file:///home/x/b.md", None), (C, C), ("urn:sha256:def", "https://news.example/saved"),
    ]  # fmt: skip
    assert found[3].data == MHTML


def test_the_same_bytes_from_the_same_address_are_one_article(tmp_path: Path) -> None:
    source = warc_file(
        tmp_path / "c.warc.gz",
        response(A, page("A")),
        response(A, page("A"), date="2021-01-01T00:00:00Z"),
        response(A, page("changed")),
        response(B, page("A")),
        record("revisit", A, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", "application/http; msgtype=response"),
    )
    found, told = read(source)
    assert told == []
    assert [(one.url, articles.facts(one).title) for one in found] == [(A, "A"), (A, "changed"), (B, "A")]


def test_the_charset_of_a_capture(tmp_path: Path) -> None:
    body = "<html><p>Гродно, забастовка</p></html>".encode("koi8-r")
    kinds = ("text/html;charset=koi8-r", 'text/html; x=y; Charset="KOI8-R"', "text/html; charset = 'koi8-r' ; a")
    source = warc_file(tmp_path / "c.warc", *(response(f"{A}/{n}", body, kind=kind) for n, kind in enumerate(kinds)))
    assert ["забастовка" in one.text for one in read(source)[0]] == [True] * 3


def test_one_gzip_member_around_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "c.warc.gz"
    path.write_bytes(gzip.compress(response(A, page("A")) + response(B, page("B"))))
    found, told = read(path)
    assert ([one.url for one in found], told) == ([A, B], [])


def test_what_was_cut_short_by_the_one_who_captured_it_is_read(tmp_path: Path) -> None:
    packed = gzip.compress(page() + os.urandom(3000).hex().encode())[:-500]
    source = warc_file(
        tmp_path / "c.warc", response(A, packed, headers="Content-Encoding: gzip\r\n", more="WARC-Truncated: length\r\n")
    )
    (found,), told = read(source)
    assert (found.text.startswith("<!doctype html>"), told) == (True, [])


@pytest.mark.parametrize("more", [b"1", b"2200 - - 0 x.arc "], ids=["version 1", "version 2"])
def test_an_arc_file_is_read_as_well(tmp_path: Path, more: bytes) -> None:
    body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page()
    info = b"%s 0 test\nURL IP-address Archive-date Content-type Archive-length\n" % more[:1]
    head = f"filedesc://test.arc 0.0.0.0 20050505050505 text/plain {more[1:].decode()}{len(info)}\n".encode()
    one = f"{A} 192.0.2.1 20200815100000 text/html {more[1:].decode()}{len(body)}\n".encode() + body
    path = tmp_path / "c.warc"
    path.write_bytes(head + info + b"\n" + one + b"\n")
    found, told = read(path)
    assert ([(one.url, one.captured) for one in found], told) == ([(A, datetime(2020, 8, 15, 10, tzinfo=UTC))], [])


GOOD = response(A, page("A"))
LIES = {
    "cut": (GOOD + GOOD[:-200].replace(b"/a", b"/b"), "the file ends within a record"),
    "cut head": (GOOD + GOOD[:40], None),
    "too long": (GOOD + response(B, page("B"), length=10_000_000), "the file ends within a record"),
    "far too long": (GOOD + response(B, page("B"), length=2**63 - 1), "larger than|ends within"),
    "absurd": (GOOD + response(B, page("B"), length="9" * 400), "larger than|ends within|cannot be read"),
    "too short": (GOOD + response(B, page("B"), length=120), "cannot be read|not as long"),
    "negative": (GOOD + response(B, page("B"), length=-5), "cannot be read|not as long"),
    "no number": (GOOD + response(B, page("B"), length="many"), "cannot be read|not as long"),
    "no blank line": (GOOD + b"WARC/1.1\r\nWARC-Type: response\r\n" + page("B"), None),
    "an endless head": (GOOD + b"WARC/1.1\r\n" + b"X-Y: z\r\n" * 400_000, "a head of more than"),
    "an endless line": (GOOD + b"WARC/1.1\r\nX: " + b"z" * 4_000_000, "a head of more than"),
    "an endless HTTP head": (GOOD + response(B, page("B"), headers="X-Y: z\r\n" * 400_000), "a head of more than"),
    "blank lines": (GOOD + b"\r\n" * 4_000_000, "a head of more than"),
    "no record": (GOOD + b"nothing of the kind\r\n" * 100, "cannot be read"),
    "no HTTP": (GOOD + record("response", B, b"\x00\xff" * 100, "application/http"), None),
    "no target": (GOOD + GOOD.replace(b"WARC-Target-URI: " + A.encode() + b"\r\n", b""), None),
    "no type": (GOOD + GOOD.replace(b"WARC-Type: response\r\n", b"").replace(b"/a", b"/b"), None),
    "spaces in the target": (GOOD + GOOD.replace(b"news.example/a", b"news.example/b b"), None),
    "a date that is none": (GOOD + GOOD.replace(b"2020-08-15T10", b"0001-13-15T10").replace(b"/a", b"/b"), None),
    "a date out of range": (GOOD + GOOD.replace(b"2020-08-15T10:00:00Z", b"0001-01-01T00:00:00+14:00").replace(b"/a", b"/b"), None),
}  # fmt: skip


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("name", LIES)
def test_records_that_lie(tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, packed: bool) -> None:
    data, says = LIES[name]
    path = tmp_path / ("c.warc.gz" if packed else "c.warc")
    path.write_bytes(gzip.compress(data) if packed else data)
    found, told = read(path)
    assert found[0].url == A  # what was read before counts
    assert len(told) <= 2
    if says:
        assert any(any(words in line for words in says.split("|")) for line in told), told
    assert all(len(line) < 1000 and "\n" not in line for line in told)
    assert capfd.readouterr() == ("", "")  # warcio's own words


def test_after_a_record_that_lies_the_next_gzip_member_is_read(tmp_path: Path) -> None:
    inner = response("https://elsewhere.example/forged", page("forged"))
    lying = response(B, page("B") + b"\r\n\r\n" + inner, length=120)
    source = warc_file(tmp_path / "c.warc.gz", response(A, page("A")), lying, response(C, page("C", SECOND)))
    found, told = read(source)
    assert [one.url for one in found if one.url != B] == [A, C]  # and not what a page holds that looks like a record
    assert told == [f"{source}: cannot be read as WARC from there on: record 2 is not as long as it says"]
    assert [
        one.url for one in read(warc_file(tmp_path / "c.warc", response(A, page("A")), lying, GOOD))[0] if one.url != B
    ] == [A]


def test_a_file_cut_anywhere(tmp_path: Path) -> None:
    records = (response(A, page("A")), response(B, page("B", SECOND)))
    for packed in (False, True):
        whole = b"".join(map(gzip.compress, records) if packed else records)
        first = len(gzip.compress(records[0])) if packed else len(records[0])
        for size in range(1, len(whole), 7):
            path = tmp_path / "cut.warc"
            path.write_bytes(whole[:size])
            found, told = read(path)
            assert len(found) >= (size >= first)
            assert found == [] or found[0].data == page("A")
            assert told or len(found) == 2 or abs(size - first) <= 4, size  # the line ends after a record may be missing


def test_files_that_are_no_warc(tmp_path: Path) -> None:
    for name, data in {
        "empty.warc": b"", "text.warc": b"hello\n", "gz.warc.gz": gzip.compress(gzip.compress(b"hello")), "cut.warc.gz": gzip.compress(GOOD)[:-20],
        "flipped.warc.gz": gzip.compress(GOOD)[:100] + b"\xff" * 100, "zip.warc": b"PK\x03\x04" + b"\x00" * 1000, "noise.warc.gz": b"\x1f\x8b" + os.urandom(1000),
    }.items():  # fmt: skip
        (tmp_path / name).write_bytes(data)
        found, told = read(tmp_path / name)
        assert (found, len(told)) == ([], 1), (name, told)


# WACZ --------------------------------------------------------------------------------------------------------------------


def wacz_file(path: Path, entries: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("datapackage.json", "{}")
        archive.writestr("pages/pages.jsonl", json.dumps({"url": A}))
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def test_the_warc_files_of_a_wacz(tmp_path: Path) -> None:
    first, second = gzip.compress(response(A, page("A"))), response(B, page("B")) + response(A, page("A"))
    source = wacz_file(tmp_path / "c.wacz", {"archive/1.warc.gz": first, "archive/2.warc": second, "archive/notes.txt": b"x"})
    found, told = read(source)
    assert ([(one.source, one.url) for one in found], told) == ([(f"{source}#{A}", A), (f"{source}#{B}", B)], [])


@pytest.mark.parametrize("name", ["archive/../../x.warc", "/archive/x.warc", "C:\\x.warc", "archive\\..\\x.warc"])
def test_names_that_lead_out_of_a_wacz(tmp_path: Path, name: str) -> None:
    found, told = read(wacz_file(tmp_path / "c.wacz", {name: response(A, page("A")), "archive/2.warc": response(B, page("B"))}))
    assert [one.url for one in found] == [B]
    assert ("its name leads out of the archive; it was not read" in told[0], len(told)) == (True, 1)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_entries_that_are_not_read(tmp_path: Path) -> None:
    path = wacz_file(tmp_path / "c.wacz", {"archive/1.warc": GOOD})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("archive/1.warc", response(B, page("B")))
    found, told = read(path)
    assert ([one.url for one in found], ["is there twice" in line for line in told]) == ([A], [True])

    data = bytearray(wacz_file(tmp_path / "encrypted.wacz", {"archive/1.warc": GOOD}).read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    (tmp_path / "encrypted.wacz").write_bytes(data)
    found, told = read(tmp_path / "encrypted.wacz")
    assert (found, ["is encrypted" in line for line in told]) == ([], [True])

    bomb = wacz_file(
        tmp_path / "bomb.wacz", {"archive/1.warc": b"\r\n" * 50_000_000, "archive/2.warc": GOOD}, zipfile.ZIP_DEFLATED
    )
    found, told = read(bomb)
    assert ([one.url for one in found], ["more than 200 times its size" in line for line in told]) == ([A], [True])


def test_a_wacz_that_is_broken(tmp_path: Path) -> None:
    good = wacz_file(tmp_path / "good.wacz", {"archive/1.warc.gz": gzip.compress(GOOD)}).read_bytes()
    end = good.rindex(b"PK\x05\x06")
    damaged = {
        "empty": b"",
        "text": b"hello",
        "cut": good[:-30],
        "no end": good[: end + 10],
        "directory too large": good[: end + 12] + struct.pack("<L", 0x7FFFFFFF) + good[end + 16 :],
        "flipped": good.replace(gzip.compress(GOOD)[20:40], b"\xff" * 20),
        "no WARC in it": wacz_file(tmp_path / "none.wacz", {}).read_bytes(),
        "another method": good[: good.rindex(b"PK\x01\x02") + 10] + b"\x63" + good[good.rindex(b"PK\x01\x02") + 11 :],
    }
    for name, data in damaged.items():
        path = tmp_path / "c.wacz"
        path.write_bytes(data)
        found, told = read(path)
        assert (found, len(told)) == ([], 1), (name, told)
        assert told[0].startswith(f"{path}: ")


# MHTML -------------------------------------------------------------------------------------------------------------------


def mhtml_file(text: bytes, coding: str, *, kind: str = "text/html", more: str = "", top: str = "") -> bytes:
    coded = {"quoted-printable": quopri.encodestring, "base64": base64.encodebytes}.get(coding, bytes)(text)
    return (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://news.example/saved\r\nSubject: Title\r\n"
        f'MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html";{top}\r\n\tboundary="----M--x"\r\n\r\n\r\n'
        f"------M--x\r\nContent-Type: {kind}\r\nContent-ID: <frame-1@mhtml.blink>\r\nContent-Transfer-Encoding: {coding}\r\n{more}\r\n"
    ).encode() + coded + (
        b"\r\n------M--x\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
        b"Content-Location: https://news.example/p.png\r\n\r\niVBORw0KGgo=\r\n------M--x--\r\n"
    )  # fmt: skip


MHTML = mhtml_file(page(), "quoted-printable", more="Content-Location: https://news.example/saved\r\n")


@pytest.mark.parametrize("coding", ["quoted-printable", "base64", "8bit", "binary"])
@pytest.mark.parametrize("suffix", [".mht", ".mhtml"])
def test_mhtml(cli: Cli, tmp_path: Path, coding: str, suffix: str) -> None:
    data = mhtml_file(page("Größe"), coding, more="Content-Location: https://news.example/saved?a=1\r\n")
    path = tmp_path / f"saved{suffix}"
    path.write_bytes(data)
    (found,), told = read(path)
    assert told == []
    assert found.text.rstrip() == page("Größe").decode().rstrip()
    assert (found.data, found.url, found.source) == (data, "https://news.example/saved?a=1", str(path))
    assert articles.facts(found) == ArticleFacts("Größe", url="https://news.example/saved?a=1")
    assert [line["line"] for line in cli("find", "--json", path).lines] == [2]


def test_the_part_of_an_mhtml_file_that_is_the_page(tmp_path: Path) -> None:
    def text(data: bytes) -> str:
        (tmp_path / "x.mht").write_bytes(data)
        (found,), _ = read(tmp_path / "x.mht")
        return found.text

    assert "Гродно" in text(mhtml_file("<p>Гродно".encode("cp1251"), "base64", kind='text/html; charset="windows-1251"'))
    frames = mhtml_file(page("first"), "8bit").replace(
        b"------M--x--",
        b"------M--x\r\nContent-Type: text/html\r\nContent-ID: <2@x>\r\n\r\n" + page("second") + b"\r\n------M--x--",
    )
    assert "first" in text(frames)
    assert "second" in text(frames.replace(b'type="text/html";', b'type="text/html"; start="<2@x>";'))
    assert "first" in text(frames.replace(b'type="text/html";', b'type="text/html"; start="<3@x>";'))
    nested = b"------M--x\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n--in\r\nContent-Type: text/plain\r\n\r\nplain\r\n--in\r\nContent-Type: text/html\r\n\r\n<p>inner\r\n--in--\r\n"
    assert (
        text(mhtml_file(b"", "8bit", kind="image/gif").replace(b"------M--x--", nested + b"------M--x--")).strip() == "<p>inner"
    )
    alone = b"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>alone\r\n"
    assert text(alone).strip() == "<p>alone"


LETTER = (
    b"From: The desk <desk@news.example>\r\nSubject: This week\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/alternative; boundary=B\r\n\r\n"
    b"--B\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nIn plain words\r\n\r\nhttps://youtu.be/aqz-KE-bpKQ\r\n\r\n%s--B--\r\n"
)
IN_HTML = b"--B\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n%s\r\n"


@pytest.mark.parametrize("name", ["letter.eml", "letter", "saved.mht"])
def test_a_letter(cli: Cli, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(LETTER % (IN_HTML % quopri.encodestring(page("Größe"))))
    (found,), told = read(path)
    assert (told, found.text.rstrip(), found.media_type) == ([], page("Größe").decode().rstrip(), "message/rfc822")
    assert [line["platform"] for line in cli("find", "--json", path).lines] == ["twitter"]


def test_a_letter_in_plain_words_is_read_as_those(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "letter.eml").write_bytes(LETTER % b"")
    (line,) = cli("find", "--json", tmp_path / "letter.eml").lines
    assert (line["post_id"], line["form"]) == ("aqz-KE-bpKQ", "markdown-address")


@pytest.mark.parametrize(
    "data",
    [
        b"", b"hello", mhtml_file(page(), "8bit", kind="image/gif"), MHTML.replace(b"boundary=", b"boundery="), MHTML.replace(b"------M--x", b"------other"),
        mhtml_file(b"", "base64"), mhtml_file(b"\x00" * 100, "base64"), b"Content-Type: multipart/related; boundary=\r\n\r\n--\r\n",
    ],
)  # fmt: skip
def test_mhtml_without_a_page(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.mht").write_bytes(data)
    with pytest.raises(SourceError, match=r"no HTML and no text in it|is empty|is binary"):
        list(articles.read(str(tmp_path / "x.mht"), MAX_ARTICLE_BYTES))


def test_frames_of_an_mhtml_file_have_their_addresses_again(tmp_path: Path) -> None:
    def part(kind: str, name: str, place: str, body: str) -> str:
        return f"--M\r\nContent-Type: {kind}\r\nContent-ID: <{name}>\r\nContent-Location: {place}\r\n\r\n{body}\r\n"

    frames = "".join(f'<iframe src="cid:{name}@mhtml.blink"></iframe>' for name in ("f-1", "f-2", "f-3", "f-9"))
    (tmp_path / "c.mht").write_text(
        "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=M\r\n\r\n"
        + part("text/html", "f-0@mhtml.blink", A, f"<html><p>cid:f-1@mhtml.blinks</p>{frames}</html>")
        + part("text/html", "f-1@mhtml.blink", "https://www.youtube.com/embed/qWn-3kLp_Z0?a=1&lt=2", "<html></html>")
        + part("text/html", "f-2@mhtml.blink", "cid:f-1@mhtml.blink", "<html></html>")
        + part("image/png", "f-3@mhtml.blink", "https://news.example/a.png", "")
        + "--M--\r\n",
        newline="",
    )
    (found,), told = read(tmp_path / "c.mht")
    assert told == []
    assert found.text.count("https://www.youtube.com/embed/qWn-3kLp_Z0?a=1&amp;lt=2") == 1
    assert [found.text.count(f"cid:f-{number}@") for number in (1, 2, 3, 9)] == [1, 1, 0, 1]
    assert b"cid:f-1@" in found.data  # what is kept is the file as it was


def test_a_bad_letter_in_base64() -> None:
    for letters in (b"PGh0bWw+PHA", b"PGh0bWw+PHA=", b"PGh0 b*Ww+\r\nPHA+Z", b"====", b"P"):
        found = mhtml.root(b"MIME-Version: 1.0\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\n" + letters)
        assert found is not None
        assert found.data in (b"<html><p", b"<html><p>", b"")


# Files, folders, standard input -----------------------------------------------------------------------------------------


def test_every_suffix(tmp_path: Path) -> None:
    for suffix, format in articles.SUFFIXES.items():
        for name in (f"a{suffix}", f"A{suffix.upper()}"):
            (tmp_path / name).write_bytes(page())
            (found,), told = read(tmp_path / name)
            assert (found.format, found.source, told) == (format or Format.HTML, str(tmp_path / name), [])
    for name in ("page.pdf", "warc", "page", "page.gz", ".html"):
        (tmp_path / name).write_bytes(b"words, and no element of HTML")
        with pytest.raises(UsageError, match=r"not read yet .*pipe it in with -"):
            articles.read(str(tmp_path / name), MAX_ARTICLE_BYTES)


def test_a_folder(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "root"
    for name in ("b.html", "a/2.md", "a/10.md", "a/.hidden.md", ".git/x.md", "c.html", "c_files/frame.html", "d.htm", "d-Dateien/x.html", "lone_files/y.html", "e.png", "readme.pdf"):  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(page(name))
    warc_file(root / "z.warc.gz", response(A, page("A")), response(B, page("B")))
    (root / "empty.md").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    found, told = read("root")
    names = ["root/a/10.md", "root/a/2.md", "root/b.html", "root/c.html", "root/d.htm", "root/lone_files/y.html", f"root/z.warc.gz#{A}", f"root/z.warc.gz#{B}"]  # fmt: skip
    assert [one.source.replace(os.sep, "/") for one in found] == names
    assert [line.replace(os.sep, "/") for line in told] == ["root/empty.md: is empty"]
    assert next(articles.read("./root/", MAX_ARTICLE_BYTES)).source.replace(os.sep, "/") == "./root/a/10.md"

    result = cli("find", "--json", "root")
    assert result.status == 1
    assert "empty.md: is empty" in result.err
    assert [line["article"].replace(os.sep, "/") for line in result.lines if line["platform"] == "twitter"] == names
    assert {line["position"] for line in result.lines} == {1}


def test_a_folder_without_articles(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(b"x")
    with pytest.raises(UsageError, match="is a folder with no article in it"):
        list(articles.read(str(tmp_path), MAX_ARTICLE_BYTES))


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_links_lead_round_no_circle(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A")
    (tmp_path / "again").symlink_to(tmp_path)
    (tmp_path / "nowhere.md").symlink_to(tmp_path / "none")
    assert len(read(tmp_path)[0]) == 1


@pytest.mark.parametrize(
    ("data", "sources"),
    [
        (page(), ["-"]),
        (b"# Heading\n\nmime-version: 1.0\n", ["-"]),
        (b"Title: x\nDate: y\n\nText\n", ["-"]),
        (MHTML, ["-"]),
        (GOOD + response(B, page("B")), [f"-#{A}", f"-#{B}"]),
        (gzip.compress(GOOD), [f"-#{A}"]),
        ("wacz", [f"-#{A}"]),
    ],
    ids=["html", "markdown", "a head of fields", "mhtml", "warc", "warc.gz", "wacz"],
)
def test_standard_input(tmp_path: Path, data: bytes | str, sources: list[str]) -> None:
    if isinstance(data, str):
        data = wacz_file(tmp_path / "c.wacz", {"archive/1.warc": GOOD}).read_bytes()
    code = "import sys\nfrom archiver import articles\nprint([one.source for one in articles.read('-', 1_000_000)])"
    done = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, cwd=PROJECT)
    assert (done.stdout.decode().strip(), done.stderr) == (repr(sources), b"")


# Encodings ---------------------------------------------------------------------------------------------------------------

CYRILLIC = "Гродно, забастовка рабочих"


def text_of(data: bytes, name: str = "x.html") -> Article:
    return articles.article(name, data, MAX_ARTICLE_BYTES)


@pytest.mark.parametrize(
    ("head", "codec", "words"),
    [
        ('<meta charset="windows-1251">', "cp1251", CYRILLIC),
        ("<meta charset=cp1251>", "cp1251", CYRILLIC),
        ("<META HTTP-EQUIV=Content-Type CONTENT='text/html; CHARSET=koi8-r'>", "koi8-r", CYRILLIC),
        ('<?xml version="1.0" encoding="iso-8859-5"?><html>', "iso8859-5", CYRILLIC),
        ("<meta charset=x-mac-cyrillic>", "mac-cyrillic", CYRILLIC),
        ("<meta charset=shift_jis>", "cp932", "①丸囲みの数字"),
        ("<meta charset=x-sjis>", "cp932", "髙島屋"),
        ("<meta charset=gb2312>", "gb18030", "白俄罗斯镕"),
        ("<meta charset=big5>", "big5hkscs", "白俄羅斯"),
        ("<meta charset=euc-kr>", "cp949", "벨라루스 똠"),
        ("<meta charset=iso-2022-jp>", "iso2022_jp", "ベラルーシ"),
        ("<meta charset=latin1>", "cp1252", "“café” – 10 €"),
        ("<meta charset=ascii>", "cp1252", "“café”"),
        ("", "cp1252", "“café”"),
        ("<!-- <meta charset=koi8-r> --><meta charset=windows-1251>", "cp1251", CYRILLIC),
        (f"<meta name=x content='{'y' * 1500}'><meta charset=windows-1251>", "cp1251", CYRILLIC),
        ("<meta charset=windows-1251>", "utf-8", CYRILLIC),
        ("<meta charset=utf-16>", "utf-8", CYRILLIC),
        ("", "utf-8", CYRILLIC),
        ("", "utf-8-sig", CYRILLIC),
        ("", "utf-16", CYRILLIC),
        ("<meta charset=utf-16le>", "utf-16-le", "mostly ASCII, " + CYRILLIC),
        ("", "utf-16-be", "mostly ASCII, " + CYRILLIC),
    ],
)
def test_encodings(head: str, codec: str, words: str) -> None:
    data = f"{head}<html><p>{words}</p></html>".encode(codec)
    found = text_of(data)
    assert words in found.text
    assert (found.replaced, found.data) == (0, data)


def test_one_broken_character_does_not_change_the_encoding() -> None:
    found = text_of(f"<html><p>{CYRILLIC}</p>".encode() + b"\xd0</html>")
    assert (CYRILLIC in found.text, found.encoding, found.replaced) == (True, "utf-8", 1)
    assert "café" in text_of(b"<meta charset=utf-8><p>caf\xe9</p>").text


def test_what_the_transport_says_outweighs_what_the_page_says() -> None:
    data = f"<meta charset=windows-1251><p>{CYRILLIC}".encode("koi8-r")
    assert CYRILLIC in articles.article("x", data, 10_000, charset="koi8-r").text
    assert CYRILLIC not in articles.article("x", data, 10_000, charset="nonsense").text


@pytest.mark.parametrize(
    "label",
    [
        "utf-7",
        "rot13",
        "idna",
        "zip",
        "hex",
        "hz-gb-2312",
        "iso-2022-kr",
        "x-user-defined",
        "unicode_escape",
        "a" * 5000,
        "\u00e9",
    ],
)
def test_labels_that_browsers_do_not_know(label: str) -> None:
    assert "café" in articles.article("x", b"<p>caf\xe9", 10_000, charset=label).text


def test_lines_end_in_one_way() -> None:
    assert text_of(b"# a\r\nb\rc\n\r\nd", "x.md").text == "# a\nb\nc\n\nd"


def test_a_stray_nul_is_no_binary() -> None:
    found = text_of(b"<html>" + b"<p>words</p>" * 200 + b"\x00</html>")
    assert ("\x00" in found.text, found.replaced) == (False, 1)


# Facts -------------------------------------------------------------------------------------------------------------------


def facts_of(text: str, format: Format = Format.HTML) -> ArticleFacts:
    return articles.facts(articles.article("x", text.encode(), MAX_ARTICLE_BYTES, format))


def test_what_a_page_declares() -> None:
    linked = {
        "@graph": [
            {"@type": "WebPage", "url": "https://news.example/page", "inLanguage": "en-GB", "name": "no"},
            {"@type": "Person", "@id": "#ann", "name": "Ann Author"},
            {
                "@type": ["NewsArticle"],
                "headline": "Linked headline",
                "author": [{"@id": "#ann"}, {"@type": "Person", "name": "Bob Byline"}],
                "datePublished": "2020-08-14T23:00:00Z",
                "publisher": {"name": "The Example"},
            },
        ]
    }
    head = f'<html lang="en-US"><head><link rel="shortcut canonical" href="https://news.example/canonical"><title>T | The Example</title><script type="application/ld+json">{json.dumps(linked)}</script>'
    assert facts_of(head + "<figure><figcaption>A crowd. <b>Photo: C</b></figcaption>") == ArticleFacts(
        "Linked headline", "Ann Author, Bob Byline", date(2020, 8, 14), "https://news.example/canonical", ("A crowd. Photo: C",), "The Example", "en-US"
    )  # fmt: skip
    meta = "".join(
        f'<meta {key} content="{value}">'
        for key, value in {
            'property="og:title"': "Open &amp;#8222;title&amp;#8220;", 'name="author"': "https://news.example/ann", 'name="byl"': "By Meta", 'property="article:published_time"': "2020-08-15",
            'property="og:url"': "https://news.example/og", 'property="og:site_name"': "Site", 'property="og:locale"': "de_DE",
        }.items()
    )  # fmt: skip
    assert facts_of(f"<html><head>{meta}<body><h1>Heading</h1>") == ArticleFacts(
        "Open „title“", "By Meta", date(2020, 8, 15), "https://news.example/og", (), "Site", "de_DE"
    )
    assert facts_of(
        '<html><h1>A <i>heading</i></h1><p class="byline">By Ann</p><time datetime="2020-08-16T10:00">yesterday</time>'
    ) == ArticleFacts("A heading", "Ann", date(2020, 8, 16))
    assert facts_of("<p>nothing") == ArticleFacts()


def test_where_a_page_was_saved_from() -> None:
    saved = "<!DOCTYPE html>\n<!-- saved from url=(0027)https://news.example/saved -->\n<html><p>x"
    assert facts_of(saved).url == "https://news.example/saved"
    single = "<!DOCTYPE html> <html><!--\n Page saved with SingleFile \n url: https://news.example/single \n saved date: Fri Aug 14 2020\n--><p>x"
    assert facts_of(single).url == "https://news.example/single"
    assert facts_of(saved + '<link rel=canonical href="https://news.example/c">').url == "https://news.example/c"


YAML = """---
title: "A title: with a colon"
date: 2020-08-14T10:00:00+02:00
author:
  - name: Ann Author
    role: writer
  - Bob
tags: [a, b]
canonical_url: https://news.example/canonical
lang: en # the language
summary: >
  folded
---
"""


@pytest.mark.parametrize(
    "matter",
    [
        YAML,
        '+++\ntitle = "A title: with a colon"\ndate = 2020-08-14\nauthors = ["Ann Author", "Bob"]\nlanguage = \'en\'\nsource = "https://news.example/canonical"\n[params]\nx = 1\n+++\n',
        '{"title": "A title: with a colon", "date": "2020-08-14", "authors": [{"name": "Ann Author"}, "Bob"], "lang": "en", "url": "https://news.example/canonical"}\n',
    ],
    ids=["yaml", "toml", "json"],
)  # fmt: skip
def test_front_matter(matter: str) -> None:
    text = matter + "\n# Heading\n\nBy Somebody\n\nText\n\nOriginal url: https://news.example/original\n"
    found = articles.article("x.md", text.encode(), 10_000, Format.MARKDOWN)
    assert found.text == text  # lines stay where they are
    assert articles.facts(found) == ArticleFacts(
        "A title: with a colon", "Ann Author, Bob", date(2020, 8, 14), "https://news.example/canonical", (), None, "en"
    )


@pytest.mark.parametrize(
    "text",
    [
        "---\n",
        "---\ntitle: x\n",
        "{{< tweet 1 >}}\n# T",
        "{}\n",
        "{" * 5000,
        "[" * 5000,
        "---\n---\n",
        "+++",
        "--- x\ntitle: y\n---\n",
    ],
)
def test_what_is_no_front_matter(text: str) -> None:
    assert facts_of(text, Format.MARKDOWN).title in (None, "T")


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * 300_000, "<b>" * 300_000, "<p " + " ".join(f"a{n}=1" for n in range(200_000)) + ">", "<p " + "a/" * 700_000, "<!--" * 400_000, "<a href='" * 200_000,
        '<script type="application/ld+json">' + "[" * 500_000 + "</script>", '<script type="application/ld+json">{"@graph":' + "[{" * 3000, "<meta content=x name=author>" * 70_000,
        '<script type="application/ld+json">{"@type": 1, "author": {"name": {"name": 3}}, "@graph": {"@type": ["Article", 3], "author": [[]], "datePublished": NaN}}</script>',
        "<title>" + "&" * 1_500_000, "<time datetime='" + "1" * 1_000_000 + "'>", "<table><tr><td>" * 100_000, "<svg><style>" * 100_000, "<figcaption>" * 100_000, "\ud800<html>",
        "<figcaption>x" * 1900, "<b><p>" * 1900, "<i " + "y" * 3000 + ">", "<" * 2_000_000, '<h1 title="' + "< <a " * 300_000,
    ],
    ids=range(21),
)  # fmt: skip
def test_facts_of_hostile_pages(text: str) -> None:
    code = (
        "import sys\nfrom archiver.articles import html\nhtml.facts(sys.stdin.buffer.read().decode('utf-8', 'surrogatepass'))"
    )
    done = bounded(["-c", code], text.encode("utf-8", "surrogatepass"), seconds=20)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    "text",
    [
        "# " + " " * 1_000_000 + "x" * 600, "# x " * 200_000, "#\t" * 500_000, "By " + " " * 1_000_000, "\n".join(["# " + "a #" * 200] * 1000), "---\n" + "a: [" * 100_000, "---\n" + "- " * 400_000 + "\n---\n",
        "Original url:" + " " * 1_000_000, "Original url: https://" + "x" * 1_000_000, "x **" * 200_000, "# [" + "](" * 200, "---\n" + ("a: " + "[" * 3900 + "]" * 90 + "\n") * 300 + "---\n", '{"a":' * 10_000,
    ],
    ids=range(13),
)  # fmt: skip
def test_facts_of_hostile_markdown(text: str) -> None:
    code = "import sys\nfrom archiver.articles import markdown\nmarkdown.facts(sys.stdin.buffer.read().decode())"
    done = bounded(["-c", code], text.encode(), seconds=10)
    assert (done.returncode, done.stderr) == (0, b"")


# Bounds ------------------------------------------------------------------------------------------------------------------

LIMITED = """
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (512 * 1024 * 1024, 512 * 1024 * 1024))
except ImportError:
    pass
"""


def bounded(arguments: list[str], data: bytes | None = None, seconds: float = 60) -> subprocess.CompletedProcess[bytes]:
    """Python with 512 MB of address space and so many seconds."""
    flag, code, *rest = arguments
    assert flag == "-c"
    return subprocess.run(
        [sys.executable, "-c", LIMITED + code, *rest], input=data, capture_output=True, cwd=PROJECT, timeout=seconds
    )


READ = """
from archiver import articles
from archiver.errors import SourceError
told, count = [], 0
try:
    for _ in articles.read(sys.argv[1], 16 * 1024 * 1024, told.append):
        count += 1
except SourceError as error:
    told.append(error)
print(count)
for error in told:
    print(error)
"""


def squeezed(size: int, piece: bytes = b"\x00" * 1_000_000) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join([*(packer.compress(piece) for _ in range(size // len(piece))), packer.flush()])


BOMB_HEAD = (
    GOOD[:0]
    + f"WARC/1.1\r\nWARC-Type: resource\r\nWARC-Target-URI: {B}\r\nContent-Type: text/html\r\nContent-Length: {{}}\r\n\r\n".encode()
)


@pytest.mark.parametrize(
    ("name", "make", "count", "says"),
    [
        ("bomb in a page.warc", lambda: GOOD + response(B, squeezed(1_000_000_000), headers="Content-Encoding: gzip\r\n"), 1, "larger than"),
        ("bomb as a record.warc.gz", lambda: gzip.compress(GOOD) + gzip.compress(BOMB_HEAD.replace(b"{}", b"1000000000").replace(b"text/html", b"image/png")) + squeezed(1_000_000_000), 1, "200 times"),
        ("bomb as a page.warc.gz", lambda: gzip.compress(GOOD) + gzip.compress(BOMB_HEAD.replace(b"{}", b"1000000000")) + squeezed(1_000_000_000), 1, "larger than"),
        ("bomb as a line.warc.gz", lambda: gzip.compress(GOOD + b"WARC/1.1\r\nX: ") + squeezed(1_000_000_000), 1, "a head of more"),
        ("bomb of blank lines.warc.gz", lambda: gzip.compress(GOOD) + squeezed(1_000_000_000, b"\r\n" * 500_000), 1, "a head of more"),
        ("gzip of gzip.warc.gz", lambda: gzip.compress(squeezed(1_000_000_000)), 0, "cannot be read"),
        ("empty members.warc.gz", lambda: gzip.compress(GOOD) + gzip.compress(b"") * 500_000, 1, None),
        ("100 MB.txt", lambda: b"words " * 17_000_000, 0, "larger than"),
        ("100 MB.mht", lambda: MHTML + b"x" * 100_000_000, 0, "larger than"),
        ("parts.mht", lambda: MHTML[:400] + b"\r\n------M--x\r\nA:b\r\n\r\n" * 500_000, 1, None),
        ("boundaries.mht", lambda: b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=a\r\n\r\n" + b"--a\nA:b\n\n" * 1_500_000, 0, "no HTML"),
        ("heads.mht", lambda: b"MIME-Version: 1.0\r\n" + b"X: y\r\n" * 2_000_000, 0, "no HTML"),
        ("parameters.mht", lambda: b'MIME-Version: 1.0\r\nContent-Type: multipart/related; ' + b'a="\\";' * 10_000 + b"\r\n\r\n", 0, "no HTML"),
        ("flat.warc", lambda: b"".join(response(f"{A}/{n}", page(str(n)) + b"x" * 1_500_000) for n in range(400)), 400, None),
    ],
)  # fmt: skip
def test_512_megabytes_and_a_minute(tmp_path: Path, name: str, make: Callable[[], bytes], count: int, says: str | None) -> None:
    path = tmp_path / name
    path.write_bytes(make())
    done = bounded(["-c", READ, str(path)])
    assert done.stderr == b""
    first, _, rest = done.stdout.decode().partition("\n")
    assert first == str(count)
    assert says is None or any(words in rest for words in says.split("|")), rest


def test_bombs_in_a_wacz(tmp_path: Path) -> None:
    path = tmp_path / "c.wacz"
    record_bomb = gzip.compress(
        BOMB_HEAD.replace(b"{}", b"40000000").replace(b"text/html", b"image/png") + b"\x00" * 40_000_000 + b"\r\n\r\n"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/1.warc", GOOD)
        archive.writestr("archive/2.warc.gz", record_bomb * 400)
        archive.writestr("archive/3.warc", response(B, page("B")))
    done = bounded(["-c", READ, str(path)])
    assert done.stderr == b""
    assert done.stdout.decode().startswith("2\n")
    assert "200 times its size" in done.stdout.decode()


def test_a_wacz_of_very_many_entries(tmp_path: Path) -> None:
    path = tmp_path / "c.wacz"
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, 33, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0) + b"a.xy"
    count = 1_000_000
    path.write_bytes(entry * count + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, len(entry) * count, 0, 0))
    done = bounded(["-c", READ, str(path)])
    assert (done.stderr, "its directory has" in done.stdout.decode()) == (b"", True)


# The pipeline ------------------------------------------------------------------------------------------------------------


def test_find_and_save_all_articles_of_a_container(cli: Cli, tmp_path: Path, archive: Path) -> None:
    source = warc_file(tmp_path / "c.warc.gz", GOOD, response(C, b""), response(B, page("B", SECOND)))
    result = cli("find", "--json", source)
    assert result.status == 1
    assert f"{C}: is empty" in result.err
    assert [(line["article"], line["position"], line["post_id"]) for line in result.lines] == [
        (f"{source}#{A}", 1, FIRST), (f"{source}#{B}", 1, SECOND),
    ]  # fmt: skip
    assert f"{source}#{A}" in "".join(cli("find", source).out.split("\n"))

    with pytest.raises(SourceError, match="is empty"):
        archiver.find_embeds(source)
    told: list[SourceError] = []
    found = archiver.find_embeds(source, problem=told.append)
    assert [embed.ref and embed.ref.post_id for embed in found] == [FIRST, SECOND]
    assert len(told) == 1

    result = cli("save", "--offline", "--json", "--archive", archive, source)
    assert [(line["article"], line["state"]) for line in result.lines] == [
        (f"{source}#{A}", "failed"),
        (f"{source}#{B}", "failed"),
    ]
    assert f"{C}: is empty" in result.err
    assert cli("verify", "--archive", archive).status == 0
    import sqlite3

    with sqlite3.connect(archive / "archive.db") as db:
        rows = db.execute("SELECT url, captured, title, origin FROM articles ORDER BY url").fetchall()
    db.close()
    assert rows == [(A, "2020-08-15T10:00:00+00:00", "A", "local"), (B, "2020-08-15T10:00:00+00:00", "B", "local")]


def test_an_archive_of_ours_can_be_read_as_a_source(cli: Cli, tmp_path: Path, archive: Path) -> None:
    (tmp_path / "saved.mht").write_bytes(MHTML)
    (tmp_path / "page.html").write_bytes(page("P", SECOND))
    cli("save", "--offline", "--archive", archive, tmp_path / "saved.mht", tmp_path / "page.html")
    (segment,) = (archive / "warc").glob("archiver-*")
    found, told = read(segment)
    assert told == []
    assert [one.data for one in found] == [MHTML, page("P", SECOND)]
    assert [one.url for one in found] == ["https://news.example/saved", None]


def test_an_archive_in_a_folder_is_not_read_into_itself(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(page("P"))
    for _ in range(2):
        cli("save", "--offline", "--archive", tmp_path / "archives", tmp_path)
    found, told = read(tmp_path)
    assert ([one.source for one in found], told) == ([str(tmp_path / "page.html")], [])


def test_reading_markdown_pays_for_no_container() -> None:
    code = "import sys\nfrom archiver import articles\nnext(articles.read(sys.argv[1], 10**6))\nprint(sorted({'warcio', 'zipfile', 'email', 'selectolax', 'webencodings', 'gzip', 'tempfile'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code, str(PROJECT / "README.md")], capture_output=True, text=True, cwd=PROJECT)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
