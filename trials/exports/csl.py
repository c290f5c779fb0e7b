"""CSL-JSON, which Zotero and citation processors read."""

import json
from typing import Any

from trials.exports.reference import ARTICLE, DATA, PAGE, REGISTRATION, Reference

MEDIA_TYPE = "application/vnd.citationstyles.csl+json"
TYPES = {ARTICLE: "article-journal", REGISTRATION: "report", PAGE: "webpage", DATA: "dataset"}


def item(work: Reference) -> dict[str, Any]:
    """Return one item. A list of authors that is not complete ends in “et al.”, and the note says so."""
    authors: list[dict[str, str]] = [
        {"family": name.family, "given": name.given} if name.given else {"literal": name.family}
        for name in work.authors
    ]
    if not work.authors_complete:
        authors.append({"literal": "et al."})
    is_page = work.kind in (PAGE, DATA)
    found: dict[str, Any] = {
        "id": work.key,
        "type": TYPES[work.kind],
        "title": work.title,
        "author": authors,
        "container-title": work.journal or ("ARDSinfo" if is_page else ""),
        "container-title-short": work.abbreviation,
        "issued": {"date-parts": [work.date_parts]} if work.date else None,
        "volume": work.volume,
        "issue": work.issue,
        "page": work.pages,
        "DOI": work.doi,
        "PMID": work.pmid,
        "PMCID": work.pmcid,
        "URL": work.address,
        "number": work.number,
        "genre": "Clinical trial registration" if work.kind == REGISTRATION else "",
        "publisher": work.publisher,
        "version": work.version,
        "note": " ".join(work.notes),
    }
    return {name: value for name, value in found.items() if value}


def text(works: list[Reference]) -> str:
    return json.dumps([item(work) for work in works], ensure_ascii=False, allow_nan=False)
