"""What was done with an archive beside saving, in plain words."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from archiver.cli.story import moment
from archiver.cli.terminal import cell, console
from archiver.provenance.index import Index

_ACTS = {
    "recovered": "what a run left that was cut off was set right",
    "adopted": "it was taken over from an older version",
    "exported": "it was copied, to be handed over",
    "withheld": "this was withheld: it leaves every copy",
    "released": "this is withheld no longer",
    "anchored": "the head of its ledger was put down elsewhere",
    "reindexed": "its index was made anew",
}
_OF_ONE_THING = ("posts ", "articles ", "urn:")


def tell(index: Index, about: Collection[str] | None = None, since: str = "") -> None:
    """Print what was done with the whole archive since then, and with these posts, articles and records; by default, all."""
    rows = [row for row in index.custody() if _concerns(row, about, since)]
    if rows:
        console().print(cell("What was done with this archive", "bold"))
    for row in rows:
        by = "" if row["operator"] == "withheld" else f", by {row['operator']}"
        console().print("  ", cell(f"{moment(row['moment'])}{by}: {_ACTS.get(row['act'], row['act'])}"), sep="")
        console().print("    ", cell(f"{row['about']}: {row['detail']}", "dim"), sep="")


def _concerns(row: dict[str, Any], about: Collection[str] | None, since: str) -> bool:
    if about is None:
        return True
    return row["about"] in about if row["about"].startswith(_OF_ONE_THING) else row["moment"] >= since
