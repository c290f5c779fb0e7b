"""Every write of content goes through one of these functions.

Each is one transaction: it checks the record as a whole, saves it with its rows, adds a revision, and renews the
content version.

    create, then save as often as needed, submit, publish (by a second person), or send back; or discard
    approve: a writer of the draft takes on what others wrote, so that they can check the rest
    a published record: start_draft, then save, submit, publish; until then the public sees it as it was

`base` is the number of the revision that the person has seen. If it is no longer the newest, Conflict is raised and
nothing is done.
"""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError

from trials.models import FormerSlug, Record, Revision, Trial
from trials.vocabulary import Status, Step
from trials.workflow import mail, remarks
from trials.workflow.checks import check, without_superfluous_rows
from trials.workflow.documents import ROWS, Document, build, document_of, write
from trials.workflow.questions import open_questions
from trials.workflow.readiness import missing
from trials.workflow.revisions import (
    Person,
    Writers,
    account_of,
    add_revision,
    differing,
    draft_revisions,
    newest_revision,
    other_writers,
    revisions,
    working_copy,
    writers,
    written_by,
    wrote,
)
from trials.workflow.rights import may_publish
from trials.workflow.versions import content_write, write_nothing

WITHOUT_A_SECOND_PERSON = "Published by a superuser, without the check by a second person."


class Conflict(Exception):
    """A revision was added since `base`, or none was named: it is then the newest. `document` is what was not saved."""

    def __init__(self, base: Revision, newest: Revision, document: Document) -> None:
        super().__init__(
            "The form did not say which revision it was opened with."
            if base == newest
            else f"{newest.made_by} has added revision {newest.number} since ({newest.get_step_display()})."
        )
        self.base, self.newest, self.document = base, newest, document


@content_write
def create(
    model: type[Record], document: Document, *, by: Person, reason: str = "", step: Step = Step.CREATED
) -> Record:
    """Save a new draft, and return it. Raises ValidationError if the document is wrong."""
    record, document = build_and_check(document, model())
    write(record)
    add_revision(
        record, step, by, document=document, reason=reason, writers=written_by(by, {}, document, held={}, public={})
    )
    return record


@content_write
def start_draft(record: Record) -> Record:
    """Return the draft of a published or archived record. If there is none, copy the record to a new one."""
    model: Any = type(record)
    working = working_copy(model._default_manager.get(pk=record.original.pk))
    if working.is_draft:
        write_nothing()
        return working
    draft: Record = build(document_of(working), model(draft_of=working))
    write(draft)
    return draft


@content_write
def save(
    record: Record,
    document: Document,
    *,
    by: Person,
    base: int,
    step: Step = Step.EDITED,
    reason: str = "",
    restored: Revision | None = None,
) -> Revision | None:
    """Save a draft, and return the new revision, or None if nothing differs. Raises ValidationError if it is wrong."""
    working = _current(record, base, document)
    if not working.is_draft:
        raise ValidationError("This is published. Choose “Edit” to make a draft of it.")
    built, document = build_and_check(document, working)
    before = document_of(working)
    if document == before:
        write_nothing()
        return None
    authors = _writers_after(working, by, before, document, restored)
    built.status = Status.DRAFT
    write(built)
    return add_revision(built, step, by, document=document, reason=reason, writers=authors)


def _writers_after(draft: Record, by: Person, before: Document, after: Document, restored: Revision | None) -> Writers:
    """Return who wrote what is in the draft and not public, once this person has changed or restored it."""
    return written_by(
        by,
        before,
        after,
        held=writers(draft),
        public=revisions(draft).filter(live=True).values_list("data", flat=True).last() or {},
        restored=restored.writers if restored else None,
        is_undone=restored in draft_revisions(draft),
    )


@content_write
def restore(record: Record, number: int, *, by: Person, base: int) -> Revision | None:
    """Make an earlier revision the content of the draft, and return the new one or, if nothing differs, None."""
    earlier = revisions(record).get(number=number)
    _current(record, base, earlier.data)
    revision = save(
        start_draft(record), earlier.data, by=by, base=base, step=Step.RESTORED, reason=f"Revision {number}.",
        restored=earlier,
    )  # fmt: skip
    if revision is None:
        write_nothing()
    return revision


@content_write
def discard(record: Record, *, by: Person, base: int, reason: str = "") -> Revision:
    """Delete a draft; its revisions stay. Raises PermissionDenied if this person may not, ValidationError for no draft.

    A draft belongs to the person who alone wrote it. Those who may publish can discard any.
    """
    working = _current(record, base)
    if not working.is_draft:
        raise ValidationError("There is no draft to discard.")
    if refusal := why_not_discard(working, by):
        raise PermissionDenied(refusal)
    return _end_draft(working, by, reason)


@content_write
def submit(record: Record, *, by: Person, base: int, confirmed: Collection[str], reason: str = "") -> Revision:
    """Ask for the check by a second person. A change to a published record needs a reason, which becomes public.

    A draft that does not change it is refused: with its reason alone, one person could put text on the public pages.
    `confirmed` holds the tokens of the questions that were answered: values that changed, whose sources did not and
    still hold (see `questions`). Raises ValidationError for a question whose token is not among them.
    """
    working = _current(record, base)
    if working.status == Status.IN_REVIEW:
        raise ValidationError(f"{newest_revision(working).made_by} has submitted it already.")
    if not working.is_draft:
        raise ValidationError("There is no draft to check.")
    if working.original.is_public and not differing(document_of(working.original), document_of(working)):
        raise ValidationError("The draft is the same as what the public sees. Change something, or discard the draft.")
    if working.draft_of_id and not reason.strip():
        raise ValidationError("Say what changed and why: the public reads this in the history.")
    asked = open_questions(working)
    if unanswered := [question.sentence for question in asked if question.token not in confirmed]:
        raise ValidationError(unanswered)
    _set_status(working, Status.IN_REVIEW)
    written = writers(working)
    mail.notify_of_submission(working, by, reason, written)
    return add_revision(
        working, Step.SUBMITTED, by, reason=reason, writers=written, confirmed=[each.path for each in asked]
    )


@content_write
def send_back(record: Record, *, by: Person, base: int, reason: str) -> Revision:
    """Return a submitted record to its editor, with what has to be done."""
    working = _current(record, base, publisher=by)
    if working.status != Status.IN_REVIEW:
        raise ValidationError("It has not been submitted.")
    if not reason.strip():
        raise ValidationError("Say what has to be done before it can be published.")
    _set_status(working, Status.DRAFT)
    remarks.add(working, reason, by=by)
    mail.notify_of_return(working, by, reason)
    return add_revision(working, Step.RETURNED, by, reason=reason, writers=writers(working))


@content_write
def approve(record: Record, *, by: Person, base: int, reason: str = "") -> Revision:
    """Take on what others wrote in a draft of one's own: two people have seen it then, and the others may check it."""
    working = _current(record, base)
    if refusal := why_not_approve(working, by):
        raise PermissionDenied(refusal)
    written = {account_of(by): sorted({path for paths in writers(working).values() for path in paths})}
    if working.status == Status.IN_REVIEW:
        mail.notify_of_submission(working, by, reason, written)
    return add_revision(working, Step.APPROVED, by, reason=reason, writers=written)


@content_write
def publish(record: Record, *, by: Person, base: int, reason: str = "") -> Revision:
    """Make the draft public. Raises PermissionDenied if this person may not, ValidationError for what is missing.

    The reason is that of the submission. Only a draft that was not submitted takes one from `reason`.
    """
    working = _current(record, base)
    if refusal := why_not_publish(working, by):
        raise PermissionDenied(refusal)
    if absent := missing(working):
        raise ValidationError(absent)
    reasons: list[str] = []
    if working.draft_of_id:  # the reasons for a first version are for colleagues
        submitted = [each.reason for each in draft_revisions(working) if each.step == Step.SUBMITTED]
        own = "" if working.status == Status.IN_REVIEW else reason.strip()
        # The reason of a submission before was proposed for the last one: what is left of it is there.
        reasons = [text for text in dict.fromkeys([*submitted[-1:], own]) if text]
        if not reasons:
            raise ValidationError("Say what changed and why: the public reads this in the history.")
    if wrote(working, by) or working.status != Status.IN_REVIEW:
        reasons.append(WITHOUT_A_SECOND_PERSON)
    mail.notify_of_publication(working, by)
    document = document_of(working)
    if working.draft_of_id:
        working.delete()  # before the record is checked, so that the two do not share an identifier
    original = working.original
    slug_before = original.slug
    published, document = build_and_check(document, original)
    published.status = Status.PUBLISHED
    write(published)
    _redirect_former_address(published, slug_before)
    reason = "\n".join(reasons)
    return add_revision(published, Step.PUBLISHED, by, document=document, reason=reason, live=True)


@content_write
def archive(record: Record, *, by: Person, base: int, reason: str) -> Revision:
    """Take a published record off the public pages. Its draft is discarded."""
    working = _current(record, base, publisher=by)
    original = working.original
    if not original.is_public:
        raise ValidationError("Only what is published can be archived.")
    if original.is_needed:
        raise ValidationError(
            f"The menu, the footer or other pages always lead to “{original}”, so it cannot be archived. Edit it "
            "instead."
        )
    if not reason.strip():
        raise ValidationError("Say why it is taken off the public pages.")
    if working.draft_of_id:
        _end_draft(working, by, reason)
    _set_status(original, Status.ARCHIVED)
    return add_revision(original, Step.ARCHIVED, by, reason=reason, live=True)


def why_not_publish(record: Record, by: Person) -> str:
    """Return why this person cannot publish the draft now, or "" if they can."""
    working = working_copy(record)
    if not may_publish(by):
        return "Only a reviewer can publish."
    if not working.is_draft:
        return "There is no draft to publish."
    if by.is_superuser:
        return ""
    if working.status != Status.IN_REVIEW:
        return "It has to be submitted for a check first."
    if wrote(working, by):
        return "You wrote part of this change, so another person has to check and publish it."
    return ""


def why_not_discard(record: Record, by: Person) -> str:
    """Return why this person cannot discard the draft, or "" if they can."""
    others = other_writers(record, by)
    if others and not may_publish(by):
        return f"{' and '.join(others)} wrote part of this draft, so you cannot discard it."
    return ""


def why_not_approve(record: Record, by: Person) -> str:
    """Return why this person cannot take on what others wrote in the draft, or "" if they can."""
    written = set(writers(record))
    if account_of(by) not in written:
        return "Only a person who wrote part of this change can approve the rest of it."
    others = written - {account_of(by)}
    if not others:
        return "You wrote all of this change, so there is nothing to approve."
    if not mail.publishers().filter(pk__in=others).exists():
        return "None of the others who wrote part of this may publish it, so there is nothing to approve."
    return ""


def _current(record: Record, base: int, document: Document | None = None, publisher: Person | None = None) -> Any:
    """Return the working copy as it is now. Raises Conflict, or PermissionDenied if `publisher` may not publish."""
    original = type(record)._default_manager.get(pk=record.original.pk)
    working = working_copy(original)
    newest = newest_revision(original)
    if newest.number != base:
        opened = revisions(original).filter(number=base).first() or newest
        raise Conflict(opened, newest, document_of(working) if document is None else document)
    if publisher and not may_publish(publisher):
        raise PermissionDenied("Only a reviewer can do this.")
    return working


def build_and_check(document: Document, record: Record) -> tuple[Any, Document]:
    """Return the record built from the document, checked, and its document as it will be stored."""
    built = build(document, record)
    rows = {}
    if isinstance(built, Trial):
        # A document that is older than a kind of row has none of them.
        document = without_superfluous_rows({kind: [] for kind in ROWS} | document, built)
        built = build(document, record)
        rows = {kind: getattr(built, kind).all() for kind in ROWS}
    check(built, document)
    return built, document_of(built, rows)


def _end_draft(draft: Any, by: Person, reason: str) -> Revision:
    """Delete a draft; its revisions stay, and those who wrote it are told."""
    mail.notify_of_discard(draft, by, reason)
    revision = add_revision(draft, Step.WITHDRAWN if draft.draft_of_id else Step.DELETED, by, reason=reason)
    draft.delete()
    return revision


def _set_status(record: Record, status: Status) -> None:
    record.status = status
    record.save()


def _redirect_former_address(record: Record, slug_before: str) -> None:
    """Let the address that a study had before lead to it, if it was public there."""
    if not isinstance(record, Trial) or record.slug == slug_before:
        return
    FormerSlug.objects.filter(slug=record.slug, trial=record).delete()
    if revisions(record).filter(live=True).exists():
        FormerSlug.objects.update_or_create(slug=slug_before, defaults={"trial": record})
