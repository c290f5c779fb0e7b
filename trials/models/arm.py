"""A group of people in a study."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from trials import vocabulary as v
from trials.models.constraints import check, in_vocabulary
from trials.models.fields import MOST_PEOPLE
from trials.models.record import OrderedRow
from trials.models.trial import Trial

MAXIMUM = MaxValueValidator(MOST_PEOPLE)
ROLE_HELP = "People who were less ill than those given cells are never a comparison."
RANDOMISED_HELP = "People assigned to this group at random. Leave empty if people were not assigned at random."
ANALYSED_HELP = "People whose results were counted."


class Arm(OrderedRow):
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="arms")
    name = models.CharField(max_length=120, help_text="As the paper calls the group.")
    role = models.CharField(max_length=10, choices=v.Role.choices, help_text=ROLE_HELP)
    cell_source = models.CharField("tissue of the cells", max_length=15, choices=v.CellSource.choices, blank=True)
    given = models.CharField("what was given", max_length=300, blank=True)
    randomised = models.PositiveIntegerField(null=True, blank=True, validators=[MAXIMUM], help_text=RANDOMISED_HELP)
    analysed = models.PositiveIntegerField(null=True, blank=True, validators=[MAXIMUM], help_text=ANALYSED_HELP)
    note = models.CharField(max_length=300, blank=True)

    class Meta(OrderedRow.Meta):
        verbose_name = "group"
        constraints = [
            *OrderedRow.Meta.constraints,
            in_vocabulary("role", v.Role),
            check("only_cells_have_source", Q(cell_source="") | Q(role=v.Role.CELLS)),
            check(
                "analysed_within_randomised", Q(randomised=None) | Q(analysed=None) | Q(analysed__lte=F("randomised"))
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        errors: dict[str, Any] = {}
        if self.cell_source and self.role != v.Role.CELLS:
            errors["cell_source"] = "Only a group that was given cells has a tissue of the cells."
        if self.randomised is not None and self.analysed is not None and self.analysed > self.randomised:
            errors["analysed"] = f"{self.analysed} people cannot be analysed when {self.randomised} were randomised."
        if errors:
            raise ValidationError(errors)

    @property
    def people(self) -> int | None:
        """People analysed or, where that is not known, randomised."""
        return self.randomised if self.analysed is None else self.analysed
