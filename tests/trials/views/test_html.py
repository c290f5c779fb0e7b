"""Every kind of page is valid HTML."""

import pytest
from django.test import Client

from tests.dom import parse
from tests.tools import PUBLIC_PAGES, assert_valid_html
from tests.users import reviewer
from trials.models import Trial
from trials.workflow import steps
from trials.workflow.revisions import newest_revision


@pytest.mark.django_db
def test_every_kind_of_page_is_valid_html(client: Client, all_records: None) -> None:
    monsel = Trial.objects.get(slug="monsel-2022")
    steps.archive(monsel, by=reviewer(), base=newest_revision(monsel).number, reason="It was retracted.")
    studies = [monsel.get_absolute_url(), *(trial.get_absolute_url() for trial in Trial.objects.public())]
    pages = {address: client.get(address).content for address in {*PUBLIC_PAGES.values(), *studies}}
    assert [address for address, html in pages.items() if parse(html).one("head").one("title").text == ""] == []
    descriptions = [parse(html).one("meta", name="description")["content"] for html in pages.values()]
    assert [text for text in descriptions if text != " ".join(text.split()) or not text] == []
    assert_valid_html(pages)
