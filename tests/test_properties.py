"""What holds for every input: Hypothesis makes pages, collections and junk, and the finder is asked through its public surface.

Any bytes under any name give embeds or a SourceError. Finds lie within the file. What surrounds an embed, how the lines end, which
encoding or container it is saved in: none of it changes what is found. The examples are the same in each run.
"""

from __future__ import annotations

import base64
import gzip
import io
import os
import quopri
import random
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import archiver
from archiver.errors import SourceError
from archiver.lines import find_line
from archiver.model import Embed

TIMES = int(os.environ.get("EXAMPLES_TIMES", "1"))


def bounded(examples: int) -> settings:
    """The same examples each time, so that what passes here passes everywhere; a falsifying one is printed.

    EXAMPLES_TIMES=50 in the environment looks for new ones, 50 times as many.
    """
    return settings(
        max_examples=examples * TIMES,
        derandomize=TIMES == 1,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow],
    )


# Pieces ------------------------------------------------------------------------------------------------------------------

ID = "1290000000000000017"
TWEET = f"https://twitter.com/brook_vale/status/{ID}"
# Code → the platform and id that it shows, wherever it stands in an article.
CODES = {
    f'<blockquote class="twitter-tweet"><p>Nine days.</p>&mdash; Brook Vale (@brook_vale) <a href="{TWEET}">August 2, 2020</a></blockquote>': ("twitter", ID),
    f'<twitter-widget data-tweet-id="{ID}"></twitter-widget>': ("twitter", ID),
    f'<amp-twitter width="1" height="1" layout="responsive" data-tweetid="{ID}"></amp-twitter>': ("twitter", ID),
    '<iframe width="560" src="https://www.youtube.com/embed/qWn-3kLp_Z0?rel=0&amp;start=12" allowfullscreen></iframe>': ("youtube", "qWn-3kLp_Z0"),
    '<iframe data-lazy-src="https://player.vimeo.com/video/123456789"></iframe>': ("vimeo", "123456789"),
    '<blockquote class="instagram-media" data-instgrm-permalink="https://www.instagram.com/p/CDexample01/?utm_source=x" data-instgrm-version="12"><div></div></blockquote>': ("instagram", "CDexample01"),
    '<blockquote class="tiktok-embed" cite="https://www.tiktok.com/@quay.cook/video/7012345678901234567" data-video-id="7012345678901234567"><section></section></blockquote>': ("tiktok", "7012345678901234567"),
    '<script async src="https://telegram.org/js/telegram-widget.js?22" data-telegram-post="quaynews/123" data-width="100%"></script>': ("telegram", "quaynews/123"),
    f"<div data-html='&lt;blockquote class=&quot;twitter-tweet&quot;&gt;&lt;a href=&quot;{TWEET}&quot;&gt;x&lt;/a&gt;&lt;/blockquote&gt;'></div>": ("twitter", ID),
    f'<noscript><iframe src="https://platform.twitter.com/embed/Tweet.html?id={ID}"></iframe></noscript>': ("twitter", ID),
}  # fmt: skip

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<>&[]{}@\\`*_#:/"), max_size=20)
SPACE = st.text(" \n\t\r", max_size=3)
ADDRESSES = st.sampled_from(
    [
        TWEET, "https://t.co/aBcDeF1234", "//x.com/i/status/1", "https://www.instagram.com/p/CDexample01/", "at://did:plc:abc/app.bsky.feed.post/3k",
        "https://kettles.example/@quay_cook/112345678901234567", "https://youtu.be/qWn-3kLp_Z0?t=1", "https:\\/\\/twitter.com\\/a\\/status\\/9",
        "https%3A%2F%2Ftwitter.com%2Fa%2Fstatus%2F99", "https://[", "http://", "//", "https://web.archive.org/web/2020/https://twitter.com/a/status/9",
        "javascript:0", "data:text/html,<p>", "https://vk.com/wall-1_2", "https://t.me/a/1", "https://www.facebook.com/a/posts/1", "\x00", "%zz", "&#55296;",
    ]
)  # fmt: skip
TAGS = "a p div span blockquote iframe script style template textarea noscript svg math table td amp-twitter twitter-widget lite-youtube figure object param select title plaintext xmp b".split()
ATTRIBUTES = "class src href data-src srcdoc data-html data-url cite data-tweet-id data-json value content title type id data-oembed-url data-props".split()
VALUES = 'twitter-tweet instagram-media application/json application/ld+json embed {} [] {"html":"&lt;iframe&gt;"} tiktok-embed fb-post __NEXT_DATA__'.split()
SCRAPS = [
    "<!--", "-->", "<![CDATA[", "]]>", "<!doctype html>", "&mdash; A (@a) August 2, 2020", "— Б (@b) 2 августа 2020 г.", "&amp;amp;", "&#x1F600;", "&#0;",
    '<script type="application/json">{"a":["', "\\u003cblockquote class=\\\"twitter-tweet\\\"\\u003e", '"]}</script>', "window.__STATE__=", "JSON.parse('{", "twttr.widgets.createTweet('1290000000000000017'",
    "{{< tweet user=\"a\" id=\"9\" >}}", "[embed]", "[/embed]", "{% twitter ", "%}", "![](", "](", "**Embed:**", "### ", "> ", "\n\n", "\r", "```", "~~~", "---\n", "title: x", "    ", "\t", "|",
    "</", "<", ">", "'", '"', "=", "{", "}", "[", "]", "\ufeff", "\u2028", "\u202e", "\x0c", "\x00", "1e999", "NaN", "9" * 400,
]  # fmt: skip


@st.composite
def element(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(TAGS))
    name = draw(st.sampled_from([name, name.upper(), name.title()]))
    value = st.one_of(ADDRESSES, st.sampled_from(VALUES), WORDS)
    quote = st.sampled_from(['"', "'", ""])
    pairs = draw(st.lists(st.tuples(st.sampled_from(ATTRIBUTES), quote, value), max_size=3))
    attributes = "".join(f" {key}={mark}{held}{mark}" for key, mark, held in pairs)
    return f"<{name}{attributes}{draw(st.sampled_from(['>', '/>', '', '></' + name + '>']))}"


SOUP = st.lists(st.one_of(element(), st.sampled_from(SCRAPS), ADDRESSES, WORDS, st.sampled_from(list(CODES))), max_size=40).map(
    "".join
)


@st.composite
def surroundings(draw: st.DrawFn) -> tuple[str, str]:
    """What may stand before and after an embed in an article, as untidy as pages are, but nothing that would hide it."""
    names = draw(
        st.lists(
            st.sampled_from("div section article main span center figure p DIV Section font td custom-box".split()), max_size=8
        )
    )
    before, after = draw(SPACE), draw(SPACE)
    for name in names:
        attribute = draw(
            st.sampled_from(
                [
                    "",
                    ' class="c1 c2"',
                    " hidden",
                    " data-x='&quot;'",
                    ' style="a:b',
                    " id=a=b",
                    " CLASS=x",
                    ' title="a > b"',
                    " /",
                ]
            )
        )
        attribute += '"' if attribute.endswith("a:b") else ""
        inner = draw(
            st.one_of(
                WORDS,
                st.sampled_from(
                    [
                        "<!-- x -->",
                        "<br>",
                        "&nbsp;",
                        "&bogus;",
                        "&#128512",
                        "<img src=a.jpg>",
                        "<b>",
                        "</i>",
                        "<p>",
                        "<script>var a = '<p>'</script>",
                    ]
                ),
            )
        )
        before = f"{before}{draw(SPACE)}<{name}{attribute}>{inner}"
        after = f"{draw(st.sampled_from([f'</{name}>', f'</{name.upper()} >', '']))}{draw(SPACE)}{after}"
    return before, after


# The surface -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("properties")


def found(path: Path, data: bytes) -> tuple[list[Embed], list[str]]:
    """The embeds in a file of those bytes, and what was told of what could not be read. Any other exception is a fault."""
    path.write_bytes(data)
    told: list[SourceError] = []
    try:
        return archiver.find_embeds(path, problem=told.append), [str(error) for error in told]
    except SourceError as error:
        return [], [*map(str, told), str(error)]


def ids(embeds: list[Embed]) -> list[tuple[str, str | None]]:
    return [(embed.platform, embed.ref.post_id if embed.ref else None) for embed in embeds]


def facts(embeds: list[Embed], *without: str) -> list[dict[str, object]]:
    """All that is said of each embed but the file it is in."""
    lines = [find_line(embed) for embed in embeds]
    return [{name: value for name, value in line.items() if name not in ("article", *without)} for line in lines]


def assert_sound(text: str, embeds: list[Embed]) -> None:
    """Numbered from 1, in the order of the text, each at a place that is there."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert [embed.position for embed in embeds] == list(range(1, len(embeds) + 1))
    places = [(embed.line, embed.column) for embed in embeds]
    assert places == sorted(places)
    for line, column in places:
        assert 1 <= line <= len(lines)
        assert 1 <= column <= len(lines[line - 1]) + 1
    for line_of in map(find_line, embeds):
        assert line_of["platform"]
        assert line_of["form"]


# Any bytes ---------------------------------------------------------------------------------------------------------------

BYTES = st.one_of(
    st.binary(max_size=300),
    SOUP.map(lambda text: text.encode("utf-8", "replace")),
    st.tuples(SOUP, st.sampled_from(["utf-16", "utf-16-le", "koi8-r", "shift_jis"])).map(
        lambda made: made[0].encode(made[1], "replace")
    ),
)


@pytest.mark.parametrize("suffix", [".html", ".md", ".txt", ".mdx", ".mht", ".warc", ".warc.gz", ".wacz"])
@bounded(150)
@given(data=BYTES)
def test_any_bytes_under_any_name(folder: Path, suffix: str, data: bytes) -> None:
    embeds, told = found(folder / f"any{suffix}", data)
    assert not (embeds and told)
    assert all("\n" not in line and len(line) < 1000 for line in told)


@pytest.mark.parametrize("suffix", [".html", ".md"])
@bounded(400)
@given(text=SOUP)
def test_finds_lie_in_the_file_and_are_the_same_each_time(folder: Path, suffix: str, text: str) -> None:
    embeds, told = found(folder / f"soup{suffix}", text.encode("utf-8", "replace"))
    assert_sound(text.replace("\ud800", "?"), embeds)
    assert found(folder / f"soup{suffix}", text.encode("utf-8", "replace")) == (embeds, told)


# An embed in its surroundings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "shows"), CODES.items(), ids=[f"{shows[0]}-{number}" for number, shows in enumerate(CODES.values())]
)
@bounded(60)
@given(around=surroundings(), cases=st.randoms(use_true_random=False))
def test_what_surrounds_an_embed_does_not_hide_it(
    folder: Path, code: str, shows: tuple[str, str], around: tuple[str, str], cases: random.Random
) -> None:
    before, after = around
    page = f"<title>t</title><body>{before}{code}{after}"
    embeds, told = found(folder / "around.html", page.encode())
    assert (ids(embeds), told) == ([shows], [])
    offset = page.index(code)
    lines = page.replace("\r\n", "\n").replace("\r", "\n")[: offset + len(code)].split("\n")
    (embed,) = embeds
    assert embed.line <= len(lines)
    assert lines[embed.line - 1][embed.column - 1] in "<"
    # Tags and attributes in capitals, as old editors write them, say the same.
    shouted = "".join(
        letter.upper() if letter.isascii() and cases.random() < 0.5 else letter for letter in code.split(" ", 1)[0]
    )
    assert ids(found(folder / "around.html", page.replace(code.split(" ", 1)[0], shouted).encode())[0]) == [shows]


# How it was saved --------------------------------------------------------------------------------------------------------

PAGES = st.lists(
    st.one_of(st.sampled_from(list(CODES)), WORDS.map(lambda words: f"<p>{words}</p>"), st.just("\n")), max_size=8
).map(lambda parts: "\n".join(["<!doctype html><title>t</title><body>", *parts, "</body>"]))
MARKDOWN = st.lists(
    st.one_of(
        WORDS.map(lambda words: f"{words}\n"),
        st.just(f"**Embed:**\n\n> Nine days late.\n>\n> — Brook Vale (@brook_vale) [August 2, 2020]({TWEET})\n"),
        st.just(f'{{{{< tweet user="brook_vale" id="{ID}" >}}}}\n'),
        st.just("> Nine days.\n> — Бабушка (@babushka) 2 августа 2020 г.\n"),
        st.just(f"{TWEET}\n"),
    ),
    max_size=6,
).map(lambda parts: "\n" + "\n".join(parts))  # fmt: skip


@pytest.mark.parametrize("suffix", [".html", ".md"])
@bounded(80)
@given(data=st.data())
def test_line_endings_change_nothing(folder: Path, suffix: str, data: st.DataObject) -> None:
    text = data.draw(PAGES if suffix == ".html" else MARKDOWN)
    path = folder / f"ends{suffix}"
    once = found(path, text.encode())
    for ending in ("\r\n", "\r"):
        assert found(path, text.replace("\n", ending).encode()) == once


CODECS = "utf-8 windows-1251 koi8-r iso-8859-2 shift_jis euc-kr big5 gb18030 windows-1252 iso-2022-jp".split()


@pytest.mark.parametrize("codec", CODECS)
@bounded(25)
@given(page=PAGES)
def test_a_declared_encoding_changes_nothing(folder: Path, codec: str, page: str) -> None:
    page = page.replace("<title>", f'<meta charset="{codec}"><title>')
    plain, told = found(folder / "plain.html", page.encode())
    assert told == []
    # What the encoding lacks becomes a reference, as an editor would write it.
    coded = page.encode(codec, "xmlcharrefreplace")
    assert ids(found(folder / "coded.html", coded)[0]) == ids(plain)
    if b"&#" not in coded:
        assert facts(found(folder / "coded.html", coded)[0]) == facts(plain)


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@bounded(25)
@given(page=PAGES)
def test_marks_and_wide_characters_change_nothing(folder: Path, codec: str, page: str) -> None:
    plain = found(folder / "plain.html", page.encode())[0]
    assert facts(found(folder / "wide.html", page.encode(codec))[0]) == facts(plain)


def response(url: str, body: bytes, headers: str = "") -> bytes:
    block = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n{headers}\r\n".encode() + body
    head = f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2020-08-15T10:00:00Z\r\nContent-Type: application/http\r\n"
    return f"{head}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"


def mhtml(page: bytes, coding: str) -> bytes:
    body = base64.encodebytes(page) if coding == "base64" else quopri.encodestring(page)
    return (
        b"From: <Saved by a browser>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=M\r\n\r\n--M\r\n"
        b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: "
        + coding.encode()
        + b"\r\n\r\n"
        + body
        + b"\r\n--M--\r\n"
    )


def zipped(entries: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return file.getvalue()


def chunked(body: bytes, sizes: list[int]) -> bytes:
    pieces, at = [], 0
    for size in [*sizes, len(body)]:
        if piece := body[at : at + size]:
            pieces.append(b"%x;q=1\r\n%s\r\n" % (len(piece), piece))
        at += size
    return b"".join([*pieces, b"0\r\n\r\n"])


A, B = "https://news.example/a", "https://news.example/b"


@bounded(60)
@given(page=PAGES, sizes=st.lists(st.integers(1, 200), max_size=5))
def test_the_container_changes_nothing(folder: Path, page: str, sizes: list[int]) -> None:
    data = page.encode()
    plain = facts(found(folder / "plain.html", data)[0])
    records = {
        "identity": response(A, data),
        "chunked": response(A, chunked(data, sizes), "Transfer-Encoding: chunked\r\n"),
        "gzip": response(A, gzip.compress(data), "Content-Encoding: gzip\r\n"),
        "both": response(A, chunked(zlib.compress(data), sizes), "Content-Encoding: deflate\r\nTransfer-Encoding: chunked\r\n"),
    }
    for name, record in records.items():
        assert facts(found(folder / "one.warc", record)[0]) == plain, name
    members = b"".join(map(gzip.compress, records.values()))
    assert facts(found(folder / "many.warc.gz", members)[0]) == plain  # the same page of the same address, four times
    assert facts(found(folder / "one.wacz", zipped({"archive/data.warc.gz": members}))[0]) == plain
    for coding in ("base64", "quoted-printable"):
        assert facts(found(folder / "one.mht", mhtml(data, coding))[0]) == plain, coding


# Containers that are damaged ---------------------------------------------------------------------------------------------

PAGE = f"<!doctype html><title>t</title><body>\n{next(iter(CODES))}\n</body>".encode()
FIRST = gzip.compress(response(A, PAGE), mtime=0)
WHOLE = {
    ".warc": response(A, PAGE) + response(B, PAGE),
    ".warc.gz": FIRST + gzip.compress(response(B, PAGE), mtime=0),
    ".wacz": zipped({"archive/data.warc.gz": FIRST, "datapackage.json": b"{}"}),
    ".mht": mhtml(PAGE, "quoted-printable"),
    ".html": PAGE,
}
DAMAGE = st.lists(
    st.tuples(st.integers(0, 2000), st.integers(0, 40), st.one_of(st.binary(max_size=8), st.sampled_from([b"\r\n", b"\r\n\r\n", b"\x00", b"-1", b"9" * 30, b"<!--"]))),
    min_size=1,
    max_size=4,
)  # fmt: skip


@pytest.mark.parametrize("suffix", WHOLE)
@bounded(300)
@given(damage=DAMAGE)
def test_damage_ends_in_finds_or_an_error(folder: Path, suffix: str, damage: list[tuple[int, int, bytes]]) -> None:
    data = WHOLE[suffix]
    for at, length, instead in damage:
        at %= len(data) + 1
        data = data[:at] + instead + data[at + length :]
    embeds, _ = found(folder / f"damaged{suffix}", data)
    # A damaged file may lose an embed. It may not show a post that is not in it.
    assert all(embed.ref is None or embed.ref.post_id.encode() in data or suffix not in (".html", ".warc") for embed in embeds)
