"""The Wayback Machine's index, asked by address (https://github.com/internetarchive/wayback, wayback-cdx-server).

Its keys fold the case of an address, so `t.co/AbC` and `t.co/aBc` are listed together: whoever asks for one address compares
`original` exactly. Its answer is JSON: a row of names, a row for each capture, and where there are more, an empty row and a
row with the key to go on with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from archiver.errors import CaptureError, NoStandIn
from archiver.model import Capture, Exchange, Failure, Get, Listing, Memento, Purpose
from archiver.surrogates import loads

HOST = "web.archive.org"
INDEX = f"https://{HOST}/cdx/search/cdx"
FIELDS = ("timestamp", "original", "mimetype", "statuscode", "digest", "length")
LIMIT = 500  # rows a page
MOST_PAGES = 2

_TIMESTAMP = re.compile(r"[0-9]{14}")
_REFUSALS = ("AdministrativeAccessControlException", "Blocked Site Error", "RobotAccessControlException")


def query(address: str, resume: str | None = None) -> str:
    """The address that lists the captures of an address; with a `*` at its end, of every address that begins so."""
    asked = [
        ("url", re.sub(r"^https?://", "", address)),
        ("output", "json"),
        ("fl", ",".join(FIELDS)),
        ("limit", str(LIMIT)),
        ("showResumeKey", "true"),
    ]
    asked += [("resumeKey", resume)] if resume else []
    return INDEX + "?" + "&".join(f"{name}={quote(value, safe='/*,')}" for name, value in asked)


def raw_url(timestamp: str, original: str) -> str:
    """Where the archive gives a capture's bytes as it received them, nothing added (`id_`)."""
    return f"https://{HOST}/web/{timestamp}id_/{original}"


def copies(get: Get, address: str) -> Listing:
    """The captures of one address in exactly this case, whatever their scheme, a leading `www.` and a slash at the end."""
    return _listing(get, address, lambda original: _bare(original) == _bare(address))


def under(get: Get, beginnings: Iterable[str]) -> Listing:
    """The captures of every address that begins so, upper and lower case taken for the same: handles are. One query, or a few
    pages, for each; once the archive refuses, the others are not asked for."""
    found: list[Listing] = []
    for beginning in beginnings:
        found.append(_listing(get, beginning + "*", partial(_begins, _bare(beginning).lower())))
        if found[-1].failures:
            break
    return _joined(found)


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of the index: its rows as they could be read, how many could not, and the key of the next page."""

    mementos: tuple[Memento, ...]
    unread: int
    resume: str | None


def _listing(get: Get, asked_for: str, wanted: Callable[[str], bool]) -> Listing:
    mementos: list[Memento] = []
    asked: list[str] = []
    resume, unread, capture = None, 0, None
    for _ in range(MOST_PAGES):
        asked.append(query(asked_for, resume))
        try:
            answer = get(asked[-1], Purpose.ARCHIVE_INDEX)
        except CaptureError as error:
            return _without_answer(mementos, asked, error)
        capture, trouble = answer.record.id, _trouble(answer.exchange)
        page = read(answer.exchange.body) if trouble is None else None
        if page is None:
            trouble = trouble or f"{HOST}'s answer is no index"
            return Listing(tuple(mementos), trouble, tuple(asked), capture, _failures(answer, trouble))
        mementos += (one for one in page.mementos if wanted(one.original))
        unread, resume = unread + page.unread, page.resume
        if resume is None:
            break
    troubles = [f"{HOST} lists more than {LIMIT * MOST_PAGES} captures, and was not asked for the rest"] if resume else []
    troubles += [f"{unread} rows of {HOST}'s index could not be read"] if unread else []
    return Listing(tuple(mementos), "; ".join(troubles) or None, tuple(asked), capture)


def _without_answer(mementos: list[Memento], asked: list[str], error: CaptureError) -> Listing:
    """That nothing stands in is no failure of the archive's; whatever else went wrong may pass."""
    failures = () if isinstance(error, NoStandIn) else (Failure("web-archive", error.reason, str(error)),)
    trouble = f"{HOST} could not be asked ({error.reason})"
    return Listing(tuple(mementos), trouble, tuple(asked), None, failures)


def _trouble(exchange: Exchange) -> str | None:
    """Why an answer lists nothing though there may be captures; None where it is a list."""
    beginning = exchange.body[:4000].decode("utf-8", "replace")
    if any(mark in beginning for mark in _REFUSALS):
        return f"{HOST} refuses to show what it has of it"
    if exchange.status == 429:
        return f"{HOST} asks to be left alone for a while (429)"
    return f"{HOST} answered {exchange.status}" if exchange.status != 200 else None


def _failures(answer: Capture, trouble: str) -> tuple[Failure, ...]:
    """A refusal to show an account will not pass; an overload will."""
    status = answer.exchange.status
    if status == 429 or status >= 500:
        return (Failure("web-archive", "rate-limited" if status == 429 else f"http-{status}", trouble),)
    return ()


def read(body: bytes) -> Page | None:
    """The rows of an answer; None where it is no JSON list. A row that makes no sense is counted and left out."""
    try:
        rows = loads(body or b"[]")
    except (ValueError, RecursionError):
        return None
    if not isinstance(rows, list):
        return None
    resume = None
    if len(rows) >= 2 and rows[-2] == [] and isinstance(rows[-1], list) and len(rows[-1]) == 1:
        resume = str(rows[-1][0])
        rows = rows[:-2]
    names: tuple[str, ...] = FIELDS
    if rows and isinstance(rows[0], list) and "timestamp" in rows[0] and "original" in rows[0]:
        names, rows = tuple(map(str, rows[0])), rows[1:]
    found = [_memento(names, row) for row in rows]
    return Page(tuple(filter(None, found)), found.count(None), resume)


def _memento(names: tuple[str, ...], row: Any) -> Memento | None:
    if not isinstance(row, list) or len(row) != len(names) or not all(isinstance(value, str) for value in row):
        return None
    cell = dict(zip(names, row, strict=True))
    captured = moment(cell["timestamp"])
    if captured is None or not re.match(r"https?://[^\s/]", cell["original"]):
        return None
    status = cell.get("statuscode", "-")
    return Memento(
        original=cell["original"],
        captured=captured,
        url=raw_url(cell["timestamp"], cell["original"]),
        archive=HOST,
        media_type=cell.get("mimetype", ""),
        status=int(status) if re.fullmatch("[0-9]{3}", status) else None,
        digest=cell.get("digest", ""),
    )


def moment(timestamp: str) -> datetime | None:
    """The time of 14 digits, UTC; None where they are none."""
    if not _TIMESTAMP.fullmatch(timestamp):
        return None
    try:
        return datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _bare(address: str) -> str:
    """An address without what the index's keys leave out: scheme, `www.`, port, a slash at the end."""
    host, slash, rest = re.sub(r"^https?://(?:www\.)?", "", address).partition("/")
    return (host.partition(":")[0].lower() + slash + rest).removesuffix("/")


def _begins(beginning: str, original: str) -> bool:
    return _bare(original).lower().startswith(beginning)


def _joined(found: list[Listing]) -> Listing:
    """Several listings as one: a capture counts once."""
    troubles = dict.fromkeys(listing.trouble for listing in found if listing.trouble)
    return Listing(
        tuple({one.url: one for listing in found for one in listing.mementos}.values()),
        "; ".join(troubles) or None,
        tuple(address for listing in found for address in listing.asked),
        next((listing.capture for listing in reversed(found) if listing.capture), None),
        tuple(failure for listing in found for failure in listing.failures),
    )
