"""Two editors save one record: the second is told what changed, keeps everything, and chooses value by value."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from tests.factories import make_arm, make_page, make_source, make_trial
from tests.forms import typed
from tests.people import make_person
from trials import actions
from trials.models import Trial

pytestmark = pytest.mark.django_db


def editor(name: str) -> Client:
    client = Client()
    client.force_login(make_person(name, "Editors"))
    return client


@pytest.fixture
def ann() -> Client:
    return editor("ann")


@pytest.fixture
def ben() -> Client:
    return editor("ben")


@pytest.fixture
def draft() -> Trial:
    trial = make_trial(status="draft", severity="Severe")
    make_source(trial)
    actions.loaded(trial)
    return trial


def form(record: Any) -> str:
    return f"/admin/trials/{record._meta.model_name}/{record.pk}/change/"


def opened(client: Client, record: Any, **changes: Any) -> dict[str, Any]:
    """What this person will send: the form as it is now, with some of it typed over."""
    return typed(client.get(form(record)), **changes)


def send(client: Client, record: Any, sent: dict[str, Any]) -> Any:
    return client.post(form(record), sent, follow=True)


def conflict(client: Client, record: Any, sent: dict[str, Any]) -> Any:
    page = send(client, record, sent)
    assert page.status_code == 409, "there was no conflict"
    return page


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def table(page: Any) -> list[list[str]]:
    """The rows of "what changed"."""
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", page.content.decode(), re.S)
    return [[words(cell) for cell in re.split(r"</?t[dh][^>]*>", row) if words(cell)] for row in rows]


def offered(page: Any) -> dict[str, tuple[str, str, str, str]]:
    """What each choice says: before, theirs, mine, and what is preselected."""
    found = {}
    for field in re.findall(r"<fieldset.*?</fieldset>", page.content.decode(), re.S):
        legend = re.search(r"<legend>([^<]*?)( <strong>.*?)?</legend>", field, re.S)
        before = re.search(r"When you opened it:</span>(.*?)</p>", field, re.S)
        theirs = re.search(r"Now saved[^<]*</span>(.*?)</span>", field, re.S)
        mine = re.search(r"Yours[^<]*</span>(.*?)</span>", field, re.S)
        assert legend
        assert before
        assert theirs
        assert mine
        checked = re.search(r'value="(\w+)" checked', field)
        found[legend[1]] = (words(before[1]), words(theirs[1]), words(mine[1]), checked[1] if checked else "")
    return found


def choose(client: Client, page: Any, *, reason: str | None = None, **sides: str) -> Any:
    """Send the page as it stands, with `sides` by the label of the choice ("Age" as Age=…)."""
    html = page.content.decode()
    action = re.search(r'<form method="post" action="([^"]*)" class="choices">', html)
    assert action
    sent = dict(re.findall(r'<input type="hidden" name="(signed|opened_by)" value="([^"]*)">', html))
    for field in re.findall(r"<fieldset.*?</fieldset>", html, re.S):
        name = re.search(r'name="(take-[^"]*)"', field)
        legend = re.search(r"<legend>([^<]*)", field)
        checked = re.search(r'value="(\w+)" checked', field)
        assert name
        assert legend
        side = sides.get(legend[1].strip().replace(" ", "_"), checked[1] if checked else "")
        sent |= {name[1]: side} if side else {}
    was = re.search(r'name="reason" rows="2">(.*?)</textarea>', html, re.S)
    assert was
    sent["reason"] = was[1] if reason is None else reason
    return client.post(action[1], sent, follow=True)


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def test_second_is_told_who_saved_and_what_changed_and_nothing_is_saved(ann: Client, ben: Client, draft: Trial) -> None:
    second = opened(ben, draft, severity="Critical", age="40 to 60", reason="Table 1")
    send(ann, draft, opened(ann, draft, severity="Moderate", sex="12 women", reason="Page 2"))
    page = conflict(ben, draft, second)
    assert re.search(
        r"ann saved revision 2 on \d+ \w+ \d{4}, \d\d:\d\d, while you were writing\.", words(page.content.decode())
    )
    assert "Their reason: Page 2" in page.content.decode()
    assert table(page) == [["Severity", "Severe", "Moderate"], ["Sex", "empty", "12 women"]]
    assert offered(page) == {
        "Severity": ("Severe", "Moderate", "Critical", ""),
        "Age": ("empty", "empty", "40 to 60", "mine"),
        "Sex": ("empty", "12 women", "empty", "theirs"),
    }
    assert ">Table 1</textarea>" in page.content.decode()
    draft.refresh_from_db()
    assert (draft.severity, draft.age, draft.sex) == ("Moderate", "", "12 women")
    assert actions.newest_revision(draft).number == 2


@pytest.mark.parametrize(("side", "severity"), [("theirs", "Moderate"), ("mine", "Critical")])
def test_second_chooses_and_keeps_the_rest_of_both(
    ann: Client, ben: Client, draft: Trial, side: str, severity: str
) -> None:
    second = opened(ben, draft, severity="Critical", age="40 to 60")
    send(ann, draft, opened(ann, draft, severity="Moderate", sex="12 women"))
    assert said(choose(ben, conflict(ben, draft, second), Severity=side)) == ["Saved (revision 3)."]
    draft.refresh_from_db()
    assert (draft.severity, draft.age, draft.sex) == (severity, "40 to 60", "12 women")
    assert actions.newest_revision(draft).made_by == "ben"


def test_what_both_changed_must_be_chosen_and_the_other_choices_stay(ann: Client, ben: Client, draft: Trial) -> None:
    second = opened(ben, draft, severity="Critical", age="40 to 60")
    send(ann, draft, opened(ann, draft, severity="Moderate", sex="12 women"))
    page = choose(ben, conflict(ben, draft, second), Sex="mine", reason="Seen twice")
    assert page.status_code == 409
    assert "Choose one version of “Severity”." in page.content.decode()
    assert offered(page)["Sex"][3] == "mine"
    assert ">Seen twice</textarea>" in page.content.decode()
    assert actions.newest_revision(draft).number == 2
    choose(ben, page, Severity="mine")
    draft.refresh_from_db()
    assert (draft.severity, draft.age, draft.sex) == ("Critical", "40 to 60", "")


def test_same_change_by_both_is_no_choice(ann: Client, ben: Client, draft: Trial) -> None:
    second = opened(ben, draft, age="40 to 60", sex="12 women")
    send(ann, draft, opened(ann, draft, age="40 to 60"))
    page = conflict(ben, draft, second)
    assert list(offered(page)) == ["Sex"]
    assert said(choose(ben, page)) == ["Saved (revision 3)."]


def test_step_without_a_change_is_told_too(ann: Client, ben: Client, draft: Trial) -> None:
    second = opened(ben, draft, age="40 to 60")
    actions.submit(draft, by=make_person("cid"))
    page = conflict(ben, draft, second)
    assert "No value: cid only took a step with it (submitted for a check)." in page.content.decode()
    assert said(choose(ben, page)) == ["Saved (revision 3). It has to be submitted again."]


def test_who_changed_nothing_is_only_told(ann: Client, ben: Client, draft: Trial) -> None:
    second = opened(ben, draft)
    send(ann, draft, opened(ann, draft, age="40 to 60"))
    response = send(ben, draft, second)
    assert said(response) == [
        "You had changed nothing, so nothing was saved. ann has saved meanwhile: this is revision 2."
    ]
    assert response.context["adminform"].form["age"].value() == "40 to 60"


def test_three_in_a_row_lose_nothing(ann: Client, ben: Client, draft: Trial) -> None:
    cid = editor("cid")
    second, third = opened(ben, draft, age="40 to 60"), opened(cid, draft, sex="12 women")
    send(ann, draft, opened(ann, draft, centres="2"))
    page_of_ben = conflict(ben, draft, second)
    page_of_cid = conflict(cid, draft, third)
    assert said(choose(ben, page_of_ben)) == ["Saved (revision 3)."]
    again = choose(cid, page_of_cid)  # meanwhile there is a third revision
    assert again.status_code == 409
    assert table(again) == [["Age", "empty", "40 to 60"]]
    assert offered(again) == {
        "Age": ("empty", "40 to 60", "empty", "theirs"),
        "Sex": ("empty", "empty", "12 women", "mine"),
    }
    assert said(choose(cid, again)) == ["Saved (revision 4)."]
    draft.refresh_from_db()
    assert (draft.centres, draft.age, draft.sex) == (2, "40 to 60", "12 women")
    assert [r.made_by for r in actions.revisions(draft)] == ["the site itself", "ann", "ben", "cid"]


# --- Through the inlines ---------------------------------------------------------------------------------------


def test_rows_that_both_added_stand_side_by_side(ann: Client, ben: Client, draft: Trial) -> None:
    row = {"sources-1-label": "Methods", "sources-1-kind": "paper", "sources-1-address": "https://doi.org/10.1000/x"}
    row |= {"sources-1-basis": "stated", "sources-1-confidence": "3"}
    second = opened(ben, draft, **row, **{"sources-1-value": "masking"})
    send(ann, draft, opened(ann, draft, **row, **{"sources-1-value": "phase"}))
    page = conflict(ben, draft, second)
    assert (
        "Your source 2 has become source 3: another source 2 was saved while you were writing." in page.content.decode()
    )
    assert {label: choice[3] for label, choice in offered(page).items()} == {
        "Source 2 (phase)": "theirs",
        "Source 3 (masking)": "mine",
    }
    choose(ben, page)
    assert list(draft.sources.values_list("position", "value")) == [(1, "design"), (2, "phase"), (3, "masking")]


def test_row_that_the_other_deleted_is_offered_whole(ann: Client, ben: Client, draft: Trial) -> None:
    second = opened(ben, draft, **{"sources-0-label": "Methods, page 3"})
    send(ann, draft, opened(ann, draft, **{"sources-0-DELETE": "on"}))
    page = conflict(ben, draft, second)
    before, theirs, mine, chosen = offered(page)["Source 1 (design)"]
    assert "Label: Abstract of the paper;" in before
    assert (theirs, chosen) == ("not there", "")
    assert "Label: Methods, page 3;" in mine
    choose(ben, page, **{"Source_1_(design)": "mine"})
    assert list(draft.sources.values_list("label", flat=True)) == ["Methods, page 3"]


def test_row_that_the_other_changed_is_not_deleted_silently(ann: Client, ben: Client, draft: Trial) -> None:
    second = opened(ben, draft, **{"sources-0-DELETE": "on"})
    send(ann, draft, opened(ann, draft, **{"sources-0-label": "Methods, page 3"}))
    page = conflict(ben, draft, second)
    choose(ben, page, **{"Source_1_(design)": "theirs"})
    assert list(draft.sources.values_list("label", flat=True)) == ["Methods, page 3"]


def test_different_values_of_one_row_are_two_choices(ann: Client, ben: Client, draft: Trial) -> None:
    second = opened(ben, draft, **{"counts-0-note": "By the ward's list"})
    send(ann, draft, opened(ann, draft, **{"counts-0-events": "4"}))
    choose(ben, conflict(ben, draft, second))
    assert list(draft.counts.values_list("events", "note")) == [(4, "By the ward's list"), (5, "")]


def test_count_of_a_group_that_the_other_deleted_is_refused_in_words(ann: Client, ben: Client, draft: Trial) -> None:
    arm = make_arm(draft, position=3, name="Less ill", role="other")
    document = actions.working_document(draft)
    actions.edit(draft, document | {"fields": document["fields"] | {"age": "40"}}, by=make_person("cid"), base=1)
    count = {"counts-2-arm": arm.pk, "counts-2-outcome": "death", "counts-2-events": "0", "counts-2-total": "9"}
    second = opened(ben, draft, **count)
    send(ann, draft, opened(ann, draft, **{"arms-2-DELETE": "on"}))
    page = choose(ben, conflict(ben, draft, second))
    assert page.status_code == 409
    assert "Count 3 belongs to a group that is not there any more." in page.content.decode()
    assert said(choose(ben, page, **{"Group_3_“Less_ill”": "mine"})) == ["Saved (revision 4)."]
    assert draft.counts.get(position=3).arm.name == "Less ill"


def test_two_main_counts_by_two_editors_are_refused_in_words(ann: Client, ben: Client, draft: Trial) -> None:
    count = {"counts-2-arm": str(draft.arms.first().pk), "counts-2-outcome": "death", "counts-2-events": "3"}
    count |= {"counts-2-total": "10", "counts-2-days": "90"}
    send(ann, draft, opened(ann, draft, **count))
    second = opened(ben, draft, **{"counts-0-headline": None, "counts-2-headline": "on"})
    send(ann, draft, opened(ann, draft, **{"counts-0-note": "Main"}))
    page = choose(ben, conflict(ben, draft, second))
    assert said(page) == ["Saved (revision 4)."]
    assert list(draft.counts.values_list("headline", flat=True)) == [False, True, True]


def test_published_record_asks_why_on_the_page_of_choices(ann: Client, ben: Client) -> None:
    trial = make_trial()
    actions.loaded(trial)
    second = opened(ben, trial, age="40 to 60", reason="")
    send(ann, trial, opened(ann, trial, sex="12 women", reason="Table 1"))
    page = choose(ben, conflict(ben, trial, second))
    assert page.status_code == 409
    assert "Say why: the public sees this record" in page.content.decode()
    assert said(choose(ben, page, reason="Table 2")) == [
        "Saved as a draft (revision 3): the public still sees the published version."
    ]
    assert actions.pending_revision(trial).data["fields"]["age"] == "40 to 60"
    assert actions.pending_revision(trial).data["fields"]["sex"] == "12 women"
    trial.refresh_from_db()
    assert (trial.age, trial.sex) == ("", "")


def test_long_text_of_a_page_shows_the_words_that_changed(ann: Client, ben: Client) -> None:
    page = make_page(status="draft", body="We are two librarians in London, and nobody pays us for what we write here.")
    actions.loaded(page)
    second = opened(ben, page, lead="Two people")
    send(
        ann, page, opened(ann, page, body="We are six librarians in London, and nobody pays us for what we write here.")
    )
    html = conflict(ben, page, second).content.decode()
    assert (
        '<del><span class="visually-hidden">removed: </span>two<span class="visually-hidden"> (end)</span></del>'
        in html
    )
    assert (
        '<ins><span class="visually-hidden">added: </span>six<span class="visually-hidden"> (end)</span></ins>' in html
    )


def test_page_of_choices_is_of_use_to_nobody_else_and_for_nothing_else(ann: Client, ben: Client, draft: Trial) -> None:
    second = opened(ben, draft, age="40 to 60")
    send(ann, draft, opened(ann, draft, sex="12 women"))
    page = conflict(ben, draft, second)
    assert said(choose(ann, page)) == ["This page was not made by this site for you. Open the form again."]
    signed = re.search(r'name="signed" value="([^"]*)"', page.content.decode())
    assert signed
    other = make_trial(slug="other-2020", status="draft", rows=False)
    for place, token in ((other, signed[1]), (draft, signed[1][:-1]), (draft, "")):
        address = form(place).replace("change", "conflict")
        assert said(ben.post(address, {"signed": token}, follow=True)) == [
            "This page was not made by this site for you. Open the form again."
        ]
    assert actions.newest_revision(draft).number == 2


def test_hostile_text_is_escaped(ann: Client, ben: Client, draft: Trial) -> None:
    hostile = "<script>alert(1)</script>"
    second = opened(ben, draft, age=hostile, reason=hostile)
    send(ann, draft, opened(ann, draft, severity=hostile, reason=hostile, **{"sources-0-label": hostile}))
    html = conflict(ben, draft, second).content.decode()
    assert "<script>alert" not in html
    assert html.count(escape(hostile)) >= 6


def test_form_that_says_nothing_of_its_revision_overwrites_nothing(ann: Client, draft: Trial) -> None:
    sent = opened(ann, draft, age="40 to 60", base=None)
    page = send(ann, draft, sent)
    assert page.status_code == 409
    assert said(choose(ann, page)) == ["Saved (revision 2)."]
