from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register

NO_MAIL = "trials.W001"


@register(deploy=True)
def mail_can_go(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A public site that cannot send e-mail cannot let anybody reset a password."""
    if settings.HTTPS and settings.EMAIL_BACKEND == "django.core.mail.backends.dummy.EmailBackend":
        return [
            Warning(
                "This site sends no e-mail, so nobody can reset a forgotten password.",
                hint="Set ARDSINFO_EMAIL_URL and ARDSINFO_FROM_EMAIL; docs/running.md says how.",
                id=NO_MAIL,
            )
        ]
    return []
