"""`archiver verify`."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from pathlib import Path

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from archiver import verify
from archiver.archive import INDEX_NAME, open_read_only
from archiver.cli.terminal import cell, console
from archiver.cli.words import json_line
from archiver.errors import ArchiveDamaged


def run(root: Path, as_json: bool) -> int:
    """Print what is not as it was written; 0, or 3 where there is any."""
    index = open_read_only(root)
    found = 0
    try:
        size = verify.total_bytes(index)
        columns = TextColumn("verifying"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
        err = console(error=True)
        with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
            task = bar.add_task("verifying", total=size)
            for damage in verify.check(root, index, lambda count: bar.advance(task, count)):
                found += 1
                if as_json:
                    json_line(asdict(damage))
                else:
                    offset = "" if damage.offset is None else f" offset {damage.offset}"
                    what = f"{damage.kind}: {damage.file}{offset}: {damage.detail}"
                    console().print(cell(what, "red"), cell(f"({damage.url or damage.record or 'no record'})"))
    except sqlite3.DatabaseError as error:
        raise ArchiveDamaged(f"{root / INDEX_NAME}: {error}") from None
    finally:
        index.close()
    if found:
        console(error=True).print(
            cell(f"archiver: {root}: {found} {'thing is' if found == 1 else 'things are'} not as written")
        )
        return 3
    if not as_json:
        console().print(cell(f"{root}: every record is there and unaltered ({size} bytes in WARC files)"))
    return 0
