"""What readers type, and which of the eight studies each search finds."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import transaction

from trials.listing.search import search_condition
from trials.models import Trial

ADAS, DILOGO, HASHEMIAN, KAFFASH = "adas-2021", "dilogo-2021", "hashemian-2021", "kaffash-farkhad-2022"
LANZONI, MONSEL, REBELATTO, YIP = "lanzoni-2021", "monsel-2022", "rebelatto-2022", "yip-2020"
ALL = {ADAS, DILOGO, HASHEMIAN, KAFFASH, LANZONI, MONSEL, REBELATTO, YIP}
COVID = ALL - {YIP}  # its causes are “other than COVID-19”
RANDOMISED = {DILOGO, LANZONI, MONSEL, REBELATTO}
# “Saline” by the registry of Adas, “placebo” in the title of Kaffash Farkhad, cells in saline in Hashemian.
PLACEBO = RANDOMISED | {ADAS, KAFFASH, HASHEMIAN}

FOUND: list[tuple[str, set[str]]] = [
    # the names that the site gives a study, its authors and its address
    ("Lanzoni 2021", {LANZONI}),
    ("Lanzoni et al. 2021", {LANZONI}),
    ("Kaffash Farkhad 2022", {KAFFASH}),
    ("lanzoni-2021", {LANZONI}),
    ("Yip HK", {YIP}),
    ("Yip H.K.", {YIP}),
    ("H. K. Yip", {YIP}),
    ("Yip, Hon-Kan", {YIP}),
    ('"Hon-Kan Yip"', {YIP}),
    ("Rebelatto, Carmen Lúcia Kuniyoshi", {REBELATTO}),
    ("2021", {ADAS, DILOGO, HASHEMIAN, LANZONI}),
    ("2020-2021", {ADAS, DILOGO, HASHEMIAN, LANZONI, YIP}),
    ("2020 or 2022", {KAFFASH, MONSEL, REBELATTO, YIP}),
    ("2023", set()),  # the year of a review that two entries name
    ("G.Lanzoni", {LANZONI}),
    ("Lanzoni’s trial", {LANZONI}),
    ("Yip HK[au] AND 2020[dp]", {YIP}),
    ("STROMA-CoV-2", {MONSEL}),
    # what it is about
    ("MSC", ALL),
    ("UC-MSC", ALL),
    ("stem cells", ALL),
    ("stem/stromal cells", ALL),
    ("stromal", ALL),
    ("ARDS", ALL),
    ("acute respiratory distress syndrome", ALL),
    ("acute respiratory disease syndrome", ALL),
    ("lung failure", ALL),
    ("SARS-CoV-2", COVID),
    ("COVID-19", COVID),
    # identifiers as they are copied
    ("10.1002/sctm.20-0472", {LANZONI}),
    ("https://doi.org/10.1002/sctm.20-0472", {LANZONI}),
    ("doi:10.1002/sctm.20-0472", {LANZONI}),
    ("DOI: https://doi.org/10.1002/sctm.20\u20110472\u200b", {LANZONI}),
    ("https://stemcellsjournals.onlinelibrary.wiley.com/doi/full/10.1002/sctm.20-0472?af=R", {LANZONI}),
    ("10.1002/sctm.20-047", set()),
    ("34180719", {ADAS}),
    ("PMID 34180719", {ADAS}),
    ("https://pubmed.ncbi.nlm.nih.gov/34180719/?from_term=adas", {ADAS}),
    ("https://pmc.ncbi.nlm.nih.gov/articles/PMC8243094/", {ADAS}),
    ("nct04355728", {LANZONI}),
    ("NCT 04355728", {LANZONI}),
    ("NCT0435", {LANZONI}),
    ("https://clinicaltrials.gov/study/NCT04355728", {LANZONI}),
    ("ISRCTN 52319075", {YIP}),
    ("IRCT20200217046526N1", {HASHEMIAN}),
    ("http://en.irct.ir/trial/47030", {HASHEMIAN}),
    ("EudraCT 2020-001287-28", {MONSEL}),
    ("rbr-3FZ9YR", {REBELATTO}),
    ("Lanzoni G, et al. doi: 10.1002/sctm.20-0472. PMCID: PMC8046040.", {LANZONI}),
    ("NCT04355728 or NCT04333368", {LANZONI, MONSEL}),
    ("Lanzoni G, Linetsky E, et al. Stem Cells Transl Med. 2021;10(5):660-673.", {LANZONI}),
    ("https://ardsinfo.example/trials/kaffash-farkhad-2022/", {KAFFASH}),
    ("https://example.org/trials/", set()),
    ("NCT04898088", set()),  # another study of the same hospital
    # phrases
    ('"umbilical cord"', ALL),
    ("“umbilical cord mesenchymal stem cells”", {LANZONI}),
    # design
    ("randomised", RANDOMISED),
    ("randomized", RANDOMISED),
    ("randomised controlled trial", RANDOMISED),
    ("RCT", RANDOMISED),
    ("open label", {KAFFASH}),
    ("non-randomised", ALL - RANDOMISED),
    ("non-COVID", {YIP}),
    ("single arm", {YIP}),
    ("case series", {HASHEMIAN}),
    ("blind", RANDOMISED),
    ("double blind", RANDOMISED),
    ("double-masked", RANDOMISED),
    ("phase 2", {LANZONI, MONSEL, REBELATTO}),
    ("phase I/II", {LANZONI, REBELATTO}),
    ("phase 1/2a", {LANZONI}),
    ("phase 3", set()),
    # where
    ("Turkey", {ADAS}),
    ("Türkiye", {ADAS}),
    ("Turkish", {ADAS}),
    ("Iran", {HASHEMIAN, KAFFASH}),
    ("American", {LANZONI}),
    ("USA", {LANZONI}),
    ("US", {LANZONI}),
    ("UK", set()),
    ("the US", {LANZONI}),
    ("Iran OR Turkey", {ADAS, HASHEMIAN, KAFFASH}),
    ("studies in Iran", {HASHEMIAN, KAFFASH}),
    ("Miami", {LANZONI}),
    ("Surakarta", set()),  # another study, with which Dilogo 2021 should not be mixed up
    # journals
    ("Stem Cell Research & Therapy", {HASHEMIAN, KAFFASH, REBELATTO}),
    ('"Stem Cell Res Ther"', {HASHEMIAN, KAFFASH, REBELATTO}),
    ('"Critical Care"', {MONSEL, YIP}),
    ("Critical Care", ALL - {KAFFASH}),  # “critically ill”, “care”; the page offers the phrase
    ('"Crit Care"[ta]', {MONSEL, YIP}),
    ('"Crit Care Med"', {YIP}),
    # cells and treatment
    ("cord", ALL),
    ("umbilical\u200bcord", ALL),
    ("Wharton's jelly", ALL),
    ("placental", {HASHEMIAN}),
    ("Najmeh Kaffash Farkhad", {KAFFASH}),
    ("placebo", PLACEBO),
    ("saline", PLACEBO),
    ("heparin", {LANZONI}),
    # outcomes
    ("mortality", ALL),  # “We found no numbers of deaths”, says the summary of one
    ("IL-6", {DILOGO, KAFFASH, REBELATTO}),
    ("TNF-alpha", {KAFFASH}),
    ("106", set()),  # “1 × 10⁶” is another number
    ("IL6", {DILOGO, KAFFASH, REBELATTO}),
    # the beginnings of words, and whole numbers
    ("mesench", ALL),
    ("45", {MONSEL}),
    ("lanzonni", set()),
    ("mesenchimal", set()),
]


@pytest.fixture(scope="module", autouse=True)
def eight_studies(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """The studies and the glossary, loaded once for all the tests of this file, which only read them."""
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        call_command("loaddata", "studies", "glossary", verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize(("query", "slugs"), FOUND, ids=[query for query, _ in FOUND])
def test_search_of_the_eight_studies_finds(query: str, slugs: set[str]) -> None:
    assert set(Trial.objects.public().filter(search_condition(query)).values_list("slug", flat=True)) == slugs
