"""Sources → `Article`: bytes, their encoding and format. One file a format for what an article says of itself."""

from __future__ import annotations

import codecs
import hashlib
import re
import sys
from pathlib import Path

from archiver.articles import html, markdown
from archiver.errors import SourceError, UsageError
from archiver.model import Article, ArticleFacts, Format

SUFFIXES = {
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".txt": None,  # looked into
}
STDIN = "-"

_ADDRESS = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+://")
_LOOKS_LIKE_HTML = re.compile(r"^\s*(?:<\?xml[^>]{0,200}>\s*)?<(?:!doctype\s+html|html|head|body|!--)", re.IGNORECASE)
_DECLARED = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_NO_CHARSETS = frozenset({"unicode_escape", "raw_unicode_escape", "punycode", "idna", "utf-7", "undefined"})
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def is_address(source: str) -> bool:
    """True for an http(s) address, False for a file or `-`. Raises UsageError for any other scheme."""
    if not _ADDRESS.match(source):
        return False
    scheme = source.split(":", 1)[0].lower()
    if scheme in ("http", "https"):
        return True
    raise UsageError(f"{source}: the scheme {scheme}:// is not known; give a file, an http(s) address, or -")


def read(source: str, max_bytes: int) -> Article:
    """The article in a file, or on standard input for `-`.

    Raises UsageError where there is no such file, SourceError where what is there is no article.
    """
    if source == STDIN:
        return article(source, sys.stdin.buffer.read(max_bytes + 1), max_bytes)
    path = Path(source)
    try:
        if path.is_dir():
            raise UsageError(f"{source}: is a folder; name the files in it")
        if path.suffix.lower() not in SUFFIXES:
            known = " ".join(SUFFIXES)
            raise UsageError(f"{source}: files of this kind are not read yet (known: {known}); pipe it in with - if it is one")
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except FileNotFoundError:
        raise UsageError(f"{source}: no such file") from None
    except (OSError, ValueError) as error:
        raise SourceError(f"{source}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return article(source, data, max_bytes, SUFFIXES[path.suffix.lower()])


def article(
    source: str,
    data: bytes,
    max_bytes: int,
    format: Format | None = None,
    *,
    url: str | None = None,
    charset: str | None = None,
) -> Article:
    """`data` as an Article. `format` and `charset` are what is known from outside (suffix, Content-Type), if anything.

    Raises SourceError for what is empty, too large or binary.
    """
    if len(data) > max_bytes:
        limit = f"{max_bytes / 1e6:.1f} MB"
        raise SourceError(f"{source}: is larger than the {limit} an article may have; --max-article-bytes raises that")
    if not data.strip():
        raise SourceError(f"{source}: is empty")
    text, encoding, replaced = _decode(data, charset)
    if "\x00" in text:
        raise SourceError(f"{source}: is binary, not text (byte {data.find(0) + 1} is NUL)")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if format is None:
        format = Format.HTML if _LOOKS_LIKE_HTML.match(text[:2000]) else Format.MARKDOWN
    digest = hashlib.sha256(data).hexdigest()
    return Article(source, data, digest, format, text, encoding, replaced, url)


def facts(article: Article) -> ArticleFacts:
    """What the article says of itself: title, byline, day, original address, picture credits."""
    found = html.facts(article.text) if article.format is Format.HTML else markdown.facts(article.text)
    if article.url and not found.url:
        return ArticleFacts(found.title, found.byline, found.published, article.url, found.credits)
    return found


def _decode(data: bytes, charset: str | None) -> tuple[str, str, int]:
    """Text, the encoding used, and how many characters it could not decode. A byte order mark outweighs what is declared;
    UTF-8 that decodes whole outweighs a declaration too, for text in another encoding hardly ever does."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            text = data.decode(name, "replace")
            return text, name, text.count("�")
    try:
        return data.decode("utf-8"), "utf-8", 0
    except UnicodeDecodeError:
        pass
    declared = _DECLARED.search(data[:4096])
    for label in (charset, declared[1].decode("ascii") if declared else None, "windows-1252"):
        codec = _text_codec(label)
        if codec is not None and codec != "utf-8":
            text = data.decode(codec, "replace")
            return text, codec, text.count("�")
    raise AssertionError("windows-1252 is always there")


def _text_codec(label: str | None) -> str | None:
    """The codec of a label, where it is one that web pages use (Python also has codecs for zip, rot13 and escapes)."""
    try:
        found = codecs.lookup(label or "").name
        if found in _NO_CHARSETS or b"a".decode(found, "replace") != "a":
            return None
    except (LookupError, ValueError):
        return None
    return "windows-1252" if found in ("iso8859-1", "ascii") else found  # as the WHATWG encoding table reads them
