"""What the lists of the admin show and filter by, beyond plain fields."""

import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format

from trials import vocabulary as v
from trials.models import Blank

SOON = datetime.timedelta(days=60)


def review_due_in_words(due: datetime.date | None) -> str:
    if due is None:
        return "no date set"
    day = date_format(due)
    return f"{day} (overdue)" if due < timezone.localdate() else day


class OwnFiltersMixin:
    """A list that can be asked for what its own filters link to and for nothing else.

    Django lets any field be asked for by any lookup: by a regular expression that is none, or that never ends.
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        name, _, how = lookup.rpartition("__")
        for each in self.get_list_filter(request):
            if lookup == getattr(each, "parameter_name", ""):
                return True
            if each == name.removesuffix("__id") and how in ("exact", "isnull", "gte", "lt"):
                return True
        return False


class ReviewDueFilter(admin.SimpleListFilter):
    title = "review due"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("overdue", "Overdue"), ("soon", f"Within {SOON.days} days"), ("unset", "No date set")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        today = timezone.localdate()
        if self.value() == "overdue":
            return queryset.filter(review_due__lt=today)
        if self.value() == "soon":
            return queryset.filter(review_due__range=(today, today + SOON))
        if self.value() == "unset":
            return queryset.filter(review_due=None)
        return queryset


class NotCheckedFilter(admin.SimpleListFilter):
    """By what an editor has marked. A value that is empty without a reason reads the same; the desk counts both."""

    title = "values marked “not yet checked”"
    parameter_name = "unchecked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Some"), ("no", "None")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        unchecked = Exists(Blank.objects.filter(trial=OuterRef("pk"), reason=v.BlankReason.NOT_CHECKED))
        if self.value() == "yes":
            return queryset.filter(unchecked)
        if self.value() == "no":
            return queryset.filter(~unchecked)
        return queryset
