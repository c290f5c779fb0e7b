"""Which studies a search finds: words in any order, whatever their accents and capitals."""

import re
import unicodedata

from django.db.models import Q

_PLAIN = str.maketrans(
    # Letters that Unicode does not take apart into a plain letter and an accent.
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss"}
    # Apostrophes: telephones type ’ where the keyboard of an editor gave '.
    | dict.fromkeys("‘’ʼ′", "'")
)
# From the first letter or digit to the last, so that "(ARDS)" is found by "ards" and a DOI stays one word.
_WORD = re.compile(r"[^\W_](?:\S*[^\W_])?")


def fold(text: str) -> str:
    """Return the text in lower case without accents: "Adaş" becomes "adas".

    Dashes of all kinds become "-", apostrophes "'". Invisible characters (soft hyphens, joiners) are removed.
    """
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_PLAIN)
    visible = (c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return "".join("-" if kind == "Pd" else c for c in visible if (kind := unicodedata.category(c)) != "Cf")


def words(text: str) -> list[str]:
    """Return the folded words of the text, each once, without the punctuation around them."""
    return list(dict.fromkeys(_WORD.findall(fold(text))))


def search_condition(query: str) -> Q:
    """Return the condition that every word of the query begins a word of `search_text`. No word matches no study."""
    condition = Q()
    for word in words(query):
        condition &= Q(search_text__contains=f" {word}")
    return condition or Q(pk__in=[])
