"""Writing the index, and the questions that are asked of it.

What is written is written within an `entry`: one transaction, one entry of the ledger, and the hash of the one before it.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import takewhile
from operator import attrgetter
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archiver.errors import ArchiveDamaged
from archiver.model import (
    Anchor,
    AnchorKind,
    AnchorState,
    Article,
    ArticleFacts,
    ArticleMedium,
    Availability,
    Capture,
    CaptureLine,
    Claim,
    Embed,
    Evidence,
    Exchange,
    Failure,
    MediaKept,
    Memento,
    Origin,
    Outcome,
    Post,
    PostRef,
    Precision,
    Purpose,
    RecordRef,
    RunFacts,
    Rung,
    Sighting,
    State,
    Verdict,
    Wanted,
)
from archiver.provenance.connection import Connection, clean_row
from archiver.provenance.schema import migrations
from archiver.verifier import GENESIS, LEDGERED, canonical, digests_in, entry_hash, row_digests

Row = dict[str, Any]

_LEDGER = ("seq", "previous", "run", "written", "elapsed", "schema")
_REPLAYED_AT_ONCE = 5_000
_RECORD = ("id", "segment", "offset", "length", "type", "date", "sha256")
_of_record = attrgetter(*_RECORD)


@dataclass(frozen=True, slots=True)
class Stamp:
    """When an entry is made, and by whom: the run, the machine's clock, and seconds since the run began by one nobody sets."""

    run: str
    written: datetime
    elapsed: float


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the ledger: its rows in full, each with its table, and where it stands in the chain."""

    seq: int
    previous: str
    run: str
    written: str
    elapsed: float
    schema: int
    rows: tuple[tuple[str, Row], ...]


Keep = Callable[[Entry, str], RecordRef]


class Index:
    """One `archive.db`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.db = Database(connection, execute_plugins=False)
        self._changes: dict[tuple[str, str], None] = {}  # the rows that were written in this entry, in order
        self._keys: dict[str, list[str]] = {}

    @classmethod
    def open(cls, path: Path) -> Index:
        """For writing, created where there is none. Raises sqlite3.Error."""
        index = cls(sqlite3.connect(path, timeout=30, isolation_level=None, factory=Connection))
        # EXTRA also makes the journal's removal durable; FULL was seen to lose an acknowledged row to a power cut. No
        # write-ahead log: in SQLite before 3.51.3 a reset of it can corrupt the file, and Pythons come with older ones.
        for pragma in ("journal_mode=DELETE", "synchronous=EXTRA", "foreign_keys=ON"):
            index.db.conn.execute(f"PRAGMA {pragma}")
        return index

    def up_to_date(self) -> bool:
        """False where `migrate` has something to do."""
        return not migrations.pending(self.db)

    def migrate(self) -> None:
        """Bring the schema up to date. Raises sqlite3.Error."""
        migrations.apply(self.db)

    def has_ledger(self) -> bool:
        """False where the archive is new, or older than the ledger."""
        return self._one("SELECT 1 FROM sqlite_master WHERE name = 'ledger'") is not None and self.head() is not None

    @classmethod
    def open_read_only(cls, path: Path) -> Index:
        """For reading; leaves nothing behind. Raises ArchiveDamaged where there is a file but no index of ours in it."""
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=30, factory=Connection)
        index = cls(connection)
        try:
            pending = [migration.name for migration in migrations.pending(index.db)]
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # SQLite's own words may hold what was damaged
            raise ArchiveDamaged(f"{path}: cannot be read as an index: {error}") from None
        if pending:
            lacking = ", ".join(pending)
            raise ArchiveDamaged(f"{path}: is of an older schema (lacks {lacking}); the next `save` brings it up to date")
        return index

    def close(self) -> None:
        self.db.close()

    # The ledger ------------------------------------------------------------------------------------------------------

    @contextmanager
    def entry(self, stamp: Stamp, record: str, keep: Keep) -> Iterator[None]:
        """What is written within the block is one transaction and one entry of the ledger, and durable when it is left.

        `keep` is handed the entry and the id of its WARC record; when it returns, the record and those that the rows are about
        are on the disk. Only then is the transaction committed.
        """
        self.db.conn.execute("BEGIN IMMEDIATE")
        self.db.conn.execute("PRAGMA defer_foreign_keys=ON")  # an entry is whole when it is committed, not before
        self._changes = {}
        try:
            yield
            if rows := tuple((table, self._row(table, key)) for table, key in self._changes):
                entry = self._next(stamp, rows)
                self._put_records([keep(entry, record)])
                self._add_entry(entry, record, _told(self._changes, row_digests(rows)))
        except BaseException:
            self.db.rollback()
            raise
        else:
            self.db.commit()

    def _next(self, stamp: Stamp, rows: tuple[tuple[str, Row], ...]) -> Entry:
        head = self.head()
        seq, previous = head if head else (0, GENESIS)
        written = stamp.written.isoformat(timespec="microseconds").replace("+00:00", "Z")
        return Entry(seq + 1, previous, stamp.run, written, round(stamp.elapsed, 6), len(self._applied()), rows)

    def _add_entry(self, entry: Entry, record: str, changes: str) -> None:
        told = {name: getattr(entry, name) for name in _LEDGER} | {"record": record}
        self._put("ledger", {**told, "hash": entry_hash(told, changes), "changes": changes})

    def head(self) -> tuple[int, str] | None:
        """The last entry of the ledger: its number and its hash. None where there is none."""
        row = self.db.conn.execute("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1").fetchone()
        return (row[0], row[1]) if row else None

    def hash_of(self, seq: int) -> str | None:
        """The hash of an entry of the ledger; None where there is none of that number."""
        row = self._one("SELECT hash FROM ledger WHERE seq = ?", seq)
        return row["hash"] if row else None

    def head_row(self) -> Row | None:
        """The last entry of the ledger, with all that it says."""
        return self._one("SELECT * FROM ledger ORDER BY seq DESC LIMIT 1")

    def adopt(self) -> int:
        """The rows of an archive that is older than its ledger become part of the entry that is being written; how many."""
        for table in LEDGERED:
            for row in self.db.query(f"SELECT * FROM [{table}] ORDER BY rowid"):  # noqa: S608 (our own names)
                self._changes[table, self._key(table, row)] = None
        return len(self._changes)

    def replay(self, entries: Iterable[tuple[Row, bytes, RecordRef]]) -> Iterator[int]:
        """The entries of a ledger, from its first one on, written again to a new index: each with the text of its rows, as
        `ledger_entry` has them, and the record that holds it. Gives the number of each entry as it is done; all are written
        when the last one is.

        Raises ArchiveDamaged where one is missing, or is not what the hash of the next one says.
        """
        for pragma in ("foreign_keys=OFF", "cache_size=-200000"):  # the rows were whole when they were written; kibibytes
            self.db.conn.execute(f"PRAGMA {pragma}")
        self.db.conn.execute("BEGIN IMMEDIATE")
        head = (0, GENESIS)
        waiting: defaultdict[str, dict[str | int, Row]] = defaultdict(dict)
        for told, text, ref in entries:
            if (told["seq"], told["previous"]) != (head[0] + 1, head[1]):
                found = f"entry {told['seq']} ({ref.segment}, offset {ref.offset}) does not follow entry {head[0]}"
                raise ArchiveDamaged(f"{found}: a ledger file is missing, or was altered")
            keys, digests = [(table, self._key(table, row)) for table, row in told["rows"]], digests_in(text)
            if len(keys) != len(digests):
                raise ArchiveDamaged(f"entry {told['seq']} ({ref.segment}, offset {ref.offset}) is not as it was written")
            for (table, key), (_, row) in zip(keys, told["rows"], strict=True):
                waiting[table][key] = row
            entry = {name: told[name] for name in _LEDGER} | {"record": ref.id, "changes": _told(keys, digests)}
            entry["hash"] = entry_hash(entry, entry["changes"])
            head = (told["seq"], entry["hash"])
            waiting["ledger"][told["seq"]] = entry
            waiting["records"][ref.id] = dict(zip(_RECORD, _of_record(ref), strict=True))
            if told["seq"] % _REPLAYED_AT_ONCE == 0:
                self._put_many(waiting)
            yield told["seq"]
        self._put_many(waiting)
        self.db.commit()

    def _put_many(self, waiting: dict[str, dict[str | int, Row]]) -> None:
        """Rows by table and key: each in the place of the one with its key, whole."""
        for table, rows in waiting.items():
            columns, keys = [column.name for column in self.db.table(table).columns], self._key_columns(table)
            names, places = ", ".join(f"[{name}]" for name in columns), ", ".join("?" * len(columns))
            others = ", ".join(f"[{name}] = excluded.[{name}]" for name in columns if name not in keys)
            key = ", ".join(f"[{name}]" for name in keys)
            sql = f"INSERT INTO [{table}] ({names}) VALUES ({places}) ON CONFLICT ({key}) DO UPDATE SET {others}"  # noqa: S608
            blank: Row = dict.fromkeys(columns)
            self.db.conn.executemany(sql, [list((blank | row).values()) for row in rows.values()])
        waiting.clear()

    def _applied(self) -> list[str]:
        return [row[0] for row in self.db.conn.execute("SELECT name FROM _sqlite_migrations")]

    def _key(self, table: str, row: Mapping[str, Any]) -> str:
        return " ".join([str(row[column]) for column in self._key_columns(table)])

    def _key_columns(self, table: str) -> list[str]:
        if table not in self._keys:
            self._keys[table] = self.db.table(table).pks
        return self._keys[table]

    def _row(self, table: str, key: str) -> Row:
        """The row as it stands, without what is null."""
        columns = self._key_columns(table)
        values = key.split(" ") if len(columns) > 1 else [key]
        row = self._one(f"SELECT * FROM [{table}] WHERE {' AND '.join(f'[{one}] = ?' for one in columns)}", *values)  # noqa: S608
        return {column: value for column, value in (row or {}).items() if value is not None}

    def _insert(self, table: str, row: Row) -> None:
        row = clean_row(row)  # as it will be held: key and digest are over that
        self._put(table, row)
        self._changes[table, self._key(table, row)] = None

    def _upsert(self, table: str, row: Row) -> None:
        """Put a row in the place of the one with its key; columns that it does not name stay as they are."""
        row = clean_row(row)
        key = self._key(table, row)
        held = self._row(table, key)
        if not held:
            self._insert(table, row)
            return
        if {**held, **row} == held:
            return
        keys = self._key_columns(table)
        changed = {column: value for column, value in row.items() if column not in keys}
        sets, where = ", ".join(f"[{one}] = ?" for one in changed), " AND ".join(f"[{one}] = ?" for one in keys)
        values = [*changed.values(), *(row[one] for one in keys)]
        self.db.conn.execute(f"UPDATE [{table}] SET {sets} WHERE {where}", values)  # noqa: S608
        self._changes[table, key] = None

    def _put(self, table: str, row: Row) -> None:
        names, places = ", ".join(f"[{name}]" for name in row), ", ".join("?" * len(row))
        self.db.conn.execute(f"INSERT INTO [{table}] ({names}) VALUES ({places})", list(row.values()))  # noqa: S608

    def _one(self, sql: str, *parameters: Any) -> Row | None:
        return next(iter(self.db.query(sql, parameters)), None)

    # Runs and bytes --------------------------------------------------------------------------------------------------

    def add_run(self, run: str, told: RunFacts, started: datetime) -> None:
        self._insert(
            "runs",
            {
                "id": run,
                "title": f"{told.act} {started:%Y-%m-%d %H:%M:%S}{' offline' if told.offline else ''}",
                "started": started.isoformat(),
                "software": told.software,
                "command": _clean(told.command),
                "offline": int(told.offline),
                "operator": _clean(told.operator) or "withheld",
                "settings": _clean(told.settings),
                "machine": told.machine,
            },
        )

    def end_run(self, run: str, status: int) -> None:
        self._upsert("runs", {"id": run, "ended": datetime.now(UTC).isoformat(), "status": status})

    def add_custody(self, run: str, act: str, about: str, detail: str) -> None:
        """That something was done with the archive."""
        moment = datetime.now(UTC).isoformat()
        row = {"id": str(uuid.uuid4()), "run": run, "moment": moment, "act": act, "about": about, "detail": _clean(detail)}
        self._insert("custody", row)

    def withheld(self) -> dict[str, Row]:
        """What is withheld now, by record id or table and key: reason, moment, what it goes with, what an export has there."""
        return {row["id"]: row for row in self.db.query("SELECT * FROM withheld WHERE reason <> '' ORDER BY rowid")}

    def put_withheld(self, run: str, rows: Iterable[Row]) -> None:
        """Rows of `withheld`, each in the place of the one with its id."""
        for row in rows:
            self._upsert("withheld", {**row, "run": run, "reason": _clean(row["reason"])})

    def custody(self) -> list[Row]:
        """What was done with the archive beside saving, and by whom, in the order in which it was."""
        sql = "SELECT c.*, r.operator FROM custody AS c JOIN runs AS r ON r.id = c.run ORDER BY c.rowid"
        return list(self.db.query(sql))

    def row(self, table: str, key: str) -> Row:
        """A row by its table and key, without what is null; empty where there is none."""
        return self._row(table, key)

    def replace(self, table: str, row: Row) -> None:
        """A row in the place of the one with its key, and no entry of the ledger: in a copy, what stands for a withheld one."""
        self._put_many({table: {self._key(table, row): row}})

    def vacuum(self) -> None:
        """The file without free pages, and its full-text search made anew: what was in a row is nowhere in it any more."""
        search = ("posts_fts", "embeds_fts")
        for name in search:
            self.db.conn.execute(f"INSERT INTO [{name}] ([{name}]) VALUES ('delete-all')")  # noqa: S608 (our own names)
        self.db.conn.execute("VACUUM")
        for name in search:  # after it, for it may number rows anew
            self.db.conn.execute(f"INSERT INTO [{name}] ([{name}]) VALUES ('rebuild')")  # noqa: S608

    def size(self) -> tuple[int, int]:
        """How many records there are, in how many segments."""
        records, segments = self.db.conn.execute(
            "SELECT (SELECT count(*) FROM records), (SELECT count(*) FROM segments)"
        ).fetchone()
        return records, segments

    def knows_post(self, platform: str | None, post_id: str) -> list[str]:
        """The platforms of which the archive holds or names a post with this id."""
        sql = (
            "SELECT platform FROM posts WHERE post_id = :id UNION SELECT platform FROM embeds WHERE post_id = :id UNION"
            " SELECT e.platform FROM outcomes AS o JOIN embeds AS e ON e.id = o.embed WHERE o.post_id = :id"
        )
        found = [row["platform"] for row in self.db.query(sql, {"id": post_id})]
        return [one for one in found if platform in (None, one)]

    def put_anchor(self, anchor: Anchor) -> None:
        """An anchor, or how far it is by now."""
        row = asdict(anchor)
        row |= {"kind": anchor.kind.value, "state": anchor.state.value, "authority": _clean(anchor.authority)}
        row |= {"asked": anchor.asked.isoformat(), "held": anchor.held.isoformat() if anchor.held else None}
        self._upsert("anchors", row | {"detail": _clean(anchor.detail) or None})

    def anchors(self) -> list[Anchor]:
        """Every anchor, in the order in which they were asked for."""
        return [
            Anchor(
                **{
                    **row,
                    "kind": AnchorKind(row["kind"]),
                    "state": AnchorState(row["state"]),
                    "asked": datetime.fromisoformat(row["asked"]),
                    "held": datetime.fromisoformat(row["held"]) if row["held"] else None,
                    "detail": row["detail"] or "",
                }
            )
            for row in self.db.query("SELECT * FROM anchors ORDER BY rowid")
        ]

    def only_anchored_since(self, seq: int, run: str) -> bool:
        """Whether all entries after that one are of runs that anchored and did nothing else, or of this run."""
        sql = (
            "SELECT 1 FROM ledger WHERE seq > ? AND run <> ? AND run NOT IN"
            " (SELECT run FROM custody GROUP BY run HAVING min(act) = 'anchored' AND max(act) = 'anchored')"
        )
        return self._one(sql, seq, run) is None

    def measures(self) -> tuple[str, int, int]:
        """The run that began the ledger, by which an archive can be told; how many captures it has, and bytes of WARC files."""
        begun = self._one("SELECT run FROM ledger WHERE seq = 1")
        captures = self._one("SELECT count(*) AS count FROM captures")
        return (
            begun["run"] if begun else "",
            captures["count"] if captures else 0,
            sum(segment["bytes"] for segment in self.segments()),
        )

    def add_segment(self, name: str, run: str, origin: Origin, opening: RecordRef) -> None:
        self._insert("segments", {"name": name, "run": run, "origin": origin.value})
        self.add_records([opening])

    def segments(self) -> list[Row]:
        """Every segment: name, run, origin, and `bytes`, how many of them are acknowledged."""
        if self._one("SELECT 1 FROM sqlite_master WHERE name = 'segments'") is None:
            return []
        sql = (
            "SELECT s.name, s.run, s.origin, coalesce(max(r.offset + r.length), 0) AS bytes"
            " FROM segments AS s LEFT JOIN records AS r ON r.segment = s.name GROUP BY s.name ORDER BY s.name"
        )
        return list(self.db.query(sql))

    def records(self, segment: str) -> list[Row]:
        """The records of a segment by offset, with what captures say of them."""
        sql = (
            "SELECT r.*, c.url, c.payload_digest FROM records AS r LEFT JOIN captures AS c ON c.id = r.id"
            " WHERE r.segment = ? ORDER BY r.offset"
        )
        return list(self.db.query(sql, [segment]))

    def add_records(self, refs: Sequence[RecordRef]) -> None:
        self._put_records(refs)
        self._changes |= {("records", ref.id): None for ref in refs}

    def _put_records(self, refs: Sequence[RecordRef]) -> None:
        for ref in refs:
            self._put("records", {name: getattr(ref, name) for name in _RECORD})

    def add_capture(
        self, capture: Capture, others: Sequence[RecordRef], run: str, payload_sha256: str, refers_to: str | None
    ) -> None:
        """An exchange by its records: the response, and the `others`, of which the request is the first."""
        exchange, request = capture.exchange, others[0]
        self.add_records([capture.record, *others])
        self._insert(
            "captures",
            {
                "id": capture.record.id,
                "title": f"{exchange.status} {exchange.url}",
                "run": run,
                "method": exchange.method,
                "url": exchange.url,
                "status": exchange.status,
                "origin": exchange.origin.value,
                "stand_in": exchange.stand_in,
                "date": capture.record.date,
                "ip": exchange.ip,
                "content_type": _clean(exchange.header("Content-Type")),
                "payload_digest": capture.payload_digest,
                "payload_sha256": payload_sha256,
                "payload_bytes": exchange.size,
                "truncated": exchange.truncated,
                "request": request.id,
                "refers_to": refers_to,
                "protocol": exchange.tls.protocol if exchange.tls else None,
                "cipher": exchange.tls.cipher if exchange.tls else None,
                "certificate_sha256": exchange.tls.certificate_sha256 if exchange.tls else None,
                "redacted": ", ".join(exchange.redacted) or None,
                "skew_seconds": _skew_seconds(exchange),
            },
        )

    def original(self, payload_sha256: str, origin: Origin) -> Row | None:
        """The first whole capture of the same payload and origin: what a revisit refers to."""
        return self._one(
            "SELECT id, url, date, payload_digest FROM captures WHERE payload_sha256 = ? AND origin = ? AND refers_to IS NULL"
            " AND truncated IS NULL ORDER BY rowid LIMIT 1",
            payload_sha256,
            origin.value,
        )

    def held(self, url: str, *, stand_ins: bool, refusals: bool = False) -> Row | None:
        """The newest good answer from an address that is kept: not an error, not cut short. Live before stand-in, and
        stand-ins, or a "not found", only where they are wanted."""
        return self._one(
            "SELECT c.*, r.segment, r.offset, r.length, r.sha256, b.segment AS body_segment, b.offset AS body_offset,"
            " b.length AS body_length, b.sha256 AS body_sha256"
            " FROM captures AS c JOIN records AS r ON r.id = c.id LEFT JOIN records AS b ON b.id = c.refers_to"
            " WHERE c.url = ? AND c.method = 'GET' AND c.truncated IS NULL"
            " AND (c.status BETWEEN 200 AND 399 OR (? AND c.status IN (404, 410)))"
            " AND (c.origin <> 'stand-in' OR ?) ORDER BY c.origin <> 'stand-in' DESC, c.rowid DESC LIMIT 1",
            url,
            refusals,
            stand_ins,
        )

    def was_read(self, capture: str) -> bool:
        """True where a whole post, its author included, was read from that answer."""
        return self._one("SELECT 1 FROM posts WHERE capture = ? AND author_id IS NOT NULL", capture) is not None

    def add_memento(self, capture: Capture, memento: Memento, record: RecordRef) -> None:
        """That a capture is a web archive's copy of another address, and the metadata record that says so."""
        listed = memento.digest if memento.digest not in ("", "-") else None
        agrees = int(capture.payload_digest.rpartition(":")[2] == listed) if listed else None
        self.add_records([record])
        self._insert(
            "mementos",
            {
                "id": capture.record.id,
                "title": f"{memento.archive} {memento.captured:%Y-%m-%d} {_clean(memento.original)}",
                "original": _clean(memento.original),
                "captured": memento.captured.isoformat(),
                "archive": memento.archive,
                "listed_digest": _clean(listed),
                "digest_agrees": agrees,
                "record": record.id,
            },
        )

    def memento(self, capture: str) -> Row | None:
        """What a capture is a copy of; None where it is none."""
        return self._one(
            "SELECT m.*, c.url FROM mementos AS m JOIN captures AS c ON c.id = m.id WHERE m.id = ?",
            capture,
        )

    # The network's memory --------------------------------------------------------------------------------------------

    def waits(self, now: datetime) -> dict[str, datetime]:
        """By host, until when it is not to be asked."""
        rows = self.db.query("SELECT host, until FROM waits")
        found = {row["host"]: datetime.fromisoformat(row["until"]) for row in rows}
        return {host: until for host, until in found.items() if until > now}

    def add_wait(self, host: str, until: datetime, reason: str, run: str) -> None:
        row = {"host": host, "until": until.isoformat(), "reason": _clean(reason), "run": run}
        self._upsert("waits", row)

    def asked_since(self, moment: datetime) -> list[tuple[str, datetime]]:
        """The addresses that were asked for on the network since then, oldest first, and when. Of the last thousand requests:
        in their own order, which needs no index of times."""
        sql = (
            "SELECT url, date FROM captures WHERE rowid > (SELECT max(rowid) FROM captures) - 1000 AND origin <> 'stand-in'"
            " UNION ALL SELECT url, asked FROM unanswered WHERE rowid > (SELECT max(rowid) FROM unanswered) - 1000"
            " AND reason IN ('timeout', 'no-connection', 'no-http')"
        )
        rows = ((row["url"], datetime.fromisoformat(row["date"])) for row in self.db.query(sql))
        return sorted((row for row in rows if row[1] >= moment), key=lambda row: row[1])

    def add_unanswered(self, url: str, purpose: Purpose, reason: str, detail: str, run: str, asked: datetime) -> None:
        row = {"id": str(uuid.uuid4()), "run": run, "url": _clean(url), "purpose": purpose.value, "reason": reason}
        self._insert("unanswered", {**row, "detail": _clean(detail), "asked": asked.isoformat()})

    def begin(self, embed: Embed, article: Article, run: str, began: datetime) -> int:
        """Writes down that work on an embed was begun. The number of runs before it, up to the last one that came to something,
        that failed at it or were killed while they worked on it."""
        key = embed_id(embed, article.sha256)
        rows = self.db.query(
            "SELECT o.state, r.ended FROM attempts AS a JOIN runs AS r ON r.id = a.run"
            " LEFT JOIN outcomes AS o ON o.embed = a.embed AND o.run = a.run"
            " WHERE a.embed = ? AND a.run <> ? ORDER BY a.rowid DESC",
            [key, run],
        )
        # A run that was told to stop dropped its work, which is nobody's fault.
        counted = (row for row in list(rows) if row["state"] or not row["ended"])
        failed = sum(1 for _ in takewhile(lambda row: row["state"] in (None, State.FAILED.value), counted))
        self._insert("attempts", {"id": str(uuid.uuid4()), "embed": key, "run": run, "began": began.isoformat()})
        return failed

    # Articles --------------------------------------------------------------------------------------------------------

    def article(self, sha256: str) -> Row | None:
        """The article with these bytes, and where its record lies."""
        return self._one(
            "SELECT a.*, r.segment, r.offset, r.length, r.sha256, r.date"
            " FROM articles AS a JOIN records AS r ON r.id = a.record WHERE a.id = ?",
            sha256,
        )

    def add_article(self, article: Article, facts: ArticleFacts, record: RecordRef | str, origin: Origin) -> None:
        """`record` is a new one to be added, or the id of the capture that holds the article already."""
        if isinstance(record, RecordRef):
            self.add_records([record])
        self._insert(
            "articles",
            {
                "id": article.sha256,
                "title": _clean(facts.title),
                "byline": _clean(facts.byline),
                "published": facts.published.isoformat() if facts.published else None,
                "url": _clean(facts.url),
                "credits": json.dumps(facts.credits, ensure_ascii=False),
                "site": _clean(facts.site),
                "language": _clean(facts.language),
                "captured": article.captured.astimezone(UTC).isoformat() if article.captured else None,
                "format": article.format.value,
                "encoding": article.encoding,
                "replaced": article.replaced,
                "bytes": len(article.data),
                "record": record.id if isinstance(record, RecordRef) else record,
                "origin": origin.value,
            },
        )

    def add_source(self, article: Article, run: str) -> None:
        row = {"id": str(uuid.uuid4()), "article": article.sha256, "run": run, "source": _clean(article.source)}
        self._insert("sources", {**row, "read": datetime.now(UTC).isoformat()})

    def add_article_media(self, article: Article, media: Sequence[tuple[ArticleMedium, Capture | None, str | None]]) -> None:
        """What an article's own body shows, each with its capture or the reason why there is none. What is held stays."""
        for medium, capture, reason in media:
            key = f"{article.sha256}#{medium.position}"
            held = self._one("SELECT capture FROM article_media WHERE id = ?", key)
            if held is not None and (held["capture"] or capture is None):
                continue
            self._upsert(
                "article_media",
                {
                    "id": key,
                    "title": _clean(f"{medium.kind}: {(medium.caption or medium.alt or medium.url)[:80]}"),
                    "article": article.sha256,
                    "position": medium.position,
                    "kind": medium.kind,
                    "url": _clean(medium.url),
                    "alt": _clean(medium.alt),
                    "caption": _clean(medium.caption),
                    "credit": _clean(medium.credit),
                    "capture": capture.record.id if capture else None,
                    "reason": _clean(reason),
                },
            )

    # Outcomes --------------------------------------------------------------------------------------------------------

    def add_outcome(
        self,
        outcome: Outcome,
        record: RecordRef,
        run: str,
        article: Article,
        post: Post | None,
        read_from: Capture | None,
        media: Sequence[MediaKept],
    ) -> None:
        """All that one embed came to, in one transaction."""
        embed = outcome.embed
        self.add_records([record])
        self._add_embed(embed, article)
        post_id = self._add_post(post, read_from.record.id, outcome.origin, media) if post and read_from else None
        recovered = self._add_recovered(outcome.recovered, media if post is None else ()) if outcome.recovered else None
        last = self._one("SELECT coalesce(max(sequence), 0) AS last FROM outcomes")
        self._insert(
            "outcomes",
            {
                "id": record.id,
                "title": f"{outcome.state.value} {outcome.url or embed_title(embed)}",
                "sequence": (last["last"] if last else 0) + 1,
                "embed": embed_id(embed, article.sha256),
                "run": run,
                "state": outcome.state.value,
                "availability": outcome.availability.value,
                "origin": outcome.origin.value,
                "claim": outcome.claim.value,
                "reason": outcome.reason,
                "post_id": outcome.post_id,
                "url": outcome.url,
                "post": post_id,
                "recorded": datetime.now(UTC).isoformat(),
                "rung": outcome.rung.value if outcome.rung else None,
                "confidence": outcome.confidence,
                "identity": _clean(outcome.identity),
                "difference": _clean(outcome.difference),
                "recovered": recovered,
            },
        )
        for position, line in enumerate(outcome.captures, 1):
            row = {"outcome": record.id, "capture": line.record_id, "purpose": line.purpose, "position": position}
            self._insert("outcome_captures", row)
        for position, evidence in enumerate(outcome.evidence, 1):
            self._insert(
                "evidence",
                {
                    "id": f"{record.id}#{position}",
                    "outcome": record.id,
                    "position": position,
                    "method": evidence.method,
                    "value": _clean(evidence.value),
                    "verdict": evidence.verdict.value,
                    "detail": _clean(evidence.detail),
                    "capture": evidence.capture,
                    "seen_in": _clean(evidence.seen_in),
                },
            )
        for position, failure in enumerate(outcome.failures, 1):
            self._insert(
                "failures",
                {
                    "id": f"{record.id}#{position}",
                    "outcome": record.id,
                    "position": position,
                    "stage": failure.stage,
                    "reason": failure.reason,
                    "detail": _clean(failure.detail),
                },
            )

    def _add_embed(self, embed: Embed, article: Article) -> None:
        key = embed_id(embed, article.sha256)
        if self._one("SELECT 1 FROM embeds WHERE id = ?", key):
            return
        self._insert(
            "embeds",
            {
                "id": key,
                "title": embed_title(embed),
                "article": article.sha256,
                "position": embed.position,
                "line": embed.line,
                "platform": embed.platform,
                "form": embed.form,
                "post_id": embed.ref.post_id if embed.ref else None,
                "url": embed.url,
                "author": _clean(embed.author),
                "handle": embed.handle,
                "posted": embed.posted.isoformat() if embed.posted else None,
                "text": _clean(embed.text),
                "links": json.dumps([_clean(link) for link in embed.links], ensure_ascii=False),
            },
        )

    def _add_post(self, post: Post, read_from: str, origin: Origin, media: Sequence[MediaKept], *, within: bool = False) -> str:
        """The post and those that belong to it. An answer that says less than an earlier one leaves the row as it is, and so
        does one about another post, `within` which this one stands; either way every answer is a capture, and outcomes name
        the ones they rest on."""
        lesser = post.author_id is None or (within and post.capture is None)
        read_from = post.capture or read_from
        others = {
            "quotes": post.quoted,
            "replies-to": post.parent,
            "reposts": post.reposted,
            **{f"version {one.ref.post_id}": one for one in post.other_versions},
        }
        keys = {
            kind: self._add_post(one, read_from, origin, media, within=True) for kind, one in others.items() if one is not None
        }
        key = post_key(post.ref, origin)
        if lesser and self._one("SELECT 1 FROM posts WHERE id = ?", key):
            return key
        self._upsert("posts", _post_row(post, key, origin, keys.get("quotes"), read_from))
        self._add_media(post, key, media)
        for table, rows in _rows_of(post, key, keys).items():
            for row in rows:  # a run that asked for less takes nothing away
                self._upsert(table, {name: value for name, value in row.items() if value is not None})
        return key

    def _add_recovered(self, sighting: Sighting, media: Sequence[MediaKept]) -> str | None:
        """A post as a web archive's copy showed it: a row apart, which can never be taken for what the platform shows."""
        row = self._one("SELECT c.origin FROM captures AS c WHERE c.id = ?", sighting.capture)
        if row is None:
            return None
        post, origin = sighting.post, Origin(row["origin"])
        key = f"{post.ref.platform}:{post.ref.post_id}~web-archive{'~stand-in' if origin is Origin.STAND_IN else ''}"
        memento = self._one("SELECT id FROM mementos WHERE id = ?", sighting.capture)
        made = _post_row(post, key, origin, None, sighting.capture or "")
        self._upsert("posts", {**made, "memento": memento["id"] if memento else None})
        self._add_media(post, key, media)
        return key

    def _add_media(self, post: Post, key: str, media: Sequence[MediaKept]) -> None:
        for number, kept in enumerate((kept for kept in media if kept.post == post.ref), 1):
            self._upsert(
                "media",
                {
                    "id": f"{key}#{number}",
                    "post": key,
                    "kind": kept.wanted.purpose.value,
                    "url": _clean(kept.capture.exchange.url if kept.capture else kept.wanted.url),
                    "alt": _clean(kept.wanted.alt),
                    "capture": kept.capture.record.id if kept.capture else None,
                },
            )

    def known_posts(self, platform: str, handle: str, start: date, end: date, *, stand_ins: bool) -> list[Sighting]:
        """The posts of an account between two days that other captures show, quoted ones too."""
        rows = self.db.query(
            "SELECT p.*, c.url AS seen_in FROM posts AS p JOIN captures AS c ON c.id = p.capture"
            " WHERE p.platform = ? AND p.handle = ? COLLATE NOCASE AND date(p.posted) BETWEEN ? AND ?"
            " AND NOT EXISTS (SELECT 1 FROM relations AS r WHERE r.post = p.id AND r.kind = 'reposts')"  # another's words
            " AND (p.origin <> 'stand-in' OR ?) ORDER BY p.id",
            [platform, handle, start.isoformat(), end.isoformat(), stand_ins],
        )
        return [Sighting(self._post(row), row["seen_in"], row["capture"]) for row in list(rows)]

    def author_ids(self, platform: str, handle: str, *, stand_ins: bool) -> frozenset[str]:
        """The ids that posts under a handle were seen with."""
        rows = self.db.query(
            "SELECT DISTINCT author_id FROM posts WHERE platform = ? AND handle = ? COLLATE NOCASE AND author_id IS NOT NULL"
            " AND (origin <> 'stand-in' OR ?)",
            [platform, handle, stand_ins],
        )
        return frozenset(row["author_id"] for row in rows)

    def _post(self, row: Row) -> Post:
        """A row of `posts` as far as the ladder needs it."""
        media = self.db.query("SELECT kind, url, alt FROM media WHERE post = ? ORDER BY rowid", [row["id"]])
        return Post(
            ref=PostRef(row["platform"], row["post_id"], row["handle"]),
            url=row["url"],
            text=row["text"],
            author=row["author"],
            handle=row["handle"],
            author_id=row["author_id"],
            posted=datetime.fromisoformat(row["posted"]) if row["posted"] else None,
            precision=Precision(row["precision"]) if row["precision"] else None,
            lang=row["lang"],
            cut=bool(row["cut"]),
            wanted=tuple(Wanted(Purpose(one["kind"]), one["url"], one["alt"]) for one in media),
        )

    def _recovered(self, key: str | None) -> Sighting | None:
        row = self._one(
            "SELECT p.*, c.url AS seen_in FROM posts AS p JOIN captures AS c ON c.id = p.capture WHERE p.id = ?", key
        )
        if row is None:
            return None
        told = self.memento(row["memento"]) if row["memento"] else None
        memento = None
        if told is not None:
            captured = datetime.fromisoformat(told["captured"])
            memento = Memento(told["original"], captured, told["url"], told["archive"], digest=told["listed_digest"] or "")
        return Sighting(self._post(row), row["seen_in"], row["capture"], memento)

    def final_outcome(self, embed: Embed, article: Article, *, stand_ins: bool) -> Outcome | None:
        """The last outcome of an embed where it left nothing to add, live before stand-in; None where there is none."""
        rows = self.db.query(
            "SELECT * FROM latest_outcomes WHERE embed = ? ORDER BY origin = 'live' DESC", [embed_id(embed, article.sha256)]
        )
        for row in rows:
            outcome = self.outcome(row, embed)
            if outcome.final and (stand_ins or outcome.origin is Origin.LIVE):
                return replace(outcome, fresh=False)
        return None

    # Questions -------------------------------------------------------------------------------------------------------

    def outcome(self, row: Row, embed: Embed) -> Outcome:
        """A row of `outcomes` as the value it was."""
        query = self.db.query
        captures = query(
            "SELECT c.url, c.status, c.origin, r.segment, r.offset, r.length, c.payload_digest, r.date, c.id, oc.purpose"
            " FROM outcome_captures AS oc JOIN captures AS c ON c.id = oc.capture JOIN records AS r ON r.id = c.id"
            " WHERE oc.outcome = ? ORDER BY oc.position",
            [row["id"]],
        )
        evidence = query("SELECT * FROM evidence WHERE outcome = ? ORDER BY position", [row["id"]])
        failures = query("SELECT * FROM failures WHERE outcome = ? ORDER BY position", [row["id"]])
        return Outcome(
            embed=embed,
            state=State(row["state"]),
            availability=Availability(row["availability"]),
            origin=Origin(row["origin"]),
            claim=Claim(row["claim"]),
            reason=row["reason"],
            post_id=row["post_id"],
            url=row["url"],
            evidence=tuple(
                Evidence(
                    one["method"],
                    one["value"],
                    Verdict(one["verdict"]),
                    one["detail"],
                    one["capture"],
                    one["seen_in"] or "",
                )
                for one in evidence
            ),
            captures=tuple(capture_line(one) for one in captures),
            failures=tuple(Failure(one["stage"], one["reason"], one["detail"]) for one in failures),
            rung=Rung(row["rung"]) if row["rung"] else None,
            confidence=row["confidence"] or 0.0,
            identity=row["identity"] or "",
            difference=row["difference"] or "",
            recovered=self._recovered(row["recovered"]),
            record=row["id"],
        )

    def articles(self) -> list[Row]:
        """Every article: with its latest source, its number of embeds, and where its bytes lie."""
        return list(
            self.db.query(
                "SELECT a.*, r.segment, r.offset, r.length, r.type AS record_type, r.date AS kept,"
                " (SELECT source FROM sources WHERE article = a.id ORDER BY rowid DESC LIMIT 1) AS source,"
                " (SELECT min(read) FROM sources WHERE article = a.id) AS first_read,"
                " (SELECT count(*) FROM embeds WHERE article = a.id) AS embeds"
                " FROM articles AS a JOIN records AS r ON r.id = a.record ORDER BY a.rowid"
            )
        )

    def articles_called(self, name: str) -> list[Row]:
        """The articles of that source, digest (or its beginning, 8 characters or more) or address."""
        sources = {row["article"] for row in self.db.query("SELECT article FROM sources WHERE source = ?", [name])}
        return [
            row
            for row in self.articles()
            if row["id"] in sources or row["url"] == name or (len(name) >= 8 and row["id"].startswith(name.lower()))
        ]

    def outcomes(
        self, *, article: str | None = None, post_id: str | None = None, capture_url: str | None = None
    ) -> list[Outcome]:
        """The latest outcomes: of an article, of a post, of those that rest on an address, or all. In document order."""
        wanted = {  # only what is asked for stands in the question: else SQLite would go through all
            "e.article = ?": article,
            "o.post_id = ?": post_id,
            "o.id IN (SELECT oc.outcome FROM outcome_captures AS oc JOIN captures AS c ON c.id = oc.capture WHERE c.url = ?)": (
                capture_url
            ),
        }
        where = " AND ".join(condition for condition, value in wanted.items() if value is not None) or "1"
        rows = self.db.query(
            "SELECT o.*, e.position AS e_position, e.line AS e_line, e.platform AS e_platform, e.form AS e_form,"  # noqa: S608 (our own words)
            " e.post_id AS e_post_id, e.url AS e_url, e.author AS e_author, e.handle AS e_handle, e.posted AS e_posted,"
            " e.text AS e_text, e.links AS e_links,"
            " (SELECT source FROM sources WHERE article = e.article ORDER BY rowid DESC LIMIT 1) AS e_source"
            " FROM latest_outcomes AS o JOIN embeds AS e ON e.id = o.embed"
            f" WHERE {where} ORDER BY e.article, e.position, o.sequence",
            [value for value in wanted.values() if value is not None],
        )
        return [self.outcome(row, _embed(row)) for row in list(rows)]

    def post(self, post: str, origin: Origin) -> Row | None:
        """A post as the platform gave it, by the platform's id or by its own."""
        return self._one(
            "SELECT * FROM posts WHERE (post_id = ? OR id = ?) AND origin = ? AND memento IS NULL", post, post, origin.value
        )

    def media(self, post: str) -> list[Row]:
        """The media of a post, with where their bytes lie."""
        return list(
            self.db.query(
                "SELECT m.*, c.status, c.origin, c.payload_bytes, r.segment, r.offset, r.length FROM media AS m"
                " LEFT JOIN captures AS c ON c.id = m.capture LEFT JOIN records AS r ON r.id = c.id"
                " WHERE m.post = ? ORDER BY m.rowid",
                [post],
            )
        )

    def links(self, post: str) -> list[Row]:
        """The links in a post's words, in their order."""
        return list(self.db.query("SELECT * FROM links WHERE post = ? ORDER BY position", [post]))

    def choices(self, post: str) -> list[Row]:
        """The choices of a post's poll, in their order."""
        return list(self.db.query("SELECT * FROM choices WHERE post = ? ORDER BY position", [post]))

    def relations(self, post: str) -> list[Row]:
        """The posts that a post belongs to, read or only named."""
        return list(self.db.query("SELECT * FROM relations WHERE post = ? ORDER BY rowid", [post]))

    def captures_of(self, url: str) -> list[CaptureLine]:
        """Every capture of an address, oldest first."""
        rows = self.db.query(
            "SELECT c.url, c.status, c.origin, r.segment, r.offset, r.length, c.payload_digest, r.date, c.id,"
            " coalesce((SELECT purpose FROM outcome_captures WHERE capture = c.id LIMIT 1), ?) AS purpose"
            " FROM captures AS c JOIN records AS r ON r.id = c.id WHERE c.url = ? ORDER BY c.rowid",
            [Purpose.ARTICLE.value, url],
        )
        return [capture_line(row) for row in rows]

    def skews(self, captures: Iterable[str]) -> list[Row]:
        """Of these captures, those whose server told a time: address and `skew_seconds`."""
        sql = "SELECT url, skew_seconds FROM captures WHERE id = ? AND skew_seconds IS NOT NULL"
        return [row for capture in captures for row in self.db.query(sql, [capture])]

    def problems(self) -> list[str]:
        """What SQLite itself finds wrong with the file. Empty where nothing is."""
        found = [str(row[0]) for row in self.db.conn.execute("PRAGMA integrity_check") if row[0] != "ok"]
        found += [
            f"{row[0]}: row {row[1]} points to no row of {row[2]}" for row in self.db.conn.execute("PRAGMA foreign_key_check")
        ]
        return found


def _told(keys: Iterable[tuple[str, str]], digests: Iterable[str]) -> str:
    return canonical([(*key, digest) for key, digest in zip(keys, digests, strict=True)]).decode()


def _post_row(post: Post, key: str, origin: Origin, quoted: str | None, read_from: str) -> Row:
    words, card, poll = " ".join(post.text.split()), post.card, post.poll
    return {
        "id": key,
        "title": _clean(f"@{post.handle or '?'}: {words[:60]}"),
        "platform": post.ref.platform,
        "post_id": post.ref.post_id,
        "origin": origin.value,
        "url": post.url,
        "author": _clean(post.author),
        "handle": _clean(post.handle),
        "author_id": _clean(post.author_id),
        "posted": _utc(post.posted),
        "lang": _clean(post.lang),
        "text": _clean(post.text),
        "cut": int(post.cut),
        "quoted": quoted,
        "capture": read_from,
        "precision": post.precision.value if post.precision else None,
        "made": _utc(post.made),
        "place": _clean(post.place),
        "card": _clean(card.name) if card else None,
        "card_url": _clean(card.url) if card else None,
        "card_title": _clean(card.title) if card else None,
        "card_description": _clean(card.description) if card else None,
        "poll_ends": _utc(poll.ends) if poll else None,
        "sensitive": post.sensitive,
        "edited": post.edited,
        "superseded": post.superseded,
        "poll_ended": poll.ended if poll else None,
    }


def _skew_seconds(exchange: Exchange) -> int | None:
    """The server's clock less ours, for a live answer that tells the time. One out of a cache tells its age, too."""
    told, age = exchange.header("Date"), exchange.header("Age") or ""
    if exchange.origin is Origin.STAND_IN or not told:
        return None
    try:
        made = parsedate_to_datetime(told) + timedelta(seconds=int(age) if re.fullmatch(r"[0-9]{1,9}", age) else 0)
        return round((made - exchange.started).total_seconds())
    except (ValueError, TypeError):  # no date, or one without a zone
        return None


def _utc(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds") if moment else None


def _rows_of(post: Post, key: str, keys: Mapping[str, str]) -> dict[str, list[Row]]:
    """What a post has several of. `keys` are the posts that belong to it and were read."""

    def numbered(rows: Iterable[Row], kind: str = "") -> list[Row]:
        return [{"id": f"{key}{kind}#{at}", "post": key, "position": at, **row} for at, row in enumerate(rows, 1)]

    links = ({"short": one.short, "url": one.url, "shown": one.shown, "capture": one.capture} for one in post.links)
    choices = ({"label": _clean(label), "votes": votes} for label, votes in (post.poll.choices if post.poll else ()))
    reposts = post.reposted.ref if post.reposted else None
    versions = [PostRef(post.ref.platform, one, post.handle) for one in post.versions]
    related: list[Row] = []
    for kind, refs in (
        ("quotes", [post.quotes]),
        ("replies-to", [post.replies_to]),
        ("reposts", [reposts]),
        ("version", versions),
    ):
        rows = (
            {
                "kind": kind,
                "post_id": ref.post_id,
                "handle": _clean(ref.handle),
                "other": key if ref.post_id == post.ref.post_id else keys.get(kind) or keys.get(f"{kind} {ref.post_id}"),
            }
            for ref in refs
            if ref is not None
        )
        related += numbered(rows, f"#{kind}")
    cleaned = ({name: _clean(value) for name, value in row.items()} for row in links)
    return {"links": numbered(cleaned), "choices": numbered(choices), "relations": related}


def capture_line(row: Row) -> CaptureLine:
    """A row with the columns of a capture and of its record."""
    return CaptureLine(
        url=row["url"],
        status=row["status"],
        origin=Origin(row["origin"]),
        warc=row["segment"],
        offset=row["offset"],
        length=row["length"],
        payload_digest=row["payload_digest"],
        date=row["date"],
        record_id=row["id"],
        purpose=row["purpose"],
    )


def embed_id(embed: Embed, article_sha256: str) -> str:
    """A digest of the article and of all that the embed claims: the same claim is the same embed in every run."""
    claim = [
        article_sha256,
        embed.position,
        embed.line,
        embed.platform,
        embed.form,
        embed.handle,
        embed.posted.isoformat() if embed.posted else None,
        embed.text,
        list(embed.links),
        embed.url,
    ]
    return hashlib.sha256(json.dumps(claim).encode()).hexdigest()[:32]


def embed_title(embed: Embed) -> str:
    """Who and when, for people."""
    return f"@{embed.handle or '?'} {embed.posted or 'no day'}, line {embed.line}"


def post_key(ref: PostRef, origin: Origin) -> str:
    """A post's id in the index. One read from stand-ins can never be taken for one that was seen live."""
    return f"{ref.platform}:{ref.post_id}{'~stand-in' if origin is Origin.STAND_IN else ''}"


def _embed(row: Row) -> Embed:
    ref = PostRef(row["e_platform"], row["e_post_id"], row["e_handle"]) if row["e_post_id"] else None
    return Embed(
        article=row["e_source"] or "",
        position=row["e_position"],
        line=row["e_line"],
        platform=row["e_platform"],
        form=row["e_form"],
        author=row["e_author"],
        handle=row["e_handle"],
        posted=date.fromisoformat(row["e_posted"]) if row["e_posted"] else None,
        text=row["e_text"],
        links=tuple(json.loads(row["e_links"])),
        ref=ref,
        url=row["e_url"],
    )


def _clean(text: str | None) -> str | None:
    """What SQLite can hold: no lone surrogates, no NUL (which would end the text for its own functions)."""
    if text is None:
        return None
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "�")
