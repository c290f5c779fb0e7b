"""An editor's afternoon in a real browser, from a pasted record to a correction that is taken back.

One journey by three people, each with a browser session of their own and logged in by the real page; docs/editors.md
tells the same.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.people import PASSWORD, make_person

TITLE = "Cord cells for acute respiratory distress syndrome in Jakarta: a randomised trial"
RECORD = f"""TY  - JOUR
TI  - {TITLE}
AU  - Wijaya, Ratna
AU  - Smith, John
T2  - Journal of Invented Trials
DA  - 2022/03/08/
VL  - 4
LA  - English
DO  - 10.1000/invented.2022
ER  - 
"""  # noqa: W291 the format ends so
SUMMARY = "Forty people in Jakarta took part. Half were given cells from umbilical cords."
STUDY = "/trials/wijaya-2022/"
NAMES = re.compile(r"\b(anna|ben|cleo)\b", re.IGNORECASE)


@pytest.fixture
def site(live_studies: str) -> Iterator[str]:
    cache.clear()  # the counts of log-ins: no model's table, so no test empties it
    make_person("anna", "Editors")
    make_person("cleo", "Editors")
    make_person("ben", "Reviewers")
    yield live_studies
    cache.clear()


@pytest.fixture
def log_in(site: str, new_context: Callable[..., BrowserContext]) -> Iterator[Callable[[str], Page]]:
    """Somebody's own browser, at the desk. Fails at the end if a script or the content policy complained."""
    complaints: list[str] = []

    def of(name: str) -> Page:
        context = new_context(viewport={"width": 1280, "height": 900})
        context.on("weberror", lambda error: complaints.append(f"script error: {error.error}"))
        context.on(
            "console",
            lambda said: complaints.append(said.text) if "content security policy" in said.text.lower() else None,
        )
        person = context.new_page()
        person.set_default_timeout(20_000)
        person.goto(site + "/admin/")
        person.get_by_label("User name or e-mail address").fill(name)
        person.get_by_label("Password").fill(PASSWORD)
        person.get_by_role("button", name="Log in", exact=True).click()
        expect(person.get_by_role("heading", level=1)).to_have_text("Desk")
        return person

    yield of
    assert complaints == []


def shelf(person: Page, heading: str) -> Locator:
    return person.get_by_role("region", name=re.compile(rf"^{heading}( \(\d+\))?$"))


def expect_told(person: Page, message: str) -> None:
    """The step was taken and the page has come back, for which a busy machine gets more time than for the rest."""
    expect(person.locator(".messagelist")).to_have_text(message, timeout=20_000)


def road(person: Page) -> Locator:
    """The box at the top of the form."""
    return person.locator("section.road")


def row(person: Page, kind: str, number: int) -> Locator:
    """The fields of one group, count or source, from 0; a new one is added and unfolded."""
    group = person.locator(f"#{kind}-group")
    if group.locator("> fieldset > details:not([open])").count():
        group.locator("> fieldset > details > summary").click()
    fields = person.locator(f"#{kind}-{number}")
    if not fields.count():
        group.get_by_role("button", name=re.compile("^Add another ")).click()
    if fields.locator("> details:not([open])").count():
        fields.locator("> details > summary").click()
    return fields


def source(person: Page, number: int, value: str, quote: str) -> None:
    fields = row(person, "sources", number)
    fields.get_by_label("Value:").fill(value)
    fields.get_by_label("Kind:").select_option("The paper")
    fields.get_by_label("Label:").fill("Abstract of the paper")
    fields.get_by_label("Address:").fill("https://doi.org/10.1000/invented.2022")
    fields.get_by_label("Quote:").fill(quote)


def save(person: Page) -> None:
    person.get_by_role("button", name="Save").first.click()


def open_from_desk(person: Page, site: str, heading: str) -> None:
    person.goto(site + "/admin/")
    shelf(person, heading).get_by_role("link", name="Wijaya 2022").click()


def submit(person: Page, word: str = "") -> None:
    road(person).get_by_label("A word to whoever checks it (not needed)").fill(word)
    road(person).get_by_role("button", name="Submit for a check").click()
    expect_told(person, "Submitted. Somebody else checks and publishes it.")


def publish(person: Page) -> None:
    road(person).get_by_role("button", name="Publish", exact=True).click()
    expect_told(person, "Published: the public sees it now.")


def fact(page: Page, label: str) -> Locator:
    """What the public page says of one value."""
    return page.locator(f'xpath=//dt[normalize-space()="{label}"]/following-sibling::dd[1]')


def changes_of(page: Page) -> list[str]:
    """What the public history says, newest first, each without the date it begins with."""
    said = [" ".join(text.split()) for text in page.locator("section.change").all_inner_texts()]
    dated = [re.fullmatch(r"\d{1,2} [A-Z][a-z]+ \d{4} (.*)", text) for text in said]
    return [match[1] if match else "no date" for match in dated]


def test_an_afternoon(page: Page, site: str, log_in: Callable[[str], Page]) -> None:
    anna = log_in("anna")

    # --- A record is pasted, and becomes a draft.
    anna.get_by_role("link", name="Studies", exact=True).first.click()
    anna.get_by_role("link", name="Add a study from a record").click()
    anna.get_by_label("Or paste the record").fill(RECORD)
    anna.get_by_role("button", name="Show what it holds").click()
    expect(anna.get_by_role("row", name="Journal of Invented Trials")).to_contain_text("RIS record")
    anna.get_by_role("button", name="Make a draft").click()
    expect_told(anna, "A draft of Wijaya 2022 was made. Complete it here.")
    expect(road(anna).get_by_role("heading")).to_have_text("Draft, revision 1. The public does not see it.")
    expect(road(anna)).to_contain_text("There is no group that was given cells.")
    expect(road(anna)).to_contain_text("The country is missing.")

    # --- It is completed, in two goes: a group has to be there before its count can name it.
    anna.locator("#id_design").select_option("Randomised controlled trial")
    anna.locator("#id_age").fill("18 to 60 years")
    anna.get_by_role("checkbox", name="Indonesia").check()
    anna.get_by_label("Plain-language summary:").fill(SUMMARY)
    anna.get_by_label("Last reviewed:").fill("2026-11-20")
    anna.get_by_label("Next review due:").fill("2027-05-20")
    for number, (name, role) in enumerate([("Cord cells", "Given cells"), ("Placebo", "Comparison")]):
        group = row(anna, "arms", number)
        group.get_by_label("Name:").fill(name)
        group.get_by_label("Role:").select_option(role)
        group.get_by_label("Randomised:").fill("20")
        group.get_by_label("Analysed:").fill("20")
    row(anna, "arms", 0).get_by_label("Tissue of the cells:").select_option("Umbilical cord")
    save(anna)
    expect_told(anna, "Saved (revision 2).")
    expect(road(anna).get_by_role("list", name="Before it can be published:").get_by_role("listitem")).to_have_text(
        [
            "“Where” (countries) has no source.",
            "“Age” (age) has no source.",
            "“Cells from” (cell_source) has no source.",
            "“Design” (design) has no source.",
            "Group “Cord cells” has no source.",
            "Group “Placebo” has no source.",
        ]
    )

    for number, (group_name, deaths) in enumerate([("1. Cord cells", "4"), ("2. Placebo", "7")]):
        count = row(anna, "counts", number)
        count.get_by_label("Outcome:").select_option("Death")
        count.get_by_label("Group:").select_option(group_name)
        count.get_by_label("People with the event:").fill(deaths)
        count.get_by_label("Out of:").fill("20")
        count.get_by_label("Day:").fill("28")
        count.get_by_label("Main count").check()
    read = {
        "design": "a randomised trial",
        "countries": "a hospital in Jakarta",
        "age": "aged 18 to 60 years",
        "cell_source": "umbilical cord cells",
        "arm-1": "20 were given cells",
        "arm-2": "20 were given placebo",
        "count-1": "4 of 20 died",
        "count-2": "7 of 20 died",
    }
    first = anna.locator("#sources-group .has_original").count()
    for number, (value, quote) in enumerate(read.items(), start=first):
        source(anna, number, value, quote)
    save(anna)
    expect_told(anna, "Saved (revision 3).")
    expect(road(anna).get_by_text("Before it can be published:")).to_have_count(0)

    # --- She submits it. Publishing is not offered, and the page says why.
    submit(anna, "The age is from the abstract only.")
    expect(road(anna)).to_contain_text("Publishing needs the reviewer's right.")
    expect(anna.get_by_role("button", name="Publish", exact=True)).to_have_count(0)
    answer = page.goto(site + STUDY)
    assert answer is not None
    assert answer.status == 404

    # --- Somebody else finds it on his desk, looks at it as the public would, and publishes it.
    ben = log_in("ben")
    expect(shelf(ben, "Waiting for my check").get_by_role("listitem")).to_contain_text("submitted by anna")
    open_from_desk(ben, site, "Waiting for my check")
    expect(road(ben)).to_contain_text("anna says: The age is from the abstract only.")
    road(ben).get_by_role("link", name="Preview").click()
    expect(ben.get_by_role("heading", level=1)).to_contain_text(TITLE)
    expect(ben.get_by_text("Preview of revision 4.")).to_be_visible()
    expect(fact(ben, "Age")).to_contain_text("18 to 60 years")
    ben.go_back()
    publish(ben)

    # --- The public sees it, on its own page and in the list.
    page.goto(site + "/trials/")
    expect(page.locator("#count")).to_have_text("9 of 9 studies, 236 people, 7 countries")
    page.get_by_role("link", name=TITLE).click()
    expect(page).to_have_url(site + STUDY)
    expect(fact(page, "Age")).to_contain_text("18 to 60 years")
    expect(page.get_by_role("main")).to_contain_text(SUMMARY)

    # --- Two people change it at once: both the age, and each something else. Anna saves first.
    cleo = log_in("cleo")
    for person in (anna, cleo):
        person.goto(site + "/admin/trials/trial/?q=wijaya")
        person.get_by_role("link", name="Wijaya 2022", exact=True).click()
        expect(road(person).get_by_role("heading")).to_have_text("Published: revision 5 is live.")
    anna.locator("#id_age").fill("18 to 65 years")
    anna.locator("#id_volume").fill("5")
    save(anna)
    expect(anna.get_by_role("link", name="Why: Say why: the public sees this record")).to_be_visible()
    expect(anna.locator("#id_age")).to_have_value("18 to 65 years")
    anna.get_by_label("Why:").fill("The abstract is wrong about the age; table 1 has it.")
    save(anna)
    expect_told(anna, "Saved as a draft (revision 6): the public still sees the published version.")

    cleo.locator("#id_age").fill("18 to 64 years")
    cleo.get_by_label("Plain-language summary:").fill(SUMMARY + " Nobody knew who got which.")
    cleo.get_by_label("Why:").fill("The summary did not say that it was masked.")
    save(cleo)
    expect(cleo.get_by_role("heading", level=1)).to_have_text("Somebody else has saved too")
    expect(cleo.get_by_text("anna saved revision 6 on")).to_be_visible()
    expect(cleo.get_by_text("Their reason: The abstract is wrong about the age; table 1 has it.")).to_be_visible()
    volume, age, summary = (
        cleo.get_by_role("group", name=name) for name in ("Volume", "Age –", "Plain-language summary")
    )
    expect(cleo.get_by_role("group")).to_have_count(3)
    expect(volume.get_by_role("radio", name="Now saved: 5")).to_be_checked()
    expect(summary.get_by_role("radio", name="Yours: Forty people")).to_be_checked()
    expect(age).to_contain_text("both of you changed it: choose one")
    expect(age.get_by_role("radio", checked=True)).to_have_count(0)
    age.get_by_role("radio", name="Now saved: 18 to 65 years").check()
    cleo.get_by_role("button", name="Save what is chosen").click()
    expect_told(cleo, "Saved as a draft (revision 7): the public still sees the published version.")
    expect(cleo.locator("#id_volume")).to_have_value("5")
    expect(cleo.locator("#id_age")).to_have_value("18 to 65 years")
    expect(cleo.get_by_label("Plain-language summary:")).to_have_value(SUMMARY + " Nobody knew who got which.")

    # --- The public sees nothing of it until Ben has published it.
    page.reload()
    expect(fact(page, "Age")).to_contain_text("18 to 60 years")
    submit(cleo)
    page.reload()
    expect(fact(page, "Age")).to_contain_text("18 to 60 years")
    open_from_desk(ben, site, "Waiting for my check")
    road(ben).get_by_role("link", name="Compare with the public version").click()
    expect(ben.get_by_role("table")).to_contain_text("18 to 60 years")
    expect(ben.get_by_role("table")).to_contain_text("18 to 65 years")
    ben.go_back()
    publish(ben)
    page.reload()
    expect(fact(page, "Age")).to_contain_text("18 to 65 years")
    expect(page.get_by_role("main")).to_contain_text("Nobody knew who got which.")

    # --- The public history says what changed and why, and nobody's name.
    page.get_by_role("link", name="What changed and when").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What changed and when")
    assert changes_of(page) == [
        "Changed Why The abstract is wrong about the age; table 1 has it. The summary did not say that it was masked. "
        "Volume Before 4 Now 5 Age Before 18 to 60 years Now 18 to 65 years Plain-language summary "
        f"{SUMMARY} new: Nobody knew who got which. (end)",
        "Published for the first time",
    ]
    expect(page.get_by_role("main")).not_to_contain_text(NAMES)

    # --- A wrong correction goes the same road …
    anna.reload()
    row(anna, "counts", 0).get_by_label("People with the event:").fill("14")
    anna.get_by_label("Why:").fill("The table says 14.")
    save(anna)
    submit(anna)
    open_from_desk(ben, site, "Waiting for my check")
    publish(ben)
    page.goto(site + STUDY)
    expect(page.get_by_role("main")).to_contain_text("14 of 20")

    # --- … and is taken back from the history, in words, by the same two people.
    anna.reload()
    road(anna).get_by_role("link", name="History").click()
    anna.get_by_role("radio", name="Older: revision 9").check()
    anna.get_by_role("button", name="Compare").click()
    expect(anna.get_by_role("row", name="Count 1: Death, Cord cells: people with the event")).to_have_text(
        re.compile(r"people with the event\s+4\s+14\s*$")
    )
    anna.get_by_text("Restore revision 9 …").click()
    why = "Why (where the public sees the record, it reads this)"
    anna.get_by_label(why).locator("visible=true").fill("14 was the number of the survivors without a ventilator.")
    anna.get_by_role("button", name="Restore revision 9").click()
    expect_told(
        anna, "Revision 9 was restored as revision 13. As a draft: the public still sees the published version."
    )
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("14 of 20")
    submit(anna)
    open_from_desk(ben, site, "Waiting for my check")
    publish(ben)
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("4 of 20")
    expect(page.get_by_role("main")).not_to_contain_text("14 of 20")

    # --- The study's own history and that of the whole site tell both, the newest first.
    taken_back = (
        "Changed Why 14 was the number of the survivors without a ventilator. "
        "Count 1: Death, Cord cells: people with the event Before 14 Now 4"
    )
    wrong = "Changed Why The table says 14. Count 1: Death, Cord cells: people with the event Before 4 Now 14"
    page.get_by_role("link", name="What changed and when").click()
    assert changes_of(page)[:2] == [taken_back, wrong]
    expect(page.get_by_role("main")).not_to_contain_text(NAMES)
    page.goto(site + "/changes/")
    newest = page.get_by_role("article")
    expect(newest.nth(0)).to_contain_text("Wijaya 2022 Study: changed")
    expect(newest.nth(0)).to_contain_text("14 was the number of the survivors without a ventilator.")
    expect(newest.nth(1)).to_contain_text("The table says 14.")
    expect(newest.nth(3)).to_contain_text("Wijaya 2022 Study: published for the first time")
    expect(page.get_by_role("main")).not_to_contain_text(NAMES)
