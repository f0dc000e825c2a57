"""What the files of an anchor are worth: heads that can be read, and time stamps that hold."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.anchors import opentimestamps, rfc3161
from archiver.anchors.head import COMPLETE, MAX_HEAD_BYTES, read_head
from archiver.errors import AnchorError, UsageError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

PROOFS = (".tsr", ".ots")

# What somebody wrote down who had no more than the number and the hash.
_NOTED = re.compile(rb'\s*\{\s*"seq":\s*(\d{1,15}),\s*"hash":\s*"([0-9a-f]{64})"\s*\}\s*')


class Found(StrEnum):
    """What a look at one file of an anchor came to. The first three are no damage."""

    HOLDS = "anchor-holds"
    UNVERIFIED = "anchor-unverified"
    PENDING = "anchor-pending"
    INVALID = "anchor-invalid"


@dataclass(frozen=True, slots=True)
class Finding:
    """One file of an anchor, and what it came to. `command` checks a time stamp without this program."""

    kind: Found
    file: Path
    detail: str
    command: str | None = None


@dataclass(frozen=True, slots=True)
class Trust:
    """What the one who verifies brings along: roots of time stamping authorities, and headers of Bitcoin blocks."""

    roots: tuple[Certificate, ...] = ()
    roots_file: Path | None = None
    blocks: tuple[opentimestamps.Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A head that was kept: which entry with which hash, how it was put down, and the time stamps over it beside it."""

    path: Path
    data: bytes
    seq: int
    hash: str
    how: str
    proofs: tuple[Path, ...]


def kept(place: Path) -> Iterator[Kept | Finding]:
    """The anchors of `place`, which is a file of one or a folder; a finding for what cannot be read. Raises UsageError."""
    for path, proofs in _anchors(place):
        try:
            data = _bytes(path, MAX_HEAD_BYTES)
            yield Kept(path, data, *_entry(data), tuple(proofs))
        except AnchorError as error:
            yield Finding(Found.INVALID, path, str(error))


def _entry(data: bytes) -> tuple[int, str, str]:
    """Number and hash of the entry, and how it was put down. Raises AnchorError."""
    if found := _NOTED.fullmatch(data):
        return int(found[1]), found[2].decode("ascii"), "noted by hand"
    head = read_head(data)
    size = f"{head.captures} captures, {head.bytes} bytes in WARC files up to it"
    return head.seq, head.hash, f"put down {head.made:%Y-%m-%d %H:%M:%S} UTC, with {size}"


def check(anchor: Kept, trust: Trust) -> Iterator[Finding]:
    """Each time stamp over a head. Whether the ledger still has the head is asked of the ledger."""
    for proof in anchor.proofs:
        yield check_proof(proof, anchor.path, anchor.data, trust)


def check_proof(proof: Path, head: Path, data: bytes, trust: Trust) -> Finding:
    """One time stamp over the bytes of a head."""
    try:
        stored = _bytes(proof, opentimestamps.MAX_PROOF_BYTES)
        return (_token if proof.suffix == ".tsr" else _proof)(proof, stored, head, data, trust)
    except AnchorError as error:
        return Finding(Found.INVALID, proof, str(error))


def _anchors(place: Path) -> Iterator[tuple[Path, list[Path]]]:
    """Each head's file with the time stamps beside it."""
    if not place.exists():
        raise UsageError(f"--anchor {place}: is not there")
    folder = place if place.is_dir() else place.parent
    beside = sorted(path for path in folder.iterdir() if path.suffix in PROOFS)
    if place.is_dir():
        heads = sorted(folder.glob("*.json"))
        heads += sorted({_head_of(path) for path in beside} - set(heads))
    else:
        heads = [_head_of(place)]
    if not heads:
        raise UsageError(f"--anchor {place}: no anchor is in it")
    complete = {path.name for path in beside if path.name.endswith(COMPLETE)}
    for head in heads:  # where a proof is complete, the pending one that it was made of has nothing to add
        yield head, [path for path in beside if _head_of(path) == head and f"{path.stem}{COMPLETE}" not in complete]


def _head_of(path: Path) -> Path:
    """The head that a time stamp is over: its name up to the authority's."""
    return path.with_name(path.name.partition(".")[0] + ".json") if path.suffix in PROOFS else path


def _bytes(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except FileNotFoundError:
        raise AnchorError("is not there, but time stamps over it are") from None
    except OSError as error:
        raise AnchorError(f"cannot be read: {error.strerror}") from None
    if len(data) > most:
        raise AnchorError(f"has more than {most} bytes")
    return data


def _token(path: Path, stored: bytes, head: Path, data: bytes, trust: Trust) -> Finding:
    token = rfc3161.verify(stored, data, trust.roots) if trust.roots else rfc3161.read(stored)
    if token.imprint != hashlib.sha256(data).digest():
        raise AnchorError("the token is over other bytes than the head's")
    command = rfc3161.openssl_command(head, path, trust.roots_file, token.time)
    said = f"{token.signer} says that the head existed no later than {rfc3161.told(token)}"
    if trust.roots:
        return Finding(
            Found.HOLDS, path, f"{said}; the signature holds, and its chain held then, up to a root that was given", command
        )
    left = "the signature and its chain were not checked, for no roots were given (--tsa-roots)"
    return Finding(Found.UNVERIFIED, path, f"{said}; {left}", command)


def _proof(path: Path, stored: bytes, _: Path, data: bytes, trust: Trust) -> Finding:
    tree = opentimestamps.read_proof(stored)
    if tree.message != hashlib.sha256(data).digest():
        raise AnchorError("the proof is over other bytes than the head's")
    led = opentimestamps.blocks(tree)
    if not led:
        where = ", ".join(opentimestamps.calendars(tree)) or "nowhere that is known"
        return Finding(Found.PENDING, path, f"is pending at {where}: a calendar's promise, and no proof yet")
    for height, root in led:
        for block in (block for block in trust.blocks if block.height == height):
            if block.merkle_root != root:
                raise AnchorError(f"does not lead to the merkle root of the header that was given for block {height}")
            when = f"{block.time:%Y-%m-%d %H:%M} UTC"
            detail = f"the head existed no later than about {when}, by the header that was given for Bitcoin block {height}"
            return Finding(Found.HOLDS, path, f"{detail}, whose hash is {block.hash}; compare that with a source you trust")
    height, root = led[0]
    detail = (
        f"leads to the merkle root {opentimestamps.as_written(root)}; not compared with Bitcoin block {height} (--block-header)"
    )
    return Finding(Found.UNVERIFIED, path, detail)
