"""BibTeX, cut into entries by bibtexparser, with LaTeX decoded by pylatexenc.

The values are put together here: the parser neither joins with # nor forgives a missing or a repeated key.
"""

import logging
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import pairwise

from bibtexparser import model
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares.names import parse_single_name_into_parts, split_multiple_persons_names

from trials.importers import latex, names
from trials.importers.normalise import Reference, add, author_lines
from trials.importers.records import ImportedRecord, Reading, Unreadable
from trials.importers.texts import clean, field_names

MOST_LATEX = 100_000  # characters in a file that need decoding: 0.04 ms each
MOST_EXPANDED = 2_000_000  # characters that macros put into a file
_NO_RECORD = re.compile(r"\s*@(?:comment|preamble|string)\b", re.IGNORECASE)
_KEYLESS = re.compile(
    r"^([ \t]{0,40}@(?!string\b)[A-Za-z]{1,40}[ \t]{0,40}[{(])(?=\s{0,40}[A-Za-z][\w-]{0,40}\s{0,9}=)",
    re.MULTILINE | re.I,
)
# A key with spaces, commas or braces, which the parser refuses.
_ODD_KEY = re.compile(
    r"^([ \t]{0,40}@(?!string\b|comment\b|preamble\b)[A-Za-z]{1,40}[ \t]{0,40}[{(])([^\n=]{1,200}),"
    r"(?=\s{0,40}[A-Za-z][\w-]{0,40}\s{0,9}=)",
    re.MULTILINE | re.I,
)
BRACE_BELOW = re.compile(r"^([ \t]{0,40}@[A-Za-z]{1,40})(\s{0,40}\n\s{0,40})([{(])", re.MULTILINE)
_COMMENT = re.compile(r",[ \t]{1,40}%[^\n{}]{0,500}$", re.MULTILINE)
_PIECE = re.compile(r'\{|\}|(?<!\\)"|#')
_NEXT_FIELD = re.compile(r"\s{1,80}([A-Za-z][\w-]{0,40})\s{0,9}=")
_PLACES = {
    "titles": "title",
    "subtitle": "subtitle",
    "abbreviations": "shortjournal journal-abbrev journal-iso abbrev_source_title",
    "volume": "volume",
    "issue": "number issue",
    "first_page": "pages",
    "article_number": "eid article-number article_number art_number articleno",
    "publication_types": "document_type type",
    "funding": "funding funding_details",
}
# As they are written: identifiers, addresses, and texts that may hold them.
_VERBATIM_PLACES = {
    "dois": "doi",
    "notes": "note annote annotation extra unique-id accession_num howpublished",
    "addresses": "url howpublished eprint",
    "keywords": "keywords",
}
_READ = field_names(
    " ".join([*_PLACES.values(), *_VERBATIM_PLACES.values()])
    + " author journal journaltitle fulljournal booktitle date "
    "early-access-date year month day language langid pmid pmcid pmc pmc-id pmc_id eprinttype archiveprefix abstract "
    "crossref xdata"
)
_PUBMED, _CENTRAL = ("pubmed", "pmid", "medline"), ("pmc", "pmcid")  # what an eprint may be of
_PUBMED_FIELD = re.compile(r"^(?:pm|pmid|pubmed|medline)(?:[_-]?id)?$")
_CENTRAL_FIELD = re.compile(r"^pmc(?:[_-]?id)?$")
# Fields that are long, or about other papers, or about the file of the reader.
_OF_OTHERS = re.compile(r"refer|cit|file|author|affil|editor|related|keywords-plus")
_SINGLE = field_names("year volume number issue pages journal")
_NOT_DECODED = field_names("abstract " + " ".join(_VERBATIM_PLACES.values()))
# What an entry does not take from the one that it names in `crossref`.
_OWN = field_names("title subtitle author doi url pages pmid pmcid pmc eprint abstract note crossref booktitle")
Fields = dict[str, list[str]]  # a field may be there twice
# The packages log a warning for every broken block and macro; the editor reads of them on the page instead.
for _name in ("bibtexparser", "pylatexenc"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


def read(text: str, first_line: int, reading: Reading) -> None:
    """Read BibTeX. What the parser cannot read is refused with its line."""
    reading.formats.append("BibTeX")
    try:
        text = _COMMENT.sub(",", text)
        library = parse_string(_ODD_KEY.sub(_plain_key, _KEYLESS.sub(r"\1no-key,", text)), parse_stack=[])
    except Exception as error:  # the parser promises nothing of what it raises
        raise Unreadable(f"the BibTeX cannot be read ({type(error).__name__}).", first_line) from error
    blocks = [(block, _entry(block)) for block in library.blocks]
    strings = Strings(library.blocks)
    read_fields = {id(entry): _fields(entry, strings) for _, entry in blocks if entry}
    parents = {entry.key.lower(): read_fields[id(entry)] for _, entry in reversed(blocks) if entry}
    decoded = 0
    for block, entry in blocks:
        line = first_line + (block.start_line or 0)
        if entry and entry.entry_type.lower() == "xdata":  # no work, but fields for others
            continue
        if entry:
            fields = _with_parents(read_fields[id(entry)], parents)
            decoded += sum(
                len(value) for name in _READ - _NOT_DECODED for value in fields.get(name, []) if latex.has_latex(value)
            )
            if decoded > MOST_LATEX:
                raise Unreadable("it has more LaTeX than can be read at once. Cut it into smaller files.", line)
            reading.add(line, _fill, entry.key, fields)
        elif isinstance(block, model.ImplicitComment):
            for offset, text_outside in enumerate(block.comment.split("\n")):
                reading.leave(line + offset, "" if text_outside.lstrip().startswith("%") else text_outside)
        elif isinstance(block, model.ParsingFailedBlock) and not _NO_RECORD.match(block.raw or ""):
            reason = clean(str(getattr(block.error, "abort_reason", "") or block.error)).rstrip(". ")
            reading.refuse(line, f"the BibTeX is broken ({reason[:200]}).")


def _plain_key(match: re.Match[str]) -> str:
    return f"{match[1]}{re.sub(r'[^A-Za-z0-9:./_-]', '_', match[2])},"


def _entry(block: model.Block) -> model.Entry | None:
    """Return the entry of a block, also where the parser would refuse it for a key or a field that is there twice."""
    inner = getattr(block, "ignore_error_block", None) or block
    return inner if isinstance(inner, model.Entry) else None


# --- Values


def _fields(entry: model.Entry, strings: "Strings") -> Fields:
    fields: Fields = defaultdict(list)
    for field in entry.fields:
        for key, raw in _with_commas(str(field.key), str(field.value)):
            fields[re.sub(r"\s+", "-", key.strip().lower())].append(_join(raw, strings))
    return fields


def _outside(raw: str) -> Iterator[re.Match[str]]:
    """Yield the marks of a value that are in neither braces nor quotes: # and what ends a part."""
    level, quoted = 0, False
    for match in _PIECE.finditer(raw):
        level += {"{": 1, "}": -1}.get(match[0], 0)
        if match[0] == '"' and level == 0:
            quoted = not quoted
        if level == 0 and not quoted:
            yield match


def _with_commas(key: str, raw: str) -> Iterator[tuple[str, str]]:
    """Yield the field, and those that only a missing comma makes a part of its value."""
    start = 0
    for match in _outside(raw):
        if match[0] in '}"' and (following := _NEXT_FIELD.match(raw, match.end())):
            yield key, raw[start : match.end()].strip()
            key, start = following[1], following.end()
    yield key, raw[start:].strip()


def _join(raw: str, strings: "Strings") -> str:
    """Return the value of `j # " Supplement"`: its parts without quotes or outer braces, and macros replaced."""
    marks = [match.start() for match in _outside(raw) if match[0] == "#"]
    parts = [raw[start + 1 : end].strip() for start, end in pairwise([-1, *marks, len(raw)])]
    return "".join(
        part[1:-1] if len(part) > 1 and (part[0], part[-1]) in (("{", "}"), ('"', '"')) else strings.value(part)
        for part in parts
    )


class Strings(dict[str, str]):
    """The macros of a file, each with those before it replaced. What they put into a file has a limit."""

    def __init__(self, blocks: Iterable[model.Block]) -> None:
        self.left = MOST_EXPANDED
        for block in blocks:
            if isinstance(block, model.String):
                self[block.key.lower()] = _join(str(block.value), self)

    def value(self, name: str) -> str:
        value = self.get(name.lower())
        self.left -= len(value or "")
        if self.left < 0:
            raise Unreadable("its @string macros make it too long.")
        return name if value is None else value


def _with_parents(fields: Fields, entries: dict[str, Fields]) -> Fields:
    """Return the fields with those of the entries that `xdata` and `crossref` name, for what is missing.

    Such an entry may name another: at most four are followed.
    """
    for _ in range(4):
        for link in ("xdata", "crossref"):
            for key in filter(None, next(iter(fields.get(link, [])), "")[:300].split(",")[:4]):
                parent = entries.get(key.strip().lower(), {})
                wanted = _READ if link == "xdata" else _READ - _OWN
                inherited = {name: parent[name] for name in wanted if name in parent}
                if link == "crossref" and parent.get("title"):
                    inherited["booktitle"] = parent["title"]
                # What the parent names in its turn is followed next.
                onward = {name: parent[name] for name in ("xdata", "crossref") if parent.get(name)}
                fields = {**inherited, **fields, **onward}
    return fields


# --- An entry


def _authors(value: str) -> list[str]:
    """Return the names in BibTeX's order, “First von Last” or “von Last, Jr, First”; a name in braces is a group's."""
    value = " ".join(latex.decode(clean(value), latex.TO_BRACED).split())
    value = re.sub(r"\s(?:AND|And)\s", " and ", value)
    if "; " in value and " and " not in value:
        value = value.replace("; ", " and ")
    several = split_multiple_persons_names(value)
    lines = []
    # One comma in a name has a meaning in BibTeX, and two have none unless a suffix is between them.
    for name in (any(name.count(",") > 1 for name in several) and names.whole_names(several)) or several:
        if parts := dict(re.findall(r"(?<![a-z])(family|given|prefix|suffix)=([^,]*)", name)):  # biblatex
            lines.append(f"{parts.get('prefix', '')} {parts.get('family', '')}, {parts.get('given', '')}")
        elif re.fullmatch(r"\{[^{}]*\}|\{\{[^{}]*\}\}", name):
            lines.append(name.strip("{} ").replace(",", " ") + ",")  # as RIS marks the name of a group
        elif "," not in name and "{" in name:
            person = parse_single_name_into_parts(name, strict=False)
            words = (person.von + person.last, person.first)
            family, given = (" ".join(each).replace("{", "").replace("}", "") for each in words)
            lines.append(f"{family}, {given}" if given else f"{family},")
        else:
            lines.append(name.replace("{", "").replace("}", ""))
    return lines


def _fill(record: ImportedRecord, key: str, fields: Fields) -> None:
    def every(*names_of_fields: str, decode: Callable[[str], str] = latex.plain) -> list[str]:
        return [text for name in names_of_fields for value in fields.get(name, []) if (text := decode(value))]

    verbatim = partial(every, decode=latex.verbatim)
    record.label = "BibTeX record"
    for name, values in fields.items():
        if name not in _READ and not _PUBMED_FIELD.search(name):
            record.leave(name)
        elif name in _SINGLE and len(several := dict.fromkeys(map(latex.plain, values))) > 1:
            record.problems.append(f"{name} is there more than once: {'; '.join(several)[:200]}. The first was taken.")
    others = [name for name in fields if name not in _READ and not _OF_OTHERS.search(name)]
    eprint_of = " ".join(every("eprinttype", "archiveprefix")[:1]).lower()
    first_date = " ".join(part for name in ("year", "month", "day") for part in every(name)[:1])
    reference = Reference.from_places(
        _PLACES,
        every,
        authors=_lines(record, [name for value in fields.get("author", []) for name in _authors(value)]),
        journals=every("journal", "journaltitle", "fulljournal", "booktitle")[:1],
        dates=[*every("date", "early-access-date"), first_date, *every("year")[:1]],
        languages=every("language") or every("langid"),
        pmids=verbatim(*filter(_PUBMED_FIELD.search, fields), *(["eprint"] if eprint_of in _PUBMED else [])),
        pmcids=verbatim(*filter(_CENTRAL_FIELD.search, fields), *(["eprint"] if eprint_of in _CENTRAL else [])),
        abstract=[latex.rough(value) for value in fields.get("abstract", [])],
        **{name: verbatim(*of.split()) for name, of in _VERBATIM_PLACES.items()},
    )
    reference.notes += [*verbatim(*others), clean(key)]
    add(record, reference)


def _lines(record: ImportedRecord, texts: list[str]) -> list[str]:
    """Return the names; “and others” leaves the list incomplete."""
    lines = []
    for text in texts:
        if text.endswith(","):
            lines.append(names.from_text(text))
        else:
            lines += author_lines(record, [text], given_first=True)
    return lines
