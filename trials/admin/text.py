"""Form fields for long texts, lists of codes and identifiers."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, FilteredSelectMultiple
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
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


class LinesField(forms.CharField):
    """Text with line feeds alone, as the database holds it. A browser sends a carriage return with each."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class OneLineField(forms.CharField):
    """A text of one line in a box of several: what was pasted with line ends becomes one line."""

    def to_python(self, value: Any) -> Any:
        text: Any = super().to_python(value)
        return " ".join(text.split()) if text and "\n" in text else text


class AddressField(forms.CharField):
    """An address, or a DOI, PubMed ID or registration, which becomes the address of its page."""

    def to_python(self, value: Any) -> str:
        return address_of(str(super().to_python(value)))


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


def overrides(rows: int) -> dict[Any, dict[str, Any]]:
    """Return `formfield_overrides` with text boxes of this many lines."""
    return {
        models.TextField: {"form_class": LinesField, "widget": TextArea(attrs={"rows": rows})},
        models.URLField: {"assume_scheme": "https"},
        CodeListField: {"widget": forms.CheckboxSelectMultiple},
    }


def is_long(db_field: Any) -> bool:
    """Whether a text of one line needs a box of several lines."""
    return type(db_field) is models.CharField and not db_field.choices and (db_field.max_length or 0) >= LONG


class LongTexts:
    """Boxes of several lines for long texts of one line, for the admin of a record and of a row."""

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if is_long(db_field) and "form_class" not in kwargs:
            kwargs |= {"form_class": OneLineField, "widget": TextArea(attrs={"rows": 2})}
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]


class PaperFields(LongTexts):
    """Identifiers that may be pasted as they are, and a list of countries to type in, for the admin of a paper."""

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if tidy := TIDY.get(db_field.name):
            kwargs |= {"form_class": IdentifierField, **tidy}
        if db_field.name == "countries":
            kwargs["widget"] = FilteredSelectMultiple("countries", is_stacked=False)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "countries":
            field.help_text = "Type part of a name to find a country."
        return field


class IdentifierField(forms.CharField):
    """An identifier that may be pasted with an address or words around it.

    It has no greatest length: what is wrong with a pasted address is not that it is long.
    """

    def __init__(
        self, *, tidy: Callable[[str], str], validate: Callable[[str], None], max_length: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.tidy = tidy
        self.validators = [*self.validators, validate]

    def to_python(self, value: Any) -> str:
        text: Any = super().to_python(value)  # None for an empty field of a nullable column
        return self.tidy(text) if text else text


TIDY: dict[str, dict[str, Any]] = {
    "doi": {"tidy": tidy_doi, "validate": validate_doi},
    "pmid": {"tidy": tidy_pmid, "validate": validate_pmid},
    "pmcid": {"tidy": tidy_pmcid, "validate": validate_pmcid},
}


class WorkflowModelForm(forms.ModelForm):
    """A form that checks each field by itself. The workflow checks the record as a whole."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("maxlength", None)  # the browser would cut off what is pasted, silently
            # The model asks for the length, once the characters that cannot be seen are taken out.
            field.validators = [each for each in field.validators if not isinstance(each, MaxLengthValidator)]

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
