"""How long until an answer? Each command in turn with bare Python that imports click: whole processes, medians, ratios.

    python benchmarks/startup.py [RUNS]

Prints a line a command; exits with 1 where `--help` or a refused argument takes 3 times as long as the peer, or more.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ARTICLE = str(Path(__file__).resolve().parent.parent / "fixtures" / "articles" / "walkouts.md")
PEER = [sys.executable, "-c", "import click"]
COMMANDS = {
    "--help": ["--help"],
    "refused argument": ["save", "--no-such-option"],
    "find --json": ["find", "--json", ARTICLE],
    "find": ["find", ARTICLE],
}
LIMITED = ("--help", "refused argument")


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, capture_output=True, check=False)
    return time.perf_counter() - start


def main() -> int:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    timed: dict[str, list[float]] = {"bare Python and click": [], **{name: [] for name in COMMANDS}}
    for run in range(runs + 1):
        row = [seconds(PEER)] + [seconds([sys.executable, "-m", "archiver", *arguments]) for arguments in COMMANDS.values()]
        if run:  # the first one warms the disk's cache
            for values, value in zip(timed.values(), row, strict=True):
                values.append(value)
    peer = timed.pop("bare Python and click")
    print(f"{'bare Python and click':24} {statistics.median(peer) * 1000:7.1f} ms  ({runs} runs)")
    late = False
    for name, values in timed.items():
        ratio = statistics.median(value / base for value, base in zip(values, peer, strict=True))
        late |= name in LIMITED and ratio >= 3
        print(f"{name:24} {statistics.median(values) * 1000:7.1f} ms  {ratio:5.2f} x")
    return int(late)


if __name__ == "__main__":
    sys.exit(main())
