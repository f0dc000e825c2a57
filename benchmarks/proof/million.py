"""How fast are a million captures indexed, and found again? Beside raw sqlite3, in turn.

Ours is the path that `archiver reindex` takes: entries of the ledger, parsed and with the text of their rows, checked against
the hash that follows them, each row digested, the ledger written again. The peer only inserts: the same rows into the same
tables, indexes and triggers, a thousand at a time, in one transaction as ours. Both are given the same pieces of the same
work, one after the other. Every eighth capture comes with a post that an article embeds, its outcome and its evidence. What
is asked for afterwards is asked a thousand times, at random.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from archiver.model import Origin, RecordRef
from archiver.provenance.index import Index
from archiver.verifier import GENESIS, canonical, digests_in, entry_hash
from benchmarks.proof import held
from benchmarks.proof.result import Result

NAME = "million"
TARGET = "1,000,000 captures within 2 × of raw sqlite3 in batches; by URL, digest and post under 1 ms; full-text under 20 ms"
MOST, LOOK_UP_MS, SEARCH_MS = 2.0, 1.0, 20.0
PIECE = 10_000
BATCH = 1_000
POST_EVERY = 8
WORDS = "gate shift crowd sheet works rain banner morning line street picture said would never people count vote night".split()
DATE = "2026-01-01T00:00:00.000000Z"
KEYS = {"outcome_captures": ("outcome", "position"), "segments": ("name",)}

Rows = list[tuple[str, dict[str, Any]]]
Told = tuple[dict[str, Any], bytes, RecordRef]


def run(short: bool, folder: Path) -> Result:
    count, asked = (4_000, 20) if short else (1_000_000, 1_000)
    ours, raw = Index.open(folder / "ours.db"), _raw(folder / "raw.db")
    ours.migrate()
    seconds = {"ours": 0.0, "raw": 0.0}
    feed = _Feed()
    replayed = ours.replay(feed)
    for piece in _pieces(count):
        feed.waiting = iter(piece)
        begun = time.process_time()
        for _ in piece:
            next(replayed)
        seconds["ours"] += time.process_time() - begun
        rows = _by_table(piece)
        begun = time.process_time()
        _insert(raw, rows)
        seconds["raw"] += time.process_time() - begun
    begun = time.process_time()
    next(replayed, None)
    seconds["ours"] += time.process_time() - begun
    begun = time.process_time()
    raw.execute("COMMIT")
    seconds["raw"] += time.process_time() - begun
    raw.close()
    took = _asked(ours, count, asked)
    ours.close()
    ratio = seconds["ours"] / seconds["raw"]
    measured = (
        f"{count:,} captures: {ratio:.2f} × the raw time ({count / seconds['ours']:,.0f} and"
        f" {count / seconds['raw']:,.0f} a second); {', '.join(f'{name} {one:.2f} ms' for name, one in took.items())} (medians)"
    )
    fast = all(one < (SEARCH_MS if name == "full-text" else LOOK_UP_MS) for name, one in took.items())
    met = None if short else ratio <= MOST and fast
    return Result(NAME, TARGET, measured, met, {"captures": count, "ratio": ratio, "cpu_seconds": seconds, "median_ms": took})


class _Feed:
    """Entries as they are handed over, piece by piece, so that making them is in nobody's time."""

    waiting: Iterator[Told] = iter(())

    def __iter__(self) -> Iterator[Told]:
        while (told := next(self.waiting, None)) is not None:
            yield told


def _raw(path: Path) -> sqlite3.Connection:
    """A peer with the same tables, indexes and triggers, in its one transaction."""
    index = Index.open(path)
    index.migrate()
    index.close()
    raw = sqlite3.connect(path, isolation_level=None)
    for statement in ("PRAGMA synchronous=EXTRA", "PRAGMA cache_size=-200000", "BEGIN"):  # as ours
        raw.execute(statement)
    return raw


def _insert(raw: sqlite3.Connection, rows: dict[str, list[dict[str, Any]]]) -> None:
    for table, some in rows.items():
        columns = [one[1] for one in raw.execute(f"PRAGMA table_info([{table}])")]
        sql = f"INSERT INTO [{table}] VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
        for at in range(0, len(some), BATCH):
            raw.executemany(sql, ([row.get(column) for column in columns] for row in some[at : at + BATCH]))


def _by_table(piece: list[Told]) -> dict[str, list[dict[str, Any]]]:
    """All rows of a piece, the ledger's own too."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for told, _, ref in piece:
        for table, row in told["rows"]:
            rows.setdefault(table, []).append(row)
        rows.setdefault("records", []).append({name: getattr(ref, name) for name in ref.__slots__})
        names = ("seq", "previous", "run", "written", "elapsed", "schema")
        entry = {name: told[name] for name in names} | {"record": ref.id, "hash": told["hash"], "changes": told["changes"]}
        rows.setdefault("ledger", []).append(entry)
    return rows


def _pieces(count: int) -> Iterator[list[Told]]:
    chance, previous, run, piece = random.Random(2), GENESIS, str(uuid.uuid4()), list[Told]()  # noqa: S311
    for number in range(1, count + 1):
        rows = _capture(number, run)
        if number == 1:
            start = {"id": run, "title": "save", "started": DATE, "software": "proof", "command": "proof", "offline": 0}
            files = [{"name": name, "run": run, "origin": "live"} for name in ("s.warc.gz", "ledger.warc.gz")]
            rows[:0] = [("runs", start), *(("segments", one) for one in files)]
        if number % POST_EVERY == 0:
            rows += _post(number, run, chance)
        record = f"urn:uuid:{uuid.UUID(int=number + 2 * 10**12)}"
        told = {"seq": number, "previous": previous, "run": run, "written": DATE, "elapsed": 1.5, "schema": 7, "record": record}
        rows_text = canonical(rows)
        digests = digests_in(rows_text)
        text = canonical([(table, _key(table, row), one) for (table, row), one in zip(rows, digests, strict=True)]).decode()
        previous = entry_hash(told, text)
        told |= {"rows": rows, "hash": previous, "changes": text}
        piece.append((told, rows_text, RecordRef(record, "ledger.warc.gz", number * 900, 900, "metadata", DATE, previous)))
        if len(piece) == PIECE or number == count:
            yield piece
            piece = []


def _key(table: str, row: dict[str, Any]) -> str:
    return " ".join(str(row[column]) for column in KEYS.get(table, ("id",)))


def _id(number: int, kind: int) -> str:
    return f"urn:uuid:{uuid.UUID(int=number + kind * 10**11)}"


def _digest(number: int) -> str:
    return held.sha256(str(number).encode())


def _capture(number: int, run: str) -> Rows:
    response, request, url = _id(number, 1), _id(number, 2), _url(number)
    digest, at = _digest(number), number * 30_000
    row = {"segment": "s.warc.gz", "date": DATE, "sha256": digest}
    capture = {"id": response, "title": f"200 {url}", "run": run, "method": "GET", "url": url, "status": 200, "origin": "live"}
    capture |= {"date": DATE, "ip": "192.0.2.7", "content_type": "image/jpeg", "payload_digest": f"sha1:{digest[:32].upper()}"}
    capture |= {"payload_sha256": digest, "payload_bytes": 28_000, "request": request}
    return [
        ("records", {**row, "id": response, "offset": at, "length": 29_000, "type": "response"}),
        ("records", {**row, "id": request, "offset": at + 29_000, "length": 1_000, "type": "request"}),
        ("captures", capture),
    ]


def _url(number: int) -> str:
    return f"https://pbs.twimg.com/media/{_digest(number)[:15]}{number}?format=jpg&name=orig"


def _post(number: int, run: str, chance: random.Random) -> Rows:
    """A post as it was read, the embed that shows it, and what became of that."""
    words, day, post_id = " ".join(chance.choices(WORDS, k=25)) + f" w{number}", "2026-01-01", str(10**18 + number)
    article, outcome, url = _digest(-(number // 80) - 1), _id(number, 3), f"https://x.com/i/status/{post_id}"
    about_it: dict[str, Any] = {"id": outcome, "segment": "s.warc.gz", "length": 1, "type": "metadata", "date": DATE}
    rows: Rows = [("records", {**about_it, "offset": number * 30_000 + 29_999, "sha256": article})]
    if number % 80 == 0 or number == POST_EVERY:
        about = {
            "id": article,
            "title": f"Story {number}",
            "credits": "[]",
            "format": "html",
            "encoding": "utf-8",
            "bytes": 9_000,
        }
        rows.append(("articles", {**about, "replaced": 0, "record": _id(number, 1), "origin": "local"}))
        source = {"id": _digest(number)[:32], "article": article, "run": run, "source": f"{number}.html", "read": DATE}
        rows.append(("sources", source))
    embed = {"id": f"e{number}", "title": "embed", "article": article, "position": number, "line": 1, "platform": "twitter"}
    embed |= {"form": "html-blockquote", "post_id": post_id, "url": url, "handle": f"h{number % 999}", "posted": day}
    post: dict[str, Any] = {
        "id": f"twitter:{post_id}",
        "title": "post",
        "platform": "twitter",
        "post_id": post_id,
        "origin": "live",
        "url": url,
    }
    post |= {"handle": f"h{number % 999}", "author_id": "7", "text": words, "cut": 0, "capture": _id(number, 1)}
    end = {"id": outcome, "title": "saved", "sequence": number, "embed": f"e{number}", "run": run, "state": "saved"}
    end |= {"availability": "live", "origin": "live", "claim": "match", "reason": "read", "post_id": post_id, "url": url}
    told = {"outcome": outcome, "verdict": "seen", "detail": "the page has the permalink", "value": url}
    captures = [{"outcome": outcome, "capture": _id(number - at, 1), "purpose": "photo", "position": at + 1} for at in range(4)]
    return [
        *rows,
        ("embeds", {**embed, "text": words, "links": "[]"}),
        ("posts", post),
        ("outcomes", {**end, "post": f"twitter:{post_id}", "recorded": DATE, "confidence": 0.98}),
        *(("outcome_captures", one) for one in captures),
        *(("evidence", {**told, "id": f"{outcome}#{at}", "position": at, "method": "permalink"}) for at in (1, 2)),
    ]


SEARCH = (
    "SELECT posts.url, snippet(posts_fts, 0, '[', ']', '…', 12) FROM posts_fts JOIN posts ON posts.rowid = posts_fts.rowid"
    " WHERE posts_fts MATCH ? ORDER BY posts_fts.rank LIMIT 20"
)


def _asked(index: Index, count: int, times: int) -> dict[str, float]:
    """Median milliseconds of each question."""
    chance = random.Random(3)  # noqa: S311
    search = index.db.conn.execute

    def some_post() -> int:
        return chance.randrange(1, count // POST_EVERY) * POST_EVERY

    questions: dict[str, Callable[[], object]] = {
        "by URL": lambda: index.captures_of(_url(chance.randrange(1, count))),
        "by digest": lambda: index.original(_digest(chance.randrange(1, count)), Origin.LIVE),
        "by post": lambda: index.outcomes(post_id=str(10**18 + some_post())),
        "full-text": lambda: search(SEARCH, [f"w{some_post()}"]).fetchall(),
    }
    took = {}
    for name, question in questions.items():
        each = []
        for _ in range(times):
            begun = time.perf_counter()
            if not question():
                raise AssertionError(f"{name}: nothing was found")
            each.append((time.perf_counter() - begun) * 1000)
        took[name] = statistics.median(each)
    return took
