"""Hosts are asked at their pace and not before they said, by a clock that the tests turn; and embeds are worked on side by side."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

import archiver
from archiver import articles, pipeline
from archiver.archive import open_for_writing
from archiver.capture.guard import Door
from archiver.capture.live import LiveTransport
from archiver.capture.pace import LONGEST_WAIT_SECONDS, PacedTransport, Pacer, Wait, ask, asked_wait
from archiver.capture.recorder import ORIGIN, HungUp, Recorder
from archiver.errors import CaptureError, Stopped
from archiver.model import Activity, Capture, Doing, Exchange, Origin, Purpose, RecordRef
from archiver.settings import Settings
from archiver.workers import Crew, Desk, Stop
from tests.conftest import ARTICLE, RUN, WEB, Cli
from tests.servers import PUBLIC, Dialled, Pieces, host_of, path_of, serving

T = TypeVar("T")
START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class Host(httpx.BaseTransport):
    """A server with that clock. `script` gives the answer to the n-th request; `log` is who was asked when."""

    def __init__(self, clock: Clock, script: Callable[[int], httpx.Response]) -> None:
        self.clock = clock
        self.script = script
        self.log: list[tuple[str, float]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.log.append((request.url.host, self.clock()))
        answer = self.script(len(self.log) - 1)
        answer.extensions[ORIGIN] = Origin.LIVE
        return answer


def answer(status: int, headers: dict[str, str] | Sequence[tuple[str, str]] = ()) -> httpx.Response:
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(b"body"))


class Visit:
    """A run that asks a host: recorder, pacer and clock, without an archive."""

    def __init__(
        self,
        script: Callable[[int], httpx.Response],
        waits: dict[str, datetime] | None = None,
        *,
        pace: float = 0.0,
        patience: float = 10_000.0,
        asked: dict[str, datetime] | None = None,
        most: int = 8,
    ) -> None:
        self.clock = Clock()
        self.written: list[Wait] = []
        self.watched: list[Activity] = []
        self.pacer = Pacer(
            pace, patience, waits or {}, self.written.append, asked=asked, sleep=self.clock.sleep, clock=self.clock,
            now=self.clock.now, jitter=lambda most: most, watch=self.watched.append,
        )  # fmt: skip
        self.host = Host(self.clock, script)
        self.recorder = Recorder(PacedTransport(self.host, self.pacer, most), user_agent="a test", max_body_bytes=1000)
        self.kept: list[int] = []

    def ask(self, url: str = "https://a.example/", tries: int = 5) -> Capture:
        return ask(self.recorder, self.pacer, url, tries, self._keep)

    def _keep(self, exchange: Exchange) -> Capture:
        self.kept.append(exchange.status)
        return Capture(exchange, RecordRef(str(len(self.kept)), "s", 0, 0, "response", "d", "h"), "sha1:", Purpose.ARTICLE)

    @property
    def times(self) -> list[float]:
        return [at for _, at in self.host.log]


# Pace -------------------------------------------------------------------------------------------------------------------


def test_each_host_has_its_pace() -> None:
    visit = Visit(lambda _: answer(200), pace=2.0)
    for number in range(4):
        visit.ask(f"https://a.example/{number}")
        visit.ask(f"https://b.example/{number}")
    for host in ("a.example", "b.example"):
        times = [at for name, at in visit.host.log if name == host]
        assert all(later - earlier >= 2.0 for earlier, later in pairwise(times))
    assert visit.clock() == pytest.approx(6.0)  # two hosts take no longer than one


def test_a_host_has_one_pace_however_it_is_written() -> None:
    visit = Visit(lambda _: answer(503) if not visit.kept else answer(200), pace=2.0)
    for url in (
        "https://bücher.example/",
        "https://xn--bcher-kva.example/",
        "https://BÜCHER.example./",
        "http://xn--bcher-kva.example/",
    ):
        visit.ask(url)
    assert [later - earlier >= 2.0 for earlier, later in pairwise(visit.times)] == [True] * 4


def test_the_wayback_machine_is_asked_24_times_a_minute_at_most() -> None:
    visit = Visit(lambda _: answer(200), pace=2.0)
    for number in range(100):
        visit.ask(f"https://web.archive.org/cdx/search/cdx?url={number}")
    for at in visit.times:
        assert sum(at <= other < at + 60 for other in visit.times) <= 24


def at_once(visit: Visit, threads: int, urls: Callable[[int], str] = lambda number: f"https://a.example/{number}") -> None:
    """So many threads that ask, and all of them have ended."""
    works = [threading.Thread(target=visit.ask, args=(urls(number),)) for number in range(threads)]
    for work in works:
        work.start()
    for work in works:
        work.join(20)
    assert not any(work.is_alive() for work in works)


def queued(visit: Visit, others: int) -> None:
    """Until so many others wait for the host's turn, or have asked it all the same."""
    until = time.monotonic() + 5
    while sum(not one.seconds for one in visit.watched) + len(visit.host.log) - 1 < others and time.monotonic() < until:
        time.sleep(0.001)


def test_threads_share_a_hosts_pace() -> None:
    visit = Visit(lambda _: answer(200), pace=2.0)
    at_once(visit, 8)
    assert sorted(visit.times) == [2.0 * number for number in range(8)]


def test_who_waits_behind_a_slow_answer_keeps_the_pace_when_it_has_come() -> None:
    """An answer whose body takes a minute: those who wait do not all ask the moment it ends."""

    class Slow(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            queued(visit, 5)
            visit.clock.sleep(60.0)
            yield b"body"

    def script(number: int) -> httpx.Response:
        return httpx.Response(200, stream=Slow()) if number == 0 else answer(200)

    visit = Visit(script, pace=2.0)
    at_once(visit, 6)
    assert visit.times == [0.0, 60.0, 62.0, 64.0, 66.0, 68.0]


@pytest.mark.parametrize("pace", [0.0, 2.0])
def test_who_waits_behind_an_answer_keeps_to_what_it_says(pace: float) -> None:
    """Others are ready to ask while the first one is told to come again in 100 seconds: none of them asks before."""

    def script(number: int) -> httpx.Response:
        if number == 0:
            queued(visit, 5)
            return answer(429, {"Retry-After": "100"})
        return answer(200)

    visit = Visit(script, pace=pace)
    at_once(visit, 6)
    assert len(visit.times) == 7  # the first one asks again
    assert all(at >= 100.0 for at in visit.times[1:])
    assert all(later - earlier >= pace for earlier, later in pairwise(visit.times))


def test_a_turn_ends_however_an_exchange_does() -> None:
    def script(number: int) -> httpx.Response:
        if number == 0:
            raise CaptureError("refused", "in this test")
        return answer(200)

    visit = Visit(script, {"b.example": START + timedelta(seconds=500)}, patience=300.0)
    for url in ("https://a.example/", "https://b.example/", "https://b.example/"):
        with pytest.raises(CaptureError):
            visit.ask(url)
    visit.ask()
    visit.ask()
    assert visit.times == [0.0, 0.0, 0.0]


def test_a_run_that_follows_another_keeps_the_pace_too() -> None:
    earlier = {"a.example": START - timedelta(seconds=1.5), "web.archive.org": START, "old.example": START - timedelta(days=1)}
    visit = Visit(lambda _: answer(200), pace=2.0, asked={**earlier, "ahead.example": START + timedelta(days=1)})
    for host, at in (("old.example", 0.0), ("a.example", 0.5), ("ahead.example", 2.0), ("web.archive.org", 2.5)):
        visit.ask(f"https://{host}/")
        assert visit.times[-1] == at


def test_when_hosts_were_asked_outlives_a_run(archive: Path) -> None:
    before = datetime.now(UTC)
    with open_for_writing(archive, user_agent="a test") as opened:
        opened.begin_run(RUN)
        for number, (origin, host) in enumerate([(Origin.LIVE, "a.example"), (Origin.STAND_IN, "b.example")]):
            head, when = b"HTTP/1.1 204 No Content\r\n\r\n", before + timedelta(seconds=number)
            opened.keep(Exchange("GET", f"https://{host}/", b"", 204, (), head, b"", when, origin), Purpose.ARTICLE)
        opened.add_unanswered("https://c.example/", Purpose.ARTICLE, "timeout", "in this test")
        opened.add_unanswered("http://[::1", Purpose.ARTICLE, "bad-url", "in this test")
    with open_for_writing(archive, user_agent="a test") as opened:
        assert [url for url, _ in opened.asked_since(before)] == ["https://a.example/", "https://c.example/"]
        assert opened.asked_since(datetime.now(UTC)) == []


# Coming again -----------------------------------------------------------------------------------------------------------

DATE = format_datetime(START, usegmt=True)
EPOCH = int(START.timestamp())


def date(seconds: float) -> str:
    return format_datetime(START + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, [("Retry-After", "5")], 5),
        (503, [("Retry-After", " 5 ")], 5),
        (200, [("Retry-After", "5")], 5),
        (429, [("Retry-After", "0")], None),
        (429, [("Retry-After", "-1")], None),
        (429, [("Retry-After", "1e9")], None),
        (429, [("Retry-After", "1000000000")], LONGEST_WAIT_SECONDS),
        (429, [("Retry-After", "99999999999")], LONGEST_WAIT_SECONDS),
        (429, [("Retry-After", "9" * 5000)], LONGEST_WAIT_SECONDS),
        (429, [("Retry-After", "٥")], None),
        (429, [("Retry-After", "soon")], None),
        (429, [("Retry-After", "")], None),
        (429, [("Retry-After", date(7))], 7),
        (429, [("Retry-After", date(-7))], None),
        (429, [("Retry-After", date(1e9))], LONGEST_WAIT_SECONDS),
        (429, [("Retry-After", "Thu, 99 Foo 2026 99:99:99 GMT")], None),
        # By the server's own clock, which is an hour ahead of ours.
        (429, [("Date", date(3600)), ("Retry-After", date(3607))], 7),
        (429, [("Retry-After", "5"), ("Retry-After", "9")], 9),
        (429, [("Retry-After", "9"), ("Retry-After", "soon")], 9),
        (429, [("x-rate-limit-reset", str(EPOCH + 60))], 60),
        (429, [("x-rate-limit-reset", str(EPOCH - 60))], None),
        (429, [("x-rate-limit-reset", str(EPOCH + 10**9))], LONGEST_WAIT_SECONDS),
        (429, [("x-rate-limit-reset", "x")], None),
        (200, [("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", str(EPOCH + 60))], 60),
        (200, [("x-rate-limit-remaining", "1"), ("x-rate-limit-reset", str(EPOCH + 60))], None),
        (429, [("Retry-After", "5"), ("x-rate-limit-reset", str(EPOCH + 60))], 5),
        (429, [], None),
    ],
)  # fmt: skip
def test_when_a_host_says_to_come_again(status: int, headers: list[tuple[str, str]], seconds: float | None) -> None:
    wait = asked_wait(status, headers, "a.example", START)
    assert (None if wait is None else (wait.until - START).total_seconds()) == seconds


@pytest.mark.parametrize("after", ["5", "100", "3599", "99999999999"])
def test_no_request_is_made_inside_a_retry_after(after: str) -> None:
    visit = Visit(lambda number: answer(429, {"Retry-After": after}) if number == 0 else answer(200))
    visit.ask()
    visit.ask()
    assert visit.kept == [429, 200, 200]  # the refusal is kept too
    assert visit.times[1] - visit.times[0] >= min(float(after), LONGEST_WAIT_SECONDS)
    assert [wait.host for wait in visit.written] == ["a.example"]


def test_another_host_does_not_wait() -> None:
    visit = Visit(lambda number: answer(429, {"Retry-After": "100"}) if number == 0 else answer(200))
    visit.ask(tries=1)
    visit.ask("https://b.example/")
    assert visit.times == [0.0, 0.0]


def test_a_wait_beyond_patience_is_left_to_a_later_run() -> None:
    visit = Visit(lambda _: answer(429, {"Retry-After": "1000"}), patience=300.0)
    assert visit.ask().exchange.status == 429  # what was answered is what there is
    with pytest.raises(CaptureError) as raised:
        visit.ask()
    assert (raised.value.reason, len(visit.times), visit.clock()) == ("must-wait", 1, 0.0)
    # The next run, with what was written down.
    later = Visit(lambda _: answer(200), {wait.host: wait.until for wait in visit.written}, patience=300.0)
    with pytest.raises(CaptureError):
        later.ask()
    later.clock.seconds = 1001.0
    assert later.ask().exchange.status == 200


def test_a_wait_of_an_earlier_run_is_sat_out_where_it_is_short() -> None:
    visit = Visit(lambda _: answer(200), {"a.example": START + timedelta(seconds=42)})
    visit.ask()
    assert visit.times == [42.0]


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_asked_for_again_with_growing_pauses(status: int) -> None:
    visit = Visit(lambda _: answer(status))
    assert visit.ask().exchange.status == status
    assert visit.kept == [status] * 5
    assert [later - earlier for earlier, later in pairwise(visit.times)] == [1.0, 2.0, 4.0, 8.0]


@pytest.mark.parametrize("status", [200, 204, 301, 304, 400, 401, 403, 404, 410, 418, 451, 501, 505, 999])
def test_what_will_not_pass_is_asked_for_once(status: int) -> None:
    visit = Visit(lambda _: answer(status))
    visit.ask()
    assert visit.kept == [status]


@pytest.mark.parametrize(
    ("reason", "times"),
    [("timeout", 5), ("no-connection", 5), ("refused", 1), ("certificate", 1), ("no-http", 1), ("no-address", 1)],
)
def test_which_failures_may_pass(reason: str, times: int) -> None:
    def script(_: int) -> httpx.Response:
        raise CaptureError(reason, "in this test")

    visit = Visit(script)
    with pytest.raises(CaptureError):
        visit.ask()
    assert len(visit.times) == times


def test_pauses_are_spread_over_their_whole_length() -> None:
    clock, seen = Clock(), []
    pacer = Pacer(0.0, 1e6, {}, lambda _: None, sleep=clock.sleep, clock=clock, now=clock.now)
    for _ in range(200):
        before = clock()
        pacer.back_off("a.example", 3)
        pacer.before("a.example")
        seen.append(clock() - before)
    assert 0 <= min(seen) < 1 < 7 < max(seen) <= 8  # full jitter: any pause up to 8 s
    for attempt in range(100):
        pacer.back_off("b.example", attempt)
    before = clock()
    pacer.before("b.example")
    assert clock() - before <= 300


def test_waits_outlive_a_run(archive: Path) -> None:
    until = datetime.now(UTC) + timedelta(seconds=500)
    with open_for_writing(archive, user_agent="a test") as opened:
        opened.begin_run(RUN)
        opened.add_wait("a.example", until, "429, Retry-After 500 s")
        opened.add_wait("past.example", datetime.now(UTC) - timedelta(seconds=1), "429")
    with open_for_writing(archive, user_agent="a test") as opened:
        assert opened.waits() == {"a.example": until}


def test_who_is_asked_again_after_hanging_up_is_asked_at_the_pace() -> None:
    def script(number: int) -> httpx.Response:
        if number == 1:
            raise HungUp("no-connection", "in this test")
        return answer(200)

    visit = Visit(script, pace=2.0)
    visit.ask()
    visit.ask(tries=1)
    assert visit.times == [0.0, 2.0, 4.0]


# Side by side -----------------------------------------------------------------------------------------------------------


def side_by_side(works: Sequence[Callable[[], T]], most: int, desk: Desk, stop: Stop) -> Iterator[T]:
    """What each work gives, in their order."""
    crew = Crew(most, desk, stop)
    tasks = [crew.begin(work) for work in works]
    try:
        for task in tasks:
            yield crew.result(task)
    finally:
        crew.close()


def test_results_come_in_order_and_one_slow_host_holds_nobody() -> None:
    release, done = threading.Event(), []

    def slow() -> str:
        assert release.wait(5)
        return "slow"

    def quick(number: int) -> Callable[[], str]:
        def work() -> str:
            done.append(number)
            if len(done) == 6:
                release.set()  # the slow one ends only after all others
            return str(number)

        return work

    works = [slow, *(quick(number) for number in range(6))]
    assert list(side_by_side(works, 2, Desk(), Stop())) == ["slow", *"012345"]


@pytest.mark.parametrize("what", ["sources", "images"])
def test_a_slow_host_holds_no_other(archive: Path, what: str) -> None:
    """Thirty times a host that answers only once another one was asked, which comes last; two exchanges may be under way."""
    asked, slow = threading.Event(), [f"http://slow.example/{number}" for number in range(30)]
    page = "".join(f'<img src="{url}.png">' for url in [*slow, "http://quick.example/1.png"])
    waited: list[bool] = []

    def script(head: bytes) -> Pieces:
        host, path = host_of(head), path_of(head)
        if path == "/robots.txt":
            return [b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"]
        if host == "quick.example":
            asked.set()
        elif host == "slow.example":
            waited.append(asked.wait(0 if False in waited else 5))
        kind = b"image/png" if path.endswith(".png") else b"text/html"
        body = f"<html><title>A page</title><article><p>Words.</p>{page if host == 'news.example' else host}</article>".encode()
        return [b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (kind, len(body)) + body]

    sources = ["http://news.example/"] if what == "images" else [*slow, "http://quick.example/1"]
    with serving(script) as server:
        opened = Door((), lambda *_: [PUBLIC], Dialled(server.port))
        settings = Settings(archive=archive, pace_seconds=0, concurrency=2, article_media=what == "images")
        events = list(pipeline.save(sources, settings, LiveTransport(opened)))
    read = [event.article.source for event in events if isinstance(event, pipeline.ArticleRead)]
    assert read == sources  # told in their order
    assert waited == [True] * 30


def test_so_many_exchanges_are_under_way_at_once() -> None:
    lock, under_way, most = threading.Lock(), 0, 0
    full = threading.Barrier(3)

    def script(_: int) -> httpx.Response:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        full.wait(5)
        with lock:
            under_way -= 1
        return answer(200)

    visit = Visit(script, most=3)
    at_once(visit, 12, lambda number: f"https://host-{number}.example/")
    assert most == 3


def test_the_owner_of_the_desk_does_the_jobs() -> None:
    desk, owner, threads = Desk(), threading.get_ident(), []
    done = list(side_by_side([lambda: desk(threading.get_ident)] * 5, 3, desk, Stop()))
    assert set(done) == {owner}
    list(side_by_side([lambda: threads.append(threading.get_ident())] * 5, 3, desk, Stop()))
    assert owner not in threads


@pytest.mark.parametrize("most", [0, 3])
def test_what_a_work_or_a_job_raises_is_raised(most: int) -> None:
    desk = Desk()

    def job() -> None:
        raise CaptureError("refused", "in this test")

    for work in (job, lambda: desk(job)):
        with pytest.raises(CaptureError, match="in this test"):
            list(side_by_side([work], most, desk, Stop()))


@pytest.mark.parametrize("most", [0, 2])
def test_once_told_to_stop_nothing_is_begun(most: int) -> None:
    stop, begun = Stop(grace_seconds=5), []

    def work(number: int) -> None:
        begun.append(number)
        if number == 1:
            stop.ask(130)
            time.sleep(0.05)

    results = side_by_side([lambda number=number: work(number) for number in range(20)], most, Desk(), stop)  # type: ignore[misc]
    with pytest.raises(Stopped) as raised:
        list(results)
    assert raised.value.status == 130
    assert len(begun) <= 4


def test_what_does_not_end_is_dropped_when_the_time_is_over() -> None:
    stop, never = Stop(grace_seconds=0.2), threading.Event()
    stop.ask(143)
    before = time.monotonic()
    with pytest.raises(Stopped):
        list(side_by_side([lambda: never.wait(30)], 1, Desk(), stop))
    running = Stop(grace_seconds=0.2)
    threading.Timer(0.1, running.ask, [143]).start()
    with pytest.raises(Stopped) as raised:
        list(side_by_side([lambda: never.wait(30)], 1, Desk(), running))
    assert (raised.value.status, time.monotonic() - before < 5) == (143, True)
    never.set()


def test_a_wait_ends_when_the_run_is_told_to_stop() -> None:
    stop = Stop()
    threading.Timer(0.05, stop.ask, [130]).start()
    before = time.monotonic()
    with pytest.raises(Stopped):
        stop.sleep(30)
    assert time.monotonic() - before < 5


# Failing items ----------------------------------------------------------------------------------------------------------


def test_an_item_that_fails_in_three_runs_is_marked_and_asked_for_again(cli: Cli, archive: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        '<blockquote class="twitter-tweet">a <a href="https://twitter.com/a/status/1294237906668703747">x</a></blockquote>'
    )
    (tmp_path / "nothing").mkdir()
    (tmp_path / "nothing" / "a.http").write_text("GET https://a.example/\n\nHTTP/1.1 200 OK\n\n")
    runs = [
        cli("save", "--json", "--offline", "--archive", archive, "--fixtures", tmp_path / "nothing", page) for _ in range(4)
    ]
    marked = [[failure["reason"] for failure in run.lines[0]["failures"]].count("failing") for run in runs]
    assert marked == [0, 0, 1, 1]
    assert [run.lines[0]["state"] for run in runs] == ["failed"] * 4


def test_a_run_that_was_killed_counts_and_one_that_was_stopped_does_not(archive: Path) -> None:
    (read,) = articles.read(str(ARTICLE), 1_000_000, lambda _: None)
    embed, other = archiver.find_embeds(ARTICLE)

    def run(status: int | None) -> tuple[int, int]:
        with open_for_writing(archive, user_agent="a test") as opened:
            opened.begin_run(RUN)
            counted = opened.begin(embed, read)
            if status is not None:
                opened.end_run(status)
            return counted, opened.begin(other, read) if status is None else 0

    assert [run(None), run(143), run(None), run(None)] == [(0, 0), (1, 0), (1, 1), (2, 2)]


# What people see --------------------------------------------------------------------------------------------------------


def test_the_log_is_json_lines_and_quiet_is_quiet(cli: Cli, archive: Path, tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    result = cli("save", "--quiet", "--log", log, "--offline", "--fixtures", WEB, "--archive", archive, ARTICLE)
    assert (result.status, result.out, result.err) == (0, "", "")
    told = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    events = [line["event"] for line in told]
    assert events.count("outcome") == 2
    assert {"article", Doing.ASKING.value, Doing.RECEIVED.value} <= set(events)
    assert all(datetime.fromisoformat(line["time"]).tzinfo for line in told)
    cli("save", "--quiet", "--log", log, "--offline", "--fixtures", WEB, "--archive", archive, ARTICLE)
    assert len(log.read_text("utf-8").splitlines()) > len(told)  # added to


def test_who_asks_says_so_and_how_to_reach_them() -> None:
    assert pipeline.user_agent(Settings()).startswith("archiver/")
    assert "desk@news.example" in pipeline.user_agent(Settings(contact="desk@news.example"))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals of this kind")
def test_a_terminal_shows_what_is_fetched_and_who_is_waited_for(tmp_path: Path) -> None:
    page = b'<html><title>A page</title><article><p>Words.</p><video src="/a.mp4"></video></article></html>'

    def script(head: bytes) -> Pieces:
        path = path_of(head)
        if path == "/page":
            return [b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(page) + page]
        if path == "/a.mp4":
            head = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: 3000000\r\n\r\n"
            return [head, bytes(1_500_000), 0.6, bytes(500_000), 0.6, bytes(1_000_000)]
        return [b"HTTP/1.1 404 Not Found\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"]

    import pty

    ours, theirs = pty.openpty()
    with serving(script) as server:
        place = f"127.0.0.1:{server.port}"
        process = subprocess.Popen(
            [sys.executable, "-m", "archiver", "save", "--pace", "0", "--archive", str(tmp_path / "a"), "--allow-private", place,
             f"http://{place}/page"],
            stdout=subprocess.DEVNULL, stderr=theirs, env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
        )  # fmt: skip
        os.close(theirs)
        told = b""
        with contextlib.suppress(OSError):  # how a terminal ends on Linux
            while data := os.read(ours, 65536):
                told += data
        os.close(ours)
        assert process.wait(30) == 0
    words = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", told.decode())
    assert "waits 1 s for 127.0.0.1" in words
    assert re.search(rf"http://{re.escape(place)}/a\.mp4  [12]\.[0-9] of 3\.0 MB, [0-9.]+ MB/s", words)
    assert "0/?" not in words


def test_what_refuses_an_address_says_how_to_allow_it(cli: Cli, archive: Path) -> None:
    for url in ("http://127.0.0.1/", "http://good.example:8080/"):
        result = cli("save", "--archive", archive, url)
        assert "--allow-private" in result.err
