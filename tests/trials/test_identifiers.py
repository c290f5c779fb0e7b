"""Identifiers are tidied when pasted, and a wrong one is refused with an example of a right one."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError

from trials import identifiers


@pytest.mark.parametrize(
    ("pasted", "stored"),
    [
        ("10.1002/sctm.21-0046", "10.1002/sctm.21-0046"),
        ("http://dx.doi.org/10.1002/sctm.21-0046", "10.1002/sctm.21-0046"),
        ("HTTPS://DOI.ORG/10.1016/S2213-2600(21)00001-1", "10.1016/s2213-2600(21)00001-1"),
        ("DOI: 10.1002/x", "10.1002/x"),
        ("DOI 10.1002/x", "10.1002/x"),
        ("DOI: https://doi.org/10.1002/x", "10.1002/x"),
        ("https://doi.org/10.1002/sctm.21-0046?utm_source=x", "10.1002/sctm.21-0046"),
        ("https://onlinelibrary.wiley.com/doi/full/10.1002/sctm.21-0046", "10.1002/sctm.21-0046"),
        ("https://link.springer.com/content/pdf/10.1186/s13287-021-02165-4.pdf", "10.1186/s13287-021-02165-4"),
        ("https://www.frontiersin.org/articles/10.3389/fimmu.2021.631821/full", "10.3389/fimmu.2021.631821"),
        ("https://www.medrxiv.org/content/10.1101/2020.03.22.20040832v1.full.pdf", "10.1101/2020.03.22.20040832"),
        ("https://journals.plos.org/plosone/article?id=10.1371/journal.pone.0012345", "10.1371/journal.pone.0012345"),
        ("https://doi-org.proxy.example.edu/10.1002/x", "10.1002/x"),
        ("https://proxy.example.edu/login?url=https://doi.org/10.1002/x", "10.1002/x"),
        ("https://proxy.example.edu/login?url=https%3A%2F%2Fdoi.org%2F10.1002%2Fx", "10.1002/x"),
        ("10.1002/x.", "10.1002/x"),
        ("“10.1002/x”;", "10.1002/x"),
        ("10.1016/S0140-6736(20)30183-5.", "10.1016/s0140-6736(20)30183-5"),
        ("10.1002/sctm\u00ad.21\u2060-0046\ufeff\u200f", "10.1002/sctm.21-0046"),
        ("10.1002/sctm.21\u20130046", "10.1002/sctm.21-0046"),
        ("10.1002/sctm.21\u22120046", "10.1002/sctm.21-0046"),
        ("The DOI of the paper is 10.1002/x.", "10.1002/x"),
        ("See https://doi.org/10.1002/x?utm_source=y", "10.1002/x"),
        ("10.1002/with space", "10.1002/with space"),
        ("see table 3", "see table 3"),
        ("https://example.org/article/1", "https://example.org/article/1"),
        ("10.1002/x and more", "10.1002/x and more"),
        ("", ""),
    ],
)
def test_doi_as_pasted(pasted: str, stored: str) -> None:
    assert identifiers.tidy_doi(pasted) == stored


@pytest.mark.parametrize(
    ("pasted", "stored"),
    [
        ("33902726", "33902726"),
        ("PMID: 33902726", "33902726"),
        ("pmid33902726", "33902726"),
        ("https://pubmed.ncbi.nlm.nih.gov/33902726/", "33902726"),
        ("https://pubmed.ncbi.nlm.nih.gov/34102020/?from_term=x&from_pos=2", "34102020"),
        ("https://pubmed.ncbi.nlm.nih.gov/?term=34102020", "34102020"),
        ("https://pubmed-ncbi-nlm-nih-gov.proxy.example.edu/34102020/", "34102020"),
        ("https://europepmc.org/article/MED/34102020", "34102020"),
        ("PMID: 34102020.", "34102020"),
        ("PubMed ID 34102020", "34102020"),
        ("341020201", "341020201"),
        ("https://www.ncbi.nlm.nih.gov/pubmed?term=33902726", "33902726"),
        ("https://pubmed.gov/33902726", "33902726"),
        ("", ""),
    ],
)
def test_pubmed_id_as_pasted(pasted: str, stored: str) -> None:
    assert identifiers.tidy_pmid(pasted) == stored


@pytest.mark.parametrize(
    ("pasted", "stored"),
    [
        ("PMC8046040", "PMC8046040"),
        ("pmc8046040", "PMC8046040"),
        ("PMCID: PMC8046040", "PMC8046040"),
        ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC8046040/", "PMC8046040"),
        ("PMC8243094.1", "PMC8243094"),
        ("https://pmc.ncbi.nlm.nih.gov/articles/PMC8243094/?report=reader#results", "PMC8243094"),
        ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC8243094/pdf/main.pdf", "PMC8243094"),
        ("https://europepmc.org/articles/PMC8243094", "PMC8243094"),
        ("PMC 8046040", "PMC8046040"),
        ("8046040", "8046040"),
        ("", ""),
    ],
)
def test_pubmed_central_id_as_pasted(pasted: str, stored: str) -> None:
    assert identifiers.tidy_pmcid(pasted) == stored


@pytest.mark.parametrize(
    ("pasted", "address"),
    [
        ("10.1002/SCTM.21-0046", "https://doi.org/10.1002/sctm.21-0046"),
        ("doi:10.1016/S0140-6736(20)30183-5.", "https://doi.org/10.1016/s0140-6736(20)30183-5"),
        ("10.1002/(SICI)1097<1::AID>2", "https://doi.org/10.1002/(sici)1097%3C1::aid%3E2"),
        ("PMID: 33902726", "https://pubmed.ncbi.nlm.nih.gov/33902726/"),
        ("PMC8046040", "https://pmc.ncbi.nlm.nih.gov/articles/PMC8046040/"),
        ("nct04355728", "https://clinicaltrials.gov/study/NCT04355728"),
        ("doi.org/10.1002/x", "https://doi.org/10.1002/x"),
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("https://doi.org/10.1002/x\u200b", "https://doi.org/10.1002/x"),
        ("the paper", "the paper"),
    ],
)
def test_identifier_becomes_an_address(pasted: str, address: str) -> None:
    assert identifiers.address_of(pasted) == address


@pytest.mark.parametrize(
    ("validate", "values", "reason"),
    [
        (
            identifiers.validate_doi,
            ["10.1002", "10.12/x", "10.1002/with space", "11.1002/x", "10.1002/x\n", "doi:10.1002/x"],
            "is not a DOI. Write 10., a number, a slash and the rest, such as 10.1002/sctm.21-0046.",
        ),
        (
            identifiers.validate_pmid,
            ["0123", "123456789", "PMC1", "12a", "١٢٣", "123\n", ""],
            "is not a PubMed ID. It is a number of at most eight digits, such as 33902726.",
        ),
        (
            identifiers.validate_pmcid,
            ["8046040", "PMC", "PMC0123", "PMC123456789", "pmc8046040"],
            "is not a PubMed Central ID. Write PMC and its number, such as PMC8046040.",
        ),
    ],
    ids=["DOI", "PubMed", "PMC"],
)
def test_wrong_identifier_is_named_with_what_is_right(
    validate: Callable[[str], None], values: list[str], reason: str
) -> None:
    for value in values:
        with pytest.raises(ValidationError) as refusal:
            validate(value)
        assert refusal.value.messages == [f"“{value}” {reason}"]


REGISTRATIONS = [
    ("clinicaltrials-gov", "nct 04457609", "NCT04457609"),
    ("clinicaltrials-gov", "https://clinicaltrials.gov/study/NCT04457609?term=x", "NCT04457609"),
    ("clinicaltrials-gov", "https://clinicaltrials.gov/ct2/show/NCT04457609", "NCT04457609"),
    ("clinicaltrials-gov", "ClinicalTrials.gov identifier: NCT-0445 7609", "NCT04457609"),
    ("isrctn", "https://www.isrctn.com/ISRCTN52319075?q=x", "ISRCTN52319075"),
    ("eu-ctr", "EudraCT number: 2020-001287-28", "2020-001287-28"),
    ("eu-ctr", "2020-001287-28-FR", "2020-001287-28"),
    ("irct", "irct20200217046526n1", "IRCT20200217046526N1"),
    ("rebec", "rbr-3FZ9YR", "RBR-3fz9yr"),
    ("rebec", "RBR-6qvdftm", "RBR-6qvdftm"),
    ("isrctn", "ISRCTN 52319075", "ISRCTN52319075"),
    ("chictr", "CHICTR2000029606", "ChiCTR2000029606"),
    ("chictr", "ChiCTR-trc-08000092", "ChiCTR-TRC-08000092"),
    ("other", "UMIN 000040504", "UMIN000040504"),
    ("clinicaltrials-gov", "https://www.clinicaltrials.gov/ct2/show/nct04457609", "NCT04457609"),
    ("clinicaltrials-gov", "\u200bNCT04457609.", "NCT04457609"),
    ("eu-ctr", "https://www.clinicaltrialsregister.eu/ctr-search/trial/2020-001287-28/FR", "2020-001287-28"),
    ("rebec", "https://ensaiosclinicos.gov.br/rg/RBR-3fz9yr", "RBR-3fz9yr"),
]


@pytest.mark.parametrize(("registry", "pasted", "stored"), REGISTRATIONS)
def test_registration_as_pasted(registry: str, pasted: str, stored: str) -> None:
    assert identifiers.tidy_registration(registry, pasted) == stored
    assert identifiers.wrong_registration(registry, stored) == ""


@pytest.mark.parametrize(
    ("registry", "value", "right"),
    [
        (
            "clinicaltrials-gov",
            "NCT0445760",
            "A ClinicalTrials.gov identifier is NCT and eight digits, such as NCT04457609.",
        ),
        (
            "eu-ctr",
            "2020-1287-28",
            "A EudraCT number is a year, six digits and two check digits, such as 2020-001287-28.",
        ),
        (
            "irct",
            "IRCT20200217046526",
            "An IRCT identifier is IRCT, 10 to 14 digits, N and a number, such as IRCT20200217046526N1.",
        ),
        (
            "rebec",
            "RBR-3FZ9YR",
            "A ReBEC identifier is RBR- and six to ten small letters or digits, such as RBR-3fz9yr.",
        ),
        ("isrctn", "ISRCTN5231907", "An ISRCTN identifier is ISRCTN and eight digits, such as ISRCTN52319075."),
        ("chictr", "ChiCTR29606", "A Chinese identifier is ChiCTR and ten digits, such as ChiCTR2000029606."),
    ],
)
def test_wrong_registration_is_named_with_what_is_right(registry: str, value: str, right: str) -> None:
    assert identifiers.wrong_registration(registry, value) == f"“{value}” cannot be right. {right}"


def test_registry_without_a_known_form_takes_anything() -> None:
    assert identifiers.wrong_registration("other", "any text") == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Lanzoni doi:10.1002/sctm.20-0472, cells", ["10.1002/sctm.20-0472"]),
        ("(10.1016/S2213-2600(21)00001-1).", ["10.1016/s2213-2600(21)00001-1"]),
        ("PMID: 33400390; PMCID: PMC8046040", ["PMC8046040", "33400390"]),
        ("https://clinicaltrials.gov/study/NCT04355728?rank=1 Miami", ["NCT04355728"]),
        ("https://www.clinicaltrialsregister.eu/ctr-search/trial/2020-001287-28/FR", ["2020-001287-28"]),
        ("irct20200217046526n1", ["IRCT20200217046526N1"]),
        ("rbr 3FZ9YR", ["RBR-3fz9yr"]),
        ("UMIN 000040504", ["UMIN000040504"]),
        ("CTRI/2020/05/025123", ["CTRI/2020/05/025123"]),
        ("CTRI-2020-05-025123, DRKS-00012345", ["CTRI/2020/05/025123", "DRKS00012345"]),
        ("2022-501234-12-00", ["2022-501234-12-00"]),
        ("covid 19 2021, PubMed, PMC, 1/2a, Adas 34180719", []),
    ],
)
def test_identifiers_are_found_in_a_text(text: str, found: list[str]) -> None:
    assert identifiers.find_identifiers(text) == found


# --- In notes and running text


@pytest.mark.parametrize(
    ("written", "doi"),
    [
        ("https://journals.plos.org/a?id=10.1371/journal.1&type=printable", "10.1371/journal.1"),
        ("https%3A%2F%2Fdoi.org%2F10.1000%252Fx", "10.1000/x"),
        ("https://www.cochranelibrary.com/central/doi/10.1002/central/CN-1/full", ""),
        ("10.1000 / x", "10.1000/x"),
    ],
)  # fmt: skip
def test_doi_is_found_without_what_is_around_it(written: str, doi: str) -> None:
    assert identifiers.find_doi(written) == doi


@pytest.mark.parametrize(
    ("written", "pmid"),
    [
        ("PMID: 31234567 PMCID: PMC1", "31234567"),
        ("PUBMED 31234567,EMBASE 600000001", "31234567"),
        ("https://europepmc.org/abstract/MED/31234567", "31234567"),
        ("https://ovidsp.ovid.com/ovidweb.cgi?D=medl&AN=31234567", "31234567"),
        ("https://ovidsp.ovid.com/ovidweb.cgi?D=emed24&AN=31234567", ""),
        ("Comment in: JAMA. 2021. PMID: 31234567", ""),
        ("31234567", ""),
    ],
)
def test_pubmed_id_is_found_where_it_is_named(written: str, pmid: str) -> None:
    assert list(identifiers.find_pmids(written))[:1] == [pmid][: len(pmid)]
