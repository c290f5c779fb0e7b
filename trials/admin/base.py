"""The list and the form of a record in the admin.

Django's form validates what was filled in. The form saves nothing itself: `save_related` puts together a document, and
`trials.workflow.steps` checks and saves it. What the workflow refuses is shown on the form as it was filled in.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.formats import date_format
from django.utils.text import capfirst, slugify
from django.utils.timezone import localtime

from trials import vocabulary as v
from trials.admin import text, unsent
from trials.admin.filters import ListedFiltersMixin, RecordList
from trials.admin.links import linking_to, wrong_links
from trials.models import FormerSlug, Record, Revision, Trial
from trials.workflow import steps
from trials.workflow.derived import derive
from trials.workflow.documents import Document, build, document_of
from trials.workflow.questions import questions
from trials.workflow.revisions import newest_revision

HIDDEN = ("base", "opened_by", "original")
PUBLIC_REASON = "What changed and why. The public reads this in the history, so name no colleague."
NOTE = "A note to the person who checks it (not needed)"
NOT_TYPED = ("_FORMS", "-id", "-trial", "-key")  # the ends of the names of what Django sends along
FEWEST_SECTIONS = 4  # of a form with a list of its contents


class RecordForm(text.WorkflowModelForm):
    """`base` is the revision that the form was opened with, `original` the record whose draft it may show."""

    base = forms.IntegerField(required=False, widget=forms.HiddenInput)
    original = forms.CharField(required=False, widget=forms.HiddenInput)
    opened_by = forms.CharField(required=False, widget=forms.HiddenInput)

    hidden: dict[str, Any] = {}  # the values of these three
    refusal: dict[str, list[str]] = {}  # what the workflow refuses, by field

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {**self.hidden, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False  # proposed below

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if "slug" in self.fields and not data.get("slug") and "slug" not in self.errors:
            data["slug"] = self._proposed_slug(data)
            if not data["slug"]:
                self.add_error("slug", "This field is required.")
        for name, sentences in self.refusal.items():
            self.add_error(name if name in self.fields else None, sentences)
        return data

    def _proposed_slug(self, data: dict[str, Any]) -> str:
        """Return an address that is not in use, such as dilogo-2021, or "" if nothing can be made of what was sent."""
        model = type(self.instance)
        names = {field.name for field in model._meta.concrete_fields}
        record = model(**{name: value for name, value in data.items() if name in names})
        longest = model._meta.get_field("slug").max_length - 4
        if not (stem := slugify(record.name)[:longest].strip("-")):
            return ""
        taken = set(model._default_manager.filter(slug__startswith=stem).values_list("slug", flat=True))
        taken |= set(FormerSlug.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
        numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
        return stem if stem not in taken else next(slug for slug in numbered if slug not in taken)


@dataclass
class FormState:
    """What one request for a form has found out so far."""

    newest: Revision | None = None
    is_late: bool = False  # what was sent comes after the draft was published or withdrawn
    is_unsent: bool = False  # the form is shown again after a log-in
    document: Document | None = None
    refusal: dict[str, list[str]] = field(default_factory=dict)


def state_of(request: Any) -> FormState:
    if not hasattr(request, "form_state"):
        request.form_state = FormState()
    return request.form_state


def person(request: HttpRequest) -> Any:
    """Return the user of a request that the admin has let in."""
    return request.user


def whole_number(text: str | None) -> int:
    """Return the number, or 0, which no revision has."""
    return int(text) if text and text.isdecimal() and len(text) < 9 else 0


def moment(at: datetime) -> str:
    return date_format(localtime(at), "j F Y, H:i")


def when(revision: Revision) -> str:
    return moment(revision.made_at)


class BaseRecordAdmin(ListedFiltersMixin, admin.ModelAdmin):
    """What the views of one record share, and its list and form."""

    form = RecordForm
    actions = ["delete_selected"]
    change_form_template = "admin/record/change_form.html"

    # --- One record

    def address(self, name: str, record: Record, *args: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=[quote(record.pk), *args])

    def get_record(self, request: HttpRequest, object_id: str, *, to_change: bool = False) -> Any:
        """Return the original of the record. Raises Http404 or PermissionDenied."""
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        if not (self.may_edit(request) if to_change else self.has_view_permission(request, record)):
            raise PermissionDenied
        return record.original

    def complain(self, request: HttpRequest, *sentences: str) -> None:
        for sentence in sentences:
            self.message_user(request, sentence, messages.ERROR)

    def page_context(self, request: HttpRequest, record: Record, title: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": record,
            "title": title,
            "subtitle": str(record),
            "change_address": self.address("change", steps.working_copy(record)),
            "history_address": self.address("history", record),
            "opened_by": unsent.token(person(request)),
        }

    # --- Rights

    def may_edit(self, request: HttpRequest) -> bool:
        return super().has_change_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A published or archived record is read-only: “Edit” makes a draft of it."""
        return self.may_edit(request) and (obj is None or obj.is_draft or state_of(request).is_late)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        deletable = obj is None or (obj.is_draft and obj.draft_of_id is None)
        return super().has_delete_permission(request, obj) and deletable

    # --- The list

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[RecordList]:
        return RecordList

    @admin.display(description="state", ordering="status")
    def state(self, record: Any) -> str:
        drafts = {None: "", v.Status.DRAFT: "; has a draft", v.Status.IN_REVIEW: "; draft in review"}
        return f"{record.get_status_display()}{drafts[record.draft_status]}"

    # --- The form

    def view_on_site(self, record: Any) -> str | None:
        return record.original.get_absolute_url() if record.original.is_public else None

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        state = state_of(request)
        form.refusal = state.refusal
        form.hidden = {
            "base": state.newest.number if state.newest else None,
            "original": obj.original.pk if obj else None,
            "opened_by": unsent.token(person(request)),
        }
        return form

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        state = state_of(request)
        if request.method == "POST":
            if "_preview" not in request.POST:
                unsent.forget(request)
        elif (sent := unsent.load(request)) is not None:
            _ = request.FILES  # read before POST is replaced, since it would be read into POST later
            request.method, request.POST = "POST", sent  # type: ignore[assignment]
            state.is_unsent, state.refusal = True, {NON_FIELD_ERRORS: [unsent.MESSAGE]}
        if object_id is not None:
            record = self._record_of_form(request, object_id)
            if record is None and request.method == "POST" and self.may_edit(request):
                return self._deleted(request)
            if record is not None:
                state.newest = newest_revision(record)
                sent_late = request.method == "POST" and whole_number(request.POST.get("base")) != state.newest.number
                state.is_late = sent_late and not record.is_draft
                object_id = str(record.pk)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _record_of_form(self, request: HttpRequest, object_id: str) -> Any:
        """Return the record of the form. If the draft that was sent is gone, it is the record it was a draft of."""
        record = self.get_object(request, unquote(object_id))
        if record is None and request.method == "POST":
            record = self.get_object(request, request.POST.get("original", ""))
            return steps.working_copy(record) if record else None
        return record

    def _deleted(self, request: HttpRequest) -> HttpResponse:
        """Show what was sent for a record that was deleted in the meantime."""
        shown = [name for name in request.POST if name not in {"csrfmiddlewaretoken", *HIDDEN}]
        shown = [name for name in shown if not name.startswith("_") and not name.endswith(NOT_TYPED)]
        values = [(name, "; ".join(request.POST.getlist(name))) for name in shown]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"This {self.opts.verbose_name} was deleted in the meantime",
            "values": [(name, value) for name, value in values if value.strip("; ")],
        }
        return TemplateResponse(request, "admin/record/deleted.html", context, status=410)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        obj = kwargs.get("obj")
        context["contents"] = self._contents(context)
        if obj is not None and request.method != "POST":
            linked_from = [
                (each, reverse(f"admin:trials_{each._meta.model_name}_change", args=[each.pk]))
                for each in linking_to(obj)
            ]
            context |= {"wrong_links": wrong_links(obj), "linked_from": linked_from}
        if self.has_change_permission(request, obj):
            context["save_bar"] = self._save_bar(request, obj, context["adminform"].form)
        return super().render_change_form(request, context, *args, **kwargs)

    def _contents(self, context: Any) -> list[tuple[str, str]]:
        """Return (id, heading) of each section of a long form, in its order."""
        found = []
        for number, fieldset in enumerate(context["adminform"]):
            found.append((f"fieldset-0-{number}-heading", str(fieldset.name or "")))
            for inline in context["inline_admin_formsets"]:
                if inline.opts.after == fieldset.name:
                    name = str(capfirst(inline.opts.verbose_name_plural))
                    found.append((f"{inline.formset.prefix}-heading", name))
        return found if len(found) >= FEWEST_SECTIONS else []

    def _save_bar(self, request: HttpRequest, obj: Any, form: Any) -> dict[str, Any]:
        """Return what the bar with the buttons shows: the questions to answer and the reason to give at submission."""
        sent: QueryDict | None = request.POST if request.method == "POST" else None
        if sent is None and obj is not None:
            sent = unsent.load(request, self.address("submit", obj.original))
        confirmed = sent.getlist("confirmed") if sent else []
        return {
            "asks": PUBLIC_REASON if obj is not None and obj.draft_of_id else NOTE,
            "reason": sent.get("submission_note", "") if sent else "",
            "questions": [(each, each.path in confirmed) for each in questions(obj)] if obj is not None else [],
            # A draft in the browser belongs to one person and one record.
            "draft": f"{person(request).pk}:{request.path}",
        }

    # --- Preview

    def with_rows(self, record: Any) -> Any:
        """Return the record as it is stored, whatever was filled in on the form of `record`."""
        return self.model._default_manager.get(pk=record.pk)

    def preview_page(self, request: HttpRequest, record: Any, preview: dict[str, Any]) -> HttpResponse:
        """Return the public page of a record with its rows, for staff alone."""
        response: HttpResponse = self.preview_response(request, record, preview)
        add_never_cache_headers(response)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def _preview_of_form(self, request: HttpRequest, record: Any) -> HttpResponse:
        """Show the public page of what was filled in. Nothing is saved."""
        built = build(state_of(request).document or {}, record)
        if isinstance(built, Trial):
            derive(built)
        message = "Preview of the form as it is filled in now. Nothing is saved. Close this window to go on writing."
        return self.preview_page(request, built, {"message": message, "public_message": "", "form_url": request.path})

    # --- Saving

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None: ...

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        state_of(request).document = document_of(form.instance, self.rows_of(form.instance, formsets))

    def rows_of(self, record: Any, formsets: Any) -> dict[str, list[Any]]:
        """Return the rows that were filled in, by kind."""
        return {formset.prefix: formset.rows() for formset in formsets}

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        return []

    # The revisions are the history.
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any: ...
    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any: ...

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        document = state_of(request).document or {}
        if "_preview" in request.POST:
            return self._preview_of_form(request, self.model())
        try:
            record = steps.create(self.model, document, by=person(request))
        except ValidationError as error:
            return self._refused(request, None, error)
        except IntegrityError:
            return self._refused(request, None, ValidationError("Another record with this address was just saved."))
        self.message_user(request, "Saved as a draft. The public does not see it.", messages.SUCCESS)
        self._submit_if_asked(request, record)
        return HttpResponseRedirect(self.address("change", record))

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        document = state_of(request).document or {}
        original = self.model._default_manager.get(pk=obj.draft_of_id or obj.pk)  # without what was filled in
        if "_preview" in request.POST:
            return self._preview_of_form(request, steps.working_copy(original))
        try:
            response = self.save_document(request, original, document, whole_number(request.POST.get("base")))
            self._submit_if_asked(request, original)
            return response
        except steps.Conflict as conflict:
            self._store_answers(request, original)
            return self.conflict_response(request, original, conflict)
        except ValidationError as error:
            return self._refused(request, str(obj.pk), error)

    def _store_answers(self, request: HttpRequest, original: Any) -> None:
        """Let the reason and the ticks outlive a save: they are used when the record is submitted."""
        path = self.address("submit", original)
        unsent.forget(request, path)
        if request.POST.get("submission_note") or "confirmed" in request.POST:
            unsent.store(request, path, only=("submission_note", "confirmed"))

    def _submit_if_asked(self, request: HttpRequest, original: Any) -> None:
        """Submit what was just saved, if “Save and submit” was pressed."""
        self._store_answers(request, original)
        if "_submit" not in request.POST:
            return
        original = self.model._default_manager.get(pk=original.pk)
        reason = request.POST.get("submission_note", "").replace("\r\n", "\n")
        try:
            steps.submit(
                original,
                by=person(request),
                base=newest_revision(original).number,
                reason=reason,
                confirmed=request.POST.getlist("confirmed"),
            )
        except ValidationError as error:
            self.complain(request, *(f"Saved, but not submitted. {sentence}" for sentence in error.messages))
        else:
            unsent.forget(request, self.address("submit", original))
            self.message_user(request, "Submitted. Another person checks and publishes it.", messages.SUCCESS)

    def _refused(self, request: HttpRequest, object_id: str | None, error: ValidationError) -> HttpResponse:
        """Show the form again as it was filled in, with the errors of the workflow."""
        by_field: Any = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
        state_of(request).refusal = by_field
        return super().changeform_view(request, object_id)

    def save_document(self, request: HttpRequest, original: Any, document: Document, base: int) -> HttpResponse:
        """Save the document in the draft of the record. Raises Conflict or ValidationError."""
        working = steps.working_copy(original)
        revision = steps.save(working, document, by=person(request), base=base)
        if revision is None:
            if "_submit" not in request.POST:
                self.message_user(request, "Nothing was changed, so nothing was saved.", messages.INFO)
        else:
            public = "The public sees the published version until the draft is published."
            done = f"Saved as revision {revision.number}. {public if original.is_public else ''}"
            was_in_review = working.status == v.Status.IN_REVIEW and "_submit" not in request.POST
            again = " Submit it again for the check." if was_in_review else ""
            self.message_user(request, f"{done.strip()}{again}", messages.SUCCESS)
        return HttpResponseRedirect(self.address("change", working))

    # --- Deleting

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        steps.delete(obj, by=person(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for record in queryset:
            steps.delete(record, by=person(request))

    @admin.action(description="Delete selected %(verbose_name_plural)s", permissions=["delete"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        published = [str(record) for record in queryset if not record.is_draft]
        if published:
            self.complain(
                request,
                "Nothing was deleted. These are or were published, so their addresses may be cited: "
                f"{'; '.join(published)}. Archive them instead, which takes them off the public pages.",
            )
            return None
        with transaction.atomic():
            return delete_selected(self, request, queryset)


def errors_in_words(form: Any, inlines: Any) -> list[tuple[str, str]]:
    """Return (sentence, id of its field) for every error of a form, which is long and may have it far down."""
    found = [(sentence, "") for sentence in form.non_field_errors()]
    found += _field_errors(form, "")
    for inline in inlines:
        group = f"{inline.formset.prefix}-group"
        found += [(sentence, group) for sentence in inline.formset.non_form_errors()]
        for row in inline.formset.forms:
            name = row.summary or f"New {inline.opts.verbose_name}"
            found += [(f"{name}: {sentence}", group) for sentence in row.non_field_errors()]
            found += _field_errors(row, f"{name}, ")
    return found


def _field_errors(form: Any, prefix: str) -> list[tuple[str, str]]:
    return [
        (f"{prefix}{form[name].label}: {sentence}", form[name].id_for_label or form[name].auto_id)
        for name, sentences in form.errors.items()
        if name in form.fields
        for sentence in sentences
    ]
