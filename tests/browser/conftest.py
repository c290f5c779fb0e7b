from typing import Any

import pytest
from django.core.management import call_command


@pytest.fixture
def site_address(transactional_db: Any, live_server: Any) -> str:
    """The address, without a slash at the end, of a running site with the studies, pages and glossary."""
    call_command("loaddata", "studies", "pages", "glossary", "other_studies", "reviews", verbosity=0)
    return str(live_server.url)
