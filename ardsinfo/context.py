"""What every template knows: the settings that the site's frame shows, and whether studies here are invented."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest




def site(request: HttpRequest) -> dict[str, Any]:
    """`site_url` without a slash at the end, the canonical address of this page, the contact address (or ""), and
    `invented_studies`, which asks the database when a template first looks at it."""
    return {
        "site_url": settings.SITE_URL,
        "canonical_url": settings.SITE_URL + request.path,
        "contact_email": settings.CONTACT_EMAIL,
    }
