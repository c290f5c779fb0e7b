"""What the log says: one entry for each record, with the number of its request and with nothing that tells who asked
for what. No network or e-mail address, nothing typed or searched for, no cookie, and of an address behind the log-in
its pattern only. gunicorn and Django both write by these rules; neither needs the settings for it."""

import ipaddress
import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from http.client import responses
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.utils import OperationalError, ProgrammingError
from django.http import HttpRequest
from django.template import TemplateDoesNotExist, TemplateSyntaxError

from ardsinfo import request_id

# The words of these speak of the code or of this machine. The words of any other may quote what somebody sent.
OUR_OWN = (
    *(AttributeError, ImportError, MemoryError, NameError, OSError, RecursionError, TypeError),
    *(ImproperlyConfigured, OperationalError, ProgrammingError, TemplateDoesNotExist, TemplateSyntaxError),
)
QUERY = re.compile(r"\?(?=\S).*", re.DOTALL)  # to the end, for anything may stand in it
E_MAIL = re.compile(r"(?<![^\s@'\"<>:/])[^\s@'\"<>:/]+?(?:@|%(?:25)*40)[^\s@'\"<>:/]+")
IPV6 = re.compile(r"(?<!\w)(?:[0-9A-Fa-f]{1,4}:|::)[0-9A-Fa-f:.]*")
IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\d)")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def configuration(form: str = "") -> dict[str, Any]:
    """For `logging.config.dictConfig`: everything to stderr, as "json" or as "lines". Without a form, lines for a
    terminal and JSON for whatever else collects them."""
    if not form:
        form = "lines" if sys.stderr.isatty() else "json"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"entry": {"()": Lines if form == "lines" else Json}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "entry", "stream": "ext://sys.stderr"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            # Django's own handler would mail the whole request to ADMINS.
            "django": {"level": "WARNING", "handlers": [], "propagate": True},
            # Its warnings are of requests that are no HTTP, and quote them.
            "gunicorn.error": {"level": "ERROR", "handlers": [], "propagate": True},
        },
    }


class Json(logging.Formatter):
    """One line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(entry(record))


class Lines(logging.Formatter):
    """A line to be read, and the trace of an exception, indented, below it."""

    def format(self, record: logging.LogRecord) -> str:
        parts = entry(record)
        number = f" [{parts['request']}]" if "request" in parts else ""
        trace = "".join(f"\n    {line}" for line in parts.get("exception", "").splitlines())
        return f"{parts['time']} {parts['level']} {parts['logger']}: {parts['message']}{number}{trace}"


def entry(record: logging.LogRecord) -> dict[str, str]:
    """time (UTC), level, logger and message; request (its number) and exception (its trace) where there are such."""
    parts = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "message": _message(record),
    }
    if number := request_id.current():
        parts["request"] = number
    refused = getattr(record, "status_code", 500) < 500  # a fault of whoever asked: a trace would say nothing
    if record.exc_info and record.exc_info[1] and not refused:
        parts["exception"] = _trace(record.exc_info[1])
    return parts


def clean(text: str) -> str:
    """The text as one line, without what may be about a person."""
    text = QUERY.sub("?…", text)
    text = re.sub(r"(/key/)[^\s'\"]+", r"\1…", text)  # it resets a password
    text = E_MAIL.sub("[e-mail]", text)
    text = IPV4.sub(_network, IPV6.sub(_network, text))
    return CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def _network(found: re.Match[str]) -> str:
    """What to write for what looks like an address, which a port, a colon or a full stop may follow."""
    for text in (found[0], found[0].rstrip("."), found[0].rpartition(":")[0]):
        try:
            here = ipaddress.ip_address(text).is_loopback
        except ValueError:
            continue
        return found[0] if here else found[0].replace(text, "[address]", 1)
    return found[0]


def _message(record: logging.LogRecord) -> str:
    request = getattr(record, "request", None)
    if not isinstance(request, HttpRequest):
        return clean(record.getMessage())
    # Django's own word on an answer. It ends in the whole path and may begin with what was sent.
    said = responses.get(getattr(record, "status_code", 0), "Error")
    if record.name == "django.security.csrf" and record.args:
        said += f" ({str(next(iter(record.args))).partition(' - ')[0]})"  # the rest quotes Origin or Referer
    return clean(f"{said}: {address(request)}")


def address(request: HttpRequest) -> str:
    """The path, but its pattern where it may stand for a person: behind the log-in."""
    if not request.path.startswith(("/account/", "/admin/")):
        return request.path
    if request.resolver_match:
        return f"/{request.resolver_match.route}"
    return f"/{request.path.split('/')[1]}/…"


def _trace(error: BaseException) -> str:
    """The trace, with the causes before, as Python prints it. Source lines only, no values."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    said = clean((str(error).splitlines() or [""])[0]) if isinstance(error, OUR_OWN) else ""
    lines = "".join(traceback.format_tb(error.__traceback__)) + type(error).__qualname__ + (f": {said}" if said else "")
    return f"{_trace(before)}\n\n{lines}" if before else lines
