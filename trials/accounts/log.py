"""Record what happens to accounts in Django's admin log.

A `LogEntry` needs a user: what a visitor does who is not logged in is recorded for the account that was tried. A failed
log-in with an unknown name is a line in the log of the site, without the name, since people type passwords there.
"""

import logging
from functools import partial
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.signals import password_changed, password_reset
from allauth.core import context as allauth_context
from allauth.mfa import signals as mfa
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.cache import cache
from django.db.models import Q
from django.db.models.signals import m2m_changed
from django.dispatch import receiver
from django.http import HttpRequest

logger = logging.getLogger(__name__)


def record(actor: User, subject: User, message: str, request: HttpRequest | None) -> None:
    """Add an entry, with the network address where the request has one."""
    if request and request.META.get("REMOTE_ADDR"):
        message += f" from {get_adapter(request).get_client_ip(request)}"
    LogEntry.objects.log_actions(actor.pk, [subject], CHANGE, f"{message}.", single_object=True)


def find_user(credentials: dict[str, Any]) -> User | None:
    name = credentials.get("username") or credentials.get("email") or ""
    return User.objects.filter(Q(username__iexact=name) | Q(email__iexact=name)).first()


def record_lock_out(request: HttpRequest, credentials: dict[str, Any]) -> None:
    """Record once in five minutes that a network has to wait before it tries this account again."""
    user = find_user(credentials)
    address = get_adapter(request).get_client_ip(request)
    if user and cache.add(f"lock-out:{user.pk}:{address}", True, timeout=300):
        record(user, user, "Locked out", request)


@receiver(user_login_failed)
def record_failed_login(credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    user = find_user(credentials)
    if user:
        record(user, user, "Failed log-in", request)
    else:
        logger.warning("Failed log-in with an unknown name")


def record_own(message: str, request: HttpRequest, user: User | None, authenticator: Any = None, **kwargs: Any) -> None:
    if user:  # a log-out without a log-in has none
        factor = f" ({authenticator.get_type_display()})" if authenticator else ""
        record(user, user, message + factor, request)


MESSAGES = {
    user_logged_in: "Logged in",
    user_logged_out: "Logged out",
    password_changed: "Changed the password",
    password_reset: "Reset the password by e-mail",
    mfa.authenticator_added: "Added a second factor",
    mfa.authenticator_reset: "Renewed a second factor",
    mfa.authenticator_removed: "Removed a second factor",
    mfa.authenticator_used: "Used a second factor",
    mfa.authentication_failed: "Failed the second factor",
}
for signal, message in MESSAGES.items():
    signal.connect(partial(record_own, message), weak=False)


@receiver(m2m_changed, sender=User.groups.through)
def record_rights(instance: Any, action: str, model: Any, pk_set: set[int] | None, **kwargs: Any) -> None:
    """Record each group that the logged-in user adds to a user, or takes away."""
    request = allauth_context.request
    if request and request.user.is_authenticated and action in ("post_add", "post_remove") and pk_set:
        verb = "Added" if action == "post_add" else "Removed"
        names = ", ".join(sorted(str(group) for group in model.objects.filter(pk__in=pk_set)))
        record(request.user, instance, f"{verb} rights: {names}", request)
