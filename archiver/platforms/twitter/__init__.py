"""X, formerly Twitter. `addresses` and `ids` are all that finding needs; what asks and reads is imported when it is needed."""

from __future__ import annotations

from archiver.model import Marks, Platform
from archiver.platforms.twitter.addresses import (
    NAME,
    canonical_url,
    from_id,
    kept_under,
    names_media,
    permalink,
    search,
    short_link,
)
from archiver.platforms.twitter.ids import media_made, posted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from archiver.model import Exchange, Post, PostRef, Purpose, Reading


def _plan(ref: PostRef) -> Mapping[Purpose, str]:
    from archiver.platforms.twitter import answers  # only here: finding asks for nothing

    return answers.plan(ref)


def _read(ref: PostRef, given: Mapping[Purpose, Exchange]) -> Reading:
    from archiver.platforms.twitter import answers

    return answers.read(ref, given)


def _archived(exchange: Exchange) -> tuple[Post, ...]:
    from archiver.platforms.twitter import archived

    return archived.posts(exchange)


def _archived_lacks(exchange: Exchange) -> str:
    from archiver.platforms.twitter import archived

    return archived.lacks(exchange)


def _mirrors(ref: PostRef) -> tuple[str, ...]:
    from archiver.platforms.twitter import mirrors

    return mirrors.addresses(ref)


def _read_mirror(ref: PostRef, answer: Exchange) -> Post | None:
    from archiver.platforms.twitter import mirrors

    return mirrors.read(ref, answer)


PLATFORM = Platform(
    name=NAME,
    permalink=permalink,
    canonical_url=canonical_url,
    from_id=from_id,
    hosts=frozenset(
        {"fixupx", "fixvx", "farside", "fxtwitter", "nitter", "t", "twimg", "twittpr", "twitter", "vxtwitter", "x", "xcancel"}
    ),
    paths=("i/cards/", "status", "tweet-result", "widgets/tweet"),
    marks=Marks(
        classes=frozenset({"twitter-tweet", "twitter-video", "bbptweet"}),
        ids=frozenset({"data-tweet-id", "data-tweetid", "tweet-id", "tweetid", "data-tweet"}),
        tags={"amp-twitter": "data-tweetid", "twitter-widget": "data-tweet-id"},
        shortcodes=frozenset({"tweet", "twitter", "x", "twitter_simple", "x_simple", "blackbirdpie"}),
        words=frozenset({"twitter", "tweet"}),
    ),
    short_link=short_link,
    posted=posted,
    names_media=names_media,
    plan=_plan,
    read=_read,
    archived=_archived,
    archived_lacks=_archived_lacks,
    kept_under=kept_under,
    search=search,
    media_made=media_made,
    mirrors=_mirrors,
    read_mirror=_read_mirror,
)
