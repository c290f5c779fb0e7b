"""Values of a draft that changed while their sources did not.

A source was read for one value. If the value changes and no citation of it does, one of the two may be wrong, so the
editor is asked before the draft is submitted. The answer is recorded with the submission.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from trials.models import Citation, Record, Trial
from trials.models.values import CELL_SOURCE, PART_OF, TOGETHER, VALUE_ROWS, WORDINGS, label, split_path, value_in_words
from trials.workflow.diff import Change, Reader, changes
from trials.workflow.documents import Document
from trials.workflow.readiness import NOT_CITED
from trials.workflow.revisions import draft_revisions, revisions

# The name under which a field of a study is cited: that of the whole, or of the value whose own words it gives.
CITED_AS = PART_OF | dict(zip(WORDINGS, ("design", "masking", "masking", "phase"), strict=True))
# Our own choices, which no source proves, and the tissue, which is a value of the study.
NOT_PROVED = (*NOT_CITED, "headline", "position", CELL_SOURCE)
PROVED = ("fields", *VALUE_ROWS)  # the kinds of places that hold values with citations


def cited_as(path: str) -> str:
    """Return the name under which a value is cited: dose for dose_unit, the tissue of the study for that of a group."""
    return CELL_SOURCE if path.startswith("arms.") and path.endswith(f".{CELL_SOURCE}") else CITED_AS.get(path, path)


class Reading(Reader):
    """A document of a study with its values, each by the name under which it is cited, and their citations."""

    def __init__(self, document: Document) -> None:
        super().__init__(Trial, document)
        self.values: dict[str, list[Any]] = {}
        for place in self.places:
            for field in self.fields(place) if place.partition(".")[0] in PROVED else ():
                if place == "fields":
                    self.values.setdefault(cited_as(field.name), []).append(self.value(place, field))
                elif field.name not in NOT_PROVED:
                    self.values[f"{place}.{field.name}"] = [self.value(place, field)]
        tissues = {row.get(CELL_SOURCE) or "" for row in document.get("arms", [])}
        self.values.setdefault(CELL_SOURCE, []).append(sorted(tissues - {""}))
        self._citations: dict[str, list[dict[str, Any]]] = {}
        for row in document.get("citations", []):
            self._citations.setdefault(cited_as(row["value"]), []).append(row)

    def citations(self, name: str) -> list[dict[str, Any]]:
        """Return the citations of a value. Those of the row as a whole count for each of its fields."""
        kind, key, field = split_path(name)
        if not kind:
            return self._citations.get(name, [])
        row = f"{kind}.{key}"
        own = [*self._citations.get(row, []), *(self._citations.get(name, []) if field else [])]
        parts = (found for path, found in self._citations.items() if path.startswith(f"{row}."))
        return own or [each for found in parts for each in found]

    def value_in_words(self, name: str) -> str:
        words = (value_in_words(path, self.record, self.rows) for path in TOGETHER.get(name, (name,)))
        return " ".join(filter(None, words))

    def token(self, name: str) -> str:
        """Return what a tick for a value is sent as. Once the value or a citation of it differs, so does the token."""
        read = json.dumps([self.values.get(name), self.citations(name)], sort_keys=True)
        return f"{name}:{sha256(read.encode()).hexdigest()[:12]}"

    def proofs(self, name: str) -> list[Citation]:
        """Return the citations of a value, in words. Parts of a value that have the same citation count once."""
        built = {citation.key: citation for citation in self.record.citations.all()}
        found = self.citations(name)
        return list({(r["source"], r["quote"], r["note"], r["basis"]): built[r["key"]] for r in found}.values())


@dataclass(frozen=True)
class Question:
    """A value that changed while its sources did not. `path` names the value; before and after are in words.

    `token` is what a tick for it is sent as. `answered_by` is who confirmed it with an earlier submission, or "".
    """

    path: str
    token: str
    label: str
    before: str
    after: str
    proofs: Sequence[Citation]
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
        token = now.token(name)
        answers = [each.made_by for each, old in pairs if name in each.confirmed and old.token(name) == token]
        yield Question(
            path=name,
            token=token,
            label=label(TOGETHER.get(name, (name,))[0], now.rows),
            before=readings[last].value_in_words(name),
            after=now.value_in_words(name),
            proofs=now.proofs(name),
            answered_by=answers[-1] if answers else "",
        )


def proved_changes(model: type[Record], before: Document, after: Document) -> list[Change]:
    """Return what changed between two documents, as `changes` does, each value of a study with its sources."""
    found = changes(model, before, after)
    if model is not Trial:
        return found
    old, new = Reading(before), Reading(after)
    for number, each in enumerate(found):
        name = cited_as(each.path.removeprefix("fields."))
        if name.partition(".")[0] not in ("sources", "citations", "blanks") and (cited := new.citations(name)):
            same = name in new.values and old.citations(name) == cited
            found[number] = replace(each, proofs=new.proofs(name), same_sources=same)
    return found
