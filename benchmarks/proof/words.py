"""Does anything that a page says reach a terminal as control or direction, a log as a second line, a WARC header as another
header, SQL as SQL, or a path as a path?

Made-up strings, each of pieces that steer, turn, hide, break out or call, go through every field that a page, an answer, an
address, a file's name or a call controls, and through every command, in this process. Every byte that comes out is looked at.
Standard output and standard error are those of a program whose output goes to a file; one round is as on a terminal.
"""

from __future__ import annotations

import html
import io
import itertools
import json
import os
import random
import re
import sqlite3
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator

from archiver import verifier
from archiver.cli import main
from archiver.model import Exchange, Framing, Origin
from archiver.warc import record as warc_record

PROJECT = Path(__file__).resolve().parent.parent.parent
STRINGS, BATCH, SHORT = 10_000, 500, 50  # a batch has fields for 600 or so

# What is tried. The forged lines and headers are looked for by name.
PIECES = (
    "\x1b[6661m", "\x1b]0;title\x07", "\x1b]8;;https://evil.example\x1b\\", "\x1b]52;c;aGk=\x07", "\x1bP1$r\x1b\\",
    "\x1bc", "\x1b[?1049h", "\x9b6661m", "\x9d0;t\x9c", "\x90q\x9c", "\x85", "\x00", "\x07", "\x08\x08\x08",
    "\x7f", "\x0b", "\x0c", "\x0e", "\x1a", "\x1c", "\x1f", "\u202e", "\u202d", "\u202a", "\u2066", "\u2067",
    "\u2069", "\u200e", "\u200f", "\u061c", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\xad", "\u034f",
    "\u115f", "\u3164", "\uffa0", "\u180e", "\ufe0f", "\U000e0041", "\U000e0100", "\ue000", "\ufffe", "\U0010ffff",
    "\u2028", "\u2029", "\ufff9", "\U0001d173", "\ud800", "\udc80", "\ud83d",
    "\U0001f469\U0001f3fd\u200d\U0001f33e", "1\ufe0f\u20e3", "\u05d0\u200d\u05d1", "\u0928\u093f\u200d",
    "e\u0301\u0301\u0301", "\narchiver: FORGED", "\n{\"forged\":1}", "\r\narchiver: FORGED", "\rarchiver: FORGED",
    "\r\nWARC-Forged: yes\r\n\r\n", "\nForged: yes", "%0d%0aForged:%20yes", "[bold red]", "[/foo]",
    "[link=https://evil.example]", "[/]", ":skull:", "[[", "\\[", "{}", "{0}", "%s", "%n", "$(id)", "`id`",
    "${HOME}", "&#27;", "<b>", "=cmd|'/c calc'!A0", "+1", "-1", "@SUM(1)", "'; DROP TABLE posts; --",
    "\" OR \"\"=\"", "%' ESCAPE '", "NEAR(", "\"*", "99999999999999999999", "-0", "../../../../tmp/escaped",
    "/etc/passwd", "..\\..\\x", "C:\\x", "CON", "~", "file:///etc/passwd", "\\u202e", "\\x1b[0m", "\\ud800",
    "x" * 300,
)  # fmt: skip
PLAIN = ("Nine", "days", "late", "and", "the", "kettle", "on", "the", "quay", "is", "still", "warm")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_DRAWN_AS_NOTHING = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\ufe00-\ufe0e\ufdd0-\ufdef\U000e0000-\U000e0fff]"
)
# What rich itself writes to a terminal: colours, and the cursor's way over its bar. None of it is among the pieces.
_OF_RICH = re.compile(r"\x1b\[(?:[0-9]{1,3}(?:;[0-9]{1,3})*)?m|\x1b\[\?25[lh]|\x1b\[[0-9]{0,2}[AK]|\r")
_OURS = re.compile(r"[A-Za-z0-9.\-]+")


def hostile(chance: random.Random) -> str:
    """A made-up string of one to six pieces."""
    made = ""
    for _ in range(chance.randint(1, 6)):
        kind = chance.random()
        if kind < 0.6:
            made += chance.choice(PIECES)
        elif kind < 0.8:
            made += f" {chance.choice(PLAIN)} "
        else:
            made += chr(chance.choice((chance.randrange(0xA0), chance.randrange(0x3000), chance.randrange(0x110000))))
    return made


def escapes(text: str, *, terminal: bool = False) -> list[str]:
    """The characters of an output that steer a terminal, turn the direction of writing, or are not to be seen."""
    around = f" {_OF_RICH.sub('', text) if terminal else text} "
    found = []
    for at, char in enumerate(around):
        hidden = unicodedata.category(char) in _HIDDEN or bool(_DRAWN_AS_NOTHING.match(char))
        if hidden and char != "\n" and not (char == "\u200d" and all(map(_picture, (around[at - 1], around[at + 1])))):
            found.append(f"U+{ord(char):04X}")
    return found


def _picture(char: str) -> bool:
    return char == "\ufe0f" or unicodedata.category(char) in ("So", "Sk", "Sm")


@dataclass(slots=True)
class Seen:
    """What came out: how many bytes of each command, how often something was written out, and what should not have been."""

    size: Counter[str] = field(default_factory=Counter)
    written_out: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    def wrong(self, command: str, what: str) -> None:
        self.violations.append(f"{command}: {what}")

    def text(self, command: str, data: bytes, *, terminal: bool = False) -> str:
        """Looks at what people read. The text that it is."""
        self.size[command] += len(data)
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            self.wrong(command, f"no UTF-8: {error}")
            return ""
        self.written_out[command] += text.count("<U+")
        if found := escapes(text, terminal=terminal):
            self.wrong(command, f"{', '.join(sorted(set(found)))} in the output")
        if forged := re.search(r"^(?:archiver: FORGED|\{\"forged\")", text, re.MULTILINE):
            self.wrong(command, f"a forged line: {text[max(0, forged.start() - 200) : forged.end()]!r}")
        if "Traceback" in text:
            self.wrong(command, f"a traceback: {text[-500:]}")
        return text

    def lines(self, command: str, data: bytes) -> list[dict[str, Any]]:
        """Looks at what programs read: printable ASCII, one object a line, no half of a surrogate pair."""
        self.size[command] += len(data)
        self.written_out[command] += data.count(b"\\u")
        if not re.fullmatch(rb"[\x20-\x7e\n]*", data):
            self.wrong(command, "more than printable ASCII")
        found = []
        for line in data.decode("latin-1").splitlines():
            try:
                one = json.loads(line)
                json.dumps(one, ensure_ascii=False).encode("utf-8")
                found.append(one)
            except ValueError as error:
                self.wrong(command, f"no JSON: {error}: {line[:200]}")
        if any(not isinstance(one, dict) or "forged" in one for one in found):
            self.wrong(command, "a line of another's making")
        return found


def call(*arguments: str | Path) -> tuple[int, bytes, bytes]:
    """The program in this process: its exit status, and what it wrote to standard output and standard error."""
    status = 1
    with _streams() as (out, err):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 1
        except Exception as error:  # what the interpreter would do with a fault of the program's own
            sys.excepthook(type(error), error, error.__traceback__)
    return status, _written(out), _written(err)


@contextmanager
def _streams() -> Iterator[tuple[io.TextIOWrapper, io.TextIOWrapper]]:
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8", errors="backslashreplace")
    with redirect_stdout(out), redirect_stderr(err):
        yield out, err


def _written(stream: io.TextIOWrapper) -> bytes:
    stream.flush()
    stream.seek(0)
    return bytes(stream.buffer.read())


# What the strings are put into -------------------------------------------------------------------------------------------


def _html(text: str) -> str:
    """As a page can say it: marked up where that matters, as far as UTF-8 goes, and without NUL, for no binary is read."""
    return html.escape(text.encode("utf-8", "replace").decode().replace("\x00", ""))


def article(strings: Iterator[str], permalinks: Sequence[str]) -> str:
    """A page with a string in each of its fields, and a post for each permalink."""

    def one() -> str:
        return _html(next(strings))

    posts = "".join(
        f'<blockquote class="twitter-tweet"><p>{one()} <a href="https://t.co/{one()}">pic</a> <a href="https://a.example/{one()}">a</a></p>'
        f'&mdash; {one()} (@{permalink.split("/")[3]}) <a href="{permalink}?{one()}">May 6, 2024</a></blockquote>'
        f'<img src="https://a.example/{one()}" alt="{one()}">\n'
        for permalink in permalinks
    )
    link = f"https://twitter.com/{next(strings)}/status/1290000000000000019"
    code = f'<blockquote class="twitter-tweet">{next(strings)}<a href="{link}">'
    data = {"articleBody": next(strings), "embed": code, "tweet": f"https://twitter.com/a/status/9{next(strings)}"}
    state = json.dumps(data).replace("<", "\\u003c")
    return (
        f'<!doctype html><html lang="{one()}"><head><meta charset="utf-8"><title>{one()}</title>'
        f'<meta name="author" content="{one()}">'
        f'<meta property="og:site_name" content="{one()}"><link rel="canonical" href="https://news.example/{one()}"></head><body><article>'
        f"<h1>{one()}</h1><p>By {one()}</p>{posts}"
        f"<blockquote><p>{one()} pic.twitter.com/aBcDeF1234</p><p>— {one()} (@{one()}) August 2, 2020</p></blockquote>"
        f'<iframe src="https://www.youtube.com/embed/qWn-3kLp_Z0?{one()}" title="{one()}"></iframe>'
        f'<a class="twitter-tweet" href="https://mastodon.example/@{one()}/112345678901234567">{one()}</a>'
        f'<figure><img src="/{one()}" alt="{one()}"><figcaption>{one()} Photo: {one()}</figcaption></figure>'
        f'<script type="application/json">{state}</script></article></body></html>'
    )


def markdown(strings: Iterator[str]) -> str:
    """The same as far as Markdown goes."""

    def one() -> str:
        return next(strings).encode("utf-8", "replace").decode().replace("\n", " ").replace("\r", " ")

    return (
        f"---\ntitle: {one()}\nauthor: {one()}\ndate: 2020-08-04\n---\n\n# {one()}\n\nBy {one()}\n\n**Embed:**\n\n{one()} <https://t.co/aBcDeF1234>\n\n"
        f"— {one()} (@brook_vale) August 2, 2020\n\n> {one()}\n>\n> – {one()} (@gull_watch) 3 août 2020\n\n![{one()}](https://a.example/{one()})\n"
    )


def stand_ins(folder: Path, strings: Iterator[str], chance: random.Random) -> list[str]:
    """The bundled stand-ins with strings in their payloads, headers and comments; the permalinks that lead to them."""
    permalinks = []
    for source in sorted((PROJECT / "fixtures" / "posts").glob("*.http")):
        head, blank, body = source.read_bytes().decode("utf-8", "surrogateescape").partition("\n\nHTTP/1.1 ")
        status, _, rest = body.partition("\n\n")
        comment = f"# {next(strings)}".encode("utf-8", "replace").decode().replace("\n", " ").replace("\r", " ")
        odd = re.sub(r"[^\t\x20-\x7e\xa0-\xff]", "", next(strings))
        if "tweet-result" in head and rest.lstrip().startswith("{"):
            payload = json.loads(rest)
            payload = _with_strings(payload, strings, chance)
            author = (payload.get("user") or {}).get("screen_name") or ""  # as the page shows it, else it is another's post
            handle = author if re.fullmatch(r"[A-Za-z0-9_]{1,15}", author) else "handle"
            permalinks.append(f"https://twitter.com/{handle}/status/{payload.get('id_str', '1787365552923082753')}")
            rest = json.dumps(payload)
        made = f"{comment}\n{head}{blank}{status}\nX-Odd: a{odd}\n\n{rest}"
        (folder / source.name).write_bytes(made.encode("utf-8", "surrogateescape"))
    for source in (PROJECT / "fixtures" / "posts").glob("*.*"):
        if source.suffix != ".http" and source.suffix != ".html":
            (folder / source.name).write_bytes(source.read_bytes())
    return permalinks


_KEPT = frozenset({"id_str", "__typename", "created_at", "type", "content_type", "name", "edit_tweet_ids", "screen_name"})


def _with_strings(value: Any, strings: Iterator[str], chance: random.Random, key: str = "") -> Any:
    """A payload with strings in the place of its own texts, where they do not tell one payload from another."""
    if isinstance(value, dict):
        return {name: _with_strings(one, strings, chance, name) for name, one in value.items()}
    if isinstance(value, list):
        return [_with_strings(one, strings, chance, key) for one in value]
    if not isinstance(value, str) or (key in _KEPT and not (key in ("name", "screen_name") and chance.random() < 0.3)):
        return value
    if value.startswith("http"):
        return value if chance.random() < 0.7 else f"{value}/{next(strings)}"
    return next(strings)


def _file_name(text: str) -> bytes:
    """As a file of that name can be called where any byte but two will do."""
    return re.sub(rb"[/\x00]", b"_", text.encode("utf-8", "surrogatepass"))[:120] + b".html"


def _argument(text: str) -> str:
    """As an argument can be: no NUL, and what is no UTF-8 as Python hands it over."""
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape").replace("\x00", "")


def forms(folder: Path, strings: Iterator[str], chance: random.Random) -> None:
    """Some of the bundled pages, one for each form an embed has, with strings in the place of some of their words."""
    for source in chance.sample(sorted((PROJECT / "fixtures" / "forms").glob("*.html")), 5):
        pieces = re.split(r"([A-Za-z_]{4,})", source.read_text("utf-8"))
        for at in chance.sample(range(1, len(pieces), 2), min(8, len(pieces) // 2)):
            pieces[at] = chance.choice((_html, _json))(next(strings))
        (folder / source.name).write_text("".join(pieces), "utf-8")


def _json(text: str) -> str:
    """As a script's data says it."""
    return json.dumps(text)[1:-1].replace("<", "\\u003c")


# The commands ------------------------------------------------------------------------------------------------------------


def _people_and_programs(name: str, seen: Seen, *arguments: str | Path, lines: bool = True) -> None:
    _, out, err = call(*arguments)
    seen.text(name, out)
    seen.text(f"{name} (errors)", err)
    if lines:
        _, out, err = call(*arguments, "--json")
        seen.lines(f"{name} --json", out)
        seen.text(f"{name} (errors)", err)


def batch(root: Path, strings: Sequence[str], chance: random.Random, seen: Seen) -> None:
    """Some strings through every command."""
    turns = itertools.cycle(strings)
    pages, web, archive, log = root / "pages", root / "web", root / "archive", root / "run.log"
    pages.mkdir()
    web.mkdir()
    permalinks = stand_ins(web, turns, chance)
    (pages / "page.html").write_text(article(turns, permalinks), "utf-8")
    (pages / "page.md").write_text(markdown(turns), "utf-8")
    for text in chance.sample(strings, min(5, len(strings))):
        Path(os.fsdecode(os.path.join(os.fsencode(pages), _file_name(text)))).write_text(article(turns, []), "utf-8")  # noqa: PTH118
    (root / "forms").mkdir()
    forms(root / "forms", turns, chance)
    before = _tree(root)
    save = ("save", "--offline", "--archive", archive, "--fixtures", web, "--links", "--mirrors", "--thread")
    for folder in (pages, root / "forms"):
        _people_and_programs("find", seen, "find", folder)
    _, out, err = call(*save, "--log", log, pages)
    seen.text("save", out)
    seen.text("save (errors)", err)
    happened = seen.lines("save --log", log.read_bytes())
    if not all("time" in one and "event" in one for one in happened) or not any(one["event"] == "outcome" for one in happened):
        seen.wrong("save --log", "lines of another's making, or no outcome")
    _, out, err = call(*save, "--json", pages)
    if not seen.lines("save --json", out):
        seen.wrong("save --json", "no line")
    _people_and_programs("show", seen, "show", "--archive", archive)
    _people_and_programs("verify", seen, "verify", "--archive", archive)
    _look_at_the_archive(archive, before, root, seen)
    _made_anew(archive, seen)
    _usage(archive, web, strings, chance, seen)
    _damaged(archive, strings, chance, seen)


def _tree(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


def _look_at_the_archive(archive: Path, before: set[str], root: Path, seen: Seen) -> None:
    """Nothing was written beside it, its files have our own names, its tables are there, and what it asked for is shown."""
    made = _tree(root) - before
    if strays := [path for path in made if path != "run.log" and not path.startswith("archive")]:
        seen.wrong("files", f"outside the archive: {strays}")
    if odd := [path for path in made if not all(_OURS.fullmatch(part) for part in Path(path).parts)]:
        seen.wrong("files", f"names that are not ours: {odd}")
    connection = sqlite3.connect(archive / "archive.db")
    try:
        if connection.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            seen.wrong("sql", "the index is damaged")
        for table in ("posts", "embeds", "captures", "articles"):
            if not connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]:  # noqa: S608 (our own names)
                seen.wrong("sql", f"nothing in {table}")
        asked = [row[0] for row in connection.execute("SELECT url FROM captures ORDER BY random() LIMIT 3")]
        asked += [row[0] for row in connection.execute("SELECT source FROM sources ORDER BY random() LIMIT 2")]
    finally:
        connection.close()
    for name in asked:
        _people_and_programs("show", seen, "show", "--archive", archive, "--", name)


def _made_anew(archive: Path, seen: Seen) -> None:
    """The index made anew from the WARC files: every word went into the ledger as it went into the index."""
    _, before, _ = call("show", "--archive", archive, "--json")
    (archive / "archive.db").unlink()
    status, out, err = call("reindex", "--archive", archive)
    seen.text("reindex", out + err)
    _, after, _ = call("show", "--archive", archive, "--json")
    if status or after != before or call("verify", "--archive", archive)[0]:
        seen.wrong("reindex", f"exit status {status}, {len(before)} bytes became {len(after)}: {err.decode()[-300:]}")


def _usage(archive: Path, web: Path, strings: Sequence[str], chance: random.Random, seen: Seen) -> None:
    """Each string where a call can hold one: two of these ways for each."""
    missing = archive.parent / "missing"
    ways: list[Callable[[str], tuple[str | Path, ...]]] = [
        lambda text: ("find", "--", text),
        lambda text: ("find", "--archive", archive, f"https://news.example/{text}"),
        lambda text: ("find", f"{text}://news.example/"),
        lambda text: ("find", f"--{text}"),
        lambda text: (text,),
        lambda text: ("find", "--max-article-bytes", text, "x"),
        lambda text: ("show", "--archive", archive, "--", text),
        lambda text: ("show", "--archive", missing / text),
        lambda text: ("verify", "--archive", missing / text),
        lambda text: ("verify", text, text),
        lambda text: ("save", "--pace", text, "x"),
        lambda text: ("save", "--log", missing / text, "x.html"),
        lambda text: ("save", "--offline", "--archive", missing, "--cookies", missing / text, "x.html"),
        lambda text: ("save", "--offline", "--archive", missing, "--proxy", f"http://{text}", "x.html"),
        lambda text: ("save", "--archive", missing, "--proxy", text, "x.html"),
        lambda text: ("save", "--archive", missing, "--allow-private", text, "x.html"),
        lambda text: ("save", "--offline", "--archive", missing, "--fixtures", missing / text, "x.html"),
        lambda text: ("save", "--offline", "--archive", archive, "--fixtures", web, "--contact", text, "--", text),
        lambda text: ("save", "--offline", "--archive", archive, "--fixtures", web, f"https://news.example/{text}"),
    ]
    for text in map(_argument, strings):
        for way in chance.sample(ways, 2):
            status, out, err = call(*way(text))
            seen.text("wrong calls", out + err)
            if status not in (0, 1, 2, 74):
                seen.wrong("wrong calls", f"exit status {status}: {err.decode()[-300:]}")
    (web / "broken.http").write_bytes(
        f"GET https://a.example/\n\nHTTP/1.1 200 {strings[0]}\n{strings[1]}".encode("utf-8", "replace")
    )
    _, out, err = call("save", "--offline", "--archive", missing, "--fixtures", web, "x.html")
    seen.text("wrong calls", out + err)


def _damaged(archive: Path, strings: Sequence[str], chance: random.Random, seen: Seen) -> None:
    """WARC files that are cut, gone or nobody's: `verify` names the addresses that were in them."""
    folder = archive / "warc"
    for number, path in enumerate(sorted(folder.iterdir())):
        path.chmod(0o644)
        if number % 2:
            path.unlink()
        else:
            os.truncate(path, path.stat().st_size // 3)
    Path(os.fsdecode(os.path.join(os.fsencode(folder), _file_name(chance.choice(strings))))).write_bytes(b"?")  # noqa: PTH118
    connection = sqlite3.connect(archive / "archive.db")
    with connection:
        connection.execute("UPDATE captures SET url = url || ?", [chance.choice(strings).encode("utf-8", "replace").decode()])
    connection.close()
    for arguments in (("verify",), ("show",)):
        _people_and_programs("damaged", seen, *arguments, "--archive", archive)
    with _streams() as (out, err):
        verifier.main([str(archive)])
    seen.text("verifier", _written(out) + _written(err))
    with _streams() as (out, err):
        verifier.main([str(archive), "--json"])
    seen.lines("verifier --json", _written(out))


@contextmanager
def _as_on_a_terminal() -> Iterator[None]:
    held = os.environ.get("FORCE_COLOR")
    os.environ["FORCE_COLOR"] = "1"
    try:
        yield
    finally:
        if held is None:
            del os.environ["FORCE_COLOR"]
        else:
            os.environ["FORCE_COLOR"] = held


def terminal(root: Path, strings: Sequence[str], chance: random.Random, seen: Seen) -> None:
    """With colours and with the bar: what rich writes of its own is known, and all else is looked at as before."""
    turns = itertools.cycle(strings)
    web, page = root / "web", root / "page.html"
    web.mkdir()
    page.write_text(article(turns, stand_ins(web, turns, chance)), "utf-8")
    with _as_on_a_terminal():
        for arguments in (
            ("find", page),
            ("save", "--offline", "--archive", root / "a", "--fixtures", web, page),
            ("show", "--archive", root / "a"),
            ("verify", "--archive", root / "a"),
        ):
            _, out, err = call(*arguments)
            seen.text("on a terminal", out + err, terminal=True)


# WARC headers ------------------------------------------------------------------------------------------------------------


def headers(texts: Sequence[str], seen: Seen) -> int:
    """Each string as an address, a stand-in's name, a header's value and more, in WARC records: how many were read back."""
    file, made = io.BytesIO(), []
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    for text in texts:
        value = re.sub(r"[^\t\x20-\x7e\x80-\xff]", "", text).encode("latin-1")
        url = f"https://example.org/{text}"
        captured = Exchange(
            method="GET",
            url=url,
            request_head=b"GET / HTTP/1.1\r\nX-Odd: a" + value + b"\r\n\r\n",
            status=200,
            headers=(),
            response_head=b"HTTP/1.1 200 OK\r\nX-Odd: a" + value + b"\r\n\r\n",
            body=text.encode("utf-8", "replace"),
            started=moment,
            origin=Origin.STAND_IN,
            stand_in=text or None,
            framing=Framing((), (), value, value, complete=True),
            redacted=(text,),
        )
        about = {"text": text, text: [text]}
        made += [
            *warc_record.exchange(captured),
            warc_record.exchange(captured, warc_record.Original(warc_record.new_id(), url, warc_record.warc_date(moment)))[0],
            warc_record.resource(text or "urn:x", "text/plain", text.encode("utf-8", "replace"), moment),
            warc_record.metadata("embed", text, warc_record.new_id(), about, Origin.LIVE, moment),
            warc_record.warcinfo("a.warc.gz", Origin.LIVE, "a", text, moment, text, text),
        ]
    for one in made:
        file.write(warc_record.member(one, warc_record.new_id()))
    read = 0
    file.seek(0)
    for ours, theirs in zip(made, ArchiveIterator(file), strict=True):
        names = ["WARC-Type", "WARC-Record-ID", "WARC-Date", "WARC-Warcinfo-ID", *(name for name, _ in ours.fields)]
        names += ["WARC-Block-Digest", "Content-Length"]
        found = theirs.rec_headers.headers
        if [name for name, _ in found] != names or not all(value.isascii() and value.isprintable() for _, value in found):
            seen.wrong("warc", f"headers {found}")
        if theirs.http_headers is not None and len(theirs.http_headers.headers) != 1:
            seen.wrong("warc", f"HTTP headers {theirs.http_headers.headers}")
        theirs.content_stream().read()
        read += 1
    return read


# The proof ---------------------------------------------------------------------------------------------------------------


def run(short: bool = False) -> dict[str, Any]:
    """What was tried and what came out: the number of strings and of bytes looked at, and each violation."""
    count, chance, seen = (2 * SHORT if short else STRINGS), random.Random(20200814), Seen()  # noqa: S311 (the same each time)
    strings = [hostile(chance) for _ in range(count)]
    size = SHORT if short else BATCH
    with tempfile.TemporaryDirectory() as folder:
        for number, at in enumerate(range(0, count, size)):
            root = Path(folder, str(number))
            root.mkdir()
            batch(root, strings[at : at + size], chance, seen)
        root = Path(folder, "terminal")
        root.mkdir()
        terminal(root, strings[:BATCH], chance, seen)
    records = headers(strings, seen)
    silent = [name for name in COMMANDS if not seen.written_out[name]]
    seen.violations += [f"{name}: no string ever came out" for name in silent]
    return {
        "proof": "words",
        "strings": count,
        "violations": len(seen.violations),
        "examples": seen.violations[:20],
        "bytes": sum(seen.size.values()),
        "written_out": dict(seen.written_out),
        "warc_records": records,
    }


COMMANDS = (
    *("find", "find --json", "save", "save (errors)", "save --json", "save --log", "show", "show --json"),
    *("damaged", "damaged --json", "verifier", "verifier --json", "wrong calls", "on a terminal"),
)  # fmt: skip

if __name__ == "__main__":
    result = run(short="--short" in sys.argv)
    print(json.dumps(result, indent=1))
    sys.exit(bool(result["violations"]))
