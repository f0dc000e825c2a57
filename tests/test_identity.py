"""Which post it is: down the ladder, through `save`, with what the stand-in web archive holds."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from archiver import pipeline
from archiver.capture import pace
from archiver.identity import confidence
from archiver.identity.words import Kind, likeness
from archiver.model import Outcome, Rung
from archiver.platforms.twitter import ids
from archiver.settings import Settings
from archiver.web_archives import cdx
from tests import decoys
from tests.conftest import ARTICLE, FIRST, JSON, PROJECT, QUOTED, SECOND, SHARED, WEB, Cli, address_of, stand_in, tweet
from tests.test_save import lines_of, rows, verdicts

NEAR_COPY = "1294230304977850371"  # the same account and day, one number is another


def without_short_links(web: Path) -> None:
    for path in web.glob("t.co-*.http"):
        path.unlink()


def test_the_short_links_name_both_posts(cli: Cli, archive: Path, web: Path) -> None:
    first, second = lines_of(cli, archive, web, status=0)
    assert [(one["post_id"], one["identified_by"], one["certainty"]) for one in (first, second)] == [
        (FIRST, "short-link", "very high"),
        (SECOND, "short-link", "very high"),
    ]
    assert verdicts(first, "short-link-code")[0][0] == "agrees"


def test_without_the_short_links_author_day_and_words_name_both(cli: Cli, archive: Path, web: Path) -> None:
    without_short_links(web)
    first, second = lines_of(cli, archive, web, status=0)
    assert [(one["state"], one["post_id"], one["identified_by"], one["confidence"]) for one in (first, second)] == [
        ("saved", FIRST, "archive-search", 0.98),
        ("gone", SECOND, "archive-search", 0.98),
    ]
    candidates = {one["value"].rpartition("/")[2]: one for one in first["evidence"] if one["method"] == "candidate"}
    assert candidates[FIRST]["verdict"] == "accepted"
    assert candidates[NEAR_COPY]["verdict"] == "rejected"
    assert "98% of the words" in candidates[NEAR_COPY]["detail"]
    assert candidates[FIRST]["seen_in"].startswith("https://web.archive.org/web/20200814114530id_/")
    shown_by = rows(archive, "SELECT url FROM captures WHERE id = ?", candidates[FIRST]["capture"])
    assert shown_by == [(candidates[FIRST]["seen_in"],)]


def test_without_the_web_archive_too_neither_is_named_and_the_reasons_are(cli: Cli, archive: Path, web: Path) -> None:
    without_short_links(web)
    shutil.rmtree(web / "web-archive")
    for line in lines_of(cli, archive, web, status=1):
        assert (line["state"], line["post_id"], line["identified_by"], line["confidence"]) == ("unidentified", None, None, 0)
        assert line["reason"] == line["identity"]
        assert "no short link could be resolved (no-stand-in)" in line["reason"]
        assert "web.archive.org could not be asked (no-stand-in)" in line["reason"]
        assert {one["reason"] for one in line["failures"]} == {"no-stand-in"}


def test_the_document_that_the_project_began_with(cli: Cli, tmp_path: Path, web: Path) -> None:
    """Its words are not the stand-ins': the short links, and the copies that carry them, tell which posts these are."""
    document = next(iter(SHARED.glob("seed/*.txt")), None)
    if document is None:
        pytest.skip("../shared is not here")

    def told(archive: str) -> list[tuple[str | None, str | None, str]]:
        lines = lines_of(cli, tmp_path / archive, web, document)
        return [(one["post_id"], one["identified_by"], one["claim"]) for one in lines]

    assert told("live") == [(FIRST, "short-link", "differs"), (SECOND, "short-link", "differs")]
    without_short_links(web)
    assert told("archived") == [(FIRST, "archive-search", "differs"), (SECOND, "archive-search", "differs")]
    shutil.rmtree(web / "web-archive")
    assert told("neither") == [(None, None, "unverifiable")] * 2


def test_the_web_archive_can_be_left_alone(cli: Cli, archive: Path, web: Path) -> None:
    without_short_links(web)
    result = cli("save", "--json", "--offline", "--no-web-archives", "--archive", archive, "--fixtures", web, ARTICLE)
    assert [line["state"] for line in result.lines] == ["unidentified", "unidentified"]
    assert "web archives were not asked" in result.lines[0]["reason"]
    assert not rows(archive, "SELECT url FROM captures WHERE url LIKE '%web.archive.org%'")


# A short link that is dead ------------------------------------------------------------------------------------------


def listed(web: Path, asked: str, *captures: tuple[str, str, str, str], trail: list[Any] | None = None) -> None:
    """A stand-in for what the archive's index says: timestamp, address, type and status of each capture."""
    table = [list(cdx.FIELDS), *[[*one, "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", "512"] for one in captures]]
    for path in (web / "web-archive").glob("*.http"):
        if f"GET {cdx.query(asked)}\n" in path.read_text("utf-8"):
            path.unlink()
    stand_in(web, cdx.query(asked), "200 OK", JSON, json.dumps([*(table if captures else []), *(trail or [])]))


def copy(web: Path, timestamp: str, original: str, status: str, headers: dict[str, str], body: str = "") -> None:
    head = {"Memento-Datetime": "Tue, 01 Sep 2020 08:09:10 GMT"} | headers
    stand_in(web, cdx.raw_url(timestamp, original), status, head, body)


def test_a_dead_short_link_is_asked_of_the_web_archive_in_its_own_case(cli: Cli, archive: Path, web: Path) -> None:
    stand_in(web, "https://t.co/ncfDTgE1ER", "404 Not Found", {})
    other, own = "https://t.co/NCFdtgE1er", "https://t.co/ncfDTgE1ER"
    at = "20200901080910"
    listed(web, own, (at, other, "text/html", "301"), (at, own, "text/html", "301"))
    wrong = f"https://twitter.com/HannaLiubakova/status/{NEAR_COPY}/photo/1"
    copy(web, at, other, "301 Moved Permanently", {"Location": f"https://web.archive.org/web/{at}id_/{wrong}"})
    right = f"https://twitter.com/HannaLiubakova/status/{FIRST}/photo/1"
    copy(web, at, own, "301 Moved Permanently", {"Location": f"https://web.archive.org/web/{at}id_/{right}"})
    first = lines_of(cli, archive, web, status=0)[0]
    assert (first["post_id"], first["identified_by"], first["state"]) == (FIRST, "archived-short-link", "saved")
    assert rows(archive, "SELECT count(*) FROM captures WHERE instr(url, ?)", f"id_/{other}") == [(0,)]


def test_an_archived_short_link_may_lead_on_by_a_page_that_refreshes(cli: Cli, archive: Path, web: Path) -> None:
    (web / "t.co-ncfDTgE1ER.http").unlink()
    own, at = "https://t.co/ncfDTgE1ER", "20200901080910"
    listed(web, own, (at, own, "text/html", "200"))
    page = f'<meta http-equiv="refresh" content="0;URL=https://twitter.com/HannaLiubakova/status/{FIRST}/video/1">'
    copy(web, at, own, "200 OK", {"Content-Type": "text/html"}, page)
    first = lines_of(cli, archive, web, status=0)[0]
    assert (first["post_id"], first["identified_by"]) == (FIRST, "archived-short-link")


def test_an_archive_that_gives_a_link_of_another_case_gives_none(cli: Cli, archive: Path, web: Path) -> None:
    """Its keys fold the case, so it may send on to, or answer with, what is another link to t.co."""
    (web / "t.co-ncfDTgE1ER.http").unlink()
    other, own, at = "https://t.co/NCFdtgE1er", "https://t.co/ncfDTgE1ER", "20200901080910"
    wrong = f"https://twitter.com/HannaLiubakova/status/{NEAR_COPY}/photo/1"
    for headers in (
        {"Location": cdx.raw_url(at, other)},
        {"Location": f"https://web.archive.org/web/{at}id_/{wrong}", "Link": f'<{other}>; rel="original"'},
    ):
        listed(web, own, (at, own, "text/html", "301"))
        copy(web, at, own, "302 Found", headers)
        first = lines_of(cli, archive, web)[0]
        assert first["post_id"] in (None, FIRST)
        assert first["identified_by"] != "archived-short-link"
        assert f"gives a copy of {other}" in json.dumps(first["evidence"])
        shutil.rmtree(archive)


# Guards -------------------------------------------------------------------------------------------------------------


def test_two_posts_alike_are_both_named_and_neither_is_chosen(cli: Cli, archive: Path, web: Path) -> None:
    without_short_links(web)
    with_the_same_words(web, '<a href="https://t.co/ncfDTgE1ER">pic.twitter.com/ncfDTgE1ER</a>')
    first = lines_of(cli, archive, web)[0]
    assert (first["state"], first["post_id"]) == ("unidentified", None)
    assert f"2 posts of this author are alike, and none is chosen: {NEAR_COPY}, {FIRST}" in first["reason"]


def with_the_same_words(web: Path, link: str) -> None:
    """The other post of that day says the same, with that link behind it."""
    path = web / "web-archive" / "memento-first-other.http"
    page = path.read_text("utf-8").replace("twelve people", "twenty people").replace("a fair vote", f"a fair vote {link}")
    path.write_text(page, "utf-8")


@pytest.mark.parametrize("link", ["", '<a href="https://t.co/NCFdtgE1er">pic.twitter.com/NCFdtgE1er</a>'])
def test_of_two_posts_alike_the_one_that_carries_the_short_link_is_the_one(
    cli: Cli, archive: Path, web: Path, link: str
) -> None:
    without_short_links(web)
    with_the_same_words(web, link)
    first = lines_of(cli, archive, web)[0]
    assert (first["post_id"], first["identified_by"]) == (FIRST, "archive-search")
    assert "it carries the very short link" in first["identity"]


def test_media_that_was_used_again_does_not_name_the_post(cli: Cli, archive: Path, web: Path) -> None:
    """The short link leads to the account's earlier post of the same day, which owns the picture."""
    shutil.rmtree(web / "web-archive")
    answer = {**tweet(web), "text": "Quite another thing is said here, with the same picture. https://t.co/anotherOne"}
    for one in (*answer["entities"]["media"], *answer["mediaDetails"]):
        one |= {"url": "https://t.co/anotherOne", "display_url": "pic.twitter.com/anotherOne"}
    stand_in(web, address_of(web, "tweet-1.http"), "200 OK", JSON, json.dumps(answer))
    first = lines_of(cli, archive, web)[0]
    assert (first["state"], first["post_id"]) == ("unidentified", None)
    assert "its media was used again" in first["reason"]


def test_a_renamed_account_is_known_by_its_id(cli: Cli, archive: Path, web: Path) -> None:
    without_short_links(web)
    answer = tweet(web)
    answer["user"]["screen_name"] = "hanna_now"
    stand_in(web, address_of(web, "tweet-1.http"), "200 OK", JSON, json.dumps(answer))
    first = lines_of(cli, archive, web)[0]
    assert (first["state"], first["post_id"]) == ("saved", FIRST)
    assert "the same account, 4100000000000000001, under another handle" in verdicts(first, "author")[0][1]


def test_a_permalink_that_author_and_day_contradict_is_given_up(cli: Cli, archive: Path, web: Path, tmp_path: Path) -> None:
    article = tmp_path / "claim.html"
    link = f'<a href="https://twitter.com/somebody/status/{FIRST}">March 1, 2021</a>'
    words = "These are not the words of the post that is linked here."
    article.write_text(f'<blockquote class="twitter-tweet"><p>{words}</p>&mdash; S (@somebody) {link}</blockquote>', "utf-8")
    (line,) = lines_of(cli, archive, web, article)
    assert (line["state"], line["post_id"]) == ("unidentified", None)
    assert "its author and its day are not those that the article shows" in line["reason"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("It was -5 at the second sluice.", "It was 5 at the second sluice.", False),
        ("They hold 1.5 of it", "They hold 1-5 of it", False),
        ("Only 5% of them came", "Only 5 of them came", False),
        ("He will come down!", "He will come down?", False),
        ("✅ It is true", "❌ It is true", False),
        ("✅ It is true", "It is true", True),  # many publishers leave them out
        ("“It’s true” – he said…", '"It\'s true" - he said...', True),
        ("Look: https://t.co/abcDEF1234", "Look: made-up.example/2020/08/a…", True),
        ("He will come down!", "He will come down.", True),
    ],
)
def test_what_tells_near_copies_apart(one: str, other: str, same: bool) -> None:
    assert (likeness(one, other).kind is Kind.EQUAL) == same


SIGNED = "&mdash; Me (@standin_me) August 14, 2020"
ELSEWHERE = "https://twitter.com/other/status/1294237906668703747"


@pytest.mark.parametrize(
    ("quote", "post_id"),
    [
        (f'<p>My words on it <a href="{ELSEWHERE}">{ELSEWHERE}</a></p>{SIGNED}', None),
        (f'<p>My words on it <a href="{ELSEWHERE}">twitter.com/other/…</a></p>&mdash; Me (@standin_me) <a href="#">August 14, 2020</a>', None),
        (f'<p><a href="{ELSEWHERE}">My words on it</a></p>{SIGNED}', FIRST),
        (f'<p>My words on it</p>&mdash; Me (@standin_me) <a href="{ELSEWHERE}">August 14, 2020</a>', FIRST),
        (f'<p>My words on it <a href="{ELSEWHERE}">a link</a></p><a href="{ELSEWHERE}">August 14, 2020</a>', FIRST),
    ],
)  # fmt: skip
def test_a_link_within_signed_words_is_no_permalink(cli: Cli, tmp_path: Path, quote: str, post_id: str | None) -> None:
    article = tmp_path / "claim.html"
    article.write_text(f'<blockquote class="twitter-tweet">{quote}</blockquote>', "utf-8")
    (line,) = cli("find", "--json", article).lines
    assert line["post_id"] == post_id


def test_words_that_link_to_a_post_are_no_announced_address(cli: Cli, tmp_path: Path) -> None:
    article = tmp_path / "claim.md"
    words = f"My words on it, which are several, [twitter.com/other]({ELSEWHERE})"
    article.write_text(f"# Made up\n\n**Embed:**\n\n{words}\n\n— Me (@standin_me) [August 14, 2020](#)\n", "utf-8")
    (line,) = cli("find", "--json", article).lines
    assert (line["post_id"], line["handle"]) == (None, "standin_me")


# What the archive answers -------------------------------------------------------------------------------------------

BLOCKED = (
    "org.archive.util.io.RuntimeIOException: org.archive.wayback.exception.AdministrativeAccessControlException: "
    "Blocked Site Error\n"
)


@pytest.mark.parametrize(
    ("status", "body", "reason", "state"),
    [
        ("403 Forbidden", BLOCKED, "web.archive.org refuses to show what it has of it", "unidentified"),
        ("200 OK", BLOCKED, "web.archive.org refuses to show what it has of it", "unidentified"),
        ("429 Too Many Requests", "", "web.archive.org asks to be left alone for a while (429)", "failed"),
        ("503 Service Unavailable", "", "web.archive.org answered 503", "failed"),
        ("200 OK", "<html>", "web.archive.org's answer is no index", "unidentified"),
        ("200 OK", "[]", "lists no post of @HannaLiubakova of that time", "unidentified"),
    ],
)
def test_what_the_index_refuses_is_not_said_never_to_have_been(
    cli: Cli, archive: Path, web: Path, status: str, body: str, reason: str, state: str
) -> None:
    without_short_links(web)
    for path in (web / "web-archive").glob("index-*Hanna*.http"):
        head = path.read_text("utf-8").partition("HTTP/1.1")[0]
        path.write_text(f"{head}HTTP/1.1 {status}\nContent-Type: text/plain\n\n{body}", "utf-8")
    first = lines_of(cli, archive, web)[0]
    assert first["state"] == state
    assert reason in first["reason"]
    asked = rows(archive, "SELECT count(*) FROM captures WHERE url LIKE '%/cdx/%Hanna%'")
    assert asked == [(1 if state == "failed" else 6,)]


def test_rows_that_make_no_sense_are_counted_and_the_others_read() -> None:
    body = json.dumps(
        [
            ["original", "timestamp", "statuscode"],
            ["https://twitter.com/a/status/1", "20200814120000", "-"],
            ["https://twitter.com/a/status/1", "yesterday", "200"],
            ["https://twitter.com/a/status/1", "20201314120000", "200"],
            ["too", "short"],
            "no row",
            [],
            ["com,twitter)/a/status/2 20200814"],
        ]
    )
    page = cdx.read(body.encode())
    assert page is not None
    assert [(one.status, one.url) for one in page.mementos] == [
        (None, "https://web.archive.org/web/20200814120000id_/https://twitter.com/a/status/1")
    ]
    assert (page.unread, page.resume) == (4, "com,twitter)/a/status/2 20200814")


def test_the_index_is_read_on_from_where_it_stopped(cli: Cli, archive: Path, web: Path) -> None:
    without_short_links(web)
    asked = "twitter.com/HannaLiubakova/status/1294*"
    path = web / "web-archive" / "index-twitter.com-HannaLiubakova-1294.http"
    rest = path.read_text("utf-8")
    resume = "com,twitter)/hannaliubakova/status/1294 20200814"
    (web / "next.http").write_text(rest.replace(cdx.query(asked), cdx.query(asked, resume)), "utf-8")
    listed(
        web,
        asked,
        ("20200101000000", "https://twitter.com/HannaLiubakova/status/12940", "text/html", "200"),
        trail=[[], [resume]],
    )
    first = lines_of(cli, archive, web, status=0)[0]
    assert (first["post_id"], first["identified_by"]) == (FIRST, "archive-search")


# What was recovered -------------------------------------------------------------------------------------------------


def test_a_memento_is_kept_as_what_it_is(cli: Cli, archive: Path, web: Path) -> None:
    second = lines_of(cli, archive, web, status=0)[1]
    assert (second["state"], second["availability"]) == ("gone", "account_deactivated")
    assert "web.archive.org has a copy of it, captured 2020-08-14 09:33 UTC" in second["reason"]
    told = second["recovered"]
    assert (told["post_id"], told["handle"]) == (SECOND, "tutby")
    ((url, origin, original, captured, agrees, kind),) = rows(
        archive,
        "SELECT c.url, c.origin, m.original, m.captured, m.digest_agrees, r.type FROM mementos AS m"
        " JOIN captures AS c ON c.id = m.id JOIN records AS r ON r.id = m.record WHERE c.id = ?",
        told["record_id"],
    )
    assert url == told["memento"] == f"https://web.archive.org/web/20200814093344id_/https://twitter.com/tutby/status/{SECOND}"
    assert (origin, original, captured) == (
        "stand-in",
        f"https://twitter.com/tutby/status/{SECOND}",
        "2020-08-14T09:33:44+00:00",
    )
    assert (agrees, kind) == (0, "metadata")
    assert rows(archive, "SELECT id, origin, memento FROM posts WHERE post_id = ?", SECOND) == [
        (f"twitter:{SECOND}~web-archive~stand-in", "stand-in", told["record_id"])
    ]
    shown = cli("show", "--json", "--archive", archive).lines[1]
    assert shown["recovered"] == told


def test_ids_and_media_names_hold_their_time() -> None:
    path = SHARED / "vectors.json"
    if not path.exists():
        pytest.skip("../shared is not here")
    vectors = json.loads(path.read_text("utf-8"))
    for one in vectors["media_name_to_id"]:
        assert str(ids.media_id(one["media_name"])) == one["media_id"]
        made = ids.media_made(f"https://pbs.twimg.com/media/{one['media_name']}?format=jpg&name=small")
        assert made is not None
        assert round(made.timestamp() * 1000) == one["media_ms"]
    for one in vectors["snowflake_created_at"]:
        made = ids.snowflake_time(int(one["tweet_id"]))
        assert made is not None
        assert ids.snowflake_at(made) >> 22 == int(one["tweet_id"]) >> 22


@pytest.mark.parametrize(
    ("first", "last", "prefixes"),
    [
        (1294001, 1294999, ("1294",)),
        (1293999, 1294001, ("1293", "1294")),
        (1293500, 1295500, ("1293", "1294", "1295")),
        (985, 1015, ("98", "99", "100", "101")),
        (5, 5, ("5",)),
    ],
)
def test_prefixes_cover_the_range(first: int, last: int, prefixes: tuple[str, ...]) -> None:
    found = ids.id_prefixes(first, last, most=3)
    assert all(any(str(number).startswith(prefix) for prefix in found) for number in range(first, last + 1))
    assert found == prefixes or len(found) <= 3


# Decoys -------------------------------------------------------------------------------------------------------------


def test_among_decoys_no_identity_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A share of each kind; `benchmarks/identity.py` has them all, and the thresholds."""
    monkeypatch.delitem(pace.PACES, cdx.HOST)  # a made-up archive answers, from memory
    made = decoys.world(0.15)
    made.write(tmp_path / "articles")
    settings = Settings(archive=tmp_path / "archive", article_media=False, pace_seconds=0, tries=1)
    events = pipeline.save([str(tmp_path / "articles")], settings, decoys.Web(made))
    found = {Path(one.embed.article).name: one for one in events if isinstance(one, Outcome)}
    assert set(found) == {case.name for case in made.cases}
    wrong = [
        (case.name, found[case.name].identity) for case in made.cases if found[case.name].post_id not in (None, case.truth)
    ]
    assert wrong == []
    missed = [(case.name, found[case.name].identity) for case in made.cases if case.truth and not found[case.name].post_id]
    assert missed == []
    assert {one.rung for one in found.values() if one.rung} == set(Rung)
    copies = rows(tmp_path / "archive", "SELECT DISTINCT c.origin FROM mementos AS m JOIN captures AS c ON c.id = m.id")
    assert copies == [("web-archive",)]
    files = {path.name.partition("-2")[0] for path in (tmp_path / "archive" / "warc").iterdir()}
    assert files == {"archiver", "ledger", "web-archive"}


def test_there_are_decoys_enough() -> None:
    made = decoys.world()
    assert len(made.cases) >= 300
    assert sum(case.truth is None for case in made.cases) >= 200


def test_the_measured_table_is_of_these_decoys() -> None:
    """The numbers in docs/identity.md are the benchmark's; that they are of the decoys as they stand is seen by their counts."""
    made = decoys.world()
    text = (
        (PROJECT / "docs" / "identity.md").read_text("utf-8").partition("<!-- measured -->")[2].partition("## What is asked")[0]
    )
    told = sum(case.truth is not None for case in made.cases)
    assert (
        f"{len(made.cases)} cases, threshold {confidence.THRESHOLD}.\n{told} right of {told} that can be told, 0 wrong." in text
    )
    counted = {
        kind: int(number)
        for kind, number in re.findall(r"^\| ([^|]+) \| (\d+) \| (?:\d+|none can be) \| 0 \|$", text, re.MULTILINE)
    }
    assert counted == Counter(case.kind for case in made.cases)


# Neighbours, claims, other archives ---------------------------------------------------------------------------------


def quoted(tmp_path: Path, words: str, handle: str, day: str = "August 14, 2020", link: str = "") -> Path:
    article = tmp_path / f"{handle}.md"
    article.write_text(
        f"# Made up\n\nBefore it.\n\n**Embed:**\n\n{words} {link}\n\n— Stand-in (@{handle}) [{day}](#)\n\nBehind it.\n", "utf-8"
    )
    return article


def test_a_post_is_known_from_another_capture(cli: Cli, archive: Path, web: Path, tmp_path: Path) -> None:
    """The bundled article's first post quotes one of another account. A second article shows that one alone, without a link."""
    words = "Stand-in for a quoted post: the first shift has left the tractor works & is waiting outside."
    answer = tweet(web)
    answer["quoted_tweet"]["user"]["screen_name"] = "standin_obs"
    stand_in(web, address_of(web, "tweet-1.http"), "200 OK", JSON, json.dumps(answer))
    article = quoted(tmp_path, words, "standin_obs")
    (before,) = lines_of(cli, archive, web, article)
    assert before["state"] == "unidentified"
    lines_of(cli, archive, web, status=0)
    (after,) = lines_of(cli, archive, web, article)
    assert (after["post_id"], after["identified_by"]) == (QUOTED, "neighbour")
    candidate = next(one for one in after["evidence"] if one["method"] == "candidate")
    assert candidate["seen_in"].startswith("https://cdn.syndication.twimg.com/tweet-result?id=" + FIRST)


def test_a_post_of_which_only_the_day_is_known_is_known_from_another_capture(
    cli: Cli, archive: Path, web: Path, tmp_path: Path
) -> None:
    """oEmbed showed its words and its day; another article shows the same words without a link."""
    stand_in(web, address_of(web, "tweet-1.http"), "404 Not Found", {})
    shutil.rmtree(web / "web-archive")
    first = lines_of(cli, archive, web)[0]
    assert (first["availability"], first["post_id"]) == ("live_partial", FIRST)
    ((words,),) = rows(archive, "SELECT text FROM posts WHERE post_id = ?", FIRST)
    article = quoted(tmp_path, words.replace(" pic.twitter.com/ncfDTgE1ER", ""), "HannaLiubakova")
    (line,) = lines_of(cli, archive, web, article)
    assert (line["post_id"], line["identified_by"]) == (FIRST, "neighbour")


def test_words_that_differ_are_shown_and_an_earlier_copy_is_looked_for(cli: Cli, archive: Path, web: Path) -> None:
    answer = tweet(web)
    answer["text"] = answer["text"].replace("twenty people", "two hundred people")
    stand_in(web, address_of(web, "tweet-1.http"), "200 OK", JSON, json.dumps(answer))
    at, address = "20200814114530", f"https://twitter.com/HannaLiubakova/status/{FIRST}"
    listed(web, f"twitter.com/HannaLiubakova/status/{FIRST}*", (at, address, "application/json", "200"))
    first = lines_of(cli, archive, web)[0]
    assert (first["state"], first["claim"]) == ("saved", "differs")
    assert "that only [-two hundred-]{+twenty+} people at MAZ" in first["difference"]
    assert rows(archive, "SELECT difference FROM outcomes WHERE claim = 'differs'") == [(first["difference"],)]
    ((verdict, detail),) = verdicts(first, "archived-words")
    assert (verdict, first["recovered"]["memento"]) == ("agrees", cdx.raw_url(at, address))
    assert detail == "web.archive.org's copy of 2020-08-14 11:45 UTC has the very words of the article"
    assert rows(
        archive, "SELECT text LIKE '%two hundred%', memento IS NULL FROM posts WHERE post_id = ? ORDER BY 2", FIRST
    ) == [
        (0, 0),
        (1, 1),
    ]


def gone(web: Path) -> None:
    stand_in(web, address_of(web, "tweet-1.http"), "404 Not Found", {})
    stand_in(web, address_of(web, "oembed-1.http"), "404 Not Found", {})


TIMEMAP = "https://timemaps.example/timemap/"
COPY = f"https://other-archive.example/20200814120000id_/https://twitter.com/HannaLiubakova/status/{FIRST}"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (
            "application/link-format",
            f"""<https://twitter.com/HannaLiubakova/status/{FIRST}>; rel="original",
<{TIMEMAP}x>; rel="self"; type="application/link-format",
<{COPY}>; rel="first last memento"; datetime="Fri, 14 Aug 2020 12:00:00 GMT"
""",
        ),
        (
            "application/json",
            json.dumps({"mementos": {"list": [{"datetime": "2020-08-14T12:00:00Z", "uri": [COPY]}, {"uri": 7}]}}),
        ),
    ],
)
def test_another_archive_is_asked_where_one_is_named(cli: Cli, archive: Path, web: Path, kind: str, body: str) -> None:
    gone(web)
    (web / "web-archive" / "memento-first.http").unlink()
    stand_in(web, f"{TIMEMAP}https://twitter.com/HannaLiubakova/status/{FIRST}", "200 OK", {"Content-Type": kind}, body)
    head = {"Content-Type": "application/json", "Memento-Datetime": "Fri, 14 Aug 2020 12:00:03 GMT"}
    stand_in(web, COPY, "200 OK", head, json.dumps(ANSWER))
    call = ("save", "--json", "--offline", "--archive", archive, "--fixtures", web)
    assert cli(*call, "--timemap", TIMEMAP, ARTICLE).status == 0
    first = cli("show", "--json", "--archive", archive).lines[0]
    assert (first["state"], first["claim"]) == ("gone", "match")
    assert (first["recovered"]["archive"], first["recovered"]["captured"]) == (
        "other-archive.example",
        "2020-08-14T12:00:03+00:00",
    )


ANSWER = tweet(WEB)


def test_a_copy_without_its_date_is_none(cli: Cli, archive: Path, web: Path) -> None:
    gone(web)
    (web / "web-archive" / "memento-first.http").unlink()
    body = f'<{COPY}>; rel="memento"; datetime="Fri, 14 Aug 2020 12:00:00 GMT"'
    stand_in(web, f"{TIMEMAP}https://twitter.com/HannaLiubakova/status/{FIRST}", "200 OK", {}, body)
    stand_in(web, COPY, "200 OK", {"Content-Type": "application/json"}, json.dumps(ANSWER))
    first = cli("save", "--json", "--offline", "--archive", archive, "--fixtures", web, "--timemap", TIMEMAP, ARTICLE).lines[0]
    assert (first["state"], first["recovered"]) == ("gone", None)
    assert rows(archive, "SELECT count(*) FROM mementos WHERE original LIKE ?", f"%{FIRST}%") == [(0,)]


TIMEGATE = "https://timegates.example/"
NEXT = f"https://other-archive.example/20200901000000id_/https://twitter.com/HannaLiubakova/status/{FIRST}"


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        ("302 Found", {"Location": COPY, "Vary": "accept-datetime", "Link": f'<https://x.example>; rel="original", <{NEXT}>; rel="last memento"; datetime="Tue, 01 Sep 2020 00:00:00 GMT"'}),
        ("200 OK", {"Content-Location": COPY, "Memento-Datetime": "Fri, 14 Aug 2020 12:00:03 GMT"}),
        ("300 Multiple Choices", {"Link": f'<{COPY}>; rel="memento"; datetime="Fri, 14 Aug 2020 12:00:03 GMT"'}),
    ],
)  # fmt: skip
def test_a_timegate_is_asked_for_the_copy_nearest_to_the_post(
    cli: Cli, archive: Path, web: Path, status: str, headers: dict[str, str]
) -> None:
    gone(web)
    (web / "web-archive" / "memento-first.http").unlink()
    asked = f"{TIMEGATE}https://twitter.com/HannaLiubakova/status/{FIRST}"
    stand_in(web, asked, status, headers, "")
    head = {"Content-Type": "application/json", "Memento-Datetime": "Fri, 14 Aug 2020 12:00:03 GMT"}
    stand_in(web, COPY, "200 OK", head, json.dumps(ANSWER))
    call = ("save", "--json", "--offline", "--archive", archive, "--fixtures", web, "--timegate", TIMEGATE, ARTICLE)
    first = cli(*call).lines[0]
    assert (first["state"], first["claim"]) == ("gone", "match")
    assert (first["recovered"]["memento"], first["recovered"]["captured"]) == (COPY, "2020-08-14T12:00:03+00:00")
    ((segment, offset, length),) = rows(
        archive,
        "SELECT r.segment, r.offset, r.length FROM records AS r JOIN captures AS c ON c.request = r.id WHERE c.url = ?",
        asked,
    )
    request = gzip.decompress((archive / "warc" / segment).read_bytes()[offset : offset + length])
    assert b"Accept-Datetime: Fri, 14 Aug 2020 11:42:17 GMT\r\n" in request


@pytest.mark.parametrize(
    ("status", "reason"), [("404 Not Found", "lists 0 captures"), ("503 Sorry", "answered 503"), ("302 Found", "named no copy")]
)
def test_a_timegate_that_knows_of_none_says_so(cli: Cli, archive: Path, web: Path, status: str, reason: str) -> None:
    gone(web)
    (web / "web-archive" / "memento-first.http").unlink()
    asked = f"{TIMEGATE}https://twitter.com/HannaLiubakova/status/{FIRST}"
    stand_in(web, asked, status, {}, "")
    first = cli("save", "--json", "--offline", "--archive", archive, "--fixtures", web, "--timegate", TIMEGATE, ARTICLE).lines[
        0
    ]
    assert (first["state"], first["recovered"]) == ("gone", None)
    assert reason in next(one["detail"] for one in first["evidence"] if one["value"] == asked)


def test_an_archive_that_could_not_be_asked_is_not_said_to_list_nothing(cli: Cli, archive: Path, web: Path) -> None:
    without_short_links(web)
    shutil.rmtree(web / "web-archive")
    for line in lines_of(cli, archive, web, status=1):
        said = [one["detail"] for one in line["evidence"] if one["method"] == "archive-index"]
        assert any("could not be asked" in one for one in said)
        assert not [one for one in said if "captures" in one]


def test_the_archive_may_send_on_to_the_nearest_capture(cli: Cli, archive: Path, web: Path) -> None:
    at, near, address = "20200814093344", "20200814093345", f"https://twitter.com/tutby/status/{SECOND}"
    held = (web / "web-archive" / "memento-second.http").read_text("utf-8")
    (web / "near.http").write_text(held.replace(at, near).replace("09:33:44", "09:33:45"), "utf-8")
    (web / "web-archive" / "memento-second.http").unlink()
    copy(web, at, address, "302 Found", {"Location": cdx.raw_url(near, address)})
    second = lines_of(cli, archive, web, status=0)[1]
    assert second["recovered"]["captured"] == "2020-08-14T09:33:45+00:00"


def test_media_of_a_post_that_is_gone_are_asked_for_where_they_may_be(cli: Cli, archive: Path, web: Path) -> None:
    gone(web)
    at, address = "20200814114530", f"https://twitter.com/HannaLiubakova/status/{FIRST}"
    listed(web, f"twitter.com/HannaLiubakova/status/{FIRST}*", (at, address, "application/json", "200"))
    (web / "web-archive" / "memento-first.http").unlink()
    copy(web, at, address, "200 OK", {"Content-Type": "application/json"}, json.dumps(ANSWER))
    poster = address_of(web, "poster.http")
    (web / "poster.http").unlink()
    (web / "video.http").unlink()
    listed(web, poster, (at, poster, "image/jpeg", "200"))
    copy(web, at, poster, "200 OK", {"Content-Type": "image/jpeg"}, "not really a picture")
    first = lines_of(cli, archive, web, status=0)[0]
    assert (first["state"], first["failures"]) == ("gone", [])
    had = {url.partition("?")[0].rpartition("/")[2]: verdict for verdict, url in of(first, "recovered-media")}
    assert had == {
        "EfYOg6PVUABAARq": "seen",
        "EfYOg6PVUABAARq.jpg": "seen",
        "best.mp4": "failed",
        "EfYOgL1VIAFAAFI.jpg": "seen",
    }
    kept = rows(
        archive,
        "SELECT m.kind, c.url LIKE 'https://web.archive.org/%' FROM media AS m JOIN captures AS c ON c.id = m.capture WHERE m.post = ?",
        f"twitter:{FIRST}~web-archive~stand-in",
    )
    assert sorted(kept) == [("photo", 0), ("photo-shown", 0), ("poster", 1)]


def of(line: dict[str, Any], method: str) -> list[tuple[str, str]]:
    return [(one["verdict"], one["value"]) for one in line["evidence"] if one["method"] == method]
