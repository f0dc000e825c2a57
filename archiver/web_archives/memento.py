"""Copies that web archives keep, RFC 7089: what a memento's answer says of itself, how to fetch one raw, and TimeMaps.

A memento (URI-M) is kept under its own address and with its own date; it is never written under the original's (URI-R) as if
that had answered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from archiver.errors import CaptureError
from archiver.model import Capture, Exchange, Failure, Get, Listing, Memento, Origin, Purpose
from archiver.surrogates import loads
from archiver.web_archives import cdx

DATETIME = "Memento-Datetime"
MOST_HOPS = 3  # from one capture to the nearest one that the archive has bytes of

_WAYBACK = re.compile(rf"https?://{re.escape(cdx.HOST)}/web/([0-9]{{14}})(?:[a-z]{{2}}_)?/(https?:/{{1,2}}.+)", re.DOTALL)
_LINK = re.compile(r"<([^<>]{1,8000})>((?:[^,\"<]|\"[^\"]{0,1000}\")*)")
_PARAMETER = re.compile(r";\s*([a-z-]{1,40})\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)


def parts(url: str) -> tuple[datetime, str] | None:
    """When a memento of the Wayback Machine was captured and of what address, by its own address; None for any other."""
    found = _WAYBACK.match(url)
    captured = cdx.moment(found[1]) if found else None
    return (captured, re.sub(r"^(https?):/+", r"\1://", found[2])) if found and captured else None


def captured_at(exchange: Exchange) -> datetime | None:
    """When a memento was captured, by its Memento-Datetime (RFC 7089, 2.1.1), else by its address. None: it is no memento."""
    if (moment := _http_date(exchange.header(DATETIME) or "")) is not None:
        return moment
    named = parts(exchange.url) if exchange.status < 400 else None
    return named[0] if named else None


def marked(exchange: Exchange) -> Exchange:
    """The exchange of a live archive that gave a memento, as what it is: a copy. Any other exchange as it was."""
    if exchange.origin is Origin.LIVE and captured_at(exchange) is not None:
        return replace(exchange, origin=Origin.WEB_ARCHIVE)
    return exchange


Bind = Callable[[Capture, Memento], None]


def fetch(get: Get, memento: Memento, bind: Bind) -> Capture | Failure:
    """A memento's bytes as the archive received them; why not, where it does not give them. `bind` is told which memento it is.

    The archive may send on to the nearest capture of the same address. A memento that is itself a redirect is the answer.
    """
    url = memento.url
    for _ in range(MOST_HOPS):
        try:
            capture = get(url, Purpose.MEMENTO)
        except CaptureError as error:
            return Failure("web-archive", error.reason, str(error))
        exchange = capture.exchange
        onward = parts(exchange.header("Location") or "") if 300 <= exchange.status < 400 else None
        if (other := _of_another_case(exchange, onward[1] if onward else None, memento.original)) is not None:
            what = f"{memento.archive} gives a copy of {other} for {url}, which its keys take for the same"
            return Failure("web-archive", "another-address", what)
        if onward is None or captured_at(exchange) is None or not _same(onward[1], memento.original):
            return _given(capture, memento, bind)
        url = cdx.raw_url(f"{onward[0]:%Y%m%d%H%M%S}", onward[1])
    return Failure("web-archive", "too-many-hops", f"{memento.url}: more than {MOST_HOPS} hops")


def _of_another_case(exchange: Exchange, onward: str | None, original: str) -> str | None:
    """The address that an archive gives a copy of, or sends on to, where only its keys take it for the one asked for: what
    stands behind the last slash differs in case. A handle before it may."""
    told = [target for target, given in links(_link_headers(exchange)) if "original" in given.get("rel", "").split()]
    for one in (*told, *([onward] if onward else [])):
        name, asked = one.rstrip("/").rpartition("/")[2], original.rstrip("/").rpartition("/")[2]
        if name != asked and _same(one.lower(), original.lower()):
            return one
    return None


def _given(capture: Capture, memento: Memento, bind: Bind) -> Capture | Failure:
    exchange = capture.exchange
    if exchange.truncated:
        return Failure("web-archive", "truncated", f"{exchange.url}: {exchange.truncated}")
    captured = captured_at(exchange)
    if captured is None:
        reason = "rate-limited" if exchange.status == 429 else f"http-{exchange.status}"
        return Failure("web-archive", reason, f"{memento.archive} answered {exchange.status} for {exchange.url}")
    bind(capture, replace(memento, captured=captured))
    return capture


def _same(one: str, other: str) -> bool:
    return re.sub(r"^https?://(?:www\.)?", "", one).rstrip("/") == re.sub(r"^https?://(?:www\.)?", "", other).rstrip("/")


def timemap(get: Get, base: str, address: str) -> Listing:
    """What an aggregator, or another archive, lists of one address: its TimeMap at `base` and the address.

    Read as link-format (RFC 7089, 5) or as the JSON that aggregators give.
    """
    url = base + address
    try:
        answer = get(url, Purpose.ARCHIVE_INDEX)
    except CaptureError as error:
        return Listing((), f"{base} could not be asked ({error.reason})", (url,))
    exchange = answer.exchange
    if exchange.status == 404:
        return Listing((), None, (url,), answer.record.id)  # RFC 7089, 4.5.3: it knows of none
    if exchange.status != 200:
        return Listing((), f"{base} answered {exchange.status}", (url,), answer.record.id)
    text = exchange.body.decode("utf-8", "replace")
    listed = _of_json(text) if text.lstrip().startswith("{") else _of_links(text)
    return Listing(
        tuple(
            _raw(address, one, moment)
            for one, moment in sorted(set(listed), key=lambda pair: pair[1])
            if re.match(r"https?://[^\s/]", one)
        ),
        None,
        (url,),
        answer.record.id,
    )


def timegate(get: Get, base: str, address: str, *, at: datetime | None) -> Listing:
    """The copy of an address that an aggregator or an archive takes for nearest to `at`, by its TimeGate at `base` and the
    address; and those that the same answer names (RFC 7089, 4.1 and 4.2). Without `at` it is the newest."""
    url = base + address
    try:
        answer = get(url, Purpose.ARCHIVE_INDEX, at=at)
    except CaptureError as error:
        return Listing((), f"{base} could not be asked ({error.reason})", (url,))
    exchange = answer.exchange
    if exchange.status == 404:
        return Listing((), None, (url,), answer.record.id)  # RFC 7089, 4.5.3: it knows of none
    if exchange.status not in (200, 300, 302, 303, 307):
        return Listing((), f"{base} answered {exchange.status}", (url,), answer.record.id)
    told = dict(_of_links(_link_headers(exchange)))
    target = exchange.header("Content-Location" if exchange.status == 200 else "Location")
    if target is not None and re.match(r"https?://[^\s/]", target):
        moment = told.get(target) or _http_date(exchange.header(DATETIME) or "") or _moment_of(target) or at or exchange.started
        told = {target: moment} | {one: when for one, when in told.items() if one != target}
    found = tuple(_raw(address, one, moment) for one, moment in told.items())
    trouble = None if found else f"{base} named no copy"
    return Listing(found, trouble, (url,), answer.record.id)


def _link_headers(exchange: Exchange) -> str:
    return ", ".join(value for name, value in exchange.headers if name.lower() == "link")


def _moment_of(url: str) -> datetime | None:
    named = parts(url)
    return named[0] if named else None


def links(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each link of link-format (RFC 6690; dates have commas, in quotation marks) with its parameters."""
    for found in _LINK.finditer(text):
        yield found[1].strip(), {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(found[2])}


def _of_links(text: str) -> Iterator[tuple[str, datetime]]:
    for target, given in links(text):
        moment = _http_date(given.get("datetime", ""))
        if "memento" in given.get("rel", "").split() and moment is not None:
            yield target, moment


def _of_json(text: str) -> Iterator[tuple[str, datetime]]:
    try:
        told = loads(text)
    except (ValueError, RecursionError):
        return
    mementos = told.get("mementos")
    for one in mementos.get("list", []) if isinstance(mementos, dict) else []:
        moment = _iso(one.get("datetime")) if isinstance(one, dict) else None
        uri = one.get("uri") if isinstance(one, dict) else None
        if moment is not None:
            yield str(uri[0] if isinstance(uri, list) and uri else uri), moment


def _raw(original: str, url: str, captured: datetime) -> Memento:
    """A memento of a TimeMap; one of the Wayback Machine at the address that gives it raw."""
    named = parts(url)
    if named is not None:
        url = cdx.raw_url(f"{named[0]:%Y%m%d%H%M%S}", named[1])
    host = re.sub(r"^https?://", "", url).partition("/")[0].lower()
    return Memento(original, captured, url, host)


def _http_date(text: str) -> datetime | None:
    """RFC 1123's date, which is UTC always."""
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _iso(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
