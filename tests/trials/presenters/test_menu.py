"""The menu and the foot of each page hold the public pages that staff put there."""

from typing import Any

import pytest

from tests.factories import published_page
from tests.users import reviewer
from trials.presenters.menu import SiteLinks
from trials.workflow import steps

pytestmark = pytest.mark.django_db


def test_public_pages_with_a_place_are_in_its_order(django_assert_num_queries: Any) -> None:
    about = published_page(menu_position=2, footer_position=1)
    methods = published_page(slug="methods", title="Methods", menu_position=1)
    published_page(slug="news", title="News")
    gone = published_page(slug="old", title="Old", menu_position=3)
    steps.archive(gone, by=reviewer(), base=1, reason="Out of date.")
    with django_assert_num_queries(1):
        links = SiteLinks()
    assert (links.menu, links.footer) == ([methods, about], [about])


def test_pages_of_the_site_keep_their_places(all_records: None) -> None:
    links = SiteLinks()
    assert [page.slug for page in links.menu] == ["relatives", "about"]
    assert [page.slug for page in links.footer] == ["methods", "glossary", "independence", "accessibility", "data"]
    assert [page.title_in_menu for page in links.menu] == ["For relatives", "About"]
