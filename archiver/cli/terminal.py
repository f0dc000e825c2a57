"""Tables and colours: rich, with nothing in a text taken for markup."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from archiver.cli.words import one_line


def cell(text: object, style: str = "") -> Text:
    """Words for a table: safe, and on one line."""
    return Text(one_line("" if text is None else str(text)), style=style)


def console(*, error: bool = False) -> Console:
    """Standard output or standard error; colours only where it is a terminal. Markup in texts means nothing."""
    return Console(stderr=error, markup=False, emoji=False, highlight=False, soft_wrap=not error)
