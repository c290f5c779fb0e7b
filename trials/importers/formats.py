"""Which formats a file or a pasted text is in, and what is refused before a reader sees it."""

import json
import re
from collections.abc import Callable, Iterator

from trials.importers import bibtex, clinicaltrials, crossref, nbib, own, pubmed_xml, ris
from trials.importers.records import MOST_RECORDS, TOO_MANY, Reading, Unreadable, line_at

MEGABYTES = 10
MOST_BYTES = MEGABYTES * 1024 * 1024
MOST_LINES = 150_000  # 500 records in these formats have about 50,000
LONGEST_LINE = 200_000  # characters
FORMATS = "RIS, PubMed (nbib or XML), BibTeX, or JSON of ClinicalTrials.gov, Crossref or CSL"
UNKNOWN = f"this is not a format that can be read here. Wanted is {FORMATS}."
# The line that begins each format. Where one begins within another, the file holds both.
_STARTS = {
    "xml": re.compile(r"\s{0,40}(?:<\?xml\b|<!DOCTYPE\b|<Pubmed\w)"),
    "json": re.compile(r"\s{0,40}(?:\{\s{0,9}$|\{\s{0,9}\"|\[\s{0,9}(?:$|\{))"),
    "nbib": re.compile(r"PMID {0,2}- ?[0-9]{1,8}\s*$"),
    "ris": re.compile(r"\s{0,3}TY\s{0,2}-\s{1,2}[A-Z]{3,6}\s*$"),
    "bibtex": re.compile(
        r"[ \t]{0,40}@(?:article|book|booklet|inbook|incollection|inproceedings|proceedings|conference|misc|online|"
        r"techreport|report|thesis|phdthesis|unpublished|dataset|string|preamble|comment)[ \t]{0,9}[{(]",
        re.IGNORECASE,
    ),
}
# Formats that begin with another line than that: RIS without TY, nbib with other tags first, other kinds of entry.
_LIKELY = {
    "nbib": re.compile(r"^(?:PMID|OWN |STAT) {0,2}- ", re.MULTILINE),
    "ris": re.compile(r"^[ \t]{0,3}(?:TY[ \t]{0,2}-|ER[ \t]{1,2}-[ \t]{0,4}$)", re.MULTILINE),
    "bibtex": re.compile(r"^[ \t]{0,40}@[A-Za-z]{1,40}[ \t]{0,40}[{(]", re.MULTILINE),  # \s* would run over lines
}
# Formats that are met, and that their programs also write as RIS.
_FOREIGN = {
    "Web of Science’s plain text": re.compile(r"\s{0,9}(?:FN [A-Z]|PT [A-Z]\n)"),
    "EndNote’s own format": re.compile(r"\s{0,9}%[0A-Z] "),
    "Ovid’s or Cochrane’s plain text": re.compile(r"\s{0,9}(?:<1>|Record #1 of)"),
    "a table (CSV)": re.compile(r"[^\n]{0,200}(?:Authors|Title)\"?[,;\t]"),
}


def read(data: bytes | str) -> Reading:
    """Return the records of a file or a pasted text. Raises Unreadable where the whole input is refused."""
    text = _decode(data)
    reading = _joined([reading for name, part, line in _parts(text) for reading in _READERS[name](part, line)])
    if not reading.seen:
        raise Unreadable(f"there is no record in it. It looks like {reading.format}.", 1)
    if reading.seen > MOST_RECORDS:
        raise Unreadable(TOO_MANY)
    return reading


def _decode(data: bytes | str) -> str:
    """Return UTF-8 text with \\n line ends. Raises Unreadable for what is too large, binary, or in another encoding."""
    raw = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")
    if len(raw) > MOST_BYTES:
        raise Unreadable(f"it is larger than {MEGABYTES} MB. Cut it into smaller files.")
    if raw.startswith((b"%PDF", b"PK\x03\x04")):
        raise Unreadable(f"this is a PDF or an office file, not a record. Wanted is {FORMATS}.", 1)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, byte = raw.count(b"\n", 0, error.start) + 1, raw[error.start]
        reason = f"byte {error.start + 1:,} (0x{byte:02x}) is not UTF-8. Save the file as UTF-8."
        raise Unreadable(reason, line) from error
    if "\0" in text:
        raise Unreadable("it holds a NUL character, so it is not a text.", line_at(text, text.index("\0")))
    # Files that were put together have a byte order mark within.
    return text.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n")


def _parts(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield (format, text, first line) for each stretch of the text that is in one format."""
    if own.STARTS.match(text):
        yield "own", text, 1
        return
    lines = text.split("\n")
    is_data = text.lstrip()[:1] in ("<", "{", "[")  # one line may hold it all
    marks: list[tuple[str, int]] = []
    for index, line in enumerate(lines):
        if not is_data and index >= MOST_LINES:
            raise Unreadable(f"it has more than {MOST_LINES:,} lines. Cut it into smaller files.", index + 1)
        if not is_data and len(line) > LONGEST_LINE:
            reason = f"this line has {len(line):,} characters; at most {LONGEST_LINE:,} can be read."
            raise Unreadable(reason, index + 1)
        name = next((name for name, pattern in _STARTS.items() if pattern.match(line)), "")
        if name and (not marks or marks[-1][0] != name):
            marks.append((name, index))
    first = _first_format(text)
    if first and (not marks or marks[0][0] != first):
        marks.insert(0, (first, 0))
    if not marks:
        foreign = next((name for name, pattern in _FOREIGN.items() if pattern.match(text)), "")
        raise Unreadable(
            f"It looks like {foreign}: export it as RIS. {FORMATS} can be read." if foreign else UNKNOWN, 1
        )
    marks[0] = (marks[0][0], 0)  # what precedes the first record is for its reader to report
    for (name, start), end in zip(marks, [*(start for _, start in marks[1:]), len(lines)], strict=True):
        yield name, "\n".join(lines[start:end]), start + 1


def _first_format(text: str) -> str:
    """Return the format that the text begins with, or ""."""
    start = text.lstrip()[:1]
    if start in ("<", "{", "["):
        return "xml" if start == "<" else "json"
    found = [(match.start(), name) for name, pattern in _LIKELY.items() if (match := pattern.search(text))]
    return min(found)[1] if found else ""


def _read_json(text: str, line: int) -> list[Reading]:
    """Read JSON values that follow each other, and note what is none."""
    readings: list[Reading] = []
    place, number, decoder, next_value = 0, line, json.JSONDecoder(), re.compile(r"\s*(?=\S)")
    while match := next_value.match(text, place):
        if len(readings) > MOST_RECORDS:
            raise Unreadable(TOO_MANY)
        start = match.end()
        number += text.count("\n", place, start)
        try:
            data, place = decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            if readings and text[start] not in "{[":
                _leave_lines(readings[-1], number, text[start:])
                return readings
            raise Unreadable(f"the JSON is broken ({error.msg}).", line + error.lineno - 1) from error
        except (ValueError, RecursionError) as error:  # a number of thousands of digits, or brackets nested too deeply
            raise Unreadable(f"the JSON cannot be read ({str(error)[:80]}).", number) from error
        if own.is_ours(data):
            readings.append(own.read_json(data))
        elif (studies := clinicaltrials.studies_in(data)) is not None:
            readings.append(clinicaltrials.read(studies, text[start:place], number))
        elif works := crossref.works_in(data):
            readings.append(crossref.read(works, number))
        else:
            raise Unreadable("this is JSON, but neither ClinicalTrials.gov’s (API v2) nor Crossref’s.", number)
        number += text.count("\n", start, place)
    return readings


def _read_xml(text: str, line: int) -> list[Reading]:
    """Read XML documents that follow each other, and note what is none."""
    readings: list[Reading] = []
    if text.count("</PubmedArticleSet>") > MOST_RECORDS:
        raise Unreadable(TOO_MANY)
    for part in re.split(r"(?<=</PubmedArticleSet>)", text):
        if not readings or part.lstrip().startswith("<"):
            blank = len(part) - len(part.lstrip())
            readings.append(pubmed_xml.read(part[blank:], line + part.count("\n", 0, blank)))
        else:
            _leave_lines(readings[-1], line, part)
        line += part.count("\n")
    return readings


def _leave_lines(reading: Reading, line: int, text: str) -> None:
    for number, each in enumerate(text.split("\n"), start=line):
        reading.leave(number, each)


_READERS: dict[str, Callable[[str, int], list[Reading]]] = {
    "own": lambda text, line: [own.read_csv(text)],
    "xml": _read_xml,
    "json": _read_json,
    "nbib": lambda text, line: [nbib.read(text, line)],
    "ris": lambda text, line: [ris.read(text, line)],
    "bibtex": lambda text, line: [bibtex.read(text, line)],
}


def _joined(readings: list[Reading]) -> Reading:
    """Return one reading of all, with the records numbered through."""
    whole = Reading(" and ".join(dict.fromkeys(reading.format for reading in readings)))
    for reading in readings:
        whole.append(reading)
    return whole
