"""The syndication answer that X's embed widget reads: a post with its author, media and quoted post, or a tombstone."""

from __future__ import annotations

from archiver.model import Availability, Exchange, Failure, PostRef, Purpose, Reading
from archiver.platforms.twitter import refusals, tweets
from archiver.platforms.twitter.fields import json_object
from archiver.platforms.twitter.ids import syndication_token

_WHO = "the syndication endpoint"


def address(ref: PostRef) -> str:
    """Where the embed widget asks for a post."""
    return f"https://cdn.syndication.twimg.com/tweet-result?id={ref.post_id}&token={syndication_token(ref.post_id)}"


def read(ref: PostRef, exchange: Exchange | None) -> Reading:
    """What this answer alone says of a post."""
    if exchange is None:
        return Reading(Availability.NOT_CHECKED, f"{_WHO} gave no answer", decided_by="no-answer")
    if exchange.status != 200:
        return _read_status(exchange)
    tweet = json_object(exchange)
    if tweet is None:
        return _trouble(Availability.ENDPOINT_ERROR, "not-json", "the syndication answer is no JSON object")
    if not tweet:
        rule = "the syndication answer was an empty object, as for a refused token or an age gate"
        return _trouble(Availability.ENDPOINT_ERROR, "empty-answer", rule)
    if tweet.get("__typename") in ("TweetTombstone", "TweetUnavailable"):
        availability, words = refusals.of_tombstone(tweet)
        return Reading(availability, words, decided_by="tombstone")
    if "errors" in tweet and "id_str" not in tweet:
        return _read_errors(tweet, exchange)
    return _read_post(ref, tweet)


def _read_status(exchange: Exchange) -> Reading:
    rule = f"{_WHO} answered {exchange.status}"
    if exchange.status == 404:
        return Reading(Availability.UNKNOWN_GONE, rule, decided_by="not-found")
    if exchange.status == 429:
        return _trouble(Availability.RATE_LIMITED, "rate-limited", rule)
    if exchange.status == 400:
        return _trouble(Availability.ENDPOINT_ERROR, "bad-request", rule)
    return _trouble(Availability.ENDPOINT_ERROR, f"http-{exchange.status}", rule)


def _read_errors(answer: dict[str, object], exchange: Exchange) -> Reading:
    """An answer that lists errors, whatever its status: the codes say what."""
    said = refusals.of_codes(answer)
    if said is None:
        return _trouble(Availability.ENDPOINT_ERROR, "errors", f"{_WHO} answered {exchange.status} with errors")
    if said[0] is Availability.RATE_LIMITED:
        return _trouble(Availability.RATE_LIMITED, "rate-limited", f"{_WHO} answered {said[1]}")
    return Reading(said[0], f"{_WHO} answered {said[1]}", decided_by="error-code")


def _read_post(ref: PostRef, tweet: dict[str, object]) -> Reading:
    post = tweets.post(tweet)
    if post is None or (post.ref.post_id != ref.post_id and ref.post_id not in post.versions):
        about = f"is about post {post.ref.post_id}, not {ref.post_id}" if post is not None else "names no post"
        rule = f"the syndication answer {about}"
        return _trouble(Availability.ENDPOINT_ERROR, "wrong-post", rule)
    source = Purpose.SYNDICATION
    if post.ref.post_id != ref.post_id:
        rule = f"the syndication answer holds another version of the post, {post.ref.post_id}"
        return Reading(Availability.LIVE_PARTIAL, rule, post, source, decided_by="another-version")
    if post.handle is None:
        rule = "the syndication answer holds the post without its author, as was seen of suspended accounts"
        return Reading(Availability.LIVE_PARTIAL, rule, post, source, decided_by="no-author")
    return Reading(Availability.LIVE, "the syndication answer holds the post", post, source, decided_by="read")


def _trouble(availability: Availability, reason: str, rule: str) -> Reading:
    return Reading(availability, rule, failures=(Failure("read", reason, rule),), decided_by=reason)
