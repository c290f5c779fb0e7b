"""Values of a draft that changed while their sources did not.

A source was read for one value. If the value changes and no citation of it does, one of the two may be wrong, so the
editor is asked before the draft is submitted. The answer is recorded with the submission.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from trials.models import Record, Trial
from trials.models.values import (
    CELL_SOURCE,
    TOGETHER,
    VALUE_ROWS,
    WORDINGS,
    label,
    row_values,
    split_path,
    value_in_words,
)
from trials.workflow.diff import Change, Reader, changes
from trials.workflow.documents import ROWS, Document, document_fields
from trials.workflow.readiness import NOT_CITED
from trials.workflow.revisions import draft_revisions, revisions

# The value whose source also covers the paper's own words for it.
COVERED_BY = dict(zip(WORDINGS, ("design", "masking", "masking", "phase"), strict=True))
# Our own choices, which no source proves.
NOT_PROVED = (*NOT_CITED, "headline", CELL_SOURCE)  # the tissue is a value of the study
_NAMES = {path: name for name, paths in TOGETHER.items() for path in paths}


def value_of(path: str) -> str:
    """Return the name under which a field is cited: dose for dose_unit, the tissue of the study for that of a group."""
    if path.startswith("arms.") and path.endswith(f".{CELL_SOURCE}"):
        return CELL_SOURCE
    path = COVERED_BY.get(path, path)
    return _NAMES.get(path, path)


@dataclass(frozen=True)
class Proof:
    """A citation in words."""

    source: str
    address: str
    quote: str
    note: str
    basis: str


class Reading:
    """The values of one document, each with its citations."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.values: dict[str, Any] = {}  # by the name under which each is cited
        for field in document_fields(Trial):
            value = document["fields"].get(field.name, field.get_default())
            self._add(value_of(field.name), value)
        for kind, model in VALUE_ROWS.items():
            fields = [field for field in document_fields(model) if field.name in row_values(kind)]
            for row in document.get(kind, []):
                for field in fields:
                    path = f"{kind}.{row['key']}.{field.name}"
                    if field.name not in NOT_PROVED:
                        self._add(path, row.get(field.name, field.get_default()))
        tissues = {row.get(CELL_SOURCE) or "" for row in document.get("arms", [])}
        self._add(CELL_SOURCE, sorted(tissues - {""}))
        self._citations: dict[str, list[dict[str, Any]]] = {}
        for row in document.get("citations", []):
            self._citations.setdefault(value_of(row["value"]), []).append(row)

    def _add(self, name: str, value: Any) -> None:
        self.values.setdefault(name, []).append(value)

    @cached_property
    def words(self) -> Reader:
        return Reader(Trial, self.document)

    def citations(self, name: str) -> list[dict[str, Any]]:
        """Return the citations of a value. Those of the row as a whole count for each of its fields."""
        kind, key, field = split_path(name)
        if not kind:
            return self._citations.get(name, [])
        row = f"{kind}.{key}"
        own = [*self._citations.get(row, []), *(self._citations.get(name, []) if field else [])]
        parts = (found for path, found in self._citations.items() if path.startswith(f"{row}."))
        return own or [each for found in parts for each in found]

    def in_words(self, name: str) -> str:
        record, rows = self.words.record, self.words.rows
        return " ".join(filter(None, (value_in_words(path, record, rows) for path in TOGETHER.get(name, (name,)))))

    def proofs(self, name: str) -> list[Proof]:
        """Return the citations of a value in words."""
        sources = self.words.by_key["sources"]
        basis = ROWS["citations"]._meta.get_field("basis")
        found: dict[Proof, None] = {}
        for row in self.citations(name):
            source = sources.get(row["source"], {})
            words = self.words.value(basis, row, "citations")
            proof = Proof(source.get("label", ""), source.get("address", ""), row["quote"], row["note"], words)
            found[proof] = None  # the parts of a value may have the same citation each
        return list(found)


@dataclass(frozen=True)
class Question:
    """A value that changed while its sources did not. `path` names the value; before and after are in words.

    `answered_by` is who confirmed it with an earlier submission, or "".
    """

    path: str
    label: str
    before: str
    after: str
    proofs: Sequence[Proof]
    answered_by: str

    @property
    def sentence(self) -> str:
        sources = "its source did not" if len(self.proofs) == 1 else "its sources did not"
        return f"{self.label} changed; {sources}: is it still right?"


def questions(record: Record) -> list[Question]:
    """Return a question for each value of the draft that changed after its citations were last written."""
    if not isinstance(record, Trial):
        return []
    pending = draft_revisions(record)
    if not pending:
        return []
    chain: list[Any] = list(revisions(record).filter(number__gte=pending[0].number))
    if live := revisions(record).filter(live=True, number__lt=pending[0].number).last():
        chain = [live, *chain]
    return list(_questions(chain))


def open_questions(record: Record) -> list[Question]:
    """Return the unanswered questions."""
    return [question for question in questions(record) if not question.answered_by]


def _questions(chain: list[Any]) -> Iterator[Question]:
    readings = [Reading(revision.data) for revision in chain]
    now = readings[-1]
    for name, value in now.values.items():
        cited = now.citations(name)
        if not cited or all(reading.values.get(name) == value for reading in readings):
            continue
        last = len(readings) - 1
        while last and readings[last - 1].citations(name) == cited:
            last -= 1
        if readings[last].values.get(name) == value:
            continue
        pairs = zip(chain, readings, strict=True)
        answers = [each.made_by for each, old in pairs if name in each.confirmed and old.values.get(name) == value]
        yield Question(
            path=name,
            label=label(TOGETHER.get(name, (name,))[0], now.words.rows),
            before=readings[last].in_words(name),
            after=now.in_words(name),
            proofs=now.proofs(name),
            answered_by=answers[-1] if answers else "",
        )


@dataclass(frozen=True)
class ProvedChange(Change):
    """A change with the citations of the value as it is now, and whether they are the same as before."""

    proofs: Sequence[Proof] = ()
    same_sources: bool = False


def proved_changes(model: type[Record], before: Document, after: Document) -> list[ProvedChange]:
    """Return what changed between two documents, as `changes` does, each value with its sources."""
    found = changes(model, before, after)
    if model is not Trial:
        return [ProvedChange(each.path, each.label, each.before, each.after) for each in found]
    old, new = Reading(before), Reading(after)
    proved = []
    for each in found:
        name = value_of(each.path.removeprefix("fields."))
        cited = [] if name.partition(".")[0] in ("sources", "citations", "blanks") else new.citations(name)
        same = bool(cited) and name in new.values and old.citations(name) == cited
        proofs = new.proofs(name) if cited else []
        proved.append(ProvedChange(each.path, each.label, each.before, each.after, proofs, same))
    return proved
