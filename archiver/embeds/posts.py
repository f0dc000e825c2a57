"""Which post an address, a bare id or a name in a page stands for, over all platforms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from archiver import addresses
from archiver.addresses import unescape
from archiver.model import Platform, PostRef
from archiver.patterns import pattern
from archiver.values import Value

_LONGEST = 4000
_ID_NAME = pattern(r"(?:^|[-_])(?:(?:video-?|post-?|tweet-?|short-?)?(?:id|vid|code|key|shortcode)|post|tweet|video)$|^status$")
# Others that hold the id of a video, which is known by its form.
_VIDEO_NAME = pattern(r"(?:^|[-_])(?:embed|src|source|yt|youtube|v)$")
_CODED = pattern(r"[0-9][A-Za-z]|[A-Z](?![a-z])")  # letters as hardly a name has them
_SAY_ID = ("id", "code", "key", "status")  # other names hold words and switches too
_KINDS = frozenset({"article", "embed", "media", "oembed", "post", "social", "video", "true", "false", "none", "null"})
_PROVIDERS = frozenset({"network", "platform", "player", "provider", "service", "source", "type"})
_NUMBERLESS = frozenset({"instagram", "threads"})
_SHORTEST_NUMBER = 8
_SHORTEST_SNOWFLAKE = 15
_HOST = pattern(r"(?:https?:)?//([^/?#\\]{3,255})", re.IGNORECASE)
_CALLED_AFTER = pattern(r"(?P<word>[a-z]{2,12})-(?:(?:video|post|tweet|status|media)-)?(?P<id>[\w-]{5,64})")
_SOURCE = pattern(r"(?P<word>[a-z]{2,12})/(?P<id>[\w-]{5,64})(?:\?.{0,200})?")
_PROXIES = ("embed", "iframe")
_CARRIES = pattern(
    r"//|%2[fF]|/@|/users/|/statuses/|/web/|[?&;](?:\w{1,20}_)?(?:url|href|src|u|link|uri|permalink|post|target|embed)="
)


# Class names that speak of sharing, following, commenting: what stands in such an element is about posts, and none of them.
_NO_EMBED = pattern(
    r"(?:^|[-_\s])(?:share|sharing|shares|intent|follow|followus|like|likes|comments?|timeline|profile|page|button|btn|menu|"
    r"popup|save|nav|footer|header|sidebar|widget-area|related|recirc|teaser|promo|ad|ads|advert|newsletter|subscribe|login)(?:$|[-_\s])"
)
# `…/badge/…` of any service, `youtube-logo.png`, `/icons/…`
_BADGE = pattern(
    r"(?:^|[/._-])(?:badges?|shields|badgen|(?:button|btn|icon|logo)s?(?=(?:[-_]\d{1,4})?(?:[/.]|$)))(?=[/._?-]|$)",
    re.IGNORECASE,
)
_EMBED = pattern(r"(?:^|[-_])\w{0,40}?embed(?:s|ded|ly)?(?:$|[-_])")


_MOST_REMEMBERED = 50_000


def _by_initial(patterns: Iterable[str]) -> str:
    """The patterns as one, a longer one before what it begins with. Those with the same first letter are together: the fewer
    branches, the sooner `re` is through them."""
    groups: dict[str, list[str]] = {}
    for one in sorted(patterns, reverse=True):
        groups.setdefault(one[0] if one[0].isalpha() else "", []).append(one)
    plain = groups.pop("", [])
    return "|".join([*plain, *(f"{initial}(?:{'|'.join(one[1:] for one in those)})" for initial, those in groups.items())])


def about_posts_only(classes: str) -> bool:
    """True for the class of an element that shares, follows, likes or comments."""
    return _NO_EMBED.search(classes.lower()) is not None


def is_badge(image: str) -> bool:
    """True for the address of a picture that stands for a link, and is no still of a video: a badge, a button, a logo."""
    return _BADGE.search(image) is not None


def looks_like_an_id(value: str) -> bool:
    """True for a number, a letter for a kind before it, a path, or letters as no word and no name has them."""
    if value.isdigit() or value[1:].isdigit():
        return len(value) >= _SHORTEST_NUMBER
    return "/" in value or (_CODED.search(value) is not None and not value.isupper() and not value.islower())


def _may_hold_an_id(name: str, value: str, *, video: bool) -> bool:
    """True for an attribute that is called like an id, and not told by its value to be something else."""
    called = _ID_NAME.search(name)
    if called is None:
        return video and _VIDEO_NAME.search(name) is not None and not value.isdigit() and looks_like_an_id(value)
    if video and value.isdigit():
        return False
    return called[0].endswith(_SAY_ID) or re.search("[0-9]", value) is not None or looks_like_an_id(value)


class Classes(Value):
    """What the class of an element says: the platform whose embed it marks, that it is an embed, the platforms it names."""

    marked: Platform | None
    embed: bool
    named: tuple[Platform, ...]


SAYS_NOTHING = Classes(None, embed=False, named=())


class Posts:
    """Reads addresses for every platform. What carries an address (a web archive, a proxy, oEmbed) is looked into."""

    def __init__(self, platforms: tuple[Platform, ...]) -> None:
        self.platforms = platforms
        self._named = {platform.name: platform for platform in platforms}
        self._read: dict[str, tuple[Platform, PostRef] | None] = {}
        self._of_hosts: dict[str, bool] = {}
        self._said: dict[str, Classes] = {}
        self._spoken_of: dict[tuple[str, str], tuple[Platform, ...]] = {}
        self.silent: set[str] = set()  # the classes that were asked for and say nothing
        self._marked = {name: platform for platform in platforms for name in platform.marks.classes}
        self.ids = {name: platform for platform in platforms for name in platform.marks.ids}
        self.tags = {tag: (platform, name) for platform in platforms for tag, name in platform.marks.tags.items()}
        self.words = {word: platform for platform in platforms for word in platform.marks.words}
        # What else an element may be known by: code that a click runs.
        self.telling = frozenset({*self.ids, "onclick"})
        self._no_ids = _KINDS | self._named.keys() | self.words.keys()
        self._called = self.words | {
            name: platform for platform in platforms for name in platform.marks.shortcodes if len(name) > 3
        }
        self._hosts = frozenset(host for platform in platforms for host in platform.hosts)
        # Each begins with a literal: scripts are most of a page's bytes, and such a search is many times as fast. A slash may
        # be escaped, as in `\/`.
        paths = _by_initial({path.replace("/", r"\\?/") for platform in platforms for path in platform.paths})
        self.in_address = pattern(f"/(?:{paths})")
        self.host = pattern(rf"\b(?:{'|'.join(map(re.escape, sorted({*self._hosts, *_PROXIES})))})\.[a-z]{{2}}")
        # One that holds another is seen with that.
        speaking = {"mbed", *self._marked, *self.words}
        least = sorted(one for one in speaking if not any(other in one for other in speaking - {one}))
        self._speaks = pattern("|".join(map(re.escape, least)))

    def speaks_of_any(self, text: str) -> bool:
        """True where a text has a platform's word in it."""
        return any(map(text.lower().__contains__, self.words))

    def named_in(self, key: str, kinds: str) -> tuple[Platform, ...]:
        """The platforms whose words stand in a key of some data, or in what its object says of its kind."""
        known = self._spoken_of.get((key, kinds))
        if known is None:
            if len(self._spoken_of) > _MOST_REMEMBERED:
                self._spoken_of.clear()
            name, kind = key.lower(), re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kinds).lower()
            words = [word for word in re.findall(r"[a-z]+", f"{name} {kind}") if word in self.words]
            words += [word for word in self.words if name.startswith(word)]
            known = self._spoken_of[key, kinds] = tuple(dict.fromkeys(self.words[word] for word in words))
        return known

    def named(self, name: str) -> Platform | None:
        """The platform of that name."""
        return self._named.get(name)

    def said_by(self, classes: str) -> Classes:
        """What a class attribute says."""
        said = self._said.get(classes)
        if said is None:
            if len(self._said) > _MOST_REMEMBERED:
                self._said.clear()
                self.silent.clear()
            said = self._said[classes] = self._said_by(classes) if self._speaks.search(classes.lower()) else SAYS_NOTHING
            if said is SAYS_NOTHING:
                self.silent.add(classes)
        return said

    def _said_by(self, classes: str) -> Classes:
        tokens = classes.lower().split()
        words = dict.fromkeys([*tokens, *(word for token in tokens for word in re.split(r"[-_]+", token))])
        return Classes(
            marked=next((self._marked[token] for token in tokens if token in self._marked), None),
            embed=any(_EMBED.search(token) or token in self.words for token in tokens),
            named=tuple(dict.fromkeys(self.words[word] for word in words if word in self.words)),
        )

    def of(self, address: str) -> tuple[Platform, PostRef] | None:
        """The post that an address names; None for any other text."""
        if address in self._read:
            return self._read[address]
        if not 8 <= len(address) <= _LONGEST or not ("/" in address or "." in address or ":" in address):
            return None
        if len(self._read) > _MOST_REMEMBERED:
            self._read.clear()
        read = self._read[address] = self._of(address)
        return read

    def _of(self, address: str) -> tuple[Platform, PostRef] | None:
        if not self._may_name_a_post(address):
            return None
        for layer in addresses.layers(address):
            for platform in self.platforms:
                ref = platform.permalink(layer)
                if ref is not None:
                    return platform, ref
        return None

    def _may_name_a_post(self, address: str) -> bool:
        """A quick look that passes every address of a post, and few others."""
        host = _HOST.match(address)
        if host is None:
            # A path has no host, and carries none but in its query; without a point there is none. Each may be escaped.
            marks = "?:%&" if address.startswith("/") and not address.startswith("//") else ".:%&"
            return any(mark in address for mark in marks)  # else of another kind: the platforms know
        known = self._of_hosts.get(host[1])
        if known is None:
            if len(self._of_hosts) > _MOST_REMEMBERED:
                self._of_hosts.clear()
            ours = not self._hosts.isdisjoint(re.split(r"[.:@]", host[1].lower()))
            known = self._of_hosts[host[1]] = ours or host[1].endswith(".onion")
        return known or _CARRIES.search(address, host.end()) is not None

    def by_any_id(self, platform: Platform, given: Mapping[str, str]) -> tuple[Platform, PostRef, str] | None:
        """The post of the first attribute that is called like an id and holds one of that platform, and its value."""
        for name, value in given.items():
            if not _may_hold_an_id(name, value, video=platform.name == "youtube") or self._is_a_name(value):
                continue
            ref = platform.from_id(value, given)
            if ref is not None:
                return platform, ref, value
        return None

    def _is_a_name(self, value: str) -> bool:
        """True for a platform's own name, or what an embed is called after it (`reddit-embed`), which is no id."""
        name = value.strip().lower()
        if name in self._no_ids:
            return True
        return "/" not in name and any(len(word) > 4 and word in self.words for word in re.split("[-_]", name))

    def of_tag(self, tag: str) -> Platform | None:
        """The platform that an element is called after, or after its post: `tweet`, `my-youtube`."""
        words = re.split("[-_:]", tag)
        return self._called.get(tag) or next((self.words[word] for word in words if word in self.words), None)

    def bare(self, platform: Platform, value: str, given: Mapping[str, str]) -> tuple[Platform, PostRef] | None:
        """The post of a bare id that stands where anything else may: only its form tells."""
        if not looks_like_an_id(value) or (value.isdigit() and platform.name in _NUMBERLESS) or self._is_a_name(value):
            return None
        ref = platform.from_id(value, given)
        return (platform, ref) if ref is not None else None

    def of_frame(self, address: str) -> tuple[Platform, PostRef] | None:
        """The post of a frame whose address names a platform and, apart from it, a bare id: a page called after the platform
        with the id behind `#` (s9e's frames in forums), `?source=youtube&vid=ID`, or `?id=youtube-video-ID`."""
        whole = f"//host.invalid{address}" if address.startswith("/") and not address.startswith("//") else address
        parts = addresses.split(unescape(whole)) if "#" in address or "=" in address else None
        if parts is None:
            return None
        _, path, query, fragment = parts
        page = self.words.get(path.rpartition("/")[2].partition(".")[0].lower())
        if page is not None and fragment:
            value = fragment.partition("#")[0]
            if page.name == "mastodon" and "@" not in value:
                value = value.replace("/", "@mastodon.social/")  # s9e leaves the largest instance out
            if page.name == "facebook":
                value = re.sub("^(?:post)?(?=[0-9])", "p", value)  # it once wrote the kind in full, or none
            return self.bare(page, value, {})
        given = dict(parse_qsl(query))
        said = {self.words[one.lower()] for name, one in given.items() if name in _PROVIDERS and one.lower() in self.words}
        by_id = self.by_any_id(said.pop(), given) if len(said) == 1 else self._called_after(given.get("id", ""))
        if by_id is None or not (re.search("[0-9]", by_id[2]) or looks_like_an_id(by_id[2])):
            return None
        number = by_id[2].isdigit() and by_id[0].name != "vimeo"  # a shorter one may tell visitors apart
        return by_id[:2] if not number or len(by_id[2]) >= _SHORTEST_SNOWFLAKE else None

    def _called_after(self, value: str) -> tuple[Platform, PostRef, str] | None:
        """The post of an id behind its platform's name, as in `youtube-video-ID`, and the id."""
        called = _CALLED_AFTER.fullmatch(value)
        platform = self.words.get(called["word"]) if called else None
        read = self.bare(platform, called["id"], {}) if called and platform else None
        return (*read, called["id"]) if called and read else None

    def of_host(self, address: str) -> Platform | None:
        """The platform that the host of an address is called after."""
        host = _HOST.match(address)
        return next((self.words[one] for one in host[1].lower().split(".") if one in self.words), None) if host else None

    def behind_a_name(self, value: str) -> tuple[tuple[Platform, PostRef] | None, str]:
        """The post of an address behind a name, as in `tweet-embed-https://…`, or of a player's source, `youtube/ID`; and what
        names it there."""
        source = _SOURCE.fullmatch(value)
        platform = self.words.get(source["word"]) if source else None
        if source and platform:
            return self.bare(platform, source["id"], {}), value
        _, mark, rest = value.partition("embed-http")
        return (self.of(f"http{rest}"), f"http{rest}") if mark else (None, value)

    def by_id(self, platform: Platform, value: str, parameters: Mapping[str, str]) -> tuple[Platform, PostRef] | None:
        """The post of a value that is a bare id of that platform, or, as some pages have it, an address."""
        ref = platform.from_id(value.strip(), parameters)
        return (platform, ref) if ref is not None else self.of(value)
