"""Which study that is here already a record may be of."""

from typing import Any

import pytest
from django.core.management import call_command

from tests.factories import draft_of, draft_trial, published_trial, registration
from tests.trials.importers import ris
from trials.importers import formats
from trials.importers.matching import matches, repeats
from trials.importers.proposals import propose, summary
from trials.importers.records import ImportedRecord
from trials.models import Trial

WHO = {1: "adults", 2: "children"}
pytestmark = pytest.mark.django_db


def repeated(text: str) -> dict[int, tuple[int, list[str], bool]]:
    return {
        number: (match.key, match.reasons, match.is_doubtful)
        for number, match in repeats(formats.read(text).records).items()
    }


def found(record: ImportedRecord) -> list[tuple[str, list[str]]]:
    return [(match.trial.short_name, match.reasons) for match in matches([record])[record.number]]


@pytest.mark.parametrize(
    ("present", "line", "reason"),
    [
        ({"doi": "10.1000/AbC"}, "DO  - https://doi.org/10.1000/aBc", "the same DOI, 10.1000/abc"),
        ({"pmid": "123"}, "M2  - PMID: 123", "the same PubMed ID, 123"),
        ({"pmcid": "PMC123"}, "C2  - PMC123", "the same PubMed Central ID, PMC123"),
    ],
    ids=["DOI", "PubMed", "PMC"],
)
def test_study_with_the_same_identifier_matches(present: dict[str, str], line: str, reason: str) -> None:
    published_trial(**present)
    assert found(ris("TI  - Something else", line)) == [("Smith 2021", [reason])]


def test_study_with_the_same_registration_matches_while_it_is_a_draft() -> None:
    draft_trial(registrations=[registration(identifier="NCT04355728")], citations=[])
    record = ris("TI  - Else", "AB  - See nct04355728.")
    assert found(record) == [("Smith 2021", ["the same registration, NCT04355728"])]


def test_identifier_in_the_draft_of_a_published_study_leads_to_the_study() -> None:
    trial = published_trial()
    draft_of(trial, doi="10.1000/x")
    (match,) = matches([ris("TI  - Else", "DO  - 10.1000/x")])[1]
    assert match.key == trial.pk


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("Çells for acute respiratory distress syndrome: a randomised trial", "the same title"),
        ("CELLS FOR ACUTE RESPIRATORY DISTRESS SYNDROME – A RANDOMISED TRIAL.", "the same title"),
        ("Cells for acute respiratory distress syndrome: a randomized trial", "nearly the same title"),
    ],
    ids=["accent", "capitals and dashes", "American spelling"],
)
def test_study_with_nearly_the_same_title_matches(title: str, reason: str) -> None:
    published_trial()
    assert found(ris(f"TI  - {title}")) == [("Smith 2021", [reason])]


def test_other_study_of_the_same_kind_does_not_match() -> None:
    published_trial()
    assert found(ris("TI  - Mesenchymal cells for acute kidney injury: a randomised trial")) == []
    assert found(ris("AU  - Smith, J")) == []


def test_the_first_studies_match_themselves_alone() -> None:
    call_command("loaddata", "studies", verbosity=0)
    trials = list(Trial.objects.order_by("slug"))
    text = "".join(f"TY  - JOUR\nTI  - {trial.title}\nER  - \n" for trial in trials)
    found = matches(formats.read(text).records)
    assert [[match.key for match in found[number]] for number in sorted(found)] == [[t.pk] for t in trials]


def test_study_with_the_same_identifier_comes_before_one_with_the_same_title() -> None:
    published_trial()
    published_trial(slug="brown-2020", authors="Brown, A", title="Another", doi="10.1000/x")
    title = "TI  - Cells for acute respiratory distress syndrome: a randomised trial"
    assert [name for name, _ in found(ris(title, "DO  - 10.1000/x"))] == ["Brown 2021", "Smith 2021"]


def test_matching_takes_two_queries(django_assert_num_queries: Any) -> None:
    for number in range(3):
        published_trial(slug=f"s-{number}", title=f"Study number{number} of cells", arms=[], counts=[], citations=[])
    records = formats.read("".join(f"TY  - JOUR\nTI  - Study number{n} of cells\nER  - \n" for n in range(20))).records
    with django_assert_num_queries(2):
        matches(records)


def test_record_that_repeats_an_earlier_one_is_found() -> None:
    text = "TY  - JOUR\nTI  - One\nER  - \nTY  - JOUR\nTI  - Two\nDO  - 10.1000/x\nER  - \n"
    text += "TY  - JOUR\nTI  - Else\nDO  - 10.1000/X\nER  - \nTY  - JOUR\nTI  - ONE\nER  - \n"
    assert repeated(text) == {3: (2, ["the same DOI, 10.1000/x"], False), 4: (1, ["the same title"], False)}


def test_title_that_is_only_alike_is_doubtful_with_another_doi() -> None:
    published_trial(doi="10.1000/one")
    title = "TI  - Cells for acute respiratory distress syndrome: a randomized trial"
    (match,) = matches([ris(title, "DO  - 10.1000/two")])[1]
    assert (match.is_doubtful, match.reasons) == (True, ["nearly the same title", "another DOI"])
    (match,) = matches([ris(title)])[1]
    assert (match.is_doubtful, match.reasons) == (False, ["nearly the same title"])


def test_record_that_is_doubtful_is_ticked_as_a_new_study_and_the_editor_is_told() -> None:
    published_trial(title="Cells for lungs of adults in a large trial", doi="10.1000/one")
    lines = [
        "TI  - Cells for lungs of children in a large trial",
        "AU  - Example, Ada",
        "PY  - 2021",
        "DO  - 10.1000/two",
    ]
    proposals = propose([ris(*lines)])
    assert [(each.is_ticked, each.target, len(each.options)) for each in proposals] == [(True, "new", 1)]
    assert summary(proposals) == ["1 record is perhaps the same as another study or record: decide for each."]


def test_same_title_is_not_doubtful_with_another_doi() -> None:
    trial = published_trial(doi="10.1000/one")
    (match,) = matches([ris(f"TI  - {trial.title}", "DO  - 10.1000/two")])[1]
    assert (match.is_doubtful, match.reasons) == (False, ["the same title", "another DOI"])


def test_nearly_the_same_title_within_a_file_is_doubtful_with_another_pubmed_id() -> None:
    text = "".join(
        f"PMID- {number}\nTI  - Cells for lungs of {who} in a large trial.\n\n" for number, who in WHO.items()
    )
    assert repeated(text) == {2: (1, ["nearly the same title", "another PubMed ID"], True)}
