"""Turns what a reader found in a record into the values of a study. Readers only find; the meaning is decided here."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from trials import vocabulary as v
from trials.exports.reference import NOT_COMPLETE
from trials.identifiers import bare_pmid, find_doi, find_noted_doi, find_pmcids, find_pmids, find_registrations
from trials.importers import journals, latex, names
from trials.importers.dates import is_ambiguous, partial_date
from trials.importers.languages import language_of
from trials.importers.records import ImportedRecord, Value
from trials.importers.texts import drop_placeholder

Texts = list[str]
MOST_LANGUAGE = 40  # characters, as the field of the study


@dataclass
class Reference:
    """The clean texts of a reference to a paper, each as the record writes it. The first of a list is the likeliest."""

    titles: Texts = field(default_factory=list)
    subtitle: Texts = field(default_factory=list)
    original_title: Texts = field(default_factory=list)  # of a title that PubMed translated
    authors: Texts = field(default_factory=list)  # as trials.importers.names returns them
    journals: Texts = field(default_factory=list)  # full names
    abbreviations: Texts = field(default_factory=list)
    dates: Texts = field(default_factory=list)
    received: Texts = field(default_factory=list)
    accepted: Texts = field(default_factory=list)
    volume: Texts = field(default_factory=list)
    issue: Texts = field(default_factory=list)
    first_page: Texts = field(default_factory=list)  # or all of them
    last_page: Texts = field(default_factory=list)
    article_number: Texts = field(default_factory=list)
    languages: Texts = field(default_factory=list)
    dois: Texts = field(default_factory=list)  # texts of fields for a DOI, and so on
    pmids: Texts = field(default_factory=list)
    pmcids: Texts = field(default_factory=list)
    notes: Texts = field(default_factory=list)  # texts that may hold any identifier, named as such
    addresses: Texts = field(default_factory=list)
    registrations: Texts = field(default_factory=list)  # texts of fields for registry numbers
    keywords: Texts = field(default_factory=list)  # texts that may hold a registry number
    abstract: Texts = field(default_factory=list)  # its parts
    licence: Texts = field(default_factory=list)
    funding: Texts = field(default_factory=list)
    publication_types: Texts = field(default_factory=list)
    notices: Texts = field(default_factory=list)  # of a correction or a retraction

    @classmethod
    def from_places(cls, places: dict[str, str], texts: Callable[[str], Texts], **others: Texts) -> "Reference":
        """Return what `texts` gives for each place, by the field and its places, and others behind it."""
        parts = {name: [text for place in of.split() for text in texts(place)] for name, of in places.items()}
        for name, further in others.items():
            parts[name] = [*parts.get(name, []), *further]
        return cls(**{name: list(filter(None, each)) for name, each in parts.items()})


def add(record: ImportedRecord, reference: Reference) -> None:
    """Add the values of the reference to the record, with its address as a source."""
    _set_aside(reference)
    title = _title(record, reference)
    doi = _first(find_doi, reference.dois) or _first(find_noted_doi, reference.notes)
    doi = doi or _first(find_doi, reference.addresses)
    noted = [*reference.notes, *reference.addresses]
    pmid = _first(bare_pmid, reference.pmids) or _first_of(find_pmids, [*reference.pmids, *noted])
    pmcids = [f"PMC{text}" if text.isdecimal() else text for text in reference.pmcids]
    pubmed = f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid else ""
    web = next((text for text in reference.addresses if re.fullmatch(r"https?://[^\s\\{}]{1,290}", text)), "")
    record.address = record.address or (f"https://doi.org/{doi}" if doi else pubmed or web)
    abstract = " ".join(dict.fromkeys(reference.abstract))
    record.abstract = re.sub(r"^(?:abstract|summary)\b[\s:.]*(?=[A-Z])", "", abstract, flags=re.IGNORECASE)
    record.add("title", title)
    record.add("authors", "\n".join(reference.authors))
    _add_journal(record, reference)
    record.authors_complete &= not any(text.startswith(NOT_COMPLETE) for text in reference.notes)
    _add_dates(record, reference)
    volume, issue = _volume_and_issue(record, reference)
    record.add("volume", volume)
    record.add("issue", issue)
    record.add("pages", _pages(record, reference))
    _add_language(record, reference.languages)
    record.add("funding", "; ".join(dict.fromkeys(reference.funding)))
    record.add("doi", doi)
    record.add("pmid", pmid)
    record.add("pmcid", _first_of(find_pmcids, [*pmcids, *noted]))
    record.add("licence", _one(reference.licence))
    others = dict.fromkeys(other for other in map(find_doi, reference.dois) if other and other.lower() != doi.lower())
    record.problems += [f"“{other}” was left out: the DOI is “{doi}”." for other in list(others)[:20]]
    _ask_for_groups(record)
    places = {
        "The catalogue gives it as a registration of the paper.": reference.registrations,
        "In the abstract.": [abstract],
        "In a note.": reference.notes,
        "In an address.": reference.addresses,
        "In the title.": [title],
        "In another field.": [*reference.keywords, *reference.dois],
    }
    for note, texts in places.items():
        for text in texts:
            add_registrations(record, text, note)
    _add_hints(record, reference)


def _set_aside(reference: Reference) -> None:
    """Move addresses, registry numbers and other identifiers out of the fields that hold none.

    CENTRAL has the address of a registry in the place of a journal, and its number in that of a page or a volume.
    """
    for name in ("first_page", "last_page", "article_number", "volume", "issue", "journals", "abbreviations"):
        texts = getattr(reference, name)
        for text in texts[:20]:
            is_address = re.match("https?://", text)
            is_number = find_registrations(text) or find_doi(text) or any(find_pmcids(text)) or any(find_pmids(text))
            if is_address or is_number or text in reference.pmids:
                texts.remove(text)
                (reference.addresses if is_address else reference.notes).append(text)


def _one(texts: Texts) -> str:
    return texts[0] if texts else ""


def _first(find: Callable[[str], str], texts: Iterable[str]) -> str:
    return next(filter(None, map(find, texts)), "")


def _first_of(find: Callable[[str], Iterator[str]], texts: Iterable[str]) -> str:
    return next((each for text in texts for each in find(text)), "")


# --- Title

_NO_TITLE = re.compile(
    r"\W*(?:(?:title )?not (?:available|supplied|given)|no title(?: available| given)?|untitled|in process citation|"
    r"n/?a|none|null)\W*",
    re.IGNORECASE,
)
_LANGUAGE_BEHIND = re.compile(r"[\s.]{0,5}\[(?:article )?(?:in )?([A-Za-z, ]{2,40})\]\.?$", re.IGNORECASE)


def _title(record: ImportedRecord, reference: Reference) -> str:
    """Return the first title that is one, without the brackets of a translation and the full stop of catalogues."""
    for written in [*reference.titles, *reference.original_title]:
        text = latex.without_fragments(written)
        text = text[1:-1] if len(text) > 2 and text[0] == text[-1] == '"' and '"' not in text[1:-1] else text
        text = text.rstrip("*†‡ ;,").removesuffix(" /")
        if (behind := _LANGUAGE_BEHIND.search(text)) and (language := language_of(behind[1])):
            text = text[: behind.start()]  # Ovid's “[German]”
            reference.languages = reference.languages or [language]
        text = _without_stop(re.sub(r"\.\s+Article in [A-Z][A-Za-z, ]{2,40}(?=\]?\.?$)", "", text))
        if is_translated := text.startswith("[") and text.find("]") == len(text) - 1:
            text = _without_stop(text[1:-1].strip())
        if not text or _NO_TITLE.fullmatch(text):
            continue
        whole = _letters(text)
        for other in reference.titles[:20]:
            if other != written and not _NO_TITLE.fullmatch(other) and _letters(other) not in whole:
                record.problems.append(f"“{other[:200]}” was left out: the title is “{text[:200]}”.")
        if is_translated:
            original = _without_stop(_one(reference.original_title))
            record.problems.append(f"The title is a translation{f' of “{original}”' if original else ''}.")
        subtitle = _without_stop(_one(reference.subtitle))
        return f"{text}: {subtitle}" if subtitle and subtitle.lower() not in text.lower() else text
    return ""


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def _without_stop(text: str) -> str:
    """Return the text without its full stop. That of “...” and of “the U.S.” stays."""
    return text if re.search(r"(?:\.\.|\b[A-Za-z]\.[A-Za-z]\.)$", text) else text.removesuffix(".").rstrip()


# --- Journal


def _add_journal(record: ImportedRecord, reference: Reference) -> None:
    """Add the full name and the abbreviation. What is neither is reported: EBSCO has a subtitle in that place."""
    full, short = (
        [name[:400] for text in texts if (name := drop_placeholder(text))]
        for texts in (reference.journals[:20], reference.abbreviations[:20])
    )
    record.problems += [
        f"“{part[0][2:200]}” was left out of the name of the journal."
        for name in full
        if (part := journals.CONFERENCE.search(name))
    ]
    for name in dict.fromkeys(filter(journals.ISSN.fullmatch, full + short)):
        record.problems.append(f"“{name}” is a number, not the name of a journal: left out.")
    full, short = ([name for name in texts if not journals.ISSN.fullmatch(name)] for texts in (full, short))
    plain = [journals.ADDED.sub("", journals.CONFERENCE.sub("", name)).strip() or name for name in full]
    plain = [journals.without_points(journals.lower_capitals(name)).rstrip(". ") for name in plain]
    short = [journals.lower_capitals(name) for name in short]
    if short and plain:
        whole = journals.ADDED.sub("", short[0])
        if whole != short[0] and journals.abbreviates(plain[0], whole):
            plain[0], short[0] = whole, plain[0]  # EndNote has them the other way round
    for name in list(plain[1:]):
        if journals.abbreviates(plain[0], name):  # JO is the full name or the abbreviation
            plain.remove(name)
            plain.insert(0, name)
            break
    is_title = plain and journals.OF_A_TITLE.search(plain[0])
    if short and is_title and not any(journals.abbreviates(name, plain[0]) for name in short):
        record.problems.append(f"“{plain[0][:200]}” was left out: the journal is “{short[0][:200]}”.")
        plain = []  # EBSCO has the end of the title there
    journal = _one(plain)
    dotless = [" ".join(name.replace(".", " ").split()) for name in [*short, *plain[1:]]]
    unlike = [name for name in dotless[: len(short)] if journal and not journals.abbreviates(name, journal)]
    dotless = [name for name in dotless if name.lower() != journal.lower() and name not in unlike]
    dotless = [name for name in dotless if not journal or journals.abbreviates(name, journal)]
    if journal:
        record.add("journal", journals.with_capitals(journal))
        record.add("journal_abbreviation", _one(dotless))
    else:
        record.add("journal", journals.without_points(_one(short)))
    others = [name for name in plain[1:] if not journals.abbreviates(name, journal)]
    others = [name for name in others if not journals.abbreviates(journal, name)]
    for name in dict.fromkeys([*others, *unlike]):
        record.problems.append(f"“{name[:200]}” was left out: the journal is “{journal[:200]}”.")


# --- Dates, numbers, pages


def _add_dates(record: ImportedRecord, reference: Reference) -> None:
    """Add the earliest date of publication: a day comes before the month and the year that it is in."""
    written = [text for text in reference.dates if drop_placeholder(text)]
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
        record.add(name, partial_date(_one(getattr(reference, name))))


_VOLUME = re.compile(r"^(?:volume|volumen|vol|v|band|bd|tome|t|jg)[.:]?\s*(?=[0-9])", re.IGNORECASE)
_ISSUE = re.compile(
    r"^(?:number|numero|num|no|nr|n[°º]?|issue|iss|fasc(?:icule|iculo)?|heft|h|#)[.:]?\s*(?=[0-9])", re.IGNORECASE
)
_CATALOGUE = re.compile(r"[0-9]{7}|ahead.of.print|in press|online first|early (?:access|view)", re.IGNORECASE)


def _volume_and_issue(record: ImportedRecord, reference: Reference) -> tuple[str, str]:
    """Return both without the words before them: 40 and 2 for “v. 40, no. 2” or “40(2)”."""
    volume, issue = (_number(record, name, _one(getattr(reference, name))) for name in ("volume", "issue"))
    volume, issue = _VOLUME.sub("", volume, count=1), _ISSUE.sub("", re.sub(r"^\(([^()]*)\)$", r"\1", issue), count=1)
    if match := re.fullmatch(
        r"(\S+?)\s*(?:\(\s*([^()]+)\s*\)|,\s*(?:no|nr|issue|iss)\b\.?\s*(\S+))", volume, re.IGNORECASE
    ):
        volume, issue = match[1], issue or _ISSUE.sub("", match[2] or match[3], count=1)
    return volume.strip(" .,"), issue.strip(" .,")


def _number(record: ImportedRecord, name: str, text: str) -> str:
    """Return the text, or report what cannot be the number of a volume or an issue, such as Ovid's “eag, 7805975”."""
    text = drop_placeholder(text).strip("\"' ")
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


def _pages(record: ImportedRecord, reference: Reference) -> str:
    """Return 660-673 for 660--673, 660-73 and pp. 660 – 673, 123+ for 123-+, or else the article number."""
    first, last = (
        _DASHES.sub("-", _PAGE_WORDS.sub("", text.strip() if text.strip() == "+" else drop_placeholder(text).strip()))
        for text in (_one(reference.first_page), _one(reference.last_page))
    )
    first, last = (re.sub(r"^[(\[]([^()\[\]]*)[)\]]$", r"\1", text) for text in (first, last))
    if "-" in last and last.split("-")[0] in ("", first):
        first = last
    text = first if "-" in first or not last else "-".join(filter(None, (first, last)))
    text = re.sub(r"(?<=[0-9])\s(?:to|bis)\s(?=[0-9])", "-", text)
    text = re.sub(r"^([0-9]),([0-9]{3}-)([0-9]),([0-9]{3})$", r"\1\2\3\4", text)  # 1,279-1,287
    text = re.sub(r"(-[0-9]+)\s?(?:pp?|s)\b\.?$", r"\1", text, flags=re.IGNORECASE)
    if text and (_COUNT.fullmatch(text) or not re.search("[0-9]|^[ivxlc+-]+$", text) or re.fullmatch("0+(-0+)?", text)):
        record.problems.append(f"Its pages, “{text[:80]}”, are not pages: left out.")
        text = ""
    text = re.sub(r"-(?:undefined|null|none|n/?a)$", "", text, flags=re.IGNORECASE)
    text = re.sub(r"\s*-?\+$", "+", text.rstrip("-., "))
    if text:
        return ", ".join(_page_range(part) for part in re.split(r"\s*[,;]\s*", text))
    number = _PAGE_WORDS.sub("", _one(reference.article_number).strip())
    if re.fullmatch("[1-4][0-9]{7}", number):  # an article number has other digits, most of the time
        record.problems.append(f"“{number}” may be a PubMed ID or an article number: left out.")
    elif number and not _ARTICLE.fullmatch(number):
        record.problems.append(f"“{number[:80]}” is not an article number: left out.")
    else:
        return number
    return ""


def _page_range(text: str) -> str:
    """Return 1279-1287 for 1279-87, S12-S15 for S12-5, 9.e1-9.e5 for 9.e1-5, and 12 for 12-12."""
    match = re.fullmatch(r"((?:[0-9]+\.)?[A-Za-z]{0,3})([0-9]{1,9})-((?:[0-9]+\.)?[A-Za-z]{0,3})([0-9]{1,9})", text)
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
    texts = list(map(drop_placeholder, texts))
    parts = [part for text in texts for part in re.split(r"[;,/&|]|\band\b", text) if part.strip(" .[]()")]
    words = [word for part in parts for word in (part.split() if _are_languages(part.split()) else [part])]
    known = [language_of(word) for word in words]
    names_of_languages = list(dict.fromkeys(filter(None, known)))
    while len(", ".join(names_of_languages)) > MOST_LANGUAGE:
        record.problems.append(f"One more language: {names_of_languages.pop()}.")
    record.add("language", ", ".join(names_of_languages))
    unknown = [word.strip() for word, name in zip(words, known, strict=True) if not name]
    if unknown and unknown != ["und"]:
        record.problems.append(f"“{', '.join(unknown)[:80]}” is not a language that is known here.")


def _are_languages(words: Texts) -> bool:
    """Tell “eng ger” from “In English”."""
    return all(len(word) > 2 and language_of(word) for word in words)


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


def _add_hints(record: ImportedRecord, reference: Reference) -> None:
    """Tell the editor what catalogues say of the kind of paper: the paper itself decides on the design."""
    if kinds := [text for text in dict.fromkeys(reference.publication_types) if _DESIGNS.search(text)]:
        record.hints.append(
            f"The catalogue calls it: {', '.join(kinds)[:200]}. The paper itself decides on the design."
        )
    record.hints += [f"The catalogue names a notice: {text[:200]}" for text in dict.fromkeys(reference.notices)]


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
            numbers = find_registrations(name) if re.search("[0-9]", name) else []
            if any(number.end - number.start == len(name.rstrip(".")) for number in numbers):  # CENTRAL has one there
                add_registrations(record, name, "In the place of an author.")
                continue
            if names.OTHERS.fullmatch(name):
                record.authors_complete = False
                continue
            short = re.sub(r",?\s*\bet\.? al\b\.?$", "", name, flags=re.IGNORECASE)
            record.authors_complete &= short == name
            line = names.from_text(short, given_first=given_first)
            if names.may_be_two(short):
                record.problems.append(f"“{short[:100]}” was read as one person. Are they two?")
            if not given_first and names.is_guess(short, line):
                record.problems.append(f"“{short[:100]}” has no comma: read as “{line[:100]}”.")
            lines.append(line)
    return lines
