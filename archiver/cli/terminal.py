"""Words on a terminal. Nothing that came from a page reaches it as control, colour or direction."""

from __future__ import annotations

import json
import sys
import unicodedata
from typing import Any

from rich.console import Console
from rich.text import Text

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


def cell(text: object, style: str = "") -> Text:
    """Words for a table: safe, and on one line."""
    return Text(" ".join(safe("" if text is None else str(text)).split()), style=style)


def shortened(text: str, most: int) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + "…"


def console(*, error: bool = False) -> Console:
    """Standard output or standard error; colours only where it is a terminal. Markup in texts means nothing."""
    return Console(stderr=error, markup=False, emoji=False, highlight=False, soft_wrap=not error)


def json_line(line: dict[str, Any]) -> None:
    """One JSON object on standard output, in ASCII, at once."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def warn(message: str) -> None:
    """A line for people on standard error."""
    console(error=True).print(Text(f"archiver: {safe(message)}"), soft_wrap=True)
