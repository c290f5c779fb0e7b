"""A study as JSON: each value with its status and its sources. The files, the API and the data set share it."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.conf import settings

from trials import vocabulary as v
from trials.evidence.effects import risk_difference
from trials.exports.registry_modules import modules
from trials.models import Citation, Trial
from trials.models.fields import CodeListField
from trials.models.values import CELL_SOURCE, TOGETHER, WORDINGS, row_values, study_values
from trials.presenters.deaths import row_of

REPORTED, INFERRED, DISPUTED = "reported", "inferred", "disputed"
NOT_REPORTED, NOT_CHECKED, NOT_APPLICABLE = "not_reported", "not_checked", "not_applicable"
STATUSES = (REPORTED, INFERRED, DISPUTED, NOT_REPORTED, NOT_CHECKED, NOT_APPLICABLE)
BLANKS: dict[str, str] = {
    v.BlankReason.NOT_REPORTED: NOT_REPORTED,
    v.BlankReason.NOT_CHECKED: NOT_CHECKED,
    v.BlankReason.NOT_APPLICABLE: NOT_APPLICABLE,
}
# Codes of a vocabulary that say why there is no value. They become the status.
CODED_BLANKS = {"not-reported": NOT_REPORTED, "na": NOT_APPLICABLE}
CODED = ("masking", "phase")
# What few studies have, and remarks on another value: where it is empty there is nothing to add.
REMARKS = {*WORDINGS, "acronym", "note"} - {"who_masked"} | {
    path for paths in TOGETHER.values() for path in paths if path.endswith(("_note", "_wording"))
}
# Our own words and records of a study, which are no values of it.
OWN = ("heading", "plain_summary", "titled_design", "titled_masking", "titled_phase", "authors_complete")
# Rows whose fields have no status and no source.
PLAIN_ROWS = {
    "sources": ("key", "label", "kind", "address", "read_in_copy"),
    "notices": ("key", "kind", "date", "address", "note"),
    "judgements": ("key", "kind", "about", "tool", "verdict", "reasons", "judged_by", "address", "judged_on"),
}
GROUP = {path: name for name, paths in TOGETHER.items() for path in paths}
LICENCE = "Facts are free to use. Our own words: CC BY 4.0. Titles and quotes belong to their authors."


class _Values:
    """The values of one study with what its citations and blanks say of them."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.citations: dict[str, list[Citation]] = {}
        for citation in trial.citations.all():
            self.citations.setdefault(citation.value, []).append(citation)
        self.blanks = {blank.value: blank for blank in trial.blanks.all()}

    def value(self, path: str, found: Any, name: str, row: Any = None) -> dict[str, Any]:
        """Return the object of one value. `row` is the row that it is a field of; the value may be read with it."""
        own, whole = self.citations.get(path, []), self.citations.get(path.rpartition(".")[0], [])
        sources = [self._source(each) for each in own] or [self._source(each, of=each.value) for each in whole]
        if name in CODED and found in CODED_BLANKS:
            return {"value": None, "status": CODED_BLANKS[found], "sources": sources}
        if found in ("", None, []):
            blank = self.blanks.get(path) or self.blanks.get(GROUP.get(path, ""))
            status = BLANKS[blank.reason] if blank else self._without_reason(name, row)
            reason = {"note": blank.note} if blank else {}
            reason |= {"of": blank.value} if blank and blank.value != path else {}
            return {"value": None, "status": status, "sources": sources if own else []} | reason
        bases = {source["basis"] for source in sources}
        status = INFERRED if v.Basis.INFERRED in bases else REPORTED
        if v.Basis.DISPUTED in bases:
            status = DISPUTED
        return {"value": found, "status": status, "sources": sources}

    def _without_reason(self, name: str, row: Any) -> str:
        """Return the status of an empty value for which the record gives no reason."""
        one_group = self.trial.design in (v.Design.SINGLE_ARM, v.Design.CASE_SERIES)
        does_not_apply = (
            name in REMARKS
            or (name == "who_masked" and self.trial.masking in ("", v.Masking.OPEN, v.Masking.NOT_REPORTED))
            or (name == CELL_SOURCE and row is not None and row.role != v.Role.CELLS)
            or (name == "randomised" and one_group)
            or (name == "time_point" and row.days is not None)
        )
        if name == "days" or (name == "time_point" and row.days is None):
            return NOT_APPLICABLE if row.time_point else NOT_REPORTED
        return NOT_APPLICABLE if does_not_apply else NOT_CHECKED

    def _source(self, citation: Citation, of: str = "") -> dict[str, Any]:
        """Return how a value was read. `of` is the path of a whole row that was read with the value in it."""
        return {
            "source": citation.source.key,
            "basis": citation.basis,
            "quote": citation.quote,
            "note": citation.note,
            "confidence": citation.get_confidence_display(),
            "checked_twice": citation.checked_twice,
            **({"of": of} if of else {}),
        }

    def row(self, kind: str, row: Any, **more: Any) -> dict[str, Any]:
        path, names = f"{kind}.{row.key}", [name for name in row_values(kind) if name not in more]
        found = {name: self.value(f"{path}.{name}", getattr(row, name), name, row) for name in names}
        return {"key": row.key} | more | found | {"sources": self.of_row(path, more)}

    def of_row(self, path: str, names: Iterable[str]) -> list[dict[str, Any]]:
        """Return how the whole row was read, and how its fields of these names were, which `of` names."""
        whole = [self._source(citation) for citation in self.citations.get(path, [])]
        paths = [f"{path}.{name}" for name in names]
        return whole + [self._source(each, of=cited) for cited in paths for each in self.citations.get(cited, [])]


def study(trial: Any) -> dict[str, Any]:
    """Return the object of a study that has its version and its rows, as `streams.with_rows` yields it."""
    values = _Values(trial)
    found: dict[str, Any] = {
        "id": trial.slug,
        "url": settings.SITE_URL + trial.get_absolute_url(),
        "version": trial.version,
        "version_date": trial.version_made_at,
    }
    found |= {name: getattr(trial, name) for name in ("last_reviewed", "review_due", *OWN)}
    found |= {name: values.value(name, _found(trial, name), name) for name in study_values()}
    found["groups"] = [values.row("arms", row) for row in trial.arms.all()]
    found["outcomes"] = [
        values.row("counts", row, arm=row.arm.key if row.arm else None, headline=row.headline)
        for row in trial.counts.all()
    ]
    found["registrations"] = [
        modules(row) | {"sources": values.of_row(f"registrations.{row.key}", row_values("registrations"))}
        for row in trial.registrations.all()
    ]
    for kind, names in PLAIN_ROWS.items():
        found[kind] = [{name: getattr(row, name) for name in names} for row in getattr(trial, kind).all()]
    return found


def _found(trial: Trial, name: str) -> Any:
    if name == CELL_SOURCE:
        return list(dict.fromkeys(arm.cell_source for arm in trial.arms.all() if arm.cell_source))
    if name == "authors":
        return [{"family": author.family, "given": author.given} for author in trial.author_list]
    value = getattr(trial, name)
    return list(value) if isinstance(Trial._meta.get_field(name), CodeListField) else value


def deaths(trial: Trial) -> dict[str, Any]:
    """Return the deaths of a study that counted them in both groups, with the effects that the evidence page shows.

    A ratio that cannot be estimated is null.
    """
    row: Any = row_of(trial)
    counts, ratio = row.counts, row.effect
    return {
        "study": trial.slug,
        "url": settings.SITE_URL + row.address,
        "design": trial.design,
        "counted_when": row.when,
        "counted_of": row.of_whom,
        "cells": {"deaths": counts.a, "out_of": counts.n1},
        "comparison": {"deaths": counts.c, "out_of": counts.n2},
        "risk_ratio": asdict(ratio.interval) | {"half_added": ratio.corrected} if ratio else None,
        "risk_difference": asdict(risk_difference(counts)),
    }
