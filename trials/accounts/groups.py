"""The three groups of staff and their rights, which are the same for every kind of record."""

from django.contrib.auth.models import User

from trials.workflow.rights import PUBLISH

EDITORS, REVIEWERS, SITE_ADMINISTRATORS = "Editors", "Reviewers", "Site administrators"

_RECORDS = ("trial", "page", "glossaryterm", "otherstudy", "review")
_EDIT = {f"trials.{action}_{record}" for record in _RECORDS for action in ("view", "add", "change")}
_USERS = {f"auth.{action}_user" for action in ("view", "add", "change", "delete")}

RIGHTS: dict[str, set[str]] = {EDITORS: _EDIT}
RIGHTS[REVIEWERS] = RIGHTS[EDITORS] | {PUBLISH}
RIGHTS[SITE_ADMINISTRATORS] = RIGHTS[REVIEWERS] | _USERS | {"admin.view_logentry"}


def administrators() -> list[str]:
    """Return the names of those who can put a colleague into a group."""
    found = User.objects.with_perm("auth.change_user").filter(is_active=True, is_staff=True)
    return list(found.order_by("username").values_list("username", flat=True))
