"""The tables: one row a study, one a count of what happened in a group, one a study with deaths in both groups.

Their columns are a promise.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.utils.text import capfirst

from trials.models import Arm, OutcomeCount, Trial
from trials.models.values import CELL_SOURCE
from trials.vocabulary import BlankReason, Role

BOM = "\ufeff"  # so that Excel reads the file as UTF-8
SEPARATOR = "; "  # between the names and codes in one cell
# A program that shows a table may run a text that begins like this as a formula. An apostrophe in front of it prevents
# that; texts that have one already get another, so that it can be taken off again.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
FACT = "fact"  # the licence of most columns: see DATA-LICENSE.md


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
    value: Callable[[Any], Any]
    licence: str = FACT

    def cell(self, row: Any) -> Any:
        """Return what `csv` writes: nothing for None, and a number or a date as it is."""
        value = self.value(row)
        if isinstance(value, bool):
            return "true" if value else "false"
        text = SEPARATOR.join(value) if isinstance(value, list) else value
        return defuse(text) if isinstance(text, str) else text


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
MEANINGS = NUMBERS | {
    "authors": "Authors in order, as “Family, Given”; a name without a comma is a group",
    "authors_complete": "Whether all authors are listed",
    "countries": "Countries, by their codes in ISO 3166-1",
    "cell_sources": "Tissues that the cells came from",
}
THEIR_WORDS = (
    "title", "titled_design", "titled_masking", "titled_phase", "design_wording", "masking_wording", "phase_wording",
)  # fmt: skip
LICENCES = dict.fromkeys(OUR_WORDS, "CC BY 4.0") | dict.fromkeys(THEIR_WORDS, "its authors")
KINDS = {
    "BooleanField": "boolean",
    "DateField": "date",
    "PositiveIntegerField": "integer",
    "PositiveSmallIntegerField": "integer",
}
# Names of values for which the table has a column under another name.
COLUMN_OF = {CELL_SOURCE: "cell_sources"}


def _of_field(name: str) -> Column:
    field: Any = Trial._meta.get_field(name)
    meaning = MEANINGS.get(name) or str(capfirst(field.verbose_name))
    value: Any = (lambda trial: trial.authors.splitlines()) if name == "authors" else attrgetter(name)
    return Column(name, KINDS.get(field.get_internal_type(), "string"), meaning, value, LICENCES.get(name, FACT))


def _blank(reason: BlankReason) -> Callable[[Trial], list[str]]:
    """Return the function that names the columns of a study that are empty for this reason."""

    def names(trial: Trial) -> list[str]:
        found = [COLUMN_OF.get(each.value, each.value) for each in trial.blanks.all() if each.reason == reason]
        return [name for name in found if "." not in name and not getattr(trial, name)]

    return names


def _registrations(trial: Trial) -> list[str]:
    return [f"{row.registry}:{row.identifier}" for row in trial.registrations.all()]


NO_VALUE = "Columns that are empty because the "
TRIALS = (
    Column("id", "string", "Name of the study in its address here", attrgetter("slug")),
    Column("version", "integer", "Version of our entry; /trials/<id>/v/<version>/", attrgetter("version")),
    *map(_of_field, (*PAPER, *STUDY)),
    Column("registrations", "string", "Registry and identifier of each registration", _registrations),
    *map(_of_field, NUMBERS),
    Column(
        "notices", "string", "Notices after publication: correction, concern or retraction", attrgetter("notice_kinds")
    ),
    Column("not_reported", "string", f"{NO_VALUE}paper does not report the value", _blank(BlankReason.NOT_REPORTED)),
    Column("does_not_apply", "string", f"{NO_VALUE}value does not apply", _blank(BlankReason.NOT_APPLICABLE)),
)


def counted_of(count: OutcomeCount) -> str:
    """Return of whom the count is: everyone randomised, those analysed, or "" where the groups do not tell."""
    arms: list[Arm] = [count.arm] if count.arm else [arm for arm in count.trial.arms.all() if arm.role == Role.CELLS]
    for name in ("randomised", "analysed"):
        numbers = [getattr(arm, name) for arm in arms]
        if None not in numbers and sum(numbers) == count.total:
            return name
    return ""


def _role(count: OutcomeCount) -> str:
    return count.arm.role if count.arm else Role.CELLS


OUTCOMES = (
    Column("study", "string", "Name of the study in its address here", attrgetter("trial.slug")),
    Column("arm", "string", "Group, as the paper calls it", attrgetter("group")),
    Column("role", "string", "cells, comparison or other", _role),
    Column("outcome", "string", "death, or sae: a serious adverse event", attrgetter("outcome")),
    Column("counted_at", "string", "When it was counted, in words", attrgetter("time_point")),
    Column("day", "integer", "Up to which day; empty if not stated", attrgetter("days")),
    Column("events", "integer", "People with the event", attrgetter("events")),
    Column("total", "integer", "Out of so many people", attrgetter("total")),
    Column("of", "string", "Of whom: randomised or analysed; empty where it is not clear", counted_of),
)
# The rows of the page of deaths, with the columns as metafor reads them.
DEATHS = (
    Column("study", "string", "Name of the study", attrgetter("name")),
    Column("listed", "string", "Whether it is on the list", lambda row: "yes" if row.is_listed else "no"),
    Column("design", "string", "Study design, in words", attrgetter("design")),
    Column("ai", "integer", "Deaths among the people given cells", attrgetter("counts.a")),
    Column("n1i", "integer", "Out of so many people", attrgetter("counts.n1")),
    Column("ci", "integer", "Deaths in the comparison groups", attrgetter("counts.c")),
    Column("n2i", "integer", "Out of so many people", attrgetter("counts.n2")),
    Column("counted_when", "string", "When they were counted, in words", attrgetter("when")),
    Column("counted_of", "string", "Of whom, in words; empty where it is not clear", attrgetter("of_whom")),
)


class _Line:
    """A file for `csv.writer` that returns the line instead of writing it."""

    def write(self, line: str) -> str:
        return line


def lines(columns: Sequence[Column], rows: Iterable[Any]) -> Iterator[str]:
    """Yield the lines of a CSV file, one at a time."""
    writer: Any = csv.writer(_Line())
    yield BOM + writer.writerow([column.name for column in columns])
    for row in rows:
        yield writer.writerow([column.cell(row) for column in columns])
