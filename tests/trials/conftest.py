from typing import Any

import pytest
from django.core.management import call_command


@pytest.fixture
def all_records(db: Any) -> None:
    """All records that come with the site."""
    call_command("loaddata", "studies", "pages", "glossary", "other_studies", "reviews", verbosity=0)
