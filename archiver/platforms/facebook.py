"""Facebook: posts, photos and videos. Found only, so far.

Ids come in kinds, for no one address opens them all. `PostRef.post_id` is

- `ID` for `/PAGE/posts/ID` and `/groups/GROUP/posts/ID`, `PostRef.handle` then `PAGE` or `groups/GROUP`;
- `PAGE_ID` for `permalink.php?story_fbid=ID&id=PAGE`, as the Graph API writes such ids;
- `photos/ID` and `videos/ID` (reels too), which open without their page;
- `fb.watch/CODE` and `share/KIND/CODE` for short addresses, which hold no id.

`ID` is a number or, since 2022, a text that begins with `pfbid`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qs, quote

from archiver import addresses
from archiver.model import Marks, Platform, PostRef

NAME = "facebook"
_HOST = r"(?:(?:www|m|web|mbasic|touch|mobile|free|p|[a-z]{2}-[a-z]{2})\.)?(?:facebook|fb)\.com"
_ID = r"(?:[0-9]{3,25}|pfbid[A-Za-z0-9]{10,120})(?![A-Za-z0-9_-])"
_WORD = r"[^/?#\s\ud800-\udfff]{1,200}"
_PAGE = rf"/(?:pg/)?(?P<page>groups/{_WORD}|(?!(?:groups|hashtag|watch|events|plugins|sharer)/){_WORD})"
_POST = rf"{_PAGE}/(?:posts|permalink)/(?:[^/]{{1,400}}/)?(?P<id>{_ID})"
_PHOTO = rf"{_PAGE}/photos/(?:[^/]{{1,200}}/){{0,2}}(?P<id>{_ID})"
_VIDEO = rf"(?:{_PAGE}/(?:videos|reels?)/(?:[^/]{{1,400}}/)?|/(?:reels?|v)/)(?P<id>{_ID})"
_PLUGIN = r"/(?:v[0-9.]{1,6}/)?plugins/(?:post|video|comment_embed)\.php"
_STORY = r"/(?:permalink|story)\.php/?"
_FLASH = r"/swf/mvp\.swf"
# The parameter that holds the id, by path, and the kind of id it is.
_BY_QUERY = (
    (r"/photo(?:\.php|s)?/?", "fbid", "photos/"),
    (r"/(?:watch(?:/live)?/?|(?:video/)?video\.php)", "v", "videos/"),
    (r"/video/embed/?", "video_id", "videos/"),
    (_FLASH, "video_id", "videos/"),
)
_PAGE_NAMES = ("page", "user", "username", "owner", "account", "handle")


def permalink(url: str) -> PostRef | None:
    """The post, photo or video an address names, an embed's frame included; None for any other address."""
    if "facebook." not in url.lower() and "fb." not in url.lower():
        return None
    parts = addresses.split(url)
    if parts is None:
        return None
    host, path, query, _ = parts
    if host.removeprefix("www.") == "fb.watch":
        short = re.match(r"/(?:v/)?([A-Za-z0-9_-]{5,30})/?$", path)
        return PostRef(NAME, f"fb.watch/{short[1]}") if short else None
    if host.endswith(".fbcdn.net") and re.fullmatch(_FLASH, path):
        return _by_query(path, query)
    if not re.fullmatch(_HOST, host):
        return None
    if re.fullmatch(_PLUGIN, path):
        inner = parse_qs(query).get("href", [""])[0]
        return None if "plugins/" in inner else permalink(inner)
    return _by_query(path, query) or _by_path(path)


def _by_query(path: str, query: str) -> PostRef | None:
    if not query:
        return None
    given = {name: values[0] for name, values in parse_qs(query).items()}
    if re.fullmatch(_STORY, path):
        post_id, page = given.get("story_fbid", ""), given.get("id", "")
        if not re.fullmatch(_ID, post_id):
            return None
        return PostRef(NAME, f"{page}_{post_id}" if re.fullmatch("[0-9]{3,25}", page) else post_id)
    for pattern, name, kind in _BY_QUERY:
        if re.fullmatch(pattern, path) and re.fullmatch(_ID, given.get(name, "")):
            return PostRef(NAME, kind + given[name])
    return None


def _by_path(path: str) -> PostRef | None:
    for pattern, kind in ((_POST, ""), (_PHOTO, "photos/"), (_VIDEO, "videos/")):
        found = re.match(pattern, path)
        if found:
            return PostRef(NAME, kind + found["id"], found["page"])
    short = re.match(r"/(share/[prv]/[A-Za-z0-9_-]{5,30})/?$", path)
    return PostRef(NAME, short[1]) if short else None


def canonical_url(ref: PostRef) -> str:
    """The address of the post on www.facebook.com, made from what is known of it (see above)."""
    kind, _, rest = ref.post_id.rpartition("/")
    page, _, post_id = rest.rpartition("_")
    if kind == "fb.watch":
        return f"https://fb.watch/{rest}/"
    if kind == "photos":
        return f"https://www.facebook.com/photo.php?fbid={rest}"
    if kind == "videos":
        return f"https://www.facebook.com/watch/?v={rest}"
    if kind:
        return f"https://www.facebook.com/{kind}/{rest}/"
    if page:
        return f"https://www.facebook.com/permalink.php?story_fbid={post_id}&id={page}"
    if ref.handle:
        return f"https://www.facebook.com/{quote(ref.handle)}/posts/{post_id}"
    return f"https://www.facebook.com/permalink.php?story_fbid={post_id}"


def from_id(text: str, parameters: Mapping[str, str]) -> PostRef | None:
    """The post of `PAGE_ID`, of a path (`PAGE/posts/ID`, or as forums have it, `post/ID`), or of an id whose page stands beside
    it: alone it opens nothing."""
    kept = re.fullmatch("(p|v|r|posts?/?|(?:video|reel)s?/?)([0-9]{8,25})", text)
    if kept:
        return PostRef(NAME, kept[2] if kept[1].startswith("p") else f"videos/{kept[2]}")
    if "/" in text:
        return _by_path(f"/{text}")
    if re.fullmatch("[0-9]{3,25}_[0-9]{3,25}", text):
        return PostRef(NAME, text)
    page = next((parameters[name] for name in _PAGE_NAMES if parameters.get(name)), "")
    if not re.fullmatch(_ID, text) or not re.fullmatch(r"[\w.-]{1,200}", page):
        return None
    return PostRef(NAME, text, page)


PLATFORM = Platform(
    name=NAME,
    permalink=permalink,
    canonical_url=canonical_url,
    from_id=from_id,
    hosts=frozenset({"facebook", "fb"}),
    paths=("permalink", "photo", "post", "story", "video", "watch", r"fb\.watch"),
    marks=Marks(
        classes=frozenset({"fb-post", "fb-video", "fb-comment-embed"}),
        tags={"amp-facebook": "data-href", "fb:post": "href", "fb:video": "href", "fb:comment-embed": "href"},
        shortcodes=frozenset({"facebook", "fb", "facebook_post", "facebook-post", "fbpost"}),
        words=frozenset({"facebook", "fb"}),
    ),
)
