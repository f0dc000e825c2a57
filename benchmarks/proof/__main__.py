"""Run the proofs, and print what was measured beside what is aimed at.

    python -m benchmarks.proof [--only kill,flip,…] [--short] [--folder DIR]

A line of JSON a proof as it ends, then the table. Exits with 1 where a target is missed. --short: the sample that the tests
run. --folder: where archives are made; /dev/shm where there is one, for a kill tells nothing of the disk and a tmpfs is
fast. POSIX only; what needs strace or the right to mount is skipped without it, and says so.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.proof import words
from benchmarks.proof.result import Result
from benchmarks.proof.work import MEMORY

PROOFS = ("kill", "syscalls", "power", "flip", "tamper", "twenty", "full", "words", "speed", "million")


def prove(name: str, folder: Path, *, short: bool) -> Result:
    """One proof, in a folder of its own below `folder`."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"proof-{name}-", dir=folder) as place:
        if name == "words":
            result = _words(words.run(short))
        else:
            result = importlib.import_module(f"benchmarks.proof.{name}").run(short, Path(place))
    return replace(result, figures={**result.figures, "seconds": round(time.monotonic() - begun, 1)})


def _words(found: dict[str, Any]) -> Result:
    measured = (
        f"{found['violations']} in {found['bytes']:,} bytes that {len(found['written_out'])} forms of commands printed of"
        f" {found['strings']:,} strings, and in {found['warc_records']:,} WARC records"
    )
    target = "10,000 generated strings through every command's output: 0 control or direction characters"
    return Result("words", target, measured, not found["violations"], found)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PROOFS), help="which, by name, with commas between")
    parser.add_argument("--short", action="store_true", help="a sample of each")
    parser.add_argument("--folder", type=Path, default=MEMORY if MEMORY.is_dir() else None, help="where archives are made")
    told = parser.parse_args()
    names = told.only.split(",")
    if unknown := sorted(set(names) - set(PROOFS)):
        parser.error(f"no such proof: {', '.join(unknown)}; there are {', '.join(PROOFS)}")
    results = []
    for name in names:
        results.append(prove(name, told.folder, short=told.short))
        print(json.dumps(results[-1].line()), flush=True)
    print(table(results))
    return int(any(result.met is False for result in results))


def table(results: list[Result]) -> str:
    """The results in Markdown."""
    said = {True: "yes", False: "**no**", None: "not tried"}
    rows = [f"| `{one.name}` | {one.target} | {one.measured} | {said[one.met]} |" for one in results]
    return "\n".join(["| Proof | Target | Measured | Met |", "|---|---|---|---|", *rows])


if __name__ == "__main__":
    sys.exit(main())
