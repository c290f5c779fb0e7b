from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from trials import audit


@never_cache
def admin_login(request: HttpRequest) -> HttpResponse:
    """Lead to the log-in and from there back to the page that was asked for, if it is one of this site."""
    wanted = request.GET.get("next", "")
    if not wanted or not get_adapter().is_safe_url(wanted) or wanted.startswith(reverse("admin:login")):
        wanted = reverse("admin:index")
    if not request.user.is_authenticated:
        return redirect(f"{reverse('account_login')}?{urlencode({'next': wanted})}")
    if not (request.user.is_active and request.user.is_staff):
        raise PermissionDenied
    return HttpResponseRedirect(wanted)  # `redirect` would take a single word for the name of a view


def admin_password_change(request: HttpRequest) -> HttpResponse:
    return redirect("account_change_password")


def too_many_requests(request: HttpRequest) -> HttpResponse:
    audit.locked_out(request)
    response = render(request, "429.html", status=429)
    response["Retry-After"] = "300"
    return response
