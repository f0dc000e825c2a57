"""The transport that goes to the network: HTTP/1.1 over httpcore, one connection a host, each opened at the guarded door."""

from __future__ import annotations

import ssl
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import cast

import httpcore
import httpx

from archiver.capture.guard import Door
from archiver.capture.recorder import FRAMING, ORIGIN, SEEN, HungUp
from archiver.capture.wire import Chunked, Limits, RecordedBackend, Wire
from archiver.errors import CaptureError, UsageError
from archiver.model import Framing, Origin

MAX_HOSTS = 64

_ERRORS = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.UnsupportedProtocol)


_Pool = Callable[[httpcore.NetworkBackend, bool], httpcore.ConnectionPool]


class _Line:
    """The one connection to a host. It is taken for an exchange and given back when the body is closed."""

    def __init__(self, wire: Wire, pool: _Pool, door: Door) -> None:
        self.wire = wire
        self.taken = threading.Lock()
        # It makes the connections, through a proxy or not. There is one at a time, so nothing is to be pooled.
        self._pool = pool
        self._backend = RecordedBackend(door.open, wire)
        self._connection: httpcore.ConnectionInterface | None = None
        self._origin: httpcore.Origin | None = None

    def ask(self, origin: httpcore.Origin, request: httpcore.Request) -> httpcore.Response:
        """The beginning of an answer. Raises httpcore's errors, and CaptureError."""
        kept = self._connection if self._origin == origin else None
        if kept is None or not kept.is_available() or kept.has_expired():
            self.hang_up()
            kept = self._connection = self._pool(self._backend, origin.scheme == b"https").create_connection(origin)
            self._origin = origin
        return kept.handle_request(request)

    def hang_up(self) -> None:
        """No further exchange on this connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class LiveTransport(httpx.BaseTransport):
    """No environment, no redirects, no retries, no HTTP/2.

    `proxy` is the address of an HTTP proxy, user name and password in it; `trusted` a TLS context, a seam for tests. Raises
    CaptureError where there is no answer; a body that breaks off raises httpx's ReadTimeout or TransportError.
    """

    def __init__(
        self,
        door: Door | None = None,
        limits: Limits | None = None,
        *,
        proxy: httpx.URL | None = None,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self._door = door or Door()
        self._limits = limits or Limits()
        self._proxy = proxy
        self._given = trusted
        self._lines: OrderedDict[str, _Line] = OrderedDict()
        self._lines_lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        self._door.check(url.scheme, url.raw_host.decode("ascii"), url.port)
        line = self._line(url.host)
        with_answer = False
        line.taken.acquire()
        try:
            line.wire.begin()
            response = self._answer(line, request)
            with_answer = True
            return response
        finally:
            if not with_answer:
                line.hang_up()
                line.taken.release()

    def _answer(self, line: _Line, request: httpx.Request) -> httpx.Response:
        url = request.url
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=cast("Iterator[bytes]", request.stream),
        )
        try:
            answer = line.ask(httpcore.Origin(url.raw_scheme, url.raw_host, _port(url)), asked)
        except _ERRORS as error:
            lost = isinstance(error, (httpcore.NetworkError, httpcore.ProtocolError))
            if lost and line.wire.silent and not line.wire.fresh:
                raise HungUp("no-connection", f"{url.host}: hung up on a connection that was kept") from error
            raise _no_answer(url, error, silent=line.wire.silent) from error
        line.wire.answered()
        body = _Body(answer, line)
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=body,
            extensions={ORIGIN: Origin.LIVE, SEEN: line.wire, FRAMING: body.framing},
        )

    def _line(self, host: str) -> _Line:
        with self._lines_lock:
            line = self._lines.get(host)
            if line is None:
                line = self._lines[host] = _Line(Wire(self._limits), self._pool, self._door)
            self._lines.move_to_end(host)
            if len(self._lines) > MAX_HOSTS:
                self._hang_up_one(but=host)
            return line

    def _hang_up_one(self, but: str) -> None:
        """On whom nobody has asked for the longest time."""
        idle = (other for other, line in self._lines.items() if other != but and not line.taken.locked())
        if (oldest := next(idle, None)) is not None:
            self._lines.pop(oldest).hang_up()

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        """Whom the system trusts: a hundred certificates to read, so only once somebody is to be trusted."""
        return self._given or ssl.create_default_context()

    def _pool(self, backend: httpcore.NetworkBackend, secured: bool) -> httpcore.ConnectionPool:
        context = self._trusted if secured else None
        if self._proxy is not None:
            return httpcore.HTTPProxy(
                proxy_url=str(self._proxy.copy_with(username="", password="")),
                proxy_auth=(self._proxy.username, self._proxy.password) if self._proxy.username else None,
                ssl_context=context,
                network_backend=backend,
            )
        return httpcore.ConnectionPool(ssl_context=context, http1=True, http2=False, network_backend=backend)

    def close(self) -> None:
        """Hang up everywhere. Where an exchange is under way in another thread, it ends here."""
        with self._lines_lock:
            for line in self._lines.values():
                if line.taken.locked():
                    line.wire.abort()
                else:
                    line.hang_up()
            self._lines.clear()


class _Body(httpx.SyncByteStream):
    """The payload, with the framing read along. Once it is closed the connection may serve again, if nothing is left on it."""

    def __init__(self, answer: httpcore.Response, line: _Line) -> None:
        self._answer = answer
        self._line = line
        chunked = any(name.lower() == b"transfer-encoding" for name, _ in answer.headers)
        self._chunked = Chunked() if chunked and answer.status not in (204, 304) and answer.status >= 200 else None
        self._beside = 0
        self._left_over = b""
        self._open = True

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in cast("Iterator[bytes]", self._answer.stream):
                self._take(len(piece))
                yield piece
            self._take(0)
        except httpcore.TimeoutException as error:
            self._take(0)
            raise httpx.ReadTimeout(str(error) or "timed out") from error
        except _ERRORS as error:
            self._take(0)
            raise httpx.RemoteProtocolError(str(error)) from error

    def _take(self, payload: int) -> None:
        received = self._line.wire.taken()
        if self._chunked is not None:
            self._chunked.feed(received)
            self._left_over = self._chunked.left_over
            return
        # h11 hands out at most what it was given, so what remains after the end is what came after it.
        self._beside += len(received) - payload
        self._left_over = (self._left_over + received)[-self._beside :] if self._beside else b""

    def framing(self) -> Framing | None:
        """What was received beside head and payload, so far; None where that is nothing."""
        interim = self._line.wire.interim
        if self._chunked is not None:
            return self._chunked.framing(interim)
        return Framing(interim, left_over=self._left_over) if interim or self._left_over else None

    def close(self) -> None:
        if not self._open:
            return
        self._open = False
        self._answer.close()
        if self._left_over:
            self._line.hang_up()
        self._line.taken.release()


def proxy_address(text: str) -> httpx.URL:
    """The address of an HTTP proxy. Raises UsageError, without the password that may be in it."""
    try:
        address = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        address = httpx.URL("")
    if address.scheme != "http" or not address.host or address.raw_path not in (b"", b"/"):
        raise UsageError("--proxy: name it as http://HOST:PORT, with user name and password before the host if it wants them")
    return address


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _no_answer(url: httpx.URL, error: Exception, *, silent: bool) -> CaptureError:
    what = f"{url.host}: {error}"
    if isinstance(error, httpcore.TimeoutException):
        return CaptureError("timeout", what)
    if isinstance(error, httpcore.ProtocolError) and not silent:
        return CaptureError("no-http", what)
    return CaptureError("no-connection", what)
