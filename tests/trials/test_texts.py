"""The pages and the glossary of the fixtures: what they say, and that it can be shown.

The values below were copied by hand from the collected facts, not from the fixtures.
"""

import pytest
from django.core.management import call_command

from trials.markdown import problems
from trials.models import GlossaryTerm, Page, Review
from trials.presenters.prose import render_markdown, split_first_section
from trials.quality.reading_age import plain, reading_age, sentences

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("texts")]
LARGEST_TRIAL = (
    "https://scholars.mssm.edu/en/publications/a-randomized-trial-of-mesenchymal-stromal-cells-for-moderate-to-s"
)
WARNING = "http://patients.thoracic.org/materials/stem-cells.php"
COVID_NMA = "https://covid-nma.com/living_data/index.php?comparison=60"
# The ten of the sixteen reviews that combine deaths.
REVIEWS = [
    "https://f1000research.com/articles/10-956",
    "https://pubmed.gov/34912818/",
    "http://medrxiv.org/content/10.1101/2021.10.05.21264559v1.full.txt",
    "https://pmc.ncbi.nlm.nih.gov/articles/PMC9259515",
    "https://pmc.ncbi.nlm.nih.gov/articles/PMC9299509",
    "https://ccforum.biomedcentral.com/articles/10.1186/s13054-022-04287-4",
    "https://stemcellres.biomedcentral.com/articles/10.1186/s13287-023-03286-8",
    "https://jtd.amegroups.org/article/view/90946/html",
    "https://translational-medicine.biomedcentral.com/articles/10.1186/s12967-024-05358-6",
    "https://pubmed.ncbi.nlm.nih.gov/38427315/",
]


@pytest.fixture
def texts() -> None:
    call_command("loaddata", "pages", "glossary", verbosity=0)


def body(slug: str) -> str:
    return Page.objects.get(slug=slug).body


def short_answer() -> str:
    return body("overview").partition("### ")[0].partition("\n\n")[2]


def test_short_answer_has_at_most_five_sentences() -> None:
    assert len(sentences(plain(short_answer()))) <= 5


def test_short_answer_gives_the_largest_trial_with_its_numbers_and_its_source() -> None:
    text = short_answer()
    assert "222 people and was stopped early" in text
    assert "by day 30, 42 of 112 people given cells had died, compared with 47 of 110 in the comparison group" in text
    assert f"]({LARGEST_TRIAL})" in text


def test_short_answer_gives_the_reviews_and_why_they_do_not_settle_it() -> None:
    text = short_answer()
    assert "[16 published reviews we found](/reviews/), 10 combine the deaths" in text
    assert "in all 10 the main result was fewer deaths with the cells" in text
    assert f"[COVID-NMA]({COVID_NMA})" in text
    assert "rated the certainty of its results on improvement as “very low”" in text


@pytest.mark.parametrize("slug", ["overview", "relatives", "about"])
def test_page_gives_the_warning_of_respiratory_societies(slug: str) -> None:
    assert f"]({WARNING})" in body(slug)


def test_methods_leads_to_the_reviews_that_combine_deaths() -> None:
    section = body("methods").partition("## What published reviews concluded")[2].partition("\n## ")[0]
    assert "[What reviews conclude](/reviews/)" in section
    call_command("loaddata", "reviews", verbosity=0)
    combining = [review for review in Review.objects.all() if review.main_estimate_of_deaths]
    assert sorted(review.address for review in combining) == sorted(REVIEWS)
    assert all(review.main_estimate_of_deaths.favours_cells for review in combining)


def test_independence_says_that_the_first_eight_were_given() -> None:
    assert "a list of eight studies that we were given. They are not the result of a search" in body("independence")


def test_glossary_explains_disease_in_place_of_distress_once() -> None:
    found = [term.slug for term in GlossaryTerm.objects.filter(meaning__contains="“disease”")]
    assert found == ["ards"]


def test_page_for_relatives_has_a_reading_age_of_9_to_11() -> None:
    page = Page.objects.get(slug="relatives")
    ages = [reading_age(part, markdown=True).years or 0 for part in (page.lead, *page.body.split("\n## "))]
    assert [age for age in ages if not 9 <= age <= 11] == []


@pytest.mark.parametrize("slug", ["about", "accessibility", "glossary", "independence", "methods", "overview"])
def test_page_has_a_reading_age_of_at_most_14(slug: str) -> None:
    page = Page.objects.get(slug=slug)
    assert (reading_age(page.lead).years or 0) <= 15  # one sentence, with the full names
    assert (reading_age(page.body, markdown=True).years or 0) <= 14


def test_every_page_can_be_shown_as_it_is() -> None:
    assert {page.slug: problems(page.body) for page in Page.objects.all() if problems(page.body)} == {}


def test_no_page_promises_an_address_that_may_not_be_there() -> None:
    promises = ("tell us", "write to us", "contact", "get in touch")
    texts = {page.slug: f"{page.lead} {page.body}".lower() for page in Page.objects.all()}
    assert [slug for slug, text in texts.items() if any(promise in text for promise in promises)] == []


def test_overview_begins_with_the_short_answer() -> None:
    first, rest = split_first_section(render_markdown(body("overview")))
    assert 'id="the-short-answer"' in first
    assert 'id="what-is-ards"' in rest
