"""What changed between two documents of one record, in words."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.text import capfirst

from trials.models import Citation, Record, Trial
from trials.models.values import in_words, label, row_name, rows_by_path
from trials.workflow.documents import REFERENCES, ROWS, Document, build, document_fields, is_empty, places

# Shown in place of an empty value, of a row before it was added, and of a row after it was removed.
EMPTY, NOT_THERE, REMOVED = "empty", "not there", "removed"
LONG = 60  # characters: a longer text is compared word by word,
LINE_END = "¶\n"
MANY_WORDS = 2000  # unless more words than this differ, since the comparison takes time in proportion to their square


@dataclass(frozen=True)
class Change:
    """One value, before and after, in words. `path` is fields.dose, arms.<key> (a whole row) or arms.<key>.analysed.

    `proofs` are the citations of the value as it is now, if these were asked for (see `questions`).
    """

    path: str
    label: str
    before: str
    after: str
    proofs: Sequence[Citation] = ()
    same_sources: bool = False  # whether they are the same as before

    @property
    def is_row(self) -> bool:
        return not split_place(self.path)[1]

    @property
    def is_order(self) -> bool:
        """Whether only the place of a row changed."""
        return self.path.endswith(".position")

    @property
    def is_long(self) -> bool:
        return max(len(self.before), len(self.after)) > LONG

    @property
    def in_places(self) -> bool:
        """Whether it is a long text that changed in places, to be shown word by word."""
        return self.is_long and not self.is_row and EMPTY not in (self.before, self.after)

    @property
    def only_spaces(self) -> bool:
        """Whether the words are the same, and only the space between them differs."""
        return self.before.split() == self.after.split()

    @property
    def words(self) -> list[tuple[str, str]]:
        """The text as ("same" | "removed" | "added", words)."""
        return _pieces(self.before.split(), self.after.split())

    @property
    def marked(self) -> list[tuple[str, str]]:
        """The same, with a mark and a new line where a line ends, so that joined paragraphs are seen."""
        return _pieces(_with_line_ends(self.before), _with_line_ends(self.after))

    @property
    def same_lines(self) -> bool:
        """Whether neither the words differ nor where their lines end."""
        return _with_line_ends(self.before) == _with_line_ends(self.after)


def _with_line_ends(text: str) -> list[str]:
    lines = [line.split() for line in text.splitlines()]
    return [word for line in lines[:-1] for word in [*line, LINE_END]] + (lines[-1] if lines else [])


def _pieces(old: list[str], new: list[str]) -> list[tuple[str, str]]:
    start = _equal_words(old, new)
    end = _equal_words(old[start:][::-1], new[start:][::-1])
    pieces, last = [("same", old[:start])], ("same", old[len(old) - end :])
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    if max(len(old), len(new)) > MANY_WORDS:
        pieces += [("removed", old), ("added", new)]
    else:
        for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            pieces += [("same", old[a:b])] if tag == "equal" else [("removed", old[a:b]), ("added", new[c:d])]
    return [(kind, " ".join(words)) for kind, words in [*pieces, last] if words]


def _equal_words(old: list[str], new: list[str]) -> int:
    """Return with how many equal words the texts begin."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((number for number, (a, b) in pairs if a != b), min(len(old), len(new)))


class Reader:
    """A document whose values and rows are read by the path of a change."""

    def __init__(self, model: type[Record], document: Document) -> None:
        self.model, self.document, self.places = model, document, places(document)

    @cached_property
    def record(self) -> Any:
        return build(self.document, self.model())

    @cached_property
    def rows(self) -> dict[str, Any]:
        """The rows that a path of a value can name."""
        return rows_by_path(self.record) if self.model is Trial else {}

    def fields(self, place: str) -> list[Any]:
        return document_fields(ROWS.get(place.partition(".")[0], self.model))

    def value(self, place: str, field: Any) -> Any:
        """Return the value of the field or, in a document that is older than the field, its default."""
        values = self.places[place]
        return values[field.name] if field.name in values else field.get_default()

    def label(self, path: str) -> str:
        """Return the name of a value or a row: Journal; Group “Placebo”; Group “Placebo”: analysed."""
        place, name = split_place(path)
        words = str(capfirst(self._field(place, name).verbose_name)) if place == "fields" else self._row_name(place)
        return f"{words}: {self._field(place, name).verbose_name}" if name and place != "fields" else words

    def in_words(self, path: str) -> str:
        """Return a value or a whole row in words. Of a row, 0 is named, and an unticked box is not."""
        place, name = split_place(path)
        if place not in self.places:
            return NOT_THERE
        if name:
            return self._value_in_words(place, self._field(place, name))
        filled = {name for name, value in self.places[place].items() if not is_empty(value)}
        fields = [field for field in self.fields(place) if field.name in filled - {"key", "position"}]
        return "; ".join(f"{capfirst(field.verbose_name)}: {self._value_in_words(place, field)}" for field in fields)

    def _field(self, place: str, name: str) -> Any:
        return next(field for field in self.fields(place) if field.name == name)

    def _row_name(self, place: str) -> str:
        kind, key = place.split(".")
        return row_name(kind, next(row for row in getattr(self.record, kind).all() if row.key == key), self.rows)

    def _value_in_words(self, place: str, field: Any) -> str:
        kind, value = place.partition(".")[0], self.value(place, field)
        if (kind, field.name) == ("counts", "arm") and value is None:
            return "all groups given cells"
        if other_kind := REFERENCES.get((kind, field.name)):
            other = self.places.get(f"{other_kind}.{value}")
            return str(other.get("name") or other.get("label")) if other else "one that was removed"
        return (label(value, self.rows) if field.name == "value" else in_words(field, value)) or EMPTY


def split_place(path: str) -> tuple[str, str]:
    """Return the place and the name of the value in it; of a whole row, its place and ""."""
    kind, key, name = (*path.split("."), "")[:3]
    return (kind, key) if kind == "fields" else (f"{kind}.{key}", name)


def changes(model: type[Record], before: Document, after: Document) -> list[Change]:
    """Return every value that differs between two documents of one record, in the order of the form."""
    old, new = Reader(model, before), Reader(model, after)
    kinds = ["fields", *ROWS]
    found = []
    for place in sorted({**old.places, **new.places}, key=lambda place: kinds.index(place.partition(".")[0])):
        if place not in new.places:
            found.append(Change(place, old.label(place), old.in_words(place), REMOVED))
        elif place not in old.places:
            found.append(Change(place, new.label(place), NOT_THERE, new.in_words(place)))
        else:
            for field in old.fields(place):
                was, now = old.value(place, field), new.value(place, field)
                if was != now or type(was) is not type(now):  # by != alone, False is 0 and True is 1
                    path = f"{place}.{field.name}"
                    found.append(Change(path, old.label(path), old.in_words(path), new.in_words(path)))
    return found


def take(into: Document, other: Document, path: str) -> None:
    """Make the value that `path` names in `into` what it is in `other`: a field, a row, or a field of a row."""
    place, name = split_place(path)
    kind, _, key = place.partition(".")
    mine, theirs = places(into).get(place), places(other).get(place)
    if theirs is None:
        into[kind] = [row for row in into[kind] if row["key"] != key]
    elif mine is None:
        into[kind].append(dict(theirs))
    elif not name:
        mine.update(theirs)
    elif name in theirs:  # a document that is older than the field has nothing to say of it
        mine[name] = theirs[name]
    if kind in ROWS:
        into[kind].sort(key=lambda row: row.get("position", 0))
