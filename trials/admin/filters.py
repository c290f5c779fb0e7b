"""The filters of the admin's lists."""

import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from trials import vocabulary as v
from trials.models import Blank, Trial
from trials.models.countries import COUNTRIES

SOON = datetime.timedelta(days=60)


def review_due_in_words(due: datetime.date | None) -> str:
    if due is None:
        return "no date set"
    day = date_format(due)
    return f"{day} (overdue)" if due < timezone.localdate() else day


class ListedFiltersMixin:
    """A list that accepts its own filters alone.

    Django accepts a lookup of any field, such as a regular expression that is wrong or takes for ever.
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        name, _, how = lookup.rpartition("__")
        for each in self.get_list_filter(request):
            if lookup == getattr(each, "parameter_name", ""):
                return True
            if each == name.removesuffix("__id") and how in ("exact", "isnull", "gte", "lt"):
                return True
        return False


class RecordList(ChangeList):
    """The list of the records without the drafts of published ones. A record with a draft links to the draft."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        originals = self.root_queryset.filter(draft_of=None)
        self.root_queryset = originals.annotate(draft_pk=F("draft__pk"), draft_status=F("draft__status"))
        return super().get_queryset(request, exclude_parameters)

    def url_for_result(self, result: Any) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[result.draft_pk or result.pk])


class ConditionFilter(admin.SimpleListFilter):
    """A filter whose choices are conditions: `conditions` returns (label, condition) by the value in the address."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, label) for value, (label, _) in self.conditions().items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.conditions().get(self.value() or "")
        return queryset.filter(chosen[1]) if chosen else queryset


class DraftFilter(ConditionFilter):
    title = "drafts"
    parameter_name = "draft"

    def conditions(self) -> dict[str, tuple[str, Any]]:
        in_review = Q(status=v.Status.IN_REVIEW) | Q(draft__status=v.Status.IN_REVIEW)
        published = Q(status=v.Status.PUBLISHED, draft__isnull=False)
        return {"review": ("Submitted for a check", in_review), "published": ("Published, with a draft", published)}


class ReviewDueFilter(ConditionFilter):
    title = "review due"
    parameter_name = "due"

    def conditions(self) -> dict[str, tuple[str, Any]]:
        today = timezone.localdate()
        return {
            "overdue": ("Overdue", Q(review_due__lt=today)),
            "soon": (f"Within {SOON.days} days", Q(review_due__range=(today, today + SOON))),
            "unset": ("No date set", Q(review_due=None)),
        }


class NotCheckedFilter(ConditionFilter):
    """By the blanks that editors marked. The dashboard also counts values that are empty without a reason."""

    title = "values marked “not yet checked”"
    parameter_name = "unchecked"

    def conditions(self) -> dict[str, tuple[str, Any]]:
        unchecked = Exists(Blank.objects.filter(trial=OuterRef("pk"), reason=v.BlankReason.NOT_CHECKED))
        return {"yes": ("Some", unchecked), "no": ("None", ~unchecked)}


class CountryFilter(admin.SimpleListFilter):
    title = "country"
    parameter_name = "country"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        columns = Trial.objects.originals().order_by().values_list("countries", flat=True).distinct()
        found = {code for codes in columns for code in codes}
        return [(code, country.name) for code, country in COUNTRIES.items() if code in found]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(countries__contains=f",{self.value()},") if self.value() else queryset
