"""The forms of the identifiers of papers and registrations.

`tidy_…` returns the identifier in a pasted text, without the address or the words before it.

Sources of the forms: DOI, ANSI/NISO Z39.84 and Crossref's notes on matching them; PMID and PMCID, the US National
Library of Medicine; registrations, the registries themselves and the patterns of the R package ctregistries. The check
digits of EudraCT and ISRCTN are not checked: no public document says how they are computed.
"""

import re
from urllib.parse import unquote

from django.core.validators import RegexValidator

from trials.vocabulary import Registry

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
_PUBMED_PAGE = re.compile(r"^(https?://)?(pubmed\.|(www\.)?)ncbi\.nlm\.nih\.gov/(pubmed/)?", re.IGNORECASE)
_PMC_PAGE = re.compile(r"^(https?://)?(www\.|pmc\.)?ncbi\.nlm\.nih\.gov/(pmc/)?articles/", re.IGNORECASE)

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


def tidy_doi(text: str) -> str:
    """Return 10.1002/x for https://doi.org/10.1002/x, doi:10.1002/x and “DOI 10.1002/x”."""
    text = text.strip()
    address = re.match(r"(https?://)?(dx\.|www\.)?doi\.org/", text, re.IGNORECASE)
    if address:
        return unquote(text[address.end() :])
    return re.sub(r"^doi\s*:?\s*(?=10\.)", "", text, flags=re.IGNORECASE)


def tidy_pmid(text: str) -> str:
    """Return 33902 for “PMID: 33902” and for the address of the PubMed page."""
    text = re.sub(r"^pmid\s*:?\s*", "", text.strip(), flags=re.IGNORECASE)
    return _PUBMED_PAGE.sub("", text).rstrip("/")


def tidy_pmcid(text: str) -> str:
    """Return PMC8046040 for pmc8046040, “PMCID: PMC8046040” and the address of the page."""
    text = re.sub(r"^pmcid\s*:?\s*", "", text.strip(), flags=re.IGNORECASE)
    return _PMC_PAGE.sub("", text).rstrip("/").upper()


def tidy_registration(registry: str, text: str) -> str:
    """Return the identifier as the registry writes it: without spaces, in the right capitals."""
    text = re.sub(r"\s+", "", text)
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
