"""Fetching one record by its identifier, from Crossref, PubMed or ClinicalTrials.gov.

One request, over https, to one of three addresses: a time limit for all of it (the name, the connection, every byte of
the answer), a size limit while it is read, no redirect to another host.
"""

import contextlib
import http.client
import re
import socket
import threading
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

from trials.importers.found import bare_doi, bare_pmid

# Tests put their own server in the place of these.
CROSSREF = "https://api.crossref.org/works/"
PUBMED = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/efetch.fcgi?db=pubmed&retmode=xml&id="
CLINICALTRIALS = "https://clinicaltrials.gov/api/v2/studies/"
SCHEMES = ("https",)
SECONDS = 15.0
MAX_BYTES = 5 * 1024 * 1024
REDIRECTS = 3
_CHUNK = 64 * 1024
_JSON, _XML = ("application/json",), ("text/xml", "application/xml")


class LookupFailed(Exception):
    """Nothing was fetched; the message says why, for the editor."""


@dataclass(frozen=True)
class Identifier:
    kind: str  # "DOI", "PubMed ID" or "NCT number"
    value: str
    where: str
    address: str
    types: tuple[str, ...]


def identify(text: str) -> Identifier | None:
    """What a typed or pasted identifier is, with or without the address in front of it; None if it is none."""
    text = text.strip()
    nct = re.fullmatch(
        r"(?:https://(?:www\.)?clinicaltrials\.gov/(?:ct2/show|study)/)?(NCT[0-9]{8})/?", text, re.IGNORECASE
    )
    if nct:
        number = nct.group(1).upper()
        return Identifier("NCT number", number, "ClinicalTrials.gov", CLINICALTRIALS + number, _JSON)
    pmid = re.fullmatch(
        r"(?:https://pubmed\.ncbi\.nlm\.nih\.gov/)?((?:PMID\s*:?\s*)?[1-9][0-9]{0,7})/?", text, re.IGNORECASE
    )
    if pmid:
        number = bare_pmid(pmid.group(1))
        return Identifier("PubMed ID", number, "PubMed", PUBMED + number, _XML)
    if re.fullmatch(r"(?:https?://(?:dx\.)?doi\.org/|doi:?\s*)?10\.\d{4,9}/\S+", text, re.IGNORECASE):
        doi = bare_doi(text)
        return Identifier("DOI", doi, "Crossref", CROSSREF + quote(doi, safe=""), _JSON) if doi else None
    return None


def fetch(identifier: Identifier) -> bytes:
    """The record. Raises LookupFailed with a sentence for whatever stands in the way."""
    fetching = _Fetching(identifier)
    thread = threading.Thread(target=fetching.run, daemon=True)  # a name server that hangs cannot be interrupted
    thread.start()
    thread.join(SECONDS)
    if thread.is_alive():
        fetching.close()
        raise LookupFailed(f"{identifier.where} did not answer in full within {SECONDS:g} seconds. Try again later.")
    if fetching.failure:
        raise LookupFailed(fetching.failure)
    return fetching.body


class _Fetching:
    def __init__(self, identifier: Identifier) -> None:
        self.identifier = identifier
        self.where = identifier.where
        self.body = b""
        self.failure = ""
        self.connection: http.client.HTTPConnection | None = None

    def close(self) -> None:
        if self.connection is not None and self.connection.sock is not None:
            with contextlib.suppress(OSError):
                self.connection.sock.shutdown(socket.SHUT_RDWR)  # wakes up whoever reads from it

    def run(self) -> None:
        try:
            self.body = self.follow(self.identifier.address)
        except LookupFailed as failure:
            self.failure = str(failure)
        except (http.client.HTTPException, OSError, ValueError) as error:
            if isinstance(error, http.client.IncompleteRead):
                self.failure = f"The answer of {self.where} broke off. Try again."
            elif isinstance(error, (socket.gaierror, ConnectionError, TimeoutError)) or type(error) is OSError:
                self.failure = (
                    f"{self.where} cannot be reached from here: there is no network, or it is down. "
                    "You can paste the record or upload its file instead."
                )
            else:
                self.failure = f"{self.where} did not answer as it should ({type(error).__name__})."

    def follow(self, address: str) -> bytes:
        host = urlsplit(address).hostname
        for _ in range(REDIRECTS + 1):
            parts = urlsplit(address)
            if parts.scheme not in SCHEMES or not parts.hostname:
                raise LookupFailed(f"{self.where} wanted to send us on to an address without https, so we did not go.")
            if parts.hostname != host:
                raise LookupFailed(f"{self.where} wanted to send us on to {parts.hostname}, so we did not go.")
            kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
            self.connection = kind(parts.hostname, parts.port, timeout=SECONDS)
            try:
                target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
                headers = {"Accept": self.identifier.types[0], "User-Agent": "ARDSinfo", "Accept-Encoding": "identity"}
                self.connection.request("GET", target, headers=headers)
                answer = self.connection.getresponse()
                if answer.status in (301, 302, 303, 307, 308):
                    address = urljoin(address, answer.headers.get("Location", ""))
                    continue
                return self.read(answer)
            finally:
                self.connection.close()
        raise LookupFailed(f"{self.where} sent us on more than {REDIRECTS} times.")

    def too_large(self) -> str:
        return f"The answer of {self.where} is larger than {MAX_BYTES // 1024 // 1024} MB."

    def read(self, answer: http.client.HTTPResponse) -> bytes:
        asked = f"the {self.identifier.kind} {self.identifier.value}"
        if answer.status in (400, 404):
            raise LookupFailed(f"{self.where} does not know {asked}.")
        if answer.status != 200:
            raise LookupFailed(f"{self.where} answered with an error ({answer.status}). Try again later.")
        if answer.headers.get_content_type() not in self.identifier.types:
            raise LookupFailed(f"{self.where} answered with {answer.headers.get_content_type()}, which is no record.")
        if (answer.length or 0) > MAX_BYTES:
            raise LookupFailed(self.too_large())
        body = bytearray()
        while chunk := answer.read(_CHUNK):
            body += chunk
            if len(body) > MAX_BYTES:
                raise LookupFailed(self.too_large())
        if answer.length:  # fewer bytes than were promised
            raise LookupFailed(f"The answer of {self.where} broke off. Try again.")
        return bytes(body)
