"""When a host may be asked, and asked again: at its pace, one request after another, and not before it said.

Sources: RFC 9110, 10.2.3 (Retry-After); docs.x.com/fundamentals/rate-limits (x-rate-limit-*); for the backoff, "full jitter" of
the AWS Architecture Blog, "Exponential Backoff And Jitter".
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import cast
from urllib.parse import urlsplit

import httpx

from archiver.capture.recorder import Recorder
from archiver.errors import CaptureError
from archiver.model import Activity, Capture, Doing, Exchange, Origin, Watch, unwatched

LONGEST_WAIT_SECONDS = 3600.0
BACKOFF_SECONDS = 1.0
LONGEST_BACKOFF_SECONDS = 300.0

# Slower than the pace: the Wayback Machine's index answers 24 requests a minute, and blocks who asks for more.
PACES = {"web.archive.org": 60 / 24}

PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
PASSING_REASONS = frozenset({"timeout", "no-connection"})


@dataclass(frozen=True, slots=True)
class Wait:
    """A host that said when to come again. `until` is UTC, at most an hour ahead."""

    host: str
    until: datetime
    reason: str


class Pacer:
    """Keeps each host's pace, for all threads: who has a host's turn is the only one to ask it.

    `waits` are those of earlier runs, `written` is told of new ones; `asked` is when earlier runs last asked a host. A wait of
    more than `patience_seconds` is not sat out: it raises CaptureError (`must-wait`). `clock`, `now`, `sleep` and `jitter`
    (seconds, at most those given) are seams.
    """

    def __init__(
        self,
        pace_seconds: float,
        patience_seconds: float,
        waits: Mapping[str, datetime],
        written: Callable[[Wait], None],
        *,
        asked: Mapping[str, datetime] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        watch: Watch = unwatched,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        jitter: Callable[[float], float] = lambda most: random.uniform(0, most),  # noqa: S311 (nobody gains by guessing it)
    ) -> None:
        self._pace_seconds = pace_seconds
        self._patience_seconds = patience_seconds
        self._written = written
        self._sleep = sleep
        self._watch = watch
        self._clock = clock
        self.now = now
        self._jitter = jitter
        self._lock = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}
        begun = now()
        self._until = {
            host: clock() + min((until - begun).total_seconds(), LONGEST_WAIT_SECONDS) for host, until in waits.items()
        }
        # When the pace allows the next request. A clock that was set back must not make it longer.
        self._next = {
            host: clock() + min(self._pace(host), self._pace(host) - (begun - when).total_seconds())
            for host, when in (asked or {}).items()
        }

    def _pace(self, host: str) -> float:
        return max(self._pace_seconds, PACES.get(host, 0.0))

    def take_turn(self, host: str) -> None:
        """Be the only one to ask a host, until `end_turn`: who comes second must know what the first one was told."""
        with self._lock:
            turn = self._turns.setdefault(host, threading.Lock())
        if not turn.acquire(blocking=False):
            self._watch(Activity(Doing.WAITING, host))
            turn.acquire()

    def end_turn(self, host: str) -> None:
        self._turns[host].release()

    def before(self, host: str) -> None:
        """Wait until the host may be asked, and count a request. Raises CaptureError (`must-wait`)."""
        while (left := max(self._next.get(host, 0.0), self._until.get(host, 0.0)) - self._clock()) > 0:
            if left > self._patience_seconds:
                raise CaptureError("must-wait", f"{host} is not to be asked for another {left:.0f} s; a later run will")
            self._watch(Activity(Doing.WAITING, host, seconds=left))
            self._sleep(left)
        self._next[host] = self._clock() + self._pace(host)

    def said(self, wait: Wait) -> None:
        """A host said when to come again: this run and the next one keep to it."""
        self._leave_alone(wait.host, (wait.until - self.now()).total_seconds())
        self._written(wait)

    def back_off(self, host: str, attempt: int) -> None:
        """Leave the host alone for a while that grows with each attempt, counted from 0."""
        self._leave_alone(host, self._jitter(min(LONGEST_BACKOFF_SECONDS, BACKOFF_SECONDS * 2**attempt)))

    def _leave_alone(self, host: str, seconds: float) -> None:
        with self._lock:
            self._until[host] = max(self._until.get(host, 0.0), self._clock() + seconds)


def host_of(url: str) -> str:
    """Whose pace an address is asked at."""
    return (urlsplit(url).hostname or "").rstrip(".")


class PacedTransport(httpx.BaseTransport):
    """Asks another transport, each host at its pace and one exchange after another: a turn lasts from before the request until
    the body is closed, and what the answer says of coming again is known before the next one begins.

    `most` exchanges are under way at once; who waits for a host is not counted. `check` is called before each request, and
    refuses by what it raises.
    """

    def __init__(self, inner: httpx.BaseTransport, pacer: Pacer, most: int, check: Callable[[], None] = lambda: None) -> None:
        self._inner = inner
        self._pacer = pacer
        self._under_way = threading.Semaphore(most)
        self._check = check

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = host_of(str(request.url))
        with ExitStack() as turn:
            self._pacer.take_turn(host)
            turn.callback(self._pacer.end_turn, host)
            self._check()
            self._pacer.before(host)
            turn.enter_context(self._under_way)
            response = self._inner.handle_request(request)
            headers = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw)
            wait = asked_wait(response.status_code, headers, host, self._pacer.now())
            if wait is not None:
                self._pacer.said(wait)
            response.stream = _Turn(cast("httpx.SyncByteStream", response.stream), turn.pop_all())
            return response

    def close(self) -> None:
        self._inner.close()


class _Turn(httpx.SyncByteStream):
    """A body, and the host's turn, which ends with it."""

    def __init__(self, body: httpx.SyncByteStream, turn: ExitStack) -> None:
        self._body = body
        self._turn = turn

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        with self._turn:
            self._body.close()


def ask(
    recorder: Recorder,
    pacer: Pacer,
    url: str,
    tries: int,
    keep: Callable[[Exchange], Capture],
    at: datetime | None = None,
) -> Capture:
    """The last answer to GET `url`; each is given to `keep` first. Asks again only where that can help, and only GET.

    Raises CaptureError where no answer came. Stand-ins are what they are: asked for once, and for no host's time.
    """
    host = host_of(url)
    kept: Capture | None = None
    attempt = 0
    while True:
        try:
            exchange = recorder.fetch(url, at)
        except CaptureError as error:
            if kept is not None:
                return kept
            if error.reason not in PASSING_REASONS or attempt + 1 >= tries:
                raise
        else:
            kept = keep(exchange)
            if not _may_pass(exchange) or attempt + 1 >= tries:
                return kept
        pacer.back_off(host, attempt)
        attempt += 1


def _may_pass(exchange: Exchange) -> bool:
    return exchange.origin is Origin.LIVE and (exchange.status in PASSING_STATUSES or exchange.truncated == "disconnect")


def asked_wait(status: int, headers: Iterable[tuple[str, str]], host: str, now: datetime) -> Wait | None:
    """When an answer says to come again, an hour ahead at most; None where it does not say.

    Times are taken against the server's own clock where it shows one. Of several `Retry-After` the longest counts.
    """
    said: dict[str, list[str]] = {}
    for name, value in headers:
        said.setdefault(name.lower(), []).append(value.strip())
    theirs = _date(said.get("date", [""])[0]) or now
    afters = (_retry_after(value, theirs) for value in said.get("retry-after", ()))
    seconds, reason = [after for after in afters if after is not None], "Retry-After"
    if not seconds and (status == 429 or said.get("x-rate-limit-remaining", [""])[0] == "0"):
        reset = said.get("x-rate-limit-reset", [""])[0]
        seconds = [float(reset[:20]) - theirs.timestamp()] if reset.isascii() and reset.isdigit() else []
        reason = "x-rate-limit-reset"
    longest = max(seconds, default=0.0)
    if longest <= 0:
        return None
    wait = timedelta(seconds=min(longest, LONGEST_WAIT_SECONDS))
    return Wait(host, now + wait, f"{status}, {reason} {longest:.0f} s")


def _retry_after(value: str, theirs: datetime) -> float | None:
    if value.isascii() and value.isdigit():
        return float(value[:20])
    date = _date(value)
    return (date - theirs).total_seconds() if date else None


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
