#!/bin/sh
# Run a command with DATABASE_URL naming a temporary PostgreSQL: sh tests/postgresql.sh COMMAND...
# PostgreSQL refuses to run as root; as root it runs as the user `postgres`, which comes with the package.
set -eu

programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -n | tail -n 1)
[ -n "$programs" ] || programs=$(dirname "$(command -v initdb || echo .)")
if [ ! -x "$programs/initdb" ]; then
	echo "PostgreSQL is not installed, so the tests on it are skipped. On Debian and Ubuntu: apt-get install postgresql." >&2
	exit ${NO_TEST_MAY_BE_SKIPPED:+1}
fi

folder=$(mktemp -d)
if [ "$(id -u)" = 0 ]; then
	chown postgres "$folder"
	as_owner="setpriv --reuid=postgres --regid=postgres --clear-groups"
else
	as_owner=
fi

server=
stop() {
	trap "" HUP INT TERM # a second Ctrl-C must not leave half of this undone
	# SIGQUIT: at once, without tidying up what is thrown away anyway.
	[ -z "$server" ] || { kill -QUIT "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; }
	rm -rf "$folder"
}
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

explain() {
	cat "$folder/log" >&2
	exit 1
}

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
$as_owner "$programs/initdb" -D "$folder/data" -U ardsinfo -A trust -E UTF8 --locale=C.UTF-8 >"$folder/log" 2>&1 || explain
# A power cut may lose everything here: nothing is worth keeping, and it is faster.
$as_owner "$programs/postgres" -D "$folder/data" -p "$port" -k "$folder" -c listen_addresses=127.0.0.1 \
	-c fsync=off -c synchronous_commit=off -c full_page_writes=off >>"$folder/log" 2>&1 &
server=$!
tries=0
until "$programs/pg_isready" -q -h 127.0.0.1 -p "$port"; do
	tries=$((tries + 1))
	{ [ $tries -lt 150 ] && kill -0 "$server" 2>/dev/null; } || explain
	sleep 0.2
done

DATABASE_URL="postgresql://ardsinfo@127.0.0.1:$port/postgres" "$@"
