"""The steps of a record in the admin, and the box at the top of its form that offers them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from trials import vocabulary as v
from trials.admin import form_store
from trials.admin.base import NOTHING_CHANGED, BaseRecordAdmin, person, sent_text, time_in_words, whole_number
from trials.admin.dashboard import STUCK
from trials.admin.history import since_sent_back, written_since
from trials.admin.remarks import gap_anchor
from trials.models import Revision
from trials.workflow import steps
from trials.workflow.mail import can_publish
from trials.workflow.readiness import gaps
from trials.workflow.revisions import (
    WRITING,
    account_of,
    draft_of,
    draft_revisions,
    revisions,
    writer_names,
    wrote,
)
from trials.workflow.rights import may_edit, may_publish

PUBLIC_REASON = "What changed and why. The public reads this in the history, so name no colleague."
ALONE = "You publish it without the check by a second person. The history says so."
SUBMITTED = "Submitted. Another person checks and publishes it."
EDITORS_STEPS = ("approve", "discard", "restore")
# Each step with what the person who took it is told.
STEPS: dict[str, tuple[Callable[..., Revision | None], str]] = {
    "publish": (steps.publish, "Published. The public sees it now."),
    "send-back": (steps.send_back, "Sent back to its editor. What you wrote is a remark until it is ticked off."),
    "approve": (
        steps.approve,
        "Approved. You answer for all of the draft now, so those who made the change can check it.",
    ),
    "discard": (steps.discard, "The draft is discarded. The history keeps it."),
    "archive": (steps.archive, "Archived. The list of changes says that it was taken off, when and why."),
    "restore": (steps.restore, "Restored as a new revision of the draft."),
}


def edit_view(model_admin: BaseRecordAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Start a draft unless there is one, or only lead to what there is, as e-mails do."""
    record = model_admin.get_record(request, object_id, to_change=True)
    if request.method == "POST":
        steps.start_draft(record)
    return model_admin.to_form(record)


def forget_view(model_admin: BaseRecordAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
    """Forget the form that was stored when a log-in expired."""
    model_admin.get_record(request, object_id)
    record: Any = model_admin.get_object(request, object_id)
    form = model_admin.address("change", record)
    if request.method == "POST":
        form_store.forget(request, form)
    return HttpResponseRedirect(form)


def step_view(
    model_admin: BaseRecordAdmin, request: HttpRequest, object_id: str, name: str, **values: Any
) -> HttpResponse:
    """Take a step. `values` are from its address, which names the revision to restore; any other has a reason."""
    record = model_admin.get_record(request, object_id, to_change=name in EDITORS_STEPS)
    if request.method == "POST":
        form_store.forget(request)
        try:
            _take(model_admin, request, record, name, values or {"reason": sent_text(request, "reason")})
        except Revision.DoesNotExist as error:
            raise Http404 from error
        except PermissionDenied as refusal:
            context = model_admin.page_context(request, record, "Not done") | {"sentence": str(refusal)}
            return TemplateResponse(request, "admin/record/forbidden.html", context, status=403)
    elif form_store.load(request) is not None:
        model_admin.show_errors(request, form_store.NOT_DONE)
    original = model_admin.model._default_manager.filter(pk=record.pk).first()
    if original is None:  # it was a draft, and is discarded
        return redirect(f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}_changelist")
    return model_admin.to_form(original)


def _take(model_admin: BaseRecordAdmin, request: HttpRequest, record: Any, name: str, values: dict[str, Any]) -> None:
    """Take a step and say what was done, or why it was refused, in which case what was written is stored."""
    step, done = STEPS[name]
    try:
        taken = step(record, by=person(request), base=whole_number(request.POST.get("base")), **values)
    except (steps.Conflict, ValidationError) as refusal:
        form_store.store(request)
        is_conflict = isinstance(refusal, steps.Conflict)
        sentences = [f"Nothing was done. {refusal} Look at it first."] if is_conflict else refusal.messages
        model_admin.show_errors(request, *sentences)
    else:
        model_admin.message_user(request, done if taken else NOTHING_CHANGED, messages.SUCCESS)


# --- The box


@dataclass
class Button:
    """A step that can be taken now. `prompt` is the label of its text box, if it has one."""

    name: str
    label: str
    prompt: str = ""
    is_required: bool = False
    is_folded: bool = True
    help: str = ""
    address: str = ""
    reason: str = ""  # what was filled in before the log-in expired


def box(model_admin: BaseRecordAdmin, request: HttpRequest, record: Any, newest: Revision) -> dict[str, Any]:
    """Return what the box shows of a record that was fetched with its rows."""
    user = person(request)
    is_editor = may_edit(user)
    live = revisions(record).filter(live=True).values_list("number", flat=True).last()
    pending = draft_revisions(record) if record.is_draft else []
    turns = [each for each in pending if each.step in (v.Step.SUBMITTED, v.Step.RETURNED)]
    turn = turns[-1] if turns else None  # by which the draft last changed hands
    names = writer_names(record) if record.is_draft else {}
    missing = gaps(record) if is_editor and record.is_draft else []
    refusal = steps.why_not_publish(record, user) if record.is_draft else ""
    buttons = _buttons(record, user, names, can_be_published=not refusal and not missing) if is_editor else []
    for button in buttons:
        button.address = model_admin.address(button.name, record.original)
        if sent := form_store.load(request, button.address):
            button.reason = sent.get("reason", "")
    return _links(model_admin, request, record, newest, live, pending) | {
        "state": _state(record, newest, live, turn),
        "newest": newest,
        "note": turn if turn and turn.step == v.Step.SUBMITTED and turn.reason else None,
        "warning": _warning(record, user, names),
        "stuck": STUCK if record.status == v.Status.IN_REVIEW and not can_publish(names) else "",
        "buttons": buttons,
        "refusal": refusal,
        "gaps": [(gap.sentence, gap_anchor(gap)) for gap in missing],
        "opened_by": form_store.token(user),
    }


def _links(
    model_admin: BaseRecordAdmin,
    request: HttpRequest,
    record: Any,
    newest: Revision,
    live: int | None,
    pending: list[Revision],
) -> dict[str, str | None]:
    """Return where the box leads; "" for what this record, or this user, does not have."""
    original, draft = record.original, None if record.is_draft else draft_of(record)
    may_start = may_edit(request.user) and not record.is_draft and not draft
    account = account_of(person(request))
    mine = [each for each in pending if each.step in WRITING and each.account == account]
    compared = f"{model_admin.address('compare', original)}?a={live}&b={newest.number}"
    return {
        "draft": model_admin.address("change", draft) if draft else "",
        "edit": model_admin.address("edit", record) if may_start else "",
        "preview": model_admin.address("preview", original),
        "since_sent_back": since_sent_back(model_admin, record, pending),
        "since_mine": written_since(model_admin, record, pending, mine),
        "history": model_admin.address("history", original),
        "on_site": model_admin.view_on_site(record),
        "compare": compared if record.draft_of_id and newest.is_pending and live else "",
        "forget": model_admin.address("forget", record) if form_store.load(request) is not None else "",
    }


def _state(record: Any, newest: Revision, live: int | None, turn: Revision | None) -> str:
    number = f"revision {newest.number}"
    if record.is_public:
        return f"Published: the public sees revision {live}."
    if not record.is_draft:
        return f"Archived, {number}. The public sees that it was taken off."
    former = "a published" if record.original.is_public else "an archived"
    draft = f"Draft of {former} {record._meta.verbose_name}" if record.draft_of_id else "Draft"
    if turn and record.status == v.Status.IN_REVIEW:
        in_review = f"{draft}, in review" if record.draft_of_id else "In review"
        return f"{in_review} ({number}): submitted by {turn.made_by} on {time_in_words(turn.made_at)}."
    if turn and turn.step == v.Step.RETURNED:
        return f"{draft}, sent back by {turn.made_by} on {time_in_words(turn.made_at)} (now {number})."
    if not record.draft_of_id:
        return f"Draft, {number}. It is not public."
    return f"{draft} ({number})." if newest.is_pending else f"{draft}. Nothing is changed yet."


def _warning(record: Any, user: Any, names: dict[str, str]) -> str:
    """Return what a save costs a person who may publish the draft as it is, or how to get the right back."""
    others = " or ".join(name for account, name in names.items() if account != account_of(user))
    if not others or not may_publish(user):
        return ""
    submitted = "" if record.status == v.Status.IN_REVIEW else " once it is submitted"
    if account_of(user) in names:
        return (
            f"You can publish it{submitted} if {others} approves your change, or if you restore the revision before it."
        )
    return (
        f"You can check this and publish it{submitted}. If you save a change yourself, you have written part of it: "
        f"then {others} has to approve the change, or another reviewer has to publish it."
    )


def _draft_that_ends(record: Any) -> str:
    """Return what archiving a record does to its draft; "" if it has none."""
    if not draft_of(record):
        return ""
    names = " and ".join(writer_names(record).values())
    return f"There is a draft{f' by {names}' if names else ''}; archiving ends it."


def _buttons(record: Any, user: Any, names: dict[str, str], *, can_be_published: bool) -> list[Button]:
    is_change, in_review = bool(record.draft_of_id), record.status == v.Status.IN_REVIEW
    found = []
    if record.is_draft and can_be_published:
        help = ALONE if user.is_superuser and (not in_review or wrote(record, user)) else ""
        needs_reason = is_change and not in_review
        prompt = PUBLIC_REASON if needs_reason else ""
        found.append(Button("publish", "Publish", prompt, is_required=needs_reason, is_folded=False, help=help))
    if record.is_draft and not steps.why_not_approve(record, user):
        others = " and ".join(name for account, name in names.items() if account != account_of(user))
        submitted = "" if in_review else " once it is submitted"
        help = (
            f"Look at the change first. You then answer for all of the draft, and {others} can publish it{submitted}."
        )
        found.append(Button("approve", f"Approve what {others} changed", help=help))
    if in_review and may_publish(user):
        prompt = "What has to be done before it can be published"
        found.append(Button("send-back", "Send back", prompt, is_required=True))
    if record.is_draft and not steps.why_not_discard(record, user):
        found.append(Button("discard", "Discard the draft", "Why (not needed)"))
    if record.is_public and may_publish(user) and not record.is_needed:
        prompt = "Why it is taken off the public pages. The public reads this."
        found.append(Button("archive", "Archive", prompt, is_required=True, help=_draft_that_ends(record)))
    return found
