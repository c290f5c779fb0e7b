"""Texts, names, dates and identifiers in the forms of catalogues, turned into those that a study holds.

Every reader hands what it found in a record of a paper to `add_paper`.
"""

import calendar
import datetime
import html
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import unquote

from trials import vocabulary as v
from trials.identifiers import REGISTRATIONS, registry_of, tidy_registration
from trials.importers.records import BadRecord, ImportedRecord, Row

# Characters that change how their neighbours are shown.
_INVISIBLE = dict.fromkeys([0x200B, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_MARKUP = re.compile(
    r"</?(?:i|b|u|em|strong|sub|sup|sc|scp|tt|(?:jats|mml):[\w-]+)(?:\s[^<>]{0,200})?/?>", re.IGNORECASE
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\s\ufffe\uffff]+")
# Codes of MARC, which PubMed uses, and of ISO 639-1, which Crossref uses.
LANGUAGES = {
    "eng": "English", "fre": "French", "ger": "German", "spa": "Spanish", "por": "Portuguese", "ita": "Italian",
    "chi": "Chinese", "jpn": "Japanese", "kor": "Korean", "tur": "Turkish", "rus": "Russian", "per": "Persian",
    "ara": "Arabic", "pol": "Polish", "dut": "Dutch", "cze": "Czech", "hun": "Hungarian", "ukr": "Ukrainian",
    "en": "English", "fr": "French", "de": "German", "es": "Spanish", "pt": "Portuguese", "it": "Italian",
    "zh": "Chinese", "ja": "Japanese", "ko": "Korean", "tr": "Turkish",
}  # fmt: skip


def clean(text: object, *, entities: bool = True) -> str:
    """Return the text on one line, without markup and control characters; "" for anything but a text.

    Raises BadRecord for half of a surrogate pair, which a database cannot hold.
    """
    if not isinstance(text, str):
        return ""
    if entities:
        text = html.unescape(_MARKUP.sub("", text))
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise BadRecord("it holds half of a character (a lone surrogate)")
    return _CONTROL.sub(" ", unicodedata.normalize("NFC", text).translate(_INVISIBLE)).strip()


# --- Names

_SUFFIX = re.compile(r"^(?:jr|sr|ii|iii|iv|phd|md|dr)\.?$", re.IGNORECASE)


def person(name: str) -> str:
    """Return “Family, Given” with one comma. A name without a comma is that of a group, and stays as it is."""
    parts = [part.strip() for part in name.split(",") if part.strip()]
    if len(parts) < 2:
        return parts[0] if parts else ""
    family, *rest = parts
    rest.sort(key=lambda part: bool(_SUFFIX.match(part)))  # a suffix comes last
    return f"{family}, {' '.join(rest)}"


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
_NAMED = re.compile(r"([12][0-9]{3})[- ]+([A-Za-z]{3,9})\.?(?:[- ]+([0-9]{1,2}))?")
_RANGE = re.compile(r"([12][0-9]{3})[- ]+[A-Za-z]{3,9}(?: [0-9]{1,2})?[-/ ]+[A-Za-z0-9 ]{1,20}")


def partial_date(text: str) -> str:
    """Return 2021, 2021-06 or 2021-06-08 for a date in the forms that records use; "" for anything else.

    A season, or a range of months or days, gives the year alone.
    """
    text = text.strip()
    match = _COMPACT.fullmatch(text) or _NUMBERS.fullmatch(text) or _NAMED.fullmatch(text)
    if not match:
        several = _RANGE.fullmatch(text)
        return several.group(1) if several else ""
    year, month, day = match.groups()
    if not month:
        return year
    number = int(month) if month.isdecimal() else _MONTHS.get(month[:3].lower(), 0)
    if not number and not month.isdecimal():
        return year
    try:
        date = datetime.date(int(year), number, int(day or 1))
    except ValueError:
        return ""
    return date.isoformat() if day else date.isoformat()[:7]


def earliest(texts: Iterable[str]) -> tuple[str, str]:
    """Return the earliest date and the text that gives it. A day comes before the year that it is in."""
    dates = [(date, text) for text in texts if (date := partial_date(text))]
    return min(dates, key=lambda pair: pair[0] + "~") if dates else ("", "")


# --- A paper


def address_of(doi: str, pmid: str = "", web: str = "") -> str:
    if doi or pmid:
        return f"https://doi.org/{doi}" if doi else f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"
    return web


def add_paper(
    record: ImportedRecord,
    *,
    title: str,
    title_note: str = "",
    authors: Iterable[str],
    dates: Iterable[str],
    received: str = "",
    accepted: str = "",
    language: str = "",
    abstract: str = "",
    catalogue: str = "the record",
    **texts: str,
) -> None:
    """Add the values of a paper to the record, with the registry numbers in its abstract.

    The texts are clean, and `authors` are names as `person` and `group` return them. `dates` are all the dates of
    publication, as written; `texts` are values that need no more than to be copied.
    """
    record.address = record.address or address_of(texts.get("doi", ""), texts.get("pmid", ""))
    record.add("title", title, note=title_note)
    record.add("authors", "\n".join(name for name in authors if name.strip(" ,")))
    written = [text for text in dates if text]
    date, quote = earliest(written)
    if written and not date:
        record.report(f"“{written[0]}” is not a date.")
    record.add("publication_date", date, quote=quote)
    for name, text in (("received", received), ("accepted", accepted)):
        record.add(name, partial_date(text), quote=f"{name}: {text}")
    if language.lower() in LANGUAGES:
        record.add("language", LANGUAGES[language.lower()], quote=language)
    elif len(language) > 3:  # not a code
        record.add("language", language[:1].upper() + language[1:])
    for name, text in texts.items():
        record.add(name, text)
    add_registrations(record, abstract, f"In the abstract, as {catalogue} gives it.")


_NUMBER = re.compile(
    "|".join(rf"(?<![\w-])(?:{form.pattern})(?![\w-])" for form, _ in REGISTRATIONS.values()), re.IGNORECASE
)


_WORDS_AFTER = re.compile(r"[^\s.]*\.|\S*(?: \S+){0,4}")


def add_registrations(record: ImportedRecord, text: str, note: str) -> None:
    """Add each registry number in the text, with the words around it as its quote."""
    present = {row.values["identifier"] for row in record.rows if row.kind == "registrations"}
    for match in _NUMBER.finditer(text):
        registry = registry_of(match.group())
        identifier = tidy_registration(registry or "", match.group())
        if registry is None or identifier in present:
            continue
        present.add(identifier)
        before, after = text[: match.start()], text[match.end() :]
        quote = match.group()
        if before.endswith(" "):  # up to eight words before, but not more than the sentence, and four after
            words = before.split()[-8:]
            while any(word.endswith(".") for word in words):
                words = words[1:]
            quote = " ".join([*words, quote]) + _WORDS_AFTER.match(after).group()  # type: ignore[union-attr]
        values = {"registry": str(registry), "identifier": identifier}
        record.rows.append(Row("registrations", values, quote, v.Basis.QUOTED, note))
