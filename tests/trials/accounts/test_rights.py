"""The rights of the three groups, tried at the addresses of the admin."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import (
    draft_trial,
    other_study_document,
    page_document,
    published_page,
    review_document,
    term_document,
)
from tests.people import log_in, sent_mail
from tests.users import PASSWORD, member
from trials.accounts.adapters import AccountAdapter
from trials.accounts.groups import RIGHTS
from trials.accounts.setup import after_migrate
from trials.models import GlossaryTerm, OtherStudy, Page, Review
from trials.workflow import steps

pytestmark = pytest.mark.django_db

KINDS: dict[str, tuple[list[str], dict[str, bool]]] = {
    "not staff": ([], {"is_staff": False}),
    "no group": ([], {}),
    "editor": (["Editors"], {}),
    "reviewer": (["Reviewers"], {}),
    "administrator": (["Site administrators"], {}),
    "superuser": ([], {"is_superuser": True}),
}
EDITING = {"editor", "reviewer", "administrator", "superuser"}
ADMIN = {"administrator", "superuser"}
RECORD = {"view": EDITING, "add": EDITING, "change": EDITING, "delete": set()}
ACCOUNT = {"view": ADMIN, "add": ADMIN, "change": ADMIN, "delete": ADMIN}

# The kinds of user for whom the admin opens each page; the others are refused.
PAGES: dict[str, dict[str, set[str]]] = {
    "trials/trial": RECORD,
    "trials/page": RECORD,
    "trials/glossaryterm": RECORD,
    "trials/otherstudy": RECORD,
    "trials/review": RECORD,
    "auth/user": ACCOUNT,
    "admin/logentry": {"view": ADMIN, "add": set(), "delete": set()},
}
CELLS = [(model, action) for model, row in PAGES.items() for action in row]


def make_user(kind: str) -> User:
    groups, values = KINDS[kind]
    return member(kind.replace(" ", "-"), *groups, **values)


@pytest.fixture
def objects() -> dict[str, Any]:
    """Return one unpublished object of each kind."""
    author = member("author")
    return {
        "trials/trial": draft_trial(by=author),
        "trials/page": steps.create(Page, page_document(), by=author),
        "trials/glossaryterm": steps.create(GlossaryTerm, term_document(), by=author),
        "trials/otherstudy": steps.create(OtherStudy, other_study_document(), by=author),
        "trials/review": steps.create(Review, review_document(), by=author),
        "auth/user": member("someone", is_staff=False),
        "admin/logentry": LogEntry.objects.create(user=member("other"), action_flag=2),
    }


def address(model: str, action: str, key: int) -> str:
    pages = {"view": "", "add": "add/", "change": f"{key}/change/", "delete": f"{key}/delete/"}
    return f"/admin/{model}/{pages[action]}"


@pytest.mark.parametrize("kind", KINDS)
def test_admin_opens_exactly_the_pages_of_the_table(client: Client, objects: dict[str, Any], kind: str) -> None:
    client.force_login(make_user(kind))
    paths = {(model, action): address(model, action, objects[model].pk) for model, action in CELLS}
    # A page that only shows an object has no button to save it.
    opened = {
        (model, action)
        for (model, action), path in paths.items()
        if (response := client.get(path)).status_code == 200
        and (action != "change" or b'name="_save"' in response.content)
    }
    assert opened == {(model, action) for model, action in CELLS if kind in PAGES[model][action]}


def test_admin_sends_visitors_to_the_log_in(client: Client, objects: dict[str, Any]) -> None:
    paths = [address(model, action, objects[model].pk) for model, action in CELLS]
    assert [client.get(path)["Location"] for path in paths] == [f"/admin/login/?next={path}" for path in paths]


def test_member_of_staff_without_the_right_is_told_whom_to_ask(client: Client) -> None:
    member("ada", "Site administrators")
    client.force_login(make_user("no group"))
    page = " ".join(client.get("/admin/trials/trial/").content.decode().split())
    assert "Ask a site administrator (ada) to give your account the right to open it." in page


@pytest.mark.parametrize("kind", ["editor", "reviewer"])
def test_form_sent_without_the_right_deletes_nothing(client: Client, objects: dict[str, Any], kind: str) -> None:
    client.force_login(make_user(kind))
    for model, record in objects.items():
        assert client.post(address(model, "delete", record.pk), {"post": "yes"}).status_code == 403
        record.refresh_from_db()


# --- The groups -----------------------------------------------------------------------------------------------


def rights_of(group: str) -> set[str]:
    return {
        f"{permission.content_type.app_label}.{permission.codename}"
        for permission in Permission.objects.filter(group__name=group).select_related("content_type")
    }


def test_migrate_resets_the_rights_of_the_groups() -> None:
    editors = Group.objects.get(name="Editors")
    editors.permissions.set(Permission.objects.filter(codename__in=["delete_trial", "view_trial"]))
    Group.objects.get(name="Reviewers").delete()
    ann = member("ann", "Editors")
    call_command("migrate", verbosity=0)
    assert rights_of("Editors") == RIGHTS["Editors"]
    assert rights_of("Reviewers") == RIGHTS["Reviewers"]
    assert [group.name for group in ann.groups.all()] == ["Editors"]
    assert LogEntry.objects.count() == 0


def test_right_to_edit_and_right_to_publish_count_for_every_kind_of_record(client: Client) -> None:
    publishing = Permission.objects.filter(codename__startswith="publish_")
    assert [permission.codename for permission in publishing] == ["publish_trial"]
    person, page = member("pam"), published_page()
    person.user_permissions.set(Permission.objects.filter(codename__in=["view_page", "change_page"]))
    client.force_login(person)
    assert client.post(f"/admin/trials/page/{page.pk}/edit/").status_code == 403


# --- Limits of an administrator -----------------------------------------------------------------------


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(make_user("administrator"))
    return client


def user_form(person: User, **changes: Any) -> dict[str, Any]:
    sent = {"username": person.username, "email": person.email, "is_active": "on", "is_staff": "on"}
    return sent | {"date_joined_0": "2026-11-22", "date_joined_1": "10:00:00"} | changes


def invite(administrator: Client, **changes: Any) -> Any:
    groups = [Group.objects.get(name="Editors").pk]
    sent = {"username": "new", "email": "new@example.org", "groups": groups} | changes
    return administrator.post("/admin/auth/user/add/", sent, follow=True)


def link_in(text: str) -> str:
    """Return the path of the link to set a password."""
    found = re.search(r"http://127\.0\.0\.1:8000(/account/password/reset/\S+/)", text)
    assert found, text
    return found[1]


def test_administrator_invites_an_editor_who_sets_a_password_and_logs_in(administrator: Client, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    invite(administrator)
    person = User.objects.get(username="new")
    assert (person.is_staff, person.email, [group.name for group in person.groups.all()]) == (
        True, "new@example.org", ["Editors"]
    )  # fmt: skip
    assert not person.has_usable_password()
    [message] = sent_mail(1)
    assert message.to == ["new@example.org"]
    assert "administrator made an account for you" in message.body
    browser = Client()
    form = browser.get(link_in(message.body), follow=True)
    browser.post(form.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
    log_in(browser, "new@example.org")
    assert browser.get("/admin/trials/trial/").status_code == 200
    again = Client().get(link_in(message.body), follow=True)
    assert "This link no longer works" in again.content.decode()


@pytest.mark.parametrize(
    ("backend", "shown"),
    [("django.core.mail.backends.dummy.EmailBackend", True), ("django.core.mail.backends.smtp.EmailBackend", False)],
)
def test_link_of_an_invitation_is_shown_only_where_no_mail_is_sent(
    administrator: Client, settings: Any, monkeypatch: pytest.MonkeyPatch, backend: str, shown: bool
) -> None:
    settings.EMAIL_BACKEND = backend
    monkeypatch.setattr(AccountAdapter, "send_mail", lambda *args: None)
    page = invite(administrator).content.decode()
    assert ("This site sends no e-mail. Give this link to new" in page) is shown
    assert ("/account/password/reset/" in page) is shown


@pytest.mark.parametrize(
    "changes", [{"email": ""}, {"groups": []}, {"username": "ADMINISTRATOR"}, {"email": "Administrator@example.org"}]
)
def test_invitation_needs_a_name_and_address_of_their_own_and_a_group(
    administrator: Client, changes: dict[str, Any]
) -> None:
    invite(administrator, **changes)
    assert [user.username for user in User.objects.all()] == ["administrator"]


def test_administrator_cannot_invite_to_a_group_with_more_rights(administrator: Client) -> None:
    strong = Group.objects.create(name="Strong")
    strong.permissions.add(Permission.objects.get(codename="delete_session"))
    invite(administrator, groups=[strong.pk])
    assert not User.objects.filter(username="new").exists()


def test_invitation_is_sent_again_until_the_first_log_in(administrator: Client) -> None:
    member("new", "Editors")
    person = member("old", "Editors")
    person.last_login = timezone.now()
    person.save()
    chosen = [User.objects.get(username=name).pk for name in ("new", "old")]
    data = {"action": "send_invitation", "_selected_action": chosen}
    page = administrator.post("/admin/auth/user/", data, follow=True).content.decode()
    assert "Give this link to new" in page
    assert "Old has logged in before, so no invitation was sent." in page


def test_editor_cannot_invite(client: Client) -> None:
    client.force_login(member("ann", "Editors"))
    assert invite(client).status_code == 403
    assert not User.objects.filter(username="new").exists()


# --- Names


def test_name_that_differs_from_another_only_in_case_is_refused_on_the_form(administrator: Client) -> None:
    person = member("other")
    page = administrator.post(f"/admin/auth/user/{person.pk}/change/", user_form(person, username="Administrator"))
    assert "Another account has this name. Capitals make no difference." in page.content.decode()
    person.refresh_from_db()
    assert person.username == "other"


def test_address_of_another_account_is_refused_on_the_form(administrator: Client) -> None:
    person = member("other")
    changes = {"email": "Administrator@example.org"}
    page = administrator.post(f"/admin/auth/user/{person.pk}/change/", user_form(person, **changes))
    assert "This is the address of administrator." in page.content.decode()


def test_account_can_change_the_capitals_of_its_own_name(administrator: Client) -> None:
    person = member("other")
    administrator.post(f"/admin/auth/user/{person.pk}/change/", user_form(person, username="Other"))
    person.refresh_from_db()
    assert person.username == "Other"


def test_createsuperuser_refuses_a_name_that_differs_only_in_case() -> None:
    member("root")
    with pytest.raises(CommandError, match="Another account has this name"):
        call_command("createsuperuser", username="ROOT", email="r@example.org", interactive=False)


def test_database_refuses_a_name_that_differs_only_in_case() -> None:
    member("root")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(username="ROOT")])


def test_migrate_adds_the_constraint_on_names_once() -> None:
    after_migrate()
    assert "auth_user_username_any_case" in connection.introspection.get_constraints(connection.cursor(), "auth_user")


@pytest.mark.parametrize("target", ["self", "other"])
def test_administrator_cannot_grant_superuser_status_or_single_rights(administrator: Client, target: str) -> None:
    person = User.objects.get(username="administrator") if target == "self" else member("other")
    groups = list(person.groups.values_list("pk", flat=True))
    right = Permission.objects.get(codename="delete_session")
    changes = {"is_superuser": "on", "user_permissions": [right.pk], "groups": groups, "first_name": "Changed"}
    administrator.post(f"/admin/auth/user/{person.pk}/change/", user_form(person, **changes))
    person.refresh_from_db()
    assert (person.first_name, person.is_superuser, person.user_permissions.count()) == ("Changed", False, 0)


def test_administrator_cannot_assign_a_group_with_more_rights(administrator: Client) -> None:
    strong = Group.objects.create(name="Strong")
    strong.permissions.add(Permission.objects.get(codename="delete_session"))
    person = member("other")
    page = administrator.get(f"/admin/auth/user/{person.pk}/change/").content.decode()
    assert re.findall(r'<option value="\d+">([A-Z][\w ]+)</option>', page) == [
        "Editors",
        "Reviewers",
        "Site administrators",
    ]
    administrator.post(f"/admin/auth/user/{person.pk}/change/", user_form(person, groups=[strong.pk]))
    assert person.groups.count() == 0


@pytest.mark.parametrize("is_active", [True, False])
def test_administrator_cannot_change_a_superuser(administrator: Client, is_active: bool) -> None:
    boss = member("boss", is_active=is_active, is_superuser=True)
    Authenticator.objects.create(user=boss, type="totp", data={"secret": "A"})
    start = f"/admin/auth/user/{boss.pk}/"
    new = {"password1": "a new one, and long", "password2": "a new one, and long", "usable_password": "true"}
    assert administrator.post(f"{start}change/", user_form(boss, email="mine@example.org")).status_code == 403
    assert administrator.post(f"{start}password/", new).status_code == 403
    assert administrator.post(f"{start}delete/", {"post": "yes"}).status_code == 403
    administrator.post("/admin/auth/user/", {"action": "remove_second_factor", "_selected_action": boss.pk})
    administrator.post("/admin/auth/user/", {"action": "delete_selected", "_selected_action": boss.pk, "post": "yes"})
    boss.refresh_from_db()
    assert boss.email == "boss@example.org"
    assert boss.check_password(PASSWORD)
    assert Authenticator.objects.filter(user=boss).count() == 1


def test_administrator_cannot_delete_themselves(administrator: Client) -> None:
    user = User.objects.get(username="administrator")
    assert administrator.post(f"/admin/auth/user/{user.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=user.pk).exists()


@pytest.mark.parametrize("model", ["account/emailaddress", "mfa/authenticator", "auth/group"])
def test_groups_and_models_with_secrets_are_not_in_the_admin(client: Client, model: str) -> None:
    client.force_login(member(is_superuser=True))
    assert client.get(f"/admin/{model}/").status_code == 404


def test_list_of_users_takes_a_constant_number_of_queries(client: Client) -> None:
    client.force_login(member(is_superuser=True))
    client.get("/admin/auth/user/")  # Django now knows the content types
    numbers = []
    for name in ("one", "two", "three"):
        member(name, "Editors", "Reviewers")
        with CaptureQueriesContext(connection) as queries:
            client.get("/admin/auth/user/")
        numbers.append(len(queries))
    assert len(set(numbers)) == 1
