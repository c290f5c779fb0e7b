"""Studies for the tests of lists, with the columns that lists read set directly."""

import datetime
from typing import Any

from trials.listing.search import fold, searchable
from trials.models import Trial


def study(slug: str, **values: Any) -> Trial:
    """Return a new published study, not saved. Name the values that matter to the test."""
    defaults = {
        "slug": slug,
        "status": "published",
        "title": f"Title of {slug}",
        "authors": "Smith, Jane\nBrown, Ann",
        "journal": "Journal of Trials",
        "publication_date": "2021-06-08",
        "design": "randomised",
        "masking": "double",
        "cause": "covid-19",
        "phase": "2",
        "last_reviewed": datetime.date(2026, 11, 22),
    }
    trial = Trial(**defaults | values)
    trial.author_key = trial.author_key or fold(trial.lead_author)
    trial.search_text = trial.search_text or searchable([trial.title, *trial.authors.splitlines()])
    return trial


def save(*trials: Trial) -> list[Trial]:
    return Trial.objects.bulk_create(trials)
