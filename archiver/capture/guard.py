"""Where a live connection may go: public addresses, ports 80 and 443.

A name is resolved once, every address it has is checked, and the connection is made to an address that was checked, so that
nothing can change in between. TLS and the Host header stay on the name.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

PORTS = frozenset({80, 443})

# On top of what `ipaddress` calls not global, whose table differs between Python versions. Source: the IANA special-purpose
# address registries as of 2026-11, and two addresses that cloud providers keep for their own metadata services.
_REFUSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    )
)  # fmt: skip
_GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")
_ISATAP = (0x00005EFE, 0x02005EFE)


def refusal(address: str) -> str | None:
    """Why a connection to an IP address is refused, in words; None where it is allowed."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return f"{address} is no IP address"
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.scope_id:
            return f"{address} is of one link only"
        if ip.ipv4_mapped is not None:
            return refusal(str(ip.ipv4_mapped))
        if ip not in _GLOBAL_IPV6 or (int(ip) >> 32) & 0xFFFFFFFF in _ISATAP:
            return f"{address} is not a public address"
    if any(ip.version == network.version and ip in network for network in _REFUSED) or not ip.is_global:
        return f"{address} is not a public address"
    return None


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, in the system's order. Raises OSError where it has none."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


class GuardedBackend(httpcore.NetworkBackend):
    """Connects only where `refusal` has nothing to say. `resolver` and `connect` are seams for tests."""

    def __init__(
        self,
        resolver: Callable[[str, int], list[str]] = resolve,
        connect: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._resolver = resolver
        self._connect = connect or httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        if port not in PORTS:
            raise httpcore.ConnectError(f"port {port} is refused: only {sorted(PORTS)} are allowed")
        try:
            addresses = self._resolver(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} cannot be resolved: {error}") from None
        refusals = [reason for address in addresses if (reason := refusal(address))]
        if refusals or not addresses:
            raise httpcore.ConnectError(f"{host} is refused: {'; '.join(refusals) or 'it has no address'}")
        last: Exception | None = None
        for address in addresses:
            try:
                return self._connect.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last or httpcore.ConnectError(f"{host}: no connection")

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise httpcore.ConnectError("unix sockets are refused")
