"""Pages of a long list, cut by keys."""

from typing import Any

from django.core.paginator import Page, Paginator


class KeysFirst(Paginator):  # type: ignore[type-arg]
    """Looks up the keys of a page before it fetches the page.

    To leave out the first 90,000 rows a database makes each of them, with all its columns and subqueries, and throws
    them away. Of a key alone an index knows enough.
    """

    def __init__(self, rows: Any, per_page: int, *, whole: Any = None) -> None:
        """`whole` is where the rows are fetched from: all there are, where a search would be made again for them."""
        super().__init__(rows, per_page)
        self.whole = rows if whole is None else whole

    def page(self, number: int | str) -> "Page[Any]":
        checked = self.validate_number(number)
        start = (checked - 1) * self.per_page
        rows: Any = self.object_list
        keys = list(rows.values_list("pk", flat=True)[start : start + self.per_page])
        there = self.whole.in_bulk(keys)
        return Page([there[key] for key in keys if key in there], checked, self)
