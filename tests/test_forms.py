"""Every form of embed, each in a small file of its own: `fixtures/forms/NAME` and beside it `NAME.expected.jsonl`.

A line there is an embed, in order: only the names that it has are compared; `text` is how the words begin, and `evidence_forms`
every form the post was seen in. An empty file: nothing is to be found.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

import archiver
from archiver import articles
from archiver.embeds import html as in_html
from archiver.embeds import markdown as in_markdown
from archiver.errors import SourceError
from archiver.limits import MAX_ARTICLE_BYTES
from archiver.lines import find_line
from archiver.model import Embed
from archiver.platforms import PLATFORMS
from tests.conftest import PROJECT

FOLDER = PROJECT / "fixtures" / "forms"
SUFFIXES = (".html", ".xhtml", ".md", ".mdx", ".mht", ".warc", ".wacz")
PAGES = sorted(path for path in FOLDER.iterdir() if path.suffix in SUFFIXES)
FORMS = in_html.FORMS | in_markdown.FORMS
_STEP = re.compile(r"\.([^.\[\]\s]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]")
_PLACE = re.compile(r"(?P<css>[^@$]*?)(?: comment\((?P<comment>\d+)\))?(?:@(?P<attribute>[^\s$]+))?(?:(?:^|\s)(?P<data>\$.*))?")

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@cache
def found(page: Path) -> tuple[Embed, ...]:
    return tuple(archiver.find_embeds(page))


@cache
def texts(page: Path) -> dict[str, str]:
    """The text of each article in a file, which lines and paths lead into; of a page in a container, as it was decoded."""
    return {article.source: article.text for article in articles.read(str(page), MAX_ARTICLE_BYTES)}


def expected(page: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in page.with_name(page.stem + ".expected.jsonl").read_text("utf-8").splitlines()]


def shown(embed: Embed, names: dict[str, Any]) -> dict[str, Any]:
    """What was found, as an expected line with those names would say it."""
    line = find_line(embed)
    said = {name: line.get(name) for name in names}
    if "text" in names and embed.text.startswith(names["text"]) and (names["text"] or not embed.text):
        said["text"] = names["text"]
    if "evidence_forms" in names:
        said["evidence_forms"] = [one.value for one in embed.evidence if one.method == "form"]
    return said


@every_page
def test_what_is_found(page: Path) -> None:
    wanted = expected(page)
    embeds = found(page)
    briefly = [(embed.platform, embed.ref.post_id if embed.ref else None) for embed in embeds]
    assert briefly == [(line["platform"], line["post_id"]) for line in wanted]
    assert [shown(embed, line) for embed, line in zip(embeds, wanted, strict=True)] == wanted


def test_each_page_says_what_to_expect() -> None:
    names = {path.name for path in FOLDER.iterdir() if not path.name.endswith("_files")}  # of complete-page.html
    assert names == {page.name for page in PAGES} | {page.stem + ".expected.jsonl" for page in PAGES}
    for page in PAGES:
        assert len(page.read_bytes()) < 4_000, f"{page.name}: make it smaller"
        assert page.stem.removeprefix("md-").startswith("no-") == (not expected(page)), page.name


@pytest.mark.parametrize("form", FORMS)
def test_every_form_has_a_page(form: str) -> None:
    shows = [page.name for page in PAGES for embed in found(page) if any(one.value == form for one in embed.evidence)]
    assert shows, f"no page in fixtures/forms/ has an embed of the form {form}"


def test_every_platform_has_a_page() -> None:
    assert {embed.platform for page in PAGES for embed in found(page)} == set(PLATFORMS)


# Where it is ------------------------------------------------------------------------------------------------------------


@every_page
def test_line_and_column_lead_to_it(page: Path) -> None:
    for embed in found(page):
        source = texts(page)[embed.article]
        lines = source.split("\n")
        assert 1 <= embed.line <= len(lines), embed
        rest = lines[embed.line - 1][embed.column - 1 :]
        if embed.path:
            assert _leads_to_place(embed, source), (embed.form, embed.path, f"{embed.line}:{embed.column}", rest[:80])
        else:
            assert page.suffix in (".md", ".mdx"), (embed.form, "has no path")
            assert rest[:1].strip(), (embed.form, "points at a blank")
            assert not embed.text or _near(embed, lines), (embed.form, rest[:80])


def _leads_to_place(embed: Embed, source: str) -> bool:
    """Does what begins at the line and column stand where the path leads? It is marked, and looked for there."""
    offset = sum(len(line) + 1 for line in source.split("\n")[: embed.line - 1]) + embed.column - 1
    opening = re.compile(r"<!--|<[A-Za-z][^\s/>]*").match(source, offset)
    where = place(embed.path.split(" » ", 1)[0])
    if opening is None or (opening[0] == "<!--") != (where.comment > 0):
        return False
    marked = f"{source[: opening.end()]} data-here {source[opening.end() :]}"
    node = _at(marked, where)
    if node is None:
        return False
    return (node.comment_content or "").lstrip().startswith("data-here") if where.comment else "data-here" in node.attributes


def _near(embed: Embed, lines: list[str]) -> bool:
    """Do the words begin where the place says, a marker line or an element's opening aside?"""
    after = " ".join([lines[embed.line - 1][embed.column - 1 :], *lines[embed.line : embed.line + 6]])
    return _bare(embed.text)[:12] in _bare(after)


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", re.sub(r"<[^>]*>", "", html.unescape(text)))


@dataclass(frozen=True)
class Place:
    """A step of a path: the CSS path, which comment of that element, the attribute and the way into its data."""

    css: str
    comment: int
    attribute: str
    data: str


def place(step: str) -> Place:
    parts = _PLACE.fullmatch(step)
    assert parts, step
    return Place(parts["css"], int(parts["comment"] or 0), parts["attribute"] or "", parts["data"] or "")


def _at(code: str, where: Place) -> LexborNode | None:
    """The one element, or the comment in it, that a step leads to."""
    code = in_html.closed(code) if code.startswith("<?xml") else code
    elements = LexborHTMLParser(code).css(where.css) if where.css else []
    assert len(elements) < 2, f"{where.css!r} leads to {len(elements)} elements"
    if not elements or not where.comment:
        return elements[0] if elements else None
    comments, child = [], elements[0].first_child
    while child is not None:
        comments += [child] if child.is_comment_node else []
        child = child.next
    return comments[where.comment - 1] if where.comment <= len(comments) else None


@every_page
def test_the_path_leads_to_it(page: Path) -> None:
    for embed in found(page):
        if page.suffix in (".md", ".mdx") and not embed.path:
            continue
        named = next((one.value for one in embed.evidence if one.method == "place"), None)
        if named is not None:  # an empty place: its path leads to it, and the evidence to where the data names the post
            assert _led_to(texts(page)[embed.article], embed.path)[0].startswith("<div")
        path = named or embed.path
        sources = _led_to(texts(page)[embed.article], path)
        assert any(_holds(source, embed) for source in sources), f"{embed.form}: {path!r} leads to {sources[0][:200]!r}"


def _led_to(text: str, path: str) -> list[str]:
    sources = [text]
    for step in path.split(" » "):
        sources = [inner for source in sources for inner in _followed(source, step)]
        assert sources, f"{step!r} of {path!r} leads nowhere"
    return sources


def _followed(source: str, step: str) -> Iterator[str]:
    """What a step leads to, in some code: an element's own code, an attribute's value, or what its data has at that place."""
    where = place(step)
    for code in _readings(source):
        node = _at(code, where)
        if node is None:
            continue
        if where.comment:
            values = [node.comment_content or ""]
        elif where.attribute:
            values = [node.attributes.get(where.attribute) or ""]
        elif where.data:
            values = [node.text() or ""]
        else:
            values = [node.html or "", *_within(node)]
        yield from (inner for value in values for inner in (_in_data(value, where.data) if where.data else (value,)))


def _within(element: LexborNode) -> Iterator[str]:
    """What an element keeps for later: its text, and what a template holds."""
    yield element.text() or ""
    if element.tag == "template":
        yield from (fragment.html or "" for fragment in element.template_fragments())


def _readings(code: str) -> Iterator[str]:
    """Some code as it stands, and with up to three layers of escaping taken off."""
    for _ in range(4):
        yield code
        for taken_off in (
            html.unescape(code),
            unquote(code),
            _from_base64(code),
            code.replace("\\u003c", "<").replace('\\"', '"').replace("\\/", "/"),
        ):
            if taken_off != code:
                code = taken_off
                break
        else:
            return


def _from_base64(code: str) -> str:
    """The text that some base64 holds; the code itself where it is none."""
    with suppress(ValueError):
        if len(code.strip()) >= 40:
            return base64.b64decode(code.strip(), validate=True).decode("utf-8")
    return code


def _in_data(text: str, path: str) -> Iterator[str]:
    """What JSON in a text has at a path; the path of JSON within JSON begins with `$` again."""
    first, _, rest = path.partition(" $")
    for data in _documents(text):
        value = data
        for name, number, quoted in _STEP.findall(first.removeprefix("$")):
            key: Any = int(number) if number else (name or quoted.replace("\\'", "'"))
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                break
        else:
            if rest:
                yield from _in_data(str(value), "$" + rest)
            elif isinstance(value, str | int):
                yield str(value)


def _documents(text: str) -> Iterator[Any]:
    """The JSON in a text, in what a script assigns or calls with, and in its string literals."""
    decoder = json.JSONDecoder()
    for opening in re.finditer(r"[\[{\"]", text):
        try:
            data, _ = decoder.raw_decode(text, opening.start())
        except ValueError:
            continue
        yield data
        if isinstance(data, str) and ("{" in data or "[" in data):
            yield from _documents(data)


def _holds(code: str, embed: Embed) -> bool:
    """Does some code hold what the embed is known by: every part of its id, or the beginning of its words?"""
    for reading in _readings(code):
        if embed.ref is None:
            known = _bare(embed.text)[:12] in _bare(reading)
        else:
            pieces = re.findall(r"[A-Za-z0-9]{2,}", embed.ref.post_id.rpartition("/")[2])
            known = all(piece in reading for piece in pieces)
        if known:
            return True
    return False


def test_a_folder_has_each_file_once() -> None:
    """What belongs to a page, `complete-page_files/`, holds no articles."""
    told: list[SourceError] = []
    sources = [article.source for article in articles.read(str(FOLDER), MAX_ARTICLE_BYTES, told.append)]
    assert told == []
    assert sorted({source.partition("#")[0] for source in sources}) == sorted(str(page) for page in PAGES)
