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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from archiver.errors import ArchiveBusy, ArchiveDamaged, ArchiveWriteError, UsageError
from archiver.model import (
    Article,
    ArticleFacts,
    ArticleMedium,
    Capture,
    Embed,
    Exchange,
    Format,
    MediaKept,
    Memento,
    Origin,
    Outcome,
    Post,
    Purpose,
    RecordRef,
)
from archiver.provenance.index import Index, Row
from archiver.warc import read as warc_read
from archiver.warc import record as warc_record
from archiver.warc.segment import Segment
from archiver.warc.streamed import StreamedMember

INDEX_NAME = "archive.db"
WARC_FOLDER = "warc"
QUARANTINE_FOLDER = "quarantine"
LOCK_NAME = "archive.lock"
LARGE_BYTES = 8 * 1024 * 1024  # a body of more than that is checked where it lies, and not read into memory

_SEGMENTS = {Origin.LIVE: "archiver", Origin.WEB_ARCHIVE: "web-archive", Origin.STAND_IN: "stand-in"}
_CONTENT_TYPES = {Format.HTML: "text/html", Format.MARKDOWN: "text/markdown"}
_DAMAGE = ("malformed", "not a database", "disk image")


@contextmanager
def open_for_writing(
    root: Path, *, software: str, user_agent: str, notice: Callable[[str], None], robots: str = "ignore"
) -> Iterator[Archive]:
    """The archive at `root`, created where there is none, locked until the block is left.

    `robots` is what was done about robots.txt, as warcinfo says it: `obey` or `ignore`. `notice` is told, a line each, what had
    to be set right. Raises UsageError, ArchiveBusy, ArchiveDamaged, ArchiveWriteError.
    """
    if root.exists() and not root.is_dir():
        raise UsageError(f"--archive {root}: is a file; name a folder")
    lock = FileLock(root / LOCK_NAME, timeout=0)
    with _refusals(root):
        (root / WARC_FOLDER).mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire()
        except Timeout:
            raise ArchiveBusy(f"{root}: another run holds this archive; try again when it has ended") from None
    try:
        with _refusals(root):
            _index_path(root)
            index = Index.open(root / INDEX_NAME)
        archive = Archive(root, index, software, user_agent, robots)
        try:
            with _refusals(root):
                archive.recover(notice)
            yield archive
        finally:
            archive.close()
    finally:
        lock.release()


class Archive:
    """One archive that a run writes to. Made by `open_for_writing`."""

    def __init__(self, root: Path, index: Index, software: str, user_agent: str, robots: str) -> None:
        self.root = root
        self.index = index
        self._software = software
        self._user_agent = user_agent
        self._robots = robots
        self._segments: dict[Origin, Segment] = {}
        self._spilled: list[Spilled] = []
        self._run = ""

    def close(self) -> None:
        for segment in self._segments.values():
            segment.close()
        for spilled in self._spilled:
            spilled.close()
        self.index.close()

    def begin_run(self, command: str, offline: bool) -> None:
        with _refusals(self.root):
            self._run = self.index.begin_run(self._software, command, offline, datetime.now(UTC))

    def end_run(self, status: int) -> None:
        with _refusals(self.root):
            self.index.end_run(self._run, status)

    # The network's memory --------------------------------------------------------------------------------------------

    def waits(self) -> dict[str, datetime]:
        """Hosts that said when to come again, and are not to be asked yet."""
        return self.index.waits(datetime.now(UTC))

    def asked_since(self, moment: datetime) -> list[tuple[str, datetime]]:
        """The addresses that were asked for on the network since then, oldest first, and when."""
        return self.index.asked_since(moment)

    def add_wait(self, host: str, until: datetime, reason: str) -> None:
        """A host said when to come again: the next run keeps to it too."""
        with _refusals(self.root):
            self.index.add_wait(host, until, reason, self._run)

    def add_unanswered(self, url: str, purpose: Purpose, reason: str, detail: str) -> None:
        """A request that got no answer, or was not allowed: what is missing can be explained."""
        with _refusals(self.root):
            self.index.add_unanswered(url, purpose, reason, detail, self._run, datetime.now(UTC))

    def begin(self, embed: Embed, article: Article) -> int:
        """Work on an embed is begun. How many runs before this one failed at it, or were cut off while they worked on it, since
        one last ended well."""
        with _refusals(self.root):
            return self.index.begin(embed, article, self._run, datetime.now(UTC))

    # Writing ---------------------------------------------------------------------------------------------------------

    def keep(self, exchange: Exchange, purpose: Purpose) -> Capture:
        """The exchange as request and response, or as revisit where the same payload of the same origin is kept already.

        When this returns, its bytes are on the disk and its row is committed. Raises ArchiveWriteError.
        """
        if isinstance(exchange.spill, Spilled):
            return self._keep_spilled(exchange, exchange.spill, purpose)
        payload_sha256 = hashlib.sha256(exchange.body).hexdigest()
        with _refusals(self.root):
            earlier = None
            if exchange.body and not exchange.truncated:
                earlier = self.index.original(payload_sha256, exchange.origin)
            original = warc_record.Original(earlier["id"], earlier["url"], earlier["date"]) if earlier else None
            response, *others = self._append(exchange.origin, warc_record.exchange(exchange, original))
            capture = Capture(exchange, response, warc_record.sha1_digest(exchange.body), purpose)
            self.index.add_capture(capture, others, self._run, payload_sha256, original.id if original else None)
        return capture

    def spill(self, begun: Exchange) -> Spilled:
        """Where the body of an exchange goes while it is received: a segment of its own, so that nobody waits for it."""
        with _refusals(self.root):
            segment = self._open_segment(begun.origin)
            response, *_ = warc_record.exchange(replace(begun, truncated="unspecified"), digest=warc_record.sha1_digest(b""))
            spilled = Spilled(segment, segment.streamed(response), self.root)
            self._spilled.append(spilled)
            return spilled

    def _keep_spilled(self, exchange: Exchange, spilled: Spilled, purpose: Purpose) -> Capture:
        """The rows of a body that is in its segment already, and the records that belong to it."""
        member = spilled.member
        with _refusals(self.root):
            response, *others = warc_record.exchange(exchange, digest=member.payload_digest)
            record = spilled.segment.finish(member, response)
            kept = replace(exchange, spill=None)
            capture = Capture(kept, record, member.payload_digest, purpose)
            self.index.add_capture(capture, spilled.segment.append(others), self._run, member.payload_sha256, None)
            spilled.close()
        self._spilled.remove(spilled)
        return capture

    def keep_memento(self, capture: Capture, memento: Memento) -> None:
        """That a capture is a web archive's copy of another address: a metadata record about it, and its row. Once."""
        with _refusals(self.root):
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
            (record,) = self._append(origin, [made])
            self.index.add_memento(capture, memento, record)

    def keep_article_media(self, article: Article, media: Sequence[tuple[ArticleMedium, Capture | None, str | None]]) -> None:
        """The rows that tie what an article's body shows to its captures."""
        with _refusals(self.root):
            self.index.add_article_media(article, media)

    def keep_article(self, article: Article, facts: ArticleFacts, fetched: Capture | None) -> None:
        """The article's bytes, once, and that it was handed over this time under this name."""
        with _refusals(self.root):
            if self.index.article(article.sha256) is None:
                record: RecordRef | str
                if fetched is not None:
                    record = fetched.record.id
                else:
                    content_type = article.media_type or _CONTENT_TYPES[article.format]
                    made = warc_record.resource(article_uri(article), content_type, article.data, datetime.now(UTC))
                    (record,) = self._append(Origin.LIVE, [made])
                origin = fetched.exchange.origin if fetched else Origin.LOCAL
                self.index.add_article(article, facts, record, origin)
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
        with _refusals(self.root):
            row = self.index.article(article.sha256)
            if row is None:
                raise ArchiveDamaged(f"{self.root}: article {article.sha256} has no row")
            target = outcome.url or article_uri(article)
            made = warc_record.metadata("embed", target, row["record"], about, outcome.origin, datetime.now(UTC))
            (record,) = self._append(outcome.origin, [made])
            self.index.add_outcome(outcome, record, self._run, article, post, read_from, media)

    def _append(self, origin: Origin, records: Sequence[warc_record.Record]) -> list[RecordRef]:
        segment = self._segments.get(origin)
        if segment is None:
            segment = self._segments[origin] = self._open_segment(origin)
        return segment.append(records)

    def _open_segment(self, origin: Origin) -> Segment:
        now = datetime.now(UTC)
        name = f"{_SEGMENTS[origin]}-{now:%Y%m%d%H%M%S}-{secrets.token_hex(4)}.warc.gz"
        opening = warc_record.warcinfo(name, origin, self._software, self._user_agent, now, self._robots)
        segment = Segment(self.root / WARC_FOLDER / name, opening)
        self.index.add_segment(name, self._run, origin, segment.opening)
        return segment

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

    def recover(self, notice: Callable[[str], None]) -> None:
        """Set right what a killed run left: bytes that no row names go to `quarantine/`. Nothing is deleted.

        Raises ArchiveDamaged where bytes that rows do name are missing.
        """
        folder = self.root / WARC_FOLDER
        segments = {row["name"]: row["bytes"] for row in self.index.segments()}
        for name, acknowledged in segments.items():
            path = folder / name
            size = path.stat().st_size if path.is_file() else 0
            if size < acknowledged:
                what = f"has {size} of {acknowledged} bytes" if path.is_file() else "is missing"
                raise ArchiveDamaged(f"{path}: {what}; run `archiver verify` for what is lost")
            if size > acknowledged:
                self._quarantine(path, acknowledged)
                notice(f"{path}: {size - acknowledged} bytes of a run that was cut off are now in {QUARANTINE_FOLDER}/")
        for path in sorted(folder.iterdir()):
            if path.name not in segments and path.is_file():
                self._quarantine(path, 0)
                notice(f"{path}: no row names this file; it is now in {QUARANTINE_FOLDER}/")

    def _quarantine(self, path: Path, keep: int) -> None:
        quarantine = self.root / QUARANTINE_FOLDER
        quarantine.mkdir(exist_ok=True)
        if not keep:
            path.rename(quarantine / f"{path.name}.{secrets.token_hex(4)}")
            return
        with path.open("rb") as file:
            file.seek(keep)
            tail = file.read()
        with (quarantine / f"{path.name}.{keep}.{hashlib.sha256(tail).hexdigest()[:16]}.tail").open("wb") as file:
            file.write(tail)
            file.flush()
            os.fsync(file.fileno())
        os.truncate(path, keep)


@dataclass(frozen=True, slots=True)
class Spilled:
    """A body on its way into a segment. `write` may be called by any one thread."""

    segment: Segment
    member: StreamedMember
    root: Path

    def write(self, data: bytes) -> None:
        """Raises ArchiveWriteError."""
        with _refusals(self.root):
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
    stored = read(folder / row["segment"], row["offset"], row["length"], row["sha256"])
    head, headers, body = warc_read.http_parts(stored.block)
    if row["body_segment"]:
        where = (folder / row["body_segment"], row["body_offset"], row["body_length"], row["body_sha256"])
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
        raise ArchiveDamaged(f"{path}: is {'empty' if path.is_file() else 'missing'}, and {WARC_FOLDER}/ is not empty")
    return path


@contextmanager
def _refusals(root: Path) -> Iterator[None]:
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
