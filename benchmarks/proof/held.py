"""What an archive holds, looked at from outside: by the files, by SQLite and by warcio, and by its own `verify`.

Nothing here trusts what the program says of itself where the files can be asked.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import json
import sqlite3
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator

from archiver import archive as store
from archiver.cli import main
from archiver.model import RunFacts

OPEN = ".open"
Snapshot = dict[str, tuple[int, int, int, bytes]]


def call(*arguments: str | Path) -> tuple[int, str, str]:
    """The program in this process: its exit status, and what it printed."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 1
    return status, out.getvalue(), err.getvalue()


def verify(archive: Path, *arguments: str | Path) -> tuple[int, list[dict[str, Any]]]:
    """`archiver verify --json`: its exit status and what it names."""
    status, out, _ = call("verify", "--json", "--archive", archive, *arguments)
    return status, as_lines(out)


def as_lines(out: str) -> list[dict[str, Any]]:
    """What was printed with --json."""
    return [json.loads(line) for line in out.splitlines()]


def recover(archive: Path) -> list[str]:
    """A run on the archive that has nothing to do; what it had to set right. Raises ArchiverError."""
    with store.open_for_writing(archive, user_agent="proof") as writing:
        notices = writing.begin_run(RunFacts("proof", "proof", "proof", offline=True))
        writing.end_run(0)
    return notices


def rows(archive: Path, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    """What the index answers, asked without the program."""
    connection = sqlite3.connect(f"{(archive / store.INDEX_NAME).as_uri()}?mode=ro", uri=True)
    try:
        return connection.execute(sql, parameters).fetchall()
    finally:
        connection.close()


def captures(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every capture that the lines of `save` acknowledge."""
    return [capture for line in lines for capture in line.get("captures", ())]


def lost(archive: Path, acknowledged: Iterable[dict[str, Any]]) -> list[str]:
    """What lines of `save` acknowledged and is not there: captures in the files and in the index, outcomes in the index."""
    lines = list(acknowledged)
    connection = sqlite3.connect(f"{(archive / store.INDEX_NAME).as_uri()}?mode=ro", uri=True)
    try:
        found = [fault for line in lines if (fault := _outcome_fault(connection, line))]
        sql = "SELECT r.segment, r.offset, r.length FROM captures AS c JOIN records AS r ON r.id = c.id WHERE c.id = ?"
        for key, one in {one["record_id"]: one for one in captures(lines)}.items():
            row = connection.execute(sql, [key]).fetchone()
            if row != (one["warc"], one["offset"], one["length"]):
                found.append(f"{key}: the index says {row}")
            elif fault := _fault(archive / store.WARC_FOLDER / one["warc"], one):
                found.append(f"{key}: {fault}")
    finally:
        connection.close()
    return found


def _outcome_fault(connection: sqlite3.Connection, line: dict[str, Any]) -> str:
    """What the index lacks of an outcome; nothing where it has it, with all the captures that it rests on."""
    wanted = [(one["record_id"], one["purpose"]) for one in line["captures"]]
    rows = connection.execute(
        "SELECT o.id FROM outcomes AS o JOIN embeds AS e ON e.id = o.embed"
        " WHERE o.state = ? AND o.post_id IS ? AND o.url IS ? AND e.position = ?",
        [line["state"], line["post_id"], line["url"], line["position"]],
    )
    sql = "SELECT capture, purpose FROM outcome_captures WHERE outcome = ? ORDER BY position"
    if any(connection.execute(sql, row).fetchall() == wanted for row in rows.fetchall()):
        return ""
    return f"outcome of embed {line['position']} of {line['article']}: the index has no such row"


def _fault(path: Path, capture: dict[str, Any]) -> str:
    """What is wrong with a capture's stored record; nothing where it is whole and the one that was acknowledged."""
    path = path if path.exists() else path.with_name(path.name + OPEN)
    try:
        with path.open("rb") as file:
            file.seek(capture["offset"])
            data = zlib.decompress(file.read(capture["length"]), 31)
    except (OSError, zlib.error) as error:
        return str(error)
    head, _, rest = data.partition(b"\r\n\r\n")
    fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    block = rest.removesuffix(b"\r\n\r\n")
    said = (fields["WARC-Record-ID"], fields["WARC-Payload-Digest"], fields["WARC-Block-Digest"], int(fields["Content-Length"]))
    kept = (f"<{capture['record_id']}>", capture["payload_digest"], sha1(block), len(block))
    return "" if said == kept else f"the record is {said}, not {kept}"


def sha1(data: bytes) -> str:
    """As WARC records have it."""
    return "sha1:" + base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def unreadable(archive: Path) -> tuple[int, list[str]]:
    """How many records warcio reads in all WARC files, digests checked, and what it cannot read."""
    count, found = 0, []
    for path in sorted((archive / store.WARC_FOLDER).iterdir()):
        try:
            with path.open("rb") as file:
                for record in ArchiveIterator(file, check_digests="raise"):
                    record.content_stream().read()
                    count += 1
        except Exception as error:  # warcio raises many kinds
            found.append(f"{path.name}: {error}")
    return count, found


def index_faults(archive: Path) -> list[str]:
    """What SQLite finds wrong with the index, and whether its rows tile the WARC files from their first byte to their last."""
    connection = sqlite3.connect(f"{(archive / store.INDEX_NAME).as_uri()}?mode=ro", uri=True)
    try:
        found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok"]
        found += [f"foreign key: {row}" for row in connection.execute("PRAGMA foreign_key_check")]
        rows = connection.execute("SELECT segment, offset, length FROM records ORDER BY segment, offset").fetchall()
    finally:
        connection.close()
    ends: dict[str, int] = {}
    for segment, offset, length in rows:
        if offset != ends.get(segment, 0):
            found.append(f"{segment}: the rows leave {ends.get(segment, 0)} to {offset}")
        ends[segment] = offset + length
    sizes = {plain(path.name): path.stat().st_size for path in (archive / store.WARC_FOLDER).iterdir()}
    if sizes != ends:
        found.append(f"files and rows end elsewhere: {set(sizes.items()) ^ set(ends.items())}")
    return found


def plain(name: str) -> str:
    """A segment's name, sealed or not."""
    return name.removesuffix(OPEN)


def snapshot(archive: Path, earlier: Snapshot | None = None) -> Snapshot:
    """Every file: inode, time, size, bytes. What has not changed since `earlier` is not read again."""
    made: Snapshot = {}
    for path in archive.rglob("*"):
        if not path.is_file() or path.name == store.LOCK_NAME:
            continue
        name, stat = str(path.relative_to(archive)), path.stat()
        key = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        before = (earlier or {}).get(name)
        made[name] = before if before and before[:3] == key else (*key, path.read_bytes())
    return made


def not_conserved(before: Snapshot, after: Snapshot) -> list[str]:
    """Files in `warc/` and `quarantine/` of which recovery lost a byte: what it kept and what it set aside must be what was."""
    kept = {plain(name): entry[3] for name, entry in after.items()}
    aside = {entry[3] for name, entry in after.items() if name.startswith(store.QUARANTINE_FOLDER) and name not in before}
    found = []
    for name, (*_, data) in before.items():
        if not name.startswith((store.WARC_FOLDER, store.QUARANTINE_FOLDER)):
            continue
        left = kept.get(plain(name), b"")
        if data != left and not (data.startswith(left) and data[len(left) :] in aside):
            found.append(f"{name}: {len(data)} bytes before, {len(left)} after, the rest is not in quarantine")
    return found


def recovery_faults(archive: Path) -> list[str]:
    """What is wrong with how the archive recovers: bytes lost, a second recovery that does anything. Raises ArchiverError."""
    before = snapshot(archive)
    recover(archive)
    once = snapshot(archive, before)
    found = not_conserved(before, once)
    notices = recover(archive)
    again = snapshot(archive, once)
    kept = (store.WARC_FOLDER, store.QUARANTINE_FOLDER)
    changed = [name for name in once if name.startswith(kept) and once[name][3] != again.get(name, (0, 0, 0, b""))[3]]
    aside = [name for name in again if name.startswith(store.QUARANTINE_FOLDER) and name not in once]
    if notices or changed or aside:
        found.append(f"a second recovery did something: {notices} {changed} {aside}")
    return found
