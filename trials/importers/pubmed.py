"""PubMed's own format, nbib (https://www.nlm.nih.gov/bsd/mms/medlineelements.html), and its XML."""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from trials.identifiers import registry_of
from trials.importers import normalise
from trials.importers.normalise import bare_doi, bare_pmcid, clean
from trials.importers.records import ImportedRecord, Reading, Unreadable, line_at

MOST_TAGS = 1_500_000  # PubMed has about 1,500 in a record
NBIB_STARTS = re.compile(r"^PMID {0,2}- ?[0-9]", re.MULTILINE)
_TAG = re.compile(r"^([A-Z]{2,4}) {0,2}-(?: (.*))?$")
_ARTICLE = re.compile(r"<Pubmed(?:Book)?Article\b")
NBIB_TEXTS = {
    "journal": "JT", "journal_abbreviation": "TA", "volume": "VI", "issue": "IP", "pages": "PG", "language": "LA",
    "abstract": "AB",
}  # fmt: skip
XML_TEXTS = {
    "journal": "Journal/Title", "volume": "Journal/JournalIssue/Volume", "issue": "Journal/JournalIssue/Issue",
    "pages": "Pagination/MedlinePgn", "language": "Language",
}  # fmt: skip
HISTORY = ("received", "accepted")
XML_DATE = "PubmedData/History/PubMedPubDate[@PubStatus='{}']"
Lines = list[tuple[int, str]]  # each with its number in the file


def _add(record: ImportedRecord, *, pmid: str, title: str, numbers: Iterable[tuple[str, str]], **values: Any) -> None:
    """Add the values of a paper. `numbers` are (data bank, number) of its registrations and of other data."""
    pmid = normalise.bare_pmid(pmid)
    if not pmid:
        raise Unreadable("it has no PubMed ID.")
    record.label, record.address = f"PubMed record {pmid}", f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"
    for bank, number in numbers:
        if registry_of(number):
            note = f"PubMed names this number ({bank}) as one that the paper gives."
            normalise.add_registrations(record, number, note)
    # PubMed ends each title with a full stop, and puts a translation in brackets.
    title = title.removesuffix(".")
    if title.startswith("[") and title.endswith("]"):
        title = title[1:-1]
        record.problems.append("The title is PubMed’s translation.")
    normalise.add_paper(record, title=title, pmid=pmid, **values)


# --- nbib


def read_nbib(text: str) -> Reading:
    """Read an nbib file. Records are separated by an empty line."""
    reading, block = Reading("PubMed (nbib)"), Lines()
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if line.strip():
            block.append((number, line))
        elif block:
            reading.add(block[0][0], partial(_fill_from_nbib, block))
            block = []
    return reading


def _fill_from_nbib(block: Lines, record: ImportedRecord) -> None:
    fields: list[tuple[str, list[str]]] = []
    for number, line in block:
        if match := _TAG.match(line):
            fields.append((match.group(1), [match.group(2) or ""]))
        elif fields and line.startswith(" "):
            fields[-1][1].append(line.strip())
        else:
            raise Unreadable("this line is neither a tag with its value nor the continuation of one.", number)
    texts: dict[str, list[str]] = defaultdict(list)
    authors = []
    full_names = any(tag == "FAU" for tag, _ in fields)
    for tag, lines in fields:
        if text := clean(" ".join(lines)):
            texts[tag].append(text)
            if tag == "CN":  # a group keeps its place among the authors
                authors.append(normalise.author(text))
            elif tag == ("FAU" if full_names else "AU"):
                authors.append(normalise.author(*text.split(",") if full_names else text.rsplit(" ", 1)))

    def first(*tags: str) -> str:
        return next((texts[tag][0] for tag in tags if texts[tag]), "")

    history = {event: text for text, _, event in (text.partition(" [") for text in texts["PHST"])}

    _add(
        record,
        pmid=first("PMID"),
        title=first("TI", "TT"),
        numbers=[(bank, number) for bank, _, number in (text.partition("/") for text in texts["SI"])],
        authors=authors,
        dates=[first("DEP"), first("DP")],
        doi=next((bare_doi(text) for text in [*texts["AID"], *texts["LID"]] if text.endswith("[doi]")), ""),
        pmcid=bare_pmcid(first("PMC")),
        **{event: normalise.partial_date(history.get(f"{event}]", "")) for event in HISTORY},
        **{name: first(tag) for name, tag in NBIB_TEXTS.items()},
    )


# --- XML


def read_xml(text: str) -> Reading:
    """Read a PubmedArticleSet. Raises Unreadable with the line for anything that is not well-formed."""
    # Without entities of its own a document cannot grow, and ElementTree fetches neither a file nor a DTD.
    if (at := text.find("<!ENTITY")) >= 0:
        raise Unreadable("it declares an entity of its own, which no PubMed file does.", line_at(text, at))
    if text.count("<") > MOST_TAGS:
        raise Unreadable(f"it has more than {MOST_TAGS:,} tags. Cut it into smaller files.")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - see above
    except ElementTree.ParseError as error:
        raise Unreadable(f"the XML is broken ({str(error).partition(': line')[0]}).", error.position[0]) from error
    reading = Reading("PubMed (XML)")
    lines = [number for number, line in enumerate(text.split("\n"), start=1) for _ in _ARTICLE.findall(line)]
    articles = [element for element in root.iter() if element.tag in ("PubmedArticle", "PubmedBookArticle")]
    for line, article in zip(lines, articles, strict=False):
        reading.add(line, partial(_fill_from_xml, article))
    return reading


def _text(element: Element | None, path: str = ".") -> str:
    found = element.find(path) if element is not None else None
    return clean("".join(found.itertext())) if found is not None else ""


def _date(element: Element | None) -> str:
    """Return “2021 Jun 8” for Year, Month and Day, or the text of MedlineDate."""
    return " ".join(filter(None, (_text(element, name) for name in ("Year", "Month", "Day", "MedlineDate"))))


def _author(author: Element) -> str:
    family, given = _text(author, "LastName"), _text(author, "ForeName") or _text(author, "Initials")
    return normalise.author(family or _text(author, "CollectiveName"), given, _text(author, "Suffix"))


def _fill_from_xml(article: Element, record: ImportedRecord) -> None:
    paper = article.find("MedlineCitation/Article")
    if paper is None:
        raise Unreadable("it is a book, or has no article.")
    # The identifiers of the article itself: its references have lists of their own.
    identifiers = {part.get("IdType"): _text(part) for part in article.findall("PubmedData/ArticleIdList/ArticleId")}
    record.authors_complete = paper.find("AuthorList[@CompleteYN='N']") is None
    _add(
        record,
        pmid=_text(article, "MedlineCitation/PMID"),
        title=_text(paper, "ArticleTitle") or _text(paper, "VernacularTitle"),
        numbers=[
            (_text(bank, "DataBankName"), _text(number))
            for bank in paper.findall("DataBankList/DataBank")
            for number in bank.findall("AccessionNumberList/AccessionNumber")
        ],
        authors=[_author(author) for author in paper.findall("AuthorList/Author") if author.get("ValidYN") != "N"],
        journal_abbreviation=_text(paper, "Journal/ISOAbbreviation").replace(".", ""),
        dates=[_date(paper.find("ArticleDate")), _date(paper.find("Journal/JournalIssue/PubDate"))],
        doi=bare_doi(identifiers.get("doi", "")),
        pmcid=bare_pmcid(identifiers.get("pmc", "")),
        **{event: normalise.partial_date(_date(article.find(XML_DATE.format(event)))) for event in HISTORY},
        abstract=" ".join(_text(part) for part in paper.findall("Abstract/AbstractText")),
        **{name: _text(paper, path) for name, path in XML_TEXTS.items()},
    )
