"""Where else do the words of a post stand? Looked for in every row and every record, however they are written down."""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from archiver.archive import WARC_FOLDER
from archiver.provenance.index import Index
from archiver.provenance.withholding import MARK, WORDS
from archiver.warc import read
from archiver.warc.record import FRAMING_TYPE
from archiver.warc.segment import present

PIECE = 32  # letters and digits in a row, by which words are told again
_STEP = 16
_SHORTEST = 16
_MOST = 64 * 1024 * 1024
_ESCAPED = re.compile(r"(?<!\\)\\++u([0-9a-fA-F]{4})")
_ESCAPED_SPACE = re.compile(r"(?<!\\)\\++[nrtbf]")
_TAG = re.compile(r"<[^<>]*>")
_ADDRESS = re.compile(r"(?:https?://|pic\.twitter\.com/)\S+")
_NO_LETTER = re.compile(r"[\W_]+")
_NO_WORDS = re.compile(r"^(?:image/(?!svg)|video/|audio/)", re.IGNORECASE)


def pieces(text: str) -> set[str]:
    """What a text is told again by: runs of letters that overlap. Of a text with fewer than 16 letters none."""
    letters = _letters(_ADDRESS.sub(" ", text.replace(MARK, "")))
    if len(letters) <= PIECE:
        return {letters} if len(letters) >= _SHORTEST else set()
    return {letters[at : at + PIECE] for at in range(0, len(letters) - PIECE + 1, _STEP)} | {letters[-PIECE:]}


def plain(text: str) -> str:
    """The letters of a text, with what JSON and HTML escape put back: as it stands, and without its tags."""
    if "\\" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        text = _ESCAPED_SPACE.sub(" ", text)
    text = html.unescape(html.unescape(text))
    return f"{_letters(text)} {_letters(_TAG.sub('', text))}" if "<" in text else _letters(text)


def _letters(text: str) -> str:
    return _NO_LETTER.sub("", text.casefold())


class Told:
    """The pieces of all that is withheld, and for whose sake."""

    def __init__(self, of: Mapping[str, Iterable[str]]) -> None:
        self._roots = {piece: root for root, texts in of.items() for text in texts for piece in pieces(text)}

    def root(self, text: str) -> str | None:
        """For whose sake a text is to be withheld; None where it holds none of the words."""
        if not self._roots or len(text) < _SHORTEST:
            return None
        letters = plain(text)
        return next((root for piece, root in self._roots.items() if piece in letters), None)


def in_rows(index: Index, told: Told) -> Iterator[tuple[tuple[str, str], str]]:
    """Rows that hold such words: table and key, and for whose sake."""
    for table, columns in WORDS.items():
        names = ", ".join(f"[{column}]" for column in columns)
        for key, *values in index.db.execute(f"SELECT id, {names} FROM [{table}]"):  # noqa: S608 (our own names)
            root = told.root("\n".join(value for value in values if value))
            if root is not None:
                yield (table, key), root


def in_records(root: Path, index: Index, told: Told, captures: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Records that hold such words, or what came beside an answer that is withheld: the record's id, and for whose sake.

    Raises ArchiveDamaged where a record is not what was written.
    """
    for segment in index.segments():
        path = present(root / WARC_FOLDER / segment["name"])
        for row in index.records(segment["name"]):
            stored = read.record(path, row["offset"], row["length"], row["sha256"])
            about = (stored.field("WARC-Refers-To") or "").strip("<>")
            framed = captures.get(about) if stored.field("Content-Type") == FRAMING_TYPE else None
            found = framed or told.root(_text(stored))
            if found is not None:
                yield row["id"], found


def _text(stored: read.Stored) -> str:
    """What can be read of a record: its fields, and its block with the content encoding taken off."""
    fields = " ".join(value for _, value in stored.fields)
    if "application/http" not in (stored.field("Content-Type") or ""):
        return f"{fields}\n{stored.block.decode('utf-8', 'replace')}"
    head, headers, body = read.http_parts(stored.block)
    told = {name.lower(): value for name, value in headers}
    if _NO_WORDS.match(told.get("content-type", "")):
        body = b""
    elif told.get("content-encoding"):
        body = _unpacked(body)
    return f"{fields}\n{head.decode('latin-1')}\n{body.decode('utf-8', 'replace')}"


def _unpacked(body: bytes) -> bytes:
    """The body without its coding, as far as it can be read; as it is where it cannot."""
    for window in (47, -15):  # gzip and zlib; deflate without either's head
        try:
            return zlib.decompressobj(window).decompress(body, _MOST)
        except zlib.error:
            continue
    return body
