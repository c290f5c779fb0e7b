"""The files of records that editors import: kept, worked through a few at a time, each outcome written down.

Studies are made by trials.actions alone. What is saved here is only how far a file has come.
"""

import datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from trials import actions
from trials.actions import Person
from trials.importers import merging
from trials.importers.found import Found, Reading
from trials.importers.matching import Known, Match
from trials.models import ImportFile, ImportOutcome, ImportRecord, Trial

BATCH = 25  # records between two pages: a second or two of work
KEPT = datetime.timedelta(days=30)  # so that a report can be read again


def reason_for(file: ImportFile, number: int) -> str:
    return f"Imported from {file.name}, record {number} (read as {file.format})."


@transaction.atomic
def keep(reading: Reading, name: str, by: Person) -> ImportFile:
    """Keep what was read until it is worked through. Files that nobody needs any more are removed."""
    ImportFile.objects.filter(made_at__lt=timezone.now() - KEPT).delete()
    file = ImportFile.objects.create(made_by=by.get_username(), name=name[:200], format=reading.format)
    rows = [
        ImportRecord(
            file=file, number=found.number, line=found.line, title=found.get("title") or "", data=found.to_json()
        )
        for found in reading.found
    ]
    rows += [
        ImportRecord(file=file, number=each.record, line=each.line, outcome=ImportOutcome.REFUSED, reason=each.reason)
        for each in reading.refused
    ]
    ImportRecord.objects.bulk_create(rows, batch_size=200)
    return file


@actions.one_at_a_time
def work_on(file: ImportFile, by: Person) -> int:
    """Make drafts of the next few records; how many were looked at. All of them are saved, or none.

    A record that is here already is skipped.
    """
    records = list(file.records.filter(outcome=ImportOutcome.WAITING).order_by("number")[:BATCH])
    if not records:
        return 0
    read = [Found.from_json(record.data or {}) for record in records]
    known = Known(read)
    for record, found in zip(records, read, strict=True):
        matches = known.matches(found)
        if matches:
            skip(record, matches)
            continue
        try:
            with transaction.atomic():
                document = merging.of_new_study(found)
                trial, _ = actions.import_trial(document, by=by, reason=reason_for(file, record.number))
        except ValidationError as error:
            settle(record, ImportOutcome.REFUSED, merging.why_refused(error))
        except IntegrityError:
            settle(record, ImportOutcome.REFUSED, "The database refused it: two of its values do not go together.")
        else:
            known.add(trial, found)
            settle(record, ImportOutcome.ADDED, left_out(found), trial)
    return len(records)


def left_out(found: Found) -> str:
    """What of an added record was left out, in a sentence or none."""
    problems = [f"{each.label}: {each.problem}" for each in merging.proposals(found, None) if each.problem]
    return " ".join([*(each.reason for each in found.complaints), *problems])


def skip(record: ImportRecord, matches: list[Match]) -> None:
    first = matches[0]
    reason = f"{first.name} ({first.status.lower()}) has {', '.join(first.reasons)}."
    settle(record, ImportOutcome.SKIPPED, reason, Trial.objects.get(pk=first.trial_id))


def settle(record: ImportRecord, outcome: ImportOutcome, reason: str = "", trial: Trial | None = None) -> None:
    record.outcome, record.reason, record.trial = outcome, reason, trial
    record.save(update_fields=["outcome", "reason", "trial"])
