"""The rows of a study, edited on its form.

A row is matched by its key. A form that is sent never reads the stored rows: each row is built from what was sent, so
that a form whose rows were changed or deleted in the meantime is shown again as it was filled in.
"""

import re
from collections.abc import Callable
from functools import cache, cached_property
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest

from trials import vocabulary as v
from trials.admin import text
from trials.admin.base import whole_number
from trials.identifiers import tidy_registration
from trials.models import Arm, Blank, Citation, Judgement, Notice, OutcomeCount, Registration, Source, Trial
from trials.models.fields import CodeListField, PartialDateField, new_key
from trials.models.values import in_words, labels, row_label, rows_by_path, unique_labels
from trials.workflow.documents import build
from trials.workflow.readiness import uncited
from trials.workflow.revisions import document_after, revisions

ALL_GROUPS = "All groups given cells together"
NOT_RECORDED = "not recorded"
MOST_ROWS = 1000  # of one kind in a form
ADDRESS_HELP = "An address, a DOI, a PubMed ID or a registration. For a copy on another site, the DOI of the paper."
SAME_SOURCE = "Empty: the same source as in the row above."
EVERYTHING = "All values and rows that have no source yet, also those filled in just now"
KEY = re.compile(r"[a-z0-9]{1,12}")


class Choices:
    """What the rows of a form can refer to, as the study was when the form was opened.

    An editor who renames a group sends the labels of its values under the former name.
    """

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.groups = [("", ALL_GROUPS), *((arm.key, arm.name) for arm in trial.arms.all())]
        self.sources = unique_labels((source.key, source.label) for source in trial.sources.all())
        self.values = labels(trial)
        self.uncited = [(path, self.values[path]) for path in uncited(trial)]

    def add_sent(self, sent: Any) -> None:
        """Add the groups and sources that were filled in and never saved. A script gave each its key."""
        for kind, name in (("arms", "name"), ("sources", "label")):
            for number in range(min(whole_number(sent.get(f"{kind}-TOTAL_FORMS")), MOST_ROWS)):
                key, words = (sent.get(f"{kind}-{number}-{field}", "") for field in ("key", name))
                if kind == "arms" and words and key and key not in dict(self.groups):
                    self.groups.append((key, words))
                if kind == "sources" and words and key:
                    self.sources.setdefault(key, words)

    @cached_property
    def summaries(self) -> dict[str, str]:
        """Return one line for each row, by kind and key."""
        found = {path: row_label(row) for path, row in rows_by_path(self.trial).items()}
        found |= {f"sources.{row.key}": row.label for row in self.trial.sources.all()}
        found |= {f"notices.{row.key}": str(row) for row in self.trial.notices.all()}
        for kind in ("citations", "blanks"):
            for row in getattr(self.trial, kind).all():
                found[f"{kind}.{row.key}"] = self.values.get(row.value, row.value)
        return found


class LabelField(forms.CharField):
    """A code that the form shows as its label, with one list of labels for all rows.

    A list in each row would make the form of a study with many citations several megabytes long.
    """

    labels: dict[str, str]  # by code; set by the form

    def __init__(self, datalist: str, **kwargs: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"list": datalist, "class": "vTextField"}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return self.labels.get(value, value)

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value))
        code = next((code for code, label in self.labels.items() if label == text), text)
        if code and code not in self.labels:
            raise ValidationError(f"“{text}” is not a {self.label.lower()} of this study. Choose one from the list.")
        return code


# --- Forms


class Key(forms.RegexField):
    """The key of a row. A script gives one to a new row, which is still empty then."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class RowForm(text.WorkflowModelForm):
    """The form of a row. An empty key means that the row is new."""

    key = Key(KEY, required=False, widget=forms.HiddenInput)
    choices: Choices  # set on the class of each request
    _row_key = ""

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
        return self.choices.summaries.get(f"{kind}.{self.sent_key}", "")

    def row(self) -> Any:
        """Return the row that was filled in, with its key."""
        if not self._row_key:
            self._row_key = self.cleaned_data.get("key") or new_key()
        self.instance.key = self._row_key
        return self.instance


class CountForm(RowForm):
    group_key = forms.ChoiceField(label="Group", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group_key"].choices = self.choices.groups
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
    value = LabelField("value-labels", label="Value")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].labels = self.choices.values


class CitationForm(ValueForm):
    source_key = LabelField("source-labels", label="Source", required=False, help_text=SAME_SOURCE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source_key"].labels = self.choices.sources
        if self.instance.source_id:
            self.initial["source_key"] = self.instance.source.key

    @property
    def summary(self) -> str:
        source = self["source_key"].value()
        return f"{super().summary} – {source}" if super().summary else ""

    def row(self) -> Any:
        row = super().row()
        row.source = Source(key=self.cleaned_data["source_key"])
        return row


class SourceForm(RowForm):
    """`values` and `everything` tie values without a source to this one."""

    address = text.AddressField(label="Address", help_text=ADDRESS_HELP, widget=AdminTextInputWidget)
    values = forms.MultipleChoiceField(label="Also read in it", required=False, widget=forms.CheckboxSelectMultiple)
    everything = forms.BooleanField(label=EVERYTHING, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "values" in self.fields:
            self.fields["values"].choices = self.choices.uncited


def read_in(source: Source, path: str) -> Citation:
    """Return the citation of a value that was ticked below its source: read there, without a quote."""
    return Citation(key=new_key(), value=path, source=source, basis=v.Basis.STATED)


class _AnyId(forms.Field):
    """The primary key of a row, which Django's formset requires and which is never read."""

    def clean(self, value: Any) -> None:
        return None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class RowFormSet(BaseInlineFormSet):
    def get_queryset(self) -> Any:
        return [form.instance for form in self.initial_forms] if self.is_bound else super().get_queryset()

    def _existing_object(self, pk: Any) -> None:
        return None

    def add_fields(self, form: Any, index: int | None) -> None:
        """Add no primary key that would be read, and no study: it is the one of the form."""
        super().add_fields(form, index)
        form.fields[self._pk_field.name] = _AnyId(widget=forms.HiddenInput)
        del form.fields[self.fk.name]

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

    def forms_with_rows(self) -> list[tuple[Any, Any]]:
        return [(form, form.row()) for form in self.live_forms()]

    def rows(self) -> list[Any]:
        rows = [row for _, row in self.forms_with_rows()]
        return sorted(rows, key=lambda row: getattr(row, "position", 0))


class CitationFormSet(RowFormSet):
    def clean(self) -> None:
        """Let a row without a source have that of the row above, or the only one of the study."""
        if any(self.errors):
            return
        forms = self.live_forms()
        choices = list(forms[0].choices.sources) if forms else []
        above = choices[0] if len(choices) == 1 else ""
        for form in forms:
            above = form.cleaned_data["source_key"] or above
            form.cleaned_data["source_key"] = above
            if not above:
                form.add_error("source_key", "Choose a source.")
        super().clean()


# --- Inlines

# What is shown in place of a field of codes or keys that cannot be edited.
READ_ONLY = {"value": "value_label", "group_key": "group", "source_key": "source"}


@cache
def _words(field: Any) -> Callable[[Any], str]:
    """Return what shows this field of a record or row in words, under its own name."""

    @admin.display(description=field.verbose_name)
    def words(holder: Any) -> str:
        return in_words(field, getattr(holder, field.name)) or NOT_RECORDED

    words.__name__ = field.name
    return words


def _read_only_words(model: Any) -> dict[str, Any]:
    """Return what shows a list of codes, or a date without a day, in words, by the name of its field."""
    fields = (field for field in model._meta.fields if isinstance(field, (CodeListField, PartialDateField)))
    return READ_ONLY | {field.name: _words(field) for field in fields}


def in_read_only(model: Any, fields: Any) -> list[Any]:
    """Return the fields of a fieldset, some on one line, as they are shown if they cannot be edited."""
    shown = _read_only_words(model)
    return [tuple(in_read_only(model, name)) if isinstance(name, tuple) else shown.get(name, name) for name in fields]


class ReadOnlyWords:
    """Lists of codes and dates in words in the admin of a record that cannot be edited."""

    fieldsets: ClassVar[Any]
    model: Any
    has_change_permission: Any
    empty_value_display = NOT_RECORDED

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if self.has_change_permission(request, obj):
            return self.fieldsets
        return [
            (name, options | {"fields": in_read_only(self.model, options["fields"])})
            for name, options in self.fieldsets
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [shown for shown in _read_only_words(self.model).values() if callable(shown)]


class RowInline(text.LongTexts, admin.StackedInline):
    """The rights to a row are those to its study."""

    extra = 0
    form = RowForm
    formset = RowFormSet
    template = "admin/edit_inline/rows.html"
    formfield_overrides = text.overrides(2)
    where = ""  # where in the paper it can be found
    after = ""  # the heading of the study's form that it follows
    unfolded = False  # whether the fields of each row are shown at once

    def has_view_permission(self, request: HttpRequest, obj: Trial | None = None) -> bool:
        return bool(request.user.has_perm("trials.view_trial")) or self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Trial | None = None) -> bool:
        return bool(request.user.has_perm("trials.change_trial" if obj else "trials.add_trial"))

    has_add_permission = has_change_permission
    has_delete_permission = has_change_permission

    def get_fields(self, request: HttpRequest, obj: Trial | None = None) -> Any:
        may_change = self.admin_site._registry[Trial].has_change_permission(request, obj)
        return self.fields if may_change else in_read_only(self.model, self.fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Trial | None = None) -> list[Any]:
        return list(_read_only_words(self.model).values())

    def get_formset(self, request: HttpRequest, obj: Trial | None = None, **kwargs: Any) -> Any:
        self.choices = choices_of(request, obj)
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.choices = self.choices
        return formset

    @admin.display(description="value")
    def value_label(self, row: Any) -> str:
        return self.choices.values.get(row.value, row.value)


def choices_of(request: Any, trial: Trial | None) -> Choices:
    """Return what the rows of this request's form can refer to. It is read once."""
    if not hasattr(request, "row_choices"):
        request.row_choices = Choices(_opened_study(request, trial))
        if request.method == "POST":
            request.row_choices.add_sent(request.POST)
    return request.row_choices


def _opened_study(request: HttpRequest, trial: Trial | None) -> Trial:
    """Return the study with its rows as they were when the form was opened."""
    if trial is None:
        return build({"fields": {}}, Trial())
    if request.method == "POST":
        opened = revisions(trial).filter(number=whole_number(request.POST.get("base"))).first()
        if opened:
            return build(document_after(trial, opened), Trial())
    return Trial.objects.with_rows().get(pk=trial.pk)


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
        ("position", "registry", "identifier"), "url", "link_inferred", "title", ("sponsor", "investigator"),
        ("allocation", "intervention_model"), "comparison", ("masking", "phase"), "who_masked",
        ("enrolment", "enrolment_type"), "primary_outcome", ("registered", "posted"), ("start", "completion"),
        ("recruitment_status", "results_posted", "looked_up"), "note",
    ]  # fmt: skip


class SourceInline(RowInline):
    model = Source
    form = SourceForm
    after = "Funding and interests"
    where = (
        "Each document in which values were read, once. Tick what was read in it. A quote or a note for one value goes "
        "into the citations below."
    )
    fields = [("position", "label", "kind"), ("address", "read_in_copy")]

    def get_fields(self, request: HttpRequest, obj: Trial | None = None) -> Any:
        fields = super().get_fields(request, obj)
        if not self.admin_site._registry[Trial].has_change_permission(request, obj):
            return fields
        return [*fields, *(["values"] if choices_of(request, obj).uncited else []), "everything"]


class CitationInline(RowInline):
    model = Citation
    form = CitationForm
    formset = CitationFormSet
    after = "Funding and interests"
    where = "Which value was read in which source, how, and with what words. Save a new row before you cite it."
    fields = [("value", "source_key"), "quote", ("basis", "confidence", "checked_twice"), "note"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("source")


class BlankInline(RowInline):
    model = Blank
    form = ValueForm
    after = "Funding and interests"
    where = (
        "Why a value is empty. Without a reason here, an empty value reads “not yet checked”. Save a new row before "
        "you choose it."
    )
    fields = [("value", "reason"), "note"]


class JudgementInline(RowInline):
    model = Judgement
    after = "Discussion, and our own words"
    where = (
        "How sure others are: the risk of bias of this study as a published review judged it. Name who judged. Never "
        "judge by a rule or a program."
    )
    fields = [("position", "kind", "about"), ("tool", "verdict"), "reasons", "judged_by", ("address", "judged_on")]


class NoticeInline(RowInline):
    model = Notice
    after = "Funding and interests"
    where = (
        "What the journal published about the paper afterwards: a correction, an expression of concern, a retraction. "
        "The page of the study and the list show it."
    )
    fields = [("position", "kind", "date"), "address", "note"]


INLINES: list[Any] = [
    ArmInline,
    CountInline,
    RegistrationInline,
    SourceInline,
    CitationInline,
    BlankInline,
    JudgementInline,
    NoticeInline,
]
