"""A WARC file that is being written: whole gzip members appended, and on the disk before anybody is told."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from archiver.model import RecordRef
from archiver.warc.record import Record, head, member, sha1_digest
from archiver.warc.streamed import StreamedMember


class Segment:
    """Opened for one run and never again. `append` is all or nothing: what a failed write left behind is cut off again."""

    def __init__(self, path: Path, opening: Record) -> None:
        self.path = path
        self.name = path.name
        self.length = 0
        self._warcinfo_id: str | None = None
        self._file = path.open("xb")
        self.opening = self.append([opening])[0]
        self._warcinfo_id = opening.id
        _sync_folder(path.parent)

    def append(self, records: Sequence[Record]) -> list[RecordRef]:
        """Write the records one after another and wait for the disk. Raises OSError where a write is refused."""
        members = [member(record, self._warcinfo_id) for record in records]
        try:
            self._file.write(b"".join(members))
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError:
            self._cut_back()
            raise
        refs = []
        for record, stored in zip(records, members, strict=True):
            digest = hashlib.sha256(stored).hexdigest()
            refs.append(RecordRef(record.id, self.name, self.length, len(stored), record.type, record.date, digest))
            self.length += len(stored)
        return refs

    def streamed(self, response: Record) -> StreamedMember:
        """A record whose block is written piece by piece; nothing else is appended until `finish`. Its block so far is the HTTP
        head; what it will say of itself takes no more room than `response` does."""
        room = len(head(response, self._warcinfo_id, sha1_digest(b""), "0" * 20))
        return StreamedMember(self.path, room, response.block)

    def finish(self, streamed: StreamedMember, response: Record) -> RecordRef:
        """The record's head, once its block is whole. Raises OSError where a write is refused; the file is then cut back."""
        try:
            length, sha256 = streamed.finish(partial(head, response, self._warcinfo_id))
        except OSError:
            streamed.abandon()
            raise
        ref = RecordRef(response.id, self.name, self.length, length, response.type, response.date, sha256)
        self.length += length
        self._file.seek(self.length)
        return ref

    def close(self) -> None:
        self._file.close()

    def _cut_back(self) -> None:
        """Back to the last whole record. The buffer may still hold what was refused, so the file is opened anew."""
        with suppress(OSError):  # the write that brought us here has already said why
            self._file.close()
        os.truncate(self.path, self.length)
        self._file = self.path.open("ab")


def _sync_folder(folder: Path) -> None:
    """Make a new file's name durable. Windows cannot open folders, and does it by itself."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
