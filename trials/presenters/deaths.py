"""Deaths across studies: each study by itself, and pooled where a reader asks for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from textwrap import wrap
from typing import Any

from django.http import QueryDict
from django.template.defaultfilters import pluralize

from trials import vocabulary as v
from trials.evidence import forest
from trials.evidence.effects import Counts, Interval, log_risk_ratio, risk, risk_difference
from trials.evidence.pooling import RandomEffects, mantel_haenszel, random_effects
from trials.listing.active_filters import EVIDENCE, active_filters, known_parameters
from trials.listing.filters import EvidenceFilter
from trials.models import Judgement, OtherStudy, OutcomeCount, Trial
from trials.models.other_study import COUNTS
from trials.presenters.facts import NOT_CHECKED
from trials.presenters.judgements import legend, overall_bias

MOST_STUDIES = 200  # on one page
LEAST_TO_POOL = 3
LEGEND = 60  # characters in a line of the picture


def rounded(value: float, places: int = 0) -> Decimal:
    """Return the number with so many decimal places; a half is rounded up, as readers do."""
    # The ten digits first, so that 0.625 is a half although a float may lie just below it.
    return Decimal(f"{value:.10f}").quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def in_100(interval: Interval) -> str:
    """Return such as: 17 per 100 (5 to 45)."""
    return "{} per 100 ({} to {})".format(*(rounded(100 * value) for value in vars(interval).values()))


def ratio_in_words(interval: Interval, places: int = 2) -> str:
    """Return such as: 0.29 (0.07 to 1.10)."""
    return "{} ({} to {})".format(*(rounded(value, places) for value in vars(interval).values()))


@dataclass
class Row:
    """A study with deaths counted in both groups."""

    name: str
    address: str
    design: str
    counts: Counts
    when: str
    of_whom: str = ""
    says_day: bool = True
    is_listed: bool = True
    bias: Sequence[Judgement] = ()  # of the study as a whole, those of others first

    def __post_init__(self) -> None:
        (a, n1, c, n2), self.side = vars(self.counts).values(), 0.0
        self.effect = log_risk_ratio(self.counts)
        self.cells, self.comparison = f"{a} of {n1}", f"{c} of {n2}"
        self.cells_in_100, self.comparison_in_100 = in_100(risk(a, n1)), in_100(risk(c, n2))
        self.ratio = ratio_in_words(self.effect.interval) if self.effect else "cannot be estimated"

    @property
    def difference(self) -> str:
        """Such as: 42 fewer per 100 (from 66 fewer to 5 more)."""
        found = risk_difference(self.counts)

        def words(value: float) -> str:
            number = rounded(100 * abs(value))
            return f"{number} {'fewer' if value < 0 else 'more'}" if number else "no difference"

        estimate = words(found.estimate)
        per_100 = "" if estimate == "no difference" else " per 100"
        return f"{estimate}{per_100} (from {words(found.low)} to {words(found.high)})"

    @property
    def bar(self) -> forest.Bar | None:
        return forest.bar(self.effect.interval, self.side) if self.effect else None

    @property
    def sentence(self) -> str:
        if not self.effect:
            return "No one died in either group, so no ratio can be worked out."
        interval: Interval = self.effect.interval
        cells, comparison = self.counts.a * self.counts.n2, self.counts.c * self.counts.n1
        if cells == comparison:
            shares = "The same share died in both groups"
        else:
            shares = f"A {'smaller' if cells < comparison else 'larger'} share died with cells"
        verb = "includes" if interval.includes(1.0) else "excludes"
        sentence = f"{shares}; the interval of the ratio {verb} “no difference”."
        added = "One of the four numbers is 0, so 0.5 was added to each to work out the ratio."
        return f"{sentence} {added}" if self.effect.corrected else sentence


@dataclass
class Pooled:
    """What the studies of one set add up to, by two models."""

    heading: str
    short_heading: str  # in the picture
    studies: int
    mantel_haenszel: Interval | None
    random: RandomEffects

    def __post_init__(self) -> None:
        fixed, random, found = self.mantel_haenszel, self.random, self.random.prediction
        self.fixed_in_words = ratio_in_words(fixed) if fixed else "cannot be estimated"
        self.random_in_words = ratio_in_words(random.ratio)
        self.tau2, self.i2 = ratio_in_words(random.tau2, 3), f"{rounded(100 * random.i2)}%"
        by_t = f"(t with {random.degrees_of_freedom} degrees of freedom)"
        self.prediction = f"{rounded(found.low, 2)} to {rounded(found.high, 2)} {by_t}" if found else ""

    @property
    def diamonds(self) -> list[tuple[str, str, forest.Bar]]:
        """The name of each model with its ratio in words, and its place in the picture."""
        found = [("One ratio for all", self.fixed_in_words, self.mantel_haenszel)]
        found.append(("Ratios that differ", self.random_in_words, self.random.ratio))
        return [(name, words, forest.bar(interval)) for name, words, interval in found if interval]


class Deaths:
    """The page of deaths across the studies that a query asks for. All of it is read at once."""

    def __init__(self, query: QueryDict) -> None:
        filterset = EvidenceFilter(query)
        self.problems = filterset.problems
        self.parameters = known_parameters(query, EVIDENCE)  # its files refuse others
        self.status = 400 if self.problems else 200
        self.is_pooled = filterset.chosen.get("pool") == "yes"
        self.active_filters = active_filters(filterset, query, EVIDENCE)
        found = list(filterset.qs.prefetch_related("arms", "counts__arm", "judgements", "blanks")[: MOST_STUDIES + 1])
        self.is_cut = len(found) > MOST_STUDIES
        trials = found[:MOST_STUDIES]
        controlled = [trial for trial in trials if trial.comparison_people is not None]
        self.rows = [row for trial in controlled if (row := row_of(trial))]
        self.not_reported = [trial for trial in controlled if not (trial.cells_out_of and trial.comparison_out_of)]
        self.singles = [_single(trial) for trial in trials if trial.comparison_people is None]
        self.harms = [(trial, harms(trial), _harms_in_words(trial)) for trial in trials]
        self.searched_for, self.left_out = filterset.searched.also, filterset.searched.left_out
        self.designs_left_out: list[str] = []
        if "design" in filterset.chosen and not self.problems:
            others = filterset.without("design").filter(cells_out_of__gt=0, comparison_out_of__gt=0)
            others = others.exclude(pk__in=[trial.pk for trial in trials]).sorted_by("author")
            self.designs_left_out = [trial.short_name for trial in others[:MOST_STUDIES]]
        self.ratios = sum(row.effect is not None for row in self.rows)
        # The studies of the list are never pooled alone.
        may_pool = self.is_pooled and self.ratios >= LEAST_TO_POOL and not self.is_cut
        self.others = [_other(study) for study in OtherStudy.objects.public().comparable()] if may_pool else []
        self.pooled = self._pool() if self.others else []
        drawn = [(row, row.effect) for row in (*self.rows, *self.others) if row.effect]  # their squares share a scale
        for (row, _), side in zip(drawn, forest.sides([effect.variance for _, effect in drawn]), strict=True):
            row.side = side

    def _pool(self) -> list[Pooled]:
        """Return the studies of the list alone, and together with the others that we know."""
        listed, others = ([row.counts for row in rows] for rows in (self.rows, self.others))
        number = len(others)
        more = f"With {number} randomised trial{pluralize(number)} not on the list, not checked by us"
        sets = [("Studies on the list alone", "On the list alone", listed)]
        sets.append((more, f"With {number} not on the list", [*listed, *others]))
        return [
            Pooled(heading, short, len(counts), mantel_haenszel(counts), random)
            for heading, short, counts in sets
            if (random := random_effects(counts))
        ]

    @property
    def why_not_pooled(self) -> str:
        """Why nothing is pooled though it was asked for, or ""."""
        if not self.is_pooled or self.pooled or self.problems:
            return ""
        if self.is_cut:
            return f"The studies are not combined, because more than {MOST_STUDIES} match. Add a filter."
        if self.ratios >= LEAST_TO_POOL:
            return (
                "The studies are not combined: we know of no randomised trial that is not on the list to add to them, "
                "and those of the list alone are not the result of a search."
            )
        found = f"only {self.ratios}" if self.ratios else "none"
        return (
            f"The studies are not combined: {found} of them {'has' if self.ratios < 2 else 'have'} a risk ratio. "
            f"Fewer than {LEAST_TO_POOL} say little about how much the results differ between studies."
        )

    @property
    def description(self) -> str:
        """What the rows are, such as: Deaths were counted in both groups in 5 studies with 146 people."""
        number, undated = len(self.rows), sum(not row.says_day for row in self.rows)
        if not self.harms:
            return "No study on the list matches." if self.active_filters else "There are no studies on the list yet."
        if not number:
            return "None of these studies reports deaths in both a group given cells and a comparison group."
        days = f"; in {undated} of them, the day is not stated" if undated else ""
        if undated == number:
            days = "; the day is not stated" if number == 1 else "; none of them states the day"
        people = sum(row.counts.n1 + row.counts.n2 for row in self.rows)
        studies = f"{number} stud{pluralize(number, 'y,ies')} with {people} people"
        return f"Deaths were counted in both groups in {studies}{days}."

    @property
    def designs_left_out_sentence(self) -> str:
        studies = f"{len(self.designs_left_out)} stud{pluralize(self.designs_left_out, 'y,ies')}"
        names = ", ".join(self.designs_left_out)
        return names and f"Your choice of design leaves out {studies} with deaths in both groups: {names}."

    @property
    def picture(self) -> dict[str, Any]:
        """The rows of the picture with the place of each, the ticks and the height."""
        y, lines = 0, []
        parts: list[Any] = [("", "row", self.rows), ("Not on the list, not checked by us", "row", self.others)]
        parts += [(pooled.short_heading, "diamond", pooled.diamonds) for pooled in self.pooled]
        for heading, kind, rows in parts:
            if heading and rows:
                lines.append({"y": y, "heading": heading})
                y += forest.HEADING
            for row in rows:
                lines.append({"y": y, kind: row})
                y += forest.ROW
        ticks = [(forest.position(tick), f"{tick:g}") for tick in forest.TICKS]
        below = wrap(legend([row.bias[0] for row in self.rows if row.bias]), LEGEND)
        notes = [(forest.AXIS + forest.NOTE * number, text) for number, text in enumerate(below)]
        height = y + forest.AXIS + forest.NOTE * len(notes)
        middle = forest.position(1.0)
        return {"lines": lines, "axis": y, "height": height, "ticks": ticks, "middle": middle, "notes": notes}


def _other(study: OtherStudy) -> Row:
    """Return the row of a study that is not on the list."""
    counts: Any = [getattr(study, name) for name in COUNTS]
    address, design = study.get_absolute_url(), study.get_design_display()
    return Row(study.name, address, design, Counts(*counts), study.counted_at, is_listed=False)


def _single(trial: Trial) -> tuple[Trial, str, str, str]:
    """Return a study without a comparison group with its deaths, their number per 100, and when they were counted."""
    if not trial.cells_out_of or trial.cells_deaths is None:
        return trial, "", "", ""
    counted = f"{trial.cells_deaths} of {trial.cells_out_of}"
    when = when_counted(main_counts(trial, v.Outcome.DEATH))
    return trial, counted, in_100(risk(trial.cells_deaths, trial.cells_out_of)), when


def row_of(trial: Trial) -> Row | None:
    """Return the row of a study that was fetched with its rows; None without deaths counted in both groups."""
    counts: Any = [getattr(trial, name) for name in COUNTS]
    if trial.comparison_people is None or None in counts:
        return None
    deaths, address = main_counts(trial, v.Outcome.DEATH), trial.get_absolute_url()
    row = Row(trial.short_name, address, trial.get_design_display(), Counts(*counts), when_counted(deaths))
    says_day = None not in [count.days for count in deaths]
    return replace(row, of_whom=of_whom(trial), says_day=says_day, bias=overall_bias(trial))


def main_counts(trial: Trial, outcome: str) -> list[OutcomeCount]:
    """Return the main counts of the group given cells and the comparison group: no other group is compared."""
    main = (count for count in trial.counts.all() if count.outcome == outcome and count.headline)
    return [count for count in main if not count.arm or count.arm.role != v.Role.OTHER]


def when_counted(counts: Iterable[OutcomeCount]) -> str:
    """Return when the counts were made, in words, such as: by day 31."""
    return "; ".join(dict.fromkeys(count.when for count in counts))


def of_whom(trial: Trial) -> str:
    """Return whether everyone randomised was counted, or those analysed; "" where the groups do not tell."""
    arms = [arm for arm in trial.arms.all() if arm.role in (v.Role.CELLS, v.Role.COMPARISON)]
    out_of = (trial.cells_out_of or 0) + (trial.comparison_out_of or 0)
    for words, numbers in (
        ("everyone randomised", [arm.randomised for arm in arms]),
        ("those analysed", [arm.analysed for arm in arms]),
    ):
        if None not in numbers and sum(number or 0 for number in numbers) == out_of:
            return words if words != "everyone randomised" or trial.design == v.Design.RANDOMISED else "everyone"
    return ""


def _harms_in_words(trial: Trial) -> str:
    """Return what is known of serious adverse events where no people are counted, or why nothing is."""
    reasons = (each.get_reason_display() for each in trial.blanks.all() if each.value == "safety_result")
    return trial.safety_result or next(reasons, NOT_CHECKED)


def harms(trial: Trial) -> list[tuple[OutcomeCount, str]]:
    """Return each count of people with a serious adverse event, and how many that is per 100."""
    counts = (count for count in trial.counts.all() if count.outcome == v.Outcome.SERIOUS_ADVERSE_EVENT)
    return [(count, in_100(risk(count.events, count.total))) for count in counts]
