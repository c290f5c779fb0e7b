"""The admin of everything that has a workflow: its list, and its form from what is filled in to what is saved.

Django's form validates what was filled in. `save_related` puts together a document, which `trials.workflow.steps`
checks and saves. What the workflow refuses is shown on the form as it was filled in.
"""

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError
from django.db.models import F, QuerySet
from django.forms.models import construct_instance
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst, slugify

from trials import vocabulary as v
from trials.admin import conflict, form_store, history, remarks, text, workflow
from trials.admin.base import BaseRecordAdmin, person, sent_text, whole_number
from trials.admin.links import linking_to, wrong_links
from trials.models import FormerSlug, Trial
from trials.workflow import steps
from trials.workflow.derived import derive
from trials.workflow.documents import document_of
from trials.workflow.questions import questions
from trials.workflow.revisions import draft_revisions, newest_revision, other_writers, working_copy
from trials.workflow.rights import may_edit

# Hidden fields: the revision that the form was opened with, the record whose draft it may show, and for whom.
HIDDEN = ("base", "original", form_store.FIELD)
NOTE = "A note to the person who checks it (not needed)"
SENT_BY_DJANGO = ("_FORMS", "-key", "csrfmiddlewaretoken")  # the ends of the names of what Django sends along
FEWEST_SECTIONS = 4  # of a form with a list of its contents


class RecordForm(text.WorkflowModelForm):
    refusal: dict[str, list[str]] = {}  # what the workflow refuses, by field; set on the class of each request

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if "slug" in self.fields and not data.get("slug") and "slug" not in self.errors:
            data["slug"] = self._proposed_slug()
            if not data["slug"]:
                self.add_error("slug", "This field is required.")
        for name, sentences in self.refusal.items():
            self.add_error(name if name in self.fields else None, sentences)
        return data

    def _proposed_slug(self) -> str:
        """Return an address that is not in use, such as dilogo-2021, or "" if nothing can be made of what was sent."""
        model = type(self.instance)
        longest = model._meta.get_field("slug").max_length - 4
        stem = slugify(construct_instance(self, model()).name)[:longest].strip("-")
        taken = set(model._default_manager.filter(slug__startswith=stem).values_list("slug", flat=True))
        taken |= set(FormerSlug.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
        if not stem or stem not in taken:
            return stem
        return next(slug for number in count(2) if (slug := f"{stem}-{number}") not in taken)


class RecordList(ChangeList):
    """The list of the records without the drafts of published ones. A record with a draft links to the draft."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        originals = self.root_queryset.filter(draft_of=None)
        self.root_queryset = originals.annotate(draft_pk=F("draft__pk"), draft_status=F("draft__status"))
        return super().get_queryset(request, exclude_parameters)

    def url_for_result(self, result: Any) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[result.draft_pk or result.pk])


class RecordAdmin(text.TextFields, BaseRecordAdmin):
    form = RecordForm
    actions = ["discard_my_drafts"]
    change_form_template = "admin/record/change_form.html"
    empty_value_display = "not recorded"

    def get_urls(self) -> list[Any]:
        prefix = f"{self.opts.app_label}_{self.opts.model_name}_"
        steps_at = {name: f"{name}/" for name in workflow.STEPS} | {"restore": "history/<int:number>/restore/"}
        views: list[tuple[str, str, Callable[..., HttpResponse]]] = [
            *((address, name, partial(workflow.step_view, self, name=name)) for name, address in steps_at.items()),
            ("edit/", "edit", partial(workflow.edit_view, self)),
            ("forget/", "forget", partial(workflow.forget_view, self)),
            ("preview/", "preview", partial(history.preview_view, self)),
            ("history/", "history", partial(history.history_view, self)),
            ("history/compare/", "compare", partial(history.compare_view, self)),
            ("conflict/", "conflict", partial(conflict.conflict_view, self)),
            ("remark/", "remark", partial(remarks.remark_view, self)),
            ("remark/<int:key>/done/", "tick", partial(remarks.tick_view, self)),
        ]
        wrap = self.admin_site.admin_view
        own = [path(f"<path:object_id>/{address}", wrap(view), name=prefix + name) for address, name, view in views]
        return own + super().get_urls()

    # --- Rights

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A published or archived record is read-only: “Edit” makes a draft of it.

        A form that is sent may come after its draft was published. The workflow then finds the conflict.
        """
        return may_edit(request.user) and (obj is None or obj.is_draft or request.method == "POST")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: a draft is discarded by its step, and a published record is archived."""
        return False

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

    @admin.display(description="review due", ordering="review_due")
    def review_is_due(self, record: Any) -> str:
        if record.review_due is None:
            return "no date set"
        day = date_format(record.review_due)
        return f"{day} (overdue)" if record.review_due < timezone.localdate() else day

    @admin.action(description="Discard my drafts", permissions=["change"])
    def discard_my_drafts(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Discard the draft of each record that this user alone wrote, and say for each other why not."""
        discarded = 0
        for record in queryset:
            if others := other_writers(record, person(request)):
                self.show_errors(
                    request, f"{record}: {' and '.join(others)} wrote part of this draft, so it is not yours."
                )
                continue
            try:
                steps.discard(record, by=person(request), base=newest_revision(record).number)
            except ValidationError as refusal:
                self.show_errors(request, *(f"{record}: {sentence}" for sentence in refusal.messages))
            else:
                discarded += 1
        if discarded:
            done = f"{discarded} draft{'' if discarded == 1 else 's'} discarded. The history keeps them."
            self.message_user(request, done, messages.SUCCESS)

    # --- The form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return no fields where nothing can be changed: the record is read in the preview or on the site."""
        return super().get_fieldsets(request, obj) if self.has_change_permission(request, obj) else []

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return super().get_inlines(request, obj) if self.has_change_permission(request, obj) else []

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.refusal = getattr(request, "refusal", {})
        return form

    def changeform_view(
        self, request: Any, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        self._take_from_store(request)
        record = self._record_of_form(request, object_id) if object_id else None
        if object_id and record is None and request.method == "POST" and may_edit(request.user):
            return self._deleted(request)
        object_id = str(record.pk) if record else object_id
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except steps.Conflict as found:
            self._store_answers(request, record)
            return conflict.conflict_response(self, request, record.original, found)
        except ValidationError as error:
            errors: Any = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
            request.refusal = errors
        except IntegrityError:
            request.refusal = {NON_FIELD_ERRORS: ["Another record with this address was just saved."]}
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _take_from_store(self, request: Any) -> None:
        """Make a request for the form one that sends what was not accepted when the log-in had expired."""
        if request.method == "POST":
            if "_preview" not in request.POST:
                form_store.forget(request)
        elif (sent := form_store.load(request)) is not None:
            _ = request.FILES  # read before POST is replaced, since it would be read into POST later
            request.method, request.POST = "POST", sent
            request.refusal = {NON_FIELD_ERRORS: [form_store.MESSAGE]}

    def _record_of_form(self, request: HttpRequest, object_id: str) -> Any:
        """Return the record of the form. If the draft that was sent is gone, it is the record it was a draft of."""
        record: Any = self.get_object(request, unquote(object_id))
        if record is None and (original := self.get_object(request, request.POST.get("original", ""))):
            return working_copy(original)
        return record

    def _deleted(self, request: HttpRequest) -> HttpResponse:
        """Show what was sent for a record that was deleted in the meantime."""
        names = [name for name in request.POST if not name.startswith("_") and not name.endswith(SENT_BY_DJANGO)]
        values = [(name, "; ".join(request.POST.getlist(name))) for name in names if name not in HIDDEN]
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
        context["hidden"] = {form_store.FIELD: form_store.token(person(request))}
        if obj is not None:
            record, newest = self.with_rows(obj), newest_revision(obj)
            context["hidden"] |= {"original": record.original.pk, "base": newest.number}
            context["workflow"] = workflow.box(self, request, record, newest)
            context["remarks"] = remarks.box(self, request, record)
        if request.method == "POST":
            context["hidden"] = {name: request.POST.get(name, "") for name in HIDDEN}
        elif obj is not None:
            linked = [(each, f"admin:trials_{each._meta.model_name}_change") for each in linking_to(obj)]
            context["linked_from"] = [(each, reverse(name, args=[each.pk])) for each, name in linked]
            context["wrong_links"] = wrong_links(obj)
        if context.get("errors"):
            context["errors_in_words"] = errors_in_words(context["adminform"].form, context["inline_admin_formsets"])
        if self.has_change_permission(request, obj):
            context["save_bar"] = self._save_bar(request, obj)
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

    def _save_bar(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return what the bar with the buttons shows: the questions to answer and the reason to give at submission."""
        sent: QueryDict | None = request.POST if request.method == "POST" else None
        if sent is None and obj is not None:
            sent = form_store.load(request, self._answers_of(obj))
        confirmed = sent.getlist("confirmed") if sent else []
        asked = questions(obj) if obj is not None else []
        return {
            "prompt": workflow.PUBLIC_REASON if obj is not None and obj.draft_of_id else NOTE,
            "reason": sent.get("submission_note", "") if sent else self._former_reason(obj),
            "questions": [(each, each.token in confirmed) for each in asked],
            "has_boxes": not all(each.answered_by for each in asked),
            # A draft in the browser belongs to one person and one record.
            "draft": f"{person(request).pk}:{request.path}",
        }

    def _former_reason(self, obj: Any) -> str:
        """Return the reason that was given for this change before, for a draft that has to be submitted again."""
        former = [each for each in draft_revisions(obj) if each.step == v.Step.SUBMITTED] if obj else []
        return former[-1].reason if former and obj.draft_of_id else ""

    # --- Saving

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None: ...

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save what was filled in as one document, or check it for a preview. Raises what the workflow raises."""
        record = form.instance
        document = document_of(record, self.rows_of(record, formsets))
        if "_preview" in request.POST:
            record.previewed, _ = steps.build_and_check(document, record)
            return
        if change:
            self.save_document(request, record, document, whole_number(request.POST.get("base")))
        else:
            record.pk = steps.create(self.model, document, by=person(request)).pk
            self.message_user(request, "Saved as a draft. The public does not see it.", messages.SUCCESS)
        self._store_answers(request, record)
        if "_submit" in request.POST:
            self._submit(request, record)

    def rows_of(self, record: Any, formsets: Any) -> dict[str, list[Any]]:
        """Return the rows that were filled in, by kind."""
        return {formset.prefix: formset.rows() for formset in formsets}

    def _answers_of(self, record: Any) -> str:
        """Return under which name the session holds the reason and the ticks: their place on the form of the record."""
        return f"{self.address('change', record.original)}#before-submission"

    def _store_answers(self, request: HttpRequest, record: Any) -> None:
        """Let the reason and the ticks outlive a save: they are used when the record is submitted."""
        answers = self._answers_of(record)
        form_store.forget(request, answers)
        if request.POST.get("submission_note") or "confirmed" in request.POST:
            form_store.store(request, answers, only=("submission_note", "confirmed"))

    def _submit(self, request: HttpRequest, record: Any) -> None:
        """Submit what was just saved."""
        try:
            steps.submit(
                record,
                by=person(request),
                base=newest_revision(record).number,
                reason=sent_text(request, "submission_note"),
                confirmed=request.POST.getlist("confirmed"),
            )
        except ValidationError as error:
            self.show_errors(request, *(f"Saved, but not submitted. {sentence}" for sentence in error.messages))
        else:
            form_store.forget(request, self._answers_of(record))
            self.message_user(request, workflow.SUBMITTED, messages.SUCCESS)

    # The revisions are the history.
    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any: ...
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any: ...
    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any: ...

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return self.response_change(request, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if "_preview" not in request.POST:
            return HttpResponseRedirect(self.address("change", obj))
        if isinstance(obj.previewed, Trial):
            derive(obj.previewed)
        message = "Preview of the form as it is filled in now. Nothing is saved. Close this window to go on writing."
        preview = {"message": message, "public_message": "", "form_url": request.path}
        return self.preview_page(request, obj.previewed, preview)


def errors_in_words(form: Any, inlines: Any) -> list[tuple[str, str]]:
    """Return (sentence, id of its field) for every error of a form, which is long and may have it far down."""
    found, forms = [], [("", "", form)]
    for inline in inlines:
        group = f"{inline.formset.prefix}-group"
        found += [(sentence, group) for sentence in inline.formset.non_form_errors()]
        forms += [(row.summary or f"New {inline.opts.verbose_name}", group, row) for row in inline.formset.forms]
    for row, group, each in forms:
        for name, sentences in each.errors.items():
            is_field = name in each.fields
            words = ", ".join(filter(None, [row, each[name].label if is_field else ""]))
            anchor = (each[name].id_for_label or each[name].auto_id) if is_field else group
            found += [(f"{words}: {sentence}" if words else sentence, anchor) for sentence in sentences]
    return found
