"""PubMed's XML (PubmedArticleSet), as its page and its service give it."""

import re
from functools import partial
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from trials.identifiers import bare_pmid
from trials.importers import names
from trials.importers.normalise import add, found_at
from trials.importers.records import ImportedRecord, Reading, Unreadable
from trials.importers.texts import clean, field_names

MOST_TAGS = 1_500_000  # PubMed has about 1,500 in a record
_ARTICLE = re.compile(r"<Pubmed(?:Book)?Article\b")
_NOTICES = {
    "ErratumIn": "Erratum in", "CorrectedandRepublishedIn": "Corrected and republished in",
    "RetractionIn": "Retraction in", "RetractedandRepublishedIn": "Retracted and republished in",
    "ExpressionOfConcernIn": "Expression of concern in", "RepublishedIn": "Republished in", "UpdateIn": "Update in",
    "ErratumFor": "It is an erratum of a paper:", "RetractionOf": "It is a retraction of a paper:",
    "ExpressionOfConcernFor": "It is an expression of concern about a paper:",
    "UpdateOf": "It is an update of a paper:",
}  # fmt: skip
# The parts of a PubmedArticle, by what they hold.
_PLACES = {
    "titles": "Article/ArticleTitle",
    "original_title": "Article/VernacularTitle",
    "journals": "Article/Journal/Title",
    "abbreviations": "Article/Journal/ISOAbbreviation MedlineJournalInfo/MedlineTA",
    "volume": "Article/Journal/JournalIssue/Volume",
    "issue": "Article/Journal/JournalIssue/Issue",
    "first_page": "Article/Pagination/MedlinePgn Article/Pagination/StartPage",
    "last_page": "Article/Pagination/EndPage",
    "languages": "Article/Language",
    "dois": "Article/ELocationID[@EIdType='doi']",
    "pmids": "PMID",
    "registrations": "Article/DataBankList/DataBank/AccessionNumberList/AccessionNumber",
    "keywords": "KeywordList/Keyword OtherAbstract GeneralNote CoiStatement",
    "publication_types": "Article/PublicationTypeList/PublicationType",
}
_READ = field_names(
    "Journal ArticleTitle Pagination ELocationID Abstract AuthorList Language DataBankList "
    "PublicationTypeList ArticleDate VernacularTitle PMID Article CommentsCorrectionsList KeywordList GrantList "
    "OtherAbstract GeneralNote"
)


def read(text: str, first_line: int, reading: Reading) -> None:
    """Read a PubmedArticleSet. Raises Unreadable with the line for anything that is not well-formed."""
    reading.formats.append("PubMed (XML)")
    # Without entities of its own a document cannot grow, and ElementTree fetches neither a file nor a DTD.
    if (at := text.find("<!ENTITY")) >= 0:
        line = first_line + text.count("\n", 0, at)
        raise Unreadable("it declares an entity of its own, which no PubMed file does.", line)
    if text.count("<") > MOST_TAGS:
        raise Unreadable(f"it has more than {MOST_TAGS:,} tags. Cut it into smaller files.")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - see above
    except ElementTree.ParseError as error:
        reason = f"the XML is broken ({str(error).partition(': line')[0]})."
        raise Unreadable(reason, first_line + error.position[0] - 1) from error
    lines = [number for number, line in enumerate(text.split("\n"), start=first_line) for _ in _ARTICLE.findall(line)]
    articles = [element for element in root.iter() if element.tag in ("PubmedArticle", "PubmedBookArticle")]
    for line, article in zip(lines, articles, strict=False):
        reading.add(line, _fill, article)


def _text(element: Element | None, path: str = ".") -> str:
    found = element.find(path) if element is not None else None
    return clean("".join(found.itertext())) if found is not None else ""


def _texts(element: Element, path: str) -> list[str]:
    return [text for part in element.findall(path) if (text := _text(part))]


def _fill(record: ImportedRecord, article: Element) -> None:
    citation = article.find("MedlineCitation")
    paper = citation.find("Article") if citation is not None else None
    if citation is None or paper is None:
        raise Unreadable("it is a book, or has no article.")
    pmid = bare_pmid(_text(citation, "PMID"))
    if not pmid:
        raise Unreadable("it has no PubMed ID.")
    record.label, record.address = f"PubMed record {pmid}", f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"
    record.authors_complete = paper.find("AuthorList[@CompleteYN='N']") is None
    for part in [*citation, *paper]:
        if part.tag not in _READ:
            record.leave(str(part.tag))
    notices = citation.findall("CommentsCorrectionsList/CommentsCorrections")
    for part in notices:
        if part.get("RefType") not in _NOTICES:
            record.leave(part.get("RefType", "CommentsCorrections"))  # CommentIn, most of the time
    # The identifiers of the article itself: its references have lists of their own.
    identifiers = {part.get("IdType"): _text(part) for part in article.findall("PubmedData/ArticleIdList/ArticleId")}
    history = "PubmedData/History/PubMedPubDate[@PubStatus='{}']"
    found = found_at(
        _PLACES,
        partial(_texts, citation),
        authors=[_author(author) for author in paper.findall("AuthorList/Author") if author.get("ValidYN") != "N"],
        dates=[*map(_date, paper.findall("ArticleDate")), _date(paper.find("Journal/JournalIssue/PubDate"))],
        received=[_date(article.find(history.format("received")))],
        accepted=[_date(article.find(history.format("accepted")))],
        dois=[identifiers.get("doi", "")],
        pmcids=[identifiers.get("pmc", "")],
        abstract=[_abstract(part) for part in paper.findall("Abstract/AbstractText")],
        funding=[_joined(grant, ", ", "GrantID", "Agency", "Country") for grant in paper.findall("GrantList/Grant")],
        notices=[
            f"{_NOTICES[kind]} {'. PMID: '.join(map(_text, part))}"
            for part in notices
            if (kind := part.get("RefType", "")) in _NOTICES
        ],
    )
    add(record, found)


def _joined(element: Element | None, mark: str, *names_of_parts: str) -> str:
    return mark.join(filter(None, (_text(element, name) for name in names_of_parts)))


def _date(element: Element | None) -> str:
    """Return “2021 Jun 8” for Year, Month and Day, or the text of MedlineDate."""
    return _joined(element, " ", "Year", "Month", "Season", "Day", "MedlineDate")


def _author(author: Element) -> str:
    family, given = _text(author, "LastName"), _text(author, "ForeName") or _text(author, "Initials")
    if not family:
        return names.group(_text(author, "CollectiveName") or given)
    return names.from_parts(family, given, _text(author, "Suffix"))


def _abstract(part: Element) -> str:
    label = part.get("Label", "")
    return f"{label}: {_text(part)}" if label and label != "UNLABELLED" else _text(part)
