"""What only editors need is not in the memory of a worker that serves the public."""

import subprocess
import sys
from pathlib import Path

from allauth.mfa import urls as theirs
from django.urls import URLPattern, URLResolver
from django.utils.module_loading import import_string

from tests.services import environment
from tests.tools import PROJECT
from trials.login import second_factor as ours

READ_THE_PUBLIC_PAGES = """
import sys
from ardsinfo.wsgi import application
from bench.cold import ask
from django.core.management import call_command

call_command("migrate", verbosity=0)
call_command("load_studies", verbosity=0)
for address in (
    "/", "/trials/", "/trials/?design=randomised&q=cells", "/trials/dilogo-2021/", "/trials/dilogo-2021/history/",
    "/changes/", "/changes.atom", "/about/", "/glossary/", "/sitemap.xml", "/robots.txt", "/account/login/",
):
    print(address, ask(application, address)[0])
heavy = {"fido2", "cryptography", "bibtexparser", "pylatexenc"}
print("heavy:", *sorted(heavy & set(sys.modules)))
"""


def test_the_public_pages_bring_no_cryptography_and_no_importers(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", READ_THE_PUBLIC_PAGES],
        cwd=PROJECT,
        env=environment(tmp_path, DATABASE_URL="sqlite://:memory:", ARDSINFO_DEBUG="true"),  # no built static files
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    assert said[-1] == "heavy:"
    assert [line for line in said[:-1] if not line.endswith(" 200 OK")] == []
    assert len(said) == 13


def flat(patterns: list[URLPattern | URLResolver], before: str = "") -> dict[str, tuple[str, object]]:
    """By address: its name and its view."""
    found: dict[str, tuple[str, object]] = {}
    for each in patterns:
        address = before + str(each.pattern)
        if isinstance(each, URLResolver):
            found |= flat(each.url_patterns, address)
        else:
            found[address] = (each.name or "", each.callback)
    return found


def test_the_second_factor_has_all_the_addresses_of_allauth() -> None:
    imported = {
        address: (name, import_string(view.name))
        for address, (name, view) in flat(ours.urlpatterns).items()
        if isinstance(view, ours.Later)
    }
    assert imported == flat(theirs.urlpatterns)
