"""The filters of the admin's lists."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from trials import vocabulary as v


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


class DraftFilter(admin.SimpleListFilter):
    title = "drafts"
    parameter_name = "draft"
    conditions = {
        "review": Q(status=v.Status.IN_REVIEW) | Q(draft__status=v.Status.IN_REVIEW),
        "published": Q(status=v.Status.PUBLISHED, draft__isnull=False),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("review", "Submitted for a check"), ("published", "Published, with a draft")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(self.conditions.get(self.value() or "", Q()))
