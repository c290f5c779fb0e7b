"""Identifiers in addresses, notes and running text."""

import pytest

from trials.identifiers import bare_pmid, find_doi, find_pmcids, find_pmids, find_registrations


@pytest.mark.parametrize(
    ("written", "doi"),
    [
        ("https://doi.org/10.1002/sctm.21-0046.", "10.1002/sctm.21-0046"),
        ("10.1002/sctm.21-0046 [doi]", "10.1002/sctm.21-0046"),
        ("https://onlinelibrary.wiley.com/doi/10.1000/x/abstract", "10.1000/x"),
        ("https://www.frontiersin.org/articles/10.3389/fimmu.2021.1/full", "10.3389/fimmu.2021.1"),
        ("https://link.springer.com/content/pdf/10.1007/s1-2.pdf", "10.1007/s1-2"),
        ("https://doi.org/10.1000/x?utm_source=y#z", "10.1000/x"),
        ("https://journals.plos.org/a?id=10.1371/journal.1&type=printable", "10.1371/journal.1"),
        ("https://www.medrxiv.org/content/10.1101/2020.05.01.20084012v1.full", "10.1101/2020.05.01.20084012"),
        ("http://dx.doi.org/10.1000%2Fx", "10.1000/x"),
        ("https%3A%2F%2Fdoi.org%2F10.1000%252Fx", "10.1000/x"),
        ("(doi: 10.1016/S0140-6736(20)30317-2)", "10.1016/S0140-6736(20)30317-2"),
        ("doi:10.1002/(SICI)1(8)7<1::AID-S>3.0.CO;2-2", "10.1002/(SICI)1(8)7<1::AID-S>3.0.CO;2-2"),
        ("https://www.cochranelibrary.com/central/doi/10.1002/central/CN-1/full", ""),
        ("10.1000", ""),
    ],
)  # fmt: skip
def test_doi_is_found_without_what_is_around_it(written: str, doi: str) -> None:
    assert find_doi(written) == doi


@pytest.mark.parametrize(
    ("written", "pmid"),
    [
        ("PMID: 31234567 PMCID: PMC1", "31234567"),
        ("PUBMED 31234567,EMBASE 600000001", "31234567"),
        ("https://pubmed.ncbi.nlm.nih.gov/31234567/?from_term=x", "31234567"),
        ("http://www.ncbi.nlm.nih.gov/pubmed/31234567", "31234567"),
        ("https://europepmc.org/abstract/MED/31234567", "31234567"),
        ("https://ovidsp.ovid.com/ovidweb.cgi?D=medl&AN=31234567", "31234567"),
        ("https://ovidsp.ovid.com/ovidweb.cgi?D=emed24&AN=31234567", ""),
        ("Comment in: JAMA. 2021. PMID: 31234567", ""),
        ("31234567", ""),
    ],
)
def test_pubmed_id_is_found_where_it_is_named(written: str, pmid: str) -> None:
    assert list(find_pmids(written))[:1] == [pmid][: len(pmid)]


def test_whole_text_may_be_a_pubmed_id() -> None:
    assert (bare_pmid("PMID: 123"), bare_pmid("12a"), bare_pmid("012")) == ("123", "", "")


@pytest.mark.parametrize(
    ("written", "found"), [("https://x/pmc123/", ["PMC123"]), ("PMCID: PMC 123", ["PMC123"]), ("123", [])]
)
def test_pubmed_central_id_is_found(written: str, found: list[str]) -> None:
    assert list(find_pmcids(written)) == found


@pytest.mark.parametrize(
    ("written", "registry", "identifier"),
    [
        ("NCT 04000001", "clinicaltrials-gov", "NCT04000001"), ("NCT-04000001", "clinicaltrials-gov", "NCT04000001"),
        ("NCT number 04000001", "clinicaltrials-gov", "NCT04000001"), ("ISRCTN: 12345678", "isrctn", "ISRCTN12345678"),
        ("EUCTR2020-001505-22-ES", "eu-ctr", "2020-001505-22"), ("2020–001505–22", "eu-ctr", "2020-001505-22"),
        ("2022-501234-12-00", "other", "2022-501234-12-00"), ("IRCT 20200217046526N1", "irct", "IRCT20200217046526N1"),
        ("ChiCTR 2000029606", "chictr", "ChiCTR2000029606"), ("chictr-trc-08000092", "chictr", "ChiCTR-TRC-08000092"),
        ("ChiCTR-2000029606", "chictr", "ChiCTR2000029606"), ("rbr-3FZ9YR", "rebec", "RBR-3fz9yr"),
        ("DRKS 00012345", "other", "DRKS00012345"), ("CTRI/2020/05/025123", "other", "CTRI/2020/05/025123"),
    ],
)  # fmt: skip
def test_registry_number_is_found_with_spaces_and_prefixes(written: str, registry: str, identifier: str) -> None:
    found = [(str(each), number) for each, number, _, _ in find_registrations(f"Registered ({written}); see there.")]
    assert found == [(registry, identifier)]
