"""What a set of studies adds up to: the right people, the right deaths, and never a group that is no comparison."""

import pytest
from django.http import QueryDict

from tests.factories import make_arm, make_count, make_trial
from trials import actions
from trials.filters import TrialFilter
from trials.listing import listing
from trials.models import OutcomeCount
from trials.summary import Deaths, Totals

NO_DEATHS = Deaths(studies=0, cells_deaths=0, cells_people=0, comparison_deaths=0, comparison_people=0)


def totals(query: str = "") -> Totals:
    """Of the public studies that a list with this address shows."""
    return listing(TrialFilter(QueryDict(query)), "newest", 0, 0).totals


@pytest.mark.usefixtures("eight_studies")
def test_totals_of_all_eight_studies() -> None:
    assert totals() == Totals(
        studies=8,
        people=196,
        countries=7,
        first_year=2020,
        last_year=2022,
        randomised=4,
        compared=Deaths(5, cells_deaths=25, cells_people=74, comparison_deaths=34, comparison_people=72),
        uncompared=Deaths(2, cells_deaths=8, cells_people=20),
    )


@pytest.mark.usefixtures("eight_studies")
@pytest.mark.parametrize(
    ("design", "expected"),
    [
        ("randomised", Totals(4, 126, 4, 2021, 2022, 4, Deaths(4, 22, 64, 28, 62), NO_DEATHS)),
        ("controlled", Totals(2, 50, 2, 2021, 2022, 0, Deaths(1, 3, 10, 6, 10), NO_DEATHS)),
        ("single-arm", Totals(1, 9, 1, 2020, 2020, 0, NO_DEATHS, Deaths(1, 3, 9))),
        ("case-series", Totals(1, 11, 1, 2021, 2021, 0, NO_DEATHS, Deaths(1, 5, 11))),
    ],
)
def test_totals_of_each_design(design: str, expected: Totals) -> None:
    assert totals(f"design={design}") == expected


@pytest.mark.usefixtures("eight_studies")
def test_less_ill_people_of_adas_are_counted_as_people_and_never_as_a_comparison() -> None:
    adas = totals("q=adas")
    assert adas.people == 30
    assert adas.compared == Deaths(1, cells_deaths=3, cells_people=10, comparison_deaths=6, comparison_people=10)


@pytest.mark.usefixtures("eight_studies")
def test_study_without_counts_adds_people_and_no_deaths() -> None:
    kaffash = totals("q=kaffash")
    assert (kaffash.people, kaffash.compared, kaffash.uncompared) == (20, NO_DEATHS, NO_DEATHS)


@pytest.mark.django_db
def test_totals_of_no_studies() -> None:
    make_trial()
    assert totals("q=nothing") == Totals(0, 0, 0, None, None, 0, NO_DEATHS, NO_DEATHS)


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["draft", "in-review", "archived"])
def test_totals_of_what_is_public_hold_nothing_of_another_study(status: str) -> None:
    make_trial(status=status, countries=("ID",))
    assert totals() == Totals(0, 0, 0, None, None, 0, NO_DEATHS, NO_DEATHS)


@pytest.mark.django_db
def test_only_main_counts_of_deaths_are_added() -> None:
    trial = make_trial()  # 3 of 10 and 5 of 10
    cells, placebo = trial.arms.all()
    make_count(trial, arm=cells, days=90, events=7, headline=False)
    make_count(trial, arm=placebo, days=90, events=9, headline=False)
    make_count(trial, arm=cells, outcome="sae", events=8)
    make_count(trial, arm=placebo, outcome="sae", events=8)
    actions.complete_trial(trial)
    assert totals().compared == Deaths(1, 3, 10, 5, 10)


@pytest.mark.django_db
def test_several_groups_given_cells_are_added_within_their_study() -> None:
    trial = make_trial()  # 3 of 10 and 5 of 10
    more = make_arm(trial, position=3, name="More cells", role="cells", randomised=8, analysed=7)
    make_count(trial, position=3, arm=more, events=2, total=8)
    actions.complete_trial(trial)
    added = totals()
    assert added.people == 27
    assert added.compared == Deaths(1, 5, 18, 5, 10)


@pytest.mark.django_db
def test_count_for_all_groups_together_stands_for_those_given_cells() -> None:
    trial = make_trial(rows=False, design="single-arm", control="none")
    make_arm(trial, randomised=None, analysed=4)
    make_arm(trial, randomised=None, analysed=5)
    make_count(trial, arm=None, events=3, total=9)
    actions.complete_trial(trial)
    assert totals().uncompared == Deaths(1, 3, 9)


@pytest.mark.django_db
def test_deaths_with_cells_alone_are_not_set_beside_comparison_deaths_of_another_study() -> None:
    lone = make_trial(slug="lone-2020")
    OutcomeCount.objects.filter(trial=lone, arm__role="comparison").delete()
    other = make_trial(slug="other-2020")
    OutcomeCount.objects.filter(trial=other, arm__role="cells").delete()
    for trial in (lone, other):
        actions.complete_trial(trial)
    added = totals()
    # Nor is the first one a study without a comparison group.
    assert (added.compared, added.uncompared) == (NO_DEATHS, NO_DEATHS)


@pytest.mark.django_db
def test_people_analysed_come_before_people_randomised() -> None:
    trial = make_trial(rows=False)
    make_arm(trial, position=1, randomised=12, analysed=9)
    make_arm(trial, position=2, randomised=11, analysed=None)
    make_arm(trial, position=3, randomised=None, analysed=None)
    actions.complete_trial(trial)
    assert totals().people == 20


@pytest.mark.django_db
def test_country_of_two_studies_counts_once() -> None:
    make_trial(slug="a-2020", countries=("ID", "TR"))
    make_trial(slug="b-2021", countries=("ID",))
    assert totals().countries == 2
