"""The page of one study: what it shows that its presenter does not decide, and who sees it."""

from typing import Any

import pytest
from django.test import Client, RequestFactory

from tests.dom import tree
from tests.factories import arm, draft_trial, published_trial, registration, trial_document
from trials.models import FormerSlug, Trial
from trials.views.study import study_page
from trials.workflow.documents import build

pytestmark = pytest.mark.django_db
ADDRESS = "/trials/smith-2021/"


def test_title_is_plain_text(client: Client) -> None:
    published_trial(title="Cells for COVID-19 & <sepsis>")
    assert '<h1 id="value-title">Cells for COVID-19 &amp; &lt;sepsis&gt; <sup' in client.get(ADDRESS).content.decode()


def test_each_link_to_a_source_and_back_meets_its_target(client: Client) -> None:
    published_trial(registrations=[registration()], dose="1", dose_unit="cells", recruitment_start="2020")
    page = tree(client.get(ADDRESS))
    ids = {element["id"] for element in page.everything() if element.get("id")}
    links = [link["href"][1:] for link in page.all("a") if link.get("href").startswith("#")]
    assert len(links) > 30
    assert [link for link in links if link not in ids] == []


def test_shown_value_has_a_number_and_a_blank_its_reason(client: Client) -> None:
    published_trial(age="18 to 60")
    page = tree(client.get(ADDRESS))
    age, sex = page.one(id="value-age"), page.one(id="value-sex")
    assert [link["aria-label"] for link in age.all("a")] == ["Source 1 for Age"]
    assert sex.one("dd").text == "not yet checked"


def test_zero_deaths_are_a_number_and_no_blank(client: Client) -> None:
    document = trial_document()
    document["counts"][0]["events"] = 0
    published_trial(counts=document["counts"])
    row = tree(client.get(ADDRESS)).one(id="value-counts-c1")
    assert [cell.text for cell in row.all("td")] == ["0 of 10", "0", ""]


def test_study_without_counts_says_that_not_found_is_not_none(client: Client) -> None:
    published_trial(counts=[])
    assert "Not found is not the same as none." in client.get(ADDRESS).content.decode()


def test_registration_with_an_inferred_link_is_probable(client: Client) -> None:
    published_trial(registrations=[registration(link_inferred=True)])
    heading = tree(client.get(ADDRESS)).one(id="value-registrations-r1")
    assert heading.text.startswith("Probably: ClinicalTrials.gov NCT04457609")


def test_registration_without_an_address_leads_to_its_place_on_the_page(client: Client) -> None:
    published_trial(registrations=[registration(registry="other", identifier="X-1")])
    (link,) = [link for link in tree(client.get(ADDRESS)).one(class_="links").all("a") if link.text == "X-1"]
    assert link["href"] == "#value-registrations-r1"


def test_previous_and_next_follow_the_list_and_leave_out_what_is_not_public(client: Client) -> None:
    published_trial()
    published_trial(slug="older-2019", publication_date="2019", authors="Older, A")
    published_trial(slug="newer-2023", publication_date="2023", authors="Newer, A")
    draft_trial(slug="draft-2022", publication_date="2022", authors="Draft, A")
    links = tree(client.get(ADDRESS)).one(class_="previous-next").all("a")
    assert [(link["rel"], link["href"]) for link in links] == [
        ("prev", "/trials/newer-2023/"),
        ("next", "/trials/older-2019/"),
    ]


def test_page_of_a_document_in_memory_has_a_preview_banner_and_is_not_indexed(rf: RequestFactory) -> None:
    trial = build(trial_document(slug="new-2026", design="", arms=[arm()], counts=[]), Trial())
    preview = {"message": "Preview of revision 2.", "public_message": "Not public.", "form_url": "/admin/x/"}
    page = tree(study_page(rf.get("/admin/preview/"), trial, preview))
    assert page.one(class_="preview-banner").text == (
        "Preview of revision 2. Not public. Only staff see this page. Back to the form"
    )
    assert page.one("link", rel="canonical")["href"] == "http://127.0.0.1:8000/trials/new-2026/"
    assert [meta["content"] for meta in page.all("meta", name="robots")] == ["noindex"]
    assert page.one(id="value-design").text == "Design not yet checked"


def test_public_page_has_no_banner_and_may_be_indexed(client: Client) -> None:
    published_trial()
    page = tree(client.get(ADDRESS))
    assert page.all(class_="preview-banner") + page.all("meta", name="robots") == []


@pytest.mark.parametrize("suffix", ["", "history/"])
def test_former_address_redirects_permanently_and_is_asked_for_again(client: Client, suffix: str) -> None:
    FormerSlug.objects.create(slug="smith-2020", trial=published_trial())
    response = client.get(f"/trials/smith-2020/{suffix}")
    assert (response.status_code, response.headers["Location"]) == (301, f"{ADDRESS}{suffix}")
    assert response.headers["Cache-Control"] == "no-cache"


def test_study_that_has_its_former_address_again_is_shown_there(client: Client) -> None:
    trial = published_trial()
    FormerSlug.objects.create(slug=trial.slug, trial=trial)
    assert client.get(ADDRESS).status_code == 200


@pytest.mark.parametrize("address", ["/trials/unknown/", "/trials/unknown/history/"])
def test_unknown_study_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_page_answers_get_and_head_alone(client: Client, method: str) -> None:
    published_trial()
    assert getattr(client, method)(ADDRESS).status_code == 405


def test_number_of_queries_does_not_grow_with_the_rows(client: Client, django_assert_max_num_queries: Any) -> None:
    arms = [arm(f"a{number}") for number in range(9)]
    published_trial(slug="large-2021", arms=arms, counts=[], registrations=[registration()])
    published_trial(arms=[arm()], counts=[])
    with django_assert_max_num_queries(13):
        client.get(ADDRESS)
    with django_assert_max_num_queries(13):
        client.get("/trials/large-2021/")
