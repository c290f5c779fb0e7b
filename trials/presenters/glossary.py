"""The glossary as a list from A to Z."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import groupby

from trials.models import GlossaryTerm


def abbreviation(term: GlossaryTerm) -> str:
    """Return the first other spelling whose first word has no small letter, such as IL-6 or P/F ratio; "" without one.

    A first word that the term itself has, such as SOFA of SOFA score, is passed over.
    """
    first_words = {spelling: spelling.split()[0] for spelling in term.spellings[1:]}
    found = (each for each, word in first_words.items() if not re.search("[a-z]", word) and word not in term.term)
    return next(found, "")


def _letter(term: GlossaryTerm) -> str:
    """Return the letter under which a term is listed: A to Z, or # for any other."""
    first = unicodedata.normalize("NFKD", term.term)[:1].upper()
    return first if "A" <= first <= "Z" else "#"


def by_letter(terms: Iterable[GlossaryTerm]) -> list[tuple[str, list[tuple[GlossaryTerm, str]]]]:
    """Return the letters that begin a term, each with its terms and their abbreviations."""
    ordered = sorted(terms, key=lambda term: (_letter(term), term.term.casefold()))
    return [(letter, [(term, abbreviation(term)) for term in group]) for letter, group in groupby(ordered, key=_letter)]
