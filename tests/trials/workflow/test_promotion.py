"""A draft of a study is made from the record of a known study."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from tests.factories import load, other_study_document
from tests.trials.admin.forms import client_of, text
from tests.users import editor, member
from trials.models import OtherStudy, Trial
from trials.workflow import steps
from trials.workflow.documents import build
from trials.workflow.promotion import draft_document

pytestmark = pytest.mark.django_db
START = {
    "title": "Treatment with cells",
    "first_author": "Michael A. Matthay",
    "year": 2019,
    "journal": "Lancet Respir Med 2019;7(2):154-162",
    "doi": "10.1016/s2213-2600(18)30418-1",
    "registrations": "NCT02097641\nIRCT20200621047859N4, probably",
    "cell_source": "bone-marrow",
    "dose": "10 million cells per kg, once",
    "countries": ["US"],
    "cells_deaths": 12,
    "cells_out_of": 40,
    "comparison_deaths": 3,
    "comparison_out_of": 20,
    "counted_at": "28 days",
    "sources": (
        "Abstract of the paper, in an index (read in a copy) “12/40 and 3 of 20 died”\n"
        "ClinicalTrials.gov record https://clinicaltrials.gov/study/NCT02097641\nA talk"
    ),
}


def other(**values: Any) -> OtherStudy:
    return build(other_study_document(**START | values), OtherStudy())  # type: ignore[no-any-return]


def test_draft_holds_what_the_record_holds() -> None:
    document = draft_document(other())
    fields = document["fields"]
    assert (fields["title"], fields["authors"], fields["authors_complete"], fields["publication_date"]) == (
        "Treatment with cells", "Matthay, Michael A.", False, "2019",
    )  # fmt: skip
    assert [(arm["role"], arm["cell_source"], arm["analysed"]) for arm in document["arms"]] == [
        ("cells", "bone-marrow", 40),
        ("comparison", "", 20),
    ]
    assert [(each["events"], each["total"], each["time_point"]) for each in document["counts"]] == [
        (12, 40, "28 days"),
        (3, 20, "28 days"),
    ]
    assert [(each["registry"], each["identifier"], each["link_inferred"]) for each in document["registrations"]] == [
        ("clinicaltrials-gov", "NCT02097641", False),
        ("irct", "IRCT20200621047859N4", True),
    ]


def test_sources_with_an_address_are_copied_and_nothing_is_cited_by_itself() -> None:
    document = draft_document(other())
    assert [(each["label"], each["address"], each["read_in_copy"]) for each in document["sources"]] == [
        ("ClinicalTrials.gov record", "https://clinicaltrials.gov/study/NCT02097641", False)
    ]
    assert document["citations"] == []


def test_rest_is_text_for_the_team_and_in_no_public_field() -> None:
    record = other(reason_note="We have not read it yet.", ended="2018-05", people=60)
    fields = draft_document(record)["fields"]
    notes = fields["abstract"].split("\n\n")
    for part in (
        "Journal: Lancet Respir Med 2019;7(2):154-162",
        "Dose: 10 million cells per kg, once",
        "The reason in words: We have not read it yet.",
        "Ended: May 2018",
        "People: 60",
        "Counted when: 28 days",
        f"Sources: {record.sources}",
    ):
        assert part in notes
    copied = ("abstract", "slug", "title", "authors", "publication_date", "doi", "design", "countries")
    assert {name: value for name, value in fields.items() if value and name not in copied} == {}


def test_no_field_of_a_known_study_is_left_out() -> None:
    call_command("loaddata", "other_studies", verbosity=0)
    for record in OtherStudy.objects.exclude(title="").exclude(first_author="").exclude(year=None):
        document = str(draft_document(record)).casefold()
        for line in (*record.sources.splitlines(), *record.deaths_text.splitlines(), record.condition, record.journal):
            assert line.casefold() in document


def test_what_is_missing_is_said() -> None:
    with pytest.raises(ValidationError, match="A draft needs a first author and a year, which this record"):
        draft_document(other(first_author="", year=None))


def test_every_known_study_with_an_author_and_a_year_can_become_a_draft() -> None:
    call_command("loaddata", "other_studies", verbosity=0)
    ready = OtherStudy.objects.exclude(title="").exclude(first_author="").exclude(year=None)
    drafts = [steps.create(Trial, draft_document(study), by=editor()) for study in ready]
    assert {draft.status for draft in drafts} == {"draft"}


def test_editor_makes_a_draft_from_the_admin() -> None:
    record = load(OtherStudy, other_study_document(**START))
    address = f"/admin/trials/otherstudy/{record.pk}/study/"
    client = client_of(editor())
    assert "Make a draft of this study" in text(client.get(f"/admin/trials/otherstudy/{record.pk}/change/"))
    assert client.get(address).status_code == 405
    assert "This is a draft of a study." in text(client.post(address, follow=True))
    assert Trial.objects.get().short_name == "Matthay 2019"
    assert "No draft was made." in text(client.post(address, follow=True))  # the address and the DOI are in use
    assert Trial.objects.count() == 1


def test_draft_of_an_incomplete_record_is_refused_with_the_reason() -> None:
    record = load(OtherStudy, other_study_document(title="", year=None))
    page = text(client_of(editor()).post(f"/admin/trials/otherstudy/{record.pk}/study/", follow=True))
    assert "No draft was made. A draft needs a title, a first author and a year" in page


def test_member_without_the_right_to_add_a_study_cannot_make_a_draft() -> None:
    record = load(OtherStudy, other_study_document(**START))
    assert client_of(member("vera")).post(f"/admin/trials/otherstudy/{record.pk}/study/").status_code in (302, 403)
    assert not Trial.objects.exists()
