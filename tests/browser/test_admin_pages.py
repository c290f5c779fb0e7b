"""Every kind of page of the admin passes axe on a phone and on a desktop, and does not scroll sideways."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.browser.test_editor_journey import let_bar_scroll, log_in
from tests.factories import (
    archived_trial,
    draft_of,
    draft_trial,
    load,
    newest,
    notice,
    other_study_document,
    published_page,
    published_term,
    published_trial,
    review_document,
)
from tests.tools import assert_accessible
from tests.trials.admin.forms import address
from tests.users import administrator, editor, reviewer
from trials.models import OtherStudy, Review
from trials.workflow import remarks, steps

pytestmark = pytest.mark.django_db(transaction=True)

NARROWEST = 320
KINDS = ("trial", "page", "glossaryterm", "otherstudy", "review")
RIS = "TY  - JOUR\nTI  - Cells for acute respiratory distress syndrome\nAU  - Brown, Ann\nPY  - 2020\nER  -\n"


def assert_in_order(page: Page) -> None:
    let_bar_scroll(page)
    assert_accessible(page)
    size = page.viewport_size
    assert size
    page.set_viewport_size({"width": min(size["width"], NARROWEST), "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= min(size["width"], NARROWEST), page.url
    page.set_viewport_size(size)


@pytest.fixture(params=[390, 1280])
def sized(page: Page, request: Any) -> Page:
    page.set_viewport_size({"width": request.param, "height": 900})
    return page


def test_lists_and_empty_forms_are_accessible(sized: Page, live_server: Any) -> None:
    log_in(sized, live_server.url, administrator())
    published_trial()
    load(OtherStudy, other_study_document())
    load(Review, review_document())
    paths = [reverse(f"admin:trials_{kind}_{what}") for kind in KINDS for what in ("changelist", "add")]
    paths += ["/admin/", "/admin/dashboard/changed/", "/admin/trials/trial/import/", "/account/mail/"]
    paths += [reverse(f"admin:auth_user_{what}") for what in ("changelist", "add")]
    paths += [reverse("admin:auth_user_change", args=[administrator().pk]), reverse("admin:admin_logentry_changelist")]
    for path in paths:
        sized.goto(live_server.url + path)
        assert_in_order(sized)


def test_pages_of_a_record_are_accessible(sized: Page, live_server: Any) -> None:
    trial = published_trial()
    draft = draft_of(trial, journal="Another journal")
    remarks.add(trial, "Per kg?", by=reviewer(), path="dose")
    remarks.tick_off(trial, remarks.add(trial, "Why?", by=reviewer()).pk, by=editor())
    deleted = steps.discard(draft_trial(slug="deleted-2021", by=editor()), by=editor(), base=1)
    archived = archived_trial(slug="archived-2021", notices=[notice()])
    published_trial(slug="noted-2021", notices=[notice(kind="retraction", note="A note.")])
    others = [
        draft_of(published_page()), draft_of(published_term()),
        draft_of(load(OtherStudy, other_study_document())), draft_of(load(Review, review_document())),
    ]  # fmt: skip
    paths = [address(each) for each in (trial, draft, archived, *others)]
    paths += [address(trial, "history"), address(trial, "compare") + "?a=1&b=2", address(trial, "preview")]
    paths += [f"/admin/trials/trial/{deleted.record_id}/history/", address(draft_trial(slug="new-2021"), "delete")]
    paths += ["/trials/archived-2021/", "/trials/noted-2021/", "/trials/", "/trials/?view=table"]
    log_in(sized, live_server.url, administrator())
    for path in paths:
        sized.goto(live_server.url + path)
        assert_in_order(sized)


def test_pages_that_answer_a_form_are_accessible(sized: Page, live_server: Any) -> None:
    """What was read, a form that is refused, a conflict, and a record that was deleted in the meantime."""
    draft = draft_trial(by=editor())
    log_in(sized, live_server.url, editor())
    sized.goto(f"{live_server.url}/admin/trials/trial/import/")
    sized.get_by_label("NCT number or a whole record").fill(RIS)
    sized.get_by_role("button").filter(has_text="Show").or_(sized.locator("form input[type=submit]")).last.click()
    expect(sized.get_by_role("button", name="Take what is ticked")).to_be_visible()
    assert_in_order(sized)

    sized.goto(live_server.url + address(draft))
    sized.locator("#id_doi").fill("no DOI")
    sized.get_by_role("button", name="Save", exact=True).click()
    expect(sized.get_by_text("Not saved:")).to_be_visible()
    assert_in_order(sized)

    sized.locator("#id_doi").fill("10.1000/example")
    sized.locator("#id_journal").fill("Journal of one")
    steps.save(draft, other(draft, journal="Journal of another"), by=editor("second"), base=1)
    sized.get_by_role("button", name="Save", exact=True).click()
    expect(sized.get_by_role("heading", name="Choose what to keep")).to_be_visible()
    assert_in_order(sized)

    sized.goto(live_server.url + address(draft))
    sized.locator("#id_journal").fill("Journal of one")
    steps.discard(draft, by=administrator(), base=newest(draft))
    sized.get_by_role("button", name="Save", exact=True).click()
    expect(sized.get_by_role("heading", name="This study was deleted in the meantime")).to_be_visible()
    assert_in_order(sized)


def other(record: Any, **fields: Any) -> Any:
    """Return the document of a record in which a colleague changed these fields."""
    document = steps.document_of(record)
    return document | {"fields": document["fields"] | fields}
