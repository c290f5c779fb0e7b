"""Each code has exactly one counterpart at ClinicalTrials.gov."""

from typing import Any

import pytest

from trials import vocabulary as v


@pytest.mark.parametrize(
    ("vocabulary", "table", "expected"),
    [
        (v.Allocation, v.ALLOCATION_REGISTRY_CODES, ["RANDOMIZED", "NON_RANDOMIZED", "NA"]),
        (
            v.InterventionModel,
            v.MODEL_REGISTRY_CODES,
            ["SINGLE_GROUP", "PARALLEL", "CROSSOVER", "FACTORIAL", "SEQUENTIAL"],
        ),
        (v.Masking, v.MASKING_REGISTRY_CODES, ["NONE", "SINGLE", "DOUBLE", "TRIPLE", "QUADRUPLE", None]),
        (
            v.WhoMasked,
            v.WHO_MASKED_REGISTRY_CODES,
            ["PARTICIPANT", "CARE_PROVIDER", "INVESTIGATOR", "OUTCOMES_ASSESSOR"],
        ),
        (
            v.Phase,
            v.PHASE_REGISTRY_CODES,
            [
                ["EARLY_PHASE1"],
                ["PHASE1"],
                ["PHASE1", "PHASE2"],
                ["PHASE2"],
                ["PHASE2", "PHASE3"],
                ["PHASE3"],
                ["PHASE4"],
                ["NA"],
                [],
            ],
        ),
    ],
    ids=["allocation", "intervention model", "masking", "who was masked", "phase"],
)
def test_codes_of_the_registry_in_the_order_of_ours(vocabulary: Any, table: Any, expected: list[Any]) -> None:
    """The enumerations of the ClinicalTrials.gov API v2 (/api/v2/studies/enums) have no other members."""
    assert list(table) == list(vocabulary)
    assert list(table.values()) == expected
