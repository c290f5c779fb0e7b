"""The log: one entry for each record on stderr, with the id of its request and without the query of any address.

gunicorn uses this configuration too, before there are settings.
"""

import logging
import re
import sys
import time
import traceback
from typing import Any

from django.conf import settings
from django.utils.log import AdminEmailHandler
from pythonjsonlogger.json import JsonFormatter

QUERY = re.compile(r"\?\S+")
RESET_KEY = re.compile(r"(/password/reset/)[^\s/'\"]+")  # a person who has it can set a password
FIELDS = {"levelname": "level", "name": "logger", "message": "message", "correlation_id": "request_id"}
RENAMED = FIELDS | {"exc_info": "exception"}
QUIET = 600  # seconds until the same error is mailed again


def configuration(mail: bool = False) -> dict[str, Any]:
    """Return the dictionary for `logging.config`: lines on a terminal, and JSON for what collects them."""
    form = "lines" if sys.stderr.isatty() else "json"
    shared = {"filters": ["request"], "level": "WARNING"}
    handlers: dict[str, Any] = {"stderr": {"class": "logging.StreamHandler", "formatter": form, **shared}}
    if mail:
        handlers["mail"] = {"()": ThrottledAdminEmailHandler, "formatter": "lines", **shared, "level": "ERROR"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request": {"()": "django_guid.log_filters.CorrelationId"}},
        "formatters": {"json": {"()": Json}, "lines": {"()": Lines}},
        "handlers": handlers,
        "root": {"handlers": list(handlers), "level": "WARNING"},
        "loggers": {
            # Django's own handlers would print to a terminal and mail the whole request to ADMINS.
            "django": {"level": "WARNING", "handlers": [], "propagate": True},
            "django_guid": {"level": "ERROR"},  # its warnings quote ids that strangers sent
            "gunicorn.error": {"level": "ERROR", "handlers": [], "propagate": True},
        },
    }


def clean(text: str) -> str:
    """Return the text without the queries of addresses, which hold search words, and without keys of passwords."""
    return RESET_KEY.sub(r"\1…", QUERY.sub("?…", text))


class Json(JsonFormatter):
    """One line of JSON: time, level, logger, message, and the request's id and the exception where there are any."""

    def __init__(self) -> None:
        super().__init__(list(FIELDS), style="sequence", rename_fields=RENAMED, timestamp="time")

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        shown = {name: log_data.get(name) for name in ("time", *RENAMED.values())}  # Django adds the whole request
        return {name: clean(str(value)) for name, value in shown.items() if value is not None}


class Lines(logging.Formatter):
    """A line to read, with the trace of an exception below it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s [%(correlation_id)s]")

    def format(self, record: logging.LogRecord) -> str:
        return clean(super().format(record))


class ThrottledAdminEmailHandler(AdminEmailHandler):
    """Mail an error to ADMINS as the log has it, without the request, and once in ten minutes for each place."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[tuple[str, int | None], float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("django.security.") or not self.is_due(record):  # strangers cause those at will
            return
        subject = f"{record.levelname}: {clean(record.getMessage())}"
        text = f"{settings.SITE_URL}\n\n{self.format(record)}"
        self.send_mail(self.format_subject(subject), text, fail_silently=True)

    def is_due(self, record: logging.LogRecord) -> bool:
        """Return whether no error of this line of the program was mailed lately, and note it as mailed."""
        frames = traceback.extract_tb(record.exc_info[2]) if record.exc_info else []
        place = (frames[-1].filename, frames[-1].lineno) if frames else (record.pathname, record.lineno)
        now, last = time.monotonic(), self.sent.get(place)
        if last is not None and now - last < QUIET:
            return False
        self.sent[place] = now
        return True
