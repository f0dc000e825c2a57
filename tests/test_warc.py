"""The WARC files: the standard's rules, and that nothing from outside can break them. Letters: WARC 1.1 as the docs cite it."""

from __future__ import annotations

import base64
import errno
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from archiver.model import Exchange, Origin
from archiver.warc import record as warc_record
from archiver.warc.read import parse
from archiver.warc.segment import sync_folder
from tests.conftest import ARTICLE, SECOND, WEB, Cli, address_of, stand_in


def records(path: Path) -> list[tuple[dict[str, str], list[tuple[str, str]], bytes, int]]:
    """Fields, fields in order, body after the HTTP head, offset: as warcio reads them, digests checked."""
    found = []
    with path.open("rb") as file:
        iterator = ArchiveIterator(file, check_digests="raise")
        for record in iterator:
            body = record.raw_stream.read()
            pairs = list(record.rec_headers.headers)
            found.append((dict(pairs), pairs, body, iterator.get_record_offset()))
    return found


def warcs(archive: Path) -> list[Path]:
    return sorted((archive / "warc").iterdir())


def test_warcio_finds_nothing_wrong(saved: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", "-v", *map(str, warcs(saved))], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("digest pass") >= 30
    assert "fail" not in done.stdout


def test_fields_that_the_standard_asks_for(saved: Path) -> None:
    for path in warcs(saved):
        read = records(path)
        assert path.read_bytes().count(b"\x1f\x8b\x08") >= len(read)  # one gzip member a record
        assert read[0][0]["WARC-Type"] == "warcinfo"
        assert read[0][0]["WARC-Filename"] == path.name
        ids = [fields["WARC-Record-ID"] for fields, _, _, _ in read]
        assert len(set(ids)) == len(ids)
        for fields, pairs, _, _ in read:
            assert {"WARC-Record-ID", "WARC-Date", "WARC-Type", "Content-Length", "WARC-Block-Digest"} <= set(fields)
            assert len({name for name, _ in pairs}) == len(pairs)  # A2: none is repeated
            assert datetime.fromisoformat(fields["WARC-Date"]).tzinfo is not None
            assert ("WARC-Target-URI" in fields) == (fields["WARC-Type"] != "warcinfo")  # A11
            assert fields["WARC-Type"] == "warcinfo" or fields["WARC-Warcinfo-ID"] == ids[0]
            assert fields["WARC-Block-Digest"].startswith("sha1:")


def test_requests_and_responses_are_bound_and_share_one_date(saved: Path) -> None:
    (path,) = [path for path in warcs(saved) if path.name.startswith("stand-in-")]
    by_id = {fields["WARC-Record-ID"]: fields for fields, _, _, _ in records(path)}
    requests = [fields for fields in by_id.values() if fields["WARC-Type"] == "request"]
    assert len(requests) == 21
    for request in requests:
        response = by_id[request["WARC-Concurrent-To"]]
        assert response["WARC-Concurrent-To"] == request["WARC-Record-ID"]
        assert response["WARC-Type"] in ("response", "revisit")
        assert response["WARC-Date"] == request["WARC-Date"]
        assert response["WARC-Target-URI"] == request["WARC-Target-URI"]


def test_stand_ins_are_in_a_file_of_their_own_and_every_record_says_so(saved: Path) -> None:
    live, ledger, stand_ins = warcs(saved)
    assert {fields["Archiver-Origin"] for fields, _, _, _ in records(ledger)} == {"local"}
    assert live.name.startswith("archiver-")
    assert [fields["Archiver-Origin"] for fields, _, _, _ in records(live)] == ["live", "local"]
    read = records(stand_ins)
    assert {fields["Archiver-Origin"] for fields, _, _, _ in read} == {"stand-in"}
    assert b"STAND-INS: nothing in this file was received from the addresses it names" in read[0][2]
    responses = [fields for fields, _, _, _ in read if fields["WARC-Type"] in ("response", "revisit")]
    assert {fields["Archiver-Stand-In"] for fields in responses} <= {
        path.relative_to(WEB).as_posix() for path in WEB.rglob("*.http")
    }
    assert not any("WARC-IP-Address" in fields for fields, _, _, _ in read)


def test_the_article_is_a_resource_named_by_its_digest(saved: Path) -> None:
    fields, _, body, _ = records(warcs(saved)[0])[1]
    assert (fields["WARC-Type"], fields["Content-Type"]) == ("resource", "text/markdown")
    assert body == ARTICLE.read_bytes()
    assert fields["WARC-Target-URI"] == f"urn:sha256:{hashlib.sha256(body).hexdigest()}"
    assert all(str(ARTICLE.parent).encode() not in path.read_bytes() for path in warcs(saved))


def test_the_metadata_record_says_what_the_line_says(cli: Cli, saved: Path) -> None:
    lines = cli("show", "--json", "--archive", saved).lines
    found = [
        (fields, json.loads(body)) for fields, _, body, _ in records(warcs(saved)[-1]) if fields["WARC-Type"] == "metadata"
    ]
    found, copies = [one for one in found if "memento_of" not in one[1]], [one for one in found if "memento_of" in one[1]]
    assert len(found) == len(lines) == 2
    ((fields, about),) = copies
    assert fields["WARC-Refers-To"] == f"<{lines[1]['recovered']['record_id']}>"
    assert fields["WARC-Target-URI"] == f"urn:memento:{lines[1]['recovered']['memento']}"
    original = f"https://twitter.com/tutby/status/{SECOND}"
    assert about["says"] == f"memento of {original} captured 2020-08-14T09:33:44+00:00 by web.archive.org"
    article = records(warcs(saved)[0])[1][0]["WARC-Record-ID"]
    for (fields, about), line in zip(found, lines, strict=True):
        assert fields["WARC-Refers-To"] == article
        for name in (
            "position",
            "line",
            "handle",
            "text",
            "links",
            "state",
            "availability",
            "origin",
            "claim",
            "post_id",
            "captures",
        ):
            assert about[name] == line[name]
        assert about["article"] == {"sha256": hashlib.sha256(ARTICLE.read_bytes()).hexdigest(), "name": "walkouts.md"}
        assert about["evidence"] == line["evidence"]
    assert found[0][1]["post"]["quoted"]["handle"] == "standin_observer"
    assert found[0][1]["post"]["media"][0]["alt"] == "Stand-in: people with a banner at a factory gate"


def test_the_same_payload_is_kept_once(saved: Path) -> None:
    read = records(warcs(saved)[-1])
    revisits = [(fields, body) for fields, _, body, _ in read if fields["WARC-Type"] == "revisit"]
    ((fields, body),) = [one for one in revisits if "pbs.twimg.com" in one[0]["WARC-Target-URI"]]
    (original,) = [one for one, _, _, _ in read if f"{one['WARC-Record-ID']}" == fields["WARC-Refers-To"]]
    assert body == b""
    assert fields["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
    assert fields["WARC-Payload-Digest"] == original["WARC-Payload-Digest"]
    assert (fields["WARC-Refers-To-Target-URI"], fields["WARC-Refers-To-Date"]) == (
        original["WARC-Target-URI"],
        original["WARC-Date"],
    )
    assert fields["WARC-Truncated"] == "length"
    assert fields["Content-Type"] == "application/http;msgtype=response"


def test_every_capture_can_be_cut_out_where_the_line_says(cli: Cli, saved: Path) -> None:
    cut = 0
    for line in cli("show", "--json", "--archive", saved).lines:
        for capture in line["captures"]:
            path = saved / "warc" / capture["warc"]
            with path.open("rb") as file:
                file.seek(capture["offset"])
                record = next(iter(ArchiveIterator(file)))
                assert record.rec_headers.get_header("WARC-Target-URI") == capture["url"]
                payload = record.raw_stream.read()
            if record.rec_type == "revisit":
                continue
            digest = "sha1:" + base64.b32encode(hashlib.sha1(payload).digest()).decode()
            assert digest == capture["payload_digest"]
            command = [sys.executable, "-m", "warcio.cli", "extract", "--payload", str(path), str(capture["offset"])]
            if cut < 3:
                assert subprocess.run(command, capture_output=True, check=True).stdout == payload
            cut += 1
    assert cut >= 13


def test_content_encoding_is_kept_and_transfer_encoding_is_not(cli: Cli, archive: Path, web: Path) -> None:
    import gzip

    url = address_of(web, "tweet-1.http")
    body = gzip.compress((web / "tweet-1.http").read_bytes().split(b"\n\n", 2)[2])
    stand_in(
        web, url, "200 OK", {"Content-Type": "application/json", "Content-Encoding": "gzip", "Transfer-Encoding": "chunked"}
    )
    path = next(path for path in web.glob("test-*.http"))
    path.write_bytes(path.read_bytes() + body)
    line = cli("save", "--json", "--offline", "--archive", archive, "--fixtures", web, ARTICLE).lines[0]
    assert line["state"] == "saved"
    (found,) = [
        one for one in records(warcs(archive)[-1]) if one[0].get("WARC-Target-URI") == url and one[0]["WARC-Type"] == "response"
    ]
    assert found[2] == body
    stored = next(one for one in line["captures"] if one["purpose"] == "syndication")
    with (archive / "warc" / stored["warc"]).open("rb") as file:
        file.seek(stored["offset"])
        http = next(iter(ArchiveIterator(file))).http_headers
    assert http.get_header("Content-Encoding") == "gzip"
    assert http.get_header("Transfer-Encoding") is None
    assert http.get_header("X-Archive-Orig-Transfer-Encoding") == "chunked"


def exchange(**changes: Any) -> Exchange:
    values: dict[str, Any] = {
        "method": "GET",
        "url": "https://example.org/",
        "request_head": b"GET / HTTP/1.1\r\n\r\n",
        "status": 200,
        "headers": (("Content-Type", "text/plain"),),
        "response_head": b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n",
        "body": b"body",
        "started": datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
        "origin": Origin.LIVE,
    }
    return Exchange(**(values | changes))


HOSTILE = ["\r\nWARC-Injected: yes", "\nX: y", "\x00", "\u2028", "\x85", "é", "\ud800", " ", "\r", "\t", "\x1b[31m", "%0d%0a"]


@pytest.mark.parametrize("hostile", HOSTILE, ids=repr)
def test_nothing_from_outside_reaches_a_header_line(hostile: str) -> None:
    url = f"https://example.org/{hostile}"
    original = warc_record.Original("urn:uuid:0", url, "2026-01-02T03:04:05Z")
    for made in (
        *warc_record.exchange(
            exchange(url=url.encode("utf-8", "replace").decode(), stand_in=f"a{hostile}".encode("utf-8", "replace").decode())
        ),
        warc_record.exchange(
            exchange(url="https://example.org/"),
            warc_record.Original("urn:uuid:0", original.url.encode("utf-8", "replace").decode(), original.date),
        )[0],
        warc_record.resource(url.encode("utf-8", "replace").decode(), "text/plain", b"", datetime.now(UTC)),
    ):
        stored = parse(warc_record.member(made, "urn:uuid:1"))
        assert stored.field("WARC-Injected") is None
        assert len({name for name, _ in stored.fields}) == len(stored.fields)
        for _, value in stored.fields:
            assert value.isascii()
            assert value.isprintable()
        assert stored.block == made.block


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\nb", "a\x00"])
def test_a_field_that_would_break_its_line_is_refused(value: str) -> None:
    made = warc_record.Record("urn:uuid:1", "resource", "2026-01-02T03:04:05Z", (("WARC-IP-Address", value),), b"")
    with pytest.raises(ValueError, match="cannot hold"):
        warc_record.member(made, None)


def test_a_body_cut_short_says_so() -> None:
    response, _ = warc_record.exchange(exchange(truncated="disconnect"))
    assert parse(warc_record.member(response, None)).field("WARC-Truncated") == "disconnect"


def test_bytes_are_kept_before_anything_reads_them(cli: Cli, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that breaks costs the run, never the bytes: at that moment they are on the disk and in the index."""
    from dataclasses import replace

    from archiver import pipeline
    from archiver.platforms import PLATFORMS, twitter
    from archiver.settings import Settings

    seen: list[int] = []

    def broken(*_: object) -> Any:
        connection = sqlite3.connect(archive / "archive.db")
        rows = connection.execute(
            "SELECT r.segment, r.offset, r.length, r.sha256, c.status FROM captures AS c JOIN records AS r ON r.id = c.id"
        ).fetchall()
        connection.close()
        for segment, offset, length, sha256, _ in rows:
            stored = (archive / "warc" / f"{segment}.open").read_bytes()[offset : offset + length]
            assert hashlib.sha256(stored).hexdigest() == sha256
        seen.append(len(rows))
        raise RuntimeError("the reader broke")

    monkeypatch.setitem(PLATFORMS, "twitter", replace(twitter.PLATFORM, read=broken))
    with pytest.raises(RuntimeError, match="the reader broke"):
        list(pipeline.save([str(ARTICLE)], Settings(archive=archive, fixtures=(WEB,), offline=True)))
    assert seen == [3]
    assert cli("verify", "--archive", archive).status == 0


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system has no folder that cannot be synced")
def test_a_folder_that_has_no_such_call_stops_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = os.open("/proc", os.O_RDONLY)
    with pytest.raises(OSError, match="Invalid argument"):
        os.fsync(asked)
    os.close(asked)
    sync_folder(Path("/proc"))
    with pytest.raises(FileNotFoundError):
        sync_folder(Path("/proc/none"))

    def broken(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="Input/output error"):
        sync_folder(Path("/proc"))
