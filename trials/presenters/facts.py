"""The values of a study with their citations, numbered as the page of the study shows them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from trials import vocabulary as v
from trials.models import Blank, Citation, Source, Trial
from trials.models.source import EXPLAINED
from trials.models.values import TOGETHER, WORDINGS, label, rows_by_path, value_in_words

# Values that the page shows under the name of another one: the path of the value, and that name.
SHOWN_UNDER = {path: name for name, paths in TOGETHER.items() for path in paths if path != name}
SHOWN_UNDER |= {path: f"{path.partition('_')[0]}-table" for path in ("design", "masking", "phase", *WORDINGS)}
SHOWN_UNDER["who_masked"] = "masking-table"

# Our own words on limitations and open questions are certain, however uncertain the reading that they are about.
OUR_OWN = ("limits", "unsettled")

LABELS = {"recruitment": "Recruited", "countries": "Where", "pages": "Pages or article"}
FIRST_LINES = 3  # of a long list; the others unfold
NOT_CHECKED = str(v.BlankReason.NOT_CHECKED.label)


def label_of(path: str, rows: dict[str, Any] | None = None) -> str:
    """Return the label of a value as the page has it. `rows` are those of the study by their paths."""
    return LABELS.get(path) or label(path, rows or {})


def with_note(words: str, note: str) -> str:
    """Return a label with a note in brackets: Umbilical cord (Wharton's jelly)."""
    return f"{words} ({note})" if words and note else words or note


def value_anchor(path: str) -> str:
    """Return the id of a value or a row on the page."""
    return f"value-{path.replace('.', '-')}"


@dataclass(frozen=True)
class Entry:
    """One reading of one value, in the list of sources."""

    citation: Citation
    number: int  # of the source on the page
    value_label: str

    @property
    def how_read(self) -> str:
        """Such as: Inferred, moderate confidence, read twice."""
        citation = self.citation
        confidence = f", {citation.get_confidence_display()} confidence"
        uncertain = confidence if citation.confidence < v.Confidence.HIGH else ""
        return f"{citation.get_basis_display()}{uncertain}{', read twice' if citation.checked_twice else ''}"

    @property
    def value_anchor(self) -> str:
        """The id of the value on the page."""
        path = ".".join(self.citation.value.split(".")[:2])
        return value_anchor(SHOWN_UNDER.get(path, path))


@dataclass
class Document:
    """A source with what was read in it: everything, or what belongs to one value."""

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


def by_source(entries: Iterable[Entry]) -> list[Document]:
    """Return the sources of these readings in the order of their numbers, each with what was read in it."""
    found: dict[int, Document] = {}
    for entry in {entry.citation.key: entry for entry in entries}.values():
        found.setdefault(entry.number, Document(entry.number, entry.citation.source)).entries.append(entry)
    return [found[number] for number in sorted(found)]


class Remark(NamedTuple):
    """A note next to a value. `lead` names its kind and `source` the source it is about, where it is about one."""

    lead: str
    text: str
    source: str = ""


def remarks(entries: Iterable[Entry]) -> list[Remark]:
    """Return why a value is only probable, or the sum behind it: the notes of such citations.

    The unresolved questions alone say what other sources have instead.
    """
    explained = [e.citation for e in entries if e.citation.is_probable or e.citation.basis in EXPLAINED]
    notes: dict[str, Remark] = {}
    for each in explained:
        if each.note and each.basis != v.Basis.DISPUTED:
            lead = "Worked out." if each.basis == v.Basis.DERIVED else ""
            notes.setdefault(each.note, Remark(lead, each.note, each.source.label))
    return list(notes.values())


def is_disputed(entries: Iterable[Entry]) -> bool:
    return any(entry.citation.basis == v.Basis.DISPUTED for entry in entries)


@dataclass(frozen=True)
class Fact:
    """One value as the study page shows it: its words or the reason for its absence, and its sources."""

    name: str
    label: str
    text: str
    blank: str = ""
    blank_note: str = ""
    entries: tuple[Entry, ...] = ()
    names: tuple[str, ...] = ()  # of people, which a page keeps apart in whatever direction they are written

    @property
    def anchor(self) -> str:
        return value_anchor(self.name)

    @property
    def lines(self) -> list[str]:
        return [line for line in self.text.splitlines() if line.strip()]

    @property
    def first_lines(self) -> list[str]:
        """The lines that a page shows at once; all of them where that spares no more than one."""
        return self.lines if len(self.lines) <= FIRST_LINES + 1 else self.lines[:FIRST_LINES]

    @property
    def more_lines(self) -> list[str]:
        return self.lines[len(self.first_lines) :]

    @property
    def is_probable(self) -> bool:
        uncertain = any(entry.citation.is_probable for entry in self.entries)
        return bool(self.text) and uncertain and self.name not in OUR_OWN

    @property
    def is_disputed(self) -> bool:
        return is_disputed(self.entries) and self.name not in OUR_OWN

    @property
    def is_not_checked(self) -> bool:
        return not self.text and self.blank == NOT_CHECKED

    @property
    def remarks(self) -> list[Remark]:
        """The notes next to the value; of a blank, where we looked for it."""
        if self.text:
            return [] if self.name in OUR_OWN else remarks(self.entries)
        return [Remark("", self.blank_note)] if self.blank_note else []


class Values:
    """The values of a study by their paths, each with its citations or the reason for its blank."""

    def __init__(self, trial: Trial) -> None:
        self._trial, self._rows = trial, rows_by_path(trial)
        self._blanks: dict[str, Blank] = {blank.value: blank for blank in trial.blanks.all()}
        citations = list(trial.citations.all())
        cited = {citation.source.key for citation in citations}
        sources = [source.key for source in trial.sources.all() if source.key in cited]
        entries = [
            Entry(each, sources.index(each.source.key) + 1, label_of(each.value, self._rows)) for each in citations
        ]
        self.documents = by_source(entries)
        self._entries: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            self._entries[entry.citation.value].append(entry)

    def entries_of(self, *paths: str) -> tuple[Entry, ...]:
        """Return the citations of exactly these values."""
        return tuple(entry for path in paths for entry in self._entries.get(path, []))

    def fact(self, path: str, label: str, text: str | None = None, also: str = "", blank: str = NOT_CHECKED) -> Fact:
        """Return a value as the study has it, or with another text.

        `also` is a path whose sources it shares, `blank` the reason for its absence where none is recorded.
        """
        paths = TOGETHER.get(path, (path,))
        entries = self.entries_of(*paths, also)
        text = value_in_words(path, self._trial, self._rows) if text is None else text
        recorded = next((self._blanks[each] for each in paths if each in self._blanks), None)
        if text or not recorded:
            return Fact(path, label, text, "" if text else blank, entries=entries)
        return Fact(path, label, "", recorded.get_reason_display(), recorded.note, entries)

    def row(self, path: str, label: str) -> Fact:
        """Return a row as a whole, with the citations of it and of each of its fields."""
        of_row = (each for each in self._entries if f"{each}.".startswith(f"{path}."))
        return Fact(path, label, label, entries=self.entries_of(*of_row))
