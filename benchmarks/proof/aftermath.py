"""What must hold after a run was killed or refused something: recovery, nothing lost, and a next run that does the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from archiver.errors import ArchiverError
from benchmarks.proof import forked, held, work


def faults(archive: Path, works: Sequence[work.Work], told: list[dict[str, Any]], place: Path) -> Iterator[str]:
    """What of it does not hold, in words. `told` is what the run had acknowledged."""
    if archive.is_dir():
        try:
            yield from held.recovery_faults(archive)
            yield from held.lost(archive, told)
        except ArchiverError as error:
            yield f"recovery was refused: {error}"
            return
    again = forked.start(work.save(archive, *works), place)
    if (status := again.ended()) != 0:
        yield f"the next run ended with {status}: {again.complaint[-300:]}"
    yield from held.lost(archive, told + again.lines)
    yield from (str(one) for one in held.verify(archive)[1])
    yield from held.index_faults(archive)
