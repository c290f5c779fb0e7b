"""The columns of the tables, which other programs rely on, and texts that a spreadsheet could run."""

import pytest

from trials.exports.formats import FORMATS
from trials.exports.table import OUTCOMES, TRIALS, defuse, restore


def test_columns_of_the_table_of_studies_stay() -> None:
    assert " ".join(column.name for column in TRIALS) == (
        "id version title acronym authors authors_complete journal journal_abbreviation publication_date received "
        "accepted volume issue pages language doi pmid pmcid licence design design_wording titled_design masking "
        "masking_wording titled_masking who_masked phase phase_wording titled_phase allocation_wording control centres "
        "centres_note countries recruitment_start recruitment_end cause cause_wording severity ventilation age sex "
        "cell_sources cell_source_wording donor preparation dose dose_unit dose_note infusions schedule route "
        "primary_outcome primary_result follow_up safety_result safety_definition safety_related other_findings "
        "heading plain_summary authors_conclusion authors_limits limits unsettled funding interests last_reviewed "
        "review_due registrations people cells_people comparison_people other_people cells_deaths cells_out_of "
        "comparison_deaths comparison_out_of notices not_reported does_not_apply"
    )


def test_columns_of_the_table_of_counts_and_formats_stay() -> None:
    names = ["study", "arm", "role", "outcome", "counted_at", "day", "events", "total", "of"]
    assert [column.name for column in OUTCOMES] == names
    assert list(FORMATS) == ["csv", "outcomes.csv", "ris", "bib", "json"]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\ta", "\ra", "'=1", "''@", "'a", "plain", ""])
def test_apostrophe_is_taken_off_again(text: str) -> None:
    assert restore(defuse(text)) == text
    assert defuse(text)[:1] not in tuple("=+-@\t\r")
