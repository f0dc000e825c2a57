"""The syndication answer that X's embed widget reads: a post with its author, media and quoted post, or a tombstone."""

from __future__ import annotations

from typing import Any

from archiver.model import Availability, Exchange, Failure, PostRef, Purpose, Reading
from archiver.platforms.twitter import tweets
from archiver.platforms.twitter.fields import dict_of, json_object, text_of
from archiver.platforms.twitter.ids import syndication_token

# What a tombstone's sentence means. A sentence not in the list means no more than that the post is not shown.
_TOMBSTONES = (
    ("deleted by the post author", Availability.DELETED_BY_AUTHOR),
    ("deleted by the tweet author", Availability.DELETED_BY_AUTHOR),
    ("violated the", Availability.REMOVED_BY_PLATFORM),
    ("suspended account", Availability.ACCOUNT_SUSPENDED),
    ("no longer exists", Availability.ACCOUNT_DEACTIVATED),
    ("limits who can view", Availability.PROTECTED),
    ("withheld", Availability.WITHHELD),
    ("age-restricted", Availability.AGE_GATED),
)


EMPTY = "the syndication answer was an empty object, as for a refused token or an age gate"


def address(ref: PostRef) -> str:
    """Where the embed widget asks for a post."""
    return f"https://cdn.syndication.twimg.com/tweet-result?id={ref.post_id}&token={syndication_token(ref.post_id)}"


def read(ref: PostRef, exchange: Exchange | None) -> Reading:
    """What this answer alone says of a post."""
    if exchange is None:
        return Reading(Availability.NOT_CHECKED, "the syndication endpoint gave no answer")
    if exchange.status == 404:
        return Reading(Availability.UNKNOWN_GONE, "the syndication endpoint answered 404")
    if exchange.status == 429:
        return _trouble(Availability.RATE_LIMITED, "rate-limited", "the syndication endpoint answered 429")
    if exchange.status != 200:
        rule = f"the syndication endpoint answered {exchange.status}"
        return _trouble(Availability.ENDPOINT_ERROR, f"http-{exchange.status}", rule)
    tweet = json_object(exchange)
    if tweet is None:
        return _trouble(Availability.ENDPOINT_ERROR, "not-json", "the syndication answer is no JSON object")
    if not tweet:
        return _trouble(Availability.ENDPOINT_ERROR, "empty-answer", EMPTY)
    kind = tweet.get("__typename")
    if kind in ("TweetTombstone", "TweetUnavailable"):
        return _read_tombstone(tweet)
    if tweet.get("id_str") != ref.post_id:
        rule = f"the syndication answer is about post {tweet.get('id_str')}, not {ref.post_id}"
        return _trouble(Availability.ENDPOINT_ERROR, "wrong-post", rule)
    post = tweets.post(tweet)
    if post is None or post.handle is None:
        rule = "the syndication answer holds the post without its author"
        return Reading(Availability.LIVE_PARTIAL, rule, post, Purpose.SYNDICATION)
    return Reading(Availability.LIVE, "the syndication answer holds the post", post, Purpose.SYNDICATION)


def _trouble(availability: Availability, reason: str, rule: str) -> Reading:
    return Reading(availability, rule, failures=(Failure("read", reason, rule),))


def _read_tombstone(tweet: dict[str, Any]) -> Reading:
    sentence = " ".join(text_of(dict_of(dict_of(tweet.get("tombstone")).get("text")).get("text")).split())
    if not sentence:
        return Reading(Availability.UNKNOWN_GONE, "an empty tombstone: gone, or shown to some only")
    for phrase, availability in _TOMBSTONES:
        if phrase in sentence.lower():
            return Reading(availability, f"the tombstone says: {sentence}")
    return Reading(Availability.UNKNOWN_GONE, f"the tombstone says: {sentence}")
