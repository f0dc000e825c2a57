"""Which post an embed is where no link is left of it: by author, day and words, in what web archives list and what is kept.

The day, and media that the embed still names, give a range of time; the range gives the beginnings of the ids; a web archive
lists what it has under them. Each copy is read, and so is every other post that it shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from archiver import addresses
from archiver.identity import confidence as measured
from archiver.identity.codes import contradict, of_embed, of_post
from archiver.identity.confidence import ALIKE, NOT_ITS_OWN_PAGE, not_all_seen, of_words, other_day
from archiver.identity.words import Kind, Likeness, likeness
from archiver.model import (
    Embed,
    Evidence,
    Failure,
    Known,
    Listing,
    Memento,
    Platform,
    Post,
    PostRef,
    Precision,
    Rung,
    Sighting,
    Verdict,
    WebArchive,
)

MOST_CANDIDATES = 12  # posts whose copies are fetched, for one embed
COPIES_EACH = 2

# A day that is shown is a day in some time zone, from UTC-12 to UTC+14.
_BEFORE, _AFTER = timedelta(hours=14), timedelta(hours=36)
_MEDIA_LEAD = timedelta(days=1)  # without a day: mostly a post follows its media within minutes
_REPOST = timedelta(hours=2)  # who deletes a post to correct it posts it again soon
_OTHER_TIME = timedelta(hours=2)  # an edit is made within the hour, and keeps the first one's time or has its own


@dataclass(frozen=True, slots=True)
class Candidate:
    """A post that may be the embed's: where it was seen, how its words and media stand to the claim, and what that is worth."""

    ref: PostRef
    sighting: Sighting
    made: datetime
    likeness: Likeness
    same_media: bool
    same_link: bool | None
    rung: Rung
    confidence: float


@dataclass(frozen=True, slots=True)
class Found:
    """What the search came to: the one candidate that is left, or the reason in words why there is none."""

    best: Candidate | None
    reason: str
    evidence: tuple[Evidence, ...]
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class _Window:
    """When the post can have been made. `media` is when the youngest of its media was: it cannot be older."""

    start: datetime
    end: datetime
    media: datetime | None

    def holds(self, made: datetime) -> bool:
        return self.start <= made <= self.end

    def distance(self, made: datetime) -> timedelta:
        return abs(made - (self.media or self.start + (self.end - self.start) / 2))


def search(embed: Embed, platform: Platform, archive: WebArchive | None, known: Known) -> Found:
    """The post by author, day and words."""
    media, evidence = _media(embed, platform)
    window = _window(embed, media)
    if not embed.handle or window is None:
        lacking = "account" if not embed.handle else "day"
        return Found(None, f"the page shows no {lacking} to search by", tuple(evidence))
    listing, reason = _listing(embed.handle, window, platform, archive)
    evidence += _listing_evidence(listing)
    failures = list(listing.failures)
    sightings: list[Sighting] = []
    unread: list[datetime] = []
    for number, (ref, mementos) in enumerate(_listed(listing, platform, window)):
        made = platform.posted(ref) or window.end
        if archive is None or number >= MOST_CANDIDATES:
            unread.append(made)
            continue
        seen = archive.look(ref, mementos, COPIES_EACH)
        evidence += seen.evidence
        failures += seen.failures
        sightings += [*([seen.post] if seen.post else []), *seen.others]
        unread += [made] if seen.post is None else []
    sightings += known.posts(platform.name, embed.handle, window.start.date(), window.end.date())
    candidates = _candidates(embed, platform, sightings, window, known, unread, complete=listing.trouble is None)
    best, verdict = _choose(candidates, reason, unread)
    evidence += [_candidate_evidence(one, platform, best) for one in candidates]
    return Found(best, verdict, tuple(evidence), tuple(failures))


def _media(embed: Embed, platform: Platform) -> tuple[list[datetime], list[Evidence]]:
    """When the media were made that the embed names, and that on record."""
    made, evidence = list[datetime](), list[Evidence]()
    named = [one.value for one in embed.evidence if one.method == "media-address"]
    for url in dict.fromkeys([*embed.links, *named]):
        moment = platform.media_made(url)
        if moment is None:
            continue
        detail, verdict = f"its name says that it was made {moment:%Y-%m-%d %H:%M:%S} UTC", Verdict.SEEN
        if embed.posted is not None:
            late = moment > _midnight(embed) + _AFTER
            verdict = Verdict.DISAGREES if late else Verdict.AGREES
            detail += f", {'after' if late else 'not after'} the day that the article shows: the post is no older"
        if verdict is not Verdict.DISAGREES:
            made.append(moment)
        evidence.append(Evidence("media-time", url, verdict, detail))
    return made, evidence


def _midnight(embed: Embed) -> datetime:
    assert embed.posted is not None  # noqa: S101 # for the type checker; callers have looked
    return datetime.combine(embed.posted, time(), UTC)


def _window(embed: Embed, media: list[datetime]) -> _Window | None:
    youngest = max(media, default=None)
    if embed.posted is not None:
        start, end = _midnight(embed) - _BEFORE, _midnight(embed) + _AFTER
        return _Window(max(start, youngest) if youngest else start, end, youngest if youngest and youngest >= start else None)
    return _Window(youngest, youngest + _MEDIA_LEAD, youngest) if youngest else None


def _listing(handle: str, window: _Window, platform: Platform, archive: WebArchive | None) -> tuple[Listing, str]:
    """What an archive lists of the account's posts of that time; and why there may be nothing."""
    if archive is None or platform.archived is None:
        return Listing(trouble="web archives were not asked"), "web archives were not asked"
    beginnings = platform.search(handle, window.start, window.end)
    if not beginnings:
        return Listing(), "posts of that day cannot be searched by their ids, which hold no time"
    listing = archive.under(beginnings)
    if listing.trouble and not listing.mementos:
        return listing, listing.trouble
    return listing, f"the web archive lists no post of @{handle} of that time" if not listing.mementos else ""


def _listing_evidence(listing: Listing) -> list[Evidence]:
    verdict = Verdict.FAILED if listing.trouble and not listing.mementos else Verdict.SEEN
    evidence = [Evidence("archive-index", asked, verdict, "", None, asked) for asked in listing.asked]
    if evidence:
        said = f"in all, it {listing.said}" if listing.mementos or not listing.trouble else listing.trouble
        evidence[-1] = Evidence("archive-index", listing.asked[-1], verdict, said, listing.capture, listing.asked[-1])
    return evidence


def _listed(listing: Listing, platform: Platform, window: _Window) -> list[tuple[PostRef, list[Memento]]]:
    """The posts that a listing names and that were made in that time, the likeliest first, each with its copies."""
    found: dict[str, tuple[PostRef, list[Memento]]] = {}
    for memento in listing.mementos:
        ref = platform.permalink(memento.original)
        made = platform.posted(ref) if ref is not None else None
        if ref is not None and made is not None and window.holds(made):
            found.setdefault(ref.post_id, (ref, []))[1].append(memento)
    return sorted(found.values(), key=lambda one: window.distance(platform.posted(one[0]) or window.end))


def _candidates(
    embed: Embed,
    platform: Platform,
    sightings: Iterable[Sighting],
    window: _Window,
    known: Known,
    unread: list[datetime],
    *,
    complete: bool,
) -> list[Candidate]:
    """Each post by that author in that time, at the sighting that says most, the most confident first."""
    found: dict[str, Candidate] = {}
    for sighting in sightings:
        post = sighting.post
        made = platform.posted(post.ref)
        if made is None or not window.holds(made) or not _same_author(embed, platform, post, known):
            continue
        if post.posted is not None and post.precision is not Precision.DAY and abs(post.posted - made) > _OTHER_TIME:
            continue  # its id and its time are not of one post: it passes another's words on, or the copy is not to be trusted
        alike = likeness(embed.text, post.text, cut=post.cut)
        same_media, same_link = _same_media(embed, platform, post), _same_link(embed, platform, post)
        own = sighting.memento is not None and _names(platform, sighting.memento.original, post)
        confidence = of_words(alike, same_media=same_media, same_link=same_link) - (0 if own else NOT_ITS_OWN_PAGE)
        if not same_link and not (same_media and alike.telling):
            soon = any(abs(made - other) <= _REPOST for other in unread)
            confidence -= not_all_seen(alike, soon=soon, complete=complete and not unread)
            confidence -= other_day(alike) if embed.posted not in (None, made.date()) and not same_media else 0
        rung = Rung.ARCHIVE_SEARCH if own else Rung.NEIGHBOUR
        one = Candidate(post.ref, sighting, made, alike, same_media, same_link, rung, round(max(confidence, 0.0), 2))
        held = found.get(post.ref.post_id)
        if held is None or held.confidence < one.confidence:
            found[post.ref.post_id] = one
    return sorted(found.values(), key=lambda one: (-one.confidence, one.ref.post_id))


def _same_author(embed: Embed, platform: Platform, post: Post, known: Known) -> bool:
    if not embed.handle or not post.handle or post.reposted is not None:
        return False  # what is passed on has its own author's words
    if post.text.startswith("RT @") and not embed.text.startswith("RT @"):
        return False  # the same, by hand, or in an answer that does not say whose it is
    if post.handle.lower() == embed.handle.lower():
        return True
    return post.author_id is not None and post.author_id in known.author_ids(platform.name, embed.handle)


def _same_media(embed: Embed, platform: Platform, post: Post) -> bool:
    named = [one.value for one in embed.evidence if one.method == "media-address"]
    claimed = {_stem(url) for url in (*embed.links, *named) if platform.media_made(url) is not None}
    return bool(claimed & {_stem(url) for one in post.wanted for url in (one.url, *one.fallbacks)})


def _same_link(embed: Embed, platform: Platform, post: Post) -> bool | None:
    """Does the post carry a short link that the article shows? False: it carries others. None: nothing can be told."""
    shown, had = of_embed(embed, platform), of_post(post)
    if (shown.media or shown.links) & had.all:  # the link within the words may be pasted, that to the media hardly
        return True
    return False if contradict(shown, had) else None


def _stem(url: str) -> str:
    """A medium's address without its size and format."""
    parts = addresses.split(url)
    return parts[0] + parts[1].rpartition("/")[0] + "/" + parts[1].rpartition("/")[2].partition(".")[0] if parts else url


def _names(platform: Platform, original: str, post: Post) -> bool:
    ref = platform.permalink(original)
    return ref is not None and ref.post_id == post.ref.post_id


def _choose(candidates: list[Candidate], reason: str, unread: list[datetime]) -> tuple[Candidate | None, str]:
    if not candidates:
        return None, reason or "none of the copies that the web archive has could be read as a post of this author and time"
    best = candidates[0]
    address = f"post {best.ref.post_id}"
    alike = [one for one in candidates[1:] if _alike(best, one)]
    if best.confidence >= measured.THRESHOLD and alike:
        others = ", ".join(one.ref.post_id for one in alike)
        return None, f"{len(alike) + 1} posts of this author are alike, and none is chosen: {best.ref.post_id}, {others}"
    if best.confidence < measured.THRESHOLD:
        what = f"the likeliest of {len(candidates)} is {address}: {described(best)}"
        more = f"; {len(unread)} others that are listed could not be read" if unread else ""
        return None, f"{what}{more}; its confidence of {best.confidence} is below {measured.THRESHOLD}"
    return best, f"{address} is by this author and of this time, and {described(best)}"


def _alike(best: Candidate, other: Candidate) -> bool:
    """True where nothing tells two candidates apart; a short link that only one of them carries does."""
    if best.same_link and not other.same_link:
        return False
    return round(best.confidence - other.confidence, 2) <= ALIKE


def described(one: Candidate) -> str:
    """How a candidate's words and media stand to the claim, in words."""
    said = {
        Kind.EQUAL: "it has the very words" if one.likeness.telling else "it has the words, which are too few to tell",
        Kind.BEGINNING: "its words begin so" if one.likeness.telling else "its words begin so, which is too little to tell",
        Kind.SILENT: "there are no words to compare",
        Kind.OTHER: f"{one.likeness.share:.0%} of the words are the same",
    }[one.likeness.kind]
    said += ", and the very media" if one.same_media else ""
    links = {True: ", and it carries the very short link", False: ", but it carries another short link", None: ""}
    return said + links[one.same_link]


def _candidate_evidence(one: Candidate, platform: Platform, best: Candidate | None) -> Evidence:
    verdict = Verdict.ACCEPTED if one is best else Verdict.REJECTED
    detail = f"made {one.made:%Y-%m-%d %H:%M} UTC by @{one.sighting.post.handle}; {described(one)}; confidence {one.confidence}"
    url = platform.canonical_url(one.ref)
    return Evidence("candidate", url, verdict, detail, one.sighting.capture, one.sighting.seen_in)
