"""Nine kinds of tampering, an insider's among them: does `verify` see each, with a head that is kept elsewhere?

Each is done to a copy of an archive of three runs, whose head was written to a file and taken away. Seven are an
intruder's, who changes what he wants and leaves the rest; two an insider's, who has the program and makes all of it
consistent: the last run taken back, and the whole archive made anew with other words. These two cannot be seen without the
head; how many are, is told as well.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from warcio.warcwriter import WARCWriter

from archiver import archive as store
from benchmarks.proof import forked, held, work
from benchmarks.proof.result import Result

NAME = "tamper"
TARGET = "9 of 9 with an anchor"


def run(short: bool, folder: Path) -> Result:  # noqa: ARG001 # it takes seconds
    forked.warm(folder)
    whole, earlier, anew, head = folder / "whole", folder / "earlier", folder / "anew", folder / "head.json"
    works = [work.make(folder, number, posts=1, photo_bytes=4_000) for number in range(8)]
    _saved(whole, works[:2], folder)
    shutil.copytree(whole, earlier)
    _saved(whole, works[2:3], folder)
    _saved(anew, works[3:], folder)
    status, _, complaint = held.call("anchor", "--archive", whole, "--to", head)
    if status != 0:
        raise AssertionError(complaint)
    if held.verify(whole, "--anchor", head)[0] != 0:
        raise AssertionError(f"the archive is not whole before it is tampered with: {held.verify(whole, '--anchor', head)}")
    kinds: dict[str, tuple[Callable[[Path], object], str]] = {
        "row altered": (_sql("UPDATE outcomes SET reason = 'live: the post was never there' WHERE sequence = 1"), "outcomes"),
        "record and its digest altered": (_record_altered, "records urn:"),
        "row removed": (_sql("DELETE FROM evidence WHERE rowid = (SELECT max(rowid) FROM evidence)"), "evidence"),
        "row added": (_sql(_ADDED), "evidence"),
        "entries reordered": (_sql(*_REORDERED), "entry"),
        "two files exchanged": (_exchanged, ".warc.gz"),
        "a file replaced by another valid WARC": (_replaced, ".warc.gz"),
        "insider: the last run taken back": (lambda archive: _put(archive, earlier), "cut off"),
        "insider: everything made anew": (lambda archive: _put(archive, anew), "anew"),
    }
    seen, alone, missed = 0, 0, list[str]()
    for number, (name, (tamper, word)) in enumerate(kinds.items()):
        archive = folder / f"tampered-{number}"
        shutil.copytree(whole, archive)
        tamper(archive)
        status, lines = held.verify(archive, "--anchor", head)
        named = any(word in json.dumps(line) for line in lines)
        seen += status == 1 and named
        alone += held.verify(archive)[0] == 1
        missed += [] if status == 1 and named else [f"{name}: {status} {lines[:2]}"]
    measured = f"{seen} of {len(kinds)} with an anchor, each named; {alone} of {len(kinds)} without one"
    return Result(NAME, TARGET, measured, not missed, {"kinds": list(kinds), "seen": seen, "without": alone, "missed": missed})


def _saved(archive: Path, works: list[work.Work], folder: Path) -> None:
    for one in works:
        if (run := forked.start(work.save(archive, one), folder)).ended() != 0:
            raise AssertionError(run.complaint)


_ADDED = (
    "INSERT INTO evidence (id, outcome, position, method, value, verdict, detail)"
    " SELECT outcome || '#99', outcome, 99, method, 'added', verdict, detail FROM evidence LIMIT 1"
)
_REORDERED = (
    "UPDATE ledger SET seq = -1 WHERE seq = 4",
    "UPDATE ledger SET seq = 4 WHERE seq = 5",
    "UPDATE ledger SET seq = 5 WHERE seq = -1",
)


def _sql(*statements: str) -> Callable[[Path], None]:
    def change(archive: Path) -> None:
        connection = sqlite3.connect(archive / store.INDEX_NAME)
        with connection:
            for statement in statements:
                if connection.execute(statement).rowcount != 1:
                    raise AssertionError(f"changed nothing: {statement}")
        connection.close()

    return change


def _record_altered(archive: Path) -> None:
    """A photo's pixels, in a gzip member of the same length, with every digest in the record and the row made to agree."""
    sql = (
        "SELECT r.id, r.segment, r.offset, r.length FROM records AS r JOIN captures AS c ON c.id = r.id"
        " WHERE c.content_type = 'image/jpeg' AND c.refers_to IS NULL LIMIT 1"
    )
    ((record, segment, offset, length),) = held.rows(archive, sql)
    path = archive / store.WARC_FOLDER / segment
    data = bytearray(path.read_bytes())
    unpacked = bytearray(zlib.decompress(bytes(data[offset : offset + length]), 31))
    head, _, block = bytes(unpacked).partition(b"\r\n\r\n")
    changed = block[:-20] + bytes([block[-20] ^ 255]) + block[-19:]
    body = changed.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n\r\n")
    old_body = block.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n\r\n")
    for old, new in ((old_body, body), (block.removesuffix(b"\r\n\r\n"), changed.removesuffix(b"\r\n\r\n"))):
        head = head.replace(held.sha1(old).encode(), held.sha1(new).encode())
    packer = zlib.compressobj(0, zlib.DEFLATED, 31)
    member = packer.compress(head + b"\r\n\r\n" + changed) + packer.flush()
    if len(member) != length:
        raise AssertionError("the forged record has another length")
    data[offset : offset + length] = member
    _overwrite(path, bytes(data))
    payload, digest = held.sha1(body), held.sha256(member)
    _sql(
        f"UPDATE records SET sha256 = '{digest}' WHERE id = '{record}'",  # noqa: S608
        f"UPDATE captures SET payload_digest = '{payload}', payload_sha256 = '{held.sha256(body)}' WHERE id = '{record}'",  # noqa: S608
    )(archive)


def _contents(archive: Path) -> list[Path]:
    return sorted((archive / store.WARC_FOLDER).glob("stand-in-*"))


def _exchanged(archive: Path) -> None:
    first, second, *_ = _contents(archive)
    between = first.with_name("between")
    first.rename(between)
    second.rename(first)
    between.rename(second)


def _replaced(archive: Path) -> None:
    made = BytesIO()
    writer = WARCWriter(made, gzip=True)
    writer.write_record(writer.create_warc_record("https://news.example/", "resource", payload=BytesIO(b"other words")))
    _overwrite(_contents(archive)[0], made.getvalue())


def _overwrite(path: Path, data: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(data)


def _put(archive: Path, other: Path) -> None:
    """Another archive in the place of this one."""
    shutil.rmtree(archive)
    shutil.copytree(other, archive)
