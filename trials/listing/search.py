"""Words in any order, whatever their accents and capitals."""

import unicodedata

_PLAIN = str.maketrans(
    # Letters that Unicode does not take apart into a plain letter and an accent.
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss"}
    # Apostrophes: telephones type ’ where the keyboard of an editor gave '.
    | dict.fromkeys("‘’ʼ′", "'")
    # No characters at all. SQLite's index takes both for this one, so we do.
    | dict.fromkeys("\ufffe\uffff", "\ufffd")
)


def fold(text: str) -> str:
    """Lower case without accents: "Adaş" and "ADAS" both become "adas"; dashes of all kinds become "-", apostrophes
    "'", and what nobody sees (soft hyphens, joiners) is gone."""
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_PLAIN)
    kept = (c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return "".join("-" if kind == "Pd" else c for c in kept if (kind := unicodedata.category(c)) != "Cf")
