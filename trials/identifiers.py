"""The forms of the identifiers of papers and registrations.

`tidy_…` returns the identifier in a pasted text, without the address or the words before it.

Sources of the forms: DOI, ANSI/NISO Z39.84 and Crossref's notes on matching them; PMID and PMCID, the US National
Library of Medicine; registrations, the registries themselves and the patterns of the R package ctregistries. The check
digits of EudraCT and ISRCTN are not checked: no public document says how they are computed.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import partial
from urllib.parse import quote, unquote

from django.core.validators import RegexValidator

from trials.vocabulary import REGISTRY_RECORD_URLS, Registry

validate_doi = RegexValidator(
    r"\A10\.[0-9]{4,9}/\S+\Z",
    "“%(value)s” is not a DOI. Write 10., a number, a slash and the rest, such as 10.1002/sctm.21-0046.",
)
validate_pmid = RegexValidator(
    r"\A[1-9][0-9]{0,7}\Z", "“%(value)s” is not a PubMed ID. It is a number of at most eight digits, such as 33902726."
)
validate_pmcid = RegexValidator(
    r"\APMC[1-9][0-9]{0,7}\Z", "“%(value)s” is not a PubMed Central ID. Write PMC and its number, such as PMC8046040."
)
# Registry -> (pattern, the right form in words). A registry without an entry has no known form. An IRCT identifier was
# shorter before 2016, with a date of the Iranian calendar; until 2017, a Chinese one held the kind of study.
REGISTRATIONS: dict[Registry, tuple[re.Pattern[str], str]] = {
    Registry.CLINICALTRIALS_GOV: (
        re.compile(r"NCT[0-9]{8}"), "A ClinicalTrials.gov identifier is NCT and eight digits, such as NCT04457609.",
    ),
    Registry.EU_CTR: (
        re.compile(r"20[0-9]{2}-[0-9]{6}-[0-9]{2}"),
        "A EudraCT number is a year, six digits and two check digits, such as 2020-001287-28.",
    ),
    Registry.IRCT: (
        re.compile(r"IRCT[0-9]{10,14}N[0-9]{1,3}"),
        "An IRCT identifier is IRCT, 10 to 14 digits, N and a number, such as IRCT20200217046526N1.",
    ),
    Registry.REBEC: (
        re.compile(r"RBR-[0-9a-z]{6,10}"),
        "A ReBEC identifier is RBR- and six to ten small letters or digits, such as RBR-3fz9yr.",
    ),
    Registry.ISRCTN: (
        re.compile(r"ISRCTN[0-9]{8}"), "An ISRCTN identifier is ISRCTN and eight digits, such as ISRCTN52319075.",
    ),
    Registry.CHICTR: (
        re.compile(r"ChiCTR([0-9]{8,10}|-[A-Z]{2,5}-[0-9]{8})"),
        "A Chinese identifier is ChiCTR and ten digits, such as ChiCTR2000029606.",
    ),
}  # fmt: skip


# How an identifier is met in a text: with a label, in an address, with spaces. Group 1, 2 … holds the identifier.
_ADDRESS = r"(?:[^\s/]+/\S*?)?"
_LABEL = r"(?:ClinicalTrials\.gov(?:\s+(?:identifier|ID|number))?\s*[:#]?\s+)?"
_REST = r"(?:[/?#&]\S*)?"
_DOI = re.compile(r"(?:\bdoi\b\s*[:=]?\s*)?(\S*?[/:=])??(10\.[0-9]{4,9}/[^\s\"“”]+)", re.IGNORECASE)
_DOI_AFTER_WORDS = re.compile(r"(.*[\s:;,(<“\"'/=])?(?<![\w.])(10\.[0-9]{4,9}/[^\s\"“”]+)", re.DOTALL)
_URL = re.compile(r"https?://|www\.|[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}(/|$)", re.IGNORECASE)
# What publishers' addresses have after a DOI.
_AFTER_DOI = re.compile(
    r"([?#&].*|((?<=[0-9])v[0-9]{1,2})?(/|\.)(full|fulltext|abstract|pdf|epdf|html?|tables|figures|xml)\b.*"
    r"|(?<=[0-9])v[0-9]{1,2}|/)$",
    re.IGNORECASE,
)
_PMID = re.compile(
    r"(?:https?://)?(?:www\.|pubmed[.-])?(?:ncbi[.-]nlm[.-]nih[.-]gov[\w.-]*/(?:m/)?(?:pubmed/)?|europepmc\.org/\w+/med/|pubmed\.gov/)"
    r"(?:pubmed)?(?:\?term=)?"
    rf"([1-9][0-9]{{0,7}}){_REST}(?!\S)"
    r"|\b(?:pmid|pubmed(?:\s*id)?)\s*[:#]?\s*([1-9][0-9]{0,7})\b",
    re.IGNORECASE,
)
_PMCID = re.compile(
    rf"{_ADDRESS}\bPMC\s?([1-9][0-9]{{0,7}})(?:\.[0-9]+)?\b{_REST}|\bPMC\s?ID\s*:?\s*(?:PMC\s?)?([1-9][0-9]{{0,7}})\b",
    re.IGNORECASE,
)
_REGISTRATIONS: dict[str, re.Pattern[str]] = {
    registry: re.compile(rf"{_LABEL}{_ADDRESS}\b({pattern})\b{_REST}", re.IGNORECASE)
    for registry, pattern in {
        Registry.CLINICALTRIALS_GOV: r"NCT[\s:#-]*(?:[0-9][\s-]?){7}[0-9]",
        Registry.EU_CTR: r"(?:EudraCT(?:\s*number|\s*no\.?)?\s*:?\s*)?20[0-9]{2}-[0-9]{6}-[0-9]{2}(?:-[a-z0-9]{2})?",
        Registry.IRCT: r"IRCT[\s:#-]*[0-9]{10,14}\s?N[0-9]{1,3}",
        Registry.REBEC: r"RBR[\s-]?[0-9a-z]{6,10}",
        Registry.ISRCTN: r"ISRCTN[\s:#-]*[0-9]{8}",
        Registry.CHICTR: r"ChiCTR[\s:#-]*(?:[A-Z]{2,5}[\s-]?)?[0-9]{8,10}",
        # The other primary registries of the WHO's platform.
        Registry.OTHER: r"(?:JPRN-?)?(?:UMIN|DRKS|ACTRN|KCT|TCTR|PACTR|RPCEC|LBCTR|jRCTs?)[\s:-]?[0-9]{6,}"
        r"|(?:CTRI|SLCTR)/[0-9]{4}/[0-9]{2,3}/?[0-9]{3,6}",
    }.items()
}


def _visible(text: str) -> str:
    """Return the text without invisible characters and what surrounds it, and with "-" for every dash and hyphen."""
    kinds = ((c, unicodedata.category(c)) for c in text)
    text = "".join("-" if kind == "Pd" or c == "−" else c for c, kind in kinds if kind != "Cf")  # or a minus
    return text.strip(" \t\r\n\u00a0<>[]{}“”‘’\"'`,;").rstrip(".")


def _bare_doi(match: re.Match[str]) -> str:
    address, doi = match.groups()
    if address and "/" in address:
        doi = _AFTER_DOI.sub("", unquote(doi))
    doi = doi.rstrip(".,;:'’\"*")
    while doi and doi[-1] in ")]>" and doi.count(doi[-1]) > doi.count("([<"[")]>".index(doi[-1])]):
        doi = doi[:-1].rstrip(".,;:'’\"*")
    return doi.lower()  # capitals do not matter (DOI Handbook, 2.4)


def tidy_doi(text: str) -> str:
    """Return 10.1002/x for https://doi.org/10.1002/x, doi:10.1002/x, “DOI 10.1002/x” and a publisher's address.

    DOIs are in small letters. A text that does not end with a DOI comes back as it is.
    """
    text = _visible(text)
    slashed = re.sub("%2f", "/", text, flags=re.IGNORECASE)
    match = _DOI.fullmatch(slashed) or _DOI_AFTER_WORDS.fullmatch(slashed)
    return _bare_doi(match) if match else text


def tidy_pmid(text: str) -> str:
    """Return 33902 for “PMID: 33902” and for the address of the PubMed page."""
    text = _visible(text)
    match = _PMID.fullmatch(text)
    return match[1] or match[2] if match else text


def tidy_pmcid(text: str) -> str:
    """Return PMC8046040 for pmc8046040, “PMCID: PMC8046040” and the address of the page."""
    text = _visible(text)
    match = _PMCID.fullmatch(text)
    return f"PMC{match[1] or match[2]}" if match else text.upper()


def address_of(text: str) -> str:
    """Return the address of what was pasted: an address, a DOI, a PubMed or PubMed Central ID, or a registration."""
    bare = _visible(text)
    if _URL.match(bare):
        bare = "".join(c for c in text if unicodedata.category(c) != "Cf").strip()  # with the hyphens that it has
        return bare if "://" in bare else f"https://{bare}"
    doi, pmid, pmcid, registry = tidy_doi(bare), tidy_pmid(bare), tidy_pmcid(bare), registry_of(bare)
    if re.fullmatch(r"10\.[0-9]{4,9}/\S+", doi):
        return f"https://doi.org/{quote(doi, safe='/:;()')}"
    if re.fullmatch(r"[1-9][0-9]{0,7}", pmid):
        return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"
    if re.fullmatch(r"PMC[1-9][0-9]{0,7}", pmcid):
        return f"https://pmc.ncbi.nlm.nih.gov/articles/{pmcid}/"
    if registry and registry in REGISTRY_RECORD_URLS:
        return REGISTRY_RECORD_URLS[registry].format(tidy_registration(registry, bare))
    return bare


def tidy_registration(registry: str, text: str) -> str:
    """Return the identifier as the registry writes it: without an address, without spaces, in the right capitals."""
    text = _visible(text)
    if (
        registry in _REGISTRATIONS
        and registry != Registry.OTHER
        and (match := _REGISTRATIONS[registry].fullmatch(text))
    ):
        text = match[1]
    text = re.sub(r"[\s:#]+" if registry in REGISTRATIONS else r"\s+", "", text)
    if registry in (Registry.CLINICALTRIALS_GOV, Registry.ISRCTN, Registry.IRCT):
        return text.replace("-", "").upper()
    if registry == Registry.EU_CTR:  # the address of one country's record ends in its code
        return re.sub(r"^eudract(number|no\.?)?|-[a-z]{2}$", "", text, flags=re.IGNORECASE)
    if registry == Registry.REBEC:
        return re.sub(r"^rbr-?(.*)$", lambda match: f"RBR-{match[1].lower()}", text, flags=re.IGNORECASE)
    if registry == Registry.CHICTR:
        return re.sub(
            r"^chictr(?:-(?=[0-9]))?(.*)$", lambda match: f"ChiCTR{match[1].upper()}", text, flags=re.IGNORECASE
        )
    return text


def _bare_registration(registry: str, match: re.Match[str]) -> str:
    return tidy_registration(registry, match[1])


def find_identifiers(text: str) -> list[str]:
    """Return the identifiers in a text, each in the form in which it is stored."""
    rest = re.sub("%2f", "/", _visible(text), flags=re.IGNORECASE)
    found: list[str] = []

    # What one pattern has found is taken out, so that the next does not find it again.
    def take(tidy: Callable[[re.Match[str]], str]) -> Callable[[re.Match[str]], str]:
        def taken(match: re.Match[str]) -> str:
            found.append(tidy(match))
            return " "

        return taken

    rest = _DOI.sub(take(_bare_doi), rest)
    rest = _PMCID.sub(take(lambda match: f"PMC{match[1] or match[2]}"), rest)
    rest = _PMID.sub(take(lambda match: match[1] or match[2]), rest)
    for registry, pattern in _REGISTRATIONS.items():
        rest = pattern.sub(take(partial(_bare_registration, registry)), rest)
    return found


def wrong_registration(registry: str, value: str) -> str:
    """Return what is wrong with this identifier of this registry (a code of `Registry`), or ""."""
    if registry not in REGISTRATIONS:
        return ""
    pattern, right = REGISTRATIONS[Registry(registry)]
    return "" if pattern.fullmatch(value) else f"“{value}” cannot be right. {right}"


def registry_of(text: str) -> Registry | None:
    """Return the registry whose form this identifier has, or None."""
    for registry, (pattern, _) in REGISTRATIONS.items():
        if pattern.fullmatch(tidy_registration(registry, text)):
            return registry
    return None
