"""Words in any order, whatever their accents and capitals."""

import unicodedata
from functools import reduce
from operator import or_

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from trials.search_index import LETTERS

# Letters that Unicode does not take apart into a plain letter and an accent.
_PLAIN = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss"})


def fold(text: str) -> str:
    """Lower case without accents: "Adaş" and "ADAS" both become "adas"; dashes of all kinds become "-"."""
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_PLAIN)
    kept = (c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return "".join("-" if unicodedata.category(c) == "Pd" else c for c in kept)


def words_condition(query: str, columns: tuple[str, ...] = ("search_text",)) -> Q:
    """The condition that every word of `query` stands in a study's search text, or in another of these columns.

    Columns that may be named are those of the index: search_text and slug.

    A query without a single letter or digit matches nothing: it must never widen a list.
    """
    words = set(fold(query).split())
    if not any(c.isalnum() for word in words for c in word) or "\0" in query:
        return Q(pk__in=[])
    condition = Q()
    # PostgreSQL finds its index for `contains` by itself.
    indexed = {word for word in words if len(word) >= LETTERS} if connection.vendor == "sqlite" else set()
    if indexed:
        phrases = " ".join(f'"{word.replace(chr(34), chr(34) * 2)}"' for word in sorted(indexed))
        match = f"{{{' '.join(columns)}}} : ({phrases})"
        condition &= Q(pk__in=RawSQL("SELECT rowid FROM trials_search WHERE trials_search MATCH %s", [match]))
    for word in sorted(words - indexed):
        condition &= reduce(or_, (Q(**{f"{column}__contains": word}) for column in columns))
    return condition
