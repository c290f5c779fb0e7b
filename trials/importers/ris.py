"""RIS, as reference managers, publishers and catalogues write it.

This is not left to a package: rispy 0.10 drops a record without ER, or with one space after its tag, without a word.
"""

import re
from collections import defaultdict
from functools import partial

from trials.importers.identifiers import MEDLINE, MEDLINE_NUMBER, bare_pmid
from trials.importers.normalise import Found, add, author_lines
from trials.importers.records import ImportedRecord, Reading, Unreadable
from trials.importers.texts import clean, field_names

UNFINISHED = "It has no ER line at its end: look whether it is whole."
# A dash that a word processor made longer, or no space behind it, leaves a tag a tag.
TAG = re.compile(r"^\s{0,3}([A-Z][A-Z0-9])(?:\s{0,2}-(?:\s(.*))?|\s{2}[-–—](.*))$")
_HEAD = re.compile(r"\s{0,3}TY(?:\s{0,2}-\s|\s{2}[-–—]).*")
_LONG = ("AB", "N2", "N1")
# Tags whose value has no small letter first: within an abstract, such a line goes on with it ("T2  - weighted").
_DOUBTED = (
    "TY",
    "TI",
    "T1",
    "T2",
    "T3",
    "CT",
    "BT",
    "JF",
    "JO",
    "VL",
    "SP",
    "EP",
    "IS",
    "PY",
    "Y1",
    "CY",
    "PB",
    "AB",
    "N2",
)
_NUMBERS = ("VL", "IS", "SP", "EP", "PY", "Y1")
_ONCE = ("TY", "TI", "T1", "PY", "Y1", "VL", "SP", "EP", "IS")
_LOWER_NAMES = re.compile(r"npj\b|[a-z]{1,3}[A-Z]")  # npj Vaccines, eLife, mBio
KNOWN = field_names(
    "TY TI T1 T2 T3 TT CT BT ST AU A1 A2 A3 A4 A5 ED AB N2 N1 KW DA PY Y1 Y2 VL IS NV SP EP SE JF JO JA "
    "J1 J2 JI J9 LA DO DI UR L1 L2 L3 L4 LK LB PB CY PP SN AD AN DB DP C1 C2 C3 C4 C5 C6 C7 C8 M1 M2 M3 U1 U2 "
    "U3 U4 U5 ID RN RP RI ET OP TA CA CN SV CP VO AV CR AR IP ER"
)
_NOTES = (
    "N1",
    "M1",
    "M2",
    "M3",
    "C1",
    "C2",
    "C3",
    "C4",
    "C5",
    "C6",
    "C7",
    "C8",
    "AN",
    "ID",
    "U1",
    "U2",
    "U3",
    "U4",
    "U5",
)
_READ = field_names(
    "TI T1 CT BT TT OP AU A1 AB N2 DA PY Y1 VL IS SP EP JF JO JA J1 J2 JI J9 TA T2 LA DO DI UR L1 L2 L3 LK DB AR PT"
)
Fields = list[tuple[str, list[str]]]  # a tag, and the lines of its value


def read(text: str, first_line: int = 1) -> Reading:
    """Read RIS. A record ends with ER, and may have any order of its tags.

    Without ER it ends before the next TY, at the empty line behind its own tags if there is one, and is told of.
    """
    reading, fields, start = Reading("RIS"), Fields(), 0
    present = set[str]()
    gap, gap_line, before_gap = 0, 0, set[str]()  # the fields before the last empty line; where the next one begins
    lines = text.split("\n")
    for index, line in enumerate(lines):
        number = first_line + index
        match = TAG.match(line)
        value = (match[2] or match[3] or "").strip() if match else ""
        if match and fields and _goes_on(fields, match[1], value, lines, index):
            match = None
        if not match:
            if not line.strip():
                before_gap = before_gap if gap == len(fields) else set(present)
                gap, gap_line = len(fields), 0
            elif fields:
                fields[-1][1].append(line)
            else:
                reading.leave(number, line)
            continue
        tag = match[1]
        gap_line = gap_line or number
        if tag == "ER":
            if fields:
                reading.add(start, partial(_fill, fields))
            fields = []
            if not _HEAD.match(value):
                continue
            tag, value = "TY", value.partition("-")[2]  # the next record, on the same line
        if not fields:
            present, gap, before_gap = set(), 0, set()
        if tag == "TY" and "TY" in present:
            names = [name for name, _ in fields]
            # Tags between an empty line and this one are those of the record that begins, if the other has them too.
            end = gap if gap and set(names[:gap]) & set(names[gap:]) & set(_ONCE) else len(fields)
            reading.add(start, partial(_fill_unfinished, fields[:end]))
            fields, start = fields[end:], gap_line
            present, gap, before_gap = set(names[end:]), 0, set()
        elif tag in ("TI", "T1") and fields[:gap] and tag in before_gap:  # another title, behind an empty line
            reading.add(start, partial(_fill_unfinished, fields[:gap]))
            fields, start = fields[gap:], gap_line
            present, gap = {name for name, _ in fields}, 0
        start = start if fields else number
        present.add(tag)
        fields.append((tag, [value]))
    if fields:
        reading.add(start, partial(_fill_unfinished, fields))
    return reading


def _goes_on(fields: Fields, tag: str, value: str, lines: list[str], index: int) -> bool:
    """Tell whether a line that looks like a tag goes on with the text before it."""
    if tag == "ER":
        if not value or _HEAD.match(value):
            return False
        following = next((line for line in lines[index + 1 : index + 4] if line.strip()), "TY  - ")
        return not _HEAD.match(following)
    inside, text = fields[-1][0] in _LONG, fields[-1][1][-1].rstrip()
    if inside and tag not in KNOWN:
        return not value[:1].isupper()  # "IL  - 6"
    if not inside or text.endswith((".", "!", "?", ")", "”", '"')):
        return False
    if tag in _NUMBERS:  # "SP  - A protein rose"
        return not re.search("[0-9]", value) or len(value.split()) > 3
    return tag in _DOUBTED and value[:1].islower() and not _LOWER_NAMES.match(value)


def _fill_unfinished(fields: Fields, record: ImportedRecord) -> None:
    _fill(fields, record)
    record.problems.append(UNFINISHED)


def _fill(fields: Fields, record: ImportedRecord) -> None:
    texts: dict[str, list[str]] = defaultdict(list)
    for tag, lines in fields:
        if text := clean(" ".join(lines)):
            texts[tag].append(text)
            if tag not in _READ and tag not in _NOTES and tag != "TY":
                record.leave(tag, text, is_known=tag in KNOWN)

    def every(*tags: str) -> list[str]:
        return [text for tag in tags for text in texts[tag]]

    def first(*tags: str) -> str:
        return next(iter(every(*tags)), "")

    if not texts:
        raise Unreadable("it is empty.")
    for tag in (*_ONCE[3:], "DA"):
        if len(several := dict.fromkeys(texts[tag])) > 1:
            record.problems.append(f"{tag} is there more than once: {'; '.join(several)[:200]}. The first was taken.")
    database = first("DB")
    record.label = f"RIS record from {database}"[:200] if database else "RIS record"
    add(
        record,
        Found(
            titles=every("TI", "T1", "CT", "BT", "ST"),
            original_title=first("TT", "OP"),
            authors=author_lines(record, _authors(fields)),
            journals=every("JF", "JO", "T2"),
            abbreviations=every("J2", "JA", "JI", "J1", "J9", "TA"),
            # EndNote has the date of the electronic version in ET, Web of Science that of early access in C6.
            dates=[*every("DA", "PY", "Y1"), *(text for text in every("ET", "C6") if _EARLY.fullmatch(text))],
            volume=first("VL"),
            issue=first("IS") or next((text for text in texts["M1"] if re.fullmatch(r"\(?[0-9]{1,4}\)?", text)), ""),
            first_page=first("SP"),
            last_page=first("EP"),
            article_number=first("AR") or next((text for text in texts["C7"] if not re.match("PM(ID|C)", text)), ""),
            languages=every("LA"),
            dois=every("DO", "DI"),
            pmids=_pubmed_ids(texts, database),
            pmcids=[text for text in every("C2", "M2") if text.upper().startswith("PMC")],
            notes=every(*_NOTES),
            addresses=every("UR", "L2", "L3", "LK", "L1"),
            keywords=[text for tag in texts if tag not in (*_READ, *_NOTES, "CR") for text in texts[tag]],
            abstract=" ".join(dict.fromkeys(every("AB", "N2"))),
            publication_types=every("M3", "PT"),
        ),
    )


_EARLY = re.compile(r"[12][0-9]{3}(?:[-/][0-9/-]{1,6}|[0-9]{4})|[A-Z]{3} [12][0-9]{3}")


def _authors(fields: Fields) -> list[str]:
    """Return the authors in the order of the file. Some programs write the whole list twice, as A1 and as AU.

    Of two lists of the same families, the one with the longer names is returned.
    """
    both = [(tag, clean(_one_line(lines))) for tag, lines in fields if tag in ("AU", "A1")]
    lists = [[text for tag, text in both if tag == wanted] for wanted in ("A1", "AU")]
    families = [[re.split("[,\\s]", text.lower(), maxsplit=1)[0] for text in each] for each in lists]
    return max(lists, key=lambda each: len("".join(each))) if families[0] == families[1] else [text for _, text in both]


def _one_line(lines: list[str]) -> str:
    """Return the lines of one field joined; those that each have a comma are a name each."""
    filled = [line.strip() for line in lines if line.strip()]
    return ("; " if all("," in line for line in filled) else " ").join(filled)


def _pubmed_ids(texts: dict[str, list[str]], database: str) -> list[str]:
    """Return what may be a PubMed ID without being called one: which tag it has depends on the catalogue."""
    shape = "[1-9][0-9]{3,7}" if re.search("embase|scopus", database, re.IGNORECASE) else "[1-9][0-9]{6,7}"
    numbers = [text for tag in ("C5", "C2") for text in texts[tag] if re.fullmatch(shape, text)]
    if any(map(MEDLINE.search, [database, *texts["DP"]])):
        numbers += [text for tag in ("AN", "ID") for text in texts[tag] if bare_pmid(text)]
        numbers += [text for tag in ("C1", "C7", "C8") for text in texts[tag] if re.fullmatch("[1-9][0-9]{6,7}", text)]
        numbers += [number[1] for tag in ("N1", "UR") for text in texts[tag] if (number := MEDLINE_NUMBER.search(text))]
    return numbers
