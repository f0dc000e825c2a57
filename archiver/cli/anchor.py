"""`archiver anchor`, and anchoring after `save`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from archiver import anchoring, lines, pipeline
from archiver.anchoring import Anchored, Authorities, Noticed
from archiver.cli.terminal import cell, console
from archiver.cli.words import STAMP_PROVES, json_line, warn
from archiver.errors import ArchiverError
from archiver.model import Anchor, AnchorKind, AnchorState
from archiver.settings import Settings
from archiver.verifier import ANCHOR_FOLDER

STYLES = {AnchorState.HELD: "green", AnchorState.PENDING: "yellow", AnchorState.FAILED: "red"}


def run(settings: Settings, authorities: Authorities, to: Path | None, as_json: bool) -> int:
    """Anchor, and print where each anchor stands; 1 where one is still pending."""
    printed = not as_json and str(to) != "-"
    done = []
    for event in _events(settings, authorities, "anchor"):
        if isinstance(event, Noticed):
            warn(event.message)
            continue
        done.append(event.anchor)
        if as_json:
            json_line(lines.anchor_line(event.anchor, event.command))
        elif printed:
            _print(settings.archive, event)
    if to is not None:
        _copy(settings.archive, to, done, printed=printed)
    pending = [one for one in done if one.state is AnchorState.PENDING]
    if printed:
        console().print(cell(STAMP_PROVES))
    if pending:
        warn(f"{len(pending)} of {len(done)} anchors are pending; run `archiver anchor` again, for instance in a few hours")
    return 1 if pending else 0


def follow(settings: Settings, *, printed: bool) -> None:
    """Anchor after a run that was told to. Whatever goes wrong is said, and does not change how the run ended."""
    if not settings.anchor:
        return
    authorities = Authorities(settings.anchor_tsa, settings.anchor_ots, settings.tsa_roots)
    try:
        for event in _events(settings, authorities, "anchor"):
            if isinstance(event, Noticed):
                warn(event.message)
            elif event.anchor.state is AnchorState.PENDING and not event.promised:
                one = event.anchor
                warn(f"anchor of entry {one.head_seq} is pending at {one.authority}: {one.detail}; the next run tries again")
            elif printed and event.new:
                _print(settings.archive, event)
    except (ArchiverError, OSError) as error:
        warn(f"not anchored: {error}; what was saved is kept, and `archiver anchor` tries again")


def _events(settings: Settings, authorities: Authorities, act: str) -> Iterator[Anchored | Noticed]:
    transport = None if settings.offline else pipeline.live_transport(settings)
    try:
        facts, agent = pipeline.run_facts(act, settings), pipeline.user_agent(settings)
        yield from anchoring.anchor(settings.archive, facts, agent, transport, authorities)
    finally:
        if transport is not None:
            transport.close()


def _copy(root: Path, to: Path, done: list[Anchor], *, printed: bool) -> None:
    head = next(one for one in done if one.kind is AnchorKind.FILE)
    if str(to) == "-":
        sys.stdout.write((root / ANCHOR_FOLDER / head.file).read_text("ascii"))
        return
    for path in anchoring.copy(root, to, head.file):
        if printed:
            console().print(cell(f"copied to {path}"))


def _print(root: Path, event: Anchored) -> None:
    out, one = console(), event.anchor
    if one.kind is AnchorKind.FILE:
        what = "" if event.new else "; nothing but anchors was added since it was made"
        out.print(cell(f"{root}: the head of the ledger is entry {one.head_seq}{what}", "bold"))
        out.print("  ", cell(f"sha256 chain {one.head_hash}"), sep="")
        out.print("  ", cell(f"file: {(root / ANCHOR_FOLDER / one.file).as_posix()}"), sep="")
        return
    delay = "" if one.delay_seconds is None else f", {_span(one.delay_seconds)} after the head was made"
    out.print(
        "  ", cell(f"{one.authority}, entry {one.head_seq}:"), " ", cell(one.state, STYLES[one.state]), cell(delay), sep=""
    )
    out.print("    ", cell(one.detail), sep="")
    if one.state is AnchorState.HELD:
        out.print("    ", cell(f"file: {(root / ANCHOR_FOLDER / one.file).as_posix()}"), sep="")
    if event.command:
        out.print("    ", cell(f"check it with: {event.command}"), sep="")


def _span(seconds: int) -> str:
    """A time span in its two largest units."""
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds % 60} s" if minutes else f"{seconds} s"
