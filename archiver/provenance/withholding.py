"""What is withheld, and all that goes with it: which records and rows hold the words or pictures of a post or an article.

Rather too much than too little: a record that also holds something of another post goes too, and is named.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from archiver.provenance.index import Index, Row

MARK = "[withheld]"
_MARKS = json.dumps([MARK])
# The columns that hold words, names, or addresses that lead to them. The others say that there was something, and when.
WORDS: dict[str, tuple[str, ...]] = {
    "runs": ("command", "settings"),
    "captures": ("title", "url", "stand_in"),
    "articles": ("title", "byline", "url", "credits", "site"),
    "sources": ("source",),
    "embeds": ("title", "url", "author", "handle", "text", "links"),
    "mementos": ("title", "original"),
    "posts": (
        *("title", "url", "author", "handle", "author_id", "text", "place"),
        *("card_url", "card_title", "card_description"),
    ),
    "media": ("url", "alt"),
    "links": ("short", "url", "shown"),
    "choices": ("label",),
    "relations": ("handle",),
    "outcomes": ("title", "reason", "url", "identity", "difference"),
    "evidence": ("value", "detail", "seen_in"),
    "failures": ("detail",),
    "article_media": ("title", "url", "alt", "caption", "credit", "reason"),
    "unanswered": ("url", "detail"),
}
_LISTS = {("embeds", "links"), ("articles", "credits")}


def blanked(table: str, row: Mapping[str, Any]) -> Row:
    """The row as an export has it: no words, and whatever else it was."""
    return {column: _blank(table, column, value) for column, value in row.items()}


def _blank(table: str, column: str, value: object) -> object:
    if value in (None, "", "[]") or column not in WORDS.get(table, ()):
        return value  # that there was nothing is no word
    if (table, column) == ("runs", "settings"):
        return "{}"
    return _MARKS if (table, column) in _LISTS else MARK


class Reach:
    """What is withheld with some posts and articles: by record, and by table and key, for whose sake.

    `captures` are exchanges, with their requests and rows; `pictures` those of them whose very bytes are the post's, so that
    every capture with the same bytes goes too.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self.rows: dict[tuple[str, str], str] = {}
        self.records: dict[str, str] = {}
        self.captures: dict[str, str] = {}
        self.pictures: dict[str, str] = {}

    def add(self, root: str) -> None:
        """One that somebody named: `posts PLATFORM:ID`, `articles SHA256`, or a record's id."""
        table, _, key = root.partition(" ")
        if table == "posts":
            platform, _, post_id = key.partition(":")
            for one in self._versions(platform, post_id.partition("~")[0]):
                self._add_post(root, platform, one)
        elif table == "articles":
            self._add_article(root, key)
        else:
            self.add_record(root, root)

    def add_record(self, record: str, root: str) -> None:
        """A record, and where it is an exchange or its request, all that belongs to that."""
        held = self._ids("SELECT id FROM captures WHERE id = :one OR request = :one", one=record)
        for capture in held:
            self.pictures.setdefault(capture, root)
        if not held:
            self.records.setdefault(record, root)
        for embed in self._ids("SELECT embed FROM outcomes WHERE id = :one", one=record):
            self._add_embed(root, embed)
        for article in self._ids("SELECT id FROM articles WHERE record = :one", one=record):
            self._add_article(root, article)

    def add_found(self, record: str, root: str) -> None:
        """A record that was seen to hold the words; where it is an exchange, that."""
        for capture in self._ids("SELECT id FROM captures WHERE id = :one OR request = :one", one=record):
            self.captures.setdefault(capture, root)
        self.records.setdefault(record, root)

    def add_paths(self, run: str, root: str) -> None:
        """What names files and folders of the machine; not of the `run` that asks, which is to see to that itself."""
        for key in self._ids("SELECT id FROM runs WHERE id <> :one", one=run):
            self.rows.setdefault(("runs", key), root)
        for key in self._ids("SELECT id FROM sources"):
            self.rows.setdefault(("sources", key), root)

    def settle(self) -> None:
        """What belongs to the exchanges: the same address asked for again, the same bytes, requests, and the rows of all."""
        self._alike()
        for capture, root in self.captures.items():
            self.rows.setdefault(("captures", capture), root)
            self.records.setdefault(capture, root)
            for request in self._ids("SELECT request FROM captures WHERE id = :one", one=capture):
                self.records.setdefault(request, root)
            for record in self._ids("SELECT record FROM mementos WHERE id = :one", one=capture):
                self.rows.setdefault(("mementos", capture), root)
                self.records.setdefault(record, root)
        for entry, changes in self._index.db.execute("SELECT record, changes FROM ledger"):
            for table, key, _ in json.loads(changes):
                if (table, key) in self.rows:
                    self.records.setdefault(entry, self.rows[table, key])

    def shared(self) -> Iterator[tuple[str, str]]:
        """Of other posts, those that rest on an exchange which is withheld: address of the post, address of the exchange."""
        sql = (
            "SELECT DISTINCT o.id, o.url, c.id, c.url FROM outcome_captures AS oc JOIN outcomes AS o ON o.id = oc.outcome"
            " JOIN captures AS c ON c.id = oc.capture WHERE o.url IS NOT NULL ORDER BY o.url, c.url"
        )
        told = dict.fromkeys(
            (post, url)
            for outcome, post, capture, url in self._index.db.execute(sql)
            if capture in self.captures and ("outcomes", outcome) not in self.rows
        )
        yield from told

    def shared_articles(self) -> Iterator[str]:
        """Articles whose bytes are withheld for the sake of one post, and that show other posts too."""
        for key, record in self._index.db.execute("SELECT id, record FROM articles ORDER BY id"):
            if record in self.records and ("articles", key) not in self.rows:
                yield key

    def _add_post(self, root: str, platform: str, post_id: str) -> None:
        of = {"platform": platform, "post_id": post_id}
        posts = self._ids("SELECT id FROM posts WHERE platform = :platform AND post_id = :post_id", **of)
        for post in posts:
            self.rows.setdefault(("posts", post), root)
            self._rows(root, ["media", "links", "choices", "relations"], "post = :one", post)
            self._pictures(root, "SELECT capture FROM posts WHERE id = :one", post)
            self._pictures(root, "SELECT capture FROM media WHERE post = :one", post)
            self._pictures(root, "SELECT capture FROM links WHERE post = :one", post)
            self._unanswered(
                root, "SELECT url FROM media WHERE post = :one UNION SELECT url FROM links WHERE post = :one", post
            )
        naming = (
            "SELECT r.id FROM relations AS r JOIN posts AS p ON p.id = r.post"
            " WHERE p.platform = :platform AND r.post_id = :post_id"
        )
        for relation in self._ids(naming, **of):
            self.rows.setdefault(("relations", relation), root)
        embeds = (
            "SELECT id FROM embeds WHERE platform = :platform AND post_id = :post_id UNION SELECT o.embed FROM outcomes AS o"
            " JOIN embeds AS e ON e.id = o.embed WHERE e.platform = :platform AND o.post_id = :post_id"
        )
        for embed in self._ids(embeds, **of):
            for outcome in self._add_embed(root, embed):
                self._captures(root, "SELECT capture FROM outcome_captures WHERE outcome = :one", outcome)
                self._captures(root, "SELECT capture FROM evidence WHERE outcome = :one", outcome)
                self._unanswered(root, "SELECT value FROM evidence WHERE outcome = :one", outcome)
            (article,) = self._ids("SELECT article FROM embeds WHERE id = :one", one=embed)
            self._add_article_bytes(root, article)
        self._unanswered(root, "SELECT url FROM unanswered WHERE instr(url, :one)", post_id)

    def _add_embed(self, root: str, embed: str) -> list[str]:
        """What an article shows of a post, and what every run made of it; those outcomes."""
        self.rows.setdefault(("embeds", embed), root)
        outcomes = self._ids("SELECT id FROM outcomes WHERE embed = :one", one=embed)
        for outcome in outcomes:
            self.rows.setdefault(("outcomes", outcome), root)
            self.records.setdefault(outcome, root)
            self._rows(root, ["evidence", "failures"], "outcome = :one", outcome)
        return outcomes

    def _add_article(self, root: str, article: str) -> None:
        self.rows.setdefault(("articles", article), root)
        self._rows(root, ["sources", "article_media"], "article = :one", article)
        self._pictures(root, "SELECT capture FROM article_media WHERE article = :one", article)
        self._unanswered(root, "SELECT url FROM article_media WHERE article = :one", article)
        for run in self._ids("SELECT run FROM sources WHERE article = :one", one=article):
            self.rows.setdefault(("runs", run), root)  # its command names the article
        for embed in self._ids("SELECT id FROM embeds WHERE article = :one", one=article):
            self._add_embed(root, embed)
        self._add_article_bytes(root, article)

    def _add_article_bytes(self, root: str, article: str) -> None:
        for record in self._ids("SELECT record FROM articles WHERE id = :one", one=article):
            if self._ids("SELECT id FROM captures WHERE id = :one", one=record):
                self.pictures.setdefault(record, root)
            else:
                self.records.setdefault(record, root)

    def _alike(self) -> None:
        """Exchanges that hold the same: of one address, or as `pictures` of the same bytes; and originals of revisits."""
        same_bytes = (
            "SELECT c.id FROM captures AS c JOIN captures AS w ON w.payload_sha256 = c.payload_sha256"
            " WHERE w.id = :one AND w.payload_bytes > 0"
        )
        same_address = (
            "SELECT c.id FROM captures AS c JOIN captures AS w ON w.url = c.url WHERE w.id = :one UNION"
            " SELECT m.id FROM mementos AS m JOIN mementos AS w ON w.original = m.original WHERE w.id = :one"
        )
        for capture, root in list(self.pictures.items()):
            self.captures.setdefault(capture, root)
            self._captures(root, same_bytes, capture)
        for capture, root in list(self.captures.items()):
            self._captures(root, same_address, capture)
        for capture, root in list(self.captures.items()):
            self._captures(root, "SELECT refers_to FROM captures WHERE id = :one", capture)

    def _versions(self, platform: str, post_id: str) -> list[str]:
        """The post's id, and those of its other versions: nearly the same words."""
        sql = (
            "SELECT :post_id UNION SELECT other.post_id FROM relations AS one JOIN posts AS p ON p.id = one.post"
            " JOIN relations AS other ON other.post = one.post AND other.kind = 'version'"
            " WHERE p.platform = :platform AND one.post_id = :post_id AND one.kind = 'version'"
        )
        return self._ids(sql, platform=platform, post_id=post_id)

    def _rows(self, root: str, tables: Iterable[str], where: str, one: str) -> None:
        for table in tables:
            for key in self._ids(f"SELECT id FROM [{table}] WHERE {where}", one=one):  # noqa: S608 (our own names)
                self.rows.setdefault((table, key), root)

    def _captures(self, root: str, sql: str, one: str) -> None:
        for capture in self._ids(sql, one=one):
            self.captures.setdefault(capture, root)

    def _pictures(self, root: str, sql: str, one: str) -> None:
        for capture in self._ids(sql, one=one):
            self.pictures.setdefault(capture, root)

    def _unanswered(self, root: str, addresses: str, one: str) -> None:
        for key in self._ids(f"SELECT id FROM unanswered WHERE url IN ({addresses})", one=one):  # noqa: S608 (our own words)
            self.rows.setdefault(("unanswered", key), root)

    def _ids(self, sql: str, **of: str) -> list[str]:
        return [row[0] for row in self._index.db.execute(sql, of) if row[0] is not None]
