"""The list of studies as its page shows it."""

from django.core.paginator import Paginator
from django.http import QueryDict

from trials.listing.active_filters import active_filters, clear_all_url
from trials.listing.facets import facets, year_choices
from trials.listing.filters import SORTS, VIEWS, TrialFilter
from trials.listing.suggestions import Suggestions
from trials.listing.totals import totals
from trials.models import Trial
from trials.presenters.card import TrialCard

PAGE_SIZE = 20


class TrialList:
    """The page of the list that a query asks for. All of it is read at once: the template runs no query."""

    sorts = SORTS
    views = VIEWS

    def __init__(self, query: QueryDict) -> None:
        filterset = TrialFilter(query)
        self.problems = filterset.problems
        self.query = filterset.chosen.get("q", "")
        self.sort = filterset.chosen.get("sort", "newest")
        self.view = filterset.chosen.get("view", "list")
        self.totals = totals(filterset.qs)
        self.paginator = Paginator(filterset.qs, PAGE_SIZE)
        self.paginator.count = self.totals.studies  # without a query of its own
        number = filterset.chosen.get("page", 1)
        beyond = number > self.paginator.num_pages
        self.status = 400 if self.problems else 404 if beyond else 200
        self.page = self.paginator.page(1 if beyond else number)
        self.cards = [] if self.status == 404 else [TrialCard(trial) for trial in self.page.object_list]
        self.page_numbers = self.paginator.get_elided_page_range(self.page.number, on_each_side=1, on_ends=1)
        self.searched_for = filterset.searched.also
        self.suggestions = None if self.cards or self.status != 200 else Suggestions(filterset, query)
        self.all_studies = Trial.objects.public().count()
        self.active_filters = active_filters(filterset, query)
        self.clear_all_url = clear_all_url(query)
        # The design is always open; the other facets fold away on a narrow screen.
        self.design_facet, *self.more_facets = facets(filterset)
        self.more_active = sum(each.name not in ("q", "design") for each in self.active_filters)
        self.first_years, self.last_years = year_choices(filterset)

    @property
    def title(self) -> str:
        """The title of the page, such as: Studies: 2 filters on, page 3."""
        number = len(self.active_filters)
        filters = f": {number} filter{'' if number == 1 else 's'} on" if number else ""
        return f"Studies{filters}" + (f", page {self.page.number}" if self.page.number > 1 else "")
