"""The eight studies are the eight studies: every fixture loads, is right, and says where each value was read.

The literals below were copied by hand from the collected facts, not from the fixtures.
"""

import json
import re
from collections import Counter

import pytest
from django.apps import apps
from django.core.management import call_command
from django.test import Client

from tests.dom import Element, tree
from tests.tools import PROJECT
from trials.digest import digest
from trials.models import GlossaryTerm, Page, Source, Trial
from trials.presenters.page import StudyPage

FILES = sorted((PROJECT / "fixtures").glob("*.json"))
# Sites where people put copies of papers. Nobody is sent there.
SHARING_SITES = (
    "academia.edu",
    "agemed",
    "coek.info",
    "distantreader",
    "docplayer",
    "docslib",
    "dokumen",
    "fdocuments",
    "issuu",
    "kipdf",
    "libgen",
    "pdfcoffee",
    "researchgate",
    "sci-hub",
    "scribd",
    "silo.tips",
    "slideshare",
    "studocu",
    "vdocuments",
    "yumpu",
)

# slug -> title, first author, how many authors are known, is that all, date, DOI, PubMed, PMC
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
        "Kaffash Farkhad",
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
        None,
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

# slug -> design, masking, phase and comparison as the paper reports them, cause, countries, centres
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

# slug -> dose, unit, infusions
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

# slug -> groups: name, role, tissue, randomised, analysed
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

# slug -> counts: group (None: all given cells), outcome, day, time point, events, total, is it the main one
MONSEL_FOLLOW_UP = "during the study's follow-up; day not printed in the table"
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

# slug -> registrations: registry, identifier, is the link to the paper inferred,
# allocation, masking, phase and people as registered
REGISTRATIONS = {
    "dilogo-2021": [("clinicaltrials-gov", "NCT04457609", False, "", "triple", "1", 40)],
    "lanzoni-2021": [("clinicaltrials-gov", "NCT04355728", False, "randomised", "triple", "1-2", None)],
    "monsel-2022": [
        ("clinicaltrials-gov", "NCT04333368", False, "", "", "1-2", 47),
        ("eu-ctr", "2020-001287-28", False, "", "", "", None),
    ],
    "hashemian-2021": [("irct", "IRCT20200217046526N1", True, "", "open", "1-2", 6)],
    "rebelatto-2022": [("rebec", "RBR-3fz9yr", True, "", "", "", None)],
    "kaffash-farkhad-2022": [("irct", "IRCT20160809029275N1", True, "randomised", "double", "2-3", 20)],
    "yip-2020": [("isrctn", "ISRCTN52319075", False, "", "", "", 20)],
    "adas-2021": [("clinicaltrials-gov", "NCT04392778", False, "randomised", "quadruple", "1-2", 30)],
}

# What the title says of itself, word for word.
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
SLUGS = sorted(PAPERS)
each_study = pytest.mark.parametrize("slug", SLUGS)
eight = pytest.mark.usefixtures("eight_studies")


def study_page(slug: str) -> StudyPage:
    return StudyPage(Trial.objects.get(slug=slug))


# --- They load ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_every_fixture_loads_into_an_empty_database_and_every_record_is_right() -> None:
    call_command("loaddata", "countries", *(f.stem for f in FILES if f.stem != "countries"), verbosity=0)
    wanted = Counter(record["model"] for file in FILES for record in json.loads(file.read_text()))
    wanted |= {"trials.contentversion": 1, "trials.blockversion": 1}  # the triggers make them
    checked: Counter[str] = Counter()
    for model in apps.get_app_config("trials").get_models():
        for record in model.objects.all():
            record.full_clean()
            checked[model._meta.label_lower] += 1
    assert checked == wanted
    assert checked["trials.trial"] == 8
    assert checked["trials.country"] == 7
    assert checked["trials.page"] == 6
    assert checked["trials.arm"] == 18
    assert checked["trials.outcomecount"] == 23
    assert checked["trials.registration"] == 9


@pytest.mark.django_db
def test_studies_are_found_and_sorted_after_a_plain_load(client: Client) -> None:
    call_command("loaddata", "countries", "pages", "glossary", *SLUGS, verbosity=0)
    found = tree(client.get("/trials/?q=lucia")).one("ul", class_="cards").all("h3")
    assert [title.text for title in found] == [PAPERS["rebelatto-2022"][0]]
    by_author = tree(client.get("/trials/?sort=author")).one("ul", class_="cards").all("h3")
    assert [title.text for title in by_author] == [PAPERS[slug][0] for slug in SLUGS]


@pytest.mark.django_db
def test_a_plain_load_brings_all_that_is_worked_out() -> None:
    call_command("loaddata", "countries", *SLUGS, verbosity=0)
    for trial in Trial.objects.all():
        worked_out = digest(trial)
        assert {name: getattr(trial, name) for name in worked_out} == worked_out, trial.slug
    assert Trial.objects.get(slug="dilogo-2021").people == 40


def test_there_is_one_file_for_each_study_and_no_other() -> None:
    assert [file.stem for file in FILES] == sorted([*SLUGS, "countries", "glossary", "pages"])


# --- They are right -------------------------------------------------------------------------------------------


@eight
@each_study
def test_paper(slug: str) -> None:
    trial = Trial.objects.get(slug=slug)
    authors = trial.author_list
    assert trial.status == "published"
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


@eight
@each_study
def test_design(slug: str) -> None:
    trial = Trial.objects.get(slug=slug)
    countries = [country.code for country in trial.countries.all()]
    found = (trial.design, trial.masking, trial.phase, trial.control, trial.cause, countries, trial.centres)
    assert found == DESIGNS[slug]
    assert trial.who_masked == []  # no abstract names them; the registries do


@eight
@each_study
def test_dose(slug: str) -> None:
    trial = Trial.objects.get(slug=slug)
    assert (trial.dose, trial.dose_unit, trial.infusions) == DOSES[slug]
    assert trial.route == "intravenous"


@eight
@each_study
def test_groups(slug: str) -> None:
    arms = Trial.objects.get(slug=slug).arms.all()
    assert [(a.name, a.role, a.cell_source, a.randomised, a.analysed) for a in arms] == ARMS[slug]


@eight
@each_study
def test_counts(slug: str) -> None:
    counts = Trial.objects.get(slug=slug).counts.all()
    assert [
        (c.arm and c.arm.position, c.outcome, c.days, c.time_point, c.events, c.total, c.headline) for c in counts
    ] == COUNTS[slug]


@eight
@each_study
def test_registrations(slug: str) -> None:
    registrations = Trial.objects.get(slug=slug).registrations.all()
    assert [
        (r.registry, r.identifier, r.link_inferred, r.allocation, r.masking, r.phase, r.enrolment)
        for r in registrations
    ] == REGISTRATIONS[slug]


@eight
@each_study
def test_words_of_the_title(slug: str) -> None:
    trial = Trial.objects.get(slug=slug)
    assert (trial.titled_design, trial.titled_masking, trial.titled_phase) == TITLED[slug]


@eight
def test_registry_names_three_masked_roles_where_the_paper_says_double_blind() -> None:
    lanzoni = Trial.objects.get(slug="lanzoni-2021")
    assert lanzoni.registrations.get().who_masked == ["participant", "care-provider", "investigator"]


@eight
def test_reviews_are_due_half_a_year_after_the_last() -> None:
    for record in (*Trial.objects.all(), *Page.objects.all()):
        assert (str(record.last_reviewed), str(record.review_due)) == ("2026-11-22", "2027-05-22")


@eight
def test_no_study_has_words_that_promise() -> None:
    for trial in Trial.objects.all():
        for text in (trial.plain_summary, trial.authors_conclusion, trial.limits, trial.unsettled):
            assert not re.search(r"promising|breakthrough|miracle|\bcure", text, re.IGNORECASE), trial.slug


# --- They say where each value was read -----------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_fixture_names_a_document_sharing_site(file) -> None:
    text = file.read_text().lower()
    assert [site for site in SHARING_SITES if site in text] == []


@eight
def test_paper_read_in_a_copy_is_linked_by_its_doi() -> None:
    in_copies = Source.objects.filter(read_in_copy=True, kind="paper")
    assert in_copies.exists()
    for source in in_copies:
        assert source.address == f"https://doi.org/{source.trial.doi}", source


@eight
def test_every_quote_has_at_most_25_words() -> None:
    quotes = [source.quote for source in Source.objects.exclude(quote="")]
    assert len(quotes) > 100
    assert [quote for quote in quotes if len(quote.split()) > 25] == []


@eight
@each_study
def test_words_in_quotation_marks_are_the_papers_own(slug: str) -> None:
    page = study_page(slug)
    for name in ("design_wording", "masking_wording", "phase_wording"):
        wording = getattr(page.trial, name)
        read = [page.trial.title, *(entry.source.quote for entry in page.entries(name))]
        assert any(wording in text for text in read), f"{name}: {wording}"


@eight
@each_study
def test_no_value_says_of_itself_that_it_is_probable(slug: str) -> None:
    assert [fact.name for fact in study_page(slug).all_facts if fact.text.lower().startswith("probably")] == []


@eight
def test_one_address_has_one_label_within_a_study() -> None:
    for page in map(study_page, SLUGS):
        assert len({document.source.address for document in page.documents}) >= 3
        labels = [document.source.label for document in page.documents]
        assert all(label == label.strip() for label in labels)


@eight
@each_study
def test_every_value_of_a_study_page_has_a_source(slug: str) -> None:
    page = study_page(slug)
    facts = page.all_facts
    assert [fact.name for fact in facts if fact.text and not fact.entries] == []
    assert [row.arm.name for row in page.groups if not row.entries] == []
    assert [str(row.count) for outcome in page.outcomes for row in outcome.rows if not row.entries] == []
    for entry in page.registry_entries:
        assert entry.own_entries
        assert [fact.name for fact in entry.facts if not fact.entries] == []
    for reading in page.readings:
        assert reading.entries, reading.label
        assert not reading.titled or reading.title_entries
        assert [words for _, words, entries in reading.registered if words and not entries] == []
    # All of it was there to be asked for.
    assert len(facts) >= 45
    assert len([fact for fact in facts if fact.text]) >= 25
    assert len(page.groups) == len(ARMS[slug])
    assert sum(len(outcome.rows) for outcome in page.outcomes) == len(COUNTS[slug])
    assert len(page.registry_entries) == len(REGISTRATIONS[slug])


@eight
@each_study
def test_every_empty_value_has_its_reason(slug: str) -> None:
    page = study_page(slug)
    reasons = set(page.trial.blanks.values_list("value", flat=True))
    empty = [fact.name for fact in page.all_facts if not fact.text]
    assert empty
    assert [name for name in empty if not reasons & set(page.source_names(name))] == []


def anchors(page: Element) -> set[str]:
    found = [element["id"] for element in page.everything() if element.get("id")]
    assert len(found) == len(set(found)), [name for name, times in Counter(found).items() if times > 1]
    return set(found)


def leads_to(part: Element, start: str) -> list[str]:
    return [a["href"] for a in part.all("a") if a.get("href").startswith(start)]


@eight
@each_study
def test_every_value_in_the_html_leads_to_a_source_that_is_there(client: Client, slug: str) -> None:
    page = tree(client.get(f"/trials/{slug}/"))
    there = anchors(page)
    values = [element for element in page.one("article").all("dd") if not element.all(class_="blank")]
    assert len(values) > 25
    for value in values:
        assert leads_to(value, "#source-"), f"no source: {value.parent.text if value.parent else ''}"
    cells = [row for row in page.all("tr") if row.get("id").startswith("value-")]
    assert len(cells) == 3 + len(ARMS[slug]) + len(COUNTS[slug])
    for row in cells:
        assert leads_to(row, "#source-"), row.text
    assert [href for href in leads_to(page, "#") if href[1:] not in there] == []


@eight
@each_study
def test_every_source_leads_back_to_its_value(client: Client, slug: str) -> None:
    page = tree(client.get(f"/trials/{slug}/"))
    there = anchors(page)
    readings = [a for a in page.one("ol", class_="sources").all("a") if a.get("id").startswith("source-")]
    assert len(readings) == Source.objects.filter(trial__slug=slug).count()
    for reading in readings:
        assert reading["href"].startswith("#value-")
        assert reading["href"][1:] in there, f"{reading.text} leads to {reading['href']}"


@eight
@each_study
def test_study_page_sends_nobody_to_a_document_sharing_site(client: Client, slug: str) -> None:
    html = client.get(f"/trials/{slug}/").content.decode().lower()
    assert [site for site in SHARING_SITES if site in html] == []


@eight
def test_glossary_has_no_word_explained_twice() -> None:
    spellings = Counter(word.casefold() for term in GlossaryTerm.objects.all() for word in term.spellings)
    assert [word for word, times in spellings.items() if times > 1] == []
