"""The forms of the identifiers of papers and registrations.

`tidy_…` returns the identifier in a pasted text, without the address or the words before it.

Sources of the forms: DOI, ANSI/NISO Z39.84 and Crossref's notes on matching them; PMID and PMCID, the US National
Library of Medicine; registrations, the registries themselves and the patterns of the R package ctregistries. The check
digits of EudraCT and ISRCTN are not checked: no public document says how they are computed.
"""

import re
import unicodedata
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
_HYPHENS = re.compile("[\u2010-\u2015\u2212\ufe63\uff0d]")
_ADDRESS = re.compile(r"https?://|www\.|[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}(/|$)", re.IGNORECASE)
_DOI = re.compile(r"(?P<doi>10\.[0-9]{4,9}/\S+)")
_LABELLED_DOI = re.compile(r"(.*?[\s:;,(<“\"'/=])?" + _DOI.pattern, re.DOTALL)  # after any words
# What publishers add to a DOI in the addresses of their pages.
_PAGE_OF_DOI = re.compile(
    r"(v[0-9]{1,2})?(/|\.)(full|full-text|fulltext|abstract|pdf|epdf|pdfft|meta|html|xml)(\.pdf|\+html)?/?$|/$|v[0-9]{1,2}$",
    re.IGNORECASE,
)
_PMID = re.compile(r"((pmid|pubmed)\s*(id)?\s*[:#]?\s*)?(?P<pmid>[1-9][0-9]{0,7})", re.IGNORECASE)
# A library's proxy writes pubmed-ncbi-nlm-nih-gov.proxy.example.org.
_PUBMED_PAGE = re.compile(
    r"((pmid|pubmed)\W*)?(https?://)?([\w.-]*\.)?(pubmed[.-]ncbi[\w.-]*/(\?term=)?|ncbi[.-]nlm[\w.-]*/pubmed/(\?term=)?"
    r"|europepmc\.org/(article|abstract)/med/)(?P<pmid>[1-9][0-9]{0,7})(?![0-9])",
    re.IGNORECASE,
)
_PMCID = re.compile(
    r"(pmcid\s*:?\s*|pubmed central\s*(id)?\s*:?\s*)?pmc\s*(?P<pmcid>[1-9][0-9]{0,7})(\.[0-9]+)?", re.IGNORECASE
)
_PMC_PAGE = re.compile(
    r"(pmcid\W*)?(https?://)?([\w.-]*[./-])?(ncbi[.-]nlm[\w.-]*|europepmc\.org)/\S*?pmc(?P<pmcid>[1-9][0-9]{0,7})(?![0-9])",
    re.IGNORECASE,
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


def visible(text: str) -> str:
    """Return the text without the characters that nobody sees and the spaces and punctuation around it."""
    text = "".join(letter for letter in text if unicodedata.category(letter) not in ("Cf", "Cc") or letter.isspace())
    text = text.strip(" \t\r\n\u00a0<>[]{}“”‘’\"'`,;:")
    return text.rstrip(".")


def tidy_doi(text: str) -> str:
    """Return the DOI, in small letters, in a pasted DOI, address of doi.org, of a publisher or of a library's proxy.

    DOIs do not distinguish capitals (DOI Handbook, 2.4). A text without a DOI comes back as it was.
    """
    bare = _HYPHENS.sub("-", visible(text))
    is_address = bool("://" in bare or _ADDRESS.match(bare))
    if is_address and not _DOI.search(bare):
        bare = unquote(bare)
    if not (found := _DOI.search(bare) if is_address else _LABELLED_DOI.fullmatch(bare)):
        return text.strip()
    doi = found["doi"]
    if is_address:
        doi = _PAGE_OF_DOI.sub("", unquote(re.split(r"[?#&]", doi)[0]))
    while doi[-1] in ".,;:" or (doi[-1] == ")" and doi.count(")") > doi.count("(")):
        doi = doi[:-1]
    return doi.lower()


def tidy_pmid(text: str) -> str:
    """Return 33902 for “PMID: 33902” and for the address of a page of PubMed or Europe PMC."""
    found = _PMID.fullmatch(visible(text)) or _PUBMED_PAGE.match(visible(text))
    return found["pmid"] if found else text.strip()


def tidy_pmcid(text: str) -> str:
    """Return PMC8046040 for pmc8046040.1, “PMCID: PMC8046040” and the address of the page."""
    found = _PMCID.fullmatch(visible(text)) or _PMC_PAGE.match(visible(text))
    return f"PMC{found['pmcid']}" if found else text.strip()


def address_of(text: str) -> str:
    """Return the address of what was pasted: an address, a DOI, a PubMed or PubMed Central ID, or a registration."""
    bare = visible(text)
    if _ADDRESS.match(bare):
        return bare if "://" in bare else f"https://{bare}"
    if _DOI.fullmatch(doi := tidy_doi(bare)):
        return f"https://doi.org/{quote(doi, safe='/:;()')}"
    if _PMID.fullmatch(bare):
        return f"https://pubmed.ncbi.nlm.nih.gov/{tidy_pmid(bare)}/"
    if _PMCID.fullmatch(bare):
        return f"https://pmc.ncbi.nlm.nih.gov/articles/{tidy_pmcid(bare)}/"
    registry = registry_of(bare)
    if registry and registry in REGISTRY_RECORD_URLS:
        return REGISTRY_RECORD_URLS[registry].format(tidy_registration(registry, bare))
    return bare


def tidy_registration(registry: str, text: str) -> str:
    """Return the identifier as the registry writes it: without spaces, in the right capitals."""
    text = re.sub(r"\s+", "", visible(text))
    if _ADDRESS.match(text) and registry in REGISTRATIONS:  # of the page of the registry
        pattern = rf"(?<![A-Za-z0-9])(?:{REGISTRATIONS[Registry(registry)][0].pattern})(?![A-Za-z0-9])"
        found = re.search(pattern, text, re.IGNORECASE)
        text = found[0] if found else text
    if registry in (Registry.CLINICALTRIALS_GOV, Registry.ISRCTN, Registry.IRCT):
        return text.upper()
    if registry == Registry.EU_CTR:  # the address of one country's record ends in its code
        return re.sub(r"^eudract(number|no\.?)?:?|-[a-z]{2}$", "", text, flags=re.IGNORECASE)
    if registry == Registry.REBEC:
        return re.sub(r"^rbr-?(.*)$", lambda match: f"RBR-{match[1].lower()}", text, flags=re.IGNORECASE)
    if registry == Registry.CHICTR:
        return re.sub(r"^chictr(.*)$", lambda match: f"ChiCTR{match[1].upper()}", text, flags=re.IGNORECASE)
    return text


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
