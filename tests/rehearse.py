"""Does what docs/running.md says, in a new Debian: `make rehearse`, as root, with debootstrap and systemd-container.

The blocks of the document marked `sh` are run as they stand there, in order, by one bash that stops at the first
failure. Four things are not as on a server, and no others:
- the host name, the address of the code and the e-mail address are ours (the document asks for that);
- Let's Encrypt cannot reach this machine: instead of certbot, openssl makes the certificate, after a look whether the
  file that Let's Encrypt would ask for can be had through nginx;
- the first member of staff is made without being asked for a name and a password;
- after the code is installed there is no network but the machine's own.
The system is a container with a systemd of its own. It is thrown away afterwards.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
SITE = "ardsinfo.internal"
OURS = {"SITE": SITE, "CODE": "/var/code.git", "MAIL": f"operator@{SITE}"}
SUITE = os.environ.get("SUITE", "bookworm")
WAIT = 120  # seconds for a system to start or stop

LETS_ENCRYPT = f"""
mkdir -p /var/www/acme/.well-known/acme-challenge
echo proof > /var/www/acme/.well-known/acme-challenge/token
[ "$(curl -sS http://{SITE}/.well-known/acme-challenge/token)" = proof ]
install -d /etc/letsencrypt/live/{SITE}
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={SITE} -addext subjectAltName=DNS:{SITE} \\
    -keyout /etc/letsencrypt/live/{SITE}/privkey.pem -out /etc/letsencrypt/live/{SITE}/fullchain.pem 2> /dev/null
cp /etc/letsencrypt/live/{SITE}/fullchain.pem /usr/local/share/ca-certificates/site.crt
update-ca-certificates > /dev/null 2>&1
"""
STAFF = """
DJANGO_SUPERUSER_PASSWORD=of-the-rehearsal deploy/manage.sh createsuperuser --noinput \\
    --username ann --email ann@ardsinfo.internal
"""

# Ask all the time, past nginx's copies, until told to stop; say how many asked and were not answered with 200.
ASK = f"""
rm -f /tmp/stop; asked=0; failed=0
while [ ! -e /tmp/stop ] || [ $asked -lt 8 ]; do
    asked=$((asked + 1))
    answer=$(curl -s -o /dev/null -w '%{{http_code}}' "https://{SITE}/trials/?q=mesenchymal&past=$asked")
    [ "$answer" = 200 ] || failed=$((failed + 1))
    sleep 0.25
done
echo "$failed of $asked requests failed"
[ $failed = 0 ]
"""


def blocks(heading: str) -> list[str]:
    """The blocks marked `sh` under a heading of the document."""
    text = (PROJECT / "docs" / "running.md").read_text()
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert found, f"docs/running.md has nothing to run under “{heading}”"
    return found


def replace(text: str, pattern: str, by: str) -> str:
    """Put `by` in the place of the one thing that the pattern finds."""
    changed, count = re.subn(pattern, lambda _: by, text, flags=re.MULTILINE)
    assert count == 1, f"{pattern} is there {count} times"
    return changed


def say(what: str) -> None:
    print(f"\n=== {what} ({time.monotonic() - started:.0f} s)", flush=True)


def run(*command: str | Path, script: str = "") -> None:
    subprocess.run(
        [str(part) for part in command],
        input=f"set -eux\n{script}" if script else None,
        env={
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",  # of root in the new Debian; the programs of this one ask for a home too
            "LANG": "C.UTF-8",
        },
        text=True,
        check=True,
    )


NSPAWN = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit"]


@contextmanager
def booted(system: Path) -> Iterator[list[str]]:
    """The system, started by its own systemd and without a network; gives the command that enters it."""
    nspawn = subprocess.Popen(
        [*NSPAWN, "--boot", "--private-network", "--console=pipe", "-D", str(system)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    children = Path(f"/proc/{nspawn.pid}/task/{nspawn.pid}/children")
    end = time.monotonic() + WAIT
    try:
        state, enter = "", [""]
        while state != "running" and time.monotonic() < end:
            time.sleep(0.2)
            # Looked up each time: the first child of nspawn only sets up the second, which is the system.
            first = children.read_text().split()[:1]
            enter = ["nsenter", "-t", *first, "-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w", "--"]
            asked = [*enter, "systemctl", "is-system-running"]
            state = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
        assert state == "running", f"systemd says that the system is {state!r}"
        yield enter
    finally:
        for system_itself in children.read_text().split():
            os.kill(int(system_itself), signal.SIGRTMIN + 4)  # power off
        try:
            nspawn.wait(WAIT)
        except subprocess.TimeoutExpired:
            nspawn.kill()
            nspawn.wait()


def make_system(system: Path) -> None:
    say("A new Debian")
    run("debootstrap", "--variant=minbase", "--include=systemd-sysv,dbus,ca-certificates", SUITE, system)
    # What this machine trusts on its own account, such as the proxy of a company.
    for certificate in Path("/usr/local/share/ca-certificates").glob("*.crt"):
        shutil.copy(certificate, system / "usr/local/share/ca-certificates")
    run("chroot", system, "update-ca-certificates")
    shutil.copy("/etc/resolv.conf", system / "etc/resolv.conf")
    (system / "etc/pip.conf").write_text("[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n")
    (system / "etc/hosts").write_text(f"127.0.0.1 localhost {SITE}\n")
    (system / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")  # nothing starts before systemd does
    (system / "usr/sbin/policy-rc.d").chmod(0o755)
    run("git", "clone", "--quiet", "--bare", PROJECT, system / "var/code.git")


def rehearse(system: Path) -> None:
    variables, install, *rest = blocks("From an empty Debian server to a site with TLS and backups")
    for name, value in OURS.items():
        variables = replace(variables, rf"^{name}=.*$", f"{name}={value}")
    text = "\n".join(rest)
    text = replace(text, r"^certbot .*$", LETS_ENCRYPT)
    text = replace(text, r"^deploy/manage.sh collectstatic.*$", f"deploy/manage.sh collectstatic --noinput\n{STAFF}")

    programs, *move = blocks("From SQLite to PostgreSQL")

    say("The programs and the code")
    run(*NSPAWN, "--pipe", "-D", system, "/bin/bash", script=variables + install + programs)
    (system / "usr/sbin/policy-rc.d").unlink()
    with booted(system) as enter:
        say("Settings, database, systemd, nginx, TLS, backup, checks")
        run(*enter, "/bin/bash", script=f"cd /srv/ardsinfo\n{variables}{text}")
        say("What a reader and an editor see")
        run(*enter, "/bin/bash", script=SEEN)
        say("An upgrade while readers ask")
        run(*enter, "/bin/bash", script=NEW_VERSION)
        during(enter, "\n".join(blocks("Upgrade")))
        run(*enter, "/bin/bash", script=UPGRADED)
        say("A restart while readers ask")
        during(enter, "systemctl restart ardsinfo.service")
        say("Back to the first backup, while the site runs")
        run(*enter, "/bin/bash", script=RESTORED)
        say("From SQLite to PostgreSQL")
        run(*enter, "/bin/bash", script="cd /srv/ardsinfo\n" + "\n".join(move))
        run(*enter, "/bin/bash", script=MOVED)
        say("The log and the sandbox")
        run(*enter, "/bin/bash", script=LOG)
    say("After the machine was off")
    with booted(system) as enter:
        run(*enter, "/bin/bash", script=AGAIN)


SEEN = f"""
cd /tmp
curl -fsS https://{SITE}/trials/ | grep -q 'of 8 studies\\|8 studies'
curl -sS -o /dev/null -w '%{{http_code}} %{{redirect_url}}' http://{SITE}/trials/ | grep -qx '301 https://{SITE}/trials/'
curl -fsSI --http2 https://{SITE}/ | tee headers
grep -qi '^strict-transport-security: max-age=63072000' headers
grep -qi '^x-request-id: ' headers
curl -fsS -c jar https://{SITE}/account/login/ > page
token=$(grep -o 'csrfmiddlewaretoken" value="[^"]*' page | head -n 1 | cut -d'"' -f3)
curl -sS -b jar -c jar -o /dev/null -w '%{{http_code}}' -H 'Referer: https://{SITE}/account/login/' \\
    -d "csrfmiddlewaretoken=$token&login=ann&password=of-the-rehearsal" https://{SITE}/account/login/ | grep -qx 302
curl -fsS -b jar https://{SITE}/admin/ | grep -q 'Desk'
ls /var/backups/ardsinfo | grep -c sqlite3 | grep -qx 2
"""
NEW_VERSION = """
export GIT_AUTHOR_NAME=r GIT_AUTHOR_EMAIL=r@r.invalid GIT_COMMITTER_NAME=r GIT_COMMITTER_EMAIL=r@r.invalid
git clone --quiet /var/code.git /tmp/next
cd /tmp/next
sed -i 's/Page not found/Not here, says the rehearsal/' templates/404.html
echo '/* rehearsal */' >> static/css/site.css
git commit --quiet --all --message 'Another version'
git push --quiet
"""
UPGRADED = f"""
curl -sS https://{SITE}/nothing/ | grep -q 'Not here, says the rehearsal'
style=$(curl -sS https://{SITE}/nothing/ | grep -o '/static/css/site[^"]*css')
curl -fsS https://{SITE}$style | grep -q rehearsal
"""
RESTORED = f"""
cd /srv/ardsinfo
deploy/manage.sh restore "$(ls /var/backups/ardsinfo/ardsinfo-*.sqlite3 | head -n 1)"
ls /var/backups/ardsinfo | grep -q ^before-restore
curl -fsS 'https://{SITE}/trials/?q=yip' | grep -q Yip
curl -fsS https://{SITE}/readyz
"""
MOVED = f"""
curl -fsS https://{SITE}/trials/lanzoni-2021/ | grep -q Lanzoni
runuser -u postgres -- psql -At -c 'SELECT count(*) FROM trials_trial' ardsinfo | grep -qx 8
ls /var/backups/ardsinfo | grep -q 'pgdump$'
"""
LOG = """
systemctl --failed --no-legend | wc -l | grep -qx 0
systemctl is-active ardsinfo.socket ardsinfo.service ardsinfo-backup.timer nginx
systemctl list-timers --no-pager ardsinfo-backup.timer
systemd-analyze security --no-pager ardsinfo.service | tail -n 1
journalctl --no-pager --output cat --unit ardsinfo.service --unit ardsinfo-backup.service
! journalctl --no-pager --output cat --unit ardsinfo.service | grep -q '"level": "ERROR"\\|Traceback'
tail -n 2 /var/log/nginx/ardsinfo.log
"""
AGAIN = f"""
systemctl is-active ardsinfo.socket ardsinfo.service ardsinfo-backup.timer nginx
curl -fsS https://{SITE}/trials/lanzoni-2021/ | grep -q Lanzoni
cd /srv/ardsinfo
deploy/manage.sh check --deploy --database default
"""


def during(enter: list[str], script: str) -> None:
    """Run the script while readers ask; not one of them may be refused."""
    with subprocess.Popen([*enter, "/bin/bash", "-c", ASK], stdout=subprocess.PIPE, text=True) as readers:
        try:
            run(*enter, "/bin/bash", script=script)
        finally:
            run(*enter, "/bin/bash", script="sleep 1; touch /tmp/stop")
            said = readers.communicate(timeout=WAIT)[0]
    print(said)
    assert readers.returncode == 0, said


def main() -> None:
    lacking = [name for name in ("debootstrap", "systemd-nspawn", "nsenter", "git") if not shutil.which(name)]
    if lacking or os.geteuid():
        sys.exit("This needs root, and: apt-get install debootstrap systemd-container util-linux git")
    folder = Path(tempfile.mkdtemp(prefix="ardsinfo-rehearsal-"))
    try:
        system = folder / folder.name  # by which nspawn calls it, so that two rehearsals do not meet
        make_system(system)
        rehearse(system)
        say("All of it went as written")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


started = time.monotonic()
if __name__ == "__main__":
    main()
