"""How gunicorn serves the site, on a laptop by `make serve` and on a server behind nginx."""

import os
import sys
from pathlib import Path
from typing import Any

# At a reload gunicorn reads this file again, and hands what it has imported on to the new workers: so it imports that
# anew too.
for name in list(sys.modules):
    if name.partition(".")[0] in ("ardsinfo", "django", "asgiref", "sqlparse"):
        del sys.modules[name]

from ardsinfo import logs  # noqa: E402
from ardsinfo.worker import Worker  # noqa: E402

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"

# Two processes use two cores; the threads keep one slow reader from holding up the rest. Alone, this stops answering
# at about 40 half-sent requests: on a public address nginx stands in front and takes those.
worker_class = Worker  # not its name, which --check-config would not look up
workers = 2
threads = 4

# A worker shows that it lives by touching a file. On a busy disk that can block, so memory where there is some.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else str(Path(__file__).resolve().parent.parent / "var")

# Nobody steers a running server of ours through a socket: it is stopped and started.
control_socket_disable = True

# gunicorn would believe X-Forwarded-Proto from anything on this machine. ARDSINFO_TRUSTED_PROXY alone decides that.
forwarded_allow_ips = ""

# Addresses hold search words, and search words about an illness are nobody's business: no access log.
accesslog = None
loglevel = "error"
logconfig_dict = logs.configuration(os.environ.get("ARDSINFO_LOG", ""))


def when_ready(server: Any) -> None:
    """Say where the site is, once its port is open. systemd knows, and what it collects is JSON."""
    if not server.systemd:
        print(f"ARDSinfo is at http://{bind}/ - stop it with Ctrl-C.", flush=True)
