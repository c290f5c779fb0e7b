"""What can be made of each record of a file, what the editor chose, and the drafts that are made of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.text import capfirst

from trials.importers import merging
from trials.importers.matching import Match, matches, repeats
from trials.importers.merging import Merged
from trials.importers.records import ImportedRecord
from trials.models import Trial
from trials.models.values import in_words
from trials.vocabulary import Step
from trials.workflow import steps
from trials.workflow.documents import ROWS, document_of
from trials.workflow.revisions import newest_revision, working_copy
from trials.workflow.versions import content_write

NEW = "new"
MOST_AUTHORS = 3  # in the summary of a record


@dataclass
class Proposal:
    """One record with the studies that it may be of.

    `target` is NEW or the key of the study to fill, as text; `typed` holds values that the record lacks.
    """

    record: ImportedRecord
    options: list[tuple[Match, Merged]]
    repeats: int | None
    problems: list[str]
    lacks: list[str]
    is_ticked: bool
    target: str
    typed: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def needed(self) -> list[tuple[str, str, str]]:
        """(name, label, what was typed) of each value that a draft needs and the record lacks."""
        return [(name, str(capfirst(merging.NEEDED[name])), self.typed.get(name, "")) for name in self.lacks]

    @property
    def summary(self) -> str:
        """The authors, the journal, the date and the identifiers, on one line."""
        authors = self.record.get("authors").splitlines()
        names = "; ".join(authors[:MOST_AUTHORS]) + (" and others" if len(authors) > MOST_AUTHORS else "")
        others = [self.record.get(name) for name in ("journal", "publication_date")]
        return ", ".join(filter(None, [names, *others, *sorted(text for _, text in self.record.identifiers())]))

    @property
    def values(self) -> Iterator[tuple[str, str, str, str]]:
        """(label, value in words, quote, note) of all that the record holds."""
        for value in self.record.values:
            model_field = Trial._meta.get_field(value.name)
            words = in_words(model_field, value.value)
            yield str(capfirst(model_field.verbose_name)), words, value.quote, value.note
        if self.record.countries:
            yield "Countries", ", ".join(self.record.countries), "", ""
        for row in self.record.rows:
            fields = {name: ROWS[row.kind]._meta.get_field(name) for name in row.values}
            parts = [
                f"{capfirst(fields[name].verbose_name)}: {in_words(fields[name], row.values[name])}" for name in fields
            ]
            yield ("Group" if row.kind == "arms" else "Registration"), "\n".join(parts), row.quote, row.note


def propose(records: Sequence[ImportedRecord]) -> list[Proposal]:
    """Return a proposal for each record. A record is ticked if it is of a new study and a draft can be made of it."""
    known, repeated = matches(records), repeats(records)
    working: dict[int, Trial] = {}
    keys = {match.trial_id for found in known.values() for match in found}
    for trial in (
        (Trial.objects.filter(pk__in=keys) | Trial.objects.filter(draft_of__in=keys)).with_rows().order_by("pk")
    ):
        if trial.draft_of_id or trial.pk not in working:
            working[trial.draft_of_id or trial.pk] = trial
    documents = {
        key: document_of(trial, {kind: getattr(trial, kind).all() for kind in ROWS}) for key, trial in working.items()
    }
    proposals = []
    for record in records:
        options = [(match, merging.merge(record, documents[match.trial_id])) for match in known[record.number]]
        merged = merging.merge(record)
        lacks = [name for name in merging.NEEDED if not merged.document["fields"][name]]
        proposals.append(
            Proposal(
                record,
                options,
                repeated.get(record.number),
                [*(problem.reason for problem in record.problems), *merged.problems],
                lacks,
                is_ticked=not options and not lacks and record.number not in repeated,
                target=str(options[0][0].trial_id) if options else NEW,
            )
        )
    return proposals


@content_write
def take(proposals: Sequence[Proposal], *, by: steps.Person, reason: str) -> list[Trial]:
    """Make a draft of each record that is ticked, or fill the draft of the study that was chosen. Return the studies.

    If one of them is refused, ValidationError is raised, its proposal says why, and nothing is saved.
    """
    studies = []
    for proposal in proposals:
        if not proposal.is_ticked:
            continue
        try:
            studies.append(_take(proposal, by, f"{reason}, record {proposal.record.number}."))
        except ValidationError as error:
            proposal.errors = sentences(error)
    if refused := sum(bool(proposal.errors) for proposal in proposals):
        raise ValidationError(f"Nothing was saved: {refused} of the ticked records cannot be taken. Each says why.")
    if not studies:
        raise ValidationError("Nothing was saved: no record is ticked.")
    return studies


def _take(proposal: Proposal, by: steps.Person, reason: str) -> Trial:
    choices = {str(match.trial_id): match for match, _ in proposal.options}
    if proposal.target == NEW:
        document = merging.new_study(proposal.record, proposal.typed)
        return steps.create(Trial, document, by=by, reason=reason, step=Step.IMPORTED)  # type: ignore[return-value]
    if proposal.target not in choices:
        raise ValidationError("A study that it may be of is here now. Choose what to do with it.")
    trial = Trial.objects.get(pk=choices[proposal.target].trial_id)
    working = working_copy(trial)
    merged = merging.merge(proposal.record, document_of(working))
    if not merged.added:
        raise ValidationError(f"{trial.short_name} has all of its values already. Untick it.")
    base = newest_revision(trial).number
    steps.save(steps.start_draft(working), merged.document, by=by, base=base, step=Step.IMPORTED, reason=reason)
    return trial


def sentences(error: ValidationError) -> list[str]:
    """Return what a ValidationError says, with the names of the fields."""
    if not hasattr(error, "error_dict"):
        return list(error.messages)
    found = []
    for name, messages in error.message_dict.items():
        label = "" if name == NON_FIELD_ERRORS else f"{capfirst(Trial._meta.get_field(name).verbose_name)}: "
        found += [f"{label}{message}" for message in messages]
    return found
