"""What every template knows: the settings that the site's frame shows. No query here."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, str]:
    """`site_url` without a slash at the end, the canonical address of this page, and the contact address (or "")."""
    return {
        "site_url": settings.SITE_URL,
        "canonical_url": settings.SITE_URL + request.path,
        "contact_email": settings.CONTACT_EMAIL,
    }
