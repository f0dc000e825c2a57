"""Bad input: one clear line, the right exit status, nothing lost, the other sources done. Never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ARTICLE, PROJECT, WEB, Cli

SAVE = ("save", "--offline", "--json", "--fixtures", WEB)
SIGNED = "**Embed:**\n\n{words}\n\n— H (@HannaLiubakova) [August 14, 2020](#)\n"


def bad_sources(folder: Path) -> dict[str, tuple[str, int, str]]:
    """Name → (source, exit status, what the line says)."""
    files = {
        "empty.md": b"",
        "blank.md": b" \n\t\n",
        "binary.md": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        "large.md": b"x" * 20_000_000,
        "picture.png": b"\x89PNG",
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "folder.md").mkdir()
    at = {name: str(folder / name) for name in (*files, "folder.md", "missing.md")}
    return {
        "missing": (at["missing.md"], 2, "no such file"),
        "empty": (at["empty.md"], 1, "is empty"),
        "blank": (at["blank.md"], 1, "is empty"),
        "binary": (at["binary.md"], 1, "is binary, not text"),
        "20 MB": (at["large.md"], 1, "--max-article-bytes raises that"),
        "a folder": (at["folder.md"], 2, "is a folder"),
        "another kind of file": (at["picture.png"], 2, "not read yet"),
        "an unknown scheme": ("gopher://example.org/article", 2, "the scheme gopher:// is not known"),
        "below a file": (at["empty.md"] + "/x.md", 1, "cannot be read"),
        "a name that cannot be": ("a" * 5000 + ".md", 1, "cannot be read"),
        "an address without a stand-in": ("https://news.example/none", 1, "GET https://news.example/none"),
        "no address at all": ("http://", 1, "not an http(s) address"),
        "an address that is none": ("https://exa mple.org:port/", 1, "https://exa mple.org:port/"),
    }


NAMES = [
    "missing", "empty", "blank", "binary", "20 MB", "a folder", "another kind of file", "an unknown scheme", "below a file",
    "a name that cannot be", "an address without a stand-in", "no address at all", "an address that is none",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_one_bad_source_among_good_ones(cli: Cli, archive: Path, tmp_path: Path, name: str) -> None:
    sources = bad_sources(tmp_path)
    assert list(sources) == NAMES
    source, status, what = sources[name]
    result = cli(*SAVE, "--archive", archive, source, ARTICLE)
    assert result.status == status
    assert result.err.count("\n") == 1
    assert what in result.err
    assert result.err.startswith("archiver: ")
    assert [line["state"] for line in result.lines] == ["saved", "gone"]
    assert cli("verify", "--archive", archive).status == 0


@pytest.mark.parametrize("name", [name for name in NAMES if "address" not in name])
def test_find_says_the_same(cli: Cli, tmp_path: Path, name: str) -> None:
    source, status, what = bad_sources(tmp_path)[name]
    result = cli("find", "--json", source, ARTICLE)
    assert (result.status, result.err.count("\n"), len(result.lines)) == (status, 1, 2)
    assert what in result.err


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "secret.md"
    path.write_text("x")
    path.chmod(0)
    result = cli("find", path)
    assert (result.status, "cannot be read: Permission denied" in result.err) == (1, True)


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-8", "utf-8"), ("utf-8", "windows-1251"), ("windows-1251", "windows-1251"), ("utf-16", None), ("utf-8-sig", None), ("koi8-r", "KOI8-R")],
)  # fmt: skip
def test_encodings(cli: Cli, tmp_path: Path, encoding: str, declared: str | None) -> None:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">' if declared else ""
    page = f'<html><head>{meta}</head><blockquote class="twitter-tweet"><p>Гродно, забастовка</p></blockquote></html>'
    (tmp_path / "page.html").write_bytes(page.encode(encoding))
    (line,) = cli("find", "--json", tmp_path / "page.html").lines
    assert line["text"] == "Гродно, забастовка"


def test_a_wrong_charset_is_read_kept_and_told(cli: Cli, archive: Path, tmp_path: Path) -> None:
    path = tmp_path / "lies.html"
    path.write_bytes(b'<meta charset="euc-jp"><blockquote class="twitter-tweet"><p>caf\xe9 \xff</p></blockquote>')
    result = cli(*SAVE, "--archive", archive, path)
    assert (result.status, result.lines[0]["state"]) == (0, "unidentified")
    assert "characters could not be read as euc_jp; the bytes are kept" in result.err
    stored = b"".join(file.read_bytes() for file in (archive / "warc").glob("archiver-*"))
    import gzip
    import io

    assert path.read_bytes() in gzip.GzipFile(fileobj=io.BytesIO(stored)).read()


@pytest.mark.parametrize("declared", ["rot13", "idna", "zip", "nonsense", "unicode_escape", ""])
def test_charsets_that_are_none(cli: Cli, tmp_path: Path, declared: str) -> None:
    (tmp_path / "page.html").write_bytes(
        f'<meta charset="{declared}"><blockquote class="twitter-tweet"><p>caf'.encode() + b"\xe9</p></blockquote>"
    )
    (line,) = cli("find", "--json", tmp_path / "page.html").lines
    assert line["text"].startswith("caf")


HOSTILE = "\x1b[31mred\x1b]8;;https://evil.example\x07 \u202eesrever\u202c \x9b1m [bold]x[/foo] :skull: \x07\x08 \ufeff\u200f"


def test_nothing_from_a_page_controls_the_terminal(cli: Cli, archive: Path, tmp_path: Path) -> None:
    path = tmp_path / "hostile.md"
    path.write_text(
        f"# Title {HOSTILE}\n\nBy {HOSTILE}\n\n" + SIGNED.format(words=f"Words {HOSTILE} <https://t.co/abcdefgh>"), "utf-8"
    )
    calls = [
        ("find", path),
        (*SAVE[:2], "--fixtures", WEB, "--archive", archive, path),
        ("show", "--archive", archive),
        ("show", "--archive", archive, path),
    ]
    for call in (*calls, ("find", "--json", path), ("show", "--json", "--archive", archive)):
        result = cli(*call)
        assert result.status in (0, 1), result.err
        for char in result.out + result.err:
            assert char == "\n" or char.isprintable(), (call, hex(ord(char)))
    assert "<U+202E>" in cli("find", path).out.replace("\n", "").replace(" ", "")
    assert "[bold]x[/foo] :skull:" in " ".join(cli("show", "--archive", archive).out.split())


@pytest.mark.parametrize(
    "arguments",
    [(), ("nonsense",), ("save",), ("find",), ("save", "--no-such-option", "x.md"), ("find", "--max-article-bytes", "0", "x.md"), ("show", "a", "b")],
)  # fmt: skip
def test_a_wrong_call(cli: Cli, arguments: tuple[str, ...]) -> None:
    result = cli(*arguments)
    assert result.status == 2
    assert "Usage: archiver" in result.err + result.out


def test_a_page_under_any_name_is_read(cli: Cli, tmp_path: Path) -> None:
    for name in ("index.php?id=3" if os.name != "nt" else "index.php", "page", "page.test"):
        (tmp_path / name).write_text('<html><body><blockquote class="twitter-tweet"><p>Hi</p></blockquote>', "utf-8")
        assert [line["text"] for line in cli("find", "--json", tmp_path / name).lines] == ["Hi"]


def test_what_the_archive_does_not_know(cli: Cli, saved: Path) -> None:
    result = cli("show", "https://example.org/never-seen", "--archive", saved)
    assert (result.status, result.out) == (2, "")
    assert "knows no article, post or address" in result.err


def test_an_archive_that_is_a_file(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    result = cli(*SAVE, "--archive", tmp_path / "file", ARTICLE)
    assert (result.status, "is a file; name a folder" in result.err) == (2, True)


def test_a_reader_that_goes_away(saved: Path) -> None:
    command = f'"{sys.executable}" -m archiver show --json --archive "{saved}" | head -c 10'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=PROJECT)
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
