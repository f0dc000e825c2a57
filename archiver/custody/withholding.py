"""What is withheld, by what people call it; and what goes with it, on record."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archiver.archive import WARC_FOLDER, Archive, open_for_writing, open_read_only
from archiver.custody import words
from archiver.errors import ArchiverError, UsageError
from archiver.model import RunFacts
from archiver.platforms import PLATFORMS
from archiver.provenance.index import Index, Row
from archiver.provenance.withholding import Reach, blanked
from archiver.verifier import row_digests
from archiver.warc import read
from archiver.warc.record import warc_date
from archiver.warc.segment import present
from archiver.warc.stub import stub

PATHS = "--without-paths"
_REASON_OF_PATHS = "names of files and folders of the machine that saved"


@dataclass(frozen=True, slots=True)
class Withheld:
    """What leaves exports now: how many records and rows, for the sake of what, and what goes that others share.

    `shared` are addresses of other posts with an exchange that they rest on too; `articles` are those whose bytes are withheld
    because they show such a post.
    """

    roots: tuple[tuple[str, str], ...]
    records: int
    rows: int
    shared: tuple[tuple[str, str], ...]
    articles: tuple[str, ...]
    notices: tuple[str, ...] = ()


def withhold(root: Path, names: Sequence[str], why: str, told: RunFacts, user_agent: str, *, release: bool = False) -> Withheld:
    """From now on these, and all that goes with them, leave every export; or, with `release`, they do not any more.

    Raises UsageError where the archive does not know one of them, ArchiveBusy, ArchiveDamaged, ArchiveWriteError.
    """
    with closing(open_read_only(root)) as index:  # a wrong name leaves no run on record
        refuse_copy(root, index)
        roots = _released(index, names) if release else [one for name in names for one in _called(index, name)]
    with open_for_writing(root, user_agent=user_agent) as archive, at_work(archive, told) as notices:
        known = reasons(archive.index)
        for one in roots:
            known.pop(one, None) if release else known.update({one: why})
        act = "released" if release else "withheld"
        return summary(known, settle(archive, known, [(act, one, why) for one in roots]), notices)


def refuse_copy(root: Path, index: Index) -> None:
    """Raises UsageError where the archive is itself a copy that was made without what is withheld: it cannot be had there."""
    for key, row in index.withheld().items():
        record = index.row("records", key)
        if record:
            data = read.stored_bytes(present(root / WARC_FOLDER / record["segment"]), record["offset"], record["length"])
            if hashlib.sha256(data).hexdigest() == row["blank"]:
                raise UsageError(f"{root}: is a copy that was made for handing over; do this where it was exported from")


@contextmanager
def at_work(archive: Archive, told: RunFacts) -> Iterator[list[str]]:
    """A run, with what it had to set right first; ended when the block is left, however that is."""
    notices = archive.begin_run(told)
    try:
        yield notices
    except ArchiverError as error:
        archive.end_run(error.status)
        raise
    archive.end_run(0)


def summary(roots: Mapping[str, str], reach: Reach, notices: Iterable[str] = ()) -> Withheld:
    return Withheld(
        tuple(roots.items()),
        len(reach.records),
        len(reach.rows),
        tuple(reach.shared()),
        tuple(reach.shared_articles()),
        tuple(notices),
    )


def reasons(index: Index) -> dict[str, str]:
    """What people withheld and did not release, and why."""
    return {key: row["reason"] for key, row in index.withheld().items() if row["because"] is None}


def settle(archive: Archive, roots: Mapping[str, str], acts: Sequence[tuple[str, str, str]], *, paths: bool = True) -> Reach:
    """What goes with the roots as the archive is now, written down in one entry with the `acts`; what no longer does is let go.

    Without `paths`, what names files and folders of this machine goes too. Raises ArchiveDamaged.
    """
    index = archive.index
    reach, told, held = Reach(index), dict(roots), index.withheld()
    for root in roots:
        reach.add(root)
    reach.settle()
    if told:
        _add_by_words(archive, reach)
    if not paths:
        told[PATHS] = _REASON_OF_PATHS
        reach.add_paths(archive.run, PATHS)
    reach.settle()
    now = datetime.now(UTC)
    wanted = dict(_wanted(index, reach, told, held, now))
    changed = [row for key, row in wanted.items() if row != _as_told(held.get(key))]
    gone = [{**row, "moment": now.isoformat(), "reason": "", "blank": None} for key, row in held.items() if key not in wanted]
    if changed or gone or acts:
        archive.put_withheld([*changed, *gone], acts)
    return reach


def _add_by_words(archive: Archive, reach: Reach) -> None:
    index, of = archive.index, dict[str, list[str]]()
    for (table, key), root in reach.rows.items():
        if root.startswith("posts ") and table in ("posts", "embeds"):
            of.setdefault(root, []).append(index.row(table, key).get("text", ""))
    told = words.Told(of)
    for row, root in words.in_rows(index, told):
        reach.rows.setdefault(row, root)
    for record, root in list(words.in_records(archive.root, index, told, reach.captures)):
        reach.add_found(record, root)


def _wanted(
    index: Index, reach: Reach, reasons: Mapping[str, str], held: Mapping[str, Row], now: datetime
) -> Iterator[tuple[str, Row]]:
    """The rows of `withheld` as they are to be. What is withheld already keeps its moment, and with it its stub."""

    def row(key: str, because: str | None) -> Row:
        moment = held[key]["moment"] if key in held else now.isoformat()
        return {"id": key, "moment": moment, "reason": reasons[because or key], "because": because, "blank": None}

    for root in reasons:
        if root != PATHS:
            yield root, row(root, None)
    for (table, one), root in reach.rows.items():
        key = f"{table} {one}"
        digest = row_digests([(table, blanked(table, index.row(table, one)))])[0]
        yield key, {**row(key, None if key in reasons else root), "blank": digest}
    for key, root in reach.records.items():
        made = row(key, None if key in reasons else root)
        yield key, {**made, "blank": _digest_of_stub(index, key, made["moment"])}


def _digest_of_stub(index: Index, key: str, moment: str) -> str:
    digest = hashlib.sha256()
    for piece in stub_of(index.row("records", key), moment):
        digest.update(piece)
    return digest.hexdigest()


def stub_of(record: Row, moment: str) -> Iterator[bytes]:
    """What stands in the place of a record that was withheld at that moment."""
    return stub(record["id"], record["type"], warc_date(datetime.fromisoformat(moment)), record["length"])


def _as_told(row: Row | None) -> Row | None:
    return {name: value for name, value in row.items() if name != "run"} if row else None


# What people call it --------------------------------------------------------------------------------------------------


def _called(index: Index, what: str) -> list[str]:
    """What is meant: posts, articles or records. Raises UsageError where the archive knows nothing of that name."""
    bare = what.strip("<>")
    if index.row("records", bare):
        return [bare]
    for platform in PLATFORMS.values():
        ref = platform.permalink(what)
        if ref is not None:
            return _known(what, [f"posts {one}:{ref.post_id}" for one in index.knows_post(ref.platform, ref.post_id)])
    platform_name, _, post_id = what.rpartition(":")
    posts = [f"posts {one}:{post_id}" for one in index.knows_post(platform_name or None, post_id)]
    found = posts or [f"articles {row['id']}" for row in articles_called(index, what)]
    return _known(what, found or [line.record_id for line in index.captures_of(what)])


def _known(what: str, found: list[str]) -> list[str]:
    if not found:
        raise UsageError(f"{what}: the archive knows no post, article, address or record of this name")
    return found


def articles_called(index: Index, what: str) -> list[Row]:
    """The articles of that name, or with the bytes of that file, whatever name they were saved under."""
    found = index.articles_called(what)
    if found:
        return found
    try:
        path = Path(what)
        return index.articles_called(hashlib.sha256(path.read_bytes()).hexdigest()) if path.is_file() else []
    except OSError:
        return []  # a name that cannot be read may still be known


def _released(index: Index, names: Sequence[str]) -> list[str]:
    """Those of what is withheld that are meant. Raises UsageError where one is not withheld."""
    held = reasons(index)
    found: list[str] = []
    for name in names:
        meant = [name] if name in held else [one for one in _called(index, name) if one in held]
        if not meant:
            raise UsageError(f"{name}: is not withheld by itself")
        found += meant
    return found


def counts(withheld: Mapping[str, Row]) -> dict[str, int]:
    """How many records and rows are withheld, by kind: numbers, and nobody's name."""
    kinds = Counter("records" if row["id"].startswith("urn:") else row["id"].partition(" ")[0] for row in withheld.values())
    return dict(sorted(kinds.items()))
