"""A record of ClinicalTrials.gov as its API v2 gives it: one study, or {"studies": [...]}.

Any module and any field may be absent, or of another type than it should be: then there is nothing to take.
https://clinicaltrials.gov/data-api/about-api/study-data-structure
"""

import re
from functools import partial
from typing import Any

from trials import vocabulary as v
from trials.importers.normalise import bare_pmid, clean, group, list_of, object_at, objects, partial_date, person_of
from trials.importers.records import ImportedRecord, Reading, Unreadable, Value, line_at
from trials.models import Arm

Module = dict[str, Any]
_PHASES = {"/".join(codes): str(phase) for phase, codes in v.PHASE_REGISTRY_CODES.items() if codes}
_ALLOCATIONS = {code: str(value) for value, code in v.ALLOCATION_REGISTRY_CODES.items()}
_MODELS = {code: str(value) for value, code in v.MODEL_REGISTRY_CODES.items()}
_MASKINGS = {code: str(value) for value, code in v.MASKING_REGISTRY_CODES.items() if code}
_ENROLMENTS = {"ACTUAL": str(v.EnrolmentType.ACTUAL), "ESTIMATED": str(v.EnrolmentType.ESTIMATED)}
_COMPARISONS = ("ACTIVE_COMPARATOR", "PLACEBO_COMPARATOR", "SHAM_COMPARATOR", "NO_INTERVENTION")
_CELLS = re.compile(r"\b(?:stem|stromal|msc|mscs|uc-?mscs?)\b", re.IGNORECASE)
_MOST_GIVEN = Arm._meta.get_field("given").max_length or 0


def is_study(data: Any) -> bool:
    return isinstance(data, dict) and ("protocolSection" in data or isinstance(data.get("studies"), list))


def read(data: Any, text: str) -> Reading:
    """Read parsed JSON. `text` is what it was parsed from: the line of a record is that of its number."""
    reading = Reading("ClinicalTrials.gov (JSON)")
    place = 0
    for study in data["studies"] if isinstance(data.get("studies"), list) else [data]:
        nct = object_at(study, "protocolSection", "identificationModule").get("nctId")
        at = text.find(f'"{nct}"', place) if nct and isinstance(nct, str) else -1
        place = at + 1 if at >= 0 else place
        reading.add(line_at(text, place), partial(_fill, study))
    return reading


def _date(value: Any) -> str:
    return partial_date(clean(value.get("date") if isinstance(value, dict) else value))


def _fill(study: Any, record: ImportedRecord) -> None:
    protocol = object_at(study, "protocolSection")
    names = object_at(protocol, "identificationModule")
    nct = clean(names.get("nctId"))
    if not re.fullmatch(r"NCT[0-9]{8}", nct):
        raise Unreadable(f"“{nct[:20]}” is not an NCT number." if nct else "it has no NCT number.")
    record.label, record.kind = f"ClinicalTrials.gov record {nct}", v.SourceKind.REGISTRY
    record.address = f"https://clinicaltrials.gov/study/{nct}"
    title = clean(names.get("officialTitle")) or clean(names.get("briefTitle"))
    sponsors, contacts = (
        object_at(protocol, f"{name}Module") for name in ("sponsorCollaborators", "contactsLocations")
    )
    sponsor = clean(object_at(sponsors, "leadSponsor").get("name"))
    officials = [clean(official.get("name")) for official in objects(contacts.get("overallOfficials"))]
    officials.append(clean(object_at(sponsors, "responsibleParty").get("investigatorFullName")))
    investigator = next(filter(None, officials), "")
    _add_instead_of_paper(record, title, investigator, sponsor)
    record.add("acronym", clean(names.get("acronym")))
    known = {"identifier": nct, "title": title, "sponsor": sponsor, "investigator": investigator}
    record.rows.append(Value("registrations", _registration(record, study, known), basis=v.Basis.TRANSCRIBED))
    for position, arm in enumerate(objects(object_at(protocol, "armsInterventionsModule").get("armGroups")), start=1):
        _add_arm(record, position, arm)
    countries = (clean(place.get("country")) for place in objects(contacts.get("locations")))
    record.countries = list(dict.fromkeys(filter(None, countries)))
    for reference in objects(object_at(protocol, "referencesModule").get("references")):
        pmid = bare_pmid(clean(reference.get("pmid")))
        if pmid and reference.get("type") in ("RESULT", "DERIVED"):  # BACKGROUND papers are those of other studies
            record.papers.append(pmid)


def _add_instead_of_paper(record: ImportedRecord, title: str, investigator: str, sponsor: str) -> None:
    """Add the registry's title and a name, so that there can be a draft before the paper is known."""
    note = "The title of the registry entry. Put the paper’s own in its place."
    record.add("title", title, note=note, basis=v.Basis.INFERRED)
    given, _, family = investigator.partition(",")[0].rpartition(" ")  # without the degrees that follow
    author = person_of(family, given) or group(sponsor)
    note = f"The registry’s {'investigator' if family else 'sponsor'}. Put the paper’s author list in its place."
    record.add("authors", author, note=note, basis=v.Basis.INFERRED)
    record.authors_complete = not author


def _registration(record: ImportedRecord, study: Any, known: dict[str, str]) -> dict[str, Any]:
    """Return the fields of the registration: those that are known, and those that the record holds."""
    protocol = object_at(study, "protocolSection")
    status, design = object_at(protocol, "statusModule"), object_at(protocol, "designModule")
    info, masking = object_at(design, "designInfo"), object_at(design, "designInfo", "maskingInfo")
    phases = "/".join(map(clean, list_of(design.get("phases")))) or None
    coded = {
        "allocation": (_ALLOCATIONS, info.get("allocation")),
        "intervention_model": (_MODELS, info.get("interventionModel")),
        "masking": (_MASKINGS, masking.get("masking")),
        "phase": (_PHASES, phases),
    }
    codes = {name: table.get(clean(code), "") for name, (table, code) in coded.items()}
    for name, (_, code) in coded.items():
        if code is not None and not codes[name]:
            reason = f"Its {name.replace('_', ' ')}, “{clean(code)[:40]}”, is not one that is known here: left out."
            record.problems.append(reason)
    who_masked = list_of(masking.get("whoMasked"))
    enrolment = object_at(design, "enrollmentInfo")
    count = enrolment.get("count") if type(enrolment.get("count")) is int else None
    outcomes = objects(object_at(protocol, "outcomesModule").get("primaryOutcomes"))
    measured = [(clean(outcome.get("measure")), clean(outcome.get("timeFrame"))) for outcome in outcomes]
    version = object_at(study, "derivedSection", "miscInfoModule").get("versionHolder")
    has_results = study.get("hasResults")
    values = {
        "registry": str(v.Registry.CLINICALTRIALS_GOV),
        **known,
        **codes,
        "who_masked": [str(role) for role, theirs in v.WHO_MASKED_REGISTRY_CODES.items() if theirs in who_masked],
        "enrolment": count,
        "enrolment_type": _ENROLMENTS.get(clean(enrolment.get("type")), "") if count is not None else "",
        "primary_outcome": "\n".join(f"{what} ({when})" if when else what for what, when in measured if what),
        "registered": _date(status.get("studyFirstSubmitDate")),
        "posted": _date(status.get("studyFirstPostDateStruct")),
        "start": _date(status.get("startDateStruct")),
        "completion": _date(status.get("completionDateStruct")),
        "recruitment_status": clean(status.get("overallStatus")).replace("_", " ").capitalize(),
        "results_posted": has_results if isinstance(has_results, bool) else None,
        "looked_up": _date(version) or _date(status.get("lastUpdatePostDateStruct")),
    }
    return {name: value for name, value in values.items() if value not in ("", None, [])}


def _add_arm(record: ImportedRecord, position: int, arm: Module) -> None:
    name, kind = clean(arm.get("label")), clean(arm.get("type"))
    if not name:
        record.problems.append(f"Group {position} has no name: left out.")
        return
    given = ", ".join(map(clean, list_of(arm.get("interventionNames"))))
    has_cells = _CELLS.search(f"{name} {given} {clean(arm.get('description'))}")
    role = v.Role.COMPARISON if kind in _COMPARISONS else v.Role.CELLS if has_cells else v.Role.OTHER
    values = {"name": name, "role": str(role)}
    if 0 < len(given) <= _MOST_GIVEN:
        values["given"] = given
    note = f"The role is our reading of the registry’s “{kind}”." if kind else "The registry names no role."
    record.rows.append(Value("arms", values, basis=v.Basis.INFERRED, note=note))
