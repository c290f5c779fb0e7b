"""Works as JSON of Crossref's REST API (https://api.crossref.org/swagger-ui/), and as CSL-JSON, which looks alike.

CSL-JSON (https://docs.citationstyles.org) has texts where Crossref has lists, and names for PubMed's numbers.
"""

from collections.abc import Iterator
from typing import Any

from trials.identifiers import find_doi
from trials.importers import names
from trials.importers.json_parts import list_of, objects, text_at, value_at
from trials.importers.normalise import Reference, add, author_lines
from trials.importers.records import ImportedRecord, Reading, Unreadable
from trials.importers.texts import clean, field_names

_DATES = ("published-online", "published-print", "published", "issued")
_PLACES = {
    "titles": "title",
    "subtitle": "subtitle",
    "original_title": "original-title",
    "abbreviations": "short-container-title container-title-short journalAbbreviation",
    "volume": "volume",
    "issue": "issue",
    "first_page": "page page-first",
    "article_number": "article-number number",
    "languages": "language",
    "dois": "DOI",
    "pmids": "PMID",
    "pmcids": "PMCID",
    "notes": "id note annote",
    "addresses": "URL",
    "keywords": "keyword",
    "abstract": "abstract",
    "publication_types": "genre",
}
_READ = field_names(
    " ".join([*_PLACES.values(), *_DATES])
    + " author container-title license assertion clinical-trial-number update-to updated-by type funder custom posted"
    " subtype"
)


def works_in(data: Any) -> list[Any]:
    """Return the works of an answer of Crossref, of a list, or of one work; nothing for other JSON.

    A list may be in "items" (Crossref), in "references" (Pandoc), or be an object with the keys of the works.
    """
    message = data.get("message", data) if isinstance(data, dict) else data
    if isinstance(message, dict):
        keyed = list(message.values()) if message and all(map(_is_work, message.values())) else [message]
        works = message.get("items", message.get("references", keyed))
        works = works if isinstance(works, list) else [message]
    else:
        works = [value_at(part, "message") or part for part in list_of(message)]
    is_answer = isinstance(data, dict) and isinstance(data.get("message"), dict)
    return works if works and (is_answer or any(map(_is_work, works))) else []


def _is_work(data: Any) -> bool:
    return isinstance(data, dict) and ("DOI" in data or ("title" in data and ("type" in data or "author" in data)))


def read(works: list[Any], first_line: int, reading: Reading) -> None:
    reading.formats.append("Crossref or CSL (JSON)")
    for work in works:
        reading.add(first_line, _fill, work)


def _texts(value: Any) -> list[str]:
    return [text for part in (value if isinstance(value, list) else [value]) if (text := clean(part))]


def _date(value: Any) -> str:
    """Return “2021-6-8” for {"date-parts": [["2021", 6, 8]]}, or the text of "raw" or "literal"."""
    if isinstance(value, list):
        value = value[0] if value and isinstance(value[0], dict) else {"date-parts": [value]}
    if not isinstance(value, dict):
        return clean(value)
    parts = list_of(value.get("date-parts"))
    if parts and not isinstance(parts[0], list):
        parts = [parts]
    numbers = [clean(part) for part in list_of(parts[0] if parts else None)[:3]]
    if value.get("season") or (len(parts) > 1 and parts[1] != parts[0]):
        numbers = numbers[:1]
    words = [clean(value.get(name)) for name in ("raw", "literal", "date-time", "year")]
    return "-".join(filter(None, numbers)) or next(filter(None, words), "")


def _authors(record: ImportedRecord, value: Any) -> list[str]:
    """Return the names of the people. Some programs write one text, or a text for each."""
    lines = []
    for person in value if isinstance(value, list) else [value]:
        if isinstance(person, dict) and names.OTHERS.fullmatch(clean(person.get("literal"))):
            record.authors_complete = False
            continue
        named = [_author(person)] if isinstance(person, dict) else author_lines(record, _texts(person))
        if person and not any(named):
            record.problems.append("An author has no name.")
        lines += named
    return lines


def _author(person: dict[str, Any]) -> str:
    family, given, suffix = (clean(person.get(key)) for key in ("family", "given", "suffix"))
    if "," in family and not given:
        return names.from_text(family)
    if family:
        particles = [clean(person.get(key)) for key in ("dropping-particle", "non-dropping-particle")]
        return names.from_parts(" ".join(filter(None, [*particles, family])), given, suffix)
    text = text_at(person, "name") or text_at(person, "literal")
    if not text:
        return names.from_text(given)
    is_person = text.count(",") == 1 and not names.is_group(text)  # “Example, Ada”
    return names.from_text(text if is_person else f"{text.replace(',', ' ')},")


def _fill(record: ImportedRecord, work: Any) -> None:
    if not isinstance(work, dict):
        raise Unreadable("it is not a work.")
    doi, titles = find_doi(text_at(work, "DOI")), _texts(work.get("title"))
    if not doi and not titles:
        raise Unreadable("it has neither a DOI nor a title.")
    record.label = f"Crossref record of {doi}"[:200] if doi else "CSL-JSON record"
    for name, value in work.items():
        if name not in _READ and value:
            record.leave(name)
    is_preprint = work.get("type") == "posted-content"
    events = {text_at(part, "name"): _texts(part.get("value")) for part in objects(work.get("assertion"))}
    numbers, funders = objects(work.get("clinical-trial-number")), objects(work.get("funder"))
    reference = Reference.from_places(
        _PLACES,
        lambda name: _texts(work.get(name)),
        authors=_authors(record, work.get("author")),
        journals=_texts(work.get("container-title"))[:1],
        dates=[_date(work.get(name)) for name in (*_DATES, *(["posted"] if is_preprint else []))],
        received=events.get("received", []),
        accepted=events.get("accepted", []),
        notes=[
            f"{clean(name)}: {clean(value)}"[:300]
            for custom in objects([work.get("custom")])
            for name, value in custom.items()
        ],
        registrations=[text_at(number, "clinical-trial-number") for number in numbers],
        licence=_licences(work),
        funding=[", ".join(_texts([each.get("name"), *list_of(each.get("award"))])) for each in funders],
        publication_types=["preprint"] if is_preprint else [],
        notices=list(_notices(work)),
    )
    add(record, reference)


def _licences(work: dict[str, Any]) -> list[str]:
    """Return the addresses of the licences: one to reuse comes first, and then that of the published version."""
    licences = [(text_at(each, "URL"), each.get("content-version")) for each in objects(work.get("license"))]
    licences.sort(key=lambda licence: ("creativecommons" not in licence[0], licence[1] != "vor"))
    return [address for address, _ in licences]


def _notices(work: dict[str, Any]) -> Iterator[str]:
    for part in objects(work.get("updated-by")):
        yield f"{text_at(part, 'label') or text_at(part, 'type')} {text_at(part, 'DOI')}"
    for part in objects(work.get("update-to")):
        yield f"this record is one itself ({text_at(part, 'type')[:60]}), of {text_at(part, 'DOI')}"
