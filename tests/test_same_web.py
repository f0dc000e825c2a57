"""The same web, once offline from stand-ins and once over TLS on loopback: the same index, but for where and when."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from archiver import pipeline
from archiver.capture.guard import Door
from archiver.capture.live import LiveTransport
from archiver.model import Outcome
from archiver.pipeline import Problem
from archiver.platforms.twitter.ids import syndication_token
from archiver.settings import Settings
from archiver.standins import open_web
from tests.conftest import ARTICLE, FIRST, HTML_ARTICLE, JSON, Cli, address_of, stand_in, tweet
from tests.servers import LIMITS, PUBLIC, Authority, Dialled, Pieces, Server, host_of, path_of, serving
from tests.test_guard import ADDRESSES, as_system_resolves

NEWS = "https://news.example/2020/walkouts"
ROBOTS = "https://news.example/robots.txt"
HOSTS = ["news.example", "cdn.syndication.twimg.com", "publish.x.com", "pbs.twimg.com", "video.twimg.com", "t.co"]


@pytest.fixture
def whole_web(web: Path) -> Path:
    """The bundled web, with the article and its site's robots.txt in it."""
    stand_in(web, NEWS, "200 OK", {"Content-Type": "text/markdown; charset=utf-8"}, ARTICLE.read_text("utf-8"))
    stand_in(web, ROBOTS, "200 OK", {"Content-Type": "text/plain"}, "User-agent: *\nDisallow: /private\n")
    return web


@contextmanager
def live(web: Path, seconds: float = 0.0) -> Iterator[tuple[LiveTransport, Server]]:
    """The web on a TLS server on loopback, where all its names lead. It takes `seconds` for each answer."""
    pages, authority = open_web(web), Authority()

    def script(head: bytes) -> Pieces:
        answer = pages.answer("GET", f"https://{host_of(head)}{path_of(head)}")
        if answer is None:
            return [b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"]
        headers = [*answer.headers]
        if not any(name.lower() == "content-length" for name, _ in headers):
            headers.append(("Content-Length", str(len(answer.body))))
        lines = [f"HTTP/1.1 {answer.status} {answer.reason}".rstrip(), *(f"{name}: {value}" for name, value in headers)]
        return [seconds, "\r\n".join([*lines, "", ""]).encode("latin-1") + answer.body]

    with serving(script, authority.server(*HOSTS)) as server:
        dialled = Dialled(server.port)
        names = {host: [PUBLIC] for host in HOSTS}
        opened = Door((), lambda host, port: names.get(host) or as_system_resolves(host, port), dialled)
        yield LiveTransport(opened, LIMITS, trusted=authority.client()), server
        assert set(dialled.connected) == {(PUBLIC, 443)}


QUESTIONS = {
    "runs": "SELECT status FROM runs",
    "articles": "SELECT id, title, byline, published, url, credits, format, encoding, replaced, bytes, site, language FROM articles",
    "sources": "SELECT article, source FROM sources",
    "embeds": "SELECT * FROM embeds ORDER BY id",
    "captures": "SELECT method, url, status, content_type, payload_digest, payload_sha256, payload_bytes, truncated FROM captures"
    " ORDER BY url",
    "posts": "SELECT id, title, platform, post_id, url, author, handle, author_id, posted, lang, text, cut, quoted FROM posts ORDER BY id",
    "media": "SELECT m.id, m.post, m.kind, m.url, m.alt, c.url FROM media AS m LEFT JOIN captures AS c ON c.id = m.capture ORDER BY m.id",
    "outcomes": "SELECT embed, state, availability, claim, reason, post_id, url, post FROM outcomes ORDER BY embed",
    "outcome_captures": "SELECT o.embed, oc.purpose, oc.position, c.url FROM outcome_captures AS oc JOIN outcomes AS o ON o.id = oc.outcome"
    " JOIN captures AS c ON c.id = oc.capture ORDER BY o.embed, oc.position",
    "evidence": "SELECT o.embed, e.position, e.method, e.value, e.verdict, e.detail, c.url FROM evidence AS e"
    " JOIN outcomes AS o ON o.id = e.outcome LEFT JOIN captures AS c ON c.id = e.capture ORDER BY o.embed, e.position",
    "failures": "SELECT o.embed, f.position, f.stage, f.reason, f.detail FROM failures AS f JOIN outcomes AS o ON o.id = f.outcome"
    " ORDER BY o.embed, f.position",
    "unanswered": "SELECT url, purpose, reason FROM unanswered ORDER BY url",
    "records": "SELECT type, count(*) FROM records WHERE type <> 'warcinfo' GROUP BY type ORDER BY type",
}  # fmt: skip


def index(archive: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that the index says, but for where, when and which run."""
    connection = sqlite3.connect(archive / "archive.db")
    found = {
        name: [tuple(value.replace("~stand-in", "") if isinstance(value, str) else value for value in row) for row in rows]
        for name, rows in ((name, connection.execute(sql).fetchall()) for name, sql in QUESTIONS.items())
    }
    connection.close()
    return found


def test_live_and_offline_make_the_same_index(cli: Cli, tmp_path: Path, whole_web: Path) -> None:
    offline, over_tls, replayed = tmp_path / "offline", tmp_path / "live", tmp_path / "replayed"
    assert cli("save", "--offline", "--no-web-archives", "--archive", offline, "--fixtures", whole_web, NEWS).status == 0
    with live(whole_web) as (transport, server):
        events = list(pipeline.save([NEWS], Settings(archive=over_tls, pace_seconds=0, web_archives=False), transport))
        assert {host_of(head) for head in server.requests} == {*HOSTS}
    outcomes = [event for event in events if isinstance(event, Outcome)]
    assert [(one.state.value, one.origin.value) for one in outcomes] == [("saved", "live"), ("gone", "live")]
    assert index(over_tls) == index(offline)
    assert cli("verify", "--archive", over_tls).status == 0
    # What was recorded live, replayed offline, gives equal posts.
    assert (
        cli("save", "--offline", "--no-web-archives", "--archive", replayed, "--fixtures", over_tls / "warc", NEWS).status == 0
    )
    for table in ("posts", "media", "outcomes", "captures", "evidence"):
        assert index(replayed)[table] == index(over_tls)[table]


def test_what_was_secured_how_is_in_the_index(tmp_path: Path, whole_web: Path) -> None:
    with live(whole_web) as (transport, _):
        list(pipeline.save([NEWS], Settings(archive=tmp_path / "a", pace_seconds=0), transport))
    connection = sqlite3.connect(tmp_path / "a" / "archive.db")
    rows = connection.execute("SELECT DISTINCT protocol, length(certificate_sha256), ip FROM captures").fetchall()
    assert rows == [("tls/1.3", 64, PUBLIC)]
    connection.close()


def test_an_address_is_asked_for_once_a_run(tmp_path: Path, whole_web: Path) -> None:
    """The article twice in one run, embeds side by side: nobody asks for what another has asked for."""
    with live(whole_web) as (transport, server):
        other = tmp_path / "again.html"
        other.write_bytes(HTML_ARTICLE.read_bytes().replace(b"<body", b"<body data-other"))
        list(pipeline.save([NEWS, str(other), str(HTML_ARTICLE)], Settings(archive=tmp_path / "a", pace_seconds=0), transport))
        asked = [(host_of(head), path_of(head)) for head in server.requests]
    assert len(asked) == len(set(asked))


def test_embeds_side_by_side_ask_for_what_they_share_once(tmp_path: Path, whole_web: Path) -> None:
    """Four posts of one author, with the same photo, the same video and the same quoted post, and a server that takes its time."""
    post, ids = tweet(whole_web), [str(int(FIRST) + number) for number in range(4)]
    for number in ids:
        url = f"https://cdn.syndication.twimg.com/tweet-result?id={number}&token={syndication_token(number)}"
        stand_in(whole_web, url, "200 OK", JSON, json.dumps({**post, "id_str": number}))
    page = tmp_path / "four.html"
    quotes = (
        f'<blockquote class="twitter-tweet"><a href="https://twitter.com/HannaLiubakova/status/{one}">x</a></blockquote>'
        for one in ids
    )
    page.write_text(f"<html>{''.join(quotes)}</html>")
    with live(whole_web, seconds=0.05) as (transport, server):
        events = list(pipeline.save([str(page)], Settings(archive=tmp_path / "a", pace_seconds=0), transport))
        asked = [(host_of(head), path_of(head)) for head in server.requests]
    outcomes = [event for event in events if isinstance(event, Outcome)]
    assert [one.post_id for one in outcomes] == ids
    assert all(len(one.captures) >= 8 for one in outcomes)  # each rests on all that it needed, whoever asked for it
    assert len(asked) == len(set(asked))


# robots.txt -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "obeyed", "fetched"),
    [
        ("User-agent: *\nDisallow: /", False, True),
        ("User-agent: *\nDisallow: /", True, False),
        ("User-agent: *\nDisallow: /other", True, True),
        ("User-agent: archiver\nDisallow: /2020/*$\n\nUser-agent: *\nAllow: /", True, False),
        ("User-agent: other\nDisallow: /", True, True),
        (None, True, True),  # a 404 allows everything
        ("503", True, False),  # one that cannot be had allows nothing
        ("503", False, True),
    ],
)
def test_robots_is_kept_and_obeyed_where_that_is_asked_for(
    cli: Cli, archive: Path, whole_web: Path, answer: str | None, obeyed: bool, fetched: bool
) -> None:
    status = {None: "404 Not Found", "503": "503 Later"}.get(answer, "200 OK")
    stand_in(whole_web, ROBOTS, status, {"Content-Type": "text/plain"}, answer or "")
    arguments = ["--robots"] if obeyed else []
    result = cli("save", "--json", "--offline", "--archive", archive, "--fixtures", whole_web, *arguments, NEWS)
    assert (result.status, len(result.lines)) == ((0, 2) if fetched else (1, 0))
    assert ("robots.txt" in result.err) == (not fetched)
    rows = index(archive)["captures"]
    assert [row[2] for row in rows if row[1] == ROBOTS] == [int(status[:3])]


@pytest.mark.parametrize(("hops", "fetched"), [(1, False), (5, False), (6, True)])
def test_robots_that_is_elsewhere_is_asked_for_there(
    cli: Cli, archive: Path, whole_web: Path, hops: int, fetched: bool
) -> None:
    """Five redirects are followed, to other hosts too; who sends on for longer has no robots.txt (RFC 9309, 2.3.1.2)."""
    address = ROBOTS
    for number in range(hops):
        redirect(whole_web, address, f"https://else.example/{number}")
        address = f"https://else.example/{number}"
    stand_in(whole_web, address, "200 OK", {"Content-Type": "text/plain"}, "User-agent: *\nDisallow: /")
    result = cli("save", "--json", "--offline", "--archive", archive, "--fixtures", whole_web, "--robots", NEWS)
    assert (result.status, len(result.lines)) == ((0, 2) if fetched else (1, 0))


# Redirects --------------------------------------------------------------------------------------------------------------


def redirect(web: Path, url: str, target: str) -> None:
    stand_in(web, url, "302 Found", {"Location": target})


def test_each_hop_is_an_exchange_and_ten_are_the_most(cli: Cli, archive: Path, whole_web: Path) -> None:
    for number in range(10):
        redirect(whole_web, f"https://news.example/{number}", f"/{number + 1}" if number < 9 else NEWS)
    assert cli("save", "--offline", "--archive", archive, "--fixtures", whole_web, "https://news.example/0").status == 0
    assert sum(row[2] == 302 for row in index(archive)["captures"]) == 10
    redirect(whole_web, "https://news.example/start", "/0")
    result = cli("save", "--offline", "--archive", archive, "--fixtures", whole_web, "https://news.example/start")
    assert result.status == 1
    assert "is 302" in result.err


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("/loop", "is 302"),
        ("file:///etc/passwd", "not an http"),
        ("gopher://news.example/", "not an http"),
        ("http://news.example/plain", "from https to http"),
        ("https://127.0.0.1/", "loopback"),
        ("https://[::1]/", "outside 2000::/3"),
        ("https://169.254.169.254/latest/meta-data/", "metadata"),
        ("https://news.example:6379/", "port 6379"),
        ("https://a..b/", "a..b"),
        ("https://news.example%00.evil/", "evil"),
    ],
)
def test_a_hop_that_leads_astray_is_kept_and_not_followed(tmp_path: Path, whole_web: Path, target: str, words: str) -> None:
    start = "https://news.example/loop"
    redirect(whole_web, start, target)
    with live(whole_web) as (transport, server):
        events = list(pipeline.save([start], Settings(archive=tmp_path / "a", pace_seconds=0, tries=1), transport))
        assert {host_of(head) for head in server.requests} == {"news.example"}
    (problem,) = events
    assert isinstance(problem, Problem)
    assert words in problem.message
    assert [row[2] for row in index(tmp_path / "a")["captures"] if row[1] == start][:1] == [302]
    if "127" in target:
        assert ("https://127.0.0.1/robots.txt", "robots", "refused") in index(tmp_path / "a")["unanswered"]


def test_b6_no_redirect_leads_inside(tmp_path: Path, whole_web: Path) -> None:
    """The guard's list again, at the first hop and at the fifth."""
    targets = [url for url in ADDRESSES if url.startswith("http") and url.isascii() and url.isprintable() and "\\" not in url]
    sources = []
    for number, target in enumerate(targets):
        redirect(whole_web, f"https://news.example/{number}/1", target.replace("http:", "https:", 1))
        for hop in range(2, 6):
            redirect(whole_web, f"https://news.example/{number}/{hop}", f"/{number}/{hop - 1}")
        sources += [f"https://news.example/{number}/1", f"https://news.example/{number}/5"]
    with live(whole_web) as (transport, server):
        events = list(pipeline.save(sources, Settings(archive=tmp_path / "a", pace_seconds=0, tries=1), transport))
        assert {host_of(head) for head in server.requests} == {"news.example"}
    assert len(targets) > 90
    assert len([event for event in events if isinstance(event, Problem)]) == len(sources)


INSIDE = "https://169.254.169.254/latest/meta-data/"
OEMBED = "application/json+oembed"


@pytest.mark.parametrize(
    ("page", "refused"),
    [
        (f'<link rel="alternate" type="{OEMBED}" href="{INSIDE}">', False),
        (f'<meta http-equiv="refresh" content="0; url={INSIDE}">', False),
        (f'<meta property="og:image" content="{INSIDE}">', False),
        (f'<link rel="amphtml" href="{INSIDE}"><link rel="canonical" href="{INSIDE}">', False),
        (f'<iframe src="{INSIDE}"></iframe><script src="{INSIDE}"></script>', False),
        (f'<article><p>Words.</p><img src="{INSIDE}"></article>', True),
        (f'<article><p>Words.</p><video src="{INSIDE}"></video></article>', True),
        (f'<base href="{INSIDE}"><article><p>Words.</p><img src="x.png"></article>', True),
    ],
    ids=["oEmbed discovery", "meta refresh", "og:image", "amphtml", "frame and script", "image", "video", "base"],
)
def test_b8_what_a_page_names_inside_is_not_asked_for(tmp_path: Path, whole_web: Path, page: str, refused: bool) -> None:
    """Most of it nobody asks for at all; what is asked for meets the guard, and that is a row."""
    stand_in(whole_web, NEWS, "200 OK", {"Content-Type": "text/html"}, f"<html><title>A page</title>{page}</html>")
    with live(whole_web) as (transport, server):
        list(pipeline.save([NEWS], Settings(archive=tmp_path / "a", pace_seconds=0, tries=1), transport))
        assert [path_of(head) for head in server.requests] == ["/robots.txt", "/2020/walkouts"]
    told = [(row[0][:24], row[2]) for row in index(tmp_path / "a")["unanswered"]]
    assert told == ([("https://169.254.169.254/", "refused")] if refused else [])


@pytest.mark.parametrize("how", ["Location", "meta refresh", "chain"])
def test_b8_a_short_link_that_leads_inside_is_kept_and_not_followed(tmp_path: Path, whole_web: Path, how: str) -> None:
    link = "https://t.co/ncfDTgE1ER"
    if how == "meta refresh":
        page = f'<html><meta http-equiv="refresh" content="0;URL={INSIDE}"></html>'
        stand_in(whole_web, link, "200 OK", {"Content-Type": "text/html"}, page)
    elif how == "chain":
        redirect(whole_web, link, "https://t.co/Abcdefghij")
        redirect(whole_web, "https://t.co/Abcdefghij", INSIDE)
    else:
        redirect(whole_web, link, INSIDE)
    with live(whole_web) as (transport, server):
        list(pipeline.save([NEWS], Settings(archive=tmp_path / "a", pace_seconds=0, web_archives=False), transport))
        assert {host_of(head) for head in server.requests} <= set(HOSTS)
    found = [row for row in index(tmp_path / "a")["evidence"] if INSIDE in str(row)]
    assert found  # where it leads is evidence


@pytest.mark.parametrize("within", ["the playlist's own address", "a variant", "a segment", "a key"])
def test_b8_a_stream_that_leads_inside_is_refused(tmp_path: Path, whole_web: Path, within: str) -> None:
    post, outside = tweet(whole_web), "https://video.twimg.com/amplify_video/1/pl/a.m3u8"
    for media in post["mediaDetails"]:
        if "video_info" in media:
            url = INSIDE if within == "the playlist's own address" else outside
            media["video_info"]["variants"] = [{"content_type": "application/x-mpegURL", "url": url}]
    post.pop("video", None)
    stand_in(whole_web, address_of(whole_web, "tweet-1.http"), "200 OK", JSON, json.dumps(post))
    lists = {
        "a variant": f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{INSIDE}\n",
        "a segment": f"#EXTM3U\n#EXTINF:1,\n{INSIDE}\n",
        "a key": f'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{INSIDE}"\n#EXTINF:1,\nhttps://video.twimg.com/a.ts\n',
    }
    if within in lists:
        stand_in(whole_web, outside, "200 OK", {"Content-Type": "application/x-mpegURL"}, lists[within])
    with live(whole_web) as (transport, server):
        list(pipeline.save([str(ARTICLE)], Settings(archive=tmp_path / "a", pace_seconds=0, web_archives=False), transport))
        assert {host_of(head) for head in server.requests} <= set(HOSTS)
    assert (INSIDE, "refused") in [(row[0], row[2]) for row in index(tmp_path / "a")["unanswered"]]


def test_a_link_that_leads_from_https_to_http_is_kept_and_not_followed(tmp_path: Path, whole_web: Path) -> None:
    post = tweet(whole_web)
    post["entities"]["urls"] = [{"url": "https://t.co/abc", "expanded_url": "https://news.example/secure", "indices": [0, 5]}]
    stand_in(whole_web, address_of(whole_web, "tweet-1.http"), "200 OK", JSON, json.dumps(post))
    redirect(whole_web, "https://news.example/secure", "http://news.example/plain")
    with live(whole_web) as (transport, _):
        list(pipeline.save([str(ARTICLE)], Settings(archive=tmp_path / "a", pace_seconds=0, links=True), transport))
    found = index(tmp_path / "a")
    assert [row[2] for row in found["captures"] if row[1] == "https://news.example/secure"] == [302]
    assert "in-clear" in [row[3] for row in found["failures"]]


@pytest.mark.parametrize("option", ["links", "timemaps"])
def test_b8_links_and_timemaps_meet_the_guard_too(tmp_path: Path, whole_web: Path, option: str) -> None:
    post = tweet(whole_web)
    post["entities"]["urls"] = [{"url": "https://t.co/abc", "expanded_url": INSIDE, "display_url": "x", "indices": [0, 5]}]
    stand_in(whole_web, address_of(whole_web, "tweet-1.http"), "200 OK", JSON, json.dumps(post))
    timemaps = (INSIDE,) if option == "timemaps" else ()
    settings = Settings(archive=tmp_path / "a", pace_seconds=0, tries=1, links=option == "links", timemaps=timemaps)
    with live(whole_web) as (transport, _):
        list(pipeline.save([str(ARTICLE)], settings, transport))
    assert (INSIDE[:24], "refused") in [(row[0][:24], row[2]) for row in index(tmp_path / "a")["unanswered"]]


def test_a_refusal_is_a_row_with_its_reason(cli: Cli, archive: Path) -> None:
    result = cli("save", "--archive", archive, "--pace", "0", "http://127.0.0.1/private?token=canary")
    assert result.status == 1
    assert re.search(r"127\.0\.0\.1 is not a public address: loopback", result.err)
    connection = sqlite3.connect(archive / "archive.db")
    rows = connection.execute("SELECT url, reason, detail FROM unanswered").fetchall()
    connection.close()
    assert rows
    assert {row[1] for row in rows} == {"refused"}
    assert "loopback" in rows[0][2]
    assert "canary" not in str(rows)
