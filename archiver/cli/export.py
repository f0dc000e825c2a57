"""`archiver export`."""

from __future__ import annotations

from pathlib import Path

from rich.progress import BarColumn, DownloadColumn, TextColumn

from archiver import pipeline, verifier
from archiver.cli import withhold
from archiver.cli.terminal import cell, console, progress
from archiver.cli.words import json_line, warn
from archiver.custody.export import README_NAME, export
from archiver.settings import Settings


def run(folder: Path, root: Path, as_json: bool, command: str, *, paths: bool, operator: str) -> int:
    """Make the copy and say what is in it; 0."""
    settings = Settings(archive=root, command=command, operator=operator)
    if not paths:
        settings = Settings(command="archiver export --without-paths", operator=operator)
    with progress(TextColumn("copying"), BarColumn(), DownloadColumn()) as bar:
        task = bar.add_task("copying", total=verifier.total_bytes(root))
        made = export(
            root,
            folder,
            pipeline.run_facts("export", settings),
            pipeline.user_agent(settings),
            paths=paths,
            progress=lambda count: bar.advance(task, count),
        )
    for notice in made.withheld.notices:
        warn(notice)
    if as_json:
        head = {"folder": str(made.folder), "seq": made.seq, "hash": made.hash}
        size = {"files": made.files, "records_in_all": made.records, "bytes": made.bytes}
        json_line({**head, **size, **withhold.line(made.withheld), "counts": dict(made.counts)})
        return 0
    console().print(cell(f"{made.folder}: {made.records} records in {made.files} WARC files ({made.bytes} bytes)", "bold"))
    withhold.tell(made.withheld)
    out = console()
    out.print(cell(f"The head of its ledger is entry {made.seq}, {made.hash}: tell it on another way than the copy."))
    out.print(cell(f"Check it with `python verifier.py .` in that folder; {README_NAME} says more."))
    return 0
