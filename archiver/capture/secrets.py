"""What must never be kept: cookies, credentials, and the secrets in addresses. Taken out before a record is built.

A name stays, and how long its value was: `Cookie: redacted(48)`. Of the secret itself nothing stays, no digest either.
Addresses are taken apart as text, so that one which is no address holds no secret either.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, unquote_plus, urlsplit

from archiver.patterns import pattern

_HEADERS = pattern(
    rb"(?im)^(cookie2?|authorization|proxy-authorization|x-(?:csrf|xsrf|auth|api|access|guest)[-a-z]*(?:token|key)|x-api-key)"
    rb":[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)"
)
_SET_COOKIE = pattern(rb"(?im)^(set-cookie2?):[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)")
_LOCATION = pattern(rb"(?im)^(?:content-location|location):[ \t]*([^\r\n]*)")
_LINKS = pattern(rb"(?im)^(?:link|refresh):[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)")

# What gives access, by the names in use: AWS, CloudFront, Google, Azure (its signature is `sig`), Akamai, OAuth, others.
_PARAMETERS = pattern(
    r"(?:x-(?:amz|goog)-(?:signature|credential|security-token)|x-signature|awsaccesskeyid|googleaccessid|key-pair-id|policy|"
    r"oauth_[a-z_]{1,40}|(?:[a-z0-9]{1,30}[-_])?(?:token|secret|signature|hmac|password|passwd|api[-_]?key|access[-_]?key)|"
    r"(?:access|auth|id|refresh|session|csrf|xsrf|api|bearer|client)(?:token|key|secret|signature)|"
    r"(?:private|secret|auth|session|client)[-_]key|key|sig|pass|passphrase|passcode|pwd|auth|jwt|assertion|credentials?|"
    r"session[-_]?id|sid|sessid|phpsessid|jsessionid|__token__|__gda__|hdnea|hdnts|hdntl)"
)
_REDACTED = pattern(r"redacted\(\d+\)")
_ADDRESS = pattern(r"(?s)([a-z][a-z0-9+.-]{0,30}:)?//([^/?#]*)(.*)", re.IGNORECASE)
_MAY_HOLD = pattern(r"[?@#;]")  # most addresses have none of these, and are not taken apart
_MATRIX = pattern(r"(?i)(;(?:jsessionid|phpsessid|sid)=)([^;/?#]+)")
_WITHIN = pattern(r"(?i)(https?:/{1,2})([^/?#\s]*)")
# Their `token` is worked out from the post's public id and opens nothing; without it an answer could not be found again.
_PUBLIC = {"cdn.syndication.twimg.com"}
_MOST_NESTED = 4


def redacted_url(url: str) -> tuple[str, tuple[str, ...]]:
    """The address without user name and password and without the values of parameters that are secrets, in addresses within it
    too; and what was taken out. What is no address comes back as it is."""
    if not _MAY_HOLD.search(url):
        return url, ()
    names: list[str] = []
    return _redacted(url, names, _MOST_NESTED), tuple(names)


def _redacted(url: str, names: list[str], depth: int) -> str:
    found = _ADDRESS.fullmatch(url)
    if found is None:
        return url
    authority, rest = _without_user(found[2], found[3], names)
    carried = [_host(one[2]) for one in _WITHIN.finditer(rest.partition("?")[0])]
    if (carried[-1] if carried else _host(authority)) not in _PUBLIC:
        rest = _reference(rest, names, depth)
    return f"{found[1] or ''}//{authority}{rest}"


def _without_user(authority: str, rest: str, names: list[str]) -> tuple[str, str]:
    """Host and port, and what follows them. A password with a slash in it ends where the last @ of the path is."""
    before, mark, host = authority.rpartition("@")
    path = re.match(r"[^?#]*", rest)
    if not mark and path and "@" in path[0] and re.search(r":[^\d\]][^\]]*$", authority):
        password, mark, path_left = path[0].rpartition("@")
        host, slash, path_left = path_left.partition("/")
        before, rest = authority + password, slash + path_left + rest[path.end() :]
    if mark and before:
        names.append("user name")
    return host if mark else authority, rest


def _reference(address: str, names: list[str], depth: int = _MOST_NESTED) -> str:
    """An address behind its host, or one without a host, without the values of parameters that are secrets."""
    before, mark, query = address.partition("?")
    query, hash_mark, fragment = query.partition("#") if mark else ("", *before.partition("#")[1:])
    if not mark:
        before = before.partition("#")[0]
    before = _MATRIX.sub(lambda found: found[1] + _gone(found[1].strip(";="), found[2], names), before)
    before = _WITHIN.sub(lambda found: found[1] + _without_user(found[2], "", names)[0], before)
    return before + mark + _pairs(query, names, depth) + hash_mark + _pairs(fragment, names, depth)


def _pairs(query: str, names: list[str], depth: int) -> str:
    return "&".join(_parameter(pair, names, depth) for pair in query.split("&"))


def _parameter(pair: str, names: list[str], depth: int) -> str:
    name, equals, value = pair.partition("=")
    plain = unquote_plus(name).lower().rpartition(";")[2].strip().removesuffix("[]")
    if value and _PARAMETERS.fullmatch(plain):
        return f"{name}={_gone(name, value, names)}"
    if ";" in value:  # the other sign that parts parameters
        first, *others = value.split(";")
        value = ";".join([first, *(_parameter(other, names, depth) for other in others)])
    if depth and (nested := unquote(value)) and "//" in nested:
        within: list[str] = []
        clean = _redacted(nested, within, depth - 1)
        if within:
            names += within
            value = quote(clean, safe="()")
    return name + equals + value


def _gone(name: str, value: str, names: list[str]) -> str:
    if _REDACTED.fullmatch(value):
        return value
    names.append(name)
    return f"redacted({len(value)})"


def _host(authority: str) -> str:
    return authority.rpartition("@")[2].partition(":")[0].lower()


def redacted_request(head: bytes, url: str) -> tuple[bytes, tuple[str, ...]]:
    """A request's head without its secrets, and their names. `url` is the address that was asked for."""
    names: list[str] = []
    head = _HEADERS.sub(lambda found: _header(found, names), head)
    line, end, rest = head.partition(b"\r\n")
    method, _, target = line.partition(b" ")
    target, _, version = target.rpartition(b" ")
    if _MAY_HOLD.search(url) and urlsplit(url).hostname not in _PUBLIC:
        said = target.decode("latin-1")
        kept = _redacted(said, names, _MOST_NESTED) if _ADDRESS.fullmatch(said) else _reference(said, names)
        line = b" ".join((method, kept.encode("latin-1"), version))
    return line + end + rest, tuple(names)


def redacted_response(head: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The head of an answer to a request that carried a secret: the session it opens, and signed addresses, are secrets too."""
    names: list[str] = []
    for secret in (_SET_COOKIE, _HEADERS):
        head = secret.sub(lambda found: _header(found, names), head)

    def address(text: str) -> str:
        return _redacted(text, names, _MOST_NESTED) if _ADDRESS.fullmatch(text) else _reference(text, names)

    def location(found: re.Match[bytes]) -> bytes:
        return found[0].replace(found[1], address(found[1].decode("latin-1")).encode("latin-1"), 1)

    def links(found: re.Match[bytes]) -> bytes:
        words = re.sub(r"(?:https?:/)?/[^\s'\"<>,;]+", lambda one: address(one[0]), found[1].decode("latin-1"))
        return found[0].replace(found[1], words.encode("latin-1"), 1)

    return _LINKS.sub(links, _LOCATION.sub(location, head)), tuple(names)


def _header(found: re.Match[bytes], names: list[str]) -> bytes:
    if re.fullmatch(rb"redacted\(\d+\)", found[2]):
        return found[0]
    names.append(found[1].decode("ascii"))
    return found[1] + f": redacted({len(found[2])})".encode("ascii")


def redacted_words(words: str) -> str:
    """A text in which every address, and the credentials of a proxy, are without secrets: a call, a message."""
    return re.sub(r"https?://[^\s'\"<>]+", lambda found: redacted_url(found[0])[0], words)
