"""Each code has exactly one counterpart at ClinicalTrials.gov."""

from typing import Any

import pytest

from trials import vocabulary as v

# The enumerations of the ClinicalTrials.gov API v2, copied from /api/v2/studies/enums.
ALLOCATION = {"RANDOMIZED", "NON_RANDOMIZED", "NA"}
INTERVENTION_MODEL = {"SINGLE_GROUP", "PARALLEL", "CROSSOVER", "FACTORIAL", "SEQUENTIAL"}
MASKING = {"NONE", "SINGLE", "DOUBLE", "TRIPLE", "QUADRUPLE"}
WHO_MASKED = {"PARTICIPANT", "CARE_PROVIDER", "INVESTIGATOR", "OUTCOMES_ASSESSOR"}
PHASE = {"NA", "EARLY_PHASE1", "PHASE1", "PHASE2", "PHASE3", "PHASE4"}


@pytest.mark.parametrize(
    ("vocabulary", "table"),
    [
        (v.Design, v.DESIGN_REGISTRY_TERMS),
        (v.Allocation, v.ALLOCATION_REGISTRY_CODES),
        (v.InterventionModel, v.MODEL_REGISTRY_CODES),
        (v.Masking, v.MASKING_REGISTRY_CODES),
        (v.WhoMasked, v.WHO_MASKED_REGISTRY_CODES),
        (v.Phase, v.PHASE_REGISTRY_CODES),
    ],
    ids=["design", "allocation", "intervention model", "masking", "who was masked", "phase"],
)
def test_registry_table_holds_each_code_once_with_a_meaning_of_its_own(vocabulary: Any, table: Any) -> None:
    assert list(table) == list(vocabulary)
    meanings = [repr(meaning) for meaning in table.values()]
    assert len(set(meanings)) == len(meanings)


def test_allocation_codes() -> None:
    assert v.ALLOCATION_REGISTRY_CODES == {
        "randomised": "RANDOMIZED",
        "not-randomised": "NON_RANDOMIZED",
        "na": "NA",
    }
    assert set(v.ALLOCATION_REGISTRY_CODES.values()) == ALLOCATION


def test_intervention_model_codes() -> None:
    assert v.MODEL_REGISTRY_CODES == {
        "single-group": "SINGLE_GROUP",
        "parallel": "PARALLEL",
        "crossover": "CROSSOVER",
        "factorial": "FACTORIAL",
        "sequential": "SEQUENTIAL",
    }
    assert set(v.MODEL_REGISTRY_CODES.values()) == INTERVENTION_MODEL


def test_masking_codes_with_nothing_for_what_is_not_reported() -> None:
    assert v.MASKING_REGISTRY_CODES == {
        "open": "NONE",
        "single": "SINGLE",
        "double": "DOUBLE",
        "triple": "TRIPLE",
        "quadruple": "QUADRUPLE",
        "not-reported": None,
    }
    assert set(v.MASKING_REGISTRY_CODES.values()) == MASKING | {None}


def test_who_masked_codes() -> None:
    assert v.WHO_MASKED_REGISTRY_CODES == {
        "participant": "PARTICIPANT",
        "care-provider": "CARE_PROVIDER",
        "investigator": "INVESTIGATOR",
        "outcomes-assessor": "OUTCOMES_ASSESSOR",
    }
    assert set(v.WHO_MASKED_REGISTRY_CODES.values()) == WHO_MASKED


def test_phase_codes_with_two_members_for_a_combined_phase() -> None:
    assert v.PHASE_REGISTRY_CODES == {
        "early-1": ["EARLY_PHASE1"],
        "1": ["PHASE1"],
        "1-2": ["PHASE1", "PHASE2"],
        "2": ["PHASE2"],
        "2-3": ["PHASE2", "PHASE3"],
        "3": ["PHASE3"],
        "4": ["PHASE4"],
        "na": ["NA"],
        "not-reported": [],
    }
    assert {code for codes in v.PHASE_REGISTRY_CODES.values() for code in codes} == PHASE


def test_design_terms_in_the_fixed_order() -> None:
    assert list(v.DESIGN_REGISTRY_TERMS.items()) == [
        ("randomised", ("INTERVENTIONAL", "RANDOMIZED", "PARALLEL")),
        ("controlled", ("INTERVENTIONAL", "NON_RANDOMIZED", "PARALLEL")),
        ("single-arm", ("INTERVENTIONAL", "NA", "SINGLE_GROUP")),
        ("case-series", ("OBSERVATIONAL", None, "CASE_ONLY")),
    ]


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


@pytest.mark.parametrize(
    ("registry", "address"),
    [
        (v.Registry.CLINICALTRIALS_GOV, "https://clinicaltrials.gov/study/X1"),
        (v.Registry.ISRCTN, "https://www.isrctn.com/X1"),
    ],
)
def test_registry_record_address(registry: Any, address: str) -> None:
    assert v.REGISTRY_RECORD_URLS[registry].format("X1") == address
