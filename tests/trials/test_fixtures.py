"""The records of the fixtures: they can be loaded, they read well, and they say where each value was read."""

import functools
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from trials.models import GlossaryTerm, Page, Revision, Trial
from trials.models.values import rows_by_path, shown_values, value_in_words
from trials.quality.reading_age import AIM, reading_age
from trials.workflow.checks import check
from trials.workflow.documents import MODELS, Document, build, document_of
from trials.workflow.readiness import missing

FIXTURES = Path(settings.BASE_DIR) / "fixtures"
# Fields that are copied as they were published, and no words of ours.
COPIED = (
    "title", "titled_design", "design_wording", "authors", "quote", "name", "address", "url", "value", "citation",
    "journal", "sources", "sponsor", "other_spellings", "search_words",
)  # fmt: skip
# What the site says in another way: compared with, at random, ventilator, standard care, P = 0.02.
OTHER_STYLE = re.compile(
    r"\bv\b|\bversus\b|\bby chance\b|\bbreathing machine|\busual care\b|\btook in\b|\bstands? (?:in|there|with)\b"
    r"|\bwas not seen\b|\bnot been seen\b|\bp [=<]|\bP ?[=<] ?[.]|\bP[=<]|\bput down to\b|  "
    r"|\b[Nn]obody\b|\b[Ss]omebody\b|\b(?:review|paper) of 20\d\d\b|\bextracted\b|\bapproximately\b"
    r"|\w'\w|s'\s"
)
# Sites with copies of papers. No reader is sent there.
SHARING_SITES = (
    "academia.edu", "agemed", "coek.info", "distantreader", "docplayer", "docslib", "dokumen", "fdocuments",
    "issuu", "kipdf", "libgen", "pdfcoffee", "researchgate", "sci-hub", "scribd", "silo.tips", "slideshare",
    "studocu", "vdocuments", "yumpu",
)  # fmt: skip
each_study = pytest.mark.parametrize(
    "slug",
    [
        "adas-2021", "dilogo-2021", "hashemian-2021", "kaffash-farkhad-2022", "lanzoni-2021", "monsel-2022",
        "rebelatto-2022", "yip-2020",
    ],
)  # fmt: skip


@functools.cache
def documents(name: str) -> dict[str, Document]:
    """Return the document of each record in a fixture, by its slug."""
    rows = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return {row["fields"]["name"]: row["fields"]["data"] for row in rows if row["model"] == "trials.revision"}


def texts(slug: str, fixture: str = "studies") -> list[tuple[str, str]]:
    """Return the name and the text of each field in our own words."""
    document = documents(fixture)[slug]
    rows = [document["fields"], *(row for kind, rows in document.items() if kind != "fields" for row in rows)]
    return [(name, text) for row in rows for name, text in row.items() if isinstance(text, str) and name not in COPIED]


def study(slug: str) -> Trial:
    return build(documents("studies")[slug], Trial())  # type: ignore[no-any-return]


# --- They load


@pytest.mark.django_db
def test_loaddata_fills_an_empty_database_with_public_and_valid_records() -> None:
    call_command("loaddata", "studies", "pages", "glossary", "other_studies", "reviews", verbosity=0)
    assert {trial.slug for trial in Trial.objects.public()} == set(documents("studies"))
    assert {page.slug for page in Page.objects.public()} == set(documents("pages"))
    assert {term.slug for term in GlossaryTerm.objects.public()} == set(documents("glossary"))
    for revision in Revision.objects.all():
        record = MODELS[revision.kind]._default_manager.get(pk=revision.record_id)
        assert (revision.step, revision.number, revision.live) == ("loaded", 1, True)
        check(build(revision.data, record), revision.data)
        assert document_of(record) == revision.data


def test_reviews_are_due_half_a_year_after_the_last() -> None:
    for document in (*documents("studies").values(), *documents("pages").values()):
        dates = (document["fields"]["last_reviewed"], document["fields"]["review_due"])
        assert dates in (("2026-11-22", "2027-05-22"), ("2026-11-30", "2027-05-30"))


@each_study
def test_no_words_promise_a_benefit(slug: str) -> None:
    trial = study(slug)
    texts = "\n".join((trial.plain_summary, trial.authors_conclusion, trial.limits, trial.unsettled))
    assert re.findall(r"promising|breakthrough|miracle|\bcure", texts, re.IGNORECASE) == []


# --- They read well


@each_study
def test_heading_is_plain_and_our_own(slug: str) -> None:
    trial = study(slug)
    assert 0 < len(trial.heading) <= 120
    assert trial.heading not in trial.title
    assert re.findall(r"\b(?:died|survived|success\w*|improve\w*|safety|effective\w*)\b", trial.heading) == []


@each_study
def test_summary_is_short_and_easy_to_read(slug: str) -> None:
    summary = study(slug).plain_summary
    age = reading_age(summary)
    assert age.years is not None
    assert age.years <= AIM[1]
    assert 2 <= age.sentences <= 4
    assert re.findall(r"(?:^|[.] )[0-9]", summary) == []  # a sentence begins with a word


@each_study
def test_texts_use_one_style(slug: str) -> None:
    assert [(path, found) for path, text in texts(slug) for found in OTHER_STYLE.findall(text)] == []


@pytest.mark.parametrize("fixture", ["pages", "glossary", "other_studies", "reviews"])
def test_other_texts_use_the_same_style(fixture: str) -> None:
    found = [
        (slug, name, OTHER_STYLE.findall(text)) for slug in documents(fixture) for name, text in texts(slug, fixture)
    ]
    assert [each for each in found if each[2]] == []


def test_glossary_explains_no_word_twice() -> None:
    terms = [build(document, GlossaryTerm()) for document in documents("glossary").values()]
    spellings = Counter(word.casefold() for term in terms for word in term.spellings)
    assert [word for word, times in spellings.items() if times > 1] == []


# --- They say where each value was read


@each_study
def test_each_value_has_a_citation(slug: str) -> None:
    assert missing(study(slug)) == []


@each_study
def test_each_empty_value_has_its_reason(slug: str) -> None:
    trial = study(slug)
    rows = rows_by_path(trial)
    reasons = {blank.value for blank in trial.blanks.all()}
    empty = {
        name: paths
        for name, paths in shown_values().items()
        if not any(value_in_words(path, trial, rows) for path in paths)
    }
    assert [name for name, paths in empty.items() if reasons.isdisjoint(paths)] == ["acronym"] * ("acronym" in empty)


@each_study
def test_each_source_is_written_once_and_cited(slug: str) -> None:
    trial = study(slug)
    sources = [(s.address, s.label, s.kind, s.read_in_copy) for s in trial.sources.all()]
    assert len(sources) == len(set(sources))
    assert {citation.source.key for citation in trial.citations.all()} == {source.key for source in trial.sources.all()}


@each_study
def test_no_source_leads_to_a_document_sharing_site(slug: str) -> None:
    text = str(documents("studies")[slug]).lower()
    assert [site for site in SHARING_SITES if site in text] == []
