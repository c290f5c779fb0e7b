from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from ardsinfo.health import healthz
from ardsinfo.security_txt import security_txt
from trials.accounts.views import admin_login
from trials.views.pages import favicon, without_slash

# The admin's own forms lead to /account/login/, which has the limits and the second factor.
urlpatterns = [
    path("admin/login/", admin_login),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/", admin.site.urls),
    path("account/", include("trials.accounts.urls")),
    path("healthz", healthz),
    path(".well-known/security.txt", security_txt),
    path("favicon.ico", favicon),
    path("", include("trials.urls")),
    # Any word has the form of a page's address, so that Django would add a slash to it, found or not.
    path("<slug:slug>", without_slash),
]

handler400 = "ardsinfo.errors.bad_request"
handler403 = "trials.accounts.views.permission_denied"
handler404 = "ardsinfo.errors.page_not_found"
handler429 = "trials.accounts.views.too_many_requests"
handler500 = "ardsinfo.errors.server_error"
