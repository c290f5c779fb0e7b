"""The eight studies of the fixtures: what they say, and where each value was read.

The values below were copied by hand from the collected facts, not from the fixtures.
"""

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
# Title, first author, number of authors known, whether these are all, date, DOI, PubMed ID, PubMed Central ID.
PAPERS = {
    "dilogo-2021": (
        "Umbilical cord mesenchymal stromal cells as critical COVID-19 adjuvant therapy: A randomized controlled trial",
        "Ismail Hadisoebroto Dilogo",
        16,
        True,
        "2021-06-08",
        "10.1002/sctm.21-0046",
        "34102020",
        None,
    ),
    "lanzoni-2021": (
        "Umbilical cord mesenchymal stem cells for COVID-19 acute respiratory distress syndrome: "
        "A double-blind, phase 1/2a, randomized controlled trial",
        "Giacomo Lanzoni",
        31,
        True,
        "2021-01-05",
        "10.1002/sctm.20-0472",
        None,
        "PMC8046040",
    ),
    "monsel-2022": (
        "Treatment of COVID-19-associated ARDS with mesenchymal stromal cells: "
        "a multicenter randomized double-blind trial",
        "Antoine Monsel",
        31,
        True,
        "2022-02-21",
        "10.1186/s13054-022-03930-4",
        "35189925",
        "PMC8860258",
    ),
    "hashemian-2021": (
        "Mesenchymal stem cells derived from perinatal tissues for treatment of critically ill "
        "COVID-19-induced ARDS patients: a case series",
        "Seyed-Mohammad Reza Hashemian",
        25,
        True,
        "2021-01-29",
        "10.1186/s13287-021-02165-4",
        "33514427",
        "PMC7844804",
    ),
    "rebelatto-2022": (
        "Safety and long-term improvement of mesenchymal stromal cell infusion in critically COVID-19 patients: "
        "a randomized clinical trial",
        "Carmen Lúcia Kuniyoshi Rebelatto",
        19,
        True,
        "2022-03-21",
        "10.1186/s13287-022-02796-1",
        "35313959",
        "PMC8935270",
    ),
    "kaffash-farkhad-2022": (
        "Mesenchymal stromal cell therapy for COVID-19-induced ARDS patients: "
        "a successful phase 1, control-placebo group, clinical trial",
        "Najmeh Kaffash Farkhad",
        1,
        False,
        "2022",
        "10.1186/s13287-022-02920-1",
        None,
        None,
    ),
    "yip-2020": (
        "Human Umbilical Cord-Derived Mesenchymal Stem Cells for Acute Respiratory Distress Syndrome",
        "Hon-Kan Yip",
        10,
        True,
        "2020",
        "10.1097/ccm.0000000000004285",
        "32187077",
        None,
    ),
    "adas-2021": (
        "The Systematic Effect of Mesenchymal Stem Cell Therapy in Critical COVID-19 Patients: "
        "A Prospective Double Controlled Trial",
        "G Adas",
        9,
        True,
        "2021-06-28",
        "10.1177/09636897211024942",
        "34180719",
        "PMC8243094",
    ),
}

# Design, masking, phase and comparison as the paper reports them, cause, countries, centres.
DESIGNS = {
    "dilogo-2021": ("randomised", "double", "not-reported", "placebo", "covid-19", ["ID"], 4),
    "lanzoni-2021": ("randomised", "double", "1-2", "placebo", "covid-19", ["US"], 1),
    "monsel-2022": ("randomised", "double", "2", "placebo", "covid-19", ["FR"], 10),
    "hashemian-2021": ("case-series", "not-reported", "1", "none", "covid-19", ["IR"], 2),
    "rebelatto-2022": ("randomised", "double", "1-2", "placebo", "covid-19", ["BR"], 1),
    "kaffash-farkhad-2022": ("controlled", "open", "1", "standard-care", "covid-19", ["IR"], 1),
    "yip-2020": ("single-arm", "not-reported", "1", "none", "other", ["TW"], 1),
    "adas-2021": ("controlled", "not-reported", "not-reported", "standard-care", "covid-19", ["TR"], 1),
}

# Dose, unit, infusions.
DOSES = {
    "dilogo-2021": ("1 × 10⁶", "cells-per-kg", 1),
    "lanzoni-2021": ("100 ± 20 × 10⁶", "cells", 2),
    "monsel-2022": ("1 × 10⁶", "cells-per-kg", 3),
    "hashemian-2021": ("200 × 10⁶", "cells", 3),
    "rebelatto-2022": ("5 × 10⁵", "cells-per-kg", 3),
    "kaffash-farkhad-2022": ("1 × 10⁶", "cells-per-kg", 3),
    "yip-2020": ("1.0 × 10⁶, 5.0 × 10⁶ or 1.0 × 10⁷", "cells-per-kg", 1),
    "adas-2021": ("3 × 10⁶", "cells-per-kg", 3),
}

# Of each group: name, role, tissue, people randomised, people analysed.
ARMS = {
    "dilogo-2021": [
        ("UC-MSC + standard therapy", "cells", "umbilical-cord", 20, 20),
        ("Saline + standard therapy", "comparison", "", 20, 20),
    ],
    "lanzoni-2021": [
        ("UC-MSC + heparin + best supportive care", "cells", "umbilical-cord", 12, 12),
        ("Vehicle + heparin + best supportive care", "comparison", "", 12, 12),
    ],
    "monsel-2022": [
        ("UC-MSC", "cells", "umbilical-cord", 22, 21),
        ("Placebo", "comparison", "", 25, 24),
    ],
    "hashemian-2021": [
        ("UC-MSC", "cells", "umbilical-cord", None, 6),
        ("PL-MSC", "cells", "placenta", None, 5),
    ],
    "rebelatto-2022": [
        ("UC-MSC", "cells", "umbilical-cord", 11, 11),
        ("Placebo", "comparison", "", 6, 6),
    ],
    "kaffash-farkhad-2022": [
        ("UC-MSC + standard care", "cells", "umbilical-cord", None, 10),
        ("Standard care", "comparison", "", None, 10),
    ],
    "yip-2020": [
        ("Low dose", "cells", "umbilical-cord", None, 3),
        ("Intermediate dose", "cells", "umbilical-cord", None, 3),
        ("High dose", "cells", "umbilical-cord", None, 3),
    ],
    "adas-2021": [
        ("Group 3: critical, conventional + MSC", "cells", "umbilical-cord", None, 10),
        ("Group 2: critical, conventional", "comparison", "", None, 10),
        ("Group 1: moderate, conventional", "other", "", None, 10),
    ],
}

# Of each count: group (None for all given cells), outcome, day, time point, events, total, whether it is the main one.
MONSEL_FOLLOW_UP = "during follow-up (day not stated)"
COUNTS = {
    "dilogo-2021": [
        (1, "death", None, "", 10, 20, True),
        (2, "death", None, "", 16, 20, True),
    ],
    "lanzoni-2021": [
        (1, "death", 31, "", 2, 12, True),
        (2, "death", 31, "", 7, 12, True),
        (1, "death", None, "by 3 months", 3, 12, False),
        (2, "death", None, "by 3 months", 7, 12, False),
        (1, "sae", 31, "", 2, 12, True),
        (2, "sae", 31, "", 8, 12, True),
        (1, "sae", None, "over 3 months", 5, 12, False),
        (2, "sae", None, "over 3 months", 8, 12, False),
    ],
    "monsel-2022": [
        (1, "death", None, MONSEL_FOLLOW_UP, 5, 21, True),
        (2, "death", None, MONSEL_FOLLOW_UP, 4, 24, True),
        (1, "sae", 14, "", 6, 21, True),
        (2, "sae", 14, "", 6, 24, True),
        (1, "sae", None, "after day 14", 4, 21, False),
        (2, "sae", None, "after day 14", 4, 24, False),
    ],
    "hashemian-2021": [(None, "death", None, "", 5, 11, True)],
    "rebelatto-2022": [
        (1, "death", None, "", 5, 11, True),
        (2, "death", None, "", 1, 6, True),
    ],
    "kaffash-farkhad-2022": [],
    "yip-2020": [(None, "death", None, "in hospital", 3, 9, True)],
    "adas-2021": [
        (1, "death", None, "", 3, 10, True),
        (2, "death", None, "", 6, 10, True),
        (3, "death", None, "", 0, 10, True),
    ],
}

# Of each registration: registry, identifier, whether the link to the paper is inferred, allocation, masking, phase and
# enrolment as registered.
REGISTRATIONS = {
    "dilogo-2021": [("clinicaltrials-gov", "NCT04457609", False, "randomised", "triple", "1", 40)],
    "lanzoni-2021": [("clinicaltrials-gov", "NCT04355728", False, "randomised", "triple", "1-2", 24)],
    "monsel-2022": [
        ("clinicaltrials-gov", "NCT04333368", False, "randomised", "triple", "1-2", 47),
        ("eu-ctr", "2020-001287-28", False, "", "", "", None),
    ],
    "hashemian-2021": [
        ("irct", "IRCT20200217046526N1", True, "na", "open", "1-2", 6),
        ("irct", "IRCT20200413047063N1", True, "randomised", "", "1-2", 20),
    ],
    "rebelatto-2022": [("rebec", "RBR-3fz9yr", True, "", "", "", None)],
    "kaffash-farkhad-2022": [("irct", "IRCT20160809029275N1", True, "randomised", "double", "2-3", 20)],
    "yip-2020": [("isrctn", "ISRCTN52319075", False, "", "", "", 20)],
    "adas-2021": [("clinicaltrials-gov", "NCT04392778", False, "randomised", "quadruple", "1-2", 30)],
}

# Design, masking and phase in the words of the title.
TITLED = {
    "dilogo-2021": ("randomized controlled trial", "", ""),
    "lanzoni-2021": ("randomized controlled trial", "double-blind", "phase 1/2a"),
    "monsel-2022": ("multicenter randomized double-blind trial", "double-blind", ""),
    "hashemian-2021": ("case series", "", ""),
    "rebelatto-2022": ("randomized clinical trial", "", ""),
    "kaffash-farkhad-2022": ("control-placebo group, clinical trial", "", "phase 1"),
    "yip-2020": ("", "", ""),
    "adas-2021": ("Prospective Double Controlled Trial", "", ""),
}
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
each_study = pytest.mark.parametrize("slug", sorted(PAPERS))
# Sites with copies of papers. No reader is sent there.
SHARING_SITES = (
    "academia.edu", "agemed", "coek.info", "distantreader", "docplayer", "docslib", "dokumen", "fdocuments",
    "issuu", "kipdf", "libgen", "pdfcoffee", "researchgate", "sci-hub", "scribd", "silo.tips", "slideshare",
    "studocu", "vdocuments", "yumpu",
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
    assert {trial.slug for trial in Trial.objects.public()} == set(PAPERS)
    assert {page.slug for page in Page.objects.public()} == set(documents("pages"))
    assert {term.slug for term in GlossaryTerm.objects.public()} == set(documents("glossary"))
    for revision in Revision.objects.all():
        record = MODELS[revision.kind]._default_manager.get(pk=revision.record_id)
        assert (revision.step, revision.number, revision.live) == ("loaded", 1, True)
        check(build(revision.data, record), revision.data)
        assert document_of(record) == revision.data


# --- They are right


@each_study
def test_paper(slug: str) -> None:
    trial = study(slug)
    authors = trial.author_list
    assert PAPERS[slug] == (
        trial.title,
        authors[0].full,
        len(authors),
        trial.authors_complete,
        trial.publication_date,
        trial.doi,
        trial.pmid,
        trial.pmcid,
    )


@each_study
def test_design(slug: str) -> None:
    trial = study(slug)
    found = (trial.design, trial.masking, trial.phase, trial.control, trial.cause, trial.countries, trial.centres)
    assert found == DESIGNS[slug]
    assert trial.who_masked == []  # no abstract names them; the registries do


@each_study
def test_dose(slug: str) -> None:
    trial = study(slug)
    assert (trial.dose, trial.dose_unit, trial.infusions) == DOSES[slug]
    assert trial.route == "intravenous"


@each_study
def test_groups(slug: str) -> None:
    assert [(a.name, a.role, a.cell_source, a.randomised, a.analysed) for a in study(slug).arms.all()] == ARMS[slug]


@each_study
def test_counts(slug: str) -> None:
    assert [
        (c.arm and c.arm.position, c.outcome, c.days, c.time_point, c.events, c.total, c.headline)
        for c in study(slug).counts.all()
    ] == COUNTS[slug]


@each_study
def test_registrations(slug: str) -> None:
    assert [
        (r.registry, r.identifier, r.link_inferred, r.allocation, r.masking, r.phase, r.enrolment)
        for r in study(slug).registrations.all()
    ] == REGISTRATIONS[slug]


@each_study
def test_words_of_the_title(slug: str) -> None:
    trial = study(slug)
    assert (trial.titled_design, trial.titled_masking, trial.titled_phase) == TITLED[slug]


def test_registry_names_three_masked_roles_where_the_paper_says_double_blind() -> None:
    (registration,) = study("lanzoni-2021").registrations.all()
    assert registration.who_masked == ["participant", "care-provider", "investigator"]


def test_reviews_are_due_half_a_year_after_the_last() -> None:
    for document in (*documents("studies").values(), *documents("pages").values()):
        assert document["fields"]["last_reviewed"] == "2026-11-22"
        assert document["fields"]["review_due"] == "2027-05-22"


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
def test_each_citation_and_blank_names_a_value_that_is_there(slug: str) -> None:
    trial = study(slug)
    rows = rows_by_path(trial)
    paths = [row.value for row in (*trial.citations.all(), *trial.blanks.all())]
    assert [
        path
        for path in paths
        if path.startswith(("arms.", "counts.", "registrations.")) and ".".join(path.split(".")[:2]) not in rows
    ] == []


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


@each_study
def test_no_quote_is_longer_than_25_words(slug: str) -> None:
    assert max(len(citation.quote.split()) for citation in study(slug).citations.all()) <= 25
