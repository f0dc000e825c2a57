"""Posts in the HTML that twitter.com, its mobile site and its widgets served from 2006 to 2020.

Everything starts from an element that holds a post's words; its id stands on an element around it, or in a link beside it.
So one reader serves the classic page and the posts quoted in it, embedded posts and timelines, the mobile page, and the first
pages (hAtom). Classes differ by year; each list below has them all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from itertools import islice

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archiver import dates
from archiver.model import Card, Link, Post, PostRef, Precision, Purpose, Wanted
from archiver.platforms.twitter import ids
from archiver.platforms.twitter.addresses import NAME, canonical_url, permalink
from archiver.platforms.twitter.fields import id_of, iso_time, long_time, original_address, unix_time
from archiver.platforms.twitter.markup import SITE, Stop, attribute, classes, first, inside, lacking, media_in, words

_TEXTS = (
    "js-tweet-text", "tweet-text", "QuoteTweet-text", "timeline-Tweet-text", "Tweet-text", "e-entry-content", "entry-content",
    "entry-title",
)  # fmt: skip
_NAMES = ("QuoteTweet-fullname", "fullname", "TweetAuthor-name", "p-name", "full-name")
_HANDLES = ("username", "TweetAuthor-screenName", "p-nickname", "screen-name")
_TIMES = ("_timestamp", "tweet-timestamp", "dt-updated", "published", "timestamp", "metadata")
_ID_ATTRIBUTES = ("data-tweet-id", "data-rendered-tweet-id", "data-item-id", "data-status-id")
_BOOKMARKS = frozenset({"entry-date", "u-url", "permalink", "tweet-timestamp", "js-permalink", "timeline-Tweet-timestamp"})
_MOBILE_BOXES = frozenset({"main-tweet-container", "tweet"})
_MOST = 500  # posts of one page
_HIGHEST = 8  # elements above the words in which their id may stand


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one post stands in a page."""

    post_id: str
    box: LexborNode
    text: LexborNode


def posts(page: LexborHTMLParser) -> list[Post]:
    """The posts of a page in its order; one that stands there twice is given once."""
    found: dict[str, Post] = {}
    above: str | None = None
    apart = _apart(page)
    for place in islice(_places(page), _MOST):
        post = _post(place, apart, above)
        found.setdefault(post.ref.post_id, post)
        marks = classes(place.box)
        if not marks & {"QuoteTweet-innerContainer", "QuoteTweet"}:
            above = post.ref.post_id if any("ancestor" in mark for mark in marks) else None
    return [_with_quoted(post, found) for post in found.values()]


def _with_quoted(post: Post, found: dict[str, Post]) -> Post:
    quoted = found.get(post.quotes.post_id) if post.quotes else None
    return replace(post, quoted=quoted) if quoted else post


def _places(page: LexborHTMLParser) -> Iterator[_Place]:
    seen: set[int] = set()
    for text in page.css(", ".join(f".{name}" for name in _TEXTS)):
        place = _place(text)
        if place is not None and place.box.mem_id not in seen:
            seen.add(place.box.mem_id)
            yield place


def _place(text: LexborNode) -> _Place | None:
    own = id_of(attribute(text, "data-id"))
    if own is not None:  # the mobile page: the id is on the words themselves
        box = next((one for one in _above(text) if one.tag == "table" or classes(one) & _MOBILE_BOXES), text)
        return _Place(own, box, text)
    for find in (_id_on, _bookmarked):
        for box in _above(text):
            post_id = find(box)
            if post_id is not None:
                return _Place(post_id, box, text)
    return None


def _above(node: LexborNode) -> Iterator[LexborNode]:
    """The elements around one, from the inmost out."""
    box = node.parent
    for _ in range(_HIGHEST):
        if box is None or box.tag in {"body", "html"}:
            return
        yield box
        box = box.parent


def _id_on(node: LexborNode) -> str | None:
    for name in _ID_ATTRIBUTES:
        found = id_of(attribute(node, name))
        if found:
            return found
    status = re.fullmatch("status_([0-9]{1,20})", attribute(node, "id"))
    return status[1] if status else None


def _bookmarked(node: LexborNode) -> str | None:
    """The id in the link that a post's time carries."""
    for link in node.css("a[href]"):
        if classes(link) & _BOOKMARKS or attribute(link, "rel") == "bookmark":
            ref = _permalink(link)
            if ref is not None:
                return ref.post_id
    return None


def _permalink(link: LexborNode) -> PostRef | None:
    href = original_address(attribute(link, "href"))
    return permalink(SITE.rstrip("/") + href if href.startswith("/") else href)


def _apart(page: LexborHTMLParser) -> tuple[str, str]:
    """The author's name and handle where they stand apart from the words, as on the first pages: there is only one of each."""
    found = [page.css(f".{marks[-1]}") for marks in (_NAMES, _HANDLES)]
    name, handle = (" ".join(words(nodes[0]).text.split()) if len(nodes) == 1 else "" for nodes in found)
    return name, handle


def _post(place: _Place, apart: tuple[str, str], above: str | None) -> Post:
    box, ref = place.box, PostRef(NAME, place.post_id)

    def elsewhere(node: LexborNode) -> bool:
        marks = classes(node)
        return "QuoteTweet" in marks or "QuoteTweet-innerContainer" in marks or (_id_on(node) not in (None, place.post_id))

    wanted = (*media_in(box, elsewhere), *_avatar(box, elsewhere))
    read = words(place.text, as_lines="data-id" not in place.text.attributes)
    moment, precision = _posted(box, elsewhere)
    handle = _handle(box, elsewhere) or _plain_handle(apart[1])
    return Post(
        ref=ref,
        url=canonical_url(ref),
        made=ids.posted(ref),
        text=read.text,
        author=attribute(box, "data-name") or _named(box, elsewhere, _NAMES) or apart[0] or None,
        handle=handle,
        author_id=id_of(attribute(box, "data-user-id")) or _author_id(box, elsewhere),
        posted=moment,
        precision=precision,
        lang=_lang(place.text),
        wanted=wanted,
        missing=lacking(wanted),
        card=_card(box, elsewhere, read.links),
        links=tuple(dict.fromkeys(read.links)),
        quotes=_quotes(box),
        replies_to=PostRef(NAME, above) if above and attribute(box, "data-has-parent-tweet") == "true" else _replies_to(box),
        place=_geo(box, elsewhere),
    )


def _lang(text: LexborNode) -> str | None:
    lang = attribute(text, "lang") or attribute(text, "data-lang")
    return lang if lang and lang != "und" else None


def _handle(box: LexborNode, elsewhere: Stop) -> str | None:
    return _plain_handle(attribute(box, "data-screen-name") or _named(box, elsewhere, _HANDLES))


def _plain_handle(given: str) -> str | None:
    found = re.search(r"@?([A-Za-z0-9_]{1,20})\s*$", given.strip())
    return found[1] if found else None


def _named(box: LexborNode, elsewhere: Stop, marks: tuple[str, ...]) -> str:
    node = first(box, elsewhere, *marks)
    return " ".join(words(node).text.split()) if node is not None else ""


def _author_id(box: LexborNode, elsewhere: Stop) -> str | None:
    link = first(box, elsewhere, "js-user-profile-link", "account-group")
    return id_of(attribute(link, "data-user-id")) if link is not None else None


def _posted(box: LexborNode, elsewhere: Stop) -> tuple[datetime | None, Precision | None]:
    """When it was posted, from the most exact of what the page says."""
    marked = [
        one for one in inside(box, elsewhere) if classes(one) & set(_TIMES) or one.tag == "time" or attribute(one, "data-time")
    ]
    for one in marked:
        exact = unix_time(attribute(one, "data-time-ms")) or unix_time(_seconds(attribute(one, "data-time")))
        timed = re.search(r"time:'([^']{20,40})'", attribute(one, "data"))
        exact = exact or iso_time(attribute(one, "datetime")) or (long_time(timed[1]) if timed else None)
        if exact is None and "T" in attribute(one, "title"):
            exact = iso_time(attribute(one, "title"))
        if exact is not None:
            return exact, Precision.MILLISECOND if exact.microsecond else Precision.SECOND
    for one in marked:
        day = dates.day(attribute(one, "title") or one.text(strip=True))
        if day is not None:
            return datetime.combine(day, time(), UTC), Precision.DAY
    return None, None


def _seconds(text: str) -> str:
    return f"{text}000" if text else ""


def _avatar(box: LexborNode, elsewhere: Stop) -> tuple[Wanted, ...]:
    for one in inside(box, elsewhere):
        source = original_address(attribute(one, "src") or attribute(one, "data-src-1x"))
        if one.tag == "img" and "/profile_images/" in source:
            return (Wanted(Purpose.AVATAR, source),)
    return ()


def _quotes(box: LexborNode) -> PostRef | None:
    """The post that this one quotes, which stands in a box of its own within it."""
    if classes(box) & {"QuoteTweet-innerContainer", "QuoteTweet"}:
        return None
    for one in box.css(".QuoteTweet-innerContainer, .QuoteTweet-link, .QuoteTweet"):
        post_id = _id_on(one)
        ref = PostRef(NAME, post_id, attribute(one, "data-screen-name") or None) if post_id else _permalink(one)
        if ref is not None:
            return ref
    return None


def _replies_to(box: LexborNode) -> PostRef | None:
    """The post above, where a link names it: widgets and the first pages say “in reply to”."""
    for link in box.css("a.in-reply-to, a.js-inReplyTo, .entry-meta a[href*='/status/']:not(.entry-date)"):
        ref = _permalink(link)
        if ref is not None:
            return ref
    return None


def _card(box: LexborNode, elsewhere: Stop, links: list[Link]) -> Card | None:
    """The preview below a post: a frame, of which the page has the kind and the address."""
    for one in inside(box, elsewhere):
        name = attribute(one, "data-card2-name") or attribute(one, "data-card-name")
        if name:
            url = original_address(attribute(one, "data-card-url"))
            return Card(name, next((link.url for link in links if link.short == url), url) or None)
    return None


def _geo(box: LexborNode, elsewhere: Stop) -> str | None:
    node = first(box, elsewhere, "permalink-tweet-geo-text", "Tweet-geo", "geo-text")
    link = node.css_first("a") if node is not None else None
    return (link.text(strip=True) or None) if link is not None else None
