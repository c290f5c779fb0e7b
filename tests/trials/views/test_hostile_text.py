"""Text in any field of a record is shown as text on every public page and in the feed."""

import pytest
from django.db import models
from django.test import Client

from tests.dom import tree
from tests.factories import (
    arm,
    blank,
    citation,
    count,
    published_page,
    published_term,
    published_trial,
    registration,
    source,
)
from trials.models import GlossaryTerm, Page, Revision, Trial
from trials.workflow.documents import KINDS, ROWS, document_of

pytestmark = pytest.mark.django_db
HOSTILE = """zq"'></h1></title></textarea><zq onload=alert(1)>{{ 1|add:1 }}{% debug %}<script>zq</script>&zq;"""
# Texts whose form is limited by validators, so that hostile text cannot be saved. They are overwritten all the same,
# but for those that are part of an address or have to be read as a date.
NOT_OVERWRITTEN = {"slug", "key", "status", "publication_date", "value", "kind", "identifier"}


def overwrite(model: type[models.Model]) -> None:
    """Put the hostile text into each text of each row of the model, past the validators."""
    fields = [
        field.name
        for field in model._meta.concrete_fields
        if type(field) in (models.CharField, models.TextField, models.URLField)
        and not field.choices
        and field.name not in NOT_OVERWRITTEN
    ]
    for row in model._default_manager.all():
        values = {name: f"{HOSTILE}{row.pk}"[: model._meta.get_field(name).max_length] for name in fields}
        model._default_manager.filter(pk=row.pk).update(**values)


@pytest.fixture
def records() -> None:
    published_trial(
        dose="1",
        dose_unit="cells",
        arms=[arm()],
        counts=[count()],
        registrations=[registration(registry="other")],
        sources=[source()],
        citations=[
            citation("age", basis="inferred", note="x"),
            citation("counts.c1", "q2", basis="disputed", note="x"),
        ],
        blanks=[blank("sex")],
    )
    for slug in ("overview", "about", "glossary"):
        published_page(slug=slug)
    published_term()
    for model in (Trial, Page, GlossaryTerm, *ROWS.values()):
        overwrite(model)
    for model, kind in KINDS.items():
        for record in model._default_manager.all():
            values = {"kind": kind, "record_id": record.pk, "name": record.slug, "step": "published", "live": True}
            Revision.objects.create(number=2, reason=HOSTILE, data=document_of(record), made_by=HOSTILE, **values)


@pytest.mark.parametrize(
    "address",
    [
        "/", "/trials/", "/trials/?view=table", "/trials/smith-2021/", "/trials/smith-2021/history/", "/changes/",
        "/about/", "/glossary/",
    ],
)  # fmt: skip
def test_hostile_text_is_shown_as_text(client: Client, records: None, address: str) -> None:
    response = client.get(address)
    page = tree(response)
    assert response.status_code == 200
    assert page.all("zq") == []
    scripts = [script for script in page.all("script") if script.get("type") != "application/ld+json"]
    assert [script for script in scripts if not script.get("src").startswith("/static/")] == []
    assert [element.tag for element in page.everything() if any(name.startswith("on") for name in element.attrs)] == []
    assert [link["href"] for link in page.all("a") if link.get("href").lower().startswith("javascript:")] == []
    text = response.content.decode()
    assert "{% debug %}" in text
    assert "{{ 1|add:1 }}" in text


def test_hostile_text_in_the_feed_is_shown_as_text(client: Client, records: None) -> None:
    text = client.get("/changes.atom").content.decode()
    assert "<zq" not in text
    assert "&amp;lt;zq" in text  # escaped once for XML, and once for the HTML of a summary


@pytest.mark.parametrize(
    "address",
    [
        "/trials/?design={}",
        "/changes/?page={}",
        "/trials/smith-2021/history/?page={}",
        "/{}/",
        "/trials/{}/",
    ],
)
def test_hostile_text_in_an_address_is_shown_as_text(client: Client, address: str) -> None:
    published_trial()
    response = client.get(address.format("%3Czq%20onload=alert(1)%3E"))
    assert response.status_code in (400, 404)
    assert tree(response).all("zq") == []
