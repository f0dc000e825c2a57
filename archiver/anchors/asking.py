"""One question to an authority, through a transport that is handed in: a status and a bounded body, or a reason in words."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archiver.errors import AnchorError, CaptureError

if TYPE_CHECKING:  # whoever only verifies does not pay for the network
    import httpx

MAX_ANSWER_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Asked:
    """What came back, whatever its status."""

    status: int
    body: bytes


def ask(transport: httpx.BaseTransport, url: str, headers: Mapping[str, str], content: bytes | None = None) -> Asked:
    """The answer to POST with `content`, to GET without. No redirects. Raises AnchorError where there is none."""
    import httpx

    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise AnchorError(f"is no address: {error}") from None
    if address.scheme not in ("http", "https") or not address.host:
        raise AnchorError("is no http(s) address")
    sent = {"Accept-Encoding": "identity", **headers}
    if address.username or address.password:
        credentials = f"{address.username}:{address.password}".encode()
        sent["Authorization"] = f"Basic {base64.b64encode(credentials).decode('ascii')}"
    request = httpx.Request("GET" if content is None else "POST", address, headers=sent, content=content)
    try:
        response = transport.handle_request(request)
        try:
            return Asked(response.status_code, _body(response))
        finally:
            response.close()
    except CaptureError as error:
        raise AnchorError(f"{error.reason}: {error}") from None
    except httpx.TimeoutException:
        raise AnchorError("timeout: the answer did not come to its end") from None
    except httpx.TransportError as error:
        raise AnchorError(f"the answer broke off: {error}") from None


def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    for piece in response.iter_raw():
        body += piece
        if len(body) > MAX_ANSWER_BYTES:
            raise AnchorError(f"the answer has more than {MAX_ANSWER_BYTES} bytes")
    announced = response.headers.get("content-length", "")
    if announced.isdigit() and int(announced) != len(body):
        raise AnchorError(f"the answer broke off after {len(body)} of {announced} bytes")
    return bytes(body)
