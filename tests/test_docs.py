"""The documentation is true: what is made from the code is fresh, what is shown is what happens, what is linked is there."""

from __future__ import annotations

import ast
import gzip
import hashlib
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlite_utils import Database

from archiver.anchors.check import Found
from archiver.cli.commands import cli as program
from archiver.embeds import html, markdown
from archiver.model import Availability, Claim, State, Verdict
from archiver.platforms.twitter.ids import syndication_token
from archiver.provenance.schema import MEANING, migrations
from archiver.standins.folder import Folder
from tests.conftest import PROJECT, Cli

PAGES = sorted([PROJECT / "README.md", PROJECT / "CHANGELOG.md", PROJECT / "fixtures/README.md", *PROJECT.glob("docs/*.md")])
GENERATED = [page for page in PAGES if "[[[cog" in page.read_text("utf-8")]
MAIN_JOB = (
    "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/archiver save --offline --fixtures fixtures/web"
    " fixtures/articles/walkouts.md && .venv/bin/archiver show"
)
RUN_TESTS = "python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/python -m pytest"

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def page(name: str) -> str:
    return (PROJECT / name).read_text("utf-8")


def blocks(text: str, language: str) -> list[str]:
    return [found[2] for found in _FENCED.finditer(text) if found[1] == language]


def checked(text: str, mark: str, language: str = "text") -> str:
    """The first block of that language behind `<!-- checked: mark -->`."""
    _, found, behind = text.partition(f"<!-- checked: {mark} -->")
    assert found, f"no block is marked {mark}"
    return blocks(behind, language)[0]


def assert_shows(shown: str, printed: str) -> None:
    """`shown` is in `printed`, where each `…` may stand for anything."""
    pattern = ".*?".join(re.escape(piece) for piece in re.split(r"\s*…\s*|…", shown.strip("\n")))
    if not re.search(pattern, printed, re.DOTALL):
        raise AssertionError(f"the page shows\n{shown}\nbut the program prints\n{printed}")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the fixtures in it, where the test stands: addresses in the pages are as a reader would type them."""
    shutil.copytree(PROJECT / "fixtures", tmp_path / "fixtures")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def archive_of_fixtures(project: Path, cli: Cli) -> Path:
    result = cli("save", "--offline", "--fixtures", "fixtures/web", "fixtures/articles/walkouts.md")
    assert result.status == 0, result.err
    return project / "archives"


# What is made from the code -------------------------------------------------------------------------------------------


def test_generated_parts_are_fresh() -> None:
    assert {path.name for path in GENERATED} >= {"commands.md", "database.md", "fixtures.md", "json-lines.md"}
    command = [sys.executable, "-m", "cogapp", "--check", *(str(path.relative_to(PROJECT)) for path in GENERATED)]
    environment = {**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\nmend with: python -m cogapp -r docs/*.md README.md"


def test_every_command_is_documented() -> None:
    text = page("docs/commands.md")
    for name in program.commands:
        assert f"## archiver {name}\n" in text


def test_every_table_and_column_says_what_it_means() -> None:
    db = Database(memory=True)
    migrations.apply(db)
    tables = {name for name in db.table_names() if not name.startswith("_") and "_fts" not in name}
    assert set(MEANING) == tables
    for name, (what, columns) in MEANING.items():
        assert what, name
        assert list(columns) == [column.name for column in db[name].columns], name
        assert all(columns.values()), name
    db.close()


# Words that machines read ---------------------------------------------------------------------------------------------


def rows_under(heading: str) -> set[str]:
    """What stands in backticks in the first cells of the tables below a heading of json-lines.md."""
    text = page("docs/json-lines.md")
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))


@pytest.mark.parametrize(
    ("heading", "values"), [("State", State), ("Availability", Availability), ("Claim", Claim), ("Evidence", Verdict)]
)
def test_every_value_has_a_row(heading: str, values: type[StrEnum]) -> None:
    rows = rows_under(heading)
    expected = {value.value for value in values}
    assert expected <= rows
    assert heading == "Evidence" or expected == rows


def constants(name: str, position: int) -> set[str]:
    """The texts that the program passes at that place to a function or class of that name."""
    found: set[str] = set()
    for path in (PROJECT / "archiver").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                argument = node.args[position] if len(node.args) > position else None
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    found.add(argument.value)
    return found


def test_every_method_of_evidence_has_a_row() -> None:
    methods = constants("Evidence", 0)
    assert {"permalink", "short-link-target", "id-time"} <= methods
    assert rows_under("Evidence") - {verdict.value for verdict in Verdict} == methods


def test_every_kind_of_damage_has_a_row() -> None:
    kinds = constants("Finding", 0) | constants("_about", 0) | constants("_row", 0)
    assert {"missing", "altered"} <= kinds
    assert kinds <= rows_under("`verify --json`")


def test_everything_that_is_said_of_an_anchor_has_a_row() -> None:
    kinds = {one.value for one in Found}
    assert kinds <= rows_under("`verify --json`")
    assert kinds <= set(re.findall(r"^\| `([^`]+)` \|", page("docs/anchors.md"), re.MULTILINE))


def test_every_reason_of_a_failure_is_listed() -> None:
    section = page("docs/json-lines.md").partition("\n## Failures\n")[2].partition("\n## ")[0]
    reasons = constants("Failure", 1) | constants("CaptureError", 0) | constants("_trouble", 1)
    assert {"gated", "timeout", "rate-limited"} <= reasons
    assert {reason for reason in reasons if f"`{reason}`" not in section} == set()
    assert {stage for stage in constants("Failure", 0) if f"| `{stage}` |" not in section} == set()


def test_every_form_has_a_row() -> None:
    assert rows_under("Forms") == {*markdown.FORMS, *html.FORMS}


# What is shown --------------------------------------------------------------------------------------------------------


def test_the_two_commands() -> None:
    commands = blocks(page("README.md"), "sh")
    assert commands[0].strip() == MAIN_JOB
    assert commands[1].strip() == RUN_TESTS
    assert RUN_TESTS in page(".ci/run").splitlines()


def test_what_the_first_run_prints(project: Path, cli: Cli) -> None:
    saved = cli("save", "--offline", "--fixtures", "fixtures/web", "fixtures/articles/walkouts.md")
    assert saved.status == 0
    assert_shows(checked(page("README.md"), "save"), saved.out)
    assert_shows(checked(page("README.md"), "show"), cli("show").out)
    assert (project / "archives" / "archive.db").is_file()


def test_what_withholding_prints(archive_of_fixtures: Path, cli: Cli) -> None:
    """As the page says: called so, it prints this; and the copy's own verifier is content."""
    withhold, export = blocks(page("docs/custody.md"), "sh")[0].splitlines()
    told = cli(*shlex.split(withhold)[1:])
    assert told.status == 0
    assert_shows(checked(page("docs/custody.md"), "withhold"), told.out)
    assert cli(*shlex.split(export)[1:-1], "copy").status == 0
    assert subprocess.run([sys.executable, "verifier.py", "."], cwd="copy", capture_output=True).returncode == 0


def test_the_python_example(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = blocks(page("README.md"), "python")
    exec(compile(example, "README.md", "exec"), {})
    assert capsys.readouterr().out == checked(page("README.md"), "python")
    assert (project / "archives" / "archive.db").is_file()


def test_the_token_example(capsys: pytest.CaptureFixture[str]) -> None:
    command = checked(page("docs/architecture.md"), "token", "sh")
    code = command.partition('"')[2].rpartition('"')[0]
    exec(compile(code, "docs/architecture.md", "exec"), {})
    assert capsys.readouterr().out == checked(page("docs/architecture.md"), "token")


def test_every_query_runs(archive_of_fixtures: Path) -> None:
    queries = blocks(page("docs/database.md"), "sql")
    assert len(queries) >= 8
    connection = sqlite3.connect(f"{(archive_of_fixtures / 'archive.db').as_uri()}?mode=ro", uri=True)
    try:
        for query in queries:
            assert connection.execute(query).fetchall(), f"finds nothing:\n{query}"
    finally:
        connection.close()


def test_the_one_question_leads_to_the_bytes(archive_of_fixtures: Path) -> None:
    """What the query names is in the file, at that place, and is what was served."""
    question = next(query for query in blocks(page("docs/database.md"), "sql") if "payload_sha256" in query)
    connection = sqlite3.connect(archive_of_fixtures / "archive.db")
    connection.row_factory = sqlite3.Row
    rows = connection.execute(question).fetchall()
    connection.close()
    assert len(rows) == 12
    for row in rows:
        with (archive_of_fixtures / "warc" / row["payload_warc"]).open("rb") as file:
            file.seek(row["payload_offset"])
            with gzip.open(file) as members:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    head += members.readline()
                length = int(re.search(rb"Content-Length: (\d+)", head)[1])  # type: ignore[index]
                body = members.read(length).partition(b"\r\n\r\n")[2]
        assert hashlib.sha256(body).hexdigest() == row["payload_sha256"], row["capture_url"]
    assert sum(row["payload_offset"] != row["offset"] for row in rows) == 1  # the revisit


def test_the_stand_in_written_by_hand(tmp_path: Path) -> None:
    (tmp_path / "link.http").write_text(checked(page("docs/fixtures.md"), "by-hand", "http"), "utf-8")
    answer = Folder(tmp_path).answer("GET", "https://t.co/AbCdEfGhIj")
    assert answer is not None
    assert (answer.status, answer.body) == (301, b"")


REQUEST = "GET https://example.org/page\n"
BROKEN = [
    {"a.http": "fetch it\n"},
    {"a.http": f"{REQUEST}\nno status line\n"},
    {"a.http": f"{REQUEST}\nHTTP/1.1 200 OK\nno header\n\n"},
    {"a.http": f"# A comment.\n{REQUEST}\n"},
    {"a.http": f"{REQUEST}Body: photo.jpg\n\nHTTP/1.1 200 OK\n\n"},
    {"a.http": f"{REQUEST}\nHTTP/1.1 200 OK\n\n", "b.http": f"{REQUEST}\nHTTP/1.1 404 Not Found\n\n"},
    {},
]


def test_what_is_said_of_broken_stand_ins(project: Path, cli: Cli) -> None:
    article, said = "fixtures/articles/walkouts.md", []
    for files in BROKEN:
        shutil.rmtree(project / "mine", ignore_errors=True)
        (project / "mine").mkdir()
        for name, text in files.items():
            (project / "mine" / name).write_text(text, "utf-8")
        result = cli("save", "--offline", "--fixtures", "mine", article)
        assert result.status == 2
        said.append(result.err.replace("\\", "/"))
    with gzip.open("page.warc.gz", "wb") as file:
        file.write(b"")
    said.append(cli("save", "--offline", "--fixtures", "page.warc.gz", article).err)
    assert "".join(said) == checked(page("docs/fixtures.md"), "errors")
    assert not (project / "archives").exists()


def test_the_table_of_requests_is_what_is_asked_for() -> None:
    text = page("docs/architecture.md")
    for path in sorted((PROJECT / "fixtures" / "web").glob("*-[12].http")):
        url = next(line[4:] for line in path.read_text("utf-8").splitlines() if line.startswith("GET "))
        post_id = next(iter(re.findall(r"\d{19}", url)))
        shape = url.replace(post_id, "ID").replace(syndication_token(post_id), "TOKEN")
        assert f"`GET {shape}`" in text


# Links ----------------------------------------------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"^#{1,6} (.+)$", _FENCED.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_relative_links_lead_somewhere(path: Path) -> None:
    text = _FENCED.sub("", path.read_text("utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        parts = urlsplit(target)
        if parts.scheme:
            continue
        file = (path.parent / parts.path).resolve() if parts.path else path
        assert file.exists(), f"{path.name}: {target}"
        if parts.fragment:
            assert parts.fragment in anchors(file.read_text("utf-8")), f"{path.name}: {target}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_every_page_can_be_reached(path: Path) -> None:
    linked = {
        (page_.parent / target.partition("#")[0]).resolve()
        for page_ in PAGES
        for target in re.findall(r"\]\(([^)\s]+)\)", page_.read_text("utf-8"))
        if "://" not in target
    }
    assert path == PROJECT / "README.md" or path in linked
