"""A web archive's copy of a page or an answer of X → the posts that it shows, whichever generation it is of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from archiver.model import Exchange, Post
from archiver.platforms.twitter import copies, oembed
from archiver.platforms.twitter.addresses import permalink
from archiver.platforms.twitter.fields import json_value, original_address
from archiver.surrogates import Decoder

if TYPE_CHECKING:  # JSON is read without it
    from selectolax.lexbor import LexborHTMLParser

_STATE = re.compile(r"window\.__INITIAL_STATE__\s*=\s*(\{)")
# The call that a script's answer is wrapped in, as `callback=` asked for it.
_CALL = re.compile(rb"(?:/\*\*/)?\s*(?:typeof [\w.$]{1,100} === 'function' && )?[\w.$]{1,100}\(\s*(?=[{\[])")
_MOST_WITHIN = 50


def posts(exchange: Exchange) -> tuple[Post, ...]:
    """Every post of the copy, each once, the page's own first where it shows that; and none where it shows none."""
    answer = _json(exchange)
    found, said = _html(exchange) if answer is None else (_of_json(answer), None)
    ids = {post.ref.post_id for post in found}
    own = next((post_id for post_id in (_addressed(exchange), said) if post_id in ids), None)
    return _each_once(sorted(found, key=lambda post: post.ref.post_id != own) if own else found)


def _json(exchange: Exchange) -> object:
    """The JSON that the copy is; None where it is none. Types are not to be trusted: archives hold JSON as text and as HTML."""
    body = exchange.body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if (call := _CALL.match(body)) is not None:
        body = body[call.end() :].rstrip(b"; \t\r\n").removesuffix(b")")
    return json_value(body) if body[:1] in (b"{", b"[") else None


def _of_json(answer: object) -> list[Post]:
    return oembed.posts(answer) or copies.posts(answer) or _of_pages(answer)


def _of_pages(answer: object) -> list[Post]:
    """The posts of the HTML that some answers of the widgets hold: `body`, or a piece by the id of each post."""
    pieces = list(answer.values())[:_MOST_WITHIN] if isinstance(answer, dict) else []
    return [
        post for one in pieces if isinstance(one, str) and "<" in one for post in _page(one)[0] or oembed.posts({"html": one})
    ]


def _html(exchange: Exchange) -> tuple[list[Post], str | None]:
    """The posts of a page, and the id of the one that it says it is about."""
    return _page(exchange.body)


def _page(source: bytes | str) -> tuple[list[Post], str | None]:
    from selectolax.lexbor import LexborHTMLParser

    from archiver.platforms.twitter import classic, rendered
    from archiver.platforms.twitter.markup import attribute

    page = LexborHTMLParser(source)
    heads = page.css("link[rel=canonical], meta[property='og:url']")
    addresses = (original_address(attribute(one, "href") or attribute(one, "content")) for one in heads)
    own = next((ref.post_id for ref in map(permalink, addresses) if ref), None)
    found = classic.posts(page) or rendered.posts(page) or _state(page.html or "") or _printed(page)
    return found, own


def _printed(page: LexborHTMLParser) -> list[Post]:
    """The posts of JSON that an archive or a browser printed into a page, or that the page was made with."""
    places = page.css("pre, script[type='application/json']")[:_MOST_WITHIN]
    return [
        post for answer in (json_value(one.text()) for one in places) for post in oembed.posts(answer) or copies.posts(answer)
    ]


def _state(source: str) -> list[Post]:
    """What the page was told to draw, where it was not drawn."""
    start = _STATE.search(source)
    if start is None:
        return []
    try:
        state, _ = Decoder().raw_decode(source, start.start(1))
    except (ValueError, RecursionError):
        return []
    return copies.posts(state)


def _addressed(exchange: Exchange) -> str | None:
    """The id of the post that the copy's address names."""
    address = original_address(exchange.url)
    named = permalink(address) or permalink(parse_qs(urlsplit(address).query).get("url", [""])[0])
    return named.post_id if named else None


def _each_once(found: list[Post]) -> tuple[Post, ...]:
    """The posts, and behind them those that stand within them."""
    every: dict[str, Post] = {}
    waiting = list(found)
    while waiting:
        post = waiting.pop(0)
        every.setdefault(post.ref.post_id, post)
        waiting += [
            one for one in (post.quoted, post.parent, post.reposted) if one is not None and one.ref.post_id not in every
        ]
    return tuple(every.values())


def lacks(exchange: Exchange) -> str:
    """Why a copy shows no post, in words."""
    body = exchange.body
    if exchange.status != 200:
        return f"the copy is of an answer {exchange.status}"
    if _json(exchange) is not None:
        return "the copy is JSON in which there is no post"
    if b'id="react-root"' in body or b"__INITIAL_STATE__" in body:
        return "the copy is the page as it is before its scripts have drawn anything: no post is in it"
    return "the copy is a page without a post in any form that is known"
