"""Embeds in Markdown and plain text: signed words, addresses alone, images, short-codes, and HTML left as it was.

Nothing is taken from code, comments and front matter: they are blanked first, character for character, so that every place in
what is left is the place in the article.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping

from archiver import dates
from archiver.addresses import unescape
from archiver.embeds import shortcodes
from archiver.embeds.fallbacks import (
    account,
    begins,
    fallback,
    is_address_of_embed_code,
    left_among,
    shares,
    stands_for_post,
    views,
)
from archiver.embeds.found import DASH, Found, Signature, signature
from archiver.embeds.posts import Posts, is_badge
from archiver.model import Platform, PostRef
from archiver.patterns import pattern
from archiver.values import Value, replace

FORMS = {
    "markdown-marker": "a line that announces an embed (“Embed:”, “Instagram post:”), then the post's words and its signature",
    "markdown-marker-permalink": "a line that announces an embed, then the post's address alone",
    "markdown-quote": "a `>` quote that ends with the post's signature, one that says what embed code does, or a call-out",
    "markdown-signed": "words that end with a post's signature, with no mark around them; a second print is the same post",
    "markdown-bounded": "what stands between “Skip … post by @handle” and “End of … post by @handle”, for screen readers",
    "markdown-drawn": "a post drawn within links to it: its author, words, day and counts, as converters leave a picture of it",
    "markdown-image": "a post's address as an image, as Markdown or Obsidian write one, or an image alone that links to a post",
    "markdown-address": "a post's address alone in its paragraph",
    **shortcodes.FORMS,
}

# Lines ----------------------------------------------------------------------------------------------------------------

HEADING = pattern(r"^[ ]{0,3}#{1,6}(?:[ \t]|$)")
FENCE = pattern(r"^(?P<quote>[ \t>]{0,20})(?P<fence>`{3,}(?=[^`]{0,2000}$)|~{3,})")
FRONT_MATTER = pattern(
    r"\ufeff?(?P<mark>---|\+\+\+)[ \t]{0,9}\r?\n(?=[ \t\r\n]{0,99}(?:#|[\w\"'][\w\"' .-]{0,60}[:=](?!//)|\[))"
)
FRONT_MATTER_ENDS = pattern(r"^(?:---|\+\+\+|\.\.\.)[ \t]{0,9}\r?$", re.MULTILINE)
LISTED = pattern(r"^[ \t]{0,12}(?:[-*+•]|\d{1,3}[.)])[ \t]{1,8}(?=\S)")
BULLET = pattern(r"^[ \t]{0,12}[-*+•][ \t]{1,8}(?=\S)")
DEFINED = pattern(r"^[ ]{0,3}\[(?P<name>[^\[\]]{1,200})\]:[ \t]{0,9}<?(?P<href>[^\s<>]{0,2000})")
REFERENCE = pattern(r"(?<!\\)\[(?P<text>(?:[^\[\]\\]|\\.){1,500})\](?:[ ]?\[(?P<name>[^\[\]]{0,200})\])?(?![\[(:])")
QUOTED = pattern(r"^[ \t]{0,3}>[ \t]?")
TAGGED = pattern(r"^[ \t>]{0,20}<(?:[A-Za-z][\w-]{0,30}[\s/>]|[/!?])")
# Pandoc's ```{=html}, MyST's ```{youtube} ID, and reST's directive for HTML.
_RAW_FENCE = pattern(r"\s{0,3}\{=html\}\s{0,9}$")
_DIRECTIVE = pattern(r"\s{0,3}\{[a-z][\w-]{2,20}\}[ \t]{1,5}\S")
_RAW_HTML = pattern(r"^\.\. raw:: html\b")
_UNREAD_TAGS = ("raw", "verbatim")
_LEFT_CODE = pattern(r"%\}\s{0,99}<(?:blockquote|iframe|div|p|figure|script)\b", re.IGNORECASE)
_LIQUID = pattern(r"\{[{%][^{}]{0,2000}[%}]\}")
_LONGEST_FRONT_MATTER = 50_000

# What is blanked: elements that show no Markdown, and, for the rules of this file, those that are read as HTML.
SAMPLES = pattern(
    r"<(?P<name>pre|code|samp|xmp|listing)\b|\{%-?\s{0,5}(?P<tag>raw|comment|highlight|verbatim)\b", re.IGNORECASE
)
ELEMENTS = pattern(r"<(?P<name>blockquote|iframe|script|style|svg|template|textarea|noscript|object)\b", re.IGNORECASE)
AUTOLINK = pattern(r"<(?=(?:https?|mailto|ftp|at):)", re.IGNORECASE)
_HTML = pattern(r"<[A-Za-z]")
_TICKS = pattern(r"`+")

# Words ----------------------------------------------------------------------------------------------------------------

INLINE = pattern(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|!?\[(?P<text>(?:[^\[\]\\]|\\.){0,500})\]\(\s{0,3}<?(?P<href>[^()<>\s]{0,2000})>?(?:\s{1,9}[\"'][^\"'\n]{0,300}[\"'])?\s{0,3}\)"
    r"|<(?P<auto>https?://[^\s<>]{1,2000})>"
    r"|(?P<bare>https?://[^\s<>()\[\]\"'”’»]{1,2000})"
    r"|\b(?P<pic>pic\.(?:twitter|x)\.com/[A-Za-z0-9]{4,20})"
    r"|<a\s[^<>]{0,500}?\bhref=[\"']?(?P<anchor>https?://[^\s<>\"']{1,2000})[^<>]{0,500}>"
    r"|(?P<break><br\s{0,3}/?>)"
    r"|(?P<tag></?[A-Za-z][^<>]{0,300}>)"
    r"|(?P<strong>\*\*)",
    re.IGNORECASE,
)
DASHED = pattern(rf"(?<=[\s>.!?…。！？\"”»」)]){DASH}(?=\s{{0,5}}[^\s>-])")
CODE = pattern(r"\b(?:pic\.(?:twitter|x)\.com|t\.co)/([A-Za-z0-9]{4,20})")
_MEDIA_CODE = pattern(r"\bpic\.(?:twitter|x)\.com/([A-Za-z0-9]{4,20})")
# A day, and at most two words before its first number and after its last: `Friday, May 3, 2021 · 10:15 PM`, `la 14-an de`.
DAY_ALONE = pattern(
    r"^[\W_]{0,5}(?:(?:on|via)\s(?:twitter|x|bluesky|mastodon)\b[\W_]{0,5}|on\s)?"
    r"(?:[^\W\d]{1,20}[\W_]{1,5}){0,2}\d{1,4}(?:\D{1,24}\d{1,4}){1,7}(?:[\W_]{0,5}[^\W\d]{1,12}){0,2}[\W_]{0,5}",
    re.IGNORECASE,
)
_YEAR = pattern(r"\d{4}")
# A signature's end among words, and what stands before the name in it, which may be lost.
SIGNED_AMONG = pattern(
    r"[(（\[［]\s?@(?P<handle>[A-Za-z0-9_]{1,15})\s?[)）\]］]\s?"
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)\s\d{1,2},\s\d{4}(?!\d)"
)
_BEFORE_NAME = pattern(rf"(?:(?<=\s)|(?=[—–―])){DASH}(?=\s?[^\s>-])")
_LOST_DASH = pattern(r"(?<=\s)\?(?=\s)")
_ENDS_WITH_CODE = pattern(r"(?:pic\.(?:twitter|x)\.com|(?:https?://)?t\.co)/[A-Za-z0-9]{4,20}\s?$")
_BRACKETED = pattern(r"[(（\[［]\s?\[?\\?@")
_LONGEST_TWITTER_HANDLE = 15
_LONGEST_DAY = 60
_LONGEST_NAME = 120
_LONGEST_SHOWN = 50  # of the names that accounts show
_LONGEST_SURE = 400  # more words before a signature among words are not the post's alone
_LONGEST_WORDS = 5_000  # a post with more words is none
_TOO_MUCH = 1_500  # of unmarked lines before a signature: they are an article's
_MOST_LINES = 60
_MOST_BESIDE = 4  # words beside an address that stands alone: "See it here:"
_MOST_BLOCKS = 20  # from a marker to the signature
_NEAR = 8  # blocks within which a post is printed again, or translated

# Bounded, called out ---------------------------------------------------------------------------------------------------

_HANDLE = r"@(?P<handle>[\w.]{0,39}\w)(?![\w,.;:!?”’\"')])"
SKIPS = pattern(rf"(?<![“‘«(])\bSkip (?P<name>[A-Za-z]{{1,12}}) (?:post|content|video)(?: \d{{1,3}})? by\b(?: ?{_HANDLE})?")
ENDS = pattern(rf"(?<![“‘«(])\bEnd of (?P<name>[A-Za-z]{{1,12}}) (?:post|content|video)(?: \d{{1,3}})? by {_HANDLE}")
_REPORT = pattern(r"\sReport\s?$")  # the link below an embed
CALLED_OUT = pattern(r"\[!(?P<name>[A-Za-z]{1,16})\][+-]?[ \t]{1,5}(?P<rest>\S[^\n]{0,500})$")
_ACCOUNT_AND_DAY = pattern(r"@(?P<handle>[\w.@-]{0,63}\w)\s?[·•∙|,–—-]\s?(?P<day>[^@]{6,60})$")
_COUNTS = pattern(r"(?:[^\W\d]{4,12}: ?[\d.,]{1,12}[KMB]?[\s·∙•|,]{0,5}){2,8}$")

# Announcements --------------------------------------------------------------------------------------------------------

MARKER = pattern(
    r"^(?P<before>(?:#{1,6}[ \t]{1,5})?[*_\[({]{0,4})(?P<words>[A-Za-z][A-Za-z /:-]{2,50}?)"
    r"(?P<after>[ \t]?[*_\])}:]{0,6}[ \t]{0,5}#{0,6})$"
)
EMBED_LINE = pattern(r"^[*_\[({]{0,4}Embed(?:ded)?\b[A-Za-z /:-]{0,30}[*_\])}:]{0,6}\s{0,5}$", re.IGNORECASE)
# The same with what it announces in its line.
EMBED_LEAD = pattern(
    r"^(?P<marker>(?:#{1,6}[ \t]{1,5})?[*_\[({]{0,4}Embed(?:ded)?(?: [A-Za-z]{2,10}){0,2}[ \t]?"
    r"(?::[*_\])}]{0,4}|[*_\])}]{1,4}:))"
    r"[ \t]{0,5}(?:<br\s?/?>[ \t]{0,5})?(?=[^\s*_])(?![A-Za-z /:-]{0,30}[*_\])}:# ]{0,6}\s{0,5}$)",
    re.IGNORECASE,
)
_NOUNS = frozenset(
    ("tweet", "toot", "skeet", "post", "video", "photo", "reel", "short", "status", "message", "thread", "story")
)
_FILLERS = frozenset(("from", "on", "via", "of", "a", "an", "the", "this", "social", "media", "content", "code", "com"))
_MEANT = {"x": "twitter", "tweet": "twitter", "toot": "mastodon", "skeet": "bluesky", "fb": "facebook"}
_OWN_NOUNS = frozenset(("tweet", "toot", "skeet", "post"))
LABEL = pattern(
    r"^\W{0,6}(?:(?:original|web|canonical)\s)?(?:sources?|ur[il]s?|links?|permalink|address|article|via|canonical|references?|"
    r"further reading|see also|read more|read also|related(?: \w{1,20})?|bibliography|(?:foot|end)?notes?|credits?|"
    r"originally published|quellen?|weblinks|einzelnachweise|источники?|ссылки|примечания|fuentes?|referencias|fontes?|notas|"
    r"liens|références|notes et références|enlaces)\W{0,6}$",
    re.IGNORECASE,
)
IMAGE = pattern(  # with a question mark: LiaScript's films
    r"(?:!|(?<![\w)*_])!\?)\[[^\[\]]{0,500}\]\(\s{0,3}<?(?P<href>[^()<>\s]{1,2000})>?[^()\n]{0,300}\)"
    r"|!\[\[(?P<wiki>[^\[\]|\s]{1,2000})(?:\|[^\[\]\n]{0,200})?\]\]"
    r"|!\[(?P<alt>[^\[\]\n]{0,300})\]\[(?P<name>[^\[\]\n]{0,200})\]"
)
LINKED_IMAGE = pattern(
    r"^\s{0,3}\[(?:!\[[^\[\]]{0,500}\]\((?P<src>[^()\s]{0,2000})[^()]{0,300}\)|<img\s(?P<img>[^<>]{0,2000})>)\s{0,3}\]"
    r"\(\s{0,3}<?(?P<href>[^()<>\s]{1,2000})>?[^()]{0,300}\)\s{0,9}$"
)
THUMBNAIL = pattern(
    r"\[(?:!\[[^\[\]\n]{0,300}\]\(\s{0,3}(?P<src>[^()\s]{4,2000})[^()\n]{0,300}\)|(?P<img><img\s[^<>]{0,2000}>))\s{0,3}\]"
    r"\(\s{0,3}(?P<href>https?://[^()<>\s]{4,2000})[^()\n]{0,300}\)"
)
# What a player's frame has in its address: no page for reading.
FRAME = pattern(
    r"(?:^|//)(?:player|embed)\.|/(?:embed|player)(?:[/.?]|$)|/(?:plugins/(?:post|video)|video_ext)\.php|[?&]embed=1"
    r"|youtube-nocookie\.com/",
    re.IGNORECASE,
)
ALONE = pattern(
    r"^\s{0,3}(?:<(?P<auto>[^\s<>]{1,2000})>|\[\[(?P<wiki>[^\[\]\s]{1,2000})\]\]|(?P<bare>(?:https?|at)://[^\s<>\[\]]{1,2000})"
    r"|[*_]{0,2}\[(?P<text>(?:[^\[\]\\]|\\.){0,500})\]"
    r"\(\s{0,3}<?(?P<href>[^()<>\s]{1,2000})>?(?:\s{1,3}(?P<title>\"[^\"]{0,300}\"|'[^']{0,300}'))?\s{0,3}\)[*_]{0,2})"
    r"(?:\s?<br\s?/?>)?\\?\s{0,9}$"
)

# Drawn within links ---------------------------------------------------------------------------------------------------

BRACKET = pattern(
    r"\\.|\[|\](?:\(\s{0,3}<?(?P<href>https?://[^()<>\s]{4,2000})>?(?:\s{1,9}\"[^\"\n]{0,300}\")?\s{0,3}\)(?:\{[^{}\n]{0,300}\})?)?"
)
PICTURE = pattern(r"!\[(?P<alt>[^\[\]]{0,500})\]\(\s{0,3}(?P<src>[^()\s]{0,2000})[^()\n]{0,300}\)(?:\{[^{}\n]{0,300}\})?")
_GAP = pattern(r"\S[ \t\r]*\n[ \t\r]*\n")
_MONTH = r"[A-Z][a-z]{2,8}\.?"
_COUNT = r"(?<![\d.,])[\d.,]{1,12}(?:\s?[KMB])?(?![\d.,])"
_COUNTED = (
    r"\s?(?:(?:Like|Retweet|Repost|Quote|View|Impression|Bookmark|Comment)s?|Repl(?:y|ies)|Quote (?:Tweet|Repost|Post)s?)"
)
_BETWEEN = r"[\s·∙•*_-]{0,12}"
# What a post that is drawn ends with: `5:07 PM ∙ Feb 25, 2023 · 9K Views * * * 32Likes1Retweet`. The words may touch it.
DRAWN_END = pattern(
    r"(?:(?P<day>(?:(?P<clock>(?:1[0-2]|0?\d):\d\d\s?[AP]M)\s?[·∙•]\s?)?"
    rf"(?:{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}}|(?<!\d)\d{{1,2}}\s{_MONTH}\s\d{{4}})"
    r"(?:,?\s(?P<late>\d{1,2}:\d\d\s?[ap]m)(?:\s[A-Z]{2,5})?)?)"
    rf"{_BETWEEN}(?P<counts>(?:{_COUNT}(?:{_COUNTED})?{_BETWEEN}){{0,5}})|(?P<only>(?:{_COUNT}{_COUNTED}{_BETWEEN}){{0,5}}))$"
)
# What may stand between the links to a post: its pictures, and the card of a page that it links to.
_BESIDE = pattern(r"\[[^\[\]]{0,1000}\]\([^()\s]{0,2000}\)|[\s>]{1,20}")
_AVATAR = "\ue000"  # stands for an account's picture: what follows a second one is a quoted post's


class _Block(Value):
    """Lines with no blank one between them, `offset` where the first begins. Links by reference are written out in `lines`;
    `starts` is where each begins in the text, and `end` where the last does end."""

    starts: tuple[int, ...]
    lines: tuple[str, ...]
    end: int

    @property
    def offset(self) -> int:
        return self.starts[0]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def is_heading(self) -> bool:
        return "#" in self.lines[0][:4] and HEADING.match(self.lines[0]) is not None

    @property
    def is_quote(self) -> bool:
        """True where the first line is quoted: a last one without its mark is part of it, as in Markdown."""
        return QUOTED.match(self.lines[0]) is not None

    @property
    def is_text(self) -> bool:
        """True for a paragraph or a quote: what may hold a post's words."""
        line = self.lines[0]
        return not line.startswith("|") and not any(shape.match(line) for shape in (HEADING, BULLET, DEFINED, TAGGED))


class _Fence(Value):
    """Around code, or around what is handed through: HTML, a post alone."""

    marks: str
    quoted: bool
    handed_through: bool

    def may_hold(self, line: str) -> bool:
        """False after the quote that the fence stands in."""
        return not self.quoted or ">" in line[:4]

    def ends_with(self, line: str, mark: re.Match[str] | None) -> bool:
        return mark is not None and mark["fence"].startswith(self.marks) and line[mark.end() :].strip() == ""


class _Link(Value):
    """A link to a post, which may reach over blank lines: its place, its raw label, its address and the post."""

    start: int
    end: int
    label: str
    href: str
    read: tuple[Platform, PostRef]


class _Signed(Value):
    """Raw words over a signature, and the addresses in the signature."""

    words: str
    by: Signature
    links: tuple[str, ...]


class _Print:
    """A post as it was printed, and the block up to which it and its repetitions reach."""

    def __init__(self, found: Found, day: str, last: int) -> None:
        self.found = found
        self.day = day
        self.last = last


class _Announced(Value):
    """A marker: what it names, and how sure it is. One that is `title` is a heading like any other: “Embeds”, not “Embed:”."""

    platform: str | None
    embed: bool
    loud: bool
    title: bool


def find(text: str, posts: Posts, *, mdx: bool = False) -> Iterator[Found]:
    """Every embed in a Markdown text, in order of place. The same post in two forms is given in each."""
    read = _without_code(text, posts, mdx=mdx)
    shown = _blank_elements(read, ELEMENTS) if "<" in read else read
    codes = list(shortcodes.find(shown, posts))
    found = [one for _, _, one in codes if one is not None]
    found += _in_html(read, [(start, end) for start, end, _ in codes], posts)
    for whole in (_drawn, _bounded):
        spans = list(whole(shown, posts, [one.offset for one in found]))
        found += [one for _, _, one in spans]
        shown = _blank(shown, [(start, end) for start, end, _ in spans])
    defined = _definitions(shown)
    blocks = list(_blocks(shown, defined))
    found += _images(shown, blocks, defined, posts)
    found += _in_blocks(blocks, posts, [one.offset for one in found])
    yield from sorted(found, key=lambda one: one.offset)


def _in_html(text: str, codes: list[tuple[int, int]], posts: Posts) -> Iterator[Found]:
    if "<" not in text:
        return
    text = AUTOLINK.sub(" ", _blank(text, codes))
    if _HTML.search(text):
        from archiver.embeds import html  # only here: an article without HTML must not pay for the parser

        yield from html.find(text, posts)


# Announced, signed, alone ---------------------------------------------------------------------------------------------


def _in_blocks(blocks: list[_Block], posts: Posts, others: list[int]) -> Iterator[Found]:
    """What stands in paragraphs; `others` are the places of what was found by another rule."""
    prints: dict[str, list[_Print]] = {}
    others = sorted(others)
    listing = False  # in a section of references
    at = 0
    while at < len(blocks):
        block = blocks[at]
        if block.is_heading:
            listing = LABEL.match(block.lines[0].strip("# \t\r*_:")) is not None
        marker = _announcement(block, posts)
        if marker is not None:
            found, used = _after_marker(marker, blocks, at, posts, others)
            if found is not None:
                yield found
                if found.handle:
                    prints.setdefault(_key(found), []).append(_Print(found, _notation(found), at + used))
            at += used + 1
            continue
        if not block.is_heading:
            signed = list(_signed(blocks, at, posts, prints))
            yield from signed
            if (block.is_quote or begins(block.lines[0]) or block.lines[0].startswith("[Comment](")) and not signed:
                yield from _quoted(block, posts)
            elif "(@" in block.text and not signed:
                yield from _left_by_code(blocks, at, posts)
            if not listing:
                yield from _alone(blocks, at, posts)
        at += 1


def _announcement(block: _Block, posts: Posts) -> _Announced | None:
    """What a block announces where it is a marker: one line of few words, all of which speak of an embedded post."""
    line = block.lines[0].strip()
    found = MARKER.match(line) if len(block.lines) == 1 and len(line) < 90 else None
    if found is None:
        return None
    words = re.split(r"[ /:-]+", found["words"].lower().strip(" :"))
    embed = any(word in ("embed", "embedded") for word in words)
    nouns = [word for word in words if word in _NOUNS]
    names = [name for word in words if (name := _named(word, posts))]
    if not all(word in _NOUNS or word in _FILLERS or word in ("embed", "embedded") or _named(word, posts) for word in words):
        return None
    loud = ":" in found["words"] + found["after"] or found["before"].lstrip("# \t") != ""
    if not (embed or (loud and nouns and (names or nouns[0] in _OWN_NOUNS))):
        return None
    heading = found["before"].startswith("#")
    return _Announced(names[0] if names else None, embed, loud and not heading, heading and not loud)


def _named(word: str, posts: Posts) -> str | None:
    platform = posts.named(_MEANT.get(word, word)) or posts.words.get(word)
    return platform.name if platform else None


def _after_marker(
    marker: _Announced, blocks: list[_Block], at: int, posts: Posts, others: list[int]
) -> tuple[Found | None, int]:
    """The embed that a marker announces, and how many blocks after the marker it takes up.

    Where nothing that follows can be read as a post, it is an embed that is lost, and reported only if it is known to be one:
    the marker names its platform and is no heading, or a quotation follows whose links are a platform's. A mere “Embed:” over a
    paragraph says neither whose post it was nor that there is one.
    """
    reach = list(_reach(marker, blocks, at, posts, others))
    if not reach:
        return None, 0
    lines: list[str] = []
    for count, block in enumerate(reach, 1):
        if sum(map(len, lines)) > _LONGEST_WORDS:
            break
        if block.is_quote and not reach[max(0, count - 2)].is_quote:
            lines.clear()  # what is quoted is the post, and what stands before it is none of it
        for number, line in enumerate(block.lines, 1):
            lines.append(_unquoted(line))
            signed = _split(lines[-_MOST_LINES:]) or (_undashed(lines[-_MOST_LINES:]) if marker.embed else None)
            if signed is not None and (number == len(block.lines) or signed.by.posted):
                found = _quotation("markdown-marker", blocks[at].offset, signed, posts)
                if found is not None:
                    return found, count
        alone = _permalink_alone(block, posts) if count == 1 and len(block.lines) == 1 else None
        if alone is not None:
            return replace(alone, offset=blocks[at].offset), count
        drawn = next(_quoted(block, posts), None) if count == 1 and block.is_quote else None
        if drawn is not None:
            return replace(drawn, form="markdown-marker", offset=blocks[at].offset), count
    return _lost(marker, blocks[at], reach[0], posts), 0


def _reach(marker: _Announced, blocks: list[_Block], at: int, posts: Posts, others: list[int]) -> Iterator[_Block]:
    """The blocks after a marker that can be the post it announces; none where another rule has read that."""
    following = blocks[at + 1 : at + 1 + (_MOST_BLOCKS if marker.embed else 4)]
    if marker.title:  # its section may be about anything
        following = following[: 2 if _signs(following[1:2]) else 1]
    for count, block in enumerate(following):
        if block.is_heading or _announcement(block, posts) or _has(others, block):
            return
        if count and _belongs_to_none(block, posts) and not _signs(following[count + 1 : count + 2]):
            return
        yield block


def _belongs_to_none(block: _Block, posts: Posts) -> bool:
    """True for what is in no post's words: a table, an element, another post."""
    line = block.lines[0]
    alone = _address(_unquoted(line), block.offset, posts) if len(block.lines) == 1 else None
    return line.startswith("|") or TAGGED.match(line) is not None or alone is not None


def _signs(blocks: list[_Block]) -> bool:
    """True where a block begins with a signature alone: it ends what stands before it."""
    signed = _split([_unquoted(blocks[0].lines[0])]) if blocks else None
    return signed is not None and not signed.words.strip()


def _undashed(lines: list[str]) -> _Signed | None:
    """A signature whose dash is lost, which only a marker makes one."""
    line = lines[-1].strip()
    found = _split([*lines[:-1], f"— {line}"]) if "@" in line and _BRACKETED.search(line) and not DASHED.search(line) else None
    return found if found is not None and found.by.posted else None


def _permalink_alone(block: _Block, posts: Posts) -> Found | None:
    line = _unquoted(block.lines[0])
    _, links = inline(line)
    read = posts.of(links[0]) if len(links) == 1 else None
    if read is None or len(INLINE.sub(" ", line).split()) > _MOST_BESIDE:
        return None  # words that link to a post are no address alone
    return Found(read[0], "markdown-marker-permalink", block.offset, "", links, permalink=links[0], ref=read[1])


def _lost(marker: _Announced, block: _Block, following: _Block, posts: Posts) -> Found | None:
    text, links = inline("\n".join(map(_unquoted, following.lines))) if following.is_quote else ("", ())
    name = marker.platform or ("twitter" if any(CODE.search(link) for link in links) else None)
    platform = posts.named(name) if name else None
    if platform is None or not (text or (marker.embed and marker.loud)):
        return None
    return Found(platform, "markdown-marker", block.offset, text, links)


def _signed(blocks: list[_Block], at: int, posts: Posts, prints: dict[str, list[_Print]]) -> Iterator[Found]:
    """The posts whose signatures stand in a block: over a line of its own, or at the end of one."""
    block = blocks[at]
    if not any("@" in line for line in block.lines) or not (block.is_text or BULLET.match(block.lines[0])):
        return
    start = 0
    for number, line in enumerate(block.lines, 1):
        if "@" not in line and not (number - 2 >= start and "@" in block.lines[number - 2]):
            continue
        if _names_a_link(_unquoted(line), posts) or (_opens_link(line) and number < len(block.lines)):
            continue
        ends = _signed_at_end(blocks, at, start, number, posts)
        several = line.count("(@") > 1
        among = list(_signed_among(line, block.starts[number - 1], posts)) if several or (not ends and "(@" in line) else []
        for first, found in [ends] if ends and len(among) < 2 else ((at, one) for one in among):
            start = number
            if not _printed_before(prints, found, first, at):
                yield found


def _signed_at_end(blocks: list[_Block], at: int, start: int, number: int, posts: Posts) -> tuple[int, Found] | None:
    """The post whose signature a line of a block ends with, and the block in which its words begin."""
    block, first = blocks[at], at
    signed = _read(blocks, at, start, number)
    if signed is None:
        return None
    offset = block.starts[start]
    if not signed.words.strip():
        first = _words_before(blocks, at) if start == 0 else at
        if first == at and not block.is_quote:
            return None  # nobody's words
        offset = blocks[first].offset
        signed = replace(signed, words="\n".join(_unquoted(line) for one in blocks[first:at] for line in one.lines))
    found = _quotation("markdown-quote" if blocks[first].is_quote else "markdown-signed", offset, signed, posts)
    return (first, found) if found is not None else None


def _signed_among(line: str, offset: int, posts: Posts) -> Iterator[Found]:
    """The posts whose signatures stand among the words of a line, as where a page's text lost its lines.

    Prose has names, handles and days too. A second sign is asked for: a short link to media before the signature, a capital
    letter at its end with no space between, or what a screen reader skips.
    """
    platform = posts.named("twitter")
    if platform is None:
        return
    (shown, links), end = inline(_unquoted(line)), 0
    for closed in SIGNED_AMONG.finditer(shown) if not any(map(posts.of, links)) else ():
        start = max(end, closed.start() - _LONGEST_WORDS)
        skips = _skips(shown, start, closed.start())
        start = skips.end() if skips else start
        text, after = shown[start : closed.end()], shown[closed.end() : closed.end() + 1]
        glued = after.isupper() or (end > 0 and not after)  # or the last of several
        signed = _signature_among(text, closed.start() - start, skipped=skips is not None, glued=glued)
        if signed is not None:
            words, by = signed
            words = _sure(words) if skips is None and len(words) > _LONGEST_SURE else words
            links = inline(words)[1]
            handle, posted = by.handle, by.posted
            yield Found(platform, "markdown-signed", offset, words, links, by.author, handle, posted, signature=by.text)
            end = closed.end()


def _signature_among(text: str, at: int, *, skipped: bool, glued: bool) -> tuple[str, Signature] | None:
    """The words and the signature of a text that ends with one, whose handle begins `at`."""
    near = max(0, at - _LONGEST_SHOWN - 4)
    code = _last(_MEDIA_CODE, text, max(0, at - _LONGEST_NAME), at)
    dash = _last(_BEFORE_NAME, text, near, at) or (_last(_LOST_DASH, text, near, at) if skipped else None)
    if dash is not None and code is not None and dash.start() < code.end():
        dash = None  # it is in the words
    begins = dash or code  # what the name follows
    name = text[begins.end() :].strip() if begins else ""
    if begins is None or (dash is None and (not text[begins.end()].isspace() or name[0].islower())):
        return None
    words = text[: dash.start() if dash else begins.end()].strip()
    if not (skipped or (dash and glued) or _ENDS_WITH_CODE.search(words)):
        return None
    by = signature(f"— {name}")
    return (words, by) if by is not None and by.posted and by.author and len(by.author) <= _LONGEST_SHOWN else None


def _last(shape: re.Pattern[str], text: str, start: int, end: int) -> re.Match[str] | None:
    """The last match in that stretch."""
    found = None
    for found in shape.finditer(text, start, end):  # noqa: B007
        pass
    return found


def _skips(text: str, start: int, end: int) -> re.Match[str] | None:
    """The last that lets a screen reader skip a post, in that stretch."""
    at = text.rfind("Skip ", start, end)
    return SKIPS.match(text, at, end) if at >= 0 else None


def _sure(words: str) -> str:
    """Of words that begin nobody knows where, what is the post's for sure: the link to its media at their end."""
    code = _ENDS_WITH_CODE.search(words)
    return code[0].strip() if code else ""


def _bounded(text: str, posts: Posts, others: list[int]) -> Iterator[tuple[int, int, Found]]:
    """The posts, or the empty places of lost ones, between what screen readers skip, with where each starts and ends. What has
    an address, or was found by another rule, is left to that."""
    if "End of " not in text or " by @" not in text:
        return
    after = 0
    for ends in ENDS.finditer(text):
        line = max(after, ends.start() - _LONGEST_WORDS, text.rfind("\n", after, ends.start()) + 1)
        line += len(text[line : ends.start()]) - len(text[line : ends.start()].lstrip())
        skips = _skips(text, max(after, ends.start() - _LONGEST_WORDS), ends.start())
        if skips and (skips["name"].lower() != ends["name"].lower() or skips["handle"] not in (None, ends["handle"])):
            skips = None
        start, begins = (skips.end(), skips.start()) if skips else (line, line)
        after = ends.end()
        name = _named(ends["name"].lower(), posts)
        platform = posts.named(name) if name else None
        shown, links = inline("\n".join(map(_unquoted, text[start : ends.start()].split("\n"))))
        if platform is None or any(map(posts.of, links)) or any(begins <= place < after for place in others):
            continue
        words, by = _words_between(_REPORT.sub("", shown), ends["handle"])
        words = words if skips else _sure(words)
        if skips or by or words:
            links = inline(words)[1]
            author, posted, signed = (by.author, by.posted, by.text) if by else (None, None, None)
            found = Found(platform, "markdown-bounded", begins, words, links, author, ends["handle"], posted, signature=signed)
            yield begins, after, found


def _words_between(shown: str, handle: str) -> tuple[str, Signature | None]:
    """The words between what screen readers skip, and their signature if they have one."""
    closed = _last(SIGNED_AMONG, shown, 0, len(shown))
    if closed is None or closed["handle"] != handle:
        return shown, None
    return _signature_among(shown[: closed.end()], closed.start(), skipped=True, glued=False) or (shown, None)


def _called_out(block: _Block, posts: Posts) -> Found | None:
    """The post of a call-out named for a platform: `> [!tweet] ADDRESS` or `> [!tweet] @handle · day`, and its words."""
    called = CALLED_OUT.match(_unquoted(block.lines[0]).strip()) if "[!" in block.lines[0] and block.is_quote else None
    name = _named(called["name"].lower(), posts) if called else None
    platform = posts.named(name) if name else None
    if called is None or platform is None:
        return None
    lines = [line for line in map(_unquoted, block.lines[1:]) if not _COUNTS.match(line.strip())]
    text, links = inline("\n".join(lines))
    title, address = inline(called["rest"])
    read = posts.of(address[0]) if len(address) == 1 and title == address[0] else None
    if read is not None:
        return Found(read[0], "markdown-quote", block.offset, text, (*address, *links), permalink=address[0], ref=read[1])
    by = _ACCOUNT_AND_DAY.match(title)
    posted = dates.day(by["day"]) if by and DAY_ALONE.fullmatch(by["day"]) else None
    if by is None or posted is None:
        return None
    return Found(platform, "markdown-quote", block.offset, text, links, None, by["handle"], posted)


def _quoted(block: _Block, posts: Posts) -> Iterator[Found]:
    """A quote that is what an embed's code shows until its script draws the post, or Facebook's last line of one."""
    called = _called_out(block, posts)
    if called is not None:
        yield called
    if called is not None or ("](" not in block.text and "(@" not in block.text):
        return
    raw = INLINE.sub(lambda one: " ".join(one[0].split()), "\n".join(map(_unquoted, block.lines)))
    shown = "\n".join(inline(line)[0] for line in raw.split("\n"))
    links = [(inline(one["text"])[0], one["href"]) for one in INLINE.finditer(raw) if one["text"] is not None]
    one = fallback(shown, links, posts)
    if one is not None:
        yield Found(
            one.platform,
            "markdown-quote",
            block.offset,
            one.text,
            tuple(address for _, address in links),
            one.author,
            one.handle,
            one.posted,
            one.address,
            one.read[1] if one.read else None,
            one.signature,
        )


def _left_by_code(blocks: list[_Block], at: int, posts: Posts) -> Iterator[Found]:
    """The words of Instagram's embed code, of which the address is lost: its first line, at most a caption, its last; or all of
    it among other words."""
    if shares(blocks[at].lines[-1].strip()):
        for first in range(at, max(at - 3, -1), -1):
            if views(blocks[first].lines[0]):
                whole = blocks[first : at + 1]
                starts, lines = (start for one in whole for start in one.starts), (line for one in whole for line in one.lines)
                for one in _quoted(_Block(tuple(starts), tuple(lines), blocks[at].end), posts):
                    yield replace(one, form="markdown-signed")
                return
    for start, line in zip(blocks[at].starts, blocks[at].lines, strict=True):
        if "(@" in line:
            yield from _left_among(line, start + len(line) - len(line.lstrip()), posts)


def _left_among(line: str, offset: int, posts: Posts) -> Iterator[Found]:
    """The words of Instagram's embed code among others of a line."""
    platform = posts.named("instagram")
    shown, links = inline(_unquoted(line))
    if platform is None or any(map(posts.of, links)):
        return
    for left in left_among(shown):
        yield Found(
            platform, "markdown-signed", offset, left.text, (), left.author, left.handle, left.posted, signature=left.signature
        )


def _read(blocks: list[_Block], at: int, start: int, number: int) -> _Signed | None:
    """The post that ends with a line of a block, its words those of the lines from `start` on."""
    block = blocks[at]
    raw = [_unquoted(line) for line in block.lines[max(start, number - _MOST_LINES) : number]]
    bullet, listed = BULLET.match(raw[-1]), LISTED.match(raw[-1])
    own = _split([raw[-1][listed.end() :]]) if listed and (not bullet or _BRACKETED.search(raw[-1])) else None
    if own is not None and own.words.strip():
        return own
    if bullet and not _hyphen_is_dash(blocks, at, start, number):
        return None
    signed = _split(raw)
    if signed is not None and len(signed.words) > _TOO_MUCH and not block.is_quote:
        # Text whose paragraphs have no blank lines between them: the last is the post's.
        return replace(signed, words=signed.words.strip("\r\n").rpartition("\n")[2])
    return signed


def _hyphen_is_dash(blocks: list[_Block], at: int, start: int, number: int) -> bool:
    """Is `- Name (@handle) day` a signature, not a point of a list? It is where it ends words, and no other point is near."""
    block = blocks[at]
    if number < len(block.lines) or (at + 1 < len(blocks) and BULLET.match(blocks[at + 1].lines[0])):
        return False
    before = block.lines[start : number - 1] or (blocks[at - 1].lines if at and start == 0 and blocks[at - 1].is_text else ())
    return bool(before) and not any(BULLET.match(line) for line in before[-_MOST_LINES:])


def _names_a_link(line: str, posts: Posts) -> bool:
    """True for a point of a list that links to a post by its author's name: a signature links by its day."""
    if "](" not in line or not BULLET.match(line):
        return False
    links = [one for one in INLINE.finditer(line) if one["text"] and _BRACKETED.search(one["text"])]
    return any(posts.of(one["href"]) is not None and dates.day(one["text"]) is None for one in links)


def _opens_link(line: str) -> bool:
    """True where a link goes over the end of the line."""
    return line.rfind("[") > line.rfind("]")


def _words_before(blocks: list[_Block], at: int) -> int:
    """The block where the words over a signature begin: the one before it, and more where that holds links alone."""
    first = at
    while first > 0 and at - first < 4:
        block = blocks[first - 1]
        if not block.is_text or sum(map(len, block.lines)) > _LONGEST_WORDS or _split([_unquoted(block.lines[-1])]):
            break
        if blocks[at].is_quote and not block.is_quote:
            break  # the signature is quoted, and those words are not
        first -= 1
        words = inline("\n".join(map(_unquoted, block.lines)))[0].split()
        if not all(word.startswith(("http", "pic.", "#", "@")) for word in words):
            break
    return first


def _split(lines: list[str]) -> _Signed | None:
    """Lines that end with a signature, on a line of its own, on two, or after the last words."""
    last = lines[-1]
    if len(last) > _LONGEST_WORDS or ("@" not in last and (len(lines) < 2 or "@" not in lines[-2])):
        return None
    if "@" in last:
        shown, links = inline(last)
        by = signature(shown)
        if by is not None:
            return _Signed("\n".join(lines[:-1]), by, links)
        for dash in list(DASHED.finditer(last, max(0, len(last) - 3_000)))[-1:-6:-1]:
            if last[dash.end() - 1] == "-" and dash.end() - dash.start() == 1 and not last[dash.end()].isspace():
                continue  # a hyphen
            shown, links = inline(last[dash.start() :])
            by = signature(shown)
            if by is not None:
                return _Signed("\n".join([*lines[:-1], last[: dash.start()]]), by, links)
        return None
    joined = f"{lines[-2]} {last}"
    if _opens_link(lines[-2]) and "](" in last:
        return _split([*lines[:-2], joined])  # the day's link goes over the end of its line
    shown, links = inline(joined)  # the day has a line of its own
    by = signature(shown) if len(last) < 400 else None
    return _Signed("\n".join(lines[:-2]), by, links) if by is not None and by.posted else None


def _quotation(form: str, offset: int, signed: _Signed, posts: Posts) -> Found | None:
    """Signed words as an embed. A permalink counts only in the signature: the words may link to other posts.

    A name, a handle and words may be anybody's. That they are a post's is shown by its address, by the day, or by a short link.
    """
    by = signed.by
    text, links = inline(signed.words)
    platform, permalink, ref = _signed_by(by, signed.links, posts)
    if platform is None or not (text or links or permalink or form == "markdown-marker"):
        return None
    brief = len(by.day) <= _LONGEST_DAY
    dated = (
        brief
        and (by.day.isdigit() or DAY_ALONE.fullmatch(by.day) is not None)
        and (by.posted is not None or (form == "markdown-quote" and _YEAR.search(by.day) is not None))
    )
    linked = brief and CODE.search(" ".join((text, *links))) is not None
    if not (permalink or dated or linked or form == "markdown-marker"):
        return None
    return Found(platform, form, offset, text, links + signed.links, by.author, by.handle, by.posted, permalink, ref, by.text)


def _signed_by(by: Signature, links: tuple[str, ...], posts: Posts) -> tuple[Platform | None, str | None, PostRef | None]:
    """The platform whose permalink the signature carries. Without one the handle tells: a host name is Bluesky's, `@user@host`
    the fediverse's, any other Twitter's, whose embed code signs like this."""
    for link in reversed(links):
        read = posts.of(link)
        if read is not None:
            return read[0], link, read[1]
    if "@" in by.handle:
        return posts.named("mastodon"), None, None
    if "." in by.handle:
        return posts.named("bluesky"), None, None
    return posts.named("twitter") if len(by.handle) <= _LONGEST_TWITTER_HANDLE else None, None, None


# The same post again --------------------------------------------------------------------------------------------------


def _printed_before(prints: dict[str, list[_Print]], found: Found, first: int, last: int) -> bool:
    """True where a post of that author was printed before, and this is that one again, or its translation."""
    earlier = prints.setdefault(_key(found), [])
    for one in reversed(earlier[-20:]):
        if _same(one, found, first):
            one.last = max(one.last, last)
            return True
    earlier.append(_Print(found, _notation(found), last))
    return False


def _key(found: Found) -> str:
    return f"{found.platform.name} {(found.handle or '').lower()}"


def _notation(found: Found) -> str:
    """The day as it is written, without numbers and clock: two posts of one day agree in it, a translation does not."""
    rest = (found.signature or "").rpartition(found.handle or "@")[2]
    return " ".join(re.sub(r"[\d\W_]+|\b[ap]m\b", " ", rest.casefold()).split())


def _same(one: _Print, found: Found, first: int) -> bool:
    """Is it the post of `one` again? Two of one author are told apart by their media, and by days written alike."""
    old = one.found
    if old.ref and found.ref:
        return old.ref == found.ref
    media = [set(_MEDIA_CODE.findall(" ".join((each.text, *each.links)))) for each in (old, found)]
    words = [re.sub(r"\W+", "", CODE.sub("", each.text)).casefold() for each in (old, found)]
    if media[0] & media[1] or (words[1] and words[0].endswith(words[1]) and (old.posted == found.posted or not found.posted)):
        return True
    if (media[0] and media[1]) or first - one.last > _NEAR or (old.posted and found.posted and old.posted != found.posted):
        return False
    if found.posted is None or _notation(found) != one.day or found.author != old.author:
        return True
    return _latin(words[0]) != _latin(words[1]) or (bool(media[0]) and first - one.last <= 1)


def _latin(words: str) -> bool:
    return sum(letter < "ɐ" for letter in words) * 2 > len(words)


# Addresses ------------------------------------------------------------------------------------------------------------


def _alone(blocks: list[_Block], at: int, posts: Posts) -> Iterator[Found]:
    """Addresses of posts with nothing else in their paragraph. A label before them makes them a source, not an embed."""
    block = blocks[at]
    if len(block.lines) > 3 or ("://" not in block.lines[0] and "](" not in block.lines[0]):
        return
    if at and len(blocks[at - 1].lines) == 1 and LABEL.match(blocks[at - 1].lines[0].strip()[:80]):
        return
    if at and block.lines[0].startswith("  ") and BULLET.match(blocks[at - 1].lines[0]):
        return  # a point's, as in a list of links
    found = [
        _address(_unquoted(line), start + len(line) - len(line.lstrip()), posts)
        for start, line in zip(block.starts, block.lines, strict=True)
    ]
    if all(found):
        yield from filter(None, found)


def _address(line: str, offset: int, posts: Posts) -> Found | None:
    shape = ALONE.match(line)
    if shape is None:
        return None
    address = next(shape[name] for name in ("auto", "wiki", "bare", "href") if shape[name] is not None)
    address = re.sub(r"\\([_*~&#-])", r"\1", address)
    author = handle = None
    if shape["text"] is not None:
        label, _ = inline(shape["text"])
        own = _bare(label) and _bare(address).startswith(_bare(label))
        named = stands_for_post(label) or is_address_of_embed_code(address)
        drawn = named or FRAME.search(address) or ":include" in (shape["title"] or "")  # Docsify's
        told = label.rpartition(": ")[2] if posts.named(label.partition(":")[0].lower()) else label
        if not own and not drawn and not (told.startswith("http") and posts.of(told) == posts.of(address)):
            return None
        author, handle = account(label) if named else (None, None)
    read = posts.of(address) or (posts.of_frame(address) if "iframe" in address else None)
    if read is None:
        return None
    return Found(read[0], "markdown-address", offset, "", (address,), author, handle, None, address, read[1])


def _bare(address: str) -> str:
    """An address as it is shown: without scheme, `www.` and parameters, and cut short."""
    found = re.match(r"(?:https?://)?(?:www\.)?([\w.-]{2,100}/[^\s?#…]{1,500}|at://\S{1,500})", address)
    return found[1].rstrip("/.").lower() if found else ""


def _images(text: str, blocks: list[_Block], defined: Mapping[str, str], posts: Posts) -> Iterator[Found]:
    """Posts written as images, and images that are all there is in their paragraph and link to a post."""
    if "![" not in text and "!?[" not in text and "[<img" not in text:
        return
    for image in IMAGE.finditer(text):
        address = image["href"] or image["wiki"] or defined.get((image["name"] or image["alt"] or "").lower(), "")
        read = posts.of(address)
        if read is not None:
            yield Found(read[0], "markdown-image", image.start(), "", (address,), permalink=address, ref=read[1])
    for thumb in THUMBNAIL.finditer(text):
        read = posts.of(thumb["href"])
        picture = thumb["src"] or thumb["img"]
        if read is not None and read[1].post_id.rpartition("/")[2] in picture and not is_badge(picture):
            yield Found(read[0], "markdown-image", thumb.start(), "", (thumb["href"],), permalink=thumb["href"], ref=read[1])
    for block in blocks:
        linked = LINKED_IMAGE.match(block.lines[0]) if len(block.lines) == 1 else None
        read = posts.of(linked["href"]) if linked else None
        if linked and read and not is_badge(linked["src"] or linked["img"]):
            address = linked["href"]
            yield Found(read[0], "markdown-image", block.offset, "", (address,), permalink=address, ref=read[1])


# Drawn within links to it ---------------------------------------------------------------------------------------------


def _drawn(text: str, posts: Posts, _: list[int]) -> Iterator[tuple[int, int, Found]]:
    """The posts that links to them show whole, alone in their paragraphs, with where each starts and ends."""
    if "](" not in text:
        return
    end = 0
    for run in _runs(text, posts):
        first, last = run[0], run[-1]
        before = text[max(0, first.start - 20) : first.start].rpartition("\n")[2].strip(" \t>")
        after = text[last.end : last.end + 20].partition("\n")[0].strip()
        if first.start < end or (before and first.start != end) or (after and after[0] != "["):
            continue
        one = _shown_whole(run, text[last.end : last.end + 600])
        if one is not None:
            yield first.start, last.end, one
            end = last.end


def _runs(text: str, posts: Posts) -> Iterator[list[_Link]]:
    """The links to posts in order of place, those to one post with nothing between them together."""
    run: list[_Link] = []
    for link in sorted(_links(text, posts), key=lambda link: link.start):
        if run and (link.read != run[-1].read or not _only_beside(text[run[-1].end : link.start])):
            yield run
            run = []
        run.append(link)
    if run:
        yield run


def _only_beside(text: str) -> bool:
    return len(text) < _LONGEST_WORDS and not _BESIDE.sub("", PICTURE.sub("", text))


def _links(text: str, posts: Posts) -> Iterator[_Link]:
    opened: list[int] = []
    for mark in BRACKET.finditer(text):
        if mark[0] == "[":
            opened.append(mark.start())
        elif mark[0][0] == "]" and opened:
            start = opened.pop()
            read = posts.of(mark["href"]) if mark["href"] and mark.start() - start < _LONGEST_WORDS else None
            if read is not None:
                label = "\n".join(map(_unquoted, text[start + 1 : mark.start()].split("\n")))
                yield _Link(start, mark.end(), label, mark["href"], read)


def _shown_whole(run: list[_Link], after: str) -> Found | None:
    """The post that a run of links draws: it ends with a day and counts, or begins with the picture and name of its account.

    One sign alone does not make it: prose links to posts by their handle, and to what a day says, too.
    """
    platform, ref = run[0].read
    handle = f"@{ref.handle}".lower() if ref.handle else "@@"
    raw = "\n\n".join(link.label for link in run)

    def is_of_author(picture: re.Match[str] | None) -> bool:
        shown = f"{picture['alt']} {picture['src']}".lower().replace("\\", "") if picture else ""
        return f"/{handle[1:]}." in shown or (handle in shown and ("avatar" in shown or "profile" in shown))

    def unpictured(picture: re.Match[str]) -> str:
        return _AVATAR if "avatar" in picture["alt"] or is_of_author(picture) else " "

    shown, links = inline(PICTURE.sub(unpictured, raw))
    ends = DRAWN_END.search(shown, max(0, len(shown) - 300))
    if ends is None:
        return None
    at = shown.lower().find(handle)
    posted = dates.day(ends["day"] or "")
    clock, counts = bool(ends["clock"] or ends["late"]), bool(ends["counts"] or ends["only"])
    gap, row = any(_GAP.search(link.label) for link in run), len(run) > 1
    if not (
        (posted and ((counts and (clock or gap or row)) or (clock and row)))
        or (at >= 0 and (is_of_author(PICTURE.search(raw)) or (posted and (clock or gap)) or (counts and (gap or row))))
        or (not raw.strip() and is_of_author(PICTURE.search(after)))  # laid over what it draws
    ):
        return None
    words = shown[at + len(handle) if at >= 0 else 0 : ends.start()].lstrip(_AVATAR + " ").partition(_AVATAR)[0]
    words = words.rstrip(" ·∙•*-")
    author = shown[:at].replace(_AVATAR, "").strip() if 0 < at < _LONGEST_NAME else ""
    links = (*links, run[0].href)
    return Found(platform, "markdown-drawn", run[0].start, words, links, author or None, ref.handle, posted, run[0].href, ref)


# Inline text ----------------------------------------------------------------------------------------------------------


def inline(text: str) -> tuple[str, tuple[str, ...]]:
    """Markdown inline text as a reader sees it, white space joined, and the real addresses in it, in order."""
    shown: list[str] = []
    links: list[str] = []
    end = 0
    for found in INLINE.finditer(text):
        shown.append(text[end : found.start()])
        end = found.end()
        if found["escaped"]:
            shown.append(found["escaped"])
        elif found["text"] is not None:
            label, inner = inline(found["text"])
            shown.append(label)
            href = unescape(found["href"])
            links += [href] if href.startswith(("http://", "https://")) else inner
        elif found["auto"] or found["bare"]:
            address = found["auto"] or found["bare"].rstrip(".,;:!?")
            end = found.start() + len(address) if found["bare"] else end
            shown.append(address)
            links.append(address)
        elif found["pic"]:
            shown.append(found["pic"])
            links.append("https://" + found["pic"])
        elif found["anchor"]:
            links.append(unescape(found["anchor"]))
        elif found["break"]:
            shown.append(" ")
    shown.append(text[end:])
    return " ".join(unescape("".join(shown)).split()), tuple(links)


def _unquoted(line: str) -> str:
    for _ in range(3):
        line = QUOTED.sub("", line)
    return line


def _has(places: list[int], block: _Block) -> bool:
    after = bisect_right(places, block.offset - 1)
    return after < len(places) and places[after] < block.end


# Blocks, and what is blanked ------------------------------------------------------------------------------------------


def _blocks(text: str, defined: Mapping[str, str]) -> Iterator[_Block]:
    """Paragraphs, and each heading and each “Embed:” by itself."""
    lines: list[str] = []
    starts: list[int] = []
    place = 0
    embeds = "mbed" in text
    for line in [*text.split("\n"), ""]:
        lead = alone = None
        if embeds and "mbed" in line[:20]:
            lead = EMBED_LEAD.match(line)
            alone = lead or HEADING.match(line) or (EMBED_LINE.match(line) if len(line) < 60 else None)
        elif line.startswith("#"):
            alone = HEADING.match(line)
        if lines and (alone or not line.strip() or (">" in line[:4] and QUOTED.match(line) and not QUOTED.match(lines[0]))):
            yield _Block(tuple(starts), tuple(lines), place)
            lines, starts = [], []
        if lead:
            yield _Block((place,), (lead["marker"],), place + lead.end())
            place += lead.end()
            line = line[lead.end() :]
            starts, lines = [place], [line]
        elif alone:
            yield _Block((place,), (line,), place + len(line) + 1)
        elif line.strip():
            starts.append(place)
            lines.append(_written_out(line, defined) if defined and "[" in line else line)
        place += len(line) + 1


def _definitions(text: str) -> Mapping[str, str]:
    """The addresses that links by reference lead to (https://spec.commonmark.org/0.31.2/#link-reference-definitions)."""
    found = map(DEFINED.match, text.split("\n")) if "]:" in text else ()
    return {one["name"].lower(): one["href"] for one in found if one}


def _written_out(line: str, defined: Mapping[str, str]) -> str:
    """The line with `[text][name]`, `[text][]` and `[name]` as `[text](address)`."""

    def link(found: re.Match[str]) -> str:
        href = defined.get((found["name"] or found["text"]).lower())
        return f"[{found['text']}]({href})" if href else found[0]

    return REFERENCE.sub(link, line)


def _without_code(text: str, posts: Posts, *, mdx: bool) -> str:
    """The text with front matter, code and comments blanked: a sample of an embed is no embed."""
    text = _blank(text, _front_matter(text))
    text = _blank(text, _code_lines(text, posts, mdx=mdx))
    if "<!--" in text:
        text = _blank(text, _comments(text))
    if "<" in text or "{%" in text:
        text = _blank_elements(text, SAMPLES)
    if "`" in text:
        text = _blank(text, _code_spans(text))
    return text


def _front_matter(text: str) -> Iterator[tuple[int, int]]:
    opened = FRONT_MATTER.match(text) if text.startswith(("---", "+++", "\ufeff")) else None
    closed = FRONT_MATTER_ENDS.search(text, opened.end(), _LONGEST_FRONT_MATTER) if opened else None
    if closed:
        yield 0, closed.end()


def _code_lines(text: str, posts: Posts, *, mdx: bool) -> Iterator[tuple[int, int]]:
    """Fenced code, and lines set in by four after a blank one that continue no list; MDX has none of these."""
    fence: _Fence | None = None
    place, blank, listed, indented = 0, True, False, False
    for line in text.split("\n"):
        mark = FENCE.match(line) if "```" in line or "~~~" in line else None
        fence = fence if fence and fence.may_hold(line) else None
        if fence:
            closing = fence.ends_with(line, mark)
            if closing or not fence.handed_through:
                yield place, place + len(line)
            fence = None if closing else fence
        elif mark:
            filled = _is_filled(text, place, line[mark.end() :], posts)
            fence = _Fence(mark["fence"], ">" in mark["quote"], filled or _RAW_FENCE.match(line, mark.end()) is not None)
            if not filled and not _DIRECTIVE.match(line, mark.end()):
                yield place, place + len(line)
        elif not line.strip():
            blank = True
        else:
            indented = not mdx and _is_set_in(line) and not listed and (blank or indented)
            if indented:
                yield place, place + len(line)
            elif LISTED.match(line) or ("]:" in line and DEFINED.match(line)) or (line[0] == "." and _RAW_HTML.match(line)):
                listed = True
            elif blank and not line.startswith(("  ", "\t")):
                listed = False
            blank = False
        place += len(line) + 1


def _is_filled(text: str, place: int, name: str, posts: Posts) -> bool:
    """True for a fence that is called after a platform and holds its post alone: a short-code, not a sample of one."""
    filled = shortcodes.FILLED.match(text, place) if name.strip().lower() in posts.words else None
    return filled is not None and filled["closed"] is not None


def _is_set_in(line: str) -> bool:
    return line.startswith(("    ", "\t", " \t", "  \t", "   \t"))


def _comments(text: str) -> Iterator[tuple[int, int]]:
    start = text.find("<!--")
    while start >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            return
        yield start, end + 3
        start = text.find("<!--", end + 3)


def _code_spans(text: str) -> Iterator[tuple[int, int]]:
    """Code between runs of as many back-ticks, each within its paragraph."""
    for block in _blocks(text, {}):
        if len(block.lines) == 1 and shortcodes.REMARK.fullmatch(block.lines[0]):
            continue  # alone in its paragraph: Gatsby's way to embed
        paragraph = text[block.offset : block.end]
        runs = [one for one in _TICKS.finditer(paragraph) if not _is_no_code(paragraph, one)]
        by_length: dict[int, list[int]] = {}
        for number, run in enumerate(runs):
            by_length.setdefault(len(run[0]), []).append(number)
        at = 0
        while at < len(runs):
            same = by_length[len(runs[at][0])]
            after = bisect_right(same, at)
            if after < len(same):
                start = block.offset + runs[at].start()
                if not (text.startswith("`r ", start) and shortcodes.CALL_OF_R.match(text, text.rfind("\n", 0, start) + 1)):
                    yield start, block.offset + runs[same[after]].end()
                at = same[after]
            at += 1


def _is_no_code(paragraph: str, ticks: re.Match[str]) -> bool:
    """True for an escaped back-tick, and for those around a component's attribute: `src={`…`}`."""
    before, after = paragraph[max(0, ticks.start() - 2) : ticks.start()], paragraph[ticks.end() : ticks.end() + 1]
    return before.endswith("\\") or before == "={" or (after == "}" and "={`" in paragraph)


def _blank_elements(text: str, opening: re.Pattern[str]) -> str:
    """The text without those elements, up to the first closing tag of that name; one that never closes is left."""
    spans: list[tuple[int, int]] = []
    never: set[str] = set()
    at = 0
    while opened := opening.search(text, at):
        at = opened.end()
        groups = opened.groupdict()
        name = (groups["name"] or "").lower()
        tag = (groups.get("tag") or "").lower()
        if name + tag in never:
            continue
        closing = rf"</{name}\s{{0,9}}>" if name else rf"\{{%-?\s{{0,5}}end{tag}\b[^{{}}]{{0,50}}%\}}"
        closed = re.compile(closing, re.IGNORECASE).search(text, at)
        if closed is None:
            never.add(name + tag)
        else:
            within = text[opened.start() : closed.end()]
            if tag in _UNREAD_TAGS and _LEFT_CODE.search(within):  # what protects an embed's code from the template language
                spans += [(opened.start() + one.start(), opened.start() + one.end()) for one in _LIQUID.finditer(within)]
            else:
                spans.append((opened.start(), closed.end()))
            at = closed.end()
    return _blank(text, spans)


def _blank(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with those stretches turned to spaces, each line and each character after them where it was."""
    pieces: list[str] = []
    end = 0
    for start, stop in sorted(spans):
        if start >= end:
            pieces += [text[end:start], re.sub(r"[^\n]", " ", text[start:stop])]
            end = stop
    return "".join((*pieces, text[end:])) if pieces else text
