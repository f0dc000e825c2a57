"""Short-codes: a name and a post, in the notations of Hugo, Jekyll, Zola, WordPress, MDX, wikis and Markdown's directives.

The names are the platforms' own (`Marks.shortcodes`), or contain one (`{{< my-tweet … >}}`), or speak of embedding at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from archiver.embeds.found import Found
from archiver.embeds.posts import Posts
from archiver.model import Platform, PostRef
from archiver.patterns import pattern
from archiver.values import Value

FORMS = {"shortcode": "a short-code (Hugo, Jekyll, Zola, WordPress, MDX, directives) with the post's id or address"}

_WORD = r"(?P<name>[A-Za-z][\w-]{0,40})"
_PATH = r"(?P<name>[A-Za-z][\w./-]{0,60})"
_INNER = r"<?(?P<inner>[^\[\]{}<>]{1,1000})>?"
_PROPERTY = r"[ \t]{0,3}[A-Za-z][\w-]{0,20}:[ \t]{1,3}\S[^\n]{0,1000}\n"  # a line of YAML


class _Notation(Value):
    """One way to write a short-code. `start` must stand in the text; `bare`: a lone word in it is as likely prose as an id."""

    start: str
    shape: re.Pattern[str]
    bare: bool = False


# In Hugo a sample is escaped, {{</* … */>}}, and no name begins with a slash; in Quarto with a third brace.
_HUGO = r"\{\{(?<!\{\{\{)[<%]\s{0,5}" + _PATH + r"(?P<rest>\s[^{}]{0,2000}?)?/?[>%]\}\}"
_HUGO_ENDS = r"\{\{[<%]\s{0,5}/\s{0,5}(?P=name)\s{0,5}[>%]\}\}"
_LIQUID = r"(?<!\{)\{%-?\s{0,5}" + _PATH + r"(?P<rest>\s[^{}]{0,2000}?)-?%\}"
_BRACES = r"(?<![\w{$])\{" + _WORD + r"(?P<rest>\s[^{}]{0,300})?\}" + _INNER + r"\{/(?P=name)\}"  # Joomla's
_CALL = r"\{\{-?\s{0,5}" + _WORD + r"\((?P<rest>[^(){}]{0,2000})\)[^(){}]{0,60}\}\}"
_WIKI = r"\{\{\s{0,5}(?:\[\[|#[a-z]{1,10}:)?" + _WORD + r"(?:\]\])?[\s:>|]{1,5}(?P<rest>[^{}<>]{1,1000})\}\}"
_BRACKETS = r"(?<![\[!\\\w%@:])\[" + _WORD + r"(?P<rest>[\s:=][^\[\]]{0,1000})?\](?![(\[:])(?:" + _INNER + r"\[/(?P=name)\])?"
# The same as a converter escapes it, at the end of a line: what is told of one stands among words.
_ESCAPED = (
    r"(?<!\\)\\\[" + _WORD + r"(?P<rest>[\s:=](?:[^\[\]\\\n]|\\[^\[\]\n]){0,1000})?\\\]"
    r"(?:\s{0,3}(?:\[[^\[\]]{1,1000}\]\()?<?(?P<inner>(?:[^\[\]{}<>()\\]|\\[^\[\]\n]){1,1000})>?\)?\s{0,3}\\\[/(?P=name)\\\])?"
    r"(?=[ \t]{0,9}\r?$)"
)
# Closed, and with an address in it, it may stand anywhere.
_ESCAPED_PAIR = (
    r"(?<!\\)\\\[" + _WORD + r"\\\]\s{0,3}<?(?P<inner>https?:(?:[^\[\]{}<>()\\\s]|\\[^\[\]\s]){4,1000})>?"
    r"\s{0,3}\\\[/(?P=name)\\\]"
)
_ELEMENT = r"<(?P<name>[A-Z][\w.]{0,60})(?P<rest>\s[^<>]{0,2000})>"
_FILTER = r"\{\{-?\s{0,5}[\"'](?P<rest>[^\"'{}]{5,1000})[\"']\s{0,5}\|\s{0,5}" + _WORD + r"[^{}]{0,200}\}\}"
_DIRECTIVE = (
    r"^[ \t]{0,3}:{1,3}[ \t]?" + _WORD + r"(?:\[(?P<inner>[^\[\]\n]{0,500})\])?(?:\{(?P<rest>[^{}\n]{0,500})\})?[ \t]{0,9}\r?$"
)
_AT = r"(?:@\[|\[plugin:)" + _WORD + r"\]\(\s{0,3}(?P<rest>[^()\s]{1,1000})[^()\n]{0,200}\)"
_PERCENT = r"%(?P<name>)\[(?P<rest>https?://[^\[\]\s]{4,2000})\]"
_RETYPE = r"\[!(?P<name>embed)[^\[\]\n]{0,200}\]\((?P<rest>https?://[^()\s]{4,2000})\)"
_REST = r"^\.\. " + _WORD + r"::[ \t]{1,5}(?P<rest>\S{1,1000})[ \t]{0,9}\r?$"
_MYST = r"^[ \t]{0,3}:{3,}\{" + _WORD + r"\}[ \t]{1,5}(?P<rest>\S{1,1000})[ \t]{0,9}\r?$"
_FENCED = r"^[ \t]{0,3}`{3,}\{" + _WORD + r"\}[ \t]{1,5}(?P<rest>\S{1,1000})[ \t]{0,9}\r?$"
# A fence named for a platform that holds an address or an id alone, or properties: no sample of it could be less.
FILLED = pattern(
    r"^[ \t]{0,3}(?P<fence>`{3,}|~{3,})[ \t]{0,3}" + _WORD + r"[ \t]{0,9}\r?\n"
    r"(?:[ \t]{0,3}(?P<rest>https?://\S{4,1000}|[\w-]{5,64})[ \t]{0,9}\r?\n|(?P<lines>(?:" + _PROPERTY + r"){1,12}))"
    r"[ \t]{0,20}(?P<closed>(?P=fence))?[ \t]{0,9}\r?$",
    re.MULTILINE,
)
# The same of Markdown components: `::name`, and its properties between rules.
_PROPERTIES = (
    r"^[ \t]{0,3}:{2,4}" + _WORD + r"[ \t]{0,9}\r?\n-{3,4}[ \t]{0,9}\r?\n"
    r"(?P<lines>(?:" + _PROPERTY + r"){1,20})-{3,4}[ \t]{0,9}\r?$"
)
_TITLED = r"\[(?P<rest>https?://[^\s\[\]]{4,1000}?):(?P<name>embed)(?::[\w=%]{1,20}){0,3}(?:#[^\]\n]{0,500})?\](?!\()"
# A call of R in a line of its own, which knitr runs.
CALL_OF_R = pattern(
    r"^[ \t]{0,12}`r[ \t]{1,3}(?:[\w.]{1,30}:{2,3})?" + _WORD + r"\((?P<rest>[^()`\n]{3,1000})\)`[ \t]{0,9}\r?$", re.MULTILINE
)
_MACRO = r"^" + _WORD + r"::(?P<inner>[^\s\[\]]{1,1000})\[(?P<rest>[^\[\]\n]{0,500})\][ \t]{0,9}\r?$"  # AsciiDoc's
REMARK = pattern(r"^[ \t]{0,3}`(?P<name>[a-z]{4,12}):[ \t]{0,3}(?P<rest>[^\s`]{5,1000})`[ \t]{0,9}\r?$", re.MULTILINE)
_KIRBY = r"^[ \t]{0,3}\(" + _WORD + r":[ \t]{0,5}(?P<rest>https?://[^()\s]{4,1000})[^()\n]{0,200}\)[ \t]{0,9}\r?$"
NOTATIONS = (
    _Notation("{{", pattern(f"{_HUGO}(?:{_INNER}{_HUGO_ENDS})?")),
    _Notation("{%", pattern(_LIQUID)),
    _Notation("{/", pattern(_BRACES)),
    _Notation("{{", pattern(_CALL)),
    _Notation("{{", pattern(_FILTER)),
    _Notation("{{", pattern(_WIKI), bare=True),
    _Notation("[", pattern(_BRACKETS, re.IGNORECASE), bare=True),
    _Notation("\\[", pattern(_ESCAPED, re.IGNORECASE | re.MULTILINE), bare=True),
    _Notation("\\[/", pattern(_ESCAPED_PAIR, re.IGNORECASE)),
    _Notation("<", pattern(_ELEMENT)),
    _Notation("::", pattern(_DIRECTIVE, re.MULTILINE)),
    _Notation("\n:", pattern(_DIRECTIVE, re.MULTILINE)),
    _Notation("@[", pattern(_AT)),
    _Notation("[plugin:", pattern(_AT)),
    _Notation("%[", pattern(_PERCENT)),
    _Notation("[!", pattern(_RETYPE, re.IGNORECASE)),
    _Notation(":::", pattern(_MYST, re.MULTILINE)),
    _Notation("://", pattern(_KIRBY, re.MULTILINE)),
    _Notation(".. ", pattern(_REST, re.MULTILINE)),
    _Notation("::", pattern(_MACRO, re.MULTILINE)),
    _Notation("```{", pattern(_FENCED, re.MULTILINE)),
    _Notation("```", FILLED, bare=True),
    _Notation("~~~", FILLED, bare=True),
    _Notation("\n--", pattern(_PROPERTIES, re.MULTILINE)),
    _Notation(":embed", pattern(_TITLED)),
    _Notation("`r ", CALL_OF_R),
    _Notation("\n`", REMARK),
)

ARGUMENT = pattern(
    r"(?:(?P<key>[A-Za-z_][\w:.-]{0,60})\s{0,3}=\s{0,3})?(?:\{\s{0,3})?"
    r"(?:\"(?P<double>[^\"]{0,2000})\"|'(?P<single>[^']{0,2000})'|`(?P<tick>[^`]{0,2000})`|(?P<plain>[^\s\"'`{}]{1,2000}))"
)
_MOST_ARGUMENTS = 40
_LONGEST_COUNT = 8  # a longer number counts nothing
_INCLUDES = frozenset({"include", "include_cached", "include_relative", "render", "partial", "component", "shortcode"})
_GENERIC = frozenset({"", "embed", "oembed", "iframe", "video", "media", "social", "player", "rich", "unfurl", "onebox"})
_PROVIDERS = ("provider", "type", "service", "platform", "site", "network", "host")
_USERS = ("user", "username", "handle", "author", "account", "screen_name")
# What stands beside posts and is none.
_ABOUT = pattern(
    r"share|click|(?:re|this.?)tweet|tweet.?this|follow|timeline|button|feed|profile|icon|logo|badge|link|list|channel|user|handle|count|comment|footer|header|meta|cta|cit(?:e|ation)"
)
_NOUNS = ("post", "tweet", "embed", "video", "status")
_NO_POST = pattern("title|caption|alt|class|style|image|img|poster|thumb|description|label|credit|attr|width|height")
_IDS = pattern(r"(?:id|ids|code|v|video|tweet|status|post|toot|reel|clip|track|key|uri|src|url|link|href|value|name)$")
_SEGMENT = pattern(r"(?:^|/)(?:status(?:es)?|p|reel|tv|video|post|shorts)/([\w-]{2,64})/?$")
_HOST = pattern(r"^(?:[\w-]{1,63}\.){1,5}[a-z]{2,24}", re.IGNORECASE)


def find(text: str, posts: Posts) -> Iterator[tuple[int, int, Found | None]]:
    """Every short-code of a post, with where it starts and ends. Code samples must be blanked already.

    None for a component (MDX) that was understood and is no embed, a share button for instance: it is no HTML to look into.
    """
    names = _names(posts.platforms)
    taken: set[int] = set()
    for notation in NOTATIONS:
        if notation.start not in text:
            continue
        for one in notation.shape.finditer(text):
            read = _read(one, posts, names, bare=notation.bare) if one.start() not in taken else None
            if read is not None:
                taken.add(one.start())
                yield one.start(), one.end(), read
            elif notation.start == "<" and (_ABOUT.search(one["name"].lower()) or _platform(one["name"].lower(), names)):
                yield one.start(), one.end(), None


def _names(platforms: tuple[Platform, ...]) -> Mapping[str, Platform]:
    return {name: platform for platform in platforms for name in (*platform.marks.words, *platform.marks.shortcodes)}


def _read(one: re.Match[str], posts: Posts, names: Mapping[str, Platform], *, bare: bool) -> Found | None:
    groups = one.groupdict()
    name = one["name"].lower()
    rest = " ".join(filter(None, (groups.get("rest"), groups.get("inner"))))
    if one.re.pattern == _WIKI:
        rest = rest.replace("|", " ")
    if one[0].startswith("\\"):
        rest = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", rest)
        if "//" not in rest and one.string[max(0, one.start() - 80) : one.start()].rpartition("\n")[2].strip(" \t>"):
            return None
    lines = groups.get("lines") or ""
    if not (rest or lines) or (name.startswith("/") or len(rest) > 4000):
        return None
    said = _platform(name, names)
    if said is None and not (_embeds(name) or name in _INCLUDES):
        return None
    named, alone = (_properties(lines), []) if lines else _arguments(rest)
    if name in _INCLUDES and alone:
        name = re.sub(r"^.*/|\.\w{1,6}$", "", alone.pop(0).lower())
        said = _platform(name, names)
    if said is None:
        said = _said(name, named, alone, names)
        if said is None and not _embeds(name):
            return None
    found = _by_address(posts, named, alone, said) or (_by_id(said, named, alone, bare=bare) if said else None)
    if found is None:
        return None
    platform, ref, value = found
    user = next((named[key].lstrip("@") for key in _USERS if named.get(key)), "")
    handle = ref.handle or (user if re.fullmatch(r"[\w.-]{1,64}", user) else None)
    links = (value,) if value.startswith(("http://", "https://")) else ()
    return Found(platform, "shortcode", one.start(), links=links, handle=handle, permalink=value, ref=ref)


def _said(name: str, named: dict[str, str], alone: list[str], names: Mapping[str, Platform]) -> Platform | None:
    """The platform that a short-code for any says beside its name: `provider="…"`, `[media=…]`, or `youtube="ID"`."""
    given = [*(named.get(key, "") for key in _PROVIDERS), *alone]
    said = next((names[value.lower()] for value in given if value.lower() in names), None)
    if said is None and ("video" in name or "embed" in name or "player" in name):
        key = next((key for key in named if key in names), None)
        if key is not None:
            named["id"] = named.pop(key)
            return names[key]
    return said


def _platform(name: str, names: Mapping[str, Platform]) -> Platform | None:
    """The platform of that name, or of the longest name within it, as in `my_tweet` or `TwitterTweetEmbed`."""
    if name in names:
        return names[name]
    if _ABOUT.search(name):
        return None
    within = [known for known in names if len(known) > 4 and known in name]
    if not within:  # `tg-post`, `XPost`: a short name beside what says that it is a post
        words = re.split(r"[-_./]", name)
        words += [name.removesuffix(noun) for noun in _NOUNS if name.endswith(noun)]
        within = [word for word in words if word in names and len(words) > 1]
    return names[max(within, key=len)] if within else None


def _embeds(name: str) -> bool:
    return name in _GENERIC or ("embed" in name and not _ABOUT.search(name))


def _arguments(rest: str) -> tuple[dict[str, str], list[str]]:
    """`key=value` by key in lower case, and the values without a key in order."""
    named: dict[str, str] = {}
    alone: list[str] = []
    for count, one in enumerate(ARGUMENT.finditer(rest.lstrip("=: \t\r\n"))):
        if count >= _MOST_ARGUMENTS:
            break
        value = next((one[kind] for kind in ("double", "single", "tick", "plain") if one[kind] is not None), "")
        value = value.strip().strip("”“″„’,").rstrip(";")
        value = value[1:-1] if value[:1] == "<" and value[-1:] == ">" else value
        if one["plain"] is not None:
            value = value.removesuffix("/").removesuffix("/>") if one["key"] or value == "/" else value
            value = value.removeprefix("#")
        if not value:
            continue
        if one["key"]:
            named[one["key"].lower()] = value
        else:
            alone.append(value)
    return named, alone


def _properties(lines: str) -> dict[str, str]:
    """`key: value` by key in lower case, of lines of YAML."""
    pairs = (line.split(":", 1) for line in lines.splitlines())
    return {key.strip().lower(): value.strip().strip("\"'<>") for key, value in pairs}


def _by_address(
    posts: Posts, named: Mapping[str, str], alone: list[str], said: Platform | None
) -> tuple[Platform, PostRef, str] | None:
    for value in (*(value for key, value in named.items() if not _NO_POST.search(key)), *alone):
        if "/" not in value:
            continue
        read = posts.of(value) or (posts.of(f"https://{value.lstrip('/')}") if "//" not in value else None)
        if read is not None:
            return *read, value
        segment = _SEGMENT.search(value) if said and "//" not in value else None
        ref = said.from_id(segment[1], named) if said and segment else None
        if said and ref:
            return said, ref, value
    return None


def _by_id(
    platform: Platform, named: Mapping[str, str], alone: list[str], *, bare: bool
) -> tuple[Platform, PostRef, str] | None:
    """A bare id: under a key that speaks of one, else any value without a key."""
    parameters = {**{str(at): value for at, value in enumerate(alone)}, **named}
    for value in alone:
        if _HOST.fullmatch(value):
            parameters.setdefault("instance", value)
        elif value.startswith("@"):
            parameters.setdefault("user", value)
    values = [value for key, value in named.items() if _IDS.search(key) and key not in _USERS]
    values += [value for key, value in named.items() if key == "number" and len(value) > _LONGEST_COUNT]
    values += [value for value in alone if not bare or (len(value) > 7 and _like_an_id(value))]
    for value in values:
        ref = platform.from_id(value, parameters)
        if ref is not None:
            return platform, ref, value
    return None


def _like_an_id(value: str) -> bool:
    return re.search("[0-9]|[a-z][A-Z]", value) is not None
