"""Days as articles write them: read where day, month and year are sure, never guessed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, date, datetime

import pytest

from archiver import dates
from tests.conftest import PROJECT

AUGUST_14 = (
    "August 14, 2020", "Aug 14, 2020", "14 Aug. 2020", "14th of August 2020", "3:45 PM · August 14, 2020", "August 14, 2020 at 10:30 AM", "2020-08-14", "2020-08-14T23:59:59Z", "2020/8/14",
    "14 августа 2020 г.", "10:30 - 14 авг. 2020 г.", "14 серпня 2020", "14. August 2020", "14 août 2020", "14 août 2020 à 10h30", "14 de agosto de 2020", "14 de ago. de 2020", "14 d’agost de 2020",
    "14 Ağustos 2020", "14 sierpnia 2020", "14. srpna 2020", "14. kolovoza 2020.", "2020. augusztus 14.", "14. elokuuta 2020", "14 Αυγούστου 2020", "14 באוגוסט 2020", "14 agustus 2020", "14 Ogos 2020",
    "١٤ أغسطس ٢٠٢٠", "۱۴ اوت ۲۰۲۰", "14 अगस्त 2020", "১৪ আগস্ট, ২০২০", "14 สิงหาคม 2020", "14 ส.ค. 2563", "2020年8月14日", "２０２０年８月１４日", "2020년 8월 14일", "2020. 8. 14.", "ngày 14 tháng 8 năm 2020",
    "la 14-an de aŭgusto 2020", "14/08/2020", "08/14/2020", "14.08.2020", "14-08-2020",
)  # fmt: skip

NONE = (
    "", "03/04/2020", "3.4.2020", "2 hours ago", "yesterday", "Friday", "August 2020", "14 August", "14 août", "2020", "14 2020", "31 февраля 2020", "February 30, 2021", "August 14, 2005", "14 août 1999",
    "August 14, 2999", "a 12 bar of 2020", "14 xyzzy 2020", "between 3 and 5 août 2020", "14 août ou 14 juillet 2020", "14. lis 2020", "99 August 2020", "08/32/2020", "٣/٤/٢٠٢٠", "0000-00-00", "\x00\ud800 14 \ud800 2020",
)  # fmt: skip

SURE = (
    ("May 5, 2020", date(2020, 5, 5)),
    ("05/05/2020", date(2020, 5, 5)),
    ("1er mai 2021", date(2021, 5, 1)),
    ("14. marrask. 2020", date(2020, 11, 14)),  # begins like March
    ("11 listopada 2020", date(2020, 11, 11)),  # Polish
    ("11. listopada 2020", date(2020, 10, 11)),  # Croatian
    ("11. listopadu 2020", date(2020, 11, 11)),  # Czech
    ("29 февраля 2020", date(2020, 2, 29)),
)


@pytest.mark.parametrize("text", AUGUST_14)
def test_the_same_day_in_many_notations(text: str) -> None:
    assert dates.day(text) == date(2020, 8, 14)


@pytest.mark.parametrize("text", NONE)
def test_no_day(text: str) -> None:
    assert dates.day(text) is None


@pytest.mark.parametrize(("text", "day"), SURE)
def test_what_looks_unsure_and_is_not(text: str, day: date) -> None:
    assert dates.day(text) == day


def test_next_year_is_the_last() -> None:
    year = datetime.now(UTC).year
    assert dates.day(f"14 août {year + 1}") == date(year + 1, 8, 14)
    assert dates.day(f"14 août {year + 2}") is None


def test_english_days_import_nothing() -> None:
    code = "import sys; from archiver import dates; print(dates.day('May 3, 2021'), dates.day('2021-05-03'), 'dateparser' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT)
    assert done.stdout.split() == ["2021-05-03", "2021-05-03", "False"]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_no_time_zone_changes_the_day(zone: str) -> None:
    code = "from archiver import dates; print(dates.day('23:59 - 14 août 2020'), dates.day('12:01 AM · August 14, 2020'))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT, env={**os.environ, "TZ": zone}
    )
    assert done.stdout.split() == ["2020-08-14", "2020-08-14"]


@pytest.mark.parametrize("bomb", ["1 ", "14 août 2020 ", "a ", "2020.", "1/", "août ", "jan ", "١", " "])
def test_a_long_text_takes_no_longer(bomb: str) -> None:
    dates.day("14 août 2020")
    started = time.process_time()
    dates.day(bomb * 500_000)
    assert time.process_time() - started < 5


def test_many_days_in_words_are_quick() -> None:
    dates.day("14 août 2020")
    started = time.process_time()
    for number in range(2_000):
        dates.day(f"14 word{chr(97 + number % 26)}{'x' * (number % 70)} 2020")
    assert time.process_time() - started < 20
