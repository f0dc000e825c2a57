"""What finding needs: articles, what they show, and the platforms that say which post it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType

from archiver.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import date, datetime

    from archiver.model.saving import Exchange, Post, Purpose, Reading


class Format(StrEnum):
    """How an article was saved."""

    HTML = "html"
    MARKDOWN = "markdown"


class Verdict(StrEnum):
    """What a piece of evidence did to the question it bears on."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    AGREES = "agrees"
    DISAGREES = "disagrees"
    SEEN = "seen"
    FAILED = "failed"


class Article(Value):
    """One source as it was given: its bytes, and those bytes decoded.

    `replaced` counts the characters that the encoding could not decode. `url` is where it was fetched, if it was, by this
    program or by the one whose WARC or MHTML it comes from; `captured` is when, if that is a WARC. `media_type` says what
    `data` is where that is not what `format` says: MHTML, of which `text` is the page. Lines and offsets are those of `text`.
    """

    source: str
    data: bytes
    format: Format
    text: str
    encoding: str
    replaced: int = 0
    url: str | None = None
    captured: datetime | None = None
    media_type: str | None = None

    @cached_property
    def sha256(self) -> str:
        """The digest of `data`, in hexadecimal; only taken where it is asked for."""
        import hashlib  # only here: who asks for no digest must not pay for it

        return hashlib.sha256(self.data).hexdigest()


class Evidence(Value):
    """One thing that bears on which post an embed is: what was seen, and what it decided.

    `capture` is the record id of the exchange that shows it, where there is one; `seen_in` says where it was seen: an address,
    `the page` or `the id`; empty until it is known.
    """

    method: str
    value: str
    verdict: Verdict = Verdict.SEEN
    detail: str = ""
    capture: str | None = None
    seen_in: str = ""


class PostRef(Value):
    """Which post: the platform and its own id, as text. `handle` is evidence, never authority."""

    platform: str
    post_id: str
    handle: str | None = None


class Embed(Value):
    """A post as an article shows it. Everything here is the article's claim.

    `position` counts from 1 within the article, `line` and `column` from 1 within the file; `path` leads to the element again
    (a CSS path, ` » ` into code kept as text, then JSONPath or CSS), and is empty in Markdown. `links` are the real addresses
    in the embed, in order. `ref` and `url` are set only where the page itself carries the permalink.
    """

    article: str
    position: int
    line: int
    platform: str
    form: str
    author: str | None = None
    handle: str | None = None
    posted: date | None = None
    text: str = ""
    links: tuple[str, ...] = ()
    ref: PostRef | None = None
    url: str | None = None
    evidence: tuple[Evidence, ...] = ()
    column: int = 1
    path: str = ""


class ShortLink(Value):
    """A shortened address to resolve. `media`: by its form it stands for the media of the post it appears in."""

    url: str
    media: bool


class Marks(Value):
    """How pages mark an embed of a platform's post, besides the post's address. All names in lower case.

    `classes` stand on the embed's own element. `ids` are attributes that hold a bare id (on any element). `tags` are elements
    of the platform's own or of AMP, with the attribute that holds an id or an address. `shortcodes` are names in Hugo's,
    Jekyll's, WordPress' and their kin's notation. `words` name the platform in the class of a placeholder.
    """

    classes: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    tags: Mapping[str, str] = MappingProxyType({})
    shortcodes: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()


class Platform(Value):
    """A platform: its addresses, what to ask for, and how to read what came back. Plain functions, no state.

    `permalink` reads any address that names one post, the address of an embed's frame included; None for every other.
    `hosts` are labels, one of which the host of every such address has (`x` of `www.x.com`); none where it may be any.
    `paths` are patterns for what follows a slash in each, so that they are seen in scripts, however those are written.
    `from_id` reads a bare id, given the parameters that stand beside it. `short_link` gives the address to resolve. A platform
    without `plan` and `read` is only found so far. `archived` reads a web archive's copy of one of its pages, or of an answer,
    whose content encoding is taken off: every post that it shows, the page's own first; none where it shows none, and then
    `archived_lacks` says why. `mirrors` are third parties' addresses for a post, `read_mirror` reads what one of them answers.

    `kept_under` gives the beginnings of the addresses that web archives may hold one post under; `search` of those that an
    account's posts have that were made between two times, and of few others. `media_made` is when an address's medium was made.
    """

    name: str
    permalink: Callable[[str], PostRef | None]
    canonical_url: Callable[[PostRef], str]
    from_id: Callable[[str, Mapping[str, str]], PostRef | None]
    hosts: frozenset[str] = frozenset()
    paths: tuple[str, ...] = ()
    marks: Marks = Marks()
    short_link: Callable[[str], ShortLink | None] = lambda _: None
    posted: Callable[[PostRef], datetime | None] = lambda _: None
    names_media: Callable[[str], bool] = lambda _: False
    plan: Callable[[PostRef], Mapping[Purpose, str]] | None = None
    read: Callable[[PostRef, Mapping[Purpose, Exchange]], Reading] | None = None
    archived: Callable[[Exchange], tuple[Post, ...]] | None = None
    archived_lacks: Callable[[Exchange], str] = lambda _: ""
    kept_under: Callable[[PostRef], tuple[str, ...]] = lambda _: ()
    search: Callable[[str, datetime, datetime], tuple[str, ...]] = lambda *_: ()
    media_made: Callable[[str], datetime | None] = lambda _: None
    mirrors: Callable[[PostRef], tuple[str, ...]] = lambda _: ()
    read_mirror: Callable[[PostRef, Exchange], Post | None] = lambda _ref, _answer: None

    __eq__ = object.__eq__  # there is one of each, and no value in a mapping could be hashed
    __hash__ = object.__hash__
