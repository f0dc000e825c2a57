"""One bit flipped at every byte of a small archive: does `verify` name it?

Every byte of every WARC file and of the index, one after another, in place; `verify` runs over the whole archive each time.
A flip in a WARC file must be named with the file and with the record that the byte belongs to; one in the index with the
row, or with the page of the file. SQLite is given pages of 512 bytes, so that the index is small too.
"""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from archiver import archive as store
from archiver import verifier
from benchmarks.proof import forked, held, work
from benchmarks.proof.result import Result

NAME = "flip"
TARGET = "each named with its capture, row or page: 100 %"
PAGE_BYTES = 512
SAMPLE = 120
WHOLE_EVERY = 64  # flips in the index that the whole command is run for; for the others it is stopped once it names them
ROWS = ("row-altered", "row-added", "row-removed", "ledger")

Flip = tuple[str, int, str]  # file below the archive, offset, the record that it belongs to


def run(short: bool, folder: Path) -> Result:
    forked.warm(folder)
    archive = small(folder)
    flips = _flips(archive)
    if short:
        flips = random.Random(5).sample(flips, SAMPLE)  # noqa: S311
    begun = time.monotonic()
    reports = forked.shares(folder, lambda share: _share(folder / f"share-{share}", archive, flips[share :: forked.SHARES]))
    unnamed = [one for report in reports for one in report["unnamed"]]
    counts = sum((Counter(report["by_file"]) for report in reports), Counter[str]())
    named = len(flips) - len(unnamed)
    said = ", ".join(f"{count} in {name}" for name, count in sorted(counts.items()))
    measured = f"{named} of {len(flips)} named, {100 * named / len(flips):.2f} % ({said})"
    figures = {
        "flips": len(flips),
        "named": named,
        "by_file": counts,
        "kinds": sum((Counter(report["kinds"]) for report in reports), Counter[str]()),
        "first_unnamed": unnamed[:10],
        "seconds": round(time.monotonic() - begun, 1),
    }
    return Result(NAME, TARGET, measured, not unnamed, figures)


def small(folder: Path) -> Path:
    """An archive with one article and a post, its index in small pages."""
    archive = folder / "small"
    archive.mkdir()
    connection = sqlite3.connect(archive / store.INDEX_NAME)
    connection.execute(f"PRAGMA page_size={PAGE_BYTES}")
    connection.execute("VACUUM")
    connection.close()
    run = forked.start(work.save(archive, work.make(folder, 1, posts=1, photo_bytes=1_000)), folder)
    if run.ended() != 0 or held.verify(archive) != (0, []):
        raise AssertionError(f"the small archive could not be made: {run.complaint} {held.verify(archive)}")
    return archive


def _flips(archive: Path) -> list[Flip]:
    """Every byte of the index and of the WARC files, the latter with the record that it belongs to."""
    rows = held.rows(archive, "SELECT segment, offset, id FROM records ORDER BY segment, offset")
    flips: list[Flip] = []
    for path in sorted((archive / store.WARC_FOLDER).iterdir()):
        starts = [(offset, record) for segment, offset, record in rows if segment == held.plain(path.name)]
        for offset in range(path.stat().st_size):
            at = bisect_right(starts, offset, key=lambda one: one[0]) - 1
            flips.append((f"{store.WARC_FOLDER}/{path.name}", offset, starts[at][1]))
    size = (archive / store.INDEX_NAME).stat().st_size
    return [*flips, *((store.INDEX_NAME, offset, "") for offset in range(size))]


def _share(archive: Path, original: Path, flips: Sequence[Flip]) -> dict[str, Any]:
    shutil.copytree(original, archive)
    chance = random.Random(len(flips))  # noqa: S311
    unnamed, by_file, kinds = list[str](), Counter[str](), Counter[str]()
    for name, offset, record in flips:
        path = archive / name
        path.chmod(0o644)
        bit = 1 << chance.randrange(8)
        _flip(path, offset, bit)
        whole = bool(record) or offset % WHOLE_EVERY == 0 or len(flips) < SAMPLE
        named, found = _named(archive, name, offset, record, whole=whole)
        _flip(path, offset, bit)
        by_file[name.partition("/")[0]] += 1
        kinds.update({line["kind"] for line in found})
        if not named:
            unnamed.append(f"{name} {offset} bit {bit}: {found[:3]}")
    return {"unnamed": unnamed, "by_file": by_file, "kinds": kinds}


def _named(archive: Path, name: str, offset: int, record: str, *, whole: bool) -> tuple[bool, list[dict[str, Any]]]:
    """Whether the flip is named, and all that is found. The whole of the command; or only as far as it takes to be named."""
    found: list[dict[str, Any]] = []
    try:
        if whole:
            status, found = held.verify(archive)
            return status == 1 and any(_names(line, name, offset, record) for line in found), found
        for finding in verifier.check(archive):
            found.append(finding._asdict())
            if _names(found[-1], name, offset, record):
                return True, found
    except Exception as error:  # a traceback, which names nothing to anybody
        found.append({"kind": repr(error)})
    return False, found


def _names(line: dict[str, Any], name: str, offset: int, record: str) -> bool:
    """A finding that names the file, and the record or the row or the page."""
    if held.plain(line["file"]) != held.plain(Path(name).name):
        return False
    if record:
        return bool(line["record"] == record)
    return line["kind"] in ROWS or bool(re.search(rf"\bpage {offset // PAGE_BYTES + 1}\b", line["detail"]))


def _flip(path: Path, offset: int, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ bit]))
