"""Pages, studies and papers in the vocabulary of schema.org, for search engines. One graph a page."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils.html import _json_script_escapes  # type: ignore[attr-defined]
from django.utils.safestring import SafeString, mark_safe

from trials import vocabulary as v
from trials.exports.formats import content_date, dumps, iso_day
from trials.exports.reference import SITE, Reference, paper
from trials.exports.table import OUTCOMES, TRIALS
from trials.models import Trial
from trials.models.countries import COUNTRIES
from trials.models.trial import Author

CC_BY = "https://creativecommons.org/licenses/by/4.0/"
CONDITION = {"@type": "MedicalCondition", "name": "Acute respiratory distress syndrome"}
# There is no member for four masked roles, and none for a phase.
DESIGNS = (
    ("design", v.Design.RANDOMISED, "RandomizedTrial"),
    ("control", v.Control.PLACEBO, "PlaceboControlledTrial"),
    ("masking", v.Masking.OPEN, "OpenTrial"),
    ("masking", v.Masking.SINGLE, "SingleBlindedTrial"),
    ("masking", v.Masking.DOUBLE, "DoubleBlindedTrial"),
    ("masking", v.Masking.TRIPLE, "TripleBlindedTrial"),
)


def script(*nodes: dict[str, Any]) -> SafeString:
    """Return the graph as JSON that can be inside a script element: no character in it ends the element."""
    text = dumps({"@context": "https://schema.org", "@graph": [_filled(node) for node in nodes]})
    return mark_safe(text.translate(_json_script_escapes))  # noqa: S308 - as in Django's json_script


def _filled(node: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in node.items() if value not in (None, "", [])}


def publisher() -> dict[str, str]:
    return {"@type": "Organization", "name": SITE, "url": settings.SITE_URL}


def page(address: str, title: str, reviewed: date | None, changed: datetime | None, **more: Any) -> dict[str, Any]:
    return {
        "@type": "MedicalWebPage",
        "@id": address,
        "url": address,
        "name": title,
        "inLanguage": "en-GB",
        "lastReviewed": reviewed,
        "dateModified": iso_day(changed),
        "publisher": publisher(),
        "license": CC_BY,
        **more,
    }


def study_nodes(trial: Trial, address: str, title: str, changed: datetime | None) -> list[dict[str, Any]]:
    """Return the page of a study, the study, and its paper."""
    work = paper(trial)
    study, article = {"@id": f"{address}#study"}, {"@id": work.address or f"{address}#paper"}
    return [
        page(address, title, trial.last_reviewed, changed, mainEntity=study, citation=article),
        study | _study(trial) | {"subjectOf": article},
        article | _article(work) | {"about": study},
    ]


def _study(trial: Trial) -> dict[str, Any]:
    # A program cannot be told “probably”: what is only inferred is left out.
    registrations = [row for row in trial.registrations.all() if not row.link_inferred]
    codes = [(row.identifier, str(row.get_registry_display())) for row in registrations]
    phase = "" if trial.phase in ("", v.Phase.NOT_REPORTED) else trial.get_phase_display().lower()
    node = {
        "name": trial.heading or trial.title,
        "description": ", ".join(filter(None, (trial.get_design_display(), phase))),
        "healthCondition": CONDITION,
        "studyLocation": [{"@type": "Country", "name": COUNTRIES[code].name} for code in trial.countries],
        "code": [{"@type": "MedicalCode", "codeValue": code, "codingSystem": system} for code, system in codes],
        "identifier": [{"@type": "PropertyValue", "propertyID": system, "value": code} for code, system in codes],
    }
    if trial.design == v.Design.CASE_SERIES:
        return {"@type": "MedicalObservationalStudy", "studyDesign": "https://schema.org/CaseSeries", **node}
    found = [member for name, code, member in DESIGNS if getattr(trial, name) == code]
    if trial.centres:
        found.append("MultiCenterTrial" if trial.centres > 1 else "SingleCenterTrial")
    if len(trial.countries) > 1:
        found.append("InternationalTrial")
    return {"@type": "MedicalTrial", "trialDesign": [f"https://schema.org/{name}" for name in found], **node}


def _author(name: Author) -> dict[str, str]:
    if not name.given:
        return {"@type": "Organization", "name": name.family}
    return {"@type": "Person", "familyName": name.family, "givenName": name.given, "name": name.full}


def _article(work: Reference) -> dict[str, Any]:
    names = [("DOI", work.doi), ("PMID", work.pmid), ("PMCID", work.pmcid)]
    return {
        "@type": "MedicalScholarlyArticle",
        "headline": work.title,
        "url": work.address,
        "author": [_author(name) for name in work.authors],
        "creditText": work.note_on_authors,
        "datePublished": work.date,
        "isPartOf": {"@type": "Periodical", "name": work.journal} if work.journal else None,
        "pagination": work.pages,
        "identifier": [{"@type": "PropertyValue", "propertyID": kind, "value": each} for kind, each in names if each],
    }


def dataset(title: str, description: str, files: list[Any], releases: list[Any]) -> dict[str, Any]:
    """Return the data set with its files, for the page on the data alone."""
    site, changed = settings.SITE_URL, content_date()
    downloads = [(kind.label, address, kind.media_type) for kind, address in files]
    downloads += [(f"Data set of {each.day}", f"/data/{each.name}.zip", "application/zip") for each in releases]
    return {
        "@type": "Dataset",
        "@id": f"{site}/data/#dataset",
        "name": title,
        "description": description,
        "url": f"{site}/data/",
        "license": CC_BY,
        "creator": publisher(),
        "version": iso_day(changed),
        "dateModified": iso_day(changed),
        "isAccessibleForFree": True,
        "variableMeasured": [column.name for column in (*TRIALS, *OUTCOMES)],
        "distribution": [
            {"@type": "DataDownload", "name": label, "contentUrl": site + address, "encodingFormat": kind}
            for label, address, kind in downloads
        ],
    }
