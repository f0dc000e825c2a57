"""Recall and precision on real pages, when they are there: they belong to their publishers and are no part of the project."""

from __future__ import annotations

import importlib.util
import json
from collections import defaultdict
from importlib.machinery import SourceFileLoader
from typing import Any

import pytest

import archiver
from archiver.lines import find_line
from tests.conftest import SHARED

CORPUS = SHARED / "corpus"

# Where what was written down of a page is wrong. The page has four empty places for Instagram posts, and the data in its line 60
# (`state.Articles.fullArticles…components[5, 10, 15, 20].props.instagramUrl`) names the four posts that go there, behind the words
# that the page has before each place.
MENDED = {
    "scrapinghub+article-extraction-benchmark/html/7dfc3e359d7c0ca48ac9046ae5759286cedf80abe7526fc6c6e6546b9ba43e33.html": [
        {"platform": "instagram", "form": "placeholder-and-data", "id_or_url": f"https://www.instagram.com/p/{code}/"}
        for code in ("B5B99aopdd-", "B4xfuBLp8w3", "B3VkzglJ4ae", "B45zNU2pv8G")
    ]
}

# And what was not written down of two, by handle: what Instagram's embed code says until it is drawn, "View this post on Instagram
# A post shared by …". The score cannot tell such posts, which have neither words nor day nor link, so they are looked at here.
NOT_WRITTEN_DOWN = {
    "gv/gv_eo_2018-06-2893.md": {149: "durf"},
    "gv/gv_eo_2020-10-9605.md": {41: "lulydibuja", 79: "panos.zacharis"},
}


@pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared is not here")
def test_recall_and_precision_do_not_fall() -> None:
    loader = SourceFileLoader("score", str(CORPUS / "score"))
    spec = importlib.util.spec_from_loader("score", loader)
    assert spec is not None
    score: Any = importlib.util.module_from_spec(spec)
    loader.exec_module(score)
    truth = [json.loads(line) for line in (CORPUS / "truth.jsonl").read_text("utf-8").splitlines() if line.strip()]
    lines = defaultdict(list)
    for row in truth:
        # Some pages' names end in something else than .html; they are HTML all the same.
        for embed in archiver.find_embeds(page(row["file"])):
            lines[row["file"]].append(find_line(embed))
    mended = [row | ({"embeds": MENDED[row["file"]]} if row["file"] in MENDED else {}) for row in truth]
    written_down = dict(lines)
    for file, lost in NOT_WRITTEN_DOWN.items():
        assert {line["line"]: line["handle"] for line in lines[file] if line["platform"] == "instagram"} == lost
        written_down[file] = [line for line in lines[file] if line["platform"] != "instagram"]
    rows = score.score(mended, written_down)
    wrong = [row for row in rows if row[0] != "hit"]
    *_, recall, precision, _ = score.figures(rows)
    assert recall >= 0.98, wrong
    assert precision >= 0.99, wrong
    assert len(truth) - len({row[2] for row in wrong}) >= 118
    *_, recall, precision, _ = score.figures(score.score(truth, lines))
    assert (recall, precision) >= (0.98, 0.97)


def page(name: str) -> str:
    return str(CORPUS / "pages" / name)
