"""What the system says of processes, and how a measurement is stopped."""

import os
import platform
import signal
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import NoReturn

BUSY = 0.7  # load average: other programs use the machine, and every figure is too high, each in its own way


def memory(pid: int) -> float:
    """The resident memory of a process (VmRSS: with what it shares with others), in MB of 1,000,000 bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kilobytes) * 1024 / 1_000_000


def cpu(pids: Iterable[int]) -> float:
    """Seconds of CPU that these processes have used so far, in user and kernel."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def described() -> str:
    """The day, the machine and the versions, in a line: figures mean little without them."""
    import django

    load = os.getloadavg()[0]
    return (
        f"{date.today():%d %B %Y}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, Django {django.__version__}, load average {load:.1f}"
        + (" (busy: measure again when it is quiet)" if load > BUSY else "")
    )


def stop_cleanly() -> None:
    """Let SIGTERM unwind the program as Ctrl-C does, so that every server it started is stopped."""

    def leave(number: int, frame: object) -> NoReturn:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, leave)
