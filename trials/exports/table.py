"""The two tables: one row a study, and one row a count of what happened in a group. Their columns are a promise."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.text import capfirst

from trials.models import Arm, OutcomeCount, Trial
from trials.models.fields import CodeListField
from trials.models.values import CELL_SOURCE
from trials.vocabulary import BlankReason, Role

BOM = "\ufeff"  # so that Excel reads the file as UTF-8
SEPARATOR = "; "  # between the names and codes in one cell
# A program that shows a table may run a text that begins like this as a formula. An apostrophe in front of it prevents
# that; texts that have one already get another, so that it can be taken off again.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
FACT, WORDS, THEIRS = "fact", "CC BY 4.0", "its authors"  # whose a column is: see DATA-LICENSE.md


def defuse(text: str) -> str:
    """Return the text with an apostrophe in front of what could be taken for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def restore(text: str) -> str:
    """Return the text that `defuse` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


@dataclass(frozen=True)
class Column:
    """One column. `kind` is a type of the Table Schema: string, integer, boolean or date."""

    name: str
    kind: str
    meaning: str
    licence: str
    value: Callable[[Any], Any]

    def cell(self, row: Any) -> Any:
        value = self.value(row)
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        return defuse(value) if isinstance(value, str) else value


OUR_WORDS = (
    "heading", "plain_summary", "authors_conclusion", "authors_limits", "limits", "unsettled", "safety_related",
)  # fmt: skip
PAPER = (
    "title", "acronym", "authors", "authors_complete", "journal", "journal_abbreviation", "publication_date",
    "received", "accepted", "volume", "issue", "pages", "language", "doi", "pmid", "pmcid", "licence",
)  # fmt: skip
STUDY = (
    "design", "design_wording", "titled_design", "masking", "masking_wording", "titled_masking", "who_masked", "phase",
    "phase_wording", "titled_phase", "allocation_wording", "control", "centres", "centres_note", "countries",
    "recruitment_start", "recruitment_end", "cause", "cause_wording", "severity", "ventilation", "age", "sex",
    "cell_sources", "cell_source_wording", "donor", "preparation", "dose", "dose_unit", "dose_note", "infusions",
    "schedule", "route", "primary_outcome", "primary_result", "follow_up", "safety_result", "safety_definition",
    "safety_related", "other_findings", "heading", "plain_summary", "authors_conclusion", "authors_limits", "limits",
    "unsettled", "funding", "interests", "last_reviewed", "review_due",
)  # fmt: skip
NUMBERS = {
    "people": "People analysed, in all groups; randomised where the number analysed is not known",
    "cells_people": "People in the groups given cells",
    "comparison_people": "People in the comparison groups",
    "other_people": "People in other groups, which are never a comparison",
    "cells_deaths": "Deaths among the people given cells, by the main count",
    "cells_out_of": "People that these deaths are out of",
    "comparison_deaths": "Deaths in the comparison groups, by the main count",
    "comparison_out_of": "People that these deaths are out of",
}
THEIR_WORDS = (
    "title", "titled_design", "titled_masking", "titled_phase", "design_wording", "masking_wording", "phase_wording",
)  # fmt: skip
MEANINGS = {
    "authors": "Authors in order, as “Family, Given”; a name without a comma is a group",
    "authors_complete": "Whether all authors are listed",
    "countries": "Countries, by their codes in ISO 3166-1",
    "cell_sources": "Tissues that the cells came from",
}


def _of_field(name: str) -> Column:
    field = Trial._meta.get_field(name)
    kinds = {models.BooleanField: "boolean", models.DateField: "date"}
    whole = isinstance(field, (models.PositiveIntegerField, models.PositiveSmallIntegerField))
    kind = "integer" if whole else kinds.get(type(field), "string")

    def value(trial: Trial) -> Any:
        found = getattr(trial, name)
        if name == "authors":
            return SEPARATOR.join(found.splitlines())
        if isinstance(field, CodeListField):
            return SEPARATOR.join(found)
        return found.isoformat() if kind == "date" and found else found

    words = str(capfirst(field.verbose_name))  # type: ignore[union-attr]
    licence = WORDS if name in OUR_WORDS else THEIRS if name in THEIR_WORDS else FACT
    return Column(name, kind, MEANINGS.get(name) or NUMBERS.get(name) or words, licence, value)


# Names of values for which the table has a column under another name.
COLUMN_OF = {CELL_SOURCE: "cell_sources"}


def _blank(reason: BlankReason) -> Callable[[Trial], str]:
    """Return the function that names the columns of a study that are empty for this reason."""

    def value(trial: Trial) -> str:
        names = [COLUMN_OF.get(each.value, each.value) for each in trial.blanks.all() if each.reason == reason]
        return SEPARATOR.join(name for name in names if "." not in name and not getattr(trial, name))

    return value


def _registrations(trial: Trial) -> str:
    return SEPARATOR.join(f"{row.registry}:{row.identifier}" for row in trial.registrations.all())


TRIALS = (
    Column("id", "string", "Name of the study in its address here", FACT, lambda trial: trial.slug),
    Column("version", "integer", "Version of our entry; /trials/<id>/v/<version>/", FACT, lambda trial: trial.version),
    *map(_of_field, (*PAPER, *STUDY)),
    Column("registrations", "string", "Registry and identifier of each registration", FACT, _registrations),
    *map(_of_field, NUMBERS),
    Column(
        "notices", "string", "Notices after publication: correction, concern or retraction", FACT,
        lambda trial: SEPARATOR.join(trial.notice_kinds),
    ),
    Column(
        "not_reported", "string", "Columns that are empty because the paper does not report the value", FACT,
        _blank(BlankReason.NOT_REPORTED),
    ),
    Column(
        "does_not_apply", "string", "Columns that are empty because the value does not apply", FACT,
        _blank(BlankReason.NOT_APPLICABLE),
    ),
)  # fmt: skip


def counted_of(count: OutcomeCount) -> str:
    """Return of whom the count is: everyone randomised, those analysed, or "" where the groups do not tell."""
    arms: list[Arm] = [count.arm] if count.arm else [arm for arm in count.trial.arms.all() if arm.role == Role.CELLS]
    for name in ("randomised", "analysed"):
        numbers = [getattr(arm, name) for arm in arms]
        if None not in numbers and sum(numbers) == count.total:
            return name
    return ""


OUTCOMES = (
    Column("study", "string", "Name of the study in its address here", FACT, lambda count: count.trial.slug),
    Column("arm", "string", "Group, as the paper calls it", FACT, lambda count: count.group),
    Column(
        "role", "string", "cells, comparison or other", FACT, lambda count: count.arm.role if count.arm else Role.CELLS
    ),
    Column("outcome", "string", "death, or sae: a serious adverse event", FACT, lambda count: count.outcome),
    Column("counted_at", "string", "When it was counted, in words", FACT, lambda count: count.time_point),
    Column("day", "integer", "Up to which day; empty if not stated", FACT, lambda count: count.days),
    Column("events", "integer", "People with the event", FACT, lambda count: count.events),
    Column("total", "integer", "Out of so many people", FACT, lambda count: count.total),
    Column("of", "string", "Of whom: randomised or analysed; empty where it is not clear", FACT, counted_of),
)


class _Line:
    """A file for `csv.writer` that returns the line instead of writing it."""

    def write(self, line: str) -> str:
        return line


def lines(columns: Iterable[Column], rows: Iterable[Any]) -> Iterator[str]:
    """Yield the lines of a CSV file, one at a time."""
    columns = list(columns)
    writer: Any = csv.writer(_Line())
    yield BOM + writer.writerow([column.name for column in columns])
    for row in rows:
        yield writer.writerow([column.cell(row) for column in columns])
