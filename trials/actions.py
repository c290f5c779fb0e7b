"""The only door for writes. The admin, the commands and the tests go through it.

Each action is one transaction: it checks the record, saves it, brings up to date what is worked out from it, and adds
its revision. The road of a record:

    create -> edit … -> submit -> publish          by an editor, and then by somebody else
    a published record: edit … -> submit -> publish; until then the edits are revisions that are not live,
    and the tables, which the public sees, stay as they are.
"""

import copy
import functools
from collections.abc import Callable, Iterable
from typing import Any, ParamSpec, Protocol, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model

from trials import history
from trials.digest import digest, digest_of
from trials.history import Record, Snapshot
from trials.models import Arm, ContentVersion, Country, FormerSlug, GlossaryTerm, Page, Registration, Revision, Trial
from trials.models.source import NAMED_ROWS
from trials.models.typed import control_character
from trials.readiness import missing
from trials.search import fold
from trials.vocabulary import Status, Step

# Whoever takes one of these steps has written something, and cannot be the one who checks it.
WRITING = (Step.CREATED, Step.IMPORTED, Step.EDITED, Step.RESTORED)
THE_SITE = "the site itself"  # who loaded the first studies
WITHOUT_A_SECOND_PERSON = "Published by a superuser, without the check by a second person."


P = ParamSpec("P")
Result = TypeVar("Result")


def one_at_a_time(action: Callable[P, Result]) -> Callable[P, Result]:
    """Make a function one transaction, and let the database run one such at a time."""

    @functools.wraps(action)
    def alone(*args: P.args, **kwargs: P.kwargs) -> Result:
        with transaction.atomic():
            ContentVersion.objects.lock()
            return action(*args, **kwargs)

    return alone


class Person(Protocol):
    """A user, as far as the actions look at one."""

    is_superuser: bool

    def get_username(self) -> str: ...
    def has_perm(self, perm: str, obj: Any = None) -> bool: ...


class Conflict(Exception):
    """Somebody else has saved the record since it was opened. Nothing was saved.

    `base` is the revision that was opened, `newest` the one there is now, `mine` the snapshot that was not saved.
    """

    def __init__(self, base: Revision, newest: Revision, mine: Snapshot) -> None:
        super().__init__(f"{newest.made_by} saved revision {newest.number} meanwhile.")
        self.base, self.newest, self.mine = base, newest, mine


ROW_NAMES = tuple(f"{kind}-" for kind in NAMED_ROWS)  # how the name of a row begins


def search_text(trial: Trial) -> str:
    """Everything the search box looks in, folded: title, authors, identifiers, countries, tissue of the cells."""
    return _search_text(trial, trial.registrations.all(), trial.countries.all(), trial.arms.all())


def _search_text(
    trial: Trial, registrations: Iterable[Registration], countries: Iterable[Country], arms: Iterable[Arm]
) -> str:
    parts = [trial.title, trial.acronym, trial.doi, trial.pmid, trial.pmcid, trial.cell_source_wording]
    parts += [author.full for author in trial.author_list]
    parts += [registration.identifier for registration in registrations]
    for country in countries:
        parts += [country.name, country.other_names]
    parts += [arm.get_cell_source_display() for arm in arms if arm.cell_source]
    seen: dict[str, None] = {}  # a set that keeps its order
    for part in parts:
        seen.update(dict.fromkeys(fold(part or "").split()))
    return " ".join(seen)


def author_key(trial: Trial) -> str:
    """What the study is sorted by under “first author”."""
    return fold(trial.lead_author)[:80]


@one_at_a_time
def save_trial(trial: Trial) -> Trial:
    """Check and save the study itself. Call `complete_trial` once its groups and the other rows are saved too.

    Raises ValidationError, with the fields named, if the study is not right; nothing is saved then.
    """
    trial.full_clean()
    before = _address_of(trial)
    trial.save()
    _note_address(trial, before)
    return trial


def _address_of(trial: Trial) -> str | None:
    """The address that the study has in the tables; None if it is new."""
    return Trial.objects.filter(pk=trial.pk).values_list("slug", flat=True).first()


def _note_address(trial: Trial, before: str | None) -> None:
    """Let the address that the study had before lead to it for good, if the public may know it.

    Raises ValidationError if the one that it has now leads to another study.
    """
    if before == trial.slug:
        return
    former = FormerSlug.objects.filter(slug=trial.slug).select_related("trial").first()
    if former and former.trial != trial:
        raise ValidationError(
            {"slug": f"“{trial.slug}” was the address of {former.trial.short_name}, and leads there for good."}
        )
    if former:
        former.delete()
    if before is not None and (trial.is_public or revisions(trial).filter(live=True).exists()):
        FormerSlug.objects.update_or_create(slug=before, defaults={"trial": trial})


def check_rows(trial: Trial) -> None:
    """What shows only once the study and all its rows are saved: that they fit each other.

    Raises ValidationError with one sentence for each row that does not.
    """
    wrong: list[str] = []
    there: dict[str, Model] = {f"arm-{arm.position}": arm for arm in trial.arms.all()}
    there |= {f"registration-{registration.position}": registration for registration in trial.registrations.all()}
    for count in trial.counts.select_related("arm"):
        there[f"count-{count.position}"] = count
        count.trial = trial
        wrong += _complaints(count, f"Count {count.position}")
    for source in trial.sources.all():
        if source.value.startswith(ROW_NAMES) and source.value.split(".")[0] not in there:
            wrong.append(f"Source {source.position} is a source of “{source.value}”, and there is no such row.")
    for blank in trial.blanks.all():
        if blank.value.startswith(ROW_NAMES) and blank.value.split(".")[0] not in there:
            wrong.append(f"There is a reason for the blank “{blank.value}”, and there is no such row.")
        blank.trial = trial
        wrong += _complaints(blank, f"The reason for the blank “{blank.value}”")
        if held := _held_in_rows(trial, there, blank.value):
            wrong.append(f"The reason for the blank “{blank.value}”: {blank.value} is not empty: it holds “{held}”.")
    if wrong:
        raise ValidationError(wrong)


def _held_in_rows(trial: Trial, rows: dict[str, Model], value: str) -> str:
    """What the rows or the countries of the study hold where a blank says that nothing is: arm-1.analysed, countries.

    Empty if nothing is there. What the study itself holds, a blank looks at by itself.
    """
    if value == "countries":
        return ", ".join(str(country) for country in trial.countries.all())
    if value == "cell_source":
        return ", ".join(dict.fromkeys(arm.get_cell_source_display() for arm in trial.arms.all() if arm.cell_source))
    name, _, field = value.partition(".")
    held = getattr(rows[name], field) if name in rows and field else None
    return "" if held in ("", None, []) else str(held)


def _complaints(row: Model, name: str) -> list[str]:
    try:
        row.clean()
    except ValidationError as error:
        return [f"{name}: {message}" for message in error.messages]
    return []


@one_at_a_time
def complete_trial(trial: Trial) -> None:
    """Check that the rows fit together, then bring up to date what is worked out from the study and its rows.

    Raises ValidationError if they do not fit. Call it in the transaction that saved the rows, so that they go too.
    """
    check_rows(trial)
    trial.author_key = author_key(trial)
    trial.search_text = search_text(trial)
    worked_out = digest(trial)
    for name, value in worked_out.items():
        setattr(trial, name, value)
    trial.save(update_fields=["author_key", "search_text", *worked_out, "updated"])


@one_at_a_time
def delete_record(record: Record) -> None:
    """Delete a study with its rows and its former addresses, a page or a glossary term. Its revisions stay.

    Raises ValidationError if the public sees it: its address may stand in a paper or a letter.
    """
    # Not asked of `record`, which may have been published since it was read.
    if type(record).objects.public().filter(pk=record.pk).exists():
        name = record.short_name if isinstance(record, Trial) else str(record)
        raise ValidationError(
            f"{name} is published, so its address may be cited: it cannot be deleted. "
            "Archive it instead, which takes it off the public pages."
        )
    record.delete()


@one_at_a_time
def save_country(country: Country) -> Country:
    """Check and save a country, and its names and code in what its studies are found by."""
    country.full_clean()
    country.save()
    for trial in country.trials.all():
        Trial.objects.filter(pk=trial.pk).update(search_text=search_text(trial), **digest(trial))
    return country


@one_at_a_time
def delete_country(country: Country) -> None:
    """Delete a country. Raises ValidationError while a study names it."""
    number = country.trials.count()
    if number:
        studies = "1 study names" if number == 1 else f"{number} studies name"
        raise ValidationError(f"{country} cannot be deleted: {studies} it.")
    country.delete()


@one_at_a_time
def save_text(text: Page | GlossaryTerm) -> Page | GlossaryTerm:
    """Check and save a page or a glossary term."""
    text.full_clean()
    text.save()
    return text


# --- Revisions ------------------------------------------------------------------------------------------------


def revisions(record: Record) -> Any:
    """All revisions of the record, oldest first."""
    return Revision.objects.of(history.KINDS[type(record)], record.pk)


def newest_revision(record: Record) -> Revision:
    """The newest revision. A record that came without a history (by `loaddata`) gets this one with its first step."""
    return revisions(record).last() or _next(record, Step.LOADED, THE_SITE, live=record.is_public)


def pending_revision(record: Record) -> Revision | None:
    """The draft of a published record that is not live yet, if there is one."""
    newest = newest_revision(record)
    return newest if record.is_public and newest.is_pending else None


def working_document(record: Record) -> Snapshot:
    """What an editor goes on from: the draft that is not live or, without one, what the tables hold."""
    pending = pending_revision(record)
    return copy.deepcopy(pending.data) if pending else history.snapshot(record)


def is_in_review(record: Record) -> bool:
    return newest_revision(record).step == Step.SUBMITTED


def _waiting(record: Record) -> list[Revision]:
    """The steps since the record last went live, or since its draft was given up: what publishing would make public."""
    since: list[Revision] = []
    for revision in revisions(record).defer("data"):
        since = [*since, revision] if revision.is_pending else []
    return since


def writers(record: Record) -> set[str]:
    """Who has written since the record last went live: they cannot be the ones who check it."""
    return {revision.made_by for revision in _waiting(record) if revision.step in WRITING}


def _next(
    record: Record,
    step: Step,
    by: str,
    *,
    data: Snapshot | None = None,
    reason: str = "",
    live: bool = False,
    number: int | None = None,
) -> Revision:
    if number is None:
        number = (revisions(record).values_list("number", flat=True).last() or 0) + 1
    return Revision(
        kind=history.KINDS[type(record)],
        record_id=record.pk,
        name=record.slug,
        number=number,
        step=step,
        live=live,
        made_by=by,
        reason=reason.strip(),
        data=history.snapshot(record) if data is None else data,
    )


def _add(record: Record, step: Step, by: str, **values: Any) -> Revision:
    """Save the next revision. Raises ValidationError for a reason that the feed could not hold."""
    revision = _next(record, step, by, **values)
    if sentence := control_character(revision.reason, "the reason"):
        raise ValidationError(sentence)
    revision.save()
    return revision


def _locked(record: Record, base: int | None = None, mine: Snapshot | None = None) -> Revision:
    """Let nobody else take a step with this record until this transaction ends. Returns its newest revision.

    Raises Conflict if `base`, the number of the revision that was looked at, is not the newest any more.
    """
    type(record)._default_manager.select_for_update().get(pk=record.pk)
    record.refresh_from_db()
    newest = newest_revision(record)
    if newest._state.adding:
        newest.save()
    if base is not None and newest.number != base:
        opened = revisions(record).filter(number=base).first() or newest
        raise Conflict(opened, newest, working_document(record) if mine is None else mine)
    return newest


def _check(record: Record) -> None:
    """Raise ValidationError unless the record, as the tables hold it now, is right in itself."""
    record.full_clean()
    if isinstance(record, Trial):
        _check_each_row(record, history.rows_of(record, history.snapshot(record)))
        complete_trial(record)


def _check_each_row(record: Trial, rows: dict[str, list[Any]]) -> None:
    """Raise ValidationError with a sentence for each value of a row that is not right by itself.

    Asks the database nothing, for a study has hundreds of rows. What two rows must not share, it refuses by itself.
    """
    wrong = []
    for kind, of_kind in rows.items():
        for row in of_kind:
            try:
                row.clean_fields(exclude={"id", "trial", "arm"})
                row.clean()
            except ValidationError as error:
                wrong += _sentences(kind, row, error, rows["arms"])
    if wrong:
        raise ValidationError(wrong)


def _sentences(kind: str, row: Any, error: ValidationError, arms: list[Any]) -> list[str]:
    name = history.row_name(kind, history.row_snapshot(row), {"arms": [history.row_snapshot(arm) for arm in arms]})
    labels = {field.name: field.verbose_name for field in row._meta.fields}
    if not hasattr(error, "error_dict"):
        return [f"{name}: {message}" for message in error.messages]
    return [
        f"{name}, {labels[field]}: {message}" if field in labels else f"{name}: {message}"
        for field, messages in error.message_dict.items()
        for message in messages
    ]


def _put_checked(record: Record, document: Snapshot) -> None:
    """Make the tables hold the document, with all that follows from it. Raises ValidationError if it is wrong."""
    before = _address_of(record) if isinstance(record, Trial) else None
    history.fill(record, document)
    record.full_clean()
    cleaned = document | {"fields": history.snapshot_of_fields(record)}  # "" of an identifier has become None
    if isinstance(record, Trial):
        _check_each_row(record, history.rows_of(record, cleaned))
    try:
        history.put(record, cleaned)
    except history.DoesNotFit:
        if isinstance(record, Trial):
            _name_what_does_not_fit(record, cleaned)
        raise
    if isinstance(record, Trial):
        _note_address(record, before)
        complete_trial(record)


def _name_what_does_not_fit(record: Trial, document: Snapshot) -> None:
    """Save the rows one by one, to learn which is refused and why. Raises ValidationError when it knows."""
    with transaction.atomic():
        record.save()  # a new one went with its rows
        rows = history.rows_of(record, document)
        for kind in reversed(rows):
            history.ROWS[kind]._default_manager.filter(trial=record).delete()
        for kind, of_kind in rows.items():
            for row in of_kind:
                try:
                    row.full_clean()
                except ValidationError as error:
                    raise ValidationError(_sentences(kind, row, error, rows["arms"])) from error
                row.save(force_insert=True)
        transaction.set_rollback(True)


# --- The steps ------------------------------------------------------------------------------------------------


@one_at_a_time
def created(record: Record, *, by: Person, reason: str = "", step: Step = Step.CREATED) -> Revision:
    """Begin the history of a record that has just been saved with all its rows."""
    return _add(record, step, by.get_username(), reason=reason)


@one_at_a_time
def import_trial(document: Snapshot, *, by: Person, reason: str = "") -> tuple[Trial, Revision]:
    """Make a draft of a snapshot that was put together from a record (see trials.importers.merging), and its history.

    Raises ValidationError if the snapshot is not right; nothing is saved then.
    """
    trial = Trial(status=Status.DRAFT)
    _put_checked(trial, document)
    return trial, created(trial, by=by, reason=reason, step=Step.IMPORTED)


@one_at_a_time
def loaded(record: Record) -> Revision:
    """Begin the history of a record that came with the site."""
    return _add(record, Step.LOADED, THE_SITE, live=record.is_public)


@one_at_a_time
def load_many(documents: Iterable[Snapshot]) -> None:
    """Add published studies in a few queries for all of them, with all that is worked out and the revision of each.

    Only for documents that are known to be right: nothing is checked but what the database refuses.
    """
    countries = {country.code: country for country in Country.objects.all()}
    made: list[tuple[Trial, Snapshot, dict[str, list[Any]]]] = []
    for document in documents:
        trial = Trial(status=Status.PUBLISHED)
        history.fill(trial, document)
        rows = history.rows_of(trial, document)
        there = sorted((countries[code] for code in document["countries"]), key=lambda country: country.name)
        trial.author_key = author_key(trial)
        trial.search_text = _search_text(trial, rows["registrations"], there, rows["arms"])
        for name, value in digest_of(rows["arms"], rows["counts"], document["countries"]).items():
            setattr(trial, name, value)
        made.append((trial, document, rows))
    Trial.objects.bulk_create([trial for trial, _, _ in made])
    link = Trial.countries.through
    link._default_manager.bulk_create(
        link(trial=trial, country=countries[code]) for trial, document, _ in made for code in document["countries"]
    )
    for kind, model in history.ROWS.items():
        model._default_manager.bulk_create(row for _, _, rows in made for row in rows[kind])
    Revision.objects.bulk_create(
        _next(trial, Step.LOADED, THE_SITE, data=document, live=True, number=1) for trial, document, _ in made
    )


@one_at_a_time
def edit(
    record: Record, document: Snapshot, *, by: Person, base: int, reason: str = "", step: Step = Step.EDITED
) -> Revision | None:
    """Save a new snapshot of the record, which was opened at revision number `base`. None if nothing differs.

    A record that the public sees stays as it is in the tables, and the snapshot becomes its draft.
    Raises Conflict if somebody saved meanwhile, ValidationError if the snapshot is not right or the reason is missing.
    """
    _locked(record, base, document)
    before = working_document(record)
    if document == before:
        return None
    if record.is_public and not reason.strip():
        raise ValidationError("Say why: the public sees this record, and the reason stands in its history.")
    # What is kept is what the tables hold then: cleaned, complete and in order, so that it can be compared.
    if record.is_public:
        with transaction.atomic():
            _put_checked(record, document)
            document = history.snapshot(record)
            transaction.set_rollback(True)
        record.refresh_from_db()
    else:
        _put_checked(record, document)
        document = history.snapshot(record)
    if document == before:
        transaction.set_rollback(True)  # not even the time of the last change
        return None
    if record.status == Status.IN_REVIEW:
        _set_status(record, Status.DRAFT)
    return _add(record, step, by.get_username(), data=document, reason=reason)


def restore(record: Record, number: int, *, by: Person, base: int, reason: str) -> Revision | None:
    """Make an earlier revision the newest one again: a new revision, on the same road as any other edit."""
    document = copy.deepcopy(revisions(record).get(number=number).data)
    return edit(record, document, by=by, base=base, reason=reason, step=Step.RESTORED)


# Each of these takes `base`, the number of the revision that the person has looked at, and raises Conflict if it is no
# longer the newest: nobody publishes, sends back or gives up what they have not seen.


@one_at_a_time
def submit(record: Record, *, by: Person, reason: str = "", base: int | None = None) -> Revision:
    """Ask for the check by a second person."""
    newest = _locked(record, base)
    if newest.step == Step.SUBMITTED:
        raise ValidationError(f"{newest.made_by} has submitted it already.")
    if record.is_public and not pending_revision(record):
        raise ValidationError("There is nothing to check: the public sees the newest revision.")
    document = working_document(record)
    if not record.is_public:
        _set_status(record, Status.IN_REVIEW)
    return _add(record, Step.SUBMITTED, by.get_username(), data=document, reason=reason)


@one_at_a_time
def send_back(record: Record, *, by: Person, reason: str, base: int | None = None) -> Revision:
    """Return a submitted record to its editor, with what has to be done."""
    _locked(record, base)
    _may_publish(record, by)
    if not is_in_review(record):
        raise ValidationError("It has not been submitted.")
    if not reason.strip():
        raise ValidationError("Say what has to be done before it can be published.")
    document = working_document(record)
    if not record.is_public:
        _set_status(record, Status.DRAFT)
    return _add(record, Step.RETURNED, by.get_username(), data=document, reason=reason)


def what_is_missing(record: Record) -> list[str]:
    """What stands between the newest revision and its publication: one sentence each."""
    pending = pending_revision(record)
    if pending is None:
        return missing(record)
    try:
        with history.as_if(record, pending.data):
            found = missing(record)
    except history.DoesNotFit as error:  # something else that was saved since the draft was
        found = error.messages
    record.refresh_from_db()
    return found


def why_not_publish(record: Record, by: Person) -> str:
    """Why this person cannot publish the newest revision now; empty if they can."""
    if not by.has_perm(f"trials.publish_{record._meta.model_name}"):
        return "Publishing needs the reviewer's right."
    if record.is_public and not pending_revision(record):
        return "The public sees the newest revision already."
    if by.is_superuser:
        return ""
    if not is_in_review(record):
        return "It has to be submitted for a check first."
    if by.get_username() in writers(record):
        return "You wrote part of this change, so somebody else has to check and publish it."
    return ""


@one_at_a_time
def publish(record: Record, *, by: Person, base: int | None = None) -> Revision:
    """Let the public see the newest revision.

    Raises PermissionDenied if this person may not, ValidationError with a sentence for everything that is missing.
    """
    _locked(record, base)
    refusal = why_not_publish(record, by)
    if refusal:
        raise PermissionDenied(refusal)
    absent = what_is_missing(record)
    if absent:
        raise ValidationError(absent)
    # Only the reasons that were asked for as public ones: whoever writes a first draft writes for colleagues.
    said = [r.reason for r in _waiting(record) if r.reason and r.step in WRITING] if record.is_public else []
    reasons = list(dict.fromkeys(said))
    if by.get_username() in writers(record) or not is_in_review(record):
        reasons.append(WITHOUT_A_SECOND_PERSON)
    pending = pending_revision(record)
    if pending:
        _put_checked(record, pending.data)
    else:
        _check(record)
    _set_status(record, Status.PUBLISHED)
    return _add(record, Step.PUBLISHED, by.get_username(), reason="\n".join(reasons), live=True)


@one_at_a_time
def archive(record: Record, *, by: Person, reason: str, base: int | None = None) -> Revision:
    """Take a published record off the public pages. A draft that waits is set aside; its revisions stay."""
    _locked(record, base)
    _may_publish(record, by)
    if not record.is_public:
        raise ValidationError("Only what the public sees can be archived.")
    if not reason.strip():
        raise ValidationError("Say why it is taken off the public pages.")
    _set_status(record, Status.ARCHIVED)
    return _add(record, Step.ARCHIVED, by.get_username(), reason=reason, live=True)


@one_at_a_time
def withdraw(record: Record, *, by: Person, reason: str = "", base: int | None = None) -> Revision:
    """Give up the draft of a published record: the public version is the one to go on from again."""
    _locked(record, base)
    if not pending_revision(record):
        raise ValidationError("There is no draft to withdraw.")
    return _add(record, Step.WITHDRAWN, by.get_username(), reason=reason)


def _may_publish(record: Record, by: Person) -> None:
    if not by.has_perm(f"trials.publish_{record._meta.model_name}"):
        raise PermissionDenied("This needs the reviewer's right.")


def _set_status(record: Record, status: Status) -> None:
    record.status = status
    record.save(update_fields=["status", "updated"] if hasattr(record, "updated") else ["status"])
