"""What `archiver verify` does about anchors. By itself: what it needs takes longer to import than a small archive to check."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from archiver.anchors.check import Finding, Found, Kept, Trust, check, kept
from archiver.anchors.opentimestamps import read_block
from archiver.anchors.rfc3161 import read_roots
from archiver.archive import open_read_only
from archiver.errors import ArchiveDamaged
from archiver.verifier import ANCHOR_FOLDER


class Anchored:
    """The anchors in an archive, and those that were given: the heads of all, and what the given ones are worth.

    Raises UsageError for roots, headers and anchors that cannot be read.
    """

    def __init__(self, root: Path, anchors: Sequence[Path], roots: Path | None, headers: Sequence[str]) -> None:
        self._root = root
        self._trust = Trust(read_roots(roots) if roots else (), roots, tuple(map(read_block, headers)))
        self._given = [one for place in anchors for one in kept(place)]
        heads = [one for one in (*self._own(root / ANCHOR_FOLDER), *self._given) if isinstance(one, Kept)]
        self.heads: list[dict[str, Any]] = [*{one.data: {"seq": one.seq, "hash": one.hash} for one in heads}.values()]

    @staticmethod
    def _own(folder: Path) -> Iterator[Kept | Finding]:
        """They show what was cut off by accident, or by somebody who forgot them."""
        if folder.is_dir() and any(folder.glob("*.json")):
            yield from kept(folder)

    def findings(self) -> Iterator[Finding]:
        """For each anchor that was given: whether the ledger still has that head, and the time stamps over it."""
        for one in self._given:
            if isinstance(one, Kept):
                yield from self._of(one)
            else:
                yield one

    def _of(self, one: Kept) -> Iterator[Finding]:
        """A head that the ledger has no more was told of already, and so was what is wrong with the index."""
        try:
            with closing(open_read_only(self._root)) as index:
                same = index.hash_of(one.seq) == one.hash
        except (sqlite3.DatabaseError, ArchiveDamaged):
            same = False
        if same:
            detail = f"entry {one.seq} of the ledger is still the one that was {one.how}"
            yield Finding(Found.HOLDS, one.path, detail)
        yield from check(one, self._trust)
