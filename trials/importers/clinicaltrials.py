"""JSON of ClinicalTrials.gov’s API v2: one study, a list of studies, or {"studies": [...]}.

https://clinicaltrials.gov/data-api/about-api/study-data-structure
"""

import re
from typing import Any

from trials import vocabulary as v
from trials.exports.registry_modules import PLACES
from trials.identifiers import bare_pmid, find_registrations
from trials.importers import names
from trials.importers.dates import partial_date
from trials.importers.json_parts import list_of, objects, text_at, value_at
from trials.importers.normalise import add_registrations
from trials.importers.records import ImportedRecord, Reading, Unreadable, Value
from trials.importers.texts import clean, field_names

_CODES = field_names("allocation intervention_model masking who_masked phase enrolment_type")
_DATES = field_names("registered posted start completion looked_up")
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
        nct = value_at(study, "protocolSection.identificationModule.nctId")
        at = text.find(f'"{nct}"', place) if nct and isinstance(nct, str) else -1
        if at >= 0:
            line, place = line + text.count("\n", place, at), at
        reading.add(line, _fill, study)


def _fill(record: ImportedRecord, study: Any) -> None:
    protocol = value_at(study, "protocolSection")
    nct = text_at(protocol, "identificationModule.nctId")
    if not re.fullmatch(r"NCT[0-9]{8}", nct):
        raise Unreadable(f"“{nct[:20]}” is not an NCT number." if nct else "it has no NCT number.")
    record.label, record.kind = f"ClinicalTrials.gov record {nct}", v.SourceKind.REGISTRY
    record.address = f"https://clinicaltrials.gov/study/{nct}"
    identification = value_at(protocol, "identificationModule")
    title = text_at(identification, "officialTitle") or text_at(identification, "briefTitle")
    sponsor, investigator = text_at(protocol, "sponsorCollaboratorsModule.leadSponsor.name"), _investigator(protocol)
    # The title and a name, so that there can be a draft before the paper is known.
    note = "That of the registry entry. Put the paper’s own in its place."
    record.add("title", title, note=note, basis=v.Basis.INFERRED)
    record.add("authors", names.official(investigator) or names.group(sponsor), note=note, basis=v.Basis.INFERRED)
    record.authors_complete = False
    record.add("acronym", text_at(identification, "acronym"))
    known = {"identifier": nct, "title": title, "sponsor": sponsor, "investigator": investigator}
    values = {
        name: value for name, value in (known | _registration(record, study)).items() if value not in ("", None, [])
    }
    record.rows.append(Value("registrations", values, basis=v.Basis.TRANSCRIBED))
    _add_other_numbers(record, protocol)
    for number, arm in enumerate(objects(value_at(protocol, "armsInterventionsModule.armGroups")), start=1):
        _add_arm(record, number, arm)
    places = objects(value_at(protocol, "contactsLocationsModule.locations"))
    record.countries = list(dict.fromkeys(filter(None, (text_at(place, "country") for place in places))))
    for reference in objects(value_at(protocol, "referencesModule.references")):
        pmid = bare_pmid(text_at(reference, "pmid"))
        if pmid and reference.get("type") in ("RESULT", "DERIVED"):  # BACKGROUND papers are those of other studies
            record.papers.append(pmid)
        for retraction in objects(reference.get("retractions")):
            source = text_at(retraction, "source")[:200]
            record.hints.append(f"The registry names a retraction of paper {pmid}: {source}")
    for name in protocol:
        if name not in _READ:
            record.leave(str(name))


def _investigator(protocol: Any) -> str:
    """Return the name of the principal investigator, or else of another official or of the responsible party."""
    officials = objects(value_at(protocol, "contactsLocationsModule.overallOfficials"))
    officials.sort(key=lambda official: official.get("role") != "PRINCIPAL_INVESTIGATOR")
    responsible = text_at(protocol, "sponsorCollaboratorsModule.responsibleParty.investigatorFullName")
    return next(filter(None, (text_at(official, "name") for official in officials)), responsible)


def _add_other_numbers(record: ImportedRecord, protocol: Any) -> None:
    """Add the numbers that other registries gave the study, and know it by those that it had before."""
    own = value_at(protocol, "identificationModule.orgStudyIdInfo")
    for other in objects([*list_of(value_at(protocol, "identificationModule.secondaryIdInfos")), own]):
        note = "ClinicalTrials.gov names this number as another of the same study."
        number, count = text_at(other, "id"), len(record.rows)
        is_bare = number[:1].isdecimal() and text_at(other, "type") == "REGISTRY"  # “12345678” of “ISRCTN”
        add_registrations(record, number, note, v.Basis.TRANSCRIBED)
        if is_bare and len(record.rows) == count:
            add_registrations(record, f"{text_at(other, 'domain')} {number}", note, v.Basis.TRANSCRIBED)
        if number and len(record.rows) == count:
            record.leave("numbers that no registry gave")
    aliases = " ".join(map(clean, list_of(value_at(protocol, "identificationModule.nctIdAliases"))))
    record.aliases = [number.identifier for number in find_registrations(aliases)]


def _registration(record: ImportedRecord, study: Any) -> dict[str, Any]:
    """Return the fields of the registration, empty or absent where the record holds nothing that is known here."""
    protocol = value_at(study, "protocolSection")
    values: dict[str, Any] = {"registry": str(v.Registry.CLINICALTRIALS_GOV)}
    for name, (place, (_, read_code)) in PLACES.items():
        written = value_at(protocol, place)
        if name in _DATES:
            values[name] = partial_date(clean(written))
        elif name in _CODES and written:
            codes = list(map(clean, list_of(written)))
            try:
                values[name] = read_code(codes or clean(written))
            except KeyError:
                unknown = codes or [clean(written)]
                if name == "who_masked":  # each role is read by itself, while two phases are one code
                    roles = v.WHO_MASKED_REGISTRY_CODES.values()
                    values[name] = read_code([code for code in codes if code in roles])
                    unknown = [code for code in unknown if code not in roles]
                code = "/".join(unknown)[:40]
                record.problems.append(f"Its {name.replace('_', ' ')}, “{code}”, is not known here: left out.")
        elif name == "enrolment" and type(written) is int:
            values[name] = written
    if "enrolment" not in values:
        values.pop("enrolment_type", None)  # whether a count is actual or expected says nothing without the count
    version = partial_date(text_at(study, "derivedSection.miscInfoModule.versionHolder"))
    values["looked_up"] = version or values["looked_up"]
    outcomes = objects(value_at(protocol, "outcomesModule.primaryOutcomes"))
    measured = [(text_at(outcome, "measure"), text_at(outcome, "timeFrame")) for outcome in outcomes]
    values["primary_outcome"] = "\n".join(f"{what} ({when})" if when else what for what, when in measured if what)
    groups = objects(value_at(protocol, "armsInterventionsModule.armGroups"))
    compared = (
        _interventions(group) or text_at(group, "label") for group in groups if group.get("type") in _COMPARISONS
    )
    values["comparison"] = "; ".join(filter(None, compared))
    values["recruitment_status"] = text_at(protocol, "statusModule.overallStatus").replace("_", " ").capitalize()
    has_results = value_at(study, "hasResults")
    values["results_posted"] = has_results if isinstance(has_results, bool) else None
    return values


def _interventions(group: dict[str, Any]) -> str:
    return ", ".join(map(clean, list_of(group.get("interventionNames"))))


def _add_arm(record: ImportedRecord, number: int, arm: dict[str, Any]) -> None:
    name, kind = text_at(arm, "label") or f"Group {number}", text_at(arm, "type")
    given = _interventions(arm)
    has_cells = _CELLS.search(f"{name} {given} {text_at(arm, 'description')}")
    role = v.Role.CELLS if has_cells else v.Role.OTHER
    if kind in _COMPARISONS:
        role = v.Role.COMPARISON
    values = {"name": name, "role": str(role)} | ({"given": given} if given else {})
    note = f"The role is our reading of the registry’s “{kind}”." if kind else "The registry names no role."
    record.rows.append(Value("arms", values, basis=v.Basis.INFERRED, note=note))
