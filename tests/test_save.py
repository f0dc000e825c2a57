"""The main job: which post it is, what is kept of it, and how the run ends."""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import archiver
from archiver.lines import save_line
from tests.conftest import (
    ARTICLE,
    FIRST,
    HTML_ARTICLE,
    JSON,
    QUOTED,
    SECOND,
    WEB,
    Cli,
    Result,
    address_of,
    stand_in,
    tweet,
)

SHORT = "https://t.co/ncfDTgE1ER"


def lines_of(cli: Cli, archive: Path, web: Path, *sources: Path, status: int | None = None) -> list[dict[str, Any]]:
    result = cli("save", "--json", "--offline", "--archive", archive, "--fixtures", web, *(sources or (ARTICLE,)))
    if status is not None:
        assert result.status == status, result.err
    return result.lines


def rows(archive: Path, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(archive / "archive.db")
    try:
        return connection.execute(sql, parameters).fetchall()
    finally:
        connection.close()


def verdicts(line: dict[str, Any], method: str) -> list[tuple[str, str]]:
    return [(one["verdict"], one["detail"]) for one in line["evidence"] if one["method"] == method]


def test_the_bundled_article_tells_the_whole_story(cli: Cli, archive: Path) -> None:
    first, second = lines_of(cli, archive, WEB, status=0)
    assert (first["state"], first["availability"], first["claim"], first["origin"]) == ("saved", "live", "match", "stand-in")
    assert (first["post_id"], first["url"]) == (FIRST, f"https://x.com/i/status/{FIRST}")
    assert [capture["purpose"] for capture in first["captures"]] == [
        "short-link", "syndication", "oembed", "photo", "photo-shown", "video", "poster", "avatar",
        "photo", "photo", "photo-shown", "avatar",
    ]  # fmt: skip
    assert {capture["origin"] for capture in first["captures"]} == {"stand-in"}
    assert verdicts(first, "media-fallback")[0][1].endswith("name=orig: 404")
    assert (second["state"], second["availability"], second["claim"]) == ("gone", "account_deactivated", "match")
    assert second["post_id"] == SECOND
    assert second["text"].startswith("Гродно.")
    assert (second["recovered"]["archive"], second["recovered"]["captured"]) == ("web.archive.org", "2020-08-14T09:33:44+00:00")
    assert rows(archive, "SELECT text FROM embeds WHERE handle = 'tutby'") == [(second["text"],)]
    assert [row[0] for row in rows(archive, "SELECT id FROM posts ORDER BY rowid")] == [
        f"twitter:{QUOTED}~stand-in",
        f"twitter:{FIRST}~stand-in",
        f"twitter:{SECOND}~web-archive~stand-in",
    ]


def test_the_seed_is_identified_from_its_short_links(cli: Cli, archive: Path, seed: Path) -> None:
    first, second = lines_of(cli, archive, WEB, seed, status=0)
    assert (first["state"], first["post_id"], first["claim"]) == ("saved", FIRST, "differs")
    assert (second["state"], second["post_id"]) == ("gone", SECOND)
    assert verdicts(first, "short-link-target")[0][0] == "accepted"
    assert "Гродноазот" in second["text"]
    ((title, byline, published, url, credits),) = rows(archive, "SELECT title, byline, published, url, credits FROM articles")
    assert (byline, published, credits) == ("AFP", "2020-08-14", '["Sergei Gapon / AFP"]')
    assert title.startswith("Belarus Factory Workers")
    assert url.startswith("https://www.themoscowtimes.com/")


def test_python_gives_the_same_as_the_command_line(cli: Cli, tmp_path: Path) -> None:
    report = archiver.save(ARTICLE, archive=tmp_path / "a", fixtures=[WEB], offline=True)
    printed = lines_of(cli, tmp_path / "b", WEB)

    def steady(line: dict[str, Any]) -> dict[str, Any]:
        for capture in line["captures"]:
            for name in ("warc", "offset", "length", "date", "record_id"):
                del capture[name]
        for evidence in line["evidence"]:
            del evidence["capture"]
        if line["recovered"]:
            del line["recovered"]["record_id"]
        return line

    assert [steady(save_line(outcome)) for outcome in report.outcomes] == [steady(line) for line in printed]
    assert (report.status, report.problems) == (0, ())
    (kept,) = report.articles
    assert (kept.source, kept.sha256, kept.embeds) == (str(ARTICLE), hashlib.sha256(ARTICLE.read_bytes()).hexdigest(), 2)


def test_what_python_gives_holds_no_articles(tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number}.md").write_text(f"# {number}\n\n" + "words of an article " * 50_000, "utf-8")
    report = archiver.save(folder, archive=tmp_path / "archive", offline=True)
    assert sorted(int(kept.facts.title or "") for kept in report.articles) == list(range(20))
    assert len(pickle.dumps(report)) < 100_000  # twenty articles of a megabyte each


# Which post it is -----------------------------------------------------------------------------------------------------

Change = Callable[[Path], None]


def redirect(to: str, status: str = "301 Moved Permanently") -> Change:
    return lambda web: stand_in(web, SHORT, status, {"Location": to})


def meta_refresh(to: str) -> Change:
    page = f'<html><head><meta http-equiv="Refresh" content="0; url={to}"></head></html>'
    return lambda web: stand_in(web, SHORT, "200 OK", {"Content-Type": "text/html"}, page)


def without_web_archive(web: Path) -> None:
    shutil.rmtree(web / "web-archive")


def without(name: str) -> Change:
    return lambda web: (web / name).unlink()


OTHER_DAY = str(((1597000000000 - 1288834974657) << 22) | 1)  # four days before
MEDIA = f"https://twitter.com/HannaLiubakova/status/{FIRST}/photo/1"


@pytest.mark.parametrize(
    ("change", "state", "reason"),
    [
        (redirect(MEDIA), "saved", None),
        (redirect(MEDIA.replace("/photo/1", "")), "saved", None),
        (redirect(MEDIA.replace("twitter.com", "x.com"), "302 Found"), "saved", None),
        (redirect(MEDIA.lower()), "saved", None),  # handles are the same in any case
        (meta_refresh(MEDIA), "saved", None),
        (redirect(f"https://twitter.com/HannaLiubakova/status/{OTHER_DAY}/photo/1"), "unidentified", "handle agrees, but the id was made 2020-08-09"),
        (redirect(f"https://twitter.com/somebody_else/status/{FIRST}/video/1"), "unidentified", "the media belongs to @somebody_else"),
        (redirect(f"https://twitter.com/i/web/status/{FIRST}"), "unidentified", "no handle to compare"),
        (redirect("https://twitter.com/HannaLiubakova/status/20/photo/1"), "unidentified", "no day to compare"),
        (redirect("https://news.example/"), "unidentified", "not a post"),
        (lambda web: stand_in(web, SHORT, "404 Not Found", {}), "unidentified", None),
        (lambda web: stand_in(web, SHORT, "200 OK", {"Content-Type": "text/html"}, "<p>nothing</p>"), "unidentified", None),
        (redirect(SHORT), "unidentified", None),  # a loop
        (redirect("http://[bad"), "unidentified", None),
        (redirect("file:///etc/passwd"), "unidentified", "not a post"),
        (lambda web: stand_in(web, SHORT, "503 Service Unavailable", {}), "failed", None),
        (without("t.co-ncfDTgE1ER.http"), "unidentified", None),
    ],
)  # fmt: skip
def test_a_short_link_identifies_only_where_handle_and_day_agree(
    cli: Cli, archive: Path, web: Path, change: Change, state: str, reason: str | None
) -> None:
    without_web_archive(web)
    change(web)
    result = cli("save", "--json", "--offline", "--archive", archive, "--fixtures", web, ARTICLE)
    first = result.lines[0]
    assert (first["state"], result.status) == (state, int(bool(first["failures"])))
    assert (first["post_id"], first["url"] is None) == ((FIRST, False) if state == "saved" else (None, True))
    if state != "saved":
        assert (first["availability"], first["claim"]) == ("not_checked", "unverifiable")
        assert all(capture["purpose"] == "short-link" for capture in first["captures"])
    if reason is not None:
        assert [(verdict, detail) for verdict, detail in verdicts(first, "short-link-target") if reason in detail]
    kept = rows(archive, "SELECT count(*) FROM evidence AS e JOIN outcomes AS o ON o.id = e.outcome WHERE o.state = ?", state)
    assert kept[0][0] >= len(first["evidence"])


def test_each_hop_of_a_short_link_is_kept(cli: Cli, archive: Path, web: Path) -> None:
    stand_in(web, SHORT, "301 Moved Permanently", {"Location": "http://t.co/secondHop1"})
    stand_in(web, "https://t.co/secondHop1", "302 Found", {"Location": MEDIA})
    first = lines_of(cli, archive, web, status=0)[0]
    assert first["state"] == "saved"
    hops = [capture["url"] for capture in first["captures"] if capture["purpose"] == "short-link"]
    assert hops == [SHORT, "https://t.co/secondHop1"]
    assert [one["value"] for one in first["evidence"] if one["method"] == "short-link-hop"] == hops


def test_a_link_within_the_words_never_names_the_post(cli: Cli, archive: Path, web: Path, tmp_path: Path) -> None:
    article = tmp_path / "quote.md"
    article.write_text(
        "**Embed:**\n\nLook at this <https://t.co/quotedPost>\n\n— H (@HannaLiubakova) [August 14, 2020](#)\n", "utf-8"
    )
    stand_in(web, "https://t.co/quotedPost", "301 Moved", {"Location": f"https://twitter.com/HannaLiubakova/status/{FIRST}"})
    (line,) = lines_of(cli, archive, web, article, status=0)
    assert (line["state"], line["post_id"]) == ("unidentified", None)
    assert verdicts(line, "short-link-target")[0][0] == "rejected"


def test_a_post_that_turns_out_to_be_somebody_elses_is_given_up(cli: Cli, archive: Path, web: Path) -> None:
    answer = tweet(web)
    answer["user"] |= {"screen_name": "an_impostor", "id_str": "4100000000000000009"}
    stand_in(web, address_of(web, "tweet-1.http"), "200 OK", JSON, json.dumps(answer))
    first = lines_of(cli, archive, web, status=0)[0]
    assert (first["state"], first["post_id"]) == ("unidentified", None)
    assert "an_impostor" in first["reason"]
    assert rows(archive, "SELECT id FROM posts WHERE post_id = ?", FIRST) == []


def test_a_permalink_in_the_page_wins(cli: Cli, archive: Path, web: Path) -> None:
    (web / "t.co-ncfDTgE1ER.http").unlink()
    (line,) = lines_of(cli, archive, web, HTML_ARTICLE, status=0)
    assert (line["state"], line["post_id"], line["claim"]) == ("saved", FIRST, "match")
    assert verdicts(line, "permalink") == [("accepted", "in the page")]
    assert "short-link" not in [capture["purpose"] for capture in line["captures"]]


# What is kept of it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "fetched", "claim"),
    [
        ("Two words", "Two words https://t.co/abcdefgh", "match"),
        ("Two &amp; “words”", 'Two &amp; "words"', "match"),
        ("This sentence is long enough to be cut…", "This sentence is long enough to be cut off here", "match"),
        ("Two other words", "Two words", "differs"),
        ("not guilty", "guilty", "differs"),
        ("", "Two words", "unverifiable"),
    ],
)
def test_the_claim_is_compared_with_the_fetched_words(
    cli: Cli, archive: Path, web: Path, tmp_path: Path, shown: str, fetched: str, claim: str
) -> None:
    answer = {**tweet(web), "text": fetched}
    stand_in(web, address_of(web, "tweet-1.http"), "200 OK", JSON, json.dumps(answer))
    article = tmp_path / "claim.html"
    link = f'<a href="https://twitter.com/HannaLiubakova/status/{FIRST}">August 14, 2020</a>'
    article.write_text(
        f'<blockquote class="twitter-tweet"><p>{shown}</p>&mdash; H (@HannaLiubakova) {link}</blockquote>', "utf-8"
    )
    (line,) = lines_of(cli, archive, web, article)
    assert (line["state"], line["claim"]) == ("saved", claim)


def syndication(status: str, body: str) -> Change:
    return lambda web: stand_in(web, address_of(web, "tweet-1.http"), status, JSON, body)


def no_oembed(web: Path) -> None:
    stand_in(web, address_of(web, "oembed-1.http"), "404 Not Found", {})


@pytest.mark.parametrize(
    ("changes", "state", "availability", "failure"),
    [
        ([syndication("200 OK", '{"__typename": "TweetTombstone"}'), no_oembed], "failed", "gone_or_gated", "gated"),
        ([syndication("404 Not Found", "<html>"), no_oembed], "gone", "unknown_gone", None),
        ([syndication("200 OK", "{}")], "partial", "live_partial", "not-offered"),
        ([syndication("200 OK", "{}"), without("oembed-1.http")], "failed", "endpoint_error", "empty-answer"),
        ([syndication("429 Too Many Requests", "Rate limit exceeded"), no_oembed], "failed", "rate_limited", "rate-limited"),
        ([syndication("200 OK", "no json"), no_oembed], "failed", "endpoint_error", "not-json"),
        ([without("tweet-1.http")], "partial", "live_partial", "no-stand-in"),
        ([without("tweet-1.http"), without("oembed-1.http")], "failed", "not_checked", "no-stand-in"),
        ([without("oembed-1.http")], "partial", "live", "no-stand-in"),
        ([without("video.http")], "partial", "live", "no-stand-in"),
        ([lambda web: stand_in(web, address_of(web, "video.http"), "404 Not Found", {})], "partial", "live", "not-there"),
        ([lambda web: stand_in(web, address_of(web, "poster.http"), "200 OK", {"Content-Type": "text/html"}, "<p>no")], "partial", "live", "not-there"),
    ],
)  # fmt: skip
def test_states(
    cli: Cli, archive: Path, web: Path, changes: list[Change], state: str, availability: str, failure: str | None
) -> None:
    for change in changes:
        change(web)
    first, second = lines_of(cli, archive, web, status=0 if state == "gone" else 1)
    assert (first["state"], first["availability"]) == (state, availability)
    assert second["state"] == "gone"  # one embed's trouble is not the other's
    if failure is not None:
        assert failure in [one["reason"] for one in first["failures"]]
        assert all(set(one) == {"stage", "reason", "detail"} for one in first["failures"])
    assert first["text"].startswith("Today's slip")
    assert first["post_id"] == FIRST


def test_what_was_partial_is_completed_by_another_run(cli: Cli, archive: Path, web: Path) -> None:
    taken = (web / "video.http").read_bytes()
    (web / "video.http").unlink()
    assert lines_of(cli, archive, web, status=1)[0]["state"] == "partial"
    before = rows(archive, "SELECT id FROM captures")
    (web / "video.http").write_bytes(taken)
    first = lines_of(cli, archive, web, status=0)[0]
    assert (first["state"], first["failures"]) == ("saved", [])
    new = rows(
        archive, "SELECT url FROM captures WHERE id NOT IN (SELECT value FROM json_each(?))", json.dumps([r[0] for r in before])
    )
    assert new == [(address_of(web, "video.http"),)]  # nothing else was asked for again
    assert [row[0] for row in rows(archive, "SELECT state FROM outcomes ORDER BY sequence")] == ["partial", "gone", "saved"]


def test_gone_on_one_answer_is_asked_for_again(cli: Cli, archive: Path, web: Path) -> None:
    for change in (syndication("404 Not Found", ""), without("oembed-1.http")):
        change(web)
    first = lines_of(cli, archive, web, status=1)[0]
    assert (first["state"], [one["reason"] for one in first["failures"]]) == ("gone", ["no-stand-in"])
    stand_in(web, next(one["value"] for one in first["evidence"] if one["verdict"] == "failed"), "404 Not Found", {})
    first = lines_of(cli, archive, web, status=0)[0]
    assert (first["state"], first["failures"]) == ("gone", [])


def test_an_empty_answer_is_asked_for_again(cli: Cli, archive: Path, web: Path) -> None:
    good = (web / "tweet-1.http").read_text("utf-8")
    syndication("200 OK", "{}")(web)
    assert lines_of(cli, archive, web)[0]["state"] == "partial"
    for path in web.glob("test-*.http"):
        path.unlink()
    (web / "tweet-1.http").write_text(good, "utf-8")
    assert lines_of(cli, archive, web)[0]["state"] == "saved"


# Running again --------------------------------------------------------------------------------------------------------


def test_a_second_run_adds_nothing_and_says_the_same(cli: Cli, saved: Path) -> None:
    files = {path: path.read_bytes() for path in (saved / "warc").iterdir()}
    counts = rows(saved, "SELECT (SELECT count(*) FROM captures), (SELECT count(*) FROM outcomes)")
    shown = cli("show", "--json", "--archive", saved).lines
    again = cli("save", "--json", "--offline", "--archive", saved, "--fixtures", WEB, ARTICLE)
    assert again.status == 0
    now = {path: path.read_bytes() for path in (saved / "warc").iterdir()}
    assert now.items() >= files.items()
    assert [path.name.partition("-")[0] for path in now.keys() - files.keys()] == ["ledger"]  # that there was a run
    assert rows(saved, "SELECT (SELECT count(*) FROM captures), (SELECT count(*) FROM outcomes)") == counts
    assert [line.pop("withheld") for line in shown] == [None, None]  # what `show` alone says
    assert [{**line, "evidence": None} for line in again.lines] == [{**line, "evidence": None} for line in shown]
    assert len(rows(saved, "SELECT * FROM runs")) == 2
    assert len(rows(saved, "SELECT * FROM sources")) == 2


def test_two_articles_with_the_same_post_share_its_bytes(cli: Cli, archive: Path) -> None:
    markdown, page = lines_of(cli, archive, WEB, status=0)[0], lines_of(cli, archive, WEB, HTML_ARTICLE, status=0)[0]
    assert markdown["post_id"] == page["post_id"] == FIRST
    of_post = [one for one in markdown["captures"] if one["purpose"] != "short-link"]
    assert page["captures"] == of_post
    assert len(rows(archive, "SELECT * FROM posts WHERE post_id = ?", FIRST)) == 1
    assert len(cli("show", "--json", f"https://twitter.com/a/status/{FIRST}", "--archive", archive).lines) == 2


def test_stand_ins_never_serve_a_live_run(saved: Path) -> None:
    from archiver import pipeline
    from archiver.capture.guard import Door
    from archiver.capture.live import LiveTransport
    from archiver.model import Outcome
    from archiver.settings import Settings

    asked: list[str] = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        raise OSError("nothing resolves here")

    live = LiveTransport(Door(resolver=resolver))
    settings = Settings(archive=saved, pace_seconds=0, tries=1, concurrency=1)
    outcomes = [event for event in pipeline.save([str(ARTICLE)], settings, live) if isinstance(event, Outcome)]
    assert [(one.state.value, one.origin.value) for one in outcomes] == [("failed", "live"), ("failed", "live")]
    assert set(asked) == {"t.co", "web.archive.org"}
    assert asked.count("web.archive.org") == 1  # once it cannot be reached, it is left alone for the run
    # and the stand-in outcomes are still there, beside the live ones
    states = rows(saved, "SELECT origin, state FROM latest_outcomes ORDER BY sequence")
    assert states == [("stand-in", "saved"), ("stand-in", "gone"), ("live", "failed"), ("live", "failed")]


# How the run ends -----------------------------------------------------------------------------------------------------


def test_strict_wants_each_embed_saved(cli: Cli, archive: Path) -> None:
    result = cli("save", "--strict", "--offline", "--archive", archive, "--fixtures", WEB, ARTICLE)
    assert result.status == 1


def test_json_is_alone_on_standard_output(cli: Cli, archive: Path) -> None:
    result = cli("save", "--json", "--offline", "--archive", archive, "--fixtures", WEB, ARTICLE, "missing.md")
    assert (result.status, len(result.lines)) == (2, 2)
    assert result.err.strip() == "archiver: missing.md: no such file"


def test_people_are_told_what_is_a_stand_in(cli: Cli, archive: Path) -> None:
    result: Result = cli("save", "--offline", "--archive", archive, "--fixtures", WEB, ARTICLE)
    assert "STAND-IN saved" in result.out
    assert "STAND-IN gone" in result.out
    assert "no evidence" in result.out
    shown = cli("show", "--archive", archive)
    assert shown.out.count("STAND-IN") >= 15


def test_an_article_from_its_address(cli: Cli, archive: Path, web: Path) -> None:
    old, new = "https://news.example/old", "https://news.example/new"
    stand_in(web, old, "301 Moved Permanently", {"Location": "/new"})
    stand_in(web, new, "200 OK", {"Content-Type": "text/html; charset=utf-8"}, HTML_ARTICLE.read_text("utf-8"))
    result = cli("save", "--json", "--offline", "--archive", archive, "--fixtures", web, old)
    assert (result.status, result.lines[0]["state"], result.lines[0]["article"]) == (0, "saved", old)
    assert [row[0] for row in rows(archive, "SELECT url FROM captures ORDER BY rowid LIMIT 2")] == [old, new]
    assert rows(archive, "SELECT origin FROM articles") == [("stand-in",)]
    again = cli("save", "--json", "--offline", "--archive", archive, "--fixtures", web, old)
    assert again.lines == result.lines
    stand_in(web, new, "410 Gone", {})
    gone = cli("save", "--json", "--offline", "--archive", archive, "--fixtures", web, old)
    assert (gone.status, gone.out) == (1, "")
    assert "is 410" in gone.err
