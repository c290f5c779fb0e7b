"""A study as lists show it: plain values from one record and its rows."""

import re
from typing import Any, NamedTuple

from django.template.defaultfilters import pluralize

from trials import vocabulary as v
from trials.identifiers import address_of
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

# A full stop after an abbreviation or an initial, in a number, or before a small letter ends no sentence.
_SENTENCE = re.compile(
    r".*?(?<!\b(?i:al|vs|ca|cf|dr|mr|ms|st))(?<!\b(?i:e\.g|i\.e|fig|mrs))(?<!\b[A-Z])"
    r"[.!?…]+[\"'”’)\]]*(?=\s+[\"'“‘(\[]*[^\sa-z]|$)"
)


def first_sentence(text: str) -> str:
    """Return the first sentence of a plain text. The end of a line ends a sentence."""
    line = text.strip().partition("\n")[0].strip()
    found = _SENTENCE.match(line)
    return found[0] if found else line


def n_of_n(deaths: int | None, people: int | None, of_whom: str = "") -> str:
    """Return such as: 2 of 12, 17 per 100; or 2 of 12 given cells (17 per 100). "" where no count is known."""
    if deaths is None or not people:
        return ""
    share = f"{per_100(deaths, people)} per 100"
    return f"{deaths} of {people} {of_whom} ({share})" if of_whom else f"{deaths} of {people}, {share}"


def records_of_paper(record: Any) -> list[tuple[str, str]]:
    """Return the DOI, the PubMed ID and the PubMed Central ID of a record, each in words and with its address."""
    words = {f"doi:{record.doi}": record.doi, f"PubMed {record.pmid}": record.pmid, record.pmcid: record.pmcid}
    return [(name, address_of(identifier)) for name, identifier in words.items() if identifier]


class Share(NamedTuple):
    """The part of a group that died, as a line of the picture: from the left to the mark of the group."""

    role: str
    mark: str  # where the mark is: "x,y"
    track: str  # the paths of the whole line and of the part
    part: str


class TrialCard:
    """A study as lists show it, from its own columns alone."""

    deaths_not_reported = DEATHS_NOT_REPORTED

    def __init__(self, trial: Trial) -> None:
        authors = trial.author_list
        cell_sources = [str(v.CellSource(code).label) for code in trial.cell_sources]
        self.trial = trial
        self.people = trial.people
        self.people_in_words = f"{self.people} {pluralize(self.people, 'person,people')} counted"
        if not self.people:  # without a number in any group, that is not known
            self.people_in_words = "number of people not yet checked"
        self.mark = DESIGN_MARKS.get(trial.design, "")  # a draft may have no design yet
        self.heading = trial.heading or trial.short_name
        self.opening = first_sentence(trial.plain_summary)
        self.first_author = authors[0].full if authors else ""
        self.has_more_authors = len(authors) > 1 or not trial.authors_complete
        self.countries = ", ".join(COUNTRIES[code].name for code in trial.countries)
        self.cell_sources = " or ".join([*cell_sources[:1], *(label.lower() for label in cell_sources[1:])])
        self.notices = [str(v.NoticeKind(code).label) for code in trial.notice_kinds]
        infusions = f", {trial.infusions} infusion{pluralize(trial.infusions)}" if trial.infusions else ""
        self.dose = f"{trial.dose} {trial.get_dose_unit_display()}{infusions}" if trial.dose else ""
        # Each such as 2 of 12, 17 per 100; "" where no count is known.
        self.deaths_given_cells = n_of_n(trial.cells_deaths, trial.cells_out_of)
        self.deaths_in_comparison = n_of_n(trial.comparison_deaths, trial.comparison_out_of)
        self.comparison_blank = NO_COMPARISON if trial.comparison_people is None else DEATHS_NOT_REPORTED
        self.deaths_known = bool(self.deaths_given_cells or self.deaths_in_comparison)

    @property
    def deaths(self) -> str:
        """Such as: 2 of 12 given cells (17 per 100), 7 of 12 in the comparison group (58 per 100); by day 31."""
        trial = self.trial
        has_comparison = trial.comparison_people is not None
        if not self.deaths_known:
            one_group = trial.cells_people is not None and not has_comparison
            return f"{DEATHS_NOT_REPORTED}; {NO_COMPARISON}" if one_group else DEATHS_NOT_REPORTED
        cells = n_of_n(trial.cells_deaths, trial.cells_out_of, "given cells")
        compared = n_of_n(trial.comparison_deaths, trial.comparison_out_of, "in the comparison group")
        cells = cells or f"{DEATHS_NOT_REPORTED} for those given cells"
        blank = f"{DEATHS_NOT_REPORTED} for the comparison group" if has_comparison else NO_COMPARISON
        return f"{cells}, {compared}; {trial.deaths_time}" if compared else f"{cells}; {blank}; {trial.deaths_time}"

    @property
    def shares(self) -> list[Share]:
        """The lines of the picture of the deaths, one for each group with a count."""
        trial = self.trial
        counts = [("cells", trial.cells_deaths, trial.cells_out_of)]
        counts.append(("comparison", trial.comparison_deaths, trial.comparison_out_of))
        shares: list[Share] = []
        for role, deaths, people in counts:
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
