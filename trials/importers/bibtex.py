"""BibTeX, read with bibtexparser. Its broken and repeated blocks are counted as refused records."""

import logging
import re
from functools import partial
from typing import Any

from bibtexparser import middlewares, model
from bibtexparser.entrypoint import parse_string
from pylatexenc.latex2text import LatexNodes2Text

from trials.importers.normalise import add_paper, author, bare_doi, bare_pmcid, bare_pmid, clean
from trials.importers.records import ImportedRecord, Reading, Unreadable

STARTS = re.compile(r"^[ \t]{0,40}@[A-Za-z]{1,40}[ \t]{0,40}[{(]", re.MULTILINE)  # \s* would run over lines
MOST_LATEX = 100_000  # characters in a file that need decoding: 0.04 ms each
TEXTS = {
    "title": "title", "journal": "journal journaltitle", "journal_abbreviation": "shortjournal", "volume": "volume",
    "issue": "number issue", "language": "language langid",
}  # fmt: skip
_NO_RECORD = re.compile(r"\s*@(?:comment|preamble|string)\b", re.IGNORECASE)
_latex = LatexNodes2Text(math_mode="text", keep_braced_groups=False)
# The packages log a warning for every broken block and macro; the editor reads of them on the page instead.
for _name in ("bibtexparser", "pylatexenc"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


def read(text: str) -> Reading:
    """Read a BibTeX file. What the parser cannot read is refused with its line."""
    reading = Reading("BibTeX")
    stack = [
        middlewares.ResolveStringReferencesMiddleware(),
        middlewares.RemoveEnclosingMiddleware(),
        middlewares.NormalizeFieldKeys(),
        middlewares.SeparateCoAuthors(),
        middlewares.SplitNameParts(),
    ]
    try:
        library = parse_string(text, parse_stack=stack)
    except Exception as error:  # the parser promises nothing of what it raises
        raise Unreadable(f"the BibTeX cannot be read ({type(error).__name__}).") from error
    values = [field.value for entry in library.entries for field in entry.fields if field.key != "abstract"]
    if sum(len(value) for value in map(str, values) if _has_latex(value)) > MOST_LATEX:
        raise Unreadable("it has more LaTeX than can be read at once. Cut it into smaller files.")
    for block in library.blocks:
        line = (block.start_line or 0) + 1
        if isinstance(block, model.ParsingFailedBlock) and not _NO_RECORD.match(block.raw or ""):
            reason = clean(str(getattr(block.error, "abort_reason", "") or block.error)).rstrip(". ")
            reading.refuse(line, f"the BibTeX is broken ({reason[:200]}).")
        elif isinstance(block, model.Entry):
            reading.add(line, partial(_fill, block))
    return reading


def _has_latex(value: str) -> bool:
    return "\\" in value or "$" in value


def _plain(value: str) -> str:
    """Return the text without braces: ş for {\\c s}. What cannot be decoded loses its commands."""
    value = value.replace("~", " ")
    if _has_latex(value):
        try:
            # A bare % would begin a comment, and the rest of a title would be lost.
            value = str(_latex.latex_to_text(re.sub(r"(?<!\\)%", r"\\%", value)))
        except Exception:  # its own errors, and recursion that is too deep
            value = re.sub(r"\\[A-Za-z]+", "", value)
    return clean(value.replace("{", "").replace("}", ""))


def _fill(entry: model.Entry, record: ImportedRecord) -> None:
    fields: dict[str, Any] = {field.key: field.value for field in entry.fields}
    names = fields.pop("author", [])

    def first(*names: str) -> str:
        return next(filter(None, (_plain(fields.get(name, "")) for name in names)), "")

    web = fields.get("url", "").strip("{} ").replace("\\_", "_").replace("\\%", "%")
    doi = bare_doi(fields.get("doi", "").replace("\\_", "_")) or (bare_doi(web) if "doi.org/" in web else "")
    date = " ".join(filter(None, map(first, ("year", "month", "day"))))
    authors = [author(_plain(" ".join(n.von + n.last)), _plain(" ".join(n.first + n.jr))) for n in names]
    record.label = "BibTeX record"
    record.authors_complete = "others" not in authors
    add_paper(
        record,
        authors=[name for name in authors if name != "others"],
        dates=[first("date"), date, first("year")],
        pages=re.sub(r"\s*(?:--+|–)\s*", "-", first("pages")) or first("eid", "article-number"),
        doi=doi,
        pmid=bare_pmid(first("pmid")) or (bare_pmid(first("eprint")) if first("eprinttype") == "pubmed" else ""),
        pmcid=bare_pmcid(first("pmcid")),
        abstract=clean(fields.get("abstract", "")),
        **{name: first(*keys.split()) for name, keys in TEXTS.items()},
        web=web if re.fullmatch(r"https?://[^\s\\{}]+", web) else "",
    )
