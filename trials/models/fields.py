"""Field types and validators that several models share."""

import datetime
import re
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.lookups import In

from trials import identifiers

FIRST_YEAR, LAST_YEAR = 1900, 2100  # of any date in a record
_PARTIAL_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


@models.IntegerField.register_lookup
class IntegerIn(In):
    """`in` for whole numbers: what no column can hold is found nowhere, as Django's own `exact` has it.

    Its own `in` hands such a number to the database, which fails. Lists with ticks and forms with choices ask so.
    """

    def process_rhs(self, compiler: Any, connection: Any) -> Any:
        if self.rhs_is_direct_value():
            least, most = connection.ops.integer_field_range(self.lhs.output_field.get_internal_type())
            self.rhs = [value for value in self.rhs if not isinstance(value, int) or least <= value <= most]
        return super().process_rhs(compiler, connection)


def validate_partial_date(value: str) -> None:
    """A year, a month or a day, as registries and journals give them: 2021, 2021-06 or 2021-06-08 (ISO 8601)."""
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


def _refuse(wrong: str) -> None:
    if wrong:
        raise ValidationError(wrong)


def validate_doi(value: str) -> None:
    _refuse(identifiers.wrong_doi(value))


def validate_pmid(value: str) -> None:
    _refuse(identifiers.wrong_pmid(value))


def validate_pmcid(value: str) -> None:
    _refuse(identifiers.wrong_pmcid(value))


class PartialDateField(models.CharField):
    """A date that may stop at the year or the month. Never filled up with a day that nobody reported."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = 10
        super().__init__(*args, **kwargs)
        self.validators = [*self.validators, validate_partial_date]

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, kwargs


def show_partial_date(value: str) -> str:
    """2021-06-08 -> 8 June 2021; 2021-06 -> June 2021; 2021 -> 2021; empty -> empty."""
    if not value:
        return ""
    parts = [int(part) for part in value.split("-")]
    if len(parts) == 1:
        return str(parts[0])
    date = datetime.date(parts[0], parts[1], parts[2] if len(parts) == 3 else 1)
    month = f"{date:%B} {date.year}"
    return f"{date.day} {month}" if len(parts) == 3 else month


def row_id() -> models.UUIDField:
    """The key of a row of a study. Made here, not by the database, so that a row of a draft which is in no table yet
    (see trials.history) has the key that it will keep."""
    return models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)


class CodeListField(models.JSONField):
    """A short list of codes from one vocabulary, kept in the vocabulary's order, without repeats."""

    def __init__(self, *args: Any, vocabulary: type[models.TextChoices] | None = None, **kwargs: Any) -> None:
        self.vocabulary = vocabulary
        kwargs.setdefault("default", list)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        known = list(self.vocabulary.values) if self.vocabulary else []
        if not isinstance(value, list) or value != [code for code in known if code in value]:
            raise ValidationError(f"“{value}” is not a list of {', '.join(known)}, in that order.")

    def formfield(self, **kwargs: Any) -> Any:
        return forms.MultipleChoiceField(
            choices=self.vocabulary.choices if self.vocabulary else [],
            required=False,
            widget=forms.CheckboxSelectMultiple,
            label=kwargs.get("label", self.verbose_name.capitalize()),
            help_text=self.help_text,
        )
