"""What is worth how much, in one place: an order of how much speaks for an identity, from 0 to 1, and no probability.

The numbers are measured against decoys: `benchmarks/identity.py` prints how many identities are right and how many wrong at
each threshold (docs/identity.md).
"""

from __future__ import annotations

from archiver.identity.words import Kind, Likeness

THRESHOLD = 0.8  # below it nothing is identified

# What a link is worth before the post itself was read, where handle and day agree as far as they are known.
PERMALINK, SHORT_LINK, ARCHIVED_SHORT_LINK = 0.99, 0.9, 0.88
UNSEEN = 0.82  # a short link whose post is gone, or has no words: nothing shows that its media were not used again
UNSEEN_LINK = 0.7  # the same, and only where it leads says that the link stands for media: an author may link to an own photo
CARRIED = 0.98  # the post carries the very short link
CARRIED_OTHER_WORDS = 0.85  # and has other words: a link that is pasted into a second post brings the first one's media along
CONTRADICTED = 0.6  # a link whose post has another author and another day, or other words and not that link
OTHER_AUTHOR = 0.3

ALIKE = 0.03  # two candidates whose confidence is no further apart are alike
NOT_ITS_OWN_PAGE = 0.02
NOT_ALL_SEEN = 0.06  # there are, or may be, other posts of that author and time that could not be read
FEW_NOT_ALL_SEEN = 0.16  # the same, where the words are few or not all of them
MAYBE_REPOSTED = 0.2  # and one of them was made so soon before or after that it may be the same post again

_WORDS = {
    (Kind.EQUAL, False): 0.95,
    (Kind.EQUAL, True): 0.98,
    (Kind.BEGINNING, False): 0.9,
    (Kind.BEGINNING, True): 0.95,
    (Kind.SILENT, False): 0.3,
    (Kind.SILENT, True): 0.88,
}
_TOO_FEW = 0.6
_LIKE_WORDS = 0.75  # with the very media: who uses a picture again mostly says something like it
_SOME_IN_COMMON = 0.25
_MANY_WORDS = 20
_SOME_WORDS = 10


def not_all_seen(alike: Likeness, *, soon: bool, complete: bool) -> float:
    """What is taken off where there are, or may be, other posts of that author and time that could not be read; `soon`: one of
    them was made so soon before or after that it may be the same post again. Few words are said again sooner than many."""
    if complete:
        return 0
    few = alike.kind is not Kind.EQUAL or alike.words < _SOME_WORDS
    return (FEW_NOT_ALL_SEEN if few else NOT_ALL_SEEN) + (MAYBE_REPOSTED if soon else 0)


def other_day(alike: Likeness) -> float:
    """What is taken off where a post was made the day before or after in UTC. A day that is shown is a day in some time zone;
    but who greets every morning says the same the day before, in few words."""
    return 0.1 if alike.words >= _MANY_WORDS else 0.2


def of_words(alike: Likeness, *, same_media: bool, same_link: bool | None = None) -> float:
    """What words, a medium of the same name and a short link are worth where author and time agree already. `same_link` is
    False where the post carries another link than the one that is shown."""
    if same_link is not None:
        return _of_link(alike) if same_link else min(CONTRADICTED, _of_words(alike, same_media))
    return _of_words(alike, same_media)


def _of_link(alike: Likeness) -> float:
    if alike.kind is Kind.OTHER:  # a link may be pasted into a later post that speaks of the first
        return CARRIED_OTHER_WORDS if alike.share >= _SOME_IN_COMMON else CONTRADICTED
    return SHORT_LINK if alike.kind is Kind.SILENT else CARRIED


def _of_words(alike: Likeness, same_media: bool) -> float:
    if alike.kind is Kind.OTHER:
        if same_media:
            return _LIKE_WORDS if alike.share >= 0.7 else CONTRADICTED
        return 0.3 + 0.45 * alike.share
    worth = _WORDS[alike.kind, same_media]
    if alike.kind is Kind.SILENT or same_media:
        return worth
    return worth - (1 - alike.share if alike.kind is Kind.EQUAL else 0) if alike.telling else _TOO_FEW
