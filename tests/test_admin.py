"""The editors' tool: who may use it, what its forms save, refuse and keep, and how it lists the studies."""

import datetime
import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from tests.factories import (
    make_arm,
    make_blank,
    make_count,
    make_country,
    make_page,
    make_registration,
    make_source,
    make_term,
    make_trial,
)
from tests.forms import errors, typed
from trials import actions
from trials.admin.trial import TrialAdmin
from trials.models import Arm, Blank, Country, FormerSlug, GlossaryTerm, OutcomeCount, Page, Source, Trial

pytestmark = pytest.mark.django_db

LIST = "/admin/trials/trial/"
ADD = "/admin/trials/trial/add/"


def change(trial: Trial) -> str:
    return f"{LIST}{trial.pk}/change/"


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("editor"))
    return client


def member(client: Client, *permissions: str, staff: bool = True) -> Client:
    user = User.objects.create_user("member", is_staff=staff)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)
    return client


# --- Who may ---------------------------------------------------------------------------------------------------


def test_visitor_is_sent_to_the_login_page(client: Client) -> None:
    assert client.get(LIST).headers["Location"] == "/admin/login/?next=/admin/trials/trial/"


def test_user_who_is_not_staff_is_sent_to_the_login_page(client: Client) -> None:
    response = member(client, "change_trial", staff=False).get(LIST)
    assert response.headers["Location"] == "/admin/login/?next=/admin/trials/trial/"


def test_staff_without_permission_may_neither_look_nor_write(client: Client) -> None:
    trial = make_trial()
    client = member(client)
    answers = [client.get(LIST), client.get(change(trial)), client.post(change(trial), {}), client.get(ADD)]
    assert [answer.status_code for answer in answers] == [403, 403, 403, 403]


def test_staff_who_may_look_cannot_write(client: Client) -> None:
    trial = make_trial()
    client = member(client, "view_trial")
    page = client.get(change(trial))
    assert "1. Cells (given cells)" in page.content.decode()
    assert 'name="_save"' not in page.content.decode()
    assert client.post(change(trial), {"title": "Changed"}).status_code == 403


def test_staff_who_may_change_studies_may_change_their_rows_but_not_delete(client: Client) -> None:
    trial = make_trial(status="draft")
    client = member(client, "change_trial", "view_trial")
    response = client.post(change(trial), typed(client.get(change(trial)), **{"arms-0-name": "MSC"}))
    assert response.status_code == 302
    assert trial.arms.get(position=1).name == "MSC"
    assert client.post(f"{LIST}{trial.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Trial.objects.count() == 1


# --- The form --------------------------------------------------------------------------------------------------


def test_form_has_every_field_that_staff_can_type(editor: Client) -> None:
    shown = set(editor.get(ADD).context["adminform"].form.fields)
    typable = {f.name for f in [*Trial._meta.fields, *Trial._meta.many_to_many] if f.editable and not f.primary_key}
    assert typable - shown == {"status"}  # which changes by the steps of the road alone


def test_form_has_every_field_of_the_rows(editor: Client) -> None:
    for inline in editor.get(ADD).context["inline_admin_formsets"]:
        model = inline.formset.model
        fields = {field.name for field in model._meta.fields}
        assert fields - set(inline.formset.empty_form.fields) == set(), model


def test_form_follows_the_paper(editor: Client) -> None:
    page = editor.get(change(make_trial())).content.decode()
    headings = re.findall(r'<h2 id="[^"]*" class="(?:fieldset|inline)-heading">\s*([^<(]*[^<(\s])', page)
    assert headings == [
        "Title page",
        "Design",
        "The people",
        "The cells",
        "Groups",
        "Outcomes",
        "Results",
        "Counts",
        "Discussion, and our own words",
        "Funding and interests",
        "Registrations",
        "Sources",
        "Reasons for blanks",
        "Our record",
        "Why",
    ]


def test_every_heading_says_where_in_the_paper_to_look(editor: Client) -> None:
    page = editor.get(ADD)
    assert [name for name, options in page.context["adminform"].fieldsets if not options.get("description")] == []
    assert "the flow chart, usually figure 1, has the numbers." in page.content.decode()


def test_create_study_with_rows_in_one_save(editor: Client) -> None:
    indonesia = make_country(code="ID", name="Indonesia")
    sent = typed(
        editor.get(ADD),
        title="Cells for ARDS",
        authors="Dilogo, Ismail",
        publication_date="2021-06",
        design="randomised",
        masking="double",
        who_masked=["participant", "investigator"],
        countries=[indonesia.pk],
        slug="dilogo-2021",
        **{
            "arms-0-name": "Cells",
            "arms-0-role": "cells",
            "arms-0-cell_source": "umbilical-cord",
            "registrations-0-registry": "clinicaltrials-gov",
            "registrations-0-identifier": "NCT04457609",
            "sources-0-value": "arm-1.name",
            "sources-0-label": "Abstract",
            "sources-0-kind": "paper",
            "sources-0-address": "https://doi.org/10.1000/x",
            "sources-0-basis": "stated",
            "sources-0-confidence": "3",
            "blanks-0-value": "age",
            "blanks-0-reason": "not-reported",
        },
    )
    assert editor.post(ADD, sent).status_code == 302
    trial = Trial.objects.get()
    assert (trial.slug, trial.design, trial.doi) == ("dilogo-2021", "randomised", None)
    assert trial.who_masked == ["participant", "investigator"]
    assert list(trial.arms.values_list("position", "name")) == [(1, "Cells")]
    assert list(trial.sources.values_list("position", "value")) == [(1, "arm-1.name")]
    assert list(trial.blanks.values_list("value", "reason")) == [("age", "not-reported")]
    assert trial.author_key == "dilogo"
    assert trial.search_text == "cells for ards ismail dilogo nct04457609 indonesia umbilical cord"


def test_add_change_and_delete_rows_in_one_save(editor: Client) -> None:
    trial = make_trial(status="draft")
    make_source(trial)
    sent = typed(
        editor.get(change(trial)),
        **{
            "arms-0-name": "MSC",
            "arms-2-name": "Less ill",
            "arms-2-role": "other",
            "counts-1-DELETE": "on",
            "sources-0-DELETE": "on",
            "blanks-0-value": "age",
            "blanks-0-reason": "not-checked",
        },
    )
    assert editor.post(change(trial), sent).status_code == 302
    assert list(trial.arms.values_list("position", "name")) == [(1, "MSC"), (2, "Placebo"), (3, "Less ill")]
    assert list(trial.counts.values_list("position", flat=True)) == [1]
    assert trial.sources.count() == 0
    assert list(trial.blanks.values_list("value", flat=True)) == ["age"]


def test_save_without_a_change_changes_nothing(editor: Client) -> None:
    trial = make_trial(countries=("ID",), who_masked=["participant"], doi="10.1000/x")
    make_registration(trial, who_masked=["participant", "outcomes-assessor"])
    make_source(trial)
    make_blank(trial)
    actions.complete_trial(trial)
    before = everything(trial)
    assert editor.post(change(trial), typed(editor.get(change(trial)))).status_code == 302
    assert everything(trial) == before


def everything(trial: Trial) -> list[dict[str, Any]]:
    models = (Trial, Arm, OutcomeCount, Source, Blank)
    rows = [row for model in models for row in model.objects.order_by("pk").values()]
    rows += list(trial.registrations.values()) + list(trial.countries.values())
    return [{name: value for name, value in row.items() if name != "updated"} for row in rows]


def test_search_text_follows_an_edit(editor: Client) -> None:
    trial = make_trial(status="draft")
    editor.post(change(trial), typed(editor.get(change(trial)), authors="Adaş, Gökhan"))
    trial.refresh_from_db()
    assert trial.author_key == "adas"
    assert "gokhan adas" in trial.search_text
    assert "smith" not in trial.search_text


def test_changed_address_leads_on_if_it_was_ever_public(editor: Client) -> None:
    was_public, never = make_trial(slug="smith-2021"), make_trial(status="draft", slug="jones-2021")
    actions.loaded(was_public)
    Trial.objects.filter(pk=was_public.pk).update(status="archived")
    for trial in (was_public, never):
        editor.post(change(trial), typed(editor.get(change(trial)), slug=f"new-{trial.slug}"))
    assert sorted(Trial.objects.values_list("slug", flat=True)) == ["new-jones-2021", "new-smith-2021"]
    assert list(FormerSlug.objects.values_list("slug", "trial__slug")) == [("smith-2021", "new-smith-2021")]


def test_who_was_masked_is_ticked_as_it_was_saved(editor: Client) -> None:
    trial = make_trial(who_masked=["participant", "outcomes-assessor"])
    page = editor.get(change(trial)).content.decode()
    assert re.findall(r'name="who_masked" value="([a-z-]+)"[^>]*checked', page) == ["participant", "outcomes-assessor"]


def test_who_was_masked_can_be_emptied(editor: Client) -> None:
    trial = make_trial(status="draft", who_masked=["participant"])
    editor.post(change(trial), typed(editor.get(change(trial)), who_masked=[]))
    trial.refresh_from_db()
    assert trial.who_masked == []


def test_who_was_masked_out_of_order_is_refused(editor: Client) -> None:
    trial = make_trial()
    sent = typed(editor.get(change(trial)), who_masked=["investigator", "participant"])
    assert "in that order" in errors(editor.post(change(trial), sent))


# --- What is refused stays on the form as it was typed ----------------------------------------------------------


def test_error_keeps_what_was_typed(editor: Client) -> None:
    trial = make_trial(status="draft")
    sent = typed(
        editor.get(change(trial)), title="A new title", doi="https://doi.org/10.1/x", **{"arms-0-name": "Typed name"}
    )
    response = editor.post(change(trial), sent)
    assert "“10.1/x” is not a DOI." in errors(response)
    assert 'value="A new title"' in response.content.decode()
    assert 'value="Typed name"' in response.content.decode()
    assert Trial.objects.get().title == trial.title
    assert trial.arms.get(position=1).name == "Cells"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"review_due": "2020-01-01"}, "The next review must come after the last one."),
        ({"dose": "1 × 10⁶"}, "A dose needs its unit, and a unit its dose."),
        ({"publication_date": "2021-13"}, "“2021-13” is not a date. Write 2021, 2021-06 or 2021-06-08."),
        ({"counts-0-events": "11"}, "There cannot be more people with the event than people in all."),
        ({"counts-0-total": "11"}, "11 is more than the 10 people in this group."),
        ({"counts-0-arm": "999999"}, "“999999” is not a valid UUID."),
        ({"arms-1-position": "1"}, "Number 1 is used twice. Give each row a number of its own."),
        ({"arms-1-cell_source": "placenta"}, "Only a group that was given cells has a tissue of the cells."),
        ({"arms-1-position": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"arms-1-randomised": "9" * 30}, "Ensure this value is less than or equal to"),
        ({"blanks-0-value": "design", "blanks-0-reason": "not-checked"}, "design is not empty: it holds “randomised”."),
        ({"blanks-0-value": "colour", "blanks-0-reason": "not-checked"}, "“colour” is not a value of a study."),
        # These show only once every row is saved.
        ({"arms-0-analysed": "5"}, "Count 1: 10 is more than the 5 people in this group."),
        ({"arms-0-DELETE": "on"}, "Count 1 is of “1. Cells”, which you are deleting."),
    ],
)
def test_wrong_value_is_refused_on_the_form(editor: Client, changes: dict[str, str], message: str) -> None:
    trial = make_trial(status="draft")
    if "arms-0-analysed" in changes:
        changes = changes | {"arms-0-randomised": "5"}
    before = everything(trial)
    assert message in errors(editor.post(change(trial), typed(editor.get(change(trial)), **changes)))
    assert everything(trial) == before


def test_group_of_another_study_is_refused(editor: Client) -> None:
    trial = make_trial()
    other = make_trial(slug="other-2020").arms.get(position=1)
    assert f'value="{other.pk}"' not in arm_choices(editor.get(change(trial)))
    response = editor.post(change(trial), typed(editor.get(change(trial)), **{"counts-0-arm": other.pk}))
    assert "Select a valid choice." in errors(response)


def arm_choices(response: Any) -> str:
    found = re.search(r'<select name="counts-0-arm".*?</select>', response.content.decode(), re.S)
    assert found
    return found[0]


def test_group_of_a_count_is_chosen_by_name(editor: Client) -> None:
    trial = make_trial()
    labels = re.findall(r"<option[^>]*>([^<]*)</option>", arm_choices(editor.get(change(trial))))
    assert labels == ["All groups given cells together", "1. Cells", "2. Placebo"]


def test_source_of_a_row_that_is_not_there_is_refused(editor: Client) -> None:
    trial = make_trial()
    make_source(trial)
    response = editor.post(change(trial), typed(editor.get(change(trial)), **{"sources-0-value": "arm-3"}))
    assert "Source 1 is a source of “arm-3”, and there is no such row." in errors(response)
    assert trial.sources.get().value == "design"


def test_group_that_a_source_names_cannot_be_deleted_alone(editor: Client) -> None:
    trial = make_trial(status="draft")
    make_arm(trial, position=3, name="Less ill", role="other")
    make_source(trial, value="arm-3.name")
    sent = typed(editor.get(change(trial)), **{"arms-2-DELETE": "on"})
    assert "there is no such row" in errors(editor.post(change(trial), sent))
    assert trial.arms.count() == 3
    assert editor.post(change(trial), sent | {"sources-0-DELETE": "on"}).status_code == 302
    assert trial.arms.count() == 2


def test_groups_change_places(editor: Client) -> None:
    trial = make_trial(status="draft")
    sent = typed(editor.get(change(trial)), **{"arms-0-position": "2", "arms-1-position": "1"})
    assert editor.post(change(trial), sent).status_code == 302
    assert list(trial.arms.values_list("position", "name")) == [(1, "Placebo"), (2, "Cells")]
    assert list(trial.counts.values_list("position", "arm__name")) == [(1, "Cells"), (2, "Placebo")]


def test_group_that_a_source_names_keeps_its_place(editor: Client) -> None:
    trial = make_trial()
    make_source(trial, value="arm-1.analysed")
    sent = typed(editor.get(change(trial)), **{"arms-0-position": "2", "arms-1-position": "1"})
    assert "Keep 1: sources or blanks name it as “arm-1”." in errors(editor.post(change(trial), sent))
    assert trial.arms.get(position=1).name == "Cells"


def test_position_of_a_deleted_row_is_free_at_once(editor: Client) -> None:
    trial = make_trial(status="draft")
    make_source(trial, label="First")
    make_source(trial, label="Second")
    sent = typed(editor.get(change(trial)), **{"sources-0-DELETE": "on", "sources-1-position": "1"})
    assert editor.post(change(trial), sent).status_code == 302
    assert list(trial.sources.values_list("position", "label")) == [(1, "Second")]


def test_empty_position_is_filled_in(editor: Client) -> None:
    trial = make_trial(status="draft")
    make_source(trial, position=7)
    sent = typed(
        editor.get(change(trial)),
        **{
            "sources-1-value": "masking",
            "sources-1-label": "Methods",
            "sources-1-kind": "paper",
            "sources-1-address": "https://doi.org/10.1000/x",
            "sources-1-basis": "stated",
        },
    )
    assert editor.post(change(trial), sent).status_code == 302
    assert list(trial.sources.values_list("position", "value")) == [(7, "design"), (8, "masking")]


def test_two_main_counts_of_one_group_are_refused(editor: Client) -> None:
    trial = make_trial()
    arm = trial.arms.get(position=1)
    make_count(trial, arm=arm, days=90, headline=False)
    response = editor.post(change(trial), typed(editor.get(change(trial)), **{"counts-2-headline": "on"}))
    assert "Another count is the main one for this group and outcome already." in errors(response)


def test_main_count_moves_to_an_earlier_row(editor: Client) -> None:
    trial = make_trial(status="draft", rows=False)
    arm = make_arm(trial)
    make_count(trial, arm=arm, days=28, headline=False)
    make_count(trial, arm=arm, days=90, headline=True)
    sent = typed(editor.get(change(trial)), **{"counts-0-headline": "on", "counts-1-headline": None})
    assert editor.post(change(trial), sent).status_code == 302
    assert list(trial.counts.values_list("position", "headline")) == [(1, True), (2, False)]


def test_two_main_counts_for_all_groups_are_refused(editor: Client) -> None:
    trial = make_trial(rows=False)
    make_count(trial, arm=None, headline=True)
    make_count(trial, arm=None, days=90, headline=False)
    response = editor.post(change(trial), typed(editor.get(change(trial)), **{"counts-1-headline": "on"}))
    assert "Another count is the main one" in errors(response)


def test_reasons_for_blanks_can_change_values(editor: Client) -> None:
    trial = make_trial(status="draft")
    make_blank(trial, value="age", note="first")
    make_blank(trial, value="sex", note="second")
    sent = typed(editor.get(change(trial)), **{"blanks-0-value": "sex", "blanks-1-value": "age"})
    assert editor.post(change(trial), sent).status_code == 302
    assert dict(trial.blanks.values_list("value", "note")) == {"sex": "first", "age": "second"}


def test_values_that_a_source_can_name_are_offered_with_readable_labels(editor: Client) -> None:
    page = editor.get(change(make_trial())).content.decode()
    offered = dict(re.findall(r'<option value="([a-z_0-9.-]+)">([^<]*)</option>', page.split("<datalist")[1]))
    assert offered["dose"] == "Dose per infusion"
    assert offered["arm-2.analysed"] == "Group 2: analysed"
    assert offered["arm-3"] == "Group 3"  # the one about to be added
    assert "arm-4" not in offered
    assert "slug" not in offered


def test_hostile_text_is_escaped(editor: Client) -> None:
    hostile = "<script>alert(1)</script>"
    trial = make_trial(title=hostile, authors=f"{hostile}, Jane")
    trial.arms.filter(position=1).update(name=hostile)
    make_source(trial, label=hostile)
    for address in (LIST, change(trial), f"{LIST}{trial.pk}/history/"):
        page = editor.get(address).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


# --- Deleting --------------------------------------------------------------------------------------------------


def test_draft_is_deleted_with_its_rows(editor: Client) -> None:
    trial = make_trial(status="draft")
    editor.post(f"{LIST}{trial.pk}/delete/", {"post": "yes"})
    assert (Trial.objects.count(), Arm.objects.count(), OutcomeCount.objects.count()) == (0, 0, 0)


def test_published_study_is_not_deleted_and_the_way_out_is_named(editor: Client) -> None:
    trial = make_trial()
    response = editor.post(f"{LIST}{trial.pk}/delete/", {"post": "yes"}, follow=True)
    assert "To take it off the public pages, open it and choose “Archive”." in response.content.decode()
    assert Trial.objects.get() == trial


def test_published_study_is_not_deleted_from_the_list(editor: Client) -> None:
    trial, draft = make_trial(), make_trial(slug="draft-2020", status="draft")
    chosen = {"action": "delete_selected", "_selected_action": [trial.pk, draft.pk], "post": "yes"}
    response = editor.post(LIST, chosen, follow=True)
    assert "Nothing was deleted." in response.content.decode()
    assert Trial.objects.count() == 2


def test_drafts_are_deleted_from_the_list(editor: Client) -> None:
    make_trial()
    draft = make_trial(slug="draft-2020", status="draft")
    editor.post(LIST, {"action": "delete_selected", "_selected_action": [draft.pk], "post": "yes"})
    assert list(Trial.objects.values_list("slug", flat=True)) == ["smith-2021"]


def test_action_refuses_to_delete_what_is_published() -> None:
    trial = make_trial()
    with pytest.raises(ValidationError, match="is published, so its address may be cited"):
        actions.delete_record(trial)
    assert Trial.objects.get() == trial


def test_countries_stand_in_the_order_of_their_names(editor: Client) -> None:
    for code, name in (("FR", "France"), ("TR", "Türkiye"), ("BR", "Brazil")):
        make_country(code=code, name=name)
    html = editor.get("/admin/trials/country/").content.decode()
    assert html.index("Brazil") < html.index("France") < html.index("Türkiye")


def test_country_that_a_study_names_is_not_deleted(editor: Client) -> None:
    make_trial(countries=("ID",))
    free = make_country(code="FR")
    used = Country.objects.get(code="ID")
    response = editor.post(f"/admin/trials/country/{used.pk}/delete/", {"post": "yes"}, follow=True)
    assert "Country ID cannot be deleted: 1 study names it." in response.content.decode()
    chosen = {"action": "delete_selected", "_selected_action": [used.pk, free.pk], "post": "yes"}
    response = editor.post("/admin/trials/country/", chosen, follow=True)
    assert "Nothing was deleted: studies name Country ID." in response.content.decode()
    assert Country.objects.count() == 2
    editor.post("/admin/trials/country/", chosen | {"_selected_action": [free.pk]})
    assert list(Country.objects.values_list("code", flat=True)) == ["ID"]


# --- The list --------------------------------------------------------------------------------------------------


def shown(client: Client, **query: str) -> list[str]:
    return sorted(trial.slug for trial in client.get(LIST, query).context["cl"].result_list)


def test_list_shows_what_an_editor_needs(editor: Client) -> None:
    make_trial(review_due="2026-11-23")
    page = editor.get(LIST).content.decode()
    cells = re.findall(r'<t[dh] class="field-(\w+)[^"]*">(.*?)</t[dh]>', page, re.S)
    text = {name: re.sub(r"<[^>]+>", "", value) for name, value in cells}
    updated = text.pop("updated_on")
    assert re.fullmatch(r"\d{1,2} \w+ \d{4}", updated)
    assert text == {
        "short_name": "Smith 2021",
        "title": "Cells for acute respiratory distress syndrome: a randomised trial",
        "design": "Randomised controlled trial",
        "state": "Published",
        "people_known": "20",
        "last_reviewed": "22 Nov 2026",
        "review_is_due": text["review_is_due"],
        "on_site": "View on site",
    }
    assert 'href="/trials/smith-2021/"' in page


def test_overdue_review_is_said_in_words(editor: Client) -> None:
    make_trial(last_reviewed="2020-01-01", review_due="2020-07-01")
    assert "1 Jul 2020 (overdue)" in editor.get(LIST).content.decode()


def test_list_filters(editor: Client) -> None:
    make_trial(slug="a-2020", countries=("ID",), design="single-arm", control="", masking="open", phase="1")
    make_trial(slug="b-2021", status="draft", cause="other", last_reviewed=None, review_due="2020-07-01")
    make_blank(Trial.objects.get(slug="b-2021"))
    country = Country.objects.get()
    assert "By values marked “not yet checked”" in editor.get(LIST).content.decode()
    assert shown(editor) == ["a-2020", "b-2021"]
    assert shown(editor, status__exact="draft") == ["b-2021"]
    assert shown(editor, design__exact="single-arm") == ["a-2020"]
    assert shown(editor, masking__exact="open") == ["a-2020"]
    assert shown(editor, phase__exact="1") == ["a-2020"]
    assert shown(editor, cause__exact="other") == ["b-2021"]
    assert shown(editor, countries__id__exact=str(country.pk)) == ["a-2020"]
    assert shown(editor, unchecked="yes") == ["b-2021"]
    assert shown(editor, unchecked="no") == ["a-2020"]
    assert shown(editor, due="overdue") == ["b-2021"]


def test_list_filters_by_review_due_soon(editor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trials.admin.lists.timezone.localdate", lambda: datetime.date(2026, 12, 1))
    for slug, due in (
        ("past", "2026-11-30"),
        ("today", "2026-12-01"),
        ("day-60", "2027-01-30"),
        ("day-61", "2027-01-31"),
    ):
        make_trial(slug=slug, last_reviewed="2026-06-01", review_due=due)
    make_trial(slug="unset", review_due=None)
    assert shown(editor, due="overdue") == ["past"]
    assert shown(editor, due="soon") == ["day-60", "today"]
    assert shown(editor, due="unset") == ["unset"]


@pytest.mark.parametrize("query", ["ADAS", "gökhan adaş", "nct04457609", "adas-2021", "indonesien", "umbilical adas"])
def test_list_search_finds_by_what_editors_type(editor: Client, query: str) -> None:
    make_country(code="ID", name="Indonesia", other_names="Indonesien")
    trial = make_trial(slug="adas-2021", authors="Adaş, Gökhan", countries=("ID",))
    make_registration(trial)
    actions.complete_trial(trial)
    make_trial(slug="other-2020", rows=False)
    assert shown(editor, q=query) == ["adas-2021"]


def test_list_search_finds_nothing_for_a_word_that_is_nowhere(editor: Client) -> None:
    make_trial()
    assert shown(editor, q="smith zebra") == []


def test_list_search_that_is_too_long_is_told_and_not_tried(editor: Client) -> None:
    make_trial()
    page = editor.get(LIST, {"q": " ".join(f"{n:x}" for n in range(2000))}).content.decode()
    assert "At most 200 characters can be searched." in page
    assert "Smith 2021" not in page


def test_every_study_is_on_one_page_of_the_list(editor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TrialAdmin, "list_per_page", 2)
    for number in range(5):
        make_trial(slug=f"smith-{number}", publication_date=f"200{number}", rows=False)
    assert [shown(editor, p=page) for page in "123"] == [["smith-3", "smith-4"], ["smith-1", "smith-2"], ["smith-0"]]
    assert [shown(editor, p=page, o="-8", q="smith") for page in "12"] == [
        ["smith-3", "smith-4"],
        ["smith-1", "smith-2"],
    ]


def test_draft_has_no_link_to_the_site(editor: Client) -> None:
    trial = make_trial(status="draft")
    assert "not public" in editor.get(LIST).content.decode()
    assert 'class="viewsitelink"' not in editor.get(change(trial)).content.decode()


def test_published_study_has_a_link_to_the_site(editor: Client) -> None:
    trial = make_trial()
    assert 'href="/trials/smith-2021/" class="viewsitelink"' in editor.get(change(trial)).content.decode()


@pytest.mark.parametrize("number", [3, 30])
def test_list_takes_as_many_queries_for_30_studies_as_for_3(
    editor: Client, django_assert_num_queries: Any, number: int
) -> None:
    for n in range(number):
        make_trial(slug=f"smith-{n}", countries=("ID",))
    with django_assert_num_queries(7):
        page = editor.get(LIST)
    assert page.content.decode().count("View on site") == number


@pytest.mark.parametrize("number", [1, 12])
def test_form_takes_as_many_queries_for_many_rows_as_for_few(
    editor: Client, django_assert_num_queries: Any, number: int
) -> None:
    trial = make_trial(rows=False)
    for n in range(1, number + 1):
        arm = make_arm(trial, position=n)
        make_count(trial, position=n, arm=arm)
        make_source(trial, position=n)
        make_registration(trial, position=n, identifier=f"NCT{n:08}")
    actions.loaded(trial)
    editor.get(change(trial))  # Django asks once what kinds of things there are
    with django_assert_num_queries(21):
        page = editor.get(change(trial))
    assert page.content.decode().count("Death: 3 of 10, by day 28") == number


# --- Pages, glossary, countries --------------------------------------------------------------------------------


def test_edit_page(editor: Client) -> None:
    page = make_page(status="draft")
    address = reverse("admin:trials_page_change", args=[page.pk])
    sent = {
        "title": "About us",
        "lead": "",
        "body": "## Who we are",
        "description": "Who we are.",
        "last_reviewed": "2026-11-22",
        "review_due": "2027-05-22",
    }
    assert editor.post(address, sent | {"slug": "elsewhere", "base": "1"}).status_code == 302
    page = Page.objects.get()
    assert (page.slug, page.title, page.body) == ("about", "About us", "## Who we are")  # its address stays
    wrong = editor.post(address, sent | {"review_due": "2026-11-22", "base": "2"})
    assert "The next review must come after" in errors(wrong)


def test_page_form_leads_to_the_page(editor: Client) -> None:
    page = make_page()
    html = editor.get(reverse("admin:trials_page_change", args=[page.pk])).content.decode()
    assert 'class="viewsitelink"' in html


def test_add_glossary_term(editor: Client) -> None:
    make_term()
    sent = {
        "term": "sham",
        "slug": "sham",
        "meaning": "Looks like the treatment.",
        "other_spellings": "",
    }
    assert editor.post("/admin/trials/glossaryterm/add/", sent).status_code == 302
    assert list(GlossaryTerm.objects.values_list("term", flat=True)) == ["placebo", "sham"]
    assert "already exists" in errors(editor.post("/admin/trials/glossaryterm/add/", sent))


def test_renamed_country_is_found_under_its_new_name(editor: Client) -> None:
    trial = make_trial(countries=("TR",))
    country = Country.objects.get()
    address = reverse("admin:trials_country_change", args=[country.pk])
    editor.post(address, {"code": "TR", "name": "Turkey", "other_names": "Türkiye"})
    trial.refresh_from_db()
    assert "turkey turkiye" in trial.search_text


def test_editors_see_the_site_s_name_and_the_way_back(editor: Client) -> None:
    page = editor.get("/admin/").content.decode()
    assert "ARDSinfo editors" in page
    assert '<a href="/">View site</a>' in page
    assert "css/admin.css" in page


def test_no_page_of_the_admin_holds_a_style_or_script_of_its_own(editor: Client) -> None:
    trial = make_trial()
    for address in ("/admin/", LIST, ADD, change(trial), f"{LIST}{trial.pk}/history/", "/admin/trials/page/add/"):
        page = editor.get(address).content.decode()
        assert re.findall(r"<style|\sstyle=|<script(?![^>]*(?:src=|application/json))|\son[a-z]+=", page) == [], address
