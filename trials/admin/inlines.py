"""The rows of a study, edited on its form.

A row is matched by its key. A form that is sent never reads the stored rows: each row is built from what was sent, so
that a form whose rows were changed or deleted in the meantime is shown again as it was filled in.
"""

import re
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms.formsets import BaseFormSet
from django.http import HttpRequest

from trials import vocabulary as v
from trials.admin import text
from trials.admin.base import whole_number
from trials.identifiers import tidy_registration
from trials.models import Arm, Blank, Citation, Judgement, Notice, OutcomeCount, Registration, Source, Trial
from trials.models.fields import new_key
from trials.models.values import labels, row_label, rows_by_path, unique_labels
from trials.workflow.documents import build
from trials.workflow.readiness import uncited
from trials.workflow.revisions import document_after, revisions

ALL_GROUPS = "All groups given cells together"
MOST_ROWS = 1000  # of one kind in a form
SAME_SOURCE = "Empty: the same source as in the row above."
EVERYTHING = "All values and rows that have no source yet, also those filled in just now"
KEY = re.compile(r"[a-z0-9]{1,12}")


class Choices:
    """What the rows of a form can refer to, as the study was when the form was opened.

    An editor who renames a group sends the labels of its values under the former name.
    """

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.groups = {"": ALL_GROUPS} | {arm.key: arm.name for arm in trial.arms.all()}
        self.sources = unique_labels((source.key, source.label) for source in trial.sources.all())
        self.values = labels(trial)
        self.uncited = [(path, self.values[path]) for path in uncited(trial)]

    def add_sent(self, sent: Any) -> None:
        """Add the groups and sources that were filled in and never saved. A script gave each its key."""
        for kind, name, known in (("arms", "name", self.groups), ("sources", "label", self.sources)):
            for number in range(min(whole_number(sent.get(f"{kind}-TOTAL_FORMS")), MOST_ROWS)):
                key, words = (sent.get(f"{kind}-{number}-{field}", "") for field in ("key", name))
                if key and words:
                    known.setdefault(key, words)

    @cached_property
    def summaries(self) -> dict[str, str]:
        """Return one line for each row, by kind and key."""
        found = {path: row_label(row) for path, row in rows_by_path(self.trial).items()}
        for kind in ("sources", "judgements", "notices"):
            found |= {f"{kind}.{row.key}": str(row) for row in getattr(self.trial, kind).all()}
        found |= {f"blanks.{row.key}": self.values[row.value] for row in self.trial.blanks.all()}
        for row in self.trial.citations.all():
            found[f"citations.{row.key}"] = f"{self.values[row.value]} – {self.sources[row.source.key]}"
        return found


class LabelField(forms.CharField):
    """A code that the form shows as its label, with one list of labels for all rows.

    A list in each row would make the form of a study with many citations several megabytes long.
    """

    def __init__(self, labels: dict[str, str], datalist: str, **kwargs: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"list": datalist, "class": "vTextField"}), **kwargs)
        self.labels = labels  # by code

    def prepare_value(self, value: Any) -> Any:
        return self.labels.get(value, value)

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value))
        code = next((code for code, label in self.labels.items() if label == text), text)
        if code and code not in self.labels:
            raise ValidationError(f"“{text}” is not a {self.label.lower()} of this study. Choose one from the list.")
        return code


class SourceField(LabelField):
    def clean(self, value: Any) -> Source | None:
        key = super().clean(value)
        return Source(key=key) if key else None


# --- Forms


class Key(forms.RegexField):
    """The key of a row. A script gives one to a new row, which is still empty then."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class RowForm(text.WorkflowModelForm):
    """The form of a row. An empty key means that the row is new."""

    key = Key(KEY, required=False, widget=forms.HiddenInput)
    choices: Choices  # set on the class of each request

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial["key"] = self.instance.key
        for name in ("arm", "source"):
            if row := getattr(self.instance, name, None):
                self.initial[name] = row.key

    @property
    def summary(self) -> str:
        kind = self.instance._meta.get_field("trial").remote_field.related_name
        return self.choices.summaries.get(f"{kind}.{self['key'].value()}", "")

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.instance.key = data.get("key") or self.instance.key
        return data

    def clean_identifier(self) -> str:
        return tidy_registration(self.cleaned_data.get("registry", ""), self.cleaned_data["identifier"])


class SourceForm(RowForm):
    """`values` and `everything` tie values without a source to this one."""

    values = forms.MultipleChoiceField(label="Also read in it", required=False, widget=forms.CheckboxSelectMultiple)
    everything = forms.BooleanField(label=EVERYTHING, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "values" in self.fields:
            self.fields["values"].choices = self.choices.uncited


def citation_without_quote(source: Source, path: str) -> Citation:
    """Return the citation of a value that was ticked below its source: read there, without a quote."""
    return Citation(key=new_key(), value=path, source=source, basis=v.Basis.STATED)


class RowFormSet(BaseFormSet):
    """The rows of one kind. Those of a form that is sent are built from what was sent alone."""

    form: Any
    fk: Any  # set by Django: from a row to its study

    def __init__(self, data: Any = None, files: Any = None, *, prefix: str, **kwargs: Any) -> None:
        self.stored = [] if data is not None else list(getattr(self.form.choices.trial, prefix).all())
        super().__init__(data, files, prefix=prefix, initial=[{}] * len(self.stored))

    @classmethod
    def get_default_prefix(cls) -> str:
        return str(cls.fk.remote_field.related_name)

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {"instance": self.stored[index]} if index is not None and index < len(self.stored) else {}

    def get_queryset(self) -> list[Any]:
        """Return the rows of the first forms, for Django's wrapper of this formset."""
        return [form.instance for form in self.initial_forms]

    def live_forms(self) -> list[Any]:
        """Return the forms whose rows are to be saved."""
        live = (form for form in self.forms if form.has_changed() or not form.empty_permitted)
        return [form for form in live if not form.cleaned_data.get("DELETE")]

    def rows(self) -> list[Any]:
        """Return the rows that were filled in, in their order."""
        forms = self.live_forms()
        if "position" not in self.form.base_fields:
            return [form.instance for form in forms]
        last = max((form.cleaned_data["position"] or 0 for form in forms), default=0)
        for form in forms:
            if form.cleaned_data["position"] is None:
                last += 1
                form.instance.position = last
        return sorted((form.instance for form in forms), key=lambda row: row.position)

    def clean(self) -> None:
        """Let a citation without a source have that of the row above, or the only one of the study."""
        if any(self.errors) or "source" not in self.form.base_fields:
            return
        keys = list(self.form.choices.sources)
        above = Source(key=keys[0]) if len(keys) == 1 else None
        for form in self.live_forms():
            above = form.cleaned_data["source"] or above
            form.instance.source = above
            if above is None:
                form.add_error("source", "Choose a source.")


# --- Inlines


class RowInline(text.TextFields, admin.StackedInline):
    """Rows of one kind. The form of a study has them only for a user who may change it."""

    form = RowForm
    template = "admin/edit_inline/rows.html"
    rows = 2
    where = ""  # where in the paper it can be found
    after = ""  # the heading of the study's form that it follows
    unfolded = False  # whether the fields of each row are shown at once

    def get_extra(self, request: HttpRequest, obj: Trial | None = None, **kwargs: Any) -> int:
        """Return the number of empty rows: where no script adds them, a link asks for one of each kind."""
        return int("rows" in request.GET)

    def has_change_permission(self, request: HttpRequest, obj: Trial | None = None) -> bool:
        return True

    has_add_permission = has_delete_permission = has_change_permission

    def get_formset(self, request: HttpRequest, obj: Trial | None = None, **kwargs: Any) -> Any:
        self.choices = choices_of(request, obj)
        # As an attribute of this class, a formset that does not read the stored rows would fail Django's checks.
        formset = super().get_formset(request, obj, formset=RowFormSet, **kwargs)
        formset.form.choices = self.choices
        return formset

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "value":
            return LabelField(self.choices.values, "value-labels", label="Value")
        if db_field.name == "source":
            labels = self.choices.sources
            return SourceField(labels, "source-labels", label="Source", required=False, help_text=SAME_SOURCE)
        if db_field.name == "arm":
            choices = list(self.choices.groups.items())
            return forms.TypedChoiceField(
                choices=choices, coerce=lambda key: Arm(key=key), empty_value=None, label="Group", required=False
            )
        if db_field.name == "position":
            kwargs |= {"required": False, "initial": None, "help_text": "The order on the page. Empty: at the end."}
        return super().formfield_for_dbfield(db_field, request, **kwargs)


def choices_of(request: Any, trial: Trial | None) -> Choices:
    """Return what the rows of this request's form can refer to. It is read once."""
    if not hasattr(request, "row_choices"):
        base = whole_number(request.POST.get("base"))
        opened = revisions(trial).filter(number=base).first() if trial and base else None
        if trial is None or opened:
            study = build(document_after(trial, opened) if trial and opened else {"fields": {}}, Trial())
        else:
            study = Trial.objects.with_rows().get(pk=trial.pk)
        request.row_choices = Choices(study)
        request.row_choices.add_sent(request.POST)
    return request.row_choices


class ArmInline(RowInline):
    model = Arm
    after = "The cells"
    unfolded = True
    where = "Methods, “randomisation” or “treatment”. The flow chart, usually figure 1, has the numbers."
    fields = [("position", "name", "role"), ("given", "cell_source"), ("randomised", "analysed"), "note"]


class CountInline(RowInline):
    model = OutcomeCount
    after = "Results"
    unfolded = True
    where = (
        "The tables of outcomes and of adverse events. Count people, not events, and never work a count out of a "
        "percentage."
    )
    fields = [("position", "outcome", "arm"), ("events", "total", "headline"), ("days", "time_point"), "note"]


class RegistrationInline(RowInline):
    model = Registration
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
    fields = [("position", "label", "kind"), "address", "read_in_copy"]

    def get_fields(self, request: HttpRequest, obj: Trial | None = None) -> Any:
        return [*self.fields, *(["values"] if self.choices.uncited else []), "everything"]


class CitationInline(RowInline):
    model = Citation
    after = "Funding and interests"
    where = "Which value was read in which source, how, and with what words. Save a new row before you cite it."
    fields = [("value", "source"), "quote", ("basis", "confidence", "checked_twice"), "note"]


class BlankInline(RowInline):
    model = Blank
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
