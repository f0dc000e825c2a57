"""What a run may be told. Units are in the names; nothing here is read from the environment."""

import json
from dataclasses import dataclass, fields
from pathlib import Path

from archiver.limits import ARCHIVE, MAX_ARTICLE_BYTES


@dataclass(frozen=True, slots=True)
class Settings:
    """How one `save` is done. `fixtures` are folders of stand-ins or WARC files, searched in order; `strict` counts every
    embed that is not saved as something left to do.

    `thread` asks for the posts above one that replies, up to `max_thread`; `links` asks for the pages that a post's links lead
    to. `mirrors` asks third parties for a post that the platform does not show; they learn which posts are asked for.

    `web_archives`: ask the Wayback Machine where a post is gone or cannot be told; `timemaps`, `timegates` are the beginnings
    of those of other archives or aggregators, asked where it has no copy. `article_media`: keep what the article's own body
    shows, too.

    A body may have `max_body_bytes`; an exchange has `timeout_seconds` for each step and `deadline_seconds` in all, and must be
    faster than `min_bytes_per_second`; `concurrency` of them are under way at once. A host is asked once in `pace_seconds`; one
    that wants more than `patience_seconds` of quiet is left to a later run. `contact` goes into the User-Agent. `allow_private`
    names hosts, addresses and networks; no default does.
    `operator` is who runs it, where they want to be named.

    `anchor`: put the head of the ledger down in a file after the run, and have it stamped by the authorities of `anchor_tsa`
    (RFC 3161, checked against the file `tsa_roots`) and `anchor_ots` (OpenTimestamps).
    """

    archive: Path = ARCHIVE
    fixtures: tuple[Path, ...] = ()
    offline: bool = False
    strict: bool = False
    thread: bool = False
    links: bool = False
    mirrors: bool = False
    web_archives: bool = True
    timemaps: tuple[str, ...] = ()
    timegates: tuple[str, ...] = ()
    article_media: bool = True
    command: str = ""
    operator: str = ""
    max_article_bytes: int = MAX_ARTICLE_BYTES
    max_body_bytes: int = 512 * 1024 * 1024
    max_hops: int = 10
    max_thread: int = 20
    max_segments: int = 2_000
    timeout_seconds: float = 30.0
    deadline_seconds: float = 600.0
    min_bytes_per_second: float = 100.0
    pace_seconds: float = 2.0
    patience_seconds: float = 300.0
    tries: int = 5
    concurrency: int = 8
    contact: str = ""
    robots: bool = False
    cookies: Path | None = None
    proxy: str | None = None
    allow_private: tuple[str, ...] = ()
    anchor: bool = False
    anchor_tsa: tuple[str, ...] = ()
    anchor_ots: tuple[str, ...] = ()
    tsa_roots: Path | None = None

    def told(self) -> str:
        """What is not the default, as JSON, for the record. Of what holds secrets only that it was given."""
        given = {one.name: getattr(self, one.name) for one in fields(self) if getattr(self, one.name) != one.default}
        return json.dumps({name: _told(name, value) for name, value in given.items() if name not in _TOLD_ELSEWHERE})


_TOLD_ELSEWHERE = frozenset({"command", "operator"})
_SECRET = frozenset({"cookies", "proxy", "anchor_tsa", "anchor_ots"})


def _told(name: str, value: object) -> object:
    if name in _SECRET:
        return "given"
    if isinstance(value, tuple):
        return [str(one) for one in value]
    return value if isinstance(value, bool | int | float) else str(value)
