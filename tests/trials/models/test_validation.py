"""A wrong value is refused with a sentence that says what is wrong."""

from typing import Any

import pytest
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models

from tests.factories import (
    arm,
    blank,
    citation,
    count,
    load,
    page_document,
    published_trial,
    registration,
    source,
    term_document,
    trial_document,
)
from trials.models import Arm, Blank, Citation, GlossaryTerm, OutcomeCount, Page, Registration, Source, Trial
from trials.models.fields import show_partial_date, validate_partial_date
from trials.workflow import steps
from trials.workflow.checks import check
from trials.workflow.documents import Document, build

pytestmark = pytest.mark.django_db

NOT_A_DATE = "“{}” is not a date. Write 2021, 2021-06 or 2021-06-08."
NOT_MASKED = "A study that is open label or does not report masking has no one masked."
NOT_ORDERED = "“{}” is not in the order of the list, or has a code twice."
NOT_A_VALUE = "“{}” is not a value of a study. Choose one from the list."
ONE_OR_MORE = "Ensure this value is greater than or equal to 1."
DOSE_AND_UNIT = "A dose needs its unit, and a unit its dose."


def errors(model: Any, document: Document) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refusal:
        check(build(document, model()), document)
    return refusal.value.message_dict


@pytest.mark.parametrize(
    ("model", "document"), [(Trial, trial_document()), (Page, page_document()), (GlossaryTerm, term_document())]
)
def test_right_record_is_accepted(model: Any, document: Document) -> None:
    check(build(document, model()), document)


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"doi": "doi.org/10.1002/x"}, "doi", "“doi.org/10.1002/x” is not a DOI."),
        ({"pmid": "PMC1"}, "pmid", "“PMC1” is not a PubMed ID."),
        ({"pmcid": "8046040"}, "pmcid", "“8046040” is not a PubMed Central ID."),
        ({"slug": "not a slug"}, "slug", "Enter a valid “slug”"),
        ({"title": ""}, "title", "This field cannot be blank."),
        ({"publication_date": "June 2021"}, "publication_date", NOT_A_DATE.format("June 2021")),
        ({"publication_date": "2021-02-30"}, "publication_date", NOT_A_DATE.format("2021-02-30")),
        ({"publication_date": ""}, "publication_date", "This field cannot be blank."),
        ({"received": "2021-13"}, "received", NOT_A_DATE.format("2021-13")),
        (
            {"recruitment_start": "2020-05-02", "recruitment_end": "2020-05-01"},
            "recruitment_end",
            "2020-05-01 is before",
        ),
        ({"recruitment_start": "2020-05", "recruitment_end": "2019"}, "recruitment_end", "2019 is before the start"),
        ({"centres": 0}, "centres", ONE_OR_MORE),
        ({"infusions": 0}, "infusions", ONE_OR_MORE),
        ({"design": "randomized"}, "design", "Value 'randomized' is not a valid choice."),
        ({"titled_design": "controlled"}, "titled_design", "“controlled” is not in the title."),
        ({"titled_masking": "blind"}, "titled_masking", "“blind” is not in the title."),
        ({"titled_phase": "phase 1"}, "titled_phase", "“phase 1” is not in the title."),
        ({"authors": "Other, Ann, B"}, "authors", "“Other, Ann, B” is not a name."),
        ({"authors": "Other, Ann\n \nBrown, B"}, "authors", "“ ” is not a name."),
        ({"masking": "open", "who_masked": ["participant"]}, "who_masked", NOT_MASKED),
        ({"masking": "", "who_masked": ["participant"]}, "who_masked", NOT_MASKED),
        (
            {"who_masked": ["investigator", "participant"]},
            "who_masked",
            "“investigator, participant” is not in the order",
        ),
        ({"who_masked": ["participant"] * 2}, "who_masked", NOT_ORDERED.format("participant, participant")),
        ({"who_masked": ["patient"]}, "who_masked", "“patient” is not in the list."),
        ({"countries": ["ID", "XX"]}, "countries", "“XX” is not in the list."),
        ({"countries": ["ID", "FR"]}, "countries", NOT_ORDERED.format("ID, FR")),
        (
            {"design": "single-arm", "control": "placebo"},
            "control",
            "A study with this design has no comparison group.",
        ),
        ({"dose": "3 × 10⁶"}, "dose_unit", DOSE_AND_UNIT),
        ({"dose_unit": "cells"}, "dose_unit", DOSE_AND_UNIT),
        ({"review_due": "2026-11-22"}, "review_due", "The next review must come after the last one."),
        ({"age": "40 to\x0b60"}, "age", "In age, “40 to�60” holds a control character (U+000B"),
    ],
    ids=str,
)
def test_wrong_field_of_a_study(values: dict[str, Any], field: str, message: str) -> None:
    found = errors(Trial, trial_document(**values, citations=[]))
    assert list(found) == [field]
    assert found[field][0].startswith(message)


GROUP, DEATH, CITED = "Group “Cells”", "Death, Cells, by day 28", "Citation of “Design”"


@pytest.mark.parametrize(
    ("kind", "rows", "sentence"),
    [
        ("arms", [arm(role="control")], f"{GROUP}, role: Value 'control' is not a valid choice."),
        ("arms", [arm(position=0)], f"{GROUP}, no.: {ONE_OR_MORE}"),
        ("arms", [arm(role="other")], f"{GROUP}, tissue of the cells: Only a group that was given cells has a tissue"),
        ("arms", [arm(randomised=1, analysed=2)], f"{GROUP}, analysed: 2 people cannot be analysed when 1 were"),
        ("arms", [arm(randomised=None, analysed=1_000_001)], f"{GROUP}, analysed: Ensure this value is less than or"),
        ("arms", [arm("a1"), arm("a1", position=2)], "Two arms have the key a1. Delete one."),
        ("counts", [count(outcome="cure")], "cure, Cells, by day 28, outcome: Value 'cure' is not a valid choice."),
        (
            "counts",
            [count(events=11)],
            f"{DEATH}, people with the event: There cannot be 11 people with the event among",
        ),
        ("counts", [count(events=0, total=0)], f"{DEATH}, out of: {ONE_OR_MORE}"),
        ("counts", [count(total=11)], f"{DEATH}, out of: 11 is more than the 10 people in this group."),
        ("counts", [count("c1"), count("c2", days=90)], "“Cells” has two main counts of the same outcome. Keep one."),
        ("counts", [count("c1", None), count("c2", None)], "“All groups given cells” has two main counts of the same"),
        (
            "counts",
            [count("c1", "a9")],
            "A count belongs to a group that is not there any more. Choose another, or delete",
        ),
        (
            "registrations",
            [registration(identifier="nct04457609")],
            "Registration nct04457609, identifier: “nct04457609” cannot be right. A ClinicalTrials.gov identifier is",
        ),
        ("registrations", [registration("r1"), registration("r2")], "NCT04457609 is there twice. Delete one."),
        ("registrations", [registration(start="2020-00")], "Registration NCT04457609, study start: “2020-00” is not a"),
        ("sources", [source(kind="book")], "Source “Abstract of the paper”, kind: Value 'book' is not a valid choice."),
        (
            "sources",
            [source(address="javascript:alert(1)")],
            "Source “Abstract of the paper”, address: Enter a valid URL.",
        ),
        ("citations", [citation("design", quote="word " * 26)], f"{CITED}, quote: The quote has 26 words. At most 25"),
        ("citations", [citation("design", quote="")], f"{CITED}, quote: A value that is quoted needs its quote."),
        ("citations", [citation("design", basis="derived")], f"{CITED}, note: Say how it was worked out or inferred"),
        ("citations", [citation("design", confidence=4)], f"{CITED}, confidence: Value 4 is not a valid choice."),
        (
            "citations",
            [citation("design", source="s9")],
            "The citation of “design” names no source. Choose one, or delete",
        ),
        (
            "citations",
            [citation("arms.a9")],
            "A citation or blank names “arms.a9”, a row that the study does not have.",
        ),
        ("blanks", [blank("age", "b1"), blank("age", "b2")], "Age has two reasons for being blank. Keep one."),
        ("blanks", [blank("age", reason="unknown")], "Reason for the blank “Age”, reason: Value 'unknown'"),
    ],
)
def test_wrong_row_of_a_study(kind: str, rows: list[dict[str, Any]], sentence: str) -> None:
    found = errors(Trial, trial_document(**{"arms": [arm("a1")], "counts": [], "citations": []} | {kind: rows}))
    assert list(found) == [NON_FIELD_ERRORS]
    assert [each for each in found[NON_FIELD_ERRORS] if each.startswith(sentence)]


def test_group_without_a_number_of_people_randomised_is_as_large_as_its_number_analysed() -> None:
    document = trial_document(arms=[arm(randomised=None, analysed=9)], counts=[count(total=10)], citations=[])
    sentence = f"{DEATH}, out of: 10 is more than the 9 people in this group."
    assert errors(Trial, document) == {NON_FIELD_ERRORS: [sentence]}


@pytest.mark.parametrize(
    "path",
    [
        "doses",
        "slug",
        "plain_summary",
        "arms.a1.deaths",
        "arms.a1.position",
        "sources.s1",
        "arms.A1",
        "arms.",
        "design.x",
    ],
)
def test_path_that_names_no_value(path: str) -> None:
    for row in (Citation(value=path), Blank(value=path)):
        with pytest.raises(ValidationError) as refusal:
            row.clean_fields(exclude={field.name for field in row._meta.fields if field.name != "value"})
        assert refusal.value.message_dict == {"value": [NOT_A_VALUE.format(path)]}


@pytest.mark.parametrize("name", ["account", "admin", "changes", "static", "Trials"])
def test_page_cannot_take_the_address_of_another_part_of_the_site(name: str) -> None:
    sentence = f"/{name.lower()}/ is another part of the site. Choose another name for the page."
    assert errors(Page, page_document(slug=name)) == {NON_FIELD_ERRORS: [sentence]}


def test_two_addresses_that_differ_only_in_case_are_refused() -> None:
    published_trial(slug="brown-2020")
    assert "slug" in errors(Trial, trial_document(slug="Brown-2020"))


@pytest.mark.parametrize("name", ["overview", "glossary", "about", "change", "robots", "sitemap"])
def test_page_may_have_any_other_name(name: str) -> None:
    document = page_document(slug=name)
    check(build(document, Page()), document)


def test_page_with_what_it_could_not_show_is_refused() -> None:
    found = errors(Page, page_document(body="![A chart](/x.png)\n\n[WHO](who.int)"))
    assert found == {
        "body": [
            "There is a picture (“A chart”). Pages hold no pictures: describe it in words.",
            "The link to “who.int” leads nowhere. Write https:// in front of it, or /name/ for a page of this site.",
        ]
    }


def test_description_of_a_page_has_at_most_160_characters() -> None:
    assert list(errors(Page, page_document(description="x" * 161))) == ["description"]


@pytest.mark.parametrize(
    ("name", "entered"), [("doi", "10.1000/x"), ("doi", "10.1000/X"), ("pmid", "123"), ("pmcid", "PMC123")]
)
def test_identifier_of_another_study_is_refused(name: str, entered: str) -> None:
    published_trial(slug="first-2020", doi="10.1000/x", pmid="123", pmcid="PMC123")
    (message,) = errors(Trial, trial_document(slug="second-2020", **{name: entered}))[name]
    assert "is that of another entry: Smith 2021" in message


def test_empty_identifiers_become_null_so_that_two_studies_can_lack_them() -> None:
    for slug in ("first-2020", "second-2020"):
        trial = published_trial(slug=slug, doi="", pmid="", pmcid="")
        assert (trial.doi, trial.pmid, trial.pmcid) == (None, None, None)


def test_recruitment_may_end_in_the_month_in_which_it_began() -> None:
    document = trial_document(recruitment_start="2020-05-20", recruitment_end="2020-05", citations=[])
    check(build(document, Trial()), document)


@pytest.mark.parametrize(
    ("record", "field", "value"),
    [
        (Arm(), "note", "\x00"),
        (OutcomeCount(), "time_point", "in\x08hospital"),
        (Registration(), "sponsor", "a\x1fb"),
        (Source(), "label", "a\x0cb"),
        (Citation(), "quote", "a\x0eb"),
        (Blank(), "note", "a\x0eb"),
        (Page(), "body", "a\uffffb"),
        (GlossaryTerm(), "meaning", "a\ufffeb"),
        (Trial(), "title", "a\x7fb"),
        (Trial(), "title", "\x93Cells\x94"),
        (Page(), "title", "a\x85b"),
        (Page(), "body", "a\u202eb"),
        (Page(), "body", "a\u2066b"),
        (Trial(), "authors", "Smith, Jane\u2028"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, models.Model) else "",
)
def test_control_character_in_a_text_is_refused(record: models.Model, field: str, value: str) -> None:
    setattr(record, field, value)
    with pytest.raises(ValidationError) as refusal:
        record.clean_fields()
    assert "holds a control character" in refusal.value.message_dict[field][0]


@pytest.mark.parametrize(
    ("entered", "saved"),
    [
        ("Cells\u200b in\ufeff ARDS", "Cells in ARDS"),
        ("mesen\u00adchymal", "mesenchymal"),
        ("\u200fCells\u2060", "Cells"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # a joiner that Persian needs
    ],
)
def test_invisible_characters_are_taken_out(entered: str, saved: str) -> None:
    page = Page(title=entered)
    page.clean_fields(exclude={field.name for field in Page._meta.fields if field.name != "title"})
    assert page.title == saved


@pytest.mark.parametrize("title", ["\u200b", "\ufeff \u00ad", "\u3164", "\u2800\u2800", "\u200c\u200d", "\u00a0"])
def test_title_that_is_empty_to_the_eye_is_refused(title: str) -> None:
    assert errors(Trial, trial_document(title=title))["title"] == ["This field cannot be blank."]


@pytest.mark.parametrize("line", [",", ", Tina", "\u200b, Tina", "-, Tina", "Smith, Jane, MD"])
def test_author_without_a_family_name_is_refused(line: str) -> None:
    found = errors(Trial, trial_document(authors=f"Smith, Jane\n{line}"))
    assert "Write one name a line, as “Family, Given”." in found["authors"][0]


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"term": "Placebo"}, "term", "“Placebo” is explained by the glossary term “placebo” already."),
        ({"term": "dummy"}, "term", "“dummy” is explained by the glossary term “placebo” already."),
        (
            {"term": "salt water", "other_spellings": "saline, DUMMY"},
            "other_spellings",
            "“DUMMY” is explained by the glossary term “placebo” already.",
        ),
    ],
)
def test_spelling_of_another_glossary_term_is_refused(values: dict[str, Any], field: str, sentence: str) -> None:
    load(GlossaryTerm, term_document(other_spellings="dummy, sugar pill"))
    assert errors(GlossaryTerm, term_document(slug="other", **values)) == {field: [sentence]}


def test_glossary_term_may_keep_its_own_spellings() -> None:
    draft = steps.start_draft(load(GlossaryTerm, term_document(other_spellings="dummy")))
    document = term_document(other_spellings="Dummy, sugar pill")
    check(build(document, draft), document)


def test_line_ends_and_tabs_are_part_of_a_text() -> None:
    Page(body="a\tb\r\nc\nd").clean_fields(exclude={f.name for f in Page._meta.fields if f.name != "body"})


# --- Dates that may end at the year or the month


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("2021-06-08", "8 June 2021"),
        ("2021-06", "June 2021"),
        ("2021", "2021"),
        ("2024-02-29", "29 February 2024"),
        ("", ""),
        ("2021-13", "2021-13"),
    ],
)
def test_partial_date_is_shown_as_far_as_it_is_known(date: str, words: str) -> None:
    assert show_partial_date(date) == words


@pytest.mark.parametrize(
    "date",
    ["21", "2021-", "2021-6", "2021-06-8", "2021-00", "2021-02-29", "0000", "2021/06", " 2021", "2021\n", "२०२१"],
)
def test_partial_date_of_another_form_is_refused(date: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        validate_partial_date(date)
    assert refusal.value.messages == [NOT_A_DATE.format(date)]


@pytest.mark.parametrize(("date", "year"), [("1899-12-31", 1899), ("2101", 2101), ("9999-12", 9999), ("0001", 1)])
def test_partial_date_outside_two_centuries_is_refused(date: str, year: int) -> None:
    with pytest.raises(ValidationError) as refusal:
        validate_partial_date(date)
    assert refusal.value.messages == [f"{year} is not a year from 1900 to 2100."]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"design": ""}, "A published study needs its design."),
        ({"last_reviewed": None}, "A published study needs the date on which it was last reviewed."),
    ],
)
def test_published_study_needs_a_design_and_a_review(values: dict[str, Any], sentence: str) -> None:
    document = trial_document(**values, citations=[])
    with pytest.raises(ValidationError) as refusal:
        check(build(document, Trial(status="published")), document)
    assert refusal.value.message_dict == {next(iter(values)): [sentence]}


def test_next_review_of_a_page_comes_after_the_last() -> None:
    found = errors(Page, page_document(review_due="2026-11-22", last_reviewed="2026-11-22"))
    assert found == {"review_due": ["The next review must come after the last one."]}
