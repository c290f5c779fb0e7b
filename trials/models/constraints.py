"""Constraints with names that begin with the name of their model: a second barrier, after the checks in Python."""

from typing import Any

from django.db.models import CheckConstraint, Q, UniqueConstraint

NAME = "%(app_label)s_%(class)s_{}"  # filled in by Django


def check(name: str, condition: Q) -> CheckConstraint:
    return CheckConstraint(condition=condition, name=NAME.format(name))


def known(field: str, vocabulary: Any, *, blank: bool = False) -> CheckConstraint:
    """Return the constraint that a column holds a code of the vocabulary or, if `blank`, an empty text."""
    return check(f"{field}_known", Q(**{f"{field}__in": [*([""] if blank else []), *vocabulary.values]}))


def unique(name: str, *fields: str, where: Q | None = None) -> UniqueConstraint:
    return UniqueConstraint(fields=fields, condition=where, name=NAME.format(name))
