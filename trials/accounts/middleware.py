from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

GetResponse = Callable[[HttpRequest], HttpResponse]

SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]  # recovery codes alone are not enough


def require_second_factor(get_response: GetResponse) -> GetResponse:
    """Redirect staff without a second factor from the admin to its set-up, if the settings require one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if settings.REQUIRE_SECOND_FACTOR and request.path.startswith(reverse("admin:index")):
            exempt = (reverse("admin:login"), reverse("admin:logout"), reverse("admin:password_change"))
            needs_one = request.user.is_authenticated and request.path not in exempt
            if needs_one and not is_mfa_enabled(request.user, SECOND_FACTORS):
                messages.warning(request, "First set up a second factor: an authenticator app or a key.")
                return redirect("mfa_index")
        return get_response(request)

    return middleware
