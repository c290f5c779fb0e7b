"""Which format a file or a pasted text is in, and what is refused before a reader sees it."""

import json

from trials.importers import bibtex, json_formats, own, pubmed, ris
from trials.importers.records import Reading, Unreadable, line_at

MOST_RECORDS = 500
MEGABYTES = 10
MOST_BYTES = MEGABYTES * 1024 * 1024
MOST_LINES = 150_000  # 500 records in these formats have about 50,000
LONGEST_LINE = 200_000  # characters
FORMATS = "RIS, PubMed (nbib or XML), BibTeX, or JSON of ClinicalTrials.gov or Crossref"


def read(data: bytes | str) -> Reading:
    """Return the records of a file or a pasted text. Raises Unreadable where the whole input is refused."""
    text = _decode(data)
    start = text.lstrip()[:1]
    reading = pubmed.read_xml(text) if start == "<" else _read_json(text) if start in ("{", "[") else _read_lines(text)
    if not reading.seen:
        raise Unreadable(f"there is no record in it. It looks like {reading.format}.", 1)
    if reading.seen > MOST_RECORDS:
        raise Unreadable(f"it has {reading.seen:,} records; at most {MOST_RECORDS} at a time.")
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
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _read_lines(text: str) -> Reading:
    for number, line in enumerate(text.split("\n"), start=1):
        if number > MOST_LINES:
            raise Unreadable(f"it has more than {MOST_LINES:,} lines. Cut it into smaller files.", number)
        if len(line) > LONGEST_LINE:
            raise Unreadable(f"this line has {len(line):,} characters; at most {LONGEST_LINE:,} can be read.", number)
    readers = (
        (own.STARTS, own.read_csv),
        (ris.STARTS, ris.read),
        (pubmed.NBIB_STARTS, pubmed.read_nbib),
        (bibtex.STARTS, bibtex.read),
    )
    fitting = [(match.start(), reader) for pattern, reader in readers if (match := pattern.search(text))]
    if not fitting:
        raise Unreadable(f"this is not a format that can be read here. Wanted is {FORMATS}.", 1)
    return min(fitting, key=lambda pair: pair[0])[1](text)


def _read_json(text: str) -> Reading:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise Unreadable(f"the JSON is broken ({error.msg}).", error.lineno) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, or brackets nested too deeply
        raise Unreadable(f"the JSON cannot be read ({str(error)[:80]}).", 1) from error
    if isinstance(data, list) and data and all(json_formats.is_study(part) for part in data):
        data = {"studies": data}
    if own.is_ours(data):
        return own.read_json(data)
    if json_formats.is_study(data):
        return json_formats.read_studies(data, text)
    if json_formats.is_work(data):
        return json_formats.read_work(data)
    raise Unreadable("this is JSON, but neither ClinicalTrials.gov’s (API v2) nor Crossref’s.", 1)
