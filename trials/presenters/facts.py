"""One value of a study page: its words or its blank, and its sources."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Model
from django.utils.text import capfirst

from trials import vocabulary as v
from trials.models import Citation, Source, Trial
from trials.models.values import TOGETHER

# Values that the page shows under the name of another one.
SHOWN_UNDER = {path: name for name, paths in TOGETHER.items() for path in paths if path != name} | {
    path: f"{name}-table" for name in ("design", "masking", "phase") for path in (name, f"{name}_wording")
}
SHOWN_UNDER["who_masked"] = "masking-table"

# Our own words on limits and open questions are certain, however unsure the reading that they are about.
OUR_OWN = ("limits", "unsettled")

LABELS = {"recruitment": "Recruited", "cell_source": "Cells from", "countries": "Where", "pages": "Pages or article"}


def label_of(name: str) -> str:
    if name in LABELS:
        return LABELS[name]
    return capfirst(name_of_field(Trial, name))


def name_of_field(model: type[Model], name: str) -> str:
    """Return the label of a model's field."""
    return str(getattr(model._meta.get_field(name), "verbose_name"))  # noqa: B009 - not on every kind of field


def in_words(words: str, note: str) -> str:
    """Return a label with a note in brackets: Umbilical cord (Wharton's jelly)."""
    return f"{words} ({note})" if words and note else words or note


@dataclass(frozen=True)
class Entry:
    """One reading of one value, in the list of sources."""

    citation: Citation
    number: int  # of the source on the page
    value_label: str

    @property
    def anchor(self) -> str:
        """The id of this entry in the list of sources."""
        return f"source-{self.citation.key}"

    @property
    def value_anchor(self) -> str:
        """The id of the value on the page."""
        path = ".".join(self.citation.value.split(".")[:2])
        return value_anchor(SHOWN_UNDER.get(path, path))


def value_anchor(path: str) -> str:
    """Return the id of a value or a row on the page."""
    return f"value-{path.replace('.', '-')}"


@dataclass
class Document:
    """A source with everything that was read in it."""

    number: int
    source: Source
    entries: list[Entry] = field(default_factory=list)

    @property
    def readings(self) -> list[list[Entry]]:
        """The entries in groups that differ only in the value."""
        groups: dict[tuple[object, ...], list[Entry]] = {}
        for entry in self.entries:
            citation = entry.citation
            same = (citation.basis, citation.confidence, citation.checked_twice, citation.quote, citation.note)
            groups.setdefault(same, []).append(entry)
        return list(groups.values())


@dataclass(frozen=True)
class Remark:
    """A note shown next to a value as well as in the list of sources. `lead` names its kind, or is empty."""

    lead: str
    text: str


# How a remark begins, by how the value was read.
LEADS: dict[str, str] = {v.Basis.DISPUTED: "Sources differ."}


def remarks(entries: Iterable[Entry], leads: dict[str, str]) -> list[Remark]:
    """Return why a value is only probable, what the other reading is, or the sum: the notes of such citations."""
    kinds = (v.Basis.INFERRED, v.Basis.DISPUTED, v.Basis.DERIVED)
    citations = [e.citation for e in entries if e.citation.is_probable or e.citation.basis in kinds]
    return list(dict.fromkeys(Remark(leads.get(each.basis, ""), each.note) for each in citations if each.note))


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
        unsure = any(entry.citation.is_probable for entry in self.entries)
        return bool(self.text) and unsure and self.name not in OUR_OWN

    @property
    def remarks(self) -> list[Remark]:
        return remarks(self.entries, LEADS)


def unique(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the first entry of each source, so that a value shows each number once."""
    first: dict[int, Entry] = {}
    for entry in entries:
        first.setdefault(entry.number, entry)
    return tuple(first.values())
