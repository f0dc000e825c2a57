"""What may be on a disk after the power went: a model of the worst that POSIX allows.

fsync makes a file's bytes and length durable, but not its name; fsync of a folder makes the names in it durable. Until then
any of it may be there or not: of a file's writes a beginning, or any pieces of 512 bytes, with zeros where a piece is
missing; of a folder's changes a beginning, or any of them. SQLite's own assumption is kept: a write harms no byte beside
those it writes.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from benchmarks.proof.traced import Call

SECTOR = 512
State = dict[str, bytes]  # by path below the root: the bytes of each file that can be reached; a folder ends in /


@dataclass
class _File:
    live: bytes = b""
    durable: bytes = b""
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)  # (offset, bytes), or (length, None): cut or extended

    def change(self, at: int, data: bytes | None) -> None:
        self.live = _changed(self.live, at, data)
        self.pending.append((at, data))

    def sync(self) -> None:
        self.durable = self.live
        self.pending.clear()

    def torn(self, chance: random.Random) -> bytes:
        """One of the contents that this file may have."""
        if not self.pending:
            return self.durable
        data = self.durable
        if chance.random() < 0.5:  # a beginning of what was written
            whole = chance.randint(0, len(self.pending))
            for change in self.pending[:whole]:
                data = _changed(data, *change)
            if whole < len(self.pending) and (rest := self.pending[whole][1]):
                data = _changed(data, self.pending[whole][0], rest[: chance.randrange(len(rest))])
            return data
        for at, written in self.pending:  # any pieces of it
            if written is None:
                data = _changed(data, at, None) if chance.random() < 0.5 else data
                continue
            for start in range(0, len(written), SECTOR):
                if chance.random() < 0.5:
                    data = _changed(data, at + start, written[start : start + SECTOR])
        if chance.random() < 0.5:  # its length is known, not all of its bytes are
            data = data[: len(self.live)].ljust(len(self.live), b"\0")
        return data


def _changed(data: bytes, at: int, written: bytes | None) -> bytes:
    if written is None:
        return data[:at].ljust(at, b"\0")
    return data[:at].ljust(at, b"\0") + written + data[at + len(written) :]


Names = dict[str, int]
FOLDER = -1


@dataclass
class _Folder:
    live: Names = field(default_factory=dict)
    durable: Names = field(default_factory=dict)
    pending: list[list[tuple[str, int | None]]] = field(default_factory=list)

    def change(self, *names: tuple[str, int | None]) -> None:
        """A change of one or two names. Where the second is on the disk, so is the first: nobody loses a file by a rename."""
        for name, number in names:
            _rename(self.live, name, number)
        self.pending.append([*names])

    def sync(self) -> None:
        self.durable = dict(self.live)
        self.pending.clear()

    def torn(self, chance: random.Random) -> Names:
        names, some = dict(self.durable), self.pending
        if chance.random() < 0.5:
            some = some[: chance.randint(0, len(some))]
        else:
            some = [change for change in some if chance.random() < 0.5]
        for change in some:
            for name, number in change[: chance.randint(1, len(change))]:
                _rename(names, name, number)
        return names


def _rename(names: Names, name: str, number: int | None) -> None:
    if number is None:
        names.pop(name, None)
    else:
        names[name] = number


class Disk:
    """Everything below `root`, itself a name in a folder that was there before. It learns from the calls of a run."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._parent = os.path.dirname(root)  # noqa: PTH120
        self._files: list[_File] = []
        self._folders: dict[str, _Folder] = {self._parent: _Folder()}
        self._at: dict[tuple[int, str], int] = {}  # where each open handle stands
        self._append: set[tuple[int, str]] = set()

    def learn(self, call: Call) -> bool:
        """True where the call concerned the disk's files."""
        learner = getattr(self, f"_{call.name}", None)
        return bool(learner and learner(call))

    # What each call does. A handle is (number, path): after a rename strace names the new path. ------------------------

    def _ours(self, path: str) -> bool:
        return (path == self._root or path.startswith(self._root + "/")) and not path.endswith("-shm")

    def _file(self, path: str) -> _File | None:
        folder, name = os.path.split(path)
        number = self._folders[folder].live.get(name, FOLDER) if folder in self._folders else FOLDER
        return None if number == FOLDER else self._files[number]

    def _name(self, path: str, number: int | None) -> None:
        folder, name = os.path.split(path)
        self._folders[folder].change((name, number))

    def _openat(self, call: Call) -> bool:
        path, flags = call.path(1), call.arguments[2]
        if not self._ours(path) or b"O_DIRECTORY" in flags or path in self._folders:
            return False
        handle = (call.result, path)
        self._at[handle] = 0
        self._append.discard(handle)
        if b"O_APPEND" in flags:
            self._append.add(handle)
        file = self._file(path)
        if file is None and b"O_CREAT" in flags:
            self._files.append(_File())
            self._name(path, len(self._files) - 1)
            return True
        if file is not None and b"O_TRUNC" in flags and file.live:
            file.change(0, None)
            return True
        return False

    def _handle(self, call: Call) -> tuple[int, str]:
        handle = call.arguments[0]
        assert isinstance(handle, tuple)
        if handle not in self._at:  # renamed since it was opened
            known = next((one for one in self._at if one[0] == handle[0] and self._file(one[1]) is None), None)
            self._at[handle] = self._at.pop(known, 0) if known else 0
        return handle

    def _read(self, call: Call) -> bool:
        if self._ours(call.path(0)):
            self._at[self._handle(call)] += call.result
        return False

    def _lseek(self, call: Call) -> bool:
        if self._ours(call.path(0)):
            self._at[self._handle(call)] = call.result
        return False

    def _close(self, call: Call) -> bool:
        if self._ours(call.path(0)):
            self._at.pop(self._handle(call), None)
        return False

    def _write(self, call: Call) -> bool:
        if not self._ours(call.path(0)) or (file := self._file(call.path(0))) is None:
            return False
        handle, data = self._handle(call), call.arguments[1]
        assert isinstance(data, bytes)
        at = len(file.live) if handle in self._append else self._at[handle]
        file.change(at, data[: call.result])
        self._at[handle] = at + call.result
        return True

    def _pwrite64(self, call: Call) -> bool:
        if not self._ours(call.path(0)) or (file := self._file(call.path(0))) is None:
            return False
        data, at = call.arguments[1], call.arguments[3]
        assert isinstance(data, bytes)
        assert isinstance(at, bytes)
        file.change(int(at), data[: call.result])
        return True

    def _ftruncate(self, call: Call) -> bool:
        if not self._ours(call.path(0)) or (file := self._file(call.path(0))) is None:
            return False
        length = call.arguments[1]
        assert isinstance(length, bytes)
        file.change(int(length), None)
        return True

    _truncate = _ftruncate

    def _fsync(self, call: Call) -> bool:
        path = call.path(0)
        if path in self._folders:
            self._folders[path].sync()
            return True
        if not self._ours(path) or (file := self._file(path)) is None:
            return False
        file.sync()
        return True

    _fdatasync = _fsync

    def _mkdir(self, call: Call) -> bool:
        path = call.path(0)
        if not self._ours(path):
            return False
        self._folders.setdefault(path, _Folder())
        self._name(path, FOLDER)
        return True

    def _unlink(self, call: Call) -> bool:
        path = call.path(0)
        if not self._ours(path):
            return False
        self._name(path, None)
        return True

    def _unlinkat(self, call: Call) -> bool:
        path = call.path(1)
        if not self._ours(path):
            return False
        self._name(path, None)
        return True

    def _moved(self, old: str, new: str, *, stays: bool) -> bool:
        if not self._ours(new):
            return False
        folder, name = os.path.split(old)
        number = self._folders[folder].live[name]
        if folder == os.path.dirname(new) and not stays:  # noqa: PTH120
            self._folders[folder].change((os.path.basename(new), number), (name, None))  # noqa: PTH119
            return True
        self._name(new, number)
        if not stays:
            self._name(old, None)
        return True

    def _rename(self, call: Call) -> bool:
        return self._moved(call.path(0), call.path(1), stays=False)

    def _renameat(self, call: Call) -> bool:
        return self._moved(call.path(1), call.path(3), stays=False)

    _renameat2 = _renameat

    def _link(self, call: Call) -> bool:
        return self._moved(call.path(0), call.path(1), stays=True)

    def _linkat(self, call: Call) -> bool:
        return self._moved(call.path(1), call.path(3), stays=True)

    # What may be there ------------------------------------------------------------------------------------------------

    def states(self, seeds: Mapping[int, random.Random]) -> Iterator[tuple[str, State]]:
        """Each state that the disk may be found in now, with its kind: three that are sure, and a torn one for each seed."""
        folders, files = self._folders, self._files
        live, durable = {path: one.live for path, one in folders.items()}, {path: one.durable for path, one in folders.items()}
        yield "live", self._reached(live, [file.live for file in files])
        yield "durable", self._reached(durable, [file.durable for file in files])
        yield "names", self._reached(live, [file.durable for file in files])
        for chance in seeds.values():
            names = {path: one.torn(chance) for path, one in folders.items()}
            yield "torn", self._reached(names, [file.torn(chance) for file in files])

    def _reached(self, names: Mapping[str, Names], contents: list[bytes]) -> State:
        found: State = {}

        def walk(folder: str) -> None:
            for name, number in names.get(folder, {}).items():
                path = f"{folder}/{name}"
                if number == FOLDER:
                    found[f"{path[len(self._root) + 1 :]}/"] = b""
                    walk(path)
                elif not name.endswith(".lock"):
                    found[path[len(self._root) + 1 :]] = contents[number]

        walk(self._parent)
        return found
