"""Which study a record may be, what is proposed beside it, and what a snapshot becomes when some of it is taken."""

import json
import random
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from tests.factories import (
    ANN,
    make_arm,
    make_blank,
    make_country,
    make_registration,
    make_source,
    make_term,
    make_trial,
)
from trials import actions, history, importers
from trials.importers import matching, merging
from trials.importers.found import Found
from trials.importers.matching import SAME_TITLE, Known, likeness, telling_words, words
from trials.models import FormerSlug, Revision, Source, Trial

pytestmark = pytest.mark.django_db
RECORDS = Path(__file__).parent / "records"


def found(name: str) -> Found:
    return importers.read((RECORDS / name).read_bytes()).found[0]


def ris(*lines: str) -> Found:
    return importers.read("\n".join(["TY  - JOUR", *lines, "ER  - "])).found[0]


def matches(record: Found) -> list[tuple[str, tuple[str, ...], bool]]:
    return [(match.name, match.reasons, match.certain) for match in Known([record]).matches(record)]


# --- The same study? ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "line", "reason"),
    [
        ({"doi": "10.1000/AbC"}, "DO  - https://doi.org/10.1000/aBc", "the same DOI, 10.1000/abc"),
        ({"pmid": "123"}, "M2  - PMID: 123", "the same PubMed ID, 123"),
        ({"pmcid": "PMC123"}, "C2  - PMC123", "the same PubMed Central ID, PMC123"),
    ],
    ids=["DOI", "PubMed", "PMC"],
)
def test_same_identifier_is_the_same_study_for_certain(there: dict[str, str], line: str, reason: str) -> None:
    make_trial(**there)
    assert matches(ris("TI  - Something else", line)) == [("Smith 2021", (reason,), True)]


def test_same_registration_is_the_same_study_in_a_draft_too() -> None:
    trial = make_trial(status="draft")
    make_registration(trial, identifier="NCT04355728")
    actions.complete_trial(trial)
    record = ris("TI  - Else", "AB  - See nct04355728.")
    assert matches(record) == [("Smith 2021", ("the same registration, NCT04355728",), True)]


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("Çells for acute respiratory distress syndrome: a randomised trial", "the same title"),
        ("CELLS FOR ACUTE RESPIRATORY DISTRESS SYNDROME – A RANDOMISED TRIAL.", "the same title"),
        (
            "Cells for acute respiratory distress syndrome: a randomized trial",
            "nearly the same title (80% of the words)",
        ),
    ],
    ids=["accent", "capitals and dashes", "American spelling"],
)
def test_nearly_the_same_title_may_be_the_same_study(title: str, reason: str) -> None:
    make_trial()
    assert matches(ris(f"TI  - {title}")) == [("Smith 2021", (reason,), False)]


def test_other_study_of_the_same_kind_is_none() -> None:
    make_trial()
    assert matches(ris("TI  - Mesenchymal cells for acute kidney injury: a randomised trial")) == []
    assert matches(ris("AU  - Smith, J")) == []


def test_the_eight_studies_are_not_taken_for_each_other(eight_studies: None) -> None:
    trials = list(Trial.objects.order_by("slug"))
    assert len(trials) == 8
    records = [ris(f"TI  - {trial.title}") for trial in trials]
    known = Known(records)
    for trial, record in zip(trials, records, strict=True):
        assert [match.trial_id for match in known.matches(record)] == [trial.pk]


def test_certain_match_comes_before_a_likely_one() -> None:
    make_trial()
    make_trial(slug="brown-2020", authors="Brown, A", title="Another", doi="10.1000/x", rows=False)
    title = "TI  - Cells for acute respiratory distress syndrome: a randomised trial"
    assert [name for name, _, _ in matches(ris(title, "DO  - 10.1000/x"))] == ["Brown 2021", "Smith 2021"]


def test_likeness_of_titles_counts_shared_words() -> None:
    assert likeness(words("Adaş and Türkiye"), words("TURKIYE, and: adas")) == 1
    assert likeness(words("one two three four"), words("one two three five")) == 0.6
    assert likeness(words(""), words("")) == 0


VOCABULARY = [
    *("cells", "of", "the", "lung", "in", "mice", "and", "men", "with", "stem", "for", "a", "trial", "1", "2a", "zz"),
    *("Çin", "ARDS", "covid-19", "sepsis", "phase", "pilot"),
]


def reading_everything(record: Found) -> set[tuple[int, bool]]:
    """What the search for matches is to find, by comparing the record with each study that is here."""
    asked, title = record.identifiers(), words(str(record.get("title") or ""))
    found = set()
    for trial in Trial.objects.prefetch_related("registrations"):
        has = {("doi", (trial.doi or "").lower()), ("pmid", trial.pmid or ""), ("pmcid", (trial.pmcid or "").upper())}
        has |= {("registration", each.identifier.upper()) for each in trial.registrations.all()}
        certain = bool(asked & has)
        if certain or likeness(title, words(trial.title)) >= SAME_TITLE:
            found.add((trial.pk, certain))
    return found


@pytest.mark.parametrize("common", [1, 200], ids=["all words are common", "few words are common"])
def test_index_leads_to_what_reading_every_study_would_find(common: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "COMMON", common)
    rng = random.Random(20)
    titles = [" ".join(rng.sample(VOCABULARY, rng.randint(1, 9))) for _ in range(60)]
    for number, title in enumerate(titles):
        identifiers = {"doi": f"10.1000/X.{number}", "pmid": str(number + 1), "pmcid": f"PMC{number + 1}"}
        kept = {name: value for name, value in identifiers.items() if rng.random() < 0.3}
        trial = make_trial(slug=f"s-{number}", title=title, rows=False, **kept)
        if rng.random() < 0.3:
            make_registration(trial, identifier=f"NCT{number:08}")
            actions.complete_trial(trial)
    records = []
    for number in range(40):
        mine = rng.choice(titles).split()
        rng.shuffle(mine)
        if rng.random() < 0.5:
            mine[0] = rng.choice(VOCABULARY)
        lines = [f"TI  - {' '.join(mine)}"] if rng.random() < 0.9 else []
        lines += [f"DO  - 10.1000/x.{number}"] if rng.random() < 0.4 else []
        lines += [f"M2  - PMID: {number + 1}"] if rng.random() < 0.4 else []
        lines += [f"AB  - See nct{number:08}."] if rng.random() < 0.4 else []
        records.append(ris(*lines, "PY  - 2021"))
    known = Known(records)
    together = [{(match.trial_id, match.certain) for match in known.matches(record)} for record in records]
    alone = [{(match.trial_id, match.certain) for match in Known([record]).matches(record)} for record in records]
    right = [reading_everything(record) for record in records]
    assert together == right
    assert alone == right
    assert sum(map(len, right)) > 30
    assert sum(certain for each in right for _, certain in each) > 10


@pytest.mark.parametrize("studies", [1, 30])
def test_looking_up_takes_three_queries_however_many_studies_and_records(
    django_assert_num_queries: object, studies: int
) -> None:
    for number in range(studies):
        make_trial(slug=f"s-{number}", title=f"Study number{number} of cells", doi=f"10.1000/{number}", rows=False)
    records = [ris(f"TI  - Study number{number} of cells", f"DO  - 10.1000/{number}") for number in range(20)]
    with django_assert_num_queries(3):  # type: ignore[operator]
        known = Known(records)
        assert [len(known.matches(record)) for record in records] == [1] * min(studies, 20) + [0] * (20 - studies)


def test_only_what_shares_a_telling_word_is_read() -> None:
    for number in range(30):
        make_trial(slug=f"s-{number}", title=f"Study number{number} of lungs", rows=False)
    record = ris("TI  - Study number7 of lungs")
    assert [match.trial_id for match in Known([record]).matches(record)] == [Trial.objects.get(slug="s-7").pk]
    assert set(telling_words([record])) == {"lungs", "number7"}


def test_title_of_many_words_is_looked_up_too() -> None:
    """So many that they do not go into one question."""
    record = ris("TI  - " + " ".join(f"word{number}" for number in range(60)))
    trial = make_trial(slug="long", title=" ".join(f"word{number}" for number in range(50)), rows=False)
    many = [ris(f"TI  - {' '.join(f'w{number}x{each}' for each in range(60))}") for number in range(24)]
    known = Known([*many, record])
    assert [match.trial_id for match in known.matches(record)] == [trial.pk]


# --- What is proposed -----------------------------------------------------------------------------------------


def test_value_that_is_there_is_not_ticked_and_one_that_is_missing_is() -> None:
    trial = make_trial(volume="", issue="7", journal="Cell Transplantation", rows=False)
    record = ris("TI  - New title", "T2  - Cell Transplantation", "VL  - 30", "IS  - 8", "DO  - 10.1000/x")
    shown = {
        each.key: (each.shown, each.there, each.ticked, each.same)
        for each in merging.proposals(record, history.snapshot(trial))
    }
    assert shown == {
        "fields.title": (
            "New title",
            "Cells for acute respiratory distress syndrome: a randomised trial",
            False,
            False,
        ),
        "fields.journal": ("Cell Transplantation", "Cell Transplantation", False, True),
        "fields.volume": ("30", "empty", True, False),
        "fields.issue": ("8", "7", False, False),
        "fields.doi": ("10.1000/x", "empty", True, False),
    }


def test_value_that_the_field_cannot_hold_is_said_and_cannot_be_taken() -> None:
    record = ris(f"TI  - {'x' * 601}", "VL  - " + "9" * 21, "AU  - A, B", "PY  - 2021")
    problems = {each.key: each.problem for each in merging.proposals(record, None) if each.problem}
    assert problems == {
        "fields.title": "Ensure this value has at most 600 characters (it has 601).",
        "fields.volume": "Ensure this value has at most 20 characters (it has 21).",
    }
    document = merging.take(record, None, {"fields.title", "fields.volume", "fields.authors"})
    assert (document["fields"]["title"], document["fields"]["volume"]) == ("", "")
    assert document["fields"]["authors"] == "A, B"


def test_registry_record_is_set_beside_the_registration_field_by_field() -> None:
    trial = make_trial(rows=False)
    make_registration(trial, identifier="NCT04355728", masking="double", enrolment=24)
    make_source(trial, value="registration-1", label="Registry")
    shown = {
        each.key: (each.shown, each.there, each.ticked, each.same, each.kept_sources)
        for each in merging.proposals(found("NCT04355728.json"), history.snapshot(trial))
        if each.key.startswith("registrations")
    }
    assert shown["registrations.1.masking"] == ("Triple masked", "Double masked", False, False, 1)
    assert shown["registrations.1.enrolment"] == ("24", "24", False, True, 0)
    assert shown["registrations.1.phase"] == ("Phase 1/2", "empty", True, False, 0)
    assert "registrations.1.identifier" not in shown
    assert len(shown) == 18


def test_registry_does_not_offer_its_title_as_that_of_a_paper() -> None:
    make_country(code="US", name="United States")
    trial = make_trial(rows=False)
    record = found("NCT04355728.json")
    beside = [each.key for each in merging.proposals(record, history.snapshot(trial))]
    new = [each.key for each in merging.proposals(record, None)]
    assert beside == ["fields.acronym", "countries", "registrations.1", "arms.1", "arms.2", "arms.3"]
    assert new == ["fields.title", "fields.acronym", "fields.authors", "fields.authors_complete", *beside[1:]]


def test_country_that_is_not_in_the_list_is_named() -> None:
    make_country(code="US", name="United States")
    make_country(code="TR", name="Türkiye", other_names="Turkey, Turkiye")
    (countries,) = [each for each in merging.proposals(found("NCT04355728.json"), None) if each.key == "countries"]
    assert (countries.shown, countries.note) == ("United States", "Not in our list of countries: Turkey (Türkiye).")


def test_groups_are_not_ticked_where_a_study_has_its_own() -> None:
    trial = make_trial(rows=False)
    make_arm(trial, name="uc-msc group")
    proposals = merging.proposals(found("NCT04355728.json"), history.snapshot(trial))
    arms = [(each.label, each.ticked) for each in proposals if each.key.startswith("arms")]
    assert arms == [("Group “Control Group”", False), ("Group “Observed”", False)]


# --- What is taken --------------------------------------------------------------------------------------------


def test_taken_value_comes_with_its_source_and_ends_its_blank() -> None:
    trial = make_trial(volume="", rows=False)
    make_source(trial)
    make_blank(trial, value="volume")
    before = history.snapshot(trial)
    record = ris("TI  - Left alone", "VL  - 30", "DO  - 10.1000/x")
    after = merging.take(record, before, {"fields.volume"})
    assert [change.label for change in history.changes(Trial, before, after)] == [
        "Volume",
        "Source 2 (volume)",
        "Reason for the blank “volume”",
    ]
    assert before["fields"]["volume"] == ""
    source = {name: value for name, value in after["sources"][1].items() if name != "id"}
    assert source == {
        "position": 2,
        "value": "volume",
        "label": "RIS record",
        "kind": "index",
        "address": "https://doi.org/10.1000/x",
        "read_in_copy": True,
        "quote": "",
        "basis": "stated",
        "confidence": 3,
        "checked_twice": False,
        "note": "",
    }


def test_same_source_is_not_recorded_twice() -> None:
    record = ris("TI  - T", "VL  - 30", "DO  - 10.1000/x")
    once = merging.take(record, history.snapshot(make_trial(rows=False)), {"fields.volume"})
    assert merging.take(record, once, {"fields.volume"}) == once


def test_value_without_an_address_is_taken_without_a_source() -> None:
    after = merging.take(ris("TI  - T", "VL  - 30"), None, {"fields.title", "fields.volume"})
    assert (after["fields"]["volume"], after["sources"]) == ("30", [])


def test_new_registration_of_a_registry_says_that_its_link_is_inferred() -> None:
    trial = make_trial(rows=False)
    make_registration(trial, registry="irct", identifier="IRCT20200101000001N1")
    after = merging.take(found("NCT04355728.json"), history.snapshot(trial), {"registrations.1"})
    row = after["registrations"][1]
    assert (row["position"], row["identifier"], row["link_inferred"], row["masking"]) == (
        2,
        "NCT04355728",
        True,
        "triple",
    )
    assert [(source["value"], source["kind"], source["basis"]) for source in after["sources"]] == [
        ("registration-2", "registry", "transcribed")
    ]
    from_paper = merging.take(ris("TI  - T", "AB  - NCT04355728"), None, {"registrations.1"})
    assert from_paper["registrations"][0]["link_inferred"] is False


def test_field_of_a_registration_gets_a_source_of_its_own() -> None:
    trial = make_trial(rows=False)
    make_registration(trial, identifier="NCT04355728")
    after = merging.take(found("NCT04355728.json"), history.snapshot(trial), {"registrations.1.phase"})
    assert after["registrations"][0]["phase"] == "1-2"
    assert after["registrations"][0]["masking"] == ""
    assert [source["value"] for source in after["sources"]] == ["registration-1.phase"]


def test_groups_and_inferred_values_are_sourced_as_inferred() -> None:
    after = merging.take(found("NCT04355728.json"), None, {"fields.title", "arms.1", "arms.2"})
    assert [(arm["position"], arm["name"], arm["role"]) for arm in after["arms"]] == [
        (1, "UC-MSC Group", "cells"),
        (2, "Control Group", "comparison"),
    ]
    assert [(source["value"], source["basis"], source["confidence"]) for source in after["sources"]] == [
        ("title", "inferred", 2),
        ("arm-1", "inferred", 2),
        ("arm-2", "inferred", 2),
    ]


# --- A draft --------------------------------------------------------------------------------------------------


def test_draft_is_made_with_its_history_and_an_address_of_its_own() -> None:
    make_trial(slug="lanzoni-2021", title="Other", rows=False)
    other = make_trial(slug="else-2021", title="Else", rows=False)
    FormerSlug.objects.create(slug="lanzoni-2021-2", trial=other)
    document = merging.of_new_study(found("lanzoni.nbib"))
    trial, revision = actions.import_trial(document, by=ANN, reason="Found in PubMed")
    trial.refresh_from_db()
    assert (trial.slug, trial.status, trial.design) == ("lanzoni-2021-3", "draft", "")
    assert (trial.title[:14], trial.pmcid, trial.publication_date) == ("Umbilical cord", "PMC8046040", "2021-01-05")
    assert "lanzoni" in trial.search_text
    assert trial.author_key == "lanzoni"
    assert (revision.number, revision.step, revision.live, revision.made_by, revision.reason) == (
        1, "imported", False, "ann", "Found in PubMed",
    )  # fmt: skip
    assert revision.data == history.snapshot(trial)
    assert (
        Source.objects.filter(trial=trial, value="pmcid").get().address == "https://pubmed.ncbi.nlm.nih.gov/33400390/"
    )
    assert Trial.objects.public().filter(pk=trial.pk).exists() is False


def test_draft_made_of_a_whole_registry_record_passes_every_check() -> None:
    document = merging.of_new_study(found("NCT04355728.json"), {"publication_date": "2021-01-05"})
    trial, _ = actions.import_trial(document, by=ANN)
    assert (trial.slug, trial.arms.count(), trial.registrations.count()) == ("ricordi-2021", 3, 1)


def test_accents_fold_in_the_address_and_stay_in_the_names() -> None:
    document = merging.of_new_study(found("adas.ris"))
    assert document["fields"]["slug"] == "adas-2021"
    assert document["fields"]["authors"].splitlines()[0] == "Adaş, Gökhan"


def test_name_that_has_no_latin_letters_gets_an_address() -> None:
    document = merging.of_new_study(ris("TI  - T", "AU  - 王, 伟", "PY  - 2021"))
    assert document["fields"]["slug"] == "study-2021"


def test_study_without_title_authors_or_date_is_no_draft() -> None:
    with pytest.raises(ValidationError) as refusal:
        merging.of_new_study(ris("TI  - T"))
    assert refusal.value.messages == ["It has no authors, no date of publication, and without there can be no draft."]


@pytest.mark.parametrize(
    ("field", "value"), [("title", ""), ("publication_date", "2021-02-30"), ("authors", "A, B, C"), ("doi", "x")]
)
def test_wrong_snapshot_leaves_no_trace(field: str, value: str) -> None:
    document = merging.of_new_study(found("adas.ris"))
    document["fields"][field] = value
    with pytest.raises(ValidationError):
        actions.import_trial(document, by=ANN)
    assert (Trial.objects.count(), Revision.objects.count(), Source.objects.count()) == (0, 0, 0)


def test_wrong_row_leaves_no_trace() -> None:
    document = merging.of_new_study(found("adas.ris"))
    document["sources"][0]["value"] = "arm-9"
    with pytest.raises(ValidationError, match="there is no such row"):
        actions.import_trial(document, by=ANN)
    assert (Trial.objects.count(), Revision.objects.count()) == (0, 0)


def test_study_without_a_design_cannot_be_published() -> None:
    make_term()
    trial, _ = actions.import_trial(merging.of_new_study(found("adas.ris")), by=ANN)
    assert "The design is missing." in actions.what_is_missing(trial)
    trial.status, trial.last_reviewed = "published", "2026-11-22"
    with pytest.raises(ValidationError) as refusal:
        trial.full_clean()
    assert refusal.value.messages == ["A published study needs its design."]


def test_found_survives_json() -> None:
    record = found("NCT04355728.json")
    assert Found.from_json(json.loads(json.dumps(record.to_json()))) == record
