"""Tumblr: posts. Found only, so far. An id is the post's number, which holds across all blogs.

`PostRef.handle` is the blog. An embed's frame names it by a key instead; then the handle is `key:KEY`, for only with it
can the frame be opened again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from archiver import addresses
from archiver.model import Marks, Platform, PostRef

NAME = "tumblr"
_BLOG = r"(?P<blog>[A-Za-z0-9][A-Za-z0-9-]{0,62})"
_ID = r"(?P<id>[0-9]{5,20})(?![\w-])"
_ON_BLOG = rf"/(?:post|image|video)/{_ID}"
_ON_SITE = (
    r"/(?:blog/view/|dashboard/blog/|@|video/)?(?!(?:tagged|search|explore|dashboard|blog|share|widgets|login|register|settings|embed"
    rf"|post|likes|following|audio|video|image|help|docs|policy)/){_BLOG}/{_ID}"
)
_FRAME = rf"/embed/post/(?P<key>[A-Za-z0-9:_.-]{{1,64}})/{_ID}"
_NO_BLOG = frozenset(
    {"www", "m", "embed", "assets", "secure.assets", "api", "media", "static", "platform", "help", "engineering"}
)
_BLOG_NAMES = ("blog", "user", "username", "account", "handle", "author")


def permalink(url: str) -> PostRef | None:
    """The post an address names, an embed's frame included; None for any other address."""
    if "tumblr.com" not in url.lower():
        return None
    parts = addresses.split(url)
    if parts is None:
        return None
    host, path, _, _ = parts
    if host != "tumblr.com" and not host.endswith(".tumblr.com"):
        return None
    blog = host.removesuffix("tumblr.com").removesuffix(".").removeprefix("www.")
    if blog in _NO_BLOG or not blog:
        framed = re.match(_FRAME, path)
        if framed:
            return PostRef(NAME, framed["id"], f"key:{framed['key']}")
        found = re.match(_ON_SITE, path)
        return PostRef(NAME, found["id"], found["blog"]) if found and found["blog"].lower() not in _NO_BLOG else None
    found = re.match(_ON_BLOG, path) if re.fullmatch(_BLOG, blog) else None
    return PostRef(NAME, found["id"], blog) if found else None


def canonical_url(ref: PostRef) -> str:
    """The post on its blog, or the embed's frame where the blog is known by its key only."""
    handle = ref.handle or ""
    if handle.startswith("key:"):
        return f"https://embed.tumblr.com/embed/post/{handle.removeprefix('key:')}/{ref.post_id}"
    return f"https://{handle}.tumblr.com/post/{ref.post_id}"


def from_id(text: str, parameters: Mapping[str, str]) -> PostRef | None:
    """The post of a number whose blog stands beside it: alone it opens nothing."""
    blog = next((parameters[name].lstrip("@") for name in _BLOG_NAMES if parameters.get(name)), "")
    found = re.fullmatch(f"{_BLOG}/{_ID}", f"{blog}/{text}")
    return PostRef(NAME, text, blog) if found and blog.lower() not in _NO_BLOG else None


PLATFORM = Platform(
    name=NAME,
    permalink=permalink,
    canonical_url=canonical_url,
    from_id=from_id,
    hosts=frozenset({"tumblr"}),
    paths=("post",),
    marks=Marks(
        classes=frozenset({"tumblr-post"}),
        shortcodes=frozenset({"tumblr"}),
        words=frozenset({"tumblr"}),
    ),
)
