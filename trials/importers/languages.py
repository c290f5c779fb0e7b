"""Languages by their codes (ISO 639, MARC) and names, from `languages.csv`: a vocabulary, not content.

The names are those of British English in Unicode's CLDR; the others are its own name and those in large languages.
"""

import csv
import re
from pathlib import Path

from trials.listing.search import fold

# What babel and biblatex call the forms of a language.
_FORMS = {
    "american": "English", "british": "English", "usenglish": "English", "ukenglish": "English", "canadian": "English",
    "australian": "English", "newzealand": "English", "ngerman": "German", "germanb": "German", "austrian": "German",
    "naustrian": "German", "swissgerman": "German", "nswissgerman": "German", "francais": "French", "frenchb": "French",
    "acadian": "French", "canadien": "French", "brazil": "Portuguese", "brazilian": "Portuguese",
    "portuges": "Portuguese", "mexican": "Spanish", "castilian": "Spanish", "magyar": "Hungarian", "farsi": "Persian",
    "mandarin": "Chinese", "nynorsk": "Norwegian", "norsk": "Norwegian", "bahasai": "Indonesian", "flemish": "Dutch",
    "moldavian": "Romanian", "mol": "Romanian", "castellano": "Spanish",
}  # fmt: skip


def _read(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {fold(word): row["name"] for row in rows for word in row["other_names"].split("; ") if word}
    codes = {code: row["name"] for row in rows for code in row["codes"].split()}
    return names | _FORMS | codes | {fold(row["name"]): row["name"] for row in rows}


LANGUAGES = _read(Path(__file__).with_suffix(".csv"))  # by code and by name, without accents and capitals


def language_of(text: str) -> str:
    """Return the English name of a language from a code (`en-GB`, `ger`) or a name (`Deutsch`); "" for other words."""
    word = re.sub(r"^(?:language:|(?:article |text )?in )\s*", "", fold(text).strip(" .;[]()"))
    return LANGUAGES.get(word) or LANGUAGES.get(re.split(r"[-_ (]", word, maxsplit=1)[0], "")
