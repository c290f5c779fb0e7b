"""An editor's work in a real browser: from the dashboard to a published correction, with a conflict on the way."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.factories import archived_trial, draft_of, draft_trial, notice, published_page, published_trial
from tests.tools import assert_accessible
from tests.trials.admin.forms import address, client_of
from tests.users import editor, reviewer
from trials.models import Trial
from trials.workflow import remarks, steps
from trials.workflow.documents import document_of

pytestmark = pytest.mark.django_db(transaction=True)


def log_in(page: Page, url: str, user: Any) -> None:
    session = client_of(user).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": url}])


@pytest.mark.parametrize("width", [320, 1280])
def test_pages_of_the_admin_are_accessible(page: Page, live_server: Any, width: int) -> None:
    url = live_server.url
    trial = published_trial()
    draft = draft_of(trial, journal="Another journal")
    about = published_page()
    remarks.add(trial, "Per kg?", by=reviewer(), path="dose")
    remarks.tick_off(trial, remarks.add(trial, "Why?", by=reviewer()).pk, by=editor())
    deleted = steps.discard(draft_trial(slug="deleted-2021", by=editor()), by=editor(), base=1)
    archived_trial(slug="archived-2021", notices=[notice()])
    published_trial(slug="noted-2021", notices=[notice(kind="retraction", note="A note.")])
    page.set_viewport_size({"width": width, "height": 900})
    log_in(page, url, editor())
    for path in (
        "/admin/",
        "/admin/trials/trial/",
        "/admin/dashboard/changed/",
        address(trial),
        address(draft),
        address(draft_of(about)),
        address(trial, "history"),
        address(trial, "compare") + "?a=1&b=2",
        address(trial, "preview"),
        f"/admin/trials/trial/{deleted.record_id}/history/",
        "/account/mail/",
        "/trials/archived-2021/",
        "/trials/noted-2021/",
        "/trials/",
        "/trials/?view=table",
    ):
        page.goto(url + path)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_correction_of_a_published_study(page: Page, live_server: Any) -> None:
    """Edit, choose a country by typing, cite a value, meet a conflict, submit, and let a reviewer publish."""
    trial = published_trial()
    log_in(page, live_server.url, editor())
    page.goto(live_server.url + address(trial))
    page.get_by_role("button", name="Edit").click()
    draft = Trial.objects.get(draft_of=trial)

    page.locator("#id_countries_input").press_sequentially("franc")
    page.locator("#id_countries_input").press("Enter")
    page.locator("#id_severity").fill("Moderate")
    page.get_by_text("Add another Citation").click()
    row = page.locator(".dynamic-citations").last
    row.get_by_label("Value").fill("Severity")
    row.get_by_label("Source").fill("Abstract of the paper")
    row.get_by_label("Quote").fill("moderate ARDS")
    page.locator("#id_journal").fill("Journal of Eva")

    document = document_of(draft)
    document["fields"]["journal"] = "Journal of Ben"
    steps.save(draft, document, by=editor("ben"), base=1)
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_role("heading", name="Another person has saved too")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("group", name="Journal").get_by_label("Yours: Journal of Eva").check()
    page.get_by_role("button", name="Save what is chosen").click()
    expect(page.get_by_text("Saved as revision 3.")).to_be_visible()

    page.get_by_label("What changed and why.").fill("The severity was missing.")
    page.get_by_role("button", name="Submit for a check").click()
    expect(page.get_by_text("Submitted. Another person checks and publishes it.")).to_be_visible()

    page.context.clear_cookies()
    log_in(page, live_server.url, reviewer())
    page.goto(live_server.url + "/admin/")
    page.get_by_role("region", name="Waiting for my check").get_by_role("link", name="Smith 2021").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published. The public sees it now.")).to_be_visible()
    published = Trial.objects.get(pk=trial.pk)
    assert (published.countries, published.severity, published.journal) == (["FR", "ID"], "Moderate", "Journal of Eva")


def test_leaving_an_unsaved_form_asks_first(page: Page, live_server: Any) -> None:
    draft = draft_of(published_trial())
    log_in(page, live_server.url, editor())
    page.goto(live_server.url + address(draft))
    page.locator("#id_journal").fill("Journal of Eva")
    with page.expect_event("dialog") as dialog:
        page.evaluate("setTimeout(() => { location.href = '/admin/' })")
    dialog.value.accept()


def test_text_of_a_page_is_previewed_while_it_is_written(page: Page, live_server: Any) -> None:
    draft = draft_of(published_page())
    log_in(page, live_server.url, editor())
    page.goto(live_server.url + address(draft))
    page.locator("#id_body").fill("We are **nurses**.")
    page.get_by_role("button", name="Preview").click()
    expect(page.frame_locator(".preview-frame").locator("strong")).to_have_text("nurses")
    page.once("dialog", lambda dialog: dialog.accept())
