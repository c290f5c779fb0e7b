"""A list is read from one state of the database, without the lock for writing."""

import pytest
from django.db import connection

from trials.listing.snapshot import snapshot


@pytest.mark.django_db
def test_inside_another_transaction_nothing_changes(django_assert_num_queries) -> None:
    with django_assert_num_queries(0), snapshot():
        assert connection.in_atomic_block


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="only SQLite has this lock")
def test_reading_takes_no_lock_for_writing_and_later_transactions_do() -> None:
    connection.close()  # as in a thread that has not used the database yet
    with snapshot():
        assert connection.in_atomic_block
        assert connection.transaction_mode == "DEFERRED"
    assert connection.transaction_mode == "IMMEDIATE"
