"""RIS, as reference managers and publishers write it.

This is not left to a package: rispy 0.10 drops a record without ER, or with one space after its tag, without a word.
"""

import re
from collections import defaultdict
from functools import partial

from trials.importers.normalise import add_paper, author, bare_doi, bare_pmcid, bare_pmid, clean
from trials.importers.records import ImportedRecord, Reading, Unreadable

STARTS = re.compile(r"^[ \t]{0,3}TY[ \t]{0,2}-", re.MULTILINE)
UNFINISHED = "it has no ER line at its end, so it may be cut off. If it is whole, add the line “ER  - ”."
TEXTS = {"title": "TI T1 CT", "volume": "VL", "issue": "IS", "language": "LA"}
_TAG = re.compile(r"^\s{0,3}([A-Z][A-Z0-9])\s{0,2}-(?:\s(.*))?$")
Fields = list[tuple[str, list[str]]]  # a tag, and the lines of its value


def read(text: str) -> Reading:
    """Read a RIS file. A record that does not begin with TY and end with ER is refused."""
    reading, fields, start = Reading("RIS"), Fields(), 0
    for number, line in enumerate(text.split("\n"), start=1):
        match = _TAG.match(line)
        if not match:
            if fields:
                fields[-1][1].append(line)
            continue
        tag, value = match.group(1), match.group(2) or ""
        if tag == "ER":
            reading.add(start if fields else number, partial(_fill, fields))
            fields = []
            continue
        if fields and tag == "TY":
            reading.refuse(start, UNFINISHED)
            fields = []
        start = start if fields else number
        fields.append((tag, [value]))
    if fields:
        reading.refuse(start, UNFINISHED)
    return reading


def _fill(fields: Fields, record: ImportedRecord) -> None:
    if not fields or fields[0][0] != "TY":
        raise Unreadable("it does not begin with a TY line.")
    texts: dict[str, list[str]] = defaultdict(list)
    for tag, lines in fields:
        if text := clean(" ".join(lines)):
            texts[tag].append(text)

    def every(*tags: str) -> list[str]:
        return [text for tag in tags for text in texts[tag]]

    def first(*tags: str) -> str:
        return next(iter(every(*tags)), "")

    addresses, database = every("UR", "L2", "LK"), first("DB")
    numbers = [text for text in every("M2", "N1", "C5") if text.upper().startswith("PMID")]
    if database.lower() in ("pubmed", "medline", "nlm"):
        numbers += every("AN")
    full, short, other = first("T2", "JF"), first("J2", "JA"), first("JO")  # JO is the full name or the abbreviation
    record.label = f"RIS record from {database}"[:200] if database else "RIS record"
    add_paper(
        record,
        authors=[author(*name.split(",")) for name in every("AU", "A1")],
        journal=full or other or short,
        journal_abbreviation=short or (other if full and other != full else ""),
        dates=every("DA", "PY", "Y1"),
        pages="-".join(dict.fromkeys(every("SP")[:1] + every("EP")[:1])) or first("C7"),
        doi=next(filter(None, map(bare_doi, every("DO") + [text for text in addresses if "doi.org/" in text])), ""),
        pmid=next(filter(None, map(bare_pmid, numbers)), ""),
        pmcid=next(filter(None, map(bare_pmcid, every("C2", "M2"))), ""),
        abstract=" ".join(every("AB", "N2")),
        **{name: first(*tags.split()) for name, tags in TEXTS.items()},
        web=next((text for text in addresses if text.startswith("http")), ""),
    )
