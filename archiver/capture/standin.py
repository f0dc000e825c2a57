"""The transport that answers from stand-ins. It opens no socket; what nothing stands in for is an error of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import httpx

from archiver.capture.recorder import ORIGIN, STAND_IN, TRUNCATED
from archiver.capture.secrets import redacted_url
from archiver.errors import NoStandIn
from archiver.model import Answer, Origin


class StandIns(Protocol):
    """Anything that can answer for an address: a folder of fixtures, a WARC file."""

    def answer(self, method: str, url: str) -> Answer | None: ...


class StandInTransport(httpx.BaseTransport):
    """Answers from the first of `webs` that knows the address, else hands on to `beyond`, else raises NoStandIn."""

    def __init__(self, webs: Sequence[StandIns], beyond: httpx.BaseTransport | None) -> None:
        self._webs = webs
        self._beyond = beyond

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        for web in self._webs:
            # In a WARC of ours an address stands without its secrets.
            answer = web.answer(request.method, url) or web.answer(request.method, redacted_url(url)[0])
            if answer is not None:
                return httpx.Response(
                    answer.status,
                    headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers],
                    stream=httpx.ByteStream(answer.body),
                    extensions={
                        "reason_phrase": answer.reason.encode("latin-1"),
                        ORIGIN: Origin.STAND_IN,
                        STAND_IN: answer.source,
                        TRUNCATED: answer.truncated,
                    },
                )
        if self._beyond is None:
            raise NoStandIn(request.method, url)
        return self._beyond.handle_request(request)

    def close(self) -> None:
        if self._beyond is not None:
            self._beyond.close()
