"""The search box finds words in any order, whatever their accents, and nothing it was not asked for."""

import importlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from tests.factories import make_country, make_registration, make_trial
from trials import actions
from trials.models import Trial
from trials.search import fold, words_condition


def found(query: str) -> list[str]:
    return [trial.slug for trial in Trial.objects.filter(words_condition(query)).order_by("slug")]


# --- Folding --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Adaş", "adas"),
        ("ADAŞ", "adas"),
        ("Adas\u0327", "adas"),  # the cedilla as a character of its own
        ("Lúcia", "lucia"),
        ("Türkiye", "turkiye"),
        ("TÜRKİYE", "turkiye"),  # the Turkish capital I with a dot
        ("Işıksaçan", "isiksacan"),  # the Turkish small i without one
        ("IŞIKSAÇAN", "isiksacan"),
        ("Çukurova", "cukurova"),
        ("Straße", "strasse"),
        ("Ørsted Łódź Đorđe", "orsted lodz dorde"),
        ("Æther Œuvre", "aether oeuvre"),
        ("STROMA–CoV—2", "stroma-cov-2"),  # en dash and em dash
        ("COVID\u201119 x\u2212y", "covid-19 x\u2212y"),  # a no-break hyphen is one, a minus sign is not
        ("1 × 10⁶", "1 × 106"),
        ("Wharton’s Wharton‘s Whartonʼs Wharton′s", "wharton's wharton's wharton's wharton's"),
        (
            "mesen\u00adchymal stro\u200bmal \ufeffcells",
            "mesenchymal stromal cells",
        ),  # a soft hyphen and other unseen ones
        ("a\uffffb\ufffec", "a\ufffdb\ufffdc"),
        ("ｆｕｌｌ ｗｉｄｔｈ", "full width"),
        ("", ""),
    ],
)
def test_fold_takes_accents_capitals_and_dashes_away(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(folded) == folded


# --- The eight studies ----------------------------------------------------------------------------------------

ALL = [
    "adas-2021",
    "dilogo-2021",
    "hashemian-2021",
    "kaffash-farkhad-2022",
    "lanzoni-2021",
    "monsel-2022",
    "rebelatto-2022",
    "yip-2020",
]


@pytest.mark.usefixtures("eight_studies")
@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        # the examples of the task
        ("lucia", ["rebelatto-2022"]),
        ("adas", ["adas-2021"]),
        ("Adaş", ["adas-2021"]),
        ("NCT04355728", ["lanzoni-2021"]),
        ("türkiye", ["adas-2021"]),
        ("turkey", ["adas-2021"]),
        # each kind of thing that can be found
        ("systematic effect", ["adas-2021"]),
        ("Larghero", ["monsel-2022"]),
        ("STROMA-CoV-2", ["monsel-2022"]),
        ("stroma–cov–2", ["monsel-2022"]),
        ("2020-001287-28", ["monsel-2022"]),
        ("irct20160809029275n1", ["kaffash-farkhad-2022"]),
        ("10.1002/sctm.21-0046", ["dilogo-2021"]),
        ("34102020", ["dilogo-2021"]),
        ("PMC8046040", ["lanzoni-2021"]),
        ("brasil", ["rebelatto-2022"]),
        ("islamic republic", ["hashemian-2021", "kaffash-farkhad-2022"]),
        ("usa", ["lanzoni-2021"]),
        ("placenta", ["hashemian-2021"]),
        ("wharton's", ["adas-2021", "yip-2020"]),
        ("wharton’s", ["adas-2021", "yip-2020"]),
        # several words
        ("carmen lucia", ["rebelatto-2022"]),
        ("lucia carmen", ["rebelatto-2022"]),
        ("france randomized ards", ["monsel-2022"]),
        ("lucia france", []),
        ("umbilical", ALL),
        # parts of words
        ("rebel", ["rebelatto-2022"]),
        ("NCT043", ["adas-2021", "lanzoni-2021", "monsel-2022"]),
        ("latto", ["rebelatto-2022"]),
        ("iran", ["hashemian-2021", "kaffash-farkhad-2022", "lanzoni-2021"]),  # whose author is Hirani
        ("  LANZONI  ", ["lanzoni-2021"]),
        # nothing there
        ("ebola", []),
        ("adass", []),
    ],
)
def test_search_finds(query: str, slugs: list[str]) -> None:
    assert found(query) == sorted(slugs)


# --- What is no word ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("eight_studies")
@pytest.mark.parametrize(
    "query",
    ["%", "_", "'", '"', "-", "–", "…", "( )", "%%%", "* ?", "\u0301", "\u0327\u0308", "\u200b", "🙂", " ", ""],
)
def test_search_without_a_letter_or_a_digit_finds_nothing(query: str) -> None:
    assert found(query) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("character", "title"),
    [
        ("%", "A gain of 50% in oxygen"),
        ("_", "The gene_x study"),
        ("'", "Crohn's lung"),
        ('"', 'The "best" study'),
        ("\\", "A back\\slash"),
        ("*", "Cells*cells"),
    ],
    ids=["per cent", "underline", "quote", "double quote", "backslash", "star"],
)
def test_search_takes_every_character_as_itself(character: str, title: str) -> None:
    make_trial(slug="with-it", title=title)
    make_trial(
        slug="without", title="A gain of 50 in oxygen: the genex study of Crohns lung, best, backslash, cellscells"
    )
    (word,) = (word for word in title.split() if character in word)
    assert found(word) == ["with-it"]


@pytest.mark.django_db
def test_search_asks_for_every_word_and_not_for_the_words_in_one_place() -> None:
    make_trial(slug="both", title="Cells for lungs", authors="Brown, Ann")
    make_trial(slug="one", title="Cells for hearts", authors="Brown, Ann")
    assert found("lungs brown") == ["both"]
    assert found("brown cells") == ["both", "one"]


@pytest.mark.django_db
def test_search_finds_a_study_by_the_new_names_of_its_country() -> None:
    make_trial(countries=("TR",))
    turkey = make_country(code="TR")
    assert found("anatolia") == []
    turkey.other_names = "Türkiye, Anatolia"
    actions.save_country(turkey)
    assert found("anatolia") == found("turkiye") == ["smith-2021"]


@pytest.mark.django_db
def test_search_finds_a_registration_once_the_study_is_complete() -> None:
    trial = make_trial()
    make_registration(trial, identifier="NCT00000001")
    actions.complete_trial(trial)
    assert found("nct00000001") == ["smith-2021"]


@pytest.mark.django_db
def test_search_does_not_look_into_what_we_wrote_ourselves() -> None:
    make_trial(plain_summary="A remarkable word", limits="Few people")
    assert found("remarkable") == []


@pytest.mark.django_db
def test_migration_folds_what_was_folded_less() -> None:
    old = make_trial(slug="old-2020")
    Trial.objects.update(search_text="wharton’s mesen\u00adchymal", author_key="o’brien")
    make_trial(slug="new-2020")
    importlib.import_module("trials.migrations.0007_years_and_apostrophes").fold_more(
        apps, SimpleNamespace(connection=connection)
    )
    old.refresh_from_db()
    assert (old.search_text, old.author_key) == ("wharton's mesenchymal", "o'brien")
