"""Values that any JSON of X may hold, read without trust: whatever is not of the expected type is as if it were not there."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from archiver.model import Exchange, Link, Precision
from archiver.surrogates import loads

# An address as web archives write it into what they show: theirs, then the original.
_WRAPPED = re.compile(
    r"(?:https?:)?(?://[^/]{1,200})?/(?:[\w-]{1,40}/){0,2}(?:[0-9]{4,14}(?:[a-z]{2}_)?|o/\w{3,10})/(https?:/{1,2}.+)", re.DOTALL
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def json_object(exchange: Exchange) -> dict[str, Any] | None:
    """The JSON object that an answer is; None where it is none."""
    answer = json_value(exchange.body)
    return answer if isinstance(answer, dict) else None


def json_value(data: bytes | str) -> object:
    """What the JSON says; None where it is none."""
    try:
        return loads(data)
    except (ValueError, RecursionError):
        return None


def text_of(value: object) -> str:
    """A text of some JSON; empty where it is none."""
    return value if isinstance(value, str) else ""


def plain(value: object) -> str:
    """A text of some JSON with its entities resolved: X escapes `&`, `<` and `>` in words and names."""
    return html.unescape(text_of(value))


def dict_of(value: object) -> dict[str, Any]:
    """An object of some JSON; empty where it is none."""
    return value if isinstance(value, dict) else {}


def dicts_of(value: object) -> list[dict[str, Any]]:
    """The objects in a list of some JSON."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def id_of(value: object) -> str | None:
    """An id, which older answers give as a number; None where it is none."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else text_of(value)
    return text if re.fullmatch("[0-9]{1,20}", text) else None


def number_of(value: object) -> int | None:
    """A count, which some answers give as text; None where it is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = text_of(value)
    return int(text) if re.fullmatch("[0-9]{1,15}", text) else None


def original_address(url: object) -> str:
    """An address as it was before a web archive rewrote it; empty where there is none."""
    address = text_of(url).strip()
    found = _WRAPPED.fullmatch(address)
    if found is None:
        return address
    scheme, _, rest = found[1].partition(":")
    return original_address(f"{scheme}://{rest.lstrip('/')}")


def iso_time(value: object) -> datetime | None:
    """A time in ISO 8601, UTC where it names no zone; None where it is none."""
    try:
        moment = datetime.fromisoformat(text_of(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def unix_time(milliseconds: object) -> datetime | None:
    """A count of milliseconds since 1970 as a time; None where it is none."""
    count = number_of(milliseconds)
    try:
        return _EPOCH + timedelta(milliseconds=count) if count is not None else None
    except OverflowError:
        return None


def long_time(value: object) -> datetime | None:
    """A time as the API of version 1.1 writes it, `Thu Jul 27 19:45:29 +0000 2017`, or the search before it, `Thu, 27 Jul 2017
    19:45:29 +0000`; None where it is none."""
    for form in ("%a %b %d %H:%M:%S %z %Y", "%a, %d %b %Y %H:%M:%S %z"):
        try:
            return datetime.strptime(text_of(value), form).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None


def made(value: object, milliseconds: object = None) -> tuple[datetime | None, Precision | None]:
    """When something was made, as any of X's answers writes it, and how exactly that is told."""
    exact = unix_time(milliseconds)
    moment = exact or iso_time(value) or long_time(value)
    if moment is None:
        return None, None
    return moment, Precision.MILLISECOND if moment.microsecond else Precision.SECOND


def links_of(entities: Iterable[dict[str, Any]]) -> tuple[Link, ...]:
    """The links of some words, from `entities.urls`."""
    links = []
    for entity in entities:
        short, url = original_address(entity.get("url")), original_address(entity.get("expanded_url"))
        unwound = original_address(entity.get("unwound_url") or dict_of(entity.get("unwound")).get("url"))
        if short and (url or unwound):
            links.append(Link(short, url or unwound, text_of(entity.get("display_url"))))
    return tuple(dict.fromkeys(links))


def expanded(words: str, links: Iterable[Link], media: Iterable[Link] = ()) -> str:
    """The words with each short link replaced by where it leads, and by `pic.twitter.com/X` where it stands for the media."""
    to = {link.short: link.shown or link.url for link in media} | {link.short: link.url for link in links}
    for short in sorted(to, key=len, reverse=True):
        words = re.sub(rf"{re.escape(short)}(?![A-Za-z0-9])", lambda _, short=short: to[short], words)  # type: ignore[misc]
    return words
