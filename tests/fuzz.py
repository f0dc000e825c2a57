"""Throws bytes at the readers and the finder until the time is up: anything but embeds or a SourceError is a crash.

    python tests/fuzz.py [--seconds 60] [--kind html] [--seed 1] [--by chance]

With atheris, which is not among the project's requirements, the bytes follow what the code does with them; without it they are the
same seeds, changed at random. The seeds are the pages of fixtures/forms, in each container. Prints a line of JSON a kind: how
many inputs were tried, by what, the slowest one's seconds, and the crash, whose input is kept in `fuzz-crash-KIND`. Exits with 1
where there was one. An input that takes longer than a second and one for each 10 kB is a crash too.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

PROJECT = Path(__file__).resolve().parent.parent
SUFFIXES = {"html": ".html", "markdown": ".md", "mhtml": ".mht", "warc": ".warc", "packed-warc": ".warc.gz", "wacz": ".wacz"}
LONGEST = 20_000
TOKENS = [b"<", b">", b"</", b"<!--", b"-->", b'"', b"'", b"&quot;", b"&#", b"\\u003c", b"\\/", b"[", b"]", b"{", b"}", b"\r\n", b"\r\n\r\n",
          b"\x00", b"\xff", b"WARC/1.1\r\n", b"Content-Length: ", b"--M", b"=3D", b"PK\x03\x04", b"\x1f\x8b\x08", b"https://twitter.com/a/status/", b"9" * 40]  # fmt: skip


def warc(page: bytes) -> bytes:
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page
    head = b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: https://news.example/a\r\nWARC-Date: 2020-08-15T10:00:00Z\r\nContent-Type: application/http\r\n"
    return head + b"Content-Length: %d\r\n\r\n" % len(block) + block + b"\r\n\r\n"


def mhtml(page: bytes) -> bytes:
    return (
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=M\r\n\r\n--M\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        + page + b"\r\n--M--\r\n"
    )  # fmt: skip


def wacz(page: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/a.warc.gz", gzip.compress(warc(page), mtime=0))
    return file.getvalue()


INTO: dict[str, Callable[[bytes], bytes]] = {
    "html": bytes, "markdown": bytes, "mhtml": mhtml, "warc": warc, "packed-warc": lambda page: gzip.compress(warc(page) * 2, mtime=0), "wacz": wacz,
}  # fmt: skip


def seeds(kind: str) -> list[bytes]:
    suffix = ".md" if kind == "markdown" else ".html"
    return [INTO[kind](path.read_bytes()) for path in sorted((PROJECT / "fixtures" / "forms").glob(f"*{suffix}"))]


class Harness:
    """Tries inputs of one kind until the time is up; ends the process with what came of it."""

    def __init__(self, kind: str, by: str, seconds: float, folder: str) -> None:
        import archiver
        from archiver.errors import SourceError

        self._find, self._refused = archiver.find_embeds, SourceError
        self._kind, self._by, self._until = kind, by, time.monotonic() + seconds
        self._path = Path(folder) / f"input{SUFFIXES[kind]}"
        self._tried, self._slowest = 0, 0.0

    def __call__(self, data: bytes) -> None:
        """Try an input. The process ends where it crashes, and where the time is up."""
        try:
            self._try(data)
        except KeyboardInterrupt:  # of who runs it: no crash
            raise
        except BaseException:
            Path(f"fuzz-crash-{self._kind}").write_bytes(data)
            self._end(traceback.format_exc()[-3000:])
        if time.monotonic() > self._until:
            self._end(None)

    def _try(self, data: bytes) -> None:
        self._path.write_bytes(data)
        started = time.process_time()
        try:
            embeds = self._find(self._path, problem=lambda _: None)
        except self._refused:
            embeds = []
        taken = time.process_time() - started
        self._tried += 1
        self._slowest = max(self._slowest, taken)
        assert taken < 1 + len(data) / 10_000, f"{taken:.1f} s for {len(data)} bytes"
        assert all(embed.line >= 1 and embed.column >= 1 and embed.position >= 1 for embed in embeds)

    def _end(self, crash: str | None) -> NoReturn:
        told = {
            "kind": self._kind,
            "by": self._by,
            "tried": self._tried,
            "slowest_seconds": round(self._slowest, 3),
            "crash": crash,
        }
        print(json.dumps(told), flush=True)
        os._exit(int(crash is not None))  # atheris knows no other way to stop


def changed(data: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """An input with one to six changes, and not too long."""
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(data))
        match chance.randrange(5):
            case 0:
                data = data[:at] + chance.choice(TOKENS) * chance.choice([1, 1, 1, 50]) + data[at:]
            case 1:
                data = data[:at] + data[at + chance.randint(1, 200) :]
            case 2:
                data = data[:at] + chance.randbytes(chance.randint(1, 4)) + data[at + 1 :]
            case 3:
                other = chance.choice(others)
                begin = chance.randint(0, len(other))
                data = data[:at] + other[begin : begin + chance.randint(1, 2000)] + data[at:]
            case _:
                end = min(len(data), at + chance.randint(1, 300))
                data = data[:end] + data[at:end] * chance.choice([1, 1, 30]) + data[end:]
    return data[:LONGEST]


def by_chance(kind: str, seconds: float, seed: int, folder: str) -> NoReturn:
    chance, stock, harness = random.Random(seed), seeds(kind), Harness(kind, "chance", seconds, folder)
    while True:
        harness(changed(chance.choice(stock), stock, chance))


def by_coverage(kind: str, seconds: float, seed: int, folder: str) -> NoReturn:
    import atheris

    with atheris.instrument_imports(include=["archiver"]):
        import archiver.api
        import archiver.articles.mhtml
        import archiver.articles.wacz
        import archiver.embeds.html  # noqa: F401
    corpus = Path(folder) / "corpus"
    corpus.mkdir()
    for number, data in enumerate(seeds(kind)):
        (corpus / str(number)).write_bytes(data)
    options = [f"-max_len={LONGEST}", f"-seed={seed}", "-rss_limit_mb=2048", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *options, str(corpus)], Harness(kind, "atheris", seconds, folder))
    atheris.Fuzz()
    raise SystemExit(1)  # it does not come back


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--seconds", type=float, default=60, help="for all kinds together")
    parser.add_argument("--kind", choices=SUFFIXES, help="one kind; all of them in turn where none is named")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--by", choices=("atheris", "chance"), default="atheris" if importlib.util.find_spec("atheris") else "chance"
    )
    given = parser.parse_args()
    if given.kind:
        with tempfile.TemporaryDirectory() as folder:
            run = by_coverage if given.by == "atheris" else by_chance
            run(given.kind, given.seconds, given.seed, folder)
    failed = False
    for kind in SUFFIXES:  # a process each, for atheris ends its own
        options = ["--kind", kind, "--seconds", str(given.seconds / len(SUFFIXES)), "--seed", str(given.seed), "--by", given.by]
        done = subprocess.run([sys.executable, __file__, *options], stderr=subprocess.PIPE, check=False)
        if done.returncode:
            failed = True
            sys.stderr.buffer.write(done.stderr[-3000:])
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
