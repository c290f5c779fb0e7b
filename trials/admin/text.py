"""Fields of more than one line."""

from typing import Any

from django import forms
from django.db import models


class LinesField(forms.CharField):
    """Text with the line ends of the fixtures: browsers send others, and every save would look like an edit."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


def text_areas(rows: int) -> dict[Any, dict[str, Any]]:
    """`formfield_overrides` that give every long text of a model this many lines."""
    widget = forms.Textarea(attrs={"rows": rows, "class": "vLargeTextField"})
    return {models.TextField: {"form_class": LinesField, "widget": widget}}
