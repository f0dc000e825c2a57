"""Posts in JSON that web archives hold of X, each kind brought into the one shape that `tweets` reads.

- API version 1.1 and its streams: a post as it is, or a list of them;
- API version 2 (https://docs.x.com/x-api/fundamentals/data-dictionary): `data`, and what it refers to in `includes`;
- GraphQL, as the page asks for it: `rest_id` with `legacy`, at any depth;
- the page's earlier answers, and the state within the page: `tweets` and `users` by id;
- the syndication answer;
- the search of 2008 to 2012, which names an author in `from_user`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archiver.model import Post
from archiver.platforms.twitter import tweets
from archiver.platforms.twitter.fields import dict_of, dicts_of, id_of, text_of

_DEPTH = 40
_MOST = 500  # posts of one answer


def posts(answer: object) -> list[Post]:
    """The posts of some JSON in its order, each once, with those that stand within them behind."""
    shaped = _version_2(answer) or _by_id(answer) or list(_within(answer))
    found: dict[str, Post] = {}
    for tweet in shaped[:_MOST]:
        post = tweets.post(tweet)
        if post is not None:
            found.setdefault(post.ref.post_id, post)
    return list(found.values())


def _within(value: object, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Every post at any depth that stands in no other post."""
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        for one in value:
            yield from _within(one, depth + 1)
    elif isinstance(value, dict):
        tweet = _graphql(value) or _plain(value)
        if tweet is not None:
            yield tweet
            return
        for one in value.values():
            yield from _within(one, depth + 1)


def _plain(value: dict[str, Any]) -> dict[str, Any] | None:
    """A post of version 1.1, or of the syndication answer."""
    whole = "text" in value or "full_text" in value
    named = id_of(value.get("id_str")) or ("created_at" in value and id_of(value.get("id")))
    if not whole or not named or not ("user" in value or "__typename" in value or "created_at" in value):
        return None
    if "user" not in value and text_of(value.get("from_user")):
        return value | {"user": _user_of_search(value)}
    return value


def _user_of_search(value: dict[str, Any]) -> dict[str, Any]:
    return {
        "screen_name": value["from_user"],
        "name": value.get("from_user_name"),
        "id_str": value.get("from_user_id_str") or value.get("from_user_id"),
        "profile_image_url_https": value.get("profile_image_url_https") or value.get("profile_image_url"),
    }


# GraphQL --------------------------------------------------------------------------------------------------------------


def _graphql(value: object, depth: int = 0) -> dict[str, Any] | None:
    """A post as the page's GraphQL answers have it; None for whatever is none."""
    tweet = dict_of(value)
    tweet = dict_of(tweet.get("tweet")) if tweet.get("__typename") == "TweetWithVisibilityResults" else tweet
    legacy, post_id = dict_of(tweet.get("legacy")), id_of(tweet.get("rest_id"))
    if post_id is None or "full_text" not in legacy or depth > tweets.DEPTH:
        return None
    quoted = _graphql(dict_of(tweet.get("quoted_status_result")).get("result"), depth + 1)
    reposted = _graphql(dict_of(legacy.get("retweeted_status_result")).get("result"), depth + 1)
    shaped = {**legacy, "id_str": post_id, "user": _user(tweet), "quoted_status": quoted, "retweeted_status": reposted}
    if tweet.get("edit_control"):
        shaped["edit_control"] = tweet["edit_control"]
    card = dict_of(tweet.get("card"))
    if card:
        shaped["card"] = dict_of(card.get("legacy")) or card
    return _with_note(shaped, dict_of(dict_of(dict_of(tweet.get("note_tweet")).get("note_tweet_results")).get("result")))


def _with_note(shaped: dict[str, Any], note: dict[str, Any]) -> dict[str, Any]:
    """The whole of a long post, where the answer has it: then nothing is cut."""
    if not text_of(note.get("text")):
        return shaped
    entities = {**dict_of(shaped.get("entities")), **dict_of(note.get("entity_set"))}
    entities.setdefault("media", dict_of(shaped.get("entities")).get("media"))
    shaped.pop("display_text_range", None)
    return shaped | {"full_text": note["text"], "entities": entities, "truncated": False, "note_tweet": None}


def _user(tweet: dict[str, Any]) -> dict[str, Any]:
    results = dict_of(dict_of(tweet.get("core")).get("user_results") or dict_of(tweet.get("core")).get("user_result"))
    user = dict_of(results.get("result"))
    legacy, core = dict_of(user.get("legacy")), dict_of(user.get("core"))  # names moved into `core` in 2025
    picture = dict_of(user.get("avatar")).get("image_url") or legacy.get("profile_image_url_https")
    if not user:
        return {}
    return {**legacy, **core, "id_str": user.get("rest_id") or legacy.get("id_str"), "profile_image_url_https": picture}


# By id ----------------------------------------------------------------------------------------------------------------


def _by_id(answer: object) -> list[dict[str, Any]]:
    """`globalObjects` of the page's answers before GraphQL, or the `entities` of the state that stands in the page."""
    whole = dict_of(answer)
    objects = dict_of(whole.get("globalObjects"))
    posts, users = dict_of(objects.get("tweets")), dict_of(objects.get("users"))
    if not posts:
        entities = dict_of(whole.get("entities"))
        posts = dict_of(dict_of(entities.get("tweets")).get("entities"))
        users = dict_of(dict_of(entities.get("users")).get("entities"))

    def shaped(post_id: object, depth: int = 0) -> dict[str, Any] | None:
        tweet = dict_of(posts.get(text_of(post_id)))
        if not tweet or depth > tweets.DEPTH:
            return None
        user = tweet.get("user")
        return tweet | {
            "id_str": id_of(tweet.get("id_str")) or text_of(post_id),
            "user": user if isinstance(user, dict) else dict_of(users.get(text_of(tweet.get("user_id_str") or user))),
            "quoted_status": shaped(tweet.get("quoted_status_id_str") or tweet.get("quoted_status"), depth + 1),
            "retweeted_status": shaped(tweet.get("retweeted_status_id_str") or tweet.get("retweeted_status"), depth + 1),
        }

    return [one for one in map(shaped, posts) if one]


# Version 2 ------------------------------------------------------------------------------------------------------------


def _version_2(answer: object) -> list[dict[str, Any]]:
    """The posts of `data`, then those of `includes.tweets`; empty where this is not an answer of version 2."""
    whole = dict_of(answer)
    given = whole.get("data")
    data = [given] if isinstance(given, dict) else dicts_of(given)
    data = [one for one in data if id_of(one.get("id")) and isinstance(one.get("text"), str)]
    if not data:
        return []
    includes = dict_of(whole.get("includes"))
    known = {text_of(one.get("id")): one for one in (*dicts_of(includes.get("tweets")), *data)}
    users = {text_of(one.get("id")): one for one in dicts_of(includes.get("users"))}
    media = {text_of(one.get("media_key")): one for one in dicts_of(includes.get("media"))}
    places = {text_of(one.get("id")): one for one in dicts_of(includes.get("places"))}
    polls = {text_of(one.get("id")): one for one in dicts_of(includes.get("polls"))}
    every = (known, users, media, places, polls)
    order = dict.fromkeys([text_of(one["id"]) for one in data] + list(known))
    return [_of_version_2(known[post_id], *every) for post_id in order]


_Things = Mapping[str, dict[str, Any]]


def _of_version_2(
    one: dict[str, Any], known: _Things, users: _Things, media: _Things, places: _Things, polls: _Things, depth: int = 0
) -> dict[str, Any]:
    entities, attached = dict_of(one.get("entities")), dict_of(one.get("attachments"))
    note = dict_of(one.get("note_tweet"))
    urls = dicts_of(dict_of(note.get("entities")).get("urls")) + dicts_of(entities.get("urls"))
    to = {text_of(ref.get("type")): text_of(ref.get("id")) for ref in dicts_of(one.get("referenced_tweets"))}

    def inner(kind: str) -> dict[str, Any] | None:
        tweet = known.get(to.get(kind, ""))
        return _of_version_2(tweet, known, users, media, places, polls, depth + 1) if tweet and depth < tweets.DEPTH else None

    return {
        "id_str": one.get("id"),
        "full_text": note.get("text") or one.get("text"),
        "created_at": one.get("created_at"),
        "lang": one.get("lang"),
        "user": _user_of_version_2(users.get(text_of(one.get("author_id"))), one.get("author_id")),
        "entities": {"urls": [url for url in urls if not _is_media(url)], "media": _media_links(urls)},
        "extended_entities": {"media": [_medium(media[key]) for key in attached.get("media_keys") or () if key in media]},
        "possibly_sensitive": one.get("possibly_sensitive"),
        "place": places.get(text_of(dict_of(one.get("geo")).get("place_id"))),
        "edit_history": {"edit_tweet_ids": one.get("edit_history_tweet_ids")},
        "in_reply_to_status_id_str": to.get("replied_to"),
        "in_reply_to_screen_name": dict_of(users.get(text_of(one.get("in_reply_to_user_id")))).get("username"),
        "quoted_status_id_str": to.get("quoted"),
        "quoted_status": inner("quoted"),
        "retweeted_status": inner("retweeted"),
        "card": _poll_card(next((polls[key] for key in attached.get("poll_ids") or () if key in polls), None)),
    }


def _user_of_version_2(user: dict[str, Any] | None, author_id: object) -> dict[str, Any]:
    user = user or {}
    given = {
        "screen_name": user.get("username"),
        "name": user.get("name"),
        "profile_image_url_https": user.get("profile_image_url"),
    }
    return {"id_str": author_id} | given if id_of(author_id) else {}


def _media_links(urls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"url": url.get("url"), "display_url": url.get("display_url")} for url in urls if _is_media(url)]


def _is_media(url: dict[str, Any]) -> bool:
    """True for the link that stands for the post's own media; the first answers of version 2 name no key."""
    return bool(url.get("media_key")) or text_of(url.get("display_url")).startswith(("pic.twitter.com/", "pic.x.com/"))


def _medium(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": one.get("type"),
        "media_url_https": one.get("url") or one.get("preview_image_url"),
        "ext_alt_text": one.get("alt_text"),
        "video_info": {"variants": one.get("variants")},
    }


def _poll_card(poll: dict[str, Any] | None) -> dict[str, Any] | None:
    """A poll as the card that it is in the other answers."""
    if poll is None:
        return None
    given: dict[str, Any] = {}
    for number, option in enumerate(dicts_of(poll.get("options")), 1):
        given[f"choice{number}_label"] = {"string_value": option.get("label")}
        given[f"choice{number}_count"] = {"string_value": str(option.get("votes", ""))}
    given["end_datetime_utc"] = {"string_value": poll.get("end_datetime")}
    given["counts_are_final"] = {"boolean_value": poll.get("voting_status") == "closed"}
    return {"name": "poll4choice_text_only", "binding_values": given}
