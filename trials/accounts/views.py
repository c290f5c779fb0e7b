from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from trials.accounts.forms import MailForm
from trials.accounts.groups import administrators
from trials.models import Preference


@never_cache
def admin_login(request: HttpRequest) -> HttpResponse:
    """Redirect to the log-in and from there to the page of this site that was asked for."""
    target = request.GET.get("next", "")
    if not target or not get_adapter().is_safe_url(target) or target.startswith(reverse("admin:login")):
        target = reverse("admin:index")
    if not request.user.is_authenticated:
        return redirect(f"{reverse('account_login')}?{urlencode({'next': target})}")
    if not (request.user.is_active and request.user.is_staff):
        context = {"administrators": administrators()}
        return render(request, "account/not_staff.html", context, status=403)
    return HttpResponseRedirect(target)  # `redirect` would take a single word for the name of a view


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mail(request: HttpRequest) -> HttpResponse:
    """Let a user choose whether the site sends them e-mails about drafts."""
    user: Any = request.user
    preference = Preference.objects.filter(user=user).first() or Preference(user=user)
    form = MailForm(request.POST if request.method == "POST" else None, instance=preference)
    if form.is_valid():
        form.save()
        messages.success(request, "Your choice has been saved.")
        return redirect("account_mail")
    return render(request, "account/mail.html", {"form": form})


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Tell a member of staff whom to ask. The template alone calls `administrators`, for a user who is logged in."""
    return render(request, "403.html", {"administrators": administrators}, status=403)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    response = render(request, "429.html", status=429)
    response["Retry-After"] = "300"
    return response
