#!/bin/sh
# manage.py with the settings, the user and the folder of the installed site. As root: deploy/manage.sh COMMAND...
set -eu
cd "$(dirname "$0")/.."
set -a
. /etc/ardsinfo/env
set +a
ARDSINFO_SECRET_KEY=$(cat /etc/ardsinfo/secret-key)
HOME=~ardsinfo  # not root's, where PostgreSQL's client would look for certificates and may not
export ARDSINFO_SECRET_KEY HOME
exec setpriv --reuid=ardsinfo --regid=ardsinfo --init-groups .venv/bin/python -B manage.py "$@"
