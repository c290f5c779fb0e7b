"""gunicorn's settings, on a laptop by `make serve` and on a server behind nginx."""

import os
from pathlib import Path
from typing import Any

from ardsinfo.logging import configuration

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"

# Two processes use two cores; with threads one slow reader does not hold up the others. Alone, gthread stops answering
# at about 40 half-sent requests: on a public address nginx has to be in front.
worker_class = "gthread"
workers = 2
threads = 4
preload_app = True  # a fault is one sentence before any worker starts; new code needs a restart, not a reload

# A worker touches a file to show that it is alive, which can block on a busy disk.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else str(Path(__file__).resolve().parent.parent / "var")
control_socket_disable = True
forwarded_allow_ips = ""  # ARDSINFO_TRUSTED_PROXY alone decides whether X-Forwarded-Proto is believed

accesslog = None  # nginx has one; if you name a file here, the line has no query and no address of a reader
access_log_format = "%(m)s %(U)s %(s)s %(B)s %(M)s"
loglevel = "error"
logconfig_dict = configuration()


def when_ready(server: Any) -> None:
    """Print the address, unless systemd holds the socket and collects JSON."""
    if not server.systemd:
        print(f"ARDSinfo is at http://{bind}/ - stop it with Ctrl-C.", flush=True)
