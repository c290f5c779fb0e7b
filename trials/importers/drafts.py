"""Makes and fills drafts of the records that the editor ticked."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError

from trials.importers.merging import Merge, new_study
from trials.importers.proposals import NEW, Proposal
from trials.models import Trial
from trials.vocabulary import Step
from trials.workflow import steps
from trials.workflow.documents import document_of
from trials.workflow.revisions import Person, newest_revision, working_copy
from trials.workflow.versions import content_write


@content_write
def take(proposals: Sequence[Proposal], *, by: Person, reason: str) -> list[Trial]:
    """Make or fill a draft of each ticked record, and return the studies. If one is refused, nothing is saved."""
    studies = []
    for proposal in proposals:
        if proposal.is_ticked:
            try:
                studies.append(_take(proposal, by, f"{reason}, record {proposal.record.number}."))
            except ValidationError as error:
                proposal.errors = error.messages
    if refused := sum(bool(proposal.errors) for proposal in proposals):
        raise ValidationError(f"Nothing was saved: {refused} of the ticked records cannot be taken. Each says why.")
    if not studies:
        raise ValidationError("Nothing was saved: no record is ticked.")
    return studies


def _take(proposal: Proposal, by: Person, reason: str) -> Trial:
    if proposal.target == NEW:
        document = new_study(proposal.record, proposal.entered)
        return steps.create(Trial, document, by=by, reason=reason, step=Step.IMPORTED)  # type: ignore[return-value]
    if proposal.target not in {str(match.key) for match, _ in proposal.options}:
        raise ValidationError("A study that it may be of is here now. Choose what to do with it.")
    trial = Trial.objects.get(pk=int(proposal.target))
    working = working_copy(trial)
    merged = Merge(proposal.record, document_of(working))
    if not merged.added:
        raise ValidationError(f"{trial.short_name} has all of its values already. Untick it.")
    base = newest_revision(trial).number
    steps.save(steps.start_draft(working), merged.document, by=by, base=base, step=Step.IMPORTED, reason=reason)
    return trial
