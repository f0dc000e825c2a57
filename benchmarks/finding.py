"""How fast is finding? Beside merely parsing the same pages with BeautifulSoup and html.parser, page by page in turn.

    python benchmarks/finding.py [FOLDER] [ROUNDS]

FOLDER holds saved pages; without one, those of ../shared/corpus/pages are read where they are, else fixtures/forms. Prints the
processor seconds of both and their ratio; goose3's extraction too, where it is installed, and what lexbor takes to parse alone,
which is what there is to be had. Ours is the whole of `find`: read, decode, parse, find, claims. A first round warms all up and
is not counted. Exits with 1 where finding is not 10 times as fast as the parsing, or not 30 times as fast as goose3.
"""

from __future__ import annotations

import gc
import importlib
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from bs4 import BeautifulSoup
from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

import archiver

PROJECT = Path(__file__).resolve().parent.parent
LEAST = {"BeautifulSoup(page, 'html.parser')": 10.0, "goose3 extraction": 30.0}


def pages(arguments: list[str]) -> list[Path]:
    corpus = PROJECT.parent / "shared" / "corpus" / "pages"
    folder = Path(arguments[0]) if arguments else corpus if corpus.is_dir() else PROJECT / "fixtures" / "forms"
    return sorted(path for path in folder.rglob("*.html") if path.is_file())


def seconds(work: Callable[[Path], object], page: Path) -> float:
    gc.collect()  # what the one before left behind is not charged to this one
    start = time.process_time()
    work(page)
    return time.process_time() - start


def main() -> int:
    warnings.simplefilter("ignore")
    found = pages(sys.argv[1:])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    works: dict[str, Callable[[Path], object]] = {
        "archiver find": archiver.find_embeds,
        "BeautifulSoup(page, 'html.parser')": lambda page: BeautifulSoup(page.read_bytes(), "html.parser"),
        "lexbor, parsing alone": lambda page: LexborHTMLParser(page.read_bytes(), options=LexborDocumentOptions.WO_EVENTS),
    }
    try:
        goose = importlib.import_module("goose3").Goose()
        works["goose3 extraction"] = lambda page: goose.extract(raw_html=page.read_text("utf-8", "replace"))
    except ImportError:
        print("goose3 is not installed: not compared")
    spent = dict.fromkeys(works, 0.0)
    for number in range(rounds + 1):
        for page in found:
            for name, work in works.items():
                taken = seconds(work, page)
                spent[name] += taken if number else 0.0
    size = sum(page.stat().st_size for page in found) * rounds / 1e6
    ours = spent["archiver find"]
    print(f"{len(found)} pages, {size / rounds:.1f} MB, {rounds} rounds")
    for name, taken in spent.items():
        print(f"{name:36} {taken:8.2f} s {size / taken:8.1f} MB/s {taken / ours:8.2f} x")
    slow = [name for name, least in LEAST.items() if name in spent and spent[name] / ours < least]
    for name in slow:
        print(f"not {LEAST[name]:g} times as fast as {name}")
    return int(bool(slow))


if __name__ == "__main__":
    sys.exit(main())
