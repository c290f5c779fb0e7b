"""A number that is larger than a column can hold is found nowhere. It is no fault of the site."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from trials.models import Trial

LARGE = "669150551980113497894"  # a column of either database holds less than 2 to the power of 63


@pytest.mark.parametrize("number", [int(LARGE), -int(LARGE), 2**63, -(2**63) - 1])
def test_it_is_found_nowhere_and_hides_nothing(eight_studies: None, number: int) -> None:
    there = Trial.objects.get(slug="dilogo-2021")
    assert list(Trial.objects.filter(pk__in=[number, there.pk])) == [there]
    assert list(Trial.objects.filter(pk__in=[number])) == []
    assert Trial.objects.exclude(pk__in=[number]).count() == 8


def test_in_a_form_it_is_no_choice(admin_client: Client) -> None:
    page = admin_client.post("/admin/auth/group/add/", {"name": "Readers", "permissions": LARGE})
    assert f"Select a valid choice. {LARGE} is not one of the available choices." in page.content.decode()
    assert not Group.objects.filter(name="Readers").exists()


@pytest.mark.parametrize("list_of", ["auth/group", "trials/trial", "trials/glossaryterm"])
def test_ticked_in_a_list_it_is_no_record(eight_studies: None, admin_client: Client, list_of: str) -> None:
    before = Trial.objects.count(), Group.objects.count()
    page = admin_client.post(f"/admin/{list_of}/", {"action": "delete_selected", "_selected_action": LARGE})
    assert page.status_code == 200
    assert (Trial.objects.count(), Group.objects.count()) == before == (8, 3)
