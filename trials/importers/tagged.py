"""Records of lines that begin with a tag: RIS, of many programs, and PubMed's own format (nbib).

This is not left to a package: rispy 0.10 drops a record without ER, or with one space after its tag, without a word.
The tags of nbib: https://www.nlm.nih.gov/bsd/mms/medlineelements.html
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from trials.identifiers import MEDLINE, MEDLINE_NUMBER, bare_pmid
from trials.importers import names
from trials.importers.normalise import add, author_lines, found_at
from trials.importers.records import ImportedRecord, Reading, Unreadable
from trials.importers.texts import clean, field_names


@dataclass
class Field:
    tag: str  # "" for a line that is neither a field nor a part of one
    line: int
    lines: list[str]  # of its value


class OpenRecord:
    """The fields of a record until its end is seen. `gap` is how many precede the last empty line."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._begin([])

    def _begin(self, fields: list[Field]) -> None:
        self.fields, self.tags = fields, {field.tag for field in fields}
        self.gap, self.tags_before_gap = 0, set[str]()

    def append(self, tag: str, line: int, value: str) -> None:
        self.tags.add(tag)
        self.fields.append(Field(tag, line, [value]))

    def note_gap(self) -> None:
        if self.gap != len(self.fields):
            self.gap, self.tags_before_gap = len(self.fields), set(self.tags)

    def close(self, fill: Callable[..., None], end: int | None = None) -> None:
        """Let `fill` read the fields before `end`. Those behind it begin the next record."""
        if self.fields:
            fields, rest = self.fields[:end], self.fields[end:] if end is not None else []
            self.reading.add(fields[0].line, fill, fields)
            self._begin(rest)


def _texts(fields: Iterable[Field]) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = defaultdict(list)
    for field in fields:
        if text := clean(" ".join(field.lines)):
            texts[field.tag].append(text)
    return texts


def _leave(record: ImportedRecord, texts: dict[str, list[str]], read: frozenset[str], known: frozenset[str]) -> None:
    for tag, text in ((tag, text) for tag, several in texts.items() if tag not in read for text in several):
        record.leave(tag, text, is_known=tag in known)


# --- RIS

UNFINISHED = "It has no ER line at its end: look whether it is whole."
# A dash that a word processor made longer, or no space behind it, leaves a tag a tag.
_RIS_TAG = re.compile(r"^\s{0,3}([A-Z][A-Z0-9])(?:\s{0,2}-(?:\s(.*))?|\s{2}[-–—](.*))$")
_HEAD = re.compile(r"\s{0,3}TY(?:\s{0,2}-\s|\s{2}[-–—]).*")
_LONG = field_names("AB N2 N1")
# Tags whose value has no small letter first: within an abstract, such a line goes on with it ("T2  - weighted").
_DOUBTED = field_names("TY TI T1 T2 T3 CT BT JF JO VL SP EP IS PY Y1 CY PB AB N2")
_NUMBERS = field_names("VL IS SP EP PY Y1")
_ONCE = field_names("TY TI T1 PY Y1 VL SP EP IS")
_LOWER_NAMES = re.compile(r"npj\b|[a-z]{1,3}[A-Z]")  # npj Vaccines, eLife, mBio
_RIS_PLACES = {
    "titles": "TI T1 CT BT ST",
    "original_title": "TT OP",
    "journals": "JF JO T2",
    "abbreviations": "J2 JA JI J1 J9 TA",
    "dates": "DA PY Y1",
    "volume": "VL",
    "issue": "IS",
    "first_page": "SP",
    "last_page": "EP",
    "article_number": "AR",
    "languages": "LA",
    "dois": "DO DI",
    "notes": "N1 M1 M2 M3 C1 C2 C3 C4 C5 C6 C7 C8 AN ID U1 U2 U3 U4 U5",
    "addresses": "UR L2 L3 LK L1",
    "abstract": "AB N2",
    "publication_types": "M3 PT",
}
_RIS_READ = field_names(" ".join(_RIS_PLACES.values()) + " TY AU A1 DB") - {"ST"}
_RIS_KNOWN = _RIS_READ | field_names(
    "ST T3 A2 A3 A4 A5 ED KW Y2 NV SE L4 LB PB CY PP SN AD DP RN RP RI ET TA CA CN SV CP VO AV CR IP ER"
) - {"PT", "AR"}
_EARLY = re.compile(r"[12][0-9]{3}(?:[-/][0-9/-]{1,6}|[0-9]{4})|[A-Z]{3} [12][0-9]{3}")


def read_ris(text: str, first_line: int, reading: Reading) -> None:
    """Read RIS. A record ends with ER, and may have any order of its tags.

    Without ER it ends before the next TY, at the empty line behind its own tags if there is one, and is told of.
    """
    reading.formats.append("RIS")
    record, lines = OpenRecord(reading), text.split("\n")
    for index, line in enumerate(lines):
        match = _RIS_TAG.match(line)
        tag, value = (match[1], (match[2] or match[3] or "").strip()) if match else ("", "")
        if not tag or (record.fields and _goes_on(record.fields[-1], tag, value, lines[index + 1 : index + 4])):
            if not line.strip():
                record.note_gap()
            elif record.fields:
                record.fields[-1].lines.append(line)
            else:
                reading.leave(first_line + index, line)
            continue
        if tag == "ER":
            record.close(_fill_ris)
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


def _goes_on(last: Field, tag: str, value: str, following: list[str]) -> bool:
    """Tell whether a line that looks like a tag goes on with the text before it."""
    if tag == "ER":
        if not value or _HEAD.match(value):
            return False
        return not _HEAD.match(next((line for line in following if line.strip()), "TY  - "))
    inside, text = last.tag in _LONG, last.lines[-1].rstrip()
    if inside and tag not in _RIS_KNOWN:
        return not value[:1].isupper()  # "IL  - 6"
    if not inside or text.endswith((".", "!", "?", ")", "”", '"')):
        return False
    if tag in _NUMBERS:  # "SP  - A protein rose"
        return not re.search("[0-9]", value) or len(value.split()) > 3
    return tag in _DOUBTED and value[:1].islower() and not _LOWER_NAMES.match(value)


def _fill_unfinished(record: ImportedRecord, fields: list[Field]) -> None:
    _fill_ris(record, fields)
    record.problems.append(UNFINISHED)


def _fill_ris(record: ImportedRecord, fields: list[Field]) -> None:
    texts = _texts(fields)
    if not texts:
        raise Unreadable("it is empty.")
    _leave(record, texts, _RIS_READ, _RIS_KNOWN)
    for tag, several in texts.items():
        if tag in _ONCE | {"DA"} and tag not in ("TY", "TI", "T1") and len(set(several)) > 1:
            written = "; ".join(dict.fromkeys(several))[:200]
            record.problems.append(f"{tag} is there more than once: {written}. The first was taken.")
    database = next(iter(texts["DB"]), "")
    record.label = f"RIS record from {database}"[:200] if database else "RIS record"
    found = found_at(
        _RIS_PLACES,
        texts.__getitem__,
        authors=author_lines(record, _authors(fields)),
        # EndNote has the date of the electronic version in ET, Web of Science that of early access in C6.
        dates=[text for tag in ("ET", "C6") for text in texts[tag] if _EARLY.fullmatch(text)],
        issue=[text for text in texts["M1"] if re.fullmatch(r"\(?[0-9]{1,4}\)?", text)],
        article_number=[text for text in texts["C7"] if not re.match("PM(ID|C)", text)],
        pmids=_pubmed_ids(texts, database),
        pmcids=[text for tag in ("C2", "M2") for text in texts[tag] if text.upper().startswith("PMC")],
        keywords=[text for tag in texts if tag not in _RIS_READ | {"CR"} for text in texts[tag]],
    )
    add(record, found)


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
        numbers += [text for tag in ("AN", "ID") for text in texts[tag] if bare_pmid(text)]
        numbers += [text for tag in ("C1", "C7", "C8") for text in texts[tag] if re.fullmatch("[1-9][0-9]{6,7}", text)]
        numbers += [number[1] for tag in ("N1", "UR") for text in texts[tag] if (number := MEDLINE_NUMBER.search(text))]
    return numbers


# --- nbib

_NBIB_TAG = re.compile(r"^([A-Z]{2,4}[0-9]?) {0,2}-(?: (.*))?$")
_WRAPPED = field_names("TI TT AB OAB AD CI COIS OT SO JT GR")  # texts of many words
_FIRST, _NBIB_ONCE = field_names("PMID OWN STAT"), field_names("TI DP JT TA")
_NBIB_PLACES = {
    "titles": "TI",
    "original_title": "TT",
    "journals": "JT",
    "abbreviations": "TA",
    "dates": "DEP DP",
    "volume": "VI",
    "issue": "IP",
    "first_page": "PG",
    "languages": "LA",
    "pmids": "PMID",
    "pmcids": "PMC",
    "registrations": "SI",
    "abstract": "AB",
    "publication_types": "PT",
}
_NOTICES = {
    "EIN": "Erratum in", "CRI": "Corrected and republished in", "RIN": "Retraction in",
    "ECI": "Expression of concern in", "RPI": "Republished in", "UIN": "Update in",
    "EFR": "It is an erratum of a paper:", "ROF": "It is a retraction of a paper:",
    "UOF": "It is an update of a paper:",
}  # fmt: skip
_NBIB_READ = field_names(" ".join(_NBIB_PLACES.values()) + " LID AID FAU AU CN PHST OTO OT GR") | _NOTICES.keys()
_NBIB_KNOWN = _NBIB_READ | field_names(
    "OWN STAT DA DCOM LR IS OAB OABL CI AUID AD FIR IR IRAD PL JID RN SB MH MHDA OID COIS EDAT CRDT PST PMCR MID SO "
    "CIN CON CRF RPF ECF SPIN ORI DDIN DRIN OCI BTI CTI ED FED ISBN VTI EN PB CDAT GN SFM NM PS FPS"
)
_OF_OTHERS = _NOTICES.keys() | field_names("CIN CON CRF RPF ECF SPIN ORI DDIN DRIN OCI")


def read_nbib(text: str, first_line: int, reading: Reading) -> None:
    """Read nbib. A record begins with its PMID, or with a tag that it cannot have twice, after an empty line."""
    reading.formats.append("PubMed (nbib)")
    record = OpenRecord(reading)
    for number, line in enumerate(text.split("\n"), start=first_line):
        match = _NBIB_TAG.match(line)
        if match:
            tag, has_number, is_behind_gap = match[1], "PMID" in record.tags, record.gap == len(record.fields)
            repeats = tag in {"PMID", *_NBIB_ONCE} & record.tags  # also without an empty line
            if (has_number and repeats) or (is_behind_gap and (tag in _FIRST or not has_number or repeats)):
                record.close(_fill_nbib)
            record.append(tag, number, match[2] or "")
        elif not line.strip():
            record.note_gap()
        elif not record.fields or (not re.search(r"[^\W\d_]", line) and not line.startswith("  ")):
            reading.leave(number, line)  # the number of a record, or a rule between two
        elif line.startswith(" ") or record.fields[-1].tag in _WRAPPED:
            record.fields[-1].lines.append(line.strip())
        else:
            record.append("", number, line)
    record.close(_fill_nbib)


def _fill_nbib(record: ImportedRecord, fields: list[Field]) -> None:
    if broken := next((field for field in fields if not field.tag), None):
        raise Unreadable("this line is neither a tag with its value nor the continuation of one.", broken.line)
    texts = _texts(fields)
    pmid = bare_pmid(next(iter(texts["PMID"]), ""))
    if not pmid:
        raise Unreadable("it has no PubMed ID.")
    _leave(record, texts, _NBIB_READ, _NBIB_KNOWN)
    record.label, record.address = f"PubMed record {pmid}", f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"
    history = {event: [text] for text, _, event in (text.partition(" [") for text in texts["PHST"])}
    found = found_at(
        _NBIB_PLACES,
        texts.__getitem__,
        authors=_nbib_authors(record, fields),
        received=history.get("received]", []),
        accepted=history.get("accepted]", []),
        dois=[text for text in [*texts["AID"], *texts["LID"]] if text.endswith("[doi]")],
        keywords=[text for tag in texts if tag not in _OF_OTHERS | {"TI", "AB", "SI"} for text in texts[tag]],
        funding=[text.replace("/", ", ") for text in texts["GR"]],
        notices=[f"{words} {text}" for tag, words in _NOTICES.items() for text in texts[tag]],
    )
    add(record, found)


def _nbib_authors(record: ImportedRecord, fields: list[Field]) -> list[str]:
    """Return the full names, or the short ones where there are no others. A group keeps its place among them."""
    authors, before = [], ""
    for tag, text in ((field.tag, clean(" ".join(field.lines))) for field in fields):
        if tag == "CN":
            authors.append(names.group(text))
        elif tag == "FAU" or (tag == "AU" and before != "FAU"):  # the short name follows the full one
            authors += author_lines(record, [text])
        before = tag if tag in ("FAU", "AU") else before
    return authors
