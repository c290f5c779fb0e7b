"""What readers return: records with the values that they hold, and the reasons for what could not be read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from trials import vocabulary as v
from trials.models.source import MOST_QUOTED_WORDS

MOST_RECORDS = 500  # of one input
MOST_NOTED = 40  # fields of one record that are not taken, and as many that are not understood


class Unreadable(Exception):
    """A whole input or, while `Reading.add` reads it, one record is refused. `line` counts from 1; 0 is no line."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(f"Line {line:,}: {reason}" if line else reason)
        self.reason, self.line = reason, line


@dataclass
class Value:
    """The value of a field, or the dict of the values of a row of "arms" or "registrations", and how it was read."""

    name: str
    value: Any
    quote: str = ""
    basis: str = v.Basis.STATED
    note: str = ""


@dataclass
class ImportedRecord:
    """One record of a file. `label`, `kind`, `address` and `read_in_copy` describe it as a source."""

    number: int
    line: int
    label: str = ""
    kind: str = v.SourceKind.INDEX
    address: str = ""  # without one no source can be written
    read_in_copy: bool = True
    values: list[Value] = field(default_factory=list)
    rows: list[Value] = field(default_factory=list)
    authors_complete: bool = True
    countries: list[str] = field(default_factory=list)  # names, as the record writes them
    papers: list[str] = field(default_factory=list)  # the PubMed IDs of papers on the study of a registry
    aliases: list[str] = field(default_factory=list)  # registry numbers that the entry had before
    abstract: str = ""
    problems: list[str] = field(default_factory=list)  # what was left out, and why
    document: dict[str, Any] = field(default_factory=dict)  # of a study of our own: fields and rows of a new draft
    hints: list[str] = field(default_factory=list)  # for the editor: none is a value
    not_taken: dict[str, int] = field(default_factory=dict)  # known fields without a place here, and how often they are
    unknown: list[str] = field(default_factory=list)  # fields that are not understood, with the beginning of their text

    def add(self, name: str, value: Any, *, quote: str = "", basis: str = "", note: str = "") -> None:
        """Add a value, unless it is empty. A quote that is longer than a citation may hold is left out."""
        if value not in (None, "", []):
            quote = quote if len(quote.split()) <= MOST_QUOTED_WORDS else ""
            self.values.append(Value(name, value, quote, basis or (v.Basis.QUOTED if quote else v.Basis.STATED), note))

    def get(self, name: str) -> str:
        return next((str(value.value) for value in self.values if value.name == name), "")

    def leave(self, name: str, text: str = "", *, is_known: bool = True) -> None:
        """Note a field that is not taken."""
        if is_known:
            name = name[:40] if name in self.not_taken or len(self.not_taken) < MOST_NOTED else "others"
            self.not_taken[name] = self.not_taken.get(name, 0) + 1
        elif text.strip() and len(self.unknown) < MOST_NOTED:
            self.unknown.append(f"{name[:40]}: {text.strip()[:100]}")

    @property
    def title(self) -> str:
        return self.get("title")

    def identifiers(self) -> set[tuple[str, str]]:
        """Return (kind, identifier) of all that the study may be known by: a DOI in lower case, others in capitals."""
        found = {("doi", self.get("doi").lower()), ("pmid", self.get("pmid")), ("pmcid", self.get("pmcid").upper())}
        found |= {("pmid", paper) for paper in self.papers} | {("registration", number) for number in self.aliases}
        found |= {("registration", row.value["identifier"].upper()) for row in self.rows if row.name == "registrations"}
        return {(kind, text) for kind, text in found if text}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "ImportedRecord":
        """Return the record of which `data` is what `dataclasses.asdict` returns."""
        parts = {name: [Value(**value) for value in data[name]] for name in ("values", "rows")}
        return cls(**(data | parts))


@dataclass
class Reading:
    """A whole input: its records, and those that were refused."""

    formats: list[str] = field(default_factory=list)
    records: list[ImportedRecord] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # each with the number of the record and its line
    outside: list[str] = field(default_factory=list)  # lines of text that are in no record

    @property
    def format(self) -> str:
        return " and ".join(dict.fromkeys(self.formats))

    @property
    def seen(self) -> int:
        return len(self.records) + len(self.refused)

    def leave(self, first_line: int, text: str) -> None:
        """Note lines of text that are in no record."""
        for number, line in enumerate(text.split("\n"), start=first_line):
            if line.strip():
                self.outside.append(f"Line {number:,}: {line.strip()[:100]}")

    def add(self, line: int, fill: Callable[..., None], *parts: Any) -> None:
        """Count a record and let `fill` read its parts into it. If it raises Unreadable, the record is refused."""
        record = ImportedRecord(self.seen + 1, line)
        try:
            fill(record, *parts)
        except Unreadable as error:
            self.refuse(error.line or line, error.reason)
        else:
            self.records.append(record)
        self.check_number()

    def refuse(self, line: int, reason: str) -> None:
        """Count a record that cannot be read."""
        self.refused.append(f"Record {self.seen + 1:,}, line {line:,}: {reason}")

    def check_number(self, further: int = 0) -> None:
        if self.seen + further > MOST_RECORDS:
            raise Unreadable(f"it has more than {MOST_RECORDS} records. Cut it into smaller files.")
