"""References in RIS, BibTeX and CSL-JSON, and as what Zotero reads from a page: COinS and the elements of Highwire.

FIELDS says what each format calls a field of a reference. Texts are on one line, and nothing is empty.
"""

import calendar
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from trials.exports.reference import DATA, PAGE, REGISTRATION, SITE, Reference
from trials.models.trial import Author


class Field(NamedTuple):
    """What to take of a reference, and its name in each format; "" where a format has no place for it."""

    value: str | Callable[[Reference], Any]  # the name of an attribute, or a function
    ris: str = ""
    bibtex: str = ""
    csl: str = ""
    highwire: str = ""
    coins: str = ""


# What a format writes in another way, such as the authors of CSL-JSON, is in its function below.
FIELDS = (
    Field("key", ris="ID", csl="id"),
    Field("names", ris="AU", bibtex="author", highwire="citation_author"),
    Field("title", "TI", "title", "title", "citation_title", "rft.atitle"),
    Field("journal", "T2", "journal", "container-title", "citation_journal_title", "rft.jtitle"),
    Field("abbreviation", "J2", "shortjournal", "container-title-short", "citation_journal_abbrev"),
    Field(lambda work: work.date[:4], ris="PY", bibtex="year"),
    Field("date", ris="DA", bibtex="month", coins="rft.date"),
    Field(lambda work: work.date if len(work.date) == len("2021-06-08") else "", bibtex="date"),
    Field(lambda work: work.date.replace("-", "/"), highwire="citation_publication_date"),
    Field("volume", "VL", "volume", "volume", "citation_volume", "rft.volume"),
    Field("issue", "IS", "number", "issue", "citation_issue", "rft.issue"),
    Field("pages", bibtex="pages", csl="page"),
    Field(lambda work: work.page_range[0], ris="SP", highwire="citation_firstpage", coins="rft.spage"),
    Field(lambda work: work.page_range[1], ris="EP", highwire="citation_lastpage", coins="rft.epage"),
    Field(lambda work: "" if work.page_range[1] else work.pages, ris="C7", coins="rft.artnum"),
    Field("language", ris="LA", bibtex="language", csl="language"),
    Field("doi", "DO", "doi", "DOI", "citation_doi"),
    Field("address", "UR", "url", "URL", "citation_public_url"),
    Field(lambda work: "PubMed" if work.pmid else "", ris="DB"),
    Field("pmid", "AN", "pmid", "PMID", "citation_pmid"),
    Field(lambda work: f"PMID: {work.pmid}" if work.pmid else "", ris="M2"),
    Field("pmcid", ris="C2", bibtex="pmcid", csl="PMCID"),
    Field("publisher", ris="PB", bibtex="publisher", csl="publisher"),
    Field("number", ris="SN", bibtex="number", csl="number"),
    Field(lambda work: work.kind.genre, ris="M3", bibtex="type", csl="genre"),
    Field("version", ris="ET", bibtex="version", csl="version"),
    Field("note", ris="N1", bibtex="note", csl="note"),
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\s]+")
_ESCAPES = str.maketrans(
    {
        **{c: f"\\{c}" for c in "#$%&_{}"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)
# Reference managers take an address as it is: what would end the field is written as in an address.
_IN_ADDRESS = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C"})


def one_line(text: str) -> str:
    """Return the text on one line, without control characters: a new line could forge a field or a whole record."""
    return _CONTROL.sub(" ", text).strip()


def _filled(work: Reference, form: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each field that is not empty. An author is a field each."""
    for field in FIELDS:
        name: str = getattr(field, form)
        found = field.value(work) if callable(field.value) else getattr(work, field.value)
        for text in [found] if isinstance(found, str) else found:
            if name and text:
                yield name, one_line(text)


def ris(work: Reference) -> str:
    """Return one record of RIS, as Zotero, EndNote and others read it."""
    lines = [f"TY  - {work.kind.ris}"]
    for tag, text in _filled(work, "ris"):
        if tag == "DA":
            text = "/".join([*text.split("-"), "", "", ""][:4])
        lines.append(f"{tag}  - {text.replace('*', '') if tag in ('AU', 'T2', 'J2') else text}")
    return "\r\n".join([*lines, "ER  - ", "", ""])


def bibtex(work: Reference) -> str:
    """Return one entry of BibTeX in UTF-8. A list of authors that is not complete ends in “and others”."""
    fields = {
        name: text.translate(_IN_ADDRESS if name in ("doi", "url") else _ESCAPES)
        for name, text in _filled(work, "bibtex")
    }
    names = [one_line(name).translate(_ESCAPES) for name in work.names]
    # A group is one name, whatever words are in it.
    names = [name if author.given else f"{{{name}}}" for name, author in zip(names, work.authors, strict=True)]
    fields["author"] = " and ".join(names if work.authors_complete else [*names, "others"])
    fields["title"] = f"{{{fields['title']}}}"
    fields["pages"] = one_line("--".join(filter(None, work.page_range))).translate(_ESCAPES)
    if work.kind == REGISTRATION:
        fields["institution"] = fields.pop("publisher")
    month = fields.get("month", "")[5:7]
    fields["month"] = calendar.month_abbr[int(month)].lower() if month else ""
    values = [f"{name} = {text if name == 'month' else f'{{{text}}}'}" for name, text in fields.items() if text]
    lines = "".join(f"  {value},\n" for value in values)
    return f"@{work.kind.bibtex}{{{work.key},\n{lines}}}\n\n"


def csl(work: Reference) -> dict[str, Any]:
    """Return one item of CSL-JSON. A list of authors that is not complete ends in “et al.”, and the note says so."""
    item: dict[str, Any] = {"type": work.kind.csl, **dict(_filled(work, "csl"))}
    names = work.authors if work.authors_complete else (*work.authors, Author("et al.", ""))
    item["author"] = [
        {"family": name.family, "given": name.given} if name.given else {"literal": name.family} for name in names
    ]
    if work.date:
        item["issued"] = {"date-parts": [[int(part) for part in work.date.split("-")]]}
    if work.kind in (PAGE, DATA):
        item["container-title"] = SITE
    return item


def coins(work: Reference) -> str:
    """Return the ContextObject of OpenURL 1.0 of a paper, with its first author. The list has no room for the others.

    A space is “+”, and a plus sign %2B.
    """
    more = (
        ("rft.aulast", work.authors[0].family),
        ("rft.aufirst", work.authors[0].given),
        ("rft_id", work.doi and f"info:doi/{work.doi}"),
        ("rft_id", work.pmid and f"info:pmid/{work.pmid}"),
    )
    head = {"ctx_ver": "Z39.88-2004", "rft_val_fmt": "info:ofi/fmt:kev:mtx:journal", "rft.genre": "article"}
    return urlencode([*head.items(), *_filled(work, "coins"), *((name, text) for name, text in more if text)])


def highwire(work: Reference) -> list[tuple[str, str]]:
    """Return the name and the content of each meta element of a paper."""
    return list(_filled(work, "highwire"))
