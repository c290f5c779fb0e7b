"""A short run of `make fuzz`, and that it would notice what it looks for."""

import gzip
import random
import subprocess
import sys
from collections.abc import Callable

import brotli
import pytest
from django.db import connection

from tests.fuzz import Answer, Request, faults, fields_of, nasty, shortened, wrong_list
from tests.tools import PROJECT

GUARDED = {"content-type": "text/html", "content-security-policy": "default-src 'none'"}
ASKED = Request("GET", "/trials/?design=nonsense")
LIST = b'<main id="results"><a href="/trials/lanzoni-2021/">Lanzoni</a></main>'


def test_short_run_finds_nothing() -> None:
    database = ["--postgresql"] if connection.vendor == "postgresql" else []
    run = subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            "-m",
            "tests.fuzz",
            "--requests",
            "500",
            "--seed",
            "1",
            "--no-nginx",
            *database,
        ],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.startswith("seed 1\n500 requests in ")
    assert run.stdout.endswith("Nothing found.\n")


def test_same_seed_throws_the_same() -> None:
    def thrown(seed: str) -> list[str]:
        rng = random.Random(seed)
        return [nasty(rng) for _ in range(50)]

    assert thrown("a") == thrown("a") != thrown("b")


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (Answer(500, GUARDED, b""), "status 500"),
        (Answer(200, GUARDED, b"You asked for <zq onload=a()>"), "markup of ours came back as it was"),
        (Answer(200, GUARDED, b"You asked for zqmade"), "a template of ours was filled in"),
        (Answer(200, GUARDED | {"zqmade": "1"}, b""), "a header of ours came back"),
        (Answer(200, {"content-type": "text/html"}, b""), "status 200 without the content policy"),
        (Answer(302, GUARDED | {"location": "//evil.example/"}, b""), "leads to //evil.example/"),
        (Answer(302, GUARDED | {"location": "/\\evil.example/"}, b""), "leads to /\\evil.example/"),
        (Answer(302, GUARDED | {"location": "https://evil.example/"}, b""), "leads to https://evil.example/"),
        (Answer(400, GUARDED, LIST), "a wrong filter shows studies"),
    ],
)
def test_fault_is_noticed(answer: Answer, fault: str) -> None:
    assert fault in faults(ASKED, answer)


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("br", brotli.compress)])
def test_fault_is_noticed_in_an_answer_that_is_compressed(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    packed = GUARDED | {"content-encoding": encoding}
    assert faults(ASKED, Answer(200, packed, pack(b"<zq onload=a()>"))) == ["markup of ours came back as it was"]
    assert faults(ASKED, Answer(400, packed, pack(LIST))) == ["a wrong filter shows studies"]
    assert wrong_list(ASKED, Answer(200, packed, pack(LIST))) == ["expected 400 and [], got 200 and ['lanzoni-2021']"]
    assert faults(ASKED, Answer(200, packed, b"")) == []  # of a HEAD
    assert faults(ASKED, Answer(206, packed, pack(LIST)[:9])) == []


def test_list_that_was_not_asked_for_is_noticed() -> None:
    assert wrong_list(ASKED, Answer(200, GUARDED, LIST)) == ["expected 400 and [], got 200 and ['lanzoni-2021']"]
    assert wrong_list(Request("GET", "/trials/?country=US"), Answer(200, GUARDED, LIST)) == []
    assert faults(ASKED, Answer(400, GUARDED, b"No such design: &lt;zq")) == []


def test_fields_are_those_that_a_browser_would_send() -> None:
    form = (
        '<form><input name="a" value="1"><textarea name="b">two\nlines</textarea><select name="c"><option value="x">X'
        '</option><option value="y" selected>Y</option></select><input type="checkbox" name="d"><input type="checkbox" '
        'name="e" checked></form>'
    )
    assert fields_of(form) == {"a": "1", "b": "two\nlines", "c": "y", "e": "on"}


def test_long_request_is_told_shortly() -> None:
    assert shortened(b"GET /" + b"9" * 5000) == "b'GET /9(× 5000)'"
