"""Errors by e-mail, to the address in ARDSINFO_ERROR_EMAIL: what the log says and no more."""

import logging
import threading
import time

from django.conf import settings
from django.core.mail import mail_admins

from ardsinfo import logs

logger = logging.getLogger(__name__)

QUIET = 600  # seconds in which the same error is not told again
AT_MOST = 10  # different errors in that time; a site that is broken everywhere need not say it a thousand times


class Handler(logging.Handler):
    """Each process counts for itself: what is to be trusted when the database is gone cannot be counted there."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: dict[tuple[object, ...], float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        # Anybody can provoke the second kind, and of the first there would be no end.
        if record.name.startswith((__name__, "django.security.")) or not self._is_news(record):
            return
        entry = logs.entry(record)
        text = "\n".join(f"{name}: {value}" for name, value in {"site": settings.SITE_URL, **entry}.items())
        # Beside the answer: a mail server that dawdles holds up no reader.
        threading.Thread(target=_send, args=[f"{entry['level']}: {entry['message']}"[:150], text]).start()

    def _is_news(self, record: logging.LogRecord) -> bool:
        """True once in a while for errors of one kind that come from one place."""
        now, error = time.monotonic(), record.exc_info[1] if record.exc_info else None
        place = error.__traceback__ if error else None
        while place and place.tb_next:
            place = place.tb_next
        where = (place.tb_frame.f_code.co_filename, place.tb_lineno) if place else (record.pathname, record.lineno)
        kind = (type(error), *where)
        self.told = {kind: then for kind, then in self.told.items() if now - then < QUIET}
        if kind in self.told or len(self.told) >= AT_MOST:
            return False
        self.told[kind] = now
        return True


def _send(subject: str, text: str) -> None:
    try:
        mail_admins(subject, text)
    except Exception:
        logger.exception("An error could not be told by e-mail.")
