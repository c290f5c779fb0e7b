"""The glossary from A to Z, with other names and without forms of the same word."""

import pytest

from trials.models import GlossaryTerm
from trials.presenters.glossary import by_letter, other_names


@pytest.mark.parametrize(
    ("term", "spellings", "names"),
    [
        ("Analysed", "analyzed", []),
        ("Acute respiratory distress syndrome", "ARDS", ["ARDS"]),
        ("Comparison group", "comparison groups, control group, control groups", ["control group"]),
        ("Masking", "masked, blinding, blinded, double-blind", ["blinding"]),
        ("Interleukin 6", "interleukin-6, IL-6, IL6, IL 6", ["IL-6"]),
        ("PaO₂/FiO₂", "PaO2/FiO2, P/F ratio, PaO₂/FiO₂ ratio", ["P/F ratio"]),
        ("Registry", "registries, trial registry, registration", []),
        ("Wharton's jelly", "Wharton’s jelly, Wharton jelly", []),
        ("Placebo", "", []),
    ],
)
def test_other_names_are_no_forms_of_a_name_that_is_shown(term: str, spellings: str, names: list[str]) -> None:
    assert other_names(GlossaryTerm(term=term, other_spellings=spellings)) == names


def test_terms_are_under_their_letter_whatever_its_accent_or_capital() -> None:
    terms = [GlossaryTerm(term=term) for term in ("vehicle", "Éclat", "event", "β-agonist", "6-minute walk")]
    assert [(letter, [term.term for term, _ in group]) for letter, group in by_letter(terms)] == [
        ("#", ["6-minute walk", "β-agonist"]),
        ("E", ["event", "Éclat"]),
        ("V", ["vehicle"]),
    ]
