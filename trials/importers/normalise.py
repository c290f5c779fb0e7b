"""Texts, names, dates and identifiers in the forms of catalogues, turned into those that a study holds."""

import calendar
import datetime
import html
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import unquote

from trials import vocabulary as v
from trials.identifiers import REGISTRATIONS, registry_of, tidy_registration
from trials.importers.records import ImportedRecord, Unreadable, Value

# Characters that change how their neighbours are shown.
_INVISIBLE = dict.fromkeys([0x200B, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_MARKUP = re.compile(r"</?(?:[biu]|em|strong|su[bp]|scp?|tt|(?:jats|mml):[\w-]+)(?:\s[^<>]{0,200})?/?>", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\s\ufffe\uffff]+")
# Codes of MARC, which PubMed uses, and of ISO 639-1, which Crossref uses.
LANGUAGES = {
    "eng": "English", "fre": "French", "ger": "German", "spa": "Spanish", "por": "Portuguese", "chi": "Chinese",
    "en": "English", "fr": "French", "de": "German", "es": "Spanish", "pt": "Portuguese", "zh": "Chinese",
}  # fmt: skip


def clean(text: object) -> str:
    """Return the text on one line, without markup and control characters; "" for anything but a text.

    Raises Unreadable for half of a surrogate pair, which a database cannot hold.
    """
    text = html.unescape(_MARKUP.sub("", text)) if isinstance(text, str) else ""
    if re.search("[\ud800-\udfff]", text):
        raise Unreadable("it holds half of a character (a lone surrogate).")
    return _CONTROL.sub(" ", unicodedata.normalize("NFC", text).translate(_INVISIBLE)).strip()


# --- Names


def author(family: str, *given: str) -> str:
    """Return “Family, Given” from the parts of a name, or the name of a group. Other commas are dropped."""
    family, rest = (" ".join(part.replace(",", " ").split()) for part in (family, " ".join(given)))
    return f"{family}, {rest}" if rest and family else family or rest


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
# 20210608, 202106, 2021-6-8, 2021/06/08/, 2021-06-08T00:00; then 2021 Jun 8, 2021-June.
_NUMBERS = re.compile(r"([12][0-9]{3})(?:[-/. ]*([0-9]{1,2}))?(?:[-/. ]*([0-9]{1,2}))?[-/. ]*(?:[T ][0-9:.Z+-]*)?")
_NAMED = re.compile(rf"([12][0-9]{{3}})[- ]+({'|'.join(_MONTHS)})[a-z]*\.?(?:[- ]+([0-9]{{1,2}}))?", re.IGNORECASE)
_IN_YEAR = re.compile(r"[12][0-9]{3}[- ]+[a-z]", re.IGNORECASE)


def partial_date(text: str) -> str:
    """Return 2021, 2021-06 or 2021-06-08 for a date; the year alone for a season or a range; "" for anything else."""
    match = _NUMBERS.fullmatch(text) or _NAMED.fullmatch(text)
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
    doi: str = "",
    pmid: str = "",
    language: str = "",
    abstract: str = "",
    web: str = "",
    **texts: str,
) -> None:
    """Add the clean values of a paper to the record, with the registry numbers in its abstract.

    `dates` are all the dates of publication, as written; `web` is an address for a paper without identifiers.
    """
    pubmed = f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid else ""
    record.address = record.address or (f"https://doi.org/{doi}" if doi else pubmed or web)
    record.add("title", title)
    record.add("authors", "\n".join(name for name in authors if name.strip(" ,")))
    written = [text for text in dates if text]
    # The earliest: a day comes before the year that it is in.
    known = sorted((date + "~", date, text) for text in written if (date := partial_date(text)))
    if known:
        record.add("publication_date", known[0][1], quote=known[0][2])
    elif written:
        record.problems.append(f"“{written[0]}” is not a date.")
    record.add("language", LANGUAGES.get(language.lower(), language.capitalize() if len(language) > 3 else ""))
    for name, text in {"doi": doi, "pmid": pmid, **texts}.items():
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
        words = text[max(0, match.start() - 200) : match.end()].rsplit(". ", 1)[-1].split(" ")
        quote = " ".join(words[-9:])
        registration = {"registry": str(registry), "identifier": identifier}
        record.rows.append(Value("registrations", registration, quote, v.Basis.QUOTED, note))
