"""The rows of a study, edited on its form.

A row is matched by its key. A form that is sent never reads the stored rows: each row is built from what was sent, so
that a form whose rows were changed or deleted in the meantime is shown again as it was filled in.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet, InlineForeignKeyField
from django.forms.utils import flatatt
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from trials.admin import text
from trials.identifiers import tidy_registration
from trials.models import Arm, Blank, Citation, OutcomeCount, Registration, Source, Trial
from trials.models.fields import new_key
from trials.models.values import choices, label, row_label, rows_by_path
from trials.workflow.documents import ROWS, UNSAVED, attach_rows

ALL_GROUPS = "All groups given cells together"
KEY = re.compile(r"[a-z0-9]{1,12}")
MOST_ROWS = 1000  # of one kind, as Django's formsets have it
BIGGEST_DAY = 10**6


# --- What the lists to choose from hold


class Options:
    """The options of a list that many rows share, as groups of (value, label). The first group has no name."""

    def __init__(self, groups: list[tuple[str, list[tuple[str, str]]]]) -> None:
        self.groups = groups
        self.labels = {value: label for _, pairs in groups for value, label in pairs}

    @cached_property
    def _html(self) -> str:
        html = ""
        for name, pairs in self.groups:
            options = format_html_join("", '<option value="{}">{}</option>', pairs)
            html += format_html('<optgroup label="{}">{}</optgroup>', name, options) if name else options
        return html

    def html(self, value: str) -> SafeString:
        """Return the options with this value selected, even if it is not one of them."""
        if value not in self.labels:
            missing = format_html('<option value="{}" selected>Not there any more</option>', value)
            return mark_safe(self._html + missing)  # noqa: S308 - made by format_html
        option = format_html('<option value="{}"', value)
        return mark_safe(self._html.replace(f"{option}>", f"{option} selected>", 1))  # noqa: S308


class OptionsSelect(forms.Select):
    """A list whose options are put together once for all rows. Django's renders a template for each option."""

    field_options = Options([])

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        attributes = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        return format_html("<select{}>{}</select>", attributes, self.field_options.html(str(value or "")))


class OptionsField(forms.CharField):
    widget = OptionsSelect

    def use(self, options: Options) -> None:
        self.options = self.widget.field_options = options

    def validate(self, value: str) -> None:
        super().validate(value)
        if value not in self.options.labels:
            raise ValidationError("This is not there any more. Choose another, or delete the row.")


@dataclass
class ShownRows:
    """A study with the rows that its form shows: the stored ones, or those that were sent."""

    trial: Trial

    @classmethod
    def stored(cls, trial: Trial | None) -> "ShownRows":
        if trial is None or trial.pk is None:
            return cls.built({})
        return cls(Trial.objects.with_rows().get(pk=trial.pk))

    @classmethod
    def sent(cls, data: Mapping[str, str]) -> "ShownRows":
        return cls.built({kind: list(_sent_rows(data, kind)) for kind in ROWS})

    @classmethod
    def built(cls, rows: dict[str, list[Any]]) -> "ShownRows":
        trial = Trial(pk=UNSAVED)
        arms = {arm.key: arm for arm in rows.get("arms", [])}
        for count in rows.get("counts", []):
            count.arm = arms.get(count.group_key)
        attach_rows(trial, {kind: rows.get(kind, []) for kind in ROWS})
        return cls(trial)

    @cached_property
    def rows(self) -> dict[str, Any]:
        return rows_by_path(self.trial)

    @cached_property
    def groups(self) -> Options:
        return Options([("", [("", ALL_GROUPS), *((arm.key, arm.name) for arm in self.trial.arms.all())])])

    @cached_property
    def sources(self) -> Options:
        return Options([("", [("", "Choose one"), *((row.key, row.label) for row in self.trial.sources.all())])])

    @cached_property
    def values(self) -> Options:
        return Options([("", [("", "Choose one")]), *choices(self.trial)])

    def label(self, path: str) -> str:
        return label(path, self.rows)

    @cached_property
    def summaries(self) -> dict[str, str]:
        """Return one line for each row, by kind and key."""
        found = {path: row_label(row) for path, row in self.rows.items()}
        found |= {f"sources.{row.key}": row.label for row in self.trial.sources.all()}
        for kind in ("citations", "blanks"):
            found |= {f"{kind}.{row.key}": self.label(row.value) for row in getattr(self.trial, kind).all()}
        return found


def _sent_rows(data: Mapping[str, str], kind: str) -> Iterator[Any]:
    """Yield a row for each that the form holds, with the fields that name it."""
    total = data.get(f"{kind}-TOTAL_FORMS", "")
    for index in range(min(int(total), MOST_ROWS) if total.isdecimal() and len(total) < 9 else 0):

        def sent(name: str, index: int = index) -> str:
            return data.get(f"{kind}-{index}-{name}", "")

        if not KEY.fullmatch(sent("key")):
            continue
        row = ROWS[kind](key=sent("key"))
        for name in ("name", "outcome", "time_point", "identifier", "label", "value"):
            if hasattr(row, name) and name in {field.name for field in row._meta.fields}:
                setattr(row, name, sent(name))
        if kind == "counts":
            row.group_key = sent("group_key")
            row.days = int(sent("days")) if sent("days").isdecimal() and len(sent("days")) < 7 else None
        yield row


# --- Forms


class RowForm(text.WorkflowModelForm):
    """The form of a row. An empty key means that the row is new."""

    key = forms.RegexField(KEY, required=False, widget=forms.HiddenInput)
    shown: ShownRows  # set on the class of each request

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial["key"] = self.instance.key
        if "position" in self.fields:
            self.fields["position"].required = False
            if self.instance._state.adding:
                self.initial["position"] = None
            self.fields["position"].help_text = "The order on the page. Empty: at the end."

    @property
    def sent_key(self) -> str:
        return str(self["key"].value() or "")

    @property
    def summary(self) -> str:
        kind = self.instance._meta.get_field("trial").remote_field.related_name
        return self.shown.summaries.get(f"{kind}.{self.sent_key}", "")

    def row(self) -> Any:
        """Return the row that was filled in, with its key."""
        self.instance.key = self.cleaned_data.get("key") or new_key()
        return self.instance


class CountForm(RowForm):
    group_key = OptionsField(label="Group", required=False, help_text="Save a new group before you choose it here.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group_key"].use(self.shown.groups)
        if self.instance.arm_id:
            self.initial["group_key"] = self.instance.arm.key

    def row(self) -> Any:
        row = super().row()
        key = self.cleaned_data["group_key"]
        row.arm = Arm(key=key) if key else None
        return row


class RegistrationForm(RowForm):
    def clean_identifier(self) -> str:
        return tidy_registration(self.cleaned_data.get("registry", ""), self.cleaned_data["identifier"])


class ValueForm(RowForm):
    value = OptionsField(help_text="Save a new row before you choose it here.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].use(self.shown.values)


class CitationForm(ValueForm):
    source_key = OptionsField(label="Source", help_text="Save a new source before you choose it here.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source_key"].use(self.shown.sources)
        if self.instance.source_id:
            self.initial["source_key"] = self.instance.source.key

    @property
    def summary(self) -> str:
        source = self.shown.sources.labels.get(str(self["source_key"].value() or ""), "")
        return f"{super().summary} – {source}" if super().summary else ""

    def row(self) -> Any:
        row = super().row()
        row.source = Source(key=self.cleaned_data["source_key"])
        return row


class _AnyId(forms.Field):
    """The primary key of a row, which is sent and never read."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> None:
        return None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class _AnyParent(InlineForeignKeyField):
    """The study of the row. It is the one of the form, whatever was sent."""

    def clean(self, value: Any) -> Any:
        return self.parent_instance


class RowFormSet(BaseInlineFormSet):
    def get_queryset(self) -> Any:
        return [form.instance for form in self.initial_forms] if self.is_bound else super().get_queryset()

    def _existing_object(self, pk: Any) -> None:
        return None

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields[self._pk_field.name] = _AnyId(initial=form.instance.pk, required=False)
        form.fields[self.fk.name] = _AnyParent(self.instance, label=self.fk.verbose_name)

    def validate_unique(self) -> None: ...

    def live_forms(self) -> list[Any]:
        """Return the forms whose rows are to be saved."""
        return [
            form
            for index, form in enumerate(self.forms)
            if not form.cleaned_data.get("DELETE") and (index < self.initial_form_count() or form.has_changed())
        ]

    def clean(self) -> None:
        if any(self.errors):
            return
        live = self.live_forms()
        keys = [key for form in live if (key := form.cleaned_data.get("key"))]
        if len(keys) != len(set(keys)):
            raise ValidationError("Two rows have the same key. Open the form again.")
        if any("position" in form.fields for form in live):
            last = max((form.cleaned_data["position"] or 0 for form in live), default=0)
            for form in live:
                if form.cleaned_data["position"] is None:
                    last += 1
                    form.instance.position = last

    def rows(self) -> list[Any]:
        rows = [form.row() for form in self.live_forms()]
        return sorted(rows, key=lambda row: getattr(row, "position", 0))


# --- Inlines


class RowInline(admin.StackedInline):
    """The rights to a row are those to its study."""

    extra = 0
    form = RowForm
    formset = RowFormSet
    template = "admin/edit_inline/rows.html"
    formfield_overrides = text.overrides(2)
    where = ""  # where in the paper it can be found
    after = ""  # the heading of the study's form that it follows
    unfolded = False  # whether the fields of each row are shown at once
    read_only = {"value": "value_label"}  # what is shown in place of a field that cannot be edited

    def has_view_permission(self, request: HttpRequest, obj: Trial | None = None) -> bool:
        return bool(request.user.has_perm("trials.view_trial")) or self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Trial | None = None) -> bool:
        return bool(request.user.has_perm("trials.change_trial" if obj else "trials.add_trial"))

    has_add_permission = has_change_permission
    has_delete_permission = has_change_permission

    def get_fields(self, request: HttpRequest, obj: Trial | None = None) -> Any:
        if self.admin_site._registry[Trial].has_change_permission(request, obj):
            return self.fields
        return [
            tuple(self.read_only.get(name, name) for name in line) if isinstance(line, tuple) else line
            for line in self.fields or ()
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Trial | None = None) -> list[str]:
        return list(self.read_only.values())

    def get_formset(self, request: HttpRequest, obj: Trial | None = None, **kwargs: Any) -> Any:
        self.shown = shown_rows(request, obj)
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.shown = self.shown
        return formset

    @admin.display(description="value")
    def value_label(self, row: Any) -> str:
        return self.shown.label(row.value)


def shown_rows(request: Any, trial: Trial | None) -> ShownRows:
    """Return the rows that the form of this request shows. They are read once."""
    if not hasattr(request, "shown_rows"):
        request.shown_rows = ShownRows.sent(request.POST) if request.method == "POST" else ShownRows.stored(trial)
    return request.shown_rows


class ArmInline(RowInline):
    model = Arm
    after = "The cells"
    unfolded = True
    where = "Methods, “randomisation” or “treatment”. The flow chart, usually figure 1, has the numbers."
    fields = [("position", "name", "role"), ("given", "cell_source"), ("randomised", "analysed"), "note"]


class CountInline(RowInline):
    model = OutcomeCount
    form = CountForm
    after = "Results"
    unfolded = True
    where = (
        "The tables of outcomes and of adverse events. Count people, not events, and never work a count out of a "
        "percentage."
    )
    fields = [("position", "outcome", "group_key"), ("events", "total", "headline"), ("days", "time_point"), "note"]
    read_only = {"group_key": "group"}

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("arm")


class RegistrationInline(RowInline):
    model = Registration
    form = RegistrationForm
    after = "Funding and interests"
    where = (
        "The identifier is at the end of the abstract or in the methods. The rest is what the registry itself says, "
        "which may differ from the paper."
    )
    fields = [
        ("position", "registry", "identifier"),
        "url",
        "link_inferred",
        "title",
        ("sponsor", "investigator"),
        ("allocation", "intervention_model"),
        ("masking", "phase"),
        "who_masked",
        ("enrolment", "enrolment_type"),
        "primary_outcome",
        ("registered", "posted"),
        ("start", "completion"),
        ("recruitment_status", "results_posted", "looked_up"),
        "note",
    ]


class SourceInline(RowInline):
    model = Source
    after = "Funding and interests"
    where = "Each document in which values were read, once. The citations below refer to it."
    fields = [("position", "label", "kind"), ("address", "read_in_copy")]


class CitationInline(RowInline):
    model = Citation
    form = CitationForm
    after = "Funding and interests"
    where = "Which value was read in which source, how, and with what words."
    fields = [("value", "source_key"), "quote", ("basis", "confidence", "checked_twice"), "note"]
    read_only = {"value": "value_label", "source_key": "source"}

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("source")


class BlankInline(RowInline):
    model = Blank
    form = ValueForm
    after = "Funding and interests"
    where = "Why a value is empty. Without a reason here, an empty value reads “not yet checked”."
    fields = [("value", "reason"), "note"]


INLINES: list[Any] = [ArmInline, CountInline, RegistrationInline, SourceInline, CitationInline, BlankInline]
