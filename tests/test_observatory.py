"""What Mozilla's HTTP Observatory says: its own scanner, unchanged, run against a real server behind TLS."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests import services
from tests.tools import PROJECT, missing

HOST = "ardsinfo.example.org"
SCANNER = PROJECT / "node_modules" / "@mdn" / "mdn-http-observatory" / "src" / "scan.js"
PROXY = """
pid {folder}/nginx.pid;
events {{}}
http {{
    access_log off;
    proxy_temp_path {folder}/proxy;
    client_body_temp_path {folder}/body;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-Proto $scheme;
    ssl_certificate {folder}/certificate.pem;
    ssl_certificate_key {folder}/key.pem;
    server {{
        listen 127.0.0.1:{http};
        listen 127.0.0.1:{https} ssl;
        location / {{ proxy_pass {application}; }}
    }}
}}
"""


def certificate(folder: Path) -> Path:
    """A certificate that this host signed itself, and its key beside it."""
    subprocess.run(
        [services.program("openssl", "openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}",
         "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder / "certificate.pem"


def scan(http: int, https: int, trusted: Path) -> dict[str, Any]:
    scanner = subprocess.run(
        [services.program("node", "nodejs"), "--import", PROJECT / "tests" / "observatory.mjs", SCANNER, HOST],
        env={**os.environ, "HTTP_PORT": f"{http}", "HTTPS_PORT": f"{https}", "NODE_EXTRA_CA_CERTS": f"{trusted}"},
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
    http, https = services.free_port(), services.free_port()
    try:
        trusted = certificate(tmp_path)
        with services.gunicorn(site) as application:
            proxy = PROXY.format(folder=tmp_path, http=http, https=https, application=application.address)
            with services.nginx(tmp_path, proxy, https):
                said = scan(http, https, trusted)
    except services.Missing as program:
        missing(str(program))
    worst = {name: (test["result"], test["scoreModifier"]) for name, test in said["tests"].items() if not test["pass"]}
    assert worst == {}
    assert (said["scan"]["testsQuantity"], said["scan"]["statusCode"]) == (10, 200)
    # 100, and more for the content policy (10), the referrer policy (5), frame-ancestors (5) and CORP (10).
    assert said["scan"]["score"] >= 130
