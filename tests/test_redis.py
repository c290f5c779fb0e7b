"""The limits of the log-in are counted in Redis where CACHE_URL says so, and go on while it is away."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache, caches
from django.core.checks import run_checks
from django.test import Client

from ardsinfo import limits
from tests import services
from tests.people import is_in, log_in, make_person, said
from tests.test_login import WAIT, WRONG
from tests.tools import missing

pytestmark = pytest.mark.django_db


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[services.Server]:
    try:
        with services.redis(tmp_path) as server:
            yield server
    except services.Missing as nothing:
        missing(str(nothing))


@pytest.fixture(autouse=True)
def counted_in_redis(redis: services.Server, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The site with CACHES as the settings make it of CACHE_URL=redis://…"""
    table = settings.CACHES["default"]
    assert table["LOCATION"] == "trials_cache"
    settings.CACHES = {
        "default": {"BACKEND": "ardsinfo.limits.RedisOrTable", "LOCATION": redis.address},
        "table": table,
    }
    monkeypatch.setattr(limits.RedisOrTable, "away_until", 0.0)


def guess(times: int) -> list[str]:
    return [said(log_in(Client(), "ann", "wrong")) for _ in range(times)]


def in_redis() -> dict[str, Any]:
    """What Redis keeps, by key, as the text that it is."""
    client = cache.redis._cache.get_client()
    return {key.decode(): json.loads(client.get(key)) for key in client.scan_iter()}


def test_failures_are_counted_in_redis_alone(redis: services.Server) -> None:
    make_person()
    assert guess(6) == [WRONG] * 5 + [WAIT]
    kept = in_redis()
    assert [len(value) for key, value in kept.items() if ":login_failed:20/" in key] == [6], "of this place"
    assert [len(value) for key, value in kept.items() if ":login_failed:5/" in key] == [5], "of this name and place"
    assert [key for key in kept if caches["table"].get(key.removeprefix(":1:")) is not None] == []
    assert said(log_in(Client())) == WAIT, "the right password must wait, too"


def test_a_redis_that_goes_away_keeps_nobody_out_and_lets_nobody_guess_on(
    redis: services.Server, caplog: pytest.LogCaptureFixture
) -> None:
    make_person()
    assert guess(3) == [WRONG] * 3
    redis.process.kill()
    redis.process.wait()
    with caplog.at_level(logging.ERROR, logger="ardsinfo.limits"):
        inside = Client()
        assert log_in(inside)["Location"] == "/admin/"
        assert is_in(inside)
        assert guess(6) == [WRONG] * 5 + [WAIT], "the limit counts anew in the table, and holds there"
    assert caplog.messages == [
        "Redis does not answer (ConnectionError): the limits of the log-in are counted in the database meanwhile."
    ], "said once, not with every request"


def test_a_redis_that_comes_back_is_used_again(
    redis: services.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.set("one", 1)
    redis.process.kill()
    redis.process.wait()
    assert cache.get("one") is None
    cache.set("two", 2)
    assert (cache.get("two"), caches["table"].get("two")) == (2, 2)

    with services.redis(tmp_path, port=int(redis.address.rsplit(":", 1)[1].removesuffix("/0"))):
        cache.set("three", 3)
        assert caches["table"].get("three") == 3, "it is not asked again at once"
        monkeypatch.setattr(limits.RedisOrTable, "away_until", 0.0)  # ten seconds later
        cache.set("four", 4)
        assert in_redis() == {":1:four": 4}


def test_a_redis_that_refuses_counts_as_away(redis: services.Server) -> None:
    """One whose memory is full, or that has become a copy of another one, answers with an error."""
    cache.redis._cache.get_client().config_set("maxmemory", 1)
    cache.set("one", 1)
    assert (cache.get("one"), caches["table"].get("one")) == (1, 1)


def test_a_redis_that_is_away_is_told_by_the_check_of_an_installation(redis: services.Server) -> None:
    def said() -> list[str]:
        found = run_checks(include_deployment_checks=True)
        return [f"{message.msg} {message.hint}" for message in found if message.id == "ardsinfo.W020"]

    assert said() == []
    redis.process.kill()
    redis.process.wait()
    assert said() == [
        "The Redis that CACHE_URL names does not answer (ConnectionError). The database counts failed log-ins instead. "
        "Look at CACHE_URL, its password too, and whether the server runs; or leave it out."
    ]


def test_the_cache_keeps_what_a_cache_keeps() -> None:
    for where in (cache, caches["table"]):
        assert where.get("key", "nothing") == "nothing"
        assert where.add("key", [1.5, True], 60) is True
        assert where.add("key", "other", 60) is False
        assert where.get("key") == [1.5, True]
        assert where.touch("key", 60) is True
        assert where.delete("key") is True
        assert where.delete("key") is False
        where.set("key", "other", 0)
        assert where.get("key") is None
        where.set("key", "other")
        where.clear()
        assert where.get("key") is None


def test_nothing_in_redis_can_run_code_here(redis: services.Server) -> None:
    """Django's own way of keeping values would run what somebody put there."""
    client = cache.redis._cache.get_client()
    client.set(":1:key", b"cbuiltins\neval\n(S'1/0'\ntR.")
    with pytest.raises(json.JSONDecodeError):
        cache.get("key")
