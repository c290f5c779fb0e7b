"""What each reader finds in a record, and the reason why a record cannot be read."""

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.trials.importers import RECORDS, from_file, from_text, ris
from trials.importers import formats
from trials.importers.records import ImportedRecord, Unreadable
from trials.importers.texts import clean

# The first text of a session takes Hypothesis seconds: it reads the tables of Unicode.
generated = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
UNFINISHED = "It has no ER line at its end: look whether it is whole."


def registry_study() -> dict[str, Any]:
    """Return the study in NCT04355728.json, to be changed."""
    study: dict[str, Any] = json.loads((RECORDS / "NCT04355728.json").read_text())
    return study


def test_registry_number_in_an_abstract_is_proposed_with_the_words_around_it() -> None:
    (row,) = from_file("adas.ris").rows
    assert row.value == {"registry": "clinicaltrials-gov", "identifier": "NCT04392778"}
    assert row.quote == "The study was registered at ClinicalTrials.gov as NCT04392778"
    assert row.basis == "quoted"


def test_ris_record_without_er_ends_before_the_next_and_says_so() -> None:
    reading = formats.read("TY  - JOUR\nTI  - One\n\nTY  - JOUR\nTI  - Two\nER  - \nTY  - JOUR\nTI  - Three\n")
    assert [(record.title, record.line, record.problems) for record in reading.records] == [
        ("One", 1, [UNFINISHED]),
        ("Two", 4, []),
        ("Three", 7, [UNFINISHED]),
    ]
    assert reading.refused == []


def test_ris_tags_before_ty_belong_to_the_record_behind_the_empty_line() -> None:
    first, second = "TY  - JOUR\nDB  - A\nTI  - One\n", "DB  - B\nTI  - Two\nTY  - JOUR\nAU  - E, A\nER  - \n"
    reading = formats.read(f"{first}\n{second}")
    assert [(record.title, record.line, record.get("authors")) for record in reading.records] == [
        ("One", 1, ""),
        ("Two", 5, "E, A"),
    ]


@pytest.mark.parametrize("name", ["lanzoni.nbib", "lanzoni.xml"])
def test_pubmed_gives_the_history_of_the_paper_and_its_registration(name: str) -> None:
    found = from_file(name)
    assert (found.get("received"), found.get("accepted")) == ("2020-11-02", "2020-12-18")
    assert [row.value["identifier"] for row in found.rows] == ["NCT04355728"]
    assert found.rows[0].note == "The catalogue gives it as a registration of the paper."


def test_pubmed_xml_gives_no_identifier_of_a_reference_and_says_that_authors_are_missing() -> None:
    found = from_file("lanzoni.xml")
    assert (found.get("doi"), found.get("pmid"), found.get("pmcid")) == (
        "10.1002/sctm.20-0472",
        "33400390",
        "PMC8046040",
    )
    assert found.authors_complete is False


def test_nbib_with_a_broken_line_refuses_that_record_alone() -> None:
    reading = formats.read("PMID- 1\nTI  - A.\n\nPMID- 2\nTI  - B.\nLA  - eng\nwhat is this\n\nTI  - No number\n")
    assert (reading.seen, [found.get("pmid") for found in reading.records]) == (3, ["1"])
    assert reading.refused == [
        "Record 2, line 7: this line is neither a tag with its value nor the continuation of one.",
        "Record 3, line 9: it has no PubMed ID.",
    ]


def test_bibtex_authors_have_their_accents_and_others_are_missing() -> None:
    found = from_file("adas.bib")
    assert found.get("authors") == "Adaş, Gökhan\nÇukurova, Zafer\nvan der Berg, Al Jr\nTürkiye Cell Group"
    assert found.authors_complete is False


def test_nbib_tags_may_be_small_letters() -> None:
    text = "pmid- 1\nti  - One\ndp  - 2020\n\npmid- 2\nti  - Two of\n      these\n"
    assert [record.title for record in formats.read(text).records] == ["One", "Two of these"]


@pytest.mark.parametrize(
    ("location", "pages"), [("102", "102"), ("e140491", "e140491"), ("S0140-6736(20)31234-5", ""), ("5821307", "")]
)
def test_article_number_of_pubmed_may_be_its_only_location(location: str, pages: str) -> None:
    nbib = f"PMID- 1\nTI  - One\nLID - {location} [pii]\n"
    xml = (
        "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>One</ArticleTitle>"
        f'<ELocationID EIdType="pii">{location}</ELocationID></Article></MedlineCitation></PubmedArticle>'
        "</PubmedArticleSet>"
    )
    assert [from_text(text).get("pages") for text in (nbib, xml)] == [pages, pages]


def test_bibtex_entry_may_have_its_brace_on_the_next_line() -> None:
    reading = formats.read("@article\n{key,\n  title = {One}\n}\n\n@misc\n{\n  title = {Two}\n}\n")
    assert [(record.title, record.line) for record in reading.records] == [("One", 1), ("Two", 6)]
    assert not reading.outside


def test_bibtex_counts_what_it_cannot_read() -> None:
    reading = formats.read("@article{a, title={One}}\n@article{b, title={Two\n@article{c, title={Three}}")
    assert (reading.seen, [found.get("title") for found in reading.records]) == (3, ["One", "Three"])
    assert [each[:50] for each in reading.refused] == ["Record 2, line 2: the BibTeX is broken (Unexpected"]


def test_registry_record_becomes_a_registration() -> None:
    found = from_file("NCT04355728.json")
    assert found.rows[0].name == "registrations"
    assert found.rows[0].value == {
        "registry": "clinicaltrials-gov",
        "identifier": "NCT04355728",
        "title": "Umbilical Cord-derived Mesenchymal Stem Cells for COVID-19 Patients With Acute Respiratory Distress "
        "Syndrome (ARDS)",
        "sponsor": "Camillo Ricordi",
        "investigator": "Camillo Ricordi, MD",
        "allocation": "randomised",
        "intervention_model": "parallel",
        "comparison": "Other: Vehicle + Heparin",
        "masking": "triple",
        "who_masked": ["participant", "care-provider", "investigator"],
        "phase": "1-2",
        "enrolment": 24,
        "enrolment_type": "actual",
        "primary_outcome": "Incidence of serious adverse events (6 hours)\nDeaths",
        "registered": "2020-04-17",
        "posted": "2020-04-21",
        "start": "2020-04-25",
        "completion": "2021-06",
        "recruitment_status": "Active not recruiting",
        "results_posted": True,
        "looked_up": "2025-01-10",
    }
    assert (found.label, found.kind) == ("ClinicalTrials.gov record NCT04355728", "registry")


@pytest.mark.parametrize(
    ("place", "value", "found", "problem"),
    [
        (
            "maskingInfo",
            {"masking": "TRIPLE", "whoMasked": ["INVESTIGATOR", "PARTICIPANT", "STATISTICIAN"]},
            {"who_masked": ["participant", "investigator"]},
            ["Its who masked, “STATISTICIAN”, is not known here: left out."],
        ),
        ("maskingInfo", {"whoMasked": ["STATISTICIAN"]}, {}, ["Its who masked, “STATISTICIAN”, is not known here"]),
        ("enrollmentInfo", {"type": "ACTUAL"}, {}, []),
        ("enrollmentInfo", {"count": 0, "type": "ACTUAL"}, {"enrolment": 0, "enrolment_type": "actual"}, []),
    ],
)
def test_registry_value_that_is_not_known_leaves_the_others(
    place: str, value: dict[str, Any], found: dict[str, Any], problem: list[str]
) -> None:
    design = {"designInfo": {place: value}} if place == "maskingInfo" else {place: value}
    protocol = {"identificationModule": {"nctId": "NCT04355728"}, "designModule": design}
    record = from_text(json.dumps({"protocolSection": protocol}))
    read = record.rows[0].value
    assert {name: read[name] for name in ("who_masked", "enrolment", "enrolment_type") if name in read} == found
    assert [each[: len(start)] for each, start in zip(record.problems, problem, strict=True)] == problem


def test_registry_record_becomes_groups_whose_role_is_inferred() -> None:
    arms = [row for row in from_file("NCT04355728.json").rows if row.name == "arms"]
    assert [(row.value["name"], row.value["role"], row.basis) for row in arms] == [
        ("UC-MSC Group", "cells", "inferred"),
        ("Control Group", "comparison", "inferred"),
        ("Observed", "other", "inferred"),
    ]


def test_registry_title_and_author_are_marked_as_not_the_papers_own() -> None:
    by_name = {value.name: value for value in from_file("NCT04355728.json").values}
    assert by_name["authors"].value == "Ricordi, Camillo"
    assert [by_name[name].basis for name in ("title", "authors", "acronym")] == ["inferred", "inferred", "stated"]
    assert "publication_date" not in by_name


def test_registry_record_is_known_by_its_number_and_its_own_papers() -> None:
    assert from_file("NCT04355728.json").identifiers() == {
        ("registration", "NCT04355728"),
        ("registration", "2020-001505-22"),
        ("registration", "NCT00000001"),
        ("pmid", "33400390"),
    }


def test_registry_record_with_nothing_but_its_number_is_read() -> None:
    text = (
        '{"studies": [\n{"protocolSection": {"identificationModule": {"nctId": "NCT00000001"}}},\n{"hasResults": 1}]}'
    )
    reading = formats.read(text)
    assert (reading.seen, len(reading.records)) == (2, 1)
    assert reading.records[0].rows[0].value == {"registry": "clinicaltrials-gov", "identifier": "NCT00000001"}
    assert (reading.records[0].line, reading.refused) == (2, ["Record 2, line 2: it has no NCT number."])


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


@generated
@given(st.data())
def test_registry_record_with_any_part_missing_or_wrong_is_read_or_refused(data: st.DataObject) -> None:
    study = registry_study()
    for _ in range(data.draw(st.integers(1, 6))):
        place: Any = study
        while isinstance(place, dict) and place:
            key = data.draw(st.sampled_from(sorted(place)))
            if data.draw(st.booleans()):
                place[key] = data.draw(anything)
                break
            place = place[key]
    try:
        reading = formats.read(json.dumps(study))
    except Unreadable:
        return
    assert reading.seen == len(reading.records) + len(reading.refused)


def test_crossref_gives_what_catalogues_lack() -> None:
    found = from_file("crossref.json")
    assert found.get("licence") == "https://creativecommons.org/licenses/by-nc/4.0/"
    assert (found.get("received"), found.get("publication_date")) == ("2021-03-03", "2021-06-22")
    assert [row.value["identifier"] for row in found.rows] == ["NCT04392778"]


def test_text_loses_markup_and_control_characters() -> None:
    assert clean("A&amp;B <sup>2</sup>\u202e x\x07\n y < z") == "A&B 2 x y < z"
    assert clean("Adas\u0327") == "Adaş"
    assert clean("&lt;i&gt;A&lt;/i&gt; &amp;amp; a<b and c>d") == "A & a<b and c>d"
    assert clean("10<sup>6</sup> at CO<sub>2</sub><br/>x") == "10⁶ at CO2 x"
    power = "<mml:msup><mml:mn>10</mml:mn><mml:mrow><mml:mo>{}</mml:mo><mml:mn>6</mml:mn></mml:mrow></mml:msup>"
    assert clean(f"1 × <mml:math>{power.format('-')}</mml:math> cells") == "1 × 10⁻⁶ cells"
    assert clean("5 × <msup><mn>10</mn> <mn>7</mn></msup> cells") == "5 × 10⁷ cells"


def assert_counted(data: bytes | str) -> None:
    """Every record of any input is either read or refused, and a record survives JSON."""
    try:
        reading = formats.read(data)
    except Unreadable:
        return
    assert reading.seen == len(reading.records) + len(reading.refused) > 0
    for found in reading.records:
        assert ImportedRecord.from_json(json.loads(json.dumps(dataclasses.asdict(found)))) == found


@generated
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    assert_counted(data)


STARTS = [
    "TY  - JOUR\n",
    "PMID- 1\n",
    "@article{a,",
    "<PubmedArticleSet><PubmedArticle>",
    '{"studies": [',
    '{"DOI": "10.1000/x"',
]
SNIPPETS = [
    "TI  - x", "AU  - A, B, C", "ER  - ", "title={", "}", "},", "author={A and B}", "\\", "$", "%", '"', "\n", "\n\n",
    "<PMID>1</PMID>", "</PubmedArticle>", "&amp;", "&x;", "<![CDATA[", "@string{", "DP  - 2021", "      more", "\ud800",
    '"title": [', "]", "null", "10.1000/x", "NCT04355728", ",", "=", "#", "~", "\u2028", "\x0b",
]  # fmt: skip


@generated
@given(st.sampled_from(STARTS), st.lists(st.sampled_from(SNIPPETS) | st.text(max_size=6), max_size=20))
def test_anything_behind_a_good_start_is_read_or_refused(start: str, rest: list[str]) -> None:
    assert_counted(start + "".join(rest))


def test_unknown_registry_code_is_reported_and_left_out() -> None:
    study = registry_study()
    design = study["protocolSection"]["designModule"]
    design["phases"] = ["PHASE1", "PHASE9"]
    design["enrollmentInfo"]["type"] = "GUESSED"
    found = from_text(json.dumps(study))
    assert found.problems == [
        "Its phase, “PHASE1/PHASE9”, is not known here: left out.",
        "Its enrolment type, “GUESSED”, is not known here: left out.",
    ]
    assert not {"phase", "enrolment_type"} & found.rows[0].value.keys()


def test_responsible_party_is_the_investigator_where_there_is_no_other() -> None:
    study = registry_study()
    study["protocolSection"]["contactsLocationsModule"].pop("overallOfficials")
    party = {"type": "PRINCIPAL_INVESTIGATOR", "investigatorFullName": "Ada Example"}
    study["protocolSection"]["sponsorCollaboratorsModule"]["responsibleParty"] = party
    found = from_text(json.dumps(study))
    assert (found.get("authors"), found.rows[0].value["investigator"]) == ("Example, Ada", "Ada Example")


def test_field_that_is_not_understood_is_kept_apart_from_one_without_a_place() -> None:
    found = from_text("TY  - JOUR\nTI  - One\nKW  - a\nKW  - b\nQQ  - What is this?\nER  - \n")
    assert (found.not_taken, found.unknown) == ({"KW": 2}, ["QQ: What is this?"])
    assert from_text("TY  - JOUR\nti  - One\nER  - \n").unknown == ["TY: ti  - One"]


@pytest.mark.parametrize(
    ("line", "abstract", "unknown"),
    [
        ("QQ  - what is this?", "Ten people died.", ["QQ: what is this?"]),
        ("QQ  - What is this?", "Ten people died.", ["QQ: What is this?"]),
        ("IL  - 6 rose.", "Ten people died. IL - 6 rose.", []),
    ],
)
def test_tag_that_is_not_understood_ends_an_abstract(line: str, abstract: str, unknown: list[str]) -> None:
    found = ris("TI  - One", "AB  - Ten people died.", line, "KW  - a")
    assert (" ".join(found.abstract.split()), found.unknown) == (abstract, unknown)


def test_word_in_capitals_within_a_sentence_of_an_abstract_is_no_tag() -> None:
    found = ris("TI  - One", "AB  - We gave ten people", "UC  - derived cells.")
    assert (" ".join(found.abstract.split()), found.unknown) == ("We gave ten people UC - derived cells.", [])


def test_text_outside_of_records_is_noted_with_its_line() -> None:
    reading = formats.read("Provider: X\nTY  - JOUR\nTI  - One\nER  - \nEnd of list\n")
    assert (reading.seen, reading.outside) == (1, ["Line 1: Provider: X", "Line 5: End of list"])
    reading = formats.read("@article{a, title={One}}\nand so on\n% a comment\n")
    assert reading.outside == ["Line 2: and so on"]


def test_file_of_all_formats_is_read_part_by_part() -> None:
    files = ["adas.bib", "adas.ris", "lanzoni.nbib", "NCT04355728.json", "crossref.json", "lanzoni.xml", "adas.ris"]
    reading = formats.read("\n".join((RECORDS / name).read_text().strip() for name in files))
    assert reading.format == (
        "BibTeX and RIS and PubMed (nbib) and ClinicalTrials.gov (JSON) and Crossref or CSL (JSON) and PubMed (XML)"
    )
    assert [record.number for record in reading.records] == [1, 2, 3, 4, 5, 6, 7]
    assert [record.line for record in reading.records[:3]] == [4, 17, 37]
    assert reading.refused == []


def test_bibtex_macros_cannot_make_a_large_file_of_a_small_one() -> None:
    macros = "".join(f"@string{{s{n} = s{n - 1} # s{n - 1}}}\n" for n in range(1, 60))
    with pytest.raises(Unreadable, match="its @string macros make it too long"):
        formats.read(f'@string{{s0 = "x"}}\n{macros}@article{{a, title = s59}}')


def test_documents_of_xml_or_json_may_follow_each_other_with_text_after_them() -> None:
    xml = (RECORDS / "lanzoni.xml").read_text().strip()
    reading = formats.read(f"{xml}\n{xml}\nThe end\n")
    assert ([record.line for record in reading.records], reading.outside) == ([4, 42], ["Line 77: The end"])
    reading = formats.read('{"DOI": "10.1000/x"}\n\n{"DOI": "10.1000/y"}\nThe end\n')
    assert [(record.line, record.get("doi")) for record in reading.records] == [(1, "10.1000/x"), (3, "10.1000/y")]
    assert reading.outside == ["Line 4: The end"]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("TY  - JOUR\nTI  - One\nPY  - soon\nER  - \n", ["“soon” is not a date."]),
        (
            "TY  - JOUR\nTI  - One\nPY  - 2021\nDA  - 2018/01\nER  - \n",
            ["It has dates of different years: 2018/01, 2021."],
        ),
        (
            "TY  - JOUR\nTI  - One\nAU  - Ada Example\nAU  - Sample B.\nER  - \n",
            ["“Ada Example” has no comma: read as “Example, Ada”."],
        ),
        (
            "TY  - JOUR\nTI  - One\nVL  - 1\nTI  - Two\nVL  - 2\n",
            [
                "VL is there more than once: 1; 2. The first was taken.",
                "“Two” was left out: the title is “One”.",
                UNFINISHED,
            ],
        ),
        (
            "PMID- 1\nTI  - [Cells for lungs].\nTT  - Zellen für Lungen.\n",
            ["The title is a translation of “Zellen für Lungen”."],
        ),
        (
            "@article{x, title={One}, author={Ada Example, Ben Sample}}",
            ["“Ada Example, Ben Sample” was read as one person. Are they two?"],
        ),
    ],
)
def test_what_was_left_out_or_changed_is_reported(text: str, problems: list[str]) -> None:
    assert from_text(text).problems == problems


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        (
            "PT  - Randomized Controlled Trial",
            "The catalogue calls it: Randomized Controlled Trial. The paper itself decides on the design.",
        ),
        (
            "RIN - Cells. 2022;1(1):1. doi: 10.1000/r. PMID: 99",
            "The catalogue names a notice: Retraction in Cells. 2022;1(1):1. doi: 10.1000/r. PMID: 99",
        ),
    ],
)
def test_kind_of_paper_and_notice_are_hints_and_no_values(line: str, hint: str) -> None:
    found = from_text(f"PMID- 1\nTI  - A.\n{line}\n")
    assert found.hints == [hint]
    assert (found.get("design"), found.get("pmid"), found.get("doi")) == ("", "1", "")
