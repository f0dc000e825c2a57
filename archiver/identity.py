"""`Embed` → which post it is, with the evidence for it, and whether the fetched words bear the claim out.

A permalink in the page wins. Without one, the short links are resolved, those that stand for media first. The target names
the post that *owns* the media, which may be another's, so it is accepted only where handle and day agree, and given up
again where the post turns out to be somebody else's. What is not accepted stays as evidence.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urljoin

from archiver.errors import CaptureError
from archiver.model import (
    Capture,
    Claim,
    Embed,
    Evidence,
    Exchange,
    Failure,
    Get,
    Identity,
    Platform,
    Post,
    PostRef,
    Purpose,
    ShortLink,
    Verdict,
)

DAY_TOLERANCE = timedelta(days=1)  # a quotation shows the day in an unknown time zone

_REDIRECTS = (301, 302, 303, 307, 308)


def identify(embed: Embed, platform: Platform, get: Get, max_hops: int) -> Identity:
    """Which post the embed is, before the post itself is asked for."""
    seen = embed.evidence
    if embed.ref is not None:
        accepted = (
            *_others(seen, "permalink"),
            Evidence("permalink", _value(seen, "permalink"), Verdict.ACCEPTED, "in the page"),
        )
        day = _day_evidence(embed, embed.ref, platform)
        return Identity(embed.ref, "the page carries the permalink", accepted + ((day,) if day else ()))

    links = [link for link in map(platform.short_link, embed.links) if link is not None]
    links = list(dict.fromkeys(sorted(links, key=lambda link: not link.media)))
    evidence, failures = list(seen), list[Failure]()
    for link in links:
        resolved = _resolve(link, platform, get, max_hops)
        evidence += resolved.evidence
        failures += resolved.failures
        if resolved.target is None:
            continue
        ref = platform.permalink(resolved.target)
        if ref is None:
            evidence.append(Evidence("short-link-target", resolved.target, Verdict.SEEN, "not a post", resolved.capture))
            continue
        verdict, reason = _weigh(embed, ref, platform, link.media or platform.names_media(resolved.target))
        evidence.append(Evidence("short-link-target", resolved.target, verdict, reason, resolved.capture))
        if verdict is Verdict.ACCEPTED:
            reason = f"{link.url} leads to {resolved.target}: {reason}"
            return Identity(ref, reason, tuple(evidence), inferred=True, failures=tuple(failures))
    reason = (
        "no short link led to a post of this author and day" if links else "the page carries no permalink and no short link"
    )
    if failures:
        reason = "a short link could not be resolved"
    return Identity(None, reason, tuple(evidence), failures=tuple(failures))


def confirm(identity: Identity, embed: Embed, post: Post | None) -> tuple[Identity, Claim]:
    """The identity after its post was read, and the verdict on the article's words.

    An inferred identity whose author turns out to be another is given up: its `ref` becomes None. Words that differ are
    said to differ: publishers edit and translate what they quote.
    """
    if post is None:
        return identity, Claim.UNVERIFIABLE
    evidence: list[Evidence] = []
    if embed.handle and post.handle:
        agrees = embed.handle.lower() == post.handle.lower()
        verdict = Verdict.AGREES if agrees else Verdict.DISAGREES
        evidence.append(Evidence("author", f"@{post.handle}", verdict, f"the article says @{embed.handle}"))
        if not agrees and identity.inferred:
            return _given_up(identity, evidence, f"the post is by @{post.handle}, not @{embed.handle}"), Claim.UNVERIFIABLE
    claim, share = compare(embed.text, post.text, cut=post.cut)
    if claim is not Claim.UNVERIFIABLE:
        verdict = Verdict.AGREES if claim is Claim.MATCH else Verdict.DISAGREES
        evidence.append(Evidence("words", post.text, verdict, f"{share:.0%} of the words are the same"))
    return replace(identity, evidence=identity.evidence + tuple(evidence)), claim


def compare(claimed: str, fetched: str, *, cut: bool = False) -> tuple[Claim, float]:
    """Do two prints of a post agree, and the share of words they have in common (0 to 1).

    Addresses, white space, entities and the kind of quotation mark are no difference: every publisher changes those.
    A claim that ends in an ellipsis agrees with what it is the beginning of.
    """
    ours, theirs = _plain(claimed), _plain(fetched)
    if not ours or not theirs:
        return Claim.UNVERIFIABLE, 0.0
    if ours == theirs:
        return Claim.MATCH, 1.0
    mine, other = Counter(re.findall(r"\w+", ours)), Counter(re.findall(r"\w+", theirs))
    share = 2 * (mine & other).total() / max(1, mine.total() + other.total())
    begun = ours.removesuffix("...").rstrip()
    if begun != ours and len(begun) >= 20 and theirs.startswith(begun):
        return Claim.MATCH, share
    if cut and ours.startswith(theirs.removesuffix("...").rstrip()):
        return Claim.UNVERIFIABLE, share
    return Claim.DIFFERS, share


@dataclass(frozen=True, slots=True)
class _Resolved:
    """Where a short link led: the first address that is not a short link any more, and the hop that named it."""

    target: str | None
    capture: str | None
    evidence: tuple[Evidence, ...]
    failures: tuple[Failure, ...] = ()


def _resolve(link: ShortLink, platform: Platform, get: Get, max_hops: int) -> _Resolved:
    evidence: list[Evidence] = []
    url = link.url
    for _ in range(max_hops):
        try:
            hop = get(url, Purpose.SHORT_LINK)
        except CaptureError as error:
            failure = Failure("identify", error.reason, str(error))
            evidence.append(Evidence("short-link-hop", url, Verdict.FAILED, error.reason))
            return _Resolved(None, None, tuple(evidence), (failure,))
        target = redirect_target(hop.exchange)
        evidence.append(_hop_evidence(url, hop, target))
        if target is None:
            failures = _status_failure(hop.exchange)
            return _Resolved(None, hop.record.id, tuple(evidence), failures)
        onward = platform.short_link(target)
        if onward is None:
            return _Resolved(target, hop.record.id, tuple(evidence))
        url = onward.url
    evidence.append(Evidence("short-link-hop", url, Verdict.FAILED, f"more than {max_hops} hops"))
    return _Resolved(None, None, tuple(evidence))


def _hop_evidence(url: str, hop: Capture, target: str | None) -> Evidence:
    detail = f"{hop.exchange.status} → {target}" if target else f"{hop.exchange.status}, leads nowhere"
    return Evidence("short-link-hop", url, Verdict.SEEN, detail, hop.record.id)


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
    return Evidence("id-time", made.isoformat(), Verdict.AGREES if agrees else Verdict.DISAGREES, detail)


def _given_up(identity: Identity, evidence: list[Evidence], reason: str) -> Identity:
    ref = identity.ref
    given_up = Evidence("short-link-target", ref.post_id if ref else "", Verdict.REJECTED, reason)
    return replace(identity, ref=None, reason=reason, evidence=(*identity.evidence, *evidence, given_up))


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", html.unescape(text)).casefold()
    text = re.sub(r"https?://\S+|\bpic\.(?:twitter|x)\.com/\w+", " ", text)
    text = text.translate(_QUOTES)
    return " ".join(text.split())


_QUOTES = {ord(mark): '"' for mark in "“”„‟«»″"} | {ord(mark): "'" for mark in "‘’‚‛′`"} | {0x200B: None, 0xFEFF: None}


def _others(evidence: tuple[Evidence, ...], method: str) -> tuple[Evidence, ...]:
    return tuple(one for one in evidence if one.method != method)


def _value(evidence: tuple[Evidence, ...], method: str) -> str:
    return next((one.value for one in evidence if one.method == method), "")
