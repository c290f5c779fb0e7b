from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from trials import actions
from trials.admin.lists import OwnFiltersMixin
from trials.models import Country


@admin.register(Country)
class CountryAdmin(OwnFiltersMixin, admin.ModelAdmin):
    list_display = ["name", "code", "other_names", "studies"]
    search_fields = ["name", "code", "other_names"]
    fields = ["name", "code", "other_names"]
    ordering = ["name"]  # that of the model does not reach a query that counts
    actions = ["delete_selected"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Country]:
        return super().get_queryset(request).annotate(number_of_trials=Count("trials"))

    @admin.display(ordering="number_of_trials")
    def studies(self, country: Any) -> int:
        return country.number_of_trials

    def save_model(self, request: HttpRequest, obj: Country, form: Any, change: bool) -> None:
        actions.save_country(obj)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except ValidationError as refusal:
            self.message_user(request, refusal.messages[0], messages.ERROR)
            return redirect("admin:trials_country_change", unquote(object_id))

    def delete_model(self, request: HttpRequest, obj: Country) -> None:
        actions.delete_country(obj)

    @admin.action(description="Delete selected countries", permissions=["delete"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Country]) -> HttpResponse | None:
        named = [country.name for country in queryset.filter(trials__isnull=False).distinct()]
        if named:
            self.message_user(request, f"Nothing was deleted: studies name {', '.join(named)}.", messages.ERROR)
            return None
        return delete_selected(self, request, queryset)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Country]) -> None:
        for country in queryset:
            actions.delete_country(country)
