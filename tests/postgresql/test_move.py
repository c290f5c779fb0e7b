"""The recipe of docs/running.md that moves the site from SQLite to PostgreSQL."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import PROJECT, Server, environment, manage

pytestmark = pytest.mark.postgresql

COUNTS = """
import json
from django.apps import apps
counts = {model._meta.label: model._base_manager.count() for model in apps.get_models(include_auto_created=True)}
print(json.dumps(counts))
"""
PAGES = """
import json
import re
from django.test import Client
from trials.models import Trial
paths = ["/", "/trials/", "/glossary/", "/changes/", *sorted(t.get_absolute_url() for t in Trial.objects.public())]
pages = {path: Client(headers={"host": "127.0.0.1"}).get(path).content.decode() for path in paths}
print(json.dumps(pages))
"""
NEW_ROWS = """
import json
from django.contrib.auth.models import User
from trials.models import Revision, Trial
last = Revision.objects.order_by("-pk").first()
highest = {model: model._base_manager.order_by("-pk").first().pk for model in (User, Trial, Revision)}
user = User.objects.create_user("ben")
trial = Trial.objects.create(slug="new-2026", title="A new study", status="draft", publication_date="2026")
last.pk, last.number, last._state.adding = None, last.number + 1000, True
last.save()
print(json.dumps([user.pk > highest[User], trial.pk > highest[Trial], last.pk > highest[Revision]]))
"""


def run(variables: dict[str, str], code: str) -> str:
    command = [sys.executable, "-c", f"import django\ndjango.setup()\n{code}"]
    return subprocess.run(command, cwd=PROJECT, env=variables, check=True, stdout=subprocess.PIPE, text=True).stdout


def test_recipe_moves_everything_to_postgresql(postgresql_server: Server, tmp_path: Path) -> None:
    sqlite = environment(tmp_path, ARDSINFO_DEBUG="true")
    postgresql = {**sqlite, "DATABASE_URL": postgresql_server.address}
    file = str(tmp_path / "all.json.gz")
    manage(sqlite, "migrate", "--verbosity", "0")
    manage(sqlite, "load_studies", "--verbosity", "0")
    user = ["--username", "ann", "--email", "ann@example.org"]
    manage({**sqlite, "DJANGO_SUPERUSER_PASSWORD": "correct horse battery"}, "createsuperuser", "--noinput", *user)

    manage(sqlite, "dumpdata", "--exclude", "sessions", "--output", file)
    manage(postgresql, "migrate", "--verbosity", "0")
    flush = f"{sys.executable} manage.py sqlflush | {sys.executable} manage.py dbshell"
    subprocess.run(
        ["bash", "-o", "pipefail", "-c", flush], cwd=PROJECT, env=postgresql, check=True, capture_output=True
    )
    manage(postgresql, "loaddata", file)

    assert json.loads(run(postgresql, COUNTS)) == json.loads(run(sqlite, COUNTS))
    assert json.loads(run(postgresql, PAGES)) == json.loads(run(sqlite, PAGES))
    assert json.loads(run(postgresql, NEW_ROWS)) == [True, True, True]
