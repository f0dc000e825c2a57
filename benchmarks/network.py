"""From addresses to WARC, beside wget and requests with warcio's capture_http, in turn, process start included.

    python benchmarks/network.py [URLS] [ROUNDS] [MIB]

A server on loopback (benchmarks/server.py) gives 12 kB of text four times in five, 40 kB of a picture else. Prints, as the
median of the rounds: wall and processor time for each URL and the ratios; what 50 hosts side by side cost beside 5; and for one
body of MIB mebibytes the largest memory and what was written. Exits with 1 where a ratio is below its aim. Linux or macOS; wget
and curl are compared where they are installed, requests too.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
AIMS = {"wget": 1.3, "requests": 2.0}
BATCH = 50


# What is measured: each runs in a process of its own ---------------------------------------------------------------------


def ours(urls: list[str], out: Path) -> None:
    """The capture and the WARC rooms: exact bytes, guarded, digests, compression, one fsync for every BATCH exchanges."""
    from archiver.model import Origin
    from archiver.warc import record
    from archiver.warc.segment import Segment

    asking = _recorder(urls[0])
    opening = record.warcinfo(out.name, Origin.LIVE, "benchmark", "benchmark", datetime.now(UTC), "ignore", "")
    segment = Segment(out, Origin.LIVE, opening)
    records: list[record.Record] = []
    for number, url in enumerate(urls, 1):
        records += record.exchange(asking.fetch(url))
        if number % BATCH == 0 or number == len(urls):
            segment.write(segment.batch(records))
            records.clear()
    segment.seal()
    asking.close()


def archive(urls: list[str], out: Path) -> None:
    """The whole of it: each exchange on the disk and in the index before the next one is asked for; a large one spilled."""
    from archiver.archive import open_for_writing
    from archiver.model import Purpose, RunFacts

    with open_for_writing(out, user_agent="benchmark") as opened:
        opened.begin_run(RunFacts("save", "benchmark", "benchmark"))
        asking = _recorder(urls[0], spill=opened.spill, max_body_bytes=1 << 40)
        for url in urls:
            opened.keep(asking.fetch(url), Purpose.ARTICLE)
        asking.close()


def side_by_side(urls: list[str], _: Path) -> None:
    """As many threads as a run has, each at one host at a time; prints the seconds they took together."""
    from archiver.model import Exchange
    from archiver.settings import Settings

    hosts: dict[str, list[str]] = {}
    for url in urls:
        hosts.setdefault(url.split("/")[2], []).append(url)
    asking = _recorder(urls[0])
    got: list[Exchange] = []
    start = time.perf_counter()
    with ThreadPoolExecutor(Settings().concurrency) as threads:
        for those in threads.map(lambda those: [asking.fetch(url) for url in those], hosts.values()):
            got += those
    print(time.perf_counter() - start)
    if len(got) != len(urls):
        raise SystemExit(f"{len(got)} of {len(urls)}")


def with_capture_http(urls: list[str], out: Path) -> None:
    """requests, recorded by warcio as its documentation shows it."""
    from warcio.capture_http import capture_http  # isort: skip (before requests: it replaces http.client's connection)
    import requests

    session = requests.Session()
    with capture_http(str(out)):
        for url in urls:
            _ = session.get(url).content


def _recorder(url: str, **more: object) -> Recorder:  # type: ignore[name-defined]  # noqa: F821
    from archiver.capture.guard import Door, allowance
    from archiver.capture.live import LiveTransport
    from archiver.capture.recorder import Recorder

    port = url.split("/")[2].partition(":")[2]
    settings: dict[str, object] = {"user_agent": "benchmark", "max_body_bytes": 1 << 30, **more}
    return Recorder(LiveTransport(Door([allowance(f"127.0.0.0/8:{port}")])), **settings)  # type: ignore[arg-type]


WORKS: dict[str, Callable[[list[str], Path], None]] = {
    "ours": ours,
    "archive": archive,
    "side-by-side": side_by_side,
    "requests": with_capture_http,
}


# Measuring ---------------------------------------------------------------------------------------------------------------


class Spent:
    """What one process took: wall and processor seconds, the most memory it had in bytes, and what it printed."""

    def __init__(self, command: list[str]) -> None:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout is not None  # noqa: S101
        self.out = process.stdout.read().decode()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.wall = time.perf_counter() - start
        self.processor = used.ru_utime + used.ru_stime
        self.memory = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        self.written = used.ru_oublock * 512
        if process.returncode:
            error = process.stderr.read().decode() if process.stderr else ""
            raise SystemExit(f"{' '.join(command)[:200]}: {process.returncode}\n{error}")


@contextmanager
def server(numbers: int) -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, str(PROJECT / "benchmarks" / "server.py"), str(numbers)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None  # noqa: S101
    try:
        port = int(process.stdout.readline())
        yield port
    finally:
        process.terminate()
        process.wait()


def commands(listed: Path, folder: Path) -> dict[str, list[str]]:
    """What is compared, by name; what is not installed is said and left out."""
    me = [sys.executable, str(Path(__file__).resolve())]
    found = {"ours": [*me, "--run", "ours", str(listed), str(folder / "ours.warc.gz")]}
    if shutil.which("wget"):
        found["wget"] = ["wget", "-q", "-i", str(listed), "-O", os.devnull, f"--warc-file={folder / 'wget'}"]
    if importlib.util.find_spec("requests"):
        found["requests"] = [*me, "--run", "requests", str(listed), str(folder / "requests.warc.gz")]
    if shutil.which("curl"):
        config = folder / "curl.txt"
        config.write_text("".join(f'url = "{url}"\noutput = "{os.devnull}"\n' for url in listed.read_text().split()))
        found["curl, nothing kept"] = ["curl", "-s", "-K", str(config)]
    found["archive and index"] = [*me, "--run", "archive", str(listed), str(folder / "archive")]
    for name in ("wget", "requests", "curl, nothing kept"):
        if name not in found:
            print(f"{name} is not installed: not compared")
    return found


def clear(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.suffix != ".txt":
            path.unlink()


def many(port: int, urls: int, rounds: int, folder: Path) -> bool:
    """Many small answers. True where the aims are met."""
    listed = folder / "urls.txt"
    addresses = [f"http://127.0.0.1:{port}/{'image' if n % 5 == 0 else 'text'}/{n}" for n in range(urls)]
    listed.write_text("\n".join(addresses) + "\n")
    spent: dict[str, list[Spent]] = {}
    for _ in range(rounds):
        for name, command in commands(listed, folder).items():
            clear(folder)
            spent.setdefault(name, []).append(Spent(command))
    print(f"{urls} URLs, median of {rounds} rounds")
    met = True
    for name, all_spent in spent.items():
        wall, processor = (statistics.median(getattr(one, what) for one in all_spent) for what in ("wall", "processor"))
        ratio = statistics.median(theirs.wall / mine.wall for theirs, mine in zip(all_spent, spent["ours"], strict=True))
        print(
            f"  {name:20} {urls / wall:8.0f} URLs/s {1e6 * processor / urls:8.0f} µs of processor a URL"
            f" {ratio:8.2f} x ours' time"
        )
        met = met and (name not in AIMS or ratio >= AIMS[name])
    return met


def large(port: int, mebibytes: int, folder: Path) -> bool:
    """One large answer. True where memory stays below 64 MiB."""
    listed = folder / "large.txt"
    listed.write_text(f"http://127.0.0.1:{port}/large/{mebibytes}\n")
    print(f"one body of {mebibytes} MiB")
    found = commands(listed, folder)
    most = 0
    for name in ("archive and index", "wget"):
        if name in found:
            clear(folder)
            spent = Spent(found[name])
            kept = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20
            memory, written = spent.memory / 2**20, spent.written / 2**20
            print(
                f"  {name:20} {spent.wall:8.1f} s {spent.processor:8.1f} s of processor"
                f" {memory:8.0f} MiB of memory {written:8.0f} MiB written {kept:8.0f} MiB kept"
            )
            most = spent.memory if name != "wget" else most
    clear(folder)
    return bool(most < 64 * 2**20)


def hosts(port: int, urls: int, rounds: int, folder: Path) -> bool:
    """50 hosts side by side, beside 5. True where a URL takes no longer."""
    seconds: dict[int, list[float]] = {5: [], 50: []}
    processor: dict[int, list[float]] = {5: [], 50: []}
    listed = folder / "hosts.txt"
    for _ in range(rounds):
        for number, found in seconds.items():
            listed.write_text("".join(f"http://127.0.0.{1 + n % number}:{port}/text/{n}\n" for n in range(urls)))
            command = [sys.executable, str(Path(__file__).resolve()), "--run", "side-by-side", str(listed), os.devnull]
            spent = Spent(command)
            found.append(float(spent.out))
            processor[number].append(spent.processor)
    ratio = statistics.median(many / few for few, many in zip(*seconds.values(), strict=True))
    for number, found in seconds.items():
        work = statistics.median(processor[number])
        print(
            f"  {number:3} hosts {1e6 * statistics.median(found) / urls:8.0f} µs {1e6 * work / urls:8.0f} µs of processor a URL"
        )
    print(f"  50 hosts take {ratio:.2f} x the time of 5")
    return bool(ratio <= 1.1)


def main() -> int:
    if sys.argv[1:2] == ["--run"]:
        work, listed, out = sys.argv[2:5]
        WORKS[work](Path(listed).read_text().split(), Path(out))
        return 0
    urls, rounds, mebibytes = (int(word) for word in (*sys.argv[1:], *("1250", "5", "1024")[len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory(dir=".") as name, server(urls) as port:
        folder = Path(name).resolve()
        met = [many(port, urls, rounds, folder), hosts(port, urls, rounds, folder), large(port, mebibytes, folder)]
    return int(not all(met))


if __name__ == "__main__":
    sys.exit(main())
