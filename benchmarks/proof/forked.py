"""A run of the program in a process forked from this one, so that a thousand of them do not pay for a thousand starts.

It is the command line itself, with its own standard output and standard error, and a process of its own that can be killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from archiver.cli import main
from benchmarks.proof import work

KILLED = -9
SHARES = 2


@dataclass(frozen=True, slots=True)
class Run:
    """A run that is under way."""

    pid: int
    out: Path
    err: Path

    def ended(self) -> int:
        """Its exit status, once it has ended; the signal's number, negative, where one ended it."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def ended_within(self, seconds: float) -> int | None:
        """Its exit status; None where it is still under way after so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.0005)
        return None

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What it has said so far, whole lines only: half a line has told nobody anything."""
        whole, _, _ = self.out.read_bytes().rpartition(b"\n")
        return [json.loads(line) for line in whole.splitlines()]

    @property
    def complaint(self) -> str:
        return self.err.read_text("utf-8", "replace")


def warm(folder: Path) -> None:
    """Import, by a run in this process, what every run would import."""
    place = folder / "warm"
    one = work.make(place, 0)
    with open(os.devnull, "w", encoding="utf-8") as nothing, contextlib.redirect_stdout(nothing):  # noqa: PTH123
        for arguments in (work.save(place / "archive", one), ["verify", "--archive", place / "archive"]):
            with contextlib.suppress(SystemExit):
                main([str(argument) for argument in arguments])
    shutil.rmtree(place)


def start(arguments: Sequence[str | Path], folder: Path, prepare: Callable[[], object] | None = None) -> Run:
    """The program with those arguments, in a forked process. `prepare` is called in it first."""
    out, err = folder / "stdout", folder / "stderr"
    out.write_bytes(b"")
    err.write_bytes(b"")
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        _run([str(argument) for argument in arguments], out, err, prepare)
    return Run(pid, out, err)


def _run(arguments: list[str], out: Path, err: Path, prepare: Callable[[], object] | None) -> NoReturn:
    """The child. It must never return into its parent's code."""
    status = 120
    try:
        for number, path in ((1, out), (2, err)):
            handle = os.open(path, os.O_WRONLY | os.O_APPEND)
            os.dup2(handle, number)
            os.close(handle)
        sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
        if prepare is not None:
            prepare()
        try:
            main(arguments)
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 1
        sys.stdout.flush()
        with contextlib.suppress(OSError):  # as Python ends: what standard error refuses changes no exit status
            sys.stderr.flush()
    except BaseException:
        status = 120  # whatever it would have ended with: what it printed was not all written
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(status)


def shares(folder: Path, job: Callable[[int], dict[str, Any]]) -> list[dict[str, Any]]:
    """What each share of a job came to, each done by a process of its own; `job` is given the share's number."""
    begun = [
        (_share(folder / f"share-{number}.json", number, job), folder / f"share-{number}.json") for number in range(SHARES)
    ]
    statuses = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid, _ in begun]
    if any(statuses):
        raise AssertionError("a process that did a share has failed; its traceback is on standard error")
    return [json.loads(path.read_text("utf-8")) for _, path in begun]


def _share(report: Path, number: int, job: Callable[[int], dict[str, Any]]) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            report.write_text(json.dumps(job(number)), "utf-8")
            status = 0
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(status)
    return pid
