"""A form that could not be accepted outlives the log-in.

A form that is sent after its log-in has expired, or from a window opened before a later log-in, goes into the session.
The same person sees it again as they filled it in, once they are logged in. Nothing is saved by that.

A form carries a signed token that names the user it was made for. A form without one is not stored, so strangers cannot
fill the table of sessions, and a form is shown to the user it was made for alone.
"""

import functools
from collections.abc import Callable, Collection
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.views.csrf import csrf_failure as django_csrf_failure

FIELD = "opened_by"  # the hidden field with the token
SESSION_KEY = "unsent_forms"
SALT = "trials.admin.form_store"
SECONDS_OPEN = 14 * 24 * 3600
MOST_FORMS = 8  # in one session

MESSAGE = (
    "Nothing is saved yet: your log-in had expired, or you logged in again in another window. What you filled in is "
    "below. Check it and save it."
)
NOT_DONE = (
    "This was not done, nor submitted: your log-in had expired, or you logged in again in another window. What you "
    "wrote is below. Send it again."
)


def token(user: AbstractBaseUser | AnonymousUser) -> str:
    """Return what a form carries to name the user it was made for."""
    return signing.dumps(user.pk, salt=SALT)


def store(request: HttpRequest, path: str = "", only: Collection[str] = ()) -> bool:
    """Put the form that was sent into the session, for `path` or else that of the request: all fields or `only` these.

    Returns whether this site had made it.
    """
    try:
        owner = signing.loads(request.POST.get(FIELD, ""), salt=SALT, max_age=SECONDS_OPEN)
    except signing.BadSignature:
        return False
    if owner is None:  # the token of a visitor
        return False
    sent = request.POST.copy()
    for name in list(sent):
        if name == "csrfmiddlewaretoken" or (only and name not in only):
            del sent[name]
    forms = request.session.get(SESSION_KEY, {})
    path = path or request.path
    forms.pop(path, None)
    forms[path] = {"owner": owner, "sent": sent.urlencode()}
    request.session[SESSION_KEY] = dict(list(forms.items())[-MOST_FORMS:])
    return True


def load(request: HttpRequest, path: str = "") -> QueryDict | None:
    """Return what this user sent to `path`, by default the path of the request, and what was not accepted."""
    form = request.session.get(SESSION_KEY, {}).get(path or request.path)
    return QueryDict(form["sent"]) if form and form["owner"] == request.user.pk else None


def forget(request: HttpRequest, path: str = "") -> None:
    if request.session.get(SESSION_KEY, {}).pop(path or request.path, None):
        request.session.modified = True


def with_form_store(
    view: Callable[..., HttpResponse], has_permission: Callable[[HttpRequest], bool]
) -> Callable[..., HttpResponse]:
    """Return the view, which stores the form of a user whose log-in has expired."""

    @functools.wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not has_permission(request):
            store(request)
        return view(request, *args, **kwargs)

    return wrapper


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Show a form of this site again, and refuse any other as Django does."""
    if store(request):
        return HttpResponseRedirect(request.path)
    return django_csrf_failure(request, reason)
