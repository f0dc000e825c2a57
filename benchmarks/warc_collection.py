"""How fast is finding in a WARC collection, and how much memory does it take? Beside `warcio index` on the same file, in turn.

    python benchmarks/warc_collection.py [MEGABYTES …]

Writes a collection of each size (100 and 400 where none is named) into a temporary folder with warcio, one gzip member a
record. It is made up as a crawl of news is: for each page a response and a request; then 25 pictures of 8 to 62 kB that do not
compress, 12 scripts of 10 to 98 kB, 3 style sheets of 10 to 38 kB, each with its request. The pages are those of
../shared/corpus/pages where they are, else of fixtures/forms, over and over, each time under another address.

`archiver find --json` reads the file, finds and prints every embed; the peer only lists the records. Whole processes; the
processor seconds' medians and their ratio, and the peak memory of both, which must not grow with the file. Exits with 1 where
finding is not half as fast as the peer, or the larger file takes 1.2 times the memory of the smaller one.
"""

from __future__ import annotations

import io
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

PROJECT = Path(__file__).resolve().parent.parent
LEAST = 0.5
MOST_GROWTH = 1.2
ROUNDS = 3
SITE = "https://news.example"
WORDS = b"function return const this window document length value event color margin display block 0 1 px ; { } ( ) =".split()


def pages() -> list[bytes]:
    corpus = PROJECT.parent / "shared" / "corpus" / "pages"
    folder = corpus if corpus.is_dir() else PROJECT / "fixtures" / "forms"
    return [path.read_bytes() for path in sorted(folder.rglob("*.html")) if path.is_file()]


def text(chance: random.Random, size: int) -> bytes:
    """Bytes that compress as code does: words of a small stock, names among them."""
    pieces = [b"%s%x" % (chance.choice(WORDS), chance.getrandbits(20)) if chance.random() < 0.3 else chance.choice(WORDS)
              for _ in range(size // 6)]  # fmt: skip
    return b" ".join(pieces)[:size]


def captures(found: list[bytes]) -> Iterator[tuple[str, str, bytes]]:
    """Address, type and body, without end."""
    chance = random.Random(1)  # noqa: S311 # the same collection each time
    stock = text(chance, 2_000_000)
    for number in range(sys.maxsize):
        yield f"{SITE}/{number}", "text/html; charset=utf-8", found[number % len(found)]
        for one in range(25):
            yield f"{SITE}/{number}/{one}.jpg", "image/jpeg", chance.randbytes(chance.randrange(8_000, 62_000))
        for kind, count, most, suffix in (("application/javascript", 12, 98_000, "js"), ("text/css", 3, 38_000, "css")):
            for one in range(count):
                at = chance.randrange(len(stock) - most)
                yield f"{SITE}/{number}/{one}.{suffix}", kind, stock[at : at + chance.randrange(10_000, most)]


def write(path: Path, size: int, found: list[bytes]) -> tuple[int, int]:
    """A collection of at least `size` bytes; how many pages, and how many bytes of HTML, are in it."""
    count = html = 0
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for url, kind, body in captures(found):
            if file.tell() >= size:
                break
            answer = StatusAndHeaders(
                "200 OK", [("Content-Type", kind), ("Content-Length", str(len(body)))], protocol="HTTP/1.1"
            )
            asked = StatusAndHeaders(f"GET {url.removeprefix(SITE)} HTTP/1.1", [("Host", "news.example")], is_http_request=True)
            writer.write_record(writer.create_warc_record(url, "response", payload=io.BytesIO(body), http_headers=answer))
            writer.write_record(writer.create_warc_record(url, "request", payload=io.BytesIO(), http_headers=asked))
            if kind.startswith("text/html"):
                count, html = count + 1, html + len(body)
    return count, html


RUN = """
import json, resource, subprocess, sys
done = subprocess.run(json.loads(sys.argv[1]), stdout=subprocess.PIPE)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([done.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss, done.stdout.count(b"\\n")]))
"""


def measured(command: list[str]) -> tuple[float, float, int]:
    """Processor seconds, peak memory in MB, and the lines that were printed."""
    done = subprocess.run([sys.executable, "-c", RUN, json.dumps(command)], capture_output=True, check=True, cwd=PROJECT)
    status, seconds, peak, lines = json.loads(done.stdout)
    if status not in (0, 1):
        sys.exit(f"{command} ended with {status}: {done.stderr.decode()[-500:]}")
    return seconds, peak / (1e6 if sys.platform == "darwin" else 1e3), lines


def main() -> int:
    sizes = sorted(int(argument) for argument in sys.argv[1:]) or [100, 400]
    found, peaks, slow = pages(), [], False
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "collection.warc.gz"
            count, html = write(path, size * 1_000_000, found)
            commands = {
                "archiver find --json": [sys.executable, "-m", "archiver", "find", "--json", os.fspath(path)],
                "warcio index": [sys.executable, "-m", "warcio.cli", "index", os.fspath(path)],
            }
            runs = {name: [] for name in commands}  # type: dict[str, list[tuple[float, float, int]]]
            for _ in range(ROUNDS):
                for name, command in commands.items():
                    runs[name].append(measured(command))
        print(f"{size} MB: {count} pages with {html / 1e6:.0f} MB of HTML, among {runs['warcio index'][0][2]} records")
        seconds = {name: statistics.median(run[0] for run in each) for name, each in runs.items()}
        for name, each in runs.items():
            peak = statistics.median(run[1] for run in each)
            speed = seconds["warcio index"] / seconds[name]
            print(f"  {name:22} {seconds[name]:8.2f} s {size / seconds[name]:8.1f} MB/s {speed:6.2f} x  peak {peak:6.1f} MB")
        print(f"  {runs['archiver find --json'][0][2]} embeds")
        slow |= seconds["warcio index"] / seconds["archiver find --json"] < LEAST
        peaks.append(statistics.median(run[1] for run in runs["archiver find --json"]))
    return int(slow or peaks[-1] > MOST_GROWTH * peaks[0])


if __name__ == "__main__":
    sys.exit(main())
