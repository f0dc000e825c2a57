"""`archiver show`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from archiver import lines
from archiver.archive import WARC_FOLDER, open_read_only
from archiver.cli import custody, story
from archiver.cli.terminal import cell, console
from archiver.cli.words import json_line
from archiver.custody.withholding import articles_called
from archiver.errors import UsageError
from archiver.model import CaptureLine, Outcome
from archiver.platforms import PLATFORMS
from archiver.provenance.index import Index


def run(what: str | None, root: Path, as_json: bool) -> int:
    """Print what the archive knows of an article, a post or an address, or of everything; the exit status."""
    index = open_read_only(root)
    try:
        if what is None:
            _articles(index, index.articles(), as_json)
            if not as_json:
                custody.tell(index)
            return 0
        rows = articles_called(index, what)
        if rows:
            _articles(index, rows, as_json)
            if not as_json:
                custody.tell(index, _names(index, rows), min(row["first_read"] for row in rows))
            return 0
        outcomes, captures = _outcomes(index, what), index.captures_of(what)
        if not outcomes and not captures:
            raise UsageError(
                f"{what}: {root} knows no article, post or address of this name; `archiver show` lists what it holds"
            )
        if as_json:
            _print_json(index, outcomes, captures if not outcomes else ())
        else:
            _print(index, what, outcomes, captures)
        return 0
    finally:
        index.close()


def _print(index: Index, what: str, outcomes: list[Outcome], captures: list[CaptureLine]) -> None:
    withheld = index.withheld()
    for outcome in outcomes:
        console().print(cell(outcome.embed.article, "bold"))
        story.tell(index, outcome, withheld)
    if captures:
        console().print(cell(f"Captures of {what}", "bold"))
        for capture in captures:
            story.capture(capture, withheld)
        for line in story.clocks(index, [capture.record_id for capture in captures]):
            console().print("  ", cell(line, "yellow"), sep="")
    records = [capture.record_id for capture in captures]
    custody.tell(index, {*records, *map(_name, outcomes)}, min((capture.date for capture in captures), default="~"))


def _print_json(index: Index, outcomes: Iterable[Outcome], captures: Iterable[CaptureLine] = ()) -> None:
    """Lines as `save` prints them, each with why it is withheld, or null."""
    withheld = index.withheld()

    def why(key: str) -> dict[str, Any]:
        return {"withheld": withheld[key]["reason"] if key in withheld else None}

    for outcome in outcomes:
        json_line(lines.save_line(outcome) | why(f"outcomes {outcome.record}"))
    for capture in captures:
        json_line(lines.capture_line(capture) | why(capture.record_id))


def _name(outcome: Outcome) -> str:
    """What a post is called where it is withheld."""
    return f"posts {outcome.embed.platform}:{outcome.post_id}"


def _names(index: Index, rows: list[dict[str, Any]]) -> set[str]:
    """The articles, their posts and records, as they are called where they are withheld."""
    outcomes = [outcome for row in rows for outcome in index.outcomes(article=row["id"])]
    records = {line.record_id for outcome in outcomes for line in outcome.captures}
    return {f"articles {row['id']}" for row in rows} | {row["record"] for row in rows} | records | set(map(_name, outcomes))


def _outcomes(index: Index, what: str) -> list[Outcome]:
    """By a post's id, by any of its addresses, or by an address that was asked for."""
    for platform in PLATFORMS.values():
        ref = platform.permalink(what)
        if ref is not None:
            return index.outcomes(post_id=ref.post_id)
    return index.outcomes(post_id=what.rpartition(":")[2]) or index.outcomes(capture_url=what)


def _articles(index: Index, rows: list[dict[str, Any]], as_json: bool) -> None:
    withheld = index.withheld()
    if not rows and not as_json:
        console().print(cell("The archive holds no article yet."))
    for row in rows:
        outcomes = index.outcomes(article=row["id"])
        if as_json:
            _print_json(index, outcomes)
            continue
        out = console()
        out.print(cell(row["source"], "bold"))
        told = (row["title"], row["byline"] and f"by {row['byline']}", row["published"], row["url"])
        out.print("  ", cell(" · ".join(fact for fact in told if fact)), sep="")
        where = f"{WARC_FOLDER}/{row['segment']} offset {row['offset']} length {row['length']}"
        out.print(
            "  ", cell(f"bytes: {row['record_type']} in {where}, sha256 {row['id']}, {story.origin(row['origin'])}"), sep=""
        )
        for word in story.of_article(index, row, withheld):
            out.print("  ", cell(word, "yellow"), sep="")
        for outcome in outcomes:
            story.tell(index, outcome, withheld)
        if not outcomes:
            out.print("  ", cell("embeds no post that is known"), sep="")
