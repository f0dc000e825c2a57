"""What is found in an article, through `find --json` and `archiver.find_embeds`."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import archiver
from archiver.lines import find_line
from tests.conftest import ARTICLE, HTML_ARTICLE, PROJECT, QUOTED, WEB, Cli


def test_the_seed_field_by_field(cli: Cli, seed: Path) -> None:
    result = cli("find", "--json", seed)
    first, second = result.lines
    assert (result.status, result.err) == (0, "")
    assert list(first) == [
        "article", "position", "line", "platform", "form", "post_id", "url", "author", "handle", "posted", "text", "links",
        "column", "path", "evidence",
    ]  # fmt: skip
    assert (first["article"], first["position"], second["position"]) == (str(seed), 1, 2)
    assert (first["platform"], first["author"], first["handle"]) == ("twitter", "Hanna Liubakova", "HannaLiubakova")
    assert (first["posted"], first["post_id"], first["url"]) == ("2020-08-14", None, None)
    assert first["links"] == ["https://pic.twitter.com/ncfDTgE1ER"]
    assert " 20 workers at two main plants, " in first["text"]
    assert first["text"].startswith("A last-minute blunder: #Lukashenko said")
    assert first["text"].endswith("demanding free elections pic.twitter.com/ncfDTgE1ER")
    assert (second["platform"], second["author"], second["handle"]) == ("twitter", "TUT.BY", "tutby")
    assert (second["posted"], second["post_id"], second["url"]) == ("2020-08-14", None, None)
    assert second["links"] == ["https://t.co/SAPdczGoiG", "https://pic.twitter.com/vDMk37H5B4"]
    assert second["text"].startswith("Гродно. ")
    assert "https://t.co/SAPdczGoiG pic.twitter.com/vDMk37H5B4" in second["text"]
    lines = seed.read_text("utf-8").split("\n")
    assert [lines[line["line"] - 1] for line in (first, second)] == ["**Embed:**", "### **Embed:**"]


def test_what_the_seed_says_of_itself(seed: Path) -> None:
    from archiver import articles

    facts = articles.facts(next(articles.read(str(seed), 1_000_000)))
    assert facts.title == "Belarus Factory Workers Hold Mass Walkouts to Back Opposition"
    assert (facts.byline, str(facts.published), facts.credits) == ("AFP", "2020-08-14", ("Sergei Gapon / AFP",))
    assert facts.url is not None
    assert facts.url.startswith("https://www.themoscowtimes.com/2020/08/14/belarus-")


def test_the_bundled_article_has_the_seeds_quirks(cli: Cli, seed: Path) -> None:
    ours, theirs = cli("find", "--json", ARTICLE).lines, cli("find", "--json", seed).lines
    same = ("position", "platform", "form", "author", "handle", "posted", "links", "post_id", "url")
    assert [[line[name] for name in same] for line in ours] == [[line[name] for name in same] for line in theirs]
    assert {line["text"] for line in ours}.isdisjoint({line["text"] for line in theirs})


def test_html_gives_the_permalink_and_the_line(cli: Cli) -> None:
    (line,) = cli("find", "--json", HTML_ARTICLE).lines
    assert (line["post_id"], line["url"]) == ("1294237906668703747", "https://x.com/i/status/1294237906668703747")
    assert (line["handle"], line["posted"], line["form"]) == ("HannaLiubakova", "2020-08-14", "html-blockquote")
    assert "<blockquote" in HTML_ARTICLE.read_text("utf-8").splitlines()[line["line"] - 1]
    assert line["text"].endswith("it wants a fair vote pic.twitter.com/ncfDTgE1ER")
    assert QUOTED not in str(line)  # the prose only links to that one


def test_python_gives_the_same_as_the_command_line(cli: Cli) -> None:
    for source in (ARTICLE, HTML_ARTICLE):
        assert [find_line(embed) for embed in archiver.find_embeds(source)] == cli("find", "--json", source).lines


def test_standard_input(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    for source in (ARTICLE, HTML_ARTICLE):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(source.read_bytes())))
        piped, named = cli("find", "--json", "-").lines, cli("find", "--json", source).lines
        assert [{**line, "article": ""} for line in piped] == [{**line, "article": ""} for line in named]


def test_tables_are_for_people_and_json_is_alone(cli: Cli) -> None:
    shown = cli("find", ARTICLE)
    assert "Hanna Liubakova" in shown.out
    assert "Stand-in Story" in shown.out
    assert "\x1b" not in shown.out


@dataclass(frozen=True)
class Form:
    """A piece of Markdown, and what should be found in it: (form, handle, day, post id, text)."""

    name: str
    text: str
    found: tuple[tuple[str, str | None, str | None, str | None, str], ...]


SIGNED = "— A. Person (@a_person) [May 3, 2021](https://twitter.com/a_person/status/1389000000000000000?s=20)"
FORMS = (
    Form("a quote that is signed", f"> Some words\n> in two lines\n>\n> {SIGNED}\n", (("markdown-quote", "a_person", "2021-05-03", "1389000000000000000", "Some words in two lines"),)),
    Form("a quote of somebody who is no account", "> To be or not\n> — Hamlet, Prince of Denmark\n", ()),
    Form("a quote of somebody who has an account", "> To be or not\n> — Hamlet (@hamlet)\n", ()),
    Form("a marker over a quote", f"**Embed:**\n\n> Words\n\n{SIGNED}\n", (("markdown-marker", "a_person", "2021-05-03", "1389000000000000000", "Words"),)),
    Form("a plain marker", f"Embed:\n\nWords here\n{SIGNED}\n", (("markdown-marker", "a_person", "2021-05-03", "1389000000000000000", "Words here"),)),
    Form("a marker over an address alone", "## Embed\n\n<https://x.com/a_person/status/1389000000000000000>\n", (("markdown-marker-permalink", "a_person", None, "1389000000000000000", ""),)),
    Form("a marker over nothing", "**Embed:**\n\nJust a paragraph.\n\n# Next\n", ()),
    Form("a marker does not reach over the next heading", f"**Embed:**\n\nA paragraph.\n\n# Next\n\nMore\n\n{SIGNED}\n", (("markdown-signed", "a_person", "2021-05-03", "1389000000000000000", "More"),)),
    Form("two under one marker each", f"**Embed:**\n\nOne\n\n{SIGNED}\n\n**Embed:**\n\nTwo\n\n– B (@b) [2 June 2021](#)\n", (("markdown-marker", "a_person", "2021-05-03", "1389000000000000000", "One"), ("markdown-marker", "b", "2021-06-02", None, "Two"))),
    Form("fenced code is a sample", f"```\n**Embed:**\n\nWords\n\n{SIGNED}\n```\n", ()),
    Form("a mention in prose", "He said so [on Twitter](https://twitter.com/a/status/1389000000000000000).\n", ()),
    Form("escapes and entities", "**Embed:**\n\nsnake\\_case &amp; 5 \\* 3 **bold**\n\n— P (@p) [May 3, 2021](#)\n", (("markdown-marker", "p", "2021-05-03", None, "snake_case & 5 * 3 bold"),)),
    Form("a short link that is only text", "**Embed:**\n\nLook [pic.twitter.com/AbCdEf1234](#)\n\n— P (@p) [May 3, 2021](#)\n", (("markdown-marker", "p", "2021-05-03", None, "Look pic.twitter.com/AbCdEf1234"),)),
    Form("HTML left in Markdown", '# T\n\n<blockquote class="twitter-tweet"><p>Hi<br>there</p>&mdash; P (@p) <a href="https://twitter.com/p/status/1389000000000000000">May 3, 2021</a></blockquote>\n\nText\n', (("html-blockquote", "p", "2021-05-03", "1389000000000000000", "Hi there"),)),
    Form("a reply's block links to others first", '<blockquote class="twitter-tweet"><p><a href="https://twitter.com/o/status/1380000000000000000">x</a></p>&mdash; P (@p) <a href="https://twitter.com/p/status/1389000000000000000">May 3, 2021</a></blockquote>', (("html-blockquote", "p", "2021-05-03", "1389000000000000000", "x"),)),
    Form("a day in another language", "**Embed:**\n\nПривет pic.twitter.com/AbCdEf1234\n\n— P (@p) [14 августа 2020](#)\n", (("markdown-marker", "p", "2020-08-14", None, "Привет pic.twitter.com/AbCdEf1234"),)),
)  # fmt: skip


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_forms_of_markdown(form: Form, newline: str, tmp_path: Path) -> None:
    path = tmp_path / "article.md"
    path.write_bytes(form.text.replace("\n", newline).encode())
    found = [
        (e.form, e.handle, e.posted.isoformat() if e.posted else None, e.ref.post_id if e.ref else None, e.text)
        for e in archiver.find_embeds(path)
    ]
    assert tuple(found) == form.found


def test_finding_imports_no_http_client_and_no_parser(seed: Path) -> None:
    code = "import sys, archiver; archiver.find_embeds(sys.argv[1]); print(sorted({'httpx', 'httpcore', 'bs4', 'sqlite3', 'rich', 'warcio'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code, str(seed)], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert done.stdout.strip() == "[]"


def test_an_address_is_read_from_the_archive_and_never_fetched(cli: Cli, archive: Path, web: Path) -> None:
    url = "https://news.example/kept.html"
    refused = cli("find", url, "--archive", archive)
    assert refused.status == 2
    assert "archiver save https://news.example/kept.html" in refused.err
    page = f"GET {url}\n\nHTTP/1.1 200 OK\nContent-Type: text/html\n\n".encode() + HTML_ARTICLE.read_bytes()
    (web / "page.http").write_bytes(page)
    assert cli("save", url, "--archive", archive, "--fixtures", web, "--offline").status == 0
    (line,) = cli("find", "--json", url, "--archive", archive).lines
    assert (line["article"], line["post_id"]) == (url, "1294237906668703747")


def test_the_bundled_web_is_not_asked(cli: Cli) -> None:
    assert cli("find", "--json", ARTICLE).lines[0]["post_id"] is None
    assert WEB.is_dir()


def test_an_element_whose_name_css_cannot_say(tmp_path: Path) -> None:
    """The fuzzer's: a letter that is one to Python and none to CSS."""
    (tmp_path / "a.html").write_text('<p²ᵃ data-url="https://www.youtube.com/shorts/Hh7_dK2x-9A"></p²ᵃ>', "utf-8")
    (embed,) = archiver.find_embeds(tmp_path / "a.html")
    assert (embed.platform, embed.line, embed.column) == ("youtube", 1, 1)
