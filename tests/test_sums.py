"""Warnings about numbers that do not go together. They name both numbers and stop nothing."""

from typing import Any

import pytest

from tests.factories import make_arm, make_count, make_registration, make_trial
from trials.models import Trial
from trials.sums import warnings

pytestmark = pytest.mark.django_db

NO_DEATHS = "or say under “not settled” that the paper does not give the deaths."


def fresh(trial: Trial) -> list[str]:
    return warnings(Trial.objects.get(pk=trial.pk))


def test_study_whose_numbers_agree_has_no_warning() -> None:
    trial = make_trial()
    make_registration(trial, enrolment=20, enrolment_type="actual")
    assert fresh(trial) == []


def test_eight_studies_have_no_warning(eight_studies: None) -> None:
    assert [warning for trial in Trial.objects.all() for warning in warnings(trial)] == []


@pytest.mark.parametrize(
    ("analysed", "total", "expected"),
    [
        (10, 10, []),
        (9, 10, ["The main count “Death” of “Cells” is out of 10 people, and the group has 9 analysed."]),
        (10, 9, ["The main count “Death” of “Cells” is out of 9 people, and the group has 10 analysed."]),
        (None, 9, ["The main count “Death” of “Cells” is out of 9 people, and the group has 10 randomised."]),
        (0, 10, ["The main count “Death” of “Cells” is out of 10 people, and the group has 0 analysed."]),
    ],
)
def test_main_count_of_other_people_than_the_group(analysed: Any, total: int, expected: list[str]) -> None:
    trial = make_trial(rows=False)
    make_count(trial, arm=make_arm(trial, randomised=10, analysed=analysed), events=2, total=total)
    assert fresh(trial) == expected


def test_other_counts_may_be_of_fewer_people() -> None:
    trial = make_trial(rows=False)
    arm = make_arm(trial)
    make_count(trial, arm=arm)
    make_count(trial, arm=arm, days=90, events=1, total=7, headline=False)
    assert fresh(trial) == []


def test_main_count_of_all_groups_together_is_compared_with_their_sum() -> None:
    trial = make_trial(rows=False, design="single-arm", control="none")
    for number in (1, 2):
        make_arm(trial, name=f"Dose {number}", randomised=None, analysed=3)
    make_count(trial, arm=None, events=1, total=5)
    assert fresh(trial) == [
        "The main count “Death” of all groups given cells is out of 5 people, and these groups have 6."
    ]


@pytest.mark.parametrize("role", ["cells", "comparison"])
def test_group_without_a_main_count_of_deaths(role: str) -> None:
    trial = make_trial()
    trial.counts.filter(arm__role=role).delete()
    name = {"cells": "Cells", "comparison": "Placebo"}[role]
    assert fresh(trial) == [f"“{name}” has no main count of deaths. Add it, {NO_DEATHS}"]


def test_group_with_deaths_and_none_of_them_main() -> None:
    trial = make_trial()
    trial.counts.filter(arm__role="comparison").update(headline=False)
    assert fresh(trial) == [
        f"“Placebo” has no main count of deaths. Tick one of its counts as the main one, {NO_DEATHS}"
    ]


def test_other_group_needs_no_count_of_deaths() -> None:
    trial = make_trial()
    make_arm(trial, name="Less ill", role="other", randomised=None)
    assert fresh(trial) == []


def test_deaths_said_to_be_missing_are_not_missed() -> None:
    trial = make_trial(rows=False, unsettled="Deaths by group are not given.")
    make_arm(trial)
    assert fresh(trial) == []


def test_only_some_groups_randomised() -> None:
    trial = make_trial()
    trial.arms.filter(role="comparison").update(randomised=None)
    assert fresh(trial) == ["“Placebo” has no number of people randomised, and “Cells” has."]


@pytest.mark.parametrize(
    ("enrolment", "kind", "expected"),
    [
        (20, "actual", []),
        (40, "estimated", []),
        (40, "", []),
        (None, "actual", []),
        (
            24,
            "actual",
            ["The groups have 10 + 10 = 20 people randomised, and NCT04457609 gives an actual enrolment of 24."],
        ),
        (
            0,
            "actual",
            ["The groups have 10 + 10 = 20 people randomised, and NCT04457609 gives an actual enrolment of 0."],
        ),
    ],
)
def test_randomised_against_the_actual_enrolment(enrolment: Any, kind: str, expected: list[str]) -> None:
    trial = make_trial()
    make_registration(trial, enrolment=enrolment, enrolment_type=kind)
    assert fresh(trial) == expected


def test_enrolment_is_compared_only_where_every_group_was_randomised() -> None:
    trial = make_trial(rows=False)
    make_arm(trial, role="other", randomised=None)
    make_arm(trial, role="other", randomised=10)
    make_registration(trial, enrolment=24, enrolment_type="actual")
    assert fresh(trial) == []


def test_warnings_take_three_queries(django_assert_num_queries: Any) -> None:
    trial = make_trial()
    make_registration(trial, enrolment=24, enrolment_type="actual")
    fresh_trial = Trial.objects.get(pk=trial.pk)
    with django_assert_num_queries(3):
        assert len(warnings(fresh_trial)) == 1
