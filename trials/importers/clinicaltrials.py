"""A record of ClinicalTrials.gov as its API v2 gives it: one study, or {"studies": [...]}.

Any module and any field may be absent, or of another type than it should be: then there is nothing to propose.
https://clinicaltrials.gov/data-api/about-api/study-data-structure
"""

import re
from typing import Any

from trials import vocabulary as v
from trials.identifiers import registry_of, tidy_registration
from trials.importers import found as f

NAME = "ClinicalTrials.gov (JSON)"
Module = dict[str, Any]
_PHASES = {tuple(codes): str(phase) for phase, codes in v.PHASE_REGISTRY_CODES.items() if codes}
_ALLOCATIONS = {code: str(each) for each, code in v.ALLOCATION_REGISTRY_CODES.items()}
_MODELS = {code: str(each) for each, code in v.MODEL_REGISTRY_CODES.items()}
_MASKINGS = {code: str(each) for each, code in v.MASKING_REGISTRY_CODES.items() if code}
_COMPARISONS = ("ACTIVE_COMPARATOR", "PLACEBO_COMPARATOR", "SHAM_COMPARATOR", "NO_INTERVENTION")
_CELLS = re.compile(r"\b(?:stem|stromal|msc|mscs|uc-?mscs?)\b", re.IGNORECASE)
_DEGREES = re.compile(r",? *\b(?:M\.?D|Ph\.?D|Prof|Dr|MSc|MBBS|FRCP|MPH|DO|PharmD)\b\.?", re.IGNORECASE)
GIVEN = 300  # characters, as Arm.given


def is_study(data: Any) -> bool:
    return isinstance(data, dict) and ("protocolSection" in data or isinstance(data.get("studies"), list))


def read(data: Any, text: str) -> f.Reading:
    """Records from parsed JSON. `text` is what it was parsed from: a record's line is where its number stands."""
    reading = f.Reading(NAME)
    studies = data["studies"] if isinstance(data.get("studies"), list) else [data]
    place = 0
    for study in studies:
        reading.seen += 1
        identifier = f.clean(_at(study, "protocolSection", "identificationModule").get("nctId"))
        at = text.find(f'"{identifier}"', place) if identifier else -1
        place = at + 1 if at >= 0 else place
        line = text.count("\n", 0, place) + 1
        try:
            reading.found.append(_found(reading.seen, line, study, identifier))
        except f.BadRecord as bad:
            reading.refuse(line, f"{bad.reason}.")
    return reading


def _at(data: Any, *path: str) -> Module:
    """The object at the end of the path; an empty one where anything on the way is missing or something else."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _objects(value: Any) -> list[Module]:
    return [each for each in _list(value) if isinstance(each, dict)]


def _date(value: Any) -> str:
    return f.partial_date(f.clean(value.get("date") if isinstance(value, dict) else value))


def _words(code: Any) -> str:
    """ACTIVE_NOT_RECRUITING -> Active not recruiting."""
    return f.clean(code).replace("_", " ").capitalize()


def _investigator(protocol: Module) -> str:
    for official in _objects(_at(protocol, "contactsLocationsModule").get("overallOfficials")):
        if official.get("role") in ("PRINCIPAL_INVESTIGATOR", "STUDY_CHAIR", "STUDY_DIRECTOR"):
            return f.clean(official.get("name"))
    return f.clean(_at(protocol, "sponsorCollaboratorsModule", "responsibleParty").get("investigatorFullName"))


def _found(number: int, line: int, study: Any, nct: str) -> f.Found:
    protocol = _at(study, "protocolSection")
    if not re.fullmatch(r"NCT[0-9]{8}", nct):
        raise f.BadRecord("it has no NCT number" if not nct else f"“{nct[:20]}” is not an NCT number")
    names, design = _at(protocol, "identificationModule"), _at(protocol, "designModule")
    found = f.Found(number, line, NAME, label=f"ClinicalTrials.gov record {nct}", kind=v.SourceKind.REGISTRY)
    found.address = f"https://clinicaltrials.gov/study/{nct}"

    title = f.clean(names.get("officialTitle")) or f.clean(names.get("briefTitle"))
    inferred = str(v.Basis.INFERRED)
    found.add("title", title, note="The title of the registry entry. Put the paper’s own in its place.", basis=inferred)
    found.add("acronym", f.clean(names.get("acronym")))
    investigator = _investigator(protocol)
    plain = _DEGREES.sub("", investigator).strip(" ,.")
    sponsor = f.clean(_at(protocol, "sponsorCollaboratorsModule", "leadSponsor").get("name"))
    if plain:
        given, _, family = plain.rpartition(" ")
        author = f"{family}, {given}".replace(",", "", plain.count(",")) if given else plain
        note = "The registry’s principal investigator. Put the paper’s author list in its place."
        found.add("authors", author, note=note, basis=inferred)
    elif sponsor:
        note = "The registry’s sponsor. Put the paper’s author list in its place."
        found.add("authors", f.group(sponsor), note=note, basis=inferred)
    if found.get("authors"):
        found.add("authors_complete", False)
    found.rows.append(f.Row("registrations", _registration(found, study, nct, title, sponsor, investigator)))
    _arms(found, _at(protocol, "armsInterventionsModule"))
    places = _objects(_at(protocol, "contactsLocationsModule").get("locations"))
    found.countries = list(dict.fromkeys(filter(None, (f.clean(place.get("country")) for place in places))))
    found.also["registration"] = [
        tidy_registration(registry, identifier)
        for identifier in [f.clean(each.get("id")) for each in _objects(names.get("secondaryIdInfos"))]
        + [f.clean(each) for each in _list(names.get("nctIdAliases"))]
        if (registry := registry_of(identifier))
    ]
    # The papers that the registry names as this study's own; BACKGROUND ones are others'.
    found.also["pmid"] = [
        f.bare_pmid(f.clean(each.get("pmid")))
        for each in _objects(_at(protocol, "referencesModule").get("references"))
        if each.get("type") in ("RESULT", "DERIVED") and f.bare_pmid(f.clean(each.get("pmid")))
    ]
    if not design:
        found.complain("It has no design module: nothing is known of its allocation, masking and phase.")
    return found


def _registration(found: f.Found, study: Any, nct: str, title: str, sponsor: str, investigator: str) -> dict[str, Any]:
    protocol = _at(study, "protocolSection")
    status, design = _at(protocol, "statusModule"), _at(protocol, "designModule")
    info, masking = _at(design, "designInfo"), _at(design, "designInfo", "maskingInfo")
    enrolment = _at(design, "enrollmentInfo")

    def code(table: dict[str, str], value: Any, name: str) -> str:
        if value is not None and (not isinstance(value, str) or value not in table):
            found.complain(f"“{f.clean(str(value))[:40]}” is no {name} that ClinicalTrials.gov lists: left out.")
            return ""
        return table[value] if value is not None else ""

    phases = tuple(each for each in _list(design.get("phases")) if isinstance(each, str))
    if phases and phases not in _PHASES:
        found.complain(f"“{', '.join(phases)[:80]}” is no phase that ClinicalTrials.gov lists: left out.")
    who_masked = {each for each in _list(masking.get("whoMasked")) if isinstance(each, str)}
    count = enrolment.get("count")
    count = count if isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 2**31 else None
    outcomes = []
    for each in _objects(_at(protocol, "outcomesModule").get("primaryOutcomes")):
        when = f.clean(each.get("timeFrame"))
        outcomes.append(f.clean(each.get("measure")) + (f" ({when})" if when else ""))
    version = _date(_at(study, "derivedSection", "miscInfoModule").get("versionHolder"))
    has_results = study.get("hasResults") if isinstance(study, dict) else None
    values = {
        "registry": str(v.Registry.CLINICALTRIALS_GOV),
        "identifier": nct,
        "title": title,
        "sponsor": sponsor,
        "investigator": investigator,
        "allocation": code(_ALLOCATIONS, info.get("allocation"), "allocation"),
        "intervention_model": code(_MODELS, info.get("interventionModel"), "model"),
        "masking": code(_MASKINGS, masking.get("masking"), "masking"),
        "who_masked": [str(each) for each, theirs in v.WHO_MASKED_REGISTRY_CODES.items() if theirs in who_masked],
        "phase": _PHASES.get(phases, ""),
        "enrolment": count,
        "enrolment_type": {"ACTUAL": "actual", "ESTIMATED": "estimated"}.get(str(enrolment.get("type")), "")
        if count is not None
        else "",
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


def _arms(found: f.Found, module: Module) -> None:
    given_as = {
        f"{_words(each.get('type'))}: {f.clean(each.get('name'))}": f.clean(each.get("description"))
        for each in _objects(module.get("interventions"))
    }
    for position, arm in enumerate(_objects(module.get("armGroups")), start=1):
        name, kind = f.clean(arm.get("label")), f.clean(arm.get("type"))
        given = [f.clean(each) for each in _list(arm.get("interventionNames"))]
        about = " ".join([name, *given, f.clean(arm.get("description")), *(given_as.get(each, "") for each in given)])
        role = v.Role.COMPARISON if kind in _COMPARISONS else v.Role.CELLS if _CELLS.search(about) else v.Role.OTHER
        if not name:
            found.complain(f"Group {position} has no name: left out.")
            continue
        values = {"name": name, "role": str(role)}
        if given and len(", ".join(given)) <= GIVEN:
            values["given"] = ", ".join(given)
        note = (
            f"The part it plays is our reading of the registry’s “{kind}”." if kind else "The registry names no part."
        )
        found.rows.append(f.Row("arms", values, basis=v.Basis.INFERRED, note=note))
