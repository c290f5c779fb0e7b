"""A group of people in a study, and a count of what happened to them."""

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from trials import vocabulary as v
from trials.models.fields import row_id
from trials.models.trial import Trial
from trials.models.typed import Typed


class ArmManager(models.Manager["Arm"]):
    def get_by_natural_key(self, slug: str, position: int) -> "Arm":
        return self.get(trial__slug=slug, position=position)


class Arm(Typed):
    id = row_id()
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="arms")
    position = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1)], help_text="1 for the first group of the paper, then 2, 3 and so on."
    )
    name = models.CharField(max_length=120, help_text="As the paper calls the group.")
    role = models.CharField(
        max_length=10,
        choices=v.Role.choices,
        help_text="People who were less ill than those given cells are never a comparison.",
    )
    cell_source = models.CharField("tissue of the cells", max_length=15, choices=v.CellSource.choices, blank=True)
    given = models.CharField("what was given", max_length=300, blank=True)
    randomised = models.PositiveIntegerField(
        null=True, blank=True, help_text="People put into this group at random; empty if nobody was."
    )
    analysed = models.PositiveIntegerField(null=True, blank=True, help_text="People whose results were counted.")
    note = models.CharField(max_length=300, blank=True)

    objects = ArmManager()

    class Meta:
        ordering = ["trial", "position"]
        verbose_name = "group"
        constraints = [
            models.UniqueConstraint(fields=["trial", "position"], name="trials_arm_position_once"),
            models.CheckConstraint(condition=Q(position__gte=1), name="trials_arm_position_from_one"),
            models.CheckConstraint(condition=Q(role__in=v.Role.values), name="trials_arm_role_known"),
            models.CheckConstraint(
                condition=Q(cell_source="") | Q(role=v.Role.CELLS),
                name="trials_arm_only_cells_have_source",
                violation_error_message="Only a group that was given cells has a tissue of the cells.",
            ),
            models.CheckConstraint(
                condition=Q(randomised=None) | Q(analysed=None) | Q(analysed__lte=F("randomised")),
                name="trials_arm_analysed_within_randomised",
                violation_error_message="More people cannot be analysed than were randomised.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.name}"

    def natural_key(self) -> tuple[str, int]:
        return (self.trial.slug, self.position)

    natural_key.dependencies = ["trials.trial"]  # type: ignore[attr-defined]

    @property
    def people(self) -> int | None:
        """People analysed or, where that is not known, randomised."""
        return self.randomised if self.analysed is None else self.analysed


class OutcomeCountManager(models.Manager["OutcomeCount"]):
    def get_by_natural_key(self, slug: str, position: int) -> "OutcomeCount":
        return self.get(trial__slug=slug, position=position)


class OutcomeCount(Typed):
    id = row_id()
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="counts")
    position = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    arm = models.ForeignKey(
        Arm,
        verbose_name="group",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="counts",
        help_text="Leave empty for all groups given cells together.",
    )
    outcome = models.CharField(max_length=5, choices=v.Outcome.choices)
    days = models.PositiveIntegerField(
        "day", null=True, blank=True, help_text="Counted up to this day. Leave empty if the time point is not stated."
    )
    time_point = models.CharField(
        max_length=120, blank=True, help_text="In words, such as: in hospital. Empty reads “time point not stated”."
    )
    events = models.PositiveIntegerField("people with the event", help_text="People, not events.")
    total = models.PositiveIntegerField("out of", validators=[MinValueValidator(1)])
    headline = models.BooleanField(
        "main count",
        default=False,
        help_text="The one count of this outcome that lists and totals use for this group.",
    )
    note = models.CharField(max_length=400, blank=True)

    objects = OutcomeCountManager()

    class Meta:
        ordering = ["trial", "position"]
        verbose_name = "count"
        constraints = [
            models.UniqueConstraint(fields=["trial", "position"], name="trials_outcomecount_position_once"),
            models.UniqueConstraint(
                fields=["arm", "outcome"],
                condition=Q(headline=True, arm__isnull=False),
                name="trials_outcomecount_one_main_per_arm",
                violation_error_message="This group has a main count of this outcome already.",
            ),
            models.UniqueConstraint(
                fields=["trial", "outcome"],
                condition=Q(headline=True, arm__isnull=True),
                name="trials_outcomecount_one_main_for_all",
                violation_error_message="There is a main count of this outcome for all groups together already.",
            ),
            models.CheckConstraint(condition=Q(outcome__in=v.Outcome.values), name="trials_outcomecount_outcome_known"),
            models.CheckConstraint(
                condition=Q(events__lte=F("total")),
                name="trials_outcomecount_events_within_total",
                violation_error_message="There cannot be more people with the event than people in all.",
            ),
            models.CheckConstraint(condition=Q(total__gte=1), name="trials_outcomecount_total_not_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.events} of {self.total}"

    def natural_key(self) -> tuple[str, int]:
        return (self.trial.slug, self.position)

    natural_key.dependencies = ["trials.trial"]  # type: ignore[attr-defined]

    def clean(self) -> None:
        if self.arm and self.trial_id and self.arm.trial_id != self.trial_id:
            raise ValidationError({"arm": f"“{self.arm.name}” is a group of another study."})
        if self.arm and self.total is not None:
            most = self.arm.people if self.arm.randomised is None else self.arm.randomised
            if most is not None and self.total > most:
                raise ValidationError({"total": f"{self.total} is more than the {most} people in this group."})

    @property
    def per_100(self) -> int:
        """People with the event per 100 people, to the nearest whole number."""
        return (200 * self.events + self.total) // (2 * self.total)

    @property
    def when(self) -> str:
        if self.time_point:
            return self.time_point
        return f"by day {self.days}" if self.days is not None else "time point not stated"
