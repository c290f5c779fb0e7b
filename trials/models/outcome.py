"""A count of what happened to the people of a group."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from trials import vocabulary as v
from trials.models.arm import Arm
from trials.models.constraints import check, in_vocabulary, unique
from trials.models.fields import MOST_PEOPLE
from trials.models.record import OrderedRow
from trials.models.trial import Trial


def per_100(events: int, total: int) -> int:
    """Return how many of 100 people that is, to the nearest whole number; a half is rounded up."""
    return (200 * events + total) // (2 * total)


class OutcomeCount(OrderedRow):
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="counts")
    arm = models.ForeignKey(Arm, models.CASCADE, "counts", verbose_name="group", null=True, blank=True)
    outcome = models.CharField(max_length=5, choices=v.Outcome.choices)
    days = models.PositiveIntegerField("day", null=True, blank=True, help_text="Up to this day. Empty if not stated.")
    time_point = models.CharField(max_length=120, blank=True, help_text="In words, such as: in hospital.")
    events = models.PositiveIntegerField("people with the event", help_text="People, not events.")
    total = models.PositiveIntegerField("out of", validators=[MinValueValidator(1), MaxValueValidator(MOST_PEOPLE)])
    headline = models.BooleanField("main count", default=False, help_text="The one that lists and totals use.")
    note = models.CharField(max_length=400, blank=True)

    class Meta(OrderedRow.Meta):
        verbose_name = "count"
        constraints = [
            *OrderedRow.Meta.constraints,
            unique("one_main_per_arm", "arm", "outcome", where=Q(headline=True, arm__isnull=False)),
            unique("one_main_for_all", "trial", "outcome", where=Q(headline=True, arm__isnull=True)),
            in_vocabulary("outcome", v.Outcome),
            check("events_within_total", Q(events__lte=F("total"))),
            check("total_not_zero", Q(total__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.events} of {self.total}"

    def clean(self) -> None:
        super().clean()
        errors: dict[str, Any] = {}
        if None not in (self.events, self.total) and self.events > self.total:
            errors["events"] = f"There cannot be {self.events} people with the event among {self.total} people."
        if self.arm and self.total is not None:
            most = self.arm.people if self.arm.randomised is None else self.arm.randomised
            if most is not None and self.total > most:
                errors["total"] = f"{self.total} is more than the {most} people in this group."
        if errors:
            raise ValidationError(errors)

    @property
    def per_100(self) -> int:
        """People with the event per 100 people, to the nearest whole number."""
        return per_100(self.events, self.total)

    @property
    def when(self) -> str:
        if self.time_point:
            return self.time_point
        return f"by day {self.days}" if self.days is not None else "day not stated"

    @property
    def group(self) -> str:
        return self.arm.name if self.arm else "All groups given cells"
