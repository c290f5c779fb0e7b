"""The countries of ISO 3166-1 with the names of British English, from `countries.csv`: a vocabulary, not content."""

import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Country:
    """`code` is the two letters of ISO 3166-1 alpha-2. `adjectives` are also the words for its people: Turkish."""

    code: str
    name: str
    other_names: tuple[str, ...]
    adjectives: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """Every word by which a search finds it."""
        return self.name, *self.other_names, *self.adjectives


def _read(path: Path) -> dict[str, Country]:
    found = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            lists = {name: tuple(filter(None, row.pop(name).split("; "))) for name in ("other_names", "adjectives")}
            found[row["code"]] = Country(row["code"], row["name"], **lists)
    return found


COUNTRIES = _read(Path(__file__).with_suffix(".csv"))  # by code, in the order of the names
