"""The two main jobs for Python programs. What they give is described in docs/json-lines.md."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from archiver import pipeline
from archiver.errors import SourceError
from archiver.model import Embed, Outcome
from archiver.pipeline import ArticleRead, Notice, Problem
from archiver.settings import MAX_ARTICLE_BYTES, Settings


@dataclass(frozen=True, slots=True)
class SaveReport:
    """What a `save` came to: an outcome for each embed in order, what it said of sources, and the exit status."""

    outcomes: tuple[Outcome, ...]
    articles: tuple[ArticleRead, ...]
    problems: tuple[Problem, ...]
    notices: tuple[Notice, ...]
    status: int


def find_embeds(
    source: str | os.PathLike[str],
    *,
    archive: str | os.PathLike[str] = "archives",
    max_article_bytes: int = MAX_ARTICLE_BYTES,
    problem: Callable[[SourceError], None] | None = None,
) -> list[Embed]:
    """The embeds of one source (a file, a folder, or `-` for standard input), in document order; of several articles (a folder,
    a WARC or WACZ) one after another, each embed with its `article`, `position` counting anew. Nothing is fetched: for an
    address, the newest copy that `archive` holds is read.

    Raises archiver.errors.UsageError for a file that is not there, SourceError for one that is no article. Of several articles
    those that cannot be read are told to `problem` and the others go on; without it the first of them is raised.
    """
    found = pipeline.find(os.fspath(source), max_article_bytes, Path(archive), problem)
    return [embed for _, embeds in found for embed in embeds]


def save(
    sources: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    archive: str | os.PathLike[str] = "archives",
    fixtures: Iterable[str | os.PathLike[str]] = (),
    offline: bool = False,
    strict: bool = False,
    thread: bool = False,
    links: bool = False,
    mirrors: bool = False,
) -> SaveReport:
    """Find, identify, fetch, write WARC and index what the sources (files, folders or addresses) embed.

    `fixtures` are folders of stand-ins or WARC files. With `offline` no socket is opened. `thread` asks for the posts above a
    reply too, `links` for the pages that a post's links lead to, `mirrors` third parties for what the platform does not show.
    One source's trouble is in `problems`; what stops the run is raised: UsageError, ArchiveBusy, ArchiveDamaged,
    ArchiveWriteError of archiver.errors.
    """
    given = [sources] if isinstance(sources, str | os.PathLike) else list(sources)
    settings = Settings(
        archive=Path(archive),
        fixtures=tuple(map(Path, fixtures)),
        offline=offline,
        strict=strict,
        thread=thread,
        links=links,
        mirrors=mirrors,
        command="archiver.save",
    )
    events = list(pipeline.save([os.fspath(source) for source in given], settings))
    outcomes = tuple(event for event in events if isinstance(event, Outcome))
    problems = tuple(event for event in events if isinstance(event, Problem))
    statuses = {0, *(problem.status for problem in problems)}
    statuses |= {pipeline.exit_status(outcome, strict=strict) for outcome in outcomes}
    return SaveReport(
        outcomes,
        tuple(event for event in events if isinstance(event, ArticleRead)),
        problems,
        tuple(event for event in events if isinstance(event, Notice)),
        pipeline.worst(statuses),
    )
