"""Embeds of made-up posts among posts that look like them, and a made-up web that answers for all of them.

Every case is an article that shows one post. `truth` is that post's id; None where the web does not hold what would show which
post it is, so that any identity is a wrong one. All words are put together here from our own.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import httpx

from archiver.platforms.twitter import ids

DAY = datetime(2020, 8, 14, 12, tzinfo=UTC)
SEED = 20201122

_WHO = ("the stand-in miners", "the paper drivers", "four invented nurses", "the night shift", "the chorus of the made-up opera",
        "our example's students", "the harbour pilots", "several imagined teachers", "the lamp makers", "the tram crews")  # fmt: skip
_DID = ("stopped work", "walked out of the gate", "handed in a letter", "sang in the yard", "closed the road", "held up a banner",
        "sat down before the office", "asked for a recount", "rang every bell", "waited in silence")  # fmt: skip
_WHERE = ("at the second sluice", "behind the glass works", "in front of the tin palace", "beside the old weighbridge",
          "at the northern depot", "under the clock of the exchange", "on the long quay", "by the salt store")  # fmt: skip
_SAID = ("and nobody had told them to", "and the director would not come down", "while the loudspeakers played a waltz",
         "and a dog slept through all of it", "before the rain had stopped", "until somebody brought tea",
         "and the count began again from one", "because the first list had been lost")  # fmt: skip
_RUSSIAN = ("Придуманные рабочие", "Выдуманные врачи", "Наши примерные студенты", "Бумажные водители")
_RUSSIAN_DID = (
    "вышли за ворота и пели до самого вечера",
    "написали письмо и сосчитали всех заново",
    "стояли молча у старых весов",
)
_ARABIC = (
    "عمال من وحي الخيال وقفوا أمام البوابة القديمة وطلبوا إعادة العد من البداية",
    "طلاب هذا المثال غنوا في الساحة حتى المساء ثم عادوا إلى بيوتهم",
)


@dataclass(frozen=True)
class Tweet:
    """A made-up post. `copies`: how the web archive holds it (`read`, `unread`, or not at all)."""

    id: str
    handle: str
    author_id: str
    text: str
    copies: str = "read"
    live: bool = True
    code: str | None = None
    media: str | None = None
    owner: str = ""  # the post that owns the media, where it is another
    live_handle: str | None = None
    parent: Tweet | None = None
    reposts: Tweet | None = None
    link: str | None = None  # the code of a link within its words
    says: datetime | None = None  # when a copy says that it was made, where that is not what its id says
    shows: Tweet | None = None  # what its copies show in its place

    def data(self, handle: str) -> dict[str, object]:
        shown = (
            self.text
            + (f" https://t.co/{self.link}" if self.link else "")
            + (f" https://t.co/{self.code}" if self.code else "")
        )
        urls = (
            [{"url": f"https://t.co/{self.link}", "expanded_url": f"https://made-up.example/{self.link}"}] if self.link else []
        )
        media = []
        if self.media:
            owner = self.owner or f"{self.handle}/status/{self.id}"
            media = [
                {
                    "type": "photo",
                    "media_url_https": f"https://pbs.twimg.com/media/{self.media}.jpg",
                    "url": f"https://t.co/{self.code}",
                    "display_url": f"pic.twitter.com/{self.code}",
                    "expanded_url": f"https://twitter.com/{owner}/photo/1",
                }
            ]
        told: dict[str, object] = {
            "__typename": "Tweet",
            "id_str": self.id,
            "text": shown,
            "lang": "en",
            "created_at": f"{self.says or ids.snowflake_time(int(self.id)):%a %b %d %H:%M:%S +0000 %Y}",
            "user": {"id_str": self.author_id, "screen_name": handle, "name": f"Stand-in {self.author_id}"},
            "entities": {"hashtags": [], "urls": urls, "user_mentions": [], "media": media},
            "mediaDetails": media,
        }
        if self.parent is not None:
            told |= {"parent": self.parent.data(self.parent.handle), "in_reply_to_status_id_str": self.parent.id}
        if self.reposts is not None:
            told |= {"retweeted_status": self.reposts.data(self.reposts.handle)}
        return told


@dataclass(frozen=True)
class Case:
    """One article with one embed, and which post that is."""

    name: str
    kind: str
    article: str
    truth: str | None


@dataclass
class World:
    """All cases, and all that the made-up web knows."""

    cases: list[Case] = field(default_factory=list)
    tweets: dict[str, Tweet] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)  # live short links
    archived_links: dict[str, str] = field(default_factory=dict)
    sent_on: set[str] = field(default_factory=set)  # archived short links in whose place the archive gives one of another case

    def write(self, folder: Path) -> None:
        """Each article as a file of its own, named by its case."""
        folder.mkdir(parents=True, exist_ok=True)
        for case in self.cases:
            (folder / case.name).write_text(case.article, "utf-8")


class Web(httpx.BaseTransport):
    """Answers as the platform and the web archive would. What it does not know is 404."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_handle: dict[str, list[Tweet]] = {}
        for one in world.tweets.values():
            if one.copies:
                self._by_handle.setdefault(one.handle.lower(), []).append(one)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        parts = urlsplit(url)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.netloc == "t.co":
            target = self._world.links.get(parts.path[1:])
            return _answer(301, {"Location": target}) if target else _answer(404)
        if parts.netloc == "cdn.syndication.twimg.com":
            one = self._world.tweets.get(asked["id"])
            return _json(one.data(one.live_handle or one.handle)) if one and one.live else _answer(404)
        if parts.path == "/cdx/search/cdx":
            return _json(list(self._index(asked["url"])))
        copied = re.fullmatch(r"/web/([0-9]{14})id_/(https?://.*)", unquote(parts.path))
        if parts.netloc == "web.archive.org" and copied:
            return self._copy(copied[2])
        return _answer(404)

    def _index(self, asked: str) -> Iterator[list[str]]:
        yield ["timestamp", "original", "mimetype", "statuscode", "digest", "length"]
        if asked.startswith("t.co/"):
            for code in self._world.archived_links:
                if code.lower() == asked[5:].lower():  # the archive's keys fold case
                    yield ["20200901000000", f"https://t.co/{code}", "text/html", "301", "-", "300"]
        beginning = asked.removesuffix("*").lower()
        if not beginning.startswith("twitter.com/") or beginning.startswith("twitter.com/i/"):
            return
        for one in self._by_handle.get(beginning.split("/")[1], ()):
            address = f"twitter.com/{one.handle}/status/{one.id}"
            if address.lower().startswith(beginning):
                kind = "application/json" if one.copies == "read" else "text/html"
                yield ["20200815101010", f"https://{address}", kind, "200", "-", "900"]
                yield ["20200815101011", f'https://{address[: -len(one.id)]}"{one.id}"', kind, "200", "-", "900"]
                yield ["20200815101012", f"https://{address[:-6]}https://pbs", kind, "200", "-", "900"]

    def _copy(self, original: str) -> httpx.Response:
        head = {"Memento-Datetime": "Sat, 15 Aug 2020 10:10:10 GMT"}
        code = original.removeprefix("https://t.co/")
        if code in self._world.sent_on:  # to what its keys take for the same
            at = f"https://web.archive.org/web/20200901000001id_/https://t.co/{code.swapcase()}"
            return _answer(302, {"Location": at})
        if code in self._world.archived_links:
            at = f"https://web.archive.org/web/20200901000000id_/{self._world.archived_links[code]}"
            return _answer(301, {**head, "Location": at})
        one = self._world.tweets.get(original.rpartition("/")[2])
        if one is None or not one.copies:
            return _answer(404)
        if one.copies == "unread":
            return _answer(200, {**head, "Content-Type": "text/html"}, '<div id="react-root"></div>')
        one = one.shows or one
        return _json(one.data(one.handle), head)


def _answer(status: int, headers: dict[str, str] | None = None, body: str = "") -> httpx.Response:
    return httpx.Response(status, headers=headers or {}, stream=httpx.ByteStream(body.encode()))


def _json(value: object, headers: dict[str, str] | None = None) -> httpx.Response:
    return _answer(200, {"Content-Type": "application/json", **(headers or {})}, json.dumps(value))


class _Maker:
    """Makes posts and cases; the same every time."""

    def __init__(self) -> None:
        self.random = random.Random(SEED)
        self.world = World()
        self._count = 0

    def account(self) -> tuple[str, str]:
        self._count += 1
        return f"standin_{self._count:04}", str(4_200_000_000_000_000_000 + self._count)

    def moment(self, hours: float = 0) -> datetime:
        return DAY + timedelta(hours=hours, seconds=self.random.randrange(0, 1800))

    def id_at(self, moment: datetime) -> str:
        return str(ids.snowflake_at(moment) | self.random.randrange(1, 1 << 22))

    def media_at(self, moment: datetime) -> str:
        import base64

        number = ids.snowflake_at(moment) | self.random.randrange(1, 1 << 22)
        name = base64.urlsafe_b64encode(number.to_bytes(8, "big") + bytes(3)).decode()[:11]
        return name + "".join(self.random.choice("ABCDEFGHJKMNPQRS") for _ in range(4))

    def code(self) -> str:
        return "".join(self.random.choice("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789") for _ in range(10))

    def words(self) -> str:
        pick = self.random.choice
        if self.random.random() < 0.1:
            return f"{pick(_RUSSIAN)} {pick(_RUSSIAN_DID)}, и было их {self.random.randrange(20, 900)} человек."
        if self.random.random() < 0.05:
            return f"{pick(_ARABIC)} {self.random.randrange(20, 900)}"
        first = (
            f"{pick(_WHO).capitalize()} {pick(_DID)} {pick(_WHERE)}, {self.random.randrange(20, 900)} of them, {pick(_SAID)}."
        )
        return first + (f" {pick(_WHO).capitalize()} {pick(_DID)} too, {pick(_SAID)}." if self.random.random() < 0.5 else "")

    def tweet(self, handle: str, author: str, text: str | None = None, hours: float | None = None, **more: object) -> Tweet:
        hours = self.random.uniform(-10, 9) if hours is None else hours
        one = Tweet(self.id_at(self.moment(hours)), handle, author, text or self.words(), **more)  # type: ignore[arg-type]
        self.world.tweets[one.id] = one
        return one

    def others(self, handle: str, author: str, most: int = 4) -> None:
        """What the account wrote besides, that day."""
        for _ in range(self.random.randrange(1, most + 1)):
            self.tweet(handle, author)

    def case(
        self,
        kind: str,
        handle: str,
        text: str,
        truth: str | None,
        *,
        day: datetime = DAY,
        links: str = "",
        permalink: str = "#",
    ) -> None:
        name = f"{kind.replace(' ', '-').replace(',', '')}-{len(self.world.cases):04}"
        if permalink != "#":
            quote = f'<p lang="en">{text}</p>&mdash; Stand-in (@{handle}) <a href="{permalink}">{day:%B %-d, %Y}</a>'
            page = f'<html><body><article><h1>Made up</h1><blockquote class="twitter-tweet">{quote}</blockquote></article></body></html>'
            self.world.cases.append(Case(name + ".html", kind, page, truth))
            return
        page = f"# Made up\n\nBefore it.\n\n**Embed:**\n\n{text} {links}\n\n— Stand-in (@{handle}) [{day:%B %-d, %Y}](#)\n\nBehind it.\n"
        self.world.cases.append(Case(name + ".md", kind, page, truth))


Kind = Callable[[_Maker], None]


def _pic(code: str) -> str:
    return f"[pic.twitter.com/{code}](https://pic.twitter.com/{code})"


def _owned(one: Tweet) -> str:
    return f"https://twitter.com/{one.handle}/status/{one.id}/photo/1"


# Which can be told ----------------------------------------------------------------------------------------------------


def permalink(make: _Maker) -> None:
    handle, author = make.account()
    one = make.tweet(handle, author)
    make.others(handle, author)
    make.case("permalink", handle, one.text, one.id, permalink=f"https://twitter.com/{handle}/status/{one.id}?ref_src=twsrc")


def permalink_of_a_renamed_account(make: _Maker) -> None:
    handle, author = make.account()
    one = make.tweet(handle, author, live_handle=handle + "_now")
    make.case("permalink, renamed account", handle, one.text, one.id, permalink=f"https://twitter.com/{handle}/status/{one.id}")


def permalink_with_edited_words(make: _Maker) -> None:
    handle, author = make.account()
    one = make.tweet(handle, author)
    make.tweet(handle, author, _near(make, one.text))
    link = f"https://twitter.com/{handle}/status/{one.id}"
    make.case("permalink, edited quote", handle, _near(make, one.text), one.id, permalink=link)


def short_link(make: _Maker) -> None:
    handle, author = make.account()
    one = make.tweet(
        handle, author, code=make.code(), media=make.media_at(DAY - timedelta(hours=12)), live=make.random.random() < 0.7
    )
    make.others(handle, author)
    make.world.links[one.code or ""] = _owned(one)
    make.case("short link", handle, one.text, one.id, links=_pic(one.code or ""))


def archived_short_link(make: _Maker) -> None:
    handle, author = make.account()
    one = make.tweet(
        handle, author, code=make.code(), media=make.media_at(DAY - timedelta(hours=12)), live=make.random.random() < 0.5
    )
    other = make.tweet(handle, author, code=(one.code or "").swapcase(), media=make.media_at(DAY - timedelta(hours=12)))
    make.world.archived_links |= {one.code or "": _owned(one), other.code or "": _owned(other)}
    make.case("short link, dead, archived", handle, one.text, one.id, links=_pic(one.code or ""))


def words_and_day(make: _Maker) -> None:
    handle, author = make.account()
    one = make.tweet(handle, author, live=make.random.random() < 0.5)
    make.others(handle, author, 6)
    make.case("author, day, words", handle, one.text, one.id)


def words_among_near_copies(make: _Maker) -> None:
    handle, author = make.account()
    one = make.tweet(handle, author)
    for _ in range(3):
        make.tweet(handle, author, _near(make, one.text))
    make.case("author, day, words, near-copies beside it", handle, one.text, one.id)


def words_as_publishers_print_them(make: _Maker) -> None:
    handle, author = make.account()
    one = make.tweet(handle, author, 'They said: "count us again" - and then it\'s done... ' + make.words())
    make.others(handle, author)
    shown = (
        one.text.replace('"', "“", 1)
        .replace('"', "”", 1)
        .replace("'", "’")
        .replace("...", "…")
        .replace(" - ", " – ")
        .replace(" ", "  ", 2)
    )
    make.case("author, day, words, other typography", handle, shown, one.id)


def truncated_and_long(make: _Maker) -> None:
    handle, author = make.account()
    one = make.tweet(handle, author, " ".join(make.words() for _ in range(2)) + " " + make.words())
    make.others(handle, author)
    make.case("truncated quote, long", handle, one.text[: int(len(one.text) * 0.8)].rpartition(" ")[0] + "…", one.id)


def neighbour(make: _Maker) -> None:
    handle, author = make.account()
    one = make.tweet(handle, author, hours=1, copies="")
    make.tweet(handle, author, hours=2, parent=one)
    make.case("neighbour's page", handle, one.text, one.id)


def same_media(make: _Maker) -> None:
    handle, author = make.account()
    name = make.media_at(make.moment(1))
    one = make.tweet(handle, author, "Yes.", hours=2, media=name, code=make.code())
    make.tweet(handle, author, "Yes.", hours=3)
    make.case(
        "few words, and the post's own photo", handle, "Yes.", one.id, links=f"![](https://pbs.twimg.com/media/{name}.jpg)"
    )


def renamed_since(make: _Maker) -> None:
    handle, author = make.account()
    one = make.tweet(handle, author, live_handle=handle + "_now")
    make.others(handle, author)
    make.case("author, day, words, renamed since", handle, one.text, one.id)


def evening_elsewhere(make: _Maker) -> None:
    handle, author = make.account()
    one = make.tweet(handle, author, make.words() + " " + make.words() + " " + make.words(), hours=16)
    make.others(handle, author)
    make.case("author, day, words, another day in UTC", handle, one.text, one.id)


def permalink_under_another_handle(make: _Maker) -> None:
    handle, author = make.account()
    one = make.tweet(handle, author)
    make.case(
        "permalink, another handle in it", handle, one.text, one.id, permalink=f"https://twitter.com/whoever/status/{one.id}"
    )


def permalink_of_a_translation(make: _Maker) -> None:
    handle, author = make.account()
    one = make.tweet(handle, author, f"{_RUSSIAN[0]} {_RUSSIAN_DID[0]}, и было их 40 человек.")
    words = "Invented workers went out of the gate and sang until the evening, forty of them."
    make.case("permalink, translation", handle, words, one.id, permalink=f"https://twitter.com/{handle}/status/{one.id}")


def permalink_lost_a_link_in_the_words(make: _Maker) -> None:
    handle, author = make.account()
    other = make.tweet(*make.account(), live=make.random.random() < 0.5)
    other = other if make.random.random() < 0.5 else make.tweet(handle, author, hours=-5, live=make.random.random() < 0.5)
    one = make.tweet(handle, author, hours=3)
    link = f"https://twitter.com/{other.handle}/status/{other.id}"
    words = f'{one.text} <a href="{link}">{link[8:30]}…</a>'
    signed = f"&mdash; Stand-in (@{handle}) {DAY:%B %-d, %Y}"
    page = f'<html><body><h1>Made up</h1><blockquote class="twitter-tweet"><p>{words}</p>{signed}</blockquote></body></html>'
    kind = "permalink lost, a link in the words"
    make.world.cases.append(Case(f"link-in-the-words-{len(make.world.cases):04}.html", kind, page, one.id))


def short_link_of_a_renamed_account(make: _Maker) -> None:
    handle, author = make.account()
    one = make.tweet(
        handle, author, code=make.code(), media=make.media_at(DAY - timedelta(hours=12)), live_handle=handle + "_now"
    )
    make.world.links[one.code or ""] = _owned(one)
    make.case("short link, renamed account", handle, one.text, one.id, links=_pic(one.code or ""))


def own_media_again_and_archived(make: _Maker) -> None:
    """The first post is gone, and the one that the article shows is archived."""
    handle, author = make.account()
    media = make.media_at(DAY - timedelta(hours=4))
    owner = make.tweet(handle, author, hours=-3, code=make.code(), media=media, copies="", live=False)
    code = make.code() if make.random.random() < 0.5 else owner.code or ""  # pasted, it stays the same
    one = make.tweet(handle, author, hours=3, code=code, media=media, owner=f"{handle}/status/{owner.id}")
    make.world.links[code] = _owned(owner)
    make.case("media reused by the same account, that post archived", handle, one.text, one.id, links=_pic(code))


def edited_quote_with_its_link(make: _Maker) -> None:
    handle, author = make.account()
    one = make.tweet(handle, author, code=make.code(), media=make.media_at(DAY - timedelta(hours=12)))
    make.tweet(handle, author, _near(make, one.text), code=make.code(), media=make.media_at(DAY - timedelta(hours=12)))
    make.others(handle, author)
    make.case(
        "edited quote, dead short link that its copy carries", handle, _near(make, one.text), one.id, links=_pic(one.code or "")
    )


# Which cannot ---------------------------------------------------------------------------------------------------------


_FILLERS = ("not", "hardly", "только", "again")


def _near(make: _Maker, text: str) -> str:
    """The same but for a number or a word."""
    number = re.search(r"\d+", text)
    if number and make.random.random() < 0.5:
        return text.replace(number[0], str(int(number[0]) + make.random.randrange(1, 9)), 1)
    words = text.split()
    at = make.random.choice([number for number, word in enumerate(words) if word not in _FILLERS])
    return " ".join([*words[:at], make.random.choice(_FILLERS), *words[at + 1 :]])


def near_copy_alone(make: _Maker) -> None:
    handle, author = make.account()
    text = make.words()
    make.tweet(handle, author, text, copies="", live=False)
    make.tweet(handle, author, _near(make, text))
    make.others(handle, author)
    make.case("near-copy alone is archived", handle, text, None)


def posted_twice(make: _Maker) -> None:
    handle, author = make.account()
    text = make.words()
    make.tweet(handle, author, text, hours=1, live=False)
    make.tweet(handle, author, text, hours=1.5)
    make.case("posted twice, both archived", handle, text, None)


def posted_twice_one_unread(make: _Maker) -> None:
    handle, author = make.account()
    text = make.words()
    make.tweet(handle, author, text, hours=1)
    make.tweet(handle, author, text, hours=2, copies="unread")
    make.case("posted twice, one copy cannot be read", handle, text, None)


def passed_on(make: _Maker) -> None:
    handle, author = make.account()
    other, other_author = make.account()
    one = make.tweet(other, other_author)
    make.tweet(handle, author, one.text if len(make.world.cases) % 2 else f"RT @{other}: {one.text}", reposts=one)
    make.case("retweet of the words", handle, one.text, None)


def anothers_media(make: _Maker) -> None:
    handle, author = make.account()
    owner = make.tweet(*make.account(), code=make.code(), media=make.media_at(DAY - timedelta(hours=12)))
    one = make.tweet(
        handle, author, owner.text, copies="", code=make.code(), media=owner.media, owner=f"{owner.handle}/status/{owner.id}"
    )
    make.world.links[one.code or ""] = _owned(owner)
    make.case("media reused by another account", handle, one.text, None, links=_pic(one.code or ""))


def own_media_again(make: _Maker) -> None:
    handle, author = make.account()
    owner = make.tweet(handle, author, hours=-3, code=make.code(), media=make.media_at(DAY - timedelta(hours=4)), copies="")
    one = make.tweet(
        handle, author, hours=3, copies="", code=make.code(), media=owner.media, owner=f"{handle}/status/{owner.id}"
    )
    make.world.links[one.code or ""] = _owned(owner)
    make.case("media reused by the same account", handle, one.text, None, links=_pic(one.code or ""))


def own_media_again_in_like_words(make: _Maker) -> None:
    handle, author = make.account()
    text = make.words()
    owner = make.tweet(
        handle, author, text, hours=-3, code=make.code(), media=make.media_at(DAY - timedelta(hours=4)), copies=""
    )
    one = make.tweet(
        handle,
        author,
        _near(make, text),
        hours=3,
        copies="",
        code=make.code(),
        media=owner.media,
        owner=f"{handle}/status/{owner.id}",
    )
    make.world.links[one.code or ""] = _owned(owner)
    make.case("media reused by the same account, like words", handle, one.text, None, links=_pic(one.code or ""))


def own_media_again_in_the_same_words(make: _Maker) -> None:
    handle, author = make.account()
    owner = make.tweet(handle, author, hours=-3, code=make.code(), media=make.media_at(DAY - timedelta(hours=4)), copies="")
    code = make.code()
    make.world.links[code] = _owned(owner)
    make.case("media reused by the same account, same words", handle, owner.text, None, links=_pic(code))


def before_snowflake(make: _Maker) -> None:
    handle, author = make.account()
    early = Tweet(str(make.random.randrange(9_000_000_000, 29_000_000_000)), handle, author, make.words(), copies="")
    code = make.code()
    make.world.links[code] = _owned(early)
    make.case("id before snowflake", handle, early.text, None, day=datetime(2010, 3, 5, tzinfo=UTC), links=_pic(code))


def edited_quote(make: _Maker) -> None:
    handle, author = make.account()
    one = make.tweet(handle, author)
    make.tweet(handle, author, _near(make, one.text))
    make.others(handle, author)
    make.case("edited quote, two that it may be of", handle, _near(make, _near(make, one.text)), None)


def translation(make: _Maker) -> None:
    handle, author = make.account()
    make.tweet(handle, author, f"{_RUSSIAN[0]} {_RUSSIAN_DID[0]}, и было их 40 человек.")
    make.others(handle, author)
    make.case("translation", handle, "Invented workers went out of the gate and sang until the evening, forty of them.", None)


def thread_beginnings(make: _Maker) -> None:
    handle, author = make.account()
    begun = f"Thread on what we saw today {make.random.choice(_WHERE)}, part"
    make.tweet(handle, author, f"{begun} {make.random.randrange(1, 5)}: {make.words()}")
    make.case("truncated quote, a thread's common beginning", handle, begun + "…", None)


def two_of_a_thread(make: _Maker) -> None:
    handle, author = make.account()
    begun = make.words() + " " + make.words()
    for _ in range(2):
        make.tweet(handle, author, f"{begun} {make.words()}")
    make.case("truncated quote, two begin so", handle, begun + "…", None)


def few_words(make: _Maker) -> None:
    handle, author = make.account()
    text = make.random.choice(("Yes.", "No comment.", "Да.", "Wow", "This.", "👍", "Thank you all for your support!"))
    make.tweet(handle, author, text)
    make.others(handle, author)
    make.case("few words", handle, text, None)


def anothers_words(make: _Maker) -> None:
    handle, author = make.account()
    text = make.words()
    make.tweet(*make.account(), text)
    make.tweet(handle, author, "Read this.", parent=make.tweet(*make.account(), text))
    make.case("the words are another account's", handle, text, None)


def said_every_day(make: _Maker) -> None:
    handle, author = make.account()
    text = f"Good morning from {make.random.choice(_WHERE).partition(' ')[2]}. The made-up ferry runs at {make.random.randrange(5, 10)} today."
    make.tweet(handle, author, text, hours=-15)
    make.tweet(handle, author, text, hours=-7 * 24)
    make.case("said every day, the day itself not archived", handle, text, None)


def media_is_younger(make: _Maker) -> None:
    handle, author = make.account()
    text = make.words()
    make.tweet(handle, author, text, hours=-2)
    link = f"![](https://pbs.twimg.com/media/{make.media_at(make.moment(3))}.jpg)"
    make.case("the page's photo is younger than the post", handle, text, None, links=link)


def other_case(make: _Maker) -> None:
    handle, author = make.account()
    code = make.code()
    other = make.tweet(handle, author, code=code.swapcase(), media=make.media_at(DAY - timedelta(hours=12)))
    make.world.archived_links[code.swapcase()] = _owned(other)
    make.case("short link of another case", handle, make.words(), None, links=_pic(code))


def wrong_permalink(make: _Maker) -> None:
    handle, _ = make.account()
    other = make.tweet(*make.account(), hours=-24 * 40)
    make.case(
        "permalink of another account and day",
        handle,
        make.words(),
        None,
        permalink=f"https://twitter.com/{other.handle}/status/{other.id}",
    )


def link_in_the_words_only(make: _Maker) -> None:
    """The post itself is nowhere to be had; the one that its words link to is."""
    handle, author = make.account()
    other = make.tweet(*make.account()) if make.random.random() < 0.5 else make.tweet(handle, author, hours=-5)
    link = f"https://twitter.com/{other.handle}/status/{other.id}"
    attribute = f' data-tweet-id="{make.tweet(handle, author).id}"' if make.random.random() < 0.3 else ""
    signed = f'&mdash; Stand-in (@{handle}) <a href="{link if attribute else "#"}">{DAY:%B %-d, %Y}</a>'
    words = f'{make.words()} <a href="{link}">{link}</a>'
    page = f'<html><body><blockquote class="twitter-tweet"{attribute}><p>{words}</p>{signed}</blockquote></body></html>'
    kind = "permalink lost, a link in the words, not archived"
    make.world.cases.append(Case(f"link-in-the-words-{len(make.world.cases):04}.html", kind, page, None))


def permalink_of_another_account(make: _Maker) -> None:
    handle, _ = make.account()
    other = make.tweet(*make.account(), live=make.random.random() < 0.5, copies="")
    link = f"https://twitter.com/{other.handle}/status/{other.id}"
    make.case("permalink of another account, that day", handle, make.words(), None, permalink=link)


_SIGNS_APART = (
    (
        "It was -{0} at the second sluice when the paper drivers sang",
        "It was {0} at the second sluice when the paper drivers sang",
    ),
    (
        "The chorus counted {0}.5 of all the votes at the salt store",
        "The chorus counted {0}/5 of all the votes at the salt store",
    ),
    ("Only {0}% of the lamp makers asked for a recount today", "Only {0} of the lamp makers asked for a recount today"),
    (
        "✅ The list of {0} tram crews is true, we have looked at it",
        "❌ The list of {0} tram crews is true, we have looked at it",
    ),
    (
        "The director at desk {0} of the tin palace will come down!",
        "The director at desk {0} of the tin palace will come down?",
    ),
)


def a_sign_apart(make: _Maker) -> None:
    handle, author = make.account()
    first, second = make.random.choice(_SIGNS_APART)
    number = make.random.randrange(3, 90)
    make.tweet(handle, author, second.format(number))
    make.case("near-copy, a sign is another", handle, first.format(number), None)


def another_link_behind_it(make: _Maker) -> None:
    handle, author = make.account()
    text = make.words()
    make.tweet(handle, author, text, link=make.code())
    code = make.code()
    make.case("same words, another link behind them", handle, text, None, links=f"<https://t.co/{code}>")


def a_link_in_common(make: _Maker) -> None:
    """Two posts link to the same page; each has a picture of its own."""
    handle, author = make.account()
    link, code = make.code(), make.code()
    make.tweet(handle, author, link=link, code=make.code(), media=make.media_at(DAY - timedelta(hours=12)))
    links = f"<https://t.co/{link}> {_pic(code)}"
    make.case("another picture, the same link in its words", handle, make.words(), None, links=links)


def link_to_an_own_photo(make: _Maker) -> None:
    """Within the words stands a link to a photo of the account's own, in a post that is gone."""
    handle, author = make.account()
    other = make.tweet(
        handle, author, hours=-4, code=make.code(), media=make.media_at(DAY - timedelta(hours=12)), copies="", live=False
    )
    link, code = make.code(), make.code()
    make.world.links[link] = _owned(other)
    shown = f"[https://t.co/{link}](https://t.co/{link})" + (f" {_pic(code)}" if make.random.random() < 0.5 else "")
    make.case("link to an own photo within the words", handle, make.words(), None, links=shown)


def pasted_link_alone_archived(make: _Maker) -> None:
    """A later post of the account carries the link of the one that the article shows: it passes it on, or speaks of it."""
    handle, author = make.account()
    text, code = make.words(), make.code()
    later = make.random.choice((f"RT @{handle}: {text}", "Once more, for whoever missed it."))
    make.tweet(handle, author, later, hours=5, code=code)
    make.case("its short link in another post, that alone archived", handle, text, None, links=_pic(code))


def own_photo_again_in_like_words(make: _Maker) -> None:
    handle, author = make.account()
    text, name = make.words(), make.media_at(make.moment(-11))
    make.tweet(handle, author, text, media=name, code=make.code())
    photo = f"![](https://pbs.twimg.com/media/{name}.jpg)"
    make.case("photo used again by the same account, like words", handle, _near(make, text), None, links=photo)


def pattern_and_cut(make: _Maker) -> None:
    handle, author = make.account()
    begun = f"What the made-up office counted until this morning {make.random.choice(_WHERE)}, after the lists of all districts came in:"
    make.tweet(handle, author, f"{begun} {make.random.randrange(20, 900)} of them. {make.words()}")
    make.case("truncated quote, all are made after a pattern", handle, begun + "…", None)


def another_time_in_the_copy(make: _Maker) -> None:
    handle, author = make.account()
    one = make.tweet(handle, author, says=DAY - timedelta(days=200))
    make.case("copy that tells another time than its id", handle, one.text, None)


def another_in_the_copy(make: _Maker) -> None:
    """What the archive gives for the post's address is another account's page, or a page of that account with other words."""
    handle, author = make.account()
    text = make.words()
    other = make.tweet(*make.account(), text) if make.random.random() < 0.5 else make.tweet(handle, author, hours=-100)
    make.tweet(handle, author, text, live=False, shows=other)
    make.case("copy that shows another post", handle, text, None)


def other_case_in_its_place(make: _Maker) -> None:
    handle, author = make.account()
    code = make.code()
    live = make.random.random() < 0.5
    other = make.tweet(
        handle, author, code=code.swapcase(), media=make.media_at(DAY - timedelta(hours=12)), live=live, copies=""
    )
    make.world.archived_links |= {code: _owned(other), code.swapcase(): _owned(other)}
    make.world.sent_on.add(code)
    make.case("short link, the archive gives one of another case", handle, make.words(), None, links=_pic(code))


def taken_over(make: _Maker) -> None:
    """The handle is somebody else's today: what the archive listed later under it is theirs."""
    handle, author = make.account()
    make.tweet(handle, author, copies="")
    make.tweet(handle, author + "7", copies="read")
    make.tweet(handle, author + "7", hours=2)
    make.case("handle taken over", handle, make.words(), None)


def another_day(make: _Maker) -> None:
    handle, author = make.account()
    text = make.words()
    for hours in (-24 - 12 - 3, 27):
        make.tweet(handle, author, text, hours=hours)
    make.case("same words, the day cannot be that one", handle, text, None)


def pasted_link_elsewhere(make: _Maker) -> None:
    """Another account pasted the link: the media is the first one's, and so is what the link leads to."""
    owner = make.tweet(*make.account(), code=make.code(), media=make.media_at(DAY - timedelta(hours=12)), live=False)
    handle, author = make.account()
    one = make.tweet(handle, author, copies="", code=owner.code, media=owner.media, owner=f"{owner.handle}/status/{owner.id}")
    make.world.links[one.code or ""] = _owned(owner)
    make.case("short link pasted by another account", handle, one.text, None, links=_pic(one.code or ""))


KINDS: dict[Kind, int] = {
    permalink: 20,
    permalink_of_a_renamed_account: 10,
    permalink_with_edited_words: 10,
    short_link: 30,
    archived_short_link: 20,
    words_and_day: 40,
    words_among_near_copies: 25,
    words_as_publishers_print_them: 15,
    truncated_and_long: 15,
    neighbour: 15,
    same_media: 15,
    renamed_since: 10,
    evening_elsewhere: 10,
    permalink_under_another_handle: 10,
    permalink_of_a_translation: 10,
    permalink_lost_a_link_in_the_words: 15,
    short_link_of_a_renamed_account: 10,
    own_media_again_and_archived: 15,
    edited_quote_with_its_link: 15,
    near_copy_alone: 40,
    posted_twice: 20,
    posted_twice_one_unread: 15,
    passed_on: 10,
    anothers_media: 20,
    own_media_again: 15,
    own_media_again_in_like_words: 15,
    own_media_again_in_the_same_words: 10,
    before_snowflake: 10,
    edited_quote: 20,
    translation: 10,
    thread_beginnings: 20,
    two_of_a_thread: 10,
    few_words: 20,
    anothers_words: 10,
    said_every_day: 15,
    media_is_younger: 10,
    other_case: 10,
    wrong_permalink: 10,
    permalink_of_another_account: 15,
    link_in_the_words_only: 20,
    a_sign_apart: 25,
    another_link_behind_it: 15,
    a_link_in_common: 10,
    pasted_link_alone_archived: 10,
    link_to_an_own_photo: 10,
    own_photo_again_in_like_words: 15,
    pattern_and_cut: 15,
    another_time_in_the_copy: 10,
    another_in_the_copy: 15,
    other_case_in_its_place: 15,
    taken_over: 10,
    another_day: 15,
    pasted_link_elsewhere: 10,
}


# Which nothing tells from one that can: the evidence is the same, and the post is another. Counted apart.


def the_other_alone_is_archived(make: _Maker) -> None:
    handle, author = make.account()
    one = make.tweet(handle, author, hours=1)
    make.tweet(handle, author, one.text, hours=2, copies="", live=False)
    make.case("posted twice, the other one alone is archived", handle, one.text, None)


def own_media_again_and_gone(make: _Maker) -> None:
    handle, author = make.account()
    media = make.media_at(DAY - timedelta(hours=4))
    owner = make.tweet(handle, author, hours=-3, code=make.code(), media=media, copies="", live=False)
    code = make.code()
    make.world.links[code] = _owned(owner)
    make.case("media reused by the same account, the first post gone", handle, make.words(), None, links=_pic(code))


def own_link_pasted_again(make: _Maker) -> None:
    handle, author = make.account()
    owner = make.tweet(handle, author, hours=-3, code=make.code(), media=make.media_at(DAY - timedelta(hours=4)))
    make.world.links[owner.code or ""] = _owned(owner)
    make.case("short link pasted again by the same account", handle, make.words(), None, links=_pic(owner.code or ""))


def said_at_length_every_day(make: _Maker) -> None:
    handle, author = make.account()
    text = f"Good morning from {make.words()} The made-up ferry runs at {make.random.randrange(5, 10)} today, as every day."
    make.tweet(handle, author, text, hours=-15)
    make.case("said at length every day, the day itself not archived", handle, text, None)


BEYOND: dict[Kind, int] = {
    the_other_alone_is_archived: 10,
    own_media_again_and_gone: 10,
    own_link_pasted_again: 10,
    said_at_length_every_day: 10,
}


def world(share: float = 1.0, kinds: dict[Kind, int] = KINDS) -> World:
    """All cases, or that share of each kind; the same every time."""
    make = _Maker()
    for kind, number in kinds.items():
        for _ in range(max(1, round(number * share))):
            kind(make)
    return make.world
