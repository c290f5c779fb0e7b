"""The admin of everything that has a workflow: the steps, and the box at the top of the form that offers them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path

from trials import vocabulary as v
from trials.admin import unsent
from trials.admin.base import PUBLIC_REASON, errors_in_words, person, state_of, when, whole_number
from trials.admin.conflict import ConflictAdmin
from trials.models import Revision
from trials.models.values import CELL_SOURCE, split_path
from trials.workflow import steps
from trials.workflow.readiness import Gap, gaps
from trials.workflow.revisions import draft_of, newest_revision, revisions, working_copy, writers

# Each step with what the person who took it is told.
STEPS: dict[str, tuple[Callable[..., Revision], str]] = {
    "submit": (steps.submit, "Submitted. Another person checks and publishes it."),
    "publish": (steps.publish, "Published. The public sees it now."),
    "send-back": (steps.send_back, "Sent back to its editor."),
    "withdraw": (steps.withdraw, "The draft was withdrawn. The history keeps it."),
    "archive": (steps.archive, "Archived. The public does not see it any more."),
}
EDITORS_STEPS = ("submit", "withdraw")


@dataclass
class Button:
    """A step that can be taken now. `asks` is the label of its text box, if it has one."""

    name: str
    label: str
    asks: str = ""
    is_required: bool = False
    is_folded: bool = False
    help: str = ""
    address: str = ""
    reason: str = ""  # what was filled in before the log-in expired


class RecordAdmin(ConflictAdmin):
    def get_urls(self) -> list[Any]:
        prefix = f"{self.opts.app_label}_{self.opts.model_name}_"
        views: list[tuple[str, str, Callable[..., HttpResponse]]] = [
            *((f"{name}/", name, partial(self.step_view, name=name)) for name in STEPS),
            ("edit/", "edit", self.edit_view),
            ("preview/", "preview", self.preview_view),
            ("conflict/", "conflict", self.conflict_view),
            ("discard/", "discard", self.discard_view),
            ("history/compare/", "compare", self.compare_view),
            ("history/<int:number>/restore/", "restore", self.restore_view),
        ]
        own = []
        for address, name, view in views:
            wrapped = self._stores_unsent(self.admin_site.admin_view(view))
            own.append(path(f"<path:object_id>/{address}", wrapped, name=prefix + name))
        stock = super().get_urls()
        for pattern in stock:
            if pattern.name in (f"{prefix}add", f"{prefix}change"):
                pattern.callback = self._stores_unsent(pattern.callback)
        return own + stock

    def _stores_unsent(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        return unsent.stores_unsent(view, self.admin_site.has_permission)

    # --- The steps

    def edit_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        record = self.get_record(request, object_id, to_change=True)
        if request.method == "POST":
            record = steps.start_draft(record)
        return HttpResponseRedirect(self.address("change", record))

    def discard_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Forget the form that was stored when a log-in expired."""
        self.get_record(request, object_id)
        form: Any = self.get_object(request, object_id)
        if request.method == "POST":
            unsent.forget(request, self.address("change", form))
        return HttpResponseRedirect(self.address("change", form))

    def step_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        record = self.get_record(request, object_id, to_change=name in EDITORS_STEPS)
        step, done = STEPS[name]
        if request.method == "POST":
            unsent.forget(request)
            base, reason = whole_number(request.POST.get("base")), request.POST.get("reason", "")
            try:
                step(record, by=person(request), base=base, reason=reason.replace("\r\n", "\n"))
            except steps.Conflict as conflict:
                unsent.store(request)
                self.complain(request, f"Nothing was done. {conflict} Look at it first.")
            except ValidationError as error:
                unsent.store(request)
                self.complain(request, *error.messages)
            except PermissionDenied as refusal:
                context = self.page_context(request, record, "Not done") | {"sentence": str(refusal)}
                return TemplateResponse(request, "admin/record/forbidden.html", context, status=403)
            else:
                self.message_user(request, done, messages.SUCCESS)
        original = self.model._default_manager.get(pk=record.pk)
        return HttpResponseRedirect(self.address("change", working_copy(original)))

    # --- The box at the top of the form

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        obj = kwargs.get("obj")
        context |= {"show_save_and_continue": False, "show_save_and_add_another": False}
        if obj is not None:
            context["workflow"] = self._workflow(request, obj)
        if context.get("errors"):
            context["errors_in_words"] = errors_in_words(context["adminform"].form, context["inline_admin_formsets"])
        return super().render_change_form(request, context, *args, **kwargs)

    def _workflow(self, request: HttpRequest, shown: Any) -> dict[str, Any]:
        record = self.with_rows(shown)
        original, user, newest = record.original, person(request), newest_revision(record)
        may_edit = self.may_edit(request)
        live = revisions(record).filter(live=True).values_list("number", flat=True).last()
        missing = gaps(record) if may_edit and record.is_draft else []
        buttons = self._buttons(record, user, newest, is_complete=not missing) if may_edit else []
        for button in buttons:
            button.address = self.address(button.name, original)
            if sent := unsent.load(request, button.address):
                button.reason = sent.get("reason", "")
        draft = None if record.is_draft else draft_of(record)
        compared = f"{self.address('compare', original)}?a={live}&b={newest.number}"
        return {
            "state": self._state(record, newest, live),
            "newest": newest,
            "is_sent_back": newest.step == v.Step.RETURNED and record.is_draft,
            "has_note": newest.step == v.Step.SUBMITTED and record.is_draft and newest.reason,
            "buttons": buttons,
            "refusal": steps.why_not_publish(record, user) if record.is_draft else "",
            "gaps": [(gap.sentence, anchor(gap)) for gap in missing],
            "draft": self.address("change", draft) if draft else "",
            "edit": self.address("edit", record) if may_edit and not record.is_draft and not draft else "",
            "preview": self.address("preview", original),
            "history": self.address("history", original),
            "on_site": self.view_on_site(record),
            "compare": compared if record.draft_of_id and newest.is_pending and live else "",
            "discard": self.address("discard", record) if state_of(request).is_unsent else "",
            "opened_by": unsent.token(user),
        }

    def _state(self, record: Any, newest: Revision, live: int | None) -> str:
        submitted = f"submitted by {newest.made_by} on {when(newest)}"
        in_review = record.status == v.Status.IN_REVIEW
        if record.draft_of_id:
            what = f"Draft of a {record.draft_of.status} {self.opts.verbose_name}"
            if in_review:
                return f"{what}, in review (revision {newest.number}): {submitted}."
            return f"{what} (revision {newest.number})." if newest.is_pending else f"{what}. Nothing is changed yet."
        if record.is_public:
            return f"Published: the public sees revision {live}."
        if in_review:
            return f"In review (revision {newest.number}): {submitted}."
        return f"{record.get_status_display()}, revision {newest.number}. The public does not see it."

    def _buttons(self, record: Any, user: Any, newest: Revision, *, is_complete: bool) -> list[Button]:
        is_change, in_review = bool(record.draft_of_id), record.status == v.Status.IN_REVIEW
        may_publish = user.has_perm(f"trials.publish_{self.opts.model_name}")
        found = []
        if record.is_draft and is_complete and not steps.why_not_publish(record, user):
            alone = user.is_superuser and (not in_review or user.get_username() in writers(record))
            found.append(
                Button(
                    "publish",
                    "Publish",
                    asks=PUBLIC_REASON if is_change and not in_review else "",
                    is_required=is_change and not in_review,
                    help="You publish it without the check by a second person. The history says so." if alone else "",
                )
            )
        if in_review and may_publish:
            asks = "What has to be done before it can be published"
            found.append(Button("send-back", "Send back", asks, is_required=True, is_folded=True))
        if is_change:
            found.append(Button("withdraw", "Withdraw the draft", "Why (not needed)", is_folded=True))
        if record.is_public and may_publish:
            asks = "Why it is taken off the public pages. The public reads this."
            found.append(Button("archive", "Archive", asks, is_required=True, is_folded=True))
        return found


def anchor(gap: Gap) -> str:
    """Return the id of the place on the form of a study where what is missing can be added."""
    if gap.needs_source:
        return f"uncited-{gap.path}"
    kind, key, _ = split_path(gap.path)
    if kind:
        return f"{kind}-{key}"
    if gap.path == CELL_SOURCE:
        return "arms-group"
    if gap.path == "countries":  # a script renames this field
        return "id_countries_helptext"
    return f"{gap.path}-group" if gap.path == "arms" else f"id_{gap.path}"
