"""The admin of everything that has a workflow: the steps, and the box at the top of the form that offers them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

from trials import vocabulary as v
from trials.admin import unsent
from trials.admin.base import PUBLIC_REASON, errors_in_words, person, state_of, when, whole_number
from trials.admin.conflict import ConflictAdmin
from trials.admin.dashboard import STUCK
from trials.admin.remarks import RemarksAdmin, gap_anchor
from trials.models import Revision
from trials.workflow import steps
from trials.workflow.mail import can_publish
from trials.workflow.readiness import gaps
from trials.workflow.revisions import (
    WRITING,
    account_of,
    draft_of,
    draft_revisions,
    last_turn,
    newest_revision,
    revisions,
    working_copy,
    writer_names,
    wrote,
)

# Each step with what the person who took it is told.
STEPS: dict[str, tuple[Callable[..., Revision], str]] = {
    "submit": (steps.submit, "Submitted. Another person checks and publishes it."),
    "publish": (steps.publish, "Published. The public sees it now."),
    "send-back": (steps.send_back, "Sent back to its editor. What you wrote is a remark until it is ticked off."),
    "approve": (steps.approve, "Approved. Those who made the change can publish the draft now."),
    "discard-draft": (steps.discard, "The draft is discarded. The history keeps it."),
    "withdraw": (steps.withdraw, "The draft was withdrawn. The history keeps it."),
    "archive": (steps.archive, "Archived. The list of changes says that it was taken off, when and why."),
}
ALONE = "You publish it without the check by a second person. The history says so."
EDITORS_STEPS = ("submit", "approve", "withdraw", "discard-draft")


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


class RecordAdmin(RemarksAdmin, ConflictAdmin):
    actions = ["discard_my_drafts", "delete_selected"]

    def get_urls(self) -> list[Any]:
        prefix = f"{self.opts.app_label}_{self.opts.model_name}_"
        views: list[tuple[str, str, Callable[..., HttpResponse]]] = [
            *((f"{name}/", name, partial(self.step_view, name=name)) for name in STEPS),
            ("edit/", "edit", self.edit_view),
            ("preview/", "preview", self.preview_view),
            ("conflict/", "conflict", self.conflict_view),
            ("discard/", "discard", self.discard_view),
            ("remark/", "remark", self.remark_view),
            ("remark/<int:key>/done/", "tick", self.tick_view),
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
        elif unsent.load(request) is not None:
            self.complain(request, unsent.NOT_DONE)
        original = self.model._default_manager.filter(pk=record.pk).first()
        if original is None:  # it was a draft, and is discarded
            return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))
        return HttpResponseRedirect(self.address("change", working_copy(original)))

    @admin.action(description="Discard my drafts", permissions=["change"])
    def discard_my_drafts(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Discard the draft of each record that this user alone wrote, and say for each other why not."""
        discarded = 0
        for record in queryset:
            try:
                steps.discard(record, by=person(request), base=newest_revision(record).number)
            except (ValidationError, PermissionDenied) as refusal:
                sentences = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]
                self.complain(request, *(f"{record}: {sentence}" for sentence in sentences))
            else:
                discarded += 1
        if discarded:
            done = f"{discarded} draft{'' if discarded == 1 else 's'} discarded. The history keeps them."
            self.message_user(request, done, messages.SUCCESS)

    # --- The box at the top of the form

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        obj = kwargs.get("obj")
        context |= {"show_save_and_continue": False, "show_save_and_add_another": False}
        if obj is not None:
            record = self.with_rows(obj)
            context["workflow"] = self._workflow(request, record)
            context["remarks"] = self.remarks_context(request, record)
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
        turn = last_turn(record) if record.is_draft else None
        names = writer_names(record) if record.is_draft else {}
        compared = f"{self.address('compare', original)}?a={live}&b={newest.number}"
        return {
            "state": self._state(record, newest, live, turn),
            "newest": newest,
            "note": turn if turn and turn.step == v.Step.SUBMITTED and turn.reason else None,
            "warning": self._warning(record, user, names),
            "stuck": STUCK if record.status == v.Status.IN_REVIEW and not can_publish(record, names) else "",
            "buttons": buttons,
            "refusal": steps.why_not_publish(record, user) if record.is_draft else "",
            "gaps": [(gap.sentence, gap_anchor(gap)) for gap in missing],
            "draft": self.address("change", draft) if draft else "",
            "edit": self.address("edit", record) if may_edit and not record.is_draft and not draft else "",
            "preview": self.address("preview", original),
            "since_sent_back": self.since_sent_back(record),
            "since_mine": self._since_mine(record, user),
            "history": self.address("history", original),
            "on_site": self.view_on_site(record),
            "compare": compared if record.draft_of_id and newest.is_pending and live else "",
            "discard": self.address("discard", record) if state_of(request).is_unsent else "",
            "opened_by": unsent.token(user),
        }

    def _since_mine(self, record: Any, user: Any) -> str:
        """Return the address of the comparison with what this user saved last, or "" if no one has saved since."""
        writing = [each for each in draft_revisions(record) if each.step in WRITING] if record.is_draft else []
        mine = [each.number for each in writing if each.account == account_of(user)]
        if not mine or mine[-1] == writing[-1].number:
            return ""
        return f"{self.address('compare', record.original)}?a={mine[-1]}&b={writing[-1].number}"

    def _warning(self, record: Any, user: Any, names: dict[str, str]) -> str:
        """Return what a save costs a person who may publish the draft as it is, or how to get the right back."""
        me = account_of(user)
        others = " or ".join(name for account, name in names.items() if account != me)
        if not others or not user.has_perm(f"trials.publish_{self.opts.model_name}"):
            return ""
        if me in names:
            return f"You can publish it if {others} approves your change, or if you restore the revision before it."
        return (
            f"You can check this and publish it. If you save a change yourself, you have written part of it: then "
            f"{others} has to approve the change, or another reviewer has to publish it."
        )

    def _state(self, record: Any, newest: Revision, live: int | None, turn: Revision | None) -> str:
        in_review = record.status == v.Status.IN_REVIEW
        submitted = f"submitted by {turn.made_by} on {when(turn)}" if turn else "submitted"
        if turn and turn.step == v.Step.RETURNED and not in_review:
            what = f"Draft of a {record.draft_of.status} {self.opts.verbose_name}" if record.draft_of_id else "Draft"
            return f"{what}, sent back by {turn.made_by} on {when(turn)} (now revision {newest.number})."
        if record.draft_of_id:
            what = f"Draft of a {record.draft_of.status} {self.opts.verbose_name}"
            if in_review:
                return f"{what}, in review (revision {newest.number}): {submitted}."
            return f"{what} (revision {newest.number})." if newest.is_pending else f"{what}. Nothing is changed yet."
        if record.is_public:
            return f"Published: the public sees revision {live}."
        if in_review:
            return f"In review (revision {newest.number}): {submitted}."
        seen = "The public sees that it was taken off." if record.status == v.Status.ARCHIVED else "It is not public."
        return f"{record.get_status_display()}, revision {newest.number}. {seen}"

    def _buttons(self, record: Any, user: Any, newest: Revision, *, is_complete: bool) -> list[Button]:
        is_change, in_review = bool(record.draft_of_id), record.status == v.Status.IN_REVIEW
        may_publish = user.has_perm(f"trials.publish_{self.opts.model_name}")
        found = []
        if record.is_draft and is_complete and not steps.why_not_publish(record, user):
            help = f"This publishes revision {newest.number}, as it is saved."
            alone = user.is_superuser and (not in_review or wrote(record, user))
            found.append(
                Button(
                    "publish",
                    "Publish",
                    asks=PUBLIC_REASON if is_change and not in_review else "",
                    is_required=is_change and not in_review,
                    help=f"{help} {ALONE}" if alone else help,
                )
            )
        if record.is_draft and not steps.why_not_approve(record, user):
            names = " and ".join(name for account, name in writer_names(record).items() if account != account_of(user))
            help = f"Look at the change first. You then answer for all of the draft, and {names} can publish it."
            found.append(Button("approve", f"Approve what {names} changed", help=help, is_folded=True))
        if in_review and may_publish:
            asks = "What has to be done before it can be published"
            found.append(Button("send-back", "Send back", asks, is_required=True, is_folded=True))
        if record.is_draft and not is_change and steps.may_discard(record, user):
            found.append(Button("discard-draft", "Discard my draft", "Why (not needed)", is_folded=True))
        if is_change:
            found.append(Button("withdraw", "Withdraw the draft", "Why (not needed)", is_folded=True))
        if record.is_public and may_publish and not record.is_needed:
            asks = "Why it is taken off the public pages. The public reads this."
            found.append(Button("archive", "Archive", asks, is_required=True, is_folded=True))
        return found
