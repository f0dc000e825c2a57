"""The disk is full: is all there that was acknowledged, and does the next run go on?

Where file systems can be mounted: a small one in memory, filled up but for so many bytes, at a hundred levels between
nothing and what a run needs. Elsewhere a limit on the size of files stands in for it. Then room is made, and the next run
must do the rest. What else may refuse: a quota (EDQUOT) and missing rights (EACCES), by strace; a file system gone
read-only (EROFS); too many open files (EMFILE).
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path

from benchmarks.proof import aftermath, forked, traced, work
from benchmarks.proof.result import Result

NAME = "full"
TARGET = "0 lost at 100 fill levels, exit 74, goes on after space is freed; EDQUOT, EROFS, EMFILE, EACCES the same"
DISK_BYTES = 8 * 1024 * 1024


def run(short: bool, folder: Path) -> Result:
    levels = 12 if short else 100
    forked.warm(folder)
    works = _works(folder)
    faults, statuses = list[str](), Counter[str]()
    mounted = not short and _can_mount(folder / "probe")
    by_level = _filled if mounted else _limited
    for level in range(levels):
        place = folder / f"level-{level}"
        place.mkdir()
        with by_level(place, level / (levels - 1)) as (archive, limit, freed):
            faults += _tried(f"level {level}", archive, works, place, limit, freed, statuses)
        shutil.rmtree(place)
    others = _others(folder, works, short=short, mounted=mounted)
    refused = Counter[str]()
    for name, attempt in others.items():
        faults += attempt(refused)
        statuses[name] += 1
    how = f"a file system of {DISK_BYTES // 2**20} MiB, filled" if mounted else "a limit on the size of files"
    measured = (
        f"{levels} levels ({how}): {statuses['exit 74']} exit 74, {statuses['exit 0']} had room enough;"
        f" {', '.join(others)}; {len(faults)} violations"
    )
    met = not faults and statuses["exit 74"] > 0
    figures = {"levels": levels, "mounted": mounted, "ended_with": statuses, "refused": refused, "faults": faults[:5]}
    return Result(NAME, TARGET, measured, met, figures)


Refusing = tuple[Path, Callable[[], object] | None, Callable[[], object]]  # archive, done in the run, done afterwards


def _tried(
    what: str, archive: Path, works: Sequence[work.Work], place: Path, limit: Callable[[], object] | None,
    freed: Callable[[], object], statuses: Counter[str],
) -> list[str]:  # fmt: skip
    """One run that is refused something, and the one after it."""
    run = forked.start(work.save(archive, *works), place, limit)
    status = run.ended()
    statuses[f"exit {status}"] += 1
    return [f"{what}: {one}" for one in _after(archive, works, run, status, place, freed)]


def _after(
    archive: Path, works: Sequence[work.Work], run: forked.Run, status: int, place: Path, freed: Callable[[], object]
) -> Iterator[str]:
    if status not in (0, 74) or "Traceback" in run.complaint:
        yield f"ended with {status}: {run.complaint[-200:]}"
    freed()
    yield from aftermath.faults(archive, works, run.lines, place)


@contextlib.contextmanager
def _filled(place: Path, share: float) -> Iterator[Refusing]:
    """A small file system that is full but for a share of what a run needs."""
    disk = place / "disk"
    with _mounted(disk):
        ballast = disk / "ballast"
        left = int(share * _needed()[0])
        left -= left % 4096
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, DISK_BYTES - 64 * 1024 - left)
        yield disk / "archive", None, ballast.unlink


@contextlib.contextmanager
def _limited(place: Path, share: float) -> Iterator[Refusing]:
    """No file may be larger than a share of what a run needs. Standard output is small beside it."""
    most = int(300 + share * _needed()[1])

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    yield place / "archive", limit, lambda: None


@cache
def _needed() -> tuple[int, int]:
    """What two such runs take: room on the disk with a tenth to spare, and the size of the largest file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        works = _works(folder)
        if forked.start(work.save(folder / "archive", *works), folder).ended() != 0:
            raise AssertionError("the run to be measured could not be done")
        stats = [path.stat() for path in (folder / "archive").rglob("*")]
    return sum(max(stat.st_blocks * 512, stat.st_size) for stat in stats) * 11 // 10, max(stat.st_size for stat in stats)


def _works(folder: Path) -> list[work.Work]:
    return [work.make(folder, number, posts=2, photo_bytes=30_000) for number in (1, 2)]


def _can_mount(disk: Path) -> bool:
    try:
        with _mounted(disk):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


@contextlib.contextmanager
def _mounted(disk: Path) -> Iterator[None]:
    disk.mkdir()
    options = f"size={DISK_BYTES},mode=0700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk], check=True, capture_output=True)  # noqa: S607
    try:
        yield
    finally:
        subprocess.run(["umount", disk], check=True, capture_output=True)  # noqa: S607


def _others(
    folder: Path, works: Sequence[work.Work], *, short: bool, mounted: bool
) -> dict[str, Callable[[Counter[str]], list[str]]]:
    """What else may refuse, by name; each gives its faults."""
    made: dict[str, Callable[[Counter[str]], list[str]]] = {"EMFILE": partial(_few_handles, folder, works, short)}
    if mounted:
        made["EROFS"] = partial(_read_only, folder, works)
    if not traced.lacks():
        made |= {error: partial(_injected, folder, works, error, short) for error in ("EDQUOT", "EACCES")}
    return made


def _few_handles(folder: Path, works: Sequence[work.Work], short: bool, statuses: Counter[str]) -> list[str]:
    found = []
    for most in range(4, 20, 5 if short else 1):
        place = folder / f"handles-{most}"
        place.mkdir()

        def limit(most: int = most) -> None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

        found += _tried(f"EMFILE, {most} handles", place / "archive", works, place, limit, lambda: None, statuses)
    return found


def _read_only(folder: Path, works: Sequence[work.Work], statuses: Counter[str]) -> list[str]:
    """The file system is read-only from the start; and again when an archive is on it."""
    place, disk, found = folder / "read-only", folder / "read-only" / "disk", []
    place.mkdir()
    with _mounted(disk):
        for some in (works[:1], works):
            subprocess.run(["mount", "-o", "remount,ro", disk], check=True, capture_output=True)  # noqa: S607
            writable = partial(subprocess.run, ["mount", "-o", "remount,rw", disk], check=True, capture_output=True)
            found += _tried("EROFS", disk / "archive", some, place, None, writable, statuses)
    return found


def _injected(folder: Path, works: Sequence[work.Work], error: str, short: bool, statuses: Counter[str]) -> list[str]:
    """The error at a call that changes the archive, and at all after it: every one of the first ten, and one in twenty."""
    place, found = folder / error, list[str]()
    place.mkdir()
    names = "write,pwrite64" if error == "EDQUOT" else "openat,mkdir,unlink,rename"
    for number in (1, 7) if short else (*range(1, 10), *range(10, 400, 20)):
        archive = place / f"archive-{number}"
        inject = ["-e", f"trace={names}", "-P", str(archive), "-e", f"inject={names}:error={error}:when={number}+"]
        inject += [option for path in _paths(archive) for option in ("-P", str(path))]
        run, status = traced.run(work.save(archive, *works), place, inject)
        statuses[f"exit {status}"] += 1
        found += [f"{error} {number}: {one}" for one in _after(archive, works, run, status, place, lambda: None)]
    return found


def _paths(archive: Path) -> list[Path]:
    return [archive / name for name in ("archive.db", "archive.db-journal", "archive.lock", "warc", "anchors", "quarantine")]
