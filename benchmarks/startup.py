"""How long until an answer? Each command in turn with bare Python, and with bare Python that imports click: whole processes.

    python benchmarks/startup.py [RUNS]

Prints a line a command: the median of the processor milliseconds, and the medians of the ratios to either peer. All run with
compiled bytecode, as what is installed does: a first run, which is not counted, writes it. Exits with 1 where `--help` or a
refused argument takes 3 times as long as importing click, or `find --json` on a small article 5 times as long as bare Python.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path

ARTICLES = Path(__file__).resolve().parent.parent / "fixtures" / "articles"
PEERS = {"bare Python": [sys.executable, "-c", "pass"], "importing click": [sys.executable, "-c", "import click"]}
COMMANDS = {
    "--help": ["--help"],
    "refused argument": ["save", "--no-such-option"],
    "find --json, Markdown": ["find", "--json", str(ARTICLES / "walkouts.md")],
    "find --json, HTML": ["find", "--json", str(ARTICLES / "walkouts.html")],
    "find, Markdown": ["find", str(ARTICLES / "walkouts.md")],
}
LIMITS = {
    ("--help", "importing click"): 3,
    ("refused argument", "importing click"): 3,
    ("find --json, Markdown", "bare Python"): 5,
    ("find --json, HTML", "bare Python"): 5,
}
BYTECODE = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
RUN = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime)
"""


def seconds(command: list[str]) -> float:
    done = subprocess.run([sys.executable, "-c", RUN, *command], capture_output=True, check=True, env=BYTECODE)
    return float(done.stdout)


def main() -> int:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    commands = {**PEERS, **{name: [sys.executable, "-m", "archiver", *given] for name, given in COMMANDS.items()}}
    timed: dict[str, list[float]] = {name: [] for name in commands}
    for run in range(runs + 1):
        for name, command in commands.items():
            taken = seconds(command)
            if run:  # the first one writes the bytecode and warms the disk's cache
                timed[name].append(taken)
    print(f"{runs} runs{'':18} {'':12}" + "".join(f"{peer:>18}" for peer in PEERS))
    late = False
    for name, values in timed.items():
        line = f"{name:24} {statistics.median(values) * 1000:7.1f} ms"
        for peer in PEERS:
            ratio = statistics.median(value / base for value, base in zip(values, timed[peer], strict=True))
            late |= ratio >= LIMITS.get((name, peer), ratio + 1)
            line += f"{ratio:16.2f} x"
        print(line)
    return int(late)


if __name__ == "__main__":
    sys.exit(main())
