"""The values of a study, each named by a path.

`dose` is a field of the study, `arms.3f9c01ab` a row, and `arms.3f9c01ab.analysed` a field of that row. Citations,
blanks and comparisons all name values in this way.
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import capfirst

from trials.models.arm import Arm
from trials.models.fields import CodeListField, PartialDateField, show_partial_date
from trials.models.outcome import OutcomeCount
from trials.models.record import Row
from trials.models.registration import Registration
from trials.models.trial import DERIVED, INTERNAL, Trial

# The fields of a study that hold our own record of it, and no value of the study.
NOT_A_VALUE = {
    "id", "slug", "status", "draft_of", "authors_complete", "heading", "plain_summary", "last_reviewed",
    "review_due", "updated", "titled_design", "titled_masking", "titled_phase", *INTERNAL, *DERIVED,
}  # fmt: skip
# The rows that a path can name.
VALUE_ROWS: dict[str, type[Row]] = {"arms": Arm, "counts": OutcomeCount, "registrations": Registration}
NOT_A_ROW_VALUE = {"id", "trial", "key", "position"}
# The tissue is recorded for each group but read, shown and cited once for the study.
CELL_SOURCE = "cell_source"
# Values that are shown, cited and left blank as one: the name of the whole, and its paths.
TOGETHER = {
    "recruitment": ("recruitment_start", "recruitment_end"),
    CELL_SOURCE: (CELL_SOURCE, "cell_source_wording"),
    "cause": ("cause", "cause_wording"),
    "centres": ("centres", "centres_note"),
    "dose": ("dose", "dose_unit", "dose_note"),
}
PART_OF = {path: name for name, paths in TOGETHER.items() for path in paths}
# The paper's own words for a value that the page shows in the same cell of a table. They need no source of their own.
WORDINGS = ("design_wording", "masking_wording", "who_masked", "phase_wording")
LONGEST_PATH = 60  # characters
_ROW_PATH = re.compile(rf"({'|'.join(VALUE_ROWS)})\.([a-z0-9]+)(?:\.([a-z_]+))?")


def study_values() -> list[str]:
    """Return the paths of the values of the study itself, in the order of the form."""
    return [*(f.name for f in Trial._meta.concrete_fields if f.name not in NOT_A_VALUE), CELL_SOURCE]


def shown_values() -> dict[str, tuple[str, ...]]:
    """Return the name of each value that the page of a study shows by itself, with the paths of its parts."""
    names = dict.fromkeys(PART_OF.get(path, path) for path in study_values() if path not in WORDINGS)
    return {name: TOGETHER.get(name, (name,)) for name in names}


def row_values(kind: str) -> list[str]:
    """Return the names of the fields of a row of this kind that hold values."""
    return [f.name for f in VALUE_ROWS[kind]._meta.concrete_fields if f.name not in NOT_A_ROW_VALUE]


def split_path(path: str) -> tuple[str, str, str]:
    """Return (kind, key, field) of a path that names a row, and ("", "", path) of any other."""
    match = _ROW_PATH.fullmatch(path)
    return (match[1], match[2], match[3] or "") if match else ("", "", path)


def validate_path(path: str) -> None:
    """Accept the path of a value that a study can have. Whether the row exists is checked with the whole study."""
    kind, _, name = split_path(path)
    if not ((kind and (not name or name in row_values(kind))) or (not kind and name in study_values())):
        raise ValidationError(f"“{path}” is not a value of a study. Choose one from the list.")


def rows_by_path(trial: Trial) -> dict[str, Any]:
    """Return the rows of the study that a path can name, such as `arms.3f9c01ab`."""
    return {f"{kind}.{row.key}": row for kind in VALUE_ROWS for row in getattr(trial, kind).all()}


def row_label(row: Any) -> str:
    """Return the name of a row for a reader: Group “Placebo”; Death, Placebo, by day 28; Registration NCT04355728."""
    if isinstance(row, OutcomeCount):
        return f"{row.get_outcome_display()}, {row.group}, {row.when}"
    if isinstance(row, Registration):
        return f"Registration {row.identifier}"
    return f"Group “{row}”"


def row_name(kind: str, row: Any, rows: dict[str, Any]) -> str:
    """Return the name of a row of any kind for a reader, such as: Source “Abstract”; Citation of “Group “Placebo””."""
    if kind == "sources":
        return f"Source “{row.label}”"
    if kind == "judgements":
        return f"Judgement “{row}”"
    if kind == "notices":
        return f"{row.get_kind_display()} of {show_partial_date(row.date)}"
    if kind in ("citations", "blanks"):
        return f"{'Citation of' if kind == 'citations' else 'Reason for the blank'} “{label(row.value, rows)}”"
    return row_label(row)


def _field(kind: str, name: str) -> Any:
    """Return the field of a study or a row, or None if there is no such field: an old revision may name one."""
    model = VALUE_ROWS[kind] if kind else Trial
    return next((field for field in model._meta.concrete_fields if field.name == name), None)


def label(path: str, rows: dict[str, Any]) -> str:
    """Return the name of a value for a reader. `rows` is what `rows_by_path` returns for the study."""
    kind, key, name = split_path(path)
    if path == CELL_SOURCE:
        return "Source of cells"
    field = _field(kind, name)
    if not kind:
        return str(capfirst(field.verbose_name)) if field else path
    row = rows.get(f"{kind}.{key}")
    words = row_label(row) if row is not None else f"A {VALUE_ROWS[kind]._meta.verbose_name} that was removed"
    return f"{words}: {field.verbose_name}" if field else words


def labels(trial: Trial) -> dict[str, str]:
    """Return the label of each value that a citation or a blank can name, by path. No two labels are the same."""
    rows = rows_by_path(trial)
    paths = study_values()
    for path in rows:
        paths += [path, *(f"{path}.{name}" for name in row_values(path.partition(".")[0]))]
    return unique_labels((path, label(path, rows)) for path in paths)


def unique_labels(labelled: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the labels by code. One that comes again gets a number: Death, Cells, by day 28 (2)."""
    found: dict[str, str] = {}
    uses: Counter[str] = Counter()
    for code, words in labelled:
        uses[words] += 1
        found[code] = f"{words} ({uses[words]})" if uses[words] > 1 else words
    return found


def value_in_words(path: str, trial: Trial, rows: dict[str, Any]) -> str:
    """Return what the study holds under this path, in words; "" if it is empty or the row does not exist."""
    kind, key, name = split_path(path)
    if path == CELL_SOURCE:
        return ", ".join(dict.fromkeys(arm.get_cell_source_display() for arm in trial.arms.all() if arm.cell_source))
    holder = rows.get(f"{kind}.{key}") if kind else trial
    field = _field(kind, name)
    return in_words(field, getattr(holder, name)) if holder is not None and field else ""


def in_words(field: Any, value: Any) -> str:
    """Return a value of a field as a person reads it; "" for None, an empty text and an empty list. 0 is "0"."""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(field, CodeListField):
        labels = dict(field.choices_from)  # an old revision may hold a code that is no longer in use
        return ", ".join(str(labels.get(code, code)) for code in value)
    choice = dict(field.flatchoices).get(value)
    if choice is not None:
        return str(choice)
    if isinstance(field, PartialDateField) or type(field).__name__ == "DateField":
        return show_partial_date(str(value))
    return str(value)
