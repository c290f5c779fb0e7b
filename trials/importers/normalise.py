"""Texts, names, dates and identifiers in the forms of catalogues, turned into those that a study holds.

Every reader hands what it found in a record of a paper to `add_paper`.
"""

import calendar
import datetime
import html
import re
import unicodedata
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from trials import vocabulary as v
from trials.identifiers import REGISTRATIONS, registry_of, tidy_registration
from trials.importers.records import ImportedRecord, Unreadable, Value

# Characters that change how their neighbours are shown.
_INVISIBLE = dict.fromkeys([0x200B, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_MARKUP = re.compile(
    r"</?(?:i|b|u|em|strong|sub|sup|sc|scp|tt|(?:jats|mml):[\w-]+)(?:\s[^<>]{0,200})?/?>", re.IGNORECASE
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\s\ufffe\uffff]+")
# Codes of MARC, which PubMed uses, and of ISO 639-1, which Crossref uses.
LANGUAGES = {
    "eng": "English", "fre": "French", "ger": "German", "spa": "Spanish", "por": "Portuguese", "chi": "Chinese",
    "tur": "Turkish", "rus": "Russian", "per": "Persian", "en": "English", "fr": "French", "de": "German",
    "es": "Spanish", "pt": "Portuguese", "zh": "Chinese", "tr": "Turkish", "ru": "Russian", "fa": "Persian",
}  # fmt: skip


def clean(text: object) -> str:
    """Return the text on one line, without markup and control characters; "" for anything but a text.

    Raises Unreadable for half of a surrogate pair, which a database cannot hold.
    """
    if not isinstance(text, str):
        return ""
    text = html.unescape(_MARKUP.sub("", text))
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise Unreadable("it holds half of a character (a lone surrogate).")
    return _CONTROL.sub(" ", unicodedata.normalize("NFC", text).translate(_INVISIBLE)).strip()


def object_at(data: Any, *path: str) -> dict[str, Any]:
    """Return the object at the end of the path in parsed JSON; an empty one if a part of the path is missing."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def objects(value: Any) -> list[dict[str, Any]]:
    return [part for part in list_of(value) if isinstance(part, dict)]


# --- Names


def person(name: str) -> str:
    """Return “Family, Given” with one comma. A name without a comma is that of a group, and stays as it is."""
    family, _, given = name.partition(",")
    return person_of(family, *map(str.strip, given.split(",")))


def person_of(family: str, *given: str) -> str:
    """Return “Family, Given” from the parts of a name. A comma within a part is dropped."""
    family, rest = family.replace(",", " ").strip(), " ".join(filter(None, given)).replace(",", " ").strip()
    return f"{family}, {rest}" if rest and family else family or rest


def group(name: str) -> str:
    """Return the name of a group of authors without commas, since what precedes a comma is a family name."""
    return re.sub(r"\s*,\s*", " – ", name.strip(" ,"))


# --- Identifiers

_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+")


def bare_doi(text: str) -> str:
    """Return 10.1000/x for https://doi.org/10.1000/x, doi:10.1000/x or 10.1000/x [doi]; "" if there is none."""
    match = _DOI.search(unquote(text) if "doi.org/" in text else text)
    return match.group().rstrip(".,;") if match else ""


def bare_pmid(text: str) -> str:
    match = re.fullmatch(r"(?:PMID\s*:?\s*)?([1-9][0-9]{0,7})", text.strip(), re.IGNORECASE)
    return match.group(1) if match else ""


def bare_pmcid(text: str) -> str:
    match = re.search(r"\b(PMC[0-9]{1,8})\b", text, re.IGNORECASE)
    return match.group(1).upper() if match else ""


# --- Dates

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
# 20210608, 202106; then 2021-6-8, 2021/06/08/, 2021-06-08T00:00; then 2021 Jun 8, 2021-June.
_COMPACT = re.compile(r"([12][0-9]{3})([01][0-9])([0-3][0-9])?")
_NUMBERS = re.compile(r"([12][0-9]{3})(?:[-/. ]+([0-9]{1,2}))?(?:[-/. ]+([0-9]{1,2}))?[-/. ]*(?:[T ][0-9:.Z+-]*)?")
_NAMED = re.compile(rf"([12][0-9]{{3}})[- ]+({'|'.join(_MONTHS)})[a-z]*\.?(?:[- ]+([0-9]{{1,2}}))?", re.IGNORECASE)
_IN_YEAR = re.compile(r"[12][0-9]{3}[- ]+[a-z]", re.IGNORECASE)


def partial_date(text: str) -> str:
    """Return 2021, 2021-06 or 2021-06-08 for a date in the forms that records use; "" for anything else.

    A season, or a range of months or days, gives the year alone.
    """
    text = text.strip()
    match = _COMPACT.fullmatch(text) or _NUMBERS.fullmatch(text) or _NAMED.fullmatch(text)
    if not match:
        return text[:4] if _IN_YEAR.match(text) else ""
    year, month, day = match.groups()
    if not month:
        return year
    try:
        date = datetime.date(int(year), _MONTHS.get(month.lower()) or int(month), int(day or 1))
    except ValueError:
        return ""
    return date.isoformat() if day else date.isoformat()[:7]


# --- A paper


def add_paper(
    record: ImportedRecord,
    *,
    title: str,
    authors: Iterable[str],
    dates: Iterable[str],
    language: str = "",
    abstract: str = "",
    web: str = "",
    **texts: str,
) -> None:
    """Add the values of a paper to the record, with the registry numbers in its abstract.

    The texts are clean, and `authors` are names as `person` and `group` return them. `dates` are all the dates of
    publication, as written; `web` is an address for a paper without identifiers; `texts` need no more than a copy.
    """
    pubmed = f"https://pubmed.ncbi.nlm.nih.gov/{texts['pmid']}/" if texts.get("pmid") else ""
    doi = f"https://doi.org/{texts['doi']}" if texts.get("doi") else ""
    record.address = record.address or doi or pubmed or web
    record.add("title", title)
    record.add("authors", "\n".join(name for name in authors if name.strip(" ,")))
    written = [text for text in dates if text]
    # The earliest: a day comes before the year that it is in.
    known = sorted((date + "~", date, text) for text in written if (date := partial_date(text)))
    if known:
        record.add("publication_date", known[0][1], quote=known[0][2])
    elif written:
        record.problems.append(f"“{written[0]}” is not a date.")
    if language.lower() in LANGUAGES:
        record.add("language", LANGUAGES[language.lower()], quote=language)
    elif len(language) > 3:  # not a code
        record.add("language", language[:1].upper() + language[1:])
    for name, text in texts.items():
        record.add(name, text)
    add_registrations(record, abstract, "In the abstract.")


_NUMBER = re.compile(
    "|".join(rf"(?<![\w-])(?:{form.pattern})(?![\w-])" for form, _ in REGISTRATIONS.values()), re.IGNORECASE
)


def add_registrations(record: ImportedRecord, text: str, note: str) -> None:
    """Add each registry number in the text. Its quote begins with up to eight words of the same sentence."""
    present = {row.value["identifier"] for row in record.rows if row.name == "registrations"}
    for match in _NUMBER.finditer(text):
        registry = registry_of(match.group())
        identifier = tidy_registration(registry or "", match.group())
        if registry is None or identifier in present:
            continue
        present.add(identifier)
        sentence = text[max(0, match.start() - 500) : match.end()].rsplit(". ", 1)[-1]
        quote = " ".join(sentence.split(" ")[-9:])
        values = {"registry": str(registry), "identifier": identifier}
        record.rows.append(Value("registrations", values, quote, v.Basis.QUOTED, note))
