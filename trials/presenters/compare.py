"""Two to four studies side by side."""

import re
from collections.abc import Callable
from math import inf
from typing import Any

from django.http import QueryDict

from trials import vocabulary as v
from trials.listing.filters import quoted
from trials.models import Trial
from trials.presenters.deaths import harms
from trials.presenters.facts import label_of
from trials.presenters.study_page import StudyPage

FEWEST, MOST = 2, 4
BODY_WEIGHT = 70  # kg, for doses that are computed; the page says so
ONLY_DIFFERENCES = "differences"
PARAMETERS = ("trial", "only")
BLANK = "not reported or not yet checked"
NOT_WORKED_OUT = "cannot be worked out from the dose as it is given"

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_DOSE = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<spread> ± \d+(?:\.\d+)?)? × 10(?P<power>[⁰¹²³⁴⁵⁶⁷⁸⁹]+)")


def cells(text: str) -> tuple[float, str]:
    """Return the cells in a dose such as 1 × 10⁶, with “about” if they were spread; 0 for a dose of another form."""
    match = _DOSE.fullmatch(text)
    if not match:
        return 0, ""
    number = float(match["number"]) * 10 ** int(match["power"].translate(_SUPERSCRIPTS))
    return number, "about " if match["spread"] else ""


def in_millions(number: float, digits: int = 9) -> str:
    """Return a number of cells with so many significant digits, such as: 2.86 million."""
    return f"{float(f'{number / 1e6:.{digits}g}'):,.9g} million"


def dose_per_kg(trial: Trial) -> str:
    """Return the dose per kg of body weight, computed where the study gives cells in all; "" where it cannot be.

    What is divided has three significant digits, or two where the dose itself is spread.
    """
    if trial.dose_unit == v.DoseUnit.CELLS_PER_KG:
        return f"{trial.dose} cells per kg"
    number, about = cells(trial.dose)
    in_words = in_millions(number / BODY_WEIGHT, 2 if about else 3)
    per_kg = f"{about}{in_words} cells per kg (worked out for {BODY_WEIGHT} kg)"
    return per_kg if number else ""


def dose_in_total(trial: Trial) -> str:
    """Return all cells that one person was given, computed; "" where it cannot be."""
    number, about = cells(trial.dose)
    if not number or not trial.infusions:
        return ""
    weight = ""
    if trial.dose_unit == v.DoseUnit.CELLS_PER_KG:
        at_most = re.search(f"at most ({_DOSE.pattern})", trial.dose_note)
        number = min(number * BODY_WEIGHT, cells(at_most[1])[0] if at_most else inf)
        weight = f" for {BODY_WEIGHT} kg"
    return f"{about}{in_millions(number * trial.infusions)} cells (worked out{weight})"


class Comparison:
    """The studies that a query names, side by side. All of it is read at once."""

    def __init__(self, query: QueryDict) -> None:
        slugs = list(dict.fromkeys(slug for slug in query.getlist("trial") if slug.strip()))
        possible = [slug for slug in slugs[: MOST + 1] if "\x00" not in slug]  # PostgreSQL refuses to look for it
        found = {trial.slug: trial for trial in Trial.objects.public().with_rows().filter(slug__in=possible)}
        self.problems = [
            f"{quoted(slug)} is not a study on the list." for slug in slugs[: MOST + 1] if slug not in found
        ]
        if len(slugs) > MOST:
            self.problems.append(f"{len(slugs)} studies are too many to show side by side. Choose at most {MOST}.")
        only = query.getlist("only")
        if only not in ([], [""], [ONLY_DIFFERENCES]):
            self.problems.append(f"{quoted(only[0])} is not a choice. Write only={ONLY_DIFFERENCES}, or leave it out.")
        self.status = 400 if self.problems else 200
        self.only_differences = only == [ONLY_DIFFERENCES]
        trials = [] if self.problems else [found[slug] for slug in slugs]
        self.is_too_few = not self.problems and len(trials) < FEWEST
        self.studies = [] if self.is_too_few else [StudyPage(trial) for trial in trials]
        self.chosen = found.keys()
        self.choices = list(Trial.objects.public().sorted_by("author")[:200])

    @property
    def lines(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The rows of the table: a label, and the short name of each study with its value."""
        names = [study.trial.short_name for study in self.studies]
        lines = [(label, [value(study) or BLANK for study in self.studies]) for label, value in LINES]
        shown = (line for line in lines if len(set(line[1])) > 1 or not self.only_differences)
        return [(label, list(zip(names, values, strict=True))) for label, values in shown]


def _text(name: str) -> Any:
    """Return the words of a value, with “Probably” where it is uncertain, or the reason for its absence."""

    def words(study: StudyPage) -> str:
        fact = study.fact(name)
        return f"Probably: {fact.text}" if fact.is_probable else fact.text or fact.blank

    return words


def _worked_out(dose: Callable[[Trial], str]) -> Any:
    """Return a dose that is computed, or why it is not."""
    return lambda study: dose(study.trial) or (NOT_WORKED_OUT if study.trial.dose else study.fact("dose").blank)


def _harms(study: StudyPage) -> str:
    counts = [count for count, _ in harms(study.trial)]
    words = [f"{each.group}: {each.events} of {each.total} ({each.per_100} per 100), {each.when}" for each in counts]
    notes = [each.note for each in counts if each.note][:1]  # such as that they include the deaths
    described = study.fact("safety_result")
    return ". ".join(["; ".join(words), *notes]) if words else described.text or described.blank


def _bias(study: StudyPage) -> str:
    found = [each for each in study.main_judgements if each.kind == v.JudgementKind.BIAS]
    words = [f"{each.about}: {each.get_verdict_display()} ({each.judged_by})" for each in found]
    return "; ".join(words) or "no judgement known"


LINES: list[tuple[str, Any]] = [
    ("Design", lambda study: study.trial.get_design_display()),
    ("Masking", _text("masking")),
    ("People", lambda study: str(study.people or "")),
    ("Deaths", lambda study: study.deaths),
    ("Serious adverse events", _harms),
    ("Risk of bias", _bias),
    ("Country", _text("countries")),
    *(
        (label_of(name), _text(name))
        for name in ("cause", "severity", "ventilation", "age", "sex", "control", "cell_source", "donor")
    ),
    ("Dose per infusion", _text("dose")),
    ("Dose per kg", _worked_out(dose_per_kg)),
    ("Total cells per person", _worked_out(dose_in_total)),
    *(
        (label_of(name), _text(name))
        for name in ("infusions", "schedule", "route", "follow_up", "funding", "interests")
    ),
]
