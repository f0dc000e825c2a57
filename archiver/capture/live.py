"""The transport that goes to the network: HTTP/1.1 over an httpcore pool whose every connection passes the guard."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import cast

import httpcore
import httpx

from archiver.capture.guard import GuardedBackend
from archiver.capture.recorder import ORIGIN, PEER
from archiver.model import Origin


class LiveTransport(httpx.BaseTransport):
    """No proxies, no retries, no HTTP/2. Errors are httpx's own."""

    def __init__(self, backend: httpcore.NetworkBackend | None = None) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(), http1=True, http2=False, network_backend=backend or GuardedBackend()
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=cast("Iterator[bytes]", request.stream),
            extensions=request.extensions,
        )
        try:
            answer = self._pool.handle_request(asked)
        except (
            httpcore.NetworkError,
            httpcore.TimeoutException,
            httpcore.ProtocolError,
            httpcore.UnsupportedProtocol,
        ) as error:
            raise _translated(error) from error
        extensions = {key: answer.extensions[key] for key in ("http_version", "reason_phrase") if key in answer.extensions}
        stream = answer.extensions.get("network_stream")
        peer = stream.get_extra_info("server_addr") if stream is not None else None
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(cast("Iterator[bytes]", answer.stream), answer.close),
            extensions={**extensions, ORIGIN: Origin.LIVE, PEER: peer[0] if peer else None},
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, stream: Iterator[bytes], close: object) -> None:
        self._stream = stream
        self._close = close

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._stream
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            raise _translated(error) from error

    def close(self) -> None:
        if callable(self._close):
            self._close()


def _translated(error: Exception) -> httpx.TransportError:
    if isinstance(error, httpcore.TimeoutException):
        return httpx.ReadTimeout(str(error) or "timed out")
    if isinstance(error, httpcore.ProtocolError):
        return httpx.RemoteProtocolError(str(error))
    return httpx.ConnectError(str(error))
