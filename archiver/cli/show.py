"""`archiver show`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from archiver import lines
from archiver.archive import WARC_FOLDER, open_read_only
from archiver.cli import story
from archiver.cli.terminal import cell, console
from archiver.cli.words import json_line
from archiver.errors import UsageError
from archiver.model import Outcome
from archiver.platforms import PLATFORMS
from archiver.provenance.index import Index


def run(what: str | None, root: Path, as_json: bool) -> int:
    """Print what the archive knows of an article, a post or an address, or of everything; the exit status."""
    index = open_read_only(root)
    try:
        if what is None:
            return _articles(index, index.articles(), as_json)
        rows = index.articles_called(what) or _same_file(index, what)
        if rows:
            return _articles(index, rows, as_json)
        outcomes, captures = _outcomes(index, what), index.captures_of(what)
        if not outcomes and not captures:
            raise UsageError(
                f"{what}: {root} knows no article, post or address of this name; `archiver show` lists what it holds"
            )
        if as_json:
            for outcome in outcomes:
                json_line(lines.save_line(outcome))
            for capture in captures if not outcomes else ():
                json_line(lines.capture_line(capture))
            return 0
        for outcome in outcomes:
            console().print(cell(outcome.embed.article, "bold"))
            story.tell(index, outcome)
        if captures:
            console().print(cell(f"Captures of {what}", "bold"))
            for capture in captures:
                story.capture(capture)
        return 0
    finally:
        index.close()


def _outcomes(index: Index, what: str) -> list[Outcome]:
    """By a post's id, by any of its addresses, or by an address that was asked for."""
    for platform in PLATFORMS.values():
        ref = platform.permalink(what)
        if ref is not None:
            return index.outcomes(post_id=ref.post_id)
    return index.outcomes(post_id=what.rpartition(":")[2]) or index.outcomes(capture_url=what)


def _same_file(index: Index, what: str) -> list[dict[str, Any]]:
    """The article with the bytes of that file, whatever name it was saved under."""
    path = Path(what)
    try:
        return index.articles_called(hashlib.sha256(path.read_bytes()).hexdigest()) if path.is_file() else []
    except OSError:
        return []  # a name that cannot be read may still be known


def _articles(index: Index, rows: list[dict[str, Any]], as_json: bool) -> int:
    if not rows and not as_json:
        console().print(cell("The archive holds no article yet."))
    for row in rows:
        outcomes = index.outcomes(article=row["id"])
        if as_json:
            for outcome in outcomes:
                json_line(lines.save_line(outcome))
            continue
        out = console()
        out.print(cell(row["source"], "bold"))
        told = (row["title"], row["byline"] and f"by {row['byline']}", row["published"], row["url"])
        out.print("  ", cell(" · ".join(fact for fact in told if fact)), sep="")
        where = f"{WARC_FOLDER}/{row['segment']} offset {row['offset']} length {row['length']}"
        out.print(
            "  ", cell(f"bytes: {row['record_type']} in {where}, sha256 {row['id']}, {story.origin(row['origin'])}"), sep=""
        )
        for outcome in outcomes:
            story.tell(index, outcome)
        if not outcomes:
            out.print("  ", cell("embeds no post that is known"), sep="")
    return 0
