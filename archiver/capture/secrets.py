"""What must never be kept: cookies, credentials, and the secrets in addresses. Taken out before a record is built.

A name stays, and how long its value was: `Cookie: redacted(48)`. Of the secret itself nothing stays, no digest either.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_plus, urlsplit

from archiver.patterns import pattern

_HEADERS = pattern(
    rb"(?im)^(cookie2?|authorization|proxy-authorization|x-(?:csrf|xsrf|auth|api|access|guest)[-a-z]*(?:token|key)|x-api-key)"
    rb":[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)"
)
_SET_COOKIE = pattern(rb"(?im)^(set-cookie2?):[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)")
_LOCATION = pattern(rb"(?im)^((?:content-)?location):[ \t]*([^\r\n]*)")
_PARAMETERS = pattern(
    r"(?:x-(?:amz|goog)-(?:signature|credential|security-token)|awsaccesskeyid|"
    r"(?:access|auth|id|refresh|session|csrf|xsrf|api|bearer|client)?[-_]?(?:token|key|secret|signature)|"
    r"sig|pass(?:word|wd|phrase)?|pwd|auth|jwt|session[-_]?id|sid|hdnea|hdnts)"
)
# Their `token` is worked out from the post's public id and opens nothing; without it an answer could not be found again.
_PUBLIC = {"cdn.syndication.twimg.com"}


def redacted_url(url: str) -> tuple[str, tuple[str, ...]]:
    """The address without user name and password and without the values of parameters that are secrets; and what was taken out.
    What is no address comes back as it is."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url, ()
    if parts.scheme not in ("http", "https"):
        return url, ()
    names: list[str] = []
    if "@" in parts.netloc:
        url = url.replace(parts.netloc, parts.netloc.rpartition("@")[2], 1)
        names.append("user name")
    if parts.hostname not in _PUBLIC:
        url = _without_values(url, names)
    return url, tuple(names)


def _without_values(address: str, names: list[str]) -> str:
    """An address, whole or not, without the values of parameters that are secrets."""
    before, mark, query = address.partition("?")
    query, hash_mark, fragment = query.partition("#")
    return before + mark + "&".join(_parameter(pair, names) for pair in query.split("&")) + hash_mark + fragment


def _parameter(pair: str, names: list[str]) -> str:
    name, equals, value = pair.partition("=")
    if not value or not _PARAMETERS.fullmatch(unquote_plus(name).lower()) or re.fullmatch(r"redacted\(\d+\)", value):
        return pair
    names.append(name)
    return f"{name}{equals}redacted({len(value)})"


def redacted_request(head: bytes, url: str) -> tuple[bytes, tuple[str, ...]]:
    """A request's head without its secrets, and their names. `url` is the address that was asked for."""
    names: list[str] = []
    head = _HEADERS.sub(lambda found: _header(found, names), head)
    line, end, rest = head.partition(b"\r\n")
    method, _, target = line.partition(b" ")
    target, _, version = target.rpartition(b" ")
    if urlsplit(url).hostname not in _PUBLIC:
        line = b" ".join((method, _without_values(target.decode("latin-1"), names).encode("latin-1"), version))
    return line + end + rest, tuple(names)


def redacted_response(head: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The head of an answer to a request that carried a secret: the session it opens, and signed addresses, are secrets too."""
    names: list[str] = []
    head = _SET_COOKIE.sub(lambda found: _header(found, names), head)

    def location(found: re.Match[bytes]) -> bytes:
        return found[0].replace(found[2], _without_values(found[2].decode("latin-1"), names).encode("latin-1"), 1)

    return _LOCATION.sub(location, head), tuple(names)


def _header(found: re.Match[bytes], names: list[str]) -> bytes:
    names.append(found[1].decode("ascii"))
    return found[1] + f": redacted({len(found[2])})".encode("ascii")


def redacted_words(words: str) -> str:
    """A text in which every address, and the credentials of a proxy, are without secrets: a call, a message."""
    return re.sub(r"https?://[^\s'\"<>]+", lambda found: redacted_url(found[0])[0], words)
