#!/usr/bin/env python3
"""Is an archive still what it was? Needs Python 3.11 and nothing else: this one file can be handed over with an archive.

    python verifier.py ARCHIVE [--deep] [--anchor FILE]... [--json]

It reads, and changes nothing. The rules that it checks by are those of `docs/ledger.md`; the program that writes archives takes
the functions below that make digests from here, so there is one form of them.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import sqlite3
import sys
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from operator import methodcaller
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, NoReturn, cast

INDEX_NAME = "archive.db"
WARC_FOLDER = "warc"
ANCHOR_FOLDER = "anchors"
OPEN = ".open"
PAGES_NAME = "archive.db.pages"
GENESIS = "0" * 64
_PIECE = 4 * 1024 * 1024
_BUFFER = 256 * 1024
_BYTES_AT_ONCE = 16 * 1024 * 1024
_BYTES_EACH = 64 * 1024 * 1024  # less is digested sooner than a process is begun
_ROWS_AT_ONCE = 500
_SWITCH_SECONDS = 0.0002  # how long a thread that has an answer, and a next question, may be kept waiting
ROW_DOMAIN = b"archiver row 1\n"
ENTRY_DOMAIN = b"archiver ledger 1\n"
# The tables that the chain covers, each after those that its rows point to.
LEDGERED = (
    "runs",
    "segments",
    "records",
    "captures",
    "articles",
    "sources",
    "embeds",
    "mementos",
    "posts",
    "media",
    "links",
    "choices",
    "relations",
    "outcomes",
    "outcome_captures",
    "evidence",
    "failures",
    "article_media",
    "unanswered",
    "waits",
    "attempts",
    "custody",
    "withheld",
    "anchors",
)


def canonical(value: Any) -> bytes:
    """The one form in which a value is digested: JSON with sorted keys, no white space, ASCII."""
    return _ENCODER.encode(value).encode()


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, check_circular=False)


def row_digests(rows: Iterable[tuple[str, Mapping[str, Any]]]) -> list[str]:
    """SHA-256 of each row, hexadecimal, each given with its table. Null columns are left out, so that one which a later schema
    adds changes nothing."""
    return digests_in(canonical([(table, _without_null(row)) for table, row in rows]))


def _without_null(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {column: value for column, value in row.items() if value is not None} if None in row.values() else row


def digests_in(rows: bytes) -> list[str]:
    """The digests of rows that stand in one canonical list. Between two of them is `}],["`, and within none: a row holds no
    list, and in a string a quotation mark is escaped. To cut it there is several times as fast as to write each by itself."""
    return (
        [hashlib.sha256(b'%b["%b}]' % (ROW_DOMAIN, row)).hexdigest() for row in rows[3:-3].split(b'}],["')] if rows[3:] else []
    )


def entry_hash(entry: Mapping[str, Any], changes: str) -> str:
    """SHA-256 of a ledger entry, hexadecimal: over the hash of the one before it, so that none can be left out or moved.

    `changes` is the canonical form of a list of `[table, key, digest]`, in the order in which they were made.
    """
    told = canonical([entry[name] for name in ("seq", "previous", "run", "written", "elapsed", "schema", "record")])
    return hashlib.sha256(ENTRY_DOMAIN + told + b"\n" + changes.encode()).hexdigest()


# What reading a damaged index may come to: a column, or an error's own words, may be anything then.
_UNREADABLE = (sqlite3.Error, ValueError, TypeError, OverflowError, AttributeError)


class Unreadable(Exception):
    """There is no archive here, or its index cannot be read at all."""


class Finding(NamedTuple):
    """One thing that is not as it was written.

    `kind`: of a WARC file `missing`, `cut`, `altered`, `extra`, `unknown-file`, `twice`, `unreadable` (for the disk; with
    `deep` as a record); of the index `index`, `page`, `row-altered`, `row-added`, `row-removed`; of the chain `ledger`;
    `anchor`. Two are no damage: `unfinished`: a run is at work, or was cut off; `withheld`: what a copy was made without, as
    the ledger says. `offset` is None where it is about a whole file or a row.
    """

    kind: str
    file: str
    offset: int | None
    record: str | None
    url: str | None
    detail: str

    @property
    def damage(self) -> bool:
        return self.kind not in ("unfinished", "withheld")


def check(
    root: Path, progress: Callable[[int], None] = lambda _: None, *, deep: bool = False, heads: Iterable[Mapping[str, Any]] = ()
) -> Iterator[Finding]:
    """All that is not as it was written, in the archive at `root`: every stored byte against its digest, every row against the
    ledger, the ledger against its own hashes and its WARC records, the ledger's `heads` that were kept elsewhere.

    `progress` is told how many bytes were read, by several threads. With `deep`, each WARC record is unpacked too, and its own
    digests and its row's words are compared. Changes nothing and leaves nothing behind. Raises Unreadable.
    """
    try:
        with _reading(root) as index:
            yield from _all(root, index, progress, heads, deep=deep)
    except Unreadable as error:
        if not ((root / PAGES_NAME).is_file() and (root / INDEX_NAME).is_file()):
            raise
        yield Finding("index", INDEX_NAME, None, None, None, str(error))
        yield from _pages(root, root / INDEX_NAME, None)


@contextmanager
def _at_once(folder: Path, pieces: Sequence[_Piece], *, deep: bool) -> Iterator[Callable[[], None]]:
    """The pieces are read meanwhile, in their order. Gives what reads those that none has begun yet."""
    left, stopped, interval = iter(pieces), threading.Event(), sys.getswitchinterval()

    def work(reader: _Reader | None = None) -> None:
        while not stopped.is_set() and (piece := next(left, None)):
            piece.read(reader)

    wanted = min(8, max(1, (os.cpu_count() or 1) - 1), sum(piece.size for piece in pieces) // _BYTES_EACH)
    readers, threads = list[_Reader](), list[threading.Thread]()
    if not deep:
        sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        with suppress(RuntimeError, OSError):  # no more threads, or processes, to be had
            while len(threads) < wanted:
                readers += [] if deep else [_Reader(folder)]
                thread = threading.Thread(target=work, args=readers[-1:])
                thread.start()
                threads.append(thread)
        yield work
    finally:
        stopped.set()
        for thread in threads:
            thread.join()
        for reader in readers:
            reader.close()
        sys.setswitchinterval(interval)


class _Reader:
    """A process that digests records for a thread: threads alone would hand Python's lock to and fro, twice a record.

    It maps the files, which saves to copy them. Where one is cut meanwhile, or its disk fails, that kills this process only.
    """

    _PROGRAM = """
import hashlib, mmap, os, sys
folder = os.fsencode(sys.argv[1])
for line in sys.stdin.buffer:
    name, at, *lengths = line.split()
    path, at, told = os.path.join(folder, bytes.fromhex(name.decode())), int(at), []
    try:
        with open(path if os.path.exists(path) else path + sys.argv[2].encode(), "rb") as file:
            begin = at - at % mmap.ALLOCATIONGRANULARITY
            at -= begin
            size = at + sum(map(int, lengths))
            with mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ, offset=begin) as piece, memoryview(piece) as view:
                for length in map(int, lengths):
                    told.append(hashlib.sha256(view[at : at + length]).hexdigest())
                    at += length
    except (OSError, ValueError, OverflowError):
        told = []
    print(*told, flush=True)
"""

    def __init__(self, folder: Path) -> None:
        import subprocess  # only here: a small archive is checked sooner than this is imported

        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-S", "-c", self._PROGRAM, os.fspath(folder), OPEN],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._asked, self._answers = cast(BinaryIO, self._process.stdin), cast(BinaryIO, self._process.stdout)

    def stored(self, name: str, records: Sequence[_Record]) -> list[_Stored] | None:
        """What is there of records that follow each other; None where not all of it is to be had, or the process is gone."""
        told = " ".join([os.fsencode(name).hex(), str(records[0].offset), *[str(record.length) for record in records]])
        digests = list[str]()
        with suppress(OSError):
            self._asked.write(f"{told}\n".encode())
            self._asked.flush()
            digests = self._answers.readline().decode().split()
        if len(digests) != len(records):
            return None
        return [_Stored(record.length, digest, ()) for record, digest in zip(records, digests, strict=True)]

    def close(self) -> None:
        self._process.communicate()


def _all(
    root: Path, index: sqlite3.Connection, progress: Callable[[int], None], heads: Iterable[Mapping[str, Any]], *, deep: bool
) -> Iterator[Finding]:
    chain, folder = _Chain(), root / WARC_FOLDER
    try:
        sizes = _sizes(folder)  # before the rows: what a run appends in between is in them, and not too much
        index.execute("BEGIN")  # the rows and the chain as of one moment
        segments = [_segment(folder, name, index, progress, deep=deep) for name in _names(index)]
        with _at_once(folder, [piece for segment in segments for piece in segment.pieces], deep=deep) as read_the_rest:
            yield from _sqlite(index)
            yield from _entries(folder, index, chain)
            chain.withheld = _withheld(index, chain)
            yield from _rows(index, chain)
            anchors = index.execute("SELECT DISTINCT file, sha256 FROM anchors ORDER BY file").fetchall()
            index.execute("COMMIT")
            yield from (_head(head, chain) for head in heads if not chain.has(head))
            (path,) = (Path(row[2]) for row in index.execute("PRAGMA database_list") if row[1] == "main")
            yield from _pages(root, path, chain)
            yield from _anchors(root, anchors)
            yield from _others(chain)
            read_the_rest()
            yield from _files(root, index, sizes, segments, chain)
    except _UNREADABLE as error:
        yield Finding("index", INDEX_NAME, None, None, None, f"cannot be read on: {error}")
        yield from _pages(root, root / INDEX_NAME, None)


def head(root: Path) -> tuple[int, str]:
    """The last entry of the ledger: its number and its hash. Raises Unreadable."""
    with _reading(root) as index:
        row = index.execute("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1").fetchone()
        return (row[0], row[1]) if row else (0, GENESIS)


def total_bytes(root: Path) -> int:
    """How many bytes of WARC files there are to read."""
    folder = root / WARC_FOLDER
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) if folder.is_dir() else 0


# The index ------------------------------------------------------------------------------------------------------------


class _Other(NamedTuple):
    """An entry whose WARC record says something else than the index, unless that is withheld: where it is, and its digest."""

    seq: int
    record: str
    segment: str | None
    offset: int | None
    sha256: str


class _Chain:
    """What the ledger says: its head, the hash of each entry, and by table and key the digest that the row has now."""

    def __init__(self) -> None:
        self.seq = 0
        self.hash = GENESIS
        self.hashes: list[str] = []
        self.others: list[_Other] = []
        self.rows: dict[str, dict[str, str]] = {table: {} for table in LEDGERED}
        self.records: set[str] = set()  # the ledger's own
        self.withheld: dict[str, tuple[str, str]] = {}

    def stands_for(self, key: str, digest: str) -> str | None:
        """Why a record, or a table's row, is withheld, where what has this digest is what is to stand for it; else None."""
        reason, blank = self.withheld.get(key, ("", ""))
        return reason if reason and digest == blank else None

    def has(self, head: Mapping[str, Any]) -> bool:
        seq = head.get("seq")
        return isinstance(seq, int) and 1 <= seq <= len(self.hashes) and self.hashes[seq - 1] == head.get("hash")


@contextmanager
def _reading(root: Path) -> Iterator[sqlite3.Connection]:
    """The index, to be read. Where a run was cut off in the middle of a write it is a copy, in which SQLite sets that right."""
    path, journal = root / INDEX_NAME, root / f"{INDEX_NAME}-journal"
    if not path.is_file():
        raise Unreadable(f"{path}: is not there")
    with ExitStack() as stack:
        if journal.is_file() and journal.stat().st_size and not _at_work(root):
            import shutil  # only here: a small archive is checked sooner than these are imported
            import tempfile

            folder = stack.enter_context(tempfile.TemporaryDirectory())
            path = Path(shutil.copy(path, folder))
            shutil.copy(journal, folder)
            uri = path.resolve().as_uri()
        else:
            uri = f"{path.resolve().as_uri()}?mode=ro"
        index = stack.enter_context(closing(sqlite3.connect(uri, uri=True, timeout=30, isolation_level=None)))
        index.text_factory = methodcaller("decode", "utf-8", "surrogateescape")  # what was damaged is read, too
        try:
            present = {row[0] for row in index.execute("SELECT name FROM sqlite_master")}
        except _UNREADABLE as error:
            raise Unreadable(f"{root / INDEX_NAME}: cannot be read as an index: {error}") from None
        if "ledger" not in present:
            raise Unreadable(f"{root / INDEX_NAME}: has no ledger: it is of an older schema, or no archive's index")
        yield index


def _at_work(root: Path) -> bool:
    """True where a run holds the archive now."""
    try:
        import fcntl
    except ImportError:  # Windows: a file that a run has open can be neither moved nor read beside it
        return False
    try:
        with (root / "archive.lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _sqlite(index: sqlite3.Connection) -> Iterator[Finding]:
    """What SQLite itself finds wrong with the file."""
    for (problem,) in index.execute("PRAGMA integrity_check"):
        if problem != "ok":
            yield Finding("index", INDEX_NAME, None, None, None, str(problem))
    for table, row, parent, _ in index.execute("PRAGMA foreign_key_check"):
        yield Finding("index", INDEX_NAME, None, None, None, f"{table}: row {row} points to no row of {parent}")


_ENTRY = ("seq", "previous", "hash", "run", "written", "elapsed", "schema", "record", "changes")
_IN_RECORD = ("seq", "previous", "run", "written", "elapsed", "schema")


def _entries(folder: Path, index: sqlite3.Connection, chain: _Chain) -> Iterator[Finding]:
    """The ledger against its own hashes, and against the WARC records that hold it."""
    sql = (
        f"SELECT {', '.join(f'l.{name}' for name in _ENTRY)}, r.segment, r.offset, r.length"
        " FROM ledger AS l LEFT JOIN records AS r ON r.id = l.record ORDER BY l.seq"
    )
    with closing(_Members(folder)) as members:
        for *values, segment, offset, length in index.execute(sql):
            entry = dict(zip(_ENTRY, values, strict=True))
            seq, digests = entry["seq"], None
            if seq != chain.seq + 1:
                yield _ledger(seq, f"follows entry {chain.seq}: {seq - chain.seq - 1} entries are missing", entry["record"])
            elif entry["previous"] != chain.hash:
                yield _ledger(seq, "does not follow the entry before it: altered, or moved", entry["record"])
            try:
                changes = json.loads(entry["changes"])
                for table, key, digest in changes:
                    chain.rows[table][key] = digest
                digests = [digest for _, _, digest in changes]
                same = entry_hash(entry, entry["changes"]) == entry["hash"]
            except (ValueError, TypeError, KeyError, AttributeError):
                same = False
            if not same:
                yield _ledger(seq, "is not what its hash says: altered", entry["record"])
            chain.seq, chain.hash = seq, entry["hash"]
            chain.hashes.append(entry["hash"])
            chain.records.add(entry["record"])
            member = members.read(segment, offset, length)
            if member is not None and not _holds(member, entry, digests):
                digest = hashlib.sha256(member).hexdigest()
                chain.others.append(_Other(seq, entry["record"], _words(segment), offset, digest))


class _Members:
    """The gzip members of a folder's files, by their places. One file is open at a time: each run left one of the ledger."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name: object = None
        self._file: BinaryIO | None = None

    def read(self, name: object, offset: object, length: object) -> bytes | None:
        """The bytes there; none where no bytes can be there, None where there is no file, which is told of elsewhere."""
        if not (isinstance(name, str) and isinstance(offset, int) and isinstance(length, int)):
            return b""
        try:
            if name != self._name or self._file is None:
                self.close()
                self._file, self._name = _opened(self._folder, name), name
            self._file.seek(offset)
            return self._file.read(length)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, OverflowError):
            return b""

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _holds(member: bytes, entry: Mapping[str, Any], digests: list[str] | None) -> bool:
    """True where the member's block is the entry, letter for letter, with rows of those digests."""
    told = {name: entry[name] for name in _IN_RECORD} | {"ledger": 1, "rows": []}
    try:
        block = _block(member)
        head, _, tail = canonical(told).partition(b"[]")
    except (ValueError, TypeError, zlib.error):
        return False
    return block.startswith(head) and block.endswith(tail) and digests_in(block[len(head) : len(block) - len(tail)]) == digests


def _ledger(seq: int, detail: str, record: object) -> Finding:
    return Finding("ledger", INDEX_NAME, None, _words(record), None, f"entry {seq} {detail}")


def _withheld(index: sqlite3.Connection, chain: _Chain) -> dict[str, tuple[str, str]]:
    """What a copy may have something else for, by record id or table and key: why, and the digest of what. Only what the ledger
    says of it counts."""
    cursor = index.execute("SELECT * FROM withheld")
    columns = [one[0] for one in cursor.description]
    rows = (dict(zip(columns, values, strict=True)) for values in cursor)
    return {
        row["id"]: (row["reason"], row["blank"])
        for row in rows
        if row.get("blank") and chain.rows["withheld"].get(row["id"]) == _digest("withheld", row)
    }


def _rows(index: sqlite3.Connection, chain: _Chain) -> Iterator[Finding]:
    """Every row against the digest that the ledger has of it."""
    for table in LEDGERED:
        # In the order in which they are digested, which makes the digest of a row quicker.
        told = sorted(index.execute(f"PRAGMA table_info([{table}])"), key=lambda one: str(one[1]))
        columns, digests = [one[1] for one in told], chain.rows[table]
        keys = sorted((one[5], at) for at, one in enumerate(told) if one[5])
        for some in _some_at_once(index, f"SELECT {', '.join(f'[{one}]' for one in columns)} FROM [{table}]"):
            rows = [dict(zip(columns, values, strict=True)) for values in some]
            for values, row, now in zip(some, rows, _all_digests(table, rows), strict=True):
                key = " ".join([str(values[at]) for _, at in keys])
                digest = digests.pop(key, None)
                if now == digest:
                    continue
                if digest is None:
                    if not (table == "records" and key in chain.records):
                        yield _row("row-added", table, key, row, "no entry of the ledger has it")
                elif (reason := chain.stands_for(f"{table} {key}", now)) is not None:
                    yield _row("withheld", table, key, {}, f"its words are withheld: {reason}")
                else:
                    yield _row("row-altered", table, key, row, "is not what was written")
        for key in digests:
            yield _row("row-removed", table, key, {}, "the ledger has it, and it is gone")


def _some_at_once(index: sqlite3.Connection, sql: str) -> Iterator[list[tuple[Any, ...]]]:
    """All rows, so many at a time. SQLite's module decodes them itself, at half the time, until it meets what is no UTF-8."""
    done, exact = 0, index.text_factory
    index.text_factory = str
    try:
        cursor = index.execute(sql)
        while True:
            try:
                some = cursor.fetchmany(_ROWS_AT_ONCE)
            except sqlite3.OperationalError:
                if index.text_factory is exact:
                    raise
                index.text_factory = exact
                cursor = index.execute(f"{sql} LIMIT -1 OFFSET {done}")
                continue
            if not some:
                return
            yield some
            done += len(some)
    finally:
        index.text_factory = exact


def _all_digests(table: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    try:
        return row_digests((table, row) for row in rows)
    except (TypeError, ValueError):
        return [_digest(table, row) for row in rows]


def _digest(table: str, row: Mapping[str, Any]) -> str:
    """The row's digest; none where it holds what no row of ours does, as one that was damaged may."""
    try:
        return row_digests([(table, row)])[0]
    except (TypeError, ValueError):
        return ""


def _row(kind: str, table: str, key: str, row: Mapping[str, Any], detail: str) -> Finding:
    capture = row.get("capture") or (key if table in _BY_RECORD else None)
    return Finding(kind, INDEX_NAME, None, _words(capture), _words(row.get("url")), f"{table} {key}: {detail}")


def _words(value: object) -> str | None:
    return None if value is None else str(value)


_BY_RECORD = frozenset({"records", "captures", "mementos", "outcomes", "withheld"})


def _head(head: Mapping[str, Any], chain: _Chain) -> Finding:
    seq = head.get("seq")
    if isinstance(seq, int) and seq > len(chain.hashes):
        what = f"the ledger ends at entry {len(chain.hashes)}, the head that was kept elsewhere is entry {seq}: cut off"
    else:
        what = f"entry {seq} is not the one whose hash was kept elsewhere: the ledger was written anew"
    return Finding("anchor", INDEX_NAME, None, None, None, what)


def _pages(root: Path, path: Path, chain: _Chain | None) -> Iterator[Finding]:
    """Each page of the index, which lies at `path`, against its digest when the last run ended. It tells of bytes that no row
    holds, too, and of an index of which there is no `chain`, because it cannot be read."""
    beside = root / PAGES_NAME
    if not beside.is_file():
        if not _at_work(root):
            yield Finding("unfinished", PAGES_NAME, None, None, None, "is not there: the pages of the index were not compared")
        return
    told, own = beside.read_bytes()[:-65], beside.read_bytes()[-65:-1]
    if hashlib.sha256(told).hexdigest().encode() != own:
        yield Finding(
            "page", PAGES_NAME, None, None, None, "is not what was written, so the pages of the index were not compared"
        )
        return
    pages = json.loads(told)
    if chain and pages["seq"] > chain.seq:
        detail = f"had {pages['seq']} entries when the last run ended, has {chain.seq}"
        yield Finding("page", INDEX_NAME, None, None, None, detail)
    elif chain and pages["seq"] < chain.seq:
        if not _at_work(root):
            yield Finding("unfinished", PAGES_NAME, None, None, None, "is older than the index, whose pages were not compared")
        return
    size = pages["page_size"]
    with path.open("rb") as file:
        now = [hashlib.sha256(page).hexdigest() for page in iter(lambda: file.read(size), b"")]
    for number in range(max(len(now), len(pages["sha256"]))):
        if now[number : number + 1] != pages["sha256"][number : number + 1]:
            detail = f"page {number + 1} is not as the last run left it"
            yield Finding("page", INDEX_NAME, number * size, None, None, detail)


def _anchors(root: Path, anchors: Iterable[tuple[Any, Any]]) -> Iterator[Finding]:
    """The files of anchors against the digests of them that the index has."""
    for file, digest in anchors:
        path = root / ANCHOR_FOLDER / Path(file).name
        if not path.is_file():
            yield Finding("missing", f"{ANCHOR_FOLDER}/{file}", None, None, None, "the anchor's file is missing")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            yield Finding("altered", f"{ANCHOR_FOLDER}/{file}", None, None, None, "the anchor is not what was written")


# The WARC files -------------------------------------------------------------------------------------------------------


class _Segment(NamedTuple):
    """What the rows say is in a file."""

    name: str
    records: list[_Record]
    pieces: list[_Piece]


class _Piece:
    """Some records of a segment that follow each other, read once: by a thread, or by whoever asks for them before that."""

    def __init__(
        self, folder: Path, name: str, records: Sequence[_Record], progress: Callable[[int], None], *, deep: bool
    ) -> None:
        self.size = sum(record.length for record in records)
        self._folder, self._name, self._records, self._progress, self._deep = folder, name, records, progress, deep
        self._stored: list[_Stored] | None = None
        self._error: Exception | None = None
        self._lock = threading.Lock()

    def read(self, reader: _Reader | None = None) -> None:
        with self._lock:
            if self._stored is not None or self._error is not None:
                return
            try:
                self._stored = reader.stored(self._name, self._records) if reader else None
                if self._stored is None:
                    self._stored = list(_read(self._folder, self._name, self._records, self._progress, deep=self._deep))
                else:
                    self._progress(self.size)
            except Exception as error:  # it is raised where the records are asked for
                self._error = error

    def stored(self) -> list[_Stored]:
        """What was read. Raises what came in between."""
        self.read()
        if self._error is not None:
            raise self._error
        return self._stored or []


class _Record(NamedTuple):
    id: str
    offset: int
    length: int
    type: str
    date: str
    sha256: str
    payload_digest: str | None


class _Stored(NamedTuple):
    """What is there of a record: so many bytes, of this digest; and what is wrong within, where that was asked for. No length
    where the disk refuses it."""

    length: int | None
    sha256: str
    problems: tuple[str, ...]


def _sizes(folder: Path) -> dict[str, int]:
    """The files of a folder."""
    if not folder.is_dir():
        return {}
    return {one.name: one.stat().st_size for one in os.scandir(folder) if one.is_file()}


def _names(index: sqlite3.Connection) -> list[str]:
    return [row[0] for row in index.execute("SELECT name FROM segments ORDER BY name")]


def _segment(folder: Path, name: str, index: sqlite3.Connection, progress: Callable[[int], None], *, deep: bool) -> _Segment:
    """What is to be read of a segment."""
    told, join = ("c.payload_digest", "LEFT JOIN captures AS c ON c.id = r.id") if deep else ("NULL", "")
    sql = (
        f"SELECT r.id, r.offset, r.length, r.type, r.date, r.sha256, {told} FROM records AS r {join} WHERE r.segment = ?"
        " AND typeof(r.offset) = 'integer' AND r.offset >= 0 AND typeof(r.length) = 'integer' AND r.length > 0"
        " ORDER BY r.offset"
    )
    records, pieces = [_Record._make(values) for values in index.execute(sql, [name])], list[_Piece]()
    some, size = list[_Record](), 0
    for record, after in zip(records, [*records[1:], None], strict=True):
        some.append(record)
        size += record.length
        if size >= _BYTES_AT_ONCE or after is None or after.offset != record.offset + record.length:
            pieces.append(_Piece(folder, name, some, progress, deep=deep))
            some, size = [], 0
    return _Segment(name, records, pieces)


def _read(
    folder: Path, name: str, records: Sequence[_Record], progress: Callable[[int], None], *, deep: bool
) -> Iterator[_Stored]:
    """What is there of each of these records. Raises FileNotFoundError."""
    buffer, told = memoryview(bytearray(min(_PIECE, max((record.length for record in records), default=0)))), 0
    with _opened(folder, name, _BUFFER) as file:
        for record in records:
            digest, left, unpacked = hashlib.sha256(), record.length, _Unpacked() if deep else None
            try:
                file.seek(record.offset)
                while left and (count := file.readinto(buffer[:left])):
                    digest.update(buffer[:count])
                    left -= count
                    told += count
                    if unpacked:
                        unpacked.feed(bytes(buffer[:count]))
                    if told >= _BYTES_AT_ONCE:
                        progress(told)
                        told = 0
            except OSError as error:  # of this place on the disk: what lies elsewhere may be whole
                yield _Stored(None, "", (f"cannot be read: {error.strerror}",))
                continue
            problems = tuple(unpacked.problems(record)) if unpacked else ()
            yield _Stored(record.length - left, digest.hexdigest(), problems)
    progress(told)


def _opened(folder: Path, name: str, buffer: int = io.DEFAULT_BUFFER_SIZE) -> io.BufferedReader:
    """A segment's file, under the name that it has. Raises FileNotFoundError."""
    for one in (name, name + OPEN):
        try:
            return io.BufferedReader(io.FileIO(folder / one), buffer)
        except FileNotFoundError:
            continue
    return io.BufferedReader(io.FileIO(folder / name), buffer)  # it may have been sealed in between


def _files(
    root: Path, index: sqlite3.Connection, sizes: Mapping[str, int], segments: Sequence[_Segment], chain: _Chain
) -> Iterator[Finding]:
    """Every segment against the rows of its records."""
    at_work = _at_work(root)
    for segment in segments:
        try:
            stored = [one for piece in segment.pieces for one in piece.stored()]
        except FileNotFoundError:
            yield from (_about("missing", segment.name, one, "the file is missing", index) for one in segment.records)
            continue
        except OSError as error:
            yield Finding("unreadable", segment.name, None, None, None, f"cannot be opened: {error.strerror}")
            continue
        yield from _names_of(root / WARC_FOLDER, segment.name, sizes, at_work=at_work)
        yield from _records(segment, stored, chain, index)
        yield from _behind(segment, sizes, at_work=at_work)
    names = {segment.name for segment in segments}
    for name in sorted(sizes.keys() - names - {name + OPEN for name in names}):
        if name.endswith(OPEN):
            if not at_work:
                yield Finding("unfinished", name, None, None, None, "of a run that was cut off before it kept anything")
        else:
            yield Finding("unknown-file", name, None, None, None, "no row names this file: another program's, or added")


def _names_of(folder: Path, name: str, sizes: Mapping[str, int], *, at_work: bool) -> Iterator[Finding]:
    if name in sizes and name + OPEN in sizes:
        if not (folder / name).samefile(folder / (name + OPEN)):
            yield Finding("twice", name, None, None, None, f"is there sealed, and as {name}{OPEN}")
        elif not at_work:
            yield Finding("unfinished", name, None, None, None, "has two names; the next `save` takes the open one away")
    if name not in sizes and not at_work:
        yield Finding("unfinished", name + OPEN, None, None, None, "a run was cut off; the next `save` seals the file")


def _records(segment: _Segment, stored: Iterable[_Stored], chain: _Chain, index: sqlite3.Connection) -> Iterator[Finding]:
    """What is there of a segment's records against their rows."""
    name, end = segment.name, 0
    for record, found in zip(segment.records, stored, strict=True):
        if record.offset != end:
            yield _about("cut", name, record, f"the rows leave bytes {end} to {record.offset} without a record", index)
        end = record.offset + record.length
        if found.length is None:
            yield _about("unreadable", name, record, found.problems[0], index)
        elif found.length < record.length:
            yield _about("cut", name, record, f"{found.length} of {record.length} bytes are there", index)
        elif found.sha256 != record.sha256:
            reason = chain.stands_for(record.id, found.sha256)
            if reason is not None:
                yield Finding(
                    "withheld", name, record.offset, record.id, None, f"the {record.type} record is withheld: {reason}"
                )
            else:
                yield _about("altered", name, record, "the stored bytes are not those that were written", index)
        else:
            yield from (_about("unreadable", name, record, problem, index) for problem in found.problems)


def _behind(segment: _Segment, sizes: Mapping[str, int], *, at_work: bool) -> Iterator[Finding]:
    """Bytes behind the last record of a segment."""
    name = segment.name if segment.name in sizes else segment.name + OPEN
    end = segment.records[-1].offset + segment.records[-1].length if segment.records else 0
    extra, kind = sizes.get(name, 0) - end, "unfinished" if name.endswith(OPEN) else "extra"
    if extra > 0 and (kind == "extra" or not at_work):
        yield Finding(kind, name, end, None, None, f"{extra} bytes that no row names")


def _about(kind: str, file: str, record: _Record, detail: str, index: sqlite3.Connection) -> Finding:
    row = index.execute("SELECT url FROM captures WHERE id = ?", [record.id]).fetchone()
    return Finding(kind, file, record.offset, record.id, _words(row[0]) if row else None, detail)


def _others(chain: _Chain) -> Iterator[Finding]:
    """The entries that are other ones in their WARC records; but not those that are withheld."""
    for one in chain.others:
        if chain.stands_for(one.record, one.sha256) is None:
            detail = f"entry {one.seq} is another one here than in the index"
            yield Finding("ledger", one.segment or INDEX_NAME, one.offset, one.record, None, detail)


def ledger_entry(member: bytes) -> tuple[dict[str, Any], bytes]:
    """The entry that a gzip member of a ledger's segment holds, and the text of its rows, of which `digests_in` makes their
    digests. Raises ValueError, zlib.error, KeyError."""
    block = _block(member)
    entry = json.loads(block)
    if not isinstance(entry, dict) or not isinstance(entry["rows"], list):
        raise ValueError("not an entry")
    # Neither mark can stand within a row: it holds no list, and its strings no bare quotation mark.
    return entry, block[block.index(b'"rows":[') + 7 : block.rindex(b'],"run":"') + 1]


def _block(member: bytes) -> bytes:
    head, _, block = zlib.decompress(member, 31).partition(b"\r\n\r\n")
    length = _CONTENT_LENGTH.search(head)
    return block[: int(length[1])] if length else b""


_CONTENT_LENGTH = re.compile(rb"(?m)^Content-Length: (\d+)\r?$")


class _Unpacked:
    """One WARC record, unpacked piece by piece: its named fields, and the digests of its block and payload."""

    def __init__(self) -> None:
        self._unpacker = zlib.decompressobj(31)
        self._trouble = ""
        self._head: bytes | None = None
        self._begun = b""
        self._left = 0
        self._http: bytes | None = None  # the head of an HTTP message, until its blank line was seen
        self._rest = b""
        self._fields: dict[str, str] = {}
        self._block, self._payload = hashlib.sha1(usedforsecurity=False), hashlib.sha1(usedforsecurity=False)

    def feed(self, piece: bytes) -> None:
        while piece and not self._trouble:
            try:
                self._take(self._unpacker.decompress(piece, 4 * 1024 * 1024))
            except (zlib.error, ValueError) as error:
                self._trouble = str(error)
                return
            if self._unpacker.unused_data:
                self._trouble = f"{len(self._unpacker.unused_data)} bytes behind the end of the gzip member"
            piece = self._unpacker.unconsumed_tail

    def _take(self, data: bytes) -> None:
        if self._head is None:
            self._begun += data
            self._head, blank, data = self._begun.partition(b"\r\n\r\n")
            if not blank:
                if len(self._begun) > 1024 * 1024:
                    raise ValueError("its head does not end")
                self._head = None
                return
            lines = self._head.decode("utf-8").split("\r\n")
            self._fields = {name: value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            self._left = int(self._fields["Content-Length"])
            if "application/http" in self._fields.get("Content-Type", ""):
                self._http = b""
        block, rest = data[: self._left], data[self._left :]
        self._left -= len(block)
        self._rest += rest[:8]
        self._block.update(block)
        if self._http is not None:
            self._http += block
            blank_line = re.search(rb"\n\r?\n", self._http)
            if blank_line is None:
                return
            block, self._http = self._http[blank_line.end() :], None
        self._payload.update(block)

    def problems(self, record: _Record) -> Iterator[str]:
        """What is wrong with it, and what it and its row do not agree about."""
        if self._trouble or self._head is None or not self._unpacker.eof or self._left or self._rest != b"\r\n\r\n":
            yield self._trouble or "the record ends early, or where it should not"
            return
        expected = {"WARC-Record-ID": f"<{record.id}>", "WARC-Type": record.type, "WARC-Date": record.date}
        expected["WARC-Block-Digest"] = _base32(self._block)
        if self._fields.get("WARC-Payload-Digest") and record.type != "revisit":
            expected["WARC-Payload-Digest"] = _base32(self._payload)
        if record.payload_digest:
            expected.setdefault("WARC-Payload-Digest", record.payload_digest)
        for name, value in expected.items():
            if self._fields.get(name) != value:
                yield f"{name} should be {value}, and is {self._fields.get(name)}"


def _base32(digest: Any) -> str:
    return "sha1:" + base64.b32encode(digest.digest()).decode("ascii")


# By itself ------------------------------------------------------------------------------------------------------------


# Drawn as nothing, though Python calls them printable.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


def visible(text: object) -> str:
    """The text on one line, with whatever a terminal would obey, or not show, written out."""
    return "".join(one if one.isprintable() and not _BLANK.match(one) else f"<U+{ord(one):04X}>" for one in str(text))


def json_line(finding: Finding) -> str:
    """The finding as JSON, in printable ASCII. Half a surrogate pair, as in a file's name that is no UTF-8, is U+FFFD."""
    told = json.dumps(finding._asdict(), ensure_ascii=False).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return json.dumps(json.loads(told)).replace("\x7f", "\\u007f")


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where nothing was found, 1 where something was, 2 where there is nothing to check."""
    import argparse  # only here: `archiver verify` does without

    class Parser(argparse.ArgumentParser):
        def error(self, message: str) -> NoReturn:
            super().error(visible(message))

    parser = Parser(description="Is this archive still what it was? Reads it, and changes nothing.")
    parser.add_argument("archive", type=Path, help="the folder with archive.db and warc/")
    parser.add_argument("--deep", action="store_true", help="unpack each record, too")
    parser.add_argument(
        "--anchor", type=Path, action="append", default=[], metavar="FILE", help="a head that was kept elsewhere"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    told = parser.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # what the encoding lacks
    found = withheld = 0
    try:
        heads = [json.loads(path.read_bytes()) for path in told.anchor]
        for finding in check(told.archive, deep=told.deep, heads=heads):
            found += finding.damage
            withheld += finding.kind == "withheld"
            where = "" if finding.offset is None else f" offset {finding.offset}"
            plain = f"{finding.kind}: {finding.file}{where}: {finding.detail} ({finding.url or finding.record or 'no record'})"
            print(json_line(finding) if told.json else visible(plain))
        seq, hash_ = head(told.archive)
    except (Unreadable, OSError, ValueError) as error:
        print(visible(error), file=sys.stderr)
        return 2
    if not told.json:
        but = f", but for {withheld} that are withheld" if withheld else ""
        print(f"{found} found" if found else f"every record and every row is there and unaltered{but}")
        print(f"the head of the ledger is entry {seq}, {hash_}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
