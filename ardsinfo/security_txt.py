"""/.well-known/security.txt: where to report a weakness of the site (RFC 9116)."""

from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from ardsinfo.page_cache import cached_page

# Review this file and SECURITY.md once a year, then set this to at most a year ahead. A test fails 60 days before.
EXPIRES = datetime(2027, 11, 1, tzinfo=UTC)


@cached_page()
@csrf_exempt
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Return the file, or 404 where ARDSINFO_CONTACT_EMAIL is not set: the file must name a contact."""
    if not settings.CONTACT_EMAIL:
        reason = "There is no security.txt here: this site has no contact address (ARDSINFO_CONTACT_EMAIL).\n"
        return HttpResponse(reason, status=404, content_type="text/plain; charset=utf-8")
    lines = [
        "# Please tell us before you tell others, and look at no personal data on the way.",
        "# SECURITY.md, which comes with the program, says how we answer.",
        f"Contact: mailto:{settings.CONTACT_EMAIL}",
        f"Expires: {EXPIRES:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
    ]
    if settings.HTTPS:  # RFC 9116 allows no other address here
        lines.append(f"Canonical: {settings.SITE_URL}{request.path}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
