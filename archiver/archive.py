"""The archive on the disk: `archive.db`, `warc/`, and the order in which they are written.

Bytes first: an exchange is in its segment, and on the disk, before anything reads it; its index row comes after; what is said
to be saved is said last. A run holds the lock from beginning to end.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import sqlite3
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from archiver.errors import ArchiveBusy, ArchiveDamaged, ArchiveWriteError, UsageError
from archiver.model import (
    Anchor,
    Article,
    ArticleFacts,
    ArticleMedium,
    Capture,
    Embed,
    Exchange,
    Format,
    Head,
    MediaKept,
    Memento,
    Origin,
    Outcome,
    Post,
    Purpose,
    RecordRef,
    RunFacts,
)
from archiver.provenance.index import Entry, Index, Row, Stamp
from archiver.verifier import ANCHOR_FOLDER, GENESIS, PAGES_NAME, canonical
from archiver.warc import read as warc_read
from archiver.warc import record as warc_record
from archiver.warc.segment import OPEN, Batch, Segment, opened, present, seal, sync_folder
from archiver.warc.streamed import StreamedMember

INDEX_NAME = "archive.db"
WARC_FOLDER = "warc"
QUARANTINE_FOLDER = "quarantine"
LOCK_NAME = "archive.lock"
MAX_SEGMENT_BYTES = 1024 * 1024 * 1024  # then the next one is begun
LARGE_BYTES = 8 * 1024 * 1024  # a body of more than that is checked where it lies, and not read into memory

_ENTRY = ("seq", "previous", "run", "written", "elapsed", "schema")
_SEGMENTS = {Origin.LOCAL: "ledger", Origin.LIVE: "archiver", Origin.WEB_ARCHIVE: "web-archive", Origin.STAND_IN: "stand-in"}
_CONTENT_TYPES = {Format.HTML: "text/html", Format.MARKDOWN: "text/markdown"}
_DAMAGE = ("malformed", "not a database", "disk image")


@contextmanager
def open_for_writing(root: Path, *, user_agent: str, robots: str = "ignore") -> Iterator[Archive]:
    """The archive at `root`, created where there is none, locked until the block is left. Nothing is written to it before
    `Archive.begin_run`.

    `robots` is what was done about robots.txt, as warcinfo says it: `obey` or `ignore`. Raises UsageError, ArchiveBusy,
    ArchiveDamaged, ArchiveWriteError.
    """
    with locked(root):
        with refusals(root):
            index = Index.open(_index_path(root))
        archive = Archive(root, index, user_agent, robots)
        try:
            yield archive
        finally:
            archive.close()


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """No other run writes to the archive until the block is left. Raises UsageError, ArchiveBusy, ArchiveWriteError."""
    if root.exists() and not root.is_dir():
        raise UsageError(f"--archive {root}: is a file; name a folder")
    lock = FileLock(root / LOCK_NAME, timeout=0)
    with refusals(root):
        if not ((root / INDEX_NAME).exists() and (root / WARC_FOLDER).is_dir()):
            _make_durable(root)
        try:
            lock.acquire()
        except Timeout:
            raise ArchiveBusy(f"{root}: another run holds this archive; try again when it has ended") from None
    try:
        yield
    finally:
        lock.release()


def _make_durable(root: Path) -> None:
    """The archive's folders, and those above that are missing, with names that a power cut cannot take away. Raises OSError."""
    missing = [folder for folder in root.parents if not folder.is_dir()]
    for folder in (*reversed(missing), root, root / WARC_FOLDER):
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)  # where it was there, too: a run that made it may have been cut off before this


class Archive:
    """One archive that a run writes to. Made by `open_for_writing`."""

    def __init__(self, root: Path, index: Index, user_agent: str, robots: str) -> None:
        self.root = root
        self.index = index
        self._user_agent = user_agent
        self._robots = robots
        self._segments: dict[Origin, Segment] = {}
        self._known: set[str] = set()  # the segments that have their row
        self._spilled: list[Spilled] = []
        self._run = ""
        self._software = self._operator = ""
        self._began = 0.0

    def close(self) -> None:
        """Let go of the files. Those of a run that did not end stay open in name, and the next run seals them."""
        for segment in self._segments.values():
            segment.close()
        for spilled in self._spilled:
            spilled.close()
        self.index.close()

    @property
    def run(self) -> str:
        """The run that is at work."""
        return self._run

    def begin_run(self, told: RunFacts) -> list[str]:
        """The run is on record, and what an earlier one left half done is set right; what that was, a line each.

        Raises ArchiveDamaged, before anything is changed, where bytes that rows name are missing; ArchiveWriteError.
        """
        self._run, self._began = str(uuid.uuid4()), time.monotonic()
        self._software, self._operator = told.software, told.operator
        with refusals(self.root):
            aside = self._aside()
            if not self.index.up_to_date():  # the pages change before an entry tells of it
                (self.root / PAGES_NAME).unlink(missing_ok=True)
            self.index.migrate()
        with self._entry():
            adopted = self.index.adopt() if self.index.head() is None else 0
            self.index.add_run(self._run, told, datetime.now(UTC))
            if adopted:
                self.index.add_custody(self._run, "adopted", INDEX_NAME, f"{adopted} rows are older than the ledger")
        return [self._put_aside(left) for left in aside]

    def end_run(self, status: int) -> None:
        """The run is over: its segments are sealed."""
        with self._entry():
            self.index.end_run(self._run, status)
        with refusals(self.root):
            for segment in self._segments.values():
                segment.seal()
            self._segments.clear()
            write_pages(self.root / INDEX_NAME, self.index.head())

    @contextmanager
    def _entry(
        self, segment: Segment | None = None, records: Sequence[warc_record.Record] = ()
    ) -> Iterator[tuple[RecordRef, ...]]:
        """An entry of the ledger: the records, which are appended to the segment, and the rows that are written in the block.

        When it is left, first the records are on the disk, then the entry in its own segment, then the rows in the index.
        Raises ArchiveWriteError.
        """
        with refusals(self.root):
            ledger, record = self._segment(Origin.LOCAL), warc_record.new_id()
            batch = segment.batch(records) if segment else Batch((), b"")
            stamp = Stamp(self._run, datetime.now(UTC), time.monotonic() - self._began)

            def keep(entry: Entry, record: str) -> RecordRef:
                if segment:
                    segment.write(batch)
                told = {"ledger": 1, **{name: getattr(entry, name) for name in _ENTRY}, "rows": entry.rows}
                made = ledger.batch([warc_record.ledger(record, entry.seq, canonical(told), stamp.written)])
                ledger.write(made)
                return made.refs[0]

            new = {one.name: one for one in (ledger, segment) if one and one.name not in self._known}
            with self.index.entry(stamp, record, keep):
                yield batch.refs
                for one in new.values():
                    self.index.add_segment(one.name, self._run, one.origin, one.opening)
            self._known |= new.keys()

    def add_custody(self, act: str, about: str, detail: str) -> None:
        """That something was done with the archive, and to what."""
        with self._entry():
            self.index.add_custody(self._run, act, about, detail)

    def put_withheld(self, rows: Sequence[Row], acts: Sequence[tuple[str, str, str]] = ()) -> None:
        """What is withheld from now on, or is not any more; and that this was done: act, about what, in words."""
        with self._entry():
            self.index.put_withheld(self._run, rows)
            for act, about, detail in acts:
                self.index.add_custody(self._run, act, about, detail)

    # The network's memory --------------------------------------------------------------------------------------------

    def waits(self) -> dict[str, datetime]:
        """Hosts that said when to come again, and are not to be asked yet."""
        return self.index.waits(datetime.now(UTC))

    def asked_since(self, moment: datetime) -> list[tuple[str, datetime]]:
        """The addresses that were asked for on the network since then, oldest first, and when."""
        return self.index.asked_since(moment)

    def add_wait(self, host: str, until: datetime, reason: str) -> None:
        """A host said when to come again: the next run keeps to it too."""
        with self._entry():
            self.index.add_wait(host, until, reason, self._run)

    def add_unanswered(self, url: str, purpose: Purpose, reason: str, detail: str) -> None:
        """A request that got no answer, or was not allowed: what is missing can be explained."""
        with self._entry():
            self.index.add_unanswered(url, purpose, reason, detail, self._run, datetime.now(UTC))

    def begin(self, embed: Embed, article: Article) -> int:
        """Work on an embed is begun. How many runs before this one failed at it, or were cut off while they worked on it, since
        one last ended well."""
        with self._entry():
            return self.index.begin(embed, article, self._run, datetime.now(UTC))

    # Writing ---------------------------------------------------------------------------------------------------------

    def keep(self, exchange: Exchange, purpose: Purpose) -> Capture:
        """The exchange as request and response, or as revisit where the same payload of the same origin is kept already.

        When this returns, its bytes are on the disk and its row is committed. Raises ArchiveWriteError.
        """
        if isinstance(exchange.spill, Spilled):
            return self._keep_spilled(exchange, exchange.spill, purpose)
        payload_sha256, digest = hashlib.sha256(exchange.body).hexdigest(), warc_record.sha1_digest(exchange.body)
        with refusals(self.root):
            earlier = None
            if exchange.body and not exchange.truncated:
                earlier = self.index.original(payload_sha256, exchange.origin)
            original = warc_record.Original(earlier["id"], earlier["url"], earlier["date"]) if earlier else None
            segment = self._segment(exchange.origin)
        with self._entry(segment, warc_record.exchange(exchange, original, digest)) as (response, *others):
            capture = Capture(exchange, response, digest, purpose)
            self.index.add_capture(capture, others, self._run, payload_sha256, original.id if original else None)
        return capture

    def spill(self, begun: Exchange) -> Spilled:
        """Where the body of an exchange goes while it is received: a segment of its own, so that nobody waits for it."""
        with refusals(self.root):
            segment = self._open_segment(begun.origin)
            response, *_ = warc_record.exchange(replace(begun, truncated="unspecified"), digest=warc_record.sha1_digest(b""))
            spilled = Spilled(segment, segment.streamed(response), self.root)
            self._spilled.append(spilled)
            return spilled

    def _keep_spilled(self, exchange: Exchange, spilled: Spilled, purpose: Purpose) -> Capture:
        """The rows of a body that is in its segment already, and the records that belong to it."""
        member = spilled.member
        with refusals(self.root):
            response, *others = warc_record.exchange(exchange, digest=member.payload_digest)
            record = spilled.segment.finish(member, response)
        with self._entry(spilled.segment, others) as refs:
            capture = Capture(replace(exchange, spill=None), record, member.payload_digest, purpose)
            self.index.add_capture(capture, refs, self._run, member.payload_sha256, None)
        with refusals(self.root):
            spilled.segment.seal()
        self._spilled.remove(spilled)
        return capture

    def keep_memento(self, capture: Capture, memento: Memento) -> None:
        """That a capture is a web archive's copy of another address: a metadata record about it, and its row. Once."""
        if self.index.memento(capture.record.id) is not None:
            return
        about = {
            "memento": capture.exchange.url,
            "memento_of": memento.original,
            "captured": memento.captured.isoformat(),
            "archive": memento.archive,
            "listed_digest": memento.digest or None,
            "fetched": capture.record.date,
            "says": f"memento of {memento.original} captured {memento.captured.isoformat()} by {memento.archive}",
        }
        origin = capture.exchange.origin
        made = warc_record.metadata("memento", capture.exchange.url, capture.record.id, about, origin, datetime.now(UTC))
        with self._entry(self._segment(origin), [made]) as (record,):
            self.index.add_memento(capture, memento, record)

    def keep_article_media(self, article: Article, media: Sequence[tuple[ArticleMedium, Capture | None, str | None]]) -> None:
        """The rows that tie what an article's body shows to its captures."""
        with self._entry():
            self.index.add_article_media(article, media)

    def keep_article(self, article: Article, facts: ArticleFacts, fetched: Capture | None) -> None:
        """The article's bytes, once, and that it was handed over this time under this name."""
        held = self.index.article(article.sha256) is not None
        made = []
        if not held and fetched is None:
            content_type = article.media_type or _CONTENT_TYPES[article.format]
            made.append(warc_record.resource(article_uri(article), content_type, article.data, datetime.now(UTC)))
        with self._entry(self._segment(Origin.LIVE) if made else None, made) as records:
            if not held:
                origin = fetched.exchange.origin if fetched else Origin.LOCAL
                self.index.add_article(article, facts, fetched.record.id if fetched else records[0], origin)
            self.index.add_source(article, self._run)

    def keep_outcome(
        self,
        outcome: Outcome,
        about: Mapping[str, Any],
        article: Article,
        post: Post | None,
        read_from: Capture | None,
        media: Sequence[MediaKept],
    ) -> None:
        """What one embed came to: a metadata record about the article's record, then the rows."""
        row = self.index.article(article.sha256)
        if row is None:
            raise ArchiveDamaged(f"{self.root}: article {article.sha256} has no row")
        target = outcome.url or article_uri(article)
        made = warc_record.metadata("embed", target, row["record"], about, outcome.origin, datetime.now(UTC))
        with self._entry(self._segment(outcome.origin), [made]) as (record,):
            self.index.add_outcome(outcome, record, self._run, article, post, read_from, media)

    # Anchors ---------------------------------------------------------------------------------------------------------

    def head(self) -> Head:
        """The head of the ledger as it is now. Raises ArchiveDamaged where there is none."""
        row = self.index.head_row()
        if row is None:
            raise ArchiveDamaged(f"{self.root / INDEX_NAME}: has no ledger")
        begun, captures, size = self.index.measures()
        return Head(begun, row["seq"], row["hash"], captures, size, row["schema"], datetime.now(UTC))

    def only_anchored_since(self, seq: int) -> bool:
        """Whether nothing but anchoring was done since that entry of the ledger was written."""
        return self.index.only_anchored_since(seq, self._run)

    def keep_anchor(self, name: str, data: bytes) -> str:
        """The bytes in a new file of `anchors/`, on the disk; its name, which has a number where the name is taken already."""
        folder = self.root / ANCHOR_FOLDER
        first, dot, suffix = name.rpartition(".")
        with refusals(self.root):
            if not folder.is_dir():
                folder.mkdir()
                sync_folder(self.root)
            path, number = folder / name, 1
            while path.exists():
                number += 1
                path = folder / f"{first}-{number}{dot}{suffix}"
            partial_file = folder / f"{path.name}.partial"
            with partial_file.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            partial_file.rename(path)
            path.chmod(0o444)
            sync_folder(folder)
        return path.name

    def put_anchors(self, anchors: Sequence[Anchor], act: str = "") -> None:
        """The rows of anchors, new or further than they were; with `act`, that they were asked for is on record too."""
        with self._entry():
            for anchor in anchors:
                self.index.put_anchor(anchor)
            if act:
                self.index.add_custody(self._run, "anchored", act, f"{len(anchors)} authorities to be asked")

    def _segment(self, origin: Origin) -> Segment:
        """The segment that records of this origin go to; a new one where the last one is full."""
        segment = self._segments.get(origin)
        if segment is not None and segment.length >= MAX_SEGMENT_BYTES and segment.name in self._known:
            self._segments.pop(origin).seal()
            segment = None
        if segment is None:
            segment = self._segments[origin] = self._open_segment(origin)
        return segment

    def _open_segment(self, origin: Origin) -> Segment:
        now = datetime.now(UTC)
        name = f"{_SEGMENTS[origin]}-{now:%Y%m%d%H%M%S}-{secrets.token_hex(4)}.warc.gz"
        opening = warc_record.warcinfo(name, origin, self._software, self._user_agent, now, self._robots, self._operator)
        return Segment(self.root / WARC_FOLDER / name, origin, opening)

    # Reading ---------------------------------------------------------------------------------------------------------

    def held(self, url: str, purpose: Purpose, *, stand_ins: bool, refusals: bool = False) -> Capture | None:
        """A good answer from that address that is kept already, read back and checked; None where there is none. With
        `refusals`, "not found" is a good answer too.

        Raises ArchiveDamaged where it is no longer what was written.
        """
        row = self.index.held(url, stand_ins=stand_ins, refusals=refusals)
        return held_capture(self.root, row, purpose) if row else None

    def final_outcome(self, embed: Embed, article: Article, *, stand_ins: bool) -> Outcome | None:
        """The outcome of an earlier run where it left nothing to add."""
        return self.index.final_outcome(embed, article, stand_ins=stand_ins)

    # Recovery --------------------------------------------------------------------------------------------------------

    def _aside(self) -> list[Left]:
        """What a run that was cut off left. Nothing is changed. Raises ArchiveDamaged where bytes that rows name are missing,
        or where a file is not what a run can have left."""
        folder, first = self.root / WARC_FOLDER, not self.index.has_ledger()
        known = {row["name"]: row["bytes"] for row in self.index.segments()}
        found = [_left(folder / name, acknowledged, first) for name, acknowledged in known.items()]
        for path in sorted(folder.iterdir()):
            if path.name.removesuffix(OPEN) in known or not path.is_file():
                continue
            if not path.name.endswith(OPEN) and not first:
                raise ArchiveDamaged(
                    f"{path}: no row names this file. Where {INDEX_NAME} is older than the files, `archiver reindex` makes it"
                    " anew; a file of another program belongs elsewhere"
                )
            found.append(Left(path, 0, path.stat().st_size))
        return [left for left in found if left is not None]

    def _put_aside(self, left: Left) -> str:
        """Bytes that no row names go to `quarantine/`; then the segment is sealed. What was done, for people.

        It is on record before it is done, and done again where it is cut off. Nothing is deleted.
        """
        path, quarantine = left.path, self.root / QUARANTINE_FOLDER
        extra = left.size - left.keep
        if not left.keep:
            done = f"{path}: no row names this file; it is now in {QUARANTINE_FOLDER}/"
        elif extra:
            done = f"{path}: {extra} bytes of a run that was cut off are now in {QUARANTINE_FOLDER}/"
        else:
            done = f"{path}: a run was cut off; the file is sealed with all that was acknowledged"
        with refusals(self.root):
            quarantine.mkdir(exist_ok=True)
            if left.keep and extra:
                _copy_tail(path, left.keep, quarantine)
            with self._entry():
                self.index.add_custody(self._run, "recovered", path.name, done.replace(f"{path}", path.name, 1))
            if not left.keep:
                path.rename(quarantine / f"{path.name}.{secrets.token_hex(4)}")
                sync_folder(quarantine)
            else:
                os.truncate(path, left.keep)
                if path.name.endswith(OPEN):
                    seal(path.with_name(path.name.removesuffix(OPEN)))
                else:  # of a version that did not seal
                    path.chmod(0o444)
            sync_folder(path.parent)
        return done


@dataclass(frozen=True, slots=True)
class Left:
    """A file as a run that was cut off left it: how many of its bytes are acknowledged, and how many it has."""

    path: Path
    keep: int
    size: int


def _left(path: Path, acknowledged: int, first: bool) -> Left | None:
    """What is to be set right about a segment; None where it is whole and sealed. Raises ArchiveDamaged."""
    unsealed = opened(path)
    twice = path.exists() and unsealed.exists()
    if twice and not path.samefile(unsealed):  # two names of one file are a sealing that a power cut left half done
        raise ArchiveDamaged(f"{path}: is there twice, sealed and as {unsealed.name}")
    if not path.exists() and not unsealed.exists():
        raise ArchiveDamaged(f"{path}: is missing; run `archiver verify` for what is lost")
    sealed = path.exists() and not twice
    size = (path if sealed else unsealed).stat().st_size
    if size < acknowledged:
        raise ArchiveDamaged(f"{path}: has {size} of {acknowledged} bytes; run `archiver verify` for what is lost")
    if sealed and size > acknowledged and not first:
        raise ArchiveDamaged(f"{path}: has {size - acknowledged} bytes more than when it was sealed; run `archiver verify`")
    if not sealed:
        return Left(unsealed, acknowledged, size)
    return Left(path, acknowledged, size) if size > acknowledged else None


def _copy_tail(path: Path, keep: int, quarantine: Path) -> None:
    """The bytes from `keep` on, in a file that is named for them, on the disk. Where it is there already, it is left."""
    digest = hashlib.sha256()
    partial_copy = quarantine / f"{path.name}.{keep}.partial"
    with path.open("rb") as source, partial_copy.open("wb") as copy:
        source.seek(keep)
        while piece := source.read(1024 * 1024):
            digest.update(piece)
            copy.write(piece)
        copy.flush()
        os.fsync(copy.fileno())
    partial_copy.replace(quarantine / f"{path.name}.{keep}.{digest.hexdigest()[:16]}.tail")
    sync_folder(quarantine)


def write_pages(path: Path, head: tuple[int, str] | None) -> None:
    """The digest of each page of the index, beside it: so that `verify` can tell where a byte was changed that no row holds."""
    seq, hash_ = head or (0, GENESIS)
    with path.open("rb") as file:
        size = int.from_bytes(file.read(18)[16:18], "big") or 4096
        page_size = 65_536 if size == 1 else size
        file.seek(0)
        pages = [hashlib.sha256(page).hexdigest() for page in iter(partial(file.read, page_size), b"")]
    told = canonical({"seq": seq, "hash": hash_, "page_size": page_size, "sha256": pages})
    beside = path.with_name(PAGES_NAME)
    written = beside.with_name(f"{beside.name}.partial")
    with written.open("wb") as file:
        file.write(told + hashlib.sha256(told).hexdigest().encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    written.replace(beside)
    sync_folder(path.parent)


@dataclass(frozen=True, slots=True)
class Spilled:
    """A body on its way into a segment. `write` may be called by any one thread."""

    segment: Segment
    member: StreamedMember
    root: Path

    def write(self, data: bytes) -> None:
        """Raises ArchiveWriteError."""
        with refusals(self.root):
            self.member.write(data)

    def close(self) -> None:
        self.member.close()
        self.segment.close()


def held_capture(root: Path, row: Row, purpose: Purpose) -> Capture:
    """A row of `captures`, joined with its records, as the exchange it was, its body `unread` where that is large. Raises
    ArchiveDamaged."""
    folder = root / WARC_FOLDER
    large = row["payload_bytes"] > LARGE_BYTES
    read = warc_read.opening if large else warc_read.record
    stored = read(present(folder / row["segment"]), row["offset"], row["length"], row["sha256"])
    head, headers, body = warc_read.http_parts(stored.block)
    if row["body_segment"]:
        where = (present(folder / row["body_segment"]), row["body_offset"], row["body_length"], row["body_sha256"])
        _, _, body = warc_read.http_parts(read(*where).block)
    exchange = Exchange(
        method=row["method"],
        url=row["url"],
        request_head=b"",  # it is in its own record; nobody who reads an answer needs it
        status=row["status"],
        headers=headers,
        response_head=head,
        body=b"" if large else body,
        unread=row["payload_bytes"] if large else 0,
        started=datetime.fromisoformat(row["date"]),
        origin=Origin(row["origin"]),
        ip=row["ip"],
        truncated=row["truncated"],
        stand_in=row["stand_in"],
    )
    ref = RecordRef(
        row["id"], row["segment"], row["offset"], row["length"], stored.field("WARC-Type") or "", row["date"], row["sha256"]
    )
    return Capture(exchange, ref, row["payload_digest"], purpose)


def kept_answer(root: Path, url: str) -> Capture | None:
    """The newest good answer of an address that the archive at `root` holds; None where it holds none, or is none.

    Raises ArchiveDamaged.
    """
    if not (root / INDEX_NAME).is_file():
        return None
    index = Index.open_read_only(root / INDEX_NAME)
    try:
        row = index.held(url, stand_ins=True)
        return held_capture(root, row, Purpose.ARTICLE) if row else None
    finally:
        index.close()


def article_uri(article: Article) -> str:
    """A name for bytes that have no address: by their digest, without a path of anybody's machine."""
    return f"urn:sha256:{article.sha256}"


def open_read_only(root: Path) -> Index:
    """The index of the archive at `root`. Raises UsageError where there is none, ArchiveDamaged where it cannot be read."""
    path = _index_path(root)
    if not path.is_file():
        raise UsageError(f"{root}: there is no archive here; `archiver save` makes one, --archive names another")
    return Index.open_read_only(path)


def _index_path(root: Path) -> Path:
    """Where the index is. Raises ArchiveDamaged where there are WARC files and no index of them."""
    path, folder = root / INDEX_NAME, root / WARC_FOLDER
    if not (path.is_file() and path.stat().st_size) and folder.is_dir() and any(folder.iterdir()):
        what = "empty" if path.is_file() else "missing"
        raise ArchiveDamaged(f"{path}: is {what}, and {WARC_FOLDER}/ is not empty; `archiver reindex` makes it anew")
    return path


@contextmanager
def refusals(root: Path) -> Iterator[None]:
    """What the disk and SQLite refuse, in this project's words."""
    try:
        yield
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, "I/O error")
        raise ArchiveWriteError(
            f"{error.filename or root}: {error.strerror or error} ({name}); nothing that was reported is lost"
        ) from error
    except sqlite3.DatabaseError as error:
        path, words = root / INDEX_NAME, str(error)
        if any(mark in words for mark in _DAMAGE):
            raise ArchiveDamaged(f"{path}: {words}") from error
        if "locked" in words:
            raise ArchiveBusy(f"{path}: another program holds the index") from error
        if isinstance(error, sqlite3.OperationalError):
            raise ArchiveWriteError(f"{path}: {words}; nothing that was reported is lost") from error
        raise
