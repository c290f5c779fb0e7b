"""Languages by their codes (ISO 639, MARC) and names, from `languages.csv`: a vocabulary, not content.

The names are those of British English in Unicode's CLDR; the others are its own name, those in large languages,
and what babel and biblatex call its forms.
"""

import csv
import re
from pathlib import Path

from trials.listing.search import fold


def _read(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {fold(word): row["name"] for row in rows for word in row["other_names"].split("; ") if word}
    codes = {code: row["name"] for row in rows for code in row["codes"].split()}
    return names | codes | {fold(row["name"]): row["name"] for row in rows}


LANGUAGES = _read(Path(__file__).with_suffix(".csv"))  # by code and by name, without accents and capitals


def language_of(text: str) -> str:
    """Return the English name of a language from a code (`en-GB`, `ger`) or a name (`Deutsch`); "" for other words."""
    word = re.sub(r"^(?:language:|(?:article |text )?in )\s*", "", fold(text).strip(" .;[]()"))
    return LANGUAGES.get(word) or LANGUAGES.get(re.split(r"[-_ (]", word, maxsplit=1)[0], "")
