"""`archiver withhold`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from archiver import pipeline
from archiver.cli.terminal import cell, console
from archiver.cli.words import json_line, warn
from archiver.custody.withholding import Withheld, withhold
from archiver.errors import UsageError
from archiver.settings import Settings


def run(what: Sequence[str], root: Path, why: str, as_json: bool, *, release: bool, operator: str) -> int:
    """Withhold or release, and say what that comes to; 0."""
    if not why.strip():
        raise UsageError("--why: say why; it is for the record")
    # The names stay out of the run's own row, which exports have.
    settings = Settings(archive=root, command=f"archiver withhold{' --release' if release else ''}", operator=operator)
    told = pipeline.run_facts("withhold", settings)
    done = withhold(root, what, why, told, pipeline.user_agent(settings), release=release)
    for notice in done.notices:
        warn(notice)
    if as_json:
        json_line(line(done))
    else:
        tell(done)
    return 0


def line(done: Withheld) -> dict[str, Any]:
    """What is withheld, as JSON."""
    return {
        "withheld": [{"id": key, "reason": reason} for key, reason in done.roots],
        "records": done.records,
        "rows": done.rows,
        "shared": [{"post": post, "url": url} for post, url in done.shared],
        "articles": list(done.articles),
    }


def tell(done: Withheld) -> None:
    """What is withheld, in words."""
    out = console()
    if not done.roots:
        out.print(cell("Nothing is withheld."))
    for key, reason in done.roots:
        out.print(cell(f"WITHHELD {key}", "bold"), cell(f"because: {reason}"))
    if done.records or done.rows:
        out.print("  ", cell(f"{done.records} records and {done.rows} rows leave exports; in the archive they stay"), sep="")
    for article in done.articles:
        out.print("  ", cell(f"goes too: the bytes of article {article}, which show it"), sep="")
    for post, url in done.shared:
        out.print("  ", cell(f"goes too: {url}, on which {post} rests as well", "yellow"), sep="")
