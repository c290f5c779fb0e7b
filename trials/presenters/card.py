"""A study as lists show it: plain values from one record and its rows."""

import re
from dataclasses import dataclass

from trials import vocabulary as v
from trials.models import Judgement, Trial
from trials.models.countries import COUNTRIES
from trials.models.outcome import per_100
from trials.presenters.judgements import overall_bias

# The mark next to the words of a design. It is never shown without them.
DESIGN_MARKS = {"randomised": "disc", "controlled": "half-disc", "single-arm": "ring", "case-series": "diamond"}

DEATHS_NOT_REPORTED = "deaths not reported"
NO_COMPARISON = "no comparison group"

# The picture of two shares, in pixels: a line for each group, on which 0 is at the left and 1 at the right.
LEFT, LENGTH = 7, 80
ROW_HEIGHT = 15

_SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s|$)")
_ABBREVIATION = re.compile(r"(?:^|[\s(\[])(?:(?i:al|e\.g|i\.e|vs|approx|ca|cf|fig|dr|prof|mr|mrs|ms|st)|[A-Z])$")
_NUMBER_SIGN = re.compile(r"(?:^|\s)[Nn]os?$")  # "no. 5", but "The answer is no. They …"


def first_sentence(text: str) -> str:
    """Return the first sentence of a plain text. The end of a line ends a sentence.

    A full stop ends none inside brackets, in a number, after an abbreviation or an initial, or before a small letter.
    """
    line = next((line for line in text.splitlines() if line.strip()), "").strip()
    for end in _SENTENCE_END.finditer(line):
        before, rest = line[: end.start()], line[end.end() :].lstrip(" \"'“‘([")
        sentence = line[: end.end()]
        abbreviated = line[end.start()] == "." and (
            _ABBREVIATION.search(before) or (_NUMBER_SIGN.search(before) and rest[:1].isdigit())
        )
        in_brackets = any(sentence.count(opening) > sentence.count(closing) for opening, closing in ("()", "[]"))
        if not abbreviated and not in_brackets and not rest[:1].islower():
            return sentence
    return line


def n_of_n(deaths: int | None, people: int | None, of_whom: str = "") -> str:
    """Return such as: 2 of 12, 17 per 100; or 2 of 12 given cells (17 per 100). "" where no count is known."""
    if deaths is None or not people:
        return ""
    share = f"{per_100(deaths, people)} per 100"
    return f"{deaths} of {people} {of_whom} ({share})" if of_whom else f"{deaths} of {people}, {share}"


@dataclass(frozen=True)
class Share:
    """The part of a group that died, as a line of the picture: from the left to the mark of the group."""

    role: str
    mark: str  # where the mark is: "x,y"
    track: str  # the paths of the whole line and of the part
    part: str


class TrialCard:
    """A study as lists show it, from its own columns alone."""

    deaths_not_reported = DEATHS_NOT_REPORTED

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.people = trial.people
        self.mark = DESIGN_MARKS.get(trial.design, "")  # a draft may have no design yet

    @property
    def people_in_words(self) -> str:
        """How many people took part, such as: 24 people. Without a number in any group, that is not known."""
        if not self.people:
            return "number of people not yet checked"
        return f"{self.people} {'person' if self.people == 1 else 'people'}"

    @property
    def heading(self) -> str:
        """Our own plain heading, or the name that a reader knows the study by."""
        return self.trial.heading or self.trial.short_name

    @property
    def opening(self) -> str:
        """The first sentence of the plain-language summary."""
        return first_sentence(self.trial.plain_summary)

    @property
    def first_author(self) -> str:
        """The first author in full, as published."""
        return next((name.full for name in self.trial.author_list), "")

    @property
    def has_more_authors(self) -> bool:
        return len(self.trial.author_list) > 1 or not self.trial.authors_complete

    @property
    def authors(self) -> str:
        """The first author as a citation prints it, with "et al." where there are more."""
        names = self.trial.author_list
        more = len(names) > 1 or not self.trial.authors_complete
        return f"{names[0].short}, et al." if names and more else "".join(name.short for name in names)

    @property
    def deaths_given_cells(self) -> str:
        """Such as: 2 of 12, 17 per 100. Empty where no count is known."""
        return n_of_n(self.trial.cells_deaths, self.trial.cells_out_of)

    @property
    def deaths_in_comparison(self) -> str:
        """Such as: 7 of 12, 58 per 100. Empty where no count is known, or where there is no comparison group."""
        return n_of_n(self.trial.comparison_deaths, self.trial.comparison_out_of) if self._compared_counted else ""

    @property
    def _compared_counted(self) -> bool:
        return self.trial.comparison_people is not None and bool(self.trial.comparison_out_of)

    @property
    def comparison_blank(self) -> str:
        """Why there is no count for a comparison group."""
        return NO_COMPARISON if self.trial.comparison_people is None else DEATHS_NOT_REPORTED

    @property
    def deaths_known(self) -> bool:
        return bool(self.deaths_given_cells or self.deaths_in_comparison)

    @property
    def deaths(self) -> str:
        """Such as: 2 of 12 given cells (17 per 100), 7 of 12 in the comparison group (58 per 100); by day 31."""
        trial, cells, comparison = self.trial, self.deaths_given_cells, self.deaths_in_comparison
        if not self.deaths_known:
            one_group = self.trial.cells_people is not None and self.trial.comparison_people is None
            return f"{DEATHS_NOT_REPORTED}; {NO_COMPARISON}" if one_group else DEATHS_NOT_REPORTED
        given = n_of_n(trial.cells_deaths, trial.cells_out_of, "given cells")
        parts = [given if cells else f"{DEATHS_NOT_REPORTED} for those given cells"]
        if comparison:
            counted = n_of_n(trial.comparison_deaths, trial.comparison_out_of, "in the comparison group")
            parts[0] += f", {counted}"
        elif self.trial.comparison_people is None:
            parts.append(NO_COMPARISON)
        else:
            parts.append(f"{DEATHS_NOT_REPORTED} for the comparison group")
        return "; ".join([*parts, self.trial.deaths_time])

    @property
    def shares(self) -> list[Share]:
        """The lines of the picture of the deaths, one for each group with a count."""
        trial = self.trial
        counts = {"cells": (trial.cells_deaths, trial.cells_out_of)}
        if self._compared_counted:
            counts["comparison"] = (trial.comparison_deaths, trial.comparison_out_of)
        shares: list[Share] = []
        for role, (deaths, people) in counts.items():
            if people:
                y = f"{ROW_HEIGHT * (len(shares) + 0.5):.1f}"
                x = f"{LEFT + LENGTH * (deaths or 0) / people:.1f}"
                shares.append(Share(role, f"{x},{y}", f"M{LEFT} {y}H{LEFT + LENGTH}", f"M{LEFT} {y}H{x}"))
        return shares

    @property
    def shares_height(self) -> int:
        return ROW_HEIGHT * len(self.shares)

    @property
    def overall_bias(self) -> list[Judgement]:
        """The judgements of the risk of bias as a whole, of a study that was fetched with them."""
        return overall_bias(self.trial)

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
