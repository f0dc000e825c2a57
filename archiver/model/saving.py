"""What saving needs beyond that: what was asked and answered, which post it is, what it holds, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from archiver.model.finding import Embed, Evidence, PostRef


class Origin(StrEnum):
    """Where bytes came from. `LOCAL`: a file the user handed over, not retrieved by this program. `WEB_ARCHIVE`: a web
    archive gave its copy of what an address once answered; the archive was live, the copy is its word for it."""

    LIVE = "live"
    WEB_ARCHIVE = "web-archive"
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
    LOGIN_GATED = "login_gated"
    GONE_OR_GATED = "gone_or_gated"
    UNKNOWN_GONE = "unknown_gone"
    NEVER_EXISTED = "never_existed"
    RATE_LIMITED = "rate_limited"
    ENDPOINT_ERROR = "endpoint_error"
    NOT_CHECKED = "not_checked"


class Precision(StrEnum):
    """How exactly a time is known. `DAY`: in a time zone that nobody names, so a day more or less is possible."""

    MILLISECOND = "millisecond"
    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"


class Claim(StrEnum):
    """Do the fetched words agree with what the article shows?"""

    MATCH = "match"
    DIFFERS = "differs"
    UNVERIFIABLE = "unverifiable"


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
    CARD = "card"
    PLAYLIST = "playlist"
    SEGMENT = "segment"
    LINKED = "linked-page"
    MIRROR = "mirror"
    ARCHIVE_INDEX = "archive-index"
    MEMENTO = "memento"
    ARTICLE_MEDIA = "article-media"
    ROBOTS = "robots"


class Rung(StrEnum):
    """What led to the post, strongest first."""

    PERMALINK = "permalink"
    SHORT_LINK = "short-link"
    ARCHIVED_SHORT_LINK = "archived-short-link"
    ARCHIVE_SEARCH = "archive-search"
    NEIGHBOUR = "neighbour"


class AnchorKind(StrEnum):
    """Where a head of the ledger was put down."""

    FILE = "file"
    RFC3161 = "rfc3161"
    OPENTIMESTAMPS = "opentimestamps"


class AnchorState(StrEnum):
    """How far an anchor is. `PENDING` is tried again by the next run; `FAILED` was given up by the user."""

    PENDING = "pending"
    HELD = "held"
    FAILED = "failed"


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
class ArticleMedium:
    """An image or a video that an article's own body shows: `kind` is image, video, audio or poster, `url` is whole.

    `position` counts from 1 within the article. `credit` is None where it cannot be told from the caption.
    """

    position: int
    kind: str
    url: str
    alt: str | None = None
    caption: str | None = None
    credit: str | None = None


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
class RunFacts:
    """What is put on record of a run: what it does, with which program, as it was told to, where and by whom.

    `settings` is JSON, of what is not the default; `machine` is what it ran with. Nobody is named who does not want to be.
    """

    act: str
    software: str
    command: str
    offline: bool = False
    operator: str = ""
    settings: str = "{}"
    machine: str = ""


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
class Link:
    """A link in a post's words: as it was written for the post, where it leads, and as pages show it.

    `capture` is the record id of the page that it led to, where that was asked for and is kept.
    """

    short: str
    url: str
    shown: str = ""
    capture: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """The preview that stands below a post: the page it leads to, as the platform described it then."""

    name: str
    url: str | None = None
    title: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll: each choice with its votes (None where they are not told), when it ends (UTC), and whether it has ended."""

    choices: tuple[tuple[str, int | None], ...]
    ends: datetime | None = None
    ended: bool | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A post as the platform, or a copy of its page, gave it.

    `text` has its links expanded, those of `links`; `cut` is true where the platform says that the text goes on. `posted` is
    UTC, as exact as `precision` says; `made` is when its id was made, read from the id alone. `quotes` and `replies_to` name
    the post it quotes and the one above it; `quoted` and `parent` are those posts, where they were read. `reposted` is the post
    that this one only passes on: its words are that one's author's. `versions` are the ids of all its edits, oldest first,
    `superseded` is true where a later one is known, and `other_versions` are those that were read. `capture` is the record id
    of the answer it was read from, where that is not the answer about another post.
    """

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
    precision: Precision | None = None
    made: datetime | None = None
    links: tuple[Link, ...] = ()
    card: Card | None = None
    poll: Poll | None = None
    place: str | None = None
    sensitive: bool | None = None
    quotes: PostRef | None = None
    replies_to: PostRef | None = None
    parent: Post | None = None
    reposted: Post | None = None
    versions: tuple[str, ...] = ()
    edited: bool | None = None
    superseded: bool | None = None
    other_versions: tuple[Post, ...] = ()
    capture: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the answers about one post say together. `rule` says in words why `availability` is what it is; `decided_by` is the
    name of the rule that decided, of those that the platform's documentation lists."""

    availability: Availability
    rule: str
    post: Post | None = None
    source: Purpose | None = None
    failures: tuple[Failure, ...] = ()
    decided_by: str = ""


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
    """Which post an embed is, or None with the reason in words. `rung` is what led to it; `confidence`, 0 to 1, is an order of
    how much speaks for it and no probability; below the ladder's threshold there is no `ref`. `link` is the short link that led
    to it, where one did."""

    ref: PostRef | None
    reason: str
    evidence: tuple[Evidence, ...] = ()
    failures: tuple[Failure, ...] = ()
    rung: Rung | None = None
    confidence: float = 0.0
    link: str = ""

    @property
    def inferred(self) -> bool:
        """True where the page itself did not carry the permalink."""
        return self.rung is not Rung.PERMALINK


def certainty(confidence: float) -> str:
    """A confidence in words."""
    if confidence >= 0.95:
        return "very high"
    if confidence >= 0.88:
        return "high"
    return "sufficient" if confidence > 0 else "none"


@dataclass(frozen=True, slots=True)
class Memento:
    """A web archive's copy of `original` as of `captured` (RFC 7089): `url` gives it raw. The rest as the archive lists it."""

    original: str
    captured: datetime
    url: str
    archive: str
    media_type: str = ""
    status: int | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a web archive says that it holds. `trouble` says in words why there may be more; None where this is all of it.

    `asked` are the addresses that were asked for, `capture` the record of the last answer. `failures` may pass; that an archive
    refuses to show an account is none.
    """

    mementos: tuple[Memento, ...] = ()
    trouble: str | None = None
    asked: tuple[str, ...] = ()
    capture: str | None = None
    failures: tuple[Failure, ...] = ()

    @property
    def said(self) -> str:
        """What it says, in words. An archive that could not be asked does not say that there is nothing."""
        if self.trouble and not self.mementos:
            return self.trouble
        return f"lists {len(self.mementos)} captures" + (f"; {self.trouble}" if self.trouble else "")


@dataclass(frozen=True, slots=True)
class Sighting:
    """A post as some page shows it that is not the post's own answer: `capture` holds the page, `seen_in` is its address.

    `memento` is set where a web archive gave the page.
    """

    post: Post
    seen_in: str
    capture: str | None = None
    memento: Memento | None = None


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
    rung: Rung | None = None
    confidence: float = 0.0
    identity: str = ""
    difference: str = ""
    recovered: Sighting | None = None
    fresh: bool = field(default=True, compare=False)
    record: str | None = field(default=None, compare=False)  # the one that says the same, where this was read from the index

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
    """Something for people to watch: about an address, or (waiting) a host. `size` is in bytes so far, `of` how
    many were announced, 0 where none were; `seconds` is how long it
    took so far, or how long the wait is: 0 where it is for a turn, and nobody knows."""

    doing: Doing
    about: str
    size: int = 0
    seconds: float = 0.0
    of: int = 0


Watch = Callable[[Activity], None]


def unwatched(_: Activity) -> None:
    """Nobody watches."""


class Get(Protocol):
    """Ask for an address and have the answer safely in the archive. Raises CaptureError where there is no answer.

    `at` is the time that is asked of a TimeGate (`Accept-Datetime`, RFC 7089, 2.1.1).
    """

    def __call__(self, url: str, purpose: Purpose, *, at: datetime | None = None) -> Capture: ...


@dataclass(frozen=True, slots=True)
class Look:
    """What some copies of a post's page show: the post itself, where one does, and the others beside it."""

    post: Sighting | None = None
    others: tuple[Sighting, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class WebArchive:
    """How a web archive is asked. Each answer is kept before it is read; nothing is raised where one cannot be had.

    `copies` lists what it holds of an address, in exactly this case; `under` of every address that begins in one of these ways;
    `fetch` gives a copy, or why there is none; `look` reads a post out of its copies, fetching so many of them at most.
    """

    copies: Callable[[str], Listing]
    under: Callable[[Iterable[str]], Listing]
    fetch: Callable[[Memento], Capture | Failure]
    look: Callable[[PostRef, Iterable[Memento], int], Look]


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What the archive on the disk knows already, for the ladder.

    `posts` are those that other captures show, by an account (its handle) and made within two days; `author_ids` are the ids
    that posts under a handle were seen with.
    """

    posts: Callable[[str, str, date, date], tuple[Sighting, ...]]
    author_ids: Callable[[str, str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Head:
    """The ledger's last entry at a moment, and how much the archive held: what an anchor is made of."""

    archive: str
    seq: int
    hash: str
    captures: int
    bytes: int
    schema: int
    made: datetime


@dataclass(frozen=True, slots=True)
class Anchor:
    """One head at one authority, or in a file. `file` is in the folder of anchors: the proof, or the head where there is none
    yet; `sha256` is of its bytes. `asked` is when it was asked for first, `held` since when it is there, `delay_seconds` what
    lies between the head and that."""

    id: str
    head_seq: int
    head_hash: str
    kind: AnchorKind
    authority: str
    state: AnchorState
    file: str
    sha256: str
    asked: datetime
    held: datetime | None = None
    delay_seconds: int | None = None
    detail: str = ""
