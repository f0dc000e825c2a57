"""Anchoring: the head of the ledger is put down where whoever can write to the archive cannot rewrite it.

What is asked for is on record before anybody is asked, and what came back is on the disk before the record says so. An
authority that does not answer costs nothing but time: its request stays in the queue, and each later run tries again.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.anchors import opentimestamps, rfc3161
from archiver.anchors.head import COMPLETE, head_bytes, head_name, proof_name, read_head
from archiver.archive import Archive, open_for_writing, open_read_only
from archiver.capture.secrets import redacted_url
from archiver.errors import AnchorError, UsageError
from archiver.model import Anchor, AnchorKind, AnchorState, Head, RunFacts
from archiver.verifier import ANCHOR_FOLDER

if TYPE_CHECKING:
    import httpx
    from cryptography.x509 import Certificate

UNCHECKED = "signature and chain not checked, for no roots were given"


@dataclass(frozen=True, slots=True)
class Authorities:
    """Who is asked for time stamps: addresses of time stamping authorities and of calendars. `roots` is a file in PEM of those
    that the user trusts; `give_up` are addresses whose requests are not tried any more."""

    tsa: tuple[str, ...] = ()
    ots: tuple[str, ...] = ()
    roots: Path | None = None
    give_up: tuple[str, ...] = ()

    def each(self) -> Iterator[tuple[AnchorKind, str]]:
        """With their secrets, each once."""
        yield from ((AnchorKind.RFC3161, url) for url in dict.fromkeys(self.tsa))
        yield from ((AnchorKind.OPENTIMESTAMPS, url) for url in dict.fromkeys(self.ots))


@dataclass(frozen=True, slots=True)
class Anchored:
    """Where an anchor stands after this run. `new`: it was not there, or not so far, before; `command` checks it."""

    anchor: Anchor
    new: bool
    command: str | None = None

    @property
    def promised(self) -> bool:
        """Whether it is pending at a calendar, as it should be for some hours."""
        return self.anchor.state is AnchorState.PENDING and self.anchor.file.endswith(".ots")


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something people should know of the archive."""

    message: str


def anchor(
    root: Path, facts: RunFacts, user_agent: str, transport: httpx.BaseTransport | None, authorities: Authorities
) -> Iterator[Anchored | Noticed]:
    """Put the head down in a file and at the authorities, try what is left of earlier runs, and tell where each anchor stands.

    Without a `transport` nobody is asked: all requests are queued. Raises UsageError, ArchiveBusy, ArchiveDamaged,
    ArchiveWriteError; no authority's trouble is raised.
    """
    roots = rfc3161.read_roots(authorities.roots) if authorities.roots else ()
    open_read_only(root).close()
    with open_for_writing(root, user_agent=user_agent) as archive:
        yield from map(Noticed, archive.begin_run(facts))
        queue = [one for one in archive.index.anchors() if one.state is AnchorState.PENDING]
        filed, new = _head(archive)
        yield Anchored(filed, new)
        asking = _Asking(archive, transport, user_agent, roots, authorities)
        wanted = asking.wanted(filed)
        archive.put_anchors(wanted, act=filed.file)
        left = 0
        for one in (*queue, *wanted):
            done = asking.tried(one)
            left += done.state is AnchorState.PENDING
            yield Anchored(done, done != one or one in wanted, asking.command(done))
        archive.end_run(1 if left else 0)


def _head(archive: Archive) -> tuple[Anchor, bool]:
    """The anchor of the head as a file, and whether it is new: where nothing but anchoring was done since the last one, and it
    is there as it was written, that one is still the head of all there is."""
    files = [one for one in archive.index.anchors() if one.kind is AnchorKind.FILE]
    if files and archive.only_anchored_since(files[-1].head_seq):
        with suppress(AnchorError):
            _stored(archive.root, files[-1])
            return files[-1], False
    head = archive.head()
    data = head_bytes(head)
    file = archive.keep_anchor(f"{head_name(head)}.json", data)
    made = Anchor(
        id=str(uuid.uuid4()),
        head_seq=head.seq,
        head_hash=head.hash,
        kind=AnchorKind.FILE,
        authority=file,
        state=AnchorState.HELD,
        file=file,
        sha256=hashlib.sha256(data).hexdigest(),
        asked=head.made,
        held=head.made,
        delay_seconds=0,
    )
    archive.put_anchors([made])
    return made, True


class _Asking:
    """One run's questions to the authorities."""

    def __init__(
        self,
        archive: Archive,
        transport: httpx.BaseTransport | None,
        user_agent: str,
        roots: Sequence[Certificate],
        authorities: Authorities,
    ) -> None:
        self._archive = archive
        self._transport = transport
        self._user_agent = user_agent
        self._roots = roots
        self._roots_file = authorities.roots
        self._given = {redacted_url(url)[0]: url for _, url in authorities.each()}
        self._given_up = {redacted_url(url)[0] for url in authorities.give_up}
        self._authorities = authorities
        self._silent: set[str] = set()  # who has failed in this run is not asked for the rest of the queue

    def wanted(self, filed: Anchor) -> list[Anchor]:
        """What is asked for anew of this head."""
        had = {(one.kind, one.authority) for one in self._archive.index.anchors() if one.head_hash == filed.head_hash}
        each = [(kind, redacted_url(url)[0]) for kind, url in self._authorities.each()]
        return [
            replace(
                filed,
                id=str(uuid.uuid4()),
                kind=kind,
                authority=authority,
                state=AnchorState.PENDING,
                asked=datetime.now(UTC),
                held=None,
                delay_seconds=None,
                detail="not asked yet",
            )
            for kind, authority in each
            if (kind, authority) not in had
        ]

    def tried(self, one: Anchor) -> Anchor:
        """The anchor as it is after a question, and on record so."""
        if one.authority in self._given_up:
            done = replace(one, state=AnchorState.FAILED, detail=f"given up; last: {one.detail}")
        elif self._transport is None or one.authority in self._silent:
            return one
        else:
            done = self._asked(one, self._transport)
        if done != one:
            self._archive.put_anchors([done])
        return done

    def _asked(self, one: Anchor, transport: httpx.BaseTransport) -> Anchor:
        url = self._given.get(one.authority, one.authority)
        try:
            if "redacted(" in url:
                raise AnchorError("the secret in its address is not kept: name it again")
            head, data = self._head_of(one)
            if one.kind is AnchorKind.RFC3161:
                return self._stamped(one, head, data, url, transport)
            if one.file.endswith(".ots"):
                return self._upgraded(one, head, url, transport)
            return self._promised(one, head, data, url, transport)
        except AnchorError as error:
            self._silent.add(one.authority)
            return replace(one, detail=str(error))

    def _head_of(self, one: Anchor) -> tuple[Head, bytes]:
        """The head that an anchor is of, as it was written."""
        files = [other for other in self._archive.index.anchors() if other.kind is AnchorKind.FILE]
        data = _stored(self._archive.root, next(other for other in files if other.head_hash == one.head_hash))
        return read_head(data), data

    def _stamped(self, one: Anchor, head: Head, data: bytes, url: str, transport: httpx.BaseTransport) -> Anchor:
        answer, token = rfc3161.stamp(transport, url, data, self._user_agent)
        if self._roots:
            rfc3161.verify(answer, data, self._roots)
        detail = f"{token.signer} says: existed no later than {rfc3161.told(token)}; serial {token.serial}"
        checked = "signature and chain hold, up to a root that was given" if self._roots else UNCHECKED
        file = self._archive.keep_anchor(proof_name(head, one.kind, one.authority), answer)
        return _held(one, head, file, answer, f"{detail}; {checked}{_skew(token.time)}")

    def _promised(self, one: Anchor, head: Head, data: bytes, url: str, transport: httpx.BaseTransport) -> Anchor:
        proof = opentimestamps.stamp(transport, url, data, self._user_agent)
        file = self._archive.keep_anchor(proof_name(head, one.kind, one.authority), proof)
        detail = "the calendar has it, and promises a Bitcoin block in some hours"
        return replace(one, file=file, sha256=hashlib.sha256(proof).hexdigest(), detail=detail)

    def _upgraded(self, one: Anchor, head: Head, url: str, transport: httpx.BaseTransport) -> Anchor:
        proof = opentimestamps.upgrade(transport, _stored(self._archive.root, one), url, self._user_agent)
        if proof is None:
            return replace(one, detail="the calendar has it, and no Bitcoin block has it yet")
        file = self._archive.keep_anchor(one.file.removesuffix(".ots") + COMPLETE, proof)
        height, merkle_root = opentimestamps.blocks(opentimestamps.read_proof(proof))[0]
        written = opentimestamps.as_written(merkle_root)
        return _held(one, head, file, proof, f"leads to the merkle root {written}, by its word that of Bitcoin block {height}")

    def command(self, one: Anchor) -> str | None:
        """How anybody checks a time stamp of RFC 3161 without this program."""
        if one.kind is not AnchorKind.RFC3161 or one.state is not AnchorState.HELD:
            return None
        folder = self._archive.root / ANCHOR_FOLDER
        token = rfc3161.read(_stored(self._archive.root, one))
        head = folder / f"{one.file.partition('.')[0]}.json"
        return rfc3161.openssl_command(head, folder / one.file, self._roots_file, token.time)


def _stored(root: Path, one: Anchor) -> bytes:
    """The file of an anchor, as it was written. Raises AnchorError."""
    path = root / ANCHOR_FOLDER / one.file
    try:
        data = path.read_bytes()
    except OSError as error:
        raise AnchorError(f"{path} cannot be read: {error.strerror}") from None
    if hashlib.sha256(data).hexdigest() != one.sha256:
        raise AnchorError(f"{path} is not what was written")
    return data


def _skew(time: datetime) -> str:
    """That the authority's clock and ours do not agree, where they differ by more than an answer takes."""
    seconds = round((time - datetime.now(UTC)).total_seconds())
    return (
        f"; its clock is {abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} this machine's" if abs(seconds) > 60 else ""
    )


def _held(one: Anchor, head: Head, file: str, proof: bytes, detail: str) -> Anchor:
    now = datetime.now(UTC)
    return replace(
        one,
        state=AnchorState.HELD,
        file=file,
        sha256=hashlib.sha256(proof).hexdigest(),
        held=now,
        delay_seconds=max(0, round((now - head.made).total_seconds())),
        detail=detail,
    )


def copy(root: Path, place: Path, head: str) -> list[Path]:
    """What was copied out of `anchors/`: to a folder every file that is not there yet, to a file the head alone. What is there
    is not written over. Raises UsageError, OSError."""
    folder, made = root / ANCHOR_FOLDER, []
    files = sorted(path for path in folder.iterdir() if path.suffix != ".partial") if place.is_dir() else [folder / head]
    for path in files:
        target, data = place / path.name if place.is_dir() else place, path.read_bytes()
        if not target.exists():
            with target.open("xb") as out:
                out.write(data)
            made.append(target)
        elif target.read_bytes() != data:
            raise UsageError(f"--to {target}: is there already, with other bytes; it is not written over")
    return made
