"""`archiver save`."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from archiver import lines, pipeline
from archiver.cli.anchor import follow
from archiver.cli.progress import Shown
from archiver.cli.terminal import cell, console
from archiver.cli.words import at_handle, json_line, shortened, warn
from archiver.errors import worst
from archiver.model import Origin, Outcome, Rung, Sighting, State, certainty
from archiver.pipeline import ArticleRead, Notice, Problem
from archiver.settings import Settings
from archiver.workers import Stop

LAST_SECONDS = 9.5  # after a signal; what is under way has GRACE_SECONDS of them

STYLES = {
    State.SAVED: "green",
    State.PARTIAL: "yellow",
    State.GONE: "yellow",
    State.UNIDENTIFIED: "yellow",
    State.FAILED: "red",
}


def run(sources: Sequence[str], settings: Settings, as_json: bool, *, quiet: bool = False, log: Path | None = None) -> int:
    """Save, and print each outcome once it is kept; the exit status."""
    statuses, states, stood_in = {0}, Counter[State](), False
    printed = not (as_json or quiet)
    with Shown(quiet=quiet, log=log) as shown, stoppable() as stop:
        for event in pipeline.save(sources, settings, stop=stop, watch=shown.activity):
            shown.event(event)
            match event:
                case ArticleRead():
                    if printed:
                        _print_article(event)
                case Outcome():
                    statuses.add(pipeline.exit_status(event, strict=settings.strict))
                    states[event.state] += 1
                    stood_in |= event.origin is Origin.STAND_IN
                    if as_json:
                        json_line(lines.save_line(event))
                    elif printed:
                        print_outcome(event)
                case Problem(_, message, status):
                    statuses.add(status)
                    warn(message)
                case Notice(message):
                    warn(message)
    if printed and states:
        _print_sum(states, settings, stood_in=stood_in)
    follow(settings, printed=printed)
    return worst(statuses)


@contextmanager
def stoppable() -> Iterator[Stop]:
    """SIGINT or SIGTERM once: the run ends in good order. Twice, or where it has not ended in ten seconds (it reads from a
    terminal, or parses something endless): the process ends at once; the archive is made for that."""
    stop = Stop()

    def asked(number: int, _: object) -> None:
        if stop.asked:
            os._exit(128 + number)
        stop.ask(128 + number)
        last = threading.Timer(LAST_SECONDS, os._exit, [128 + number])
        last.daemon = True
        last.start()

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _print_article(read: ArticleRead) -> None:
    out, facts = console(), read.facts
    out.print(cell(read.article.source, "bold"))
    told = (facts.title, facts.byline and f"by {facts.byline}", facts.site, facts.published)
    if any(told):
        out.print("  ", cell(" · ".join(str(fact) for fact in told if fact)), sep="")
    if not read.embeds:
        out.print("  ", cell("embeds no post that is known"), sep="")


def print_outcome(outcome: Outcome) -> None:
    """An outcome in a few lines: what it is, what became of it, and what is kept."""
    out, embed = console(), outcome.embed
    mark = "STAND-IN " if outcome.origin is Origin.STAND_IN else ""
    who = f"{at_handle(embed.handle)} {embed.posted or ''}"
    out.print(f"  line {embed.line}: ", cell(who), "  ", cell(f"{mark}{outcome.state}", STYLES[outcome.state]), sep="")
    out.print("    ", cell(f"“{shortened(embed.text, 100)}”"), sep="")
    sure = f" ({_RUNGS[outcome.rung]}; certainty {certainty(outcome.confidence)})" if outcome.rung else ""
    out.print("    which post: ", cell((outcome.url or "not identified") + sure), sep="")
    availability = "" if outcome.availability.value == outcome.reason else f"{outcome.availability}: "
    out.print("    ", cell(f"{availability}{outcome.reason}; words: {outcome.claim}"), sep="")
    if outcome.difference:
        out.print("    where the words part, [-post-]{+article+}: ", cell(outcome.difference), sep="")
    if outcome.recovered is not None:
        out.print("    ", cell(_recovered(outcome.recovered)), sep="")
    held = sum(capture.length for capture in outcome.captures)
    out.print(
        "    ",
        cell(f"kept: {len(outcome.captures)} exchanges, {held} bytes{'' if outcome.fresh else ', by an earlier run'}"),
        sep="",
    )
    for failure in outcome.failures:
        out.print("    ", cell(f"{failure.stage}: {failure.reason}: {failure.detail}", "red"), sep="")


_RUNGS = {
    Rung.PERMALINK: "by the page's own permalink",
    Rung.SHORT_LINK: "by its short link",
    Rung.ARCHIVED_SHORT_LINK: "by a web archive's copy of its short link",
    Rung.ARCHIVE_SEARCH: "by author, day and words, in a web archive",
    Rung.NEIGHBOUR: "by author, day and words, in another post's page",
}


def _recovered(sighting: Sighting) -> str:
    memento = sighting.memento
    when = f"{memento.archive}'s copy, captured {memento.captured:%Y-%m-%d %H:%M} UTC" if memento else sighting.seen_in
    return f"recovered: {when}, says: “{shortened(sighting.post.text, 100)}”"


def _print_sum(states: Counter[State], settings: Settings, *, stood_in: bool) -> None:
    counts = ", ".join(f"{states[state]} {state}" for state in State if states[state])
    console().print(cell(f"{counts}. In {settings.archive}; `archiver show` has the whole chain, `archiver verify` checks it."))
    if stood_in:
        console().print(
            cell("STAND-IN means: answered from fixtures, not by the platform. It is no evidence of what was there.", "bold")
        )
