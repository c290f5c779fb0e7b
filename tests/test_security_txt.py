"""/.well-known/security.txt names a contact, or is not there; its date is looked after; and SECURITY.md agrees."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from ardsinfo.security_txt import EXPIRES
from tests.dom import tree
from tests.tools import PROJECT

ADDRESS = "/.well-known/security.txt"


def test_date_lies_ahead_and_not_too_far() -> None:
    """When this fails: read ardsinfo/security_txt.py and SECURITY.md again, and set the date to a year from now."""
    left = EXPIRES - datetime.now(UTC)
    assert timedelta(days=60) < left < timedelta(days=366)


def test_file_says_whom_to_tell_and_until_when(client: Client, settings: Any) -> None:
    settings.CONTACT_EMAIL = "desk@ardsinfo.example.org"
    settings.SITE_URL, settings.HTTPS = "https://ardsinfo.example.org", True
    response = client.get(ADDRESS)
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    fields = [line for line in response.content.decode().splitlines() if not line.startswith("#")]
    assert fields == [
        "Contact: mailto:desk@ardsinfo.example.org",
        f"Expires: {EXPIRES.isoformat().replace('+00:00', 'Z')}",
        "Preferred-Languages: en",
        "Canonical: https://ardsinfo.example.org/.well-known/security.txt",
    ]


def test_site_on_plain_http_claims_no_address(client: Client, settings: Any) -> None:
    settings.CONTACT_EMAIL = "desk@ardsinfo.example.org"
    assert b"Canonical" not in client.get(ADDRESS).content


def test_without_a_contact_there_is_no_file_and_the_reason_is_said(client: Client) -> None:
    response = client.get(ADDRESS)
    assert response.status_code == 404
    assert response.content == (
        b"There is no security.txt here: this site has no contact address (ARDSINFO_CONTACT_EMAIL).\n"
    )


@pytest.mark.django_db
def test_security_md_names_the_way_that_is_there(client: Client, settings: Any) -> None:
    text = " ".join((PROJECT / "SECURITY.md").read_text().split())
    assert (
        "Write to the address in `/.well-known/security.txt` of the site that it concerns; the same address stands at "
        "the foot of its pages. A site whose owner has set no `ARDSINFO_CONTACT_EMAIL` has neither."
    ) in text
    for address, at_the_foot in (("desk@ards.info", ["mailto:desk@ards.info"]), ("", [])):
        settings.CONTACT_EMAIL = address
        links = [link["href"] for link in tree(client.get("/")).one("footer").all("a")]
        assert [link for link in links if link.startswith("mailto:")] == at_the_foot
        lines = client.get(ADDRESS).content.decode().splitlines()
        assert [line for line in lines if line.startswith("Contact:")] == [f"Contact: {to}" for to in at_the_foot]
