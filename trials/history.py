"""A whole record as one plain document, and back; and what changed between two such documents.

The document ("snapshot") of a study holds its fields, its countries and its rows with their keys. It is what a revision
keeps. Preview and the editing of a draft that is not live put a snapshot into the tables inside a transaction that is
rolled back: see `as_if`.
"""

import difflib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction

from trials import vocabulary as v
from trials.models import Arm, Blank, Country, GlossaryTerm, OutcomeCount, Page, Registration, Source, Trial
from trials.models.fields import show_partial_date

Snapshot = dict[str, Any]
Field = Any  # a model's field; Django's own type cannot be subscripted when the program runs
Record = Trial | Page | GlossaryTerm

KINDS: dict[type[models.Model], str] = {
    Trial: v.RecordKind.TRIAL,
    Page: v.RecordKind.PAGE,
    GlossaryTerm: v.RecordKind.TERM,
}
MODELS: dict[str, type[models.Model]] = {str(kind): model for model, kind in KINDS.items()}
# The rows of a study, in the order in which they must be made.
ROWS: dict[str, type[models.Model]] = {
    "arms": Arm,
    "counts": OutcomeCount,
    "registrations": Registration,
    "sources": Source,
    "blanks": Blank,
}
# The state of the record on its road, and what is worked out: no part of what an editor writes.
NOT_KEPT = {"id", "status", "updated", "search_text", "author_key", "publication_year"}
# A text of more than this many characters is compared word by word.
LONG = 60


def _plain(value: Any) -> Any:
    """The value as it comes back from JSON, so that a fresh snapshot equals a stored one. 0, "" and None stay apart."""
    if value is None or isinstance(value, (bool, int, str, list)):
        return value
    return DjangoJSONEncoder().default(value)


def kept_fields(model: type[models.Model]) -> list[Field]:
    return [field for field in model._meta.concrete_fields if field.name not in NOT_KEPT and field.name != "trial"]


def _fields_of(record: models.Model) -> dict[str, Any]:
    return {field.name: _plain(getattr(record, field.attname)) for field in kept_fields(type(record))}


def snapshot(record: Record) -> Snapshot:
    """The record as it stands in the tables, as JSON can hold it."""
    document: Snapshot = {"fields": _fields_of(record)}
    if isinstance(record, Trial):
        document["countries"] = sorted(record.countries.values_list("code", flat=True))
        for name, model in ROWS.items():
            rows = model._default_manager.filter(trial=record)
            order = "value" if model is Blank else "position"
            document[name] = [{"id": str(row.pk), **_fields_of(row)} for row in rows.order_by(order)]
    return document


def put(record: Record, document: Snapshot) -> None:
    """Make the tables hold what the snapshot says, keys included; status and derived columns stay.

    Fields that the snapshot does not know (it is older than they are) keep what they have.
    Unchecked: see trials.actions.
    """
    known = {field.name: field for field in kept_fields(type(record))}
    for name, value in document["fields"].items():
        if name in known:
            setattr(record, known[name].attname, known[name].to_python(value))
    record.save()
    if not isinstance(record, Trial):
        return
    record.countries.set(Country.objects.filter(code__in=document["countries"]))
    for model in reversed(ROWS.values()):
        model._default_manager.filter(trial=record).delete()
    for name, model in ROWS.items():
        fields = {field.name: field for field in kept_fields(model)}
        rows = []
        for values in document[name]:
            row = model(id=uuid.UUID(values["id"]), trial=record)
            for key, value in values.items():
                if key in fields:
                    setattr(row, fields[key].attname, fields[key].to_python(value))
            rows.append(row)
        model._default_manager.bulk_create(rows)
    record._prefetched_objects_cache = {}  # type: ignore[attr-defined]


@contextmanager
def as_if(record: Record, document: Snapshot) -> Iterator[Record]:
    """Inside, the tables hold the snapshot; afterwards they are as they were. Nobody else ever sees it."""
    with transaction.atomic():
        put(record, document)
        try:
            yield record
        finally:
            transaction.set_rollback(True)


# --- What changed ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """One value, before and after, in words.

    `path` names it for `take`: fields.dose, countries, arms.<key> (a whole row), arms.<key>.analysed.
    """

    path: str
    label: str
    before: str
    after: str

    @property
    def is_long(self) -> bool:
        return max(len(self.before), len(self.after)) > LONG

    @property
    def words(self) -> list[tuple[str, str]]:
        """The text cut into ("same" | "gone" | "new", words), for a long text that changed in places."""
        old, new = self.before.split(), self.after.split()
        parts: list[tuple[str, str]] = []
        for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if tag == "equal":
                parts.append(("same", " ".join(old[a:b])))
                continue
            if b > a:
                parts.append(("gone", " ".join(old[a:b])))
            if d > c:
                parts.append(("new", " ".join(new[c:d])))
        return parts


def in_words(field: Field, value: Any, document: Snapshot) -> str:
    """A stored value as a person reads it. None, "" and [] are "empty"; 0 and False are not."""
    if value is None or value == "" or value == []:
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field.name == "arm":
        names = {row["id"]: row["name"] for row in document.get("arms", [])}
        return str(names.get(value, "a group that is gone"))
    vocabulary = getattr(field, "vocabulary", None)
    if vocabulary:
        return ", ".join(str(vocabulary(code).label) for code in value)
    choices = dict(field.flatchoices)  # type: ignore[attr-defined]
    if value in choices:
        return str(choices[value])
    if type(field).__name__ in ("PartialDateField", "DateField"):
        return show_partial_date(str(value))
    return str(value)


def _label(field: Field) -> str:
    return field.verbose_name[:1].upper() + field.verbose_name[1:]


def row_name(kind: str, row: dict[str, Any], document: Snapshot) -> str:
    """What a row is called in a history: Group 2 "Placebo"; Source 14 (dose)."""
    noun = {
        "arms": "Group",
        "counts": "Count",
        "registrations": "Registration",
        "sources": "Source",
        "blanks": "Reason for a blank",
    }
    if kind == "arms":
        return f"Group {row['position']} “{row['name']}”"
    if kind == "registrations":
        return f"Registration {row['identifier']}"
    if kind == "blanks":
        return f"Reason for the blank “{row['value']}”"
    if kind == "sources":
        return f"Source {row['position']} ({row['value']})"
    outcome = v.Outcome(row["outcome"]).label
    who = next((arm["name"] for arm in document.get("arms", []) if arm["id"] == row["arm"]), "all given cells")
    return f"{noun[kind]} {row['position']}: {outcome}, {who}"


def _row_in_words(kind: str, row: dict[str, Any], document: Snapshot) -> str:
    fields = {field.name: field for field in kept_fields(ROWS[kind])}
    parts = [
        f"{_label(field)}: {in_words(field, row.get(name), document)}"
        for name, field in fields.items()
        if row.get(name) not in (None, "", [], False) and name != "position"
    ]
    return "; ".join(parts)


def changes(model: type[models.Model], before: Snapshot, after: Snapshot) -> list[Change]:
    """Every value that differs between two snapshots of one record, in the order of the form."""
    found = []
    for field in kept_fields(model):
        old, new = before["fields"].get(field.name), after["fields"].get(field.name)
        if old != new or type(old) is not type(new):
            words = in_words(field, old, before), in_words(field, new, after)
            found.append(Change(f"fields.{field.name}", _label(field), *words))
    if model is not Trial:
        return found
    if before["countries"] != after["countries"]:
        names = dict(Country.objects.values_list("code", "name"))
        words = [", ".join(names.get(c, c) for c in d["countries"]) or "empty" for d in (before, after)]
        found.append(Change("countries", "Countries", *words))
    for kind, row_model in ROWS.items():
        old_rows = {row["id"]: row for row in before[kind]}
        new_rows = {row["id"]: row for row in after[kind]}
        for key in [*old_rows, *(key for key in new_rows if key not in old_rows)]:
            old_row, new_row = old_rows.get(key), new_rows.get(key)
            if new_row is None and old_row is not None:
                found.append(
                    Change(
                        f"{kind}.{key}",
                        row_name(kind, old_row, before),
                        _row_in_words(kind, old_row, before),
                        "removed",
                    )
                )
            elif old_row is None and new_row is not None:
                found.append(
                    Change(
                        f"{kind}.{key}",
                        row_name(kind, new_row, after),
                        "not there",
                        _row_in_words(kind, new_row, after),
                    )
                )
            elif old_row is not None and new_row is not None:
                for field in kept_fields(row_model):
                    old, new = old_row.get(field.name), new_row.get(field.name)
                    if old != new or type(old) is not type(new):
                        label = f"{row_name(kind, old_row, before)}: {_label(field).lower()}"
                        words = in_words(field, old, before), in_words(field, new, after)
                        found.append(Change(f"{kind}.{key}.{field.name}", label, *words))
    return found


def take(into: Snapshot, other: Snapshot, path: str) -> None:
    """Make the value that `path` names in `into` what it is in `other`: a field, the countries, a row or its field."""
    kind, _, rest = path.partition(".")
    if kind == "countries":
        into["countries"] = list(other["countries"])
        return
    if kind == "fields":
        into["fields"][rest] = other["fields"].get(rest)
        return
    key, _, name = rest.partition(".")
    theirs = next((row for row in other[kind] if row["id"] == key), None)
    mine = next((row for row in into[kind] if row["id"] == key), None)
    if name and mine is not None and theirs is not None:
        mine[name] = theirs.get(name)
    elif theirs is None:
        into[kind] = [row for row in into[kind] if row["id"] != key]
    elif mine is None:
        into[kind].append(dict(theirs))
    else:
        mine.update(theirs)
