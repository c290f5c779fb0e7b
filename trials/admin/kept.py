"""What an editor typed outlives the log-in.

A form that is sent after its log-in has run out, or from a window that is older than the log-in in another one, is
kept in the session until its editor is logged in again, and shown as it was typed. Nothing is saved by that.

Only a form that this site gave to a member of staff is kept, and shown to nobody else: it carries the signed key of
whom it was made for. So a stranger can neither fill the session store nor put words into an editor's form.
"""

import functools
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.views.csrf import csrf_failure as stock_csrf_failure

FIELD = "opened_by"
SESSION_KEY = "typed"
SALT = "ardsinfo.typed"
OPEN_FOR = 14 * 24 * 3600  # seconds that a form may stand open
AT_MOST = 8  # forms of one person, each in a window of its own

TOLD = (
    "Nothing is saved yet: your log-in had run out, or you logged in again in another window. What you typed is "
    "below. Look through it and save it."
)


def token(user: AbstractBaseUser | AnonymousUser) -> str:
    """What a form carries to say for whom it was made."""
    return signing.dumps(user.pk, salt=SALT)


def owner(request: HttpRequest) -> Any:
    """The key of whom the form that was sent was made for; None if it was not ours."""
    try:
        return signing.loads(request.POST.get(FIELD, ""), salt=SALT, max_age=OPEN_FOR)
    except signing.BadSignature:
        return None


def keep(request: HttpRequest) -> bool:
    """Keep what was sent, if the form was ours. True if it was kept."""
    whose = owner(request)
    if whose is None:
        return False
    sent = request.POST.copy()
    sent.pop("csrfmiddlewaretoken", None)
    there = request.session.get(SESSION_KEY, {})
    there.pop(request.path, None)
    there[request.path] = {"owner": whose, "sent": sent.urlencode()}
    request.session[SESSION_KEY] = dict(list(there.items())[-AT_MOST:])
    return True


def typed(request: HttpRequest, path: str = "") -> QueryDict | None:
    """What this person sent to this address (or to `path`) and what is not saved yet."""
    there = request.session.get(SESSION_KEY, {}).get(path or request.path)
    return QueryDict(there["sent"]) if there and there["owner"] == request.user.pk else None


def forget(request: HttpRequest, path: str = "") -> None:
    if request.session.get(SESSION_KEY, {}).pop(path or request.path, None):
        request.session.modified = True


def keeping(view: Callable[..., HttpResponse], may: Callable[[HttpRequest], bool]) -> Callable[..., HttpResponse]:
    """The view, which keeps what is sent to it by somebody whose log-in has run out."""

    @functools.wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not may(request):
            keep(request)
        return view(request, *args, **kwargs)

    return inner


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's refusal, unless the form is one that we can keep: then it is shown again, as it was typed."""
    if keep(request):
        return HttpResponseRedirect(request.path)
    return stock_csrf_failure(request, reason)
