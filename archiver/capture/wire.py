"""The bytes of an exchange as they pass. httpcore speaks through our stream, and the stream writes down what went through it.

Nothing here decides what the bytes mean but where heads and chunks end; h11, under httpcore, refuses what is no HTTP.
"""

from __future__ import annotations

import hashlib
import re
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpcore

from archiver.errors import CaptureError
from archiver.model import Framing, Tls

MAX_HEAD_BYTES = 256 * 1024
MAX_FRAMING_BYTES = 1024 * 1024

_BLANK_LINE = re.compile(rb"\n\r?\n")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an exchange may take: one operation, all of it, and how fast it must be once an operation's time has passed."""

    timeout_seconds: float = 30.0
    deadline_seconds: float = 600.0
    min_bytes_per_second: float = 100.0


class Wire:
    """One connection: what was sent and received in the exchange that is under way on it.

    `address` is what it is connected to; `started` when the first byte of the request was sent; `fresh` whether the connection
    was opened for this exchange. `clock` is a seam for tests.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self.address: str | None = None
        self.tls: Tls | None = None
        self.connected: socket.socket | None = None
        self.begin()

    def begin(self) -> None:
        """A new exchange on the same connection, or the first one."""
        self.sent = bytearray()
        self.started: datetime | None = None
        self.interim: tuple[bytes, ...] = ()
        self.head = b""
        self.fresh = False
        self._received = bytearray()
        self._since = self._clock()
        self._count = 0

    def secured(self, connection: ssl.SSLSocket) -> None:
        """What was said before the handshake was said to a proxy: it is no part of the exchange."""
        version, cipher, certificate = connection.version(), connection.cipher(), connection.getpeercert(binary_form=True)
        self.tls = Tls(
            (version or "TLS").lower().replace("tlsv", "tls/"),
            cipher[0] if cipher else "",
            hashlib.sha256(certificate or b"").hexdigest(),
        )
        self.connected = connection
        self.sent.clear()
        self._received.clear()

    def remaining(self) -> float:
        """Seconds that the next operation may take. Raises httpcore.ReadTimeout where the exchange's time is over."""
        spent = self._clock() - self._since
        left = self._limits.deadline_seconds - spent
        if left <= 0:
            raise httpcore.ReadTimeout(f"took longer than {self._limits.deadline_seconds:g} s")
        if spent > self._limits.timeout_seconds and self._count < spent * self._limits.min_bytes_per_second:
            raise httpcore.ReadTimeout(f"slower than {self._limits.min_bytes_per_second:g} bytes a second")
        return min(left, self._limits.timeout_seconds)

    def abort(self) -> None:
        """Break off, from another thread: whoever reads or writes gets an end."""
        if self.connected is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.connected, socket.SHUT_RDWR)

    def writes(self, data: bytes) -> None:
        self.started = self.started or datetime.now(UTC)
        self.sent += data

    def reads(self, data: bytes) -> None:
        self._received += data
        self._count += len(data)
        if not self.head and len(self._received) > MAX_HEAD_BYTES:
            raise httpcore.RemoteProtocolError(f"more than {MAX_HEAD_BYTES} bytes of heads")

    @property
    def silent(self) -> bool:
        """True where nothing was received in this exchange."""
        return not self._count

    def answered(self) -> None:
        """The final head is there: it and those of 1xx answers are taken off what was received."""
        interim: list[bytes] = []
        position = 0
        while found := _BLANK_LINE.search(self._received, position):
            head, position = bytes(self._received[position : found.end()]), found.end()
            status = head[9:12]  # h11 has taken it for an HTTP/1 status line
            if not status.startswith(b"1") or status == b"101":
                self.interim, self.head = tuple(interim), head
                break
            interim.append(head)
        del self._received[:position]

    def taken(self) -> bytes:
        """What was received since it was last taken, the heads excepted."""
        data = bytes(self._received)
        self._received.clear()
        return data


class RecordedStream(httpcore.NetworkStream):
    """A socket, with everything that passes written to the wire. The limits are the wire's, not those httpcore hands down."""

    def __init__(self, connection: socket.socket, wire: Wire) -> None:
        self._connection = connection
        self._wire = wire
        wire.connected = connection

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._connection.settimeout(self._wire.remaining())
        try:
            data = self._connection.recv(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout(str(error) or "timed out") from None
        except OSError as error:
            raise httpcore.ReadError(str(error)) from None
        self._wire.reads(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if not buffer:  # the end of a request without a body
            return
        self._connection.settimeout(self._wire.remaining())
        try:
            self._connection.sendall(buffer)
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error) or "timed out") from None
        except OSError as error:
            raise httpcore.WriteError(str(error)) from None
        self._wire.writes(buffer)

    def close(self) -> None:
        self._connection.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Raises CaptureError (`certificate`) where the other side cannot show that it is who it should be."""
        self._connection.settimeout(self._wire.remaining())
        try:
            # An end without TLS's own goodbye is a cut: anybody on the way can make one.
            secured = ssl_context.wrap_socket(self._connection, server_hostname=server_hostname, suppress_ragged_eofs=False)
        except (OSError, ValueError) as error:
            self.close()
            if isinstance(error, ssl.SSLCertVerificationError):
                raise CaptureError("certificate", str(error)) from None
            if isinstance(error, TimeoutError):
                raise httpcore.ConnectTimeout(str(error)) from error
            raise httpcore.ConnectError(str(error)) from error
        self._wire.secured(secured)
        return RecordedStream(secured, self._wire)

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object":
            return self._connection if isinstance(self._connection, ssl.SSLSocket) else None
        if info == "is_readable":
            return _readable(self._connection)
        return None


class RecordedBackend(httpcore.NetworkBackend):
    """Connects through `opened`, the door, and records. For one connection at a time."""

    def __init__(self, opened: Callable[[str, int, float], tuple[socket.socket, str | None]], wire: Wire) -> None:
        self._opened = opened
        self._wire = wire

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        connection, self._wire.address = self._opened(host, port, self._wire.remaining())
        self._wire.tls, self._wire.fresh = None, True
        return RecordedStream(connection, self._wire)


class Chunked:
    """Reads along with a body in chunks, and keeps what is not payload (RFC 9112, 7.1)."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._skip = 0
        self._lines: list[bytes] = []
        self._room = MAX_FRAMING_BYTES
        self._last = False
        self._broken = False
        self._trailer = b""

    def feed(self, data: bytes) -> None:
        self._rest += data
        while self._rest and not self._trailer and not self._broken:
            if self._skip:
                skipped = min(self._skip, len(self._rest))
                del self._rest[:skipped]
                self._skip -= skipped
            elif not (self._end() if self._last else self._line()):
                return

    def _line(self) -> bool:
        line, found, _ = self._rest.partition(b"\r\n")
        if not found:
            return False
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,20}[ \t]*(?:;.*)?", line):
            self._broken = True  # h11 refuses it too; what came stays as what was left over
            return False
        size = int(line.partition(b";")[0], 16)
        del self._rest[: len(line) + 2]
        self._room -= len(line) + 2
        if self._room >= 0:
            self._lines.append(bytes(line + found))
        self._skip, self._last = size + 2 if size else 0, not size
        return True

    def _end(self) -> bool:
        if self._rest[:1] == b"\n" or self._rest[:2] == b"\r\n":
            end = self._rest.index(b"\n") + 1
        elif found := _BLANK_LINE.search(self._rest):
            end = found.end()
        else:
            return False
        self._trailer = bytes(self._rest[:end])
        del self._rest[:end]
        return True

    @property
    def left_over(self) -> bytes:
        """What came after the end."""
        return bytes(self._rest) if self._trailer or self._broken else b""

    def framing(self, interim: tuple[bytes, ...]) -> Framing:
        return Framing(interim, tuple(self._lines), self._trailer, self.left_over[:MAX_FRAMING_BYTES], self._room >= 0)


def _readable(connection: socket.socket) -> bool:
    if isinstance(connection, ssl.SSLSocket) and connection.pending():
        return True
    if connection.fileno() < 0:
        return True
    if not hasattr(select, "poll"):  # Windows
        return bool(select.select([connection], [], [], 0)[0])
    waiting = select.poll()
    waiting.register(connection, select.POLLIN)
    return bool(waiting.poll(0))
