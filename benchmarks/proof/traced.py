"""The system calls of a run, as strace sees them: recorded, or made to fail at one of them.

strace is attached to a forked process that waits for it, so what is counted begins with the run itself.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.proof import forked

# What changes a file, or whether a name leads to it.
CHANGES = (
    "write pwrite64 writev pwritev fsync fdatasync rename renameat renameat2 unlink unlinkat rmdir ftruncate truncate fallocate"
    " link linkat mkdir chmod fchmod fchmodat"
).split()
POSITIONS = ("open", "openat", "creat", "read", "lseek", "close", "dup", "dup2", "dup3")

_CALL = re.compile(rb"^\d+ +(\w+)\((.*)\) += (-?\d+|0x[0-9a-f]+)(.*)$", re.DOTALL)
_RESUMED = re.compile(rb"^(\d+) +<\.\.\. \w+ resumed>(.*)$", re.DOTALL)
_UNFINISHED = re.compile(rb"^(\d+) +(.*) <unfinished \.\.\.>$", re.DOTALL)
_HEX = re.compile(rb"(?:\\x[0-9a-f]{2})+")
_ARGUMENT = re.compile(rb'"((?:\\x[0-9a-f]{2})*)"(?:\.\.\.)?|(-?\d+|AT_FDCWD)<((?:\\x[0-9a-f]{2})*)(?:>\(deleted)?>|([^",]+)')


@dataclass(frozen=True, slots=True)
class Call:
    """One system call that succeeded. Handles are (number, path); strings are bytes."""

    name: str
    arguments: tuple[bytes | tuple[int, str], ...]
    result: int

    def path(self, at: int) -> str:
        """The path that an argument names, a handle's or one in words (which may follow the handle of its folder)."""
        argument = self.arguments[at]
        if isinstance(argument, tuple):
            return argument[1]
        path = os.fsdecode(argument)
        before = self.arguments[at - 1] if at else b""
        return os.path.join(before[1], path) if isinstance(before, tuple) else os.path.abspath(path)  # noqa: PTH100, PTH118


@cache
def lacks() -> str:
    """Why calls cannot be traced here; nothing where they can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    done = subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True, text=True, check=False)  # noqa: S607
    return "" if done.returncode == 0 else f"strace may not trace here: {done.stderr.strip()[-200:]}"


def run(
    arguments: Sequence[str | Path],
    folder: Path,
    options: Sequence[str],
    prepare: Callable[[], object] | None = None,
) -> tuple[forked.Run, int]:
    """The program under strace with those options, and its exit status."""
    waits, go = os.pipe()

    def wait() -> None:
        os.close(go)
        os.read(waits, 1)
        os.close(waits)
        if prepare is not None:
            prepare()

    started = forked.start(arguments, folder, wait)
    os.close(waits)
    log = ["-o", str(folder / "calls")]
    tracer = subprocess.Popen(
        ["strace", "-f", "-y", *log, *options, "-p", str(started.pid)],  # noqa: S607
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    assert tracer.stderr is not None
    tracer.stderr.readline()  # "Process … attached"
    os.write(go, b"!")
    os.close(go)
    status = started.ended()
    tracer.communicate()
    return started, status


def recorded(
    arguments: Sequence[str | Path], folder: Path, prepare: Callable[[], object] | None = None
) -> tuple[forked.Run, int, list[Call]]:
    """The program, its exit status, and its calls that change files or move within them."""
    options = ["-xx", "-s", "1000000000", "-e", "signal=none", "-e", f"trace={','.join((*CHANGES, *POSITIONS))}"]
    started, status = run(arguments, folder, options, prepare)
    return started, status, list(calls(folder / "calls"))


def points(arguments: Sequence[str | Path], folder: Path, root: Path) -> list[tuple[str, int]]:
    """Each call of the program that changes something below `root`, as strace can name it: its name, and the how manieth of
    that name it is."""
    run(arguments, folder, ["-s", "0", "-e", "signal=none", "-e", f"trace={','.join(CHANGES)}"])
    found, count = [], Counter[str]()
    for line in (folder / "calls").read_text("utf-8", "replace").splitlines():
        begun = re.match(r"\d+ +(\w+)\(", line)
        if begun and "resumed>" not in line:
            count[begun[1]] += 1
            if str(root) in line:
                found.append((begun[1], count[begun[1]]))
    return found


def calls(log: Path) -> Iterator[Call]:
    """The successful calls of a log that strace wrote with -xx -y."""
    begun: dict[bytes, bytes] = {}
    with log.open("rb") as file:
        for line in file:
            line = line.rstrip(b"\n")
            if unfinished := _UNFINISHED.match(line):
                begun[unfinished[1]] = line[: -len(b" <unfinished ...>")]
                continue
            if resumed := _RESUMED.match(line):
                line = begun.pop(resumed[1], b"") + resumed[2]
            found = _CALL.match(line)
            if found and not found[3].startswith(b"-"):
                yield Call(found[1].decode(), tuple(_arguments(found[2])), int(found[3], 0))


def _arguments(text: bytes) -> Iterator[bytes | tuple[int, str]]:
    for quoted, handle, path, plain in _ARGUMENT.findall(text):
        if handle:
            yield (-100 if handle == b"AT_FDCWD" else int(handle), os.fsdecode(_bytes(path)))
        elif plain.strip():
            yield plain.strip()
        elif not plain:
            yield _bytes(quoted)


def _bytes(escaped: bytes) -> bytes:
    return bytes.fromhex(escaped.replace(b"\\x", b"").decode("ascii"))
