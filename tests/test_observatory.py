"""What Mozilla's HTTP Observatory says: its own scanner, unchanged, run against the site behind deploy/nginx.conf."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests import services
from tests.proxy import HOST, Proxy, proxy
from tests.tools import PROJECT, missing

SCANNER = PROJECT / "node_modules" / "@mdn" / "mdn-http-observatory" / "src" / "scan.js"


def scan(front: Proxy) -> dict[str, Any]:
    ports = {"HTTP_PORT": str(front.plain_port), "HTTPS_PORT": str(front.port)}
    scanner = subprocess.run(
        [services.program("node", "nodejs"), "--import", PROJECT / "tests" / "observatory.mjs", SCANNER, HOST],
        env={**os.environ, **ports, "NODE_EXTRA_CA_CERTS": str(front.certificate)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert scanner.returncode == 0, scanner.stdout + scanner.stderr
    said: dict[str, Any] = json.loads(scanner.stdout)
    return said


def test_http_observatory_gives_130_points_and_finds_no_fault(tmp_path: Path) -> None:
    if not SCANNER.is_file():
        missing("Mozilla's HTTP Observatory is not installed: run `make test` where npm is")
    site = services.environment(tmp_path, ARDSINFO_SITE_URL=f"https://{HOST}", ARDSINFO_TRUSTED_PROXY="true")
    services.build_static()
    services.manage(site, "migrate", "--verbosity", "0")
    services.manage(site, "load_studies", "--verbosity", "0")
    try:
        with services.gunicorn(site) as application, proxy(tmp_path, application.address) as front:
            said = scan(front)
    except services.Missing as program:
        missing(str(program))
    worst = {name: (test["result"], test["scoreModifier"]) for name, test in said["tests"].items() if not test["pass"]}
    assert worst == {}
    assert (said["scan"]["testsQuantity"], said["scan"]["statusCode"]) == (10, 200)
    # 100, and more for the content policy (10), the referrer policy (5), frame-ancestors (5) and CORP (10).
    assert said["scan"]["score"] >= 130
