"""What is kept of the studies in memory is at each moment what the database has, and one change has one block read."""

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import Error, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests import services
from tests.sites import Site
from tests.tools import PROJECT
from trials import catalogue as catalogue_module
from trials import triggers
from trials.catalogue import Catalogue, catalogue, forget
from trials.models import BlockVersion, ContentVersion, Trial
from trials.search import fold

pytestmark = pytest.mark.django_db

PLAIN = ["id", "country_codes", "publication_date", "author_key", "people", "slug"]


def kept(studies: Catalogue) -> list[tuple[Any, ...]]:
    """Of each study, by key: the plain columns."""
    return list(zip(*(studies.of(name, None) for name in PLAIN), strict=True))


def in_database() -> list[tuple[Any, ...]]:
    return list(Trial.objects.filter(status="published").order_by("pk").values_list(*PLAIN))


def make(*keys: int, **values: Any) -> None:
    """Published studies with these keys, in one statement."""
    common = {"status": "published", "last_reviewed": "2026-01-01", "design": "randomised", "people": 7}
    Trial.objects.bulk_create(
        Trial(**common | {"id": key, "slug": f"study-{key}", "publication_date": str(1990 + key % 30)} | values)
        for key in keys
    )


def blocks_read(action: Callable[[], Any]) -> int:
    """How many blocks were read anew after this."""
    catalogue()
    action()
    with CaptureQueriesContext(connection) as asked:
        assert kept(catalogue()) == in_database()
    return sum("id BETWEEN " in query["sql"] for query in asked.captured_queries)


# Studies stand in three blocks: 1 to 3, 1,001 and 1,002, and 50,000.
CHANGES: dict[str, tuple[Callable[[], Any], int]] = {
    "nothing": (lambda: None, 0),
    "one is changed": (lambda: Trial.objects.filter(pk=2).update(people=99), 1),
    "one is withdrawn": (lambda: Trial.objects.filter(pk=1002).update(status="archived"), 1),
    "one is gone": (lambda: Trial.objects.filter(pk=1).delete(), 1),
    "the last of a block is gone": (lambda: Trial.objects.filter(pk=50_000).delete(), 1),
    "all are gone": (lambda: Trial.objects.all().delete(), 3),
    "all are changed": (lambda: Trial.objects.update(author_key="zz"), 3),
    "one between the others": (lambda: make(2500), 1),
    "one before the others": (lambda: Trial.objects.filter(pk=3).update(publication_date="1950"), 1),
    "one behind the others, and one changed": (
        lambda: (make(60_000), Trial.objects.filter(pk=1001).update(publication_date="1950")),
        2,
    ),
    "one moves from block to block": (lambda: Trial.objects.filter(pk=1001).update(id=2001), 2),
    "a draft is saved": (lambda: make(4, status="draft"), 1),
}


@pytest.mark.parametrize(("change", "read"), CHANGES.values(), ids=CHANGES)
def test_a_change_is_there_at_once_and_nothing_else_is_read(change: Callable[[], Any], read: int) -> None:
    make(1, 2, 3, 1001, 1002, 50_000)
    assert blocks_read(change) == read


def test_it_is_what_a_new_process_reads_after_any_changes() -> None:
    make(*range(1, 30), *range(1000, 1030), *range(7000, 7030))
    chance = random.Random(5)
    for _ in range(30):
        keys = chance.sample(list(Trial.objects.values_list("pk", flat=True)), chance.randint(1, 3))
        change: dict[str, Any] = chance.choice(
            [
                {"publication_date": str(chance.randint(1990, 1995))},
                {"people": chance.randint(0, 5)},
                {"status": "draft"},
                {"status": "published"},
                {"design": "single-arm", "cells_deaths": 1, "cells_out_of": 9, "comparison_people": None},
            ]
        )
        Trial.objects.filter(pk__in=keys).update(**change)
        grown = catalogue()
        forget()
        new = catalogue()
        assert kept(grown) == kept(new) == in_database()
        assert grown.counts == new.counts
        assert all(number > 0 for counted in grown.counts.values() for number in counted.values())
        assert grown.counts["people"] == Counter(study[4] for study in in_database())
        assert grown.added_up(None) == new.added_up(None)
        assert grown.added_up(None)["people"] == sum(study[4] for study in in_database())


def test_what_is_taken_back_is_gone_again() -> None:
    make(1, 2)
    with transaction.atomic():
        Trial.objects.filter(pk=1).update(people=77)
        assert kept(catalogue()) == in_database()
        assert catalogue().added_up(None)["people"] == 77 + Trial.objects.get(pk=2).people
        transaction.set_rollback(True)
    assert kept(catalogue()) == in_database()
    assert 77 not in catalogue().counts["people"]


def test_a_catalogue_that_is_in_use_does_not_change() -> None:
    make(1, 2)
    mine = catalogue()
    before = kept(mine), dict(mine.counts["people"]), mine.sums
    Trial.objects.update(people=77)
    assert catalogue() is not mine
    assert (kept(mine), dict(mine.counts["people"]), mine.sums) == before


def test_migrate_names_every_block_anew_and_forgets_none() -> None:
    make(1, 1001)
    before = dict(BlockVersion.objects.values_list("block", "token"))
    BlockVersion.objects.filter(block=1).delete()
    assert [study[0] for study in kept(catalogue())] == [1]
    call_command("migrate", verbosity=0)
    after = dict(BlockVersion.objects.values_list("block", "token"))
    assert after.keys() == {0, 1}
    assert not set(before.values()) & set(after.values())
    assert len(set(after.values())) == 2
    assert kept(catalogue()) == in_database()


def test_nobody_sees_the_moment_in_which_all_blocks_are_named_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is one transaction, so that one which fails leaves everything as it was."""
    make(1, 1001)
    before = [*BlockVersion.objects.order_by("block").values_list(), *ContentVersion.objects.values_list()]
    monkeypatch.setattr(triggers, "BLOCKS_OF", "SELECT no_such_function() AS block FROM {rows}")
    with pytest.raises(Error, match="no_such_function"):
        triggers.make_triggers("default")
    assert [*BlockVersion.objects.order_by("block").values_list(), *ContentVersion.objects.values_list()] == before


def test_the_migration_names_the_blocks_and_can_be_taken_back(site: Site) -> None:
    """Studies can be saved while it is taken back, and lists are whole from the first moment."""
    services.manage(site.environment, "migrate", "trials", "0007", "--verbosity", "0")
    rename = """
from django.db import connection
from trials.models import ContentVersion
before = ContentVersion.objects.get().token
with connection.cursor() as cursor:
    cursor.execute("UPDATE trials_trial SET author_key = 'zz' WHERE slug = 'yip-2020'")
result = ContentVersion.objects.get().token != before
"""
    assert site.run(rename) is True
    forwards = """
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from trials.catalogue import catalogue
MigrationExecutor(connection).migrate([("trials", "0008_catalogue")])  # without what `migrate` does afterwards
between = len(catalogue())
call_command("migrate", verbosity=0)
result = [between, len(catalogue()), [key for key in catalogue().of("author_key", None) if key == "zz"]]
"""
    assert site.run(forwards) == [8, 8, ["zz"]]


def test_a_trigger_of_the_blocks_that_is_gone_is_missed() -> None:
    name = "trials_trial_content_block_update"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}" + (" ON trials_trial" if connection.vendor == "postgresql" else ""))
    assert list(triggers.missing()) == [name]
    call_command("migrate", verbosity=0)
    assert triggers.missing() == {}


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
def test_an_emptied_table_is_empty() -> None:
    make(1, 1001)
    assert len(catalogue()) == 2
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE trials_trial CASCADE")
    assert len(catalogue()) == 0
    make(1)
    assert len(catalogue()) == 1


def test_the_greatest_key_and_a_code_with_a_bar_are_like_others() -> None:
    make(2**63 - 1, 1, 2**31, cause="a|b")
    assert kept(catalogue()) == in_database()
    assert catalogue().no_counts["cause"] == {"a|b": 0}


TEXTS = ["lung cells", "cells of lungs", "al-1 o'brien", "100% 5_6", 'μg "quoted" ç', "漢字 il-6", "", "a b ab"]
QUERIES = [
    "cell", "lung", "lung cells", "CELLS lungs", "of", "o", "a b", "a ab", "cells o", "%", "_", "0% ", "5_6", "100% 5_",
    "'", "o’brien", "-", "al-", "il 6", '"', '"quoted"', "uoted\" g", "Ç", "µg", "漢", "漢字", "nothing",
    "cells nothing", "OR", "NOT cells", "cells*", "lung^", "search_text:cells", "(cells", "\\", "lu\\ng",
]  # fmt: skip


@pytest.mark.parametrize("few", [0, 2, 1000])
@pytest.mark.parametrize("query", QUERIES)
def test_words_are_found_whether_the_index_or_the_texts_are_asked(
    monkeypatch: pytest.MonkeyPatch, query: str, few: int
) -> None:
    monkeypatch.setattr(catalogue_module, "FEW", few)
    make(*range(1, len(TEXTS) + 1))
    for key, text in enumerate(TEXTS, start=1):
        Trial.objects.filter(pk=key).update(search_text=fold(text))
    words = fold(query).split()
    expected = [
        any(c.isalnum() for c in "".join(words)) and all(word in fold(text) for word in words) for text in TEXTS
    ]
    assert [list(map(bool, block)) for block in catalogue().with_words(query)] == [expected]


def test_numbers_that_are_added_together_stay_apart() -> None:
    """They stand side by side in one number: each has room for more people than there are."""
    most = 2**31 - 1  # of a column of the database
    deaths = {"cells_deaths": most, "cells_out_of": most, "comparison_deaths": 0, "comparison_out_of": most}
    make(1, 2, people=most, comparison_people=most, **deaths)
    assert catalogue().added_up(None) == {
        "people": 2 * most,
        "compared.studies": 2,
        "compared.cells_deaths": 2 * most,
        "compared.cells_people": 2 * most,
        "compared.comparison_deaths": 0,
        "compared.comparison_people": 2 * most,
        "uncompared.studies": 0,
        "uncompared.cells_deaths": 0,
        "uncompared.cells_people": 0,
    }


@pytest.mark.parametrize(("writes", "expected"), [(0, 20), (1, 200), (2, 2000)])
def test_what_is_written_while_blocks_are_read_is_in_all_of_them_or_in_none(
    monkeypatch: pytest.MonkeyPatch, writes: int, expected: int
) -> None:
    make(1, 1000, people=10)
    left = [1000, 100][2 - writes :]

    def read(number: int) -> Any:
        block = catalogue_module.read_block(number)
        if left:
            Trial.objects.update(people=left.pop())
        return block

    forget()
    monkeypatch.setattr(catalogue_module, "read_block", catalogue_module.read, raising=False)
    monkeypatch.setattr(catalogue_module, "read", read)
    assert catalogue().added_up(None)["people"] == expected


def test_whoever_writes_all_the_time_keeps_no_reader_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    make(1, 1000, people=10)
    reads = []

    def read(number: int) -> Any:
        reads.append(number)
        Trial.objects.update(people=len(reads))
        return catalogue_module.read_block(number)

    forget()
    monkeypatch.setattr(catalogue_module, "read_block", catalogue_module.read, raising=False)
    monkeypatch.setattr(catalogue_module, "read", read)
    catalogue()
    assert len(reads) == 10
    monkeypatch.undo()
    assert catalogue().added_up(None)["people"] == 20


LOADED = """
import threading
from ardsinfo.wsgi import application
from trials import catalogue

for thread in threading.enumerate():
    if thread is not threading.main_thread():
        thread.join()
print(len(catalogue._known))
"""


def test_a_new_process_reads_the_studies_before_it_is_asked(site: Site) -> None:
    assert printed(site.environment) == "8"


def test_a_process_starts_without_its_database_and_says_nothing(tmp_path: Path) -> None:
    assert printed(services.environment(tmp_path)) == "0"
    assert not list(tmp_path.glob("*.sqlite3*"))


def printed(environment: Mapping[str, str]) -> str:
    started = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=PROJECT, env=dict(environment), check=True, capture_output=True, text=True
    )
    assert started.stderr == ""
    return started.stdout.strip()
