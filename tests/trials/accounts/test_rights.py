"""The rights of the three groups, tried at the addresses of the admin."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client

from tests.factories import make_page, make_term, make_trial
from tests.people import PASSWORD, is_logged_in, log_in, make_person
from trials import actions
from trials.accounts.groups import RIGHTS

pytestmark = pytest.mark.django_db

PEOPLE = ["nobody", "visitor", "reader", "editor", "reviewer", "administrator", "superuser"]
NO_GROUP = {"visitor": {"is_staff": False}, "reader": {}, "superuser": {"is_superuser": True}}
GROUP = {"editor": "Editors", "reviewer": "Reviewers", "administrator": "Site administrators"}

EDITING = {"editor", "reviewer", "administrator", "superuser"}
PUBLISHING = EDITING - {"editor"}
ADMIN = {"administrator", "superuser"}

# Who has each right. Everyone else in PEOPLE does not.
TABLE: dict[str, dict[str, set[str]]] = {
    "trial": {"view": EDITING, "add": EDITING, "change": EDITING, "publish": PUBLISHING, "delete": ADMIN},
    "page": {"view": EDITING, "add": EDITING, "change": EDITING, "publish": PUBLISHING, "delete": ADMIN},
    "glossaryterm": {
        "view": EDITING,
        "add": EDITING,
        "change": EDITING,
        "publish": PUBLISHING,
        "delete": ADMIN,
    },
    "user": {"view": ADMIN, "add": ADMIN, "change": ADMIN, "delete": ADMIN},
    "group": {"view": ADMIN, "add": ADMIN, "change": ADMIN, "delete": ADMIN},
    "logentry": {"view": ADMIN, "add": set(), "change": set(), "delete": set()},
}
APP = {"user": "auth", "group": "auth", "logentry": "admin"}
CELLS = [(what, action) for what, row in TABLE.items() for action in row]


def make(who: str) -> User | None:
    if who == "nobody":
        return None
    groups = [GROUP[who]] if who in GROUP else []
    return make_person(who, *groups, **NO_GROUP.get(who, {}))


@pytest.fixture
def objects() -> dict[str, Any]:
    """Return one unpublished object of each kind."""
    return {
        "trial": make_trial(status="draft"),
        "page": make_page(status="draft"),
        "glossaryterm": make_term(status="draft"),
        "user": make_person("someone", is_staff=False),
        "group": Group.objects.create(name="Readers"),
        "logentry": LogEntry.objects.create(user=make_person("other"), action_flag=2),
    }


def address(what: str, action: str, thing: Any) -> str:
    app = APP.get(what, "trials")
    start = f"/admin/{app}/{what}/"
    return start + {"view": "", "add": "add/", "change": f"{thing.pk}/change/", "delete": f"{thing.pk}/delete/"}[action]


def lets(client: Client, what: str, action: str, thing: Any) -> bool:
    """Return whether the admin shows the page, with a form unless it is only a list."""
    response = client.get(address(what, action, thing))
    if response.status_code == 302:
        assert response["Location"].startswith("/admin/login/?next=/admin/")
        return False
    if response.status_code == 403:
        return False
    assert response.status_code == 200
    buttons = re.findall(r'<input type="submit"[^>]*(?:name="_save"|value="Yes)', response.content.decode())
    return action == "view" or bool(buttons)


@pytest.mark.parametrize("who", PEOPLE)
def test_user_has_exactly_the_rights_of_the_table(client: Client, objects: dict[str, Any], who: str) -> None:
    user = make(who)
    if user:
        client.force_login(user)
    at_the_address, by_right = {}, {}
    for what, action in CELLS:
        if action != "publish":
            at_the_address[what, action] = lets(client, what, action, objects[what])
        if user:
            by_right[what, action] = user.has_perm(f"{APP.get(what, 'trials')}.{action}_{what}")
    assert at_the_address == {(w, a): who in TABLE[w][a] for w, a in CELLS if a != "publish"}
    if user and not user.is_superuser:  # who has every right
        assert by_right == {(w, a): who in TABLE[w][a] for w, a in CELLS}


@pytest.mark.parametrize("who", PEOPLE[1:])
@pytest.mark.parametrize("what", ["trial", "page", "glossaryterm"])
def test_publishing_needs_the_right(objects: dict[str, Any], who: str, what: str) -> None:
    writer, user = make_person("writer", "Editors"), make(who)
    assert user
    record = objects[what]
    actions.created(record, by=writer)
    actions.submit(record, by=writer)
    refusal = actions.why_not_publish(record, user)
    assert refusal == ("" if who in PUBLISHING else "Publishing needs the reviewer's right.")
    if who not in PUBLISHING:
        with pytest.raises(PermissionDenied):
            actions.publish(record, by=user)


@pytest.mark.parametrize("who", ["editor", "reviewer"])
@pytest.mark.parametrize(("what", "action"), [cell for cell in CELLS if cell[1] == "delete"])
def test_form_sent_without_the_right_deletes_nothing(
    client: Client, objects: dict[str, Any], who: str, what: str, action: str
) -> None:
    user = make(who)
    assert user
    client.force_login(user)
    assert client.post(address(what, action, objects[what]), {"post": "yes"}).status_code == 403
    assert type(objects[what]).objects.filter(pk=objects[what].pk).exists()


# --- The groups -----------------------------------------------------------------------------------------------


def rights_of(group: str) -> set[str]:
    return {
        f"{permission.content_type.app_label}.{permission.codename}"
        for permission in Permission.objects.filter(group__name=group).select_related("content_type")
    }


def test_groups_have_exactly_their_rights() -> None:
    editors = {
        "trials.view_trial",
        "trials.add_trial",
        "trials.change_trial",
        "trials.view_page",
        "trials.add_page",
        "trials.change_page",
        "trials.view_glossaryterm",
        "trials.add_glossaryterm",
        "trials.change_glossaryterm",
        "trials.view_revision",
    }
    publishing = {"trials.publish_trial", "trials.publish_page", "trials.publish_glossaryterm"}
    ruling = {
        "trials.delete_trial",
        "trials.delete_page",
        "trials.delete_glossaryterm",
        "admin.view_logentry",
        "auth.view_user",
        "auth.add_user",
        "auth.change_user",
        "auth.delete_user",
        "auth.view_group",
        "auth.add_group",
        "auth.change_group",
        "auth.delete_group",
    }
    assert rights_of("Editors") == editors
    assert rights_of("Reviewers") == editors | publishing
    assert rights_of("Site administrators") == editors | publishing | ruling


def test_migrate_resets_the_rights_of_the_groups() -> None:
    editors = Group.objects.get(name="Editors")
    editors.permissions.set(Permission.objects.filter(codename__in=["delete_trial", "view_trial"]))
    Group.objects.get(name="Reviewers").delete()
    ann = make_person("ann", "Editors")
    call_command("migrate", verbosity=0)
    assert rights_of("Editors") == RIGHTS["Editors"]
    assert rights_of("Reviewers") == RIGHTS["Reviewers"]
    assert [group.name for group in ann.groups.all()] == ["Editors"]
    assert LogEntry.objects.count() == 0


# --- Limits of an administrator -----------------------------------------------------------------------


@pytest.fixture
def administrator(client: Client) -> Client:
    user = make("administrator")
    assert user
    client.force_login(user)
    return client


def user_form(person: User, **changes: Any) -> dict[str, Any]:
    sent = {"username": person.username, "email": person.email, "is_active": "on", "is_staff": "on"}
    return sent | {"date_joined_0": "2026-11-22", "date_joined_1": "10:00:00"} | changes


def test_administrator_adds_an_editor_who_can_log_in(administrator: Client) -> None:
    added = administrator.post(
        "/admin/auth/user/add/",
        {"username": "new", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD},
    )
    person = User.objects.get(username="new")
    assert added["Location"] == f"/admin/auth/user/{person.pk}/change/"
    editors = Group.objects.get(name="Editors")
    administrator.post(added["Location"], user_form(person, email="new@example.org", groups=[editors.pk]))
    person.refresh_from_db()
    assert (person.is_staff, person.email, list(person.groups.all())) == (True, "new@example.org", [editors])
    browser = Client()
    log_in(browser, "new@example.org")
    assert is_logged_in(browser)
    assert browser.get("/admin/trials/trial/").status_code == 200


@pytest.mark.parametrize("target", ["self", "other"])
def test_administrator_cannot_grant_superuser_status_or_single_rights(administrator: Client, target: str) -> None:
    person = User.objects.get(username="administrator") if target == "self" else make_person("other")
    groups = list(person.groups.values_list("pk", flat=True))
    right = Permission.objects.get(codename="delete_session")
    changes = {"is_superuser": "on", "user_permissions": [right.pk], "groups": groups, "first_name": "Changed"}
    administrator.post(f"/admin/auth/user/{person.pk}/change/", user_form(person, **changes))
    person.refresh_from_db()
    assert (person.first_name, person.is_superuser, person.user_permissions.count()) == ("Changed", False, 0)


def test_administrator_cannot_assign_a_group_with_more_rights(administrator: Client) -> None:
    strong = Group.objects.create(name="Strong")
    strong.permissions.add(Permission.objects.get(codename="delete_session"))
    person = make_person("other")
    page = administrator.get(f"/admin/auth/user/{person.pk}/change/").content.decode()
    assert re.findall(r'<option value="\d+">([A-Z][\w ]+)</option>', page) == [
        "Editors",
        "Reviewers",
        "Site administrators",
    ]
    administrator.post(f"/admin/auth/user/{person.pk}/change/", user_form(person, groups=[strong.pk]))
    assert person.groups.count() == 0


@pytest.mark.parametrize("is_active", [True, False])
@pytest.mark.parametrize("by", ["superuser", "right", "group"])
def test_administrator_cannot_change_a_user_with_more_rights(administrator: Client, by: str, is_active: bool) -> None:
    boss = make_person("boss", is_superuser=by == "superuser", is_active=is_active)
    more = Permission.objects.get(codename="delete_session")
    if by == "right":
        boss.user_permissions.add(more)
    if by == "group":
        strong = Group.objects.create(name="Strong")
        strong.permissions.add(more)
        boss.groups.add(strong)
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


def test_administrator_grants_a_group_only_own_rights(administrator: Client) -> None:
    readers = Group.objects.create(name="Readers")
    own, more = (Permission.objects.get(codename=name) for name in ("view_trial", "delete_session"))
    start = f"/admin/auth/group/{readers.pk}/change/"
    administrator.post(start, {"name": "Readers", "permissions": [own.pk, more.pk]})
    assert readers.permissions.count() == 0  # the whole form is refused
    administrator.post(start, {"name": "Readers", "permissions": [own.pk]})
    assert list(readers.permissions.all()) == [own]


@pytest.mark.parametrize("who", ["administrator", "superuser"])
@pytest.mark.parametrize("name", ["Editors", "Reviewers", "Site administrators"])
def test_built_in_groups_are_read_only(client: Client, who: str, name: str) -> None:
    user = make(who)
    assert user
    client.force_login(user)
    group = Group.objects.get(name=name)
    assert client.get(f"/admin/auth/group/{group.pk}/change/").status_code == 200
    assert client.post(f"/admin/auth/group/{group.pk}/change/", {"name": "Mine"}).status_code == 403
    assert client.post(f"/admin/auth/group/{group.pk}/delete/", {"post": "yes"}).status_code == 403
    assert rights_of(name) == RIGHTS[name]


def test_administrator_removes_a_lost_second_factor(administrator: Client) -> None:
    ann = make_person("ann", "Reviewers")
    Authenticator.objects.create(user=ann, type="totp", data={"secret": "A"})
    sent = {"action": "remove_second_factor", "_selected_action": ann.pk}
    page = administrator.post("/admin/auth/user/", sent, follow=True).content.decode()
    assert "The second factor of ann is removed; the password is enough to log in." in page
    assert Authenticator.objects.count() == 0


@pytest.mark.parametrize("model", ["account/emailaddress", "mfa/authenticator"])
def test_models_with_secrets_are_not_in_the_admin(client: Client, model: str) -> None:
    client.force_login(make_person(is_superuser=True))
    assert client.get(f"/admin/{model}/").status_code == 404


def test_list_of_users_takes_a_constant_number_of_queries(client: Client, django_assert_num_queries: Any) -> None:
    client.force_login(make_person(is_superuser=True))
    for number in range(2):
        make_person(f"one{number}", "Editors")
    with django_assert_num_queries(8):
        client.get("/admin/auth/user/")
    for number in range(28):
        make_person(f"more{number}", "Editors", "Reviewers")
    with django_assert_num_queries(8):
        client.get("/admin/auth/user/")
