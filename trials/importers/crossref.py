"""A work as Crossref's REST API gives it: {"message": {…}}, or the message alone. https://api.crossref.org/swagger-ui/"""

import re
from typing import Any

from trials.importers import found as f
from trials.importers.clinicaltrials import _list, _objects
from trials.importers.pubmed import LANGUAGES

NAME = "Crossref (JSON)"
_LANGUAGE = {"en": "eng", "fr": "fre", "de": "ger", "es": "spa", "pt": "por", "it": "ita", "zh": "chi", "tr": "tur"}


def is_work(data: Any) -> bool:
    return isinstance(data, dict) and (isinstance(data.get("message"), dict) or "DOI" in data)


def read(data: Any) -> f.Reading:
    reading = f.Reading(NAME, seen=1)
    work = data["message"] if isinstance(data.get("message"), dict) else data
    try:
        reading.found.append(_found(work))
    except f.BadRecord as bad:
        reading.refuse(1, f"{bad.reason}.")
    return reading


def _first(value: Any) -> str:
    return next(filter(None, map(f.clean, _list(value))), "") if isinstance(value, list) else f.clean(value)


def _date(value: Any) -> tuple[str, str]:
    """(2021-06-08, “2021-6-8”) out of {"date-parts": [[2021, 6, 8]]}."""
    parts = value.get("date-parts") if isinstance(value, dict) else None
    parts = parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], list) else []
    numbers = [each for each in parts if isinstance(each, int) and not isinstance(each, bool) and 0 < each < 10_000]
    written = "-".join(str(number) for number in numbers[:3])
    return f.partial_date(written), written


def _authors(value: Any) -> list[str]:
    names = []
    for author in _objects(value):
        family, given = (f.clean(author.get(key)).replace(",", " ") for key in ("family", "given"))
        suffix = f.clean(author.get("suffix")).replace(",", " ")
        if family:
            names.append(f"{family}, {' '.join(filter(None, [given, suffix]))}" if given or suffix else family)
        else:
            names.append(f.group(f.clean(author.get("name"))))
    return [name for name in names if name]


def _found(work: dict[str, Any]) -> f.Found:
    doi = f.bare_doi(f.clean(work.get("DOI")))
    if not doi:
        raise f.BadRecord("it has no DOI")
    found = f.Found(1, 1, NAME, label=f"Crossref record of {doi}"[:200], address=f"https://doi.org/{doi}")
    title, subtitle = _first(work.get("title")), _first(work.get("subtitle"))
    found.add("title", f"{title}: {subtitle}" if title and subtitle and subtitle not in title else title)
    found.add("authors", "\n".join(_authors(work.get("author"))))
    found.add("journal", _first(work.get("container-title")))
    found.add("journal_abbreviation", _first(work.get("short-container-title")))
    dates = [_date(work.get(name)) for name in ("published-online", "published-print", "published", "issued")]
    date, quote = f.earliest(*dates)
    found.add("publication_date", date, quote=quote)
    for each in _objects(work.get("assertion")):
        if each.get("name") in ("received", "accepted"):
            written = f.clean(each.get("value"))
            match = re.fullmatch(r"([0-9]{1,2}) ([A-Za-z]+) ([0-9]{4})", written)
            when = f.partial_date(f"{match.group(3)} {match.group(2)[:3]} {match.group(1)}" if match else written)
            found.add(str(each["name"]), when, quote=f"{each['name']}: {written}")
    found.add("volume", f.clean(work.get("volume")))
    found.add("issue", f.clean(work.get("issue")))
    found.add("pages", f.clean(work.get("page")) or f.clean(work.get("article-number")))
    language = f.clean(work.get("language"))
    found.add("language", LANGUAGES.get(_LANGUAGE.get(language.lower(), language.lower()), ""), quote=language)
    found.add("doi", doi)
    licences = _objects(work.get("license"))
    licences.sort(key=lambda each: each.get("content-version") != "vor")  # the published version first
    found.add("licence", next(filter(None, (f.clean(each.get("URL")) for each in licences)), ""))
    for each in _objects(work.get("clinical-trial-number")):
        number = f.clean(each.get("clinical-trial-number"))
        f.add_registrations(found, number, "The publisher has told Crossref that the paper gives this number.")
    abstract = f.clean(work.get("abstract"))
    f.add_registrations(found, abstract, "In the abstract, as Crossref gives it.")
    return found
