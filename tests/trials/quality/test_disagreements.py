"""Each kind of difference between paper and registry, with both readings in words."""

from typing import Any

import pytest

from tests.factories import arm, citation, registration, source, trial_document
from trials.models import Trial
from trials.quality.disagreements import Timing, disagreements, registered_when, timing
from trials.workflow.documents import build


def found(study: dict[str, Any], *registrations: dict[str, Any], arms: Any = ()) -> list[str]:
    """Return the disagreements of a study with these values, groups and registrations."""
    document = trial_document(
        **{"masking": "", "phase": "", "control": ""} | study,
        arms=[arm(f"a{number}", name=f"Group {number}", cell_source="") | values for number, values in enumerate(arms)],
        registrations=[registration(f"r{number}") | values for number, values in enumerate(registrations)],
        counts=[],
    )
    return [str(each) for each in disagreements(build(document, Trial()))]


@pytest.mark.parametrize(
    ("design", "allocation", "model", "paper", "registry"),
    [
        ("randomised", "not-randomised", "parallel", "randomised controlled trial", "not randomised, parallel groups"),
        ("randomised", "", "single-group", "randomised controlled trial", "single group"),
        ("controlled", "randomised", "", "controlled, but not clearly randomised", "randomised"),
        ("controlled", "na", "", "controlled, but not clearly randomised", "does not apply (one group)"),
        ("single-arm", "not-randomised", "parallel", "single-arm trial", "not randomised, parallel groups"),
        ("case-series", "randomised", "", "case series (not a trial)", "randomised"),
    ],
)
def test_design_against_allocation(design: str, allocation: str, model: str, paper: str, registry: str) -> None:
    entry = {"allocation": allocation, "intervention_model": model}
    assert found({"design": design}, entry) == [f"Design: {paper} in the paper, {registry} in NCT04457609."]


@pytest.mark.parametrize(
    ("design", "allocation", "model"),
    [
        ("randomised", "randomised", "parallel"),
        ("randomised", "", "parallel"),
        ("randomised", "", ""),
        ("controlled", "not-randomised", "parallel"),
        ("single-arm", "na", "single-group"),
        ("single-arm", "not-randomised", "sequential"),
    ],
)
def test_design_and_allocation_that_agree(design: str, allocation: str, model: str) -> None:
    assert found({"design": design}, {"allocation": allocation, "intervention_model": model}) == []


@pytest.mark.parametrize(
    ("name", "paper", "registry", "expected"),
    [
        ("masking", "double", "double", []),
        ("masking", "double", "", []),
        ("masking", "", "double", []),
        ("masking", "double", "not-reported", []),
        ("masking", "not-reported", "open", []),
        ("masking", "double", "triple", ["Masking: double masked in the paper, triple masked in NCT04457609."]),
        ("phase", "2", "2", []),
        ("phase", "2", "", []),
        ("phase", "", "2", []),
        ("phase", "2", "not-reported", []),
        ("phase", "not-reported", "na", []),
        ("phase", "2", "1-2", ["Phase: phase 2 in the paper, phase 1/2 in NCT04457609."]),
        ("phase", "2", "na", ["Phase: phase 2 in the paper, not applicable in NCT04457609."]),
    ],
)
def test_masking_and_phase(name: str, paper: str, registry: str, expected: list[str]) -> None:
    assert found({name: paper}, {name: registry}) == expected


@pytest.mark.parametrize(
    ("registered", "expected"),
    [
        (
            {"masking": "double", "who_masked": ["participant", "investigator"]},
            "Who was masked: participant, care provider in the paper, participant, investigator in NCT04457609.",
        ),
        (
            {"masking": "single", "who_masked": ["participant"]},
            "Masking: double masked in the paper, single masked (participant) in NCT04457609.",
        ),
    ],
)
def test_who_was_masked_is_compared_if_the_masking_is_the_same(registered: dict[str, Any], expected: str) -> None:
    assert found({"masking": "double", "who_masked": ["participant", "care-provider"]}, registered) == [expected]


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
    assert found({}, {"enrolment": enrolment, "enrolment_type": kind}, arms=values) == expected


UNCLEAR = "in the month or year of the start; the dates do not say whether before or after it"
LATE = "Registered late: start 1 May 2020, registered 27 May 2020 in NCT04457609: 26 days after the start."


def of_one_registration(study: str, start: str, registered: str) -> Timing | None:
    rows = [registration(start=start, registered=registered)]
    trial = build(trial_document(recruitment_start=study, registrations=rows), Trial())
    return timing(trial, trial.registrations.all()[0])


@pytest.mark.parametrize(
    ("study", "start", "registered", "when", "words"),
    [
        ("2020-05-01", "", "2020-05-01", "before", "on the day of the start"),
        ("2020-05-01", "", "2020-04-30", "before", "1 day before the start"),
        ("2020-04-06", "", "2020-03-29", "before", "8 days before the start"),
        ("2020-05-01", "2020-06-01", "2020-05-27", "after", "26 days after the start"),
        ("2020-07", "", "2020-08-31", "after", "31 to 61 days after the start"),
        ("", "2020-05-01", "2020-05-02", "after", "1 day after the start"),
        ("", "2020-06-14", "2020-05", "before", "14 to 44 days before the start"),
        ("2020-05", "", "2020-05-27", "unclear", UNCLEAR),
    ],
)
def test_timing_of_registration(study: str, start: str, registered: str, when: str, words: str) -> None:
    found = of_one_registration(study, start, registered)
    assert found is not None
    assert (found.when, found.in_words) == (when, words)


@pytest.mark.parametrize(("start", "registered"), [("", "2020-05-01"), ("2020-05-01", "")])
def test_timing_needs_both_dates(start: str, registered: str) -> None:
    assert of_one_registration("", start, registered) is None


def test_start_of_each_of_several_registrations_is_its_own() -> None:
    second = {"identifier": "NCT04457610", "start": "2020-05-20", "registered": "2020-05-27"}
    assert found({"recruitment_start": "2020-05-01"}, {"registered": "2020-04-01", "start": "2020-05-01"}, second) == [
        "Registered late: start 20 May 2020 (the registry), registered 27 May 2020 in NCT04457610: "
        "7 days after the start."
    ]


@pytest.mark.parametrize(("kind", "words"), [("paper", ""), ("press", " (a press report)"), ("review", " (a review)")])
def test_source_of_the_start_is_named_if_it_is_not_the_paper(kind: str, words: str) -> None:
    document = trial_document(
        recruitment_start="2020-05-01",
        registrations=[registration(registered="2020-05-27")],
        sources=[source("s1", kind=kind)],
        citations=[citation("recruitment_start")],
    )
    assert str(disagreements(build(document, Trial()))[0]) == LATE.replace(",", f"{words},", 1)


@pytest.mark.parametrize(("registered", "expected"), [("2020-05-01", []), ("2020-05", []), ("2020-05-27", [LATE])])
def test_late_registration(registered: str, expected: list[str]) -> None:
    assert found({"recruitment_start": "2020-05-01"}, {"registered": registered}) == expected


@pytest.mark.parametrize(
    ("registered", "when"),
    [
        ([], "none"),
        (["2020-04-01"], "before"),
        (["2020-06-01"], "after"),
        (["2020-06-01", "2020-04-01"], "before"),
        (["2020-06-01", ""], "unclear"),
        ([""], "unclear"),
        (["2020-05"], "unclear"),
    ],
)
def test_study_is_registered_before_its_start_if_any_registration_was(registered: list[str], when: str) -> None:
    names = [f"NCT0000000{number}" for number in range(len(registered))]
    rows = [
        registration(f"r{n}", identifier=name, registered=date)
        for n, (name, date) in enumerate(zip(names, registered, strict=True))
    ]
    document = trial_document(recruitment_start="2020-05-01", registrations=rows)
    assert registered_when(build(document, Trial())) == when


@pytest.mark.parametrize(("path", "about"), [("control", "Comparison"), ("primary_outcome", "Primary outcome")])
def test_values_in_words_differ_where_an_editor_recorded_it(path: str, about: str) -> None:
    note = "The abstract gives standard care; the registry gives salt water."
    readings = [citation(path, "q1"), citation(path, "q2", basis="disputed", note=note)]
    document = trial_document(citations=readings)
    assert [str(each) for each in disagreements(build(document, Trial()))] == [
        f"{about}: the abstract gives standard care; the registry gives salt water."
    ]


def test_each_registration_is_compared_by_itself() -> None:
    study = {"phase": "2", "masking": "double"}
    first = {"phase": "1", "masking": "double"}
    second = {"registry": "isrctn", "identifier": "ISRCTN52319075", "phase": "2", "masking": "open"}
    assert found(study, first, second) == [
        "Phase: phase 2 in the paper, phase 1 in NCT04457609.",
        "Masking: double masked in the paper, open label in ISRCTN52319075.",
    ]


def test_study_without_a_registration_has_no_disagreement() -> None:
    assert found({"phase": "2"}) == []
