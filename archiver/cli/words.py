"""Words for people and lines for programs. Nothing that came from a page reaches a terminal as control or direction."""

from __future__ import annotations

import json
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_KEPT = {"\n", "\t"}
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def safe(text: str) -> str:
    """The text with every control, format and surrogate character written out, as `<U+202E>`. Emoji joiners stay."""
    if text.isprintable():
        return text
    import unicodedata  # only here: most texts have nothing to write out

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
    sys.stderr.write(f"archiver: {safe(message)}\n")
    sys.stderr.flush()
