"""The benchmarks measure what they say: the same answers from both sides, and no figure out of a failure."""

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client

from bench import bare, by_hand, plot, wrk
from tests.tools import PROJECT

SVG = "{http://www.w3.org/2000/svg}"
WRK_SAYS = """\
Running 2s test @ http://127.0.0.1:8000/trials/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     6.01ms    2.10ms  41.24ms   88.10%
    Req/Sec     5.43k   312.40     6.10k    75.00%
  Latency Distribution
     50%  730.00us
     75%    7.02ms
     90%    8.13ms
     99%    1.10s 
  10812 requests in 2.00s, 63.21MB read
Requests/sec:   5404.71
Transfer/sec:     31.60MB
"""  # noqa: W291 - wrk itself ends that line with a space


def test_what_wrk_says_is_read() -> None:
    assert wrk.read(WRK_SAYS) == wrk.Load(requests=10812, per_second=5404.71, p99=1100.0)
    assert wrk.read(WRK_SAYS.replace("1.10s ", "730.00us")).p99 == pytest.approx(0.73)


@pytest.mark.parametrize(
    "failure",
    ["  Socket errors: connect 0, read 3, write 0, timeout 0\n", "  Non-2xx or 3xx responses: 17\n"],
)
def test_answers_that_failed_give_no_figure(failure: str) -> None:
    with pytest.raises(ValueError, match="wrk saw failures"):
        wrk.read(WRK_SAYS.replace("Requests/sec:", f"{failure}Requests/sec:"))


def test_output_without_figures_is_refused() -> None:
    with pytest.raises(ValueError, match="did not say how fast"):
        wrk.read("unable to connect to 127.0.0.1:8000 Connection refused\n")


def test_the_bare_view_repeats_what_it_was_given(tmp_path: Path) -> None:
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Encoding": "br", "ETag": '"a"'}
    given = bare.Answer(b"\x00brotli\xff", headers, {"ETag": '"a"', "Vary": "Cookie"})
    bare.save({"/trials/?design=randomised": given}, tmp_path / "answers.json")
    # In a process of its own: it has Django settings of its own.
    program = """
import io
from bench.bare import application
def ask(**more):
    said = []
    answer = application(
        {"REQUEST_METHOD": "GET", "PATH_INFO": "/trials/", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80",
         "wsgi.input": io.BytesIO(), "RAW_URI": "/trials/?design=randomised", **more},
        lambda status, headers, exc_info=None: said.extend([status, sorted(headers)]))
    print(*said, b"".join(answer))
ask()
ask(HTTP_IF_NONE_MATCH='"a"')
ask(HTTP_IF_NONE_MATCH='"b"', RAW_URI="/elsewhere")
"""
    said = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "BARE_ANSWERS": str(tmp_path / "answers.json")},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert said.splitlines() == [
        "200 OK [('Content-Encoding', 'br'), ('Content-Type', 'text/html; charset=utf-8'), ('ETag', '\"a\"')] "
        "b'\\x00brotli\\xff'",
        "304 Not Modified [('ETag', '\"a\"'), ('Vary', 'Cookie')] b''",
        "200 OK [('Content-Type', 'text/html; charset=utf-8')] b''",
    ]


def test_without_wrk_it_says_so_and_fails(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.pages"],
        cwd=PROJECT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == "Nothing was measured: wrk is not installed (on Debian and Ubuntu: apt-get install wrk).\n"


@pytest.mark.usefixtures("eight_studies")
@pytest.mark.parametrize(
    ("chosen", "studies"), [({}, 8), ({"design": ["randomised"], "cause": ["covid-19"]}, 4)], ids=["all", "filtered"]
)
def test_the_sql_by_hand_finds_and_counts_what_the_page_shows(
    chosen: dict[str, list[str]], studies: int, client: Client
) -> None:
    with by_hand.indexes(connection):
        found = by_hand.list_page(connection, chosen)
    assert found["studies"] == studies
    assert found == by_hand.shown_by(client.get("/trials/", chosen).context)


def test_the_plot_puts_every_cost_where_it_belongs() -> None:
    costs = {"list": {10: 1.0, 1000: 10.0}, "<study>": {10: 10.0, 1000: 100.0}}
    root = ElementTree.fromstring(plot.scale({"SQLite": costs, "PostgreSQL": costs}, "Costs", "What they are."))  # noqa: S314 - ours
    texts = ["".join(text.itertext()) for text in root.iter(SVG + "text")]
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "t d"
    assert [(each.get("id"), each.text) for each in root[:2]] == [("t", "Costs"), ("d", "What they are.")]
    assert [text for text in texts if text.endswith((", 10", ", 100"))] == ["list, 10", "<study>, 100"] * 2
    # 1 ms at the bottom and 100 ms at the top, 10 studies on the left and 1,000 on the right, of each panel.
    bottom, middle, top = plot.HEIGHT - plot.BOTTOM, (plot.HEIGHT - plot.BOTTOM + plot.TOP) / 2, plot.TOP
    left, right = plot.LEFT, plot.LEFT + plot.PANEL
    points = [line.get("points") for line in root.iter(SVG + "polyline")]
    assert points[:2] == [
        f"{left:.1f},{bottom:.1f} {right:.1f},{middle:.1f}",
        f"{left:.1f},{middle:.1f} {right:.1f},{top:.1f}",
    ]
    beside = plot.PANEL + plot.LABELS
    assert points[2] == f"{left + beside:.1f},{bottom:.1f} {right + beside:.1f},{middle:.1f}"
    assert not {each.tag.removeprefix(SVG) for each in root.iter()} & {"style", "script"}
    assert not any("style" in each.attrib for each in root.iter())


def test_labels_that_would_lie_on_each_other_are_moved_apart() -> None:
    assert plot.spread([50.0, 10.0, 12.0], 15, 100) == [50.0, 10.0, 25.0]
    assert plot.spread([95.0, 99.0, 97.0], 15, 100) == [70.0, 100.0, 85.0]
