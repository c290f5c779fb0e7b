"""One paper gives the same values in whatever format its record is."""

import pytest

from tests.trials.importers import RECORDS
from trials.importers import formats

PAPER = {
    "title": "Cells for lungs at PaO2/FiO2 below 100: a trial & more",
    "authors": "van der Sample, Jan\nExample, Ana\nSmith, John Jr\nSukarno\nCells for Lungs Group",
    "journal": "Journal of Made Trials",
    "journal_abbreviation": "J Made Trials",
    "publication_date": "2021-06-08",
    "volume": "10",
    "issue": "5",
    "pages": "1279-1287",
    "language": "English",
    "doi": "10.1000/made.2021_1",
    "pmid": "31000001",
    "pmcid": "PMC7000001",
}
# Crossref knows neither of PubMed's numbers.
LACKS = {"crossref.json": {"pmid", "pmcid"}}


@pytest.mark.parametrize(
    "ending", ["ris", "bib", "nbib", "xml", "crossref.json", "csl.json", "endnote.xml", "zotero.json"]
)
def test_paper_gives_the_same_values_in_every_format(ending: str) -> None:
    (record,) = formats.read((RECORDS / "same" / f"paper.{ending}").read_bytes()).records
    lacking = LACKS.get(ending, set())
    assert {value.name: value.value for value in record.values} == {
        name: value for name, value in PAPER.items() if name not in lacking
    }
    assert [row.value["identifier"] for row in record.rows] == ["NCT04000001"]
    assert record.abstract == "Twelve people were given cells. Registered: NCT 04000001."
    assert (record.problems, record.authors_complete) == ([], True)
