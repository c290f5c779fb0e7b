"""What this site changes of django-allauth."""

import ipaddress
import logging
import re
import threading
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as current
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.urls import reverse

from trials import audit

logger = logging.getLogger(__name__)

# The same words whether the name is a user name or an address, and whether or not there is such a person.
WRONG = "That name and that password do not fit together. Check both and try again."
WAIT = "Too many failed attempts from your network. Wait five minutes, then try again."


def network(address: str) -> str:
    """What counts as one place for the limits: an IPv4 address, or the 64-bit network of an IPv6 address."""
    ip = ipaddress.ip_address(address)
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": WRONG,
        "email_password_mismatch": WRONG,
        "too_many_login_attempts": WAIT,
        "rate_limited": WAIT,
        "incorrect_password": "This is not your password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failures count by account *and* place. By account alone, a stranger could keep its owner out."""
        return f"{network(self.get_client_ip(request))} {super()._get_login_attempts_cache_key(request, **credentials)}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            audit.locked_out(request, credentials.get("username") or credentials.get("email") or "")
            raise

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("admin:index")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Under ARDSINFO_SITE_URL, whatever host the request named: a mail of ours leads nowhere else."""
        return settings.SITE_URL + urlsplit(super().get_reset_password_from_key_url(key)).path

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send it beside the answer. The answer then takes no longer for a person who exists than for one who does
        not, and a mail server that fails or dawdles changes nothing about it."""
        message = self.render_mail(template_prefix, email, {"request": current.request, "email": email, **context})
        threading.Thread(target=_send, args=[message]).start()


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except Exception:
        logger.exception("An e-mail could not be sent: %s", message.subject)


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This is not the right code. A code of an app lasts 30 seconds and works once.",
    }

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def build_totp_svg(self, url: str) -> str:
        """The QR code for the page itself: our content-security policy shows no picture from a `data:` address."""
        svg = super().build_totp_svg(url)
        svg = re.sub(r'^<\?xml[^>]*>\s*|\s(?:width|height)="\d+mm"', "", svg)
        return svg.replace("<svg ", '<svg class="qr" role="img" aria-label="QR code for your app" ', 1)

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        return f"Key {Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1}"
