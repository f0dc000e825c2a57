"""OpenTimestamps: a digest goes to a calendar, and hours later a proof leads from it into a Bitcoin block.

A proof is a tree: steps (append, SHA-256, …) lead from message to message, and at its leaves stand attestations, which say
where the message there can be found: in a calendar (pending), or as the merkle root of a block. The format is the one of `.ots`
files, version 1; it is small enough to stand here, and the library that there is brings a Bitcoin library and two more along.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from archiver.anchors.asking import ask
from archiver.errors import AnchorError, UsageError

if TYPE_CHECKING:
    import httpx

MAGIC = b"\x00OpenTimestamps\x00\x00Proof\x00\xbf\x89\xe2\xe8\x84\xe8\x92\x94"
MAX_PROOF_BYTES = 1024 * 1024

_VERSION = 1
_MAX_MESSAGE_BYTES = 4096
_MAX_PAYLOAD_BYTES = 8192
_MAX_DEPTH = 256
_ACCEPT = "application/vnd.opentimestamps.v1"

_ATTESTATION, _MORE = 0x00, 0xFF
_SHA256, _APPEND = 0x08, 0xF0
_WITH_ARGUMENT: dict[int, Callable[[bytes, bytes], bytes]] = {
    _APPEND: lambda message, argument: message + argument,
    0xF1: lambda message, argument: argument + message,
}
_ALONE: dict[int, Callable[[bytes], bytes]] = {
    0x02: lambda message: hashlib.sha1(message).digest(),  # noqa: S324 (the format has it, and it is not what is relied on)
    _SHA256: lambda message: hashlib.sha256(message).digest(),
    0xF2: lambda message: message[::-1],
    0xF3: lambda message: message.hex().encode(),
}
_PENDING = bytes.fromhex("83dfe30d2ef90c8e")
_BITCOIN = bytes.fromhex("0588960d73d71901")
_ADDRESS = re.compile(rb"https?://[A-Za-z0-9._:/-]{1,992}")


@dataclass(frozen=True, slots=True)
class Attestation:
    """Where the message of its node can be found."""

    tag: bytes
    payload: bytes

    @property
    def calendar(self) -> str | None:
        """The address of the calendar that holds the message, where it is pending there."""
        if self.tag != _PENDING:
            return None
        address = _Reader(self.payload).text()
        return address.decode("ascii") if _ADDRESS.fullmatch(address) else None

    @property
    def height(self) -> int | None:
        """The height of the Bitcoin block whose merkle root the message is."""
        return _Reader(self.payload).number() if self.tag == _BITCOIN else None


@dataclass(frozen=True, slots=True)
class Step:
    """One operation on a message."""

    tag: int
    argument: bytes = b""

    def of(self, message: bytes) -> bytes:
        """The next message. Raises AnchorError."""
        with_argument, alone = _WITH_ARGUMENT.get(self.tag), _ALONE.get(self.tag)
        if with_argument:
            made = with_argument(message, self.argument)
        elif alone:
            made = alone(message)
        else:
            raise AnchorError(f"the proof has a step that cannot be followed here (0x{self.tag:02x})")
        if not 0 < len(made) <= _MAX_MESSAGE_BYTES:
            raise AnchorError("the proof has a step that makes too much, or nothing")
        return made


@dataclass(frozen=True, slots=True)
class Node:
    """A message, what attests it, and the steps that lead on from it."""

    message: bytes
    attestations: tuple[Attestation, ...] = ()
    branches: tuple[tuple[Step, Node], ...] = ()

    def attested(self) -> Iterator[tuple[bytes, Attestation]]:
        """Every attestation of the tree with the message that it is of."""
        for attestation in self.attestations:
            yield self.message, attestation
        for _, node in self.branches:
            yield from node.attested()

    def with_more(self, more: Node) -> Node:
        """The tree with what `more` adds to the nodes of its message."""
        if self.message != more.message:
            return replace(self, branches=tuple((step, node.with_more(more)) for step, node in self.branches))
        branches = dict(self.branches)
        for step, node in more.branches:
            branches[step] = branches[step].with_more(node) if step in branches else node
        return Node(self.message, tuple(dict.fromkeys(self.attestations + more.attestations)), tuple(branches.items()))


@dataclass(frozen=True, slots=True)
class Block:
    """What the header of a Bitcoin block says. `hash` is as people write it."""

    height: int
    hash: str
    merkle_root: bytes
    time: datetime


def stamp(transport: httpx.BaseTransport, calendar: str, data: bytes, user_agent: str) -> bytes:
    """A pending proof over the SHA-256 of `data`, as an `.ots` file. The calendar sees a digest that says nothing of it, for
    random bytes are hashed in. Raises AnchorError."""
    digest, blind = hashlib.sha256(data).digest(), secrets.token_bytes(16)
    append, hashed = Step(_APPEND, blind), Step(_SHA256)
    blinded = append.of(digest)
    commitment = hashed.of(blinded)
    headers = {"Accept": _ACCEPT, "User-Agent": user_agent, "Content-Type": "application/octet-stream"}
    asked = ask(transport, f"{calendar.rstrip('/')}/digest", headers, commitment)
    if asked.status != 200:
        raise AnchorError(f"answered with HTTP {asked.status}")
    promised = _tree(asked.body, commitment)
    tree = Node(digest, branches=((append, Node(blinded, branches=((hashed, promised),))),))
    if not any(attestation.calendar or attestation.height is not None for _, attestation in tree.attested()):
        raise AnchorError("the calendar's answer promises nothing that can be asked for later")
    return proof_bytes(tree)


def upgrade(transport: httpx.BaseTransport, proof: bytes, calendar: str, user_agent: str) -> bytes | None:
    """The proof with the way into a block that its calendars have by now; None where they have none yet.

    Where a proof says to ask is what a stranger said: an address over http is asked only where it is `calendar` itself. Raises
    AnchorError where that leaves nobody, or nobody answers.
    """
    tree, reasons, asked = read_proof(proof), [], 0
    for message, attestation in list(tree.attested()):
        address = attestation.calendar
        if address is None:
            continue
        if not address.startswith("https://") and urlsplit(address).netloc != urlsplit(calendar).netloc.rpartition("@")[2]:
            reasons.append(f"{address} is not asked, for it is http and not the calendar itself")
            continue
        try:
            more = _asked_again(transport, address, message, user_agent)
            asked += 1
        except AnchorError as error:
            reasons.append(f"{address}: {error}")
            continue
        tree = tree.with_more(more) if more else tree
    if is_complete(tree):
        return proof_bytes(tree)
    if not asked:
        raise AnchorError("; ".join(reasons) or "no calendar is named in the proof")
    return None


def _asked_again(transport: httpx.BaseTransport, address: str, message: bytes, user_agent: str) -> Node | None:
    headers = {"Accept": _ACCEPT, "User-Agent": user_agent}
    asked = ask(transport, f"{address.rstrip('/')}/timestamp/{message.hex()}", headers)
    if asked.status == 404:
        return None
    if asked.status != 200:
        raise AnchorError(f"answered with HTTP {asked.status}")
    more = _tree(asked.body, message)
    return more if is_complete(more) else None


def is_complete(tree: Node) -> bool:
    """Whether it leads into a Bitcoin block."""
    return any(attestation.height is not None for _, attestation in tree.attested())


def blocks(tree: Node) -> list[tuple[int, bytes]]:
    """The blocks that the proof leads into: height, and the merkle root that must be in the header."""
    return sorted((attestation.height, message) for message, attestation in tree.attested() if attestation.height is not None)


def calendars(tree: Node) -> list[str]:
    """Where the proof is pending."""
    return sorted({address for _, attestation in tree.attested() if (address := attestation.calendar)})


def as_written(merkle_root: bytes) -> str:
    """As block explorers and nodes write it: from the end."""
    return merkle_root[::-1].hex()


def read_block(text: str) -> Block:
    """HEIGHT:HEX with the 80 bytes of a block's header, as `bitcoin-cli getblockheader HASH false` prints it.

    Raises UsageError for what is none; its proof of work is checked, so a header with a wrong digit is none.
    """
    height, _, digits = text.partition(":")
    if not re.fullmatch(r"\d{1,9}", height) or not re.fullmatch(r"[0-9A-Fa-f]{160}", digits):
        raise UsageError(f"--block-header {text[:40]}: give HEIGHT:HEX, the header's 80 bytes in hexadecimal")
    header = bytes.fromhex(digits)
    hashed = hashlib.sha256(hashlib.sha256(header).digest()).digest()
    bits = int.from_bytes(header[72:76], "little")
    target = (bits & 0x7FFFFF) * 256 ** max((bits >> 24) - 3, 0)
    if int.from_bytes(hashed, "little") > target:
        raise UsageError(f"--block-header {height}: is no block's header, for its hash does not meet its own target")
    return Block(
        int(height), hashed[::-1].hex(), header[36:68], datetime.fromtimestamp(int.from_bytes(header[68:72], "little"), UTC)
    )


# The format -----------------------------------------------------------------------------------------------------------


def read_proof(data: bytes) -> Node:
    """The tree of an `.ots` file, from the digest of what was stamped. Raises AnchorError."""
    if len(data) > MAX_PROOF_BYTES or not data.startswith(MAGIC):
        raise AnchorError("is no OpenTimestamps proof")
    reader = _Reader(data[len(MAGIC) :])
    version, kind = reader.number(), reader.take(1)[0]
    if version != _VERSION or kind != _SHA256:
        raise AnchorError("is an OpenTimestamps proof of another version, or not over SHA-256")
    return _whole_tree(reader, reader.take(32))


def proof_bytes(tree: Node) -> bytes:
    """The `.ots` file of a tree that begins with a SHA-256."""
    return MAGIC + _number(_VERSION) + bytes([_SHA256]) + tree.message + _written(tree)


def _tree(data: bytes, message: bytes) -> Node:
    """What a calendar answers: a tree from the message that it was asked about."""
    return _whole_tree(_Reader(data), message)


def _whole_tree(reader: _Reader, message: bytes) -> Node:
    tree = _node(reader, message, _MAX_DEPTH)
    if reader.left:
        raise AnchorError("the proof has bytes after its end")
    return tree


def _node(reader: _Reader, message: bytes, depth: int) -> Node:
    if not depth:
        raise AnchorError("the proof is too deep")
    attestations: list[Attestation] = []
    branches: list[tuple[Step, Node]] = []
    more = True
    while more:
        tag = reader.take(1)[0]
        more = tag == _MORE
        tag = reader.take(1)[0] if more else tag
        if tag == _ATTESTATION:
            attestations.append(_attestation(reader))
        else:
            step = Step(tag, reader.text(1, _MAX_MESSAGE_BYTES) if tag in _WITH_ARGUMENT else b"")
            branches.append((step, _node(reader, step.of(message), depth - 1)))
    return Node(message, tuple(attestations), tuple(branches))


def _attestation(reader: _Reader) -> Attestation:
    made = Attestation(reader.take(8), reader.text(0, _MAX_PAYLOAD_BYTES))
    _ = made.calendar, made.height  # a payload that cannot be read makes the proof unreadable now, not later
    return made


def _written(node: Node) -> bytes:
    parts = [
        bytes([_ATTESTATION]) + one.tag + _text(one.payload)
        for one in sorted(node.attestations, key=lambda one: (one.tag, one.payload))
    ]
    for step, following in sorted(node.branches, key=lambda branch: (branch[0].tag, branch[0].argument)):
        argument = _text(step.argument) if step.tag in _WITH_ARGUMENT else b""
        parts.append(bytes([step.tag]) + argument + _written(following))
    return bytes([_MORE]).join([b"", *parts[:-1]]) + parts[-1]


def _number(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])


def _text(value: bytes) -> bytes:
    return _number(len(value)) + value


class _Reader:
    """Bytes from front to back. Whatever is not there raises AnchorError."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, size: int) -> bytes:
        if size > self.left:
            raise AnchorError("the proof is cut off")
        self._at += size
        return self._data[self._at - size : self._at]

    def number(self) -> int:
        value, shift = 0, 0
        while True:
            (byte,) = self.take(1)
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value
            if shift > 63:
                raise AnchorError("the proof has a number without end")

    def text(self, least: int = 0, most: int = _MAX_PAYLOAD_BYTES) -> bytes:
        size = self.number()
        if not least <= size <= most:
            raise AnchorError("the proof has a part that is too long or too short")
        return self.take(size)
