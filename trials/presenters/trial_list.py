"""The list of studies as its page shows it."""

from functools import partial
from typing import NamedTuple

from django.conf import settings
from django.core.paginator import Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils.text import get_text_list

from trials.listing.active_filters import (
    COUNT,
    LIST,
    PARAMETERS,
    PICKED,
    active_filters,
    clear_all_url,
    known_parameters,
    list_url,
)
from trials.listing.facets import Counts
from trials.listing.filters import NARROWING, SORTS, VIEWS, TrialFilter, quoted
from trials.listing.suggestions import Suggestions, as_phrase
from trials.models import Trial
from trials.presenters.card import TrialCard

PAGE_SIZE = 20
MOST_NAMED = 2  # filters in the title of the page
MOST_PICKED = 20  # studies ticked that the page remembers, so that a reader can let go those too many
MOST_UNKNOWN = 5  # parameters named that the page does not know

# The columns of the table that sort the list: column -> (order, its direction), the first the one to begin with.
COLUMNS = {
    "study": {"author": "ascending"},
    "year": {"newest": "descending", "oldest": "ascending"},
    "people": {"largest": "descending", "smallest": "ascending"},
}


class Option(NamedTuple):
    """A way to sort the list or to show it, with the address of the list sorted or shown so."""

    label: str
    url: str
    current: bool


class Header(NamedTuple):
    """The head of a column that sorts. `direction` is that of the list as it is now, `url` sorts it another way."""

    direction: str
    url: str


class TrialList:
    """The page of the list that a query asks for. All of it is read at once."""

    count_fragment = COUNT

    def __init__(self, query: QueryDict) -> None:
        filterset = TrialFilter(query)
        self.parameters = known_parameters(query)
        self.unknown = [quoted(name) for name in query if name not in PARAMETERS[LIST]]
        self.problems = filterset.problems
        self.query = filterset.chosen.get("q", "")
        self.sort = filterset.chosen.get("sort", "newest")
        self.view = filterset.chosen.get("view", "list")
        self.counts = Counts(filterset)
        self.totals = self.counts.totals
        studies = filterset.qs.prefetch_related("judgements") if self.view == "table" else filterset.qs
        self.paginator = Paginator(studies, PAGE_SIZE)
        self.paginator.count = self.totals.studies  # without a query of its own
        number = filterset.chosen.get("page", 1)
        beyond = number > self.paginator.num_pages
        self.status = 404 if beyond else 200
        if self.problems:
            self.status = 400
        self.page = self.paginator.page(1 if beyond else number)
        self.cards = [] if self.status == 404 else [TrialCard(trial) for trial in self.page.object_list]
        # The studies ticked for a comparison; of those on other pages of the list, their names.
        self.picked = [slug for slug in query.getlist(PICKED) if "\x00" not in slug][:MOST_PICKED]
        elsewhere = {*self.picked} - {card.trial.slug for card in self.cards}
        self.picked_elsewhere = list(Trial.objects.public().filter(slug__in=elsewhere).sorted_by("author"))
        self.page_numbers = self.paginator.get_elided_page_range(self.page.number, on_each_side=1, on_ends=1)
        self.searched_for = filterset.searched.also
        self.left_out = filterset.searched.left_out
        self.phrase = as_phrase(filterset, query, self.totals.studies)
        self.suggestions = None if self.cards or self.status != 200 else Suggestions(filterset, query)
        every_study = not self.problems and not filterset.chosen.keys() & {*NARROWING}
        self.all_studies = self.totals.studies if every_study else Trial.objects.public().count()
        self.active_filters = active_filters(filterset, query)
        self.clear_all_url = clear_all_url(query, [name for name, _, _ in self.problems])
        self.filters_on = sum(each.name != "q" for each in self.active_filters)
        url = partial(list_url, self.parameters)
        sorts = [Option(label, url(sort=code, page=None), code == self.sort) for code, label in SORTS.items()]
        views = [Option(label, url(view=code), code == self.view) for code, label in VIEWS.items()]
        self.options = {"Sort by": sorts, "Show as": views}
        self.first_page_url = url(page=None)
        self.address = settings.SITE_URL + reverse("trials:trial-list")  # the whole of it, for print
        self.address += f"?{self.parameters.urlencode()}" if self.parameters else ""

    @property
    def title(self) -> str:
        """The title of the page, such as: Studies: randomised controlled trial, Brazil and 2 more, page 3."""
        named = [each.in_sentence for each in self.active_filters]
        rest = len(named) - MOST_NAMED
        filters = ", ".join(named[:MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
        page = f", page {self.page.number}" if self.page.number > 1 else ""
        return f"Studies{': ' if filters else ''}{filters}{page}"

    @property
    def headers(self) -> dict[str, Header]:
        """The heads of the columns that sort. The one that sorts now offers its other order, or else the usual one."""
        found = {}
        for name, orders in COLUMNS.items():
            offered = next((code for code in orders if code != self.sort), None)
            found[name] = Header(orders.get(self.sort, ""), list_url(self.parameters, sort=offered, page=None))
        return found

    @property
    def ignored(self) -> str:
        """The names in the address that the page does not know, such as: “colour” and “size”."""
        named, more = self.unknown[:MOST_UNKNOWN], len(self.unknown) - MOST_UNKNOWN
        return get_text_list([*named, f"{more} more"] if more > 0 else named, "and")
