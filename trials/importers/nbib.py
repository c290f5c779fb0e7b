"""PubMed's own format, nbib. Its tags: https://www.nlm.nih.gov/bsd/mms/medlineelements.html"""

import re
from collections import defaultdict
from functools import partial

from trials.importers import names
from trials.importers.identifiers import bare_pmid
from trials.importers.normalise import Found, add, author_lines
from trials.importers.records import ImportedRecord, Reading, Unreadable
from trials.importers.texts import clean, field_names

_TAG = re.compile(r"^([A-Z]{2,4}[0-9]?) {0,2}-(?: (.*))?$")
_WRAPPED = ("TI", "TT", "AB", "OAB", "AD", "CI", "COIS", "OT", "SO", "JT", "GR")  # texts of many words
_FIRST, _ONCE = ("PMID", "OWN", "STAT"), frozenset(("TI", "DP", "JT", "TA"))
KNOWN = field_names(
    "PMID OWN STAT DA DCOM LR IS VI IP DP TI PG LID AB OAB OABL CI FAU AU AUID AD FIR IR IRAD CN LA SI GR "
    "PT DEP TT PL TA JT JID RN SB MH MHDA OTO OT OID COIS EDAT CRDT PHST PST AID PMC PMCR MID SO EIN EFR "
    "CIN CON CRI CRF RIN ROF RPI RPF UIN UOF ECI ECF SPIN ORI DDIN DRIN OCI BTI CTI ED FED ISBN VTI EN PB "
    "CDAT GN SFM STAT NM PS FPS"
)
_READ = field_names(
    "PMID VI IP DP TI PG LID AB FAU AU CN LA SI PT DEP TT TA JT PHST AID PMC EIN RIN ECI CRI OTO OT GR "
    "RPI UIN EFR ROF UOF"
)
_NOTICES = {
    "EIN": "Erratum", "CRI": "Corrected and republished", "RIN": "Retraction", "ECI": "Expression of concern",
    "RPI": "Republished", "UIN": "Update", "EFR": "It is an erratum of a paper", "ROF": "It is a retraction of a paper",
    "UOF": "It is an update of a paper",
}  # fmt: skip
_OF_OTHERS = frozenset((*_NOTICES, "CIN", "CON", "CRF", "RPF", "ECF", "SPIN", "ORI", "DDIN", "DRIN", "OCI"))
Lines = list[tuple[int, str]]  # each with its number in the file


def read(text: str, first_line: int = 1) -> Reading:
    """Read nbib. A record begins with its PMID, or with a tag that it cannot have twice, after an empty line."""
    reading, block = Reading("PubMed (nbib)"), Lines()
    tags, is_open = set[str](), False
    for number, line in enumerate(text.split("\n"), start=first_line):
        if not line.strip():
            is_open = False
            continue
        match = _TAG.match(line)
        tag = match[1] if match else ""
        begins = tag in _FIRST or "PMID" not in tags or tag in _ONCE & tags
        again = tag in {"PMID", *_ONCE} & tags  # also without an empty line
        if block and (("PMID" in tags and again) or (not is_open and match and begins)):
            reading.add(block[0][0], partial(_fill, block))
            block, tags = [], set()
        if not match and not re.search(r"[^\W\d_]", line) and not line.startswith("  "):
            reading.leave(number, line)  # the number of a record, or a rule between two
        elif block or match:
            block.append((number, line))
            tags.add(tag)
            is_open = True
        else:
            reading.leave(number, line)
    if block:
        reading.add(block[0][0], partial(_fill, block))
    return reading


def _fields(block: Lines) -> list[tuple[str, str]]:
    fields: list[tuple[str, list[str]]] = []
    for number, line in block:
        if match := _TAG.match(line):
            fields.append((match[1], [match[2] or ""]))
        elif fields and (line.startswith(" ") or fields[-1][0] in _WRAPPED):
            fields[-1][1].append(line.strip())
        else:
            raise Unreadable("this line is neither a tag with its value nor the continuation of one.", number)
    return [(tag, text) for tag, lines in fields if (text := clean(" ".join(lines)))]


def _fill(block: Lines, record: ImportedRecord) -> None:
    texts: dict[str, list[str]] = defaultdict(list)
    authors, before = [], ""
    for tag, text in _fields(block):
        texts[tag].append(text)
        if tag == "CN":  # a group keeps its place among the authors
            authors.append(names.group(text))
        elif tag == "FAU" or (tag == "AU" and before != "FAU"):  # the short name follows the full one
            authors += author_lines(record, [text])
        if tag in ("FAU", "AU"):
            before = tag
        if tag not in _READ:
            record.leave(tag, text, is_known=tag in KNOWN)

    def first(*tags: str) -> str:
        return next((texts[tag][0] for tag in tags if texts[tag]), "")

    pmid = bare_pmid(first("PMID"))
    if not pmid:
        raise Unreadable("it has no PubMed ID.")
    record.label, record.address = f"PubMed record {pmid}", f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"
    history = {event: text for text, _, event in (text.partition(" [") for text in texts["PHST"])}
    add(
        record,
        Found(
            titles=texts["TI"],
            original_title=first("TT"),
            authors=authors,
            journals=texts["JT"],
            abbreviations=texts["TA"],
            dates=[*texts["DEP"], *texts["DP"]],
            received=history.get("received]", ""),
            accepted=history.get("accepted]", ""),
            volume=first("VI"),
            issue=first("IP"),
            first_page=first("PG"),
            languages=texts["LA"],
            dois=[text for text in [*texts["AID"], *texts["LID"]] if text.endswith("[doi]")],
            pmids=[pmid],
            pmcids=texts["PMC"],
            registrations=texts["SI"],
            keywords=[text for tag in texts if tag not in (_OF_OTHERS | {"TI", "AB", "SI"}) for text in texts[tag]],
            abstract=" ".join(texts["AB"]),
            funding=[text.replace("/", ", ") for text in texts["GR"]],
            publication_types=texts["PT"],
            notices=[
                f"{word}: {text}" if tag in ("EFR", "ROF", "UOF") else f"{word} in {text}"
                for tag, word in _NOTICES.items()
                for text in texts[tag]
            ],
        ),
    )
