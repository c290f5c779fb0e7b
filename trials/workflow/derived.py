"""The columns of a study that are derived from the study and its rows for lists. Only `documents.write` stores them."""

import re
from typing import Any

from trials import vocabulary as v
from trials.listing.search import bare_address, fold, searchable
from trials.models import Trial
from trials.models.countries import COUNTRIES
from trials.quality.disagreements import disagreements, registered_when

EVERY_STUDY = "MSC / ARDS"  # what every study here is about, whether its own words say so or not
# Our own sentences that a search looks in. What sources disagree on is not among them: a word there says little.
PROSE = (
    "heading", "plain_summary", "design_wording", "masking_wording", "phase_wording", "centres_note", "cause_wording",
    "severity", "ventilation", "cell_source_wording", "primary_outcome", "primary_result", "safety_result",
    "other_findings",
)  # fmt: skip
LABELS = ("cause", "control", "donor", "preparation", "route")
# What a sentence says is not so: “causes other than COVID-19”. And the pronoun, which is no country.
_NOT_SO = re.compile(r"(?i:\b(?:not(?: \w+ly)?|non|other than)[\s-]+[\w-]+)|\bus\b")
# A review that a sentence names as its source, with its journal and year: they are not those of the study.
_NAMED_SOURCE = re.compile(r"\b(?:review|table)\b[^().;]*\([^)]*\)")
_ROMAN = str.maketrans({"1": "I", "2": "II", "3": "III", "4": "IV"})


def derive(trial: Trial) -> None:
    """Set the derived columns from the study and its rows as they are in memory. Nothing is saved."""
    trial.author_key = fold(trial.lead_author)[: Trial._meta.get_field("author_key").max_length]
    trial.search_text = search_text(trial)
    differing = {each.kind for each in disagreements(trial)}
    kinds = {notice.kind for notice in trial.notices.all()}
    found = totals(trial) | {
        "differences": [code for code in v.Difference.values if code in differing],
        "notice_kinds": [code for code in v.NoticeKind.values if code in kinds],
        "registered_when": registered_when(trial),
    }
    for name, value in found.items():
        setattr(trial, name, value)


def search_text(trial: Trial) -> str:
    """Return the words that a search looks in."""
    arms, registrations = list(trial.arms.all()), list(trial.registrations.all())
    texts = [EVERY_STUDY, trial.title, trial.acronym, trial.short_name, trial.slug]
    texts += [trial.journal, trial.journal_abbreviation, f"{trial.volume} {trial.issue} {trial.pages}"]
    for author in trial.author_list:  # so that “Given Family”, “Family, Given” and “Family GF” are phrases of it
        initials = author.short.removeprefix(author.family)
        texts.append(f"{author.family} {author.given} {author.family} {initials}")
    texts += [word for code in trial.countries if code in COUNTRIES for word in COUNTRIES[code].words]
    texts += [_design(trial), *_phases(trial), *(getattr(trial, f"get_{name}_display")() for name in LABELS)]
    texts += [str(v.CellSource(arm.cell_source).label) for arm in arms if arm.cell_source]
    texts += [registration.sponsor for registration in registrations]
    prose = [getattr(trial, name) for name in PROSE] + [text for arm in arms for text in (arm.name, arm.given)]
    texts += [_NOT_SO.sub(" / ", _NAMED_SOURCE.sub(" / ", text)) for text in prose]
    identifiers = [trial.doi, trial.pmid, trial.pmcid]
    identifiers += [text for each in registrations for text in (each.identifier, bare_address(each.url))]
    return searchable(filter(None, texts), filter(None, identifiers))


def _design(trial: Trial) -> str:
    """Return design and masking in words, without what follows in brackets or after a comma: what it is not."""
    design = re.split("[,(]", trial.get_design_display())[0]
    return design if trial.masking == v.Masking.NOT_REPORTED else f"{design} {trial.get_masking_display()}"


def _phases(trial: Trial) -> list[str]:
    """Return the phase in every way it is written: Phase 1/2, Phase 1, Phase 2, Phase I/II, Phase I, Phase II."""
    label = trial.get_phase_display()
    numbers = re.findall("[0-9]", label)
    texts = [label, *(f"Phase {number}" for number in numbers)] if numbers else []
    return texts + [text.translate(_ROMAN) for text in texts]


def totals(trial: Trial) -> dict[str, Any]:
    """Return column -> value for the people, deaths and tissues of a study; None where no group or main count has one.

    A count without a group is of all groups given cells together.
    """
    arms = list(trial.arms.all())
    tissues = {arm.cell_source for arm in arms}
    found: dict[str, Any] = {
        "cell_sources": [code for code in v.CellSource.values if code in tissues],
        "people": sum(arm.people or 0 for arm in arms),
    }
    for role in v.Role.values:
        groups = [arm for arm in arms if arm.role == role]
        found[f"{role}_people"] = sum(arm.people or 0 for arm in groups) if groups else None
    deaths = [count for count in trial.counts.all() if count.outcome == v.Outcome.DEATH and count.headline]
    times = {}
    for role in (v.Role.CELLS, v.Role.COMPARISON):
        counts = [count for count in deaths if (count.arm.role if count.arm else v.Role.CELLS) == role]
        found[f"{role}_deaths"] = sum(count.events for count in counts) if counts else None
        found[f"{role}_out_of"] = sum(count.total for count in counts) if counts else None
        times[role] = " and ".join(dict.fromkeys(count.when for count in counts))
    return found | {"deaths_time": _time_of_both(times[v.Role.CELLS], times[v.Role.COMPARISON])}


def _time_of_both(cells: str, comparison: str) -> str:
    """Return when the deaths of both groups were counted, in words; "" without a count."""
    if cells and comparison and cells != comparison:
        return f"{cells} (given cells), {comparison} (comparison group)"
    return cells or comparison
