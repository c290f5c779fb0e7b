"""Two editors changed one record: what each of them did, what has to be decided, and the record that comes out.

Everything here works on snapshots (see trials.history) and writes nothing.
"""

import copy
from dataclasses import dataclass
from typing import Any

from django.db import models

from trials import history
from trials.history import ROWS, Snapshot
from trials.models import Country

# How sources and blanks name a row of a kind, and what an editor calls it.
NAMES = {"arms": "arm", "counts": "count", "registrations": "registration"}
NOUNS = {"arms": "group", "counts": "count", "registrations": "registration", "sources": "source"}
# Two rows that are the same in these are the same row, whoever added it.
SAME_BY = {"blanks": ("value",), "registrations": ("registry", "identifier")}

THEIRS, MINE = "theirs", "mine"


@dataclass(frozen=True)
class Choice:
    """One value (or one whole row) that is not the same in their version and in mine."""

    path: str  # as in history.Change
    label: str
    before: str
    theirs: str
    mine: str
    changed_by: str  # THEIRS, MINE or "both"

    @property
    def preselected(self) -> str:
        """Whoever alone changed it is taken at their word; where both did, a person has to choose."""
        return "" if self.changed_by == "both" else self.changed_by


def _row(document: Snapshot, path: str) -> dict[str, Any] | None:
    kind, key = path.split(".")[:2]
    return next((row for row in document[kind] if row["id"] == key), None)


def _value(document: Snapshot, path: str) -> Any:
    kind, _, rest = path.partition(".")
    if kind == "countries":
        return document["countries"]
    if kind == "fields":
        return document["fields"].get(rest)
    row, name = _row(document, path), rest.partition(".")[2]
    return row.get(name) if row is not None and name else row


def _in_words(model: type[models.Model], document: Snapshot, path: str) -> str:
    kind, _, rest = path.partition(".")
    if kind == "countries":
        return history.countries_in_words(document["countries"], Country.objects.names())
    name = rest if kind == "fields" else rest.partition(".")[2]
    value = _value(document, path)
    if name:
        return history.in_words((model if kind == "fields" else ROWS[kind])._meta.get_field(name), value, document)
    return history.NOT_THERE if value is None else history._row_in_words(kind, value, document)


def choices(model: type[models.Model], base: Snapshot, theirs: Snapshot, mine: Snapshot) -> list[Choice]:
    """Every value that differs between their version and mine, in the order of the form.

    A row that one side added or removed is offered whole, even if the other side changed a single value of it.
    """
    by_them = [change.path for change in history.changes(model, base, theirs)]
    by_me = [change.path for change in history.changes(model, base, mine)]
    whole = {path for path in [*by_them, *by_me] if path.split(".")[0] in ROWS and path.count(".") == 1}

    def as_chosen(path: str) -> str:
        row = ".".join(path.split(".")[:2])
        return row if row in whole else path

    them, me = {as_chosen(path) for path in by_them}, {as_chosen(path) for path in by_me}
    # What differs between the two: what both did alike needs no choice.
    labels = {change.path: change.label for change in history.changes(model, theirs, mine)}
    found: dict[str, Choice] = {}
    for path, label in labels.items():
        path = as_chosen(path)
        if path in found:
            continue
        if path in whole:
            holder = next(d for d in (mine, theirs, base) if _row(d, path) is not None)
            label = history.row_name(path.split(".")[0], _row(holder, path) or {}, holder)
        by = "both" if path in them and path in me else THEIRS if path in them else MINE
        at_base, at_theirs, at_mine = (_in_words(model, document, path) for document in (base, theirs, mine))
        found[path] = Choice(path, label, at_base, at_theirs, at_mine, changed_by=by)
    return list(found.values())


def fit(base: Snapshot, theirs: Snapshot, mine: Snapshot) -> tuple[Snapshot, list[str]]:
    """My version, made to stand beside theirs; and a sentence for each row that had to move.

    A row of mine whose number they have given to another one meanwhile gets the next free number, and what names it
    follows. A registration or a reason for a blank that both added is one row.
    """
    mine = copy.deepcopy(mine)
    said: list[str] = []
    if "arms" not in mine:
        return mine, said
    for kind, by in SAME_BY.items():
        known = {row["id"] for row in [*base[kind], *mine[kind]]}
        added = {tuple(row[name] for name in by): row["id"] for row in theirs[kind] if row["id"] not in known}
        before = {row["id"] for row in base[kind]}
        for row in mine[kind]:
            if row["id"] not in before:
                row["id"] = added.get(tuple(row[name] for name in by), row["id"])
    for kind, noun in NOUNS.items():
        was = {row["id"]: row["position"] for row in base[kind]}
        # What they added, or moved to where it is.
        taken = {row["position"]: row["id"] for row in theirs[kind] if was.get(row["id"]) != row["position"]}
        free = max((row["position"] for row in [*theirs[kind], *mine[kind]]), default=0)
        for row in mine[kind]:
            old = row["position"]
            if was.get(row["id"]) == old or taken.get(old, row["id"]) == row["id"]:
                continue
            free += 1
            row["position"] = free
            said.append(
                f"Your {noun} {old} has become {noun} {free}: another {noun} {old} was saved while you were writing."
            )
            if kind in NAMES:
                _rename(mine, f"{NAMES[kind]}-{old}", f"{NAMES[kind]}-{free}")
    return mine, said


def _rename(document: Snapshot, old: str, new: str) -> None:
    for row in [*document["sources"], *document["blanks"]]:
        name, dot, field = row["value"].partition(".")
        if name == old:
            row["value"] = f"{new}{dot}{field}"


def merged(theirs: Snapshot, mine: Snapshot, paths: list[str]) -> Snapshot:
    """Their version with my values at `paths`."""
    document = copy.deepcopy(theirs)
    for path in paths:
        history.take(document, mine, path)
    return document
