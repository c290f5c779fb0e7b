"""What a record still lacks before the public may see it."""

from trials import vocabulary as v
from trials.history import Record
from trials.models import Trial
from trials.presenters.page import StudyPage

# Without these a study page would mislead or stand empty. Everything else may be blank, with its reason.
REQUIRED = ("title", "authors", "journal", "publication_date", "design", "plain_summary", "last_reviewed", "review_due")


def missing(record: Record) -> list[str]:
    """One sentence for each thing that is missing; empty when the record can be published."""
    if not isinstance(record, Trial):
        return []
    label = {field.name: field.verbose_name for field in Trial._meta.concrete_fields}
    found = [f"The {label[name]} is missing." for name in REQUIRED if not getattr(record, name)]
    page = StudyPage(record)
    if not any(arm.role == v.Role.CELLS for arm in page.arms):
        found.append("There is no group that was given cells.")
    if not record.countries.exists():
        found.append("The country is missing.")
    if record.authors:
        unsourced = [fact.label for fact in page.all_facts if fact.text and not fact.entries]
        found += [f"“{label}” has no source." for label in dict.fromkeys(unsourced)]
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
