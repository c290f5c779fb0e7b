"""The page of one study: what it shows that its presenter does not decide, and who sees it."""

import re
from typing import Any

import pytest
from django.test import Client, RequestFactory

from tests.dom import tree
from tests.factories import (
    arm,
    citation,
    comparison,
    count,
    draft_trial,
    judgement,
    notice,
    published_trial,
    registration,
    source,
    trial_document,
)
from trials.models import FormerSlug, Trial
from trials.views.study import study_page
from trials.workflow.documents import build

pytestmark = pytest.mark.django_db
ADDRESS = "/trials/smith-2021/"


def test_our_heading_comes_first_and_the_title_of_the_paper_is_quoted_below(client: Client) -> None:
    published_trial(heading="Cells for 20 people", title="Cells for COVID-19 & <sepsis>")
    page = tree(client.get(ADDRESS))
    assert page.one("h1").text == "Cells for 20 people"
    assert page.one(class_="paper").all("p")[0].text.startswith("The paper: “Cells for COVID-19 & <sepsis>”")


def test_sections_follow_the_order_of_questions(client: Client) -> None:
    published_trial()
    page = tree(client.get(ADDRESS))
    headings = [(heading["id"], heading.text) for heading in page.one("article").all("h2")]
    assert headings == [
        ("summary", "In short"),
        ("results", "What happened"),
        ("took-part", "Who took part"),
        ("how-sure", "How sure can we be?"),
        ("how-done", "How it was done"),
        ("readings", "How the study is described"),
        ("registrations", "Registration"),
        ("bibliography", "Publication details"),
        ("sources", "Sources"),
        ("take", "Take it with you"),
    ]
    contents = [(link["href"][1:], link.text) for link in page.one(class_="contents").all("a")]
    assert contents == headings[1:-1]


def test_each_link_and_button_meets_its_target_and_no_id_comes_twice(client: Client) -> None:
    rows = [registration(masking="double"), registration("r2", registry="isrctn", identifier="ISRCTN12345678")]
    published_trial(registrations=rows, dose="1", dose_unit="cells", recruitment_start="2020")
    page = tree(client.get(ADDRESS))
    ids = [element["id"] for element in page.everything() if element.get("id")]
    links = [link["href"].rpartition("#")[2] for link in page.all("a") if "#" in link.get("href")]
    buttons = [button["popovertarget"] for button in page.all("button") if button.get("popovertarget")]
    assert (len(links) > 30, len(buttons) > 30) == (True, True)
    assert [target for target in links + buttons if target not in ids] == []
    assert len(ids) == len(set(ids))


def test_shown_value_opens_its_sources_and_a_blank_has_its_reason(client: Client) -> None:
    published_trial(age="18 to 60", citations=[citation("age", note="On page 2.")])
    page = tree(client.get(ADDRESS))
    age, sex = page.one(id="value-age"), page.one(id="value-sex")
    control, box = age.one(class_="cited"), age.one(class_="source-box")
    assert [each["aria-label"] for each in control.everything()] == ["Source 1 for Age"] * 2
    assert control.one("a")["href"] == "?sources=all#source-q1"
    assert control.one("button")["popovertarget"] == box["id"]
    assert box.text == "1 Abstract of the paper The paper quoted. a randomised trial On page 2. All sources Close"
    assert sex.one("dd").text == "not yet checked"


def test_value_with_several_sources_has_one_control_for_all(client: Client) -> None:
    sources = [source("s1"), source("s2", label="Methods"), source("s3", label="Registry")]
    citations = [citation("age", "q1", "s3"), citation("age", "q2", "s1"), citation("age", "q3", "s2")]
    published_trial(age="18 to 60", sources=sources, citations=citations)
    button = tree(client.get(ADDRESS)).one(id="value-age").one(class_="cited").one("button")
    assert (button.text, button["aria-label"]) == ("1, 2, 3", "Sources 1, 2, 3 for Age")


@pytest.mark.parametrize(("query", "is_open"), [("", False), ("?sources=all", True), ("?sources=x", False)])
def test_sources_are_folded_until_they_are_asked_for(client: Client, query: str, is_open: bool) -> None:
    published_trial()
    section = tree(client.get(ADDRESS + query)).one(class_="all-sources")
    assert ("open" in section.one("details").attrs) is is_open


def test_value_on_which_sources_differ_leads_once_to_the_unresolved_questions(client: Client) -> None:
    sources = [source("s1"), source("s2", label="Review, table 1")]
    citations = [
        citation("age", "q1"),
        citation("age", "q2", "s2", basis="disputed", note="This table says 44."),
        citation("counts.c1", "q3", "s2", basis="disputed", note="This table has 1 of 10."),
        citation("counts.c2", "q4", "s2", basis="disputed", note="This table has 1 of 10."),
    ]
    published_trial(age="40", sources=sources, citations=citations)
    page = tree(client.get(ADDRESS))
    assert page.one(id="value-age").one(class_="differ")["href"] == "#unresolved"
    assert len(page.one(class_="outcomes").all(class_="differ")) == 1
    told = page.one(id="value-unsettled").one(class_="remark").text
    assert told == (
        "2 Review, table 1, on “Age”: This table says 44. "
        "2 Review, table 1, on “Death, Cells, by day 28; Death, Placebo, by day 28”: This table has 1 of 10."
    )


def test_names_are_kept_apart_from_the_text_around_them(client: Client) -> None:
    published_trial(authors="حسینی, علی\nBrown, Ann")
    names = [name.text for name in tree(client.get(ADDRESS)).one(id="value-authors").all("bdi")]
    assert names == ["علی حسینی", "Ann Brown"]


def test_number_of_values_not_yet_checked_is_that_of_the_page(client: Client, all_records: None) -> None:
    told, shown = {}, {}
    for slug in Trial.objects.public().values_list("slug", flat=True):
        page = tree(client.get(f"/trials/{slug}/"))
        (sentence,) = re.findall(r"(\d+) values? on this page", page.one(class_="note").text)
        told[slug] = int(sentence)
        shown[slug] = len([e for e in page.all(class_="blank") if e.text == "not yet checked"])
    assert told
    assert told == shown


def test_zero_deaths_are_a_number_and_no_blank(client: Client) -> None:
    document = trial_document()
    document["counts"][0]["events"] = 0
    published_trial(counts=document["counts"])
    row = tree(client.get(ADDRESS)).one(id="value-counts-c1")
    assert [cell.text for cell in row.all("td")] == ["0 of 10", "0", ""]


def test_cells_of_a_table_carry_the_label_that_a_phone_shows(client: Client) -> None:
    published_trial()
    row = tree(client.get(ADDRESS)).one(id="value-arms-a1")
    assert [cell["data-label"] for cell in row.all("td")] == ["What was given", "Randomised", "Counted"]


def test_study_without_counts_says_that_not_found_is_not_none(client: Client) -> None:
    published_trial(counts=[])
    assert "This does not mean that there were none." in client.get(ADDRESS).content.decode()


def test_registration_with_an_inferred_link_is_probable(client: Client) -> None:
    published_trial(registrations=[registration(link_inferred=True)])
    row = tree(client.get(ADDRESS)).one(id="value-registrations-r1")
    assert row.one("h3").text == "Probably: ClinicalTrials.gov NCT04457609"


def test_registration_without_an_address_is_no_link(client: Client) -> None:
    published_trial(registrations=[registration(registry="other", identifier="X-1")])
    heading = tree(client.get(ADDRESS)).one(id="value-registrations-r1").one("h3")
    assert (heading.text, heading.all("a")) == ("Another registry X-1", [])


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


def test_number_of_queries_does_not_grow_with_the_rows(client: Client, django_assert_max_num_queries: Any) -> None:
    arms = [arm(f"a{number}") for number in range(9)]
    published_trial(slug="large-2021", arms=arms, counts=[], registrations=[registration()])
    published_trial(arms=[arm()], counts=[])
    with django_assert_max_num_queries(15):
        client.get(ADDRESS)
    with django_assert_max_num_queries(15):
        client.get("/trials/large-2021/")


def test_study_without_groups_says_so_and_counts_no_one(client: Client) -> None:
    published_trial(arms=[], counts=[])
    page = tree(client.get("/trials/smith-2021/"))
    text = page.one(id="main").text
    assert "Groups: not yet checked" in text
    assert "0 counted" not in text


def test_notice_is_a_band_on_the_page_of_the_study(client: Client) -> None:
    published_trial(notices=[notice(kind="retraction", date="2023-05-02", note="Two of the authors ask for it.")])
    page = " ".join(client.get("/trials/smith-2021/").content.decode().split())
    assert "<strong>Retraction</strong>, 2 May 2023: Two of the authors ask for it." in page
    assert 'href="https://doi.org/10.1000/correction"' in page


def test_study_page_shows_each_judgement_in_words(client: Client) -> None:
    reasons = "The protocol has no date."
    rows = [
        judgement("j1", address="", judged_by="two reviewers of this site", judged_on="2026-11"),
        judgement("j2", tool="rob-2", verdict="high", reasons=reasons),
    ]
    published_trial(judgements=rows)
    table = tree(client.get("/trials/smith-2021/")).one("table", class_="judgements")
    cells = [[cell.text for cell in row.children if not isinstance(cell, str)] for row in table.one("tbody").all("tr")]
    assert [row[0] for row in cells] == ["Risk of bias, overall RoB 2", "Risk of bias, overall Tool not seen"]
    assert [row[1] for row in cells] == ["H high", "L low"]
    assert [row[2] for row in cells] == [reasons, "not seen"]
    assert [row[3] for row in cells] == [
        "A review Date not seen",
        "Our staff: two reviewers of this site November 2026",
    ]
    assert table.one("a", href="https://example.org/review").text == "A review"


def test_study_page_has_the_picture_in_words_and_the_difference(client: Client) -> None:
    arms = [arm("a1", randomised=12, analysed=12), comparison("a2", randomised=12, analysed=12)]
    counts = [count("c1", "a1", days=31, events=2, total=12), count("c2", "a2", days=31, events=7, total=12)]
    published_trial(arms=arms, counts=counts)
    page = tree(client.get("/trials/smith-2021/"))
    pictures = page.one(class_="people-picture").all("svg")
    assert [(each["role"], each["aria-label"]) for each in pictures] == [
        ("img", "Given cells, each person a dot: 2 of 12 died (17 per 100)"),
        ("img", "Comparison group, each person a dot: 7 of 12 died (58 per 100)"),
    ]
    assert page.one(class_="difference").text.startswith(
        "Difference in deaths with cells, by day 31: 42 fewer per 100 (from 67 fewer to 3 fewer)."
    )
