"""Servers on loopback that send exact bytes, plain and over TLS, and a door that leads to them whatever a name resolves to."""

from __future__ import annotations

import contextlib
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import trustme

from archiver.capture.guard import Allowance, Door
from archiver.capture.live import LiveTransport
from archiver.capture.recorder import Recorder
from archiver.capture.wire import Limits
from archiver.model import Exchange

PUBLIC = "93.184.215.14"

Pieces = Sequence[bytes | float]  # bytes to send, seconds to wait
Script = Callable[[bytes], Pieces]  # from a request's head to what is sent


class Elsewhere(socket.socket):
    """A socket that is connected to loopback and says it is connected to where it was asked to."""

    asked: tuple[str, int] = ("", 0)

    def getpeername(self) -> Any:
        return self.asked


class Dialled:
    """Writes down where a connection would have gone, and goes to a port on loopback, or nowhere."""

    def __init__(self, port: int | None = None, ports: dict[int, int] | None = None) -> None:
        self.ports = ports or ({80: port, 443: port} if port else {})
        self.connected: list[tuple[str, int]] = []
        self._made: list[Elsewhere] = []

    def __call__(self, address: str, port: int, timeout_seconds: float) -> socket.socket:
        self.connected.append((address, port))
        if port not in self.ports:
            raise ConnectionRefusedError("this test connects to nothing")
        real = socket.create_connection(("127.0.0.1", self.ports[port]), timeout_seconds)
        there = Elsewhere(real.family, real.type, real.proto, fileno=real.detach())
        there.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        there.asked = (address, port)
        self._made.append(there)
        return there

    @property
    def open(self) -> int:
        """How many of its connections are still open."""
        return sum(there.fileno() >= 0 for there in self._made)


def door(
    answers: dict[str, list[str]], connect: Dialled, allowed: Sequence[Allowance] = (), proxy: tuple[str, int] | None = None
) -> tuple[Door, list[str]]:
    """A door whose names are in `answers`, and the list of names it was asked for."""
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        if host not in answers:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return answers[host]

    return Door(allowed, resolver, connect, proxy), asked


class Server:
    """Answers each request of each connection with what `script` says. `requests` are the heads it was sent; `connections`
    counts. After an answer with `closes` the connection is closed."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None, *, closes: bool = False) -> None:
        self.script = script
        self.requests: list[bytes] = []
        self.connections = 0
        self._closes = closes
        self._tls = tls
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listening.getsockname()[1]
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connections += 1
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):  # closed under it, at the end of a test
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            buffer = bytearray()
            with connection:
                while self._answer(connection, buffer):
                    pass
                if isinstance(connection, ssl.SSLSocket):
                    connection.unwrap()

    def _answer(self, connection: socket.socket, buffer: bytearray) -> bool:
        while b"\r\n\r\n" not in buffer:
            data = connection.recv(65536)
            if not data:
                return False
            buffer += data
        head, _, rest = bytes(buffer).partition(b"\r\n\r\n")
        buffer[:] = rest
        self.requests.append(head + b"\r\n\r\n")
        for piece in self.script(head):
            if isinstance(piece, bytes):
                connection.sendall(piece)
            else:
                time.sleep(piece)
        return not self._closes

    def close(self) -> None:
        self._listening.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.close()


def path_of(head: bytes) -> str:
    return head.split(b" ", 2)[1].decode("ascii")


def host_of(head: bytes) -> str:
    return next(line[6:].decode() for line in head.split(b"\r\n") if line.lower().startswith(b"host: "))


class Authority:
    """A certificate authority of the tests, and contexts for both sides."""

    def __init__(self) -> None:
        self._authority = trustme.CA()

    def server(self, *names: str, not_before: datetime | None = None, not_after: datetime | None = None) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(*names, not_before=not_before, not_after=not_after).configure_cert(context)
        return context

    def itself(self) -> ssl.SSLContext:
        """A server that shows the authority's own certificate, which nobody but itself has signed."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "own.pem"
            path.write_bytes(self._authority.private_key_pem.bytes() + self._authority.cert_pem.bytes())
            context.load_cert_chain(path)
        return context

    def client(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self._authority.configure_trust(context)
        return context


@contextmanager
def serving(script: Script, tls: ssl.SSLContext | None = None, *, closes: bool = False) -> Iterator[Server]:
    server = Server(script, tls, closes=closes)
    try:
        yield server
    finally:
        server.close()


LIMITS = Limits(timeout_seconds=5.0, deadline_seconds=10.0, min_bytes_per_second=0)


@contextmanager
def recorder(
    names: Sequence[str],
    port: int,
    *,
    trusted: ssl.SSLContext | None = None,
    limits: Limits = LIMITS,
    max_body_bytes: int = 10_000_000,
    **more: Any,
) -> Iterator[Recorder]:
    """A recorder whose every name leads to a port on loopback."""
    opened, _ = door({name: [PUBLIC] for name in names}, Dialled(port))
    made = Recorder(LiveTransport(opened, limits, trusted=trusted), user_agent="a test", max_body_bytes=max_body_bytes, **more)
    try:
        yield made
    finally:
        made.close()


def fetch(url: str, port: int, **more: Any) -> Exchange:
    """One exchange with whatever listens on a port of loopback."""
    with recorder([url.split("/")[2].split(":")[0].rpartition("@")[2]], port, **more) as asking:
        return asking.fetch(url)
