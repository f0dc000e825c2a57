"""The images and videos that an article's own body shows, with caption and credit; not what stands around it on the page.

In HTML the body is told by structure: of the elements that can be one, the smallest that holds most of the page's paragraphs.
In Markdown the whole file is the body.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from archiver.articles.html import harmless
from archiver.model import Article, ArticleMedium, Format

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

MOST_MEDIA = 100
_MOST_CHARS = 4_000_000
_MOST_CANDIDATES = 200
_SMALLEST = 64  # pixels on a side: below it, an icon

_BODIES = "article, main, [role=main], [itemprop~=articleBody], [itemprop~=articlebody]"
_CHROME_TAGS = frozenset({"nav", "aside", "footer", "form", "button", "iframe", "template"})
_CHROME = re.compile(
    r"(?:^|[-_\s])(?:share|sharing|social|related|recirc|recommend\w*|promo|advert\w*|ads?|newsletter|author|byline|avatar|"
    r"sidebar|comments?|logo|icon|teaser|widget|twitter-tweet|instagram-media|tiktok-embed)(?:$|[-_\s])",
    re.IGNORECASE,
)
_LAZY = ("data-full-url", "data-original", "data-lazy-src", "data-src", "src")
_LAZY_SETS = ("data-srcset", "data-lazy-srcset", "srcset")
_CREDITS = "[class*=credit], [class*=copyright], [itemprop=copyrightHolder], [itemprop=creator], cite, small"
_CREDIT = re.compile(
    r"(?:^|[\s(\[.])(?:photo(?:graph)?|picture|image|video|credit|courtesy|foto|bild|фото|видео|снимок)"
    r"(?:\s(?:by|of|credit))?\s?[:/©]\s?(?P<who>[^()\[\]:©]{2,100}?)[)\]]?\.?$|©\s?(?P<holder>[^()\[\]:©]{2,100}?)[)\]]?\.?$",
    re.IGNORECASE,
)
_IMAGE = re.compile(
    r"!\[(?P<alt>[^\[\]\n]{0,500})\]\(\s*<?(?P<url>[^\s()<>]{1,4000})>?(?:\s+[\"'(](?P<title>[^\n]{0,1000}?)[\"')])?\s*\)"
)
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_EMPHASIS = re.compile(r"^\s*(?:\*{1,2}|_{1,2})(?P<text>[^*_\n]{2,1000})(?:\*{1,2}|_{1,2})\s*$")


def media(article: Article, address: str | None) -> tuple[ArticleMedium, ...]:
    """What the body shows, in its order, each address once and whole; `address` is the article's own, for those that are not.

    What has no http(s) address is left out: it stands in the article's own bytes, or nowhere.
    """
    base = address or ""
    found = _of_html(article.text, base) if article.format is Format.HTML else _of_markdown(article.text, base)
    each: dict[str, ArticleMedium] = {}
    for one in found:
        if one.url.startswith(("http://", "https://")):
            each.setdefault(one.url, one)
        if len(each) >= MOST_MEDIA:
            break
    return tuple(replace(one, position=position) for position, one in enumerate(each.values(), 1))


def _of_html(text: str, base: str) -> Iterator[ArticleMedium]:
    from selectolax.lexbor import LexborHTMLParser  # only here: what fetches nothing needs no media

    beginning = text[:_MOST_CHARS]
    page = LexborHTMLParser(beginning[: harmless(beginning)].encode("utf-8", "replace"))
    based = page.css_first("base[href]")
    base = urljoin(base, (based.attributes.get("href") or "").strip()) if based is not None else base
    body = _body(page.css(_BODIES)[:_MOST_CANDIDATES]) or page.body
    if body is None:
        return
    for node in body.css("img, video, audio"):
        if not _in_chrome(node, body):
            yield from _medium(node, base)


def _body(candidates: list[LexborNode]) -> LexborNode | None:
    """The smallest of the elements that hold nearly all the paragraphs that any of them holds, with the article around it."""
    told = [(sum(len(one.text()) for one in node.css("p")), node) for node in candidates]
    most = max((length for length, _ in told), default=0)
    if not most:
        return None
    # Of two that hold the same, the one inside comes later in the page.
    _, body = min(((length, node) for length, node in reversed(told) if length >= 0.8 * most), key=lambda pair: pair[0])
    around: LexborNode | None = body
    while around is not None and around.tag != "body":
        if around.tag == "article":
            return around
        around = around.parent
    return body


def _in_chrome(node: LexborNode, body: LexborNode) -> bool:
    """True where an element, or one around it within the body, is about the page and not of the article."""
    at: LexborNode | None = node
    while at is not None and at.mem_id != body.mem_id:
        if at.tag in _CHROME_TAGS or _CHROME.search(at.attributes.get("class") or ""):
            return True
        if at.tag == "article":
            return True  # another one, inside
        at = at.parent
    return False


def _medium(node: LexborNode, base: str) -> Iterator[ArticleMedium]:
    given = node.attributes
    caption, credit = _caption(node)
    alt = _line(given.get("alt") or given.get("aria-label"))
    if node.tag == "img":
        if any(_is_small(given.get(name)) for name in ("width", "height")):
            return
        addresses = [_largest(given), *(given.get(name) for name in _LAZY)]
        if node.parent is not None and node.parent.tag == "picture":
            addresses[:0] = [_largest(source.attributes) for source in node.parent.css("source")][:1]
    else:
        addresses = [given.get("src"), *(source.attributes.get("src") for source in node.css("source"))]
        poster = _whole(base, [given.get("poster")])
        if poster:
            yield ArticleMedium(0, "poster", poster, alt, caption, credit)
    address = _whole(base, addresses)
    if address:
        yield ArticleMedium(0, {"img": "image"}.get(node.tag or "", node.tag or ""), address, alt, caption, credit)


def _is_small(value: str | None) -> bool:
    found = re.match(r"\s*([0-9]{1,6})(?:px)?\s*$", value or "")
    return found is not None and int(found[1]) <= _SMALLEST


def _largest(given: dict[str, str | None]) -> str | None:
    """The address of a `srcset` that has the largest width or density."""
    for name in _LAZY_SETS:
        # An address may hold commas, and one that ends in a comma ends there.
        candidates = [one.split() for one in re.split(r",\s", (given.get(name) or "")[:20_000])]
        candidates = [[one[0].rstrip(","), *one[1:2]] for one in candidates if one]
        if candidates:
            return max(candidates, key=_size)[0]
    return None


def _size(candidate: list[str]) -> float:
    found = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)[wx]", candidate[1]) if len(candidate) > 1 else None
    return float(found[1]) if found else 1.0


def _whole(base: str, addresses: Iterable[str | None]) -> str | None:
    """The first address that is one, made whole."""
    for address in addresses:
        if (
            not address
            or not address.strip()
            or address.strip().lower().startswith(("data:", "blob:", "javascript:", "about:"))
        ):
            continue
        try:
            return urljoin(base, address.strip())
        except ValueError:
            continue
    return None


def _caption(node: LexborNode) -> tuple[str | None, str | None]:
    """The caption of the figure around an element, and who is credited in it."""
    at = node.parent
    while at is not None and at.tag != "figure":
        at = at.parent
    if at is None:
        return None, None
    captioned = at.css_first("figcaption")
    credited = next((words for one in at.css(_CREDITS) if (words := _line(one.text(separator=" ")))), None)
    caption = _line(captioned.text(separator=" ")) if captioned is not None else None
    if credited and caption:
        caption = _line(caption.replace(credited, " "))
    return _without_credit(caption, credited)


def _without_credit(caption: str | None, credit: str | None) -> tuple[str | None, str | None]:
    """The caption and the credit apart, where the one ends with the other."""
    if credit is not None or caption is None:
        named = _CREDIT.search(credit or "")
        return caption, (named["who"] or named["holder"]).strip() if named else credit
    named = _CREDIT.search(caption)
    if named is None:
        return caption, None
    return _line(caption[: named.start()]), (named["who"] or named["holder"]).strip()


def _of_markdown(text: str, base: str) -> Iterator[ArticleMedium]:
    """Images, with their title, or an emphasized line right behind them, as the caption."""
    text = _FENCE.sub(lambda found: " " * len(found[0]), text[:_MOST_CHARS])
    for found in _IMAGE.finditer(text):
        behind = next((line for line in text[found.end() : found.end() + 2000].split("\n")[1:3] if line.strip()), "")
        emphasized = _EMPHASIS.match(behind)
        caption = _line(found["title"]) or (_line(emphasized["text"]) if emphasized else None)
        address = _whole(base, [found["url"]])
        if address:
            caption, credit = _without_credit(caption, None)
            yield ArticleMedium(0, "image", address, _line(found["alt"]), caption, credit)


def _line(text: str | None) -> str | None:
    return " ".join((text or "").split())[:2000] or None
