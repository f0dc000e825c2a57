"""An outcome as people read it: what the article shows, which post that is, what became of it, what came, where it lies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console

from archiver.archive import WARC_FOLDER
from archiver.cli.save import STYLES
from archiver.cli.terminal import cell, console
from archiver.cli.words import at_handle
from archiver.model import Availability, CaptureLine, Claim, Evidence, Origin, Outcome, Sighting, State, Verdict, certainty
from archiver.provenance.index import Index

Row = dict[str, Any]

_STATES = {
    State.SAVED: "kept whole",
    State.PARTIAL: "kept in part",
    State.GONE: "not there; the answers that say so are kept",
    State.UNIDENTIFIED: "it could not be told which post this is",
    State.FAILED: "the post itself could not be kept",
}
_CUT = "kept, all that the platform gives: of the words only the beginning"
_BECAME = {
    Availability.LIVE: "It was still there.",
    Availability.LIVE_PARTIAL: "It was still there, but only a part of it was given.",
    Availability.AGE_GATED: "It was still there, but shown only to those who prove their age.",
    Availability.LOGIN_GATED: "It is shown only to those who log in.",
    Availability.PROTECTED: "Its author shows it only to followers of their choice.",
    Availability.WITHHELD: "The platform withholds it, in some countries at least.",
    Availability.DELETED_BY_AUTHOR: "Its author deleted it: one answer says so, and a second does not know the post.",
    Availability.REMOVED_BY_PLATFORM: "The platform removed it, and says that it broke the rules.",
    Availability.ACCOUNT_SUSPENDED: "The platform says that it suspended the author's account.",
    Availability.ACCOUNT_DEACTIVATED: "The platform says that the author's account no longer exists.",
    Availability.GONE_OR_GATED: "It is gone, or shown to some only: the platform does not say which.",
    Availability.UNKNOWN_GONE: "It was not there. Why, and who took it away, is not known.",
    Availability.NEVER_EXISTED: "There never was such a post: none can have this number.",
    Availability.RATE_LIMITED: "Not known: the platform refused to answer, because it was asked too often.",
    Availability.ENDPOINT_ERROR: "Not known: the platform's answer was of no use.",
    Availability.NOT_CHECKED: "Not known: the platform was not asked, or did not answer.",
}
_CLAIMS = {
    Claim.MATCH: "match: the words received are those that the article shows",
    Claim.DIFFERS: "differs: the words received are not those that the article shows",
    Claim.UNVERIFIABLE: "unverifiable: no words were received that could be compared",
}
_CLUES = {
    "permalink": "the article links to it",
    "short-link": "the article has a short link",
    "short-link-hop": "the short link leads on",
    "short-link-target": "the short link leads to a post",
    "id-time": "the number of the post holds its time",
    "author": "whose it is",
    "media-fallback": "not the best file, but this one was there",
    "other-post": "another post that belongs to it",
    "linked-page": "asked for a page that it links to",
    "mirror": "asked a third party",
    "media-address": "a picture or video stands in it",
    "media-time": "its picture or video has a time in its name",
    "short-link-code": "the short link that the post itself carries",
    "archive-index": "asked a web archive what it lists",
    "memento": "asked a web archive for its copy",
    "candidate": "a post that it might be",
    "archived-words": "an earlier copy's words",
    "recovered-media": "a picture or video of it",
    "rejected-probe": "asked for a post that it turned out not to be",
}
_VERDICTS = {
    Verdict.ACCEPTED: "accepted",
    Verdict.REJECTED: "not accepted",
    Verdict.AGREES: "agrees",
    Verdict.DISAGREES: "DOES NOT AGREE",
    Verdict.FAILED: "failed",
}
_ELSEWHERE = frozenset({"form", "signature", "probe", "availability", "words"})
_BESIDES = frozenset({"media-fallback", "other-post", "linked-page", "mirror"})
_ASKED = {
    "syndication": "the platform's service for embedded posts",
    "oembed": "the platform's oEmbed service",
    "mirror": "a third party",
}
_KINDS = {
    "photo": "photo, at its original size",
    "photo-shown": "photo, as pages show it",
    "video": "video",
    "poster": "picture before the video plays",
    "avatar": "portrait of the author",
    "card": "picture of the preview",
}
_RELATIONS = {"quotes": "and it quotes", "replies-to": "in answer to", "reposts": "it passes on", "version": "another version"}
_LABEL = 19
_SKEW_SECONDS = 120


def tell(index: Index, outcome: Outcome, withheld: Mapping[str, Row]) -> None:
    """Print the whole chain, from the article's line to the bytes in the WARC. `withheld` is what leaves every copy."""
    out, embed = console(), outcome.embed
    row = index.post(outcome.post_id, outcome.origin) if outcome.post_id else None
    ended = _CUT if outcome.state is State.SAVED and row is not None and row["cut"] else _STATES[outcome.state]
    mark = "STAND-IN " if outcome.origin is Origin.STAND_IN else ""
    out.print(
        f"  line {embed.line} ",
        cell(f"({embed.form})", "dim"),
        ": ",
        cell(f"{mark}{outcome.state}", STYLES[outcome.state]),
        cell(f", {ended}"),
        sep="",
    )
    _part(out, "WITHHELD", _withheld(withheld.get(f"outcomes {outcome.record}")), style="bold")
    _part(out, "the article shows", [f"{_who(embed.author, embed.handle)}, {_day(embed.posted)}", f"“{embed.text}”"])
    identifying = (one for one in outcome.evidence if one.method not in _ELSEWHERE | _BESIDES)
    sure = [f"certainty {certainty(outcome.confidence)} ({outcome.confidence:.2f})"] if outcome.rung else []
    why = [", ".join([*sure, outcome.identity])] if outcome.identity else []
    _part(out, "which post", [outcome.url or "not identified", *why, *map(_clue, identifying)], dim=len(why) + 1)
    _part(out, "what became of it", _became(outcome), dim=1)
    if row is not None:
        _post(out, index, row, "the post says", set())
    if outcome.recovered is not None:
        _part(out, "a copy shows", _copied(outcome.recovered))
    _part(out, "besides", [_clue(one) for one in outcome.evidence if one.method in _BESIDES], dim=0)
    _part(out, "the words", [_claim(outcome), *(one.detail for one in outcome.evidence if one.method == "words")], dim=1)
    _part(out, "not had", [f"{one.stage}: {one.reason}: {one.detail}" for one in outcome.failures], style="red")
    _part(out, "clocks", clocks(index, [line.record_id for line in outcome.captures]), style="yellow")
    label = "received"
    for line in outcome.captures:
        out.print(f"    {label:{_LABEL}}", sep="", end="")
        capture(line, withheld)
        label = ""


def of_article(index: Index, row: Row, withheld: Mapping[str, Row]) -> Iterator[str]:
    """What is to be known of an article's own record: that it is withheld, and how the clocks stood when it was fetched."""
    if f"articles {row['id']}" in withheld:
        yield from (f"WITHHELD: {told}" for told in _withheld(withheld[f"articles {row['id']}"]))
    elif row["record"] in withheld:
        yield f"WITHHELD: its bytes leave every copy of this archive, because: {withheld[row['record']]['reason']}"
    yield from clocks(index, [row["record"]])


def _withheld(row: Row | None) -> Iterator[str]:
    if row is not None:
        yield f"it leaves every copy of this archive, because: {row['reason']}"


def clocks(index: Index, captures: Iterable[str]) -> Iterator[str]:
    """Servers whose clock was far from this machine's when they answered: which of the two was right is not known."""
    told = set[str]()
    for row in index.skews(captures):
        skew = row["skew_seconds"]
        if abs(skew) > _SKEW_SECONDS:
            which = "ahead of" if skew > 0 else "behind"
            host = urlsplit(row["url"]).netloc or row["url"]
            told.add(f"{host}: the server's clock was {_span(abs(skew))} {which} ours, by its Date; times here are by ours")
    yield from sorted(told)


def _span(seconds: int) -> str:
    for unit, size in (("days", 86_400), ("hours", 3_600)):
        if seconds >= 2 * size:
            return f"{round(seconds / size)} {unit}"
    return f"{round(seconds / 60)} minutes"


def _part(out: Console, label: str, lines: Iterable[str], *, dim: int | None = None, style: str = "") -> None:
    """Lines below one another, the first beside its label; from the one numbered `dim` on they are paler."""
    for number, line in enumerate(lines):
        pale = dim is not None and number >= dim
        out.print(f"    {label if not number else '':{_LABEL}}", cell(line, "dim" if pale else style), sep="")


def _who(author: str | None, handle: str | None) -> str:
    return f"{author or 'no name'} ({at_handle(handle)})" if handle else author or "nobody is named"


def _day(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else "no day"


def moment(text: str) -> str:
    """A time of ours as people write it, to the second."""
    return _moment(text[:19] + "+00:00")


def _moment(text: str, made: str | None = None, precision: str | None = None) -> str:
    """A time as people write it. Where the platform cuts it to seconds, the id still holds the rest."""
    moment = datetime.fromisoformat(text)
    if precision == "day":
        return f"{_day(moment.date())} (the day as a page shows it, in a time zone that it does not name)"
    exact = datetime.fromisoformat(made) if made else None
    if exact is not None and moment <= exact and (exact - moment).total_seconds() < 1:
        moment = exact
    part = f".{moment.microsecond // 1000:03}" if moment.microsecond else ""
    return f"{_day(moment.date())}, {moment:%H:%M:%S}{part} UTC"


def _clue(one: Evidence) -> str:
    verdict = f" [{_VERDICTS[one.verdict]}]" if one.verdict in _VERDICTS else ""
    value = "" if one.method == "id-time" else f" {one.value}"  # its detail says it for people
    detail = f" — {one.detail}" if one.detail else ""
    return f"{_CLUES.get(one.method, one.method)}:{value}{verdict}{detail}"


def _became(outcome: Outcome) -> Iterator[str]:
    """What became of it, when that was seen, why we say so, and every answer that it rests on."""
    asked = {line.record_id: line.date for line in outcome.captures}
    probes: list[Evidence] = []
    for one in outcome.evidence:
        if one.method == "availability":
            break  # what follows was asked of other posts
        probes += [one] if one.method == "probe" else []
    seen = [asked[one.capture] for one in probes if one.capture in asked]
    when = f" We asked on {_moment(min(seen)[:19] + '+00:00')}." if seen else ""
    yield f"{_BECAME[outcome.availability]}{when}"
    yield f"{outcome.availability}, because {outcome.reason}"
    for probe in probes:
        yield _probe(probe)


def _probe(probe: Evidence) -> str:
    purpose, _, rest = probe.detail.partition(": ")
    if probe.verdict is Verdict.FAILED:
        return f"no answer from {probe.value} ({probe.detail})"
    return f"{_ASKED.get(purpose, purpose)} answered {rest.partition(',')[0]}: {probe.value}"


def _copied(sighting: Sighting) -> Iterator[str]:
    """What a web archive's copy shows: what was there then, and nothing of what is."""
    post, memento = sighting.post, sighting.memento
    if memento is not None:
        yield f"{memento.archive} captured it on {_moment(memento.captured.isoformat())}: {sighting.seen_in}"
    else:
        yield f"seen in {sighting.seen_in}"
    yield f"{_who(post.author, post.handle)}, {_moment(post.posted.isoformat()) if post.posted else 'no time is told'}"
    yield f"“{post.text}”"


def _claim(outcome: Outcome) -> str:
    """The verdict on the words, and whose they are: a copy's where the platform gives none."""
    of_copy = any(
        one.method == "words" and outcome.recovered and one.capture == outcome.recovered.capture for one in outcome.evidence
    )
    return _CLAIMS[outcome.claim].replace("the words received", "the words of that copy") if of_copy else _CLAIMS[outcome.claim]


def _post(out: Console, index: Index, row: Row, label: str, told: set[str]) -> None:
    """A post with its media, then the posts that belong to it, each once."""
    if row["id"] in told:
        return
    told.add(row["id"])
    _part(out, label, _said(index, row))
    _part(out, "", _media(index.media(row["id"])), dim=0)
    for related in index.relations(row["id"]):
        other = index.post(related["other"], Origin(row["origin"])) if related["other"] else None
        if other is not None:
            _post(out, index, other, _RELATIONS[related["kind"]], told)
        elif related["post_id"] not in {one.partition(":")[2].partition("~")[0] for one in told}:
            whose = f" of {at_handle(related['handle'])}" if related["handle"] else ""
            _part(out, _RELATIONS[related["kind"]], [f"post {related['post_id']}{whose}, which was not read"])


def _said(index: Index, row: Row) -> Iterator[str]:
    when = _moment(row["posted"], row["made"], row["precision"]) if row["posted"] else "no time is told"
    place = f", {row['place']}" if row["place"] else ""
    yield f"{_who(row['author'], row['handle'])}, {when}{place}, {row['url']}"
    yield f"“{row['text']}”"
    if row["cut"]:
        yield "(the text goes on: the platform gave its beginning only)"
    if row["superseded"]:
        yield "(an earlier version: a later one is known)"
    elif row["edited"]:
        yield "(it has been edited)"
    if row["sensitive"]:
        yield "(the platform marks it as possibly sensitive)"
    if row["card"]:
        title = f"“{row['card_title']}” " if row["card_title"] else ""
        yield f"preview: {title}{row['card_url'] or ''}"
    yield from _poll(row, index.choices(row["id"]))
    for link in index.links(row["id"]):
        yield f"link: {link['url']}{', the page is kept' if link['capture'] else ''}"


def _poll(row: Row, choices: list[Row]) -> Iterator[str]:
    if not choices:
        return
    ends = f", {'ended' if row['poll_ended'] else 'ends'} {_moment(row['poll_ends'])}" if row["poll_ends"] else ""
    yield f"poll{ends}:"
    for choice in choices:
        votes = f"{choice['votes']} votes" if choice["votes"] is not None else "votes not told"
        yield f"  {choice['label']}: {votes}"


def _media(media: list[Row]) -> Iterator[str]:
    pieces = [one for one in media if one["kind"] in ("playlist", "segment")]
    for one in media:
        if one in pieces:
            continue
        kind = _KINDS.get(one["kind"], one["kind"])
        if one["kind"] == "photo" and "name=orig" not in one["url"]:
            kind = "photo, at the largest size that was there"
        if "/tweet_video/" in one["url"]:
            kind = "animated picture (a GIF, which the platform keeps as a video)"
        size = f"{one['payload_bytes']} bytes" if one["capture"] else "could not be had"
        alt = f", described as “{one['alt']}”" if one["alt"] else ""
        yield f"{kind}: {size}{alt}, {one['url']}"
    if pieces:
        had = [one for one in pieces if one["capture"]]
        size = sum(one["payload_bytes"] for one in had)
        yield f"video, in pieces (there is no one file): {len(had)} of {len(pieces)}, {size} bytes, {pieces[0]['url']}"


def capture(line: CaptureLine, withheld: Mapping[str, Row]) -> None:
    """An answer that was received: what it is, and where it lies; marked where it leaves every copy."""
    where = f"{WARC_FOLDER}/{line.warc} offset {line.offset} length {line.length}"
    mark = "WITHHELD " if line.record_id in withheld else ""
    told = f"{mark}{line.purpose}: {line.status} {line.url}, {line.date}, {origin(line.origin.value)}"
    console().print(cell(told))
    console().print("                         ", cell(f"{where} {line.payload_digest}", "dim"), sep="")


def origin(word: str) -> str:
    """Where bytes came from, in words."""
    return {"live": "received live", "stand-in": "STAND-IN", "local": "handed over as a file"}.get(word, word)
