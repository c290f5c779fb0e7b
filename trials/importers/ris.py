"""RIS, as reference managers and publishers write it.

This is not left to a package: rispy 0.10 drops a record without ER, or with one space after its tag, without a word.
"""

import re
from collections import defaultdict
from functools import partial

from trials.importers.normalise import (
    add_paper,
    address_of,
    bare_doi,
    bare_pmcid,
    bare_pmid,
    clean,
    partial_date,
    person,
)
from trials.importers.records import BadRecord, ImportedRecord, Reading

NAME = "RIS"
STARTS = re.compile(r"^[ \t]{0,3}TY[ \t]{0,2}-", re.MULTILINE)
_TAG = re.compile(r"^\s{0,3}([A-Z][A-Z0-9])\s{0,2}-(?:\s(.*))?$")
UNFINISHED = "it has no ER line at its end, so it may be cut off. If it is whole, add the line “ER  - ”."
Fields = dict[str, list[str]]


def read(lines: list[str]) -> Reading:
    """Read the lines of a RIS file. A record that does not begin with TY and end with ER is refused."""
    reading = Reading(NAME)
    fields: Fields | None = None
    start, tag, headed = 0, "", False
    for number, line in enumerate(lines, start=1):
        match = _TAG.match(line)
        if not match:
            if fields is not None and tag and line.strip():
                fields[tag].append(f"{fields[tag].pop()} {line.strip()}")
            continue
        tag, value = match.group(1), (match.group(2) or "").strip()
        if tag == "TY" or fields is None:
            if fields is not None:
                reading.refuse(start, UNFINISHED)
            fields, start, headed = defaultdict(list), number, tag == "TY"
        if tag != "ER":
            fields[tag].append(value)
            continue
        reading.add(start, partial(_fill, fields if headed else None))
        fields, tag = None, ""
    if fields is not None:
        reading.refuse(start, UNFINISHED)
    return reading


def _fill(fields: Fields | None, record: ImportedRecord) -> None:
    if fields is None:
        raise BadRecord("it does not begin with a TY line")

    def every(*tags: str) -> list[str]:
        return [text for tag in tags for text in map(clean, fields.get(tag, [])) if text]

    def first(*tags: str) -> str:
        return next(iter(every(*tags)), "")

    addresses = every("UR", "L2", "LK")
    doi = next(filter(None, map(bare_doi, [*every("DO"), *(text for text in addresses if "doi.org/" in text)])), "")
    database = first("DB")
    pmid = next(filter(None, (bare_pmid(text) for text in every("M2", "N1", "C5") if text.upper()[:4] == "PMID")), "")
    if not pmid and database.lower() in ("pubmed", "medline", "nlm"):
        pmid = bare_pmid(first("AN"))
    full, short, other = first("T2", "JF"), first("J2", "JA"), first("JO")  # JO is the full name or the abbreviation
    written = first("DA"), first("PY", "Y1")
    record.label = f"RIS record from {database}"[:200] if database else "RIS record"
    record.address = address_of(doi, pmid, next((text for text in addresses if text.startswith("http")), ""))
    add_paper(
        record,
        title=first("TI", "T1", "CT"),
        authors=map(person, every("AU", "A1")),
        journal=full or other or short,
        journal_abbreviation=short or (other if full and other != full else ""),
        dates=[next(filter(partial_date, written), "") or written[0] or written[1]],
        volume=first("VL"),
        issue=first("IS"),
        pages="-".join(dict.fromkeys(every("SP")[:1] + every("EP")[:1])) or first("C7"),
        language=first("LA"),
        doi=doi,
        pmid=pmid,
        pmcid=next(filter(None, map(bare_pmcid, every("C2", "M2"))), ""),
        abstract=" ".join(every("AB", "N2")),
    )
