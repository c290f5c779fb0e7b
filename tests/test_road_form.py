"""The form of a record writes nothing but a revision: a draft where the public sees the record, and only if something
changed."""

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.signals import template_rendered
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from tests.factories import make_arm, make_complete_trial, make_page, make_source, make_term, make_trial
from tests.forms import errors, typed
from tests.people import make_person
from trials import actions, history
from trials.models import Arm, Country, GlossaryTerm, Page, Revision, Trial

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(client: Client) -> Client:
    client.force_login(make_person("ann", "Editors"))
    return client


def form(record: Any) -> str:
    return f"/admin/trials/{record._meta.model_name}/{record.pk}/change/"


def save(client: Client, record: Any, **changes: Any) -> Any:
    return client.post(form(record), typed(client.get(form(record)), **changes), follow=True)


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def steps(record: Any) -> list[tuple[int, str, bool, str, str]]:
    return [(r.number, r.step, r.live, r.made_by, r.reason) for r in actions.revisions(record)]


@pytest.fixture
def public() -> Trial:
    trial = make_complete_trial(age="40 to 60")
    actions.loaded(trial)
    return trial


@pytest.mark.parametrize(
    ("make", "changes", "field", "before", "after"),
    [
        (make_trial, {"age": "18 to 80"}, "age", "", "18 to 80"),
        (make_page, {"lead": "We are two."}, "lead", "", "We are two."),
        (make_term, {"meaning": "Salt water."}, "meaning", "A treatment that does nothing.", "Salt water."),
    ],
    ids=["study", "page", "term"],
)
def test_change_of_what_is_public_waits_as_a_draft(
    ann: Client, make: Any, changes: dict[str, str], field: str, before: str, after: str
) -> None:
    record = make()
    actions.loaded(record)
    response = save(ann, record, **changes, reason="The paper says so")
    assert said(response) == ["Saved as a draft (revision 2): the public still sees the published version."]
    assert steps(record) == [
        (1, "loaded", True, "the site itself", ""),
        (2, "edited", False, "ann", "The paper says so"),
    ]
    record.refresh_from_db()
    assert getattr(record, field) == before
    assert actions.pending_revision(record).data["fields"][field] == after
    # The form goes on from the draft.
    assert response.context["adminform"].form[field].value() == after
    assert "Published, with a draft (revision 2) that is not live." in response.content.decode()


def test_rows_of_a_draft_are_on_the_form_and_in_no_table(ann: Client, public: Trial) -> None:
    new = {"arms-2-name": "Less ill", "arms-2-role": "other", "counts-1-DELETE": "on"}
    # The source of a count that goes has to go too.
    gone = public.sources.get(value="count-2").position
    save(ann, public, **new, **{f"sources-{gone - 1}-DELETE": "on"}, reason="Table 2")
    assert [arm.name for arm in public.arms.all()] == ["Cells", "Placebo"]
    assert public.counts.count() == 2
    page = ann.get(form(public))
    assert [row["name"].value() for row in page.context["inline_admin_formsets"][0].formset.initial_forms] == [
        "Cells", "Placebo", "Less ill",
    ]  # fmt: skip
    # And from there the draft's own new row is changed once more, under the key it was given.
    key = actions.pending_revision(public).data["arms"][2]["id"]
    save(ann, public, **{"arms-2-name": "Not so ill"}, reason="Table 2")
    arms = actions.pending_revision(public).data["arms"]
    assert [(arm["name"], arm["id"] == key) for arm in arms] == [
        ("Cells", False), ("Placebo", False), ("Not so ill", True),
    ]  # fmt: skip
    assert Arm.objects.count() == 2


def test_new_count_can_belong_to_a_group_of_the_draft(ann: Client, public: Trial) -> None:
    save(ann, public, **{"arms-2-name": "Less ill", "arms-2-role": "other"}, reason="Table 2")
    key = actions.pending_revision(public).data["arms"][2]["id"]
    new = {"counts-2-arm": key, "counts-2-outcome": "death", "counts-2-events": "1", "counts-2-total": "9"}
    save(ann, public, **new, reason="Table 2")
    assert actions.pending_revision(public).data["counts"][2]["arm"] == key


def test_draft_that_the_public_never_saw_is_changed_in_place(ann: Client) -> None:
    trial = make_trial(status="draft")
    actions.loaded(trial)
    assert said(save(ann, trial, age="18 to 80")) == ["Saved (revision 2)."]
    trial.refresh_from_db()
    assert trial.age == "18 to 80"
    assert steps(trial)[-1] == (2, "edited", False, "ann", "")


def test_new_record_begins_its_history(ann: Client) -> None:
    sent = typed(ann.get("/admin/trials/glossaryterm/add/"), term="sham", slug="sham", meaning="Looks like it.")
    response = ann.post("/admin/trials/glossaryterm/add/", sent, follow=True)
    term = GlossaryTerm.objects.get()
    assert said(response) == ["Saved as a draft: the public does not see it."]
    assert (term.status, steps(term)) == ("draft", [(1, "created", False, "ann", "")])
    assert response.request["PATH_INFO"] == form(term)


def test_new_study_that_does_not_fit_leaves_nothing(ann: Client) -> None:
    add = "/admin/trials/trial/add/"
    sent = typed(
        ann.get(add), title="New", authors="New, Ann", publication_date="2026", design="randomised", slug="new-2026",
        countries=[], **{"blanks-0-value": "arm-1", "blanks-0-reason": "not-checked"},
    )  # fmt: skip
    response = ann.post(add, sent)
    assert "and there is no such row" in errors(response)
    assert 'value="New"' in response.content.decode()
    assert (Trial.objects.count(), Revision.objects.count()) == (0, 0)


def test_change_of_what_is_public_needs_a_reason_and_comes_back_as_typed(ann: Client, public: Trial) -> None:
    response = save(ann, public, age="18 to 80", **{"arms-0-name": "MSC"})
    assert "Say why: the public sees this record, and the reason stands in its history." in errors(response)
    assert response.context["adminform"].form["age"].value() == "18 to 80"
    assert 'value="MSC"' in response.content.decode()
    assert '<a href="#id_reason">Why: Say why: the public sees this record' in response.content.decode()
    assert len(steps(public)) == 1


def test_error_in_a_row_of_a_draft_comes_back_as_typed(ann: Client, public: Trial) -> None:
    save(ann, public, **{"arms-2-name": "Less ill", "arms-2-role": "other"}, reason="Table 2")
    response = save(ann, public, **{"arms-2-randomised": "3", "arms-2-analysed": "4"}, reason="Table 2")
    assert "More people cannot be analysed than were randomised." in errors(response)
    assert 'value="Less ill"' in response.content.decode()
    assert len(steps(public)) == 2


@pytest.mark.usefixtures("eight_studies")
def test_saving_without_a_change_makes_no_revision(ann: Client) -> None:
    answers = {}
    for record in [*Trial.objects.all(), *Page.objects.all()[:2], *GlossaryTerm.objects.all()[:2]]:
        answers[record.slug] = (said(save(ann, record)), len(steps(record)))
    assert len(answers) == 12
    assert {str(answer) for answer in answers.values()} == {
        "(['Nothing was changed, so nothing was saved.'], 1)",
    }, answers


def test_looking_writes_nothing(ann: Client, public: Trial) -> None:
    save(ann, public, age="18 to 80", reason="Table 1")
    no_history = make_trial(slug="other-2020")
    before = everything()
    for record in (public, no_history):
        place = f"/admin/trials/trial/{record.pk}/"
        for end in ("change/", "history/", "history/compare/?a=1&b=2", "preview/", "submit/", "publish/", "conflict/"):
            ann.get(place + end)
    assert everything() == before


def everything() -> list[Any]:
    rows: list[Any] = [list(Revision.objects.values()), list(LogEntry.objects.values())]
    return rows + [(history.snapshot(trial), trial.status, trial.updated) for trial in Trial.objects.all()]


def test_django_s_own_log_is_not_written(ann: Client, public: Trial) -> None:
    save(ann, public, age="18 to 80", reason="Table 1")
    assert LogEntry.objects.count() == 0


def test_status_is_no_field_of_the_form(ann: Client, public: Trial) -> None:
    save(ann, public, age="18 to 80", status="archived", reason="Table 1")
    public.refresh_from_db()
    assert public.status == "published"


def test_address_of_a_draft_changes_when_it_is_published(ann: Client, public: Trial) -> None:
    save(ann, public, slug="smith-jones-2021", reason="Two first authors")
    assert ann.get("/trials/smith-2021/").status_code == 200
    assert ann.get("/trials/smith-jones-2021/").status_code == 404


def test_saving_a_submitted_record_takes_it_out_of_review(ann: Client) -> None:
    trial = make_trial(status="draft")
    actions.loaded(trial)
    actions.submit(trial, by=make_person("ben"))
    assert said(save(ann, trial, age="18 to 80")) == ["Saved (revision 3). It has to be submitted again."]
    trial.refresh_from_db()
    assert trial.status == "draft"


def test_record_that_was_deleted_meanwhile_shows_what_was_typed(ann: Client) -> None:
    trial = make_trial(status="draft")
    sent = typed(ann.get(form(trial)), age="18 to 80 <years>")
    actions.delete_record(trial)
    response = ann.post(form(trial), sent)
    assert response.status_code == 410
    assert escape("18 to 80 <years>") in response.content.decode()
    assert "This study was deleted while you were writing" in response.content.decode()


def test_draft_that_does_not_fit_any_more_is_told(ann: Client, public: Trial) -> None:
    save(ann, public, doi="10.1000/x", reason="Found it")
    make_trial(slug="other-2020", doi="10.1000/x", rows=False)
    page = ann.get(form(public)).content.decode()
    assert "The draft cannot be shown." in page
    assert "another record has the same address or identifier" in page


def test_list_says_which_published_study_has_a_draft(ann: Client, public: Trial) -> None:
    draft = make_trial(slug="draft-2020", status="draft", authors="Draft, Ann")
    withdrawn = make_trial(slug="back-2019", authors="Back, Ann")
    for trial in (draft, withdrawn):
        actions.loaded(trial)
    save(ann, public, age="18 to 80", reason="Table 1")
    save(ann, withdrawn, age="18 to 80", reason="Table 1")
    actions.withdraw(withdrawn, by=make_person("ben"))
    assert states(ann) == {"smith-2021": "Published; draft waits", "draft-2020": "Draft", "back-2019": "Published"}
    assert set(states(ann, road="draft")) == {"smith-2021"}
    actions.submit(public, by=make_person("cid"))
    actions.submit(draft, by=make_person("dan"))
    assert states(ann, road="review") == {"smith-2021": "Published; draft in review", "draft-2020": "In review"}


def states(client: Client, **query: str) -> dict[str, str]:
    page = client.get("/admin/trials/trial/", query)
    model_admin = page.context["cl"].model_admin
    return {trial.slug: model_admin.state(trial) for trial in page.context["cl"].result_list}


DRAFT = {"limits": "One centre.", "arms-0-name": "Of the draft", "countries": ["BR"]}
WRONG = {"last_reviewed": "yesterday", "arms-0-name": "As typed"}


@pytest.fixture
def with_draft(ann: Client, public: Trial) -> Trial:
    """What the public sees, with a draft that has other values, another name of a group and another country."""
    brazil = Country.objects.get_or_create(code="BR", defaults={"name": "Brazil"})[0]
    save(ann, public, **DRAFT | {"countries": [str(brazil.pk)]}, reason="Read again")
    assert actions.pending_revision(public)
    return public


def after_the_draft_was_undone(queries: Any) -> list[str]:
    statements = [query["sql"] for query in queries]
    last = max(number for number, sql in enumerate(statements) if sql.startswith("ROLLBACK"))
    return [sql for sql in statements[last:] if "trials_" in sql]


def test_draft_is_undone_before_its_form_is_rendered(ann: Client, with_draft: Trial) -> None:
    """So that nobody waits for the lock meanwhile. Nothing may be read then that is other in the draft."""
    with CaptureQueriesContext(connection) as queries:
        page = ann.get(form(with_draft)).content.decode()
    assert "One centre." in page
    assert "Of the draft" in page
    late = after_the_draft_was_undone(queries)
    assert [re.findall(r'FROM "(\w+)"', sql) for sql in late] == [["trials_loadedrecord"], ["trials_country"]]


def test_draft_is_undone_before_a_wrong_form_is_rendered(ann: Client, with_draft: Trial) -> None:
    sent = typed(ann.get(form(with_draft)), **WRONG)
    with CaptureQueriesContext(connection) as queries:
        page = ann.post(form(with_draft), sent)
    assert errors(page) == " Enter a valid date. "
    for words in ("yesterday", "As typed", "One centre."):
        assert words in page.content.decode()
    late = after_the_draft_was_undone(queries)
    assert [re.findall(r'FROM "(\w+)"', sql) for sql in late] == [["trials_loadedrecord"], ["trials_country"]]


@pytest.mark.django_db(transaction=True)
def test_others_can_write_while_the_form_of_a_draft_is_rendered(ann: Client, with_draft: Trial) -> None:
    locked = []

    def rendered(sender: Any, template: Any, **_: Any) -> None:
        if template.name == "admin/trials/trial/change_form.html":
            locked.append(connection.in_atomic_block)

    template_rendered.connect(rendered)
    try:
        ann.get(form(with_draft))
    finally:
        template_rendered.disconnect(rendered)
    assert locked == [False]


def test_who_may_only_look_sees_the_draft(client: Client, with_draft: Trial) -> None:
    reader = make_person("reader")
    reader.user_permissions.add(Permission.objects.get(codename="view_trial"))
    client.force_login(reader)
    page = client.get(form(with_draft)).content.decode()
    for words in ("One centre.", "Of the draft", "Brazil"):
        assert words in page


@pytest.mark.parametrize("rows", [2, 12])
def test_form_of_a_draft_takes_as_many_queries_for_many_rows_as_for_few(
    ann: Client, django_assert_num_queries: Any, rows: int
) -> None:
    trial = make_trial()
    for position in range(3, rows + 1):
        make_arm(trial, position=position, name=f"Group {position}", role="other")
    for _ in range(rows):
        make_source(trial)
    actions.loaded(trial)
    save(ann, trial, age="18 to 80", reason="Table 1")
    lock = 1 if connection.vendor == "postgresql" else 0
    with django_assert_num_queries(54 + lock):
        page = ann.get(form(trial))
    assert page.content.decode().count("has_original") == rows + 2 + rows
