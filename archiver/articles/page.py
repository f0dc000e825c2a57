"""What a container gives: a page as it was captured."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from archiver.model import Format
from archiver.patterns import pattern

_CHARSET = pattern(r"""[;\s]charset\s{0,9}=\s{0,9}["']?([^\s;"']{1,40})""", re.IGNORECASE)

KINDS = {
    "text/html": Format.HTML,
    "application/xhtml+xml": Format.HTML,
    "text/markdown": Format.MARKDOWN,
    "text/x-markdown": Format.MARKDOWN,
}
MHTML = frozenset({"multipart/related", "message/rfc822", "application/x-mimearchive"})
UNNAMED = ("", "application/octet-stream", "unknown/unknown")  # what it is has to be seen


class Readable(Protocol):
    """A stream of bytes; it need not seek."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Page:
    """One capture: its address, when it was captured, what it is said to be, and its bytes with no coding on them."""

    url: str
    captured: datetime | None
    kind: str
    charset: str | None
    data: bytes


def kind_and_charset(content_type: str) -> tuple[str, str | None]:
    """The two things that matter of a Content-Type."""
    charset = _CHARSET.search(content_type)
    return content_type.partition(";")[0].strip().lower(), charset[1] if charset else None
