"""Bluesky: posts by `at://` address and on bsky.app. Found only, so far.

A post's id is `AUTHOR/RKEY`: the author's handle or DID as the address gives it, and the key of the record
(https://atproto.com/specs/at-uri-scheme).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from archiver import addresses
from archiver.model import Marks, Platform, PostRef

NAME = "bluesky"
# bsky.app itself, and the copies of it that only add a preview
HOSTS = frozenset({"bsky.app", "staging.bsky.app", "main.bsky.dev", "fxbsky.app", "vxbsky.app", "bskx.app", "bskyx.app"})
_AUTHOR = r"(?P<author>did:[a-z]{2,10}:[A-Za-z0-9._:-]{1,250}|[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})"
_KEY = r"(?P<key>[A-Za-z0-9_-]{1,64})(?![A-Za-z0-9_-])"
_PROFILE = rf"/profile/@?{_AUTHOR}/post/{_KEY}"
_RECORD = rf"{_AUTHOR}/app\.bsky\.feed\.post/{_KEY}"
_AUTHOR_NAMES = ("user", "handle", "author", "username", "profile", "did", "account")


def permalink(url: str) -> PostRef | None:
    """The post an address on bsky.app, of an embed's frame, or an `at://` URI names; None for any other address."""
    if "bsk" not in url.lower():
        return None
    url = url.strip()
    if url[:5].lower() in {"at://", "at%3a"} and len(url) < 1000:
        return _ref(re.match("at://" + _RECORD, unquote(url)))
    parts = addresses.split(url)
    if parts is None:
        return None
    host, path, _, _ = parts
    host = host.removeprefix("www.")
    if host == "embed.bsky.app":
        return _ref(re.match("/embed/" + _RECORD, path))
    return _ref(re.match(_PROFILE, path)) if host in HOSTS else None


def canonical_url(ref: PostRef) -> str:
    """The post on bsky.app, which takes handles and DIDs alike."""
    author, _, key = ref.post_id.partition("/")
    return f"https://bsky.app/profile/{author}/post/{key}"


def from_id(text: str, parameters: Mapping[str, str]) -> PostRef | None:
    """The post of an `at://` URI, of `AUTHOR/RKEY`, or of a key with its author beside it."""
    if text.startswith("at://"):
        return permalink(text)
    if "/" not in text:
        text = next((parameters[name].lstrip("@") for name in _AUTHOR_NAMES if parameters.get(name)), "") + "/" + text
    return _ref(re.fullmatch(f"{_AUTHOR}/{_KEY}", text))


def _ref(found: re.Match[str] | None) -> PostRef | None:
    if found is None:
        return None
    author = found["author"]
    return PostRef(NAME, f"{author}/{found['key']}", None if author.startswith("did:") else author)


PLATFORM = Platform(
    name=NAME,
    permalink=permalink,
    canonical_url=canonical_url,
    from_id=from_id,
    hosts=frozenset({"bskx", "bsky", "fxbsky", "vxbsky"}),
    paths=("embed", "post"),
    marks=Marks(
        classes=frozenset({"bluesky-embed"}),
        ids=frozenset({"data-bluesky-uri"}),
        tags={"bluesky-post": "src", "bsky-post": "src"},
        shortcodes=frozenset({"bluesky", "bsky", "bluesky-post", "bluesky_post", "blueskypost"}),
        words=frozenset({"bluesky", "bsky"}),
    ),
)
