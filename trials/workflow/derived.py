"""The columns of a study that are derived from the study and its rows for lists. Only `documents.write` stores them."""

from typing import Any

from trials import vocabulary as v
from trials.listing.search import fold, words
from trials.models import Trial
from trials.models.countries import COUNTRIES


def derive(trial: Trial) -> None:
    """Set the derived columns from the study and its rows as they are in memory. Nothing is saved."""
    trial.author_key = fold(trial.lead_author)[: Trial._meta.get_field("author_key").max_length]
    trial.search_text = search_text(trial)
    kinds = {notice.kind for notice in trial.notices.all()}
    notice_kinds = [code for code in v.NoticeKind.values if code in kinds]
    for name, value in {"notice_kinds": notice_kinds, **totals(trial)}.items():
        setattr(trial, name, value)


def search_text(trial: Trial) -> str:
    """Return the folded words that a search looks in, each once and with a space in front."""
    parts = [trial.title, trial.acronym, trial.doi, trial.pmid, trial.pmcid, trial.cell_source_wording]
    parts += [author.full for author in trial.author_list]
    parts += [registration.identifier for registration in trial.registrations.all()]
    for country in (COUNTRIES[code] for code in trial.countries if code in COUNTRIES):
        parts += [country.name, *country.other_names]
    parts += [arm.get_cell_source_display() for arm in trial.arms.all() if arm.cell_source]
    return "".join(f" {word}" for word in words(" ".join(part or "" for part in parts)))


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
    for role in (v.Role.CELLS, v.Role.COMPARISON):
        counts = [count for count in deaths if (count.arm.role if count.arm else v.Role.CELLS) == role]
        found[f"{role}_deaths"] = sum(count.events for count in counts) if counts else None
        found[f"{role}_out_of"] = sum(count.total for count in counts) if counts else None
    return found
