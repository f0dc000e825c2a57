"""What a run is doing, while it does it: lines on a terminal, and JSON lines in a log."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from rich.console import RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TaskID, TimeElapsedColumn
from rich.text import Text

from archiver import lines
from archiver.cli.terminal import progress
from archiver.cli.words import json_text, safe, shortened
from archiver.errors import UsageError
from archiver.model import Activity, Doing, Outcome
from archiver.pipeline import ArticleRead, Event, Notice, Problem


class _Words(ProgressColumn):
    """What a line says; of a wait, how much of it is left."""

    def render(self, task: Task) -> Text:
        activity: Activity | None = task.fields.get("activity")
        if activity is None:
            return Text(task.description)
        return Text(_words(activity, max(0.0, activity.seconds - (time.monotonic() - task.fields["told"]))))


class _OfPosts(ProgressColumn):
    """A column that the line of posts has, and those of the threads have not."""

    def __init__(self, column: ProgressColumn) -> None:
        super().__init__()
        self._column = column

    def render(self, task: Task) -> RenderableType:
        return Text() if "activity" in task.fields else self._column.render(task)


class Shown:
    """A bar of posts and a line for each thread that fetches or waits, where standard error is a terminal; and the log."""

    def __init__(self, *, quiet: bool, log: Path | None) -> None:
        columns = map(_OfPosts, (BarColumn(bar_width=20), MofNCompleteColumn(), TimeElapsedColumn()))
        self._bar = progress(_Words(), *columns, quiet=quiet)
        self._posts = self._bar.add_task("posts", total=0)
        self._threads: dict[int, TaskID] = {}
        self._lock = threading.Lock()
        try:
            self._log = log.open("a", encoding="utf-8") if log else None
        except OSError as error:
            raise UsageError(f"--log {log}: {error.strerror}") from None

    def __enter__(self) -> Shown:
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.stop()
        if self._log is not None:
            self._log.close()

    def activity(self, activity: Activity) -> None:
        """Called by any thread."""
        with self._lock:
            self._write(
                {
                    "event": activity.doing.value,
                    "about": activity.about,
                    "bytes": activity.size,
                    "of": activity.of,
                    "seconds": activity.seconds,
                }
            )
            if self._bar.disable:
                return
            thread = threading.get_ident()
            if thread not in self._threads:
                self._threads[thread] = self._bar.add_task("", total=None, activity=activity, told=time.monotonic())
            task, shown = self._threads[thread], activity.doing is not Doing.RECEIVED
            self._bar.update(task, activity=activity, told=time.monotonic(), visible=shown)

    def event(self, event: Event) -> None:
        """Called once for whatever the pipeline tells."""
        with self._lock:
            match event:
                case ArticleRead(article, _, embeds):
                    total = (self._bar.tasks[0].total or 0) + embeds
                    self._bar.update(self._posts, total=total, description=safe(article.source)[-40:])
                    self._write({"event": "article", "about": article.source, "sha256": article.sha256, "embeds": embeds})
                case Outcome():
                    self._bar.advance(self._posts)
                    self._write({"event": "outcome", **lines.save_line(event)})
                case Problem(source, message, status):
                    self._write({"event": "problem", "about": source, "message": message, "status": status})
                case Notice(message):
                    self._write({"event": "notice", "message": message})

    def _write(self, line: dict[str, Any]) -> None:
        if self._log is not None and not self._log.closed:
            self._log.write(json_text({"time": datetime.now(UTC).isoformat(), **line}) + "\n")
            self._log.flush()


def _words(activity: Activity, left: float) -> str:
    """What is fetched, how much of it is there and how fast it comes; or who is waited for, and how long yet."""
    about = shortened(safe(activity.about), 60)
    match activity.doing:
        case Doing.WAITING:
            return f"  waits {left:.0f} s for {about}" if activity.seconds else f"  waits for its turn at {about}"
        case Doing.RECEIVING:
            of = f" of {activity.of / 1e6:.1f}" if activity.of else ""
            return f"  {about}  {activity.size / 1e6:.1f}{of} MB, {activity.size / 1e6 / max(activity.seconds, 0.001):.1f} MB/s"
        case _:
            return f"  {about}"
