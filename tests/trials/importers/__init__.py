"""What the tests of the importers share."""

from pathlib import Path

from trials.importers import formats
from trials.importers.records import ImportedRecord

RECORDS = Path(__file__).parent / "records"


def from_file(name: str) -> ImportedRecord:
    """Return the one record of a file in `records`."""
    return formats.read((RECORDS / name).read_bytes()).records[0]


def ris(*lines: str) -> ImportedRecord:
    return formats.read("\n".join(["TY  - JOUR", *lines, "ER  - "])).records[0]
