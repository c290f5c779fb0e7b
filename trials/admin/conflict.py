"""Saving a record, and the page for two editors who saved at once: what each changed, side by side, to choose from."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse

from trials import actions, history, merge
from trials.admin import kept
from trials.admin.past import PastAdmin
from trials.admin.record import person
from trials.admin.words import when
from trials.history import Snapshot
from trials.models import Revision

CONFLICT_SALT = "ardsinfo.conflict"


@dataclass
class Dispute:
    """Two versions of one record that both began at `base`."""

    base: Revision
    newest: Revision
    mine: Snapshot
    reason: str


class ConflictAdmin(PastAdmin):
    def _edit(
        self, request: HttpRequest, record: Any, base: Revision, document: Snapshot, reason: str
    ) -> HttpResponse | list[tuple[str | None, str]]:
        """Save through the one door. What is refused comes back as (field, sentence)."""
        public, was_in_review = record.is_public, actions.is_in_review(record)
        again = " It has to be submitted again." if was_in_review else ""
        try:
            revision = actions.edit(record, document, by=person(request), base=base.number, reason=reason)
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

    def _conflict_page(
        self,
        request: HttpRequest,
        record: Any,
        dispute: Dispute,
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

    def _dispute(self, request: HttpRequest, record: Any, sent: Any) -> Dispute | None:
        try:
            held = signing.loads(sent.get("signed", ""), salt=CONFLICT_SALT, max_age=kept.OPEN_FOR)
        except signing.BadSignature:
            return None
        if held["record"] != [self.opts.model_name, record.pk] or held["owner"] != request.user.pk:
            return None
        base, newest = (actions.revisions(record).get(number=held[name]) for name in ("base", "newest"))
        return Dispute(base, newest, held["mine"], sent.get("reason", "").replace("\r\n", "\n"))
