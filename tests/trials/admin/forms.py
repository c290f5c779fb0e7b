"""What a browser would send for a form of the admin."""

import html
import re
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(record: Any, name: str = "change", *args: Any) -> str:
    return reverse(f"admin:trials_{record._meta.model_name}_{name}", args=[record.pk, *args])


def form_data(response: Any) -> dict[str, Any]:
    """Return what the form of this page sends if nothing is changed on it."""
    context = response.context
    data = context["hidden"] | _values(context["adminform"].form)
    for inline in context["inline_admin_formsets"]:
        data |= _values(inline.formset.management_form)
        for form in inline.formset.forms:
            data |= _values(form)
    return data


def _values(form: Any) -> dict[str, Any]:
    found = {field.html_name: field.value() for field in form}
    return {name: value for name, value in found.items() if value is not None and value is not False}


def opened(client: Client, record: Any) -> dict[str, Any]:
    return form_data(client.get(address(record)))


def save(client: Client, record: Any, changes: dict[str, Any] | None = None, **fields: Any) -> Any:
    """Open the form of a record, change these fields, and return the page that follows."""
    return client.post(address(record), opened(client, record) | (changes or {}) | fields, follow=True)


def new_row(data: dict[str, Any], rows: str, **values: Any) -> None:
    """Add a row to the form, as the script of the admin does."""
    index = int(data[f"{rows}-TOTAL_FORMS"])
    data[f"{rows}-TOTAL_FORMS"] = index + 1
    data.update({f"{rows}-{index}-{name}": value for name, value in values.items()})


def text(response: Any) -> str:
    """Return what a person reads on the page."""
    plain = re.sub(r"(?s)<(script|style|select|textarea).*?</\1>|<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", html.unescape(plain))
