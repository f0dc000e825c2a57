"""The power goes: is all there that was acknowledged?

The calls of one small run on a new archive are recorded with strace: every write, sync, rename, unlink, truncate and link,
SQLite's too. After each of them the disk may be found in many states (`disk.py`): all live; only what is durable; names
live and bytes not; and torn mixes, one a seed. Each state is written out, the program recovers, and all that had been
printed by then must be there; `verify` must find nothing, and in one state of four a second recovery must do nothing. The
same for four weakened controls, which must fail.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from archiver import verifier
from archiver.errors import ArchiverError
from benchmarks.proof import forked, held, traced, work
from benchmarks.proof.disk import Disk, State
from benchmarks.proof.result import Result
from benchmarks.proof.weakened import CONTROLS

NAME = "power"
TARGET = "0 violations in at least 50,000 states; each of four weakened controls fails"
LEAST_STATES = 50_000
SEEDS = 40
TWICE_EVERY = 4  # of the distinct states so many are recovered twice
Found = tuple[
    int, str, State, list[dict[str, Any]]
]  # after which call, the state's kind, the state, what was acknowledged then


def run(short: bool, folder: Path) -> Result:
    if lacking := traced.lacks():
        return Result(NAME, TARGET, f"not tried: {lacking}", None)
    forked.warm(folder)
    ours = _simulated(folder / "ours", None, *((1, 61) if short else (SEEDS, 1)))
    controls = {}
    for number, (name, weaken) in enumerate(CONTROLS.items()):
        controls[name] = _simulated(folder / f"control-{number}", weaken, 1, 7 if short else 3, enough=1 if short else 0)
    met = not ours["violations"] and all(one["violations"] for one in controls.values())
    met &= short or ours["states"] >= LEAST_STATES
    said = "; ".join(f"{name}: {one['violations']} of {one['distinct']}" for name, one in controls.items())
    measured = (
        f"{ours['violations']} violations in {ours['states']} states ({ours['distinct']} of them distinct) after"
        f" {ours['calls']} calls, {ours['acknowledged']} captures acknowledged. Controls: {said}"
    )
    return Result(NAME, TARGET, measured, met, {**ours, "controls": controls})


def _simulated(folder: Path, weaken: Callable[[], None] | None, seeds: int, every: int, enough: int = 0) -> dict[str, Any]:
    """What came of the states after each `every`th call of one run, by several processes; `enough` violations end it."""
    folder.mkdir()
    root = folder / "recorded" / "archive"
    root.parent.mkdir()
    works = [work.make(folder, number, posts=1, photo_bytes=3_000) for number in (1, 2)]
    started, status, calls = traced.recorded(work.save(root, *works), folder, weaken)
    if status != 0:
        raise AssertionError(f"the run to record ended with {status}: {started.complaint}")
    reports = forked.shares(folder, lambda part: _checked(folder, part, _states(root, calls, seeds, every), enough))
    kinds = sum((Counter(report["kinds"]) for report in reports), Counter[str]())
    return {
        "calls": reports[0]["calls"],
        "states": reports[0]["states"],
        "distinct": sum(report["distinct"] for report in reports),
        "violations": sum(report["violations"] for report in reports),
        "violations_by_kind": dict(kinds),
        "acknowledged": len(held.captures(started.lines)),
        "first_violations": [one for report in reports for one in report["first"]][:5],
    }


def _checked(folder: Path, part: int, found: Iterator[Found], enough: int) -> dict[str, Any]:
    """This process's share of the states. All processes go through the same ones and share them out by their digests."""
    seen: set[bytes] = set()
    states = events = distinct = violations = 0
    kinds, first, place = Counter[str](), list[str](), folder / f"place-{part}"
    for event, kind, state, told in found:
        states, events = states + 1, event
        key = _key(state, len(told))
        if key in seen:
            continue
        seen.add(key)
        if key[0] % forked.SHARES != part:
            continue
        distinct += 1
        if fault := _fault(place, state, told, twice=key[1] % TWICE_EVERY == 0):
            violations += 1
            kinds[kind] += 1
            first += [f"call {event}, {kind}: {fault}"] if len(first) < 3 else []
            if violations == enough:
                break
    return {"calls": events, "states": states, "distinct": distinct, "violations": violations, "kinds": kinds, "first": first}


def _states(root: Path, calls: Sequence[traced.Call], seeds: int, every: int) -> Iterator[Found]:
    disk, said, told = Disk(str(root)), b"", list[dict[str, Any]]()
    chances = {seed: random.Random(seed) for seed in range(seeds)}  # noqa: S311
    event = 0
    for call in calls:
        concerned = disk.learn(call)
        if call.name == "write" and call.path(0).endswith("/stdout"):
            written = call.arguments[1]
            assert isinstance(written, bytes)
            said += written
            told = [json.loads(line) for line in said.rpartition(b"\n")[0].splitlines()]
            concerned = True
        if not concerned:
            continue
        event += 1
        if event % every == 0:
            for kind, state in disk.states(chances):
                yield event, kind, state, told


def _key(state: State, acknowledged: int) -> bytes:
    digest = hashlib.blake2b(str(acknowledged).encode(), digest_size=16)
    for path, data in sorted(state.items()):
        digest.update(f"\n{path} {len(data)}\n".encode())
        digest.update(data)
    return digest.digest()


def _fault(place: Path, state: State, told: Sequence[dict[str, Any]], *, twice: bool = True) -> str:
    """What is wrong with an archive that is found in that state; nothing where all is well."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for path, data in state.items():
        target = place / path
        if path.endswith("/"):
            target.mkdir(exist_ok=True)
        else:
            target.write_bytes(data)
    try:
        held.recover(place)
        again = held.recover(place) if twice else []
    except (ArchiverError, sqlite3.Error, UnicodeDecodeError) as error:
        return f"recovery was refused: {error}"
    if again:
        return f"a second recovery did something: {again}"
    if lost := held.lost(place, told):
        return f"{len(lost)} things that were acknowledged are lost: {lost[0]}"
    damage = [finding for finding in verifier.check(place) if finding.damage]
    return f"verify finds {damage[:2]}" if damage else ""
