"""The rows of a study, edited on its own form: groups, counts, registrations, sources and reasons for blanks."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.text import capfirst

from trials.admin.text import text_areas
from trials.identifiers import tidy_registration
from trials.models import Arm, Blank, OutcomeCount, Registration, Source, Trial
from trials.models.source import EXTRA_VALUES, NAMED_ROWS, value_names

LAST_POSITION = 999  # rows that change places wait behind it while the others are saved
VALUE_NAMES_ID = "value-names"


def value_choices(trial: Trial | None) -> list[tuple[str, str]]:
    """What a source or a blank can name, with a readable label. One row of each kind more than there is:
    the one about to be added."""
    choices: list[tuple[str, str]] = []
    for name in value_names():
        label = (
            "Tissue of the cells" if name in EXTRA_VALUES else str(capfirst(Trial._meta.get_field(name).verbose_name))
        )
        choices.append((name, label))
    for kind, model in NAMED_ROWS.items():
        rows: Any = model
        positions = sorted(rows.objects.filter(trial=trial).values_list("position", flat=True)) if trial else []
        for position in [*positions, max(positions, default=0) + 1]:
            row = f"{capfirst(model._meta.verbose_name)} {position}"
            choices.append((f"{kind}-{position}", row))
            choices += [
                (f"{kind}-{position}.{field.name}", f"{row}: {field.verbose_name}")
                for field in model._meta.fields
                if field.name not in ("id", "trial", "position")
            ]
    return choices


def is_there(form: Any) -> bool:
    """True for the form of a row that is in the table. The key says nothing: new rows have one too."""
    return not form.instance._state.adding


class FoldedForm(forms.ModelForm):
    """A row with a line that stands for it while it is folded."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.summary = "" if self.instance._state.adding else self.summarise()

    def summarise(self) -> str:
        return str(self.instance)


class RowForm(FoldedForm):
    position = forms.IntegerField(
        label="No.", required=False, min_value=1, max_value=LAST_POSITION, help_text="Empty: the next free number."
    )

    def summarise(self) -> str:
        return f"{self.instance.position}. {self.instance}"


class ArmForm(RowForm):
    def summarise(self) -> str:
        return f"{self.instance} ({self.instance.get_role_display().lower()})"


class CountForm(RowForm):
    def summarise(self) -> str:
        count = self.instance
        return f"{super().summarise()}, {count.when} – {count.arm or 'all groups given cells together'}"

    def _get_validation_exclusions(self) -> set[str]:
        # Main counts are compared in the formset: the database still holds them as they were before this save,
        # so it would refuse to let "main" be moved from one count to another.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded | {"headline"}


class RegistrationForm(RowForm):
    def clean_identifier(self) -> str:
        return tidy_registration(self.cleaned_data.get("registry", ""), self.cleaned_data["identifier"])


class RowFormSet(BaseInlineFormSet):
    """Rows with a position: filled in where empty, each used once, free to change places."""

    kind = ""  # how sources and blanks name such a row; empty if they cannot

    def live_forms(self) -> list[Any]:
        return [
            form
            for form in self.forms
            if form.is_valid() and not form.cleaned_data.get("DELETE") and (is_there(form) or form.has_changed())
        ]

    def clean(self) -> None:
        live = self.live_forms()
        self.keep_named_positions(live)
        taken: dict[int, Any] = {}
        for form in live:
            position = form.cleaned_data.get("position")
            if position and position in taken:
                form.add_error("position", f"Number {position} is used twice. Give each row a number of its own.")
            elif position:
                taken[position] = form
        free = max(taken, default=0) + 1
        for form in live:
            if form.is_valid() and not form.cleaned_data.get("position"):
                form.instance.position = form.cleaned_data["position"] = free
                free += 1
        super().clean()

    def keep_named_positions(self, live: list[Any]) -> None:
        """Sources and blanks name a row by its position: another position would make them speak of another row."""
        moved = [form for form in live if is_there(form) and "position" in form.changed_data]
        if not moved or not self.kind:
            return
        values = [row.value for model in (Source, Blank) for row in model.objects.filter(trial=self.instance)]
        named = {value.split(".")[0] for value in values}
        for form in moved:
            name = f"{self.kind}-{form.initial['position']}"
            if name in named:
                form.add_error("position", f"Keep {form.initial['position']}: sources or blanks name it as “{name}”.")

    def save(self, commit: bool = True) -> list[Any]:
        if commit:
            self.make_room()
        return super().save(commit)

    def make_room(self) -> None:
        """Rows are saved one by one. Whichever gives up its position does so before any other takes it."""
        leaving = [
            form.instance.pk
            for form in self.initial_forms
            if "position" in form.changed_data or form in self.deleted_forms
        ]
        for number, pk in enumerate(leaving, start=LAST_POSITION + 1):
            self.model.objects.filter(pk=pk).update(position=number)


class ArmFormSet(RowFormSet):
    kind = "arm"


class RegistrationFormSet(RowFormSet):
    kind = "registration"


class CountFormSet(RowFormSet):
    kind = "count"

    def clean(self) -> None:
        super().clean()
        main = set()
        for form in self.live_forms():
            of = (form.cleaned_data.get("arm"), form.cleaned_data.get("outcome"))
            if form.cleaned_data.get("headline") and of in main:
                form.add_error("headline", "Another count is the main one for this group and outcome already.")
            elif form.cleaned_data.get("headline"):
                main.add(of)

    def make_room(self) -> None:
        super().make_room()
        changed = [form.instance.pk for form in self.initial_forms if form.has_changed()]
        self.model.objects.filter(pk__in=changed).update(headline=False)


class BlankFormSet(BaseInlineFormSet):
    def save(self, commit: bool = True) -> list[Any]:
        if commit:  # as in RowFormSet.make_room: a value can be given to another row in one save
            for form in self.initial_forms:
                if "value" in form.changed_data or form in self.deleted_forms:
                    Blank.objects.filter(pk=form.instance.pk).update(value=f"~{form.instance.pk}")
        return super().save(commit)


class RowInline(admin.StackedInline):
    """Whoever may edit the study may edit its rows: they are parts of it, not records of their own."""

    extra = 1
    template = "admin/edit_inline/folded.html"
    where = ""  # where in the paper it stands
    after = ""  # the heading of the study's form that it follows
    unfolded = False  # show the fields of each row at once
    formfield_overrides = text_areas(2)

    def has_view_permission(self, request: HttpRequest, obj: Trial | None = None) -> bool:
        return self.has_change_permission(request, obj) or request.user.has_perm("trials.view_trial")

    def has_change_permission(self, request: HttpRequest, obj: Trial | None = None) -> bool:
        return request.user.has_perm("trials.change_trial" if obj else "trials.add_trial")

    has_add_permission = has_change_permission
    has_delete_permission = has_change_permission

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "value":
            kwargs["widget"] = forms.TextInput(attrs={"list": VALUE_NAMES_ID, "autocomplete": "off", "size": 28})
        if isinstance(db_field, models.URLField):
            kwargs["assume_scheme"] = "https"  # of an address typed without one
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class ArmInline(RowInline):
    model = Arm
    form = ArmForm
    formset = ArmFormSet
    after = "The cells"
    unfolded = True
    where = "Methods, “randomisation” or “treatment”; the flow chart, usually figure 1, has the numbers."
    fields = [("position", "name", "role"), ("given", "cell_source"), ("randomised", "analysed"), "note"]


class CountInline(RowInline):
    model = OutcomeCount
    form = CountForm
    formset = CountFormSet
    after = "Results"
    unfolded = True
    where = (
        "The tables of outcomes and of adverse events. Count people, not events, and never work a count out of a "
        "percentage. Save a new group before you choose it here."
    )
    fields = [
        ("position", "outcome", "arm"),
        ("events", "total", "headline"),
        ("days", "time_point"),
        "note",
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("arm")

    def get_formset(self, request: HttpRequest, obj: Trial | None = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        field = formset.form.base_fields.get("arm")  # not there for those who may only look
        if field is not None:
            arms = list(obj.arms.all()) if obj else []
            field.queryset = Arm.objects.filter(trial=obj) if obj else Arm.objects.none()
            # Listed once: a query for each row otherwise.
            field.choices = [("", "All groups given cells together"), *((arm.pk, str(arm)) for arm in arms)]
        return formset


class RegistrationInline(RowInline):
    model = Registration
    form = RegistrationForm
    formset = RegistrationFormSet
    after = "Funding and interests"
    where = (
        "The identifier stands at the end of the abstract or in the methods; the rest is what the registry itself "
        "says, which may differ from the paper."
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
    form = RowForm
    formset = RowFormSet
    after = "Funding and interests"
    classes = ["collapse"]
    where = "One row for each value and each place where it was read. Begin to type in “value” for a list of the names."
    fields = [
        ("position", "value", "kind"),
        ("label", "address"),
        "quote",
        ("basis", "confidence"),
        ("read_in_copy", "checked_twice"),
        "note",
    ]


class BlankInline(RowInline):
    model = Blank
    form = FoldedForm
    formset = BlankFormSet
    after = "Funding and interests"
    classes = ["collapse"]
    where = "Why a value is empty. Without a reason here, an empty value reads “not yet checked”."
    fields = [("value", "reason"), "note"]
