"""Identifiers wherever they are in a text: in a field of their own, an address, a note or an abstract."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from trials.identifiers import registry_of, tidy_registration
from trials.vocabulary import Registry

_DOI = re.compile(r"10\.[0-9]{4,9}/(?:[^\s\"<>]|<[0-9][^\s<>]{0,60}>)+")
_ADDRESS = re.compile(r"https?://|www\.|doi\.org/", re.IGNORECASE)
# What publishers' addresses add to a DOI.
_PAGE = re.compile(
    r"(?:/(?:abstract|full|full-?text|e?pdf|pdfdirect|epub|html|meta|summary|references|citedby|tables|figures|related|"
    r"issuetoc|suppinfo|suppl_file/[^/]*))+/?$|\.(?:pdf|full|full\.pdf|abstract|html?|xml)$|/+$",
    re.IGNORECASE,
)
_CENTRAL = re.compile(r"10\.1002/central/", re.IGNORECASE)  # Cochrane's numbers of its own list
_BRACKETS = {")": "(", "]": "[", "}": "{", ">": "<"}


def bare_doi(text: str) -> str:
    """Return 10.1000/x for https://doi.org/10.1000/x, doi:10.1000/x or 10.1000/x [doi]; "" if there is none.

    Escapes (%2F), the end of a publisher's address (/abstract) and punctuation of the sentence are left out.
    """
    text = text[:2000]
    for _ in range(2):
        if "%" in text and (_ADDRESS.search(text) or re.search("%2f|%25", text, re.IGNORECASE)):
            text = unquote(text)
    match = _DOI.search(text)
    if not match or _CENTRAL.match(match[0]):
        return ""
    doi, before = match[0], text[: match.start()]
    if _ADDRESS.search(before):
        doi = re.split(r"[?#]|;jsessionid|&(?=\w+=)", doi)[0]
        doi = re.sub(r"/[0-9]{5,9}$", "", doi) if "academic.oup" in before else doi  # its own number of the page
    doi = re.split(r"[;,|](?=\s*(?:https?:|doi:|10\.[0-9]{4}))", doi, maxsplit=1, flags=re.IGNORECASE)[0]
    if "rxiv.org" in before or doi.startswith("10.1101/20"):
        doi = re.sub(r"(?<=[0-9])v[0-9]{1,2}(?:\.[a-z.]+|/.*)?$", "", doi)
    while (shorter := _PAGE.sub("", _without_punctuation(doi))) != doi and _DOI.fullmatch(shorter):
        doi = shorter
    return doi


def _without_punctuation(doi: str) -> str:
    """Return the DOI without the marks at its end, and without a bracket that was not opened in it."""
    while doi and (
        doi[-1] in ".,;:'\"”’*†" or (doi[-1] in _BRACKETS and doi.count(doi[-1]) > doi.count(_BRACKETS[doi[-1]]))
    ):
        doi = doi[:-1]
    return doi


_PMID = re.compile(r"(?:PMID\s*[:=#-]?\s*)?([1-9][0-9]{0,7})", re.IGNORECASE)
_PMID_IN_TEXT = re.compile(
    r"(?<![A-Za-z])(?:PMID\s{0,3}[:=#-]?\s{0,3}(?:NLM)?([1-9][0-9]{0,7})|(?:PubMed(?:\s?ID)?|MEDLINE|PM)\s{0,3}[:=#_-]?\s{0,3}"
    r"([1-9][0-9]{4,7}))(?![0-9])"
    r"|(?:ncbi[.-]nlm[.-]nih[.-]gov[\w.-]{0,60}/(?:m/)?(?:pubmed/)?(?:\?(?:term|uid)=)?|europepmc\.org/\w{1,20}/MED/|list_uids=|info:pmid/)"
    r"([1-9][0-9]{0,7})(?![0-9])",
    re.IGNORECASE,
)
_PMCID = re.compile(r"(?<![A-Za-z])PMC[\s:-]{0,2}(?:ID[\s:]{0,2})?([1-9][0-9]{0,7})(?![0-9])", re.IGNORECASE)
# Words before the identifier of another paper, in a note.
_OF_ANOTHER = re.compile(
    r"\b(?:comment|erratum|corrigendum|correction|update|republish|retract|cite|reply|summar|original)\w*\s+"
    r"(?:in|on|of|from|for|by)\b(?:[^;]|;(?=\s?[0-9])){0,200}$",
    re.IGNORECASE,
)
MEDLINE_NUMBER = re.compile(r"(?:[?&]AN=|\bAccession Number:\s?)([1-9][0-9]{6,7})(?![0-9])", re.IGNORECASE)
MEDLINE = re.compile(
    r"(?<!e)medline|pubmed|\bnlm\b|\b(?:mdc|mnh|mdl|cmedm|ppez[a-z]|prem|med[a-z]?[0-9]*)\b", re.IGNORECASE
)


def bare_pmid(text: str) -> str:
    """Return the PubMed ID that the whole text is; "" for any other text."""
    match = _PMID.fullmatch(text.strip())
    return match[1] if match else ""


def find_pmid(text: str) -> str:
    """Return the PubMed ID that a note or an address names as such, unless it is that of another paper."""
    for match in _PMID_IN_TEXT.finditer(text):
        if not _OF_ANOTHER.search(text[max(0, match.start() - 250) : match.start()]):
            return next(filter(None, match.groups()))
    if number := re.search(r"(?<![0-9])([1-9][0-9]{3,7})\s?\[(?:pmid|pubmed)\]", text, re.IGNORECASE):
        return number[1]
    if (number := MEDLINE_NUMBER.search(text)) and MEDLINE.search(text):
        return number[1]
    return ""


def find_notes_doi(text: str) -> str:
    """Return the DOI that a note names as such; "" for one of another paper."""
    match = re.search(r"(?:\bdoi\s*[:=]?\s*|doi\.org/|^\s*)(?=10\.[0-9]{4})", text, re.IGNORECASE)
    if not match or _OF_ANOTHER.search(text[max(0, match.start() - 250) : match.start()]):
        return ""
    return bare_doi(text[match.start() :])


def bare_pmcid(text: str) -> str:
    match = _PMCID.search(text)
    if match and not _OF_ANOTHER.search(text[max(0, match.start() - 250) : match.start()]):
        return f"PMC{match[1]}"
    return ""


# --- Registries

_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
_GAP = r"[\s:#(-]{0,3}(?:(?:trial|registry|registration)\s){0,2}(?:(?:no|nr|number|identifier|id)\b[.:]?\s?)?"
_FORMS = {
    Registry.CLINICALTRIALS_GOV: rf"NCT{_GAP}[0-9]{{4}}\s?[0-9]{{4}}",
    # In the numbers of EU CTIS, which look alike, a 5 is the first of the six digits.
    Registry.EU_CTR: r"(?:EUCTR|EudraCT)?[\s:-]{0,2}20[0-9]{2}\s?-\s?(?!5)[0-9]{6}\s?-\s?[0-9]{2}(?:[-/][A-Z]{2})?",
    Registry.IRCT: rf"IRCT{_GAP}[0-9]{{10,14}}\s?N\s?[0-9]{{1,3}}",
    Registry.REBEC: r"RBR(?:\s?-\s?|\s)(?=[a-z]{0,9}[0-9])[0-9a-z]{6,10}",
    Registry.ISRCTN: rf"ISRCTN{_GAP}[0-9]{{4}}\s?[0-9]{{4}}",
    Registry.CHICTR: rf"ChiCTR{_GAP}(?:[A-Z]{{2,5}}[\s-]{{1,2}})?[0-9]{{8,10}}",
    # Registries without a name of their own here: EU CTIS, Australia, India, Germany, Japan, Africa, Thailand, Korea,
    # the Netherlands, Lebanon, Cuba, Sri Lanka, Peru, the Philippines, Switzerland.
    Registry.OTHER: (
        r"(?:EU\s?CT|CTIS)?\s?20[2-9][0-9]-5[0-9]{5}-[0-9]{2}(?:-[0-9]{2})?|ACTRN\s?[0-9]{14}p?|"
        r"CTRI[/\s][0-9]{4}/[0-9]{2,3}/[0-9]{6}|DRKS\s?[0-9]{8}|UMIN(?:-CTR)?\s?[0-9]{9}|jRCTs?\s?[0-9]{9,10}|"
        r"JapicCTI-?\s?[0-9]{6}|PACTR\s?[0-9]{15,16}|TCTR\s?[0-9]{11}|KCT\s?[0-9]{7}|NTR\s?[0-9]{3,5}|"
        r"NL-OMON\s?[0-9]{4,6}|LBCTR\s?[0-9]{10}|RPCEC\s?[0-9]{8}|SLCTR/[0-9]{4}/[0-9]{3}|PER-[0-9]{3}-[0-9]{2}|"
        r"PHRR[0-9]{6}-[0-9]{6}|SNCTP[0-9]{9}"
    ),
}
_END = {Registry.EU_CTR: r"(?![\w-]*[0-9A-Za-z])"}  # in EU CTIS, two digits follow what looks like a EudraCT number
_REGISTRATION = re.compile(
    "|".join(
        rf"(?P<{registry.name}>(?<![A-Za-z0-9])(?<![0-9]-)(?:{form}){_END.get(registry, '(?![0-9A-Za-z])')})"
        for registry, form in _FORMS.items()
    ),
    re.IGNORECASE,
)


# The name of a registry, and the words between it and the number, which are no part of it.
_LABELLED = re.compile(rf"^(NCT|IRCT|ISRCTN|ChiCTR){_GAP}", re.IGNORECASE)


def find_registrations(text: str) -> Iterator[tuple[Registry, str, int, int]]:
    """Yield (registry, identifier, start, end) for each registry number, with or without spaces and prefixes."""
    for match in _REGISTRATION.finditer(text.translate(_HYPHENS)):
        registry = Registry[match.lastgroup or "OTHER"]
        text_of = re.sub(_LABELLED, r"\1", match[0], count=1)
        written = re.sub(r"\s+", "", text_of)
        if registry == Registry.EU_CTR:
            written = "-".join(re.findall("[0-9]+", written))
        elif registry == Registry.REBEC:
            written = re.sub(r"(?i)^RBR-?", "RBR-", written)
        elif registry == Registry.CHICTR:
            written = re.sub(r"(?i)^ChiCTR([A-Z]{2,5})-?", r"ChiCTR-\1-", written)
        elif registry == Registry.OTHER:
            written = re.sub(r"(?i)^(?:EUCT|CTIS)|(?<=UMIN)-CTR|(?<=[0-9])p$", "", written).replace("CTRI2", "CTRI/2")
        identifier = tidy_registration(registry, written)
        if registry == Registry.OTHER or registry_of(identifier) == registry:
            yield registry, identifier, match.start(), match.end()
