"""The index made anew from the WARC files alone: the ledger's records hold every row that was ever written."""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver.archive import INDEX_NAME, QUARANTINE_FOLDER, WARC_FOLDER, locked, open_for_writing, refusals
from archiver.errors import ArchiveDamaged, UsageError
from archiver.model import RecordRef, RunFacts
from archiver.provenance.index import Index
from archiver.verifier import ledger_entry
from archiver.warc.segment import OPEN, sync_file, sync_folder
from archiver.warc.stub import TARGET

_PIECE = 1024 * 1024
_FIELD = re.compile(rb"(?m)^(WARC-Record-ID|WARC-Type|WARC-Date|WARC-Target-URI|Content-Type): ([^\r\n]*)\r?$")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was made: so many entries, from so many files; and what had to be set right, a line each."""

    entries: int
    files: int
    notices: tuple[str, ...]


def reindex(root: Path, told: RunFacts, user_agent: str, progress: Callable[[int], None] = lambda _: None) -> Rebuilt:
    """Make the index of the archive at `root` anew. The one that is there goes to `quarantine/`; the WARC files stay.

    `progress` is told the number of each entry. Raises UsageError, also where this is a copy in which entries are withheld;
    ArchiveDamaged where entries are missing or altered (nothing is changed then), ArchiveBusy, ArchiveWriteError.
    """
    folder, path, made = root / WARC_FOLDER, root / INDEX_NAME, root / f"{INDEX_NAME}.rebuilt"
    if not folder.is_dir():
        raise UsageError(f"{root}: there is no archive here")
    with locked(root), refusals(root):
        ledgers = sorted(_ledgers(folder), key=lambda one: one[0])
        if not ledgers:
            raise ArchiveDamaged(f"{folder}: holds no ledger; its files are of a version that kept none, or of another program")
        made.unlink(missing_ok=True)  # of a rebuilding that was cut off
        count = 0
        try:
            index = Index.open(made)
            try:
                index.migrate()
                for count in index.replay(entry for _, name in ledgers for entry in _entries(name)):
                    progress(count)
            finally:
                index.close()
            sync_file(made)
        except BaseException:
            made.unlink(missing_ok=True)
            raise
        _put_in_place(root, path, made)
    with open_for_writing(root, user_agent=user_agent) as archive:
        notices = archive.begin_run(told)
        archive.add_custody("reindexed", INDEX_NAME, f"made anew from {count} entries in {len(ledgers)} files")
        archive.end_run(0)
    return Rebuilt(count, len(ledgers), tuple(notices))


def _put_in_place(root: Path, path: Path, made: Path) -> None:
    """The old index, and what SQLite had beside it, to quarantine; the new one in its place."""
    quarantine, token = root / QUARANTINE_FOLDER, secrets.token_hex(4)
    for name in (INDEX_NAME, f"{INDEX_NAME}-journal"):
        if (root / name).exists():
            quarantine.mkdir(exist_ok=True)
            (root / name).rename(quarantine / f"{name}.{token}")
            sync_folder(quarantine)
    made.rename(path)
    sync_folder(root)


def _ledgers(folder: Path) -> Iterator[tuple[int, Path]]:
    """The files that hold entries of the ledger, each with the number of its first."""
    for path in folder.glob("ledger-*"):
        if path.name.endswith((".warc.gz", f".warc.gz{OPEN}")) and (first := next(_entries(path), None)):
            yield first[0]["seq"], path


def _entries(path: Path) -> Iterator[tuple[dict[str, Any], bytes, RecordRef]]:
    """The entries in a ledger's segment, the text of their rows, and their records. A file that a run left open ends where a
    member is not whole.

    Raises ArchiveDamaged where a sealed one does, UsageError where an entry is withheld.
    """
    name, sealed = path.name.removesuffix(OPEN), not path.name.endswith(OPEN)
    for offset, member in _members(path):
        try:
            told = {field.decode(): value.decode() for field, value in _FIELD.findall(zlib.decompress(member, 31))}
            if told.get("WARC-Target-URI", "").startswith(TARGET):
                raise UsageError(
                    f"{path}: the entry at offset {offset} is withheld: this is a copy that was made for handing over, and its"
                    f" index cannot be made anew. Take {INDEX_NAME} once more from where you have the copy from"
                )
            if "ledger" in told["Content-Type"]:
                entry, rows = ledger_entry(member)
                record, digest = told["WARC-Record-ID"].strip("<>"), hashlib.sha256(member).hexdigest()
                yield entry, rows, RecordRef(record, name, offset, len(member), told["WARC-Type"], told["WARC-Date"], digest)
        except (ValueError, KeyError, zlib.error) as error:
            if sealed:
                raise ArchiveDamaged(f"{path}: the record at offset {offset} cannot be read: {error}") from None
            return


def _members(path: Path) -> Iterator[tuple[int, bytes]]:
    """The gzip members of a file, packed as they are, each with its offset; the last one as far as it goes."""
    with path.open("rb") as file:
        offset, waiting = 0, file.read(_PIECE)
        while waiting:
            member, unpacker = b"", zlib.decompressobj(31)
            while not unpacker.eof and waiting:
                try:
                    unpacker.decompress(waiting)
                except zlib.error:
                    yield offset, member + waiting
                    return
                rest = unpacker.unused_data
                member += waiting[: len(waiting) - len(rest)]
                waiting = rest or (b"" if unpacker.eof else file.read(_PIECE))
            yield offset, member
            offset += len(member)
            waiting = waiting or file.read(_PIECE)
