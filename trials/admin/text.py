"""Fields that take what people paste: texts of several lines, and identifiers with their address in front."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db import models
from django.forms.renderers import BaseRenderer
from django.forms.widgets import Script
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from trials.identifiers import tidy_doi, tidy_pmcid, tidy_pmid
from trials.quality.reading_age import reading_age

# The fields that every visitor reads, by name: their reading age stands below them.
READ_BY_ALL = {"plain_summary", "authors_conclusion", "lead", "body", "meaning"}
MARKDOWN = {"body"}  # of these, those that can be previewed


class LinesField(forms.CharField):
    """Text with the line ends of the fixtures: browsers send others, and every save would look like an edit."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class TextArea(forms.Textarea):
    """A text box. One whose text every visitor reads says how hard it is to read; one of Markdown has a preview."""

    class Media:
        js = [Script("js/admin-text.js", defer=True)]
        css = {"all": ["css/admin-text.css"]}

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        attrs = dict(attrs or {})
        if name not in READ_BY_ALL:
            return super().render(name, value, attrs, renderer)
        figure_id = f"{attrs.get('id', f'id_{name}')}_reading_age"
        attrs["aria-describedby"] = f"{attrs.get('aria-describedby', '')} {figure_id}".strip()
        context = {
            "box": super().render(name, value, attrs, renderer),
            "name": name,
            "figure_id": figure_id,
            "age": reading_age(str(value or ""), markdown=name in MARKDOWN),
            "is_markdown": name in MARKDOWN,
        }
        return render_to_string("admin/text/box.html", context)


def text_areas(rows: int) -> dict[Any, dict[str, Any]]:
    """`formfield_overrides` that give every long text of a model this many lines."""
    return {models.TextField: {"form_class": LinesField, "widget": text_area(rows)}}


def text_area(rows: int) -> TextArea:
    return TextArea(attrs={"rows": rows, "class": "vLargeTextField"})


class TidyField(forms.CharField):
    """An identifier, pasted with whatever stood in front of it."""

    tidy: Callable[[str], str]

    def to_python(self, value: Any) -> str:
        text: Any = super().to_python(value)  # None where the field is empty and the column takes NULL
        return type(self).tidy(text) if text else text

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Without the longest length: a browser would cut the address that was pasted, and keep its wrong end."""
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}


class DoiField(TidyField):
    tidy = staticmethod(tidy_doi)


class PmidField(TidyField):
    tidy = staticmethod(tidy_pmid)


class PmcidField(TidyField):
    tidy = staticmethod(tidy_pmcid)


TIDIED: dict[str, type[TidyField]] = {"doi": DoiField, "pmid": PmidField, "pmcid": PmcidField}
