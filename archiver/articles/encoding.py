"""Bytes → text, as browsers do it, save that UTF-8 which holds outranks a declaration that lies. Labels are WHATWG's."""

from __future__ import annotations

import codecs
import re

from archiver.patterns import pattern

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_PRESCAN_BYTES = 4096  # browsers look at 1024
_COMMENT = pattern(rb"<!--.*?-->", re.DOTALL)
_META = pattern(rb"""<meta[^>]{0,300}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_XML = pattern(rb"""^\s{0,9}<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([A-Za-z0-9_.:-]{1,40})["']""")
_ESCAPES = (b"\x1b$", b"\x1b(")  # what ISO-2022-JP shifts with; to UTF-8 it is plain ASCII
_FALLBACK = "windows-1252"
_HARDLY = 16
_MOSTLY = 10  # so many characters that are UTF-8 to each that is not: UTF-8 with a fault, not another encoding


def decode(data: bytes, charset: str | None = None) -> tuple[str, str, int]:
    """The text, the codec it was read with, and how many characters that could not decode.

    In this order: a byte order mark, UTF-16 by its pattern of NULs, UTF-8 if it decodes, `charset` (what the transport said),
    what the text declares of itself, windows-1252. Every input gives some text.
    """
    for mark, marked in _BOMS:
        if data.startswith(mark):
            return _replacing(data, marked)
    wide = _utf_16(data[:_PRESCAN_BYTES])
    if wide:
        return _replacing(data, wide)
    declared = [codec for label in (charset, _declared(data[:_PRESCAN_BYTES])) if (codec := _codec(label))]
    if not (declared and declared[0] == "iso2022_jp" and any(escape in data for escape in _ESCAPES)):
        try:
            return data.decode("utf-8"), "utf-8", 0
        except UnicodeDecodeError:
            pass
        text, codec, replaced = _replacing(data, "utf-8")
        if sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", text))) >= _MOSTLY * replaced:
            return text, codec, replaced
    return _replacing(data, next((codec for codec in declared if codec != "utf-8"), _codec(_FALLBACK) or _FALLBACK))


def _replacing(data: bytes, codec: str) -> tuple[str, str, int]:
    text = data.decode(codec, "replace")
    return text, codec, text.count("\ufffd")


def _utf_16(head: bytes) -> str | None:
    """UTF-16 without a byte order mark: nearly every second byte of the markup is NUL, and hardly one of the others."""
    pairs = len(head) // 2
    first, second = head[0 : pairs * 2 : 2].count(0), head[1 : pairs * 2 : 2].count(0)
    if second * 4 >= pairs and first * _HARDLY <= second and pairs > 1:
        return "utf-16-le"
    if first * 4 >= pairs and second * _HARDLY <= first and pairs > 1:
        return "utf-16-be"
    return None


def _declared(head: bytes) -> str | None:
    """The label in `<meta charset>`, `<meta http-equiv>` or the XML declaration; comments do not declare."""
    shown = _COMMENT.sub(b"", head)
    found = _META.search(shown) if b"charset" in shown.lower() else None  # most Markdown has neither, and compiles neither
    if found is None and b"<?xml" in head:
        found = _XML.search(head)
    return found[1].decode("ascii") if found else None


def _codec(label: str | None) -> str | None:
    """Python's codec for a WHATWG label; None for any other word. A page that declares UTF-16 in ASCII is UTF-8."""
    if not label:
        return None
    if label.lower() in ("utf-8", "utf8"):
        return "utf-8"
    from webencodings import lookup  # only here: an article in UTF-8 that declares nothing needs no table

    found = lookup(label)
    if found is None or found.name in ("replacement", "x-user-defined"):
        return None
    if found.name.startswith("utf-16"):
        return "utf-8"
    return "gb18030" if found.name == "gbk" else str(found.codec_info.name)
