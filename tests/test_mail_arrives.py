"""Errors by e-mail through a mail server that asks for TLS and a password: from the running site, and from a command
that a timer runs."""

import base64
import email
import email.policy
import re
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests import services
from tests.proxy import make_certificate
from tests.sites import ask, until
from tests.test_logs import is_private
from tests.tools import missing

PASSWORD = "of the mail server"


class MailServer(socketserver.ThreadingTCPServer):
    """On a free port of this machine, with the certificate in `folder`. Keeps what arrives."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.certificate = folder / "certificate.pem"
        make_certificate(folder, "localhost")
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(self.certificate, folder / "key.pem")
        self.heard: list[str] = []  # the commands
        self.mails: list[bytes] = []

    @property
    def messages(self) -> list[EmailMessage]:
        return [email.message_from_bytes(mail, policy=email.policy.default) for mail in self.mails]


class Conversation(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as it takes to get one mail, and none without TLS and the password."""

    server: MailServer

    def handle(self) -> None:
        encrypted = known = False
        self.say("220 the mail server of a test")
        while line := self.read():
            self.server.heard.append(line)
            verb, rest = line[:4].upper(), line.rpartition(" ")[2]
            if verb == "EHLO":
                self.say("250-localhost", "250 AUTH PLAIN" if encrypted else "250 STARTTLS")
            elif verb == "STAR" and not encrypted:
                self.say("220 go ahead")
                self.request = self.server.tls.wrap_socket(self.request, server_side=True)
                self.setup()  # reads and writes there from now on
                encrypted = True
            elif verb == "AUTH" and encrypted:
                known = base64.b64decode(rest) == f"\0ardsinfo\0{PASSWORD}".encode()
                self.say("235 welcome" if known else "535 wrong password")
            elif verb in ("MAIL", "RCPT") and known:
                self.say("250 ok")
            elif verb == "DATA" and known:
                self.say("354 end with a point")
                self.server.mails.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 goodbye")
                return
            else:
                self.say("530 first TLS, then the password")

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def read(self) -> str:
        try:
            return self.rfile.readline().decode().strip()
        except OSError:  # whoever does not trust the certificate is gone without a word
            return ""

    def finish(self) -> None:
        super().finish()
        self.request.close()


@pytest.fixture
def mail_server(tmp_path: Path) -> Iterator[MailServer]:
    try:
        server = MailServer(tmp_path)
    except services.Missing as nothing:
        missing(str(nothing))
    with server:
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def site(tmp_path: Path, mail_server: MailServer) -> dict[str, str]:
    """The environment of a site that has no database, so that everything is an error."""
    port, password = mail_server.server_address[1], PASSWORD.replace(" ", "%20")
    return services.environment(
        tmp_path,
        ARDSINFO_EMAIL_URL=f"smtp+tls://ardsinfo:{password}@localhost:{port}",
        ARDSINFO_ERROR_EMAIL="operator@example.org",
        ARDSINFO_FROM_EMAIL="site@example.org",
        ARDSINFO_BACKUP_FOLDER=str(tmp_path / "backups"),
        SSL_CERT_FILE=str(mail_server.certificate),  # what a machine trusts
    )


def test_an_error_of_the_running_site_arrives(mail_server: MailServer, site: dict[str, str], tmp_path: Path) -> None:
    services.build_static()
    with (tmp_path / "log").open("wb") as log, services.gunicorn(site, log=log) as server:
        answer = ask(
            server.address,
            "/account/login/?q=breathless",
            data={"login": "ann@example.org", "password": "typed-by-hand"},
            Cookie=f"sessionid=s3cret-cookie; csrftoken={'x' * 32}",
            X_Forwarded_For="192.0.2.44, 2001:db8::7",
            Referer=f"{server.address}/?q=breathless",
        )
        assert answer.status == 503
        until(lambda: mail_server.mails, "the mail")
    assert [line for line in mail_server.heard if line.upper().startswith(("MAIL", "RCPT"))] == [
        "mail FROM:<site@example.org>",
        "rcpt TO:<operator@example.org>",
    ]
    (message,) = mail_server.messages
    assert (message["From"], message["To"]) == ("site@example.org", "operator@example.org")
    assert message["Subject"] == "[ARDSinfo] ERROR: Service Unavailable: /account/login/"
    text = message.get_content()
    head, _, trace = text.partition("exception: ")
    assert re.findall(r"^(\w+): (.*)$", head.replace("\r\n", "\n"), re.MULTILINE) == [
        ("site", "http://127.0.0.1"),
        ("time", head.partition("time: ")[2].split()[0]),
        ("level", "ERROR"),
        ("logger", "django.request"),
        ("message", "Service Unavailable: /account/login/"),
        ("request", answer.headers["X-Request-ID"]),
    ]
    assert trace.strip().endswith("OperationalError: unable to open database file")
    assert is_private(text + mail_server.mails[0].decode()) == []


def test_a_backup_that_fails_is_told_before_the_command_ends(mail_server: MailServer, site: dict[str, str]) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        services.manage(site, "backup")
    (message,) = mail_server.messages
    assert message["Subject"].startswith("[ARDSinfo] ERROR: There is no new backup: ")


def test_a_mail_server_that_nobody_vouches_for_gets_neither_mail_nor_password(
    mail_server: MailServer, site: dict[str, str]
) -> None:
    del site["SSL_CERT_FILE"]
    with pytest.raises(subprocess.CalledProcessError) as failed:
        services.manage(site, "backup")
    log = failed.value.stderr.decode()
    assert "An error could not be told by e-mail." in log
    assert "certificate verify failed" in log
    assert [line.split()[0].upper() for line in mail_server.heard] == ["EHLO", "STARTTLS"]
    assert mail_server.mails == []
