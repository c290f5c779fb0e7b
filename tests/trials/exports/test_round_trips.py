"""Other programs, and our own importer, read what we wrote and find the same."""

import copy
import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware, SeparateCoAuthors, SplitNameParts
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from django.core.management import call_command

from tests.trials.exports.studies import TITLE, hard_trial
from tests.users import editor
from trials.exports.formats import FORMATS
from trials.exports.pages import cite_page
from trials.exports.reference import paper, references
from trials.exports.reference_formats import csl
from trials.importers import formats
from trials.importers.drafts import take
from trials.importers.proposals import propose
from trials.models import Blank, Trial
from trials.workflow.documents import Document, document_of

pytestmark = pytest.mark.django_db
NOTICE = {
    "key": "n1", "kind": "retraction", "date": "2022-03", "address": "https://doi.org/10.1000/notice", "note": "",
}  # fmt: skip
OF_A_PAPER = (
    "title", "journal", "journal_abbreviation", "publication_date", "volume", "issue", "pages", "language", "doi",
    "pmid", "pmcid",
)  # fmt: skip
DATA = Path(__file__).parent / "data"
AUTHORS = [
    "Adaş, Gökhan", "Işıksaçan, Nilgün", "البحيري, أحمد", "García-Peña, José",
    "APHP STROMA–CoV-2 Collaborative Research Group",
]  # fmt: skip


def text(name: str, one: bool = False) -> str:
    return "".join(FORMATS[name].chunks(Trial.objects.public(), None if one else {}))


# --- RIS


def test_ris_is_read_by_rispy() -> None:
    hard_trial()
    article, report = rispy.loads(text("ris", one=True))
    assert article["type_of_reference"] == "JOUR"
    assert (article["title"], article["authors"]) == (TITLE, AUTHORS)
    assert (article["year"], article["date"]) == ("2021", "2021/06/08/")
    assert (article["start_page"], article["end_page"], article["volume"]) == ("e391", "e399", "12")
    assert (article["accession_number"], article["name_of_database"]) == ("34180719", "PubMed")
    assert (article["doi"], article["custom2"]) == ("10.1000/x_1", "PMC8243094")
    assert (report["type_of_reference"], report["issn"]) == ("RPRT", "NCT00000001")
    assert report["urls"] == ["https://clinicaltrials.gov/study/NCT00000001"]


def test_ris_has_the_line_ends_and_tags_of_the_format() -> None:
    hard_trial(pages="122", title="One\nER  - \nTY  - JOUR")
    lines = text("ris").split("\r\n")
    assert (lines[0], lines[-3:]) == ("TY  - JOUR", ["ER  - ", "", ""])
    assert [line for line in lines if line and line[2:6] != "  - "] == []
    assert "TI  - One ER - TY - JOUR" in lines
    assert "C7  - 122" in lines
    assert [line for line in lines if "\n" in line] == []


@pytest.mark.usefixtures("all_records")
def test_list_of_authors_that_is_not_complete_says_so_everywhere() -> None:
    work = paper(Trial.objects.get(slug="kaffash-farkhad-2022"))
    note = "The list of authors is not complete: we know 1 author."
    ris, bib = (text(name) for name in ("ris", "bib"))
    assert f"N1  - {note}" in ris
    assert ris.count("N1  - ") == 1
    assert "author = {Kaffash Farkhad, Najmeh and others}" in bib
    assert bib.count("and others") == 1
    assert csl(work)["author"][-1] == {"literal": "et al."}
    assert csl(work)["note"] == note
    assert work.text.startswith("Kaffash Farkhad N, et al. Mesenchymal")


@pytest.mark.usefixtures("all_records")
def test_registrations_are_in_the_file_of_the_study_alone() -> None:
    assert text("ris").count("TY  - RPRT") == 0
    whole = text("ris", one=True)
    assert (whole.count("TY  - JOUR"), whole.count("TY  - RPRT")) == (8, 10)
    assert whole.count("N1  - The link between this entry and the paper of") == 4


def test_retraction_is_told_wherever_the_paper_is_cited() -> None:
    hard_trial(notices=[NOTICE])
    note = "Notice after publication: retraction."
    assert f"N1  - {note}" in text("ris")
    assert f"note = {{{note}}}" in text("bib")
    assert csl(paper(Trial.objects.get()))["note"] == note
    assert f" {note} doi: " in paper(Trial.objects.get()).text
    assert json.loads(text("json"))["trials"][0]["notices"][0]["date"] == "2022-03"
    assert next(csv.DictReader(io.StringIO(text("csv"))))["notices"] == "retraction"


# --- BibTeX


def test_bibtex_is_read_by_bibtexparser() -> None:
    hard_trial()
    library = parse_string(text("bib", one=True), append_middleware=[LatexDecodingMiddleware()])
    assert library.failed_blocks == []
    article, report = library.entries
    assert (article.entry_type, article.key, report.entry_type) == ("article", "adas-2021", "techreport")
    assert (article["title"], article["doi"]) == (TITLE, "10.1000/x_1")
    assert (article["pages"], article["month"]) == ("e391–e399", "jun")


def test_bibtex_keeps_the_parts_of_names() -> None:
    hard_trial()
    stack = [SeparateCoAuthors(), SplitNameParts()]
    (article, _) = parse_string(text("bib", one=True), append_middleware=stack).entries
    names = [(" ".join(name.von + name.last), " ".join(name.first)) for name in article["author"]]
    assert names[:4] == [tuple(author.split(", ")) for author in AUTHORS[:4]]
    assert names[4] == (f"{{{AUTHORS[4]}}}", "")


# --- CSL-JSON


def works() -> list[dict[str, Any]]:
    trial = hard_trial()
    page = cite_page("", "list", "Studies", "/trials/", datetime(2026, 11, 22, tzinfo=UTC)).work
    return [csl(work) for work in (*references(trial), page)]


def test_csl_json_fits_its_schema() -> None:
    schema, items = json.loads((DATA / "csl-data.json").read_text()), works()
    jsonschema.validate(items, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate([items[0] | {"pmid": "1"}], schema)


def test_csl_json_makes_a_reference_in_vancouver_style() -> None:
    items = works()[:1]
    style = CitationStylesStyle(str(DATA / "vancouver.csl"), validate=False)
    bibliography = CitationStylesBibliography(style, CiteProcJSON(items), formatter.plain)
    bibliography.register(Citation([CitationItem("adas-2021")]))
    (reference,) = map(str, bibliography.bibliography())
    assert reference == (
        "Adaş G, Işıksaçan N, البحيري أحمد, García-Peña J, APHP STROMA–CoV-2 Collaborative Research Group. "
        f"{TITLE}. Stem Cell Res Ther. 2021;12(1):e391–e399. doi: 10.1000/x_1"
    )


def test_our_own_reference_is_in_vancouver_style() -> None:
    assert paper(hard_trial()).text == (
        "Adaş G, Işıksaçan N, البحيري أ, García-Peña J, APHP STROMA–CoV-2 Collaborative Research Group. "
        f"{TITLE}. Stem Cell Res Ther. 2021;12(1):e391-e399. PMID: 34180719. doi: 10.1000/x_1"
    )


# --- Our own importer


def documents() -> dict[str, Document]:
    return {trial.slug: document_of(trial) for trial in Trial.objects.order_by("slug")}


def imported(file: str) -> dict[str, Document]:
    """Delete all studies, import the file, and return what is there then."""
    Trial.objects.all().delete()
    reading = formats.read(file.encode())
    assert reading.refused == []
    proposals = propose(reading.records)
    assert [problem for proposal in proposals for problem in proposal.problems] == []
    take(proposals, by=editor(), reason="From our own file")
    return documents()


def comparable(document: Document) -> Document:
    """The document without the keys of citations and blanks, which a file does not hold, and in a fixed order."""
    document = copy.deepcopy(document)
    for kind in ("citations", "blanks"):
        for row in document[kind]:
            del row["key"]
        document[kind].sort(key=lambda row: json.dumps(row, sort_keys=True))
    return document


@pytest.fixture
def studies() -> None:
    call_command("loaddata", "studies", verbosity=0)
    hard_trial(slug="zzz-2021", doi="10.1000/zzz", pmid="99", pmcid="PMC99", notices=[NOTICE])


@pytest.mark.usefixtures("studies")
def test_json_comes_back_as_the_same_records() -> None:
    before = documents()
    after = imported(text("json"))
    for slug in before:
        assert comparable(after[slug]) == comparable(before[slug]), slug
    assert after.keys() == before.keys()


@pytest.mark.usefixtures("studies")
def test_csv_comes_back_as_the_same_table() -> None:
    before, blanks_before = text("csv"), blanks()
    derived = {"notices", "people", "cell_sources", "version", "other_people"}
    after = imported(before)
    assert len(after) == 9
    Trial.objects.update(status="published")
    assert without(text("csv"), derived) == without(before, derived)
    of_study = [row for row in blanks_before if "." not in row[1]]
    assert sorted(row for row in blanks() if "." not in row[1]) == sorted(of_study)


@pytest.mark.usefixtures("studies")
@pytest.mark.parametrize("name", ["ris", "bib", "csl"])
def test_references_come_back_as_the_same_papers(name: str) -> None:
    papers = [paper(trial) for trial in Trial.objects.public()]
    file = json.dumps([csl(work) for work in papers]) if name == "csl" else text(name)
    reading = formats.read(file.encode())
    assert reading.refused == []
    for trial, record in zip(Trial.objects.public(), reading.records, strict=True):
        # Our importer takes “Junior” for a suffix.
        authors = trial.authors.replace("Carraro Junior, Hipólito", "Carraro, Hipólito Jr")
        assert (record.get("authors"), record.authors_complete) == (authors, trial.authors_complete)
        assert {each: record.get(each) for each in OF_A_PAPER} == {
            each: getattr(trial, each) or "" for each in OF_A_PAPER
        }


def test_characters_that_latex_uses_come_back() -> None:
    title = r"~10^6 cells & {better} \{x\} at 5% of $2 # a_b"
    hard_trial(title=title)
    assert [record.get("title") for record in formats.read(text("bib").encode()).records] == [title]


def blanks() -> list[tuple[str, str, str]]:
    """The reasons for blanks that a table can hold: it has no place for their notes and for values not yet checked."""
    found = Blank.objects.exclude(reason="not-checked").values_list("trial__slug", "value", "reason")
    return list(found)


def without(table: str, names: set[str]) -> list[dict[str, str]]:
    rows = csv.DictReader(io.StringIO(table.removeprefix("\ufeff"), newline=""))
    counted = ("cells_", "comparison_")
    return [
        {name: cell for name, cell in row.items() if name not in names and not name.startswith(counted)} for row in rows
    ]
