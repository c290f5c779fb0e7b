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
from django.contrib.admin.utils import quote, unquote
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import path, resolve, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.formats import date_format
from django.utils.timezone import localtime

from trials import actions, history, merge, readiness
from trials import vocabulary as v
from trials.admin import kept
from trials.admin.text import LinesField
from trials.history import Record, Snapshot
from trials.models import Revision, Trial
from trials.views.studies import study_page, with_everything

CONFLICT_SALT = "ardsinfo.conflict"
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


@dataclass
class Lack:
    sentence: str
    anchor: str


def when(revision: Revision) -> str:
    return date_format(localtime(revision.made_at), "j F Y, H:i") if revision.pk else "before there was a history"


def anchor_of(sentence: str) -> str:
    """The id of the place on the study's form where what is missing can be put right."""
    for name in readiness.REQUIRED:
        if sentence == readiness.asked_for(name):
            return f"id_{name}"
    if sentence.startswith("The country"):
        return "id_countries"
    if sentence.endswith("has no source."):
        return "sources-heading"
    return "arms-heading"


def state_of(record: Record, newest: Revision, pending: bool, live: int | None) -> str:
    """Where the record stands, in words."""
    in_review = newest.step == v.Step.SUBMITTED
    submitted = f"submitted by {newest.made_by} on {when(newest)}"
    if record.is_public and not pending:
        return f"Published: revision {live} is live."
    if record.is_public and in_review:
        return f"Published, with a draft in review (revision {newest.number}): {submitted}."
    if record.is_public:
        return f"Published, with a draft (revision {newest.number}) that is not live."
    if in_review:
        return f"In review (revision {newest.number}): {submitted}."
    if record.status == v.Status.ARCHIVED:
        return f"Archived, revision {newest.number}. The public does not see it."
    return f"Draft, revision {newest.number}. The public does not see it."


def in_short(status: str, step: str | None, live: bool | None) -> str:
    """The same for a list, from the newest revision's step."""
    words = str(v.Status(status).label)
    if status == v.Status.PUBLISHED and step and not live and step != v.Step.WITHDRAWN:
        return f"{words}; draft in review" if step == v.Step.SUBMITTED else f"{words}; draft waits"
    return words


class RoadFilter(admin.SimpleListFilter):
    title = "where it stands"
    parameter_name = "road"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("review", "Submitted for a check"), ("draft", "Published, with a draft")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "review":
            return queryset.filter(newest_step=v.Step.SUBMITTED)
        if self.value() == "draft":
            return queryset.filter(
                Q(status=v.Status.PUBLISHED, newest_live=False) & ~Q(newest_step=v.Step.WITHDRAWN),
            )
        return queryset


# --- The admin -------------------------------------------------------------------------------------------------


class RoadAdmin(admin.ModelAdmin):
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

    def address(self, name: str, record: Any, *args: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{name}", args=[quote(record.pk), *args])

    def _record(self, request: HttpRequest, object_id: str, *, to_change: bool = False) -> Any:
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        may = self.has_change_permission if to_change else self.has_view_or_change_permission
        if not may(request, record):
            raise PermissionDenied
        return record

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

        A page that comes of it is rendered inside; what was saved is in `request.visit.document`, and undone.
        """
        visit = _visit(request)
        opened = self._opened(record, visit)
        if opened is None and request.method != "POST":
            return super().changeform_view(request, str(record.pk), form_url, extra_context)
        with ExitStack() as stack:
            stack.enter_context(transaction.atomic())
            stack.callback(transaction.set_rollback, True)
            if opened is not None:
                try:
                    history.put(type(record)._default_manager.get(pk=record.pk), opened)
                except history.DoesNotFit as error:
                    visit.no_draft = " ".join(error.messages)
            response = super().changeform_view(request, str(record.pk), form_url, extra_context)
            if visit.document is None and hasattr(response, "render"):
                response.render()
        return response

    def _opened(self, record: Any, visit: Visit) -> Snapshot | None:
        """What the form shows or was opened with, unless that is what the tables hold."""
        base, newest = visit.base, visit.newest
        if base is None or newest is None:
            return None
        return base.data if base.number != newest.number or is_draft(record, newest) else None

    def _sent(self, request: HttpRequest, record: Any, form_url: str, extra_context: Any) -> HttpResponse:
        visit = _visit(request)
        number = _number(request.POST.get("base"))
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

    def _edit(
        self, request: HttpRequest, record: Any, base: Revision, document: Snapshot, reason: str
    ) -> HttpResponse | list[tuple[str | None, str]]:
        """Save through the one door. What is refused comes back as (field, sentence)."""
        public, was_in_review = record.is_public, actions.is_in_review(record)
        again = " It has to be submitted again." if was_in_review else ""
        try:
            revision = actions.edit(record, document, by=_person(request), base=base.number, reason=reason)
        except actions.Conflict as conflict:
            if document == conflict.base.data:
                self.message_user(
                    request,
                    f"You had changed nothing, so nothing was saved. {conflict.newest.made_by} has saved meanwhile: "
                    f"this is revision {conflict.newest.number}.",
                    messages.WARNING,
                )
                return HttpResponseRedirect(self.address("change", record))
            return self._conflict_page(request, record, Dispute(conflict.base, conflict.newest, document, reason))
        except ValidationError as error:
            field = "reason" if public and not reason.strip() else None
            return [(field, sentence) for sentence in error.messages]
        if revision is None:
            self.message_user(request, "Nothing was changed, so nothing was saved.", messages.INFO)
        elif public:
            self.message_user(
                request,
                f"Saved as a draft (revision {revision.number}): the public still sees the published version.{again}",
                messages.SUCCESS,
            )
        else:
            self.message_user(request, f"Saved (revision {revision.number}).{again}", messages.SUCCESS)
        return HttpResponseRedirect(self.address("change", record))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        record = type(form.instance)._default_manager.get(pk=form.instance.pk)
        self.complete(record)
        if change:
            _visit(request).document = history.snapshot(record)
        else:
            actions.created(record, by=_person(request))

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
        pending = is_draft(record, newest)
        live = newest.number if newest.live else _last_live(record)
        may_change, user = self.has_change_permission(request, record), _person(request)
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
        given: dict[str, Any] = {"by": _person(request), "base": _number(request.POST.get("base"))}
        if given["base"] is None:
            self._complain(request, UNSEEN)
            return HttpResponseRedirect(self.address("change", record))
        if name != "publish":
            given["reason"] = request.POST.get("reason", "").replace("\r\n", "\n")
        try:
            STEPS[name](record, **given)
        except actions.Conflict as conflict:
            self._complain(request, f"Nothing was done. {told(conflict)} Look at it first.")
        except ValidationError as error:
            for sentence in error.messages:
                self._complain(request, sentence)
        except PermissionDenied as refusal:
            return self._forbidden(request, record, str(refusal))
        else:
            self.message_user(request, DONE[name], messages.SUCCESS)
        return HttpResponseRedirect(self.address("change", record))

    def _complain(self, request: HttpRequest, sentence: str) -> None:
        self.message_user(request, sentence, messages.ERROR)

    def _forbidden(self, request: HttpRequest, record: Any, sentence: str) -> HttpResponse:
        context = self._context(request, record, "Not done") | {"sentence": sentence}
        return TemplateResponse(request, "admin/road/forbidden.html", context, status=403)

    def _context(self, request: HttpRequest, record: Any, title: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": record,
            "title": title,
            "subtitle": str(record),
            "change_address": self.address("change", record),
            "history_address": self.address("history", record),
            "opened_by": kept.token(request.user),
        }

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
        return super().delete_view(request, object_id, extra_context)

    @admin.action(description="Delete selected %(verbose_name_plural)s", permissions=["delete"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        published = [str(record) for record in queryset if record.is_public]
        if published:
            self._complain(request, published_stays("; ".join(published)))
            return None
        return delete_selected(self, request, queryset)

    # --- two editors at once

    def _conflict_page(
        self,
        request: HttpRequest,
        record: Any,
        dispute: "Dispute",
        *,
        chosen: dict[str, str] | None = None,
        wrong: list[str] | None = None,
    ) -> HttpResponse:
        mine, moved = merge.fit(dispute.base.data, dispute.newest.data, dispute.mine)
        choices = merge.choices(self.model, dispute.base.data, dispute.newest.data, mine)
        since = actions.revisions(record).filter(number__gt=dispute.base.number, number__lte=dispute.newest.number)
        signed = {
            "record": [self.opts.model_name, record.pk],
            "owner": request.user.pk,
            "base": dispute.base.number,
            "newest": dispute.newest.number,
            "mine": dispute.mine,
        }
        chosen = chosen or {}
        context = self._context(request, record, "Somebody else has saved too") | {
            "newest": dispute.newest,
            "when": when(dispute.newest),
            "base": dispute.base,
            "since": list(since.defer("data")),
            "changed": history.changes(self.model, dispute.base.data, dispute.newest.data),
            "choices": [(choice, chosen.get(choice.path, choice.preselected)) for choice in choices],
            "moved": moved,
            "wrong": wrong or [],
            "reason": dispute.reason,
            "reason_needed": record.is_public,
            "signed": signing.dumps(signed, salt=CONFLICT_SALT, compress=True),
            "conflict_address": self.address("conflict", record),
        }
        return TemplateResponse(request, "admin/road/conflict.html", context, status=409)

    def conflict_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        record = self._record(request, object_id, to_change=True)
        sent: QueryDict = request.POST
        told_so: list[str] = []
        if request.method != "POST":
            before = kept.typed(request)
            if before is None:
                return HttpResponseRedirect(self.address("change", record))
            sent, told_so = before, [kept.TOLD]
        else:
            kept.forget(request)
        dispute = self._dispute(request, record, sent)
        if dispute is None:
            self._complain(request, "This page was not made by this site for you. Open the form again.")
            return HttpResponseRedirect(self.address("change", record))
        mine, _moved = merge.fit(dispute.base.data, dispute.newest.data, dispute.mine)
        choices = merge.choices(self.model, dispute.base.data, dispute.newest.data, mine)
        chosen = {choice.path: sent.get(f"take-{choice.path}", "") for choice in choices}
        open_ones = [choice for choice in choices if chosen[choice.path] not in (merge.THEIRS, merge.MINE)]
        if open_ones and not told_so:
            told_so = [f"Choose one version of “{choice.label}”." for choice in open_ones]
        if told_so:
            return self._conflict_page(request, record, dispute, chosen=chosen, wrong=told_so)
        take = [path for path, side in chosen.items() if side == merge.MINE]
        document = merge.merged(dispute.newest.data, mine, take)
        refusal = self._edit(request, record, dispute.newest, document, dispute.reason)
        if isinstance(refusal, HttpResponse):
            return refusal
        wrong = [sentence for _field, sentence in refusal]
        return self._conflict_page(request, record, dispute, chosen=chosen, wrong=wrong)

    def _dispute(self, request: HttpRequest, record: Any, sent: Any) -> "Dispute | None":
        try:
            held = signing.loads(sent.get("signed", ""), salt=CONFLICT_SALT, max_age=kept.OPEN_FOR)
        except signing.BadSignature:
            return None
        if held["record"] != [self.opts.model_name, record.pk] or held["owner"] != request.user.pk:
            return None
        base, newest = (actions.revisions(record).get(number=held[name]) for name in ("base", "newest"))
        return Dispute(base, newest, held["mine"], sent.get("reason", "").replace("\r\n", "\n"))

    # --- preview and history

    def preview_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The public page, as it would be if the newest revision were published now."""
        record = self._record(request, object_id)
        newest = actions.newest_revision(record)
        pending = actions.pending_revision(record)
        request.preview = {
            "says": f"Preview of revision {newest.number}." if pending or not record.is_public else "Preview.",
            "public": "The public sees another version." if pending else "" if record.is_public else "Not public.",
            "form": self.address("change", record),
        }
        address = record.get_absolute_url()
        with transaction.atomic():
            try:
                if pending:
                    history.put(record, pending.data)
                address = record.get_absolute_url().partition("#")[0]
                request.path = request.path_info = address  # the page says where it will be
                if isinstance(record, Trial):
                    response = study_page(request, with_everything(Trial.objects).get(pk=record.pk))
                else:
                    type(record)._default_manager.filter(pk=record.pk).update(status=v.Status.PUBLISHED)
                    match = resolve(address)
                    response = match.func(request, *match.args, **match.kwargs)
            finally:
                transaction.set_rollback(True)
        add_never_cache_headers(response)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        record = self._record(request, object_id)
        found = list(actions.revisions(record).defer("data").reverse())
        if not found:
            found = [actions.newest_revision(record)]
        live = next((revision.number for revision in found if revision.live), None)
        context = self._context(request, record, "History") | {
            "revisions": [(revision, when(revision)) for revision in found],
            "now_live": live if record.is_public else None,
            "newest": found[0].number,
            "before": found[1].number if len(found) > 1 else None,
            "compare_address": self.address("compare", record),
            "stored": found[0].pk is not None,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/road/history.html", context)

    def compare_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        record = self._record(request, object_id)
        numbers = sorted({_number(request.GET.get("a")) or 0, _number(request.GET.get("b")) or 0})
        known = {revision.number: revision for revision in actions.revisions(record).filter(number__in=numbers)}
        if len(numbers) != 2 or len(known) != 2:
            self._complain(request, "Choose two different revisions to compare.")
            return HttpResponseRedirect(self.address("history", record))
        older, newer = (known[number] for number in numbers)
        newest = actions.newest_revision(record)
        context = self._context(request, record, f"Revisions {older.number} and {newer.number}") | {
            "older": older,
            "newer": newer,
            "older_when": when(older),
            "newer_when": when(newer),
            "changes": history.changes(self.model, older.data, newer.data),
            "restorable": [
                (revision, address, (kept.typed(request, address) or QueryDict()).get("reason", ""))
                for revision in (older, newer)
                if revision.number != newest.number
                for address in [self.address("restore", record, revision.number)]
            ]
            if self.has_change_permission(request, record)
            else [],
            "newest": newest.number,
        }
        return TemplateResponse(request, "admin/road/compare.html", context)

    def restore_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        record = self._record(request, object_id, to_change=True)
        if request.method != "POST":
            newest = actions.newest_revision(record)
            return HttpResponseRedirect(f"{self.address('compare', record)}?a={number}&b={newest.number}")
        kept.forget(request)
        back = HttpResponseRedirect(f"{self.address('compare', record)}?a={number}&b={request.POST.get('base', '')}")
        reason = request.POST.get("reason", "").replace("\r\n", "\n")
        if not reason.strip():
            self._complain(request, "Say why the earlier revision is restored.")
            return back
        public = record.is_public
        try:
            revision = actions.restore(
                record, number, by=_person(request), base=_number(request.POST.get("base")) or 0, reason=reason
            )
        except Revision.DoesNotExist as gone:
            raise Http404 from gone
        except actions.Conflict as conflict:
            self._complain(request, f"Nothing was restored. {told(conflict)} Look at it before you restore.")
            return HttpResponseRedirect(self.address("history", record))
        except ValidationError as error:
            for sentence in error.messages:
                self._complain(request, f"Nothing was restored. {sentence}")
            return back
        if revision is None:
            self.message_user(request, "Nothing was changed: the newest revision is the same.", messages.INFO)
        else:
            done = f"Revision {number} was restored as revision {revision.number}."
            if public:
                done += " As a draft: the public still sees the published version."
            self.message_user(request, done, messages.SUCCESS)
        return HttpResponseRedirect(self.address("change", record))


@dataclass
class Dispute:
    """Two versions of one record that both began at `base`."""

    base: Revision
    newest: Revision
    mine: Snapshot
    reason: str


def published_stays(names: str) -> str:
    return (
        f"Nothing was deleted. Published, so that the address may be cited: {names}. To take it off the public pages, "
        "open it and choose “Archive”."
    )


def told(conflict: actions.Conflict) -> str:
    newest = conflict.newest
    return f"Revision {newest.number} came while you were reading: {newest.get_step_display()} by {newest.made_by}."


def what_is_wrong(form: Any, inlines: Any) -> list[Lack]:
    """Every error of the form with the id of its field: the form is long, and the error may be far down."""
    found = [Lack(sentence, "") for sentence in form.non_field_errors()]
    found += _field_errors(form, "")
    for inline in inlines:
        found += [Lack(sentence, f"{inline.formset.prefix}-group") for sentence in inline.formset.non_form_errors()]
        for row in inline.formset.forms:
            name = getattr(row, "summary", "") or f"New {inline.opts.verbose_name}"
            found += [
                Lack(f"{name}: {sentence}", f"{inline.formset.prefix}-group") for sentence in row.non_field_errors()
            ]
            found += _field_errors(row, f"{name}, ")
    return found


def _field_errors(form: Any, name: str) -> list[Lack]:
    return [
        Lack(f"{name}{form[field].label}: {sentence}", form[field].id_for_label or form[field].auto_id)
        for field, sentences in form.errors.items()
        if field in form.fields
        for sentence in sentences
    ]


def is_draft(record: Any, newest: Revision) -> bool:
    """True where the newest revision is a draft that the public, which sees the record, does not see."""
    return bool(record.is_public and not newest.live and newest.step != v.Step.WITHDRAWN)


def _last_live(record: Any) -> int | None:
    number: int | None = actions.revisions(record).filter(live=True).values_list("number", flat=True).last()
    return number


def _visit(request: Any) -> Visit:
    if not hasattr(request, "visit"):
        request.visit = Visit()
    return request.visit


def _person(request: HttpRequest) -> Any:
    """Who is logged in, with no doubt: nobody else comes as far as here."""
    return request.user


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 9 else None
