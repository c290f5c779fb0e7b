"""What a record still lacks before the public may see it."""

from trials import vocabulary as v
from trials.history import Record
from trials.models import Trial
from trials.presenters.facts import name_of_field
from trials.presenters.page import StudyPage

# Without these a study page would mislead or stand empty. Everything else may be blank, with its reason.
REQUIRED = ("title", "authors", "journal", "publication_date", "design", "plain_summary", "last_reviewed", "review_due")


def asked_for(name: str) -> str:
    """The sentence that asks for a required value."""
    dates = {"last_reviewed": "date of the last review", "review_due": "date of the next review"}
    return f"The {dates.get(name) or name_of_field(Trial, name)} is missing."


def missing(record: Record) -> list[str]:
    """One sentence for each thing that is missing; empty when the record can be published."""
    if not isinstance(record, Trial):
        return []
    found = [asked_for(name) for name in REQUIRED if not getattr(record, name)]
    page = StudyPage(record)
    if not any(arm.role == v.Role.CELLS for arm in page.arms):
        found.append("There is no group that was given cells.")
    if not record.countries.exists():
        found.append("The country is missing.")
    if record.authors:
        # The public label, and the name that a source gives to the value.
        unsourced = {fact.name: fact.label for fact in page.all_facts if fact.text and not fact.entries}
        found += [f"“{label}” ({page.source_names(name)[0]}) has no source." for name, label in unsourced.items()]
    found += [f"Group “{row.arm.name}” has no source." for row in page.groups if not row.entries]
    for outcome in page.outcomes:
        found += [
            f"The count “{row.count}” ({row.group}, {outcome.when}) has no source."
            for row in outcome.rows
            if not row.entries
        ]
    found += [
        f"Registration {row.entry.identifier} has no source."
        for row in page.registry_entries
        if not (row.own_entries or all(fact.entries for fact in row.facts))
    ]
    return found
