"""Is everything still there and unaltered? Reads the files and the index; changes nothing, asks nobody."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver.archive import WARC_FOLDER
from archiver.provenance.index import Index
from archiver.warc import read as warc_read
from archiver.warc.record import safe_uri


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that is not as it was written. `offset` is None where it is about a whole file."""

    kind: str
    file: str
    offset: int | None
    record: str | None
    url: str | None
    detail: str


def check(root: Path, index: Index, progress: Callable[[int], None]) -> Iterator[Damage]:
    """Every record against the digest of its stored bytes, and its row against its header; every file against the index.

    `progress` is told how many bytes were read. Raises ArchiveDamaged where the index itself cannot be read.
    """
    for problem in index.problems():
        yield Damage("index", index_name(index), None, None, None, problem)
    folder = root / WARC_FOLDER
    segments = index.segments()
    for segment in segments:
        yield from _segment(folder / segment["name"], segment, index.records(segment["name"]), progress)
    known = {segment["name"] for segment in segments}
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.name not in known:
            yield Damage(
                "unknown-file", path.name, None, None, None, "no row names this file: another program's, or a cut off run's"
            )


def index_name(index: Index) -> str:
    return Path(str(index.db.conn.execute("PRAGMA database_list").fetchone()[2])).name


def _segment(
    path: Path, segment: dict[str, Any], records: list[dict[str, Any]], progress: Callable[[int], None]
) -> Iterator[Damage]:
    if not path.is_file():
        for record in records:
            yield _damage("missing", path, record, "the file is missing")
        return
    end = 0
    with path.open("rb") as file:
        for record in records:
            if record["offset"] != end:
                yield _damage("rows", path, record, f"the rows leave bytes {end} to {record['offset']} without a record")
            file.seek(record["offset"])
            data = file.read(record["length"])
            progress(len(data))
            end = record["offset"] + record["length"]
            if len(data) < record["length"]:
                yield _damage("cut", path, record, f"{len(data)} of {record['length']} bytes are there")
            elif hashlib.sha256(data).hexdigest() != record["sha256"]:
                yield _damage("altered", path, record, "the stored bytes are not those that were written")
            else:
                yield from _row(path, record, data)
        size = path.stat().st_size
    if end != segment["bytes"]:
        yield Damage("rows", path.name, end, None, None, f"the rows end at {end}, the segment at {segment['bytes']}")
    if size > segment["bytes"]:
        extra = f"{size - segment['bytes']} bytes that no row names: added, or of a run that was cut off"
        yield Damage("extra", path.name, segment["bytes"], None, None, extra)


def _row(path: Path, record: dict[str, Any], data: bytes) -> Iterator[Damage]:
    """The bytes are as written; are the rows still what they say?"""
    try:
        stored = warc_read.parse(data)
    except (ValueError, UnicodeDecodeError) as error:
        yield _damage("unreadable", path, record, str(error))
        return
    expected = {"WARC-Record-ID": f"<{record['id']}>", "WARC-Type": record["type"], "WARC-Date": record["date"]}
    if record["url"] is not None:
        expected |= {"WARC-Target-URI": safe_uri(record["url"]), "WARC-Payload-Digest": record["payload_digest"]}
    for name, value in expected.items():
        if stored.field(name) != value:
            yield _damage("row-altered", path, record, f"the row says {name} {value}, the record {stored.field(name)}")


def _damage(kind: str, path: Path, record: dict[str, Any], detail: str) -> Damage:
    return Damage(kind, path.name, record["offset"], record["id"], record["url"], detail)


def total_bytes(index: Index) -> int:
    """How much there is to read."""
    return sum(segment["bytes"] for segment in index.segments())
