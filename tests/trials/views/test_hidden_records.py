"""Nothing of a record that is not public, or of a draft of one that is, appears at a public address."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils.formats import date_format
from django.utils.timezone import localdate

from tests.factories import (
    arm,
    blank,
    citation,
    count,
    draft_of,
    load,
    other_study_document,
    published_page,
    published_term,
    published_trial,
    registration,
    review_document,
    source,
    submit,
    trial_document,
)
from tests.users import editor, reviewer, superuser
from trials import urls
from trials import vocabulary as v
from trials.exports.formats import FORMATS
from trials.models import FormerSlug, OtherStudy, Review, Trial
from trials.workflow import steps
from trials.workflow.documents import Document, document_of

pytestmark = pytest.mark.django_db
# Words that only the hidden records hold.
HIDDEN_WORDS = ["zebrafish", "quagga", "hidden-2021", "older-2020", "10.9999/", "nct09999999", "secret"]
HIDDEN_COUNTS = {"cells_deaths": 1, "cells_out_of": 9, "comparison_deaths": 2, "comparison_out_of": 9}
DRAFT_WORDS = {"journal": "Quagga Journal", "plain_summary": "Secretly done.", "slug": "smith-hidden-2021"}


def hidden_document(status: str) -> Document:
    return trial_document(
        slug=f"{status}-hidden-2021",
        title="Cells in zebrafish",
        authors="Quagga, Ann",
        journal="Secret Journal",
        doi=f"10.9999/{status}",
        phase="3",
        plain_summary="Secretly done.",
        arms=[arm(name="Secret group", cell_source="adipose", randomised=1000, analysed=1000)],
        counts=[count(events=999, total=1000)],
        registrations=[registration(identifier="NCT09999999")],
        sources=[source(label="Secret source")],
        citations=[citation("title", quote="secret words")],
        blanks=[blank("age", note="Secret reason.")],
    )


@pytest.fixture
def records() -> None:
    """A public study, page and term, each with a draft, two hidden studies, and one that was taken off."""
    eva = editor()
    steps.create(Trial, hidden_document("draft"), by=eva, reason="Secret")
    submitted = steps.create(Trial, hidden_document("review"), by=eva, reason="Secret")
    submit(submitted, by=eva)
    archived = load(Trial, trial_document(slug="adams-2020", authors="Adams, Ann", publication_date="2020"))
    steps.archive(archived, by=reviewer(), base=1, reason="It was retracted.")
    archived_draft = draft_of(archived, **DRAFT_WORDS)
    assert archived_draft.draft_of_id
    for trial in Trial.objects.originals().exclude(status=v.Status.ARCHIVED):
        FormerSlug.objects.create(slug=f"{trial.status}-older-2020", trial=trial)
    public = published_trial()
    draft = draft_of(public, **DRAFT_WORDS)
    document = document_of(draft)
    document["arms"][0]["note"] = "Secret note."
    steps.save(draft, document, by=eva, base=2, reason="Secret")
    for slug in ("overview", "about", "glossary"):
        draft_of(published_page(slug=slug, title=slug.title()), title="Zebrafish", body="Secretly done.")
    steps.create(OtherStudy, other_study_document(name="Zebrafish", **HIDDEN_COUNTS), by=eva)
    steps.create(Review, review_document(title="Zebrafish"), by=eva)
    draft_of(published_term(), term="zebrafish", meaning="Secretly done.", slug="quagga")


def addresses() -> Iterator[str]:
    """Every public address: each pattern, with each value of each filter, and the addresses of hidden studies."""
    slugs = [*Trial.objects.values_list("slug", flat=True), *FormerSlug.objects.values_list("slug", flat=True)]
    known = {
        "overview": ["/"],
        "trial-list": ["/trials/", *(f"/trials/?{query}" for query in queries())],
        "trial-detail": [f"/trials/{slug}/" for slug in slugs],
        "trial-history": [f"/trials/{slug}/history/" for slug in slugs],
        "trial-version": [f"/trials/{slug}/v/{number}/" for slug in slugs for number in (1, 2, 3)],
        "trial-feed": [f"/trials/{slug}/changes.atom" for slug in slugs],
        "new-studies-feed": ["/new-studies.atom"],
        "data": ["/data/"],
        "api-examples": ["/api/v1/"],
        "api-description": ["/api/v1/openapi.json"],
        "api-trials": ["/api/v1/trials/?limit=100", "/api/v1/trials/?design=randomised"],
        "api-trial": [f"/api/v1/trials/{slug}/" for slug in slugs],
        "api-deaths": ["/api/v1/deaths/?limit=100"],
        "api-changes": ["/api/v1/changes/?limit=100"],
        "api-unknown": ["/api/v1/nothing/"],
        "release": ["/data/ardsinfo-2026-11-22.zip"],
        "evidence": ["/evidence/", "/evidence/?pool=yes", "/evidence/?design=randomised"],
        "compare": ["/trials/compare/"],
        "disagreements": ["/disagreements/"],
        "deaths-svg": ["/evidence/deaths.svg?pool=yes"],
        "deaths-csv": ["/evidence/deaths.csv?pool=yes"],
        **{f"list-{name}": [f"/{stem}", f"/{stem}?design=randomised"] for name, stem in list_files()},
        **{f"trial-{name}": [f"/trials/{slug}{end}" for slug in slugs] for name, end in study_files()},
        "other-studies": ["/other-studies/", "/other-studies/?reason=not-yet-reviewed"],
        "reviews": ["/reviews/"],
        "changes": ["/changes/", "/changes/?page=2"],
        "changes-feed": ["/changes.atom"],
        "glossary": ["/glossary/"],
        "sitemap-index": ["/sitemap.xml"],
        "sitemap": ["/sitemap-lists.xml", "/sitemap-pages.xml", "/sitemap-studies.xml"],
        "robots": ["/robots.txt"],
        "page": ["/about/", "/overview/", "/quagga/"],
    }
    assert {pattern.name for pattern in urls.urlpatterns} == set(known), "add the new public address here"
    for each in known.values():
        yield from each


def list_files() -> list[tuple[str, str]]:
    return [(name, name if name == "outcomes.csv" else f"trials.{name}") for name in FORMATS]


def study_files() -> list[tuple[str, str]]:
    return [(name, "/outcomes.csv" if name == "outcomes.csv" else f".{name}") for name in FORMATS]


def queries() -> Iterator[str]:
    vocabularies = {"design": v.Design, "masking": v.Masking, "cause": v.Cause, "cells": v.CellSource, "phase": v.Phase}
    for name, vocabulary in vocabularies.items():
        yield from (f"{name}={code}" for code in vocabulary.values)
    yield from ("country=ID", "country=FR", "year_min=2021", "year_max=2021", "view=table", "page=2", "page=-3")
    yield from (f"sort={order}" for order in ("newest", "oldest", "largest", "author"))
    yield "q=cells"


def text_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return str(content.decode())


def test_no_public_address_shows_a_hidden_record(client: Client, records: None) -> None:
    shown = {address: client.get(address) for address in addresses()}
    found = {
        address: [word for word in HIDDEN_WORDS if word in text_of(response).lower().replace(address, "")]
        for address, response in shown.items()
    }
    assert {address: words for address, words in found.items() if words} == {}
    hidden = [address for address in shown if any(word in address for word in HIDDEN_WORDS)]
    assert [address for address in hidden if shown[address].status_code != 404] == []
    assert [address for address, response in shown.items() if response.status_code >= 500] == []
    assert len(hidden) >= 10


def test_staff_see_the_public_version_at_a_public_address(client: Client, records: None) -> None:
    client.force_login(superuser())
    assert client.get("/trials/draft-hidden-2021/").status_code == 404
    assert "Secretly" not in client.get("/trials/smith-2021/").content.decode()


@pytest.mark.parametrize("address", ["/trials/", "/", "/sitemap-studies.xml", "/trials/?q=smith"])
def test_archived_study_is_on_no_list_at_the_next_request(client: Client, address: str) -> None:
    published_page(slug="overview", title="Overview")
    trial = published_trial()
    caches["default"].clear()
    before = client.get(address).content.decode().lower()
    steps.archive(trial, by=reviewer(), base=1, reason="It was retracted.")
    after = client.get(address).content.decode().lower().replace(address, "")
    assert "/trials/smith-2021/" in before
    assert "/trials/smith-2021/" not in after


@pytest.mark.parametrize("address", ["/trials/smith-2021/", "/trials/smith-2021/history/"])
def test_address_of_an_archived_study_says_when_and_why_it_was_taken_off(client: Client, address: str) -> None:
    trial = published_trial(slug="smith-2020")
    FormerSlug.objects.create(slug="older-2019", trial=trial)
    submitted = draft_of(trial, slug="smith-2021", journal="Another journal")
    submit(submitted, reason="The journal was wrong.")
    steps.publish(submitted, by=reviewer(), base=3)
    steps.archive(trial, by=reviewer(), base=4, reason="It was retracted.")
    response = client.get(address)
    page = " ".join(response.content.decode().split())
    assert response.status_code == 410
    assert "Smith 2021 has been taken off this site" in page
    assert date_format(localdate(), "j F Y") in page
    assert "It was retracted." in page
    assert "The journal was wrong." in page
    assert "rita" not in page
    former = client.get("/trials/older-2019/")
    assert (former.status_code, former["Location"]) == (301, "/trials/smith-2021/")


def test_address_of_an_archived_page_says_that_it_was_taken_off(client: Client) -> None:
    page = published_page(slug="news", title="News")
    steps.archive(page, by=reviewer(), base=1, reason="It is out of date.")
    response = client.get("/news/")
    assert response.status_code == 410
    assert "It is out of date." in response.content.decode()


@pytest.mark.parametrize("address", ["/changes/", "/changes.atom"])
def test_changes_tell_that_a_study_was_taken_off_and_what_changed_before(client: Client, address: str) -> None:
    trial = published_trial()
    steps.archive(trial, by=reviewer(), base=1, reason="It was retracted.")
    page = client.get(address).content.decode()
    assert "aken off the public pages" in page
    assert "It was retracted." in page
    assert "ncluded at launch" in page
