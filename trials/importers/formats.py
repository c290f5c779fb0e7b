"""Which format a file or a pasted text is in, and what is refused before a reader sees it."""

import json
import re
from collections.abc import Callable

from trials.importers import bibtex, clinicaltrials, crossref, nbib, pubmed_xml, ris
from trials.importers.records import Reading, Unreadable

MOST_RECORDS = 500
MOST_BYTES = 10 * 1024 * 1024
MEGABYTES = MOST_BYTES // 1024 // 1024
MOST_LINES = 500_000  # 10 MB of lines as short as these formats have them
MOST_RECORD_LINES = 50_000  # a paper of three thousand authors takes about 15,000 lines in nbib
LONGEST_LINE = 200_000  # characters
DEEPEST = 100  # of JSON; a record of ClinicalTrials.gov goes to about 12
FORMATS = "RIS, PubMed (nbib or XML), BibTeX, or JSON of ClinicalTrials.gov or Crossref"
NOT_TEXT = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a zip or office file",
    b"\x1f\x8b": "a gzip file",
    b"\x89PNG": "a picture",
}
_LINE_END = re.compile(r"\r\n|\r|\n")
# What begins or ends a record, in any of the formats that go by lines.
_MARK = re.compile(r"^\s{0,3}(?:TY|ER|PMID)\s{0,2}-|^\s*@|^\s*$")
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{\]}]|\n')


def read(data: bytes | str) -> Reading:
    """Return the records of a file or a pasted text, in whichever of the formats it is.

    Raises Unreadable, with the line and the reason, where the whole input is refused.
    """
    reading = _read(decode(data))
    if not reading.seen:
        raise Unreadable(f"there is no record in it. It looks like {reading.format}.", 1)
    if reading.seen > MOST_RECORDS:
        reason = f"it has {reading.seen:,} records; at most {MOST_RECORDS:,} at a time. Cut it into smaller files."
        raise Unreadable(reason)
    return reading


def decode(data: bytes | str) -> str:
    """Return UTF-8 text with \\n line ends. Raises Unreadable for what is too large, binary, or in another encoding."""
    raw = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")
    if len(raw) > MOST_BYTES:
        raise Unreadable(f"it is larger than {MEGABYTES} MB. Cut it into smaller files.")
    for start, name in NOT_TEXT.items():
        if raw.startswith(start):
            raise Unreadable(f"this is {name}, not a record. Wanted is {FORMATS}.", 1)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("the file is in UTF-16. Save it as UTF-8.", 1)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, byte = raw.count(b"\n", 0, error.start) + 1, raw[error.start]
        reason = f"byte {error.start + 1:,} (0x{byte:02x}) is not UTF-8. Save the file as UTF-8."
        raise Unreadable(reason, line) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Unreadable("it holds a NUL character, so it is not a text.", line)
    return _LINE_END.sub("\n", text)


def _read(text: str) -> Reading:
    start = text.lstrip()[:1]
    if start == "<":
        reading = pubmed_xml.read(text)
        if not reading.seen:
            raise Unreadable("this is XML, and no PubmedArticle is in it.", 1)
        return reading
    if start in ("{", "["):
        return _read_json(text)
    if text.count("\n") > MOST_LINES:
        raise Unreadable(f"it has more than {MOST_LINES:,} lines. Cut it into smaller files.", MOST_LINES + 1)
    lines = text.split("\n")
    readers: list[tuple[re.Pattern[str], Callable[[], Reading]]] = [
        (ris.STARTS, lambda: ris.read(lines)),
        (nbib.STARTS, lambda: nbib.read(lines)),
        (bibtex.STARTS, lambda: bibtex.read(text)),
    ]
    fitting = [(match.start(), reader) for pattern, reader in readers if (match := pattern.search(text))]
    if not fitting:
        raise Unreadable(f"this is not a format that can be read here. Wanted is {FORMATS}.", 1)
    _check_lines(lines)
    return min(fitting, key=lambda pair: pair[0])[1]()


def _check_lines(lines: list[str]) -> None:
    begun = 0
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_LINE:
            raise Unreadable(f"this line has {len(line):,} characters; at most {LONGEST_LINE:,} can be read.", number)
        if _MARK.match(line[:80]):
            begun = number
        elif number - begun > MOST_RECORD_LINES:
            reason = f"the record that begins here has more than {MOST_RECORD_LINES:,} lines."
            raise Unreadable(reason, max(begun, 1))


def _read_json(text: str) -> Reading:
    _check_depth(text)
    try:
        data = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise Unreadable(f"the JSON is broken ({error.msg}).", error.lineno) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, for instance
        raise Unreadable(f"the JSON cannot be read ({str(error)[:80]}).", 1) from error
    if isinstance(data, list) and data and all(clinicaltrials.is_study(part) for part in data):
        data = {"studies": data}
    if clinicaltrials.is_study(data):
        return clinicaltrials.read(data, text)
    if crossref.is_work(data):
        return crossref.read(data)
    raise Unreadable("this is JSON, but neither ClinicalTrials.gov’s (API v2) nor Crossref’s.", 1)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _check_depth(text: str) -> None:
    """Refuse what is nested too deeply before the parser follows it."""
    depth, line = 0, 1
    for token in _BRACKETS.finditer(text):
        mark = token.group()
        line += mark == "\n"
        depth += (mark in "[{") - (mark in "]}")
        if depth > DEEPEST:
            raise Unreadable(f"more than {DEEPEST} brackets are nested.", line)
