"""The three groups of people who work here, and their rights. `migrate` makes them so each time it runs."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as all_apps

EDITORS, REVIEWERS, SITE_ADMINISTRATORS = "Editors", "Reviewers", "Site administrators"

RECORDS = ("trial", "page", "glossaryterm", "country")

_EDIT = {f"trials.{action}_{record}" for record in RECORDS for action in ("view", "add", "change")}
_REVIEW = {f"trials.publish_{record}" for record in ("trial", "page", "glossaryterm")}
_PEOPLE = {f"auth.{action}_{model}" for model in ("user", "group") for action in ("view", "add", "change", "delete")}

RIGHTS: dict[str, set[str]] = {EDITORS: _EDIT | {"trials.view_revision"}}
RIGHTS[REVIEWERS] = RIGHTS[EDITORS] | _REVIEW
RIGHTS[SITE_ADMINISTRATORS] = (
    RIGHTS[REVIEWERS] | _PEOPLE | {"trials.view_auditevent"} | {f"trials.delete_{record}" for record in RECORDS}
)


def make_groups(sender: AppConfig, using: str, apps: Any = all_apps, **kwargs: Any) -> None:
    """Give each group exactly its rights, whatever somebody made of it. Runs after every migration."""
    try:
        Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    except LookupError:  # migrated back to before there were people
        return
    ids = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.using(using).values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    for name, rights in RIGHTS.items():
        group, _ = Group.objects.using(using).get_or_create(name=name)
        wanted = {ids[right] for right in rights if right in ids}
        # Straight in the table between the two: nobody changed a right here, and the audit log would say so.
        rows = Group.permissions.through.objects.using(using)
        there = set(rows.filter(group_id=group.pk).values_list("permission_id", flat=True))
        rows.filter(group_id=group.pk, permission_id__in=there - wanted).delete()
        rows.bulk_create([rows.model(group_id=group.pk, permission_id=pk) for pk in sorted(wanted - there)])
