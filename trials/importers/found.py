"""What a reader finds in a record: proposed values, each with what its source row will say. No database here."""

import calendar
import datetime
import html
import re
import unicodedata
from dataclasses import asdict, dataclass, field
from typing import Any

from trials import vocabulary as v
from trials.identifiers import REGISTRATIONS, registry_of, tidy_registration


class Unreadable(Exception):
    """The whole input is refused. `line` counts from 1; 0 where no line is to blame."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(f"Line {line:,}: {reason}" if line else reason)
        self.reason, self.line = reason, line


class BadRecord(Exception):
    """One record is refused; the others go on. `line` as above, 0 for the record's first."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.line = reason, line


@dataclass(frozen=True)
class Complaint:
    """Why a record was refused, or what of it was left out."""

    record: int  # counts from 1, as the file does
    line: int
    reason: str

    def __str__(self) -> str:
        return f"Record {self.record:,}, line {self.line:,}: {self.reason}"


@dataclass
class Value:
    """One proposed value, and how it was read. A `name` with a row's kind in front is a field of that row."""

    name: str
    value: Any
    quote: str = ""
    basis: str = v.Basis.STATED
    note: str = ""
    ticked: bool = True  # taken unless the editor leaves it


@dataclass
class Row:
    """A group or a registration: its values belong together, and one source stands for all of them."""

    kind: str  # "arms" or "registrations", as in a snapshot
    values: dict[str, Any]
    quote: str = ""
    basis: str = v.Basis.TRANSCRIBED
    note: str = ""


@dataclass
class Found:
    """What one record holds for us.

    `label`, `kind`, `address` and `read_in_copy` go into each source row; `address` is empty where the record names no
    place, and then no source can be recorded. `also` holds identifiers that help to know the study again but are no
    values of it: {"pmid": ["123"]}.
    """

    number: int
    line: int
    format: str
    label: str = ""
    kind: str = v.SourceKind.INDEX
    address: str = ""
    read_in_copy: bool = True
    values: list[Value] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    also: dict[str, list[str]] = field(default_factory=dict)
    complaints: list[Complaint] = field(default_factory=list)

    def add(
        self, name: str, value: Any, *, quote: str = "", basis: str = "", note: str = "", ticked: bool = True
    ) -> None:
        """Propose a value; nothing happens for an empty one. A quote of more than 25 words is not kept."""
        if value is None or value == "" or value == []:
            return
        quote = quote if len(quote.split()) <= v.QUOTE_WORDS else ""
        basis = basis or (v.Basis.QUOTED if quote else v.Basis.STATED)
        self.values.append(Value(name, value, quote, basis, note, ticked))

    def complain(self, reason: str, line: int = 0) -> None:
        self.complaints.append(Complaint(self.number, line or self.line, reason))

    def get(self, name: str) -> Any:
        return next((value.value for value in self.values if value.name == name), None)

    def identifiers(self) -> set[tuple[str, str]]:
        """(kind, identifier) of everything this record may be known by: doi in lower case, the others as they are."""
        held = {(name, str(self.get(name))) for name in ("doi", "pmid", "pmcid") if self.get(name)}
        held |= {("registration", str(row.values["identifier"])) for row in self.rows if row.kind == "registrations"}
        held |= {(kind, each) for kind, several in self.also.items() for each in several}
        return {(kind, each.lower() if kind == "doi" else each.upper()) for kind, each in held}

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Found":
        parts: dict[str, Any] = {
            "values": [Value(**value) for value in data["values"]],
            "rows": [Row(**row) for row in data["rows"]],
            "complaints": [Complaint(**complaint) for complaint in data["complaints"]],
        }
        return cls(**(data | parts))


@dataclass
class Reading:
    """A whole input: its records, and those that were refused. `seen` is how many records the input has."""

    format: str
    seen: int = 0
    found: list[Found] = field(default_factory=list)
    refused: list[Complaint] = field(default_factory=list)

    def refuse(self, line: int, reason: str) -> None:
        self.refused.append(Complaint(self.seen, line, reason))


# --- Text -----------------------------------------------------------------------------------------------------

# Characters that change how their neighbours are shown, and nothing a title or a name needs.
_UNSEEN = dict.fromkeys([0x200B, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_MARKUP = re.compile(
    r"</?(?:i|b|u|em|strong|sub|sup|sc|scp|tt|(?:jats|mml):[\w-]+)(?:\s[^<>]{0,200})?/?>", re.IGNORECASE
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")


def clean(text: object, *, entities: bool = True) -> str:
    """The text on one line, entities decoded, without markup and control characters; "" for what is no text.

    Raises BadRecord for half a surrogate pair, which no database could hold.
    """
    if not isinstance(text, str):
        return ""
    if entities:
        text = html.unescape(_MARKUP.sub("", text))
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise BadRecord("it holds half of a character (a lone surrogate)")
    return _CONTROL.sub(" ", unicodedata.normalize("NFC", text).translate(_UNSEEN)).strip()


_SUFFIX = re.compile(r"^(?:jr|sr|ii|iii|iv|phd|md|dr)\.?$", re.IGNORECASE)


def person(name: str) -> str:
    """“Family, Given” with one comma; a name without a comma is a group and stays one."""
    parts = [part.strip() for part in name.split(",") if part.strip()]
    if len(parts) < 2:
        return parts[0] if parts else ""
    family, *rest = parts
    rest.sort(key=lambda part: bool(_SUFFIX.match(part)))  # what is no suffix first, in its order
    return f"{family}, {' '.join(rest)}"


def group(name: str) -> str:
    """A group of authors on one line, without commas, which would make a family name of it."""
    return re.sub(r"\s*,\s*", " – ", name.strip(" ,"))


_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+")


def bare_doi(text: str) -> str:
    """10.1000/x out of https://doi.org/10.1000/x, doi:10.1000/x or 10.1000/x [doi]; "" if there is none."""
    match = _DOI.search(text)
    return match.group().rstrip(".,;") if match else ""


def bare_pmid(text: str) -> str:
    match = re.fullmatch(r"(?:PMID\s*:?\s*)?([1-9][0-9]{0,7})", text.strip(), re.IGNORECASE)
    return match.group(1) if match else ""


def bare_pmcid(text: str) -> str:
    match = re.search(r"\b(PMC[0-9]{1,8})\b", text, re.IGNORECASE)
    return match.group(1).upper() if match else ""


_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}


# 20210608, 202106; then 2021-6-8, 2021/06/08/, 2021-06-08T00:00; then 2021 Jun 8, 2021-June.
_COMPACT = re.compile(r"([12][0-9]{3})([01][0-9])([0-3][0-9])?")
_NUMBERS = re.compile(r"([12][0-9]{3})(?:[-/. ]+([0-9]{1,2}))?(?:[-/. ]+([0-9]{1,2}))?[-/. ]*(?:[T ][0-9:.Z+-]*)?")
_NAMED = re.compile(r"([12][0-9]{3})[- ]+([A-Za-z]{3,9})\.?(?:[- ]+([0-9]{1,2}))?")
_RANGE = re.compile(r"([12][0-9]{3})[- ]+[A-Za-z]{3,9}(?: [0-9]{1,2})?[-/ ]+[A-Za-z0-9 ]{1,20}")


def partial_date(text: str) -> str:
    """2021, 2021-06 or 2021-06-08 out of the forms that records use; "" if it is none of them.

    A season, or a range of months or days, leaves the year alone: which month it was is not said.
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


def earliest(*dates: tuple[str, str]) -> tuple[str, str]:
    """Of (date, as written), the first published. A year alone never beats a day of that year."""
    held = [pair for pair in dates if pair[0]]
    return min(held, key=lambda pair: pair[0] + "~") if held else ("", "")


# --- Registry numbers -----------------------------------------------------------------------------------------

_NUMBER = re.compile(
    "|".join(rf"(?<![\w-])(?:{form.pattern})(?![\w-])" for form, _ in REGISTRATIONS.values()), re.IGNORECASE
)


def add_registrations(found: Found, text: str, note: str) -> None:
    """Propose each registry number that stands in `text`, with the words around it as its quote."""
    there = {row.values["identifier"] for row in found.rows}
    for match in _NUMBER.finditer(text):
        registry = registry_of(match.group())
        identifier = tidy_registration(registry or "", match.group())
        if registry is None or identifier in there:
            continue
        there.add(identifier)
        before, after = text[: match.start()].split()[-8:], text[match.end() :].split()[:4]
        while any(word.endswith(".") for word in before):  # begin with the sentence, if it is so near
            before = before[1:]
        is_word = text[match.start() - 1 : match.start()].isspace()
        quote = " ".join([*before, match.group(), *after]) if is_word else match.group()
        found.rows.append(
            Row("registrations", {"registry": str(registry), "identifier": identifier}, quote, v.Basis.QUOTED, note)
        )
