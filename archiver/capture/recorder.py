"""Ask for an address and hold the whole answer as an `Exchange`. The transport is the only seam between live and offline."""

from __future__ import annotations

import base64
import re
import time
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy, LoadError, MozillaCookieJar
from pathlib import Path

import httpx

from archiver.capture.decode import Followed
from archiver.capture.secrets import redacted_request, redacted_response, redacted_url
from archiver.capture.wire import Wire
from archiver.errors import CaptureError, NoStandIn, UsageError
from archiver.model import Activity, Doing, Exchange, Framing, Origin, Spill, Watch, unwatched

# What a transport says of its answer, in `httpx.Response.extensions`.
ORIGIN = "archiver_origin"
STAND_IN = "archiver_stand_in"
TRUNCATED = "archiver_truncated"
SEEN = "archiver_seen"  # the Wire of a live answer
FRAMING = "archiver_framing"  # gives its Framing once the body was read


MEMORY_BYTES = 8 * 1024 * 1024
_TELL_SECONDS = 0.2


class HungUp(CaptureError):
    """The server had hung up on a connection that was kept: it has seen nothing of the request (RFC 9112, 9.3.1)."""


class Recorder:
    """Asks through one transport. No redirects, nothing from the environment, no cookies but those of `cookies`, which is the
    user's own file and is not added to. A body of more than `memory_bytes` goes to what `spill` gives for its exchange."""

    def __init__(
        self,
        transport: httpx.BaseTransport,
        *,
        user_agent: str,
        max_body_bytes: int,
        cookies: CookieJar | None = None,
        watch: Watch = unwatched,
        memory_bytes: int = MEMORY_BYTES,
        spill: Callable[[Exchange], Spill] | None = None,
    ) -> None:
        self._transport = transport
        self._headers = [("User-Agent", user_agent), ("Accept", "*/*"), ("Accept-Encoding", "gzip, identity")]
        self._max_body_bytes = max_body_bytes
        self._cookies = cookies
        self._watch = watch
        self._memory_bytes = memory_bytes
        self._spill = spill

    def close(self) -> None:
        self._transport.close()

    def address(self, url: str) -> str:
        """The address as it will be sent, ASCII only. Raises CaptureError where it is none."""
        return str(self._url(url))

    def _url(self, url: str) -> httpx.URL:
        try:
            address = httpx.URL(url.partition("#")[0])
        except (httpx.InvalidURL, UnicodeError, ValueError) as error:
            known, withheld = redacted_url(url)
            why = "not an address" if withheld else error  # which says what of it is none
            raise CaptureError("bad-url", f"{known!r}: {why}") from None
        if address.scheme not in ("http", "https") or not address.host:
            raise CaptureError("bad-url", f"{redacted_url(url)[0]!r}: not an http(s) address")
        return address

    def _request(self, url: str, at: datetime | None) -> tuple[httpx.Request, bool]:
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
        secret = len(headers) > len(self._headers)
        if at is not None:
            headers.append(("Accept-Datetime", format_datetime(at.astimezone(UTC), usegmt=True)))
        return httpx.Request("GET", address, headers=httpx.Headers(headers, encoding="utf-8")), secret

    def fetch(self, url: str, at: datetime | None = None) -> Exchange:
        """The answer to GET `url`, whatever its status; of a TimeGate, as of `at`. Raises CaptureError where there is none.

        A body that was cut short is kept, and `truncated` says why: `disconnect`, `length`, `time`, or `unspecified` where HTTP
        calls it whole but its compression ends early.
        """
        request, secret = self._request(url, at)
        self._watch(Activity(Doing.ASKING, redacted_url(str(request.url))[0]))
        try:
            response = self._asked(request)
        except NoStandIn:
            raise
        except CaptureError as error:
            raise CaptureError(error.reason, f"{redacted_url(url)[0]}: {error}") from error
        try:
            begun = self._begun(request, response, datetime.now(UTC), secret=secret)
            done = self._finished(begun, response)
            return _with_framing_redacted(done) if secret and done.framing else done
        finally:
            response.close()

    def _asked(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._transport.handle_request(request)
        except HungUp:
            return self._transport.handle_request(request)  # on a new connection, and at the host's pace like any other

    def _begun(self, request: httpx.Request, response: httpx.Response, started: datetime, *, secret: bool) -> Exchange:
        """The exchange as it is before its body is read."""
        said = response.extensions
        wire: Wire | None = said.get(SEEN)
        headers = _renamed(response)
        asked, withheld = redacted_request(bytes(wire.sent) if wire else _request_head(request), str(request.url))
        head = _marked(wire.head, headers) if wire else _response_head(response, headers)
        if secret:
            head, of_answer = redacted_response(head)
            withheld += of_answer
        url, of_url = redacted_url(str(request.url))
        return Exchange(
            method=request.method,
            url=url,
            request_head=asked,
            status=response.status_code,
            headers=headers,
            response_head=head,
            body=b"",
            started=(wire and wire.started) or started,
            origin=said.get(ORIGIN, Origin.LIVE),
            ip=wire.address if wire else None,
            stand_in=said.get(STAND_IN),
            tls=wire.tls if wire else None,
            redacted=tuple(dict.fromkeys((*withheld, *of_url))),
        )

    def _finished(self, begun: Exchange, response: httpx.Response) -> Exchange:
        """The exchange with its body, in memory or spilled, and with what is known once that was read."""
        body = _Body(begun, self._memory_bytes, self._spill)
        truncated = self._read(body, response, begun)
        said = response.extensions
        read_framing: Callable[[], Framing | None] = said.get(FRAMING, lambda: None)
        return replace(
            begun,
            body=bytes(body.held),
            truncated=said.get(TRUNCATED) or truncated or ("unspecified" if body.coding.ends_early else None),
            framing=read_framing(),
            unread=body.size if body.spill else 0,
            spill=body.spill,
        )

    def _read(self, body: _Body, response: httpx.Response, exchange: Exchange) -> str | None:
        """Why the body was cut short, if it was."""
        begun, told, url = time.monotonic(), 0.0, exchange.url
        length = exchange.header("Content-Length") or ""
        of = int(length) if re.fullmatch(r"[0-9]{1,15}", length) else 0
        try:
            for piece in response.iter_raw():
                if body.size + len(piece) > self._max_body_bytes:
                    body.add(piece[: self._max_body_bytes - body.size])
                    return "length"
                body.add(piece)
                spent = time.monotonic() - begun
                if spent - told > _TELL_SECONDS:
                    told = spent
                    self._watch(Activity(Doing.RECEIVING, url, body.size, spent, of))
        except httpx.TimeoutException:
            return "time"
        except httpx.TransportError:
            return "disconnect"
        finally:
            self._watch(Activity(Doing.RECEIVED, url, body.size, time.monotonic() - begun))
        return None


class _Body:
    """A body that is received: in memory up to a size, and spilled from there."""

    def __init__(self, begun: Exchange, memory_bytes: int, spill: Callable[[Exchange], Spill] | None) -> None:
        self._begun = begun
        self._memory_bytes = memory_bytes
        self._spill = spill
        self.coding = Followed(begun.header("Content-Encoding"))
        self.held = bytearray()
        self.spill: Spill | None = None
        self.size = 0

    def add(self, piece: bytes) -> None:
        self.size += len(piece)
        self.coding.feed(piece)
        if self.spill is not None:
            self.spill.write(piece)
            return
        self.held += piece
        if self._spill is not None and self.size > self._memory_bytes:
            self.spill = self._spill(self._begun)
            self.spill.write(bytes(self.held))
            self.held.clear()


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
        if not f"{cookie.name}{cookie.value}".isprintable():
            raise UsageError(f"--cookies {path}: the cookie {cookie.name} has a control character in it")
        if not cookie.expires:  # a 0 is how most programs write a session's cookie, and no day in 1970
            cookie.expires = None
    return jar


def _with_framing_redacted(exchange: Exchange) -> Exchange:
    """What was received beside head and payload may hold the session's cookies too: early heads, a trailer."""
    framing, names = exchange.framing or Framing(), list(exchange.redacted)

    def clean(data: bytes) -> bytes:
        kept, withheld = redacted_response(data)
        names.extend(withheld)
        return kept

    kept = replace(
        framing,
        interim=tuple(map(clean, framing.interim)),
        trailer=clean(framing.trailer),
        left_over=clean(framing.left_over),
    )
    return replace(exchange, framing=kept, redacted=tuple(dict.fromkeys(names)))


def _renamed(response: httpx.Response) -> tuple[tuple[str, str], ...]:
    """The headers to be read, of which none speaks of framing that is no longer there."""
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw]
    chunked = any(name.lower() == "transfer-encoding" for name, _ in headers)
    return tuple((f"{_ORIG}{name}" if chunked and name.lower() in _OF_FRAMING else name, value) for name, value in headers)


_ORIG = "X-Archive-Orig-"
_OF_FRAMING = ("transfer-encoding", "content-length")


def _marked(head: bytes, headers: tuple[tuple[str, str], ...]) -> bytes:
    """The head as received, but for a prefix to the name of a header that speaks of framing that is no longer there: a reader
    would take the payload for chunks, or believe a length beside them that HTTP says to ignore (RFC 9112, 6.3)."""
    if not any(name.startswith(_ORIG) for name, _ in headers):
        return head
    return re.sub(rb"(?im)^(transfer-encoding|content-length)(?=:)", _ORIG.encode() + rb"\1", head)


def _request_head(request: httpx.Request) -> bytes:
    lines = [request.method.encode() + b" " + request.url.raw_path + b" HTTP/1.1"]
    return b"\r\n".join(lines + [name + b": " + value for name, value in request.headers.raw]) + b"\r\n\r\n"


def _response_head(response: httpx.Response, headers: tuple[tuple[str, str], ...]) -> bytes:
    reason = response.extensions.get("reason_phrase", b"").decode("latin-1")
    lines = [f"HTTP/1.1 {response.status_code} {reason}".rstrip()]
    return "\r\n".join(lines + [f"{name}: {value}" for name, value in headers] + ["", ""]).encode("latin-1")
