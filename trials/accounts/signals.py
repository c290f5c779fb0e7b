"""Keep the log-in consistent with changes of an account."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import password_changed, password_reset
from allauth.core import ratelimit
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db import connections
from django.db.models import Count, UniqueConstraint
from django.db.models.functions import Upper
from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver
from django.http import HttpRequest

# The log-in finds no account where two names differ only in case. No form can be relied on: `createsuperuser` has its
# own.
ONE_NAME = UniqueConstraint(Upper("username"), name="auth_user_username_any_case")


def same_name(username: str, user: User | None = None) -> str:
    """Return a sentence if another account has this name, whatever its capitals, or ""."""
    named = User.objects.filter(username__iexact=username)
    others = named.exclude(pk=user.pk) if user and user.pk else named
    other = others.values_list("username", flat=True).first()
    return f"There is an account “{other}” already. Capitals make no difference." if other else ""


@receiver(pre_save, sender=User)
def refuse_same_name(instance: User, raw: bool, **kwargs: Any) -> None:
    if not raw and (sentence := same_name(instance.username, instance)):
        raise ValidationError({"username": sentence})


def constrain_names(using: str, **kwargs: Any) -> None:
    """Let the database refuse two such names too. Connected to `post_migrate`, since the table is Django's own."""
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        if User._meta.db_table not in tables:
            return
        there = connection.introspection.get_constraints(cursor, User._meta.db_table)
    if ONE_NAME.name not in there:
        twice = User.objects.using(using).values(name=Upper("username")).annotate(accounts=Count("pk"))
        if names := [row["name"] for row in twice.filter(accounts__gt=1)]:
            raise CommandError(
                f"Several accounts have names that differ only in case: {', '.join(names)}. Rename all but one of each "
                "under “Users”, then run migrate again."
            )
        with connection.schema_editor() as editor:
            editor.add_constraint(User, ONE_NAME)


@receiver(post_save, sender=User)
def forget_old_addresses(instance: User, raw: bool, created: bool, **kwargs: Any) -> None:
    """Delete the addresses that allauth stored for the account, so that a former address cannot reset the password."""
    if not raw and not created:
        EmailAddress.objects.filter(user=instance).exclude(email=instance.email.lower()).delete()


@receiver([password_changed, password_reset])
def lift_limit_of_codes(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Lift the limit on wrong codes. A stranger who knew the old password may have used up the owner's attempts."""
    ratelimit.clear(request, action="login_failed", key=f"mfa-auth-user-{user.pk}")
