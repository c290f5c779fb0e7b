"""Turns what a reader found in a record into the values of a study. Readers only find; the meaning is decided here."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from trials import vocabulary as v
from trials.exports.reference import NOT_COMPLETE
from trials.importers import names
from trials.importers.dates import is_ambiguous, partial_date
from trials.importers.identifiers import (
    bare_doi,
    bare_pmcid,
    bare_pmid,
    find_notes_doi,
    find_pmid,
    find_registrations,
)
from trials.importers.languages import language_of
from trials.importers.records import ImportedRecord, Value
from trials.importers.texts import field_names, given

Texts = list[str]
MOST_LANGUAGE = 40  # characters, as the field of the study


@dataclass
class Found:
    """The clean texts of one paper, each as it is written in the record. The first of a list is the likeliest."""

    titles: Texts = field(default_factory=list)
    subtitle: str = ""
    original_title: str = ""  # of a title that PubMed translated
    authors: Texts = field(default_factory=list)  # as trials.importers.names returns them
    journals: Texts = field(default_factory=list)  # full names
    abbreviations: Texts = field(default_factory=list)
    dates: Texts = field(default_factory=list)
    received: str = ""
    accepted: str = ""
    volume: str = ""
    issue: str = ""
    first_page: str = ""  # or all of them
    last_page: str = ""
    article_number: str = ""
    languages: Texts = field(default_factory=list)
    dois: Texts = field(default_factory=list)  # texts of fields for a DOI, and so on
    pmids: Texts = field(default_factory=list)
    pmcids: Texts = field(default_factory=list)
    notes: Texts = field(default_factory=list)  # texts that may hold any identifier, named as such
    addresses: Texts = field(default_factory=list)
    registrations: Texts = field(default_factory=list)  # texts of fields for registry numbers
    keywords: Texts = field(default_factory=list)  # texts that may hold a registry number
    abstract: str = ""
    licence: str = ""
    funding: Texts = field(default_factory=list)
    publication_types: Texts = field(default_factory=list)
    notices: Texts = field(default_factory=list)  # of a correction or a retraction


def add(record: ImportedRecord, found: Found) -> None:
    """Add all that was found to the record, with its address as a source."""
    _set_aside(found)
    title = _title(record, found)
    doi = _first(bare_doi, found.dois) or _first(find_notes_doi, found.notes) or _first(bare_doi, found.addresses)
    pmid = _first(bare_pmid, found.pmids) or _first(find_pmid, [*found.pmids, *found.notes, *found.addresses])
    pmcids = [f"PMC{text}" if text.isdecimal() else text for text in found.pmcids]
    pmcid = _first(bare_pmcid, [*pmcids, *found.notes, *found.addresses])
    pubmed = f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid else ""
    web = next((text for text in found.addresses if re.fullmatch(r"https?://[^\s\\{}]{1,290}", text)), "")
    record.address = record.address or (f"https://doi.org/{doi}" if doi else pubmed or web)
    record.abstract = re.sub(r"^(?:abstract|summary)\b[\s:.]*(?=[A-Z])", "", found.abstract, flags=re.IGNORECASE)
    record.add("title", title)
    record.add("authors", "\n".join(filter(None, found.authors)))
    _add_journal(record, found)
    record.authors_complete &= not any(text.startswith(NOT_COMPLETE) for text in found.notes)
    _add_dates(record, found)
    volume, issue = _volume_and_issue(record, found.volume, found.issue)
    record.add("volume", volume)
    record.add("issue", issue)
    record.add("pages", _pages(record, found))
    _add_language(record, found.languages)
    record.add("funding", "; ".join(dict.fromkeys(filter(None, found.funding))))
    for name, text in {"doi": doi, "pmid": pmid, "pmcid": pmcid, "licence": found.licence}.items():
        record.add(name, text)
    others = dict.fromkeys(other for text in found.dois if (other := bare_doi(text)).lower() != doi.lower() and other)
    record.problems += [f"“{other}” was left out: the DOI is “{doi}”." for other in list(others)[:20]]
    _ask_for_groups(record)
    places = {
        "The catalogue gives it as a registration of the paper.": found.registrations,
        "In the abstract.": [found.abstract],
        "In a note.": found.notes,
        "In an address.": found.addresses,
        "In the title.": [title],
        "In another field.": [*found.keywords, *found.dois],
    }
    for note, texts in places.items():
        for text in texts:
            add_registrations(record, text, note)
    _add_hints(record, found)


def _set_aside(found: Found) -> None:
    """Move addresses, registry numbers and other identifiers out of the fields that hold none.

    CENTRAL has the address of a registry in the place of a journal, and its number in that of a page or a volume.
    """

    def is_foreign(text: str) -> bool:
        is_number = any(find_registrations(text)) or bare_doi(text) or bare_pmcid(text) or find_pmid(text)
        return bool(text and (text in found.pmids or re.match("https?://", text) or is_number))

    for name in ("first_page", "last_page", "article_number", "volume", "issue"):
        if is_foreign(text := getattr(found, name)):
            setattr(found, name, "")
            (found.addresses if re.match("https?://", text) else found.notes).append(text)
    for names_of_journals in (found.journals, found.abbreviations):
        for text in filter(is_foreign, list(names_of_journals)):
            names_of_journals.remove(text)
            (found.addresses if re.match("https?://", text) else found.notes).append(text)


def _first(find: object, texts: Iterable[str]) -> str:
    return next(filter(None, map(find, texts)), "")  # type: ignore[call-overload]


# --- Title

_NO_TITLE = re.compile(
    r"\W*(?:(?:title )?not (?:available|supplied|given)|no title(?: available| given)?|untitled|in process citation|"
    r"n/?a|none|null)\W*",
    re.IGNORECASE,
)
_LANGUAGE_BEHIND = re.compile(r"[\s.]{0,5}\[(?:article )?(?:in )?([A-Za-z, ]{2,40})\]\.?$", re.IGNORECASE)


def _title(record: ImportedRecord, found: Found) -> str:
    """Return the first title that is one, without the brackets of a translation and the full stop of catalogues."""
    for written in [*found.titles, found.original_title]:
        text = written
        text = text[1:-1] if len(text) > 2 and text[0] == text[-1] == '"' and '"' not in text[1:-1] else text
        text = text.rstrip("*†‡ ")
        if (behind := _LANGUAGE_BEHIND.search(text)) and (language := language_of(behind[1])):
            text = text[: behind.start()]  # Ovid's “[German]”
            found.languages = found.languages or [language]
        text = _without_stop(text)
        if is_translated := text.startswith("[") and text.find("]") == len(text) - 1:
            text = _without_stop(text[1:-1].strip())
        if not text or _NO_TITLE.fullmatch(text):
            continue
        whole = _letters(text)
        for other in found.titles[:20]:
            if other != written and not _NO_TITLE.fullmatch(other) and _letters(other) not in whole:
                record.problems.append(f"“{other[:200]}” was left out: the title is “{text[:200]}”.")
        if is_translated:
            original = _without_stop(found.original_title)
            record.problems.append(f"The title is a translation{f' of “{original}”' if original else ''}.")
        subtitle = _without_stop(found.subtitle)
        return f"{text}: {subtitle}" if subtitle and subtitle.lower() not in text.lower() else text
    return ""


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def _without_stop(text: str) -> str:
    """Return the text without its full stop. That of “...” and of “the U.S.” stays."""
    return text if re.search(r"(?:\.\.|\b[A-Za-z]\.[A-Za-z]\.)$", text) else text.removesuffix(".").rstrip()


# --- Journal

_SMALL = field_names(
    "a an and as at by for from in of on or the to with und der die das des für de du la le les et en el los las y del "
    "e da do das dos di della van het voor i"
)
# What PubMed adds to a name to tell it from others: “Lancet (London, England)”, “Chest : official journal of …”.
_ADDED = re.compile(
    r"\s*(?:\((?:[^()]*,[^()]*|[^()]* ed\.?|online|print|electronic|[12][0-9]{3})\)|\s[:=]\s.*|"
    r"\[(?:electronic resource|internet|online)\])$",
    re.IGNORECASE,
)
_OF_A_TITLE = re.compile(r"\b(?:randomi[sz]ed|trial|study|patients|protocol|analysis|people|effects?)\b", re.IGNORECASE)
_CONFERENCE = re.compile(r"\.\s+Conference(?::.*)?$")  # Embase names the meeting behind the journal
# Words in capitals that stay so, in a name that is all in capitals. Those without a vowel stay so in any case.
_CAPITALS = field_names(
    "AIDS ACS AJRCCM ATS COPD COVID ECMO EMBO ERJ FASEB FEBS HIV ICU IEEE JAMA JCI PLOS QJM RNA DNA II III IV USA UK"
)


def _add_journal(record: ImportedRecord, found: Found) -> None:
    """Add the full name and the abbreviation. What is neither is reported: EBSCO has a subtitle in that place."""
    full, short = (
        [name[:400] for text in texts if (name := given(text))]
        for texts in (found.journals[:20], found.abbreviations[:20])
    )
    record.problems += [
        f"“{part[0][2:200]}” was left out of the name of the journal."
        for name in full
        if (part := _CONFERENCE.search(name))
    ]
    plain = [_lower(_ADDED.sub("", _CONFERENCE.sub("", name)).rstrip(". ") or name) for name in full]
    short = [_lower(name) for name in short]
    for name in list(plain[1:]):
        if abbreviates(plain[0], name):  # JO is the full name or the abbreviation
            plain.remove(name)
            plain.insert(0, name)
            break
    if short and plain and _OF_A_TITLE.search(plain[0]) and not any(abbreviates(name, plain[0]) for name in short):
        record.problems.append(f"“{plain[0][:200]}” was left out: the journal is “{short[0][:200]}”.")
        plain = []  # EBSCO has the end of the title there
    journal = next(iter(plain), "")
    dotless = [" ".join(name.replace(".", " ").split()) for name in [*short, *plain[1:]]]
    unlike = [name for name in dotless[: len(short)] if journal and not abbreviates(name, journal)]
    dotless = [name for name in dotless if name.lower() != journal.lower() and name not in unlike]
    dotless = [name for name in dotless if not journal or abbreviates(name, journal)]
    record.add("journal", _capitals(journal) if journal else next(iter(short), ""))
    record.add("journal_abbreviation", next(iter(dotless), "") if journal else "")
    left = [name for name in plain[1:] if not abbreviates(name, journal) and not abbreviates(journal, name)]
    for name in dict.fromkeys([*left, *unlike]):
        record.problems.append(f"“{name[:200]}” was left out: the journal is “{journal[:200]}”.")


def abbreviates(short: str, full: str) -> bool:
    """Tell whether each word of the short name begins a word of the full one, in order, or it is its initials."""
    parts, words = (re.findall(r"[^\W_]+", text.lower()) for text in (short, full))
    initials = "".join(word[0] for word in words if word not in _SMALL)
    if "".join(parts) in (initials, "".join(word[0] for word in words)):
        return True
    rest = iter(words)
    return bool(parts) and all(any(_shortens(part, word) for word in rest) for part in parts)


def _shortens(part: str, word: str) -> bool:
    """“transl” and “natl” for translational and national."""
    letters = iter(word)
    return word.startswith(part) or (part[0] == word[0] and len(part) > 2 and all(letter in letters for letter in part))


def _lower(name: str) -> str:
    """Return “Critical Care Medicine” for CRITICAL CARE MEDICINE. A short name such as JAMA may be one of capitals."""
    if not name.isupper() or (" " not in name and len(name) < 6):
        return name

    def lower(match: re.Match[str]) -> str:
        word = match[0]
        if word in _CAPITALS or (len(word) < 6 and not re.search("[AEIOUYÄÖÜÉ]", word)) or len(word) == 1:
            return word
        return word.lower() if match.start() and word.lower() in _SMALL else word.capitalize()

    return re.sub(r"[^\W\d_]+", lower, name)


def _capitals(name: str) -> str:
    """Return the name with capitals, as journals write theirs: PubMed writes “Stem cells translational medicine”."""
    first, *rest = name.split(" ")
    words = [word if word in _SMALL or not word.isalpha() or not word.islower() else word.capitalize() for word in rest]
    return " ".join([first, *words])


# --- Dates, numbers, pages


def _add_dates(record: ImportedRecord, found: Found) -> None:
    """Add the earliest date of publication: a day comes before the month and the year that it is in."""
    written = [text for text in found.dates if given(text)]
    year = next((date[:4] for text in reversed(written) if (date := partial_date(text))), "")
    known = sorted((date + "~", date, text) for text in written if (date := partial_date(text, year)))
    if known:
        record.add("publication_date", known[0][1], quote=known[0][2])
    for text in written:
        if not partial_date(text, year) and f"“{text[:80]}” is not a date." not in record.problems:
            record.problems.append(f"“{text[:80]}” is not a date.")
    for text in filter(is_ambiguous, written):
        record.problems.append(f"“{text}” may be either of two days: the year alone was taken.")
    if known and int(max(known)[1][:4]) - int(known[0][1][:4]) > 1:
        record.problems.append(f"It has dates of different years: {', '.join(text[:40] for _, _, text in known)}.")
    for name in ("received", "accepted"):
        record.add(name, partial_date(getattr(found, name)))


_VOLUME = re.compile(r"^(?:volume|volumen|vol|v|band|bd|tome|t|jg)[.:]?\s*(?=[0-9])", re.IGNORECASE)
_ISSUE = re.compile(
    r"^(?:number|numero|num|no|nr|n[°º]?|issue|iss|fasc(?:icule|iculo)?|heft|h|#)[.:]?\s*(?=[0-9])", re.IGNORECASE
)
_CATALOGUE = re.compile(r"[0-9]{7}|ahead of print|in press|online first|early (?:access|view)", re.IGNORECASE)


def _volume_and_issue(record: ImportedRecord, volume: str, issue: str) -> tuple[str, str]:
    """Return both without the words before them: 40 and 2 for “v. 40, no. 2” or “40(2)”."""
    volume, issue = _number(record, "volume", volume), _number(record, "issue", issue)
    volume, issue = _VOLUME.sub("", volume, count=1), _ISSUE.sub("", re.sub(r"^\(([^()]*)\)$", r"\1", issue), count=1)
    if match := re.fullmatch(
        r"(\S+?)\s*(?:\(\s*([^()]+)\s*\)|,\s*(?:no|nr|issue|iss)\b\.?\s*(\S+))", volume, re.IGNORECASE
    ):
        volume, issue = match[1], issue or _ISSUE.sub("", match[2] or match[3], count=1)
    return volume.strip(" .,"), issue.strip(" .,")


def _number(record: ImportedRecord, name: str, text: str) -> str:
    """Return the text, or report what cannot be the number of a volume or an issue, such as Ovid's “eag, 7805975”."""
    text = given(text).strip("\"' ")
    if re.fullmatch("0+", text):  # reference managers write it for none
        return ""
    if _CATALOGUE.search(text):
        record.problems.append(f"Its {name}, “{text[:80]}”, is not one: left out.")
        return ""
    return text


_DASHES = re.compile(r"\s*(?:-{1,3}|[‐‑‒–—−])\s*")
_PAGE_WORDS = re.compile(
    r"^(?:pages?|pgs?|pp?|seiten?|s|artn|art(?:icle|\.)?(?:\s*(?:no|number|id)\b\.?)?|id)\b[.:\s]*(?=[A-Za-z]*[0-9])",
    re.IGNORECASE,
)
_COUNT = re.compile(r"[0-9]+\s*(?:p|pp|pages|pgs?)\.?", re.IGNORECASE)  # how many pages the paper has
_ARTICLE = re.compile(r"[A-Za-z]{0,8}[-.]?[0-9][\w.-]{0,24}")


def _pages(record: ImportedRecord, found: Found) -> str:
    """Return 660-673 for 660--673, 660-73 and pp. 660 – 673, 123+ for 123-+, or else the article number."""
    first, last = (
        _DASHES.sub("-", _PAGE_WORDS.sub("", text.strip() if text.strip() == "+" else given(text).strip()))
        for text in (found.first_page, found.last_page)
    )
    first, last = (re.sub(r"^[(\[]([^()\[\]]*)[)\]]$", r"\1", text) for text in (first, last))
    if "-" in last and last.split("-")[0] in ("", first):
        first = last
    text = first if "-" in first or not last else "-".join(filter(None, (first, last)))
    text = re.sub(r"(?<=[0-9])\s(?:to|bis)\s(?=[0-9])", "-", text)
    text = re.sub(r"(-[0-9]+)\s?(?:pp?|s)\b\.?$", r"\1", text, flags=re.IGNORECASE)
    if text and (_COUNT.fullmatch(text) or not re.search("[0-9]|^[ivxlc+-]+$", text) or re.fullmatch("0+(-0+)?", text)):
        record.problems.append(f"Its pages, “{text[:80]}”, are not pages: left out.")
        text = ""
    text = re.sub(r"-(?:undefined|null|none|n/?a)$", "", text, flags=re.IGNORECASE)
    text = re.sub(r"\s*-?\+$", "+", text.rstrip("-., "))
    if text:
        return ", ".join(_page_range(part) for part in re.split(r"\s*[,;]\s*", text))
    number = _PAGE_WORDS.sub("", found.article_number.strip())
    if re.fullmatch("[1-4][0-9]{7}", number):  # an article number has other digits, most of the time
        record.problems.append(f"“{number}” may be a PubMed ID or an article number: left out.")
    elif number and not _ARTICLE.fullmatch(number):
        record.problems.append(f"“{number[:80]}” is not an article number: left out.")
    else:
        return number
    return ""


def _page_range(text: str) -> str:
    """Return 1279-1287 for 1279-87, S12-S15 for S12-5, and 12 for 12-12."""
    match = re.fullmatch(r"([A-Za-z]{0,3})([0-9]{1,9})-([A-Za-z]{0,3})([0-9]{1,9})", text)
    if not match:
        return text
    prefix, first, last_prefix, last = match.groups()
    if len(last) < len(first) and (not last_prefix or last_prefix == prefix):
        last = first[: -len(last)] + last
    if first == last and prefix == (last_prefix or prefix):
        return prefix + first
    return f"{prefix}{first}-{last_prefix or prefix}{last}"


def _add_language(record: ImportedRecord, texts: Texts) -> None:
    """Add the names of the languages. A code that is not known is reported."""
    words = [word for text in texts for word in re.split(r"[;,/&|]|\band\b", given(text)) if word.strip(" .[]()")]
    known = [language_of(word) for word in words]
    names_of_languages = list(dict.fromkeys(filter(None, known)))
    while len(", ".join(names_of_languages)) > MOST_LANGUAGE:
        record.problems.append(f"One more language: {names_of_languages.pop()}.")
    record.add("language", ", ".join(names_of_languages))
    unknown = [word.strip() for word, name in zip(words, known, strict=True) if not name]
    if unknown and unknown != ["und"]:
        record.problems.append(f"“{', '.join(unknown)[:80]}” is not a language that is known here.")


# --- Registrations and hints


def add_registrations(record: ImportedRecord, text: str, note: str, basis: str = v.Basis.QUOTED) -> None:
    """Add each registry number in the text. Its quote begins with up to eight words of the same sentence."""
    present = {row.value["identifier"] for row in record.rows if row.name == "registrations"}
    for registry, identifier, start, end in find_registrations(text):
        if identifier in present:
            continue
        present.add(identifier)
        words = text[max(0, start - 200) : end].rsplit(". ", 1)[-1].split(" ")
        quote = " ".join(words[-9:]) if basis == v.Basis.QUOTED else ""
        registration = {"registry": str(registry), "identifier": identifier}
        record.rows.append(Value("registrations", registration, quote, basis, note))


_DESIGNS = re.compile(
    r"randomi[sz]ed|clinical trial|controlled|case report|case series|observational|equivalence|pragmatic|protocol|"
    r"retract|review|meta-analysis|comment|letter|editorial|erratum|correction|expression of concern|preprint",
    re.IGNORECASE,
)


def _add_hints(record: ImportedRecord, found: Found) -> None:
    """Tell the editor what catalogues say of the kind of paper: the paper itself decides on the design."""
    if kinds := [text for text in dict.fromkeys(found.publication_types) if _DESIGNS.search(text)]:
        record.hints.append(
            f"The catalogue calls it: {', '.join(kinds)[:200]}. The paper itself decides on the design."
        )
    record.hints += [f"The catalogue names a notice: {text[:200]}" for text in dict.fromkeys(found.notices)]


def _ask_for_groups(record: ImportedRecord) -> None:
    """Report each author without a comma who is not plainly a group, and not a person of one name."""
    for name in record.get("authors").split("\n"):
        if " " in name and "," not in name and not names.is_group(name):
            record.problems.append(f"“{name[:100]}” has no comma: it was taken for a group. Is it a person?")


def author_lines(record: ImportedRecord, texts: Iterable[str], *, given_first: bool = False) -> Texts:
    """Return the names in lines as catalogues write them. “et al.” leaves the list incomplete."""
    lines = []
    for text in texts:
        for name in names.split(text):
            if names.OTHERS.fullmatch(name):
                record.authors_complete = False
                continue
            short = re.sub(r",?\s*\bet\.? al\b\.?$", "", name, flags=re.IGNORECASE)
            record.authors_complete &= short == name
            line = names.from_text(short, given_first=given_first)
            if not given_first and names.is_guess(short, line):
                record.problems.append(f"“{short[:100]}” has no comma: read as “{line[:100]}”.")
            lines.append(line)
    return lines
