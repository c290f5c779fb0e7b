"""Wrong and hostile input is refused with its line and the reason."""

import contextlib

import pytest

from trials.importers import formats
from trials.importers.records import Unreadable

BOMB = """<?xml version="1.0"?>
<!DOCTYPE lolz [
 <!ENTITY lol "lol">
 <!ENTITY lol1 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
]>
<PubmedArticleSet><PubmedArticle>&lol1;</PubmedArticle></PubmedArticleSet>"""
OUTSIDE = """<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/passwd">]>
<PubmedArticleSet><PubmedArticle>&file;</PubmedArticle></PubmedArticleSet>"""
PARAMETER = """<!DOCTYPE x [
<!ENTITY % remote SYSTEM "http://127.0.0.1:9/evil.dtd"> %remote;]>
<PubmedArticleSet/>"""
UNKNOWN = """<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD" "https://dtd.nlm.nih.gov/x.dtd">
<PubmedArticleSet>
<PubmedArticle>&nbsp;</PubmedArticle></PubmedArticleSet>"""

REFUSED = {
    "Web of Science's own": (
        "FN Clarivate\nPT J\nER\n",
        "Line 1: It looks like Web of Science’s plain text: export it as RIS.",
    ),
    "EndNote's own": ("%0 Journal Article\n%T One\n", "Line 1: It looks like EndNote’s own format: export it as RIS."),
    "a table": (b"Authors,Title,Year\nA,B,2021\n", "Line 1: It looks like a table (CSV): export it as RIS."),
    "nothing": (b"", "Line 1: this is not a format that can be read here."),
    "spaces": (b"  \n ", "Line 1: this is not a format that can be read here."),
    "prose": (b"Dear editor,\nplease add my study.", "Line 1: this is not a format that can be read here."),
    "one byte too many": (b"x" * (formats.MOST_BYTES + 1), "it is larger than 10 MB."),
    "a PDF": (b"%PDF-1.7\n\xff\xfe", "Line 1: this is a PDF or an office file, not a record."),
    "a Word file": (b"PK\x03\x04....", "Line 1: this is a PDF or an office file, not a record."),
    "half of UTF-16": (b"\xff\xfeT\0Y", "Line 1: byte 5 (0x59) is not UTF-16. Save the file as UTF-8."),
    "UTF-16 without a mark": ("TY  - JOUR\n".encode("utf-16-le"), "Line 1: it holds a NUL character"),
    "a web page": ("<!DOCTYPE html><html></html>", "Line 1: this is a web page, not a record."),
    "a bomb for EndNote": (BOMB.replace("PubmedArticleSet", "xml"), "Line 3: it declares an entity of its own"),
    "Latin-1": (
        "TY  - JOUR\nTI  - Türkiye\nER  - \n".encode("latin-1"),
        "Line 2: byte 19 (0xfc) is not UTF-8. Save the file as UTF-8.",
    ),
    "Turkish Windows": (
        "TY  - JOUR\nAU  - Adaş, G\nER  - \n".encode("cp1254"),
        "Line 2: byte 21 (0xfe) is not UTF-8. Save the file as UTF-8.",
    ),
    "NUL": (b"TY  - JOUR\nTI  - a\0b\nER  - \n", "Line 2: it holds a NUL character, so it is not a text."),
    "entity bomb": (BOMB, "Line 3: it declares an entity of its own, which no file of PubMed or EndNote does."),
    "entity of a file": (OUTSIDE, "Line 1: it declares an entity of its own, which no file of PubMed or EndNote does."),
    "entity of an address": (
        PARAMETER,
        "Line 2: it declares an entity of its own, which no file of PubMed or EndNote does.",
    ),
    "unknown entity": (UNKNOWN, "Line 3: the XML is broken (undefined entity &nbsp;)."),
    "XML that breaks off": ("<PubmedArticleSet>\n<PubmedArticle>", "Line 2: the XML is broken (no element found)."),
    "other XML": ("<rss><item/></rss>", "Line 1: this is XML, but neither PubMed’s nor EndNote’s."),
    "too many XML tags": ("<a>" * 1_500_001, "it has more than 1,500,000 tags."),
    "deep JSON": (
        '{"studies": ' + "\n[" * 200_000,
        "Line 1: the JSON cannot be read (maximum recursion depth exceeded",
    ),
    "JSON that breaks off": ('{"studies": [\n{"a": 1},', "Line 2: the JSON is broken ("),
    "other JSON": ('{"hello": 1}', "Line 1: this is JSON, but neither ClinicalTrials.gov’s (API v2), Crossref’s"),
    "endless number": ('{"studies": [' + "9" * 5000 + "]}", "Line 1: the JSON cannot be read ("),
    "no study": ('{"studies": []}', "Line 1: there is no record in it. It looks like ClinicalTrials.gov (JSON)."),
    "a line without end": (
        "TY  - JOUR\nTI  - " + "x" * 300_000 + "\nER  - \n",
        "Line 2: this line has 300,006 characters; at most 200,000 can be read.",
    ),
    "too many lines": (b"TY  - JOUR\n" + b"\n" * 600_000, "Line 150,001: it has more than 150,000 lines."),
    "too much LaTeX": (
        "".join(f"@article{{a{number}, title={{{'$x' * 2_000}}}}}\n" for number in range(100)),
        "Line 26: it has more LaTeX than can be read at once.",
    ),
    "too many records": ("TY  - JOUR\nER  - \n" * 501, "it has more than 500 records. Cut it into smaller files."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_input_is_refused_with_line_and_reason(name: str) -> None:
    data, reason = REFUSED[name]
    with pytest.raises(Unreadable) as refusal:
        formats.read(data)
    assert str(refusal.value)[: len(reason)] == reason


def test_ten_megabytes_exactly_are_read() -> None:
    record, filling = b"TY  - JOUR\nTI  - One\nER  - \n", b" " * 99 + b"\n"
    data = record + filling * ((formats.MOST_BYTES - len(record)) // 100)
    data += b" " * (formats.MOST_BYTES - len(data))
    assert len(formats.read(data).records) == 1


def test_doctype_that_pubmed_writes_is_no_reason_to_refuse() -> None:
    doctype = '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD" "https://dtd.nlm.nih.gov/x.dtd">'
    article = "<PubmedArticle><MedlineCitation><PMID>1</PMID><Article/></MedlineCitation></PubmedArticle>"
    reading = formats.read(f"{doctype}<PubmedArticleSet>{article}</PubmedArticleSet>")
    assert reading.records[0].get("pmid") == "1"


def test_half_a_character_refuses_its_record_alone() -> None:
    reading = formats.read(
        '{"studies": [{"protocolSection": {"identificationModule": {"nctId": "NCT00000001", "briefTitle": "\\ud800"}}},'
        '{"protocolSection": {"identificationModule": {"nctId": "NCT00000002"}}}]}'
    )
    assert [found.rows[0].value["identifier"] for found in reading.records] == ["NCT00000002"]
    assert reading.refused[0] == "Record 1, line 1: it holds half of a character (a lone surrogate)."


SLOW = {
    "braces": "@article{a, title={" + "{" * 150_000 + "\n" + "}" * 150_000 + "}}",
    "at signs": "@" * 150_000 + "\n@article{a, title={x}}",
    "at words": ("@" + "a" * 100 + "\n") * 20_000 + "@article{a, title={x}}",
    "commas": "@article{a, author={" + "A and " * 30_000 + "B}}",
    "backslashes": "@article{a, title={" + "\\" * 150_000 + "}}",
    "dollars": "@article{a, title={" + "$x" * 70_000 + "}}",
    "dates": "TY  - JOUR\nPY  - 2021" + "-/. " * 40_000 + "x\nER  - \n",
    "tags": "TY  - JOUR\nTI  - " + "<i " * 60_000 + "\nER  - \n",
    "dois": "TY  - JOUR\nDO  - " + "10.1000" * 25_000 + "\nER  - \n",
    "quotes in JSON": '{"studies": [' + '"\\"' * 50_000,
    "full stops": "TY  - JOUR\nTI  - " + "." * 150_000 + "\nER  - \n",
    "brackets of a journal": "TY  - JOUR\nJF  - " + "(" + "a," * 70_000 + "\nER  - \n",
    "names": "TY  - JOUR\n" + "AU  - Example, Ada; Sample, Ben\n" * 50_000 + "ER  - \n",
    "works": '{"DOI": "10.1000/x"}\n' * 20_000,
    "documents": "<PubmedArticleSet></PubmedArticleSet>" * 20_000,
    "macros": '@string{a = "' + "x" * 100_000 + '"}\n' + "@article{b, title = " + "a # " * 40_000 + "a}",
    "deep XML": "<PubmedArticle>" + "<a>" * 700_000 + "</a>" * 700_000 + "</PubmedArticle>",
    "continued lines": "TY  - JOUR\nTI  - x\n" + "more of it\n" * 149_000 + "ER  - \n",
    "a name of degrees": "TY  - JOUR\nAU  - Example, " + "Ada MD " * 25_000 + "\nER  - \n",
    "digits behind a name": "TY  - JOUR\nAU  - Example, A" + "1" * 190_000 + "x\nER  - \n",
    "other papers": "TY  - JOUR\nN1  - " + "comment in x PMID: 1 " * 9_000 + "\nER  - \n",
    "words before a number": "TY  - JOUR\nAB  - " + "NCT trial registry no. " * 8_000 + "\nER  - \n",
    "comments in XML": "TY  - JOUR\nTI  - " + "<!--" * 47_000 + "\nER  - \n",
    "volumes": "TY  - JOUR\n" + "VL  - 1\n" * 140_000 + "ER  - \n",
    "titles behind empty lines": "TY  - JOUR\n" + "TI  - x\n\n" * 70_000 + "ER  - \n",
    "keys": "@article{" + ", " * 90_000 + "\n@article{a b, title={x}}",
    "links between entries": "".join(
        f"@article{{a{n}, title={{x}}, crossref={{a{n + 1}}}, xdata={{a{n + 2}, a{n}}}}}\n" for n in range(500)
    ),
    "authors in JSON": '[{"type": "x", "title": "A", "author": [' + '"Ada Example", ' * 50_000 + '"Ada Example"]}]',
    "PubMed's continued lines": "PMID- 1\nTI  - x\n" + "      more\n" * 149_000,
}


@pytest.mark.parametrize("name", SLOW)
def test_input_made_to_be_slow_is_read_or_refused(name: str) -> None:
    """No time is asserted: a pattern or a loop that these defeat would run for minutes, and the suite would not end."""
    with contextlib.suppress(Unreadable):
        assert formats.read(SLOW[name]).seen in (1, 2, 500)
