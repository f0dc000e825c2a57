"""The order of the stages: read, find, identify, fetch, keep, read, compare, record. Every room is named here, once.

Bytes first, meaning later: whatever is fetched is in the archive before anything looks at it. One embed's trouble is a
`Failure` of its outcome; one source's trouble is a `Problem`; only what stops the run is raised.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import archiver.embeds
from archiver import __version__, articles, identity, lines
from archiver.capture.secrets import redacted_url, redacted_words
from archiver.errors import CaptureError, SourceError, Stopped, UsageError, worst
from archiver.finding import web_article
from archiver.model import (
    Article,
    ArticleFacts,
    ArticleMedium,
    Availability,
    Capture,
    CaptureLine,
    Claim,
    Embed,
    Evidence,
    Exchange,
    Failure,
    Get,
    Identity,
    Known,
    MediaKept,
    Memento,
    Origin,
    Outcome,
    Platform,
    Poll,
    Post,
    PostRef,
    Purpose,
    Reading,
    RunFacts,
    Sighting,
    Spill,
    State,
    Verdict,
    Wanted,
    Watch,
    unwatched,
)
from archiver.platforms import PLATFORMS
from archiver.settings import Settings
from archiver.workers import Crew, Desk, Stop, Task

if TYPE_CHECKING:  # `find` must not pay for the network and the index
    import httpx

    from archiver.archive import Archive
    from archiver.capture.pace import Wait
    from archiver.capture.recorder import Recorder
    from archiver.standins import StandInWeb

SOFTWARE = f"archiver/{__version__}"
PURPOSE = "keeps posts that news articles embed"
FAILING_RUNS = 3
MOST_THREADS = 64
MOST_AHEAD = 64  # sources that are at work, beside the one whose outcomes are told
MOST_AHEAD_BYTES = 64 * 1024 * 1024  # of articles that are held for them

GONE = frozenset(
    {
        Availability.DELETED_BY_AUTHOR,
        Availability.REMOVED_BY_PLATFORM,
        Availability.ACCOUNT_SUSPENDED,
        Availability.ACCOUNT_DEACTIVATED,
        Availability.UNKNOWN_GONE,
        Availability.NEVER_EXISTED,
    }
)
GATED = frozenset(
    {
        Availability.PROTECTED,
        Availability.WITHHELD,
        Availability.AGE_GATED,
        Availability.LOGIN_GATED,
        Availability.GONE_OR_GATED,
    }
)
MAX_VERSIONS = 10  # a post may be edited five times
MAX_QUOTED = 3  # quoted within quoted
MAX_PLAYLISTS = 8  # of one video

MOST_ROBOTS_HOPS = 5  # RFC 9309, 2.3.1.2
MOST_RECOVERED_MEDIA = 8  # of a post that is gone


@dataclass(frozen=True, slots=True)
class ArticleRead:
    """A source was read, and so many embeds were found in it."""

    article: Article
    facts: ArticleFacts
    embeds: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A source that came to nothing. `status` is the exit status it stands for."""

    source: str
    message: str
    status: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Something people should know that is nobody's failure."""

    message: str


Event = ArticleRead | Outcome | Problem | Notice


def save(
    sources: Iterable[str],
    settings: Settings,
    live: httpx.BaseTransport | None = None,
    stop: Stop | None = None,
    watch: Watch = unwatched,
) -> Iterator[Event]:
    """Save what the sources embed, and tell what came of it, each thing once it is safely kept.

    `live` is what goes to the network; the guarded transport where none is given. `offline` uses neither. `stop` can be told to
    end the run, from another thread or a signal handler; `watch` is told, by several threads, what goes on on the network.

    Raises UsageError, Stopped, ArchiveBusy, ArchiveDamaged, ArchiveWriteError: whatever stops the run.
    """
    from archiver.archive import open_for_writing
    from archiver.standins import open_web

    webs = [open_web(path) for path in settings.fixtures]
    with ExitStack() as stack:
        archive = stack.enter_context(
            open_for_writing(
                settings.archive,
                user_agent=user_agent(settings),
                robots="obey" if settings.robots else "ignore",
            )
        )
        notices = archive.begin_run(run_facts("save", settings))
        run = stack.enter_context(closing(_Run(archive, settings, webs, live, stop or Stop(), watch)))
        yield from map(Notice, notices)
        statuses = {0}
        try:
            for event in _save_all(sources, run):
                statuses.add(_status(event, settings))
                yield event
            run.stop.check()
        except Stopped as stopped:
            archive.end_run(stopped.status)
            raise
        archive.end_run(worst(statuses))


def run_facts(act: str, settings: Settings) -> RunFacts:
    """What is put on record of a run."""
    return RunFacts(
        act=act,
        software=SOFTWARE,
        command=redacted_words(settings.command),
        offline=settings.offline,
        operator=settings.operator,
        settings=redacted_words(settings.told()),
        machine=machine(),
    )


def machine() -> str:
    """What the program runs on; nobody's name is in it."""
    import platform
    import sqlite3
    import ssl
    import time

    clock = time.get_clock_info("monotonic")
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    return (
        f"{system}; Python {platform.python_version()}; SQLite {sqlite3.sqlite_version}; {ssl.OPENSSL_VERSION};"
        f" monotonic clock {clock.implementation}, resolution {clock.resolution} s"
    )


def user_agent(settings: Settings) -> str:
    """Who asks, and how to reach whoever runs it: a site's owner can ask them to stop instead of guessing.

    Raises UsageError where `contact` cannot stand in a header.
    """
    if not (settings.contact.isascii() and settings.contact.isprintable()):
        raise UsageError("--contact: stands in a header, which holds printable ASCII only")
    return f"archiver/{__version__} ({PURPOSE}{f'; {settings.contact}' if settings.contact else ''})"


def _status(event: Event, settings: Settings) -> int:
    if isinstance(event, Problem):
        return event.status
    if isinstance(event, Outcome):
        return exit_status(event, strict=settings.strict)
    return 0


def exit_status(outcome: Outcome, *, strict: bool) -> int:
    """1 where another run may do better, or where `strict` wants each embed saved and this one is not; else 0."""
    if outcome.failures or outcome.state in (State.FAILED, State.PARTIAL):
        return 1
    return int(strict and outcome.state is not State.SAVED)


class _Run:
    """What a run has at hand: the archive, which one thread writes, and what asks, which several do."""

    def __init__(
        self,
        archive: Archive,
        settings: Settings,
        webs: Sequence[StandInWeb],
        live: httpx.BaseTransport | None,
        stop: Stop,
        watch: Watch,
    ) -> None:
        from archiver.capture.pace import Pacer

        self.archive = archive
        self.settings = settings
        self.stop = stop
        self.watch = watch
        self.desk = Desk()
        # More threads than exchanges: those that wait for a slow host leave the network to the others.
        self.crew = Crew(0 if settings.offline else MOST_THREADS, self.desk, stop)
        self.stand_ins = settings.offline or bool(settings.fixtures)
        self.pacer = Pacer(
            settings.pace_seconds,
            settings.patience_seconds,
            archive.waits(),
            self._wait,
            asked=_hosts_asked(archive),
            sleep=stop.sleep,
            watch=watch,
        )
        self.recorder = _recorder(self, webs, live)
        # What this run has asked for already is not asked for again: the records it made, and by address the answers that were
        # no good, which nobody would find among what is held.
        self.left_alone: set[str] = set()  # why web archives are, for the rest of this run
        self.archives_turn = threading.Lock()
        self.fresh: set[str] = set()
        self.no_good: dict[str, Capture] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._locks_lock = threading.Lock()

    def close(self) -> None:
        self.crew.close()
        self.desk.close()
        self.recorder.close()

    def ask(self, address: str, purpose: Purpose, at: datetime | None = None) -> Capture:
        """The answer, kept; asked for again where that can help. Raises CaptureError, which is on record too."""
        from archiver.capture.pace import ask
        from archiver.web_archives.memento import marked

        def keep(exchange: Exchange) -> Capture:
            if purpose is Purpose.MEMENTO and exchange.spill is None:
                exchange = marked(exchange)
            return self.desk(partial(self.archive.keep, exchange, purpose))

        try:
            capture = ask(self.recorder, self.pacer, self.recorder.address(address), self.settings.tries, keep, at)
        except CaptureError as error:
            known = redacted_url(address)[0]
            self.desk(partial(self.archive.add_unanswered, known, purpose, error.reason, str(error)))
            raise
        self.fresh.add(capture.record.id)
        if capture.exchange.status >= 400 or capture.exchange.truncated:
            self.no_good[address] = capture
        return capture

    def spill(self, begun: Exchange) -> Spill:
        """Where a large body goes while it is received."""
        return self.desk(partial(self.archive.spill, begun))

    def lock(self, address: str) -> threading.Lock:
        """Held while an address is asked for: another embed that wants it finds it kept."""
        with self._locks_lock:
            return self._locks.setdefault(address, threading.Lock())

    def _wait(self, wait: Wait) -> None:
        self.desk(partial(self.archive.add_wait, wait.host, wait.until, wait.reason))


def _hosts_asked(archive: Archive) -> dict[str, datetime]:
    """When each host was last asked, of those that were in the last minute: a run that follows another keeps the pace too."""
    from archiver.capture.pace import host_of

    return {host_of(url): when for url, when in archive.asked_since(datetime.now(UTC) - timedelta(minutes=1))}


def _recorder(run: _Run, webs: Sequence[StandInWeb], live: httpx.BaseTransport | None) -> Recorder:
    """Live and offline differ here and nowhere else: in the transport under the client."""
    from archiver.capture.pace import PacedTransport
    from archiver.capture.recorder import Recorder, cookie_jar
    from archiver.capture.standin import StandInTransport

    settings = run.settings
    beyond = (
        None
        if settings.offline
        else PacedTransport(live or live_transport(settings), run.pacer, settings.concurrency, run.stop.check)
    )
    return Recorder(
        StandInTransport(webs, beyond),
        user_agent=user_agent(settings),
        max_body_bytes=settings.max_body_bytes,
        cookies=cookie_jar(settings.cookies) if settings.cookies else None,
        watch=run.watch,
        spill=run.spill,
    )


def live_transport(settings: Settings) -> httpx.BaseTransport:
    """What goes to the network, through the guarded door."""
    from archiver.capture.guard import Door, allowance
    from archiver.capture.live import LiveTransport, proxy_address
    from archiver.capture.wire import Limits

    proxy = proxy_address(settings.proxy) if settings.proxy else None
    return LiveTransport(
        Door([allowance(text) for text in settings.allow_private], proxy=(proxy.host, proxy.port or 80) if proxy else None),
        Limits(settings.timeout_seconds, settings.deadline_seconds, settings.min_bytes_per_second),
        proxy=proxy,
    )


@dataclass(frozen=True, slots=True)
class _Begun:
    """An article that is kept, and what is done for it, each task in its order."""

    article: Article
    facts: ArticleFacts
    embeds: Sequence[Task[Outcome]]
    media: Sequence[Task[_Shown]]


_Shown = tuple[ArticleMedium, Capture | None, str | None]


def _save_all(sources: Iterable[str], run: _Run) -> Iterator[Event]:
    """What becomes of the sources, told in their order. Several are at work at once, so that none waits for another's hosts."""
    begun: deque[tuple[Callable[[], Iterator[Event]], int]] = deque()
    ahead = 0 if run.settings.offline else MOST_AHEAD
    for source in _opened(sources, run):
        run.stop.check()  # an article may embed nothing, and a folder hold thousands
        begun.append((_begin(source, run), len(source.data) if isinstance(source, Article) else 0))
        while len(begun) > ahead or sum(size for _, size in begun) > MOST_AHEAD_BYTES:
            yield from begun.popleft()[0]()
    while begun:
        yield from begun.popleft()[0]()


def _opened(sources: Iterable[str], run: _Run) -> Iterator[Problem | Article | str]:
    """Each article of the sources; an address as it is, for it is yet to be fetched."""
    for source in sources:
        problems: list[Problem] = []
        opened = _read(source, run.settings.max_article_bytes, partial(_tell, problems, source))
        while True:
            try:
                one = next(opened, None)
            except (UsageError, SourceError, CaptureError) as error:
                _tell(problems, source, error)
                one = None
            yield from problems
            problems.clear()
            if one is None:
                break
            yield one


def _read(source: str, max_bytes: int, tell: Callable[[SourceError], None]) -> Iterator[Article | str]:
    """The same of one source. Raises UsageError, SourceError when it is begun, and later."""
    if articles.is_address(source):
        yield source
    else:
        yield from articles.read(source, max_bytes, tell)


def _tell(problems: list[Problem], source: str, error: UsageError | SourceError | CaptureError) -> None:
    refused = isinstance(error, CaptureError) and error.reason == "refused"
    hint = "; --allow-private allows the place that it names" if refused else ""
    problems.append(Problem(redacted_url(source)[0], f"{error}{hint}", error.status))


def _begin(source: Problem | Article | str, run: _Run) -> Callable[[], Iterator[Event]]:
    """Work on a source is begun; what is given tells what becomes of it, when it is called."""
    if isinstance(source, Problem):
        return lambda: iter([source])
    if isinstance(source, Article):
        return partial(_finished, _begin_article(source, None, run), run)
    fetching = run.crew.begin(lambda: _begin_article(*_fetch_article(source, run), run))
    return partial(_fetched, source, fetching, run)


def _fetched(source: str, fetching: Task[_Begun], run: _Run) -> Iterator[Event]:
    problems: list[Problem] = []
    try:
        begun = run.crew.result(fetching)
    except (UsageError, SourceError, CaptureError) as error:
        _tell(problems, source, error)
        yield from problems
    else:
        yield from _finished(begun, run)


def _begin_article(article: Article, fetched: Capture | None, run: _Run) -> _Begun:
    """The article is kept first. Called by the run's own thread, or by one that has fetched it."""
    embeds, facts = archiver.embeds.find(article, PLATFORMS.values()), articles.facts(article)
    run.desk(partial(run.archive.keep_article, article, facts, fetched))
    return _Begun(
        article,
        facts,
        [run.crew.begin(partial(_work_on, embed, article, run)) for embed in embeds],
        [run.crew.begin(partial(_ask_for_medium, medium, run)) for medium in _shown(article, facts, run)],
    )


def _finished(begun: _Begun, run: _Run) -> Iterator[Event]:
    article = begun.article
    yield ArticleRead(article, begun.facts, len(begun.embeds))
    if article.replaced:
        what = f"{article.replaced} characters could not be read as {article.encoding}; the bytes are kept"
        yield Notice(f"{article.source}: {what}")
    for embed in begun.embeds:
        yield run.crew.result(embed)
    kept = [run.crew.result(medium) for medium in begun.media]
    if run.settings.article_media:
        run.archive.keep_article_media(article, kept)
    lacking = [f"{medium.url}: {reason}" for medium, _, reason in kept if reason]
    if lacking:
        what = f"{len(lacking)} of the {len(kept)} images and videos that the article itself shows could not be had"
        yield Notice(f"{article.source}: {what}: {lacking[0]}{'; …' if len(lacking) > 1 else ''}")


def _shown(article: Article, facts: ArticleFacts, run: _Run) -> list[ArticleMedium]:
    """What the article's own body shows, where that is wanted. What cannot be had of it is named, and is no embed's failure."""
    from archiver.articles.media import media

    return [
        medium
        for medium in (media(article, facts.url or article.url) if run.settings.article_media else ())
        if not any(platform.permalink(medium.url) for platform in PLATFORMS.values())  # a post in the place of an image
    ]


def _ask_for_medium(medium: ArticleMedium, run: _Run) -> _Shown:
    """An image or video of the article's own and its capture, or why there is none."""
    try:
        capture = _Asker(run)(medium.url, Purpose.ARTICLE_MEDIA)
    except CaptureError as error:
        return medium, None, f"{error.reason}: {error}"
    trouble = _media_trouble(capture.exchange, Purpose.ARTICLE_MEDIA)
    return medium, None if trouble else _without_body(capture), trouble


def _work_on(embed: Embed, article: Article, run: _Run) -> Outcome:
    """What became of an embed, in an earlier run or in this one."""
    with run.lock(f"{article.sha256} {embed.position}"):  # the same article may be another source too
        earlier = None
        if not (run.settings.thread or run.settings.links):  # what is final may lack what this run is to ask for
            earlier = run.desk(partial(run.archive.final_outcome, embed, article, stand_ins=run.stand_ins))
        return earlier or _save_embed(embed, article, run)


def _without_body(capture: Capture) -> Capture:
    """What names a capture, and does not hold its bytes in memory while others are fetched."""
    exchange = capture.exchange
    return replace(capture, exchange=replace(exchange, body=b"", unread=exchange.size))


def _fetch_article(url: str, run: _Run) -> tuple[Article, Capture]:
    """An article from its address, each hop kept. Asked for anew in every run: it may have changed."""
    address, known = url, redacted_url(url)[0]
    for _ in range(run.settings.max_hops + 1):
        _mind_robots(address, run)
        capture = run.ask(address, Purpose.ARTICLE)
        target = identity.redirect_target(capture.exchange) if capture.exchange.status != 200 else None
        if target is None:
            break
        if _in_clear(address, target):
            raise SourceError(f"{known}: {capture.exchange.url} leads from https to http; it is kept, and not followed")
        address = _onward(address, target)
    exchange = capture.exchange
    if exchange.status != 200 or exchange.truncated:
        what = f"was cut short ({exchange.truncated})" if exchange.truncated else f"is {exchange.status}"
        raise SourceError(f"{known}: the answer of {exchange.url} {what}; it is kept, but it is no article")
    return web_article(known, exchange, run.settings.max_article_bytes), capture


def _in_clear(address: str, target: str) -> bool:
    """True where a redirect leads from https to http: anybody on the way could say where."""
    return address.lower().startswith("https:") and target.lower().startswith("http:")


def _onward(address: str, target: str) -> str:
    """Where a redirect leads, with the user name and password of the address that led there if it stays within the origin."""
    try:
        here, there = urlsplit(address), urlsplit(target)
        same = (here.scheme, here.hostname, here.port) == (there.scheme, there.hostname, there.port)
    except ValueError:
        return target  # an address that is none; asking for it says so
    user, mark, _ = here.netloc.rpartition("@")
    return there._replace(netloc=f"{user}@{there.netloc}").geturl() if same and mark and "@" not in there.netloc else target


def _mind_robots(url: str, run: _Run) -> None:
    """A site's robots.txt is asked for and kept, once a run. Raises SourceError where it is to be obeyed and says no."""
    from archiver.capture.decode import decoded
    from archiver.capture.robots import allows, robots_url

    answer = None
    try:
        address = robots_url(run.recorder.address(url))
        for _ in range(MOST_ROBOTS_HOPS + 1):
            answer = decoded(_Asker(run)(address, Purpose.ROBOTS).exchange)
            target = identity.redirect_target(answer) if answer.status != 200 else None
            if target is None or _in_clear(address, target):
                break
            address = target
    except CaptureError as error:
        answer = None
        if error.reason in ("bad-url", "refused"):
            raise
    if run.settings.robots and not allows(answer, url):
        raise SourceError(f"{redacted_url(url)[0]}: the site's robots.txt does not allow it, and --robots obeys")


class _Asker:
    """Asks for addresses on behalf of one embed. What is held already is not asked for again; what is new is kept first."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self.captures: list[Capture] = []

    def holds(self, url: str, purpose: Purpose) -> bool:
        """True where a good answer from that address is held."""
        try:
            return self._held(self._run.recorder.address(url), purpose, refusals=False) is not None
        except CaptureError:
            return False  # an address that is none; asking for it will say so

    def __call__(self, url: str, purpose: Purpose, *, refusals: bool = False, at: datetime | None = None) -> Capture:
        """With `refusals`, a "not found" that is held is not asked for again either."""
        with self._run.lock(url):
            capture = self._known(url, purpose, refusals=refusals) or self._run.ask(url, purpose, at)
        if capture.record.id not in {kept.record.id for kept in self.captures}:
            self.captures.append(_without_body(capture))
        return capture

    def _known(self, url: str, purpose: Purpose, *, refusals: bool) -> Capture | None:
        if (no_good := self._run.no_good.get(url)) is not None:
            return replace(no_good, purpose=purpose)
        try:
            address = self._run.recorder.address(url)
        except CaptureError:
            return None  # asking for it says so, on record
        capture = self._held(address, purpose, refusals=refusals)
        return capture if capture is not None and self._serves(capture) else None

    def _held(self, address: str, purpose: Purpose, *, refusals: bool) -> Capture | None:
        run, (known, withheld) = self._run, redacted_url(address)
        if withheld:  # without its secrets it may be the address of something else
            return None
        return run.desk(partial(run.archive.held, known, purpose, stand_ins=run.stand_ins, refusals=refusals))

    def _serves(self, held: Capture) -> bool:
        """True unless asking again might bring more: an answer that led nowhere, or that no post was read from."""
        if held.record.id in self._run.fresh:
            return True
        if held.purpose is Purpose.ROBOTS:
            return False
        if held.purpose is Purpose.SHORT_LINK:
            return identity.redirect_target(held.exchange) is not None
        if held.purpose is Purpose.ARCHIVE_INDEX:
            return held.exchange.body.strip() not in (b"", b"[]")  # there may be copies by now
        if held.purpose is Purpose.SYNDICATION:
            return self._run.desk(partial(self._run.archive.index.was_read, held.record.id))
        return True


@dataclass(slots=True)
class _Work:
    """What is known of one embed while it is worked on."""

    evidence: list[Evidence] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    media: list[MediaKept] = field(default_factory=list)

    def give_up(self) -> None:
        """What was asked so far was asked for a post that it is not: it stays on record as that."""
        self.failures.clear()
        self.evidence = [
            Evidence("rejected-probe", one.value, one.verdict, one.detail, one.capture, one.seen_in)
            if one.method in ("probe", "availability")
            else one
            for one in self.evidence
        ]


@dataclass(frozen=True, slots=True)
class _Settled:
    """Which post an embed is, what its answers say, what a web archive had of it, and the verdict on the article's words."""

    found: Identity
    reading: Reading
    claim: Claim = Claim.UNVERIFIABLE
    difference: str = ""
    recovered: Sighting | None = None


def _save_embed(embed: Embed, article: Article, run: _Run) -> Outcome:
    """Identify, fetch, compare, and put on record what came of it."""
    platform, work, ask, settings = PLATFORMS[embed.platform], _Work(), _Asker(run), run.settings
    failed_before = run.desk(partial(run.archive.begin, embed, article))
    archived = _Archived(platform, run, ask)
    settled = _settle(embed, platform, _known(run), archived, ask, settings, work)
    found, reading = settled.found, settled.reading
    post = reading.post if found.ref is not None else None
    if post is not None:
        post = _with_others(post, platform, ask, work, settings)
        _ask_for_media(post, ask, work, settings)
        post = _ask_for_links(post, platform, ask, work, settings)
    elif settled.recovered is not None:
        archived.ask_for_media(settled.recovered.post, work)
    work.failures[:0] = found.failures
    work.failures += reading.failures
    state = _state(found, reading, work)
    if state is State.FAILED and failed_before + 1 >= FAILING_RUNS:
        work.failures.append(Failure("save", "failing", f"{failed_before + 1} runs in a row; the others do not wait for it"))
    outcome = Outcome(
        embed=embed,
        state=state,
        availability=reading.availability if found.ref is not None else Availability.NOT_CHECKED,
        origin=_origin(ask.captures, settings),
        claim=settled.claim,
        reason=redacted_words(_reason(state, settled, work)),
        post_id=found.ref.post_id if found.ref else None,
        url=platform.canonical_url(found.ref) if found.ref else None,
        evidence=_placed((*found.evidence, *work.evidence), ask.captures),
        captures=tuple(map(_capture_line, ask.captures)),
        failures=tuple(replace(one, detail=redacted_words(one.detail)) for one in work.failures),
        rung=found.rung,
        confidence=found.confidence,
        identity=redacted_words(found.reason),
        difference=settled.difference,
        recovered=settled.recovered,
    )
    read_from = next((capture for capture in ask.captures if post is not None and capture.record.id == post.capture), None)
    about = _about(outcome, article, post, work.media)
    run.desk(partial(run.archive.keep_outcome, outcome, about, article, post, read_from, work.media))
    return outcome


def _settle(
    embed: Embed, platform: Platform, known: Known, archived: _Archived, ask: _Asker, settings: Settings, work: _Work
) -> _Settled:
    """Down the ladder: first what the embed's own links name, then what author, day and words find. Each is asked for, read
    and compared before it counts."""
    found = identity.identify(embed, platform, _decoding(ask), settings.max_hops, archived.web)
    settled = _Settled(found, Reading(Availability.NOT_CHECKED, found.reason))
    if found.ref is not None:
        settled = _read_and_confirm(found, embed, platform, known, archived, ask, work)
    if settled.found.ref is not None and not identity.doubtful(settled.found, settled.claim):
        return settled
    found, shown = identity.identify_by_search(settled.found, embed, platform, archived.web, known)
    if settled.found.ref is not None and (found.ref is None or found.ref.post_id == settled.found.ref.post_id):
        return _with_copy(
            replace(settled, found=replace(settled.found, evidence=found.evidence)), shown, embed, platform, known
        )
    work.give_up()
    if found.ref is not None:
        return _read_and_confirm(found, embed, platform, known, archived, ask, work, shown)
    return _Settled(found, Reading(Availability.NOT_CHECKED, found.reason))


def _with_copy(settled: _Settled, shown: Sighting | None, embed: Embed, platform: Platform, known: Known) -> _Settled:
    """The same post, and where nothing else has its words, those that the search saw of it."""
    if shown is None or settled.recovered is not None or settled.reading.post is not None:
        return settled
    found, claim, difference = identity.confirm(settled.found, embed, shown, platform, known, shown)
    return replace(settled, found=found, claim=claim, difference=difference, recovered=shown) if found.ref else settled


def _read_and_confirm(
    found: Identity,
    embed: Embed,
    platform: Platform,
    known: Known,
    archived: _Archived,
    ask: _Asker,
    work: _Work,
    shown: Sighting | None = None,
) -> _Settled:
    """Ask for the post, and for what a web archive has of it where it is gone; then say whether it is the embed's.

    `shown` is the sighting that led to it, where one did.
    """
    assert found.ref is not None  # noqa: S101 # for the type checker; callers have looked
    reading, recovered = _ask_for_post(found.ref, platform, ask, work), None
    if reading.post is None and reading.availability in GONE | GATED:
        recovered = shown or archived.recover(replace(found.ref, handle=found.ref.handle or embed.handle), work, needed=True)
    if reading.post is None and archived.mirrors:
        reading = _ask_mirrors(found.ref, reading, platform, ask, work)
    given = _as_given(reading, ask)
    settled, claim, difference = identity.confirm(found, embed, recovered or given, platform, known, shown)
    if settled.ref is None:
        return _Settled(settled, reading)
    if given is not None and recovered is None and claim is Claim.DIFFERS:
        recovered = shown or archived.recover(replace(found.ref, handle=given.post.handle), work, needed=False)
        if recovered is not None:
            work.evidence.append(identity.earlier_words(embed, recovered))
    return _Settled(settled, reading, claim, difference, recovered)


def _as_given(reading: Reading, ask: _Asker) -> Sighting | None:
    """The post of a reading, and the answer that it was read from."""
    if reading.post is None:
        return None
    answers = (capture for capture in ask.captures if capture.record.id == reading.post.capture)
    return Sighting(reading.post, next((answer.exchange.url for answer in answers), ""), reading.post.capture)


class _Archived:
    """Web archives, asked on behalf of one embed."""

    def __init__(self, platform: Platform, run: _Run, ask: _Asker) -> None:
        from archiver.web_archives import copies  # only here, for `find` goes through this module too

        def bind(capture: Capture, memento: Memento) -> None:
            run.desk(partial(run.archive.keep_memento, capture, memento))

        settings = run.settings
        self._platform, self._others, self.mirrors = platform, (settings.timemaps, settings.timegates), settings.mirrors
        self._ask, self._get, self._bind = ask, _decoding(ask), bind
        self.web = (
            copies.web_archive(self._get, platform, run.left_alone, run.archives_turn, bind) if settings.web_archives else None
        )

    def recover(self, ref: PostRef, work: _Work, *, needed: bool) -> Sighting | None:
        """The post as a copy shows it. That none could be had is a failure only where one is `needed`."""
        from archiver.web_archives import copies

        if self.web is None:
            return None
        seen = copies.recover(self._get, self.web, self._platform, ref, self._others, self._bind)
        work.evidence += seen.evidence
        if seen.post is None and needed:
            work.failures += seen.failures
        return seen.post

    def ask_for_media(self, post: Post, work: _Work) -> None:
        """The media of a post that is gone: at their own addresses, which may outlive it, else as the archive has them.

        That they are not there any more is evidence, and no failure.
        """
        for wanted in [one for one in post.wanted if one.purpose is not Purpose.AVATAR][:MOST_RECOVERED_MEDIA]:
            capture = self._medium(wanted)
            work.media.append(_kept(post.ref, wanted, capture))
            verdict, said = (Verdict.SEEN, wanted.purpose.value) if capture else (Verdict.FAILED, "nowhere to be had")
            url = capture.exchange.url if capture else wanted.url
            work.evidence.append(Evidence("recovered-media", url, verdict, said, capture.record.id if capture else None))

    def _medium(self, wanted: Wanted) -> Capture | None:
        addresses = (wanted.url, *wanted.fallbacks)
        for url in addresses:
            try:
                capture = self._ask(url, wanted.purpose)
            except CaptureError:
                continue
            if _media_trouble(capture.exchange, wanted.purpose) is None:
                return capture
        if self.web is None:
            return None
        listing = self.web.copies(addresses[-1])
        for memento in [one for one in listing.mementos if one.status in (200, None)][:1]:
            copy = self.web.fetch(memento)
            if isinstance(copy, Capture) and _media_trouble(copy.exchange, wanted.purpose) is None:
                return copy
        return None


def _known(run: _Run) -> Known:
    """What the index knows of other posts and accounts; stand-ins only where they count."""
    index = run.archive.index
    return Known(
        posts=lambda *of: run.desk(lambda: tuple(index.known_posts(*of, stand_ins=run.stand_ins))),
        author_ids=lambda *of: run.desk(lambda: index.author_ids(*of, stand_ins=run.stand_ins)),
    )


def _decoding(ask: _Asker) -> Get:
    """The same, with the content encoding taken off what is read. What is kept is as it was received."""
    from archiver.capture.decode import decoded

    def get(url: str, purpose: Purpose, *, at: datetime | None = None) -> Capture:
        capture = ask(url, purpose, at=at)
        return replace(capture, exchange=decoded(capture.exchange))

    return get


def _ask_for_post(ref: PostRef, platform: Platform, ask: _Asker, work: _Work) -> Reading:
    """Ask all that the platform's plan names, each answer kept first, and read the answers together."""
    if platform.plan is None or platform.read is None:
        rule = f"posts of {platform.name} are found but not fetched by this version; what the article claims is kept"
        return Reading(Availability.NOT_CHECKED, rule, failures=(Failure("fetch", "only-found", rule),))
    answers: dict[Purpose, Exchange] = {}
    captures: dict[Purpose | None, str] = {}
    for purpose, url in platform.plan(ref).items():
        answer = _ask_for_answer(purpose, url, ask, work)
        if answer is not None:
            answers[purpose], captures[purpose] = answer
    reading = platform.read(ref, answers)
    capture = captures.get(reading.source)
    if reading.post is not None:
        reading = replace(reading, post=replace(reading.post, capture=capture))
    decided = f"{reading.decided_by}: {reading.rule}" if reading.decided_by else reading.rule
    work.evidence.append(Evidence("availability", reading.availability.value, Verdict.SEEN, decided, capture))
    return reading


def _ask_for_answer(purpose: Purpose, url: str, ask: _Asker, work: _Work) -> tuple[Exchange, str] | None:
    """A whole answer, its content decoded, and the id of its record; None, with a failure, where there is none."""
    from archiver.capture.decode import decoded

    try:
        capture = ask(url, purpose)
    except CaptureError as error:
        work.failures.append(Failure("fetch", error.reason, str(error)))
        work.evidence.append(Evidence("probe", url, Verdict.FAILED, error.reason, seen_in=url))
        return None
    exchange, record = capture.exchange, capture.record.id
    seen = f"{purpose.value}: {exchange.status}, {capture.payload_digest}"  # when it was is in its capture
    work.evidence.append(Evidence("probe", url, Verdict.SEEN, seen, record, url))
    if exchange.truncated:
        work.failures.append(Failure("fetch", "truncated", f"{url}: {exchange.truncated}"))
        return None
    try:
        return decoded(exchange), record
    except CaptureError as error:
        work.failures.append(Failure("read", error.reason, str(error)))
        return None


def _ask_mirrors(ref: PostRef, reading: Reading, platform: Platform, ask: _Asker, work: _Work) -> Reading:
    """The reading with the post as the first third party shows it that does. What the platform itself said stays as it is."""
    for url in platform.mirrors(ref):
        answer = _ask_for_answer(Purpose.MIRROR, url, ask, work)
        post = platform.read_mirror(ref, answer[0]) if answer is not None else None
        if answer is not None and post is not None:
            what = "shown by a third party, which may have changed it: no primary evidence"
            work.evidence.append(Evidence("mirror", url, Verdict.SEEN, what, answer[1]))
            rule = f"{reading.rule}; its words are those that a third party shows ({url})"
            return replace(reading, rule=rule, post=replace(post, capture=answer[1]), source=Purpose.MIRROR)
    return reading


def _with_others(post: Post, platform: Platform, ask: _Asker, work: _Work, settings: Settings) -> Post:
    """The post with those that belong to it and that its own answer only names: quoted ones, other versions, the thread above.

    One that is not there any more is evidence, and no failure of this post.
    """
    post = _with_quoted(post, platform, ask, work, frozenset({post.ref.post_id}))
    versions = [PostRef(post.ref.platform, one, post.handle) for one in post.versions if one != post.ref.post_id]
    others = [_ask_for_other("version", ref, platform, ask, work) for ref in versions[:MAX_VERSIONS]]
    post = replace(post, other_versions=tuple(one for one in others if one is not None and one.ref.post_id != post.ref.post_id))
    return _with_thread(post, platform, ask, work, settings.max_thread) if settings.thread else post


def _with_quoted(post: Post, platform: Platform, ask: _Asker, work: _Work, within: frozenset[str]) -> Post:
    quoted = post.quoted
    if quoted is None and post.quotes is not None and post.quotes.post_id not in within and len(within) <= MAX_QUOTED:
        quoted = _ask_for_other("quoted", post.quotes, platform, ask, work)
    if quoted is None:
        return post
    return replace(post, quoted=_with_quoted(quoted, platform, ask, work, within | {quoted.ref.post_id}))


def _with_thread(post: Post, platform: Platform, ask: _Asker, work: _Work, most: int) -> Post:
    """The post with those above it, up to so many."""
    parent = post.parent
    if parent is None and post.replies_to is not None:
        if not most:
            limit = "thread: not asked for, for the thread is longer than the limit"
            work.evidence.append(Evidence("other-post", platform.canonical_url(post.replies_to), Verdict.SEEN, limit))
            return post
        parent = _ask_for_other("thread", post.replies_to, platform, ask, work)
    return replace(post, parent=_with_thread(parent, platform, ask, work, max(0, most - 1))) if parent is not None else post


def _ask_for_other(relation: str, ref: PostRef, platform: Platform, ask: _Asker, work: _Work) -> Post | None:
    """A post that another one names. What became of it is evidence of its own; only what may pass is a failure."""
    inner = _Work()
    reading = _ask_for_post(ref, platform, ask, inner)
    capture = inner.evidence[-1].capture
    became = f"{relation}: {reading.availability.value}: {reading.rule}"
    work.evidence += inner.evidence[:-1]
    work.evidence.append(Evidence("other-post", platform.canonical_url(ref), Verdict.SEEN, became, capture))
    work.failures += inner.failures
    work.failures += reading.failures
    return reading.post


def _ask_for_media(post: Post, ask: _Asker, work: _Work, settings: Settings) -> None:
    """All media of a post, and of the posts that belong to it: a quoted post is a post too."""
    if any(kept.post == post.ref for kept in work.media):
        return
    for wanted in post.wanted:
        if wanted.purpose is Purpose.PLAYLIST:
            work.media += _ask_for_stream(post.ref, wanted, ask, work, settings)
        else:
            work.media.append(_kept(post.ref, wanted, _first_good(wanted, ask, work)))
    work.failures += [Failure("media", "not-offered", f"{post.url}: {what}") for what in post.missing]
    for other in (post.quoted, post.reposted, post.parent, *post.other_versions):
        if other is not None:
            _ask_for_media(other, ask, work, settings)


def _kept(ref: PostRef, wanted: Wanted, capture: Capture | None) -> MediaKept:
    return MediaKept(ref, wanted, _without_body(capture) if capture else None)


def _ask_for_stream(ref: PostRef, wanted: Wanted, ask: _Asker, work: _Work, settings: Settings) -> list[MediaKept]:
    """A video of which there are only pieces: its playlists, and each piece of the best picture and sound."""
    from archiver.capture import hls
    from archiver.capture.decode import decoded

    kept: list[MediaKept] = []
    waiting, files = [wanted], dict[str, None]()
    while waiting and len(kept) < MAX_PLAYLISTS:
        one = waiting.pop(0)
        capture = _first_good(one, ask, work)
        kept.append(_kept(ref, one, capture))
        if capture is None:
            continue
        try:
            named = hls.read(decoded(capture.exchange))
        except CaptureError as error:
            work.failures.append(Failure("media", error.reason, str(error)))
            continue
        waiting += [Wanted(Purpose.PLAYLIST, url, wanted.alt) for url in named.playlists]
        files.update(dict.fromkeys(named.files))
    if len(files) > settings.max_segments:
        what = f"{wanted.url}: {len(files)} pieces, of which the first {settings.max_segments} are kept"
        work.failures.append(Failure("media", "too-long", what))
    for url in list(files)[: settings.max_segments]:
        piece = Wanted(Purpose.SEGMENT, url)
        kept.append(_kept(ref, piece, _first_good(piece, ask, work)))
    return kept


def _ask_for_links(post: Post, platform: Platform, ask: _Asker, work: _Work, settings: Settings) -> Post:
    """The post with the pages that its links lead to, where they are wanted: the page itself, and nothing that it links to."""
    if not settings.links:
        return post
    links = [
        link if platform.permalink(link.url) else replace(link, capture=_ask_for_page(link.url, ask, work, settings))
        for link in post.links
    ]
    return replace(post, links=tuple(links))


def _ask_for_page(url: str, ask: _Asker, work: _Work, settings: Settings) -> str | None:
    """The record of the page at an address, its redirects followed and kept; a refusal is kept and told, and is no page."""
    address, last = url, None
    try:
        for _ in range(settings.max_hops + 1):
            last = ask(address, Purpose.LINKED)
            target = identity.redirect_target(last.exchange)
            if target is None or target == address:
                break
            if _in_clear(address, target):
                raise CaptureError("in-clear", f"{address} leads from https to http; it is kept, and not followed")
            address = target
    except CaptureError as error:
        work.failures.append(Failure("links", error.reason, str(error)))
        return None
    if last is None:
        return None
    work.evidence.append(Evidence("linked-page", url, Verdict.SEEN, f"{last.exchange.status} {address}", last.record.id))
    return last.record.id if last.exchange.status == 200 else None


def _first_good(wanted: Wanted, ask: _Asker, work: _Work) -> Capture | None:
    """The first address that gives the medium whole. That a lesser one had to serve is put on record."""
    refused: list[str] = []
    addresses = (wanted.url, *wanted.fallbacks)
    settled = any(ask.holds(url, wanted.purpose) for url in addresses[1:])
    for url in addresses:
        try:
            capture = ask(url, wanted.purpose, refusals=settled)
        except CaptureError as error:
            work.failures.append(Failure("media", error.reason, str(error)))
            continue
        trouble = _media_trouble(capture.exchange, wanted.purpose)
        if trouble is None:
            if refused:
                work.evidence.append(Evidence("media-fallback", url, Verdict.SEEN, "; ".join(refused), capture.record.id, url))
            return capture
        refused.append(f"{url}: {trouble}")
    if refused:
        work.failures.append(Failure("media", "not-there", "; ".join(refused)))
    return None


def _media_trouble(exchange: Exchange, purpose: Purpose) -> str | None:
    """Why an answer is not the medium that was asked for; None where it is."""
    if exchange.status != 200:
        return str(exchange.status)
    if exchange.truncated:
        return f"cut short ({exchange.truncated})"
    kind = (exchange.header("Content-Type") or "").partition(";")[0].strip().lower()
    textual = kind.startswith("text/") and purpose is not Purpose.PLAYLIST
    if not exchange.size or textual or kind == "application/json":
        return f"200, but {kind or 'nothing'} instead of the medium"
    return None


def _state(found: Identity, reading: Reading, work: _Work) -> State:
    if found.ref is None:  # where nothing stands in, asking again brings no more
        return State.FAILED if any(one.reason != "no-stand-in" for one in found.failures) else State.UNIDENTIFIED
    if reading.availability in GONE:
        return State.GONE
    if reading.availability in GATED:
        work.failures.append(Failure("read", "gated", reading.rule))
    if reading.post is None:
        return State.FAILED
    if reading.availability is Availability.LIVE and not work.failures:
        return State.SAVED
    return State.PARTIAL


def _reason(state: State, settled: _Settled, work: _Work) -> str:
    found, reading = settled.found, settled.reading
    if found.ref is None:
        return found.reason
    if settled.recovered is not None and settled.recovered.memento is not None and reading.post is None:
        memento = settled.recovered.memento
        return f"{reading.rule}; {memento.archive} has a copy of it, captured {memento.captured:%Y-%m-%d %H:%M} UTC"
    if state is State.PARTIAL and reading.availability is Availability.LIVE:
        return f"{reading.rule}, but {len(work.failures)} of what belongs to it could not be had"
    return reading.rule


def _origin(captures: Sequence[Capture], settings: Settings) -> Origin:
    """Live only where every answer was."""
    if any(capture.exchange.origin is Origin.STAND_IN for capture in captures) or (settings.offline and not captures):
        return Origin.STAND_IN
    return Origin.LIVE


def _placed(evidence: Sequence[Evidence], captures: Sequence[Capture]) -> tuple[Evidence, ...]:
    """The evidence, each with where it was seen: the address of the capture that shows it, else the article's page. Without
    secrets: where a session led is one."""
    addresses = {capture.record.id: capture.exchange.url for capture in captures}
    placed = (replace(one, seen_in=one.seen_in or addresses.get(one.capture or "", "the page")) for one in evidence)
    return tuple(
        replace(
            one,
            value=redacted_words(one.value),
            detail=redacted_words(one.detail),
            seen_in=redacted_words(one.seen_in),
        )
        for one in placed
    )


def _capture_line(capture: Capture) -> CaptureLine:
    record = capture.record
    return CaptureLine(
        url=capture.exchange.url,
        status=capture.exchange.status,
        origin=capture.exchange.origin,
        warc=record.segment,
        offset=record.offset,
        length=record.length,
        payload_digest=capture.payload_digest,
        date=record.date,
        record_id=record.id,
        purpose=capture.purpose.value,
    )


def _about(outcome: Outcome, article: Article, post: Post | None, media: Sequence[MediaKept]) -> dict[str, Any]:
    """What the metadata record says: enough to make every row of the index again. Paths stay out of what is passed on."""
    line = lines.save_line(outcome)
    line["article"] = {"sha256": article.sha256, "name": PurePath(article.source).name}
    line["software"] = SOFTWARE
    line["post"] = _post_about(post, media) if post else None
    return line


def _post_about(post: Post, media: Sequence[MediaKept]) -> dict[str, Any]:
    """A post with its media and the posts that belong to it, as the metadata record says them."""

    def inner(other: Post | None) -> dict[str, Any] | None:
        return _post_about(other, media) if other else None

    def named(ref: PostRef | None) -> dict[str, Any] | None:
        return {"post_id": ref.post_id, "handle": ref.handle} if ref else None

    return {
        "platform": post.ref.platform,
        "post_id": post.ref.post_id,
        "url": post.url,
        "author": post.author,
        "handle": post.handle,
        "author_id": post.author_id,
        "posted": post.posted.isoformat() if post.posted else None,
        "precision": post.precision.value if post.precision else None,
        "lang": post.lang,
        "text": post.text,
        "cut": post.cut,
        "links": [asdict(link) for link in post.links],
        "card": asdict(post.card) if post.card else None,
        "poll": _poll_about(post.poll) if post.poll else None,
        "place": post.place,
        "sensitive": post.sensitive,
        "edited": post.edited,
        "superseded": post.superseded,
        "versions": list(post.versions),
        "capture": post.capture,
        "media": [
            {
                "kind": kept.wanted.purpose.value,
                "url": kept.capture.exchange.url if kept.capture else kept.wanted.url,
                "alt": kept.wanted.alt,
                "capture": kept.capture.record.id if kept.capture else None,
            }
            for kept in media
            if kept.post == post.ref
        ],
        "quotes": named(post.quotes),
        "quoted": inner(post.quoted),
        "replies_to": named(post.replies_to),
        "parent": inner(post.parent),
        "reposted": inner(post.reposted),
        "other_versions": [_post_about(other, media) for other in post.other_versions],
    }


def _poll_about(poll: Poll) -> dict[str, Any]:
    choices = [{"label": label, "votes": votes} for label, votes in poll.choices]
    return {"choices": choices, "ends": poll.ends.isoformat() if poll.ends else None, "ended": poll.ended}
