"""Every kind of page is valid HTML."""

import pytest
from django.test import Client

from tests.dom import parse
from tests.tools import PUBLIC_PAGES, assert_valid_html
from trials.models import Trial


@pytest.mark.django_db
def test_every_kind_of_page_is_valid_html(client: Client, all_records: None) -> None:
    addresses = {*PUBLIC_PAGES.values(), *(trial.get_absolute_url() for trial in Trial.objects.public())}
    pages = {address: client.get(address).content for address in sorted(addresses)}
    assert [address for address, html in pages.items() if parse(html).one("head").one("title").text == ""] == []
    assert_valid_html(pages)
