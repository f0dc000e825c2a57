"""Data that a page carries for its own scripts: JSON in attributes and scripts, and calls that draw a post.

A page's data often holds other articles too, each with its own embeds. What stands within an object that names another article
than this page's own is another article's embed, and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date
from functools import lru_cache
from itertools import islice
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser

from archiver import dates
from archiver.addresses import unescape
from archiver.embeds.posts import Posts
from archiver.model import Platform, PostRef
from archiver.patterns import pattern
from archiver.surrogates import Decoder, loads
from archiver.values import Value, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    # Where a value stands: its key or number, the container, and where that stands. A tuple, for there are a hundred thousand.
    _Place = tuple[str | int, Any, "_Place | None"]

_ANY_HOST = pattern(r"[\w.-]{3,60}/(?:@\w|users/|web/)")
_SLASHES = ("\\/", "\\u002F", "\\u002f")  # as JSON and JavaScript escape them
_OF_HOSTS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"
_LONGEST_LEAD = 120
_LONGEST_PATH = 400
_MOST_ADDRESSES = 5_000
_SHORT_OF_HOST = 8  # `.com` and what shows that it ends there
_KEPT_CODE = pattern(r"(?:<|u003[cC]|&lt;)\s?(?:blockquote|iframe)")
_KEPT_TAG = pattern(r"<\s?(?:blockquote|iframe)")
_CALLS = pattern(r"W(?:(?<=SW)F(?:Object)?\(|(?<=VK\.W)idgets)")
_AN_ID = pattern(r"weet(?:_?[Ii][dD]\b|(?:Embed)?\()")
_A_NAME = (
    "(?:[Tt]weet|[Tt]witter|[Ii]nstagram|[Yy]ou[Tt]ube|[Tt]ik[Tt]ok|[Bb]luesky|[Ff]acebook|[Tt]elegram|[Rr]eddit|[Vv]imeo)"
)
# Data is full of quotation marks, and most need no second look where the letter behind them is looked for in one set. What this
# takes for a kind and is none, the next tells.
_LIKE_A_KIND = pattern(
    r"\"[tkp_seciyv](?:ype|ind|rovider|latform|_typename|type|ervice|ubtype|ource|mbed_?[tT]ype|omponent|nstagram|weet|witter|outube|"
    rf"iktok|imeo)(?:\"\s?:\s?\"[\w-]{{0,20}}{_A_NAME}|_?[IiSsCcVv])"
)
_A_KIND = pattern(
    r"\"(?:(?:type|kind|p(?:rovider|latform)|_(?:_typename|type)|s(?:ervice|ubtype|ource)|embed_?[tT]ype|component)\"\s?:\s?"
    rf"\"[\w-]{{0,20}}{_A_NAME}"
    r"|(?:instagram|tw(?:eet|itter)|youtube|tiktok|vimeo)_?(?:[Ii]d|[Ss]hortcode|[Cc]ode|[Vv]ideo_?[Ii]d)\")"
)
_A_KIND_UNQUOTED = pattern(rf"type:\"[\w-]{{0,20}}{_A_NAME}")
_ENCODED = pattern(r"2F(?:status|p[%\\]|reel|video|post)")
_EMBEDDING = pattern(
    r"embed|iframe|tweet|twitter|x-?post|instagram|insta|tiktok|facebook|bluesky|mastodon|threads|telegram|reddit|social|youtube|vimeo|video|\bvk\b",
    re.I,
)
# Where data lists what stands beside an article.
_BESIDE = pattern(
    r"related|recommend|latest|trending|popular|sidebar|footer|navigation|menu|recirc|teaser|up_?next|most_?read|more_?stories|"
    r"playlist|comments",
    re.IGNORECASE,
)
# The object within an object that says of what kind it is: ProseMirror's, Sanity's, Contentful's, a component's.
_HOLDERS = frozenset(
    (
        "attrs",
        "attributes",
        "props",
        "data",
        "fields",
        "config",
        "embed",
        "value",
        "model",
        "params",
        "args",
        "settings",
        "options",
    )
)
_SHARE = pattern(r"share|follow|profile|author|avatar|intent", re.I)
# fmt: off
_KINDS = frozenset({
    "type", "kind", "__typename", "@type", "_type", "provider", "providername", "providerName", "provider_name", "embedtype",
    "embedType", "embed_type", "platform", "component", "name", "blocktype", "blockType", "mediatype", "mediaType", "subtype",
    "__component", "componentName", "slice_type", "network",
    "subType", "service", "source", "resource", "Type", "Kind", "Provider", "Name",
})
# fmt: on
_CODE = pattern(
    r"<\s*(?:blockquote|iframe|amp-|(?:div|figure)\b[^<>]{0,300}(?:fb-(?:post|video)|data-(?:attrs|tweet-?id|href|shortcode)))",
    re.I,
)
_ID_KEY = pattern(r"^(\w*?)[_-]?(?:video)?[_-]?(?:id|code|shortcode|id_?str|url|link|permalink|post)$", re.I)
_OPENING = pattern(r"[=(:]\s{0,20}([{\[])")
_OPENING_FIRST = pattern(r"\s{0,20}([{\[])")
# Data handed on as a string literal: JSON.parse("…"), the flight rows of server components; a string that is assigned. Each
# begins with a character that data hardly has, so that all of it is passed over at once.
_HANDED_ON = pattern(r"\((?:(?<=JSON\.parse\()|(?<=\.enqueue\()|(?<=\.push\()\[\d,)\s{0,9}(?=\")")
_ASSIGNED = pattern(r"=(?=\s{0,3}\"[{\[][\\{\[])\s{0,9}(?=\")")
_ADDRESS_STARTS = ("http", "//", "at://")
_NAMING = ("http", "//", "at:", "\\", "<", "&", "%")
_SHORTEST_ID = 4
_LARGEST_NO_ID = 10_000
_LONGEST_ADDRESS = 2_000
_MAX_JSON = 8_000_000
_MOST_TRIES = 30
_DEEPEST_DATA = 60
_MOST_BESIDE = 200
_MOST_NODES = 400_000
_VK = pattern(r"VK\.Widgets\.Post\(\s{0,9}[\"'][^\"']{0,100}[\"']\s{0,9},\s{0,9}(-?[0-9]{1,15})\s{0,9},\s{0,9}([0-9]{1,15})")
_CREATE_TWEET = pattern(r"widgets\.(?:createTweet|createVideo|createTweetEmbed)\(\s{0,9}[\"']([0-9]{5,20})[\"']")


# `Sun Aug 02 08:14:00 +0000 2020`, as X wrote its times: the day stands apart from its year.
_RFC822_LIKE = pattern(r"([A-Z][a-z]{2} \d{1,2}) \d{2}:\d{2}:\d{2} [+-]\d{4} (\d{4})")


class Claimed(Value):
    """What data says of the post that it names."""

    text: str = ""
    author: str | None = None
    handle: str | None = None
    posted: date | None = None


class Island(Value):
    """A post in data: read from `value`, an address or id; or an embed's code as `value`, with nothing read. `path` leads to it
    from the data's root, as JSONPath writes it."""

    path: str
    value: str
    read: tuple[Platform, PostRef] | None
    claim: Claimed = Claimed()


class Page(Value):
    """What tells a page's own article from others: the paths of its addresses, and its titles."""

    paths: frozenset[str]
    titles: frozenset[str]

    @classmethod
    def of(cls, parser: LexborHTMLParser) -> Page:
        """Read from the page's own head and headline."""
        paths, titles = set(), set()
        for node in parser.css("link[rel=canonical], meta[property='og:url'], meta[name='twitter:url']"):
            address = node.attributes.get("href") or node.attributes.get("content")
            if address and (path := _path_of(address)):
                paths.add(path)
        for node in parser.css("meta[property='og:title'], meta[name='twitter:title']"):
            titles.add(_plain(node.attributes.get("content") or ""))
        for node in parser.css("title, h1"):
            titles.add(_plain(node.text() or ""))
        return cls(frozenset(paths), frozenset(filter(None, titles)))

    def owns(self, data: dict[str, Any], posts: Posts) -> bool | None:
        """Is this object about this page's article? None where it is about no article: a post's address names none."""
        title = next((text for key in ("headline", "headlines", "title", "name") if (text := _rendered(data.get(key)))), None)
        keys = (
            "url",
            "link",
            "permalink",
            "canonicalUrl",
            "canonical_url",
            "canonical",
            "slug",
            "href",
            "mainEntityOfPage",
            "path",
            "uri",
        )
        address = next((data[key] for key in keys if isinstance(data.get(key), str) and data[key]), None)
        if address is not None and posts.of(address) is not None:
            return None
        if title is None or (address is None and not data.keys() & {"articleBody", "body", "content", "elements", "blocks"}):
            return None
        plain = _plain(title)
        alike = any(
            plain == own or (len(plain) > 20 and (own.startswith(plain) or plain.startswith(own))) for own in self.titles
        )
        if alike:
            return True
        path = _path_of(address) if address is not None else ""
        if not path:
            return None  # headlines and page titles of one article often differ
        return any(path == own or own.endswith("/" + path) or path.endswith("/" + own) for own in self.paths)


def addressed(code: str, posts: Posts) -> dict[tuple[str, str], tuple[Platform, PostRef]]:
    """The posts whose addresses stand in a script, whatever they stand there for, by platform and id."""
    reads: dict[tuple[str, str], tuple[Platform, PostRef]] = {}
    if "\\" in code and "\\u002" in code:  # else `\/` is all there is, and only what stands around a find is rewritten
        for escaped in _SLASHES:
            code = code.replace(escaped, "/")
    for found in islice(posts.in_address.finditer(code), _MOST_ADDRESSES):
        read = _around_path(code, found, posts)
        if read is not None:
            reads[(read[0].name, read[1].post_id)] = read
    return reads


def _around_path(code: str, found: re.Match[str], posts: Posts) -> tuple[Platform, PostRef] | None:
    """The post whose address has its path there: that of the last host before it which makes it one."""
    start, end = found.span()
    # A character more than is looked at, so that no host begins amid a word.
    before = code[max(0, start - 2 * _LONGEST_LEAD - 3) : start].removesuffix("\\").replace("\\/", "/")[-_LONGEST_LEAD - 1 :]
    path = found[0].replace("\\/", "/")
    code = before + path + code[end : end + 2 * _LONGEST_PATH].replace("\\/", "/")
    at, ends = len(before), len(before) + len(path) + _SHORT_OF_HOST
    # Where the text that the address stands in begins, at most so far before; most have no host of ours in them.
    least = max(0, at - _LONGEST_LEAD)
    find = before.rfind
    begins = max(find('"', least), find("'", least), find(" ", least), find("<", least)) + 1 or least
    if code.find(".", begins, ends) < 0:
        return None
    hosts = [host.start() for host in posts.host.finditer(code, begins, ends)]
    if path[1] in "@uw":  # Mastodon's
        hosts = sorted({*hosts, *(host.start() for host in _ANY_HOST.finditer(code, begins, ends))})
    for host in reversed(hosts):
        start = begins + len(code[begins:host].rstrip(_OF_HOSTS))
        read = posts.of("https://" + _plain_address(code[start : start + _LONGEST_PATH]))
        if read is not None:
            return read
    return None


def coded(code: str) -> bool:
    """True where a script may hold an embed's code, or a post's id without its address."""
    # A single rare character is looked for many times as fast as what it stands in.
    return (
        _KEPT_TAG.search(code) is not None
        or ((("\\" in code and "\\u003" in code) or ("&" in code and "&lt;" in code)) and _KEPT_CODE.search(code) is not None)
        or _AN_ID.search(code) is not None
        or (_LIKE_A_KIND.search(code) is not None and _A_KIND.search(code) is not None)
        or ('type:"' in code and _A_KIND_UNQUOTED.search(code) is not None)
        or (("%" in code or "\\u" in code) and _ENCODED.search(code) is not None)
        or _CALLS.search(code) is not None
        or ("Y" in code and "YT.Player" in code)
        or "at://" in code
    )


def worth_reading(code: str, posts: Posts) -> bool:
    """True where a text may hold a post at all."""
    return coded(code) or bool(addressed(code, posts))


def from_base64(code: str) -> str:
    """What some base64 holds, where that is a text; the code itself where it is none."""
    import base64  # only here: hardly a page has any

    with suppress(ValueError):
        return base64.b64decode(code + "=" * (-len(code) % 4), validate=True).decode("utf-8")
    return code


def _plain_address(code: str) -> str:
    """The address that a piece of a script begins with, however it is escaped."""
    address = re.split(r"[\"'\s<>]|\\\"|&quot;|\\u0022|%22", code, maxsplit=1)[0]
    address = address.replace("\\/", "/").replace("\\u002F", "/").replace("\\u002f", "/").replace("\\u0026", "&")
    return unquote(address) if "%2" in address else address


def unescaped(code: str) -> str:
    """One layer of escaping taken off: entities, JavaScript's, percent."""
    if "\\u00" in code or "\\/" in code or '\\"' in code:
        code = code.replace("\\u003c", "<").replace("\\u003C", "<").replace("\\u003e", ">").replace("\\u003E", ">")
        code = code.replace("\\u002F", "/").replace("\\u002f", "/").replace("\\u0026", "&").replace("\\u0022", '"')
        return code.replace("\\/", "/").replace('\\"', '"').replace("\\n", "\n")
    if "&lt;" in code or "&quot;" in code or "&amp;" in code:
        return unescape(code)
    return unquote(code)


_YT_PLAYER = pattern(r"YT\.Player\([^)]{0,300}?videoId[\"']?\s{0,9}:\s{0,9}[\"']([\w-]{11})[\"']")


_FLASH = pattern(r"(?:\.embedSWF|new SWFObject)\(\s{0,9}[\"']([^\"'\s]{8,400})[\"']")


def calls(code: str, posts: Posts) -> Iterator[Island]:
    """Posts that a script asks the platform's own library to draw."""
    twitter, vk = posts.named("twitter"), posts.named("vk")
    for found in _CREATE_TWEET.finditer(code) if twitter else ():
        ref = twitter.from_id(found[1], {}) if twitter else None
        if twitter and ref:
            yield Island("", found[1], (twitter, ref))
    youtube = posts.named("youtube")
    for found in _YT_PLAYER.finditer(code) if youtube else ():
        ref = youtube.from_id(found[1], {}) if youtube else None
        if youtube and ref:
            yield Island("", found[1], (youtube, ref))
    for found in _FLASH.finditer(code) if "SWF" in code else ():
        read = posts.of(found[1])
        if read:
            yield Island("", found[1], read)
    for found in _VK.finditer(code) if vk else ():
        address = f"https://vk.com/wall{found[1]}_{found[2]}"
        read = posts.of(address)
        if read:
            yield Island("", address, read)


# `new Vimeo.Player(…, {id: N})`, `new Twitch.Embed(…, {video: "N"})`: what to play stands there, or in an object with a name.
_PLAYERS = pattern(
    r"\.(?:(?<=Vimeo\.)|(?<=Twitch\.))(?:Player|Embed)\([^,()]{1,100},\s{0,9}(?:\{(?P<given>[^{}]{0,600})\}|(?P<name>[\w$]{1,40}))"
)
_OPTIONS = pattern(r"\b(?P<name>\w{1,40})\s{0,9}=\s{0,9}\{(?P<given>[^{}]{0,600})\}")
_PLAYED = pattern(r"(?<![\w$-])[\"']?(?P<key>id|video)[\"']?\s{0,9}:\s{0,9}[\"']?(?P<number>v?[0-9]{5,14})(?![\w.])")


def players(code: str, posts: Posts) -> Iterator[Island]:
    """Posts that a script asks Vimeo's or Twitch's player to play, on a page that has it."""
    played = list(_PLAYERS.finditer(code))
    options = {one["name"]: one["given"] for one in _OPTIONS.finditer(code)} if any(one["name"] for one in played) else {}
    for found in played:
        name, key = ("vimeo", "id") if code.startswith("Vimeo", found.start() - len("Vimeo")) else ("twitch", "video")
        given = found["given"] or options.get(found["name"], "")
        number = next((one["number"] for one in _PLAYED.finditer(given) if one["key"] == key), "")
        platform = posts.named(name)
        ref = platform.from_id(number, {}) if platform else None
        if platform and ref:
            yield Island("", number, (platform, ref))


def find(code: str, posts: Posts, page: Page | None) -> Iterator[Island]:
    """The posts in some JSON, or in the JSON that a script assigns. `page` tells whose they are; None: nobody else's."""
    for data in _documents(code) if len(code) <= _MAX_JSON else ():
        yield from _in_document(data, posts, page)


def of_script(code: str, posts: Posts, page: Page) -> Iterator[Island]:
    """The posts in a script's data, or, where it holds no data of any size, in what it writes. Only what it means is told:
    where data was understood and shows none, an address in it is no embed."""
    documents = list(_documents(code)) if len(code) <= _MAX_JSON else []
    found = [one for data in documents for one in _in_document(data, posts, page)]
    yield from found
    if not found and not any(isinstance(data, dict) for data in documents):
        yield from _unparsed(code, posts)


def of_attribute(value: str, posts: Posts) -> Iterator[Island]:
    """The posts in an attribute's JSON, or in the object that it writes for a script, as Alpine's `x-data` does. Without an
    address, an escape that may hide one, code, or a platform's word, there is none."""
    if not (any(mark in value for mark in _NAMING) or posts.speaks_of_any(value)):
        return
    documents = list(_documents(value)) if len(value) <= _MAX_JSON else []
    for data in documents:
        yield from _in_document(data, posts, None)
    if not documents:
        yield from _unparsed(value, posts)


def _in_document(data: Any, posts: Posts, page: Page | None) -> Iterator[Island]:
    resolved = _resolved(data)
    for one in _in_data(resolved, posts, page):
        yield one if resolved is data else replace(one, path="")


_UNQUOTED = pattern(
    r"\b(?:url|href|src|link|permalink|embedUrl|embed_url)[\"']?\s{0,9}:\s{0,9}[\"']((?:https?:)?(?:\\?/|\\u002[Ff]){2}[^\"'\s]{5,400})[\"']"
)
_LITERALS = ("tweet", "twitter", "youtube", "instagram", "tiktok", "vimeo")
_LITERAL_ID = pattern(
    rf"(?<![A-Za-z])(?P<word>{'|'.join(_LITERALS)})_?(?:video|post|short)?_?(?:id|code)\b[\"']?\s{{0,9}}[:=]"
    r"\s{0,9}[\"'](?P<id>[\w-]{5,64})[\"']",
    re.IGNORECASE,
)
_LITERAL_KIND = pattern(
    rf"(?<![A-Za-z])(?:type|kind|provider|component)[\"']?\s{{0,9}}:\s{{0,9}}[\"'](?P<word>{'|'.join(_LITERALS)})"
    r"[\"']\s{0,9},\s{0,9}[\"']?(?:\w{1,20}[iI]d|id|code|shortcode)[\"']?\s{0,9}:\s{0,9}[\"'](?P<id>[\w-]{5,64})[\"']",
    re.IGNORECASE,
)
_MEASURED = pattern(r"twq\(|gtag\(|track|pixel")  # what is told to those who count visitors
_FRAME = pattern(r"<iframe\b[^<>]{0,2000}>|<blockquote\b[^<>]{0,2000}>.{0,20000}?</blockquote>", re.DOTALL)


def _unparsed(code: str, posts: Posts) -> Iterator[Island]:
    """The posts in a script that is no JSON: an object literal with a post's address beside what says that it is an embed, or
    an embed's code that the script writes into the page."""
    for found in islice(_UNQUOTED.finditer(code), _MOST_ADDRESSES):
        read = posts.of(_plain_address(found[1]))
        if read is not None and _EMBEDDING.search(code[max(0, found.start() - 120) : found.start()]):
            yield Island("", _plain_address(found[1]), read)
    lower = code.lower()
    named = any(word in lower for word in _LITERALS)  # such a look takes a hundredth of the time of theirs
    for found in islice((*_LITERAL_ID.finditer(code), *_LITERAL_KIND.finditer(code)) if named else (), _MOST_TRIES):
        if _MEASURED.search(code, max(0, found.start() - _LONGEST_LEAD), found.start()):
            continue
        platform = posts.words.get(found["word"].lower())
        ref = platform.from_id(found["id"], {}) if platform else None
        if platform and ref:
            yield Island("", found["id"], (platform, ref))
    if _KEPT_CODE.search(code):
        for piece in islice(_FRAME.finditer(unescaped(code)), _MOST_TRIES):
            yield Island("", piece[0], None)


def of_platform(code: str, posts: Posts, platform: Platform) -> Iterator[Island]:
    """The post of the first id in some flat JSON, where it is known from elsewhere which platform's it is."""
    for data in map(_resolved, _documents(code)):
        flat = (
            {_dashed(key): str(value) for key, value in data.items() if isinstance(value, str | int)}
            if isinstance(data, dict)
            else {}
        )
        read = posts.by_any_id(platform, flat)
        if read is not None:
            yield Island("$", read[2], read[:2])
            return


def _dashed(key: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|_", "-", key).lower()


def _resolved(data: Any) -> Any:
    """Nuxt 3 and Svelte write their data as one flat list in which objects and lists hold the numbers of their members
    (https://github.com/sveltejs/devalue), Remix their names too. As a tree; what leads back to itself, or is absurdly deep, is
    left out. Astro writes each value with the number of its type before it."""
    if isinstance(data, dict):
        return _untyped(data, 0) if data and all(map(_is_typed, data.values())) else data
    if not (isinstance(data, list) and len(data) > 3 and any(isinstance(one, dict) for one in data)):
        return data
    if not all(type(value) is int for one in data if isinstance(one, dict) for value in one.values()):
        return data
    left = _MOST_NODES

    def named(name: str) -> str:
        number = int(name[1:]) if re.fullmatch(r"_[0-9]{1,7}", name) else -1
        return str(data[number]) if 0 <= number < len(data) else name

    def member(number: Any, depth: int) -> Any:
        nonlocal left
        left -= 1
        if type(number) is not int or not 0 <= number < len(data) or depth > _DEEPEST_DATA or left < 0:
            return None
        value = data[number]
        if isinstance(value, dict):
            return {named(name): member(inner, depth + 1) for name, inner in value.items()}
        if isinstance(value, list):
            if value and isinstance(value[0], str):  # ["Reactive", 4], ["Date", "2024-…"], ["Set", 1, 2]
                return member(value[1], depth + 1) if len(value) == 2 else [member(one, depth + 1) for one in value[1:]]
            return [member(one, depth + 1) for one in value]
        return value

    return member(0, 0)


def _is_typed(value: Any) -> bool:
    return isinstance(value, list) and 0 < len(value) < 3 and type(value[0]) is int and 0 <= value[0] < 12


def _untyped(value: Any, depth: int) -> Any:
    """A value without Astro's numbers for types: 0 a plain one, 1 a list."""
    if depth > _DEEPEST_DATA:
        return None
    if isinstance(value, dict):
        return {name: _untyped(inner[-1], depth + 1) for name, inner in value.items() if _is_typed(inner)}
    if isinstance(value, list):
        return [_untyped(inner[-1], depth + 1) for inner in value if _is_typed(inner)]
    return value


def _documents(code: str) -> Iterator[Any]:
    stripped = code.strip()
    if stripped[:1] in ("{", "["):
        with suppress(ValueError, RecursionError):
            yield loads(stripped)
            return
        if "&quot;" in stripped[:200]:
            with suppress(ValueError, RecursionError):
                yield loads(unescape(stripped))
            return
    decoder, at = Decoder(), 0
    quoted = sorted(found.end() for one in (_HANDED_ON, _ASSIGNED) for found in islice(one.finditer(code), _MOST_TRIES))
    for start in quoted[:_MOST_TRIES]:
        with suppress(ValueError, RecursionError):
            inner, _ = decoder.raw_decode(code, start)
            if isinstance(inner, str):
                yield from _documents(inner)
    for _ in range(_MOST_TRIES):
        opening = (None if at else _OPENING_FIRST.match(code)) or _OPENING.search(code, at)
        if opening is None:
            return
        at = opening.end()
        try:
            data, at = decoder.raw_decode(code, opening.start(1))
        except (ValueError, RecursionError):
            continue
        if isinstance(data, dict | list) and data:
            yield data


def _steps(place: _Place) -> Iterator[_Place]:
    """The place, and those around it, from the innermost out."""
    at: _Place | None = place
    while at is not None:
        yield at
        at = at[2]


def _json_path(place: _Place) -> str:
    steps = [
        f"[{key}]" if isinstance(key, int) else f".{key}" if re.fullmatch(r"[\w@$-]+", key) else f"[{key!r}]"
        for key, _, _ in _steps(place)
    ]
    return "$" + "".join(reversed(steps))


def _name(place: _Place) -> str:
    """The nearest key that is a name: a list's members are called as the list is."""
    at: _Place | None = place
    while at is not None:
        if type(at[0]) is str:
            return at[0]
        at = at[2]
    return ""


def _around(place: _Place) -> dict[str, Any]:
    """The nearest object around a value."""
    at: _Place | None = place
    while at is not None:
        if type(at[1]) is dict:
            return at[1]
        at = at[2]
    return {}


def _anothers(place: _Place, page: Page, posts: Posts) -> bool:
    """True within an object that is about another article than the page's own: the nearest that is about any; and in a list of
    what else there is to read."""
    for key, container, _ in _steps(place):
        if isinstance(key, str) and _BESIDE.search(key):
            return True
        owned = page.owns(container, posts) if isinstance(container, dict) else None
        if owned is not None:
            return not owned
    return False


def _in_data(root: Any, posts: Posts, page: Page | None) -> Iterator[Island]:
    """Depth first and in order. Whose an embed is, is asked only where one is found."""
    stack: list[tuple[Any, _Place | None]] = [(root, None)]
    seen = 0
    while stack and seen < _MOST_NODES:
        value, place = stack.pop()
        seen += 1
        if type(value) is dict or type(value) is list:
            stack += [
                (inner, (name, value, place))
                for name, inner in _backwards(value)
                if (
                    _may_show(name, inner, posts)
                    if (kind := type(inner)) is str
                    else inner
                    if kind is dict or kind is list
                    else kind is int and inner > _LARGEST_NO_ID
                )
            ]
        elif place is not None and (type(value) is str or _is_for_ids(_name(place))):
            for one in _leaf(str(value), place, posts, page):
                if page is None or not _anothers(place, page, posts):
                    yield one


def _backwards(data: dict[str, Any] | list[Any]) -> Iterable[tuple[str | int, Any]]:
    if isinstance(data, dict):
        return reversed(data.items())
    return zip(range(len(data) - 1, -1, -1), reversed(data), strict=True)


def _may_show(name: str | int, value: str, posts: Posts) -> bool:
    """A quick look that most texts in a page's data end at: a post's address, what is called an id, code, or data in it."""
    if len(value) <= _SHORTEST_ID:
        return False
    if "<" in value or value[0] in "{[" or ("&" in value and "&lt;" in value):
        return True
    if " " in value or len(value) >= _LONGEST_ADDRESS:
        return False
    return posts.of(value) is not None if value.startswith(_ADDRESS_STARTS) else _is_for_ids(name)


@lru_cache(maxsize=4096)  # data repeats its names
def _is_for_ids(name: str | int) -> bool:
    return _ID_KEY.match(str(name)) is not None


def _leaf(value: str, place: _Place, posts: Posts, page: Page | None) -> Iterator[Island]:
    if value[0] in "{[":
        for inner in find(value, posts, page) if worth_reading(value, posts) else ():
            yield Island(f"{_json_path(place)} {inner.path}", inner.value, inner.read, inner.claim)
    elif "<" in value:
        if _CODE.search(value):
            yield Island(_json_path(place), value, None)
    elif "&lt;" in value:
        if _CODE.search(code := unescape(value)):
            yield Island(_json_path(place), code, None)
    elif " " not in value and len(value) < _LONGEST_ADDRESS:
        of_address = value.startswith(_ADDRESS_STARTS)
        read = _addressed(value, place, posts, certain=page is None) if of_address else _identified(value, place, posts)
        if read is not None:
            yield Island(_json_path(place), value, read, _claim(_around(place)))


def _addressed(value: str, place: _Place, posts: Posts, *, certain: bool) -> tuple[Platform, PostRef] | None:
    """The post of an address, where its key, the key of its object or its object says that it is an embed's, or where that is
    `certain`."""
    read = posts.of(value)
    if (
        read is None
        or _SHARE.search(_name(place))
        or any(step[0] in ("sameAs", "social", "citation", "publisher") for step in _steps(place))
    ):
        return None
    said = certain or _EMBEDDING.search(_name(place)) or _EMBEDDING.search(_kinds_around(place))
    return read if said or (place[2] is not None and _EMBEDDING.search(str(place[2][0]))) else None


def _identified(value: str, place: _Place, posts: Posts) -> tuple[Platform, PostRef] | None:
    """The post of a bare id, where its key or its object names the platform. An address beside it says it better."""
    for platform in posts.named_in(_name(place), _kinds_around(place)):
        ref = platform.from_id(value, {})
        if ref is not None:
            others = islice(_around(place).values(), _MOST_BESIDE)
            beside = any(isinstance(other, str) and other.startswith("http") and posts.of(other) for other in others)
            return None if beside else (platform, ref)
    return None


def _kinds_around(place: _Place) -> str:
    """What the object around a value says of its kind, or, where it only holds another's members, that other."""
    own: _Place | None = place
    while own is not None and type(own[1]) is not dict:
        own = own[2]
    if own is None:
        return ""
    holder = own[2]
    if holder is None or holder[0] not in _HOLDERS or type(holder[1]) is not dict:
        return _kinds(own[1])
    entry: Any = holder[1]
    for name in ("sys", "contentType", "sys", "id") if "sys" in entry else ():  # Contentful's
        entry = entry.get(name) if isinstance(entry, dict) else None
    return f"{_kinds(own[1])} {_kinds(holder[1])} {entry if isinstance(entry, str) else ''}"


def _kinds(parent: dict[str, Any]) -> str:
    """What an object says of its own kind."""
    if _KINDS.isdisjoint(parent):
        return ""
    return " ".join(value[:60] for name in sorted(parent.keys() & _KINDS) if isinstance(value := parent[name], str))


def _claim(parent: dict[str, Any] | None) -> Claimed:
    """What the object around an address says of the post, in the names that publishers use."""
    if not parent:
        return Claimed()

    def text(*keys: str) -> str | None:
        return next((parent[key] for key in keys if isinstance(parent.get(key), str) and parent[key]), None)

    handle = text("username", "screen_name", "handle", "author_username")
    return Claimed(
        text=" ".join((text("full_text", "text", "caption") or "").split()),
        author=text("name", "author_name", "author") if handle else text("author_name"),
        handle=handle.lstrip("@") if handle else None,
        posted=dates.day(_RFC822_LIKE.sub(r"\1 \2", text("date", "created_at", "timestamp") or "")) if handle else None,
    )


def _rendered(value: object) -> str | None:
    """A title as text; publishing systems wrap it in an object of one or more wordings."""
    if isinstance(value, dict):
        value = next((value[key] for key in ("rendered", "basic", "text", "value") if isinstance(value.get(key), str)), None)
    return value if isinstance(value, str) and value else None


def _path_of(address: str) -> str:
    try:
        return urlsplit(address).path.strip("/").lower().removesuffix(".html")
    except ValueError:
        return ""


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", unescape(text).lower()))
