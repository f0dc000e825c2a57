"""MHTML, as browsers save it, and letters: the page's own part, decoded. The pictures in the other parts are passed over."""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import Message
from email.parser import BytesHeaderParser
from html import escape

from archiver.model import Format

_BLANK = re.compile(rb"\r?\n\r?\n")
_FORMATS = {"text/html": Format.HTML, "application/xhtml+xml": Format.HTML, "text/plain": Format.MARKDOWN}
_MOST_HEAD = 64 * 1024
_MOST_DEEP = 4
_MOST_PARTS = 20_000
_MOST_FRAMES = 1_000  # a page that names one over and over would grow without end
_LONGEST_ADDRESS = 4_000
_MARKS = re.compile(rb"^mime-version:", re.IGNORECASE | re.MULTILINE)
_CID = re.compile(rb"cid:([A-Za-z0-9._@!#$*+=-]{1,200})")
_FIELD = re.compile(rb"^(?:From [^\n]{0,1000}\n)?[A-Za-z][A-Za-z0-9-]{1,60}:")


@dataclass(frozen=True, slots=True)
class Root:
    """The page in a message: its bytes, what they are, the charset its part names, and where it was saved from. `media_type` is
    that of the whole message."""

    data: bytes
    format: Format
    charset: str | None
    url: str | None
    media_type: str


def looks_like(head: bytes) -> bool:
    """True where a file begins as a message does."""
    head = head.lstrip()
    return bool(_FIELD.match(head) and _MARKS.search(head.replace(b"\r\n", b"\n")))


def root(data: bytes) -> Root | None:
    """The part that `start` names, else the first that is HTML, else the first that is plain text; None where there is none.

    Browsers keep a frame as a part of its own, and put `cid:` with that part's Content-ID (RFC 2392) where its address stood.
    The address is in the part's Content-Location (RFC 2557), and is put back here.
    """
    head, body = _split(data.lstrip())
    found = _root(head, body)
    if found is None or b"cid:" not in found.data:
        return found
    places = {_header(part, "Content-ID"): _address(part) for part, _ in _leaves(head, body, 0, iter(range(_MOST_PARTS)))}

    def address(name: re.Match[bytes]) -> bytes:
        place = places.get(f"<{name[1].decode('ascii')}>")
        return escape(place).encode("utf-8", "replace") if place and len(place) < _LONGEST_ADDRESS else name[0]

    return replace(found, data=_CID.sub(address, found.data, count=_MOST_FRAMES))


def _root(head: Message, body: bytes) -> Root | None:
    start = _parameter(head, "start")
    media_type = head.get_content_type() if head.get_content_type() == "multipart/related" else "message/rfc822"
    first: Root | None = None
    plain: Root | None = None
    for part, content in _leaves(head, body, 0, iter(range(_MOST_PARTS))):
        format = _FORMATS.get(part.get_content_type()) if part.keys() else None
        named = start is not None and _header(part, "Content-ID") == start
        if format is None or (first and not named) or (format is Format.MARKDOWN and plain):
            continue
        address, charset = _address(part) or _snapshot(head), _parameter(part, "charset")
        found = Root(_decoded(part, content), format, charset, address, media_type)
        if format is Format.MARKDOWN:
            plain = found
        elif named or start is None:
            return found
        else:
            first = found
    return first or plain


def _leaves(head: Message, body: bytes, depth: int, left: Iterator[int]) -> Iterator[tuple[Message, bytes]]:
    """The parts that hold no parts, in order."""
    boundary = _parameter(head, "boundary")
    if not head.get_content_type().startswith("multipart/") or not boundary or depth > _MOST_DEEP:
        yield head, body
        return
    for piece in _between(body, b"--" + boundary.encode("latin-1", "replace")):
        if next(left, None) is None:
            return
        yield from _leaves(*_split(piece), depth + 1, left)


def _between(body: bytes, mark: bytes) -> Iterator[bytes]:
    """What stands between the lines that begin with `mark`."""
    text = b"\n" + body
    at = text.find(b"\n" + mark)
    while at >= 0:
        begin = at + 1 + len(mark)
        if text.startswith(b"--", begin):
            return
        at = text.find(b"\n" + mark, begin)
        end = text.find(b"\n", begin) + 1
        if end:
            yield text[end : at if at >= 0 else len(text)].removesuffix(b"\r")


def _split(data: bytes) -> tuple[Message, bytes]:
    """Head and body. A part may have no head at all."""
    if data[:1] in (b"\r", b"\n"):
        return Message(), data.lstrip(b"\r\n")
    found = _BLANK.search(data, 0, _MOST_HEAD)
    if not found:
        return Message(), data
    return BytesHeaderParser().parsebytes(data[: found.end()]), data[found.end() :]


def _decoded(part: Message, content: bytes) -> bytes:
    coding = (_header(part, "Content-Transfer-Encoding") or "").lower()
    if coding == "quoted-printable":
        return quopri.decodestring(content)
    if coding == "base64":
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", content)
        letters = letters[: len(letters) - (len(letters) % 4 == 1)]
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
    return content


def _address(part: Message) -> str | None:
    address = _header(part, "Content-Location") or ""
    return address if address.lower().startswith(("http://", "https://")) else None


def _snapshot(head: Message) -> str | None:
    address = _header(head, "Snapshot-Content-Location") or ""
    return address if address.lower().startswith(("http://", "https://")) else None


def _header(part: Message, name: str) -> str | None:
    value = part.get(name)
    return "".join(str(value).split()) if value is not None else None


def _parameter(part: Message, name: str) -> str | None:
    try:
        value = part.get_param(name)
    except (ValueError, LookupError):
        return None
    return value.strip() if isinstance(value, str) and value.strip() else None
