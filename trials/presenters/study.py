"""A study as lists show it: plain values from one record and its rows."""

from dataclasses import dataclass
from functools import cached_property

from trials import vocabulary as v
from trials.models import Arm, OutcomeCount, Trial

# The shape that goes with the words of a design. Never shown without them.
DESIGN_MARKS: dict[str, str] = {
    v.Design.RANDOMISED: "disc",
    v.Design.CONTROLLED: "half-disc",
    v.Design.SINGLE_ARM: "ring",
    v.Design.CASE_SERIES: "diamond",
}


@dataclass(frozen=True)
class Group:
    """What one kind of group adds up to in one study: people, and deaths by its main counts."""

    people: int
    deaths: int | None = None
    out_of: int | None = None


class Study:
    """A study as lists show it. Expects `Trial.objects.with_rows()`."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.arms: list[Arm] = sorted(trial.arms.all(), key=lambda arm: arm.position)
        self.counts: list[OutcomeCount] = sorted(trial.counts.all(), key=lambda count: count.position)

    @property
    def mark(self) -> str:
        return DESIGN_MARKS.get(self.trial.design, "")  # a draft may have no design yet

    @property
    def authors(self) -> str:
        """The first author as a citation prints it, with "et al." where there are more."""
        names = self.trial.author_list
        more = len(names) > 1 or not self.trial.authors_complete
        return f"{names[0].short}, et al." if names and more else "".join(name.short for name in names)

    def _group(self, role: v.Role) -> Group | None:
        arms = [arm for arm in self.arms if arm.role == role]
        if not arms:
            return None
        ids = {arm.pk for arm in arms} | ({None} if role == v.Role.CELLS else set())
        main = [c for c in self.counts if c.outcome == v.Outcome.DEATH and c.headline and c.arm_id in ids]
        people = sum(arm.people or 0 for arm in arms)
        if not main:
            return Group(people)
        return Group(people, sum(count.events for count in main), sum(count.total for count in main))

    @cached_property
    def cells(self) -> Group | None:
        return self._group(v.Role.CELLS)

    @cached_property
    def comparison(self) -> Group | None:
        return self._group(v.Role.COMPARISON)

    @cached_property
    def other(self) -> Group | None:
        return self._group(v.Role.OTHER)

    @property
    def people(self) -> int:
        return sum(self.sizes)

    @property
    def sizes(self) -> tuple[int, int, int]:
        """People given cells, in comparison groups and in other groups."""
        cells, comparison, other = (group.people if group else 0 for group in (self.cells, self.comparison, self.other))
        return cells, comparison, other

    @property
    def randomised(self) -> int | None:
        """People randomised, where every group says so."""
        numbers = [arm.randomised for arm in self.arms]
        return sum(n for n in numbers if n is not None) if numbers and None not in numbers else None

    @property
    def countries(self) -> str:
        return ", ".join(country.name for country in self.trial.countries.all())

    @property
    def cell_sources(self) -> str:
        found = {arm.cell_source for arm in self.arms if arm.cell_source}
        labels = [label for code, label in v.CellSource.choices if code in found]
        return " or ".join([labels[0], *(label.lower() for label in labels[1:])]) if labels else ""

    @property
    def dose(self) -> str:
        """Such as: 1 × 10⁶ cells per kg, 3 infusions."""
        trial = self.trial
        if not trial.dose:
            return ""
        text = f"{trial.dose} {trial.get_dose_unit_display()}"
        if trial.infusions:
            text += f", {trial.infusions} infusion{'' if trial.infusions == 1 else 's'}"
        return text
