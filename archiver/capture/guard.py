"""The one door for connections: public addresses, ports 80 and 443, and whatever else the user named.

A name is resolved once, every address it has is checked, and the connection is made to an address that was checked, so that
nothing can change in between. TLS and the Host header stay on the name.
"""

from __future__ import annotations

import ipaddress
import queue
import re
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from archiver.capture.networks import carried, refusal
from archiver.errors import CaptureError, UsageError

PORTS = frozenset({80, 443})
SCHEMES = frozenset({"http", "https"})
MAX_ADDRESSES_TRIED = 4

# An IPv6 address with a port stands in brackets, as in addresses; one without may stand bare.
_ALLOWANCE = re.compile(
    r"(?P<place>\[[^\]]+\]|[^:\[\]]+|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:./]{0,60})(?::(?P<port>\d{1,5}))?"
)
# As the name system can hold it (RFC 1035, 2.3.4): labels of 63 characters, 253 in all.
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_OF_THIS_MACHINE = re.compile(r"(?:^|\.)localhost$")  # by RFC 6761, 6.3, whoever resolves it

Resolver = Callable[[str, int], list[str]]
Connect = Callable[[str, int, float], socket.socket]


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one `--allow-private` allows: a host or a network, at one port or at 80 and 443."""

    host: str | None
    network: ipaddress.IPv4Network | ipaddress.IPv6Network | None
    ports: frozenset[int]

    def covers(self, host: str, address: str, port: int) -> bool:
        """True where a connection to `address`, which is one of `host`, is allowed by it."""
        if port not in self.ports:
            return False
        if self.network is None:
            return self.host == host
        within = _within(address, self.network)
        inner = carried(address) if within else None
        return within and (inner is None or _within(inner, self.network) or refusal(inner) is None)


def allowance(text: str) -> Allowance:
    """An address, a network (`10.1.0.0/16`) or a host, with or without `:PORT`. Raises UsageError."""
    found = _ALLOWANCE.fullmatch(text.strip())
    if found is None or int(found["port"] or 1) not in range(1, 65536):
        raise UsageError(f"--allow-private {text}: name an address, a network (10.1.0.0/16) or a host, :PORT behind it or not")
    place, ports = found["place"].strip("[]").rstrip("."), frozenset({int(found["port"])}) if found["port"] else PORTS
    try:
        return Allowance(None, ipaddress.ip_network(place), ports)
    except ValueError as error:
        if "/" in place or ":" in place:
            raise UsageError(f"--allow-private {text}: {error}") from None
    return Allowance(place.lower(), None, ports)


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, in the system's order. Raises OSError where it has none."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def connect(address: str, port: int, timeout_seconds: float) -> socket.socket:
    """A TCP connection to an IP address. Raises OSError."""
    made = socket.create_connection((address, port), timeout_seconds)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


class Door:
    """Opens connections where they are allowed. `resolver` and `connect` are seams for tests.

    Through a `proxy` (host and port) it is the proxy that resolves names: only addresses that are written as such are checked.
    """

    def __init__(
        self,
        allowed: Sequence[Allowance] = (),
        resolver: Resolver = resolve,
        connect: Connect = connect,
        proxy: tuple[str, int] | None = None,
    ) -> None:
        self._allowed = allowed
        self._resolver = resolver
        self._connect = connect
        self._proxy = proxy

    def check(self, scheme: str, host: str, port: int | None) -> None:
        """Raises CaptureError (`refused`) for an address that no connection may be made for, whatever its name resolves to."""
        port = (443 if scheme == "https" else 80) if port is None else port
        host = _plain(host)
        if scheme not in SCHEMES:
            raise _refused(f"{scheme}: is neither http nor https")
        literal = _is_address(host)
        if not literal and not _HOST.fullmatch(host):
            raise _refused(f"{host!r} is no host")
        if port not in PORTS and not any(port in one.ports for one in self._allowed):
            raise _refused(f"port {port} is neither 80 nor 443")
        if not literal and re.fullmatch(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)", host):
            raise _refused(f"{host} is an odd way to write an address")
        if self._proxy is not None and (literal or _OF_THIS_MACHINE.search(host)):
            self._check_addresses(host, [host if literal else "127.0.0.1"], port)

    def open(self, host: str, port: int, timeout_seconds: float) -> tuple[socket.socket, str | None]:
        """A connection to a host, which is resolved here, once, and the address it goes to; None where that is the proxy's.

        Raises CaptureError: `refused`, `no-address`, `no-connection`, `timeout`.
        """
        host, until = _plain(host), time.monotonic() + timeout_seconds
        if self._proxy is not None:
            there, _ = self._first(host, self._addresses(*self._proxy, timeout_seconds), self._proxy[1], until)
            return there, None
        addresses = [host] if _is_address(host) else self._addresses(host, port, timeout_seconds)
        self._check_addresses(host, addresses, port)
        return self._first(host, addresses, port, until)

    def _addresses(self, host: str, port: int, timeout_seconds: float) -> list[str]:
        """The system's resolver knows no time limit, so it is left behind in a thread of its own where it takes too long."""
        answers: queue.SimpleQueue[list[str] | OSError | UnicodeError] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._resolver(host, port))
            except (OSError, UnicodeError) as error:
                answers.put(error)

        threading.Thread(target=ask, daemon=True, name=f"resolving {host}").start()
        try:
            answer = answers.get(timeout=timeout_seconds)
        except queue.Empty:
            raise CaptureError("timeout", f"{host}: the name was not resolved in {timeout_seconds:g} s") from None
        if isinstance(answer, socket.gaierror) and answer.errno == socket.EAI_AGAIN:
            raise CaptureError("no-connection", f"{host} cannot be resolved for now: {answer}")
        if isinstance(answer, Exception) or not answer:
            raise CaptureError("no-address", f"{host} cannot be resolved: {answer or 'it has no address'}")
        return answer

    def _check_addresses(self, host: str, addresses: Sequence[str], port: int) -> None:
        """One address that is not allowed refuses them all: a name with a good and a bad address is no accident."""
        refusals = [reason for address in addresses if (reason := self._refusal(host, address, port))]
        if refusals:
            raise _refused(f"{host}: {'; '.join(refusals[:3])}")

    def _refusal(self, host: str, address: str, port: int) -> str | None:
        if any(one.covers(host, address, port) for one in self._allowed):
            return None
        return refusal(address) or (None if port in PORTS else f"port {port} is neither 80 nor 443")

    def _first(self, host: str, addresses: Sequence[str], port: int, until: float) -> tuple[socket.socket, str]:
        """Whichever answers first, one after another: they share the time that there is."""
        reason, last = "no-connection", ""
        tried = addresses[:MAX_ADDRESSES_TRIED]
        for number, address in enumerate(tried):
            try:
                made = self._connect(address, port, max(0.01, (until - time.monotonic()) / (len(tried) - number)))
            except OSError as error:
                reason, last = "timeout" if isinstance(error, TimeoutError) else "no-connection", str(error)
                continue
            peer = made.getpeername()[0]
            if not _same(peer, address):
                made.close()
                raise _refused(f"{host}: connected to {peer}, not to {address}")
            return made, address
        raise CaptureError(reason, f"{host}: no connection: {last}")


def _same(peer: str, address: str) -> bool:
    return ipaddress.ip_address(carried(peer) or peer) == ipaddress.ip_address(carried(address) or address)


def _within(address: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return ip.version == network.version and ip in network


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _plain(host: str) -> str:
    return host.strip("[]").rstrip(".").lower()


def _refused(reason: str) -> CaptureError:
    return CaptureError("refused", reason)
