"""Which IP addresses are public. Our own table, so that the answer never depends on the version of Python.

Source: the IANA special-purpose address registries for IPv4 and IPv6 (iana-ipv4-special-registry, iana-ipv6-special-registry)
and the multicast registries as of 2026-11-01, and the addresses that cloud providers keep for their metadata services.
IPv4 is what remains after the table; IPv6 is an allow-list, for new kinds of addresses outside 2000::/3 are not public.
"""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_REFUSED_IPV4 = {
    ipaddress.IPv4Network(network): what
    for network, what in {
        "0.0.0.0/8": "this network",
        "10.0.0.0/8": "private",
        "100.64.0.0/10": "shared by a carrier's customers",
        "127.0.0.0/8": "loopback",
        "168.63.129.16/32": "a cloud's metadata service",
        "169.254.0.0/16": "of one link, and metadata services",
        "172.16.0.0/12": "private",
        "192.0.0.0/24": "kept for protocols",
        "192.0.2.0/24": "documentation",
        "192.88.99.0/24": "6to4 relays",
        "192.168.0.0/16": "private",
        "198.18.0.0/15": "benchmarking",
        "198.51.100.0/24": "documentation",
        "203.0.113.0/24": "documentation",
        "224.0.0.0/4": "multicast",
        "240.0.0.0/4": "reserved",
    }.items()
}
_PUBLIC_IPV6 = ipaddress.IPv6Network("2000::/3")
_REFUSED_IPV6 = {
    ipaddress.IPv6Network(network): what
    for network, what in {
        "2001::/23": "Teredo and other protocols",
        "2001:db8::/32": "documentation",
        "2002::/16": "6to4: it carries another address",
        "3fff::/20": "documentation",
    }.items()
}
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
_ISATAP = (0x00005EFE, 0x02005EFE)


def refusal(address: str) -> str | None:
    """Why a connection to an IP address is refused, in words; None where it is public."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return f"{address!r} is no IP address"
    if isinstance(ip, ipaddress.IPv4Address):
        what = next((what for network, what in _REFUSED_IPV4.items() if ip in network), None)
    else:
        if ip.ipv4_mapped is not None and not ip.scope_id:
            return refusal(str(ip.ipv4_mapped))
        what = _refusal_ipv6(ip)
    return f"{address} is not a public address: {what}" if what else None


def _refusal_ipv6(ip: ipaddress.IPv6Address) -> str | None:
    if ip.scope_id:
        return "of one link only"
    if ip not in _PUBLIC_IPV6:
        return "outside 2000::/3"
    if (int(ip) >> 32) & 0xFFFFFFFF in _ISATAP:
        return "ISATAP: it carries another address"
    return next((what for network, what in _REFUSED_IPV6.items() if ip in network), None)


def carried(address: str) -> str | None:
    """The IPv4 address that a mapped or NAT64 address stands for; None for every other. With a network's own NAT64 prefix
    (RFC 8215) it is taken to be in the last 32 bits."""
    ip = ipaddress.ip_address(address)
    if not isinstance(ip, ipaddress.IPv6Address):
        return None
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    if any(ip in network for network in _NAT64):
        return str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return None
