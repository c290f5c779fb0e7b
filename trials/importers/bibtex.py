"""BibTeX, read with bibtexparser. Its broken and repeated blocks are counted as refused records."""

import logging
import re
from functools import partial
from typing import Any

from bibtexparser import middlewares, model
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares.names import InvalidNameError, parse_single_name_into_parts, split_multiple_persons_names
from pylatexenc.latex2text import LatexNodes2Text

from trials.importers.normalise import (
    add_paper,
    address_of,
    bare_doi,
    bare_pmcid,
    bare_pmid,
    clean,
    group,
    partial_date,
    person_of,
)
from trials.importers.records import BadRecord, ImportedRecord, Reading, Unreadable

NAME = "BibTeX"
STARTS = re.compile(r"^[ \t]{0,40}@[A-Za-z]{1,40}[ \t]{0,40}[{(]", re.MULTILINE)  # \s* would run over lines
MOST_LATEX = 150_000  # characters in a file that need decoding: about 6 seconds at worst
MOST_LATEX_IN_VALUE = 5_000
NO_RECORD = re.compile(r"\s*@(?:comment|preamble|string)\b", re.IGNORECASE)
_latex = LatexNodes2Text(math_mode="text", keep_braced_groups=False)
# The packages log a warning for every broken block and macro; the editor reads of them on the page instead.
for _name in ("bibtexparser", "pylatexenc"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


def read(text: str) -> Reading:
    """Read a BibTeX file. What the parser cannot read is refused with its line."""
    reading, latex = Reading(NAME), _Latex()
    stack = [
        middlewares.ResolveStringReferencesMiddleware(allow_inplace_modification=True),
        middlewares.RemoveEnclosingMiddleware(allow_inplace_modification=True),
    ]
    try:
        library = parse_string(text, parse_stack=stack)
    except Exception as error:  # the parser promises nothing of what it raises
        raise Unreadable(f"the BibTeX cannot be read ({type(error).__name__}).") from error
    for block in library.blocks:
        line = (block.start_line or 0) + 1
        if isinstance(block, model.ParsingFailedBlock) and not NO_RECORD.match(block.raw or ""):
            reading.refuse(line, _why(block))
        elif isinstance(block, model.Entry):
            reading.add(line, partial(_fill, block, latex))
    return reading


def _why(block: model.ParsingFailedBlock) -> str:
    if isinstance(block, model.DuplicateBlockKeyBlock):
        return f"its key “{clean(block.key)[:60]}” is in the file already."
    if isinstance(block, model.DuplicateFieldKeyBlock):
        return f"it has a field twice: {', '.join(sorted(block.duplicate_keys))[:200]}."
    reason = clean(str(getattr(block.error, "abort_reason", "") or block.error)).rstrip(". ")
    return f"the BibTeX is broken ({reason[:200]})."


class _Latex:
    """Turns LaTeX into text: {\\c s} into ş. A character takes 0.04 ms, so there is a limit for each file."""

    def __init__(self) -> None:
        self.left = MOST_LATEX

    def plain(self, value: str, line: int) -> str:
        """Return the text without braces. What cannot be decoded, or is too long for a title, loses its commands."""
        value = value.replace("~", " ")
        if "\\" in value or "$" in value:
            self.left -= len(value)
            if self.left < 0:
                reason = "up to here it has more LaTeX than can be read at once. Cut it into smaller files."
                raise Unreadable(reason, line)
            try:
                if len(value) > MOST_LATEX_IN_VALUE:
                    raise ValueError
                # A bare % would begin a comment, and the rest of a title would be lost.
                value = str(_latex.latex_to_text(re.sub(r"(?<!\\)%", r"\\%", value)))
            except Exception:  # its own errors, and recursion that is too deep
                value = re.sub(r"\\[A-Za-z]+", "", value)
        return clean(value.replace("{", "").replace("}", ""))


def _fill(entry: Any, latex: _Latex, record: ImportedRecord) -> None:
    fields = {field.key.lower(): field.value for field in entry.fields if isinstance(field.value, str)}

    def plain(text: str) -> str:
        return latex.plain(text, record.line)

    def first(*names: str) -> str:
        return next((text for name in names if (text := plain(fields.get(name, "")))), "")

    def author(name: str) -> str:
        if name.startswith("{") and name.endswith("}") and "}" not in name[1:-1]:
            return group(plain(name))
        try:
            parts = parse_single_name_into_parts(name)
        except (InvalidNameError, ValueError) as error:
            raise BadRecord(f"“{plain(name)[:80]}” is not a name in BibTeX’s form") from error
        return person_of(plain(" ".join([*parts.von, *parts.last])), plain(" ".join([*parts.first, *parts.jr])))

    web = fields.get("url", "").strip("{} ").replace("\\_", "_").replace("\\%", "%")
    doi = bare_doi(fields.get("doi", "").replace("\\_", "_")) or (bare_doi(web) if "doi.org/" in web else "")
    pmid = bare_pmid(first("pmid")) or (bare_pmid(first("eprint")) if first("eprinttype") == "pubmed" else "")
    is_address = web.startswith(("https://", "http://")) and not re.search(r"[\s\\{}]", web)
    names = [name.strip() for name in split_multiple_persons_names(" ".join(fields.get("author", "").split()))]
    date = first("date") or " ".join(filter(None, [first("year"), first("month"), first("day")]))
    record.label = "BibTeX record"
    record.address = address_of(doi, pmid, web if is_address else "")
    record.authors_complete = not any(name.lower() == "others" for name in names)
    add_paper(
        record,
        title=first("title"),
        authors=[author(name) for name in names if name and name.lower() != "others"],
        journal=first("journal", "journaltitle"),
        journal_abbreviation=first("shortjournal"),
        dates=[date if partial_date(date) or not partial_date(first("year")) else first("year")],
        volume=first("volume"),
        issue=first("number", "issue"),
        pages=re.sub(r"\s*(?:--+|–)\s*", "-", first("pages")) or first("eid", "article-number"),
        language=first("language", "langid"),
        doi=doi,
        pmid=pmid,
        pmcid=bare_pmcid(first("pmcid")),
        abstract=clean(fields.get("abstract", "")),
    )
