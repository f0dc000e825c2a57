"""Words for people and lines for programs. Nothing that came from a page reaches a terminal as control or direction.

Whatever is printed goes through `safe`, and every JSON line through `json_text`; `cell` in terminal.py is `safe` for rich.
"""

from __future__ import annotations

import io
import json
import os
import sys

from archiver.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, TextIO

    import click

STAMP_PROVES = (
    "A time stamp proves that a head, and so all that the ledger holds up to it, existed no later than its time. It does not"
    " prove when a page was captured, that a site served it, or who asked for the stamp. Keep a copy outside of this machine:"
    " `archiver verify --anchor` then finds what was taken out or made anew since."
)

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
# Drawn as nothing, though of no hidden category: Unicode's Default_Ignorable_Code_Point, and a blank that is no space.
_BLANK = pattern(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
_JOINER, _AS_EMOJI, _KEYCAP = "\u200d", "\ufe0f", "\u20e3"
_WHITE = pattern(r"[ \t\r\n]+")


def safe(text: str) -> str:
    """The text on one line, with every character written out, as `<U+202E>`, that steers a terminal, turns the direction of
    writing or is not to be seen. What holds an emoji together stays, between emoji alone."""
    if text.isprintable() and not _BLANK.search(text):
        return text
    around = f" {text} "
    return "".join(
        f"<U+{ord(char):04X}>" if _hidden(char) and not _holds_emoji(around[at], char, around[at + 2]) else char
        for at, char in enumerate(text)
    )


def one_line(text: str) -> str:
    """The same of words that a page sets in lines: line breaks and tabs become spaces."""
    return safe(_WHITE.sub(" ", text).strip())


def at_handle(handle: str | None) -> str:
    """`@` and the handle; one that is not plain ASCII is spelled out beside it: its letters may not be what they look."""
    if handle is None or (handle.isascii() and handle.isprintable()):
        return f"@{handle or '?'}"
    spelled = "".join(char if " " < char < "\x7f" else f"<U+{ord(char):04X}>" for char in handle)
    return f"@{handle} (spelled {spelled})"


def _category(char: str) -> str:
    import unicodedata  # only here: most texts have nothing to write out

    return unicodedata.category(char)


def _hidden(char: str) -> bool:
    category = _category(char)
    return category in _HIDDEN or (category == "Cn" and ord(char) & 0xFFFE == 0xFFFE) or bool(_BLANK.match(char))


def _holds_emoji(before: str, char: str, after: str) -> bool:
    if char == _JOINER:
        return (before == _AS_EMOJI or _emoji(before)) and _emoji(after)
    return char == _AS_EMOJI and (_emoji(before) or after == _KEYCAP)


def _emoji(char: str) -> bool:
    """A picture, or a tone of skin. Plain signs of Latin-1 are none, but for © and ®."""
    return char in "©®‼⁉" or (char > "\u20ff" and char != "\u2800" and _category(char) in ("So", "Sm", "Sk"))


def shortened(text: str, most: int) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + "…"


def json_text(line: dict[str, Any]) -> str:
    """One JSON object on one line of printable ASCII. Half a surrogate pair, which readers of JSON refuse, is U+FFFD."""
    text = json.dumps(line)
    if "\\ud" in text:
        from archiver.surrogates import whole

        text = json.dumps(json.loads(whole(json.dumps(line, ensure_ascii=False))))
    return text.replace("\x7f", "\\u007f")  # the one control character that JSON does not escape


def json_line(line: dict[str, Any]) -> None:
    """One JSON object on standard output, at once."""
    sys.stdout.write(json_text(line) + "\n")
    sys.stdout.flush()


def tell(message: str) -> None:
    """A line for people on standard output, at once."""
    sys.stdout.write(one_line(message) + "\n")
    sys.stdout.flush()


def warn(message: str) -> None:
    """A line for people on standard error."""
    _say(f"archiver: {safe(message)}")


def refuse(error: click.ClickException) -> None:
    """Say on standard error why the call is wrong, as click does."""
    import click

    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()  # the help, and nothing of the call
        return
    if isinstance(error, click.UsageError) and error.ctx is not None:
        _say(f"{error.ctx.get_usage()}\nTry '{error.ctx.command_path} {error.ctx.help_option_names[0]}' for help.\n")
    _say(f"Error: {safe(error.format_message())}")


def fault(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A fault of this program's own on standard error: a traceback, which may quote what a page said."""
    import traceback

    for line in "".join(traceback.format_exception(kind, error, trace)).rstrip("\n").split("\n"):
        _say(safe(line))


def _say(line: str) -> None:
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except OSError:  # it goes to the disk that is full, too: the exit status is left to say it
        let_go(sys.stderr)


def let_go(stream: TextIO) -> None:
    """What waits to be written there goes nowhere: Python would try again as it ends, complain, and end with 120."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def open_what_is_closed() -> None:
    """A standard stream that was closed, as some do that start programs, leads nowhere: else the next file to be opened, a
    WARC perhaps, would have its number, and get what is written there."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # has the lowest number that is free, which is this one
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115 # as long as the process lives


def escape_what_cannot_be_written() -> None:
    """A character that standard output's encoding lacks is written as `\\u2713`, and is no error."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
