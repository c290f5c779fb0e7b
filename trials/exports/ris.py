"""RIS, as Zotero, EndNote and others read it."""

from trials.exports.reference import ARTICLE, DATA, PAGE, REGISTRATION, Reference

MEDIA_TYPE = "application/x-research-info-systems"
TYPES = {ARTICLE: "JOUR", REGISTRATION: "RPRT", PAGE: "ELEC", DATA: "DATA"}


def record(work: Reference) -> str:
    """Return one record. No value holds a line end, and no field is empty."""
    authors = [f"{name.family}, {name.given}" if name.given else name.family for name in work.authors]
    fields: list[tuple[str, str]] = [
        ("ID", work.key),
        *(("AU", author.replace("*", "")) for author in authors),
        ("TI", work.title),
        ("T2", work.journal.replace("*", "")),
        ("J2", work.abbreviation.replace("*", "")),
        ("PY", work.date[:4]),
        ("DA", "/".join([*work.date.split("-"), "", "", ""][:4]) if work.date else ""),
        ("VL", work.volume),
        ("IS", work.issue),
        ("SP", work.first_page),
        ("EP", work.last_page),
        ("C7", work.article_number),
        ("LA", work.language),
        ("DO", work.doi),
        ("UR", work.address),
        *((("DB", "PubMed"), ("AN", work.pmid), ("M2", f"PMID: {work.pmid}")) if work.pmid else ()),
        ("C2", work.pmcid),
        ("PB", work.publisher),
        ("SN", work.number),
        ("M3", "Clinical trial registration" if work.kind == REGISTRATION else ""),
        ("ET", work.version),
        *(("N1", note) for note in work.notes),
    ]
    lines = [f"{tag}  - {value}" for tag, value in fields if value]
    return "\r\n".join([f"TY  - {TYPES[work.kind]}", *lines, "ER  - ", "", ""])
