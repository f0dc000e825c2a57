"""What the platforms' embed code says until their script draws the post, which is all that converters leave of it: “View this
post on Instagram”, “A post shared by Name (@handle)”, a title over links to the platform alone, a day that is a link."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import urlsplit

from archiver import dates
from archiver.embeds.posts import Posts
from archiver.model import Platform, PostRef
from archiver.patterns import pattern
from archiver.values import Value

# Instagram's last line, in the languages of its embed code: the account stands at its end, a day may follow.
_SHARED = pattern(
    r"(?:^|\s)(?P<line>(?:(?:an? )?(?:post|photo|video|reel)s? (?:shared|posted) by|"
    r"(?:ein )?(?:beitrag|foto|video) geteilt von|"
    r"une (?:publication|photo|vidéo) partagée par|una publicación compartida (?:de|por)|un post condiviso da|"
    r"uma? (?:publicação|foto|vídeo|post) (?:compartilhad|partilhad)[ao] por|een bericht gedeeld door|"
    r"post udostępniony przez|публикация от|допис, поширений|投稿者:?)\s(?P<author>[^@]{0,120}?)"
    r"[(（]\s?@(?P<handle>[A-Za-z0-9_.]{1,30})\s?[)）](?P<rest>[^@]{0,60}))$",
    re.IGNORECASE,
)
_VIEW = pattern(
    r"^\W{0,3}(?:view|see|watch|read|ver|voir|sieh|visualizza|vedi|bekijk|посмотреть|смотреть|wyświetl|zobacz|visa|vis|この投稿を)"
    r"[^.!?]{0,40}\b(?:instagram\w{0,3}|twitter|x|mastodon|threads|bluesky|facebook|tiktok|telegram|reddit|truth social|vk)\b"
    r"[^.!?]{0,8}$",
    re.IGNORECASE,
)
_ALONE = pattern(
    r"(?:view|see|watch)\s(?:this|the|full|original)?\s?(?:post|tweet|photo|video|reel|toot|thread|status)(?:\s(?:on|at)\s\w{1,20})?"
    r"|a post shared by .{1,200}"
    r"|youtube video player|twitter tweet|x post|embedded (?:content|post|tweet|video)",  # what their frames are called
    re.IGNORECASE,
)
_INSTAGRAMS = pattern(
    r"view this (?:post|photo|video|reel) on instagram|an? (?:post|photo|video|reel) shared by .{1,200}", re.I
)
_POSTED_BY = pattern(r"(?:^|\s)posted by\s", re.IGNORECASE)
_LONGEST = 5_000
_LONGEST_LABEL = 80
_LONGEST_TITLE = 500


class Fallback(Value):
    """The post that such a text stands for; `read` and `address` are None where it names only an account."""

    platform: Platform
    read: tuple[Platform, PostRef] | None
    address: str | None
    text: str
    author: str | None = None
    handle: str | None = None
    posted: date | None = None
    signature: str | None = None


def fallback(text: str, links: Sequence[tuple[str, str]], posts: Posts) -> Fallback | None:
    """The one post that a quotation stands for, or None. `links` are its labels and addresses, in order."""
    if len(text) > _LONGEST:
        return None
    reads = {read[1].post_id: (read, address) for _, address in links if (read := posts.of(address))}
    shared = _SHARED.search(text) if "@" in text else None
    instagram = posts.named("instagram")
    if shared is not None and instagram is not None and len(reads) < 2:
        named = next(iter(reads.values()), None)
        if named is None or named[0][0] is instagram:
            words = " ".join(line for line in text[: shared.start()].split("\n") if not _VIEW.match(line.strip()))
            return Fallback(
                instagram,
                named[0] if named else None,
                named[1] if named else None,
                " ".join(words.split()),
                " ".join(shared["author"].split()) or None,
                shared["handle"],
                dates.day(shared["rest"]),
                shared["line"].strip(),
            )
    comment = text.startswith("Comment") and "from discussion" in text and posts.of(links[0][1]) is not None
    if len(reads) != 1 and not (comment and len(reads) == 2):
        return None
    read, address = next(iter(reads.values()))  # of a comment and the post it stands under, the comment
    labels = [" ".join(label.split()) for label, target in links if posts.of(target) == read]
    if not (any(map(_views, labels)) or _only_of_platform(text, links, read, posts) or _dated(text, labels[-1], read)):
        return None
    return Fallback(read[0], read, address, "" if comment else _words(text, labels), posted=dates.day(labels[-1]))


def stands_for_post(label: str) -> bool:
    """True for a link's text that embed code has for the whole post: what stands for it where it is alone in its paragraph."""
    return _ALONE.fullmatch(label) is not None


def is_of_embed_code(label: str) -> bool:
    """True for a link's text that only Instagram's embed code has: others may be an article's own."""
    return _INSTAGRAMS.fullmatch(label) is not None


def _words(text: str, labels: Sequence[str]) -> str:
    """The post's own words: what stands before its signature, without what only leads to it."""
    words = " ".join(_POSTED_BY.split(text, maxsplit=1)[0].split())
    for label in labels:
        words = words.removesuffix(label).strip() if _views(label) or dates.day(label) else label
    return words


def _views(label: str) -> bool:
    return not label or (len(label) < _LONGEST_LABEL and _VIEW.match(label) is not None)


def _only_of_platform(text: str, links: Sequence[tuple[str, str]], read: tuple[Platform, PostRef], posts: Posts) -> bool:
    """True for a short text with three links or more, all to one platform: a title that leads to the post, who, and where.

    Reddit's has two: `Title from r/sub`, `Comment from discussion Title`.
    """
    said = [" ".join(one.split()).rstrip(".") for one in (text, *(label for label, _ in links))]
    whole = len(links) == 2 and said[0] in (f"{said[1]} from {said[2]}", f"{said[1]} from discussion {said[2]}")
    begins = (whole or len(links) > 2) and text.lstrip().startswith(links[0][0].strip())
    if not begins or len(text) > _LONGEST_TITLE or posts.of(links[0][1]) != read:
        return False
    return all(read[0].hosts & set((urlsplit(address).hostname or "").split(".")) for _, address in links)


def _dated(text: str, label: str, read: tuple[Platform, PostRef]) -> bool:
    """True where the text ends with a day that is the link, and names the post's account."""
    handle = (read[1].handle or "").lower()
    if not label or not text.strip().endswith(label) or dates.day(label) is None:
        return False
    return bool(handle) and (f"@{handle}" in text.lower() or _POSTED_BY.search(text) is not None)
