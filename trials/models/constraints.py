"""Constraints with names that begin with the name of their model: a second barrier, after the checks in Python."""

from typing import Any

from django.db.models import BaseConstraint, CheckConstraint, Q, UniqueConstraint
from django.db.models.functions import Lower

NAME = "%(app_label)s_%(class)s_{}"  # filled in by Django


def check(name: str, condition: Q) -> CheckConstraint:
    return CheckConstraint(condition=condition, name=NAME.format(name))


def in_vocabulary(field: str, vocabulary: Any, *, blank: bool = False) -> CheckConstraint:
    """Return the constraint that a column holds a code of the vocabulary or, if `blank`, an empty text."""
    return check(f"{field}_known", Q(**{f"{field}__in": [*([""] if blank else []), *vocabulary.values]}))


def unique(name: str, *fields: str, where: Q | None = None) -> UniqueConstraint:
    return UniqueConstraint(fields=fields, condition=where, name=NAME.format(name))


def identifiers() -> list[BaseConstraint]:
    """Return the constraints of the DOI, PubMed ID and PubMed Central ID of a record: two originals never share one."""
    return [
        *(unique(f"{name}_unique", name, where=Q(draft_of=None)) for name in ("doi", "pmid", "pmcid")),
        check("doi_in_small_letters", Q(doi=None) | Q(doi=Lower("doi"))),
        check("identifiers_null_not_empty", ~Q(doi="") & ~Q(pmid="") & ~Q(pmcid="")),
    ]
