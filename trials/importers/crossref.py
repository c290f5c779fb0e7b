"""A work as Crossref's REST API gives it: {"message": {…}}, or the message alone. https://api.crossref.org/swagger-ui/"""

from functools import partial
from typing import Any

from trials.importers.normalise import add_paper, add_registrations, bare_doi, clean, group, list_of, objects, person_of
from trials.importers.records import ImportedRecord, Reading, Unreadable

DATES = ("published-online", "published-print", "published", "issued")


def is_work(data: Any) -> bool:
    return isinstance(data, dict) and (isinstance(data.get("message"), dict) or "DOI" in data)


def read(data: Any) -> Reading:
    reading = Reading("Crossref (JSON)")
    reading.add(1, partial(_fill, data["message"] if isinstance(data.get("message"), dict) else data))
    return reading


def _first(value: Any) -> str:
    return next(filter(None, map(clean, list_of(value))), "")


def _date(value: Any) -> str:
    """Return “2021-6-8” for {"date-parts": [[2021, 6, 8]]}."""
    parts = list_of(value.get("date-parts")) if isinstance(value, dict) else []
    return "-".join(str(part) for part in list_of(parts[0] if parts else None)[:3] if isinstance(part, int))


def _author(author: dict[str, Any]) -> str:
    family, given, suffix, name = (clean(author.get(key)) for key in ("family", "given", "suffix", "name"))
    return person_of(family, given, suffix) if family else group(name or given)


def _fill(work: dict[str, Any], record: ImportedRecord) -> None:
    doi = bare_doi(clean(work.get("DOI")))
    if not doi:
        raise Unreadable("it has no DOI.")
    record.label = f"Crossref record of {doi}"[:200]
    title, subtitle = _first(work.get("title")), _first(work.get("subtitle"))
    licences = objects(work.get("license"))
    licences.sort(key=lambda licence: licence.get("content-version") != "vor")  # that of the published version first
    for number in objects(work.get("clinical-trial-number")):
        add_registrations(record, clean(number.get("clinical-trial-number")), "The publisher has told Crossref so.")
    add_paper(
        record,
        title=f"{title}: {subtitle}" if title and subtitle and subtitle not in title else title,
        authors=map(_author, objects(work.get("author"))),
        journal=_first(work.get("container-title")),
        journal_abbreviation=_first(work.get("short-container-title")),
        dates=[_date(work.get(name)) for name in DATES],
        volume=clean(work.get("volume")),
        issue=clean(work.get("issue")),
        pages=clean(work.get("page")) or clean(work.get("article-number")),
        language=clean(work.get("language")),
        doi=doi,
        licence=next(filter(None, (clean(licence.get("URL")) for licence in licences)), ""),
        abstract=clean(work.get("abstract")),
    )
