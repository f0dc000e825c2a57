"""A head of the ledger as bytes, and the names of the files that belong to it."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from urllib.parse import urlsplit

from archiver.errors import AnchorError
from archiver.model import AnchorKind, Head

FORMAT = 1
MAX_HEAD_BYTES = 64 * 1024
COMPLETE = ".complete.ots"  # an OpenTimestamps proof that leads to a block; the pending one stays beside it as it was

MOST_ENTRIES = 2**63  # as SQLite counts

_HASH = re.compile(r"[0-9a-f]{64}")
_SUFFIXES = {AnchorKind.RFC3161: ".tsr", AnchorKind.OPENTIMESTAMPS: ".ots"}
_TYPES = {"archive": str, "seq": int, "hash": str, "captures": int, "bytes": int, "schema": int, "made": str}


def head_bytes(head: Head) -> bytes:
    """The head as JSON in one form only, and a line's end: what is stamped, and what `openssl` is given as data."""
    said = {"archiver_head": FORMAT, **asdict(head), "made": f"{head.made.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"}
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode() + b"\n"


def read_head(data: bytes) -> Head:
    """The head that these bytes say. Raises AnchorError where they are not just what `head_bytes` makes."""
    try:
        said = json.loads(data) if len(data) <= MAX_HEAD_BYTES else None
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or said.pop("archiver_head", None) is None:
        raise AnchorError("is no head of a ledger")
    if set(said) != set(_TYPES) or any(type(said[name]) is not kind for name, kind in _TYPES.items()):
        raise AnchorError("is a head of a ledger that this version cannot read")
    try:
        head = Head(**{**said, "made": datetime.fromisoformat(said["made"])})
        same = head_bytes(head) == data and 0 < head.seq < MOST_ENTRIES and _HASH.fullmatch(head.hash) is not None
    except (ValueError, OverflowError):
        same = False
    if not same:
        raise AnchorError("is not as it was written: its bytes are in another form")
    return head


def head_name(head: Head) -> str:
    """Without suffix. One head has one name, and its files lie side by side in the ledger's order."""
    return f"head-{head.seq:08d}-{head.hash[:12]}"


def proof_name(head: Head, kind: AnchorKind, authority: str, *, complete: bool = False) -> str:
    """The file that holds what an authority answered: its host is in the name, and a digest tells its addresses apart."""
    host = re.sub(r"[^a-z0-9.-]", "-", (urlsplit(authority).netloc.rpartition("@")[2]).lower())[:100]
    mark = hashlib.sha256(authority.encode()).hexdigest()[:8]
    return f"{head_name(head)}.{host}-{mark}{COMPLETE if complete else _SUFFIXES[kind]}"
