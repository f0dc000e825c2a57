"""Ask for an address and hold the whole answer as an `Exchange`. The transport is the only seam between live and offline."""

from __future__ import annotations

import base64
import re
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy, LoadError, MozillaCookieJar
from pathlib import Path

import httpx

from archiver.capture.decode import ends_early
from archiver.capture.secrets import redacted_request, redacted_response, redacted_url
from archiver.capture.wire import Wire
from archiver.errors import CaptureError, NoStandIn, UsageError
from archiver.model import Activity, Doing, Exchange, Framing, Origin, Watch, unwatched

# What a transport says of its answer, in `httpx.Response.extensions`.
ORIGIN = "archiver_origin"
STAND_IN = "archiver_stand_in"
TRUNCATED = "archiver_truncated"
SEEN = "archiver_seen"  # the Wire of a live answer
FRAMING = "archiver_framing"  # gives its Framing once the body was read


_TELL_SECONDS = 0.2


class Recorder:
    """Asks through one transport. No redirects, nothing from the environment, no cookies but those of `cookies`, which is the
    user's own file and is not added to."""

    def __init__(
        self,
        transport: httpx.BaseTransport,
        *,
        user_agent: str,
        max_body_bytes: int,
        cookies: CookieJar | None = None,
        watch: Watch = unwatched,
    ) -> None:
        self._transport = transport
        self._headers = [("User-Agent", user_agent), ("Accept", "*/*"), ("Accept-Encoding", "gzip, identity")]
        self._max_body_bytes = max_body_bytes
        self._cookies = cookies
        self._watch = watch

    def close(self) -> None:
        self._transport.close()

    def address(self, url: str) -> str:
        """The address as it will be sent, ASCII only. Raises CaptureError where it is none."""
        return str(self._url(url))

    def _url(self, url: str) -> httpx.URL:
        try:
            address = httpx.URL(url).copy_with(fragment=None)
        except (httpx.InvalidURL, UnicodeError, ValueError) as error:
            raise CaptureError("bad-url", f"{redacted_url(url)[0]!r}: {error}") from None
        if address.scheme not in ("http", "https") or not address.host:
            raise CaptureError("bad-url", f"{redacted_url(url)[0]!r}: not an http(s) address")
        return address

    def _request(self, url: str) -> tuple[httpx.Request, bool]:
        """The request, and whether it carries a secret."""
        address = self._url(url)
        headers = [*self._headers]
        if address.username or address.password:
            credentials = base64.b64encode(f"{address.username}:{address.password}".encode()).decode("ascii")
            headers.append(("Authorization", f"Basic {credentials}"))
        if self._cookies is not None:
            asking = urllib.request.Request(str(address.copy_with(userinfo=b"")))  # noqa: S310 (the jar decides by it; nothing is opened)
            self._cookies.add_cookie_header(asking)
            headers += asking.unredirected_hdrs.items()
        return httpx.Request("GET", address, headers=headers), len(headers) > len(self._headers)

    def fetch(self, url: str) -> Exchange:
        """The answer to GET `url`, whatever its status. Raises CaptureError where there is none.

        A body that was cut short is kept, and `truncated` says why: `disconnect`, `length`, `time`, or `unspecified` where HTTP
        calls it whole but its compression ends early.
        """
        request, secret = self._request(url)
        started, kept_url, of_url = datetime.now(UTC), *redacted_url(str(request.url))
        self._watch(Activity(Doing.ASKING, kept_url))
        try:
            response = self._transport.handle_request(request)
        except NoStandIn:
            raise
        except CaptureError as error:
            raise CaptureError(error.reason, f"{redacted_url(url)[0]}: {error}") from error
        try:
            body, truncated = self._body(response, kept_url)
        finally:
            response.close()
        said = response.extensions
        wire: Wire | None = said.get(SEEN)
        read_framing: Callable[[], Framing | None] = said.get(FRAMING, lambda: None)
        framing = read_framing()
        headers = _renamed(response, chunked=framing is not None and bool(framing.chunks or framing.trailer))
        asked, withheld = redacted_request(bytes(wire.sent) if wire else _request_head(request), str(request.url))
        head = _marked(wire.head, framing) if wire else _response_head(response, headers)
        if secret:
            head, of_answer = redacted_response(head)
            withheld += of_answer
        return Exchange(
            method=request.method,
            url=kept_url,
            request_head=asked,
            status=response.status_code,
            headers=headers,
            response_head=head,
            body=body,
            started=(wire and wire.started) or started,
            origin=said.get(ORIGIN, Origin.LIVE),
            ip=wire.address if wire else None,
            truncated=said.get(TRUNCATED) or truncated or _cut_inside(response, body),
            stand_in=said.get(STAND_IN),
            tls=wire.tls if wire else None,
            framing=framing,
            redacted=tuple(dict.fromkeys((*withheld, *of_url))),
        )

    def _body(self, response: httpx.Response, url: str) -> tuple[bytes, str | None]:
        body, begun, told = bytearray(), time.monotonic(), 0.0
        try:
            for chunk in response.iter_raw():
                body += chunk
                spent = time.monotonic() - begun
                if spent - told > _TELL_SECONDS:
                    told = spent
                    self._watch(Activity(Doing.RECEIVING, url, len(body), spent))
                if len(body) > self._max_body_bytes:
                    return bytes(body[: self._max_body_bytes]), "length"
        except httpx.TimeoutException:
            return bytes(body), "time"
        except httpx.TransportError:
            return bytes(body), "disconnect"
        self._watch(Activity(Doing.RECEIVED, url, len(body), time.monotonic() - begun))
        return bytes(body), None


def cookie_jar(path: Path) -> CookieJar:
    """The cookies of a file in Netscape's format, session cookies too. Raises UsageError where it is none."""
    # The stricter rule for names: a cookie of one host is not its subdomains'.
    jar = MozillaCookieJar(policy=DefaultCookiePolicy(strict_ns_domain=DefaultCookiePolicy.DomainStrictNonDomain))
    try:
        jar.load(str(path), ignore_discard=True, ignore_expires=True)
    except LoadError:
        raise UsageError(f"--cookies {path}: is no cookie file in Netscape's format") from None
    except (OSError, UnicodeError) as error:
        raise UsageError(f"--cookies {path}: cannot be read: {getattr(error, 'strerror', None) or 'not text'}") from None
    for cookie in jar:
        if not cookie.expires:  # a 0 is how most programs write a session's cookie, and no day in 1970
            cookie.expires = None
    return jar


def _cut_inside(response: httpx.Response, body: bytes) -> str | None:
    return "unspecified" if ends_early(response.headers.get("Content-Encoding"), body) else None


def _renamed(response: httpx.Response, *, chunked: bool) -> tuple[tuple[str, str], ...]:
    """The headers to be read, of which none speaks of framing that is no longer there."""
    names = _UNFRAMED if chunked else _UNFRAMED[:1]
    return tuple(
        (f"X-Archive-Orig-{name}" if name.lower() in names else name, value)
        for name, value in ((k.decode("latin-1"), v.decode("latin-1")) for k, v in response.headers.raw)
    )


_UNFRAMED = ("transfer-encoding", "content-length")


def _marked(head: bytes, framing: Framing | None) -> bytes:
    """The head as received, but for a prefix to the name of a header that speaks of framing that is no longer there: a reader
    would take the payload for chunks, or believe a length beside them that HTTP says to ignore (RFC 9112, 6.3)."""
    names = rb"transfer-encoding|content-length" if framing and (framing.chunks or framing.trailer) else rb"transfer-encoding"
    return re.sub(rb"(?im)^(" + names + rb")(?=:)", rb"X-Archive-Orig-\1", head)


def _request_head(request: httpx.Request) -> bytes:
    lines = [request.method.encode() + b" " + request.url.raw_path + b" HTTP/1.1"]
    return b"\r\n".join(lines + [name + b": " + value for name, value in request.headers.raw]) + b"\r\n\r\n"


def _response_head(response: httpx.Response, headers: tuple[tuple[str, str], ...]) -> bytes:
    reason = response.extensions.get("reason_phrase", b"").decode("latin-1")
    lines = [f"HTTP/1.1 {response.status_code} {reason}".rstrip()]
    return "\r\n".join(lines + [f"{name}: {value}" for name, value in headers] + ["", ""]).encode("latin-1")
