"""The search finds words by their beginnings, in any order, whatever their accents and capitals."""

import pytest

from tests.trials.listing.studies import save, study
from trials.listing.search import Search, fold, search_condition, searchable, words
from trials.models import Trial


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Adaş ADAŞ Adas\u0327", "adas adas adas"),
        ("Lúcia Türkiye TÜRKİYE", "lucia turkiye turkiye"),
        ("Işıksaçan IŞIKSAÇAN", "isiksacan isiksacan"),
        ("Straße Ørsted Łódź Đorđe", "strasse orsted lodz dorde"),
        ("Æther Œuvre", "aether oeuvre"),
        ("STROMA–CoV—2 COVID\u201119", "stroma-cov-2 covid-19"),
        ("x\u2212y", "x\u2212y"),  # a minus sign is not a dash
        ("1 × 10⁶ TNF-α", "1 × 10^6 tnf-alpha"),
        ("Wharton’s Wharton‘s Whartonʼs Wharton′s", "wharton's wharton's wharton's wharton's"),
        ("mesen\u00adchymal stro\u200bmal \ufeffcells", "mesenchymal stromal cells"),
        ("ｆｕｌｌ ｗｉｄｔｈ", "full width"),
        ("", ""),
    ],
)
def test_fold_removes_accents_capitals_and_kinds_of_dashes(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(folded) == folded


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("UC-MSC, (ARDS)", ["uc", "msc", "ards"]),
        ("Wharton’s jelly", ["whartons", "jelly"]),
        ("H. K. Yip, J.-M. Constantin, U.S.A.", ["hk", "yip", "j", "m", "constantin", "usa"]),
        ("PaO₂/FiO₂ 1/2a", ["pao2", "fio2", "1", "2a"]),
        ("umbilical\u200bcord", ["umbilical", "cord"]),
        ("– … % 🙂", []),
    ],
)
def test_words_are_cut_at_everything_but_letters_and_digits(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_text_holds_each_phrase_once_words_with_hyphens_joined_and_identifiers_whole() -> None:
    texts = ["Stem cells for COVID-19", "stem cells", "Smith, Jane"]
    assert searchable(texts, ["10.1000/X-1"]) == " stem cells for covid 19 / smith jane / 10.1000/x-1 covid19 "


def found(query: str) -> list[str]:
    return [trial.slug for trial in Trial.objects.filter(search_condition(query)).order_by("slug")]


@pytest.fixture
def two_studies(db: None) -> None:
    save(
        study(
            "monsel-2022",
            title="Treatment of COVID-19-associated ARDS (STROMA–CoV-2): Wharton’s jelly stromal cells in use",
            authors="Monsel, Antoine\nHirani, Ann",
        ),
        study("adas-2021", title="The systematic effect of stem cells, 10.1002/sctm.21-0046", authors="Adaş, Gökhan"),
    )


BOTH = ["adas-2021", "monsel-2022"]


@pytest.mark.usefixtures("two_studies")
@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("10.1002/sctm.21-0046", ["adas-2021"]),
        # every word, in any order
        ("antoine treatment", ["monsel-2022"]),
        ("antoine systematic", []),
        # the beginning of a word, and nothing else of it
        ("onsel", []),
        # one or two letters, numbers and names of countries: the whole word
        ("19", ["monsel-2022"]),
        ("004", []),
        # quotation marks of all kinds: together, in order
        ('"stromal cells"', ["monsel-2022"]),
        ("«cells stem»", []),
        ('"stem cells', ["adas-2021"]),  # a mark alone is none
        ('"" adas', ["adas-2021"]),
        # hyphens, apostrophes and zero-width spaces: a space or nothing
        ("stromacov2", ["monsel-2022"]),
        ("stro\u200bmal", ["monsel-2022"]),
        ("whartons", ["monsel-2022"]),
        # a short number belongs to the word before it
        ("covid 20", []),
        # the s of a plural or possessive may go, but what is left is a whole word
        ("treatments", ["monsel-2022"]),
        ("Mons’s", []),
        # either, and not
        ("cells (gokhan OR antoine)", BOTH),
        ("“stromal cells” OR “ebola”", ["monsel-2022"]),
        ("cells NOT adas", ["monsel-2022"]),
        ("cells -adas", ["monsel-2022"]),
        ("cells - adas", ["adas-2021"]),
        ("cells NOT (adas or ebola)", ["monsel-2022"]),
        ("adas OR", ["adas-2021"]),
        # what a citation adds
        ("Monsel and colleagues", ["monsel-2022"]),
        # punctuation alone is no word
        ("adas – %", ["adas-2021"]),
    ],
)
def test_search_finds(query: str, slugs: list[str]) -> None:
    assert found(query) == slugs


@pytest.mark.usefixtures("two_studies")
@pytest.mark.parametrize(
    "query",
    ["%", "_", "'", '"', '""', "-", "* ?", "\u0301", "\u200b", "🙂", " ", "", "et al.", "NOT"],
)
def test_search_without_a_letter_or_digit_finds_nothing(query: str) -> None:
    assert found(query) == []


@pytest.mark.django_db
@pytest.mark.parametrize("word", ["gene_x", "50%x", "back\\slash", "cells*cells", 'a"b', "a'b"])
def test_search_has_no_special_characters(word: str) -> None:
    save(
        study("with-2021", title=f"A study of {word}"),
        study("without-2021", title="A study of genexx 50xx backslash cellsxcells axb"),
    )
    assert found(word) == ["with-2021"]


GROUPS = [("stem", "stromal", "MSC"), ("ARDS", "acute respiratory distress syndrome"), ("death", "died", "deaths")]


@pytest.mark.parametrize(
    ("query", "terms", "also"),
    [
        ("stem", [(" stem", " stromal", " msc")], ["stromal", "MSC"]),
        ("MSCs", [(" stem", " stromal", " msc")], ["stem", "stromal"]),
        ("stem-cells", [(" stem", " stromal", " msc"), (" cells", " cell ")], ["stromal", "MSC"]),
        ("Acute  Respiratory-Distress syndrome", [(" ards", " acute respiratory distress syndrome")], ["ARDS"]),
        ("deaths", [(" death", " died")], ["died"]),
        # a phrase is meant as it is written, and a beginning is no synonym yet
        ('"stem"', [(" stem",)], []),
        ("ste", [(" ste",)], []),
        ("lanzoni 2021 10.1/x", [(" lanzoni",), (" 2021 ",), (" 10 1 ",), (" x ",)], []),
        ("phase II", [(" phase ii ",)], []),
    ],
)
def test_search_for_one_synonym_is_a_search_for_all(query: str, terms: list[tuple[str, ...]], also: list[str]) -> None:
    search = Search(query, GROUPS)
    assert ([term.needles for term in search.terms], search.also) == (terms, also)


def test_non_before_a_synonym_leaves_it_out() -> None:
    search = Search("non-MSC non-invasive", GROUPS)
    assert [(term.needles, term.excluded) for term in search.terms] == [
        ((" stem", " stromal", " msc"), True),
        ((" non invasive", " noninvasive"), False),
    ]
    assert (search.also, search.left_out) == ([], ["MSC", "stem", "stromal"])


@pytest.mark.parametrize(
    ("query", "needles"),
    [
        ("tumour", (" tumour", " tumor")),
        ("tumors", (" tumors", " tumours", " tumor ")),
        ("multicentre", (" multicentre", " multicenter")),
        ("immunisation", (" immunisation", " immunization")),
        ("rise", (" rise", " rize")),  # no word, so it finds no more
        ("2020-2022", (" 2020 ", " 2021 ", " 2022 ")),
        ("2022-2020", (" 2022 2020 ", " 20222020 ")),
        ("studies", (" studies", " study ")),
        ("virus", (" virus",)),
        ("28-day", (" 28 day", " 28day", " day 28 ")),
    ],
)
def test_a_word_is_looked_for_in_its_other_forms(query: str, needles: tuple[str, ...]) -> None:
    assert [term.needles for term in Search(query, ()).terms] == [needles]
