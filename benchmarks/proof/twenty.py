"""Twenty `save` at once on one archive: they take turns or are turned away, and who is turned away changes nothing.

Twenty programs are started anew, each with work of its own. Those that end with 0 must have kept all of theirs; those that
end with 75 nothing. Then twenty more while the archive is held: all of them 75, and not a byte of it changes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from filelock import FileLock

from archiver import archive as store
from benchmarks.proof import forked, held, work
from benchmarks.proof.result import Result

NAME = "twenty"
TARGET = "one runs or they take turns; losers exit 75 and change nothing"
PROJECT = Path(__file__).resolve().parents[2]


def run(short: bool, folder: Path) -> Result:
    count = 6 if short else 20
    forked.warm(folder)
    archive = folder / "archive"
    works = [work.make(folder, number, posts=1) for number in range(2 * count + 1)]
    if forked.start(work.save(archive, works.pop()), folder).ended() != 0:
        raise AssertionError("the run before could not be done")
    first = _at_once(archive, works[:count], folder)
    faults = _faults(archive, works[:count], first)
    before = held.snapshot(archive)
    with FileLock(archive / store.LOCK_NAME):
        second = _at_once(archive, works[count:], folder)
    after = held.snapshot(archive)
    if before != after:
        faults.append(f"those turned away changed {sorted(name for name in after if before.get(name) != after[name])}")
    if set(second) != {75}:
        faults.append(f"while the archive was held they ended with {Counter(second)}")
    statuses = Counter(first)
    measured = (
        f"{count} at once: {statuses[0]} ran, {statuses[75]} exit 75; {count} more while it was held:"
        f" {Counter(second)[75]} exit 75, {'no file changed' if before == after else 'files changed'}; {len(faults)} violations"
    )
    return Result(
        NAME, TARGET, measured, not faults, {"statuses": statuses, "while_held": Counter(second), "faults": faults[:5]}
    )


def _at_once(archive: Path, works: list[work.Work], folder: Path) -> list[int]:
    """How each of them ended."""
    begun = []
    for number, one in enumerate(works):
        with (folder / f"said-{number}").open("w") as out:
            command = [sys.executable, "-m", "archiver", *(str(one) for one in work.save(archive, one))]
            begun.append(subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, cwd=PROJECT))
    return [one.wait() for one in begun]


def _faults(archive: Path, works: list[work.Work], statuses: list[int]) -> list[str]:
    found = [str(one) for one in held.verify(archive)[1]] + held.index_faults(archive)
    if 0 not in statuses or not set(statuses) <= {0, 75}:
        found.append(f"they ended with {Counter(statuses)}")
    sources = {row[0] for row in held.rows(archive, "SELECT source FROM sources")}
    for one, status in zip(works, statuses, strict=True):
        if (os.fspath(one.article) in sources) != (status == 0):
            found.append(f"{one.article.name} ended with {status}, and is {'' if status else 'not '}in the archive")
    return found
