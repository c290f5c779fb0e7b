"""What requests and writes cost with many studies: `python -m bench.costs 1000`, in the database of DATABASE_URL."""

import copy
import gc
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from trials.models import Trial  # noqa: E402
from trials.vocabulary import CellSource, Design, Masking, Phase, Status, Step  # noqa: E402
from trials.workflow import steps  # noqa: E402
from trials.workflow.derived import derive  # noqa: E402
from trials.workflow.documents import ROWS, build, document_of  # noqa: E402
from trials.workflow.revisions import add_revision, newest_revision, revisions  # noqa: E402

REPEATS = 7
BATCH = 2000
WORDS = [f"{first}{second}" for first in ("pulm", "strom", "resp", "card", "immun", "cyt") for second in
         ("onal", "aric", "etic", "olar", "emic", "osis", "itis", "ogen", "alin", "erol")]  # fmt: skip
CITATIONS = 4  # of each invented study
settings.ALLOWED_HOSTS = ["testserver"]


def invented(number: int, model: dict[str, Any], chance: random.Random) -> Trial:
    """Return a study in memory that resembles a real one. Half of the titles have “common”, 1 in 500 has “rare”."""
    document = copy.deepcopy(model)
    words = chance.sample(WORDS, 8) + ["common"] * (number % 2) + ["rare"] * (number % 500 == 0)
    document["fields"] |= {
        "slug": f"invented-{number}",
        "title": f"Invented study {number}: {' '.join(words)}",
        "titled_design": "", "titled_masking": "", "titled_phase": "",
        "authors": f"{chance.choice(WORDS).title()}, A B\n{chance.choice(WORDS).title()}, C",
        "doi": None, "pmid": None, "pmcid": None,
        "publication_date": f"{chance.randint(2005, 2026)}-{chance.randint(1, 12):02d}",
        "design": chance.choice(Design.values),
        "masking": chance.choice(Masking.values),
        "phase": chance.choice(Phase.values),
        "countries": [chance.choice(["BR", "FR", "ID", "IR", "TW", "TR", "US", "CN", "GB"])],
    }  # fmt: skip
    document["citations"] = document["citations"][:CITATIONS]
    document["blanks"] = []
    for arm in document["arms"]:
        arm["cell_source"] = chance.choice(CellSource.values) if arm["role"] == "cells" else ""
    trial = build(document, Trial(status=Status.PUBLISHED))
    derive(trial)
    return trial


def fill(size: int) -> None:
    """Load the eight studies and add invented ones until there are `size`."""
    call_command("load_studies", verbosity=0)
    chance = random.Random(1)  # noqa: S311 - the same studies each time
    models = [document_of(trial) for trial in Trial.objects.public().filter(slug__regex=r"-20\d\d$")[:8]]
    for start in range(Trial.objects.count(), size, BATCH):
        trials = [
            invented(number, models[number % len(models)], chance) for number in range(start, min(start + BATCH, size))
        ]
        rows = {kind: [row for trial in trials for row in getattr(trial, kind).all()] for kind in ROWS}
        for trial in trials:
            trial.pk = None
        Trial.objects.bulk_create(trials)
        for kind, row_model in ROWS.items():
            for row in rows[kind]:
                row.trial = row.trial  # the study has its primary key only now
            row_model._default_manager.bulk_create(rows[kind])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def measured(action: Callable[[], Any], prepare: Callable[[], Any]) -> tuple[float, int]:
    """Return the median milliseconds of CPU and the number of queries of an action, each time after `prepare`."""
    times = []
    for _ in range(REPEATS):
        prepare()
        gc.collect()
        start = time.process_time()
        action()
        times.append((time.process_time() - start) * 1000)
    prepare()
    with CaptureQueriesContext(connection) as queries:
        action()
    return statistics.median(times), len(queries)


def main(size: int) -> None:
    fill(size)
    staff, _ = get_user_model().objects.get_or_create(username="bench", is_staff=True, is_superuser=True)
    reader, editor = Client(), Client()
    editor.force_login(staff)
    ordinary = Trial.objects.public().order_by("pk")[size // 2]
    complete = Trial.objects.public().get(slug="adas-2021")  # the invented ones have too few sources to be published
    if not revisions(ordinary).exists():
        add_revision(ordinary, Step.LOADED, "the site itself", live=True)
    counter = iter(range(10**9))

    def edit(trial: Trial) -> Any:
        draft = steps.start_draft(Trial.objects.get(pk=trial.pk))
        document = document_of(draft)
        document["fields"]["plain_summary"] = f"Summary {next(counter)}."
        return steps.save(draft, document, by=staff, base=newest_revision(draft).number)

    def save_ordinary() -> None:
        edit(ordinary)

    def publish_complete() -> None:
        steps.publish(complete, by=staff, base=newest_revision(complete).number, reason="Measured.")

    def get(address: str) -> Callable[[], None]:
        def action() -> None:
            response = reader.get(address)
            if response.status_code != 200:
                raise ValueError(f"{address} was answered with {response.status_code}")

        return action

    largest = Trial.objects.get(slug="lanzoni-2021", draft_of=None)
    found = {
        "list": measured(get("/trials/"), save_ordinary),
        "list, filtered": measured(get("/trials/?design=randomised&country=FR"), save_ordinary),
        "last page": measured(get(f"/trials/?page={-(-size // 20)}"), save_ordinary),
        "search, rare word": measured(get("/trials/?q=umbilical" if size < 500 else "/trials/?q=rare"), save_ordinary),
        "search, common word": measured(get("/trials/?q=covid" if size < 500 else "/trials/?q=common"), save_ordinary),
        "study page": measured(get("/trials/lanzoni-2021/"), save_ordinary),
        "overview": measured(get("/"), save_ordinary),
        "save": measured(lambda: edit(ordinary), lambda: None),
        "save of the largest study": measured(lambda: edit(largest), lambda: None),
        "publish": measured(publish_complete, lambda: edit(complete)),
        "admin list": measured(lambda: editor.get("/admin/trials/trial/"), save_ordinary),
        "form of the largest study": measured(
            lambda: editor.get(f"/admin/trials/trial/{steps.start_draft(largest).pk}/change/"), save_ordinary
        ),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]))
