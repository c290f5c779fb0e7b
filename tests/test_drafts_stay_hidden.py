"""Nothing of a study that is not published, or of a draft of what is, reaches the public, at any address."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tests.dom import tree
from tests.factories import ANN, make_arm, make_blank, make_count, make_page, make_registration, make_source, make_trial
from trials import actions, urls
from trials import vocabulary as v
from trials.models import FormerSlug, GlossaryTerm, Page, Trial

HIDDEN = ["draft", "in-review", "archived"]
# Words that stand in the hidden studies and nowhere else. Each would give one away.
TELLING = [
    "zebrafish",
    "quagga",
    "hidden-2021",
    "older-2020",
    "unseen journal",
    "nct0999999",
    "10.9999/",
    "9999991",
    "pmc9999991",
    "secretly",
]


@pytest.fixture
def studies(eight_studies: None) -> None:
    """The eight, and one of each hidden kind with all its rows, newest, oldest and in between."""
    make_page(slug="funding", title="Funding")
    for number, (status, date) in enumerate(zip(HIDDEN, ("2021-06-20", "2023", "2019"), strict=True), start=1):
        trial = make_trial(
            slug=f"{status}-hidden-2021",
            status=status,
            title=f"Cells in zebrafish {number}",
            authors="Quagga, Ann",
            journal="Unseen Journal",
            publication_date=date,
            doi=f"10.9999/{number}",
            pmid=f"999999{number}",
            pmcid=f"PMC999999{number}",
            masking="triple",
            phase="3",
            cause="mixed",
            design="controlled",
            countries=("ID",),
            plain_summary="Secretly done.",
        )
        make_arm(trial, name="Secretly given", cell_source="adipose", randomised=1000, analysed=1000)
        make_count(trial, position=9, arm=None, events=99, total=100)
        make_registration(trial, identifier=f"NCT0999999{number}")
        make_source(trial, quote="secretly")
        make_blank(trial)
        actions.complete_trial(trial)
        FormerSlug.objects.create(slug=f"{status}-older-2020", trial=trial)
        actions.created(trial, by=ANN, reason="Secretly")
    # And drafts of what is public, which wait to be checked.
    for slug in ("adas-2021", "dilogo-2021"):
        draft(Trial.objects.get(slug=slug), journal="Unseen Journal", plain_summary="Secretly done.")
    draft(Page.objects.get(slug="methods"), title="Zebrafish", body="Secretly done.")
    draft(GlossaryTerm.objects.get(slug="ards"), term="zebrafish", meaning="Secretly done.")


def draft(record: Any, **fields: str) -> None:
    document = actions.working_document(record)
    document["fields"] |= fields
    actions.edit(record, document, by=ANN, base=1, reason="Secretly")
    actions.submit(record, by=ANN, reason="Secretly")


def addresses() -> Iterator[str]:
    """Every public address: each pattern, the list with each value of each filter, and those of the hidden studies."""
    known = {
        "overview": ["/"],
        "trial-list": ["/trials/", *(f"/trials/?{query}" for query in queries())],
        "trial-detail": [f"/trials/{slug}/" for slug in Trial.objects.values_list("slug", flat=True)]
        + [f"/trials/{slug}/" for slug in FormerSlug.objects.values_list("slug", flat=True)],
        "trial-history": [f"/trials/{slug}/history/" for slug in Trial.objects.values_list("slug", flat=True)]
        + [f"/trials/{slug}/history/" for slug in FormerSlug.objects.values_list("slug", flat=True)],
        "changes": ["/changes/", "/changes/?page=2"],
        "changes-feed": ["/changes.atom"],
        "glossary": ["/glossary/"],
        "sitemap": ["/sitemap.xml"],
        "sitemap-part": ["/sitemap-0.xml", "/sitemap-1.xml", "/sitemap-2.xml"],
        "robots": ["/robots.txt"],
        "page": [f"/{slug}/" for slug in ("about", "methods", "independence", "accessibility", "funding", "overview")],
    }
    assert {pattern.name for pattern in urls.urlpatterns} == set(known), "a new public address must be walked here"
    for each in known.values():
        yield from each


def queries() -> Iterator[str]:
    vocabularies = {"design": v.Design, "masking": v.Masking, "cause": v.Cause, "cells": v.CellSource, "phase": v.Phase}
    for name, vocabulary in vocabularies.items():
        yield from (f"{name}={code}" for code in vocabulary.values)
    yield from (f"country={code}" for code in ("BR", "FR", "ID", "IR", "TR", "TW", "US"))
    yield from (f"{name}={year}" for name in ("year_min", "year_max") for year in range(2018, 2025))
    yield from (f"sort={order}" for order in ("newest", "oldest", "largest", "author"))
    yield from ("view=table", "view=list", "page=1", "page=2", "design=nonsense", "page=-3", "year_min=abc")
    # Looked for by name. The list repeats what was searched for, and nothing else may hold it.
    yield from ("q=cells", "q=mesenchymal+indonesia")


def test_no_public_address_shows_a_trace_of_a_hidden_study(client: Client, studies: None) -> None:
    walked = 0
    for address in addresses():
        response = client.get(address)
        asked = any(word in address for word in TELLING)
        assert response.status_code == 404 if asked else response.status_code < 500, address
        said = (response.content.decode() + str(response.headers)).lower().replace(address.lower(), "")
        assert [word for word in TELLING if word in said] == [], address
        walked += 1
    assert walked > 80


@pytest.mark.parametrize(
    "query", ["zebrafish", "Quagga", "NCT09999991", "10.9999/1", "9999992", "PMC9999993", "fat adipose"]
)
def test_search_for_a_hidden_study_finds_nothing(client: Client, studies: None, query: str) -> None:
    page = tree(client.get("/trials/", {"q": query}))
    assert page.one(id="count").text == "0 of 8 studies"
    assert page.one(class_="empty")


@pytest.mark.parametrize(
    "query", ["masking=triple", "phase=3", "cause=mixed", "cells=adipose", "year_min=2023", "year_max=2019"]
)
def test_filter_that_only_hidden_studies_fit_gives_none(client: Client, studies: None, query: str) -> None:
    assert tree(client.get(f"/trials/?{query}")).one(id="count").text == "0 of 8 studies"


def test_numbers_are_those_of_the_public_studies(client: Client, studies: None) -> None:
    front = tree(client.get("/"))
    assert [dd.text for dd in front.one("dl", class_="numbers").all("dd")] == ["8", "196", "4 of 8", "7", "2020–2022"]
    table = tree(client.get("/trials/"))
    assert table.one(id="count").text == "8 of 8 studies, 196 people, 7 countries"
    counts = {label["for"]: label.one("span", class_="n").text for label in table.all("label") if label.all(class_="n")}
    assert counts["design-controlled"] == "2 studies"
    assert counts["country-ID"] == "1 study"
    assert not {"masking-triple", "phase-3", "cause-mixed", "cells-adipose"} & set(counts)
    assert [option.text for option in table.one(id="year_min").all("option")] == [
        "any year",
        "2020 on (8)",
        "2021 on (7)",
        "2022 on (3)",
    ]


def test_neighbours_skip_hidden_studies(client: Client, studies: None) -> None:
    # the draft of 2021-06-20 would stand between these two
    adas = tree(client.get("/trials/adas-2021/")).one("nav", class_="neighbours")
    assert adas.one("a", rel="next")["href"] == "/trials/dilogo-2021/"
    newest = tree(client.get("/trials/rebelatto-2022/")).one("nav", class_="neighbours")
    assert newest.all("a", rel="prev") == []
    oldest = tree(client.get("/trials/yip-2020/")).one("nav", class_="neighbours")
    assert oldest.all("a", rel="next") == []


def test_study_that_is_taken_off_is_gone_at_once(client: Client, studies: None) -> None:
    cache.clear()
    assert b"Dilogo" in client.get("/").content
    Trial.objects.filter(slug="dilogo-2021").update(status="archived")
    assert client.get("/trials/dilogo-2021/").status_code == 404
    for address in ("/", "/trials/", "/sitemap.xml", "/trials/adas-2021/", "/trials/hashemian-2021/"):
        assert b"dilogo" not in client.get(address).content.lower(), address


def test_walk_would_notice_a_study_that_is_shown(client: Client, studies: None) -> None:
    Trial.objects.filter(slug="draft-hidden-2021").update(status="published")
    shown = [
        a for a in ("/", "/trials/", "/sitemap.xml", "/trials/adas-2021/") if b"hidden-2021" in client.get(a).content
    ]
    assert shown == ["/", "/trials/", "/sitemap.xml", "/trials/adas-2021/"]
