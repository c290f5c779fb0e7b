"""What a person or a group judged of a study, as pages show it. No judgement is made by a program."""

from collections.abc import Sequence

from trials import vocabulary as v
from trials.models import Judgement, Trial


def judgements(trial: Trial) -> list[Judgement]:
    """Return the judgements of a study that was fetched with them: those of others first, each in its order."""
    return sorted(trial.judgements.all(), key=lambda judgement: judgement.is_ours)


def overall_bias(trial: Trial) -> list[Judgement]:
    """Return the judgements of the risk of bias of a study as a whole, those of others first."""
    return [each for each in judgements(trial) if each.kind == v.JudgementKind.BIAS and each.is_overall]


def main_judgements(trial: Trial) -> list[Judgement]:
    """Return the judgements without those of single domains of the risk of bias, unless there are only such."""
    found = [each for each in judgements(trial) if each.kind != v.JudgementKind.BIAS or each.is_overall]
    return found or judgements(trial)


def legend(shown: Sequence[Judgement]) -> str:
    """Return what the letters mean, such as: Risk of bias, COVID-NMA: L low, S some concerns. "" without any."""
    if not shown:
        return ""
    meanings = {each.verdict: f"{each.letter} {each.get_verdict_display()}" for each in shown}
    letters = ", ".join(meanings[verdict] for verdict in v.Verdict.values if verdict in meanings)
    judges = ", ".join(dict.fromkeys(each.judged_by for each in shown))
    return f"Risk of bias, {judges}: {letters}."
