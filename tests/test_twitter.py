"""What is known of X without asking it: addresses, ids, tokens, and what its answers mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from archiver.model import Availability, Exchange, Origin, PostRef, Precision, Purpose
from archiver.platforms.twitter import addresses, answers, ids
from tests.conftest import SHARED

REF = PostRef("twitter", "1294237906668703747", "HannaLiubakova")


@pytest.mark.parametrize(
    ("url", "post_id", "handle"),
    [
        ("https://twitter.com/a_b/status/1294237906668703747", "1294237906668703747", "a_b"),
        ("https://x.com/a_b/status/1294237906668703747?s=20&t=x", "1294237906668703747", "a_b"),
        ("http://www.twitter.com/a_b/statuses/123", "123", "a_b"),
        ("https://mobile.twitter.com/a_b/status/123/photo/1", "123", "a_b"),
        ("https://m.twitter.com/a_b/status/123?ref_src=twsrc%5Etfw", "123", "a_b"),
        ("https://twitter.com/i/web/status/123", "123", None),
        ("https://x.com/i/status/123", "123", None),
        ("https://twitter.com/statuses/123", "123", None),
        ("https://twitter.com/#!/a_b/status/123", "123", "a_b"),
        ("https://twitter.com/a_b%2Fstatus%2F123", "123", "a_b"),
        ("https://web.archive.org/web/20200814120000id_/https://twitter.com/a_b/status/123", "123", "a_b"),
        ("https://web.archive.org/web/2020/http:/twitter.com/a_b/status/123", "123", "a_b"),
        ("https://platform.twitter.com/embed/Tweet.html?dnt=false&id=123&lang=en", "123", None),
    ],
)
def test_permalinks(url: str, post_id: str, handle: str | None) -> None:
    ref = addresses.permalink(url)
    assert ref == PostRef("twitter", post_id, handle)
    assert addresses.canonical_url(ref) == f"https://x.com/i/status/{post_id}"


@pytest.mark.parametrize(
    "url",
    [
        "https://twitter.com/a_b",
        "https://twitter.com/intent/tweet?in_reply_to=123",
        "https://twitter.com/share?url=https://twitter.com/a/status/123",
        'https://twitter.com/a_b/status/"123"',
        "https://twitter.com/a_b/status/https://pbs",
        "https://twitter.com.evil.example/a/status/123",
        "https://eviltwitter.com/a/status/123",
        "https://example.com/?u=https://twitter.com/a/status/123",
        "https://twitter.com/a/status/123456789012345678901",
        "javascript:https://twitter.com/a/status/123",
        "https://[bad/a/status/123",
        "#",
        "",
    ],
)
def test_not_permalinks(url: str) -> None:
    assert addresses.permalink(url) is None


@pytest.mark.parametrize(
    ("url", "expected", "media"),
    [
        ("https://pic.twitter.com/ncfDTgE1ER", "https://t.co/ncfDTgE1ER", True),
        ("pic.x.com/ncfDTgE1ER", "https://t.co/ncfDTgE1ER", True),
        ("http://t.co/SAPdczGoiG", "https://t.co/SAPdczGoiG", False),
    ],
)
def test_short_links(url: str, expected: str, *, media: bool) -> None:
    link = addresses.short_link(url)
    assert link is not None
    assert (link.url, link.media) == (expected, media)


def test_tokens_are_those_that_a_javascript_engine_writes() -> None:
    # The first three are published, the last two were computed with an engine: few digits, and a carry.
    for post_id, token in {
        "1874097816571961839": "4jjngwkifa",
        "1674700676612386816": "42586mwa3uv",
        "1346554693649113090": "39ibqxei7mo",
        "61": "jgnlwjrsit",
        "86": "rft5i5g5zdk",
    }.items():
        assert ids.syndication_token(post_id) == token


def test_every_shared_vector() -> None:
    path = SHARED / "vectors.json"
    if not path.exists():
        pytest.skip("../shared is not here")
    vectors = json.loads(path.read_text("utf-8"))
    wrong = [post_id for post_id, token in vectors["syndication_token"]["vectors"] if ids.syndication_token(post_id) != token]
    assert wrong == []
    assert len(vectors["syndication_token"]["vectors"]) == 100
    for row in vectors["snowflake_created_at"]:
        made = ids.snowflake_time(int(row["tweet_id"]))
        assert made is not None
        assert round(made.timestamp() * 1000) == row["snowflake_ms"]
        assert int(made.timestamp()) == row["created_at_s"]


def test_an_id_tells_its_time_only_since_ids_hold_one() -> None:
    assert ids.posted(REF) == datetime(2020, 8, 14, 11, 42, 17, 384000, tzinfo=UTC)
    assert ids.posted(PostRef("twitter", "20")) is None
    assert ids.posted(PostRef("twitter", "9" * 20)) is not None  # absurd, but no error


def answer(body: Any, status: int = 200) -> Exchange:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    now = datetime.now(UTC)
    return Exchange("GET", "https://example.org/", b"", status, (), b"", data, now, Origin.STAND_IN)


def tombstone(sentence: str | None) -> Exchange:
    return answer(
        {"__typename": "TweetTombstone"} | ({"tombstone": {"text": {"text": sentence}}} if sentence else {"tombstone": {}})
    )


OEMBED = answer(
    {
        "author_name": "Hanna Liubakova",
        "author_url": "https://twitter.com/HannaLiubakova",
        "html": '<blockquote class="twitter-tweet"><p>Words &amp; more</p>&mdash; H (@HannaLiubakova) '
        f'<a href="https://twitter.com/HannaLiubakova/status/{REF.post_id}?ref_src=x">August 14, 2020</a></blockquote>',
    }
)
NOT_FOUND = answer(b"<html>", 404)
TWEET = {"__typename": "Tweet", "id_str": REF.post_id, "text": "Words &amp; more", "user": {"screen_name": "h", "id_str": "1"}}
DELETED = "This Post was deleted by the Post author. Learn more"


@pytest.mark.parametrize(
    ("syndication", "oembed", "availability", "has_post"),
    [
        (answer(TWEET), None, Availability.LIVE, True),
        (answer(TWEET), NOT_FOUND, Availability.LIVE, True),
        (NOT_FOUND, None, Availability.UNKNOWN_GONE, False),
        (NOT_FOUND, NOT_FOUND, Availability.UNKNOWN_GONE, False),
        (NOT_FOUND, OEMBED, Availability.LIVE_PARTIAL, True),
        (tombstone(None), NOT_FOUND, Availability.GONE_OR_GATED, False),
        (tombstone(None), None, Availability.GONE_OR_GATED, False),
        (tombstone(DELETED), NOT_FOUND, Availability.DELETED_BY_AUTHOR, False),
        (tombstone(DELETED), None, Availability.GONE_OR_GATED, False),  # deleted is never said on one answer alone
        (tombstone(DELETED), answer(b"", 403), Availability.GONE_OR_GATED, False),
        (tombstone(DELETED), OEMBED, Availability.LIVE_PARTIAL, True),
        (tombstone("This Post is from a suspended account. Learn more"), NOT_FOUND, Availability.ACCOUNT_SUSPENDED, False),
        (tombstone("This Post is from an account that no longer exists. Learn more"), NOT_FOUND, Availability.ACCOUNT_DEACTIVATED, False),
        (tombstone("This Post violated the X Rules. Learn more"), NOT_FOUND, Availability.REMOVED_BY_PLATFORM, False),
        (tombstone("You’re unable to view this Post because this account owner limits who can view their Posts."), NOT_FOUND, Availability.PROTECTED, False),
        (tombstone("Age-restricted adult content. This content might not be appropriate"), NOT_FOUND, Availability.AGE_GATED, False),
        (tombstone("This Post from @x has been withheld in Turkey in response to a legal demand."), NOT_FOUND, Availability.WITHHELD, False),
        (tombstone("A sentence that nobody has seen yet"), NOT_FOUND, Availability.GONE_OR_GATED, False),
        (answer({"__typename": "TweetUnavailable"}), NOT_FOUND, Availability.GONE_OR_GATED, False),
        (answer({}), None, Availability.ENDPOINT_ERROR, False),
        (answer({}), OEMBED, Availability.LIVE_PARTIAL, True),
        (answer({}), NOT_FOUND, Availability.GONE_OR_GATED, False),
        (answer(b"Rate limit exceeded", 429), NOT_FOUND, Availability.RATE_LIMITED, False),
        (answer({"error": "Bad request."}, 400), NOT_FOUND, Availability.ENDPOINT_ERROR, False),
        (answer(b"<html>"), None, Availability.ENDPOINT_ERROR, False),
        (answer(b"[1]"), None, Availability.ENDPOINT_ERROR, False),
        (answer(b"[" * 100_000), None, Availability.ENDPOINT_ERROR, False),
        (answer({**TWEET, "id_str": "5"}), None, Availability.ENDPOINT_ERROR, False),  # another post's answer
        (answer({**TWEET, "user": None}), None, Availability.LIVE_PARTIAL, True),
        (None, None, Availability.NOT_CHECKED, False),
        (None, NOT_FOUND, Availability.NOT_CHECKED, False),
    ],
)  # fmt: skip
def test_what_the_answers_mean(
    syndication: Exchange | None, oembed: Exchange | None, availability: Availability, *, has_post: bool
) -> None:
    given = {Purpose.SYNDICATION: syndication, Purpose.OEMBED: oembed}
    reading = answers.read(REF, {purpose: one for purpose, one in given.items() if one is not None})
    assert (reading.availability, reading.post is not None) == (availability, has_post)
    assert reading.rule
    if reading.post is not None:
        assert reading.post.text == "Words & more"


def test_media_choices() -> None:
    variants = [
        {"content_type": "application/x-mpegURL", "url": "https://video.twimg.com/a.m3u8"},
        {"content_type": "video/mp4", "bitrate": 256000, "url": "https://video.twimg.com/1280x720/low.mp4"},
        {"content_type": "video/mp4", "bitrate": 2176000, "url": "https://video.twimg.com/320x180/best.mp4"},
        {"content_type": "video/mp4", "bitrate": 832000, "url": "https://video.twimg.com/640x360/mid.mp4"},
    ]
    gif = [{"content_type": "video/mp4", "bitrate": 0, "url": "https://video.twimg.com/tweet_video/g.mp4"}]
    media = [
        {"type": "photo", "media_url_https": "https://pbs.twimg.com/media/AbC.png", "ext_alt_text": "a chart"},
        {"type": "video", "media_url_https": "https://pbs.twimg.com/v.jpg", "video_info": {"variants": variants}},
        {"type": "animated_gif", "media_url_https": "https://pbs.twimg.com/g.jpg", "video_info": {"variants": gif}},
        {"type": "video", "media_url_https": "https://pbs.twimg.com/h.jpg", "video_info": {"variants": variants[:1]}},
        {"type": "hologram"},
    ]
    post = answers.read(REF, {Purpose.SYNDICATION: answer({**TWEET, "mediaDetails": media})}).post
    assert post is not None
    asked = [(wanted.purpose.value, wanted.url) for wanted in post.wanted]
    assert asked == [
        ("photo", "https://pbs.twimg.com/media/AbC?format=png&name=orig"),
        ("photo-shown", "https://pbs.twimg.com/media/AbC.png"),
        ("video", "https://video.twimg.com/320x180/best.mp4"),
        ("poster", "https://pbs.twimg.com/v.jpg"),
        ("video", "https://video.twimg.com/tweet_video/g.mp4"),
        ("poster", "https://pbs.twimg.com/g.jpg"),
        ("playlist", "https://video.twimg.com/a.m3u8"),
        ("poster", "https://pbs.twimg.com/h.jpg"),
    ]
    assert post.wanted[0].alt == "a chart"
    assert post.wanted[0].fallbacks == (
        "https://pbs.twimg.com/media/AbC?format=png&name=4096x4096",
        "https://pbs.twimg.com/media/AbC?format=png&name=large",
        "https://pbs.twimg.com/media/AbC.png",
    )
    assert [what.split(":")[0] for what in post.missing] == ["media"]
    lesser = [f"https://video.twimg.com/{name}.mp4" for name in ("640x360/mid", "1280x720/low")]
    assert post.wanted[2].fallbacks == tuple(lesser)


ITSELF = {"urls": [{"url": "https://t.co/self", "expanded_url": f"https://twitter.com/i/web/status/{REF.post_id}"}]}


@pytest.mark.parametrize(
    ("said", "cut"),
    [
        ({"text": "Short words"}, False),
        ({"text": "Short words", "note_tweet": {"id": "x"}}, True),
        ({"text": "Short words", "display_text_range": [0, 11]}, False),
        ({"text": "Short words", "display_text_range": [0, 300]}, True),
        ({"text": "👩🏽‍🌾", "display_text_range": [0, 7]}, False),  # whichever way they count
        ({"text": "Short words", "truncated": True}, True),
        ({"text": "Short words… https://t.co/self", "entities": ITSELF}, True),
        ({"text": "Short words…"}, False),  # so they may have been written
        ({"text": "long " * 60 + "words…"}, True),
    ],
)
def test_a_text_that_goes_on_is_marked(said: dict[str, Any], *, cut: bool) -> None:
    post = answers.read(REF, {Purpose.SYNDICATION: answer({**TWEET, **said})}).post
    assert post is not None
    assert post.cut is cut


@pytest.mark.parametrize("name", ["oembed-recorded-1-200.json", "oembed-recorded-2-200.json"])
def test_recorded_oembed_answers(name: str) -> None:
    path = SHARED / "payloads" / "twitter" / name
    if not path.exists():
        pytest.skip("../shared is not here")
    recorded = json.loads(path.read_text("utf-8"))
    ref = addresses.permalink(recorded["url"])
    assert ref is not None
    reading = answers.read(ref, {Purpose.SYNDICATION: NOT_FOUND, Purpose.OEMBED: answer(recorded)})
    assert reading.post is not None
    assert (reading.post.author, reading.post.handle) == (recorded["author_name"], ref.handle)
    assert len(reading.post.text) > 20


OTHER_ANSWERS: dict[str, tuple[Availability, str | None]] = {
    "twitter-item-response-error.json": (Availability.UNKNOWN_GONE, "rate-limited"),
    "oembed-recorded-3-400.json": (Availability.UNKNOWN_GONE, None),
    "oembed-recorded-4-400.json": (Availability.UNKNOWN_GONE, None),
    "oembed-recorded-5-400.json": (Availability.UNKNOWN_GONE, None),
}


@pytest.mark.parametrize("name", OTHER_ANSWERS)
def test_recorded_refusals(name: str) -> None:
    path = SHARED / "payloads" / "twitter" / name
    if not path.exists():
        pytest.skip("../shared is not here")
    body, availability = path.read_bytes(), OTHER_ANSWERS[name][0]
    status = 400 if "400" in name else 429
    reading = answers.read(REF, {Purpose.SYNDICATION: NOT_FOUND, Purpose.OEMBED: answer(body, status)})
    assert (reading.availability, reading.post) == (availability, None)
    assert next((failure.reason for failure in reading.failures), None) == OTHER_ANSWERS[name][1]
    alone = answers.read(REF, {Purpose.SYNDICATION: answer(body)})
    expected = Availability.RATE_LIMITED if "error" in name else Availability.ENDPOINT_ERROR
    assert alone.availability is expected


def test_a_recorded_answer_with_line_ends_and_entities() -> None:
    path = SHARED / "payloads" / "twitter" / "twitter-item-response-success.json"
    if not path.exists():
        pytest.skip("../shared is not here")
    ref = PostRef("twitter", "1968558229253931230")
    reading = answers.read(ref, {Purpose.SYNDICATION: NOT_FOUND, Purpose.OEMBED: answer(path.read_bytes())})
    assert reading.post is not None
    assert reading.post.text.startswith("Youths!\n\nWebb observed galaxy cluster El Gordo")
    assert "bending & distorting" in reading.post.text
    assert (reading.post.handle, reading.post.lang) == ("vpotti", "en")
    assert reading.post.posted == datetime(2025, 9, 18, tzinfo=UTC)
    assert reading.post.precision is Precision.DAY
