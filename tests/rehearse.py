"""Does what docs/running.md says, in two new Debians: `make rehearse`, as root, with debootstrap and systemd-container.

The blocks of the document marked `sh` are run as they stand there, in order, by a bash that stops at the first failure;
`OTHERWISE` is what is done in another way, and the run ends with that list and with the blocks that are not run at all.
Each system is a container with a systemd of its own. After the programs are installed there is no network but one that
has nothing but loopback: it holds the addresses of both. All is thrown away afterwards. SUITE=trixie is Debian 13.
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
from contextlib import ExitStack, contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
SITE = "ardsinfo.internal"
OURS = {"SITE": SITE, "CODE": "/var/code.git", "MAIL": f"operator@{SITE}"}
FIRST, SECOND = "10.0.0.1", "10.0.0.2"  # as the document has them
SUITE = os.environ.get("SUITE", "bookworm")
WAIT = 120  # seconds for a system to start or stop

# The headings whose blocks are run.
REHEARSED = ("From an empty Debian server to a site with TLS and backups", "A new shell", "Upgrade",
             "From SQLite to PostgreSQL", "Several machines", "Backups", "When something goes wrong")  # fmt: skip
OTHERWISE = (
    "The host name, the address of the code, the e-mail address and the name of a backup are ours.",
    "certbot: Let's Encrypt cannot reach this machine. openssl makes the certificate, after a look whether what "
    "Let's Encrypt would ask for can be had through nginx.",
    "scp: no SSH runs here. The settings are copied to the second machine from outside.",
    "apt-get, git and pip are run before the system is started, which has no network. What comes after them in the "
    "same shell is run in a new one, which begins as new shells do; in the first chapter, with its variables too.",
    "The two machines share one network, so a name that each has for itself (localhost) leads to both.",
)

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
# Somebody at a terminal, who waits for each question.
STAFF = """
python3 - <<END
import os, pty
process, terminal = pty.fork()
if not process:
    os.execv("deploy/manage.sh", ["deploy/manage.sh", "createsuperuser"])
for question, answer in (("Username", "ann"), ("Email", "ann@ardsinfo.internal"), ("Password", "of-the-rehearsal"),
                         ("Password (again)", "of-the-rehearsal")):
    said = b""
    while not said.endswith(b": "):
        said += os.read(terminal, 1024)
    assert said.splitlines()[-1].decode().startswith(question), said
    os.write(terminal, f"{answer}\\n".encode())
assert os.waitpid(process, 0)[1] == 0
END
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


def sections() -> list[tuple[str, list[tuple[str, str, str]]]]:
    """The headings of the document, each with its blocks: the paragraph before it, how it is marked, what it says."""
    found = re.split(r"^## (.*)\n", (PROJECT / "docs" / "running.md").read_text(), flags=re.MULTILINE)
    block = re.compile(r"((?:^[^\n]+\n)*)\n*^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    return [(found[i], block.findall(found[i + 1])) for i in range(1, len(found), 2)]


def blocks(heading: str) -> list[str]:
    """The blocks marked `sh` under a heading of the document."""
    return [text for _, mark, text in dict(sections())[heading] if mark == "sh"]


def left_out() -> list[str]:
    """The blocks that are not run, and what the document says of it. Raises ValueError where it says nothing."""
    found = []
    for heading, all_blocks in sections():
        for before, mark, text in all_blocks:
            if mark == "sh" and heading in REHEARSED:
                continue
            reason = re.search(r"not rehearsed[^.:]*", before)
            if mark or not reason:
                raise ValueError(f"docs/running.md, “{heading}”: who runs this, and if nobody, why?\n{text}")
            found.append(f"{heading}: {text.strip()} ({' '.join(reason[0].split())})")
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
def network() -> Iterator[str]:
    """A network with nothing but loopback, which has the addresses of both machines; gives its place."""
    name = f"rehearsal-{os.getpid()}"
    run("ip", "netns", "add", name)
    try:
        run("ip", "-n", name, "link", "set", "lo", "up")
        for address in (FIRST, SECOND):
            run("ip", "-n", name, "address", "add", f"{address}/32", "dev", "lo")
        yield f"/run/netns/{name}"
    finally:
        run("ip", "netns", "delete", name)


@contextmanager
def booted(system: Path, network: str) -> Iterator[list[str]]:
    """The system, started by its own systemd in this network; gives the command that enters it."""
    nspawn = subprocess.Popen(
        [*NSPAWN, "--boot", f"--network-namespace-path={network}", "--console=pipe", "-D", str(system)],
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


def rehearse(first: Path, second: Path, network: str) -> None:
    variables, install, *rest = blocks("From an empty Debian server to a site with TLS and backups")
    (new_shell,) = blocks("A new shell")
    new_shell = replace(new_shell, r"^SITE=.*$", f"SITE={SITE}")
    for name, value in OURS.items():
        variables = replace(variables, rf"^{name}=.*$", f"{name}={value}")
    text = replace("\n".join(rest), r"^certbot .*$", LETS_ENCRYPT)
    text = replace(text, r"^deploy/manage.sh createsuperuser$", STAFF)
    postgresql, *move = blocks("From SQLite to PostgreSQL")
    redis, share, install_second, set_up_second, tell_nginx = blocks("Several machines")
    install_second = replace(install_second, r"^CODE=.*$", f"CODE={OURS['CODE']}")
    set_up_second = replace(set_up_second, r"^scp .*$", "test -f /etc/ardsinfo/env")
    (restore,) = blocks("Backups")
    (readyz,) = blocks("When something goes wrong")

    say("The programs and the code")
    install_all(first, variables + install + new_shell + postgresql + redis)
    install_all(second, install_second)
    with booted(first, network) as enter:
        say("Settings, database, systemd, nginx, TLS, backup, checks")
        run(*enter, "/bin/bash", script=variables + new_shell + text)
        run(*enter, "/bin/bash", script=new_shell + readyz)
        say("What a reader and an editor see")
        run(*enter, "/bin/bash", script=SEEN)
        say("An upgrade while readers ask")
        run(*enter, "/bin/bash", script=NEW_VERSION)
        with readers(enter):
            run(*enter, "/bin/bash", script=new_shell + "\n".join(blocks("Upgrade")))
        run(*enter, "/bin/bash", script=UPGRADED)
        say("A restart while readers ask")
        with readers(enter):
            run(*enter, "/bin/bash", script="systemctl restart ardsinfo.service")
        say("Back to the first backup, while the site runs")
        run(*enter, "/bin/bash", script=new_shell + replace(restore, r"^BACKUP=.*$", oldest("sqlite3")) + RESTORED)
        say("From SQLite to PostgreSQL")
        run(*enter, "/bin/bash", script=new_shell + "\n".join(move) + MOVED)
        say("PostgreSQL and Redis for both machines")
        run(*enter, "/bin/bash", script=new_shell + share)
        shutil.copytree(first / "etc/ardsinfo", second / "etc/ardsinfo")
        with ExitStack() as switched_on:
            say("The second machine")
            enter_second = switched_on.enter_context(booted(second, network))
            run(*enter_second, "/bin/bash", script=new_shell + set_up_second)
            run(*enter, "/bin/bash", script=new_shell + tell_nginx + ON_THE_SECOND)
            run(*enter_second, "/bin/bash", script="systemctl stop ardsinfo.socket ardsinfo.service")
            run(*enter, "/bin/bash", script=ON_THE_FIRST)
            run(*enter_second, "/bin/bash", script=f"systemctl start ardsinfo.socket ardsinfo.service\n{FOUND_AGAIN}")
            say("Back to the first backup of PostgreSQL, while both run")
            run(*enter, "/bin/bash", script=new_shell + replace(restore, r"^BACKUP=.*$", oldest("pgdump")) + RESTORED)
            say("The second machine is switched off while readers ask")
            with readers(enter):
                switched_on.close()
        say("The log and the sandbox")
        run(*enter, "/bin/bash", script=LOG)
    say("After both machines were off")
    with booted(first, network) as enter, booted(second, network):
        run(*enter, "/bin/bash", script=AGAIN + ON_THE_SECOND)


def install_all(system: Path, script: str) -> None:
    """Run what needs the network of this machine, in a system that is not started."""
    run(*NSPAWN, "--pipe", "-D", system, "/bin/bash", script=script)
    (system / "usr/sbin/policy-rc.d").unlink()


def oldest(kind: str) -> str:
    return f"BACKUP=$(ls /var/backups/ardsinfo/ardsinfo-*.{kind} | head -n 1)"


LOG_IN = f"""
rm -f jar
curl -fsS -c jar https://{SITE}/account/login/ > page
token=$(grep -o 'csrfmiddlewaretoken" value="[^"]*' page | head -n 1 | cut -d'"' -f3)
curl -sS -b jar -c jar -o /dev/null -w '%{{http_code}}' -H 'Referer: https://{SITE}/account/login/' \\
    -d "csrfmiddlewaretoken=$token&login=ann&password=of-the-rehearsal" https://{SITE}/account/login/ | grep -qx 302
curl -fsS -b jar https://{SITE}/admin/ | grep -q 'Desk'
"""
SEEN = f"""
cd /tmp
curl -fsS https://{SITE}/trials/ | grep -q 'of 8 studies\\|8 studies'
curl -sS -o /dev/null -w '%{{http_code}} %{{redirect_url}}' http://{SITE}/trials/ | grep -qx '301 https://{SITE}/trials/'
curl -fsSI --http2 https://{SITE}/ | tee headers
grep -qi '^strict-transport-security: max-age=63072000' headers
grep -qi '^x-request-id: ' headers
{LOG_IN}ls /var/backups/ardsinfo | grep -c sqlite3 | grep -qx 2
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
ls /var/backups/ardsinfo | grep -q ^before-restore
curl -fsS 'https://{SITE}/trials/?q=yip' | grep -q Yip
curl -fsS https://{SITE}/readyz
"""
MOVED = f"""
curl -fsS https://{SITE}/trials/lanzoni-2021/ | grep -q Lanzoni
runuser -u postgres -- psql -At -c 'SELECT count(*) FROM trials_trial' ardsinfo | grep -qx 8
ls /var/backups/ardsinfo | grep -q 'pgdump$'
"""
FOUND_AGAIN = "sleep 11  # nginx asks a machine that did not answer again after ten seconds"
# With the second alone, then with the first alone: a page, the log-in that the other one gave, and what Redis counts.
ON_THE_SECOND = f"""
systemctl stop ardsinfo.socket ardsinfo.service
curl -fsS 'https://{SITE}/trials/?q=yip&past=second' | grep -q Yip
cd /tmp; {LOG_IN}
systemctl start ardsinfo.socket ardsinfo.service
{FOUND_AGAIN}
"""
ON_THE_FIRST = f"""
curl -fsS 'https://{SITE}/trials/?q=yip&past=first' | grep -q Yip
curl -fsS -b /tmp/jar https://{SITE}/admin/ | grep -q 'Desk'
. /etc/ardsinfo/env
REDISCLI_AUTH=${{CACHE_URL:9:48}} redis-cli -h {FIRST} dbsize | grep -qv '^0$'
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


@contextmanager
def readers(enter: list[str]) -> Iterator[None]:
    """Readers ask meanwhile; not one of them may be refused."""
    with subprocess.Popen([*enter, "/bin/bash", "-c", ASK], stdout=subprocess.PIPE, text=True) as asking:
        try:
            yield
        finally:
            run(*enter, "/bin/bash", script="sleep 1; touch /tmp/stop")
            said = asking.communicate(timeout=WAIT)[0]
    print(said)
    assert asking.returncode == 0, said


def main() -> None:
    lacking = [name for name in ("debootstrap", "systemd-nspawn", "nsenter", "ip", "git") if not shutil.which(name)]
    if lacking or os.geteuid():
        sys.exit("This needs root, and: apt-get install debootstrap systemd-container util-linux iproute2 git")
    not_run = left_out()
    folder = Path(tempfile.mkdtemp(prefix="ardsinfo-rehearsal-"))
    try:
        # By these names nspawn calls them, so that two rehearsals do not meet.
        first, second = folder / f"{folder.name}-1", folder / f"{folder.name}-2"
        make_system(first)
        run("cp", "--archive", first, second)
        with network() as there:
            rehearse(first, second, there)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    say("All of it went as written, but")
    print("- " + "\n- ".join([*OTHERWISE, *(f"Not run: {block}" for block in not_run)]))


started = time.monotonic()
if __name__ == "__main__":
    main()
