"""PubMed's XML (PubmedArticleSet), as its page and its efetch service give it.

Expat reads it. A declaration of an entity ends the reading, so that none can grow or name a file, and the DTD that
every PubMed file names is never fetched.
"""

from functools import partial
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from trials.identifiers import registry_of
from trials.importers import pubmed
from trials.importers.normalise import (
    add_paper,
    add_registrations,
    bare_doi,
    bare_pmcid,
    bare_pmid,
    clean,
    group,
    person_of,
)
from trials.importers.records import BadRecord, ImportedRecord, Reading, Unreadable

NAME = "PubMed (XML)"
DEPTH = 64  # of elements within elements; PubMed's own go to about 12
ARTICLES = ("PubmedArticle", "PubmedBookArticle")


class _Parser:
    def __init__(self) -> None:
        self.reading = Reading(NAME)
        self.depth = self.top = self.start = 0
        self.tree: TreeBuilder | None = None
        self.expat = expat.ParserCreate()
        self.expat.buffer_text = True
        self.expat.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.expat.StartElementHandler = self.open
        self.expat.EndElementHandler = self.close
        self.expat.CharacterDataHandler = self.text
        self.expat.EntityDeclHandler = self.refuse_entity
        self.expat.UnparsedEntityDeclHandler = self.refuse_entity
        self.expat.ExternalEntityRefHandler = self.refuse_entity
        self.expat.SkippedEntityHandler = self.refuse_unknown

    def refuse(self, reason: str) -> Any:
        raise Unreadable(reason, self.expat.CurrentLineNumber)

    def refuse_entity(self, name: Any, *_: Any) -> Any:
        self.refuse("it declares an entity of its own, which no PubMed file does.")

    def refuse_unknown(self, name: str, *_: Any) -> None:
        self.refuse(f"“&{name[:40]};” is not known in PubMed’s XML.")

    def open(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEPTH:
            self.refuse(f"more than {DEPTH} elements are nested.")
        if tag in ARTICLES and self.tree is None:
            self.tree, self.start, self.top = TreeBuilder(), self.expat.CurrentLineNumber, self.depth
        if self.tree is not None:
            self.tree.start(tag, attributes)

    def text(self, text: str) -> None:
        if self.tree is not None:
            self.tree.data(text)

    def close(self, tag: str) -> None:
        if self.tree is not None:
            self.tree.end(tag)
            if self.depth == self.top:
                self.reading.add(self.start, partial(_fill, self.tree.close()))
                self.tree = None
        self.depth -= 1


def read(text: str) -> Reading:
    """Read a PubMed XML document. Raises Unreadable with the line for anything that is not well-formed."""
    parser = _Parser()
    try:
        parser.expat.Parse(text, True)
    except expat.ExpatError as error:
        raise Unreadable(f"the XML is broken ({expat.ErrorString(error.code)}).", error.lineno) from error
    except UnicodeEncodeError as error:
        raise Unreadable("it holds half of a character.", text.count("\n", 0, error.start) + 1) from error
    return parser.reading


def _text(element: Element | None, path: str = ".") -> str:
    found = element.find(path) if element is not None else None
    return clean("".join(found.itertext()), entities=False) if found is not None else ""


def _texts(element: Element, path: str) -> list[str]:
    return [_text(found) for found in element.findall(path)]


def _date(element: Element | None) -> str:
    """Return “2021 Jun 8” for Year, Month and Day, or the text of MedlineDate."""
    return " ".join(filter(None, (_text(element, name) for name in ("Year", "Month", "Day", "MedlineDate"))))


def _author(author: Element) -> str:
    family, given = _text(author, "LastName"), _text(author, "ForeName") or _text(author, "Initials")
    return person_of(family, given, _text(author, "Suffix")) if family else group(_text(author, "CollectiveName"))


def _fill(article: Element, record: ImportedRecord) -> None:
    if article.tag == "PubmedBookArticle":
        raise BadRecord("it is a book, not a paper")
    paper = article.find("MedlineCitation/Article")
    pmid = bare_pmid(_text(article, "MedlineCitation/PMID"))
    if paper is None or not pmid:
        raise BadRecord("it has no PubMed ID or no article")
    pubmed.describe(record, pmid)
    for bank in paper.findall("DataBankList/DataBank"):
        for number in filter(registry_of, _texts(bank, "AccessionNumberList/AccessionNumber")):
            add_registrations(record, number, pubmed.registry_note(_text(bank, "DataBankName")))
    title, note = pubmed.title_and_note(_text(paper, "ArticleTitle") or _text(paper, "VernacularTitle"))
    # The identifiers of the article itself: its references have lists of their own.
    identifiers = {
        found.get("IdType", ""): _text(found) for found in article.findall("PubmedData/ArticleIdList/ArticleId")
    }
    locations = [_text(found) for found in paper.findall("ELocationID") if found.get("EIdType") == "doi"]
    history = "PubmedData/History/PubMedPubDate[@PubStatus='{}']"
    authors = paper.find("AuthorList")
    record.authors_complete = authors is None or authors.get("CompleteYN") != "N"
    add_paper(
        record,
        title=title,
        title_note=note,
        authors=[_author(found) for found in paper.findall("AuthorList/Author") if found.get("ValidYN") != "N"],
        journal=_text(paper, "Journal/Title"),
        journal_abbreviation=_text(paper, "Journal/ISOAbbreviation").replace(".", ""),
        dates=[_date(paper.find("ArticleDate")), _date(paper.find("Journal/JournalIssue/PubDate"))],
        received=_date(article.find(history.format("received"))),
        accepted=_date(article.find(history.format("accepted"))),
        volume=_text(paper, "Journal/JournalIssue/Volume"),
        issue=_text(paper, "Journal/JournalIssue/Issue"),
        pages=_text(paper, "Pagination/MedlinePgn"),
        language=_text(paper, "Language"),
        doi=next(filter(None, map(bare_doi, [identifiers.get("doi", ""), *locations])), ""),
        pmid=pmid,
        pmcid=bare_pmcid(identifiers.get("pmc", "")),
        abstract=" ".join(_texts(paper, "Abstract/AbstractText")),
        catalogue="PubMed",
    )
    pubmed.report_design(record, _texts(paper, "PublicationTypeList/PublicationType"))
