"""Our own CSV and JSON, read back: a study that was taken from this site, or corrected in a spreadsheet."""

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder

from trials import vocabulary as v
from trials.exports import registry_modules, study_json, table
from trials.importers.records import ImportedRecord, Reading, Unreadable, Value
from trials.models import Trial
from trials.models.countries import COUNTRIES
from trials.models.fields import CodeListField
from trials.models.values import row_values, study_values
from trials.workflow.documents import REFERENCES, ROWS, Document

STARTS = re.compile(r"\Aid,version,title,")
REASONS = {status: str(reason) for reason, status in study_json.BLANKS.items()}
CONFIDENCES = {label: int(code) for code, label in v.Confidence.choices}
CODES = {status: code for code, status in study_json.CODED_BLANKS.items()}
PATH_OF = {column: path for path, column in table.COLUMN_OF.items()}
_WRONG = (KeyError, TypeError, ValueError, AttributeError, IndexError, csv.Error)


def is_ours(data: Any) -> bool:
    return isinstance(data, dict) and (isinstance(data.get("trials"), list) or {"groups", "outcomes"} <= data.keys())


def read_json(data: dict[str, Any], reading: Reading) -> None:
    """Read a file of studies, a page of the API, or one study."""
    reading.formats.append("our own JSON")
    for number, study in enumerate(data.get("trials", [data]), start=1):
        reading.add(number, _fill_or_refuse, _fill_from_json, study)


def read_csv(text: str, _: int, reading: Reading) -> None:
    """Read a table of studies. The numbers that are added up from the groups are not read."""
    reading.formats.append("our own CSV")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    rows.fieldnames  # noqa: B018 - it is read here, so that the first row has its own line
    while True:
        line = rows.line_num + 1
        try:
            row = next(rows, None)
        except csv.Error as error:
            raise Unreadable(f"the table is broken ({error}).", line) from error
        if row is None:
            return
        reading.add(line, _fill_or_refuse, _fill_from_row, row)


def _fill_or_refuse(record: ImportedRecord, fill: Callable[[ImportedRecord, Any], None], data: Any) -> None:
    try:
        fill(record, data)
        _check(record.document)
    except _WRONG as error:
        raise Unreadable(f"it is not in the form of our own files ({type(error).__name__}: {error})."[:200]) from error


def _begin(record: ImportedRecord, slug: Any, complete: Any) -> dict[str, Any]:
    """Describe the record as a source, and return the fields of its document."""
    if not isinstance(slug, str) or not re.fullmatch(r"[a-z0-9-]{1,80}", slug):
        raise Unreadable("it has no name of a study, such as dilogo-2021.")
    record.label, record.address = f"ARDSinfo, entry {slug}", f"{settings.SITE_URL}/trials/{slug}/"
    record.authors_complete = bool(complete)
    record.document = {"fields": {"slug": slug, "authors_complete": bool(complete)}, "blanks": []}
    fields: dict[str, Any] = record.document["fields"]
    return fields


def _check(document: Document) -> None:
    """Raise ValueError, with field and value, for what would be stored as something else. null becomes the default."""
    holders: list[tuple[str, Any, dict[str, Any]]] = [("fields", Trial, document["fields"])]
    holders += [(kind, model, row) for kind, model in ROWS.items() for row in document.get(kind, [])]
    for kind, model, values in holders:
        for name, value in values.items():
            field = model._meta.get_field(name)
            other = REFERENCES.get((kind, name))
            if value is None:
                values[name] = None if other else field.get_default()
            elif other and value not in [row["key"] for row in document[other]]:
                raise ValueError(f"{name} is {value!r}, which is none of the {other}")
            elif not other and not _is_stored_as_written(field, value):
                raise ValueError(f"{name} is {value!r}")


def _is_stored_as_written(field: Any, value: Any) -> bool:
    """Tell 12 from "12", and a text from one with half of a character."""
    try:
        stored = json.dumps(field.to_python(value), cls=DjangoJSONEncoder, ensure_ascii=False)
        return stored.encode() == json.dumps(value, ensure_ascii=False).encode()
    except (TypeError, ValueError, ValidationError):
        return False


# --- CSV


def _fill_from_row(record: ImportedRecord, row: dict[str, str]) -> None:
    if None in row or None in row.values():
        raise Unreadable("it has more or fewer cells than the first line.")
    fields = _begin(record, row["id"], row["authors_complete"] == "true")
    columns = {column.name: column for column in table.TRIALS}
    for name in (*table.PAPER, *table.STUDY):
        text = table.restore(row[name])
        field = Trial._meta.get_field(name)
        value: Any = text
        if name == "authors":
            value = "\n".join(text.split(table.SEPARATOR))
        elif isinstance(field, CodeListField):
            value = text.split(table.SEPARATOR) if text else []
        elif columns[name].kind == "integer":
            value = int(text) if text else None
        elif columns[name].kind == "date" or field.null:
            value = text or None
        if name == "countries":
            record.countries = [COUNTRIES[code].name for code in value]
        elif name not in ("authors_complete", "cell_sources"):
            if name in study_values():
                record.add(name, value)
            else:
                fields[name] = value
    for each in filter(None, table.restore(row["registrations"]).split(table.SEPARATOR)):
        registry, _, identifier = each.partition(":")
        _add_registration(record, {"registry": registry, "identifier": identifier})
    for column, reason in (
        ("not_reported", v.BlankReason.NOT_REPORTED), ("does_not_apply", v.BlankReason.NOT_APPLICABLE),
    ):  # fmt: skip
        for name in filter(None, row[column].split(table.SEPARATOR)):
            _add_blank(record, PATH_OF.get(name, name), str(reason), "")


def _add_registration(record: ImportedRecord, values: dict[str, Any]) -> None:
    if not values.get("identifier"):
        raise Unreadable("one of its registrations has no identifier.")
    record.rows.append(Value("registrations", values))


def _add_blank(record: ImportedRecord, path: str, reason: str, note: str) -> None:
    blanks = record.document["blanks"]
    blanks.append({"key": f"b{len(blanks) + 1}", "value": path, "reason": reason, "note": note})


# --- JSON


def _fill_from_json(record: ImportedRecord, study: dict[str, Any]) -> None:
    fields = _begin(record, study["id"], study["authors_complete"])
    document = record.document
    document |= {kind: [] for kind in ROWS}
    for name in study_values():
        value = _value(record, name, study[name], name)
        if name == "authors":
            value = "\n".join(", ".join(filter(None, (each["family"], each["given"]))) for each in value or [])
        if name in {field.name for field in Trial._meta.concrete_fields}:
            fields[name] = value
            if name == "countries":
                record.countries = [COUNTRIES[code].name for code in value or []]
            else:
                record.add(name, value)
    for name in (*study_json.OWN, "last_reviewed", "review_due"):
        fields[name] = study[name]
    for kind, key in (("arms", "groups"), ("counts", "outcomes")):
        for position, row in enumerate(study[key], start=1):
            path = f"{kind}.{row['key']}"
            values = {"key": row["key"], "position": position}
            for name in row_values(kind):
                is_value = isinstance(row[name], dict)
                values[name] = _value(record, f"{path}.{name}", row[name], name) if is_value else row[name]
            document[kind].append(values)
            _cite(record, path, row["sources"])
    for position, row in enumerate(study["registrations"], start=1):
        found = registry_modules.fields(row)
        _add_registration(record, {name: each for name, each in found.items() if each not in ("", None)})
        document["registrations"].append({"key": row["key"], "position": position, **found})
        _cite(record, f"registrations.{row['key']}", row["sources"])
    for kind, names in study_json.PLAIN_ROWS.items():
        for position, row in enumerate(study[kind], start=1):
            document[kind].append({name: row[name] for name in names} | {"position": position})


def _value(record: ImportedRecord, path: str, data: dict[str, Any], name: str) -> Any:
    """Return the value, and take its sources or the reason for its blank into the document."""
    _cite(record, path, [source for source in data["sources"] if "of" not in source])
    if data["value"] is not None:
        return data["value"]
    if "note" in data and "of" not in data:
        _add_blank(record, path, REASONS[data["status"]], data["note"])
    elif name in study_json.CODED and "note" not in data:
        return CODES.get(data["status"], "")
    return None


def _cite(record: ImportedRecord, path: str, sources: list[dict[str, Any]]) -> None:
    citations = record.document["citations"]
    for source in sources:
        values = {name: source[name] for name in ("source", "basis", "quote", "note", "checked_twice")}
        values |= {"value": source.get("of", path), "confidence": CONFIDENCES[source["confidence"]]}
        citations.append({"key": f"q{len(citations) + 1}", **values})
