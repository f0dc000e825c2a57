"""The first two stages, read and find, which fetch and keep nothing: what `find` is, and how `save` begins."""

from __future__ import annotations

from pathlib import Path

import archiver.embeds
from archiver import articles
from archiver.errors import UsageError
from archiver.limits import ARCHIVE, MAX_ARTICLE_BYTES
from archiver.model import Article, Embed, Format
from archiver.platforms import PLATFORMS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archiver.errors import SourceError
    from archiver.model import Exchange

_WEB_TYPES = {"text/html": Format.HTML, "application/xhtml+xml": Format.HTML, "text/markdown": Format.MARKDOWN}


def find(
    source: str,
    max_article_bytes: int = MAX_ARTICLE_BYTES,
    archive: Path = ARCHIVE,
    problem: Callable[[SourceError], None] | None = None,
) -> Iterator[tuple[Article, list[Embed]]]:
    """Each article of a source with its embeds. Nothing is fetched: of an address, the newest copy in `archive` is read.

    Of several articles those that cannot be read are told to `problem`, and the others go on; without it the first is raised.
    Raises UsageError, SourceError, ArchiveDamaged.
    """
    if articles.is_address(source):
        found = iter([_kept_article(source, max_article_bytes, archive)])
    else:
        found = articles.read(source, max_article_bytes, problem)
    for article in found:
        yield article, archiver.embeds.find(article, PLATFORMS.values())


def _kept_article(url: str, max_article_bytes: int, root: Path) -> Article:
    from archiver.archive import kept_answer  # only here: a file has no use for the index
    from archiver.capture.secrets import redacted_url

    capture = kept_answer(root, redacted_url(url)[0])
    if capture is None:
        raise UsageError(f"{url}: `find` fetches nothing, and {root} holds no copy; `archiver save {url}` fetches one")
    return web_article(redacted_url(url)[0], capture.exchange, max_article_bytes)


def web_article(source: str, exchange: Exchange, max_bytes: int) -> Article:
    """What an address answered as an Article, its type and charset as the answer says. Raises SourceError."""
    from archiver.articles.page import kind_and_charset
    from archiver.capture.decode import decoded

    kind, charset = kind_and_charset(exchange.header("Content-Type") or "")
    format = _WEB_TYPES.get(kind)
    return articles.article(source, decoded(exchange).body, max_bytes, format, url=exchange.url, charset=charset)
