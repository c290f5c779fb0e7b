"""BibTeX in UTF-8."""

import calendar

from trials.exports.reference import ARTICLE, DATA, PAGE, REGISTRATION, Reference
from trials.models.trial import Author

MEDIA_TYPE = "application/x-bibtex"
TYPES = {ARTICLE: "article", REGISTRATION: "techreport", PAGE: "misc", DATA: "misc"}
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


def escape(text: str) -> str:
    return text.translate(_ESCAPES)


def _name(author: Author) -> str:
    if not author.given:
        return f"{{{escape(author.family)}}}"  # a group is one name, whatever words are in it
    return f"{escape(author.family)}, {escape(author.given)}"


def entry(work: Reference) -> str:
    """Return one entry. A list of authors that is not complete ends in “and others”."""
    authors = [*map(_name, work.authors), *(["others"] if not work.authors_complete else [])]
    is_report = work.kind == REGISTRATION
    fields = {
        "author": " and ".join(authors),
        "title": f"{{{escape(work.title)}}}",
        "journal": escape(work.journal),
        "shortjournal": escape(work.abbreviation),
        "year": work.date[:4],
        "month": calendar.month_abbr[work.date_parts[1]].lower() if len(work.date_parts) > 1 else "",
        "volume": escape(work.volume),
        "number": escape(work.number if is_report else work.issue),
        "pages": escape(f"{work.first_page}--{work.last_page}" if work.last_page else work.pages),
        "language": escape(work.language),
        "doi": work.doi.translate(_IN_ADDRESS),
        "pmid": work.pmid,
        "pmcid": work.pmcid,
        "url": work.address.translate(_IN_ADDRESS),
        "institution" if is_report else "publisher": escape(work.publisher),
        "type": "Clinical trial registration" if is_report else "",
        "version": escape(work.version),
        "note": escape(" ".join(work.notes)),
    }
    values = {name: value if name == "month" else f"{{{value}}}" for name, value in fields.items() if value}
    lines = [f"  {name} = {value},\n" for name, value in values.items()]
    return f"@{TYPES[work.kind]}{{{work.key},\n{''.join(lines)}}}\n\n"
