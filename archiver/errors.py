"""What can go wrong, as a tree.

    ArchiverError                  everything this project raises on purpose; has `status`, the exit status it stands for
    ├── UsageError             2   the call is wrong: a missing file, an empty folder, an unknown scheme, a broken fixture
    ├── SourceError            1   this source could not be read as an article; the others go on
    ├── CaptureError           1   one request got no usable answer; becomes a Failure of its embed
    │   └── NoStandIn          1   offline, and no stand-in has this address
    ├── AnchorError            1   an anchor could not be had for now, or does not hold what it should; no capture fails by it
    ├── Stopped              130   the run was told to stop (143 for SIGTERM); what was not reported is left for the next one
    ├── ArchiveDamaged         3   what the archive says it holds is not there, or is not what it was
    ├── ArchiveWriteError     74   the disk, the file system or SQLite refused a write
    └── ArchiveBusy           75   another run holds the archive

Only what stops a run, or a source, reaches the user. One embed's trouble is a `Failure` row.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class ArchiverError(Exception):
    """Base of all. `status` is the exit status that the command line ends with."""

    status = 1


class UsageError(ArchiverError):
    """The call names something that cannot be: mend the call."""

    status = 2


class SourceError(ArchiverError):
    """A source that was there but is no article that can be read."""

    status = 1


class CaptureError(ArchiverError):
    """A request without an answer. `reason` is one word for machines, the message is for people."""

    status = 1

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class NoStandIn(CaptureError):
    """Offline, and nothing that was given stands in for this address."""

    def __init__(self, method: str, url: str) -> None:
        super().__init__("no-stand-in", f"{method} {url}")


class AnchorError(ArchiverError):
    """An authority gave no time stamp, or one that does not hold. The message is for people."""

    status = 1


class Stopped(ArchiverError):
    """The run was told to stop. What is under way is dropped; what was reported is kept."""

    def __init__(self, status: int) -> None:
        super().__init__("stopped; what was reported as saved is kept, and the next run does the rest")
        self.status = status


class ArchiveDamaged(ArchiverError):
    """The archive does not hold what its index says it holds."""

    status = 3


class ArchiveWriteError(ArchiverError):
    """A write was refused: full disk, quota, read-only."""

    status = 74


class ArchiveBusy(ArchiverError):
    """Another run holds the archive's lock."""

    status = 75


_SEVERITY = (3, 74, 75, 2, 1, 0)


def worst(statuses: Iterable[int]) -> int:
    """Of some exit statuses, the one that a run ends with."""
    found = set(statuses)
    return next(status for status in _SEVERITY if status in found)
