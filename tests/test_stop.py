"""SIGINT and SIGTERM, sent to the program as a user's shell or a service manager would send them."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import ARTICLE, WEB, Cli
from tests.servers import Pieces, Server, path_of, serving

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals that one process sends another")

PAGE = b"<html><title>A page</title><p>Words without a post.</html>"


@contextmanager
def slow(seconds: float) -> Iterator[Server]:
    """A server whose article takes so long to come."""

    def script(head: bytes) -> Pieces:
        if path_of(head) == "/robots.txt":
            return [b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"]
        start = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(PAGE)
        return [start + PAGE[:9], seconds, PAGE[9:]]

    with serving(script) as server:
        yield server


def begun(archive: Path, server: Server) -> tuple[subprocess.Popen[str], list[str]]:
    """A run that has reported the first article's posts and is at work on the second article, and what it has reported."""
    url = f"http://127.0.0.1:{server.port}/slow"
    process = subprocess.Popen(
        [sys.executable, "-m", "archiver", "save", "--json", "--pace", "0", "--archive", str(archive), "--fixtures", str(WEB),
         "--allow-private", f"127.0.0.1:{server.port}", str(ARTICLE), url],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    reported = [process.stdout.readline() for _ in range(2)]
    until = time.monotonic() + 20
    while len(server.requests) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    assert len(server.requests) == 2
    return process, reported


@pytest.mark.parametrize(
    ("number", "status", "article_takes", "most_seconds"),
    [(signal.SIGINT, 130, 1.0, 8), (signal.SIGTERM, 143, 1.0, 8), (signal.SIGTERM, 143, 60.0, 10.5)],
    ids=["SIGINT", "SIGTERM", "SIGTERM, and the server does not care"],
)
def test_once_it_ends_in_good_order(
    cli: Cli, archive: Path, number: int, status: int, article_takes: float, most_seconds: float
) -> None:
    with slow(article_takes) as server:
        process, reported = begun(archive, server)
        process.send_signal(number)
        before = time.monotonic()
        out, err = process.communicate(timeout=30)
        assert time.monotonic() - before < most_seconds
    assert process.returncode == status
    assert out == ""
    assert err.startswith("archiver: stopped")
    assert "Traceback" not in err
    assert cli("verify", "--archive", archive).status == 0
    # What was reported is kept, and the next run does what was left.
    with slow(0.0) as server:
        url = f"http://127.0.0.1:{server.port}/slow"
        arguments = ("--archive", archive, "--fixtures", WEB, "--allow-private", f"127.0.0.1:{server.port}", "--pace", "0")
        again = cli("save", "--json", *arguments, ARTICLE, url)
    assert again.status == 0
    assert [json.loads(line)["captures"] for line in reported] == [line["captures"] for line in again.lines]
    assert cli("verify", "--archive", archive).status == 0


def started(*arguments: str | Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "archiver", "save", "--json", "--offline", "--fixtures", WEB, *arguments]
    return subprocess.Popen(
        [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_a_folder_of_articles_without_posts_is_left_too(cli: Cli, archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "0.md").write_text(ARTICLE.read_text("utf-8"), "utf-8")
    for number in range(3_000):
        (folder / f"{number:04}.html").write_text(f"<html><title>Page {number}</title><p>Words.</html>")
    process = started("--archive", archive, folder)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err[:17]) == (130, "archiver: stopped")
    connection = sqlite3.connect(archive / "archive.db")
    ((kept,),) = connection.execute("SELECT count(*) FROM articles").fetchall()
    connection.close()
    assert 1 <= kept < 3_000
    assert cli("verify", "--archive", archive).status == 0


def test_a_run_that_waits_for_standard_input_ends_too(cli: Cli, archive: Path) -> None:
    process = started("--archive", archive, ARTICLE, "-")
    assert process.stdout is not None
    reported = [process.stdout.readline() for _ in range(2)]
    process.send_signal(signal.SIGTERM)
    before = time.monotonic()
    process.wait(timeout=30)
    assert time.monotonic() - before < 11
    process.communicate()
    assert (process.returncode, len(reported)) == (143, 2)
    assert cli("verify", "--archive", archive).status == 0


def test_twice_it_ends_at_once(cli: Cli, archive: Path) -> None:
    with slow(60.0) as server:
        process, _ = begun(archive, server)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        before = time.monotonic()
        process.communicate(timeout=30)
        assert time.monotonic() - before < 3
    assert process.returncode == 130
    assert cli("save", "--archive", archive, "--offline", "--fixtures", WEB, ARTICLE).status == 0
    assert cli("verify", "--archive", archive).status == 0
