"""What records of tagged lines have in common: those of RIS and of PubMed's own format."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from trials.importers.records import ImportedRecord, Reading
from trials.importers.texts import clean


@dataclass
class Field:
    tag: str  # "" for a line that is neither a field nor a part of one
    line: int
    lines: list[str]  # of its value


class OpenRecord:
    """The fields of a record until its end is seen. `gap` is how many precede the last empty line."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._begin([])

    def _begin(self, fields: list[Field]) -> None:
        self.fields, self.tags = fields, {field.tag for field in fields}
        self.gap, self.tags_before_gap = 0, set[str]()

    def append(self, tag: str, line: int, value: str) -> None:
        self.tags.add(tag)
        self.fields.append(Field(tag, line, [value]))

    def note_gap(self) -> None:
        if self.gap != len(self.fields):
            self.gap, self.tags_before_gap = len(self.fields), set(self.tags)

    def close(self, fill: Callable[..., None], end: int | None = None) -> None:
        """Let `fill` read the fields before `end`. Those behind it begin the next record."""
        if self.fields:
            fields, rest = self.fields[:end], self.fields[end:] if end is not None else []
            self.reading.add(fields[0].line, fill, fields)
            self._begin(rest)


def texts_of(fields: Iterable[Field]) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = defaultdict(list)
    for field in fields:
        if text := clean(" ".join(field.lines)):
            texts[field.tag].append(text)
    return texts


def leave(record: ImportedRecord, texts: dict[str, list[str]], read: frozenset[str], known: frozenset[str]) -> None:
    for tag, text in ((tag, text) for tag, several in texts.items() if tag not in read for text in several):
        record.leave(tag, text, is_known=tag in known)
