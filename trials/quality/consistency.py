"""Warnings about numbers of a study that are possible but probably wrong. None of them stops a save.

The models refuse what is impossible: more events than people, or a count of more people than its group has.
"""

import re
from collections.abc import Iterator

from trials import vocabulary as v
from trials.models import Arm, OutcomeCount, Trial

_DEATHS = re.compile(r"\b(death|deaths|died|dead|mortality|survival|survived)\b", re.IGNORECASE)


def warnings(trial: Trial) -> list[str]:
    """Return one sentence for each pair of numbers that do not agree."""
    arms, counts = list(trial.arms.all()), list(trial.counts.all())
    by_arm: dict[str, list[OutcomeCount]] = {}
    for count in counts:
        by_arm.setdefault(count.arm.key if count.arm else "", []).append(count)
    return [
        *_randomised_in_some_groups(arms),
        *_other_denominators(arms, by_arm),
        *_main_counts_missing(trial, arms, by_arm),
        *_enrolled(trial, arms),
    ]


def _randomised_in_some_groups(arms: list[Arm]) -> list[str]:
    known = [arm for arm in arms if arm.randomised is not None]
    return [
        f"“{arm.name}” has no number of people randomised, and “{known[0].name}” has."
        for arm in arms
        if known and arm.randomised is None and arm.role != v.Role.OTHER
    ]


def _other_denominators(arms: list[Arm], by_arm: dict[str, list[OutcomeCount]]) -> Iterator[str]:
    """Compare the total of each main count with the people of its group: both should be the same."""
    for arm in arms:
        for count in by_arm.get(arm.key, []):
            if count.headline and arm.people is not None and count.total != arm.people:
                how = "randomised" if arm.analysed is None else "analysed"
                yield (
                    f"The main count “{count.get_outcome_display()}” of “{arm.name}” is out of {count.total} people, "
                    f"and the group has {arm.people} {how}."
                )
    given = [arm.people for arm in arms if arm.role == v.Role.CELLS]
    together = sum(people for people in given if people is not None)
    for count in by_arm.get("", []):
        if count.headline and given and None not in given and count.total != together:
            yield (
                f"The main count “{count.get_outcome_display()}” of all groups given cells is out of {count.total} "
                f"people, and these groups have {together}."
            )


def _main_counts_missing(trial: Trial, arms: list[Arm], by_arm: dict[str, list[OutcomeCount]]) -> Iterator[str]:
    if _DEATHS.search(trial.unsettled):
        return
    all_together = any(c.headline and c.outcome == v.Outcome.DEATH for c in by_arm.get("", []))
    for arm in arms:
        if arm.role == v.Role.OTHER or (all_together and arm.role == v.Role.CELLS):
            continue
        deaths = [count for count in by_arm.get(arm.key, []) if count.outcome == v.Outcome.DEATH]
        if any(count.headline for count in deaths):
            continue
        todo = "Tick one of its counts as the main one" if deaths else "Add it"
        yield (
            f"“{arm.name}” has no main count of deaths. {todo}, or say under “unresolved” that the paper does not "
            "give the deaths."
        )


def _enrolled(trial: Trial, arms: list[Arm]) -> list[str]:
    """Compare the actual enrolment of a registry with the people randomised in the paper."""
    known = [arm.randomised for arm in arms if arm.randomised is not None]
    total = sum(known)
    sum_in_words = f"{' + '.join(map(str, known))} = {total}" if len(known) > 1 else str(total)
    return [
        f"The groups have {sum_in_words} people randomised, and {entry.identifier} gives an actual enrolment of "
        f"{entry.enrolment}."
        for entry in trial.registrations.all()
        if known and len(known) == len(arms) and entry.enrolment_type == v.EnrolmentType.ACTUAL
        if entry.enrolment not in (None, total)
    ]
