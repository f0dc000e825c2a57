"""When a host may be asked, and asked again: at its pace, one request after another, and not before it said.

Sources: RFC 9110, 10.2.3 (Retry-After); docs.x.com/fundamentals/rate-limits (x-rate-limit-*); for the backoff, "full jitter" of
the AWS Architecture Blog, "Exponential Backoff And Jitter".
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
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
    """Keeps each host's pace, for all threads.

    `waits` are those of earlier runs, `written` is told of new ones. A wait of more than `patience_seconds` is not sat out:
    it raises CaptureError (`must-wait`). `clock`, `now`, `sleep` and `jitter` (seconds, at most those given) are seams.
    """

    def __init__(
        self,
        pace_seconds: float,
        patience_seconds: float,
        waits: Mapping[str, datetime],
        written: Callable[[Wait], None],
        *,
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
        self._next: dict[str, float] = {}  # when the pace allows the next request
        begun = now()
        self._until = {
            host: clock() + min((until - begun).total_seconds(), LONGEST_WAIT_SECONDS) for host, until in waits.items()
        }

    def before(self, host: str) -> None:
        """Wait until the host may be asked, and count a request. Raises CaptureError (`must-wait`)."""
        pace = max(self._pace_seconds, PACES.get(host, 0.0)) if self._pace_seconds else 0.0
        with self._lock:
            turn = max(self._clock(), self._next.get(host, 0.0))
            self._next[host] = max(turn, self._until.get(host, 0.0)) + pace
        while (left := max(turn, self._until.get(host, 0.0)) - self._clock()) > 0:
            if left > self._patience_seconds:
                raise CaptureError("must-wait", f"{host} is not to be asked for another {left:.0f} s; a later run will")
            self._watch(Activity(Doing.WAITING, host, seconds=left))
            self._sleep(left)

    def said(self, wait: Wait) -> None:
        """A host said when to come again: this run and the next one keep to it."""
        seconds = (wait.until - self.now()).total_seconds()
        with self._lock:
            self._until[wait.host] = max(self._until.get(wait.host, 0.0), self._clock() + seconds)
        self._written(wait)

    def back_off(self, host: str, attempt: int) -> None:
        """Leave the host alone for a while that grows with each attempt, counted from 0."""
        seconds = self._jitter(min(LONGEST_BACKOFF_SECONDS, BACKOFF_SECONDS * 2**attempt))
        with self._lock:
            self._until[host] = max(self._until.get(host, 0.0), self._clock() + seconds)


def host_of(url: str) -> str:
    """Whose pace an address is asked at."""
    return (urlsplit(url).hostname or "").rstrip(".")


class PacedTransport(httpx.BaseTransport):
    """Asks another transport, and before each request `before`, with the host: it waits, or refuses by what it raises."""

    def __init__(self, inner: httpx.BaseTransport, before: Callable[[str], None]) -> None:
        self._inner = inner
        self._before = before

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._before(host_of(str(request.url)))
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


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
            wait = asked_wait(exchange, host, pacer.now()) if exchange.origin is Origin.LIVE else None
            if wait is not None:
                pacer.said(wait)
            if not _may_pass(exchange) or attempt + 1 >= tries:
                return kept
        pacer.back_off(host, attempt)
        attempt += 1


def _may_pass(exchange: Exchange) -> bool:
    return exchange.origin is Origin.LIVE and (exchange.status in PASSING_STATUSES or exchange.truncated == "disconnect")


def asked_wait(exchange: Exchange, host: str, now: datetime) -> Wait | None:
    """When an answer says to come again, an hour ahead at most; None where it does not say.

    Times are taken against the server's own clock where it shows one. Of several `Retry-After` the longest counts.
    """
    theirs = _date(exchange.header("Date")) or now
    seconds = [
        after
        for name, value in exchange.headers
        if name.lower() == "retry-after" and (after := _retry_after(value, theirs)) is not None
    ]
    reason = "Retry-After"
    if not seconds and (exchange.status == 429 or (exchange.header("x-rate-limit-remaining") or "").strip() == "0"):
        reset = (exchange.header("x-rate-limit-reset") or "").strip()
        seconds = [float(reset[:20]) - theirs.timestamp()] if reset.isascii() and reset.isdigit() else []
        reason = "x-rate-limit-reset"
    longest = max(seconds, default=0.0)
    if longest <= 0:
        return None
    wait = timedelta(seconds=min(longest, LONGEST_WAIT_SECONDS))
    return Wait(host, now + wait, f"{exchange.status}, {reason} {longest:.0f} s")


def _retry_after(value: str, theirs: datetime) -> float | None:
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:20])
    date = _date(value)
    return (date - theirs).total_seconds() if date else None


def _date(value: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(value or "")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
