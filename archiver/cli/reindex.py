"""`archiver reindex`."""

from __future__ import annotations

from pathlib import Path

from rich.progress import MofNCompleteColumn, TextColumn

from archiver import pipeline, reindex
from archiver.cli.terminal import cell, console, progress
from archiver.cli.words import warn
from archiver.settings import Settings


def run(root: Path, command: str) -> int:
    """Make the index anew and say so; 0."""
    settings = Settings(archive=root, command=command)
    with progress(TextColumn("entries"), MofNCompleteColumn()) as bar:
        task = bar.add_task("entries", total=None)
        made = reindex.reindex(
            root,
            pipeline.run_facts("reindex", settings),
            pipeline.user_agent(settings),
            lambda count: bar.update(task, completed=count),
        )
    for notice in made.notices:
        warn(notice)
    told = f"the index was made anew from {made.entries} entries of the ledger in {made.files} files"
    console().print(cell(f"{root}: {told}; `archiver verify` checks it"))
    return 0
