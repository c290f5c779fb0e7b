"""Fetches one record by its identifier, within limits of time and size, and without a redirect to another host."""

import http.client
import time
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from trials.identifiers import bare_pmid, find_doi, registry_of, tidy_doi, tidy_pmid, tidy_registration
from trials.vocabulary import Registry

CROSSREF = "https://api.crossref.org/works/"
PUBMED = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/efetch.fcgi?db=pubmed&retmode=xml&id="
CLINICALTRIALS = "https://clinicaltrials.gov/api/v2/studies/"
SECONDS = 15.0
MOST_BYTES = 5 * 1024 * 1024


class LookupFailed(Exception):
    """Nothing was fetched. The message says why."""


@dataclass(frozen=True)
class Identifier:
    kind: str  # "DOI", "PubMed ID" or "NCT number"
    value: str
    service: str
    address: str


def identify(text: str) -> Identifier | None:
    """Return the identifier that the text is, with an address or a label; None for another text, such as a record."""
    if "\n" in text.strip() or text.lstrip().startswith(("<", "{", "[", "@")):
        return None
    number, pmid, doi = tidy_registration(Registry.CLINICALTRIALS_GOV, text), tidy_pmid(text), tidy_doi(text)
    if registry_of(number) == Registry.CLINICALTRIALS_GOV:
        return Identifier("NCT number", number, "ClinicalTrials.gov", CLINICALTRIALS + number)
    if bare_pmid(pmid):
        return Identifier("PubMed ID", pmid, "PubMed", PUBMED + pmid)
    if find_doi(doi) == doi != "":
        return Identifier("DOI", doi, "Crossref", CROSSREF + quote(doi, safe=""))
    return None


class _SameHost(HTTPRedirectHandler):
    def redirect_request(self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Request | None:
        """Return the request that follows, or None for another host, which ends in the HTTPError of the redirect."""
        if urlsplit(newurl)[:2] != urlsplit(req.full_url)[:2]:
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch(identifier: Identifier) -> bytes:
    """Return the record. Raises LookupFailed with a sentence for the editor."""
    service, expires = identifier.service, time.monotonic() + SECONDS
    request = Request(identifier.address, headers={"User-Agent": "ARDSinfo"})  # noqa: S310 - one of the three addresses
    try:
        with build_opener(_SameHost).open(request, timeout=SECONDS) as answer:
            return _body(answer, service, expires)
    except HTTPError as error:
        error.close()
        if error.code in (400, 404):
            raise LookupFailed(f"{service} does not know the {identifier.kind} {identifier.value}.") from error
        raise LookupFailed(f"{service} answered with an error ({error.code}). Try again later.") from error
    except TimeoutError as error:
        raise LookupFailed(f"{service} did not answer within {SECONDS:g} seconds. Try again later.") from error
    except (http.client.HTTPException, ValueError) as error:
        raise LookupFailed(f"{service} did not answer as it should ({type(error).__name__}).") from error
    except OSError as error:
        reason = "there is no network, or it is down. You can paste the record or upload its file instead."
        raise LookupFailed(f"{service} cannot be reached: {reason}") from error


def _body(answer: Any, service: str, expires: float) -> bytes:
    """Return the whole answer. The timeout of the connection is that of one wait, and not of all of them."""
    if answer.headers.get_content_type() == "text/html":
        raise LookupFailed(f"{service} answered with a web page in place of the record. Try again later.")
    body = b""
    while part := answer.read1(64 * 1024):
        body += part
        if len(body) > MOST_BYTES:
            raise LookupFailed(f"The answer of {service} is larger than 5 MB.")
        if time.monotonic() > expires:
            raise TimeoutError
    if answer.length:  # fewer bytes than were promised
        raise http.client.IncompleteRead(body)
    return body
