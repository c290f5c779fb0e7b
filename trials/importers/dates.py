"""Dates as catalogues write them, turned into 2021, 2021-06 or 2021-06-08."""

import datetime
import re
from functools import lru_cache

from trials.listing.search import fold

# In English, French, German, Spanish, Portuguese, Italian, Dutch and Turkish, without accents.
_MONTH_NAMES = (
    "january janvier januar enero janeiro gennaio januari janner ocak",
    "february fevrier februar febrero fevereiro febbraio februari feber subat",
    "march mars marz maerz marzo marco maart mart",
    "april avril abril aprile nisan",
    "may mai mayo maio maggio mei mayis",
    "june juin juni junio junho giugno haziran",
    "july juillet juli julio julho luglio temmuz",
    "august aout agosto augustus agustos",
    "september septembre septiembre setembro settembre eylul",
    "october octobre oktober octubre outubro ottobre ekim",
    "november novembre noviembre novembro kasim",
    "december decembre dezember diciembre dezembro dicembre aralik",
)
MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}
_LONGEST = 120  # characters in a date
# 20210608, 202106, 2021-6-8, 2021/06/08/, 2021-06-08T00:00. “2021 11/12” is no day: it may be two months.
_NUMBERS = re.compile(
    r"([12][0-9]{3})(?:([-/. ]{0,3})([0-9]{1,2})(?:\2([0-9]{1,2}))?)?[-/. ]*(?:[T ][0-9:.Z+-]*|[0-9]{6})?"
)
_RIS = re.compile(r"([12][0-9]{3})/([^/]*)(?:/([^/]*))?(?:/(.*))?")  # year/month/day/other
_DAY_FIRST = re.compile(r"(?:([0-9]{1,2})([-/. ]))?([0-9]{1,2})[-/. ]([12][0-9]{3})\.?")
_YEARS = re.compile(r"([12][0-9]{3})[-/ ]+([12][0-9]{3}|[0-9]{2})")
_SEASON = re.compile(r"(?:SPR|SUM|AUT|FAL|WIN)[A-Z]*")
_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+")


@lru_cache(maxsize=1000)
def month_of(word: str) -> int:
    """Return the number of a month from its name or at least three letters of it; 0 for another word."""
    word = fold(word)
    numbers = {number for name, number in MONTHS.items() if len(word) > 2 and name.startswith(word)}
    return MONTHS.get(word) or (numbers.pop() if len(numbers) == 1 else 0)


def partial_date(text: str, year: str = "") -> str:
    """Return 2021, 2021-06 or 2021-06-08 for a date; the year alone for a season or a range; "" for anything else.

    `year` completes a date that has none, such as “JUN 8”. A day and a month that may be either way round are left out.
    """
    text = re.sub("[年月日]", "-", fold(text).partition(";")[0]).upper().strip(" -/()[]{}©.,;")
    if not text or len(text) > _LONGEST:
        return ""
    if (years := _YEARS.fullmatch(text)) and _follows(*years.groups()):
        return years[1]
    if match := _NUMBERS.fullmatch(text):
        return _date(match[1], match[3], match[4])
    if match := _RIS.fullmatch(text):
        return _ris_date(*match.groups())
    if match := _DAY_FIRST.fullmatch(text):
        day, dot, month, year = match.groups()
        if day and dot != "." and int(month) > 12:
            day, month = month, day
        elif is_ambiguous(text):
            return year
        return _date(year, month, day)
    return _date_in_words(_TOKEN.findall(text), year)


def is_ambiguous(text: str) -> bool:
    """Tell 08/06/2021, whose month is not clear, from 13/06/2021 and 08/08/2021."""
    match = _DAY_FIRST.fullmatch(text.strip())
    day, mark, month = (match[1], match[2], match[3]) if match else ("", "", "")
    return bool(day) and mark != "." and int(day) != int(month) and int(day) <= 12 and int(month) <= 12


def _follows(first: str, second: str) -> bool:
    """Tell 2019-2020, 2019-20 and the season 2019-21 from 2019-02."""
    return len(second) == 4 or (int(second) > 12 and int(second) >= int(first) % 100)


def _date(year: str, month: str | int | None = None, day: str | int | None = None) -> str:
    if not month or not int(month):
        return year
    try:
        date = datetime.date(int(year), int(month), int(day or 0) or 1)
    except ValueError:
        return ""
    return date.isoformat() if day and int(day) else date.isoformat()[:7]


def _ris_date(year: str, month: str, day: str | None, other: str | None) -> str:
    number = month.strip() if re.fullmatch(r"\s*[0-9]{1,2}\s*", month) else month_of(month.strip(" ."))
    if number:
        number_of_day = re.match(r"\s*([0-9]{1,2})\b", day or "")
        date = _date(year, number, number_of_day[1] if number_of_day else None)
        fuller = partial_date(other or "", year)
        return fuller if len(fuller) > len(date) and date and fuller.startswith(date) else date
    words = month if month.strip() else other or ""
    return (words and partial_date(words, year)) or year


def _date_in_words(tokens: list[str], year: str) -> str:
    """Return the date for the words and numbers of “8 June 2021”, “2021 Jun 8” or “June 8th, 2021”."""
    years = [token for token in tokens if re.fullmatch("[12][0-9]{3}", token)]
    months = {number for token in tokens if (number := month_of(token))}
    days = [token for token in tokens if re.fullmatch("0?[1-9]|[12][0-9]|3[01]", token)]
    has_other_numbers = any(token.isdecimal() for token in tokens if token not in years and token not in days)
    if not years and not months and not any(map(_SEASON.fullmatch, tokens)):
        return ""
    year = years[0] if years else year
    if not re.fullmatch("[12][0-9]{3}", year):
        return ""
    if len(set(years)) > 1 or len(months) != 1 or len(days) > 1 or has_other_numbers:
        return year
    return _date(year, months.pop(), days[0] if days else None)
