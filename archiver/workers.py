"""Work side by side in threads, while the thread that began it does what must be done one after another: writing.

And stopping: once told, nothing new is begun, and what is under way has a few seconds.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

from archiver.errors import Stopped

T = TypeVar("T")

GRACE_SECONDS = 8.0  # so that all is over within ten


class Stop:
    """Whether a run was told to stop, by which exit status, and how long what is under way still has."""

    def __init__(self, grace_seconds: float = GRACE_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._event = threading.Event()
        self._grace_seconds = grace_seconds
        self._clock = clock
        self._over = 0.0
        self.status = 0

    def ask(self, status: int) -> None:
        """Stop. May be called from a signal handler."""
        self.status = status
        self._over = self._clock() + self._grace_seconds
        self._event.set()

    @property
    def asked(self) -> bool:
        return self._event.is_set()

    @property
    def over(self) -> bool:
        """True where the time for what was under way is over too."""
        return self.asked and self._clock() >= self._over

    def check(self) -> None:
        """Raises Stopped where the run was told to stop."""
        if self.asked:
            raise Stopped(self.status)

    def sleep(self, seconds: float) -> None:
        """Raises Stopped as soon as the run is told to stop."""
        self._event.wait(seconds)
        self.check()


class Desk:
    """Where one thread, its owner, does jobs for the others. Called by its owner, a job is done at once."""

    def __init__(self) -> None:
        self._owner = threading.get_ident()
        self._jobs: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = queue.SimpleQueue()
        self._closed = False

    def __call__(self, job: Callable[[], T]) -> T:
        """What the job gives or raises. Raises Stopped where the owner no longer does any."""
        if threading.get_ident() == self._owner:
            return job()
        if self._closed:
            raise Stopped(0)
        done: Future[T] = Future()
        self._jobs.put((job, done))
        return done.result()

    def wake(self) -> None:
        self._jobs.put(None)

    def serve(self, seconds: float) -> None:
        """Do the next job; or none, where `wake` was called or nobody came in that time."""
        try:
            asked = self._jobs.get(timeout=seconds)
        except queue.Empty:
            return
        if asked is not None:
            _do(*asked)

    def close(self) -> None:
        """No more jobs: whoever waits is told."""
        self._closed = True
        while not self._jobs.empty():
            asked = self._jobs.get()
            if asked is not None:
                asked[1].set_exception(Stopped(0))


def _do(job: Callable[[], Any], done: Future[Any]) -> None:
    try:
        done.set_result(job())
    except BaseException as error:  # it belongs to the thread that asked
        done.set_exception(error)


def side_by_side(works: Sequence[Callable[[], T]], most: int, desk: Desk, stop: Stop) -> Iterator[T]:
    """What each work gives, in their order; `most` are under way at once. With 0 all is done by the calling thread.

    Raises what a work raised, and Stopped where the run was told to stop before a work was begun or while it was not done.
    """
    if not most:
        for work in works:
            stop.check()
            yield work()
        return
    results: list[Future[T]] = [Future() for _ in works]
    waiting: queue.SimpleQueue[tuple[Callable[[], T], Future[T]]] = queue.SimpleQueue()
    for pair in zip(works, results, strict=True):
        waiting.put(pair)
    for number in range(min(most, len(works))):
        threading.Thread(target=_work, args=(waiting, desk, stop), daemon=True, name=f"worker {number + 1}").start()
    try:
        for result in results:
            while not result.done():
                if stop.over:
                    raise Stopped(stop.status)
                desk.serve(0.2)
            yield result.result()
    finally:
        while not waiting.empty():  # what was not begun, is not
            with suppress(queue.Empty):
                waiting.get_nowait()


def _work(waiting: queue.SimpleQueue[tuple[Callable[[], T], Future[T]]], desk: Desk, stop: Stop) -> None:
    while True:
        try:
            work, result = waiting.get_nowait()
        except queue.Empty:
            return
        if stop.asked:
            result.set_exception(Stopped(stop.status))
        else:
            _do(work, result)
        desk.wake()
