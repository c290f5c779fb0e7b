"""A whole record as one JSON document, and back.

The document of a study holds its fields and its rows:

    {"fields": {"slug": "dilogo-2021", ...}, "arms": [{"key": "3f9c01ab", "position": 1, ...}], "counts": [...], ...}

A row refers to another row by its key. The document of any other record holds fields alone.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from trials import vocabulary as v
from trials.models import (
    Arm,
    Blank,
    Citation,
    GlossaryTerm,
    Judgement,
    Notice,
    OtherStudy,
    OutcomeCount,
    Page,
    Record,
    Registration,
    Review,
    Source,
    Trial,
)  # fmt: skip
from trials.models.record import OrderedRow, Row
from trials.models.trial import DERIVED
from trials.workflow.derived import derive

Document = dict[str, Any]

KINDS: dict[type[Record], str] = {
    Trial: v.RecordKind.TRIAL, Page: v.RecordKind.PAGE, GlossaryTerm: v.RecordKind.TERM,
    OtherStudy: v.RecordKind.OTHER, Review: v.RecordKind.REVIEW,
}  # fmt: skip
MODELS: dict[str, type[Record]] = {str(kind): model for model, kind in KINDS.items()}
# The rows of a study, in the order in which they are created.
ROWS: dict[str, type[Any]] = {
    "arms": Arm, "counts": OutcomeCount, "registrations": Registration, "sources": Source, "citations": Citation,
    "blanks": Blank, "judgements": Judgement, "notices": Notice,
}  # fmt: skip
# A field of a row that refers to another row, and the kind of that row.
REFERENCES = {("counts", "arm"): "arms", ("citations", "source"): "sources"}
# The primary key of a study in memory that was never saved: Django finds the rows of a record only if it has a key.
UNSAVED = 0
NOT_IN_DOCUMENT = {"id", "trial", "status", "draft_of", "updated"}


def document_fields(model: type[models.Model]) -> list[Any]:
    """Return the fields of a record or a row that its document holds, in the order of the model."""
    others = {*NOT_IN_DOCUMENT, *(DERIVED if model is Trial else ())}
    return [field for field in model._meta.concrete_fields if field.name not in others]


def places(document: Document) -> dict[str, dict[str, Any]]:
    """Return the values of a document by the place where they are: `fields`, or a row such as `arms.3f9c01ab`."""
    rows = {f"{kind}.{row['key']}": row for kind in ROWS for row in document.get(kind, [])}
    return {"fields": document.get("fields", {}), **rows}


def is_empty(value: Any) -> bool:
    """Return whether a document holds nothing there: 0 is a value, an unticked box is none."""
    return value is None or value is False or value == "" or value == []


def _fields(holder: models.Model, kind: str = "") -> dict[str, Any]:
    """Return the values as they come back from JSON, so that a new document equals a stored one."""
    found = {}
    for field in document_fields(type(holder)):
        if (kind, field.name) in REFERENCES:
            other = getattr(holder, field.name)
            found[field.name] = other.key if other else None
        else:
            found[field.name] = field.to_python(getattr(holder, field.attname))
    values: dict[str, Any] = json.loads(json.dumps(found, cls=DjangoJSONEncoder))
    return values


def document_of(record: Record, rows: Mapping[str, Iterable[Row]] | None = None) -> Document:
    """Return the document of a record from its own fields and from `rows`, or from its rows in the database."""
    document: Document = {"fields": _fields(record)}
    if isinstance(record, Trial):
        if rows is None:
            stored = Trial.objects.with_rows().get(pk=record.pk)
            rows = {kind: getattr(stored, kind).all() for kind in ROWS}
        for kind in ROWS:
            document[kind] = [_fields(row, kind) for row in rows[kind]]
    return document


def build(document: Document, record: Record) -> Any:
    """Return a record in memory with the fields and rows of the document. Nothing is read or saved.

    It has the key, status and draft of `record`, and its rows in `.arms.all()` and so on.
    """
    model: Any = type(record)
    built = model(pk=record.pk, status=record.status, draft_of_id=record.draft_of_id)
    if model is Trial and built.pk is None:
        built.pk = UNSAVED
    built._state.adding = record._state.adding
    _fill(built, document["fields"])
    if isinstance(built, Trial):
        rows: dict[str, list[Any]] = {}
        for kind, row_model in ROWS.items():
            rows[kind] = [_fill(row_model(trial=built), values, kind) for values in document.get(kind, [])]
        for (kind, name), other_kind in REFERENCES.items():
            others = {row.key: row for row in rows[other_kind]}
            for row, values in zip(rows[kind], document.get(kind, []), strict=True):
                if other := others.get(values.get(name)):
                    setattr(row, name, other)
        built._prefetched_objects_cache = {}  # type: ignore[attr-defined]
        for kind, row_model in ROWS.items():  # so that `.arms.all()` and so on return these rows
            if issubclass(row_model, OrderedRow):  # as the database returns them
                rows[kind].sort(key=lambda row: row.position or 0)
            queryset: Any = row_model._default_manager.none()
            queryset._result_cache, queryset._prefetch_done = rows[kind], True
            built._prefetched_objects_cache[kind] = queryset  # type: ignore[attr-defined]
    return built


def _fill(holder: Any, values: Mapping[str, Any], kind: str = "") -> Any:
    known = {field.name: field for field in document_fields(type(holder))}
    for name, value in values.items():
        if name in known and (kind, name) not in REFERENCES:
            setattr(holder, known[name].attname, known[name].to_python(value))
    return holder


def write(record: Record) -> None:
    """Save a record that `build` returned, with its rows in place of those in the database."""
    if not isinstance(record, Trial):
        record.save()
        return
    rows = {kind: list(getattr(record, kind).all()) for kind in ROWS}
    derive(record)
    if record._state.adding:
        record.pk = None
    record.save()
    for model in reversed(ROWS.values()):
        model._default_manager.filter(trial=record).delete()
    for kind, model in ROWS.items():
        for row in rows[kind]:
            row.trial = record
        model._default_manager.bulk_create(rows[kind])
