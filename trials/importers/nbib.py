"""PubMed's own format (nbib, MEDLINE). Tags: https://www.nlm.nih.gov/bsd/mms/medlineelements.html"""

import re
from collections import defaultdict
from functools import partial

from trials.identifiers import registry_of
from trials.importers import pubmed
from trials.importers.normalise import (
    add_paper,
    add_registrations,
    bare_doi,
    bare_pmcid,
    bare_pmid,
    clean,
    group,
    person,
)
from trials.importers.records import BadRecord, ImportedRecord, Reading

NAME = "PubMed (nbib)"
STARTS = re.compile(r"^PMID {0,2}- ?[0-9]", re.MULTILINE)
_TAG = re.compile(r"^([A-Z]{2,4}) {0,2}-(?: (.*))?$")
Lines = list[tuple[int, str]]  # each with its number in the file


def read(lines: list[str]) -> Reading:
    """Read the lines of a file. Records are separated by an empty line."""
    reading = Reading(NAME)
    block: Lines = []
    for number, line in [*enumerate(lines, start=1), (len(lines) + 1, "")]:
        if line.strip():
            block.append((number, line))
        elif block:
            reading.add(block[0][0], partial(_fill, block))
            block = []
    return reading


def _tagged(block: Lines) -> list[tuple[str, str]]:
    """Return (tag, text) of each field, in the order of the record."""
    fields: list[tuple[str, list[str]]] = []
    for number, line in block:
        if match := _TAG.match(line):
            fields.append((match.group(1), [match.group(2) or ""]))
        elif fields and line.startswith(" "):
            fields[-1][1].append(line.strip())
        else:
            raise BadRecord("this line is neither a tag with its value nor the continuation of one", number)
    return [(tag, text) for tag, lines in fields if (text := clean(" ".join(lines)))]


def _authors(fields: list[tuple[str, str]]) -> list[str]:
    """Return the full names or, where a record has none, the short ones; groups keep their place among them."""
    names = (
        {"CN": group, "FAU": person}
        if any(tag == "FAU" for tag, _ in fields)
        else {"CN": group, "AU": pubmed.short_name}
    )
    return [names[tag](text) for tag, text in fields if tag in names]


def _fill(block: Lines, record: ImportedRecord) -> None:
    fields = _tagged(block)
    texts: dict[str, list[str]] = defaultdict(list)
    for tag, text in fields:
        texts[tag].append(text)

    def first(*tags: str) -> str:
        return next((texts[tag][0] for tag in tags if texts[tag]), "")

    def history(event: str) -> str:
        return next((text.removesuffix(event).strip() for text in texts["PHST"] if text.endswith(event)), "")

    pmid = bare_pmid(first("PMID"))
    if not pmid:
        raise BadRecord("it has no PubMed ID")
    pubmed.describe(record, pmid)
    for text in texts["SI"]:
        bank, _, identifier = text.partition("/")
        if registry_of(identifier):
            add_registrations(record, identifier, pubmed.registry_note(bank))
    title, note = pubmed.title_and_note(first("TI", "TT"))
    add_paper(
        record,
        title=title,
        title_note=note,
        authors=_authors(fields),
        journal=first("JT"),
        journal_abbreviation=first("TA"),
        dates=[first("DEP"), first("DP")],
        received=history("[received]"),
        accepted=history("[accepted]"),
        volume=first("VI"),
        issue=first("IP"),
        pages=first("PG"),
        language=first("LA"),
        doi=next((bare_doi(text) for text in [*texts["AID"], *texts["LID"]] if text.endswith("[doi]")), ""),
        pmid=pmid,
        pmcid=bare_pmcid(first("PMC")),
        abstract=first("AB"),
        catalogue="PubMed",
    )
    pubmed.report_design(record, texts["PT"])
