"""What changed between two documents of one record, in words."""

import difflib
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst

from trials.models import Record, Trial
from trials.models.values import in_words, label, row_name, rows_by_path
from trials.workflow.documents import REFERENCES, ROWS, Document, build, document_fields

# Shown in place of an empty value, of a row before it was added, and of a row after it was removed.
EMPTY, NOT_THERE, REMOVED = "empty", "not there", "removed"
LONG = 60  # characters: a longer text is compared word by word,
LINE_END = "¶\n"
MANY_WORDS = 2000  # unless more words than this differ, since the comparison takes time in proportion to their square


@dataclass(frozen=True)
class Change:
    """One value, before and after, in words. `path` is fields.dose, arms.<key> (a whole row) or arms.<key>.analysed."""

    path: str
    label: str
    before: str
    after: str

    @property
    def is_row(self) -> bool:
        return not self.path.startswith("fields.") and self.path.count(".") == 1

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
    """A document with the words for its values."""

    def __init__(self, model: type[Record], document: Document) -> None:
        self.document = document
        self.record = build(document, model())
        self.rows = rows_by_path(self.record) if isinstance(self.record, Trial) else {}
        self.by_key = {kind: {row["key"]: row for row in document.get(kind, [])} for kind in ROWS}

    def value(self, field: Any, values: dict[str, Any], kind: str = "") -> str:
        value = _value(values, field)
        if (kind, field.name) == ("counts", "arm") and value is None:
            return "all groups given cells"
        if other_kind := REFERENCES.get((kind, field.name)):
            other = self.by_key[other_kind].get(value)
            return (other.get("name") or other.get("label") or "") if other else "one that was removed"
        if field.name == "value":
            return label(value, self.rows)
        return in_words(field, value) or EMPTY

    def row_name(self, kind: str, key: str) -> str:
        row = next(row for row in getattr(self.record, kind).all() if row.key == key)
        return row_name(kind, row, self.rows)

    def row(self, kind: str, key: str) -> str:
        """A whole row in words. 0 is named, an unticked box is not."""
        values = self.by_key[kind][key]
        names = {name for name, value in values.items() if value not in (None, "", []) and value is not False}
        fields = [field for field in document_fields(ROWS[kind]) if field.name in names - {"key", "position"}]
        return "; ".join(f"{capfirst(field.verbose_name)}: {self.value(field, values, kind)}" for field in fields)


def changes(model: type[Record], before: Document, after: Document) -> list[Change]:
    """Return every value that differs between two documents of one record, in the order of the form."""
    old, new = Reader(model, before), Reader(model, after)
    found = _value_changes(document_fields(model), "", before["fields"], after["fields"], old, new)
    for kind in ROWS if model is Trial else ():
        for key in dict.fromkeys([*old.by_key[kind], *new.by_key[kind]]):
            was, now = old.by_key[kind].get(key), new.by_key[kind].get(key)
            if now is None:
                found.append(Change(f"{kind}.{key}", old.row_name(kind, key), old.row(kind, key), REMOVED))
            elif was is None:
                found.append(Change(f"{kind}.{key}", new.row_name(kind, key), NOT_THERE, new.row(kind, key)))
            else:
                found += _value_changes(document_fields(ROWS[kind]), kind, was, now, old, new)
    return found


def _value(values: dict[str, Any], field: Any) -> Any:
    """Return the value of the field or, in a document that is older than the field, its default."""
    return values[field.name] if field.name in values else field.get_default()


def _value_changes(fields: list[Any], kind: str, before: Any, after: Any, old: Reader, new: Reader) -> list[Change]:
    found = []
    for field in fields:
        values = _value(before, field), _value(after, field)
        if values[0] != values[1] or type(values[0]) is not type(values[1]):  # by != alone, False is 0 and True is 1
            words = old.value(field, before, kind), new.value(field, after, kind)
            path, name = f"fields.{field.name}", str(capfirst(field.verbose_name))
            if kind:
                path = f"{kind}.{before['key']}.{field.name}"
                name = f"{old.row_name(kind, before['key'])}: {field.verbose_name}"
            found.append(Change(path, name, *words))
    return found


def take(into: Document, other: Document, path: str) -> None:
    """Make the value that `path` names in `into` what it is in `other`: a field, a row, or a field of a row."""
    kind, _, rest = path.partition(".")
    if kind == "fields":
        if rest in other["fields"]:  # a document that is older than the field has nothing to say of it
            into["fields"][rest] = other["fields"][rest]
        return
    key, _, name = rest.partition(".")
    theirs = next((row for row in other[kind] if row["key"] == key), None)
    mine = next((row for row in into[kind] if row["key"] == key), None)
    if name and mine is not None and theirs is not None:
        if name in theirs:
            mine[name] = theirs[name]
    elif theirs is None:
        into[kind] = [row for row in into[kind] if row["key"] != key]
    elif mine is None:
        into[kind].append(dict(theirs))
    else:
        mine.update(theirs)
    into[kind].sort(key=lambda row: row.get("position", 0))
