"""A list without studies offers the nearest words that find some, and the search without a word."""

from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from tests.trials.listing.studies import save, study
from trials.listing.filters import TrialFilter
from trials.listing.suggestions import Suggestion, Suggestions, as_phrase
from trials.models import GlossaryTerm, OtherStudy

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def four_studies() -> None:
    save(
        study("lanzoni-2021", title="Mesenchymal stem cells", authors="Lanzoni, Giacomo", countries=["US"]),
        study("monsel-2022", title="Mesenchymal stromal cells", authors="Monsel, Antoine", countries=["FR"]),
        study("yip-2020", title="Umbilical cord", authors="Yip, Hon-Kan", countries=["TW"]),
        study("secret-2023", title="Placebo", authors="Secret, Ann", countries=["FR"], status="draft"),
    )


def suggestions(query: str) -> Suggestions:
    parameters = QueryDict(query)
    return Suggestions(TrialFilter(parameters), parameters)


@pytest.mark.parametrize(
    ("query", "nearest"),
    [
        ("lanzonni", [("lanzoni", 1)]),
        ("monsell", [("monsel", 1)]),
        ("mesenchimal", [("mesenchymal", 2)]),
        ("mesenchimal monsel", [("mesenchymal monsel", 1)]),
        ("lanzonni ebola", []),
        ("stemcells", [("stem cells", 1)]),
        ('"cells stem"', [("cells stem", 1)]),
        ("placeboo", []),  # no word of a public study
        ("lanzoni yip", []),  # both are right
        ("zzzzzz", []),
    ],
)
def test_nearest_words_that_find_a_study_are_offered(query: str, nearest: list[tuple[str, int]]) -> None:
    assert [(each.query, each.count) for each in suggestions(f"q={query}").nearest] == nearest


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("Bowdish", ["Bowdish 2023"]),
        ("remestemcel United States", ["Bowdish 2023"]),
        ("10.1000/other", ["Bowdish 2023"]),
        ("remestemcel Lanzoni", []),
        ("stem cells", []),  # the list has them, without the filter
        ("hidden", []),
        ("", []),
    ],
)
def test_studies_that_are_not_on_the_list_are_named(query: str, names: list[str]) -> None:
    values = {"reason": "not-yet-reviewed", "progress": "published", "sources": "A", "looked_up": "2026-11-30"}
    bowdish = {
        "slug": "b",
        "name": "Bowdish 2023",
        "dose": "Remestemcel-L stem cells",
        "countries": ["US"],
        "doi": "10.1000/other",
    }
    OtherStudy.objects.create(status="published", **bowdish, **values)
    OtherStudy.objects.create(status="draft", slug="h", name="Hidden 2023", **values)
    assert [each.name for each in suggestions(urlencode({"q": query, "design": "case-series"})).not_listed] == names


def test_words_of_the_glossary_are_offered() -> None:
    GlossaryTerm.objects.create(
        status="published", slug="c", term="Cell", meaning="Cell.", search_words="mesenchymal, coronavirus"
    )
    assert [(each.query, each.count) for each in suggestions("q=coronovirus").nearest] == [("coronavirus", 2)]


@pytest.mark.parametrize(
    ("query", "shorter"),
    [
        ("ebola", []),
        ("ebola cells", [("ebola", "cells", 2)]),
        ("Ebola “stem cells” Lanzoni", [("Ebola", "“stem cells” Lanzoni", 1)]),
        ("lanzoni yip", [("lanzoni", "yip", 1), ("yip", "lanzoni", 1)]),
        ("ebola zika", []),
        ("lanzoni NOT cells", [("lanzoni", "NOT (cells)", 1), ("NOT (cells)", "lanzoni", 1)]),
    ],
)
def test_search_without_the_word_that_fails_is_offered(query: str, shorter: list[tuple[str, str, int]]) -> None:
    found = suggestions(f"q={query}").without
    assert [(each.left_out, each.query, each.count) for each in found] == shorter


def test_suggestions_keep_the_other_filters_but_not_the_page() -> None:
    found = suggestions("q=mesenchimal+cells&country=FR&sort=oldest&page=3&view=")
    assert found.nearest == [Suggestion("mesenchymal cells", "?q=mesenchymal+cells&country=FR&sort=oldest#count", 1)]
    assert found.without[0] == Suggestion("cells", "?q=cells&country=FR&sort=oldest#count", 1, "mesenchimal")


def test_search_without_the_filters_is_offered() -> None:
    found = suggestions("q=lanzoni&country=FR&sort=oldest&page=2")
    assert found.nearest == []  # it is spelt right
    assert found.without == [Suggestion("lanzoni", "?q=lanzoni&sort=oldest#count", 1, "the filters")]
    assert suggestions("q=ebola&country=FR").without == suggestions("q=ebola").without == []


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("q=ebola", "No studies match your search. Try fewer or other words."),
        ("q=ebola&country=FR", "No studies match your search. Try fewer words or remove a filter."),
        ("country=BR", "No studies match your filters. Remove a filter."),
        ("q=et+al.", "There is no word to search for in “et al.”. Type a name, a word or a number."),
    ],
)
def test_sentence_names_only_what_is_on(query: str, sentence: str) -> None:
    assert suggestions(query).sentence == sentence


def test_long_search_costs_few_queries(django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(60):  # type: ignore[operator]
        found = suggestions("q=" + "+".join(f"lanzoni{letter}" for letter in "abcdefghijklmnopqrst"))
        assert found.nearest == found.without == []


@pytest.mark.parametrize(
    ("query", "count", "phrase"),
    [
        ("q=stem+cells", 2, Suggestion("“stem cells”", "?q=%E2%80%9Cstem+cells%E2%80%9D#count", 1)),
        ("q=“stem+cells", 2, Suggestion("“stem cells”", "?q=%E2%80%9Cstem+cells%E2%80%9D#count", 1)),
        ("q=stem+cells", 1, None),  # no fewer
        ("q=“stem+cells”", 2, None),
        ("q=cells", 2, None),
        ("", 3, None),
    ],
)
def test_search_for_the_words_together_is_offered_if_it_finds_fewer(
    query: str, count: int, phrase: Suggestion | None
) -> None:
    parameters = QueryDict(query)
    assert as_phrase(TrialFilter(parameters), parameters, count) == phrase
