"""The road of a record in the admin: drafts, the check by a second person, history, and no lost edits.

The form is a pure function from what was typed to a snapshot. It shows the newest revision, draft or not, by putting
it into the tables inside a transaction that is rolled back; what is sent is saved into the tables in the same way,
read back as a snapshot, and undone. Only then `trials.actions` writes, and it alone.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path

from trials import actions, history, readiness
from trials import vocabulary as v
from trials.admin import kept
from trials.admin.conflict import ConflictAdmin, Dispute
from trials.admin.record import person, whole_number
from trials.admin.text import LinesField
from trials.admin.words import (
    Lack,
    anchor_of,
    in_short,
    published_stays,
    state_of,
    told,
    what_is_wrong,
)
from trials.history import Snapshot
from trials.models import ContentVersion, Revision

# Nobody needs one to submit or withdraw; whoever sends back or archives has to say why.
STEPS: dict[str, Callable[..., Revision]] = {
    "submit": actions.submit,
    "publish": actions.publish,
    "send-back": actions.send_back,
    "withdraw": actions.withdraw,
    "archive": actions.archive,
}
DONE = {
    "submit": "Submitted. Somebody else checks and publishes it.",
    "publish": "Published: the public sees it now.",
    "send-back": "Sent back to its editor.",
    "withdraw": "The draft was withdrawn. It stays in the history; the public version is the one to go on from.",
    "archive": "Archived: the public does not see it any more.",
}

UNSEEN = "Nothing was done: the page did not say which revision it showed. Try again from the form."


# --- The form --------------------------------------------------------------------------------------------------


class RoadForm(forms.ModelForm):
    """A form that knows which revision it shows, and asks for a reason."""

    base = forms.IntegerField(required=False, widget=forms.HiddenInput)
    opened_by = forms.CharField(required=False, widget=forms.HiddenInput)
    reason = LinesField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        label="Why",
        help_text="What was wrong or new, and where you read it. Needed when the public sees the record: it reads this "
        "in the history. Name no colleague.",
    )

    start: dict[str, Any] = {}
    refused: list[tuple[str | None, str]] = []  # what is wrong although each field by itself is right

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {**self.start, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any] | None:
        for field, sentence in self.refused:
            self.add_error(field, sentence)
        return super().clean()


@dataclass
class Visit:
    """What the admin has to remember while it answers one request for a form."""

    base: Revision | None = None
    newest: Revision | None = None
    document: Snapshot | None = None  # what the form came to, once it is valid
    refused: list[tuple[str | None, str]] | None = None
    typed_before: bool = False  # the form is shown again after a log-in
    no_draft: str = ""  # why the draft cannot be shown


@dataclass
class Step:
    """One button of the road."""

    name: str
    label: str
    help: str = ""
    asks: str = ""  # the label of its text box
    must_say: bool = False
    folded: bool = False
    typed: str = ""
    refusal: str = ""

    @property
    def box_id(self) -> str:
        return f"road-{self.name}-reason"


class RoadFilter(admin.SimpleListFilter):
    title = "where it stands"
    parameter_name = "road"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("review", "Submitted for a check"), ("draft", "Published, with a draft")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        later = Revision.objects.filter(
            kind=OuterRef("kind"), record_id=OuterRef("record_id"), number__gt=OuterRef("number")
        )
        # Asked of the few revisions that are not live rather than of every record.
        waiting = Revision.objects.filter(~Exists(later), kind=history.KINDS[queryset.model], live=False)
        if self.value() == "review":
            return queryset.filter(pk__in=waiting.filter(step=v.Step.SUBMITTED).values("record_id"))
        if self.value() == "draft":
            return queryset.filter(status=v.Status.PUBLISHED, pk__in=waiting.pending().values("record_id"))
        return queryset


# --- The admin -------------------------------------------------------------------------------------------------


class RoadAdmin(ConflictAdmin):
    """For whatever has a history: a study, a page, a glossary term."""

    form = RoadForm
    actions = ["delete_selected"]
    change_form_template = "admin/road/change_form.html"
    why = (
        "Why",
        {"description": "For the history of this record, which is kept for good.", "fields": ["reason"]},
    )

    # --- addresses

    def get_urls(self) -> list[Any]:
        prefix = f"{self.opts.app_label}_{self.opts.model_name}_"
        own = [path(f"<path:object_id>/{name}/", self._step_view(name), name=prefix + name) for name in STEPS]
        for address, view, name in (
            ("<path:object_id>/preview/", self.preview_view, "preview"),
            ("<path:object_id>/conflict/", self.conflict_view, "conflict"),
            ("<path:object_id>/discard/", self.discard_view, "discard"),
            ("<path:object_id>/history/compare/", self.compare_view, "compare"),
            ("<path:object_id>/history/<int:number>/restore/", self.restore_view, "restore"),
        ):
            own.append(path(address, self._guarded(view), name=prefix + name))
        stock = super().get_urls()
        for pattern in stock:
            if pattern.name in (f"{prefix}add", f"{prefix}change"):
                pattern.callback = kept.keeping(pattern.callback, self.admin_site.has_permission)
        return own + stock

    def _guarded(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        return kept.keeping(self.admin_site.admin_view(view), self.admin_site.has_permission)

    def _step_view(self, name: str) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            return self.step_view(request, object_id, name)

        return self._guarded(view)

    # --- the list

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        newest = Revision.objects.filter(kind=history.KINDS[self.model], record_id=OuterRef("pk")).order_by("-number")
        return (
            super()
            .get_queryset(request)
            .annotate(
                newest_step=Subquery(newest.values("step")[:1]),
                newest_live=Subquery(newest.values("live")[:1]),
            )
        )

    @admin.display(description="state", ordering="status")
    def state(self, record: Any) -> str:
        return in_short(record.status, record.newest_step, record.newest_live)

    # --- the form, shown and sent

    def view_on_site(self, record: Any) -> str | None:
        return record.get_absolute_url() if record.is_public else None

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        visit = _visit(request)
        form.refused = visit.refused or []
        form.start = {"opened_by": kept.token(request.user), "base": visit.base.number if visit.base else None}
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = list(super().get_fieldsets(request, obj))
        return [*fieldsets, self.why] if obj and self.has_change_permission(request, obj) else fieldsets

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        request.visit = visit = Visit()
        sent_before = kept.typed(request) if request.method == "GET" else None
        if sent_before is not None:
            _ = request.FILES  # read now, while there are none: reading them later would empty POST again
            request.method, request.POST = "POST", sent_before  # type: ignore[assignment]
            visit.typed_before, visit.refused = True, [(None, kept.TOLD)]
        elif request.method == "POST":
            kept.forget(request)
        if object_id is None:
            return self._add(request, form_url, extra_context)
        record = self.get_object(request, unquote(object_id))
        if record is None and request.method == "POST" and self.has_change_permission(request):
            return self._gone(request, object_id)
        if record is None or not self.has_view_or_change_permission(request, record):
            return super().changeform_view(request, object_id, form_url, extra_context)
        if request.method == "POST":
            return self._sent(request, record, form_url, extra_context)
        visit.base = visit.newest = actions.newest_revision(record)
        return self._run(request, record, form_url, extra_context)

    def _gone(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Somebody deleted the record while it was being edited: nothing can be saved, so what was typed is shown."""
        unseen = {"csrfmiddlewaretoken", "base", "opened_by"}
        sent = {name: request.POST.getlist(name) for name in request.POST if name not in unseen}
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"This {self.opts.verbose_name} was deleted while you were writing",
            "typed": [(name, "; ".join(values)) for name, values in sent.items() if any(map(str.strip, values))],
        }
        return TemplateResponse(request, "admin/road/gone.html", context, status=410)

    def _add(self, request: HttpRequest, form_url: str, extra_context: Any) -> HttpResponse:
        """What shows only when all rows are saved undoes the save, and comes back on the form as it was typed."""
        visit = _visit(request)
        if visit.refused is None:
            try:
                return super().changeform_view(request, None, form_url, extra_context)
            except ValidationError as error:
                visit.refused = [(None, sentence) for sentence in error.messages]
            except IntegrityError:
                visit.refused = [(None, "Nothing was saved: somebody has just saved something with the same address.")]
        return super().changeform_view(request, None, form_url, extra_context)

    def _run(self, request: HttpRequest, record: Any, form_url: str, extra_context: Any) -> HttpResponse:
        """Let Django's admin show or save its form while the tables hold the revision that the form is based on.

        What was saved is in `request.visit.document`, and undone. A page that comes of it is rendered afterwards, since
        the tables are locked here and rendering takes most of the time: the form has read all that it shows by then.
        """
        visit = _visit(request)
        opened = self._opened(record, visit)
        if opened is None and request.method != "POST":
            return super().changeform_view(request, str(record.pk), form_url, extra_context)
        with ExitStack() as stack:
            stack.enter_context(transaction.atomic())
            ContentVersion.objects.lock()
            stack.callback(transaction.set_rollback, True)
            if opened is not None:
                try:
                    history.put(type(record)._default_manager.get(pk=record.pk), opened)
                except history.DoesNotFit as error:
                    visit.no_draft = " ".join(error.messages)
            response = super().changeform_view(request, str(record.pk), form_url, extra_context)
            # Django reads what may only be looked at while it is rendered.
            if not self.has_change_permission(request, record) and hasattr(response, "render"):
                response.render()
        return response

    def _opened(self, record: Any, visit: Visit) -> Snapshot | None:
        """What the form shows or was opened with, unless that is what the tables hold."""
        base, newest = visit.base, visit.newest
        if base is None or newest is None:
            return None
        is_draft = record.is_public and newest.is_pending
        return base.data if base.number != newest.number or is_draft else None

    def _sent(self, request: HttpRequest, record: Any, form_url: str, extra_context: Any) -> HttpResponse:
        visit = _visit(request)
        number = whole_number(request.POST.get("base"))
        newest = visit.newest = actions.newest_revision(record)
        known = newest if number == newest.number else actions.revisions(record).filter(number=number).first()
        visit.base = known or newest
        if visit.refused is None:
            try:
                response = self._run(request, record, form_url, extra_context)
            except ValidationError as error:
                visit.refused = [(None, sentence) for sentence in error.messages]
            except IntegrityError:
                visit.refused = [(None, "Nothing was saved: two of the rows are in each other's way.")]
            else:
                if visit.document is None:
                    return response
                reason = request.POST.get("reason", "").replace("\r\n", "\n")
                if known is None:  # it may be older than anything: whoever sent it looks at each value
                    return self._conflict_page(request, record, Dispute(newest, newest, visit.document, reason))
                refusal = self._edit(request, record, visit.base, visit.document, reason)
                if isinstance(refusal, HttpResponse):
                    return refusal
                visit.refused = refusal
        visit.document = None
        return self._run(request, record, form_url, extra_context)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        record = type(form.instance)._default_manager.get(pk=form.instance.pk)
        self.complete(record)
        if change:
            _visit(request).document = history.snapshot(record)
        else:
            actions.created(record, by=person(request))

    def complete(self, record: Any) -> None:
        """Check what shows only when the record and all its rows are saved."""

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return HttpResponse()  # never sent: nothing is saved yet

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        if IS_POPUP_VAR in request.POST:
            return super().response_add(request, obj, post_url_continue)
        self.message_user(request, "Saved as a draft: the public does not see it.", messages.SUCCESS)
        return HttpResponseRedirect(self.address("change", obj))

    # The revisions are the history.
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any: ...
    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any: ...

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        obj = kwargs.get("obj")
        visit = _visit(request)
        context |= {
            "show_save_and_continue": False,
            "show_save_and_add_another": False,
        }
        if obj is not None:
            context["road"] = self._road(request, obj, visit)
        if context.get("errors"):
            context["wrong"] = what_is_wrong(context["adminform"].form, context["inline_admin_formsets"])
        return super().render_change_form(request, context, *args, **kwargs)

    # --- the box at the top of the form

    def _road(self, request: HttpRequest, record: Any, visit: Visit) -> dict[str, Any]:
        if request.method == "POST":  # Django has put what was typed on the record, right or wrong
            record = type(record)._default_manager.get(pk=record.pk)
        newest = visit.newest or actions.newest_revision(record)
        pending = record.is_public and newest.is_pending
        live = newest.number if newest.live else _last_live(record)
        may_change, user = self.has_change_permission(request, record), person(request)
        to_publish = pending or not record.is_public
        # The tables hold the draft now, so that nothing has to be put anywhere to ask what it lacks.
        lacking = readiness.missing(record) if to_publish and may_change else []
        steps: list[Step] = []
        if may_change and to_publish and newest.step != v.Step.SUBMITTED:
            asks = "A word to whoever checks it (not needed)"
            steps.append(Step("submit", "Submit for a check", asks=asks, folded=False))
        may_publish = user.has_perm(f"trials.publish_{self.opts.model_name}")
        refusal = ""
        if to_publish:
            refusal = actions.why_not_publish(record, user)
            if not refusal and not lacking:
                steps.append(Step("publish", "Publish", help=self._alone(record, user)))
        if may_publish and newest.step == v.Step.SUBMITTED:
            asks = "What has to be done before it can be published"
            steps.append(Step("send-back", "Send back", asks=asks, must_say=True, folded=True))
        if may_change and pending:
            steps.append(Step("withdraw", "Withdraw the draft", asks="Why (not needed)", folded=True))
        if may_publish and record.is_public:
            asks = "Why it is taken off the public pages (the public reads this)"
            steps.append(Step("archive", "Archive", asks=asks, must_say=True, folded=True))
        for step in steps:
            sent = kept.typed(request, self.address(step.name, record))
            step.typed = sent.get("reason", "") if sent else ""
        return {
            "state": state_of(record, newest, pending, live),
            "returned": newest if newest.step == v.Step.RETURNED else None,
            "said": newest if newest.step == v.Step.SUBMITTED and newest.reason else None,
            "number": newest.number,
            "steps": [(step, self.address(step.name, record)) for step in steps],
            "refusal": refusal,
            "lacks": [Lack(sentence, anchor_of(sentence)) for sentence in lacking],
            "preview": self.address("preview", record),
            "on_site": self.view_on_site(record),
            "history": self.address("history", record),
            "compare": f"{self.address('compare', record)}?a={live}&b={newest.number}" if pending and live else "",
            "typed_before": visit.typed_before,
            "discard": self.address("discard", record),
            "no_draft": visit.no_draft if pending else "",
            "opened_by": kept.token(user),
        }

    def _alone(self, record: Any, user: Any) -> str:
        if user.is_superuser and (not actions.is_in_review(record) or user.get_username() in actions.writers(record)):
            return "You can publish it without the check by a second person. The history will say so."
        return ""

    # --- the steps

    def step_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseRedirect(self.address("change", self._record(request, object_id)))
        to_change = name in ("submit", "withdraw")
        record = self._record(request, object_id, to_change=to_change)
        kept.forget(request)
        given: dict[str, Any] = {"by": person(request), "base": whole_number(request.POST.get("base"))}
        if given["base"] is None:
            self._complain(request, UNSEEN)
            return HttpResponseRedirect(self.address("change", record))
        if name != "publish":
            given["reason"] = request.POST.get("reason", "").replace("\r\n", "\n")
        try:
            STEPS[name](record, **given)
        except actions.Conflict as conflict:
            kept.keep(request)
            self._complain(request, f"Nothing was done. {told(conflict)} Look at it first.")
        except ValidationError as error:
            kept.keep(request)
            for sentence in error.messages:
                self._complain(request, sentence)
        except PermissionDenied as refusal:
            return self._forbidden(request, record, str(refusal))
        else:
            self.message_user(request, DONE[name], messages.SUCCESS)
        return HttpResponseRedirect(self.address("change", record))

    def _forbidden(self, request: HttpRequest, record: Any, sentence: str) -> HttpResponse:
        context = self._context(request, record, "Not done") | {"sentence": sentence}
        return TemplateResponse(request, "admin/road/forbidden.html", context, status=403)

    def discard_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        record = self._record(request, object_id)
        if request.method == "POST":
            kept.forget(request, self.address("change", record))
        return HttpResponseRedirect(self.address("change", record))

    # --- deleting: only what the public does not see

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        actions.delete_record(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for record in queryset:
            actions.delete_record(record)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        record = self.get_object(request, unquote(object_id))
        if record and record.is_public and self.has_delete_permission(request, record):
            self._complain(request, published_stays(str(record)))
            return HttpResponseRedirect(self.address("change", record))
        try:
            return super().delete_view(request, object_id, extra_context)
        except ValidationError as refusal:  # published in this very moment
            self._complain(request, refusal.messages[0])
            return HttpResponseRedirect(self.address("change", record))

    @admin.action(description="Delete selected %(verbose_name_plural)s", permissions=["delete"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        published = [str(record) for record in queryset if record.is_public]
        if published:
            self._complain(request, published_stays("; ".join(published)))
            return None
        try:
            with transaction.atomic():
                return delete_selected(self, request, queryset)
        except ValidationError as refusal:
            self._complain(request, f"Nothing was deleted. {refusal.messages[0]}")
            return None


def _last_live(record: Any) -> int | None:
    number: int | None = actions.revisions(record).filter(live=True).values_list("number", flat=True).last()
    return number


def _visit(request: Any) -> Visit:
    if not hasattr(request, "visit"):
        request.visit = Visit()
    return request.visit
