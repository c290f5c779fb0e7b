"""Lists of editors and of changes are cut out of an index, so that their first page costs the same for 100,000 studies.

The databases are asked how they would go about it.
"""

from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from tests.factories import make_trial
from trials.admin.road import RoadFilter
from trials.changelog import lately
from trials.models import Trial

pytestmark = pytest.mark.django_db


def plan(found: Any) -> str:
    """How the database would find these rows, if its tables were long."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # so few rows are read and sorted faster without any index
            cursor.execute(
                "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off"
            )
    said = found.explain()
    assert "TEMP B-TREE" not in said
    return said


def test_the_list_of_studies_in_the_admin() -> None:
    request = RequestFactory().get("/admin/trials/trial/")
    studies = admin.site.get_model_admin(Trial).get_queryset(request)
    assert "trials_trial_all_newest" in plan(studies.order_by(*Trial._meta.ordering).values_list("pk")[:50])


def test_a_search_in_the_admin_is_made_to_count_and_to_cut_and_not_to_fetch(admin_client, monkeypatch) -> None:
    for number in range(5):
        make_trial(slug=f"smith-{number}", title="Marrow", publication_date=f"202{number}", rows=False)
    make_trial(slug="adas-2021", title="Cord", rows=False)
    monkeypatch.setattr(type(admin.site.get_model_admin(Trial)), "list_per_page", 2)
    with CaptureQueriesContext(connection) as asked:
        page = admin_client.get("/admin/trials/trial/?q=marrow&p=2").context["cl"]
    assert [trial.slug for trial in page.result_list] == ["smith-2", "smith-1"]
    assert [trial.newest_step for trial in page.result_list] == [None, None]  # which the list asks for along with each
    assert page.result_count == 5
    assert sum("marrow" in query["sql"] for query in asked.captured_queries) == 2


@pytest.mark.parametrize("value", ["review", "draft"])
def test_the_filter_for_what_waits(value: str) -> None:
    request = RequestFactory().get("/admin/trials/trial/", {"road": value})
    model_admin = admin.site.get_model_admin(Trial)
    chosen = RoadFilter(request, {"road": [value]}, Trial, model_admin)
    assert "trials_revision_not_live" in plan(chosen.queryset(request, Trial.objects.order_by()))


def test_the_studies_changed_last() -> None:
    assert "trials_trial_updated" in plan(Trial.objects.order_by("-updated", "slug").values_list("pk")[:501])


def test_what_changed_lately() -> None:
    said = plan(lately().values_list("pk")[:20])
    assert "trials_revision_live_newest" in said or "trials_revision_newest" in said
