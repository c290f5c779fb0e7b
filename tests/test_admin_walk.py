"""A walk through the whole admin in a browser: no fault that axe can see, nothing the content policy refuses, nothing
wider than the window; at 320 and 1280 px, in light and dark. Whatever is registered later is walked through too."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from tests.factories import (
    make_blank,
    make_page,
    make_registration,
    make_source,
    make_term,
    make_trial,
)
from tests.tools import assert_accessible
from trials import actions
from trials.models import Trial

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture
def site(transactional_db: None, live_server: Any) -> str:
    """The address of a site with a record of each kind, a draft that waits for a check and one that was sent back."""
    reviewer, editor = User.objects.create_superuser("ravi"), User.objects.create_user("anna", is_staff=True)
    Group.objects.get_or_create(name="Editors")
    trial = make_trial(countries=("ID",), recruitment_start="2020-05-01", plain_summary="Twenty people took part. " * 4)
    make_registration(trial, phase="1", enrolment=24, enrolment_type="actual", registered="2020-06-01")
    make_source(trial)
    make_blank(trial)
    for record in (trial, make_page(), make_term()):
        actions.loaded(record)
        document = actions.working_document(record)
        document["fields"]["slug"] += "-new"
        actions.edit(record, document, by=editor, base=1, reason="The address was misspelt.")
        actions.submit(record, by=editor)
    returned = make_trial(slug="jones-2020", status="draft", title="Another " * 30)
    actions.created(returned, by=editor)
    actions.submit(returned, by=editor)
    actions.send_back(returned, by=reviewer, reason="The dose has no unit.")
    return str(live_server.url)


@pytest.fixture
def staff(site: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username="ravi"))
    return client


@pytest.fixture
def walker(page: BrowserPage, site: str, staff: Client) -> BrowserPage:
    page.context.add_cookies([{"name": "sessionid", "value": staff.cookies["sessionid"].value, "url": site}])
    return page


def look_at(page: BrowserPage) -> None:
    """The page as it is now, in every width and scheme. Nothing may stick out of the window."""
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            assert_accessible(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{page.url} is {wide} px wide in a window of {width}"


def addresses(model: Any) -> list[str]:
    """Where the admin shows this model: its list, the form for a new one, and the pages of one record."""
    prefix = f"admin:{model._meta.app_label}_{model._meta.model_name}_"
    found = [reverse(f"{prefix}changelist"), reverse(f"{prefix}add")]
    record = model._default_manager.order_by("pk").first()
    return found + (
        [reverse(f"{prefix}{name}", args=[record.pk]) for name in ("change", "history", "delete")] if record else []
    )


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_pages_of_a_model_have_no_fault(walker: BrowserPage, site: str, staff: Client, model: Any) -> None:
    shown = [address for address in addresses(model) if staff.get(address).status_code == 200]
    assert shown, f"nothing is shown of {model._meta.label}"
    for address in shown:
        answer = walker.goto(site + address)
        assert answer is not None
        assert answer.ok, address
        look_at(walker)


def test_every_kind_of_page_is_among_those_of_a_study(staff: Client) -> None:
    assert [staff.get(address).status_code for address in addresses(Trial)][:4] == [200, 200, 200, 200]


def test_desk_has_no_fault(walker: BrowserPage, site: str) -> None:
    walker.goto(site + "/admin/")
    expect(walker.get_by_role("heading", name="Waiting for my check (3)")).to_be_visible()
    walker.get_by_text("Everything, by kind").click()
    look_at(walker)


@pytest.mark.parametrize("name", ["waiting", "drafts", "changed", "overdue", "due", "blanks", "disagreements"])
def test_whole_list_of_the_desk_has_no_fault(walker: BrowserPage, site: str, name: str) -> None:
    walker.goto(f"{site}/admin/desk/{name}/")
    expect(walker.get_by_role("main")).to_be_visible()
    look_at(walker)


def test_form_of_a_study_with_everything_open_has_no_fault(walker: BrowserPage, site: str) -> None:
    trial = Trial.objects.get(slug="smith-2021")
    walker.goto(f"{site}/admin/trials/trial/{trial.pk}/change/")
    expect(walker.get_by_text("The groups have 10 + 10 = 20 people randomised")).to_be_visible()
    walker.evaluate("document.querySelectorAll('details').forEach((it) => { it.open = true; })")
    look_at(walker)


def test_form_with_errors_has_no_fault(walker: BrowserPage, site: str) -> None:
    trial = Trial.objects.get(slug="jones-2020")
    walker.goto(f"{site}/admin/trials/trial/{trial.pk}/change/")
    walker.get_by_label("DOI:").fill("nonsense")
    walker.get_by_role("button", name="Save").first.click()
    expect(walker.get_by_role("link", name="DOI: “nonsense” is not a DOI.")).to_be_visible()
    look_at(walker)


def test_question_before_several_are_deleted_has_no_fault(walker: BrowserPage, site: str) -> None:
    walker.goto(f"{site}/admin/trials/country/")
    country = walker.get_by_role("row", name="Country ID")
    country.get_by_role("checkbox").check()
    walker.get_by_label("Action:").select_option("delete_selected")
    walker.get_by_role("button", name="Go").click()
    expect(walker.get_by_role("main")).to_be_visible()
    look_at(walker)


@pytest.mark.parametrize("address", ["/admin/trials/", "/admin/auth/", "/account/password/change/", "/admin/nowhere/"])
def test_other_page_has_no_fault(walker: BrowserPage, site: str, address: str) -> None:
    walker.goto(site + address)
    look_at(walker)


def test_refusal_has_no_fault(page: BrowserPage, site: str) -> None:
    client = Client()
    client.force_login(User.objects.get(username="anna"))
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])
    page.goto(f"{site}/admin/trials/trial/")
    expect(page.get_by_role("heading", name="You may not see this page")).to_be_visible()
    look_at(page)
