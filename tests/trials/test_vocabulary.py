"""Each code has exactly one counterpart at ClinicalTrials.gov."""

from typing import Any

import pytest

from trials import vocabulary as v


@pytest.mark.parametrize(
    ("vocabulary", "table", "expected"),
    [
        (v.Allocation, v.ALLOCATION_REGISTRY_CODES, "RANDOMIZED, NON_RANDOMIZED, NA"),
        (v.InterventionModel, v.MODEL_REGISTRY_CODES, "SINGLE_GROUP, PARALLEL, CROSSOVER, FACTORIAL, SEQUENTIAL"),
        (v.Masking, v.MASKING_REGISTRY_CODES, "NONE, SINGLE, DOUBLE, TRIPLE, QUADRUPLE, None"),
        (v.WhoMasked, v.WHO_MASKED_REGISTRY_CODES, "PARTICIPANT, CARE_PROVIDER, INVESTIGATOR, OUTCOMES_ASSESSOR"),
        (
            v.Phase,
            v.PHASE_REGISTRY_CODES,
            "EARLY_PHASE1, PHASE1, PHASE1 PHASE2, PHASE2, PHASE2 PHASE3, PHASE3, PHASE4, NA, ",
        ),
    ],
    ids=["allocation", "intervention model", "masking", "who was masked", "phase"],
)
def test_codes_of_the_registry_in_the_order_of_ours(vocabulary: Any, table: Any, expected: str) -> None:
    """The enumerations of the ClinicalTrials.gov API v2 (/api/v2/studies/enums) have no other members."""
    assert list(table) == list(vocabulary)
    terms = [[code] if isinstance(code, str) or code is None else code for code in table.values()]
    assert ", ".join(" ".join(map(str, each)) for each in terms) == expected


def test_design_labels_say_that_a_case_series_is_not_a_trial() -> None:
    assert [str(label) for label in v.Design.labels] == [
        "Randomised controlled trial",
        "Controlled, but not clearly randomised",
        "Single-arm trial",
        "Case series (not a trial)",
    ]


def test_three_kinds_of_blank() -> None:
    assert v.BlankReason.choices == [
        ("not-reported", "not reported"),
        ("not-checked", "not yet checked"),
        ("does-not-apply", "does not apply"),
    ]


def test_address_of_a_registry_record() -> None:
    assert v.REGISTRY_RECORD_URLS[v.Registry.CLINICALTRIALS_GOV].format("X1") == "https://clinicaltrials.gov/study/X1"
    assert v.REGISTRY_RECORD_URLS[v.Registry.ISRCTN].format("X1") == "https://www.isrctn.com/X1"
