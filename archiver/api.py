"""The two main jobs for Python programs. What they give is described in docs/json-lines.md."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from archiver import finding, pipeline
from archiver.errors import SourceError, worst
from archiver.limits import MAX_ARTICLE_BYTES
from archiver.model import ArticleFacts, Embed, Outcome
from archiver.pipeline import ArticleRead, Notice, Problem
from archiver.settings import Settings


@dataclass(frozen=True, slots=True)
class ArticleKept:
    """An article that was read and kept, and how many embeds were found in it. Its bytes are in the archive, under `sha256`."""

    source: str
    url: str | None
    sha256: str
    facts: ArticleFacts
    embeds: int


@dataclass(frozen=True, slots=True)
class SaveReport:
    """What a `save` came to: an outcome for each embed in order, what it said of sources, and the exit status."""

    outcomes: tuple[Outcome, ...]
    articles: tuple[ArticleKept, ...]
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
    found = finding.find(os.fspath(source), max_article_bytes, Path(archive), problem)
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
    contact: str = "",
    allow_private: Iterable[str] = (),
) -> SaveReport:
    """Find, identify, fetch, write WARC and index what the sources (files, folders or addresses) embed.

    `fixtures` are folders of stand-ins or WARC files. With `offline` no socket is opened. `thread` asks for the posts above a
    reply too, `links` for the pages that a post's links lead to, `mirrors` third parties for what the platform does not show.
    `contact`, whom a site's owner may write to, goes into the User-Agent; `allow_private` names what inside may be asked.
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
        contact=contact,
        allow_private=tuple(allow_private),
        command="archiver.save",
    )
    outcomes, kept, problems, notices, statuses = [], [], [], [], {0}
    for event in pipeline.save([os.fspath(source) for source in given], settings):
        match event:
            case ArticleRead(article, facts, embeds):  # not as it is: of a collection, that would be every page's bytes
                kept.append(ArticleKept(article.source, article.url, article.sha256, facts, embeds))
            case Outcome():
                outcomes.append(event)
                statuses.add(pipeline.exit_status(event, strict=strict))
            case Problem():
                problems.append(event)
                statuses.add(event.status)
            case Notice():
                notices.append(event)
    return SaveReport(tuple(outcomes), tuple(kept), tuple(problems), tuple(notices), worst(statuses))
