"""PubMed's XML (PubmedArticleSet), as its page and its efetch service give it.

Read with expat directly: a declaration of an entity ends the reading, so that none can grow or reach for a file; the
DTD that every PubMed file names is never fetched.
"""

from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from trials.identifiers import registry_of
from trials.importers import found as f
from trials.importers import pubmed

NAME = "PubMed (XML)"
DEPTH = 64  # of elements in elements; PubMed's own go to about 12
ARTICLES = ("PubmedArticle", "PubmedBookArticle")


class _Reader:
    def __init__(self) -> None:
        self.reading = f.Reading(NAME)
        self.depth = 0
        self.start = 0
        self.tree: TreeBuilder | None = None
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.StartElementHandler = self.open
        self.parser.EndElementHandler = self.close
        self.parser.CharacterDataHandler = self.text
        self.parser.EntityDeclHandler = self.refuse_entity
        self.parser.UnparsedEntityDeclHandler = self.refuse_entity
        self.parser.ExternalEntityRefHandler = self.refuse_entity
        self.parser.SkippedEntityHandler = self.refuse_unknown

    def refuse_entity(self, name: Any, *_: Any) -> int:
        raise f.Unreadable(
            "it declares an entity of its own, which no PubMed file does.", self.parser.CurrentLineNumber
        )

    def refuse_unknown(self, name: str, *_: Any) -> None:
        raise f.Unreadable(f"“&{name[:40]};” is not known in PubMed’s XML.", self.parser.CurrentLineNumber)

    def open(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEPTH:
            raise f.Unreadable(f"more than {DEPTH} elements stand inside each other.", self.parser.CurrentLineNumber)
        if tag in ARTICLES and self.tree is None:
            self.tree, self.start = TreeBuilder(), self.parser.CurrentLineNumber
            self.top = self.depth
            self.reading.seen += 1
        if self.tree is not None:
            self.tree.start(tag, attributes)

    def text(self, text: str) -> None:
        if self.tree is not None:
            self.tree.data(text)

    def close(self, tag: str) -> None:
        if self.tree is not None:
            self.tree.end(tag)
            if self.depth == self.top:
                article, self.tree = self.tree.close(), None
                try:
                    self.reading.found.append(_found(self.reading.seen, self.start, article))
                except f.BadRecord as bad:
                    self.reading.refuse(self.start, f"{bad.reason}.")
        self.depth -= 1


def read(text: str) -> f.Reading:
    """Records from a PubMed XML document. Raises Unreadable with the line for anything that is not well-formed."""
    reader = _Reader()
    try:
        # The declaration may still name the encoding that the text no longer has.
        reader.parser.Parse(text, True)
    except expat.ExpatError as error:
        raise f.Unreadable(f"the XML is broken ({expat.ErrorString(error.code)}).", error.lineno) from error
    except UnicodeEncodeError as error:
        raise f.Unreadable("it holds half of a character.", text.count("\n", 0, error.start) + 1) from error
    return reader.reading


def _text(element: Element | None) -> str:
    return f.clean("".join(element.itertext()), entities=False) if element is not None else ""


def _date(element: Element | None) -> tuple[str, str]:
    """(2021-06-08, “2021 Jun 8”) out of Year, Month and Day, or out of MedlineDate."""
    if element is None:
        return "", ""
    parts = [_text(element.find(name)) for name in ("Year", "Month", "Day")]
    written = " ".join(filter(None, parts)) or _text(element.find("MedlineDate"))
    return f.partial_date(written), written


def _authors(authors: Element) -> list[str]:
    names = []
    for author in authors.findall("Author"):
        if author.get("ValidYN", "Y") == "N":
            continue
        family = _text(author.find("LastName")).replace(",", " ")
        given = _text(author.find("ForeName")) or _text(author.find("Initials"))
        given = " ".join(filter(None, [given, _text(author.find("Suffix"))])).replace(",", " ")
        if family:
            names.append(f"{family}, {given}" if given else family)
        else:
            names.append(f.group(_text(author.find("CollectiveName"))))
    return [name for name in names if name]


def _found(number: int, line: int, article: Element) -> f.Found:
    if article.tag == "PubmedBookArticle":
        raise f.BadRecord("it is a book, not a paper")
    citation, history = article.find("MedlineCitation"), article.find("PubmedData")
    paper = citation.find("Article") if citation is not None else None
    pmid = f.bare_pmid(_text(citation.find("PMID"))) if citation is not None else ""
    if paper is None or not pmid:
        raise f.BadRecord("it has no PubMed ID or no article")
    found = f.Found(number, line, NAME)
    pubmed.describe(found, pmid)
    pubmed.add_title(found, _text(paper.find("ArticleTitle")) or _text(paper.find("VernacularTitle")))
    authors = paper.find("AuthorList")
    if authors is not None:
        found.add("authors", "\n".join(_authors(authors)))
        if authors.get("CompleteYN") == "N":
            found.add("authors_complete", False)
    found.add("journal", _text(paper.find("Journal/Title")))
    found.add("journal_abbreviation", _text(paper.find("Journal/ISOAbbreviation")).replace(".", ""))
    date, quote = f.earliest(_date(paper.find("ArticleDate")), _date(paper.find("Journal/JournalIssue/PubDate")))
    found.add("publication_date", date, quote=quote)
    for name in ("received", "accepted"):
        when, written = _date(article.find(f"PubmedData/History/PubMedPubDate[@PubStatus='{name}']"))
        found.add(name, when, quote=f"{name}: {written}")
    found.add("volume", _text(paper.find("Journal/JournalIssue/Volume")))
    found.add("issue", _text(paper.find("Journal/JournalIssue/Issue")))
    found.add("pages", _text(paper.find("Pagination/MedlinePgn")))
    language = _text(paper.find("Language"))
    found.add("language", pubmed.LANGUAGES.get(language.lower(), ""), quote=language)
    ids = {}
    if history is not None:  # the article's own list: the references below it have theirs
        ids = {each.get("IdType", ""): _text(each) for each in history.findall("ArticleIdList/ArticleId")}
    locations = [_text(each) for each in paper.findall("ELocationID") if each.get("EIdType") == "doi"]
    found.add("doi", f.bare_doi(ids.get("doi", "")) or next(filter(None, map(f.bare_doi, locations)), ""))
    found.add("pmid", pmid)
    found.add("pmcid", f.bare_pmcid(ids.get("pmc", "")))
    pubmed.add_design(found, [_text(each) for each in paper.findall("PublicationTypeList/PublicationType")])
    for bank in paper.findall("DataBankList/DataBank"):
        named = _text(bank.find("DataBankName"))
        for each in bank.findall("AccessionNumberList/AccessionNumber"):
            if registry_of(_text(each)):
                note = f"PubMed names this number ({named}) as one that the paper gives."
                f.add_registrations(found, _text(each), note)
    abstract = " ".join(_text(each) for each in paper.findall("Abstract/AbstractText"))
    f.add_registrations(found, abstract, "In the abstract, as PubMed gives it.")
    return found
