"""What to try where a list holds no study: the nearest words that find some, and the search without a word."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from django.http import QueryDict

from trials.listing.active_filters import PICKED, list_url
from trials.listing.filters import NARROWING, TrialFilter, quoted
from trials.listing.search import Search, Term, public_synonyms, searchable, words
from trials.models import OtherStudy
from trials.models.countries import COUNTRIES

MOST_TERMS = 6  # of a search that are looked at
MOST_TEXTS = 300  # of the newest studies, whose words are offered
MOST_NEAREST = 3
MOST_NOT_LISTED = 10
MOST_LETTERS = 2  # that a word has more or fewer
SHORTEST_WORD = 4  # letters of a word that is offered
LIKENESS = 0.75  # of difflib: “lanzonni” and “lanzoni” have 0.93, “monsell” and “hansell” 0.71


@dataclass(frozen=True)
class Suggestion:
    """A search that finds `count` studies with the other filters on. `left_out` is what it lacks."""

    query: str
    url: str
    count: int
    left_out: str = ""


class Suggestions:
    """All of it is read at once, for a template that runs no query."""

    def __init__(self, filterset: TrialFilter, query: QueryDict) -> None:
        self._public = filterset.without(*filterset.filters)
        self._others = filterset.without("q")
        self._filtered = bool(filterset.chosen.keys() & {*NARROWING} - {"q"})
        self._search = filterset.searched
        self._terms = self._search.terms[:MOST_TERMS]
        self._synonyms = public_synonyms() if self._search.query else []
        self._query = query
        self.nearest = self._nearest()
        unfiltered = self._unfiltered()
        self.without = [*self._shorter(), *unfiltered]
        others = OtherStudy.objects.public() if self._search.terms and not unfiltered else []
        self.not_listed = [each for each in others if self._search.matches(_searchable(each))][:MOST_NOT_LISTED]

    @property
    def sentence(self) -> str:
        """What is on, and what can be done about it."""
        if not self._search.query and not self._filtered:
            return "There are no studies on the list yet."
        if not self._search.query:
            return "No studies match your filters. Remove a filter."
        if not self._search.terms:
            return f"There is no word to search for in {quoted(self._search.query)}. Type a name, a word or a number."
        advice = "Try fewer words or remove a filter." if self._filtered else "Try fewer or other words."
        return f"No studies match your search. {advice}"

    def _nearest(self) -> list[Suggestion]:
        """Return the search with the nearest words in place of those that find nothing: of all, then of one."""
        candidates = {term: list(self._candidates(term)) for term in self._failing}
        best = {term: others[0] for term, others in candidates.items() if others}
        replacements = [best, *({term: other} for term, others in candidates.items() for other in others)]
        return self._that_find((self._with(each), "") for each in replacements if each)[:MOST_NEAREST]

    def _shorter(self) -> list[Suggestion]:
        """Return the search without a word that finds nothing; where each finds some, without one or another."""
        if len(self._terms) < 2:
            return []
        return self._that_find((self._with({term: ""}), term.query) for term in self._failing or self._terms)

    def _unfiltered(self) -> list[Suggestion]:
        """Return the same search without the filters, if that finds something."""
        count = self._public.filter(self._search.condition).count() if self._filtered else 0
        others = dict.fromkeys(self._query.keys() - {"q", "sort", "view", PICKED})
        url = list_url(self._query, **others)
        return [Suggestion(self._search.query, url, count, "the filters")] if count else []

    @cached_property
    def _failing(self) -> list[Term]:
        """The terms that find nothing even alone."""
        return [term for term in self._terms if not self._others.filter(term.condition).exists()]

    def _with(self, replaced: dict[Term, str]) -> str:
        """Return the search with other words in place of some of its terms."""
        return " ".join(filter(None, (replaced.get(term, term.query) for term in self._search.terms)))

    def _that_find(self, searches: Iterable[tuple[str, str]]) -> list[Suggestion]:
        return [
            Suggestion(query, list_url(self._query, q=query, page=None), count, left_out)
            for query, left_out in dict.fromkeys(searches)
            if (count := self._others.filter(Search(query, self._synonyms).condition).count())
        ]

    def _candidates(self, term: Term) -> Iterable[str]:
        """Return what may have been meant: the words without their quotation marks, or with one spelt otherwise."""
        found = [] if term.excluded else words(term.text)
        if term.quoted:
            yield " ".join(found)
        for index, word in enumerate(found):
            if word not in self._vocabulary:
                alike = [each for each in sorted(self._vocabulary) if abs(len(each) - len(word)) <= MOST_LETTERS]
                halves = ((word[:at], word[at:]) for at in range(len(word)))
                others = get_close_matches(word, alike, MOST_NEAREST, LIKENESS)
                others += [" ".join(two) for two in halves if self._vocabulary.issuperset(two)]
                yield from (" ".join([*found[:index], other, *found[index + 1 :]]) for other in others)

    @cached_property
    def _vocabulary(self) -> set[str]:
        """The words that can be found, longer ones only."""
        texts = self._public.sorted_by("newest").values_list("search_text", flat=True)[:MOST_TEXTS]
        found = {word for text in texts for word in text.split()}
        found |= {word for group in self._synonyms for member in group for word in words(member)}
        return {word for word in found if word.isalpha() and len(word) >= SHORTEST_WORD}


def _searchable(study: OtherStudy) -> str:
    """Return what a search looks in of a study that is not on the list."""
    texts = [study.name, study.title, study.first_author, str(study.year or ""), study.journal, study.dose]
    texts += [study.condition, study.design_wording, study.deaths_text, study.sources]
    texts += [word for code in study.countries for word in COUNTRIES[code].words]
    numbers = [study.doi, study.pmid, study.pmcid, *(number for number, _ in study.registration_list)]
    return searchable(filter(None, texts), filter(None, numbers))


def as_phrase(filterset: TrialFilter, query: QueryDict, found: int) -> Suggestion | None:
    """Return the search with its words together, in this order, if fewer than the `found` studies have them so."""
    search = filterset.searched
    if len(search.terms) < 2 or any(term.quoted or term.excluded for term in search.terms):
        return None
    unquoted = re.sub('["“”„«»]', " ", search.query)
    phrase = f"“{' '.join(unquoted.split())}”"
    count = filterset.without().filter(Search(phrase, ()).condition).count()  # what has the phrase has its words
    return Suggestion(phrase, list_url(query, q=phrase, page=None), count) if 0 < count < found else None
