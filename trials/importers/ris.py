"""RIS, as reference managers, publishers and catalogues write it.

This is not left to a package: rispy 0.10 drops a record without ER, or with one space after its tag, without a word.
"""

import re

from trials.identifiers import MEDLINE, MEDLINE_NUMBER, bare_pmid
from trials.importers.normalise import Reference, add, author_lines
from trials.importers.records import ImportedRecord, Reading, Unreadable
from trials.importers.tagged import Field, OpenRecord, leave, texts_of
from trials.importers.texts import clean, field_names

UNFINISHED = "It has no ER line at its end: look whether it is whole."
# A dash that a word processor made longer, or no space behind it, leaves a tag a tag.
_TAG = re.compile(r"^\s{0,3}([A-Z][A-Z0-9])(?:\s{0,2}-(?:\s(.*))?|\s{2}[-–—](.*))$")
_HEAD = re.compile(r"\s{0,3}TY(?:\s{0,2}-\s|\s{2}[-–—]).*")
# “ty  - JOUR”, “TY-JOUR”, “TY -JOUR”, “TY: JOUR”
_LOOSE_HEAD = re.compile(r"^[ \t]{0,40}(TY|ty|Ty)([ \t]{0,2}[-–—:])[ \t]{0,2}[A-Za-z]{3,6}\s*$", re.MULTILINE)
_LONG = field_names("AB N2 N1")
# Tags whose value has no small letter first: within an abstract, such a line goes on with it ("T2  - weighted").
_DOUBTED = field_names("NO YR US SO DT TY TI T1 T2 T3 CT BT JF JO VL SP EP IS PY Y1 CY PB AB N2")
_NUMBERS = field_names("VL IS SP EP PY Y1")
_ONCE = field_names("TY TI T1 PY Y1 VL SP EP IS")
_LOWER_NAMES = re.compile(r"npj\b|[a-z]{1,3}[A-Z]")  # npj Vaccines, eLife, mBio
_PLACES = {
    "titles": "TI T1 CT BT ST",
    "original_title": "TT OP",
    "journals": "JF JO T2",
    "abbreviations": "J2 JA JI J1 J9 TA",
    "dates": "DA PY Y1 YR",
    "volume": "VL",
    "issue": "IS NO",
    "first_page": "SP",
    "last_page": "EP",
    "article_number": "AR",
    "languages": "LA",
    "dois": "DO DI",
    "pmids": "PM",
    "notes": "N1 M1 M2 M3 C1 C2 C3 C4 C5 C6 C7 C8 AN ID UT XR U1 U2 U3 U4 U5",
    "addresses": "UR L2 L3 LK L1 US",
    "abstract": "AB N2",
    "publication_types": "M3 PT DT",
}
_READ = field_names(" ".join(_PLACES.values()) + " TY AU A1 DB") - {"ST"}
_KNOWN = _READ | field_names(
    "ST SO AF DE PD T3 A2 A3 A4 A5 ED KW Y2 NV SE L4 LB PB CY PP SN AD DP RN RP RI ET TA CA CN SV CP VO AV CR IP ER"
) - {"PT", "AR"}
_EARLY = re.compile(r"[12][0-9]{3}(?:[-/][0-9/-]{1,6}|[0-9]{4})|[A-Z]{3} [12][0-9]{3}")


def read(text: str, first_line: int, reading: Reading) -> None:
    """Read RIS. A record ends with ER, and may have any order of its tags.

    Without ER it ends before the next TY, at the empty line behind its own tags if there is one, with a remark.
    """
    reading.formats.append("RIS")
    record, lines = OpenRecord(reading), _usual(text).split("\n")
    for index, line in enumerate(lines):
        match = _TAG.match(line)
        tag, value = (match[1], (match[2] or match[3] or "").strip()) if match else ("", "")
        tag, value = ("ER", "-") if line.strip() == "ER" else (tag, value)
        if not tag or (record.fields and _goes_on(record.fields[-1], tag, value, lines[index + 1 : index + 4])):
            if not line.strip():
                record.note_gap()
            elif record.fields:
                record.fields[-1].lines.append(line)
            else:
                reading.leave(first_line + index, line)
            continue
        if tag == "ER":
            record.close(fill)
            if not _HEAD.match(value):
                continue
            tag, value = "TY", value.partition("-")[2]  # the next record, on the same line
        if tag == "TY" and "TY" in record.tags:
            # Tags between an empty line and this one are those of the record that begins, if the other has them too.
            behind_gap = {field.tag for field in record.fields[record.gap :]}
            record.close(_fill_unfinished, record.gap if record.tags_before_gap & behind_gap & _ONCE else None)
        elif tag in ("TI", "T1") and tag in record.tags_before_gap:  # another title, behind an empty line
            record.close(_fill_unfinished, record.gap)
        record.append(tag, first_line + index, value)
    record.close(_fill_unfinished)


def _usual(text: str) -> str:
    """Return RIS with its tags in capitals and the usual spaces around the dash, if the first TY has others."""
    head = _LOOSE_HEAD.search(text)
    if not head or _HEAD.match(head[0]):
        return text

    def usual(match: re.Match[str]) -> str:
        tag = match[1].upper()
        return f"{tag}  - {match[2]}" if tag in _KNOWN else match[0]

    letters = "[A-Z][A-Z0-9]" if head[1].isupper() else "[A-Za-z][a-z0-9]"
    return re.sub(rf"^[ \t]{{0,40}}({letters}){re.escape(head[2])}[ \t]*(.*)$", usual, text, flags=re.MULTILINE)


def _goes_on(last: Field, tag: str, value: str, following: list[str]) -> bool:
    """Tell whether a line that looks like a tag goes on with the text before it."""
    if tag == "ER":
        if not value or _HEAD.match(value):
            return False
        return not _HEAD.match(next((line for line in following if line.strip()), "TY  - "))
    inside, at_end = last.tag in _LONG, last.lines[-1].rstrip().endswith((".", "!", "?", ")", "”", '"'))
    if inside and tag not in _KNOWN:  # "IL  - 6" goes on with it, also as the beginning of a sentence
        return not (value[:1].isupper() or (at_end and value[:1].islower()))
    if not inside or at_end:
        return False
    if tag in _NUMBERS:  # "SP  - A protein rose"
        return not re.search("[0-9]", value) or len(value.split()) > 3
    return tag in _DOUBTED and value[:1].islower() and not _LOWER_NAMES.match(value)


def _fill_unfinished(record: ImportedRecord, fields: list[Field]) -> None:
    fill(record, fields)
    record.problems.append(UNFINISHED)


def fill(record: ImportedRecord, fields: list[Field]) -> None:
    texts = texts_of(fields)
    if not texts:
        raise Unreadable("it is empty.")
    leave(record, texts, _READ, _KNOWN)
    for field in fields:
        if field.tag == "TY":  # it has one line
            record.leave("TY", " ".join(field.lines[1:]), is_known=False)
    for tag, several in texts.items():
        if tag in _ONCE | {"DA"} and tag not in ("TY", "TI", "T1") and len(set(several)) > 1:
            written = "; ".join(dict.fromkeys(several))[:200]
            record.problems.append(f"{tag} is there more than once: {written}. The first was taken.")
    database = next(iter(texts["DB"]), "")
    record.label = f"RIS record from {database}"[:200] if database else "RIS record"
    reference = Reference.from_places(
        _PLACES,
        texts.__getitem__,
        authors=author_lines(record, _authors(fields)),
        # EndNote has the date of the electronic version in ET, Web of Science that of early access in C6.
        dates=[text for tag in ("ET", "C6") for text in texts[tag] if _EARLY.fullmatch(text)],
        issue=[text for text in texts["M1"] if re.fullmatch(r"\(?[0-9]{1,4}\)?", text)],
        article_number=[text for text in texts["C7"] if not re.match("PM(ID|C)", text)],
        pmids=_pubmed_ids(texts, database),
        pmcids=[text for tag in ("C2", "M2") for text in texts[tag] if text.upper().startswith("PMC")],
        keywords=[text for tag in texts if tag not in _READ | {"CR"} for text in texts[tag]],
    )
    add(record, reference)


def _authors(fields: list[Field]) -> list[str]:
    """Return the authors in the order of the file. Some programs write the whole list twice, as A1 and as AU.

    Of two lists of the same families, the one with the longer names is returned.
    """
    both = [(field.tag, clean(_one_line(field.lines))) for field in fields if field.tag in ("AU", "A1")]
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
        numbers += [text for tag in ("AN", "ID", "UT") for text in texts[tag] if bare_pmid(text)]
        numbers += [text for tag in ("C1", "C7", "C8") for text in texts[tag] if re.fullmatch("[1-9][0-9]{6,7}", text)]
        numbers += [number[1] for tag in ("N1", "UR") for text in texts[tag] if (number := MEDLINE_NUMBER.search(text))]
    return numbers
