"""What all generations of X's HTML have in common: words with their links, media, and which part of a page is one post's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborNode

from archiver.model import Link, Purpose, Wanted
from archiver.platforms.twitter import media
from archiver.platforms.twitter.fields import original_address

SITE = "https://twitter.com/"
Stop = Callable[[LexborNode], bool]
_EXPANDED = ("data-expanded-url", "data-ultimate-url", "data-full-url", "title")
_HIDDEN = frozenset({"u-hiddenVisually", "visuallyhidden"})
_LEFT_OUT = _HIDDEN | {"tco-ellipsis"}
_MEDIA = re.compile(
    r"(?:https?:)?//(?:[^\s\"'()<>]{0,100}/)?(?:(?:pbs|video)\.twimg\.com/(?P<kind>media|ext_tw_video_thumb|amplify_video_thumb"
    r"|tweet_video_thumb|ext_tw_video|amplify_video|tweet_video|card_img)/|p\.twimg\.com/)[^\s\"'()<>]{1,400}"
)
_MEDIA_ATTRIBUTES = (
    "data-image-url",
    "data-resolved-url-large",
    "data-url",
    "data-image",
    "poster",
    "src",
    "data-src",
    "style",
    "content",
)
_POSTERS = frozenset({"ext_tw_video_thumb", "amplify_video_thumb", "tweet_video_thumb"})


def attribute(node: LexborNode, name: str) -> str:
    """An attribute's value; empty where there is none."""
    return node.attributes.get(name) or ""


def classes(node: LexborNode) -> frozenset[str]:
    """The classes of an element."""
    return frozenset(attribute(node, "class").split())


def inside(node: LexborNode, stop: Stop) -> Iterator[LexborNode]:
    """The elements within `node` in the page's order, leaving out those that `stop` names and what is in them."""
    waiting = list(node.iter(include_text=False))[::-1]
    while waiting:
        one = waiting.pop()
        if stop(one):
            continue
        yield one
        waiting += list(one.iter(include_text=False))[::-1]


def first(node: LexborNode, stop: Stop, *wanted: str) -> LexborNode | None:
    """The first element within `node` of the first of those classes that has one."""
    found = list(inside(node, stop))
    return next((one for name in wanted for one in found if name in classes(one)), None)


@dataclass(slots=True)
class Words:
    """The words of an element as they were written: emoji as characters, links as where they lead."""

    parts: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    @property
    def text(self) -> str:
        joined = "".join(self.parts).replace("\u00a0", " ")
        return "\n".join(line.rstrip() for line in joined.strip().splitlines())


def words(node: LexborNode, *, as_lines: bool = True) -> Words:
    """The words of an element with their links. Without `as_lines`, line ends in the source are mere white space."""
    found = Words()
    _collect(node, found)
    if not as_lines:
        found.parts = [re.sub(r"\s+", " ", part) if part != "\n" else part for part in found.parts]
    return found


def _collect(node: LexborNode, found: Words) -> None:
    for child in node.iter(include_text=True):
        if child.tag == "-text":
            found.parts.append(child.text_content or "")
        elif child.tag == "br":
            found.parts.append("\n")
        elif child.tag == "img":
            found.parts.append(attribute(child, "alt"))
        elif child.tag not in {"script", "style", "noscript"} and not _left_out(child):
            link = _link(child)
            if link is None:
                _collect(child, found)
            else:
                _add_link(link, child, found)


def _left_out(node: LexborNode) -> bool:
    """True for what is there for the ear or the mouse only. An emoji drawn as a background stands in such an element too."""
    marks = classes(node) & (_LEFT_OUT | {"Emoji"})
    if "Emoji" in marks:
        return not node.text(strip=True).strip("\u00a0")  # only a background
    return bool(marks) and ("tco-ellipsis" in marks or re.search("[A-Za-z0-9]", node.text()) is not None)


def _add_link(link: Link, node: LexborNode, found: Words) -> None:
    hidden = "u-hidden" in classes(node) or link.url.startswith("pic.")
    if hidden and found.parts and not found.parts[-1][-1:].isspace():
        found.parts.append(" ")  # it was never seen, so nobody put a space before it
    found.parts.append(link.url)
    if not link.url.startswith("pic."):
        found.links.append(link)


def _link(node: LexborNode) -> Link | None:
    """A link to elsewhere, expanded as far as the page says; None for mentions, tags and what is no link."""
    short = original_address(urljoin(SITE, attribute(node, "href"))) if attribute(node, "href") else ""
    shown = _shown(node)
    if shown.startswith(("pic.twitter.com/", "pic.x.com/")):
        return Link(short, shown, shown)
    leads = next((url for name in _EXPANDED if (url := original_address(attribute(node, name))).startswith("http")), "")
    if leads:
        return Link(short or leads, leads, shown)
    if urlsplit(short).hostname != "t.co":
        return None
    return Link(short, shown if shown.startswith("http") and not shown.endswith("…") else short, shown)


def _shown(node: LexborNode) -> str:
    """What a link shows, with the parts that are hidden from the eye and without the dots that stand for them."""
    parts: list[str] = []
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.tag == "-text":
            parts.append(one.text_content or "")
        elif not classes(one) & _LEFT_OUT and not (attribute(one, "aria-hidden") and one.text(strip=True) == "…"):
            waiting += list(one.iter(include_text=True))[::-1]
    return "".join(parts).strip()


def media_in(node: LexborNode, stop: Stop) -> tuple[Wanted, ...]:
    """Every photo and video of X's own that an element shows, at the addresses that hold the whole of it."""
    found: dict[str, list[Wanted]] = {}
    for one in (node, *inside(node, stop)):
        for name in _MEDIA_ATTRIBUTES:
            shown = _MEDIA.search(attribute(one, name))
            if shown is not None:
                alt = attribute(one, "alt") or _described(one)
                url = original_address(
                    "https:" + shown[0].partition(":")[2] if not shown[0].startswith("//") else "https:" + shown[0]
                )
                key = re.sub(r"\.\w{3,4}$", "", urlsplit(re.sub(r":\w+$", "", url)).path)
                known = found.get(key)
                if known is None or (alt and known[0].alt is None):
                    found[key] = _wanted(url, shown["kind"] or "", alt or None)
    return tuple(one for wanted in found.values() for one in wanted)


def lacking(wanted: Iterable[Wanted]) -> tuple[str, ...]:
    """What a page shows and does not name: the file of a video, of which most pages have the picture only."""
    purposes = {one.purpose for one in wanted}
    alone = Purpose.POSTER in purposes and not purposes & {Purpose.VIDEO, Purpose.PLAYLIST}
    return ("video: the copy names its picture only",) if alone else ()


def _described(node: LexborNode) -> str:
    """The alternative text of the picture within, where the address stands on what is around it."""
    image = node.css_first("img[alt]")
    return attribute(image, "alt") if image is not None else ""


def _wanted(url: str, kind: str, alt: str | None) -> list[Wanted]:
    if kind == "media":
        return media.photo(url, alt)
    if kind == "card_img":
        return [Wanted(Purpose.CARD, url, alt)]
    if kind == "tweet_video_thumb":  # a GIF's picture has the GIF's name
        name = urlsplit(url).path.rpartition("/")[2].partition(".")[0]
        return [Wanted(Purpose.VIDEO, f"https://video.twimg.com/tweet_video/{name}.mp4", alt), Wanted(Purpose.POSTER, url, alt)]
    if kind in _POSTERS:
        return [Wanted(Purpose.POSTER, url, alt)]
    if kind:
        return [Wanted(Purpose.PLAYLIST if ".m3u8" in url else Purpose.VIDEO, url, alt)]
    return [Wanted(Purpose.PHOTO, url, alt)]
