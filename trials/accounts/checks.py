from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning, register


@register(deploy=True)
def check_email_is_configured(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Warn about a public site that cannot send a link to reset a password."""
    if settings.HTTPS and settings.EMAIL_BACKEND == "django.core.mail.backends.dummy.EmailBackend":
        return [
            Warning(
                "This site sends no e-mail, so a forgotten password cannot be reset.",
                hint="Set ARDSINFO_EMAIL_URL and ARDSINFO_FROM_EMAIL; docs/running.md says how.",
                id="trials.W001",
            )
        ]
    return []
