"""Form fields for long texts, lists of codes and identifiers."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.models import construct_instance
from django.forms.renderers import BaseRenderer
from django.forms.widgets import Script
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from trials.identifiers import tidy_doi, tidy_pmcid, tidy_pmid
from trials.models.fields import CodeListField
from trials.quality.reading_age import reading_age

# The fields that every visitor reads, by name. Their reading age is shown below them.
PUBLIC_TEXTS = {"plain_summary", "authors_conclusion", "lead", "body", "meaning"}
MARKDOWN = {"body"}  # of these, those that can be previewed


class LinesField(forms.CharField):
    """Text with line feeds alone, as the database holds it. A browser sends a carriage return with each."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class TextArea(AdminTextareaWidget):
    """A text box. A public text has its reading age below it, and one of Markdown a preview."""

    class Media:
        js = [Script("js/admin.js", defer=True)]

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        attrs = dict(attrs or {})
        if name not in PUBLIC_TEXTS:
            return super().render(name, value, attrs, renderer)
        age_id = f"{attrs.get('id', f'id_{name}')}_reading_age"
        attrs["aria-describedby"] = f"{attrs.get('aria-describedby', '')} {age_id}".strip()
        context = {
            "box": super().render(name, value, attrs, renderer),
            "name": name,
            "age_id": age_id,
            "age": reading_age(str(value or ""), markdown=name in MARKDOWN),
            "is_markdown": name in MARKDOWN,
        }
        return render_to_string("admin/text/box.html", context)


def overrides(rows: int) -> dict[Any, dict[str, Any]]:
    """Return `formfield_overrides` with text boxes of this many lines."""
    return {
        models.TextField: {"form_class": LinesField, "widget": TextArea(attrs={"rows": rows})},
        models.URLField: {"assume_scheme": "https"},
        CodeListField: {"widget": forms.CheckboxSelectMultiple},
    }


class IdentifierField(forms.CharField):
    """An identifier that may be pasted with an address or a label in front of it."""

    def __init__(self, *, tidy: Callable[[str], str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.tidy = tidy

    def to_python(self, value: Any) -> str:
        text: Any = super().to_python(value)  # None for an empty field of a nullable column
        return self.tidy(text) if text else text

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Return no greatest length: the browser would cut off the end of a pasted address."""
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}


TIDY = {"doi": tidy_doi, "pmid": tidy_pmid, "pmcid": tidy_pmcid}


class WorkflowModelForm(forms.ModelForm):
    """A form that checks each field by itself. The workflow checks the record as a whole."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, field in self.fields.items():
            if isinstance(field, forms.MultipleChoiceField) and name in data:
                codes: Any = field.choices
                data[name] = [code for code, _ in codes if code in data[name]]  # in the order of the list
        return data

    def _post_clean(self) -> None:
        """Do as Django does, without the queries for unique fields and constraints, for which it has no public hook."""
        self.instance = construct_instance(self, self.instance, self._meta.fields, self._meta.exclude)
        try:
            exclude = self._get_validation_exclusions()
            self.instance.full_clean(exclude=exclude, validate_unique=False, validate_constraints=False)
        except ValidationError as error:
            self._update_errors(error)
