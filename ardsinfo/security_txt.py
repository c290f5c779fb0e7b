"""/.well-known/security.txt: where to tell us of a weakness of the site (RFC 9116)."""

from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


# Look through this file and SECURITY.md once a year, then set it to at most a year ahead. A test fails in good time.
EXPIRES = datetime(2027, 11, 1, tzinfo=UTC)


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """The file; 404 with the reason where ARDSINFO_CONTACT_EMAIL is not set, as the file must name a contact."""
    if not settings.CONTACT_EMAIL:
        reason = "There is no security.txt here: this site has no contact address (ARDSINFO_CONTACT_EMAIL).\n"
        return HttpResponse(reason, status=404, content_type="text/plain; charset=utf-8")
    lines = [
        "# Please tell us before you tell others, and look at no personal data on the way.",
        "# How we answer stands in SECURITY.md, which comes with the program.",
        f"Contact: mailto:{settings.CONTACT_EMAIL}",
        f"Expires: {EXPIRES:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
    ]
    if settings.HTTPS:  # no other address may stand here
        lines.append(f"Canonical: {settings.SITE_URL}{request.path}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8", )
