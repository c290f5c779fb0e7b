"""What a second check of 30 November 2026 found on the eight studies: each value, and the source it was read in.

The values below were copied by hand from the list of that check, not from the fixtures.
"""

import pytest

from tests.trials.test_fixtures import each_study, study
from trials.models.values import rows_by_path, value_in_words

CITING_ARTICLE = "Reference list of a citing article (Crossref data), in a public data set"
CLINICALTRIALS_GOV = "ClinicalTrials.gov record dated October 2022, in a public data set"
DOAJ = "Record of the Directory of Open Access Journals, in a library catalogue"
JULY_2020 = "Registry data dated 7 July 2020, in a public data set"
MATCHING = "DIRECCT data set: how papers were matched to registrations"
PREPRINT = "Abstract of the preprint, in a library catalogue"
PUBMED = "PubMed data, in a public data set"
RETRACTIONS = "Retraction Watch DOI index dated 21 August 2026, in a public data set"
UNIVERSITAS_INDONESIA = "Record in the Universitas Indonesia repository"

# Of each value that was blank or wrong: study, path, the whole value in words, the source, how it was read.
VALUES = [
    ("yip-2020", "doi", "10.1097/ccm.0000000000004285", CITING_ARTICLE, "quoted"),
    ("dilogo-2021", "volume", "10", DOAJ, "quoted"),
    ("dilogo-2021", "issue", "9", DOAJ, "quoted"),
    ("dilogo-2021", "pages", "1279-1287", DOAJ, "quoted"),
    (
        "dilogo-2021",
        "funding",
        "Priority funds for national research from the Ministry of Research and Technology/National Research and "
        "Innovation Agency, Republic of Indonesia.",
        UNIVERSITAS_INDONESIA,
        "quoted",
    ),
    (
        "dilogo-2021",
        "interests",
        "D.A. declared institutional funding from the Ministry of Research, Technology and Higher Education, "
        "Indonesia. The other authors declared none.",
        UNIVERSITAS_INDONESIA,
        "quoted",
    ),
    ("dilogo-2021", "donor", "Another person (allogeneic)", CLINICALTRIALS_GOV, "quoted"),
    ("dilogo-2021", "registrations.r1.allocation", "Randomised", CLINICALTRIALS_GOV, "transcribed"),
    ("dilogo-2021", "registrations.r1.intervention_model", "Parallel groups", CLINICALTRIALS_GOV, "transcribed"),
    (
        "dilogo-2021",
        "registrations.r1.who_masked",
        "Participant, Investigator, Outcomes assessor",
        CLINICALTRIALS_GOV,
        "transcribed",
    ),
    ("dilogo-2021", "registrations.r1.start", "July 2020", CLINICALTRIALS_GOV, "transcribed"),
    ("dilogo-2021", "registrations.r1.completion", "September 2020", CLINICALTRIALS_GOV, "transcribed"),
    (
        "dilogo-2021",
        "registrations.r1.primary_outcome",
        "Clinical improvement at 15 days: breathlessness, sputum, fever, ventilation, blood pressure, heart rate, "
        "breathing rate, oxygen saturation.",
        CLINICALTRIALS_GOV,
        "transcribed",
    ),
    (
        "adas-2021",
        "registrations.r1.sponsor",
        "SBÜ Dr. Sadi Konuk Eğitim ve Araştırma Hastanesi",
        CLINICALTRIALS_GOV,
        "transcribed",
    ),
    ("adas-2021", "registrations.r1.investigator", "Gokhan T Adas; Erdal Karaoz", CLINICALTRIALS_GOV, "transcribed"),
    (
        "adas-2021",
        "registrations.r1.who_masked",
        "Participant, Care provider, Investigator, Outcomes assessor",
        CLINICALTRIALS_GOV,
        "transcribed",
    ),
    ("adas-2021", "registrations.r1.registered", "25 April 2020", CLINICALTRIALS_GOV, "transcribed"),
    ("adas-2021", "registrations.r1.recruitment_status", "Completed", CLINICALTRIALS_GOV, "transcribed"),
    (
        "adas-2021",
        "registrations.r1.primary_outcome",
        "Improvement of symptoms of COVID-19 (fever, pneumonia, shortness of breath), at 3 months",
        CLINICALTRIALS_GOV,
        "quoted",
    ),
    (
        "lanzoni-2021",
        "registrations.r1.title",
        "Umbilical Cord-derived Mesenchymal Stem Cells for COVID-19 Patients With Acute Respiratory Distress Syndrome "
        "(ARDS)",
        CLINICALTRIALS_GOV,
        "transcribed",
    ),
    ("lanzoni-2021", "registrations.r1.sponsor", "Camillo Ricordi", CLINICALTRIALS_GOV, "transcribed"),
    ("lanzoni-2021", "registrations.r1.investigator", "Camillo Ricordi", CLINICALTRIALS_GOV, "transcribed"),
    ("lanzoni-2021", "registrations.r1.enrolment", "24", CLINICALTRIALS_GOV, "transcribed"),
    ("lanzoni-2021", "registrations.r1.registered", "13 April 2020", CLINICALTRIALS_GOV, "transcribed"),
    ("lanzoni-2021", "registrations.r1.posted", "21 April 2020", CLINICALTRIALS_GOV, "transcribed"),
    ("lanzoni-2021", "registrations.r1.recruitment_status", "Completed", CLINICALTRIALS_GOV, "transcribed"),
    (
        "monsel-2022",
        "registrations.r1.sponsor",
        "Assistance Publique - Hôpitaux de Paris",
        CLINICALTRIALS_GOV,
        "transcribed",
    ),
    ("monsel-2022", "registrations.r1.investigator", "Antoine Monsel", CLINICALTRIALS_GOV, "transcribed"),
    (
        "monsel-2022",
        "registrations.r1.title",
        "Cell Therapy Using Umbilical Cord-derived Mesenchymal Stromal Cells in SARS-CoV-2-related ARDS",
        CLINICALTRIALS_GOV,
        "transcribed",
    ),
    ("monsel-2022", "registrations.r1.allocation", "Randomised", CLINICALTRIALS_GOV, "transcribed"),
    ("monsel-2022", "registrations.r1.intervention_model", "Parallel groups", CLINICALTRIALS_GOV, "transcribed"),
    ("monsel-2022", "registrations.r1.masking", "Triple masked", CLINICALTRIALS_GOV, "transcribed"),
    (
        "monsel-2022",
        "registrations.r1.who_masked",
        "Participant, Care provider, Investigator",
        CLINICALTRIALS_GOV,
        "transcribed",
    ),
    ("monsel-2022", "registrations.r1.registered", "29 March 2020", CLINICALTRIALS_GOV, "transcribed"),
    ("monsel-2022", "registrations.r1.posted", "3 April 2020", CLINICALTRIALS_GOV, "transcribed"),
    ("monsel-2022", "registrations.r1.start", "6 April 2020", CLINICALTRIALS_GOV, "transcribed"),
    ("monsel-2022", "registrations.r1.completion", "26 October 2021", CLINICALTRIALS_GOV, "transcribed"),
    ("monsel-2022", "registrations.r1.recruitment_status", "Completed", CLINICALTRIALS_GOV, "transcribed"),
    (
        "monsel-2022",
        "registrations.r1.primary_outcome",
        "Increase in PaO₂/FiO₂ from baseline to day 7",
        CLINICALTRIALS_GOV,
        "transcribed",
    ),
    ("monsel-2022", "registrations.r1.results_posted", "no", CLINICALTRIALS_GOV, "inferred"),
    ("monsel-2022", "registrations.r1.looked_up", "7 October 2022", CLINICALTRIALS_GOV, "transcribed"),
    ("hashemian-2021", "registrations.r1.allocation", "Does not apply (one group)", JULY_2020, "transcribed"),
    (
        "hashemian-2021",
        "registrations.r1.primary_outcome",
        "Adverse events related to the treatment (CTCAE version 4.0): at each infusion, 24 hours after each, and on "
        "days 6, 7, 14 and 28.",
        JULY_2020,
        "quoted",
    ),
    ("hashemian-2021", "registrations.r1.recruitment_status", "Not recruiting (July 2020)", JULY_2020, "transcribed"),
    ("hashemian-2021", "registrations.r2.identifier", "IRCT20200413047063N1", JULY_2020, "inferred"),
    ("hashemian-2021", "registrations.r2.link_inferred", "yes", JULY_2020, "inferred"),
    (
        "kaffash-farkhad-2022",
        "registrations.r1.sponsor",
        "Mashhad University of Medical Sciences",
        JULY_2020,
        "transcribed",
    ),
    ("kaffash-farkhad-2022", "registrations.r1.intervention_model", "Parallel groups", JULY_2020, "transcribed"),
    (
        "kaffash-farkhad-2022",
        "follow_up",
        "17 days in the paper; the registry planned 20 days",
        JULY_2020,
        "disputed",
    ),
]

# Of each value that holds more than the fact: study, path, words of it, the source, how it was read.
TOLD = [
    ("dilogo-2021", "licence", "Listed in the Directory of Open Access Journals.", DOAJ, "inferred"),
    ("dilogo-2021", "registrations.r1.note", "cords from planned caesarean births", CLINICALTRIALS_GOV, "quoted"),
    (
        "dilogo-2021",
        "unsettled",
        "a news report (Medical News Today) says 1 May 2020; the registry says July 2020",
        CLINICALTRIALS_GOV,
        "disputed",
    ),
    (
        "dilogo-2021",
        "unsettled",
        "the registry lists eight signs of clinical improvement at 15 days; the paper gives survival",
        CLINICALTRIALS_GOV,
        "disputed",
    ),
    (
        "adas-2021",
        "unsettled",
        "1 April 2020 as the start and 25 April 2020 as the date of submission",
        CLINICALTRIALS_GOV,
        "disputed",
    ),
    (
        "adas-2021",
        "unsettled",
        "the registry excludes people on “invasive ventilation”",
        CLINICALTRIALS_GOV,
        "disputed",
    ),
    (
        "lanzoni-2021",
        "registrations.r1.primary_outcome",
        "(within 6 and 24 hours), and serious adverse events (by 31 and 90 days)",
        CLINICALTRIALS_GOV,
        "transcribed",
    ),
    ("lanzoni-2021", "safety_definition", "graded by CTCAE version 5.0", CLINICALTRIALS_GOV, "quoted"),
    ("lanzoni-2021", "safety_result", "8 of 12 people given cells and 10 of 12", CLINICALTRIALS_GOV, "transcribed"),
    ("lanzoni-2021", "safety_result", "6 serious adverse events with cells and 16", CLINICALTRIALS_GOV, "derived"),
    ("lanzoni-2021", "safety_result", "3 of the 6 with cells, 7 of the 16", CLINICALTRIALS_GOV, "transcribed"),
    ("lanzoni-2021", "other_findings", "At 60 days the registry gives 9 of 11", CLINICALTRIALS_GOV, "transcribed"),
    ("lanzoni-2021", "registrations.r1.note", "posted on 6 December 2021", CLINICALTRIALS_GOV, "transcribed"),
    (
        "monsel-2022",
        "arms.a1.given",
        "in 150 mL over 60 minutes through a 200-µm filter",
        CLINICALTRIALS_GOV,
        "transcribed",
    ),
    ("monsel-2022", "arms.a2.given", "150 mL of 0.9% salt water (saline, NaCl)", CLINICALTRIALS_GOV, "quoted"),
    ("monsel-2022", "follow_up", "12 months", CLINICALTRIALS_GOV, "quoted"),
    ("monsel-2022", "registrations.r1.note", "doi 10.1186/s13287-021-02637-7", CLINICALTRIALS_GOV, "quoted"),
    (
        "monsel-2022",
        "unsettled",
        "the registry says triple and names participant, care provider and investigator",
        CLINICALTRIALS_GOV,
        "disputed",
    ),
    ("hashemian-2021", "arms.a1.given", "1% human serum albumin, over 10 to 12 minutes", JULY_2020, "quoted"),
    ("hashemian-2021", "follow_up", "The registry planned 28 days after the first infusion", JULY_2020, "inferred"),
    ("hashemian-2021", "registrations.r1.link_inferred", "yes", MATCHING, "inferred"),
    ("kaffash-farkhad-2022", "donor", "allogeneic", JULY_2020, "quoted"),
    ("adas-2021", "donor", "allogeneic", CLINICALTRIALS_GOV, "quoted"),
    ("kaffash-farkhad-2022", "registrations.r1.note", "aged 18 to 70", JULY_2020, "quoted"),
    ("kaffash-farkhad-2022", "registrations.r1.note", "planned for days 1, 3 and 6", JULY_2020, "quoted"),
    ("kaffash-farkhad-2022", "unsettled", "the registry “Placebo: Not used”", JULY_2020, "disputed"),
    ("kaffash-farkhad-2022", "unsettled", "the registry says double blinded and describes it", JULY_2020, "disputed"),
    ("kaffash-farkhad-2022", "unsettled", "the registry severe lung involvement", JULY_2020, "disputed"),
    ("rebelatto-2022", "pmid", "35313959", PUBMED, "quoted"),
    (
        "rebelatto-2022",
        "registrations.r1.note",
        "Ringer’s lactate with albumin and heparin",
        CLINICALTRIALS_GOV,
        "quoted",
    ),
]

# Of each value that the check found again in a source that was cited already: study, path, the source.
READ_TWICE = [
    ("dilogo-2021", "publication_date", UNIVERSITAS_INDONESIA),
    ("monsel-2022", "unsettled", "The paper (journal’s site)"),
    ("kaffash-farkhad-2022", "unsettled", PREPRINT),
]

# The record of each study in the public data set of ClinicalTrials.gov.
RECORDS = {
    "dilogo-2021": "NCT04457609.json",
    "adas-2021": "NCT04392778.json",
    "lanzoni-2021": "NCT04355728.json",
    "monsel-2022": "NCT04333368.json",
    "rebelatto-2022": "NCT05433298.json",  # a later trial of the same group
}


def words(slug: str, path: str) -> str:
    trial = study(slug)
    return value_in_words(path, trial, rows_by_path(trial))


def citations(slug: str, path: str) -> list[tuple[str, str]]:
    return [(row.source.label, row.basis) for row in study(slug).citations.all() if row.value == path]


@pytest.mark.parametrize(("slug", "path", "expected", "source", "basis"), VALUES)
def test_value_and_its_source(slug: str, path: str, expected: str, source: str, basis: str) -> None:
    assert words(slug, path) == expected
    assert (source, basis) in citations(slug, path)
    assert path not in {blank.value for blank in study(slug).blanks.all()}


@pytest.mark.parametrize(("slug", "path", "expected", "source", "basis"), TOLD)
def test_fact_is_told_with_its_source(slug: str, path: str, expected: str, source: str, basis: str) -> None:
    assert expected in words(slug, path)
    assert (source, basis) in citations(slug, path)


@pytest.mark.parametrize(("slug", "path", "source"), READ_TWICE)
def test_value_found_again_is_marked(slug: str, path: str, source: str) -> None:
    assert any(
        row.checked_twice for row in study(slug).citations.all() if (row.value, row.source.label) == (path, source)
    )


@pytest.mark.parametrize(("slug", "record"), RECORDS.items())
def test_registry_data_lead_to_the_record(slug: str, record: str) -> None:
    (source,) = (source for source in study(slug).sources.all() if source.label == CLINICALTRIALS_GOV)
    assert source.address.endswith(f"/trialsJson/{record}")
    assert (source.kind, source.read_in_copy) == ("registry", True)


def test_second_registration_of_the_placental_cells() -> None:
    registration = study("hashemian-2021").registrations.all()[1]
    assert (
        registration.registry,
        registration.identifier,
        registration.title,
        registration.sponsor,
        registration.investigator,
        registration.registered,
        registration.start,
        registration.enrolment,
        registration.get_enrolment_type_display(),
        registration.allocation,
    ) == (
        "irct",
        "IRCT20200413047063N1",
        "Placental Mesenchymal Stem cells for treatment of ARDS in Coronavirus infection, "
        "Phase 1 and 2 Clinical Trials",
        "Execution of Imam Khomeini's Order",
        "Masoud Soleimani",
        "2020-05-04",
        "2020-03-20",
        20,
        "planned",
        "randomised",
    )
    assert "three doses of cells" in registration.note


@each_study
def test_each_doi_was_looked_up_among_retracted_papers(slug: str) -> None:
    (row,) = (row for row in study(slug).citations.all() if row.source.label == RETRACTIONS)
    assert row.value == "doi"
    assert "is not in the index" in row.note


def test_serious_events_of_lanzoni_include_the_deaths_where_they_are_counted() -> None:
    notes = [count.note for count in study("lanzoni-2021").counts.all() if count.outcome == "sae"]
    assert ["The serious events include the deaths" in note for note in notes] == [True] * 4


def test_given_name_of_kaffash_farkhad_is_known() -> None:
    (author,) = study("kaffash-farkhad-2022").author_list
    assert (author.family, author.given) == ("Kaffash Farkhad", "Najmeh")


def test_doubtful_readings_stay_out() -> None:
    assert study("yip-2020").publication_date == "2020"  # the issue is of May; the day online may be earlier
    assert "rs-1240880" not in str([row.address for row in study("kaffash-farkhad-2022").sources.all()])
