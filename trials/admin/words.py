"""What the admin says of a record on its road: where it stands, what it lacks, what is wrong with a form."""

from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime

from trials import actions, readiness
from trials import vocabulary as v
from trials.history import Record
from trials.models import Revision


@dataclass
class Lack:
    sentence: str
    anchor: str


def when(revision: Revision) -> str:
    return date_format(localtime(revision.made_at), "j F Y, H:i") if revision.pk else "before there was a history"


def anchor_of(sentence: str) -> str:
    """The id of the place on the study's form where what is missing can be put right."""
    for name in readiness.REQUIRED:
        if sentence == readiness.asked_for(name):
            return f"id_{name}"
    if sentence.startswith("The country"):
        return "id_countries"
    if sentence.endswith("has no source."):
        return "sources-heading"
    return "arms-heading"


def state_of(record: Record, newest: Revision, pending: bool, live: int | None) -> str:
    """Where the record stands, in words."""
    in_review = newest.step == v.Step.SUBMITTED
    submitted = f"submitted by {newest.made_by} on {when(newest)}"
    if record.is_public and not pending:
        return f"Published: revision {live} is live."
    if record.is_public and in_review:
        return f"Published, with a draft in review (revision {newest.number}): {submitted}."
    if record.is_public:
        return f"Published, with a draft (revision {newest.number}) that is not live."
    if in_review:
        return f"In review (revision {newest.number}): {submitted}."
    if record.status == v.Status.ARCHIVED:
        return f"Archived, revision {newest.number}. The public does not see it."
    return f"Draft, revision {newest.number}. The public does not see it."


def in_short(status: str, step: str | None, live: bool | None) -> str:
    """The same for a list, from the newest revision's step."""
    words = str(v.Status(status).label)
    if status == v.Status.PUBLISHED and step and not live and step != v.Step.WITHDRAWN:
        return f"{words}; draft in review" if step == v.Step.SUBMITTED else f"{words}; draft waits"
    return words


def published_stays(names: str) -> str:
    return (
        f"Nothing was deleted. Published, so that the address may be cited: {names}. To take it off the public pages, "
        "open it and choose “Archive”."
    )


def told(conflict: actions.Conflict) -> str:
    newest = conflict.newest
    return f"Revision {newest.number} came while you were reading: {newest.get_step_display()} by {newest.made_by}."


def what_is_wrong(form: Any, inlines: Any) -> list[Lack]:
    """Every error of the form with the id of its field: the form is long, and the error may be far down."""
    found = [Lack(sentence, "") for sentence in form.non_field_errors()]
    found += _field_errors(form, "")
    for inline in inlines:
        found += [Lack(sentence, f"{inline.formset.prefix}-group") for sentence in inline.formset.non_form_errors()]
        for row in inline.formset.forms:
            name = getattr(row, "summary", "") or f"New {inline.opts.verbose_name}"
            found += [
                Lack(f"{name}: {sentence}", f"{inline.formset.prefix}-group") for sentence in row.non_field_errors()
            ]
            found += _field_errors(row, f"{name}, ")
    return found


def _field_errors(form: Any, name: str) -> list[Lack]:
    return [
        Lack(f"{name}{form[field].label}: {sentence}", form[field].id_for_label or form[field].auto_id)
        for field, sentences in form.errors.items()
        if field in form.fields
        for sentence in sentences
    ]
