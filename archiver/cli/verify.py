"""`archiver verify`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from archiver import verifier
from archiver.cli.words import STAMP_PROVES, json_line, tell, warn
from archiver.errors import ArchiveDamaged
from archiver.verifier import ANCHOR_FOLDER

if TYPE_CHECKING:  # what is imported where it is used: most of the time of checking a small archive would go into that
    from archiver.anchors.check import Finding

_STYLES = {"anchor-holds": "green", "anchor-unverified": "yellow", "anchor-pending": "yellow", "anchor-invalid": "red"}


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
    report, anchored = _Report(as_json), None
    if anchors or roots or headers or any((root / ANCHOR_FOLDER).glob("*.json")):
        from archiver.cli.verify_anchors import Anchored

        anchored = Anchored(root, anchors, roots, headers)
    try:
        with _progress(root) as advance:
            for finding in verifier.check(root, advance, deep=deep, heads=anchored.heads if anchored else ()):
                report.finding(finding)
    except verifier.Unreadable as error:
        from archiver.archive import open_read_only

        open_read_only(root).close()  # knows more of what is not there
        raise ArchiveDamaged(str(error)) from None
    for of_anchor in anchored.findings() if anchored else ():
        report.anchor(of_anchor)
    if anchors and not as_json:
        tell(STAMP_PROVES)
    if report.found:
        warn(f"{root}: {report.found} {'thing is' if report.found == 1 else 'things are'} not as written")
        return 1
    if not as_json:
        what = "every record and every row is there and unaltered"
        but = f", but for {report.withheld} that are withheld" if report.withheld else ""
        cut_off = ", some of them of a run that was cut off" if report.unfinished else ""
        tell(f"{root}: {what}{but} ({verifier.total_bytes(root)} bytes in WARC files{cut_off})")
    return 0


@contextmanager
def _progress(root: Path) -> Iterator[Callable[[int], None]]:
    """Told how many bytes were read; shown on a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn

    from archiver.cli.terminal import progress

    with progress(TextColumn("verifying"), BarColumn(), DownloadColumn(), TransferSpeedColumn()) as bar:
        task = bar.add_task("verifying", total=verifier.total_bytes(root))
        yield lambda count: bar.advance(task, count)


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
            json_line(finding._asdict())
            return
        from archiver.cli.terminal import cell, console

        offset = "" if finding.offset is None else f" offset {finding.offset}"
        what = f"{finding.kind}: {finding.file}{offset}: {finding.detail}"
        about = cell(f"({finding.url or finding.record or 'no record'})")
        console().print(cell(what, "red" if finding.damage else "yellow"), about)

    def anchor(self, finding: Finding) -> None:
        self.found += finding.kind == "anchor-invalid"
        if self._as_json:
            line = {"kind": finding.kind.value, "file": finding.file.name, "offset": None, "record": None, "url": None}
            json_line(line | {"detail": finding.detail, "command": finding.command})
            return
        from archiver.cli.terminal import cell, console

        console().print(cell(f"{finding.kind}: {finding.file.name}: {finding.detail}", _STYLES[finding.kind.value]))
        if finding.command:
            console().print("  ", cell(f"check it with: {finding.command}"), sep="")
