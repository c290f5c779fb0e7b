"""The page of one study: what it shows, to whom, and how it speaks of what is not sure or not known."""

import pytest
from django.contrib.auth.models import Permission, User
from django.core.exceptions import ValidationError
from django.test import Client

from tests.dom import Element, tree
from tests.factories import make_arm, make_blank, make_count, make_page, make_registration, make_source, make_trial
from trials import actions
from trials.models import Trial
from trials.presenters.page import StudyPage

eight = pytest.mark.usefixtures("eight_studies")


def study(client: Client, slug: str = "smith-2021", status: int = 200) -> Element:
    response = client.get(f"/trials/{slug}/")
    assert response.status_code == status
    return tree(response)


def value(page: Element, name: str) -> str:
    """What stands beside the name of a value, without the numbers of its sources."""
    return page.one(id=f"value-{name}").one("dd").text_without("sup")


def row(page: Element, anchor: str) -> list[str]:
    return [cell.text for cell in page.one("tr", id=anchor).children if isinstance(cell, Element)]


# --- A published study ----------------------------------------------------------------------------------------


@eight
def test_study_shows_its_paper(client: Client) -> None:
    page = study(client, "dilogo-2021")
    assert page.one("h1").text.startswith(
        "Umbilical cord mesenchymal stromal cells as critical COVID-19 adjuvant therapy: A randomized controlled trial"
    )
    assert page.one("p", class_="citation").text.startswith("STEM CELLS Translational Medicine 2021.")
    links = {a.text: a["href"] for a in page.one("ul", class_="links").all("a")}
    assert links == {
        "doi:10.1002/sctm.21-0046": "https://doi.org/10.1002/sctm.21-0046",
        "PubMed 34102020": "https://pubmed.ncbi.nlm.nih.gov/34102020/",
        "NCT04457609": "https://clinicaltrials.gov/study/NCT04457609",
    }


@eight
def test_study_links_to_pubmed_central_and_to_every_registration(client: Client) -> None:
    links = study(client, "monsel-2022").one("ul", class_="links")
    assert {a.text: a["href"] for a in links.all("a")} == {
        "doi:10.1186/s13054-022-03930-4": "https://doi.org/10.1186/s13054-022-03930-4",
        "PubMed 35189925": "https://pubmed.ncbi.nlm.nih.gov/35189925/",
        "PMC8860258": "https://pmc.ncbi.nlm.nih.gov/articles/PMC8860258/",
        "NCT04333368": "https://clinicaltrials.gov/study/NCT04333368",
        "2020-001287-28": "#registration-2",  # the register has no address for one number
    }


@eight
def test_citation_holds_volume_issue_and_pages(client: Client) -> None:
    assert "2021; 10(5): 660-673." in study(client, "lanzoni-2021").one("p", class_="citation").text


@eight
def test_first_six_authors_are_shown_and_the_rest_unfold(client: Client) -> None:
    authors = study(client, "dilogo-2021").one(class_="authors")
    assert authors.one("p").text.startswith(
        "Ismail Hadisoebroto Dilogo, Dita Aditianingsih, Adhrie Sugiarto, Erlina Burhan, Triya Damayanti, "
        "Pompini Agustina Sitompul"
    )
    assert "Nina Mariana" not in authors.one("p").text
    rest = authors.one("details")
    assert "open" not in rest.attrs
    assert rest.one("summary").text == "and 10 more authors"
    assert rest.text.startswith("and 10 more authorsNina Mariana, Radiana D. Antarianto")
    assert rest.text.endswith("Dina Rahmatika")


@pytest.mark.django_db
@pytest.mark.parametrize(("number", "summary"), [(6, None), (7, "and 1 more author")])
def test_authors_unfold_only_where_there_are_more_than_six(client: Client, number: int, summary: str | None) -> None:
    make_trial(authors="\n".join(f"Author{n}, A" for n in range(number)))
    folded = study(client).one(class_="authors").all("summary")
    assert [each.text for each in folded] == ([summary] if summary else [])


@eight
def test_author_list_that_is_not_complete_says_so(client: Client) -> None:
    authors = study(client, "kaffash-farkhad-2022").one(class_="authors").text
    assert authors.startswith("Kaffash Farkhad and others: full list not yet checked")


@eight
def test_plain_summary_comes_before_the_facts(client: Client) -> None:
    page = study(client, "adas-2021")
    headings = [h.text for h in page.all("h2")]
    assert headings[:2] == ["In short", "Key facts"]
    assert "3 of 10 died" in page.one("section", class_="in-short").text
    assert headings == [
        "In short",
        "Key facts",
        "What it is called, and by whom",
        "Groups and what happened",
        "What the authors conclude, and what to bear in mind",
        "Registration",
        "The paper, for the catalogue",
        "Where each value comes from",
    ]


@eight
def test_title_paper_and_registry_stand_side_by_side(client: Client) -> None:
    page = study(client, "kaffash-farkhad-2022")
    titled, reported, registered = row(page, "value-design-table")[1:]
    assert titled.startswith("“control-placebo group, clinical trial”")
    assert reported.startswith("Controlled, not randomised or not clearly reported")
    assert registered.startswith("Randomised")
    titled, reported, registered = row(page, "value-masking-table")[1:]
    assert titled == "not in the title"
    assert reported.startswith("Open label")
    assert registered.startswith("Double masked")


@eight
def test_registry_names_who_was_masked(client: Client) -> None:
    registered = row(study(client, "lanzoni-2021"), "value-masking-table")[3]
    assert registered.startswith("Triple masked (participant, care provider, investigator)")


@eight
def test_groups_say_their_part_and_their_people(client: Client) -> None:
    page = study(client, "monsel-2022")
    cells, placebo = row(page, "value-arm-1"), row(page, "value-arm-2")
    assert cells[0].startswith("Given cells UC-MSC")
    assert cells[2:] == ["22", "21"]
    assert placebo[0].startswith("Comparison Placebo")
    assert placebo[2:] == ["25", "24"]
    assert "45 counted, of 47 randomised" in page.one("article").text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("design", "randomised"),
    [
        ("randomised", "not yet checked"),
        ("controlled", "not yet checked"),
        ("", "not yet checked"),
        ("single-arm", "does not apply"),
        ("case-series", "does not apply"),
    ],
)
def test_group_without_a_number_randomised_says_why(design: str, randomised: str) -> None:
    trial = make_trial(design=design, control="", rows=False, status="published" if design else "draft")
    make_arm(trial, randomised=None)
    (group,) = StudyPage(Trial.objects.get()).groups
    assert group.randomised_blank == randomised


@pytest.mark.django_db
@pytest.mark.parametrize("design", ["randomised", "controlled", "single-arm"])
def test_reason_of_the_record_for_no_number_randomised_goes_first(client: Client, design: str) -> None:
    trial = make_trial(design=design, control="", rows=False)
    for position in (1, 2):
        make_arm(trial, position=position, name=f"Group {position}", randomised=None)
    make_blank(trial, value="arm-2.randomised", reason="not-reported")
    page = study(client)
    assert row(page, "value-arm-1")[2] == ("does not apply" if design == "single-arm" else "not yet checked")
    assert row(page, "value-arm-2")[2] == "not reported"


@eight
@pytest.mark.parametrize(
    ("slug", "randomised"),
    [
        ("adas-2021", ["not yet checked", "not yet checked", "does not apply"]),
        ("kaffash-farkhad-2022", ["not yet checked", "not yet checked"]),
        ("hashemian-2021", ["does not apply", "does not apply"]),
    ],
)
def test_groups_of_the_studies_that_give_no_number_randomised(client: Client, slug: str, randomised: list[str]) -> None:
    page = study(client, slug)
    assert [row(page, f"value-arm-{number}")[2] for number, _ in enumerate(randomised, start=1)] == randomised


@eight
def test_less_ill_group_is_no_comparison(client: Client) -> None:
    page = study(client, "adas-2021")
    assert row(page, "value-arm-3")[0].startswith("Other group, not a comparison Group 1: moderate, conventional")
    assert "must not be added to the comparison group" in page.one(id="happened").parent.text


@eight
def test_counts_are_n_of_all_and_per_100(client: Client) -> None:
    page = study(client, "lanzoni-2021")
    assert [row(page, f"value-count-{n}")[1:3] for n in range(1, 9)] == [
        ["2 of 12", "17"],
        ["7 of 12", "58"],
        ["3 of 12", "25"],
        ["7 of 12", "58"],
        ["2 of 12", "17"],
        ["8 of 12", "67"],
        ["5 of 12", "42"],
        ["8 of 12", "67"],
    ]
    assert [heading.text for heading in page.all("tr", class_="outcome")] == [
        "Death, by day 31",
        "Death, by 3 months",
        "People with a serious adverse event, by day 31",
        "People with a serious adverse event, over 3 months",
    ]
    marks = [page.one(id=f"value-count-{n}").one(class_="plot").one("svg", overflow="visible")["x"] for n in (1, 2)]
    assert marks == ["17%", "58%"]


@eight
def test_count_for_all_groups_together_says_so(client: Client) -> None:
    page = study(client, "yip-2020")
    name, people, per_100, _ = row(page, "value-count-1")
    assert name.startswith("All groups given cells")
    assert (people, per_100) == ("3 of 9", "33")


@eight
def test_study_without_counts_says_that_not_found_is_not_none(client: Client) -> None:
    page = study(client, "kaffash-farkhad-2022")
    assert "No counts of deaths or of serious adverse events were found. Not found is not the same as none." in (
        page.one(id="happened").parent.text
    )
    assert page.all("table", class_="outcomes") == []


@eight
def test_study_says_when_it_was_reviewed_and_how_much_is_not_checked(client: Client) -> None:
    page = study(client, "lanzoni-2021")
    assert "This entry was last reviewed on 22 November 2026; the next review is due on 22 May 2027." in page.text
    not_checked = [dd for dd in page.one("article").all("dd") if dd.text.startswith("not yet checked")]
    assert f"{len(not_checked)} values on this page are not yet checked." in page.text
    assert len(not_checked) == 5


# --- What is not sure -----------------------------------------------------------------------------------------


@eight
def test_inferred_value_is_probable_and_gives_its_reason(client: Client) -> None:
    page = study(client, "lanzoni-2021")
    assert value(page, "donor") == (
        "Probably: Another person (allogeneic) One donated cord is said to serve many patients, "
        "so the donor is another person. The word allogeneic was not seen."
    )


@eight
def test_link_to_a_registration_that_is_inferred_is_probable(client: Client) -> None:
    page = study(client, "rebelatto-2022")
    assert page.one("h3", id="value-registration-1").text.startswith("Probably: Brazilian Registry of Clinical Trials")
    assert "(probably)" in page.one("ul", class_="links").text


@eight
def test_disputed_count_says_that_sources_differ_and_gives_both_readings(client: Client) -> None:
    remarks = study(client, "lanzoni-2021").all("tr", class_="remarks")
    assert [remark.text for remark in remarks[0].all("p")] == [
        "All randomised; days from the first infusion. One person, who had a failed intubation and was dead before "
        "day 6, is left out (censored) of the authors' figure.",
        "Worked out. 11 − 10 alive = 1 death; plus the 1 person censored, who also died = 2 deaths of 12.",
        "Sources differ. The authors' figure, 91% survival, fits 10 of 11. With everyone randomised it is 10 of 12 "
        "alive, that is 2 of 12 deaths.",
        "Sources differ. This table has 1 of 12: it drops the death of the person censored but keeps the person in "
        "the total. The registry gives 2 of 12.",
    ]


@eight
def test_count_on_which_the_sources_agree_does_not_say_that_they_differ(client: Client) -> None:
    remarks = study(client, "lanzoni-2021").all("tr", class_="remarks")
    assert [remark.text for remark in remarks[1].all("p")] == [
        "All randomised; days from the first infusion. The authors' figure is 42% survival at one month, which fits "
        "5 of 12 alive.",
        "Worked out. 12 − 5 alive = 7 deaths.",
    ]


@eight
def test_count_that_was_worked_out_says_how(client: Client) -> None:
    remarks = study(client, "hashemian-2021").one("tr", class_="remarks")
    assert [remark.text for remark in remarks.all("p")] == [
        "The end of follow-up is not stated.",
        "Worked out. 11 people − 6 survivors = 5 deaths. In the copies we read, the abstract breaks off before its "
        "sentence on deaths ends.",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ({}, "40 to 60 years"),
        ({"basis": "stated", "quote": ""}, "40 to 60 years"),
        ({"basis": "inferred", "note": "By the graph."}, "Probably: 40 to 60 years By the graph."),
        ({"confidence": 2, "note": "Badly printed."}, "Probably: 40 to 60 years Badly printed."),
        ({"basis": "derived", "note": "50 ± 10."}, "40 to 60 years 50 ± 10."),
        ({"basis": "disputed", "note": "Elsewhere 41."}, "40 to 60 years Sources differ. Elsewhere 41."),
    ],
    ids=["quoted", "stated", "inferred", "medium confidence", "worked out", "disputed"],
)
def test_value_says_how_sure_it_is(client: Client, source, shown: str) -> None:
    trial = make_trial(age="40 to 60 years")
    make_source(trial, value="age", **source)
    assert value(study(client), "age") == shown


@pytest.mark.django_db
def test_second_reading_in_one_document_is_heard_too(client: Client) -> None:
    trial = make_trial(age="40 to 60 years")
    make_source(trial, value="age", label="Table 1", note="")
    make_source(trial, value="age", label="Table 1", basis="inferred", note="The range is taken from a figure.")
    shown = study(client).one(id="value-age")
    assert shown.one("dd").text == "Probably: 40 to 60 years 1 The range is taken from a figure."


@pytest.mark.django_db
def test_lead_word_stands_only_before_the_remark_of_its_own_source(client: Client) -> None:
    trial = make_trial(age="40 to 60 years", rows=False)
    make_count(trial, arm=make_arm(trial), note="All randomised.")
    readings = [
        ({"confidence": 2}, "A blurred table."),
        ({"basis": "disputed"}, "Elsewhere another number."),
        ({"basis": "derived"}, "Added up."),
    ]
    for number, (source, note) in enumerate(readings):
        for name in ("age", "count-1"):
            make_source(trial, value=name, address=f"https://example.org/{number}", note=note, **source)
    page = study(client)
    assert value(page, "age").startswith("Probably: 40 to 60 years ")
    assert [remark.text for remark in page.one(id="value-age").all(class_="remark")] == [
        "A blurred table.",
        "Sources differ. Elsewhere another number.",
        "Added up.",
    ]
    assert [remark.text for remark in page.one("tr", class_="remarks").all("p")] == [
        "All randomised.",
        "A blurred table.",
        "Sources differ. Elsewhere another number.",
        "Worked out. Added up.",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("source", [{"basis": "inferred"}, {"confidence": 2}], ids=["inferred", "medium confidence"])
@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("limits", "The groups are small."),
        ("unsettled", "The groups are small."),
        ("authors_limits", "Probably: The groups are small."),
        ("authors_conclusion", "Probably: The groups are small."),
    ],
)
def test_our_own_words_on_what_is_open_are_not_probable(client: Client, name: str, shown: str, source) -> None:
    trial = make_trial(**{name: "The groups are small."})
    make_source(trial, value=name, note="By the graph.", **source)
    assert value(study(client), name) == f"{shown} By the graph."


@pytest.mark.django_db
@pytest.mark.parametrize("basis", ["inferred", "quoted"])
def test_count_of_a_source_that_is_not_sure_is_probable(client: Client, basis: str) -> None:
    trial = make_trial()
    make_source(trial, value="count-1", basis=basis, confidence=2, note="A blurred table.")
    page = study(client)
    assert row(page, "value-count-1")[1] == "probably 3 of 10"
    assert row(page, "value-count-2")[1] == "5 of 10"
    assert page.one("tr", class_="remarks").text == "A blurred table."


# --- What is not known ----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_three_kinds_of_blank_and_the_one_without_a_reason(client: Client) -> None:
    trial = make_trial()
    make_blank(trial, value="age", reason="not-reported", note="Looked in the abstract.")
    make_blank(trial, value="sex", reason="not-checked")
    make_blank(trial, value="schedule", reason="does-not-apply")
    page = study(client)
    assert value(page, "age") == "not reported Looked in the abstract."
    assert value(page, "sex") == "not yet checked"
    assert value(page, "schedule") == "does not apply"
    assert value(page, "severity") == "not yet checked"
    assert page.one(id="value-age").one("span", class_="blank").text == "not reported"


@eight
@pytest.mark.parametrize(
    ("slug", "name", "blank"),
    [
        ("lanzoni-2021", "preparation", "not yet checked"),
        ("yip-2020", "preparation", "not yet checked"),
        ("lanzoni-2021", "funding", "not yet checked"),
    ],
)
def test_blank_of_the_eight_studies(client: Client, slug: str, name: str, blank: str) -> None:
    assert value(study(client, slug), name).startswith(blank)


@pytest.mark.django_db
def test_zero_is_a_number_and_no_blank(client: Client) -> None:
    trial = make_trial(rows=False)
    arm = make_arm(trial, randomised=4, analysed=0)
    make_count(trial, arm=arm, events=0, total=4)
    page = study(client)
    assert row(page, "value-arm-1")[2:] == ["4", "0"]
    assert row(page, "value-count-1")[1:3] == ["0 of 4", "0"]


@pytest.mark.django_db
def test_study_without_a_registration_says_so(client: Client) -> None:
    make_trial()
    page = study(client)
    assert "No registration is known to us." in page.one(id="registered").parent.text
    assert row(page, "value-design-table")[3] == "no registration known"


@pytest.mark.django_db
def test_registration_that_says_nothing_of_the_masking_is_not_yet_checked(client: Client) -> None:
    trial = make_trial()
    make_registration(trial, allocation="randomised")
    page = study(client)
    assert row(page, "value-design-table")[3] == "Randomised NCT04457609"
    assert row(page, "value-masking-table")[3] == "not yet checked NCT04457609"


# --- The list of sources --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_sources_are_numbered_by_document_and_say_how_each_value_was_read(client: Client) -> None:
    trial = make_trial(age="50", sex="8 men")
    paper = {"label": "Abstract", "address": "https://doi.org/10.1000/a", "read_in_copy": True}
    make_source(trial, value="age", quote="aged 50", checked_twice=True, **paper)
    make_source(
        trial,
        value="sex",
        label="A review",
        kind="review",
        address="https://review.example/1",
        basis="transcribed",
        quote="",
    )
    make_source(trial, value="count-1", quote="three died", confidence=2, note="Blurred.", **paper)
    page = study(client)
    documents = [item for item in page.one("ol", class_="sources").all("li") if item.get("value")]
    assert [(item["value"], item.all("a")[0]["href"]) for item in documents] == [
        ("1", "https://doi.org/10.1000/a"),
        ("2", "https://review.example/1"),
    ]
    assert documents[0].one("p").text == "Abstract The paper; read in a copy"
    assert documents[1].one("p").text == "A review A review"
    assert [reading.text for reading in documents[0].one("ul").all("li")] == [
        "Back to Age ↑: quoted, read twice. aged 50",
        "Back to Death, Cells, by day 28 ↑: quoted, medium confidence. three died Blurred.",
    ]
    assert [reading.text for reading in documents[1].one("ul").all("li")] == ["Back to Sex ↑: copied from a table."]
    link = page.one(id="value-count-1").one("a", href="#source-3")
    assert (link.text, link["aria-label"]) == ("1", "Source 1 for Death, Cells, by day 28")


@pytest.mark.django_db
def test_what_staff_typed_is_text_and_never_html(client: Client) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    trial = make_trial(
        title=f"Cells {hostile}", age=hostile, plain_summary=hostile, limits=hostile, journal=hostile, acronym=hostile
    )
    make_source(trial, value="age", label=hostile, quote=hostile, note=hostile)
    make_registration(trial, registry="other", identifier=hostile, note=hostile)
    html = client.get("/trials/smith-2021/").content.decode()
    assert "<img" not in html
    assert html.count("&lt;img") >= 9


# --- Who may see it -------------------------------------------------------------------------------------------


@pytest.fixture
def draft(db: None) -> Trial:
    return make_trial(slug="draft-2026", status="draft", title="A telling title")


def log_in(client: Client, *, is_staff: bool, may_view: bool) -> None:
    user = User.objects.create_user("someone", is_staff=is_staff)
    if may_view:
        user.user_permissions.add(Permission.objects.get(codename="view_trial"))
    client.force_login(user)


@pytest.mark.parametrize("status", ["draft", "in-review", "archived"])
def test_study_that_is_not_published_is_not_found(client: Client, draft: Trial, status: str) -> None:
    Trial.objects.filter(pk=draft.pk).update(status=status)
    page = study(client, "draft-2026", 404)
    assert page.one("h1").text == "Page not found"
    assert "telling" not in page.text


@pytest.mark.parametrize(
    ("is_staff", "may_view"), [(False, False), (False, True), (True, False)], ids=["reader", "no staff", "no right"]
)
def test_draft_is_not_found_for_who_may_not_see_it(client: Client, draft, is_staff: bool, may_view: bool) -> None:
    log_in(client, is_staff=is_staff, may_view=may_view)
    assert "telling" not in study(client, "draft-2026", 404).text


@pytest.mark.parametrize(
    ("status", "band"),
    [
        ("draft", "Not public: draft. Only staff see this page. Edit"),
        ("in-review", "Not public: in review. Only staff see this page. Edit"),
        ("archived", "Not public: archived. Only staff see this page. Edit"),
    ],
)
def test_staff_see_a_draft_under_a_band_and_nothing_keeps_it(client: Client, draft: Trial, status, band: str) -> None:
    Trial.objects.filter(pk=draft.pk).update(status=status)
    log_in(client, is_staff=True, may_view=True)
    response = client.get("/trials/draft-2026/")
    assert response.status_code == 200
    page = tree(response)
    assert page.one("h1").text == "A telling title"
    assert page.one(class_="band").text == band
    assert page.one(class_="band").one("a")["href"] == f"/admin/trials/trial/{draft.pk}/change/"
    assert page.one("meta", name="robots")["content"] == "noindex"
    assert response.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert "Expires" in response.headers


@pytest.mark.django_db
def test_published_study_has_no_band_and_may_be_indexed(client: Client) -> None:
    make_trial()
    log_in(client, is_staff=True, may_view=True)
    page = study(client)
    assert page.all(class_="band") == []
    assert page.all("meta", name="robots") == []


# --- Addresses ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_former_address_leads_to_the_new_one_for_good(client: Client) -> None:
    trial = make_trial()
    trial.slug = "smith-jones-2021"
    actions.save_trial(trial)
    response = client.get("/trials/smith-2021/")
    assert (response.status_code, response.headers["Location"]) == (301, "/trials/smith-jones-2021/")
    assert study(client, "smith-jones-2021").one("h1").text.startswith("Cells for acute")


@pytest.mark.django_db
def test_former_address_of_a_draft_is_not_found(client: Client) -> None:
    trial = make_trial(status="draft")
    trial.slug = "telling-2026"
    actions.save_trial(trial)
    assert "telling" not in study(client, "smith-2021", 404).text


@pytest.mark.django_db
def test_former_address_still_leads_to_its_study_when_another_has_asked_for_it(client: Client) -> None:
    trial = make_trial()
    trial.slug = "moved-2021"
    actions.save_trial(trial)
    with pytest.raises(ValidationError):
        make_trial(status="draft")
    assert client.get("/trials/smith-2021/").headers["Location"] == "/trials/moved-2021/"


@pytest.mark.django_db
def test_study_that_has_its_former_address_again_is_shown_there(client: Client) -> None:
    trial = make_trial()
    for slug in ("moved-2021", "smith-2021"):
        trial.slug = slug
        actions.save_trial(trial)
    assert study(client).one("h1").text.startswith("Cells for acute")
    assert client.get("/trials/moved-2021/").headers["Location"] == "/trials/smith-2021/"


@pytest.mark.django_db
def test_unknown_study_is_not_found(client: Client) -> None:
    make_trial()
    assert study(client, "smith-1999", 404).one("h1").text == "Page not found"


@eight
@pytest.mark.parametrize(
    ("slug", "previous", "following"),
    [
        ("rebelatto-2022", None, "/trials/monsel-2022/"),
        ("monsel-2022", "/trials/rebelatto-2022/", "/trials/kaffash-farkhad-2022/"),
        ("kaffash-farkhad-2022", "/trials/monsel-2022/", "/trials/adas-2021/"),
        ("adas-2021", "/trials/kaffash-farkhad-2022/", "/trials/dilogo-2021/"),
        ("dilogo-2021", "/trials/adas-2021/", "/trials/hashemian-2021/"),
        ("hashemian-2021", "/trials/dilogo-2021/", "/trials/lanzoni-2021/"),
        ("lanzoni-2021", "/trials/hashemian-2021/", "/trials/yip-2020/"),
        ("yip-2020", "/trials/lanzoni-2021/", None),
    ],
)
def test_previous_and_next_follow_the_list_as_it_opens(client: Client, slug: str, previous, following) -> None:
    nav = study(client, slug).one("nav", class_="neighbours")
    assert [a["href"] for a in nav.all("a", rel="prev")] == ([previous] if previous else [])
    assert [a["href"] for a in nav.all("a", rel="next")] == ([following] if following else [])


@pytest.mark.django_db
def test_previous_and_next_of_studies_of_one_date_go_by_author_and_address(client: Client) -> None:
    for slug, author in (("c", "Brown, A"), ("b", "Adams, A"), ("a", "Brown, A")):
        make_trial(slug=slug, authors=author, publication_date="2021")
    order = ["b", "a", "c"]
    assert [
        a["href"]
        for a in tree(client.get("/trials/")).all("a")
        if a["href"] in ("/trials/a/", "/trials/b/", "/trials/c/")
    ] == [f"/trials/{slug}/" for slug in order]
    nav = study(client, "a").one("nav", class_="neighbours")
    assert [a["href"] for a in nav.all("a")] == ["/trials/b/", "/trials/c/"]


@pytest.mark.django_db
def test_study_page_needs_no_other_page(client: Client) -> None:
    make_trial()
    make_page()
    assert client.head("/trials/smith-2021/").status_code == 200
    assert client.post("/trials/smith-2021/").status_code == 405
