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
        "notice_kinds": [],
    }


def test_totals_of_a_study_without_rows() -> None:
    assert totals(arms=[], counts=[]) == dict.fromkeys(TOTALS) | {"cell_sources": [], "people": 0, "notice_kinds": []}


def test_group_of_unknown_size_is_a_group() -> None:
    found = totals(arms=[comparison("a2", randomised=None, analysed=None)], counts=[])
    assert (found["comparison_people"], found["cells_people"]) == (0, None)


def test_count_without_a_group_is_of_the_people_given_cells() -> None:
    found = totals(counts=[count("c1", None, events=4, total=9)])
    assert (found["cells_deaths"], found["cells_out_of"], found["comparison_deaths"]) == (4, 9, None)


def test_largest_numbers_fit_into_the_columns() -> None:
    groups = [arm(f"a{number}", name=str(number), randomised=None, analysed=1_000_000) for number in range(50)]
    assert totals(arms=groups, counts=[])["people"] == 50_000_000


@pytest.mark.parametrize(
    "word", ["dilogo", "jose", "nct04457609", "10.1000/x", "turkiye", "wharton's", "umbilical", "respiratory"]
)
def test_search_text_holds_the_folded_words(word: str) -> None:
    trial = published_trial(
        authors="Dilogo, José",
        doi="10.1000/x",
        countries=["TR"],
        cell_source_wording="Wharton’s jelly",
        registrations=[registration()],
    )
    assert word in trial.search_text.split()


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
