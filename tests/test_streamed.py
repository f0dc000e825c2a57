"""A body too large for memory goes to its segment once, while it is received, and is a record like any other."""

from __future__ import annotations

import base64
import gzip
import hashlib
import random
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from archiver.archive import LARGE_BYTES, open_for_writing
from archiver.errors import ArchiveDamaged, ArchiveWriteError
from archiver.model import Capture, Purpose
from archiver.warc.read import parse
from archiver.warc.streamed import StreamedMember
from tests.conftest import RUN, Cli
from tests.servers import Pieces, recorder, serving

MEMORY = 64 * 1024
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n"


def noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def kept(archive: Path, pieces: Pieces, *, closes: bool = False, most: int = 10_000_000, times: int = 1) -> list[Capture]:
    """The answer of a server that sends these pieces, fetched and kept where what is beyond MEMORY is spilled."""
    with (
        serving(lambda _: pieces, closes=closes) as server,
        open_for_writing(archive, user_agent="a test") as opened,
        recorder(["a.example"], server.port, memory_bytes=MEMORY, spill=opened.spill, max_body_bytes=most) as asking,
    ):
        opened.begin_run(RUN)
        return [opened.keep(asking.fetch(f"http://a.example/{number}"), Purpose.VIDEO) for number in range(times)]


@pytest.mark.parametrize("size", [MEMORY + 1, 65_535 * 2, 65_536 * 2, 1_000_000, *range(99_998, 100_004)])
def test_it_is_whole(cli: Cli, archive: Path, size: int) -> None:
    body = noise(size)
    (capture,) = kept(archive, [HEAD + b"Content-Length: %d\r\n\r\n" % size, body])
    assert (capture.exchange.body, capture.exchange.size, capture.exchange.truncated) == (b"", size, None)
    assert capture.payload_digest == "sha1:" + base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()
    path = archive / "warc" / capture.record.segment
    stored = path.read_bytes()[capture.record.offset :][: capture.record.length]
    assert hashlib.sha256(stored).hexdigest() == capture.record.sha256
    record = parse(stored)
    assert record.block == HEAD + b"Content-Length: %d\r\n\r\n" % size + body
    assert int(record.field("Content-Length") or "") == len(record.block)
    assert gzip.decompress(path.read_bytes()).count(b"WARC/1.1\r\n") == 3  # its own segment: warcinfo, response, request
    assert cli("verify", "--archive", archive).status == 0
    done = subprocess.run([sys.executable, "-m", "warcio.cli", "check", str(path)], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("size", [300_000, LARGE_BYTES, LARGE_BYTES + 1])
def test_it_is_read_back_and_a_large_one_only_checked(archive: Path, size: int) -> None:
    body = noise(size)
    (capture,) = kept(archive, [HEAD + b"Content-Length: %d\r\n\r\n" % size, body], most=1 << 30)
    with open_for_writing(archive, user_agent="a test") as opened:
        held = opened.held("http://a.example/0", Purpose.VIDEO, stand_ins=False)
        assert held is not None
        assert held.exchange.size == size
        assert held.exchange.header("Content-Type") == "video/mp4"
        assert held.exchange.body == (b"" if size > LARGE_BYTES else body)
        path = archive / "warc" / capture.record.segment
        data = bytearray(path.read_bytes())
        data[-200_000] ^= 1
        path.write_bytes(data)
        with pytest.raises(ArchiveDamaged, match="not what was written"):
            opened.held("http://a.example/0", Purpose.VIDEO, stand_ins=False)


def test_chunks_are_taken_out_and_kept(archive: Path) -> None:
    body = noise(200_000)
    pieces: Pieces = [HEAD + b"Transfer-Encoding: chunked\r\n\r\n"]
    pieces = [
        *pieces,
        *(b"%x\r\n" % 50_000 + body[at : at + 50_000] + b"\r\n" for at in range(0, 200_000, 50_000)),
        b"0\r\nX: y\r\n\r\n",
    ]
    (capture,) = kept(archive, pieces)
    assert capture.exchange.framing is not None
    assert len(capture.exchange.framing.chunks) == 5
    path = archive / "warc" / capture.record.segment
    with path.open("rb") as file:
        types = {record.rec_type: record.content_stream().read() for record in ArchiveIterator(file, check_digests="raise")}
    assert types["response"] == body
    assert b"X: y" in types["metadata"]


@pytest.mark.parametrize(("sent", "most", "why"), [(150_000, 10_000_000, "disconnect"), (200_000, 120_000, "length")])
def test_what_is_cut_says_so(cli: Cli, archive: Path, sent: int, most: int, why: str) -> None:
    body = noise(200_000)
    (capture,) = kept(archive, [HEAD + b"Content-Length: 200000\r\n\r\n", body[:sent]], closes=True, most=most)
    assert (capture.exchange.truncated, capture.exchange.size) == (why, min(sent, most))
    path = archive / "warc" / capture.record.segment
    with path.open("rb") as file:
        (fields,) = [
            record.rec_headers for record in ArchiveIterator(file, check_digests="raise") if record.rec_type == "response"
        ]
    assert fields.get_header("WARC-Truncated") == why
    assert cli("verify", "--archive", archive).status == 0


@pytest.mark.parametrize(("cut", "why"), [(0, None), (9, "unspecified"), (100_000, "unspecified")])
def test_compression_that_ends_early_is_seen_in_a_large_body_too(archive: Path, cut: int, why: str | None) -> None:
    body = gzip.compress(noise(200_000))
    body = body[: len(body) - cut]
    head = HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    (capture,) = kept(archive, [head, body])
    assert capture.exchange.size > MEMORY
    assert capture.exchange.truncated == why


def test_several_are_in_segments_of_their_own(cli: Cli, archive: Path) -> None:
    captures = kept(archive, [HEAD + b"Content-Length: 200000\r\n\r\n", noise(200_000)], times=3)
    assert len({capture.record.segment for capture in captures}) == 3
    assert cli("verify", "--archive", archive).status == 0


def test_a_run_that_was_killed_in_the_middle_leaves_it_to_quarantine(cli: Cli, archive: Path) -> None:
    with open_for_writing(archive, user_agent="a test") as opened:
        opened.begin_run(RUN)
        with (
            serving(lambda _: [HEAD + b"Content-Length: 200000\r\n\r\n", noise(200_000)]) as server,
            recorder(["a.example"], server.port, memory_bytes=MEMORY, spill=opened.spill) as asking,
        ):
            asking.fetch("http://a.example/")  # received, and never kept
    with open_for_writing(archive, user_agent="a test") as again:
        told = again.begin_run(RUN)
        again.end_run(0)
    assert ["quarantine" in one for one in told] == [
        False,
        True,
    ]  # the ledger is sealed as it was; what had no row is put aside
    assert cli("verify", "--archive", archive).status == 0


def test_a_full_disk_stops_the_run(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: StreamedMember, data: bytes) -> None:
        raise OSError(28, "No space left on device", str(archive))

    monkeypatch.setattr(StreamedMember, "write", full)
    with pytest.raises(ArchiveWriteError, match="ENOSPC"):
        kept(archive, [HEAD + b"Content-Length: 200000\r\n\r\n", noise(200_000)])


@pytest.mark.parametrize("size", [0, 1, 4, 5, 65_535, 65_536, 1_000_003])
def test_the_member_is_what_gzip_makes_of_it(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    member = StreamedMember(path, 300, b"HTTP head\r\n\r\n")
    body = noise(size)
    for at in range(0, size, 40_000):
        member.write(body[at : at + 40_000])
    length, sha256 = member.finish(lambda *said: " ".join(said).encode() + b"\r\n\r\n")
    data = path.read_bytes()
    assert (data[:6], len(data) - 6, hashlib.sha256(data[6:]).hexdigest()) == (b"before", length, sha256)
    unpacked = zlib.decompress(data[6:], 31)
    assert unpacked.endswith(b"HTTP head\r\n\r\n" + body + b"\r\n\r\n")
    digest, digits = unpacked.partition(b"\r\n\r\n")[0].decode().split()
    assert int(digits) == size + 13
    assert (
        digest == "sha1:" + base64.b32encode(hashlib.sha1(b"HTTP head\r\n\r\n" + body, usedforsecurity=False).digest()).decode()
    )


def test_a_room_that_is_too_small_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    member = StreamedMember(path, 10, b"")
    with pytest.raises(ValueError, match="too small"):
        member.finish(lambda *_: b"x" * 100)
    member.close()
