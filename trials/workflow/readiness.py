"""What a record needs before it can be published."""

from dataclasses import dataclass

from django.db.models import Model

from trials import vocabulary as v
from trials.models import Page, Record, Trial
from trials.models.values import label, row_label, row_values, rows_by_path, shown_values, value_in_words

# Without these the page of a study would mislead or be empty. Everything else may be blank, with its reason.
REQUIRED = (
    "title", "authors", "journal", "publication_date", "design", "heading", "plain_summary", "last_reviewed",
    "review_due",
)  # fmt: skip
NAMES = {
    "authors": "list of authors",
    "publication_date": "date of publication",
    "last_reviewed": "date of the last review",
    "review_due": "date of the next review",
}
PAGE_REQUIRED = ("title", "body", "description", "last_reviewed", "review_due")
# Fields of a registration that its citation as a whole need not cover.
NOT_CITED = ("note", "link_inferred")


@dataclass(frozen=True)
class Gap:
    """Something that is missing: a sentence, and the path of the value or row where it can be added.

    `needs_source` says that the value is there and its source is not.
    """

    sentence: str
    path: str
    needs_source: bool = False


def missing(record: Record) -> list[str]:
    """Return one sentence for each thing that is missing; none when the record can be published."""
    return [gap.sentence for gap in gaps(record)]


def gaps(record: Record) -> list[Gap]:
    """Return what is missing, in the order of the form; of a study, also each source."""
    required: tuple[str, ...] = ()
    if isinstance(record, Trial):
        required = REQUIRED
    elif isinstance(record, Page):
        required = PAGE_REQUIRED
    names = {field.name: field.verbose_name for field in record._meta.fields} | NAMES
    found = [Gap(f"The {names[name]} is missing.", name) for name in required if not getattr(record, name)]
    if not isinstance(record, Trial):
        return found
    if not any(arm.role == v.Role.CELLS for arm in record.arms.all()):
        found.append(Gap("There is no group that was given cells.", "arms"))
    if not record.countries:
        found.append(Gap("The country is missing.", "countries"))
    rows = rows_by_path(record)
    for path in uncited(record):
        name = row_label(rows[path]) if path in rows else f"“{label(path, rows)}”"
        found.append(Gap(f"{name} has no source.", path, needs_source=True))
    return found


def uncited(trial: Trial) -> list[str]:
    """Return the path of each value and row of the study that has no source, in the order of the form."""
    rows = rows_by_path(trial)
    cited = {citation.value for citation in trial.citations.all()}
    values = [
        paths[0]
        for paths in shown_values().values()
        if any(value_in_words(path, trial, rows) for path in paths) and cited.isdisjoint(paths)
    ]
    return [*values, *(path for path, row in rows.items() if not _is_cited(path, row, cited))]


def _is_cited(path: str, row: Model, cited: set[str]) -> bool:
    """Return whether a row has a citation: of the row, of one field of a group, or of each field of a registration."""
    kind = path.partition(".")[0]
    if path in cited or kind == "arms":
        return path in cited or any(f"{path}.{name}" in cited for name in row_values(kind))
    filled = [name for name in row_values(kind) if getattr(row, name) not in ("", None, [])]
    return kind == "registrations" and all(f"{path}.{name}" in cited for name in filled if name not in NOT_CITED)
