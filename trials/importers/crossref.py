"""Works as JSON of Crossref's REST API (https://api.crossref.org/swagger-ui/), and as CSL-JSON, which looks alike.

CSL-JSON (https://docs.citationstyles.org) has texts where Crossref has lists, and names for PubMed's numbers.
"""

from functools import partial
from typing import Any

from trials.importers import names
from trials.importers.identifiers import bare_doi
from trials.importers.json_parts import list_of, object_at, objects
from trials.importers.normalise import Found, add, author_lines
from trials.importers.records import ImportedRecord, Reading, Unreadable
from trials.importers.texts import clean, field_names

_DATES = ("published-online", "published-print", "published", "issued")
_READ = field_names(
    "DOI title subtitle original-title author container-title container-title-short short-container-title "
    "journalAbbreviation volume issue page page-first number article-number language PMID PMCID URL id "
    "abstract note annote license assertion clinical-trial-number update-to updated-by type genre keyword "
    "funder custom posted subtype"
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
        works = [object_at(part, "message") or part for part in list_of(message)]
    is_answer = isinstance(data, dict) and isinstance(data.get("message"), dict)
    return works if works and (is_answer or any(map(_is_work, works))) else []


def _is_work(data: Any) -> bool:
    return isinstance(data, dict) and ("DOI" in data or ("title" in data and ("type" in data or "author" in data)))


def read(works: list[Any], first_line: int = 1) -> Reading:
    reading = Reading("Crossref or CSL (JSON)")
    for work in works:
        reading.add(first_line, partial(_fill, work))
    return reading


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
    text = clean(person.get("name")) or clean(person.get("literal"))
    is_person = text.count(",") == 1 and not names.is_group(text)  # “Example, Ada”
    return names.from_text(text if is_person else f"{text.replace(',', ' ')},") if text else names.from_text(given)


def _fill(work: Any, record: ImportedRecord) -> None:
    if not isinstance(work, dict):
        raise Unreadable("it is not a work.")
    doi, titles = bare_doi(clean(work.get("DOI"))), _texts(work.get("title"))
    if not doi and not titles:
        raise Unreadable("it has neither a DOI nor a title.")
    record.label = f"Crossref record of {doi}"[:200] if doi else "CSL-JSON record"
    is_preprint = work.get("type") == "posted-content"
    licences = objects(work.get("license"))
    # A licence to reuse comes first, and then that of the published version.
    licences.sort(
        key=lambda part: ("creativecommons" not in clean(part.get("URL")), part.get("content-version") != "vor")
    )
    events = {clean(part.get("name")): clean(part.get("value")) for part in objects(work.get("assertion"))}
    for name, value in work.items():
        if name not in _READ and name not in _DATES and value:
            record.leave(name, "", is_known=True)
    add(
        record,
        Found(
            titles=titles,
            subtitle=next(iter(_texts(work.get("subtitle"))), ""),
            original_title=next(iter(_texts(work.get("original-title"))), ""),
            authors=_authors(record, work.get("author")),
            journals=_texts(work.get("container-title"))[:1],
            abbreviations=[
                text
                for name in ("short-container-title", "container-title-short", "journalAbbreviation")
                for text in _texts(work.get(name))
            ],
            dates=[_date(work.get(name)) for name in (*_DATES, *(["posted"] if is_preprint else []))],
            received=events.get("received", ""),
            accepted=events.get("accepted", ""),
            volume=clean(work.get("volume")),
            issue=clean(work.get("issue")),
            first_page=clean(work.get("page")) or clean(work.get("page-first")),
            article_number=clean(work.get("article-number")) or clean(work.get("number")),
            languages=_texts(work.get("language")),
            dois=[doi],
            pmids=_texts(work.get("PMID")),
            pmcids=_texts(work.get("PMCID")),
            notes=[
                *(text for name in ("id", "note", "annote") for text in _texts(work.get(name))),
                *(f"{clean(name)}: {clean(value)}"[:300] for name, value in object_at(work, "custom").items()),
            ],
            addresses=_texts(work.get("URL")),
            registrations=[
                clean(part.get("clinical-trial-number")) for part in objects(work.get("clinical-trial-number"))
            ],
            keywords=_texts(work.get("keyword")),
            abstract=clean(work.get("abstract")),
            licence=next(filter(None, (clean(licence.get("URL")) for licence in licences)), ""),
            funding=[
                ", ".join(filter(None, [clean(part.get("name")), *_texts(part.get("award"))]))
                for part in objects(work.get("funder"))
            ],
            publication_types=[
                *_texts(work.get("genre")),
                *(["preprint"] if is_preprint else []),
            ],
            notices=[
                f"{clean(part.get('label')) or clean(part.get('type'))} {clean(part.get('DOI'))}"
                for part in objects(work.get("updated-by"))
            ]
            + [
                f"this record is one itself ({clean(part.get('type'))[:60]}), of {clean(part.get('DOI'))}"
                for part in objects(work.get("update-to"))
            ],
        ),
    )
