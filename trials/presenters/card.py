"""A study as lists show it: plain values from one record and its rows."""

from trials import vocabulary as v
from trials.models import Trial
from trials.models.countries import COUNTRIES

# The mark next to the words of a design. It is never shown without them.
DESIGN_MARKS = {"randomised": "disc", "controlled": "half-disc", "single-arm": "ring", "case-series": "diamond"}


class TrialCard:
    """A study as lists show it, from its own columns alone."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.people = trial.people
        self.mark = DESIGN_MARKS.get(trial.design, "")  # a draft may have no design yet
        # People given cells, in comparison groups and in other groups.
        self.sizes = (trial.cells_people or 0, trial.comparison_people or 0, trial.other_people or 0)

    @property
    def authors(self) -> str:
        """The first author as a citation prints it, with "et al." where there are more."""
        names = self.trial.author_list
        more = len(names) > 1 or not self.trial.authors_complete
        return f"{names[0].short}, et al." if names and more else "".join(name.short for name in names)

    @property
    def deaths(self) -> str:
        """Such as: 2 of 12 given cells, 7 of 12 in the comparison group. Empty where no count is known."""
        trial = self.trial
        if trial.cells_people is None or not trial.cells_out_of:
            return ""
        text = f"{trial.cells_deaths} of {trial.cells_out_of} given cells"
        if trial.comparison_people is None:
            return f"{text}; no comparison group"
        if not trial.comparison_out_of:
            return text
        return f"{text}, {trial.comparison_deaths} of {trial.comparison_out_of} in the comparison group"

    @property
    def countries(self) -> str:
        return ", ".join(COUNTRIES[code].name for code in self.trial.countries)

    @property
    def cell_sources(self) -> str:
        labels = [str(v.CellSource(code).label) for code in self.trial.cell_sources]
        return " or ".join([labels[0], *(label.lower() for label in labels[1:])]) if labels else ""

    @property
    def notices(self) -> list[str]:
        """The kinds of notices after publication, such as: Retraction."""
        return [str(v.NoticeKind(code).label) for code in self.trial.notice_kinds]

    @property
    def dose(self) -> str:
        """Such as: 1 × 10⁶ cells per kg, 3 infusions."""
        trial = self.trial
        if not trial.dose:
            return ""
        infusions = f", {trial.infusions} infusion{'' if trial.infusions == 1 else 's'}" if trial.infusions else ""
        return f"{trial.dose} {trial.get_dose_unit_display()}{infusions}"
