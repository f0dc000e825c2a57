"""What people see is safe: nothing from outside comes out as control, direction, a second line, another header, SQL or a path.

Hypothesis makes the strings, `benchmarks/proof/words.py` puts them into every field and through every command, and looks at every
byte that comes out; run as a program it does so with ten thousand.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import archiver
from archiver.surrogates import loads
from archiver.web_archives import cdx
from benchmarks.proof import words
from tests.conftest import ARTICLE, FIRST, HTML_ARTICLE, PROJECT, WEB, Cli
from tests.test_properties import bounded

TEXTS = st.lists(
    st.one_of(st.sampled_from(words.PIECES), st.text(max_size=8), st.characters(categories=["Cc", "Cf", "Cs", "Mn", "Co"])),
    min_size=1,
    max_size=6,
).map("".join)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("output")


# Whatever is said --------------------------------------------------------------------------------------------------------


@bounded(1)
@given(texts=st.lists(TEXTS, min_size=20, max_size=60), chance=st.randoms(use_true_random=False))
def test_no_text_steers_turns_or_breaks_out(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], chance: random.Random
) -> None:
    seen = words.Seen()
    words.batch(tmp_path_factory.mktemp("batch"), texts, chance, seen)
    words.terminal(tmp_path_factory.mktemp("terminal"), texts, chance, seen)
    assert seen.violations == []


@bounded(25)
@given(texts=st.lists(TEXTS, min_size=8, max_size=12), chance=st.randoms(use_true_random=False))
def test_no_text_of_a_page_does(folder: Path, texts: list[str], chance: random.Random) -> None:
    seen, turns = words.Seen(), iter(texts * 200)
    (folder / "page.html").write_text(words.article(turns, ["https://twitter.com/a/status/1290000000000000017"]), "utf-8")
    (folder / "page.md").write_text(words.markdown(turns), "utf-8")
    words.forms(folder, turns, chance)
    for arguments in (("find", folder), ("find", "--json", folder)):
        _, out, err = words.call(*arguments)
        seen.lines("find --json", out) if "--json" in arguments else seen.text("find", out)
        seen.text("find", err)
    for page in folder.iterdir():
        page.unlink()
    assert seen.violations == []


@bounded(100)
@given(text=TEXTS)
def test_no_text_makes_a_header(text: str) -> None:
    seen = words.Seen()
    assert words.headers([text], seen) == 7
    assert seen.violations == []


def test_what_is_looked_for_would_be_found() -> None:
    """The pieces that steer, turn or hide are each seen by the proof where they come out as they are."""
    seen = words.Seen()
    for piece in (
        "\x1b[6661m",
        "\x9b",
        "\x7f",
        "\r",
        "\u202e",
        "\u2066",
        "\u200b",
        "\u3164",
        "\U000e0041",
        "א\u200dב",
        "\narchiver: FORGED",
    ):
        before = len(seen.violations)
        seen.text("a", f"words {piece} words\n".encode())
        assert len(seen.violations) > before, ascii(piece)
        before = len(seen.violations)
        seen.lines("b", f'{{"words": "{piece}"}}\n'.encode())
        assert len(seen.violations) > before, ascii(piece)
    assert words.escapes("\x1b[6661m", terminal=True)
    assert words.escapes("\x1b]8;;https://evil.example\x07", terminal=True)


# What people read --------------------------------------------------------------------------------------------------------

SIGNED = "**Embed:**\n\n{words}\n\n— {author} (@{handle}) August 14, 2020\n"


def shown(cli: Cli, path: Path, **fields: str) -> str:
    path.write_text(SIGNED.format(**{"words": "Nine days.", "author": "Brook Vale", "handle": "brook_vale"} | fields), "utf-8")
    return " ".join(cli("find", path).out.split())


@pytest.mark.parametrize("emoji", ["👩🏽‍🌾", "❤️", "🏳️‍🌈", "1️⃣", "☂️", "🇮🇸", "👨‍👩‍👧", "🙂‍↔️", "©️"])
def test_emoji_stay_whole(cli: Cli, tmp_path: Path, emoji: str) -> None:
    assert f"so {emoji} it is" in shown(cli, tmp_path / "a.md", words=f"so {emoji} it is")


@pytest.mark.parametrize(
    ("words_", "written"),
    [
        ("a\u202eb", "a<U+202E>b"),
        ("a\u200db", "a<U+200D>b"),
        ("a\u200d👩", "a<U+200D>👩"),
        ("a\u3164b", "a<U+3164>b"),
        ("a\ufe0fb", "a<U+FE0F>b"),
        ("a\x1b[31mb", "a<U+001B>[31mb"),
        ("a\x84b", "a<U+0084>b"),
        ("a\U000e0041b", "a<U+E0041>b"),
    ],
    ids=ascii,
)
def test_what_hides_is_written_out(cli: Cli, tmp_path: Path, words_: str, written: str) -> None:
    assert written in shown(cli, tmp_path / "a.md", words=words_)


def test_a_handle_with_letters_of_another_alphabet_is_spelled_out(cli: Cli, archive: Path, web: Path) -> None:
    answer = web / "tweet-1.http"
    text = answer.read_text("utf-8")
    quoted = text.rindex('"screen_name": "') + len('"screen_name": "')
    answer.write_text(f"{text[:quoted]}br\u043ek\u200b{text[text.index(chr(34), quoted) :]}", "utf-8")
    assert cli("save", "--offline", "--fixtures", web, "--archive", archive, ARTICLE).status == 0
    assert "(@br\u043ek<U+200B> (spelled br<U+043E>k<U+200B>))" in " ".join(cli("show", "--archive", archive).out.split())


def test_the_title_of_a_page_cannot_look_like_a_line_of_ours(cli: Cli, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<title>archiver: all is well</title><p>Nine days.</p>", "utf-8")
    assert "\n  archiver: all is well\n" in cli("find", page).out


@pytest.mark.parametrize(
    "arguments",
    [("find", "--\x1b[31m\u202e"), ("\x1b]0;x\x07",), ("show", "a", "b\u202e"), ("save", "--pace", "\x9b\nError: x", "x")],
)
def test_a_wrong_call_is_quoted_safely(cli: Cli, arguments: tuple[str, ...]) -> None:
    result = cli(*arguments)
    assert result.status == 2
    assert words.escapes(result.err) == []
    assert result.err.count("Error: ") - result.err.count("Error: x") == 1
    assert not any(line == "Error: x" for line in result.err.splitlines())


@pytest.mark.parametrize(
    "arguments",
    [
        ("find", "--max-article-bytes", "9" * 30, ARTICLE),
        ("save", "--pace", "nan", ARTICLE),
        ("save", "--pace", "inf", ARTICLE),
        ("save", "--pace", "1e300", ARTICLE),
    ],
)
def test_numbers_that_are_none(cli: Cli, arguments: tuple[str | Path, ...]) -> None:
    assert cli(*arguments).status == (0 if "find" in arguments else 2)


@pytest.mark.skipif(os.name == "nt", reason="file names are Unicode there")
def test_a_name_that_is_no_unicode(cli: Cli, archive: Path, tmp_path: Path) -> None:
    page = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\n\xfe\x1b.md"))
    page.write_bytes(ARTICLE.read_bytes())
    saved = cli("save", "--offline", "--fixtures", WEB, "--archive", archive, page)
    assert saved.status == 0
    assert "<U+DCFF>" in saved.out
    assert "saved" in cli("show", "--archive", archive, page).out
    missing = cli("show", "--archive", archive, f"{page}x")
    assert (missing.status, missing.err.count("\n")) == (2, 1)
    for result in (saved, missing, cli("show", "--archive", archive)):
        assert words.escapes(result.out + result.err) == []


def test_an_output_that_lacks_letters(tmp_path: Path) -> None:
    """What the encoding of standard output lacks is written as an escape."""
    page = tmp_path / "page.html"
    page.write_text("<title>Хлеб ✓</title><p>Nine days.</p>", "utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-m", "archiver", "find", page], capture_output=True, env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"\u0425\u043b\u0435\u0431 \u2713" in done.stdout


def test_a_fault_of_our_own_is_told_safely() -> None:
    code = "import sys\nfrom archiver.cli import main\ntry: main(['--version'])\nexcept SystemExit: pass\nraise ValueError('a\\x1b]0;t\\x07\\u202e\\nb')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert done.returncode == 1
    assert "ValueError: a<U+001B>]0;t<U+0007><U+202E>" in done.stderr
    assert words.escapes(done.stderr) == []


# What programs read ------------------------------------------------------------------------------------------------------


def test_json_has_no_control_character_and_no_half_of_a_pair(cli: Cli, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(SIGNED.format(words="a\x7fb \x1b \u202e 👩", author="\x9b", handle="brook_vale"), "utf-8")
    out = cli("find", "--json", page).out
    assert all(" " <= char <= "~" for char in out.rstrip("\n"))
    assert json.loads(out)["text"] == "a\x7fb \x1b \u202e 👩"
    name = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.md")) if os.name != "nt" else page
    name.write_bytes(page.read_bytes())
    json.dumps(cli("find", "--json", name).lines[0], ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize("half", ["\\ud83d", "\\uDC00", "\\ud83d\\ud83d\\ude00", "\\ude00\\ud83d"])
def test_half_a_pair_in_an_answer_stops_no_run(cli: Cli, archive: Path, web: Path, half: str) -> None:
    answer = web / "tweet-1.http"
    text = answer.read_text("utf-8")
    assert '"text": "Today' in text
    answer.write_text(text.replace('"text": "Today', f'"text": "{half}Today'), "utf-8")
    result = cli("save", "--json", "--offline", "--fixtures", web, "--archive", archive, ARTICLE)
    assert result.status in (0, 1), result.err
    assert result.lines[0]["post_id"] == FIRST
    assert "\ufffd" in cli("show", "--archive", archive, FIRST).out


@bounded(500)
@given(
    pieces=st.lists(st.sampled_from(["\ud83d", "\ude00", "👩", "\\", "\\ud83d", "\\ude00", "u", "\n"]), max_size=8),
    ascii_=st.booleans(),
)
def test_halves_are_read_as_browsers_show_them(pieces: list[str], ascii_: bool) -> None:
    text = (
        "".join(pieces).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace" if not ascii_ else "surrogatepass")
    )
    shown_ = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    assert loads(json.dumps({text: [text]}, ensure_ascii=ascii_)) == {shown_: [shown_]}


@pytest.mark.parametrize("half", ["\\ud83d", "\\udc00x", "\\ud83d\\ude00\\ude00"])
def test_half_a_pair_in_a_pages_data_stops_no_find(tmp_path: Path, half: str) -> None:
    page = tmp_path / "page.html"
    code = f'\\u003cblockquote class=\\"twitter-tweet\\">{half} Nine days. \\u003ca href=\\"https://twitter.com/a/status/1290000000000000017\\">x'
    page.write_text(
        f'<title>t</title><script type="application/json">{{"embed": "{code}", "title": "{half}"}}</script>', "utf-8"
    )
    (embed,) = archiver.find_embeds(page)
    assert embed.ref is not None
    assert "\ufffd" in embed.text


# What others are told ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("contact", ["a\r\nX-Evil: 1", "é", "\x1b"])
def test_a_contact_stays_in_its_header(cli: Cli, archive: Path, contact: str) -> None:
    result = cli("save", "--offline", "--fixtures", WEB, "--archive", archive, "--contact", contact, ARTICLE)
    assert (result.status, result.out) == (2, "")
    assert "--contact" in result.err


@pytest.mark.parametrize(("value", "status"), [("é", 0), ("a\x1b", 2)])
def test_a_cookie_stays_in_its_header(cli: Cli, archive: Path, tmp_path: Path, value: str, status: int) -> None:
    jar = tmp_path / "cookies.txt"
    jar.write_text(f"# Netscape HTTP Cookie File\n.twimg.com\tTRUE\t/\tFALSE\t0\tname\t{value}\n", "utf-8")
    result = cli("save", "--offline", "--fixtures", WEB, "--archive", archive, "--cookies", jar, ARTICLE)
    assert result.status == status, result.err


# What web archives say ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["²", "٣", "9" * 5000, "-", "20", "2000"])
def test_a_status_that_is_none(status: str) -> None:
    rows = [
        ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"],
        ["a", "20200814000000", "https://a.example/", "text/html", status, "A", "1"],
    ]
    page = cdx.read(json.dumps(rows).encode())
    assert page is not None
    assert [one.status for one in page.mementos] == [None]


def with_a_terminal_for_errors(arguments: list[str], out: Path) -> str:
    """Run the program with standard error on a terminal and standard output in a file: what the terminal got."""
    ours, its = os.openpty()
    with (
        out.open("wb") as file,
        subprocess.Popen([sys.executable, "-m", "archiver", *arguments], stdout=file, stderr=its) as run,
    ):
        os.close(its)
        told = b""
        with contextlib.suppress(OSError):  # the end of a terminal
            while some := os.read(ours, 65_536):
                told += some
        os.close(ours)
    assert run.returncode in (0, 1)
    return told.decode()


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no terminals to open")
def test_what_is_sent_to_a_file_goes_there_whatever_a_terminal_shows(cli: Cli, archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    forms = str(PROJECT / "fixtures" / "forms")
    assert "articles" in with_a_terminal_for_errors(["find", "--json", forms], out)
    assert out.read_text() == cli("find", "--json", forms).out
    saving = ["save", "--offline", "--fixtures", str(WEB), "--archive", str(archive), "--json", str(HTML_ARTICLE)]
    assert "posts" in with_a_terminal_for_errors(saving, out)
    saved = out.read_text()
    assert saved.count("\n") == len(cli("find", "--json", HTML_ARTICLE).lines)
    (segment,) = (archive / "warc").glob("stand-in-*.warc.gz")
    segment.unlink()
    checking = ["verify", "--json", "--archive", str(archive)]
    assert "verifying" in with_a_terminal_for_errors(checking, out)
    assert out.read_text() == cli(*checking).out != ""


@pytest.mark.skipif(sys.platform == "win32", reason="closed by the shell")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_was_closed_changes_nothing(cli: Cli, archive: Path, closed: str) -> None:
    at = ["--archive", str(archive)]
    saving = ["save", "--json", "--offline", "--fixtures", str(WEB), *at, str(HTML_ARTICLE)]
    for arguments in (["find", str(ARTICLE)], saving, ["show", *at], ["verify", *at], ["verify", "--deep", *at], ["--help"]):
        command = f'exec "$0" -m archiver "$@" {closed}'
        done = subprocess.run(["sh", "-c", command, sys.executable, *arguments], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        assert bool(done.stdout) == (">&-" not in closed.split())
    assert [one["state"] for one in cli("show", "--json", *at).lines] == ["saved"]
