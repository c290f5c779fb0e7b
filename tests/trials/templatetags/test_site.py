"""The filters of the templates."""

import pytest
from django.utils.safestring import SafeString, mark_safe

from trials.templatetags.site import own_heading, unbroken


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("in phase 1 of it", "in phase~1 of it"),
        ("for 12 people here", "for 12~people here"),
        ("2 of 12 died", "2~of~12 died"),
        ("1 × 10⁶ cells", "1~×~10⁶ cells"),
        ("100 ± 20", "100~±~20"),
        ("P = 0.77 by day 31", "P~=~0.77 by day~31"),
        ("one of the groups", "one of the groups"),
        ("step 1 then 2", "step 1 then 2"),
    ],
)
def test_number_and_its_word_stay_on_one_line(text: str, shown: str) -> None:
    assert unbroken(text) == shown.replace("~", "\N{NO-BREAK SPACE}")


def test_heading_of_our_own_does_not_break_inside_covid_19() -> None:
    assert own_heading("Cells for 12 people with COVID-19") == "Cells for 12\xa0people with COVID-\u206019"
    assert own_heading("Umbilical-cord cells") == "Umbilical-cord cells"


def test_text_that_was_not_safe_stays_unsafe() -> None:
    assert not isinstance(unbroken("<b> 12 people"), SafeString)
    assert isinstance(unbroken(mark_safe("<b>12 people</b>")), SafeString)
