"""Keep the log-in consistent with changes of an account."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import password_changed, password_reset
from allauth.core import ratelimit
from django.contrib.auth.models import User
from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver
from django.http import HttpRequest

from trials.accounts.setup import ONE_NAME


@receiver(pre_save, sender=User)
def refuse_same_name(instance: User, raw: bool, **kwargs: Any) -> None:
    """Refuse a name that differs from another only in case: the log-in would find neither of the two accounts."""
    if not raw:
        ONE_NAME.validate(User, instance)


@receiver(post_save, sender=User)
def forget_old_addresses(instance: User, raw: bool, created: bool, **kwargs: Any) -> None:
    """Delete the addresses that allauth stored for the account, so that a former address cannot reset the password."""
    if not raw and not created:
        EmailAddress.objects.filter(user=instance).exclude(email=instance.email.lower()).delete()


@receiver([password_changed, password_reset])
def lift_limit_of_codes(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Lift the limit on wrong codes. A stranger who knew the old password may have used up the owner's attempts."""
    ratelimit.clear(request, action="login_failed", key=f"mfa-auth-user-{user.pk}")
