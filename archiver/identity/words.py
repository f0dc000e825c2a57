"""Words against words: does a post say what the article shows, and if not, where do they part?

Addresses, white space, entities and the kind of quotation mark, dash or ellipsis are no difference: every publisher, and the
platform itself, changes those.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from enum import Enum, auto

from archiver.model import Claim

LONG_WORDS, LONG_LETTERS = 6, 30  # less than that, and an account may well have said it twice
BEGINNING_WORDS, BEGINNING_LETTERS = 20, 110  # a thread's posts begin alike, and so do those made after a pattern

# With a scheme, or as pages show it: without one, and cut with an ellipsis.
_ADDRESS = re.compile(r"https?://\S+|(?<![\w@.-])(?:[\w-]{1,63}\.){1,4}[a-z]{2,24}/\S+", re.IGNORECASE)
_MARKS = (
    {ord(mark): '"' for mark in "“”„‟«»″"}
    | {ord(mark): "'" for mark in "‘’‚‛′`"}
    | {ord(mark): "-" for mark in "‐‑‒–—―−"}
    | {ord(mark): None for mark in "\u200b\u200c\u200d\u2060\ufeff\ufe0f\u00ad"}
)
_CONTEXT = 5  # words shown on each side of a difference
# What tells two near-copies apart beside the letters: numbers with their sign and their marks, questions, and signs that mean
# something (✅ and ❌, + and =).
_TELLING = re.compile(r"(?<![\w.,:/-])[-+]?\d[\d.,:/-]*(?<![.,:/-])%?|\?")
_SIGNS = frozenset({"So", "Sm", "Sc"})


class Kind(Enum):
    """How two prints of a post stand to each other. EQUAL: word by word, whatever stands between them."""

    EQUAL = auto()
    BEGINNING = auto()
    OTHER = auto()
    SILENT = auto()


@dataclass(frozen=True, slots=True)
class Likeness:
    """`share` of the words in common and in the same order, 0 to 1; `words` and `letters` are those of the shorter print."""

    kind: Kind
    share: float = 0.0
    words: int = 0
    letters: int = 0

    @property
    def telling(self) -> bool:
        """True where there are words enough that an account has hardly said the same twice."""
        if self.kind is Kind.BEGINNING:
            return self.words >= BEGINNING_WORDS and self.letters >= BEGINNING_LETTERS
        return self.words >= LONG_WORDS and self.letters >= LONG_LETTERS


def likeness(claimed: str, fetched: str, *, cut: bool = False) -> Likeness:
    """How the words that an article shows stand to those of a post. `cut`: the post's words are known to go on.

    BEGINNING: one ends in an ellipsis, or is cut, where the other goes on.
    """
    from rapidfuzz.distance import Indel  # only here: `find` compares no words

    ours, theirs = plain(claimed), plain(fetched)
    if not ours or not theirs:
        return Likeness(Kind.SILENT)
    mine, other = _words(ours), _words(theirs)
    letters = min(len("".join(mine)), len("".join(other)))
    words = max(min(len(mine), len(other)), letters // 6)  # some languages have no spaces
    share = Indel.normalized_similarity(mine, other)
    if ours == theirs:
        return Likeness(Kind.EQUAL, 1.0, words, letters)
    if mine and mine == other and _TELLING.findall(ours) == _TELLING.findall(theirs) and _same_signs(ours, theirs):
        return Likeness(Kind.EQUAL, 0.99, words, letters)
    if _begins(ours, theirs) or (cut and _begins(theirs.removesuffix("...") + "...", ours)):
        return Likeness(Kind.BEGINNING, share, words, letters)
    return Likeness(Kind.OTHER, share, words, letters)


def _same_signs(ours: str, theirs: str) -> bool:
    """False where both have signs, and others. Many publishers leave out every one."""
    mine, other = ([sign for sign in text if unicodedata.category(sign) in _SIGNS] for text in (ours, theirs))
    return mine == other or not mine or not other


def compare(claimed: str, fetched: str, *, cut: bool = False) -> tuple[Claim, float]:
    """Do two prints of a post agree, and the share of words they have in common (0 to 1).

    A claim that ends in an ellipsis agrees with what it is the beginning of.
    """
    found = likeness(claimed, fetched, cut=cut)
    if found.kind is Kind.SILENT:
        return Claim.UNVERIFIABLE, 0.0
    if plain(claimed) == plain(fetched):
        return Claim.MATCH, 1.0
    if found.kind is Kind.BEGINNING:
        begun = _begins(plain(claimed), plain(fetched))
        return (Claim.MATCH if begun else Claim.UNVERIFIABLE), found.share
    return Claim.DIFFERS, found.share


def difference(claimed: str, fetched: str) -> str:
    """Where two prints part, a few words around each place: `[-of the post-]{+of the article+}`; empty where they do not."""
    from rapidfuzz.distance import Indel

    ours, theirs = _tokens(claimed), _tokens(fetched)
    steps = list(Indel.opcodes([key for _, key in theirs], [key for _, key in ours]))
    if all(step.tag == "equal" for step in steps):
        return ""
    pieces: list[str] = []
    old, new = list[str](), list[str]()
    for number, step in enumerate(steps):
        if step.tag == "equal":
            same = theirs[step.src_start : step.src_end]
            pieces += [*_parted(old, new), _shortened(same, number == 0, number == len(steps) - 1)]
            old, new = [], []
        old += [shown for shown, _ in theirs[step.src_start : step.src_end] if step.tag != "equal"]
        new += [shown for shown, _ in ours[step.dest_start : step.dest_end] if step.tag != "equal"]
    return " ".join([*pieces, *_parted(old, new)])


def _parted(old: list[str], new: list[str]) -> list[str]:
    gone, come = f"[-{' '.join(old)}-]" if old else "", f"{{+{' '.join(new)}+}}" if new else ""
    return [gone + come] if gone or come else []


def plain(text: str) -> str:
    """The words without what every publisher changes, in lower case."""
    text = unicodedata.normalize("NFKC", html.unescape(html.unescape(text))).casefold()
    return " ".join(_ADDRESS.sub(" ", text).translate(_MARKS).split())


def shown_as_media(text: str, short_link: str) -> bool:
    """True where words show a short link as `pic.twitter.com/X`, which stands for the post's own media, wherever it leads."""
    code = short_link.rpartition("/")[2]
    return re.search(rf"\bpic\.(?:twitter|x)\.com/{re.escape(code)}(?![A-Za-z0-9])", text) is not None


def _begins(claimed: str, fetched: str) -> bool:
    begun = claimed.removesuffix("...").rstrip()
    return begun != claimed and len(begun) >= 20 and fetched.startswith(begun)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def _tokens(text: str) -> list[tuple[str, str]]:
    """The words as they are written, and as they are compared."""
    shown = _ADDRESS.sub(" ", html.unescape(html.unescape(text))).split()
    return [(word, key) for word in shown if (key := plain(word))]


def _shortened(tokens: list[tuple[str, str]], first: bool, last: bool) -> str:
    words = [shown for shown, _ in tokens]
    if len(words) <= 2 * _CONTEXT + 1:
        return " ".join(words)
    return " ".join([*([] if first else words[:_CONTEXT]), "…", *([] if last else words[-_CONTEXT:])])
