"""The short links that an embed shows and those that a post carries: `t.co/X` and `pic.twitter.com/X` are one, the case counts.

No two posts are given the same one, but for a link that somebody pasted. So a post that carries the embed's is hardly another,
and one that carries others is another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from archiver.model import Embed, Platform, Post

_SHORT = re.compile(r"(?<![\w.])(?:https?://)?(t\.co|pic\.(?:twitter|x)\.com)/([A-Za-z0-9]{4,20})(?![A-Za-z0-9])")


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of short links: those that stand for the post's own media, for a link within the words, and `bare` ones, of
    which nothing says what they stand for."""

    media: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    bare: frozenset[str] = frozenset()

    @property
    def all(self) -> frozenset[str]:
        """Whatever they stand for."""
        return self.media | self.links | self.bare


def code(link: str) -> str:
    """What stands behind the host of a short link; empty where it is none."""
    found = _SHORT.fullmatch(link)
    return found[2] if found else ""


def of_post(post: Post) -> Codes:
    """Those of a post: in its words, which show where links lead, and in its links."""
    media, others = _in(post.text)
    links = frozenset(filter(None, (code(link.short) for link in post.links)))
    return Codes(media, links, others - links - media)


def of_embed(embed: Embed, platform: Platform) -> Codes:
    """Those that an article shows of a post, in the words and behind them."""
    media, others = _in(embed.text)
    for link in filter(None, map(platform.short_link, embed.links)):
        (media, others) = (media | {code(link.url)}, others) if link.media else (media, others | {code(link.url)})
    return Codes(media, others - media)


def contradict(shown: Codes, had: Codes) -> bool:
    """True where a post carries short links, and none is the one that the article shows in that place."""
    media = bool(shown.media and had.media) and not shown.media & had.all
    links = bool(shown.links and (had.links or had.bare)) and not shown.links & had.all
    return media or links


def _in(words: str) -> tuple[frozenset[str], frozenset[str]]:
    found = _SHORT.findall(words)
    media = frozenset(one for host, one in found if host != "t.co")
    return media, frozenset(one for host, one in found if host == "t.co") - media
