"""What every form of embed comes down to, and the line that tweets are signed with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from archiver import dates
from archiver.model import Platform

_SIGNATURE = re.compile(r"^[\s>]{0,20}(?:[-‐-―−]{1,3}|&mdash;)\s{0,5}(\S.{0,120}?)\s{0,5}\(@([A-Za-z0-9_]{1,15})\)(.{0,200})$")


@dataclass(frozen=True, slots=True)
class Found:
    """An embed as it was seen, before anything is made of it. `permalink` is the post's address as it stands there."""

    platform: Platform
    form: str
    line: int
    text: str
    links: tuple[str, ...]
    author: str | None = None
    handle: str | None = None
    posted: date | None = None
    permalink: str | None = None
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """`— Author (@handle) day`, the last line of the quotation that the platform offers for embedding.

    `day` is what stands for it, `posted` that day where it could be read.
    """

    author: str
    handle: str
    day: str
    posted: date | None
    text: str


def signature(line: str) -> Signature | None:
    """The signature that a line of plain text is; None where it is none."""
    found = _SIGNATURE.match(line)
    if found is None:
        return None
    author, handle, rest = found.groups()
    return Signature(" ".join(author.split()), handle, rest.strip(), dates.day(rest), " ".join(line.split()))
