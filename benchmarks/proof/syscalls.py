"""Killed, or refused by the disk, at every system call that changes the archive: is all there that was acknowledged?

strace makes one call of a small run fail: killed as it begins; EIO once; ENOSPC from there on. Then the archive is looked
at: what was acknowledged is there, recovery loses no byte and does nothing the second time, the next run does what was left
undone, and `verify` finds nothing. Both for a new archive and for one that has something in it.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.proof import aftermath, forked, traced, work
from benchmarks.proof.result import Result

NAME = "syscalls"
TARGET = "0 violations: killed, EIO, ENOSPC at every write, sync, rename, unlink, truncate, link"
FAULTS = {"kill": "signal=SIGKILL:when={}", "EIO": "error=EIO:when={}", "ENOSPC": "error=ENOSPC:when={}+"}
SAMPLE = 24
NEW_ARCHIVE_EVERY = 5  # a new archive is mostly SQLite making its tables, the same again and again

Case = tuple[bool, str, int, str]  # on a new archive or not, the call, the how manieth, the fault


def run(short: bool, folder: Path) -> Result:
    if lacking := traced.lacks():
        return Result(NAME, TARGET, f"not tried: {lacking}", None)
    forked.warm(folder)
    works = [work.make(folder, number, posts=1, photo_bytes=3_000) for number in (1, 2)]
    begun = folder / "begun"
    if forked.start(work.save(begun, works[0]), folder).ended() != 0:
        raise AssertionError("the run before could not be done")
    cases = list(_cases(folder, begun, works))
    if short:
        cases = random.Random(3).sample(cases, SAMPLE)  # noqa: S311
    reports = forked.shares(
        folder, lambda share: _share(folder / f"share-{share}", cases[share :: forked.SHARES], begun, works)
    )
    faults = [fault for report in reports for fault in report["faults"]]
    counts = sum((Counter(report["tried"]) for report in reports), Counter[str]())
    statuses = sum((Counter(report["statuses"]) for report in reports), Counter[str]())
    tried = ", ".join(f"{count} × {name}" for name, count in sorted(counts.items()))
    measured = f"{len(faults)} violations in {len(cases)} faults ({tried})"
    figures = {"faults": len(cases), "tried": counts, "ended_with": statuses, "violations": len(faults), "first": faults[:5]}
    return Result(NAME, TARGET, measured, not faults, figures)


def _cases(folder: Path, begun: Path, works: Sequence[work.Work]) -> Iterator[Case]:
    for new in (False, True):
        place = folder / f"points-{new}"
        place.mkdir()
        archive = _archive(place, begun, new=new)
        points = traced.points(work.save(archive, works[1]), place, archive)
        for name, number in points[:: NEW_ARCHIVE_EVERY if new else 1]:
            for fault in FAULTS:
                yield new, name, number, fault


def _archive(place: Path, begun: Path, *, new: bool) -> Path:
    archive = place / "archive"
    shutil.rmtree(archive, ignore_errors=True)
    if not new:
        shutil.copytree(begun, archive)
    return archive


def _share(place: Path, cases: Sequence[Case], begun: Path, works: Sequence[work.Work]) -> dict[str, Any]:
    place.mkdir()
    faults, tried, statuses = list[str](), Counter[str](), Counter[str]()
    for case in cases:
        new, name, number, fault = case
        archive = _archive(place, begun, new=new)
        inject = ["-e", f"trace={name}", "-e", f"inject={name}:{FAULTS[fault].format(number)}"]
        run, status = traced.run(work.save(archive, works[1]), place, inject)
        tried[f"{fault} at {name}"] += 1
        statuses[f"{fault}: {status}"] += 1
        for one in _violations(archive, works, run, status, place):
            faults.append(f"{'new' if new else 'old'} archive, {fault} at {name} {number}: {one}")
    return {"faults": faults, "tried": tried, "statuses": statuses}


def _violations(archive: Path, works: Sequence[work.Work], run: forked.Run, status: int, place: Path) -> Iterator[str]:
    if status not in (forked.KILLED, 0, 74):
        yield f"ended with {status}: {run.complaint[-300:]}"
    if "Traceback" in run.complaint:
        yield run.complaint[-300:]
    if archive.is_dir() or run.lines:
        yield from aftermath.faults(archive, works, run.lines, place)
