"""The list of studies."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@require_safe
def trial_list(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")
