"""The values that travel from room to room. Frozen, no input or output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


class Format(StrEnum):
    """How an article was saved."""

    HTML = "html"
    MARKDOWN = "markdown"


class Origin(StrEnum):
    """Where bytes came from. `LOCAL`: a file the user handed over, not retrieved by this program."""

    LIVE = "live"
    STAND_IN = "stand-in"
    LOCAL = "local"


class State(StrEnum):
    """How the saving of one embed ended."""

    SAVED = "saved"
    PARTIAL = "partial"
    GONE = "gone"
    UNIDENTIFIED = "unidentified"
    FAILED = "failed"


class Availability(StrEnum):
    """What the platform's answers say of the post, never more than they say."""

    LIVE = "live"
    LIVE_PARTIAL = "live_partial"
    DELETED_BY_AUTHOR = "deleted_by_author"
    REMOVED_BY_PLATFORM = "removed_by_platform"
    ACCOUNT_SUSPENDED = "account_suspended"
    ACCOUNT_DEACTIVATED = "account_deactivated"
    PROTECTED = "protected"
    WITHHELD = "withheld"
    AGE_GATED = "age_gated"
    UNKNOWN_GONE = "unknown_gone"
    RATE_LIMITED = "rate_limited"
    ENDPOINT_ERROR = "endpoint_error"
    NOT_CHECKED = "not_checked"


class Claim(StrEnum):
    """Do the fetched words agree with what the article shows?"""

    MATCH = "match"
    DIFFERS = "differs"
    UNVERIFIABLE = "unverifiable"


class Verdict(StrEnum):
    """What a piece of evidence did to the question it bears on."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    AGREES = "agrees"
    DISAGREES = "disagrees"
    SEEN = "seen"
    FAILED = "failed"


class Purpose(StrEnum):
    """Why an address was asked for."""

    ARTICLE = "article"
    SHORT_LINK = "short-link"
    SYNDICATION = "syndication"
    OEMBED = "oembed"
    PHOTO = "photo"
    PHOTO_SHOWN = "photo-shown"
    VIDEO = "video"
    POSTER = "poster"
    AVATAR = "avatar"
    ROBOTS = "robots"


@dataclass(frozen=True, slots=True)
class Article:
    """One source as it was given: its bytes, and those bytes decoded.

    `replaced` counts the characters that the encoding could not decode. `url` is where it was fetched, if it was, by this
    program or by the one whose WARC or MHTML it comes from; `captured` is when, if that is a WARC. `media_type` says what
    `data` is where that is not what `format` says: MHTML, of which `text` is the page. Lines and offsets are those of `text`.
    """

    source: str
    data: bytes
    sha256: str
    format: Format
    text: str
    encoding: str
    replaced: int = 0
    url: str | None = None
    captured: datetime | None = None
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class ArticleFacts:
    """What an article says of itself. Each is None where it does not say."""

    title: str | None = None
    byline: str | None = None
    published: date | None = None
    url: str | None = None
    credits: tuple[str, ...] = ()
    site: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that bears on which post an embed is: what was seen, and what it decided.

    `capture` is the record id of the exchange that shows it, where there is one.
    """

    method: str
    value: str
    verdict: Verdict = Verdict.SEEN
    detail: str = ""
    capture: str | None = None


@dataclass(frozen=True, slots=True)
class PostRef:
    """Which post: the platform and its own id, as text. `handle` is evidence, never authority."""

    platform: str
    post_id: str
    handle: str | None = None


@dataclass(frozen=True, slots=True)
class Embed:
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


@dataclass(frozen=True, slots=True)
class Tls:
    """What secured a connection: the protocol as WARC-Protocol names it (`tls/1.3`), the cipher suite as OpenSSL names it, and
    the SHA-256 of the server's own certificate (DER), hexadecimal."""

    protocol: str
    cipher: str
    certificate_sha256: str


@dataclass(frozen=True, slots=True)
class Framing:
    """What was received beside the final head and the payload, as bytes: the heads of 1xx answers, the line that opens each
    chunk, the trailer with its blank line, and what came after the answer's end.

    With it the answer is whole again: interim heads, head, each chunk's line, its bytes and CR LF, the trailer, and the rest.
    `complete` is false where there were more chunk lines than are kept.
    """

    interim: tuple[bytes, ...] = ()
    chunks: tuple[bytes, ...] = ()
    trailer: bytes = b""
    left_over: bytes = b""
    complete: bool = True


class Spill(Protocol):
    """A body too large for memory that goes to where it will be kept while it is received."""

    def write(self, data: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, irrespective of how they were had.

    Heads are bytes up to and including the blank line, as they were sent and received; `body` has the transfer encoding removed
    and the content encoding kept (WARC 1.1, WARC-Payload-Digest). `truncated` is a WARC-Truncated reason. `stand_in` names what
    stood in. `redacted` names what of the heads and the address was a secret and is not kept.

    A large body is not in `body`: `unread` says how many bytes it has, and `spill` is where it went, until it is kept.
    """

    method: str
    url: str
    request_head: bytes
    status: int
    headers: tuple[tuple[str, str], ...]
    response_head: bytes
    body: bytes
    started: datetime
    origin: Origin
    ip: str | None = None
    truncated: str | None = None
    stand_in: str | None = None
    tls: Tls | None = None
    framing: Framing | None = None
    redacted: tuple[str, ...] = ()
    unread: int = 0
    spill: Spill | None = None

    @property
    def size(self) -> int:
        """How many bytes the payload has, in memory or not."""
        return len(self.body) + self.unread

    def header(self, name: str) -> str | None:
        """The first header of that name, case folded; None where there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class RecordRef:
    """Where one WARC record lies: `offset` and `length` in bytes of the stored gzip member, `sha256` over them."""

    id: str
    segment: str
    offset: int
    length: int
    type: str
    date: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Capture:
    """An exchange that is in the archive. `payload_digest` is the one in the WARC, `sha1:` and base32."""

    exchange: Exchange
    record: RecordRef
    payload_digest: str
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands in for a live answer. `body` has no transfer encoding; `source` names the fixture or the record."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    source: str
    truncated: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """An address that makes a post whole. `fallbacks` are tried in order, and only when the first is not there."""

    purpose: Purpose
    url: str
    alt: str | None = None
    fallbacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """A post as the platform gave it. `posted` is UTC. `cut` is true where the platform says that the text goes on."""

    ref: PostRef
    url: str
    text: str
    author: str | None = None
    handle: str | None = None
    author_id: str | None = None
    posted: datetime | None = None
    lang: str | None = None
    cut: bool = False
    wanted: tuple[Wanted, ...] = ()
    missing: tuple[str, ...] = ()
    quoted: Post | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the answers about one post say together. `rule` names in words why `availability` is what it is."""

    availability: Availability
    rule: str
    post: Post | None = None
    source: Purpose | None = None
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that did not work: where, a word for machines, and the particulars."""

    stage: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class MediaKept:
    """One piece of a post's media and the capture that holds it, or None where none could be had."""

    post: PostRef
    wanted: Wanted
    capture: Capture | None


@dataclass(frozen=True, slots=True)
class Identity:
    """Which post an embed is, or None with the reason. `inferred`: the page itself did not carry the permalink."""

    ref: PostRef | None
    reason: str
    evidence: tuple[Evidence, ...] = ()
    inferred: bool = False
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class CaptureLine:
    """A capture as reports name it: enough to cut the record out of its WARC."""

    url: str
    status: int
    origin: Origin
    warc: str
    offset: int
    length: int
    payload_digest: str
    date: str
    record_id: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the saving of one embed ended, and all that shows it."""

    embed: Embed
    state: State
    availability: Availability
    origin: Origin
    claim: Claim
    reason: str
    post_id: str | None = None
    url: str | None = None
    evidence: tuple[Evidence, ...] = ()
    captures: tuple[CaptureLine, ...] = ()
    failures: tuple[Failure, ...] = ()
    fresh: bool = field(default=True, compare=False)

    @property
    def final(self) -> bool:
        """True where another run would have nothing to add."""
        return self.state in (State.SAVED, State.GONE) and not self.failures


class Doing(StrEnum):
    """What a run is doing on the network."""

    ASKING = "asking"
    RECEIVING = "receiving"
    RECEIVED = "received"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Activity:
    """Something for people to watch: about an address, or (waiting) a host. `size` is in bytes so far; `seconds` is how long it
    took so far, or how long the wait is."""

    doing: Doing
    about: str
    size: int = 0
    seconds: float = 0.0


Watch = Callable[[Activity], None]


def unwatched(_: Activity) -> None:
    """Nobody watches."""


class Get(Protocol):
    """Ask for an address and have the answer safely in the archive. Raises CaptureError where there is no answer."""

    def __call__(self, url: str, purpose: Purpose) -> Capture: ...


@dataclass(frozen=True, slots=True)
class ShortLink:
    """A shortened address to resolve. `media`: by its form it stands for the media of the post it appears in."""

    url: str
    media: bool


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """How pages mark an embed of a platform's post, besides the post's address. All names in lower case.

    `classes` stand on the embed's own element. `ids` are attributes that hold a bare id (on any element). `tags` are elements
    of the platform's own or of AMP, with the attribute that holds an id or an address. `shortcodes` are names in Hugo's,
    Jekyll's, WordPress' and their kin's notation. `words` name the platform in the class of a placeholder.
    """

    classes: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    tags: Mapping[str, str] = field(default_factory=dict)
    shortcodes: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Platform:
    """A platform: its addresses, what to ask for, and how to read what came back. Plain functions, no state.

    `permalink` reads any address that names one post, the address of an embed's frame included; None for every other.
    `from_id` reads a bare id, given the parameters that stand beside it. `short_link` gives the address to resolve. A platform
    without `plan` and `read` is only found so far.
    """

    name: str
    permalink: Callable[[str], PostRef | None]
    canonical_url: Callable[[PostRef], str]
    from_id: Callable[[str, Mapping[str, str]], PostRef | None]
    marks: Marks = Marks()
    short_link: Callable[[str], ShortLink | None] = lambda _: None
    posted: Callable[[PostRef], datetime | None] = lambda _: None
    names_media: Callable[[str], bool] = lambda _: False
    plan: Callable[[PostRef], Mapping[Purpose, str]] | None = None
    read: Callable[[PostRef, Mapping[Purpose, Exchange]], Reading] | None = None
