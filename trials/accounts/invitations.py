"""A new colleague gets a link to set a password. It works once, and for three days."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest

MAIL_THAT_ARRIVES = "django.core.mail.backends.smtp.EmailBackend"


def invite(request: HttpRequest, user: User) -> str:
    """Send the invitation, and return "" or, where this site sends no mail, the link to pass on."""
    adapter = get_adapter(request)
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    link = adapter.get_reset_password_from_key_url(key)
    context = {"user": user, "by": request.user.get_username(), "link": link, "site_url": settings.SITE_URL}
    adapter.send_mail("account/email/invitation", user.email, context)
    return "" if settings.EMAIL_BACKEND == MAIL_THAT_ARRIVES else link
