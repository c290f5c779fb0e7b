"""Where a value was read, and why another one is missing."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models

from trials import vocabulary as v
from trials.models.arm import Arm, OutcomeCount
from trials.models.fields import row_id
from trials.models.registration import Registration
from trials.models.trial import WORKED_OUT, Trial
from trials.models.typed import Typed

# The fields of a study that hold a value of the study, as opposed to our own record of it.
NOT_A_VALUE = {
    "id",
    "slug",
    "status",
    "authors_complete",
    "plain_summary",
    "last_reviewed",
    "review_due",
    "updated",
    "titled_design",
    "titled_masking",
    "titled_phase",
    *WORKED_OUT,
}
# The rows that a source or a blank can name: arm-1, count-2.events …
NAMED_ROWS: dict[str, type[models.Model]] = {"arm": Arm, "count": OutcomeCount, "registration": Registration}
_ROW = re.compile(rf"^({'|'.join(NAMED_ROWS)})-([1-9][0-9]?)(?:\.([a-z_]+))?$")
# The tissue is kept group by group but read, shown and sourced once for the study.
EXTRA_VALUES = ("cell_source",)


def value_names() -> list[str]:
    """The names a source or a blank can stand for on the study itself, in the order of the form."""
    fields = [*Trial._meta.get_fields()]
    own = [f.name for f in fields if f.concrete and f.name not in NOT_A_VALUE]
    return [*own, *EXTRA_VALUES]


def validate_value_name(name: str) -> None:
    """A field of the study (dose), a row (arm-1, count-2, registration-1) or a field of a row (arm-1.analysed)."""
    match = _ROW.match(name)
    if match:
        kind, _, field = match.groups()
        if field is None or field in {f.name for f in NAMED_ROWS[kind]._meta.fields} - {"id", "trial", "position"}:
            return
    elif name in value_names():
        return
    raise ValidationError(
        f"“{name}” is not a value of a study. Write a field such as dose, a row such as arm-1, count-2 or "
        "registration-1, or a field of a row such as arm-1.analysed."
    )


class SourceManager(models.Manager["Source"]):
    def get_by_natural_key(self, slug: str, position: int) -> "Source":
        return self.get(trial__slug=slug, position=position)


class Source(Typed):
    id = row_id()
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="sources")
    position = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    value = models.CharField(
        max_length=60,
        validators=[validate_value_name],
        help_text="Which value this is the source of: dose, arm-1, count-2, registration-1, arm-1.analysed …",
    )
    label = models.CharField(max_length=200, help_text="What the reader sees, such as: Abstract of the paper.")
    kind = models.CharField(max_length=9, choices=v.SourceKind.choices)
    address = models.URLField(
        max_length=600,
        help_text="Where it can be read. For a copy of the paper on another site, the DOI link of the paper.",
    )
    read_in_copy = models.BooleanField(
        default=False, help_text="Tick if it was read in a copy on another site, not at this address."
    )
    quote = models.TextField(blank=True, help_text=f"Word for word, at most {v.QUOTE_WORDS} words.")
    basis = models.CharField("how it was read", max_length=11, choices=v.Basis.choices, default=v.Basis.QUOTED)
    confidence = models.PositiveSmallIntegerField(choices=v.Confidence.choices, default=v.Confidence.HIGH)
    checked_twice = models.BooleanField(
        default=False, help_text="Tick if a second person read it independently and found the same."
    )
    note = models.TextField(
        blank=True, help_text="The sum for a value worked out; the reason for one inferred; both readings if disputed."
    )

    objects = SourceManager()

    class Meta:
        ordering = ["trial", "position"]
        constraints = [
            models.UniqueConstraint(fields=["trial", "position"], name="trials_source_position_once"),
            models.CheckConstraint(condition=models.Q(kind__in=v.SourceKind.values), name="trials_source_kind_known"),
            models.CheckConstraint(condition=models.Q(basis__in=v.Basis.values), name="trials_source_basis_known"),
            models.CheckConstraint(
                condition=models.Q(confidence__in=v.Confidence.values), name="trials_source_confidence_known"
            ),
            models.CheckConstraint(
                condition=models.Q(basis__in=[v.Basis.QUOTED, v.Basis.TRANSCRIBED, v.Basis.STATED])
                | ~models.Q(note=""),
                name="trials_source_reading_explained",
                violation_error_message="Say in the note how it was worked out or inferred, or what both readings are.",
            ),
            models.CheckConstraint(
                condition=~models.Q(basis=v.Basis.QUOTED) | ~models.Q(quote=""),
                name="trials_source_quoted_has_quote",
                violation_error_message="A value that is quoted needs its quote.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value}: {self.label}"

    def natural_key(self) -> tuple[str, int]:
        return (self.trial.slug, self.position)

    natural_key.dependencies = ["trials.trial"]  # type: ignore[attr-defined]

    def clean(self) -> None:
        words = len(self.quote.split())
        if words > v.QUOTE_WORDS:
            raise ValidationError({"quote": f"The quote has {words} words. At most {v.QUOTE_WORDS} are allowed."})

    @property
    def is_less_than_sure(self) -> bool:
        return self.confidence < v.Confidence.HIGH

    @property
    def is_probable(self) -> bool:
        """True where the value must be shown with "probably" and its reason."""
        return self.basis == v.Basis.INFERRED or self.is_less_than_sure


class BlankManager(models.Manager["Blank"]):
    def get_by_natural_key(self, slug: str, value: str) -> "Blank":
        return self.get(trial__slug=slug, value=value)


class Blank(Typed):
    """Why a value is empty. Without one, an empty value reads "not yet checked"."""

    id = row_id()
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="blanks")
    value = models.CharField(max_length=60, validators=[validate_value_name], help_text="Which value is empty.")
    reason = models.CharField(max_length=14, choices=v.BlankReason.choices)
    note = models.CharField(max_length=300, blank=True, help_text="Where we looked, or why it does not apply.")

    objects = BlankManager()

    class Meta:
        ordering = ["trial", "value"]
        verbose_name = "reason for a blank"
        verbose_name_plural = "reasons for blanks"
        constraints = [
            models.UniqueConstraint(
                fields=["trial", "value"],
                name="trials_blank_value_once",
                violation_error_message="This value has a reason already.",
            ),
            models.CheckConstraint(
                condition=models.Q(reason__in=v.BlankReason.values), name="trials_blank_reason_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.value}: {self.get_reason_display()}"

    def natural_key(self) -> tuple[str, str]:
        return (self.trial.slug, self.value)

    natural_key.dependencies = ["trials.trial"]  # type: ignore[attr-defined]

    def clean(self) -> None:
        # What is in other tables shows only once all of it is saved: see trials.actions.check_rows.
        if self.trial_id and self.value in value_names() and self.value not in (*EXTRA_VALUES, "countries"):
            held = getattr(self.trial, self.value)
            if held not in ("", None, []):
                raise ValidationError({"value": f"{self.value} is not empty: it holds “{held}”."})
