"""What both of PubMed's formats share."""

import re

from trials import vocabulary as v
from trials.importers.found import Found

# MARC codes that PubMed uses, for the languages a study of this field may be in.
LANGUAGES = {
    "eng": "English", "fre": "French", "ger": "German", "spa": "Spanish", "por": "Portuguese", "ita": "Italian",
    "chi": "Chinese", "jpn": "Japanese", "kor": "Korean", "tur": "Turkish", "rus": "Russian", "per": "Persian",
    "ara": "Arabic", "pol": "Polish", "dut": "Dutch", "cze": "Czech", "hun": "Hungarian", "ukr": "Ukrainian",
}  # fmt: skip


def describe(found: Found, pmid: str) -> None:
    found.label = f"PubMed record {pmid}"
    found.address = f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"


def add_title(found: Found, title: str) -> None:
    """PubMed closes every title with a full stop of its own, and puts one that it translated into brackets."""
    note = ""
    if title.startswith("[") and title.rstrip(".").endswith("]"):
        title, note = title.rstrip(".")[1:-1], "PubMed’s translation of the title."
    elif title.endswith(".") and not title.endswith("..."):
        title, note = title[:-1], "Without the full stop that PubMed puts behind every title."
    found.add("title", title, note=note)


def short_name(name: str) -> str:
    """Dilogo IH -> Dilogo, IH."""
    match = re.fullmatch(r"(.+) ([A-Z]{1,4})( (?:Jr|Sr|2nd|3rd|4th))?", name)
    return f"{match.group(1)}, {match.group(2)}{match.group(3) or ''}" if match else name.replace(",", "")


def add_design(found: Found, publication_types: list[str]) -> None:
    """PubMed's class of the paper is a hint and no more: the paper itself decides, so it is not ticked."""
    for publication_type in publication_types:
        if publication_type.lower() == "randomized controlled trial":
            note = f"PubMed classes the paper as “{publication_type}”. The paper itself is not yet checked."
            found.add("design", str(v.Design.RANDOMISED), basis=v.Basis.INFERRED, note=note, ticked=False)
