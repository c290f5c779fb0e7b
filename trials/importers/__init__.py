"""Records of studies in the formats they come in: a file or a pasted text in, proposed values out.

The readers are pure: no database, no network. `matching` and `merging` set what they find against what is there;
`lookup` fetches a record by its identifier.
"""

import json
import re
from typing import Any

from trials.importers import clinicaltrials, crossref, nbib, pubmed_xml, ris
from trials.importers.found import Complaint, Found, Reading, Unreadable

__all__ = ["MAX_BYTES", "Complaint", "Found", "Reading", "Unreadable", "read"]

MAX_BYTES = 10 * 1024 * 1024
MAX_RECORDS = 5_000
# A paper of three thousand authors takes about 15,000 lines in nbib.
MAX_RECORD_LINES = 50_000
MAX_LINES = 500_000  # 10 MB of lines as short as these formats have them
MAX_LINE = 200_000  # characters
MAX_DEPTH = 100  # of JSON; a record of ClinicalTrials.gov goes to about 12
FORMATS = "RIS, PubMed (nbib or XML), BibTeX, or JSON of ClinicalTrials.gov or Crossref"
_NOT_TEXT = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a zip or office file",
    b"\x1f\x8b": "a gzip file",
    b"\x89PNG": "a picture",
}
# No \s*: it would run over lines.
_BIBTEX_STARTS = re.compile(r"^[ \t]{0,40}@[A-Za-z]{1,40}[ \t]{0,40}[{(]", re.MULTILINE)
_LINE_END = re.compile(r"\r\n|\r|\n")


def read(data: bytes | str) -> Reading:
    """The records in a file or a pasted text, in whichever of the formats it is.

    Raises Unreadable, with the line and the reason, where the whole input has to be refused. A record that has to be
    refused is in `refused`, and `seen` is always as many as `found` and `refused` together.
    """
    text = decode(data)
    reading = _read(text)
    if not reading.seen:
        raise Unreadable(f"there is no record in it. It looks like {reading.format}.", 1)
    if reading.seen > MAX_RECORDS:
        raise Unreadable(
            f"it has {reading.seen:,} records; at most {MAX_RECORDS:,} at a time. Cut it into smaller files."
        )
    return reading


def decode(data: bytes | str) -> str:
    """UTF-8 text with \\n line ends. Raises Unreadable for what is too big, binary, or in another encoding."""
    raw = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")
    if len(raw) > MAX_BYTES:
        raise Unreadable(f"it is larger than {MAX_BYTES // 1024 // 1024} MB. Cut it into smaller files.")
    for start, name in _NOT_TEXT.items():
        if raw.startswith(start):
            raise Unreadable(f"this is {name}, not a record. Wanted is {FORMATS}.", 1)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("the file is in UTF-16. Save it as UTF-8.", 1)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, byte = raw.count(b"\n", 0, error.start) + 1, raw[error.start]
        raise Unreadable(
            f"byte {error.start + 1:,} (0x{byte:02x}) is not UTF-8. Save the file as UTF-8.", line
        ) from error
    if "\0" in text:
        at = text.index("\0")
        raise Unreadable("it holds a NUL character, so it is not a text.", text.count("\n", 0, at) + 1)
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
    if text.count("\n") > MAX_LINES:
        raise Unreadable(f"it has more than {MAX_LINES:,} lines. Cut it into smaller files.", MAX_LINES + 1)
    lines = text.split("\n")
    readers: list[tuple[re.Pattern[str], Any]] = [
        (ris.STARTS, lambda: ris.read(lines)),
        (nbib.STARTS, lambda: nbib.read(lines)),
        (_BIBTEX_STARTS, lambda: _read_bibtex(text)),
    ]
    there = [(match.start(), reader) for pattern, reader in readers if (match := pattern.search(text))]
    if not there:
        raise Unreadable(f"this is not a format that can be read here. Wanted is {FORMATS}.", 1)
    _check_lines(lines)
    first: Reading = min(there, key=lambda pair: pair[0])[1]()
    return first


def _read_bibtex(text: str) -> Reading:
    # Here, because its parsers take 2 MB of every worker, and most never see BibTeX.
    from trials.importers import bibtex

    return bibtex.read(text)


# What begins or ends a record, in any of the formats that go by lines.
_MARK = re.compile(r"^\s{0,3}(?:TY|ER|PMID)\s{0,2}-|^\s*@|^\s*$")


def _check_lines(lines: list[str]) -> None:
    begun = 0
    for number, line in enumerate(lines, start=1):
        if len(line) > MAX_LINE:
            raise Unreadable(f"this line has {len(line):,} characters; at most {MAX_LINE:,} can be read.", number)
        if _MARK.match(line[:80]):
            begun = number
        elif number - begun > MAX_RECORD_LINES:
            reason = f"the record that begins here has more than {MAX_RECORD_LINES:,} lines."
            raise Unreadable(reason, max(begun, 1))


def _read_json(text: str) -> Reading:
    _check_depth(text)
    try:
        data = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise Unreadable(f"the JSON is broken ({error.msg}).", error.lineno) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits
        raise Unreadable(f"the JSON cannot be read ({str(error)[:80]}).", 1) from error
    if isinstance(data, list) and data and all(clinicaltrials.is_study(each) for each in data):
        data = {"studies": data}
    if clinicaltrials.is_study(data):
        return clinicaltrials.read(data, text)
    if crossref.is_work(data):
        return crossref.read(data)
    raise Unreadable("this is JSON, but neither ClinicalTrials.gov’s (API v2) nor Crossref’s.", 1)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{\]}]|\n')


def _check_depth(text: str) -> None:
    """Refuse what is nested too deep before the parser follows it."""
    depth, line = 0, 1
    for token in _BRACKETS.finditer(text):
        mark = token.group()
        if mark == "\n":
            line += 1
        elif mark in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise Unreadable(f"more than {MAX_DEPTH} brackets stand inside each other.", line)
        elif mark in "]}":
            depth -= 1
