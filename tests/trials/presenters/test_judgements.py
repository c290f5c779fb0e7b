"""What people judged of a study: whose comes first, and in which words and marks."""

from typing import Any

import pytest

from tests.factories import judgement, trial_document
from trials.models import Judgement, Trial
from trials.presenters.judgements import judgements, legend, main_judgements, overall_bias
from trials.workflow.documents import build

OURS = {"address": "", "judged_by": "two reviewers of this site"}


def study(*rows: dict[str, Any]) -> Trial:
    return build(trial_document(judgements=rows), Trial())  # type: ignore[no-any-return]


def test_judgements_of_others_come_before_our_own() -> None:
    trial = study(judgement("j1", **OURS), judgement("j2"), judgement("j3", judged_by="COVID-NMA"))
    assert [each.key for each in judgements(trial)] == ["j2", "j3", "j1"]


def test_overall_risk_of_bias_is_neither_a_domain_nor_a_certainty() -> None:
    domain = judgement("j2", about="Bias in the selection of the reported result", verdict="high")
    certainty = judgement("j3", kind="certainty", about="overall", tool="grade", verdict="very-low")
    of_deaths = judgement("j4", about="Overall, deaths at day 28", tool="rob-2", verdict="some-concerns")
    assert [each.key for each in overall_bias(study(domain, certainty, of_deaths, judgement("j1")))] == ["j4", "j1"]


def test_main_judgements_leave_out_single_domains_unless_there_are_only_such() -> None:
    domain = judgement("j2", about="Bias in the selection of the reported result", verdict="high")
    certainty = judgement("j3", kind="certainty", about="deaths", tool="grade", verdict="very-low")
    assert [each.key for each in main_judgements(study(judgement("j1"), domain, certainty))] == ["j1", "j3"]
    assert [each.key for each in main_judgements(study(domain))] == ["j2"]


@pytest.mark.parametrize(
    ("kind", "verdict", "mark"),
    [
        ("bias", "low", ("disc", "L")),
        ("bias", "some-concerns", ("triangle", "S")),
        ("bias", "serious", ("square", "S")),
        ("bias", "no-information", ("", "N")),
        ("certainty", "low", ("triangle", "L")),
        ("certainty", "high", ("disc", "H")),
    ],
)
def test_letter_and_shape(kind: str, verdict: str, mark: tuple[str, str]) -> None:
    found = Judgement(kind=kind, verdict=verdict)
    assert (found.shape, found.letter) == mark


def test_legend_says_what_the_letters_mean_and_who_judged() -> None:
    rows = [judgement("j1", verdict="some-concerns"), judgement("j2"), judgement("j3", judged_by="COVID-NMA")]
    assert legend(judgements(study(*rows))) == "Risk of bias, A review, COVID-NMA: L low, S some concerns."
    assert legend([]) == ""
