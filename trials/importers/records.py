"""What a reader returns: records with the values that they hold, and the reasons for what could not be read."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from trials import vocabulary as v
from trials.models.source import MOST_QUOTED_WORDS


class Unreadable(Exception):
    """The whole input is refused. `line` counts from 1; it is 0 where the reason is not in one line."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(f"Line {line:,}: {reason}" if line else reason)
        self.reason, self.line = reason, line


class BadRecord(Exception):
    """One record is refused, and the others are read. `line` is 0 for the first line of the record."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.line = reason, line


@dataclass(frozen=True)
class Problem:
    """Why a record was refused, or what was left out of it. `record` and `line` count from 1."""

    record: int
    line: int
    reason: str

    def __str__(self) -> str:
        return f"Record {self.record:,}, line {self.line:,}: {self.reason}"


@dataclass
class Value:
    """The value of one field of a study, and how it was read."""

    name: str
    value: Any
    quote: str = ""
    basis: str = v.Basis.STATED
    note: str = ""


@dataclass
class Row:
    """A group or a registration. One citation covers all its values."""

    kind: str  # "arms" or "registrations", as in a document
    values: dict[str, Any]
    quote: str = ""
    basis: str = v.Basis.TRANSCRIBED
    note: str = ""


@dataclass
class ImportedRecord:
    """One record of a file.

    `label`, `kind`, `address` and `read_in_copy` describe it as a source; `address` is empty where the record names
    none, and then no source can be written. `other_identifiers` help to recognise the study but are not values of it.
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
    authors_complete: bool = True
    countries: list[str] = field(default_factory=list)  # names, as the record writes them
    other_identifiers: list[tuple[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def add(self, name: str, value: Any, *, quote: str = "", basis: str = "", note: str = "") -> None:
        """Add a value, unless it is empty. A quote that is longer than a citation may hold is left out."""
        if value in (None, "", []):
            return
        quote = quote if len(quote.split()) <= MOST_QUOTED_WORDS else ""
        self.values.append(Value(name, value, quote, basis or (v.Basis.QUOTED if quote else v.Basis.STATED), note))

    def report(self, reason: str) -> None:
        self.problems.append(Problem(self.number, self.line, reason))

    def get(self, name: str) -> str:
        return next((str(value.value) for value in self.values if value.name == name), "")

    @property
    def title(self) -> str:
        return self.get("title")

    def identifiers(self) -> set[tuple[str, str]]:
        """Return (kind, identifier) of all that the study may be known by: a DOI in lower case, others in capitals."""
        found = {(name, self.get(name)) for name in ("doi", "pmid", "pmcid") if self.get(name)}
        found |= {("registration", str(row.values["identifier"])) for row in self.rows if row.kind == "registrations"}
        found |= set(self.other_identifiers)
        return {(kind, text.lower() if kind == "doi" else text.upper()) for kind, text in found}

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "ImportedRecord":
        parts: dict[str, Any] = {
            "values": [Value(**value) for value in data["values"]],
            "rows": [Row(**row) for row in data["rows"]],
            "other_identifiers": [(kind, text) for kind, text in data["other_identifiers"]],
            "problems": [Problem(**problem) for problem in data["problems"]],
        }
        return cls(**(data | parts))


@dataclass
class Reading:
    """A whole input. `seen` is the number of its records: those that were read and those that were refused."""

    format: str
    seen: int = 0
    records: list[ImportedRecord] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)

    def add(self, line: int, fill: Callable[[ImportedRecord], None]) -> None:
        """Count a record and let `fill` read it. If it raises BadRecord, the record is refused."""
        self.seen += 1
        record = ImportedRecord(self.seen, line, self.format)
        try:
            fill(record)
        except BadRecord as error:
            self.refused.append(Problem(self.seen, error.line or line, f"{error.reason}."))
        else:
            self.records.append(record)

    def refuse(self, line: int, reason: str) -> None:
        """Count a record that cannot be read."""
        self.seen += 1
        self.refused.append(Problem(self.seen, line, reason))
