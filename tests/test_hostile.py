"""Pages made to exhaust or fool the finder: each ends in found, or refused with a reason; in bounded memory, never a traceback."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from tests import test_articles as made
from tests.conftest import PROJECT, Cli


def declared(label: str) -> bytes:
    """A page in UTF-8 that says it is something else."""
    return f'<!doctype html><meta charset="{label}"><title>Гродно</title>{TWEET}'.encode()


def bomb(unit: str) -> bytes:
    """300 kB of the beginning of something, and then an embed."""
    return (unit * (300_000 // len(unit)) + "\n\n" + SIGNED + "\n").encode()


def framed(address: str) -> bytes:
    """A page that names a frame 500,000 times; the frame's part has that address."""
    parts = ("text/html", "a", "https://news.example/", TWEET + "cid:b " * 500_000), ("text/html", "b", address, "")
    head = "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=M\r\n\r\n"
    form = "--M\r\nContent-Type: {}\r\nContent-ID: <{}>\r\nContent-Location: {}\r\n\r\n{}\r\n"
    return (head + "".join(form.format(*part) for part in parts) + "--M--\r\n").encode()


def zipped(entries: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return file.getvalue()


TWEET = '<blockquote class="twitter-tweet"><a href="https://twitter.com/a/status/1234567890123">x</a></blockquote>'
# Name → (page, found or None where it is refused). Each would take minutes or gigabytes with a parser or a rule that is not bounded.
PAGES = {
    "H17 nested": ("<div>" * 100_000 + TWEET, None),
    "H20 attributes": ("<div " + " ".join(f'a{n}="//x.com/{n}"' for n in range(200_000)) + ">" + TWEET, None),
    "H20 tags in a tag": ("<a " * 100_000 + TWEET, None),
    "H17 nested somewhat": ("<div>" * 5_000 + TWEET, 1),
    "H18 unclosed": ("<b>" * 9_000 + TWEET, 1),
    "H18 paragraphs": ("<p>" * 200_000 + TWEET, 1),
    "H19 comments": ("<!-- x -->" * 200_000 + TWEET, 1),
    "H19 open comments": ("<!--" * 200_000 + TWEET, 0),
    "H19 cdata": ("<![CDATA[" * 200_000 + TWEET, 0),
    "H20 NULs": ("\x00" * 2_000 + "words " * 400_000 + TWEET, 1),
    "H17 nested quotes": ("<blockquote>" * 9_000 + TWEET, 0),
    "H17 nested containers": ('<div class="embed">' * 5_000 + TWEET, 1),
    "H20 many": ("".join(TWEET.replace("1234567890123", str(10**12 + n)) for n in range(20_000)), 20_000),
    "H37 a deep list": ('<script type="application/json">' + "[" * 100_000 + "</script>" + TWEET, 1),
    "H37 deep objects": (
        '<script type="application/json">' + '{"a":' * 50_000 + '"https://twitter.com/a/status/9"</script>' + TWEET,
        1,
    ),
    "H26 escaped over and over": ('<div data-x="' + "&amp;" * 300_000 + 'lt;iframe src=x">' + TWEET, 1),
    "H26 signatures": ("<p>x (@a) — " * 20_000 + TWEET, 1),
    "H26 assignments": ("<script>" + "={" * 300_000 + "</script>" + TWEET, 1),
    "H17 srcdoc in srcdoc": ('<iframe srcdoc="' + "&lt;iframe srcdoc=&quot;" * 3_000 + '"></iframe>' + TWEET, 1),
    "H17 templates": ("<template>" * 3_000 + "</template>" * 3_000 + TWEET, 1),
    "H20 a long text": ("a " * 7_000_000 + TWEET, 1),
}


# The same in other formats: name → (suffix, what makes the file, how many embeds are found in it, what is said of it or None).
# H38 and those before H17 are the network's and the report's.
TWEETED = f"<!doctype html><title>t</title><body>{TWEET}</body>".encode()
SIGNED = "> Words\n> — A (@a) May 3, 2021\n"
FILES: dict[str, tuple[str, Callable[[], bytes], int, str | None]] = {
    "H20 100 MB of text": (".html", lambda: b"words " * 17_000_000, 0, "is larger than"),
    "H20 100 MB of Markdown": (".md", lambda: b"words " * 17_000_000, 0, "is larger than"),
    "H20 one frame over and over": (".mht", lambda: framed("https://x.com/" + "a" * 3_900), 1, None),
    "H20 one endless frame": (".mht", lambda: framed("https://x.com/" + "a" * 60_000), 1, None),
    "H21 a comment that is closed at once": (".html", lambda: f"<!-->{TWEET}-->".encode(), 1, None),
    "H21 a text area": (".html", lambda: f"<textarea></div>{TWEET}</textarea>".encode(), 1, None),
    "H21 a title": (".html", lambda: f"<title>{TWEET}</title>".encode(), 0, None),
    "H21 an example": (".html", lambda: f"<xmp>{TWEET}</xmp>".encode(), 0, None),
    "H21 plain text to the end": (".html", lambda: f"<p>{TWEET}<plaintext>{TWEET.replace('89012', '89013')}".encode(), 1, None),
    "H21 a style in a drawing": (".html", lambda: f"<svg><style><!--</style>{TWEET}".encode(), 0, None),
    "H21 a class in capitals": (".html", lambda: TWEET.replace("twitter-tweet", "TWITTER-TWEET").encode(), 1, None),
    "H21 attributes twice": (".html", lambda: TWEET.replace("<block", "<p><p class=a class=b><block").encode(), 1, None),
    **{f"H22 {label}": (".html", partial(declared, label), 1, None) for label in ("bogus", "utf-7", "utf-16", "idna", "zip", "rot13", "x-user-defined", "replacement", "")},
    "H23 lone surrogates": (".html", lambda: f'<script type="application/json">{{"t":"\\ud800","u":"https://x.com/a\\ud800/status/99"}}</script><p>&#55296;</p>{TWEET}'.encode(), 1, None),
    "H23 a number beyond SQLite": (".html", lambda: TWEET.replace("1234567890123", str(2**63)).encode(), 1, None),
    "H23 NUL in the words": (".html", lambda: (TWEET.replace(">x<", ">x\0y<") + "words " * 500).encode(), 1, None),
    **{f"H24 {unit!r}": (".md", partial(bomb, unit), 1, None) for unit in ("[", "[a](", "![", "<http:", "<![CDATA[", "*a **a ", "_a __a ", "> ", "- ", "1. ", "|a", "[a]: b\n", "&", "\\", "#", "~~~\n", "    \n")},
    "H24 a tag without end": (".md", partial(bomb, "<a "), 0, "which no page has"),
    "H24 a fence without end": (".md", partial(bomb, "`"), 0, None),
    "H25 addresses that are code": (".md", lambda: f"[x](javascript:alert(1))\n<script>alert(1)</script>\n\n{SIGNED}\n[x](data:text/html,<script>)".encode(), 1, None),
    "H26 words before nothing": (".html", lambda: (TWEET + "word " * 200_000 + "!").encode(), 1, None),
    "H26 quotations that do not end": (".html", lambda: (TWEET + "<blockquote class=" * 20_000).encode(), 0, "which no page has"),
    "H33 names that lead out": (".wacz", lambda: zipped({"archive/../../x.warc": made.GOOD, "C:\\x.warc": made.GOOD, "archive/a.warc": made.GOOD}), 1, "leads out of the archive"),
    "H33 a name of 300 letters": (".wacz", lambda: zipped({f"archive/{'n' * 300}.warc": made.GOOD}), 1, None),
    "H34 a bomb": (".wacz", lambda: zipped({"archive/1.warc": b"\r\n" * 100_000_000, "archive/2.warc": made.GOOD}), 1, "200 times its size"),
    "H34 a bomb in a bomb": (".wacz", lambda: zipped({"archive/1.warc.gz": made.squeezed(1_000_000_000), "archive/2.warc": made.GOOD}), 1, "cannot be read"),
    "H34 a directory that is not there": (".wacz", lambda: zipped({"archive/1.warc": made.GOOD})[:-30], 0, "cannot be read as WACZ"),
    "H34 a directory that lies": (".wacz", lambda: zipped({"archive/1.warc": made.GOOD}).replace(b"PK\x01\x02", b"PK\x01\x03"), 0, "cannot be read as WACZ"),
    **{f"H35 {name}": (".warc", partial(bytes, data), 1, says and says.split("|")[0]) for name, (data, says) in made.LIES.items() if name in ("far too long", "cut", "an endless head", "blank lines", "no record")},
    "H35 a length below nothing": (".warc", lambda: made.GOOD + made.response(made.B, made.page("B"), length=-5), 1, "its length is -5"),
    "H35 gzip of gzip": (".warc.gz", lambda: gzip.compress(made.squeezed(1_000_000_000)), 0, "does not begin with a record"),
    "H35 revisits in a circle": (".warc", lambda: made.GOOD + b"".join(made.record("revisit", made.A, b"", "application/http", more=f"WARC-Refers-To-Target-URI: {made.A}\r\n") for _ in range(9)), 1, None),
    "H35 an address in brackets": (".warc", lambda: made.GOOD.replace(made.A.encode(), f"<{made.A}>".encode()), 1, None),
    "H37 no numbers": (".html", lambda: (f'<script type="application/ld+json">{{"a":NaN,"b":-Infinity,"c":1e999,"d":{"9" * 10_000}}}</script>' + TWEET).encode(), 1, None),
    "H37 the same key over and over": (".html", lambda: ('<script type="application/json">{' + '"a":1,' * 200_000 + '"a":2}</script>' + TWEET).encode(), 1, None),
    "H37 a deep list in an attribute": (".html", lambda: (f"<div data-x='{'[' * 100_000}{']' * 100_000}'></div>" + TWEET).encode(), 1, None),
}  # fmt: skip

LIMITED = """
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
except ImportError:
    pass  # no such limit on this system
from archiver.cli import main
try:
    main(sys.argv[1:])
finally:
    try:
        with open("/proc/self/status") as file:  # not getrusage, which begins with what the parent had
            print(next(line.split()[1] for line in file if line.startswith("VmHWM:")), file=sys.stderr)
    except OSError:
        print(0, file=sys.stderr)
"""
MOST_KB, MOST_SECONDS = 512_000, 60


def found_beside_a_good_one(hostile: Path, status: int, says: str | None) -> int:
    """How many embeds `find` tells of in a hostile file; the good one after it must be told of too."""
    good = hostile.with_name("good.html")
    good.write_text(TWEET, "utf-8")
    command = [sys.executable, "-c", LIMITED, "find", "--json", str(hostile), str(good)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, timeout=MOST_SECONDS)
    *told, peak = done.stderr.splitlines()
    assert "Traceback" not in done.stderr
    assert (done.returncode, any(says in line for line in told) if says else told) == (status, True if says else []), told
    assert int(peak) < MOST_KB
    *lines, last = done.stdout.splitlines()
    assert json.loads(last)["article"] == str(good)
    return len(lines)


@pytest.mark.parametrize("name", PAGES)
def test_a_hostile_page_beside_a_good_one(name: str, tmp_path: Path) -> None:
    page, found = PAGES[name]
    (tmp_path / "hostile.html").write_text(page, "utf-8")
    status, says = (1, "which no page has") if found is None else (0, None)
    assert found_beside_a_good_one(tmp_path / "hostile.html", status, says) == (found or 0)


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_beside_a_good_one(name: str, tmp_path: Path) -> None:
    suffix, make, found, says = FILES[name]
    path = tmp_path / f"hostile{suffix}"
    path.write_bytes(make())
    assert found_beside_a_good_one(path, 1 if says else 0, says) == found


def test_h36_sql_in_what_a_page_says(cli: Cli, archive: Path, tmp_path: Path) -> None:
    words = "'); DROP TABLE articles; --"
    page = f'<title>{words}</title><meta name=author content="{words}">{TWEET.replace(">x<", f">{words}<")}'
    source = tmp_path / f"{words.replace('/', '')}.html"
    source.write_text(page, "utf-8")
    assert cli("save", "--offline", "--json", "--archive", archive, source).status == 1  # nothing answers
    with closing(sqlite3.connect(archive / "archive.db")) as db:
        assert db.execute("SELECT title FROM articles").fetchall() == [(words,)]
    assert cli("verify", "--archive", archive).status == 0
    assert cli("show", "--archive", archive, source).status in (0, 1, 2)


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("H23")])
def test_h23_what_sqlite_cannot_hold_is_saved_nevertheless(cli: Cli, archive: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "hostile.html").write_bytes(FILES[name][1]())
    result = cli("save", "--offline", "--json", "--archive", archive, tmp_path / "hostile.html")
    assert (result.status, len(result.lines)) == (1, FILES[name][2])
    assert cli("verify", "--archive", archive).status == 0


def test_each_number_has_a_case() -> None:
    numbers = {name.split()[0] for name in (*PAGES, *FILES)} | {"H36"}
    assert numbers >= {f"H{number}" for number in (*range(17, 27), *range(33, 38))}
