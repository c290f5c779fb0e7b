"""The addresses of allauth.mfa.urls, whose views are imported when one of them is asked for.

They bring the cryptography of keys with them: 10 MB in every worker that no public page needs.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.module_loading import import_string


class Later:
    """A view of allauth.mfa, by its name."""

    def __init__(self, name: str) -> None:
        self.name = f"allauth.mfa.{name}"

    def __call__(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return import_string(self.name)(request, **kwargs)


urlpatterns = [
    path("", Later("base.views.index"), name="mfa_index"),
    path("authenticate/", Later("base.views.authenticate"), name="mfa_authenticate"),
    path("reauthenticate/", Later("base.views.reauthenticate"), name="mfa_reauthenticate"),
    path("totp/activate/", Later("totp.views.activate_totp"), name="mfa_activate_totp"),
    path("totp/deactivate/", Later("totp.views.deactivate_totp"), name="mfa_deactivate_totp"),
    path("recovery-codes/", Later("recovery_codes.views.view_recovery_codes"), name="mfa_view_recovery_codes"),
    path(
        "recovery-codes/generate/",
        Later("recovery_codes.views.generate_recovery_codes"),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "recovery-codes/download/",
        Later("recovery_codes.views.download_recovery_codes"),
        name="mfa_download_recovery_codes",
    ),
    path("webauthn/", Later("webauthn.views.list_webauthn"), name="mfa_list_webauthn"),
    path("webauthn/add/", Later("webauthn.views.add_webauthn"), name="mfa_add_webauthn"),
    path(
        "webauthn/reauthenticate/", Later("webauthn.views.reauthenticate_webauthn"), name="mfa_reauthenticate_webauthn"
    ),
    path("webauthn/keys/<int:pk>/remove/", Later("webauthn.views.remove_webauthn"), name="mfa_remove_webauthn"),
    path("webauthn/keys/<int:pk>/edit/", Later("webauthn.views.edit_webauthn"), name="mfa_edit_webauthn"),
    path("webauthn/login/", Later("webauthn.views.login_webauthn"), name="mfa_login_webauthn"),
]
