"""What an archive survives: a second run beside it, a full disk, a run that was cut off, damage of every kind."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from archiver.archive import open_for_writing, write_pages
from archiver.errors import ArchiveWriteError
from archiver.model import Exchange, Origin, Purpose
from archiver.verifier import GENESIS, canonical, check, entry_hash, row_digests
from tests.conftest import ARTICLE, HTML_ARTICLE, PROJECT, RUN, WEB, Cli

SAVE = ("save", "--offline", "--fixtures", WEB)


def overwrite(path: Path, data: bytes) -> None:
    """Put other bytes in the place of a file that may only be read."""
    path.chmod(0o644)
    path.write_bytes(data)


def snapshot(archive: Path) -> dict[str, bytes]:
    return {str(path.relative_to(archive)): path.read_bytes() for path in archive.rglob("*") if path.is_file()}


def test_a_second_run_on_the_same_archive_is_turned_away(cli: Cli, saved: Path) -> None:
    before = snapshot(saved)
    with FileLock(saved / "archive.lock"):
        result = cli(*SAVE, HTML_ARTICLE, "--archive", saved)
    assert (result.status, result.out) == (75, "")
    assert "another run holds this archive" in result.err
    assert snapshot(saved) == before
    assert cli(*SAVE, HTML_ARTICLE, "--archive", saved).status == 0


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from archiver.cli import main
main(sys.argv[2:])
"""


@pytest.mark.skipif(os.name == "nt", reason="a limit on file sizes is POSIX's")
@pytest.mark.parametrize("limit", [300, 1_500, 6_000, 20_000, 34_000, 70_000, 150_000])
def test_a_disk_that_is_full(cli: Cli, tmp_path: Path, limit: int) -> None:
    """Wherever it fills up: exit 74, nothing half said, and the next run goes on where this one stopped."""
    archive = tmp_path / "archive"
    command = [sys.executable, "-c", LIMITED, str(limit), *map(str, SAVE), "--json", "--archive", str(archive), str(ARTICLE)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT)
    assert done.returncode == 74, done.stderr
    assert "Traceback" not in done.stderr
    assert "nothing that was reported is lost" in done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    result = cli(*SAVE, "--json", "--archive", archive, ARTICLE)
    assert result.status == 0
    assert [line["state"] for line in result.lines] == ["saved", "gone"]
    for line, again in zip(told, result.lines, strict=False):
        assert line["captures"] == again["captures"]
    assert cli("verify", "--archive", archive).status == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is Linux's")
@pytest.mark.parametrize("refused", [("stdout",), ("stdout", "stderr")], ids=" ".join)
def test_what_it_prints_to_is_full(cli: Cli, archive: Path, refused: tuple[str, ...]) -> None:
    """The exit status still says it, and what was kept is kept."""
    command = [sys.executable, "-m", "archiver", *map(str, SAVE), "--json", "--archive", str(archive), str(ARTICLE)]
    with Path("/dev/full").open("w") as full:
        given: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | dict.fromkeys(refused, full)
        assert subprocess.run(command, cwd=PROJECT, **given).returncode == 74
    assert cli(*SAVE, "--archive", archive, ARTICLE).status == 0
    assert cli("verify", "--archive", archive).status == 0


def test_what_a_killed_run_left_goes_to_quarantine(cli: Cli, saved: Path) -> None:
    segment = stand_in_segment(saved)
    segment = segment.rename(segment.with_name(segment.name + ".open"))  # as it is called while a run writes it
    overwrite(segment, segment.read_bytes() + b"half a record")
    (saved / "warc" / "archiver-20200101000000-00000000.warc.gz.open").write_bytes(b"a file that no row names")
    looked_at = cli("verify", "--json", "--archive", saved)
    assert (looked_at.status, {line["kind"] for line in looked_at.lines}) == (0, {"unfinished"})
    result = cli(*SAVE, HTML_ARTICLE, "--archive", saved)
    assert result.status == 0
    assert result.err.count("quarantine/") == 2
    acts = {line["act"] for line in rows(saved, "SELECT act FROM custody")}
    assert acts == {"recovered"}
    kept = sorted(path.read_bytes() for path in (saved / "quarantine").iterdir())
    assert kept == [b"a file that no row names", b"half a record"]
    assert cli("verify", "--archive", saved).status == 0
    assert cli(*SAVE, HTML_ARTICLE, "--archive", saved).err == ""  # once


KILLED = """
import os, sys
from archiver.warc import segment
left = int(sys.argv[1])
class Dying:
    def __getattr__(self, name): return getattr(os, name)
    def fsync(self, handle):
        global left
        left -= 1
        if left < 0: os._exit(9)
        os.fsync(handle)
segment.os = Dying()
from archiver.cli import main
main(sys.argv[2:])
"""


@pytest.mark.parametrize("after", [4, 5, 7, 8, 13, 22, 23])
def test_a_run_that_is_killed_loses_nothing_that_it_reported(cli: Cli, tmp_path: Path, after: int) -> None:
    """Dead after bytes were written and before their row was: those bytes were never acknowledged."""
    archive = tmp_path / "archive"
    command = [sys.executable, "-c", KILLED, str(after), *map(str, SAVE), "--json", "--archive", str(archive), str(ARTICLE)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT)
    assert done.returncode == 9, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    result = cli(*SAVE, "--json", "--archive", archive, ARTICLE)
    assert (result.status, [line["state"] for line in result.lines]) == (0, ["saved", "gone"])
    assert "quarantine/" in result.err
    for line, again in zip(told, result.lines, strict=False):
        assert line["captures"] == again["captures"]
    assert cli("verify", "--archive", archive).status == 0


def test_a_run_that_is_killed_when_it_has_changed_the_schema_leaves_no_damage(cli: Cli, saved: Path) -> None:
    """The pages of the index are others then, and no entry says so yet."""
    index = saved / "archive.db"
    connection = sqlite3.connect(index, isolation_level=None)
    for name in ("idx_outcomes_post_id", "idx_sources_article"):
        connection.execute(f"DROP INDEX {name}")
    connection.execute("DELETE FROM _sqlite_migrations WHERE name = 'm008_by_post'")
    head = connection.execute("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1").fetchone()
    connection.close()
    write_pages(index, head)
    assert cli("verify", "--archive", saved).status == 0
    command = [sys.executable, "-c", KILLED, "0", *map(str, SAVE), "--archive", str(saved), str(HTML_ARTICLE)]
    assert subprocess.run(command, capture_output=True, cwd=PROJECT).returncode == 9
    assert cli("verify", "--archive", saved).status == 0
    assert cli(*SAVE, HTML_ARTICLE, "--archive", saved).status == 0
    assert cli("verify", "--json", "--archive", saved).out == ""


def test_a_file_with_two_names_is_sealed(cli: Cli, saved: Path) -> None:
    """A power cut may leave both names of a file that was being renamed; of two files one was put there."""
    sealed = stand_in_segment(saved)
    unsealed = sealed.with_name(sealed.name + ".open")
    unsealed.hardlink_to(sealed)
    assert cli("verify", "--archive", saved).status == 0
    assert cli(*SAVE, HTML_ARTICLE, "--archive", saved).status == 0
    assert sealed.exists()
    assert not unsealed.exists()
    unsealed.write_bytes(sealed.read_bytes())
    assert cli("verify", "--archive", saved).status == 1
    assert cli(*SAVE, HTML_ARTICLE, "--archive", saved).status == 3


# Damage ---------------------------------------------------------------------------------------------------------------


def test_verify_names_the_record_of_any_flipped_byte(cli: Cli, saved: Path) -> None:
    connection = sqlite3.connect(saved / "archive.db")
    records = connection.execute("SELECT segment, offset, length, id FROM records").fetchall()
    connection.close()
    assert cli("verify", "--archive", saved).status == 0
    for segment, offset, length, record_id in records:
        path = saved / "warc" / segment
        whole = path.read_bytes()
        at = offset + length // 2
        overwrite(path, whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        result = cli("verify", "--json", "--archive", saved)
        overwrite(path, whole)
        assert result.status == 1
        line = next(line for line in result.lines if line["kind"] != "ledger")
        assert (line["kind"], line["file"], line["offset"], line["record"]) == ("altered", segment, offset, record_id)
    assert cli("verify", "--archive", saved).status == 0


def rows(archive: Path, statement: str) -> list[dict[str, Any]]:
    connection = sqlite3.connect(archive / "archive.db")
    connection.row_factory = sqlite3.Row
    found = [dict(row) for row in connection.execute(statement)]
    connection.close()
    return found


def stand_in_segment(archive: Path) -> Path:
    return next((archive / "warc").glob("stand-in-*"))


def sql(statement: str) -> Callable[[Path], None]:
    def change(archive: Path) -> None:
        connection = sqlite3.connect(archive / "archive.db")
        with connection:
            connection.execute(statement)
        connection.close()

    return change


def cut(archive: Path) -> None:
    path = stand_in_segment(archive)
    overwrite(path, path.read_bytes()[:-100])


def swap(archive: Path) -> None:
    first, second = (next((archive / "warc").glob(kind)) for kind in ("archiver-*", "stand-in-*"))
    shutil.move(first, archive / "x")
    shutil.move(second, first)
    shutil.move(archive / "x", second)


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (lambda archive: stand_in_segment(archive).unlink(), "missing"),
        (cut, "cut"),
        (lambda archive: overwrite(stand_in_segment(archive), stand_in_segment(archive).read_bytes() + b"x"), "extra"),
        (lambda archive: shutil.copy(stand_in_segment(archive), f"{stand_in_segment(archive)}.open"), "twice"),
        (lambda archive: (archive / "warc" / "other.warc.gz").write_bytes(b"x"), "unknown-file"),
        (swap, "altered"),
        (sql("UPDATE captures SET url = 'https://x.com/forged' WHERE status = 404"), "row-altered"),
        (sql("UPDATE captures SET payload_digest = 'sha1:AAAA' WHERE status = 404"), "row-altered"),
        (sql("UPDATE records SET date = '2020-01-01T00:00:00Z' WHERE type = 'request'"), "row-altered"),
        (sql("UPDATE outcomes SET reason = 'it was never there'"), "row-altered"),
        (sql("DELETE FROM evidence WHERE position = 1"), "row-removed"),
        (sql("INSERT INTO waits (host, until, reason, run) SELECT 'x.com', '2030', 'forged', id FROM runs"), "row-added"),
        (sql("DELETE FROM records WHERE type = 'request'"), "cut"),
        (sql("DELETE FROM ledger WHERE seq = (SELECT max(seq) FROM ledger)"), "page"),
        (sql("DELETE FROM ledger WHERE seq = 5"), "ledger"),
        (sql("UPDATE ledger SET written = '2020-01-01T00:00:00Z' WHERE seq = 5"), "ledger"),
        (sql("UPDATE posts SET text = 'words that nobody wrote'"), "row-altered"),
        (sql("UPDATE outcomes SET embed = 'nobody'"), "index"),
    ],
)
def test_verify_names_what_is_not_as_written(cli: Cli, saved: Path, damage: Callable[[Path], object], kind: str) -> None:
    damage(saved)
    result = cli("verify", "--json", "--archive", saved)
    assert result.status == 1
    assert kind in {line["kind"] for line in result.lines}
    assert all(set(line) == {"kind", "file", "offset", "record", "url", "detail"} for line in result.lines)
    people = cli("verify", "--archive", saved)
    assert people.status == 1
    assert f"{kind}: " in people.out
    assert "not as written" in people.err


def test_a_run_does_not_start_on_an_archive_that_lost_bytes(cli: Cli, saved: Path) -> None:
    for damage in (cut, lambda archive: stand_in_segment(archive).unlink()):
        damage(saved)
        before = snapshot(saved)
        result = cli(*SAVE, HTML_ARTICLE, "--archive", saved)
        assert result.status == 3
        assert (f"{stand_in_segment(saved).name}: has " if damage is cut else "is missing") in result.err
        assert snapshot(saved) == before


def grow(archive: Path) -> None:
    path = stand_in_segment(archive)
    overwrite(path, path.read_bytes() + b"x")


def copy_open(archive: Path) -> None:
    shutil.copy(stand_in_segment(archive), f"{stand_in_segment(archive)}.open")


def add_file(archive: Path) -> None:
    shutil.copy(stand_in_segment(archive), archive / "warc" / "stand-in-20200101000000-00000000.warc.gz")


@pytest.mark.parametrize(
    ("damage", "said"),
    [(grow, "more than when it was sealed"), (copy_open, "is there twice"), (add_file, "no row names this file")],
)
def test_nothing_that_no_run_can_have_left_is_set_right(
    cli: Cli, saved: Path, damage: Callable[[Path], None], said: str
) -> None:
    damage(saved)
    before = snapshot(saved)
    result = cli(*SAVE, HTML_ARTICLE, "--archive", saved)
    assert (result.status, result.out) == (3, "")
    assert said in result.err
    assert snapshot(saved) == before


def test_a_segment_is_never_sealed_over_another_file(archive: Path) -> None:
    with open_for_writing(archive, user_agent="a test") as opened:
        opened.begin_run(RUN)
        (segment,) = (archive / "warc").iterdir()
        another = segment.with_name(segment.name.removesuffix(".open"))
        another.write_bytes(b"another file of that name")
        with pytest.raises(ArchiveWriteError, match="a sealed file is there already"):
            opened.end_run(0)
    assert another.read_bytes() == b"another file of that name"
    assert segment.exists()


def rechained(archive: Path, table: str, change: str, first: int = 1) -> None:
    """What somebody does who knows the rules and can write to the index alone: a row and all hashes from `first` on, made anew."""
    connection = sqlite3.connect(archive / "archive.db")
    connection.row_factory = sqlite3.Row
    with connection:
        connection.execute(change)
        (key,) = (one["name"] for one in connection.execute(f"PRAGMA table_info({table})") if one["pk"])
        digests = {str(row[key]): row_digests([(table, dict(row))])[0] for row in connection.execute(f"SELECT * FROM {table}")}
        previous = GENESIS
        for entry in map(dict, connection.execute("SELECT * FROM ledger ORDER BY seq").fetchall()):
            if entry["seq"] >= first:
                changes = [
                    [name, one, digests.get(one, digest) if name == table else digest]
                    for name, one, digest in json.loads(entry["changes"])
                ]
                entry |= {"changes": canonical(changes).decode(), "previous": previous}
                entry["hash"] = entry_hash(entry, entry["changes"])
                told = [entry[name] for name in ("changes", "previous", "hash", "seq")]
                connection.execute("UPDATE ledger SET changes = ?, previous = ?, hash = ? WHERE seq = ?", told)
            previous = entry["hash"]
    connection.close()
    (archive / "archive.db.pages").unlink()


def test_a_chain_made_anew_in_the_index_alone_is_not_that_of_the_warc_files(cli: Cli, saved: Path) -> None:
    rechained(saved, "captures", "UPDATE captures SET status = 200 WHERE status = 404")
    result = cli("verify", "--json", "--archive", saved)
    assert result.status == 1
    found = [line for line in result.lines if line["kind"] != "unfinished"]
    assert {line["kind"] for line in found} == {"ledger"}
    assert all(line["file"].startswith("ledger-") and "another one here" in line["detail"] for line in found)


@pytest.mark.parametrize(
    ("told", "forged"),
    [(b'{"elapsed":', b'{ "elapsed":'), (b'"written":"20', b'"written":"19'), (b'"method":"GET"', b'"method":"PUT"')],
    ids=["in other letters", "another time", "another row"],
)
def test_an_entry_is_in_its_record_to_the_letter(cli: Cli, saved: Path, told: bytes, forged: bytes) -> None:
    """The record alone says it otherwise, and its row in the index fits the record."""
    capture = "SELECT min(seq) FROM ledger WHERE changes LIKE '%captures%'"
    row = rows(saved, f"SELECT r.* FROM records AS r JOIN ledger AS l ON l.record = r.id WHERE l.seq = ({capture})")[0]
    path = saved / "warc" / row["segment"]
    whole = path.read_bytes()
    before, packed, after = (
        whole[: row["offset"]],
        whole[row["offset"] :][: row["length"]],
        whole[row["offset"] + row["length"] :],
    )
    head, block = gzip.decompress(packed).removesuffix(b"\r\n\r\n").split(b"\r\n\r\n", 1)
    other = block.replace(told, forged)
    assert other != block
    head = head.replace(b"Content-Length: %d" % len(block), b"Content-Length: %d" % len(other))
    made = gzip.compress(head + b"\r\n\r\n" + other + b"\r\n\r\n")
    overwrite(path, before + made + after)
    digest, grown = f"'{hashlib.sha256(made).hexdigest()}'", len(made) - row["length"]
    moved = f"segment = '{row['segment']}' AND offset > {row['offset']}"
    sql(f"UPDATE records SET length = {len(made)}, sha256 = {digest} WHERE id = '{row['id']}'")(saved)
    sql(f"UPDATE records SET offset = offset + {grown} WHERE {moved}")(saved)
    found = [line for line in cli("verify", "--json", "--archive", saved).lines if line["kind"] != "page"]
    assert [(line["kind"], line["file"], line["record"]) for line in found] == [("ledger", row["segment"], row["id"])]


@pytest.mark.skipif(os.name == "nt", reason="a limit on open files is POSIX's")
def test_verify_needs_no_open_file_for_each_run(archive: Path) -> None:
    for _ in range(25):
        with open_for_writing(archive, user_agent="a test") as opened:
            opened.begin_run(RUN)
            opened.end_run(0)
    command = 'ulimit -n 16 && exec "$0" -m archiver verify --archive "$1"'
    done = subprocess.run(["sh", "-c", command, sys.executable, archive], capture_output=True, text=True, cwd=PROJECT)
    assert (done.returncode, done.stderr) == (0, "")


def exchange(number: int, body: bytes) -> Exchange:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n"
    url, kind = f"https://news.example/{number}", (("Content-Type", "image/png"),)
    asked = b"GET / HTTP/1.1\r\nHost: news.example\r\n\r\n"
    return Exchange("GET", url, asked, 200, kind, head, body, datetime.now(UTC), Origin.LIVE)


def large(archive: Path) -> list[dict[str, Any]]:
    """An archive with records of many sizes, and of more than is read without a second process: its rows."""
    body = random.Random(5).randbytes
    with open_for_writing(archive, user_agent="a test") as opened:
        opened.begin_run(RUN)
        for number, size in enumerate((100, 70_000, 65_000, 5_000_000, 3_000, 38_000_000, 25_000_000, 200_000)):
            opened.keep(exchange(number, body(size)), Purpose.PHOTO)
        opened.end_run(0)
    return rows(archive, "SELECT r.*, c.url FROM records AS r JOIN captures AS c ON c.id = r.id ORDER BY r.offset")


def test_large_records_are_looked_at_as_small_ones_are(cli: Cli, archive: Path) -> None:
    kept = large(archive)
    assert sorted(one["length"] > 64 * 1024 for one in kept) == [False] * 2 + [True] * 6
    for deep in ([], ["--deep"]):
        assert cli("verify", "--archive", archive, *deep).status == 0
    path = archive / "warc" / kept[0]["segment"]
    whole = bytearray(path.read_bytes())
    for one in kept:
        at = one["offset"] + one["length"] - 1
        overwrite(path, bytes(whole[:at]) + bytes([whole[at] ^ 1]) + bytes(whole[at + 1 :]))
        (found,) = cli("verify", "--json", "--archive", archive).lines
        assert (found["kind"], found["offset"], found["url"]) == ("altered", one["offset"], one["url"])
    overwrite(path, bytes(whole[: kept[-3]["offset"] + 1_000]))
    cuts = cli("verify", "--json", "--archive", archive).lines
    assert {line["kind"] for line in cuts} == {"cut"}
    assert [line["url"] for line in cuts if line["url"]] == [one["url"] for one in kept[-3:]]
    path.unlink()
    missing = cli("verify", "--json", "--archive", archive).lines
    assert [line["url"] for line in missing if line["url"]] == [one["url"] for one in kept]
    assert {line["kind"] for line in missing} == {"missing"}


def one_bit_altered(archive: Path, one: dict[str, Any]) -> None:
    path = archive / "warc" / one["segment"]
    whole = bytearray(path.read_bytes())
    whole[one["offset"] + one["length"] // 2] ^= 1
    overwrite(path, bytes(whole))


def test_where_no_thread_is_to_be_had_all_is_read_all_the_same(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    kept = large(archive)
    monkeypatch.setattr(threading.Thread, "start", refused)
    assert list(check(archive)) == []
    one_bit_altered(archive, kept[-1])
    assert [(found.kind, found.url) for found in check(archive)] == [("altered", kept[-1]["url"])]


@pytest.mark.skipif(sys.platform == "win32", reason="the programs that stand in for Python are shell scripts")
@pytest.mark.parametrize(
    "program",
    [
        None,
        "exit 1",
        "read -r asked; kill -9 $$",
        "while read -r asked; do echo; done",
        "while read -r asked; do echo 00 11; done",
    ],
    ids=["not there", "ends at once", "is killed", "reads nothing", "answers something else"],
)
def test_where_the_second_process_fails_all_is_read_all_the_same(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str | None
) -> None:
    kept = large(archive)
    monkeypatch.setattr(sys, "executable", os.fspath(script(tmp_path, program) if program else tmp_path / "none"))
    assert list(check(archive)) == []
    one_bit_altered(archive, kept[-1])
    assert [(found.kind, found.url) for found in check(archive)] == [("altered", kept[-1]["url"])]


@pytest.mark.skipif(sys.platform == "win32", reason="the program that stands in for Python is a shell script")
def test_a_second_process_reads_some_of_it(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = large(archive)
    told = tmp_path / "told"
    monkeypatch.setattr(sys, "executable", os.fspath(script(tmp_path, f'"{sys.executable}" "$@" | tee "{told}"')))
    assert list(check(archive)) == []
    assert {one["sha256"] for one in kept} & set(told.read_text().split())


def test_what_lies_behind_bytes_that_no_row_names_is_as_it_was(archive: Path) -> None:
    kept = large(archive)
    with closing(sqlite3.connect(archive / "archive.db")) as index, index:
        index.execute("DELETE FROM records WHERE id = ?", [kept[2]["id"]])
    found = list(check(archive))
    assert "cut" in {one.kind for one in found}
    assert "altered" not in {one.kind for one in found}


def script(folder: Path, program: str) -> Path:
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{program}\n")
    path.chmod(0o755)
    return path


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="this system has no file that cannot be read")
def test_what_the_disk_refuses_is_named_and_all_else_is_looked_at(cli: Cli, saved: Path) -> None:
    path, (last, *_) = stand_in_segment(saved), rows(saved, "SELECT id, title FROM captures ORDER BY rowid DESC")
    path.unlink()
    path.symlink_to("/proc/self/mem")  # at its beginning lies nothing, which is an error of input
    with closing(sqlite3.connect(saved / "archive.db")) as index, index:
        index.execute("UPDATE captures SET title = 'another' WHERE id = ?", [last["id"]])
    result = cli("verify", "--json", "--archive", saved)
    kept = rows(saved, f"SELECT id, offset FROM records WHERE segment = '{path.name}' ORDER BY offset")
    found = [line for line in result.lines if line["kind"] == "unreadable"]
    assert result.status == 1
    assert [(line["record"], line["offset"]) for line in found] == [(one["id"], one["offset"]) for one in kept]
    assert {line["detail"] for line in found} == {"cannot be read: Input/output error"}
    assert [line["record"] for line in result.lines if line["kind"] == "row-altered"] == [last["id"]]
    path.unlink()
    path.mkdir()
    found = [line for line in cli("verify", "--json", "--archive", saved).lines if line["kind"] == "unreadable"]
    assert [(line["file"], line["detail"]) for line in found] == [(path.name, "cannot be opened: Is a directory")]


def test_a_text_that_is_no_text_among_many_rows_is_the_only_one_named(archive: Path) -> None:
    with open_for_writing(archive, user_agent="a test") as opened:
        opened.begin_run(RUN)
        for number in range(520):  # more than are looked at in one go
            opened.keep(exchange(number, b"x"), Purpose.PHOTO)
        opened.end_run(0)
    with closing(sqlite3.connect(archive / "archive.db")) as index, index:
        (damaged,) = index.execute("SELECT id FROM captures ORDER BY rowid LIMIT 1 OFFSET 510").fetchone()
        index.execute("UPDATE captures SET title = CAST(x'41ff' AS TEXT) WHERE id = ?", [damaged])
    found = [one for one in check(archive) if one.kind != "page"]
    assert [(one.kind, one.record) for one in found] == [("row-altered", damaged)]


def test_a_text_that_is_no_text_is_named_and_all_after_it_is_looked_at(cli: Cli, saved: Path) -> None:
    with closing(sqlite3.connect(saved / "archive.db")) as index, index:
        first, *_, last = [row[0] for row in index.execute("SELECT id FROM captures ORDER BY rowid")]
        index.execute("UPDATE captures SET title = CAST(x'41ff' AS TEXT) WHERE id = ?", [first])
        index.execute("UPDATE captures SET title = 'another' WHERE id = ?", [last])
    found = [line for line in cli("verify", "--json", "--archive", saved).lines if line["kind"] != "page"]
    assert [(line["kind"], line["record"]) for line in found] == [("row-altered", first), ("row-altered", last)]


def test_verify_says_the_same_however_it_is_called(cli: Cli, saved: Path) -> None:
    plain = cli("verify", "--archive", saved)
    assert plain.status == 0
    assert plain.out == cli("verify", f"--archive={saved}").out == cli("verify", "--archive", saved, "--deep").out


def test_an_entry_that_follows_no_other_is_named(cli: Cli, saved: Path) -> None:
    connection = sqlite3.connect(saved / "archive.db")
    connection.row_factory = sqlite3.Row
    with connection:
        entry = dict(connection.execute("SELECT * FROM ledger WHERE seq = 5").fetchone()) | {"written": "2020-01-01T00:00:00Z"}
        told = [entry["written"], entry_hash(entry, entry["changes"])]
        connection.execute("UPDATE ledger SET written = ?, hash = ? WHERE seq = 5", told)  # right by itself
    connection.close()
    details = [line["detail"] for line in cli("verify", "--json", "--archive", saved).lines if line["kind"] == "ledger"]
    assert any(detail.startswith("entry 6 does not follow the entry before it") for detail in details)


def test_deep_compares_a_record_with_its_own_digests(cli: Cli, saved: Path) -> None:
    """A record that lies about its payload, written so and indexed so."""
    (path,) = (saved / "warc").glob("archiver-*")
    (row,) = rows(saved, "SELECT * FROM records WHERE type = 'resource'")
    whole = path.read_bytes()
    record = gzip.decompress(whole[row["offset"] :])
    lying = gzip.compress(re.sub(rb"(WARC-Payload-Digest: sha1:)\w{8}", rb"\1AAAAAAAA", record))
    overwrite(path, whole[: row["offset"]] + lying)
    sql(f"UPDATE records SET length = {len(lying)}, sha256 = '{hashlib.sha256(lying).hexdigest()}' WHERE type = 'resource'")(
        saved
    )
    assert "unreadable" not in {line["kind"] for line in cli("verify", "--json", "--archive", saved).lines}
    (line,) = (one for one in cli("verify", "--deep", "--json", "--archive", saved).lines if one["kind"] == "unreadable")
    assert (line["file"], line["record"]) == (path.name, row["id"])
    assert line["detail"].startswith("WARC-Payload-Digest should be sha1:")


def test_an_index_that_is_damaged_or_gone(cli: Cli, saved: Path) -> None:
    index = saved / "archive.db"
    whole = index.read_bytes()
    for damaged in (b"", b"no database at all, whatever its name" * 100, whole[: len(whole) // 2]):
        index.write_bytes(damaged)
        for command in (("verify",), ("show",), (*SAVE, ARTICLE)):
            result = cli(*command, "--archive", saved)
            assert result.status == (1 if command == ("verify",) else 3), (command, result)
            assert "Traceback" not in result.err
            assert "verify" not in command or "page: archive.db" in result.out
    index.unlink()
    for command in (("verify",), ("show",), (*SAVE, ARTICLE)):
        result = cli(*command, "--archive", saved)
        assert result.status == 3
        assert "is missing" in result.err


def test_an_archive_that_is_not_there(cli: Cli, tmp_path: Path) -> None:
    for command in ("show", "verify"):
        result = cli(command, "--archive", tmp_path / "none")
        assert result.status == 2
        assert "there is no archive here" in result.err
        assert not (tmp_path / "none").exists()


def test_reading_leaves_nothing_behind(cli: Cli, saved: Path) -> None:
    before = snapshot(saved)
    for command in (("show",), ("verify",), ("show", str(ARTICLE)), ("find", ARTICLE)):
        assert cli(*command, "--archive", saved).status == 0
    assert snapshot(saved) == before


def test_the_index_is_one_file_with_one_schema(saved: Path) -> None:
    connection = sqlite3.connect(saved / "archive.db")
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    applied = [row[0] for row in connection.execute("SELECT name FROM _sqlite_migrations ORDER BY rowid")]
    names = [
        "m001_tables",
        "m002_chain",
        "m003_article_facts",
        "m004_posts_whole",
        "m005_identity",
        "m006_network",
        "m007_ledger",
        "m008_by_post",
    ]
    assert applied == names
    types = {row[0] for row in connection.execute("SELECT typeof(id) FROM posts UNION SELECT typeof(post_id) FROM posts")}
    assert types == {"text"}
    rows = connection.execute("SELECT segment, offset, length FROM records ORDER BY segment, offset").fetchall()
    ends: dict[str, int] = {}
    for segment, offset, length in rows:
        assert ends.get(segment, 0) == offset  # the records tile their segments
        ends[segment] = offset + length
    assert ends == {path.name: path.stat().st_size for path in (saved / "warc").iterdir()}
    connection.close()


# Older archives --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("schema", ["schema-3", "schema-6"])
def test_an_archive_of_an_older_schema_is_taken_over_whole(cli: Cli, tmp_path: Path, schema: str) -> None:
    """Archives that earlier versions wrote: every row and record stays, and the chain covers them from now on."""
    archive = tmp_path / "archive"
    archive.mkdir()
    subprocess.run(["tar", "-xzf", PROJECT / "fixtures" / "archives" / f"{schema}.tar.gz", "-C", archive], check=True)
    tables = "runs segments records captures articles sources embeds outcomes outcome_captures evidence failures".split()
    before = {table: rows(archive, f"SELECT * FROM {table}") for table in tables}
    assert cli("show", "--archive", archive).status == 3  # it is to be brought up to date first
    result = cli(*SAVE, HTML_ARTICLE, "--archive", archive)
    assert (result.status, result.err) == (0, "")
    for table, held in before.items():
        now = rows(archive, f"SELECT * FROM {table}")
        for row in held:
            row.pop("bytes", None) if table == "segments" else None
            assert any(row.items() <= {**other}.items() for other in now), (table, row)
    assert len(cli("show", "--json", "--archive", archive).lines) == 2
    assert (cli("verify", "--deep", "--archive", archive).status, cli("verify", "--deep", "--archive", archive).err) == (0, "")
    (told,) = rows(archive, "SELECT * FROM custody")
    assert told["act"] == "adopted"
    sql(f"UPDATE posts SET text = 'forged' WHERE id = '{rows(archive, 'SELECT id FROM posts ORDER BY rowid')[0]['id']}'")(
        archive
    )
    assert cli("verify", "--archive", archive).status == 1
