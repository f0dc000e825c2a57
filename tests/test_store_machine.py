"""An archive through whatever may befall it, in any order: what was acknowledged stays, and nothing that is sealed changes."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from archiver import archive as store
from archiver import verifier
from archiver.errors import ArchiveBusy
from archiver.model import Capture, Exchange, Origin, Purpose, RunFacts
from archiver.warc.segment import OPEN
from benchmarks.proof.work import MEMORY
from tests.test_properties import bounded

FACTS = RunFacts("save", "test", "test", offline=True)


def exchange(number: int, body: bytes, origin: Origin) -> Exchange:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n"
    url = f"https://pbs.twimg.com/media/{number}"
    headers = (("Content-Type", "image/jpeg"),)
    return Exchange("GET", url, b"GET / HTTP/1.1\r\n\r\n", 200, headers, head, body, datetime.now(UTC), origin)


class Store(RuleBasedStateMachine):
    """A run that appends, is killed, recovers, rotates its segments, ends; a second one beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self.root = Path(self.folder.name) / "archive"
        self.opened: AbstractContextManager[store.Archive] | None = None
        self.archive: store.Archive | None = None
        self.kept: list[Capture] = []
        self.sealed: dict[str, bytes] = {}
        self.torn: list[bytes] = []
        self.most = store.MAX_SEGMENT_BYTES
        store.MAX_SEGMENT_BYTES = 3_000  # so that segments are rotated

    def teardown(self) -> None:
        store.MAX_SEGMENT_BYTES = self.most
        if self.opened:
            self.opened.__exit__(None, None, None)
        self.folder.cleanup()

    @initialize()
    def begin(self) -> None:
        self.recover()

    @rule()
    @precondition(lambda self: self.archive is None)
    def recover(self) -> None:
        self.opened = store.open_for_writing(self.root, user_agent="test")
        self.archive = self.opened.__enter__()
        notices = self.archive.begin_run(FACTS)
        assert all("quarantine/" in notice or "sealed" in notice for notice in notices)
        aside = [path.read_bytes() for path in self.files("quarantine")]
        assert all(any(data.endswith(torn) for data in aside) for torn in self.torn)

    @rule(size=st.integers(0, 4_000), origin=st.sampled_from([Origin.LIVE, Origin.STAND_IN]), seed=st.integers(0, 5))
    @precondition(lambda self: self.archive is not None)
    def append(self, size: int, origin: Origin, seed: int) -> None:
        assert self.archive
        body = hashlib.shake_128(bytes([seed])).digest(size)  # the same again makes revisits
        self.kept.append(self.archive.keep(exchange(len(self.kept), body, origin), Purpose.PHOTO))

    @rule(torn=st.binary(max_size=40), new=st.booleans())
    @precondition(lambda self: self.archive is not None)
    def kill(self, torn: bytes, new: bool) -> None:
        """The process is gone, and with it what it held; the bytes of an append that it was at are there in part."""
        assert self.opened
        self.opened.__exit__(None, None, None)
        self.archive = self.opened = None
        unsealed = [path for path in self.files("warc") if path.name.endswith(OPEN)]
        path = self.root / "warc" / f"archiver-20200101000000-{len(self.torn):08}.warc.gz{OPEN}" if new else unsealed[0]
        if torn:
            with path.open("ab") as file:
                file.write(torn)
            self.torn.append(torn)

    @rule()
    @precondition(lambda self: self.archive is not None)
    def end(self) -> None:
        assert self.archive
        assert self.opened
        self.archive.end_run(0)
        self.opened.__exit__(None, None, None)
        self.archive = self.opened = None
        assert not [path for path in self.files("warc") if path.name.endswith(OPEN)]
        assert list(verifier.check(self.root, deep=True)) == []

    @rule()
    @precondition(lambda self: self.archive is not None)
    def second_writer(self) -> None:
        before = {path: path.read_bytes() for path in self.files("")}
        with pytest.raises(ArchiveBusy), store.open_for_writing(self.root, user_agent="test"):
            pass
        assert {path: path.read_bytes() for path in self.files("")} == before

    @rule()
    def verify(self) -> None:
        assert [finding for finding in verifier.check(self.root, deep=True) if finding.damage] == []

    @invariant()
    def all_that_was_kept_is_there(self) -> None:
        for capture in self.kept:
            at = capture.record
            path = self.root / "warc" / at.segment
            data = (path if path.exists() else path.with_name(path.name + OPEN)).read_bytes()
            assert hashlib.sha256(data[at.offset : at.offset + at.length]).hexdigest() == at.sha256

    @invariant()
    def what_is_sealed_never_changes(self) -> None:
        now = {path.name: path.read_bytes() for path in self.files("warc") if not path.name.endswith(OPEN)}
        assert {name: now.get(name) for name in self.sealed} == self.sealed
        self.sealed = now

    def files(self, name: str) -> list[Path]:
        return sorted(path for path in (self.root / name).rglob("*") if path.is_file() and path.name != store.LOCK_NAME)


Store.TestCase.settings = settings(bounded(12), stateful_step_count=15)


@pytest.mark.skipif(os.name == "nt", reason="a file that a run has open cannot be read beside it")
class TestStore(Store.TestCase):  # type: ignore[misc, valid-type]
    """What Hypothesis found to do."""
