"""Days as articles write them. English and ISO so far; None for anything else, never a guess."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_SHAPES = tuple(
    re.compile(shape, re.IGNORECASE)
    for shape in (
        rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b",
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{_MONTH},?\s+(?P<year>\d{{4}})\b",
        r"\b(?P<year>\d{4})-(?P<number>\d{2})-(?P<day>\d{2})",
    )
)


def day(text: str) -> date | None:
    """The first day written in `text`."""
    for shape in _SHAPES:
        found = shape.search(text)
        if found is None:
            continue
        parts = found.groupdict()
        month = int(parts["number"]) if "number" in parts else _MONTHS.index(parts["month"].lower()) + 1
        try:
            return date(int(parts["year"]), month, int(parts["day"]))
        except ValueError:
            continue
    return None
