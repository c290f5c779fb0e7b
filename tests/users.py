"""Members of staff for the tests. Asking for the same name again returns the same user."""

from typing import Any

from django.contrib.auth.models import Group, User

PASSWORD = "correct horse battery"


def member(name: str = "ann", *groups: str, **values: Any) -> User:
    """Return a member of staff in these groups, with an e-mail address and PASSWORD."""
    if user := User.objects.filter(username=name).first():
        return user
    defaults = {"email": f"{name}@example.org", "password": PASSWORD, "is_staff": True}
    user = User.objects.create_user(name, **defaults | values)
    user.groups.set([Group.objects.get(name=group) for group in groups])
    return user


def editor(name: str = "eva") -> User:
    return member(name, "Editors")


def reviewer(name: str = "rita") -> User:
    return member(name, "Reviewers")


def administrator(name: str = "ada") -> User:
    return member(name, "Site administrators")


def superuser(name: str = "root") -> User:
    return member(name, is_superuser=True)
