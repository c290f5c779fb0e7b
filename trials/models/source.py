"""The documents in which values were read, the citations of values (by path, see `values`), and reasons for blanks."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from trials import vocabulary as v
from trials.models.constraints import check, in_vocabulary, unique
from trials.models.record import OrderedRow, Row
from trials.models.trial import Trial
from trials.models.values import LONGEST_PATH, validate_path

MOST_QUOTED_WORDS = 25
CHECKED_TWICE_HELP = "Tick if it was looked up a second time, without reference to the first reading, and both agree."
EXPLAINED = (v.Basis.DERIVED, v.Basis.INFERRED, v.Basis.DISPUTED)  # readings that need a note


class Source(OrderedRow):
    """A document in which values of a study were read."""

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="sources")
    label = models.CharField(max_length=200, help_text="What the reader sees, such as: Abstract of the paper.")
    kind = models.CharField(max_length=9, choices=v.SourceKind.choices)
    address = models.URLField(max_length=600, help_text="For a copy on another site, the DOI link of the paper.")
    read_in_copy = models.BooleanField(default=False, help_text="Tick if it was read in a copy on another site.")

    class Meta(OrderedRow.Meta):
        constraints = [*OrderedRow.Meta.constraints, in_vocabulary("kind", v.SourceKind)]

    def __str__(self) -> str:
        return self.label


class Citation(Row):
    """Which value was read in which source, how, and with what words."""

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="citations")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="citations")
    value = models.CharField(max_length=LONGEST_PATH, validators=[validate_path])
    quote = models.TextField(blank=True, help_text=f"Word for word, at most {MOST_QUOTED_WORDS} words.")
    basis = models.CharField("how it was read", max_length=11, choices=v.Basis.choices, default=v.Basis.QUOTED)
    confidence = models.PositiveSmallIntegerField(choices=v.Confidence.choices, default=v.Confidence.HIGH)
    checked_twice = models.BooleanField(default=False, help_text=CHECKED_TWICE_HELP)
    note = models.TextField(blank=True, help_text="How it was worked out or inferred; both readings if disputed.")

    class Meta(Row.Meta):
        ordering = ["trial", "pk"]
        constraints = [
            *Row.Meta.constraints,
            in_vocabulary("basis", v.Basis),
            in_vocabulary("confidence", v.Confidence),
            check("reading_explained", ~Q(basis__in=EXPLAINED) | ~Q(note="")),
            check("quoted_has_quote", ~Q(basis=v.Basis.QUOTED) | ~Q(quote="")),
        ]

    def __str__(self) -> str:
        return f"{self.value}: {self.source}"

    def clean(self) -> None:
        super().clean()
        errors: dict[str, Any] = {}
        words = len(self.quote.split())
        if words > MOST_QUOTED_WORDS:
            errors["quote"] = f"The quote has {words} words. At most {MOST_QUOTED_WORDS} are allowed."
        if self.basis == v.Basis.QUOTED and not self.quote:
            errors["quote"] = "A value that is quoted needs its quote."
        if self.basis in EXPLAINED and not self.note:
            errors["note"] = "Say how it was worked out or inferred, or what both readings are."
        if errors:
            raise ValidationError(errors)

    @property
    def is_probable(self) -> bool:
        """Whether the value is shown with "probably" and its reason."""
        return self.basis == v.Basis.INFERRED or self.confidence < v.Confidence.HIGH


class Blank(Row):
    """Why a value is empty. Without one, an empty value reads "not yet checked"."""

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="blanks")
    value = models.CharField(max_length=LONGEST_PATH, validators=[validate_path])
    reason = models.CharField(max_length=14, choices=v.BlankReason.choices)
    note = models.CharField(max_length=300, blank=True, help_text="Where we looked, or why it does not apply.")

    class Meta(Row.Meta):
        ordering = ["trial", "pk"]
        verbose_name = "reason for a blank"
        verbose_name_plural = "reasons for blanks"
        constraints = [
            *Row.Meta.constraints,
            unique("value_once", "trial", "value"),
            in_vocabulary("reason", v.BlankReason),
        ]

    def __str__(self) -> str:
        return f"{self.value}: {self.get_reason_display()}"
