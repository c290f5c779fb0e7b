"""Works as JSON of Crossref's REST API (https://api.crossref.org/swagger-ui/), and as CSL-JSON, which looks alike.

CSL-JSON (https://docs.citationstyles.org) has texts where Crossref has lists, and names for PubMed's numbers.
"""

from functools import partial
from typing import Any

from trials.importers import names
from trials.importers.identifiers import bare_doi
from trials.importers.json_parts import list_of, object_at, objects
from trials.importers.normalise import Found, add
from trials.importers.records import ImportedRecord, Reading, Unreadable
from trials.importers.texts import clean, field_names

_DATES = ("published-online", "published-print", "published", "issued")
_READ = field_names(
    "DOI title subtitle original-title author container-title container-title-short short-container-title "
    "journalAbbreviation volume issue page page-first number article-number language PMID PMCID URL id "
    "abstract note annote license assertion clinical-trial-number update-to updated-by type genre keyword"
)


def works_in(data: Any) -> list[Any]:
    """Return the works of an answer of Crossref, of a list, or of one work; nothing for other JSON."""
    message = data.get("message", data) if isinstance(data, dict) else data
    works = message.get("items", [message]) if isinstance(message, dict) else message
    is_answer = isinstance(data, dict) and isinstance(data.get("message"), dict)
    return works if isinstance(works, list) and works and (is_answer or any(map(_is_work, works))) else []


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
    if not isinstance(value, dict):
        return clean(value)
    parts = list_of(value.get("date-parts"))
    numbers = [clean(part) for part in list_of(parts[0] if parts else None)[:3]]
    if value.get("season") or (len(parts) > 1 and parts[1] != parts[0]):
        numbers = numbers[:1]
    written = "-".join(number for number in numbers if number.isdecimal())
    return written or clean(value.get("raw")) or clean(value.get("literal"))


def _author(person: dict[str, Any]) -> str:
    family, given, suffix = (clean(person.get(key)) for key in ("family", "given", "suffix"))
    if family:
        particles = [clean(person.get(key)) for key in ("dropping-particle", "non-dropping-particle")]
        return names.from_parts(" ".join(filter(None, [*particles, family])), given, suffix)
    text = clean(person.get("name")) or clean(person.get("literal"))
    return names.from_text(text.replace(",", " ") + ",") if text else names.from_text(given)


def _fill(work: Any, record: ImportedRecord) -> None:
    if not isinstance(work, dict):
        raise Unreadable("it is not a work.")
    doi, titles = bare_doi(clean(work.get("DOI"))), _texts(work.get("title"))
    if not doi and not titles:
        raise Unreadable("it has neither a DOI nor a title.")
    record.label = f"Crossref record of {doi}"[:200] if doi else "CSL-JSON record"
    licences = objects(work.get("license"))
    licences.sort(key=lambda licence: licence.get("content-version") != "vor")  # that of the published version first
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
            authors=[_author(person) for person in objects(work.get("author"))],
            journals=_texts(work.get("container-title"))[:1],
            abbreviations=[
                text
                for name in ("short-container-title", "container-title-short", "journalAbbreviation")
                for text in _texts(work.get(name))
            ],
            dates=[_date(work.get(name)) for name in _DATES],
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
            notes=[text for name in ("id", "note", "annote") for text in _texts(work.get(name))],
            addresses=_texts(work.get("URL")),
            registrations=[
                clean(part.get("clinical-trial-number")) for part in objects(work.get("clinical-trial-number"))
            ],
            keywords=_texts(work.get("keyword")),
            abstract=clean(work.get("abstract")),
            licence=next(filter(None, (clean(licence.get("URL")) for licence in licences)), ""),
            publication_types=_texts(work.get("genre")),
            notices=[
                f"{clean(part.get('label')) or clean(part.get('type'))} {clean(part.get('DOI'))}"
                for part in objects(work.get("updated-by"))
            ],
        ),
    )
    custom = object_at(work, "custom")
    record.problems += [f"“{clean(name)[:60]}” was left out." for name in list(custom)[:5]]
