from typing import Any

import pytest
from django.test import Client

from tests.trials.admin.forms import client_of
from tests.users import editor


@pytest.fixture
def eva(db: Any) -> Client:
    """The browser of an editor who is logged in."""
    return client_of(editor())
