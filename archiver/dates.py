"""Days as people and platforms write them, in any language and numerals; None for anything unsure, never a guess.

English and ISO are read here. For other languages only the names of the months are wanted, and dateparser has them for some two
hundred; its own `parse` is not asked, for it takes the first language that fits, and a second to fail in all of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache, lru_cache

from archiver.patterns import pattern

_LONGEST = 200
_MILLISECONDS = 13  # digits, from 2001 to 2286
_FIRST_YEAR = 2006  # before it there was nothing to embed
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Whole names: `mar[a-z]*` would take the Finnish November, marraskuu, for March.
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)(?![^\W\d_])\.?"
)
_SHAPES = tuple(
    pattern(shape, re.IGNORECASE)
    for shape in (
        rf"\b{_MONTH}\s{{1,5}}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s{{1,5}}(?P<year>\d{{4}})\b",
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?\s{{1,5}}(?:of\s{{1,5}})?{_MONTH},?\s{{1,5}}(?P<year>\d{{4}})\b",
        r"\b(?P<year>\d{4})-(?P<number>\d{2})-(?P<day>\d{2})",
        # The year first is followed by the month everywhere, with or without 年 月 日.
        r"(?<!\d)(?P<year>\d{4})\s?(?P<mark>[/.年년])\s?(?P<number>\d{1,2})\s?[/.月월]\s?(?P<day>\d{1,2})(?!\d)",
        r"(?<!\d)(?P<year>\d{4})년\s?(?P<number>\d{1,2})월\s?(?P<day>\d{1,2})일",
        r"(?<!\d)(?P<day>\d{1,2})\s{1,3}(?:tháng|thg)\s{1,3}(?P<number>\d{1,2})\s?,?\s{1,3}(?:năm\s{1,3})?(?P<year>\d{4})\b",
    )
)
_NUMERIC = pattern(r"(?<!\d)(?P<first>\d{1,2})(?P<mark>[./-])(?P<second>\d{1,2})(?P=mark)(?P<year>\d{4})(?!\d)")
_TIME = pattern(r"\d{1,2}(?:[:.h]\d{2}){1,2}(?!\d)(?![./]\d)(?:\s?[ap]\.?m\b\.?)?|\b\d{1,2}\s?[ap]\.?m\b\.?", re.IGNORECASE)
_YEAR = pattern(r"(?<!\d)\d{4}(?!\d)")
_DAY = pattern(r"(?<!\d)\d{1,2}(?!\d)")
_APART = pattern(r"[\s,،؛.;:()\[\]/|·•*_'’]+|(?<=\d)[-‐-―](?=[^\W\d])")
_THAI = pattern(r"[\u0e01-\u0e2e]")

# The languages that the platforms' own embed code writes: where a word is a month in two languages, theirs is meant.
_INTERFACES = frozenset(
    {
        "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "eu", "fa", "fi", "fil", "fr", "ga",
        "gl", "gu", "he", "hi", "hr", "hu", "id", "it", "ja", "kn", "ko", "mr", "ms", "nb", "nl", "pl",
        "pt", "ro", "ru", "sk", "sr", "sv", "ta", "th", "tr", "uk", "ur", "vi", "zh",
    }
)  # fmt: skip
# One word, two months: Polish writes no point after the day, Croatian always, and Czech too (0: it cannot be told).
_PLAIN_OR_POINTED = {"lip": (7, 6), "lis": (11, 0), "listopad": (11, 0), "listopada": (11, 10), "listopadu": (11, 11)}
_KEYS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip


def day(text: str) -> date | None:
    """The first day written in the beginning of `text`, where day, month and year are all there and cannot be mistaken."""
    return _day(text[:_LONGEST])


@lru_cache(maxsize=1_000)
def _day(text: str) -> date | None:
    for shape in _SHAPES:
        found = shape.search(text)
        if found is None:
            continue
        parts = found.groupdict()
        month = int(parts["number"]) if "number" in parts else _MONTHS.index(parts["month"].lower()[:3]) + 1
        read = _date(int(parts["year"]), month, int(parts["day"]))
        if read is not None:
            return read
    numeric = _NUMERIC.search(text)
    return _numeric(numeric) if numeric else _in_words(text)


def of_milliseconds(text: str) -> date | None:
    """The day of a number of milliseconds since 1970, which is all that the text is."""
    number = text.strip()
    if len(number) != _MILLISECONDS or not (number.isascii() and number.isdigit()):
        return None
    moment = datetime.fromtimestamp(int(number) / 1000, UTC)
    return _date(moment.year, moment.month, moment.day)


def _numeric(found: re.Match[str]) -> date | None:
    """14/08/2020 and 08/14/2020, for only one of the two can be the month; never 03/04/2020."""
    first, second, year = int(found["first"]), int(found["second"]), int(found["year"])
    if first <= 12 and second <= 12 and first != second:
        return None
    return _date(year, min(first, second), max(first, second))


def _in_words(text: str) -> date | None:
    """A day whose month is a word of some language, beside one number that can be the year and one that can be the day."""
    import unicodedata

    text = unicodedata.normalize("NFKC", _TIME.sub(" ", text))
    years, days = _YEAR.findall(text), _DAY.findall(text)
    if len(years) != 1 or len(days) != 1:
        return None
    year = int(years[0])
    if _THAI.search(text):
        text = text.replace(".", "")
        year -= 543 if year >= 2500 else 0  # the Buddhist era
    words = [word for word in _APART.split(text.casefold()) if word and not word[0].isdecimal()]
    pointed = re.search(rf"(?<!\d){days[0]}\.", text) is not None
    spans = (" ".join(words[at : at + length]) for at in range(len(words)) for length in (3, 2, 1) if at + length <= len(words))
    known, foreign = set[int](), set[int]()
    for span in spans:
        if span in _PLAIN_OR_POINTED:
            known.add(_PLAIN_OR_POINTED[span][pointed])
        else:
            for names, months in zip(_month_names(), (known, foreign), strict=True):
                months.update(names.get(span, ()))
    months = known or foreign
    return _date(year, months.pop(), int(days[0])) if len(months) == 1 else None


@cache
def _month_names() -> tuple[Mapping[str, set[int]], Mapping[str, set[int]]]:
    """Each name of a month with the months it stands for: in the interfaces' languages, and in all others."""
    import unicodedata
    from importlib import import_module

    locales = import_module("dateparser.languages.loader").default_loader.get_locale_map()  # only here: most days are English
    known: dict[str, set[int]] = {}
    foreign: dict[str, set[int]] = {}
    for language, locale in locales.items():
        names, shortest = (known, 2) if language in _INTERFACES else (foreign, 3)
        for month, key in enumerate(_KEYS, 1):
            for name in locale.info.get(key, ()):
                word = unicodedata.normalize("NFKC", name).casefold().strip(". ")
                if len(word) >= shortest:
                    names.setdefault(word, set()).add(month)
    return known, foreign


def _date(year: int, month: int, number: int) -> date | None:
    if not _FIRST_YEAR <= year <= datetime.now(UTC).year + 1:
        return None
    try:
        return date(year, month, number)
    except ValueError:
        return None
