"""WARC 1.1 records as bytes. Section numbers and letters: ISO 28500:2017 and its annotations by the IIPC.

Written here and not by a library, so that what stands in a block is what was received, to the byte, and so that nothing that
came from outside can end a header line.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import uuid
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from isal import isal_zlib

from archiver.model import Exchange, Framing, Origin

VERSION = "WARC/1.1"
IDENTICAL_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
ORIGIN_FIELD = "Archiver-Origin"
STAND_IN_FIELD = "Archiver-Stand-In"
REDACTED_FIELD = "Archiver-Redacted"
CERTIFICATE_FIELD = "Archiver-Certificate-Digest"
LEDGER_TYPE = "application/vnd.archiver.ledger+json"
FRAMING_TYPE = "application/vnd.archiver.framing+json"

# Controls, and what programs that know Unicode take for the end of a line; and halves of a pair, which UTF-8 cannot hold.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_PRINTED = "".join(map(chr, range(0x21, 0x7F)))
_PACKED = re.compile(r"^(?:image/(?!svg)|video/|audio/|application/(?:zip|gzip))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Record:
    """A record to be written. `fields` are its named fields in order, without the ones that `member` adds."""

    id: str
    type: str
    date: str
    fields: tuple[tuple[str, str], ...]
    block: bytes
    packed: bool = False


@dataclass(frozen=True, slots=True)
class Original:
    """An earlier record with the same payload, for a revisit to refer to."""

    id: str
    url: str
    date: str


def new_id() -> str:
    """A WARC-Record-ID without its angle brackets."""
    return f"urn:uuid:{uuid.uuid4()}"


def warc_date(moment: datetime) -> str:
    """WARC-Date: W3C date and time, UTC, microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def sha1_digest(data: bytes) -> str:
    """`sha1:` and 32 characters of base32, the form that every WARC tool compares."""
    return base32_sha1(hashlib.sha1(data, usedforsecurity=False))


def base32_sha1(digest: hashlib._Hash) -> str:
    """The same of a digest that was fed piece by piece."""
    return "sha1:" + base64.b32encode(digest.digest()).decode("ascii")


def warcinfo(
    filename: str, origin: Origin, software: str, user_agent: str, moment: datetime, robots: str, operator: str
) -> Record:
    """The record that opens a segment: what wrote it, and whether what follows was live."""
    says = {
        Origin.LOCAL: "The ledger: every row of the index, as it was written. What this archive says of itself.",
        Origin.LIVE: "Bytes received by this client at the times given, and the files it was handed.",
        Origin.WEB_ARCHIVE: "Copies that web archives gave this client at the times given: their word for what was there.",
        Origin.STAND_IN: "STAND-INS: nothing in this file was received from the addresses it names.",
    }
    lines = {
        "software": software,
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "description": says[origin],
        "http-header-user-agent": user_agent,
        "operator": operator or "withheld",
        "hostname": "withheld",
        "robots": robots,
    }
    fields = (("WARC-Filename", filename), ("Content-Type", "application/warc-fields"))
    block = "".join(f"{name}: {_one_line(value)}\r\n" for name, value in lines.items()).encode()
    return Record(new_id(), "warcinfo", warc_date(moment), (*fields, (ORIGIN_FIELD, origin.value)), block)


def exchange(captured: Exchange, original: Original | None = None, digest: str | None = None) -> tuple[Record, ...]:
    """The response (a revisit where an `original` holds the same payload) and the request, of one capture event; and, where
    more was received than the head and the payload, a metadata record with that. `digest` is the payload's, where that is known
    already. Where the payload is not in memory the response's block is its head alone, and `StreamedMember` has the rest."""
    date, response_id, request_id = warc_date(captured.started), new_id(), new_id()
    shared = [("WARC-Target-URI", safe_uri(captured.url))]
    shared += [("WARC-IP-Address", captured.ip)] if captured.ip else []
    shared += _protocols(captured)
    marks = _marks(captured.origin, captured.stand_in)
    fields = [
        *shared,
        ("WARC-Concurrent-To", f"<{request_id}>"),
        ("WARC-Payload-Digest", digest or sha1_digest(captured.body)),
        ("Content-Type", "application/http;msgtype=response"),
        *marks,
    ]
    if original is not None:
        fields += [
            ("WARC-Profile", IDENTICAL_PAYLOAD),
            ("WARC-Refers-To", f"<{original.id}>"),
            ("WARC-Refers-To-Target-URI", safe_uri(original.url)),
            ("WARC-Refers-To-Date", original.date),
            ("WARC-Truncated", "length"),  # the block is the head alone
        ]
        response = Record(response_id, "revisit", date, tuple(fields), captured.response_head)
    else:
        fields += [("WARC-Truncated", captured.truncated)] if captured.truncated else []
        packed = bool(_PACKED.match(captured.header("Content-Type") or "")) or bool(captured.header("Content-Encoding"))
        block = captured.response_head + captured.body
        response = Record(response_id, "response", date, tuple(fields), block, packed)
    asked = (
        *shared,
        ("WARC-Concurrent-To", f"<{response_id}>"),
        ("Content-Type", "application/http;msgtype=request"),
        *marks,
        *(
            [(REDACTED_FIELD, quote(", ".join(captured.redacted), safe=f" {_PRINTED}", errors="surrogatepass"))]
            if captured.redacted
            else []
        ),
    )
    made = (response, Record(request_id, "request", date, asked, captured.request_head))
    return made if captured.framing is None else (*made, _framing(captured.framing, captured, response_id, date, marks))


def _protocols(captured: Exchange) -> list[tuple[str, str]]:
    """WARC-Protocol and WARC-Cipher-Suite, agreed on as extensions (iipc/warc-specifications, 42 and 86), and one of ours."""
    if captured.origin is not Origin.LIVE:
        return []
    version = captured.response_head[:8].decode("latin-1").lower()
    protocols = [("WARC-Protocol", version)] if re.fullmatch(r"http/\d\.\d", version) else []
    if captured.tls is None:
        return protocols
    return [
        *protocols,
        ("WARC-Protocol", captured.tls.protocol),
        ("WARC-Cipher-Suite", captured.tls.cipher),
        (CERTIFICATE_FIELD, f"sha256:{captured.tls.certificate_sha256}"),
    ]


def _framing(framing: Framing, captured: Exchange, response_id: str, date: str, marks: tuple[tuple[str, str], ...]) -> Record:
    """What makes the received bytes whole again, each byte a character of Latin-1."""
    about = {
        "interim": [head.decode("latin-1") for head in framing.interim],
        "chunks": [line.decode("latin-1") for line in framing.chunks],
        "trailer": framing.trailer.decode("latin-1"),
        "left_over": framing.left_over.decode("latin-1"),
        "complete": framing.complete,
        "ambiguous": _ambiguous(captured),
    }
    fields = (
        ("WARC-Target-URI", safe_uri(f"urn:framing:{captured.url}")),
        ("WARC-Refers-To", f"<{response_id}>"),
        ("WARC-Concurrent-To", f"<{response_id}>"),
        ("Content-Type", FRAMING_TYPE),
        *marks,
    )
    return Record(new_id(), "metadata", date, fields, json.dumps(about, indent=1).encode())


def _ambiguous(captured: Exchange) -> bool:
    """True where the answer had a length beside its chunks: another reader may have taken it for another body."""
    return {"x-archive-orig-transfer-encoding", "x-archive-orig-content-length"} <= {
        name.lower() for name, _ in captured.headers
    }


def resource(uri: str, content_type: str, data: bytes, moment: datetime) -> Record:
    """A file that was handed over: not retrieved, so not a response (6.4 resource)."""
    fields = (
        ("WARC-Target-URI", safe_uri(uri)),
        ("WARC-Payload-Digest", sha1_digest(data)),
        ("Content-Type", content_type),
        *_marks(Origin.LOCAL, None),
    )
    return Record(new_id(), "resource", warc_date(moment), fields, data)


def metadata(kind: str, uri: str, refers_to: str, about: Mapping[str, Any], origin: Origin, moment: datetime) -> Record:
    """What was made of a record: JSON, bound to it by WARC-Refers-To.

    Its target is `urn:KIND:` before the address, as crawlers do it: under the bare address a replay program shows it and not
    what was captured there.
    """
    fields = (
        ("WARC-Target-URI", safe_uri(f"urn:{kind}:{uri}")),
        ("WARC-Refers-To", f"<{refers_to}>"),
        ("Content-Type", "application/json"),
        *_marks(origin, None),
    )
    return Record(new_id(), "metadata", warc_date(moment), fields, json.dumps(about, indent=1).encode())


def ledger(record_id: str, seq: int, entry: bytes, moment: datetime) -> Record:
    """An entry of the ledger: the rows that were written to the index, in full."""
    fields = (("WARC-Target-URI", f"urn:ledger:{seq}"), ("Content-Type", LEDGER_TYPE), *_marks(Origin.LOCAL, None))
    return Record(record_id, "metadata", warc_date(moment), fields, entry)


def member(record: Record, warcinfo_id: str | None) -> bytes:
    """The record as one whole gzip member. Raises ValueError where a field would break the record's framing."""
    opening = head(record, warcinfo_id, sha1_digest(record.block), str(len(record.block)))
    # What is compressed already is stored. For the rest ISA-L: seven times as fast as zlib, for a third more bytes of text.
    packer = zlib.compressobj(0, zlib.DEFLATED, 31) if record.packed else isal_zlib.compressobj(2, isal_zlib.DEFLATED, 31)
    return packer.compress(opening + record.block + b"\r\n\r\n") + packer.flush()


def head(record: Record, warcinfo_id: str | None, block_digest: str, length: str) -> bytes:
    """The record's head with its blank line. Raises ValueError where a field would break the record's framing."""
    fields = [("WARC-Type", record.type), ("WARC-Record-ID", f"<{record.id}>"), ("WARC-Date", record.date)]
    fields += [("WARC-Warcinfo-ID", f"<{warcinfo_id}>")] if warcinfo_id else []
    fields += record.fields
    fields += [("WARC-Block-Digest", block_digest), ("Content-Length", length)]
    return (VERSION + "\r\n" + "".join(f"{name}: {_checked(value)}\r\n" for name, value in fields) + "\r\n").encode("utf-8")


def safe_uri(uri: str) -> str:
    """An address that cannot leave its header line: whatever is not a printable ASCII character is percent-encoded."""
    return quote(uri, safe=_PRINTED, errors="surrogatepass")


def _marks(origin: Origin, stand_in: str | None) -> tuple[tuple[str, str], ...]:
    marks = ((ORIGIN_FIELD, origin.value),)
    return (*marks, (STAND_IN_FIELD, safe_uri(stand_in))) if stand_in else marks


def _checked(value: str) -> str:
    if _UNSAFE.search(value):
        raise ValueError(f"a WARC header field cannot hold {value!r}")
    return value


def _one_line(value: str) -> str:
    return _UNSAFE.sub(" ", value)
