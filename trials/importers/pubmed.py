"""PubMed's records, as its own format (nbib) and as XML (PubmedArticleSet). Both are read under the tags of nbib.

https://www.nlm.nih.gov/bsd/mms/medlineelements.html, https://dtd.nlm.nih.gov/ncbi/pubmed/doc/out/250101/
"""

import re
from collections import defaultdict
from xml.etree.ElementTree import Element

from trials.identifiers import bare_pmid
from trials.importers import names
from trials.importers.normalise import Reference, Texts, add, author_lines
from trials.importers.records import ImportedRecord, Reading, Unreadable
from trials.importers.tagged import Field, OpenRecord, leave, texts_of
from trials.importers.texts import clean, field_names
from trials.importers.xml_parts import text_of, texts_at

_PLACES = {
    "titles": "TI",
    "original_title": "TT",
    "journals": "JT",
    "abbreviations": "TA",
    "dates": "DEP DP",
    "volume": "VI",
    "issue": "IP",
    "first_page": "PG",
    "languages": "LA",
    "pmids": "PMID",
    "pmcids": "PMC",
    "registrations": "SI",
    "abstract": "AB",
    "funding": "GR",
    "publication_types": "PT",
}
_NOTICES = {
    "EIN": "Erratum in", "CRI": "Corrected and republished in", "RIN": "Retraction in",
    "RRI": "Retracted and republished in", "ECI": "Expression of concern in", "RPI": "Republished in",
    "UIN": "Update in", "EFR": "It is an erratum of a paper:", "ROF": "It is a retraction of a paper:",
    "ECF": "It is an expression of concern about a paper:", "UOF": "It is an update of a paper:",
}  # fmt: skip
# Of an article without pages. The numbers of publishers, which also end in [pii], are longer.
_ARTICLE_NUMBER = re.compile(r"(e[0-9]{1,8}|[0-9]{1,6}) \[pii\]")
_OF_OTHERS = _NOTICES.keys() | field_names("CIN CON CRF RPF SPIN ORI DDIN DRIN OCI")
_READ = field_names(" ".join(_PLACES.values()) + " LID AID FAU AU CN PHST OTO OT") | _NOTICES.keys()


def _fill(record: ImportedRecord, texts: dict[str, Texts], authors: Texts) -> None:
    pmid = bare_pmid(next(iter(texts["PMID"]), ""))
    if not pmid:
        raise Unreadable("it has no PubMed ID.")
    record.label, record.address = f"PubMed record {pmid}", f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"
    history = {event: [text] for text, _, event in (text.partition(" [") for text in texts["PHST"])}
    reference = Reference.from_places(
        _PLACES,
        texts.__getitem__,
        authors=authors,
        received=history.get("received]", []),
        accepted=history.get("accepted]", []),
        dois=[text for text in [*texts["AID"], *texts["LID"]] if text.endswith("[doi]")],
        article_number=[match[1] for text in texts["LID"] if (match := _ARTICLE_NUMBER.fullmatch(text))],
        keywords=[text for tag in texts if tag not in _OF_OTHERS | {"TI", "AB", "SI"} for text in texts[tag]],
        notices=[f"{words} {text}" for tag, words in _NOTICES.items() for text in texts[tag]],
    )
    add(record, reference)


# --- nbib

_TAG = re.compile(r"^([A-Z]{2,4}[0-9]?|(?=.{4}-)[a-z]{2,4}) {0,2}-(?:[ \t](.*))?$")
_WRAPPED = field_names("TI TT AB OAB AD CI COIS OT SO JT GR")  # texts of many words
_FIRST, _ONCE = field_names("PMID OWN STAT"), field_names("TI DP JT TA")
_KNOWN = (
    _READ
    | _OF_OTHERS
    | field_names(
        "OWN STAT DA DCOM LR IS OAB OABL CI AUID AD FIR IR IRAD PL JID RN SB MH MHDA OID COIS EDAT CRDT PST PMCR MID "
        "SO BTI CTI ED FED ISBN VTI EN PB CDAT GN SFM NM PS FPS"
    )
)


def read_nbib(text: str, first_line: int, reading: Reading) -> None:
    """Read nbib. A record begins with its PMID, or with a tag that it cannot have twice, after an empty line."""
    reading.formats.append("PubMed (nbib)")
    record = OpenRecord(reading)
    for number, line in enumerate(text.split("\n"), start=first_line):
        match = _TAG.match(line)
        if match:
            tag, has_number, is_behind_gap = match[1].upper(), "PMID" in record.tags, record.gap == len(record.fields)
            repeats = tag in {"PMID", *_ONCE} & record.tags  # also without an empty line
            if (has_number and repeats) or (is_behind_gap and (tag in _FIRST or not has_number or repeats)):
                record.close(_fill_nbib)
            record.append(tag, number, match[2] or "")
        elif not line.strip():
            record.note_gap()
        elif not record.fields or (not re.search(r"[^\W\d_]", line) and not line.startswith("  ")):
            reading.leave(number, line)  # the number of a record, or a rule between two
        elif line.startswith(" ") or record.fields[-1].tag in _WRAPPED:
            record.fields[-1].lines.append(line.strip())
        else:
            record.append("", number, line)
    record.close(_fill_nbib)


def _fill_nbib(record: ImportedRecord, fields: list[Field]) -> None:
    if broken := next((field for field in fields if not field.tag), None):
        raise Unreadable("this line is neither a tag with its value nor the continuation of one.", broken.line)
    texts, authors, before = texts_of(fields), Texts(), ""
    leave(record, texts, _READ, _KNOWN)
    texts["GR"] = [text.replace("/", ", ") for text in texts["GR"]]
    for tag, text in ((field.tag, clean(" ".join(field.lines))) for field in fields):
        if tag == "CN":  # a group keeps its place among the authors
            authors.append(names.group(text))
        elif tag == "FAU" or (tag == "AU" and before != "FAU"):  # the short name follows the full one
            authors += author_lines(record, [text])
        before = tag if tag in ("FAU", "AU") else before
    _fill(record, texts, authors)


# --- XML

_ARTICLE = re.compile(r"<Pubmed(?:Book)?Article\b")
# The tags of nbib, and where the same is in a MedlineCitation.
_PATHS = {
    "PMID": "PMID",
    "TI": "Article/ArticleTitle",
    "TT": "Article/VernacularTitle",
    "JT": "Article/Journal/Title",
    "TA": "Article/Journal/ISOAbbreviation MedlineJournalInfo/MedlineTA",
    "VI": "Article/Journal/JournalIssue/Volume",
    "IP": "Article/Journal/JournalIssue/Issue",
    "PG": "Article/Pagination/MedlinePgn",
    "LA": "Article/Language",
    "SI": "Article/DataBankList/DataBank/AccessionNumberList/AccessionNumber",
    "OT": "KeywordList/Keyword",
    "OAB": "OtherAbstract",
    "GN": "GeneralNote",
    "COIS": "CoiStatement",
    "PT": "Article/PublicationTypeList/PublicationType",
}
_TAGS_OF_NOTICES = {
    "ErratumIn": "EIN", "CorrectedandRepublishedIn": "CRI", "RetractionIn": "RIN", "RetractedandRepublishedIn": "RRI",
    "ExpressionOfConcernIn": "ECI", "RepublishedIn": "RPI", "UpdateIn": "UIN", "ErratumFor": "EFR",
    "RetractionOf": "ROF", "ExpressionOfConcernFor": "ECF", "UpdateOf": "UOF",
}  # fmt: skip
_PARTS_READ = field_names(
    "Journal ArticleTitle Pagination ELocationID Abstract AuthorList Language DataBankList "
    "PublicationTypeList ArticleDate VernacularTitle PMID Article CommentsCorrectionsList KeywordList GrantList "
    "OtherAbstract GeneralNote"
)


def read_xml(root: Element, text: str, first_line: int, reading: Reading) -> None:
    """Read a PubmedArticleSet. `text` is what it was parsed from, for the lines of its records."""
    reading.formats.append("PubMed (XML)")
    lines = [number for number, line in enumerate(text.split("\n"), start=first_line) for _ in _ARTICLE.findall(line)]
    articles = (element for element in root.iter() if element.tag in ("PubmedArticle", "PubmedBookArticle"))
    for line, article in zip(lines, articles, strict=False):
        reading.add(line, _fill_xml, article)


def _join(element: Element | None, mark: str, *parts: str) -> str:
    return mark.join(filter(None, (text_of(element, part) for part in parts)))


def _fill_xml(record: ImportedRecord, article: Element) -> None:
    citation, paper = article.find("MedlineCitation"), article.find("MedlineCitation/Article")
    if citation is None or paper is None:
        raise Unreadable("it is a book, or has no article.")
    record.authors_complete = paper.find("AuthorList[@CompleteYN='N']") is None
    for part in [*citation, *paper]:
        if part.tag not in _PARTS_READ:
            record.leave(str(part.tag))
    texts: dict[str, Texts] = defaultdict(list)
    for tag, paths in _PATHS.items():
        texts[tag] = texts_at(citation, paths)
    texts["PG"] = texts["PG"] or [_join(paper, "-", "Pagination/StartPage", "Pagination/EndPage")]
    texts["DEP"] = [_date(date) for date in paper.findall("ArticleDate")]
    texts["DP"] = [_date(paper.find("Journal/JournalIssue/PubDate"))]
    for part in paper.findall("Abstract/AbstractText"):
        label = part.get("Label", "")
        texts["AB"].append(f"{label}: {text_of(part)}" if label and label != "UNLABELLED" else text_of(part))
    # The identifiers of the article itself: its references have lists of their own.
    for part in article.findall("PubmedData/ArticleIdList/ArticleId"):
        tag = "PMC" if part.get("IdType") == "pmc" else "AID"
        texts[tag].append(f"{text_of(part)} [doi]" if part.get("IdType") == "doi" else text_of(part))
    texts["LID"] = [f"{text_of(part)} [{part.get('EIdType')}]" for part in paper.findall("ELocationID")]
    for part in article.findall("PubmedData/History/PubMedPubDate"):
        texts["PHST"].append(f"{_date(part)} [{part.get('PubStatus')}]")
    texts["GR"] = [_join(grant, ", ", "GrantID", "Agency", "Country") for grant in paper.findall("GrantList/Grant")]
    for part in citation.findall("CommentsCorrectionsList/CommentsCorrections"):
        if notice := _TAGS_OF_NOTICES.get(part.get("RefType", "")):
            texts[notice].append(". PMID: ".join(map(text_of, part)))
        else:
            record.leave(part.get("RefType", "CommentsCorrections"))  # CommentIn, most of the time
    authors = paper.findall("AuthorList/Author")
    _fill(record, texts, [_author(author) for author in authors if author.get("ValidYN") != "N"])


def _date(element: Element | None) -> str:
    """Return “2021 Jun 8” for Year, Month and Day, or the text of MedlineDate."""
    return _join(element, " ", "Year", "Month", "Season", "Day", "MedlineDate")


def _author(author: Element) -> str:
    family, given = text_of(author, "LastName"), text_of(author, "ForeName") or text_of(author, "Initials")
    if not family:
        return names.group(text_of(author, "CollectiveName") or given)
    return names.from_parts(family, given, text_of(author, "Suffix"))
