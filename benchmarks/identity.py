"""Which post is it? Right and wrong identities over made-up articles among decoys: by kind, by rung, and over thresholds.

    python benchmarks/identity.py [--curve]

The articles and the web that answers for them are those of `tests/decoys.py`; each goes through `save` as it is. Prints tables
in Markdown; exits with 1 where an identity is wrong at the threshold in force. `--curve` runs all of it at other thresholds.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from archiver import pipeline
from archiver.capture import pace
from archiver.identity import confidence
from archiver.model import Outcome, Rung
from archiver.settings import Settings
from tests.decoys import BEYOND, Web, World, world

CURVE = (0.3, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.99)


def outcomes(made: World, threshold: float) -> dict[str, Outcome]:
    """What `save` says of each case, at that threshold."""
    confidence.THRESHOLD = threshold
    pace.PACES.clear()  # no archive is asked: a made-up one answers, from memory
    with tempfile.TemporaryDirectory() as folder:
        made.write(Path(folder) / "articles")
        settings = Settings(archive=Path(folder) / "archive", article_media=False, pace_seconds=0, tries=1)
        events = pipeline.save([str(Path(folder) / "articles")], settings, Web(made))
        return {Path(one.embed.article).name: one for one in events if isinstance(one, Outcome)}


def judged(made: World, found: dict[str, Outcome]) -> tuple[Counter[str], Counter[str], Counter[Rung]]:
    """Right and wrong identities by kind of case, and the right ones by rung."""
    right, wrong, rungs = Counter[str](), Counter[str](), Counter[Rung]()
    for case in made.cases:
        outcome = found[case.name]
        if outcome.post_id is None:
            continue
        (right if outcome.post_id == case.truth else wrong)[case.kind] += 1
        if outcome.post_id == case.truth and outcome.rung is not None:
            rungs[outcome.rung] += 1
    return right, wrong, rungs


def main() -> int:
    made, threshold = world(), confidence.THRESHOLD
    began = time.perf_counter()
    right, wrong, rungs = judged(made, outcomes(made, threshold))
    took = time.perf_counter() - began
    kinds = Counter(case.kind for case in made.cases)
    told = Counter(case.kind for case in made.cases if case.truth is not None)
    print(f"{len(made.cases)} cases, threshold {threshold}.")
    print(f"{right.total()} right of {told.total()} that can be told, {wrong.total()} wrong.")
    print("\n| Kind of case | Cases | Right | Wrong |\n|---|---|---|---|")
    for kind, number in kinds.items():
        print(f"| {kind} | {number} | {right[kind] if kind in told else 'none can be'} | {wrong[kind]} |")
    print("\n| Rung | Right |\n|---|---|")
    for rung in Rung:
        print(f"| `{rung}` | {rungs[rung]} |")
    beyond = world(kinds=BEYOND)
    _, wrong_beyond, _ = judged(beyond, outcomes(beyond, threshold))
    print("\n| What no evidence tells apart | Cases | Wrong |\n|---|---|---|")
    for kind, number in Counter(case.kind for case in beyond.cases).items():
        print(f"| {kind} | {number} | {wrong_beyond[kind]} |")
    if "--curve" in sys.argv:
        print("\n| Threshold | Right | Wrong |\n|---|---|---|")
        for other in CURVE:
            right_at, wrong_at, _ = judged(made, outcomes(made, other))
            print(f"| {other} | {right_at.total()} | {wrong_at.total()} |")
    print(f"\n{took:.1f} s a run", file=sys.stderr)
    return int(wrong.total() > 0)


if __name__ == "__main__":
    sys.exit(main())
