"""What a saved HTML article says of itself, in its metadata."""

from __future__ import annotations

from collections.abc import Iterator

from archiver import dates
from archiver.model import ArticleFacts

_TITLES = ("og:title", "twitter:title", "dc.title")
_BYLINES = ("author", "article:author", "dc.creator", "byl")
_DAYS = ("article:published_time", "datepublished", "date", "dc.date", "pubdate", "og:published_time")
_ADDRESSES = ("og:url", "twitter:url")


def facts(text: str) -> ArticleFacts:
    """Title, byline, day and canonical address from `<meta>`, `<link rel=canonical>`, `<title>`; credits from captions."""
    from bs4 import BeautifulSoup  # only here: an article of Markdown must not pay for it
    from bs4.filter import SoupStrainer

    strainer = SoupStrainer(["meta", "link", "title", "h1", "figcaption", "time"])
    soup = BeautifulSoup(text, "html.parser", parse_only=strainer)
    meta: dict[str, str] = {}
    for tag in soup.find_all("meta"):
        name, content = tag.get("property") or tag.get("name") or tag.get("itemprop"), tag.get("content")
        if isinstance(name, str) and isinstance(content, str) and content.strip():
            meta.setdefault(name.lower(), " ".join(content.split()))
    canonical = next((link.get("href") for link in soup.find_all("link") if "canonical" in (link.get("rel") or [])), None)
    times = (str(time.get("datetime") or "") for time in soup.find_all("time"))
    captions = (" ".join(caption.get_text(" ").split()) for caption in soup.find_all("figcaption"))
    heading = soup.find("h1") or soup.find("title")
    return ArticleFacts(
        title=next(_named(meta, _TITLES), None) or (" ".join(heading.get_text().split()) if heading else None) or None,
        byline=next((value for value in _named(meta, _BYLINES) if "://" not in value), None),
        published=next((day for value in (*_named(meta, _DAYS), *times) if (day := dates.day(value))), None),
        url=str(canonical) if canonical else next(_named(meta, _ADDRESSES), None),
        credits=tuple(caption for caption in captions if caption),
    )


def _named(meta: dict[str, str], names: tuple[str, ...]) -> Iterator[str]:
    return (meta[name] for name in names if name in meta)
