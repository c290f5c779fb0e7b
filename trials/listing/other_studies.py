"""The filters of the known studies that are not on the list."""

from typing import Any

import django_filters
from django.http import QueryDict

from trials import vocabulary as v
from trials.listing.filters import ColumnFilter, ParametersForm, quoted
from trials.models import OtherStudy


class OtherStudyFilter(django_filters.FilterSet):
    """The public other studies that match the parameters of an address."""

    reason = ColumnFilter(label="Why it is not on the list", choices=v.Reason.choices)
    design = ColumnFilter(label="Study design", choices=v.Design.choices)

    class Meta:
        model = OtherStudy
        fields: list[str] = []
        form = ParametersForm

    def __init__(self, data: QueryDict, **kwargs: Any) -> None:
        super().__init__(data, OtherStudy.objects.public(), **kwargs)

    def filter_queryset(self, queryset: Any) -> Any:
        return super().filter_queryset(queryset) if self.is_valid() else queryset.none()

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """What is wrong, each as (parameter, label, message)."""
        found = []
        for name, errors in self.form.errors.as_data().items():
            codes = ", ".join(code for code, _ in self.filters[name].extra["choices"])
            for error in errors:
                value = quoted((error.params or {}).get("value", self.data.get(name)))
                found.append(
                    (name, str(self.form.fields[name].label), f"{value} is not a valid choice. Valid choices: {codes}.")
                )
        return found
