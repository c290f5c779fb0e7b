"""What users do in the log-in forms."""

import re
import time
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.test import Client

from tests.dom import tree
from tests.users import PASSWORD

LOGIN = "/account/login/"


def log_in(
    client: Client, name: str = "ann", password: str = PASSWORD, *, address: str = "192.0.2.1", **more: Any
) -> Any:
    return client.post(LOGIN, {"login": name, "password": password, **more}, REMOTE_ADDR=address)


def is_logged_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def form_errors(response: Any) -> str:
    """Return the errors that the form shows, as text."""
    return " ".join(errors.text for errors in tree(response).all("ul", class_="errorlist"))


def totp_code(secret: str) -> str:
    """Return the code that an authenticator app shows now. Waits if the code is about to expire."""
    if time.time() % 30 > 25:
        time.sleep(30 - time.time() % 30)
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def set_up_app(client: Client) -> tuple[str, list[str]]:
    """Set up an authenticator app for the logged-in user. Returns its secret and the recovery codes."""
    page = client.get("/account/second-factor/totp/activate/", follow=True)
    if "/account/confirm/" in page.request["PATH_INFO"]:
        address = f"{page.request['PATH_INFO']}?{page.request['QUERY_STRING']}"
        page = client.post(address, {"password": PASSWORD}, follow=True)
    secret = re.search(r'<code class="secret">([A-Z2-7]+)</code>', page.content.decode())
    assert secret, "the page shows no secret"
    page = client.post("/account/second-factor/totp/activate/", {"code": totp_code(secret[1])}, follow=True)
    assert page.request["PATH_INFO"] == "/account/second-factor/recovery-codes/"
    return secret[1], re.findall(r"<li><code>(\d+)</code></li>", page.content.decode())


def sent_mail(number: int) -> list[Any]:
    """Return the messages once there are this many. A thread sends them, so it may take a moment."""
    until = time.monotonic() + 5
    while len(mail.outbox) < number and time.monotonic() < until:
        time.sleep(0.01)
    assert len(mail.outbox) == number, [message.subject for message in mail.outbox]
    return mail.outbox
