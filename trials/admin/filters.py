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


class DraftFilter(admin.SimpleListFilter):
    title = "drafts"
    parameter_name = "draft"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("review", "Submitted for a check"), ("published", "Published, with a draft")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "review":
            return queryset.filter(Q(status=v.Status.IN_REVIEW) | Q(draft__status=v.Status.IN_REVIEW))
        if self.value() == "published":
            return queryset.filter(status=v.Status.PUBLISHED, draft__isnull=False)
        return queryset


class ReviewDueFilter(admin.SimpleListFilter):
    title = "review due"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("overdue", "Overdue"), ("soon", f"Within {SOON.days} days"), ("unset", "No date set")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today = timezone.localdate()
        if self.value() == "overdue":
            return queryset.filter(review_due__lt=today)
        if self.value() == "soon":
            return queryset.filter(review_due__range=(today, today + SOON))
        if self.value() == "unset":
            return queryset.filter(review_due=None)
        return queryset


class NotCheckedFilter(admin.SimpleListFilter):
    """By the blanks that editors marked. The dashboard also counts values that are empty without a reason."""

    title = "values marked “not yet checked”"
    parameter_name = "unchecked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Some"), ("no", "None")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        unchecked = Exists(Blank.objects.filter(trial=OuterRef("pk"), reason=v.BlankReason.NOT_CHECKED))
        if self.value() == "yes":
            return queryset.filter(unchecked)
        if self.value() == "no":
            return queryset.filter(~unchecked)
        return queryset


class CountryFilter(admin.SimpleListFilter):
    title = "country"
    parameter_name = "country"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        columns = Trial.objects.originals().order_by().values_list("countries", flat=True).distinct()
        found = {code for codes in columns for code in codes}
        return [(code, country.name) for code, country in COUNTRIES.items() if code in found]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(countries__contains=f",{self.value()},") if self.value() else queryset
