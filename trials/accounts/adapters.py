"""What this site changes in django-allauth."""

import re
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from allauth.core.internal.ratelimit import get_ip
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse

from trials.accounts import log
from trials.outbox import send_in_thread

# One message for user names and e-mail addresses, whether or not the account exists.
WRONG_CREDENTIALS = "The user name or the password is wrong. Check both and try again."
LOCKED_OUT = "Too many failed attempts from your network. Wait five minutes, then try again."


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": WRONG_CREDENTIALS,
        "email_password_mismatch": WRONG_CREDENTIALS,
        "too_many_login_attempts": LOCKED_OUT,
        "rate_limited": LOCKED_OUT,
        "incorrect_password": "This is not your current password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count failures by network and account. By account alone, a stranger could lock its owner out."""
        return f"{get_ip(request)} {super()._get_login_attempts_cache_key(request, **credentials)}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            log.record_lock_out(request, credentials)
            raise

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("admin:index")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return an address under ARDSINFO_SITE_URL, whatever host the request names."""
        return settings.SITE_URL + urlsplit(super().get_reset_password_from_key_url(key)).path

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send the message in a thread, so that the time of the response does not show whether an account exists."""
        context = {"request": allauth_context.request, "email": email, **context}
        send_in_thread([self.render_mail(template_prefix, email, context)])


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is wrong. A code from an app lasts 30 seconds and works once."
    }

    def build_totp_svg(self, url: str) -> str:
        """Return the QR code as an inline SVG: the content-security policy refuses `data:` images."""
        svg = super().build_totp_svg(url)
        svg = re.sub(r'^<\?xml[^>]*>\s*|\s(?:width|height)="\d+mm"', "", svg)
        return svg.replace("<svg ", '<svg class="qr" role="img" aria-label="QR code for your app" ', 1)

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        return f"Key {Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1}"
