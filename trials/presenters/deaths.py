"""Deaths across studies: each study by itself, and pooled where a reader asks for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from textwrap import wrap
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import QueryDict
from django.urls import reverse

from trials import vocabulary as v
from trials.evidence import forest
from trials.evidence.effects import Counts, Interval, log_risk_ratio, risk, risk_difference
from trials.evidence.pooling import RandomEffects, mantel_haenszel, random_effects
from trials.listing.active_filters import active_filters
from trials.listing.filters import EvidenceFilter
from trials.models import Judgement, OtherStudy, OutcomeCount, Trial
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
    of_whom: str
    says_day: bool = True
    is_listed: bool = True
    side: float = 0.0
    bias: Sequence[Judgement] = ()  # of the study as a whole, those of others first

    @cached_property
    def effect(self) -> Any:
        return log_risk_ratio(self.counts)

    @property
    def cells(self) -> str:
        return f"{self.counts.a} of {self.counts.n1}"

    @property
    def comparison(self) -> str:
        return f"{self.counts.c} of {self.counts.n2}"

    @property
    def cells_in_100(self) -> str:
        return in_100(risk(self.counts.a, self.counts.n1))

    @property
    def comparison_in_100(self) -> str:
        return in_100(risk(self.counts.c, self.counts.n2))

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
    def ratio(self) -> str:
        return ratio_in_words(self.effect.interval) if self.effect else "cannot be estimated"

    @property
    def bar(self) -> forest.Bar | None:
        return forest.bar(self.effect.interval, self.side) if self.effect else None

    @property
    def sentence(self) -> str:
        if not self.effect:
            return "No one died in either group, so no ratio can be worked out."
        interval: Interval = self.effect.interval
        cells, comparison = self.counts.a * self.counts.n2, self.counts.c * self.counts.n1
        which = "A smaller" if cells < comparison else "A larger" if cells > comparison else "The same"
        side = "in both groups" if cells == comparison else "with cells"
        does = "includes" if interval.includes(1.0) else "excludes"
        added = (
            " One of the four numbers is 0, so 0.5 was added to each to work out the ratio."
            if self.effect.corrected
            else ""
        )
        return f"{which} share died {side}; the interval {does} “no difference”.{added}"


@dataclass
class Pooled:
    """What the studies of one set add up to, by two models."""

    heading: str
    short_heading: str  # in the picture
    studies: int
    mantel_haenszel: Interval | None
    random: RandomEffects | None

    @property
    def fixed_in_words(self) -> str:
        return ratio_in_words(self.mantel_haenszel) if self.mantel_haenszel else "cannot be estimated"

    @property
    def random_in_words(self) -> str:
        return ratio_in_words(self.random.ratio) if self.random else "cannot be estimated"

    @property
    def tau2(self) -> str:
        return ratio_in_words(self.random.tau2, 3) if self.random else ""

    @property
    def i2(self) -> str:
        return f"{rounded(100 * self.random.i2)}%" if self.random else ""

    @property
    def prediction(self) -> str:
        """Such as: 0.14 to 1.76, by t with 12 degrees of freedom."""
        if not self.random or not self.random.prediction:
            return ""
        found, df = self.random.prediction, self.random.degrees_of_freedom
        return f"{rounded(found.low, 2)} to {rounded(found.high, 2)} (t with {df} degrees of freedom)"

    @property
    def bars(self) -> list[tuple[str, str, forest.Bar]]:
        """The diamonds: name, ratio in words, place."""
        found = [("One ratio for all", self.fixed_in_words, self.mantel_haenszel)]
        found.append(("Ratios that differ", self.random_in_words, self.random.ratio if self.random else None))
        return [(name, words, forest.bar(interval)) for name, words, interval in found if interval]


@dataclass
class Single:
    """A study without a comparison group, with its deaths."""

    trial: Trial
    deaths: str
    in_100: str
    when: str


@dataclass
class Harm:
    """A count of people with a serious adverse event."""

    group: str
    count: str
    in_100: str
    when: str
    note: str
    per_100: int


@dataclass
class Harms:
    trial: Trial
    rows: list[Harm] = field(default_factory=list)


class Deaths:
    """The page of deaths across the studies that a query asks for. All of it is read at once."""

    def __init__(self, query: QueryDict) -> None:
        filterset = EvidenceFilter(query)
        self.problems = filterset.problems
        self.status = 400 if self.problems else 200
        self.is_pooled = filterset.chosen.get("pool") == "yes"
        self.active_filters = [
            replace(each, remove_url=_on_this_page(each.remove_url, self.is_pooled))
            for each in active_filters(filterset, query)
        ]
        found = filterset.qs.prefetch_related("arms", "counts__arm", "judgements")
        self.trials: list[Trial] = list(found[: MOST_STUDIES + 1])
        self.is_cut = len(self.trials) > MOST_STUDIES
        self.trials = self.trials[:MOST_STUDIES]
        controlled = [trial for trial in self.trials if trial.comparison_people is not None]
        self.rows = [row for trial in controlled if (row := row_of(trial))]
        self.not_reported = [trial for trial in controlled if not (trial.cells_out_of and trial.comparison_out_of)]
        self.singles = [self._single(trial) for trial in self.trials if trial.comparison_people is None]
        self.harms = [harms(trial) for trial in self.trials]
        self.left_out = self._left_out(filterset) if "design" in filterset.chosen and not self.problems else []
        others = OtherStudy.objects.public().comparable() if self.is_pooled and self._is_enough else ()
        self.others = [self._other(study) for study in others]
        self._draw()

    @property
    def may_pool(self) -> bool:
        """Whether the studies can be pooled, with and without others: those of the list are never pooled alone."""
        return self._is_enough and bool(self.others)

    @property
    def _is_enough(self) -> bool:
        return len([row for row in self.rows if row.effect]) >= LEAST_TO_POOL and not self.is_cut

    @property
    def why_not_pooled(self) -> str:
        """Why nothing is pooled though it was asked for, or ""."""
        if not self.is_pooled or self.may_pool or self.problems:
            return ""
        if self.is_cut:
            return f"The studies are not combined, because more than {MOST_STUDIES} match. Add a filter."
        if self._is_enough:
            return (
                "The studies are not combined: we know of no randomised trial that is not on the list to add to them, "
                "and those of the list alone are not the result of a search."
            )
        number = len([row for row in self.rows if row.effect])
        found = f"only {number}" if number else "none"
        return (
            f"The studies are not combined: {found} of them {'has' if number < 2 else 'have'} a risk ratio. "
            f"Fewer than {LEAST_TO_POOL} say little about how much the results differ between studies."
        )

    @property
    def pooled(self) -> list[Pooled]:
        """The studies of the list alone, and together with the others that we know."""
        if not self.is_pooled or not self.may_pool:
            return []
        listed, others = ([row.counts for row in rows] for rows in (self.rows, self.others))
        more = f"With {len(others)} randomised {_plural(len(others), 'trial')} not on the list, not checked by us"
        short = f"With {len(others)} not on the list"
        sets = [("Studies on the list alone", "On the list alone", listed)]
        sets.append((more, short, [*listed, *others]))
        return [
            Pooled(heading, short, len(counts), mantel_haenszel(counts), random_effects(counts))
            for heading, short, counts in sets
        ]

    @property
    def people(self) -> int:
        return sum(row.counts.n1 + row.counts.n2 for row in self.rows)

    @property
    def description(self) -> str:
        """What the rows are, such as: Deaths were counted in both groups in 5 studies with 146 people."""
        number, undated = len(self.rows), sum(not row.says_day for row in self.rows)
        if not number:
            return "None of these studies reports deaths in both a group given cells and a comparison group."
        days = f"; in {undated} of them, the day is not stated" if undated else ""
        studies = f"{number} {_plural(number, 'study')} with {self.people} people"
        return f"Deaths were counted in both groups in {studies}{days}."

    @property
    def left_out_sentence(self) -> str:
        number = len(self.left_out)
        if not number:
            return ""
        names = ", ".join(self.left_out)
        return (
            f"Your choice of design leaves out {number} {_plural(number, 'study')} with deaths in both groups: {names}."
        )

    def _left_out(self, filterset: EvidenceFilter) -> list[str]:
        others = filterset.without("design").filter(cells_out_of__gt=0, comparison_out_of__gt=0)
        shown = {trial.pk for trial in self.trials}
        return [trial.short_name for trial in others.sorted_by("author")[:MOST_STUDIES] if trial.pk not in shown]

    def _other(self, study: OtherStudy) -> Row:
        counts: Any = (study.cells_deaths, study.cells_out_of, study.comparison_deaths, study.comparison_out_of)
        return Row(
            name=study.name,
            address=study.get_absolute_url(),
            design=study.get_design_display(),
            counts=Counts(*counts),
            when=study.counted_at,
            of_whom="",
            is_listed=False,
        )

    def _single(self, trial: Trial) -> Single:
        deaths = main_counts(trial, v.Outcome.DEATH)
        if not trial.cells_out_of or trial.cells_deaths is None:
            return Single(trial, "", "", "")
        counted = f"{trial.cells_deaths} of {trial.cells_out_of}"
        return Single(trial, counted, in_100(risk(trial.cells_deaths, trial.cells_out_of)), when_counted(deaths))

    def _draw(self) -> None:
        """Give each row the side of its square. All squares of a picture share one scale."""
        drawn = [row for row in (*self.rows, *self.others) if row.effect]
        for row, side in zip(drawn, forest.sides([row.effect.variance for row in drawn]), strict=True):
            row.side = side

    # --- The picture

    @property
    def picture(self) -> dict[str, Any]:
        """The rows of the picture with the place of each, the ticks and the height."""
        y, lines = 0, []
        for heading, rows in (("", self.rows), ("Not on the list, not checked by us", self.others)):
            if heading and rows:
                lines.append({"y": y, "heading": heading})
                y += forest.HEADING
            for row in rows:
                lines.append({"y": y, "row": row})
                y += forest.ROW
        for pooled in self.pooled:
            lines.append({"y": y, "heading": pooled.short_heading})
            y += forest.HEADING
            for name, words, bar in pooled.bars:
                lines.append({"y": y, "pooled": name, "words": words, "bar": bar})
                y += forest.ROW
        ticks = [(forest.position(tick), f"{tick:g}") for tick in forest.TICKS]
        middle = forest.position(1.0)
        below = wrap(legend([row.bias[0] for row in self.rows if row.bias]), LEGEND)
        notes = [(forest.AXIS + forest.NOTE * number, text) for number, text in enumerate(below)]
        height = y + forest.AXIS + forest.NOTE * len(notes)
        return {"lines": lines, "axis": y, "height": height, "ticks": ticks, "middle": middle, "notes": notes}


def row_of(trial: Trial) -> Row | None:
    """Return the row of a study that was fetched with its rows; None without deaths counted in both groups."""
    counts: Any = (trial.cells_deaths, trial.cells_out_of, trial.comparison_deaths, trial.comparison_out_of)
    if trial.comparison_people is None or None in counts:
        return None
    deaths = main_counts(trial, v.Outcome.DEATH)
    return Row(
        name=trial.short_name,
        address=trial.get_absolute_url(),
        design=trial.get_design_display(),
        counts=Counts(*counts),
        when=when_counted(deaths),
        of_whom=of_whom(trial),
        says_day=all(count.days is not None for count in deaths),
        bias=overall_bias(trial),
    )


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


def harms(trial: Trial) -> Harms:
    found = Harms(trial)
    for count in trial.counts.all():
        if count.outcome == v.Outcome.SERIOUS_ADVERSE_EVENT:
            group = str(count.arm) if count.arm else "All groups given cells"
            share = in_100(risk(count.events, count.total))
            found.rows.append(
                Harm(group, f"{count.events} of {count.total}", share, count.when, count.note, count.per_100)
            )
    return found


def _on_this_page(address: str, is_pooled: bool) -> str:
    """Return the address of this page with the parameters of an address of the list."""
    pairs = parse_qsl(urlsplit(address).query) + [("pool", "yes")] * is_pooled
    return f"{reverse('trials:evidence')}{'?' * bool(pairs)}{urlencode(pairs)}"


def _plural(number: int, noun: str) -> str:
    return noun if number == 1 else {"study": "studies"}.get(noun, f"{noun}s")


def csv_rows(deaths: Deaths) -> Sequence[Sequence[Any]]:
    """Return the header and one row a study, with the columns as metafor reads them."""
    header = ("study", "listed", "design", "ai", "n1i", "ci", "n2i", "counted_when", "counted_of")
    rows = [
        (row.name, "yes" if row.is_listed else "no", row.design, *vars(row.counts).values(), row.when, row.of_whom)
        for row in (*deaths.rows, *deaths.others)
    ]
    return [header, *rows]
