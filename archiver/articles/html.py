"""What a saved HTML article declares of itself: JSON-LD, Open Graph and other `<meta>`, `<link>`, and what its markup names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from html import unescape
from typing import TYPE_CHECKING, Any

from archiver import dates
from archiver.model import ArticleFacts
from archiver.patterns import pattern
from archiver.surrogates import loads

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_TITLES = ("og:title", "headline", "dc.title", "dcterms.title", "parsely-title", "sailthru.title", "twitter:title", "title")
_BYLINES = (
    "author", "byl", "article:author", "article:author_name", "og:article:author", "dc.creator", "dcterms.creator",
    "parsely-author", "sailthru.author", "citation_author", "cxenseparse:author", "vr:author",
)  # fmt: skip
_DAYS = (
    "article:published_time", "og:article:published_time", "datepublished", "article:published", "og:published_time", "pubdate",
    "publishdate", "publish-date", "published_date", "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created",
    "dcterms.date", "dc.date", "date", "article.published", "citation_publication_date", "cxenseparse:recs:publishtime",
)  # fmt: skip
_ADDRESSES = ("og:url", "twitter:url", "parsely-link")
_SITES = ("og:site_name", "application-name", "apple-mobile-web-app-title", "dc.publisher", "twitter:site")
_LANGUAGES = ("content-language", "language", "dc.language", "og:locale")
_BYLINE_MARKS = (
    "[itemprop~=author] [itemprop=name], [itemprop~=author], [rel=author], .byline, .author-name, .c-byline, .author"
)
_DAY_MARKS = "[itemprop=datePublished], time[pubdate], article time[datetime], time[datetime]"
_ARTICLE = pattern(r"(?:Article|BlogPosting|Report|Review|WebPage|VideoObject|Recipe)$")

_SAVED_FROM = pattern(r"<!--\s{0,9}saved from url=\(\d{1,9}\)(https?://[^\s<>]{1,4000}?)\s{0,9}-->", re.IGNORECASE)
_SINGLE_FILE = pattern(r"<!--\s{0,99}Page saved with SingleFile\s{0,99}url:\s{0,99}(https?://[^\s<>]{1,4000})", re.IGNORECASE)
_BY = pattern(r"^(?:by|von|par|por|di|da|door|av|af|od|автор)(?:\s*:)?\s+", re.IGNORECASE)
_TAG = pattern(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})([^<>]{2000})?")
_QUOTED = pattern(r"\"[^\"]*\"|'[^']*'")
_ATTRIBUTE = pattern(r"[\s/=]+")
_UNNESTED = frozenset(
    {
        *(
            "area",
            "base",
            "br",
            "col",
            "embed",
            "hr",
            "img",
            "input",
            "link",
            "meta",
            "param",
            "path",
            "source",
            "track",
            "wbr",
        ),
        *("p", "li", "dt", "dd", "option", "tr", "td", "th", "tbody", "thead"),  # whose end tags may be left out
    }
)
_MOST_CHARS = 2_000_000
_MOST_DEEP = 2_000
_MOST_ATTRIBUTES = 1_000
_MOST_JSON = 1_000_000
_MOST_NODES = 20_000
_MOST_WORDS = 1_000


def facts(text: str, address: str | None = None) -> ArticleFacts:
    """What the page declares; where it declares nothing, what its markup names. `address` is where it was fetched.

    Never raises. Of a page that is very large, deep or hostile only the beginning is read, which has the declarations.
    """
    from selectolax.lexbor import LexborHTMLParser  # only here: who asks for no facts must not pay for it

    beginning = text[:_MOST_CHARS]
    page = LexborHTMLParser(beginning[: harmless(beginning)].encode("utf-8", "replace"))
    meta, linked = _meta(page), _linked(page)
    captions = (_words(caption) for caption in page.css("figcaption"))
    return ArticleFacts(
        title=_first((*linked["title"], *_named(meta, _TITLES), *_texts(page, "h1, title"))),
        byline=_first(name for name in _bylines(page, meta, linked) if "://" not in name),
        published=next(_days(page, meta, linked), None),
        url=_first((*_canonical(page), *_named(meta, _ADDRESSES), *linked["url"])) or address or _saved_from(text),
        credits=tuple(caption for caption in captions if caption),
        site=_first((*_named(meta, _SITES[:1]), *linked["site"], *_named(meta, _SITES[1:]))),
        language=_first((*_document_language(page), *linked["language"], *_named(meta, _LANGUAGES))),
    )


def harmless(text: str) -> int:
    """How much of a page can be parsed in linear time: up to where it is nested too deep or a tag has too many attributes."""
    depth = 0
    for tag in _TAG.finditer(text):
        if tag[3] and _attributes(text, tag.start()) > _MOST_ATTRIBUTES:
            return tag.start()
        if tag[2].lower() not in _UNNESTED:
            depth = max(0, depth - 1) if tag[1] else depth + 1
            if depth > _MOST_DEEP:
                return tag.start()
    return len(text)


def _attributes(text: str, start: int) -> int:
    end = text.find(">", start)
    return len(_ATTRIBUTE.findall(_QUOTED.sub("", text[start : end if end >= 0 else len(text)])))


def _meta(page: LexborHTMLParser) -> dict[str, str]:
    """The first content of each `<meta>`, by its property, name, itemprop or http-equiv in lower case."""
    meta: dict[str, str] = {}
    for tag in page.css("meta[content]"):
        attributes = tag.attributes
        name = next((value for key in ("property", "name", "itemprop", "http-equiv") if (value := attributes.get(key))), None)
        content = _one_line(attributes.get("content"))
        if name and content:
            meta.setdefault(name.strip().lower(), content)
    return meta


def _named(meta: dict[str, str], names: tuple[str, ...]) -> list[str]:
    return [meta[name] for name in names if name in meta]


def _linked(page: LexborHTMLParser) -> dict[str, list[str]]:
    """What the JSON-LD says of the article: the first object of a kind that articles are, before all others."""
    found: dict[str, list[str]] = {name: [] for name in ("title", "byline", "day", "url", "site", "language")}
    objects = [one for script in page.css('script[type*="ld+json"]') for one in _objects(script.text())]
    people = {str(one["@id"]): one for one in objects if "@id" in one and "name" in one}
    articles = [one for one in objects if any(map(_ARTICLE.search, _strings(one.get("@type"))))]
    for one in sorted(articles, key=lambda one: not any("WebPage" not in kind for kind in _strings(one.get("@type")))):
        found["title"] += _strings(one.get("headline"))
        found["byline"] += [", ".join(dict.fromkeys(names))] if (names := _names(one.get("author"), people)) else []
        found["day"] += _strings(one.get("datePublished"))
        found["url"] += [url for url in _strings(one.get("url")) if url.startswith("http")]
        found["site"] += _names(one.get("publisher"), people)
        found["language"] += _names(one.get("inLanguage"), {})
    return found


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Every object in a JSON-LD script; none from one that is broken or too large."""
    if len(text) > _MOST_JSON:
        return
    try:
        waiting = [loads(text, strict=False)]
    except (ValueError, RecursionError):
        return
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        one = waiting.pop(0)
        if isinstance(one, list):
            waiting[:0] = one[:_MOST_WORDS]
        elif isinstance(one, dict):
            yield one
            waiting += [
                value for key in ("@graph", "mainEntity", "mainEntityOfPage", "liveBlogUpdate") if (value := one.get(key))
            ]


def _strings(value: Any) -> list[str]:
    return [_one_line(one) for one in (value if isinstance(value, list) else [value]) if isinstance(one, str) and one.strip()]


def _names(value: Any, people: dict[str, dict[str, Any]]) -> list[str]:
    """The names of a person, an organization, or a list of them, each as text, as an object or by reference."""
    names: list[str] = []
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            names += _strings(one.get("name") or people.get(str(one.get("@id")), {}).get("name"))
        else:
            names += _strings(one)
    return names


def _bylines(page: LexborHTMLParser, meta: dict[str, str], linked: dict[str, list[str]]) -> Iterator[str]:
    yield from linked["byline"]
    yield from _named(meta, _BYLINES)
    for name in _texts(page, _BYLINE_MARKS):
        if len(name) <= 100:
            yield _BY.sub("", name)


def _days(page: LexborHTMLParser, meta: dict[str, str], linked: dict[str, list[str]]) -> Iterator[date]:
    times = (
        tag.attributes.get("datetime") or tag.attributes.get("content") or _words(tag)[:100]
        for tag in page.css(_DAY_MARKS)[:20]
    )
    for value in (*linked["day"], *_named(meta, _DAYS), *times):
        if day := dates.day(value[:100]):
            yield day


def _canonical(page: LexborHTMLParser) -> list[str]:
    found = (_one_line(link.attributes.get("href")) for link in page.css("link[rel~=canonical i]"))
    return [address for address in found if address.startswith(("http://", "https://"))]


def _document_language(page: LexborHTMLParser) -> list[str]:
    root = page.root
    return [value for name in ("lang", "xml:lang") if root and (value := _one_line(root.attributes.get(name)))]


def _saved_from(text: str) -> str | None:
    """The address that a browser or SingleFile wrote into the page it saved."""
    found = _SAVED_FROM.search(text, 0, 8192) or _SINGLE_FILE.search(text, 0, 8192)
    return found[1] if found else None


def _texts(page: LexborHTMLParser, selector: str) -> list[str]:
    return [words for node in page.css(selector)[:20] if (words := _words(node))]


def _words(node: LexborNode) -> str:
    return _one_line(node.text(separator=" "))


def _one_line(text: str | None) -> str:
    """White space joined; entities that were escaped twice are read, for no title means to show `&#8222;`."""
    return " ".join(unescape((text or "")[: 4 * _MOST_WORDS]).split())[:_MOST_WORDS]


def _first(values: Iterable[str]) -> str | None:
    return next((value for value in values if value), None)
