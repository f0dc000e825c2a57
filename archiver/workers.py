"""Work side by side in threads, while the thread that began it does what must be done one after another: writing.

And stopping: once told, nothing new is begun, and what is under way has a few seconds.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

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


@dataclass(frozen=True, slots=True)
class Task(Generic[T]):
    """A work that was handed to a crew, and what it gives once it is done."""

    work: Callable[[], T]
    done: Future[T] = field(default_factory=Future)


class Crew:
    """Does works side by side, in threads that are made when there is need of them, `most` at most; in the order in which they
    were begun. With 0 each is done by whoever asks for its result, when it is asked for."""

    def __init__(self, most: int, desk: Desk, stop: Stop) -> None:
        self._most = most
        self._desk = desk
        self._stop = stop
        self._waiting: queue.SimpleQueue[Task[Any]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._idle = 0

    def begin(self, work: Callable[[], T]) -> Task[T]:
        """May be called by any thread, those of the crew too."""
        task = Task(work)
        if self._most:
            with self._lock:
                self._waiting.put(task)
                if self._idle >= self._waiting.qsize() or self._threads >= self._most:
                    return task
                self._threads += 1
                name = f"worker {self._threads}"
            threading.Thread(target=self._work, daemon=True, name=name).start()
        return task

    def result(self, task: Task[T]) -> T:
        """What a task gives. For the owner of the desk, who does what is asked of it in the meantime.

        Raises what the work raised, and Stopped where the run was told to stop before it was begun or while it was not done.
        """
        if not self._most:
            self._stop.check()
            return task.work()
        while not task.done.done():
            if self._stop.over:
                raise Stopped(self._stop.status)
            self._desk.serve(0.2)
        return task.done.result()

    def close(self) -> None:
        """What was not begun, is not."""
        while not self._waiting.empty():
            with suppress(queue.Empty):
                self._waiting.get_nowait()

    def _work(self) -> None:
        while True:
            with self._lock:
                self._idle += 1
            task = self._waiting.get()
            with self._lock:
                self._idle -= 1
            if self._stop.asked:
                task.done.set_exception(Stopped(self._stop.status))
            else:
                _do(task.work, task.done)
            self._desk.wake()
