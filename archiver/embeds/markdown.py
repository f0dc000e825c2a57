"""Embeds in Markdown: a marker line over a signed quotation, a quote block, and HTML left as it was."""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterator
from dataclasses import dataclass

from archiver.embeds import html
from archiver.embeds.found import Found, signature
from archiver.model import Platform

FORMS = {
    "markdown-marker": "a line that says “Embed:” (bold, heading or plain), then the post's words and its signature",
    "markdown-marker-permalink": "a line that says “Embed:”, then the post's address alone",
    "markdown-quote": "a `>` quote whose last line is the post's signature",
}

_MARKER = re.compile(
    r"^(?:#{1,6}[ \t]+)?(?:\*\*|__)?Embed(?:ded)?(?:[ \t](?:tweet|post))?[ \t]?:?(?:\*\*|__)?:?[ \t]*#*$", re.I
)
_HEADING = re.compile(r"^#{1,6}[ \t]")
_FENCE = re.compile(r"^[ \t]{0,3}(`{3,}|~{3,})")
_QUOTED = re.compile(r"^[ \t]{0,3}>[ \t]?")
_INLINE = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|!?\[(?P<text>(?:[^\[\]\\]|\\.){0,500})\]\(\s{0,3}<?(?P<href>[^()<>\s]{0,2000})>?(?:\s+[\"'][^\"'\n]{0,300}[\"'])?\s{0,3}\)"
    r"|<(?P<auto>https?://[^\s<>]{1,2000})>"
    r"|(?P<bare>https?://[^\s<>()\[\]\"'”’»]{1,2000})"
    r"|\b(?P<pic>pic\.(?:twitter|x)\.com/[A-Za-z0-9]{4,20})"
    r"|(?P<strong>\*\*)"
)
_MOST_BLOCKS = 20  # a quotation longer than this is none


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines with no blank one between them, `line` the number of the first."""

    line: int
    lines: tuple[str, ...]


def find(text: str, platforms: tuple[Platform, ...]) -> Iterator[Found]:
    """Every embed in a Markdown text, in order."""
    text = _without_code(text)
    raw = list(html.find_in_markdown(text, platforms))
    for start, end, _ in reversed(raw):
        text = text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]
    found = [one for _, _, one in raw] + list(_in_blocks(_blocks(text), platforms))
    yield from sorted(found, key=lambda one: one.line)


def _in_blocks(blocks: list[_Block], platforms: tuple[Platform, ...]) -> Iterator[Found]:
    at = 0
    while at < len(blocks):
        block = blocks[at]
        if len(block.lines) == 1 and _MARKER.match(block.lines[0].strip()):
            found, used = _after_marker(block, blocks[at + 1 : at + 1 + _MOST_BLOCKS], platforms)
            at += used
        else:
            found = _quotation("markdown-quote", block.line, _unquoted(block), platforms)
        if found is not None:
            yield found
        at += 1


def _after_marker(marker: _Block, following: list[_Block], platforms: tuple[Platform, ...]) -> tuple[Found | None, int]:
    """The embed that a marker line announces, and how many blocks after the marker it takes up."""
    lines: list[str] = []
    for count, block in enumerate(following, 1):
        if _HEADING.match(block.lines[0]) or _MARKER.match(block.lines[0].strip()):
            break
        lines += [_QUOTED.sub("", line) for line in block.lines]
        found = _quotation("markdown-marker", marker.line, lines, platforms)
        if found is not None:
            return found, count
        if count == 1 and len(block.lines) == 1:
            _, links = inline(lines[0])
            for platform in platforms:
                if len(links) == 1 and platform.permalink(links[0]):
                    return Found(platform, "markdown-marker-permalink", marker.line, "", links, permalink=links[0]), count
    return None, 0


def _quotation(form: str, line: int, lines: list[str], platforms: tuple[Platform, ...]) -> Found | None:
    """A quotation that ends with a signature. A permalink counts only in the signature: the words may link to others."""
    if not lines:
        return None
    last, signed_links = inline(lines[-1])
    signed = signature(last)
    if signed is None:
        return None
    text, links = inline("\n".join(lines[:-1]))
    platform, permalink = _signed_by(signed_links, platforms)
    if platform is None or not (permalink or signed.day or form == "markdown-marker"):
        return None  # a quote of somebody who also has an account
    return Found(
        platform,
        form,
        line,
        text,
        links + signed_links,
        signed.author,
        signed.handle,
        signed.posted,
        permalink,
        signed.text,
    )


def _signed_by(links: tuple[str, ...], platforms: tuple[Platform, ...]) -> tuple[Platform | None, str | None]:
    """The platform whose permalink the signature carries. Without one the signature is that of a tweet: the form is the
    fallback text of twitter.com's own embed code."""
    for platform in platforms:
        permalink = next((link for link in reversed(links) if platform.permalink(link)), None)
        if permalink:
            return platform, permalink
    return next((platform for platform in platforms if platform.name == "twitter"), None), None


def inline(text: str) -> tuple[str, tuple[str, ...]]:
    """Markdown inline text as a reader sees it, white space joined, and the real addresses in it, in order."""
    shown: list[str] = []
    links: list[str] = []
    end = 0
    for found in _INLINE.finditer(text):
        shown.append(text[end : found.start()])
        end = found.end()
        if found["escaped"]:
            shown.append(found["escaped"])
        elif found["text"] is not None:
            label, inner = inline(found["text"])
            shown.append(label)
            href = entities.unescape(found["href"])
            links += [href] if href.startswith(("http://", "https://")) else inner
        elif found["auto"] or found["bare"]:
            address = found["auto"] or found["bare"].rstrip(".,;:!?")
            end = found.start() + len(address) if found["bare"] else end
            shown.append(address)
            links.append(address)
        elif found["pic"]:
            shown.append(found["pic"])
            links.append("https://" + found["pic"])
    shown.append(text[end:])
    return " ".join(entities.unescape("".join(shown)).split()), tuple(links)


def _blocks(text: str) -> list[_Block]:
    blocks: list[_Block] = []
    lines: list[str] = []
    for number, line in enumerate([*text.split("\n"), ""], 1):
        if line.strip():
            lines.append(line)
        elif lines:
            blocks.append(_Block(number - len(lines), tuple(lines)))
            lines = []
    return blocks


def _unquoted(block: _Block) -> list[str]:
    """The lines of a block that is a quote, without their marks; nothing for any other block."""
    if not all(_QUOTED.match(line) for line in block.lines):
        return []
    lines = [_QUOTED.sub("", line) for line in block.lines]
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def _without_code(text: str) -> str:
    """The text with fenced code blanked out, line for line: a sample of an embed is no embed."""
    kept: list[str] = []
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            kept.append("")
            if mark and mark[1].startswith(fence) and line.strip() == mark[1]:
                fence = ""
        elif mark:
            fence = mark[1]
            kept.append("")
        else:
            kept.append(line)
    return "\n".join(kept)
