"""Which values a facet lists, in which order, and which of them can be chosen."""

import pytest
from django.http import QueryDict

from tests.trials.listing.studies import save, study
from trials.listing.facets import Counts, Facet, Value
from trials.listing.filters import TrialFilter

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def three_studies() -> None:
    save(
        study("adas-2021", design="controlled", masking="open", countries=["TR"], cell_sources=["placenta"]),
        study("monsel-2022", countries=["FR", "ID"], publication_date="2022", cell_sources=["placenta", "adipose"]),
        study("yip-2020", design="single-arm", masking="", countries=["TW"], publication_date="2020"),
    )


def facet(name: str, query: str = "") -> Facet:
    return next(facet for facet in Counts(TrialFilter(QueryDict(query))).facets if facet.name == name)


def counts(name: str, query: str = "") -> dict[str, int]:
    return {value.code: value.count for value in facet(name, query).values}


def test_facets_are_in_the_order_of_the_page() -> None:
    assert [(facet.name, facet.label) for facet in Counts(TrialFilter(QueryDict())).facets] == [
        ("design", "Study design"),
        ("masking", "Masking (blinding)"),
        ("cause", "Cause of ARDS"),
        ("cells", "Source of cells"),
        ("country", "Country"),
        ("phase", "Phase"),
    ]


def test_countries_are_in_the_order_of_their_names() -> None:
    assert [value.label for value in facet("country").values] == ["France", "Indonesia", "Taiwan", "Turkey"]


def test_every_design_is_listed_and_other_values_only_where_a_study_has_them() -> None:
    assert counts("design") == {"randomised": 1, "controlled": 1, "single-arm": 1, "case-series": 0}
    assert counts("masking") == {"open": 1, "double": 1}


def test_search_lists_the_values_of_what_it_finds_and_every_design() -> None:
    assert counts("design", "q=adas") == {"randomised": 0, "controlled": 1, "single-arm": 0, "case-series": 0}
    assert counts("country", "q=adas&design=randomised") == {"TR": 0}


def test_value_that_would_show_nothing_is_disabled_unless_it_is_chosen() -> None:
    assert facet("country", "design=controlled&country=FR").values == [
        Value("FR", "France", 0, chosen=True),
        Value("ID", "Indonesia", 0, chosen=False),
        Value("TW", "Taiwan", 0, chosen=False),
        Value("TR", "Turkey", 1, chosen=False),
    ]
    assert [value.disabled for value in facet("country", "design=controlled&country=FR").values] == [
        False, True, True, False,
    ]  # fmt: skip


def test_chosen_value_is_listed_even_where_no_study_has_it() -> None:
    assert counts("masking", "masking=single") == {"open": 1, "single": 0, "double": 1}
    years = Counts(TrialFilter(QueryDict("year_min=2019&year_max=2019")))
    assert [(value.code, value.count, value.chosen) for value in years.first_years] == [
        ("2019", 0, True), ("2020", 0, False), ("2021", 0, False), ("2022", 0, False),
    ]  # fmt: skip
    assert [(value.code, value.count, value.chosen) for value in years.last_years] == [
        ("2019", 0, True), ("2020", 1, False), ("2021", 2, False), ("2022", 3, False),
    ]  # fmt: skip


def test_counts_leave_out_an_invalid_value() -> None:
    assert counts("country", "masking=open&design=nonsense") == {"FR": 0, "ID": 0, "TW": 0, "TR": 1}
