"""Form fields for long texts, lists of codes, and identifiers and addresses as they are pasted."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminURLFieldWidget, FilteredSelectMultiple
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.models import construct_instance
from django.forms.renderers import BaseRenderer
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from trials.identifiers import (
    address_of,
    tidy_doi,
    tidy_pmcid,
    tidy_pmid,
    validate_doi,
    validate_pmcid,
    validate_pmid,
)
from trials.models.fields import CodeListField
from trials.quality.reading_age import reading_age

# The fields that every visitor reads, by name. Their reading age is shown below them.
PUBLIC_TEXTS = {"plain_summary", "authors_conclusion", "lead", "body", "meaning"}
MARKDOWN = {"body"}  # of these, those that can be previewed
CHARACTERS_A_LINE, MOST_LINES = 80, 30  # of a box
LONG = 200  # characters: a text of one line that may be longer has a box of several
# Identifiers, each with what takes it out of a pasted text and what checks it.
IDENTIFIERS: dict[str, tuple[Callable[[str], str], Callable[[str], None]]] = {
    "doi": (tidy_doi, validate_doi),
    "pmid": (tidy_pmid, validate_pmid),
    "pmcid": (tidy_pmcid, validate_pmcid),
}
ADDRESS_HELP = "An address, a DOI, a PubMed ID or a registration."


class TidyField(forms.CharField):
    """An identifier or address that may be pasted with words or an address around it."""

    def __init__(self, *, tidy: Callable[[str], str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.tidy = tidy

    def to_python(self, value: Any) -> str:
        text: Any = super().to_python(value)  # None for an empty field of a nullable column
        return self.tidy(text) if text else text


class AddressWidget(AdminURLFieldWidget):
    """Django's box for an address, with a link to it. A browser would refuse a DOI in a box of the type "url"."""

    input_type = "text"


class TextArea(AdminTextareaWidget):
    """A text box as high as its text. A public text has its reading age below it, and one of Markdown a preview."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        attrs = dict(attrs or {})
        lines = sum(1 + len(line) // CHARACTERS_A_LINE for line in str(value or "").splitlines())
        attrs["rows"] = max(int(self.attrs["rows"]), min(lines + 1, MOST_LINES) if lines > 1 else 0)
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


class TextFields:
    """The form fields of the admin of a record or a row."""

    rows = 3  # lines of a box for a long text

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if isinstance(db_field, models.CharField):
            # What is pasted is neither cut off by the browser nor refused for what cannot be seen: the model asks.
            kwargs["max_length"] = None
        if isinstance(db_field, models.SlugField):
            kwargs["required"] = False  # the form proposes an address
        elif db_field.name in IDENTIFIERS:
            tidy, validate = IDENTIFIERS[db_field.name]
            kwargs |= {"form_class": TidyField, "tidy": tidy, "validators": [validate]}
        elif isinstance(db_field, models.URLField):
            help_text = f"{ADDRESS_HELP} {db_field.help_text}"
            kwargs |= {"form_class": TidyField, "tidy": address_of, "widget": AddressWidget, "help_text": help_text}
        elif isinstance(db_field, CodeListField):
            is_country = db_field.name == "countries"
            kwargs["widget"] = (
                FilteredSelectMultiple("countries", False) if is_country else forms.CheckboxSelectMultiple
            )
        elif isinstance(db_field, models.TextField):
            kwargs.setdefault("widget", TextArea(attrs={"rows": self.rows}))
        elif type(db_field) is models.CharField and not db_field.choices and (db_field.max_length or 0) >= LONG:
            kwargs["widget"] = TextArea(attrs={"rows": 2})
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if db_field.name == "countries":
            field.help_text = "Type part of a name to find a country."
        return field


class WorkflowModelForm(forms.ModelForm):
    """A form that checks each field by itself. The workflow checks the record as a whole."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, value in data.items():
            field = self.fields[name]
            if isinstance(field, forms.MultipleChoiceField):
                codes: Any = field.choices
                data[name] = [code for code, _ in codes if code in value]  # in the order of the list
            elif isinstance(value, str) and "\n" in value:
                has_lines = isinstance(self._meta.model._meta.get_field(name), models.TextField)
                data[name] = value.replace("\r\n", "\n") if has_lines else " ".join(value.split())
        return data

    def _post_clean(self) -> None:
        """Do as Django does, without the queries for unique fields and constraints, for which it has no public hook.

        Another row that this one refers to is not looked up either: it may not be saved yet.
        """
        self.instance = construct_instance(self, self.instance, self._meta.fields, self._meta.exclude)
        exclude = self._get_validation_exclusions()
        exclude |= {field.name for field in self.instance._meta.concrete_fields if field.remote_field}
        try:
            self.instance.full_clean(exclude=exclude, validate_unique=False, validate_constraints=False)
        except ValidationError as error:
            self._update_errors(error)
