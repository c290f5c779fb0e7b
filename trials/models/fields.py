"""Field types and validators that several models share."""

import calendar
import contextlib
import datetime
import re
import secrets
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

FIRST_YEAR, LAST_YEAR = 1900, 2100  # of any date in a record
MOST_PEOPLE = 1_000_000  # in one group, so that the sums of a study fit into their columns
_PARTIAL_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


def new_key() -> str:
    """Return a random key for a new row, such as 3f9c01ab."""
    return secrets.token_hex(4)


def validate_partial_date(value: str) -> None:
    """Accept a year, a month or a day in ISO 8601: 2021, 2021-06 or 2021-06-08."""
    message = f"“{value}” is not a date. Write 2021, 2021-06 or 2021-06-08."
    if not _PARTIAL_DATE.fullmatch(value):
        raise ValidationError(message)
    year, month, day = ([int(part) for part in value.split("-")] + [1, 1])[:3]
    try:
        datetime.date(year, month, day)
    except ValueError as error:
        raise ValidationError(message) from error
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValidationError(f"{year} is not a year from {FIRST_YEAR} to {LAST_YEAR}.")


# What people write and paste for a day or a month: 8 June 2021, 8 Jun 2021, June 2021, PubMed's 2021 Jun 8, 08/06/2021.
_DAYS = ("%d %B %Y", "%d %b %Y", "%Y %b %d", "%d/%m/%Y")
_MONTHS = ("%B %Y", "%b %Y", "%Y %b", "%Y %B")


def tidy_partial_date(text: str) -> str:
    """Return 2021-06-08 for 8 June 2021, and 2021-06 for June 2021; any other text as it is."""
    for formats, written in ((_DAYS, "%Y-%m-%d"), (_MONTHS, "%Y-%m")):
        for each in formats:
            with contextlib.suppress(ValueError):
                return datetime.datetime.strptime(text.strip(), each).strftime(written)
    return text


class PartialDateFormField(forms.CharField):
    def to_python(self, value: Any) -> str:
        return tidy_partial_date(str(super().to_python(value)))


class PartialDateField(models.CharField):
    """A date that may end at the year or the month. A day that was not reported is never added."""

    default_validators = [validate_partial_date]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"max_length": 10})

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": PartialDateFormField, **kwargs})


def show_partial_date(value: str) -> str:
    """Return 8 June 2021 for 2021-06-08, June 2021 for 2021-06; any other text, such as 2021, as it is."""
    try:
        validate_partial_date(value)
    except ValidationError:
        return value
    year, *rest = value.split("-")
    words = [str(int(rest[1]))] if len(rest) == 2 else []
    return " ".join([*words, *(calendar.month_name[int(month)] for month in rest[:1]), year])


def split_codes(text: str) -> list[str]:
    """Return the codes in a text such as `,FR,ID,`."""
    return text[1:-1].split(",") if text else []


def join_codes(codes: list[str]) -> str:
    """Return the codes with a comma before and after each, so that a search for `,FR,` finds France alone."""
    return f",{','.join(codes)}," if codes else ""


class CodeListField(models.TextField):
    """A list of codes from one vocabulary, in the order of the vocabulary and without repeats.

    The column holds `,FR,ID,`, so that `contains=",FR,"` finds a code on every database.
    """

    def __init__(self, *args: Any, choices_from: Any = (), **kwargs: Any) -> None:
        self.choices_from = list(choices_from)  # (code, label)
        super().__init__(*args, **{"default": list, "blank": True, **kwargs})

    def from_db_value(self, value: str, expression: Any, connection: Any) -> list[str]:
        return split_codes(value)

    def to_python(self, value: Any) -> Any:
        return split_codes(value) if isinstance(value, str) else list(value or [])

    def get_prep_value(self, value: Any) -> Any:
        return value if isinstance(value, str) or value is None else join_codes(list(value))

    def value_to_string(self, obj: models.Model) -> str:
        return join_codes(getattr(obj, self.attname))

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        known = [code for code, _ in self.choices_from]
        if unknown := [code for code in value if code not in known]:
            raise ValidationError(f"“{', '.join(unknown)}” is not in the list.")
        if value != [code for code in known if code in value]:
            raise ValidationError(f"“{', '.join(value)}” is not in the order of the list, or has a code twice.")

    def formfield(self, **kwargs: Any) -> Any:
        return forms.MultipleChoiceField(
            choices=self.choices_from,
            required=False,
            widget=kwargs.get("widget") or forms.CheckboxSelectMultiple,
            label=kwargs.get("label", self.verbose_name.capitalize()),
            help_text=self.help_text,
        )
