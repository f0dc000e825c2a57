"""Which public answers to ask for about a post of X, and what they say together.

Asked without an account: the syndication answer that the embed widget reads, then oEmbed. What is gone is told by the shape
of those answers; see `read`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from archiver.model import Availability, Exchange, PostRef, Purpose, Reading
from archiver.platforms.twitter import oembed, syndication


def plan(ref: PostRef) -> Mapping[Purpose, str]:
    """What to ask for, first things first."""
    return {Purpose.SYNDICATION: syndication.address(ref), Purpose.OEMBED: oembed.address(ref)}


def read(ref: PostRef, answers: Mapping[Purpose, Exchange]) -> Reading:
    """What the answers say together. A 404 or a tombstone is an answer; "deleted" is never said on one answer alone."""
    first, second = syndication.read(ref, answers.get(Purpose.SYNDICATION)), answers.get(Purpose.OEMBED)
    if first.post is not None:
        return first
    words = oembed.read(ref, second)
    if words is not None:
        rule = f"{first.rule}; but oEmbed still shows its words"
        missing = ("media: oEmbed does not name them",)
        return Reading(Availability.LIVE_PARTIAL, rule, replace(words, missing=missing), Purpose.OEMBED)
    if second is None or second.status not in (403, 404):
        return _without_second(first, "no second answer says the same")
    rule = f"{first.rule}; oEmbed answered {second.status}"
    if second.status == 403:  # there is something that it may not show
        return _without_second(first, "oEmbed answered 403")
    if first.rule == syndication.EMPTY:
        return Reading(Availability.UNKNOWN_GONE, rule)
    return Reading(first.availability, rule, failures=first.failures)


def _without_second(first: Reading, why: str) -> Reading:
    """What one answer alone may say: gone perhaps, deleted never."""
    if first.availability is Availability.DELETED_BY_AUTHOR:
        return Reading(Availability.UNKNOWN_GONE, f"{first.rule}; {why}")
    return first
