"""A connection to SQLite that never refuses a text."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any


class Connection(sqlite3.Connection):
    """Takes what SQLite cannot hold from every value that is written, and from every one that is asked for alike: lone
    surrogates, which JSON and file names may have, and NUL, which would end the text for SQLite's own functions."""

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        if isinstance(parameters, Mapping):
            return super().execute(sql, clean_row(parameters))
        return super().execute(sql, [clean(value) for value in parameters])


def clean_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row as it can be held."""
    return {name: clean(value) for name, value in row.items()}


def clean(value: Any) -> Any:
    """The value; a text without lone surrogates and NUL."""
    if not isinstance(value, str) or (value.isascii() and "\x00" not in value):
        return value
    return value.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")
