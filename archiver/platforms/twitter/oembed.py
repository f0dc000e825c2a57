"""publish.x.com's oEmbed (https://developer.x.com/en/docs/x-for-websites/oembed-api): a post's words, without its media."""

from __future__ import annotations

from datetime import UTC, datetime, time
from urllib.parse import quote, urlencode, urlsplit

from archiver.model import Exchange, Post, PostRef, Precision
from archiver.platforms.twitter import ids
from archiver.platforms.twitter.addresses import canonical_url, permalink
from archiver.platforms.twitter.fields import dict_of, json_object, original_address, plain, text_of


def address(ref: PostRef) -> str:
    """Where oEmbed tells of a post."""
    parameters = {"url": f"https://twitter.com/i/status/{ref.post_id}", "omit_script": "1", "dnt": "1"}
    return "https://publish.x.com/oembed?" + urlencode(parameters, quote_via=quote, safe="")


def read(ref: PostRef, exchange: Exchange | None) -> Post | None:
    """The post as oEmbed shows it; None where it does not."""
    answer = json_object(exchange) if exchange is not None and exchange.status == 200 else None
    return next((post for post in posts(answer) if post.ref.post_id == ref.post_id), None)


def posts(answer: object) -> list[Post]:
    """The one post of an oEmbed answer; none where it is no such answer, or names no post."""
    given = dict_of(answer)
    if not isinstance(given.get("html"), str):
        return []
    from selectolax.lexbor import LexborHTMLParser  # only here: the finder of Markdown articles must not pay for it

    from archiver import dates
    from archiver.platforms.twitter.markup import words

    page = LexborHTMLParser(given["html"])
    signed = [(ref, link) for link in page.css("a[href]") if (ref := permalink(original_address(link.attributes["href"])))]
    paragraph = page.css_first("p")
    if not signed or paragraph is None:
        return []
    ref, signature = signed[-1]
    read = words(paragraph)
    day = dates.day(signature.text(strip=True))
    return [
        Post(
            ref=PostRef(ref.platform, ref.post_id),
            url=canonical_url(ref),
            made=ids.posted(ref),
            text=read.text,
            author=plain(given.get("author_name")) or None,
            handle=urlsplit(original_address(text_of(given.get("author_url")))).path.strip("/") or ref.handle,
            posted=datetime.combine(day, time(), UTC) if day else None,
            precision=Precision.DAY if day else None,
            lang=paragraph.attributes.get("lang") or None,
            links=tuple(dict.fromkeys(read.links)),
        )
    ]
