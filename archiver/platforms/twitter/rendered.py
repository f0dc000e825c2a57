"""Posts in the pages that x.com draws with scripts, since 2020, where a copy holds what was drawn; and in schema.org's terms.

A page that was drawn has an `article` for each post. Copies made for search engines, from 2022 on, say the same once more as
microdata (https://schema.org/SocialMediaPosting), or say nothing else; some have it as JSON-LD.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archiver import dates
from archiver.model import Post, PostRef, Precision, Purpose, Wanted
from archiver.platforms.twitter import ids, media
from archiver.platforms.twitter.addresses import NAME, canonical_url, permalink
from archiver.platforms.twitter.fields import dict_of, id_of, iso_time, json_value, made, original_address, plain, text_of
from archiver.platforms.twitter.markup import SITE, Words, attribute, inside, lacking, media_in, words

_MOST = 500  # posts of one page
Item = dict[str, list[Any]]
_POSTING = re.compile(r"schema\.org/(?:SocialMediaPosting|DiscussionForumPosting)/?$")
_VALUES = {"meta": "content", "a": "href", "link": "href", "img": "src", "video": "src", "source": "src", "time": "datetime"}


def posts(page: LexborHTMLParser) -> list[Post]:
    """The posts of a page in its order: what is drawn, completed by what stands beside it for machines."""
    found: dict[str, Post] = {}
    for post in (*_articles(page), *_microdata(page), *_json_ld(page)):
        known = found.get(post.ref.post_id)
        found[post.ref.post_id] = completed(known, post) if known else post
    return list(found.values())


def completed(post: Post, other: Post) -> Post:
    """The post with what only the other reading of it says."""
    lacking: dict[str, Any] = {}
    for name in (
        "author",
        "handle",
        "author_id",
        "lang",
        "quotes",
        "quoted",
        "replies_to",
        "place",
        "card",
        "poll",
        "sensitive",
    ):
        if getattr(post, name) is None and getattr(other, name) is not None:
            lacking[name] = getattr(other, name)
    if other.posted and (post.posted is None or (post.precision is Precision.DAY and other.precision is not Precision.DAY)):
        lacking |= {"posted": other.posted, "precision": other.precision}
    for name in ("text", "wanted", "links", "versions"):
        if not getattr(post, name) and getattr(other, name):
            lacking[name] = getattr(other, name)
    return replace(post, **lacking)


# What is drawn --------------------------------------------------------------------------------------------------------


def _articles(page: LexborHTMLParser) -> Iterator[Post]:
    for box in page.css("article, [data-testid='tweet']")[:_MOST]:
        if box.tag != "article" and any(one.tag == "article" for one in _around(box)):
            continue
        post = _article(box)
        if post is not None:
            yield post


def _around(node: LexborNode) -> Iterator[LexborNode]:
    while node.parent is not None:
        node = node.parent
        yield node


def _elsewhere(node: LexborNode) -> bool:
    """A quoted post is a box that can be pressed; it has no link of its own. A post within a post is another one."""
    return node.tag == "article" or (attribute(node, "role") == "link" and node.tag != "a")


def _article(box: LexborNode) -> Post | None:
    parts = list(inside(box, _elsewhere))
    handle = next(
        (found[1] for one in parts if one.tag == "span" and (found := re.fullmatch(r"@(\w{1,20})", _line(one)))), None
    )
    ref = _ref(parts, handle)
    if ref is None:
        return None
    text = next((one for one in parts if attribute(one, "data-testid") == "tweetText"), None)
    text = text or next((one for one in parts if one.tag == "div" and attribute(one, "lang")), None)
    read = words(text) if text is not None else Words()
    moment, precision = _posted(parts)
    wanted = (*media_in(box, _elsewhere), *_avatar(parts))
    return Post(
        ref=PostRef(NAME, ref.post_id),
        url=canonical_url(ref),
        made=ids.posted(ref),
        text=read.text,
        author=_author(parts, handle),
        handle=handle or ref.handle,
        posted=moment,
        precision=precision,
        lang=(attribute(text, "lang") or None) if text is not None else None,
        wanted=wanted,
        missing=lacking(wanted),
        links=tuple(dict.fromkeys(read.links)),
    )


def _line(node: LexborNode) -> str:
    return " ".join(words(node).text.split())


def _ref(parts: list[LexborNode], handle: str | None) -> PostRef | None:
    """Which post an article is: the one that its time links to, else the one that most links of its author name."""
    named: list[PostRef] = []
    for link in parts:
        ref = permalink(_address(link)) if link.tag == "a" else None
        if ref is None:
            continue
        if link.css_first("time") is not None:
            return ref
        named.append(ref)
    own = [ref for ref in named if handle and (ref.handle or "").lower() == handle.lower()] or named
    return Counter(own).most_common(1)[0][0] if own else None


def _address(link: LexborNode) -> str:
    href = original_address(attribute(link, "href"))
    return SITE.rstrip("/") + href if href.startswith("/") else href


def _author(parts: list[LexborNode], handle: str | None) -> str | None:
    """The first words that link to the author and are not the handle."""
    for link in parts:
        if link.tag == "a" and _address(link).partition("?")[0].rpartition("/")[2].lower() == (handle or "").lower():
            name = _line(link)
            if name and not name.startswith("@"):
                return name.partition(f"@{handle}")[0].rstrip() or None
    return None


def _posted(parts: list[LexborNode]) -> tuple[datetime | None, Precision | None]:
    for one in parts:
        if one.tag == "time":
            moment = iso_time(attribute(one, "datetime"))
            if moment is not None:
                return moment, Precision.MILLISECOND if moment.microsecond else Precision.SECOND
    for one in parts:
        day = dates.day(_line(one)) if one.tag == "a" and permalink(_address(one)) else None
        if day is not None:
            return datetime.combine(day, time(), UTC), Precision.DAY
    return None, None


def _avatar(parts: list[LexborNode]) -> tuple[Wanted, ...]:
    for one in parts:
        source = original_address(attribute(one, "src"))
        if one.tag == "img" and "/profile_images/" in source:
            return (Wanted(Purpose.AVATAR, source),)
    return ()


# What is said for machines --------------------------------------------------------------------------------------------


def _microdata(page: LexborHTMLParser) -> Iterator[Post]:
    for node in page.css("[itemscope][itemtype*='Posting']")[:_MOST]:
        if _POSTING.search(attribute(node, "itemtype")):
            post = _posting(_item(node))
            if post is not None:
                yield post


def _item(node: LexborNode) -> Item:
    """The properties of a microdata item (https://html.spec.whatwg.org/multipage/microdata.html), nested items as items."""
    found: Item = {}

    def nested(one: LexborNode) -> bool:
        if "itemprop" in one.attributes and "itemscope" in one.attributes:
            for name in attribute(one, "itemprop").split():
                found.setdefault(name, []).append(_item(one))
        return "itemscope" in one.attributes

    for one in inside(node, nested):
        for name in attribute(one, "itemprop").split():
            value = attribute(one, _VALUES[one.tag]) if one.tag in _VALUES else ""
            found.setdefault(name, []).append(value or (_written(one) if one.tag != "meta" else ""))
    return found


def _written(node: LexborNode) -> Words:
    """The words in an element. Where it holds more of what is drawn, such as pictures and previews, only the post's own."""
    own = node.css_first("[data-testid='tweetText'], div[lang]")
    if own is None and node.css_first("[data-testid]") is not None:
        return Words()
    return words(own if own is not None else node)


def _json_ld(page: LexborHTMLParser) -> Iterator[Post]:
    for script in page.css("script[type='application/ld+json']"):
        for thing in _things(json_value(script.text())):
            if _POSTING.search(f"schema.org/{thing.get('@type')}"):
                post = _posting({name: value if isinstance(value, list) else [value] for name, value in thing.items()})
                if post is not None:
                    yield post


def _things(value: object, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > 6:
        return
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _things(one, depth + 1)


def _posting(item: Item) -> Post | None:
    """A post in schema.org's terms, whichever way they were written."""
    named = permalink(original_address(_word(item, "url", "mainEntityOfPage", "@id")))
    post_id = id_of(_word(item, "identifier")) or (named.post_id if named else None)
    if post_id is None:
        return None
    author = _inner(item, "author", "creator")
    handle = _word(author, "additionalName", "alternateName").lstrip("@") or (named.handle if named else None) or ""
    body = next((value for name in ("articleBody", "text", "headline") for value in item.get(name, ()) if value), "")
    read = body if isinstance(body, Words) else Words([plain(body)])
    moment, precision = made(_word(item, "dateCreated", "datePublished"))
    above = permalink(original_address(_word(item, "isPartOf")))
    quoted = _posting(_inner(item, "sharedContent", "citation"))
    ref = PostRef(NAME, post_id)
    return Post(
        ref=ref,
        url=canonical_url(ref),
        made=ids.posted(ref),
        text=read.text,
        author=plain(_word(author, "givenName", "name")) or None,
        handle=handle or None,
        author_id=id_of(_word(author, "identifier")),
        posted=moment,
        precision=precision,
        lang=_word(item, "inLanguage") or None,
        wanted=tuple(_pictures(item, author)),
        links=tuple(dict.fromkeys(read.links)),
        quotes=PostRef(NAME, quoted.ref.post_id, quoted.handle) if quoted else None,
        quoted=quoted,
        replies_to=above if above and above.post_id != post_id else None,
    )


def _word(item: Item, *names: str) -> str:
    """The first text among some properties; a thing stands for its address or name."""
    for name in names:
        for value in item.get(name, ()):
            if isinstance(value, dict):
                value = next(
                    (
                        text_of(one)
                        for key in ("contentUrl", "url", "@id", "value", "name")
                        for one in _listed(value.get(key))
                        if one
                    ),
                    "",
                )
            text = value.text if isinstance(value, Words) else text_of(value)
            if text.strip():
                return text.strip()
    return ""


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _inner(item: Item, *names: str) -> Item:
    inner = next((dict_of(value) for name in names for value in item.get(name, ()) if isinstance(value, dict)), {})
    return {name: _listed(value) for name, value in inner.items()}


def _pictures(item: Item, author: Item) -> Iterator[Wanted]:
    for name in ("image", "associatedMedia", "thumbnailUrl", "video", "sharedContent"):
        for value in item.get(name, ()):
            thing: Item = {key: _listed(inner) for key, inner in value.items()} if isinstance(value, dict) else {"url": [value]}
            alt = plain(_word(thing, "caption", "description", "name")) or None
            url = original_address(_word(thing, "contentUrl", "url"))
            if "pbs.twimg.com/media/" in url:
                yield from media.photo(url, alt)
            elif "video.twimg.com/" in url:
                yield Wanted(Purpose.PLAYLIST if ".m3u8" in url else Purpose.VIDEO, url, alt)
            thumbnail = original_address(_word(thing, "thumbnailUrl"))
            if "_video_thumb/" in thumbnail:
                yield Wanted(Purpose.POSTER, thumbnail, alt)
    portrait = original_address(_word(author, "image"))
    if "/profile_images/" in portrait:
        yield Wanted(Purpose.AVATAR, portrait)
