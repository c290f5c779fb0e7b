"""The filters of the admin's lists."""

import re
from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from trials import vocabulary as v


class ListedFiltersMixin:
    """A list that accepts its own filters and rows alone.

    Django accepts a lookup of any field, such as a regular expression that is wrong or takes for ever, and any text as
    the key of a row that is ticked.
    """

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any], *args: Any) -> HttpResponse | None:
        if not all(re.fullmatch("[0-9]{1,18}", key) for key in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest("No row has such a key.")
        response: HttpResponse | None = super().response_action(request, queryset, *args)  # type: ignore[misc]
        return response

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
