"""A hundred generated afternoons: editors who edit, submit, publish, restore and give up drafts of one page at once.

Whatever the order: no edit that was acknowledged is lost, whoever is behind is told, the numbers have no gap, and the
public sees what was published and nothing else. The seeds are fixed, so a failure can be repeated.
"""

import copy
import random
from collections import Counter
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from tests.factories import ANN, BEN, EVA, Person, make_complete_trial, make_page
from trials import actions, history
from trials.actions import Conflict
from trials.models import Arm, Page, Revision, Trial

pytestmark = pytest.mark.django_db

STEPS = 20
FIELDS = {Page: ("title", "lead", "body"), Trial: ("age", "sex", "funding")}


class Desk:
    """One person with the form open: what they opened, and what they have typed since."""

    def __init__(self, person: Person, record: Any) -> None:
        self.person, self.typed = person, ""
        self.open(record)

    def open(self, record: Any) -> None:
        self.base = actions.newest_revision(record).number
        self.opened = actions.working_document(record)
        self.document = copy.deepcopy(self.opened)

    def take_mine(self, conflict: Conflict, model: Any) -> None:
        """What the page of a conflict does when somebody keeps all of their own: the newest, with what they changed."""
        merged = copy.deepcopy(conflict.newest.data)
        for change in history.changes(model, self.opened, self.document):
            history.take(merged, self.document, change.path)
        self.base, self.opened, self.document = conflict.newest.number, conflict.newest.data, merged


class Afternoon:
    def __init__(self, record: Any, people: list[Person], dice: random.Random) -> None:
        self.record, self.model, self.dice = record, type(record), dice
        self.desks = [Desk(person, record) for person in people]
        self.acknowledged: dict[int, Any] = {}  # number of the revision -> the document that was sent
        self.published = [history.snapshot(record)]  # what the public has been shown, oldest first
        self.wrote: set[str] = set()  # who has a part in what waits to be published
        self.happened: Counter[str] = Counter()

    def state(self) -> Any:
        fresh = self.model.objects.get(pk=self.record.pk)
        return history.snapshot(fresh), fresh.status, Revision.objects.count()

    def step(self, number: int) -> None:
        desk = self.dice.choice(self.desks)
        steps = self.steps()
        act = self.dice.choice([self.open, *[self.type] * 2, *[self.save] * 4, *steps])
        if act in (self.publish, self.send_back) and self.dice.random() < 0.7:  # mostly those who may
            desk = self.dice.choice([desk for desk in self.desks if desk.person.is_reviewer])
        if act in steps and self.dice.random() < 0.6:  # most people look before they press a button
            desk.open(self.record)
        before = self.state()
        try:
            act(desk, number)
        except (Conflict, PermissionDenied, ValidationError) as refusal:
            self.happened[type(refusal).__name__] += 1
            assert self.state() == before, "a step that is refused leaves no trace"
            if isinstance(refusal, Conflict):
                assert refusal.newest.number > desk.base  # noqa: PT017
                if self.dice.random() < 0.5:
                    desk.take_mine(refusal, self.model)
                else:
                    desk.open(self.record)
            elif act == self.save:
                raise AssertionError(f"what was typed is right, and was refused: {refusal}") from refusal
        self.check()

    def steps(self) -> list[Any]:
        """What is most likely to be pressed now, more often; and everything else at times, out of turn."""
        likely = self.publish if actions.is_in_review(self.record) else self.submit
        return [*[likely] * 5, self.submit, self.publish, self.send_back, self.send_back, self.restore, self.withdraw]

    # --- what people do
    def open(self, desk: Desk, number: int) -> None:
        desk.open(self.record)

    def type(self, desk: Desk, number: int) -> None:
        words = f"{desk.person.name} at step {number}"
        if self.model is Trial and self.dice.random() < 0.4:
            self.dice.choice(desk.document["arms"])["note"] = words
        else:
            desk.document["fields"][self.dice.choice(FIELDS[self.model])] = words

    def save(self, desk: Desk, number: int) -> None:
        if desk.document == desk.opened:  # nobody saves what they have not touched
            self.type(desk, number)
        behind = desk.base != actions.newest_revision(self.record).number
        sent = copy.deepcopy(desk.document)
        revision = actions.edit(self.record, desk.document, by=desk.person, base=desk.base, reason="Because")
        assert not behind, "whoever is behind is told"
        if revision is not None:
            self.acknowledged[revision.number] = sent
            self.wrote.add(desk.person.name)
            self.happened["saved"] += 1
        desk.open(self.record)

    def restore(self, desk: Desk, number: int) -> None:
        earlier = self.dice.choice(list(actions.revisions(self.record)))
        revision = actions.restore(self.record, earlier.number, by=desk.person, base=desk.base, reason="As it was")
        if revision is not None:
            self.acknowledged[revision.number] = earlier.data
            self.wrote.add(desk.person.name)
            self.happened["restored"] += 1

    def submit(self, desk: Desk, number: int) -> None:
        actions.submit(self.record, by=desk.person, base=desk.base)
        self.happened["submitted"] += 1

    def publish(self, desk: Desk, number: int) -> None:
        newest = actions.newest_revision(self.record)
        actions.publish(self.record, by=desk.person, base=desk.base)
        assert newest.step == "submitted"
        assert desk.person.name not in self.wrote
        assert newest.number == desk.base, "nobody publishes what they have not opened"
        self.published.append(newest.data)
        self.wrote.clear()
        self.happened["published"] += 1

    def send_back(self, desk: Desk, number: int) -> None:
        actions.send_back(self.record, by=desk.person, reason="Not yet", base=desk.base)
        self.happened["sent back"] += 1

    def withdraw(self, desk: Desk, number: int) -> None:
        actions.withdraw(self.record, by=desk.person, base=desk.base)
        self.wrote.clear()
        self.happened["withdrawn"] += 1

    # --- what holds after every step
    def check(self) -> None:
        revisions = list(actions.revisions(self.record))
        assert [revision.number for revision in revisions] == list(range(1, len(revisions) + 1))
        kept = {revision.number: revision.data for revision in revisions}
        assert {number: kept[number] for number in self.acknowledged} == self.acknowledged
        public = self.model.objects.public().get()
        assert history.snapshot(public) == self.published[-1]
        live = [revision.data for revision in revisions if revision.live]
        assert live == self.published


def begin(seed: int) -> Afternoon:
    dice = random.Random(seed)
    record = make_page() if seed % 10 else make_complete_trial()
    actions.loaded(record)
    reviewers = [Person("ann", is_reviewer=True), EVA]
    people = dice.choice([[ANN, EVA], [ANN, BEN, EVA], [*reviewers, BEN]])
    return Afternoon(record, people, dice)


@pytest.mark.parametrize("seed", range(100))
def test_no_edit_is_lost_and_no_draft_is_shown(seed: int, client: Client) -> None:
    afternoon = begin(seed)
    for number in range(STEPS):
        afternoon.step(number)
    # Everybody finishes: each saves what is on their desk, told of a conflict as often as need be.
    for desk in afternoon.desks:
        desk.document["fields"][FIELDS[afternoon.model][0]] = f"last words of {desk.person.name}"
        while True:
            try:
                afternoon.save(desk, STEPS)
                break
            except Conflict as conflict:
                desk.take_mine(conflict, afternoon.model)
        afternoon.check()
    shown = client.get(afternoon.model.objects.get().get_absolute_url()).content.decode()
    ever = [str(document["fields"][FIELDS[afternoon.model][0]]) for document in afternoon.published]
    assert ever[-1] in shown
    assert "last words of" not in shown


def test_the_afternoons_are_not_empty() -> None:
    """They would prove nothing if hardly anything were saved, published, refused or restored in them: nine of them."""
    happened: Counter[str] = Counter()
    for seed in range(1, 10):
        afternoon = begin(seed)
        for number in range(STEPS):
            afternoon.step(number)
        happened += afternoon.happened
        Page.objects.all().delete()
    assert [what for what in ("saved", "Conflict", "PermissionDenied", "submitted") if happened[what] < 10] == []
    assert [what for what in ("published", "restored", "withdrawn", "sent back") if happened[what] < 2] == []


def test_rows_of_two_people_both_arrive() -> None:
    trial = make_complete_trial()
    actions.loaded(trial)
    ann, ben = Desk(ANN, trial), Desk(BEN, trial)
    ann.document["arms"][0]["note"] = "Ann's"
    ben.document["arms"][1]["note"] = "Ben's"
    actions.edit(trial, ann.document, by=ANN, base=ann.base, reason="A")
    with pytest.raises(Conflict) as conflict:
        actions.edit(trial, ben.document, by=BEN, base=ben.base, reason="B")
    ben.take_mine(conflict.value, Trial)
    actions.edit(trial, ben.document, by=BEN, base=ben.base, reason="B")
    actions.submit(trial, by=BEN)
    actions.publish(trial, by=EVA)
    assert list(Arm.objects.order_by("position").values_list("note", flat=True)) == ["Ann's", "Ben's"]
