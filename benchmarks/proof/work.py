"""Work for `save`: articles with posts, and a stand-in web that answers for them, all made up here and new in each run."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archiver.platforms.twitter.ids import syndication_token

FIRST_POST = datetime(2021, 3, 1, 9, 0, tzinfo=UTC)
MEMORY = Path("/dev/shm")  # noqa: S108 # files in memory, by that name on every Linux
ID_EPOCH_MS = 1288834974657  # of the platform's ids: docs of Snowflake
WORDS = "the gate stands open and the shift counts itself anew while rain falls on banners that nobody carried".split()


@dataclass(frozen=True, slots=True)
class Work:
    """An article, the stand-ins for what it embeds, and how many posts that is."""

    article: Path
    web: Path
    posts: int


def make(folder: Path, number: int, posts: int = 2, photo_bytes: int = 20_000) -> Work:
    """The article of that number, unlike every other one: `posts` embedded posts, each with a photo of about that size."""
    chance = random.Random(number)  # noqa: S311 # the same work each time
    web = folder / f"web-{number}"
    web.mkdir(parents=True)
    quotes = [_post(web, number * 100 + at, chance, photo_bytes) for at in range(posts)]
    page = (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Made-up story {number}</title></head><body>'
        f"<h1>Made-up story {number}</h1>{''.join(quotes)}</body></html>"
    )
    article = folder / f"story-{number}.html"
    article.write_text(page, "utf-8")
    return Work(article, web, posts)


def save(archive: Path, *works: Work) -> list[str | Path]:
    """The arguments of a `save` of those works."""
    arguments: list[str | Path] = ["save", "--offline", "--json", "--archive", archive]
    for one in works:
        arguments += ["--fixtures", one.web]
    return [*arguments, *(one.article for one in works)]


def _post(web: Path, number: int, chance: random.Random, photo_bytes: int) -> str:
    """Stand-ins for one post; the quotation that embeds it."""
    moment = FIRST_POST + timedelta(minutes=number)
    post_id = str(int(moment.timestamp() * 1000) - ID_EPOCH_MS << 22)
    handle, words = f"standin{number}", " ".join(chance.choice(WORDS) for _ in range(12))
    address, photo = f"https://twitter.com/{handle}/status/{post_id}", f"https://pbs.twimg.com/media/Stand{number}In"
    tweet = {
        "__typename": "Tweet",
        "lang": "en",
        "created_at": f"{moment:%Y-%m-%dT%H:%M:%S}.000Z",
        "id_str": post_id,
        "text": words,
        "user": {"id_str": str(4 * 10**18 + number), "name": f"Stand-in {number}", "screen_name": handle},
        "mediaDetails": [{"type": "photo", "media_url_https": f"{photo}.jpg", "expanded_url": f"{address}/photo/1"}],
    }
    quote = (
        f'<blockquote class="twitter-tweet"><p lang="en">{words}</p>&mdash; Stand-in {number} (@{handle}) '
        f'<a href="{address}">{moment:%B} {moment.day}, {moment.year}</a></blockquote>'
    )
    oembed = {"url": address, "author_name": f"Stand-in {number}", "html": quote, "type": "rich"}
    asked = f"https%3A%2F%2Ftwitter.com%2Fi%2Fstatus%2F{post_id}"
    token = syndication_token(post_id)
    as_json = "application/json; charset=utf-8"
    pixels = b"\xff\xd8\xff\xe0" + chance.randbytes(chance.randrange(photo_bytes // 2, photo_bytes * 3 // 2))
    for name, url, kind, body in (
        (
            "tweet",
            f"https://cdn.syndication.twimg.com/tweet-result?id={post_id}&token={token}",
            as_json,
            json.dumps(tweet).encode(),
        ),
        ("oembed", f"https://publish.x.com/oembed?url={asked}&omit_script=1&dnt=1", as_json, json.dumps(oembed).encode()),
        ("orig", f"{photo}?format=jpg&name=orig", "image/jpeg", pixels),
        ("shown", f"{photo}.jpg", "image/jpeg", pixels[: len(pixels) // 2]),
    ):
        head = f"GET {url}\n\nHTTP/1.1 200 OK\nContent-Type: {kind}\n\n".encode()
        (web / f"{name}-{number}.http").write_bytes(head + body)
    return quote
