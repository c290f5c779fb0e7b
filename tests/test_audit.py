"""The audit log hears what happens at the door and every change of rights, is only added to, and tells no secret."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils.connection import ConnectionDoesNotExist

from tests.people import LOGIN, PASSWORD, code, log_in, mails, make_person, set_up_app
from tests.test_login import RESET, SECOND_STEP, ask_for_link, set_by
from trials.models import AppendOnly, AuditEvent

pytestmark = pytest.mark.django_db

HERE = "192.0.2.1"
Entry = tuple[str, str, str, str, str]


def entries(after: int = 0) -> list[Entry]:
    """What the log says, oldest first: kind, who, about whom, what, from where."""
    kept = AuditEvent.objects.filter(pk__gt=after).order_by("pk")
    return list(kept.values_list("kind", "who", "whom", "what", "address"))


def now() -> int:
    newest = AuditEvent.objects.order_by("-pk").first()
    return newest.pk if newest else 0


@pytest.fixture
def ann() -> User:
    return make_person("ann", "Editors")


@pytest.fixture
def boss(client: Client) -> Client:
    client.force_login(make_person("boss", is_superuser=True))
    return client


# --- At the door ----------------------------------------------------------------------------------------------


def test_log_in_and_log_out(client: Client, ann: User) -> None:
    start = now()
    log_in(client)
    client.post("/account/logout/", REMOTE_ADDR=HERE)
    log_in(client)
    client.post("/admin/logout/", REMOTE_ADDR=HERE)
    assert entries(start) == [
        ("log-in", "ann", "", "", HERE),
        ("log-out", "ann", "", "", HERE),
        ("log-in", "ann", "", "", HERE),
        ("log-out", "ann", "", "", HERE),
    ]


def test_failures_name_who_was_tried_and_never_the_password(client: Client, ann: User) -> None:
    start = now()
    log_in(client, "ann", "geheim-1")
    log_in(client, "n" * 100, "geheim-2")
    log_in(client, "a\nb@example.org", "geheim-3")
    assert entries(start) == [
        ("failure", "", "ann", "", HERE),
        ("failure", "", "n" * 80, "", HERE),
        ("failure", "", "a b@example.org", "", HERE),
    ]
    everything = [str(value) for row in AuditEvent.objects.values_list() for value in row]
    assert [text for text in everything if "geheim" in text] == []


def test_whoever_is_made_to_wait_is_told_of_once(client: Client, ann: User) -> None:
    start = now()
    for _ in range(9):
        log_in(client, "ann", "wrong")
    for _ in range(30):
        client.post(LOGIN, {}, REMOTE_ADDR=HERE)
    assert entries(start) == [("failure", "", "ann", "", HERE)] * 5 + [
        ("lock-out", "", "ann", "", HERE),
        ("lock-out", "", "", "", HERE),
    ]


def test_the_address_is_the_one_a_proxy_of_ours_saw(client: Client, ann: User, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    start = now()
    client.post(LOGIN, {"login": "ann", "password": PASSWORD}, headers={"X-Forwarded-For": "10.0.0.1, 198.51.100.1"})
    assert entries(start) == [("log-in", "ann", "", "", "198.51.100.1")]


def test_password_changed_and_reset(client: Client, ann: User) -> None:
    log_in(client)
    start = now()
    new = "a new one, and long"
    sent = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    client.post("/account/password/change/", sent, REMOTE_ADDR=HERE)
    mails(1)  # says so to ann
    set_by(ask_for_link(), PASSWORD)
    assert entries(start) == [
        ("password", "ann", "ann", "", HERE),
        ("reset", "", "ann", "", "127.0.0.1"),
    ]


def test_password_set_by_a_colleague_or_taken_away(boss: Client, ann: User) -> None:
    start = now()
    new = {"password1": "a new one, and long", "password2": "a new one, and long", "usable_password": "true"}
    boss.post(f"/admin/auth/user/{ann.pk}/password/", new, REMOTE_ADDR=HERE)
    none = {"usable_password": "false", "unset-password": "1"}
    boss.post(f"/admin/auth/user/{ann.pk}/password/", none, REMOTE_ADDR=HERE)
    assert entries(start) == [
        ("password", "boss", "ann", "", HERE),
        ("password", "boss", "ann", "made unusable", HERE),
    ]


def test_a_stronger_hash_of_the_same_password_is_no_change(client: Client, ann: User, settings: Any) -> None:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        "django.contrib.auth.hashers.MD5PasswordHasher",
    ]
    start = now()
    log_in(client)
    ann.refresh_from_db()
    assert ann.password.startswith("scrypt$")
    assert entries(start) == [("log-in", "ann", "", "", HERE)]


def test_second_factor_added_failed_used_and_removed(
    client: Client, ann: User, django_capture_on_commit_callbacks: Any
) -> None:
    log_in(client)
    start = now()
    with django_capture_on_commit_callbacks(execute=True):
        secret, codes = set_up_app(client)
    assert sorted(entries(start)) == [
        ("factor-added", "ann", "ann", "authenticator app", "127.0.0.1"),
        ("factor-added", "ann", "ann", "recovery codes", "127.0.0.1"),
    ]
    start = now()
    browser = Client()
    log_in(browser)
    browser.post(SECOND_STEP, {"code": "000000"}, REMOTE_ADDR=HERE)
    browser.post(SECOND_STEP, {"code": codes[0]}, REMOTE_ADDR=HERE)
    client.post("/account/second-factor/totp/deactivate/", REMOTE_ADDR=HERE)
    assert entries(start) == [
        ("factor-failed", "", "ann", "authenticator app", HERE),
        ("recovery-code", "", "ann", "", HERE),
        ("log-in", "ann", "", "", HERE),
        ("factor-removed", "ann", "ann", "authenticator app", HERE),
        ("factor-removed", "ann", "ann", "recovery codes", HERE),
    ]
    everything = " ".join(str(value) for row in AuditEvent.objects.values_list() for value in row)
    assert [each for each in (secret, code(secret), *codes) if each in everything] == []


def test_second_factor_removed_by_a_colleague(boss: Client, ann: User) -> None:
    Authenticator.objects.create(user=ann, type="totp", data={"secret": "A"})
    start = now()
    boss.post("/admin/auth/user/", {"action": "remove_second_factor", "_selected_action": ann.pk}, REMOTE_ADDR=HERE)
    assert entries(start) == [("factor-removed", "boss", "ann", "all", HERE)]


# --- People and rights ----------------------------------------------------------------------------------------


def test_changes_of_a_person_by_the_form_of_the_admin(boss: Client, ann: User) -> None:
    start = now()
    sent = {"username": "ann", "email": "ann@other.example", "date_joined_0": "2026-11-22", "date_joined_1": "10:00"}
    publish = Permission.objects.get(codename="publish_page")
    more = {"is_superuser": "on", "groups": [Group.objects.get(name="Reviewers").pk], "user_permissions": [publish.pk]}
    boss.post(f"/admin/auth/user/{ann.pk}/change/", sent | more)
    assert entries(start) == [
        ("person", "boss", "ann", "e-mail address changed", ""),
        ("rights", "boss", "ann", "taken off the staff", ""),
        ("rights", "boss", "ann", "made a superuser", ""),
        ("person", "boss", "ann", "switched off", ""),
        ("rights", "boss", "ann", "taken out of Editors", ""),
        ("rights", "boss", "ann", "put into Reviewers", ""),
        ("rights", "boss", "ann", "given trials.publish_page", ""),
    ]


def test_changes_of_a_group_by_the_form_of_the_admin(boss: Client) -> None:
    start = now()
    rights = {name: Permission.objects.get(codename=name).pk for name in ("view_trial", "view_page")}
    boss.post("/admin/auth/group/add/", {"name": "Readers", "permissions": [rights["view_trial"]]})
    readers = Group.objects.get(name="Readers")
    boss.post(f"/admin/auth/group/{readers.pk}/change/", {"name": "Readers", "permissions": [rights["view_page"]]})
    boss.post(f"/admin/auth/group/{readers.pk}/delete/", {"post": "yes"})
    assert entries(start) == [
        ("rights", "boss", "group Readers", "given trials.view_trial", ""),
        ("rights", "boss", "group Readers", "trials.view_trial taken away", ""),
        ("rights", "boss", "group Readers", "given trials.view_page", ""),
        ("rights", "boss", "group Readers", "removed", ""),
    ]


def test_person_added_renamed_and_removed(boss: Client, ann: User) -> None:
    start = now()
    twice = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    boss.post("/admin/auth/user/add/", {"username": "ben"} | twice)
    ann.username = "anna"
    ann.save()
    boss.post(f"/admin/auth/user/{ann.pk}/delete/", {"post": "yes"})
    assert entries(start) == [
        ("person", "boss", "ben", "added", ""),
        ("person", "", "anna", "renamed, before: ann", ""),
        ("person", "boss", "anna", "removed", ""),
    ]


def test_changes_from_the_other_side_and_all_at_once(ann: User) -> None:
    reviewers = Group.objects.get(name="Reviewers")
    start = now()
    reviewers.user_set.add(ann)
    reviewers.user_set.clear()
    ann.groups.clear()
    Permission.objects.get(codename="view_page").group_set.remove(reviewers)
    assert entries(start) == [
        ("rights", "", "ann", "put into Reviewers", ""),
        ("rights", "", "ann", "taken out of Reviewers", ""),
        ("rights", "", "ann", "taken out of Editors", ""),
        ("rights", "", "group Reviewers", "trials.view_page taken away", ""),
    ]


def test_a_superuser_made_in_a_shell_is_told_of() -> None:
    call_command("createsuperuser", interactive=False, username="root", email="root@example.org", verbosity=0)
    assert entries() == [("person", "", "root", "added, made staff, made a superuser", "")]


def test_what_changes_no_right_is_not_told(ann: User) -> None:
    start = now()
    ann.first_name = "Ann"
    ann.save()
    ann.groups.set(ann.groups.all())
    assert entries(start) == []


def test_a_change_that_is_undone_leaves_no_entry(boss: Client, ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr("django.contrib.admin.ModelAdmin.log_change", fail)
    start = now()
    sent = {"username": "ann", "is_staff": "on", "date_joined_0": "2026-11-22", "date_joined_1": "10:00"}
    with pytest.raises(RuntimeError, match="on purpose"):
        boss.post(f"/admin/auth/user/{ann.pk}/change/", sent)
    assert entries(start) == []


# --- Only added to --------------------------------------------------------------------------------------------


def forged(entry: AuditEvent) -> AuditEvent:
    return AuditEvent(pk=entry.pk, at=entry.at, kind="failure", whom="forged")


WAYS: dict[str, Callable[[AuditEvent], Any]] = {
    "save": lambda entry: entry.save(),
    "delete": lambda entry: entry.delete(),
    "update": lambda entry: AuditEvent.objects.update(whom="forged"),
    "filtered-update": lambda entry: AuditEvent.objects.filter(pk=entry.pk).update(whom="forged"),
    "delete-all": lambda entry: AuditEvent.objects.all().delete(),
    "bulk-update": lambda entry: AuditEvent.objects.bulk_update([forged(entry)], ["whom"]),
    "update-or-create": lambda entry: AuditEvent.objects.update_or_create(pk=entry.pk, defaults={"whom": "forged"}),
    "bulk-create": lambda entry: AuditEvent.objects.bulk_create(
        [forged(entry)], update_conflicts=True, update_fields=["whom"], unique_fields=["pk"]
    ),
    "base-manager": lambda entry: AuditEvent._base_manager.all().delete(),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_an_entry_is_never_changed_or_deleted(way: Callable[[AuditEvent], Any]) -> None:
    entry = AuditEvent.objects.create(kind="failure", whom="kept")
    with pytest.raises(AppendOnly):
        way(entry)
    assert [entry.whom for entry in AuditEvent.objects.all()] == ["kept"]


def test_an_entry_with_the_number_of_another_is_refused() -> None:
    entry = AuditEvent.objects.create(kind="failure", whom="kept")
    with pytest.raises(IntegrityError), transaction.atomic():
        forged(entry).save()
    assert [entry.whom for entry in AuditEvent.objects.all()] == ["kept"]


def test_an_entry_goes_into_the_database_that_is_named() -> None:
    with pytest.raises(ConnectionDoesNotExist):
        AuditEvent(kind="failure").save(using="elsewhere")
    assert AuditEvent.objects.count() == 0


def test_entries_outlive_the_person(ann: User) -> None:
    log_in(Client())
    ann.delete()
    assert entries()[-2:] == [("log-in", "ann", "", "", HERE), ("person", "", "ann", "removed", "")]
    assert [field.name for field in AuditEvent._meta.get_fields() if field.is_relation] == []


# --- Read -----------------------------------------------------------------------------------------------------


def test_log_is_read_and_searched_in_the_admin(client: Client) -> None:
    client.force_login(make_person("ben", "Site administrators"))
    log_in(Client(), "somebody", "wrong")
    log_in(Client(), "else", "wrong", place="198.51.100.1")

    def names(**query: str) -> list[str]:
        return [entry.whom for entry in client.get("/admin/trials/auditevent/", query).context["cl"].queryset]

    assert names()[:2] == ["else", "somebody"]
    assert names(kind__exact="failure") == ["else", "somebody"]
    assert names(q="198.51.100.1") == ["else"]
    entry = AuditEvent.objects.get(whom="else")
    page = client.get(f"/admin/trials/auditevent/{entry.pk}/change/")
    assert page.context["has_change_permission"] is False
    assert "198.51.100.1" in page.content.decode()
    for path in ("add/", f"{entry.pk}/delete/"):
        assert client.post(f"/admin/trials/auditevent/{path}", {"post": "yes", "kind": "failure"}).status_code == 403
    assert client.post(f"/admin/trials/auditevent/{entry.pk}/change/", {"whom": "forged"}).status_code == 403
    assert AuditEvent.objects.get(pk=entry.pk).whom == "else"


def test_hostile_name_is_shown_as_text(client: Client) -> None:
    client.force_login(make_person("ben", "Site administrators"))
    log_in(Client(), "<script>alert(1)</script>", "wrong")
    page = client.get("/admin/trials/auditevent/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_asking_for_a_reset_writes_nothing(client: Client, ann: User) -> None:
    """One more thing that must not tell who exists: both cost the same."""
    start = now()
    client.post(RESET, {"email": "nobody@example.org"})
    assert entries(start) == []
