"""Where paper and registry differ: each kind, with both readings in words, and what is no disagreement."""

from typing import Any

import pytest

from tests.factories import make_arm, make_registration, make_trial
from trials.disagreements import disagreements
from trials.models import Trial

pytestmark = pytest.mark.django_db


def found(study: dict[str, Any], *registrations: dict[str, Any], arms: tuple[dict[str, Any], ...] = ()) -> list[str]:
    """The disagreements in words of a study that says little, with these values and registrations."""
    quiet = {"masking": "", "phase": "", "control": ""}
    trial = make_trial(rows=False, **(quiet | study))
    for number, values in enumerate(arms, start=1):
        make_arm(trial, position=number, name=f"Group {number}", **values)
    for values in registrations:
        make_registration(trial, **values)
    return [str(each) for each in disagreements(Trial.objects.get(pk=trial.pk))]


@pytest.mark.parametrize(
    ("design", "allocation", "model", "expected"),
    [
        ("randomised", "randomised", "parallel", []),
        ("randomised", "", "parallel", []),
        ("randomised", "", "", []),
        (
            "randomised",
            "not-randomised",
            "parallel",
            ["Design: randomised controlled trial in the paper, not randomised, parallel groups in NCT04457609."],
        ),
        (
            "randomised",
            "",
            "single-group",
            ["Design: randomised controlled trial in the paper, single group in NCT04457609."],
        ),
        ("controlled", "not-randomised", "parallel", []),
        (
            "controlled",
            "randomised",
            "",
            ["Design: controlled, not randomised or not clearly reported in the paper, randomised in NCT04457609."],
        ),
        (
            "controlled",
            "na",
            "single-group",
            [
                "Design: controlled, not randomised or not clearly reported in the paper, does not apply (one group), "
                "single group in NCT04457609."
            ],
        ),
        ("single-arm", "na", "single-group", []),
        ("single-arm", "not-randomised", "sequential", []),
        (
            "single-arm",
            "not-randomised",
            "parallel",
            ["Design: single-arm trial in the paper, not randomised, parallel groups in NCT04457609."],
        ),
        (
            "case-series",
            "randomised",
            "",
            ["Design: case series (not a trial) in the paper, randomised in NCT04457609."],
        ),
    ],
)
def test_design_against_allocation(design: str, allocation: str, model: str, expected: list[str]) -> None:
    entry = {"allocation": allocation, "intervention_model": model}
    assert found({"design": design}, entry) == expected


@pytest.mark.parametrize(
    ("paper", "registry", "expected"),
    [
        ("double", "double", []),
        ("double", "", []),
        ("", "double", []),
        ("double", "not-reported", []),
        ("double", "triple", ["Masking: double masked in the paper, triple masked in NCT04457609."]),
        ("not-reported", "open", ["Masking: not reported in the paper, open label in NCT04457609."]),
    ],
)
def test_masking(paper: str, registry: str, expected: list[str]) -> None:
    assert found({"masking": paper}, {"masking": registry}) == expected


def test_who_was_masked_counts_where_the_masking_is_called_the_same() -> None:
    study = {"masking": "double", "who_masked": ["participant", "care-provider"]}
    other = {"masking": "double", "who_masked": ["participant", "investigator"]}
    assert found(study, other) == [
        "Who was masked: participant, care provider in the paper, participant, investigator in NCT04457609."
    ]


def test_who_was_masked_stands_with_the_masking_where_that_differs() -> None:
    study = {"masking": "double", "who_masked": ["participant", "care-provider"]}
    other = {"masking": "single", "who_masked": ["participant"]}
    assert found(study, other) == [
        "Masking: double masked in the paper, single masked (participant) in NCT04457609.",
    ]


@pytest.mark.parametrize(
    ("paper", "registry", "expected"),
    [
        ("2", "2", []),
        ("2", "", []),
        ("", "2", []),
        ("2", "not-reported", []),
        ("not-reported", "na", []),
        ("2", "1-2", ["Phase: phase 2 in the paper, phase 1/2 in NCT04457609."]),
        ("2", "na", ["Phase: phase 2 in the paper, not applicable in NCT04457609."]),
        ("not-reported", "1", ["Phase: not reported in the paper, phase 1 in NCT04457609."]),
    ],
)
def test_phase(paper: str, registry: str, expected: list[str]) -> None:
    assert found({"phase": paper}, {"phase": registry}) == expected


RANDOMISED = ({"randomised": 12, "analysed": 11}, {"role": "comparison", "randomised": 12, "analysed": 12})
ANALYSED = ({"randomised": None, "analysed": 5}, {"randomised": None, "analysed": 4})


@pytest.mark.parametrize(
    ("arms", "enrolment", "kind", "expected"),
    [
        (RANDOMISED, 24, "actual", []),
        (RANDOMISED, None, "", []),
        (RANDOMISED, 23, "actual", ["People: 24 randomised in the paper, 23 actual in NCT04457609."]),
        (RANDOMISED, 40, "estimated", ["People: 24 randomised in the paper, 40 planned in NCT04457609."]),
        (RANDOMISED, 40, "", ["People: 24 randomised in the paper, 40 in NCT04457609."]),
        (RANDOMISED, 0, "actual", ["People: 24 randomised in the paper, 0 actual in NCT04457609."]),
        (ANALYSED, 9, "actual", []),
        (ANALYSED, 20, "estimated", ["People: 9 analysed in the paper, 20 planned in NCT04457609."]),
        (({"randomised": None, "analysed": None}, {"randomised": 4}), 20, "actual", []),
        ((), 20, "actual", []),
    ],
)
def test_people(arms: Any, enrolment: int | None, kind: str, expected: list[str]) -> None:
    values = [values | {"analysed": values.get("analysed")} for values in arms]
    assert found({}, {"enrolment": enrolment, "enrolment_type": kind}, arms=tuple(values)) == expected


@pytest.mark.parametrize(
    ("paper", "start", "registered", "expected"),
    [
        ("2020-05-01", "", "2020-05-01", []),
        ("2020-05-01", "", "2020-04-30", []),
        ("2020-05-01", "", "", []),
        ("", "", "2020-05-01", []),
        (
            "2020-05-01",
            "2020-06-01",
            "2020-05-27",
            ["Registered late: recruitment from 1 May 2020 in the paper, registered 27 May 2020 in NCT04457609."],
        ),
        ("2020-05", "", "2020-05-27", []),
        ("2020", "", "2020-05-27", []),
        (
            "2019",
            "",
            "2020-05",
            ["Registered late: recruitment from 2019 in the paper, registered May 2020 in NCT04457609."],
        ),
        (
            "",
            "2020-05-01",
            "2020-05-02",
            [
                "Registered late: no date of recruitment in the paper, start 1 May 2020, registered 2 May 2020 "
                "in NCT04457609."
            ],
        ),
    ],
)
def test_late_registration(paper: str, start: str, registered: str, expected: list[str]) -> None:
    assert found({"recruitment_start": paper}, {"start": start, "registered": registered}) == expected


def test_each_registration_is_compared_by_itself() -> None:
    study = {"phase": "2", "masking": "double"}
    first = {"phase": "1", "masking": "double"}
    second = {"registry": "isrctn", "identifier": "ISRCTN52319075", "phase": "2", "masking": "open"}
    assert found(study, first, second) == [
        "Phase: phase 2 in the paper, phase 1 in NCT04457609.",
        "Masking: double masked in the paper, open label in ISRCTN52319075.",
    ]


def test_study_without_a_registration_disagrees_with_nobody() -> None:
    assert found({"phase": "2"}) == []


def test_fetched_studies_need_no_further_query(eight_studies: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):
        studies = list(Trial.objects.order_by("slug").prefetch_related("registrations", "arms"))
        numbers = {study.slug: len(disagreements(study)) for study in studies}
    assert numbers == {
        "adas-2021": 3,
        "dilogo-2021": 3,
        "hashemian-2021": 4,
        "kaffash-farkhad-2022": 3,
        "lanzoni-2021": 1,
        "monsel-2022": 1,
        "rebelatto-2022": 1,
        "yip-2020": 1,
    }
