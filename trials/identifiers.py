"""Identifiers of papers and registrations: their forms, and where they are in a text.

`find_…` gives those that a text holds. `tidy_…` gives the one that was typed, or pasted with an address or a label, as
it is stored; a text that is none comes back for a validator to refuse.

Sources of the forms: DOI, ANSI/NISO Z39.84 and Crossref's notes on matching them; PMID and PMCID, the US National
Library of Medicine; registrations, the registries themselves and the patterns of the R package ctregistries. The check
digits of EudraCT and ISRCTN are not checked: no public document says how they are computed.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple
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


def _visible(text: str) -> str:
    """Return the text without invisible characters and what surrounds it, and with "-" for every dash and hyphen."""
    kinds = ((c, unicodedata.category(c)) for c in text)
    text = "".join("-" if kind == "Pd" or c == "−" else c for c, kind in kinds if kind != "Cf")  # or a minus
    return text.strip(" \t\r\n\u00a0<>[]{}“”‘’\"'`,;").rstrip(".")


def _only(found: Iterable[str]) -> str:
    """Return the one identifier that was found; "" for none or several."""
    different = set(found)
    return different.pop() if len(different) == 1 else ""


# --- DOI

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


def find_doi(text: str) -> str:
    """Return 10.1000/x for https://doi.org/10.1000/x, doi:10.1000/x or 10.1000/x [doi]; "" if there is none.

    Escapes (%2F), the end of a publisher's address (/abstract) and punctuation of the sentence are left out.
    """
    text = re.sub(r"(?<=10\.)([0-9]{4,9}) ?/ ?", r"\1/", re.sub(r"\\(?=[_%&#])", "", text[:2000]))
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


def tidy_doi(text: str) -> str:
    """Return the DOI that the text ends with, in small letters: capitals do not matter (DOI Handbook, 2.4)."""
    text = _visible(text)
    if not text.split():
        return ""
    return find_doi(text.split()[-1]).lower() or text


# --- PubMed and PubMed Central

_PMID = re.compile(r"(?:PMID\s*[:=#-]?\s*)?([1-9][0-9]{0,7})", re.IGNORECASE)
_PMID_IN_TEXT = re.compile(
    r"(?<![A-Za-z])(?:PMID\s{0,3}[:=#-]?\s{0,3}(?:NLM)?([1-9][0-9]{0,7})|(?:PubMed(?:\s?ID)?|MEDLINE|PM)\s{0,3}[:=#_/-]?\s{0,3}"
    r"([1-9][0-9]{4,7}))(?![0-9])"
    r"|(?:ncbi[.-]nlm[.-]nih[.-]gov[\w.-]{0,60}/(?:m/)?(?:pubmed/?)?(?:\?(?:term|uid)=)?|pubmed\.gov/|"
    r"europepmc\.org/\w{1,20}/MED/|list_uids=|info:pmid/)([1-9][0-9]{0,7})(?![0-9])"
    r"|(?<![0-9])([1-9][0-9]{3,7})\s?\[(?:pmid|pubmed)\]",
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


def _of_this_paper(text: str, start: int) -> bool:
    return not _OF_ANOTHER.search(text[max(0, start - 250) : start])


def bare_pmid(text: str) -> str:
    """Return the PubMed ID that the whole text is; "" for any other text."""
    match = _PMID.fullmatch(text.strip())
    return match[1] if match else ""


def find_pmids(text: str) -> Iterator[str]:
    """Yield the PubMed IDs that a note or an address names as such, unless they are those of other papers."""
    matches = (match for match in _PMID_IN_TEXT.finditer(text) if _of_this_paper(text, match.start()))
    yield from (next(filter(None, match.groups())) for match in matches)
    if (number := MEDLINE_NUMBER.search(text)) and MEDLINE.search(text):
        yield number[1]


def find_pmcids(text: str) -> Iterator[str]:
    yield from (f"PMC{match[1]}" for match in _PMCID.finditer(text) if _of_this_paper(text, match.start()))


def find_noted_doi(text: str) -> str:
    """Return the DOI that a note names as such; "" for one of another paper."""
    match = re.search(r"(?:\bdoi\s*[:=]?\s*|doi\.org/|^\s*)(?=10\.[0-9]{4})", text, re.IGNORECASE)
    return find_doi(text[match.start() :]) if match and _of_this_paper(text, match.start()) else ""


def tidy_pmid(text: str) -> str:
    text = _visible(text)
    return bare_pmid(text) or _only(find_pmids(text)) or text


def tidy_pmcid(text: str) -> str:
    text = _visible(text)
    return _only(find_pmcids(text)) or text.upper()


# --- Registrations


class Form(NamedTuple):
    """How a registry writes its identifiers: in words, as a pattern of the `whole`, and as they are found `in_text`."""

    words: str
    whole: re.Pattern[str]
    in_text: str  # with spaces and labels between the groups, which are the parts


_GAP = r"[\s:#(-]{0,3}(?:(?:trial|registry|registration)\s){0,2}(?:(?:no|nr|number|identifier|id)\b[.:]?\s?)?"
_EIGHT = r"((?:[0-9][\s-]?){7}[0-9])"
# An IRCT identifier was shorter before 2016, with a date of the Iranian calendar; until 2017, a Chinese one held the
# kind of study. A registry without an entry has no known form.
FORMS: dict[Registry, Form] = {
    Registry.CLINICALTRIALS_GOV: Form(
        "A ClinicalTrials.gov identifier is NCT and eight digits, such as NCT04457609.",
        re.compile(r"NCT[0-9]{8}"),
        rf"(NCT){_GAP}{_EIGHT}",
    ),
    Registry.EU_CTR: Form(
        "A EudraCT number is a year, six digits and two check digits, such as 2020-001287-28.",
        re.compile(r"20[0-9]{2}-[0-9]{6}-[0-9]{2}"),
        # In the numbers of EU CTIS, which look alike, a 5 is the first of the six digits, and two digits follow.
        r"(?:EUCTR|EudraCT)?[\s:-]{0,2}(20[0-9]{2})\s?(-)\s?((?!5)[0-9]{6})\s?(-)\s?([0-9]{2})(?:[-/][A-Z]{2})?"
        r"(?![\w-]*[0-9A-Za-z])",
    ),
    Registry.IRCT: Form(
        "An IRCT identifier is IRCT, 10 to 14 digits, N and a number, such as IRCT20200217046526N1.",
        re.compile(r"IRCT[0-9]{10,14}N[0-9]{1,3}"),
        rf"(IRCT){_GAP}([0-9]{{10,14}})\s?(N)\s?([0-9]{{1,3}})",
    ),
    Registry.REBEC: Form(
        "A ReBEC identifier is RBR- and six to ten small letters or digits, such as RBR-3fz9yr.",
        re.compile(r"RBR-[0-9a-z]{6,10}"),
        r"RBR(?:\s?-\s?|\s|(?=[0-9]))((?=[a-z]{0,9}[0-9])[0-9a-z]{6,10})",
    ),
    Registry.ISRCTN: Form(
        "An ISRCTN identifier is ISRCTN and eight digits, such as ISRCTN52319075.",
        re.compile(r"ISRCTN[0-9]{8}"),
        rf"(ISRCTN){_GAP}{_EIGHT}",
    ),
    Registry.CHICTR: Form(
        "A Chinese identifier is ChiCTR and ten digits, such as ChiCTR2000029606.",
        re.compile(r"ChiCTR([0-9]{8,10}|-[A-Z]{2,5}-[0-9]{8})"),
        rf"Chi-?CTR{_GAP}(?:([A-Z]{{2,5}})[\s-]{{1,2}})?([0-9]{{8,10}})",
    ),
}
# Registries without a name of their own here: EU CTIS, Australia, India, Germany, Japan, Africa, Thailand, Korea,
# the Netherlands, Lebanon, Cuba, Sri Lanka, Peru, the Philippines, Switzerland.
_OTHERS = (
    r"(?:EU\s?CT|CTIS)?\s?(20[2-9][0-9]-5[0-9]{5}-[0-9]{2}(?:-[0-9]{2})?)|(ACTRN\s?[0-9]{14})p?|"
    r"(CTRI[/\s-][0-9]{4}[/-][0-9]{2,3}[/-][0-9]{6}|DRKS[\s-]?[0-9]{8}|UMIN(?:-CTR)?\s?[0-9]{9}|jRCTs?\s?[0-9]{9,10}|"
    r"JapicCTI-?\s?[0-9]{6}|PACTR\s?[0-9]{15,16}|TCTR\s?[0-9]{11}|KCT\s?[0-9]{7}|NTR\s?[0-9]{3,5}|"
    r"NL-OMON\s?[0-9]{4,6}|LBCTR\s?[0-9]{10}|RPCEC\s?[0-9]{8}|SLCTR/[0-9]{4}/[0-9]{3}|PER-[0-9]{3}-[0-9]{2}|"
    r"PHRR[0-9]{6}-[0-9]{6}|SNCTP[0-9]{9})"
)
_IN_TEXT = {registry: form.in_text for registry, form in FORMS.items()} | {Registry.OTHER: _OTHERS}
_TEXT_PATTERNS = {
    registry: re.compile(rf"(?<![A-Za-z0-9])(?<![0-9]-)(?:{pattern})(?![0-9A-Za-z])", re.IGNORECASE)
    for registry, pattern in _IN_TEXT.items()
}
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
_LABEL = re.compile(
    r"(?:ClinicalTrials\.gov|EudraCT)?(?:\s*(?:identifier|ID|number|no)\b\.?)?\s*[:#]?\s*(?:\S*[/=])?", re.IGNORECASE
)


class RegistryNumber(NamedTuple):
    registry: Registry
    identifier: str
    start: int
    end: int


def find_registrations(text: str) -> list[RegistryNumber]:
    """Return the registry numbers in a text, in its order, each as its registry writes it."""
    text = text.translate(_HYPHENS)
    found = [
        RegistryNumber(registry, _put_together(registry, match), match.start(), match.end())
        for registry, pattern in _TEXT_PATTERNS.items()
        for match in pattern.finditer(text)
    ]
    right = (each for each in found if not wrong_registration(each.registry, each.identifier))
    return sorted(right, key=lambda each: each.start)


def _put_together(registry: Registry, match: re.Match[str]) -> str:
    parts = [re.sub(r"\s", "", part) for part in match.groups() if part]
    if registry == Registry.REBEC:
        return f"RBR-{parts[0].lower()}"
    if registry == Registry.CHICTR:
        return f"ChiCTR{parts[0]}" if len(parts) == 1 else f"ChiCTR-{parts[0].upper()}-{parts[1]}"
    if registry == Registry.EU_CTR:
        return "".join(parts)
    number = "".join(parts)
    if registry != Registry.OTHER:
        return number.replace("-", "").upper()
    if number.upper().startswith("CTRI"):
        return re.sub(r"CTRI/?(?=2)", "CTRI/", number.replace("-", "/"), flags=re.IGNORECASE)
    return re.sub(r"^UMIN-CTR|^DRKS-", lambda name: name[0][:4], number, flags=re.IGNORECASE)


def tidy_registration(registry: str, text: str) -> str:
    """Return the identifier as this registry (a code of `Registry`) writes it."""
    text = _visible(text)
    for each in find_registrations(text):
        around = _LABEL.fullmatch(text[: each.start]) and re.fullmatch(r"(?:[/?#&]\S*)?", text[each.end :])
        if each.registry == registry and around:
            return each.identifier
    return re.sub(r"\s+", "", text)


def wrong_registration(registry: str, value: str) -> str:
    """Return what is wrong with this identifier of this registry (a code of `Registry`), or ""."""
    if registry not in FORMS:
        return ""
    form = FORMS[Registry(registry)]
    return "" if form.whole.fullmatch(value) else f"“{value}” cannot be right. {form.words}"


def registry_of(text: str) -> Registry | None:
    """Return the registry whose form this identifier has, or None."""
    return next((each for each in FORMS if not wrong_registration(each, tidy_registration(each, text))), None)


# --- Any of them


def find_identifiers(text: str) -> list[str]:
    """Return the identifiers in a text, each in the form in which it is stored."""
    words = _visible(text).split()
    dois = [find_doi(word).lower() for word in words]
    rest = " ".join(word for word, doi in zip(words, dois, strict=True) if not doi)
    numbers = [each.identifier for each in find_registrations(rest)]
    return [*filter(None, dois), *find_pmcids(rest), *find_pmids(rest), *numbers]


_URL = re.compile(r"https?://|www\.|[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}(/|$)", re.IGNORECASE)


def address_of(text: str) -> str:
    """Return the address of what was pasted: an address, a DOI, a PubMed or PubMed Central ID, or a registration."""
    bare = _visible(text)
    if _URL.match(bare):
        bare = "".join(c for c in text if unicodedata.category(c) != "Cf").strip()  # with the hyphens that it has
        return bare if "://" in bare else f"https://{bare}"
    doi, pmid, pmcid, registry = tidy_doi(bare), tidy_pmid(bare), tidy_pmcid(bare), registry_of(bare)
    if find_doi(doi) == doi != "":
        return f"https://doi.org/{quote(doi, safe='/:;()')}"
    if bare_pmid(pmid):
        return f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/"
    if pmcid in find_pmcids(pmcid):
        return f"https://pmc.ncbi.nlm.nih.gov/articles/{pmcid}/"
    if registry and registry in REGISTRY_RECORD_URLS:
        return REGISTRY_RECORD_URLS[registry].format(tidy_registration(registry, bare))
    return bare
