"""PubMed's own format (nbib, MEDLINE). Tags: https://www.nlm.nih.gov/bsd/mms/medlineelements.html"""

import re
from collections import defaultdict

from trials.identifiers import registry_of
from trials.importers import found as f
from trials.importers import pubmed

NAME = "PubMed (nbib)"
STARTS = re.compile(r"^PMID {0,2}- ?[0-9]", re.MULTILINE)
_TAG = re.compile(r"^([A-Z]{2,4}) {0,2}-(?: (.*))?$")


def read(lines: list[str]) -> f.Reading:
    """Records from the lines of a file; an empty line parts them."""
    reading = f.Reading(NAME)
    block: list[tuple[int, str]] = []
    for number, line in [*enumerate(lines, start=1), (len(lines) + 1, "")]:
        if line.strip():
            block.append((number, line))
        elif block:
            reading.seen += 1
            start = block[0][0]
            try:
                reading.found.append(_found(reading.seen, start, _fields(block)))
            except f.BadRecord as bad:
                reading.refuse(bad.line or start, f"{bad.reason}.")
            block = []
    return reading


def _fields(block: list[tuple[int, str]]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = defaultdict(list)
    tag = ""
    for number, line in block:
        match = _TAG.match(line)
        if match:
            tag = match.group(1)
            # The full names stand each behind their short one; a group has no full one.
            fields[tag].append(match.group(2) or "")
            if tag in ("AU", "FAU", "CN"):
                fields["names"].append(f"{tag} {match.group(2) or ''}")
        elif tag and line.startswith(" "):
            fields[tag].append(f"{fields[tag].pop()} {line.strip()}")
            if tag in ("AU", "FAU", "CN"):
                fields["names"].append(f"{fields['names'].pop()} {line.strip()}")
        else:
            raise f.BadRecord("this line is neither a tag with its value nor the continuation of one", number)
    return fields


def _found(number: int, line: int, fields: dict[str, list[str]]) -> f.Found:
    def first(tag: str) -> str:
        return next(filter(None, map(f.clean, fields.get(tag, []))), "")

    def every(tag: str) -> list[str]:
        return [text for text in map(f.clean, fields.get(tag, [])) if text]

    pmid = f.bare_pmid(first("PMID"))
    if not pmid:
        raise f.BadRecord("it has no PubMed ID")
    found = f.Found(number, line, NAME)
    pubmed.describe(found, pmid)
    pubmed.add_title(found, first("TI") or first("TT"))
    names: list[str] = []
    full = {text[4:].strip() for text in fields.get("names", []) if text.startswith("FAU")}
    for text in fields.get("names", []):
        tag, _, name = text.partition(" ")
        name = f.clean(name)
        if tag == "CN":
            names.append(f.group(name))
        elif tag == "FAU" or not full:
            names.append(f.person(name) if tag == "FAU" else pubmed.short_name(name))
    found.add("authors", "\n".join(filter(None, names)))
    found.add("journal", first("JT"))
    found.add("journal_abbreviation", first("TA"))
    date, quote = f.earliest(*((f.partial_date(text), text) for text in (first("DEP"), first("DP"))))
    found.add("publication_date", date, quote=quote)
    for name, tail in (("received", "[received]"), ("accepted", "[accepted]")):
        written = next((text for text in every("PHST") if text.endswith(tail)), "")
        found.add(name, f.partial_date(written.removesuffix(tail)), quote=written)
    found.add("volume", first("VI"))
    found.add("issue", first("IP"))
    found.add("pages", first("PG"))
    found.add("language", pubmed.LANGUAGES.get(first("LA").lower(), ""), quote=first("LA"))
    found.add("doi", next((f.bare_doi(text) for text in [*every("AID"), *every("LID")] if text.endswith("[doi]")), ""))
    found.add("pmid", pmid)
    found.add("pmcid", f.bare_pmcid(first("PMC")))
    pubmed.add_design(found, every("PT"))
    for text in every("SI"):
        bank, _, identifier = text.partition("/")
        if registry_of(identifier):
            f.add_registrations(found, identifier, f"PubMed names this number ({bank}) as one that the paper gives.")
    f.add_registrations(found, first("AB"), "In the abstract, as PubMed gives it.")
    return found
