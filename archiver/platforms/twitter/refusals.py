"""What X's refusals mean: the sentences on tombstones, the codes of errors, and the reasons that GraphQL gives.

A refusal means what it says and no more. Sentences are those that public code and test suites show, with “Tweet” and “Post” for
the thing, as it was called before and after 2023; the codes are the API's
(https://developer.x.com/en/support/x-api/error-troubleshooting).
"""

from __future__ import annotations

import re
from typing import Any

from archiver.model import Availability
from archiver.platforms.twitter.fields import dict_of, dicts_of, number_of, text_of

# The first that fits counts. “This Post is unavailable.” and whatever else is in no list says only that it is not shown.
_SENTENCES = (
    (r"deleted by (?:the|its) (?:tweet |post |\w+ )?author", Availability.DELETED_BY_AUTHOR),
    (r"author (?:has )?deleted this (?:tweet|post)", Availability.DELETED_BY_AUTHOR),
    (r"violat\w+ (?:the|our) (?:\w+ )?rules", Availability.REMOVED_BY_PLATFORM),
    (r"removed (?:by|for violating)|copyright owner", Availability.REMOVED_BY_PLATFORM),
    (r"suspended (?:account|user)|account (?:\S+ )?(?:is|has been|was) suspended", Availability.ACCOUNT_SUSPENDED),
    (r"account (?:\S+ )?(?:that )?(?:no longer|doesn.t) exists?", Availability.ACCOUNT_DEACTIVATED),
    (r"account (?:\S+ )?(?:is|was|has been) deactivated", Availability.ACCOUNT_DEACTIVATED),
    (r"limits? who can (?:view|see)|protected (?:tweet|post|account)|(?:tweets|posts) are protected", Availability.PROTECTED),
    (r"withheld", Availability.WITHHELD),
    (r"age.restricted|adult content|inappropriate for (?:people|those) under|your age", Availability.AGE_GATED),
    (r"\b(?:log|sign) ?in\b", Availability.LOGIN_GATED),
)  # fmt: skip
# 34 and 144 are a 404 in other words, and are treated as one.
_CODES = {
    63: Availability.ACCOUNT_SUSPENDED,
    64: Availability.ACCOUNT_SUSPENDED,
    179: Availability.PROTECTED,
    421: Availability.GONE_OR_GATED,  # “no longer available”, whatever the reason
    422: Availability.REMOVED_BY_PLATFORM,
    88: Availability.RATE_LIMITED,
    429: Availability.RATE_LIMITED,
}
NOT_FOUND_CODES = frozenset({34, 144})
_REASONS = {
    "NsfwLoggedOut": Availability.AGE_GATED,
    "NsfwViewerHasNoStatedAge": Availability.AGE_GATED,
    "NsfwViewerIsUnderage": Availability.AGE_GATED,
    "Protected": Availability.PROTECTED,
    "Suspended": Availability.ACCOUNT_SUSPENDED,
    "LoggedOut": Availability.LOGIN_GATED,
}


def of_tombstone(answer: dict[str, Any]) -> tuple[Availability, str]:
    """What a tombstone says, and its words; “gone or gated” where it says nothing that is known."""
    sentence = " ".join(text_of(dict_of(dict_of(answer.get("tombstone")).get("text")).get("text")).split())
    reason = text_of(answer.get("reason"))
    if reason in _REASONS:
        return _REASONS[reason], f"the platform gives the reason {reason}"
    if not sentence:
        return Availability.GONE_OR_GATED, "an empty tombstone: the post is gone, or shown to some only"
    words = sentence.lower().replace("’", "'")
    for pattern, availability in _SENTENCES:
        if re.search(pattern, words):
            return availability, f"the tombstone says: {sentence}"
    return Availability.GONE_OR_GATED, f"the tombstone says: {sentence}"


def codes(answer: object) -> tuple[int, ...]:
    """The codes of an answer's `errors`."""
    found = (number_of(error.get("code")) for error in dicts_of(dict_of(answer).get("errors")))
    return tuple(code for code in found if code is not None)


def of_codes(answer: object) -> tuple[Availability, str] | None:
    """What an answer's error codes say; None where they say nothing about a post."""
    return next(((_CODES[code], f"error {code}") for code in codes(answer) if code in _CODES), None)
