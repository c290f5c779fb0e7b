"""The methods page gives each calculation in the words of the function that makes it."""

from trials.presenters.calculations import calculations


def test_each_calculation_has_its_formula_and_its_source() -> None:
    for name, paragraphs in calculations():
        assert [each.partition(":")[0] for each in paragraphs] == ["Formula", "Source"], name
