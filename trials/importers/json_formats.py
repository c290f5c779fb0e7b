"""JSON of ClinicalTrials.gov’s API v2, of one study or {"studies": [...]}, and of Crossref’s REST API, of one work.

Any part may be absent, or of another type than it should be: then there is nothing to take.
https://clinicaltrials.gov/data-api/about-api/study-data-structure, https://api.crossref.org/swagger-ui/
"""

import re
from functools import partial
from typing import Any

from trials import vocabulary as v
from trials.importers.normalise import add_paper, add_registrations, author, bare_doi, bare_pmid, clean, partial_date
from trials.importers.records import ImportedRecord, Reading, Unreadable, Value

CODES = {
    "allocation": {code: str(value) for value, code in v.ALLOCATION_REGISTRY_CODES.items()},
    "intervention_model": {code: str(value) for value, code in v.MODEL_REGISTRY_CODES.items()},
    "masking": {code: str(value) for value, code in v.MASKING_REGISTRY_CODES.items() if code},
    "phase": {"/".join(codes): str(phase) for phase, codes in v.PHASE_REGISTRY_CODES.items() if codes},
}
_ENROLMENTS = {"ACTUAL": str(v.EnrolmentType.ACTUAL), "ESTIMATED": str(v.EnrolmentType.ESTIMATED)}
_COMPARISONS = ("ACTIVE_COMPARATOR", "PLACEBO_COMPARATOR", "SHAM_COMPARATOR", "NO_INTERVENTION")
_CELLS = re.compile(r"\b(?:stem|stromal|msc|mscs|uc-?mscs?)\b", re.IGNORECASE)


def object_at(data: Any, *path: str) -> dict[str, Any]:
    """Return the object at the end of the path; an empty one if a part of the path is missing."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def objects(value: Any) -> list[dict[str, Any]]:
    return [part for part in list_of(value) if isinstance(part, dict)]


# --- ClinicalTrials.gov


def is_study(data: Any) -> bool:
    return isinstance(data, dict) and ("protocolSection" in data or isinstance(data.get("studies"), list))


def read_studies(data: Any, text: str) -> Reading:
    """Read parsed JSON. `text` is what it was parsed from: the line of a record is that of its number."""
    reading, line, place = Reading("ClinicalTrials.gov (JSON)"), 1, 0
    for study in data["studies"] if isinstance(data.get("studies"), list) else [data]:
        nct = object_at(study, "protocolSection", "identificationModule").get("nctId")
        at = text.find(f'"{nct}"', place) if nct and isinstance(nct, str) else -1
        if at >= 0:
            line, place = line + text.count("\n", place, at), at
        reading.add(line, partial(_fill_from_study, study))
    return reading


def _struct_date(value: Any) -> str:
    return partial_date(clean(value.get("date") if isinstance(value, dict) else value))


def _fill_from_study(study: Any, record: ImportedRecord) -> None:
    protocol = object_at(study, "protocolSection")
    names = object_at(protocol, "identificationModule")
    nct = clean(names.get("nctId"))
    if not re.fullmatch(r"NCT[0-9]{8}", nct):
        raise Unreadable(f"“{nct[:20]}” is not an NCT number." if nct else "it has no NCT number.")
    record.label, record.kind = f"ClinicalTrials.gov record {nct}", v.SourceKind.REGISTRY
    record.address = f"https://clinicaltrials.gov/study/{nct}"
    title = clean(names.get("officialTitle")) or clean(names.get("briefTitle"))
    sponsors = object_at(protocol, "sponsorCollaboratorsModule")
    contacts = object_at(protocol, "contactsLocationsModule")
    sponsor = clean(object_at(sponsors, "leadSponsor").get("name"))
    officials = [clean(official.get("name")) for official in objects(contacts.get("overallOfficials"))]
    investigator = next(filter(None, officials), "")
    # The title and a name, so that there can be a draft before the paper is known.
    note = "That of the registry entry. Put the paper’s own in its place."
    record.add("title", title, note=note, basis=v.Basis.INFERRED)
    given, _, family = investigator.partition(",")[0].rpartition(" ")  # without the degrees that follow
    record.add("authors", author(family, given) or author(sponsor), note=note, basis=v.Basis.INFERRED)
    record.authors_complete = False
    record.add("acronym", clean(names.get("acronym")))
    known = {"identifier": nct, "title": title, "sponsor": sponsor, "investigator": investigator}
    record.rows.append(Value("registrations", _registration(record, study, known), basis=v.Basis.TRANSCRIBED))
    for number, arm in enumerate(objects(object_at(protocol, "armsInterventionsModule").get("armGroups")), start=1):
        _add_arm(record, number, arm)
    countries = (clean(place.get("country")) for place in objects(contacts.get("locations")))
    record.countries = list(dict.fromkeys(filter(None, countries)))
    for reference in objects(object_at(protocol, "referencesModule").get("references")):
        pmid = bare_pmid(clean(reference.get("pmid")))
        if pmid and reference.get("type") in ("RESULT", "DERIVED"):  # BACKGROUND papers are those of other studies
            record.papers.append(pmid)


def _registration(record: ImportedRecord, study: Any, known: dict[str, str]) -> dict[str, Any]:
    """Return the fields of the registration: those that are known, and those that the record holds."""
    protocol = object_at(study, "protocolSection")
    status, design = object_at(protocol, "statusModule"), object_at(protocol, "designModule")
    info, masking = object_at(design, "designInfo"), object_at(design, "designInfo", "maskingInfo")
    coded = {
        "allocation": info.get("allocation"),
        "intervention_model": info.get("interventionModel"),
        "masking": masking.get("masking"),
        "phase": "/".join(map(clean, list_of(design.get("phases")))) or None,
    }
    codes = {name: CODES[name].get(clean(code), "") for name, code in coded.items()}
    for name, code in coded.items():
        if code is not None and not codes[name]:
            record.problems.append(f"Its {name.replace('_', ' ')}, “{clean(code)[:40]}”, is not known here: left out.")
    enrolment, roles = object_at(design, "enrollmentInfo"), list_of(masking.get("whoMasked"))
    count = enrolment.get("count") if type(enrolment.get("count")) is int else None
    outcomes = objects(object_at(protocol, "outcomesModule").get("primaryOutcomes"))
    measured = [(clean(outcome.get("measure")), clean(outcome.get("timeFrame"))) for outcome in outcomes]
    version = object_at(study, "derivedSection", "miscInfoModule").get("versionHolder")
    values = {
        "registry": str(v.Registry.CLINICALTRIALS_GOV),
        **known,
        **codes,
        "who_masked": [str(role) for role, code in v.WHO_MASKED_REGISTRY_CODES.items() if code in roles],
        "enrolment": count,
        "enrolment_type": _ENROLMENTS.get(clean(enrolment.get("type")), "") if count is not None else "",
        "primary_outcome": "\n".join(f"{what} ({when})" if when else what for what, when in measured if what),
        "registered": _struct_date(status.get("studyFirstSubmitDate")),
        "posted": _struct_date(status.get("studyFirstPostDateStruct")),
        "start": _struct_date(status.get("startDateStruct")),
        "completion": _struct_date(status.get("completionDateStruct")),
        "recruitment_status": clean(status.get("overallStatus")).replace("_", " ").capitalize(),
        "results_posted": study["hasResults"] if isinstance(study.get("hasResults"), bool) else None,
        "looked_up": _struct_date(version) or _struct_date(status.get("lastUpdatePostDateStruct")),
    }
    return {name: value for name, value in values.items() if value not in ("", None, [])}


def _add_arm(record: ImportedRecord, number: int, arm: dict[str, Any]) -> None:
    name, kind = clean(arm.get("label")) or f"Group {number}", clean(arm.get("type"))
    given = ", ".join(map(clean, list_of(arm.get("interventionNames"))))
    has_cells = _CELLS.search(f"{name} {given} {clean(arm.get('description'))}")
    role = v.Role.COMPARISON if kind in _COMPARISONS else v.Role.CELLS if has_cells else v.Role.OTHER
    values = {"name": name, "role": str(role)} | ({"given": given} if given else {})
    note = f"The role is our reading of the registry’s “{kind}”." if kind else "The registry names no role."
    record.rows.append(Value("arms", values, basis=v.Basis.INFERRED, note=note))


# --- Crossref


def is_work(data: Any) -> bool:
    return isinstance(data, dict) and (isinstance(data.get("message"), dict) or "DOI" in data)


def read_work(data: Any) -> Reading:
    reading = Reading("Crossref (JSON)")
    reading.add(1, partial(_fill_from_work, data["message"] if isinstance(data.get("message"), dict) else data))
    return reading


def _first(value: Any) -> str:
    return next(filter(None, map(clean, list_of(value))), "")


def _parts_date(value: Any) -> str:
    """Return “2021-6-8” for {"date-parts": [[2021, 6, 8]]}."""
    parts = list_of(value.get("date-parts")) if isinstance(value, dict) else []
    return "-".join(str(part) for part in list_of(parts[0] if parts else None)[:3] if isinstance(part, int))


def _author(person: dict[str, Any]) -> str:
    family, given, suffix, name = (clean(person.get(key)) for key in ("family", "given", "suffix", "name"))
    return author(family, given, suffix) if family else author(name or given)


def _fill_from_work(work: dict[str, Any], record: ImportedRecord) -> None:
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
        dates=[_parts_date(work.get(name)) for name in ("published-online", "published-print", "published", "issued")],
        volume=clean(work.get("volume")),
        issue=clean(work.get("issue")),
        pages=clean(work.get("page")) or clean(work.get("article-number")),
        language=clean(work.get("language")),
        doi=doi,
        licence=next(filter(None, (clean(licence.get("URL")) for licence in licences)), ""),
        abstract=clean(work.get("abstract")),
    )
