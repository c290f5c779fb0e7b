"""RIS, as reference managers and publishers write it.

Our own reader, not a package: rispy 0.10 drops a record without ER, or with one space behind its tag, and says nothing.
"""

import re
from collections import defaultdict

from trials.importers import found as f

NAME = "RIS"
_TAG = re.compile(r"^\s{0,3}([A-Z][A-Z0-9])\s{0,2}-(?:\s(.*))?$")
STARTS = re.compile(r"^[ \t]{0,3}TY[ \t]{0,2}-", re.MULTILINE)
FULL_NAME, ABBREVIATION = ("T2", "JF"), ("J2", "JA")
Lines = list[tuple[int, str]]


def read(lines: list[str]) -> f.Reading:
    """Records from the lines of a RIS file. A record that does not begin with TY and end with ER is refused."""
    reading = f.Reading(NAME)
    record: dict[str, list[str]] | None = None
    start, tag, headed = 0, "", False

    def refuse_unfinished() -> None:
        reading.refuse(
            start, "it has no ER line at its end, so it may be cut off. If it is whole, add the line “ER  - ”."
        )

    for number, line in enumerate(lines, start=1):
        match = _TAG.match(line)
        if not match:
            if record is not None and tag and line.strip():
                record[tag].append(f"{record[tag].pop()} {line.strip()}" if len(record[tag]) else line)
            continue
        name, value = match.group(1), (match.group(2) or "").strip()
        if name == "TY" or record is None:
            if record is not None:
                refuse_unfinished()
            record, start, headed = defaultdict(list), number, name == "TY"
            reading.seen += 1
        if name == "ER":
            if headed:
                _keep(reading, record, start)
            else:
                reading.refuse(start, "it does not begin with a TY line.")
            record, tag = None, ""
            continue
        tag = name
        record[tag].append(value)
    if record is not None:
        refuse_unfinished()
    return reading


def _keep(reading: f.Reading, record: dict[str, list[str]], line: int) -> None:
    try:
        reading.found.append(_found(reading.seen, line, record))
    except f.BadRecord as bad:
        reading.refuse(bad.line or line, f"{bad.reason}.")


def _found(number: int, line: int, record: dict[str, list[str]]) -> f.Found:
    found = f.Found(number, line, NAME)

    def first(*tags: str) -> str:
        return next((text for tag in tags for text in map(f.clean, record.get(tag, [])) if text), "")

    def every(*tags: str) -> list[str]:
        return [text for tag in tags for text in map(f.clean, record.get(tag, [])) if text]

    doi = next(filter(None, map(f.bare_doi, [*every("DO"), *(u for u in every("UR", "L2") if "doi.org/" in u)])), "")
    database = first("DB")
    named = [text for text in every("M2", "N1", "C5") if text.upper().startswith("PMID")]
    pmid = next(filter(None, map(f.bare_pmid, named)), "")
    if not pmid and database.lower() in ("pubmed", "medline", "nlm"):
        pmid = f.bare_pmid(first("AN"))
    pmcid = next(filter(None, map(f.bare_pmcid, every("C2", "M2"))), "")
    web = next((text for text in every("UR", "L2", "LK") if text.startswith(("https://", "http://"))), "")

    found.label = f"RIS record from {database}"[:200] if database else "RIS record"
    found.address = f"https://doi.org/{doi}" if doi else f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid else web
    found.add("title", first("TI", "T1", "CT"))
    found.add("authors", "\n".join(filter(None, map(f.person, every("AU", "A1")))))
    full, short = first(*FULL_NAME), first(*ABBREVIATION)
    other = first("JO")  # a full name to some programs, an abbreviation to others
    found.add("journal", full or other or short)
    found.add("journal_abbreviation", short or (other if full and other != full else ""))
    written = first("DA"), first("PY", "Y1")
    dates = [(f.partial_date(text), text) for text in written]
    date, quote = dates[0] if dates[0][0] else dates[1]
    if not date and any(written):
        found.complain(f"“{next(filter(None, written))}” is not a date.")
    found.add("publication_date", date, quote=quote)
    found.add("volume", first("VL"))
    found.add("issue", first("IS"))
    pages = [text for text in (first("SP"), first("EP")) if text]
    found.add("pages", "-".join(dict.fromkeys(pages)) or first("C7"))
    found.add("language", first("LA"))
    found.add("doi", doi)
    found.add("pmid", pmid)
    found.add("pmcid", pmcid)
    f.add_registrations(found, " ".join(every("AB", "N2")), "In the abstract, as the record gives it.")
    return found
