"""Which formats a file or a pasted text is in, and what is refused before a reader sees it."""

import codecs
import json
import re
import textwrap
from collections.abc import Callable, Iterator

from trials.importers import bibtex, clinicaltrials, crossref, own, pubmed, reference_managers, ris, xml_parts
from trials.importers.records import Reading, Unreadable

MEGABYTES = 10
MOST_BYTES = MEGABYTES * 1024 * 1024
MOST_LINES = 150_000  # 500 records in these formats have about 50,000
LONGEST_LINE = 200_000  # characters
FORMATS = "RIS, PubMed (nbib or XML), BibTeX, EndNote (XML), or JSON of ClinicalTrials.gov, Crossref, CSL or Zotero"
UNKNOWN = (
    f"this is not a format that can be read here. Use {FORMATS}; or paste a DOI, a PubMed ID or an NCT number, such as "
    "10.1002/sctm.21-0046, 33902726 or NCT04457609."
)
# Lines that one format alone has, most of them the first of a record. Where one is within another, a file holds both.
_MARKS = {
    "xml": re.compile(r"\s{0,40}(?:<\?xml\b|<!DOCTYPE\b|<Pubmed\w|<xml>|<records>)"),
    "json": re.compile(r"\s{0,40}(?:\{\s{0,9}$|\{\s{0,9}\"|\[\s{0,9}(?:$|\{))"),
    "nbib": re.compile(r"(?:PMID|pmid) {0,2}-[ \t]?[0-9]{1,8}\s*$|(?:OWN |STAT) {0,2}-[ \t]"),
    "ris": re.compile(
        r"[ \t]{0,40}(?:T[Yy]|ty)\s{0,2}[-–—:]\s{0,2}[A-Za-z]{3,6}\s*$"
        r"|[ \t]{0,3}(?:TY[ \t]{0,2}[-–—]|ER[ \t]{1,2}[-–—]\s*$)"
    ),
    "bibtex": re.compile(r"[ \t]{0,40}@[A-Za-z]{1,40}[ \t]{0,9}[{(](?:[^\n]{0,300}[,=]|\S{0,80}\s*$)"),
}
# Authors and titles with tags, though nothing says where a record begins and ends.
_TAGGED = re.compile(r"^[ \t]{0,3}(?:AU|A1|TI|T1)  - ", re.MULTILINE)
_LIKELY_PUBMED = re.compile(r"^(?:FAU|PHST|LID|AID) ?- ", re.MULTILINE)
# Formats that are met, and that their programs also write as RIS.
_FOREIGN = {
    "Web of Science’s plain text": re.compile(r"\s{0,9}(?:FN [A-Z]|PT [A-Z]\n)"),
    "EndNote’s own format": re.compile(r"\s{0,9}%[0A-Z] "),
    "Ovid’s or Cochrane’s plain text": re.compile(r"\s{0,9}(?:<1>|Record #1 of)"),
    "a table (CSV)": re.compile(r"[^\n]{0,200}(?:Authors|Title)\"?[,;\t]"),
}


def read(data: bytes | str) -> Reading:
    """Return the records of a file or a pasted text. Raises Unreadable where the whole input is refused."""
    reading = Reading()
    for name, part, first_line in _parts(_decode(data)):
        _READERS[name](part, first_line, reading)
    if not reading.seen:
        raise Unreadable(f"there is no record in it. It looks like {reading.format}.", 1)
    reading.check_number()
    return reading


def _decode(data: bytes | str) -> str:
    """Return UTF-8 text with \\n line ends. Raises Unreadable for what is too large, binary, or in another encoding."""
    raw = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")
    if len(raw) > MOST_BYTES:
        raise Unreadable(f"it is larger than {MEGABYTES} MB. Cut it into smaller files.")
    if raw.startswith((b"%PDF", b"PK\x03\x04")):
        raise Unreadable(f"this is a PDF or an office file, not a record. Use {FORMATS}.", 1)
    encoding = "UTF-16" if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "UTF-8"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line, byte = raw.count(b"\n", 0, error.start) + 1, raw[error.start]
        reason = f"byte {error.start + 1:,} (0x{byte:02x}) is not {encoding}. Save the file as UTF-8."
        raise Unreadable(reason, line) from error
    if "\0" in text:
        raise Unreadable("it holds a NUL character, so it is not a text.", text.count("\n", 0, text.index("\0")) + 1)
    # Files that were put together have a byte order mark, or the end of a page, within.
    return text.replace("\ufeff", "").replace("\f", "").replace("\r\n", "\n").replace("\r", "\n")


def _parts(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield (format, text, first line) for each stretch of the text that is in one format."""
    if own.STARTS.match(text):
        yield "own", text, 1
        return
    is_data = text.lstrip()[:1] in ("<", "{", "[")  # one line may hold it all
    text = textwrap.dedent(text) if text[:1] in (" ", "\t") and not is_data else text
    text = text if is_data else bibtex.BRACE_BELOW.sub(r"\1\3\2", text)
    marks: list[tuple[str, int]] = []
    if is_data:
        marks.append(("xml" if text.lstrip()[0] == "<" else "json", 0))
    lines = text.split("\n")
    for index, line in enumerate(lines):
        if not is_data and index >= MOST_LINES:
            raise Unreadable(f"it has more than {MOST_LINES:,} lines. Cut it into smaller files.", index + 1)
        if not is_data and len(line) > LONGEST_LINE:
            reason = f"this line has {len(line):,} characters; at most {LONGEST_LINE:,} can be read."
            raise Unreadable(reason, index + 1)
        name = next((name for name, pattern in _MARKS.items() if pattern.match(line)), "")
        if name and (not marks or marks[-1][0] != name):
            marks.append((name, index))
    if not marks and _TAGGED.search(text):
        marks = [("nbib" if _LIKELY_PUBMED.search(text) else "ris", 0)]
    if not marks:
        foreign = next((name for name, pattern in _FOREIGN.items() if pattern.match(text)), "")
        raise Unreadable(
            f"It looks like {foreign}: export it as RIS. {FORMATS} can be read." if foreign else UNKNOWN, 1
        )
    marks[0] = (marks[0][0], 0)  # what precedes the first record is for its reader to report
    for (name, start), end in zip(marks, [*(start for _, start in marks[1:]), len(lines)], strict=True):
        yield name, "\n".join(lines[start:end]), start + 1


def _read_json(text: str, first_line: int, reading: Reading) -> None:
    """Read JSON values that follow each other, and note what is none."""
    place, line, decoder, next_value, is_first = 0, first_line, json.JSONDecoder(), re.compile(r"\s*(?=\S)"), True
    while match := next_value.match(text, place):
        start = match.end()
        line += text.count("\n", place, start)
        try:
            data, place = decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            if not is_first and text[start] not in "{[":
                return reading.leave(line, text[start:])
            raise Unreadable(f"the JSON is broken ({error.msg}).", first_line + error.lineno - 1) from error
        except (ValueError, RecursionError) as error:  # a number of thousands of digits, or brackets nested too deeply
            raise Unreadable(f"the JSON cannot be read ({str(error)[:80]}).", line) from error
        if own.is_ours(data):
            own.read_json(data, reading)
        elif (studies := clinicaltrials.studies_in(data)) is not None:
            clinicaltrials.read(studies, text[start:place], line, reading)
        elif items := reference_managers.items_in(data):
            reference_managers.read_items(items, line, reading)
        elif works := crossref.works_in(data):
            crossref.read(works, line, reading)
        else:
            raise Unreadable(
                "this is JSON, but neither ClinicalTrials.gov’s (API v2), Crossref’s nor Zotero’s. Export it as RIS.",
                line,
            )
        line += text.count("\n", start, place)
        is_first = False


def _read_xml(text: str, line: int, reading: Reading) -> None:
    """Read XML documents that follow each other, and note what is none."""
    end = "</PubmedArticleSet>" if "<PubmedArticleSet" in text else "</PubmedArticle>"
    reading.check_number(text.count(end))
    for number, part in enumerate(re.split(f"(?<={end})", text)):
        if number and not part.lstrip().startswith("<"):
            reading.leave(line, part)
        else:
            blank = len(part) - len(part.lstrip())
            _read_document(part[blank:], line + part.count("\n", 0, blank), reading)
        line += part.count("\n")


def _read_document(text: str, line: int, reading: Reading) -> None:
    if re.match(r"(?:<!DOCTYPE )?<?html", text, re.IGNORECASE):
        raise Unreadable(f"this is a web page, not a record. Use {FORMATS}.", line)
    root = xml_parts.parse(text, line)
    if records := reference_managers.endnote_records(root):
        reference_managers.read_endnote(records, text, line, reading)
    elif "<Pubmed" in text:
        pubmed.read_xml(root, text, line, reading)
    else:
        raise Unreadable("this is XML, but neither PubMed’s nor EndNote’s. Export it as RIS.", line)


_READERS: dict[str, Callable[[str, int, Reading], None]] = {
    "own": own.read_csv,
    "xml": _read_xml,
    "json": _read_json,
    "nbib": pubmed.read_nbib,
    "ris": ris.read,
    "bibtex": bibtex.read,
}
