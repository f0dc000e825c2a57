"""Four ways to be less careful with the disk, done to the program from outside, in the process that is traced.

They show that the power-loss simulator would see it: each of them must fail.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable
from typing import Any

_PRAGMA = re.compile(r"PRAGMA\s+(journal_mode|synchronous)\s*=\s*(\w+)", re.IGNORECASE)


def settings(**instead: str) -> Callable[[], None]:
    """SQLite set to something else wherever the program sets it."""

    class Weakened(sqlite3.Connection):
        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            changed = _PRAGMA.sub(lambda found: f"PRAGMA {found[1]}={instead.get(found[1].lower(), found[2])}", sql)
            return super().execute(changed, *parameters)

    def prepare() -> None:
        connect = sqlite3.connect

        vars(sqlite3)["connect"] = lambda *given, **named: connect(*given, **{**named, "factory": Weakened})

    return prepare


def no_fsync() -> None:
    """Nothing but SQLite waits for the disk."""
    for name in ("fsync", "fdatasync"):
        vars(os)[name] = lambda _: None


CONTROLS: dict[str, Callable[[], None]] = {
    "journal_mode=DELETE, synchronous=FULL": settings(journal_mode="DELETE", synchronous="FULL"),
    "journal_mode=WAL, synchronous=NORMAL": settings(journal_mode="WAL", synchronous="NORMAL"),
    "no fsync of the WARC files": no_fsync,
    "synchronous=OFF": settings(synchronous="OFF"),
}
