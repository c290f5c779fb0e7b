"""Send e-mails while the request goes on: a mail server that is slow or fails changes nothing."""

import logging
import threading

from django.core.mail import EmailMessage, get_connection

logger = logging.getLogger(__name__)


def send_in_thread(messages: list[EmailMessage]) -> None:
    """Send the messages in a thread. A failure is a line in the log."""
    threading.Thread(target=_deliver, args=[messages]).start()


def _deliver(messages: list[EmailMessage]) -> None:
    try:
        get_connection().send_messages(messages)
    except Exception:
        logger.exception("E-mails could not be sent: %s", messages[0].subject)
