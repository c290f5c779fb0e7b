"""Studies side by side."""

import pytest
from django.http import QueryDict

from tests.factories import arm, blank, citation, draft_trial, judgement, published_trial
from trials.models import Trial
from trials.presenters.compare import Comparison, dose_in_total, dose_per_kg

pytestmark = pytest.mark.django_db


def dose(text: str, unit: str, infusions: int | None = 1, note: str = "") -> Trial:
    return Trial(dose=text, dose_unit=unit, infusions=infusions, dose_note=note)


@pytest.mark.parametrize(
    ("trial", "per_kg", "total"),
    [
        (dose("1 × 10⁶", "cells-per-kg", 3), "1 × 10⁶ cells per kg", "210 million cells (worked out for 70 kg)"),
        (dose("5 × 10⁵", "cells-per-kg", 3), "5 × 10⁵ cells per kg", "105 million cells (worked out for 70 kg)"),
        (
            dose("200 × 10⁶", "cells", 3),
            "2.86 million cells per kg (worked out for 70 kg)",
            "600 million cells (worked out)",
        ),
        (
            dose("100 ± 20 × 10⁶", "cells", 2),
            "about 1.4 million cells per kg (worked out for 70 kg)",
            "about 200 million cells (worked out)",
        ),
        (
            dose("2 × 10⁶", "cells-per-kg", 1, "at most 80 × 10⁶ cells per infusion"),
            "2 × 10⁶ cells per kg",
            "80 million cells (worked out for 70 kg)",
        ),
        (dose("1 × 10⁶ or 1 × 10⁷", "cells-per-kg"), "1 × 10⁶ or 1 × 10⁷ cells per kg", ""),
        (dose("1 × 10⁶", "cells-per-kg", None), "1 × 10⁶ cells per kg", ""),
        (dose("", ""), "", ""),
    ],
)
def test_doses_that_can_be_compared(trial: Trial, per_kg: str, total: str) -> None:
    assert (dose_per_kg(trial), dose_in_total(trial)) == (per_kg, total)


def values(comparison: Comparison) -> dict[str, list[str]]:
    return {label: [value for _, value in cells] for label, cells in comparison.lines}


@pytest.fixture
def two_studies() -> None:
    published_trial(slug="smith-2021", severity="Severe")
    published_trial(
        slug="jones-2020", title="B", severity="Moderate", arms=[arm("a1", randomised=12, analysed=12)], counts=[]
    )


def test_two_studies_in_the_order_of_the_address(two_studies: None) -> None:
    found = Comparison(QueryDict("trial=jones-2020&trial=smith-2021"))
    assert [study.trial.slug for study in found.studies] == ["jones-2020", "smith-2021"]
    assert values(found)["Severity"] == ["Moderate", "Severe"]
    assert values(found)["Deaths"][0] == "deaths not reported; no comparison group"


def test_uncertain_and_missing_values_say_so() -> None:
    uncertain = citation("donor", basis="inferred", confidence=2, note="From the title.")
    bias = [judgement(about="overall", verdict="some-concerns"), judgement("j2", about="randomisation", verdict="low")]
    study = {"donor": "allogeneic", "dose": "1 × 10⁶ or 1 × 10⁷", "dose_unit": "cells-per-kg", "counts": []}
    published_trial(citations=[uncertain], judgements=bias, **study)
    published_trial(slug="jones-2020", title="B", dose="", counts=[], blanks=[blank("dose", reason="not-reported")])
    lines = values(Comparison(QueryDict("trial=smith-2021&trial=jones-2020")))
    assert lines["Donor"][0] == "Probably: Another person (allogeneic)"
    assert lines["Total cells per person"] == ["cannot be worked out from the dose as it is given", "not reported"]
    assert lines["Serious adverse events"] == ["not yet checked", "not yet checked"]
    assert lines["Risk of bias"][0] == "overall: some concerns (A review)"


def test_studies_that_are_too_many_stay_ticked() -> None:
    for number in range(5):
        published_trial(slug=f"smith-{2000 + number}", title=f"Study {number}")
    chosen = Comparison(QueryDict("&".join(f"trial=smith-{2000 + number}" for number in range(5)))).chosen
    assert set(chosen) == {"smith-2000", "smith-2001", "smith-2002", "smith-2003", "smith-2004"}


def test_only_what_differs(two_studies: None) -> None:
    lines = values(Comparison(QueryDict("trial=jones-2020&trial=smith-2021&only=differences")))
    assert "Severity" in lines
    assert "Design" not in lines


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("trial=smith-2021&trial=nobody-1999", "“nobody-1999” is not a study on the list."),
        ("trial=smith-2021&trial=%00", "“␀” is not a study on the list."),
        ("trial=a&trial=b&trial=c&trial=d&trial=e", "5 studies are too many to show side by side. Choose at most 4."),
        ("trial=smith-2021&trial=jones-2020&only=x", "“x” is not a choice. Write only=differences, or leave it out."),
    ],
)
def test_wrong_choice_shows_no_studies(two_studies: None, query: str, sentence: str) -> None:
    found = Comparison(QueryDict(query))
    assert sentence in found.problems
    assert (found.status, found.studies) == (400, [])


def test_study_that_is_not_public_is_not_on_the_list(two_studies: None) -> None:
    draft_trial(slug="brown-2019", title="C")
    found = Comparison(QueryDict("trial=smith-2021&trial=brown-2019"))
    assert found.problems == ["“brown-2019” is not a study on the list."]


@pytest.mark.parametrize("query", ["", "trial=smith-2021"])
def test_page_asks_for_two_studies(two_studies: None, query: str) -> None:
    assert Comparison(QueryDict(query)).is_too_few


def test_address_of_the_page_is_not_that_of_a_study() -> None:
    with pytest.raises(Exception, match="is another page"):
        published_trial(slug="compare")
