"""A post as JSON of X gives it → `Post`.

One shape is read here: that of the API of version 1.1 (https://developer.x.com/en/docs/x-api/v1/data-dictionary/object-model/tweet),
which the syndication answer shares but for a few names. Other answers are brought into this shape first (`copies`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from archiver.model import Card, Link, Poll, Post, PostRef, Purpose, Wanted
from archiver.platforms.twitter import ids
from archiver.platforms.twitter import media as media_of
from archiver.platforms.twitter.addresses import NAME, canonical_url, permalink
from archiver.platforms.twitter.fields import (
    dict_of,
    dicts_of,
    expanded,
    id_of,
    iso_time,
    links_of,
    made,
    number_of,
    original_address,
    plain,
    text_of,
)

DEPTH = 3  # quoted within quoted within quoted
_LONGEST = 270  # of characters: shorter texts that end in an ellipsis were written so


def post(tweet: dict[str, Any], depth: int = 0) -> Post | None:
    """The post with those that it quotes, answers and passes on, three deep; None where it has no id."""
    post_id = id_of(tweet.get("id_str")) or id_of(tweet.get("id"))
    if post_id is None:
        return None
    tweet = {
        **tweet,
        **dict_of(tweet.get("extended_tweet")),
        "truncated": "extended_tweet" not in tweet and tweet.get("truncated"),
    }
    ref = PostRef(NAME, post_id)
    entities, media = dict_of(tweet.get("entities")), _media(tweet)
    links = links_of(dicts_of(entities.get("urls")))
    wanted, missing = media_of.wanted(media)
    card, poll, picture = _card(dict_of(tweet.get("card")), links)
    wanted += picture
    user = dict_of(tweet.get("user"))
    avatar = original_address(user.get("profile_image_url_https") or user.get("profile_image_url"))
    if avatar:
        wanted.append(Wanted(Purpose.AVATAR, avatar))
    if not user:
        missing.append("author: the answer does not name one")
    around = _around(tweet, depth)
    moment, precision = made(tweet.get("created_at"), tweet.get("timestamp_ms"))
    versions = _versions(tweet, post_id)
    raw = text_of(tweet.get("full_text") or tweet.get("text"))
    return Post(
        ref=ref,
        url=canonical_url(ref),
        made=ids.posted(ref),
        text=expanded(plain(raw), links, _media_links(media + dicts_of(entities.get("media")))),
        author=plain(user.get("name")) or None,
        handle=text_of(user.get("screen_name")) or None,
        author_id=id_of(user.get("id_str")) or id_of(user.get("id")),
        posted=moment,
        precision=precision,
        lang=text_of(tweet.get("lang")) or None,
        cut=_cut(tweet, raw, post_id, links),
        wanted=tuple(wanted),
        missing=tuple(missing),
        links=links,
        card=card,
        poll=poll,
        place=plain(dict_of(tweet.get("place")).get("full_name")) or None,
        sensitive=_flag(tweet.get("possibly_sensitive")),
        quotes=_quotes(tweet, around.quoted),
        quoted=around.quoted,
        replies_to=_replies_to(tweet),
        parent=around.parent,
        reposted=around.reposted,
        versions=versions,
        edited=_flag(tweet.get("isEdited")) if "isEdited" in tweet else (len(versions) > 1 if versions else None),
        superseded=_flag(tweet.get("isStaleEdit")) if "isStaleEdit" in tweet else _superseded(versions, post_id),
    )


@dataclass(frozen=True, slots=True)
class _Around:
    quoted: Post | None = field(default=None)
    parent: Post | None = field(default=None)
    reposted: Post | None = field(default=None)


def _around(tweet: dict[str, Any], depth: int) -> _Around:
    """The posts that stand within this one."""
    if depth >= DEPTH:
        return _Around()

    def read(*names: str) -> Post | None:
        inner = next((dict_of(tweet[name]) for name in names if tweet.get(name)), {})
        return post(inner, depth + 1) if "text" in inner or "full_text" in inner else None

    return _Around(
        quoted=read("quoted_tweet", "quoted_status"),
        parent=read("parent"),
        reposted=read("retweeted_status", "retweeted_tweet"),
    )


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _media(tweet: dict[str, Any]) -> list[dict[str, Any]]:
    """Every medium, of whichever list names most of them: older lists hold the first one only."""
    lists = [
        dicts_of(tweet.get("mediaDetails")),
        dicts_of(dict_of(tweet.get("extended_entities")).get("media")),
        dicts_of(dict_of(tweet.get("entities")).get("media")),
        _bare_media(tweet),
    ]
    # The entities of a syndication answer only say where the links of its media stand.
    return next(
        (found for found in lists if any(one.get("media_url_https") or one.get("media_url") for one in found)), lists[0]
    )


def _bare_media(tweet: dict[str, Any]) -> list[dict[str, Any]]:
    """`photos` and `video`, which say the same with fewer words."""
    found: list[dict[str, Any]] = [
        {"type": "photo", "media_url_https": one.get("url")} for one in dicts_of(tweet.get("photos"))
    ]
    video = dict_of(tweet.get("video"))
    if video:
        details = {"variants": video.get("variants")}
        found.append({"type": "video", "media_url_https": video.get("poster"), "video_info": details})
    return found


def _media_links(media: list[dict[str, Any]]) -> list[Link]:
    return [
        Link(original_address(one.get("url")), text_of(one.get("expanded_url")), text_of(one.get("display_url")))
        for one in media
        if text_of(one.get("url"))
    ]


def _cut(tweet: dict[str, Any], raw: str, post_id: str, links: tuple[Link, ...]) -> bool:
    """True where the platform says that the text goes on: in so many words, by a range beyond it, or by a link to itself."""
    if tweet.get("note_tweet") or tweet.get("truncated") is True:
        return True
    shown = tweet.get("display_text_range")
    if (
        isinstance(shown, list)
        and len(shown) == 2
        and isinstance(shown[1], int)
        and shown[1] > len(raw.encode("utf-16-le")) // 2
    ):
        return True
    words = re.sub(r"(?:\s{0,9}https://t\.co/\w{1,20}){1,20}\s{0,9}$", "", raw)
    if not words.endswith("…"):
        return False
    to_itself = any((ref := permalink(link.url)) is not None and ref.post_id == post_id for link in links)
    return to_itself or len(words) >= _LONGEST


def _quotes(tweet: dict[str, Any], quoted: Post | None) -> PostRef | None:
    if quoted is not None:
        return PostRef(NAME, quoted.ref.post_id, quoted.handle)
    named = id_of(tweet.get("quoted_status_id_str"))
    if named is None:
        link = dict_of(tweet.get("quoted_status_permalink"))
        return permalink(original_address(link.get("expanded")))
    return PostRef(NAME, named)


def _replies_to(tweet: dict[str, Any]) -> PostRef | None:
    above = id_of(tweet.get("in_reply_to_status_id_str")) or id_of(tweet.get("in_reply_to_status_id"))
    return PostRef(NAME, above, text_of(tweet.get("in_reply_to_screen_name")) or None) if above else None


def _versions(tweet: dict[str, Any], post_id: str) -> tuple[str, ...]:
    """The ids of all edits, oldest first; empty where the answer does not say."""
    control = dict_of(tweet.get("edit_control"))
    lists = (control, dict_of(control.get("edit_control_initial")), dict_of(tweet.get("edit_history")), tweet)
    names = ("edit_tweet_ids", "edit_history_tweet_ids")
    found: list[Any] = next((one[name] for one in lists for name in names if isinstance(one.get(name), list)), [])
    ids = {known for known in map(id_of, found) if known}
    return tuple(sorted(ids | {post_id}, key=int)) if ids else ()


def _superseded(versions: tuple[str, ...], post_id: str) -> bool | None:
    return versions[-1] != post_id if versions else None


# Cards ----------------------------------------------------------------------------------------------------------------


def _card(card: dict[str, Any], links: tuple[Link, ...]) -> tuple[Card | None, Poll | None, list[Wanted]]:
    """The preview below a post, or its poll, and the picture of either."""
    name = text_of(card.get("name")).rpartition(":")[2]
    if not name:
        return None, None, []
    given = _bindings(card.get("binding_values"))
    picture = _picture(given)
    wanted = [Wanted(Purpose.CARD, picture[0], picture[1])] if picture else []
    if re.match("poll[0-9]choice", name):
        return None, _poll(given), wanted
    url = original_address(_string(given, "card_url")) or original_address(card.get("url"))
    url = next((link.url for link in links if link.short == url), url)
    title, description = plain(_string(given, "title")), plain(_string(given, "description"))
    return Card(name, url or None, title or None, description or None), None, wanted


def _bindings(values: object) -> dict[str, dict[str, Any]]:
    """What a card is made of, by name: an object in some answers, a list of keys and values in others."""
    if isinstance(values, dict):
        return {name: dict_of(value) for name, value in values.items()}
    return {text_of(entry.get("key")): dict_of(entry.get("value")) for entry in dicts_of(values)}


def _string(given: dict[str, dict[str, Any]], name: str) -> str:
    return text_of(given.get(name, {}).get("string_value"))


def _picture(given: dict[str, dict[str, Any]]) -> tuple[str, str | None] | None:
    """The largest picture of a card, and its alternative text."""
    best: tuple[int, str, str | None] | None = None
    for value in given.values():
        image = dict_of(value.get("image_value"))
        url = original_address(image.get("url"))
        area = (number_of(image.get("width")) or 0) * (number_of(image.get("height")) or 0)
        if url and (best is None or area > best[0]):
            best = (area, url, plain(image.get("alt")) or None)
    return (best[1], best[2]) if best else None


def _poll(given: dict[str, dict[str, Any]]) -> Poll:
    choices = []
    for number in range(1, 5):
        label = plain(_string(given, f"choice{number}_label"))
        if label:
            choices.append((label, number_of(_string(given, f"choice{number}_count"))))
    ended = given.get("counts_are_final", {}).get("boolean_value")
    return Poll(tuple(choices), iso_time(_string(given, "end_datetime_utc")), _flag(ended))
