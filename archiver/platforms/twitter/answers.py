"""Which public answers to ask for about a post of X, and what they say together.

Asked without an account: the syndication answer that the embed widget reads, then oEmbed. What is gone is told by the shape
of those answers; `RULES` names every rule there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from archiver.model import Availability, Exchange, Failure, PostRef, Purpose, Reading
from archiver.platforms.twitter import ids, oembed, refusals, syndication
from archiver.platforms.twitter.fields import json_object

# By the name that a `Reading` gives in `decided_by`: what was seen, and what it is taken for.
RULES = {
    "read": "the syndication answer holds the post: `live`",
    "no-author": "it holds the post without its author: `live_partial`",
    "another-version": "it holds another version of an edited post: `live_partial`",
    "words-only": "whatever the syndication endpoint said, oEmbed still shows the words: `live_partial`",
    "tombstone": "a tombstone, and what its sentence says; `gone_or_gated` where it says nothing that is known",
    "deleted-twice": "a tombstone says “deleted by its author”, and oEmbed answers 404: `deleted_by_author`",
    "deleted-once": "a tombstone says so, as it was seen to say of gated posts too, but no second answer does: `gone_or_gated`",
    "error-code": "the code of an error: 63 `account_suspended`, 179 `protected`, 422 `removed_by_platform`,"
    " 421 `gone_or_gated`",
    "impossible-id": "400 or 404, and no post can have the id, which does not fit 63 bits or is of a time to come:"
    " `never_existed`",
    "not-found": "404 from the syndication endpoint, and nothing that speaks against it: `unknown_gone`",
    "refused": "404 or an empty object from the syndication endpoint, 403 from oEmbed: `gone_or_gated`",
    "empty-twice": "an empty object, and oEmbed answers 404: `gone_or_gated`",
    "empty-answer": "an empty object alone, which a refused token gives too: `endpoint_error`",
    "bad-request": "400 for an id that a post can have: `endpoint_error`",
    "rate-limited": "429, or the code of an error that says the same: `rate_limited`",
    "wrong-post": "the answer is about another post: `endpoint_error`",
    "not-json": "the answer cannot be read: `endpoint_error`",
    "errors": "the answer lists errors of another kind: `endpoint_error`",
    "http-5xx": "any other status, named in full: `endpoint_error`",
    "no-answer": "there was no answer: `not_checked`",
}
_CLOCKS = timedelta(hours=1)  # by so much ours and theirs may differ
_SAY_NOTHING = frozenset({"not-found", "bad-request", "empty-answer"})


def plan(ref: PostRef) -> Mapping[Purpose, str]:
    """What to ask for, first things first."""
    return {Purpose.SYNDICATION: syndication.address(ref), Purpose.OEMBED: oembed.address(ref)}


def read(ref: PostRef, answers: Mapping[Purpose, Exchange]) -> Reading:
    """What the answers say together. A 404 or a tombstone is an answer; "deleted" is never said on one answer alone."""
    asked, second = answers.get(Purpose.SYNDICATION), answers.get(Purpose.OEMBED)
    first = syndication.read(ref, asked)
    if first.post is not None:
        return first
    words = oembed.read(ref, second)
    if words is not None:
        rule = f"{first.rule}; but oEmbed still shows its words"
        missing = ("media: oEmbed does not name them",)
        return Reading(
            Availability.LIVE_PARTIAL, rule, replace(words, missing=missing), Purpose.OEMBED, decided_by="words-only"
        )
    never = _never(ref, asked) if first.decided_by in {"not-found", "bad-request"} else None
    if never is not None and (second is None or second.status in (400, 403, 404)):
        return Reading(Availability.NEVER_EXISTED, f"{first.rule}; {never}", decided_by="impossible-id")
    return _with_second(first, second)


def _never(ref: PostRef, asked: Exchange | None) -> str | None:
    """Why no post can have this id; None where one can."""
    number = int(ref.post_id)
    if number >= 1 << 63:
        return "no post has this id: it is larger than ids can be"
    made = ids.snowflake_time(number)
    if asked is not None and made is not None and made > asked.started + _CLOCKS:
        return f"no post has this id: it would have been made at {made:%Y-%m-%d %H:%M} UTC, after it was asked for"
    return None


def _with_second(first: Reading, second: Exchange | None) -> Reading:
    """The first answer, and what oEmbed's adds to it where it has no words to show."""
    if second is None:
        if first.decided_by == "no-answer":
            return replace(first, rule="neither of the platform's two endpoints gave an answer")
        return _alone(first, "no second answer says the same")
    status, said = second.status, refusals.of_codes(json_object(second))
    if status == 429 or (said is not None and said[0] is Availability.RATE_LIMITED):
        limited = Failure("read", "rate-limited", "oEmbed is rate limited, so no second answer could be had")
        return replace(_alone(first, "oEmbed answered 429"), failures=(*first.failures, limited))
    if said is not None and first.decided_by in _SAY_NOTHING:
        return Reading(said[0], f"{first.rule}; oEmbed answered {status}, {said[1]}", decided_by="error-code")
    rule = f"{first.rule}; oEmbed answered {status}"
    if status == 403:
        if first.decided_by in _SAY_NOTHING:  # there may be something that it may not show
            return Reading(Availability.GONE_OR_GATED, rule, decided_by="refused")
        return _alone(first, "oEmbed answered 403")
    if status != 404 and not set(refusals.codes(json_object(second))) & refusals.NOT_FOUND_CODES:
        trouble = (Failure("read", f"http-{status}", f"oEmbed answered {status}"),) if status >= 500 else ()
        return replace(_alone(first, f"oEmbed answered {status}"), failures=(*first.failures, *trouble))
    if first.decided_by == "empty-answer":
        return Reading(Availability.GONE_OR_GATED, rule, decided_by="empty-twice")
    if first.availability is Availability.DELETED_BY_AUTHOR:
        return Reading(first.availability, rule, decided_by="deleted-twice")
    return replace(first, rule=rule)


def _alone(first: Reading, why: str) -> Reading:
    """What one answer alone may say: deleted never. The same sentence was seen on posts that are only gated."""
    if first.availability is Availability.DELETED_BY_AUTHOR:
        return Reading(Availability.GONE_OR_GATED, f"{first.rule}; {why}", decided_by="deleted-once")
    return replace(first, rule=f"{first.rule}; {why}") if first.post is None else first
