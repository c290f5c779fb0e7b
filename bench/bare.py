"""A bare Django project that returns the site's own bytes: no middleware, no apps, no database."""

import json
import os
from pathlib import Path

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import re_path

SECRET_KEY = "for-measurements-only"  # noqa: S105 - no secret
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "bench.bare"

_read = json.loads(Path(os.environ["BENCH_ANSWERS"]).read_text())
ANSWERS = {page: (headers, bytes.fromhex(body)) for page, (headers, body) in _read.items()}
ANY = next(iter(ANSWERS.values()))


def answer(request: HttpRequest) -> HttpResponse:
    headers, body = ANSWERS.get(request.get_full_path(), ANY)
    return HttpResponse(body, headers=headers)


urlpatterns = [re_path("", answer)]
application = get_wsgi_application()
