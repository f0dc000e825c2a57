"""Where a short link leads: asked live, and where that is dead, of a web archive."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from archiver import addresses
from archiver.errors import CaptureError
from archiver.model import Capture, Evidence, Exchange, Failure, Get, Memento, Platform, Purpose, ShortLink, Verdict, WebArchive

MOST_MEMENTOS = 2  # of one short link; the first that leads somewhere decides

_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where a short link led: the first address that is not a short link any more, and the hop that named it."""

    target: str | None
    capture: str | None
    evidence: tuple[Evidence, ...]
    failures: tuple[Failure, ...] = ()


def resolve(link: ShortLink, platform: Platform, get: Get, max_hops: int) -> Resolved:
    """Asked live, hop by hop."""
    evidence: list[Evidence] = []
    url = link.url
    for _ in range(max_hops):
        try:
            hop = get(url, Purpose.SHORT_LINK)
        except CaptureError as error:
            failure = Failure("identify", error.reason, str(error))
            evidence.append(Evidence("short-link-hop", url, Verdict.FAILED, error.reason, seen_in=url))
            return Resolved(None, None, tuple(evidence), (failure,))
        target = redirect_target(hop.exchange)
        evidence.append(_hop_evidence(url, hop, target))
        if target is None:
            return Resolved(None, hop.record.id, tuple(evidence), _status_failure(hop.exchange))
        onward = platform.short_link(target)
        if onward is None:
            return Resolved(target, hop.record.id, tuple(evidence))
        url = onward.url
    evidence.append(Evidence("short-link-hop", url, Verdict.FAILED, f"more than {max_hops} hops", seen_in=url))
    return Resolved(None, None, tuple(evidence))


def resolve_archived(link: ShortLink, platform: Platform, archive: WebArchive, max_hops: int) -> Resolved:
    """Asked of a web archive: what it kept of this short link, in exactly this case, and of those that it leads to."""
    evidence: list[Evidence] = []
    failures: list[Failure] = []
    url, seen = link.url, set[str]()
    while url not in seen and len(seen) < max_hops:
        seen.add(url)
        listing = archive.copies(url)
        failures += listing.failures
        said = listing.said.replace(" captures", " captures of exactly this address", 1)
        verdict = Verdict.FAILED if listing.trouble and not listing.mementos else Verdict.SEEN
        evidence += [Evidence("archive-index", asked, verdict, said, listing.capture, asked) for asked in listing.asked]
        target, capture = None, None
        for memento in _redirects_first(listing.mementos)[:MOST_MEMENTOS]:
            got = archive.fetch(memento)
            if isinstance(got, Failure):
                failures += [got] if got.reason not in ("no-stand-in", "another-address") else []  # neither will pass
                evidence.append(Evidence("memento", memento.url, Verdict.FAILED, got.detail, seen_in=memento.archive))
                continue
            target, capture = _unwrapped(redirect_target(got.exchange)), got.record.id
            leads = f"leads to {target}" if target else "leads nowhere"
            said = f"{memento.archive}'s copy of {memento.captured:%Y-%m-%d %H:%M} UTC {leads}"
            evidence.append(Evidence("memento", memento.url, Verdict.SEEN, said, capture, memento.archive))
            if target is not None:
                break
        onward = platform.short_link(target) if target is not None else None
        if onward is None:
            return Resolved(target, capture, tuple(evidence), tuple(failures))
        url = onward.url
    return Resolved(None, None, tuple(evidence), tuple(failures))


def _redirects_first(mementos: tuple[Memento, ...]) -> list[Memento]:
    return sorted(mementos, key=lambda one: (one.status not in (*_REDIRECTS, 200, None), one.captured))


def _unwrapped(target: str | None) -> str | None:
    """The address inside that of an archive's copy, for archives rewrite where their copies lead."""
    return list(addresses.layers(target))[-1] if target is not None and "/web/" in target else target


def _hop_evidence(url: str, hop: Capture, target: str | None) -> Evidence:
    detail = f"{hop.exchange.status} → {target}" if target else f"{hop.exchange.status}, leads nowhere"
    return Evidence("short-link-hop", url, Verdict.SEEN, detail, hop.record.id, url)


def _status_failure(exchange: Exchange) -> tuple[Failure, ...]:
    """A refusal that may pass. A 404 is an answer: the link is dead."""
    if exchange.status == 429 or exchange.status >= 500:
        return (Failure("identify", f"http-{exchange.status}", exchange.url),)
    return ()


def redirect_target(exchange: Exchange) -> str | None:
    """Where an answer leads: its Location, or the meta refresh that t.co shows to browsers. None where it leads nowhere."""
    location = exchange.header("Location")
    if exchange.status in _REDIRECTS and location:
        return _joined(exchange.url, location)
    if exchange.status != 200:
        return None
    for refresh in _meta_refreshes(exchange.body):
        _, _, address = refresh.partition(";")
        found = re.match(r"\s*url\s*=\s*[\"']?([^\"']{1,2000})", address, re.IGNORECASE)
        if found:
            return _joined(exchange.url, found[1])
    return None


def _joined(base: str, address: str) -> str | None:
    try:
        return str(urljoin(base, address.strip()))
    except ValueError:
        return None  # an address that is none leads nowhere


def _meta_refreshes(body: bytes) -> Iterator[str]:
    if b"refresh" not in body.lower():
        return
    from bs4 import BeautifulSoup  # only here: answers with a Location must not pay for it

    for tag in BeautifulSoup(body[:100_000], "html.parser").find_all("meta"):
        if str(tag.get("http-equiv") or "").lower() == "refresh":
            yield str(tag.get("content") or "")
