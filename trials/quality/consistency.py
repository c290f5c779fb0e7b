"""Warnings about numbers of a study that are possible but probably wrong. None of them stops a save.

The models refuse what is impossible: more events than people, or a count of more people than its group has.
"""

import re
from collections.abc import Iterator

from trials import vocabulary as v
from trials.models import Arm, OutcomeCount, Trial

_DEATHS = re.compile(r"\b(death|deaths|died|dead|mortality|survival|survived)\b", re.IGNORECASE)
_WORDS = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORDS += [word for ten in _TENS for word in (ten, *(f"{ten}-{unit}" for unit in _WORDS[:9]))]  # one to ninety-nine
_NUMBER = rf"(?:[0-9]{{1,3}}(?:,[0-9]{{3}})+|[0-9]+|{'|'.join(_WORDS)})"
# “10 critically ill people”: at most two words between, none of which begins another thing that is counted.
_NOT_BETWEEN = r"(?!(?:of|in|with|and|or|to|for|from|at|by|the|per|days?|doses?|groups?|infusions?|times?)\b)"
_PEOPLE = re.compile(
    rf"(?<![\w,.-])(?<!day )(?P<number>{_NUMBER}) (?:{_NOT_BETWEEN}[a-z-]+,? ){{0,2}}"
    r"(?:people|patients|participants)\b",
    re.IGNORECASE,
)
_OTHER_THINGS = r"(?! (?:\w+ )?(?:centres|hospitals|sites|days|weeks|infusions|doses|countries|trials|studies)\b)"
_PAIR = re.compile(
    rf"(?<![\w,.-])(?P<some>{_NUMBER}) (?:out )?of (?:the )?(?P<all>{_NUMBER})\b(?![,.]?[0-9]){_OTHER_THINGS}",
    re.IGNORECASE,
)
_DIED = re.compile(rf"\bof (?:the )?(?P<all>{_NUMBER}) [^.;,()]*, (?P<some>{_NUMBER}) died\b", re.IGNORECASE)
_CLAUSE_END = re.compile(rf"(?<=[.!?;])\s+|,? (?:and|but) (?={_NUMBER}\b)", re.IGNORECASE)


def warnings(trial: Trial) -> list[str]:
    """Return one sentence for each pair of numbers that do not agree."""
    arms, counts = list(trial.arms.all()), list(trial.counts.all())
    prose = {"plain heading": trial.heading, "plain-language summary": trial.plain_summary}
    by_arm: dict[str, list[OutcomeCount]] = {}
    for count in counts:
        by_arm.setdefault(count.arm.key if count.arm else "", []).append(count)
    return [
        *_randomised_in_some_groups(arms),
        *_other_denominators(arms, by_arm),
        *_main_counts_missing(trial, arms, by_arm),
        *_people_in_prose(prose, arms, counts),
        *_pairs_in_prose(prose, arms, counts),
    ]


def _randomised_in_some_groups(arms: list[Arm]) -> list[str]:
    known = [arm for arm in arms if arm.randomised is not None]
    return [
        f"“{arm.name}” has no number of people randomised, and “{known[0].name}” has."
        for arm in arms
        if known and arm.randomised is None and arm.role != v.Role.OTHER
    ]


def _other_denominators(arms: list[Arm], by_arm: dict[str, list[OutcomeCount]]) -> Iterator[str]:
    """Compare the total of each main count with the people of its group: both should be the same."""
    for arm in arms:
        for count in by_arm.get(arm.key, []):
            if count.headline and arm.people is not None and count.total != arm.people:
                how = "randomised" if arm.analysed is None else "analysed"
                yield (
                    f"The main count “{count.get_outcome_display()}” of “{arm.name}” is out of {count.total} people, "
                    f"and the group has {arm.people} {how}."
                )
    given = [arm.people for arm in arms if arm.role == v.Role.CELLS]
    together = sum(people for people in given if people is not None)
    for count in by_arm.get("", []):
        if count.headline and given and None not in given and count.total != together:
            yield (
                f"The main count “{count.get_outcome_display()}” of all groups given cells is out of {count.total} "
                f"people, and these groups have {together}."
            )


def _main_counts_missing(trial: Trial, arms: list[Arm], by_arm: dict[str, list[OutcomeCount]]) -> Iterator[str]:
    if _DEATHS.search(trial.unsettled):
        return
    all_together = any(c.headline and c.outcome == v.Outcome.DEATH for c in by_arm.get("", []))
    for arm in arms:
        if arm.role == v.Role.OTHER or (all_together and arm.role == v.Role.CELLS):
            continue
        deaths = [count for count in by_arm.get(arm.key, []) if count.outcome == v.Outcome.DEATH]
        if any(count.headline for count in deaths):
            continue
        todo = "Tick one of its counts as the main one" if deaths else "Add it"
        yield (
            f"“{arm.name}” has no main count of deaths. {todo}, or say under “unresolved” that the paper does not "
            "give the deaths."
        )


def _number(text: str) -> int:
    return _WORDS.index(text.lower()) + 1 if text.lower() in _WORDS else int(text.replace(",", ""))


def _numbers_of_people(arms: list[Arm], counts: list[OutcomeCount]) -> set[int]:
    """Return every number of people that the groups and counts give: of a group, of a role and of all."""
    found = {count.total for count in counts}
    for groups in (arms, *([arm] for arm in arms), *([arm for arm in arms if arm.role == role] for role in v.Role)):
        for name in ("randomised", "analysed", "people"):
            numbers = [getattr(arm, name) for arm in groups]
            if groups and None not in numbers:
                found.add(sum(numbers))
    return found


def _people_in_prose(prose: dict[str, str], arms: list[Arm], counts: list[OutcomeCount]) -> Iterator[str]:
    """Compare “40 people” with the groups: the first in a text, and any that is more than the largest group."""
    people = [arm.people for arm in arms if arm.people is not None]
    if not arms or len(people) < len(arms):
        return
    right = _numbers_of_people(arms, counts)
    total = f"{' + '.join(map(str, people))} = {sum(people)}" if len(people) > 1 else str(people[0])
    for name, text in prose.items():
        for place, found in enumerate(_PEOPLE.finditer(text)):
            number = _number(found["number"])
            if number not in right and (place == 0 or number > max(people)):
                yield f"The {name} says “{found[0]}”, and the groups have {total} people."


def _pairs_in_prose(prose: dict[str, str], arms: list[Arm], counts: list[OutcomeCount]) -> Iterator[str]:
    """Compare “3 of 12” with the counts: the second number always, and both in a sentence on deaths."""
    right = _numbers_of_people(arms, counts)
    deaths = [(count.events, count.total) for count in counts if count.outcome == v.Outcome.DEATH]
    both = {*deaths, *((total - events, total) for events, total in deaths)}
    both.add((sum(events for events, _ in deaths), sum(total for _, total in deaths)))
    for name, text in prose.items():
        for sentence in _CLAUSE_END.split(text):
            for found in [*_PAIR.finditer(sentence), *_DIED.finditer(sentence)]:
                some, everyone = _number(found["some"]), _number(found["all"])
                if right and everyone not in right:
                    yield f"The {name} says “{found[0]}”, and no group or count is of {everyone} people."
                elif deaths and _DEATHS.search(sentence) and (some, everyone) not in both:
                    known = " and ".join(f"{events} of {total}" for events, total in deaths)
                    yield f"The {name} says “{found[0]}”, and the counts of deaths are {known}."
