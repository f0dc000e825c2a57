"""`archiver verify`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from archiver import verifier
from archiver.archive import open_read_only
from archiver.cli.terminal import cell, console
from archiver.cli.words import json_line
from archiver.errors import ArchiveDamaged, UsageError


def run(root: Path, as_json: bool, *, deep: bool = False, anchors: Sequence[Path] = ()) -> int:
    """Print what is not as it was written; 0, or 1 where there is any."""
    open_read_only(root).close()
    heads = [_head(path) for path in anchors]
    found, unfinished, withheld, size = 0, 0, 0, verifier.total_bytes(root)
    columns = TextColumn("verifying"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    err = console(error=True)
    try:
        with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
            task = bar.add_task("verifying", total=size)
            for finding in verifier.check(root, lambda count: bar.advance(task, count), deep=deep, heads=heads):
                found += finding.damage
                unfinished += finding.kind == "unfinished"
                withheld += finding.kind == "withheld"
                if as_json:
                    json_line(asdict(finding))
                else:
                    offset = "" if finding.offset is None else f" offset {finding.offset}"
                    what = f"{finding.kind}: {finding.file}{offset}: {finding.detail}"
                    about = cell(f"({finding.url or finding.record or 'no record'})")
                    console().print(cell(what, "red" if finding.damage else "yellow"), about)
    except verifier.Unreadable as error:
        raise ArchiveDamaged(str(error)) from None
    if found:
        err.print(cell(f"archiver: {root}: {found} {'thing is' if found == 1 else 'things are'} not as written"))
        return 1
    if not as_json:
        kept = "every record and every row is there and unaltered"
        but = f", but for {withheld} that are withheld" if withheld else ""
        cut_off = ", some of them of a run that was cut off" if unfinished else ""
        console().print(cell(f"{root}: {kept}{but} ({size} bytes in WARC files{cut_off})"))
    return 0


def _head(path: Path) -> dict[str, Any]:
    try:
        head = json.loads(path.read_bytes())
        if isinstance(head, dict) and isinstance(head.get("seq"), int) and isinstance(head.get("hash"), str):
            return head
    except (OSError, ValueError) as error:
        raise UsageError(f"--anchor {path}: {error}") from None
    raise UsageError(f"--anchor {path}: is no head of a ledger; `archiver anchor` writes one")
