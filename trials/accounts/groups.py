"""The three groups of staff and their rights."""

from typing import Any

from django.apps import apps as installed_apps

EDITORS, REVIEWERS, SITE_ADMINISTRATORS = "Editors", "Reviewers", "Site administrators"

_RECORDS = ("trial", "page", "glossaryterm", "otherstudy", "review")
_EDIT = {f"trials.{action}_{record}" for record in _RECORDS for action in ("view", "add", "change")}
_PUBLISH = {f"trials.publish_{record}" for record in _RECORDS}
_DELETE = {f"trials.delete_{record}" for record in _RECORDS}
_USERS = {f"auth.{action}_{model}" for model in ("user", "group") for action in ("view", "add", "change", "delete")}

RIGHTS: dict[str, set[str]] = {EDITORS: _EDIT | {"trials.view_revision"}}
RIGHTS[REVIEWERS] = RIGHTS[EDITORS] | _PUBLISH
RIGHTS[SITE_ADMINISTRATORS] = RIGHTS[REVIEWERS] | _DELETE | _USERS | {"admin.view_logentry"}


def administrators() -> list[str]:
    """Return the names of those who can put a colleague into a group."""
    can: Any = installed_apps.get_model("auth", "User").objects.with_perm("auth.change_user")
    return list(can.filter(is_active=True, is_staff=True).order_by("username").values_list("username", flat=True))


def make_groups(using: str, apps: Any = installed_apps, **kwargs: Any) -> None:
    """Give each group exactly its rights. Connected to `post_migrate`, so it undoes changes made by hand."""
    try:
        Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    except LookupError:  # the tables of users are not there yet, or not any more
        return
    for name, rights in RIGHTS.items():
        group, _ = Group.objects.using(using).get_or_create(name=name)
        permissions = Permission.objects.using(using).filter(
            codename__in=[right.partition(".")[2] for right in rights],
            content_type__app_label__in={right.partition(".")[0] for right in rights},
        )
        group.permissions.set(permissions)
