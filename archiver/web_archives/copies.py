"""A post read out of web archives' copies of its page, and the archives as the ladder and the pipeline ask them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from archiver.errors import CaptureError
from archiver.model import (
    Capture,
    Evidence,
    Failure,
    Get,
    Listing,
    Look,
    Memento,
    Platform,
    PostRef,
    Purpose,
    Sighting,
    Verdict,
    WebArchive,
)
from archiver.web_archives import cdx, memento

MOST_COPIES = 4  # of one post that is gone
MOST_TIMEMAPS = 2  # addresses that an aggregator is asked for, a post

_JSON = ("application/json", "text/json")
_PAGES = ("text/html", "application/xhtml+xml")
_REFUSALS = frozenset({"no-connection", "no-address", "timeout", "must-wait"})  # a refused connection is how the archive bans


def web_archive(
    get: Get, platform: Platform, refused: set[str], turn: AbstractContextManager[Any], bind: memento.Bind
) -> WebArchive:
    """The Wayback Machine, asked with `get`. Once it has refused, it is left alone for this run: `refused` holds why, and
    `turn` lets one at a time ask, so that nobody asks who does not know yet.

    `bind` is told of each memento that was fetched.
    """

    def careful(url: str, purpose: Purpose, *, at: datetime | None = None) -> Capture:
        with turn:
            return unless_refused(url, purpose, at)

    def unless_refused(url: str, purpose: Purpose, at: datetime | None) -> Capture:
        if refused:
            said = f"{cdx.HOST} refused earlier in this run ({min(refused)}); {url} was not asked for"
            raise CaptureError("backed-off", said)
        try:
            capture = get(url, purpose, at=at)
        except CaptureError as error:
            if error.reason in _REFUSALS:
                refused.add(error.reason)
            raise
        if capture.exchange.status == 429:
            refused.add("429")
        return capture

    return WebArchive(
        copies=lambda address: cdx.copies(careful, address),
        under=lambda beginnings: cdx.under(careful, beginnings),
        fetch=lambda one: memento.fetch(careful, one, bind),
        look=lambda ref, mementos, most: look(careful, platform, ref, mementos, most, bind),
    )


def recover(
    get: Get,
    archive: WebArchive,
    platform: Platform,
    ref: PostRef,
    others: tuple[Sequence[str], Sequence[str]],
    bind: memento.Bind,
) -> Look:
    """The post as the best copy shows it, of those that the Wayback Machine lists under any of its addresses.

    Where none of them shows it, `others` are asked, aggregators or other archives: by the beginnings of their TimeMaps, then of
    their TimeGates, which are asked for the copy nearest to when the post was made.
    """
    if platform.archived is None:
        return Look()
    beginnings = platform.kept_under(ref)
    listing = archive.under(beginnings)
    found = _with_listing(listing, archive.look(ref, _of(platform, ref, listing.mementos), MOST_COPIES))
    timemaps, timegates = others
    ways = [partial(memento.timemap, get, base) for base in timemaps]
    ways += [partial(memento.timegate, get, base, at=platform.posted(ref)) for base in timegates]
    for ask in ways:
        for address in beginnings[:MOST_TIMEMAPS]:
            if found.post is not None:
                return found
            listing = ask(f"https://{address}")
            found = _both(found, _with_listing(listing, look(get, platform, ref, listing.mementos, MOST_COPIES, bind)))
    return found


def _of(platform: Platform, ref: PostRef, mementos: Iterable[Memento]) -> list[Memento]:
    named = ((one, platform.permalink(one.original)) for one in mementos)
    return [one for one, post in named if post is not None and post.post_id == ref.post_id]


def look(get: Get, platform: Platform, ref: PostRef, mementos: Iterable[Memento], most: int, bind: memento.Bind) -> Look:
    """The copies in the order of what they are worth, until one shows the post; `most` of them at most are fetched."""
    others: list[Sighting] = []
    evidence: list[Evidence] = []
    failures: list[Failure] = []
    for one in best(mementos)[:most]:
        capture = memento.fetch(get, one, bind)
        if isinstance(capture, Failure):
            evidence.append(Evidence("memento", one.url, Verdict.FAILED, capture.detail, seen_in=one.archive))
            failures += [capture] if capture.reason != "no-stand-in" else []
            continue
        one = replace(one, captured=memento.captured_at(capture.exchange) or one.captured)
        posts = platform.archived(capture.exchange) if platform.archived is not None else ()
        sightings = [Sighting(post, capture.exchange.url, capture.record.id, one) for post in posts]
        own = next((sighting for sighting in sightings if sighting.post.ref.post_id == ref.post_id), None)
        others += (sighting for sighting in sightings if sighting is not own)
        when = f"{one.archive}'s copy of {one.captured:%Y-%m-%d %H:%M} UTC"
        shown = "shows the post" if own else f"shows {len(posts)} other posts" if posts else "shows no post"
        lacks = platform.archived_lacks(capture.exchange) if not posts else ""
        detail = f"{when} {shown}" + (f": {lacks}" if lacks else "")
        evidence.append(Evidence("memento", one.url, Verdict.SEEN, detail, capture.record.id, one.archive))
        if own is not None:
            return Look(own, tuple(others), tuple(evidence), tuple(failures))
    return Look(None, tuple(others), tuple(evidence), tuple(failures))


def best(mementos: Iterable[Memento]) -> list[Memento]:
    """Copies in the order of what they are worth: data before pages, answers before redirects; then the first, for it is
    nearest to what was published, the last, and those between."""
    ordered = sorted(mementos, key=lambda one: (_worth(one), one.captured))
    pages = [one for one in ordered if _worth(one) == (0, 1)]
    if len(pages) < 3:
        return ordered
    at = ordered.index(pages[0])
    ordered[at : at + len(pages)] = [pages[0], pages[-1], *pages[1:-1]]
    return ordered


def _worth(one: Memento) -> tuple[int, int]:
    """A revisit has no status of its own in the index, and a TimeMap gives none."""
    status = 0 if one.status in (200, None) else 1 if one.status < 400 else 2
    kind = 0 if one.media_type in _JSON else 1 if one.media_type in _PAGES else 2
    return status, kind


def _with_listing(listing: Listing, found: Look) -> Look:
    """What was found, behind what was asked for it."""
    count = len(listing.mementos)
    detail = listing.said
    verdict = Verdict.FAILED if listing.trouble and not count else Verdict.SEEN
    asked = [Evidence("archive-index", url, verdict, "", None, url) for url in listing.asked[:-1]]
    if listing.asked:
        asked.append(Evidence("archive-index", listing.asked[-1], verdict, detail, listing.capture, listing.asked[-1]))
    return Look(found.post, found.others, (*asked, *found.evidence), (*listing.failures, *found.failures))


def _both(first: Look, second: Look) -> Look:
    return Look(
        second.post or first.post,
        first.others + second.others,
        first.evidence + second.evidence,
        first.failures + second.failures,
    )
