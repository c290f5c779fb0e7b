"""A picture of the people of a study: each a dot, filled for those who died."""

from typing import NamedTuple

from trials.models import Trial
from trials.presenters.card import n_of_n

MOST_PEOPLE = 120  # in both groups together: more dots say less than numbers do
IN_A_ROW, PITCH, RADIUS = 20, 14, 5


class Dots(NamedTuple):
    """The people of one group. `dead` and `others` are the paths of their dots."""

    role: str
    label: str
    words: str  # such as: 2 of 12 died (17 per 100)
    dead: str
    others: str
    width: int
    height: int


def people_picture(trial: Trial) -> list[Dots]:
    """Return the groups of a study whose deaths were counted; none where one dot a person would be too many."""
    counts = [("cells", "Given cells", trial.cells_deaths, trial.cells_out_of)]
    counts.append(("comparison", "Comparison group", trial.comparison_deaths, trial.comparison_out_of))
    if sum(people or 0 for *_, people in counts) > MOST_PEOPLE:
        return []
    return [
        Dots(
            role=role,
            label=label,
            words=n_of_n(deaths, people, "died"),
            dead=_dots(range(deaths)),
            others=_dots(range(deaths, people)),
            width=PITCH * min(people, IN_A_ROW),
            height=PITCH * (-(-people // IN_A_ROW)),
        )
        for role, label, deaths, people in counts
        if deaths is not None and people
    ]


def _dots(places: range) -> str:
    """Return the path of a circle at each place, row by row."""
    corners = ((PITCH * (place % IN_A_ROW), PITCH * (place // IN_A_ROW)) for place in places)
    circle = f"a{RADIUS} {RADIUS} 0 1 0 {2 * RADIUS} 0a{RADIUS} {RADIUS} 0 1 0 -{2 * RADIUS} 0"
    return "".join(f"M{x + PITCH // 2 - RADIUS} {y + PITCH // 2}{circle}" for x, y in corners)
