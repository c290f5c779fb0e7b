"""What can be made of each record of a file, as the page shows it, and what the editor chose."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.utils.text import capfirst

from trials.importers.matching import Match, matches, repeats
from trials.importers.merging import NEEDED, Merge
from trials.importers.records import ImportedRecord
from trials.models import Trial
from trials.models.values import in_words, label
from trials.workflow.documents import ROWS, document_fields, document_of
from trials.workflow.revisions import working_copy

NEW = "new"


@dataclass
class Proposal:
    """One record with the studies that it may be of. `target` is NEW or the key of the study to fill, as text."""

    record: ImportedRecord
    options: list[tuple[Match, Merge]]
    repeats: Match | None
    problems: list[str]
    lacks: list[str]
    is_ticked: bool
    target: str
    entered: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def is_doubtful(self) -> bool:
        """Tell whether it is perhaps the same as another study or record, and the editor has to look."""
        found = [match for match, _ in self.options]
        return any(match.is_doubtful for match in [*found, self.repeats] if match)

    @property
    def needed(self) -> list[tuple[str, str, str]]:
        """(name, label, what was entered) of each value that a draft needs and the record lacks."""
        return [(name, str(capfirst(NEEDED[name])), self.entered.get(name, "")) for name in self.lacks]

    @property
    def values(self) -> Iterator[tuple[str, str, str, str]]:
        """(label, value in words, quote, note) of all that the record holds."""
        for value in self.record.values:
            words = in_words(Trial._meta.get_field(value.name), value.value)
            yield label(value.name, {}), words, value.quote, value.note
        if self.record.abstract:
            yield "Abstract", self.record.abstract, "", "For staff alone: it is never public."
        if self.record.countries:
            yield "Countries", ", ".join(self.record.countries), "", ""
        for row in self.record.rows:
            fields = [each for each in document_fields(ROWS[row.name]) if each.name in row.value]
            lines = [f"{capfirst(each.verbose_name)}: {in_words(each, row.value[each.name])}" for each in fields]
            yield str(capfirst(ROWS[row.name]._meta.verbose_name)), "\n".join(lines), row.quote, row.note


def propose(records: Sequence[ImportedRecord]) -> list[Proposal]:
    """Return a proposal for each record. A record is ticked if a draft can be made of it, unless it is known."""
    found, repeated = matches(records), repeats(records)
    proposals = []
    for record in records:
        working = [(match, working_copy(Trial.objects.get(pk=match.key))) for match in found[record.number]]
        options = [(match, Merge(record, document_of(copy))) for match, copy in working]
        repeat, merged = repeated.get(record.number), Merge(record)
        is_new = all(match.is_doubtful for match in [*found[record.number], *([repeat] if repeat else [])])
        lacks = [name for name in NEEDED if not merged.document["fields"][name]]
        problems = [*record.problems, *merged.problems]
        target = NEW if is_new or not options else str(options[0][0].key)
        proposals.append(Proposal(record, options, repeat, problems, lacks, is_new and not lacks, target))
    return proposals


def summary(proposals: Sequence[Proposal]) -> list[str]:
    """Return what to look at in a long list, one sentence each."""
    records = [proposal.record for proposal in proposals]
    fields = Counter(name for record in records for name in {text.partition(":")[0] for text in record.unknown})
    counts = (
        (sum(each.is_doubtful for each in proposals), "perhaps the same as another study or record: decide for each"),
        (sum(not record.title for record in records), "without a title"),
        (sum(bool(each.problems) for each in proposals), "read with a remark: look what was left out or changed"),
    )
    sentences = [f"{count} record{' is' if count == 1 else 's are'} {words}." for count, words in counts if count]
    if fields:
        named = ", ".join(f"{name} ({count})" for name, count in fields.most_common(30))
        sentences.append(f"Fields that are not understood, and in how many records: {named}.")
    return sentences
