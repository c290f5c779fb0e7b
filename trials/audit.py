"""Writes the audit log: what happens at the door, and every change of what a person may do.

It listens to signals, so it hears the admin, the pages of /account/ and the commands of a shell alike. Only an SQL
statement or `QuerySet.update()` goes past it.
"""

from collections.abc import Iterable
from typing import Any

from allauth.account import signals as account
from allauth.account.models import EmailAddress
from allauth.core import context as current
from allauth.core import ratelimit
from allauth.mfa import signals as second_factor
from allauth.mfa.models import Authenticator
from django.contrib.auth import signals as auth
from django.contrib.auth.models import Group, Permission, User
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from django.http import HttpRequest

from trials.models import AuditEvent, AuditKind

LONGEST_NAME_TRIED = 80
ONE_ENTRY_IN = 300  # seconds; while somebody is made to wait, a second entry says nothing new

# What a change of a field of a person is called: before and after.
SWITCHES = {
    "is_staff": ("taken off the staff", "made staff"),
    "is_superuser": ("no longer a superuser", "made a superuser"),
    "is_active": ("switched off", "switched on"),
}


def record(
    kind: AuditKind, *, who: str | None = None, whom: str = "", what: str = "", request: HttpRequest | None = None
) -> None:
    """Add an entry. `who` is whoever is logged in, unless given. `request` is given where its address matters."""
    AuditEvent.objects.create(
        kind=kind,
        who=_in_one_line(_logged_in(request) if who is None else who)[:150],
        whom=_in_one_line(whom)[:160],
        what=_in_one_line(what),
        address=address(request),
    )


def address(request: HttpRequest | None) -> str:
    """Where a request came from, by the proxies that we trust; empty if that is not known."""
    from allauth.account.adapter import get_adapter

    if request is None or not request.META.get("REMOTE_ADDR"):
        return ""
    try:
        return get_adapter().get_client_ip(request)
    except PermissionDenied:
        return ""


def locked_out(request: HttpRequest, name: str = "") -> None:
    """Say once in five minutes that a place, or a place with a name, is made to wait."""
    place = address(request)
    name = name[:LONGEST_NAME_TRIED]
    if cache.add(f"audit:{place}:{name.encode().hex()}", True, ONE_ENTRY_IN):
        record(AuditKind.LOCKED_OUT, who="", whom=name, request=request)


def _in_one_line(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def _logged_in(request: HttpRequest | None) -> str:
    user = getattr(request or current.request, "user", None)
    return user.get_username() if user and user.is_authenticated else ""


def _name(permission: Permission) -> str:
    return f"{permission.content_type.app_label}.{permission.codename}"


# --- At the door ----------------------------------------------------------------------------------------------


def _on_login(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    record(AuditKind.LOGGED_IN, who=user.get_username(), request=request)


def _on_logout(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user:
        record(AuditKind.LOGGED_OUT, who=user.get_username(), request=request)


def _on_failure(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    tried = str(credentials.get("username") or credentials.get("email") or "")
    record(AuditKind.FAILED, whom=tried[:LONGEST_NAME_TRIED], request=request)


def _on_password_known_again(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Whoever knew the old password and held up its owner's second step with wrong codes is out now: lift the limit."""
    ratelimit.clear(request, action="login_failed", key=f"mfa-auth-user-{user.pk}")


def _factor(authenticator: Authenticator) -> str:
    return {"totp": "authenticator app", "webauthn": "key", "recovery_codes": "recovery codes"}[authenticator.type]


def _on_factor_added(sender: Any, request: HttpRequest, user: User, authenticator: Authenticator, **kw: Any) -> None:
    record(AuditKind.FACTOR_ADDED, whom=user.get_username(), what=_factor(authenticator), request=request)


def _on_factor_removed(sender: Any, request: HttpRequest, user: User, authenticator: Authenticator, **kw: Any) -> None:
    record(AuditKind.FACTOR_REMOVED, whom=user.get_username(), what=_factor(authenticator), request=request)


def _on_factor_used(sender: Any, request: HttpRequest, user: User, authenticator: Authenticator, **kw: Any) -> None:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        record(AuditKind.RECOVERY_CODE, whom=user.get_username(), request=request)


def _on_factor_failed(sender: Any, request: HttpRequest, user: User, authenticator: Authenticator, **kw: Any) -> None:
    record(AuditKind.FACTOR_FAILED, whom=user.get_username(), what=_factor(authenticator), request=request)


# --- People and their rights ----------------------------------------------------------------------------------


def _before_save(sender: Any, instance: User, raw: bool, update_fields: Iterable[str] | None, **kwargs: Any) -> None:
    if update_fields is not None and set(update_fields) <= {"last_login"}:
        return
    instance._as_it_was = User.objects.filter(pk=instance.pk).first() if instance.pk else None  # type: ignore[attr-defined]


def _after_save(sender: Any, instance: User, created: bool, raw: bool, **kwargs: Any) -> None:
    was: User | None = instance.__dict__.pop("_as_it_was", None)
    name = instance.get_username()
    if created:
        flags = [SWITCHES[field][1] for field in ("is_staff", "is_superuser") if getattr(instance, field)]
        record(AuditKind.PERSON, whom=name, what=", ".join(["added", *flags]))
        return
    if was is None:
        return
    if was.get_username() != name:
        record(AuditKind.PERSON, whom=name, what=f"renamed, before: {was.get_username()}")
    if was.email.lower() != instance.email.lower():
        record(AuditKind.PERSON, whom=name, what="e-mail address changed")
        # allauth keeps addresses of its own, and an address that was taken away must not reset the password.
        EmailAddress.objects.filter(user=instance).exclude(email=instance.email.lower()).delete()
    for field, words in SWITCHES.items():
        if getattr(was, field) != getattr(instance, field):
            kind = AuditKind.PERSON if field == "is_active" else AuditKind.RIGHTS
            record(kind, whom=name, what=words[getattr(instance, field)])
    # Set anew, or made unusable. A stronger hash of the same password, which a log-in may make, is neither.
    anew = instance._password is not None  # type: ignore[attr-defined]
    if was.password != instance.password and (anew or not instance.has_usable_password()):
        request = current.request
        match = getattr(request, "resolver_match", None)
        by_mail = match is not None and match.url_name == "account_reset_password_from_key"
        record(
            AuditKind.PASSWORD_RESET if by_mail else AuditKind.PASSWORD_CHANGED,
            whom=name,
            what="" if anew else "made unusable",
            request=request,
        )


def _after_delete(sender: Any, instance: User | Group, **kwargs: Any) -> None:
    if isinstance(instance, User):
        record(AuditKind.PERSON, whom=instance.get_username(), what="removed")
    else:
        record(AuditKind.RIGHTS, whom=f"group {instance.name}", what="removed")


def _on_many(sender: Any, instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **kwargs: Any) -> None:
    """A person's groups, a person's own rights, a group's rights; from either side."""
    if action not in ("post_add", "post_remove", "pre_clear"):
        return
    many = {
        User.groups.through: ("groups", "user_set"),
        User.user_permissions.through: ("user_permissions", "user_set"),
        Group.permissions.through: ("permissions", "group_set"),
    }[sender]
    if action == "pre_clear":
        others: Iterable[Any] = getattr(instance, many[reverse]).all()
    else:
        others = kwargs["model"]._default_manager.filter(pk__in=pk_set or ())
    pairs = [(other, instance) if reverse else (instance, other) for other in others]
    for owner, right in sorted(pairs, key=str):
        whom = owner.get_username() if isinstance(owner, User) else f"group {owner.name}"
        if isinstance(right, Group):
            what = f"put into {right.name}" if action == "post_add" else f"taken out of {right.name}"
        else:
            what = f"given {_name(right)}" if action == "post_add" else f"{_name(right)} taken away"
        record(AuditKind.RIGHTS, whom=whom, what=what)


def listen() -> None:
    """Connect all of the above. Called once, when the site starts."""
    auth.user_logged_in.connect(_on_login)
    auth.user_logged_out.connect(_on_logout)
    auth.user_login_failed.connect(_on_failure)
    account.password_reset.connect(_on_password_known_again)
    account.password_changed.connect(_on_password_known_again)
    second_factor.authenticator_added.connect(_on_factor_added)
    second_factor.authenticator_reset.connect(_on_factor_added)
    second_factor.authenticator_removed.connect(_on_factor_removed)
    second_factor.authenticator_used.connect(_on_factor_used)
    second_factor.authentication_failed.connect(_on_factor_failed)
    pre_save.connect(_before_save, sender=User)
    post_save.connect(_after_save, sender=User)
    post_delete.connect(_after_delete, sender=User)
    post_delete.connect(_after_delete, sender=Group)
    for through in (User.groups.through, User.user_permissions.through, Group.permissions.through):
        m2m_changed.connect(_on_many, sender=through)
