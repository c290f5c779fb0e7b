"""The files of the eight studies are in the one form that `dump_studies` writes, and hold what is worked out from them.

So a fixture that was edited in the admin gives a small difference in git, and after plain `loaddata`, which passes by
`trials/actions.py`, the search box finds the studies.
"""

import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from tests.tools import PROJECT

pytestmark = pytest.mark.django_db

EIGHT = [
    "adas-2021",
    "dilogo-2021",
    "hashemian-2021",
    "kaffash-farkhad-2022",
    "lanzoni-2021",
    "monsel-2022",
    "rebelatto-2022",
    "yip-2020",
]


@pytest.fixture
def copied(tmp_path: Path, settings: Any) -> Path:
    folder = tmp_path / "fixtures"
    shutil.copytree(PROJECT / "fixtures", folder)
    settings.FIXTURE_DIRS = [folder]
    return folder


def test_each_study_file_is_what_dump_studies_writes(copied: Path) -> None:
    call_command("load_studies", verbosity=0)
    out = StringIO()
    call_command("dump_studies", stdout=out)
    assert out.getvalue().splitlines() == [f"unchanged  {slug}.json" for slug in EIGHT]


def test_plain_loaddata_is_enough_for_the_search(client: Client) -> None:
    call_command("loaddata", "countries", "glossary", "pages", *EIGHT, verbosity=0)
    html = client.get("/trials/", {"q": "türkiye wharton"}).content.decode()
    assert "1 of 8 studies" in html
    assert "/trials/adas-2021/" in html
