"""What `migrate` adds after the tables, so that a new database needs nothing else."""

from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.db import connection
from django.db.models import UniqueConstraint
from django.db.models.functions import Upper

from trials.accounts.groups import RIGHTS

# The log-in finds no account where two names differ only in case. The table is Django's own, so no migration has this.
ONE_NAME = UniqueConstraint(
    Upper("username"),
    name="auth_user_username_any_case",
    violation_error_message="Another account has this name. Capitals make no difference.",
)


def after_migrate(**kwargs: Any) -> None:
    """Create the table of the database cache, the groups and the constraint on names. Connected to `post_migrate`."""
    call_command("createcachetable", verbosity=0)
    with connection.cursor() as cursor:
        there = connection.introspection.get_constraints(cursor, User._meta.db_table)
    if not there:  # `migrate` was told to stop before the tables of users
        return
    make_groups()
    if ONE_NAME.name not in there:
        with connection.schema_editor() as editor:
            editor.add_constraint(User, ONE_NAME)


def make_groups() -> None:
    """Give each group exactly its rights, which undoes changes made by hand."""
    for name, rights in RIGHTS.items():
        group, _ = Group.objects.get_or_create(name=name)
        apps, codenames = zip(*(right.split(".") for right in rights), strict=True)
        group.permissions.set(Permission.objects.filter(content_type__app_label__in=apps, codename__in=codenames))
