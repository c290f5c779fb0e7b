"""The glossary as a list from A to Z."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import groupby

from trials.models import GlossaryTerm

STEM = 4  # letters that forms of a word share: analysed and analyzed, blinding and blinded


def _words(spelling: str) -> list[str]:
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", spelling).casefold())


def _is_form_of(spelling: str, name: str) -> bool:
    """Return whether one of the two is the other with an ending, a hyphen or further words."""
    stems, stems_of_name = ({word.rstrip("s")[:STEM] for word in _words(text)} for text in (spelling, name))
    same = "".join(_words(spelling)) == "".join(_words(name))  # IL6 and IL-6
    return same or stems <= stems_of_name or stems >= stems_of_name


def other_names(term: GlossaryTerm) -> list[str]:
    """Return the other spellings of a term that are names of their own, not forms of one that is shown already."""
    shown: list[str] = []
    for spelling in term.spellings[1:]:
        if not any(_is_form_of(spelling, name) for name in [term.term, *shown]):
            shown.append(spelling)
    return shown


def _letter(term: GlossaryTerm) -> str:
    """Return the letter under which a term is listed: A to Z, or # for any other."""
    first = unicodedata.normalize("NFKD", term.term)[:1].upper()
    return first if "A" <= first <= "Z" else "#"


def by_letter(terms: Iterable[GlossaryTerm]) -> list[tuple[str, list[tuple[GlossaryTerm, str]]]]:
    """Return the letters that begin a term, each with its terms and their other names in one line."""
    ordered = sorted(terms, key=lambda term: (_letter(term), term.term.casefold()))
    return [
        (letter, [(term, ", ".join(other_names(term))) for term in group])
        for letter, group in groupby(ordered, key=_letter)
    ]
