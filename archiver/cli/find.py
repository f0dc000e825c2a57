"""`archiver find`."""

from __future__ import annotations

import sys

from archiver import finding, lines
from archiver.cli.words import at_handle, json_line, safe, shortened, warn
from archiver.errors import SourceError, UsageError, worst
from archiver.limits import ARCHIVE, MAX_ARTICLE_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.progress import Progress

    from archiver.model import Article, Embed

_MANY = 20


def run(
    sources: Sequence[str],
    as_json: bool,
    archive: Path = ARCHIVE,
    max_article_bytes: int = MAX_ARTICLE_BYTES,
) -> int:
    """Print what the sources embed; the exit status."""
    statuses = {0}

    def told(error: SourceError | UsageError) -> None:
        warn(str(error))
        statuses.add(error.status)

    progress = _Progress()
    try:
        for source in sources:
            try:
                for article, embeds in finding.find(source, max_article_bytes, archive, told):
                    progress.read(article)
                    if not as_json:
                        _print(article, embeds)
                        continue
                    for embed in embeds:
                        json_line(lines.find_line(embed))
            except (SourceError, UsageError) as error:
                told(error)
    finally:
        progress.end()
    return worst(statuses)


class _Progress:
    """How many articles were read, and the last: on a terminal, once there are more than a few, where what is found goes
    elsewhere; else that is progress enough."""

    def __init__(self) -> None:
        self._articles = 0
        self._shown = sys.stderr.isatty() and not sys.stdout.isatty()
        self._bar: Progress | None = None

    def read(self, article: Article) -> None:
        self._articles += 1
        if not self._shown or self._articles < _MANY:
            return
        if self._bar is None:
            self._bar = _bar()
            self._bar.add_task("", total=None)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=self._articles, description=shortened(safe(article.source), 60))

    def end(self) -> None:
        if self._bar is not None:
            self._bar.stop()


def _bar() -> Progress:
    from rich.progress import SpinnerColumn, TextColumn  # only here: a few articles are read sooner

    from archiver.cli.terminal import progress

    return progress(SpinnerColumn(), TextColumn("{task.completed} articles"), TextColumn("{task.description}", markup=False))


def _print(article: Article, embeds: list[Embed]) -> None:
    # Only here: the tables cost more than the finding, and --json has none.
    from rich.table import Table
    from rich.text import Text

    from archiver import articles
    from archiver.cli.terminal import cell, console

    out, facts = console(), articles.facts(article)
    out.print(cell(article.source, "bold"))
    told = (facts.title, facts.byline and f"by {facts.byline}", facts.site, facts.published, facts.url)
    out.print("  ", cell(" · ".join(str(fact) for fact in told if fact)), sep="")
    if facts.credits:
        out.print("  pictures: ", cell(" · ".join(facts.credits)), sep="")
    if not embeds:
        out.print("  ", cell("embeds no post that is known"), sep="")
        return
    table = Table(box=None, pad_edge=True)
    for name, ratio in (("line", None), ("who", 2), ("day", None), ("words", 4), ("permalink, or links", 3)):
        table.add_column(name, ratio=ratio, overflow="fold", no_wrap=ratio is None)
    for embed in embeds:
        who = f"{embed.author or '?'} ({at_handle(embed.handle)}), {embed.platform}"
        links = Text("\n").join(map(cell, [embed.url] if embed.url else embed.links or ["none"]))
        table.add_row(cell(embed.line), cell(who), cell(embed.posted), cell(shortened(embed.text, 160)), links)
    out.print(table)
