"""publish.x.com's oEmbed (https://developer.x.com/en/docs/x-for-websites/oembed-api): a post's words, without its media."""

from __future__ import annotations

from urllib.parse import quote, urlencode, urlsplit

from archiver.model import Exchange, Post, PostRef
from archiver.platforms.twitter.addresses import canonical_url, permalink
from archiver.platforms.twitter.syndication import json_object, text_of


def address(ref: PostRef) -> str:
    """Where oEmbed tells of a post."""
    parameters = {"url": f"https://twitter.com/i/status/{ref.post_id}", "omit_script": "1", "dnt": "1"}
    return "https://publish.x.com/oembed?" + urlencode(parameters, quote_via=quote, safe="")


def read(ref: PostRef, exchange: Exchange | None) -> Post | None:
    """The post as oEmbed shows it; None where it does not."""
    answer = json_object(exchange) if exchange is not None and exchange.status == 200 else None
    if answer is None:
        return None
    from bs4 import BeautifulSoup  # only here: the finder of Markdown articles must not pay for it

    soup = BeautifulSoup(text_of(answer.get("html")), "html.parser")
    links = [str(link.get("href") or "") for link in soup.find_all("a")]
    named = next((found for found in (permalink(link) for link in reversed(links)) if found), None)
    paragraph = soup.find("p")
    if named is None or named.post_id != ref.post_id or paragraph is None:
        return None
    handle = urlsplit(text_of(answer.get("author_url"))).path.strip("/") or named.handle
    return Post(
        ref=ref,
        url=canonical_url(ref),
        text=paragraph.get_text(),
        author=text_of(answer.get("author_name")) or None,
        handle=handle,
        posted=None,
    )
