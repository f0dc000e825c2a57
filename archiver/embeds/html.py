"""Embeds in HTML: the quotation that the platform's embed code leaves in the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from archiver.embeds.found import Found, signature
from archiver.model import Platform

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

FORMS = {"html-blockquote": "`blockquote.twitter-tweet` or `.twitter-video`; its last link to a post is the permalink"}

_CLASSES = {"twitter-tweet": "twitter", "twitter-video": "twitter"}
_OPENS = re.compile(r"<blockquote\b[^>]{0,1000}\btwitter-(?:tweet|video)\b[^>]{0,1000}>", re.IGNORECASE)
_CLOSES = re.compile(r"</blockquote\s{0,10}>", re.IGNORECASE)


def find(text: str, platforms: tuple[Platform, ...]) -> Iterator[Found]:
    """Every embed in an HTML document, in order."""
    if not _OPENS.search(text):
        return
    for block in _parse(text).select(", ".join(f"blockquote.{name}" for name in _CLASSES)):
        found = _quotation(block, block.sourceline or 1, platforms)
        if found is not None:
            yield found


def find_in_markdown(text: str, platforms: tuple[Platform, ...]) -> Iterator[tuple[int, int, Found]]:
    """Every embed kept as HTML within Markdown, with where it starts and ends in the text."""
    at = 0
    while opened := _OPENS.search(text, at):
        closed = _CLOSES.search(text, opened.end())
        at = closed.end() if closed else len(text)
        block = _parse(text[opened.start() : at]).blockquote
        found = _quotation(block, text.count("\n", 0, opened.start()) + 1, platforms) if block else None
        if found is not None:
            yield opened.start(), at, found


def _parse(text: str) -> BeautifulSoup:
    from bs4 import BeautifulSoup  # only here: an article without a quotation of this kind must not pay for it

    return BeautifulSoup(text, "html.parser")


def _quotation(block: Tag, line: int, platforms: tuple[Platform, ...]) -> Found | None:
    names = {_CLASSES[name] for name in block.get("class") or [] if name in _CLASSES}
    platform = next((platform for platform in platforms if platform.name in names), None)
    if platform is None:
        return None
    for line_break in block.find_all("br"):
        line_break.replace_with("\n")
    links = tuple(href for link in block.find_all("a") if (href := str(link.get("href") or "").strip()).startswith("http"))
    permalink = next((link for link in reversed(links) if platform.permalink(link)), None)
    paragraphs = block.find_all("p")
    signed_text = " ".join(_outside(block).split())
    signed = signature(signed_text)
    return Found(
        platform,
        "html-blockquote",
        line,
        " ".join(" ".join(paragraph.get_text() for paragraph in paragraphs).split()),
        links,
        signed.author if signed else None,
        signed.handle if signed else None,
        signed.posted if signed else None,
        permalink,
        signed.text if signed else None,
    )


def _outside(block: Tag) -> str:
    """The text of a quotation that stands in none of its paragraphs: the signature."""
    return "".join(str(piece) for piece in block.find_all(string=True) if piece.find_parent("p") is None)
