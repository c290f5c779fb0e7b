"""Put the studies, pages, glossary terms and countries of fixtures/ into the database, where they are missing.

What staff have edited, renamed or deleted stays as they left it: this command adds and never overwrites.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import serializers
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.base import DeserializationError
from django.db import IntegrityError, models, transaction

from trials import actions
from trials.models import (
    Arm,
    Blank,
    Country,
    FormerSlug,
    GlossaryTerm,
    LoadedRecord,
    OutcomeCount,
    Page,
    Registration,
    Source,
    Trial,
)
from trials.models.trial import WORKED_OUT

Record = dict[str, Any]  # {"model": "trials.arm", "fields": {…}}

ALONE = {"trials.country": Country, "trials.page": Page, "trials.glossaryterm": GlossaryTerm}
ROWS = {
    "trials.arm": Arm,
    "trials.outcomecount": OutcomeCount,
    "trials.registration": Registration,
    "trials.source": Source,
    "trials.blank": Blank,
}
MODELS: dict[str, Any] = {**ALONE, "trials.trial": Trial, **ROWS}
KEYS = {"trials.country": "code", "trials.blank": "value"}  # by slug, or by position among the rows of a study
# No sign of an edit.
NOT_COMPARED = {"updated", *WORKED_OUT}


class Broken(Exception):
    """A fixture file that cannot be loaded, with the file and the record in words."""


class Command(BaseCommand):
    help = (
        "Add the studies, pages, glossary terms and countries of fixtures/ that are not there yet. What staff have "
        "edited, renamed or deleted stays as they left it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.epilog = "With --verbosity 2 it also lists what is the same and what is gone."

    def handle(self, *args: Any, **options: Any) -> None:
        verbosity = options["verbosity"]
        tally = {"added": 0, "same": 0, "different": 0, "gone": 0}
        try:
            # All files are read before anything is written.
            for where, records in units(Path(settings.FIXTURE_DIRS[0])):
                outcome, line = load(where, records)
                tally[outcome] += 1
                if verbosity >= (1 if outcome in ("added", "different") else 2):
                    self.stdout.write(line)
        except Broken as broken:
            raise CommandError(str(broken)) from broken
        if verbosity >= 1:
            self.stdout.write(
                "Studies, pages, terms and countries: {added} added, {same} already there, {different} different here "
                "and left as they are, {gone} removed or renamed here and not brought back.".format(**tally)
            )


# --- The files ------------------------------------------------------------------------------------------------


def units(folder: Path) -> list[tuple[str, list[Record]]]:
    """(file, records) for each thing that is added or left as a whole: a study with its rows, or one record.

    Countries come first, because studies name them. Raises Broken.
    """
    found: list[tuple[int, str, list[Record]]] = []
    for path in sorted(folder.glob("*.json")):
        records = read(path)
        if records and records[0]["model"] == "trials.trial":
            found.append((2, path.name, records))
        else:
            found += [(record["model"] != "trials.country", path.name, [record]) for record in records]
    return [(name, records) for _, name, records in sorted(found, key=lambda unit: unit[0])]


def read(path: Path) -> list[Record]:
    try:
        records = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Broken(f"{path.name} is not JSON: {error}.") from error
    if not isinstance(records, list):
        raise Broken(f"{path.name} is not a list of records.")
    study = None
    seen = set()
    for number, record in enumerate(records, start=1):
        where = f"{path.name}, record {number}"
        if not isinstance(record, dict) or not isinstance(record.get("fields"), dict):
            raise Broken(f"{where} has no “model” and “fields”.")
        if number == 1 and record.get("model") == "trials.trial":
            study = record["fields"].get("slug")
        allowed = ALONE if study is None else ROWS if number > 1 else MODELS
        if record.get("model") not in allowed:
            raise Broken(f"{where}: “{record.get('model')}” does not belong here; {', '.join(allowed)} would.")
        known = {field.name for field in MODELS[record["model"]]._meta.get_fields() if field.concrete}
        unknown = sorted(set(record["fields"]) - known)
        if unknown:
            raise Broken(f"{where}: {record['model']} has no {', '.join(unknown)}.")
        key = key_name(record)
        if key not in record["fields"]:
            raise Broken(f"{where} has no {key}.")
        if record["model"] in ROWS and record["fields"].get("trial") != [study]:
            raise Broken(f"{where} does not belong to {study}.")
        name = (record["model"], str(record["fields"][key]))
        if name in seen:
            raise Broken(f"{where}: {name[0]} {name[1]} is in this file twice.")
        seen.add(name)
    return records


def key_name(record: Record) -> str:
    return KEYS.get(record["model"], "position" if record["model"] in ROWS else "slug")


# --- One study, or one record --------------------------------------------------------------------------------


@transaction.atomic
def load(where: str, records: list[Record]) -> tuple[str, str]:
    """Add what is not there yet. Returns ("added" | "same" | "different" | "gone", a line that says so)."""
    first = records[0]
    model = MODELS[first["model"]]
    kind = str(model._meta.verbose_name)
    key = first["fields"][key_name(first)]
    name = f"{kind} {key}"
    remembered = LoadedRecord.objects.filter(kind=kind, key=key).exists()
    present = model.objects.filter(**{key_name(first): key}).first()
    if present is not None:
        if not remembered:
            LoadedRecord.objects.create(kind=kind, key=key)
        differences = compare(records, dump(present))
        if differences:
            return "different", f"different  {name} ({', '.join(differences)}): left as it is here"
        return "same", f"same       {name}"
    if remembered or (model is Trial and FormerSlug.objects.filter(slug=key).exists()):
        return "gone", f"gone       {name}: removed or renamed here, not brought back"
    try:
        with transaction.atomic():
            add(where, records)
    except Taken as taken:
        return "different", f"different  {name}: not added, because something here has the same {taken}"
    LoadedRecord.objects.create(kind=kind, key=key)
    return "added", f"added      {name}"


class Taken(Exception):
    """A record of the staff's own holds a value that can be there only once, such as a DOI."""


def add(where: str, records: list[Record]) -> None:
    """Save the records through the actions. Raises Broken, or Taken if one that is there stands in the way."""
    trial: Trial | None = None
    for number, record in enumerate(records, start=1):
        what = f"{where}, {record['model']} {record['fields'][key_name(record)]}"
        try:
            (read_record,) = serializers.deserialize("python", [record])
            if trial is not None:
                save_row(read_record.object, trial)
            elif isinstance(read_record.object, Trial):
                trial = actions.save_trial(read_record.object)
                for field, related in (read_record.m2m_data or {}).items():
                    getattr(trial, field).set(related)
            else:
                save_alone(read_record.object)
            if trial is not None and number == len(records):
                what = where
                actions.complete_trial(trial)
                actions.loaded(trial)
        except ValidationError as error:
            taken = taken_fields(error)
            if taken and number == 1:
                raise Taken(", ".join(taken)) from error
            raise Broken(f"{what}: {in_words(error)}") from error
        except (DeserializationError, IntegrityError, models.ObjectDoesNotExist, TypeError, ValueError) as error:
            raise Broken(f"{what}: {error}") from error


def save_row(row: Any, trial: Trial) -> None:
    row.trial = trial
    # Without full_clean's own look at each constraint, a query apiece: the database refuses the same rows.
    row.clean_fields(exclude={"trial"})
    row.clean()
    row.save()


def save_alone(record: Any) -> None:
    if isinstance(record, Country):
        actions.save_country(record)
    else:
        actions.loaded(actions.save_text(record))


def taken_fields(error: ValidationError) -> list[str]:
    """The fields that are wrong, if all that is wrong is that somebody else has the same value."""
    by_field = getattr(error, "error_dict", {})
    codes = {problem.code for problems in by_field.values() for problem in problems}
    return sorted(by_field) if codes == {"unique"} else []


def in_words(error: ValidationError) -> str:
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(
        " ".join(messages) if field == NON_FIELD_ERRORS else f"{field}: {' '.join(messages)}"
        for field, messages in error.message_dict.items()
    )


# --- What is there, in the form of a fixture -----------------------------------------------------------------


def dump(thing: Any) -> list[Record]:
    """The record, or the study with all its rows, as in a fixture: natural keys, no pk, in a fixed order."""
    objects = [thing]
    if isinstance(thing, Trial):
        objects += [
            *thing.arms.all(),
            *thing.counts.select_related("arm__trial"),
            *thing.registrations.all(),
            *thing.sources.all(),
            *thing.blanks.all(),
        ]
    text = serializers.serialize(
        "json", objects, use_natural_foreign_keys=True, use_natural_primary_keys=True, ensure_ascii=False
    )
    records: list[Record] = json.loads(text)
    for record in records:
        record["fields"].pop("publication_year", None)
        if "countries" in record["fields"]:
            record["fields"]["countries"].sort()
    return records


def compare(wanted: list[Record], there: list[Record]) -> list[str]:
    """What differs, in words: dose; arm-2.analysed; source-14 only here; blank age only in the file."""
    ours, theirs = dict(by_name(there)), dict(by_name(wanted))
    differences = []
    for name in [*theirs, *(name for name in ours if name not in theirs)]:
        if name not in ours:
            differences.append(f"{name} only in the file")
        elif name not in theirs:
            differences.append(f"{name} only here")
        else:
            differing = [field for field in ours[name] if ours[name][field] != theirs[name].get(field)]
            differences += [f"{name}.{field}" if name else field for field in differing]
    return differences


def by_name(records: list[Record]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name of the row, its fields), the fields that a file leaves out filled with what the model would hold."""
    for record in records:
        model = MODELS[record["model"]]
        fields = {}
        for field in [*model._meta.fields, *model._meta.many_to_many]:
            if field.primary_key or field.name in NOT_COMPARED:
                continue
            if field.many_to_many:
                fields[field.name] = sorted(record["fields"].get(field.name, []))
            else:
                fields[field.name] = record["fields"].get(field.name, field.get_default())
        key = record["fields"][key_name(record)]
        if record["model"] not in ROWS:
            yield "", fields
        elif record["model"] == "trials.blank":
            yield f"blank {key}", fields
        else:
            yield f"{model._meta.verbose_name.replace('group', 'arm')}-{key}", fields
