"""The number of values of a study that read “not yet checked”."""

from typing import Any

import pytest

from tests.factories import arm, blank, published_trial
from trials.models import Trial
from trials.quality.unchecked import with_unchecked

pytestmark = pytest.mark.django_db


def unchecked() -> dict[str, int]:
    return dict(with_unchecked(Trial.objects.all()).values_list("slug", "unchecked"))


@pytest.mark.parametrize(
    ("values", "difference"),
    [
        ({"age": "40"}, 1),
        ({"centres": 2}, 1),
        ({"centres_note": "Two hospitals."}, 1),
        ({"recruitment_start": "2020", "recruitment_end": "2021"}, 1),
        ({"acronym": "STUDY"}, 0),
        ({"blanks": [blank("age")]}, 1),
        ({"blanks": [blank("age", reason="does-not-apply")]}, 1),
        ({"blanks": [blank("age", reason="not-checked")]}, 0),
        ({"blanks": [blank("recruitment_end")]}, 1),
        ({"countries": []}, -1),
        ({"arms": [arm("a1", cell_source="")], "counts": []}, -1),
        ({"arms": [arm("a1", cell_source="")], "counts": [], "cell_source_wording": "Of the cord."}, 0),
    ],
)
def test_value_or_reason_makes_the_number_smaller(values: dict[str, Any], difference: int) -> None:
    published_trial(slug="plain-2020")
    published_trial(slug="other-2020", **values)
    numbers = unchecked()
    assert numbers["plain-2020"] - numbers["other-2020"] == difference
