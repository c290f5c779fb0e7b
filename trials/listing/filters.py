"""The one FilterSet behind the list, its counts and its errors.

Several values of one filter are "or", different filters are "and". Every filter says by itself which studies it wants,
so that the counts beside a filter can be taken with all the *other* filters applied. An unknown value is an error and
shows no studies: django-filter's own `.qs` would quietly return every one of them.
"""

from collections.abc import Collection, Set
from functools import cache, cached_property
from typing import Any, NoReturn

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.http import QueryDict

from trials import vocabulary as v
from trials.digest import split
from trials.models import Country, Trial
from trials.models.fields import FIRST_YEAR, LAST_YEAR

QUERY_LENGTH = 200  # characters of a search
LISTED = 10  # codes in a message; the longest vocabulary of ours has nine

SORTS = {
    "newest": "Newest",
    "oldest": "Oldest",
    "largest": "Largest",
    "author": "First author",
}
VIEWS = {"list": "List", "table": "Table"}


def shown(value: object) -> str:
    """A value from the address, short enough to repeat in a message."""
    text = str(value).replace("\x00", "␀")
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"


class NumberField(forms.Field):
    """A whole number between two bounds; the message repeats what was given."""

    def __init__(self, *, least: int, most: int, **kwargs: Any) -> None:
        self.least, self.most = least, most
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values or not str(value).strip():
            return None
        text = str(value).strip()
        # Not int() alone: it takes "1_000", "+5" and digits of every script, and we write this value into links.
        if not (text.isascii() and text.isdigit() and len(text) <= 9 and self.least <= int(text) <= self.most):
            raise ValidationError(
                f"{shown(value)} is not a whole number from {self.least} to {self.most}.", code="invalid"
            )
        return int(text)


def codes(field: Any) -> list[str]:
    """The codes of a choice field, in order."""
    return [str(code) for code, _ in field.choices]


def listed(known: list[str]) -> str:
    """The codes that there are, or the first of them: nobody reads those of every country."""
    return ", ".join(known) if len(known) <= LISTED else f"{', '.join(known[:LISTED])} and {len(known) - LISTED} more"


class CodeListField(forms.MultipleChoiceField):
    """Several codes of one vocabulary; the message repeats what was given and says what there is."""

    def to_python(self, value: Any) -> list[str]:
        return [code for code in super().to_python(value) if code.strip()]  # `design=` asks for nothing

    def validate(self, value: list[str]) -> None:
        known = codes(self)
        for code in value:
            if code not in known:
                raise ValidationError(
                    f"{shown(code)} is not one of the values: {listed(known)}.", code="invalid_choice"
                )


class CodeField(forms.ChoiceField):
    def validate(self, value: str) -> None:
        known = codes(self)
        if value and value not in known:
            raise ValidationError(f"{shown(value)} is not one of {', '.join(known)}.", code="invalid_choice")


class QueryField(forms.CharField):
    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "")
        if len(text) > QUERY_LENGTH:
            raise ValidationError(
                f"{shown(text)} has {len(text):,} characters. At most {QUERY_LENGTH} can be searched.",
                code="max_length",
            )
        ProhibitNullCharactersValidator(message="The search holds a character that no text has (NUL).")(text)
        return text


class StudyFilter(django_filters.Filter):
    """Says which of the values that studies have in its column (`field_name`, see trials.catalogue) it wants."""

    def wanted(self, there: Collection[str], value: Any) -> Set[Any]:
        """Those of the values `there` that fit what was asked for."""
        raise NotImplementedError


class CodesFilter(StudyFilter):
    field_class = CodeListField

    def wanted(self, there: Collection[str], value: list[str]) -> Set[str]:
        return set(value)


class AnyOfSeveralFilter(CodesFilter):
    """For a column that holds several codes (see trials.digest)."""

    def wanted(self, there: Collection[str], value: list[str]) -> Set[str]:
        return {codes for codes in there if not set(value).isdisjoint(split(codes))}


class WordsFilter(django_filters.Filter):
    """Of its words, trials.catalogue knows where they are."""

    field_class = QueryField


class FirstYearFilter(StudyFilter):
    field_class = NumberField

    def wanted(self, there: Collection[str], value: int) -> Set[str]:
        return {date for date in there if date >= str(value)}


class LastYearFilter(StudyFilter):
    field_class = NumberField

    def wanted(self, there: Collection[str], value: int) -> Set[str]:
        return {date for date in there if date < str(value + 1)}


class SettingFilter(django_filters.Filter):
    """How the list is shown, not what is on it."""

    field_class: type[forms.Field] = CodeField


class PageFilter(SettingFilter):
    field_class = NumberField


class ParametersForm(forms.Form):
    """Rules between the parameters, and against giving one of the single ones twice."""

    data: QueryDict

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        country: Any = self.fields["country"]
        country.choices = list(country.choices)  # asked for once, not each time they are looked at

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, field in self.fields.items():
            values = self.data.getlist(name)
            if len(values) > 1 and not isinstance(field, CodeListField):
                self.add_error(name, f"It is given {len(values)} times. Give it once.")
        first, last = cleaned.get("year_min"), cleaned.get("year_max")
        if first and last and first > last:
            self.add_error("year_max", f"{last} is before {first}, the first year asked for.")
        return cleaned


def country_choices() -> list[tuple[str, str]]:
    return list(Country.objects.names().items())


class TrialFilter(django_filters.FilterSet):
    """Bind it to `request.GET`. `trials.listing` finds the studies, and none where it is not valid."""

    q = WordsFilter(label="Search")
    design = CodesFilter(field_name="design", label="Study design", choices=v.Design.choices)
    masking = CodesFilter(
        field_name="masking", label="Masking: who did not know the treatment", choices=v.Masking.choices
    )
    cause = CodesFilter(field_name="cause", label="Cause of ARDS", choices=v.Cause.choices)
    cells = AnyOfSeveralFilter(field_name="cell_sources", label="Cells from", choices=v.CellSource.choices)
    country = AnyOfSeveralFilter(field_name="country_codes", label="Country", choices=country_choices)
    phase = CodesFilter(field_name="phase", label="Phase", choices=v.Phase.choices)
    year_min = FirstYearFilter(field_name="publication_date", label="Published from", least=FIRST_YEAR, most=LAST_YEAR)
    year_max = LastYearFilter(field_name="publication_date", label="Published up to", least=FIRST_YEAR, most=LAST_YEAR)
    sort = SettingFilter(label="Sort", choices=list(SORTS.items()))
    view = SettingFilter(label="View", choices=list(VIEWS.items()))
    page = PageFilter(label="Page", least=1, most=999_999_999)

    class Meta:
        model = Trial
        fields: list[str] = []
        form = ParametersForm

    def get_form_class(self) -> type[forms.Form]:
        return _form_class()

    @cached_property
    def chosen(self) -> dict[str, Any]:
        """The accepted values, by parameter, without the empty ones. Wrong ones are left out."""
        self.form.is_valid()
        return {name: value for name, value in self.form.cleaned_data.items() if value not in (None, "", [])}

    @property
    def on(self) -> dict[str, StudyFilter]:
        """The filters with an accepted value, by parameter, but for the words of a search."""
        return {name: self.filters[name] for name in self.chosen if isinstance(self.filters[name], StudyFilter)}

    @property
    def qs(self) -> NoReturn:
        raise NotImplementedError("trials.listing finds the studies.")

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """What is wrong: (parameter, its label, the message)."""
        return [
            (name, str(self.form.fields[name].label), str(message))
            for name, messages in self.form.errors.items()
            for message in messages
        ]


@cache
def _form_class() -> type[forms.Form]:
    """The class of the form, made once: each form takes its own copies of the fields."""
    made: type[forms.Form] = django_filters.FilterSet.get_form_class(TrialFilter())
    return made
