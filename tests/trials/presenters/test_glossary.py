"""The glossary from A to Z, with abbreviations."""

import pytest

from trials.models import GlossaryTerm
from trials.presenters.glossary import abbreviation, by_letter


@pytest.mark.parametrize(
    ("term", "spellings", "shown"),
    [
        ("Acute respiratory distress syndrome", "ARDS", "ARDS"),
        ("Interleukin 6", "interleukin-6, IL-6, IL6, IL 6", "IL-6"),
        ("PaO₂/FiO₂", "PaO2/FiO2, P/F ratio, PaO₂/FiO₂ ratio", "P/F ratio"),
        ("SOFA score", "SOFA scores, SOFA", ""),
        ("Analysed", "analyzed", ""),
        ("Placebo", "", ""),
    ],
)
def test_abbreviation_is_shown_and_other_forms_of_the_word_are_not(term: str, spellings: str, shown: str) -> None:
    assert abbreviation(GlossaryTerm(term=term, other_spellings=spellings)) == shown


def test_terms_are_under_their_letter_whatever_its_accent_or_capital() -> None:
    terms = [GlossaryTerm(term=term) for term in ("vehicle", "Éclat", "event", "β-agonist", "6-minute walk")]
    assert [(letter, [term.term for term, _ in group]) for letter, group in by_letter(terms)] == [
        ("#", ["6-minute walk", "β-agonist"]),
        ("E", ["event", "Éclat"]),
        ("V", ["vehicle"]),
    ]
