"""The lines of `--json`: a contract. Names are added to, never changed; docs/json-lines.md is made from these tables."""

from __future__ import annotations

from collections.abc import Callable

from archiver.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from archiver.model import Anchor, CaptureLine, Embed, Outcome, Sighting


class Field(Value):
    """A name in a line: its type for people, what it says, and how it is had."""

    name: str
    type: str
    says: str
    of: Callable[[Any], Any]


FIND: tuple[Field, ...] = (
    Field("article", "text", "the source as given", lambda e: e.article),
    Field("position", "number", "of the embed within the article, from 1", lambda e: e.position),
    Field("line", "number", "where the embed begins in the file, its marker line included; from 1", lambda e: e.line),
    Field("platform", "text", "`twitter`, `instagram`, …; docs/platforms.md lists them", lambda e: e.platform),
    Field("form", "text", "the shape it was found in, see below", lambda e: e.form),
    Field("post_id", "text or null", "the platform's own id", lambda e: e.ref.post_id if e.ref else None),
    Field("url", "text or null", "canonical permalink", lambda e: e.url),
    Field("author", "text or null", "the name shown", lambda e: e.author),
    Field("handle", "text or null", "without @", lambda e: e.handle),
    Field("posted", "text or null", "the day shown, ISO", lambda e: e.posted.isoformat() if e.posted else None),
    Field("text", "text", "the words as the article shows them, white space joined", lambda e: e.text),
    Field("links", "list of text", "every address in it, in order", lambda e: list(e.links)),
    Field("column", "number", "where the embed begins in its line, from 1", lambda e: e.column),
    Field("path", "text", "leads to the element again: a CSS path; empty in Markdown", lambda e: e.path),
    Field("evidence", "list", "{`method`, `value`}: what there is to identify it by", lambda e: _clues(e)),
)

SAVE: tuple[Field, ...] = (
    Field("state", "text", "`saved`, `partial`, `gone`, `unidentified`, `failed`, see below", lambda o: o.state.value),
    Field("availability", "text", "what the platform's answers say of the post, see below", lambda o: o.availability.value),
    Field(
        "origin", "text", "`stand-in` where any answer was one, or the run was offline; else `live`", lambda o: o.origin.value
    ),
    Field(
        "claim",
        "text",
        "do the fetched words agree with those shown: `match`, `differs`, `unverifiable`",
        lambda o: o.claim.value,
    ),
    Field("reason", "text", "why the state is what it is, in words", lambda o: o.reason),
    Field(
        "captures",
        "list",
        "{`url`, `status`, `origin`, `warc`, `offset`, `length`, `payload_digest`, `date`, `record_id`, `purpose`}",
        lambda o: [capture_line(capture) for capture in o.captures],
    ),
    Field(
        "failures",
        "list",
        "{`stage`, `reason`, `detail`}",
        lambda o: [{"stage": f.stage, "reason": f.reason, "detail": f.detail} for f in o.failures],
    ),
    Field("identified_by", "text or null", "what led to the post, see below", lambda o: o.rung.value if o.rung else None),
    Field("confidence", "number", "how much speaks for this post, 0 to 1; 0 where none is identified", lambda o: o.confidence),
    Field(
        "certainty", "text", "the same in words: `very high`, `high`, `sufficient`, `none`", lambda o: _certainty(o.confidence)
    ),
    Field("identity", "text", "why it is this post, or none, in words", lambda o: o.identity),
    Field(
        "difference",
        "text",
        "where the words part, `[-of the post-]{+of the article+}`; empty where they do not",
        lambda o: o.difference,
    ),
    Field(
        "recovered",
        "object or null",
        "the post as a web archive's copy shows it, where it is not there any more, see below",
        lambda o: recovered(o.recovered),
    ),
)

ANCHOR: tuple[Field, ...] = (
    Field("head_seq", "number", "the entry of the ledger that is the head", lambda a: a.head_seq),
    Field("head_hash", "text", "its hash", lambda a: a.head_hash),
    Field("kind", "text", "`file`, `rfc3161` or `opentimestamps`", lambda a: a.kind.value),
    Field("authority", "text", "who was asked, without secrets; for a file its name", lambda a: a.authority),
    Field(
        "state",
        "text",
        "`held`; `pending`, which the next run tries again; `failed`, which was given up",
        lambda a: a.state.value,
    ),
    Field("file", "text", "in `anchors/`: the time stamp, or the head's file where there is none yet", lambda a: a.file),
    Field("sha256", "text", "of that file", lambda a: a.sha256),
    Field("asked", "text", "when it was first asked for", lambda a: a.asked.isoformat()),
    Field("held", "text or null", "since when it is there", lambda a: a.held.isoformat() if a.held else None),
    Field("delay_seconds", "number or null", "between the head and the time stamp", lambda a: a.delay_seconds),
    Field("detail", "text", "what the authority says, or what went wrong last", lambda a: a.detail),
)


def anchor_line(anchor: Anchor, command: str | None) -> dict[str, Any]:
    """A line of `anchor --json`. `command` checks the time stamp without this program."""
    return {field.name: field.of(anchor) for field in ANCHOR} | {"command": command}


def find_line(embed: Embed) -> dict[str, Any]:
    """A line of `find --json`."""
    return {field.name: field.of(embed) for field in FIND}


def save_line(outcome: Outcome) -> dict[str, Any]:
    """A line of `save --json`: as `find`'s, with what was found out, and how it ended."""
    line = find_line(outcome.embed)
    line["post_id"], line["url"] = outcome.post_id, outcome.url
    line["evidence"] = [
        {
            "method": e.method,
            "value": e.value,
            "verdict": e.verdict.value,
            "detail": e.detail,
            "capture": e.capture,
            "seen_in": e.seen_in,
        }
        for e in outcome.evidence
    ]
    return line | {field.name: field.of(outcome) for field in SAVE}


def recovered(sighting: Sighting | None) -> dict[str, Any] | None:
    """A post out of a web archive's copy: which archive's, captured when, and what it shows."""
    if sighting is None:
        return None
    post, memento = sighting.post, sighting.memento
    return {
        "archive": memento.archive if memento else None,
        "captured": memento.captured.isoformat() if memento else None,
        "original": memento.original if memento else None,
        "memento": sighting.seen_in,
        "record_id": sighting.capture,
        "post_id": post.ref.post_id,
        "author": post.author,
        "handle": post.handle,
        "author_id": post.author_id,
        "posted": post.posted.isoformat() if post.posted else None,
        "text": post.text,
    }


def _clues(embed: Embed) -> list[dict[str, str]]:
    return [{"method": e.method, "value": e.value} for e in embed.evidence]


def capture_line(capture: CaptureLine) -> dict[str, Any]:
    """One of `captures`, and the line that `show --json` prints for an address."""
    return {
        "url": capture.url,
        "status": capture.status,
        "origin": capture.origin.value,
        "warc": capture.warc,
        "offset": capture.offset,
        "length": capture.length,
        "payload_digest": capture.payload_digest,
        "date": capture.date,
        "record_id": capture.record_id,
        "purpose": capture.purpose,
    }


def _certainty(confidence: float) -> str:
    from archiver.model import certainty  # only here: `find` has none

    return certainty(confidence)
