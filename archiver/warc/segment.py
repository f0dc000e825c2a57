"""A WARC file that is being written: whole gzip members appended, and on the disk before anybody is told.

While it is written its name ends in `.open`. Sealed, it has its own name, may only be read, and never changes again.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from archiver.model import Origin, RecordRef
from archiver.warc.record import Record, head, member, sha1_digest
from archiver.warc.streamed import StreamedMember

OPEN = ".open"


@dataclass(frozen=True, slots=True)
class Batch:
    """Records made ready for a segment: where each will lie, and the bytes of all."""

    refs: tuple[RecordRef, ...]
    data: bytes


class Segment:
    """Opened for one run and never again. What a failed write left behind stays: it is for the next run to put aside."""

    def __init__(self, path: Path, origin: Origin, opening: Record) -> None:
        """A new file at `path` with `.open` behind it, its first record on the disk. Raises OSError."""
        self.path = path
        self.name = path.name
        self.origin = origin
        self.length = 0
        self._warcinfo_id: str | None = None
        self._open = opened(path)
        self._file = self._open.open("xb")
        begun = self.batch([opening])
        self.write(begun)
        (self.opening,) = begun.refs
        self._warcinfo_id = opening.id
        sync_folder(path.parent)

    def batch(self, records: Sequence[Record]) -> Batch:
        """The records as they will be appended next; nothing is written. Raises ValueError where one would break framing."""
        refs, members, offset = [], [], self.length
        for record in records:
            stored = member(record, self._warcinfo_id)
            digest = hashlib.sha256(stored).hexdigest()
            refs.append(RecordRef(record.id, self.name, offset, len(stored), record.type, record.date, digest))
            members.append(stored)
            offset += len(stored)
        return Batch(tuple(refs), b"".join(members))

    def write(self, batch: Batch) -> None:
        """Append the batch and wait for the disk. Raises OSError where that is refused; nothing may be appended after that."""
        self._file.write(batch.data)
        self._file.flush()
        os.fsync(self._file.fileno())
        self.length += len(batch.data)

    def streamed(self, response: Record) -> StreamedMember:
        """A record whose block is written piece by piece; nothing else is appended until `finish`. Its block so far is the HTTP
        head; what it will say of itself takes no more room than `response` does."""
        room = len(head(response, self._warcinfo_id, sha1_digest(b""), "0" * 20))
        return StreamedMember(self._open, room, response.block)

    def finish(self, streamed: StreamedMember, response: Record) -> RecordRef:
        """The record's head, once its block is whole. Raises OSError where a write is refused."""
        length, sha256 = streamed.finish(partial(head, response, self._warcinfo_id))
        ref = RecordRef(response.id, self.name, self.length, length, response.type, response.date, sha256)
        self.length += length
        self._file.seek(self.length)
        return ref

    def close(self) -> None:
        """Leave the file as it is: for the next run to seal."""
        self._file.close()

    def seal(self) -> None:
        """The file's own name, for good. Raises OSError."""
        self.close()
        seal(self.path)


def opened(path: Path) -> Path:
    """What a segment is called while it is written."""
    return path.with_name(path.name + OPEN)


def present(path: Path) -> Path:
    """Where the segment of that name lies: sealed, or still open."""
    return path if path.exists() else opened(path)


def seal(path: Path) -> None:
    """Give a segment its own name, never in the place of another file, and let nobody write to it. Raises OSError."""
    if path.exists() and not (opened(path).exists() and path.samefile(opened(path))):
        raise FileExistsError(errno.EEXIST, "a sealed file is there already", str(path))
    opened(path).chmod(0o444)
    opened(path).rename(path)
    opened(path).unlink(missing_ok=True)  # POSIX leaves both where they are names of one file
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Wait until a file is on the disk. Raises OSError."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make the names of new files durable. Windows cannot open folders, and does it by itself; some network shares have no such
    call for them, and how durable a name is there is their own matter. Raises OSError."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno != errno.EINVAL:  # POSIX: not possible for this file
            raise
    finally:
        os.close(handle)
