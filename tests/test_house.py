"""The house: imports go down only, tools find nothing wrong, and each command pays only for what it uses."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import archiver
from archiver.platforms import PLATFORMS
from tests.conftest import ARTICLE, PROJECT, WEB

# Rooms by floor. A room imports what is on floors below its own, and itself; never its neighbours.
# docs/architecture.md draws the same picture.
FLOORS: dict[int, tuple[str, ...]] = {
    7: ("__main__",),
    6: ("cli", "api"),
    5: ("pipeline",),
    4: ("finding", "reindex", "custody", "anchoring"),
    3: ("archive",),
    2: (
        "anchors",
        "articles",
        "embeds",
        "identity",
        "platforms",
        "capture",
        "standins",
        "warc",
        "provenance",
        "web_archives",
        "lines",
        "workers",
    ),
    1: ("model", "dates", "addresses", "settings", "errors", "verifier", "surrogates"),
    0: ("__init__", "patterns", "values", "limits"),
}
FLOOR = {room: floor for floor, rooms in FLOORS.items() for room in rooms}
SOURCES = sorted((PROJECT / "archiver").rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PROJECT / "archiver").parts[0].removesuffix(".py")


def rooms_imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "archiver":
            found |= {alias.name if alias.name in FLOOR else "__init__" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("archiver."):
            found.add((node.module or "").split(".")[1])
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("archiver.")}
    return found


def test_every_room_is_on_a_floor() -> None:
    assert {room_of(path) for path in SOURCES} == set(FLOOR)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_imports_go_down_only(path: Path) -> None:
    room = room_of(path)
    if room == "__init__":
        assert rooms_imported(path) <= {"api"}  # the public names, looked up when they are asked for
        return
    for other in rooms_imported(path) - {room}:
        assert FLOOR[other] < FLOOR[room], f"{room} (floor {FLOOR[room]}) imports {other} (floor {FLOOR[other]})"


def test_only_the_command_line_prints_or_reads_the_environment() -> None:
    for path in SOURCES:
        text = path.read_text("utf-8")
        if room_of(path) not in ("cli", "verifier"):  # the verifier is a program by itself, too
            assert not re.search(r"\bprint\(|os\.environ|getenv|sys\.std(out|err)", text), path


def test_nothing_of_the_network_rests_on_what_is_private_to_a_library() -> None:
    """httpx and httpcore may change what begins with an underscore at any time."""
    for path in (PROJECT / "archiver" / "capture").glob("*.py"):
        private = [
            ast.unparse(node)
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Attribute) and node.attr.startswith("_") and ast.unparse(node.value) not in ("self", "zlib")
        ]
        assert private == [], path


def test_public_names() -> None:
    assert archiver.__all__ == sorted(archiver.__all__)
    for name in archiver.__all__:
        assert getattr(archiver, name) is not None
    with pytest.raises(AttributeError, match="nothing_of_this_name"):
        _ = archiver.nothing_of_this_name


def test_platforms_are_registered_under_their_names() -> None:
    assert {name: platform.name for name, platform in PLATFORMS.items()} == {name: name for name in PLATFORMS}
    files = {path.stem for path in (PROJECT / "archiver" / "platforms").iterdir()} - {"__init__", "__pycache__"}
    assert files == set(PLATFORMS)


@pytest.mark.parametrize("command", [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",)], ids=" ".join)
def test_tools_find_nothing(command: tuple[str, ...]) -> None:
    pytest.importorskip(command[0])
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, cwd=PROJECT)
    assert done.returncode == 0, done.stdout + done.stderr


HEAVY = {
    "click",
    "rapidfuzz",
    "rich",
    "httpx",
    "httpcore",
    "bs4",
    "sqlite3",
    "sqlite_utils",
    "warcio",
    "ssl",
    "filelock",
    "cryptography",
    "rfc3161_client",
    "dataclasses",  # it imports inspect: the two take nearly as long as Python itself
}


@pytest.mark.parametrize(
    ("arguments", "status", "allowed"),
    [
        (["--help"], 0, {"click", "dataclasses"}),
        (["save", "--help"], 0, {"click", "dataclasses"}),
        (["save"], 2, {"click", "dataclasses"}),
        (["find", "--no-such-option"], 2, {"click", "dataclasses"}),
        (["find", "missing.md"], 2, set()),
        (["find", "--json", str(ARTICLE)], 0, set()),
        (["find", "--json", str(ARTICLE.with_suffix(".html"))], 0, set()),
        (["find", "--json", "--max-article-bytes=100000", str(ARTICLE)], 0, {"click", "dataclasses"}),
        (["find", str(ARTICLE)], 0, {"rich", "dataclasses"}),
    ],
)
def test_each_command_pays_only_for_what_it_uses(arguments: list[str], status: int, allowed: set[str]) -> None:
    code = (
        "import sys\nfrom archiver.cli import main\ntry:\n    main(sys.argv[1:])\n"
        "finally:\n    sys.stderr.write('\\nloaded: ' + ' '.join(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, encoding="utf-8", cwd=PROJECT
    )
    assert done.returncode == status
    loaded = set(done.stderr.rpartition("loaded: ")[2].split())
    assert loaded & HEAVY == allowed


@pytest.mark.parametrize(
    "arguments",
    [
        ["--json", "SOURCE"],
        ["SOURCE", "--json"],
        ["SOURCE", "--json", "SOURCE", "--json"],
        ["SOURCE"],
        ["--json", "-"],
        ["--", "SOURCE"],
        ["--jso", "SOURCE"],
        ["--json=1", "SOURCE"],
        ["--json"],
        ["", "--json"],
        [],
    ],
)
def test_a_plain_find_is_what_click_would_make_of_it(arguments: list[str]) -> None:
    """A find that is told nothing but its sources is begun without click: in each case it does the same."""
    given = [str(ARTICLE) if one == "SOURCE" else one for one in arguments]
    ended = []
    # `--archive` with what holds anyway is nothing that is read without click.
    for more in ([], ["--archive", "archives"]):
        done = subprocess.run(
            [sys.executable, "-m", "archiver", "find", *more, *given], capture_output=True, input=b"", cwd=PROJECT, check=False
        )
        ended.append((done.returncode, done.stdout, done.stderr))
    assert ended[0] == ended[1]


NO_SOCKETS = """
import sys
def watch(event, arguments):
    if event.startswith('socket.') or event == 'ssl.':
        raise SystemExit(f'a socket: {event} {arguments}')
sys.addaudithook(watch)
from archiver.cli import main
main(sys.argv[1:])
"""


def test_offline_opens_no_socket(tmp_path: Path) -> None:
    for sources, status in (([str(ARTICLE)], 0), (["https://news.example/none"], 1)):
        arguments = ["save", "--offline", "--archive", str(tmp_path / "a"), "--fixtures", str(WEB), *sources]
        done = subprocess.run([sys.executable, "-c", NO_SOCKETS, *arguments], capture_output=True, text=True, cwd=PROJECT)
        assert (done.returncode, "a socket" in done.stderr) == (status, False), done.stderr


def test_both_ways_to_start_it_are_the_same_program() -> None:
    script = Path(sys.executable).with_name("archiver.exe" if os.name == "nt" else "archiver")
    if not script.exists():
        pytest.skip("the console script is not installed beside this Python")
    module = subprocess.run([sys.executable, "-m", "archiver", "--help"], capture_output=True, text=True, check=True)
    assert subprocess.run([script, "--help"], capture_output=True, text=True, check=True).stdout == module.stdout


def test_the_project_speaks_of_itself_alone() -> None:
    """No package registry's host and no path of one machine in any tracked file."""
    done = subprocess.run(["git", "ls-files", "-z"], capture_output=True, cwd=PROJECT)
    if done.returncode:
        pytest.skip("not a git checkout")
    # Spelled in pieces, so that this file does not hold what it looks for.
    registries = re.compile(
        "|".join(
            name + host for name, host in (("py", r"pi\.org"), ("python", r"hosted\.org"), ("npm", r"js\.(?:org|com)"))
        ).encode()
    )
    for name in filter(None, done.stdout.decode().split("\0")):
        path = PROJECT / name
        if path.is_file():
            data = path.read_bytes()
            assert not registries.search(data), name
            assert str(PROJECT).encode() not in data, name
            assert len(data) < 1_000_000, name
