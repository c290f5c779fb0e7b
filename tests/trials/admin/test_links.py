"""Links to this site are checked, and a record says what links to it."""

from typing import Any

import pytest

from tests.factories import (
    archived_trial,
    draft_of,
    draft_trial,
    load,
    other_study_document,
    published_page,
    published_term,
    published_trial,
    review_document,
    source,
)
from tests.trials.admin.forms import address, client_of, opened, text
from tests.users import editor
from trials.admin.links import linking_to, wrong_links
from trials.models import FormerSlug, OtherStudy, Review

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> None:
    published_page(slug="glossary", title="Glossary")
    published_page(slug="methods", title="Methods", body="## How we work")
    published_term(slug="placebo")
    FormerSlug.objects.create(slug="smith-2020", trial=published_trial())
    archived_trial(slug="brown-2022")
    draft_trial(slug="green-2023")
    published_page(slug="evidence", title="Evidence", body="## How we count")
    load(OtherStudy, other_study_document())
    load(Review, review_document(includes="smith-2021\njones-2020"))


@pytest.mark.parametrize(
    ("link", "problem"),
    [
        ("/methods/", ""),
        ("/methods", ""),
        ("/trials/smith-2021", ""),
        ("/healthz", ""),
        ("/admin", ""),
        ("/methods/#how-we-work", ""),
        ("/glossary/#placebo", ""),
        ("/trials/", ""),
        ("/trials/?cause=covid-19", ""),
        ("/trials/smith-2021/", ""),
        ("/trials/smith-2020/", ""),
        ("/trials/smith-2021/#main", ""),
        ("/trials/smith-2020/#main", ""),
        ("/trials/smith-2020/#nope", "that page has no heading or entry “nope”."),
        ("/trials/smith-2021/history/", ""),
        ("/trials/smith-2021.ris", ""),
        ("/admin/", ""),
        ("/trials.csv", ""),
        ("/changes/", ""),
        ("/changes.atom", ""),
        ("#who-we-are", ""),
        ("https://www.who.int/nowhere/", ""),
        ("mailto:a@example.org", ""),
        ("/static/img/mark.svg", ""),
        ("/static/../x", "there is no such file."),
        ("/trials/compare/?trial=smith-2021&design=randomised", ""),
        ("/trials/compare/?trial=smith-2021&design=randomised#nope", "that page has no heading or entry “nope”."),
        ("/nope/", "there is no such page."),
        ("/nope", "there is no such page."),
        ("/healthz/", "there is no such page."),
        ("/a/b/c/", "there is no such page."),
        ("/methods/#nope", "that page has no heading or entry “nope”."),
        ("/glossary/#nope", "that page has no heading or entry “nope”."),
        ("/other-studies/", ""),
        ("/other-studies/?reason=not-yet-reviewed#jones-2020", ""),
        ("/other-studies/#jones-2020", "that page has no heading or entry “jones-2020”."),
        ("/other-studies/?reason=nope", "that page does not know what follows the question mark."),
        ("/reviews/#brown-2021", ""),
        ("/reviews/#matrix", ""),
        ("/evidence/#how-we-count", ""),
        ("/evidence/#nope", "that page has no heading or entry “nope”."),
        ("/reviews/#nope", "that page has no heading or entry “nope”."),
        ("https://ardsinfo.example/reviews/#nope", "that page has no heading or entry “nope”."),
        ("/trials/nope/", "there is no such study."),
        ("/trials/brown-2022/", "there is no such study."),
        ("/trials/green-2023/", "there is no such study."),
        ("#nope", "that page has no heading or entry “nope”."),
        ("/static/img/nope.svg", "there is no such file."),
        ("https://ardsinfo.example/nope/", "there is no such page."),
    ],
)
def test_links_of_a_page(site: None, settings: Any, link: str, problem: str) -> None:
    settings.SITE_URL = "https://ardsinfo.example"
    page = published_page(body=f"## Who we are\n\n[Words]({link}) and [more](/trials/).")
    assert wrong_links(page) == ([f"“{link}”: {problem}"] if problem else [])


def test_draft_is_checked_as_it_is_and_not_as_the_public_sees_it(site: None) -> None:
    page = published_page(body="## Old heading")
    draft = draft_of(page, body="## New heading\n\n[a](#old-heading) [b](/about/#new-heading) [c](#new-heading)")
    assert wrong_links(draft) == ["“#old-heading”: that page has no heading or entry “old-heading”."]


@pytest.mark.parametrize(
    ("link", "problem"),
    [
        ("/trials/nope/", "there is no such study."),
        ("/reviews/#nope", "that page has no heading or entry “nope”."),
    ],
)
def test_source_of_a_study_on_this_site_is_checked(settings: Any, link: str, problem: str) -> None:
    settings.SITE_URL = "https://ardsinfo.example"
    trial = published_trial(sources=[source("s1", address=f"https://ardsinfo.example{link}")])
    assert wrong_links(trial) == [f"“https://ardsinfo.example{link}”: {problem}"]


def test_form_names_wrong_links_after_a_save() -> None:
    draft = draft_of(published_page())
    client = client_of(editor())
    page = client.post(address(draft), opened(client, draft) | {"body": "[x](/trials/nope/)"}, follow=True)
    assert "Links that lead nowhere “/trials/nope/”: there is no such study." in text(page)


def test_public_page_that_fails_does_not_take_the_form_down(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(terms: Any) -> None:
        raise RuntimeError("a fault of the page")

    monkeypatch.setattr("trials.views.pages.by_letter", fail)
    published_page(slug="glossary", title="Glossary")
    draft = draft_of(published_page(), body="[x](/glossary/)")
    assert "“/glossary/”: it could not be checked." in text(client_of(editor()).get(address(draft)))
    assert "A link to /glossary/ could not be checked." in caplog.text


def test_record_lists_the_pages_that_link_to_it() -> None:
    trial, term = published_trial(), published_term()
    methods = published_page(slug="methods", title="Methods", body="[a](/trials/smith-2021/) [b](/glossary/#placebo)")
    about = published_page(
        body="[Methods](/methods/), [history](/trials/smith-2021/history/), [jones](/other-studies#jones-2020)"
    )
    other = load(OtherStudy, other_study_document())
    draft = draft_of(trial, heading="Another heading")
    assert linking_to(trial) == linking_to(draft) == [about, methods]
    assert linking_to(methods) == [about]
    assert linking_to(term) == [methods]
    assert linking_to(other) == [about]
    assert linking_to(about) == []
    assert "What links to this (2)" in text(client_of(editor()).get(address(draft)))


def test_reviews_and_other_studies_that_name_a_study_are_checked_and_listed() -> None:
    trial = published_trial()
    review = load(Review, review_document(includes="smith-2021\nnope-2020"))
    other = load(OtherStudy, other_study_document(reason="same-people", same_people_as="smith-2021"))
    assert wrong_links(review) == ["“nope-2020”: no study or other study has this name in its address."]
    assert wrong_links(other) == []
    assert linking_to(trial) == [other, review]
