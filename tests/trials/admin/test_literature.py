"""Other studies and published reviews in the admin: they work as the other records do."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import load, other_study_document, published_trial, review_document, submit
from tests.trials.admin.forms import address, client_of, form_data, opened, save, text
from tests.users import editor, reviewer
from trials.models import OtherStudy, Review
from trials.workflow import steps
from trials.workflow.revisions import newest_revision

pytestmark = pytest.mark.django_db


def other_study(**fields: Any) -> Any:
    return steps.create(OtherStudy, other_study_document(**fields), by=editor())


def published_review(**fields: Any) -> Any:
    return load(Review, review_document(**fields))


def test_reason_of_an_other_study_is_not_the_note_of_its_submission(eva: Client) -> None:
    study = other_study(reason="not-yet-reviewed")
    data = {"reason": "same-people", "same_people_as": "dilogo-2021", "submission_note": "See the registry."}
    eva.post(address(study), opened(eva, study) | data | {"_submit": "1"})
    saved = OtherStudy.objects.get()
    assert (saved.reason, saved.status) == ("same-people", "in-review")
    assert newest_revision(saved).reason == "See the registry."


def test_identifiers_and_addresses_are_taken_as_they_are_copied(eva: Client) -> None:
    study = other_study()
    save(eva, study, doi="https://doi.org/10.1000/JONES?utm_source=mail")
    assert OtherStudy.objects.get().doi == "10.1000/jones"
    add = reverse("admin:trials_review_add")
    data = form_data(eva.get(add)) | {"citation": "J Reviews 2021", "address": "10.1000/brown"}
    eva.post(add, data | {"looked_up": "30 November 2026"})
    review = Review.objects.get()
    assert (review.address, review.slug) == ("https://doi.org/10.1000/brown", "j-reviews-2021")


@pytest.mark.parametrize("copied", ["https://doi.org/10.1000/JONES", "doi: 10.1000/jones", "Jones"])
def test_list_finds_an_identifier_as_it_is_copied(eva: Client, copied: str) -> None:
    study = other_study(doi="10.1000/jones")
    other_study(slug="brown-2021", name="Brown 2021")
    page = eva.get(reverse("admin:trials_otherstudy_changelist"), {"q": copied})
    assert list(page.context["cl"].queryset) == [study]


@pytest.mark.parametrize(
    ("fields", "is_shown"),
    [({"doi": "10.1000/example"}, True), ({"title": "CELLS for ARDS"}, True), ({"doi": "10.1000/jones"}, False)],
)
def test_form_says_that_the_paper_is_a_study_of_ours(eva: Client, fields: dict[str, str], is_shown: bool) -> None:
    published_trial(doi="10.1000/example", title="Cells for ARDS")
    page = text(eva.get(address(other_study(**fields))))
    assert ("Smith 2021 has the same number or title." in page) is is_shown


def test_dashboard_names_their_kind() -> None:
    submit(other_study())
    page = text(client_of(reviewer()).get("/admin/"))
    assert "Waiting for my check (1) Other study: Jones 2020" in page
