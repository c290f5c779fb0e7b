"""The count beside each value of a filter: right, taken with the other filters on, and equal to what the list gives."""

from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_arm, make_trial
from trials.facets import Facet, Value, facets
from trials.filters import TrialFilter
from trials.listing import listing
from trials.models import Trial

pytestmark = pytest.mark.usefixtures("eight_studies")

# The eight studies as plain data: design, masking, cause, tissues, country, phase, year.
STUDIES = {
    "adas": ("controlled", "not-reported", "covid-19", {"umbilical-cord"}, "TR", "not-reported", 2021),
    "dilogo": ("randomised", "double", "covid-19", {"umbilical-cord"}, "ID", "not-reported", 2021),
    "hashemian": ("case-series", "not-reported", "covid-19", {"umbilical-cord", "placenta"}, "IR", "1", 2021),
    "kaffash farkhad": ("controlled", "open", "covid-19", {"umbilical-cord"}, "IR", "1", 2022),
    "lanzoni": ("randomised", "double", "covid-19", {"umbilical-cord"}, "US", "1-2", 2021),
    "monsel": ("randomised", "double", "covid-19", {"umbilical-cord"}, "FR", "2", 2022),
    "rebelatto": ("randomised", "double", "covid-19", {"umbilical-cord"}, "BR", "1-2", 2022),
    "yip": ("single-arm", "not-reported", "other", {"umbilical-cord"}, "TW", "1", 2020),
}
FACETS = ["design", "masking", "cause", "cells", "country", "phase"]


def bound(query: str) -> TrialFilter:
    filterset = TrialFilter(QueryDict(query), queryset=Trial.objects.public())
    assert filterset.is_valid()
    return filterset


def shown(filterset: TrialFilter) -> dict[str, Any]:
    return facets(filterset, listing(filterset, "newest", 0, 0).counts)


def counted(query: str) -> dict[str, dict[str, int]]:
    """facet -> value -> count"""
    found = shown(bound(query))
    by_name = {facet.name: {value.code: value.count for value in facet.values} for facet in found["facets"]}
    for name, values in (("year_min", found["first_years"]), ("year_max", found["last_years"])):
        by_name[name] = {value.code: value.count for value in values}
    return by_name


def facet(query: str, name: str) -> Facet:
    return next(facet for facet in shown(bound(query))["facets"] if facet.name == name)


# --- Exact counts ---------------------------------------------------------------------------------------------


def test_counts_of_all_eight_studies() -> None:
    assert counted("") == {
        "design": {"randomised": 4, "controlled": 2, "single-arm": 1, "case-series": 1},
        "masking": {"open": 1, "double": 4, "not-reported": 3},
        "cause": {"covid-19": 7, "other": 1},
        "cells": {"umbilical-cord": 8, "placenta": 1},
        "country": {"BR": 1, "FR": 1, "ID": 1, "IR": 2, "TW": 1, "TR": 1, "US": 1},
        "phase": {"1": 3, "1-2": 2, "2": 1, "not-reported": 2},
        "year_min": {"2020": 8, "2021": 7, "2022": 3},
        "year_max": {"2020": 1, "2021": 5, "2022": 8},
    }


def test_counts_with_the_randomised_studies_chosen() -> None:
    assert counted("design=randomised") == {
        # its own filter is left out: these say what choosing another value as well would bring
        "design": {"randomised": 4, "controlled": 2, "single-arm": 1, "case-series": 1},
        "masking": {"open": 0, "double": 4, "not-reported": 0},
        "cause": {"covid-19": 4, "other": 0},
        "cells": {"umbilical-cord": 4, "placenta": 0},
        "country": {"BR": 1, "FR": 1, "ID": 1, "IR": 0, "TW": 0, "TR": 0, "US": 1},
        "phase": {"1": 0, "1-2": 2, "2": 1, "not-reported": 1},
        "year_min": {"2020": 4, "2021": 4, "2022": 2},
        "year_max": {"2020": 0, "2021": 2, "2022": 4},
    }


def test_counts_with_filters_of_several_kinds() -> None:
    assert counted("q=iran&year_min=2022") == {
        "design": {"randomised": 0, "controlled": 1, "single-arm": 0, "case-series": 0},
        "masking": {"open": 1, "double": 0, "not-reported": 0},
        "cause": {"covid-19": 1, "other": 0},
        "cells": {"umbilical-cord": 1, "placenta": 0},
        "country": {"BR": 0, "FR": 0, "ID": 0, "IR": 1, "TW": 0, "TR": 0, "US": 0},
        "phase": {"1": 1, "1-2": 0, "2": 0, "not-reported": 0},
        "year_min": {"2020": 3, "2021": 3, "2022": 1},
        "year_max": {"2020": 0, "2021": 0, "2022": 1},
    }


# --- What is shown --------------------------------------------------------------------------------------------


def test_facets_stand_in_the_order_of_the_page_with_the_design_first() -> None:
    found = shown(bound("country=IR"))["facets"]
    assert [facet.name for facet in found] == FACETS
    assert [facet.label for facet in found] == [
        "Study design",
        "Masking: who did not know the treatment",
        "Cause of ARDS",
        "Cells from",
        "Country",
        "Phase",
    ]


def test_values_stand_in_the_order_of_the_vocabulary_and_countries_by_name() -> None:
    assert [value.label for value in facet("", "design").values] == [
        "Randomised controlled trial",
        "Controlled, not randomised or not clearly reported",
        "Single-arm trial",
        "Case series (not a trial)",
    ]
    assert [value.label for value in facet("", "country").values] == [
        "Brazil",
        "France",
        "Indonesia",
        "Iran",
        "Taiwan",
        "Turkey",
        "United States",
    ]


def test_value_that_would_give_nothing_cannot_be_chosen() -> None:
    values = {value.code: value for value in facet("design=randomised", "country").values}
    assert [code for code, value in values.items() if value.cannot_be_chosen] == ["IR", "TW", "TR"]


def test_value_that_gives_nothing_can_be_let_go_once_it_is_chosen() -> None:
    iran = next(value for value in facet("design=randomised&country=IR", "country").values if value.code == "IR")
    assert iran == Value("IR", "Iran", 0, chosen=True)
    assert not iran.cannot_be_chosen


def test_year_that_no_study_has_is_shown_once_it_is_chosen() -> None:
    years = shown(bound("year_min=2015&year_max=2019"))
    assert years["first_years"] == [
        Value("2015", "2015", 0, chosen=True),
        Value("2020", "2020", 0, chosen=False),
        Value("2021", "2021", 0, chosen=False),
        Value("2022", "2022", 0, chosen=False),
    ]
    assert [(year.code, year.count, year.chosen) for year in years["last_years"]] == [
        ("2019", 0, True),
        ("2020", 1, False),
        ("2021", 5, False),
        ("2022", 8, False),
    ]


def test_value_that_no_study_has_is_shown_once_it_is_chosen() -> None:
    assert "single" not in counted("")["masking"]
    assert counted("masking=single")["masking"] == {"open": 1, "single": 0, "double": 4, "not-reported": 3}


def test_every_design_is_shown_even_where_no_study_has_it() -> None:
    Trial.objects.exclude(design="randomised").delete()
    assert counted("")["design"] == {"randomised": 4, "controlled": 0, "single-arm": 0, "case-series": 0}


def test_study_with_two_groups_of_one_tissue_counts_once() -> None:
    make_arm(Trial.objects.get(slug="dilogo-2021"), cell_source="umbilical-cord")
    assert counted("")["cells"] == {"umbilical-cord": 8, "placenta": 1}
    assert counted("design=randomised")["cells"] == {"umbilical-cord": 4, "placenta": 0}


@pytest.mark.parametrize("status", ["draft", "in-review", "archived"])
def test_study_that_is_not_published_counts_nowhere(status: str) -> None:
    before = counted("")
    make_trial(
        status=status, countries=("ID", "GB"), design="controlled", masking="triple", phase="3", publication_date="2024"
    )
    assert counted("") == before
    assert "GB" not in counted("")["country"]


# --- By a second road -----------------------------------------------------------------------------------------


def has(study, facet_name: str, code: str) -> bool:
    value = study[FACETS.index(facet_name)]
    return code in value if isinstance(value, set) else code == value


def kept(choice: dict[str, list[str]], without: str = "") -> list[tuple]:
    """The studies of the plain data that the choice leaves, slowly and obviously."""
    left = []
    for study in STUDIES.values():
        fits = all(any(has(study, name, code) for code in codes) for name, codes in choice.items() if name != without)
        if fits:
            left.append(study)
    return left


def address(choice: dict[str, list[str]]) -> str:
    return "&".join(f"{name}={code}" for name, codes in choice.items() for code in codes)


some_of = {
    "design": ["randomised", "controlled", "single-arm", "case-series"],
    "masking": ["open", "double", "triple", "not-reported"],
    "cause": ["covid-19", "other", "mixed"],
    "cells": ["umbilical-cord", "placenta", "adipose"],
    "country": ["BR", "FR", "ID", "IR", "TW", "TR", "US"],
    "phase": ["1", "1-2", "2", "3", "not-reported"],
}
choices = st.fixed_dictionaries(
    {},
    optional={
        name: st.lists(st.sampled_from(codes), min_size=1, max_size=3, unique=True) for name, codes in some_of.items()
    },
)
generated = settings(
    deadline=None,
    max_examples=25,
    derandomize=True,
    # The studies are only read, so one set of them serves every example.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@generated
@given(choice=choices)
def test_counts_agree_with_plain_lists(choice: dict[str, list[str]]) -> None:
    found = counted(address(choice))
    for name in FACETS:
        left = kept(choice, without=name)
        for code, count in found[name].items():
            assert count == sum(has(study, name, code) for study in left), (choice, name, code)
    left = kept(choice)
    assert found["year_min"] == {str(year): sum(study[6] >= year for study in left) for year in (2020, 2021, 2022)}
    assert found["year_max"] == {str(year): sum(study[6] <= year for study in left) for year in (2020, 2021, 2022)}


@generated
@given(choice=choices)
def test_count_beside_a_value_is_what_the_list_gives_when_it_alone_is_chosen(choice: dict[str, list[str]]) -> None:
    for name, values in counted(address(choice)).items():
        for code, count in values.items():
            others = {other: codes for other, codes in choice.items() if other != name}
            alone = bound(address(others | {name: [code]}))
            assert listing(alone, "newest", 0, 0).totals.studies == count, (choice, name, code)
