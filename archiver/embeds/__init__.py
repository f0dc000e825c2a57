"""`Article` → its embeds, in document order. Nothing is fetched; what an embed says is the article's claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from archiver.embeds import html, markdown
from archiver.embeds.found import Found
from archiver.model import Article, Embed, Evidence, Format, Platform

FORMS = {**markdown.FORMS, **html.FORMS}


def find(article: Article, platforms: Iterable[Platform]) -> Iterator[Embed]:
    """Every embedded post, in document order, `position` from 1."""
    known = tuple(platforms)
    found = html.find(article.text, known) if article.format is Format.HTML else markdown.find(article.text, known)
    for position, one in enumerate(found, 1):
        yield replace(_embed(one), article=article.source, position=position)


def _embed(found: Found) -> Embed:
    """The claim, with the permalink read where the page carries one."""
    platform, ref, permalink = found.platform, None, found.permalink
    if permalink is not None:
        ref = platform.permalink(permalink)
    evidence = [Evidence("form", found.form)]
    if permalink is not None:
        evidence.append(Evidence("permalink", permalink))
    if found.signature:
        evidence.append(Evidence("signature", found.signature))
    evidence += [Evidence("short-link", link) for link in found.links if platform.short_link(link)]
    return Embed(
        article="",
        position=0,
        line=found.line,
        platform=platform.name,
        form=found.form,
        author=found.author,
        handle=found.handle or (ref.handle if ref else None),
        posted=found.posted,
        text=found.text,
        links=found.links,
        ref=ref,
        url=platform.canonical_url(ref) if ref else None,
        evidence=tuple(evidence),
    )
