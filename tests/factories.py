"""Records for the tests, made through the actions. Every value has a sensible default; name the ones that matter."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from trials import actions
from trials.models import Arm, Blank, Country, GlossaryTerm, OutcomeCount, Page, Registration, Source, Trial

REVIEWED = datetime.date(2026, 11, 22)
DUE = datetime.date(2027, 5, 22)


@transaction.atomic
def make_trial(*, countries: tuple[str, ...] = (), rows: bool = True, **overrides: Any) -> Trial:
    """A published randomised study: 10 people given cells, 3 died; 10 people given placebo, 5 died.

    `countries` are codes, such as ("ID", "TR"). `rows=False` makes it without groups and counts.
    """
    values: dict[str, Any] = {
        "slug": "smith-2021",
        "status": "published",
        "title": "Cells for acute respiratory distress syndrome: a randomised trial",
        "authors": "Smith, Jane\nBrown, Ann",
        "journal": "Journal of Trials",
        "publication_date": "2021-06-08",
        "design": "randomised",
        "masking": "double",
        "phase": "2",
        "cause": "covid-19",
        "control": "placebo",
        "last_reviewed": REVIEWED,
        "review_due": DUE,
    } | overrides
    trial = actions.save_trial(Trial(**values))
    trial.countries.set([make_country(code=code) for code in countries])
    if rows:
        cells = make_arm(trial, position=1, name="Cells", role="cells", cell_source="umbilical-cord")
        placebo = make_arm(trial, position=2, name="Placebo", role="comparison")
        make_count(trial, position=1, arm=cells, events=3)
        make_count(trial, position=2, arm=placebo, events=5)
    actions.complete_trial(trial)
    return trial


SOURCED = (
    "title", "authors", "journal", "publication_date", "design", "masking", "phase", "cause", "cell_source", "control",
    "countries", "age", "sex", "arm-1", "arm-2", "count-1", "count-2", "severity", "ventilation", "limits", "funding",
    "interests", "acronym", "volume", "issue", "pages", "language", "licence",
)  # fmt: skip
SOURCE = {
    "value": "design",
    "label": "Abstract of the paper",
    "kind": "paper",
    "address": "https://doi.org/10.1000/example",
    "quote": "a randomised trial",
}


@transaction.atomic
def make_complete_trial(**overrides: Any) -> Trial:
    """The same study with all that publishing asks for: country, summary, a source for each value shown."""
    values = {"countries": ("ID",), "plain_summary": "20 people took part.", "journal": "Journal of Trials"} | overrides
    trial = make_trial(**values)
    Source.objects.bulk_create(
        Source(trial=trial, position=position, **SOURCE | {"value": value})
        for position, value in enumerate(SOURCED, start=1)
    )
    actions.complete_trial(trial)
    return trial


@dataclass(frozen=True)
class Person:
    """Somebody who takes a step, as far as the actions look at one. Reviewers have the right to publish."""

    name: str
    is_reviewer: bool = False
    is_superuser: bool = False

    def get_username(self) -> str:
        return self.name

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        publishing = ("trials.publish_trial", "trials.publish_page", "trials.publish_glossaryterm")
        return self.is_superuser or (self.is_reviewer and perm in publishing)


ANN = Person("ann")
BEN = Person("ben")
EVA = Person("eva", is_reviewer=True)
ROOT = Person("root", is_superuser=True)


def make_arm(trial: Trial, **overrides: Any) -> Arm:
    return _row(Arm, trial, {"name": "Cells", "role": "cells", "randomised": 10, "analysed": 10} | overrides)


def make_count(trial: Trial, **overrides: Any) -> OutcomeCount:
    values = {"outcome": "death", "days": 28, "events": 3, "total": 10, "headline": True}
    return _row(OutcomeCount, trial, values | overrides)


def make_registration(trial: Trial, **overrides: Any) -> Registration:
    values = {"registry": "clinicaltrials-gov", "identifier": "NCT04457609"}
    return _row(Registration, trial, values | overrides)


def make_source(trial: Trial, **overrides: Any) -> Source:
    return _row(Source, trial, SOURCE | overrides)


def make_blank(trial: Trial, **overrides: Any) -> Blank:
    blank = Blank(trial=trial, **({"value": "age", "reason": "not-checked"} | overrides))
    blank.full_clean()
    blank.save()
    return blank


def make_country(**overrides: Any) -> Country:
    """The country with this code: the one that is there, or a new one."""
    values = {"code": "ID"} | overrides
    there = Country.objects.filter(code=values["code"]).first()
    return there or actions.save_country(Country(**({"name": f"Country {values['code']}"} | values)))


def make_page(**overrides: Any) -> Page:
    values = {
        "slug": "about",
        "status": "published",
        "title": "About this site",
        "description": "Who runs this site.",
        "body": "We are librarians.",
        "last_reviewed": REVIEWED,
        "review_due": DUE,
    } | overrides
    page = Page(**values)
    actions.save_text(page)
    return page


def make_term(**overrides: Any) -> GlossaryTerm:
    values = {
        "slug": "placebo",
        "status": "published",
        "term": "placebo",
        "meaning": "A treatment that does nothing.",
    } | overrides
    term = GlossaryTerm(**values)
    actions.save_text(term)
    return term


def _row(model: Any, trial: Trial, values: dict[str, Any]) -> Any:
    """A row of a study, at the next free position unless told otherwise."""
    taken = model.objects.filter(trial=trial).count()
    row = model(trial=trial, **({"position": taken + 1} | values))
    row.full_clean()
    row.save()
    return row
