"""BibTeX, read with bibtexparser, whose broken and doubled blocks we count as refused records."""

import logging
import re
from collections.abc import Callable
from typing import Any

from bibtexparser import middlewares, model
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares.names import InvalidNameError, parse_single_name_into_parts, split_multiple_persons_names
from pylatexenc.latex2text import LatexNodes2Text

from trials.importers import found as f

NAME = "BibTeX"
LATEX = 150_000  # characters in a file that need decoding: about 6 seconds at worst
LATEX_VALUE = 5_000
# What cannot be an entry, and so is no record that was seen.
NO_RECORD = re.compile(r"\s*@(?:comment|preamble|string)\b", re.IGNORECASE)
_latex = LatexNodes2Text(math_mode="text", keep_braced_groups=False)
# They warn of every broken block and macro in the log; the editor is told instead.
for _name in ("bibtexparser", "pylatexenc"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


def read(text: str) -> f.Reading:
    """Records from a BibTeX file. What the parser cannot read is refused with its line."""
    reading, latex = f.Reading(NAME), _Latex()
    try:
        library = parse_string(
            text,
            parse_stack=[
                middlewares.ResolveStringReferencesMiddleware(allow_inplace_modification=True),
                middlewares.RemoveEnclosingMiddleware(allow_inplace_modification=True),
            ],
        )
    except Exception as error:  # whatever its state machine trips over
        raise f.Unreadable(f"the BibTeX cannot be read ({type(error).__name__}).") from error
    for block in library.blocks:
        line = (block.start_line or 0) + 1
        if isinstance(block, model.ParsingFailedBlock) and not NO_RECORD.match(block.raw or ""):
            reading.seen += 1
            reading.refuse(line, _why(block))
        elif isinstance(block, model.Entry):
            reading.seen += 1
            try:
                reading.found.append(_found(reading.seen, line, block, latex))
            except f.BadRecord as bad:
                reading.refuse(line, f"{bad.reason}.")
    return reading


def _why(block: model.ParsingFailedBlock) -> str:
    if isinstance(block, model.DuplicateBlockKeyBlock):
        return f"its key “{f.clean(block.key)[:60]}” stands in the file already."
    if isinstance(block, model.DuplicateFieldKeyBlock):
        return f"it has a field twice: {', '.join(sorted(block.duplicate_keys))[:200]}."
    reason = f.clean(str(getattr(block.error, "abort_reason", "") or block.error)).rstrip(". ")
    return f"the BibTeX is broken ({reason[:200]})."


class _Latex:
    """LaTeX to text: {\\c s} -> ş. The decoder takes 0.04 ms a character, so what one file may ask of it is limited."""

    def __init__(self) -> None:
        self.left = LATEX

    def plain(self, value: str, line: int) -> str:
        """Without braces. What cannot be decoded, or is too long for a title, only loses its commands."""
        value = value.replace("~", " ")
        if "\\" in value or "$" in value:
            self.left -= len(value)
            if self.left < 0:
                raise f.Unreadable(
                    "up to here it has more LaTeX than can be read at once. Cut it into smaller files.", line
                )
            try:
                if len(value) > LATEX_VALUE:
                    raise ValueError
                # A bare % would begin a comment and lose the rest of a title.
                value = str(_latex.latex_to_text(re.sub(r"(?<!\\)%", r"\\%", value)))
            except Exception:  # its own errors, and recursion that is too deep
                value = re.sub(r"\\[A-Za-z]+", "", value)
        return f.clean(value.replace("{", "").replace("}", ""))


def _names(value: str, plain: Callable[[str], str]) -> tuple[list[str], bool]:
    """The authors, and whether that is all of them (no “and others”)."""
    names: list[str] = []
    complete = True
    for name in split_multiple_persons_names(" ".join(value.split())):
        whole = name.strip()
        if whole.lower() == "others":
            complete = False
        elif whole.startswith("{") and whole.endswith("}") and "}" not in whole[1:-1]:
            names.append(f.group(plain(whole)))
        elif whole:
            try:
                parts = parse_single_name_into_parts(whole)
            except (InvalidNameError, ValueError) as error:
                raise f.BadRecord(f"“{plain(whole)[:80]}” is not a name in BibTeX’s form") from error
            family = plain(" ".join([*parts.von, *parts.last])).replace(",", " ")
            given = plain(" ".join([*parts.first, *parts.jr])).replace(",", " ")
            names.append(f"{family}, {given}" if given else family)
    return [name for name in names if name.strip(" ,")], complete


def _found(number: int, line: int, entry: Any, latex: _Latex) -> f.Found:
    raw = {each.key.lower(): each.value for each in entry.fields if isinstance(each.value, str)}

    def plain(text: str) -> str:
        return latex.plain(text, line)

    def first(*names: str) -> str:
        return next((text for name in names if (text := plain(raw.get(name, "")))), "")

    found = f.Found(number, line, NAME, label="BibTeX record")
    doi = f.bare_doi(raw.get("doi", "").replace("\\_", "_")) or f.bare_doi(raw.get("url", "")) * (
        "doi.org/" in raw.get("url", "")
    )
    pmid = f.bare_pmid(first("pmid")) or (f.bare_pmid(first("eprint")) if first("eprinttype") == "pubmed" else "")
    web = raw.get("url", "").strip("{} ").replace("\\_", "_").replace("\\%", "%")
    web = web if web.startswith(("https://", "http://")) and not re.search(r"[\s\\{}]", web) else ""
    found.address = f"https://doi.org/{doi}" if doi else f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid else web
    found.add("title", first("title"))
    names, complete = _names(raw.get("author", ""), plain)
    found.add("authors", "\n".join(names))
    if not complete:
        found.add("authors_complete", False, quote="and others")
    found.add("journal", first("journal", "journaltitle"))
    found.add("journal_abbreviation", first("shortjournal"))
    written = first("date") or " ".join(filter(None, [first("year"), first("month"), first("day")]))
    date = f.partial_date(written) or f.partial_date(first("year"))
    if written and not date:
        found.complain(f"“{written}” is not a date.")
    found.add("publication_date", date, quote=written)
    found.add("volume", first("volume"))
    found.add("issue", first("number", "issue"))
    found.add("pages", re.sub(r"\s*(?:--+|–)\s*", "-", first("pages")) or first("eid", "article-number"))
    found.add("language", first("language", "langid").capitalize())
    found.add("doi", doi)
    found.add("pmid", pmid)
    found.add("pmcid", f.bare_pmcid(first("pmcid")))
    f.add_registrations(found, f.clean(raw.get("abstract", "")), "In the abstract, as the record gives it.")
    return found
