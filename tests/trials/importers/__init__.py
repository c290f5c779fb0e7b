"""What the tests of the importers share."""

from pathlib import Path

from trials.importers import formats
from trials.importers.records import ImportedRecord

RECORDS = Path(__file__).parent / "records"


def from_file(name: str) -> ImportedRecord:
    """Return the one record of a file in `records`."""
    return from_text((RECORDS / name).read_text())


def from_text(text: str) -> ImportedRecord:
    """Return the one record of a text."""
    reading = formats.read(text)
    assert reading.refused == []
    (record,) = reading.records
    return record


def ris(*lines: str) -> ImportedRecord:
    return from_text("\n".join(["TY  - JOUR", *lines, "ER  - "]))
