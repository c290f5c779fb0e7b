"""An editor's work in a real browser: from the dashboard to a published correction, with a conflict on the way."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories import draft_of, draft_trial, published_page, published_trial, submit
from tests.tools import assert_accessible
from tests.trials.admin.forms import address, client_of
from tests.users import editor, reviewer
from trials.models import Trial
from trials.workflow.readiness import missing

pytestmark = pytest.mark.django_db(transaction=True)


def log_in(page: Page, url: str, user: Any) -> None:
    session = client_of(user).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": url}])


def open_form(page: Page, url: str, user: Any, record: Any) -> None:
    log_in(page, url, user)
    page.goto(url + address(record))


def let_bar_scroll(page: Page) -> None:
    """Put the bar with the buttons at the end of the form: what it happens to cover depends on how far one scrolled."""
    page.evaluate("document.querySelectorAll('.submit-row').forEach(bar => { bar.style.position = 'static' })")


def test_correction_of_a_published_study(page: Page, live_server: Any) -> None:
    """Edit, choose a country by typing, cite a value, answer the questions, submit, and let a reviewer publish."""
    trial = published_trial()
    open_form(page, live_server.url, editor(), trial)
    page.get_by_role("button", name="Edit").click()
    page.locator("#id_countries_input").press_sequentially("franc")
    page.locator("#id_countries_input").press("Enter")
    page.locator("#id_severity").fill("Moderate")
    page.get_by_text("Add another Citation").click()
    row = page.locator(".dynamic-citations").last
    row.get_by_label("Value").fill("Severity")
    row.get_by_label("Source").fill("Abstract of the paper")
    row.get_by_label("Quote").fill("moderate ARDS")
    page.locator("#id_journal").fill("Journal of Eva")

    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved as revision 2.")).to_be_visible()

    page.get_by_label("What changed and why.").fill("The severity was missing.")
    page.get_by_label("Journal changed; its source did not: is it still right?").check()
    page.get_by_label("Countries changed; its source did not: is it still right?").check()
    assert_accessible(page)
    page.get_by_role("button", name="Save and submit").click()
    expect(page.get_by_text("Submitted. Another person checks and publishes it.")).to_be_visible()

    page.context.clear_cookies()
    log_in(page, live_server.url, reviewer())
    page.goto(live_server.url + "/admin/")
    page.get_by_role("region", name="Waiting for my check").get_by_role("link", name="Smith 2021").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published. The public sees it now.")).to_be_visible()
    published = Trial.objects.get(pk=trial.pk)
    assert (published.countries, published.severity, published.journal) == (["FR", "ID"], "Moderate", "Journal of Eva")


def test_two_browsers_edit_one_study(page: Page, browser: Browser, live_server: Any) -> None:
    draft = draft_trial(by=editor())
    colleague = browser.new_page()
    for each, user in ((page, editor()), (colleague, editor("ben"))):
        open_form(each, live_server.url, user, draft)
    page.locator("#id_journal").fill("Journal of Eva")
    page.locator("#id_severity").fill("Moderate")
    colleague.locator("#id_journal").fill("Journal of Ben")
    colleague.locator("#id_funding").fill("A public fund")
    colleague.get_by_role("button", name="Save", exact=True).click()
    expect(colleague.get_by_text("Saved as revision 2.")).to_be_visible()

    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Choose what to keep")).to_be_visible()
    page.get_by_role("group", name="Journal").get_by_label("Yours: Journal of Eva").check()
    page.get_by_role("button", name="Save what is chosen").click()
    expect(page.get_by_text("Saved as revision 3.")).to_be_visible()
    saved = Trial.objects.get(pk=draft.pk)
    assert (saved.journal, saved.severity, saved.funding) == ("Journal of Eva", "Moderate", "A public fund")
    colleague.close()


def test_step_is_refused_while_the_form_has_changes_that_are_not_saved(page: Page, live_server: Any) -> None:
    draft = draft_trial(by=editor())
    submit(draft)
    open_form(page, live_server.url, reviewer(), draft)
    page.locator("#id_journal").fill("Journal of Rita")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("alert").filter(has_text="changes that are not saved")).to_be_visible()
    assert not Trial.objects.get(pk=draft.pk).is_public
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published. The public sees it now.")).to_be_visible()


def test_leaving_an_unsaved_form_asks_first(page: Page, live_server: Any) -> None:
    draft = draft_of(published_trial())
    open_form(page, live_server.url, editor(), draft)
    page.locator("#id_journal").fill("Journal of Eva")
    with page.expect_event("dialog") as dialog:
        page.evaluate("setTimeout(() => { location.href = '/admin/' })")
    dialog.value.accept()


def test_text_of_a_page_is_previewed_while_it_is_written(page: Page, live_server: Any) -> None:
    draft = draft_of(published_page())
    open_form(page, live_server.url, editor(), draft)
    page.locator("#id_body").fill("We are **nurses**.")
    page.get_by_role("button", name="Preview", exact=True).click()
    expect(page.frame_locator(".preview-frame").locator("strong")).to_have_text("nurses")
    page.once("dialog", lambda dialog: dialog.accept())


# --- A study by hand, from one abstract

IN_WORDS = """
title acronym journal journal_abbreviation volume issue pages language licence design_wording allocation_wording
masking_wording phase_wording cause_wording severity ventilation age sex cell_source_wording schedule primary_outcome
follow_up safety_definition primary_result safety_result other_findings heading plain_summary authors_conclusion
authors_limits limits funding interests
"""
CHOSEN = {
    "design": "randomised",
    "control": "placebo",
    "masking": "double",
    "phase": "2",
    "cause": "other",
    "donor": "allogeneic",
    "preparation": "thawed",
    "dose_unit": "cells-per-kg",
    "route": "intravenous",
}
AS_COPIED = {
    "authors": "Smith, Jane\nBrown, Ann",
    "publication_date": "8 June 2021",
    "doi": "https://doi.org/10.1000/EXAMPLE?utm_source=mail",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/33902726/",
    "pmcid": "PMC8046040.1",
    "centres": "5",
    "recruitment_start": "2019-03",
    "recruitment_end": "2020-02",
    "dose": "10 × 10⁶",
    "infusions": "1",
    "last_reviewed": "22/11/2026",
    "review_due": "22/05/2027",
}
FIELDS = dict.fromkeys(IN_WORDS.split(), "As the paper says it") | CHOSEN | AS_COPIED
CELLS = {"name": "Cells", "role": "cells", "given": "10 × 10⁶ per kg", "cell_source": "bone-marrow", "randomised": "10"}
PLACEBO = {"name": "Placebo", "role": "comparison", "given": "Fluid without cells", "randomised": "10"}


class Hands:
    """What a person does on a page, counted: each press, each choice and each text filled in is one action."""

    def __init__(self, page: Page) -> None:
        self.page, self.actions = page, 0

    def press(self, name: str, role: Any = "link") -> None:
        self.actions += 1
        self.page.get_by_role(role, name=name, exact=True).click()

    def enter(self, field: str, value: str) -> None:
        self.actions += 1
        box = self.page.locator(f"#id_{field}")
        if box.evaluate("box => box.tagName") == "SELECT":
            box.select_option(value)
        elif value == "on":
            box.check()
        else:
            box.fill(value)

    def row(self, prefix: str, add: str, **values: str) -> None:
        self.press(add, "button")
        for name, value in values.items():
            self.enter(f"{prefix}-{name}", value)


def test_study_by_hand_from_one_abstract_takes_at_most_a_hundred_actions(page: Page, live_server: Any) -> None:
    log_in(page, live_server.url, editor())
    page.goto(f"{live_server.url}/admin/trials/trial/add/")
    hands = Hands(page)
    for name, value in FIELDS.items():
        hands.enter(name, value)
    assert page.locator("#id_slug").input_value() == "smith-2021"
    page.locator("#id_countries_input").press_sequentially("franc")
    page.locator("#id_countries_input").press("Enter")
    hands.actions += 2
    for number, group in enumerate([CELLS, PLACEBO]):
        hands.row(f"arms-{number}", "Add another Group", **group)
    for number, (group, events) in enumerate([("Cells", "3"), ("Placebo", "5")]):
        hands.row(f"counts-{number}", "Add another Count", outcome="death", events=events, total="10", headline="on")
        hands.actions += 1
        page.locator(f"#id_counts-{number}-arm").select_option(label=group)
    hands.row("registrations-0", "Add another Registration", registry="clinicaltrials-gov", identifier="NCT02097641")
    source = {"label": "Abstract of the paper", "kind": "paper", "address": "33902726", "everything": "on"}
    hands.row("sources-0", "Add another Source", **source)
    hands.press("Save and submit", "button")
    expect(page.get_by_text("Submitted. Another person checks and publishes it.")).to_be_visible()
    print(f"\nA study by hand from one abstract: {hands.actions} actions.")
    assert hands.actions <= 100
    trial = Trial.objects.get()
    assert missing(trial) == []
    assert (trial.slug, trial.doi, trial.countries) == ("smith-2021", "10.1000/example", ["FR"])
    assert [count.group for count in trial.counts.all()] == ["Cells", "Placebo"]
    assert {each.source.address for each in trial.citations.all()} == {"https://pubmed.ncbi.nlm.nih.gov/33902726/"}


def test_form_begins_at_its_first_field_and_is_saved_by_key(page: Page, live_server: Any) -> None:
    log_in(page, live_server.url, editor())
    page.goto(f"{live_server.url}/admin/trials/glossaryterm/add/")
    expect(page.locator("#id_term")).to_be_focused()
    page.keyboard.type("placebo")
    page.locator("#id_meaning").fill("A treatment that does nothing.")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Saved as a draft.")).to_be_visible()


def test_what_was_typed_before_a_crash_is_offered_again(page: Page, live_server: Any) -> None:
    draft = draft_of(published_trial())
    open_form(page, live_server.url, editor(), draft)
    page.locator("#id_severity").fill("Moderate")
    page.get_by_role("button", name="Add another Group").click()
    page.locator("#id_arms-2-name").fill("Less ill")
    page.locator("#id_arms-2-role").select_option("other")
    page.locator("#id_countries_input").press_sequentially("franc")
    page.locator("#id_countries_input").press("Enter")
    page.locator("#id_age").fill("60 years")
    page.wait_for_timeout(1500)
    assert "60 years" in page.evaluate("Object.values(localStorage).join()")
    page.once("dialog", lambda dialog: dialog.accept())
    page.goto(live_server.url + address(draft))

    page.get_by_role("button", name="Put it back").click()
    expect(page.locator("#id_arms-2-name")).to_have_value("Less ill")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved as revision 2.")).to_be_visible()
    saved = Trial.objects.get(pk=draft.pk)
    assert (saved.severity, saved.countries, saved.arms.count()) == ("Moderate", ["FR", "ID"], 3)
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('ardsinfo')).length") == 0
    expect(page.get_by_role("button", name="Put it back")).to_have_count(0)


def test_line_of_what_is_missing_opens_its_place(page: Page, live_server: Any) -> None:
    trial = draft_trial(heading="", citations=[])
    open_form(page, live_server.url, editor(), trial)
    page.get_by_role("link", name="The plain heading is missing.").click()
    expect(page.locator("#id_heading")).to_be_focused()
    page.get_by_role("link", name="“Journal” has no source.").click()
    tick = page.get_by_label("Journal", exact=True).and_(page.locator("[name='sources-0-values']"))
    expect(tick).to_be_focused()
    let_bar_scroll(page)
    assert_accessible(page)


def test_preview_opens_next_to_the_form(page: Page, live_server: Any) -> None:
    draft = draft_of(published_trial())
    open_form(page, live_server.url, editor(), draft)
    page.locator("#id_journal").fill("Not saved yet")
    with page.context.expect_page() as preview:
        page.get_by_role("button", name="Preview of the form").click()
    expect(preview.value.get_by_text("Nothing is saved.")).to_be_visible()
    expect(preview.value.get_by_text("Not saved yet").first).to_be_visible()
    expect(page.locator("#id_journal")).to_have_value("Not saved yet")
    page.once("dialog", lambda dialog: dialog.accept())
