"""A whole record as one plain document, and back; and what changed between two such documents.

The document ("snapshot") of a study holds its fields, its countries and its rows with their keys. It is what a revision
keeps. Preview and the editing of a draft that is not live put a snapshot into the tables inside a transaction that is
rolled back: see `as_if`.
"""

import difflib
import itertools
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, models, transaction

from trials import vocabulary as v
from trials.models import Arm, Blank, Country, GlossaryTerm, OutcomeCount, Page, Registration, Source, Trial
from trials.models.fields import show_partial_date
from trials.models.source import NAMED_ROWS
from trials.models.trial import WORKED_OUT

Snapshot = dict[str, Any]
Field = Any  # a model's field; Django's own type cannot be subscripted when the program runs
Record = Trial | Page | GlossaryTerm

# What stands in the place of a value that is none, and of a row before it was added and after it was removed.
EMPTY, NOT_THERE, REMOVED = "empty", "not there", "removed"

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
NOT_KEPT = {"id", "status", "updated", *WORKED_OUT}
# A text of more than this many characters is compared word by word,
LONG = 60
# unless more words than this differ: the comparison takes time in proportion to their square.
MANY_WORDS = 2000


def _plain(value: Any) -> Any:
    """The value as it comes back from JSON, so that a fresh snapshot equals a stored one. 0, "" and None stay apart."""
    if isinstance(value, list):
        return list(value)  # its own: whoever changes the document must not change the record
    if value is None or isinstance(value, bool):
        return value
    for kind in (str, int):
        if isinstance(value, kind):
            return kind(value)  # a member of a vocabulary becomes its code
    return DjangoJSONEncoder().default(value)


def kept_fields(model: type[models.Model]) -> list[Field]:
    return [field for field in model._meta.concrete_fields if field.name not in NOT_KEPT and field.name != "trial"]


def snapshot_of_fields(record: models.Model) -> dict[str, Any]:
    return {field.name: _plain(field.to_python(getattr(record, field.attname))) for field in kept_fields(type(record))}


def row_snapshot(row: models.Model) -> dict[str, Any]:
    return {"id": str(row.pk), **snapshot_of_fields(row)}


def _in_order(kind: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sorted here and not by the database, whose order of texts depends on where it runs."""
    return sorted(rows, key=lambda row: row["value" if kind == "blanks" else "position"])


def snapshot(record: Record) -> Snapshot:
    """The record as it stands in the tables, as JSON can hold it."""
    document: Snapshot = {"fields": snapshot_of_fields(record)}
    if isinstance(record, Trial):
        document["countries"] = sorted(record.countries.values_list("code", flat=True))
        for name, model in ROWS.items():
            rows = model._default_manager.filter(trial=record).order_by()
            document[name] = _in_order(name, [row_snapshot(row) for row in rows])
    return document


class DoesNotFit(ValidationError):
    """The tables cannot hold the snapshot: two of its rows, or another record, are in its way."""


def fill(record: Record, document: Snapshot) -> None:
    """Give the record, in memory only, the fields of the snapshot.

    Fields that the snapshot does not know (it is older than they are) keep what they have.
    """
    known = {field.name: field for field in kept_fields(type(record))}
    for name, value in document["fields"].items():
        if name in known:
            setattr(record, known[name].attname, known[name].to_python(_plain(value)))


def rows_of(record: Trial, document: Snapshot) -> dict[str, list[Any]]:
    """The rows of the snapshot, in memory only, keys included.

    Raises DoesNotFit if a count belongs to a group that is not in the snapshot.
    """
    made: dict[str, list[Any]] = {}
    for name, model in ROWS.items():
        fields = {field.name: field for field in kept_fields(model)}
        made[name] = []
        for values in document[name]:
            row = model(id=uuid.UUID(values["id"]), trial=record)
            for key, value in values.items():
                if key in fields and key != "arm":
                    setattr(row, fields[key].attname, fields[key].to_python(_plain(value)))
            made[name].append(row)
    arms = {str(arm.pk): arm for arm in made["arms"]}
    for count, values in zip(made["counts"], document["counts"], strict=True):
        if values["arm"] is not None and values["arm"] not in arms:
            raise DoesNotFit(f"Count {count.position} belongs to a group that is not there any more.")
        count.arm = arms.get(values["arm"])
    return made


def put(record: Record, document: Snapshot) -> None:
    """Make the tables hold what the snapshot says, keys included; status and derived columns stay.

    Raises DoesNotFit, and changes nothing, if they cannot. Otherwise unchecked: see trials.actions.
    """
    try:
        with transaction.atomic():
            fill(record, document)
            record.save()
            if isinstance(record, Trial):
                _put_rows(record, document)
    except IntegrityError as error:
        raise DoesNotFit(
            "It does not fit what is there now: two of its rows are in each other's way, or another record has the "
            "same address or identifier."
        ) from error


def _put_rows(record: Trial, document: Snapshot) -> None:
    countries = list(Country.objects.filter(code__in=document["countries"]))
    gone = sorted(set(document["countries"]) - {country.code for country in countries})
    if gone:
        raise DoesNotFit(f"There is no country {', '.join(gone)} any more.")
    record.countries.set(countries)
    rows = rows_of(record, document)
    for model in reversed(ROWS.values()):
        model._default_manager.filter(trial=record).delete()
    for name, model in ROWS.items():
        model._default_manager.bulk_create(rows[name])
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
    def in_places(self) -> bool:
        """True for a long text that was there before and after: worth showing word by word."""
        is_row = not self.path.startswith("fields.") and self.path.count(".") == 1
        return self.is_long and not is_row and EMPTY not in (self.before, self.after)

    @property
    def only_spaces(self) -> bool:
        """True if the words are the same, and only what is between them differs."""
        return self.before.split() == self.after.split()

    @property
    def words(self) -> list[tuple[str, str]]:
        """The text cut into ("same" | "gone" | "new", words), for a long text that changed in places."""
        old, new = self.before.split(), self.after.split()
        start = sum(1 for _ in itertools.takewhile(_alike, zip(old, new, strict=False)))
        end = sum(1 for _ in itertools.takewhile(_alike, zip(old[start:][::-1], new[start:][::-1], strict=False)))
        same_before, same_after = old[:start], old[len(old) - end :]
        old, new = old[start : len(old) - end], new[start : len(new) - end]
        pieces = [("same", same_before)]
        if max(len(old), len(new)) > MANY_WORDS:
            pieces += [("gone", old), ("new", new)]
        else:
            for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
                pieces += [("same", old[a:b])] if tag == "equal" else [("gone", old[a:b]), ("new", new[c:d])]
        pieces.append(("same", same_after))
        return [(kind, " ".join(words)) for kind, words in pieces if words]


def _alike(pair: tuple[str, str]) -> bool:
    return pair[0] == pair[1]


def in_words(field: Field, value: Any, document: Snapshot) -> str:
    """A stored value as a person reads it. None, "" and [] are "empty"; 0 and False are not."""
    if field.name == "arm":
        names = {None: "all given cells", **{row["id"]: row["name"] for row in document.get("arms", [])}}
        return str(names.get(value, "a group that is gone"))
    if value is None or value == "" or value == []:
        return EMPTY
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field.name == "value":
        return value_in_words(value)
    vocabulary = getattr(field, "vocabulary", None)
    if vocabulary:
        labels = dict(vocabulary.choices)  # an old snapshot may hold a code that is no longer in use
        return ", ".join(str(labels.get(code, code)) for code in value)
    choices = dict(field.flatchoices)
    if value in choices:
        return str(choices[value])
    if type(field).__name__ in ("PartialDateField", "DateField"):
        return show_partial_date(str(value))
    return str(value)


def _label(field: Field) -> str:
    return field.verbose_name[:1].upper() + field.verbose_name[1:]


def value_in_words(value: str) -> str:
    """What a source or a blank stands for: dose; tissue of the cells; group 1; group 1, people analysed."""
    row, _, name = value.partition(".")
    kind, _, position = row.partition("-")
    model = NAMED_ROWS.get(kind) if position else Trial
    if value == "cell_source":  # kept group by group, but read and sourced once for the study
        model, name = Arm, value
    elif model is Trial:
        name = value
    names = {field.name: field.verbose_name for field in model._meta.get_fields() if field.concrete} if model else {}
    words = str(names.get(name, name))
    row_words = f"{model._meta.verbose_name} {position}" if model and position else ""
    return ", ".join(part for part in (row_words, words) if part)


def row_name(kind: str, row: dict[str, Any], document: Snapshot) -> str:
    """What a row is called in a history: Group 2 "Placebo"; Source 14 (dose)."""
    if kind == "arms":
        return f"Group {row['position']} “{row['name']}”"
    if kind == "registrations":
        return f"Registration {row['identifier']}"
    if kind == "blanks":
        return f"Reason for the blank “{value_in_words(row['value'])}”"
    if kind == "sources":
        return f"Source {row['position']} ({value_in_words(row['value'])})"
    outcome = dict(v.Outcome.choices).get(row["outcome"], row["outcome"])
    who = in_words(OutcomeCount._meta.get_field("arm"), row["arm"], document)
    return f"Count {row['position']}: {outcome}, {who}"


def _row_in_words(kind: str, row: dict[str, Any], document: Snapshot) -> str:
    # 0 is said, False is not: a box that nobody ticked is no news.
    parts = [
        f"{_label(field)}: {in_words(field, row.get(field.name), document)}"
        for field in kept_fields(ROWS[kind])
        if field.name != "position" and row.get(field.name) is not False and row.get(field.name) not in (None, "", [])
    ]
    return "; ".join(parts)


def _held(values: dict[str, Any], field: Field) -> Any:
    """The value of the field or, in a snapshot that is older than the field, what it began with."""
    return values[field.name] if field.name in values else _plain(field.get_default())


def _differ(old: Any, new: Any) -> bool:
    return old != new or type(old) is not type(new)  # False is 0, and True is 1, by == alone


def countries_in_words(codes: Iterable[str], names: Mapping[str, str]) -> str:
    """As forms and histories show them; a country that is not in our list any more by its code."""
    return ", ".join(names.get(code, code) for code in codes) or EMPTY


def changes(
    model: type[models.Model], before: Snapshot, after: Snapshot, countries: dict[str, str] | None = None
) -> list[Change]:
    """Every value that differs between two snapshots of one record, in the order of the form.

    Hand in `Country.objects.names()` for many comparisons at once: otherwise each that needs the names asks for them.
    """
    found = []
    for field in kept_fields(model):
        old, new = _held(before["fields"], field), _held(after["fields"], field)
        if _differ(old, new):
            words = in_words(field, old, before), in_words(field, new, after)
            found.append(Change(f"fields.{field.name}", _label(field), *words))
    if model is not Trial:
        return found
    if before["countries"] != after["countries"]:
        names = Country.objects.names() if countries is None else countries
        words = countries_in_words(before["countries"], names), countries_in_words(after["countries"], names)
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
                        REMOVED,
                    )
                )
            elif old_row is None and new_row is not None:
                found.append(
                    Change(
                        f"{kind}.{key}",
                        row_name(kind, new_row, after),
                        NOT_THERE,
                        _row_in_words(kind, new_row, after),
                    )
                )
            elif old_row is not None and new_row is not None:
                for field in kept_fields(row_model):
                    old, new = _held(old_row, field), _held(new_row, field)
                    if _differ(old, new):
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
        if rest in other["fields"]:  # otherwise `other` is older than the field and has nothing to say of it
            into["fields"][rest] = other["fields"][rest]
        return
    key, _, name = rest.partition(".")
    theirs = next((row for row in other[kind] if row["id"] == key), None)
    mine = next((row for row in into[kind] if row["id"] == key), None)
    if name and mine is not None and theirs is not None:
        if name in theirs:
            mine[name] = theirs[name]
    elif theirs is None:
        into[kind] = [row for row in into[kind] if row["id"] != key]
    elif mine is None:
        into[kind].append(dict(theirs))
    else:
        mine.update(theirs)
    into[kind] = _in_order(kind, into[kind])
