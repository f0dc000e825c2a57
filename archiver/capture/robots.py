"""What a site's robots.txt says of an address (RFC 9309)."""

from __future__ import annotations

from urllib.parse import urlsplit

from protego import Protego

from archiver.model import Exchange

PRODUCT = "archiver"
MAX_BYTES = 512 * 1024  # RFC 9309, 2.5: at least 500 KiB are to be read


def robots_url(url: str) -> str:
    """Where the robots.txt for an address is."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/robots.txt"


def allows(answer: Exchange | None, url: str) -> bool:
    """True where this program may fetch the address, by the answer for its robots.txt (decoded); None is no answer at all.

    RFC 9309, 2.3.1: a file that is not there allows everything, one that cannot be had nothing.
    """
    if answer is None or answer.status >= 500 or answer.truncated:
        return False
    if answer.status != 200:
        return True
    return bool(Protego.parse(answer.body[:MAX_BYTES].decode("utf-8", "replace")).can_fetch(url, PRODUCT))
