"""What a saved Markdown article says of itself, in the kind of lines that such files have."""

from __future__ import annotations

import re

from archiver import dates
from archiver.model import ArticleFacts

_TITLE = re.compile(r"^#[ \t]+(.{1,500}?)[ \t]*#*$", re.MULTILINE)
_BYLINE = re.compile(r"^By[ \t]+(\S.{0,200})$", re.MULTILINE)
_ORIGINAL = re.compile(r"^Original url:\s{1,10}<?(https?://[^\s<>]{1,2000})>?\s*$", re.MULTILINE | re.IGNORECASE)
_LINK = re.compile(r"\[([^\]]{1,300})\]\([^)]{0,2000}\)")
_CREDIT = re.compile(r"^[^#\s].*?\S[ \t]\*\*([^*\n]{1,200})\*\*[ \t]*$")
_HEAD_LINES = 40  # the byline, the day and the lead picture stand before the story


def facts(text: str) -> ArticleFacts:
    """Title, byline, day and credits from the first lines, the original address from the last."""
    title, originals = _TITLE.search(text), _ORIGINAL.findall(text)
    head = "\n".join(text[title.end() if title else 0 :].split("\n")[:_HEAD_LINES])
    byline = _BYLINE.search(head)
    lines = [line.strip() for line in head.split("\n")]
    published = next((day for line in lines if len(line) <= 40 and (day := dates.day(line))), None)
    return ArticleFacts(
        title=_plain(title[1]) if title else None,
        byline=_plain(byline[1]) if byline else None,
        published=published,
        url=originals[-1] if originals else None,
        credits=tuple(found[1].strip() for line in lines if (found := _CREDIT.search(line))),
    )


def _plain(text: str) -> str:
    return " ".join(_LINK.sub(r"\1", text).replace("**", "").split())
