"""What both of PubMed's formats share."""

import re

from trials.importers.records import ImportedRecord


def describe(record: ImportedRecord, pmid: str) -> None:
    record.label = f"PubMed record {pmid}"
    record.address = f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"


def title_and_note(title: str) -> tuple[str, str]:
    """Return the title without PubMed's own marks. It ends each with a full stop, and a translation is in brackets."""
    if title.startswith("[") and title.rstrip(".").endswith("]"):
        return title.rstrip(".")[1:-1], "PubMed’s translation of the title."
    if title.endswith(".") and not title.endswith("..."):
        return title[:-1], "Without the full stop that PubMed puts after every title."
    return title, ""


def short_name(name: str) -> str:
    """Return “Dilogo, IH” for “Dilogo IH”."""
    match = re.fullmatch(r"(.+) ([A-Z]{1,4})( (?:Jr|Sr|2nd|3rd|4th))?", name)
    return f"{match[1]}, {match[2]}{match[3] or ''}" if match else name.replace(",", "")


def report_design(record: ImportedRecord, publication_types: list[str]) -> None:
    """Report how PubMed classes the paper. The design of a study is what the paper itself says, so it is not taken."""
    for publication_type in publication_types:
        if publication_type.lower() == "randomized controlled trial":
            record.report(f"PubMed classes the paper as “{publication_type}”. Read the design in the paper itself.")


def registry_note(bank: str) -> str:
    return f"PubMed names this number ({bank}) as one that the paper gives."
