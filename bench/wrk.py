"""Load from wrk, and what it says."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench import machine
from tests.services import Missing, program

_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}  # in milliseconds


@dataclass(frozen=True)
class Load:
    requests: int
    per_second: float  # requests
    p99: float  # milliseconds


def read(said: str) -> Load:
    """Read what wrk printed. Raises ValueError if anything was not answered with a 2xx or 3xx, or is not there."""
    for wrong in ("Socket errors", "Non-2xx or 3xx"):
        if wrong in said:
            raise ValueError(f"wrk saw failures:\n{said}")
    requests = re.search(r"^ +([0-9]+) requests in ", said, re.MULTILINE)
    rate = re.search(r"^Requests/sec: +([0-9.]+)$", said, re.MULTILINE)
    p99 = re.search(r"^ +99% +([0-9.]+)(us|ms|s|m) *$", said, re.MULTILINE)
    if not requests or not rate or not p99:
        raise ValueError(f"wrk did not say how fast it was:\n{said}")
    return Load(int(requests[1]), float(rate[1]), float(p99[1]) * _UNITS[p99[2]])


def run(address: str, headers: Mapping[str, str], *, connections: int, seconds: int) -> Load:
    """Ask for one address over and over. Raises Missing without wrk, ValueError on a failed answer."""
    given = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = [
        program("wrk", "wrk"),
        "-t1",
        f"-c{connections}",
        f"-d{seconds}s",
        "--timeout",
        "30s",
        "--latency",
        *given,
        address,
    ]
    return read(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measure(run: Callable[[Path], None]) -> None:
    """Run a whole measurement in a folder of its own, which is gone afterwards. Ends the program with a sentence if
    another program is missing or it is stopped."""
    machine.stop_cleanly()
    try:
        program("wrk", "wrk")
        with tempfile.TemporaryDirectory(prefix="ardsinfo-bench-") as folder:
            run(Path(folder))
    except Missing as missing:
        sys.exit(f"Nothing was measured: {missing}.")
    except KeyboardInterrupt:
        sys.exit("Stopped.")
