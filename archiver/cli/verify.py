"""`archiver verify`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from archiver import verifier
from archiver.anchors import check as anchors_check
from archiver.anchors.check import Found, Kept, Trust
from archiver.anchors.opentimestamps import read_block
from archiver.anchors.rfc3161 import read_roots
from archiver.archive import INDEX_NAME, open_read_only
from archiver.cli.terminal import cell, console
from archiver.cli.words import STAMP_PROVES, json_line
from archiver.errors import ArchiveDamaged
from archiver.verifier import ANCHOR_FOLDER, PAGES_NAME

_STYLES = {Found.HOLDS: "green", Found.UNVERIFIED: "yellow", Found.PENDING: "yellow", Found.INVALID: "red"}


def run(
    root: Path,
    as_json: bool,
    *,
    deep: bool = False,
    anchors: Sequence[Path] = (),
    roots: Path | None = None,
    headers: Sequence[str] = (),
) -> int:
    """Print what is not as it was written, and what each of `anchors` is worth; 0, or 1 where anything is wrong."""
    try:
        open_read_only(root).close()
    except ArchiveDamaged:
        if not ((root / PAGES_NAME).is_file() and (root / INDEX_NAME).is_file()):
            raise  # else it can be told which pages are damaged
    trust = Trust(read_roots(roots) if roots else (), roots, tuple(map(read_block, headers)))
    report = _Report(as_json)
    own, given = list(_kept(root / ANCHOR_FOLDER)), [one for place in anchors for one in anchors_check.kept(place)]
    kept = [one for one in (*own, *given) if isinstance(one, Kept)]
    size = verifier.total_bytes(root)
    columns = TextColumn("verifying"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    err = console(error=True)
    try:
        with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
            task = bar.add_task("verifying", total=size)
            heads = {one.data: {"seq": one.seq, "hash": one.hash} for one in kept}.values()
            for finding in verifier.check(root, lambda count: bar.advance(task, count), deep=deep, heads=heads):
                report.finding(finding)
    except verifier.Unreadable as error:
        raise ArchiveDamaged(str(error)) from None
    for one in given:
        for of_anchor in _of_anchor(root, one, trust):
            report.anchor(of_anchor)
    if given and not as_json:
        console().print(cell(STAMP_PROVES))
    if report.found:
        err.print(cell(f"archiver: {root}: {report.found} {'thing is' if report.found == 1 else 'things are'} not as written"))
        return 1
    if not as_json:
        what = "every record and every row is there and unaltered"
        but = f", but for {report.withheld} that are withheld" if report.withheld else ""
        cut_off = ", some of them of a run that was cut off" if report.unfinished else ""
        console().print(cell(f"{root}: {what}{but} ({size} bytes in WARC files{cut_off})"))
    return 0


class _Report:
    """What is printed, and how much of it is damage."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self.found = 0
        self.unfinished = 0
        self.withheld = 0

    def finding(self, finding: verifier.Finding) -> None:
        self.found += finding.damage
        self.unfinished += finding.kind == "unfinished"
        self.withheld += finding.kind == "withheld"
        if self._as_json:
            json_line(asdict(finding))
            return
        offset = "" if finding.offset is None else f" offset {finding.offset}"
        what = f"{finding.kind}: {finding.file}{offset}: {finding.detail}"
        about = cell(f"({finding.url or finding.record or 'no record'})")
        console().print(cell(what, "red" if finding.damage else "yellow"), about)

    def anchor(self, finding: anchors_check.Finding) -> None:
        self.found += finding.kind is Found.INVALID
        if self._as_json:
            line = {"kind": finding.kind.value, "file": finding.file.name, "offset": None, "record": None, "url": None}
            json_line(line | {"detail": finding.detail, "command": finding.command})
            return
        console().print(cell(f"{finding.kind}: {finding.file.name}: {finding.detail}", _STYLES[finding.kind]))
        if finding.command:
            console().print("  ", cell(f"check it with: {finding.command}"), sep="")


def _kept(folder: Path) -> Iterator[Kept | anchors_check.Finding]:
    """The archive's own anchors. They show what was cut off by accident, or by somebody who forgot them."""
    if folder.is_dir() and any(folder.glob("*.json")):
        yield from anchors_check.kept(folder)


def _of_anchor(root: Path, one: Kept | anchors_check.Finding, trust: Trust) -> Iterator[anchors_check.Finding]:
    """A head that the ledger still has, and the time stamps over it. A head that it has no more was told of already."""
    if not isinstance(one, Kept):
        yield one
        return
    try:
        with closing(open_read_only(root)) as index:
            same = index.hash_of(one.seq) == one.hash
    except (sqlite3.DatabaseError, ArchiveDamaged):  # what is wrong with it was told of already
        same = False
    if same:
        detail = f"entry {one.seq} of the ledger is still the one that was {one.how}"
        yield anchors_check.Finding(Found.HOLDS, one.path, detail)
    yield from anchors_check.check(one, trust)
