"""`Embed` → which post it is, with the evidence for it, and whether the fetched words bear the claim out.

A ladder, its strongest rung first: the page's own permalink; a short link, live or out of a web archive; author, day and words
in what web archives list, narrowed by the names of media; a page of another post that shows this one. What is not accepted
stays as evidence. Nothing is identified below `confidence.THRESHOLD`, which is measured (docs/identity.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from archiver.identity import confidence as measured
from archiver.identity.candidates import search
from archiver.identity.codes import code, of_embed, of_post
from archiver.identity.confidence import (
    ARCHIVED_SHORT_LINK,
    CARRIED,
    CARRIED_OTHER_WORDS,
    CONTRADICTED,
    OTHER_AUTHOR,
    PERMALINK,
    SHORT_LINK,
    UNSEEN,
    UNSEEN_LINK,
)
from archiver.identity.short_links import Resolved, redirect_target, resolve, resolve_archived
from archiver.identity.words import Kind, Likeness, compare, difference, likeness, shown_as_media
from archiver.model import (
    Claim,
    Embed,
    Evidence,
    Failure,
    Get,
    Identity,
    Known,
    Platform,
    PostRef,
    Rung,
    ShortLink,
    Sighting,
    Verdict,
    WebArchive,
)

__all__ = ["confirm", "doubtful", "earlier_words", "identify", "identify_by_search", "redirect_target"]

DAY_TOLERANCE = timedelta(days=1)  # a quotation shows the day in an unknown time zone
OTHER_WORDS = 0.5  # with less of the words in common, they are not one post's words printed twice
LIKE_WORDS = 0.8  # with less of them in common, they do not settle which of two posts a page means


def identify(embed: Embed, platform: Platform, get: Get, max_hops: int, archive: WebArchive | None) -> Identity:
    """Which post the embed's own links name, before the post itself is asked for."""
    if embed.ref is not None:
        return _by_permalink(embed, embed.ref, platform)
    links = [
        replace(link, media=link.media or shown_as_media(embed.text, link.url))
        for link in map(platform.short_link, embed.links)
        if link is not None
    ]
    links = list(dict.fromkeys(sorted(links, key=lambda link: not link.media)))
    evidence, failures = list(embed.evidence), list[Failure]()
    for link in links:
        for rung, resolved in _ways(link, platform, get, max_hops, archive):
            evidence += resolved.evidence
            failures += resolved.failures
            found = _target(resolved, embed, platform, media=link.media)
            if found is None:
                continue
            ref, judged = found
            evidence.append(judged)
            if judged.verdict is Verdict.ACCEPTED and ref is not None:
                if rung is Rung.ARCHIVED_SHORT_LINK:
                    failures.clear()  # what is dead live has been found elsewhere
                confidence = SHORT_LINK if rung is Rung.SHORT_LINK else ARCHIVED_SHORT_LINK
                reason = f"{link.url} leads to {resolved.target}: {judged.detail}"
                return Identity(ref, reason, tuple(evidence), tuple(failures), rung, confidence, link.url)
    reason = (
        "no short link led to a post of this author and day" if links else "the page carries no permalink and no short link"
    )
    if failures:
        words = ", ".join(dict.fromkeys(one.reason for one in failures))
        reason = f"no short link could be resolved ({words})"
    return Identity(None, reason, tuple(evidence), failures=tuple(failures))


def _by_permalink(embed: Embed, ref: PostRef, platform: Platform) -> Identity:
    """The page says it itself. What speaks against it is put down, and weighed once the post was read."""
    value = next((one.value for one in embed.evidence if one.method == "permalink"), "")
    others = tuple(one for one in embed.evidence if one.method != "permalink")
    accepted = Evidence("permalink", value, Verdict.ACCEPTED, "in the page")
    day = _day_evidence(embed, ref, platform)
    evidence = (*others, accepted, *((day,) if day else ()))
    return Identity(ref, "the page carries the permalink", evidence, (), Rung.PERMALINK, PERMALINK)


def _ways(
    link: ShortLink, platform: Platform, get: Get, max_hops: int, archive: WebArchive | None
) -> Iterator[tuple[Rung, Resolved]]:
    """Where a short link leads: live; and where that is no post, what a web archive kept of it."""
    live = resolve(link, platform, get, max_hops)
    yield Rung.SHORT_LINK, live
    dead = live.target is None or platform.permalink(live.target) is None
    if dead and archive is not None and link.media:
        yield Rung.ARCHIVED_SHORT_LINK, resolve_archived(link, platform, archive, max_hops)


def _target(resolved: Resolved, embed: Embed, platform: Platform, *, media: bool) -> tuple[PostRef | None, Evidence] | None:
    """The post that a short link named, and what that is worth; None where it leads nowhere."""
    if resolved.target is None:
        return None
    seen_in = next((one.value for one in resolved.evidence if one.capture == resolved.capture), "")
    ref = platform.permalink(resolved.target)
    if ref is None:
        return None, Evidence("short-link-target", resolved.target, Verdict.SEEN, "not a post", resolved.capture, seen_in)
    verdict, reason = _weigh(embed, ref, platform, media or platform.names_media(resolved.target))
    return ref, Evidence("short-link-target", resolved.target, verdict, reason, resolved.capture, seen_in)


def _weigh(embed: Embed, ref: PostRef, platform: Platform, media: bool) -> tuple[Verdict, str]:
    """Is the post that a short link named the embed's own? Handle and day must both speak for it."""
    if not media:
        return Verdict.REJECTED, "a link within the words: the post it names may be one that is quoted or mentioned"
    if not embed.handle or not ref.handle:
        return Verdict.REJECTED, "no handle to compare"
    if embed.handle.lower() != ref.handle.lower():
        return Verdict.REJECTED, f"the media belongs to @{ref.handle}, not @{embed.handle}"
    day = _day_evidence(embed, ref, platform)
    if day is None:
        return Verdict.REJECTED, "no day to compare"
    if day.verdict is Verdict.DISAGREES:
        return Verdict.REJECTED, f"handle agrees, but {day.detail}"
    return Verdict.ACCEPTED, f"handle @{ref.handle} and day agree ({day.detail})"


def _day_evidence(embed: Embed, ref: PostRef, platform: Platform) -> Evidence | None:
    """What the id's own time says of the day the article shows; None where either is silent."""
    made = platform.posted(ref)
    if made is None or embed.posted is None:
        return None
    agrees = abs(made.date() - embed.posted) <= DAY_TOLERANCE
    detail = f"the id was made {made:%Y-%m-%d %H:%M} UTC, the article shows {embed.posted}"
    return Evidence("id-time", made.isoformat(), Verdict.AGREES if agrees else Verdict.DISAGREES, detail, None, "the id")


def identify_by_search(
    before: Identity, embed: Embed, platform: Platform, archive: WebArchive | None, known: Known
) -> tuple[Identity, Sighting | None]:
    """What author, day and words find where the embed's own links named no post; and the sighting that shows it."""
    if platform.archived is None:
        return before, None
    found = search(embed, platform, archive, known)
    evidence, failures = (*before.evidence, *found.evidence), (*before.failures, *found.failures)
    if found.best is None:
        return Identity(None, f"{before.reason}; {found.reason}", evidence, failures), None
    best = found.best
    # What led nowhere on the way is no failure any more: the post was found all the same.
    return Identity(best.ref, found.reason, evidence, (), best.rung, best.confidence), best.sighting


def doubtful(found: Identity, claim: Claim) -> bool:
    """True where a short link led to a post whose words were not seen or are others: the account may have used its media again,
    in a post that has the very words."""
    return found.rung in (Rung.SHORT_LINK, Rung.ARCHIVED_SHORT_LINK) and (claim is Claim.DIFFERS or found.confidence <= UNSEEN)


def confirm(
    identity: Identity, embed: Embed, sighting: Sighting | None, platform: Platform, known: Known, shown: Sighting | None = None
) -> tuple[Identity, Claim, str]:
    """The identity after its post was read, the verdict on the article's words, and how the two prints differ.

    `sighting` is the post as it was read, `shown` the copy that led to it, where one did. What is contradicted falls below the
    threshold and is given up: its `ref` becomes None. Words that differ are said to differ: publishers edit and translate.
    """
    post = sighting.post if sighting is not None else None
    author = _author_evidence(embed, sighting, platform, known, shown) if sighting is not None else None
    day_contradicts = any(one.method == "id-time" and one.verdict is Verdict.DISAGREES for one in identity.evidence)
    alike = likeness(embed.text, post.text, cut=post.cut) if post is not None else likeness("", "")
    author_contradicts = author is not None and author.verdict is Verdict.DISAGREES
    evidence = [author] if author else []
    if identity.rung is Rung.PERMALINK:
        if post is None:
            author_contradicts = bool(embed.handle) and not _names_the_author(identity, embed)
        against = _against_permalink(identity, embed, alike, author=author_contradicts, day=day_contradicts)
        against = against or _another_link(identity, embed, platform, alike)
        confidence = CONTRADICTED if against else PERMALINK - 0.08 * (day_contradicts + author_contradicts)
    elif author_contradicts:
        confidence, against = OTHER_AUTHOR, f"the post is by @{post.handle if post else '?'}, not @{embed.handle}"
    elif identity.rung in (Rung.SHORT_LINK, Rung.ARCHIVED_SHORT_LINK):
        of_media = code(identity.link) in of_embed(embed, platform).media
        confidence, judged = _short_link_worth(identity, sighting, alike, of_media=of_media)
        evidence += [judged] if judged else []
        against = "the post that the short link leads to has other words and does not carry the link: its media was used again"
        if sighting is None:
            against = "the short link may be one within the words, and the post that it leads to could not be seen"
    else:
        confidence, against = identity.confidence, ""
    if confidence < measured.THRESHOLD:
        return _given_up(identity, evidence, confidence, against), Claim.UNVERIFIABLE, ""
    claim, share = compare(embed.text, post.text, cut=post.cut) if post is not None else (Claim.UNVERIFIABLE, 0.0)
    parted = difference(embed.text, post.text) if post is not None and claim is Claim.DIFFERS else ""
    if post is not None and sighting is not None and claim is not Claim.UNVERIFIABLE:
        verdict = Verdict.AGREES if claim is Claim.MATCH else Verdict.DISAGREES
        said = f"{share:.0%} of the words are the same" + (f": {parted}" if parted else "")
        evidence.append(Evidence("words", post.text, verdict, said, sighting.capture, sighting.seen_in))
    confirmed = replace(identity, evidence=(*identity.evidence, *evidence), confidence=round(confidence, 2))
    return confirmed, claim, parted


def earlier_words(embed: Embed, recovered: Sighting) -> Evidence:
    """What an archived copy says of words that differ today: were they those that the article shows?"""
    claim, share = compare(embed.text, recovered.post.text, cut=recovered.post.cut)
    memento = recovered.memento
    when = f"{memento.archive}'s copy of {memento.captured:%Y-%m-%d %H:%M} UTC" if memento else "another capture"
    said = "has the very words of the article" if claim is Claim.MATCH else f"has {share:.0%} of them"
    verdict = Verdict.AGREES if claim is Claim.MATCH else Verdict.SEEN
    return Evidence("archived-words", recovered.post.text, verdict, f"{when} {said}", recovered.capture, recovered.seen_in)


def _names_the_author(identity: Identity, embed: Embed) -> bool:
    """Does the address that led to the post name the author whom the article shows? One that names nobody does not deny it."""
    named = identity.ref.handle if identity.ref is not None else None
    return named is None or embed.handle is None or named.lower() == embed.handle.lower()


def _against_permalink(identity: Identity, embed: Embed, alike: Likeness, *, author: bool, day: bool) -> str:
    """Why the post that a page links to is not the one that it shows; empty where nothing says so. Publishers shorten, correct
    and translate words and accounts are renamed, so neither alone is against it; but a link may be to a post that is quoted."""
    if not author or alike.kind in (Kind.EQUAL, Kind.BEGINNING):
        return ""
    if day:
        return "its author and its day are not those that the article shows"
    if alike.kind is Kind.OTHER and alike.share < OTHER_WORDS:
        return "its author and its words are not those that the article shows"
    if alike.kind is Kind.SILENT and not _names_the_author(identity, embed):
        return "its author is not the one that the article shows, and no words speak for it"
    return ""


def _another_link(identity: Identity, embed: Embed, platform: Platform, alike: Likeness) -> str:
    """Why an attribute that names a post does not count: the page's last link names another, and the words are others too."""
    named = [ref.post_id for ref in map(platform.permalink, embed.links) if ref is not None]
    other = named and identity.ref is not None and named[-1] != identity.ref.post_id
    if not other or alike.kind is not Kind.OTHER or alike.share >= LIKE_WORDS:
        return ""
    return f"the page names another post too, {named[-1]}, and the words are not this one's"


def _author_evidence(
    embed: Embed, sighting: Sighting, platform: Platform, known: Known, shown: Sighting | None
) -> Evidence | None:
    """Is the author the one shown? Handles change hands and ids do not, so an id that both were seen with decides."""
    post = sighting.post
    if not embed.handle or not post.handle:
        return None
    same = embed.handle.lower() == post.handle.lower()
    detail = f"the article says @{embed.handle}"
    if not same and post.author_id is not None:
        ids = set(known.author_ids(platform.name, embed.handle)) | ({shown.post.author_id} if shown else set())
        same = post.author_id in ids
        detail += f", who is the same account, {post.author_id}, under another handle" if same else ""
    verdict = Verdict.AGREES if same else Verdict.DISAGREES
    return Evidence("author", f"@{post.handle}", verdict, detail, sighting.capture, sighting.seen_in)


def _short_link_worth(
    identity: Identity, sighting: Sighting | None, alike: Likeness, *, of_media: bool
) -> tuple[float, Evidence | None]:
    """A short link names the post that owns the media, and the account may have used it again under other words."""
    if sighting is None or not sighting.post.text:
        return (UNSEEN if of_media else UNSEEN_LINK), None
    seen, of = (sighting.capture, sighting.seen_in), of_post(sighting.post)
    if code(identity.link) in of.all:
        said = "the post carries the very short link that the article shows"
        other = alike.kind is Kind.OTHER and alike.share < OTHER_WORDS
        agrees = Evidence("short-link-code", identity.link, Verdict.AGREES, said, *seen)
        return (CARRIED_OTHER_WORDS if other else CARRIED), agrees
    if others := of.media or of.bare:
        said = "the post's own media have another short link: they were used again in the one that the article shows"
        value = f"https://t.co/{min(others)}"
        return CONTRADICTED, Evidence("short-link-code", value, Verdict.DISAGREES, said, *seen)
    if alike.kind in (Kind.EQUAL, Kind.BEGINNING):
        return identity.confidence, None
    return (UNSEEN if alike.kind is Kind.SILENT and of_media else CONTRADICTED), None


def _given_up(identity: Identity, evidence: list[Evidence], confidence: float, reason: str) -> Identity:
    ref = identity.ref
    method = "permalink" if identity.rung is Rung.PERMALINK else "short-link-target"
    method = method if identity.rung in (Rung.PERMALINK, Rung.SHORT_LINK, Rung.ARCHIVED_SHORT_LINK) else "candidate"
    given_up = Evidence(method, ref.post_id if ref else "", Verdict.REJECTED, reason)
    return replace(
        identity,
        ref=None,
        reason=f"{reason} (confidence {confidence}, below {measured.THRESHOLD})",
        evidence=(*identity.evidence, *evidence, given_up),
        rung=None,
        confidence=0.0,
    )
