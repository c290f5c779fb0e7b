"""JSON of ClinicalTrials.gov’s API v2: one study, a list of studies, or {"studies": [...]}.

https://clinicaltrials.gov/data-api/about-api/study-data-structure
"""

import re
from typing import Any

from trials import vocabulary as v
from trials.identifiers import bare_pmid, find_registrations
from trials.importers import names
from trials.importers.dates import partial_date
from trials.importers.json_parts import list_of, object_at, objects
from trials.importers.normalise import add_registrations
from trials.importers.records import ImportedRecord, Reading, Unreadable, Value
from trials.importers.texts import clean, field_names

CODES = {
    "allocation": {code: str(value) for value, code in v.ALLOCATION_REGISTRY_CODES.items()},
    "intervention_model": {code: str(value) for value, code in v.MODEL_REGISTRY_CODES.items()},
    "masking": {code: str(value) for value, code in v.MASKING_REGISTRY_CODES.items() if code},
    "phase": {"/".join(codes): str(phase) for phase, codes in v.PHASE_REGISTRY_CODES.items() if codes},
}
_ENROLMENTS = {"ACTUAL": str(v.EnrolmentType.ACTUAL), "ESTIMATED": str(v.EnrolmentType.ESTIMATED)}
_COMPARISONS = ("ACTIVE_COMPARATOR", "PLACEBO_COMPARATOR", "SHAM_COMPARATOR", "NO_INTERVENTION")
_READ = field_names(
    "identificationModule statusModule sponsorCollaboratorsModule designModule armsInterventionsModule "
    "outcomesModule contactsLocationsModule referencesModule"
)
_CELLS = re.compile(r"\b(?:stem|stromal|msc|mscs|uc-?mscs?)\b", re.IGNORECASE)


def studies_in(data: Any) -> list[Any] | None:
    """Return the studies of an answer, of a list, or of one study; None for other JSON."""
    if isinstance(data, dict) and isinstance(data.get("studies"), list):
        return list(data["studies"])
    studies = data if isinstance(data, list) else [data]
    is_list = studies and all(isinstance(study, dict) and "protocolSection" in study for study in studies)
    return studies if is_list else None


def read(studies: list[Any], text: str, line: int, reading: Reading) -> None:
    """Read studies. `text` is what they were parsed from: the line of a record is that of its number."""
    reading.formats.append("ClinicalTrials.gov (JSON)")
    place = 0
    for study in studies:
        nct = object_at(study, "protocolSection", "identificationModule").get("nctId")
        at = text.find(f'"{nct}"', place) if nct and isinstance(nct, str) else -1
        if at >= 0:
            line, place = line + text.count("\n", place, at), at
        reading.add(line, _fill, study)


def _struct_date(value: Any) -> str:
    return partial_date(clean(value.get("date") if isinstance(value, dict) else value))


def _fill(record: ImportedRecord, study: Any) -> None:
    protocol = object_at(study, "protocolSection")
    identification = object_at(protocol, "identificationModule")
    nct = clean(identification.get("nctId"))
    if not re.fullmatch(r"NCT[0-9]{8}", nct):
        raise Unreadable(f"“{nct[:20]}” is not an NCT number." if nct else "it has no NCT number.")
    record.label, record.kind = f"ClinicalTrials.gov record {nct}", v.SourceKind.REGISTRY
    record.address = f"https://clinicaltrials.gov/study/{nct}"
    title = clean(identification.get("officialTitle")) or clean(identification.get("briefTitle"))
    sponsors = object_at(protocol, "sponsorCollaboratorsModule")
    contacts = object_at(protocol, "contactsLocationsModule")
    sponsor = clean(object_at(sponsors, "leadSponsor").get("name"))
    investigator = _investigator(contacts, object_at(sponsors, "responsibleParty"))
    # The title and a name, so that there can be a draft before the paper is known.
    note = "That of the registry entry. Put the paper’s own in its place."
    record.add("title", title, note=note, basis=v.Basis.INFERRED)
    record.add("authors", names.official(investigator) or names.group(sponsor), note=note, basis=v.Basis.INFERRED)
    record.authors_complete = False
    record.add("acronym", clean(identification.get("acronym")))
    known = {"identifier": nct, "title": title, "sponsor": sponsor, "investigator": investigator}
    record.rows.append(Value("registrations", _registration(record, study, known), basis=v.Basis.TRANSCRIBED))
    _add_other_numbers(record, identification)
    for number, arm in enumerate(objects(object_at(protocol, "armsInterventionsModule").get("armGroups")), start=1):
        _add_arm(record, number, arm)
    countries = (clean(place.get("country")) for place in objects(contacts.get("locations")))
    record.countries = list(dict.fromkeys(filter(None, countries)))
    for reference in objects(object_at(protocol, "referencesModule").get("references")):
        pmid = bare_pmid(clean(reference.get("pmid")))
        if pmid and reference.get("type") in ("RESULT", "DERIVED"):  # BACKGROUND papers are those of other studies
            record.papers.append(pmid)
        for retraction in objects(reference.get("retractions")):
            record.hints.append(
                f"The registry names a retraction of paper {pmid}: {clean(retraction.get('source'))[:200]}"
            )
    for name in protocol:
        if name not in _READ:
            record.leave(str(name))


def _investigator(contacts: dict[str, Any], responsible: dict[str, Any]) -> str:
    """Return the name of the principal investigator, or else of another official or of the responsible party."""
    officials = objects(contacts.get("overallOfficials"))
    officials.sort(key=lambda official: official.get("role") != "PRINCIPAL_INVESTIGATOR")
    people = [clean(official.get("name")) for official in officials] + [clean(responsible.get("investigatorFullName"))]
    return next(filter(None, people), "")


def _add_other_numbers(record: ImportedRecord, identification: dict[str, Any]) -> None:
    """Add the numbers that other registries gave the study, and know it by those that it had before."""
    others = [*objects(identification.get("secondaryIdInfos")), object_at(identification, "orgStudyIdInfo")]
    for other in others:
        note = "ClinicalTrials.gov names this number as another of the same study."
        number, count = clean(other.get("id")), len(record.rows)
        is_bare = number[:1].isdecimal() and clean(other.get("type")) == "REGISTRY"  # “12345678” of “ISRCTN”
        add_registrations(record, number, note, v.Basis.TRANSCRIBED)
        if is_bare and len(record.rows) == count:
            add_registrations(record, f"{clean(other.get('domain'))} {number}", note, v.Basis.TRANSCRIBED)
        if number and len(record.rows) == count:
            record.leave("numbers that no registry gave")
    aliases = " ".join(map(clean, list_of(identification.get("nctIdAliases"))))
    record.aliases = [number.identifier for number in find_registrations(aliases)]


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
