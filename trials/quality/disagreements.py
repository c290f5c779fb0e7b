"""Differences between a paper and a registry entry of the same study, in words with both readings.

They are computed and never stored. Either may be right: the public page shows both side by side.
"""

from dataclasses import dataclass

from trials import vocabulary as v
from trials.models import Registration, Trial
from trials.models.fields import show_partial_date

MORE_THAN_ONE_GROUP = (v.InterventionModel.PARALLEL, v.InterventionModel.CROSSOVER, v.InterventionModel.FACTORIAL)


@dataclass(frozen=True)
class Disagreement:
    """`paper` and `registry` are the two readings in words; `identifier` names the registry entry."""

    about: str
    paper: str
    registry: str
    identifier: str

    def __str__(self) -> str:
        return f"{self.about}: {self.paper} in the paper, {self.registry} in {self.identifier}."


def disagreements(trial: Trial) -> list[Disagreement]:
    """Return every difference between the paper and a registration, in the order of the registrations.

    A value that only one of the two gives is no difference, except that “not reported” in the paper differs from any
    value in a registry.
    """
    return [
        Disagreement(about, *readings, entry.identifier)
        for entry in trial.registrations.all()
        for about, compare in COMPARISONS.items()
        if (readings := compare(trial, entry))
    ]


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
    if not trial.masking or entry.masking in ("", v.Masking.NOT_REPORTED, trial.masking):
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
    same = {trial.phase, entry.phase} == {v.Phase.NOT_REPORTED, v.Phase.NOT_APPLICABLE}
    if same or not trial.phase or entry.phase in ("", v.Phase.NOT_REPORTED, trial.phase):
        return None
    return _low(trial.get_phase_display()), _low(entry.get_phase_display())


def _people(trial: Trial, entry: Registration) -> tuple[str, str] | None:
    arms = list(trial.arms.all())
    randomised, counted = [arm.randomised for arm in arms], [arm.people for arm in arms]
    numbers, how = (counted, "analysed") if None in randomised else (randomised, "randomised")
    people = sum(number or 0 for number in numbers)
    if entry.enrolment is None or not arms or None in numbers or people == entry.enrolment:
        return None
    return f"{people} {how}", f"{entry.enrolment} {entry.get_enrolment_type_display()}".strip()


def _late(trial: Trial, entry: Registration) -> tuple[str, str] | None:
    """Return the dates if the study was registered after recruitment began. 2020-07-14 is not after 2020-07."""
    start = trial.recruitment_start or entry.start
    exact = min(len(start), len(entry.registered))
    if not exact or entry.registered[:exact] <= start[:exact]:
        return None
    began, registered = show_partial_date(start), f"registered {show_partial_date(entry.registered)}"
    if trial.recruitment_start:
        return f"recruitment from {began}", registered
    return "no date of recruitment", f"start {began}, {registered}"


COMPARISONS = {
    "Design": _design,
    "Masking": _masking,
    "Who was masked": _who_masked,
    "Phase": _phase,
    "People": _people,
    "Registered late": _late,
}
