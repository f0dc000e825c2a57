"""What every form of embed comes down to, and the line that tweets are signed with."""

from __future__ import annotations

import re
from datetime import date

from archiver import dates
from archiver.model import Platform, PostRef
from archiver.patterns import pattern
from archiver.values import Value

# A dash as converters leave it: any of Unicode's, one or more hyphens, a tilde, an entity that nobody decoded.
DASH = r"(?:[-‐-―−⸺⸻﹘－~～〜]{1,3}|&(?:[mn]dash|horbar|#821[1-3]|#x201[345]);)"
_HANDLE = r"@(?P<handle>[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?(?:@[A-Za-z0-9.-]{1,62}[A-Za-z0-9])?)"
_LEAD = rf"^[\s>*_\\]{{0,20}}{DASH}[\s*_]{{0,5}}"
_SIGNATURE = pattern(rf"{_LEAD}(?:(?P<author>\S.{{0,120}}?)\s{{0,5}})?[(（\[［]\s?{_HANDLE}\s?[)）\]］](?P<rest>.{{0,200}})$")
_UNBRACKETED = pattern(rf"{_LEAD}(?:(?P<author>\S.{{0,80}}?)[\s,:|/·]{{1,5}})?{_HANDLE}(?![\w@])(?P<rest>.{{0,200}})$")
# What right-to-left text puts around names and numbers: it is not shown.
DIRECTIONS = pattern("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_BYLINE = pattern(r"(?:by|words|photos?|text|story)\b:?\s", re.IGNORECASE)
_LONGEST_HANDLE = 30  # where the handle is no host name


class Found(Value):
    """An embed as it was seen, before anything is made of it.

    `offset` is where it begins in the article's text, in characters; `path` leads to it again: a CSS path, with `@name` for an
    attribute, or empty for Markdown. `permalink` is the post's address (or bare id) as it stands there, `ref` what it names.
    """

    platform: Platform
    form: str
    offset: int
    text: str = ""
    links: tuple[str, ...] = ()
    author: str | None = None
    handle: str | None = None
    posted: date | None = None
    permalink: str | None = None
    ref: PostRef | None = None
    signature: str | None = None
    path: str = ""
    media: tuple[str, ...] = ()  # addresses of the images and videos in it


class Signature(Value):
    """`— Author (@handle) day`, the last line of the quotation that the platform offers for embedding.

    `day` is what stands for it, `posted` that day where it could be read. `author` is None where only the handle stands.
    """

    author: str | None
    handle: str
    day: str
    posted: date | None
    text: str


def signature(line: str) -> Signature | None:
    """The signature that a line of plain text is; None where it is none. A handle without brackets needs a day beside it."""
    if "@" not in line:
        return None
    if not line.isprintable():
        line = DIRECTIONS.sub("", line)
    bracketed = _SIGNATURE.match(line)
    found = bracketed or _UNBRACKETED.match(line)
    if found is None:
        return None
    handle, rest = found["handle"], found["rest"]
    posted = dates.day(rest) or dates.of_milliseconds(rest)
    if (posted is None and bracketed is None) or not ("." in handle or "@" in handle or len(handle) <= _LONGEST_HANDLE):
        return None
    author = " ".join((found["author"] or "").split()).strip("*_ ")
    if _BYLINE.match(author):
        return None  # an article's
    return Signature(author or None, handle, rest.strip(" \t*_"), posted, " ".join(line.split()))
