"""What the tests share that is not a fixture: the two checkers, and where the machine keeps its programs."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

PROJECT = Path(__file__).resolve().parent.parent

# WCAG 2.2 at levels A and AA, with everything that 2.0 and 2.1 asked before, and axe's own good practice.
AXE_OPTIONS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    # Only rules that are not asked for need it, and it sets styles in the page, which our policy refuses and reports.
    "preload": False,
    "resultTypes": ["violations"],
    "rules": {"target-size": {"enabled": True}},  # axe leaves this rule of WCAG 2.2 off unless it is named
}

# Every kind of public page, with the eight studies. The filters of "filtered" leave two studies.
PUBLIC_PAGES = {
    "overview": "/",
    "list": "/trials/",
    "filtered": "/trials/?design=randomised&country=ID&country=BR&year_min=2021&q=mesenchymal&sort=largest",
    "table": "/trials/?view=table",
    "problem": "/trials/?design=nonsense&page=-3&year_min=abc",
    "unknown-parameter": "/trials/?colour=red",
    "beyond": "/trials/?page=9",
    "empty": "/trials/?q=nothing+has+these+words",
    "randomised": "/trials/lanzoni-2021/",
    "controlled": "/trials/adas-2021/",
    "single-arm": "/trials/yip-2020/",
    "case-series": "/trials/hashemian-2021/",
    "evidence": "/evidence/",
    "pooled": "/evidence/?pool=yes&design=randomised",
    "evidence-problem": "/evidence/?design=nonsense",
    "compare-nothing": "/trials/compare/",
    "compare-problem": "/trials/compare/?trial=nonsense&trial=lanzoni-2021",
    "compare": "/trials/compare/?trial=lanzoni-2021&trial=monsel-2022&trial=adas-2021&trial=dilogo-2021",
    "other-studies": "/other-studies/",
    "other-studies-filtered": "/other-studies/?design=randomised&reason=not-yet-reviewed",
    "other-studies-problem": "/other-studies/?design=nonsense",
    "reviews": "/reviews/",
    "disagreements": "/disagreements/",
    "history": "/trials/dilogo-2021/history/",
    "changes": "/changes/",
    "changes-problem": "/changes/?page=abc",
    "about": "/about/",
    "relatives": "/relatives/",
    "methods": "/methods/",
    "independence": "/independence/",
    "accessibility": "/accessibility/",
    "glossary": "/glossary/",
    "data": "/data/",
    "interface": "/api/v1/",
    "earlier-version": "/trials/dilogo-2021/v/1/",
    "not-found": "/nothing-here/",
}

# On a desktop the filters of the list are open: there is no such control.
FOLDED_FILTERS = ".filter-fold:not([open]) summary:visible"

# Addresses for a browser to refuse: without its scripts a page must work as well.
SCRIPTS, NO_FILE = "**/*.js", "**/*.none"

VNU_JAR = PROJECT / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"


def chromium_path() -> str | None:
    """Debian's Chromium, or another one on the path. Playwright's own download is not used."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def missing(tool: str) -> NoReturn:
    """Skip this test because a program is missing; fail where the tests were promised every program."""
    if os.environ.get("NO_TEST_MAY_BE_SKIPPED"):
        pytest.fail(f"{tool}, and on this machine no test may be skipped")
    pytest.skip(tool)


def assert_accessible(page: Page, within: str | None = None) -> None:
    """Fail with rule, element and help for everything axe finds on `page`, or inside the selector `within`."""
    page.evaluate(AXE_SCRIPT)  # through the debugger, which the page's content-security policy does not bind
    # What passed stays in the page: to tell all of it takes as long as to find it out.
    results: dict[str, Any] = page.evaluate(
        """async ([within, options]) => {
            const {passes, violations} = await axe.run(within || document, options);
            return {passed: passes.length, violations};
        }""",
        [within, AXE_OPTIONS],
    )
    assert results["passed"], f"axe checked nothing on {page.url}"
    found = [
        f"{violation['id']} ({violation['impact']}): {violation['help']}\n"
        f"    {' '.join(map(str, node['target']))}: {' / '.join((node['failureSummary'] or '').split(chr(10)))}"
        for violation in results["violations"]
        for node in violation["nodes"]
    ]
    assert not found, f"{page.url} has {len(found)} accessibility faults:\n" + "\n".join(found)


def assert_valid_html(pages: Mapping[str, str | bytes]) -> None:
    """Fail with every error and warning of the Nu HTML checker on `pages` (name or address: HTML)."""
    if not shutil.which("java"):
        missing("java is not installed: the HTML checker needs it")
    if not VNU_JAR.is_file():
        missing("the HTML checker is not installed: run `make test` where npm is")
    assert pages, "no page to check"
    with tempfile.TemporaryDirectory() as folder:
        names: dict[str, str] = {}
        for number, (name, html) in enumerate(pages.items()):
            file = Path(folder) / f"{number:04}.html"
            file.write_bytes(html if isinstance(html, bytes) else html.encode())
            names[file.name] = name
        command = ["java", "-Xss1m", "-jar", str(VNU_JAR), "--format", "json", "--stdout", "--exit-zero-always", folder]
        run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    faults = []
    for message in json.loads(run.stdout)["messages"]:
        name = names.get(message.get("url", "").rpartition("/")[2], "?")
        extract = message.get("extract", "").strip()
        faults.append(f"{name}, line {message.get('lastLine', '?')}: {message['message']} [{extract}]")
    assert not faults, f"{len(faults)} faults in {len(pages)} pages:\n" + "\n".join(faults)
