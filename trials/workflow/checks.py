"""A record is checked as a whole before it is saved: its fields, each row, and how the rows fit together."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from trials.models import FormerSlug, Record, Trial
from trials.models.values import label, row_name, rows_by_path, split_path, value_in_words
from trials.workflow.documents import REFERENCES, ROWS, Document


def check(record: Record, document: Document) -> None:
    """Raise ValidationError unless the record can be saved. `record` was built from `document`.

    Errors of the record's own fields are under the names of the fields, all others under NON_FIELD_ERRORS.
    """
    errors: dict[str, list[str]] = {}
    try:
        record.full_clean(validate_constraints=False)  # the rules of the constraints are in clean() too
    except ValidationError as error:
        errors = dict(error.message_dict)
    sentences = errors.pop(NON_FIELD_ERRORS, [])
    if isinstance(record, Trial):
        if former := FormerSlug.objects.filter(slug=record.slug).exclude(trial=record.original).first():
            errors.setdefault("slug", []).append(
                f"“{record.slug}” was the address of {former.trial.short_name}, and redirects there."
            )
        sentences += _row_errors(record, document)
    if sentences:
        errors[NON_FIELD_ERRORS] = sentences
    if errors:
        raise ValidationError(errors)


def _row_errors(trial: Trial, document: Document) -> list[str]:
    sentences = []
    paths = rows_by_path(trial)
    rows = {kind: getattr(trial, kind).all() for kind in ROWS}
    for kind in ROWS:
        sentences += [f"Two {kind} have the key {key}. Delete one." for key in _twice(row.key for row in rows[kind])]
        for row in rows[kind]:
            name = row_name(kind, row, paths)
            try:
                row.clean_fields(exclude={"trial", *(field for of, field in REFERENCES if of == kind)})
                row.clean()
            except ValidationError as error:
                labels = {field.name: field.verbose_name for field in row._meta.fields}
                for field, messages in error.message_dict.items():
                    where = f"{name}, {labels[field]}" if field in labels else name
                    sentences += [f"{where}: {message}" for message in messages]
    sentences += _broken_references(document)
    blank = _twice(row.value for row in rows["blanks"])
    sentences += [f"{label(path, paths)} has two reasons for being blank. Keep one." for path in blank]
    registered = _twice((row.registry, row.identifier) for row in rows["registrations"])
    sentences += [f"{identifier} is there twice. Delete one." for _, identifier in registered]
    main = _twice((row.outcome, row.arm and row.arm.key, row.group) for row in rows["counts"] if row.headline)
    sentences += [f"“{group}” has two main counts of the same outcome. Keep one." for _, _, group in main]
    for path in (row.value for kind in ("citations", "blanks") for row in rows[kind]):
        kind, key, _ = split_path(path)
        if kind and f"{kind}.{key}" not in paths:
            sentences.append(f"A citation or blank names “{path}”, a row that the study does not have.")
    return list(dict.fromkeys(sentences))


def _twice(values: Iterable[Any]) -> list[Any]:
    return [value for value, times in Counter(values).items() if times > 1]


def _broken_references(document: Document) -> list[str]:
    arms, sources = ({row["key"] for row in document[kind]} for kind in ("arms", "sources"))
    return [
        "A count belongs to a group that is not there any more. Choose another, or delete it."
        for row in document["counts"]
        if row["arm"] not in {None, *arms}
    ] + [
        f"The citation of “{row['value']}” names no source. Choose one, or delete it."
        for row in document["citations"]
        if row["source"] not in sources
    ]


def without_superfluous_rows(document: Document, trial: Trial) -> Document:
    """Return the document without superfluous rows. `trial` was built from it.

    A value that is entered removes its blank. A row that is deleted takes its citations and blanks with it.
    """
    rows = rows_by_path(trial)

    def exists(path: str) -> bool:
        kind, key, _ = split_path(path)
        return not kind or f"{kind}.{key}" in rows

    remaining = {kind: [row for row in document[kind] if exists(row["value"])] for kind in ("citations", "blanks")}
    remaining["blanks"] = [row for row in remaining["blanks"] if not value_in_words(row["value"], trial, rows)]
    return document | remaining
