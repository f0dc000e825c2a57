"""What web archives keep of X's pages, generation by generation: each is read into the posts that it shows."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archiver.model import Exchange, Origin, Post
from archiver.platforms import PLATFORMS
from tests.conftest import PROJECT, SHARED

COPIES = PROJECT / "fixtures" / "copies"
EXPECTED = [json.loads(line) for line in (COPIES / "expected.jsonl").read_text("utf-8").splitlines()]
PAGES = sorted(path for path in COPIES.iterdir() if path.suffix in {".html", ".json"})


def read(body: bytes, url: str = "https://archive.example/copy", status: int = 200) -> tuple[Post, ...]:
    archived = PLATFORMS["twitter"].archived
    assert archived is not None
    return archived(Exchange("GET", url, b"", status, (), b"", body, datetime.now(UTC), Origin.STAND_IN))


def told(post: Post) -> dict[str, Any]:
    """A post as a line of `expected.jsonl`: what it says, without what it does not."""
    line: dict[str, Any] = {
        "id": post.ref.post_id,
        "handle": post.handle,
        "author": post.author,
        "author_id": post.author_id,
        "posted": post.posted.isoformat() if post.posted else None,
        "precision": post.precision.value if post.precision else None,
        "lang": post.lang,
        "text": post.text,
        "links": {link.short: link.url for link in post.links},
        "media": [[wanted.purpose.value, wanted.url, wanted.alt or ""] for wanted in post.wanted],
        "quotes": post.quotes.post_id if post.quotes else None,
        "quoted": post.quoted.ref.post_id if post.quoted else None,
        "replies_to": post.replies_to.post_id if post.replies_to else None,
        "parent": post.parent.ref.post_id if post.parent else None,
        "reposted": post.reposted.ref.post_id if post.reposted else None,
        "versions": list(post.versions),
        "place": post.place,
        "cut": post.cut,
        "missing": list(post.missing),
        "card": [post.card.name, post.card.url] if post.card else None,
        "poll": [list(choice) for choice in post.poll.choices] if post.poll else None,
    }
    return {name: value for name, value in line.items() if value not in (None, [], {}, False)}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_each_generation_is_read(path: Path) -> None:
    expected = [line["post"] for line in EXPECTED if line["file"] == path.name]
    assert bool(expected) == (path.name != "shell-2021.html")
    assert [told(post) for post in read(path.read_bytes())] == expected


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        ((COPIES / "shell-2021.html").read_bytes(), 200, "before its scripts have drawn anything"),
        (b'{"data": {"tweetResult": {"result": {"__typename": "TweetTombstone"}}}}', 200, "JSON in which there is no post"),
        (b"<p>Sorry, that page does not exist!", 404, "of an answer 404"),
        (b"<p>Hello", 200, "without a post in any form that is known"),
    ],
)
def test_a_copy_that_shows_none_says_why(body: bytes, status: int, why: str) -> None:
    assert read(body, status=status) == ()
    copy = Exchange("GET", "https://archive.example/", b"", status, (), b"", body, datetime.now(UTC), Origin.STAND_IN)
    assert why in PLATFORMS["twitter"].archived_lacks(copy)


def test_the_pages_own_post_comes_first_whatever_the_address_of_the_copy() -> None:
    body = (COPIES / "classic-2018.html").read_bytes()
    prefix = "https://web.archive.org/web/20180304120000id_/https://twitter.com/"
    assert read(body)[0].ref.post_id == "970257012345667584"  # as the page itself says
    assert read(body, prefix + "mill_lane_s/status/970250000000000000")[0].ref.post_id == "970250000000000000"
    assert read(body, prefix + "x/status/1")[0].ref.post_id == "970257012345667584"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"{}", b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe\x00", b"<p class=tweet-text>words without an id",
        b'{"data": {"id": 5, "text": []}}', b'{"id_str": "x", "text": "y", "user": 3}', b'{"html": "<p>x"}', b"<article>" * 5_000,
        b'<div data-tweet-id="99999999999999999999999"><p class="tweet-text">too many digits</p></div>',
        b'{"legacy": {"full_text": 4}, "rest_id": "5"}', b'{"globalObjects": {"tweets": {"1": {"quoted_status_id_str": "1"}}}}',
    ],
)  # fmt: skip
def test_what_is_no_copy_of_a_post_shows_none(body: bytes) -> None:
    assert read(body) == () or all(not post.text for post in read(body))


def test_posts_that_quote_each_other_end() -> None:
    one = {"id_str": "1", "full_text": "a", "quoted_status_id_str": "2", "user_id_str": "9"}
    two = {"id_str": "2", "full_text": "b", "quoted_status_id_str": "1", "user_id_str": "9"}
    body = json.dumps({"globalObjects": {"tweets": {"1": one, "2": two}, "users": {"9": {"screen_name": "s"}}}}).encode()
    assert [post.ref.post_id for post in read(body)] == ["1", "2"]


# Wrappings ------------------------------------------------------------------------------------------------------------

TOLD = {
    "id_str": "1294237906668703747",
    "full_text": "Counted again: 12 of 12 &amp; no fewer https://t.co/AbCdEf1234",
    "created_at": "Fri Aug 14 11:42:17 +0000 2020",
    "user": {"id_str": "7", "screen_name": "standin", "name": "Stand-in"},
    "entities": {
        "urls": [
            {"url": "https://t.co/AbCdEf1234", "expanded_url": "https://made-up.example/a", "display_url": "made-up.example/a"}
        ]
    },
}
GRAPHQL = {
    "__typename": "TweetWithVisibilityResults",
    "tweet": {
        "rest_id": TOLD["id_str"],
        "core": {"user_results": {"result": {"rest_id": "7", "core": {"screen_name": "standin", "name": "Stand-in"}}}},
        "legacy": {name: value for name, value in TOLD.items() if name != "user"},
    },
}
QUOTED = (
    '<blockquote class="twitter-tweet"><p lang="en" dir="ltr">Counted again: 12 of 12 &amp; no fewer <a href="https://t.co/AbCdEf1234"'
    ' data-expanded-url="https://made-up.example/a">made-up.example/a</a></p>&mdash; Stand-in (@standin)'
    ' <a href="https://twitter.com/standin/status/1294237906668703747">August 14, 2020</a></blockquote>'
)
SHOWN = (
    QUOTED.replace(
        '<blockquote class="twitter-tweet">',
        '<div class="tweet" data-tweet-id="1294237906668703747" data-screen-name="standin">',
    )
    .replace("<p lang", '<p class="Tweet-text e-entry-content" lang')
    .replace("</blockquote>", "</div>")
)
FOUND_IN_2010 = {
    "results": [
        {
            "id": 1294237906668703747,
            "text": "Counted again: 12 of 12 &amp; no fewer https://made-up.example/a",
            "from_user": "standin",
            "from_user_id": 7,
            "created_at": "Fri, 14 Aug 2020 11:42:17 +0000",
        }
    ]
}


@pytest.mark.parametrize(
    ("body", "exact"),
    [
        (json.dumps(TOLD), True),
        (json.dumps([TOLD]), True),
        (json.dumps({"statuses": [TOLD]}), True),
        (f"/**/window.callback_1({json.dumps(TOLD)});", True),
        (f"/**/typeof cb === 'function' && cb({json.dumps(TOLD)})", True),
        (json.dumps({"data": {"tweetResult": {"result": GRAPHQL}}}), True),
        (json.dumps({"data": {"threaded_conversation": {"instructions": [{"entries": [{"content": {"itemContent": {"tweet_results": {"result": GRAPHQL}}}}]}]}}}), True),
        (f'<html><pre>{json.dumps(TOLD).replace("&", "&amp;")}</pre>', True),
        (f'<html><div id=__next></div><script id="__NEXT_DATA__" type="application/json">{json.dumps({"props": {"pageProps": {"timeline": {"entries": [{"content": {"tweet": TOLD}}]}}}})}</script>', True),
        (json.dumps({"headers": {"status": 200}, "body": f"<div class=timeline>{SHOWN}</div>"}), False),
        (json.dumps({"1294237906668703747": QUOTED}), False),
        (json.dumps(FOUND_IN_2010), True),
    ],
    ids=["v1", "list", "search", "call", "guarded-call", "graphql", "thread", "pre", "next-data", "widget-body", "widget-by-id", "search-2010"],
)  # fmt: skip
def test_a_post_is_read_whatever_it_is_wrapped_in(body: str, exact: bool) -> None:
    (post,) = read(body.encode())
    assert (post.ref.post_id, post.handle) == ("1294237906668703747", "standin")
    assert post.text == "Counted again: 12 of 12 & no fewer https://made-up.example/a"
    if exact:
        assert (post.author_id, post.posted) == ("7", datetime(2020, 8, 14, 11, 42, 17, tzinfo=UTC))


def test_media_of_version_2_that_have_no_key() -> None:
    url = {"url": "https://t.co/AbCdEf1234", "expanded_url": "https://twitter.com/s/status/5/photo/1", "display_url": "pic.twitter.com/AbCdEf1234"}  # fmt: skip
    told = {"data": {"id": "1294237906668703747", "text": "Look https://t.co/AbCdEf1234", "entities": {"urls": [url]}}}
    (post,) = read(json.dumps(told).encode())
    assert (post.text, post.links) == ("Look pic.twitter.com/AbCdEf1234", ())


# Real copies ----------------------------------------------------------------------------------------------------------

REAL = {
    "classic-2019-thread-53SGIJNJ.html.gz": ("1170761943067631621", "jdegoes", "17271117", "2019-09-08T18:12:53", 12),
    "classic-2020-ChiefScientist-1304565662661001216.html.gz": ("1304565662661001216", "ChiefScientist", "258032124", "2020-09-11T23:41:06", 1),
    "rendered-2022-1529393316344758279.html.gz": ("1529393316344758279", "travisbrown", "6510972", "2022-05-25T09:25:56", 11),
    "v1-890659426796945408.json": ("890659426796945408", "DrupalLeaks", "849768899772133376", "2017-07-27T19:45:29.657", 1),
}  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_real_copies(name: str) -> None:
    path = SHARED / "payloads" / "web-archive" / name
    if not path.exists():
        pytest.skip("../shared is not here")
    posts = read(gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes())
    post_id, handle, author_id, posted, count = REAL[name]
    own = posts[0]
    assert (own.ref.post_id, own.handle, own.author_id, len(posts)) == (post_id, handle, author_id, count)
    assert own.posted == datetime.fromisoformat(posted).replace(tzinfo=UTC)
    assert all(post.text and post.handle and post.lang == "en" for post in posts)
    if count == 12:
        assert (own.replies_to, own.author) != (None, None)
        assert [post.quoted.ref.post_id for post in posts if post.quoted] == ["1169912273311129602"]
