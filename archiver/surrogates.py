"""Halves of surrogate pairs: JSON can say them, and no encoding can write them."""

from __future__ import annotations

import json

from archiver.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# A first half with no second behind it, or a second half with no first before it. A backslash before the first may be what
# escapes it, so that it is none; at worst what is whole is taken for a half, and looked at once more.
_HALF = pattern(r"\\u[dD](?:[89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<![^\\]\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD])[c-fC-F])")


class Decoder(json.JSONDecoder):
    """Reads JSON as a browser shows it: a half without the other is U+FFFD."""

    def raw_decode(self, s: str, idx: int = 0) -> tuple[Any, int]:
        value, end = super().raw_decode(s, idx)
        if s.find("\\", idx, end) >= 0 and _HALF.search(s, idx, end):
            value = json.loads(whole(json.dumps(value, ensure_ascii=False)))
        return value, end


def whole(text: str) -> str:
    """The text with its pairs joined, and U+FFFD for each half that is alone."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def loads(data: bytes | str, *, strict: bool = True) -> Any:
    """What the JSON says, in texts that can be written. Raises ValueError, RecursionError."""
    if isinstance(data, bytes):
        data = data.decode(json.detect_encoding(data))
    return json.loads(data, cls=Decoder, strict=strict)
