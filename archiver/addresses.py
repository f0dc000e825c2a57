"""Addresses that carry another address: web archives, embed proxies, oEmbed endpoints, trackers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit

from archiver.patterns import pattern

_CARRIED = pattern(r"/(?:__)?(https?(?::|%3[Aa])(?:/|%2[Ff]){1,2}[^/\s].{3,4000}+)$", re.DOTALL)
_PARAMETERS = frozenset({"url", "href", "src", "u", "link", "permalink", "uri", "embed", "embed_url", "post", "target"})
# Where a page is sent on from, the address has another name, or is all of the query.
_REDIRECTS = pattern(r"/(?:url|redirect|redir|away|away\.php|link|out)/?$")
_OF_REDIRECTS = frozenset({"q", "z", "to", "dest", "destination"})
_SHARES = pattern(
    r"/(?:intent|share|sharer|sharer\.php|login|signin|translate|like\.php|like_box\.php|share_button\.php)(?:[/?]|$)"
    r"|/plugins/(?!post\.php|video\.php|comment_embed\.php)\w{1,30}\.php"
)
_MOST_LAYERS = 4


def unescape(text: str) -> str:
    """The text with its entities read. Most has none, and then the table of their names is not needed either."""
    if "&" not in text:
        return text
    import html

    return html.unescape(text)


def layers(address: str) -> Iterator[str]:
    """The address, then those that it carries, from the outermost in. What only shares an address carries none."""
    for _ in range(_MOST_LAYERS):
        address = unescape(address).strip()
        if address.startswith(("http%3", "https%3")):
            address = unquote(address)
        if address.startswith("//"):
            address = "https:" + address
        yield address
        inner = _inner(address)
        if inner is None:
            return
        address = inner


def _inner(address: str) -> str | None:
    try:
        parts = urlsplit(address)
        if _SHARES.search(parts.path):
            return None
        carried = _CARRIED.search(address, len(parts.scheme) + 3)  # a web archive, or a proxy that takes an address as its path
        if carried and "?" not in address[: carried.start()]:
            scheme, _, rest = (unquote(carried[1]) if "%3" in carried[1][:8].upper() else carried[1]).partition(":")
            return f"{scheme}://{rest.lstrip('/').partition('__;')[0]}"  # URL Defense's mark
        if parts.query.startswith(("http:", "https:")):
            return address.partition("?")[2]
        if parts.query.startswith(("http%3", "https%3")):
            return unquote(parts.query)
        names = _PARAMETERS | _OF_REDIRECTS if _REDIRECTS.search(parts.path) else _PARAMETERS
        values = [value for name, value in parse_qsl(parts.query) if name.lower() in names and len(value) > 8]
    except ValueError:
        return None
    value = next((value for value in values if value.startswith(("http", "//", "at://", "www."))), None)
    if value and value.startswith(("http-3A__", "https-3A__")):  # as URL Defense wrote it
        value = unquote(value.replace("-", "%").replace("_", "/"))
    return value


_LONGEST = 8192


@lru_cache(maxsize=256)  # every platform asks for the same one in turn
def split(url: str) -> tuple[str, str, str, str] | None:
    """Host in lower case, path decoded once, query and fragment of a web address, its scheme given or not; None for other text.

    Nothing is read of what is longer than any platform's address, so whatever is matched against the parts is bounded.
    """
    if len(url) > _LONGEST:
        return None
    rest = url.strip()
    before, colon, after = rest.partition(":")
    if colon and before.lower() in {"http", "https"}:
        rest = after.lstrip("/")
    elif rest.startswith("//"):
        rest = rest.lstrip("/")
    elif colon and "/" not in before and "?" not in before and not after[:1].isdigit():
        return None  # another scheme; digits would be a port
    if len(rest.partition("?")[0].split()) != 1 or "\\" in rest.partition("/")[0]:
        return None  # prose, or a host that browsers and this function would read differently
    try:
        parts = urlsplit("https://" + rest)
        host = (parts.hostname or "").rstrip(".").lower()
    except ValueError:
        return None
    if "." not in host:
        return None
    path = unquote(parts.path) if "%" in parts.path else parts.path
    return host, path, parts.query.replace("&amp;", "&"), parts.fragment
