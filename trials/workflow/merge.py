"""Two people changed one record: what each of them did, what has to be decided, and the document that results."""

import copy
import operator
from dataclasses import dataclass

from trials.models import Record
from trials.workflow.diff import Change, Reader, changes, split_place, take
from trials.workflow.documents import Document

# Two new rows with the same values in these fields are one row that both people added.
SAME_BY = {
    "blanks": ("value",), "registrations": ("registry", "identifier"), "sources": ("address", "label"),
    "notices": ("kind", "address"),
}  # fmt: skip

THEIRS, MINE, BOTH = "theirs", "mine", "both"


@dataclass(frozen=True)
class Choice:
    """A value, or a whole row, that differs between their document and mine."""

    path: str  # as in diff.Change
    label: str
    before: str
    theirs: str
    mine: str
    changed_by: str  # THEIRS, MINE or BOTH

    @property
    def preselected(self) -> str:
        """The side that alone changed it; "" where both did and a person has to choose."""
        return "" if self.changed_by == BOTH else self.changed_by


def align_keys(base: Document, theirs: Document, mine: Document) -> Document:
    """Return my document, in which a row that both of us added has the key that it has in theirs."""
    mine = copy.deepcopy(mine)
    for kind, names in SAME_BY.items():
        known = {row["key"] for row in [*base.get(kind, []), *mine.get(kind, [])]}
        values = operator.itemgetter(*names)
        added = {values(row): row["key"] for row in theirs.get(kind, []) if row["key"] not in known}
        before = {row["key"] for row in base.get(kind, [])}
        for row in mine.get(kind, []):
            if row["key"] not in before and (key := added.get(values(row))):
                _rename(mine, kind, row["key"], key)
                row["key"] = key
    return mine


def _rename(document: Document, kind: str, old: str, new: str) -> None:
    """Let citations and blanks follow a row to its new key."""
    path = f"{kind}.{old}"
    for row in [*document["citations"], *document["blanks"]]:
        if row["value"] == path or row["value"].startswith(f"{path}."):
            row["value"] = f"{kind}.{new}{row['value'].removeprefix(path)}"
        if kind == "sources" and row.get("source") == old:
            row["source"] = new


def choices(model: type[Record], base: Document, theirs: Document, mine: Document) -> list[Choice]:
    """Return every value that differs between their document and mine, in the order of the form.

    A row that one side added or removed is one choice, even if the other side changed a single value of it.
    """
    by_them, by_me = changes(model, base, theirs), changes(model, base, mine)
    whole = {change.path for change in [*by_them, *by_me] if change.is_row}

    def choice_path(change: Change) -> str:
        place, _ = split_place(change.path)
        return place if place in whole else change.path

    them, me = {choice_path(change) for change in by_them}, {choice_path(change) for change in by_me}
    readers = [Reader(model, document) for document in (base, theirs, mine)]
    found: dict[str, Choice] = {}
    for change in changes(model, theirs, mine):
        path, label = choice_path(change), change.label
        by = THEIRS if path in them else MINE
        if path in them & me:
            by = BOTH
        if path in whole:
            label = next(reader.label(path) for reader in reversed(readers) if path in reader.places)
        before, their_value, my_value = (reader.in_words(path) for reader in readers)
        found.setdefault(path, Choice(path, label, before, their_value, my_value, by))
    return list(found.values())


def combine(theirs: Document, mine: Document, paths: list[str]) -> Document:
    """Return their document with my values at `paths`."""
    document = copy.deepcopy(theirs)
    for path in paths:
        take(document, mine, path)
    return document
