"""The schema, as migrations that are never edited once they have landed, and what each column means.

Ids are text everywhere: a platform's ids do not fit a double, and a record's id is a URI. A column named `title` is what
Datasette shows where another table points here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlite_utils.migrations import Migrations

if TYPE_CHECKING:
    from sqlite_utils import Database

migrations = Migrations("archiver")


@migrations()
def m001_tables(db: Database) -> None:
    """Everything that the first version knew."""

    def table(name: str, columns: dict[str, Any], foreign_keys: list[tuple[str, str, str]], pk: Any = "id") -> None:
        not_null = {column for column in columns if column not in MAY_BE_NULL.get(name, ())}
        db.table(name).create(columns, pk=pk, foreign_keys=foreign_keys, not_null=not_null)

    table(
        "runs",
        {"id": str, "title": str, "started": str, "ended": str, "software": str, "command": str, "offline": int, "status": int},
        [],
    )
    table(
        "segments",
        {"name": str, "run": str, "origin": str, "bytes": int},
        [("run", "runs", "id")],
        pk="name",
    )
    table(
        "records",
        {"id": str, "segment": str, "offset": int, "length": int, "type": str, "date": str, "sha256": str},
        [("segment", "segments", "name")],
    )
    table(
        "captures",
        {
            "id": str,
            "title": str,
            "run": str,
            "method": str,
            "url": str,
            "status": int,
            "origin": str,
            "stand_in": str,
            "date": str,
            "ip": str,
            "content_type": str,
            "payload_digest": str,
            "payload_sha256": str,
            "payload_bytes": int,
            "truncated": str,
            "request": str,
            "refers_to": str,
        },
        [
            ("id", "records", "id"),
            ("run", "runs", "id"),
            ("request", "records", "id"),
            ("refers_to", "captures", "id"),
        ],
    )
    table(
        "articles",
        {
            "id": str,
            "title": str,
            "byline": str,
            "published": str,
            "url": str,
            "credits": str,
            "format": str,
            "encoding": str,
            "replaced": int,
            "bytes": int,
            "record": str,
            "origin": str,
        },
        [("record", "records", "id")],
    )
    table(
        "sources",
        {"id": str, "article": str, "run": str, "source": str, "read": str},
        [("article", "articles", "id"), ("run", "runs", "id")],
    )
    table(
        "embeds",
        {
            "id": str,
            "title": str,
            "article": str,
            "position": int,
            "line": int,
            "platform": str,
            "form": str,
            "post_id": str,
            "url": str,
            "author": str,
            "handle": str,
            "posted": str,
            "text": str,
            "links": str,
        },
        [("article", "articles", "id")],
    )
    table(
        "posts",
        {
            "id": str,
            "title": str,
            "platform": str,
            "post_id": str,
            "origin": str,
            "url": str,
            "author": str,
            "handle": str,
            "author_id": str,
            "posted": str,
            "lang": str,
            "text": str,
            "cut": int,
            "quoted": str,
            "capture": str,
        },
        [("quoted", "posts", "id"), ("capture", "captures", "id")],
    )
    table(
        "media",
        {"id": str, "post": str, "kind": str, "url": str, "alt": str, "capture": str},
        [("post", "posts", "id"), ("capture", "captures", "id")],
    )
    table(
        "outcomes",
        {
            "id": str,
            "title": str,
            "sequence": int,
            "embed": str,
            "run": str,
            "state": str,
            "availability": str,
            "origin": str,
            "claim": str,
            "reason": str,
            "post_id": str,
            "url": str,
            "post": str,
            "recorded": str,
        },
        [("id", "records", "id"), ("embed", "embeds", "id"), ("run", "runs", "id"), ("post", "posts", "id")],
    )
    table(
        "outcome_captures",
        {"outcome": str, "capture": str, "purpose": str, "position": int},
        [("outcome", "outcomes", "id"), ("capture", "captures", "id")],
        pk=("outcome", "position"),
    )
    table(
        "evidence",
        {
            "id": str,
            "outcome": str,
            "position": int,
            "method": str,
            "value": str,
            "verdict": str,
            "detail": str,
            "capture": str,
        },
        [("outcome", "outcomes", "id"), ("capture", "captures", "id")],
    )
    table(
        "failures",
        {"id": str, "outcome": str, "position": int, "stage": str, "reason": str, "detail": str},
        [("outcome", "outcomes", "id")],
    )
    for name, columns in (
        ("captures", ["url"]),
        ("captures", ["payload_sha256"]),
        ("records", ["segment", "offset"]),
        ("embeds", ["article"]),
        ("outcomes", ["embed"]),
        ("outcomes", ["post"]),
        ("outcome_captures", ["capture"]),
        ("evidence", ["outcome"]),
        ("failures", ["outcome"]),
        ("media", ["post"]),
        ("posts", ["post_id"]),
    ):
        db.table(name).create_index(columns)
    db.table("outcomes").create_index(["sequence"], unique=True)
    for name in ("posts", "embeds"):
        db.table(name).enable_fts(["text", "author", "handle"], create_triggers=True, tokenize="unicode61")


@migrations()
def m002_chain(db: Database) -> None:
    """The one question: which bytes, fetched when, from where, show the post that this line of this article embeds?"""
    db.create_view("latest_outcomes", LATEST_OUTCOMES)
    db.create_view("chain", CHAIN)


@migrations()
def m003_article_facts(db: Database) -> None:
    """What else an article says of itself, and when another program captured it."""
    for column in ("site", "language", "captured"):
        db.table("articles").add_column(column, str)


@migrations()
def m004_posts_whole(db: Database) -> None:
    """All that an answer says of a post: its links, its poll, its card, and the posts that it belongs to."""
    posts = db.table("posts")
    for column in ("precision", "made", "place", "card", "card_url", "card_title", "card_description", "poll_ends"):
        posts.add_column(column, str)
    for column in ("sensitive", "edited", "superseded", "poll_ended"):
        posts.add_column(column, int)
    db.table("links").create(
        {"id": str, "post": str, "position": int, "short": str, "url": str, "shown": str, "capture": str},
        pk="id",
        foreign_keys=[("post", "posts", "id"), ("capture", "captures", "id")],
        not_null={"id", "post", "position", "short", "url", "shown"},
    )
    db.table("choices").create(
        {"id": str, "post": str, "position": int, "label": str, "votes": int},
        pk="id",
        foreign_keys=[("post", "posts", "id")],
        not_null={"id", "post", "position", "label"},
    )
    db.table("relations").create(
        {"id": str, "post": str, "kind": str, "position": int, "post_id": str, "handle": str, "other": str},
        pk="id",
        foreign_keys=[("post", "posts", "id"), ("other", "posts", "id")],
        not_null={"id", "post", "kind", "position", "post_id"},
    )
    for table, column in (
        ("links", "post"),
        ("links", "url"),
        ("choices", "post"),
        ("relations", "post"),
        ("relations", "post_id"),
    ):
        db.table(table).create_index([column])


@migrations()
def m005_identity(db: Database) -> None:
    """How sure it is which post an embed is, what web archives gave, and the media of the articles themselves."""
    for column, kind in (("rung", str), ("confidence", float), ("identity", str), ("difference", str), ("recovered", str)):
        db.table("outcomes").add_column(column, kind)
    db.table("evidence").add_column("seen_in", str)
    db.table("posts").add_column("memento", str)
    db.table("mementos").create(
        {
            "id": str,
            "title": str,
            "original": str,
            "captured": str,
            "archive": str,
            "listed_digest": str,
            "digest_agrees": int,
            "record": str,
        },
        pk="id",
        foreign_keys=[("id", "captures", "id"), ("record", "records", "id")],
        not_null={"title", "original", "captured", "archive", "record"},
    )
    db.table("mementos").create_index(["original"])
    db.table("article_media").create(
        {
            "id": str,
            "title": str,
            "article": str,
            "position": int,
            "kind": str,
            "url": str,
            "alt": str,
            "caption": str,
            "credit": str,
            "capture": str,
            "reason": str,
        },
        pk="id",
        foreign_keys=[("article", "articles", "id"), ("capture", "captures", "id")],
        not_null={"title", "article", "position", "kind", "url"},
    )
    db.table("article_media").create_index(["article"])


@migrations()
def m006_network(db: Database) -> None:
    """What secured a connection and what was redacted; requests without an answer; hosts that asked to be left alone."""
    for column in ("protocol", "cipher", "certificate_sha256", "redacted"):
        db.table("captures").add_column(column, str)
    db.table("unanswered").create(
        {"id": str, "run": str, "url": str, "purpose": str, "reason": str, "detail": str, "asked": str},
        pk="id",
        foreign_keys=[("run", "runs", "id")],
        not_null={"id", "run", "url", "purpose", "reason", "detail", "asked"},
    )
    db.table("unanswered").create_index(["url"])
    db.table("waits").create(
        {"host": str, "until": str, "reason": str, "run": str},
        pk="host",
        foreign_keys=[("run", "runs", "id")],
        not_null={"host", "until", "reason", "run"},
    )
    db.table("attempts").create(
        {"id": str, "embed": str, "run": str, "began": str},
        pk="id",
        foreign_keys=[("run", "runs", "id")],
        not_null={"id", "embed", "run", "began"},
    )
    db.table("attempts").create_index(["embed"])


@migrations()
def m007_ledger(db: Database) -> None:
    """A chain over every row that is written; whose hands the archive was in; what is withheld; heads that are kept elsewhere.

    How far a segment is acknowledged follows from its records, so it is not told a second time.
    """
    db.execute("ALTER TABLE segments DROP COLUMN bytes")
    for column in ("operator", "settings", "machine"):
        db.table("runs").add_column(column, str)
    db.table("captures").add_column("skew_seconds", int)
    db.table("ledger").create(
        {
            "seq": int,
            "previous": str,
            "hash": str,
            "run": str,
            "written": str,
            "elapsed": float,
            "schema": int,
            "record": str,
            "changes": str,
        },
        pk="seq",
        foreign_keys=[("run", "runs", "id"), ("record", "records", "id")],
        not_null={"previous", "hash", "run", "written", "elapsed", "schema", "record", "changes"},
    )
    db.table("ledger").create_index(["record"])
    db.table("custody").create(
        {"id": str, "run": str, "moment": str, "act": str, "about": str, "detail": str},
        pk="id",
        foreign_keys=[("run", "runs", "id")],
        not_null={"run", "moment", "act", "about", "detail"},
    )
    db.table("withheld").create(
        {"id": str, "run": str, "moment": str, "reason": str, "because": str, "blank": str},
        pk="id",
        foreign_keys=[("run", "runs", "id")],
        not_null={"run", "moment", "reason"},
    )
    db.table("anchors").create(
        {
            "id": str,
            "head_seq": int,
            "head_hash": str,
            "kind": str,
            "authority": str,
            "state": str,
            "file": str,
            "sha256": str,
            "asked": str,
            "held": str,
            "delay_seconds": int,
            "detail": str,
        },
        pk="id",
        not_null={"head_seq", "head_hash", "kind", "authority", "state", "file", "sha256", "asked"},
    )
    db.table("anchors").create_index(["state"])


@migrations()
def m008_by_post(db: Database) -> None:
    """The outcomes of a post, and the names an article was handed over under, without going through all."""
    db.table("outcomes").create_index(["post_id"])
    db.table("sources").create_index(["article"])


MAY_BE_NULL = {
    "runs": ("ended", "status"),
    "captures": ("stand_in", "ip", "content_type", "truncated", "refers_to"),
    "articles": ("title", "byline", "published", "url"),
    "embeds": ("post_id", "url", "author", "handle", "posted"),
    "posts": ("author", "handle", "author_id", "posted", "lang", "quoted"),
    "media": ("alt", "capture"),
    "outcomes": ("post_id", "url", "post"),
    "evidence": ("capture",),
}

LATEST_OUTCOMES = """\
SELECT * FROM outcomes AS o WHERE sequence = (
  SELECT max(sequence) FROM outcomes WHERE embed = o.embed AND origin = o.origin
)"""

CHAIN = """\
SELECT
  a.id AS article, a.title, e.line, e.position, e.handle, e.text AS claimed,
  o.state, o.availability, o.claim, o.origin, o.url AS post_url, p.text AS fetched,
  oc.purpose, c.url AS capture_url, c.status, c.date, c.ip, c.origin AS capture_origin, c.stand_in,
  r.segment AS warc, r.offset, r.length, c.payload_digest, c.payload_sha256,
  coalesce(body.segment, r.segment) AS payload_warc, coalesce(body.offset, r.offset) AS payload_offset,
  coalesce(body.length, r.length) AS payload_length,
  c.id AS capture, o.id AS outcome, e.id AS embed
FROM latest_outcomes AS o
JOIN embeds AS e ON e.id = o.embed
JOIN articles AS a ON a.id = e.article
LEFT JOIN posts AS p ON p.id = o.post
JOIN outcome_captures AS oc ON oc.outcome = o.id
JOIN captures AS c ON c.id = oc.capture
JOIN records AS r ON r.id = c.id
LEFT JOIN records AS body ON body.id = c.refers_to
ORDER BY a.id, e.position, oc.position"""

MEANING: dict[str, tuple[str, dict[str, str]]] = {
    "runs": (
        "One run of `save`.",
        {
            "id": "a UUID",
            "title": "the command and when it began, for people",
            "started": "UTC",
            "ended": "UTC; null while it runs, and for ever where it was killed",
            "software": "name and version of what ran",
            "command": "the words of the call, paths and all",
            "offline": "1: it was told to open no socket",
            "status": "the exit status",
            "operator": "who ran it, where they want to be named; else `withheld`",
            "settings": "what it was told that is not the default, a JSON object; secrets and proxies only as `given`",
            "machine": "the system, Python, SQLite and OpenSSL that it ran with, and how its clocks count",
        },
    ),
    "segments": (
        "One WARC file in `warc/`.",
        {
            "name": "the file's name",
            "run": "the run that wrote it; no other run ever does",
            "origin": "`live`, `web-archive` or `stand-in`: never two of them in one file; `local` for the ledger's own",
        },
    ),
    "ledger": (
        "Every write of this index, one row a transaction, each with the hash of the one before it: docs/ledger.md.",
        {
            "seq": "from 1, without a gap",
            "previous": "the hash of the entry before; of the first one 64 zeros",
            "hash": "SHA-256 over the other columns, hexadecimal",
            "run": "the run that wrote it",
            "written": "UTC, by the machine's clock",
            "elapsed": "seconds since the run began, by a clock that nobody sets",
            "schema": "how many migrations there were",
            "record": "the `metadata` record in a `ledger-` segment that holds the rows in full",
            "changes": "which rows were written, a JSON list of [table, key, SHA-256 of the row]",
        },
    ),
    "custody": (
        "What was done with the archive beside saving: recovery, export, withholding, anchoring, rebuilding.",
        {
            "id": "a UUID",
            "run": "the run that did it",
            "moment": "UTC",
            "act": "`recovered`, `adopted`, `exported`, `withheld`, `released`, `anchored`, `reindexed`",
            "about": "the file, record or head that it was done to",
            "detail": "in words",
        },
    ),
    "withheld": (
        "What leaves no export: for a person at risk, or because the law asks. Here it stays as it is.",
        {
            "id": "a record's id, or a table's name and a row's key, as in `posts twitter:123`",
            "run": "the run that last withheld or released it",
            "moment": "UTC",
            "reason": "why, in words; empty where it was released again",
            "because": "what somebody withheld and this goes with; null where this is what they withheld",
            "blank": "what an export has in its place: of a record the SHA-256 of the stub, of a row the digest (as in the"
            " ledger) of the row without its words; null where there is none, or it was released",
        },
    ),
    "anchors": (
        "Heads of the ledger that are kept where nobody who can write here can change them. docs/anchors.md.",
        {
            "id": "a UUID",
            "head_seq": "the entry that is the head",
            "head_hash": "its hash",
            "kind": "`file`, `rfc3161` or `opentimestamps`",
            "authority": "who was asked: an address; for a file its name",
            "state": "`pending`, `held` or `failed`",
            "file": "the proof's file in `anchors/`, or the head's file where there is no proof yet",
            "sha256": "of that file, hexadecimal",
            "asked": "UTC, when it was first asked for",
            "held": "UTC, when the proof was received",
            "delay_seconds": "between the head and the proof",
            "detail": "what the authority says, or what went wrong last",
        },
    ),
    "records": (
        "Every WARC record, of every type. Together they tile their segments without a gap.",
        {
            "id": "WARC-Record-ID, without angle brackets",
            "segment": "the file",
            "offset": "of the gzip member, in bytes",
            "length": "of the gzip member, in bytes",
            "type": "WARC-Type",
            "date": "WARC-Date",
            "sha256": "of the stored bytes, hexadecimal",
        },
    ),
    "captures": (
        "Every exchange: a request and its answer, whatever the status.",
        {
            "id": "the record of the response, or of the revisit",
            "title": "status and address, for people",
            "run": "the run that asked",
            "method": "of the request",
            "url": "as asked for",
            "status": "of the answer",
            "origin": "`live`; `web-archive`: its copy of another address; `stand-in`: answered from fixtures",
            "stand_in": "which fixture or record stood in",
            "date": "when the request was sent, UTC",
            "ip": "the peer's address, live only",
            "content_type": "as the answer declared it",
            "payload_digest": "as in the WARC: SHA-1 of the body, content encoding kept, transfer encoding removed",
            "payload_sha256": "SHA-256 of the same bytes, hexadecimal",
            "payload_bytes": "how many bytes that is",
            "truncated": "WARC-Truncated, where the body was cut short",
            "request": "the record of the request",
            "refers_to": "for a revisit: the capture that holds the same payload",
            "protocol": "`tls/1.3` or another version of TLS; null for plain HTTP and for stand-ins",
            "cipher": "the cipher suite, as OpenSSL names it",
            "certificate_sha256": "SHA-256 of the server's own certificate (DER), hexadecimal",
            "redacted": "which headers and parameters were secrets, and are not kept",
            "skew_seconds": "the server's clock (its Date, and the Age of an answer out of a cache) less ours when the request"
            " was sent; live answers with a Date only",
        },
    ),
    "unanswered": (
        "Every request that got no answer, refused ones too: a capture that is missing can be explained.",
        {
            "id": "a UUID",
            "run": "the run that asked, or would have",
            "url": "as asked for, secrets redacted",
            "purpose": "why it was asked for",
            "reason": "`refused` by the guard, `no-address`, `no-connection`, `certificate`, `timeout`, `no-http`, `must-wait`,"
            " `stopped`, `bad-url`, `no-stand-in`",
            "detail": "in words",
            "asked": "UTC",
        },
    ),
    "waits": (
        "Hosts that said when to come again. No run asks them before.",
        {
            "host": "the host",
            "until": "UTC",
            "reason": "what it said",
            "run": "the run that it said it to",
        },
    ),
    "attempts": (
        "Every time work on an embed was begun. One without an outcome of its run was cut off.",
        {
            "id": "a UUID",
            "embed": "the embed's id; it has a row in `embeds` once it has an outcome",
            "run": "the run",
            "began": "UTC",
        },
    ),
    "articles": (
        "Every distinct article, by its bytes.",
        {
            "id": "SHA-256 of its bytes, hexadecimal",
            "title": "as it says itself",
            "byline": "as it says itself",
            "published": "as it says itself, ISO day",
            "url": "the original address that it names, or where it was fetched or captured",
            "credits": "picture credits, a JSON list",
            "format": "`html` or `markdown`",
            "encoding": "the character encoding it was read with",
            "replaced": "characters that the encoding could not decode",
            "bytes": "its size",
            "record": "the record that holds its bytes",
            "origin": "`local` for a file that was handed over, else as for captures",
            "site": "as it says itself",
            "language": "as it says itself, mostly a BCP 47 tag",
            "captured": "the WARC-Date of a capture that was handed over in a WARC or WACZ",
        },
    ),
    "sources": (
        "Under which names an article was handed over, and when.",
        {
            "id": "a UUID",
            "article": "the article",
            "run": "the run",
            "source": "the file, address or `-` as given",
            "read": "UTC",
        },
    ),
    "embeds": (
        "Every embedded post as an article shows it: the article's claim.",
        {
            "id": "a digest of the article and of all that the claim says",
            "title": "handle and day, for people",
            "article": "the article",
            "position": "within the article, from 1",
            "line": "within the file, from 1",
            "platform": "`twitter`, `instagram`, …; docs/platforms.md lists them",
            "form": "the shape it was found in; docs/json-lines.md lists them",
            "post_id": "only where the page itself carries it",
            "url": "canonical permalink, only where the page itself carries one",
            "author": "the name shown",
            "handle": "without @",
            "posted": "the day shown, ISO",
            "text": "the words shown, white space joined",
            "links": "every address in it, a JSON list",
        },
    ),
    "posts": (
        "Every post that was read in an answer, quoted ones too. One made from stand-ins is another row than the live one.",
        {
            "id": "`platform:post_id`, with `~web-archive` behind it where a web archive's copy showed it, `~stand-in` where it"
            " was read from a stand-in",
            "title": "handle and first words, for people",
            "platform": "`twitter`, `instagram`, …; docs/platforms.md lists them",
            "post_id": "the platform's own id",
            "origin": "`live`, `web-archive` or `stand-in`",
            "url": "canonical permalink",
            "author": "name",
            "handle": "without @",
            "author_id": "the platform's own id of the author",
            "posted": "UTC, to the millisecond where the platform says",
            "lang": "as the platform says",
            "text": "as the platform gave it",
            "cut": "1: the platform says that the text goes on",
            "quoted": "the post it quotes",
            "capture": "the answer it was read from",
            "precision": "how exactly `posted` is told: `millisecond`, `second`, `minute`, `day`",
            "made": "when its id was made, read from the id alone: UTC, to the millisecond",
            "place": "as the author tagged it",
            "card": "the kind of preview below it, as the platform names it",
            "card_url": "the page that the preview leads to",
            "card_title": "the preview's title",
            "card_description": "the preview's words",
            "poll_ends": "when its poll ends, UTC",
            "sensitive": "1: the platform marks it as possibly sensitive",
            "edited": "1: it has been edited, 0: it has not; null where the answer does not say",
            "superseded": "1: a later version of it is known",
            "poll_ended": "1: the counts of its poll are final",
            "memento": "where a web archive's copy showed it: that memento. Then it says what was there once, not what is",
        },
    ),
    "links": (
        "Each link in the words of a post.",
        {
            "id": "`post#number`",
            "post": "the post",
            "position": "in the words, from 1",
            "short": "as it was written for the post, mostly `t.co`",
            "url": "where it leads",
            "shown": "as pages show it",
            "capture": "the page that it led to, where that was asked for and is kept",
        },
    ),
    "choices": (
        "Each choice of a post's poll.",
        {
            "id": "`post#number`",
            "post": "the post",
            "position": "from 1",
            "label": "its words",
            "votes": "how many chose it when it was asked for; null where the answer does not say",
        },
    ),
    "relations": (
        "Which other posts a post belongs to, whether they were read or are only named.",
        {
            "id": "`post#kind#number`",
            "post": "the post",
            "kind": "`quotes`, `replies-to`, `reposts`, `version` (each edit, itself too, oldest first)",
            "position": "from 1",
            "post_id": "the other post's id on the platform",
            "handle": "whose it is, where that is said",
            "other": "the other post, where it was read",
        },
    ),
    "media": (
        "Each photo, video, poster, preview and portrait that belongs to a post.",
        {
            "id": "`post#number`",
            "post": "the post",
            "kind": "the purpose it was asked for: `photo` is the original size, `photo-shown` as pages show it; `playlist` and"
            " `segment` are the pieces of a video that has no file",
            "url": "the address that answered, which says the size; the first one where none did",
            "alt": "the alternative text",
            "capture": "the bytes; null where they could not be had",
        },
    ),
    "outcomes": (
        "How saving an embed ended, one row a run that worked on it. Rows are added, never changed.",
        {
            "id": "the `metadata` record that says the same in the WARC",
            "title": "state and address, for people",
            "sequence": "in the order they were recorded, from 1; clocks may jump, this does not",
            "embed": "the embed",
            "run": "the run",
            "state": "`saved`, `partial`, `gone`, `unidentified`, `failed`",
            "availability": "what the platform's answers say of the post",
            "origin": "`stand-in` where any answer was one, or the run was offline",
            "claim": "`match`, `differs`, `unverifiable`: fetched words against shown words",
            "reason": "why, in words",
            "post_id": "the post's id, where it was identified",
            "url": "its canonical permalink",
            "post": "the post, where it was read",
            "recorded": "UTC",
            "rung": "what led to the post: `permalink`, `short-link`, `archived-short-link`, `archive-search`, `neighbour`",
            "confidence": "how much speaks for it, 0 to 1; docs/identity.md",
            "identity": "why it is this post, or none, in words",
            "difference": "where the words part: `[-of the post-]{+of the article+}`",
            "recovered": "the post as a web archive's copy shows it, where it is not there any more",
        },
    ),
    "outcome_captures": (
        "Which captures an outcome rests on.",
        {
            "outcome": "the outcome",
            "capture": "the capture",
            "purpose": "why it was asked for",
            "position": "in the order of asking, from 1",
        },
    ),
    "evidence": (
        "What bears on which post an embed is.",
        {
            "id": "`outcome#position`",
            "outcome": "the outcome",
            "position": "in the order it was found, from 1",
            "method": "`form`, `permalink`, `signature`, `short-link`, `short-link-hop`, `short-link-target`, `id-time`,"
            " `author`, `words`, `probe`, `availability`, `media-fallback`, `other-post`, `linked-page`, `mirror`, `place`,"
            " `media-address`, `media-time`, `archive-index`, `memento`, `candidate`, `short-link-code`, `rejected-probe`,"
            " `recovered-media`, `archived-words`",
            "value": "the exact text seen",
            "verdict": "`accepted`, `rejected`, `agrees`, `disagrees`, `seen`, `failed`",
            "detail": "why, in words",
            "capture": "the exchange that shows it",
            "seen_in": "where it was seen: an address, or what it is called",
        },
    ),
    "failures": (
        "What did not work.",
        {
            "id": "`outcome#position`",
            "outcome": "the outcome",
            "position": "from 1",
            "stage": "`identify`, `fetch`, `read`, `media`, `links`, `web-archive`",
            "reason": "a word for machines",
            "detail": "the particulars",
        },
    ),
    "mementos": (
        "Which captures are a web archive's copies: of what address, captured when. The archive's word for what was there.",
        {
            "id": "the capture, under the memento's own address and with its own date",
            "title": "archive, day and address, for people",
            "original": "the address it is a copy of (URI-R)",
            "captured": "when the archive captured it, UTC; when we fetched it is the capture's date",
            "archive": "the archive's host",
            "listed_digest": "SHA-1 as the archive's index lists it",
            "digest_agrees": "1: what was given has that digest; 0: it has not, which happens; null: none is listed",
            "record": "the `metadata` record that says the same in the WARC",
        },
    ),
    "article_media": (
        "The images and videos that an article's own body shows.",
        {
            "id": "`article#number`",
            "title": "kind and caption, for people",
            "article": "the article",
            "position": "in the order of the article, from 1",
            "kind": "`image`, `video`, `audio` or `poster`",
            "url": "the address, made whole with the article's",
            "alt": "the alternative text",
            "caption": "the caption, without the credit where that could be told apart",
            "credit": "who is credited",
            "capture": "the bytes; null where they could not be had",
            "reason": "why not, in words",
        },
    ),
}
