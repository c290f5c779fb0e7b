"""The derived columns of a study follow its groups and counts."""

from typing import Any

import pytest
from django.core.management import call_command

from tests.factories import arm, comparison, count, published_trial, registration
from trials.models import Trial
from trials.models.trial import DERIVED
from trials.workflow.derived import derive, search_text

pytestmark = pytest.mark.django_db

TOTALS = [name for name in DERIVED if name not in ("search_text", "author_key", "publication_year")]


def totals(**values: Any) -> dict[str, Any]:
    trial = published_trial(**values)
    return {name: getattr(trial, name) for name in TOTALS}


def test_totals_of_a_study_with_groups_of_all_kinds() -> None:
    assert totals(
        arms=[
            arm("a1"),
            comparison("a2"),
            arm("a3", name="More", cell_source="placenta", randomised=9, analysed=8),
            arm("a4", name="Mild", role="other", cell_source="", randomised=7, analysed=None),
        ],
        counts=[
            count("c1", "a1"),
            count("c2", "a2", events=5),
            count("c3", "a3", events=2, total=8),
            count("c4", "a3", days=90, events=4, total=8, headline=False),
            count("c5", "a3", outcome="sae", events=8, total=8),
        ],
    ) == {
        "cell_sources": ["umbilical-cord", "placenta"],
        "people": 35,
        "cells_people": 18,
        "comparison_people": 10,
        "other_people": 7,
        "cells_deaths": 5,
        "cells_out_of": 18,
        "comparison_deaths": 5,
        "comparison_out_of": 10,
        "deaths_time": "by day 28",
        "differences": [],
        "registered_when": "none",
        "notice_kinds": [],
    }


def test_totals_of_a_study_without_rows() -> None:
    empty = {"cell_sources": [], "people": 0, "deaths_time": "", "differences": [], "registered_when": "none"}
    empty |= {"notice_kinds": []}
    assert totals(arms=[], counts=[]) == dict.fromkeys(TOTALS) | empty


def test_differences_and_the_time_of_registration_are_stored() -> None:
    late = registration(masking="open", start="2020-05-01", registered="2020-05-27")
    found = totals(registrations=[late])
    assert (found["differences"], found["registered_when"]) == (["masking", "timing"], "after")


def test_group_of_unknown_size_is_a_group() -> None:
    found = totals(arms=[comparison("a2", randomised=None, analysed=None)], counts=[])
    assert (found["comparison_people"], found["cells_people"]) == (0, None)


def test_count_without_a_group_is_of_the_people_given_cells() -> None:
    found = totals(counts=[count("c1", None, events=4, total=9)])
    assert (found["cells_deaths"], found["cells_out_of"], found["comparison_deaths"]) == (4, 9, None)


@pytest.mark.parametrize(
    ("counts", "when"),
    [
        ([count("c1", "a1", days=31), count("c2", "a2", days=31)], "by day 31"),
        ([count("c1", None, days=None, time_point="in hospital")], "in hospital"),
        ([count("c1", "a1", days=None)], "day not stated"),
        ([count("c1", "a1", days=28), count("c2", "a2")], "by day 28"),
        (
            [count("c1", "a1", days=28), count("c2", "a2", days=None, time_point="in hospital")],
            "by day 28 (given cells), in hospital (comparison group)",
        ),
        ([count("c1", "a1", days=90, headline=False), count("c2", "a1", outcome="sae", days=14)], ""),
        ([], ""),
    ],
)
def test_time_of_the_main_counts_of_deaths(counts: list[dict[str, Any]], when: str) -> None:
    assert totals(counts=counts)["deaths_time"] == when


def test_largest_numbers_fit_into_the_columns() -> None:
    groups = [arm(f"a{number}", name=str(number), randomised=None, analysed=1_000_000) for number in range(50)]
    assert totals(arms=groups, counts=[])["people"] == 50_000_000


@pytest.mark.parametrize(
    "phrase",
    [
        "dilogo jose dilogo j", "jose dilogo", "dilogo 2021", "double masked", "phase 1 2", "phase 2", "phase ii",
        "turkiye", "turkish", "covid 19", "whartons jelly", "umbilical cord", "nct04457609", "10.1000/x", "ards", "msc",
        "given in izmir",
    ],
)  # fmt: skip
def test_search_text_holds_the_words_of(phrase: str) -> None:
    trial = published_trial(
        authors="Dilogo, José",
        doi="10.1000/X",
        countries=["TR"],
        masking="double",
        phase="1-2",
        cell_source_wording="Wharton’s jelly",
        plain_summary="Given in İzmir.",
        registrations=[registration()],
    )
    assert f" {phrase} " in trial.search_text


@pytest.mark.parametrize(
    ("values", "absent"),
    [
        ({"design": "controlled"}, "randomised"),
        ({"masking": "not-reported"}, "not reported"),
        ({"phase": "not-reported"}, "phase"),
        ({"plain_summary": "They had causes other than Ebola."}, "ebola"),
        ({"plain_summary": "They were not clearly blinded, and nobody told us."}, "blinded"),
        ({"plain_summary": "They were not clearly blinded, and nobody told us."}, "us"),
        ({"unsettled": "The registry says Surakarta."}, "surakarta"),
        ({"limits": "The registry says Surakarta."}, "surakarta"),
    ],
)
def test_search_text_leaves_out_what_a_study_is_not(values: dict[str, Any], absent: str) -> None:
    neutral = {"title": "Cells for lung failure", "titled_design": "", "design_wording": ""}
    assert f" {absent} " not in published_trial(**neutral | values).search_text


def test_country_that_is_no_longer_in_the_list_is_left_out_of_the_search_text() -> None:
    trial = published_trial()
    trial.countries = ["XX", "FR"]
    assert "france" in search_text(trial)


def test_stored_columns_of_the_eight_studies_equal_a_new_computation() -> None:
    call_command("loaddata", "studies", verbosity=0)
    for trial in Trial.objects.all():
        stored = {name: getattr(trial, name) for name in DERIVED}
        derive(trial)
        assert {name: getattr(trial, name) for name in DERIVED} == stored, trial.slug
