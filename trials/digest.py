"""What is worked out from the groups, counts and countries of a study and kept in columns of the study itself.

Lists, counts and totals read these columns alone: to add up the groups of 100,000 studies for each page would take
seconds. Only `trials.actions` writes them.
"""

from collections.abc import Iterable
from typing import Any

from trials import vocabulary as v
from trials.models import Arm, OutcomeCount, Trial

SEVERAL = ("cell_sources", "country_codes")  # columns with several codes


def joined(codes: list[str]) -> str:
    """Codes as one text, with a comma before and after each, so that `,ID,` is found in it; empty for none."""
    return f",{','.join(codes)}," if codes else ""


def split(text: str) -> list[str]:
    """The codes of such a text."""
    return text[1:-1].split(",") if text else []


def digest(trial: Trial) -> dict[str, Any]:
    """column -> value, from the rows as they are saved or were fetched along with the study."""
    return digest_of(trial.arms.all(), trial.counts.all(), [country.code for country in trial.countries.all()])


def digest_of(arms: Iterable[Arm], counts: Iterable[OutcomeCount], countries: Iterable[str]) -> dict[str, Any]:
    """column -> value for a study with these groups and counts in the countries with these codes.

    A number of people is None where there is no such group; deaths are None where there is no main count of them. A
    count without a group stands for all groups given cells together.
    """
    arms = list(arms)
    tissues = {arm.cell_source for arm in arms}
    found: dict[str, Any] = {
        "cell_sources": joined([code for code in v.CellSource.values if code in tissues]),
        "country_codes": joined(sorted(countries)),
        "people": sum(arm.people or 0 for arm in arms),
    }
    for role in v.Role.values:
        groups = [arm for arm in arms if arm.role == role]
        found[f"{role}_people"] = sum(arm.people or 0 for arm in groups) if groups else None
    roles = {arm.pk: arm.role for arm in arms} | {None: v.Role.CELLS}
    deaths = [count for count in counts if count.outcome == v.Outcome.DEATH and count.headline]
    for role in (v.Role.CELLS, v.Role.COMPARISON):
        of_groups = [count for count in deaths if roles[count.arm_id] == role]
        found[f"{role}_deaths"] = sum(count.events for count in of_groups) if of_groups else None
        found[f"{role}_out_of"] = sum(count.total for count in of_groups) if of_groups else None
    return found
