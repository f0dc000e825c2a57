"""How fast is `verify` on 300 MB? Beside `warcio check` on the same WARC files, in turn, whole processes.

The archive is made by the program's own writer, in the mix of what articles with posts lead to. For each post: a
syndication answer of 3 to 12 kB and an oEmbed answer of 1 to 3 kB of JSON, a photo of 80 to 600 kB and as pages show it 30
to 120 kB, a portrait of 4 to 20 kB; for each third one a page of 15 to 60 kB that was sent in gzip, for each fourth one a
web archive's page of 80 to 250 kB of HTML, for each fifth one a video of 1 to 6 MB. `warcio check` reads the WARC files
alone; `verify` the index and its chain as well. What counts is the clock: the one does its work on one core, the other digests
on all. The processor's time is printed beside it.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archiver import archive as store
from archiver.model import Exchange, Origin, Purpose, RunFacts
from benchmarks.proof.result import Result

NAME = "speed"
TARGET = "`verify` on 300 MB at least 4 × as fast as `warcio check`"
LEAST = 4.0
BYTECODE = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}  # as what is installed
IN_WORDS = (Purpose.SYNDICATION, Purpose.OEMBED, Purpose.LINKED, Purpose.MEMENTO)
WORDS = "gate shift crowd sheet works rain banner morning line street picture said would never people count vote night".split()


def run(short: bool, folder: Path) -> Result:
    size, rounds = (6_000_000, 1) if short else (300_000_000, 5)
    posts = _compared(folder / "posts", size, rounds, exchanges())
    words = _compared(folder / "words", size, rounds, (one for one in exchanges() if one[1] in IN_WORDS))
    measured = (
        f"{posts['by_clock']:.1f} × on {posts['bytes'] / 1e6:.0f} MB, mostly pictures ({posts['wall']['verify']:.2f} s,"
        f" {posts['wall']['warcio check']:.2f} s); of answers and pages alone, {words['bytes'] / 1e6:.0f} MB:"
        f" {words['by_clock']:.1f} ×; on {os.cpu_count()} cores, by processor time {posts['by_processor']:.1f} × and"
        f" {words['by_processor']:.1f} ×"
    )
    met = None if short else posts["by_clock"] >= LEAST
    return Result(NAME, TARGET, measured, met, {"posts": posts, "words": words, "rounds": rounds})


def _compared(archive: Path, size: int, rounds: int, kept: Iterator[tuple[Exchange, Purpose]]) -> dict[str, Any]:
    """Both programs on an archive of that size, in turn: medians of seconds, and how often ours goes into the peer's."""
    mix, stored = _made(archive, size, kept)
    files = sorted(os.fspath(path) for path in (archive / store.WARC_FOLDER).iterdir())
    commands = {
        "verify": [sys.executable, "-m", "archiver", "verify", "--archive", os.fspath(archive)],
        "warcio check": [sys.executable, "-m", "warcio.cli", "check", *files],
    }
    timed: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            seconds = _seconds(command)
            if number:  # the first round fills the disk's cache
                timed[name].append(seconds)
    shutil.rmtree(archive)
    cpu = {name: statistics.median(one[0] for one in each) for name, each in timed.items()}
    wall = {name: statistics.median(one[1] for one in each) for name, each in timed.items()}
    ratios = {"by_clock": wall["warcio check"] / wall["verify"], "by_processor": cpu["warcio check"] / cpu["verify"]}
    return {**ratios, "cpu": cpu, "wall": wall, "bytes": stored, "mix": mix}


def _made(archive: Path, size: int, kept: Iterator[tuple[Exchange, Purpose]]) -> tuple[Counter[str], int]:
    """An archive whose WARC files have at least so many bytes: what is in it, and its size."""
    mix, stored = Counter[str](), 0
    with store.open_for_writing(archive, user_agent="proof") as writing:
        writing.begin_run(RunFacts("proof", "proof", "proof", offline=True))
        for exchange, purpose in kept:
            if stored >= size:
                break
            stored += writing.keep(exchange, purpose).record.length
            mix[purpose.value] += 1
        writing.end_run(0)
    return mix, sum(path.stat().st_size for path in (archive / store.WARC_FOLDER).iterdir())


def exchanges() -> Iterator[tuple[Exchange, Purpose]]:
    """What posts lead to, without end; the same each time."""
    chance = random.Random(11)  # noqa: S311

    stock = " ".join(chance.choice(WORDS) + ("" if chance.random() < 0.8 else chance.randbytes(3).hex()) for _ in range(10**6))

    def words(least: int, most: int) -> str:
        size = chance.randrange(least, most)
        at = chance.randrange(len(stock) - size)
        return stock[at : at + size]

    def page(least: int, most: int) -> bytes:
        return f"<!DOCTYPE html><html><body><p>{words(least, most).replace('street', '</p><p>')}</p></body></html>".encode()

    def noise(least: int, most: int) -> bytes:
        return chance.randbytes(chance.randrange(least, most))

    for number in range(sys.maxsize):
        as_json = "application/json; charset=utf-8"
        tweet = json.dumps({"id_str": str(number), "text": words(3_000, 12_000)}).encode()
        yield _exchange(f"https://cdn.syndication.twimg.com/tweet-result?id={number}", as_json, tweet), Purpose.SYNDICATION
        oembed = json.dumps({"html": words(1_000, 3_000)}).encode()
        yield _exchange(f"https://publish.x.com/oembed?url={number}", as_json, oembed), Purpose.OEMBED
        media = f"https://pbs.twimg.com/media/{number}"
        yield _exchange(f"{media}?name=orig", "image/jpeg", noise(80_000, 600_000)), Purpose.PHOTO
        yield _exchange(f"{media}.jpg", "image/jpeg", noise(30_000, 120_000)), Purpose.PHOTO_SHOWN
        yield _exchange(f"{media}/portrait", "image/jpeg", noise(4_000, 20_000)), Purpose.AVATAR
        if number % 3 == 0:
            packed = gzip.compress(page(60_000, 250_000), mtime=0)
            yield _exchange(f"https://news.example/{number}", "text/html", packed, "gzip"), Purpose.LINKED
        if number % 4 == 0:
            yield _exchange(f"https://web.archive.org/{number}", "text/html", page(80_000, 250_000)), Purpose.MEMENTO
        if number % 5 == 0:
            yield _exchange(f"https://video.twimg.com/{number}.mp4", "video/mp4", noise(1_000_000, 6_000_000)), Purpose.VIDEO


def _exchange(url: str, kind: str, body: bytes, coding: str = "") -> Exchange:
    headers = [("Content-Type", kind), ("Content-Length", str(len(body)))] + ([("Content-Encoding", coding)] if coding else [])
    head = "HTTP/1.1 200 OK\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers) + "\r\n"
    host, _, path = url.removeprefix("https://").partition("/")
    asked = f"GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    return Exchange(
        method="GET",
        url=url,
        request_head=asked,
        status=200,
        headers=tuple(headers),
        response_head=head.encode(),
        body=body,
        started=datetime.now(UTC),
        origin=Origin.STAND_IN,
        stand_in="benchmarks/proof/speed.py",
    )


def _seconds(command: list[str]) -> tuple[float, float]:
    """Processor and wall seconds of a whole process."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=BYTECODE)
    after, ended = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    if done.returncode != 0:
        raise AssertionError(f"{command[:4]} ended with {done.returncode}: {done.stdout[-300:]} {done.stderr[-300:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, ended - begun
