"""Sources → `Article`s: which files there are, their containers, encoding and format. One file a container, and one a format
for what an article says of itself.

`Article.data` is the file's own bytes; for a capture in a WARC it is the body with its transfer and content coding taken off.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from pathlib import Path

from archiver.articles import encoding
from archiver.errors import SourceError, UsageError
from archiver.model import Article, Format
from archiver.patterns import pattern
from archiver.values import replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import IO

    from archiver.articles.page import Page, Readable
    from archiver.model import ArticleFacts

__all__ = ["CONTAINERS", "STDIN", "SUFFIXES", "article", "facts", "is_address", "read"]

SUFFIXES: dict[str, Format | None] = {
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
    ".xht": Format.HTML,
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".mdx": Format.MARKDOWN,
    ".txt": None,  # looked into
}
CONTAINERS = (".mht", ".mhtml", ".eml", ".warc", ".warc.gz", ".wacz")
STDIN = "-"

_ADDRESS = pattern(r"^[A-Za-z][A-Za-z0-9+.-]+://")
_LOOKS_LIKE_HTML = pattern(
    r"^\s{0,999}(?:<\?xml[^>]{0,200}>\s{0,99})?<(?:!doctype\s+html|html|head|body|meta|title|!--)", re.IGNORECASE
)
# What browsers call the folder beside "NAME.html", in the languages they speak.
_COMPANION = pattern(
    r"(.+)(?:[_-](?:files?|archivos|arquivos|bestanden|bylos|dateien|datoteke|dosyalar|elemei|failid|fails|fajlovi|ficheiros"
    r"|fichiers|filer|fitxategiak|fitxers|pliki|soubory|tiedostot)|\.files)",
    re.IGNORECASE,
)
_HAS_ELEMENTS = pattern(rb"<(?:!doctype html|html|head|body|article|blockquote|p|div)[\s>]", re.IGNORECASE)
_LOOKED_AT = 100_000
_HTML_SUFFIXES = (".html", ".htm", ".xhtml", ".xht")
_ARCHIVE = "archive.db"  # a folder with that is an archive of ours, maybe the one that is being written
_MOST_SPOOLED = 4 * 1024 * 1024 * 1024
_HEAD = 4096
_LINE_END = pattern("\r\n?")
_FEW = 100_000
_NULS = 1000  # one NUL in so many characters is a fault in a text, and no binary


def is_address(source: str) -> bool:
    """True for an http(s) address, False for a file or `-`. Raises UsageError for any other scheme."""
    if not _ADDRESS.match(source):
        return False
    scheme = source.split(":", 1)[0].lower()
    if scheme in ("http", "https"):
        return True
    raise UsageError(f"{source}: the scheme {scheme}:// is not known; give a file, an http(s) address, or -")


def read(source: str, max_bytes: int, problem: Callable[[SourceError], None] | None = None) -> Iterator[Article]:
    """The articles of a file, of a folder, or of standard input for `-`: one, or as many as a container holds. They come one by
    one and none is kept, so a collection of any size needs no more memory than its largest article.

    `source` of an article is the file as given; in a folder, the folder as given and the way from there; for a capture in a
    WARC or WACZ, the file, `#` and the address. The same bytes from the same address in one container are one article.

    Raises UsageError where there is no such file or it is of no kind that is read, SourceError where what is there is no
    article. Of several articles those that cannot be read are told to `problem` and the others go on; without `problem` the
    first of them is raised.
    """
    several = _Several(max_bytes, problem or _raise)
    if source == STDIN:
        return several.of_stdin()
    try:
        path = Path(source)
        if stat.S_ISDIR(path.stat().st_mode):
            return several.of_folder(source)
        _suffix(source, path)  # known, or refused before anything is opened
    except FileNotFoundError:
        raise UsageError(f"{source}: no such file") from None
    except (OSError, ValueError) as error:
        raise _cannot_be_read(source, error) from None
    return several.of_file(source)


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
    _check_size(source, data, max_bytes)
    text, codec, replaced = _text(source, data, charset)
    if format is None:
        format = Format.HTML if _LOOKS_LIKE_HTML.match(text[:_HEAD]) else Format.MARKDOWN
    return Article(source, data, format, text, codec, replaced, url)


def facts(article: Article) -> ArticleFacts:
    """What the article says of itself: title, byline, day, original address, site, language, picture credits. Never raises."""
    if article.format is Format.HTML:  # each only here: `find --json` asks for no facts
        from archiver.articles import html

        return html.facts(article.text, article.url)
    from archiver.articles import markdown

    return markdown.facts(article.text, article.url)


class _Several:
    """The articles of one source, and where to tell what is wrong with some of them."""

    def __init__(self, max_bytes: int, problem: Callable[[SourceError], None]) -> None:
        self._max_bytes = min(max_bytes, sys.maxsize - 1)  # more than that, no file is asked for
        self._problem = problem
        self._seen: set[bytes] = set()  # of captures alone: 16 bytes for each

    def of_stdin(self) -> Iterator[Article]:
        from archiver.articles import mhtml

        file = sys.stdin.buffer
        head = file.read(_HEAD)
        if head.startswith(b"PK\x03\x04"):
            with _spooled(head, file) as spooled:
                yield from self._of_wacz(spooled, STDIN)
        elif _is_warc(head):
            yield from self._of_warc(_Joined(head, file), STDIN)
        else:
            data = head + file.read(max(0, self._max_bytes + 1 - len(head)))
            yield self._of_mhtml(STDIN, data) if mhtml.looks_like(head) else article(STDIN, data, self._max_bytes)

    def of_file(self, path: str) -> Iterator[Article]:
        given = Path(path)
        suffix = _suffix(path, given)
        try:
            with given.open("rb") as file:
                if suffix in (".warc", ".warc.gz"):
                    yield from self._of_warc(file, path)
                    return
                if suffix == ".wacz":
                    yield from self._of_wacz(file, path)
                    return
                size = os.fstat(file.fileno()).st_size  # 0 for what has none; to ask for the most there may be costs as much
                data = file.read() if 0 < size <= self._max_bytes else file.read(self._max_bytes + 1)
        except OSError as error:
            raise _cannot_be_read(path, error) from None
        yield self._of_mhtml(path, data) if suffix in CONTAINERS else article(path, data, self._max_bytes, SUFFIXES[suffix])

    def of_folder(self, folder: str) -> Iterator[Article]:
        found = False
        for path in self._files(folder):
            found = True
            try:
                yield from self.of_file(path)
            except SourceError as error:
                self._problem(error)
        if not found:
            raise UsageError(f"{folder}: is a folder with no article in it (known: {_known()})")

    def _files(self, folder: str) -> Iterator[str]:
        """Every file that may be an article, sorted. Nothing hidden, no link to a folder, nothing that belongs to a page."""
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self._problem(_cannot_be_read(folder, error))
            return
        pages = {Path(entry.name).stem for entry in entries if entry.name.lower().endswith(_HTML_SUFFIXES)}
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = os.path.join(folder, entry.name)  # noqa: PTH118 # as it was given: Path would take "./" away
            if entry.is_dir(follow_symlinks=False):
                companion = _COMPANION.fullmatch(entry.name)
                if not (companion and companion[1] in pages) and not Path(path, _ARCHIVE).exists():
                    yield from self._files(path)
            elif entry.is_file() and _suffix_of(entry.name) is not None:
                yield path

    def _of_warc(self, file: Readable, name: str) -> Iterator[Article]:
        from archiver.articles import warc

        return self._of_pages(warc.pages(file, name, self._max_bytes), name)

    def _of_wacz(self, file: IO[bytes], name: str) -> Iterator[Article]:
        from archiver.articles import wacz

        return self._of_pages(wacz.pages(file, name, self._max_bytes), name)

    def _of_pages(self, pages: Iterable[Page | SourceError], name: str) -> Iterator[Article]:
        import hashlib

        for page in pages:
            if isinstance(page, SourceError):
                self._problem(page)
                continue
            try:
                one = self._of_page(page, f"{name}#{page.url}")
            except SourceError as error:
                self._problem(error)
                continue
            key = hashlib.blake2b(f"{one.sha256} {page.url}".encode("utf-8", "replace"), digest_size=16).digest()
            if key not in self._seen:
                self._seen.add(key)
                yield one

    def _of_page(self, page: Page, source: str) -> Article:
        from archiver.articles.page import KINDS, MHTML

        if page.kind in MHTML:
            one = self._of_mhtml(source, page.data)
        else:
            one = article(source, page.data, self._max_bytes, KINDS[page.kind], charset=page.charset)
        url = page.url if _ADDRESS.match(page.url) and is_web(page.url) else one.url
        return replace(one, url=url, captured=page.captured)

    def _of_mhtml(self, source: str, data: bytes) -> Article:
        """`data` is the whole file, which is what is kept; `text` is the page in it."""
        from archiver.articles import mhtml

        _check_size(source, data, self._max_bytes)
        root = mhtml.root(data)
        if root is None:
            raise SourceError(f"{source}: is a message with no HTML and no text in it")
        _check_size(source, root.data, self._max_bytes)
        text, codec, replaced = _text(source, root.data, root.charset)
        return Article(source, data, root.format, text, codec, replaced, root.url, media_type=root.media_type)


class _Joined:
    """What was read of a stream already, and then the rest of it."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int = -1) -> bytes:
        if self._head:
            data = self._head if size < 0 else self._head[:size]
            self._head = self._head[len(data) :]
            return data
        return self._rest.read(size)


def is_web(url: str) -> bool:
    """True for an http(s) address."""
    return url.lower().startswith(("http://", "https://"))


def _raise(error: SourceError) -> None:
    raise error


def _known() -> str:
    return " ".join((*SUFFIXES, *CONTAINERS))


def _suffix_of(name: str) -> str | None:
    """The longest known ending of a file's name, in lower case; None where there is none."""
    lower = name.lower()
    return next((one for one in (*CONTAINERS, *SUFFIXES) if lower.endswith(one) and lower != one), None)


def _suffix(source: str, path: Path) -> str:
    """A file's known ending. One of another name is HTML, or a message, where it looks like it: saved pages are called
    `index.php?id=3` too.

    Raises UsageError for a kind of file that is not read, OSError.
    """
    found = _suffix_of(path.name)
    if found is not None:
        return found
    if path.is_file() or not path.exists():
        from archiver.articles import mhtml

        with path.open("rb") as file:
            begin = file.read(_LOOKED_AT)
        if mhtml.looks_like(begin[:_HEAD]):
            return ".eml"
        if _HAS_ELEMENTS.search(begin):
            return ".html"
    raise UsageError(f"{source}: files of this kind are not read yet (known: {_known()}); pipe it in with - if it is one")


def _cannot_be_read(path: str, error: Exception) -> SourceError:
    return SourceError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}")


def _is_warc(head: bytes) -> bool:
    """True for the beginning of a WARC file, packed or not."""
    if head.startswith(b"\x1f\x8b"):
        import zlib

        try:
            head = zlib.decompressobj(31).decompress(head, 100)
        except zlib.error:
            return False
    return head.startswith((b"WARC/", b"filedesc://"))


def _spooled(head: bytes, file: IO[bytes]) -> IO[bytes]:
    """A stream as a file on the disk that can be read in any order. Raises SourceError where it does not end."""
    import tempfile

    spooled = tempfile.TemporaryFile()  # noqa: SIM115 # who reads it closes it
    while head:
        spooled.write(head)
        if spooled.tell() > _MOST_SPOOLED:
            spooled.close()
            raise SourceError(f"{STDIN}: is too large to be piped in; name the file")
        head = file.read(1024 * 1024)
    spooled.seek(0)
    return spooled


def _check_size(source: str, data: bytes, max_bytes: int) -> None:
    """Raises SourceError for what is too large, or empty."""
    if len(data) > max_bytes:
        limit = f"{max_bytes / 1e6:.1f} MB"
        raise SourceError(f"{source}: is larger than the {limit} an article may have; --max-article-bytes raises that")
    if not data or data.isspace():
        raise SourceError(f"{source}: is empty")


def _text(source: str, data: bytes, charset: str | None) -> tuple[str, str, int]:
    """The text with its lines ended by `\\n`, its codec, and what that could not decode. Raises SourceError for binary."""
    text, codec, replaced = encoding.decode(data, charset)
    nuls = text.count("\x00") if b"\x00" in data else 0
    if nuls * _NULS > len(text):
        raise SourceError(f"{source}: is binary, not text (byte {data.find(0) + 1} is NUL)")
    if nuls:
        text, replaced = text.replace("\x00", "\ufffd"), replaced + nuls
    if b"\r" in data:
        # One character is sooner found than two; but where there is hardly anything else, each would be an object for a while.
        few = data.count(b"\r") < _FEW
        text = _LINE_END.sub("\n", text) if few else text.replace("\r\n", "\n").replace("\r", "\n")
    return text, codec, replaced
