"""A country, under the name the site shows, with the other names people type into the search box."""

from django.core.validators import RegexValidator
from django.db import models

from trials.models.typed import Typed


class CountryManager(models.Manager["Country"]):
    def get_by_natural_key(self, code: str) -> "Country":
        return self.get(code=code)

    def names(self) -> dict[str, str]:
        """code -> name, in the order of the names."""
        return dict(self.values_list("code", "name"))


class Country(Typed):
    code = models.CharField(
        max_length=2,
        unique=True,
        validators=[RegexValidator(r"^[A-Z]{2}$", "Write the two capital letters of ISO 3166-1, such as TR.")],
        help_text="The two letters of ISO 3166-1. They stand in the address of a filtered list.",
    )
    name = models.CharField(max_length=80, unique=True, help_text="As the site shows it.")
    other_names = models.CharField(
        max_length=200, blank=True, help_text="Other names a reader may search for, with commas between them."
    )

    objects = CountryManager()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "countries"
        constraints = [
            models.CheckConstraint(condition=models.Q(code__regex=r"^[A-Z]{2}$"), name="trials_country_code_iso"),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.code,)
