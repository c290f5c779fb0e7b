"""Our own files, read back where they are not whole. Whole ones are in tests/trials/exports/test_round_trips.py."""

import contextlib
import copy
import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from tests.factories import citation, published_trial, registration, source
from tests.users import editor
from trials.exports.formats import FORMATS
from trials.importers import formats
from trials.importers.drafts import take
from trials.importers.proposals import propose
from trials.models import Trial

pytestmark = pytest.mark.django_db


def text(name: str) -> str:
    return "".join(FORMATS[name].chunks(Trial.objects.public(), {}))


@pytest.fixture
def file() -> dict[str, Any]:
    published_trial(registrations=[registration(masking="double")], sources=[source()], doi="10.1000/x")
    return json.loads(text("json"))


ODD: list[Any] = [
    None,
    1,
    True,
    "x",
    "\ud800",
    [],
    [1],
    {},
    {"value": {}},
    {"value": None, "status": "x", "sources": []},
]
NAMES = [
    "id", "title", "authors", "publication_date", "centres", "countries", "who_masked", "authors_complete", "heading",
    "last_reviewed", "groups", "sources", "judgements",
]  # fmt: skip


def try_to_import(data: Any) -> None:
    """Import it as a person would, who ticks everything. Only errors that the page shows may be raised."""
    Trial.objects.all().delete()
    for proposal in propose(formats.read(json.dumps(data).encode()).records):
        proposal.is_ticked = True
        with contextlib.suppress(ValidationError):
            take([proposal], by=editor(), reason="Odd")


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: ascii(odd))
def test_value_of_another_form_is_refused_or_is_a_problem(file: dict[str, Any], odd: Any) -> None:
    for name in NAMES:
        try_to_import(file["trials"][0] | {name: odd})


@pytest.mark.parametrize("kind", ["groups", "outcomes", "registrations", "sources"])
@pytest.mark.parametrize("odd", [None, "\ud800", [1], {}], ids=lambda odd: ascii(odd))
def test_row_of_another_form_is_refused_or_is_a_problem(file: dict[str, Any], kind: str, odd: Any) -> None:
    for name in file["trials"][0][kind][0]:
        changed = copy.deepcopy(file)
        changed["trials"][0][kind][0][name] = odd
        try_to_import(changed)


@pytest.mark.parametrize(
    ("kind", "name", "odd", "reason"),
    [
        ("", "volume", {"value": 12}, "ValueError: volume is 12"),
        ("", "who_masked", {"value": "participant"}, "ValueError: who_masked is 'participant'"),
        ("", "title", {"value": "Half \ud800"}, r"ValueError: title is 'Half \ud800'"),
        ("groups", "analysed", {"value": "10"}, "ValueError: analysed is '10'"),
        ("groups", "randomised", {"value": True}, "ValueError: randomised is True"),
        ("outcomes", "arm", "a9", "ValueError: arm is 'a9', which is none of the arms"),
        ("sources", "read_in_copy", 1, "ValueError: read_in_copy is 1"),
        ("registrations", "protocolSection", {"designModule": {"phases": ["5"]}}, "ValueError: phase is ['5']"),
    ],
)
def test_value_that_would_be_stored_as_another_is_refused_with_its_field(
    file: dict[str, Any], kind: str, name: str, odd: Any, reason: str
) -> None:
    holder = file["trials"][0][kind][0] if kind else file["trials"][0]
    holder[name] = holder[name] | odd if isinstance(odd, dict) else odd
    refusal = f"Record 1, line 1: it is not in the form of our own files ({reason})."
    assert formats.read(json.dumps(file).encode()).refused == [refusal]


def test_row_of_the_table_with_a_missing_cell_is_refused() -> None:
    published_trial()
    head, row, *_ = text("csv").split("\r\n")
    reading = formats.read(f"{head}\r\n{row.rpartition(',')[0]}\r\n".encode())
    assert reading.refused == ["Record 1, line 2: it has more or fewer cells than the first line."]


def test_study_that_is_here_is_filled_and_not_overwritten(file: dict[str, Any]) -> None:
    trial = Trial.objects.get()
    file["trials"][0]["volume"] = {"value": "12", "status": "reported", "sources": []}
    file["trials"][0]["journal"]["value"] = "Another Journal"
    (proposal,) = propose(formats.read(json.dumps(file).encode()).records)
    ((match, merged),) = proposal.options
    assert (match.key, merged.added) == (trial.pk, ["Volume"])
    assert merged.differences == ["Journal: “Another Journal” in the record, “Journal of Trials” here"]


def test_table_corrected_in_a_spreadsheet_cites_our_entry() -> None:
    published_trial(citations=[citation("title")])
    table = text("csv").replace("Journal of Trials", "Journal of Studies")
    Trial.objects.all().delete()
    (record,) = formats.read(table.encode()).records
    proposals = propose([record])
    take(proposals, by=editor(), reason="From a spreadsheet")
    trial = Trial.objects.get()
    assert (trial.journal, trial.slug) == ("Journal of Studies", "smith-2021")
    assert {each.source.label for each in trial.citations.all()} == {"ARDSinfo, entry smith-2021"}
