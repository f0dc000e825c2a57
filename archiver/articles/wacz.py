"""WACZ files: a ZIP whose `archive/` holds WARC files. They are read where they lie, nothing is unpacked."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from archiver.articles import warc
from archiver.articles.page import Page
from archiver.errors import SourceError

_MOST_DIRECTORY = 32 * 1024 * 1024  # about 500,000 entries
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError, struct.error)


def pages(file: IO[bytes], name: str, max_bytes: int) -> Iterator[Page | SourceError]:
    """Every page in the WARC files of a WACZ, as `warc.pages` gives them.

    Nothing is read of an entry that is encrypted, doubled, named to lie elsewhere, or that unpacks to far more than it is.
    """
    try:
        size = _checked_size(file)
        archive = zipfile.ZipFile(file)
    except _BROKEN as error:
        yield SourceError(f"{name}: cannot be read as WACZ: {' '.join(str(error).split())[:200]}")
        return
    with archive:
        most = warc.FREE_BYTES + warc.MOST_RATIO * size
        seen: set[str] = set()
        held = False
        for entry in archive.infolist():
            if not entry.filename.lower().endswith((".warc", ".warc.gz")):
                continue
            held = True
            where = f"{name}: {entry.filename}"
            trouble = "is there twice" if entry.filename in seen else _trouble(entry)
            seen.add(entry.filename)
            if trouble:
                yield SourceError(f"{where}: {trouble}; it was not read")
                continue
            try:
                with archive.open(entry) as stream:
                    yield from _named(warc.pages(stream, name, max_bytes, most), name, where)
            except _BROKEN as error:
                yield SourceError(f"{where}: cannot be read: {' '.join(str(error).split())[:200]}")
        if not held:
            yield SourceError(f"{name}: holds no WARC file; is it a WACZ?")


def _named(found: Iterator[Page | SourceError], name: str, where: str) -> Iterator[Page | SourceError]:
    """Errors that name the file within, too."""
    for one in found:
        is_of_page = isinstance(one, Page) or str(one).startswith(f"{name}#")
        yield one if is_of_page else SourceError(str(one).replace(name, where, 1))


def _checked_size(file: IO[bytes]) -> int:
    """The size of the file. Raises ValueError where its directory is larger than is read at once."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557 - 76))
    tail = file.read()
    file.seek(0)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        raise ValueError("there is no ZIP directory at its end")
    directory = struct.unpack_from("<L", tail, end + 12)[0]
    if end >= 76 and tail[end - 76 : end - 72] == b"PK\x06\x06":
        directory = max(directory if directory != 0xFFFFFFFF else 0, struct.unpack_from("<Q", tail, end - 76 + 40)[0])
    if directory > _MOST_DIRECTORY:
        raise ValueError(f"its directory has {directory} bytes")
    return size


def _trouble(entry: zipfile.ZipInfo) -> str | None:
    """Why an entry is not to be read; None where it may."""
    path = entry.orig_filename
    if path.startswith("/") or "\\" in path or "\x00" in path or path[1:2] == ":" or ".." in path.split("/"):
        return "its name leads out of the archive"
    if entry.flag_bits & 0x1:
        return "is encrypted"
    if entry.file_size > warc.FREE_BYTES and entry.file_size > warc.MOST_RATIO * max(entry.compress_size, 1):
        return f"unpacks to more than {warc.MOST_RATIO} times its size"
    return None
