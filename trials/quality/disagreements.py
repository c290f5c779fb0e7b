"""Differences between the title, the paper and a registry entry of a study, in words with both readings.

They are computed from the record. Either may be right: the public page shows both side by side. What one of them does
not say is no difference: a paper that does not report who was masked contradicts no registry.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from trials import vocabulary as v
from trials.models import Citation, Registration, Trial
from trials.models.fields import show_partial_date

MORE_THAN_ONE_GROUP = (v.InterventionModel.PARALLEL, v.InterventionModel.CROSSOVER, v.InterventionModel.FACTORIAL)
COMPARED = ("registrations", "arms", "citations__source")  # the rows that are read: fetch them with many studies
# Values in words, which no program can compare: they differ where an editor recorded a reading that disputes them.
DISPUTED_VALUES = {"control": v.Difference.CONTROL, "primary_outcome": v.Difference.PRIMARY_OUTCOME}


@dataclass(frozen=True)
class Disagreement:
    """`paper` and `registry` are the two readings in words, and `identifier` names the registry entry.

    What has no two readings of one value is in `recorded` instead, as a sentence.
    """

    kind: str
    paper: str = ""
    registry: str = ""
    identifier: str = ""
    recorded: str = ""

    @property
    def about(self) -> str:
        return str(v.Difference(self.kind).label)

    def __str__(self) -> str:
        if self.recorded:
            return f"{self.about}: {self.recorded[:1].lower()}{self.recorded[1:]}"
        return f"{self.about}: {self.paper} in the paper, {self.registry} in {self.identifier}."


def disagreements(trial: Trial) -> list[Disagreement]:
    """Return every difference between the paper and a registration, in the order of the registrations.

    Then those that editors recorded. A value that only one of the two gives is no difference.
    """
    computed: list[Disagreement] = []
    for entry in trial.registrations.all():
        readings = {kind: compare(trial, entry) for kind, compare in COMPARISONS.items()}
        computed += [Disagreement(kind, *pair, _named(entry)) for kind, pair in readings.items() if pair]
        computed += _late(trial, entry)
    recorded = [
        Disagreement(DISPUTED_VALUES[citation.value], recorded=citation.note)
        for citation in trial.citations.all()
        if citation.basis == v.Basis.DISPUTED and citation.value in DISPUTED_VALUES
    ]
    return computed + recorded


def origin(citations: Iterable[Citation]) -> str:
    """Return the kinds of source that a value was read in, such as “a press report”; "" if the paper is one of them."""
    kinds = dict.fromkeys(each.source.kind for each in citations if each.basis != v.Basis.DISPUTED)
    of_paper = {v.SourceKind.PAPER, v.SourceKind.INDEX}  # catalogues hold its abstract
    return "" if of_paper & kinds.keys() else " and ".join(_low(v.SourceKind(kind).label) for kind in kinds)


def _named(entry: Registration) -> str:
    return f"{entry.identifier} (probably of this study)" if entry.link_inferred else entry.identifier


def _low(label: str) -> str:
    return label[:1].lower() + label[1:]


def _design(trial: Trial, entry: Registration) -> tuple[str, str] | None:
    one_group = entry.allocation == v.Allocation.NOT_APPLICABLE or (
        not entry.allocation and entry.intervention_model == v.InterventionModel.SINGLE_GROUP
    )
    if trial.design == v.Design.RANDOMISED:
        differs = one_group or entry.allocation == v.Allocation.NOT_RANDOMISED
    elif trial.design == v.Design.CONTROLLED:
        differs = one_group or entry.allocation == v.Allocation.RANDOMISED
    else:  # one group, perhaps with several doses in sequence
        differs = entry.allocation == v.Allocation.RANDOMISED or entry.intervention_model in MORE_THAN_ONE_GROUP
    if not differs:
        return None
    return _low(trial.get_design_display()), _low(entry.design_in_words)


def _masking(trial: Trial, entry: Registration) -> tuple[str, str] | None:
    silent = ("", v.Masking.NOT_REPORTED)
    if trial.masking in silent or entry.masking in (*silent, trial.masking):
        return None
    return _low(trial.get_masking_display()), _low(entry.masking_in_words)


def _who_masked(trial: Trial, entry: Registration) -> tuple[str, str] | None:
    """Compare who was masked, if both give the same masking."""
    both = (trial.who_masked, entry.who_masked)
    if trial.masking != entry.masking or not all(both) or trial.who_masked == entry.who_masked:
        return None
    paper, registry = (", ".join(v.WhoMasked(code).label.lower() for code in codes) for codes in both)
    return paper, registry


def _phase(trial: Trial, entry: Registration) -> tuple[str, str] | None:
    silent = ("", v.Phase.NOT_REPORTED)
    if trial.phase in silent or entry.phase in (*silent, trial.phase):
        return None
    return _low(trial.get_phase_display()), _low(entry.get_phase_display())


def people_in_words(trial: Trial) -> tuple[int, str] | None:
    """Return how many people the paper has, and whether these are the randomised or the analysed; None if unknown."""
    arms = list(trial.arms.all())
    randomised, counted = [arm.randomised for arm in arms], [arm.people for arm in arms]
    numbers, how = (counted, "analysed") if None in randomised else (randomised, "randomised")
    return None if not arms or None in numbers else (sum(number or 0 for number in numbers), how)


def _people(trial: Trial, entry: Registration) -> tuple[str, str] | None:
    found = people_in_words(trial)
    if not found or entry.enrolment in (None, found[0]):
        return None
    return f"{found[0]} {found[1]}", f"{entry.enrolment} {entry.get_enrolment_type_display()}".strip()


def _span(text: str) -> tuple[date, date]:
    """Return the first and the last day that a partial date can mean."""
    year, month, day = (*map(int, text.split("-")), 0, 0)[:3]
    last = day or monthrange(year, month or 12)[1]
    return date(year, month or 1, day or 1), date(year, month or 12, last)


@dataclass(frozen=True)
class Timing:
    """From the start of a study to its registration, in days: the least and the most that the dates allow."""

    start: str
    registered: str
    least: int
    most: int

    @property
    def when(self) -> str:
        """BEFORE, also for the day of the start; AFTER; UNCLEAR where the dates leave it open."""
        if self.least > 0:
            return v.Registered.AFTER
        return v.Registered.BEFORE if self.most <= 0 else v.Registered.UNCLEAR

    @property
    def in_words(self) -> str:
        """Such as: 26 days after the start."""
        if self.when == v.Registered.UNCLEAR:
            return "in the month or year of the start; the dates do not say whether before or after it"
        least, most = sorted((abs(self.least), abs(self.most)))
        if not most:
            return "on the day of the start"
        days = str(most) if least == most else f"{least} to {most}"
        return f"{days} day{'' if days == '1' else 's'} {self.when} the start"


def timing(trial: Trial, entry: Registration) -> Timing | None:
    """Return when a study was registered; None where a date is missing.

    Of several registrations each can be of a part of the study, so that its own start counts where it gives one.
    """
    own = entry.start if len(trial.registrations.all()) > 1 else ""
    start = own or trial.recruitment_start or entry.start
    if not start or not entry.registered:
        return None
    (first, last), (earliest, latest) = _span(start), _span(entry.registered)
    return Timing(start, entry.registered, (earliest - last).days, (latest - first).days)


def registered_when(trial: Trial) -> str:
    """Return whether the first registration came before or after the start, or that none is known."""
    entries = list(trial.registrations.all())
    if not entries:
        return v.Registered.NONE
    found = {known.when if (known := timing(trial, entry)) else v.Registered.UNCLEAR for entry in entries}
    return next(each for each in (v.Registered.BEFORE, v.Registered.UNCLEAR, v.Registered.AFTER) if each in found)


def _late(trial: Trial, entry: Registration) -> list[Disagreement]:
    """Return the dates if the study was registered after it began, with the source of the start if not the paper."""
    found = timing(trial, entry)
    if not found or found.when != v.Registered.AFTER:
        return []
    source = origin(each for each in trial.citations.all() if each.value == "recruitment_start")
    source = source if found.start == trial.recruitment_start else "the registry"
    start = f"start {show_partial_date(found.start)}{f' ({source})' if source else ''}"
    dates = f"{start}, registered {show_partial_date(found.registered)}"
    return [Disagreement(v.Difference.TIMING, recorded=f"{dates} in {_named(entry)}: {found.in_words}.")]


COMPARISONS = {
    v.Difference.DESIGN: _design,
    v.Difference.MASKING: _masking,
    v.Difference.WHO_MASKED: _who_masked,
    v.Difference.PHASE: _phase,
    v.Difference.PEOPLE: _people,
}
