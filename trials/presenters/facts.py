"""One value of a study page: its words or its blank, and where it was read."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Model
from django.utils.text import capfirst

from trials import vocabulary as v
from trials.models import Source, Trial

# Values that stand on the page under another one's name.
SHOWN_UNDER = {
    "recruitment_start": "recruitment",
    "recruitment_end": "recruitment",
    "cell_source_wording": "cell_source",
    "cause_wording": "cause",
    "centres_note": "centres",
    "dose_unit": "dose",
    "dose_note": "dose",
    "design": "design-table",
    "design_wording": "design-table",
    "masking": "masking-table",
    "masking_wording": "masking-table",
    "who_masked": "masking-table",
    "phase": "phase-table",
    "phase_wording": "phase-table",
}

# Our own words on what is weak and what is open. They are certain, however unsure the reading is that they speak of.
OUR_OWN = ("limits", "unsettled")

LABELS = {"recruitment": "Recruited", "cell_source": "Cells from", "countries": "Where", "pages": "Pages or article"}


def label_of(name: str) -> str:
    if name in LABELS:
        return LABELS[name]
    return capfirst(name_of_field(Trial, name))


def name_of_field(model: type[Model], name: str) -> str:
    """The plain name of a model's field."""
    return str(getattr(model._meta.get_field(name), "verbose_name"))  # noqa: B009 - not on every kind of field


def in_words(words: str, note: str) -> str:
    """A label with a note in brackets: Umbilical cord (Wharton's jelly)."""
    return f"{words} ({note})" if words and note else words or note


@dataclass(frozen=True)
class Entry:
    """One reading of one value, in the list of sources."""

    source: Source
    number: int
    value_label: str

    @property
    def anchor(self) -> str:
        return f"source-{self.source.position}"

    @property
    def back(self) -> str:
        """The anchor of the value on the page."""
        row = self.source.value.partition(".")[0]
        return f"value-{SHOWN_UNDER.get(row, row)}"


@dataclass
class Document:
    """A place where values were read, with everything read there."""

    number: int
    source: Source
    entries: list[Entry] = field(default_factory=list)

    @property
    def readings(self) -> list[list[Entry]]:
        """The entries, those together that differ only in the value they stand behind."""
        alike: dict[tuple[object, ...], list[Entry]] = {}
        for entry in self.entries:
            read = entry.source
            key = (read.basis, read.confidence, read.checked_twice, read.quote, read.note)
            alike.setdefault(key, []).append(entry)
        return list(alike.values())


@dataclass(frozen=True)
class Remark:
    """What is said beside a value, not only in the list of sources. `lead` says of what kind it is, or is empty."""

    lead: str
    text: str


# How a remark begins, by how its own source was read.
LEADS: dict[str, str] = {v.Basis.DISPUTED: "Sources differ."}


def remarks(entries: Iterable[Entry], leads: dict[str, str]) -> list[Remark]:
    """Why a value is only probable, what the other reading is, or the sum: the notes of the sources that say so."""
    kinds = (v.Basis.INFERRED, v.Basis.DISPUTED, v.Basis.DERIVED)
    told = [e.source for e in entries if e.source.is_probable or e.source.basis in kinds]
    return list(dict.fromkeys(Remark(leads.get(source.basis, ""), source.note) for source in told if source.note))


@dataclass(frozen=True)
class Fact:
    """One value as the study page shows it: its words or its blank, and its sources."""

    name: str
    label: str
    text: str
    blank: str = ""
    blank_note: str = ""
    entries: tuple[Entry, ...] = ()

    @property
    def lines(self) -> list[str]:
        return [line for line in self.text.splitlines() if line.strip()]

    @property
    def is_probable(self) -> bool:
        unsure = any(entry.source.is_probable for entry in self.entries)
        return bool(self.text) and unsure and self.name not in OUR_OWN

    @property
    def remarks(self) -> list[Remark]:
        return remarks(self.entries, LEADS)


def unique(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries without repeats of one document, so that a value carries each number once."""
    first: dict[int, Entry] = {}
    for entry in entries:
        first.setdefault(entry.number, entry)
    return tuple(first.values())
