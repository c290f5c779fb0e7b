"""Fetching a record by its identifier. A server on this machine plays what the three services may answer."""

import http.server
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tests.trials.importers import RECORDS
from trials.importers import formats, lookup
from trials.importers.lookup import LookupFailed, fetch, identify

Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


def say(status: int, body: bytes = b"", **headers: str) -> Answer:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


class Service:
    """What the server answers next, and which addresses it was asked for."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            playing.asked.append(self.path)
            found = next((each for start, each in playing.answers.items() if self.path.startswith(start)), say(404))
            try:
                found(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    playing = Service(server.server_port)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    monkeypatch.setattr(lookup, "CROSSREF", f"{playing.base}/works/")
    monkeypatch.setattr(lookup, "PUBMED", f"{playing.base}/efetch.fcgi?db=pubmed&retmode=xml&id=")
    monkeypatch.setattr(lookup, "CLINICALTRIALS", f"{playing.base}/studies/")
    monkeypatch.setattr(lookup, "SECONDS", 1.0)
    yield playing
    server.shutdown()
    server.server_close()


def get(text: str) -> bytes:
    identifier = identify(text)
    assert identifier is not None
    return fetch(identifier)


# --- What is asked for ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entered", "address"),
    [
        ("10.1002/sctm.21-0046", "https://api.crossref.org/works/10.1002%2Fsctm.21-0046"),
        ("doi:10.1000/a?b#c", "https://api.crossref.org/works/10.1000%2Fa%3Fb%23c"),
        (
            "PMID: 34102020",
            "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/efetch.fcgi?db=pubmed&retmode=xml&id=34102020",
        ),
        ("https://clinicaltrials.gov/study/NCT04355728", "https://clinicaltrials.gov/api/v2/studies/NCT04355728"),
    ],
)
def test_identifier_leads_to_its_service(entered: str, address: str) -> None:
    identifier = identify(entered)
    assert identifier is not None
    assert identifier.address == address


@pytest.mark.parametrize(
    "entered", ["", "Lanzoni", "NCT123", "10.1/x", "123456789", "http://127.0.0.1/", "NCT04355728x"]
)
def test_what_is_no_identifier_leads_nowhere(entered: str) -> None:
    assert identify(entered) is None


# --- What comes back ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entered", "path", "file", "title"),
    [
        ("10.1177/09636897211024942", "/works/10.1177%2F", "crossref.json", "The Systematic Effect"),
        ("33400390", "/efetch.fcgi?db=pubmed&retmode=xml&id=33400390", "lanzoni.xml", "Umbilical cord"),
        ("NCT04355728", "/studies/NCT04355728", "NCT04355728.json", "Umbilical Cord-derived"),
    ],
    ids=["Crossref", "PubMed", "ClinicalTrials.gov"],
)
def test_record_is_fetched_and_can_be_read(service: Service, entered: str, path: str, file: str, title: str) -> None:
    service.answers[path] = say(200, (RECORDS / file).read_bytes())
    assert formats.read(get(entered)).records[0].title.startswith(title)
    assert len(service.asked) == 1


def endless(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(6 * 1024):
        handler.wfile.write(b" " * 1024)


def drip(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(30):
        handler.wfile.write(b" ")
        time.sleep(0.1)


FAILURES: dict[str, tuple[Answer, str]] = {
    "unknown": (say(404), "ClinicalTrials.gov does not know the NCT number NCT04355728."),
    "broken": (say(500), "ClinicalTrials.gov answered with an error (500). Try again later."),
    "silent": (lambda handler: time.sleep(2), "ClinicalTrials.gov did not answer within 1 seconds. Try again later."),
    "dripping": (drip, "ClinicalTrials.gov did not answer within 1 seconds. Try again later."),
    "short": (
        say(200, b"{}", **{"Content-Length": "3", "Connection": "close"}),
        "ClinicalTrials.gov did not answer as it should (IncompleteRead).",
    ),
    "web page": (
        say(200, b"<p>Maintenance</p>", **{"Content-Type": "text/html; charset=utf-8"}),
        "ClinicalTrials.gov answered with a web page in place of the record. Try again later.",
    ),
    "endless": (endless, "The answer of ClinicalTrials.gov is larger than 5 MB."),
    "elsewhere": (
        say(302, Location="http://localhost:9/studies/NCT04355728"),
        "ClinicalTrials.gov answered with an error (302). Try again later.",
    ),
    "no HTTP": (
        lambda handler: handler.wfile.write(b"what?\r\n\r\n") and None,
        "ClinicalTrials.gov did not answer as it should",
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_answer_that_is_no_record_is_explained(service: Service, name: str) -> None:
    service.answers["/studies/"], sentence = FAILURES[name]
    with pytest.raises(LookupFailed) as failure:
        get("NCT04355728")
    assert str(failure.value)[: len(sentence)] == sentence


def test_redirect_on_the_same_host_is_followed(service: Service) -> None:
    service.answers["/studies/NCT04355728"] = say(301, Location="/studies/NCT00000001")
    service.answers["/studies/NCT00000001"] = say(200, b"{}")
    assert get("NCT04355728") == b"{}"
    assert service.asked == ["/studies/NCT04355728", "/studies/NCT00000001"]


def test_without_a_network_it_says_what_to_do_instead(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "CLINICALTRIALS", "http://127.0.0.1:9/studies/")
    with pytest.raises(LookupFailed, match="paste the record or upload its file instead"):
        get("NCT04355728")
