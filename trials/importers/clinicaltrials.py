"""A record of ClinicalTrials.gov as its API v2 gives it: one study, or {"studies": [...]}.

Any module and any field may be absent, or of another type than it should be: then there is nothing to take.
https://clinicaltrials.gov/data-api/about-api/study-data-structure
"""

import re
from functools import partial
from typing import Any

from trials import vocabulary as v
from trials.identifiers import registry_of, tidy_registration
from trials.importers.json_parts import list_of, object_at, objects
from trials.importers.normalise import bare_pmid, clean, group, partial_date, person_of
from trials.importers.records import BadRecord, ImportedRecord, Reading, Row
from trials.models import Arm

NAME = "ClinicalTrials.gov (JSON)"
Module = dict[str, Any]
_PHASES = {tuple(codes): str(phase) for phase, codes in v.PHASE_REGISTRY_CODES.items() if codes}
_ALLOCATIONS = {code: str(value) for value, code in v.ALLOCATION_REGISTRY_CODES.items()}
_MODELS = {code: str(value) for value, code in v.MODEL_REGISTRY_CODES.items()}
_MASKINGS = {code: str(value) for value, code in v.MASKING_REGISTRY_CODES.items() if code}
_ENROLMENTS = {"ACTUAL": str(v.EnrolmentType.ACTUAL), "ESTIMATED": str(v.EnrolmentType.ESTIMATED)}
_COMPARISONS = ("ACTIVE_COMPARATOR", "PLACEBO_COMPARATOR", "SHAM_COMPARATOR", "NO_INTERVENTION")
_CELLS = re.compile(r"\b(?:stem|stromal|msc|mscs|uc-?mscs?)\b", re.IGNORECASE)
_DEGREES = re.compile(r",? *\b(?:M\.?D|Ph\.?D|Prof|Dr|MSc|MBBS|FRCP|MPH|DO|PharmD)\b\.?", re.IGNORECASE)
_MOST_GIVEN = Arm._meta.get_field("given").max_length or 0


def is_study(data: Any) -> bool:
    return isinstance(data, dict) and ("protocolSection" in data or isinstance(data.get("studies"), list))


def read(data: Any, text: str) -> Reading:
    """Read parsed JSON. `text` is what it was parsed from: the line of a record is that of its number."""
    reading = Reading(NAME)
    place = 0
    for study in data["studies"] if isinstance(data.get("studies"), list) else [data]:
        nct = object_at(study, "protocolSection", "identificationModule").get("nctId")
        at = text.find(f'"{nct}"', place) if nct and isinstance(nct, str) else -1
        place = at + 1 if at >= 0 else place
        reading.add(text.count("\n", 0, place) + 1, partial(_fill, study))
    return reading


def _date(value: Any) -> str:
    return partial_date(clean(value.get("date") if isinstance(value, dict) else value))


def _words(code: Any) -> str:
    """Return “Active not recruiting” for ACTIVE_NOT_RECRUITING."""
    return clean(code).replace("_", " ").capitalize()


def _investigator(protocol: Module) -> str:
    for official in objects(object_at(protocol, "contactsLocationsModule").get("overallOfficials")):
        if official.get("role") in ("PRINCIPAL_INVESTIGATOR", "STUDY_CHAIR", "STUDY_DIRECTOR"):
            return clean(official.get("name"))
    return clean(object_at(protocol, "sponsorCollaboratorsModule", "responsibleParty").get("investigatorFullName"))


def _fill(study: Any, record: ImportedRecord) -> None:
    protocol = object_at(study, "protocolSection")
    names = object_at(protocol, "identificationModule")
    nct = clean(names.get("nctId"))
    if not re.fullmatch(r"NCT[0-9]{8}", nct):
        raise BadRecord(f"“{nct[:20]}” is not an NCT number" if nct else "it has no NCT number")
    record.label, record.kind = f"ClinicalTrials.gov record {nct}", v.SourceKind.REGISTRY
    record.address = f"https://clinicaltrials.gov/study/{nct}"
    title = clean(names.get("officialTitle")) or clean(names.get("briefTitle"))
    investigator = _investigator(protocol)
    sponsor = clean(object_at(protocol, "sponsorCollaboratorsModule", "leadSponsor").get("name"))
    _add_instead_of_paper(record, title, investigator, sponsor)
    record.add("acronym", clean(names.get("acronym")))
    names_and_people = {"identifier": nct, "title": title, "sponsor": sponsor, "investigator": investigator}
    record.rows.append(Row("registrations", _registration(record, study, names_and_people)))
    _add_arms(record, object_at(protocol, "armsInterventionsModule"))
    places = objects(object_at(protocol, "contactsLocationsModule").get("locations"))
    record.countries = list(dict.fromkeys(filter(None, (clean(place.get("country")) for place in places))))
    others = [part.get("id") for part in objects(names.get("secondaryIdInfos"))] + list_of(names.get("nctIdAliases"))
    for other in map(clean, others):
        if registry := registry_of(other):
            record.other_identifiers.append(("registration", tidy_registration(registry, other)))
    for reference in objects(object_at(protocol, "referencesModule").get("references")):
        pmid = bare_pmid(clean(reference.get("pmid")))
        if pmid and reference.get("type") in ("RESULT", "DERIVED"):  # BACKGROUND papers are those of other studies
            record.other_identifiers.append(("pmid", pmid))


def _add_instead_of_paper(record: ImportedRecord, title: str, investigator: str, sponsor: str) -> None:
    """Add the registry's title and a name, so that there can be a draft before the paper is known."""
    inferred = str(v.Basis.INFERRED)
    record.add(
        "title", title, note="The title of the registry entry. Put the paper’s own in its place.", basis=inferred
    )
    given, _, family = _DEGREES.sub("", investigator).strip(" ,.").rpartition(" ")
    author = person_of(family, given) or group(sponsor)
    who = "principal investigator" if family else "sponsor"
    note = f"The registry’s {who}. Put the paper’s author list in its place."
    record.add("authors", author, note=note, basis=inferred)
    record.authors_complete = not author


def _registration(record: ImportedRecord, study: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of the registration that the record holds."""
    protocol = object_at(study, "protocolSection")
    status, design = object_at(protocol, "statusModule"), object_at(protocol, "designModule")
    info, masking = object_at(design, "designInfo"), object_at(design, "designInfo", "maskingInfo")
    if not design:
        record.report("It has no design module: nothing is known of its allocation, masking and phase.")

    def code(table: dict[str, str], value: Any, name: str) -> str:
        if value is None or (isinstance(value, str) and value in table):
            return table[value] if value is not None else ""
        record.report(f"“{clean(str(value))[:40]}” is no {name} that ClinicalTrials.gov lists: left out.")
        return ""

    phases = tuple(phase for phase in list_of(design.get("phases")) if isinstance(phase, str))
    if phases and phases not in _PHASES:
        record.report(f"“{', '.join(phases)[:80]}” is no phase that ClinicalTrials.gov lists: left out.")
    who_masked = list_of(masking.get("whoMasked"))
    enrolment = object_at(design, "enrollmentInfo")
    count = enrolment.get("count")
    count = count if type(count) is int and 0 <= count < 2**31 else None
    outcomes = []
    for outcome in objects(object_at(protocol, "outcomesModule").get("primaryOutcomes")):
        when = clean(outcome.get("timeFrame"))
        outcomes.append(clean(outcome.get("measure")) + (f" ({when})" if when else ""))
    version = _date(object_at(study, "derivedSection", "miscInfoModule").get("versionHolder"))
    has_results = study.get("hasResults")
    values = {
        "registry": str(v.Registry.CLINICALTRIALS_GOV),
        **values,
        "allocation": code(_ALLOCATIONS, info.get("allocation"), "allocation"),
        "intervention_model": code(_MODELS, info.get("interventionModel"), "model"),
        "masking": code(_MASKINGS, masking.get("masking"), "masking"),
        "who_masked": [str(role) for role, theirs in v.WHO_MASKED_REGISTRY_CODES.items() if theirs in who_masked],
        "phase": _PHASES.get(phases, ""),
        "enrolment": count,
        "enrolment_type": _ENROLMENTS.get(str(enrolment.get("type")), "") if count is not None else "",
        "primary_outcome": "\n".join(filter(None, outcomes)),
        "registered": _date(status.get("studyFirstSubmitDate")),
        "posted": _date(status.get("studyFirstPostDateStruct")),
        "start": _date(status.get("startDateStruct")),
        "completion": _date(status.get("completionDateStruct")),
        "recruitment_status": _words(status.get("overallStatus")),
        "results_posted": has_results if isinstance(has_results, bool) else None,
        "looked_up": version or _date(status.get("lastUpdatePostDateStruct")),
    }
    return {name: value for name, value in values.items() if value not in ("", None, [])}


def _add_arms(record: ImportedRecord, module: Module) -> None:
    descriptions = {
        f"{_words(part.get('type'))}: {clean(part.get('name'))}": clean(part.get("description"))
        for part in objects(module.get("interventions"))
    }
    for position, arm in enumerate(objects(module.get("armGroups")), start=1):
        name, kind = clean(arm.get("label")), clean(arm.get("type"))
        if not name:
            record.report(f"Group {position} has no name: left out.")
            continue
        given = [clean(part) for part in list_of(arm.get("interventionNames"))]
        about = [name, *given, clean(arm.get("description")), *(descriptions.get(part, "") for part in given)]
        is_cells = _CELLS.search(" ".join(about))
        role = v.Role.COMPARISON if kind in _COMPARISONS else v.Role.CELLS if is_cells else v.Role.OTHER
        values = {"name": name, "role": str(role)}
        if given and len(", ".join(given)) <= _MOST_GIVEN:
            values["given"] = ", ".join(given)
        note = f"The role is our reading of the registry’s “{kind}”." if kind else "The registry names no role."
        record.rows.append(Row("arms", values, basis=v.Basis.INFERRED, note=note))
