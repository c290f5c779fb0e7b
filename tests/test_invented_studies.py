"""Invented studies are right in themselves, are told from real ones on every page, and never join real work."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from tests.factories import ANN, ROOT, make_complete_trial, make_country, make_page, make_term, make_trial
from tests.people import make_person
from tests.tools import PROJECT
from trials import actions, history
from trials.invented import invented, rare_word, seldom_word
from trials.models import (
    Country,
    GlossaryTerm,
    ImportFile,
    LoadedRecord,
    OutcomeCount,
    Page,
    Registration,
    Revision,
    Source,
    Trial,
)
from trials.search import words_condition

SENTENCE = "This site holds invented studies for testing."


def make(number: int) -> None:
    call_command("make_demo_studies", str(number), verbosity=0)


def invented_ones() -> Any:
    return Trial.objects.filter(slug__startswith="invented-").order_by("slug")


# --- They are right -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("eight_studies")
def test_they_are_what_the_actions_would_have_made() -> None:
    make(60)
    assert invented_ones().count() == 60
    assert Trial.objects.public().count() == 68
    for trial in invented_ones():
        trial.full_clean()
        actions.check_rows(trial)
        kept = (trial.search_text, trial.author_key)
        rows = history.rows_of(trial, history.snapshot(trial))
        for row in [row for of_kind in rows.values() for row in of_kind]:
            row.clean_fields()
            row.clean()
        actions.complete_trial(trial)
        trial.refresh_from_db()
        assert (trial.search_text, trial.author_key) == kept
        revision = actions.revisions(trial).get()
        assert (revision.number, revision.step, revision.live, revision.made_by) == (
            1,
            "loaded",
            True,
            "the site itself",
        )
        assert (revision.name, revision.data) == (trial.slug, history.snapshot(trial))


@pytest.mark.usefixtures("eight_studies")
def test_nothing_of_them_looks_real() -> None:
    make(60)
    for trial in invented_ones():
        assert re.fullmatch(r"Invented study [1-9][0-9]* of .*", trial.title)
        assert re.fullmatch(r"invented-[0-9]{6}", trial.slug)
        assert re.fullmatch(r"10\.5555/invented\.[0-9]{6}", trial.doi or "")
        assert (trial.pmid, trial.pmcid) == (None, None)
        assert trial.journal.startswith("Invented ")
        assert "invented" in trial.plain_summary
    made = {"trial__in": invented_ones()}
    assert Registration.objects.filter(**made).count() > 20
    assert set(Registration.objects.filter(**made).values_list("registry", "url")) == {("other", "")}
    assert all(row.identifier.startswith("INVENTED-") for row in Registration.objects.filter(**made))
    assert set(Source.objects.filter(**made).values_list("label", flat=True)) == {"Nowhere: this study is invented"}


@pytest.mark.usefixtures("eight_studies")
def test_they_differ_from_each_other_as_real_ones_do() -> None:
    make(300)
    made = invented_ones()
    assert set(made.values_list("design", flat=True)) == {"randomised", "controlled", "single-arm", "case-series"}
    assert len(set(made.values_list("publication_year", flat=True))) > 10
    assert len(set(made.values_list("journal", flat=True))) == 24
    assert len(set(made.values_list("author_key", flat=True))) > 150
    assert Country.objects.filter(trials__in=made).distinct().count() > 20
    assert OutcomeCount.objects.filter(trial__in=made, outcome="sae").exists()

    def found(word: str) -> int:
        return made.filter(words_condition(word)).count()

    assert found(rare_word(17)) == 5
    assert found(seldom_word(117)) == 50
    assert found("drowning") < 5 < 60 < found("inflammation") < 120
    assert found("umbilical") > 100


def test_a_number_is_the_same_study_wherever_it_is_made() -> None:
    assert invented(17, ["DE", "FR"]) == invented(17, ["DE", "FR"])
    assert invented(17, ["DE", "FR"]) != invented(18, ["DE", "FR"])
    assert invented(17, ["DE", "FR"])["fields"]["title"].startswith("Invented study 17 of ")


@pytest.mark.usefixtures("eight_studies")
def test_more_can_be_added_later() -> None:
    make(5)
    before = {trial.slug: history.snapshot(trial) for trial in invented_ones()}
    make(7)
    assert [trial.slug for trial in invented_ones()] == [f"invented-{number:06}" for number in range(1, 8)]
    assert {trial.slug: history.snapshot(trial) for trial in invented_ones()}.items() >= before.items()
    make(7)
    assert Trial.objects.count() == 8 + 7
    # The next study of an editor gets a key that is free.
    actions.created(make_trial(), by=ANN)
    assert Trial.objects.count() == 8 + 7 + 1


@pytest.mark.usefixtures("eight_studies")
@pytest.mark.parametrize(
    "changed", [{"slug": "mine-2020"}, {"doi": None}, {"slug": "mine-2020", "doi": "10.1000/mine", "title": "Mine"}]
)
def test_more_can_be_added_after_one_was_changed(changed: dict[str, Any]) -> None:
    make(2)
    trial = invented_ones()[1]
    document = actions.working_document(trial)
    document["fields"] |= changed
    actions.archive(trial, by=ROOT, reason="To try it.")
    actions.edit(trial, document, by=ROOT, base=2)
    make(3)
    assert Trial.objects.count() == 8 + 3
    trial.refresh_from_db()
    assert changed.items() <= vars(trial).items()


@pytest.mark.usefixtures("eight_studies")
def test_one_that_was_deleted_is_made_again() -> None:
    make(2)
    trial = invented_ones()[1]
    actions.archive(trial, by=ROOT, reason="To try it.")
    actions.delete_record(trial)
    make(2)
    assert [trial.slug for trial in invented_ones()] == ["invented-000001", "invented-000002"]
    assert invented_ones()[1].pk != trial.pk


# --- Every page says so ---------------------------------------------------------------------------------------

PAGES = [
    "/", "/trials/", "/trials/?view=table", "/trials/?design=nonsense", "/trials/?page=99", "/trials/invented-000001/",
    "/trials/invented-000001/history/", "/trials/adas-2021/", "/changes/", "/glossary/", "/about/", "/nothing/",
    "/account/login/", "/account/inactive/", "/account/password/reset/", "/account/password/reset/sent/",
    "/account/password/reset/done/", "/account/password/reset/key/1-unknown/",
]  # fmt: skip
ADMIN = [
    "/admin/", "/admin/trials/", "/admin/desk/drafts/", "/admin/trials/trial/?q=invented",
    "/admin/trials/trial/from-record/", "/account/confirm/", "/account/logout/", "/account/password/change/",
    "/account/second-factor/",
]  # fmt: skip
# The templates that begin a page, and whether it has the mark. Every other page is one of these with its blocks filled.
BEGINNINGS = {
    "templates/base.html": True,
    "templates/400.html": False,  # these four need no database
    "templates/500.html": False,
    "templates/503.html": False,
    "templates/unavailable.html": False,
    "templates/admin/text/pane.html": False,  # a frame within a form: what is being typed there
    "deploy/pages/413.html": False,  # nginx's own
    "deploy/pages/429.html": False,
    "deploy/pages/503.html": False,
}


@pytest.mark.usefixtures("eight_studies")
def test_every_public_page_says_that_studies_are_invented(client: Client) -> None:
    for address in PAGES:
        assert SENTENCE not in client.get(address).content.decode(), address
    make(3)
    for address in PAGES:
        text = client.get(address).content.decode()
        assert SENTENCE in text, address
        assert '<meta name="robots" content="noindex">' in text, address
    assert "<loc>" not in client.get("/sitemap.xml").content.decode()
    feed = client.get("/changes.atom").content.decode()
    assert "<title>ARDSinfo: what changed, with invented studies for testing</title>" in feed
    assert f"<subtitle>{SENTENCE} " in feed


@pytest.mark.usefixtures("eight_studies")
def test_every_page_of_the_editors_says_so_and_every_pop_up(client: Client) -> None:
    make(1)
    client.force_login(make_person("root", is_superuser=True))
    shown: list[str] = []
    for model in admin.site._registry:
        prefix = f"admin:{model._meta.app_label}_{model._meta.model_name}_"
        addresses = [reverse(f"{prefix}changelist"), reverse(f"{prefix}add")]
        for record in model._default_manager.order_by("-pk")[:1]:
            addresses += [reverse(f"{prefix}{name}", args=[record.pk]) for name in ("change", "history", "delete")]
        for address in [*addresses, *(f"{address}?_popup=1" for address in addresses)]:
            response = client.get(address)
            if response.status_code != 302:  # what cannot be deleted leads back to its form
                shown.append(address)
                assert response.content.decode().count(SENTENCE) == 1, (address, response.status_code)
    assert {
        f"/admin/trials/trial/{invented_ones()[0].pk}/change/",
        "/admin/trials/trial/?_popup=1",
        "/admin/trials/trial/add/?_popup=1",
        "/admin/trials/country/add/?_popup=1",
    } <= set(shown)
    for address in ADMIN:
        response = client.get(address)
        assert response.status_code == 200, address
        assert response.content.decode().count(SENTENCE) == 1, address


def test_no_other_page_is_without_it() -> None:
    files = [file for folder in ("templates", "trials", "deploy") for file in (PROJECT / folder).rglob("*.html")]
    beginnings = {file: file.read_text() for file in files if "<html" in file.read_text()}
    assert {
        str(file.relative_to(PROJECT)): "{% if invented_studies %}" in text for file, text in beginnings.items()
    } == BEGINNINGS


# --- They never join real work --------------------------------------------------------------------------------


def refused() -> str:
    with pytest.raises(CommandError) as refusal:
        make(1)
    assert not invented_ones().exists()
    assert not LoadedRecord.objects.filter(kind="invented").exists()
    assert "name a new one in DATABASE_URL" in str(refusal.value)
    return str(refusal.value)


@pytest.mark.django_db
def test_an_empty_database_is_refused() -> None:
    assert refused().startswith("This database is empty.")


@pytest.mark.usefixtures("eight_studies")
def test_a_database_with_an_edit_is_refused() -> None:
    trial = Trial.objects.get(slug="adas-2021")
    document = actions.working_document(trial)
    document["fields"]["title"] += "!"
    actions.edit(trial, document, by=ANN, base=actions.newest_revision(trial).number, reason="Copied wrongly.")
    assert refused().startswith("This database holds real edits: adas-2021 was edited by ann.")


@pytest.mark.usefixtures("eight_studies")
def test_a_database_with_a_study_of_its_own_is_refused() -> None:
    make_complete_trial()
    assert refused().startswith("This database holds a study that did not come with the site: smith-2021.")


@pytest.mark.usefixtures("eight_studies")
def test_a_database_with_somebody_s_account_is_refused_and_where_there_was_one() -> None:
    person = make_person("root", is_superuser=True)
    assert refused().startswith("Somebody has an account here, so this may be a real site: root.")
    person.delete()
    assert refused().startswith("Somebody has had an account here, as the audit log says, so this may be a real site.")


@pytest.mark.usefixtures("eight_studies")
def test_a_database_with_an_imported_file_is_refused() -> None:
    ImportFile.objects.create(made_by="ann", name="records.ris", format="RIS")
    assert refused().startswith("This database holds a file that was imported: records.ris.")


@pytest.mark.usefixtures("eight_studies")
@pytest.mark.parametrize(
    ("make_one", "named"),
    [
        (lambda: make_country(code="XK"), "country that did not come with the site: XK."),
        (lambda: make_page(slug="own"), "page that did not come with the site: own."),
        (lambda: make_term(slug="own", term="own"), "glossary term that did not come with the site: own."),
    ],
    ids=["country", "page", "term"],
)
def test_a_database_with_a_record_of_its_own_is_refused(make_one: Callable[[], Any], named: str) -> None:
    make_one()
    assert refused().startswith(f"This database holds a {named}")


@pytest.mark.usefixtures("eight_studies")
@pytest.mark.parametrize(
    ("change", "named"),
    [
        (
            lambda: actions.save_country(replaced(Country.objects.get(code="ID"), name="Republic of Indonesia")),
            "different country ID (name): left as it is here.",
        ),
        (
            lambda: actions.save_text(replaced(Page.objects.get(slug="about"), title="Us")),
            "different page about (title): left as it is here.",
        ),
        (
            lambda: GlossaryTerm.objects.get(slug="ards").delete(),
            "gone glossary term ards: removed or renamed here, not brought back.",
        ),
    ],
    ids=["country", "page", "term"],
)
def test_a_database_where_something_that_came_with_it_was_changed_is_refused(
    change: Callable[[], Any], named: str
) -> None:
    change()
    before = LoadedRecord.objects.count()
    assert refused().startswith(f"This database is not as load_studies makes it: {named}")
    assert LoadedRecord.objects.count() == before


def replaced(record: Any, **values: str) -> Any:
    for name, value in values.items():
        setattr(record, name, value)
    return record


@pytest.mark.usefixtures("eight_studies")
def test_what_is_done_on_a_site_of_invented_studies_does_not_refuse_more_of_them() -> None:
    make(1)
    trial = invented_ones()[0]
    document = actions.working_document(trial)
    document["fields"]["title"] += "!"
    actions.edit(trial, document, by=ANN, base=1, reason="To try it.")
    make(2)
    make_person("root", is_superuser=True)
    make(3)
    assert invented_ones().count() == 3
    assert Revision.objects.filter(name="invented-000001").count() == 2


@pytest.mark.parametrize("number", ["0", "-1", "1000000", "many", "²"])
def test_a_number_that_is_none_is_refused(number: str) -> None:
    with pytest.raises(CommandError, match=re.escape(f"“{number}” is not a whole number from 1 to 999999.")):
        call_command("make_demo_studies", "--", number)
