"""A copy of the archive for handing over: without what is withheld, and with all that is needed to check the rest."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from archiver import verifier
from archiver.archive import INDEX_NAME, WARC_FOLDER, Archive, open_for_writing, open_read_only, refusals, write_pages
from archiver.custody.withholding import Withheld, at_work, counts, reasons, refuse_copy, settle, stub_of, summary
from archiver.errors import ArchiveDamaged, ArchiverError, UsageError
from archiver.model import RunFacts
from archiver.provenance.index import Index, Row
from archiver.provenance.withholding import blanked
from archiver.warc.segment import sync_file, sync_folder

PARTIAL = ".partial"
README_NAME = "README.txt"
VERIFIER_NAME = "verifier.py"
_PIECE = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Exported:
    """A copy that was made: where, the head of its ledger, how much it holds, and what was withheld."""

    folder: Path
    seq: int
    hash: str
    files: int
    records: int
    bytes: int
    withheld: Withheld
    counts: Mapping[str, int]


def export(
    root: Path,
    folder: Path,
    told: RunFacts,
    user_agent: str,
    *,
    paths: bool = True,
    progress: Callable[[int], None] = lambda _: None,
) -> Exported:
    """Copy the archive at `root` to `folder`. That this was done is in its ledger before, and so in the copy's.

    The copy is checked before it has its name. Without `paths`, names of files and folders of this machine are left out, too.
    `progress` is told how many bytes were copied. Raises UsageError where the folder is not empty or no place for a copy,
    ArchiveDamaged where the archive is not whole, ArchiveBusy, ArchiveWriteError.
    """
    partial = folder.with_name(f"{folder.name}{PARTIAL}")
    _refuse(root, folder, partial)
    with closing(open_read_only(root)) as index:
        refuse_copy(root, index)
    with open_for_writing(root, user_agent=user_agent) as archive:
        with at_work(archive, told) as notices:
            roots = reasons(archive.index)
            seq, hash_ = archive.index.head() or (0, verifier.GENESIS)
            reach = settle(archive, roots, [], paths=paths)
            withheld = archive.index.withheld()
            what = f"{_counted(archive.index, withheld)}; entry {seq} was the head, {hash_}"
            archive.add_custody("exported", folder.name, what)
        try:
            copied = _copy(archive, partial, withheld, progress)
            with refusals(folder):
                _name(partial, folder)
        except BaseException as error:
            shutil.rmtree(partial, ignore_errors=True)
            _note_failure(archive, told, folder.name, error)
            raise
        return Exported(folder, *copied, summary(roots, reach, notices), counts(withheld))


def _refuse(root: Path, folder: Path, partial: Path) -> None:
    """Raises UsageError: nothing is overwritten, and no archive is copied into itself."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder}: is there already; name a folder that is not, or an empty one")
    if partial.exists():
        raise UsageError(f"{partial}: is left of an export that was cut off; delete it, or name another folder")
    here, there = root.resolve(), folder.resolve()
    if here == there or here in there.parents or there in here.parents:
        raise UsageError(f"{folder}: an archive cannot be copied into itself; name a folder elsewhere")


def _counted(index: Index, withheld: Mapping[str, Row]) -> str:
    records, files = index.size()
    told = ", ".join(f"{number} {kind}" for kind, number in counts(withheld).items()) or "nothing"
    return f"{records} records in {files} files; withheld: {told}"


def _note_failure(archive: Archive, told: RunFacts, name: str, error: BaseException) -> None:
    """That it came to nothing is on record too, where that can be written at all."""
    with suppress(ArchiverError):
        archive.begin_run(told)
        archive.add_custody("exported", name, f"did not come about: no copy was made ({type(error).__name__})")
        archive.end_run(error.status if isinstance(error, ArchiverError) else 1)


def _copy(
    archive: Archive, to: Path, withheld: Mapping[str, Row], progress: Callable[[int], None]
) -> tuple[int, str, int, int, int]:
    """All that is in a copy, checked: its head, and how many files, records and bytes of WARC it has."""
    index, folder = archive.index, to / WARC_FOLDER
    seq, hash_ = index.head() or (0, verifier.GENESIS)
    records, files = index.size()
    with refusals(to):
        folder.mkdir(parents=True)
        for segment in index.segments():
            _copy_segment(archive, segment["name"], folder / segment["name"], withheld, progress)
        _copy_index(index.db.conn, to / INDEX_NAME, withheld)
        write_pages(to / INDEX_NAME, (seq, hash_))
        shutil.copyfile(verifier.__file__, to / VERIFIER_NAME)
        if (archive.root / verifier.ANCHOR_FOLDER).is_dir():
            left = shutil.ignore_patterns("*.partial")
            shutil.copytree(
                archive.root / verifier.ANCHOR_FOLDER, to / verifier.ANCHOR_FOLDER, copy_function=shutil.copyfile, ignore=left
            )
        (to / README_NAME).write_text(_readme(seq, hash_, records, files, withheld), "utf-8")
    damage = next((one for one in verifier.check(to) if one.damage), None)
    if damage is not None:
        where = "" if damage.offset is None else f" offset {damage.offset}"
        raise ArchiveDamaged(f"{archive.root}: {damage.file}{where}: {damage.detail}; `archiver verify` has all of it")
    with refusals(to):
        for path in sorted(to.rglob("*"), reverse=True):
            (sync_folder if path.is_dir() else sync_file)(path)
        for path in folder.iterdir():
            path.chmod(0o444)
        sync_folder(to)
    return seq, hash_, files, records, verifier.total_bytes(to)


def _copy_segment(archive: Archive, name: str, to: Path, withheld: Mapping[str, Row], progress: Callable[[int], None]) -> None:
    """A segment with stubs in the place of what is withheld."""
    with (archive.root / WARC_FOLDER / name).open("rb") as source, to.open("xb") as copy:
        for record in archive.index.records(name):
            source.seek(record["offset"])
            held = withheld.get(record["id"])
            for piece in stub_of(record, held["moment"]) if held else _pieces(source.read, record["length"]):
                copy.write(piece)
            progress(record["length"])


def _pieces(read: Callable[[int], bytes], length: int) -> Iterator[bytes]:
    while length and (piece := read(min(length, _PIECE))):
        length -= len(piece)
        yield piece


def _copy_index(source: sqlite3.Connection, to: Path, withheld: Mapping[str, Row]) -> None:
    """The index without the words of withheld rows: not in a row, not in what is searched, not in a page that is free."""
    with closing(sqlite3.connect(to, isolation_level=None)) as made:
        source.backup(made)
        index = Index(made)
        made.execute("PRAGMA secure_delete=ON")
        made.execute("BEGIN")
        for key, row in withheld.items():
            table, _, one = key.partition(" ")
            if one and row["blank"]:
                index.replace(table, blanked(table, index.row(table, one)))
        made.execute("COMMIT")
        index.vacuum()


def _name(partial: Path, folder: Path) -> None:
    if folder.is_dir():
        folder.rmdir()  # it is empty
    partial.rename(folder)
    sync_folder(folder.absolute().parent)


def _readme(seq: int, hash_: str, records: int, files: int, withheld: Mapping[str, Row]) -> str:
    told = "\n".join(f"  {number} of {kind}" for kind, number in counts(withheld).items()) or "  nothing"
    return _README.format(seq=seq, hash=hash_, records=records, files=files, withheld=told)


_README = """\
An archive of posts that news articles embed, exported for handing over.

What is here
  warc/              {records} records in {files} WARC files: bytes received by the client that saved them, at the times given
  archive.db         the index, a SQLite database: what was received when, from where, for which line of which article
  archive.db.pages   the digest of each page of archive.db
  verifier.py        checks all of it; needs Python 3.11 or later, and nothing else

How to check it
  python verifier.py .

  It reads and changes nothing. It compares every stored byte and every row with the ledger, a chain of digests, and says
  what is not as it was written. Exit status 0: all is, but for what is withheld. Compare the head of the ledger that it
  prints with this one, and both with one that you were given on another way, or that an authority has stamped:

  entry {seq}
  hash  {hash}

  A head that was kept earlier is checked with: python verifier.py . --anchor FILE
  Take a verifier.py that you trust: one that came with the copy can have been altered with it.

What was withheld
{withheld}

  Where a record was withheld there is another one of the same length that says so. In a row the words are replaced by
  "[withheld]". The ledger still has the digests of what was there, so nothing else can be in its place unseen. The reasons
  are in the table `withheld` of archive.db.

What it does not prove
  It proves that these bytes are those that the client wrote down as received, in this order, and that none was altered,
  added or left out since the head was made known. It does not prove that a post existed, that its author wrote it, that the
  server was whose name it bore, or that the machine's clock was right. What is marked as STAND-IN was never received from
  the address it names.
"""
