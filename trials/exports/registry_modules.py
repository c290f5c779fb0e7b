"""A registration under the module names of ClinicalTrials.gov's API v2, and back.

As there, a module or a value that is not known is absent. https://clinicaltrials.gov/data-api/about-api/study-data-structure
"""

from collections.abc import Callable
from typing import Any

from trials import vocabulary as v
from trials.models import Registration

PROTOCOL = "protocolSection"


def _codes(codes: dict[str, Any]) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Return the functions from our code to theirs and back. Back, a code that is not known raises KeyError."""
    back = {tuple(theirs) if isinstance(theirs, list) else theirs: str(ours) for ours, theirs in codes.items()}
    return (
        lambda ours: codes.get(ours) or None,
        lambda theirs: back[tuple(theirs) if isinstance(theirs, list) else theirs],
    )


def _who_masked(theirs: Any) -> list[str]:
    """Return our codes, in the order of the vocabulary. Raises KeyError for a role that is not known."""
    back = {code: ours for ours, code in v.WHO_MASKED_REGISTRY_CODES.items()}
    return sorted({back[code] for code in theirs}, key=list(back.values()).index)


_SAME = (lambda value: value, lambda value: value)
_NAMED = (lambda text: [{"name": text}], lambda people: people[0]["name"])
_MEASURES = (
    lambda text: [{"measure": line} for line in text.splitlines()],
    lambda outcomes: "\n".join(outcome["measure"] for outcome in outcomes),
)
_WHO = (
    lambda ours: [v.WHO_MASKED_REGISTRY_CODES[code] for code in ours],
    _who_masked,
)
# Our field -> (where it is, how it is written there and read back).
PLACES: dict[str, tuple[str, Any]] = {
    "title": ("identificationModule.officialTitle", _SAME),
    "start": ("statusModule.startDateStruct.date", _SAME),
    "completion": ("statusModule.completionDateStruct.date", _SAME),
    "registered": ("statusModule.studyFirstSubmitDate", _SAME),
    "posted": ("statusModule.studyFirstPostDateStruct.date", _SAME),
    "looked_up": ("statusModule.lastUpdatePostDateStruct.date", _SAME),
    "sponsor": ("sponsorCollaboratorsModule.leadSponsor.name", _SAME),
    "phase": ("designModule.phases", _codes(v.PHASE_REGISTRY_CODES)),
    "allocation": ("designModule.designInfo.allocation", _codes(v.ALLOCATION_REGISTRY_CODES)),
    "intervention_model": ("designModule.designInfo.interventionModel", _codes(v.MODEL_REGISTRY_CODES)),
    "masking": ("designModule.designInfo.maskingInfo.masking", _codes(v.MASKING_REGISTRY_CODES)),
    "who_masked": ("designModule.designInfo.maskingInfo.whoMasked", _WHO),
    "enrolment": ("designModule.enrollmentInfo.count", _SAME),
    "enrolment_type": (
        "designModule.enrollmentInfo.type",
        _codes({str(each.value): each.name for each in v.EnrolmentType}),
    ),
    "primary_outcome": ("outcomesModule.primaryOutcomes", _MEASURES),
    "investigator": ("contactsLocationsModule.overallOfficials", _NAMED),
}
# What their structure has no place for, under our own names.
OURS = ("registry", "identifier", "url", "link_inferred", "comparison", "recruitment_status", "note")


def modules(row: Registration) -> dict[str, Any]:
    """Return the registration as an object with `protocolSection`, and what has no place there under our names."""
    found: dict[str, Any] = {"key": row.key} | {name: getattr(row, name) for name in OURS}
    if row.registry == v.Registry.CLINICALTRIALS_GOV:
        _put(found, f"{PROTOCOL}.identificationModule.nctId", row.identifier)
    for name, (place, (write, _)) in PLACES.items():
        value = getattr(row, name)
        if value not in ("", None, []) and (written := write(value)) is not None:
            _put(found, f"{PROTOCOL}.{place}", written)
    if row.results_posted is not None:
        found["hasResults"] = row.results_posted
    return found


def fields(data: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a registration from what `modules` returned. Raises an error for anything else."""
    found: dict[str, Any] = {name: data[name] for name in OURS} | {"results_posted": data.get("hasResults")}
    for name, (place, (_, read)) in PLACES.items():
        value: Any = data.get(PROTOCOL, {})
        for part in place.split("."):
            value = value.get(part) if value is not None else None
        if value is not None:
            try:
                found[name] = read(value)
            except KeyError as error:
                raise ValueError(f"{name} is {value!r}") from error
    return found


def _put(data: dict[str, Any], place: str, value: Any) -> None:
    *path, last = place.split(".")
    for part in path:
        data = data.setdefault(part, {})
    data[last] = value
