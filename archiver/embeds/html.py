"""Embeds in HTML: one walk over the document, in its order, asking each element whether it shows a post.

No rule names a site. An element shows a post where its tag, its class or an attribute says so; code that a page keeps for later
(in an attribute, a template, a script, a comment) is parsed and asked the same. A link in prose shows nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Container, Iterator, Mapping
from datetime import date
from enum import Enum
from functools import lru_cache
from itertools import accumulate, islice
from operator import itemgetter

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

from archiver import dates
from archiver.addresses import unescape
from archiver.embeds import islands
from archiver.embeds.found import Found, signature
from archiver.embeds.posts import SAYS_NOTHING, Classes, Posts, about_posts_only, is_badge
from archiver.errors import SourceError
from archiver.model import Platform, PostRef
from archiver.patterns import pattern
from archiver.values import replace

FORMS = {
    "html-blockquote": "a quotation with the platform's class or a post's address in an attribute, or signed like a post, "
    "or that says what embed code says until it is drawn",
    "iframe": "a frame whose address, or an attribute, names the post; not yet loaded ones too",
    "element": "an element of AMP or of the platform's own (`amp-twitter`, `lite-youtube`)",
    "attribute": "any other element with a post's address or id in an attribute, its own id included",
    "attribute-json": "an attribute that holds JSON with the post in it",
    "escaped-code": "an embed's code kept as text: in an attribute, a template, a text area, a script, `srcdoc`",
    "comment": "an embed's code in a comment",
    "script-json": "data of the page that describes this article, with the post or its code in it",
    "script-call": "a script that asks the platform's library to draw the post",
    "container": "an element whose class says that it is an embed, around a link to one post",
    "paragraph-address": "a post's address alone in its paragraph",
    "paragraph-signed": "paragraphs that end with a post's signature; the permalink is lost",
    "drawn": "a post drawn of plain elements: its day is a link to it, and its handle stands beside",
    "placeholder": "an empty element whose class names a platform and an embed; which post it was is lost",
}

_SKIPPED_TAGS = frozenset(
    [
        "html",
        "head",
        "meta",
        "link",
        "title",
        "style",
        "path",
        "svg",
        "g",
        "use",
        "circle",
        "rect",
        "hr",
        "b",
        "i",
        "em",
        "strong",
        "u",
        "small",
        "sup",
        "sub",
        "wbr",
        "picture",
        "input",
        "option",
        "select",
        "label",
        "area",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "tr",
        "td",
        "th",
        "tbody",
        "thead",
        "ul",
        "ol",
        "nav",
        "header",
        "footer",
        "base",
    ]
)
_PLAIN = frozenset(
    [
        "class",
        "style",
        "id",
        "width",
        "height",
        "alt",
        "title",
        "role",
        "rel",
        "type",
        "target",
        "lang",
        "dir",
        "name",
        "sizes",
        "srcset",
        "loading",
        "media",
        "decoding",
        "tabindex",
        "itemprop",
        "itemscope",
        "itemtype",
        "frameborder",
        "allowfullscreen",
        "scrolling",
        "allow",
        "aria-label",
        "aria-hidden",
    ]
)
_OF_PLAIN_LINKS = _PLAIN - {"class"} | {"href", "onclick"}
_AT = pattern(r"\bat:")
_OTHERS = pattern(r"share|sharing|follow|intent|like|comment|profile|login|subscribe")
_PROSE = pattern(r"\s*(?:in|at|for|from|on|to|with|and|of)\b", re.IGNORECASE)
_BLOCKS = frozenset({"div", "figure", "section", "center"})
# What looks like elements in a source and is none begins so: comments, and the texts of scripts, styles and text areas.
_HIDES = pattern(r"<(?:!--|(?P<tag>script|style|textarea|xmp)\b[^>]{0,2000}>)", re.IGNORECASE)
_HIDES_NO_SCRIPT = pattern("<!--")
_TAGS = pattern(r"<([a-zA-Z][a-zA-Z0-9-]{0,30})")
# fmt: off
_NEVER_NESTED = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
    "p", "li", "dt", "dd", "option", "tr", "td", "th", "tbody", "thead", "tfoot",
})
# fmt: on
_CLOSES_ITSELF = pattern(
    r"<(?!(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)\b)"
    r"(?P<tag>[A-Za-z][\w:-]{0,40})(?P<rest>(?:\s[^<>]{0,9000}[\"'\s])?)/>",
    re.ASCII,
)
_SAYS_EMBED = pattern(r"embed|tweet|(?:twitter|instagram|facebook|tiktok)-(?:post|video|media)", re.IGNORECASE)
_SAYS_ICON = pattern(r"icon|btn|button|link|logo|share|follow", re.IGNORECASE)
_PLACEHOLDERS = ("{{", "<%", "${")
_NOT_CONTENT = pattern(
    r"(?:^|[-_\s])(?:ads?|advert\w*|targeting|track\w*|analytics|share\w*|gtm|metrics)(?:$|[-_\s])", re.IGNORECASE
)
_BASE64_OF_CODE = ("PG", "PC", "PH")
_ID_ENDINGS = ("id", "code", "key", "status", "post", "embed", "video", "yt")
_SHORT_NAMES = {"yt": "youtube"}  # in classes; the id's form leaves no doubt
_DRAWN_BY = pattern(r"component|module|widget|provider|(?:^|-)(?:name|type|controller|vendor|service)$")
_TITLES_OF_TWEETS = frozenset({"X Post", "Twitter Tweet"})  # of the frames that its script draws
_OWN_ID = pattern(r"(?:^|[-_])([0-9]{15,20})$")
_LIKE_A_VIDEO = pattern(r"(?:^|(?<=^WYL_)|(?<=^lyte_))(?=.{0,10}[0-9])(?=.{0,10}[A-Z])(?=.{0,10}[a-z])[\w-]{11}$")
_ABOUT_POSTS = pattern(r"(?:^|[-_])(?:comments?|share|timeline)(?:$|[-_])", re.IGNORECASE)
# Where pages show posts of their own accounts, or of anybody, beside the article.
_CHROME = pattern(
    r"(?:^|\s)(?=\w)(?:(?:site|page|main|global|article|post|entry|left|right|js|l|c|m)[-_]+)?"
    r"(?:(?:(?P<layout>sidebar|side-bar|sidebars)|footer|colophon|widget-area|related|recirc|recommended|most-read|"
    r"(?:latest|recent|popular)[-_](?:videos?|posts?|news|stories|articles?|tweets?)|(?:read|watch|up)-next|"
    r"comments?(?!-(?:on|off|open|closed)\b)|comment-?list|respond|disqus_thread|webmentions?|mentions|[up]-(?:comment|like|repost|mention)|"
    r"(?:foot|end)notes?|references|bibliography|reflist)(?:[-_]\w+)?"
    r"|more-(?!content\b|text\b)\w+(?:-\w+)?)(?=\s|$)",
    re.IGNORECASE,
)
# What stands beside an article by these names, unless it stands in one or holds it, as a live story's timeline does.
_PERHAPS_CHROME = pattern(
    r"(?:^|\s)(?=\w)(?:(?:site|page|main|global|article|post|entry|left|right|js|l|c|m)[-_]+)?"
    r"(?:(?:timeline|widget|trending)(?:[-_]\w+)?|widget_\w+-\w+)(?=\s|$)",
    re.IGNORECASE,
)
# What an account posted of late, as a box of its own. Where several posts are drawn in it, no author put each there.
_FEED = pattern(
    r"(?:^|[\s_-])(?:(?:twitter|tweets?|insta|instagram|youtube|facebook|tiktok|social(?:-media)?)[-_]?(?:feeds?|timeline|stream)"
    r"|(?:user|home)-?timeline)(?=[\s_-]|$)",
    re.IGNORECASE,
)
# The boxes of plug-ins that draw nothing else: Smash Balloon's, Feed Them Social's, QuadLayers'.
_PLUG_INS_FEED = pattern(
    r"(?:^|\s)(?:ctf-type-[a-z]{1,20}|sb_(?:youtube|instagram)|fts-[a-z]{1,20}-div|insta-gallery-feed)(?=\s|$)"
)
_CITES = pattern(r"u-[a-z-]{1,20}-(?:of|to)")
_BODIES = (
    "entry-content",
    "post-body",
    "post-content",
    "article-body",
    "article-content",
    "article__body",
    "story-body",
    "e-content",
    "entry-body",
    "entry",
    "node-content",
)
_BODY = pattern(rf"(?:^|\s)(?:{'|'.join(_BODIES)}|so-panel)(?=\s|$)")
# How pages mark their article, the surest first: of those that match, the one with the most words is it.
_BODY_SELECTOR = ", ".join(("[itemprop~=articleBody]", *(f".{one}" for one in _BODIES)))
_ARTICLES = (_BODY_SELECTOR, ".hentry, .h-entry", "article", "main, [role=main]")
# An address, or what a web archive made of one: /web/2020…/https://…
_LEADS_OUT = pattern(r"https?:|//|/[^?#]{0,100}/https?:", re.IGNORECASE)
_OWN_ADDRESS = "link[rel=canonical], meta[property='og:url']"
_QUOTES = ("'", "`")
_BOUND = (":", "v-bind:", "[")
_BOUND_INITIALS = ":v["
_INLINE = frozenset({"span", "b", "i", "em", "strong", "small", "time", "font", "u"})
_LINES = frozenset({"br", "div", "section", "footer", "cite"})
_SHORTCODES = ("[", "{")
_INLINE_ALONE = frozenset({"span", "strong", "em", "b", "i"})
_SHORTEST_NUMBER = 8
_LONGEST_WORD = 40  # of those that name a platform
_LONGEST_DAY = 60
_LONGEST_BESIDE_DAY = 80
_LONGEST_CARD = 3000
_DEEPEST_CARD = 8
_DRAWING_CLASSES = ("embed-card", "embedly")
_DRAWING_ATTRIBUTES = frozenset({"data-card-appearance", "data-flickr-embed", "data-iframely-url", "data-embed"})
# Attributes whose quotation marks were made typographic, as text is.
_CURLY = pattern(r"=[‘’“”„″]|=&(?:#82|[lr][ds]quo)")  # one look: it begins with what is looked for fast
_OPENED = pattern(r"<[a-zA-Z][^<>]{0,4000}>")
_CURLY_MARK = r"(?:[‘’“”„″]|&(?:#82(?:1[6-8]|2[0-2]|4[23])|[lr][ds]quo);)"
_CURLY_VALUE = pattern(
    rf"(?P<straight>=\s?(?:\"[^\"]{{0,4000}}\"|'[^']{{0,4000}}'))|={_CURLY_MARK}(?P<value>[^‘’“”„″<>]{{0,2000}}?){_CURLY_MARK}"
)
_CODE = pattern(
    r"<\s*(?:blockquote|iframe|amp-[a-z]+|script[^>]{0,200}data-telegram|div[^>]{0,300}(?:fb-(?:post|video)|twitter-tweet|data-))",
    re.I,
)
_ESCAPED = pattern(
    r"&lt;\s*(?:blockquote|iframe|div|amp-)|\\u003[cC]\s*(?:blockquote|iframe|div)|%3C(?:blockquote|iframe)", re.I
)
_PLAIN_ID = pattern(r"[A-Za-z][\w-]{0,80}", re.ASCII)
_HANDLES = pattern(rb"@(?<=\(@)")  # one character is looked for many times as fast as two
_HANDLE = pattern(r"\(@([A-Za-z0-9_.]{1,30})\)")
# A button that plays what it names says so; others copy, share, open or remove it.
_PLAYS = pattern(r"(?<!dis)play|watch|facade|embed|iframe|video|(?<![a-z])load(?!ing)|[▶►]", re.IGNORECASE)
_DOES_ELSE = pattern(
    r"share|copy(?!right)|clipboard|delete|remove|(?<!cr)edit(?!or)|save|download|report|follow|subscribe|bookmark|favou?rite|queue|"
    r"playlist|modal|lightbox|popup|toggle|close|cancel|dismiss|menu|carousel|slide",
    re.IGNORECASE,
)
_BUTTON = pattern(r"button|btn")
_LONGEST_LABEL = 100
# Code that puts something in an element's place.
_WRITES = pattern(r"(?:outer|inner|Adjacent)HTML|\.html\(|replaceWith")
_VIDEO_IN_QUOTES = pattern(r"[\"']([A-Za-z0-9_-]{11})[\"']")
_STILL = pattern(r"/vi(?:_webp)?/([A-Za-z0-9_-]{11})/")
_MAX_TEXT = 20_000
_MAX_CODE = 2_000_000
_MOST_LAYERS = 3
_SHORTEST_CODE = 20
_MOST_ATTRIBUTES = 200
_LONGEST_TAG = 200_000
_MOST_WORDS_IN_TAG = 20_000
_MOST_CONTAINERS = 500
_MOST_NESTED_QUOTES = 4
_MOST_BODIES = 40
_LEAST_OF_TEXT = 5  # an article has at least one part in so many of what stands in a page's paragraphs
_DEEPEST = 10_000
_MOST_BESIDE = 8
_MOST_OVER_LAST = 3
_LONGEST_LINE = 500


def find(text: str, posts: Posts, data: bytes | None = None) -> Iterator[Found]:
    """Every embed in a text with HTML in it, in the order of the document. `data`: the same in UTF-8, where it is at hand."""
    yield from _Walk(text, posts, data=data).run()


def closed(text: str) -> str:
    """XHTML as HTML: each element that closes itself is closed by a tag, else it would hold what comes after it."""
    return _CLOSES_ITSELF.sub(r"<\g<tag>\g<rest>></\g<tag>>", text)


_Question = Callable[["_Walk", LexborNode], Iterator[Found]]


class _Asked(Enum):
    """What most elements are asked. All others have a question of their own."""

    NOTHING = 0
    BY_ADDRESS = 1
    BY_ATTRIBUTES = 2
    AS_BLOCK = 3  # by attributes too
    AS_OWN = 4  # a platform's: by attributes, whatever these are


class _Place(Enum):
    """Where in a page an element stands."""

    OPEN = 0
    ARTICLE = 1
    BESIDE = 2


class _Walk:
    """One document being walked."""

    def __init__(self, text: str, posts: Posts, depth: int = 0, data: bytes | None = None) -> None:
        if any(_has_absurd_tag(text[start:end]) for start, end in _without(text, ">", _LONGEST_TAG)):
            raise SourceError(
                f"an element with more than {_MOST_WORDS_IN_TAG} attributes, which no page has; parsing it would not end"
            )
        if any(_deeper_than(text[start:end], _DEEPEST) for start, end in _without(text, "</", _LONGEST_TAG)):
            raise SourceError(f"elements nested more than {_DEEPEST} deep, which no page has; parsing it would not end")
        if _CURLY.search(text):
            text, data = _straightened(text), None
        self._text = text
        self._posts = posts
        self._depth = depth
        self._parser = LexborHTMLParser(data or text, options=LexborDocumentOptions.WO_EVENTS)
        self._at = 0
        self._containers = 0
        self._named_by: dict[int, tuple[Platform, PostRef]] = {}
        self._shown: set[tuple[str, str]] = set()
        self._scripts: list[tuple[LexborNode, str, dict[tuple[str, str], tuple[Platform, PostRef]]]] = []
        self._starts: dict[str, dict[int, int]] = {}
        self._sources: dict[re.Pattern[str], str] = {}
        self._counted: dict[tuple[int, str], tuple[int, int]] = {}
        self._steps: dict[int, str] = {}
        self._players = False  # whether a script of a platform's own player came before
        self._signatures = "(@" in text if data is None else _HANDLES.search(data) is not None
        self._page: islands.Page | None = None
        self._places: dict[int, _Place] = {}
        self._around: tuple[frozenset[int], bool] | None = None

    def run(self) -> Iterator[Found]:
        for one in self._elements():
            if one.ref is not None:
                self._shown.add((one.platform.name, one.ref.post_id))
            yield one
        for script in self._scripts:
            yield from self._data(*script)

    def _elements(self) -> Iterator[Found]:
        # A page has a thousand elements and more to each embed: what nearly all of them go through is written out here, and the
        # name of each tag is read once, for its number is had sooner.
        root, posts = self._parser.root, self._posts
        known: dict[int, _Asked | _Question] = {}
        asked_of, silent, telling = known.get, posts.silent, posts.telling
        nothing, by_address, by_attributes, as_block, as_own = _Asked
        for node in root.traverse(include_text=False) if root is not None else ():
            asked = asked_of(node.tag_id) or known.setdefault(node.tag_id, self._asked(node.tag))
            if asked is nothing:
                continue
            if asked is by_address:
                attributes = node.attributes
                href = attributes.get("href")
                # One that may lead to a post, so that it or what stands around it could show it, or that says more than a link.
                if (
                    href
                    and (
                        not _OF_PLAIN_LINKS.issuperset(attributes)
                        or "/status" in href
                        or "/post" in href
                        or "youtu" in href
                        or "vimeo.com/" in href
                        or "/@" in href
                        or "/p/" in href
                        or "t.me/" in href
                    )
                    and posts.of(href)
                ):
                    yield from self._link(node, attributes)
            elif asked is by_attributes or asked is as_block or asked is as_own:
                if attributes := node.attributes:
                    name = attributes.get("class")
                    if (
                        (name is not None and name not in silent and posts.said_by(name) is not SAYS_NOTHING)
                        or (not _PLAIN.issuperset(attributes) and _may_say(attributes, telling))
                        or asked is as_own
                    ):
                        yield from self._element(node, str(node.tag), attributes, posts.said_by(name or ""))
                        continue
                if asked is as_block and _starts_with_address(node):
                    yield from self._alone(node)
            elif callable(asked):
                yield from asked(self, node)

    def _asked(self, tag: str | None) -> _Asked | _Question:
        if (asked := _ASKED.get(tag)) is not None:
            return asked
        if tag in self._posts.tags:
            return _Asked.AS_OWN
        return _Walk._called if self._posts.of_tag(tag or "") is not None else _Asked.BY_ATTRIBUTES

    def _link(self, node: LexborNode, attributes: Mapping[str, str | None]) -> Iterator[Found]:
        """A link that says itself that a script is to draw the post there, around a picture of the video it leads to, or
        around the day of a post that is drawn beside it."""
        href = attributes.get("href") or ""
        read = self._posts.of(href)
        if read is None:
            return
        drawing = _draws(attributes) and not about_posts_only(attributes.get("class") or "")
        named = _needle(read[1]) in (attributes.get("id") or "")
        if drawing or named or any(_shows(image, read) for image in node.css("img")):
            if not self._in_chrome(node) and (drawing or named or not self._is_after_article(node)):
                yield self._found(node, "container", read, href)
        elif (read[0].name, read[1].post_id) not in self._shown:
            if drawn := self._drawn(node, read, href):
                yield drawn
            elif (called := _called_after(node, read)) is not None and not self._in_chrome(called):
                yield self._found(called, "container", read, href)
            elif (around := self._block_around(node)) is not None:
                yield from self._alone(around)

    def _block_around(self, link: LexborNode) -> LexborNode | None:
        """The block that holds nothing but a link, a figure's or one among words; a paragraph is asked by itself."""
        at: LexborNode | None = link
        if not (link.text() or "").lstrip().startswith("http"):
            return None
        while at is not None and at.tag not in _BLOCKS:
            beside = (at.prev, at.next)
            if any(one is not None and (one.is_element_node or (one.text_content or "").strip()) for one in beside):
                return None
            at = at.parent if at.parent is not None and at.parent.tag in _BLOCKS | _INLINE_ALONE else None
        if at is None or at.tag == "figure" or (at.parent is not None and at.parent.tag == "figure"):
            return at
        return at if any(self._is_among_words(at, forward=forward) for forward in (True, False)) else None

    def _is_among_words(self, block: LexborNode, *, forward: bool) -> bool:
        """True for a block beside words that stand in one like it, or in a paragraph: not in a list of links, nor behind the
        label of a field."""
        said = block.attributes.get("class")
        for one in _siblings(block, forward=forward):
            text = (one.text() or "").strip()
            if not text and (one.is_text_node or one.tag in ("br", "div", "p")):
                continue
            if text.startswith("http") and self._posts.of(text) is not None:
                continue
            alike = one.tag in ("p", "-text") or (one.tag == block.tag and one.attributes.get("class") == said)
            linked = 0 if one.is_text_node else sum(len(link.text() or "") for link in one.css("a"))
            return alike and linked < len(text) / 2 and (" " in text or text.endswith((".", "!", "?")))
        return False

    def _drawn(self, link: LexborNode, read: tuple[Platform, PostRef], href: str) -> Found | None:
        """The post that a link leads to, drawn within the link or close around it: its author's handle stands there, and a
        link beside it has the day for its text."""
        handle, shown = f"@{read[1].handle or ''}".lower(), " ".join((link.text() or "").split())
        if len(handle) == 1 or not 3 < len(shown) < _LONGEST_CARD:
            return None
        if handle in shown.lower():
            card = link if link.css_first("p, div") is not None else None
        else:
            card = self._card_around(link, shown, handle) if len(shown) < _LONGEST_DAY else None
        time = (card or link).css_first("time[datetime]")
        posted = dates.day((time.attributes.get("datetime") or "") if time is not None else shown[:_LONGEST_DAY])
        if card is None or (posted is None and card is not link) or self._in_chrome(card) or _is_chrome(card):
            return None
        words = max((" ".join((one.text() or "").split()) for one in card.css("p, [lang]")), key=len, default="")
        return replace(self._found(card, "drawn", read, href), text=words, handle=read[1].handle, posted=posted)

    def _card_around(self, link: LexborNode, shown: str, handle: str) -> LexborNode | None:
        """The block around a day with that handle in it; None where the day stands in prose."""
        at = link.parent
        while at is not None and at.tag in _INLINE:
            at = at.parent
        beside = len(" ".join((at.text() or "").split())) - len(shown) if at is not None else 0
        if at is None or beside > (_LONGEST_BESIDE_DAY // 2 if at.tag == "p" else _LONGEST_BESIDE_DAY) or _PROSE.match(shown):
            return None
        for _ in range(_DEEPEST_CARD):
            if at is None or at.tag in ("body", "main", "html") or len(text := at.text() or "") > _LONGEST_CARD:
                return None
            if handle in text.lower() and at.tag not in ("tr", "tbody") and at.css_first("p, [lang], [dir], td, div, img"):
                return at
            at = at.parent
        return None

    # Elements --------------------------------------------------------------------------------------------------------

    def _element(self, node: LexborNode, tag: str, attributes: Mapping[str, str | None], classes: Classes) -> Iterator[Found]:
        given = _given(attributes)
        named = self._by_marks(node, tag, given, classes)
        if named is not None:
            yield named
            return
        by_attributes = list(self._by_attributes(node, given)) if given else []
        yield from by_attributes
        if classes.embed and not by_attributes:
            yield from self._container(node, tag, given, classes)
        elif classes.marked and not by_attributes and not _perhaps_identified(given):
            if tag in _BLOCKS and _is_empty(node):
                yield self._by_own_id(node, classes.marked) or self._lost(node, classes.marked)
            elif tag == "p" or tag in _BLOCKS:
                yield from self._container(node, tag, given, classes)
        if tag in _BLOCKS and _starts_with_address(node):
            yield from self._alone(node)

    def _called(self, node: LexborNode) -> Iterator[Found]:
        """An element called like a platform or its post: it says more, or has a bare id for its own, or holds nothing but an
        address or a bare id (`<tweet id="…"/>`, `<youtube>ID</youtube>`)."""
        attributes, tag = node.attributes, str(node.tag)
        classes = self._posts.said_by(attributes.get("class") or "")
        found = list(self._element(node, tag, attributes, classes)) if attributes else []
        yield from found
        platform = self._posts.of_tag(tag)
        if found or platform is None or _SAYS_ICON.search(tag) or _is_about_posts(node) or self._in_chrome(node):
            return
        given = _given(attributes)
        for value in filter(None, (attributes.get("id"), _only_text(node))):
            read = self._posts.of(value) or self._posts.bare(platform, value, given)
            if read is not None and read[0] is platform:
                yield self._found(node, "element", read, value)
                return

    def _frame(self, node: LexborNode) -> Iterator[Found]:
        given, classes = _given(node.attributes), self._posts.said_by(node.attributes.get("class") or "")
        within = list(self._page_within(node, given["srcdoc"])) if "srcdoc" in given else []
        yield from within
        if not classes.marked and _is_about_posts(node):
            return
        for name, value in given.items():
            if name != "srcdoc":
                platform = self._posts.ids.get(name)
                read = self._posts.by_id(platform, value, given) if platform else self._posts.of(value)
                if read is not None:
                    if classes.marked or not self._in_chrome(node):
                        yield self._found(node, "iframe", read, value)
                    return
        for value in given.values():
            told = f"{value}{'&' if '?' in value else '?'}{given['flashvars']}" if "flashvars" in given else ""
            read = self._posts.of_frame(value) or (self._posts.of(told) if told else None)
            if read is not None and (classes.marked or not self._in_chrome(node)):
                yield self._found(node, "iframe", read, value)
                return
        around = node.parent.attributes.get("class") or "" if node.parent is not None and node.parent.is_element_node else ""
        marked = classes.marked or self._posts.said_by(around).marked
        if marked is None and not within and node.attributes.get("title") in _TITLES_OF_TWEETS:
            marked = self._posts.named("twitter")
        if marked is not None:
            yield self._lost(node, marked)

    def _page_within(self, node: LexborNode, page: str) -> Iterator[Found]:
        """A frame saved with its page: what the page embeds, or the post that the page is."""
        inner = list(self._code(node, page, "srcdoc", "escaped-code", whole=True))
        if inner or self._depth >= _MOST_LAYERS:
            yield from inner
            return
        parser = LexborHTMLParser(page[:_MAX_CODE])
        own = [one.attributes.get("href") or one.attributes.get("content") or "" for one in parser.css(_OWN_ADDRESS)]
        links = [one.attributes.get("href") or "" for one in parser.css("a[href]")]
        reads = {read[1].post_id: (read, one) for one in own if (read := self._posts.of(one))}
        reads = reads or {read[1].post_id: (read, one) for one in links if (read := self._posts.of(one))}
        if len(reads) == 1:
            read, address = next(iter(reads.values()))
            yield self._found(node, "escaped-code", read, address)

    def _by_marks(self, node: LexborNode, tag: str, given: Mapping[str, str], classes: Classes) -> Found | None:
        """An element that the platform itself defines: by its tag, by an attribute for ids, or by its class."""
        if tag in self._posts.tags:
            platform, name = self._posts.tags[tag]
            read = self._posts.by_id(platform, given.get(name, ""), given)
            by_id = (*read, given[name]) if read else self._posts.by_any_id(platform, given)
            if by_id is None:
                by_id = next(((*read, value) for value in given.values() if (read := self._posts.of(value))), None)
            if by_id is not None:
                return self._found(node, "element", by_id[:2], by_id[2])
        for name in [name for name in given if name in self._posts.ids]:
            if _is_about_posts(node):
                return None
            read = self._posts.by_id(self._posts.ids[name], given[name], given)
            if read is not None:
                return self._found(node, "attribute", read, given[name])
        if classes.marked is None:
            return None
        for value in given.values():
            read = self._posts.of(value)
            if read is not None:
                return self._found(node, "attribute", read, value)
        by_id = self._posts.by_any_id(classes.marked, given)
        return self._found(node, "attribute", by_id[:2], by_id[2]) if by_id else None

    def _by_attributes(self, node: LexborNode, given: Mapping[str, str]) -> Iterator[Found]:
        """A post's address, its code, or JSON that names it, in an attribute of any name."""
        ids = False
        for name, value in given.items():
            ids = ids or name.endswith(_ID_ENDINGS)
            if len(value) < 8 or name == "cite":
                continue
            if name.startswith("on"):
                yield from self._by_handler(node, name, value)
                continue
            if "<" in value or value[:2] in _BASE64_OF_CODE or _may_be_escaped(value):
                yield from self._code(node, value, name, "escaped-code")
            if (value[0] in "{[" or value.startswith("&")) and not _NOT_CONTENT.search(
                f"{name} {node.attributes.get('class') or ''}"
            ):
                yield from self._json_attribute(node, name, value)
            elif (name == "src" or _is_addressed(value)) and not _OTHERS.search(name):
                read = self._posts.of(value)
                if read is None and (name == "src" or "embed-http" in value):
                    read, value = self._posts.behind_a_name(value)
                if read is not None and not _is_about_posts(node) and not self._in_chrome(node):
                    yield self._found(node, "attribute", read, value)
        if ids or self._posts.said_by(node.attributes.get("class") or "").named:
            yield from self._by_provider(node, given)

    def _by_handler(self, node: LexborNode, name: str, value: str) -> Iterator[Found]:
        """What a click puts in an element's place: what its code writes there, or the video whose id it hands on and whose
        still stands there."""
        if "<" in value and _WRITES.search(value):
            if not self._in_chrome(node):
                yield from self._code(node, value.replace("\\'", "'").replace('\\"', '"'), name, "escaped-code")
            return
        handed = set(_VIDEO_IN_QUOTES.findall(value)) if name == "onclick" else set()
        youtube = self._posts.named("youtube") if handed else None
        video = next(filter(handed.__contains__, self._stills(node)), "") if youtube else ""
        ref = youtube.from_id(video, {}) if youtube and video else None
        if youtube and ref and not _is_about_posts(node) and not self._in_chrome(node):
            yield self._found(node, "attribute", (youtube, ref), video)

    def _stills(self, node: LexborNode) -> list[str]:
        """The videos whose stills on YouTube's hosts stand in an element, or are it."""
        images = (node,) if node.tag == "img" else node.css("img") if self._may_look_into() else ()
        addresses = [one.attributes.get("src") or one.attributes.get("data-src") or "" for one in images]
        return [still[1] for one in addresses if "yt" in one or "youtube" in one if (still := _STILL.search(one))]

    def _image(self, node: LexborNode) -> Iterator[Found]:
        """A picture shows no post, unless one takes its place where it is clicked."""
        if "onclick" in node.attrs:
            yield from self._by_handler(node, "onclick", node.attributes.get("onclick") or "")

    def _button(self, node: LexborNode) -> Iterator[Found]:
        """A button that plays a video where it stands: it is called so, or shows its still."""
        attributes = node.attributes
        if _PLAIN.issuperset(attributes) or not _may_say(attributes, self._posts.telling):
            return
        classes, click = attributes.get("class") or "", attributes.get("onclick") or ""
        label = (attributes.get("aria-label") or _first_words(node)).strip()[:_LONGEST_LABEL]
        plays = _PLAYS.search(f"{classes} {click} {label}") is not None
        if not plays and (attributes.keys().isdisjoint(self._posts.ids) or not self._stills(node)):
            return
        if _DOES_ELSE.search(" ".join((classes, click, *attributes))) or _DOES_ELSE.match(label) or self._in_chrome(node):
            return
        found = list(self._element(node, "button", attributes, self._posts.said_by(classes)))
        yield from found
        said = re.findall("[a-z]+", label.lower()) if not found else []
        for platform in dict.fromkeys(self._posts.words[word] for word in said if word in self._posts.words):
            by_id = self._posts.by_any_id(platform, _given(attributes))
            if by_id is not None:
                yield self._found(node, "attribute", by_id[:2], by_id[2])
                return

    def _json_attribute(self, node: LexborNode, name: str, value: str) -> Iterator[Found]:
        found = list(islands.of_attribute(value, self._posts))
        for platform in self._said_beside(node, name) if not found else ():
            found = list(islands.of_platform(value, self._posts, platform))
            if found:
                break
        for one in found if found and not self._in_chrome(node) else ():
            yield from self._island(node, f"@{name}", one, "attribute-json")

    def _said_beside(self, node: LexborNode, name: str) -> Iterator[Platform]:
        """The platforms that an element names in its class, or in an attribute that says what draws it."""
        yield from self._posts.said_by(node.attributes.get("class") or "").named
        if node.tag == "script" or _is_about_posts(node):
            return
        for other, value in node.attributes.items():
            if value and other != name and len(value) < 100 and _DRAWN_BY.search(other):
                for word in re.findall(r"[A-Z]?[a-z]+", value.replace("YouTube", "Youtube").replace("TikTok", "Tiktok")):
                    if word.lower() in self._posts.words:
                        yield self._posts.words[word.lower()]

    def _by_provider(self, node: LexborNode, given: Mapping[str, str]) -> Iterator[Found]:
        """`data-provider="youtube" data-id="…"`: one attribute names the platform, another holds a bare id."""
        attributes, tag = node.attributes, str(node.tag)
        classes = attributes.get("class") or ""
        words = [value.lower() for value in given.values() if len(value) < _LONGEST_WORD]
        words += [word for name in given if name.endswith(_ID_ENDINGS) for word in name.replace("_", "-").split("-")]
        words += [*tag.replace("_", "-").replace(":", "-").split("-"), (attributes.get("type") or "").lower()]
        words += [_SHORT_NAMES[word] for word in re.split(r"[-_\s]+", classes.lower()) if word in _SHORT_NAMES]
        said = [self._posts.words[word] for word in words if word in self._posts.words]
        said += self._posts.said_by(classes).named
        if not said or tag in ("article", "main", "body") or _is_about_posts(node) or self._in_chrome(node):
            return
        for platform in dict.fromkeys(said):
            by_id = self._posts.by_any_id(platform, given)
            if by_id is not None:
                yield self._found(node, "attribute", by_id[:2], by_id[2])
                return

    # Quotations ------------------------------------------------------------------------------------------------------

    def _quotation(self, node: LexborNode) -> Iterator[Found]:
        """A quotation with the platform's class, with a post in an attribute, or signed as platforms sign theirs."""
        if _nested_quotes(node) > _MOST_NESTED_QUOTES:
            return
        given, classes = _given(node.attributes), self._posts.said_by(node.attributes.get("class") or "")
        platform = classes.marked
        text, outside = _quoted(node)
        text = text.strip()
        links = tuple(href for link in node.css("a") if _LEADS_OUT.match(href := (link.attributes.get("href") or "").strip()))
        read, permalink = self._quoted_post(given, links, platform)
        if read is None and platform is not None:
            read, permalink = self._of_ancestor(node, platform), None
        signed = signature(outside)
        if signed is not None and permalink is not None and _within_words(node, permalink):
            read, permalink = None, None  # what is signed without a link has lost its own
        if signed is None and (signed := signature(" ".join(text.rpartition("\n")[2].split()))):
            text = text.rpartition("\n")[0]
        if platform is None:
            own = read is not None and (permalink in given.values() or classes.embed or read[0] in classes.named)
            bare = read is not None and not text and not outside
            if not own and not bare and not (signed and (signed.posted or read)):
                yield from self._fallback(node, links, "\n".join((text, outside)) if outside not in text else text)
                return
            platform = read[0] if read else self._posts.named("twitter")
        if platform is None:
            return
        handle = _HANDLE.search(outside) or _HANDLE.search(text[-300:])
        shown = " ".join(text.split())
        if read is None and any(map(_leads_to_profile, given.values())):
            return
        if read is None and not shown and signed is None:
            yield self._lost(node, platform)
            return
        yield Found(
            platform,
            "html-blockquote",
            self._offset(node, _needle(read[1]) if read and permalink else shown[:40]),
            shown,
            links,
            signed.author if signed else None,
            signed.handle if signed else (handle[1] if handle else None),
            signed.posted if signed else _day(node, outside),
            permalink,
            read[1] if read else None,
            signed.text if signed else None,
            self._path(node),
            _media_in(node),
        )

    def _fallback(self, node: LexborNode, links: tuple[str, ...], text: str) -> Iterator[Found]:
        """A quotation without a class that says what embed code says until its script runs."""
        if not links and "(@" not in text:
            return
        from archiver.embeds.fallbacks import fallback  # only here: few pages have one

        labelled = [(link.text() or "", (link.attributes.get("href") or "").strip()) for link in node.css("a[href]")]
        one = fallback(text.strip(), labelled, self._posts)
        if one is not None:
            read = one.read[1] if one.read else None
            yield Found(
                one.platform,
                "html-blockquote",
                self._offset(node, _needle(read) if read else text.strip()[:40]),
                one.text,
                links,
                one.author,
                one.handle,
                one.posted,
                one.address,
                read,
                one.signature,
                self._path(node),
                _media_in(node),
            )

    def _of_ancestor(self, node: LexborNode, platform: Platform) -> tuple[Platform, PostRef] | None:
        """The post of an element around a quotation that names none: the one was drawn for the other."""
        at = node.parent
        for _ in range(6):
            if at is None:
                return None
            read = self._named_by.get(at.mem_id)
            if read is not None and read[0] is platform:
                return read
            at = at.parent
        return None

    def _quoted_post(
        self, given: Mapping[str, str], links: tuple[str, ...], platform: Platform | None
    ) -> tuple[tuple[Platform, PostRef] | None, str | None]:
        """The post of a quotation: in an attribute, else the last link that names one of that platform."""
        for name, value in given.items():
            of_id = self._posts.ids.get(name)
            read = self._posts.by_id(of_id, value, given) if of_id else self._posts.of(value)
            if read is not None and (platform is None or read[0] is platform):
                return read, value
        named = [
            (read, link)
            for link in reversed(links)
            if (read := self._posts.of(link)) is not None and (platform is None or read[0] is platform)
        ]
        if named:  # the last, or the comment below it
            within = f"{named[0][0][1].post_id}/"
            return next((one for one in named if one[0][1].post_id.startswith(within)), named[0])
        by_id = self._posts.by_any_id(platform, given) if platform is not None else None
        return (by_id[:2], by_id[2]) if by_id else (None, None)

    # Containers, paragraphs, placeholders ----------------------------------------------------------------------------

    def _container(self, node: LexborNode, tag: str, given: Mapping[str, str], classes: Classes) -> Iterator[Found]:
        """An element whose class says embed: around a link to exactly one post and hardly a word, or empty."""
        if about_posts_only(node.attributes.get("class") or "") or tag in ("body", "article", "main", "section", "li"):
            return
        if not self._may_look_into() or node.css_first("blockquote, iframe") is not None:
            return  # what it holds speaks for itself
        links = [href for link in node.css("a[href]") if (href := link.attributes.get("href"))]
        named = {read[1].post_id: (read, href) for href in links if (read := self._posts.of(href))}
        named = {name: one for name, one in named.items() if not any(other.startswith(f"{name}/") for other in named)}
        if len(named) == 1:
            if len((node.text() or "").strip()) < 600 and not self._in_chrome(node):
                read, href = next(iter(named.values()))
                yield self._found(node, "container", read, href)
        elif classes.named and _is_empty(node) and not _perhaps_identified(given) and not self._in_chrome(node):
            own = self._by_own_id(node, classes.named[0])
            if own is not None:
                yield own
            elif self._is_empty_place(node, tag, classes):
                yield self._lost(node, classes.named[0])

    def _may_look_into(self) -> bool:
        """False after so many elements whose content was looked through: these may stand within each other."""
        self._containers += 1
        return self._containers <= _MOST_CONTAINERS

    def _by_own_id(self, node: LexborNode, platform: Platform) -> Found | None:
        """The post that an empty place is called after: `id="tweet-1294…"`."""
        own = node.attributes.get("id") or ""
        number = _OWN_ID.search(own)
        video = _LIKE_A_VIDEO.search(own) if platform.name == "youtube" else None
        value = number[1] if number else video[0] if video else ""
        ref = platform.from_id(value, {}) if value else None
        return self._found(node, "attribute", (platform, ref), value) if ref else None

    def _is_empty_place(self, node: LexborNode, tag: str, classes: Classes) -> bool:
        """True for a block that names a platform, says embed (and not icon or link), and holds nothing."""
        words = node.attributes.get("class") or ""
        said = bool(classes.named) and _SAYS_EMBED.search(words) is not None and _SAYS_ICON.search(words) is None
        return said and tag in ("div", "figure", "span", "p") and node.first_child is None

    def _paragraph(self, node: LexborNode) -> Iterator[Found]:
        """A post's address alone in its paragraph, or a signature under the words of a post."""
        attributes = node.attributes
        if attributes:
            classes = self._posts.said_by(attributes.get("class") or "")
            if classes is not SAYS_NOTHING or not _PLAIN.issuperset(attributes):
                yield from self._element(node, "p", attributes, classes)
        child = node.first_child
        while child is not None and (text := child.text_content) is None and child.tag in _INLINE_ALONE and child.next is None:
            child = child.first_child
        if child is None:
            return
        start = text.lstrip() if text is not None else ""
        if start:
            if start.startswith("http"):
                yield from self._alone(node)
            elif start[0] in _SHORTCODES and not self._in_chrome(node):
                yield from self._shortcode(node)
        elif child.tag == "a" or ((after := child.next) is not None and after.tag == "a"):
            yield from self._alone(node)
        if self._signatures and "(@" in (text := node.text() or "") and len(text) < _MAX_TEXT:
            yield from self._signed(node, text.strip())

    def _shortcode(self, node: LexborNode) -> Iterator[Found]:
        """A publishing system's short-code that it failed to replace."""
        from archiver.embeds import shortcodes  # only here: hardly a page has any

        for _, _, one in shortcodes.find(node.text() or "", self._posts):
            if one is None:
                continue
            offset = self._offset(node, _needle(one.ref) if one.ref else one.text)
            yield replace(one, offset=offset, path=self._path(node))

    def _alone(self, node: LexborNode) -> Iterator[Found]:
        text = (node.text() or "").strip()
        if len(text) > 500:
            return
        links = [href for link in node.css("a[href]") if (href := link.attributes.get("href"))]
        named = len(links) == 1 and "instagr" in links[0] and _is_of_embed_code(" ".join(text.split()), links[0])
        if not named and (" " in text or "\n" in text or len(links) > 1 or (links and not self._is_shown(text, links[0]))):
            return
        address = links[0] if links else text
        image = node.css_first("img") if not text else None
        if image is not None and not _shows(image, self._posts.of(address)):
            return  # a banner that leads to a post
        read = self._posts.of(address) if address.startswith(("http", "/")) else None
        if read is not None and not self._in_chrome(node):
            found = self._found(node, "paragraph-address", read, address)
            yield _by_account(found, text) if named else found

    def _is_shown(self, text: str, address: str) -> bool:
        """True where a link shows its own address, or that which a web archive put its own before."""
        return _same_address(text, address) or (text.startswith("http") and self._posts.of(text) == self._posts.of(address))

    def _line(self, node: LexborNode) -> Iterator[Found]:
        """A post's address alone in a line that a `<br>` ends or begins."""
        if _may_be_address(node.next):
            yield from self._alone_in_line(node, _siblings(node, forward=True))
        if _may_be_address(node.prev):
            before = _siblings(node, forward=False)
            if before[-1].tag != "br":  # else that one's turn brought it
                yield from self._alone_in_line(node, before)

    def _alone_in_line(self, node: LexborNode, line: list[LexborNode]) -> Iterator[Found]:
        parts = [one for one in line if one.tag == "a" or (one.is_text_node and (one.text_content or "").strip())]
        if len(parts) != 1 or any(one.is_element_node and one.tag not in ("a", "br") for one in line):
            return
        text = (parts[0].text(deep=True) or "").strip()
        address = (parts[0].attributes.get("href") or "") if parts[0].tag == "a" else text
        if not text.startswith("http") or " " in text or not self._is_shown(text, address):
            return
        read = self._posts.of(address)
        around = parts[0] if parts[0].tag == "a" else node.parent
        if read is not None and around is not None and not self._in_chrome(node):
            yield self._found(around, "paragraph-address", read, address)

    def _signed(self, node: LexborNode, text: str) -> Iterator[Found]:
        """Words, and then `— Author (@handle) day`, in one paragraph or in two."""
        if node.parent is not None and node.parent.tag == "blockquote" and self._is_quotation(node.parent):
            return
        dash = max(text.rfind(mark) for mark in ("—", "–", "―", "--"))
        signed = signature(" ".join(text[dash:].split())) if dash >= 0 else None
        if signed is None or not signed.day:
            yield from self._left_by_code(node)
            return
        words, first = text[:dash].strip(), node
        before = node.prev
        while before is not None and not before.is_element_node:
            before = before.prev
        if not words and before is not None and before.tag in ("p", "blockquote", "div"):
            words, first = (before.text() or "").strip(), before
        links = tuple(
            href
            for one in dict.fromkeys((first, node))
            for link in one.css("a[href]")
            if (href := link.attributes.get("href") or "").startswith("http")
        )
        reads = [(read, link) for link in reversed(links) if (read := self._posts.of(link))]
        short = re.search(r"\b(?:pic\.(?:twitter|x)\.com|t\.co)/\w+", words + " ".join(links))
        if not (short or reads or (signed.posted and len(signed.day.split()) <= 5 and not _PROSE.match(signed.day))):
            return
        platform = reads[0][0][0] if reads else self._posts.named("twitter")
        if platform is None or not words:
            return
        yield Found(
            platform,
            "paragraph-signed",
            self._offset(first, words[:40]),
            " ".join(words.split()),
            links,
            signed.author,
            signed.handle,
            signed.posted,
            reads[0][1] if reads else None,
            reads[0][0][1] if reads else None,
            signed.text,
            self._path(first),
        )

    def _left_by_code(self, node: LexborNode) -> Iterator[Found]:
        """The words of Instagram's embed code, of which the address is lost: its first line, at most a caption, its last."""
        from archiver.embeds.fallbacks import shares, views  # only here: few pages have any

        text, at = _lines(node).strip(), node
        if node.css_first("a") is not None or not shares(text.rpartition("\n")[2]):
            return
        for _ in range(_MOST_OVER_LAST):
            if views(text.partition("\n")[0]):
                for one in self._fallback(at, (), text):
                    yield replace(one, form="paragraph-signed")
                return
            before = at.prev
            while before is not None and not before.is_element_node:
                before = before.prev
            if before is None or before.tag != "p":
                return
            text, at = f"{_lines(before).strip()}\n{text}", before

    def _is_quotation(self, node: LexborNode) -> bool:
        return self._posts.said_by(node.attributes.get("class") or "").marked is not None or "(@" in (node.text() or "")

    # Code that is kept for later -------------------------------------------------------------------------------------

    def _template(self, node: LexborNode) -> Iterator[Found]:
        for fragment in node.template_fragments():
            yield from self._code(node, fragment.html or "", "", "escaped-code", whole=True)

    def _comment(self, node: LexborNode) -> Iterator[Found]:
        content = (node.comment_content or "").strip()
        if content.startswith("<") and _CODE.match(content):
            yield from self._code(node, content, "", "comment")
        elif content.startswith("wp:") and "embed" in content[:60] and "{" in content:
            for one in islands.find(content[content.index("{") :].rstrip("/ "), self._posts, None):
                yield from self._island(node, "", one, "comment")

    def _noscript(self, node: LexborNode) -> Iterator[Found]:
        """What it holds as elements is walked over anyway; here only what it holds as text."""
        child = node.first_child
        if child is not None and child.is_text_node and "<" in (text := child.text_content or ""):
            yield from self._code(node, text, "", "escaped-code")

    def _textarea(self, node: LexborNode) -> Iterator[Found]:
        attributes = node.attributes
        if (
            not attributes.keys().isdisjoint(("readonly", "onclick", "onfocus"))
            or self._in_chrome(node)
            or re.search("share|copy|embed-code", attributes.get("class") or "")
        ):
            return  # a box to copy from: a sample for readers
        yield from self._code(node, node.text() or "", "", "escaped-code")

    def _code(self, node: LexborNode, code: str, attribute: str, form: str, *, whole: bool = False) -> Iterator[Found]:
        """The embeds in code that the page keeps as text, whatever it is escaped with."""
        if self._depth >= _MOST_LAYERS or len(code) > _MAX_CODE:
            return
        if len(code) >= 40 and code.strip()[:2] in _BASE64_OF_CODE:
            code = islands.from_base64(code.strip())
        is_code = _CODE.search(code) is not None
        for _ in range(_MOST_LAYERS):
            if is_code or not (("&" in code or "\\" in code or "%" in code) and _ESCAPED.search(code)):
                break
            code = islands.unescaped(code)
            is_code = _CODE.search(code) is not None
        if not (whole or is_code) or any(mark in code for mark in _PLACEHOLDERS):
            return
        place = f"{self._path(node)}@{attribute}" if attribute else self._path(node)
        for inner in _Walk(code, self._posts, self._depth + 1).run():
            if inner.form in ("paragraph-address", "container") and not whole:
                continue
            if inner.ref is None and not inner.text:
                continue  # a mould for embeds, not one
            offset = self._offset(node, _needle(inner.ref) if inner.ref else inner.text[:30])
            yield replace(inner, form=form, offset=offset, path=f"{place} » {inner.path}")

    def _script(self, node: LexborNode) -> Iterator[Found]:
        attributes = node.attributes
        if attributes and [name for name in attributes if name.startswith("data-")]:
            yield from self._by_script_attributes(node, attributes)
        child = node.first_child
        if child is None:
            source = attributes.get("src") or ""
            self._players = self._players or "//player." in source or "//embed." in source
            return
        code = (child.text_content if child.next is None else None) or node.text() or ""
        if len(code) < _SHORTEST_CODE or (node.parent is not None and _is_no_content(str(node.parent.tag))):
            return
        kind = (attributes.get("type") or "").lower()
        if "html" in kind or "template" in kind:
            yield from self._code(node, code, "", "escaped-code")
            return
        reads, coded = islands.addressed(code, self._posts), islands.coded(code)
        if self._players:
            for one in islands.players(code, self._posts):
                yield from self._island(node, "", one, "script-call")
        if coded:
            for one in islands.calls(code, self._posts):
                yield from self._island(node, "", one, "script-call")
        if (reads or coded) and self._depth == 0:
            self._scripts.append((node, code, reads))

    def _data(self, node: LexborNode, code: str, reads: dict[tuple[str, str], tuple[Platform, PostRef]]) -> Iterator[Found]:
        """What a script's data adds to what the document shows. What only repeats it is told, and not taken apart."""
        if reads and reads.keys() <= self._shown:
            for read in reads.values():
                yield self._found(node, "script-json", read, "")
            return
        if self._page is None:
            self._page = islands.Page.of(self._parser)
        for one in islands.of_script(code, self._posts, self._page):
            yield from self._island(node, "", one, "script-json")

    def _by_script_attributes(self, node: LexborNode, attributes: Mapping[str, str | None]) -> Iterator[Found]:
        given = {name: value for name, value in attributes.items() if value and name != "src" and name not in _PLAIN}
        named = self._by_marks(node, "script", given, self._posts.said_by("")) if given else None
        if named is not None:
            yield named
            return
        source = attributes.get("src") or ""
        platform = self._posts.of_host(source) if "/player" in source else None
        by_id = self._posts.by_any_id(platform, given) if platform else None
        if by_id is not None and not self._in_chrome(node):
            yield self._found(node, "attribute", by_id[:2], by_id[2])
            return
        for name, value in given.items():
            data = value[0] == "{" and not _NOT_CONTENT.search(f"{name} {attributes.get('class') or ''}")
            found = list(self._json_attribute(node, name, value)) if data else []
            yield from found
            if not found and (_CODE.search(value) or _ESCAPED.search(value)):
                yield from self._code(node, value, name, "escaped-code")

    def _island(self, node: LexborNode, attribute: str, one: islands.Island, form: str) -> Iterator[Found]:
        place = f"{self._path(node)}{attribute} {one.path}".rstrip()
        if one.read is not None:
            platform, ref = one.read
            offset = self._offset(node, _needle(ref))
            claim = one.claim
            yield Found(
                platform,
                form,
                offset,
                claim.text,
                (one.value,) if one.value.startswith("http") else (),
                claim.author,
                claim.handle,
                claim.posted,
                one.value,
                ref,
                None,
                place,
            )
        elif self._depth < _MOST_LAYERS:
            for inner in _Walk(one.value, self._posts, self._depth + 1).run():
                if inner.form in ("paragraph-address", "container", "placeholder", "paragraph-signed"):
                    continue
                offset = self._offset(node, _needle(inner.ref) if inner.ref else inner.text[:30])
                yield replace(inner, form=form, offset=offset, path=f"{place} » {inner.path}")

    def _in_chrome(self, node: LexborNode) -> bool:
        """True within the parts of a page that are beside its article."""
        known, path, at = self._places, list[LexborNode](), node.parent
        while at is not None and at.is_element_node and at.tag not in ("body", "article", "main") and at.mem_id not in known:
            path.append(at)
            at = at.parent
        place = _Place.OPEN
        if at is not None:
            place = known.get(at.mem_id, _Place.ARTICLE if at.tag == "article" else _Place.OPEN)
        for one in reversed(path):
            known[one.mem_id] = place = self._place(one, place)
        return place is _Place.BESIDE

    def _place(self, node: LexborNode, around: _Place) -> _Place:
        """Where the children of an element stand that stands there itself."""
        if around is _Place.BESIDE or node.tag in ("footer", "nav"):
            return _Place.BESIDE
        attributes = node.attributes
        words = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        chrome = _CHROME.search(words)
        if chrome and not self._holds_article(node, marked_only=not chrome["layout"]):
            return _Place.BESIDE
        if _may_be_feed(words) and (_PLUG_INS_FEED.search(words) or (_FEED.search(words) and self._is_feed(node))):
            return _Place.BESIDE
        if _BODY.search(words) or "articleBody" in (attributes.get("itemprop") or ""):
            return _Place.ARTICLE
        if around is _Place.OPEN and _PERHAPS_CHROME.search(words):
            return _Place.ARTICLE if self._holds_article(node) else _Place.BESIDE
        return around

    def _is_feed(self, node: LexborNode) -> bool:
        """True for a box of several posts, none of them in the platform's own code, that is not around the article."""
        if not self._may_look_into() or node.css_first("blockquote, iframe") is not None or self._holds_article(node):
            return False
        reads = (self._posts.of(link.attributes.get("href") or "") for link in node.css("a[href]"))
        return len({read[1].post_id for read in reads if read is not None}) > 1

    def _holds_article(self, node: LexborNode, *, marked_only: bool = False) -> bool:
        """True for an element around the page's article: its body as marked, else the paragraph in the middle of the text,
        or the heading of a page without any."""
        if self._around is None:
            paragraphs = self._parser.css("p")
            ends = list(accumulate(len(one.text() or "") for one in paragraphs))
            marked = next((nodes[:_MOST_BODIES] for one in _ARTICLES if (nodes := self._parser.css(one))), [])
            length, body = max(((len(one.text() or ""), one) for one in marked), key=itemgetter(0), default=(0, None))
            if ends and length * _LEAST_OF_TEXT < ends[-1]:
                body = None  # a teaser's
            at = body or (paragraphs[bisect_left(ends, ends[-1] / 2)] if ends else self._parser.css_first("h1"))
            around = list[int]()
            while at is not None and at.is_element_node:
                around.append(at.mem_id)
                at = at.parent
            self._around = frozenset(around), body is not None
        return node.mem_id in self._around[0] and (self._around[1] or not marked_only) and node.tag != "aside"

    def _is_after_article(self, node: LexborNode) -> bool:
        """True behind the `<article>` that is the page's: a row of other videos is as likely as one that belongs to it."""
        at: LexborNode | None = node
        while at is not None and at.tag not in ("article", "body", "html"):
            if at.parent is not None and self._holds_article(at.parent):
                break
            at = at.parent
        before = at.prev if at is not None and at.tag not in ("article", "body", "html") else None
        for _ in range(_MOST_BODIES):
            if before is None:
                break
            if before.is_element_node and self._holds_article(before):
                return before.tag == "article" or before.css_first("article") is not None
            before = before.prev
        return False

    # Where it is -----------------------------------------------------------------------------------------------------

    def _found(self, node: LexborNode, form: str, read: tuple[Platform, PostRef], value: str) -> Found:
        links = (value,) if value.startswith(("http:", "https:", "//")) else ()
        offset = self._offset(node, _needle(read[1]))
        self._named_by[node.mem_id] = read
        return Found(read[0], form, offset, links=links, permalink=value or None, ref=read[1], path=self._path(node))

    def _lost(self, node: LexborNode, platform: Platform) -> Found:
        needle = node.attributes.get("class") or ""
        return Found(platform, "placeholder", self._offset(node, needle), path=self._path(node))

    def _offset(self, node: LexborNode, needle: str) -> int:
        """Where an element begins in the text. The parser does not say, so the openings of its tag are counted; where the
        source has more of them than the document (the parser makes and drops elements), it is the last `<tag` before what the
        element is known by, from the last find on.
        """
        tag = str(node.tag)
        if self._depth:
            return 0  # within code: its place is that of the element that holds it
        start = self._counted_start(node, tag)
        if start is None:
            start = self._likely_start(tag, needle)
        self._at = max(self._at, start)
        return start

    def _counted_start(self, node: LexborNode, tag: str) -> int | None:
        if not (tag.isascii() and tag.isalnum()):  # what CSS can name as it stands
            return None
        if tag not in self._starts:
            nodes = self._parser.css(tag)
            starts = [found.start() for found in re.finditer(rf"<{tag}(?=[\s/>])", self._text)]
            if len(starts) != len(nodes):
                opening = re.compile(rf"<{tag}(?=[\s/>])", re.IGNORECASE)
                starts = [found.start() for found in opening.finditer(self._shown_source(tag))]
            of_source = len(starts) == len(nodes)
            self._starts[tag] = dict(zip([one.mem_id for one in nodes], starts, strict=True)) if of_source else {}
        return self._starts[tag].get(node.mem_id)

    def _shown_source(self, tag: str) -> str:
        """The source with all that looks like elements and is none blanked out."""
        hides = _HIDES_NO_SCRIPT if tag == "script" else _HIDES
        if hides not in self._sources:
            self._sources[hides] = _blanked(self._text, hides)
        return self._sources[hides]

    def _likely_start(self, tag: str, needle: str) -> int:
        needle = needle.rpartition("/")[2] if "/" in needle and " " not in needle else needle
        needle = re.split(r"[?#&<>\"'%\\]", needle, maxsplit=1)[0]
        at = self._text.find(needle, self._at) if needle else -1
        if at < 0 and needle:
            at = self._text.find(needle)
        opening = "<!--" if tag == "-comment" else "<" + tag
        if at < 0:
            start = max(self._text.find(opening, self._at), self._at)
        else:
            start = max(self._text.rfind(opening, 0, at), self._text.rfind(opening.upper(), 0, at))
            while tag == "script" and "</script" in self._text[start:at] and (at := self._text.find(needle, at + 1)) > 0:
                start = self._text.rfind(opening, 0, at)  # what it is known by stood in the page before it
            start = start if start >= 0 else at
        return start

    def _path(self, node: LexborNode) -> str:
        """A CSS path that leads to the element from the root."""
        steps: list[str] = []
        if node.is_comment_node:
            return f"{self._path(node.parent)} comment({self._number(node, '-comment')})" if node.parent is not None else ""
        at: LexborNode | None = node
        while at is not None and at.is_element_node and len(steps) < _DEEPEST:
            here = at.mem_id
            if here not in self._steps:
                self._steps[here] = self._step(at, str(at.tag))
            steps.append(self._steps[here])
            at = at.parent
        return " > ".join(reversed(steps))

    def _step(self, node: LexborNode, tag: str) -> str:
        if tag in ("html", "body"):
            return tag
        identifier = node.attributes.get("id")
        if identifier and _PLAIN_ID.fullmatch(identifier):
            return f"{tag}#{identifier}"
        name = tag.replace(":", "\\:")
        return f"{name}:nth-of-type({self._number(node, tag)})"

    def _number(self, node: LexborNode, tag: str) -> int:
        """Which of its parent's children of that tag an element is, counted on from the last one that was asked for."""
        key = (node.parent.mem_id if node.parent is not None else 0, tag)
        last, counted = self._counted.get(key, (0, 0))
        number, before = 1, node.prev
        while before is not None:
            if before.mem_id == last:
                number += counted
                break
            number += before.tag == tag
            before = before.prev
        self._counted[key] = (node.mem_id, number)
        return number


# What each element is asked, by its tag. One that is not listed is asked by its attributes.
_ASKED: dict[str | None, _Asked | _Question] = {
    **dict.fromkeys(_SKIPPED_TAGS, _Asked.NOTHING),
    **dict.fromkeys(_BLOCKS, _Asked.AS_BLOCK),
    "a": _Asked.BY_ADDRESS,
    "p": _Walk._paragraph,
    "blockquote": _Walk._quotation,
    "iframe": _Walk._frame,
    "embed": _Walk._frame,
    "object": _Walk._frame,
    "script": _Walk._script,
    "template": _Walk._template,
    "textarea": _Walk._textarea,
    "noscript": _Walk._noscript,
    "br": _Walk._line,
    "img": _Walk._image,
    "button": _Walk._button,
    "-comment": _Walk._comment,
}


@lru_cache(maxsize=256)  # most stand in the head or the body
def _is_no_content(tag: str) -> bool:
    return _NOT_CONTENT.search(tag) is not None


def _is_empty(node: LexborNode) -> bool:
    child = node.first_child
    return child is None or (child.next is None and child.is_text_node and not (child.text_content or "").strip())


def _may_be_address(beside: LexborNode | None) -> bool:
    """False where words stand beside a `<br>`, or nothing: most lines are prose."""
    if beside is None:
        return False
    text = (beside.text_content or "").strip()
    return not text or text.startswith("http")


def _siblings(node: LexborNode, *, forward: bool) -> list[LexborNode]:
    """What stands beside a `<br>` on one side, up to the next one, which comes last where there is one."""
    beside: list[LexborNode] = []
    at = node.next if forward else node.prev
    while at is not None and len(beside) < _MOST_BESIDE:
        beside.append(at)
        if at.tag == "br" or (at.is_text_node and len(at.text_content or "") > _LONGEST_LINE):
            break
        at = at.next if forward else at.prev
    return beside


def _needle(ref: PostRef) -> str:
    return ref.post_id.rpartition("/")[2]


def _media_in(node: LexborNode) -> tuple[str, ...]:
    """The addresses of images and videos within an element, as they stand there."""
    tags = node.css("img, video, source")
    return tuple(value for tag in tags for name in ("src", "data-src", "poster") if (value := tag.attributes.get(name)))


def _given(attributes: Mapping[str, str | None]) -> dict[str, str]:
    """The attributes that may say something, with their values; of an absurd number only the first."""
    given = {name: value for name, value in attributes.items() if value and name not in _PLAIN}
    if [name for name, value in given.items() if name[0] in _BOUND_INITIALS or value[0] == "{"]:
        for name in [name for name in given if name.startswith(_BOUND)]:  # Vue's and Angular's, not rendered: an expression
            given[name.removeprefix("v-bind").strip(":[]")] = given.pop(name).strip("'\"`")
        for name in [name for name, value in given.items() if value[0] == "{" and value[1:2] in _QUOTES]:  # JSX's
            given[name] = given[name].strip("{}'\"`")
    return given if len(given) <= _MOST_ATTRIBUTES else dict(islice(given.items(), _MOST_ATTRIBUTES))


def _perhaps_identified(given: Mapping[str, str]) -> bool:
    """True where an attribute holds what may well be the identity, in a way that is not known."""
    return any(name.startswith("data-") and re.search(r"\d{6,}|//", value) for name, value in given.items())


def _quoted(node: LexborNode) -> tuple[str, str]:
    """The words of a quotation, line breaks kept, and what stands outside its paragraphs: the signature."""
    paragraphs = [_lines(paragraph) for paragraph in node.css("p")]
    if not paragraphs:
        whole = _lines(node)
        return (whole, " ".join(whole.split())) if "(@" in whole else (whole, "")
    outside: list[str] = []
    child = node.first_child
    while child is not None:
        if child.tag != "p" and (child.is_text_node or (child.is_element_node and not child.css("p"))):
            outside.append(child.text(deep=True) or "")
        child = child.next
    return "\n".join(paragraphs), " ".join("".join(outside).split())


def _within_words(node: LexborNode, address: str) -> bool:
    """True where a quotation has a link only among its words: it leads to a post that those mention. A link that is all of the
    words is the quotation's own."""
    links = [link for link in node.css("a") if (link.attributes.get("href") or "").strip() == address]
    paragraphs = [(link, around) for link in links if (around := _paragraph_of(link, node)) is not None]
    return bool(links) and len(paragraphs) == len(links) and all(_is_more(link, around) for link, around in paragraphs)


def _paragraph_of(link: LexborNode, within: LexborNode) -> LexborNode | None:
    at = link.parent
    while at is not None and at.mem_id != within.mem_id:
        if at.tag == "p":
            return at
        at = at.parent
    return None


def _is_more(link: LexborNode, paragraph: LexborNode) -> bool:
    """True where a paragraph has words beside a link."""
    return len((paragraph.text() or "").strip()) > len((link.text() or "").strip())


def _lines(node: LexborNode) -> str:
    """The text of an element, with `<br>` as a line's end, and each block within as a line."""
    only = node.first_child
    if only is None or (only.next is None and only.is_text_node):
        return node.text() or ""
    if node.css_first("br, div, section, footer, cite") is None:
        return node.text() or ""
    return "".join(
        "\n" if one.tag in _LINES else (one.text_content or "") if one.is_text_node else ""
        for one in node.traverse(include_text=True)
    )


def _day(node: LexborNode, outside: str) -> date | None:
    time = node.css_first("time[datetime]")
    if time is not None:
        return dates.day(time.attributes.get("datetime") or "")
    return dates.day(outside) if outside else None


def _without(text: str, mark: str, length: int) -> Iterator[tuple[int, int]]:
    """The stretches without such a mark, every one of that length among them: by a look at a few places, not at all of it."""
    half, start = length // 2, 0
    while start < len(text) - half:
        if text.find(mark, start, start + half) >= 0:
            start += half
            continue
        before, after = text.rfind(mark, 0, start) + 1, text.find(mark, start + half - len(mark) + 1)
        start = len(text) if after < 0 else after
        yield before, start


def _has_absurd_tag(piece: str) -> bool:
    """True where an element opens and has so many attributes that the parser, which compares each with each, would not end."""
    opened = re.search(r"<[A-Za-z]", piece)
    return opened is not None and len(piece[opened.start() :].split(None, _MOST_WORDS_IN_TAG)) > _MOST_WORDS_IN_TAG


def _deeper_than(piece: str, most: int) -> bool:
    """True for that many elements opened and none closed."""
    if piece.count("<") <= most:
        return False
    shown = _blanked(piece, _HIDES_NO_SCRIPT)
    return sum(tag[1].lower() not in _NEVER_NESTED for tag in _TAGS.finditer(shown)) > most


def _may_say(attributes: Mapping[str, str | None], telling: Container[str]) -> bool:
    """A quick look at an element's attributes: an address, code, JSON, or something called an id."""
    for name, value in attributes.items():
        if value and name not in _PLAIN:
            if "/" in value or "<" in value or "{" in value or "&" in value or value[:2] in _BASE64_OF_CODE:
                return True
            if (name in telling or name.endswith(_ID_ENDINGS)) and (name != "onclick" or _VIDEO_IN_QUOTES.search(value)):
                return True
    return False


def _may_be_escaped(value: str) -> bool:
    return ("&" in value and "&lt;" in value) or ("\\" in value and "\\u00" in value) or ("%" in value and "%3" in value)


def _is_addressed(value: str) -> bool:
    """A quick look at an attribute: is there an address in it?"""
    if "/" not in value:
        return ("%" in value and ("%2f" in value or "%2F" in value)) or ("at:" in value and _AT.search(value) is not None)
    return (
        "//" in value
        or ".com/" in value
        or ".be/" in value
        or ".co/" in value
        or ".app/" in value
        or ".me/" in value
        or "%2f" in value
        or "%2F" in value
        or ("at:" in value and _AT.search(value) is not None)
    )


def _blanked(text: str, hides: re.Pattern[str]) -> str:
    """The text with what is hidden turned to spaces: comments whole, of scripts and their like what is in them."""
    pieces, at = list[str](), 0
    while opened := hides.search(text, at):
        if not opened.lastgroup:
            start, end = opened.start(), text.find("-->", opened.end()) + 3
            end = end if end > 2 else len(text)
        else:
            start, end = opened.end(), _closing(text, opened["tag"].lower(), opened.end())
        pieces += [text[at:start], " " * (end - start)]
        at = end
    return "".join((*pieces, text[at:]))


def _closing(text: str, tag: str, at: int) -> int:
    """Where the closing tag of that name begins; the end of the text where there is none."""
    while (at := text.find("</", at)) >= 0 and text[at + 2 : at + 2 + len(tag)].lower() != tag:
        at += 2
    return at if at >= 0 else len(text)


def _shows(image: LexborNode, read: tuple[Platform, PostRef] | None) -> bool:
    """True for a picture whose own address holds the post's id."""
    address = image.attributes.get("src") or image.attributes.get("data-src") or ""
    return read is not None and _needle(read[1]) in address and not is_badge(address)


def _is_chrome(card: LexborNode) -> bool:
    """True for a card that says itself that it stands beside the article: what others wrote of that is an `h-cite` too, but the
    article does not cite it."""
    words = card.attributes.get("class") or ""
    return _CHROME.search(words) is not None or ("h-cite" in words and not any(map(_CITES.fullmatch, words.split())))


def _is_about_posts(node: LexborNode) -> bool:
    """True for an element that shares, follows, likes or comments: its tag says so, its class, or its id."""
    attributes = node.attributes
    words = f"{node.tag} {attributes.get('class') or ''}"
    if about_posts_only(_BUTTON.sub("", words) if node.tag == "button" else words):
        return True
    return _ABOUT_POSTS.search(attributes.get("id") or "") is not None


def _may_be_feed(words: str) -> bool:
    """A quick look at a class and an id: could they be a feed's?"""
    return "eed" in words or "imeline" in words or "tream" in words or "ctf-" in words or "sb_" in words or "fts-" in words


def _first_words(node: LexborNode) -> str:
    """The text among the first nodes in an element, however much that holds."""
    return "".join(one.text_content or "" for one in islice(node.traverse(include_text=True), _MOST_BESIDE) if one.is_text_node)


def _leads_to_profile(address: str) -> bool:
    """True for an address of two names, `platform.example/account`: what embeds it shows an account, and no post."""
    return re.match(r"https?://(?:www\.)?[\w-]{1,63}\.[a-z]{2,10}/@?[\w.-]{1,64}/?(?:[?#]|$)", address) is not None


def _is_of_embed_code(label: str, address: str = "") -> bool:
    from archiver.embeds.fallbacks import is_address_of_embed_code, is_of_embed_code

    return is_address_of_embed_code(address) or is_of_embed_code(label)


def _by_account(found: Found, label: str) -> Found:
    from archiver.embeds.fallbacks import account

    author, handle = account(label)
    return replace(found, author=author, handle=handle)


def _called_after(link: LexborNode, read: tuple[Platform, PostRef]) -> LexborNode | None:
    """The element around a link whose own id, or class, ends with the post's: what was drawn for it."""
    number, at = _needle(read[1]), link.parent
    for _ in range(_DEEPEST_CARD if len(number) > _SHORTEST_NUMBER else 0):
        if at is None or at.tag in ("body", "main", "html"):
            return None
        attributes = at.attributes
        if (attributes.get("id") or "").endswith(number) or (attributes.get("class") or "").endswith(number):
            return at
        at = at.parent
    return None


def _draws(attributes: Mapping[str, str | None]) -> bool:
    """True for a link that some script replaces by what it leads to."""
    classes = attributes.get("class") or ""
    return (
        any(word in classes for word in _DRAWING_CLASSES)
        or not _DRAWING_ATTRIBUTES.isdisjoint(attributes)
        or attributes.get("data-pin-do") == "embedPin"
    )


def _starts_with_address(node: LexborNode) -> bool:
    child = node.first_child
    text = child.text_content if child is not None else None
    return text is not None and "http" in text and text.lstrip().startswith("http")


def _only_text(node: LexborNode) -> str:
    """The text of an element that holds nothing else, or a link alone, whose address it is then."""
    child = node.first_child
    if child is None or child.next is not None:
        return ""
    return ((child.attributes.get("href") if child.tag == "a" else child.text_content) or "").strip()


def _straightened(text: str) -> str:
    """The text with straight quotation marks in its tags, and as long as it was: where they stand is counted."""
    pieces, at = list[str](), 0
    for tag in _OPENED.finditer(_blanked(text, _HIDES)):
        start, end = tag.span()
        pieces += [text[at:start], _CURLY_VALUE.sub(_straight, text[start:end])]
        at = end
    return "".join((*pieces, text[at:]))


def _straight(one: re.Match[str]) -> str:
    return one[0] if one["straight"] else f'="{one["value"]}"'.ljust(len(one[0]))


def _nested_quotes(node: LexborNode) -> int:
    """How many quotations stand around this one, as far as it matters."""
    count, steps, at = 0, 0, node.parent
    while at is not None and count <= _MOST_NESTED_QUOTES and steps < 100:
        count += at.tag == "blockquote"
        at, steps = at.parent, steps + 1
    return count


def _same_address(text: str, address: str) -> bool:
    """True where a link shows nothing but its own address, or nothing."""
    bare = re.sub(r"^(?:https?:)?//(?:www\.)?", "", unescape(address)).rstrip("/")
    shown = re.sub(r"^(?:https?:)?//(?:www\.)?", "", text).rstrip("/").rstrip("….")
    return not shown or (len(shown) > 8 and bare.startswith(shown))
