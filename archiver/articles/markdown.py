"""What a saved Markdown article says of itself: in its front matter, and in the kind of lines that such files have."""

from __future__ import annotations

import re
from datetime import date
from itertools import islice

from archiver import dates
from archiver.model import ArticleFacts
from archiver.patterns import pattern
from archiver.surrogates import Decoder

_TITLE = pattern(r"^#[ \t]{1,20}(\S.{0,500}?)[ \t]{0,20}#{0,20}$", re.MULTILINE)
_BYLINE = pattern(r"^By[ \t]{1,20}(\S.{0,200})$", re.MULTILINE)
_ORIGINAL = pattern(r"^Original url:\s{1,10}<?(https?://[^\s<>]{1,2000})>?\s*$", re.MULTILINE | re.IGNORECASE)
_LINK = pattern(r"\[([^\]]{1,300})\]\([^)]{0,2000}\)")
_CREDIT = pattern(r"^[^#\s].*?\S[ \t]\*\*([^*\n]{1,200})\*\*[ \t]*$")
_HEAD_LINES = 40  # the byline, the day and the lead picture stand before the story

_FENCES = {"---": ("---", "..."), "+++": ("+++",)}
_PAIR = pattern(r"""^([A-Za-z][\w.-]{0,60})["']?\s{0,20}[:=]\s{0,20}(.{0,4000})$""")
_ITEM = pattern(r"^\s{0,20}-\s{1,20}(?:name\s{0,9}:\s{0,9})?(.{1,300})$")
_NAME_BELOW = pattern(r"^\s{1,20}name\s{0,9}:\s{0,9}(.{1,300})$")
_MOST_MATTER = 400  # lines
_MOST_CHARS = 64 * 1024
_LEAST_LINK = 300  # lines of a head that is longer than this are no day, byline or credit

_TITLES = ("title", "headline")
_BYLINES = ("author", "authors", "byline", "by", "creator")
_DAYS = ("date", "published", "date_published", "datepublished", "pubdate", "publishdate", "published_at", "created")
_ADDRESSES = ("canonical", "canonical_url", "canonicalurl", "url", "source", "source_url", "original", "link", "permalink")
_SITES = ("site", "site_name", "sitename", "publisher", "publication", "website")
_LANGUAGES = ("lang", "language", "locale")


def facts(text: str, address: str | None = None) -> ArticleFacts:
    """What the front matter says; what it does not say from the first lines, the original address from the last.

    `address` is where the article was fetched, for one that names no other. Never raises.
    """
    matter, end = front_matter(text)
    text = text[end:]
    title, originals = _TITLE.search(text), _ORIGINAL.findall(text)
    head = "\n".join(text[title.end() if title else 0 :].split("\n", _HEAD_LINES)[:_HEAD_LINES])
    byline = _BYLINE.search(head)
    lines = [line.strip() for line in head.split("\n")]
    shown = next((day for line in lines if len(line) <= 40 and (day := dates.day(line))), None)
    addresses = (value for name in _ADDRESSES if (value := matter.get(name, "")).lower().startswith(("http://", "https://")))
    return ArticleFacts(
        title=_first(matter, _TITLES) or (_plain(title[1]) if title else None),
        byline=_first(matter, _BYLINES) or (_plain(byline[1]) if byline else None),
        published=_day(matter) or shown,
        url=next(addresses, None) or (originals[-1] if originals else None) or address,
        credits=tuple(found[1].strip() for line in lines if len(line) <= 2000 and (found := _CREDIT.search(line))),
        site=_first(matter, _SITES),
        language=_first(matter, _LANGUAGES),
    )


def front_matter(text: str) -> tuple[dict[str, str], int]:
    """The simple pairs at the top of a file, names in lower case, and where the front matter ends; 0 where there is none.

    YAML and TOML are read line by line: `name: value`, `name = value`, and the first items of a list. JSON is read as such.
    """
    if text.startswith("{"):
        return _json_matter(text)
    opening, _, _ = text.partition("\n")
    closing = _FENCES.get(opening.rstrip()) if len(opening) < _LEAST_LINK else None
    if closing is None:
        return {}, 0
    lines: list[str] = []
    at = len(opening) + 1
    for line in islice(text[at : at + _MOST_CHARS].split("\n"), _MOST_MATTER):
        at += len(line) + 1
        if line.rstrip() in closing:
            return _pairs(lines), min(at, len(text))
        lines.append(line)
    return {}, 0


def _pairs(lines: list[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    name = ""
    for line in lines:
        found = _PAIR.match(line)
        if found:
            name = found[1].lower()
            value = _value(found[2])
            if value:
                pairs.setdefault(name, value)
            continue
        item = _ITEM.match(line) or _NAME_BELOW.match(line)
        if item and name and (name not in pairs or name in _BYLINES):
            pairs[name] = ", ".join(filter(None, (pairs.get(name), _value(item[1]))))
    return pairs


def _value(text: str) -> str:
    """A value without its quotation marks; the items of a list on one line, joined."""
    text = text.strip().rstrip(",")
    if text.startswith("[") and text.endswith("]"):
        return ", ".join(filter(None, (_value(item) for item in text[1:-1].split(","))))
    if len(text) > 1 and text[0] in "\"'" and text.endswith(text[0]):
        return text[1:-1].strip()
    text = text.partition(" #")[0].strip()
    return "" if text in ("|", ">", "null", "~", "[]", "{}") else text


def _json_matter(text: str) -> tuple[dict[str, str], int]:
    try:
        found, end = Decoder().raw_decode(text[:_MOST_CHARS])
    except (ValueError, RecursionError):
        return {}, 0
    pairs: dict[str, str] = {}
    for name, value in found.items():
        values = [one.get("name") if isinstance(one, dict) else one for one in (value if isinstance(value, list) else [value])]
        words = ", ".join(one.strip() for one in values if isinstance(one, str))
        if words:
            pairs.setdefault(name.lower(), words)
    return pairs, end


def _first(matter: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((" ".join(matter[name].split()) for name in names if matter.get(name)), None)


def _day(matter: dict[str, str]) -> date | None:
    return next((day for name in _DAYS if name in matter and (day := dates.day(matter[name]))), None)


def _plain(text: str) -> str:
    return " ".join(_LINK.sub(r"\1", text).replace("**", "").split())
