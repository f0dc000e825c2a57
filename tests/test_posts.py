"""All of a post: each kind of post in the second bundled web is kept whole, and is the same again from the WARC that was written."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

import archiver
from archiver.capture import hls
from archiver.errors import CaptureError
from archiver.lines import save_line
from archiver.platforms.twitter.ids import syndication_token
from tests.conftest import JSON, PROJECT, Cli, stand_in
from tests.test_copies import read as read_copy
from tests.test_save import rows, verdicts
from tests.test_twitter import answer

POSTS = PROJECT / "fixtures" / "posts"
ARTICLE = POSTS / "article.html"
# The article's posts in its order, by what is special about them.
KINDS = (
    "four-photos", "video", "quoting", "chain-3", "edited", "poll", "long", "wrapper", "cyrillic", "arabic", "emoji", "gif", "card",
    "hls",
)  # fmt: skip


def saved(archive: Path, web: Path, **options: Any) -> dict[str, dict[str, Any]]:
    report = archiver.save(ARTICLE, archive=archive, fixtures=[web], offline=True, **options)
    return dict(zip(KINDS, map(save_line, report.outcomes), strict=True))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, dict[str, Any]]]:
    """An archive of the article with all that can be asked for, and its lines by kind."""
    root = tmp_path_factory.mktemp("posts") / "archive"
    return root, saved(root, POSTS, thread=True, links=True)


def tables(archive: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What the index knows of posts, without what differs from run to run."""
    said = (
        "id, url, author, handle, author_id, posted, precision, made, lang, text, cut, quoted, place, card, card_url, card_title,"
        " card_description, poll_ends, poll_ended, sensitive, edited, superseded"
    )
    bodies = "SELECT m.id, m.kind, m.url, m.alt, c.payload_sha256 FROM media AS m LEFT JOIN captures AS c ON c.id = m.capture"
    pages = "SELECT l.id, l.short, l.url, c.url, c.payload_sha256 FROM links AS l LEFT JOIN captures AS c ON c.id = l.capture"
    return {
        "posts": rows(archive, f"SELECT {said} FROM posts ORDER BY id"),
        "media": rows(archive, f"{bodies} ORDER BY m.id"),
        "links": rows(archive, f"{pages} ORDER BY l.id"),
        "choices": rows(archive, "SELECT * FROM choices ORDER BY id"),
        "relations": rows(archive, "SELECT * FROM relations ORDER BY id"),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_kept_whole(kind: str, whole: tuple[Path, dict[str, dict[str, Any]]]) -> None:
    root, lines = whole
    line = lines[kind]
    assert (line["state"], line["availability"], line["claim"], line["failures"]) == ("saved", "live", "match", [])
    lacking = rows(
        root,
        "SELECT m.id FROM media AS m JOIN posts AS p ON p.id = m.post WHERE p.post_id = ? AND m.capture IS NULL",
        line["post_id"],
    )
    assert lacking == []


def post(archive: Path, post_id: str, *columns: str) -> tuple[Any, ...]:
    (row,) = rows(archive, f"SELECT {', '.join(columns)} FROM posts WHERE post_id = ?", post_id)
    return row


def media(archive: Path, post_id: str) -> list[tuple[str, str, str | None]]:
    sql = "SELECT m.kind, m.url, m.alt FROM media AS m JOIN posts AS p ON p.id = m.post WHERE p.post_id = ? ORDER BY m.rowid"
    return [(kind, url.partition(".com/")[2], alt) for kind, url, alt in rows(archive, sql, post_id)]


def related(archive: Path, post_id: str) -> list[tuple[str, str, bool]]:
    sql = (
        "SELECT r.kind, r.post_id, r.other IS NOT NULL FROM relations AS r JOIN posts AS p ON p.id = r.post WHERE p.post_id = ?"
    )
    found = [(kind, other, bool(read)) for kind, other, read in rows(archive, f"{sql} ORDER BY r.rowid", post_id)]
    return [one for one in found if one != ("version", post_id, True)]  # each is a version of itself


def test_photos_at_original_size_and_as_shown(whole: tuple[Path, dict[str, dict[str, Any]]]) -> None:
    root, lines = whole
    kept = media(root, lines["four-photos"]["post_id"])
    assert [(kind, url) for kind, url, _ in kept] == [
        ("photo", "media/GM3oneStandAAAA?format=jpg&name=orig"),
        ("photo-shown", "media/GM3oneStandAAAA.jpg"),
        ("photo", "media/GM3twoStandAAAA?format=jpg&name=4096x4096"),
        ("photo-shown", "media/GM3twoStandAAAA.jpg"),
        ("photo", "media/GM3treStandAAAA?format=png&name=orig"),
        ("photo-shown", "media/GM3treStandAAAA.png"),
        ("photo", "media/GM3forStandAAAA?format=jpg&name=orig"),
        ("photo-shown", "media/GM3forStandAAAA.jpg"),
        ("avatar", "sticky/default_profile_images/default_profile_normal.png"),
    ]
    assert [alt for kind, _, alt in kept if kind == "photo"] == [
        "Stand-in: a crane at first light", "Stand-in: nets drying", "Stand-in: a chart of the tides", None,
    ]  # fmt: skip
    ((verdict, detail),) = verdicts(lines["four-photos"], "media-fallback")
    assert (verdict, detail.endswith("GM3twoStandAAAA?format=jpg&name=orig: 404")) == ("seen", True)


def test_videos_are_the_best_file_under_an_address_that_answers(whole: tuple[Path, dict[str, dict[str, Any]]]) -> None:
    root, lines = whole
    kinds = [(kind, url.rpartition("/")[2]) for kind, url, _ in media(root, lines["video"]["post_id"])]
    assert kinds == [("video", "best.mp4"), ("poster", "standin.jpg"), ("avatar", "default_profile_normal.png")]
    assert verdicts(lines["video"], "media-fallback")[0][1].endswith("best.mp4?tag=12: 404")
    kinds = [(kind, url) for kind, url, _ in media(root, lines["gif"]["post_id"])]
    assert kinds[:2] == [("video", "tweet_video/GNLampStandAAAA.mp4"), ("poster", "tweet_video_thumb/GNLampStandAAAA.jpg")]


def test_a_video_in_pieces_is_its_best_picture_and_sound(whole: tuple[Path, dict[str, dict[str, Any]]]) -> None:
    root, lines = whole
    kept = [(kind, url.partition("/")[2].partition("/")[2]) for kind, url, _ in media(root, lines["hls"]["post_id"])]
    assert kept == [
        ("playlist", "pl/standin.m3u8?container=cmaf"),
        ("playlist", "pl/avc1/1280x720/high.m3u8"),
        ("playlist", "pl/mp4a/128000/high.m3u8"),
        *(("segment", f"vid/{track}/{piece}") for track in ("avc1/1280x720", "mp4a/128000") for piece in ("init.mp4", "0.m4s", "3000.m4s")),
        ("poster", "img/standin.jpg"),
        ("avatar", "default_profile_normal.png"),
    ]  # fmt: skip


def test_quoted_within_quoted(whole: tuple[Path, dict[str, dict[str, Any]]]) -> None:
    root, lines = whole
    outer = lines["quoting"]["post_id"]
    ((_, middle, read),) = related(root, outer)
    ((_, inner, also),) = related(root, middle)
    assert (read, also) == (True, True)
    assert [kind for kind, _, _ in media(root, middle)] == ["video", "poster", "avatar"]
    assert post(root, middle, "text")[0].endswith(f"pic.twitter.com/fogVideo01 https://twitter.com/tug_s/status/{inner}")
    assert post(root, inner, "handle", "text") == ("tug_s", "We leave at five, whatever the fog says.")
    assert verdicts(lines["quoting"], "other-post") == [("seen", "quoted: live: the syndication answer holds the post")]


def test_the_thread_above_is_asked_for_only_where_it_is_wanted(
    whole: tuple[Path, dict[str, dict[str, Any]]], tmp_path: Path
) -> None:
    root, lines = whole
    last = lines["chain-3"]["post_id"]
    ((_, second, read),) = related(root, last)
    ((_, first, also),) = related(root, second)
    assert (read, also) == (True, True)
    assert post(root, first, "handle", "text") == ("library_s", "The reading room stays open until ten this week.")
    without = saved(tmp_path / "a", POSTS)
    assert {line["state"] for line in without.values()} == {"saved"}
    assert related(tmp_path / "a", second) == [("replies-to", first, False)]  # in the answer, and named by it
    assert rows(tmp_path / "a", "SELECT 1 FROM posts WHERE post_id = ?", first) == []


def test_what_is_kept_already_gains_the_thread_and_loses_nothing(tmp_path: Path) -> None:
    archive = tmp_path / "a"
    first = saved(archive, POSTS)
    more = saved(archive, POSTS, thread=True, links=True)
    asked = {capture["url"] for capture in more["chain-3"]["captures"]} - {
        capture["url"] for capture in first["chain-3"]["captures"]
    }
    assert len(asked) == 2  # both answers about the post above, and nothing else
    ((counted,),) = rows(archive, "SELECT max(n) FROM (SELECT count(*) AS n FROM captures WHERE status = 200 GROUP BY url)")
    assert counted == 1
    before = tables(archive)
    again = saved(archive, POSTS)
    assert {line["state"] for line in again.values()} == {"saved"}
    assert tables(archive) == before
    another = tmp_path / "another.html"  # it embeds the same posts, and asks for less
    another.write_text(ARTICLE.read_text("utf-8").replace("<h1>", "<h1>Another: "), "utf-8")
    assert archiver.save(another, archive=archive, fixtures=[POSTS], offline=True).status == 0
    assert tables(archive) == before


def test_a_post_within_anothers_answer_takes_nothing_from_its_own(cli: Cli, posts_web: Path, tmp_path: Path) -> None:
    """The post above is embedded too, by an article of its own: its own answer stays the one that it was read from."""
    answer = json.loads((POSTS / "chain-3.http").read_text("utf-8").split("\n\n", 2)[2])
    above = answer["parent"]
    url = address(posts_web, "chain-3").replace(answer["id_str"], above["id_str"])
    url = url.partition("&token=")[0] + "&token=" + syndication_token(above["id_str"])
    stand_in(
        posts_web, url, "200 OK", JSON, json.dumps(above | {"__typename": "Tweet", "place": {"full_name": "Reading Room"}})
    )
    oembed = address(posts_web, "chain-3-oembed").replace(answer["id_str"], above["id_str"])
    stand_in(posts_web, oembed, "404 Not Found", {})
    article = tmp_path / "above.html"
    article.write_text(
        f'<article><iframe src="https://platform.twitter.com/embed/Tweet.html?id={above["id_str"]}"></iframe></article>'
    )
    archive = tmp_path / "a"
    for source in (article, ARTICLE, article):
        assert cli("save", "--offline", "--fixtures", posts_web, "--archive", archive, source).status == 0
    assert post(archive, above["id_str"], "place") == ("Reading Room",)
    sql = "SELECT c.url FROM posts AS p JOIN captures AS c ON c.id = p.capture WHERE p.post_id = ?"
    assert rows(archive, sql, above["id_str"]) == [(url,)]


def test_every_version_of_an_edited_post(whole: tuple[Path, dict[str, dict[str, Any]]]) -> None:
    root, lines = whole
    shown = lines["edited"]["post_id"]
    ((_, earlier, read),) = related(root, shown)
    assert read
    assert post(root, shown, "text", "edited", "superseded") == ("The last bus leaves at 23:10 on Friday.", 1, 0)
    assert post(root, earlier, "text", "superseded") == ("The last bus leaves at 23:40 on Friday.", 1)


def test_polls_cards_places_and_what_is_cut(whole: tuple[Path, dict[str, dict[str, Any]]]) -> None:
    root, lines = whole
    poll = lines["poll"]["post_id"]
    assert post(root, poll, "poll_ends", "poll_ended") == ("2024-05-09T10:10:10.000+00:00", 1)
    choices = rows(root, "SELECT label, votes FROM choices ORDER BY position")
    assert choices == [("Beans", 41), ("Leeks & chard", 17), ("Nothing, let it rest", 64)]
    card = lines["card"]["post_id"]
    assert post(root, card, "card", "card_url", "card_title", "place") == (
        "summary_large_image", "https://museum.example/new-hull", "A new hull & an old mast", "Stand-in Harbour",
    )  # fmt: skip
    assert media(root, card)[0][::2] == ("card", "Stand-in: a hull on blocks")
    assert post(root, lines["long"]["post_id"], "cut") == (1,)
    assert {post(root, line["post_id"], "cut") for kind, line in lines.items() if kind != "long"} == {(0,)}


def test_a_wrapper_is_not_the_post_that_it_passes_on(whole: tuple[Path, dict[str, dict[str, Any]]]) -> None:
    root, lines = whole
    wrapper = lines["wrapper"]["post_id"]
    ((kind, original, read),) = related(root, wrapper)
    assert (kind, read, original != wrapper) == ("reposts", True, True)
    assert post(root, wrapper, "handle", "text")[1].startswith("RT @ferry_line_s: ")
    assert post(root, original, "handle", "posted") == ("ferry_line_s", "2024-05-08T16:00:00.000+00:00")


def test_words_in_any_script(whole: tuple[Path, dict[str, dict[str, Any]]]) -> None:
    root, lines = whole
    said = {kind: post(root, lines[kind]["post_id"], "lang", "text", "made") for kind in ("cyrillic", "arabic", "emoji")}
    assert said["cyrillic"] == (
        "ru",
        "Хлеб готов. Ржаного хватит до девяти, потом — только булки «с маком».",
        "2024-05-09T04:30:00.710+00:00",
    )
    assert said["arabic"][:2] == ("ar", "نضج المشمش هذا الأسبوع، والباب مفتوح من الثامنة صباحاً. #مشمش")
    assert said["emoji"][1] == "👩🏽‍🌾 ☂️ → 🌈 by noon, says 🇮🇸 & so do we 1️⃣0️⃣/10"


def test_pages_that_links_lead_to_are_kept_only_where_they_are_wanted(
    whole: tuple[Path, dict[str, dict[str, Any]]], tmp_path: Path
) -> None:
    root, lines = whole
    sql = "SELECT l.short, l.url, c.url FROM links AS l LEFT JOIN captures AS c ON c.id = l.capture JOIN posts AS p ON p.id = l.post"
    where = f"{sql} WHERE p.post_id = ?"
    kept = rows(root, where, lines["card"]["post_id"])
    assert kept == [("https://t.co/newHull001", "https://museum.example/new-hull", "https://museum.example/hulls/new")]
    hops = [capture["status"] for capture in lines["card"]["captures"] if capture["purpose"] == "linked-page"]
    assert hops == [301, 200]
    assert not [one for one in lines["quoting"]["captures"] if one["purpose"] == "linked-page"]  # a post is no page
    without = saved(tmp_path / "a", POSTS)["card"]
    assert rows(tmp_path / "a", where, without["post_id"])[0][2] is None


def test_the_warc_that_was_written_gives_the_same_posts_again(
    whole: tuple[Path, dict[str, dict[str, Any]]], tmp_path: Path
) -> None:
    root, _ = whole
    (warc,) = (root / "warc").glob("stand-in-*.warc.gz")
    again = saved(tmp_path / "again", warc, thread=True, links=True)
    assert {kind: line["state"] for kind, line in again.items()} == dict.fromkeys(KINDS, "saved")
    assert tables(tmp_path / "again") == tables(root)
    assert len(tables(root)["posts"]) == len(KINDS) + 6  # two quoted, two above, one earlier, one passed on


def test_the_record_of_a_post_says_what_its_rows_say(whole: tuple[Path, dict[str, dict[str, Any]]]) -> None:
    from warcio.archiveiterator import ArchiveIterator

    root, lines = whole
    (warc,) = (root / "warc").glob("stand-in-*.warc.gz")
    with warc.open("rb") as file:
        about = [
            json.loads(record.content_stream().read()) for record in ArchiveIterator(file) if record.rec_type == "metadata"
        ]
    posts = {one["post"]["post_id"]: one["post"] for one in about}
    assert posts[lines["poll"]["post_id"]]["poll"]["choices"][0] == {"label": "Beans", "votes": 41}
    assert posts[lines["quoting"]["post_id"]]["quoted"]["quoted"]["handle"] == "tug_s"
    assert posts[lines["edited"]["post_id"]]["other_versions"][0]["text"].endswith("23:40 on Friday.")
    assert posts[lines["chain-3"]["post_id"]]["parent"]["parent"]["handle"] == "library_s"
    assert posts[lines["card"]["post_id"]]["links"][0]["capture"]


# What is not there ----------------------------------------------------------------------------------------------------


@pytest.fixture
def posts_web(tmp_path: Path) -> Path:
    return Path(shutil.copytree(POSTS, tmp_path / "posts"))


def address(web: Path, name: str) -> str:
    return next(line[4:] for line in (web / f"{name}.http").read_text("utf-8").splitlines() if line.startswith("GET "))


@pytest.mark.parametrize(
    ("kind", "gone", "state", "reason"),
    [
        ("hls", "hls-sound-1", "partial", "not-there"),
        ("hls", "hls-master", "partial", "not-there"),
        ("edited", "edited-first", "saved", None),
        ("four-photos", "photo-4-orig", "partial", "no-stand-in"),  # the next size is not in this web
        ("card", "card-picture", "partial", "not-there"),
    ],
)
def test_what_is_not_there_is_said(
    kind: str, gone: str, state: str, reason: str | None, posts_web: Path, tmp_path: Path
) -> None:
    stand_in(posts_web, address(posts_web, gone), "404 Not Found", {"Content-Type": "text/html"}, "<p>no")
    line = saved(tmp_path / "a", posts_web)[kind]
    assert line["state"] == state
    assert ([one["reason"] for one in line["failures"]] or [None])[0] == reason


def test_a_quoted_post_that_is_gone_is_no_failure_of_the_one_that_quotes_it(posts_web: Path, tmp_path: Path) -> None:
    for name in ("quoted-deepest", "quoted-deepest-oembed"):
        stand_in(posts_web, address(posts_web, name), "404 Not Found", {"Content-Type": "text/html"}, "<p>no")
    line = saved(tmp_path / "a", posts_web)["quoting"]
    assert (line["state"], line["failures"]) == ("saved", [])
    assert verdicts(line, "other-post")[0][1].startswith("quoted: unknown_gone: ")


def test_a_playlist_that_is_none_is_a_failure(posts_web: Path, tmp_path: Path) -> None:
    stand_in(posts_web, address(posts_web, "hls-master"), "200 OK", {"Content-Type": "text/plain"}, "<html>not a playlist")
    line = saved(tmp_path / "a", posts_web)["hls"]
    assert (line["state"], line["failures"][0]["reason"]) == ("partial", "no-playlist")


def test_a_post_that_quotes_itself_ends(posts_web: Path, tmp_path: Path) -> None:
    url = address(posts_web, "quoted-deepest")
    body = json.loads((posts_web / "quoted-deepest.http").read_text("utf-8").split("\n\n", 2)[2])
    body["quoted_status_id_str"] = body["id_str"]
    stand_in(posts_web, url, "200 OK", JSON, json.dumps(body))
    assert saved(tmp_path / "a", posts_web)["quoting"]["state"] == "saved"


def test_third_parties_are_asked_only_where_that_is_wished(cli: Cli, posts_web: Path, tmp_path: Path) -> None:
    url = address(posts_web, "cyrillic")
    post_id = url.partition("id=")[2].partition("&")[0]
    for name in ("cyrillic", "cyrillic-oembed"):
        stand_in(posts_web, address(posts_web, name), "404 Not Found", {"Content-Type": "text/html"}, "<p>no")
    tweet = {"id": post_id, "text": "Хлеб готов. Ржаного хватит до девяти, потом — только булки «с маком».", "created_timestamp": 1715229000,
             "author": {"id": "4300000000000000013", "name": "Пекарня у моста", "screen_name": "pekarnya_s"}}  # fmt: skip
    mirror = f"https://api.fxtwitter.com/status/{post_id}"
    stand_in(posts_web, mirror, "200 OK", JSON, json.dumps({"code": 200, "message": "OK", "tweet": tweet}))
    line = saved(tmp_path / "a", posts_web)["cyrillic"]
    assert (line["state"], line["availability"], line["claim"]) == ("gone", "unknown_gone", "unverifiable")
    assert mirror not in [capture["url"] for capture in line["captures"]]
    line = saved(tmp_path / "b", posts_web, mirrors=True)["cyrillic"]
    assert (line["state"], line["availability"], line["claim"]) == ("gone", "unknown_gone", "match")
    assert "a third party shows" in line["reason"]
    assert verdicts(line, "mirror") == [("seen", "shown by a third party, which may have changed it: no primary evidence")]
    assert mirror in [capture["url"] for capture in line["captures"]]


# Playlists ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"#EXTM3",
        b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=x\nv.m3u8\n",
        b"#EXTM3U\n#EXTINF:abc,\na.ts\n#EXT-X-BYTERANGE:z\n",
    ],
)
def test_a_broken_playlist_names_nothing_wrong(body: bytes) -> None:
    with contextlib.suppress(CaptureError):
        named = hls.read(answer(body))
        assert all(url.startswith("https://example.org/") for url in (*named.playlists, *named.files))


@pytest.mark.parametrize("body", [b"", b"<html>", b"#EXTM3"])
def test_what_is_no_playlist_is_refused(body: bytes) -> None:
    with pytest.raises(CaptureError, match="is no HLS playlist"):
        hls.read(answer(body))


def test_copies_and_answers_agree_on_a_post() -> None:
    """The same answer, live and as a web archive holds it, is the same post."""
    body = (POSTS / "poll.http").read_bytes().split(b"\n\n", 2)[2]
    (one,) = read_copy(body)
    assert one.poll is not None
    assert [label for label, _ in one.poll.choices][2] == "Nothing, let it rest"


def test_an_older_index_gains_what_is_new(whole: tuple[Path, dict[str, dict[str, Any]]], tmp_path: Path, cli: Cli) -> None:
    root, lines = whole
    older = Path(shutil.copytree(root, tmp_path / "older"))
    connection = sqlite3.connect(older / "archive.db")
    for table in ("links", "choices", "relations"):
        connection.execute(f"DROP TABLE {table}")
    for column in (
        "precision",
        "made",
        "place",
        "card",
        "card_url",
        "card_title",
        "card_description",
        "poll_ends",
        "sensitive",
        "edited",
        "superseded",
        "poll_ended",
    ):
        connection.execute(f"ALTER TABLE posts DROP COLUMN {column}")
    connection.execute("DELETE FROM _sqlite_migrations WHERE name = 'm004_posts_whole'")
    connection.commit()
    connection.close()
    result = cli("save", "--offline", "--fixtures", POSTS, "--archive", older, ARTICLE)
    assert result.status == 0, result.err
    assert post(older, lines["poll"]["post_id"], "text", "place") == ("What goes into bed nine?", None)


# As people read it ----------------------------------------------------------------------------------------------------


def test_the_story_of_each_post_is_told(cli: Cli, whole: tuple[Path, dict[str, dict[str, Any]]]) -> None:
    root, lines = whole

    def told(kind: str) -> str:
        result = cli("show", lines[kind]["post_id"], "--archive", root)
        assert result.status == 0
        return result.out

    photos = told("four-photos")
    for words in (
        "STAND-IN saved, kept whole",
        "the article shows  Quay Photos (@quay_photos_s), 6 May 2024",
        "It was still there. We asked on ",
        "Quay Photos (@quay_photos_s), 6 May 2024, 06:15:30.120 UTC",
        "photo, at its original size: 183 bytes, described as “Stand-in: a crane at first light”",
        "photo, at the largest size that was there: 184 bytes, described as “Stand-in: nets drying”",
        "match: the words received are those that the article shows",
    ):
        assert words in photos, words
    assert photos.count("photo, as pages show it") == 4
    assert "it has been edited" in told("edited")
    assert "another version    Timetable Office (@timetable_s), 7 May 2024, 12:00:00.300 UTC" in told("edited")
    assert "poll, ended 9 May 2024, 10:10:10 UTC:" in told("poll")
    assert "Nothing, let it rest: 64 votes" in told("poll")
    assert "the text goes on: the platform gave its beginning only" in told("long")
    assert "it passes on       Ferry Line (@ferry_line_s)" in told("wrapper")
    assert told("quoting").count("and it quotes") == 2
    assert told("chain-3").count("in answer to") == 2
    assert "preview: “A new hull & an old mast” https://museum.example/new-hull" in told("card")
    assert "link: https://museum.example/new-hull, the page is kept" in told("card")
    assert "video, in pieces (there is no one file): 9 of 9, " in told("hls")
    assert "نضج المشمش" in told("arabic")


def test_the_story_of_what_is_not_there(cli: Cli, tmp_path: Path) -> None:
    states = PROJECT / "fixtures" / "states"
    cli("save", "--offline", "--fixtures", states, "--archive", tmp_path / "a", states / "article.html")
    told = cli("show", "--archive", tmp_path / "a").out
    for words in (
        "Its author deleted it: one answer says so, and a second does not know the post. We asked on ",
        "It was not there. Why, and who took it away, is not known.",
        "It is gone, or shown to some only: the platform does not say which.",
        "There never was such a post: none can have this number.",
        "It is shown only to those who log in.",
        "Not known: the platform refused to answer, because it was asked too often.",
        "Not known: the platform was not asked, or did not answer.",
        "the platform's oEmbed service answered 404: ",
    ):
        assert words in told, words
