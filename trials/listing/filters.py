"""The filters of the list of studies.

Several values of one filter are "or", different filters are "and". An invalid value is an error and no study matches.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, ExpressionWrapper, F, Q, QuerySet, Sum, TextField, Value
from django.http import QueryDict

from trials import vocabulary as v
from trials.listing.search import Search, public_synonyms
from trials.models import Trial
from trials.models.countries import COUNTRIES
from trials.models.fields import FIRST_YEAR, LAST_YEAR
from trials.models.trial import TrialQuerySet

LONGEST_QUERY = 200  # characters of a search
LONGEST_VALUE = 60  # characters of a value repeated in a message
MOST_CODES = 10  # listed in a message
FEW_STUDIES = 500  # named by their keys in a query

# The values of `sort`, each a key of ORDERS, and their words.
SORTS = {"newest": "Newest", "oldest": "Oldest", "largest": "Largest", "smallest": "Smallest", "author": "First author"}
VIEWS = {"list": "List", "table": "Table"}

YEARS: Any = {"min_value": FIRST_YEAR, "max_value": LAST_YEAR}
COUNTRY_CHOICES = [(code, country.name) for code, country in COUNTRIES.items()]

# In the order of the page.
FACETS = ("design", "masking", "cause", "cells", "country", "phase", "notice", "registered", "disagree")
YEAR_FILTERS = ("year_min", "year_max")
NARROWING = ("q", *FACETS, *YEAR_FILTERS)  # which studies are on the list; the others are how it is shown


def quoted(value: object) -> str:
    """Return a value from an address, short enough to repeat in a message."""
    text = str(value).replace("\x00", "␀")
    return f"“{text[:LONGEST_VALUE]}…”" if len(text) > LONGEST_VALUE else f"“{text}”"


class ColumnFilter(django_filters.MultipleChoiceFilter):
    """Studies whose column holds one of the values."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, distinct=False, **kwargs)  # no join, so no study is found twice

    def condition(self, codes: list[str]) -> Q:
        """Return the condition that a study has one of these codes."""
        return Q(*(Q(**self.get_filter_predicate(code)) for code in codes), _connector=Q.OR)


class CodeListFilter(ColumnFilter):
    """Studies whose CodeListField holds one of the codes."""

    def get_filter_predicate(self, v: str) -> dict[str, str]:
        return {f"{self.field_name}__contains": f",{v},"}


class WholeNumberFilter(django_filters.NumberFilter):
    field_class = forms.IntegerField

    def get_max_validator(self) -> None:
        """Return no validator: each filter has its own limits."""

    def condition(self, number: int) -> Q:
        """Return the condition that the number of a study is on the right side of this one."""
        return Q(**{f"{self.field_name}__{self.lookup_expr}": number})


class ParametersForm(forms.Form):
    """Reject a single-valued parameter that is given twice, and years in the wrong order."""

    data: QueryDict

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, field in self.fields.items():
            times = len(self.data.getlist(name))
            if times > 1 and not isinstance(field, forms.MultipleChoiceField):
                self.add_error(name, f"The address contains this {'twice' if times == 2 else f'{times} times'}.")
        first, last = cleaned.get("year_min"), cleaned.get("year_max")
        if first and last and first > last:
            self.add_error("year_max", f"{last} is before {first}, the first year chosen.")
        return cleaned


class ParametersFilter(django_filters.FilterSet):
    """The records that match the parameters of an address. A wrong value is an error, and then none matches."""

    class Meta:
        fields: list[str] = []
        form = ParametersForm

    def __init__(self, data: QueryDict, queryset: QuerySet[Any], **kwargs: Any) -> None:
        # A form sends an empty value for each field left empty.
        filled = [(name, value) for name, values in data.lists() for value in values if value.strip()]
        super().__init__(QueryDict(urlencode(filled)), queryset, **kwargs)

    def filter_queryset(self, queryset: Any) -> Any:
        return super().filter_queryset(queryset) if self.is_valid() else queryset.none()

    def unchanged(self, queryset: QuerySet[Any], name: str, value: object) -> QuerySet[Any]:
        return queryset

    @cached_property
    def chosen(self) -> dict[str, Any]:
        """The valid values by parameter, without the empty ones."""
        self.form.is_valid()
        return {name: value for name, value in self.form.cleaned_data.items() if value not in (None, "", [])}

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """What is wrong, each as (parameter, label, message)."""
        return [
            (name, str(self.form.fields[name].label), self._message(name, error))
            for name, errors in self.form.errors.as_data().items()
            for error in errors
        ]

    def _message(self, name: str, error: ValidationError) -> str:
        """Return a message that names the value, shortened, and what would be right."""
        value = quoted((error.params or {}).get("value", self.data.get(name)))
        extra = self.filters[name].extra
        if error.code == "invalid_choice":
            codes = [code for code, _ in extra["choices"]]
            more = f" and {len(codes) - MOST_CODES} more" if len(codes) > MOST_CODES else ""
            return f"{value} is not a valid choice. Valid choices: {', '.join(codes[:MOST_CODES])}{more}."
        if error.code in ("invalid", "min_value", "max_value"):
            return f"{value} is not a whole number from {extra['min_value']} to {extra['max_value']}."
        if error.code == "max_length":
            return f"{value} is longer than {extra['max_length']} characters."
        if error.code == "null_characters_not_allowed":
            return f"{value} contains a character that is not allowed."
        return " ".join(error.messages)


class TrialFilter(ParametersFilter):
    """The public studies that match the parameters of an address, in the order asked for."""

    q = django_filters.CharFilter(label="Search", method="search", max_length=LONGEST_QUERY)
    design = ColumnFilter(label="Study design", choices=v.Design.choices)
    masking = ColumnFilter(label="Masking (blinding)", choices=v.Masking.choices)
    cause = ColumnFilter(label="Cause of ARDS", choices=v.Cause.choices)
    cells = CodeListFilter(field_name="cell_sources", label="Source of cells", choices=v.CellSource.choices)
    country = CodeListFilter(field_name="countries", label="Country", choices=COUNTRY_CHOICES)
    phase = ColumnFilter(label="Phase", choices=v.Phase.choices)
    notice = CodeListFilter(field_name="notice_kinds", label="Notice after publication", choices=v.NoticeKind.choices)
    registered = ColumnFilter(field_name="registered_when", label="Registration", choices=v.Registered.choices)
    disagree = CodeListFilter(
        field_name="differences", label="Title, paper and registry differ on", choices=v.Difference.choices
    )
    year_min = WholeNumberFilter("publication_year", "gte", label="Published from", **YEARS)
    year_max = WholeNumberFilter("publication_year", "lte", label="Published up to", **YEARS)
    sort = django_filters.ChoiceFilter(label="Sort", method="sort_by", choices=list(SORTS.items()))
    view = django_filters.ChoiceFilter(label="View", method="unchanged", choices=list(VIEWS.items()))
    page = WholeNumberFilter(label="Page", method="unchanged", min_value=1, max_value=999_999_999)

    class Meta(ParametersFilter.Meta):
        model = Trial

    def __init__(self, data: QueryDict, queryset: QuerySet[Trial] | None = None, **kwargs: Any) -> None:
        super().__init__(data, Trial.objects.public() if queryset is None else queryset, **kwargs)

    def search(self, queryset: TrialQuerySet, name: str, value: str) -> TrialQuerySet:
        return queryset.filter(self._found)

    @cached_property
    def searched(self) -> Search:
        return Search(self.chosen.get("q", ""), public_synonyms() if "q" in self.chosen else [])

    @cached_property
    def _found(self) -> Q:
        """The condition of the search. Where few studies match it names them, so that the texts are read only once."""
        condition = self.searched.condition
        keys = list(self.queryset.filter(condition).order_by().values_list("pk", flat=True)[: FEW_STUDIES + 1])
        return Q(pk__in=keys) if len(keys) <= FEW_STUDIES else condition

    def sort_by(self, queryset: TrialQuerySet, name: str, value: str) -> TrialQuerySet:
        return queryset.sorted_by(value)

    def without(self, *names: str) -> TrialQuerySet:
        """Return the studies that match all filters but these, unsorted. An invalid value filters nothing here."""
        studies: TrialQuerySet = self.queryset.filter(self._condition(*names)).order_by()
        return studies

    def _condition(self, *off: str) -> Q:
        """Return the condition that a study matches all filters but these."""
        on = [name for name in NARROWING if name in self.chosen and name not in off]
        return Q(*(self._found if name == "q" else self.filters[name].condition(self.chosen[name]) for name in on))

    def combinations(self, *names: str) -> Iterable[tuple[Any, ...]]:
        """Return the values of these filters' columns with how many people and studies have them, the other filters on.

        “year” is for both filters of years. Lists of codes are as they are stored. What other public studies alone
        have comes with 0, unless there is a search: then each study comes by itself, so that no text is read twice.
        """
        off = {*names, *(YEAR_FILTERS if "year" in names else ())}
        columns = ["publication_year" if name == "year" else self.filters[name].field_name for name in names]
        # As texts, so that nothing is converted row by row.
        stored = [ExpressionWrapper(F(column), TextField()) for column in columns]
        if "q" in self.chosen:
            return self.without(*off).values_list(*stored, "people", ExpressionWrapper(Value(1), TextField()))
        others = self._condition(*off) or None
        people, studies = Sum("people", filter=others, default=0), Count("publication_year", filter=others)
        rows: QuerySet[Trial, tuple[Any, ...]] = self.queryset.order_by().values_list(*stored)
        return rows.annotate(found_people=people, found_studies=studies)


class EvidenceFilter(TrialFilter):
    """The filters of the list, and whether the studies are pooled."""

    pool = django_filters.ChoiceFilter(label="Combine the studies", method="unchanged", choices=[("yes", "Yes")])
