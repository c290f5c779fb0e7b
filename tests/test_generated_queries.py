"""Whatever stands in the address: never a server error, and never a list that was not asked for."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.dom import tree

pytestmark = pytest.mark.usefixtures("eight_studies")

# The eight studies as plain data: design, masking, cause, tissues, country, phase, year, and words to find them by.
STUDIES = {
    "adas-2021": ("controlled", "not-reported", "covid-19", ["umbilical-cord"], "TR", "not-reported", 2021),
    "dilogo-2021": ("randomised", "double", "covid-19", ["umbilical-cord"], "ID", "not-reported", 2021),
    "hashemian-2021": ("case-series", "not-reported", "covid-19", ["umbilical-cord", "placenta"], "IR", "1", 2021),
    "kaffash-farkhad-2022": ("controlled", "open", "covid-19", ["umbilical-cord"], "IR", "1", 2022),
    "lanzoni-2021": ("randomised", "double", "covid-19", ["umbilical-cord"], "US", "1-2", 2021),
    "monsel-2022": ("randomised", "double", "covid-19", ["umbilical-cord"], "FR", "2", 2022),
    "rebelatto-2022": ("randomised", "double", "covid-19", ["umbilical-cord"], "BR", "1-2", 2022),
    "yip-2020": ("single-arm", "not-reported", "other", ["umbilical-cord"], "TW", "1", 2020),
}
CODES = {
    "design": ["randomised", "controlled", "single-arm", "case-series"],
    "masking": ["open", "single", "double", "triple", "quadruple", "not-reported"],
    "cause": ["covid-19", "other", "mixed"],
    "cells": ["umbilical-cord", "placenta", "bone-marrow", "adipose", "menstrual-blood", "other"],
    "country": ["BR", "FR", "ID", "IR", "TR", "TW", "US"],
    "phase": ["early-1", "1", "1-2", "2", "2-3", "3", "4", "na", "not-reported"],
}
SEARCHES = {
    "lucia": {"rebelatto-2022"},
    "  ADAŞ ": {"adas-2021"},
    "nct04355728": {"lanzoni-2021"},
    "Türkiye": {"adas-2021"},
    "umbilical": set(STUDIES),
    "%": set(),
    "\u0301": set(),
    "nothing at all like this": set(),
}
SORTS, VIEWS = ["newest", "oldest", "largest", "author"], ["list", "table"]
ADDRESSES = ["/", "/trials/", "/trials/yip-2020/", "/glossary/", "/about/", "/sitemap.xml", "/robots.txt", "/nothing/"]

# --- What is asked --------------------------------------------------------------------------------------------

good = {
    **{name: st.sampled_from(codes) for name, codes in CODES.items()},
    "q": st.sampled_from(sorted(SEARCHES)),
    "year_min": st.sampled_from(["1900", "2020", "2021", " 2022 ", "2100", "02021"]),
    "year_max": st.sampled_from(["1900", "2020", "2021", " 2022 ", "2100", "02021"]),
    "sort": st.sampled_from(SORTS),
    "view": st.sampled_from(VIEWS),
    "page": st.sampled_from(["1", "1", "1", " 1", "2"]),
}
odd = st.one_of(
    st.sampled_from(
        ["", " ", "\x00", "randomised\x00", "-1", "0", "1e3", "1_000", "٢٠٢١", "９", "9" * 400, "x" * 201, "nonsense"]
    ),
    st.sampled_from(
        ["Randomised", "<script>", "'; DROP TABLE trials_trial;--", "%", "\\", "\u202e", "🙂", "a\u0301" * 90]
    ),
    st.text(max_size=12),
    st.integers().map(str),
)
pairs = st.lists(
    st.one_of(
        *(st.tuples(st.just(name), values) for name, values in good.items()),
        st.tuples(st.sampled_from(sorted(good)), odd),
        st.tuples(st.text(max_size=8).filter(lambda name: name not in good), odd),
    ),
    max_size=6,
)
only_good = st.fixed_dictionaries({}, optional=good).map(lambda chosen: list(chosen.items()))
queries = st.one_of(pairs.map(urlencode), only_good.map(urlencode), st.text("&=+%;#?/0aGzé\x7f", max_size=20))


# --- What should come of it, slowly and obviously -------------------------------------------------------------


def read_year(value: str) -> int | None:
    """The year, None for nothing. Raises ValueError for what is no year."""
    text = value.strip()
    if not text:
        return None
    if not all(c in "0123456789" for c in text) or len(text) > 9 or not 1900 <= int(text) <= 2100:
        raise ValueError(value)
    return int(text)


def read_page(value: str) -> int:
    text = value.strip()
    if not text:
        return 1
    if not all(c in "0123456789" for c in text) or len(text) > 9 or int(text) < 1:
        raise ValueError(value)
    return int(text)


def one_of(known: list[str]) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in ("", *known):
            raise ValueError(value)
        return value

    return read


def read_search(value: str) -> str:
    text = value.strip()
    if len(text) > 200 or "\x00" in text:
        raise ValueError(value)
    return text


def expected(query: str) -> tuple[int, set[str] | None]:
    """The status and the studies for an address; None for studies of a search that we cannot foretell."""
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True, errors="replace"):
        given.setdefault(name, []).append(value)
    left = dict(STUDIES)
    known = True
    try:
        for index, (name, codes) in enumerate(CODES.items()):
            chosen = [value for value in given.get(name, []) if value.strip()]
            if not set(chosen) <= set(codes):
                raise ValueError(name)
            if chosen:
                left = {
                    slug: study
                    for slug, study in left.items()
                    if set(chosen) & set(study[index] if isinstance(study[index], list) else [study[index]])
                }
        single = {}
        readers = {
            "q": read_search,
            "year_min": read_year,
            "year_max": read_year,
            "sort": one_of(SORTS),
            "view": one_of(VIEWS),
            "page": read_page,
        }
        for name, read in readers.items():
            values = given.get(name, [])
            if len(values) > 1:
                raise ValueError(name)
            single[name] = read(values[0] if values else "")
        first, last = single["year_min"], single["year_max"]
        if first and last and first > last:
            raise ValueError("years")
    except ValueError:
        return 400, set()
    left = {slug: s for slug, s in left.items() if (not first or s[6] >= first) and (not last or s[6] <= last)}
    if single["q"]:
        by_words = {words.strip(): found for words, found in SEARCHES.items()}
        known = single["q"] in by_words
        left = {slug: s for slug, s in left.items() if slug in by_words.get(single["q"], set())}
    if single["page"] > 1:
        return 404, set()
    return 200, set(left) if known else None


# --- The tests ------------------------------------------------------------------------------------------------


def generated(examples: int) -> settings:
    return settings(
        deadline=None,
        max_examples=examples,
        derandomize=True,
        database=None,
        # The studies are only read, so one set of them serves every example.
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )


def shown(response) -> set[str]:
    results = tree(response).one(id="results")
    links = {a["href"] for a in results.all("a") if a["href"].startswith("/trials/")} - {"/trials/"}
    return {link.removeprefix("/trials/").rstrip("/") for link in links}


@generated(150)
@given(query=queries)
@example(query="design=nonsense")
@example(query="design=randomised&design=nonsense")
@example(query="design=&country=")
@example(query="q=%00")
@example(query="q=%FF%FE&design=%C3")
@example(query="year_min=2022&year_max=2020")
@example(query="page=" + "9" * 5000)
@example(query="&".join("design=randomised" for _ in range(900)))
def test_list_shows_what_was_asked_for_or_nothing(client: Client, query: str) -> None:
    status, studies = expected(query)
    response = client.get("/trials/", QUERY_STRING=query)
    found = shown(response)
    if studies is None:  # a search for anything: it may find studies, but it is no error
        assert response.status_code in (200, 404)
    else:
        assert (response.status_code, found) == (status, studies)
    if response.status_code != 200:
        assert found == set()


@generated(60)
@given(query=queries, address=st.sampled_from(ADDRESSES))
def test_no_address_breaks(client: Client, query: str, address: str) -> None:
    # An exception in a view would come out of the client and fail the test.
    response = client.get(address, QUERY_STRING=query)
    assert response.status_code == (404 if address == "/nothing/" else 200) or (
        address == "/trials/" and response.status_code in (400, 404)
    )


@generated(60)
@given(path=st.one_of(st.text(max_size=20), st.text("/.-_%atrils", max_size=20)), query=queries)
def test_no_path_breaks(client: Client, path: str, query: str) -> None:
    # The admin has its own tests; a path that leads there would only show its log-in.
    response = client.get("/" + path.lstrip("/").replace("?", "").replace("#", ""), QUERY_STRING=query)
    assert response.status_code in (200, 301, 302, 400, 404)


@pytest.mark.parametrize("query", ["a=1&" * 6000, "design=randomised&" * 6000, "&" * 6000], ids=["a", "design", "none"])
def test_thousands_of_parameters_are_refused(client: Client, query: str) -> None:
    response = client.get("/trials/", QUERY_STRING=query)
    assert response.status_code == 400
    assert b"mesenchymal" not in response.content.lower()
