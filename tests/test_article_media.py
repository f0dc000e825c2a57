"""What an article's own body shows is kept too: which images and videos those are, and what is said of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archiver.articles import read
from archiver.articles.media import media
from tests.conftest import HTML_ARTICLE, Cli, stand_in
from tests.test_save import rows

PAGE = """<!DOCTYPE html><html><head><title>Made up</title><meta property="og:url" content="https://news.example/2020/story"></head><body>
<header><img src="/logo.svg" alt="logo"></header>
<nav><img src="/menu.png"></nav>
<main>
 <article class="story">
  <header><figure><picture><source srcset="/lead-small.webp 400w, /lead-large.webp 1600w"><img src="/lead.jpg" alt="A yard"></picture>
   <figcaption>A yard with invented people. <span class="photo-credit">Photo: Nobody in Particular / Stand-in Desk</span></figcaption></figure></header>
  <p>{long}</p>
  <img class="author-avatar" src="/people/writer.jpg">
  <p><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" data-src="//cdn.example/inline.png?w=800" alt="Inline"> {long}</p>
  <figure><video poster="stills/clip.jpg"><source src="clips/clip.mp4" type="video/mp4"></video><figcaption>A clip. Video: Made Up</figcaption></figure>
  <p><img src="/pixel.gif" width="1" height="1"> {long}</p>
  <blockquote class="twitter-tweet"><p>words <img src="https://pbs.twimg.com/media/EfYOg6PVUABAARq.jpg"></p></blockquote>
  <aside><img src="/related.jpg"></aside>
  <div class="share-buttons"><img src="/share.png"></div>
  <article class="teaser"><img src="/other-story.jpg"><p>Another story.</p></article>
 </article>
</main>
<footer><img src="/footer.png"></footer></body></html>""".replace(
    "{long}", "A sentence that is long enough to be a paragraph of the story. " * 4
)


def articles(path: Path) -> list[tuple[str, str, str | None, str | None, str | None]]:
    (article,) = read(str(path), 1_000_000, None)
    return [(one.kind, one.url, one.alt, one.caption, one.credit) for one in media(article, "https://news.example/2020/story")]


def test_the_body_of_a_page_by_its_structure(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGE, "utf-8")
    assert articles(path) == [
        ("image", "https://news.example/lead-large.webp", "A yard", "A yard with invented people.", "Nobody in Particular / Stand-in Desk"),
        ("image", "https://cdn.example/inline.png?w=800", "Inline", None, None),
        ("poster", "https://news.example/2020/stills/clip.jpg", None, "A clip.", "Made Up"),
        ("video", "https://news.example/2020/clips/clip.mp4", None, "A clip.", "Made Up"),
    ]  # fmt: skip


def test_images_of_markdown(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(
        "# Made up\n\n![A yard](https://cdn.example/a.jpg 'A yard. Photo: Nobody')\n\n![](../b.png)\n*Behind the works*\n\n"
        "```\n![no](https://cdn.example/code.png)\n```\n\n![again](https://cdn.example/a.jpg)\n",
        "utf-8",
    )
    assert articles(path) == [
        ("image", "https://cdn.example/a.jpg", "A yard", "A yard.", "Nobody"),
        ("image", "https://news.example/b.png", None, "Behind the works", None),
    ]


@pytest.fixture
def page(web: Path, tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    embed = re.search(r"<blockquote.*?</blockquote>", HTML_ARTICLE.read_text("utf-8"), re.DOTALL)
    assert embed is not None
    path.write_text(re.sub(r"<blockquote.*?</blockquote>", lambda _: embed[0], PAGE, flags=re.DOTALL), "utf-8")
    for url in ("https://news.example/lead-large.webp", "https://cdn.example/inline.png?w=800"):
        stand_in(web, url, "200 OK", {"Content-Type": "image/png"}, "not really a picture")
    stand_in(web, "https://news.example/2020/clips/clip.mp4", "404 Not Found", {})
    return path


def test_they_are_kept_and_what_is_lacking_fails_no_embed(cli: Cli, archive: Path, web: Path, page: Path) -> None:
    arguments = ("save", "--json", "--offline", "--archive", archive, "--fixtures", web, page)
    result = cli(*arguments)
    assert (result.status, [line["state"] for line in result.lines]) == (0, ["saved"])
    assert "2 of the 4 images and videos that the article itself shows could not be had" in result.err
    found = rows(archive, "SELECT kind, url, capture IS NOT NULL, reason FROM article_media ORDER BY position")
    assert [(kind, kept) for kind, _, kept, _ in found] == [("image", 1), ("image", 1), ("poster", 0), ("video", 0)]
    assert found[2][3].startswith("no-stand-in")
    assert found[3][3] == "404"
    stand_in(web, "https://news.example/2020/clips/clip.mp4", "200 OK", {"Content-Type": "video/mp4"}, "moving")
    before = rows(archive, "SELECT count(*) FROM captures")[0][0]
    cli(*arguments)
    assert rows(archive, "SELECT count(*) FROM captures") == [(before + 1,)]
    assert rows(archive, "SELECT kind FROM article_media WHERE capture IS NULL") == [("poster",)]


def test_they_can_be_left(cli: Cli, archive: Path, web: Path, page: Path) -> None:
    result = cli("save", "--no-article-media", "--offline", "--archive", archive, "--fixtures", web, page)
    assert (result.status, result.err) == (0, "")
    assert rows(archive, "SELECT * FROM article_media") == []
