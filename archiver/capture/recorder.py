"""Ask for an address and hold the whole answer as an `Exchange`. The transport is the only seam between live and offline."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import httpx

from archiver.errors import CaptureError
from archiver.model import Exchange, Origin

# What a transport says of its answer, in `httpx.Response.extensions`.
ORIGIN = "archiver_origin"
STAND_IN = "archiver_stand_in"
TRUNCATED = "archiver_truncated"
PEER = "archiver_peer"


class Recorder:
    """One client over one transport. No redirects, no cookies, nothing from the environment."""

    def __init__(
        self,
        transport: httpx.BaseTransport,
        *,
        user_agent: str,
        timeout_seconds: float,
        deadline_seconds: float,
        max_body_bytes: int,
    ) -> None:
        self._client = httpx.Client(
            transport=transport,
            trust_env=False,
            follow_redirects=False,
            timeout=timeout_seconds,
            headers={"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": "gzip, identity"},
        )
        self._deadline_seconds = deadline_seconds
        self._max_body_bytes = max_body_bytes

    def close(self) -> None:
        self._client.close()

    def address(self, url: str) -> str:
        """The address as it will be sent, ASCII only. Raises CaptureError where it is none."""
        return str(self._request(url).url)

    def _request(self, url: str) -> httpx.Request:
        try:
            request = self._client.build_request("GET", url)
        except (httpx.InvalidURL, UnicodeError, ValueError) as error:
            raise CaptureError("bad-url", f"{url!r}: {error}") from None
        if request.url.scheme not in ("http", "https") or not request.url.host:
            raise CaptureError("bad-url", f"{url!r}: not an http(s) address")
        return request

    def fetch(self, url: str) -> Exchange:
        """The answer to GET `url`, whatever its status. Raises CaptureError where there is none.

        A body that was cut short is kept, and `truncated` says why: `disconnect`, `length` or `time`.
        """
        request = self._request(url)
        started, clock = datetime.now(UTC), time.monotonic()
        try:
            response = self._client.send(request, stream=True)
        except httpx.TimeoutException as error:
            raise CaptureError("timeout", f"{url}: {error}") from None
        except httpx.TransportError as error:
            raise CaptureError("no-connection", f"{url}: {error}") from None
        try:
            body, truncated = self._body(response, clock)
        finally:
            response.close()
        extensions = response.extensions
        # Without the transfer encoding, its header would make a reader take the body for chunked.
        headers = tuple(
            (_orig(name), value)
            for name, value in ((k.decode("latin-1"), v.decode("latin-1")) for k, v in response.headers.raw)
        )
        return Exchange(
            method=request.method,
            url=str(request.url),
            request_head=_request_head(request),
            status=response.status_code,
            headers=headers,
            response_head=_response_head(response, headers),
            body=body,
            started=started,
            origin=extensions.get(ORIGIN, Origin.LIVE),
            ip=extensions.get(PEER),
            truncated=extensions.get(TRUNCATED) or truncated,
            stand_in=extensions.get(STAND_IN),
        )

    def _body(self, response: httpx.Response, clock: float) -> tuple[bytes, str | None]:
        body = bytearray()
        try:
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > self._max_body_bytes:
                    return bytes(body[: self._max_body_bytes]), "length"
                if time.monotonic() - clock > self._deadline_seconds:
                    return bytes(body), "time"
        except httpx.TimeoutException:
            return bytes(body), "time"
        except httpx.TransportError:
            return bytes(body), "disconnect"
        return bytes(body), None


def _orig(name: str) -> str:
    return "X-Archive-Orig-Transfer-Encoding" if name.lower() == "transfer-encoding" else name


def _request_head(request: httpx.Request) -> bytes:
    lines = [request.method.encode() + b" " + request.url.raw_path + b" HTTP/1.1"]
    return b"\r\n".join(lines + [name + b": " + value for name, value in request.headers.raw]) + b"\r\n\r\n"


def _response_head(response: httpx.Response, headers: tuple[tuple[str, str], ...]) -> bytes:
    version = response.extensions.get("http_version", b"HTTP/1.1").decode("ascii")
    reason = response.extensions.get("reason_phrase", b"").decode("latin-1")
    lines = [f"{version} {response.status_code} {reason}".rstrip()]
    return "\r\n".join(lines + [f"{name}: {value}" for name, value in headers] + ["", ""]).encode("latin-1")
