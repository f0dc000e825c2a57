"""`Article` → its embeds, in document order. Nothing is fetched; what an embed says is the article's claim.

A post that an article carries several times is one embed, at its first place; each form is kept as evidence.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from archiver.addresses import unescape
from archiver.embeds.found import Found
from archiver.embeds.posts import Posts
from archiver.model import Article, Embed, Evidence, Format, Platform
from archiver.patterns import pattern
from archiver.values import replace

_ESCAPE = pattern(r"\\(?:u([0-9a-fA-F]{4})|[nrt])")
_END = pattern(r"</(?:p|h[1-6]|li|div|blockquote|figure)>", re.IGNORECASE)
_TAG = pattern(r"<[^<>]{0,4000}>")
_NO_LETTER = pattern(r"[\W_]+")
_MOST_BEFORE = 4000  # as much of a page is looked at for the words before an empty place
_LETTERS_BEFORE = 40
_LEAST_LETTERS = 12


def find(article: Article, platforms: Iterable[Platform]) -> list[Embed]:
    """Every embedded post, in document order, `position` from 1."""
    # A page is taken apart into values that hold no cycles: the collector would look through all of them in vain.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return list(_find(article, _posts(tuple(platforms))))
    finally:
        if collecting:
            gc.enable()


def _find(article: Article, posts: Posts) -> Iterator[Embed]:
    if article.format is Format.HTML:
        from archiver.embeds import html  # each only here: a Markdown article without HTML must not pay for the parser

        same = article.encoding == "utf-8" and not article.replaced and article.media_type is None
        data = article.data if same else None
        if article.text[:99].lstrip().startswith("<?xml") or article.source.lower().endswith((".xhtml", ".xht")):
            data = html.closed(article.text).encode("utf-8", "replace")
        found = html.find(article.text, posts, data)
    else:
        from archiver.embeds import markdown

        found = markdown.find(article.text, posts, mdx=article.source.lower().endswith(".mdx"))
    line, counted = 1, 0
    for position, group in enumerate(_placed(_groups(found), article.text), 1):
        line += article.text.count("\n", counted, group[0].offset)
        counted = max(counted, group[0].offset)
        yield _embed(article, position, line, group)


@lru_cache(maxsize=4)
def _posts(platforms: tuple[Platform, ...]) -> Posts:
    return Posts(platforms)


def _groups(found: Iterable[Found]) -> list[list[Found]]:
    """The finds, those of one post together, by their first place."""
    groups: list[list[Found]] = []
    by_post: dict[tuple[str, str], list[Found]] = {}
    by_words: dict[tuple[str, str, str], list[Found]] = {}
    for one in sorted(found, key=lambda one: one.offset):
        words = (one.platform.name, (one.handle or "").lower(), re.sub(r"\W+", "", one.text)[:60])
        group = by_post.get((one.platform.name, one.ref.post_id)) if one.ref else None
        if group is None and words[1] and words[2]:
            group = by_words.get(words)
            if group is not None and one.ref and any(other.ref and other.ref.post_id != one.ref.post_id for other in group):
                group = None  # the same words twice by one author are two posts where the page says so
        if group is None:
            group = []
            groups.append(group)
        group.append(one)
        if one.ref:
            by_post[(one.platform.name, one.ref.post_id)] = group
        if words[1] and words[2]:
            by_words[words] = group
    return groups


def _placed(groups: list[list[Found]], text: str) -> list[list[Found]]:
    """The posts that only the page's data names, put where the page left room for them.

    Where a page has as many empty places for a platform's posts as its data names posts of this article, and the data has the
    words before each post that the page has before the place, they are the same ones. Else nobody can say: both are told.
    """
    for platform in {group[0].platform.name for group in groups if group[0].form == "placeholder"}:
        places = [group for group in groups if group[0].form == "placeholder" and group[0].platform.name == platform]
        named = [
            group for group in groups if group[0].platform.name == platform and {one.form for one in group} == {"script-json"}
        ]
        if len(places) == len(named) and _words_agree(text, [group[0] for group in places], [group[0] for group in named]):
            for place, data in zip(places, named, strict=True):
                place += data
                groups.remove(data)
    return groups


def _words_agree(text: str, places: list[Found], named: list[Found]) -> bool:
    """True where the page's last words before each place stand before the post in the data, and behind the one before it."""
    page_at, data_at = 0, named[0].offset
    for place, post in zip(places, named, strict=True):
        at = text.find(post.ref.post_id, data_at) if post.ref else -1
        blocks = map(_letters, _END.split(text[max(page_at, place.offset - _MOST_BEFORE) : place.offset]))
        before = ([""] + [block for block in blocks if len(block) >= _LEAST_LETTERS])[-1][-_LETTERS_BEFORE:]
        if at < 0 or not before or before not in _letters(text[data_at:at]):
            return False
        page_at, data_at = place.offset, at
    return True


def _letters(source: str) -> str:
    """The letters and digits that a reader of it sees, be it HTML or HTML in a script's strings."""
    text = _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)) if escape[1] else " ", source)
    return _NO_LETTER.sub("", unescape(_TAG.sub("", text))).lower()


def _embed(article: Article, position: int, line: int, group: list[Found]) -> Embed:
    """One claim out of every find of a post: what the first says, and where it is silent, what the next does."""
    first = group[0]
    told = first
    for other in group[1:]:
        told = replace(
            told,
            text=told.text or other.text,
            links=told.links + tuple(link for link in other.links if link not in told.links),
            author=told.author or other.author,
            handle=told.handle or other.handle,
            posted=told.posted or other.posted,
            permalink=told.permalink or other.permalink,
            ref=told.ref or other.ref,
            signature=told.signature or other.signature,
        )
    platform, ref = told.platform, told.ref
    line_start = article.text.rfind("\n", 0, first.offset) + 1
    evidence = [Evidence("form", form) for form in dict.fromkeys(one.form for one in group)]
    evidence += [Evidence("permalink", one) for one in dict.fromkeys(one.permalink for one in group) if one is not None]
    if first.form == "placeholder" and ref is not None:
        # Which of several posts goes to which place is by the words before it: the path leads to where the data names this one.
        evidence.append(Evidence("place", next(one.path for one in group if one.ref is not None)))
    if told.signature:
        evidence.append(Evidence("signature", told.signature))
    evidence += [Evidence("short-link", link) for link in told.links if platform.short_link(link)]
    media = dict.fromkeys(one for each in group for one in each.media)
    evidence += [Evidence("media-address", one) for one in media if platform.media_made(one)]
    return Embed(
        article=article.source,
        position=position,
        line=line,
        column=first.offset - line_start + 1,
        path=first.path,
        platform=platform.name,
        form=first.form,
        author=told.author,
        handle=told.handle or (ref.handle if ref else None),
        posted=told.posted,
        text=told.text,
        links=told.links,
        ref=ref,
        url=platform.canonical_url(ref) if ref else None,
        evidence=tuple(evidence),
    )
