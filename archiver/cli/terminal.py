"""Tables and colours: rich, with nothing in a text taken for markup."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from archiver.cli.words import one_line

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn


def cell(text: object, style: str = "") -> Text:
    """Words for a table: safe, and on one line."""
    return Text(one_line("" if text is None else str(text)), style=style)


def console(*, error: bool = False) -> Console:
    """Standard output or standard error; colours only where it is a terminal. Markup in texts means nothing."""
    return Console(stderr=error, markup=False, emoji=False, highlight=False, soft_wrap=not error)


def progress(*columns: ProgressColumn, quiet: bool = False) -> Progress:
    """What a long work is at, on standard error where that is a terminal. What is printed meanwhile stands above it, but where
    standard output goes elsewhere: rich would take that, too, and put it on the terminal."""
    from rich.progress import Progress  # only here: most that is printed needs none

    err = console(error=True)
    hidden = quiet or not err.is_terminal
    return Progress(*columns, console=err, transient=True, disable=hidden, redirect_stdout=sys.stdout.isatty())
