"""How many values of a study, without its rows, read “not yet checked”: counted by the database, for many at once.

The page of a study counts the blanks of its groups, registrations and author list as well.
"""

from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When

from trials import vocabulary as v
from trials.models import Blank, Trial
from trials.models.values import CELL_SOURCE, shown_values

NO_BLANK = ("acronym",)  # a study without one has no blank on its page


def with_unchecked(trials: QuerySet[Trial]) -> QuerySet[Any]:
    """Return the studies with `unchecked`, the number of values that are empty without any other reason."""
    total: Any = Value(0)
    for name, paths in shown_values().items():
        if name not in NO_BLANK:
            explained = Blank.objects.filter(trial=OuterRef("pk"), value__in=paths).exclude(
                reason=v.BlankReason.NOT_CHECKED
            )
            empty = Q()
            for path in paths:
                column = "cell_sources" if path == CELL_SOURCE else path  # the derived column of the study
                empty &= Q(**{f"{column}__isnull": True} if Trial._meta.get_field(column).null else {column: ""})
            total += Case(When(empty & ~Exists(explained), then=1), default=0)
    return trials.annotate(unchecked=total)
