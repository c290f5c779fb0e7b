"""Words in any order, whatever their accents and capitals."""

import unicodedata
from collections.abc import Collection
from functools import reduce
from itertools import chain
from operator import or_

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from trials.models import Trial
from trials.search_index import LETTERS

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


def words_condition(query: str, columns: tuple[str, ...] = ("search_text",)) -> Q:
    """The condition that every word of `query` stands in a study's search text, or in another of these columns.

    Columns that may be named are those of the index: search_text and slug.

    A query without a single letter or digit matches nothing: it must never widen a list.
    """
    words = words_of(query)
    if not words:
        return Q(pk__in=[])
    # PostgreSQL finds its index for `contains` by itself.
    indexed = {word for word in words if len(word) >= LETTERS} if connection.vendor == "sqlite" else set()
    condition = Q()
    if indexed:
        condition &= _matches(_all_of(indexed, columns))
    for word in sorted(words - indexed):
        condition &= reduce(or_, (Q(**{f"{column}__contains": word}) for column in columns))
    return condition


def words_of(query: str) -> set[str]:
    """The words of a query, folded; none where it must match nothing: without a single letter or digit."""
    words = set(fold(query).split())
    return words if any(c.isalnum() for word in words for c in word) and "\0" not in query else set()


def keys_with(words: Collection[str], at_most: int) -> set[int] | None:
    """The keys of the studies, public or not, that have all these words, folded, in their search text.

    None if more than `at_most` have them, or if the index does not know one of the words.
    """
    if any(len(word) < LETTERS for word in words):
        return None
    if connection.vendor == "sqlite":  # the index knows the keys: no study has to be looked at
        with connection.cursor() as cursor:
            match = _all_of(words)
            cursor.execute(
                "SELECT rowid FROM trials_search WHERE trials_search MATCH %s LIMIT %s", [match, at_most + 1]
            )
            keys = set(chain.from_iterable(cursor.fetchall()))
    else:
        having = Trial.objects.filter(*(Q(search_text__contains=word) for word in words))
        keys = set(having.order_by().values_list("pk", flat=True)[: at_most + 1])
    return keys if len(keys) <= at_most else None


def any_condition(parts: Collection[str]) -> Q:
    """The condition that at least one of these parts of words, folded, stands in a study's search text."""
    indexed = {part for part in parts if len(part) >= LETTERS} if connection.vendor == "sqlite" else set()
    conditions = [Q(search_text__contains=part) for part in sorted(set(parts) - indexed)]
    if indexed:
        conditions.append(_matches(_any_of(indexed)))
    return reduce(or_, conditions, Q(pk__in=[]))


def how_many_have(words: Collection[str], at_most: int) -> dict[str, int]:
    """How many studies have each of these in their search text, none counted further than `at_most`.

    Each word is folded, of letters and digits alone, and no shorter than the index knows.
    """
    on_sqlite = connection.vendor == "sqlite"
    has = "trials_search WHERE trials_search MATCH %s" if on_sqlite else "trials_trial WHERE search_text LIKE %s"
    count = f"(SELECT count(*) FROM (SELECT 1 FROM {has} LIMIT {at_most:d}) AS found)"  # noqa: S608
    counts: dict[str, int] = {}
    ordered = sorted(words)
    for some in (ordered[start : start + 200] for start in range(0, len(ordered), 200)):
        with connection.cursor() as cursor:
            asked = [_any_of([word]) if on_sqlite else f"%{word}%" for word in some]
            cursor.execute("SELECT " + ", ".join([count] * len(some)), asked)
            counts |= dict(zip(some, cursor.fetchone(), strict=True))
    return counts


# --- SQLite's index, which is asked in the language of FTS5


def _matches(match: str) -> Q:
    return Q(pk__in=RawSQL("SELECT rowid FROM trials_search WHERE trials_search MATCH %s", [match]))


def _all_of(parts: Collection[str], columns: tuple[str, ...] = ("search_text",)) -> str:
    return f"{{{' '.join(columns)}}} : ({' '.join(map(_phrase, sorted(parts)))})"


def _any_of(parts: Collection[str]) -> str:
    return f"{{search_text}} : ({' OR '.join(map(_phrase, sorted(parts)))})"


def _phrase(part: str) -> str:
    return f'"{part.replace(chr(34), chr(34) * 2)}"'
