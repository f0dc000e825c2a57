"""Words for people and lines for programs. Nothing that came from a page reaches a terminal as control or direction."""

from __future__ import annotations

import json
import sys
import unicodedata
from typing import Any

import click

STAMP_PROVES = (
    "A time stamp proves that a head, and so all that the ledger holds up to it, existed no later than its time. It does not"
    " prove when a page was captured, that a site served it, or who asked for the stamp. Keep a copy outside of this machine:"
    " `archiver verify --anchor` then finds what was taken out or made anew since."
)

_KEPT = {"\n", "\t"}
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def safe(text: str) -> str:
    """The text with every control, format and surrogate character written out, as `<U+202E>`. Emoji joiners stay."""
    if text.isprintable():
        return text
    return "".join(
        char if char in _KEPT or char == "\u200d" or unicodedata.category(char) not in _HIDDEN else f"<U+{ord(char):04X}>"
        for char in text
    )


def shortened(text: str, most: int) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + "…"


def json_line(line: dict[str, Any]) -> None:
    """One JSON object on standard output, in ASCII, at once."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def warn(message: str) -> None:
    """A line for people on standard error."""
    click.echo(f"archiver: {safe(message)}", err=True)
