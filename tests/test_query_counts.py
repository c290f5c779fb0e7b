"""How often each public page asks the database: as often with 800 studies as with 8."""

import pytest
from django.db import connection
from django.test import Client

from tests.factories import make_country, make_page, make_term, make_trial
from trials.catalogue import catalogue
from trials.models import Arm, Blank, FormerSlug, OutcomeCount, Registration, Source, Trial

DESIGNS = ["randomised", "controlled", "single-arm", "case-series"]


def fill(number: int) -> None:
    """`number` published studies, each with groups, counts, countries and sources, in a few statements."""
    for slug in ("overview", "glossary", "about"):
        make_page(slug=slug, title=slug.title(), body="About a placebo. [List](/trials/)")
    make_term()
    countries = [make_country(code=code) for code in ("ID", "TR", "FR")]
    pattern = make_trial(slug="pattern", status="draft", rows=False)
    values = {
        field.name: getattr(pattern, field.name)
        for field in Trial._meta.concrete_fields
        if field.name not in ("id", "publication_year")
    }
    pattern.delete()
    trials = Trial.objects.bulk_create(
        Trial(
            **values
            | {
                "slug": f"study-{n:03}",
                "status": "published",
                "title": f"Cells number {n}",
                "design": DESIGNS[n % 4],
                "control": "placebo" if n % 4 < 2 else "none",
                "publication_date": str(1950 + n % 70),
                "search_text": f"cells number {n}",
                "author_key": f"smith {n % 50}",
                "cell_sources": ",placenta,",
                "country_codes": [",ID,", ",ID,TR,", ",FR,ID,TR,"][n % 3],
                "people": 18,
                "cells_people": 9,
                "comparison_people": 9,
                "cells_deaths": 3,
                "cells_out_of": 9,
                "comparison_deaths": 3,
                "comparison_out_of": 9,
            }
        )
        for n in range(number)
    )
    link = Trial.countries.through
    link.objects.bulk_create(
        link(trial=trial, country=country) for n, trial in enumerate(trials) for country in countries[: 1 + n % 3]
    )
    arms = Arm.objects.bulk_create(
        Arm(trial=t, position=p, name=f"Group {p}", role=r, cell_source=c, randomised=10, analysed=9)
        for t in trials
        for p, r, c in ((1, "cells", "placenta"), (2, "comparison", ""))
    )
    OutcomeCount.objects.bulk_create(
        OutcomeCount(trial=a.trial, position=a.position, arm=a, outcome="death", events=3, total=9, headline=True)
        for a in arms
    )
    for model, row in (
        (Registration, {"position": 1, "registry": "irct", "identifier": "IRCT1"}),
        (
            Source,
            {
                "position": 1,
                "value": "title",
                "label": "A",
                "kind": "paper",
                "address": "https://a.example",
                "quote": "x",
            },
        ),
        (Blank, {"value": "age", "reason": "not-checked"}),
    ):
        model.objects.bulk_create(model(trial=trial, **row) for trial in trials)
    FormerSlug.objects.create(slug="moved", trial=trials[0])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # what other tests rolled back may have told the database that its tables are empty


# Address, the number of queries, and a word that shows that the page is the right one.
PAGES = [
    ("/", 7, "published studies"),
    ("/trials/", 6, "Cells number"),
    ("/trials/?view=table&sort=largest", 6, "Characteristics of the studies"),
    ("/trials/?design=randomised&country=ID&cells=placenta&q=cells&year_min=1950", 7, "Cells number"),
    ("/trials/?design=single-arm&design=case-series&sort=author", 6, "Cells number"),
    ("/trials/?q=nothing", 6, "No study matches"),
    ("/trials/?design=nonsense", 5, "nonsense"),
    ("/trials/?page=99", 5, "There is no such page"),
    ("/trials/study-005/", 13, "Cells number 5"),
    ("/trials/nobody/", 4, "Page not found"),
    ("/trials/moved/", 3, ""),
    ("/about/", 4, "placebo"),
    ("/glossary/", 4, "A treatment that does nothing."),
    ("/nothing/", 3, "Page not found"),
    ("/trials/study-005/history/", 5, "has not changed since"),
    ("/changes/", 4, "Nothing has changed yet"),
    ("/sitemap.xml", 8, "study-005"),
    ("/robots.txt", 0, "Disallow"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("number", [8, 800])
def test_queries_of_every_public_page(client: Client, django_assert_num_queries, number: int) -> None:
    fill(number)
    assert Trial.objects.public().count() == number
    catalogue()  # as in a process that has shown a list since the last change; of the first one see test_catalogue.py
    for address, queries, word in PAGES:
        with django_assert_num_queries(queries, info=address):
            response = client.get(address)
        assert word in response.content.decode(), address
