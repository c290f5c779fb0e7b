"""The forms of the identifiers of papers, journals and registrations, and their check characters.

Pure functions. `tidy_…` takes what somebody pasted and gives what should be stored: addresses and words in front go,
the rest stays as it is. `wrong_…` says in one sentence what is wrong with a stored value and what would be right;
an empty answer means that nothing is.

Sources of the forms: DOI, ANSI/NISO Z39.84 and Crossref's notes on matching them; PMID and PMCID, the US National
Library of Medicine; ISSN, ISO 3297; registrations, the registries themselves and the patterns of the R package
ctregistries. EudraCT ends in two check digits and nothing says publicly how they are worked out; of an ISRCTN its
registry says only that the eight digits are drawn at random. So those two are checked for their form alone.
"""

import re
from urllib.parse import unquote

from trials.vocabulary import Registry

_DOI = re.compile(r"10\.[0-9]{4,9}/\S+")
_PMID = re.compile(r"[1-9][0-9]{0,7}")
_PMCID = re.compile(r"PMC[1-9][0-9]{0,7}")
_PUBMED_PAGE = re.compile(
    r"^(https?://)?(pubmed\.ncbi\.nlm\.nih\.gov|(www\.)?ncbi\.nlm\.nih\.gov/pubmed)/", re.IGNORECASE
)
_ISSN = re.compile(r"[0-9]{4}-[0-9]{3}[0-9X]")

# registry -> (pattern, what is right in words). A registry that is not here has no form that we know.
REGISTRATIONS: dict[Registry, tuple[re.Pattern[str], str]] = {
    Registry.CLINICALTRIALS_GOV: (
        re.compile(r"NCT[0-9]{8}"),
        "A ClinicalTrials.gov identifier is NCT and eight digits, such as NCT04457609.",
    ),
    Registry.EU_CTR: (
        re.compile(r"20[0-9]{2}-[0-9]{6}-[0-9]{2}"),
        "A EudraCT number is a year, six digits and two check digits, such as 2020-001287-28.",
    ),
    # Before 2016 the date in it was of the Iranian calendar (1388…), and it was shorter.
    Registry.IRCT: (
        re.compile(r"IRCT[0-9]{10,14}N[0-9]{1,3}"),
        "An IRCT identifier is IRCT, 10 to 14 digits, N and a number, such as IRCT20200217046526N1.",
    ),
    Registry.REBEC: (
        re.compile(r"RBR-[0-9a-z]{6,10}"),
        "A ReBEC identifier is RBR- and six to ten small letters or digits, such as RBR-3fz9yr.",
    ),
    Registry.ISRCTN: (
        re.compile(r"ISRCTN[0-9]{8}"),
        "An ISRCTN identifier is ISRCTN and eight digits, such as ISRCTN52319075.",
    ),
    # Until 2017 the kind of study stood in it: ChiCTR-TRC-08000092.
    Registry.CHICTR: (
        re.compile(r"ChiCTR([0-9]{8,10}|-[A-Z]{2,5}-[0-9]{8})"),
        "A Chinese identifier is ChiCTR and ten digits, such as ChiCTR2000029606.",
    ),
}


def tidy_doi(text: str) -> str:
    """https://doi.org/10.1002/x, doi:10.1002/x, “DOI 10.1002/x” -> 10.1002/x. The DOI itself stays as it is."""
    text = text.strip()
    address = re.match(r"(https?://)?(dx\.|www\.)?doi\.org/", text, re.IGNORECASE)
    if address:
        return unquote(text[address.end() :])
    return re.sub(r"^doi\s*:?\s*(?=10\.)", "", text, flags=re.IGNORECASE)


def wrong_doi(value: str) -> str:
    if _DOI.fullmatch(value):
        return ""
    return f"“{value}” is not a DOI. Write 10., a number, a slash and the rest, such as 10.1002/sctm.21-0046."


def tidy_pmid(text: str) -> str:
    """PMID: 33902 or the address of the PubMed page -> 33902."""
    text = re.sub(r"^pmid\s*:?\s*", "", text.strip(), flags=re.IGNORECASE)
    return _PUBMED_PAGE.sub("", text).rstrip("/")


def wrong_pmid(value: str) -> str:
    if _PMID.fullmatch(value):
        return ""
    return f"“{value}” is not a PubMed ID. It is a number of at most eight digits, such as 33902726."


def tidy_pmcid(text: str) -> str:
    """pmc8046040, PMCID: PMC8046040 or the address of the page -> PMC8046040."""
    text = re.sub(r"^pmcid\s*:?\s*", "", text.strip(), flags=re.IGNORECASE)
    text = re.sub(
        r"^(https?://)?(www\.)?(pmc\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pmc)/articles/",
        "",
        text,
        flags=re.IGNORECASE,
    )
    return text.rstrip("/").upper()


def wrong_pmcid(value: str) -> str:
    if _PMCID.fullmatch(value):
        return ""
    return f"“{value}” is not a PubMed Central ID. Write PMC and its number, such as PMC8046040."


def tidy_registration(registry: str, text: str) -> str:
    """The identifier as the registry writes it: without spaces, the letters large or small as they should be."""
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
    """What is wrong with this identifier of this registry (a code of `Registry`)."""
    if registry not in REGISTRATIONS:
        return ""
    pattern, right = REGISTRATIONS[Registry(registry)]
    return "" if pattern.fullmatch(value) else f"“{value}” cannot be right. {right}"


def registry_of(text: str) -> Registry | None:
    """The registry whose form this identifier has, or None."""
    for registry, (pattern, _) in REGISTRATIONS.items():
        if pattern.fullmatch(tidy_registration(registry, text)):
            return registry
    return None


def tidy_issn(text: str) -> str:
    """ISSN 15491676, 1549-167x -> 1549-1676, 1549-167X."""
    text = re.sub(r"^(e-?|p-?)?issn\s*:?|\s", "", text.strip(), flags=re.IGNORECASE).upper()
    return f"{text[:4]}-{text[4:]}" if re.fullmatch(r"[0-9]{7}[0-9X]", text) else text


def issn_check_character(digits: str) -> str:
    """The last character of an ISSN from its first seven digits (ISO 3297).

    Weights 8 down to 2, modulus 11; a rest of ten is written X. Raises ValueError for anything but seven digits.
    """
    if not re.fullmatch(r"[0-9]{7}", digits):
        raise ValueError(f"{digits!r} is not seven digits")
    total = sum(weight * int(digit) for weight, digit in zip(range(8, 1, -1), digits, strict=True))
    rest = -total % 11
    return "X" if rest == 10 else str(rest)


def wrong_issn(value: str) -> str:
    if not _ISSN.fullmatch(value):
        return f"“{value}” is not an ISSN. Write four digits, a hyphen and four more, such as 1549-1676."
    right = issn_check_character(value[:4] + value[5:8])
    if value[8] == right:
        return ""
    return f"“{value}” has a digit wrong: an ISSN that begins with {value[:8]} ends in {right}."
