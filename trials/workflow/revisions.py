"""The revisions of a record: which is the newest, which belong to the draft, and who wrote them."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from trials.models import Record, Revision
from trials.models.record import control_character
from trials.vocabulary import Step
from trials.workflow.documents import KINDS, Document, document_of, is_empty, places

Person = User  # the site has no user model of its own

# Steps that write content. A person who took one of them cannot be the one who checks it.
WRITING = (Step.CREATED, Step.IMPORTED, Step.EDITED, Step.RESTORED)
# What each account wrote: the account -> the paths of values and rows, such as fields.dose or arms.3f9c01ab.
Writers = dict[str, list[str]]


def account_of(person: Person) -> str:
    """Return the account of a person: the key, which stays when they are renamed and is never given again."""
    return str(person.pk)


def revisions(record: Record) -> Any:
    """Return all revisions of the record and of its drafts, oldest first."""
    return Revision.objects.of(KINDS[type(record)], record.original.pk)


def newest_revision(record: Record) -> Revision:
    """Return the newest revision. Raises Revision.DoesNotExist for a record that came in without one."""
    return revisions(record).latest("number")


def draft_of(record: Record) -> Any:
    """Return the draft of a record that was published, or None."""
    model: Any = type(record)
    return model._default_manager.filter(draft_of=record.original.pk).first()


def working_copy(record: Record) -> Any:
    """Return the row that an editor continues from: the draft if there is one, or else the record itself."""
    return draft_of(record) or record.original


def draft_revisions(record: Record) -> list[Revision]:
    """Return the revisions since the record was last live or its draft was discarded, without their documents."""
    since: list[Revision] = []
    for revision in revisions(record).defer("data"):
        since = [*since, revision] if revision.is_pending else []
    return since


def writers(record: Record) -> Writers:
    """Return who wrote what is in the draft and not public. They cannot be the ones who check it."""
    newest = newest_revision(record)
    return newest.writers if newest.is_pending else {}


def wrote(record: Record, person: Person) -> bool:
    """Return whether this person wrote part of the draft."""
    return account_of(person) in writers(record)


def other_writers(record: Record, person: Person) -> list[str]:
    """Return the names of all others who took a step that wrote content of the draft, even if none of it is left."""
    written = [each for each in draft_revisions(record) if each.step in WRITING]
    return sorted({each.made_by for each in written if each.account != account_of(person)})


def writer_names(record: Record) -> dict[str, str]:
    """Return the present name of each account that wrote part of the draft, or the former name if it is gone."""
    accounts = writers(record)
    names = dict(revisions(record).filter(account__in=accounts).values_list("account", "made_by"))
    for user in Person.objects.filter(pk__in=accounts):
        names[str(user.pk)] = user.get_username()
    return names


def written_by(
    person: Person,
    before: Document,
    after: Document,
    *,
    held: Writers,
    public: Document,
    restored: Writers | None = None,
    is_undone: bool = False,
) -> Writers:
    """Return who wrote what is in `after` and not in `public`, once this person has changed `before` to `after`.

    `held` is who wrote what is in `before`, `restored` who wrote the revision that `after` was taken from. Where that
    is a revision of the same draft, `is_undone`, the person only undid what came later, and wrote nothing.
    """
    changed = differing(before, after)
    source = held if restored is None else restored
    found: dict[str, set[str]] = {}
    for path in differing(public, after):
        accounts = {account for account, paths in (source if path in changed else held).items() if path in paths}
        if path in changed and not (is_undone and accounts):
            accounts.add(account_of(person))
        for account in accounts:
            found.setdefault(account, set()).add(path)
    return {account: sorted(paths) for account, paths in sorted(found.items())}


def differing(before: Document, after: Document) -> set[str]:
    """Return the paths of the fields and rows that differ. A value that is missing is the same as an empty one."""
    old, new = _by_path(before), _by_path(after)
    return {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}


def _by_path(document: Document) -> dict[str, Any]:
    rows = {
        place: {name: value for name, value in values.items() if not is_empty(value)}
        for place, values in places(document).items()
    }
    return {f"fields.{name}": value for name, value in rows.pop("fields").items()} | rows


def document_after(record: Record, revision: Revision) -> Document:
    """Return what was edited after this revision: after a draft was discarded, the version that the public saw."""
    if revision.step == Step.WITHDRAWN:
        revision = revisions(record).filter(number__lt=revision.number, live=True).last()
    return revision.data


def add_revision(
    record: Record,
    step: Step,
    by: Person | str,
    *,
    document: Document | None = None,
    reason: str = "",
    live: bool = False,
    writers: Writers | None = None,
    confirmed: Sequence[str] = (),
) -> Revision:
    """Save the next revision of a record or a draft. Raises ValidationError for a reason with a control character."""
    if sentence := control_character(reason, "the reason"):
        raise ValidationError(sentence)
    original = record.original
    number = (revisions(record).values_list("number", flat=True).last() or 0) + 1
    return Revision.objects.create(
        kind=KINDS[type(record)],
        record_id=original.pk,
        name=original.slug,
        number=number,
        step=step,
        live=live,
        made_by=by if isinstance(by, str) else by.get_username(),
        account="" if isinstance(by, str) else account_of(by),
        reason=reason.strip(),
        writers=writers or {},
        confirmed=list(confirmed),
        data=document_of(record) if document is None else document,
    )
