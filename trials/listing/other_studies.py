"""The filters of the known studies that are not on the list."""

from typing import Any

from django.http import QueryDict

from trials import vocabulary as v
from trials.listing.filters import ColumnFilter, ParametersFilter
from trials.models import OtherStudy


class OtherStudyFilter(ParametersFilter):
    """The public other studies that match the parameters of an address."""

    reason = ColumnFilter(label="Why it is not on the list", choices=v.Reason.choices)
    design = ColumnFilter(label="Study design", choices=v.Design.choices)

    class Meta(ParametersFilter.Meta):
        model = OtherStudy

    def __init__(self, data: QueryDict, **kwargs: Any) -> None:
        super().__init__(data, OtherStudy.objects.public(), **kwargs)
