"""The index of the search finds exactly what reading every text would find, on both databases, and stays in step."""

import logging
from typing import Any

import pytest
from django.db import OperationalError, connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_trial
from trials import actions, search_index
from trials.models import Trial
from trials.search import fold, words_condition

TITLES = [
    "Stem cells in ARDS", "Stromal cells, of the umbilical cord", "Adaş and Çelik: a randomised trial",
    'The "best" study', "Crohn's lung (a case-series)", "A gain of 50% in oxygen", "The gene_x study", "A back\\slash",
    "Cells*cells", "AND OR NOT NEAR", "near(cells, 3)", "search_text : cells", "^caret {brace} [bracket]", "a+b=c",
    "10.1002/sctm.21-0046", "STROMA–CoV—2", "間葉系幹細胞 の 研究", "间充质干细胞", "клетки", "🙂🙂🙂 smile",
    "x", "xy", "xyz", "wxyz", "a" * 300, "aab aba baa", "é è ê", "ﬁne ﬂow", "İstanbul", "ªº²", "--", "--- x",
]  # fmt: skip

QUERIES = [
    "cell", "CELLS", "ell", "ells", "cells stem", "stem cells ards", "cells cells", "cells umbilical nothing",
    '"', '"best"', 'best"', '"best', '""', "'", "crohn's", "lung (a", "(a", "%", "50%", "%%", "_", "gene_x", "ene_",
    "\\", "back\\slash", "\\slash", "*", "cells*", "cells*cells", "*cells", "and", "AND", "AND OR", "OR", "NOT", "NEAR",
    "near(cells", "NEAR(cells, 3)", "search_text", "search_text:cells", "search_text : cells", ":", "^caret", "{brace}",
    "[bracket]", "a+b=c", "-", "-cells", "cells -stem", "10.1002/sctm.21-0046", "1002/sctm", "10.", "stroma-cov-2",
    "細胞", "幹細胞", "間葉系幹細胞", "干细", "细", "клет", "🙂", "🙂🙂", "🙂🙂🙂",
    "smile 🙂🙂🙂", "a", "x", "xy", "yz", "xyz", "x y",
    "xy xyz", "a" * 200, "a" * 299 + "b", "a" * 1000, "aba", "aab aba", "baa aab", "é", "e", "fine", "ﬁn", "istanbul",
    "İSTANBUL", "ª", "ao2", "--", "---", "--- x", "nothing", "", " ", "\t\n", "cells\u3000stem", "\u0301", "a\u0301b",
    "\x00", "cells\x00", "cel\x00ls", ";", "; DROP TABLE trials_trial", "cells' OR '1'='1", "rowid", "rank", "+", "a+b",
    "cells " * 30, "stem*", "?", "??s", "\ufffd", "\u200b",
]  # fmt: skip


def fill(texts: list[str]) -> dict[str, str]:
    """Studies with these search texts, as a bulk statement adds them."""
    made = {f"study-{number:03}": fold(text) for number, text in enumerate(texts)}
    Trial.objects.bulk_create(
        Trial(slug=slug, title=slug, publication_date="2021", search_text=text) for slug, text in made.items()
    )
    return made


def found(query: str) -> set[str]:
    return set(Trial.objects.filter(words_condition(query)).values_list("slug", flat=True))


def by_reading(query: str, texts: dict[str, str]) -> set[str]:
    words = fold(query).split()
    if not any(c.isalnum() for c in "".join(words)):
        return set()
    return {slug for slug, text in texts.items() if all(word in text for word in words)}


@pytest.mark.django_db
def test_it_finds_what_reading_every_text_would_find() -> None:
    texts = fill(TITLES)
    assert {query: found(query) for query in QUERIES} == {query: by_reading(query, texts) for query in QUERIES}
    assert sum(bool(found(query)) for query in QUERIES) > 60  # so the list above is worth its length


ALPHABET = st.sampled_from('aab"%_\\-*()^:,. éß中🙂')


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(ALPHABET, max_size=12), max_size=6), query=st.text(ALPHABET, max_size=8))
def test_it_finds_what_reading_every_text_would_find_whatever_it_is(texts: list[str], query: str) -> None:
    Trial.objects.all().delete()
    kept = fill(texts)
    for each in (query, *texts):
        assert found(each) == by_reading(each, kept)


@pytest.mark.django_db
def test_each_word_may_stand_in_another_column() -> None:
    make_trial(slug="adas-2021", title="Marrow", authors="Smith, Ann")
    make_trial(slug="smith-2020", title="Marrow", authors="Adaş, Ann")

    def found_in_both(query: str) -> set[str]:
        condition = words_condition(query, ("search_text", "slug"))
        return set(Trial.objects.filter(condition).values_list("slug", flat=True))

    assert found_in_both("adas") == found_in_both("adaş smith") == {"adas-2021", "smith-2020"}
    assert found_in_both("adas 2021") == found_in_both("s-2021 marrow") == found_in_both("s-2 21") == {"adas-2021"}
    assert (found("adas"), found("2021"), found("s-2021")) == ({"smith-2020"}, set(), set())


# --- It stays in step -----------------------------------------------------------------------------------------


def assert_in_step() -> None:
    """Raises DatabaseError if the index of SQLite holds anything else than the texts. PostgreSQL's cannot."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO trials_search(trials_search, rank) VALUES ('integrity-check', 1)")


@pytest.mark.django_db
def test_it_follows_whatever_is_done_to_a_study() -> None:
    trial = make_trial(title="Marrow cells")
    assert found("marrow") == {"smith-2021"}
    trial.title = "Placenta cells"
    actions.save_trial(trial)
    actions.complete_trial(trial)
    assert (found("marrow"), found("placenta")) == (set(), {"smith-2021"})
    Trial.objects.update(search_text="written by a bulk statement")
    assert (found("placenta"), found("statement")) == (set(), {"smith-2021"})
    with connection.cursor() as cursor:
        cursor.execute("UPDATE trials_trial SET search_text = 'written by sql'")
        assert_in_step()
        assert found("sql") == {"smith-2021"}
    trial.delete()
    fill(["another study with the words written by sql"])
    assert found("written") == {"study-000"}
    assert_in_step()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "breaking",
    ["DROP TRIGGER trials_search_insert", "DROP TRIGGER trials_search_update", "DROP TABLE trials_search"],
)
def test_migrate_makes_it_anew_where_a_part_is_missing(breaking: str) -> None:
    if connection.vendor != "sqlite":
        breaking = "DROP INDEX trials_trial_search"
    fill(["before"])
    with connection.cursor() as cursor:
        cursor.execute(breaking)
        if "TABLE" not in breaking:
            cursor.execute("UPDATE trials_trial SET search_text = 'while it was missing'")
    search_index.make_search_index("default")
    Trial.objects.update(search_text="afterwards")
    assert (found("before"), found("missing"), found("afterwards")) == (set(), set(), {"study-000"})
    assert_in_step()


@pytest.mark.django_db
def test_the_index_is_used() -> None:
    fill(TITLES)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # so few studies are read faster without any index
            cursor.execute("SET LOCAL enable_indexscan = off")  # and as fast by one that knows nothing of words
    plan = Trial.objects.filter(words_condition("stromal")).explain()
    assert ("trials_trial_search" if connection.vendor == "postgresql" else "trials_search VIRTUAL TABLE") in plan


@pytest.mark.django_db
def test_what_happens_where_the_database_cannot_have_the_index(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    fill(["stromal cells"])
    if connection.vendor == "sqlite":
        monkeypatch.setitem(search_index._SQLITE, "trials_search", "CREATE VIRTUAL TABLE trials_search USING fts9(x)")
        with pytest.raises(OperationalError, match=r"The search needs SQLite 3\.34 or newer with FTS5; here is 3"):
            search_index.make_search_index("default")
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX trials_trial_search")
    monkeypatch.setattr(search_index, "_POSTGRESQL", ("CREATE EXTENSION there_is_no_such_thing",))
    with caplog.at_level(logging.WARNING):
        search_index.make_search_index("default")
    assert "The search works, but reads every study each time" in caplog.text
    assert "CREATE EXTENSION pg_trgm" in caplog.text
    assert found("tromal") == {"study-000"}
