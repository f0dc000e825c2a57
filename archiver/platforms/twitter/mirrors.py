"""Third parties that show X's posts as JSON: asked only where that is wished, for they learn which post is asked for.

What they give is no primary evidence: a copy that somebody else made, at a time that they do not tell.
The shape is FxTwitter's (https://docs.fxtwitter.com/en/latest/api/status.html); vxTwitter's has the same under other names.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from archiver.model import Exchange, Post, PostRef
from archiver.platforms.twitter import tweets
from archiver.platforms.twitter.fields import dict_of, dicts_of, id_of, json_object, number_of


def addresses(ref: PostRef) -> tuple[str, ...]:
    """Where third parties tell of a post, in the order of asking."""
    handle = ref.handle or "i"
    return (f"https://api.fxtwitter.com/status/{ref.post_id}", f"https://api.vxtwitter.com/{handle}/status/{ref.post_id}")


def read(ref: PostRef, exchange: Exchange) -> Post | None:
    """The post as a third party shows it; None where it does not."""
    answer = json_object(exchange) if exchange.status == 200 else None
    if answer is None:
        return None
    shaped = _fx(dict_of(answer["tweet"])) if "tweet" in answer else _vx(answer)
    post = tweets.post(shaped)
    return post if post is not None and post.ref.post_id == ref.post_id else None


def _fx(tweet: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    author, media = dict_of(tweet.get("author")), dict_of(tweet.get("media"))
    photos = [
        {"type": "photo", "media_url_https": one.get("url"), "ext_alt_text": one.get("altText")}
        for one in dicts_of(media.get("photos"))
    ]
    quote = dict_of(tweet.get("quote"))
    return {
        "id_str": id_of(tweet.get("id")),
        "text": tweet.get("text"),
        "created_at": _moment(tweet.get("created_timestamp")),
        "lang": tweet.get("lang"),
        "user": _user(author.get("id"), author.get("name"), author.get("screen_name"), author.get("avatar_url")),
        "in_reply_to_status_id_str": tweet.get("replying_to_status"),
        "in_reply_to_screen_name": tweet.get("replying_to"),
        "mediaDetails": photos + [_video(one, "thumbnail_url") for one in dicts_of(media.get("videos"))],
        "quoted_tweet": _fx(quote, depth + 1) if quote and depth < tweets.DEPTH else None,
    }


def _vx(tweet: dict[str, Any]) -> dict[str, Any]:
    media = dicts_of(tweet.get("media_extended"))
    photos = [
        {"type": "photo", "media_url_https": one.get("url"), "ext_alt_text": one.get("altText")}
        for one in media
        if one.get("type") == "image"
    ]
    return {
        "id_str": id_of(tweet.get("tweetID")),
        "text": tweet.get("text"),
        "created_at": _moment(tweet.get("date_epoch")),
        "lang": tweet.get("lang"),
        "user": _user(None, tweet.get("user_name"), tweet.get("user_screen_name"), tweet.get("user_profile_image_url")),
        "in_reply_to_status_id_str": tweet.get("replyingToID"),
        "in_reply_to_screen_name": tweet.get("replyingTo"),
        "mediaDetails": photos + [_video(one, "thumbnail_url") for one in media if one.get("type") in ("video", "gif")],
    }


def _user(author_id: object, name: object, handle: object, picture: object) -> dict[str, Any]:
    return {"id_str": author_id, "name": name, "screen_name": handle, "profile_image_url_https": picture}


def _video(one: dict[str, Any], poster: str) -> dict[str, Any]:
    variants = [{"content_type": "video/mp4", "url": one.get("url")}]
    return {"type": "video", "media_url_https": one.get(poster), "video_info": {"variants": variants}}


def _moment(seconds: object) -> str | None:
    count = number_of(seconds)
    return datetime.fromtimestamp(count, UTC).isoformat() if count is not None and count < 1 << 35 else None
