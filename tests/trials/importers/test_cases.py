"""Inputs that importers got wrong before, each with the values that are right: see `cases.json`."""

import json
from pathlib import Path
from typing import Any

import pytest

from trials.importers import formats
from trials.importers.merging import country_codes
from trials.importers.records import Reading

CASES = json.loads(Path(__file__).with_name("cases.json").read_text(encoding="utf-8"))


def read_value(reading: Reading, name: str, wanted: Any) -> Any:
    """Return what was read under a name of the case: of all records where several are wanted, or of the one."""
    if name in ("seen", "refused"):
        return getattr(reading, name)
    if name == "rows":
        rows = [row for record in reading.records for row in record.rows]
        return [row.value["identifier"] for row in rows if row.name == "registrations"]
    if name == "country_codes":
        return country_codes([country for record in reading.records for country in record.countries])[0]
    if name in ("abstract", "problems", "hints"):
        found = [getattr(record, name) for record in reading.records]
        return found if len(found) > 1 else found[0]
    values = [record.get(name) or None for record in reading.records]
    return values if isinstance(wanted, list) else values[0]


@pytest.mark.parametrize("case", CASES, ids=[case["title"] for case in CASES])
def test_input_gives_the_right_values(case: dict[str, Any]) -> None:
    reading = formats.read(case["input"])
    assert {name: read_value(reading, name, wanted) for name, wanted in case["right"].items()} == case["right"]
