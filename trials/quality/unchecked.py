"""How many values of a study nobody has checked yet, counted by the database, so that the fullest can be found.

The same number as `StudyPage.not_checked_count` gives for one study: values that the study page shows as “not yet
checked”, because they are empty and no reason but that one is given.
"""

from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When
from django.db.models.functions import Cast

from trials import vocabulary as v
from trials.models import Arm, Blank, Country, Trial
from trials.models.trial import TrialQuerySet
from trials.presenters import page
from trials.presenters.facts import SHOWN_UNDER

# Values of which the page shows two in one: it is empty when both are.
TOGETHER = {
    "cause": ("cause", "cause_wording"),
    "centres": ("centres", "centres_note"),
    "recruitment": ("recruitment_start", "recruitment_end"),
}


def shown_values() -> list[str]:
    """The values of a study page that are never without words: a value, or the reason for its blank."""
    groups = [name for _, names in page.FACT_GROUPS for name in names]
    cited = [name for name in page.CITATION if name != "acronym"]
    found = (*page.WHAT_WAS_FOUND, *page.SAFETY, *page.OUR_READING, *page.MONEY)
    return [*groups, "design", "masking", "phase", *cited, *found]


def _is_empty(name: str) -> Q:
    if name == "countries":
        return Q(~Exists(Country.trials.through.objects.filter(trial=OuterRef("pk"))))
    if name == "cell_source":
        return Q(~Exists(Arm.objects.filter(trial=OuterRef("pk")).exclude(cell_source="")), cell_source_wording="")
    empty = Q()
    for part in TOGETHER.get(name, (name,)):
        field = Trial._meta.get_field(part)
        empty &= Q(**{f"{part}__isnull": True}) if field.null else Q(**{part: ""})
    return empty


def with_unchecked(studies: TrialQuerySet) -> Any:
    """The studies with `unchecked`, the number of values that read “not yet checked”."""
    total: Any = Cast(Value(0), IntegerField())
    for name in shown_values():
        names = {part for part, shown in SHOWN_UNDER.items() if shown == name}
        names |= set() if name == "recruitment" else {name}
        settled = Blank.objects.filter(trial=OuterRef("pk"), value__in=sorted(names)).exclude(
            reason=v.BlankReason.NOT_CHECKED
        )
        total = total + Case(When(_is_empty(name) & Q(~Exists(settled)), then=1), default=0)
    return studies.annotate(unchecked=total)
