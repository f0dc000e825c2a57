"""Reddit: posts and single comments. Found only, so far.

A post's id is the one in its address (`t3_` in the API), a comment's is `POST/COMMENT`. The subreddit is no author, so it is
no handle; only posts on a user's own page have one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from archiver import addresses
from archiver.model import Marks, Platform, PostRef

NAME = "reddit"
_HOST = r"(?:[a-z]{1,12}\.)?(?:reddit|redditmedia|rxddit|vxreddit)\.com|(?:libreddit|redlib|teddit)\.[a-z0-9.-]{2,100}"
_PATH = (
    r"/(?:r/[\w.-]{1,60}/|u(?:ser)?/(?P<user>[\w-]{1,40})/)?comments/(?P<id>[A-Za-z0-9]{2,12})(?![\w-])"
    r"(?:/[^/]{0,400}/(?P<comment>(?!embed(?![\w-]))[A-Za-z0-9]{4,12})(?![\w-]))?"
)
_GALLERY = r"/gallery/(?P<id>[A-Za-z0-9]{2,12})/?"


def permalink(url: str) -> PostRef | None:
    """The post or comment an address names, an embed's frame included; None for any other address."""
    text = url.lower()
    if "redd" not in text and "rxddit" not in text and "redlib" not in text and "teddit" not in text:
        return None
    parts = addresses.split(url)
    if parts is None:
        return None
    host, path, _, _ = parts
    if host.removeprefix("www.") == "redd.it":
        short = re.fullmatch(r"/([A-Za-z0-9]{4,12})/?", path)
        return PostRef(NAME, short[1]) if short else None
    if not re.fullmatch(_HOST, host):
        return None
    gallery = re.fullmatch(_GALLERY, path)
    if gallery:
        return PostRef(NAME, gallery["id"])
    found = re.match(_PATH, path)
    if found is None:
        return None
    return PostRef(NAME, f"{found['id']}/{found['comment']}" if found["comment"] else found["id"], found["user"])


def canonical_url(ref: PostRef) -> str:
    """The post, or the comment below it, wherever it was posted."""
    post, _, comment = ref.post_id.partition("/")
    return f"https://www.reddit.com/comments/{post}/_/{comment}/" if comment else f"https://www.reddit.com/comments/{post}/"


def from_id(text: str, _: Mapping[str, str]) -> PostRef | None:
    """The post of a bare id, with or without the API's `t3_`, or of a path as forums keep it, `SUBREDDIT/comments/ID`."""
    if "comments/" in text:
        return permalink(f"https://www.reddit.com/{text}") or permalink(f"https://www.reddit.com/r/{text}")
    found = re.fullmatch("(?:t3_)?([a-z0-9]{4,10})", text)
    return PostRef(NAME, found[1]) if found else None


PLATFORM = Platform(
    name=NAME,
    permalink=permalink,
    canonical_url=canonical_url,
    from_id=from_id,
    hosts=frozenset({"libreddit", "redd", "reddit", "redditmedia", "redlib", "teddit"}),
    paths=("comments", "gallery", "redd"),
    marks=Marks(
        classes=frozenset({"reddit-embed-bq", "reddit-card", "reddit-embed"}),
        tags={"amp-reddit": "data-src"},
        shortcodes=frozenset({"reddit", "reddit_post", "reddit-post"}),
        words=frozenset({"reddit"}),
    ),
)
