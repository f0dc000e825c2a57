"""The order of the stages: read, find, identify, fetch, keep, read, compare, record. Every room is named here, once.

Bytes first, meaning later: whatever is fetched is in the archive before anything looks at it. One embed's trouble is a
`Failure` of its outcome; one source's trouble is a `Problem`; only what stops the run is raised.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import archiver.embeds
from archiver import __version__, articles, identity, lines
from archiver.capture.secrets import redacted_url, redacted_words
from archiver.errors import CaptureError, SourceError, Stopped, UsageError
from archiver.model import (
    Article,
    ArticleFacts,
    Availability,
    Capture,
    CaptureLine,
    Claim,
    Embed,
    Evidence,
    Exchange,
    Failure,
    Format,
    Identity,
    MediaKept,
    Origin,
    Outcome,
    Platform,
    Post,
    PostRef,
    Purpose,
    Reading,
    Spill,
    State,
    Verdict,
    Wanted,
    Watch,
    unwatched,
)
from archiver.platforms import PLATFORMS
from archiver.settings import MAX_ARTICLE_BYTES, Settings
from archiver.workers import Desk, Stop, side_by_side

if TYPE_CHECKING:  # `find` must not pay for the network and the index
    import httpx

    from archiver.archive import Archive
    from archiver.capture.pace import Wait
    from archiver.capture.recorder import Recorder
    from archiver.standins import StandInWeb

SOFTWARE = f"archiver/{__version__}"
PURPOSE = "keeps posts that news articles embed"
FAILING_RUNS = 3

GONE = frozenset(
    {
        Availability.DELETED_BY_AUTHOR,
        Availability.REMOVED_BY_PLATFORM,
        Availability.ACCOUNT_SUSPENDED,
        Availability.ACCOUNT_DEACTIVATED,
        Availability.UNKNOWN_GONE,
    }
)
GATED = frozenset({Availability.PROTECTED, Availability.WITHHELD, Availability.AGE_GATED})

_SEVERITY = (3, 74, 75, 2, 1, 0)
_WEB_TYPES = {"text/html": Format.HTML, "application/xhtml+xml": Format.HTML, "text/markdown": Format.MARKDOWN}


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


def find(
    source: str,
    max_article_bytes: int = MAX_ARTICLE_BYTES,
    archive: Path = Path("archives"),
    problem: Callable[[SourceError], None] | None = None,
) -> Iterator[tuple[Article, list[Embed]]]:
    """Each article of a source with its embeds. Nothing is fetched: of an address, the newest copy in `archive` is read.

    Of several articles those that cannot be read are told to `problem`, and the others go on; without it the first is raised.
    Raises UsageError, SourceError, ArchiveDamaged.
    """
    if articles.is_address(source):
        found = iter([_kept_article(source, max_article_bytes, archive)])
    else:
        found = articles.read(source, max_article_bytes, problem)
    for article in found:
        yield article, list(archiver.embeds.find(article, PLATFORMS.values()))


def _kept_article(url: str, max_article_bytes: int, root: Path) -> Article:
    from archiver.archive import kept_answer

    capture = kept_answer(root, redacted_url(url)[0])
    if capture is None:
        raise UsageError(f"{url}: `find` fetches nothing, and {root} holds no copy; `archiver save {url}` fetches one")
    return _web_article(redacted_url(url)[0], capture.exchange, max_article_bytes)


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
    # Only here, for `find` goes through this module too and needs none of it.
    from archiver.archive import open_for_writing
    from archiver.standins import open_web

    webs = [open_web(path) for path in settings.fixtures]
    notices: list[str] = []
    with ExitStack() as stack:
        archive = stack.enter_context(
            open_for_writing(
                settings.archive,
                software=SOFTWARE,
                user_agent=user_agent(settings),
                notice=notices.append,
                robots="obey" if settings.robots else "ignore",
            )
        )
        run = stack.enter_context(closing(_Run(archive, settings, webs, live, stop or Stop(), watch)))
        yield from map(Notice, notices)
        archive.begin_run(redacted_words(settings.command), settings.offline)
        statuses = {0}
        try:
            for source in sources:
                for event in _save_source(source, run):
                    statuses.add(_status(event, settings))
                    yield event
            run.stop.check()
        except Stopped as stopped:
            archive.end_run(stopped.status)
            raise
        archive.end_run(worst(statuses))


def user_agent(settings: Settings) -> str:
    """Who asks, and how to reach whoever runs it: a site's owner can ask them to stop instead of guessing."""
    return f"archiver/{__version__} ({PURPOSE}{f'; {settings.contact}' if settings.contact else ''})"


def worst(statuses: Iterable[int]) -> int:
    """Of some exit statuses, the one that a run ends with."""
    found = set(statuses)
    return next(status for status in _SEVERITY if status in found)


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
        self.threads = 0 if settings.offline else settings.concurrency
        self.stand_ins = settings.offline or bool(settings.fixtures)
        self.pacer = Pacer(
            settings.pace_seconds, settings.patience_seconds, archive.waits(), self._wait, sleep=stop.sleep, watch=watch
        )
        self.recorder = _recorder(self, webs, live)
        # What this run has asked for already is not asked for again: the records it made, and by address the answers that were
        # no good, which nobody would find among what is held.
        self.fresh: set[str] = set()
        self.no_good: dict[str, Capture] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._locks_lock = threading.Lock()

    def close(self) -> None:
        self.desk.close()
        self.recorder.close()

    def ask(self, address: str, purpose: Purpose) -> Capture:
        """The answer, kept; asked for again where that can help. Raises CaptureError, which is on record too."""
        from archiver.capture.pace import ask

        def keep(exchange: Exchange) -> Capture:
            return self.desk(partial(self.archive.keep, exchange, purpose))

        try:
            capture = ask(self.recorder, self.pacer, self.recorder.address(address), self.settings.tries, keep)
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


def _recorder(run: _Run, webs: Sequence[StandInWeb], live: httpx.BaseTransport | None) -> Recorder:
    """Live and offline differ here and nowhere else: in the transport under the client."""
    from archiver.capture.pace import PacedTransport
    from archiver.capture.recorder import Recorder, cookie_jar
    from archiver.capture.standin import StandInTransport

    settings = run.settings

    def before(host: str) -> None:
        run.stop.check()
        run.pacer.before(host)

    return Recorder(
        StandInTransport(webs, None if settings.offline else PacedTransport(live or _live(settings), before)),
        user_agent=user_agent(settings),
        max_body_bytes=settings.max_body_bytes,
        cookies=cookie_jar(settings.cookies) if settings.cookies else None,
        watch=run.watch,
        spill=run.spill,
    )


def _live(settings: Settings) -> httpx.BaseTransport:
    from archiver.capture.guard import Door, allowance
    from archiver.capture.live import LiveTransport, proxy_address
    from archiver.capture.wire import Limits

    proxy = proxy_address(settings.proxy) if settings.proxy else None
    return LiveTransport(
        Door([allowance(text) for text in settings.allow_private], proxy=(proxy.host, proxy.port or 80) if proxy else None),
        Limits(settings.timeout_seconds, settings.deadline_seconds, settings.min_bytes_per_second),
        proxy=proxy,
    )


def _save_source(source: str, run: _Run) -> Iterator[Event]:
    problems: list[Problem] = []

    def told(error: UsageError | SourceError | CaptureError) -> None:
        problems.append(Problem(redacted_url(source)[0], str(error), error.status))

    found = _articles(source, run, told)
    while True:
        try:
            read = next(found, None)
        except (UsageError, SourceError, CaptureError) as error:
            told(error)
            read = None
        yield from problems
        problems.clear()
        if read is None:
            return
        yield from _save_article(*read, run)


def _articles(source: str, run: _Run, problem: Callable[[SourceError], None]) -> Iterator[tuple[Article, Capture | None]]:
    """Each article of a source, and the capture that holds it where it was fetched."""
    if articles.is_address(source):
        yield from side_by_side([partial(_fetch_article, source, run)], run.threads, run.desk, run.stop)
    else:
        for article in articles.read(source, run.settings.max_article_bytes, problem):
            yield article, None


def _save_article(article: Article, fetched: Capture | None, run: _Run) -> Iterator[Event]:
    embeds = list(archiver.embeds.find(article, PLATFORMS.values()))
    facts = articles.facts(article)
    run.archive.keep_article(article, facts, fetched)
    yield ArticleRead(article, facts, len(embeds))
    if article.replaced:
        what = f"{article.replaced} characters could not be read as {article.encoding}; the bytes are kept"
        yield Notice(f"{article.source}: {what}")
    yield from side_by_side([partial(_work_on, embed, article, run) for embed in embeds], run.threads, run.desk, run.stop)


def _work_on(embed: Embed, article: Article, run: _Run) -> Outcome:
    """What became of an embed, in an earlier run or in this one."""
    earlier = run.desk(partial(run.archive.final_outcome, embed, article, stand_ins=run.stand_ins))
    return earlier or _save_embed(embed, article, run)


def _fetch_article(url: str, run: _Run) -> tuple[Article, Capture]:
    """An article from its address, each hop kept. Asked for anew in every run: it may have changed."""
    address, known = url, redacted_url(url)[0]
    for _ in range(run.settings.max_hops + 1):
        _mind_robots(address, run)
        capture = run.ask(address, Purpose.ARTICLE)
        target = identity.redirect_target(capture.exchange) if capture.exchange.status != 200 else None
        if target is None:
            break
        if address.lower().startswith("https:") and target.lower().startswith("http:"):
            raise SourceError(f"{known}: {capture.exchange.url} leads from https to http; it is kept, and not followed")
        address = target
    exchange = capture.exchange
    if exchange.status != 200 or exchange.truncated:
        what = f"was cut short ({exchange.truncated})" if exchange.truncated else f"is {exchange.status}"
        raise SourceError(f"{known}: the answer of {exchange.url} {what}; it is kept, but it is no article")
    return _web_article(known, exchange, run.settings.max_article_bytes), capture


def _mind_robots(url: str, run: _Run) -> None:
    """A site's robots.txt is asked for and kept, once a run. Raises SourceError where it is to be obeyed and says no."""
    from archiver.capture.decode import decoded
    from archiver.capture.robots import allows, robots_url

    answer = None
    try:
        answer = decoded(_Asker(run)(robots_url(run.recorder.address(url)), Purpose.ROBOTS).exchange)
    except CaptureError as error:
        if error.reason in ("bad-url", "refused"):
            raise
    if run.settings.robots and not allows(answer, url):
        raise SourceError(f"{redacted_url(url)[0]}: the site's robots.txt does not allow it, and --robots obeys")


def _web_article(source: str, exchange: Exchange, max_bytes: int) -> Article:
    from archiver.capture.decode import decoded

    kind, charset = articles.kind_and_charset(exchange.header("Content-Type") or "")
    format = _WEB_TYPES.get(kind)
    return articles.article(source, decoded(exchange).body, max_bytes, format, url=exchange.url, charset=charset)


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

    def __call__(self, url: str, purpose: Purpose, *, refusals: bool = False) -> Capture:
        """With `refusals`, a "not found" that is held is not asked for again either."""
        with self._run.lock(url):
            capture = self._known(url, purpose, refusals=refusals) or self._run.ask(url, purpose)
        if capture.record.id not in {kept.record.id for kept in self.captures}:
            self.captures.append(capture)
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
        run, known = self._run, redacted_url(address)[0]
        return run.desk(partial(run.archive.held, known, purpose, stand_ins=run.stand_ins, refusals=refusals))

    def _serves(self, held: Capture) -> bool:
        """True unless asking again might bring more: an answer that led nowhere, or that no post was read from."""
        if held.record.id in self._run.fresh:
            return True
        if held.purpose is Purpose.ROBOTS:
            return False
        if held.purpose is Purpose.SHORT_LINK:
            return identity.redirect_target(held.exchange) is not None
        if held.purpose is Purpose.SYNDICATION:
            return self._run.desk(partial(self._run.archive.index.was_read, held.record.id))
        return True


@dataclass(slots=True)
class _Work:
    """What is known of one embed while it is worked on."""

    evidence: list[Evidence] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    media: list[MediaKept] = field(default_factory=list)


def _save_embed(embed: Embed, article: Article, run: _Run) -> Outcome:
    """Identify, fetch, compare, and put on record what came of it."""
    platform, work, ask = PLATFORMS[embed.platform], _Work(), _Asker(run)
    failed_before = run.desk(partial(run.archive.begin, embed, article))
    found = identity.identify(embed, platform, ask, run.settings.max_hops)
    reading, claim = Reading(Availability.NOT_CHECKED, found.reason), Claim.UNVERIFIABLE
    if found.ref is not None:
        reading = _ask_for_post(found.ref, platform, ask, work)
        found, claim = identity.confirm(found, embed, reading.post)
    post = reading.post if found.ref is not None else None
    if post is not None:
        _ask_for_media(post, ask, work)
    work.failures[:0] = found.failures
    work.failures += reading.failures
    state = _state(found, reading, work)
    if state is State.FAILED and failed_before + 1 >= FAILING_RUNS:
        work.failures.append(Failure("save", "failing", f"{failed_before + 1} runs in a row; the others do not wait for it"))
    outcome = Outcome(
        embed=embed,
        state=state,
        availability=reading.availability if found.ref is not None else Availability.NOT_CHECKED,
        origin=_origin(ask.captures, run.settings),
        claim=claim,
        reason=_reason(state, found, reading, work),
        post_id=found.ref.post_id if found.ref else None,
        url=platform.canonical_url(found.ref) if found.ref else None,
        evidence=(*found.evidence, *work.evidence),
        captures=tuple(map(_capture_line, ask.captures)),
        failures=tuple(work.failures),
    )
    read_from = next((capture for capture in ask.captures if post is not None and capture.purpose is reading.source), None)
    about = _about(outcome, article, post, work.media)
    run.desk(partial(run.archive.keep_outcome, outcome, about, article, post, read_from, work.media))
    return outcome


def _ask_for_post(ref: PostRef, platform: Platform, ask: _Asker, work: _Work) -> Reading:
    """Ask all that the platform's plan names, each answer kept first, and read the answers together."""
    if platform.plan is None or platform.read is None:
        rule = f"posts of {platform.name} are found but not fetched by this version; what the article claims is kept"
        return Reading(Availability.NOT_CHECKED, rule, failures=(Failure("fetch", "only-found", rule),))
    answers: dict[Purpose, Exchange] = {}
    for purpose, url in platform.plan(ref).items():
        answer = _ask_for_answer(purpose, url, ask, work)
        if answer is not None:
            answers[purpose] = answer
    return platform.read(ref, answers)


def _ask_for_answer(purpose: Purpose, url: str, ask: _Asker, work: _Work) -> Exchange | None:
    """A whole answer, its content decoded; None, with a failure, where there is none."""
    from archiver.capture.decode import decoded

    try:
        capture = ask(url, purpose)
    except CaptureError as error:
        work.failures.append(Failure("fetch", error.reason, str(error)))
        work.evidence.append(Evidence("probe", url, Verdict.FAILED, error.reason))
        return None
    exchange = capture.exchange
    work.evidence.append(Evidence("probe", url, Verdict.SEEN, f"{purpose.value}: {exchange.status}", capture.record.id))
    if exchange.truncated:
        work.failures.append(Failure("fetch", "truncated", f"{url}: {exchange.truncated}"))
        return None
    try:
        return decoded(exchange)
    except CaptureError as error:
        work.failures.append(Failure("read", error.reason, str(error)))
        return None


def _ask_for_media(post: Post, ask: _Asker, work: _Work) -> None:
    """All media of a post, and of the posts it quotes: a quoted post is a post too."""
    for wanted in post.wanted:
        work.media.append(MediaKept(post.ref, wanted, _first_good(wanted, ask, work)))
    work.failures += [Failure("media", "not-offered", f"{post.url}: {what}") for what in post.missing]
    if post.quoted is not None:
        _ask_for_media(post.quoted, ask, work)


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
        trouble = _media_trouble(capture.exchange)
        if trouble is None:
            if refused:
                work.evidence.append(Evidence("media-fallback", url, Verdict.SEEN, "; ".join(refused), capture.record.id))
            return capture
        refused.append(f"{url}: {trouble}")
    if refused:
        work.failures.append(Failure("media", "not-there", "; ".join(refused)))
    return None


def _media_trouble(exchange: Exchange) -> str | None:
    """Why an answer is not the medium that was asked for; None where it is."""
    if exchange.status != 200:
        return str(exchange.status)
    if exchange.truncated:
        return f"cut short ({exchange.truncated})"
    kind = (exchange.header("Content-Type") or "").partition(";")[0].strip().lower()
    if not exchange.size or kind.startswith("text/") or kind == "application/json":
        return f"200, but {kind or 'nothing'} instead of the medium"
    return None


def _state(found: Identity, reading: Reading, work: _Work) -> State:
    if found.ref is None:
        return State.FAILED if found.failures else State.UNIDENTIFIED
    if reading.availability in GONE:
        return State.GONE
    if reading.availability in GATED:
        work.failures.append(Failure("read", "gated", reading.rule))
    if reading.post is None:
        return State.FAILED
    if reading.availability is Availability.LIVE and not work.failures:
        return State.SAVED
    return State.PARTIAL


def _reason(state: State, found: Identity, reading: Reading, work: _Work) -> str:
    if found.ref is None:
        return found.reason
    if state is State.PARTIAL and reading.availability is Availability.LIVE:
        return f"{reading.rule}, but {len(work.failures)} of what belongs to it could not be had"
    return reading.rule


def _origin(captures: Sequence[Capture], settings: Settings) -> Origin:
    """Live only where every answer was."""
    if any(capture.exchange.origin is Origin.STAND_IN for capture in captures) or (settings.offline and not captures):
        return Origin.STAND_IN
    return Origin.LIVE


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
    return {
        "platform": post.ref.platform,
        "post_id": post.ref.post_id,
        "url": post.url,
        "author": post.author,
        "handle": post.handle,
        "author_id": post.author_id,
        "posted": post.posted.isoformat() if post.posted else None,
        "lang": post.lang,
        "text": post.text,
        "cut": post.cut,
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
        "quoted": _post_about(post.quoted, media) if post.quoted else None,
    }
