"""The facts of the eight studies, copied by hand from the collected facts and not from the fixtures.

facts/values.csv holds what a second check of 30 November 2026 found: each value and the source it was read in.
"""

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.trials.test_fixtures import each_study, study
from trials.models.values import rows_by_path, value_in_words

FACTS = Path(__file__).parent / "facts"
# First author, and the number of authors known.
AUTHORS = {
    "dilogo-2021": ("Ismail Hadisoebroto Dilogo", 16),
    "lanzoni-2021": ("Giacomo Lanzoni", 31),
    "monsel-2022": ("Antoine Monsel", 31),
    "hashemian-2021": ("Seyed-Mohammad Reza Hashemian", 25),
    "rebelatto-2022": ("Carmen Lúcia Kuniyoshi Rebelatto", 19),
    "kaffash-farkhad-2022": ("Najmeh Kaffash Farkhad", 1),
    "yip-2020": ("Hon-Kan Yip", 10),
    "adas-2021": ("G Adas", 9),
}
CLINICALTRIALS_GOV = "ClinicalTrials.gov record dated October 2022, in a public data set"
COVID_NMA = "https://covid-nma.com/living_data/"
PREPRINT = "Abstract of the preprint, in a library catalogue"
RETRACTIONS = "Retraction Watch DOI index dated 21 August 2026, in a public data set"
UNIVERSITAS_INDONESIA = "Record in the Universitas Indonesia repository"

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


def table(name: str) -> list[dict[str, str]]:
    with (FACTS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(value: Any) -> str:
    """Return a value as the tables of facts have it: codes with a space between, "yes", and nothing for none."""
    if isinstance(value, list):
        return " ".join(value)
    return "" if value is None or value is False else "yes" if value is True else str(value)


@each_study
@pytest.mark.parametrize("name", ["papers", "designs", "arms", "counts", "registrations"])
def test_study_and_its_rows(name: str, slug: str) -> None:
    rows = table(name)
    holders = getattr(study(slug), name).all() if hasattr(study(slug), name) else [study(slug)]
    found = [{field: written(getattr(each, field)) for field in rows[0] if field != "study"} for each in holders]
    assert [{"study": slug} | row for row in found] == [row for row in rows if row["study"] == slug]


@each_study
def test_authors_and_what_all_studies_share(slug: str) -> None:
    trial = study(slug)
    assert (trial.author_list[0].full, len(trial.author_list)) == AUTHORS[slug]
    assert trial.route == "intravenous"
    assert trial.who_masked == []  # no abstract names them; the registries do


@pytest.mark.parametrize("fact", table("values"), ids=lambda fact: f"{fact['study']}-{fact['value']}")
def test_value_and_its_source(fact: dict[str, str]) -> None:
    trial, path = study(fact["study"]), fact["value"]
    words = value_in_words(path, trial, rows_by_path(trial))
    assert words == fact["words"] if fact["whole"] else fact["words"] in words
    assert path not in {blank.value for blank in trial.blanks.all()}
    citations = [(row.source.label, row.basis) for row in trial.citations.all() if row.value == path]
    assert (fact["source"], fact["reading"]) in citations


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


def test_judgements_of_others_and_where_they_are_published() -> None:
    """No source that was read gives the certainty of an outcome other than this one."""
    review = "https://stemcellres.biomedcentral.com/articles/10.1186/s13287-022-02956-3/tables/1"
    assert {
        slug: [(each.kind, each.about, each.verdict, each.address) for each in study(slug).judgements.all()]
        for slug in AUTHORS
        if study(slug).judgements.all()
    } == {
        "lanzoni-2021": [
            ("bias", "overall", "some-concerns", f"{COVID_NMA}infos_participants_pharmaco.php?i=227"),
            ("bias", "randomisation", "low", review),
            ("certainty", "clinical improvement at 60 days", "very-low", f"{COVID_NMA}index.php?comparison=60"),
        ],
        "monsel-2022": [("bias", "overall", "low", f"{COVID_NMA}infos_participants_pharmaco.php?i=648")],
    }
