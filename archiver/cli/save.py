"""`archiver save`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from archiver import lines, pipeline
from archiver.cli.terminal import cell, console
from archiver.cli.words import json_line, safe, shortened, warn
from archiver.model import Origin, Outcome, Rung, Sighting, State, certainty
from archiver.pipeline import ArticleRead, Notice, Problem
from archiver.settings import Settings

STYLES = {
    State.SAVED: "green",
    State.PARTIAL: "yellow",
    State.GONE: "yellow",
    State.UNIDENTIFIED: "yellow",
    State.FAILED: "red",
}


def run(sources: Sequence[str], settings: Settings, as_json: bool) -> int:
    """Save, and print each outcome once it is kept; the exit status."""
    statuses, states, stood_in = {0}, Counter[State](), False
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console(error=True),
        transient=True,
        disable=not console(error=True).is_terminal,
    )
    with bar:
        task = bar.add_task("posts", total=0)
        for event in pipeline.save(sources, settings):
            match event:
                case ArticleRead(article, _, embeds):
                    bar.update(task, total=(bar.tasks[task].total or 0) + embeds, description=safe(article.source)[-40:])
                    if not as_json:
                        _print_article(event)
                case Outcome():
                    bar.advance(task)
                    statuses.add(pipeline.exit_status(event, strict=settings.strict))
                    states[event.state] += 1
                    stood_in |= event.origin is Origin.STAND_IN
                    if as_json:
                        json_line(lines.save_line(event))
                    else:
                        print_outcome(event)
                case Problem(_, message, status):
                    statuses.add(status)
                    warn(message)
                case Notice(message):
                    warn(message)
    if not as_json and states:
        _print_sum(states, settings, stood_in=stood_in)
    return pipeline.worst(statuses)


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
    who = f"@{embed.handle or '?'} {embed.posted or ''}"
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
