"""What the platforms' embed code says until their script draws the post, which is all that converters leave of it: “View this
post on Instagram”, “A post shared by Name (@handle)”, a title over links to the platform alone, a day that is a link."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from urllib.parse import urlsplit

from archiver import dates
from archiver.embeds.found import DASH, DIRECTIONS
from archiver.embeds.posts import Posts
from archiver.model import Platform, PostRef
from archiver.patterns import pattern
from archiver.values import Value

# Instagram's embed code in its languages: the line that leads to the post, and the one below it, `{}` for the account.
_LANGUAGES = (
    ("view this (?:post|photo|video|reel) on instagram", "an? (?:post|photo|video|reel) shared by {}"),
    ("", "(?:an? )?(?:post|photo|video|reel)s? (?:shared|posted) by {}"),
    (
        "sieh dir (?:diesen beitrag|dieses (?:foto|video|reel)) auf instagram an",
        "(?:ein )?(?:beitrag|foto|video) geteilt von {}",
    ),
    ("voir cette (?:publication|photo|vidéo) sur instagram", "une (?:publication|photo|vidéo) partagée par {}"),
    ("ver esta (?:publicación|foto) en instagram", "una publicación compartida (?:de|por) {}"),
    ("(?:visualizza|vedi) questo post su instagram", "un post condiviso da {}"),
    (
        "ver es[st][ae] (?:publicação|foto|post|vídeo) no instagram",
        "uma? (?:publicação|foto|vídeo|post) (?:compartilhad|partilhad)[ao] por {}",
    ),
    (
        "dit bericht (?:op instagram bekijken|bekijken op instagram)|bekijk dit bericht op instagram",
        "een bericht gedeeld door {}",
    ),
    ("wyświetl ten post na instagramie", "post udostępniony przez {}"),
    ("посмотреть эту публикацию в instagram", "публикация от {}"),
    ("переглянути цей допис в instagram", "допис, поширений {}"),
    ("вижте тази публикация в instagram", "публикация, споделена от {}"),
    ("visa (?:det här )?inlägget? på instagram", "ett inlägg delat av {}"),
    ("se dette innlegget på instagram", "et innlegg delt av {}"),
    ("se dette opslag på instagram", "et opslag delt af {}"),
    ("näytä tämä julkaisu instagramissa", "henkilön {} jakama julkaisu"),
    ("zobrazit (?:tento )?příspěvek na instagramu", "příspěvek sdílený(?: uživatelem)? {}"),
    ("zobraziť (?:tento )?príspevok na instagrame", "príspevok, ktorý zdieľa {}"),
    ("prikaži ovu objavu na instagramu", "objava koju dijeli {}"),
    ("a bejegyzés megtekintése az instagramon", "{} által megosztott bejegyzés"),
    ("vezi această postare pe instagram", "o postare (?:distribuită|partajată) de {}"),
    ("δείτε αυτή τη δημοσίευση στο instagram", "(?:η )?δημοσίευση (?:που )?κοινοποιήθηκε από(?: το χρήστη)? {}"),
    ("bu gönderiyi instagram['’]da gör", "{}['’]\\w{1,3} paylaştığı bir gönderi"),
    ("عرض هذا المنشور على (?:instagram|انستغرام|انستجرام)", "تمت مشاركة منشور بواسطة {}"),
    ("مشاهده این پست در (?:instagram|اینستاگرام)", "پستی که توسط {} به اشتراک گذاشته شده(?: است)?"),
    (
        "(?:ל?צפייה בפוסט הזה|הצגת פוסט זה|להצגת הפוסט הזה) ב-?(?:instagram|אינסטגרם)",
        "פוסט (?:משותף|ששותף) (?:על ידי|על-ידי) {}",
    ),
    ("(?:इस|यह) पोस्ट (?:को )?(?:instagram|इंस्टाग्राम) पर देखें", "{} द्वारा (?:साझा|शेयर) की गई पोस्ट"),
    ("lihat postingan ini di instagram", "(?:sebuah )?(?:kiriman|postingan) (?:yang )?dibagikan oleh {}"),
    ("lihat siaran ini di instagram", "(?:satu )?siaran (?:yang )?dikongsi oleh {}"),
    ("ดูโพสต์นี้บน instagram", "โพสต์ที่แชร์โดย {}"),
    ("xem bài viết này trên instagram", "bài viết do {} chia sẻ"),
    ("この投稿をinstagramで見る", "{}(?:さん)?がシェアした投稿"),
    ("", "投稿者:? ?{}"),
    ("instagram에서 이 게시물 보기", "{}님의 공유 게시물"),
    ("在 ?instagram ?(?:上)?(?:查看|檢視)(?:这篇|這則|此|這篇)(?:帖子|貼文)", "{}分享的(?:帖子|貼文)"),
)
_VIEWS = pattern("|".join(view for view, _ in _LANGUAGES if view).replace(" ", r"\s"), re.IGNORECASE)
_BEFORE = "|".join(line[:-2].rstrip() for _, line in _LANGUAGES if line.endswith("{}")).replace(" ", r"\s")
_AROUND = [line.replace(" {}", "{}").replace("{} ", "{}").split("{}") for _, line in _LANGUAGES if not line.endswith("{}")]
_AFTER = "|".join(after for _, after in _AROUND).replace(" ", r"\s")
_ACCOUNT = r"[(（]\s?@(?P<handle>[A-Za-z0-9_.]{1,30})\s?[)）]"
_HANDLE = pattern(_ACCOUNT)
_REST = r"(?P<rest>[^@\w]{0,20}|[^@\"“”]{0,40}\d[^@]{0,40})"
# The last line of a text: the account stands at its end, or before its last words; a day may follow.
_SHARED = (
    pattern(rf"(?:^|\s)(?P<line>(?:{_BEFORE})\s?(?P<author>[^@]{{0,120}}?){_ACCOUNT}{_REST})$", re.IGNORECASE),
    pattern(
        rf"(?:^|\n)\s{{0,9}}(?P<line>(?:(?:{'|'.join(before for before, _ in _AROUND if before)})\s)?"
        rf"(?P<author>[^\n]{{1,120}}?){_ACCOUNT}\s?(?:{_AFTER})\w{{0,3}}{_REST})$",
        re.IGNORECASE,
    ),
)
# The same among other words: right after the first line, or after the words that may stand between.
_SHARED_NEXT = pattern(
    rf"\s?(?:(?:{'|'.join(before for before, _ in _AROUND if before)})\s)?"
    rf"(?P<author>[^@\n]{{1,120}}?){_ACCOUNT}\s?(?:{_AFTER})(?P<rest>)",
    re.IGNORECASE,
)
_SHARED_AMONG = pattern(
    rf"(?:{_BEFORE})\s?(?P<author>[^@\n]{{0,120}}?){_ACCOUNT}(?P<rest>\son\s[A-Z][a-z]{{2,8}}\s\d{{1,2}},\s\d{{4}}(?=\sat\s))?",
    re.IGNORECASE,
)
_VIEW = pattern(
    r"^\W{0,3}(?:view|see|watch|read|ver|voir|sieh|visualizza|vedi|bekijk|посмотреть|смотреть|wyświetl|zobacz|visa|vis|この投稿を)"
    r"[^.!?]{0,40}\b(?:instagram\w{0,3}|twitter|x|mastodon|threads|bluesky|facebook|tiktok|telegram|reddit|truth social|vk)\b"
    r"[^.!?]{0,8}$",
    re.IGNORECASE,
)
_ALONE = pattern(
    r"(?:view|see|watch)\s(?:this|the|full|original)?\s?(?:post|tweet|photo|video|reel|toot|thread|status)(?:\s(?:on|at)\s\w{1,20})?"
    r"|a post shared by .{1,200}"
    r"|youtube video player|twitter tweet|x post|embedded (?:content|post|tweet|video)",  # what their frames are called
    re.IGNORECASE,
)
_POSTED_BY = pattern(
    r"(?:^|\s)(?:posted by|gepostet von|publicad[oa] por|publiée? par|pubblicat[oa] da|geplaatst door|"
    r"opublikowan[aey] przez|опубликовано|опубліковано|публикувано от|(?:publicerat|publicerades|postat) av|slået op af|"
    r"(?:publisert|lagt ut) av|julkaissut|(?:přidal|zveřejnil)(?:\(a\)|a)?|közzétette:?|(?:publicat[ăe]?|postat[ăe]?) de|"
    r"(?:δημοσιεύτηκε|δημοσιεύθηκε) από|(?:diposting|diposkan|dikirim) oleh|đăng bởi|تم النشر بواسطة|"
    r"(?:投稿者|发布者|發佈者|게시)[:：])"
    r"(?:\s|(?<=[:：]))",
    re.IGNORECASE,
)
# A signature that a machine translated: `—Name(@ handle)2019 年 8 月 10 日`.
_SIGNS = pattern(
    rf"(?:^|\n)[ \t]{{0,9}}{DASH}[^\n@]{{1,120}}(?:@[^\n@]{{1,120}})?[(（]@ [^\n()（）]{{1,60}}[)）][^\n]{{1,60}}$"
)
_TIKTOK = r"https?://(?:www\.)?tiktok\.com/"
_TIKTOK_ACCOUNT = pattern(rf"{_TIKTOK}@(?P<handle>[\w.-]{{1,64}})/?\?refer=embed\b")
_TIKTOK_TAG = pattern(rf"{_TIKTOK}(?:tag/|music/|@)[^\s?#]{{1,500}}\?refer=embed\b")
_LONGEST = 5_000
_LONGEST_LABEL = 80
_LONGEST_TITLE = 500
_LONGEST_CAPTION = 2_400
_LONGEST_VIEW = 40
_LONGEST_BESIDE_DAY = 40


class Fallback(Value):
    """The post that such a text stands for; `read` and `address` are None where it names only an account."""

    platform: Platform
    read: tuple[Platform, PostRef] | None
    address: str | None
    text: str
    author: str | None = None
    handle: str | None = None
    posted: date | None = None
    signature: str | None = None


class Left(Value):
    """An embed of which the words are left, and not its address."""

    text: str
    author: str | None
    handle: str
    posted: date | None
    signature: str


def fallback(text: str, links: Sequence[tuple[str, str]], posts: Posts) -> Fallback | None:
    """The one post that a quotation stands for, or None. `links` are its labels and addresses, in order."""
    if len(text) > _LONGEST:
        return None
    reads = {read[1].post_id: (read, address) for _, address in links if (read := posts.of(address))}
    shared = _shared(text)
    instagram = posts.named("instagram")
    if shared is not None and instagram is not None and len(reads) < 2:
        named = next(iter(reads.values()), None)
        if named is None or named[0][0] is instagram:
            words = " ".join(line for line in shared.string[: shared.start()].split("\n") if not _views(line.strip()))
            return Fallback(
                instagram,
                named[0] if named else None,
                named[1] if named else None,
                " ".join(words.split()),
                *account(shared["line"]),
                dates.day(shared["rest"]),
                shared["line"].strip(),
            )
    if not reads:
        return _tiktok(text, links, posts)
    comment = text.startswith("Comment") and "from discussion" in text and posts.of(links[0][1]) is not None
    if len(reads) != 1 and not (comment and len(reads) == 2):
        return None
    read, address = next(iter(reads.values()))  # of a comment and the post it stands under, the comment
    labels = [" ".join(label.split()) for label, target in links if posts.of(target) == read]
    if not (
        any(not label or _views(label) for label in labels)
        or _only_of_platform(text, links, read, posts)
        or _dated(text, labels[-1], read)
        or _dated_below(text, links, read, posts)
        or _is_embed_code(text, links, read, posts)
    ):
        return None
    by = _HANDLE.search(labels[-1]) if read[0] is instagram else None
    words = "" if comment else _words(text, labels)
    return Fallback(read[0], read, address, words, None, by["handle"] if by else None, dates.day(labels[-1]))


def left_among(line: str) -> Iterator[Left]:
    """What is left of Instagram's embed code among the words of a line, as where a page's text lost its lines."""
    if line.isascii() and "nstagram" not in line:
        return
    firsts = list(_VIEWS.finditer(line))
    ends = [*(one.start() for one in firsts[1:]), len(line)]
    for first, end in zip(firsts, ends, strict=False):
        start, last = first.end(), min(end, first.end() + _LONGEST_CAPTION)
        shared = _SHARED_NEXT.match(line, start, last) or _SHARED_AMONG.search(line, start, last)
        if shared is not None:
            author = " ".join(shared["author"].split())
            text = line[start : shared.start()].strip()
            yield Left(text, author or None, shared["handle"], dates.day(shared["rest"] or ""), shared[0].strip())


def stands_for_post(label: str) -> bool:
    """True for a link's text that embed code has for the whole post: what stands for it where it is alone in its paragraph."""
    return _ALONE.fullmatch(label) is not None or is_of_embed_code(label)


def is_of_embed_code(label: str) -> bool:
    """True for a text that only Instagram's embed code has: others may be an article's own."""
    return views(label) or shares(label)


def views(line: str) -> bool:
    """True for the first line of Instagram's embed code, and nothing beside it."""
    return len(line) < _LONGEST_LABEL and _VIEWS.fullmatch(line.strip().rstrip(".")) is not None


def shares(line: str) -> bool:
    """True for the last line of Instagram's embed code, and nothing before it."""
    shared = _shared(line)
    return shared is not None and not shared.string[: shared.start("line")].strip()


def account(line: str) -> tuple[str | None, str | None]:
    """The name and the handle in the last line of Instagram's embed code."""
    shared = _shared(line)
    return (" ".join(shared["author"].split()) or None, shared["handle"]) if shared else (None, None)


def is_address_of_embed_code(address: str) -> bool:
    """True for the address that Instagram's embed code has for the post until it is drawn."""
    return "utm_campaign=loading" in address and "utm_source=ig_embed" in address


def begins(line: str) -> bool:
    """True for a line that only embed code begins with, outside a quotation too: Facebook's last, TikTok's one."""
    if "facebook.com/" in line:
        return _POSTED_BY.match(line) is not None
    return "refer=embed" in line and "♬" in line and line.startswith("[@")


def _shared(text: str) -> re.Match[str] | None:
    if "@" not in text:
        return None
    text = DIRECTIONS.sub("", text)
    return _SHARED[0].search(text) or _SHARED[1].search(text)


def _words(text: str, labels: Sequence[str]) -> str:
    """The post's own words: what stands before its signature, without what only leads to it."""
    before, _, last = text.rstrip().rpartition("\n")
    if labels[-1] in last and dates.day(labels[-1]) and not _POSTED_BY.search(last):
        text = before if len(last) < _LONGEST_LABEL * 2 else text
    else:
        text = _POSTED_BY.split(text, maxsplit=1)[0]
    words = " ".join(text.split())
    for label in labels:
        leads = not label or _views(label) or dates.day(label) or (words == label and _names_threads(label))
        leads = leads or (label == labels[-1] and _HANDLE.search(label) is not None)
        words = words.removesuffix(label).strip() if leads else label
    return words


def _views(label: str) -> bool:
    return views(label) or (len(label) < _LONGEST_LABEL and _VIEW.match(label) is not None)


def _only_of_platform(text: str, links: Sequence[tuple[str, str]], read: tuple[Platform, PostRef], posts: Posts) -> bool:
    """True for a short text with three links or more, all to one platform: a title that leads to the post, who, and where.

    Reddit's has two: `Title from r/sub`, `Comment from discussion Title`.
    """
    said = [" ".join(one.split()).rstrip(".") for one in (text, *(label for label, _ in links))]
    whole = len(links) == 2 and said[0] in (f"{said[1]} from {said[2]}", f"{said[1]} from discussion {said[2]}")
    begins = (whole or len(links) > 2) and text.lstrip().startswith(links[0][0].strip())
    if not begins or len(text) > _LONGEST_TITLE or posts.of(links[0][1]) != read:
        return False
    return all(_is_of_platform(address, read[0]) for _, address in links)


def _is_of_platform(address: str, platform: Platform) -> bool:
    return not platform.hosts.isdisjoint((urlsplit(address).hostname or "").split("."))


def _is_embed_code(text: str, links: Sequence[tuple[str, str]], read: tuple[Platform, PostRef], posts: Posts) -> bool:
    """True, in any language, where all links are the platform's, and one that is a line of its own has an address or a handle
    that only embed code has, or is, as Threads' is, all there is: a few words with the platform's name."""
    name = read[0].name
    if name not in ("instagram", "threads") or not all(_is_of_platform(address, read[0]) for _, address in links):
        return False
    lines = {" ".join(line.split()) for line in text.split("\n")} - {""}
    to_post = [(" ".join(label.split()), address) for label, address in links if posts.of(address) == read]
    alone = [(label, address) for label, address in to_post if label in lines]
    if name == "instagram":
        pair = len(to_post) > 1
        return any("utm_source=ig_embed" in address or (pair and _HANDLE.search(label)) for label, address in alone)
    return lines == {label for label, _ in alone} and any(_names_threads(label) for label, _ in alone)


def _names_threads(label: str) -> bool:
    return len(label) < _LONGEST_VIEW and "threads" in label.lower()


def _dated(text: str, label: str, read: tuple[Platform, PostRef]) -> bool:
    """True where the text ends with a day that is the link, and names the post's account, or signs with any: machines translate
    handles too."""
    handle = (read[1].handle or "").lower()
    if not label or not text.strip().endswith(label) or dates.day(label) is None:
        return False
    if "@ " in text and _SIGNS.search(text):
        return True
    return bool(handle) and (f"@{handle}" in text.lower() or _POSTED_BY.search(text) is not None)


def _dated_below(text: str, links: Sequence[tuple[str, str]], read: tuple[Platform, PostRef], posts: Posts) -> bool:
    """True where the last line is Facebook's, in any language: a page and a day, both linked, and a word or two."""
    if read[0].name != "facebook" or len(links) < 2:
        return False
    (page, page_address), (label, address) = links[-2:]
    last = text.rstrip().rpartition("\n")[2]
    if not page or posts.of(address) != read or posts.of(page_address) or not _is_of_platform(page_address, read[0]):
        return False
    beside = last.replace(page, "", 1).replace(label, "", 1)
    brief = len(last) - len(beside) == len(page) + len(label) and len(beside) < _LONGEST_BESIDE_DAY
    return brief and dates.day(label) is not None


def _tiktok(text: str, links: Sequence[tuple[str, str]], posts: Posts) -> Fallback | None:
    """TikTok's quotation, in which no link leads to the video: the account, tags, and the music."""
    platform, account = posts.named("tiktok"), _TIKTOK_ACCOUNT.match(links[0][1]) if len(links) > 1 else None
    if platform is None or account is None or "/music/" not in links[-1][1]:
        return None
    if not all(_TIKTOK_TAG.match(address) for _, address in links):
        return None
    words = " ".join(text.split()).removeprefix(links[0][0].strip()).removesuffix(" ".join(links[-1][0].split()))
    return Fallback(platform, None, None, words.strip(), None, account["handle"])
