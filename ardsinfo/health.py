"""/healthz: whether the site can do its work. For a load balancer and for monitoring."""

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe


def has_every_migration() -> bool:
    """Return whether the database lacks no migration. Raises django.db.Error where it does not answer."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


@never_cache
@csrf_exempt
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 if the database answers and has every migration, and otherwise 503 with the reason in a line."""
    try:
        reason = "" if has_every_migration() else "migrations are missing: run manage.py migrate"
    except Error:
        reason = "the database does not answer"
    return HttpResponse(f"{reason or 'ok'}\n", status=503 if reason else 200, content_type="text/plain; charset=utf-8")
