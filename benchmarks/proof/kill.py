"""kill -9 at random moments of `save`: is all there that was acknowledged?

Runs on one archive, one after another, each with new work and half of them with that of the run before as well. Each is
killed at a moment between its start and its usual end. What it had printed by then is what was acknowledged. Every kill is
followed by two recoveries; a new archive is begun after 50 kills, when the whole of it is read, and what was left undone is
done.
"""

from __future__ import annotations

import os
import random
import signal
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archiver.errors import ArchiverError
from benchmarks.proof import forked, held, work
from benchmarks.proof.result import Result

NAME = "kill"
TARGET = "0 acknowledged captures lost, 0 unreadable records, index and WARC agree"
PER_ARCHIVE = 50
LARGE_BYTES = 9_000_000  # more than is written in one piece


@dataclass
class Tally:
    """What all kills came to."""

    kills: int = 0
    acknowledged: int = 0
    records: int = 0
    quarantined: int = 0
    lost: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    disagree: list[str] = field(default_factory=list)
    recovery: list[str] = field(default_factory=list)


def run(short: bool, folder: Path) -> Result:
    kills, tally = 30 if short else 1_000, Tally()
    chance = random.Random(7)  # noqa: S311
    forked.warm(folder)
    number, at = 0, time.monotonic()
    while tally.kills < kills:
        number += 1
        one = folder / f"kill-{number}"
        one.mkdir()
        _archive(one, min(PER_ARCHIVE, kills - tally.kills), chance, tally)
    bad = [*tally.lost, *tally.unreadable, *tally.disagree, *tally.recovery]
    measured = (
        f"{tally.kills} kills, {tally.acknowledged} captures acknowledged: {len(tally.lost)} lost; {tally.records} records:"
        f" {len(tally.unreadable)} unreadable; {len(tally.disagree)} disagreements of index and WARC;"
        f" {len(tally.recovery)} faults of recovery; {tally.quarantined} files in quarantine"
    )
    figures = {
        "kills": tally.kills,
        "acknowledged": tally.acknowledged,
        "lost": len(tally.lost),
        "records": tally.records,
        "unreadable": len(tally.unreadable),
        "disagreements": len(tally.disagree),
        "recovery_faults": len(tally.recovery),
        "quarantined": tally.quarantined,
        "seconds": round(time.monotonic() - at, 1),
        "first_faults": bad[:5],
    }
    return Result(NAME, TARGET, measured, not bad and tally.kills >= kills, figures)


def _archive(folder: Path, kills: int, chance: random.Random, tally: Tally) -> None:
    archive, told = folder / "archive", list[dict[str, Any]]()
    works = [work.make(folder, at, photo_bytes=LARGE_BYTES if at == 5 else 20_000) for at in range(kills + 3)]
    usual = _usual(archive, works[:3], folder, told)
    for at in range(3, kills + 3):
        given = works[at - 1 : at + 1] if chance.random() < 0.5 else works[at : at + 1]
        told += _killed(archive, given, folder, chance.uniform(0, usual * len(given)), tally)
        tally.kills += 1
    _whole(archive, works, folder, told, tally)


def _usual(archive: Path, works: Sequence[work.Work], folder: Path, told: list[dict[str, Any]]) -> float:
    """How long a run takes that nobody kills."""
    seconds = []
    for one in works:
        begun = time.monotonic()
        run = forked.start(work.save(archive, one), folder)
        if run.ended() != 0:
            raise AssertionError(run.complaint)
        seconds.append(time.monotonic() - begun)
        told += run.lines
    return statistics.median(seconds)


def _killed(archive: Path, works: Sequence[work.Work], folder: Path, after: float, tally: Tally) -> list[dict[str, Any]]:
    run = forked.start(work.save(archive, *works), folder)
    if run.ended_within(after) is None:
        os.kill(run.pid, signal.SIGKILL)
        run.ended()
    told = run.lines
    status, damage = held.verify(archive) if (archive / "archive.db").is_file() else (0, [])
    if status != 0:  # a run that was cut off is no damage, and nobody needs to recover before it can be checked
        tally.disagree.append(f"before recovery: {damage[:2]}")
    try:
        tally.recovery += held.recovery_faults(archive)
    except ArchiverError as error:
        tally.recovery.append(f"recovery was refused: {error}")
    tally.lost += held.lost(archive, told)
    return told


def _whole(archive: Path, works: Sequence[work.Work], folder: Path, told: Sequence[dict[str, Any]], tally: Tally) -> None:
    """All of the archive: every acknowledged capture, every record, rows against bytes; and then what is left to do."""
    tally.acknowledged += len({one["record_id"] for one in held.captures(told)})
    tally.lost += held.lost(archive, told)
    tally.disagree += [str(one) for one in held.verify(archive)[1]] + held.index_faults(archive)
    run = forked.start(work.save(archive, *works), folder)
    if run.ended() != 0:
        tally.recovery.append(f"what was left undone could not be done: {run.complaint}")
    tally.lost += held.lost(archive, told)
    records, unreadable = held.unreadable(archive)
    tally.records += records
    tally.unreadable += unreadable
    tally.disagree += [str(one) for one in held.verify(archive)[1]]
    tally.quarantined += sum(1 for _ in (archive / "quarantine").iterdir()) if (archive / "quarantine").is_dir() else 0
